/* travel.c - from one port to the next: plans, slots, departures. */
#include "inside.h"

/* ---------------------------------------------------------------- slots */

sim_ps sim_link_take(struct sim_link *link) {
    if (link->head == link->tail)
        return SIM_NEVER;
    return link->slot[link->head++ & link->mask];
}

void sim_link_wait(struct sim_link *link, struct sim_server *s) {
    s->next_waiting = NULL;
    *link->waiting_tail = s;
    link->waiting_tail = &s->next_waiting;
}

/* A slot is (or will be) free upstream at t: the promise, by a call. */
void sim_link_put(struct sim_link *link, sim_ps t) {
    link->slot[link->tail++ & link->mask] = t;
    struct sim_server *s = link->waiting;
    if (s == NULL)
        return;
    link->waiting = s->next_waiting;
    if (link->waiting == NULL)
        link->waiting_tail = &link->waiting;
    s->state = SIM_SERVER_BUSY;
    if (s->port->by_event)
        sim_event_granted(s, sim_now(s->port->comp));
    else
        sim_promise_advance(s->port);
}

/* ---------------------------------------------------------------- plans */

/* Index of the port of `comp` that m visits at `step`. */
uint32_t sim_pick(const struct sim_comp *comp, const struct sim_step *step,
                  const struct sim_msg *m) {
    if (step->op == NULL)
        return sim_free_port(step);
    if (comp->model->pick != NULL)
        return comp->model->pick(comp, step, m);
    return step->op->port + step->stage;
}

bool sim_stays(const struct sim_world *w, const struct sim_step *s, const struct sim_hop *hop) {
    const struct sim_step *next = &w->step[hop->next];
    if (hop->kind != SIM_HOP_NEXT || s->kind != SIM_STEP_VISIT ||
        next->kind != SIM_STEP_VISIT || s->comp != next->comp)
        return false;
    struct sim_msg m = {0};
    bool picks = s->comp->model->pick != NULL;
    for (m.hash = 0; m.hash < (picks ? SIM_HASHES : 1); m.hash++)
        if (sim_pick(s->comp, s, &m) != sim_pick(s->comp, next, &m))
            return false;
    return true;
}

static bool free_at(const struct sim_link *link, sim_ps t) {
    return link->head != link->tail && link->slot[link->head & link->mask] <= t;
}

/* Take the slot when service starts, where the port is so made. What counts is one that is free
 * at `ready`, when the message and its server are, even when service starts at a later edge of
 * the clock. */
void sim_plan_reserve(struct sim_plan *plan, sim_ps ready) {
    struct sim_link *link = plan->link;
    if (link == NULL || !link->early || plan->reserved || !free_at(link, ready))
        return;
    (void)sim_link_take(link);
    plan->reserved = true;
}

/* In the books: at t it would have come to a step, at a port, had there been a place behind. */
static void count_lost(const struct sim_plan *plan, const struct sim_msg *m, uint16_t step,
                       const struct sim_port *at, sim_ps t) {
    struct sim_port *to = plan->link->to;
    struct sim_step_stat *there = to->world->stream[m->stream]->step[step];
    if (!sim_inside(to->world, t))
        return;
    to->lost.items++;
    to->lost.bytes += m->bytes;
    there->lost.items++;
    there->lost.bytes += m->bytes;
    if (there->served == 0 && at != NULL)
        there->port = at->id;
}

static void lose(struct sim_plan *plan) {
    plan->hop = &plan->link->refused;
    plan->link = NULL;
}

/* What was asked for before the service is a drop that costs nothing. */
static void refuse(struct sim_plan *plan, const struct sim_msg *m) {
    struct sim_port *from = plan->link->from;
    count_lost(plan, m, m->step, from, plan->start);
    if (sim_inside(from->world, plan->start)) {
        from->refused++;
        from->world->stream[m->stream]->step[m->step]->refused[plan->verdict]++;
    }
    lose(plan);
    plan->verdict = SIM_VERDICTS; /* none */
    plan->end = plan->start;
    plan->tail = 0;
}

/* Of a place behind shared resources: the next of these. */
static void lose_behind(struct sim_plan *plan, const struct sim_msg *m) {
    const struct sim_hop *hop = plan->hop;
    count_lost(plan, m, hop->next, hop->next == hop->stop ? plan->link->to : hop->port,
               plan->end);
    lose(plan);
}

bool sim_plan_place(struct sim_plan *plan, const struct sim_msg *m, sim_ps now) {
    struct sim_link *link = plan->link;
    if (link == NULL || plan->reserved || !link->refuses)
        return true;
    if (free_at(link, plan->end)) {
        (void)sim_link_take(link);
        plan->reserved = true;
    } else if (plan->end > now) {
        return false;
    } else {
        lose_behind(plan, m);
    }
    return true;
}

