/* bypass.c - what a full resource cannot hold up.
 *
 * A port that waits for room keeps its server from other work, so what is full holds up all
 * ports in front of it, up to the queue that drops. Whatever comes to none of them passes by.
 * A call that is polled for keeps its server, so it holds up as a full queue does. Left out:
 * servers of one port that are blocked one by one, before all of them are. Children of one
 * parent are taken to go their ways independently of one another.
 */
#include "summary.h"
#include <ctype.h>
#include <math.h>
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
    uint16_t *ways;             /* [steps] bits of the verdicts that it gave */
    bool *held;                 /* [ports] */
    bool *refused;              /* [steps] that are refused to some who come, or stand aside */
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
    j->refused = zeroed(w->steps, sizeof *j->refused);
    for (uint32_t k = 0; k < w->streams; k++)
        for (uint32_t i = 0; i < w->steps; i++) {
            const struct sim_step_stat *stat = w->stream[k]->step[i];
            if (stat == NULL || stat->served + stat->lost.items == 0)
                continue;
            j->of[i] = served_by(w, i, stat);
            for (uint32_t v = 0; v < SIM_VERDICTS; v++)
                j->ways[i] |= (uint16_t)((stat->verdict[v] > 0) << v);
        }
}

static void jam_free(struct jam *j) {
    free(j->of);
    free(j->ways);
    free(j->held);
    free(j->refused);
}

static void hold_group(struct jam *j, const struct sim_port *p) {
    for (uint32_t i = 0; i < p->comp->ports; i++)
        if (app_port_alike(p->comp->port[i], p))
            j->held[p->comp->port[i]->id] = true;
}

/* Does a step wait for something held that it keeps beside its server? */
static bool is_held_aside(const struct jam *j, uint32_t step) {
    for (uint32_t k = 0; k < j->w->streams; k++) {
        const struct sim_step_stat *stat = j->w->stream[k]->step[step];
        for (uint32_t i = 0; stat != NULL && i < SIM_ASIDES && stat->aside[i].port > 0; i++)
            if (stat->aside[i].waits && j->held[stat->aside[i].port - 1])
                return true;
    }
    return false;
}

static bool is_held(const struct jam *j, uint32_t step) {
    return j->refused[step] ||
           (j->of[step] != NULL && (j->held[j->of[step]->id] || is_held_aside(j, step)));
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
        if (j->of[i]->lets_by) /* what comes to it otherwise goes on */
            j->refused[i] = true;
        else
            hold_group(j, j->of[i]);
        grew = true;
    }
    return grew;
}

/* What becomes of a message: shares of those that stand still, and of those that are lost. */
struct fate {
    double stops, lost;
};

/* Of the messages of all streams that enter at `first`, when they come to a held port; or when
 * they split, and their own children do. `by` says what becomes of those. */
static struct fate fate_of(const struct jam *j, uint32_t first, const struct app_mix *by) {
    const struct sim_world *w = j->w;
    struct app_flow *v = zeroed(w->steps, sizeof *v);
    struct app_mix mix = {.keep = by->keep, .fails = by->fails, .from = first + 1};
    struct fate sum = {0, 0};
    double all = 0;
    for (uint32_t k = 0; k < w->streams; k++) {
        const struct sim_step_stat *stat = w->stream[k]->step[first];
        double each = stat != NULL ? (double)stat->served : 0;
        if (each <= 0)
            continue;
        app_visits_of(w, w->stream[k], &mix, v);
        all += each;
        for (uint32_t i = 0; i < w->steps; i++) {
            const struct sim_port *of = j->of[i];
            bool loses = is_held(j, i) && of != NULL && (of->drops || of->refuses);
            double ends = w->step[i].hop[1].kind == SIM_HOP_DROP ? by->fails[i] : 0;
            sum.stops += each * v[i].visits * (loses ? 0 : 1 - by->keep[i]);
            sum.lost += each * v[i].visits * (loses ? 1 : by->keep[i] * ends);
        }
    }
    free(v);
    if (all <= 0)
        return (struct fate){0, 0};
    return (struct fate){fmin(sum.stops / all, 1), fmin(sum.lost / all, 1)};
}

