/* join.c - messages that make messages: split and join, copy, and cables between nodes. */
#include "inside.h"
#include <string.h>

static const uint32_t cable_sender = 0x80000000u; /* above all ports */

static void out_of_messages(struct sim_world *w, const struct sim_step *step) {
    if (w->failed)
        return;
    w->failed = true;
    sim_fail(&w->err, NULL, step->pointer,
             "step %s found no free message for a child, a copy or what a link brings (%u in "
             "all); raise "
             "/run/messages or offer less",
             step->label, w->opts.messages);
}

/* A free message, or NULL. */
static struct sim_msg *take(struct sim_node *node) {
    if (node->pool.free == 0)
        sim_reclaim(node, node->group->now);
    return sim_msg_new(&node->pool);
}

/* A new message like m, made now, that enters `target` at the component of `port` a picosecond
 * after m has come out of it. */
static struct sim_msg *spawn(struct sim_port *port, const struct sim_msg *m, uint32_t number,
                             sim_ps now, sim_ps out) {
    struct sim_world *w = port->world;
    struct sim_pool *pool = &port->comp->node->pool;
    struct sim_msg *c = take(port->comp->node);
    if (c == NULL) {
        out_of_messages(w, &w->step[m->step]);
        return NULL;
    }
    memcpy(c, m, offsetof(struct sim_msg, arrive));
    if (m->body == sim_msg_room(pool, m)) {
        c->body = sim_msg_room(pool, c);
        memcpy(sim_msg_room(pool, c), m->body, pool->body_bytes);
    }
    c->id = m->id * 0x9e3779b97f4a7c15ull + number;
    c->birth = out;
    c->link = 0;
    c->flags = (uint8_t)((m->flags & SIM_MSG_MEASURED) | SIM_MSG_CREATED);
    c->step = w->step[m->step].target;
    c->port = port->comp->port[port->comp->emit]->id;
    c->arrive.fire = sim_port_arrive;
    if (sim_inside(w, now)) {
        w->stream[m->stream]->created.items++;
        w->stream[m->stream]->created.bytes += c->bytes;
    }
    sim_send(port->comp, port->id + 1, port->seq++, &c->arrive, out + 1);
    return c;
}

static uint32_t join_new(struct sim_world *w) {
    uint32_t i = w->join_free;
    if (i == UINT32_MAX) {
        uint32_t old = w->joins, n = old ? 2 * old : 256;
        w->join = sim_grow(&w->arena, w->join, old * sizeof *w->join, n * sizeof *w->join);
        for (uint32_t k = n; k-- > old;) {
            w->join[k].next_free = w->join_free;
            w->join_free = k;
        }
        w->joins = n;
        i = w->join_free;
    }
    w->join_free = w->join[i].next_free;
    return i;
}

static void split(struct sim_port *port, struct sim_msg *m, sim_ps now, sim_ps out) {
    struct sim_world *w = port->world;
    const struct sim_step *step = &w->step[m->step];
    uint32_t j = join_new(w);
    w->join[j] = (struct sim_join){.parent = m,
                                   .step = step->resume,
                                   .awaited = step->join,
                                   .children = step->into,
                                   .resumed = SIM_NEVER};
    m->port = port->id; /* the sender and its count, when it comes back: who resumes it must */
    m->arrive.seq = port->seq++; /* not matter */
    for (uint32_t i = 0; i < step->into; i++) {
        struct sim_msg *c = spawn(port, m, i + 1, now, out);
        if (c == NULL)
            return;
        c->parent = j + 1;
    }
}

/* A step with an action was served: do it. The server that did it is free again. */
void sim_act(struct sim_port *port, struct sim_msg *m, const struct sim_plan *plan,
             sim_ps now) {
    sim_ps out = sim_out_at(port, plan, now);
    if (port->world->step[m->step].action == SIM_ACT_COPY) {
        (void)spawn(port, m, 1, now, out);
        sim_depart(port, m, plan, now);
        return;
    }
    sim_leave_port(port, m, plan, now);
    port->last_out = port->in_order ? out : port->last_out;
    split(port, m, now, out);
}

static void resume(struct sim_world *w, struct sim_join *j, bool failed, sim_ps now) {
    struct sim_msg *m = j->parent;
    struct sim_comp *comp = w->step[j->step].comp;
    j->resumed = now;
    if (failed)
        m->flags |= SIM_MSG_ERROR;
    m->step = j->step;
    uint32_t sender = m->port + 1; /* the port where it was split */
    m->port = comp->port[comp->join]->id;
    m->arrive.fire = sim_port_arrive;
    sim_send(comp, sender, m->arrive.seq, &m->arrive, now + 1);
}

/* A child ended. The last (or Nth) one resumes its parent; a failed one resumes it at once on
 * the error branch; later ones are absorbed. Children that end at the same picosecond have
 * the same effect in any order. */
