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

/* Both directions share the card's switch. Packets to send that wait for the line, of which a
 * fortieth is too much, stand aside there: what is received is not held up. */
START_TEST(what_waits_for_the_line_stands_aside) {
    const struct app_set sets[] = {{"/dpu/blocks/memory/page_bytes", "2MiB"},
                                   {"/streams/in0/sizes", "64"},
                                   {"/streams/in1/sizes", "64"},
                                   {"/streams/out2/rate", "205Gb/s"},
                                   {"/streams/out3/rate", "205Gb/s"},
                                   {"/streams/out2/sizes", "1518"},
                                   {"/streams/out3/sizes", "1518"},
                                   {"/run/duration", "500us"}};
    shipped(SCENARIO("functions"), sets, 8);
    for (uint32_t i = 0; i < 2; i++) {
        const struct sim_stream *st = s.world->stream[i];
        ck_assert_uint_eq(st->dropped.items, 0);
        ck_assert_double_eq_tol((double)st->delivered.items, 44.64e6 * 500e-6, 300);
    }
    double line = 400e9 / 1538 * 1518, in = 2 * 30e9 / 84 * 64;
    ck_assert_double_eq_tol(row("dpu.port0", "tx")->bits_per_s, line + in, 1e-3 * line);
    ck_assert_double_eq_tol(delivered_bits(), line + in, 1e-2 * line);
    ck_assert_double_lt(row("dpu.nic", "switch")->utilization, 0.5);
    done();
}
END_TEST

/* Half of the time a core is away: 300 ns of 600 ns at a million a second, and 1.67 M/s at
 * most, whether it is idle, busy or overloaded. */
START_TEST(noise_takes_its_part_of_a_core) {
    static const char *const rates[] = {"100k/s", "1M/s", "3M/s"};
    static const double loads[] = {0.06, 0.6, 1.8};
    for (int i = 0; i < 3; i++) {
        char text[800];
        snprintf(text, sizeof text,
                 "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'a': { 'model': 'cores',"
                 " 'cores': 1, 'clock': '1GHz', 'queue': 0, 'noise_period': '1ms',"
                 " 'noise_time': '500us' } } }, 'chains': { 'c': [ { 'at': 'a', 'op': 'work',"
                 " 'cycles': 300 } ] }, 'streams': { 's': { 'source': 'synthetic', 'sizes':"
                 " '64', 'packet_rate': '%s', 'flows': 1, 'chain': 'c' } }, 'run': {"
                 " 'warmup': '1ms', 'duration': '10ms' } }",
                 rates[i]);
        bounds_of(text);
        ck_assert_double_eq_tol(bound[0].load, loads[i], 0.005 * loads[i]);
        ck_assert_double_eq_tol(bound[0].bits_per_s, 512 / 600e-9, 5e6);
        done();
    }
}
END_TEST

/* A digest needs nothing written back, two parities of four parts a third of what comes out;
 * what is encrypted comes back whole. */
START_TEST(engines_bring_back_what_is_new) {
    static const struct {
        const char *card, *at, *op;
        uint32_t ppm;
    } row_of[] = {{"bluefield-3-course", "dedup", "dedup-hash", 0},
                  {"bluefield-3-course", "crypto", "sha256", 0},
                  {"bluefield-3-course", "crypto", "aes-gcm-encrypt", 1000000},
                  {"bluefield-3-course", "regex", "scan", 0},
                  {"bluefield-3", "erasure", "raid6", 333333},
                  {"bluefield-3", "erasure", "erasure-rebuild", 250000}};
    for (size_t i = 0; i < sizeof row_of / sizeof *row_of; i++) {
        char text[900];
        snprintf(text, sizeof text,
                 "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': '%s' },"
                 " 'chains': { 'c': [ { 'at': 'arm', 'op': 'forward', 'call': { 'at': '%s',"
                 " 'op': '%s' %s } } ] }, 'streams': { 's': { 'source': 'synthetic', 'sizes': "
                 "'1000',"
                 " 'rate': '1Gb/s', 'flows': 8, 'chain': 'c' } }, 'run': { 'duration': '10us'"
                 " } }",
                 row_of[i].card, row_of[i].at, row_of[i].op,
                 strcmp(row_of[i].op, "scan") == 0         ? ", 'misses': 1"
                 : strcmp(row_of[i].op, "dedup-hash") == 0 ? ", 'unique': 1"
                                                           : "");
        bounds_of(text);
        const struct sim_world *w = s.world;
        const struct sim_step *step = NULL;
        for (uint32_t k = 0; k < w->steps; k++)
            step = w->step[k].called ? &w->step[k] : step;
        ck_assert_ptr_nonnull(step);
        for (step = &w->step[step->hop[0].next]; step->kind == SIM_STEP_VIA;
             step = &w->step[step->hop[0].next])
            ck_assert_uint_eq(step->ratio_ppm, row_of[i].ppm);
        done();
    }
}
END_TEST

/* Small and large packets are read by one chain, each in parts of its own: what one by one they
 * take of the link is what they take together. */
START_TEST(parts_are_of_each_stream) {
    static const char *const streams[] = {
        "'o0': { 'source': 'synthetic', 'rate': '20Gb/s', 'sizes': '128', 'flows': 256,"
        " 'chain': 'transmit' }",
        "'o1': { 'source': 'synthetic', 'rate': '60Gb/s', 'sizes': '9000', 'flows': 256,"
        " 'chain': 'transmit' }"};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        char both[600];
        snprintf(both, sizeof both, "%s%s%s", i == 1 ? "" : streams[0], i == 2 ? ", " : "",
                 i == 0 ? "" : streams[1]);
        card("", both);
        const struct app_bound *b = row("dpu.pcie", "from-host");
        ck_assert_double_eq_tol(b->load, b->utilization, 0.01 * b->load);
        if (i == 2)
            ck_assert_double_eq_tol(b->load, sum, 0.01 * sum);
        sum += b->load;
        done();
    }
}
END_TEST

