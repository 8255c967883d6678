/* inside.h - what the engine's own files call of one another. Nothing above includes it. */
#ifndef SIM_INSIDE_H
#define SIM_INSIDE_H

#include "model.h"

/* How far ahead anything is told or planned: bounds what an interrupted run has to catch up. */
#define SIM_AHEAD (100 * SIM_PS_PER_NS * 1000)

/* May something be told now of time t? Not past an edge of the window: books are closed there.
 */
static inline bool sim_may_tell(const struct sim_world *w, sim_ps t, sim_ps now) {
    return t < w->boundary && t - now < SIM_AHEAD;
}

/* When what departs comes out, its latency over: in order, where the port keeps it. */
static inline sim_ps sim_out_at(const struct sim_port *port, const struct sim_plan *plan,
                                sim_ps depart) {
    sim_ps out = depart + plan->tail;
    return port->in_order && out < port->last_out ? port->last_out : out;
}

void sim_port_arrive(struct sim_event *e, struct sim_group *g);
void sim_join_expire(struct sim_event *e, struct sim_group *g);
/* The same of a message that kept its place: it is the next to be served. */
void sim_port_come_back(struct sim_event *e, struct sim_group *g);
/* m's chain ends at t as the hop says, where its port was: an event, or told ahead. */
void sim_port_end(struct sim_port *port, struct sim_msg *m, const struct sim_hop *hop,
                  sim_ps t);
/* Free the messages of a node whose ends were told and lie before t. */
SIM_COLD void sim_reclaim(struct sim_node *node, sim_ps t);
/* Is there a message for who may have one? If not, the run fails; `step` is what needs it. */
bool sim_pool_has(struct sim_node *node, const struct sim_step *step);
void sim_port_drop(struct sim_port *port, struct sim_msg *m, uint16_t cause, sim_ps now);
void sim_port_tell(struct sim_port *port, struct sim_msg *m, sim_ps t);
SIM_NOINLINE void sim_port_catch_up(struct sim_port *port, sim_ps now);
void sim_port_enter(struct sim_port *port, struct sim_msg *m, sim_ps now);
/* May m be served from `ready` on, when it and its server are? Where places are taken when
 * service starts, a destination that refuses has to have one for it first. Not yet: ask again
 * when it is `ready`. Refused: the plan says so, nothing is served. */
enum sim_admission { SIM_ADMITTED, SIM_NOT_YET, SIM_REFUSED };
SIM_NOINLINE enum sim_admission sim_plan_ask(struct sim_port *port, const struct sim_step *step,
                                             struct sim_msg *m, sim_ps ready,
                                             struct sim_plan *plan);
static inline enum sim_admission sim_plan_admit(struct sim_port *port, struct sim_msg *m,
                                                sim_ps ready, struct sim_plan *plan) {
    const struct sim_step *step = &port->world->step[m->step];
    plan->taken = NULL;
    return step->asks ? sim_plan_ask(port, step, m, ready, plan) : SIM_ADMITTED;
}
void sim_plan_make(struct sim_port *port, struct sim_msg *m, sim_ps start,
                   struct sim_plan *plan);
/* m has gone round too often: the run fails. */
SIM_COLD void sim_too_many_hops(struct sim_world *w, const struct sim_step *step);
void sim_depart(struct sim_port *port, struct sim_msg *m, const struct sim_plan *plan,
                sim_ps depart);
/* m comes into the port at t, now or told ahead. */
void sim_visit_come(struct sim_port *port, const struct sim_msg *m, sim_ps t);
struct sim_visit sim_visit_of(const struct sim_port *port, const struct sim_msg *m,
                              const struct sim_plan *plan, sim_ps out);
SIM_NOINLINE void sim_visit_add_part(struct sim_port *port, const struct sim_msg *m,
                                     const struct sim_plan *plan, struct sim_visit *v);
/* m departs: a visit in parts is put together. */
static inline void sim_visit_part(struct sim_port *port, const struct sim_msg *m,
                                  const struct sim_plan *plan, struct sim_visit *v) {
    if (port->world->step[v->step].again != NULL)
        sim_visit_add_part(port, m, plan, v);
}
void sim_visit_leave(struct sim_port *port, const struct sim_visit *v);
uint64_t sim_kept_ps(const struct sim_server *s);
void sim_visit_fix(struct sim_port *port, const struct sim_msg *m, const struct sim_plan *plan,
                   sim_ps out);
/* m passes a step without cost at t, not by way of a port. */
void sim_visit_pass(const struct sim_port *port, const struct sim_msg *m, sim_ps t);
void sim_visit_began(const struct sim_port *port, uint16_t stream, uint16_t step, sim_ps start);
void sim_visit_cut(struct sim_port *port, const struct sim_visit *v);

