/* checks_poll.c - calls that keep their server meanwhile: nothing may be lost on their way, and
 * no two of them may wait for each other.
 */
#include "checks.h"

/* A shared resource on the way of a hop that can lose a message, or NULL. */
static const struct sim_comp *loses_on_way(const struct sim_world *w,
                                           const struct sim_hop *hop) {
    for (uint32_t i = hop->next; w->step[i].kind == SIM_STEP_VIA; i = w->step[i].hop[0].next)
        for (uint32_t k = 0; k < w->step[i].comp->ports; k++)
            if (w->step[i].comp->port[k]->drops || w->step[i].comp->port[k]->refuses)
                return w->step[i].comp;
    return NULL;
}

/* Is the hop a polling call's way there or back? */
static bool polls(const struct sim_world *w, const struct sim_step *step,
                  const struct sim_hop *hop) {
    return step->kind != SIM_STEP_VIA && (step->hold || sim_stop_of(w, hop)->keep);
}

/* The server that polls would be kept for ever by a call that is lost on its way. */
static bool check_polling(struct app_scenario *s, struct sim_err *err) {
    const struct sim_world *w = s->world;
    const struct sim_hop *hop;
    for (uint32_t i = 0; i < w->steps; i++)
        for (uint32_t k = 0; (hop = sim_hop_of(&w->step[i], 0, k)) != NULL; k++) {
            const struct sim_comp *lossy =
                hop->kind == SIM_HOP_NEXT && polls(w, &w->step[i], hop) ? loses_on_way(w, hop)
                                                                        : NULL;
            if (lossy != NULL)
                return sim_fail(err, "", s->world->step[i].pointer,
                                "a polling call's way over \"%s\", which loses messages when "
                                "full, would keep the caller for ever; use \"wait\": \"park\" "
                                "or let it wait when full",
                                lossy->path);
        }
    return true;
}

/* The block that a polling step calls, or NULL. */
static const struct sim_comp *polled_by(const struct sim_world *w,
                                        const struct sim_step *step) {
    const struct sim_step *to = sim_stop_of(w, &step->hop[0]);
    return step->hold && step->action != SIM_ACT_SPLIT && to != NULL ? to->comp : NULL;
}

/* Does `from` poll `to`, itself or through blocks that poll in turn? */
static bool polls_on(const struct sim_world *w, const struct sim_comp *from,
                     const struct sim_comp *to, bool *seen) {
    if (seen[from->id])
        return false;
    seen[from->id] = true;
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_comp *next =
            w->step[i].comp == from ? polled_by(w, &w->step[i]) : NULL;
        if (next != NULL && (next == to || polls_on(w, next, to, seen)))
            return true;
    }
    return false;
}

/* Servers that are kept by calls to servers that are kept by calls to them: all of them could
 * wait for one another. */
static bool check_poll_circles(struct app_scenario *s, struct sim_err *err) {
    const struct sim_world *w = s->world;
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_comp *called = polled_by(w, &w->step[i]), *by = w->step[i].comp;
        bool *seen = called != NULL ? sim_alloc_n(&s->arena, w->comps, sizeof *seen) : NULL;
        if (called != NULL && (called == by || polls_on(w, called, by, seen)))
            return sim_fail(err, "", s->world->step[i].pointer,
                            "\"%s\" keeps a server by polling \"%s\", which polls it in turn: "
                            "all servers of both could wait for ever; use \"wait\": \"park\"",
                            by->path, called->path);
    }
    return true;
}

bool app_checks_polling(struct app_scenario *s, struct sim_err *err) {
    return check_polling(s, err) && check_poll_circles(s, err);
}
