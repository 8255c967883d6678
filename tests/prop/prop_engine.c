/* prop_engine.c - laws of the engine over random worlds and many seeds.
 *
 * One world, run in every way that must not matter: wheel or heap, promise form or event form
 * everywhere, ties shuffled, sliced into small runs. All must give one digest, the same
 * deliveries and a clean audit. Once with times of any length, where ties are rare, and once
 * with times that are multiples of half a nanosecond, where they are the rule.
 */
#include "tests/check_main.h"
#include "tests/small_world.h"

enum { STAGES = 7 };

static struct sim_port_opts stage_opts(uint64_t h, int i, bool fan) {
    struct sim_port_opts o = {.capacity = (int64_t)(2 + h % 9),
                              .full = h >> 8 & 1 ? SIM_FULL_WAIT : SIM_FULL_DROP,
                              .hz = h >> 9 & 1 ? 2400000000u : 0};
    if (i == STAGES)
        o.full = SIM_FULL_DROP;
    if (i == 3)
        o.capacity = 0;
    if (fan && i == 5)
        o.servers = 3;
    if (fan && i == 6)
        o.classes = 2;
    if (o.full == SIM_FULL_DROP && o.capacity && h >> 10 & 1) {
        o.bytes = true;
        o.capacity *= 700;
    }
    return o;
}

static struct tserver *stage(struct sim_world *w, struct sim_node *n, uint64_t seed, int i,
                             bool fan, uint64_t quantum) {
    uint64_t h = test_mix(seed, 100 + (uint64_t)i);
    struct sim_port_opts o = stage_opts(h, i, fan);
    char name[16];
    if (quantum > 1 && o.hz)
        o.hz = 2000000000;
    snprintf(name, sizeof name, "s%d", i);
    struct tserver *s = test_server(w, n, name, 500 + h % 1000, o);
    s->quantum = quantum;
    s->tail_ps = h >> 20 & 1 ? 3000 : 0;
    s->cycles = o.hz ? 2 : 0;
    s->keep_order = h >> 21 & 1;
    s->miss_one_in = i == 2 ? 5 : 0;
    s->deny_one_in = i == 1 ? 9 : 0;
    s->grow_bytes = i == 4 ? 50 : 0;
    s->ports = fan && i == 4 ? 4 : 1;
    return s;
}

/* A tandem of servers with random rates, capacities, policies, tails and clocks; two sources;
 * a side branch for "miss"; a last block with several ports and one with several servers. */
static void build(struct sim_world *w, uint64_t seed, bool fan, uint64_t quantum) {
    struct sim_node *n = sim_node_add(w, "dpu");
    sim_ps unit = (sim_ps)quantum;
    struct tserver *s[STAGES + 1];
    for (int i = 0; i <= STAGES; i++)
        s[i] = stage(w, n, seed, i, fan, quantum);
    struct tsource *src[2] = {test_source(w, n, "a", 3000, 4000),
                              test_source(w, n, "b", 2500, 4000)};
    test_init_all(w);
    uint16_t step[STAGES + 1];
    for (int i = 0; i <= STAGES; i++)
        step[i] = test_add(s[i], SIM_STEP_VISIT);
    for (int i = 0; i < STAGES - 1; i++)
        w->step[step[i]].hop[0] =
            test_next(step[i + 1], unit * (1 + (sim_ps)(seed % (quantum > 1 ? 2 : 50))));
    w->step[step[2]].hop[2] = test_next(step[STAGES], 7 * unit);
    w->step[step[STAGES]].hop[0] = test_next(step[5], 3 * unit);
    w->step[step[STAGES - 1]].hop[0] = test_end(SIM_HOP_DELIVERED);
    for (int k = 0; k < 2; k++) {
        src[k]->quantum = quantum;
        test_begin(src[k], step[k], unit);
    }
}

static struct test_outcome run(uint64_t seed, struct test_way way, bool fan, uint64_t quantum) {
    struct sim_world_opts o = {.seed = seed,
                               .warmup = 2000000,
                               .duration = 5000000,
                               .drain = 1000000,
                               .messages = 4096,
                               .sample_one_in = 8,
                               .max_hops = 4};
    test_apply(&o, way);
    struct sim_world *w = sim_world_new(&o);
    build(w, seed, fan, quantum);
    sim_world_build(w);
    test_run_sliced(w, way.slice);
    struct sim_err err = {0};
    if (!sim_world_audit(w, &err))
        ck_abort_msg("seed %lu: %s: %s", (unsigned long)seed, err.path, err.text);
    struct test_outcome out = test_outcome(w);
    sim_world_free(w);
    return out;
}

static void same_every_way(bool fan, uint64_t quantum) {
    const struct test_way ways[] = {
        {SIM_QUEUE_HEAP, false, 0, 0, false},  {SIM_QUEUE_WHEEL, false, 1, 0, false},
        {SIM_QUEUE_WHEEL, false, 9, 0, false}, {SIM_QUEUE_WHEEL, false, 0, 100, false},
        {SIM_QUEUE_WHEEL, true, 0, 0, false},  {SIM_QUEUE_HEAP, true, 5, 7, false}};
    for (uint64_t seed = 1; seed <= 15; seed++) {
        struct test_outcome a = run(seed, (struct test_way){.slice = 0}, fan, quantum);
        ck_assert_uint_gt(a.delivered, 100);
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            struct test_outcome b = run(seed, ways[i], fan, quantum);
            ck_assert(test_same(&a, &b, seed, i));
        }
    }
}

START_TEST(fifo_servers) { same_every_way(false, 1); }
END_TEST

START_TEST(several_servers_ports_and_classes) { same_every_way(true, 1); }
END_TEST

START_TEST(ties) { same_every_way(false, 500); }
END_TEST

START_TEST(ties_in_all_forms) { same_every_way(true, 500); }
END_TEST

TEST_MAIN("engine, every way", fifo_servers, several_servers_ports_and_classes, ties,
          ties_in_all_forms)
