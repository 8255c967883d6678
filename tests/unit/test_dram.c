/* test_dram.c - memory: whole lines, exact bandwidth, read and posted-write latency, counts. */
#include "tests/block_world.h"

extern const struct sim_model model_dram;

struct counts { /* as the statistics rows say */
    int64_t read, written;
};

static struct counts counts(const struct sim_comp *dram) {
    const struct sim_field *row = dram->model->stats;
    ck_assert_str_eq(row[0].name, "bytes_read");
    ck_assert_str_eq(row[1].name, "bytes_written");
    return (struct counts){sim_field_int(&row[0], dram), sim_field_int(&row[1], dram)};
}

static sim_ps idle(const char *op, uint32_t bytes) {
    struct bench b = bench_new(1, 0, bytes);
    bench_visit(&b, bench_block(&b, &model_dram, "dram", "{\"clock\": \"100GHz\"}"), op, NULL);
    bench_run(&b);
    sim_ps at_sink = b.sink->log_start[0];
    bench_free(&b);
    return at_sink;
}

/* 64 B at 89.6 GB/s x 0.8 are 892.86 ps; entered at 1 ps; edges are 10 ps apart. */
START_TEST(idle_latency_is_the_sum_of_parts) {
    ck_assert_int_eq(idle("read", 64), 60900 + 1);   /* 1 + 893 + 60,000 = 60,894 */
    ck_assert_int_eq(idle("write", 64), 10900 + 1);  /* 1 + 893 + 10,000 */
    ck_assert_int_eq(idle("read", 1), 60900 + 1);    /* a byte moves a line */
    ck_assert_int_eq(idle("read", 65), 61790 + 1);   /* 1 + 1,786 + 60,000 = 61,787 */
    ck_assert_int_eq(idle("read", 1500), 81430 + 1); /* 24 lines, 21,429 ps */
}
END_TEST

/* 4,000 x 24 lines of 64 B at 71.68 GB/s: 85,714,285.7 ps. */
START_TEST(bandwidth_is_exact) {
    struct bench b = bench_new(4000, 0, 1500);
    struct sim_comp *dram = bench_block(&b, &model_dram, "dram", "{}");
    bench_visit(&b, dram, "read", NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 4000);
    ck_assert_uint_eq((uint64_t)dram->port[0]->busy_ps, 85714286);
    ck_assert_int_eq(counts(dram).read, 4000 * 1536);
    ck_assert_int_eq(counts(dram).written, 0);
    bench_free(&b);
}
END_TEST

START_TEST(reads_and_writes_share_the_bus) {
    struct bench b = bench_new(100, 1000000, 6400);
    struct sim_comp *dram =
        bench_block(&b, &model_dram, "dram", "{\"bandwidth\": \"8GB/s\", \"efficiency\": 1}");
    bench_via(&b, dram, "write", 1000000);
    bench_via(&b, dram, "read", 500000);
    bench_run(&b);
    ck_assert_uint_eq((uint64_t)dram->port[0]->busy_ps, 100ull * (6400 + 3200) * 125);
    ck_assert_int_eq(counts(dram).written, 100 * 6400);
    ck_assert_int_eq(counts(dram).read, 100 * 3200);
    bench_free(&b);
}
END_TEST

START_TEST(a_ratio_of_nothing_costs_nothing) {
    struct bench b = bench_new(10, 0, 1000);
    struct sim_comp *dram = bench_block(&b, &model_dram, "dram", "{}");
    bench_via(&b, dram, "read", 0);
    bench_run(&b);
    ck_assert_int_eq(b.sink->log_start[9], 2);
    ck_assert_int_eq(counts(dram).read, 0);
    bench_free(&b);
}
END_TEST

/* What begins after the measured window is not counted. */
START_TEST(counts_end_with_the_window) {
    struct bench b = bench_new(11, SIM_PS_PER_S / 10, 64);
    struct sim_comp *dram = bench_block(&b, &model_dram, "dram", "{}");
    b.w->end += SIM_PS_PER_S; /* a drain */
    bench_visit(&b, dram, "read", NULL);
    bench_run(&b);
    ck_assert_uint_eq(b.sink->logged, 11);
    ck_assert_int_eq(counts(dram).read, 10 * 64);
    bench_free(&b);
}
END_TEST

TEST_MAIN("dram", idle_latency_is_the_sum_of_parts, bandwidth_is_exact,
          reads_and_writes_share_the_bus, a_ratio_of_nothing_costs_nothing,
          counts_end_with_the_window)
