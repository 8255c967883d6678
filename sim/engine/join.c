/* join.c - messages that make messages: split and join, and copy. */
#include "inside.h"
#include <string.h>

/* How many children m has: so many, or as many as its bytes need; one without bytes, too. */
static uint32_t children_of(const struct sim_step *step, const struct sim_msg *m) {
    if (step->each == 0)
        return step->into;
    return m->bytes > step->each ? (m->bytes + step->each - 1) / step->each : 1;
}

/* Bytes of child i: by size the last one has the rest. */
static uint32_t share_of(const struct sim_step *step, const struct sim_msg *m, uint32_t i) {
    if (step->each == 0)
        return m->bytes;
    uint32_t left = m->bytes - i * step->each;
    return left < step->each ? left : step->each;
}

/* A new message like m, made now, that enters `target` at the component of `port` a picosecond
 * after m has come out of it. */
static struct sim_msg *spawn(struct sim_port *port, const struct sim_msg *m, uint32_t number,
                             sim_ps now, sim_ps out) {
    struct sim_world *w = port->world;
    const struct sim_step *step = &w->step[m->step];
    struct sim_pool *pool = &port->comp->node->pool;
    if (!sim_pool_has(port->comp->node, step))
        return NULL;
    struct sim_msg *c = sim_msg_new(pool);
    memcpy(c, m, offsetof(struct sim_msg, arrive));
    c->wrap = m->wrap;
    size_t carries = sim_msg_carries(pool, m);
    if (carries > 0)
        memcpy(sim_msg_room(pool, c), sim_msg_room(pool, m), carries);
    if (m->body == sim_msg_room(pool, m))
        c->body = sim_msg_room(pool, c);
    c->kind = 0;
    c->id = step->timeout > 0 && step->each == 0 ? m->id : sim_msg_child_id(m->id, number);
    c->bytes = share_of(step, m, number);
    c->birth = out;
    c->link = 0;
    c->along = 0;
    c->flags =
        (uint8_t)((m->flags & (SIM_MSG_MEASURED | SIM_MSG_OLD | SIM_MSG_AGAIN | SIM_MSG_OWN)) |
                  SIM_MSG_CREATED);
    c->step = step->target;
    if (sim_inside(w, now)) {
        w->stream[m->stream]->created.items++;
        w->stream[m->stream]->created.bytes += c->bytes;
    }
    return c;
}

