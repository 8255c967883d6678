/* prop_join.c - random chains of calls, splits within splits, copies and replies: every way of
 * running them gives one digest, the audit holds, and no message is left over at the end.
 *
 * All times are multiples of half a nanosecond, so that children of different parents end at
 * the same picosecond all the time. Streams number their messages alike, which must not make
 * their parents' keys alike.
 */
#include "tests/check_main.h"
#include "tests/small_world.h"

enum { QUANTUM = 500, STREAMS = 3 };

/* FRONT, then ARM calls ENGINE, then HUB splits into children that work at WORK and split
 * again there or go on to LEAF; then the parent is copied at DONE and replies. */
enum { FRONT, ARM, ENGINE, HUB, WORK, LEAF, DONE, MIRROR, BLOCKS };

struct random_world {
    struct sim_world *w;
    struct tserver *block[BLOCKS];
    uint16_t at[BLOCKS];
    struct tsource *src[STREAMS];
    uint64_t seed, drawn;
};

static uint64_t draw(struct random_world *r, uint64_t below) {
    return test_mix(r->seed, 1000 + r->drawn++) % below;
}

static void make_blocks(struct random_world *r, struct sim_node *n) {
    static const char *const names[] = {"front", "arm",  "engine", "hub",
                                        "work",  "leaf", "done",   "mirror"};
    for (int i = 0; i < BLOCKS; i++) {
        struct sim_port_opts o = {.servers = i == ENGINE || (i == LEAF && draw(r, 2)) ? 2 : 1};
        if (i == FRONT || i == ARM || i == MIRROR || i == LEAF) {
            o.capacity = 2 + (int64_t)draw(r, 6);
            o.full = i == MIRROR || draw(r, 2) ? SIM_FULL_DROP : SIM_FULL_WAIT;
        }
        if (draw(r, 3) == 0)
            o.hz = 2000000000;
        r->block[i] = test_server(r->w, n, names[i],
                                  i == WORK ? 700 : 400 + draw(r, i == LEAF ? 2500 : 900), o);
        r->block[i]->quantum = QUANTUM;
        r->block[i]->fixed_tail_ps = draw(r, 2) * QUANTUM;
    }
    r->block[WORK]->ports = draw(r, 2) ? 4 : 1;
    r->block[ARM]->ports = 1 + draw(r, 3);
    r->block[WORK]->miss_one_in = 3;
    r->block[WORK]->deny_one_in = draw(r, 2) ? 17 : 0;
    r->block[LEAF]->deny_one_in = draw(r, 2) ? 11 : 0;
    r->block[ENGINE]->deny_one_in = 5;
    r->block[ARM]->miss_one_in = draw(r, 2) ? 4 : 0;
}

static void make_sources(struct random_world *r, struct sim_node *n) {
    static const char *const names[STREAMS] = {"a", "b", "loop"};
    for (int i = 0; i < STREAMS; i++) {
        r->src[i] = test_source(r->w, n, names[i], 8000 + draw(r, 8000), 400);
        r->src[i]->quantum = QUANTUM;
        r->src[i]->seed = r->seed; /* the same gaps, too, up to the mean */
    }
    r->src[1]->mean_ps = r->src[0]->mean_ps;
    r->src[2]->outstanding = 1 + (uint32_t)draw(r, 8);
    r->src[2]->think = QUANTUM;
}

static struct sim_hop on(uint16_t step) { return test_next(step, QUANTUM); }

/* Make step `at` split into n children, or by size, that begin at `child`. @return where it
 * goes on. */
static uint16_t add_split(struct random_world *r, uint16_t at, uint16_t n, uint16_t child) {
    bool by_size = draw(r, 3) == 0;
    uint16_t join = by_size ? 0 : (uint16_t)(1 + draw(r, n));
    r->w->step[at].each = by_size ? 100 + (uint32_t)draw(r, 900) : 0;
    return test_split(r->w, at, by_size ? 0 : n, join, child, QUANTUM);
}

static void add_call(struct random_world *r, uint16_t then) {
    struct sim_world *w = r->w;
    bool poll = draw(r, 2);
    uint16_t back = test_add(r->block[ARM], SIM_STEP_VISIT);
    w->step[r->at[ARM]].hold = poll;
    w->step[r->at[ARM]].hop[0] = on(r->at[ENGINE]);
    w->step[r->at[ARM]].hop[2] = on(then);
    w->step[r->at[ENGINE]].called = true;
    w->step[r->at[ENGINE]].hop[0] = on(back);
    w->step[back].back = true;
    w->step[back].keep = poll;
    w->step[back].hop[0] = w->step[back].hop[2] = on(then);
    w->step[back].hop[1] = test_end(SIM_HOP_REPLY);
}

