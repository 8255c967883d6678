/* serve.c - the event form of a port: service ends and credits are events.
 *
 * Needed for several servers, classes of service, splits, copies and polling calls. Class 0
 * goes first, or the model chooses; nothing is pre-empted.
 */
#include "inside.h"

static struct sim_msg *take_head(struct sim_line *line) {
    struct sim_msg *m = line->head;
    line->head = m->next;
    if (m->next == NULL)
        line->tail = &line->head;
    return m;
}

static void put_last(struct sim_line *line, struct sim_msg *m) {
    m->next = NULL;
    *line->tail = m;
    line->tail = &m->next;
}

static void put_first(struct sim_line *line, struct sim_msg *m) {
    m->next = line->head;
    if (m->next == NULL)
        line->tail = &m->next;
    line->head = m;
}

/* The message that the model chooses. When none may go yet, it is asked again in time. */
static struct sim_msg *take_chosen(struct sim_port *port, sim_ps now) {
    struct sim_comp *comp = port->comp;
    struct sim_event *pace = &port->server[port->servers].timer;
    sim_ps until = SIM_NEVER;
    sim_queue_cancel(&comp->node->group->queue, pace);
    uint32_t line = comp->model->choose(comp, port, now, &until);
    if (line != SIM_NO_LINE) {
        SIM_ASSERT(line < port->classes && port->lines[line].head != NULL);
        return take_head(&port->lines[line]);
    }
    SIM_ASSERT(until > now);
    if (until != SIM_NEVER)
        sim_timer_at(comp, pace, until);
    return NULL;
}

static struct sim_msg *take_waiting(struct sim_port *port, sim_ps now) {
    if (port->chosen)
        return take_chosen(port, now);
    for (uint32_t c = 0; c < port->classes; c++)
        if (port->lines[c].head != NULL)
            return take_head(&port->lines[c]);
    return NULL;
}

static uint32_t line_of(struct sim_port *port, const struct sim_msg *m) {
    if (!port->chosen)
        return m->cls < port->classes ? m->cls : port->classes - 1;
    uint32_t line = port->coming;
    port->coming = SIM_NO_LINE;
    if (line == SIM_NO_LINE)
        line = port->comp->model->line(port->comp, port, m, true);
    SIM_ASSERT(line < port->classes);
    return line;
}

/* Service would start at an edge of the clock beyond an edge of the window: it is planned when
 * that time has come. */
static bool begins_later(struct sim_server *s, sim_ps now) {
    sim_ps start = sim_port_edge(s->port, now);
    if (start < s->port->world->boundary || now >= s->port->world->boundary)
        return false;
    const struct sim_step *step = &s->port->world->step[s->msg->step];
    s->plan = (struct sim_plan){
        .start = start, .end = start, .bytes_in = s->msg->bytes, .hop = &step->hop[0]};
    s->state = SIM_SERVER_LATE;
    sim_timer_at(s->port->comp, &s->timer, start);
    return true;
}

static void begin(struct sim_server *s, struct sim_msg *m, sim_ps now) {
    struct sim_port *port = s->port;
    s->msg = m;
    if (begins_later(s, now))
        return;
    s->state = SIM_SERVER_BUSY;
    if (sim_plan_admit(port, m, now, &s->plan) == SIM_ADMITTED) {
        sim_plan_make(port, m, sim_port_edge(port, now), &s->plan);
        sim_plan_reserve(&s->plan, now);
    }
    sim_timer_at(port->comp, &s->timer, s->plan.end);
}

static void begin_waiting(struct sim_port *port, sim_ps now) {
    struct sim_server *s;
    while ((s = port->idle) != NULL) {
        struct sim_msg *m = take_waiting(port, now);
        if (m == NULL)
            return;
        port->idle = s->next_idle;
        begin(s, m, now);
    }
}

void sim_event_accept(struct sim_port *port, struct sim_msg *m, bool first) {
    sim_ps now = *port->now;
    if (port->world->step[m->step].keep) {
        struct sim_server *s = &port->server[sim_msg_kept(&port->comp->node->pool, m)->server];
        SIM_ASSERT(s->state == SIM_SERVER_HELD && s->msg == m);
        begin(s, m, now);
        return;
    }
    struct sim_line *line = &port->lines[line_of(port, m)];
    if (first)
        put_first(line, m);
    else
        put_last(line, m);
    begin_waiting(port, now);
}