/* A new message sets out. */
static void start(struct sim_port *port, struct sim_msg *c) {
    struct sim_comp *comp = port->comp;
    sim_pass_by(comp->port[comp->emit], c, port->id + 1, port->seq++, c->birth + 1);
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

/* An exchange with another node: its one child goes on with the record of the parent, which
 * stands still. */
static void go_on_record(struct sim_node *node, const struct sim_msg *m, struct sim_msg *c) {
    if (!(m->flags & SIM_MSG_SAMPLED))
        return;
    c->flags |= SIM_MSG_SAMPLED;
    *sim_record_slot(node, c) = *sim_record_slot(node, m);
}

/* What m takes along goes on with its first child. */
static void hand_over(const struct sim_pool *pool, struct sim_msg *m, struct sim_msg *c) {
    if (!m->along)
        return;
    memcpy(sim_msg_along(pool, c), sim_msg_along(pool, m), SIM_ALONG);
    c->along = 1;
    m->along = 0;
}

/* The children of m, which waits with join j. */
static void bear(struct sim_port *port, struct sim_msg *m, uint32_t j, sim_ps now, sim_ps out) {
    const struct sim_step *step = &port->world->step[m->step];
    for (uint32_t i = 0, n = children_of(step, m); i < n; i++) {
        struct sim_msg *c = spawn(port, m, i, now, out);
        if (c == NULL)
            return;
        c->parent = j + 1;
        hand_over(&port->comp->node->pool, m, c);
        if (n == 1 && step->timeout > 0)
            go_on_record(port->comp->node, m, c);
        start(port, c);
    }
}

/* m's own event tells that its children have taken too long. */
static void wait_for(struct sim_port *port, struct sim_msg *m, uint32_t j, sim_ps out) {
    const struct sim_step *step = &port->world->step[m->step];
    if (step->timeout == 0)
        return;
    m->arrive.fire = sim_join_expire;
    m->arrive.carry = j;
    sim_send(port->comp, port->id + 1, m->arrive.seq, &m->arrive, out + step->timeout);
}

static void split(struct sim_port *port, struct sim_msg *m, sim_ps now, sim_ps out) {
    struct sim_world *w = port->world;
    const struct sim_step *step = &w->step[m->step];
    uint32_t j = join_new(w), children = children_of(step, m);
    w->join[j] = (struct sim_join){.parent = m,
                                   .step = step->resume,
                                   .awaited = step->join ? step->join : children,
                                   .children = children,
                                   .first = sim_msg_child_id(m->id, 0),
                                   .each = step->each,
                                   .tries = step->retries,
                                   .stamps = sim_record_stamps(port->comp->node, m),
                                   .timed = step->timeout > 0,
                                   .resumed = SIM_NEVER};
    m->flags &= (uint8_t)~SIM_MSG_STARVED;
    m->port = port->id; /* the sender and its count, when it comes back: who resumes it must */
    m->arrive.seq = port->seq++; /* not matter */
    wait_for(port, m, j, out);
    bear(port, m, j, now, out);
}

/* A step with an action was served: do it. The server that did it is free again. */
void sim_act(struct sim_port *port, struct sim_msg *m, const struct sim_plan *plan,
             sim_ps now) {
    sim_ps out = sim_out_at(port, plan, now);
    const struct sim_step *step = &port->world->step[m->step];
    if (step->action == SIM_ACT_COPY) {
        uint32_t copies = step->each > 0 ? children_of(step, m) - step->rest : 1;
        for (uint32_t i = 0; i < copies; i++) {
            struct sim_msg *c = spawn(port, m, i, now, out);
            if (c == NULL)
                break;
            start(port, c);
        }
        sim_depart(port, m, plan, now);
        return;
    }
    sim_leave_port(port, m, plan, now);
    port->last_out = port->in_order ? out : port->last_out;
    split(port, m, now, out);
}

/* A full queue lost a child: what of several at the same time is blamed must not depend on
 * their order. */
static void starve(struct sim_world *w, struct sim_join *j, uint16_t cause, sim_ps now) {
    struct sim_msg *m = j->parent;
    bool inside = sim_inside(w, now), fatal = w->step[j->step].fatal;
    struct sim_tally *starved = &w->stream[m->stream]->step[j->step]->starved;
    if (!j->starved) {
        starved->items += inside;
        starved->bytes += inside ? m->bytes : 0;
    } else if (cause < j->cause)
        w->cause[j->cause].cost_parents -= inside && fatal;
    else
        return;
    j->starved = true;
    j->cause = cause;
    m->flags |= fatal ? SIM_MSG_STARVED : 0;
    w->cause[cause].cost_parents += inside && fatal;
}

static void resume(struct sim_world *w, struct sim_join *j, sim_ps now) {
    struct sim_msg *m = j->parent;
    struct sim_comp *comp = w->step[j->step].comp;
    if (j->timed)
        sim_queue_cancel(&comp->node->group->queue, &m->arrive);
    j->resumed = now;
    m->step = j->step;
    struct sim_port *port = comp->port[comp->join];
    uint32_t sender = m->port + 1, seq = m->arrive.seq; /* the port where it was split */
    if (j->children > 0)                                /* one of them may still fail it now */
        sim_come_in(port, m, sender, seq, now + 1);
    else
        sim_pass_by(port, m, sender, seq, now + 1);
}

uint64_t sim_part_begins(const struct sim_world *w, const struct sim_msg *m) {
    if (m->parent == 0)
        return 0;
    const struct sim_join *j = &w->join[m->parent - 1];
    return (m->id - j->first) * j->each;
}

static void release(struct sim_world *w, uint32_t number) {
    struct sim_join *j = &w->join[number];
    if (j->children > 0 || j->resumed == SIM_NEVER)
        return;
    j->next_free = w->join_free;
    w->join_free = number;
}

/* The event of a parent whose children have taken too long: others in their place, or it fails.
 * Those that come all the same are absorbed. */
void sim_join_expire(struct sim_event *e, struct sim_group *g) {
    struct sim_msg *m = (struct sim_msg *)((char *)e - offsetof(struct sim_msg, arrive));
    struct sim_world *w = g->world;
    struct sim_port *port = w->port[m->port];
    uint32_t number = e->carry;
    sim_ps now = e->time;
    struct sim_join *j = &w->join[number];
    struct sim_step_stat *stat = w->stream[m->stream]->step[m->step];
    if (sim_inside(w, now)) {
        stat->late.items++;
        stat->late.bytes += m->bytes;
        stat->given_up += j->tries == 0;
    }
    j->stamps = sim_record_vain(port->comp->node, m, j->stamps, now);
    if (j->tries > 0) {
        j->tries--;
        uint32_t anew = children_of(&w->step[m->step], m);
        j->children += anew; /* and all of them again */
        j->awaited = w->step[m->step].join ? w->step[m->step].join : anew;
        wait_for(port, m, number, now);
        bear(port, m, number, now, now);
        return;
    }
    m->flags |= SIM_MSG_ERROR;
    resume(w, j, now);
    release(w, number);
}

/* A child is on another node than its parent, which is not to know what becomes of it there. */
static bool is_abroad(const struct sim_world *w, const struct sim_join *j,
                      const struct sim_msg *child) {
    return w->step[child->step].comp->node != w->step[j->step].comp->node;
}

static void end_abroad(struct sim_world *w, struct sim_join *j, const struct sim_msg *child,
                       enum sim_child_end end) {
    const struct sim_step *step = &w->step[child->step];
    j->children--;
    if (end == SIM_CHILD_DONE && !w->failed) {
        w->failed = true;
        sim_fail(&w->err, NULL, step->pointer,
                 "step %s ends the child of a split on another node than its parent's, which "
                 "waits for it; send it back",
                 step->label);
    }
}

/* A child ended. The last (or Nth) one resumes its parent; a failed one resumes it at once on
 * the error branch; later ones are absorbed. Children that end at the same picosecond have
 * the same effect in any order. */
void sim_join_end(struct sim_world *w, const struct sim_msg *child, enum sim_child_end end,
                  uint16_t cause, sim_ps now) {
    struct sim_join *j = &w->join[child->parent - 1];
    if (j->timed && is_abroad(w, j, child)) {
        end_abroad(w, j, child, end);
        release(w, child->parent - 1);
        return;
    }
    bool first = j->resumed == SIM_NEVER;
    bool fails = end != SIM_CHILD_DONE && (first || j->resumed == now);
    j->children--;
    if (j->timed && !first && end == SIM_CHILD_DONE && sim_inside(w, now))
        w->stream[child->stream]->step[j->step]->unheeded++;
    if (fails)
        j->parent->flags |= SIM_MSG_ERROR;
    if (fails && end == SIM_CHILD_STARVED)
        starve(w, j, cause, now);
    if (first && (fails || --j->awaited == 0)) {
        if (j->timed)
            sim_record_resume(w->step[j->step].comp->node, j->parent, child, j->stamps);
        resume(w, j, now);
    }
    release(w, child->parent - 1);
}
