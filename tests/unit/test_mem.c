/* test_mem.c - arena memory is zeroed and aligned, grows, and is given back at once. */
#include "aborts.h"
#include "sim/engine/mem.h"
#include "tests/check_main.h"
#include <stdint.h>
#include <string.h>

static bool all_zero(const char *p, size_t n) {
    while (n > 0 && p[n - 1] == 0)
        n--;
    return n == 0;
}

START_TEST(is_zeroed_and_aligned) {
    struct sim_arena arena = {0};
    size_t sum = 0;
    for (size_t n = 0; n < 400; n += 7) {
        char *p = sim_alloc(&arena, n);
        sum += n;
        ck_assert_ptr_nonnull(p);
        ck_assert_uint_eq((uintptr_t)p % 64, 0);
        ck_assert(all_zero(p, n));
        memset(p, 0xa5, n);
    }
    ck_assert_uint_eq(arena.bytes, sum);
    sim_arena_free(&arena);
    ck_assert_uint_eq(arena.bytes, 0);
    ck_assert_ptr_null(arena.blocks);
}
END_TEST

START_TEST(may_be_used_again) {
    struct sim_arena arena = {0};
    sim_arena_free(&arena);
    sim_alloc(&arena, 10);
    sim_arena_free(&arena);
    ck_assert_str_eq(sim_strdup(&arena, "again"), "again");
    sim_arena_free(&arena);
}
END_TEST

/* Grown blocks in the middle, at the head and at the tail of the list. */
START_TEST(grows_and_keeps) {
    struct sim_arena arena = {0};
    char *kept[3];
    for (int i = 0; i < 3; i++)
        kept[i] = memset(sim_alloc(&arena, 100), 'a' + i, 100);
    for (int i = 0; i < 9; i++) {
        int k = i * 2 % 3;
        size_t old = 100 + (size_t)(i / 3) * 50;
        kept[k] = sim_grow(&arena, kept[k], old, old + 50);
        ck_assert_int_eq(kept[k][0], 'a' + k);
        ck_assert_int_eq(kept[k][99], 'a' + k);
        ck_assert(all_zero(kept[k] + 100, old + 50 - 100));
    }
    ck_assert_uint_eq(arena.bytes, 3 * 250);
    sim_arena_free(&arena);
}
END_TEST

START_TEST(grows_from_nothing) {
    struct sim_arena arena = {0};
    char *p = sim_grow(&arena, NULL, 0, 8);
    ck_assert(all_zero(p, 8));
    ck_assert_uint_eq(arena.bytes, 8);
    sim_arena_free(&arena);
}
END_TEST

START_TEST(prints_and_copies) {
    struct sim_arena arena = {0};
    const char *text = sim_printf(&arena, "%s%d", "ssd", 12);
    ck_assert_str_eq(text, "ssd12");
    ck_assert_str_eq(sim_printf(&arena, "%s", ""), "");
    ck_assert_ptr_ne(sim_strdup(&arena, text), text);
    ck_assert_uint_eq(arena.bytes, 6 + 1 + 6);
    sim_arena_free(&arena);
}
END_TEST

START_TEST(counts_items) {
    struct sim_arena arena = {0};
    uint32_t *p = sim_alloc_n(&arena, 3, sizeof *p);
    ck_assert(p[0] == 0 && p[2] == 0);
    ck_assert_uint_eq(arena.bytes, 12);
    sim_arena_free(&arena);
}
END_TEST

static struct sim_arena doomed;
static void multiply_too_far(void) { sim_alloc_n(&doomed, SIZE_MAX / 2, 3); }
static void wrap_around(void) { sim_alloc(&doomed, SIZE_MAX - 5); }
static void shrink(void) { sim_grow(&doomed, sim_alloc(&doomed, 9), 9, 8); }
static void grow_beyond(void) { sim_grow(&doomed, sim_alloc(&doomed, 9), 10, 20); }

START_TEST(refuses_what_cannot_be) {
    char said[512];
    ck_assert(aborts(multiply_too_far, said, sizeof said));
    ck_assert_ptr_nonnull(strstr(said, "out of memory"));
    ck_assert(aborts(wrap_around, said, sizeof said));
    ck_assert_ptr_nonnull(strstr(said, "out of memory"));
    ck_assert(aborts(shrink, said, sizeof said));
    ck_assert(aborts(grow_beyond, said, sizeof said));
    ck_assert_ptr_nonnull(strstr(said, "broken invariant"));
}
END_TEST

TEST_MAIN("mem", is_zeroed_and_aligned, may_be_used_again, grows_and_keeps, grows_from_nothing,
          prints_and_copies, counts_items, refuses_what_cannot_be)
