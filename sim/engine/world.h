/* world.h - components, ports, chains and streams, and the run that drives them.
 *
 * Port. Where components meet. The queue belongs to the receiver's port, and so do the
 * servers that empty it. A message entering finds one of two forms of the same rules:
 *   promise form  departures are fixed as soon as they are known, and the slot is promised
 *                 upstream by a call: one event a hop. Exact for one FIFO server.
 *   event form    every service end and every credit is an event: several servers, classes,
 *                 splits, copies and polling calls.
 * A property test holds both to one digest. In the promise form a port that hears from one
 * other port only, in order, is told of its arrivals ahead of their time, by a call: no event
 * at all. Nothing is told ahead beyond the edges of the measured window.
 *
 * Travel. A message takes a slot at its next declared stop before it leaves ("reserve before
 * travel"); shared resources on the route (fabric, DRAM) are visited on the way and never
 * block. Every hop takes at least one picosecond, so nothing that a component does at a time
 * reaches another one at that time.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "err.h"
#include "event.h"
#include "mem.h"
#include "msg.h"
#include "stat.h"

struct sim_model;
struct sim_op;
struct sim_comp;
struct sim_port;
struct sim_world;
struct sim_step;
struct sim_link;
struct sim_step_stat;

/* How far an arrival may be told ahead: bounds what an interrupted run has to catch up. */
#define SIM_AHEAD (100 * SIM_PS_PER_NS * 1000)

enum { SIM_CLASSES = 4, SIM_VERDICTS = 8, SIM_STAMPS = 48, SIM_SLOT_KINDS = 8 };

/* ---------------------------------------------------------------- chains */

enum sim_hop_kind { SIM_HOP_NEXT, SIM_HOP_DELIVERED, SIM_HOP_REPLY, SIM_HOP_DROP };

/* Where a message goes after a step, by verdict. */
struct sim_hop {
    enum sim_hop_kind kind;
    uint16_t next;           /* SIM_HOP_NEXT: step */
    uint16_t cause;          /* SIM_HOP_DROP: cause */
    bool again;              /* a way back: counts against world->max_hops */
    sim_ps delay;            /* >= 1 ps of wire on the way */
    struct sim_link **link;  /* [source ports][ports of the stop], or NULL: no slots to take */
    uint16_t stop;           /* the declared stop behind VIA steps: where the slot is taken */
    uint16_t stops;          /* columns of link */
    struct sim_cable *cable; /* SIM_HOP_DELIVERED: on to another node instead */
    struct sim_hop *fan;     /* [fans] NEXT to one of several like blocks; this one is unused */
    uint16_t fans;
    bool by_turn;          /* by the message's number; else by its hash */
    struct sim_link *only; /* link[0] where there is but one */
    struct sim_port *port; /* the next step's port, NULL where the model picks */
};

enum sim_step_kind {
    SIM_STEP_VISIT,
    SIM_STEP_VIA,   /* a shared resource on the route; holds no slot of its own */
    SIM_STEP_EMIT,  /* a source, child or copy enters its chain here; no cost */
    SIM_STEP_RESUME /* a joined parent goes on here; no cost */
};
enum sim_action { SIM_ACT_NONE, SIM_ACT_SPLIT, SIM_ACT_COPY };

struct sim_step {
    struct sim_comp *comp;
    const struct sim_op *op; /* NULL for EMIT and RESUME */
    const void *args;        /* the step's own parameters, op->size bytes, or NULL */
    enum sim_step_kind kind;
    uint8_t stage;      /* of op->stages */
    bool direct;        /* EMIT of a source whose first stop never makes it wait */
    bool plain;         /* neither calls nor resumes: its verdict is its service's */
    bool hold;          /* a polling call leaves from here: the server is kept */
    bool called;        /* the called block: its verdict is kept for the way back */
    bool back;          /* the visit that ends a call: branches on the kept verdict */
    bool keep;          /* ... on the server that was kept */
    uint32_t ratio_ppm; /* VIA: bytes carried per byte of the message, in parts per million */
    enum sim_action action;
    uint16_t target;     /* SPLIT, COPY: first step of the children's or copy's chain (EMIT) */
    uint16_t into, join; /* SPLIT: number of children, and how many resume the parent */
    uint16_t resume;     /* SPLIT: step where the parent goes on (RESUME) */
    uint16_t chain;      /* which chain it belongs to, for reports */
    const char *label;   /* "nic.flow" */
    struct sim_hop hop[SIM_VERDICTS];
};

