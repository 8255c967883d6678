/* test_nic_flows.c - what the NIC pipeline knows of flows: its table and what that costs, and
 * meters. */
#include "nic_bench.h"

static void ten_flows(struct sim_msg *m, uint64_t number) { m->flow = (uint32_t)(number % 10); }

static void old_ones(struct sim_msg *m, uint64_t number) {
    each_its_own(m, number);
    m->flags |= SIM_MSG_OLD;
}

/* flow, and what misses goes on to flow-insert; `all` of the messages do. */
static struct sim_comp *look_and_insert(struct bench *b, const char *params,
                                        void (*vary)(struct sim_msg *, uint64_t)) {
    probe_add(b, "in")->vary = vary;
    struct sim_comp *nic = bench_block(b, &model_nic, "nic", params);
    probe_go_on(b, bench_visit(b, nic, "flow", NULL), NIC_MISS);
    probe_go_on(b, bench_visit(b, nic, "flow-insert", NULL), NIC_FULL);
    bench_run(b);
    return nic;
}

/* Ten flows, a packet each microsecond: all that come before their flow's entry is active miss,
 * and only the first of a flow inserts it. */
START_TEST(the_entry_counts_when_it_is_active) {
    struct bench b = bench_new(2000, 1000 * NS, 100);
    struct sim_comp *nic = look_and_insert(&b, "{\"cache_entries\": 0}", ten_flows);
    /* Flow k comes first at k us and is entered 50 ns later or behind the insertions of the
     * flows before it, which take 1.667 us each; 10 us later it is active. */
    int64_t misses = 0;
    for (int64_t k = 0; k < 10; k++) {
        sim_ps enters = (k * 5000000 + 2) / 3 + 50 * NS + 1, active = enters + 10000 * NS;
        for (int64_t i = k; i < 2000; i += 10)
            misses += i * 1000 * NS < active;
    }
    ck_assert_int_eq(stat_of(nic, "inserted"), 10);
    ck_assert_int_eq(stat_of(nic, "misses"), misses);
    ck_assert_int_eq(stat_of(nic, "hits"), 2000 - misses);
    ck_assert_int_eq(stat_of(nic, "known"), 1990);
    bench_free(&b);
}
END_TEST

START_TEST(insertions_keep_their_rate) {
    struct bench b = bench_new(3000, 0, 100);
    struct sim_comp *nic =
        look_and_insert(&b, "{\"cache_entries\": 0, \"stage_latency\": \"0ns\"}", each_its_own);
    ck_assert_int_eq(stat_of(nic, "inserted"), 3000);
    sim_ps first = b.sink->log_start[0];
    for (int64_t i = 0; i < 3000; i++)
        ck_assert_int_eq(b.sink->log_start[i] - first, (i * 5000000 + 2) / 3);
    bench_free(&b);
}
END_TEST

START_TEST(full_or_evicted) {
    for (int evict = 0; evict < 2; evict++) {
        struct bench b = bench_new(1000, 0, 100);
        struct sim_comp *nic = look_and_insert(
            &b,
            evict ? "{\"flow_capacity\": 8}" : "{\"flow_capacity\": 8, \"flow_evict\": false}",
            each_its_own);
        ck_assert_int_eq(stat_of(nic, "inserted"), evict ? 1000 : 8);
        ck_assert_int_eq(stat_of(nic, "evicted"), evict ? 992 : 0);
        ck_assert_int_eq(stat_of(nic, "full"), evict ? 0 : 992);
        bench_free(&b);
    }
}
END_TEST

START_TEST(old_flows_are_resident) {
    for (int resident = 0; resident < 2; resident++) {
        struct bench b = bench_new(1000, 0, 100);
        struct sim_comp *nic = look_and_insert(
            &b,
            resident ? "{\"flow_capacity\": 800, \"flow_ways\": 800, \"cache_entries\": 0}"
                     : "{\"resident\": false}",
            old_ones);
        ck_assert_int_eq(stat_of(nic, "hits"), resident ? 800 : 0);
        bench_free(&b);
    }
}
END_TEST

