/* test_source_pcap.c - replay of captures: exact times at every pace, loops, flows, what is
 * refused and where, the same packets from a table and from the file. */
#include "tests/source_world.h"

static char name[32];

/* Six packets of three flows over 1 us, sizes differing; the third is 50 ns too old. */
static void six_packets(void) {
    static const int64_t at[] = {0, 100, 50, 400, 700, 1000};
    FILE *f = capture_new(name);
    for (uint32_t i = 0; i < 6; i++)
        capture_add(f, 5000000000 + at[i], i % 3, 60 + 100 * i);
    fclose(f);
}

static const sim_ps own_times[] = {0, 100000, 100000, 400000, 700000, 1000000};

static struct bench run_one(sim_ps duration, const char *params) {
    struct bench b = bench_new(0, duration, 1024);
    ck_assert(bench_add(&b, "pcap", "{'file': '%s'%s}", name, params));
    bench_go(&b);
    return b;
}

static int64_t stat(const struct bench *b, const char *key) {
    const struct sim_comp *c = &b->source[0]->base;
    for (const struct sim_field *row = c->model->stats; row->name; row++)
        if (strcmp(row->name, key) == 0)
            return sim_field_int(row, c);
    ck_abort_msg("no statistic %s", key);
}

START_TEST(own_pace) {
    six_packets();
    struct bench b = run_one(10000000, ", 'start': '2ns', 'class': 2");
    ck_assert_uint_eq(b.probe->n, 6);
    for (uint32_t i = 0; i < 6; i++) {
        const struct seen *s = &b.probe->log[i];
        ck_assert_int_eq(s->birth, 2000 + own_times[i]);
        ck_assert_int_eq(s->at, s->birth + 1);
        ck_assert_uint_eq(s->bytes, 64 + 100 * i);
        ck_assert_uint_eq(s->frame, s->bytes);
        ck_assert_uint_eq(s->payload, 60 + 100 * i - 42);
        ck_assert_uint_eq(s->flow, i % 3);
        ck_assert_uint_eq(s->source_ip, 0x0a000000 + i % 3);
        ck_assert_uint_eq(s->facts, 1);
        ck_assert_uint_eq(s->cls, 2);
        ck_assert_uint_ne(s->hash, 0);
    }
    ck_assert_int_eq(stat(&b, "records"), 6);
    ck_assert_int_eq(stat(&b, "captured_flows"), 3);
    ck_assert_int_eq(stat(&b, "backwards"), 1);
    ck_assert_int_eq(stat(&b, "lagged"), 0);
    ck_assert_int_eq(stat(&b, "passes"), 1);
    ck_assert_uint_eq(b.source[0]->stream->offered.items, 6);
    ck_assert_uint_eq(b.source[0]->stream->goodput_bytes, 6 * 18 + 1500);
    bench_free(&b);
    unlink(name);
}
END_TEST

/* pcapng, little-endian: a packet without a time, a vendor's block, packets at 20 s and 20 s +
 * 5 us. The first goes with the first that has a time; the vendor's block is no packet. */
START_TEST(what_has_no_time_waits_for_one_that_has) {
    static const uint32_t words[] = {
        0x0a0d0d0a, 28, 0x1a2b3c4d, 1, UINT32_MAX, UINT32_MAX, 28, /* section */
        1,          20, 1,          0, 20, /* interface: Ethernet, microseconds */
        3,          20, 60,         0, 20, /* simple packet of 60 bytes, 4 of them there */
        0xbad,      20, 32473,      7, 20, /* custom block */
        6,          36, 0,          0, 20000000,   4,          60, 0, 36, /* enhanced packets */
        6,          36, 0,          0, 20000005,   4,          60, 0, 36};
    snprintf(name, sizeof name, "/tmp/dpusim_capture_XXXXXX");
    FILE *f = fdopen(mkstemp(name), "wb");
    ck_assert_uint_eq(fwrite(words, sizeof words, 1, f), 1);
    fclose(f);
    struct bench b = run_one(10000000, "");
    ck_assert_uint_eq(b.probe->n, 3);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_int_eq(b.probe->log[i].birth, i == 2 ? 5000000 : 0);
    ck_assert_int_eq(stat(&b, "records"), 3);
    ck_assert_int_eq(stat(&b, "not_packets"), 1);
    bench_free(&b);
    unlink(name);
}
END_TEST

