/* bounds.c - what each resource would have to do at the offered mix.
 *
 * Traffic equations: of the messages that a step served in the window, the shares that took
 * each branch are measured; from the offered rate they give the visits to every step as if
 * nothing had been lost to full queues. Visits times mean occupancy is the demand.
 */
#include "summary.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PASSES = 300 };

/* What crosses a cable is shared among the chains behind it as it was in the run. */
static void cross(const struct sim_stream *st, const struct sim_cable *cable, double visits,
                  double *next) {
    uint16_t step[APP_INGRESS];
    uint32_t n = app_links_steps(cable, step);
    double served = 0;
    for (uint32_t i = 0; i < n; i++)
        served += st->step[step[i]] != NULL ? (double)st->step[step[i]]->served : 0;
    for (uint32_t i = 0; i < n && served > 0; i++)
        if (st->step[step[i]] != NULL)
            next[step[i]] += visits * (double)st->step[step[i]]->served / served;
}

/* Visits behind a verdict; those of a fan in equal parts. */
static void share(const struct sim_step *step, uint32_t verdict, double visits, double *next) {
    const struct sim_hop *hop;
    uint32_t fans = step->hop[verdict].fan != NULL ? step->hop[verdict].fans : 1;
    for (uint32_t i = 0; (hop = sim_hop_of(step, verdict, i)) != NULL; i++)
        if (hop->kind == SIM_HOP_NEXT)
            next[hop->next] += visits / fans;
}

/* Visits per picosecond to every step, by one pass of the traffic equations. */
static void pass(const struct sim_world *w, const struct sim_stream *st, const double *v,
                 double *next, bool spawn) {
    double offered = (double)st->offered.items / (double)(w->to - w->from);
    memset(next, 0, w->steps * sizeof *next);
    next[st->first] = offered;
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_step_stat *stat = st->step[i];
        const struct sim_step *step = &w->step[i];
        if (stat == NULL || v[i] <= 0 || stat->served == 0)
            continue;
        double each = v[i] / (double)stat->served;
        for (uint32_t k = 0; k < SIM_VERDICTS; k++)
            if (!(step->action == SIM_ACT_SPLIT && k == 0))
                share(step, k, each * (double)stat->verdict[k], next);
        if (step->called) { /* its verdicts are the way back's business */
            for (uint32_t k = 1; k < SIM_VERDICTS; k++)
                next[step->hop[0].next] += each * (double)stat->verdict[k];
        }
        for (uint32_t k = 0; k < SIM_VERDICTS; k++)
            if (step->hop[k].cable != NULL)
                cross(st, step->hop[k].cable, each * (double)stat->verdict[k], next);
        if (step->action != SIM_ACT_NONE && spawn)
            next[step->target] += v[i] * (step->action == SIM_ACT_SPLIT ? step->into : 1);
        if (step->action == SIM_ACT_SPLIT)
            next[step->resume] += v[i];
    }
}

/* spawn: children and copies too, not only the messages offered. */
static void visits(const struct sim_world *w, const struct sim_stream *st, double *v,
                   bool spawn) {
    double *next = calloc(w->steps + 1, sizeof *next);
    memset(v, 0, w->steps * sizeof *v);
    for (int i = 0; next != NULL && i < PASSES; i++) {
        pass(w, st, v, next, spawn);
        bool same = memcmp(v, next, w->steps * sizeof *v) == 0;
        memcpy(v, next, w->steps * sizeof *v);
        if (same)
            break;
    }
    free(next);
}

/* Length of a port's name without its number: ports of one kind are a group. */
static size_t stem(const char *name) {
    size_t n = strlen(name);
    while (n > 0 && isdigit((unsigned char)name[n - 1]))
        n--;
    return n;
}

static bool same_group(const struct sim_port *a, const struct sim_port *b) {
    size_t n = stem(a->name);
    if (a->comp != b->comp || n != stem(b->name) || strncmp(a->name, b->name, n) != 0)
        return false;
    return a == b || (a->name[n] != 0 && b->name[n] != 0);
}

/* The rows made so far. */
struct rows {
    struct app_bound *out;
    uint32_t n, room;
};

