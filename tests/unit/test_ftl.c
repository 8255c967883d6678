/* test_ftl.c - the page map: write amplification against the closed form, and tables that agree
 * with one another whatever is asked of them.
 */
#include "models/ftl.h"
#include "tests/check_main.h"

#include <gsl/gsl_sf_lambert.h>
#include <math.h>

enum { PAGES = 1 << 18, GROUP = 8 };

/* A = a / (a + W(-a e^-a)) of uniform random writes, a being flash over capacity. */
static double closed_form(double spare) {
    double a = 1 + spare;
    return a / (a + gsl_sf_lambert_W0(-a * exp(-a)));
}

static double amplification(const struct ftl *f) {
    return (double)(f->written + f->moved) / (double)f->written;
}

START_TEST(random_writes_follow_the_closed_form) {
    static const int64_t ppm[] = {70000, 100000, 145000, 200000, 280000, 374000, 500000};
    for (size_t i = 0; i < sizeof ppm / sizeof *ppm; i++) {
        struct sim_arena arena = {0};
        struct sim_rng rng;
        struct ftl f;
        uint32_t at;
        sim_rng_init(&rng, i + 1, "ftl");
        ftl_init(&f, PAGES, ppm[i], GROUP, &arena);
        ftl_condition(&f, FTL_RANDOM, &rng);
        for (uint32_t n = 0; n < 2 * PAGES; n++)
            (void)ftl_write(&f, sim_rng_below(&rng, PAGES), &at);
        double law = closed_form((double)ppm[i] / 1e6), found = amplification(&f);
        ck_assert_msg(fabs(found / law - 1) < 0.03, "spare %.3f: %.3f, not %.3f",
                      (double)ppm[i] / 1e6, found, law);
        ck_assert(ftl_sound(&f));
        sim_arena_free(&arena);
    }
}
END_TEST

START_TEST(writes_in_order_move_nothing) {
    static const enum ftl_state state[] = {FTL_EMPTY, FTL_SEQUENTIAL};
    for (int i = 0; i < 2; i++) {
        struct sim_arena arena = {0};
        struct sim_rng rng;
        struct ftl f;
        uint32_t at;
        sim_rng_init(&rng, 1, "ftl");
        ftl_init(&f, PAGES, 70000, GROUP, &arena);
        ftl_condition(&f, state[i], &rng);
        for (uint64_t n = 0; n < 4 * PAGES; n++)
            (void)ftl_write(&f, n, &at); /* beyond the map, too: modulo */
        ck_assert_uint_eq(f.moved, 0);
        ck_assert_uint_eq(f.written, 4 * PAGES);
        ck_assert(ftl_sound(&f));
        sim_arena_free(&arena);
    }
}
END_TEST

/* Whatever is written and trimmed: a page is where it was written last, or nowhere, and what
 * collection did was told, all of it, with the writes. */
START_TEST(tables_agree_after_anything) {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct sim_arena arena = {0};
        struct sim_rng rng;
        struct ftl f;
        sim_rng_init(&rng, seed, "ops");
        uint32_t pages = 1000 + (uint32_t)sim_rng_below(&rng, 20000), at;
        uint32_t group = 1u << sim_rng_below(&rng, 4);
        uint64_t moves = 0, hot = 1 + sim_rng_below(&rng, pages);
        bool *held = sim_alloc_n(&arena, pages, sizeof *held);
        ftl_init(&f, pages, (int64_t)sim_rng_below(&rng, 500000), group, &arena);
        ftl_condition(&f, (enum ftl_state)sim_rng_below(&rng, 3), &rng);
        for (uint32_t p = 0; p < pages; p++)
            held[p] = ftl_find(&f, p) != FTL_NONE;
        for (int n = 0; n < 100000; n++) {
            uint64_t page = sim_rng_below(&rng, sim_rng_below(&rng, 2) ? hot : pages);
            held[page] = sim_rng_below(&rng, 4) > 0;
            if (held[page]) {
                moves += ftl_write(&f, page + pages * sim_rng_below(&rng, 3), &at).moves;
                ck_assert_uint_lt(at / f.each, f.blocks);
            } else
                ftl_trim(&f, page);
            ck_assert_uint_ge(f.empties, 1);
        }
        for (uint32_t p = 0; p < pages; p++)
            ck_assert_int_eq(held[p], ftl_find(&f, p) != FTL_NONE);
        ck_assert(ftl_sound(&f));
        ck_assert_uint_le(f.moved_due, f.moved + (uint64_t)f.each * f.blocks);
        ck_assert_uint_le(moves, f.moved + (uint64_t)f.each * f.blocks);
        sim_arena_free(&arena);
    }
}
END_TEST

/* Half of the drive trimmed is spare room. */
START_TEST(trimmed_pages_are_spare) {
    struct sim_arena arena = {0};
    struct sim_rng rng;
    struct ftl f;
    uint32_t at;
    sim_rng_init(&rng, 1, "ftl");
    ftl_init(&f, PAGES, 70000, GROUP, &arena);
    ftl_condition(&f, FTL_RANDOM, &rng);
    for (uint32_t p = PAGES / 2; p < PAGES; p++)
        ftl_trim(&f, p);
    for (int round = 0; round < 2; round++) { /* to come to rest, and to look */
        f.written = f.moved = 0;
        for (uint32_t n = 0; n < PAGES; n++)
            (void)ftl_write(&f, sim_rng_below(&rng, PAGES / 2), &at);
    }
    double law = closed_form(1.14); /* flash of 1.07, capacity of 0.5 */
    ck_assert_msg(fabs(amplification(&f) / law - 1) < 0.03, "%.3f, not %.3f", amplification(&f),
                  law);
    sim_arena_free(&arena);
}
END_TEST

START_TEST(equal_seeds_give_equal_maps) {
    struct sim_arena arena = {0};
    struct sim_rng rng;
    struct ftl f[3];
    uint32_t at;
    for (int i = 0; i < 3; i++) {
        sim_rng_init(&rng, i < 2 ? 7 : 8, "ftl");
        ftl_init(&f[i], 50000, 70000, GROUP, &arena);
        ftl_condition(&f[i], FTL_RANDOM, &rng);
        for (int n = 0; n < 100000; n++)
            (void)ftl_write(&f[i], sim_rng_below(&rng, 50000), &at);
    }
    ck_assert_mem_eq(f[0].map, f[1].map, 50000 * sizeof *f[0].map);
    ck_assert_uint_eq(f[0].moved, f[1].moved);
    ck_assert_mem_ne(f[0].map, f[2].map, 50000 * sizeof *f[0].map);
    sim_arena_free(&arena);
}
END_TEST

TEST_MAIN("ftl", random_writes_follow_the_closed_form, writes_in_order_move_nothing,
          tables_agree_after_anything, trimmed_pages_are_spare, equal_seeds_give_equal_maps)