START_TEST(faster_and_slower) {
    six_packets();
    struct bench b = run_one(10000000, ", 'speed': 3");
    for (uint32_t i = 0; i < 6; i++)
        ck_assert_int_eq(b.probe->log[i].birth, (own_times[i] + 2) / 3);
    bench_free(&b);
    b = run_one(10000000, ", 'speed': 0.25, 'limit': 5");
    ck_assert_uint_eq(b.probe->n, 5);
    for (uint32_t i = 0; i < 5; i++)
        ck_assert_int_eq(b.probe->log[i].birth, own_times[i] * 4);
    bench_free(&b);
    unlink(name);
}
END_TEST

/* Births are the exact rational times rounded up, over many loops. */
START_TEST(stated_rates_are_exact) {
    six_packets();
    struct bench b = run_one(200000000, ", 'rate': '7Gb/s', 'loop': {'flows': 'same'}");
    uint64_t bits = 0;
    ck_assert_uint_gt(b.probe->n, 400);
    for (uint32_t i = 0; i < b.probe->n; i++) {
        ck_assert_int_eq(b.probe->log[i].birth, (sim_ps)((bits * 1000 + 6) / 7));
        ck_assert_uint_eq(b.probe->log[i].flow, i % 3);
        bits += 8 * (b.probe->log[i].bytes + 20);
    }
    bench_free(&b);
    b = run_one(200000000, ", 'packet_rate': '7M/s', 'loop': {'flows': 'same', 'times': 50}");
    ck_assert_uint_eq(b.probe->n, 300);
    for (uint64_t i = 0; i < b.probe->n; i++)
        ck_assert_int_eq(b.probe->log[i].birth, (sim_ps)((i * 1000000 + 6) / 7));
    ck_assert_int_eq(stat(&b, "passes"), 50);
    bench_free(&b);
    unlink(name);
}
END_TEST

/* The gap from the last packet to the first is the mean gap: 200 ns. */
START_TEST(own_pace_looped) {
    six_packets();
    struct bench b = run_one(100000000, ", 'loop': {'times': 4}");
    ck_assert_uint_eq(b.probe->n, 24);
    for (uint32_t i = 0; i < 24; i++)
        ck_assert_int_eq(b.probe->log[i].birth, own_times[i % 6] + i / 6 * 1200000);
    ck_assert_int_eq(stat(&b, "backwards"), 1);
    bench_free(&b);
    unlink(name);
}
END_TEST

static const char renewed[] = ", 'rate': '400Gb/s', 'loop': {'flows': 'renumber', "
                              "'concurrent_flows': 10, 'new_flows_per_s': 1000000}";

/* A table and the file itself, read pass after pass, give the same packets. */
START_TEST(table_and_file_agree) {
    six_packets();
    char read[256];
    snprintf(read, sizeof read, "%s, 'table_records': 5", renewed);
    struct bench a = run_one(20000000, renewed), b = run_one(20000000, read);
    ck_assert_uint_gt(a.probe->n, 1000);
    ck_assert_uint_eq(a.probe->n, b.probe->n);
    ck_assert_int_eq(memcmp(a.probe->log, b.probe->log, a.probe->n * sizeof *a.probe->log), 0);
    ck_assert_uint_eq(sim_world_digest(a.w), sim_world_digest(b.w));
    ck_assert_int_eq(stat(&b, "records"), 6);
    bench_free(&a);
    bench_free(&b);
    unlink(name);
}
END_TEST

/* Three copies of three flows, one new one a microsecond; the hash is that of the changed
 * address. */
