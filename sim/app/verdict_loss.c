/* verdict_loss.c - queues that lose though no server is full: bursts, and what is spread
 * unevenly over many.
 */
#include "sim/engine/row.h"
#include "verdict.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How much a port lost: packets, or parents that were dropped for children that it lost. */
static uint64_t loss(const struct sim_world *w, const struct sim_port *p, bool created) {
    if (!p->drops && !p->refuses)
        return 0;
    return created ? w->cause[p->full_cause].cost_parents : app_lost_at(w, p, false);
}

/* Would all that is lost at a port be dropped later all the same? */
static bool in_vain(const struct app_case *c, const struct sim_port *p) {
    for (uint32_t i = 0; c->potential > 0 && i < c->n; i++)
        if (!c->b[i].window && c->b[i].port == p)
            return app_passing(c, &c->b[i]) >= (1 - 1e-9) * c->potential;
    return false;
}

/* The hottest of several like ports that share what comes, and its queue's cause. NULL: it is
 * alone. */
static const struct app_bound *spread_over(const struct app_case *c, const struct sim_port *p) {
    for (uint32_t i = 0; i < c->n; i++)
        if (!c->b[i].window && c->b[i].ports > 1 && app_port_alike(c->b[i].port, p) &&
            c->b[i].port->full_cause == p->full_cause)
            return &c->b[i];
    return NULL;
}

static void say_loss(const struct app_case *c, const struct sim_port *at, double percent,
                     struct app_verdict *v) {
    const char *cause = c->w->cause[at->full_cause].name;
    app_verdict_name(v, "resource", at->comp, strchr(cause, ':') + 1);
    snprintf(v->why, sizeof v->why, "%.4g %% of the %s are lost at %s (room for %lld %s%s)",
             percent, app_unit_of_all(c->w), cause, (long long)at->capacity,
             at->bytes_capacity ? "byte" : "item", at->capacity == 1 ? "" : "s");
}

/* What empties a queue: those for which it stands still when they are full, its own server and
 * what is behind it, as far as they are busy half of the time; and one at least, the fullest.
 */
static void share_with_emptiers(const struct app_case *c, const struct sim_port *at,
                                struct app_verdict *v) {
    const struct app_bound *most = NULL;
    bool *held = calloc(c->w->ports + 1, sizeof *held);
    SIM_ASSERT(held != NULL);
    for (uint32_t i = 0; i < c->n; i++) {
        const struct app_bound *b = &c->b[i];
        app_held_up(c->s, b, held);
        if (b->window || !held[at->id])
            continue;
        if (b->load >= HALF)
            app_verdict_share(b, b->load, v);
        if (most == NULL || b->load > most->load)
            most = b;
    }
    if (v->shares == 1 && most != NULL)
        app_verdict_share(most, most->load, v);
    free(held);
}

/* More room, or what empties the queue made faster: which of them brings more one run does not
 * tell. */
static void say_short(const struct app_case *c, const struct sim_port *at,
                      struct app_verdict *v) {
    struct app_bound queue = {.comp = v->comp};
    snprintf(queue.resource, sizeof queue.resource, "%s", v->resource);
    app_verdict_share(&queue, (double)NAN, v);
    share_with_emptiers(c, at, v);
    sim_append(v->why, sizeof v->why, ": bursts, or a queue that is too short");
    if (v->shares == 1) {
        v->shares = 0;
        return;
    }
    v->kind = "resources";
    v->load = (double)NAN;
    for (uint32_t i = 1; i < v->shares; i++)
        sim_append(v->why, sizeof v->why, "%s%s.%s (%.4g %%)",
                   i == 1 ? "; it is emptied by " : ", ", v->shared[i].b.comp->path,
                   v->shared[i].b.resource, 100 * v->shared[i].load);
    sim_append(v->why, sizeof v->why,
               ", of which the offered mix would need so much: on average, not in bursts");
}

/* Of like ports some get more than others: on average, and in bunches. */
static void say_uneven(const struct app_bound *hot, struct app_verdict *v) {
    int name = (int)strcspn(hot->resource, " "); /* "core4 queue (hottest of 16)" */
    snprintf(v->resource, sizeof v->resource, "%.*s queue%.200s", name, hot->resource,
             hot->resource + name);
    sim_append(
        v->why, sizeof v->why,
        ": %s would need %.4g %% for the offered mix, %.3g times the mean of the %u, and "
        "is busy %.4g %% of the time: what comes is spread unevenly over them, and in "
        "bunches that the queue of one does not hold",
        hot->resource, 100 * hot->load, hot->share * hot->ports, hot->ports,
        100 * hot->utilization);
}

/* The queue that lost most packets; or, where children that were lost cost more, most of those.
 */
bool app_by_loss(const struct app_case *c, bool created, struct app_verdict *v) {
    const struct sim_world *w = c->w;
    const struct sim_port *at = NULL;
    uint64_t most = 0, all = app_offered(w);
    for (uint32_t i = 0; i < w->ports; i++) {
        uint64_t n = loss(w, w->port[i], created);
        if (n > most && (created || !in_vain(c, w->port[i]))) {
            most = n;
            at = w->port[i];
        }
    }
    bool parents = app_starved(w) > (created ? 0 : most);
    if (at == NULL || most * 10000 < all || parents != created)
        return false;
    const struct app_bound *group = spread_over(c, at);
    if (app_by_port(c, group != NULL ? group->port : at, v))
        return true;
    say_loss(c, at, 100 * (double)most / (double)(all > most ? all : most), v);
    if (created)
        sim_append(v->why, sizeof v->why, ", each with a child of it that finds no room");
    if (group != NULL)
        say_uneven(group, v);
    else
        say_short(c, at, v);
    return true;
}

bool app_by_table(const struct app_case *c, struct app_verdict *v) {
    const struct sim_world *w = c->w;
    const struct sim_cause *at = NULL;
    uint64_t all = app_offered(w), most = all / 100;
    for (uint32_t i = 0; i < w->causes; i++) {
        uint64_t n = 0;
        for (uint32_t k = 0; w->cause[i].lacks != NULL && k < w->streams; k++)
            n += w->stream[k]->dropped_by[i];
        if (n <= most)
            continue;
        most = n;
        at = &w->cause[i];
    }
    if (at == NULL)
        return false;
    app_verdict_name(v, "resource", at->comp, at->lacks);
    v->table = true;
    snprintf(v->why, sizeof v->why,
             "%.4g %% of the %s are dropped for want of a place in the table of %s (%s): all "
             "are taken, by what came before and has not ended or timed out",
             100 * (double)most / (double)all, app_unit_of_all(w), at->comp->path, at->name);
    return true;
}
