/* test_source_synthetic.c - made-up packets: exact and mean rates, mixes of sizes, flows, real
 * headers, the closed loop, and what is refused. */
#include "tests/source_world.h"
#include "workloads/frame.h"

static struct bench run_one(sim_ps duration, const char *params) {
    struct bench b = bench_new(0, duration, 4096);
    ck_assert(bench_add(&b, "synthetic", "{%s}", params));
    bench_go(&b);
    return b;
}

/* Packet n is born when those before it are out at 3 Gb/s, to the picosecond. */
START_TEST(constant_rates_are_exact) {
    struct bench b = run_one(5000000000, "'rate': '3Gb/s', 'start': '5ns'");
    uint64_t bits = 0;
    ck_assert_uint_gt(b.probe->n, 4000);
    for (uint32_t i = 0; i < b.probe->n; i++) {
        ck_assert_int_eq(b.probe->log[i].birth, 5000 + (sim_ps)((bits * 1000 + 2) / 3));
        bits += 8 * (b.probe->log[i].bytes + 20);
    }
    bench_free(&b);
    b = run_one(1000000000, "'packet_rate': '7M/s', 'sizes': '9600', 'limit': 5000");
    ck_assert_uint_eq(b.probe->n, 5000);
    for (uint64_t i = 0; i < 5000; i++)
        ck_assert_int_eq(b.probe->log[i].birth, (sim_ps)((i * 1000000 + 6) / 7));
    bench_free(&b);
}
END_TEST

/* Chi-square of IMIX over 24,000 packets: 2 degrees of freedom, 13.8 is 0.1 %. */
START_TEST(imix_is_7_4_1) {
    struct bench b = run_one(SIM_PS_PER_S, "'packet_rate': '1M/s', 'limit': 24000");
    uint32_t n[3] = {0};
    for (uint32_t i = 0; i < b.probe->n; i++) {
        uint32_t bytes = b.probe->log[i].bytes;
        ck_assert(bytes == 64 || bytes == 594 || bytes == 1518);
        n[bytes == 64 ? 0 : bytes == 594 ? 1 : 2]++;
    }
    const int expected[3] = {14000, 8000, 2000};
    double chi = 0;
    for (int i = 0; i < 3; i++)
        chi += ((int)n[i] - expected[i]) * 1.0 * ((int)n[i] - expected[i]) / expected[i];
    ck_assert_msg(chi < 13.8, "chi-square %g", chi);
    bench_free(&b);
}
END_TEST

/* The mean gap of n Poisson births is within 4 / sqrt(n) of the stated one, and so is the
 * share of gaps above it, 1/e. */
START_TEST(poisson_has_its_rate) {
    struct bench b = run_one(SIM_PS_PER_S, "'arrivals': 'poisson', 'rate': '400Gb/s', "
                                           "'sizes': '64', 'limit': 60000");
    ck_assert_uint_eq(b.probe->n, 60000);
    sim_ps last = b.probe->log[59999].birth;
    ck_assert_int_gt(last, 60000 * 1680LL * 983 / 1000);
    ck_assert_int_lt(last, 60000 * 1680LL * 1017 / 1000);
    int above = 0;
    for (uint32_t i = 1; i < 60000; i++)
        above += b.probe->log[i].birth - b.probe->log[i - 1].birth > 1680;
    ck_assert_int_gt(above, 22073 - 480);
    ck_assert_int_lt(above, 22073 + 480);
    bench_free(&b);
}
END_TEST

/* Bursts back to back at the peak rate, of the stated mean length, at the stated mean rate. */
START_TEST(onoff_bursts) {
    struct bench b =
        run_one(SIM_PS_PER_S, "'arrivals': 'onoff', 'rate': '40Gb/s', 'peak': '400Gb/s', "
                              "'burst': 8, 'sizes': '980', 'limit': 64000");
    ck_assert_uint_eq(b.probe->n, 64000);
    int bursts = 1;
    for (uint32_t i = 1; i < b.probe->n; i++) {
        sim_ps gap = b.probe->log[i].birth - b.probe->log[i - 1].birth;
        ck_assert_int_ge(gap, 20000);
        bursts += gap > 20000;
    }
    /* bursts: 64000 coins of 1/8; their pauses are exponential */
    ck_assert_int_gt(bursts, 8000 - 4 * 84);
    ck_assert_int_lt(bursts, 8000 + 4 * 84);
    sim_ps mean = b.probe->log[63999].birth / 64000;
    ck_assert_int_gt(mean, 200000 * 94 / 100);
    ck_assert_int_lt(mean, 200000 * 106 / 100);
    bench_free(&b);
}
END_TEST

