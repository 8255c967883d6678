/* verdict.c - what limited the run: named only where the run itself shows it.
 *
 * A resource that the offered mix would overfill counts when its servers were in fact busy
 * nearly all the time, or queues lost what that load forces them to lose: measured shares of
 * branches need not stay the same under another load (verdict_full.c). So does a server that is
 * busy and has a queue in front of it all the time, whatever it would need by its bound: that
 * leaves out the time for which a call keeps it. Where the window begins idle, more waiting at
 * its end than at its start shows as much (verdict_queue.c). Else the run is asked where it
 * waited: servers that stood blocked lead to the queue places they waited for; a lack of
 * messages to the pool; losses to the queue that was full (verdict_wait.c). What holds up
 * nothing of what is delivered comes last.
 */
#include "verdict.h"
#include "sim/engine/quantity.h"
#include "sim/engine/row.h"
#include "workloads/source.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool closed(const struct sim_world *w) {
    for (uint32_t i = 0; i < w->streams; i++)
        if (!app_is_loop(w->stream[i]))
            return false;
    return true;
}

const struct sim_stream *app_held_by_pool(const struct app_scenario *s,
                                          const struct work_source **src) {
    for (uint32_t i = 0; i < s->streams; i++) {
        const struct sim_stream *st = s->stream[i].stream;
        *src = (const struct work_source *)s->stream[i].source;
        if ((uint64_t)(*src)->lagged * 100 > st->offered.items)
            return st;
    }
    return NULL;
}

static bool by_pool(const struct app_scenario *s, struct app_verdict *v) {
    const struct work_source *src;
    const struct sim_stream *st = app_held_by_pool(s, &src);
    if (st == NULL)
        return false;
    app_verdict_name(v, "resource", &src->base, "messages");
    snprintf(v->why, sizeof v->why,
             "%.4g %% of the %s of \"%s\" had to wait for a free message: the pool of "
             "%u limits the run, not the card; raise /run/messages",
             100 * (double)src->lagged / (double)st->offered.items, app_unit_of(st), st->name,
             s->world->opts.messages);
    return true;
}

/* A wall in front of which so much waits that no messages are left for what passes it by. */
static void and_the_pool(const struct app_scenario *s, struct app_verdict *v) {
    const struct work_source *src;
    const struct sim_stream *st = app_held_by_pool(s, &src);
    if (st == NULL || strcmp(v->resource, "messages") == 0)
        return;
    sim_append(v->why, sizeof v->why,
               "; what waits takes up the pool of %u messages, for which %.4g %% of the %s of "
               "\"%s\" had to wait, those too that would pass by: raise /run/messages, or "
               "bound the queue",
               s->world->opts.messages, 100 * (double)src->lagged / (double)st->offered.items,
               app_unit_of(st), st->name);
}

#define WAITS 0.5 /* of the outstanding, if nothing waited: else most of them do */

/* The loop that goes round most of what it may. */
static struct app_bound tightest_loop(const struct app_scenario *s) {
    struct app_bound *loop = calloc(s->streams + 1, sizeof *loop), most = {0};
    SIM_ASSERT(loop != NULL);
    for (uint32_t i = app_loops(s, loop, s->streams); i-- > 0;)
        if (loop[i].load >= most.load)
            most = loop[i];
    free(loop);
    return most;
}

/* Nothing else did, and all streams are closed loops: the requests that may be outstanding. */
static void by_depth(const struct app_case *c, struct app_verdict *v) {
    const struct app_bound b = tightest_loop(c->s);
    char latency[40];
    if (b.loop == NULL)
        return;
    /* pages of one request wait for one another, in a drive that is all but idle */
    bool waits = b.load < WAITS && !(b.loop->requests && v->load < WAITS);
    if (!waits)
        app_name_loaded(&b, b.load, v);
    v->kind = waits ? "resource" : "closed-loop-depth";
    sim_quantity_human(SIM_TIME, sim_hist_mean(&b.loop->latency), latency, sizeof latency);
    sim_append(v->why, sizeof v->why, "; %s: %s, %.0f outstanding, %s each",
               waits ? "most requests wait, and for that as it seems"
                     : "the requests that may be outstanding limit the throughput",
               b.loop->name, b.capacity, latency);
    if (waits || b.load >= WAITS)
        sim_append(v->why, sizeof v->why,
                   "; if nothing waited, this rate would need %.4g of them", b.used);
}

