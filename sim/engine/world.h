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

#include "books.h"
#include "err.h"
#include "event.h"
#include "mem.h"
#include "msg.h"
#include "port.h"
#include "step.h"

struct sim_model;

enum { SIM_SLOT_KINDS = 8 };

/* ---------------------------------------------------------------- components */

struct sim_comp {
    _Alignas(64) const struct sim_model *model;
    struct sim_world *world;
    struct sim_node *node;
    struct sim_queue *queue; /* of the node's group */
    struct sim_port **port;
    uint32_t ports, timers; /* timers: numbered for keys */
    uint32_t id;            /* in order of making: the sender's side of keys uses port ids */
    uint32_t rank; /* receiver's side of keys: a permutation of ids under --shuffle-ties */
    uint32_t emit, join; /* ports without cost, UINT32_MAX before they are: what enters a
                            chain here, and parents that go on */
    const char *path;    /* "dpu.nic" */
    const char *pointer; /* of its block in the config, for messages */
    const char *file;
    uint32_t like; /* how many components it is one of, by `count`: 1, it is alone */
};

struct sim_node {
    const char *name;
    struct sim_pool pool;
    struct sim_group *group;
    uint32_t id;
    uint32_t sources; /* streams that begin here */
    bool alone;       /* nothing but one source takes messages from the pool */
};

/* Nodes that share an event queue. */
struct sim_group {
    struct sim_queue queue;
    sim_ps now;
    struct sim_world *world;
    uint32_t id;
};

/* Children of one parent. */
struct sim_join {
    struct sim_msg *parent;
    uint16_t step;              /* where it goes on */
    uint32_t awaited, children; /* to resume; still alive */
    sim_ps resumed;             /* when, or SIM_NEVER */
    uint16_t tries;             /* that are left, with a time-out */
    uint16_t stamps;            /* of the parent's record, without those of children */
    bool timed;                 /* there is one: the parent's own event */
    bool starved;               /* a full queue lost one of them ... */
    uint16_t cause;             /* ... this one; of several at a time the first by number */
    uint64_t first;             /* id of the first child */
    uint32_t each;              /* bytes of a part; 0: no parts by size */
    uint32_t next_free;
};

/* A message on a cable, in no pool. Behind it lie body_bytes for the facts in its own room. */
struct sim_flight {
    struct sim_msg msg;
    struct sim_cable *cable;
    struct sim_flight *next;  /* idle, or sent in this window */
    struct sim_flight *older; /* all of the cable */
    uint32_t record;
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
    sim_ps *sent_at;           /* [messages] ring: of those that it may carry at once */
    struct sim_flight *all, *idle;
    struct sim_flight *sent, **sent_tail; /* in this window, to be merged at its end */
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
/* Index of a component's port without cost, made when first asked for: by which sources,
 * children and copies leave, and by which joined parents do. Each is a queue of its own, so
 * that parents that are done do not stand behind the children of others. */
uint32_t sim_comp_emit(struct sim_comp *comp);
uint32_t sim_comp_join(struct sim_comp *comp);
/* Make the ports without cost that a step needs. */
void sim_step_free_ports(const struct sim_step *step);
/* Index of the port of a step without op; it exists. */
static inline uint32_t sim_free_port(const struct sim_step *step) {
    return step->kind == SIM_STEP_RESUME ? step->comp->join : step->comp->emit;
}

/* Let the models work out what their steps cost (model.prepare): after all steps are in, before
 * the world is built. @return false with the first failure in err. */
bool sim_steps_prepare(struct sim_world *w, struct sim_err *err);

/* The declared step behind what is on the hop's way; NULL: it leads to none. */
static inline struct sim_step *sim_stop_of(const struct sim_world *w,
                                           const struct sim_hop *hop) {
    if (hop->kind != SIM_HOP_NEXT)
        return NULL;
    struct sim_step *s = &w->step[hop->next];
    while (s->kind == SIM_STEP_VIA)
        s = &w->step[s->hop[0].next];
    return s;
}

/* After all steps are in: make links and statistics, choose forms and groups. */
void sim_world_build(struct sim_world *w);

/* Let every component of the world add its facts to a fresh payload (model.facts), once a
 * record, by the source that made it. */
void sim_world_facts(const struct sim_world *w, void *body);

/* Run until simulated time `until` (at most w->end) or until `events` events were taken.
 * @return false when nothing is left to do, or on failure (w->failed, w->err). */
bool sim_world_run(struct sim_world *w, sim_ps until, uint64_t events);
sim_ps sim_world_now(const struct sim_world *w);

/* Before a run is cut short: let time reach everything that was told, booked or planned ahead.
 * From then on the run is one that was planned to end there. @return the earliest time at which
 * it may be closed. */
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

/* Make a message of `stream` born at `birth` and put it into the source's port now, or at its
 * birth where that is later (see sim_inject_ahead). @return NULL when the pool is empty; then
 * nothing happened. The caller has to set bytes, flow, hash, body and flags in *like, which is
 * copied. */
struct sim_msg *sim_inject(struct sim_stream *stream, sim_ps birth, const struct sim_msg *like);
/* Is there room for an injected message? Half of the pool is kept for children and copies. */
bool sim_inject_room(const struct sim_stream *stream);
/* May a message be injected now that is to be born at `birth`, later? Where nothing that
 * happens until then can make it wait or change what comes of it. */
bool sim_inject_ahead(const struct sim_stream *stream, sim_ps birth);
/* Number the component's timers; set fire and arm with sim_timer_at. */
void sim_timer_init(struct sim_comp *comp, struct sim_event *timer,
                    void (*fire)(struct sim_event *, struct sim_group *));
void sim_timer_at(struct sim_comp *comp, struct sim_event *timer, sim_ps t);
static inline sim_ps sim_now(const struct sim_comp *comp) { return comp->node->group->now; }

/* Index of the port of `comp` that m visits at `step`. */
uint32_t sim_pick(const struct sim_comp *comp, const struct sim_step *step,
                  const struct sim_msg *m);

/* Did any message visit the step? */
bool sim_step_used(const struct sim_world *w, uint32_t step);

/* Does the hop of step s lead back to the port that the message leaves? There it keeps its
 * place. */
bool sim_stays(const struct sim_world *w, const struct sim_step *s, const struct sim_hop *hop);

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
