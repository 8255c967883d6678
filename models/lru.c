/* lru.c - see lru.h. A set is kept in the order of use; sets are short. */
#include "models/lru.h"
#include "models/mix.h"
#include <string.h>

bool lru_whole_sets(const struct sim_comp *comp, const char *name, int64_t entries,
                    const char *what, int64_t ways, struct sim_err *err) {
    char at[512];
    long long of = ways, sets = (entries + of - 1) / of;
    if (entries % ways == 0)
        return true;
    return sim_fail(err, comp->file, sim_pointer(at, sizeof at, comp->pointer, name),
                    "%lld entries are not whole sets of %s = %lld; write e.g. %lld",
                    (long long)entries, what, of, sets * of);
}

void lru_init(struct lru *l, uint32_t entries, uint32_t ways, struct sim_arena *arena) {
    SIM_ASSERT(ways > 0 && entries > 0 && entries % ways == 0);
    *l = (struct lru){.sets = entries / ways, .ways = ways};
    l->key = sim_alloc_n(arena, entries, sizeof *l->key);
    l->used = sim_alloc_n(arena, l->sets, sizeof *l->used);
}

/* The place of the key in its set; where it is not there, the number of entries in use. */
static uint32_t find(const uint64_t *set, uint32_t used, uint64_t key) {
    uint32_t i = 0;
    while (i < used && set[i] != key)
        i++;
    return i;
}

bool lru_touch(struct lru *l, uint64_t key) {
    uint64_t at = mix_place(key, l->sets), *set = l->key + at * l->ways;
    uint32_t used = l->used[at], i = find(set, used, key);
    bool hit = i < used;
    if (!hit && used < l->ways)
        l->used[at]++;
    else if (!hit)
        i = used - 1;
    memmove(set + 1, set, i * sizeof *set);
    set[0] = key;
    return hit;
}

bool lru_find(struct lru *l, uint64_t key) {
    uint64_t at = mix_place(key, l->sets);
    uint32_t used = l->used[at];
    return find(l->key + at * l->ways, used, key) < used && lru_touch(l, key);
}

bool lru_forget(struct lru *l, uint64_t key) {
    uint64_t at = mix_place(key, l->sets), *set = l->key + at * l->ways;
    uint32_t used = l->used[at], i = find(set, used, key);
    if (i == used)
        return false;
    memmove(set + i, set + i + 1, (used - i - 1) * sizeof *set);
    l->used[at]--;
    return true;
}