/* The port of `like`'s group that most falls on, and what share of the group's demand. */
static const struct sim_port *hottest(const struct sim_port *like, double *share) {
    const struct sim_port *hot = NULL; /* of equal ones the first, whoever asks */
    sim_u128 demand = 0;
    for (uint32_t i = 0; i < like->comp->ports; i++) {
        const struct sim_port *p = like->comp->port[i];
        if (!same_group(p, like))
            continue;
        demand += p->demand_ps;
        if (hot == NULL || p->demand_ps > hot->demand_ps)
            hot = p;
    }
    *share = demand > 0 ? (double)hot->demand_ps / (double)demand : 1;
    return hot;
}

static uint32_t group_size(const struct sim_port *like) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < like->comp->ports; i++)
        n += same_group(like->comp->port[i], like);
    return n;
}

static struct app_bound *bound_of(const struct sim_world *w, struct rows *r,
                                  const struct sim_port *port) {
    struct app_bound b = {.comp = port->comp, .ports = group_size(port)};
    const struct sim_port *hot = hottest(port, &b.load);
    if (b.ports > 1)
        snprintf(b.resource, sizeof b.resource, "%.64s (hottest of %u)", hot->name, b.ports);
    else
        snprintf(b.resource, sizeof b.resource, "%.64s", hot->name);
    for (uint32_t i = 0; i < r->n; i++)
        if (r->out[i].comp == port->comp && !r->out[i].window &&
            strcmp(r->out[i].resource, b.resource) == 0)
            return &r->out[i];
    b.port = hot;
    b.capacity = hot->servers;
    b.utilization = (double)hot->busy_ps / ((double)(w->to - w->from) * hot->servers);
    r->out[r->n] = b;
    return &r->out[r->n++];
}

/* The link of a hop that most is sent over, and its share. NULL: none that has slots. */
static const struct sim_link *hot_link(const struct sim_world *w, const struct sim_stream *st,
                                       uint32_t i, const struct sim_hop *hop, double *share) {
    const struct sim_step_stat *a = st->step[i], *b = st->step[hop->stop];
    double from_share, to_share;
    if (hop->link == NULL || b == NULL || b->served == 0)
        return NULL;
    const struct sim_port *from = hottest(w->port[a->port], &from_share);
    const struct sim_port *to = hottest(w->port[b->port], &to_share);
    *share = from_share * to_share;
    if (hop->only != NULL)
        return hop->only;
    for (const struct sim_link *l = from->links; l != NULL; l = l->sibling)
        if (l->to == to)
            return l;
    return NULL;
}

/* Picoseconds for which a slot is taken when nothing waits: from the departure of the step
 * before (or the start of its service, where the slot is taken then), over its latency and the
 * way, to the departure from the stop. */
static double unloaded_hold(const struct sim_world *w, const struct sim_stream *st, uint32_t i,
                            const struct sim_hop *hop, const struct sim_link *link) {
    const struct sim_step_stat *a = st->step[i], *b = st->step[hop->stop];
    if (a->service.count == 0)
        return 0;
    double t = sim_hist_mean(&a->service);
    if (!link->early)
        t -= (double)a->demand_ps / (double)a->served;
    t += (double)hop->delay + (double)link->credit_delay;
    for (uint32_t v = hop->next; v != hop->stop; v = w->step[v].hop[0].next) {
        if (st->step[v] != NULL && st->step[v]->service.count > 0)
            t += sim_hist_mean(&st->step[v]->service);
        t += (double)w->step[v].hop[0].delay;
    }
    /* what comes back to the port keeps its place */
    uint16_t at = hop->stop;
    for (int k = 0; k < 64 && w->step[at].hop[0].keeps; k++) {
        const struct sim_step_stat *kept = st->step[at];
        if (kept != NULL && kept->service.count > 0)
            t += sim_hist_mean(&kept->service) + (double)w->step[at].hop[0].delay;
        at = w->step[at].hop[0].next;
    }
    b = st->step[at] != NULL && st->step[at]->served > 0 ? st->step[at] : b;
    return t + (double)b->demand_ps / (double)b->served;
}