START_TEST(renewed_flows) {
    six_packets();
    struct bench b = run_one(20000000, renewed);
    uint32_t seen[64] = {0}, old = 0, fresh = 0, ending = 0;
    for (uint32_t i = 0; i < b.probe->n; i++) {
        const struct seen *s = &b.probe->log[i];
        uint32_t captured = i % 3, mask = (s->flow - captured) * 0x9e3779b1U;
        ck_assert_uint_lt(s->flow, 36);
        ck_assert_uint_eq(s->flow % 3, captured);
        ck_assert_uint_eq((s->flags & SIM_MSG_OLD) != 0, s->flow < 9);
        ending += (s->flags & (SIM_MSG_OLD | SIM_MSG_AGAIN)) == SIM_MSG_OLD;
        struct packet_head head = {
            .version = 4, .l4 = PACKET_L4_UDP, .dst = {10, 1}, .sport = 256, .dport = 512};
        uint32_t ip = s->source_ip ^ mask;
        for (int k = 0; k < 4; k++)
            head.src[k] = (uint8_t)(ip >> (24 - 8 * k));
        ck_assert_uint_eq(s->hash, packet_rss(packet_rss_key, &head));
        old += (s->flags & SIM_MSG_OLD) != 0;
        fresh += s->flow >= 9 && seen[s->flow] == 0;
        seen[s->flow]++;
    }
    ck_assert_uint_ge(fresh, 18);
    ck_assert_uint_ge(ending, 9); /* each of the old ones shows its end once */
    ck_assert_uint_le(fresh, 22);
    ck_assert_uint_gt(old, 0);
    bench_free(&b);
    unlink(name);
}
END_TEST

/* `packets` in tunnels: of so many outer and so many inner flows, in turn. */
static void tunnels(uint32_t packets, uint32_t outer, uint32_t inner) {
    FILE *f = capture_new(name);
    for (uint32_t i = 0; i < packets; i++)
        capture_add_tunnel(f, i * 1000, i % outer, i % inner);
    fclose(f);
}

/* Inner flows are numbered like outer ones; a plain packet between them has none. */
START_TEST(flows_in_tunnels) {
    tunnels(60, 2, 15);
    FILE *f = fopen(name, "ab");
    capture_add(f, 99000, 77, 100);
    fclose(f);
    struct bench b = run_one(200000000, "");
    ck_assert_uint_eq(b.probe->n, 61);
    for (uint32_t i = 0; i < 60; i++) {
        ck_assert_uint_eq(b.probe->log[i].flow, i % 2);
        ck_assert_uint_eq(b.probe->log[i].inner_flow, i % 15);
        ck_assert_uint_eq(b.probe->log[i].payload, 100); /* of the packet inside */
    }
    ck_assert_uint_eq(b.probe->log[60].flow, 2);
    ck_assert_uint_eq(b.probe->log[60].inner_flow, 0);
    ck_assert_int_eq(stat(&b, "captured_flows"), 3);
    bench_free(&b);
    unlink(name);
}
END_TEST

/* Every renewal of an outer flow brings inner flows of its own: as different as the captured
 * ones, and those of one turn, instance / captured flows, together. From the file too. */
static void renewed_inside(uint32_t outer, uint32_t inner, const char *table) {
    enum { TURNS = 1000 };
    static uint32_t of[TURNS][64], taken[TURNS * 64 * 2];
    char params[256];
    snprintf(params, sizeof params,
             ", 'packet_rate': '100M/s', 'loop': {'flows': 'renumber', 'concurrent_flows': %u, "
             "'new_flows_per_s': 2000000}%s",
             4 * outer + 1, table);
    tunnels(outer * inner, outer, inner);
    memset(of, 0, sizeof of);
    memset(taken, 0, sizeof taken);
    struct bench b = run_one(100000000, params);
    ck_assert_uint_gt(b.probe->n, 5000);
    for (uint32_t i = 0; i < b.probe->n; i++) {
        const struct seen *s = &b.probe->log[i];
        uint32_t turn = s->flow / outer, *number = &of[turn][s->inner_ip];
        ck_assert_uint_lt(turn, TURNS);
        ck_assert_uint_lt(s->inner_flow, sizeof taken / sizeof *taken);
        if (*number == 0) { /* its first packet: nobody else's number */
            ck_assert_uint_eq(taken[s->inner_flow]++, 0);
            *number = 1 + s->inner_flow;
        }
        ck_assert_uint_eq(*number, 1 + s->inner_flow);
    }
    bench_free(&b);
    unlink(name);
}

START_TEST(renewed_flows_in_tunnels) {
    renewed_inside(1, 50, "");
    renewed_inside(2, 25, ", 'table_records': 5");
    renewed_inside(7, 5, "");
    renewed_inside(50, 1, ", 'table_records': 5");
}
END_TEST