/* Verdicts that are not, or not only, those of this service. */
static SIM_NOINLINE uint8_t special_verdict(const struct sim_step *step, struct sim_msg *m,
                                            uint8_t verdict) {
    if (step->kind == SIM_STEP_RESUME) {
        m->arrive.carry = (m->flags & SIM_MSG_ERROR) != 0;
        m->flags &= (uint8_t)~SIM_MSG_ERROR;
        return (uint8_t)m->arrive.carry;
    }
    if (step->kind == SIM_STEP_EMIT)
        return step->kinds ? m->kind : 0;
    if (step->called)
        m->arrive.carry = verdict;
    else if (step->back)
        return (uint8_t)m->arrive.carry;
    return verdict;
}

static uint32_t fan_key(const struct sim_step *step, const struct sim_hop *hop,
                        const struct sim_msg *m) {
    if (hop->by == SIM_FAN_TURN)
        return (uint32_t)m->id;
    if (hop->by == SIM_FAN_HASH)
        return m->hash;
    const struct sim_comp *to = step->comp->world->step[hop->fan[0].stop].comp;
    return to->model->share(to, m);
}

static const struct sim_hop *hop_by(const struct sim_step *step, uint32_t verdict,
                                    const struct sim_msg *m) {
    const struct sim_hop *hop = &step->hop[step->called ? 0 : verdict];
    if (hop->fan == NULL)
        return hop;
    return &hop->fan[fan_key(step, hop, m) % hop->fans];
}

/* The link to the port that m is going to visit, or NULL: no slots to take. */
static struct sim_link *link_by(const struct sim_port *port, const struct sim_step *step,
                                const struct sim_hop *hop, const struct sim_msg *m) {
    if (hop->link == NULL || hop->only != NULL)
        return hop->only;
    const struct sim_comp *comp = port->comp;
    const struct sim_step *stop = &comp->world->step[hop->stop];
    uint32_t from = comp->model->pick != NULL && step->op != NULL ? port->index : 0;
    uint32_t to =
        stop->comp->model->pick != NULL && stop->op != NULL ? sim_pick(stop->comp, stop, m) : 0;
    return hop->link[from * hop->stops + to];
}

/* The verdict of a step whose way does not depend on its service. */
static uint8_t known_verdict(const struct sim_step *step, const struct sim_msg *m) {
    if (step->kind == SIM_STEP_RESUME)
        return (m->flags & SIM_MSG_ERROR) != 0;
    if (step->kinds)
        return m->kind;
    return step->back ? (uint8_t)m->arrive.carry : 0;
}

static inline void begin_plan(const struct sim_msg *m, sim_ps start, struct sim_plan *plan) {
    plan->bytes_in = m->bytes;
    plan->start = start;
    plan->reserved = false;
}

enum sim_admission sim_plan_ask(struct sim_port *port, const struct sim_step *step,
                                struct sim_msg *m, sim_ps ready, struct sim_plan *plan) {
    plan->verdict = known_verdict(step, m);
    plan->hop = hop_by(step, plan->verdict, m);
    struct sim_link *link = link_by(port, step, plan->hop, m);
    if (link == NULL || !link->refuses)
        return SIM_ADMITTED;
    if (free_at(link, ready)) {
        link->head++;
        plan->taken = link;
        return SIM_ADMITTED;
    }
    if (ready > *port->now)
        return SIM_NOT_YET;
    begin_plan(m, sim_port_edge(port, ready), plan);
    plan->link = link;
    refuse(plan, m);
    return SIM_REFUSED;
}

/* Where m goes by its verdict, and whose slot it needs. One that was taken before the service
 * is used, or given back as if it had not been taken.
 * @param hash of m before it was served: the way that was chosen then is chosen again */
static inline void choose_way(const struct sim_port *port, const struct sim_step *step,
                              const struct sim_msg *m, uint32_t hash, struct sim_plan *plan) {
    const struct sim_hop *hop = hop_by(step, plan->verdict, m);
    struct sim_link *taken = plan->taken;
    if (taken == NULL || hop != plan->hop || m->hash != hash)
        plan->link = link_by(port, step, hop, m);
    else
        plan->link = taken;
    plan->hop = hop;
    __builtin_prefetch(&port->world->step[hop->next]); /* it may be told of at once */
    plan->taken = NULL;
    if (taken == NULL)
        return;
    if (taken == plan->link)
        plan->reserved = true;
    else
        taken->head--;
}

