/* flowtable.h - an exact-match table of flows: sets of a few ways, least recently used out.
 *
 * An entry is found from the time at which it becomes active until it has not been used for
 * the ageing time, or another flow takes its place. Times given to a table never go back.
 *
 * Flows that were there before the run began ("residents") need no list: the table began full
 * of them, none used more recently than another. So a resident that is asked for and not
 * found was in the table if its set still has a place that no known flow has taken; and new
 * flows take the places of residents that nobody has asked for first. Such a loss is seen
 * only when the resident comes and finds the set full.
 *
 * A tag. An entry has seven bits for its user, the lower four of which are its state: what it
 * ages by and whether it may go for another one can depend on that.
 *
 * Census. Entries that have aged are seen to be gone when another takes their place, or when
 * they are counted; when that was they say themselves. The places that were ever taken are the
 * most entries that there were, but for those aged ones whose place nobody needed.
 *
 * Memory. A set that has to be told from its neighbours only when full needs no room of its
 * own before: the table is kept in as few sets as hold all entries and doubles when one is
 * full, which no caller can tell from the whole table.
 */
#ifndef MODELS_FLOWTABLE_H
#define MODELS_FLOWTABLE_H

#include "sim/engine/mem.h"
#include "sim/engine/msg.h"
#include "sim/engine/time.h"
#include "sim/engine/world.h"

enum { FLOW_STATES = 16, FLOW_TAG = 56 }; /* the tag's lowest bit in `key` */

struct flow_entry {
    uint64_t key; /* 1 << 63 | tag << FLOW_TAG | key; 0: free. Places are taken from the left */
    sim_ps used;  /* last use, or when it becomes active if that is later */
};

static inline uint32_t flow_tag(const struct flow_entry *e) {
    return (uint32_t)(e->key >> FLOW_TAG) & 0x7f;
}

static inline void flow_set_tag(struct flow_entry *e, uint32_t tag) {
    e->key = (e->key & ~(0x7fULL << FLOW_TAG)) | (uint64_t)tag << FLOW_TAG;
}

struct flowtable {
    struct flow_entry *entry; /* [sets][ways] */
    uint64_t sets, whole;     /* now; of the table that is modelled */
    uint32_t ways;
    bool evict;    /* a full set gives up the entry that was used longest ago ... */
    uint32_t keep; /* ... of those in a state whose bit is 0 here */
    sim_ps ageing;
    const sim_ps *ageing_of; /* [FLOW_STATES], or NULL: `ageing` for all */
    struct sim_arena *arena;
    const struct sim_world *world; /* whose window counts in `aged`; NULL: none does */
    uint64_t taken;                /* places that were ever taken */
    int64_t aged;                  /* entries replaced that had aged in the window */
};

enum flow_added { FLOW_NEW, FLOW_KNOWN, FLOW_EVICTED, FLOW_FULL };

/* `capacity` entries: a multiple of ways, at most 2^32 sets. 16 bytes an entry, of
 * as many as are in use (a quarter or more). */
void flowtable_init(struct flowtable *t, uint64_t capacity, uint32_t ways, sim_ps ageing,
                    struct sim_arena *arena);

/* The flow's entry at time `at`, active or on its way; NULL when there is none. Nothing is
 * used; it may be changed until the next call. @param key below 2^56. @param resident it was in
 * the table when the run began (and nobody has used it since, in state 0). */
struct flow_entry *flowtable_get(struct flowtable *t, uint64_t key, sim_ps at, bool resident);

/* Is the flow in the table at time `at`, and active? Uses its entry. */
bool flowtable_find(struct flowtable *t, uint64_t key, sim_ps at, bool resident);

/* At time `at`, make an entry, tag 0, that is active from `active` on. FLOW_KNOWN: it is there,
 * or on its way; nothing changes. FLOW_EVICTED: another entry in use went for it. FLOW_FULL:
 * there is no place, and none may go. *entry becomes the flow's, NULL when there is none. */
enum flow_added flowtable_put(struct flowtable *t, uint64_t key, sim_ps at, sim_ps active,
                              struct flow_entry **entry);

/* Entries that are in use at `at`, and those of all that had aged in the window. */
struct flow_census {
    uint64_t entries;
    int64_t aged;
};
struct flow_census flowtable_census(const struct flowtable *t, sim_ps at);

static inline enum flow_added flowtable_add(struct flowtable *t, uint64_t key, sim_ps at,
                                            sim_ps active) {
    struct flow_entry *entry;
    return flowtable_put(t, key, at, active, &entry);
}

/* The key of a message's flow, as its outermost header shows it: that of the captured outer
 * header, or of the inner one when a tunnel was taken off. A tunnel that this card has put on
 * is one flow for each flow inside: its source port is chosen by their hash (RFC 7348, section
 * 5). NAT does not change the key: it makes one flow of each. */
static inline uint64_t flowtable_key(const struct sim_msg *m) {
    return (uint64_t)m->stream << 40 | (uint64_t)m->level << 32 | m->flow;
}

#endif
