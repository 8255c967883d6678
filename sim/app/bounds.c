/* bounds.c - what each resource would have to do at the offered mix.
 *
 * The traffic equations (traffic.c) give the visits to every step; visits times mean occupancy
 * is the demand of its port, and visits times the unloaded time for which a place is taken that
 * of places. What a resource can limit at all: bypass.c.
 */
#include "summary.h"
#include "unloaded.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 0.95 /* busy: how it shares itself out shows in the run */

/* The rows made so far. */
struct rows {
    struct app_bound *out;
    uint32_t n, room;
};

/* A port that a step would be served by. */
static const struct sim_port *port_of(const struct sim_world *w, uint32_t i) {
    const struct sim_step *step = &w->step[i];
    struct sim_msg m = {0};
    return step->comp->port[sim_pick(step->comp, step, &m)];
}

static struct app_bound *bound_of(const struct sim_world *w, struct rows *r,
                                  const struct sim_port *port) {
    struct app_bound b = {.comp = port->comp, .ports = app_group_size(port)};
    const struct sim_port *hot = app_group_hottest(port, &b.share);
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
    const struct sim_port *from = app_group_hottest(w->port[a->port], &from_share);
    const struct sim_port *to = app_group_hottest(w->port[b->port], &to_share);
    *share = from_share * to_share;
    if (hop->only != NULL)
        return hop->only;
    for (const struct sim_link *l = from->links; l != NULL; l = l->sibling)
        if (l->to == to)
            return l;
    return NULL;
}

/* Are a stream's messages larger, as offered, than what a group of ports served? */
static bool is_larger(const struct sim_stream *st, const struct sim_port *like) {
    struct sim_tally left = app_group_left(like);
    double own = st->offered.items ? (double)st->offered.bytes / (double)st->offered.items : 0;
    return left.items > 0 &&
           own > (1 + APP_OTHER_SIZES) * (double)left.bytes / (double)left.items;
}

/* The slots of a stop as a resource: Little's law gives how many the offered mix needs. */
static void add_window(const struct sim_link *link, double need, struct rows *r) {
    char name[sizeof r->out->resource];
    uint32_t ways = app_group_size(link->from) * app_group_size(link->to), k = 0;
    const struct sim_comp *comp = link->from->comp;
    const char *block = strrchr(comp->path, '.');
    int n = snprintf(name, sizeof name, "%.64s slots from %.64s.%.64s", link->to->name,
                     block != NULL ? block + 1 : comp->path, link->from->name);
    if (ways > 1)
        snprintf(name + n, sizeof name - (size_t)n, " (hottest of %u)", ways);
    while (k < r->n && !(r->out[k].window && app_port_alike(r->out[k].port, link->to) &&
                         app_port_alike(r->out[k].from, link->from)))
        k++;
    if (k == r->n && r->n == r->room)
        return;
    if (k == r->n) {
        r->out[r->n++] = (struct app_bound){.comp = link->to->comp,
                                            .capacity = (double)link->to->capacity,
                                            .window = true,
                                            .port = link->to,
                                            .from = link->from,
                                            .share = 1};
        memcpy(r->out[k].resource, name, sizeof name);
    }
    r->out[k].used += need;
}

/* By how much longer a slot is kept by the messages that would come, had no large ones been
 * lost before: by their time in service. */
static double longer(const struct sim_stream *st, uint32_t stop, const struct app_flow *v,
                     const double *slope) {
    const struct sim_step_stat *stat = st->step[stop];
    bool least = false;
    if (stat == NULL || stat->served == 0)
        return 0;
    return app_occupancy_offered(stat, &v[stop], slope[stop], &least) - app_occupancy(stat);
}

