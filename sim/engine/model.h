/* model.h - the contract between the engine and a model of a block: the one header that a
 * model file includes (with its payload's).
 *
 * A model is one file that ends in `const struct sim_model model_NAME = {...}` and one line
 * in models/list.h. The least it needs is `serve`: how long does this message keep the next
 * one out (occupancy), how long does it stay in (latency), and what is the verdict. Queues,
 * servers, waiting, back-pressure, statistics and audit are the engine's.
 */
#ifndef SIM_MODEL_H
#define SIM_MODEL_H

#include "err.h"
#include "field.h"
#include "mem.h"
#include "msg.h"
#include "rng.h"
#include "stat.h"
#include "time.h"
#include "world.h"

/* What serving a message costs. Cycles are of the port's clock; cycles and picoseconds add.
 * Latency below occupancy is taken as equal to it. Zeroed before `serve` is called. */
struct sim_service {
    uint64_t occupancy_cycles;
    sim_ps occupancy_ps;
    uint64_t latency_cycles;
    sim_ps latency_ps;
    sim_ps delay_ps;  /* the server begins so much later than `start`: it stands until then */
    bool again;       /* a part of it is left: when this one's latency is over the message waits
                         here again, behind the others, for the next one (see sim_op.parts) */
    uint32_t verdict; /* 0 = "ok", else 1 + index in the model's verdicts */
};

struct sim_verdict {
    const char *name;
    const char *otherwise; /* where a step that does not mention it goes: "next" or "drop" */
    const char *doc;
};

struct sim_op {
    const char *name; /* NULL ends the table; the first one is the default */
    const char *doc;
    const struct sim_field *fields; /* of the step's own keys, or NULL */
    size_t size;                    /* of the struct that they fill */
    uint32_t port;                  /* first port it visits, unless the model picks */
    uint32_t stages;                /* ports visited one after the other, of those that the
                                       component has made; 0 counts as 1 */
    const char *params; /* "rx_fifo gap_bytes": the block's parameters that have an effect only
                           where this operation, or another that names them, is used */
    bool rehash;        /* it may change the message's hash */
    bool fcs;           /* what it adds or takes of a frame is its check sequence */
    bool bare;     /* it moves none of the message's bytes: it keeps a place for it, or asks
                      for them */
    bool headless; /* of a model that goes by packets' headers: it needs none */
    bool parts;    /* of called steps: it may be served in parts, between which others are */
    const char
        *verdicts; /* "miss": those of the model's verdicts that it can give; NULL: all */
    /* Of a called step: of the message's bytes when it comes out, how many millionths a route
     * back carries, since the caller has the others; NULL: all. */
    uint32_t (*brings)(const struct sim_op *op, const void *args);
};

/* What a table of connections (or flows) did in the measured window, and holds at the end. */
struct sim_connections {
    const char *port; /* whose services set connections up */
    int64_t bound;    /* that can be set up a second */
    int64_t begun, set_up, evicted, failed, aged;
    int64_t closed; /* by their own end; -1: the table does not see ends */
    uint64_t capacity, entries, highest;
};

/* Time that a server has not got for messages: so much of each period; and picoseconds of it in
 * the books of services, where it came between. */
struct sim_rests {
    uint64_t time, period, booked;
};

/* What a step does to trains of frames that go as one. */
enum sim_trains { SIM_TRAINS_PASS, SIM_TRAINS_MADE, SIM_TRAINS_END, SIM_TRAINS_STUCK };

