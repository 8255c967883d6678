/* run.c - the loop that takes events, and the windows in which separate groups of nodes run.
 *
 * Groups share nothing but cables: each runs alone up to the earliest time at which anything
 * sent in this window could arrive elsewhere; then what crossed is merged by (time, cable).
 */
#include "inside.h"

static void run_group(struct sim_group *g, sim_ps limit, uint64_t *budget) {
    const struct sim_world *w = g->world;
    struct sim_event *e;
    while (*budget > 0 && (e = sim_queue_take(&g->queue, limit)) != NULL) {
        g->now = e->time;
        --*budget;
        e->fire(e, g);
        if (w->failed)
            return;
    }
}

static sim_ps next_time(const struct sim_world *w) {
    sim_ps t = SIM_NEVER;
    for (uint32_t i = 0; i < w->groups; i++) {
        sim_ps n = sim_queue_next(&w->group[i]->queue);
        if (n < t)
            t = n;
    }
    return t;
}

static sim_ps look_ahead(const struct sim_world *w) {
    sim_ps d = SIM_NEVER;
    for (uint32_t i = 0; i < w->cables; i++) {
        const struct sim_cable *c = w->cable[i];
        if (c->from->group != c->to->node->group && c->delay < d)
            d = c->delay;
    }
    return d;
}

/* Run every group up to `limit` (inclusive) in windows of the smallest link delay. */
static void run_windows(struct sim_world *w, sim_ps limit, uint64_t *budget) {
    sim_ps ahead = look_ahead(w);
    while (*budget > 0 && !w->failed) {
        sim_ps t = next_time(w);
        if (t > limit)
            return;
        sim_ps last = ahead > limit - t ? limit : t + ahead - 1;
        uint64_t all = UINT64_MAX;
        for (uint32_t i = 0; i < w->groups && !w->failed; i++)
            if (sim_queue_next(&w->group[i]->queue) <= last)
                run_group(w->group[i], last, &all);
        sim_cables_merge(w);
        uint64_t used = UINT64_MAX - all;
        *budget = used < *budget ? *budget - used : 0;
    }
}

static void run_to(struct sim_world *w, sim_ps limit, uint64_t *budget) {
    if (w->groups == 1)
        run_group(w->group[0], limit, budget);
    else
        run_windows(w, limit, budget);
    w->events = 0;
    for (uint32_t i = 0; i < w->groups; i++)
        w->events += w->group[i]->queue.taken; /* windows go over the budget */
}

bool sim_world_run(struct sim_world *w, sim_ps until, uint64_t events) {
    uint64_t budget = events;
    sim_ps edges[] = {w->from - 1, w->to - 1, until};
    if (until > w->end)
        edges[2] = w->end;
    for (int i = 0; i < 3 && !w->failed; i++) {
        sim_ps limit = edges[i] < edges[2] ? edges[i] : edges[2];
        w->boundary = !w->opened ? w->from : !w->shut ? w->to : w->end + 1;
        run_to(w, limit, &budget);
        if (w->failed || (budget == 0 && next_time(w) <= limit))
            break;
        if (i == 0 && limit == edges[0] && !w->opened)
            sim_window_open(w);
        if (i == 1 && limit == edges[1] && !w->shut)
            sim_window_shut(w, w->to);
    }
    return !w->failed && next_time(w) <= w->end && (budget == 0 || edges[2] < w->end);
}

/* When the last service starts that is planned at a port and not booked. */
static sim_ps planned_start(const struct sim_port *p) {
    enum sim_server_state state = p->server->state;
    bool planned =
        state == SIM_SERVER_WAITS || state == SIM_SERVER_DECIDES || state == SIM_SERVER_ENDS;
    if (planned && !p->by_event)
        return p->server->plan.start;
    return p->has_open ? p->open.start : 0;
}

/* The latest time of anything told, booked or planned. */
static sim_ps latest(const struct sim_world *w) {
    sim_ps t = sim_world_now(w);
    t = w->ahead > t ? w->ahead : t;
    for (uint32_t i = 0; i < w->ports; i++)
        t = planned_start(w->port[i]) > t ? planned_start(w->port[i]) : t;
    return t < w->end ? t : w->end;
}

/* They were those of the planned window. */
static void forget_halves(struct sim_world *w) {
    for (uint32_t i = 0; i < w->streams; i++)
        for (int half = 0; half < 2; half++) {
            w->stream[i]->half_count[half] = 0;
            w->stream[i]->half_sum[half] = 0;
        }
}

/* The run's end becomes one that nothing told, booked or planned lies behind, and what is left
 * is run as if it had been planned so. */
sim_ps sim_world_settle(struct sim_world *w) {
    uint64_t all = UINT64_MAX;
    sim_ps t = latest(w), planned = w->to;
    w->boundary = 0; /* nothing more is told or planned ahead */
    if (!w->opened) {
        t = t < w->from ? t : w->from - 1;
        run_to(w, t, &all);
        return t + 1;
    }
    sim_ps end = t + 1 < w->end ? t + 1 : w->end, least = w->shut ? w->to : w->from;
    w->end = end < least ? least : end;
    if (!w->shut) {
        w->to = w->end < w->to ? w->end : w->to;
        run_to(w, w->to - 1, &all);
        sim_window_shut(w, w->to);
    }
    run_to(w, w->end, &all);
    if (w->to < planned)
        forget_halves(w);
    return w->end;
}

sim_ps sim_world_now(const struct sim_world *w) {
    sim_ps t = 0;
    for (uint32_t i = 0; i < w->groups; i++)
        if (w->group[i]->now > t)
            t = w->group[i]->now;
    return t;
}
