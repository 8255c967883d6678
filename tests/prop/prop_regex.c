/* prop_regex.c - Hyperscan finds what PCRE2 finds: random patterns of what both know, in random
 * payloads that they often nearly match.
 */
#include "models/patterns.h"
#include "tests/check_main.h"
#include "tests/small_world.h"

enum { SEEDS = 120, PATTERNS = 12, PAYLOADS = 80, LONGEST = 120 };

struct draw {
    uint64_t seed, n;
    char text[400];
    size_t used;
};

static uint32_t below(struct draw *d, uint32_t n) {
    return (uint32_t)(test_mix(d->seed, ++d->n) >> 20) % n;
}

static void add(struct draw *d, const char *text) {
    size_t n = strlen(text);
    if (d->used + n < sizeof d->text) {
        memcpy(d->text + d->used, text, n + 1);
        d->used += n;
    }
}

static const char *any(struct draw *d, const char *const *of, uint32_t n) {
    return of[below(d, n)];
}
#define ANY(d, ...)                                                                            \
    any(d, (const char *const[]){__VA_ARGS__},                                                 \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void branch(struct draw *d, int depth);

static void atom(struct draw *d, int depth) {
    uint32_t kind = below(d, 12);
    bool group = kind >= 9 && depth > 0; /* repeated seldom: PCRE2 would try too many ways */
    if (kind < 6)
        add(d, ANY(d, "a", "b", "c", "A", "ab", "\\x00", "\\xff", "\\."));
    else if (kind < 9 || depth == 0)
        add(d, ANY(d, ".", "[ab]", "[^a]", "\\d", "\\w", "\\s", "[a-c1]", "[^\\n]", "\\W"));
    else {
        add(d, ANY(d, "(", "(?:"));
        branch(d, depth - 1);
        while (below(d, 3) == 0) {
            add(d, "|");
            branch(d, depth - 1);
        }
        add(d, ")");
    }
    if (below(d, group ? 9 : 3) == 0)
        add(d, ANY(d, "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?"));
}

static void branch(struct draw *d, int depth) {
    for (uint32_t n = 1 + below(d, 4); n > 0; n--)
        atom(d, depth);
}

static struct pattern pattern(uint64_t seed, struct sim_arena *arena) {
    struct draw d = {.seed = seed};
    if (below(&d, 6) == 0)
        add(&d, ANY(&d, "^", "\\b", "\\A"));
    branch(&d, 2);
    if (below(&d, 6) == 0)
        add(&d, ANY(&d, "$", "\\b", "\\z", "\\Z"));
    return (struct pattern){.text = sim_strdup(arena, d.text), .flags = below(&d, 8)};
}

static uint32_t payload(uint64_t seed, uint8_t bytes[LONGEST]) {
    static const uint8_t of[] = {'a', 'b', 'c', 'A', '1', ' ', '\n', '.', 0, 0xff, 'a', 'b'};
    struct draw d = {.seed = seed};
    uint32_t n = 1 + below(&d, below(&d, 2) ? LONGEST - 1 : 12);
    for (uint32_t i = 0; i < n; i++)
        bytes[i] = of[below(&d, sizeof of)];
    return n;
}

static uint32_t gave_up;

/* @return hits of a pattern in the payloads, by which some hit and some do not. */
static uint32_t same(uint64_t seed) {
    struct sim_arena arena = {0};
    struct pattern p[PATTERNS];
    struct patterns set = {.file = "made up", .pattern = p, .count = PATTERNS};
    struct sim_err err = {0};
    uint32_t sum = 0;
    for (uint32_t i = 0; i < PATTERNS; i++)
        p[i] = pattern(test_mix(seed, i), &arena);
    void *a = patterns_pcre2.make(&set, &arena, &err), *b = NULL;
    ck_assert_msg(a != NULL, "%s: %s", err.path, err.text);
    b = patterns_hyperscan.make(&set, &arena, &err);
    ck_assert_msg(b != NULL, "%s: %s", err.path, err.text);
    for (uint32_t k = 0; k < PAYLOADS; k++) {
        uint8_t bytes[LONGEST];
        uint32_t n = payload(test_mix(seed, 1000 + k), bytes), one = 0, other = 0;
        if (!patterns_pcre2.count(a, bytes, n, &one,
                                  &err)) { /* gives up: too many ways to match */
            gave_up++;
            continue;
        }
        ck_assert_msg(patterns_hyperscan.count(b, bytes, n, &other, &err), "%s", err.text);
        ck_assert_msg(one == other, "seed %llu, payload %u: %u by PCRE2, %u by Hyperscan",
                      (unsigned long long)seed, k, one, other);
        sum += one;
    }
    sim_arena_free(&arena);
    return sum;
}

START_TEST(same_hits) {
    uint64_t sum = 0;
    if (patterns_hyperscan.missing != NULL) {
        printf("skipped: built without %s\n", patterns_hyperscan.missing);
        return;
    }
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        sum += same(seed);
    ck_assert_uint_lt(gave_up, SEEDS * PAYLOADS / 50);
    ck_assert_uint_gt(sum, (uint64_t)SEEDS * PATTERNS * PAYLOADS / 10);
    ck_assert_uint_lt(sum, (uint64_t)SEEDS * PATTERNS * PAYLOADS / 10 * 9);
}
END_TEST

TEST_MAIN("regex, both ways", same_hits)
