/* test_ethernet.c - the port: exact line rate, idle latency, packet memory, padding, tx queue.
 */
#include "tests/unit/probe.h"

extern const struct sim_model model_ethernet;

/* ceil(n * bytes * 8 / bps), in picoseconds. */
static sim_ps line_time(uint64_t n, uint64_t bytes, uint64_t bps) {
    sim_u128 bits = (sim_u128)n * bytes * 8 * (uint64_t)SIM_PS_PER_S;
    return (sim_ps)((bits + bps - 1) / bps);
}

static struct sim_comp *rx(struct bench *b, const char *params) {
    struct sim_comp *eth = bench_block(b, &model_ethernet, "port0", params);
    bench_visit(b, eth, "rx", NULL);
    bench_visit(b, eth, "rx", NULL)->stage = 1;
    return eth;
}

START_TEST(idle_latency_is_the_sum_of_its_parts) {
    struct bench b = bench_new(1, 0, 1518);
    struct sim_comp *eth = rx(&b, "{}");
    bench_visit(&b, eth, "tx", NULL);
    bench_run(&b);
    /* hop, line, latency, hop, no time in memory, hop, line, latency, hop */
    ck_assert_int_eq(b.sink->log_start[0], 1 + 30760 + 100000 + 1 + 1 + 30760 + 30000 + 1);
    bench_free(&b);
}
END_TEST

static void line_is_exact(const char *op, uint32_t bytes, const char *rate, uint64_t bps) {
    const uint64_t n = 4000;
    char params[200];
    snprintf(params, sizeof params,
             "{\"rate\": \"%s\", \"rx_latency\": \"0ns\", \"tx_latency\": \"0ns\", "
             "\"rx_fifo\": \"1GiB\"}",
             rate);
    struct bench b = bench_new(n, 0, bytes);
    struct sim_comp *eth = bench_block(&b, &model_ethernet, "port0", params);
    bench_visit(&b, eth, op, NULL);
    bench_run(&b);
    for (uint64_t i = 0; i < n; i++)
        ck_assert_int_eq(b.sink->log_start[i], 2 + line_time(i + 1, bytes + 20, bps));
    const char *stat = strcmp(op, "rx") == 0 ? "rx_wire_bytes" : "tx_wire_bytes";
    ck_assert_int_eq(stat_of(eth, stat), (int64_t)n * (bytes + 20));
    bench_free(&b);
}

START_TEST(line_rate_is_exact) {
    line_is_exact("rx", 64, "400Gb/s", 400000000000);
    line_is_exact("rx", 1517, "99999999977b/s", 99999999977);
    line_is_exact("tx", 64, "200Gb/s", 200000000000);
    line_is_exact("tx", 9600, "1234567891b/s", 1234567891);
}
END_TEST

/* 64-byte frames at 400 Gb/s: 595.24 million a second, not one more. */
START_TEST(smallest_frames) {
    struct bench b = bench_new(4000, 0, 64);
    rx(&b, "{}");
    bench_run(&b);
    ck_assert_int_eq(b.sink->log_start[3999], 1 + 4000 * 1680 + 100000 + 1 + 1);
    bench_free(&b);
}
END_TEST

/* A stage behind the port that takes one packet a microsecond and holds one: its neighbour
 * waits, packet memory fills, and frames that do not fit are lost. */
START_TEST(packet_memory_drops_when_full) {
    const sim_ps us = 1000000;
    struct bench b = bench_new(200, 0, 1500);
    struct sim_comp *eth = rx(&b, "{\"rx_fifo\": 6000}");
    struct tserver *slow = test_server(
        b.w, b.node, "slow", 0,
        (struct sim_port_opts){.capacity = 1, .full = SIM_FULL_WAIT, .hz = 1000000000});
    slow->cycles = 1000;
    ck_assert(sim_comp_init(&slow->base, NULL));
    bench_visit(&b, slow, "serve", NULL);
    bench_run(&b);
    sim_ps depart[200], slot = 0, idle = 0;
    uint64_t kept = 0, lost = 0;
    for (uint64_t i = 0; i < 200; i++) {
        sim_ps at = 1 + line_time(i + 1, 1520, 400000000000) + 100000 + 1;
        uint64_t held = 0;
        for (uint64_t k = 0; k < kept; k++)
            held += depart[k] > at;
        if ((held + 1) * 1500 > 6000) {
            lost++;
            continue;
        }
        sim_ps leaves = at > slot ? at : slot, comes = leaves + 1;
        sim_ps start = (comes > idle ? comes : idle) + 999;
        idle = start / 1000 * 1000 + us;
        slot = idle + 1;
        depart[kept++] = leaves;
    }
    ck_assert_uint_eq(bench_dropped(&b, "port0:rx-fifo-full"), lost);
    ck_assert_uint_eq(bench_delivered(&b), kept);
    ck_assert_uint_gt(kept, 8);
    ck_assert_uint_eq(eth->port[1]->dropped.items, lost);
    bench_free(&b);
}
END_TEST

START_TEST(runts_are_padded) {
    struct bench b = bench_new(10, 0, 46);
    struct sim_comp *eth = rx(&b, "{}");
    struct probe *out = probe_add(&b, "out");
    bench_run(&b);
    ck_assert_uint_eq(out->saw[9].bytes, 64);
    ck_assert_int_eq(out->saw[9].at, 1 + 10 * 1680 + 100000 + 1 + 1);
    ck_assert_int_eq(stat_of(eth, "padded"), 10);
    bench_free(&b);
}
END_TEST

START_TEST(a_full_tx_queue_does_as_it_is_told) {
    const char *const full[] = {"wait", "drop", "refuse"};
    const uint64_t delivered[] = {100, 4, 4};
    for (int i = 0; i < 3; i++) {
        char params[100];
        snprintf(params, sizeof params, "{\"tx_queue\": 4, \"tx_full\": \"%s\"}", full[i]);
        struct bench b = bench_new(100, 0, 1500);
        bench_visit(&b, bench_block(&b, &model_ethernet, "port0", params), "tx", NULL);
        bench_run(&b);
        ck_assert_uint_eq(bench_delivered(&b), delivered[i]);
        if (i > 0)
            ck_assert_uint_eq(bench_dropped(&b, "port0:tx-queue-full"), 96);
        bench_free(&b);
    }
}
END_TEST

/* The line of a link is paid for once, by the sender. */
START_TEST(from_another_node) {
    struct bench b = bench_new(1, 0, 1500);
    bench_visit(&b, bench_block(&b, &model_ethernet, "port0", "{}"), "link-rx", NULL);
    bench_run(&b);
    ck_assert_int_eq(b.sink->log_start[0], 1 + 100000 + 1);
    bench_free(&b);
}
END_TEST

TEST_MAIN("ethernet", idle_latency_is_the_sum_of_its_parts, line_rate_is_exact, smallest_frames,
          packet_memory_drops_when_full, runts_are_padded, a_full_tx_queue_does_as_it_is_told,
          from_another_node)
