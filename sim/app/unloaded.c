/* unloaded.c - times that a step takes of servers and of places when nothing waits: what the
 * bounds multiply the visits by.
 */
#include "unloaded.h"
#include "summary.h"
#include <math.h>

double app_occupancy(const struct sim_step_stat *a) {
    return a != NULL && a->served > 0 ? (double)a->demand_ps / (double)a->served : 0;
}

/* Mean picoseconds of latency beyond the occupancy, less what of it was waiting. */
static double tail(const struct sim_step_stat *a) {
    if (a == NULL || a->served == 0 || a->within_ps >= a->tail_ps)
        return 0;
    return (double)(a->tail_ps - a->within_ps) / (double)a->served;
}

/* Picoseconds over a hop and the steps behind it to the arrival at step `to`, when nothing
 * waits. */
static double unloaded_way(const struct sim_world *w, const struct sim_stream *st,
                           const struct sim_hop *hop, uint32_t to) {
    double t = (double)hop->delay;
    uint32_t v = hop->next;
    for (uint32_t k = 0; v != to && k < w->steps; k++) {
        t += app_occupancy(st->step[v]) + tail(st->step[v]) + (double)w->step[v].hop[0].delay;
        v = w->step[v].hop[0].next;
    }
    return t;
}

/* On the usual way from a step to the end of its chain, when nothing waits. */
struct way {
    double ps;        /* of one message */
    double next;      /* that one more, right behind it, adds: the longest occupancy ... */
    uint32_t servers; /* ... of so many servers, over these */
};

/* What n children take of the way, set out at one time. */
static double together(const struct way *child, double n) {
    double rounds = ceil(n / child->servers - 1e-9);
    return child->ps + (rounds - 1) * child->next * child->servers;
}

static uint32_t servers_of(const struct sim_world *w, const struct sim_step_stat *a) {
    return a != NULL && a->served > 0 ? w->port[a->port]->servers : 1;
}

static double occupancy_of_one(const struct sim_world *w, const struct sim_step_stat *a) {
    return a != NULL && a->served > 0 ? app_occupancy(a) / servers_of(w, a) : 0;
}

/* Children set out one behind the other, theirs too. */
static struct way unloaded_chain(const struct sim_world *w, const struct sim_stream *st,
                                 uint32_t i) {
    struct way sum = {0, 0, 1};
    for (uint32_t k = 0; k < w->steps; k++) {
        const struct sim_hop *hop = &w->step[i].hop[0];
        double own = occupancy_of_one(w, st->step[i]);
        uint32_t servers = servers_of(w, st->step[i]);
        sum.ps += app_occupancy(st->step[i]) + tail(st->step[i]);
        if (w->step[i].action == SIM_ACT_SPLIT) {
            double n = app_children(w, st, i);
            struct way child = unloaded_chain(w, st, w->step[i].target);
            sum.ps += together(&child, n);
            servers = n * child.next > own ? 1 : servers;
            own = n * child.next > own ? n * child.next : own;
        }
        sum.servers = own > sum.next ? servers : sum.servers;
        sum.next = own > sum.next ? own : sum.next;
        if (hop->kind != SIM_HOP_NEXT)
            break;
        sum.ps += (double)hop->delay;
        i = hop->next;
    }
    return sum;
}

static double unloaded_children(const struct sim_world *w, const struct sim_stream *st,
                                uint32_t i) {
    struct way child = unloaded_chain(w, st, w->step[i].target);
    return together(&child, app_children(w, st, i));
}

double app_unloaded_step(const struct sim_world *w, const struct sim_stream *st, uint32_t i) {
    const struct sim_step_stat *a = st->step[i];
    const struct sim_step *step = &w->step[i];
    double t = app_occupancy(a) + tail(a);
    for (uint32_t k = 0; k < SIM_VERDICTS; k++) {
        const struct sim_hop *hop = sim_hop_of(step, step->called ? 0 : k, 0);
        if (a->verdict[k] > 0 && hop != NULL && hop->kind == SIM_HOP_NEXT)
            t += (double)hop->delay * (double)a->verdict[k] / (double)a->served;
    }
    if (step->action == SIM_ACT_SPLIT)
        t += unloaded_children(w, st, i);
    return t;
}

/* The step by which a call comes back to the server that polls for it. */
static uint32_t back_of(const struct sim_world *w, uint32_t i) {
    uint32_t k = 0;
    do {
        i = w->step[i].hop[0].next;
    } while (!w->step[i].keep && ++k < w->steps);
    return i;
}

double app_unloaded_keep(const struct sim_world *w, const struct sim_stream *st, uint32_t i) {
    const struct sim_step_stat *a = st->step[i];
    if (!w->step[i].hold)
        return 0;
    double calls = (double)a->verdict[0] / (double)a->served;
    const struct sim_step *step = &w->step[i];
    if (step->action == SIM_ACT_SPLIT) /* what its children take */
        return calls * (tail(a) + unloaded_children(w, st, i));
    return calls * (tail(a) + unloaded_way(w, st, &step->hop[0], back_of(w, i)));
}

/* The way that most messages take from a step, back to the port that they leave; or NULL. */
static const struct sim_hop *kept_way(const struct sim_step *step,
                                      const struct sim_step_stat *stat) {
    uint32_t most = 0;
    for (uint32_t v = 1; stat != NULL && v < SIM_VERDICTS; v++)
        most = stat->verdict[v] > stat->verdict[most] ? v : most;
    return step->hop[most].keeps ? &step->hop[most] : NULL;
}

double app_unloaded_hold(const struct sim_world *w, const struct sim_stream *st, uint32_t i,
                         const struct sim_hop *hop, const struct sim_link *link) {
    double t = tail(st->step[i]) + (link->to->refuses ? app_occupancy(st->step[i]) : 0);
    t += (double)link->credit_delay + unloaded_way(w, st, hop, hop->stop);
    /* what comes back to the port keeps its place */
    uint16_t at = hop->stop;
    const struct sim_hop *on;
    for (int k = 0; k < 64 && (on = kept_way(&w->step[at], st->step[at])) != NULL; k++) {
        const struct sim_step_stat *kept = st->step[at];
        if (kept != NULL && kept->served > 0)
            t += app_occupancy(kept) + tail(kept) + (double)on->delay;
        at = on->next;
    }
    if (st->step[at] == NULL || st->step[at]->served == 0)
        at = hop->stop;
    return t + app_occupancy(st->step[at]) + (link->to->slot_till_out ? tail(st->step[at]) : 0);
}
