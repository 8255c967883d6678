/* test_host.c - the host: cycles to the clock, rings that refuse, queues that wait, the hash;
 * and the way there and back, in both forms of ports. */
#include "tests/block_world.h"

extern const struct sim_model model_cores, model_dram, model_host, model_mesh, model_pcie;

/* 278 ps is the first edge of 3.6 GHz at or after 1 ps. */
static sim_ps after_edge(uint64_t cycles) {
    struct sim_clock clock = sim_clock_make(3600000000);
    ck_assert_int_eq(sim_clock_edge(&clock, 1), 278);
    return sim_clock_after(&clock, 1, cycles);
}

static sim_ps idle(const char *op, const char *args, uint32_t bytes) {
    struct bench b = bench_new(1, 0, bytes);
    bench_visit(&b, bench_block(&b, &model_host, "host", "{}"), op, args);
    bench_run(&b);
    sim_ps out = b.sink->log_start[0] - 1;
    bench_free(&b);
    return out;
}

START_TEST(idle_latency_is_the_sum_of_parts) {
    ck_assert_int_eq(idle("rx", NULL, 1500), 23334); /* edge 84: 84 / 3.6 GHz = 23,333.3 ps */
    ck_assert_int_eq(idle("rx", NULL, 64), after_edge(83));
    ck_assert_int_eq(idle("tx", NULL, 64), after_edge(83));
    ck_assert_int_eq(idle("app", "{\"cycles\": 5000}", 64), after_edge(5000));
    ck_assert_int_eq(idle("rx", "{\"cycles\": 750, \"cycles_per_byte\": 0.1}", 1500),
                     after_edge(900));
    ck_assert_int_eq(idle("rx", "{\"cycles\": 750, \"cycles_per_byte\": 0.1}", 1501),
                     after_edge(901));
}
END_TEST

START_TEST(one_queue_is_exact_over_thousands) {
    struct bench b = bench_new(4000, 0, 64);
    struct sim_comp *host =
        bench_block(&b, &model_host, "host", "{\"queues\": 1, \"ring\": 8192}");
    bench_visit(&b, host, "rx", NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 4000);
    ck_assert_int_eq(b.sink->log_start[3999], after_edge(4000 * 83) + 1);
    bench_free(&b);
}
END_TEST

/* A station in front of a ring of 4, all messages at once. What is refused never comes in. */
START_TEST(an_empty_ring_refuses) {
    struct bench b = bench_new(50, 0, 64);
    struct tserver *nic = test_server(b.w, b.node, "nic", 0, (struct sim_port_opts){0});
    struct sim_comp *host =
        bench_block(&b, &model_host, "host", "{\"queues\": 1, \"ring\": 4}");
    (void)sim_comp_init(&nic->base, NULL);
    bench_visit(&b, nic, "serve", NULL);
    bench_visit(&b, host, "rx", NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 4);
    ck_assert_uint_eq(bench_dropped(&b, "host:no-descriptor"), 46);
    ck_assert_uint_eq(host->port[0]->entered.items, 4);
    bench_free(&b);
}
END_TEST

/* An application of 1,000 cycles behind a driver of 83: the application's queue fills, holds
 * the driver, and the ring refuses. Nothing is lost but there. */
START_TEST(a_slow_application_ends_in_refused_packets) {
    struct bench b = bench_new(200, 30000, 64);
    struct sim_comp *host =
        bench_block(&b, &model_host, "host", "{\"queues\": 1, \"ring\": 8, \"app_queue\": 8}");
    bench_visit(&b, host, "rx", NULL);
    bench_visit(&b, host, "app", "{\"cycles\": 1000}");
    bench_run(&b);
    uint64_t refused = bench_dropped(&b, "host:no-descriptor");
    ck_assert_uint_eq(bench_delivered(&b) + refused, 200);
    ck_assert_uint_gt(refused, 100);
    ck_assert_uint_gt((uint64_t)host->port[0]->blocked_ps, 0);
    sim_ps last = b.sink->log_start[bench_delivered(&b) - 1] - b.sink->log_start[0];
    ck_assert_int_eq(last, (sim_ps)((bench_delivered(&b) - 1) * 1000 * 1000000 + 3599) / 3600);
    bench_free(&b);
}
END_TEST

START_TEST(full_transmit_queues_wait) {
    struct bench b = bench_new(100, 0, 64);
    bench_visit(&b, bench_block(&b, &model_host, "host", "{\"queues\": 2, \"tx_queue\": 2}"),
                "tx", NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 100);
    bench_free(&b);
}
END_TEST

