/* test_trace.c - facts of a capture written here, and the counting of flows. */
#include "tests/check_main.h"
#include "workloads/flowset.h"
#include "workloads/trace.h"
#include <math.h>
#include <string.h>

static char name[64];

static void put32(FILE *f, uint32_t v) { fwrite(&v, 4, 1, f); }

/* One UDP datagram per record; source ports and times as given. */
static void record(FILE *f, uint32_t sec, uint8_t from, uint8_t to, uint32_t captured) {
    uint8_t frame[60] = {
        [12] = 0x08, [14] = 0x45, [17] = 46, [23] = 17, [26] = from, [30] = to};
    frame[35] = from;
    frame[37] = to;
    put32(f, sec);
    put32(f, 0);
    put32(f, captured);
    put32(f, sizeof frame);
    fwrite(frame, 1, captured, f);
}

static FILE *start(void) {
    snprintf(name, sizeof name, "/tmp/dpusim_trace_XXXXXX");
    FILE *f = fdopen(mkstemp(name), "wb");
    static const uint32_t header[] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1};
    fwrite(header, sizeof header, 1, f);
    return f;
}

START_TEST(counts_and_damage) {
    FILE *f = start();
    record(f, 10, 1, 2, 60);
    record(f, 12, 2, 1, 60);
    record(f, 11, 1, 2, 60);
    record(f, 13, 1, 3, 36); /* its ports are cut: a flow unknown */
    record(f, 14, 1, 3, 14);
    fwrite("\0\0\0", 3, 1, f);
    fclose(f);
    struct work_trace_facts facts;
    struct sim_err err = {0};
    ck_assert(work_trace_read(name, &facts, NULL, NULL, &err));
    ck_assert_uint_eq(facts.packets, 5);
    ck_assert_uint_eq(facts.bytes_wire, 300);
    ck_assert_uint_eq(facts.bytes_captured, 230);
    ck_assert_uint_eq(facts.ipv4, 5);
    ck_assert_uint_eq(facts.udp, 4);
    ck_assert_uint_eq(facts.other_l4, 1);
    ck_assert_uint_eq(facts.cut, 2);
    ck_assert_uint_eq(facts.flows_unidirectional, 2);
    ck_assert_uint_eq(facts.flows_bidirectional, 1);
    ck_assert(facts.flows_exact);
    ck_assert_uint_eq(facts.backwards, 1);
    ck_assert_int_eq(facts.first_ts_ns, 10000000000);
    ck_assert_int_eq(facts.last_ts_ns, 14000000000);
    ck_assert_str_eq(facts.link_type, "Ethernet");
    ck_assert(facts.damaged);
    ck_assert_str_eq(facts.damage,
                     "after packet 5, byte 334: truncated dump file; tried to read "
                     "16 header bytes, only got 3; what comes before can be used");
    unlink(name);
}
END_TEST

static bool stop(void *ctx, uint64_t packets, uint64_t bytes) {
    (void)bytes;
    *(uint64_t *)ctx = packets;
    return false;
}

START_TEST(progress_may_stop) {
    FILE *f = start();
    for (int i = 0; i < 1100000; i++)
        record(f, 1, 1, 2, 14);
    fclose(f);
    struct work_trace_facts facts;
    struct sim_err err = {0};
    uint64_t seen = 0;
    ck_assert(work_trace_read(name, &facts, stop, &seen, &err));
    ck_assert_uint_eq(seen, 1 << 20);
    ck_assert_uint_eq(facts.packets, 1 << 20);
    ck_assert(!facts.damaged);
    unlink(name);
}
END_TEST

static void flow(struct packet_head *h, uint32_t n) {
    memcpy(h->src, &n, 4);
    h->sport = (uint16_t)n;
}

/* n different flows, each twice in one direction and, of every second one, once in the other.
 */
static struct work_flow_counts count(uint32_t n, uint8_t version) {
    struct work_flowset *set = work_flowset_new();
    struct packet_head h = {.version = version, .proto = 6, .dport = 80, .dst = {1, 2, 3, 4}};
    for (uint32_t i = 0; i < 2 * n; i++) {
        flow(&h, i % n);
        work_flowset_add(set, &h);
        struct packet_head back = {
            .version = version, .proto = 6, .sport = 80, .dport = h.sport};
        memcpy(back.src, h.dst, 16);
        memcpy(back.dst, h.src, 16);
        if (i % 2)
            work_flowset_add(set, &back);
    }
    struct work_flow_counts counts = work_flowset_count(set);
    work_flowset_free(set);
    return counts;
}

START_TEST(flows_exactly) {
    for (uint8_t version = 4; version <= 6; version += 2) {
        struct work_flow_counts n = count(100000, version);
        ck_assert(n.exact);
        ck_assert_uint_eq(n.unidirectional, 150000);
        ck_assert_uint_eq(n.bidirectional, 100000);
    }
}
END_TEST

START_TEST(flows_by_estimate) {
    struct work_flow_counts n = count(2000000, 4);
    ck_assert(!n.exact);
    ck_assert_double_eq_tol(n.error, 0.0041, 0.0001);
    ck_assert_double_le(fabs((double)n.unidirectional / 3e6 - 1), 3 * n.error);
    ck_assert_double_le(fabs((double)n.bidirectional / 2e6 - 1), 3 * n.error);
}
END_TEST

TEST_MAIN("trace", counts_and_damage, progress_may_stop, flows_exactly, flows_by_estimate)