struct sim_model {
    const char *name, *doc;
    size_t size; /* of the state, which begins with struct sim_comp */
    const struct sim_field *params, *stats;
    const struct sim_op *ops;
    const struct sim_verdict *verdicts; /* ended by a NULL name; may be NULL */
    const char *memory; /* "bytes_read": statistics of bytes that go to or come from memory that
                           is in no block, or NULL; what they take is in the block's energy */
    bool finishes; /* what it has begun: a message that stays at a port for one more step is
                      served before what waits there, and is not lost */
    const char *places; /* "entries": the parameter that says how many there are in its table,
                           for want of which it gives the verdict "full", or NULL */
    const char *same;   /* "mps_bytes": a parameter that must be the same for components of this
                           model between which nothing cuts or joins what they carry, or NULL */
    bool packets; /* its operations go by the headers of packets: nothing else may come to it */
    bool requests; /* ... by what a request asks of a drive */
    /* After the parameters are in: make the ports. May fail, and allocate. */
    bool (*init)(struct sim_comp *comp, struct sim_err *err);
    /* Optional: work out what a step at this component costs, once all steps are in. It may
     * replace step->args by a copy (sim_comp_arena), and those of a step that it calls; it
     * changes nothing else. Fails as init. */
    bool (*prepare)(const struct sim_comp *comp, struct sim_step *step, struct sim_err *err);
    /* Optional: after the whole world is built. A source arms its first timer; what is kept of
     * each message of the pool is allocated. */
    void (*start)(struct sim_comp *comp);
    /* Serve m, which starts at `start` (an edge of the port's clock, not before now). Called
     * once a visit, in the order of the port's queue. */
    void (*serve)(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out);
    /* Optional: which of the component's ports a message visits. A function of the message
     * and the component's parameters only. */
    uint32_t (*pick)(const struct sim_comp *comp, const struct sim_step *step,
                     const struct sim_msg *m);
    /* Optional: which of several like components a message goes to that is for any of them: its
     * number modulo how many they are. A function of the message and the parameters only. */
    uint32_t (*share)(const struct sim_comp *comp, const struct sim_msg *m);
    /* Of a port with `lines`: which line m, which comes now, waits in; SIM_NO_LINE: there is no
     * room for it, and it is lost (of a port that drops; not when it `must` have a place, as
     * what comes back from a call). Called once for each message that comes. */
    uint32_t (*line)(struct sim_comp *comp, struct sim_port *port, const struct sim_msg *m,
                     bool must);
    /* Of a port with `lines`: a server is free: the head of which line goes now (see
     * sim_line_head)? SIM_NO_LINE: none does before *until, SIM_NEVER when none waits. Called
     * when that time has come, or something else has changed, and taken at its word. */
    uint32_t (*choose)(struct sim_comp *comp, struct sim_port *port, sim_ps now, sim_ps *until);
    /* Optional: add facts of this component to a payload, once a record, outside the event
     * loop (a matched rule, a compression ratio). */
    void (*facts)(struct sim_comp *comp, void *body);
    /* Optional: has this parameter any effect with the steps that there are? */
    bool (*effect)(const struct sim_comp *comp, const char *param);
    /* Optional: what the reader of a run has to know of a parameter that did not do in it what
     * it is for, a sentence without its end; or NULL. */
    const char *(*remark)(const struct sim_comp *comp, const char *param);
    /* Optional: what befell the component in the run and put an end to its work, whatever it
     * could have carried: a sentence without its end; or NULL. `resource`: what of it. It is
     * the verdict then. */
    const char *(*incident)(const struct sim_comp *comp, const char **resource);
    /* Optional: has this component, by its parameters, the operation? Asked where a step or a
     * route names it. */
    bool (*can)(const struct sim_comp *comp, const struct sim_op *op);
    /* Optional: does it treat classes of service differently, otherwise than by ports that have
     * `classes`? */
    bool (*by_class)(const struct sim_comp *comp);
    /* Optional: its table of connections. @return false when no step uses it. */
    bool (*connections)(const struct sim_comp *comp, struct sim_connections *out);
    /* Optional: what does the step do to trains: pass them on, make some, by the parameter *by,
     * end them, or lose all of them, by the parameter *by? */
    enum sim_trains (*trains)(const struct sim_comp *comp, const struct sim_step *step,
                              const char **by);
    /* Optional: of how many PCIe functions (SR-IOV) the component is the far side, and which of
     * them a message is of: both by the component's parameters, as `pick`. */
    uint32_t (*functions)(const struct sim_comp *comp);
    uint32_t (*function)(const struct sim_comp *comp, const struct sim_msg *m);
    /* Optional: the port's server does something else now and then. @return false: it does not.
     */
    bool (*rests)(const struct sim_comp *comp, const struct sim_port *port,
                  struct sim_rests *out);
    /* Optional: invariants, checked at the end of a run; false with what is broken in err. */
    bool (*check)(const struct sim_comp *comp, struct sim_err *err);
};

/* --- for init --- */

enum sim_full { SIM_FULL_WAIT, SIM_FULL_DROP, SIM_FULL_REFUSE };
extern const char sim_full_choices[]; /* "wait|drop|refuse" */

