/* verdict_queue.c - servers that always have more waiting, and queues that grow. */
#include "sim/engine/row.h"
#include "unloaded.h"
#include "verdict.h"
#include "workloads/source.h"
#include <math.h>
#include <stdio.h>

/* Messages on average: there is always one. A closed loop of two just has that. */
#define WAITING 0.95

double app_taken(const struct sim_world *w, const struct sim_stream *st,
                 const struct sim_port *p) {
    double sum = 0;
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_step_stat *stat = st->step[i];
        if (stat != NULL && w->step[i].op != NULL && stat->served > 0 &&
            app_port_alike(w->port[stat->port], p))
            sum += (double)stat->demand_ps + (double)stat->served * app_unloaded_keep(w, st, i);
        for (uint32_t k = 0; stat != NULL && k < SIM_ASIDES && stat->aside[k].port > 0; k++)
            sum += stat->aside[k].port == p->like ? (double)stat->aside[k].ps : 0;
    }
    return sum;
}

/* Do requests of a closed loop come to a resource, and not just a few of what does? They take
 * what they get. */
static bool closed_loop(const struct sim_world *w, const struct app_bound *b) {
    double closed = 0, all = 0;
    for (uint32_t k = 0; k < w->streams; k++) {
        double each = app_taken(w, w->stream[k], b->port);
        all += each;
        closed += app_is_loop(w->stream[k]) ? each : 0;
    }
    return closed > 0 && closed >= (1 - NEARLY) * all;
}

/* Does a stream that comes to a resource begin in the window only? */
static bool begins_late(const struct app_case *c, const struct app_bound *b) {
    for (uint32_t i = 0; i < c->s->streams; i++) {
        const struct app_stream *st = &c->s->stream[i];
        if (((const struct work_source *)st->source)->start >= c->w->from &&
            app_taken(c->w, st->stream, b->port) > 0)
            return true;
    }
    return false;
}

/* What waits for a server that keeps up with all that comes is only a queue; so are copies. */
static bool sets_pace(const struct app_case *c, const struct app_bound *b, bool aside) {
    return c->s->open_ended || (b->load >= OVER && !app_keeps_up(c, b)) ||
           app_lost_at(c->w, b->port, false) > 0 || app_lost_at(c->w, b->port, true) > 0 ||
           app_change(b->port) != 0 || (!aside && closed_loop(c->w, b));
}

/* Of what is kept beside other servers, those that stand at these: what is behind them waits
 * too, but not for it alone. */
double app_waiting(const struct app_case *c, const struct app_bound *b) {
    if (b->port->waited_ps > 0)
        return share(b->port->waited_ps, c->w, 1);
    return share(b->port->level.area, c->w, 1) - b->port->servers;
}

/* Are its servers busy nearly all the time, by their own work or only kept? */
static bool is_busy(const struct app_case *c, const struct app_bound *b, bool kept) {
    return b->utilization >= NEARLY && app_is_kept(c, b) == kept;
}

static bool has_waiting(const struct app_case *c, const struct app_bound *b) {
    return app_waiting(c, b) >= (b->port->waited_ps > 0 ? BLOCKED : WAITING);
}

/* Servers that are busy nearly all the time and have more waiting all the time: in closed loops
 * and in runs that last until all is done, where no resource is asked for more than all of it;
 * and else where their load is too much for them, or was. In a closed loop, of several the one
 * that least passes by: the others take what it leaves them. Those that are only kept by calls
 * come last, and name what these wait for. */
static const struct app_bound *queued_for(const struct app_case *c, bool aside, bool kept) {
    const struct app_bound *at = NULL;
    for (uint32_t i = 0; i < c->n; i++) {
        const struct app_bound *b = &c->b[i];
        bool queued = has_waiting(c, b) && sets_pace(c, b, aside);
        bool loses = c->closed && b->met >= OVER && app_is_full(c, b); /* of a short queue */
        if (b->window || !is_busy(c, b, kept) || !(queued || loses) ||
            app_is_aside(c, b) != aside)
            continue;
        if (at == NULL || (c->closed && app_passing(c, b) < app_passing(c, at)))
            at = b;
    }
    return at;
}