static void count_change(struct sim_stream *st, const struct sim_step *step, int64_t bytes) {
    st->bytes_changed += bytes;
    st->fcs_changed += step->op->fcs ? bytes : 0;
}

/* Serve m from `start` on: fill the plan. */
void sim_plan_make(struct sim_port *port, struct sim_msg *m, sim_ps start,
                   struct sim_plan *plan) {
    struct sim_comp *comp = port->comp;
    const struct sim_step *step = &comp->world->step[m->step];
    struct sim_service s = {0};
    uint32_t hash = m->hash;
    __builtin_prefetch(step->stat); /* for the books, when it is served */
    begin_plan(m, start, plan);
    if (step->op != NULL)
        comp->model->serve(comp, port, step, m, start, &s);
    if (s.delay_ps)
        plan->start = start = sim_port_edge(port, start + s.delay_ps);
    if (m->bytes != plan->bytes_in && sim_inside(comp->world, sim_now(comp)))
        count_change(comp->world->stream[m->stream], step, (int64_t)m->bytes - plan->bytes_in);
    plan->end = start + s.occupancy_ps;
    if (s.occupancy_cycles)
        plan->end = sim_clock_after(&port->clock, start, s.occupancy_cycles) + s.occupancy_ps;
    sim_ps out = start + s.latency_ps;
    if (s.latency_cycles)
        out = sim_clock_after(&port->clock, start, s.latency_cycles) + s.latency_ps;
    plan->tail = out > plan->end ? out - plan->end : 0;
    if (s.again) {
        plan->hop = step->again;
        plan->link = NULL;
        plan->verdict = 0;
        return;
    }
    plan->verdict = (uint8_t)s.verdict;
    if (!step->plain)
        plan->verdict = special_verdict(step, m, plan->verdict);
    choose_way(port, step, m, hash, plan);
}

/* ---------------------------------------------------------------- departures */

void sim_too_many_hops(struct sim_world *w, const struct sim_step *step) {
    w->failed = true;
    sim_fail(&w->err, NULL, step->pointer,
             "a message came back to step %s of %s more than %u times; break the loop or "
             "raise /run/max_recirculations",
             step->label, step->comp->node->name, w->opts.max_hops);
}

/* May q be told now of an arrival at t, which none that is an event comes before? Not where a
 * drop depends on a departure up to then that is not fixed yet. */
static inline bool may_tell(const struct sim_world *w, const struct sim_port *q, sim_ps t,
                            sim_ps now) {
    bool known = !q->drops || q->line.head == NULL || t < q->free_at;
    return known && sim_may_tell(w, t, now);
}

static inline void tell(struct sim_world *w, struct sim_port *q, struct sim_msg *m, sim_ps t) {
    w->ahead = t > w->ahead ? t : w->ahead;
    sim_port_tell(q, m, t);
}

/* An arrival that was an event has come. Those behind it need be events no longer: else a
 * stream without a gap, once it was events, would stay so. */
void sim_port_catch_up(struct sim_port *port, sim_ps now) {
    struct sim_world *w = port->world;
    struct sim_msg *m;
    while ((m = port->armed) != NULL && may_tell(w, port, m->arrive.time, now)) {
        port->armed = m->next;
        if (m->next == NULL)
            port->armed_tail = &port->armed;
        sim_queue_cancel(&port->comp->node->group->queue, &m->arrive);
        tell(w, port, m, m->arrive.time);
    }
}

static struct sim_port *port_after(const struct sim_world *w, const struct sim_hop *hop,
                                   const struct sim_msg *m) {
    const struct sim_step *next = &w->step[hop->next];
    if (next->keep)
        return w->port[sim_msg_kept(&next->comp->node->pool, m)->port];
    if (m->link && hop->next == hop->stop)
        return w->link[m->link - 1]->to;
    return next->comp->port[sim_pick(next->comp, next, m)];
}

static void send_on(struct sim_port *port, struct sim_msg *m, const struct sim_plan *plan,
                    sim_ps t) {
    struct sim_world *w = port->world;
    const struct sim_hop *hop = plan->hop;
    const struct sim_step *next = &w->step[hop->next];
    if (hop->again && m->hops++ >= w->opts.max_hops) /* at most 255 */
        sim_too_many_hops(w, next);
    m->step = hop->next;
    struct sim_port *q = hop->port;
    if (q == NULL) /* who has its place goes on with it, even if its headers are others now */
        q = hop->keeps ? port : port_after(w, hop, m);
    t += hop->delay;
    if (q->sole && q->armed == NULL && may_tell(w, q, t, *port->now)) {
        tell(w, q, m, t);
        return;
    }
    if (q->sole) {
        m->next = NULL;
        *q->armed_tail = m;
        q->armed_tail = &m->next;
    }
    m->port = q->id;
    m->arrive.fire = hop->acts ? sim_act_by : hop->first ? sim_port_come_back : sim_port_arrive;
    sim_send_on(port, q, &m->arrive, t);
}

