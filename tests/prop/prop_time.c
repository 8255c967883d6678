/* prop_time.c - serialisers and clocks equal their definitions, kept in 128-bit rationals. */
#include "sim/engine/rng.h"
#include "sim/engine/time.h"
#include "tests/check_main.h"

/* {b/s, mul, div}: slow, usual, PCIe 3 to 5 x16, 64b/66b, awkward, fast */
static const uint64_t rates[][3] = {
    {1, 1, 1},
    {3, 1, 1},
    {9600, 8, 10},
    {120000000000, 1, 1},
    {400000000000, 1, 1},
    {8000000000, 16 * 128, 130},
    {32000000000, 16 * 128, 130},
    {64000000000, 16 * 242, 256},
    {10312500000, 64, 66},
    {399999999989, 1, 1},
    {1599999999999, 127, 131},
    {1600000000000, 1, 1},
    {64000000000000, 7, 3},
};

static uint64_t below_log(struct sim_rng *rng, uint64_t limit) {
    uint64_t span = limit >> sim_rng_below(rng, (uint64_t)(64 - __builtin_clzll(limit)));
    return sim_rng_below(rng, span + 1);
}

static sim_u128 ceil_of(sim_u128 a, sim_u128 b) { return (a + b - 1) / b; }

/* Sends with queueing, exact meeting and gaps against the true end in 1/num picoseconds.
 * @return how many were wrong. */
static int follow(struct sim_rng *rng, struct sim_rate rate) {
    struct sim_ser ser;
    int wrong = 0;
    sim_ser_init(&ser, rate);
    sim_u128 truth = 0, room = ((sim_u128)1 << 62) / 400 * rate.num / rate.den;
    uint64_t most = room < 8 << 20 ? (uint64_t)room : 8 << 20, bits = 0;
    for (int i = 0; i < 300; i++) {
        sim_ps start = ser.end; /* kind 0 and 1: exactly when the last one ends */
        switch (sim_rng_below(rng, 5)) {
        case 2:
            start -= (sim_ps)below_log(rng, (uint64_t)start | 1);
            break;
        case 3:
            start += (sim_ps)sim_rng_below(rng, 3);
            break;
        case 4:
            start += (sim_ps)below_log(rng, 1 << 30);
        }
        if (start > ser.end)
            truth = (sim_u128)(uint64_t)start * rate.num;
        if (sim_rng_below(rng, 3)) /* else the cached size */
            bits = below_log(rng, most);
        truth += (sim_u128)bits * rate.den;
        sim_ps end = sim_ser_send(&ser, start, bits);
        wrong += end != (sim_ps)ceil_of(truth, rate.num) || ser.frac >= rate.num ||
                 (sim_u128)(uint64_t)end * rate.num - ser.frac != truth;
    }
    return wrong;
}

START_TEST(serialiser_follows_the_rational) {
    struct sim_rng rng;
    sim_rng_init(&rng, 1, "serialiser");
    for (size_t i = 0; i < 20 * sizeof rates / sizeof *rates; i++) {
        const uint64_t *r = rates[i / 20];
        ck_assert_int_eq(follow(&rng, sim_rate_make(r[0], r[1], r[2])), 0);
    }
    for (int round = 0; round < 300; round++) {
        uint64_t bps = 1 + below_log(&rng, 1600000000000);
        uint64_t mul = 1 + sim_rng_below(&rng, 4096), div = 1 + sim_rng_below(&rng, 256);
        ck_assert_int_eq(follow(&rng, sim_rate_make(bps, mul, div)), 0);
    }
}
END_TEST

START_TEST(back_to_back_equals_one_span) {
    struct sim_rng rng;
    sim_rng_init(&rng, 2, "back to back");
    for (size_t i = 3; i < sizeof rates / sizeof *rates; i++) {
        struct sim_ser ser;
        sim_ser_init(&ser, sim_rate_make(rates[i][0], rates[i][1], rates[i][2]));
        uint64_t total = 0;
        for (int n = 0; n < 1000; n++) {
            uint64_t bytes = below_log(&rng, 1 << 20);
            total += bytes;
            sim_ps end = sim_ser_send(&ser, 0, bytes * 8);
            ck_assert_int_eq(end, sim_rate_span(ser.rate, total));
        }
    }
}
END_TEST

static sim_ps nth_edge(const struct sim_clock *c, sim_u128 n) {
    return (sim_ps)ceil_of(n * c->den, c->num);
}

/* Number of the first edge at t or later, straight from the definition by bisection. */
static uint64_t first_from(const struct sim_clock *c, sim_ps t) {
    uint64_t low = 0, high = (uint64_t)((sim_u128)(uint64_t)t * c->num / c->den) + 1;
    while (low < high) {
        uint64_t mid = low + (high - low) / 2;
        if (nth_edge(c, mid) >= t)
            high = mid;
        else
            low = mid + 1;
    }
    return low;
}

/* @return how many answers at random times were wrong. */
static int check_clock(struct sim_rng *rng, uint64_t hz) {
    struct sim_clock c = sim_clock_make(hz);
    int wrong = hz && sim_clock_after(&c, 0, hz) != SIM_PS_PER_S;
    for (int i = 0; i < 20; i++) {
        sim_ps t = (sim_ps)below_log(rng, 1ULL << 61);
        if (hz > SIM_PS_PER_S / 1000)
            t >>= 20; /* keep the reference's edge numbers in 64 bits */
        uint64_t n = first_from(&c, t), cycles = below_log(rng, 2 * (hz | 1));
        sim_ps edge = sim_clock_edge(&c, t);
        wrong += edge != nth_edge(&c, n) || sim_clock_edge(&c, edge) != edge ||
                 sim_clock_after(&c, t, cycles) != nth_edge(&c, (sim_u128)n + cycles) ||
                 sim_clock_cycles(&c, t) != (sim_u128)(uint64_t)t * c.num / c.den;
    }
    return wrong;
}

START_TEST(clocks_follow_their_definition) {
    static const uint64_t hz[] = {0,          1,          3,          32768,      156250000,
                                  322265625,  800000000,  1000000007, 2000000000, 2250000000,
                                  2400000000, 2399999999, 3000000000, 5000000000, 999999999989};
    struct sim_rng rng;
    sim_rng_init(&rng, 3, "clock");
    for (size_t i = 0; i < sizeof hz / sizeof *hz; i++)
        for (int round = 0; round < 10; round++)
            ck_assert_int_eq(check_clock(&rng, hz[i]), 0);
    for (int round = 0; round < 400; round++) /* some above 1 THz */
        ck_assert_int_eq(check_clock(&rng, 1 + below_log(&rng, 5000000000000)), 0);
}
END_TEST

START_TEST(every_edge_in_turn) {
    struct sim_clock c = sim_clock_make(2399999999);
    sim_ps last = 0;
    int wrong = 0;
    for (uint64_t n = 1; n < 50000; n++) {
        sim_ps edge = sim_clock_edge(&c, last + 1);
        wrong += edge != nth_edge(&c, n) || edge != sim_clock_after(&c, last, 1);
        last = edge;
    }
    ck_assert_int_eq(wrong, 0);
}
END_TEST

TEST_MAIN("time laws", serialiser_follows_the_rational, back_to_back_equals_one_span,
          clocks_follow_their_definition, every_edge_in_turn)
