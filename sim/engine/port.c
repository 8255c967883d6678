/* port.c - what every port does in either form: receive, refuse, end, keep the books. */
#include "inside.h"

const char sim_full_choices[] = "wait|drop|refuse";

static inline struct sim_msg *carried(struct sim_event *e) {
    return (struct sim_msg *)((char *)e - offsetof(struct sim_msg, arrive));
}

static inline void digest(uint64_t *d, sim_ps t, uint64_t id, uint32_t what) {
    uint64_t x = (*d ^ (uint64_t)t) * 0x9e3779b97f4a7c15ull;
    x ^= (x >> 29) ^ (id * 0xbf58476d1ce4e5b9ull) ^ ((uint64_t)what << 32);
    *d = x * 0x94d049bb133111ebull;
}

/* What a drop adds to a digest in place of a step's number. */
static inline uint32_t mark_of(const struct sim_port *port, uint16_t cause) {
    return port->world->cause[cause].mark;
}

static inline void tally(struct sim_tally *t, uint32_t bytes) {
    t->items++;
    t->bytes += bytes;
}

/* Places of those that have left and are not out yet. */
static int64_t coming_out(const struct sim_port *port) {
    struct sim_outs *o = port->outs;
    while (o != NULL && o->head != o->tail && o->at[o->head & o->mask] <= *port->now)
        o->head++;
    return o != NULL ? o->tail - o->head : 0;
}

/* Is there no room for m? What comes back from a call has its place: it was reserved with the
 * request, as on every way back. */
static inline bool full(struct sim_port *port, const struct sim_msg *m) {
    if (port->world->step[m->step].back)
        return false;
    if (port->chosen) {
        port->coming = port->comp->model->line(port->comp, port, m, false);
        return port->coming == SIM_NO_LINE;
    }
    if (port->bytes_capacity)
        return port->held_bytes + (int64_t)port->away.bytes + m->bytes > port->capacity;
    int64_t held = port->level.level + (int64_t)port->away.items;
    return held + coming_out(port) >= port->capacity;
}

static void lose_told(struct sim_event *e, struct sim_group *g) {
    struct sim_msg *m = carried(e);
    sim_port_drop(g->world->port[m->port], m, (uint16_t)e->carry, e->time);
}

/* m, which arrives at a full port at t (now, or told ahead), is lost there and then. */
static SIM_NOINLINE void drop_on_arrival(struct sim_port *port, struct sim_msg *m, sim_ps t) {
    if (sim_inside(port->world, t)) {
        tally(&port->entered, m->bytes);
        tally(&port->dropped, m->bytes);
        tally(&port->lost, m->bytes);
        struct sim_step_stat *stat = port->world->stream[m->stream]->step[m->step];
        tally(&stat->lost, m->bytes);
        if (stat->served == 0)
            stat->port = port->id;
    }
    if (m->link) { /* on its way over a shared resource: the slot was at its stop */
        struct sim_link *link = port->world->link[m->link - 1];
        sim_link_put(link, t + link->credit_delay);
    }
    m->entered = t;
    digest(&port->digest, t, m->id, mark_of(port, port->full_cause));
    if (t <= *port->now) {
        sim_port_drop(port, m, port->full_cause, t);
        return;
    }
    m->port = port->id;
    m->arrive.carry = port->full_cause;
    m->arrive.fire = lose_told;
    sim_send_on(port, port, &m->arrive, t);
}

/* Put m, which comes at t, now or told ahead, into the port. */
static inline void enter(struct sim_port *port, struct sim_msg *m, sim_ps t) {
    m->entered = t;
    sim_visit_come(port, m, t);
    if (port->by_event)
        sim_event_accept(port, m, false);
    else
        sim_promise_accept(port, m);
}

void sim_port_enter(struct sim_port *port, struct sim_msg *m, sim_ps now) {
    enter(port, m, now);
}

void sim_port_arrive(struct sim_event *e, struct sim_group *g) {
    struct sim_msg *m = carried(e);
    struct sim_port *port = g->world->port[m->port];
    if (port->sole) { /* they come in the order in which they were sent */
        SIM_ASSERT(port->armed == m);
        port->armed = m->next;
        if (m->next == NULL)
            port->armed_tail = &port->armed;
    }
    __builtin_prefetch(&g->world->step[m->step]);
    digest(&port->digest, e->time, m->id, m->step);
    if (port->drops)
        sim_port_pass(port, e->time);
    if (port->drops && full(port, m))
        drop_on_arrival(port, m, e->time);
    else
        enter(port, m, e->time);
    if (port->armed != NULL)
        sim_port_catch_up(port, g->now);
}