/* The slots of a stop as a resource: Little's law gives how many the offered mix needs. */
static void add_window(const struct sim_link *link, double need, struct rows *r) {
    char name[sizeof r->out->resource];
    uint32_t ways = group_size(link->from) * group_size(link->to), k = 0;
    int n =
        snprintf(name, sizeof name, "%.24s slots from %.24s", link->to->name, link->from->name);
    if (ways > 1)
        snprintf(name + n, sizeof name - (size_t)n, " (hottest of %u)", ways);
    while (k < r->n &&
           (r->out[k].comp != link->to->comp || strcmp(r->out[k].resource, name) != 0))
        k++;
    if (k == r->n && r->n == r->room)
        return;
    if (k == r->n) {
        r->out[r->n++] = (struct app_bound){.comp = link->to->comp,
                                            .capacity = (double)link->to->capacity,
                                            .window = true,
                                            .load = 1};
        memcpy(r->out[k].resource, name, sizeof name);
    }
    r->out[k].used += need;
}

static void add_windows(const struct sim_world *w, const struct sim_stream *st, uint32_t i,
                        double visits_per_ps, struct rows *r) {
    const struct sim_step_stat *stat = st->step[i];
    const struct sim_step *step = &w->step[i];
    const struct sim_hop *hop;
    for (uint32_t v = 0; v < SIM_VERDICTS; v++) {
        double share, each = visits_per_ps * (double)stat->verdict[v] / (double)stat->served;
        if (step->hop[v].fan != NULL)
            each /= step->hop[v].fans;
        for (uint32_t k = 0; each > 0 && (hop = sim_hop_of(step, v, k)) != NULL; k++) {
            const struct sim_link *link =
                hop->kind == SIM_HOP_NEXT ? hot_link(w, st, i, hop, &share) : NULL;
            if (link != NULL)
                add_window(link, each * share * unloaded_hold(w, st, i, hop, link), r);
        }
    }
}

static int tighter(const void *a, const void *b) {
    const struct app_bound *x = a, *y = b;
    if (x->load != y->load)
        return x->load > y->load ? -1 : 1;
    int c = strcmp(x->comp->path, y->comp->path);
    return c != 0 ? c : strcmp(x->resource, y->resource);
}

/* Messages per picosecond that would be delivered if nothing overflowed. */
static double delivered(const struct sim_world *w, const struct sim_stream *st,
                        const double *v) {
    double sum = 0;
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_step_stat *stat = st->step[i];
        for (uint32_t k = 0; stat != NULL && stat->served > 0 && k < SIM_VERDICTS; k++) {
            const struct sim_hop *hop = &w->step[i].hop[k];
            if ((hop->kind == SIM_HOP_DELIVERED || hop->kind == SIM_HOP_REPLY) && !hop->cable)
                sum += v[i] * (double)stat->verdict[k] / (double)stat->served;
        }
    }
    return sum;
}

uint32_t app_bounds(const struct app_scenario *s, struct app_bound *out, uint32_t room,
                    double *potential_bits_per_s) {
    const struct sim_world *w = s->world;
    struct rows r = {out, 0, room};
    *potential_bits_per_s = 0;
    for (uint32_t k = 0; k < w->streams; k++) {
        const struct sim_stream *st = w->stream[k];
        double *v = calloc(w->steps + 1, sizeof *v);
        if (v != NULL && w->to > w->from && st->delivered.items > 0) {
            visits(w, st, v, false);
            *potential_bits_per_s += delivered(w, st, v) * 8 * (double)st->delivered.bytes /
                                     (double)st->delivered.items * (double)SIM_PS_PER_S;
        }
        if (v != NULL && w->to > w->from)
            visits(w, st, v, true);
        for (uint32_t i = 0; v != NULL && i < w->steps && r.n < room; i++) {
            const struct sim_step_stat *stat = st->step[i];
            if (stat == NULL || stat->served == 0 || w->step[i].op == NULL)
                continue;
            struct app_bound *b = bound_of(w, &r, w->port[stat->port]);
            b->used += v[i] * ((double)stat->demand_ps / (double)stat->served);
            add_windows(w, st, i, v[i], &r);
        }
        free(v);
    }
    for (uint32_t i = 0; i < r.n; i++) {
        out[i].used *= out[i].load;
        out[i].load = out[i].used / out[i].capacity;
        out[i].bits_per_s = *potential_bits_per_s / out[i].load;
    }
    qsort(out, r.n, sizeof *out, tighter);
    return r.n;
}
