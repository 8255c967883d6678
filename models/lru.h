/* lru.h - which of a cache's entries are there: sets of a few ways, least recently used out.
 *
 * Nothing but keys: no times, no ageing (flowtable.h has those). The set is chosen by a mix of
 * the key, so that no pattern of keys is fond of one set; with one set (ways = entries) it is
 * fully associative and every touch looks at all entries.
 */
#ifndef MODELS_LRU_H
#define MODELS_LRU_H

#include "sim/engine/model.h"

struct lru {
    uint64_t *key;  /* [sets][ways], the latest use first */
    uint32_t *used; /* [sets] entries in use */
    uint32_t sets, ways;
};

/* Are so many entries whole sets? Fails: err at the parameter `name`, with a number near by
 * that is; @param what the name of the parameter that says how many ways. */
bool lru_whole_sets(const struct sim_comp *comp, const char *name, int64_t entries,
                    const char *what, int64_t ways, struct sim_err *err);

/* An empty cache. @param entries a multiple of ways, > 0. 8 bytes an entry, touched when used.
 */
void lru_init(struct lru *l, uint32_t entries, uint32_t ways, struct sim_arena *arena);

/* Use the entry of `key`. @return whether it was there; if not, it is now, and a full set has
 * given up the entry that was used longest ago. */
bool lru_touch(struct lru *l, uint64_t key);

/* Use the entry of `key` if it is there. @return whether it was. */
bool lru_find(struct lru *l, uint64_t key);

/* Forget the key. @return whether it was there. */
bool lru_forget(struct lru *l, uint64_t key);

#endif