void sim_port_come_back(struct sim_event *e, struct sim_group *g) {
    struct sim_msg *m = carried(e);
    struct sim_port *port = g->world->port[m->port];
    digest(&port->digest, e->time, m->id, m->step);
    port->away.items--;
    port->away.bytes -= m->bytes;
    m->entered = e->time;
    sim_visit_come(port, m, e->time);
    sim_event_accept(port, m, true);
}

/* m will arrive at t, ahead of which nothing else can. */
void sim_port_tell(struct sim_port *port, struct sim_msg *m, sim_ps t) {
    digest(&port->digest, t, m->id, m->step);
    if (port->drops) { /* all departures up to t are fixed */
        sim_port_pass(port, t);
        if (full(port, m)) {
            drop_on_arrival(port, m, t);
            return;
        }
    }
    enter(port, m, t);
}

/* ---------------------------------------------------------------- ends */

static void measure_latency(struct sim_stream *st, const struct sim_world *w,
                            const struct sim_msg *m, sim_ps now) {
    if (!(m->flags & SIM_MSG_MEASURED))
        return;
    sim_ps latency = now - m->birth;
    sim_hist_add(&st->latency, latency, 1);
    if (st->kind != NULL)
        sim_hist_add(&st->kind[m->kind].latency, latency, 1);
    st->done_measured++;
    int half = m->birth - w->from >= (w->to - w->from) / 2;
    st->half_count[half]++;
    st->half_sum[half] += (uint64_t)latency;
}

static void end_delivered(struct sim_stream *st, const struct sim_world *w,
                          const struct sim_msg *m, sim_ps now) {
    measure_latency(st, w, m, now);
    if (!sim_inside(w, now))
        return;
    tally(&st->delivered, m->bytes);
    if (st->kind != NULL)
        tally(&st->kind[m->kind].delivered, m->bytes);
    if (st->payload != NULL)
        st->goodput_bytes += st->payload(m);
}

static void end_dropped(struct sim_stream *st, const struct sim_world *w,
                        const struct sim_msg *m, uint16_t cause, sim_ps now) {
    st->dropped_measured += (m->flags & SIM_MSG_MEASURED) != 0;
    if (st->lost != NULL)
        st->lost(st, m, now);
    if (!sim_inside(w, now))
        return;
    tally(&st->dropped, m->bytes);
    st->dropped_by[cause]++;
    st->starved += m->flags & SIM_MSG_STARVED && !w->cause[cause].full;
}

/* The end of a child or a copy: it was created here and is absorbed here. */
static void end_created(struct sim_world *w, const struct sim_msg *m, enum sim_child_end end,
                        uint16_t cause, sim_ps now) {
    if (sim_inside(w, now))
        tally(&w->stream[m->stream]->absorbed, m->bytes);
    if (m->parent)
        sim_join_end(w, m, end, cause, now);
}

static void drop_created(struct sim_world *w, const struct sim_msg *m, uint16_t cause,
                         sim_ps t) {
    w->stream[m->stream]->created_dropped_by[cause] += sim_inside(w, t);
    bool starved = w->cause[cause].full || m->flags & SIM_MSG_STARVED;
    end_created(w, m, starved ? SIM_CHILD_STARVED : SIM_CHILD_FAILED, cause, t);
}

/* @param done SIM_NEVER: dropped */
static inline void end_message(struct sim_port *port, struct sim_msg *m, sim_ps done) {
    port->world->finished++;
    if ((m->flags & (SIM_MSG_SAMPLED | SIM_MSG_CREATED)) == SIM_MSG_SAMPLED)
        sim_record_end(port->comp->node, m, done);
}

static void count_drop(struct sim_port *port, struct sim_msg *m, uint16_t cause, sim_ps t) {
    struct sim_world *w = port->world;
    if (m->flags & SIM_MSG_CREATED)
        drop_created(w, m, cause, t);
    else
        end_dropped(w->stream[m->stream], w, m, cause, t);
    end_message(port, m, SIM_NEVER);
}

void sim_port_drop(struct sim_port *port, struct sim_msg *m, uint16_t cause, sim_ps now) {
    count_drop(port, m, cause, now);
    sim_msg_free(&port->comp->node->pool, m);
}

/* The event of a message that is dropped for cause `carry`. */
static void lose(struct sim_event *e, struct sim_group *g) {
    struct sim_msg *m = carried(e);
    struct sim_port *port = g->world->port[m->port];
    port->ends_armed--;
    digest(&port->digest_out, e->time, m->id, mark_of(port, (uint16_t)e->carry));
    sim_port_drop(port, m, (uint16_t)e->carry, e->time);
}