SIM_COLD void sim_visit_book_open(struct sim_port *port);
/* Book departures up to t. */
void sim_port_pass(struct sim_port *port, sim_ps t);
SIM_COLD void sim_port_sum_up(struct sim_port *port);
void sim_port_level_at(struct sim_port *port, sim_ps t);
void sim_promise_accept(struct sim_port *port, struct sim_msg *m);
void sim_promise_advance(struct sim_port *port);
/* m waits in its line, behind the others or before them, unless a server is free or its own. */
SIM_NOINLINE void sim_event_accept(struct sim_port *port, struct sim_msg *m, bool first);
SIM_NOINLINE void sim_event_granted(struct sim_server *s, sim_ps now);
void sim_server_fire(struct sim_event *e, struct sim_group *g);
void sim_promise_fire(struct sim_server *s);
void sim_plan_reserve(struct sim_plan *plan, sim_ps ready);

/* Of a destination that refuses: a place is taken that is free when the service ends, or the
 * message is lost there, its service done. @return false: that is not known before its end. */
bool sim_plan_place(struct sim_plan *plan, const struct sim_msg *m, sim_ps now);

sim_ps sim_link_take(struct sim_link *link);
/* Ports of its component that a step may use: all of them when the model picks. In build.c. */
void sim_ports_of(const struct sim_step *s, uint32_t *first, uint32_t *n);
/* Does a message stay for the next step, before what waits? */
bool sim_goes_on(const struct sim_world *w, const struct sim_step *s,
                 const struct sim_hop *hop);
/* In forms.c: before the hops are made, and after. */
void sim_forms_choose(struct sim_world *w);
void sim_forms_settle(struct sim_world *w);
void sim_link_put(struct sim_link *link, sim_ps t);
void sim_link_wait(struct sim_link *link, struct sim_server *s);
void sim_act(struct sim_port *port, struct sim_msg *m, const struct sim_plan *plan, sim_ps now);
enum sim_child_end { SIM_CHILD_DONE, SIM_CHILD_FAILED, SIM_CHILD_STARVED };
/* @param cause why a full queue lost it, when starved */
void sim_join_end(struct sim_world *w, const struct sim_msg *child, enum sim_child_end end,
                  uint16_t cause, sim_ps now);
void sim_cable_send(struct sim_cable *cable, struct sim_msg *m, sim_ps t);
/* An injected message goes straight to its first stop. */
void sim_launch(struct sim_port *out, struct sim_msg *m, sim_ps now);
/* The event of a message at a step that acts: it is not its port's. */
void sim_act_by(struct sim_event *e, struct sim_group *g);
/* m comes into a port of a step without cost at t, by an event of the sender's. */
void sim_come_in(const struct sim_port *port, struct sim_msg *m, uint32_t sender, uint32_t seq,
                 sim_ps t);
/* The same of what is made or joined now; where it can, it goes by the port, on its way. */
void sim_pass_by(struct sim_port *port, struct sim_msg *m, uint32_t sender, uint32_t seq,
                 sim_ps t);
void sim_leave_port(struct sim_port *port, struct sim_msg *m, const struct sim_plan *plan,
                    sim_ps depart);
void sim_window_open(struct sim_world *w);
void sim_window_shut(struct sim_world *w, sim_ps t);
void sim_cable_land(struct sim_event *e, struct sim_group *g);
void sim_cables_merge(struct sim_world *w);
void sim_records_init(struct sim_world *w);
/* Where the number of m's record is kept, by its place in the pool. */
static inline uint32_t *sim_record_slot(const struct sim_node *node, const struct sim_msg *m) {
    const struct sim_world *w = node->group->world;
    return &w->records.of[node->id * w->opts.messages + (uint32_t)(m - node->pool.msg)];
}
void sim_record_begin(struct sim_node *node, struct sim_msg *m);
SIM_COLD void sim_record_stamp(struct sim_node *node, const struct sim_msg *m,
                               const struct sim_plan *plan, sim_ps left);
void sim_record_end(struct sim_node *node, struct sim_msg *m, sim_ps done);
/* How many stamps m's record has. */
uint16_t sim_record_stamps(struct sim_node *node, const struct sim_msg *m);
/* The children of m, which wrote into its record from stamp `stamps` on, have taken too long:
 * what they wrote and will write is not kept, but that it waited. @return its stamps now. */
uint16_t sim_record_vain(struct sim_node *node, const struct sim_msg *m, uint16_t stamps,
                         sim_ps now);
/* m goes on, by this child of it: if that is of a try given up, none is kept. */
void sim_record_resume(struct sim_node *node, const struct sim_msg *m,
                       const struct sim_msg *child, uint16_t stamps);

/* Is it at its source's port, where it may have come later than it was due? */
static inline bool sim_born_here(const struct sim_step *step, const struct sim_msg *m) {
    return step->op == NULL && step->kind == SIM_STEP_EMIT && !(m->flags & SIM_MSG_CREATED);
}

/* Arm e for component `to`. Senders are ports (id + 1) or cables (above all ports). */
SIM_NOINLINE void sim_send(struct sim_comp *to, uint32_t sender, uint32_t seq,
                           struct sim_event *e, sim_ps t);
/* The same from a port to a port of its node, or to itself. */
SIM_NOINLINE void sim_send_on(struct sim_port *from, const struct sim_port *to,
                              struct sim_event *e, sim_ps t);

/* The first edge of the port's clock at or after t. */
static inline sim_ps sim_port_edge(const struct sim_port *port, sim_ps t) {
    return port->clocked ? sim_clock_edge(&port->clock, t) : t;
}

#endif
