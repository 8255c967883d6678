/* promise.c - the promise form of a port: one FIFO server whose departures are fixed as soon
 * as they are known.
 *
 * When an item's departure t is fixed, the slot that it held is promised upstream as free at
 * t plus the credit delay, by a call; upstream then fixes its own next departure. An item
 * whose slot downstream is not promised yet waits unscheduled. One event a hop, and none where
 * the next port may be told ahead.
 */
#include "model.h"

static void grow_fixed(struct sim_port *port) {
    struct sim_arena *arena = &port->comp->world->arena;
    uint32_t old = port->fixed_mask + 1;
    struct sim_fixed *ring = sim_alloc_n(arena, 2 * (size_t)old, sizeof *ring);
    for (uint32_t i = port->fixed_head; i != port->fixed_tail; i++)
        ring[i & (2 * old - 1)] = port->fixed[i & port->fixed_mask];
    port->fixed = ring;
    port->fixed_mask = 2 * old - 1;
}

static void fix(struct sim_port *port, struct sim_msg *m, const struct sim_plan *plan,
                sim_ps depart) {
    if (port->fixed_tail - port->fixed_head > port->fixed_mask)
        grow_fixed(port);
    port->fixed[port->fixed_tail++ & port->fixed_mask] =
        (struct sim_fixed){.start = plan->start,
                           .end = plan->end,
                           .depart = depart,
                           .bytes_in = plan->bytes_in,
                           .bytes_out = m->bytes,
                           .dropped = plan->hop->kind == SIM_HOP_DROP,
                           .verdict = (uint8_t)plan->verdict,
                           .step = m->step,
                           .stream = m->stream};
    port->free_at = depart;
    sim_depart(port, m, plan, depart);
}

/* Fix the departures of all items for which they are known. */
void sim_promise_advance(struct sim_port *port) {
    struct sim_server *s = port->server;
    struct sim_msg *m;
    port->advancing = true;
    while ((m = port->head[0]) != NULL) {
        if (s->state == SIM_SERVER_IDLE) {
            sim_ps ready = m->entered > port->free_at ? m->entered : port->free_at;
            sim_plan_make(port, m, sim_port_edge(port, ready), &s->plan);
            sim_plan_count(port, m, &s->plan);
            s->state = SIM_SERVER_BUSY;
        }
        sim_ps depart = s->plan.end;
        if (s->plan.link != NULL) {
            sim_ps slot = sim_link_take(s->plan.link);
            if (slot == SIM_NEVER) {
                s->state = SIM_SERVER_WAITS;
                sim_link_wait(s->plan.link, s);
                break;
            }
            if (slot > depart)
                depart = slot;
        }
        port->head[0] = m->next;
        if (m->next == NULL)
            port->tail[0] = &port->head[0];
        s->state = SIM_SERVER_IDLE;
        struct sim_plan plan = s->plan; /* departing may call back into this port */
        fix(port, m, &plan, depart);
    }
    port->advancing = false;
}

void sim_promise_accept(struct sim_port *port, struct sim_msg *m) {
    m->next = NULL;
    *port->tail[0] = m;
    port->tail[0] = &m->next;
    if (port->server->state == SIM_SERVER_IDLE && !port->advancing)
        sim_promise_advance(port);
}