static void make_chain(struct random_world *r) {
    struct sim_world *w = r->w;
    for (int i = 0; i < BLOCKS; i++)
        r->at[i] = test_add(r->block[i], SIM_STEP_VISIT);
    w->step[r->at[FRONT]].hop[0] = on(r->at[ARM]);
    add_call(r, r->at[HUB]);
    uint16_t resume = add_split(r, r->at[HUB], (uint16_t)(2 + draw(r, 3)), r->at[WORK]);
    w->step[resume].hop[0] = on(r->at[DONE]);
    w->step[resume].hop[1] = draw(r, 2) ? on(r->at[DONE]) : test_end(SIM_HOP_REPLY);
    w->step[r->at[WORK]].hop[2] = on(r->at[LEAF]);
    if (draw(r, 2)) { /* children of children */
        resume = add_split(r, r->at[WORK], 2, r->at[LEAF]);
        w->step[resume].hop[0] = test_end(SIM_HOP_DELIVERED);
    } else {
        w->step[r->at[WORK]].hop[0] =
            draw(r, 2) ? on(r->at[LEAF]) : test_end(SIM_HOP_DELIVERED);
    }
    w->step[r->at[LEAF]].hop[0] = test_end(SIM_HOP_DELIVERED);
    uint16_t emit = test_add(r->block[DONE], SIM_STEP_EMIT);
    w->step[emit].hop[0] = on(r->at[MIRROR]);
    w->step[r->at[MIRROR]].hop[0] = test_end(SIM_HOP_DELIVERED);
    w->step[r->at[DONE]].action = SIM_ACT_COPY;
    w->step[r->at[DONE]].target = emit;
    w->step[r->at[DONE]].hop[0] = test_end(SIM_HOP_REPLY);
    for (int i = 0; i < STREAMS; i++)
        test_begin(r->src[i], r->at[FRONT], QUANTUM);
}

static struct test_outcome run(uint64_t seed, struct test_way way, bool whole) {
    struct sim_world_opts o = {.seed = seed,
                               .warmup = 500000,
                               .duration = whole ? 40000000 : 1500000,
                               .drain = 100000,
                               .messages = 16384,
                               .sample_one_in = 4,
                               .max_hops = 4};
    test_apply(&o, way);
    struct random_world r = {.w = sim_world_new(&o), .seed = seed};
    struct sim_node *n = sim_node_add(r.w, "dpu");
    make_blocks(&r, n);
    make_sources(&r, n);
    test_init_all(r.w);
    make_chain(&r);
    sim_world_build(r.w);
    test_run_sliced(r.w, way.slice);
    struct sim_err err = {0};
    if (r.w->failed || !sim_world_audit(r.w, &err))
        ck_abort_msg("seed %lu: %s: %s", (unsigned long)seed, err.path, err.text);
    struct test_outcome out = test_outcome(r.w);
    if (whole)
        ck_assert_msg(n->pool.free == n->pool.capacity, "seed %lu: %u messages are left over",
                      (unsigned long)seed, n->pool.capacity - n->pool.free);
    sim_world_free(r.w);
    return out;
}

/* Not in the event form everywhere: the same. */
START_TEST(same_every_way) {
    const struct test_way ways[] = {
        {SIM_QUEUE_HEAP, false, 0, 0, false},  {SIM_QUEUE_WHEEL, false, 1, 0, false},
        {SIM_QUEUE_WHEEL, false, 9, 0, false}, {SIM_QUEUE_WHEEL, false, 77, 50, false},
        {SIM_QUEUE_WHEEL, true, 0, 0, false},  {SIM_QUEUE_HEAP, true, 5, 7, false}};
    uint64_t delivered = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct test_outcome a = run(seed, (struct test_way){.slice = 0}, false);
        delivered += a.delivered;
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            struct test_outcome b = run(seed, ways[i], false);
            ck_assert(test_same(&a, &b, seed, i));
        }
    }
    ck_assert_uint_gt(delivered, 5000);
}
END_TEST

START_TEST(nothing_is_left_over) {
    for (uint64_t seed = 1; seed <= 40; seed++)
        (void)run(seed, (struct test_way){.slice = 0}, true);
}
END_TEST

TEST_MAIN("chains that fork", same_every_way, nothing_is_left_over)
