/* test_train_host.c - what a host makes of frames that follow: GRO and TSO, and functions with
 * queues of their own. */
#include "tests/unit/tcp_frames.h"

extern const struct sim_model model_host, model_nic;

static void two_connections(struct sim_msg *m, uint64_t number) {
    m->flow = (uint32_t)number % 2;
    m->body = m->flow ? &pushed : &full;
}

#define BURSTS "\"queues\": 1, \"batch\": 64, \"batch_cycles\": 1"
#define GRO    "{" BURSTS ", \"gro_bytes\": \"64KiB\"}"
#define TSO    "{\"queues\": 1, \"tso\": \"plain\"}"

typedef void vary_fn(struct sim_msg *m, uint64_t number);

/* A host to which so many frames come, made different. */
static struct sim_comp *host_behind(struct bench *b, uint64_t n, sim_ps gap, vary_fn *vary,
                                    const char *params) {
    *b = bench_new(n, gap, FRAME);
    probe_add(b, "in")->vary = vary;
    return bench_block(b, &model_host, "host", params);
}

/* How many of them a host joins to others: of one burst, or written by an application. */
static int64_t joins(uint64_t n, sim_ps gap, vary_fn *vary, bool write) {
    struct bench b;
    struct sim_comp *host = host_behind(&b, n, gap, vary, write ? TSO : GRO);
    bench_visit(&b, host, write ? "write" : "rx", NULL);
    bench_run(&b);
    int64_t joined = stat_of(host, write ? "segmented" : "gathered");
    bench_free(&b);
    return joined;
}

/* 64 frames at once on a core that takes them in a burst: rx 83 cycles each; what comes behind
 * is paid once a train of four. */
START_TEST(gro_gathers_a_burst) {
    make_frames();
    struct bench b;
    struct sim_comp *host = host_behind(&b, 64, 0, by_four, GRO);
    bench_visit(&b, host, "rx", NULL);
    bench_visit(&b, host, "app", "{\"cycles\": 1000}");
    struct probe *out = probe_add(&b, "out");
    bench_run(&b);
    ck_assert_int_eq(stat_of(host, "gathered"), 48);
    ck_assert_uint_eq(out->saw[0].bytes, FRAME);
    ck_assert_uint_eq(out->saw[1].bytes, FRAME - HEADERS);
    const struct sim_step_stat *rx = b.feed->stream->step[2], *app = b.feed->stream->step[3];
    const struct sim_clock *clock = &host->port[0]->clock;
    ck_assert_uint_eq(sim_clock_cycles(clock, (sim_ps)rx->demand_ps + 64), 64 * 83 + 1);
    uint64_t cycles = sim_clock_cycles(clock, (sim_ps)app->demand_ps + 64);
    ck_assert_uint_gt(cycles, 16 * 1000); /* and a cycle a burst */
    ck_assert_uint_le(cycles, 16 * 1000 + 64);
    bench_free(&b);
}
END_TEST

/* From the application to the wire: a segment is one descriptor, and the frames that leave are
 * what came in. */
START_TEST(tso_costs_once_a_segment) {
    make_frames();
    struct bench b;
    struct sim_comp *host = host_behind(&b, 64, 0, by_four, TSO);
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{}");
    bench_visit(&b, host, "write", NULL);
    bench_visit(&b, host, "tx", NULL);
    bench_visit(&b, nic, "send", NULL);
    struct probe *out = probe_add(&b, "out");
    bench_run(&b);
    for (uint64_t i = 0; i < 64; i++) {
        ck_assert_uint_eq(out->saw[i].bytes, FRAME);
        ck_assert_uint_eq(out->saw[i].wrap, 0);
    }
    ck_assert_int_eq(stat_of(host, "segmented"), 48);
    ck_assert_int_eq(stat_of(nic, "segmented"), 48);
    const struct sim_clock *clock = &host->port[0]->clock;
    const struct sim_step_stat *write = b.feed->stream->step[2], *tx = b.feed->stream->step[3];
    ck_assert_uint_eq(sim_clock_cycles(clock, (sim_ps)write->demand_ps + 16), 16 * 750);
    ck_assert_uint_eq(sim_clock_cycles(clock, (sim_ps)tx->demand_ps + 16), 16 * 83);
    bench_free(&b);
}
END_TEST

/* What the host joins of a capture: as one burst, and as one write. */
static void host_joins(const char *order, int64_t gathered, int64_t segmented) {
    capture(order, 1000);
    ck_assert_int_eq(joins(strlen(order), 0, as_captured, false), gathered);
    ck_assert_int_eq(joins(strlen(order), 0, as_captured, true), segmented);
}

/* A retransmission is a write of its own. */
START_TEST(a_host_joins_what_follows) {
    host_joins("01234", 4, 4);
    host_joins("0134", 2, 2);
    host_joins("013245", 2, 2);
    host_joins("001", 1, 1);
    host_joins("3210", 0, 0);
    host_joins("0000", 0, 0);
    host_joins("01-23", 2, 2);
}
END_TEST