/* A pass of 1.2 us has three flows, so that 2.5 million a second can begin at most: of 2.49 all
 * are seen. */
START_TEST(as_many_new_flows_as_passes) {
    six_packets();
    struct bench b = run_one(1000000000, ", 'loop': {'flows': 'renumber', "
                                         "'concurrent_flows': 3, 'new_flows_per_s': 2490000}");
    static bool seen[4000];
    uint32_t n = 0;
    for (uint32_t i = 0; i < b.probe->n; i++) {
        uint32_t flow = b.probe->log[i].flow;
        ck_assert_uint_lt(flow, 2496);
        n += !seen[flow];
        seen[flow] = true;
    }
    ck_assert_uint_gt(n, 2485);
    bench_free(&b);
    unlink(name);
}
END_TEST

/* ---------------------------------------------------------------- refusals */

static void refused(const char *params, const char *path, const char *text) {
    char json[512];
    snprintf(json, sizeof json, "{'file': '%s'%s}", name, params);
    bench_refused("pcap", json, path, text);
}

START_TEST(two_paces_and_idle_keys) {
    six_packets();
    refused(", 'rate': '1Gb/s', 'packet_rate': 5", "/streams/s/packet_rate", "one of the two");
    refused(", 'rate': '1Gb/s', 'speed': 2", "/streams/s/speed", "beside \"rate\"");
    refused(", 'table_records': 7", "/streams/s/table_records", "without \"loop\"");
    refused(", 'loop': {'flows': 'same', 'concurrent_flows': 7}",
            "/streams/s/loop/concurrent_flows", "no effect");
    refused(", 'loop': {'new_flows_per_s': 7}", "/streams/s/loop/new_flows_per_s", "no effect");
    refused(", 'loop': {'flow': 'same'}", "/streams/s/loop/flow", "did you mean \"flows\"");
    refused(", 'loop': {'flows': 'other'}", "/streams/s/loop/flows", "\"other\" is not known");
    refused(", 'loop': 7", "/streams/s/loop", "is not an object");
    unlink(name);
}
END_TEST

START_TEST(loops_that_cannot_be) {
    six_packets();
    refused(", 'speed': 2, 'loop': {}", "/streams/s/loop/flows", "faster than its own pace");
    refused(", 'rate': '400Gb/s', 'loop': {}", "/streams/s/loop/flows", "required");
    refused(", 'loop': {'flows': 'renumber'}", "/streams/s/loop/concurrent_flows",
            "must be 1 or more");
    refused(", 'loop': {'flows': 'renumber', 'concurrent_flows': 2}",
            "/streams/s/loop/concurrent_flows", "below the 3 flows");
    refused(", 'loop': {'flows': 'renumber', 'concurrent_flows': 5, 'new_flows_per_s': '9M/s'}",
            "/streams/s/loop/new_flows_per_s", "9000000 is above the 2500000 a second");
    unlink(name);
    FILE *f = capture_new(name);
    fclose(f);
    refused("", "", "holds no packets");
    refused(", 'loop': {}", "", "holds no packets");
    f = fopen(name, "ab");
    capture_add(f, 0, 1, 60);
    fclose(f);
    refused(", 'loop': {}", "/streams/s/loop", "all have one time");
    unlink(name);
    refused("", "", "");
}
END_TEST

/* A renewed loop of the capture at its own pace, with these two numbers. */
static const char *renewal(int64_t concurrent, int64_t per_s) {
    static char params[128];
    snprintf(params, sizeof params,
             ", 'loop': {'flows': 'renumber', 'concurrent_flows': %lld, 'new_flows_per_s': "
             "%lld}",
             (long long)concurrent, (long long)per_s);
    return params;
}

static void accepted(const char *params) {
    struct bench b = run_one(1000000, params);
    ck_assert_uint_gt(b.probe->n, 0);
    bench_free(&b);
}

/* Each outer flow has `inner` numbers and one more to itself, of 2^32 - 1 that there are, but
 * for those of two turns of all flows; and
 * outer flows alone begin anew: once in a pass of `packets` us. */
