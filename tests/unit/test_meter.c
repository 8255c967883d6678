/* test_meter.c - the token bucket against one that counts in bits times 1e12, over seeds. */
#include "models/meter.h"
#include "tests/check_main.h"
#include "tests/small_world.h"

__extension__ typedef __int128 wide;

/* Tokens after `span` more picoseconds, never above the burst. */
static wide later(wide tokens, wide burst, int64_t bps, sim_ps span) {
    wide t = tokens + (wide)bps * span;
    return t < burst ? t : burst;
}

static const int64_t rates[] = {400000000000, 123456789, 1000, 99999999977, 8};

START_TEST(police_equals_the_reference) {
    for (uint64_t seed = 0; seed < 40; seed++) {
        int64_t bps = rates[seed % 5];
        uint64_t burst = test_mix(seed, 1) % 4000;
        wide full = (wide)burst * 8 * SIM_PS_PER_S, tokens = full;
        sim_ps at = (sim_ps)(test_mix(seed, 2) % 1000), mean = 4000 * SIM_PS_PER_S / bps;
        struct meter m;
        meter_init(&m, (uint64_t)bps, burst, at);
        for (uint64_t i = 0; i < 2000; i++) {
            uint64_t h = test_mix(seed + 77, i);
            uint32_t bytes = 64 + (uint32_t)(h % 1455);
            sim_ps gap = (sim_ps)((h >> 20) % (uint64_t)(2 * mean));
            wide cost = (wide)bytes * 8 * SIM_PS_PER_S;
            at += gap;
            tokens = later(tokens, full, bps, gap);
            bool want = cost <= tokens;
            tokens -= want ? cost : 0;
            ck_assert_int_eq(meter_police(&m, at, bytes), want);
        }
    }
}
END_TEST

/* The wait is the least with which there are enough tokens, to the picosecond. */
START_TEST(shape_equals_the_reference) {
    for (uint64_t seed = 0; seed < 40; seed++) {
        int64_t bps = rates[seed % 5];
        uint64_t burst = test_mix(seed, 3) % 4000;
        wide full = (wide)burst * 8 * SIM_PS_PER_S, tokens = full;
        sim_ps at = 0, mean = 4000 * SIM_PS_PER_S / bps;
        struct meter m;
        meter_init(&m, (uint64_t)bps, burst, 0);
        for (uint64_t i = 0; i < 2000; i++) {
            uint64_t h = test_mix(seed + 99, i);
            uint32_t bytes = 64 + (uint32_t)(h % 1455);
            sim_ps gap = (sim_ps)((h >> 20) % (uint64_t)(2 * mean));
            wide cost = (wide)bytes * 8 * SIM_PS_PER_S, need = cost < full ? cost : full;
            at += gap;
            tokens = later(tokens, full, bps, gap);
            sim_ps wait = meter_shape(&m, at, bytes);
            ck_assert(later(tokens, full, bps, wait) >= need);
            ck_assert(wait == 0 || later(tokens, full, bps, wait - 1) < need);
            tokens = later(tokens, full, bps, wait) - cost;
            at += wait;
        }
    }
}
END_TEST

/* Back to back from a full bucket: n frames have gone after ceil((n * bits - burst) / rate),
 * though single waits are rounded. */
START_TEST(shaped_rate_is_exact) {
    const int64_t bps = 7777777777;
    const uint64_t burst = 9000, bytes = 1518, n = 10000;
    struct meter m;
    sim_ps at = 0;
    meter_init(&m, (uint64_t)bps, burst, 0);
    for (uint64_t i = 0; i < n; i++)
        at += meter_shape(&m, at, (uint32_t)bytes);
    sim_u128 bits = (n * bytes - burst) * 8;
    sim_u128 want = (bits * SIM_PS_PER_S + (uint64_t)bps - 1) / (uint64_t)bps;
    ck_assert_int_eq(at, (sim_ps)want);
}
END_TEST

START_TEST(larger_than_the_burst) {
    struct meter m;
    meter_init(&m, 8 * (uint64_t)SIM_PS_PER_S, 100, 0); /* a byte a picosecond */
    ck_assert(!meter_police(&m, 1000000, 101));
    ck_assert(meter_police(&m, 1000000, 100));
    ck_assert_int_eq(meter_shape(&m, 1000000, 150), 100); /* when full, and 50 in debt */
    ck_assert_int_eq(meter_shape(&m, 1000100, 10), 60);
    meter_init(&m, 8 * (uint64_t)SIM_PS_PER_S, 0, 0);
    ck_assert_int_eq(meter_shape(&m, 0, 70), 0);
    ck_assert_int_eq(meter_shape(&m, 0, 70), 70);
}
END_TEST

/* A byte a nanosecond into a bucket of 1,000: what comes from when on and finds it full. */
START_TEST(a_full_bucket_spills) {
    enum { NS = 1000 };
    struct meter m;
    meter_init(&m, 8000000000, 1000, 0);
    meter_tokens byte = 8 * (meter_tokens)m.rate.den;
    ck_assert(meter_spills(&m, 0, 100 * NS) == 100 * byte);
    ck_assert(meter_spills(&m, 60 * NS, 100 * NS) == 40 * byte);
    ck_assert_int_eq(meter_shape(&m, 0, 50), 0);
    ck_assert(meter_spills(&m, 0, 40 * NS) == 0);
    ck_assert(meter_spills(&m, 0, 100 * NS) == 50 * byte);
    ck_assert(meter_spills(&m, 80 * NS, 100 * NS) == 20 * byte);
    ck_assert_int_eq(meter_wait(&m, 100 * NS, 64), 0);
    ck_assert(meter_spills(&m, 0, 130 * NS) == 30 * byte); /* the bucket's last time counts */
}
END_TEST

TEST_MAIN("meter", police_equals_the_reference, shape_equals_the_reference,
          shaped_rate_is_exact, larger_than_the_burst, a_full_bucket_spills)
