/* test_stat.c - histogram buckets, gauges clipped to a window, and printed ratios. */
#include "sim/engine/stat.h"
#include "tests/check_main.h"
#include <math.h>
#include <sys/wait.h>

START_TEST(buckets_tile_the_range) {
    ck_assert_uint_eq(sim_hist_index(0), 0);
    ck_assert_uint_eq(sim_hist_index(INT64_MAX), SIM_HIST_BUCKETS - 1);
    ck_assert_uint_eq(sim_hist_top(SIM_HIST_BUCKETS - 1), INT64_MAX);
    for (uint32_t i = 0; i + 1 < SIM_HIST_BUCKETS; i++) {
        uint64_t top = sim_hist_top(i);
        ck_assert_uint_eq(sim_hist_index(top), i);
        ck_assert_uint_eq(sim_hist_index(top + 1), i + 1);
    }
}
END_TEST

START_TEST(empty_histogram) {
    static struct sim_hist h, other;
    ck_assert_int_eq(sim_hist_quantile(&h, 1, 2), -1);
    ck_assert(isnan(sim_hist_mean(&h)));
    sim_hist_add(&h, 99, 0); /* nothing */
    ck_assert_int_eq(sim_hist_quantile(&h, 1, 2), -1);
    sim_hist_add(&h, 5, 1);
    ck_assert_int_eq(h.max, 5);
    sim_hist_merge(&h, &other);
    ck_assert_int_eq(h.min, 5);
    sim_hist_merge(&other, &h);
    ck_assert_int_eq(other.min, 5);
}
END_TEST

START_TEST(quantiles_are_ranks) {
    static struct sim_hist h;
    for (int v = 1; v <= 20; v++) /* exact below 32 */
        sim_hist_add(&h, v, 5);
    ck_assert_int_eq(sim_hist_quantile(&h, 1, 2), 10);
    ck_assert_int_eq(sim_hist_quantile(&h, 51, 100), 11);
    ck_assert_int_eq(sim_hist_quantile(&h, 1, 100), 1);
    ck_assert_int_eq(sim_hist_quantile(&h, 1, 1000000000), 1);
    ck_assert_int_eq(sim_hist_quantile(&h, 1, 1), 20);
    ck_assert_double_eq(sim_hist_mean(&h), 10.5);
    sim_hist_add(&h, 1000000, 900); /* never above the largest value */
    ck_assert_int_eq(sim_hist_quantile(&h, 1, 2), 1000000);
}
END_TEST

START_TEST(large_values_and_weights) {
    static struct sim_hist h;
    sim_hist_add(&h, INT64_MAX, 1ULL << 62);
    sim_hist_add(&h, 0, 1ULL << 62);
    ck_assert_int_eq(sim_hist_quantile(&h, 1, 2), 0);
    ck_assert_int_eq(sim_hist_quantile(&h, 999999999, 1000000000), INT64_MAX);
    ck_assert(h.sum == (sim_u128)INT64_MAX << 62);
    ck_assert_double_eq(sim_hist_mean(&h), 0x1p62);
}
END_TEST

START_TEST(negative_is_a_panic) {
    static struct sim_hist h;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stderr))
            sim_hist_add(&h, -1, 1);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ck_assert_int_ne(status, 0);
}
END_TEST

START_TEST(gauge_clips_to_its_window) {
    struct sim_arena arena = {0};
    struct sim_gauge g;
    sim_gauge_init(&g, &arena, 100, 200);
    ck_assert_int_eq(sim_gauge_quantile(&g, 1, 2), -1);
    sim_gauge_add(&g, 10, 7);
    sim_gauge_add(&g, 50, -3);
    ck_assert_int_eq(g.peak, 0);
    sim_gauge_add(&g, 130, -3);  /* 4 for 30 ps */
    ck_assert_int_eq(g.peak, 4); /* held at the start, though it rose before */
    sim_gauge_add(&g, 190, 9);   /* 1 for 60 ps */
    sim_gauge_add(&g, 250, 90);  /* 10 for 10 ps */
    sim_gauge_pass(&g, 300);
    ck_assert_int_eq(g.peak, 10);
    ck_assert(g.area == 4 * 30 + 60 + 10 * 10);
    ck_assert_int_eq(sim_gauge_quantile(&g, 60, 100), 1);
    ck_assert_int_eq(sim_gauge_quantile(&g, 61, 100), 4);
    ck_assert_int_eq(sim_gauge_quantile(&g, 1, 1), 10);
    sim_arena_free(&arena);
}
END_TEST

