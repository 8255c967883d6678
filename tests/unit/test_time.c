/* test_time.c - rates, serialisers and clocks: known values and the edges of their ranges. */
#include "sim/engine/rng.h"
#include "sim/engine/time.h"
#include "tests/check_main.h"
#include <sys/wait.h>

static struct sim_rate pcie5_x16(void) { return sim_rate_make(32000000000, 16 * 128, 130); }

/* Whether step() ends in a panic; in a child, for it aborts. */
static bool panics(void (*step)(void)) {
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(0);
        step();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status != 0;
}

START_TEST(rates_are_reduced) {
    struct sim_rate r = sim_rate_make(400000000000, 1, 1);
    ck_assert_uint_eq(r.num, 2);
    ck_assert_uint_eq(r.den, 5);
    r = pcie5_x16();
    ck_assert_uint_eq(r.num, 4096);
    ck_assert_uint_eq(r.den, 8125);
    r = sim_rate_make(1, 1, 1);
    ck_assert_uint_eq(r.num, 1);
    ck_assert_uint_eq(r.den, 1000000000000);
    r = sim_rate_make(UINT64_MAX, UINT64_MAX, UINT64_MAX); /* 128 bits on the way */
    ck_assert_uint_eq(sim_rate_bps(r), UINT64_MAX);
}
END_TEST

START_TEST(rates_print_to_the_nearest_bit) {
    ck_assert_uint_eq(sim_rate_bps(pcie5_x16()), 504123076923); /* ...923.08 */
    ck_assert_uint_eq(sim_rate_bps(sim_rate_make(5, 1, 3)), 2); /* 1.67 */
    ck_assert_uint_eq(sim_rate_bps(sim_rate_make(4, 1, 3)), 1);
    ck_assert_uint_eq(sim_rate_bps(sim_rate_make(1600000000000, 1, 1)), 1600000000000);
}
END_TEST

START_TEST(spans_round_up) {
    struct sim_rate r = sim_rate_make(400000000000, 1, 1);
    ck_assert_int_eq(sim_rate_span(r, 0), 0);
    ck_assert_int_eq(sim_rate_span(r, 1), 20);
    ck_assert_int_eq(sim_rate_span(r, 1500), 30000);
    ck_assert_int_eq(sim_rate_span(pcie5_x16(), 64), 1016); /* 1015.6 */
    ck_assert_int_eq(sim_rate_span(sim_rate_make(1, 1, 1), 1), 8 * SIM_PS_PER_S);
    r = sim_rate_make(1600000000000, 1, 1);
    ck_assert_int_eq(sim_rate_span(r, (1ULL << 60) - 1), 5764607523034234875);
}
END_TEST

/* 4 b/ps * 3: a bit takes 1/12 ps, so twelve sends of a bit fit in the first picosecond. */
START_TEST(short_sends_use_the_credit) {
    struct sim_ser ser;
    sim_ser_init(&ser, sim_rate_make(4000000000000, 3, 1));
    for (int i = 0; i < 12; i++)
        ck_assert_int_eq(sim_ser_send(&ser, 0, 1), 1);
    ck_assert_uint_eq(ser.frac, 0);
    ck_assert_int_eq(sim_ser_send(&ser, 0, 1), 2);
    ck_assert_int_eq(sim_ser_send(&ser, 2, 0), 2); /* nothing takes no time, credit stays */
    ck_assert_int_eq(sim_ser_send(&ser, 2, 11), 2);
    ck_assert_int_eq(sim_ser_send(&ser, 7, 1), 8); /* a gap forfeits it */
    ck_assert_uint_eq(ser.frac, 11);
}
END_TEST

START_TEST(back_to_back_is_exact) {
    struct sim_ser ser;
    sim_ser_init(&ser, pcie5_x16());
    for (int i = 0; i < 4096; i++)
        sim_ser_send(&ser, 0, 8);
    ck_assert_int_eq(ser.end, 8 * 8125); /* 4096 bytes of 8 * 8125 / 4096 ps */
    ck_assert_uint_eq(ser.frac, 0);
}
END_TEST

static void send_beyond_time(void) {
    struct sim_ser ser;
    sim_ser_init(&ser, sim_rate_make(1, 1, 1));
    sim_ser_send(&ser, 0, 9000000);
    sim_ser_send(&ser, 0, 9000000);
}

static void send_too_much(void) {
    struct sim_ser ser;
    sim_ser_init(&ser, sim_rate_make(1, 1, 1));
    sim_ser_send(&ser, 0, UINT64_MAX);
}

static void no_rate(void) { sim_rate_make(0, 1, 1); }

static void edge_beyond_time(void) {
    struct sim_clock clock = sim_clock_make(1000000007);
    sim_clock_edge(&clock, SIM_NEVER);
}

START_TEST(overflow_is_not_silent) {
    ck_assert(panics(send_beyond_time));
    ck_assert(panics(send_too_much));
    ck_assert(panics(no_rate));
    ck_assert(panics(edge_beyond_time));
}
END_TEST

START_TEST(whole_periods) {
    struct sim_clock clock = sim_clock_make(2500000000);
    ck_assert_uint_eq(clock.period, 400);
    ck_assert_int_eq(sim_clock_edge(&clock, 0), 0);
    ck_assert_int_eq(sim_clock_edge(&clock, 1), 400);
    ck_assert_int_eq(sim_clock_edge(&clock, 400), 400);
    ck_assert_int_eq(sim_clock_after(&clock, 399, 3), 1600);
    ck_assert_uint_eq(sim_clock_cycles(&clock, 1199), 2);
}
END_TEST

