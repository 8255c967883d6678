/* visit.c - what the books keep of visits to ports.
 *
 * In the event form a visit is booked as it happens. In the promise form it is booked when its
 * departure is fixed, ahead of its time, clipped to the window that is planned. That is exact
 * for a run that is cut short too: it goes on, with nothing more told or planned ahead, until
 * all that was booked is past (sim_world_settle). So what leaves later than SIM_AHEAD from now
 * waits: there is at most one such visit a port, for the next one starts behind it.
 *
 * The level of a port is booked in order of time: an arrival when its own departure is fixed,
 * behind the departures up to then. A port that drops has to know its level when something
 * comes, and books arrivals at once.
 */
#include "inside.h"

static inline void tally(struct sim_tally *t, uint32_t bytes) {
    t->items++;
    t->bytes += bytes;
}

/* ---------------------------------------------------------------- services */

/* The books of a step, of a stream's messages. */
static inline struct sim_step_stat *books_of(const struct sim_world *w, uint16_t stream,
                                             uint16_t number) {
    struct sim_step *step = &w->step[number];
    if (step->stream != stream || step->stat == NULL) {
        step->stat = w->stream[stream]->step[number];
        step->stream = stream;
    }
    return step->stat;
}

static inline struct sim_step_stat *stat_of(const struct sim_port *port,
                                            const struct sim_visit *v) {
    struct sim_step_stat *stat = books_of(port->world, v->stream, v->step);
    stat->port = port->id;
    return stat;
}

/* Of a message that was born in the window. What is refused waits, but is not served. */
static inline void count_times(struct sim_step_stat *stat, const struct sim_visit *v) {
    sim_ps served = v->end - v->start + v->tail + v->took;
    if (v->again)
        return;
    sim_ps waited = v->out - v->end + v->start - v->since + v->waited;
    if (waited == 0 && stat->at_once < UINT32_MAX)
        stat->at_once++; /* most do not wait */
    else
        sim_hist_count(&stat->wait, waited);
    if (v->verdict == SIM_VERDICTS)
        return;
    if (served == stat->last && stat->same < UINT32_MAX) {
        stat->same++; /* most blocks take as long as the time before */
    } else {
        sim_step_flush_same(stat);
        stat->last = served;
        stat->same = 1;
    }
}

static inline void count_service(struct sim_step_stat *stat, const struct sim_visit *v) {
    stat->fresh_demand += (uint64_t)(v->end - v->start);
    stat->fresh_tail += (uint64_t)v->tail;
    if (v->again) {
        stat->parts++;
        return;
    }
    stat->served++;
    stat->bytes += v->bytes_in;
    stat->verdict[v->verdict]++;
}

static inline void count_left(struct sim_port *port, const struct sim_visit *v) {
    if (v->bytes_out != v->bytes_in)
        port->bytes_changed += (int64_t)v->bytes_out - v->bytes_in;
    tally(v->dropped ? &port->dropped : &port->left, v->bytes_out);
}

/* A visit outside the window, or at its edge, was one all the same. */
static void note(const struct sim_world *w, struct sim_step_stat *stat,
                 const struct sim_visit *v) {
    if (v->start > w->end)
        return;
    stat->came = true;
    if (v->verdict < SIM_VERDICTS)
        stat->gave |= (uint16_t)(1u << v->verdict);
}

static SIM_COLD void sum_up(struct sim_port *port, struct sim_step_stat *stat) {
    sim_port_sum_up(port);
    sim_step_sum_up(stat);
}

void sim_port_sum_up(struct sim_port *port) {
    port->residence_ps += port->fresh.residence;
    port->demand_ps += port->fresh.busy;
    port->busy_ps += port->fresh.busy;
    port->blocked_ps += port->fresh.blocked;
    port->fresh = (struct sim_fresh){0};
}

/* A visit is cut by the shutting of the window, or may be by its edges: what lies inside, but
 * for its end. */
