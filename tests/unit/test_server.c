/* test_server.c - the queueing station: Lindley's recursion exactly, drops, several servers. */
#include "tests/block_world.h"

extern const struct sim_model model_server;

START_TEST(constant_service_is_exact) {
    struct bench b = bench_new(4000, 0, 64);
    struct sim_comp *s = bench_block(
        &b, &model_server, "s",
        "{\"distribution\": \"constant\", \"time\": \"7ns\", \"latency\": \"5ns\"}");
    bench_visit(&b, s, "serve", NULL);
    bench_run(&b);
    for (int i = 0; i < 4000; i++)
        ck_assert_int_eq(b.sink->log_start[i], 1 + 7000 * (i + 1) + 5000 + 1);
    ck_assert_uint_eq((uint64_t)s->port[0]->busy_ps, 4000 * 7000);
    bench_free(&b);
}
END_TEST

/* Departures from the draws themselves: the stream is named, so that anyone can redraw it. */
static void lindley(const char *params, enum sim_dist dist, int64_t shape_ppm) {
    struct bench b = bench_new(4000, 1200, 64);
    bench_visit(&b, bench_block(&b, &model_server, "s", params), "serve", NULL);
    bench_run(&b);
    struct sim_sampler sampler;
    struct sim_rng rng;
    struct sim_err err = {0};
    ck_assert(sim_sampler_init(&sampler, dist, 1000, shape_ppm, &b.w->arena, &err));
    sim_rng_init(&rng, b.w->opts.seed, "s/service");
    sim_ps end = 0;
    for (int i = 0; i < 4000; i++) {
        sim_ps arrival = 1200 * i + 1;
        end = (arrival > end ? arrival : end) + sim_sampler_draw(&sampler, &rng);
        ck_assert_int_eq(b.sink->log_start[i], end + 1);
    }
    bench_free(&b);
}

START_TEST(departures_are_lindleys) {
    lindley("{\"time\": \"1ns\"}", SIM_DIST_EXPONENTIAL, 0);
    lindley("{\"time\": \"1ns\", \"distribution\": \"lognormal\", \"shape\": 2}",
            SIM_DIST_LOGNORMAL, 2000000);
    lindley("{\"time\": \"1ns\", \"distribution\": \"uniform\"}", SIM_DIST_UNIFORM, 0);
}
END_TEST

START_TEST(several_servers_share_a_queue) {
    struct bench b = bench_new(4000, 0, 64);
    bench_visit(
        &b,
        bench_block(&b, &model_server, "s", "{\"distribution\": \"constant\", \"servers\": 4}"),
        "serve", NULL);
    bench_run(&b);
    ck_assert_int_eq(b.sink->log_start[3999], 1 + 1000 * 1000000ll + 1);
    bench_free(&b);
}
END_TEST

static uint64_t lost(const char *params, uint64_t *delivered) {
    struct bench b = bench_new(20, 0, 64);
    bench_visit(&b, bench_block(&b, &model_server, "s", params), "serve", NULL);
    bench_run(&b);
    uint64_t n = bench_dropped(&b, "s:queue-full");
    *delivered = bench_delivered(&b);
    bench_free(&b);
    return n;
}

START_TEST(a_full_station_drops_waits_or_refuses) {
    uint64_t delivered;
    ck_assert_uint_eq(lost("{\"queue\": 5}", &delivered), 15);
    ck_assert_uint_eq(delivered, 5);
    ck_assert_uint_eq(lost("{\"queue\": 5, \"on_full\": \"refuse\"}", &delivered), 15);
    ck_assert_uint_eq(delivered, 5);
    struct bench b = bench_new(20, 0, 64);
    bench_visit(&b,
                bench_block(&b, &model_server, "s", "{\"queue\": 5, \"on_full\": \"wait\"}"),
                "serve", NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 20);
    bench_free(&b);
}
END_TEST

START_TEST(a_shape_out_of_range_is_refused) {
    bench_refused(&model_server, "{\"distribution\": \"pareto\"}", "/shape", "");
}
END_TEST

TEST_MAIN("server", constant_service_is_exact, departures_are_lindleys,
          several_servers_share_a_queue, a_full_station_drops_waits_or_refuses,
          a_shape_out_of_range_is_refused)