START_TEST(fractional_periods) {
    struct sim_clock clock = sim_clock_make(2400000000); /* edges at ceil(n * 1250 / 3) */
    ck_assert_uint_eq(clock.period, 0);
    ck_assert_int_eq(sim_clock_edge(&clock, 1), 417);
    ck_assert_int_eq(sim_clock_edge(&clock, 417), 417);
    ck_assert_int_eq(sim_clock_edge(&clock, 418), 834);
    ck_assert_int_eq(sim_clock_edge(&clock, 835), 1250);
    ck_assert_int_eq(sim_clock_after(&clock, 417, 1), 834);
    ck_assert_int_eq(sim_clock_after(&clock, 0, 2400000000), SIM_PS_PER_S);
    ck_assert_uint_eq(sim_clock_cycles(&clock, SIM_PS_PER_S), 2400000000);
}
END_TEST

START_TEST(clocks_do_not_drift) {
    struct sim_clock clock = sim_clock_make(2400000000);
    sim_ps t = 0;
    for (int i = 0; i < 2400000; i++)
        t = sim_clock_after(&clock, t, 1);
    ck_assert_int_eq(t, SIM_PS_PER_S / 1000);
    clock = sim_clock_make(2399999999); /* needs 128 bits */
    ck_assert(!clock.narrow);
    ck_assert_int_eq(sim_clock_after(&clock, 417, 2399999999), SIM_PS_PER_S + 417);
    ck_assert_int_eq(sim_clock_edge(&clock, SIM_PS_PER_S - 1), SIM_PS_PER_S);
}
END_TEST

/* Clocks of models and such as fit no period, or no product of 64 bits. */
static const uint64_t hertz[] = {1000000000, 2400000000, 2600000000, 2750000000, 3200000000,
                                 156250000,  1000000007, 2399999999, 64000000,   333333333};

/* By the definition: edge n lies at ceil(n * 1e12 / hz). */
static sim_ps edge_of(uint64_t hz, sim_u128 n) {
    return (sim_ps)((n * (uint64_t)SIM_PS_PER_S + hz - 1) / hz);
}

static void check_edge(const struct sim_clock *clock, sim_ps t, uint64_t cycles) {
    sim_u128 n = (sim_u128)t * clock->hz / (uint64_t)SIM_PS_PER_S;
    while (edge_of(clock->hz, n) < t)
        n++;
    ck_assert_int_eq(sim_clock_edge(clock, t), edge_of(clock->hz, n));
    ck_assert_int_eq(sim_clock_after(clock, t, cycles), edge_of(clock->hz, n + cycles));
}

START_TEST(edges_are_as_defined) {
    struct sim_rng rng;
    sim_rng_init(&rng, 1, "edges");
    for (size_t h = 0; h < sizeof hertz / sizeof *hertz; h++) {
        struct sim_clock clock = sim_clock_make(hertz[h]);
        for (int i = 0; i < 10000; i++) {
            sim_ps t = (sim_ps)(sim_rng_next(&rng) >> (3 + sim_rng_below(&rng, 55)));
            check_edge(&clock, t, sim_rng_below(&rng, 1000000));
        }
    }
}
END_TEST

/* Without a gap all that was sent ends at the first picosecond that its bits need, of whatever
 * sizes it was: of two the server keeps the division. */
START_TEST(sends_of_many_sizes_are_exact) {
    static const uint64_t bits[] = {192, 32960, 64, 12000};
    struct sim_rng rng;
    sim_rng_init(&rng, 1, "sizes");
    struct sim_rate rate = pcie5_x16();
    struct sim_ser ser;
    sim_ser_init(&ser, rate);
    sim_ps begun = 0;
    uint64_t sent = 0;
    for (uint64_t i = 0; i < 20000; i++) {
        if (sim_rng_below(&rng, 16) == 0) {
            begun = ser.end + 5000;
            sent = 0;
        }
        uint64_t size = bits[sim_rng_below(&rng, i % 4096 < 2048 ? 2 : 4)];
        sent += size;
        sim_ps took = (sim_ps)((sent * rate.den + rate.num - 1) / rate.num);
        ck_assert_int_eq(sim_ser_send(&ser, begun, size), begun + took);
    }
}
END_TEST

START_TEST(unclocked_is_every_picosecond) {
    struct sim_clock clock = sim_clock_make(0);
    ck_assert_int_eq(sim_clock_edge(&clock, 12345), 12345);
    ck_assert_int_eq(sim_clock_edge(&clock, SIM_NEVER), SIM_NEVER);
    ck_assert_int_eq(sim_clock_after(&clock, 12345, 5), 12350);
    ck_assert_uint_eq(sim_clock_cycles(&clock, 7), 7);
}
END_TEST

TEST_MAIN("time", rates_are_reduced, rates_print_to_the_nearest_bit, spans_round_up,
          short_sends_use_the_credit, back_to_back_is_exact, overflow_is_not_silent,
          whole_periods, fractional_periods, clocks_do_not_drift, edges_are_as_defined,
          sends_of_many_sizes_are_exact, unclocked_is_every_picosecond)
