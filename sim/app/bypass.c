/* bypass.c - what a full resource cannot hold up.
 *
 * A port that waits for room keeps its server from other work, so what is full holds up all
 * ports in front of it, up to the queue that drops. Whatever comes to none of them passes by.
 * A call that is polled for keeps its server, so it holds up as a full queue does. Left out:
 * servers of one port that are blocked one by one, before all of them are.
 */
#include "summary.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Length of a port's name without its number: ports of one kind are a group. */
static size_t stem(const char *name) {
    size_t n = strlen(name);
    while (n > 0 && isdigit((unsigned char)name[n - 1]))
        n--;
    return n;
}

bool app_port_alike(const struct sim_port *a, const struct sim_port *b) {
    size_t n = stem(a->name);
    if (a->comp != b->comp || n != stem(b->name) || strncmp(a->name, b->name, n) != 0)
        return false;
    return a == b || (a->name[n] != 0 && b->name[n] != 0);
}

static void hold_group(const struct sim_port *p, bool *held) {
    for (uint32_t i = 0; i < p->comp->ports; i++)
        if (app_port_alike(p->comp->port[i], p))
            held[p->comp->port[i]->id] = true;
}

/* The port that served a step, of whatever stream; NULL: none did. */
static const struct sim_port *port_of(const struct sim_world *w, uint32_t step) {
    for (uint32_t k = 0; k < w->streams; k++)
        if (w->stream[k]->step[step] != NULL && w->stream[k]->step[step]->served > 0)
            return w->port[w->stream[k]->step[step]->port];
    return NULL;
}

static bool is_held(const struct sim_world *w, uint32_t step, const bool *held) {
    const struct sim_port *p = port_of(w, step);
    return p != NULL && held[p->id];
}

/* Does the server of a step stand still while what is behind the hop is full? */
static bool stands(const struct sim_world *w, const struct sim_step *step,
                   const struct sim_hop *hop, const bool *held) {
    bool full = false;
    uint32_t at = hop->next;
    for (uint32_t k = 0; w->step[at].kind == SIM_STEP_VIA && k < w->steps; k++) {
        full |= is_held(w, at, held);
        at = w->step[at].hop[0].next;
    }
    const struct sim_port *stop = port_of(w, at);
    return (full || is_held(w, at, held)) && (step->hold || (stop != NULL && stop->waits));
}

/* One more step in front of what is held. @return whether there was one. */
static bool grow(const struct sim_world *w, bool *held) {
    const struct sim_hop *hop;
    bool grew = false;
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_port *p = port_of(w, i);
        bool still = false;
        if (p == NULL || held[p->id] || w->step[i].kind == SIM_STEP_VIA)
            continue;
        for (uint32_t v = 0; v < SIM_VERDICTS; v++)
            for (uint32_t k = 0; (hop = sim_hop_of(&w->step[i], v, k)) != NULL; k++)
                still |= hop->kind == SIM_HOP_NEXT && stands(w, &w->step[i], hop, held);
        if (still)
            hold_group(p, held);
        grew |= still;
    }
    return grew;
}

/* Do the messages that enter at `first` come to a held port? */
static bool reaches(const struct sim_world *w, uint32_t first, const bool *held, bool *seen) {
    const struct sim_hop *hop;
    if (seen[first])
        return false;
    seen[first] = true;
    if (is_held(w, first, held))
        return true;
    for (uint32_t v = 0; v < SIM_VERDICTS; v++)
        for (uint32_t k = 0; (hop = sim_hop_of(&w->step[first], v, k)) != NULL; k++)
            if (hop->kind == SIM_HOP_NEXT && reaches(w, hop->next, held, seen))
                return true;
    return false;
}

/* A parent of a split goes on when its children do. */
static bool children_held(const struct sim_world *w, uint32_t i, const bool *held) {
    if (w->step[i].action != SIM_ACT_SPLIT)
        return false;
    bool *seen = calloc(w->steps + 1, sizeof *seen);
    bool found = seen != NULL && reaches(w, w->step[i].target, held, seen);
    free(seen);
    return found;
}

double app_bypass(const struct app_scenario *s, const struct app_bound *b) {
    const struct sim_world *w = s->world;
    const struct sim_port *at = b->window && !b->port->refuses ? b->from : b->port;
    bool *held = calloc(w->ports + 1, sizeof *held);
    double *keep = calloc(w->steps + 1, sizeof *keep);
    SIM_ASSERT(held != NULL && keep != NULL);
    hold_group(at, held);
    while (grow(w, held))
        continue;
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_port *p = port_of(w, i);
        keep[i] = p == NULL || !held[p->id] ? 1 : app_port_alike(p, at) ? 1 - b->share : 0;
        if (children_held(w, i, held))
            keep[i] = 0;
    }
    double bits = app_delivered_of(w, keep);
    free(keep);
    free(held);
    return bits;
}
