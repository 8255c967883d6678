/* checks.c - what must not be built: chains without an end, copies of copies.
 *
 * A loop in a chain is allowed when a branch leads out of it; it is bounded by
 * /run/max_recirculations. Replies, polling and waiting have files of their own.
 */
#include "checks.h"
#include "sim/engine/row.h"
#include <string.h>

/* Can the step's operation give verdict v? The way back of a call branches on another's. */
static bool can(const struct sim_step *step, uint32_t v) {
    if (v == 0 || step->op == NULL || step->op->verdicts == NULL || step->back)
        return true;
    return sim_listed(step->op->verdicts, step->comp->model->verdicts[v - 1].name);
}

/* Over a cable it goes on with one of the chains of the other side. */
static bool cable_leads_out(const struct sim_cable *cable, const bool *ends) {
    uint16_t behind[APP_INGRESS];
    uint32_t n = app_links_steps(cable, behind);
    for (uint32_t i = 0; i < n; i++)
        if (ends[behind[i]])
            return true;
    return false;
}

static bool leads_out(const struct sim_step *step, const bool *ends) {
    const struct sim_hop *hop;
    for (uint32_t v = 0; v < verdicts(step); v++)
        for (uint32_t k = 0; can(step, v) && (hop = sim_hop_of(step, v, k)) != NULL; k++)
            if (hop->kind == SIM_HOP_NEXT ? ends[hop->next]
                : hop->cable != NULL      ? cable_leads_out(hop->cable, ends)
                                          : true)
                return true;
    return false;
}

static bool check_ends(struct app_scenario *s, struct sim_err *err) {
    const struct sim_world *w = s->world;
    bool *ends = sim_alloc_n(&s->arena, w->steps + 1, sizeof *ends), again = true;
    while (again) {
        again = false;
        for (uint32_t i = 0; i < w->steps; i++)
            if (!ends[i] && leads_out(&w->step[i], ends))
                ends[i] = again = true;
    }
    for (uint32_t i = 0; i < w->steps; i++)
        if (!ends[i])
            return sim_fail(err, "", s->world->step[i].pointer,
                            "the chain loops for ever: from %s no branch leads to an end",
                            w->step[i].label);
    return true;
}

/* Mark hops that lead back into a loop: they count against the bound. */
static void mark_loops(struct sim_world *w, uint32_t i, uint8_t *mark) {
    struct sim_step *step = &w->step[i];
    mark[i] = OPEN;
    for (uint32_t v = 0, hops = verdicts(step); v < hops; v++) {
        struct sim_hop *hop;
        for (uint32_t k = 0; (hop = sim_hop_of(step, v, k)) != NULL; k++) {
            /* over a cable it may be the way back, as far as can be told */
            if (hop->cable != NULL || (hop->kind == SIM_HOP_NEXT && mark[hop->next] == OPEN))
                hop->again = true;
            else if (hop->kind == SIM_HOP_NEXT && mark[hop->next] == NEW)
                mark_loops(w, hop->next, mark);
        }
    }
    mark[i] = DONE;
}

uint32_t app_checks_hops(const struct sim_step *step, bool *seen, uint32_t *todo) {
    uint16_t behind[APP_INGRESS];
    const struct sim_hop *hop;
    uint32_t n = 0;
    for (uint32_t v = 0, hops = verdicts(step); v < hops; v++)
        for (uint32_t k = 0; (hop = sim_hop_of(step, v, k)) != NULL; k++) {
            uint32_t out = hop->cable ? app_links_steps(hop->cable, behind) : 0;
            for (uint32_t i = 0; i < out; i++)
                n += visit(behind[i], seen, &todo[n]);
            if (hop->kind == SIM_HOP_NEXT)
                n += visit(hop->next, seen, &todo[n]);
        }
    return n;
}

uint32_t app_checks_follow(const struct sim_step *step, bool *seen, uint32_t *todo) {
    uint32_t n = app_checks_hops(step, seen, todo);
    if (step->action != SIM_ACT_NONE)
        n += visit(step->target, seen, &todo[n]);
    if (step->action == SIM_ACT_SPLIT)
        n += visit(step->resume, seen, &todo[n]);
    return n;
}

/* Can a message, or a child or copy of it, come from step `i` to step `to`? */
static bool leads_to(const struct sim_world *w, uint32_t i, uint32_t to, bool *seen,
                     uint32_t *todo) {
    uint32_t n = 0;
    memset(seen, 0, w->steps * sizeof *seen);
    seen[i] = true;
    todo[n++] = i;
    while (n > 0) {
        const struct sim_step *step = &w->step[todo[--n]];
        if (step == &w->step[to])
            return true;
        const struct sim_hop *hop;
        for (uint32_t v = 0, hops = verdicts(step); v < hops; v++)
            for (uint32_t k = 0; (hop = sim_hop_of(step, v, k)) != NULL; k++)
                if (hop->kind == SIM_HOP_NEXT)
                    n += visit(hop->next, seen, &todo[n]);
        if (step->action != SIM_ACT_NONE)
            n += visit(step->target, seen, &todo[n]);
    }
    return false;
}

/* A copy that is copied again at the same step, and so on: there would be no end to them. */
static bool check_breeding(struct app_scenario *s, struct sim_err *err) {
    const struct sim_world *w = s->world;
    bool *seen = sim_alloc_n(&s->arena, w->steps + 1, sizeof *seen);
    uint32_t *todo = sim_alloc_n(&s->arena, w->steps + 1, sizeof *todo);
    for (uint32_t i = 0; i < w->steps; i++)
        if (w->step[i].action != SIM_ACT_NONE && leads_to(w, w->step[i].target, i, seen, todo))
            return sim_fail(err, "", s->world->step[i].pointer,
                            "the chain of its %s leads back here: they would have %s of their "
                            "own for ever",
                            w->step[i].action == SIM_ACT_COPY ? "copies" : "children",
                            w->step[i].action == SIM_ACT_COPY ? "copies" : "children");
    return true;
}

bool app_checks_steps(struct app_scenario *s, struct sim_err *err) {
    if (s->crowded)
        return sim_fail(err, "", "/chains", "make more than %d steps with their routes",
                        APP_STEPS);
    return check_ends(s, err) && check_breeding(s, err) && app_checks_polling(s, err) &&
           app_checks_waiting(s, err) && sim_steps_prepare(s->world, err);
}

bool app_checks(struct app_scenario *s, struct sim_err *err) {
    if (!app_checks_functions(s, err) || !app_checks_steps(s, err) ||
        !app_checks_replies(s, err) || !app_checks_packets(s, err) ||
        !app_checks_links(s, err) || !app_checks_memory(s, err) || !app_checks_raid(s, err) ||
        !app_checks_trains(s, err))
        return false;
    uint8_t *mark = sim_alloc_n(&s->arena, s->world->steps + 1, sizeof *mark);
    for (uint32_t i = 0; i < s->world->steps; i++)
        if (mark[i] == NEW)
            mark_loops(s->world, i, mark);
    return true;
}
