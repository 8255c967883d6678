/* verdict_full.c - servers that are full: by their bounds and by what waits for them. */
#include "sim/engine/row.h"
#include "verdict.h"
#include "workloads/source.h"
#include <stdio.h>
#include <stdlib.h>

#define REACHED 0.8 /* of its bound is delivered: it may be what limits */
/* It is full without being busy all the time when so much of what its load makes it lose is
 * lost, and it is busy half of the time: not a burst that only room would help. */
#define FORCED 0.5
#define HALF   0.5
/* Messages on average: there is always one. A closed loop of two just has that. */
#define WAITING 0.95

static double delivered_bits_per_s(const struct sim_world *w) {
    double bytes = 0;
    for (uint32_t i = 0; i < w->streams; i++)
        bytes += (double)w->stream[i]->delivered.bytes;
    return 8 * bytes * (double)SIM_PS_PER_S / (double)(w->to - w->from);
}

bool app_is_aside(const struct app_case *c, const struct app_bound *b) {
    return c->potential > 0 && b->bypass_bits_per_s >= 0.9995 * c->potential;
}

static void say_bypass(const struct app_case *c, const struct app_bound *b,
                       struct app_verdict *v) {
    double by = c->potential > 0 ? b->bypass_bits_per_s / c->potential : 0;
    v->aside = app_is_aside(c, b);
    if (v->aside)
        sim_append(v->why, sizeof v->why,
                   "; all that is delivered passes it by: only copies, children that nobody "
                   "waits for, or what is dropped later comes to it");
    else if (by >= 0.0005)
        sim_append(v->why, sizeof v->why, "; %.4g %% of what could be delivered passes it by",
                   100 * by);
}

static double lost_share(const struct sim_port *p) {
    double lost = (double)p->lost.items, came = (double)p->left.items + lost;
    return came > 0 ? lost / came : 0;
}

/* A short queue runs empty now and then, however much is lost: it is full all the same where
 * what its load forces it to lose is lost. So are places that are refused, or waited for behind
 * such a queue. */
static bool overflows(const struct app_case *c, const struct app_bound *b) {
    double load = b->window ? b->load : b->met;
    const struct sim_port *at = b->window && !b->port->refuses ? b->from : b->port;
    bool waits = at == b->from && app_blocked_share(c->w, at) > BLOCKED;
    bool full = b->window ? b->port->refuses || waits : b->utilization >= HALF;
    return (at->drops || at->refuses) && load >= OVER && full &&
           lost_share(at) >= FORCED * (1 - 1 / load);
}

/* Does a queue lose children, and their parents with them? What comes through is then far below
 * what it could carry. */
static bool costs_parents(const struct app_case *c, const struct app_bound *b) {
    bool loses = b->port->drops || b->port->refuses;
    uint64_t parents = loses ? c->w->cause[b->port->full_cause].cost_parents : 0;
    return parents * 100 > app_offered(c->w) && b->bypass_bits_per_s < c->potential / 2;
}

/* How much of the time it is full, as far as the run itself shows; 0: it does not. */
static double full_share(const struct app_case *c, const struct app_bound *b) {
    if (b->window ? !b->port->refuses && app_is_stuck(c->w, b->from) : b->utilization >= NEARLY)
        return 1;
    if (!overflows(c, b))
        return 0;
    return b->window ? HALF : b->utilization;
}

/* And is so much delivered as it lets through then? */
static bool is_full(const struct app_case *c, const struct app_bound *b) {
    double full = full_share(c, b);
    if (full <= 0)
        return false;
    return costs_parents(c, b) || delivered_bits_per_s(c->w) >= REACHED * full * b->bits_per_s;
}

static void say_busy(const struct app_bound *b, struct app_verdict *v) {
    snprintf(v->why, sizeof v->why, "%s.%s is busy %.4g %% of the time", b->comp->path,
             b->resource, 100 * b->utilization);
    if (b->utilization < NEARLY)
        sim_append(v->why, sizeof v->why, ", loses %.4g %% of what comes to its short queue",
                   100 * lost_share(b->port));
    sim_append(v->why, sizeof v->why, " and would need %s%.4g %% for the offered mix",
               b->least ? "at least " : "", 100 * b->load);
}

static void say_places(const struct app_bound *b, struct app_verdict *v) {
    bool one = b->port->capacity == 1;
    char places[32] = "one place";
    if (!one)
        snprintf(places, sizeof places, "%lld places", (long long)b->port->capacity);
    snprintf(v->why, sizeof v->why,
             "the %s of %s.%s %s %s: messages hold %s on their way as well as in service, and "
             "the offered mix would need %s%.4g %% of %s",
             places, b->comp->path, b->port->name, one ? "is" : "are",
             b->port->refuses ? "refused" : "waited for", one ? "it" : "them",
             b->least ? "at least " : "", 100 * b->load, one ? "it" : "them");
}

static void name_bound(const struct app_case *c, const struct app_bound *b,
                       struct app_verdict *v) {
    app_verdict_name(v, "resource", b->comp, b->resource);
    v->load = b->load;
    v->least = b->least;
    if (b->window)
        say_places(b, v);
    else
        say_busy(b, v);
    say_bypass(c, b, v);
}

/* A full resource by its bound, confirmed by its servers. A load of just 1, such as a wire
 * that is offered its line rate, loses nothing by itself: it counts only when nothing else
 * does, by a call with an `over` of 0.999. */