/* Each look-up reads card memory, 64 reads of 500 ns at once: the stage takes 64 in 500 ns. */
START_TEST(reads_of_card_memory_are_bounded) {
    struct bench b = bench_new(6400, 0, 100);
    probe_add(&b, "in")->vary = old_ones;
    struct sim_comp *nic =
        bench_block(&b, &model_nic, "nic",
                    "{\"cache_entries\": 8, \"flow_ways\": 8, \"flow_capacity\": 1048576}");
    bench_visit(&b, nic, "flow", NULL);
    bench_run(&b);
    ck_assert_int_eq(stat_of(nic, "fetches"), 6400);
    ck_assert_int_eq(stat_of(nic, "hits"), 6400);
    sim_ps begin[6400];
    for (int64_t i = 0; i < 6400; i++) {
        begin[i] = 2 + pace(i % 64) + i / 64 * 500 * NS;
        ck_assert_int_le(b.sink->log_start[i % 4096], b.w->end);
        if (i < 4096)
            ck_assert_int_eq(b.sink->log_start[i], begin[i] + 550 * NS + 1);
    }
    bench_free(&b);
}
END_TEST

/* Few flows: read once, then on the chip. */
START_TEST(the_cache_keeps_what_is_used) {
    struct bench b = bench_new(1000, 1000 * NS, 100);
    probe_add(&b, "in")->vary = ten_flows;
    b.feed->like.flags = SIM_MSG_OLD;
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{}");
    bench_visit(&b, nic, "flow", NULL);
    bench_run(&b);
    ck_assert_int_eq(stat_of(nic, "fetches"), 10);
    ck_assert_int_eq(b.sink->log_start[9] - b.sink->log_start[8], 1000 * NS);
    ck_assert_int_eq(b.sink->log_start[10] - b.sink->log_start[9], 500 * NS);
    ck_assert_int_eq(stat_of(nic, "hits"), 1000);
    bench_free(&b);
}
END_TEST

START_TEST(whole_sets_only) {
    bench_refused(&model_nic, "{\"flow_capacity\": 1001}", "/flow_capacity", "write e.g. 1008");
}
END_TEST

/* ---------------------------------------------------------------- meters */

/* A packet of 1,000 B each 100 ns is 80 Gb/s; 20 Gb/s and a burst of 8 conform. */
START_TEST(police_lets_the_rate_through) {
    struct bench b = bench_new(4000, 100 * NS, 1000);
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{}");
    struct sim_step *step =
        bench_visit(&b, nic, "meter", "{\"rate\": \"20Gb/s\", \"burst\": 8000}");
    step->hop[NIC_EXCEED].cause = sim_cause_add(b.w, nic, "exceed");
    bench_run(&b);
    /* tokens by the last packet: 8000 + 3999 * 250 bytes, whole packets of them */
    ck_assert_uint_eq(bench_delivered(&b), (8000 + 3999 * 250) / 1000);
    ck_assert_uint_eq(bench_dropped(&b, "nic:exceed"), 4000 - bench_delivered(&b));
    ck_assert_int_eq(stat_of(nic, "conforming"), (int64_t)bench_delivered(&b));
    ck_assert_int_eq(stat_of(nic, "exceeding"), 4000 - (int64_t)bench_delivered(&b));
    bench_free(&b);
}
END_TEST

/* Shaped: none is lost, and after the burst of two the line is exactly the meter's. */
START_TEST(shape_delays) {
    struct bench b = bench_new(4000, 0, 1500);
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{}");
    bench_visit(&b, nic, "meter",
                "{\"rate\": \"7Gb/s\", \"burst\": 3000, \"mode\": \"shape\"}");
    bench_run(&b);
    for (int64_t i = 2; i < 4000; i++) {
        sim_ps wait = ((i - 1) * 12000000 + 6) / 7; /* ps: 12,000 bits a packet at 7 Gb/s */
        ck_assert_int_eq(b.sink->log_start[i], 1 + wait + 50 * NS + 1);
    }
    ck_assert_int_eq(stat_of(nic, "shaped"), 3998);
    ck_assert_int_eq(stat_of(nic, "conforming"), 2);
    bench_free(&b);
}
END_TEST

/* Two steps, two buckets: what one lets through the other does, too. */
START_TEST(each_step_has_its_bucket) {
    struct bench b = bench_new(100, 0, 1000);
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{}");
    bench_visit(&b, nic, "meter", "{\"rate\": \"1kb/s\", \"burst\": 20000}");
    bench_visit(&b, nic, "meter", "{\"rate\": \"1kb/s\", \"burst\": 15000}");
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 15);
    ck_assert_int_eq(stat_of(nic, "conforming"), 35);
    bench_free(&b);
}
END_TEST

TEST_MAIN("nic flows", the_entry_counts_when_it_is_active, insertions_keep_their_rate,
          full_or_evicted, old_flows_are_resident, reads_of_card_memory_are_bounded,
          the_cache_keeps_what_is_used, whole_sets_only, police_lets_the_rate_through,
          shape_delays, each_step_has_its_bucket)
