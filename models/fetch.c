/* fetch.c - see fetch.h. */
#include "models/fetch.h"

void fetch_init(struct fetch *f, uint32_t most, sim_ps latency, struct sim_arena *arena) {
    SIM_ASSERT(most > 0);
    *f = (struct fetch){.most = most, .latency = latency};
    f->end = sim_alloc_n(arena, most, sizeof *f->end);
}

sim_ps fetch_begin(struct fetch *f, sim_ps at) {
    sim_ps *end = &f->end[f->next], wait = *end > at ? *end - at : 0;
    f->next = f->next + 1 < f->most ? f->next + 1 : 0;
    *end = at + wait + f->latency;
    return wait;
}

void fetch_pay(const struct fetch *f, sim_ps wait, struct sim_service *out) {
    out->latency_ps += wait + f->latency;
    if (wait > out->occupancy_ps)
        out->occupancy_ps = wait;
}