struct sim_chain {
    const char *name;
    uint16_t first;
};

/* ---------------------------------------------------------------- ports */

/* A slot ring from one port to another: times at which slots are (or will be) free. */
struct sim_link {
    struct sim_port *from, *to;
    uint32_t id;
    uint32_t head, tail, mask;
    sim_ps *slot;
    sim_ps credit_delay;    /* >= 1 ps */
    struct sim_hop refused; /* the drop at a destination that refuses */
    bool early;             /* taken when service starts */
    struct sim_server *waiting, **waiting_tail;
    struct sim_link *sibling; /* next link from the same port */
};

/* What is decided about a message when its service starts. */
struct sim_plan {
    sim_ps start, end; /* of the occupancy */
    sim_ps tail;       /* latency beyond the occupancy: travels, holds no server */
    const struct sim_hop *hop;
    struct sim_link *link; /* whose slot it needs, or NULL */
    bool reserved;         /* the slot is taken already */
    struct sim_step_stat *stat;
    uint32_t verdict;
    uint32_t bytes_in;
};

enum sim_server_state {
    SIM_SERVER_IDLE,
    SIM_SERVER_BUSY,
    SIM_SERVER_WAITS,   /* for a slot downstream */
    SIM_SERVER_GRANTED, /* has the slot; leaves when the credit comes in */
    SIM_SERVER_HELD,    /* kept by a polling call */
    SIM_SERVER_LATE,    /* promise form: serves when its timer says that the time has come */
    SIM_SERVER_DECIDES  /* promise form: takes a slot or refuses when the time has come */
};

struct sim_server {
    struct sim_event timer;
    struct sim_port *port;
    struct sim_msg *msg;
    struct sim_plan plan;
    enum sim_server_state state;
    sim_ps held_from; /* since when a polling call keeps it */
    struct sim_server *next_waiting;
};

/* A departure that is fixed but not yet past (promise form). */
struct sim_fixed {
    sim_ps start, end, depart;
    uint32_t bytes_in, bytes_out;
    bool dropped;
    uint8_t verdict;
    uint16_t step, stream;
};

/* An arrival that a port was told ahead of its time (promise form). */
struct sim_told {
    sim_ps time;
    uint32_t bytes;
};

struct sim_tally {
    uint64_t items, bytes;
};

struct sim_port {
    struct sim_comp *comp;
    const char *name;
    uint32_t id;    /* in the world */
    uint32_t index; /* in the component */
    uint32_t seq;   /* counter of what it sent */
    bool by_event;  /* which form */
    bool late;      /* serves when the time comes */
    bool drops, bytes_capacity, refuses, waits, reserve_at_start;
    bool in_order;   /* what leaves keeps its order on the way ... */
    sim_ps last_out; /* ... so none comes out before the one before it */
    bool sole;       /* all that comes in comes from one such port: it may be told ahead */
    bool advancing;  /* promise form: at work, not to be entered again */
    struct sim_msg *armed, **armed_tail; /* sole: arrivals that are events all the same */
    uint32_t servers, classes;
    int64_t capacity;
    uint16_t full_cause;
    struct sim_clock clock;
    struct sim_msg *head[SIM_CLASSES], **tail[SIM_CLASSES]; /* waiting, or not yet fixed */
    struct sim_server *server;                              /* [servers] */
    uint32_t idle;                                          /* event form: idle servers */
    sim_ps free_at; /* promise form: last fixed departure */
    struct sim_fixed *fixed;
    uint32_t fixed_head, fixed_tail, fixed_mask;
    struct sim_told *told; /* arrivals that are still to come */
    uint32_t told_head, told_tail, told_mask;
    /* statistics over the measured window */
    struct sim_gauge level; /* items from entering to leaving */
    int64_t held_bytes;
    struct sim_tally entered, created, left, dropped, carried_in, carried_out;
    int64_t bytes_changed;          /* added minus removed by the model */
    unsigned __int128 busy_ps;      /* server time occupied */
    unsigned __int128 blocked_ps;   /* server time waiting for a slot downstream */
    unsigned __int128 residence_ps; /* kept by the messages; audited against level.area */
    unsigned __int128 demand_ps;    /* occupancy of services started in the window */
    uint64_t digest, digest_out;    /* of arrivals; of what ended here */
    struct sim_link *links;         /* from here: while building */
};

