/* test_app_bounds_shared.c - what a full resource leaves of several streams, and which one is
 * called full where others lose the large packets before it.
 */
#include "app_bounds.h"

#define SCENARIO(name) DPUSIM_SOURCE_DIR "/configs/scenarios/" name ".json"

static void shipped(const char *file, const struct app_set *sets, size_t n) {
    make_folder();
    load(&s, file, sets, n);
    bounds_of_run();
}

/* 200 Gb/s for a port of 100: of strict classes the last one is starved, and asked for it all
 * the same. What frames of 361 bytes on average leave of the line is 94.8 Gb/s. */
START_TEST(a_starved_class_is_asked_for_too) {
    const struct app_set sets[] = {{"/dpu/blocks/egress/priorities", "0,1"},
                                   {"/run/duration", "2ms"}};
    shipped(SCENARIO("egress"), sets, 2);
    const struct app_bound *b = row("dpu.port1", "tx");
    ck_assert_uint_lt(s.world->stream[1]->delivered.items, 100);
    ck_assert_double_eq_tol(b->load, 1.99, 0.02);
    ck_assert_double_eq_tol(b->bits_per_s, 94.8e9, 1e9);
    done();
}
END_TEST

/* Requests of what is sent take little of the link's way to the host, and all of them get it:
 * 8.1 M/s times 76 bytes; received packets share the rest, 1,751 bytes each. */
START_TEST(who_asks_for_little_gets_it_all) {
    card("'pcie': { 'lanes': 8 }, 'memory': { 'dram_bandwidth': '300GB/s' }",
         "'in': { 'source': 'synthetic', 'rate': '400Gb/s', 'sizes': '1518', 'flows': 4096,"
         " 'chain': 'receive' }, 'out': { 'source': 'synthetic', 'rate': '100Gb/s', 'sizes':"
         " '1518', 'flows': 4096, 'chain': 'transmit' }");
    const struct app_bound *b = row("dpu.pcie", "to-host");
    double out = 100e9 / 8 / 1538, in = (31.43e9 - out * 76.4) / 1751;
    ck_assert_double_gt(b->load, 1.8);
    ck_assert_double_eq_tol(b->bits_per_s, (in + out) * 1518 * 8, 0.01 * 312e9);
    ck_assert_double_eq_tol(b->bits_per_s, delivered_bits(), 0.01 * 312e9);
    done();
}
END_TEST

/* Three quarters of the packets wait for a context, eight at a time for 500 ns: 21.3 M/s.
 * Packet memory loses the large ones before that, so that the port behind it is half idle. */
START_TEST(small_packets_fill_it_as_well) {
    const struct app_set sets[] = {{"/dpu/device", "bluefield-2"},
                                   {"/chains/seal/3/mode", "tunnel"},
                                   {"/run/warmup", "1ms"},
                                   {"/run/duration", "2ms"}};
    shipped(SCENARIO("associations"), sets, 4);
    struct app_verdict v = verdict_of_run();
    ck_assert_double_lt(row("dpu.port0", "tx")->utilization, 0.6);
    is(&v, "resource", "dpu.associations", "fetches");
}
END_TEST

TEST_MAIN("app bounds, shared", a_starved_class_is_asked_for_too,
          who_asks_for_little_gets_it_all, small_packets_fill_it_as_well)
