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
 * Memory. A set that has to be told from its neighbours only when full needs no room of its
 * own before: the table is kept in as few sets as hold all entries and doubles when one is
 * full, which no caller can tell from the whole table.
 */
#ifndef MODELS_FLOWTABLE_H
#define MODELS_FLOWTABLE_H

#include "sim/engine/mem.h"
#include "sim/engine/msg.h"
#include "sim/engine/time.h"

struct flow_entry {
    uint64_t key; /* FLOW_KEY | key; 0: free. Places are taken from the left */
    sim_ps used;  /* last use, or when it becomes active if that is later */
};

struct flowtable {
    struct flow_entry *entry; /* [sets][ways] */
    uint64_t sets, whole;     /* now; of the table that is modelled */
    uint32_t ways;
    bool evict; /* a full set gives up the entry that was used longest ago */
    sim_ps ageing;
    struct sim_arena *arena;
};

enum flow_added { FLOW_NEW, FLOW_KNOWN, FLOW_EVICTED, FLOW_FULL };

/* `capacity` entries: a multiple of ways, at most 2^32 sets. 16 bytes an entry, of
 * as many as are in use (a quarter or more). */
void flowtable_init(struct flowtable *t, uint64_t capacity, uint32_t ways, sim_ps ageing,
                    struct sim_arena *arena);

/* Is the flow in the table at time `at`? Uses its entry. @param key below 2^63.
 * @param resident it was in the table when the run began. */
bool flowtable_find(struct flowtable *t, uint64_t key, sim_ps at, bool resident);

/* At time `at`, make an entry that is active from `active` on. FLOW_KNOWN: it is there, or on
 * its way; nothing changes. FLOW_EVICTED: another entry in use went for it. FLOW_FULL: there
 * is no place, and none may go. */
enum flow_added flowtable_add(struct flowtable *t, uint64_t key, sim_ps at, sim_ps active);

/* The key of a message's flow, as its outermost header shows it: that of the captured outer
 * header, or of the inner one when a tunnel was taken off. A tunnel that this card has put on
 * is one flow for each flow inside: its source port is chosen by their hash (RFC 7348, section
 * 5). NAT does not change the key: it makes one flow of each. */
static inline uint64_t flowtable_key(const struct sim_msg *m) {
    return (uint64_t)m->stream << 40 | (uint64_t)m->level << 32 | m->flow;
}

#endif
