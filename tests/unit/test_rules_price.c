/* test_rules_price.c - kinds of rules, entries of a TCAM against a search for the fewest, masks
 * against a list of those seen. */
#include "models/rules_price.h"
#include "sim/engine/rng.h"
#include "tests/check_main.h"
#include <string.h>

static struct rule any(void) {
    return (struct rule){.version = 4, .sport = {0, 0xffff}, .dport = {0, 0xffff}};
}

START_TEST(kinds) {
    struct rule r = any();
    ck_assert_int_eq(rules_kind(&r), RULES_LPM); /* the prefix of no bits */
    r.dst_len = 24;
    ck_assert_int_eq(rules_kind(&r), RULES_LPM);
    r.src_len = 1;
    ck_assert_int_eq(rules_kind(&r), RULES_TERNARY);
    r.src_len = r.dst_len = 32;
    r.proto_mask = 0xff;
    r.sport[0] = r.sport[1] = 7;
    r.dport[0] = r.dport[1] = 80;
    ck_assert_int_eq(rules_kind(&r), RULES_EXACT);
    r.version = 6;
    ck_assert_int_eq(rules_kind(&r), RULES_TERNARY); /* 32 bits of 128 */
    r.src_len = r.dst_len = 128;
    ck_assert_int_eq(rules_kind(&r), RULES_EXACT);
    r.dport[1] = 81;
    ck_assert_int_eq(rules_kind(&r), RULES_TERNARY);
}
END_TEST

/* The fewest prefixes of the ports from..to, by halves of the whole. */
static uint32_t fewest(uint32_t from, uint32_t to, uint32_t low, uint32_t high) {
    if (to < low || high < from)
        return 0;
    if (from <= low && high <= to)
        return 1;
    uint32_t middle = low + (high - low) / 2;
    return fewest(from, to, low, middle) + fewest(from, to, middle + 1, high);
}

START_TEST(entries_of_a_tcam) {
    struct rule r = any();
    struct sim_rng rng;
    sim_rng_init(&rng, 1, "ports");
    ck_assert_uint_eq(rules_tcam(&r), 1);
    r.sport[0] = r.dport[0] = 1;
    r.sport[1] = r.dport[1] = 65534;
    ck_assert_uint_eq(rules_tcam(&r), 900); /* 30 each: the worst there is */
    for (int i = 0; i < 20000; i++) {
        uint32_t want = 1;
        uint16_t *const range[2] = {r.sport, r.dport};
        for (int k = 0; k < 2; k++) {
            uint16_t a = (uint16_t)sim_rng_below(&rng, 65536), b;
            b = (uint16_t)(a + sim_rng_below(&rng, 65536 - a));
            range[k][0] = a;
            range[k][1] = b;
            want *= fewest(a, b, 0, 0xffff);
        }
        ck_assert_uint_eq(rules_tcam(&r), want);
    }
}
END_TEST

START_TEST(masks_up_to_a_rule) {
    enum { RULES = 400 };
    struct sim_arena arena = {0};
    struct sim_rng rng;
    static struct rule rule[RULES];
    static uint32_t seen[RULES][3];
    uint32_t n = 0;
    sim_rng_init(&rng, 2, "masks");
    for (uint32_t i = 0; i < RULES; i++) {
        uint32_t bits = (uint32_t)sim_rng_below(&rng, 17), k = 0;
        rule[i] = any();
        rule[i].src_len = (uint8_t)sim_rng_below(&rng, 5);
        rule[i].proto_mask = sim_rng_below(&rng, 2) ? 0xff : 0;
        rule[i].dport[0] = (uint16_t)(0x10000 - (1U << (16 - bits)));
        const uint32_t mask[3] = {rule[i].src_len, rule[i].proto_mask, bits};
        while (k < n && memcmp(seen[k], mask, sizeof mask) != 0)
            k++;
        memcpy(seen[k], mask, sizeof mask);
        n += k == n;
        const struct rules *set = rules_build(rule, i + 1, &arena);
        ck_assert_uint_eq(rules_masks(set, &arena)[i], n);
    }
    ck_assert_uint_gt(n, 100);
    ck_assert_uint_lt(n, RULES);
    sim_arena_free(&arena);
}
END_TEST

TEST_MAIN("prices of rules", kinds, entries_of_a_tcam, masks_up_to_a_rule)
