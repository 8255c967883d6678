/* fetch.c - see fetch.h. */
#include "models/fetch.h"

void fetch_init(struct fetch *f, uint32_t most, sim_ps latency, struct sim_arena *arena) {
    SIM_ASSERT(most > 0);
    *f = (struct fetch){.most = most, .latency = latency};
    f->end = sim_alloc_n(arena, most, sizeof *f->end);
}

void fetch_wait(struct fetch *f, sim_ps start, struct sim_service *out) {
    sim_ps *end = &f->end[f->next], wait = *end > start ? *end - start : 0;
    f->next = f->next + 1 < f->most ? f->next + 1 : 0;
    *end = start + wait + f->latency;
    out->latency_ps += wait + f->latency;
    if (wait > out->occupancy_ps)
        out->occupancy_ps = wait;
}
