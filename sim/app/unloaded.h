/* unloaded.h - times that a step takes of servers and of places when nothing waits, as the
 * visits of the run tell them: mean picoseconds. For bounds.c and the verdict.
 */
#ifndef APP_UNLOADED_H
#define APP_UNLOADED_H

#include "sim/engine/world.h"

/* Of a server; 0: the step served nothing. */
double app_occupancy(const struct sim_step_stat *a);
/* For which a server that polls is kept beside its occupancy by step i, which served. */
double app_unloaded_keep(const struct sim_world *w, const struct sim_stream *st, uint32_t i);
/* For which a slot is taken: from the departure of the step before (of its start, where the
 * stop refuses), over its latency and the way, to the departure from the stop (or the end of
 * its latency). */
double app_unloaded_hold(const struct sim_world *w, const struct sim_stream *st, uint32_t i,
                         const struct sim_hop *hop, const struct sim_link *link);

/* Picoseconds from the service of a step to the arrival at the next one on its message's own
 * way, when nothing waits: of a split, what its children take too. */
double app_unloaded_step(const struct sim_world *w, const struct sim_stream *st, uint32_t i);

#endif
