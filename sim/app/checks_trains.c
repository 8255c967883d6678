/* checks_trains.c - frames that are made one piece of work must not come to a card that cannot
 * make frames of it again: all but the first of each would be lost.
 */
#include "checks.h"
#include <string.h>

static enum sim_trains does(const struct sim_step *step, const char **by) {
    bool asked = step->op != NULL && step->kind == SIM_STEP_VISIT && !step->back;
    if (!asked || step->comp->model->trains == NULL)
        return SIM_TRAINS_PASS;
    return step->comp->model->trains(step->comp, step, by);
}

/* The first step behind `from` that loses what is made there, or NULL. */
static const struct sim_step *stuck(const struct sim_world *w, const struct sim_step *from,
                                    bool *seen, uint32_t *todo) {
    const char *by = NULL;
    memset(seen, 0, w->steps * sizeof *seen);
    for (uint32_t n = app_checks_follow(from, seen, todo); n > 0;) {
        const struct sim_step *step = &w->step[todo[--n]];
        enum sim_trains what = does(step, &by);
        if (what == SIM_TRAINS_STUCK)
            return step;
        if (what != SIM_TRAINS_END)
            n += app_checks_follow(step, seen, &todo[n]);
    }
    return NULL;
}

bool app_checks_trains(struct app_scenario *s, struct sim_err *err) {
    const struct sim_world *w = s->world;
    bool *seen = sim_alloc_n(&s->arena, w->steps + 1, sizeof *seen);
    uint32_t *todo = sim_alloc_n(&s->arena, w->steps + 1, sizeof *todo);
    char at[APP_POINTER];
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_step *from = &w->step[i], *to;
        const char *by = NULL, *of = NULL;
        if (does(from, &by) != SIM_TRAINS_MADE || (to = stuck(w, from, seen, todo)) == NULL)
            continue;
        does(to, &of);
        return sim_fail(err, from->comp->file,
                        sim_pointer(at, sizeof at, from->comp->pointer, by),
                        "makes segments of frames at %s, and %s (%s), which is behind it, "
                        "cannot cut them: \"%s\" of block \"%s\" is \"none\", and all but "
                        "the first frame of each would be lost; say what the card can, "
                        "\"plain\" or \"tunnels\", or let frames be by themselves",
                        from->label, to->label, to->pointer, of, to->comp->path);
    }
    return true;
}