/* The share of parents for which at least `need` of `n` children come through, each of them
 * with probability p and on its own. */
static double enough(uint32_t n, uint32_t need, double p) {
    double sum = 0, term = pow(p, n); /* of exactly k that come through, from k = n down */
    if (p >= 1)
        return 1;
    for (uint32_t k = n; k >= need && p > 0; k--) {
        sum += term;
        term *= (double)k / (double)(n - k + 1) * (1 - p) / p;
    }
    return fmin(sum, 1);
}

/* A parent of a split waits for as many of its children as it joins; where one is lost before,
 * it fails. Children of children first. */
static void judge_parents(const struct jam *j, double *keep, double *fails) {
    const struct sim_world *w = j->w;
    const struct app_mix by = {.keep = keep, .fails = fails};
    bool again = true;
    for (uint32_t round = 0; again && round < w->steps; round++) {
        again = false;
        for (uint32_t i = 0; i < w->steps; i++) {
            const struct sim_step *step = &w->step[i];
            if (step->action != SIM_ACT_SPLIT || is_held(j, i))
                continue;
            struct fate child = fate_of(j, step->target, &by);
            double n = app_children(w, NULL, i);
            double pass =
                enough((uint32_t)lround(n), step->join ? step->join : (uint32_t)lround(n),
                       1 - child.stops);
            double fail = 1 - pow(1 - child.lost, n);
            again |= fabs(pass - keep[i]) + fabs(fail - fails[step->resume]) > 1e-9;
            keep[i] = pass;
            fails[step->resume] = fail;
        }
    }
}

/* Places that are refused: what comes for them from elsewhere has others. */
static void refuse(struct jam *j, const struct app_bound *b) {
    const struct sim_hop *hop;
    for (uint32_t i = 0; i < j->w->steps; i++)
        for (uint32_t v = 0; j->of[i] != NULL && v < SIM_VERDICTS; v++)
            for (uint32_t k = 0; (hop = way(j, i, v, k)) != NULL; k++)
                if (app_port_alike(j->of[i], b->from) && j->of[hop->stop] != NULL &&
                    app_port_alike(j->of[hop->stop], b->port))
                    j->refused[hop->stop] = true;
}

/* All that stands still when a resource is full. */
static void jam_of(const struct app_scenario *s, const struct app_bound *b, struct jam *j) {
    jam_init(j, s->world);
    if (b->window && b->port->refuses)
        refuse(j, b);
    else
        hold_group(j, b->window ? b->from : b->port);
    while (grow(j))
        continue;
}

void app_held_up(const struct app_scenario *s, const struct app_bound *b, bool *held) {
    struct jam j;
    jam_of(s, b, &j);
    memcpy(held, j.held, s->world->ports * sizeof *held);
    for (uint32_t i = 0; i < s->world->steps; i++)
        if (j.of[i] != NULL && is_held_aside(&j, i))
            held[j.of[i]->id] = true; /* where it is waited for */
    jam_free(&j);
}

double app_bypass(const struct app_scenario *s, const struct app_bound *b) {
    const struct sim_world *w = s->world;
    double *keep = zeroed(w->steps, sizeof *keep), *fails = zeroed(w->steps, sizeof *fails);
    struct app_mix by = {.keep = keep, .fails = fails, .grown = s->slopes.bytes};
    struct jam j;
    jam_of(s, b, &j);
    for (uint32_t i = 0; i < w->steps; i++)
        keep[i] = !is_held(&j, i);
    judge_parents(&j, keep, fails);
    double bits = app_delivered_of(w, &by);
    jam_free(&j);
    free(fails);
    free(keep);
    return bits;
}
