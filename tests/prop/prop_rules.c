/* prop_rules.c - the fast classifier equals the linear search, for random rule sets and heads
 * of both IP versions.
 *
 * Rules are drawn from few addresses, ports and protocols, so that they overlap; heads are
 * drawn from the rules' own corners, one step beside them, and at random. Sets are small for
 * most seeds. Some cross the classifier's chunk of 4096 rules; those are spread over the whole
 * of the address space, so that first matches lie deep.
 */
#include "models/rules.h"
#include "sim/engine/rng.h"
#include "tests/check_main.h"
#include <string.h>

enum { SEEDS = 400, LARGE_SEEDS = 6, HEADS = 400 };

static struct sim_rng rng;
static bool spread;

static uint32_t below(uint32_t n) { return (uint32_t)sim_rng_below(&rng, n); }

static void random_address(uint8_t out[16], unsigned bytes) {
    memset(out, 0, 16);
    for (unsigned i = 0; i < bytes; i++)
        out[i] = (uint8_t)(below(4) && !spread ? below(2) * 0xff : below(256));
}

static void random_prefix(uint8_t out[16], uint8_t *len, unsigned bytes) {
    unsigned bits = below(4) ? 8 * below(bytes + 1) : below(8 * bytes + 1);
    if (spread)
        bits = 8 * bytes - below(16);
    random_address(out, bytes);
    for (unsigned i = 0; i < bytes; i++) {
        if (i > bits / 8)
            out[i] = 0;
        else if (i == bits / 8)
            out[i] &= (uint8_t)(0xff00 >> bits % 8);
    }
    *len = (uint8_t)bits;
}

static void random_ports(uint16_t range[2]) {
    uint32_t low = below(3) ? below(8) : below(65536);
    uint32_t kind = below(4);
    range[0] = kind == 0 ? 0 : (uint16_t)low;
    range[1] = kind <= 1 ? 65535 : (uint16_t)(low + (kind == 2 ? below(65536 - low) : 0));
}

static struct rule random_rule(void) {
    struct rule r = {.version = (uint8_t)(2 * below(4)), .action = (uint8_t)below(2)};
    if (r.version < 4)
        r.version = below(4) || spread ? 4 : 0;
    if (r.version != 0) {
        random_prefix(r.src, &r.src_len, r.version == 4 ? 4 : 16);
        random_prefix(r.dst, &r.dst_len, r.version == 4 ? 4 : 16);
    }
    random_ports(r.sport);
    random_ports(r.dport);
    r.proto = (uint8_t)(below(2) ? 6 + 11 * below(2) : below(256));
    r.proto_mask = (uint8_t)(below(4) ? below(2) * 0xff : below(256));
    return r;
}

/* A port at an end of the range, or beside it, or anywhere. */
static uint16_t corner_port(const uint16_t range[2]) {
    uint32_t port = below(8) ? range[below(2)] + below(3) - 1 : below(65536);
    return (uint16_t)port;
}

/* An address of the prefix, or one beside it. */
static void corner_address(const uint8_t prefix[16], unsigned len, unsigned bytes,
                           uint8_t out[16]) {
    uint8_t low[16];
    random_address(low, bytes);
    memset(out, 0, 16);
    for (unsigned i = 0; i < bytes; i++) {
        unsigned kept = len <= 8 * i ? 0 : len - 8 * i < 8 ? len - 8 * i : 8;
        out[i] = (uint8_t)(prefix[i] | (low[i] & (0xff >> kept)));
    }
    if (below(6) == 0)
        out[below(bytes)] ^= (uint8_t)(1 << below(8));
}

static struct packet_head random_head(const struct rule *r) {
    struct packet_head h = {.version = r->version ? r->version : (uint8_t)(4 + 2 * below(2))};
    unsigned bytes = h.version == 4 ? 4 : 16;
    corner_address(r->src, r->src_len, bytes, h.src);
    corner_address(r->dst, r->dst_len, bytes, h.dst);
    h.sport = corner_port(r->sport);
    h.dport = corner_port(r->dport);
    h.proto = below(4) ? r->proto : (uint8_t)below(256);
    if (below(40) == 0)
        h.version = (uint8_t)below(8);
    return h;
}

/* One rule set. @return matches past the first chunk. */
static uint32_t compare(uint32_t seed, uint32_t n, uint32_t heads) {
    struct sim_arena arena = {0};
    uint32_t deep = 0;
    struct rule *rule = sim_alloc_n(&arena, n, sizeof *rule);
    for (uint32_t i = 0; i < n; i++)
        rule[i] = random_rule();
    const struct rules *set = rules_build(rule, n, &arena);
    for (uint32_t i = 0; i < heads; i++) {
        struct packet_head head = random_head(&rule[below(n)]);
        uint32_t fast = rules_match(set, &head), slow = rules_linear(set, &head);
        ck_assert_msg(fast == slow, "seed %u, %u rules, head %u: %u, linear says %u", seed, n,
                      i, fast, slow);
        deep += fast != PACKET_NO_RULE && fast >= 4096;
    }
    sim_arena_free(&arena);
    return deep;
}

START_TEST(fast_equals_linear) {
    spread = false;
    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        sim_rng_init(&rng, seed, "small");
        compare(seed, 1 + below(seed % 4 ? 24 : 300), HEADS);
    }
}
END_TEST

START_TEST(fast_equals_linear_over_chunks) {
    uint32_t deep = 0;
    spread = true;
    for (uint32_t seed = 0; seed < LARGE_SEEDS; seed++) {
        sim_rng_init(&rng, seed, "large");
        deep += compare(seed, 4000 + below(9000), HEADS);
    }
    ck_assert_uint_gt(deep, LARGE_SEEDS * HEADS / 20);
}
END_TEST

TEST_MAIN("prop_rules", fast_equals_linear, fast_equals_linear_over_chunks)
