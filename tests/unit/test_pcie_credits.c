/* test_pcie_credits.c - what waits at a link: credits, who passes whom, and refusals of what
 * comes behind, which cost nothing. */
#include "wire.h"

extern const struct sim_model model_host;

/* ---------------------------------------------------------------- credits */

/* A window of so many packets, or bytes, a round trip: the wire is faster. */
static void window_of(const char *op, const char *credits, uint32_t bytes, uint32_t in_flight) {
    char json[512];
    snprintf(json, sizeof json, "{" BARE ", \"credit_latency\": \"10us\", %s}", credits);
    struct bench b = bench_new(400, 0, bytes);
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", json);
    bench_visit(&b, pcie, op, NULL);
    bench_run(&b);
    sim_ps took = b.sink->log_start[399];
    sim_ps rounds = (400 - 1) / in_flight;
    ck_assert_int_ge(took, rounds * 10000000);
    ck_assert_int_le(took, rounds * 10000000 + 400 * 20000);
    /* some kind is full until the last ones are back */
    bool full = false;
    for (uint32_t i = 4; i < pcie->ports; i++) {
        const struct sim_port *p = pcie->port[i];
        full |= (double)p->busy_ps > 0.99 * (double)(took / 10000000) * 1e7 * p->servers;
    }
    ck_assert_msg(full, "%s %s: no credits are full", op, credits);
    bench_free(&b);
}

static void window(const char *credits, uint32_t bytes, uint32_t in_flight) {
    window_of("write", credits, bytes, in_flight);
}

START_TEST(credits_are_windows) {
    window("\"posted_headers\": 8", 256, 8);
    window("\"posted_headers\": 8", 512, 4); /* two packets each */
    window("\"posted_data_bytes\": 1024", 256, 4);
    window("\"posted_data_bytes\": 1024", 250, 4); /* 16 units of 16 bytes, too */
    window("\"posted_data_bytes\": 1024, \"posted_headers\": 2", 256, 2);
    window("\"posted_data_bytes\": 1024, \"posted_headers\": 100", 16, 64);
    /* requests, of at most 512 bytes each, take no data's credits */
    window_of("request", "\"nonposted_headers\": 8", 512, 8);
    window_of("request", "\"nonposted_headers\": 8", 1024, 4);
    window_of("request", "\"nonposted_headers\": 8, \"posted_headers\": 1", 64, 8);
    /* completions, of at most 256 bytes or RCB, none across requests' ends */
    window_of("completion", "\"completion_headers\": 8", 256, 8);
    window_of("completion", "\"completion_headers\": 8", 512, 4);
    window_of("completion", "\"completion_headers\": 8, \"rcb_bytes\": 64", 256, 2);
    window_of("completion", "\"completion_headers\": 8, \"mrrs_bytes\": 128", 256, 4);
    window_of("completion", "\"completion_data_bytes\": 1024", 256, 4);
    window_of("completion-out", "\"completion_data_bytes\": 1024", 256, 4);
}
END_TEST

/* Messages that do one thing and then the other. @return when the first is at the sink */
static sim_ps first_of(uint64_t n, const char *params, const char *op, const char *then) {
    char json[512];
    snprintf(json, sizeof json,
             "{" BARE ", \"credit_latency\": \"10us\", \"mrrs_bytes\": 4096, %s}", params);
    struct bench b = bench_new(n, 0, 4096);
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", json);
    bench_visit(&b, pcie, op, NULL);
    bench_visit(&b, pcie, then, NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), n);
    sim_ps first = b.sink->log_start[0];
    bench_free(&b);
    return first;
}

/* Ten requests at once and one credit: the write that comes of the first one goes by the nine
 * that wait. A request that has its credit goes by none of the writes in front of it. */
