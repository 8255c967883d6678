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

/* What stands still while a resource is full. */
struct jam {
    const struct sim_world *w;
    const struct sim_port **of; /* [steps] a port that served it; NULL: none did */
    uint8_t *ways;              /* [steps] bits of the verdicts that it gave */
    bool *held;                 /* [ports] */
    bool *seen;                 /* [steps] that `todo` held already */
    uint32_t *todo;             /* [steps] */
};

static void *zeroed(size_t n, size_t size) {
    void *p = calloc(n + 1, size);
    SIM_ASSERT(p != NULL);
    return p;
}

/* What enters its chain or goes on as a parent is not served: it leaves by its block's exit. */
static const struct sim_port *served_by(const struct sim_world *w, uint32_t step,
                                        const struct sim_step_stat *stat) {
    const struct sim_step *s = &w->step[step];
    return s->op != NULL ? w->port[stat->port] : s->comp->port[sim_free_port(s)];
}

static void jam_init(struct jam *j, const struct sim_world *w) {
    *j = (struct jam){.w = w};
    j->of = zeroed(w->steps, sizeof *j->of);
    j->ways = zeroed(w->steps, sizeof *j->ways);
    j->held = zeroed(w->ports, sizeof *j->held);
    j->seen = zeroed(w->steps, sizeof *j->seen);
    j->todo = zeroed(w->steps, sizeof *j->todo);
    for (uint32_t k = 0; k < w->streams; k++)
        for (uint32_t i = 0; i < w->steps; i++) {
            const struct sim_step_stat *stat = w->stream[k]->step[i];
            if (stat == NULL || stat->served + stat->lost.items == 0)
                continue;
            j->of[i] = served_by(w, i, stat);
            for (uint32_t v = 0; v < SIM_VERDICTS; v++)
                j->ways[i] |= (uint8_t)((stat->verdict[v] > 0) << v);
        }
}

static void jam_free(struct jam *j) {
    free(j->of);
    free(j->ways);
    free(j->held);
    free(j->seen);
    free(j->todo);
}

static void hold_group(struct jam *j, const struct sim_port *p) {
    for (uint32_t i = 0; i < p->comp->ports; i++)
        if (app_port_alike(p->comp->port[i], p))
            j->held[p->comp->port[i]->id] = true;
}

static bool is_held(const struct jam *j, uint32_t step) {
    return j->of[step] != NULL && j->held[j->of[step]->id];
}

/* The k-th way on by a verdict that the step gave; NULL: no more. */
static const struct sim_hop *way(const struct jam *j, uint32_t i, uint32_t verdict,
                                 uint32_t k) {
    const struct sim_step *step = &j->w->step[i];
    if (!(j->ways[i] >> verdict & 1))
        return NULL;
    /* of a called block the verdicts are the caller's business */
    const struct sim_hop *hop = sim_hop_of(step, step->called ? 0 : verdict, k);
    return hop != NULL && hop->kind == SIM_HOP_NEXT ? hop : NULL;
}

/* Does the server of a step stand still while what is behind the hop is full? */
static bool stands(const struct jam *j, const struct sim_step *step,
                   const struct sim_hop *hop) {
    bool full = false;
    uint32_t at = hop->next;
    for (uint32_t k = 0; j->w->step[at].kind == SIM_STEP_VIA && k < j->w->steps; k++) {
        full |= is_held(j, at);
        at = j->w->step[at].hop[0].next;
    }
    const struct sim_port *stop = j->of[at];
    return (full || is_held(j, at)) && (step->hold || (stop != NULL && stop->waits));
}

/* Is one of the ways on from a step full, so that its server stands? */
static bool blocked(const struct jam *j, uint32_t i) {
    const struct sim_hop *hop;
    for (uint32_t v = 0; v < SIM_VERDICTS; v++)
        for (uint32_t k = 0; (hop = way(j, i, v, k)) != NULL; k++)
            if (stands(j, &j->w->step[i], hop))
                return true;
    return false;
}

/* One more step in front of what is held. @return whether there was one. */
static bool grow(struct jam *j) {
    bool grew = false;
    for (uint32_t i = 0; i < j->w->steps; i++) {
        const struct sim_step *step = &j->w->step[i];
        if (j->of[i] == NULL || is_held(j, i) || step->kind == SIM_STEP_VIA || !blocked(j, i))
            continue;
        hold_group(j, j->of[i]);
        grew = true;
    }
    return grew;
}

/* Put a step on the list of those to look at, once. */
static void look_at(struct jam *j, uint32_t step, uint32_t *n) {
    if (!j->seen[step])
        j->todo[(*n)++] = step;
    j->seen[step] = true;
}

/* What becomes of the messages that enter at `first` when they come to a held port. */
enum fate { PASS, LOST, STOPPED };

static enum fate fate_of(struct jam *j, uint32_t first) {
    const struct sim_hop *hop;
    enum fate fate = PASS;
    uint32_t n = 0;
    memset(j->seen, 0, j->w->steps * sizeof *j->seen);
    look_at(j, first, &n);
    while (n > 0) {
        uint32_t i = j->todo[--n];
        if (is_held(j, i)) {
            bool loses = j->of[i]->drops || j->of[i]->refuses;
            fate = loses && fate != STOPPED ? LOST : STOPPED;
            continue;
        }
        for (uint32_t v = 0; v < SIM_VERDICTS; v++)
            for (uint32_t k = 0; (hop = way(j, i, v, k)) != NULL; k++)
                look_at(j, hop->next, &n);
    }
    return fate;
}

/* A parent of a split waits for its children; where one is lost it fails. */
static enum fate children(struct jam *j, uint32_t i) {
    return j->w->step[i].action == SIM_ACT_SPLIT ? fate_of(j, j->w->step[i].target) : PASS;
}

double app_bypass(const struct app_scenario *s, const struct app_bound *b) {
    const struct sim_world *w = s->world;
    const struct sim_port *at = b->window && !b->port->refuses ? b->from : b->port;
    double *keep = zeroed(w->steps, sizeof *keep);
    bool *fails = zeroed(w->steps, sizeof *fails);
    struct app_mix by = {.keep = keep, .fails = fails};
    struct jam j;
    jam_init(&j, w);
    hold_group(&j, at);
    while (grow(&j))
        continue;
    for (uint32_t i = 0; i < w->steps; i++) {
        enum fate fate = children(&j, i);
        keep[i] = !is_held(&j, i) && fate != STOPPED;
        fails[w->step[i].resume] |= fate == LOST;
    }
    double bits = app_delivered_of(w, &by);
    jam_free(&j);
    free(fails);
    free(keep);
    return bits;
}
