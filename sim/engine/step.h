/* step.h - chains, compiled: the steps that a message takes and the hops between them.
 *
 * A chain of the config becomes steps of five kinds (visit, call, split, copy, end); a call is
 * two visits, a shared resource on a route is a step of its own. What follows a step is a hop
 * by verdict.
 */
#ifndef SIM_STEP_H
#define SIM_STEP_H

#include "time.h"

struct sim_op;
struct sim_comp;
struct sim_port;
struct sim_link;
struct sim_cable;
struct sim_step_stat;

enum { SIM_VERDICTS = 10 };
enum { SIM_HASHES = 1024 }; /* all that tables from hash to queue tell apart: their entries */

enum sim_hop_kind { SIM_HOP_NEXT, SIM_HOP_DELIVERED, SIM_HOP_REPLY, SIM_HOP_DROP };

/* Which of several like blocks a message goes to: by its RSS hash, by its number in turn, or as
 * their model says (sim_model.share). */
enum sim_fan_by { SIM_FAN_HASH, SIM_FAN_TURN, SIM_FAN_MODEL };

/* Where a message goes after a step, by verdict. One cache line. */
struct sim_hop {
    uint8_t kind;   /* enum sim_hop_kind */
    uint8_t by;     /* enum sim_fan_by */
    bool again;     /* a way back, or to another node: counts against max_hops */
    bool keeps;     /* back to the port that it leaves, in the place that it has there */
    bool first;     /* ... and served before what waits there */
    bool acts;      /* to a step that acts as soon as a message comes: no visit to its port */
    uint16_t next;  /* SIM_HOP_NEXT: step */
    uint16_t cause; /* SIM_HOP_DROP: cause */
    uint16_t stop;  /* the declared stop behind VIA steps: where the slot is taken */
    uint16_t stops; /* columns of link */
    uint16_t fans;
    sim_ps delay;            /* >= 1 ps of wire on the way */
    struct sim_port *port;   /* the next step's port, NULL where the model picks */
    struct sim_link **link;  /* [source ports][ports of the stop], or NULL: no slots to take */
    struct sim_link *only;   /* link[0] where there is but one */
    struct sim_hop *fan;     /* [fans] NEXT to one of several like blocks; this one is unused */
    struct sim_cable *cable; /* SIM_HOP_DELIVERED: on to another node instead */
};
_Static_assert(sizeof(struct sim_hop) == 64, "a cache line");

enum sim_step_kind {
    SIM_STEP_VISIT,
    SIM_STEP_VIA,   /* a shared resource on the route; holds no slot of its own */
    SIM_STEP_EMIT,  /* a source, child or copy enters its chain here; no cost */
    SIM_STEP_RESUME /* a joined parent goes on here; no cost */
};
enum sim_action { SIM_ACT_NONE, SIM_ACT_SPLIT, SIM_ACT_COPY };

/* What every visit reads lies in the first line, and the ways out behind it. */
struct sim_step {
    _Alignas(64) struct sim_comp *comp;
    const struct sim_op *op; /* NULL for EMIT and RESUME */
    const void *args;        /* the step's own parameters, op->size bytes, or NULL */
    struct sim_hop *again;   /* called, and in parts: back to the port for the next one */
    uint32_t ratio_ppm;      /* VIA: bytes carried per byte of the message, in millionths */
    uint8_t kind;            /* enum sim_step_kind */
    uint8_t action;          /* enum sim_action */
    uint8_t stage;           /* of op->stages */
    uint8_t kinds;           /* EMIT of a source that has several: branches on the message's */
    bool direct;             /* EMIT of a source whose first stop never makes it wait */
    bool passes;             /* EMIT or RESUME of what is made, joined, or acts here: it goes by
                                as if its port were not there, for none makes it wait */
    bool plain;              /* neither calls nor resumes: its verdict is its service's */
    bool hold;       /* a call or a split that polls leaves from here: the server is kept */
    bool called;     /* the called block: its verdict is kept for the way back */
    bool back;       /* the visit that ends a call: branches on the kept verdict */
    bool keep;       /* ... on the server that was kept */
    bool asks;       /* asks a port that refuses before it serves */
    bool shared;     /* what it does depends on what it did at other ports of its block: each
                        serves when the time has come */
    bool lands;      /* what a cable brings may begin here */
    bool fatal;      /* RESUME: a parent whose child failed is dropped, here or further on */
    bool rest;       /* COPY by size: the last part is the message's own */
    uint16_t chain;  /* which chain it belongs to, for reports */
    uint16_t stream; /* whose message was last here ... */
    struct sim_step_stat *stat; /* ... and its books of this step; NULL: of none */
    _Alignas(64) struct sim_hop hop[SIM_VERDICTS];
    uint16_t target;     /* SPLIT, COPY: first step of the children's or copy's chain (EMIT) */
    uint16_t retries;    /* SPLIT: so often a parent makes its children anew before it fails */
    sim_ps timeout;      /* ... when it has waited so long; 0: it waits as long as it takes */
    uint32_t each;       /* by size: the most bytes of a child or a copy; 0: by number ... */
    uint16_t into, join; /* ... of children; and how many of them resume the parent, 0: all */
    uint16_t resume;     /* SPLIT: step where the parent goes on (RESUME) */
    const char *label;   /* "nic.flow" */
    const char *pointer; /* where the config has it, for messages; NULL: nowhere */
};

struct sim_chain {
    const char *name;
    uint16_t first;
};

/* The i-th way out of a step by a verdict: those of a fan, else the one. NULL behind the last.
 */
static inline struct sim_hop *sim_hop_of(const struct sim_step *step, uint32_t verdict,
                                         uint32_t i) {
    const struct sim_hop *hop = &step->hop[verdict];
    if (hop->fan != NULL)
        return i < hop->fans ? &hop->fan[i] : NULL;
    return i == 0 ? (struct sim_hop *)hop : NULL;
}

#endif
