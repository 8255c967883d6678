/* prop_pool.c - few messages, and much that wants them: whether a run finds itself without a
 * free one must not depend on the order within a picosecond, nor on the form of ports, the
 * queue or windows.
 *
 * Two cards; on each, parents split, children split again, what remains is copied and goes on
 * over a cable to the other card. All times are multiples of two nanoseconds: takers and
 * givers meet all the time.
 */
#include "tests/check_main.h"
#include "tests/small_world.h"

enum { QUANTUM = 2000, NODES = 2, SEEDS = 60 };

/* OPEN: goes through everything; LOOP: splits and replies; PLAIN: ends that are told ahead. */
enum { OPEN, LOOP, PLAIN, SOURCES };

enum { HUB, WORK, LEAF, MIRROR, OUT, FRONT, BLOCKS };

struct card {
    struct tserver *block[BLOCKS];
    uint16_t at[BLOCKS];
    struct tsource *src[SOURCES];
};

struct random_world {
    struct sim_world *w;
    struct card card[NODES];
    uint64_t seed, drawn;
};

static uint64_t draw(struct random_world *r, uint64_t below) {
    return test_mix(r->seed, 500 + r->drawn++) % below;
}

static void make_card(struct random_world *r, struct card *c, struct sim_node *n) {
    static const char *const names[] = {"hub", "work", "leaf", "mirror", "out", "front"};
    static const char *const streams[] = {"open", "loop", "plain"};
    for (int i = 0; i < BLOCKS; i++) {
        struct sim_port_opts o = {.servers = i == LEAF ? 1 + (uint32_t)draw(r, 2) : 1};
        if (i == WORK || i == MIRROR) {
            o.capacity = 2 + (int64_t)draw(r, 20);
            o.full = i == MIRROR || draw(r, 2) ? SIM_FULL_DROP : SIM_FULL_WAIT;
        }
        c->block[i] = test_server(r->w, n, names[i], 1500 + draw(r, 3000), o);
        c->block[i]->quantum = QUANTUM;
        c->block[i]->fixed_tail_ps = draw(r, 2) * QUANTUM;
    }
    c->block[HUB]->ports = 1 + draw(r, 4);
    c->block[OUT]->keep_order = true;
    for (int i = 0; i < SOURCES; i++) {
        c->src[i] =
            test_source(r->w, n, streams[i],
                        i == PLAIN ? 5000 + draw(r, 3000) : 10000 + draw(r, 50000), 300);
        c->src[i]->quantum = QUANTUM;
    }
    c->src[LOOP]->outstanding = 1 + (uint32_t)draw(r, 30);
    c->src[LOOP]->think = QUANTUM;
    c->src[PLAIN]->stream->reply = NULL;
}

static uint16_t add_split(struct random_world *r, uint16_t at, uint16_t n, uint16_t child) {
    uint16_t resume = test_split(r->w, at, n, (uint16_t)(1 + draw(r, n)), child, QUANTUM);
    r->w->step[resume].hop[1] = test_end(SIM_HOP_REPLY);
    return resume;
}

/* What comes over the cable does all that is done here, but for going on. */
static uint16_t enter(const struct sim_cable *cable, const struct sim_msg *m) {
    (void)m;
    return *(const uint16_t *)cable->table;
}

