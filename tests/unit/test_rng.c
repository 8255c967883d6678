/* test_rng.c - streams against published outputs; samplers at their limits. */
#include "sim/engine/rng.h"
#include "tests/check_main.h"
#include <string.h>

/* First outputs of xoshiro256** 1.0 from the state {1, 2, 3, 4}, as in other implementations'
 * tests (e.g. Rust's rand_xoshiro). */
START_TEST(xoshiro_reference) {
    static const uint64_t expected[] = {11520,
                                        0,
                                        1509978240,
                                        1215971899390074240,
                                        1216172134540287360,
                                        607988272756665600,
                                        16172922978634559625u,
                                        8476171486693032832,
                                        10595114339597558777u,
                                        2904607092377533576};
    struct sim_rng rng = {{1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        ck_assert_uint_eq(sim_rng_next(&rng), expected[i]);
}
END_TEST

static uint64_t splitmix(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* 64-bit FNV-1a, mixed: SplitMix64's output function is its step from z - gamma. */
static uint64_t name_hash(const char *name) {
    uint64_t h = 0xcbf29ce484222325;
    while (*name)
        h = (h ^ (unsigned char)*name++) * 0x100000001b3;
    h -= 0x9e3779b97f4a7c15;
    return splitmix(&h);
}

START_TEST(seeding_reference) {
    uint64_t state = 1234567; /* published outputs of SplitMix64 */
    ck_assert_uint_eq(splitmix(&state), 6457827717110365317u);
    ck_assert_uint_eq(splitmix(&state), 3203168211198807973u);
    ck_assert_uint_eq(splitmix(&state), 9817491932198370423u);
    struct sim_rng rng;
    sim_rng_init(&rng, 42, "dpu.arm");
    state = 42 ^ name_hash("dpu.arm");
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(rng.s[i], splitmix(&state));
}
END_TEST

static bool same_stream(uint64_t seed_a, const char *a, uint64_t seed_b, const char *b) {
    struct sim_rng x, y;
    sim_rng_init(&x, seed_a, a);
    sim_rng_init(&y, seed_b, b);
    for (int i = 0; i < 8; i++)
        if (sim_rng_next(&x) != sim_rng_next(&y))
            return false;
    return true;
}

START_TEST(names_make_streams) {
    ck_assert(same_stream(7, "nodes.host0.nic", 7, "nodes.host0.nic"));
    ck_assert(!same_stream(7, "nodes.host0.nic", 7, "nodes.host1.nic"));
    ck_assert(!same_stream(7, "nodes.host0.nic", 8, "nodes.host0.nic"));
    ck_assert(!same_stream(0, "", 0, "a"));
}
END_TEST

START_TEST(below_is_uniform) {
    struct sim_rng rng;
    sim_rng_init(&rng, 1, "below");
    int seen[10] = {0};
    for (int i = 0; i < 100000; i++)
        seen[sim_rng_below(&rng, 10)]++;
    for (int i = 0; i < 10; i++)
        ck_assert_int_lt(abs(seen[i] - 10000), 500); /* 5 sigma: 474 */
    ck_assert_uint_eq(sim_rng_below(&rng, 1), 0);
}
END_TEST

START_TEST(choices_follow_the_enum) {
    ck_assert_str_eq(sim_dist_choices, "constant|exponential|uniform|lognormal|pareto|gamma");
    ck_assert_int_eq(SIM_DIST_GAMMA, 5);
}
END_TEST

START_TEST(constants_take_nothing) {
    struct sim_arena arena = {0};
    struct sim_sampler s;
    struct sim_rng rng, before;
    sim_rng_init(&rng, 1, "x");
    before = rng;
    ck_assert(sim_sampler_init(&s, SIM_DIST_CONSTANT, 17, 0, &arena, NULL));
    ck_assert_int_eq(sim_sampler_draw(&s, &rng), 17);
    ck_assert(sim_sampler_init(&s, SIM_DIST_EXPONENTIAL, 0, 0, &arena, NULL));
    ck_assert_int_eq(sim_sampler_draw(&s, &rng), 0);
    ck_assert_mem_eq(&rng, &before, sizeof rng);
    ck_assert(sim_sampler_init(&s, SIM_DIST_UNIFORM, 0, 0, &arena, NULL));
    ck_assert_int_eq(sim_sampler_draw(&s, &rng), 0);
    sim_arena_free(&arena);
}
END_TEST

static bool fits(enum sim_dist dist, int64_t mean, int64_t shape_ppm, char *text) {
    struct sim_arena arena = {0};
    struct sim_sampler s;
    struct sim_err err = {0};
    bool ok = sim_sampler_init(&s, dist, mean, shape_ppm, &arena, &err);
    ck_assert(ok == !err.set);
    if (text)
        strcpy(text, err.text);
    sim_arena_free(&arena);
    return ok;
}

START_TEST(shapes_have_a_range) {
    char text[sizeof((struct sim_err *)0)->text];
    ck_assert(!fits(SIM_DIST_PARETO, 1000, 1000000, text));
    ck_assert_str_eq(text, "shape 1 is out of range: a Pareto takes an exponent above 1, up "
                           "to 100");
    ck_assert(fits(SIM_DIST_PARETO, 1000, 1000001, NULL));
    ck_assert(fits(SIM_DIST_PARETO, 1000, 100000000, NULL));
    ck_assert(!fits(SIM_DIST_GAMMA, 1000, 0, NULL));
    ck_assert(fits(SIM_DIST_GAMMA, 1000, 30000, NULL));
    ck_assert(!fits(SIM_DIST_LOGNORMAL, 1000, 10000001, NULL));
    ck_assert(fits(SIM_DIST_LOGNORMAL, 1000, 1000, NULL));
    ck_assert(fits(SIM_DIST_EXPONENTIAL, 1000, -1, NULL));
}
END_TEST

START_TEST(large_means_fit_or_are_refused) {
    int64_t most = (1LL << 52) - 1;
    ck_assert(fits(SIM_DIST_EXPONENTIAL, most, 0, NULL));
    ck_assert(fits(SIM_DIST_GAMMA, most, 2000000, NULL));
    ck_assert(fits(SIM_DIST_LOGNORMAL, 1LL << 40, 10000000, NULL));
    char text[sizeof((struct sim_err *)0)->text];
    ck_assert(!fits(SIM_DIST_LOGNORMAL, most, 10000000, text));
    ck_assert_str_eq(text, "mean 4503599627370495 is too large for so wide a distribution");
}
END_TEST

TEST_MAIN("rng", xoshiro_reference, seeding_reference, names_make_streams, below_is_uniform,
          choices_follow_the_enum, constants_take_nothing, shapes_have_a_range,
          large_means_fit_or_are_refused)