void sim_join_end(struct sim_world *w, struct sim_msg *child, bool failed, sim_ps now) {
    struct sim_join *j = &w->join[child->parent - 1];
    j->children--;
    if (j->resumed == SIM_NEVER) {
        if (failed || --j->awaited == 0)
            resume(w, j, failed, now);
    } else if (failed && j->resumed == now) {
        j->parent->flags |= SIM_MSG_ERROR;
    }
    if (j->children == 0) {
        j->next_free = w->join_free;
        w->join_free = child->parent - 1;
    }
}

/* ---------------------------------------------------------------- cables */

/* The event of a message at the end of a cable. */
static void land(struct sim_event *e, struct sim_group *g) {
    const struct sim_msg *m = (struct sim_msg *)((char *)e - offsetof(struct sim_msg, arrive));
    struct sim_pool *pool = &g->world->port[m->port]->comp->node->pool;
    sim_pool_at(pool);
    pool->flying--;
    sim_port_arrive(e, g);
}

static void cross(struct sim_cable *cable, const struct sim_msg *m, const void *room,
                  sim_ps time, uint32_t seq, uint32_t record) {
    struct sim_node *node = cable->to->node;
    struct sim_world *w = cable->to->world;
    struct sim_msg *in = take(node);
    if (in == NULL) {
        out_of_messages(w, &w->step[m->step]);
        return;
    }
    memcpy(in, m, offsetof(struct sim_msg, arrive));
    if (room != NULL) {
        in->body = sim_msg_room(&node->pool, in);
        memcpy(sim_msg_room(&node->pool, in), room, node->pool.body_bytes);
    }
    if (m->flags & SIM_MSG_SAMPLED)
        w->records.of[node->id * w->opts.messages + (uint32_t)(in - node->pool.msg)] = record;
    in->step = cable->ingress(cable, in); /* m may have no body any more */
    const struct sim_step *step = &w->step[in->step];
    in->port = step->comp->port[sim_pick(step->comp, step, in)]->id;
    in->link = 0;
    in->arrive.fire = land;
    sim_pool_at(&node->pool);
    node->pool.flying++;
    sim_send(step->comp, cable_sender + cable->id, seq, &in->arrive, time);
}

static void put_out(struct sim_cable *cable, const struct sim_msg *m, const void *room,
                    sim_ps time, uint32_t record) {
    struct sim_world *w = cable->to->world;
    size_t body = cable->from->pool.body_bytes;
    if (cable->outs == cable->room) {
        uint32_t n = cable->room ? 2 * cable->room : 64;
        cable->out = sim_grow(&w->arena, cable->out, cable->room * sizeof *cable->out,
                              n * sizeof *cable->out);
        cable->bodies = sim_grow(&w->arena, cable->bodies, cable->room * body, n * body);
        cable->room = n;
    }
    struct sim_crossing *c = &cable->out[cable->outs];
    *c = (struct sim_crossing){time, *m, cable->seq++, record};
    if (room != NULL)
        memcpy(cable->bodies + cable->outs * body, room, body);
    c->msg.body = room != NULL ? NULL : m->body;
    cable->outs++;
}

/* What crosses is by value: it cannot tell its parent that it has ended. */
static void child_abroad(struct sim_world *w, const struct sim_step *step) {
    w->failed = true;
    sim_fail(&w->err, NULL, step->pointer,
             "step %s sends a child of a split to another node, where its parent would "
             "wait for it for ever; let the children end on their own node",
             step->label);
}

/* m leaves its node over the cable: by value, at once or at the end of the window. */
void sim_cable_send(struct sim_cable *cable, struct sim_msg *m, sim_ps now) {
    struct sim_node *from = cable->from;
    struct sim_world *w = cable->to->world;
    const void *own = sim_msg_room(&from->pool, m);
    const void *room = m->body == own ? own : NULL;
    uint32_t slot = from->id * w->opts.messages + (uint32_t)(m - from->pool.msg);
    uint32_t record = m->flags & SIM_MSG_SAMPLED ? w->records.of[slot] : 0;
    if (m->parent)
        child_abroad(w, &w->step[m->step]);
    if (from->group == cable->to->node->group)
        cross(cable, m, room, now + cable->delay, cable->seq++, record);
    else
        put_out(cable, m, room, now + cable->delay, record);
}

/* At the end of a window: hand over what crossed into other groups. */
void sim_cables_merge(struct sim_world *w) {
    for (uint32_t k = 0; k < w->cables; k++) {
        struct sim_cable *cable = w->cable[k];
        size_t body = cable->from->pool.body_bytes;
        for (uint32_t i = 0; i < cable->outs; i++) {
            const struct sim_crossing *c = &cable->out[i];
            const void *room = c->msg.body == NULL ? cable->bodies + i * body : NULL;
            cross(cable, &c->msg, room, c->time, c->seq, c->record);
        }
        cable->outs = 0;
    }
}
