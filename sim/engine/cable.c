/* cable.c - messages between nodes: by value, in no pool while they are on their way. */
#include "inside.h"
#include <string.h>

static const uint32_t cable_sender = 0x80000000u; /* above all ports */

static struct sim_flight *flight_new(struct sim_cable *cable) {
    struct sim_flight *f = cable->idle;
    if (f != NULL) {
        cable->idle = f->next;
        return f;
    }
    f = sim_alloc(&cable->to->world->arena, sizeof *f + cable->from->pool.body_bytes);
    f->cable = cable;
    f->older = cable->all;
    f->msg.arrive.fire = sim_cable_land;
    cable->all = f;
    return f;
}

/* What crosses is by value: it cannot tell its parent that it has ended, unless it comes back,
 * which the parent waits for no longer than it says. */
static void child_abroad(struct sim_world *w, const struct sim_step *step) {
    w->failed = true;
    sim_fail(
        &w->err, NULL, step->pointer,
        "step %s sends a child of a split to another node, where its parent would "
        "wait for it for ever; let the children end on their own node, or give the split a "
        "\"timeout\" and let them come back",
        step->label);
}

/* As many as a pool holds may be on their way. It is known from what was sent when, so it
 * matters neither what has landed at this very time nor how far the other node has come. */
static void count_sent(struct sim_cable *cable, const struct sim_step *step, sim_ps now) {
    struct sim_world *w = cable->to->world;
    uint32_t most = w->opts.messages;
    if (cable->sent_at == NULL)
        cable->sent_at = sim_alloc_n(&w->arena, most, sizeof *cable->sent_at);
    sim_ps *before = &cable->sent_at[cable->seq % most];
    if (cable->seq >= most && *before + cable->delay >= now && !w->failed) {
        w->failed = true;
        sim_fail(&w->err, NULL, step->pointer,
                 "step %s sends more than %u messages on their way over its link at a time; "
                 "raise /run/messages or shorten the link's delay",
                 step->label, most);
    }
    *before = now;
}

static void depart(struct sim_flight *f) {
    struct sim_cable *cable = f->cable;
    struct sim_event *e = &f->msg.arrive;
    sim_send(cable->to, cable_sender + cable->id, e->seq, e, e->time);
}

/* m leaves its node at t over the cable: its landing is armed at once, or at the end of the
 * window. */
void sim_cable_send(struct sim_cable *cable, struct sim_msg *m, sim_ps t) {
    struct sim_node *from = cable->from;
    struct sim_world *w = cable->to->world;
    if (m->parent && !(w->join[m->parent - 1].timed && from->group == cable->to->node->group))
        child_abroad(w, &w->step[m->step]);
    count_sent(cable, &w->step[m->step], t);
    struct sim_flight *f = flight_new(cable);
    memcpy(&f->msg, m, offsetof(struct sim_msg, arrive));
    f->msg.wrap = m->wrap;
    f->msg.parent = m->parent;
    size_t carries = sim_msg_carries(&from->pool, m);
    if (carries > 0)
        memcpy(f + 1, sim_msg_room(&from->pool, m), carries);
    if (m->body == sim_msg_room(&from->pool, m))
        f->msg.body = f + 1;
    if (m->flags & SIM_MSG_SAMPLED)
        f->record = *sim_record_slot(from, m);
    f->msg.link = 0;
    f->msg.along = 0;
    f->msg.arrive.seq = cable->seq++;
    f->msg.arrive.time = t + cable->delay;
    if (from->group == cable->to->node->group) {
        depart(f);
        return;
    }
    f->next = NULL;
    *cable->sent_tail = f;
    cable->sent_tail = &f->next;
}

/* The event of a message at the end of its cable: there it takes one of the other node. */
void sim_cable_land(struct sim_event *e, struct sim_group *g) {
    struct sim_flight *f =
        (struct sim_flight *)((char *)e - offsetof(struct sim_flight, msg.arrive));
    struct sim_cable *cable = f->cable;
    struct sim_node *node = cable->to->node;
    struct sim_world *w = g->world;
    if (!sim_pool_has(node, &w->step[f->msg.step]))
        return;
    struct sim_msg *m = sim_msg_new(&node->pool);
    memcpy(m, &f->msg, offsetof(struct sim_msg, arrive));
    m->wrap = f->msg.wrap;
    m->parent = f->msg.parent;
    if (f->msg.body == f + 1)
        m->body = sim_msg_room(&node->pool, m);
    size_t carries = sim_msg_carries(&node->pool, m);
    if (carries > 0)
        memcpy(sim_msg_room(&node->pool, m), f + 1, carries);
    if (m->flags & SIM_MSG_SAMPLED)
        *sim_record_slot(node, m) = f->record;
    f->next = cable->idle;
    cable->idle = f;
    m->step = cable->ingress(cable, m); /* f->msg may have no body any more */
    const struct sim_step *step = &w->step[m->step];
    SIM_ASSERT(step->comp == cable->to && step->lands);
    m->port = step->comp->port[sim_pick(step->comp, step, m)]->id;
    m->arrive.time = e->time;
    sim_port_arrive(&m->arrive, g);
}

/* At the end of a window: hand over what crossed into other groups. */
void sim_cables_merge(struct sim_world *w) {
    for (uint32_t k = 0; k < w->cables; k++) {
        struct sim_cable *cable = w->cable[k];
        for (struct sim_flight *f = cable->sent, *next; f != NULL; f = next) {
            next = f->next;
            depart(f);
        }
        cable->sent = NULL;
        cable->sent_tail = &cable->sent;
    }
}