/* @param v the flows to all steps @param slope of each step's time over the size */
static void add_windows(const struct sim_world *w, const struct sim_stream *st, uint32_t i,
                        const struct app_flow *v, const double *slope, struct rows *r) {
    double visits_per_ps = v[i].visits;
    const struct sim_step_stat *stat = st->step[i];
    const struct sim_step *step = &w->step[i];
    const struct sim_hop *hop;
    for (uint32_t by = 0; by < SIM_VERDICTS; by++) {
        double share, each = visits_per_ps * app_went(stat, by) / app_decided(stat);
        if (step->hop[by].fan != NULL)
            each /= step->hop[by].fans;
        for (uint32_t k = 0; each > 0 && (hop = sim_hop_of(step, by, k)) != NULL; k++) {
            const struct sim_link *link =
                hop->kind == SIM_HOP_NEXT ? hot_link(w, st, i, hop, &share) : NULL;
            if (link != NULL)
                add_window(link,
                           each * share *
                               (app_unloaded_hold(w, st, i, hop, link) +
                                longer(st, hop->stop, v, slope)),
                           r);
        }
    }
}

/* What a step takes beside its server; what it lost, had been asked for a rate. */
static void add_asides(const struct sim_world *w, const struct sim_step_stat *stat,
                       double visits_per_ps, struct rows *r) {
    for (uint32_t k = 0; k < SIM_ASIDES && stat->aside[k].port > 0 && r->n < r->room; k++) {
        const struct sim_port *port = w->port[stat->aside[k].port - 1];
        uint64_t came = stat->served;
        if (port->paced_by != NULL) { /* asked as they come: some wait at the end */
            came += stat->lost.items;
            came = came > stat->aside[k].asks ? came : stat->aside[k].asks;
        }
        if (came == 0)
            continue;
        double each = (double)stat->aside[k].ps / (double)came;
        struct app_bound *b = bound_of(w, r, port);
        b->used += visits_per_ps * each;
        b->met += visits_per_ps * each;
    }
}

int app_tighter(const void *a, const void *b) {
    const struct app_bound *x = a, *y = b;
    if (x->bits_per_s != y->bits_per_s)
        return x->bits_per_s < y->bits_per_s ? -1 : 1;
    if (x->load != y->load)
        return x->load > y->load ? -1 : 1;
    int c = strcmp(x->comp->path, y->comp->path);
    return c != 0 ? c : strcmp(x->resource, y->resource);
}

/* How many times as many messages would come to a block, but for one of its ports, as it
 * served.
 */
static double more_would_come(const struct sim_world *w, const struct sim_comp *comp,
                              const char *but) {
    const struct app_mix all = {.spawn = true};
    struct app_flow *v = calloc(w->steps + 1, sizeof *v);
    double come = 0, served = 0;
    SIM_ASSERT(v != NULL);
    for (uint32_t k = 0; k < w->streams; k++) {
        app_visits_of(w, w->stream[k], &all, v);
        for (uint32_t i = 0; i < w->steps; i++) {
            const struct sim_step_stat *stat = w->stream[k]->step[i];
            if (w->step[i].comp != comp || w->step[i].op == NULL || stat == NULL ||
                stat->served == 0 || strcmp(w->port[stat->port]->name, but) == 0)
                continue;
            come += v[i].visits * (double)(w->to - w->from);
            served += (double)stat->served;
        }
    }
    free(v);
    return served > 0 ? come / served : 1;
}

/* Each packet of a connection that a table has not got yet asks to set it up. The mix asks for
 * those that begin, and no more, but for what it was busy with: attempts that found no place.
 */
static void once_each(const struct sim_world *w, struct app_bound *b) {
    struct sim_connections c;
    if (b->window || b->comp->model->connections == NULL ||
        !b->comp->model->connections(b->comp, &c) || c.closed < 0 || c.bound <= 0 ||
        strcmp(c.port, b->port->name) != 0)
        return;
    double window = (double)(w->to - w->from) / (double)SIM_PS_PER_S;
    double begun = (double)c.begun * more_would_come(w, b->comp, c.port) / window;
    double most = fmax(begun / (double)c.bound, b->utilization) * b->capacity;
    if (begun < SHOWN * b->utilization * (double)c.bound && b->used > most)
        b->least = b->utilization >= SHOWN; /* it works off what began before the window */
    else
        b->least &= b->used <= most;
    b->used = fmin(b->used, most);
    b->met = fmin(b->met, most);
}