void sim_visit_cut(struct sim_port *port, const struct sim_visit *v) {
    const struct sim_world *w = port->world;
    struct sim_step_stat *stat = stat_of(port, v);
    note(w, stat, v);
    port->residence_ps += (uint64_t)sim_clip(w, v->in, v->out);
    port->busy_ps += (uint64_t)sim_clip(w, v->start, v->end);
    port->blocked_ps += port->lets_by ? 0 : (uint64_t)sim_clip(w, v->end, v->out);
    if (!sim_inside(w, v->start) || v->verdict == SIM_VERDICTS)
        return;
    port->demand_ps += (uint64_t)(v->end - v->start);
    count_service(stat, v);
    sum_up(port, stat);
}

/* ---------------------------------------------------------------- beside visits */

static struct sim_aside *aside_of(struct sim_step_stat *stat, const struct sim_port *p) {
    uint32_t i = 0;
    while (i < SIM_ASIDES - 1 && stat->aside[i].port != 0 && stat->aside[i].port != p->like)
        i++;
    SIM_ASSERT(stat->aside[i].port == 0 || stat->aside[i].port == p->like);
    stat->aside[i].port = p->like;
    return &stat->aside[i];
}

static struct sim_aside *ask(struct sim_port *p, const struct sim_msg *m, sim_ps at,
                             uint64_t ps) {
    struct sim_world *w = p->world;
    struct sim_aside *a = aside_of(books_of(w, m->stream, m->step), p);
    if (sim_inside(w, at)) {
        p->demand_ps += ps;
        a->ps += ps;
        a->asks++;
        p->asked_bytes += m->bytes;
    }
    return a;
}

void sim_ask_aside(struct sim_comp *comp, uint32_t port, const struct sim_msg *m, sim_ps ps) {
    ask(comp->port[port], m, sim_now(comp), (uint64_t)ps)->waits = true;
}

void sim_keep_aside(struct sim_comp *comp, uint32_t port, const struct sim_keeps *keeps) {
    struct sim_world *w = comp->world;
    struct sim_port *p = comp->port[port];
    w->ahead = keeps->till > w->ahead ? keeps->till : w->ahead;
    p->busy_ps += (sim_u128)(uint64_t)sim_clip(w, keeps->from, keeps->till) * keeps->servers;
    p->waited_ps += (uint64_t)sim_clip(w, keeps->asked, keeps->from);
}

void sim_use_aside(struct sim_comp *comp, uint32_t port, const struct sim_msg *m,
                   const struct sim_keeps *keeps) {
    uint64_t ps = (uint64_t)(keeps->till - keeps->from) * keeps->servers;
    ask(comp->port[port], m, keeps->asked, ps)->waits = true; /* even if it waits long */
    sim_keep_aside(comp, port, keeps);
}

void sim_wait_within(struct sim_comp *comp, const struct sim_msg *m, sim_ps at, sim_ps ps) {
    struct sim_world *w = comp->world;
    if (sim_inside(w, at))
        books_of(w, m->stream, m->step)->within_ps += (uint64_t)ps;
}

void sim_load_aside(struct sim_comp *comp, uint32_t port, const struct sim_msg *m, sim_ps at,
                    sim_ps ps) {
    ask(comp->port[port], m, at, (uint64_t)ps);
}

void sim_busy_aside(struct sim_comp *comp, uint32_t port, sim_ps from, sim_ps till) {
    struct sim_world *w = comp->world;
    w->ahead = till > w->ahead ? till : w->ahead;
    comp->port[port]->busy_ps += (uint64_t)sim_clip(w, from, till);
}

/* ---------------------------------------------------------------- the books */

static SIM_NOINLINE void book_part(struct sim_port *port, const struct sim_visit *v) {
    const struct sim_world *w = port->world;
    struct sim_step_stat *stat = stat_of(port, v);
    note(w, stat, v);
    if (v->measured && v->out <= w->end) /* not what is only promised */
        count_times(stat, v);
    if (w->shut) /* booked by sim_window_shut as far as it lay in the window */
        return;
    sim_visit_cut(port, v);
    if (sim_inside(w, v->out))
        count_left(port, v);
}

/* Does a visit lie in the window, served? */
static inline bool is_whole(const struct sim_world *w, const struct sim_visit *v) {
    return v->in >= w->from && v->out < w->to && v->verdict != SIM_VERDICTS;
}

