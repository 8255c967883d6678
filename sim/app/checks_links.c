/* checks_links.c - what goes from one link on to the next as it is, must fit that one too. */
#include "checks.h"
#include "sim/engine/row.h"
#include <string.h>

/* Does a step carry what must stay as it is? */
static bool carries(const struct sim_step *step) {
    return step->op != NULL && !step->op->bare && step->comp->model->same != NULL;
}

/* The next link on a hop, with nothing but ways between; NULL: none. */
static const struct sim_step *next_link(const struct sim_world *w, const struct sim_step *from,
                                        const struct sim_hop *hop) {
    if (hop->kind != SIM_HOP_NEXT)
        return NULL;
    const struct sim_step *at = &w->step[hop->next];
    while (at->kind == SIM_STEP_VIA && at->comp->model != from->comp->model &&
           at->hop[0].kind == SIM_HOP_NEXT)
        at = &w->step[at->hop[0].next];
    return carries(at) && at->comp->model == from->comp->model ? at : NULL;
}

static bool fits(const struct sim_step *a, const struct sim_step *b, struct sim_err *err) {
    const struct sim_field *f = sim_row_named(a->comp->model->params, a->comp->model->same);
    int64_t x = sim_field_int(f, a->comp), y = sim_field_int(f, b->comp);
    char at[512], has[64], came[64];
    if (x == y)
        return true;
    return sim_fail(
        err, b->comp->file, sim_pointer(at, sizeof at, b->comp->pointer, f->name),
        "is %s, and what comes from %s, where it is %s, is not cut or joined on its "
        "way; make them equal, as system software does for all links that packets "
        "pass on one way",
        sim_quantity_exact(f->unit, y, has, sizeof has), a->comp->path,
        sim_quantity_exact(f->unit, x, came, sizeof came));
}

bool app_checks_links(struct app_scenario *s, struct sim_err *err) {
    const struct sim_world *w = s->world;
    const struct sim_hop *hop;
    for (uint32_t i = 0; i < w->steps; i++)
        for (uint32_t v = 0; carries(&w->step[i]) && v < verdicts(&w->step[i]); v++)
            for (uint32_t k = 0; (hop = sim_hop_of(&w->step[i], v, k)) != NULL; k++) {
                const struct sim_step *to = next_link(w, &w->step[i], hop);
                if (to != NULL && !fits(&w->step[i], to, err))
                    return false;
            }
    return true;
}
