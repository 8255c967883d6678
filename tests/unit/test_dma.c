/* test_dma.c - a DMA engine's bursts, exactly: one direction alone, both on the bus that they
 * share, operations taken up. */
#include "tests/block_world.h"

extern const struct sim_model model_dma;

enum { NS = 1000, N = 1000 };

/* Picoseconds that N messages of `bytes` back to back keep the port of `op`. */
static sim_ps busy(const char *params, const char *op, uint32_t bytes, uint32_t port) {
    struct bench b = bench_new(N, 0, bytes);
    struct sim_comp *dma = bench_block(&b, &model_dma, "dma", params);
    bench_visit(&b, dma, op, NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), N);
    sim_ps ps = (sim_ps)dma->port[port]->busy_ps;
    bench_free(&b);
    return ps;
}

/* Whole bursts of 64 bytes, and half a burst for the descriptor. */
START_TEST(occupancy_is_bursts) {
    static const struct {
        uint32_t bytes;
        sim_ps ps;
    } of[] = {{1, 15 * NS}, {64, 15 * NS}, {65, 25 * NS}, {128, 25 * NS}, {1500, 245 * NS}};
    const char *one = "{\"burst\": \"10ns\"}";
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        ck_assert_int_eq(busy(one, "store", of[i].bytes, 2), N * of[i].ps);
        ck_assert_int_eq(busy(one, "load", of[i].bytes, 3), N * of[i].ps);
    }
    ck_assert_int_eq(busy("{\"burst\": \"10ns\", \"descriptor_bytes\": 0}", "store", 64, 2),
                     N * 10 * NS);
    ck_assert_int_eq(
        busy("{\"burst\": \"10ns\", \"burst_bytes\": 256, \"descriptor_bytes\": 0}", "store",
             257, 2),
        N * 20 * NS);
    ck_assert_int_eq(busy("{\"burst\": \"0ns\"}", "store", 1500, 2), 0);
    ck_assert_int_eq(busy("{\"write_issue\": \"21ns\"}", "write", 1500, 1), N * 21 * NS);
}
END_TEST

static sim_ps idle(const char *op) {
    struct bench b = bench_new(1, 0, 64);
    struct sim_comp *dma =
        bench_block(&b, &model_dma, "dma",
                    "{\"burst\": \"10ns\", \"overhead\": \"43ns\", "
                    "\"load_latency\": \"62ns\", \"write_issue\": \"21ns\"}");
    bench_visit(&b, dma, op, NULL);
    bench_run(&b);
    sim_ps took = b.sink->log_start[0] - 2;
    bench_free(&b);
    return took;
}

START_TEST(idle_latency_is_the_sum_of_parts) {
    ck_assert_int_eq(idle("store"), (15 + 43) * NS);
    ck_assert_int_eq(idle("load"), (15 + 62) * NS);
    ck_assert_int_eq(idle("write"), 43 * NS); /* of which 21 ns keep the next one out */
}
END_TEST

/* N messages that are loaded and then stored. @return when the last one is out. */
static sim_ps both(const char *bus) {
    char json[128];
    snprintf(json, sizeof json, "{\"burst\": \"10ns\", \"bus_burst\": \"%s\"}", bus);
    struct bench b = bench_new(N, 0, 64);
    struct sim_comp *dma = bench_block(&b, &model_dma, "dma", json);
    bench_visit(&b, dma, "load", NULL);
    bench_visit(&b, dma, "store", NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), N);
    sim_ps last = b.sink->log_start[N - 1];
    bench_free(&b);
    return last;
}

/* A burst and a half each way: 15 ns of the way's own, or twice 1.5 times the bus's. */
START_TEST(both_directions_share_the_bus) {
    static const struct {
        const char *bus;
        sim_ps each;
    } of[] = {{"0ns", 15 * NS}, {"4ns", 15 * NS}, {"5ns", 15 * NS},
              {"6ns", 18 * NS}, {"8ns", 24 * NS}, {"10ns", 30 * NS}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        sim_ps last = both(of[i].bus);
        ck_assert_msg(last >= N * of[i].each && last <= (N + 2) * of[i].each + 10,
                      "%s: %ld ps, not %ld", of[i].bus, (long)last, (long)(N * of[i].each));
    }
}
END_TEST

/* In one direction the bus is not felt, whatever it takes of it. */
START_TEST(one_direction_goes_at_its_own_pace) {
    ck_assert_int_eq(busy("{\"burst\": \"10ns\", \"bus_burst\": \"10ns\"}", "load", 64, 3),
                     N * 15 * NS);
    ck_assert_int_eq(busy("{\"burst\": \"10ns\", \"bus_burst\": \"3ns\"}", "store", 64, 2),
                     N * 15 * NS);
}
END_TEST

START_TEST(a_bus_slower_than_its_directions_is_refused) {
    bench_refused(&model_dma, "{\"burst\": \"5ns\", \"bus_burst\": \"6ns\"}", "/bus_burst", "");
}
END_TEST

TEST_MAIN("dma", occupancy_is_bursts, idle_latency_is_the_sum_of_parts,
          both_directions_share_the_bus, one_direction_goes_at_its_own_pace,
          a_bus_slower_than_its_directions_is_refused)