static inline void book_whole(struct sim_port *port, const struct sim_visit *v) {
    struct sim_fresh *sum = &port->fresh;
    struct sim_step_stat *stat = stat_of(port, v);
    sum->residence += (uint64_t)(v->out - v->in);
    sum->busy += (uint64_t)(v->end - v->start);
    sum->blocked += port->lets_by ? 0 : (uint64_t)(v->out - v->end);
    count_service(stat, v);
    if (v->measured)
        count_times(stat, v);
    count_left(port, v);
    if ((sum->residence | stat->fresh_demand | stat->fresh_tail) >> 62)
        sum_up(port, stat);
}

static void book(struct sim_port *port, const struct sim_visit *v) {
    if (is_whole(port->world, v))
        book_whole(port, v);
    else
        book_part(port, v);
}

/* ---------------------------------------------------------------- levels */

/* Departures up to t. */
static inline void pass(struct sim_port *port, sim_ps t) {
    while (port->gone != port->fixed) {
        const struct sim_leaving *l = &port->leaving[port->gone & port->mask];
        if (l->at > t)
            return;
        sim_gauge_add(&port->level, l->at, -1);
        if (port->drops)
            port->held_bytes -= l->bytes;
        port->gone++;
    }
}

void sim_port_pass(struct sim_port *port, sim_ps t) { pass(port, t); }

static SIM_COLD void grow(struct sim_port *port) {
    uint32_t old = port->mask + 1;
    struct sim_leaving *ring = sim_alloc_n(&port->world->arena, 2 * (size_t)old, sizeof *ring);
    for (uint32_t i = port->gone; i != port->fixed; i++)
        ring[i & (2 * old - 1)] = port->leaving[i & port->mask];
    port->leaving = ring;
    port->mask = 2 * old - 1;
}

static inline void level_later(struct sim_port *port, sim_ps t, uint32_t bytes) {
    if (port->fixed - port->gone > port->mask)
        grow(port);
    port->leaving[port->fixed++ & port->mask] = (struct sim_leaving){t, bytes};
}

/* The level of a port that a message comes into at v->in and leaves at v->out. Mostly nothing
 * is left of those before: then the last one's end and this one's beginning are one change. */
static inline void level_of(struct sim_port *port, const struct sim_visit *v) {
    struct sim_leaving *last = &port->leaving[port->gone & port->mask];
    if (port->fixed - port->gone == 1 && sim_gauge_pulse(&port->level, last->at, v->in)) {
        *last = (struct sim_leaving){v->out, v->bytes_in};
        return;
    }
    pass(port, v->in);
    sim_gauge_add(&port->level, v->in, 1);
    level_later(port, v->out, v->bytes_in);
}

void sim_visit_come(struct sim_port *port, const struct sim_msg *m, sim_ps t) {
    const struct sim_world *w = port->world;
    if (port->by_event || port->drops) {
        sim_gauge_add(&port->level, t, 1);
        port->held_bytes += m->bytes;
    }
    if (!sim_inside(w, t))
        return;
    bool born = port->emits && w->step[m->step].kind == SIM_STEP_EMIT;
    tally(born ? &port->created : &port->entered, m->bytes);
}

/* The window shuts at t: the level up to then, with those whose departure is not fixed. */
void sim_port_level_at(struct sim_port *port, sim_ps t) {
    const struct sim_msg *m = port->by_event || port->drops ? NULL : port->line.head;
    for (; m != NULL; m = m->next) {
        pass(port, m->entered);
        sim_gauge_add(&port->level, m->entered, 1);
    }
    pass(port, t - 1);
    sim_gauge_pass(&port->level, t);
}

/* ---------------------------------------------------------------- ends of visits */

static inline struct sim_visit visit_of(const struct sim_port *port, const struct sim_msg *m,
                                        const struct sim_plan *plan, sim_ps out) {
    const struct sim_step *step = &port->world->step[m->step];
    return (struct sim_visit){.in = m->entered,
                              .since = sim_born_here(step, m) ? m->birth : m->entered,
                              .start = plan->start,
                              .end = plan->end,
                              .out = out,
                              .tail = plan->tail,
                              .bytes_in = plan->bytes_in,
                              .bytes_out = m->bytes,
                              .stream = m->stream,
                              .step = m->step,
                              .verdict = plan->verdict,
                              .dropped = plan->hop->kind == SIM_HOP_DROP,
                              .again = plan->hop == step->again,
                              .measured = (m->flags & SIM_MSG_MEASURED) != 0};
}