bool app_by_bound(const struct app_case *c, double over, bool aside, struct app_verdict *v) {
    if (over < 1 && c->potential <= 0)
        return false; /* all is denied: a wire that is just full has no part in that */
    for (uint32_t i = 0; i < c->n; i++) {
        const struct app_bound *b = &c->b[i];
        if ((b->window ? b->load : b->met) < over || app_is_aside(c, b) != aside ||
            !is_full(c, b))
            continue;
        name_bound(c, b, v);
        return true;
    }
    return false;
}

/* By how much more comes than leaves, or leaves than came, beyond a fluctuation. */
static int64_t change(const struct sim_port *p) {
    uint64_t in = p->entered.items + p->created.items, out = p->left.items + p->dropped.items;
    int64_t more = (int64_t)(in - out), least = (int64_t)((in < out ? in : out) / 20 + 64);
    return more > least || more < -least ? more : 0;
}

static bool comes_to(const struct sim_world *w, const struct sim_stream *st,
                     const struct sim_port *p) {
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_step_stat *stat = st->step[i];
        if (stat != NULL && w->step[i].op != NULL && stat->served > 0 &&
            app_port_alike(w->port[stat->port], p))
            return true;
    }
    return false;
}

/* Do requests of a closed loop come to a resource? They take what they get. */
static bool closed_loop(const struct sim_world *w, const struct app_bound *b) {
    for (uint32_t k = 0; k < w->streams; k++)
        if (w->stream[k]->reply != NULL && comes_to(w, w->stream[k], b->port))
            return true;
    return false;
}

/* Does a stream that comes to a resource begin in the window only? */
static bool begins_late(const struct app_case *c, const struct app_bound *b) {
    for (uint32_t i = 0; i < c->s->streams; i++) {
        const struct app_stream *st = &c->s->stream[i];
        if (((const struct work_source *)st->source)->start >= c->w->from &&
            comes_to(c->w, st->stream, b->port))
            return true;
    }
    return false;
}

/* What waits for a server that keeps up with all that comes is only a queue. */
static bool sets_pace(const struct app_case *c, const struct app_bound *b) {
    return c->s->open_ended || b->load >= OVER || app_lost_at(c->w, b->port, false) > 0 ||
           app_lost_at(c->w, b->port, true) > 0 || change(b->port) != 0 || closed_loop(c->w, b);
}

/* Messages that wait for a server, on average. */
static double waiting(const struct app_case *c, const struct app_bound *b) {
    return share(b->port->level.area, c->w, 1) - b->port->servers;
}

/* Servers that are busy nearly all the time and have more waiting all the time: in closed loops
 * and in runs that last until all is done, where no resource is asked for more than all of it;
 * and else where their load is too much for them, or was. In a closed loop, of several the one
 * that least passes by: the others take what it leaves them. */
bool app_by_queue(const struct app_case *c, bool aside, struct app_verdict *v) {
    const struct app_bound *at = NULL;
    for (uint32_t i = 0; i < c->n; i++) {
        const struct app_bound *b = &c->b[i];
        if (b->window || b->utilization < NEARLY || app_is_aside(c, b) != aside ||
            waiting(c, b) < WAITING || !sets_pace(c, b))
            continue;
        if (at == NULL || (c->closed && b->bypass_bits_per_s < at->bypass_bits_per_s))
            at = b;
    }
    if (at == NULL)
        return false;
    app_verdict_name(v, "resource", at->comp, at->resource);
    v->load = at->load > at->utilization ? at->load : at->utilization;
    v->least = at->least && at->load >= v->load;
    snprintf(v->why, sizeof v->why,
             "%s.%s is busy %.4g %% of the time, and %.4g %s for it on average", at->comp->path,
             at->resource, 100 * at->utilization, waiting(c, at),
             waiting(c, at) < 1.0005 ? "message waits" : "messages wait");
    if (change(at->port) < 0)
        sim_append(v->why, sizeof v->why,
                   ": it works off what came before the measured window");
    say_bypass(c, at, v);
    return true;
}

/* Had a resource, and what it holds up, nothing to do when the window began, and more than it
 * can do at its end? */
static bool grew_from_idle(const struct app_case *c, const struct app_bound *b) {
    const struct sim_world *w = c->w;
    uint64_t before = 0, in = 0, out = 0, servers = 0;
    bool *held = calloc(w->ports + 1, sizeof *held);
    SIM_ASSERT(held != NULL);
    app_held_up(c->s, b, held);
    for (uint32_t i = 0; i < w->ports; i++) {
        const struct sim_port *p = w->port[i];
        if (!held[i])
            continue;
        before += p->carried_in.items;
        in += p->entered.items + p->created.items;
        out += p->left.items + p->dropped.items;
        servers += p->servers;
    }
    free(held);
    return before <= servers && in > out + servers;
}

/* A resource that the offered mix would overfill and for which more waits at the end of a
 * window that began idle. */
bool app_by_growth(const struct app_case *c, struct app_verdict *v) {
    for (uint32_t i = 0; i < c->n; i++) {
        const struct app_bound *b = &c->b[i];
        if (b->window || b->met < OVER || b->utilization >= NEARLY || app_is_aside(c, b) ||
            closed_loop(c->w, b) || !begins_late(c, b) || !grew_from_idle(c, b))
            continue;
        app_verdict_name(v, "resource", b->comp, b->resource);
        v->load = b->load;
        v->least = b->least;
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
