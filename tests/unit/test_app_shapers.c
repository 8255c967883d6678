/* test_app_shapers.c - shapers of queues and tenants as resources: what is asked of each, and
 * what all of them let through, where arithmetic knows it.
 */
#include "app_bounds.h"
#include "sim/app/relax.h"

/* Streams of frames of 1,000 B (996 and CRC), 10 M/s of a and 2.5 M/s of b, each in a queue of
 * its own: 80 and 20 Gb/s of frames. */
static void shaped(const char *params) {
    char text[1600];
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': { 'name': 'bench', 'blocks': {"
             " 'egress': { 'model': 'scheduler', 'queues': 2, 'by': 'stream',"
             " 'queue_bytes': '20kB', %s } } } },"
             " 'chains': { 'c': [ {'at': 'egress'} ] }, 'streams': {"
             " 'a': { 'source': 'synthetic', 'sizes': '1000', 'chain': 'c',"
             " 'packet_rate': '10M/s', 'arrivals': 'constant' },"
             " 'b': { 'source': 'synthetic', 'sizes': '1000', 'chain': 'c',"
             " 'packet_rate': '2.5M/s', 'arrivals': 'constant' } },"
             " 'run': { 'warmup': '100us', 'duration': '1ms' } }",
             params);
    bounds_of(text);
}

static void bound_is(const char *resource, double load, double gbps, double busy) {
    const struct app_bound *b = row("dpu.egress", resource);
    ck_assert_double_eq_tol(b->load, load, 0.005 * load);
    ck_assert_double_eq_tol(b->bits_per_s, gbps * 1e9, 0.005 * gbps * 1e9);
    ck_assert_double_eq_tol(b->utilization, busy, 0.005);
    done();
}

/* 80 Gb/s come to 20: with the 20 that pass it by, 40 are let through. */
START_TEST(one_of_two_queues) {
    shaped("'rates': '20Gb/s,none'");
    ck_assert_double_eq_tol(delivered_bits(), 40e9, 0.2e9);
    bound_is("shaper0", 4, 40, 1);
}
END_TEST

/* 20 of 80, and 16 of 20; the first is the hotter one. */
START_TEST(two_queues) {
    shaped("'rates': '20Gb/s,16Gb/s'");
    ck_assert_double_eq_tol(delivered_bits(), 36e9, 0.2e9);
    bound_is("shaper0 (hottest of 2)", 4, 36, 1);
}
END_TEST

/* Nothing is lost: the mix can grow until the first of them is full. */
START_TEST(below_their_rates) {
    shaped("'rates': '160Gb/s,25Gb/s'");
    bound_is("shaper1 (hottest of 2)", 0.8, 125, 0.8);
}
END_TEST

START_TEST(a_tenant_of_both) {
    shaped("'tenant_of': '0,0', 'tenant_rates': '50Gb/s'");
    ck_assert_double_eq_tol(delivered_bits(), 50e9, 0.3e9);
    bound_is("tenant-shaper0", 2, 50, 1);
}
END_TEST

/* The verdict is on the shapers, by a pipeline and a burst that matter to none of it. */
START_TEST(they_are_the_wall) {
    shaped("'rates': '20Gb/s,none', 'latency': '1us', 'burst': '64KiB'");
    struct app_verdict v = verdict_of_run();
    is(&v, "resource", "dpu.egress", "shaper0");
}
END_TEST

/* Doubled by its own word, "none" kept. */
START_TEST(twice_each_rate) {
    struct sim_arena arena = {0};
    struct app_set out[APP_FASTER];
    shaped("'rates': '20Gb/s,none'");
    const struct app_resource r = {"dpu.egress", "shaper0"};
    ck_assert_uint_eq(app_faster(&s, &r, &arena, out), 1);
    ck_assert_str_eq(out[0].pointer, "/dpu/blocks/egress/rates");
    ck_assert_str_eq(out[0].value, "40Gb/s,none");
    sim_arena_free(&arena);
    done();
}
END_TEST

TEST_MAIN("app shapers", one_of_two_queues, two_queues, below_their_rates, a_tenant_of_both,
          they_are_the_wall, twice_each_rate)
