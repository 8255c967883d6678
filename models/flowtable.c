/* flowtable.c - see flowtable.h. */
#include "models/flowtable.h"

#define FLOW_KEY (1ULL << 63)

void flowtable_init(struct flowtable *t, uint64_t capacity, uint32_t ways, sim_ps ageing,
                    struct sim_arena *arena) {
    SIM_ASSERT(ways > 0 && capacity % ways == 0 && capacity / ways <= 1ULL << 32);
    *t = (struct flowtable){
        .sets = capacity / ways, .ways = ways, .evict = true, .ageing = ageing};
    t->entry = sim_alloc_n(arena, capacity, sizeof *t->entry);
}

/* The key's set, by the upper bits of a mix (finaliser of MurmurHash3, by Appleby). */
static struct flow_entry *set_of(const struct flowtable *t, uint64_t key) {
    uint64_t x = key;
    x = (x ^ x >> 33) * 0xff51afd7ed558ccdULL;
    x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53ULL;
    return t->entry + ((x >> 32) * t->sets >> 32) * t->ways;
}

static bool aged(const struct flowtable *t, sim_ps used, sim_ps at) {
    return at > used && at - used > t->ageing;
}

/* Place of the key, or of the first free entry. @return t->ways when there is neither. */
static uint32_t place(const struct flowtable *t, const struct flow_entry *set, uint64_t key) {
    uint32_t i = 0;
    while (i < t->ways && set[i].key != 0 && set[i].key != key)
        i++;
    return i;
}

bool flowtable_find(struct flowtable *t, uint64_t key, sim_ps at, bool resident) {
    struct flow_entry *set = set_of(t, key);
    uint32_t i = place(t, set, key | FLOW_KEY);
    if (i == t->ways)
        return false;
    if (set[i].key == 0 && !resident)
        return false;
    /* A resident that nobody has asked for yet was last used at 0, when the run began. */
    if (set[i].used > at || aged(t, set[i].used, at))
        return false;
    set[i] = (struct flow_entry){key | FLOW_KEY, at};
    return true;
}

static uint32_t oldest(const struct flowtable *t, const struct flow_entry *set) {
    uint32_t old = 0;
    for (uint32_t i = 1; i < t->ways; i++)
        if (set[i].used < set[old].used)
            old = i;
    return old;
}

enum flow_added flowtable_add(struct flowtable *t, uint64_t key, sim_ps at, sim_ps active) {
    struct flow_entry *set = set_of(t, key);
    uint32_t i = place(t, set, key | FLOW_KEY);
    enum flow_added result = FLOW_NEW;
    if (i == t->ways) {
        i = oldest(t, set);
        if (!aged(t, set[i].used, at))
            result = t->evict ? FLOW_EVICTED : FLOW_FULL;
    } else if (set[i].key != 0 && !aged(t, set[i].used, at)) {
        result = FLOW_KNOWN;
    }
    if (result != FLOW_KNOWN && result != FLOW_FULL)
        set[i] = (struct flow_entry){key | FLOW_KEY, active};
    return result;
}
