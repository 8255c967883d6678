/* flowset.c - counts distinct flows: exactly while they are few, then by estimate.
 *
 * Up to 2^20 flows are kept as 64-bit hashes in an open-addressing table (two flows of the same
 * hash would count once: less than one in thirty million runs). Beyond, HyperLogLog with 2^16
 * registers, standard error 1.04/sqrt(2^16) = 0.41 %. One-way and two-way flows each have a
 * table, which turns into an estimate by itself; together they take at most 32 MiB.
 * Whose definitions: Flajolet et al., "HyperLogLog", 2007; with 64-bit hashes and estimates
 * far above 2.5 * 2^16 none of its corrections is needed.
 */
#include "workloads/flowset.h"
#include "sim/engine/err.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1 << 12, MAX_EXACT = 1 << 20, REGISTER_BITS = 16 };
enum { REGISTERS = 1 << REGISTER_BITS };

struct counter {
    uint64_t *slot; /* [slots], 0: free; NULL once estimating */
    size_t slots, used;
    uint8_t *rank; /* [REGISTERS] once estimating */
};

struct work_flowset {
    struct counter one_way, both_ways;
    uint64_t last; /* one-way hash of the flow noted last: packets come in trains */
};

static uint64_t mix(uint64_t x) { /* the finaliser of SplitMix64 */
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
    x = (x ^ x >> 27) * 0x94d049bb133111ebU;
    return x ^ x >> 31;
}

static uint64_t word(const uint8_t *p) {
    uint64_t w;
    memcpy(&w, p, 8);
    return w;
}

/* Address and port of one end. */
static uint64_t end_hash(const uint8_t address[16], uint16_t port, uint8_t version) {
    if (version == 4) {
        uint32_t a;
        memcpy(&a, address, 4);
        return mix((uint64_t)a << 16 | port);
    }
    return mix(mix(word(address) ^ 0x9e3779b97f4a7c15U) + word(address + 8) + port);
}

struct work_flow_hash work_flow_hash(const struct packet_head *head) {
    uint64_t a = end_hash(head->src, head->sport, head->version);
    uint64_t b = end_hash(head->dst, head->dport, head->version);
    uint64_t kind = (uint64_t)head->proto << 8 | head->version;
    uint64_t low = a < b ? a : b, high = a < b ? b : a;
    struct work_flow_hash h = {mix(a * 3 + b + kind), mix(low * 3 + high + kind), a > b};
    h.one_way += h.one_way == 0; /* 0 marks a free slot */
    h.both_ways += h.both_ways == 0;
    return h;
}

/* Where `hash` is or belongs. */
static size_t find(const struct counter *c, uint64_t hash) {
    size_t i = hash & (c->slots - 1);
    while (c->slot[i] != 0 && c->slot[i] != hash)
        i = (i + 1) & (c->slots - 1);
    return i;
}

static void grow(struct counter *c) {
    struct counter larger = {.slots = 2 * c->slots, .used = c->used};
    larger.slot = calloc(larger.slots, sizeof *larger.slot);
    SIM_ASSERT(larger.slot);
    for (size_t i = 0; i < c->slots; i++)
        if (c->slot[i] != 0)
            larger.slot[find(&larger, c->slot[i])] = c->slot[i];
    free(c->slot);
    *c = larger;
}

static void estimate_add(struct counter *c, uint64_t hash) {
    size_t i = hash >> (64 - REGISTER_BITS);
    uint64_t rest = hash << REGISTER_BITS | 1U << (REGISTER_BITS - 1);
    uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
    if (c->rank[i] < rank)
        c->rank[i] = rank;
}

static void start_estimate(struct counter *c) {
    c->rank = calloc(REGISTERS, 1);
    SIM_ASSERT(c->rank);
    for (size_t i = 0; i < c->slots; i++)
        if (c->slot[i] != 0)
            estimate_add(c, c->slot[i]);
    free(c->slot);
    c->slot = NULL;
}

/* @return false when it was there already. */
static bool add(struct counter *c, uint64_t hash) {
    if (c->rank) {
        estimate_add(c, hash);
        return true;
    }
    size_t i = find(c, hash);
    if (c->slot[i] == hash)
        return false;
    c->slot[i] = hash;
    c->used++;
    if (c->used > MAX_EXACT)
        start_estimate(c);
    else if (2 * c->used > c->slots)
        grow(c);
    return true;
}

void work_flowset_add(struct work_flowset *set, const struct packet_head *head) {
    struct work_flow_hash h = work_flow_hash(head);
    if (h.one_way == set->last)
        return;
    set->last = h.one_way;
    if (add(&set->one_way, h.one_way))
        add(&set->both_ways, h.both_ways);
}

static uint64_t count(const struct counter *c) {
    if (!c->rank)
        return c->used;
    double sum = 0;
    for (size_t i = 0; i < REGISTERS; i++)
        sum += ldexp(1.0, -c->rank[i]);
    double alpha = 0.7213 / (1 + 1.079 / REGISTERS);
    return (uint64_t)llround(alpha * REGISTERS * (double)REGISTERS / sum);
}

struct work_flow_counts work_flowset_count(const struct work_flowset *set) {
    bool exact = !set->one_way.rank && !set->both_ways.rank;
    return (struct work_flow_counts){.unidirectional = count(&set->one_way),
                                     .bidirectional = count(&set->both_ways),
                                     .exact = exact,
                                     .error = exact ? 0 : 1.04 / sqrt(REGISTERS)};
}

static void start(struct counter *c) {
    c->slots = FIRST_SLOTS;
    c->slot = calloc(c->slots, sizeof *c->slot);
    SIM_ASSERT(c->slot);
}

struct work_flowset *work_flowset_new(void) {
    struct work_flowset *set = calloc(1, sizeof *set);
    SIM_ASSERT(set);
    start(&set->one_way);
    start(&set->both_ways);
    return set;
}

static void stop(struct counter *c) {
    free(c->slot);
    free(c->rank);
}

void work_flowset_free(struct work_flowset *set) {
    stop(&set->one_way);
    stop(&set->both_ways);
    free(set);
}
