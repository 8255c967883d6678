/* test_conntrack.c - connection tracking: rates, delays and reads exact to the picosecond. */
#include "conntrack_bench.h"

/* ---------------------------------------------------------------- costs */

START_TEST(idle_latency_is_the_sum_of_its_parts) {
    set_packet(0, 0, PACKET_L4_UDP, 0);
    struct bench b = bench_new(1, 0, 100);
    struct sim_comp *ct = world(&b, "{\"fetch_latency\": \"300ns\"}", all_new_udp);
    run(&b, ct);
    /* probe, look-up with a read, insertion, sink: a picosecond before each */
    ck_assert_int_eq(b.sink->log_start[0], (50 + 300) * NS + 10 * US + 4);
    bench_free(&b);
}
END_TEST

START_TEST(insertions_keep_their_rate) {
    set_packet(0, 0, PACKET_L4_UDP, 0);
    struct bench b = bench_new(3000, 0, 100);
    struct sim_comp *ct = world(&b, "{\"cache_entries\": 0}", all_new_udp);
    run(&b, ct);
    check(ct, "made", 3000);
    check(ct, "inserted", 3000);
    for (int64_t i = 0; i < 3000; i++)
        ck_assert_int_eq(b.sink->log_start[i], 50 * NS + 10 * US + 4 + (i * 5000000 + 2) / 3);
    bench_free(&b);
}
END_TEST

/* What the table says of itself: 8 places for 1,000 connections. */
START_TEST(connections_are_counted) {
    struct sim_connections n;
    set_packet(0, 0, PACKET_L4_UDP, 0);
    struct bench b = bench_new(1000, 0, 100);
    struct sim_comp *ct = world(
        &b, "{\"entries\": 8, \"cache_entries\": 0, \"insert_rate\": \"2M/s\"}", all_new_udp);
    run(&b, ct);
    ck_assert(model_conntrack.connections(ct, &n));
    ck_assert_int_eq(n.bound, 2000000);
    ck_assert_int_eq(n.begun, 1000);
    ck_assert_int_eq(n.evicted, 992);
    ck_assert_int_eq(n.set_up + n.failed, 1000); /* gone before they were inserted */
    ck_assert_int_eq(n.closed + n.aged, 0);
    ck_assert_uint_eq(n.entries, 8);
    ck_assert_uint_eq(n.highest, 8);
    ck_assert_uint_eq(n.capacity, 8);
    bench_free(&b);
}
END_TEST

START_TEST(packets_keep_their_rate) {
    kinds = 1;
    set_packet(0, 0, PACKET_L4_UDP, 0);
    struct bench b = bench_new(3300, 0, 100);
    b.feed->like.flags = SIM_MSG_OLD;
    struct sim_comp *ct = world(&b, "{\"cache_entries\": 0}", in_turn);
    run_track(&b);
    check(ct, "passed", 3300);
    for (int64_t i = 0; i < 3300; i++)
        ck_assert_int_eq(b.sink->log_start[i], 50 * NS + 3 + (i * 1000000 + 329) / 330);
    bench_free(&b);
}
END_TEST

static void old_ones(struct sim_msg *m, uint64_t number) {
    all_new_udp(m, number);
    m->flags |= SIM_MSG_OLD;
}

/* Nothing is in the cache: 64 reads of 500 ns at once. */
START_TEST(reads_are_bounded) {
    set_packet(0, 0, PACKET_L4_UDP, 0);
    struct bench b = bench_new(4096, 0, 100);
    struct sim_comp *ct = world(&b, "{\"cache_entries\": 8}", old_ones);
    run_track(&b);
    check(ct, "passed", 4096);
    check(ct, "fetches", 4096);
    check(ct, "bytes_read", 4096 * 64);
    for (int64_t i = 0; i < 4096; i++)
        ck_assert_int_eq(b.sink->log_start[i],
                         550 * NS + 3 + (i % 64 * 1000000 + 329) / 330 + i / 64 * 500 * NS);
    bench_free(&b);
}
END_TEST

START_TEST(full_or_evicted) {
    static const struct {
        const char *evict;
        int64_t made, evicted, full;
    } want[] = {{"never", 8, 0, 992}, {"unanswered", 1000, 992, 0}, {"any", 1000, 992, 0}};
    set_packet(0, 0, PACKET_L4_UDP, 0);
    for (size_t k = 0; k < 3; k++) {
        char params[128];
        snprintf(params, sizeof params,
                 "{\"entries\": 8, \"cache_entries\": 0, \"evict\": \"%s\"}", want[k].evict);
        struct bench b = bench_new(1000, 0, 100);
        struct sim_comp *ct = world(&b, params, all_new_udp);
        run(&b, ct);
        check(ct, "made", want[k].made);
        check(ct, "evicted", want[k].evicted);
        check(ct, "full", want[k].full);
        bench_free(&b);
    }
}
END_TEST

/* Established ones do not go for new ones. */
START_TEST(established_ones_stay) {
    for (int any = 0; any < 2; any++) {
        kinds = 1000;
        for (uint32_t i = 0; i < kinds; i++)
            set_packet(i, 2 * i, PACKET_L4_TCP, i < 8 ? ACK : SYN);
        struct bench b = bench_new(kinds, 0, 100);
        struct sim_comp *ct =
            world(&b,
                  any ? "{\"entries\": 8, \"evict\": \"any\", \"cache_entries\": 0}"
                      : "{\"entries\": 8, \"cache_entries\": 0}",
                  in_turn);
        run(&b, ct);
        check(ct, "made", any ? 1000 : 8);
        check(ct, "full", any ? 0 : 992);
        bench_free(&b);
    }
}
END_TEST

static void ack_only(struct sim_msg *m, uint64_t number) {
    in_turn(m, number);
    m->flags |= number >= 50 ? SIM_MSG_OLD : 0;
}

/* Made-up TCP, none of it older than the run in the first 50 packets: `resident` does nothing,
 * and without `loose` none is taken. */
static void made_up(uint64_t packets_of, const char *params, bool acts, bool remarked) {
    kinds = 1;
    set_packet(0, 0, PACKET_L4_TCP, ACK);
    struct bench b = bench_new(packets_of, 100 * US, 100);
    struct sim_comp *ct = world(&b, params, ack_only);
    run(&b, ct);
    ck_assert_int_eq(model_conntrack.effect(ct, "resident"), acts);
    ck_assert(model_conntrack.effect(ct, "loose"));
    ck_assert_int_eq(model_conntrack.remark(ct, "loose") != NULL, remarked);
    ck_assert_ptr_null(model_conntrack.remark(ct, "resident"));
    bench_free(&b);
}

START_TEST(what_does_nothing_is_said) {
    made_up(50, "{}", false, false);
    made_up(60, "{}", true, false);
    made_up(50, "{\"loose\": false}", false, true);
    made_up(60, "{\"loose\": false}", true, false); /* the old connection stands */
    made_up(60, "{\"loose\": false, \"resident\": false}", true, true);
}
END_TEST

START_TEST(whole_sets_only) {
    bench_refused(&model_conntrack, "{\"cache_entries\": 1001}", "/cache_entries",
                  "write e.g. 1008");
}
END_TEST

TEST_MAIN("connection tracking", connections_are_counted, idle_latency_is_the_sum_of_its_parts,
          insertions_keep_their_rate, packets_keep_their_rate, reads_are_bounded,
          full_or_evicted, established_ones_stay, whole_sets_only, what_does_nothing_is_said)