/* ---------------------------------------------------------------- components */

struct sim_comp {
    const struct sim_model *model;
    struct sim_world *world;
    struct sim_node *node;
    const char *path;    /* "dpu.nic" */
    const char *pointer; /* of its block in the config, for messages */
    const char *file;
    uint32_t id;   /* in order of making: the sender's side of keys uses port ids */
    uint32_t rank; /* receiver's side of keys: a permutation of ids under --shuffle-ties */
    struct sim_port **port;
    uint32_t ports, emit; /* emit: index of the port without cost, UINT32_MAX before it is */
    uint32_t timers;      /* numbered for keys */
};

struct sim_node {
    const char *name;
    struct sim_pool pool;
    struct sim_group *group;
    uint32_t id;
    uint32_t sources; /* streams that begin here */
};

/* Nodes that share an event queue. */
struct sim_group {
    struct sim_queue queue;
    sim_ps now;
    struct sim_world *world;
    uint32_t id;
};

/* ---------------------------------------------------------------- streams */

/* What happened to a stream's messages at a step. */
struct sim_step_stat {
    uint64_t served, bytes;      /* services started in the window, bytes of them */
    unsigned __int128 demand_ps; /* their occupancies */
    uint64_t verdict[SIM_VERDICTS];
    uint32_t port; /* id of one that served it */
    uint32_t same; /* services of `last` that are not in the histogram yet */
    sim_ps last;
    struct sim_hist wait, service; /* ps, messages born in the measured window */
};

struct sim_stream {
    const char *name;
    struct sim_comp *source;
    uint16_t id;
    uint16_t first; /* step */
    uint64_t born;  /* messages numbered so far */
    sim_ps burst_at;
    uint32_t burst; /* messages made at burst_at */
    struct sim_tally offered, delivered, dropped, created, absorbed, carried_in, carried_out;
    struct sim_tally replied;
    uint64_t goodput_bytes;
    uint64_t *dropped_by; /* [causes] items */
    struct sim_hist latency;
    uint64_t born_measured, done_measured, dropped_measured;
    uint64_t half_count[2];
    unsigned __int128 half_sum[2]; /* latency by half of the window, for the warm-up test */
    struct sim_step_stat **step;   /* [steps], NULL where the stream cannot come */
    int64_t bytes_changed;         /* added minus removed by models inside the window */
    /* A reply frees one of a closed loop's outstanding requests at time t. */
    void (*reply)(struct sim_stream *stream, sim_ps t);
    /* A dropped request will have no reply; told when it is dropped. */
    void (*lost)(struct sim_stream *stream, sim_ps t);
    uint32_t (*payload)(const struct sim_msg *m); /* application bytes, or NULL */
    /* Close the source at t: what was scheduled in the window but never accepted (the pool
     * was empty) is offered and carried out. NULL: nothing. */
    void (*shut)(struct sim_stream *stream, sim_ps t);
};