START_TEST(gauge_peaks_in_no_time) {
    struct sim_arena arena = {0};
    struct sim_gauge g;
    sim_gauge_init(&g, &arena, 100, 200);
    sim_gauge_add(&g, 99, 50); /* before the window: 50 is gone when it opens */
    sim_gauge_add(&g, 100, -49);
    ck_assert_int_eq(g.peak, 1);
    sim_gauge_add(&g, 150, 8);
    sim_gauge_add(&g, 150, -9);
    ck_assert_int_eq(g.peak, 9);
    sim_gauge_add(&g, 200, 99); /* the window is half open */
    ck_assert_int_eq(g.peak, 9);
    ck_assert(g.area == 50);
    sim_arena_free(&arena);
}
END_TEST

START_TEST(gauge_beyond_its_buckets) {
    struct sim_arena arena = {0};
    struct sim_gauge g;
    sim_gauge_init(&g, &arena, 0, SIM_NEVER);
    sim_gauge_add(&g, 0, 1LL << 50);
    sim_gauge_pass(&g, 1LL << 60);
    ck_assert(g.area == (sim_u128)1 << 110);
    ck_assert_int_eq(sim_gauge_quantile(&g, 1, 2), 1LL << 50);
    sim_arena_free(&arena);
}
END_TEST

static const struct {
    uint64_t num, den;
    const char *text;
} ratios[] = {
    {0, 7, "0"},
    {1, 0, "null"},
    {0, 0, "null"},
    {1, 1, "1"},
    {123, 10000, "0.0123"},
    {3, 2000000000, "1.5e-09"},
    {1, 3, "0.333333333333"},
    {2, 3, "0.666666666667"},
    {1, 10000, "0.0001"},
    {1, 10001, "9.99900009999e-05"},
    {20, 2, "10"},
    {99999999999999, 100000000000000, "1"},
    {123456789012, 1, "123456789012"},
    {100000000000, 1, "100000000000"},
    {1000000000000, 1, "1e+12"},
    {1234567890123456, 1, "1.23456789012e+15"},
    {1234567890125, 10, "123456789012"}, /* ties go to even */
    {1234567890135, 10, "123456789014"},
    {12345678901250001, 100000, "123456789013"},
    {123456789012500001, 10, "1.23456789013e+16"},
    {123456789012500000, 10, "1.23456789012e+16"},
    {1999999999999, 2, "1e+12"},
    {999999999999, 1, "999999999999"},
    {UINT64_MAX, 1, "1.84467440737e+19"},
    {1, UINT64_MAX, "5.42101086243e-20"},
};

START_TEST(ratio_text) {
    char buf[SIM_RATIO_SIZE];
    for (size_t i = 0; i < sizeof ratios / sizeof *ratios; i++)
        ck_assert_str_eq(sim_ratio_text(ratios[i].num, ratios[i].den, buf, sizeof buf),
                         ratios[i].text);
    sim_u128 most = ~(sim_u128)0;
    ck_assert_str_eq(sim_ratio_text(most, 1, buf, sizeof buf), "3.40282366921e+38");
    ck_assert_str_eq(sim_ratio_text(1, most, buf, sizeof buf), "2.93873587706e-39");
    ck_assert_str_eq(sim_ratio_text(most, most, buf, sizeof buf), "1");
    ck_assert_str_eq(sim_ratio_text(most - 1, most, buf, sizeof buf), "1");
    ck_assert_str_eq(sim_ratio_text(most / 7, most, buf, sizeof buf), "0.142857142857");
}
END_TEST

TEST_MAIN("stat", buckets_tile_the_range, empty_histogram, quantiles_are_ranks,
          large_values_and_weights, negative_is_a_panic, gauge_clips_to_its_window,
          gauge_peaks_in_no_time, gauge_beyond_its_buckets, ratio_text)