/* Nine connections of which eight have a train open; what can be in none takes no place. */
static void no_place_for_others(struct sim_msg *m, uint64_t number) {
    m->body = number % 9 == 8 ? &udp : &full;
    m->flow = (uint32_t)(number % 9);
}

START_TEST(what_may_not_does_not_end_others) {
    make_frames();
    ck_assert_int_eq(joins(63, 0, no_place_for_others, false), 8 * 6);
}
END_TEST

/* Bursts of 3, 3 and 2, that cost no cycles of their own: 83 cycles a frame. */
START_TEST(gro_needs_no_cycles_of_bursts) {
    capture("01234567", 0);
    struct bench b;
    struct sim_comp *host = host_behind(
        &b, 8, 0, as_captured, "{\"queues\": 1, \"batch\": 3, \"gro_bytes\": \"64KiB\"}");
    bench_visit(&b, host, "rx", NULL);
    bench_run(&b);
    const struct sim_step_stat *rx = b.feed->stream->step[2];
    ck_assert_int_eq(stat_of(host, "gathered"), 5);
    ck_assert_uint_eq(sim_clock_cycles(&host->port[0]->clock, (sim_ps)rx->demand_ps + 8),
                      8 * 83);
    bench_free(&b);
}
END_TEST

/* What GRO has gathered goes on as it is: nothing joins it by TSO, and it is not joined. */
START_TEST(a_train_is_passed_on) {
    capture("01234567", 0);
    struct bench b;
    struct sim_comp *host = host_behind(
        &b, 8, 0, as_captured, "{" BURSTS ", \"gro_bytes\": 5000, \"tso\": \"plain\"}");
    bench_visit(&b, host, "rx", NULL);
    bench_visit(&b, host, "write", NULL);
    bench_run(&b);
    ck_assert_int_eq(stat_of(host, "gathered"), 5); /* 3, 3 and 2 */
    ck_assert_int_eq(stat_of(host, "segmented"), 0);
    bench_free(&b);
}
END_TEST

/* Frames that come more than tso_gap apart are not written at once. */
START_TEST(segments_end_where_the_application_pauses) {
    make_frames();
    ck_assert_int_eq(joins(64, 9000 * NS, all_full, true), 62);
    ck_assert_int_eq(joins(64, 11000 * NS, all_full, true), 0);
}
END_TEST

/* Two connections in turn in one burst, one of which ends its train each time: its place is
 * used again, and the other goes on. */
START_TEST(gro_uses_a_place_again) {
    make_frames();
    ck_assert_int_eq(joins(64, 0, two_connections, false), 31);
}
END_TEST

/* ---------------------------------------------------------------- functions */

static void two_networks(struct sim_msg *m, uint64_t number) {
    static struct packet of[3];
    of[number % 3].vlan_id = (uint16_t)(10 * (number % 3));
    m->body = &of[number % 3];
    m->hash = (uint32_t)(number / 3);
}

/* Queue q of function f is f * queues + q; what no id stands for belongs to the last. */
START_TEST(functions_have_queues_of_their_own) {
    struct bench b = bench_new(300, 100 * NS, 64);
    probe_add(&b, "in")->vary = two_networks;
    probe_add(&b, "then"); /* the ring is asked before what comes in front of it serves */
    struct sim_comp *host = bench_block(&b, &model_host, "host",
                                        "{\"functions\": 2, \"queues\": 2, \"by\": \"vlan\", "
                                        "\"ids\": \"10,77\"}");
    bench_visit(&b, host, "rx", NULL);
    bench_visit(&b, host, "app", "{\"cycles\": 1}");
    bench_run(&b);
    const uint64_t want[] = {50, 50, 100, 100}; /* VLAN 10; 0 and 20 */
    for (int i = 0; i < 4; i++) {
        ck_assert_uint_eq(host->port[i]->left.items, want[i]);
        ck_assert_uint_eq(host->port[8 + i]->left.items, want[i]);
    }
    ck_assert_str_eq(host->port[3]->name, "rx3");
    bench_free(&b);
}
END_TEST

static void refused(const char *params, const char *path) {
    bench_refused(&model_host, params, path, "");
}

START_TEST(what_has_no_effect_is_refused) {
    refused("{\"ids\": \"1\"}", "/ids");
    refused("{\"by\": \"vlan\"}", "/ids");
    refused("{\"functions\": 2, \"by\": \"vlan\"}", "/ids");
    refused("{\"functions\": 2, \"ids\": \"1,2\"}", "/ids");
    refused("{\"functions\": 32, \"queues\": 16}", "/queues");
    refused("{\"gro_bytes\": 1000}", "/gro_bytes");
    refused("{\"batch\": 8}", "/batch");
}
END_TEST

TEST_MAIN("train host", gro_gathers_a_burst, tso_costs_once_a_segment,
          a_host_joins_what_follows, what_may_not_does_not_end_others,
          gro_needs_no_cycles_of_bursts, a_train_is_passed_on,
          segments_end_where_the_application_pauses, gro_uses_a_place_again,
          functions_have_queues_of_their_own, what_has_no_effect_is_refused)