struct sim_cause {
    const char *name; /* "dpu.port0:rx-fifo-full" */
    const struct sim_comp *comp;
};

/* Children of one parent. */
struct sim_join {
    struct sim_msg *parent;
    uint16_t step;              /* where it goes on */
    uint32_t awaited, children; /* to resume; still alive */
    sim_ps resumed;             /* when, or SIM_NEVER */
    uint32_t next_free;
};

struct sim_crossing {
    sim_ps time;
    struct sim_msg msg;
    uint32_t seq, record;
};

/* A link between nodes: messages cross it by value. */
struct sim_cable {
    struct sim_comp *to;
    uint32_t id, seq;
    sim_ps delay; /* >= 1 ps */
    /* Which step takes a message that comes in; the receiver's ingress table. */
    uint16_t (*ingress)(const struct sim_cable *cable, const struct sim_msg *m);
    const void *table;
    struct sim_node *from;
    const struct sim_comp *by; /* the one component that sends over it: its keys count up */
    struct sim_crossing *out;  /* sent in this window, to be merged at its end */
    unsigned char *bodies;     /* [room][body_bytes] */
    uint32_t outs, room;
};

struct sim_stamp {
    sim_ps entered, start, end, left, tail; /* tail: of the latency, travels */
    uint16_t step;
};

/* The journey of one sampled message. */
struct sim_record {
    uint64_t id;
    sim_ps birth, done; /* done < 0: under way; SIM_NEVER: dropped */
    uint16_t stream, stamps;
    struct sim_stamp stamp[SIM_STAMPS];
};

struct sim_records {
    struct sim_record *record; /* [room] */
    uint32_t *of; /* record of each message slot, per node: node->id * pool + slot */
    uint32_t n, room;
    uint64_t one_in;
};

/* ---------------------------------------------------------------- the world */

struct sim_world_opts {
    uint64_t seed;
    sim_ps warmup, duration, drain;
    uint64_t shuffle_ties; /* 0: off */
    enum sim_queue_kind queue;
    bool all_by_event; /* the reference form everywhere (tests) */
    bool windows;      /* one group a node where links are long enough (else one group) */
    uint32_t messages; /* per node */
    uint32_t body_bytes;
    uint32_t sample_one_in; /* 0: keep no records */
    uint32_t max_hops;
};

struct sim_world {
    struct sim_world_opts opts;
    struct sim_arena arena;
    sim_ps from, to, end; /* measured window [from, to), end of drain */
    struct sim_comp **comp;
    struct sim_port **port;
    struct sim_node **node;
    struct sim_group **group;
    struct sim_stream **stream;
    struct sim_step *step;
    struct sim_link **link;
    struct sim_cause *cause;
    struct sim_cable **cable;
    struct sim_chain *chain;
    uint32_t comps, ports, nodes, groups, streams, steps, links, causes, cables, chains;
    uint32_t steps_room;
    struct sim_join *join;
    uint32_t joins, join_free;
    struct sim_records records;
    struct {
        const char *kind;
        uint32_t n;
    } slots[SIM_SLOT_KINDS];
    sim_ps boundary;   /* the window's next edge: nothing is told ahead of it */
    sim_ps ahead;      /* latest time that anything was told ahead to */
    uint64_t finished; /* messages that ended, for the watchdog */
    uint64_t events;
    bool opened, shut; /* the window's start and end have been passed */
    bool failed;       /* an error inside the run, see err */
    struct sim_err err;
};

struct sim_world *sim_world_new(const struct sim_world_opts *opts);
void sim_world_free(struct sim_world *w);

struct sim_node *sim_node_add(struct sim_world *w, const char *name);
/* The component's parameters are zero; the caller fills them before sim_comp_init. */
struct sim_comp *sim_comp_add(struct sim_world *w, struct sim_node *node,
                              const struct sim_model *model, const char *path);