/* One request at a time, whose four children fill the four servers at once, never waits. */
START_TEST(children_at_once_take_one_time) {
    static const char *const into[] = {"4", "8"};
    for (int i = 0; i < 2; i++) {
        char text[900];
        snprintf(text, sizeof text,
                 "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'a': { 'model': 'server',"
                 " 'distribution': 'constant', 'time': '100ns' }, 'b': { 'model': 'server',"
                 " 'distribution': 'constant', 'servers': 4, 'time': '2us' } }, 'routes': {"
                 " 'r': { 'from': 'a', 'to': 'b' } } }, 'chains': { 'c': [ { 'at': 'a',"
                 " 'split': { 'into': %s, 'chain': 'k' } }, { 'end': 'reply' } ],"
                 " 'k': [ { 'at': 'b' } ] }, 'streams': { 's': { 'source': 'synthetic',"
                 " 'outstanding': 1, 'sizes': '4096', 'chain': 'c' } }, 'run': { 'warmup':"
                 " '100us', 'duration': '4ms' } }",
                 into[i]);
        bounds_of(text);
        rows += app_loops(&s, bound + rows, ROOM - rows);
        ck_assert_double_eq_tol(row("streams.s", "outstanding")->load, 1, 1e-3);
        done();
    }
}
END_TEST

/* A tenant's rate of 30 Gb/s is asked for by 50 Gb/s of 200 bytes, which go first, and by 60
 * Gb/s of 1,518, of which none comes through. */
START_TEST(a_starved_tenant_asks_for_its_rate) {
    bounds_of("{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3', 'blocks': {"
              " 'egress': { 'model': 'scheduler', 'queues': 2, 'by': 'stream', 'priorities':"
              " '0,1', 'tenants': 1, 'tenant_of': '0,0', 'tenant_rates': '30Gb/s',"
              " 'queue_bytes': '256KiB' } }, 'routes': { 'e': { 'from': 'nic', 'to': 'egress' }"
              " } }, 'chains': { 'c': [ {'at': 'port0', 'op': 'rx'}, {'at': 'nic', 'op':"
              " 'parse'}, {'at': 'nic', 'op': 'hairpin'}, {'at': 'egress'} ] }, 'streams': {"
              " 'v': { 'source': 'synthetic', 'arrivals': 'poisson', 'rate': '50Gb/s', 'sizes':"
              " '200', 'flows': 1000, 'chain': 'c' }, 'b': { 'source': 'synthetic', 'arrivals':"
              " 'poisson', 'rate': '60Gb/s', 'sizes': '1518', 'flows': 1000, 'chain': 'c' } },"
              " 'run': { 'warmup': '1ms', 'duration': '2ms' } }");
    double asked = (50.0 * 200 / 220 + 60.0 * 1518 / 1538) / 30;
    ck_assert_uint_eq(s.world->stream[1]->delivered.items, 0);
    ck_assert_double_eq_tol(row("dpu.egress", "tenant-shaper0")->load, asked, 0.02 * asked);
    done();
}
END_TEST

/* A closed loop beside an open stream of little: what holds the loop up is named. */
START_TEST(a_loop_beside_an_open_stream) {
    bounds_of("{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'a': { 'model': 'server',"
              " 'distribution': 'constant', 'time': '100ns' }, 'b': { 'model': 'server',"
              " 'distribution': 'constant', 'time': '10ns' } } }, 'chains': { 'm': [ {'at':"
              " 'a'}, {'end': 'reply'} ], 'n': [ {'at': 'b'} ] }, 'streams': { 's': {"
              " 'source': 'synthetic', 'outstanding': 4, 'think': '330ns', 'sizes': '64',"
              " 'chain': 'm' }, 't': { 'source': 'synthetic', 'packet_rate': '1M/s', 'sizes':"
              " '64', 'chain': 'n' } }, 'run': { 'warmup': '100us', 'duration': '1ms' } }");
    struct app_verdict v = verdict_of_run();
    ck_assert(v.comp != NULL && strstr(v.why, "offered load") == NULL);
    ck_assert_ptr_null(strstr(v.why, "dpu.b"));
    ck_assert_ptr_nonnull(strstr(v.why, "streams.s.outstanding"));
    done();
}
END_TEST

/* Queues of bytes lose large frames first; two places are kept for 30.5 ns each by 65.1 M/s of
 * the frames that were offered, not of those that are left. */
START_TEST(places_are_kept_by_what_was_offered) {
    const struct app_set sets[] = {{"/run/duration", "2ms"}};
    shipped(SCENARIO("egress"), sets, 1);
    const struct app_bound *b = row("dpu.port1", "tx slots from egress.queues");
    ck_assert_double_eq_tol(b->load, 65.13e6 * 30.5e-9 / 2, 0.02);
    done();
}
END_TEST

TEST_MAIN("app bounds, shared", places_are_kept_by_what_was_offered,
          a_starved_tenant_asks_for_its_rate, a_loop_beside_an_open_stream,
          parts_are_of_each_stream, children_at_once_take_one_time,
          what_waits_for_the_line_stands_aside, noise_takes_its_part_of_a_core,
          engines_bring_back_what_is_new, a_starved_class_is_asked_for_too,
          who_asks_for_little_gets_it_all, small_packets_fill_it_as_well)
