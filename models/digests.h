/* digests.h - which payloads have been met: a table of digests of bounded size, for whoever
 * looks for duplicates, an engine or cores.
 *
 * Sets of eight, the one not met for longest goes. A digest is known from the picosecond after
 * it was met on: of equal ones that two cores or lanes begin with at one time, both are new.
 */
#ifndef MODELS_DIGESTS_H
#define MODELS_DIGESTS_H

#include "sim/engine/mem.h"
#include "sim/engine/time.h"
#include <stdbool.h>

enum { DIGESTS_WAYS = 8 };

struct digest {
    uint64_t key; /* 0: free */
    sim_ps met;
};

struct digests {
    struct digest *at; /* [sets][DIGESTS_WAYS], NULL until the first one comes */
    uint32_t sets;
    struct sim_arena *arena;
    int64_t held, evicted; /* statistics: digests in it; that went for another one */
};

/* An empty table, which takes its room, 16 bytes an entry, when it is used. @param entries a
 * multiple of DIGESTS_WAYS, > 0. */
void digests_make(struct digests *d, uint32_t entries, struct sim_arena *arena);

/* Meet a digest, not 0, at time t, which never goes back. @return whether it was known. */
bool digests_meet(struct digests *d, uint64_t digest, sim_ps t);

#endif