START_TEST(flows_uniform_and_in_turn) {
    struct bench b =
        run_one(SIM_PS_PER_S, "'packet_rate': '1M/s', 'limit': 20000, 'flows': 100");
    uint32_t n[100] = {0};
    for (uint32_t i = 0; i < b.probe->n; i++)
        n[b.probe->log[i].flow]++;
    for (uint32_t i = 0; i < 100; i++)
        ck_assert(n[i] > 130 && n[i] < 270); /* 200, five standard deviations */
    bench_free(&b);
    b = run_one(SIM_PS_PER_S, "'packet_rate': '1M/s', 'limit': 2000, 'flows': 7, "
                              "'flow_order': 'round-robin', 'sizes': '64'");
    for (uint32_t i = 0; i < b.probe->n; i++) {
        ck_assert_uint_eq(b.probe->log[i].flow, i % 7);
        ck_assert_uint_eq(b.probe->log[i].source_ip, 0xc6120000 + i % 7);
        ck_assert_uint_eq(b.probe->log[i].facts, 1);
        ck_assert_uint_eq(b.probe->log[i].payload, 64 - 46);
        ck_assert_uint_eq(b.probe->log[i].flags, 0);
    }
    bench_free(&b);
}
END_TEST

/* More flows than records: the same headers, other numbers and other hashes. */
START_TEST(flows_beyond_the_table) {
    struct bench b = run_one(SIM_PS_PER_S, "'packet_rate': '1G/s', 'limit': 65536, "
                                           "'flows': 131072, 'flow_order': 'round-robin', "
                                           "'sizes': '64:1,65:1,66:1,67:1'");
    uint32_t same = 0;
    for (uint32_t i = 0; i + 16384 < b.probe->n; i++) {
        const struct seen *s = &b.probe->log[i], *t = &b.probe->log[i + 16384];
        ck_assert_uint_eq(s->flow, i);
        ck_assert_uint_eq(s->source_ip, t->source_ip);
        same += s->hash == t->hash;
    }
    ck_assert_uint_eq(same, 0);
    bench_free(&b);
}
END_TEST

/* ---------------------------------------------------------------- headers */

static void check_frame(bool tcp, bool ipv6, uint32_t bytes) {
    struct work_frame_kind kind = {.tcp = tcp, .ipv6 = ipv6};
    struct packet p, q;
    work_frame_parse(kind, 1234, bytes, &p);
    work_frame_parse(kind, 1235, bytes, &q);
    const struct packet_head *h = &p.head[0];
    ck_assert_uint_eq(p.heads, 1);
    ck_assert_uint_eq(p.frame_bytes, bytes);
    ck_assert_uint_eq(p.tunnel, PACKET_TUNNEL_NONE);
    ck_assert_uint_eq(h->version, ipv6 ? 6 : 4);
    ck_assert_uint_eq(h->l4, tcp ? PACKET_L4_TCP : PACKET_L4_UDP);
    ck_assert_uint_eq(h->flags, 0);
    ck_assert_uint_eq(h->tcp_flags, tcp ? 0x10 : 0);
    ck_assert_uint_eq(h->payload, bytes - 18 - (ipv6 ? 40 : 20) - (tcp ? 20 : 8));
    ck_assert_uint_eq(h->rss, packet_rss(packet_rss_key, h));
    ck_assert_uint_ne(h->rss, q.head[0].rss);
    uint8_t one[40], two[40];
    packet_tuple(h, false, one);
    packet_tuple(&q.head[0], false, two);
    ck_assert_int_ne(memcmp(one, two, 38), 0);
}

START_TEST(real_headers) {
    for (int i = 0; i < 4; i++) {
        struct work_frame_kind kind = {.tcp = i & 1, .ipv6 = i & 2};
        uint32_t least = work_frame_least(kind);
        ck_assert_uint_eq(least, i < 2 ? 64 : i == 2 ? 66 : 78);
        check_frame(kind.tcp, kind.ipv6, least);
        check_frame(kind.tcp, kind.ipv6, 1518);
        check_frame(kind.tcp, kind.ipv6, 10240);
    }
}
END_TEST