bool sim_comp_init(struct sim_comp *comp, struct sim_err *err);
struct sim_stream *sim_stream_add(struct sim_world *w, const char *name);
/* A new step, zeroed but for its hops (delivered). @return its number. The pointer that
 * &w->step[i] gives is valid until the next call. */
uint16_t sim_step_add(struct sim_world *w, const struct sim_step *step);
/* The number of a drop cause "PATH:NAME". */
uint16_t sim_cause_add(struct sim_world *w, const struct sim_comp *comp, const char *name);
struct sim_cable *sim_cable_add(struct sim_world *w, struct sim_node *from, struct sim_comp *to,
                                sim_ps delay);
/* Index of the component's port without cost, made when first asked for. */
uint32_t sim_comp_emit(struct sim_comp *comp);

/* After all steps are in: make links and statistics, choose forms and groups. */
void sim_world_build(struct sim_world *w);

/* Let every component of the world add its facts to a fresh payload (model.facts), once a
 * record, by the source that made it. */
void sim_world_facts(const struct sim_world *w, void *body);

/* Run until simulated time `until` (at most w->end) or until `events` events were taken.
 * @return false when nothing is left to do, or on failure (w->failed, w->err). */
bool sim_world_run(struct sim_world *w, sim_ps until, uint64_t events);
sim_ps sim_world_now(const struct sim_world *w);

/* Before a run is cut short: let time reach everything that was told ahead. @return the
 * earliest time at which the run may be closed. */
sim_ps sim_world_settle(struct sim_world *w);
/* End the run at time t (now, or w->end): close the books. After it statistics may be read. */
void sim_world_close(struct sim_world *w, sim_ps t);

/* The audit of a closed run. Every line of the result says what was held against what.
 * @return false with the first violation in err. */
bool sim_world_audit(const struct sim_world *w, struct sim_err *err);

/* Hash of everything that arrived anywhere, independent of the order of ties. */
uint64_t sim_world_digest(const struct sim_world *w);

/* Who waits for whom: a text for people. @return true when there is a cycle of waits. */
bool sim_world_waits(const struct sim_world *w, char *buf, unsigned long size);

/* --- for sources --- */

/* Make a message of `stream` born at `birth` and put it into the source's port at now (birth
 * <= now). @return NULL when the pool is empty; then nothing happened. The caller has to set
 * bytes, flow, hash, body and flags in `fill` before it is called: copied from *like. */
struct sim_msg *sim_inject(struct sim_stream *stream, sim_ps birth, const struct sim_msg *like);
/* Is there room for an injected message? Half of the pool is kept for children and copies. */
bool sim_inject_room(const struct sim_stream *stream);
/* Number the component's timers; set fire and arm with sim_timer_at. */
void sim_timer_init(struct sim_comp *comp, struct sim_event *timer,
                    void (*fire)(struct sim_event *, struct sim_group *));
void sim_timer_at(struct sim_comp *comp, struct sim_event *timer, sim_ps t);
static inline sim_ps sim_now(const struct sim_comp *comp) { return comp->node->group->now; }

/* --- inside the engine --- */

void sim_port_arrive(struct sim_event *e, struct sim_group *g);
void sim_port_finish(struct sim_event *e, struct sim_group *g);
void sim_port_lose(struct sim_event *e, struct sim_group *g);
void sim_port_drop(struct sim_port *port, struct sim_msg *m, uint16_t cause, sim_ps now);
void sim_port_tell(struct sim_port *port, struct sim_msg *m, sim_ps t);
void sim_port_catch_up(struct sim_port *port, sim_ps now);
void sim_port_enter(struct sim_port *port, struct sim_msg *m, sim_ps now);
void sim_port_retire(struct sim_port *port, sim_ps now);
void sim_port_build(struct sim_port *port);
uint32_t sim_pick(const struct sim_comp *comp, const struct sim_step *step,
                  const struct sim_msg *m);