/* m leaves its node at t, now or later. */
static void cross(const struct sim_port *port, struct sim_msg *m, const struct sim_hop *hop,
                  sim_ps t) {
    struct sim_world *w = port->world;
    if (hop->again && m->hops++ >= w->opts.max_hops)
        sim_too_many_hops(w, &w->step[m->step]);
    sim_cable_send(hop->cable, m, t);
}

/* The event of a message whose chain ended at port m->port with hop `carry`. */
static void finish(struct sim_event *e, struct sim_group *g) {
    struct sim_msg *m = carried(e);
    struct sim_world *w = g->world;
    struct sim_port *port = w->port[m->port];
    const struct sim_hop *hop = &w->step[m->step].hop[e->carry];
    sim_ps now = e->time;
    port->ends_armed--;
    digest(&port->digest_out, now, m->id, m->step);
    if (hop->cable != NULL) {
        cross(port, m, hop, now);
        sim_msg_free(&port->comp->node->pool, m);
        return;
    }
    if (m->flags & SIM_MSG_CREATED) {
        end_created(w, m, SIM_CHILD_DONE, 0, now);
    } else {
        struct sim_stream *st = w->stream[m->stream];
        end_delivered(st, w, m, now);
        if (hop->kind == SIM_HOP_REPLY && st->reply != NULL)
            st->reply(st, m, now);
    }
    end_message(port, m, now);
    sim_msg_free(&port->comp->node->pool, m);
}

/* ---------------------------------------------------------------- ends told ahead */

/* Does nobody have to hear of m's end in time? A cable does not: what crosses lands later, and
 * in other groups of nodes when this window is over. */
static inline bool unheard(const struct sim_port *port, const struct sim_msg *m,
                           const struct sim_hop *hop) {
    const struct sim_stream *st = port->world->stream[m->stream];
    return hop->cable != NULL ||
           (!(m->flags & SIM_MSG_CREATED) && st->reply == NULL && st->lost == NULL);
}

/* Nobody has to be told in time, and ends at this port are told in order. */
static inline bool may_end(const struct sim_port *port, const struct sim_msg *m,
                           const struct sim_hop *hop, sim_ps t) {
    return port->in_order && port->ends_armed == 0 && !port->by_event &&
           unheard(port, m, hop) && sim_may_tell(port->world, t, *port->now);
}

static inline void reclaim(struct sim_port *port, struct sim_pool *pool, sim_ps t) {
    struct sim_msg *m;
    while ((m = port->ended) != NULL && m->entered < t) {
        port->ended = m->next;
        if (m->next == NULL)
            port->ended_tail = &port->ended;
        pool->ended--;
        sim_msg_free(pool, m);
        pool->free_then++; /* it was before the present picosecond began */
    }
}

void sim_reclaim(struct sim_node *node, sim_ps t) {
    const struct sim_world *w = node->group->world;
    for (uint32_t i = 0; node->pool.ended > 0 && i < w->ports; i++)
        if (w->port[i]->comp->node == node)
            reclaim(w->port[i], &node->pool, t);
}

/* m ends at t, now or later: all that counts of it is counted now, but for its place in the
 * pool. */
static void end_ahead(struct sim_port *port, struct sim_msg *m, const struct sim_hop *hop,
                      sim_ps t) {
    struct sim_world *w = port->world;
    struct sim_pool *pool = &port->comp->node->pool;
    w->ahead = t > w->ahead ? t : w->ahead;
    if (hop->kind == SIM_HOP_DROP) {
        digest(&port->digest_out, t, m->id, mark_of(port, hop->cause));
        count_drop(port, m, hop->cause, t);
    } else {
        digest(&port->digest_out, t, m->id, m->step);
        if (hop->cable != NULL) {
            cross(port, m, hop, t);
        } else {
            end_delivered(w->stream[m->stream], w, m, t);
            end_message(port, m, t);
        }
    }
    reclaim(port, pool, *port->now);
    m->entered = t;
    m->next = NULL;
    *port->ended_tail = m;
    port->ended_tail = &m->next;
    pool->ended++;
}

void sim_port_end(struct sim_port *port, struct sim_msg *m, const struct sim_hop *hop,
                  sim_ps t) {
    if (may_end(port, m, hop, t)) {
        end_ahead(port, m, hop, t);
        return;
    }
    m->port = port->id;
    port->ends_armed++;
    if (hop->kind == SIM_HOP_DROP) {
        m->arrive.carry = hop->cause;
        m->arrive.fire = lose;
    } else {
        m->arrive.carry = (uint32_t)(hop - port->world->step[m->step].hop);
        m->arrive.fire = finish;
    }
    sim_send_on(port, port, &m->arrive, t);
}