struct sim_port_opts {
    const char *name;   /* "rx"; the resource is COMPONENT.NAME */
    uint64_t hz;        /* clock; 0: not clocked */
    uint32_t servers;   /* 0 counts as 1 */
    uint32_t classes;   /* of service, 0 counts as 1, at most SIM_CLASSES; 0 goes first */
    uint32_t lines;     /* instead of classes: queues of which the model chooses, which says too
                           whether there is room in them (see line and choose) */
    int64_t capacity;   /* items (or bytes) in the port, being served ones included; 0: no
                           bound. Under SIM_FULL_WAIT and SIM_FULL_REFUSE each upstream port
                           has its own `capacity` slots, as on a link with credits */
    bool bytes;         /* capacity is in bytes (SIM_FULL_DROP only) */
    enum sim_full full; /* wait: upstream keeps the message until a slot is free; drop: the
                           message is lost on arrival; refuse: upstream drops it when it
                           is done with it, or asks before (reserve_at_start) */
    const char *cause;  /* of drops when full, "queue-full" when NULL */
    bool late; /* serving depends on state that other ports change: serve when the time comes,
                  not as soon as the time is known */
    bool reserve_at_start; /* take the slot at the destination when service starts */
    bool in_order; /* a pipeline: what leaves comes out in that order, even where the latency
                      beyond the occupancy differs (the later one then waits for the earlier).
                      Lets the next port be told ahead, see world.h: say so where it is true */
    bool aside;    /* no message visits it: only the model knows when its servers are kept */
    uint32_t like; /* aside: 1 + index of another of its group, "shaper0", which messages use
                      one of: a step's books have them together; 0: no other */
    const char *paced_by; /* aside: it is no server but a rate that the model keeps to, stated
                             by this parameter; what the block loses was to come to it as well
                             (see sim_ask_aside) */
    bool lets_by;         /* what waits for a place behind stands aside, in its place here, and
                             what goes elsewhere passes it: where messages of several ports, with
                             places of their own, part again (SIM_FULL_WAIT) */
    bool slot_till_out;   /* of an in_order port: the place is free again when the message has
                             come out, its latency over, not when the server is done with it */
};

/* Add a port; returns its index in the component. */
uint32_t sim_port_add(struct sim_comp *comp, const struct sim_port_opts *opts);

/* The message that goes next of a line, or NULL. */
static inline const struct sim_msg *sim_line_head(const struct sim_port *port, uint32_t line) {
    return port->lines[line].head;
}

/* Random stream of this component and purpose. */
void sim_comp_rng(const struct sim_comp *comp, const char *purpose, struct sim_rng *rng);

/* A fresh slot number for facts that this component adds to payloads (see `facts`);
 * counts up from 0 per kind. */
uint32_t sim_comp_slot(struct sim_comp *comp, const char *kind);

struct sim_arena *sim_comp_arena(const struct sim_comp *comp);

/* Which byte of the message that was split a part by size begins with; of all else 0. */
uint64_t sim_part_begins(const struct sim_world *w, const struct sim_msg *m);

/* Bytes that m carries over a shared resource on its route (VIA: by the route's ratio). */
static inline uint32_t sim_step_bytes(const struct sim_step *step, const struct sim_msg *m) {
    if (step->kind != SIM_STEP_VIA || step->ratio_ppm == 1000000)
        return m->bytes;
    return (uint32_t)((uint64_t)m->bytes * step->ratio_ppm / 1000000);
}

/* --- for serve --- */

/* Servers of another port of the component that a message keeps beside its own, `from` when
 * `till` when; it waited for them since `asked`. */
struct sim_keeps {
    sim_ps asked, from, till;
    uint32_t servers;
};
/* m keeps them, and waits when there are none: of a port that is made `aside`, a part of the
 * block that only the model knows when it is free. It shows in the books, the bounds and the
 * verdict as others do. */
void sim_use_aside(struct sim_comp *comp, uint32_t port, const struct sim_msg *m,
                   const struct sim_keeps *keeps);
/* m causes work of so many ps at another port's one server, which m does not wait for; known
 * at `at`. When it is done, sim_busy_aside says, between that server's own messages. */
void sim_load_aside(struct sim_comp *comp, uint32_t port, const struct sim_msg *m, sim_ps at,
                    sim_ps ps);
void sim_busy_aside(struct sim_comp *comp, uint32_t port, sim_ps from, sim_ps till);
/* m, which has come and may find no room, will take so many ps of another port, and wait for
 * its turn. When that comes, sim_keep_aside says. */
void sim_ask_aside(struct sim_comp *comp, uint32_t port, const struct sim_msg *m, sim_ps ps);
void sim_keep_aside(struct sim_comp *comp, uint32_t port, const struct sim_keeps *keeps);

/* Of m's latency beyond its occupancy, from `at` on, so much is waiting inside the block, for
 * what others have to do first: no part of what it takes when nothing waits. */
void sim_wait_within(struct sim_comp *comp, const struct sim_msg *m, sim_ps at, sim_ps ps);

/* What choose of the port went by has changed: it is asked again at t, later than now, or when
 * it wanted to be if that is sooner. */
void sim_port_ask(struct sim_port *port, sim_ps t);

/* Add 1 to a counter of the statistics table when `at` lies in the measured window. */
static inline void sim_comp_count(const struct sim_comp *comp, int64_t *counter, sim_ps at);

static inline void sim_comp_count(const struct sim_comp *comp, int64_t *counter, sim_ps at) {
    *counter += at >= comp->world->from && at < comp->world->to;
}

#endif