bool app_by_queue(const struct app_case *c, bool aside, struct app_verdict *v) {
    const struct app_bound *at = queued_for(c, aside, false);
    if (at == NULL)
        at = queued_for(c, aside, true);
    if (at == NULL)
        return false;
    if (app_is_kept(c, at) && app_name_behind(c, at, v))
        return true;
    if (!has_waiting(c, at)) {
        app_name_bound(c, at, v);
        return true;
    }
    app_name_loaded(at, app_busier(at), v);
    snprintf(v->why, sizeof v->why,
             "%s.%s is busy %.4g %% of the time, and %.4g %s for it on average", at->comp->path,
             at->resource, 100 * at->utilization, app_waiting(c, at),
             fabs(app_waiting(c, at) - 1) < 0.0005 ? "message waits" : "messages wait");
    if (app_change(at->port) < 0)
        sim_append(v->why, sizeof v->why,
                   ": it works off what came before the measured window");
    app_say_bypass(c, at, v);
    return true;
}

/* Had a resource, and what it holds up, nothing to do when the window began, and more than it
 * can do at its end? */
static bool grew_from_idle(const struct app_case *c, const struct app_bound *b) {
    struct app_books k = app_books_of(c, b);
    uint64_t least = begins_late(c, b) ? 0 : k.out / 20 + 64; /* else it may fluctuate */
    return k.before <= k.servers && k.in > k.out + k.servers + least;
}

/* A resource that the offered mix would overfill and for which more waits at the end of a
 * window that began idle. */
bool app_by_growth(const struct app_case *c, struct app_verdict *v) {
    for (uint32_t i = 0; i < c->n; i++) {
        const struct app_bound *b = &c->b[i];
        if (b->window || b->met < OVER || b->utilization >= NEARLY || app_is_aside(c, b) ||
            closed_loop(c->w, b) || !grew_from_idle(c, b))
            continue;
        app_name_loaded(b, b->load, v);
        snprintf(
            v->why, sizeof v->why,
            "%s.%s would need %s%.4g %% for the offered mix; it was busy %.4g %% of the "
            "window, which began before it had anything to do: a longer warm-up would show "
            "whether it is full",
            b->comp->path, b->resource, b->least ? "at least " : "", 100 * b->load,
            100 * b->utilization);
        return true;
    }
    return false;
}

static int64_t piled(const struct sim_port *p) {
    return (int64_t)(p->entered.items + p->created.items) -
           (int64_t)(p->left.items + p->dropped.items);
}

/* Where more came than left, so many that it is missing of what is delivered, though on average
 * nothing is asked of it that it could not do: the one with the most. What is idle most of the
 * time holds them on purpose. */
bool app_by_pile(const struct app_case *c, struct app_verdict *v) {
    const struct app_bound *at = NULL;
    int64_t most = (int64_t)(app_offered(c->w) / 100);
    for (uint32_t i = 0; i < c->n; i++) {
        const struct app_bound *b = &c->b[i];
        if (b->window || app_is_aside(c, b) || b->utilization < HALF || piled(b->port) <= most)
            continue;
        most = piled(b->port);
        at = b;
    }
    if (at == NULL)
        return false;
    if (at->load < HALF * at->utilization && app_name_behind(c, at, v))
        return true;
    app_name_loaded(at, at->load, v);
    snprintf(v->why, sizeof v->why,
             "%lld messages more came to %s.%s than left it in the window, though the offered "
             "mix would need %.4g %% of it and it was busy %.4g %% of the time: it is too slow "
             "at times; a longer window would show whether it is on average",
             (long long)most, at->comp->path, at->resource, 100 * at->load,
             100 * at->utilization);
    return true;
}