/* Time in the window that the server was kept for the visit that it serves, which goes on at
 * an edge of the clock. */
uint64_t sim_kept_ps(const struct sim_server *s) {
    const struct sim_world *w = s->port->world;
    return w->step[s->msg->step].keep ? (uint64_t)sim_clip(w, s->held_from, s->plan.start) : 0;
}

static void leave(struct sim_server *s, sim_ps now) {
    struct sim_port *port = s->port;
    struct sim_msg *m = s->msg;
    struct sim_plan plan = s->plan;
    const struct sim_step *step = &port->world->step[m->step];
    /* other verdicts branch away before a call or split */
    bool ok = plan.hop->kind == SIM_HOP_NEXT && (step->called || plan.verdict == 0);
    bool held = step->hold && ok;
    if (held)
        *sim_msg_kept(&port->comp->node->pool, m) =
            (struct sim_kept){port->id, (uint32_t)(s - port->server), 0, 0};
    struct sim_visit v = sim_visit_of(port, m, &plan, now);
    sim_visit_part(port, m, &plan, &v);
    if (!port->world->shut)
        port->busy_ps += sim_kept_ps(s);
    if (step->action == SIM_ACT_COPY ? plan.hop->kind != SIM_HOP_DROP
                                     : step->action == SIM_ACT_SPLIT && ok)
        sim_act(port, m, &plan, now);
    else
        sim_depart(port, m, &plan, now);
    sim_visit_leave(port, &v);
    s->state = held ? SIM_SERVER_HELD : SIM_SERVER_IDLE;
    s->held_from = now;
    if (s->aside) {
        s->aside = false;
        s->next_idle = port->spare;
        port->spare = s;
    } else if (!held) {
        s->next_idle = port->idle;
        port->idle = s;
        begin_waiting(port, now);
    }
}

/* Service is over, or a credit came in: leave if the slot is there. */
void sim_server_fire(struct sim_event *e, struct sim_group *g) {
    struct sim_server *s =
        (struct sim_server *)((char *)e - offsetof(struct sim_server, timer));
    (void)g;
    sim_ps now = e->time;
    if (!s->port->by_event) {
        sim_promise_fire(s);
        return;
    }
    if (s->state == SIM_SERVER_PACES) {
        begin_waiting(s->port, now);
        return;
    }
    if (s->state == SIM_SERVER_LATE) {
        begin(s, s->msg, now);
        return;
    }
    bool known = sim_plan_place(&s->plan, s->msg, now);
    SIM_ASSERT(known);
    if (s->plan.link == NULL || s->plan.reserved) {
        leave(s, now);
    } else {
        sim_event_granted(s, now);
    }
}

void sim_port_ask(struct sim_port *port, sim_ps t) {
    struct sim_event *pace = &port->server[port->servers].timer;
    SIM_ASSERT(port->chosen && t > *port->now);
    if (pace->next != NULL && pace->time <= t)
        return;
    sim_queue_cancel(&port->comp->node->group->queue, pace);
    sim_timer_at(port->comp, pace, t);
}

/* Its message waits beside the servers: another one serves in its stead. */
static void stand_aside(struct sim_server *s, sim_ps now) {
    struct sim_port *port = s->port;
    struct sim_server *other = port->spare;
    SIM_ASSERT(other != NULL);
    s->aside = true;
    port->spare = other->next_idle;
    other->next_idle = port->idle;
    port->idle = other;
    begin_waiting(port, now);
}

/* Try to take the slot; called at the end of service and when a waited-for slot is put. */
void sim_event_granted(struct sim_server *s, sim_ps now) {
    sim_ps slot = sim_link_take(s->plan.link);
    if (slot == SIM_NEVER) {
        s->state = SIM_SERVER_WAITS;
        sim_link_wait(s->plan.link, s);
    } else {
        s->plan.reserved = true;
        if (slot <= now) {
            leave(s, now);
            return;
        }
        s->state = SIM_SERVER_GRANTED;
        sim_timer_at(s->port->comp, &s->timer, slot);
    }
    if (s->port->lets_by && !s->aside)
        stand_aside(s, now);
}