/* Servers that do something else now and then have less than all of the time: for the messages
 * alone, of which the books have some of that as well. */
static void with_rests(struct app_bound *b) {
    double share = b->window ? 0 : app_group_rests(b->port);
    b->used *= 1 + share;
    b->met *= 1 + share;
}

/* Was it full in the run, one port for several streams? */
static bool is_shown(const struct sim_world *w, const struct app_bound *b) {
    return !b->window && b->ports == 1 && b->port->paced_by == NULL && w->streams > 1 &&
           b->load > 1 && b->utilization >= SHOWN;
}

/* Demand to load, and that to what can be delivered. Below its limit the whole mix grows until
 * it is full; above, what passes it by is not held up. */
static void limit(const struct app_scenario *s, struct app_bound *b, double potential) {
    b->used *= b->share;
    b->load = b->used / b->capacity;
    b->met *= b->share / b->capacity;
    if (b->load <= 0) { /* nothing is asked of it: it limits nothing */
        b->bits_per_s = (double)INFINITY;
        return;
    }
    b->bypass_bits_per_s = b->load > 1 ? app_bypass(s, b) : 0;
    if (is_shown(s->world, b)) {
        b->bits_per_s = app_shared_bits(s, b);
        return;
    }
    bool loses =
        !b->window && (b->port->drops || b->port->refuses || b->port->paced_by != NULL);
    double rest = b->load > 1 && loses ? app_group_passes(b) : 1 / b->load;
    b->bits_per_s = b->bypass_bits_per_s + (potential - b->bypass_bits_per_s) * rest;
}

uint32_t app_bounds(const struct app_scenario *s, struct app_bound *out, uint32_t room,
                    double *potential_bits_per_s) {
    const struct sim_world *w = s->world;
    struct rows r = {out, 0, room};
    struct app_mix all = {.spawn = true, .grown = s->slopes.bytes};
    struct app_mix offered = {.grown = s->slopes.bytes};
    *potential_bits_per_s = app_delivered_of(w, &offered);
    struct app_flow *v = calloc(w->steps + 1, sizeof *v);
    for (uint32_t k = 0; v != NULL && w->to > w->from && k < w->streams; k++) {
        const struct sim_stream *st = w->stream[k];
        const double *slope = s->slopes.time + (size_t)k * w->steps;
        app_visits_of(w, st, &all, v);
        for (uint32_t i = 0; i < w->steps && r.n < room; i++) {
            const struct sim_step_stat *stat = st->step[i];
            bool came = stat != NULL && stat->served + stat->lost.items > 0;
            if (w->step[i].op == NULL && came && i != st->first)
                add_windows(w, st, i, v, slope, &r); /* children, copies, parents */
            if (w->step[i].op == NULL || (!came && v[i].visits <= 0))
                continue;
            const struct sim_port *port = came ? w->port[stat->port] : port_of(w, i);
            struct app_bound *b = bound_of(w, &r, port);
            if (!came || stat->served == 0) { /* as long as others take there */
                double most = v[i].visits * app_group_time(port);
                b->used += most;
                b->met += came ? most : 0;
                b->least |= app_group_time(port) <= 0 || is_larger(st, port);
                if (came)
                    add_asides(w, stat, v[i].visits, &r);
                continue;
            }
            double each = app_occupancy_offered(stat, &v[i], slope[i], &b->least) +
                          app_unloaded_keep(w, st, i);
            b->used += v[i].visits * each;
            b->met += v[i].visits * each;
            add_asides(w, stat, v[i].visits, &r);
            add_windows(w, st, i, v, slope, &r);
        }
    }
    free(v);
    for (uint32_t i = 0; i < r.n; i++) {
        with_rests(&out[i]);
        once_each(w, &out[i]);
        limit(s, &out[i], *potential_bits_per_s);
    }
    qsort(out, r.n, sizeof *out, app_tighter);
    return r.n;
}
