/* fetch.h - reads of entries that are not on the chip: so many under way at most, each of one
 * latency. Times given to it never go back.
 */
#ifndef MODELS_FETCH_H
#define MODELS_FETCH_H

#include "sim/engine/model.h"

struct fetch {
    sim_ps *end; /* [most] when each of the latest reads is over */
    uint32_t most, next;
    sim_ps latency;
};

void fetch_init(struct fetch *f, uint32_t most, sim_ps latency, struct sim_arena *arena);

/* A message whose service starts at `start` has to wait for a read: it comes out so much later,
 * and waits at the head of its port while too many are under way. */
void fetch_wait(struct fetch *f, sim_ps start, struct sim_service *out);

#endif
