/* fetch.c - see fetch.h. */
#include "models/fetch.h"

void fetch_init(struct fetch *f, struct sim_comp *comp, uint32_t most, sim_ps latency) {
    SIM_ASSERT(most > 0);
    *f = (struct fetch){.most = most, .latency = latency, .comp = comp};
    f->end = sim_alloc_n(sim_comp_arena(comp), most, sizeof *f->end);
    f->port = sim_port_add(
        comp, &(struct sim_port_opts){.name = "fetches", .servers = most, .aside = true});
}

sim_ps fetch_begin(struct fetch *f, const struct sim_msg *m, sim_ps at) {
    sim_ps *end = &f->end[f->next], wait = *end > at ? *end - at : 0;
    f->next = f->next + 1 < f->most ? f->next + 1 : 0;
    *end = at + wait + f->latency;
    sim_use_aside(
        f->comp, f->port, m,
        &(struct sim_keeps){.asked = at, .from = at + wait, .till = *end, .servers = 1});
    return wait;
}

void fetch_pay(const struct fetch *f, sim_ps wait, struct sim_service *out) {
    sim_ps stands = wait > out->occupancy_ps ? wait - out->occupancy_ps : 0;
    out->delay_ps += stands;
    out->latency_ps += wait - stands + f->latency;
}