struct sim_visit sim_visit_of(const struct sim_port *port, const struct sim_msg *m,
                              const struct sim_plan *plan, sim_ps out) {
    return visit_of(port, m, plan, out);
}

void sim_visit_add_part(struct sim_port *port, const struct sim_msg *m,
                        const struct sim_plan *plan, struct sim_visit *v) {
    struct sim_kept *kept = sim_msg_kept(&port->comp->node->pool, m);
    if (v->again) {
        kept->waited += v->out - v->end + v->start - v->since;
        kept->took += v->end - v->start + v->tail + plan->hop->delay;
        return;
    }
    v->waited = kept->waited;
    v->took = kept->took;
    kept->waited = kept->took = 0;
}

/* Event form: a visit ends now. */
void sim_visit_leave(struct sim_port *port, const struct sim_visit *v) {
    sim_gauge_add(&port->level, v->out, -1);
    port->held_bytes -= v->bytes_in;
    book(port, v);
}

void sim_visit_pass(const struct sim_port *port, const struct sim_msg *m, sim_ps t) {
    const struct sim_world *w = port->world;
    const struct sim_visit v = {.in = t,
                                .since = t,
                                .start = t,
                                .end = t,
                                .out = t,
                                .bytes_in = m->bytes,
                                .stream = m->stream,
                                .step = m->step,
                                .measured = (m->flags & SIM_MSG_MEASURED) != 0};
    struct sim_step_stat *stat = stat_of(port, &v);
    if (sim_inside(w, t))
        count_service(stat, &v);
    else
        note(w, stat, &v);
    if (v.measured)
        count_times(stat, &v);
}

/* A message is served from `start` on. */
void sim_visit_began(const struct sim_port *port, uint16_t stream, uint16_t step,
                     sim_ps start) {
    port->world->stream[stream]->step[step]->came |= start <= port->world->end;
}

/* The visit that was left open is past, or soon will be. */
void sim_visit_book_open(struct sim_port *port) {
    struct sim_world *w = port->world;
    if (!port->has_open)
        return;
    w->ahead = port->open.out > w->ahead ? port->open.out : w->ahead;
    book(port, &port->open);
    port->has_open = false;
}

static inline void fix_level(struct sim_port *port, const struct sim_visit *v) {
    if (port->drops)
        level_later(port, v->out, v->bytes_in);
    else if (!port->world->shut)
        level_of(port, v);
}

/* What is not simply booked: in parts, cut by an edge, or far ahead. */
static SIM_NOINLINE void fix_odd(struct sim_port *port, const struct sim_msg *m,
                                 const struct sim_plan *plan, sim_ps out) {
    struct sim_world *w = port->world;
    struct sim_visit v = visit_of(port, m, plan, out);
    sim_visit_part(port, m, plan, &v);
    if (port->has_open)
        sim_visit_book_open(port);
    fix_level(port, &v);
    if (out - *port->now > SIM_AHEAD) {
        port->open = v;
        port->has_open = true;
        return;
    }
    w->ahead = out > w->ahead ? out : w->ahead;
    book(port, &v);
}

/* Promise form: m will leave at `out`. The visit is made twice, so that here, where its address
 * goes nowhere, it need not be put together in memory. */
void sim_visit_fix(struct sim_port *port, const struct sim_msg *m, const struct sim_plan *plan,
                   sim_ps out) {
    struct sim_world *w = port->world;
    const struct sim_visit v = visit_of(port, m, plan, out);
    if (port->has_open || w->step[m->step].again != NULL || !is_whole(w, &v) ||
        out - *port->now > SIM_AHEAD) {
        fix_odd(port, m, plan, out);
        return;
    }
    fix_level(port, &v);
    w->ahead = out > w->ahead ? out : w->ahead;
    book_whole(port, &v);
}