static void make_chain(struct random_world *r, struct card *c, struct sim_cable *away) {
    struct sim_world *w = r->w;
    for (int i = 0; i < BLOCKS; i++)
        c->at[i] = test_add(c->block[i], SIM_STEP_VISIT);
    uint16_t resume = add_split(r, c->at[HUB], (uint16_t)(2 + draw(r, 6)), c->at[WORK]);
    w->step[resume].hop[0] = test_next(c->at[OUT], QUANTUM);
    resume = add_split(r, c->at[WORK], (uint16_t)(1 + draw(r, 4)), c->at[LEAF]);
    w->step[resume].hop[0] = test_end(SIM_HOP_DELIVERED);
    w->step[c->at[LEAF]].hop[0] = test_end(SIM_HOP_DELIVERED);
    uint16_t emit = test_add(c->block[OUT], SIM_STEP_EMIT);
    w->step[emit].hop[0] = test_next(c->at[MIRROR], QUANTUM);
    w->step[c->at[MIRROR]].hop[0] = test_end(SIM_HOP_DELIVERED);
    w->step[c->at[OUT]].action = SIM_ACT_COPY;
    w->step[c->at[OUT]].target = emit;
    w->step[c->at[OUT]].hop[0] = test_end(SIM_HOP_DELIVERED);
    w->step[c->at[OUT]].hop[0].cable = away;
    test_begin(c->src[OPEN], c->at[HUB], QUANTUM);
    /* its own hub: the loop's replies must not cross */
    uint16_t hub = test_add(c->block[HUB], SIM_STEP_VISIT);
    resume = add_split(r, hub, (uint16_t)(1 + draw(r, 8)), c->at[LEAF]);
    w->step[resume].hop[0] = test_end(SIM_HOP_REPLY);
    test_begin(c->src[LOOP], hub, QUANTUM);
    w->step[c->at[FRONT]].hop[0] = test_end(SIM_HOP_DELIVERED);
    test_begin(c->src[PLAIN], c->at[FRONT], QUANTUM);
}

/* Where messages that have crossed come in: a block of its own, a split, and the end. */
static uint16_t *add_entry(struct random_world *r, struct card *c, struct tserver *in) {
    uint16_t *at = sim_alloc(&r->w->arena, sizeof *at);
    *at = test_add(in, SIM_STEP_VISIT);
    uint16_t resume = add_split(r, *at, (uint16_t)(1 + draw(r, 5)), c->at[LEAF]);
    r->w->step[resume].hop[0] = test_end(SIM_HOP_DELIVERED);
    return at;
}

static void build(struct random_world *r) {
    struct sim_cable *cable[NODES];
    struct tserver *in[NODES];
    for (uint32_t i = 0; i < NODES; i++) {
        struct sim_node *n = sim_node_add(r->w, i ? "b" : "a");
        make_card(r, &r->card[i], n);
        in[i] = test_server(r->w, n, "in", 200, (struct sim_port_opts){.servers = 1});
        in[i]->quantum = QUANTUM;
    }
    for (uint32_t i = 0; i < NODES; i++) {
        sim_ps delay = (sim_ps)((1 + draw(r, 40)) * QUANTUM);
        cable[i] = sim_cable_add(r->w, r->w->node[i], &in[1 - i]->base, delay);
    }
    test_init_all(r->w);
    for (uint32_t i = 0; i < NODES; i++)
        make_chain(r, &r->card[i], cable[i]);
    for (uint32_t i = 0; i < NODES; i++) {
        cable[i]->table = add_entry(r, &r->card[1 - i], in[1 - i]);
        r->w->step[*(const uint16_t *)cable[i]->table].lands = true;
        cable[i]->ingress = enter;
    }
    sim_world_build(r->w);
}

static struct test_outcome run(uint64_t seed, uint32_t messages, struct test_way way,
                               bool *failed) {
    struct random_world r = {.seed = seed};
    struct sim_world_opts o = {.seed = seed,
                               .warmup = 200000,
                               .duration = 3000000,
                               .messages = messages,
                               .sample_one_in = 4,
                               .max_hops = 4};
    test_apply(&o, way);
    r.w = sim_world_new(&o);
    build(&r);
    while (sim_world_run(r.w, r.w->end, way.slice ? way.slice : UINT64_MAX))
        ;
    *failed = r.w->failed;
    struct test_outcome out = {0};
    if (!r.w->failed) {
        sim_world_close(r.w, r.w->end);
        struct sim_err err = {0};
        if (!sim_world_audit(r.w, &err))
            ck_abort_msg("seed %lu: %s: %s", (unsigned long)seed, err.path, err.text);
        out = test_outcome(r.w);
    }
    sim_world_free(r.w);
    return out;
}

/* The fewest messages with which the world runs to its end, as far as halving finds them. */
static uint32_t least(uint64_t seed) {
    uint32_t few = 16, enough = 4096;
    while (few + 1 < enough) {
        uint32_t mid = (few + enough) / 2;
        bool failed;
        (void)run(seed, mid, (struct test_way){.slice = 0}, &failed);
        if (failed)
            few = mid;
        else
            enough = mid;
    }
    return enough;
}