START_TEST(the_hash_picks_the_queue) {
    const struct {
        const char *op, *args;
        uint32_t first;
    } groups[] = {{"rx", NULL, 0}, {"tx", NULL, 4}, {"app", "{\"cycles\": 1}", 8}};
    for (int g = 0; g < 3; g++) {
        struct bench b = bench_new(256, 0, 64);
        struct sim_comp *host = bench_block(&b, &model_host, "host", "{\"queues\": 4}");
        b.feed->hash_step = 1;
        bench_visit(&b, host, groups[g].op, groups[g].args);
        bench_run(&b);
        for (uint32_t i = 0; i < 12; i++)
            ck_assert_uint_eq(host->port[i]->left.items, i / 4 == groups[g].first / 4 ? 64 : 0);
        ck_assert_str_eq(host->port[5]->name, "tx1");
        bench_free(&b);
    }
}
END_TEST

/* All packets are of one class, for which there is a function, or none. */
START_TEST(a_class_beyond_the_functions_is_said) {
    for (uint8_t cls = 0; cls < 4; cls++) {
        struct bench b = bench_new(10, 0, 64);
        struct sim_comp *host = bench_block(
            &b, &model_host, "host", "{\"functions\": 2, \"queues\": 1, \"by\": \"class\"}");
        b.feed->like.cls = cls & 3;
        bench_visit(&b, host, "rx", NULL);
        bench_run(&b);
        ck_assert_uint_eq(host->port[cls == 0 ? 0 : 1]->left.items, 10);
        const char *text = model_host.remark(host, "functions");
        ck_assert_ptr_nonnull(text);
        ck_assert_int_eq(strstr(text, "beyond the last function") != NULL, cls >= 2);
        bench_free(&b);
    }
}
END_TEST

START_TEST(queues_without_packets_are_refused) {
    bench_refused(&model_host, "{\"queues\": 32, \"indirection\": 16}", "/indirection", "");
}
END_TEST

struct outcome {
    uint64_t digest, delivered, refused;
};

/* Arm, mesh and DRAM, link, driver, application, link again; too fast for the host. */
static struct outcome there_and_back(bool all_by_event, uint64_t shuffle) {
    struct bench b = bench_new(2000, 20000, 1000);
    b.w->opts.all_by_event = all_by_event;
    b.w->opts.shuffle_ties = shuffle;
    b.feed->hash_step = 0x9e3779b9;
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", "{}");
    struct sim_comp *host =
        bench_block(&b, &model_host, "host",
                    "{\"queues\": 3, \"ring\": 4, \"app_queue\": 2, \"tx_queue\": 2}");
    bench_visit(&b, bench_block(&b, &model_cores, "arm", "{}"), "forward", NULL);
    bench_via(&b, bench_block(&b, &model_mesh, "mesh", "{}"), "carry", 1000000);
    bench_via(&b, bench_block(&b, &model_dram, "dram", "{}"), "write", 500000);
    bench_visit(&b, pcie, "receive", NULL);
    bench_visit(&b, host, "rx", NULL);
    bench_visit(&b, host, "app", "{\"cycles\": 300}");
    bench_visit(&b, host, "tx", NULL);
    bench_visit(&b, pcie, "completion", NULL);
    bench_run(&b);
    struct outcome out = {sim_world_digest(b.w), bench_delivered(&b),
                          bench_dropped(&b, "host:no-descriptor")};
    bench_free(&b);
    return out;
}

START_TEST(both_forms_and_shuffled_ties_agree) {
    struct outcome a = there_and_back(false, 0);
    ck_assert_uint_eq(a.delivered + a.refused, 2000);
    ck_assert_uint_gt(a.refused, 20);
    for (uint64_t i = 1; i < 4; i++) {
        struct outcome b = there_and_back(i & 1, i & 2 ? i : 0);
        ck_assert_uint_eq(a.digest, b.digest);
        ck_assert_uint_eq(a.delivered, b.delivered);
        ck_assert_uint_eq(a.refused, b.refused);
    }
}
END_TEST

TEST_MAIN("host", idle_latency_is_the_sum_of_parts, one_queue_is_exact_over_thousands,
          an_empty_ring_refuses, a_slow_application_ends_in_refused_packets,
          full_transmit_queues_wait, the_hash_picks_the_queue,
          queues_without_packets_are_refused, a_class_beyond_the_functions_is_said,
          both_forms_and_shuffled_ties_agree)
