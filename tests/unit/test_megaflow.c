/* test_megaflow.c - the software switch's three levels: costs to the cycle, and who is known
 * where, against a plain list. */
#include "models/payload.h"
#include "tests/unit/probe.h"

extern const struct sim_model model_megaflow;

enum { NS = 1000, FLOWS = 64 };

/* Flow f goes from address f % 8 to address f / 8. */
static struct packet packets[FLOWS];

static void make_packets(void) {
    for (uint32_t f = 0; f < FLOWS; f++) {
        packets[f] = (struct packet){.heads = 1, .flow = f, .conversation = f};
        packets[f].head[0] = (struct packet_head){
            .version = 4, .src = {10, (uint8_t)(f % 8)}, .dst = {11, (uint8_t)(f / 8)}};
    }
}

static uint32_t flows;

static void in_turn(struct sim_msg *m, uint64_t number) {
    m->flow = (uint32_t)(number % flows);
    m->body = &packets[m->flow];
}

static struct sim_comp *world(struct bench *b, const char *params) {
    make_packets();
    probe_add(b, "in")->vary = in_turn;
    struct sim_comp *f = bench_block(b, &model_megaflow, "ovs", params);
    probe_go_on(b, bench_visit(b, f, "switch", NULL), 1);
    bench_run(b);
    return f;
}

/* 1 GHz, one subtable: an upcall, a megaflow's hit, then the exact-match cache's; the clock's
 * edge before. */
START_TEST(each_level_costs_its_cycles) {
    struct bench b = bench_new(4, 1000 * NS, 100);
    flows = 1;
    struct sim_comp *f = world(&b, "{\"threads\": 1, \"clock\": \"1GHz\", \"subtables\": 1, "
                                   "\"emc_insert_inv\": 1, \"upcall_cycles\": 500}");
    static const sim_ps want[] = {930, 430, 300, 300};
    for (int64_t i = 0; i < 4; i++)
        ck_assert_int_eq(b.sink->log_start[i], (i * 1000 + 1 + want[i]) * NS + 1);
    ck_assert_int_eq(stat_of(f, "upcalls"), 1);
    ck_assert_int_eq(stat_of(f, "megaflow_hits"), 1);
    ck_assert_int_eq(stat_of(f, "emc_hits"), 2);
    ck_assert_int_eq(stat_of(f, "probes"), 2);
    bench_free(&b);
}
END_TEST

START_TEST(a_megaflow_stands_for_many_flows) {
    static const struct {
        const char *match;
        int64_t upcalls;
    } want[] = {{"destination", 8}, {"pair", 64}, {"tuple", 64}};
    for (size_t k = 0; k < 3; k++) {
        char params[128];
        snprintf(params, sizeof params, "{\"threads\": 1, \"match\": \"%s\"}", want[k].match);
        struct bench b = bench_new(640, 100000 * NS, 100);
        flows = FLOWS;
        struct sim_comp *f = world(&b, params);
        ck_assert_int_eq(stat_of(f, "upcalls"), want[k].upcalls);
        bench_free(&b);
    }
}
END_TEST

/* Saturated: each thread takes a packet each so many cycles, and one in a hundred enters. */
START_TEST(the_rate_is_one_over_the_cycles) {
    struct bench b = bench_new(1000, 0, 100);
    flows = 1;
    struct sim_comp *f = world(&b, "{\"threads\": 1, \"clock\": \"1GHz\", \"emc_entries\": 0, "
                                   "\"subtables\": 1, \"upcall_cycles\": 0}");
    for (int64_t i = 0; i < 1000; i++)
        ck_assert_int_eq(b.sink->log_start[i], (1 + 430 * (i + 1)) * NS + 1);
    ck_assert_int_eq(stat_of(f, "megaflow_hits"), 999);
    bench_free(&b);
    b = bench_new(10000, 1000 * NS, 100);
    flows = FLOWS;
    f = world(&b, "{\"threads\": 1, \"emc_ways\": 64, \"emc_entries\": 64, "
                  "\"upcall_cycles\": 0}");
    int64_t hits = stat_of(f, "megaflow_hits"); /* about 100 for each of 64 flows */
    ck_assert_int_gt(hits, 4500);
    ck_assert_int_lt(hits, 8000);
    ck_assert_int_eq(stat_of(f, "emc_hits"), 10000 - 64 - hits);
    bench_free(&b);
}
END_TEST

START_TEST(the_limit_and_ageing) {
    struct bench b = bench_new(640, 100000 * NS, 100);
    flows = FLOWS;
    struct sim_comp *f = world(&b, "{\"threads\": 1, \"flow_limit\": 8, \"emc_entries\": 0}");
    ck_assert_int_eq(stat_of(f, "upcalls"), 640 - 8 * 9);
    ck_assert_int_eq(stat_of(f, "unplaced"), 640 - 8 * 10);
    bench_free(&b);
    b = bench_new(640, 100000 * NS, 100);
    f = world(&b, "{\"threads\": 1, \"max_idle\": \"6ms\"}");
    ck_assert_int_eq(stat_of(f, "upcalls"), 640); /* a round takes 6.4 ms */
    bench_free(&b);
}
END_TEST

static void each_its_hash(struct sim_msg *m, uint64_t number) {
    in_turn(m, number);
    m->hash = (uint32_t)test_mix(1, m->flow);
    m->id = number;
}

/* Threads share nothing: the two forms of ports agree. */
START_TEST(either_form_of_ports) {
    uint64_t digest[2];
    for (int k = 0; k < 2; k++) {
        struct bench b = bench_new(4000, 100 * NS, 100);
        b.w->opts.all_by_event = k;
        flows = FLOWS;
        make_packets();
        probe_add(&b, "in")->vary = each_its_hash;
        struct sim_comp *f =
            bench_block(&b, &model_megaflow, "ovs",
                        "{\"emc_entries\": 4, \"flow_limit\": 48, \"queue\": 16}");
        struct sim_step *step = bench_visit(&b, f, "switch", NULL);
        probe_go_on(&b, step, 1);
        bench_run(&b);
        digest[k] = sim_world_digest(b.w);
        ck_assert_int_gt(stat_of(f, "megaflow_hits"), 100);
        bench_free(&b);
    }
    ck_assert_uint_eq(digest[0], digest[1]);
}
END_TEST

START_TEST(what_makes_no_sense_is_said) {
    static const char *const bad[][2] = {
        {"{\"emc_entries\": 7}", "/emc_entries"},
        {"{\"threads\": 8, \"indirection\": 4}", "/indirection"},
        {"{\"flow_limit\": 3}", "/flow_limit"}};
    for (size_t i = 0; i < 3; i++)
        bench_refused(&model_megaflow, bad[i][0], bad[i][1], "");
}
END_TEST

TEST_MAIN("megaflow", each_level_costs_its_cycles, a_megaflow_stands_for_many_flows,
          the_rate_is_one_over_the_cycles, the_limit_and_ageing, either_form_of_ports,
          what_makes_no_sense_is_said)
