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
    struct sim_comp *comp;
    uint32_t port; /* "fetches": nothing visits it, the reads are its servers */
};

/* Call it behind the component's other ports: it adds one, for the reads under way. */
void fetch_init(struct fetch *f, struct sim_comp *comp, uint32_t most, sim_ps latency);

/* A read is asked for at `at` for m. @return how long it waits until it can begin. */
sim_ps fetch_begin(struct fetch *f, const struct sim_msg *m, sim_ps at);

/* What a message pays whose reads waited so long, the last of them, and then took their time:
 * it comes out later, and its server stands until all have begun. */
void fetch_pay(const struct fetch *f, sim_ps wait, struct sim_service *out);

/* A message whose service starts at `start` has to wait for a read: it comes out so much later,
 * and its server stands while too many are under way. */
static inline void fetch_wait(struct fetch *f, const struct sim_msg *m, sim_ps start,
                              struct sim_service *out) {
    fetch_pay(f, fetch_begin(f, m, start), out);
}

#endif