static void renewal_limits(uint32_t packets, uint32_t outer, uint32_t inner) {
    char most[64];
    uint32_t apart = (inner + outer - 1) / outer, limit = UINT32_MAX / (apart + 1);
    uint32_t turns = UINT32_MAX / apart - 2 * outer;
    limit = turns < limit ? turns : limit;
    uint32_t per_s = outer * 1000000 / packets;
    tunnels(packets, outer, inner);
    accepted(renewal(limit, per_s));
    snprintf(most, sizeof most, "too many to tell apart; use %u at most", limit);
    refused(renewal(limit + 1, per_s), "/streams/s/loop/concurrent_flows", most);
    snprintf(most, sizeof most, "%u is above the %u a second", per_s + 1, per_s);
    refused(renewal(limit, per_s + 1), "/streams/s/loop/new_flows_per_s", most);
    unlink(name);
}

START_TEST(limits_of_flows_in_tunnels) {
    renewal_limits(50, 1, 50);
    renewal_limits(50, 2, 25); /* 13 apart: rounded up */
    renewal_limits(5000, 1, 5000);
    renewal_limits(65536, 1, 65536); /* so many that the two turns matter */
    six_packets();                   /* no tunnels: the parameter's own maximum */
    accepted(renewal(1 << 30, 0));
    refused(renewal((1 << 30) + 1, 0), "/streams/s/loop/concurrent_flows", "1073741824");
    unlink(name);
}
END_TEST

static void cut_last_packet(void) {
    six_packets();
    FILE *f = fopen(name, "rb");
    fseek(f, 0, SEEK_END);
    ck_assert_int_eq(truncate(name, ftell(f) - 7), 0);
    fclose(f);
}

/* Damage shows when it is reached; a looped capture is read before. */
START_TEST(damaged_captures) {
    cut_last_packet();
    refused(", 'loop': {}", "after packet 5, byte 1404", "skip_bad");
    struct bench b = bench_new(0, 10000000, 64);
    ck_assert(bench_add(&b, "pcap", "{'file': '%s'}", name));
    ck_assert(bench_build(&b, false));
    while (sim_world_run(b.w, b.w->end, UINT64_MAX))
        ;
    ck_assert(b.w->failed);
    ck_assert_uint_eq(b.source[0]->stream->born, 5);
    ck_assert_str_eq(b.w->err.source, name);
    bench_free(&b);
    b = run_one(10000000, ", 'skip_bad': true");
    ck_assert_uint_eq(b.probe->n, 5);
    ck_assert_int_eq(stat(&b, "damaged"), 1);
    bench_free(&b);
    b = run_one(10000000, ", 'skip_bad': true, 'loop': {'times': 2}");
    ck_assert_uint_eq(b.probe->n, 10);
    bench_free(&b);
    unlink(name);
}
END_TEST

/* Before its first packet, too; then there is nothing that "skip_bad" could save. */
START_TEST(damaged_before_the_first_packet) {
    six_packets();
    ck_assert_int_eq(truncate(name, 24 + 16 + 7), 0);
    for (int loop = 0; loop < 2; loop++) {
        struct bench b = bench_new(0, 1000000, 64);
        bool built =
            bench_add(&b, "pcap", "{'file': '%s'%s}", name, loop ? ", 'loop': {}" : "");
        ck_assert(!built || !bench_build(&b, false));
        ck_assert_str_eq(b.err.path, "after packet 0, byte 24");
        ck_assert_ptr_null(strstr(b.err.text, "skip_bad"));
        ck_assert_ptr_null(strstr(b.err.text, "can be used"));
        bench_free(&b);
    }
    refused(", 'skip_bad': true", "", "holds no packets before its damage");
    unlink(name);
}
END_TEST

START_TEST(registered) {
    ck_assert_ptr_eq(work_find("block"), work_table[0]);
    ck_assert_ptr_null(work_find("pcapng"));
    for (size_t i = 0; work_table[i]; i++)
        json_decref(sim_fields_schema(work_table[i]->params));
}
END_TEST

TEST_MAIN("replay of captures", own_pace, what_has_no_time_waits_for_one_that_has,
          faster_and_slower, stated_rates_are_exact, own_pace_looped, table_and_file_agree,
          renewed_flows, flows_in_tunnels, renewed_flows_in_tunnels,
          as_many_new_flows_as_passes, two_paces_and_idle_keys, loops_that_cannot_be,
          limits_of_flows_in_tunnels, damaged_captures, damaged_before_the_first_packet,
          registered)
