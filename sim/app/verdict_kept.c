/* verdict_kept.c - servers that are busy with waiting: a call that polls keeps them for as long
 * as what it calls makes it wait, so that full is what is behind them.
 */
#include "sim/engine/quantity.h"
#include "sim/engine/row.h"
#include "verdict.h"
#include <stdio.h>

/* Picoseconds that messages of a stream waited at a step, in all. */
static double waited(const struct sim_stream *st, uint32_t i) {
    return st->step[i] != NULL ? (double)st->step[i]->wait.sum : 0;
}

/* Where what is called waits most. */
struct longest {
    uint32_t step;
    double wait, mean; /* ps */
};

/* The steps of a call up to its way back, or of a child up to its end. */
static void follow(const struct sim_world *w, const struct sim_stream *st, uint32_t i,
                   struct longest *most) {
    for (uint32_t k = 0; k < w->steps && !w->step[i].keep; k++) {
        const struct sim_hop *hop = &w->step[i].hop[0];
        double wait = waited(st, i);
        if (wait > most->wait)
            *most = (struct longest){i, wait, wait / (double)st->step[i]->wait.count};
        if (hop->kind != SIM_HOP_NEXT)
            return;
        i = hop->next;
    }
}

/* Of all for which a port's servers are kept. */
static struct longest longest_behind(const struct sim_world *w, const struct sim_port *p) {
    struct longest most = {0, 0, 0};
    for (uint32_t k = 0; k < w->streams; k++)
        for (uint32_t i = 0; i < w->steps; i++) {
            const struct sim_step *step = &w->step[i];
            const struct sim_step_stat *stat = w->stream[k]->step[i];
            if (!step->hold || stat == NULL || stat->served == 0 ||
                !app_port_alike(w->port[stat->port], p))
                continue;
            follow(w, w->stream[k],
                   step->action == SIM_ACT_SPLIT ? step->target : step->hop[0].next, &most);
        }
    return most;
}

/* The servers that serve a step. NULL: it has none. */
static const struct app_bound *server_of(const struct app_case *c, uint32_t step) {
    for (uint32_t k = 0; k < c->w->streams; k++) {
        const struct sim_step_stat *stat = c->w->stream[k]->step[step];
        for (uint32_t i = 0; stat != NULL && stat->served > 0 && i < c->n; i++)
            if (!c->b[i].window && app_port_alike(c->b[i].port, c->w->port[stat->port]))
                return &c->b[i];
    }
    return NULL;
}

bool app_is_kept(const struct app_case *c, const struct app_bound *b) {
    return !b->window && b->utilization >= NEARLY && b->load < NEARLY &&
           longest_behind(c->w, b->port).wait > 0;
}

bool app_name_behind(const struct app_case *c, const struct app_bound *b,
                     struct app_verdict *v) {
    struct longest most = longest_behind(c->w, b->port);
    const struct app_bound *o = most.wait > 0 ? server_of(c, most.step) : NULL;
    char wait[40];
    if (o == NULL || o == b)
        return false;
    app_name_loaded(o, app_busier(o), v);
    snprintf(v->why, sizeof v->why,
             "%s.%s is busy %.4g %% of the time only because it is kept: if nothing waited, it "
             "would need %.4g %%",
             b->comp->path, b->resource, 100 * b->utilization, 100 * b->load);
    sim_append(
        v->why, sizeof v->why,
        ". What it is kept for waits longest for %s.%s, %s each on average, which is busy "
        "%.4g %% of the time and would need %s%.4g %% for the offered mix",
        o->comp->path, o->resource, sim_quantity_human(SIM_TIME, most.mean, wait, sizeof wait),
        100 * o->utilization, o->least ? "at least " : "", 100 * o->load);
    return true;
}