/* Nothing did: the busiest is named. */
static void by_offer(const struct app_case *c, struct app_verdict *v) {
    const struct app_bound *top = NULL;
    for (uint32_t i = 0; i < c->n; i++)
        if (!c->b[i].window && (top == NULL || c->b[i].utilization > top->utilization))
            top = &c->b[i];
    if (top == NULL) {
        snprintf(v->why, sizeof v->why, "nothing was served in the measured window");
        return;
    }
    app_verdict_name(v, v->kind, top->comp, top->resource);
    v->load = top->utilization;
    snprintf(v->why, sizeof v->why, "%s: the busiest, %s.%s, is busy %.4g %% of the time",
             top->utilization < NEARLY ? "no resource is full" : "nothing piles up",
             top->comp->path, top->resource, 100 * top->utilization);
    if (c->closed)
        by_depth(c, v);
    else
        sim_append(v->why, sizeof v->why, "; the offered load%s what limits the throughput",
                   app_any_loop(c->w) ? " and the loops' requests are" : " is");
}

/* What is full, or loses or stops something at times, where all that is offered comes through
 * and nothing piles up: more room would bring nothing. */
static void let_pass(const struct app_scenario *s, struct app_verdict *v) {
    if (v->aside || strcmp(v->resource, "messages") == 0)
        return;
    v->kind = "offered-load";
    v->shares = 0;
    v->load = v->load > 0 ? v->load : (double)NAN;
    sim_append(v->why, sizeof v->why,
               "; but %s: the offered load is what limits the throughput",
               app_works_off(s) ? "more comes out than is offered, of what came before the "
                                  "measured window"
                                : "all that is offered comes through, or all but about 1 %");
}

/* Something befell a block that put an end to its work: no load did. */
static bool by_incident(const struct sim_world *w, struct app_verdict *v) {
    for (uint32_t i = 0; i < w->comps; i++) {
        const struct sim_model *m = w->comp[i]->model;
        const char *resource = "";
        const char *text = m->incident != NULL ? m->incident(w->comp[i], &resource) : NULL;
        if (text == NULL)
            continue;
        app_verdict_name(v, "incident", w->comp[i], resource);
        v->load = (double)NAN;
        snprintf(v->why, sizeof v->why, "%s", text);
        return true;
    }
    return false;
}

void app_verdict_of(const struct app_scenario *s, const struct app_bound *b, uint32_t n,
                    double potential, struct app_verdict *v) {
    const struct app_case c = {.s = s,
                               .w = s->world,
                               .b = b,
                               .n = n,
                               .potential = potential,
                               .closed = closed(s->world),
                               .through = app_through(s)};
    *v = (struct app_verdict){.kind = c.closed ? "closed-loop-depth" : "offered-load"};
    if (by_incident(s->world, v))
        return;
    bool named =
        c.w->to > c.w->from &&
        ((c.closed && (app_by_loop(&c, v) || app_by_queue(&c, false, v))) ||
         app_by_bound(&c, OVER, false, v) || app_by_queue(&c, false, v) ||
         app_by_growth(&c, v) || app_by_blocking(&c, v) || by_pool(s, v) ||
         app_by_loss(&c, false, v) || app_by_loss(&c, true, v) || app_by_table(&c, v) ||
         app_by_pile(&c, v) || app_by_bound(&c, 0.999, false, v) ||
         app_by_bound(&c, OVER, true, v) || app_by_queue(&c, true, v) ||
         (!c.closed && app_any_loop(c.w) && app_by_loop(&c, v))); /* beside open ones */
    if (!named)
        by_offer(&c, v);
    else if (app_comes_through(s) && !s->open_ended) /* what is sent comes through in the end */
        let_pass(s, v);
    else if (!c.closed) {
        app_and_others(&c, v);
        and_the_pool(s, v);
    }
}