START_TEST(lists_of_sizes) {
    static const struct {
        const char *text, *wrong; /* NULL: fine */
    } cases[] = {{"imix", NULL},
                 {"64", NULL},
                 {"64:1000000,10240", NULL},
                 {"", "is not a list"},
                 {"64,", "is not a list"},
                 {"64:", "is not a list"},
                 {"64 ", "is not a list"},
                 {"IMIX", "\"IMIX\" is not a list"},
                 {"-64", "is not a list"},
                 {"63", "out of bounds"},
                 {"10241", "out of bounds"},
                 {"99999999999999999999999", "is too large"},
                 {"64:99999999999999999999999", "is too large"},
                 {"64:0", "a weight of 0"},
                 {"64:1000001", "out of bounds"},
                 {"64,64,64,64,64,64,64,64,64,64,64,64,64,64,64,64,64", "more than 16"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct work_sizes sizes;
        struct sim_err err = {0};
        bool ok = work_sizes_read(&sizes, cases[i].text, 64, &err);
        ck_assert_msg(ok == (cases[i].wrong == NULL), "%s: %s", cases[i].text, err.text);
        ck_assert_msg(ok || strstr(err.text, cases[i].wrong), "%s: %s", cases[i].text,
                      err.text);
    }
}
END_TEST

/* ---------------------------------------------------------------- the closed loop */

/* A server of 100 ps, think 1 ns: with 4 outstanding each goes round in 1 + 1 + 100 + 1000. */
START_TEST(closed_loop_goes_round) {
    struct bench b = bench_new(0, 1000000, 64);
    ck_assert(bench_add(&b, "synthetic", "{'outstanding': 4, 'think': '1ns', 'sizes': '64'}"));
    b.probe->occupancy = 100;
    ck_assert(bench_build(&b, true));
    bench_run(&b);
    bench_audit(&b);
    ck_assert_uint_gt(b.probe->n, 3000);
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_int_eq(b.probe->log[i].birth, 0);
    for (uint32_t i = 4; i < b.probe->n; i++) {
        const struct seen *s = &b.probe->log[i], *before = &b.probe->log[i - 4];
        sim_ps round = s->birth - before->at;
        ck_assert_int_ge(round, 1100);
        ck_assert_int_le(round, 1102);
    }
    const struct sim_stream *st = b.source[0]->stream;
    ck_assert_uint_le(st->born - st->delivered.items, 4);
    bench_free(&b);
}
END_TEST

/* Where every request is dropped, each place is used once a time-out, not again and again. */
START_TEST(dropped_requests_time_out) {
    struct bench b = bench_new(0, 100000000, 64);
    ck_assert(
        bench_add(&b, "synthetic", "{'outstanding': 4, 'timeout': '1us', 'sizes': '64'}"));
    b.probe->occupancy = 100;
    ck_assert(bench_build(&b, true));
    for (uint32_t i = 0; i < b.w->steps; i++)
        if (b.w->step[i].hop[0].kind == SIM_HOP_REPLY)
            b.w->step[i].hop[0] = (struct sim_hop){
                .kind = SIM_HOP_DROP, .cause = sim_cause_add(b.w, b.w->step[i].comp, "lost")};
    bench_run(&b);
    bench_audit(&b);
    const struct sim_stream *st = b.source[0]->stream;
    ck_assert_uint_eq(st->delivered.items, 0);
    ck_assert_uint_ge(st->dropped.items, 4 * 98); /* 100 us, a microsecond and a bit a round */
    ck_assert_uint_le(st->dropped.items, 4 * 100);
    bench_free(&b);
}
END_TEST

static void refused(const char *params, const char *path, const char *text) {
    char json[512];
    snprintf(json, sizeof json, "{%s}", params);
    bench_refused("synthetic", json, path, text);
}

START_TEST(refusals) {
    refused("", "/streams/s/rate", "required");
    refused("'rate': '1Gb/s', 'packet_rate': 5", "/streams/s/packet_rate", "one of the two");
    refused("'outstanding': 5, 'packet_rate': 5", "/streams/s/packet_rate", "no effect");
    refused("'outstanding': 5, 'arrivals': 'poisson'", "/streams/s/arrivals", "no effect");
    refused("'rate': '1Gb/s', 'think': '5ns'", "/streams/s/think", "no effect");
    refused("'rate': '1Gb/s', 'burst': 5", "/streams/s/burst", "no effect");
    refused("'rate': '1Gb/s', 'peak': '5Gb/s'", "/streams/s/peak", "no effect");
    refused("'rate': '1Gb/s', 'arrivals': 'onoff', 'burst': 5", "/streams/s/peak", "required");
    refused("'rate': '1Gb/s', 'arrivals': 'onoff', 'peak': '5Gb/s'", "/streams/s/burst",
            "required");
    refused("'rate': '5Gb/s', 'arrivals': 'onoff', 'peak': '5Gb/s', 'burst': 3",
            "/streams/s/peak", "not above");
    refused("'rate': '1b/s', 'arrivals': 'poisson'", "/streams/s/rate", "1000 s apart");
    refused("'rate': '1Gb/s', 'sizes': '64', 'version': 6", "/streams/s/sizes", "66 to 10240");
    refused("'rate': '1Gb/s', 'sizes': 'big'", "/streams/s/sizes", "is not a list of sizes");
    refused("'rate': '1Gb/s', 'class': 4", "/streams/s/class", "above the maximum");
}
END_TEST

TEST_MAIN("synthetic traffic", constant_rates_are_exact, imix_is_7_4_1, poisson_has_its_rate,
          onoff_bursts, flows_uniform_and_in_turn, flows_beyond_the_table, real_headers,
          lists_of_sizes, closed_loop_goes_round, dropped_requests_time_out, refusals)