void sim_plan_make(struct sim_port *port, struct sim_msg *m, sim_ps start,
                   struct sim_plan *plan);
void sim_plan_count(struct sim_port *port, const struct sim_plan *plan);
void sim_depart(struct sim_port *port, struct sim_msg *m, const struct sim_plan *plan,
                sim_ps depart);
void sim_account_leave(struct sim_port *port, const struct sim_fixed *f);
void sim_promise_accept(struct sim_port *port, struct sim_msg *m);
void sim_promise_advance(struct sim_port *port);
void sim_event_accept(struct sim_port *port, struct sim_msg *m, sim_ps now);
void sim_event_granted(struct sim_server *s, sim_ps now);
void sim_server_fire(struct sim_event *e, struct sim_group *g);
void sim_promise_fire(struct sim_server *s);
bool sim_plan_reserve(const struct sim_port *port, struct sim_plan *plan, sim_ps now);
void sim_plan_refuse(struct sim_plan *plan);
sim_ps sim_link_take(struct sim_link *link);
void sim_link_put(struct sim_link *link, sim_ps t);
void sim_link_wait(struct sim_link *link, struct sim_server *s);
void sim_act(struct sim_port *port, struct sim_msg *m, const struct sim_plan *plan, sim_ps now);
void sim_join_end(struct sim_world *w, struct sim_msg *child, bool failed, sim_ps now);
void sim_cable_send(struct sim_cable *cable, struct sim_msg *m, sim_ps now);
/* An injected message goes straight to its first stop. */
void sim_launch(struct sim_port *out, struct sim_msg *m, sim_ps now);
void sim_leave_port(struct sim_port *port, struct sim_msg *m, const struct sim_plan *plan,
                    sim_ps depart);
void sim_window_open(struct sim_world *w);
void sim_window_shut(struct sim_world *w, sim_ps t);
void sim_cables_merge(struct sim_world *w);
void sim_records_init(struct sim_world *w);
void sim_record_begin(struct sim_node *node, struct sim_msg *m);
void sim_record_stamp(struct sim_node *node, const struct sim_msg *m,
                      const struct sim_plan *plan, sim_ps left);
void sim_record_end(struct sim_node *node, struct sim_msg *m, sim_ps done);

/* The i-th way out of a step by a verdict: those of a fan, else the one. NULL behind the last.
 */
static inline struct sim_hop *sim_hop_of(const struct sim_step *step, uint32_t verdict,
                                         uint32_t i) {
    const struct sim_hop *hop = &step->hop[verdict];
    if (hop->fan != NULL)
        return i < hop->fans ? &hop->fan[i] : NULL;
    return i == 0 ? (struct sim_hop *)hop : NULL;
}

/* Put the services that are counted apart into the histogram: before it is read. */
static inline void sim_step_flush(struct sim_step_stat *stat) {
    sim_hist_add(&stat->service, stat->last, stat->same);
    stat->same = 0;
}

/* Arm e for component `to`. Senders are ports (id + 1) or cables (above all ports). */
static inline void sim_send(struct sim_comp *to, uint32_t sender, uint32_t seq,
                            struct sim_event *e, sim_ps t) {
    e->time = t;
    e->rank = sim_event_rank(to->rank, sender);
    e->seq = seq;
    sim_queue_add(&to->node->group->queue, e);
}

/* The first edge of the port's clock at or after t. */
static inline sim_ps sim_port_edge(const struct sim_port *port, sim_ps t) {
    return port->clock.hz ? sim_clock_edge(&port->clock, t) : t;
}

/* The part of [a, b) that lies in the measured window. */
static inline sim_ps sim_clip(const struct sim_world *w, sim_ps a, sim_ps b) {
    if (a < w->from)
        a = w->from;
    if (b > w->to)
        b = w->to;
    return b > a ? b - a : 0;
}

static inline bool sim_inside(const struct sim_world *w, sim_ps t) {
    return t >= w->from && t < w->to;
}

#endif
