/* test_lru.c - the cache of keys against a list kept in the order of use. */
#include "models/lru.h"
#include "models/mix.h"
#include "sim/engine/rng.h"
#include "tests/check_main.h"
#include <string.h>

START_TEST(a_loop_that_fits_hits_and_one_more_never_does) {
    struct sim_arena arena = {0};
    for (uint32_t keys = 8; keys <= 9; keys++) {
        struct lru l;
        uint32_t hits = 0;
        lru_init(&l, 8, 8, &arena);
        for (uint32_t i = 0; i < 10 * keys; i++)
            hits += lru_touch(&l, i % keys);
        ck_assert_uint_eq(hits, keys == 8 ? 9 * keys : 0);
    }
    sim_arena_free(&arena);
}
END_TEST

START_TEST(every_key_is_a_key) {
    struct sim_arena arena = {0};
    struct lru l;
    lru_init(&l, 4, 4, &arena);
    ck_assert(!lru_touch(&l, 0));
    ck_assert(!lru_touch(&l, UINT64_MAX));
    ck_assert(lru_touch(&l, 0));
    ck_assert(lru_touch(&l, UINT64_MAX));
    sim_arena_free(&arena);
}
END_TEST

enum { MOST = 64 };

/* One set, the straightforward way: when was each key last used? */
struct reference {
    uint64_t key[MOST], when[MOST];
    uint32_t n;
};

static uint32_t reference_find(const struct reference *r, uint64_t key) {
    for (uint32_t i = 0; i < r->n; i++)
        if (r->key[i] == key)
            return i;
    return r->n;
}

static bool reference_touch(struct reference *r, uint32_t ways, uint64_t key, uint64_t now) {
    uint32_t i = reference_find(r, key);
    bool hit = i < r->n;
    if (!hit && r->n < ways) {
        r->n++;
    } else if (!hit) {
        i = 0;
        for (uint32_t k = 1; k < r->n; k++)
            if (r->when[k] < r->when[i])
                i = k;
    }
    r->key[i] = key;
    r->when[i] = now;
    return hit;
}

static bool reference_forget(struct reference *r, uint64_t key) {
    uint32_t i = reference_find(r, key);
    if (i == r->n)
        return false;
    r->n--;
    r->key[i] = r->key[r->n];
    r->when[i] = r->when[r->n];
    return true;
}

START_TEST(is_what_the_reference_says) {
    static struct reference ref[MOST];
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct sim_arena arena = {0};
        struct sim_rng rng;
        struct lru l;
        sim_rng_init(&rng, seed, "lru");
        uint32_t ways = 1 + (uint32_t)sim_rng_below(&rng, 16);
        uint32_t sets = 1 + (uint32_t)sim_rng_below(&rng, MOST);
        uint64_t keys = 1 + sim_rng_below(&rng, 2 * (uint64_t)ways * sets);
        memset(ref, 0, sizeof ref);
        lru_init(&l, sets * ways, ways, &arena);
        for (uint64_t i = 0; i < 2000; i++) {
            uint64_t key = sim_rng_below(&rng, keys);
            struct reference *r = &ref[mix_place(key, sets)];
            if (sim_rng_below(&rng, 4) == 0) {
                bool there = reference_find(r, key) < r->n;
                ck_assert_int_eq(lru_find(&l, key), there);
                if (there)
                    reference_touch(r, ways, key, i);
            } else if (sim_rng_below(&rng, 10) == 0)
                ck_assert_int_eq(lru_forget(&l, key), reference_forget(r, key));
            else
                ck_assert_int_eq(lru_touch(&l, key), reference_touch(r, ways, key, i));
        }
        sim_arena_free(&arena);
    }
}
END_TEST

TEST_MAIN("lru", a_loop_that_fits_hits_and_one_more_never_does, every_key_is_a_key,
          is_what_the_reference_says)
