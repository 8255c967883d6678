/* test_digests.c - which digests are known, against a plain list. */
#include "check_main.h"
#include "models/digests.h"
#include "models/mix.h"

/* The oldest of a set of eight goes; what is met again stays. */
START_TEST(the_one_not_met_for_longest_goes) {
    struct sim_arena arena = {0};
    struct digests table, *d = &table;
    digests_make(d, 8, &arena);
    for (uint64_t k = 1; k <= 8; k++)
        ck_assert(!digests_meet(d, k, (sim_ps)k));
    ck_assert(digests_meet(d, 1, 9));   /* of 1 .. 8 now 2 is the oldest */
    ck_assert(!digests_meet(d, 9, 10)); /* in its place */
    ck_assert(digests_meet(d, 1, 11));
    ck_assert(!digests_meet(d, 2, 12)); /* in the place of 3 */
    ck_assert(digests_meet(d, 4, 13));
    ck_assert(!digests_meet(d, 3, 14));
    sim_arena_free(&arena);
}
END_TEST

START_TEST(known_from_the_next_picosecond_on) {
    struct sim_arena arena = {0};
    struct digests table, *d = &table;
    digests_make(d, 1024, &arena);
    ck_assert(!digests_meet(d, 5, 100));
    ck_assert(!digests_meet(d, 5, 100)); /* begun at the same time: both are new */
    ck_assert(digests_meet(d, 5, 101));
    sim_arena_free(&arena);
}
END_TEST

/* While all fit, what is known is what was met. */
START_TEST(equals_a_plain_list) {
    enum { KEYS = 300, MEETINGS = 5000 };
    bool met[KEYS + 1] = {false};
    struct sim_arena arena = {0};
    struct digests table, *d = &table;
    digests_make(d, 1 << 16, &arena);
    for (uint64_t i = 0; i < MEETINGS; i++) {
        uint64_t key = 1 + mix64(i) % KEYS;
        ck_assert(digests_meet(d, key, (sim_ps)i) == met[key]);
        met[key] = true;
    }
    sim_arena_free(&arena);
}
END_TEST

TEST_MAIN("digests", the_one_not_met_for_longest_goes, known_from_the_next_picosecond_on,
          equals_a_plain_list)
