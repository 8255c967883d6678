/* promise.c - the promise form of a port: one FIFO server whose departures are fixed as soon
 * as they are known.
 *
 * When an item's departure t is fixed, the slot that it held is promised upstream as free at
 * t plus the credit delay, by a call; upstream then fixes its own next departure. An item
 * whose slot downstream is not promised yet waits unscheduled. One event a hop, and none where
 * the next port may be told ahead.
 */
#include "inside.h"

/* The head departs. */
static void fix(struct sim_port *port, const struct sim_plan *plan, sim_ps depart) {
    struct sim_msg *m = port->line.head, *next = m->next;
    port->line.head = next;
    if (next == NULL)
        port->line.tail = &port->line.head;
    else /* it may have waited for long: fetch it while m goes its way */
        __builtin_prefetch(next);
    port->free_at = depart;
    __builtin_prefetch(plan->hop->port); /* where m goes when it is in the books */
    sim_visit_fix(port, m, plan, depart);
    sim_depart(port, m, plan, depart);
}

static sim_ps ready_at(const struct sim_port *port, const struct sim_msg *m) {
    return m->entered > port->free_at ? m->entered : port->free_at;
}

static SIM_NOINLINE bool wait_until(struct sim_server *s, uint8_t state, sim_ps t) {
    s->state = state;
    sim_timer_at(s->port->comp, &s->timer, t);
    return false;
}

/* The slot that is taken when service starts. A free one may be taken ahead; that there is
 * none is known only when the time has come. @return false: not yet decided. */
static SIM_NOINLINE bool settle(const struct sim_port *port, const struct sim_msg *m,
                                sim_ps now) {
    struct sim_server *s = port->server;
    sim_ps ready = ready_at(port, m);
    sim_plan_reserve(&s->plan, ready);
    if (!s->plan.reserved && ready > now)
        return wait_until(s, SIM_SERVER_DECIDES, ready);
    s->state = SIM_SERVER_BUSY;
    return true;
}

/* Plan the service of the head. @return false when it is not the time. */
static bool plan(struct sim_port *port, struct sim_msg *m, sim_ps now) {
    struct sim_server *s = port->server;
    sim_ps ready = ready_at(port, m), start = sim_port_edge(port, ready);
    if (port->late && ready > now)
        return wait_until(s, SIM_SERVER_LATE, ready);
    if (start > now && !sim_may_tell(port->world, start, now))
        return wait_until(s, SIM_SERVER_LATE, start);
    enum sim_admission may = sim_plan_admit(port, m, ready, &s->plan);
    if (may == SIM_NOT_YET)
        return wait_until(s, SIM_SERVER_LATE, ready);
    s->state = SIM_SERVER_BUSY;
    if (may == SIM_REFUSED)
        return true;
    sim_plan_make(port, m, start, &s->plan);
    if (s->plan.link != NULL && s->plan.link->early)
        return settle(port, m, now);
    return true;
}

/* When the head departs, by its plan and the slot that it needs. @return false: not known. */
static bool departure(struct sim_server *s, const struct sim_msg *m, sim_ps now,
                      sim_ps *depart) {
    *depart = s->plan.end;
    if (!sim_plan_place(&s->plan, m, now))
        return wait_until(s, SIM_SERVER_ENDS, s->plan.end);
    if (s->plan.link == NULL || s->plan.reserved)
        return true;
    sim_ps slot = sim_link_take(s->plan.link);
    if (slot == SIM_NEVER) {
        s->state = SIM_SERVER_WAITS;
        sim_link_wait(s->plan.link, s);
        return false;
    }
    if (slot > *depart)
        *depart = slot;
    return true;
}

/* Fix the departures of all items for which they are known. */
__attribute__((flatten)) void sim_promise_advance(struct sim_port *port) {
    struct sim_server *s = port->server;
    sim_ps now = *port->now, depart;
    struct sim_msg *m;
    port->advancing = true;
    while ((m = port->line.head) != NULL) {
        if ((s->state == SIM_SERVER_IDLE && !plan(port, m, now)) ||
            !departure(s, m, now, &depart))
            break;
        fix(port, &s->plan, depart); /* what it calls leaves a busy server alone */
        s->state = SIM_SERVER_IDLE;
    }
    port->advancing = false;
}

/* The time has come that the head was waiting for. */
void sim_promise_fire(struct sim_server *s) {
    struct sim_port *port = s->port;
    sim_ps now = *port->now;
    if (s->state == SIM_SERVER_ENDS) {
        s->state = SIM_SERVER_BUSY;
    } else if (s->state == SIM_SERVER_DECIDES) {
        bool decided = settle(port, port->line.head, now);
        SIM_ASSERT(decided);
    } else {
        s->state = SIM_SERVER_IDLE;
    }
    sim_promise_advance(port);
}

void sim_promise_accept(struct sim_port *port, struct sim_msg *m) {
    m->next = NULL;
    *port->line.tail = m;
    port->line.tail = &m->next;
    if (port->server->state == SIM_SERVER_IDLE && !port->advancing)
        sim_promise_advance(port);
}
