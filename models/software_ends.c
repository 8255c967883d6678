/* software_ends.c - where a packet comes to a core, and where it leaves it.
 *
 * A chain may do several steps on one core: the packet is handed over at the first one, and
 * handed on at the last one only.
 */
#include "models/software.h"

static bool is_served(const struct sim_step *s) {
    return s->op != NULL && s->kind == SIM_STEP_VISIT;
}

static bool leads(const struct sim_world *w, const struct sim_step *from,
                  const struct sim_step *to) {
    const struct sim_hop *hop;
    for (uint32_t v = 0; v < SIM_VERDICTS; v++)
        for (uint32_t k = 0; (hop = sim_hop_of(from, v, k)) != NULL; k++)
            if (sim_stop_of(w, hop) == to)
                return true;
    return false;
}

static bool takes(const struct sim_comp *comp, const struct sim_step *step) {
    const struct sim_world *w = comp->world;
    for (uint32_t i = 0; i < w->steps; i++)
        if (is_served(&w->step[i]) && w->step[i].comp != comp && !w->step[i].called &&
            leads(w, &w->step[i], step))
            return true;
    return false;
}

/* Calls come back to the block, and go on from there. */
static bool posts(const struct sim_comp *comp, const struct sim_step *step) {
    const struct sim_world *w = comp->world;
    const struct sim_step *s = sim_stop_of(w, &step->hop[0]);
    for (uint32_t n = 0; s != NULL && n < w->steps; n++) {
        if (!s->called && !(s->comp == comp && s->back))
            return s->comp != comp && is_served(s);
        s = sim_stop_of(w, &s->hop[0]);
    }
    return false;
}

struct software_ends software_ends(const struct sim_comp *comp, const struct sim_step *step) {
    if (step->called || step->back || step->kind != SIM_STEP_VISIT)
        return (struct software_ends){false, false};
    return (struct software_ends){takes(comp, step), posts(comp, step)};
}
