/* prop_engine.c - laws of the engine over random worlds and many seeds.
 *
 * One world, run in every way that must not matter: wheel or heap, promise form or event form
 * everywhere, ties shuffled, sliced into small runs. All must give one digest, the same
 * deliveries and a clean audit.
 */
#include "tests/check_main.h"
#include "tests/small_world.h"

struct variant {
    enum sim_queue_kind queue;
    bool all_by_event;
    uint64_t shuffle;
    uint64_t slice; /* events a call, 0: all */
};

struct outcome {
    uint64_t digest, delivered, dropped, absorbed;
    uint64_t latency_sum;
};

enum { STAGES = 7 };

static struct sim_hop next_hop(uint16_t step, sim_ps delay) {
    return (struct sim_hop){.kind = SIM_HOP_NEXT, .next = step, .delay = delay};
}

/* A tandem of servers with random rates, capacities, policies, tails and clocks; two sources;
 * a side branch for "miss"; a last block with several ports and one with several servers. */
static void build(struct sim_world *w, uint64_t seed, bool fan) {
    struct sim_node *n = sim_node_add(w, "dpu");
    struct tserver *s[STAGES + 1];
    for (int i = 0; i <= STAGES; i++) {
        uint64_t h = test_mix(seed, 100 + (uint64_t)i);
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
        char name[16];
        snprintf(name, sizeof name, "s%d", i);
        s[i] = test_server(w, n, name, 500 + h % 1000, o);
        s[i]->tail_ps = h >> 20 & 1 ? 3000 : 0;
        s[i]->cycles = o.hz ? 2 : 0;
        s[i]->miss_one_in = i == 2 ? 5 : 0;
        s[i]->deny_one_in = i == 1 ? 9 : 0;
        s[i]->grow_bytes = i == 4 ? 50 : 0;
        s[i]->ports = fan && i == 4 ? 4 : 1;
    }
    struct tsource *src[2] = {test_source(w, n, "a", 3000, 4000),
                              test_source(w, n, "b", 2500, 4000)};
    test_init_all(w);
    uint16_t step[STAGES + 1];
    for (int i = 0; i <= STAGES; i++) {
        struct sim_step st = test_step(s[i]);
        step[i] = sim_step_add(w, &st);
    }
    for (int i = 0; i < STAGES - 1; i++)
        w->step[step[i]].hop[0] = next_hop(step[i + 1], 1 + (sim_ps)(seed % 50));
    w->step[step[2]].hop[2] = next_hop(step[STAGES], 7);
    w->step[step[STAGES]].hop[0] = next_hop(step[5], 3);
    w->step[step[STAGES - 1]].hop[0] = (struct sim_hop){.kind = SIM_HOP_DELIVERED};
    for (int k = 0; k < 2; k++) {
        struct sim_step st = test_step(src[k]);
        st.op = NULL;
        st.kind = SIM_STEP_EMIT;
        st.hop[0] = next_hop(step[k], 1);
        src[k]->stream->first = sim_step_add(w, &st);
    }
}

static struct outcome run_variant(uint64_t seed, struct variant v, bool fan) {
    struct sim_world_opts o = {.seed = seed,
                               .warmup = 2000000,
                               .duration = 5000000,
                               .drain = 1000000,
                               .queue = v.queue,
                               .all_by_event = v.all_by_event,
                               .shuffle_ties = v.shuffle,
                               .messages = 4096,
                               .sample_one_in = 8,
                               .max_hops = 4};
    struct sim_world *w = sim_world_new(&o);
    build(w, seed, fan);
    sim_world_build(w);
    while (sim_world_run(w, w->end, v.slice ? v.slice : UINT64_MAX))
        ;
    sim_world_close(w, w->end);
    struct sim_err err = {0};
    if (!sim_world_audit(w, &err))
        ck_abort_msg("seed %lu: %s: %s", (unsigned long)seed, err.path, err.text);
    struct outcome out = {.digest = sim_world_digest(w)};
    for (uint32_t i = 0; i < w->streams; i++) {
        out.delivered += w->stream[i]->delivered.items;
        out.dropped += w->stream[i]->dropped.items;
        out.latency_sum += (uint64_t)w->stream[i]->latency.sum;
    }
    sim_world_free(w);
    return out;
}

static void same_every_way(bool fan, bool forms) {
    const struct variant ways[] = {
        {SIM_QUEUE_HEAP, false, 0, 0},  {SIM_QUEUE_WHEEL, false, 1, 0},
        {SIM_QUEUE_WHEEL, false, 9, 0}, {SIM_QUEUE_WHEEL, false, 0, 100},
        {SIM_QUEUE_WHEEL, true, 0, 0},  {SIM_QUEUE_HEAP, true, 5, 7}};
    for (uint64_t seed = 1; seed <= 25; seed++) {
        struct outcome a =
            run_variant(seed, (struct variant){SIM_QUEUE_WHEEL, false, 0, 0}, fan);
        ck_assert_uint_gt(a.delivered, 100);
        for (size_t i = 0; i < sizeof ways / sizeof *ways - (forms ? 0 : 2); i++) {
            struct outcome b = run_variant(seed, ways[i], fan);
            ck_assert_msg(a.digest == b.digest && a.delivered == b.delivered &&
                              a.dropped == b.dropped && a.latency_sum == b.latency_sum,
                          "seed %lu way %zu: %lu/%lu against %lu/%lu delivered/dropped",
                          (unsigned long)seed, i, (unsigned long)a.delivered,
                          (unsigned long)a.dropped, (unsigned long)b.delivered,
                          (unsigned long)b.dropped);
        }
    }
}

START_TEST(fifo_servers) { same_every_way(false, true); }
END_TEST

START_TEST(several_servers_ports_and_classes) { same_every_way(true, true); }
END_TEST

TEST_MAIN("engine, every way", fifo_servers, several_servers_ports_and_classes)