/* Records and slots of m's departure; where it goes is the caller's business. */
void sim_leave_port(struct sim_port *port, struct sim_msg *m, const struct sim_plan *plan,
                    sim_ps depart) {
    struct sim_world *w = port->world;
    const struct sim_step *step = &w->step[m->step];
    if (m->flags & SIM_MSG_SAMPLED)
        sim_record_stamp(port->comp->node, m, plan, depart);
    if (step->kind == SIM_STEP_VIA && plan->hop->kind == SIM_HOP_NEXT)
        return; /* it holds the slot of its stop, not of this port */
    if (plan->hop->first) {
        port->away.items++;
        port->away.bytes += m->bytes;
    }
    if (plan->hop->keeps)
        return; /* it comes back to this port, where it has its place */
    uint32_t held = m->link;
    sim_ps back = port->slot_till_out ? sim_out_at(port, plan, depart) : depart;
    m->link = plan->link != NULL ? plan->link->id + 1 : 0;
    if (port->slot_till_out && port->outs != NULL)
        port->outs->at[port->outs->tail++ & port->outs->mask] = back;
    if (held)
        sim_link_put(w->link[held - 1], back + w->link[held - 1]->credit_delay);
}

/* m leaves the port's server at `depart` (now or later) and goes where its plan says. */
void sim_depart(struct sim_port *port, struct sim_msg *m, const struct sim_plan *plan,
                sim_ps depart) {
    sim_leave_port(port, m, plan, depart);
    sim_ps out = sim_out_at(port, plan, depart);
    if (port->in_order)
        port->last_out = out;
    if (plan->hop->kind == SIM_HOP_NEXT)
        send_on(port, m, plan, out);
    else
        sim_port_end(port, m, plan->hop, out);
}

/* At t m is at a step without cost, not by way of its port: in the books. */
static struct sim_plan pass(struct sim_port *port, struct sim_msg *m, sim_ps t) {
    m->entered = t;
    m->arrive.carry = 0; /* the verdict of a parent that goes on well */
    sim_visit_pass(port, m, t);
    return (struct sim_plan){
        .start = t, .end = t, .bytes_in = m->bytes, .hop = &port->world->step[m->step].hop[0]};
}

void sim_come_in(const struct sim_port *port, struct sim_msg *m, uint32_t sender, uint32_t seq,
                 sim_ps t) {
    m->port = port->id;
    m->arrive.fire = sim_port_arrive;
    sim_send(port->comp, sender, seq, &m->arrive, t);
}

/* Not by what has an edge of the window before it, nor by who takes another way on. */
void sim_pass_by(struct sim_port *port, struct sim_msg *m, uint32_t sender, uint32_t seq,
                 sim_ps t) {
    struct sim_world *w = port->world;
    if (!w->step[m->step].passes || m->flags & SIM_MSG_ERROR ||
        !sim_may_tell(w, t, *port->now)) {
        sim_come_in(port, m, sender, seq, t);
        return;
    }
    const struct sim_plan plan = pass(port, m, t);
    w->ahead = t > w->ahead ? t : w->ahead;
    if (m->flags & SIM_MSG_SAMPLED)
        sim_record_stamp(port->comp->node, m, &plan, t);
    send_on(port, m, &plan, t);
}

void sim_act_by(struct sim_event *e, struct sim_group *g) {
    struct sim_msg *m = (struct sim_msg *)((char *)e - offsetof(struct sim_msg, arrive));
    struct sim_port *port = g->world->port[m->port];
    if (m->flags & SIM_MSG_ERROR) {
        sim_port_arrive(e, g);
        return;
    }
    const struct sim_plan plan = pass(port, m, e->time);
    sim_act(port, m, &plan, e->time);
}

void sim_launch(struct sim_port *out, struct sim_msg *m, sim_ps now) {
    struct sim_world *w = out->comp->world;
    struct sim_step_stat *stat = w->stream[m->stream]->step[m->step];
    struct sim_plan plan = {.start = now, .end = now, .hop = &w->step[m->step].hop[0]};
    if (sim_inside(w, now)) {
        stat->served++;
        stat->verdict[0]++;
        if (now != m->birth) /* the pool was empty */
            sim_hist_count(&stat->wait, now - m->birth);
    }
    m->entered = now;
    if (m->flags & SIM_MSG_SAMPLED)
        sim_record_stamp(out->comp->node, m, &plan, now);
    send_on(out, m, &plan, now);
}