static void same_every_way(uint64_t seed, uint32_t messages, unsigned *failures) {
    const struct test_way ways[] = {
        {SIM_QUEUE_HEAP, false, 0, 0, false},  {SIM_QUEUE_WHEEL, false, 1, 0, false},
        {SIM_QUEUE_WHEEL, false, 9, 0, false}, {SIM_QUEUE_WHEEL, false, 77, 50, true},
        {SIM_QUEUE_WHEEL, true, 0, 0, false},  {SIM_QUEUE_HEAP, true, 5, 7, false},
        {SIM_QUEUE_WHEEL, false, 0, 0, true},  {SIM_QUEUE_HEAP, true, 3, 0, true}};
    bool failed, other;
    struct test_outcome a = run(seed, messages, (struct test_way){.slice = 0}, &failed);
    *failures += failed;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct test_outcome b = run(seed, messages, ways[i], &other);
        ck_assert_msg(failed == other, "seed %lu, %u messages, way %zu: %s, but plainly %s",
                      (unsigned long)seed, messages, i, other ? "none was free" : "it ran",
                      failed ? "none was free" : "it ran");
        ck_assert_msg(memcmp(&a, &b, sizeof a) == 0,
                      "seed %lu, %u messages, way %zu: another outcome", (unsigned long)seed,
                      messages, i);
    }
}

START_TEST(the_last_one_goes_to_the_same) {
    unsigned failures = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        uint32_t n = least(seed);
        for (uint32_t messages = n - 3; messages <= n; messages++)
            same_every_way(seed, messages, &failures);
    }
    ck_assert_uint_gt(failures, 2 * SEEDS);
    ck_assert_uint_lt(failures, 4 * SEEDS);
}
END_TEST

/* A parent splits when a burst is due at a source, which may have a half of what is free
 * above half of the pool: (64 - 1 - 32) / 2 = 15. */
static bool burst_and_split(uint16_t into, uint64_t shuffle) {
    enum { BURST = 30 };
    sim_ps at[BURST];
    struct sim_world_opts o = {
        .duration = 1000000, .messages = 64, .shuffle_ties = shuffle, .max_hops = 4};
    struct random_world r = {.w = sim_world_new(&o)};
    struct sim_node *n = sim_node_add(r.w, "a");
    struct tserver *hub = test_server(r.w, n, "hub", 0, (struct sim_port_opts){0});
    struct tserver *work = test_server(r.w, n, "work", 0, (struct sim_port_opts){0});
    struct tsource *one = test_source(r.w, n, "one", 0, 1);
    struct tsource *burst = test_source(r.w, n, "burst", 0, BURST);
    hub->fixed_ps = work->fixed_ps = 1000;
    for (int i = 0; i < BURST; i++)
        at[i] = 1500;
    burst->at = at;
    test_init_all(r.w);
    uint16_t hub_step = test_add(hub, SIM_STEP_VISIT), last = test_add(work, SIM_STEP_VISIT);
    r.w->step[last].hop[0] = test_end(SIM_HOP_DELIVERED);
    uint16_t resume = add_split(&r, hub_step, into, last);
    r.w->step[resume].hop[0] = test_end(SIM_HOP_DELIVERED);
    test_begin(one, hub_step, 500);
    test_begin(burst, last, 500);
    sim_world_build(r.w);
    (void)sim_world_run(r.w, r.w->end, UINT64_MAX);
    bool failed = r.w->failed;
    sim_world_free(r.w);
    return failed;
}

START_TEST(sources_and_children_at_once) {
    for (uint64_t shuffle = 0; shuffle < 20; shuffle++) {
        ck_assert_msg(!burst_and_split(48, shuffle), "48 + 15 fit 63: %lu",
                      (unsigned long)shuffle);
        ck_assert_msg(burst_and_split(49, shuffle), "49 + 15 do not fit 63: %lu",
                      (unsigned long)shuffle);
    }
}
END_TEST

TEST_MAIN("the last free messages", the_last_one_goes_to_the_same, sources_and_children_at_once)
