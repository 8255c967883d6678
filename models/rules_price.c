/* rules_price.c - see rules_price.h. */
#include "models/rules_price.h"
#include "models/mix.h"

static bool any_port(const uint16_t range[2]) { return range[0] == 0 && range[1] == 0xffff; }

enum rules_kind rules_kind(const struct rule *r) {
    unsigned whole = r->version == 6 ? 128 : 32;
    bool ports = any_port(r->sport) && any_port(r->dport);
    if (r->version != 0 && r->src_len == whole && r->dst_len == whole &&
        r->proto_mask == 0xff && r->sport[0] == r->sport[1] && r->dport[0] == r->dport[1])
        return RULES_EXACT;
    if (ports && r->proto_mask == 0 && (r->src_len == 0 || r->dst_len == 0))
        return RULES_LPM;
    return RULES_TERNARY;
}

/* The fewest prefixes that make up the range: the largest aligned block that begins where the
 * rest does and lies within it, again and again. */
static uint32_t prefixes(const uint16_t range[2]) {
    uint32_t from = range[0], to = range[1], n = 0;
    while (from <= to) {
        uint32_t size = from ? from & (~from + 1) : 1U << 16;
        while (from + size - 1 > to)
            size /= 2;
        from += size;
        n++;
    }
    return n;
}

uint32_t rules_tcam(const struct rule *r) { return prefixes(r->sport) * prefixes(r->dport); }

/* Length of the longest prefix that holds the whole range. */
static uint32_t port_bits(const uint16_t range[2]) {
    uint32_t bits = 16, change = (uint32_t)range[0] ^ range[1];
    for (; change != 0; change /= 2)
        bits--;
    return bits;
}

static uint64_t mask_of(const struct rule *r) {
    return 1 | (uint64_t)r->version << 8 | (uint64_t)r->src_len << 16 |
           (uint64_t)r->dst_len << 24 | (uint64_t)r->proto_mask << 32 |
           (uint64_t)port_bits(r->sport) << 40 | (uint64_t)port_bits(r->dport) << 48;
}

const uint32_t *rules_masks(const struct rules *set, struct sim_arena *arena) {
    uint32_t count = rules_count(set), seen = 0, slots = 1;
    while (slots < 2 * count)
        slots *= 2;
    uint64_t *slot = sim_alloc_n(arena, slots, sizeof *slot);
    uint32_t *upto = sim_alloc_n(arena, count, sizeof *upto);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t mask = mask_of(rules_get(set, i));
        uint64_t at = mix_place(mask, slots);
        while (slot[at] != 0 && slot[at] != mask)
            at = (at + 1) % slots;
        seen += slot[at] == 0;
        slot[at] = mask;
        upto[i] = seen;
    }
    (void)sim_grow(arena, slot, 0, 0); /* gives it back */
    return upto;
}