START_TEST(writes_pass_requests_and_not_the_other_way) {
    const sim_ps ns = 1000, wire = 4480 * 130 * 1000 / (64 * 128);
    sim_ps alone = first_of(1, "\"nonposted_headers\": 1", "request", "write");
    ck_assert_int_ge(alone, 2 * 150 * ns + wire);
    ck_assert_int_le(alone, 2 * 150 * ns + wire + ns);
    ck_assert_int_eq(first_of(10, "\"nonposted_headers\": 1", "request", "write"), alone);
    ck_assert_int_eq(
        first_of(10, "\"nonposted_headers\": 1, \"channels\": 3", "request", "write"), alone);
    /* all ten go by before it, its way, and it with all that is in front */
    for (int credits = 0; credits < 2; credits++) {
        sim_ps last = first_of(10, credits ? "\"nonposted_headers\": 1" : "\"reads\": 1",
                               "write", "request");
        ck_assert_int_ge(last, 10 * wire + 150 * ns);
        ck_assert_int_le(last, 10 * wire + 150 * ns + ns);
    }
}
END_TEST

START_TEST(enough_credits_change_nothing) {
    const char *many =
        "{\"queue\": 0, \"posted_headers\": 4096, \"posted_data_bytes\": 1048576, "
        "\"nonposted_headers\": 4096, \"credit_latency\": \"1ns\"}";
    ck_assert_int_eq(busy(many, "write", 1500), busy("{\"queue\": 0}", "write", 1500));
    ck_assert_int_eq(busy(many, "request", 1500), busy("{\"queue\": 0}", "request", 1500));
    ck_assert_int_eq(busy(many, "receive", 64), busy("{\"queue\": 0}", "receive", 64));
}
END_TEST

/* ---------------------------------------------------------------- refusals */

#define PLAIN "{\"queue\": 0, \"descriptor_bytes\": 0}"

/* A ring of 3 behind the link, a driver that takes 1 s: three packets cross, the link is busy
 * for exactly these, and the refused ones left no trace in its arithmetic. */
START_TEST(without_a_descriptor_the_link_is_not_used) {
    struct bench b = bench_new(40, 0, 1500);
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", PLAIN);
    struct sim_comp *host = bench_block(&b, &model_host, "host",
                                        "{\"queues\": 1, \"ring\": 3, \"clock\": \"1GHz\"}");
    bench_visit(&b, pcie, "receive", NULL);
    bench_visit(&b, host, "rx", "{\"cycles\": 100000000}");
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 3);
    ck_assert_uint_eq(bench_dropped(&b, "host:no-descriptor"), 37);
    ck_assert_uint_eq(pcie->port[0]->left.items, 3);
    ck_assert_uint_eq(pcie->port[0]->left.bytes, 4500);
    sim_ps want = (busy(PLAIN, "receive", 1500) * 3 + N - 1) / N;
    ck_assert_int_eq((sim_ps)pcie->port[0]->busy_ps, want);
    bench_free(&b);
}
END_TEST

/* A ring that is emptied at half of the link's rate: some cross, some are refused between
 * them, and those that cross still keep the link for their time each, within rounding. */
START_TEST(refusals_between_transfers_cost_nothing) {
    sim_ps each = busy(PLAIN, "receive", 1500) / N;
    struct bench b = bench_new(1000, each / 2, 1500);
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", PLAIN);
    struct sim_comp *host = bench_block(&b, &model_host, "host",
                                        "{\"queues\": 1, \"ring\": 32, \"clock\": \"1GHz\"}");
    bench_visit(&b, pcie, "receive", NULL);
    bench_visit(&b, host, "rx", "{\"cycles\": 60}");
    bench_run(&b);
    uint64_t refused = bench_dropped(&b, "host:no-descriptor");
    sim_ps crossed = (sim_ps)bench_delivered(&b);
    ck_assert_uint_gt(refused, 100);
    ck_assert_int_gt(crossed, 100);
    ck_assert_int_ge((sim_ps)pcie->port[0]->busy_ps, crossed * each);
    ck_assert_int_le((sim_ps)pcie->port[0]->busy_ps, crossed * (each + 1));
    bench_free(&b);
}
END_TEST

TEST_MAIN("pcie credits", credits_are_windows, writes_pass_requests_and_not_the_other_way,
          enough_credits_change_nothing, without_a_descriptor_the_link_is_not_used,
          refusals_between_transfers_cost_nothing)
