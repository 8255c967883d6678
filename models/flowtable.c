/* flowtable.c - see flowtable.h. */
#include "models/flowtable.h"
#include "models/mix.h"

#define FLOW_KEY (1ULL << 63)
#define KEY_BITS ((1ULL << FLOW_TAG) - 1)

enum { FIRST_ENTRIES = 4096 };

void flowtable_init(struct flowtable *t, uint64_t capacity, uint32_t ways, sim_ps ageing,
                    struct sim_arena *arena) {
    SIM_ASSERT(ways > 0 && capacity % ways == 0 && capacity / ways <= 1ULL << 32);
    *t = (struct flowtable){.whole = capacity / ways,
                            .sets = capacity / ways,
                            .ways = ways,
                            .evict = true,
                            .ageing = ageing,
                            .arena = arena};
    while (t->sets % 2 == 0 && t->sets * ways > FIRST_ENTRIES)
        t->sets /= 2;
    t->entry = sim_alloc_n(arena, t->sets * ways, sizeof *t->entry);
}

/* The key's set, by the upper bits of a mix. */
static struct flow_entry *set_of(const struct flowtable *t, uint64_t key) {
    return t->entry + mix_place(key, t->sets) * t->ways;
}

/* Set i of a table becomes sets 2i and 2i + 1 of one twice as large: the upper bits of the mix
 * choose it. Entries keep their order. */
static void split(struct flowtable *t, struct flow_entry *set, struct flow_entry *two) {
    struct flow_entry *to[2] = {two, two + t->ways};
    for (uint32_t i = 0; i < t->ways && set[i].key != 0; i++) {
        uint32_t half = set_of(t, set[i].key & KEY_BITS) != two;
        *to[half]++ = set[i];
    }
    for (uint32_t half = 0; half < 2; half++)
        while (to[half] < two + (half + 1) * (size_t)t->ways)
            *to[half]++ = (struct flow_entry){0, 0};
}

/* @return false when the table has its whole size already. */
static bool grow(struct flowtable *t) {
    size_t bytes = t->sets * t->ways * sizeof *t->entry;
    if (t->sets == t->whole)
        return false;
    t->entry = sim_grow(t->arena, t->entry, bytes, 2 * bytes);
    t->sets *= 2;
    for (uint64_t i = t->sets / 2; i-- > 0;)
        split(t, t->entry + i * t->ways, t->entry + 2 * i * t->ways);
    return true;
}

static uint32_t state_of(const struct flow_entry *e) { return flow_tag(e) % FLOW_STATES; }

static sim_ps ageing_of(const struct flowtable *t, const struct flow_entry *e) {
    return t->ageing_of ? t->ageing_of[state_of(e)] : t->ageing;
}

static bool aged(const struct flowtable *t, const struct flow_entry *e, sim_ps at) {
    return at > e->used && at - e->used > ageing_of(t, e);
}

/* Has it aged, and in the window? */
static bool aged_inside(const struct flowtable *t, const struct flow_entry *e, sim_ps at) {
    return e->key != 0 && t->world != NULL && aged(t, e, at) &&
           sim_inside(t->world, e->used + ageing_of(t, e));
}

/* The place of the key, or of the first free entry of its set. @return t->ways when the set
 * has neither. */
static uint32_t place(struct flowtable *t, uint64_t key, struct flow_entry **set) {
    uint32_t i;
    SIM_ASSERT(key <= KEY_BITS);
    do {
        *set = set_of(t, key);
        for (i = 0; i < t->ways && (*set)[i].key != 0; i++)
            if (((*set)[i].key & KEY_BITS) == key)
                break;
    } while (i == t->ways && grow(t));
    return i;
}

struct flow_entry *flowtable_get(struct flowtable *t, uint64_t key, sim_ps at, bool resident) {
    struct flow_entry *set;
    uint32_t i = place(t, key, &set);
    if (i == t->ways || (set[i].key == 0 && !resident))
        return NULL;
    /* A resident that nobody has asked for yet was last used at 0, when the run began. */
    if (aged(t, &set[i], at))
        return NULL;
    t->taken += set[i].key == 0;
    set[i].key |= key | FLOW_KEY;
    return &set[i];
}

bool flowtable_find(struct flowtable *t, uint64_t key, sim_ps at, bool resident) {
    struct flow_entry *e = flowtable_get(t, key, at, resident);
    if (e == NULL || e->used > at)
        return false;
    e->used = at;
    return true;
}

/* The entry used longest ago, of those that have aged, else of those that may go; NULL: none.
 */
static struct flow_entry *oldest(const struct flowtable *t, struct flow_entry *set, sim_ps at,
                                 bool old) {
    struct flow_entry *best = NULL;
    for (struct flow_entry *e = set; e < set + t->ways; e++) {
        bool may = old ? aged(t, e, at) : t->evict && !(t->keep >> state_of(e) & 1);
        if (may && (best == NULL || e->used < best->used))
            best = e;
    }
    return best;
}

enum flow_added flowtable_put(struct flowtable *t, uint64_t key, sim_ps at, sim_ps active,
                              struct flow_entry **entry) {
    struct flow_entry *set;
    uint32_t i = place(t, key, &set);
    enum flow_added result = FLOW_NEW;
    *entry = &set[i];
    if (i == t->ways) {
        *entry = oldest(t, set, at, true);
        if (*entry == NULL) {
            *entry = oldest(t, set, at, false);
            result = *entry ? FLOW_EVICTED : FLOW_FULL;
        }
    } else if (set[i].key != 0 && !aged(t, &set[i], at)) {
        result = FLOW_KNOWN;
    }
    if (result != FLOW_KNOWN && result != FLOW_FULL) {
        t->taken += (*entry)->key == 0;
        t->aged += aged_inside(t, *entry, at);
        **entry = (struct flow_entry){key | FLOW_KEY, active};
    }
    return result;
}

struct flow_census flowtable_census(const struct flowtable *t, sim_ps at) {
    struct flow_census c = {0, t->aged};
    for (const struct flow_entry *e = t->entry; e < t->entry + t->sets * t->ways; e++) {
        c.entries += e->key != 0 && !aged(t, e, at);
        c.aged += aged_inside(t, e, at);
    }
    return c;
}
