/* test_mesh.c - the fabric: idle latency on a clock edge, exact bandwidth, routes' ratios. */
#include "tests/block_world.h"

extern const struct sim_model model_mesh;

/* 1,500 B at 256 GB/s are 5,859.375 ps; entered at 1 ps, 40 ns to cross, out at an edge. */
START_TEST(idle_latency_is_the_sum_of_parts) {
    struct bench b = bench_new(1, 0, 1500);
    bench_visit(&b, bench_block(&b, &model_mesh, "mesh", "{}"), "carry", NULL);
    bench_run(&b);
    ck_assert_int_eq(b.sink->log_start[0], 46000 + 1); /* 1 + 5,860 + 40,000 = 45,861 */
    bench_free(&b);
}
END_TEST

START_TEST(bandwidth_is_exact) {
    struct bench b = bench_new(4000, 0, 777);
    struct sim_comp *mesh = bench_block(&b, &model_mesh, "mesh",
                                        "{\"bandwidth\": \"100Gb/s\", \"latency\": \"0ps\","
                                        " \"clock\": \"100GHz\"}");
    bench_visit(&b, mesh, "carry", NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 4000);
    ck_assert_uint_eq((uint64_t)mesh->port[0]->busy_ps, 4000ull * 777 * 80); /* 80 ps a byte */
    ck_assert_int_eq(b.sink->log_start[3999], 4000ll * 777 * 80 + 10 + 1);
    ck_assert(!mesh->port[0]->by_event);
    bench_free(&b);
}
END_TEST

/* 100 B at 256 GB/s are 390.625 ps: 4,000 of them end at 1,562,500 ps, not at 4,000 x 391. */
START_TEST(fractions_are_kept) {
    struct bench b = bench_new(4000, 0, 100);
    struct sim_comp *mesh = bench_block(&b, &model_mesh, "mesh", "{}");
    bench_visit(&b, mesh, "carry", NULL);
    bench_run(&b);
    ck_assert_uint_eq((uint64_t)mesh->port[0]->busy_ps, 1562500);
    bench_free(&b);
}
END_TEST

START_TEST(a_route_carries_its_ratio) {
    struct bench b = bench_new(1000, 0, 1000);
    struct sim_comp *mesh = bench_block(&b, &model_mesh, "mesh", "{\"bandwidth\": \"8Gb/s\"}");
    bench_via(&b, mesh, "carry", 500000);
    bench_run(&b);
    ck_assert_uint_eq((uint64_t)mesh->port[0]->busy_ps, 1000ull * 500 * 1000);
    bench_free(&b);
}
END_TEST

START_TEST(nothing_carried_costs_nothing) {
    struct bench b = bench_new(10, 0, 1000);
    struct sim_comp *mesh = bench_block(&b, &model_mesh, "mesh", "{}");
    bench_via(&b, mesh, "carry", 0);
    bench_run(&b);
    ck_assert_int_eq(b.sink->log_start[9], 2);
    bench_free(&b);
}
END_TEST

TEST_MAIN("mesh", idle_latency_is_the_sum_of_parts, bandwidth_is_exact, fractions_are_kept,
          a_route_carries_its_ratio, nothing_carried_costs_nothing)
