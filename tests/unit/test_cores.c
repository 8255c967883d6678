/* test_cores.c - cores: cycles to the clock, queues that drop or wait, flows pinned by hash. */
#include "idle_core.h"

extern const struct sim_model model_mesh;

static uint64_t cycles(const char *params, const char *op, const char *args, uint32_t bytes) {
    return idle_cycles(params, op, args, bytes, NULL);
}

START_TEST(operations_have_their_cycles) {
    ck_assert_uint_eq(cycles("{}", "forward", NULL, 64), 250);
    ck_assert_uint_eq(cycles("{}", "forward", NULL, 9000), 250);
    ck_assert_uint_eq(cycles("{}", "drop", NULL, 64), 125);
    ck_assert_uint_eq(cycles("{}", "upcall", NULL, 64), 4000 + 7100);
    ck_assert_uint_eq(cycles("{}", "upcall", "{\"cycles\": 40000}", 64), 47100);
    ck_assert_uint_eq(cycles("{}", "upcall", "{\"insert_cycles\": 0}", 64), 4000);
    ck_assert_uint_eq(cycles("{}", "complete", NULL, 64), 50);
    ck_assert_uint_eq(cycles("{}", "work", "{\"cycles\": 7}", 64), 7);
}
END_TEST

/* Cycles for four upcalls of `flows` flows in turn, 10 us apart, on one core. */
static uint64_t upcalls(const char *args, uint32_t flows, uint64_t *known) {
    struct bench b = bench_new(4, 10 * SIM_PS_PER_NS * 1000, 64);
    struct sim_comp *arm = bench_block(&b, &model_cores, "arm", "{\"cores\": 1}");
    const uint32_t already = bench_verdict(&model_cores, "known");
    bench_visit(&b, arm, "upcall", args)->hop[already] =
        (struct sim_hop){.kind = SIM_HOP_DELIVERED};
    b.feed->flows = flows;
    bench_run(&b);
    const struct sim_step_stat *stat = b.feed->stream->step[1];
    uint64_t n = sim_clock_cycles(&arm->port[0]->clock, (sim_ps)stat->demand_ps + 4);
    *known = stat->verdict[already];
    bench_free(&b);
    return n;
}

START_TEST(only_the_first_packet_of_a_flow_inserts) {
    uint64_t known;
    ck_assert_uint_eq(upcalls("{}", 1, &known), 11100 + 3 * 700);
    ck_assert_uint_eq(known, 3);
    ck_assert_uint_eq(upcalls("{}", 2, &known), 2 * 11100 + 2 * 700);
    ck_assert_uint_eq(upcalls("{}", 4, &known), 4 * 11100);
    ck_assert_uint_eq(known, 0);
    ck_assert_uint_eq(upcalls("{\"known_for\": \"0s\"}", 1, &known), 4 * 11100);
    /* 10 us after the first it is known, after 20 it is new and so known at 30 us */
    ck_assert_uint_eq(upcalls("{\"known_for\": \"15us\"}", 1, &known), 2 * 11100 + 2 * 700);
}
END_TEST

/* The whole table is usable without arguments, but for the first, which must say how much. */
START_TEST(only_work_needs_its_cycles) {
    for (const struct sim_op *op = model_cores.ops; op->name != NULL; op++) {
        ck_assert_str_eq(op->fields[0].name, "cycles");
        ck_assert_int_eq(op->fields[0].def == NULL, strcmp(op->name, "work") == 0);
    }
}
END_TEST

/* 470 ps is the first edge of 2.13 GHz at or after 1 ps, 117,841 ps the one 250 cycles later.
 */
START_TEST(idle_latency_is_the_sum_of_parts) {
    struct bench b = bench_new(1, 0, 64);
    struct sim_comp *arm = bench_block(&b, &model_cores, "arm", "{}");
    bench_visit(&b, arm, "forward", NULL);
    bench_run(&b);
    ck_assert_int_eq(b.sink->log_start[0], 117841 + 1);
    ck_assert(!arm->port[0]->by_event);
    bench_free(&b);
}
END_TEST

/* A miss costs 120 ns x 2.13 GHz / 2.4 = 106.5 cycles. */
#define MISS "{\"memory_parallelism\": 2.4}"
START_TEST(bytes_and_misses_add_cycles) {
    ck_assert_uint_eq(cycles("{}", "work", "{\"cycles\": 100, \"cycles_per_byte\": 0.1}", 1500),
                      250);
    ck_assert_uint_eq(cycles("{}", "work", "{\"cycles\": 100, \"cycles_per_byte\": 0.1}", 1501),
                      251);
    ck_assert_uint_eq(cycles(MISS, "work", "{\"cycles\": 100, \"memory_accesses\": 2}", 64),
                      313);
    ck_assert_uint_eq(cycles(MISS, "work", "{\"cycles\": 100, \"memory_accesses\": 3}", 64),
                      420);
    /* 0.5 of a cycle from each of bytes and misses make one */
    ck_assert_uint_eq(
        cycles(MISS, "work",
               "{\"cycles\": 0, \"cycles_per_byte\": 0.5, \"memory_accesses\": 1}", 1),
        107);
    /* thirds: 3 misses of 100 / 3 cycles are 100, not 101 */
    ck_assert_uint_eq(cycles("{\"clock\": \"1GHz\", \"memory_latency\": \"100ns\", "
                             "\"memory_parallelism\": 3}",
                             "work", "{\"cycles\": 0, \"memory_accesses\": 3}", 64),
                      100);
}
END_TEST

START_TEST(one_core_is_exact_over_thousands) {
    struct bench b = bench_new(4000, 0, 64);
    struct sim_comp *arm =
        bench_block(&b, &model_cores, "arm", "{\"cores\": 1, \"on_full\": \"wait\"}");
    bench_visit(&b, arm, "forward", NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 4000);
    sim_ps last = sim_clock_after(&arm->port[0]->clock, 1, 4000 * 250);
    ck_assert_int_eq(b.sink->log_start[3999], last + 1);
    ck_assert_uint_eq((uint64_t)arm->port[0]->busy_ps, (uint64_t)last - 470);
    bench_free(&b);
}
END_TEST

/* A ring without a descriptor: what has no place crosses nothing on the way to it, what is lost
 * on arrival has. */
START_TEST(a_full_ring_is_asked_first) {
    static const char *const full[] = {"refuse", "drop"};
    for (int i = 0; i < 2; i++) {
        char json[128];
        snprintf(json, sizeof json, "{\"queue\": 8, \"cores\": 1, \"on_full\": \"%s\"}",
                 full[i]);
        struct bench b = bench_new(20, 0, 64);
        struct sim_comp *mesh = bench_block(&b, &model_mesh, "mesh", "{}");
        bench_via(&b, mesh, "carry", 1000000);
        bench_visit(&b, bench_block(&b, &model_cores, "arm", json), "work",
                    "{\"cycles\": 1000000}");
        bench_run(&b);
        ck_assert_uint_eq(bench_dropped(&b, "arm:core-queue-full"), 12);
        ck_assert_uint_eq(mesh->port[0]->left.items, i == 0 ? 8 : 20);
        bench_free(&b);
    }
}
END_TEST

START_TEST(a_full_queue_drops_or_waits) {
    struct bench b = bench_new(20, 0, 64);
    bench_visit(&b,
                bench_block(&b, &model_cores, "arm", "{\"queue\": 8, \"on_full\": \"drop\"}"),
                "upcall", "{\"known_for\": \"0s\"}");
    bench_run(&b);
    ck_assert_uint_eq(bench_dropped(&b, "arm:core-queue-full"), 12);
    ck_assert_uint_eq(bench_delivered(&b), 8);
    bench_free(&b);
    b = bench_new(20, 0, 64);
    bench_visit(&b,
                bench_block(&b, &model_cores, "arm", "{\"queue\": 8, \"on_full\": \"wait\"}"),
                "upcall", "{\"known_for\": \"0s\"}");
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 20);
    bench_free(&b);
}
END_TEST

/* Flows over four cores: even when hashes are, all on one when there is one flow. */
START_TEST(the_hash_picks_the_core) {
    for (uint32_t step = 0; step <= 1; step++) {
        struct bench b = bench_new(400, 0, 64);
        struct sim_comp *arm = bench_block(&b, &model_cores, "arm", "{\"cores\": 4}");
        b.feed->like.hash = 0x80000002;
        b.feed->hash_step = step;
        bench_visit(&b, arm, "drop", NULL);
        bench_run(&b);
        for (uint32_t i = 0; i < 4; i++)
            ck_assert_uint_eq(arm->port[i]->left.items, step ? 100 : i == 2 ? 400 : 0);
        ck_assert_str_eq(arm->port[3]->name, "core3");
        bench_free(&b);
    }
}
END_TEST

/* 128 entries over 12 cores: eight cores have 11 of them, four have 10. */
START_TEST(the_indirection_table_is_uneven_as_it_is) {
    struct bench b = bench_new(1280, 0, 64);
    struct sim_comp *arm = bench_block(&b, &model_cores, "arm", "{\"cores\": 12}");
    b.feed->hash_step = 1;
    bench_visit(&b, arm, "drop", NULL);
    bench_run(&b);
    for (uint32_t i = 0; i < 12; i++)
        ck_assert_uint_eq(arm->port[i]->left.items, i < 8 ? 110 : 100);
    bench_free(&b);
}
END_TEST

START_TEST(cores_without_work_are_refused) {
    bench_refused(&model_cores, "{\"cores\": 256}", "/indirection", "");
}
END_TEST

TEST_MAIN("cores", operations_have_their_cycles, only_the_first_packet_of_a_flow_inserts,
          only_work_needs_its_cycles, idle_latency_is_the_sum_of_parts,
          bytes_and_misses_add_cycles, one_core_is_exact_over_thousands,
          a_full_ring_is_asked_first, a_full_queue_drops_or_waits, the_hash_picks_the_core,
          the_indirection_table_is_uneven_as_it_is, cores_without_work_are_refused)
