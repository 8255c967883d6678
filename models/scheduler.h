/* scheduler.h - the egress scheduler: what it keeps of its queues. scheduler.c says what it
 * models. */
#ifndef MODELS_SCHEDULER_H
#define MODELS_SCHEDULER_H

#include "models/meter.h"
#include "models/tenant.h"

/* Queues; of them with statistics of their own. */
enum { SCHEDULER_MOST = 256, SCHEDULER_SHOWN = 8 };
enum { SCHEDULER_SHAPERS = 2 };

struct scheduler_shaper {
    struct meter meter;
    meter_tokens spilt; /* found it full while a packet waited, since it last made one wait */
    uint32_t port;      /* of the block: the shaper as a resource */
    sim_ps at, owed;    /* then its rate had still to bring the tokens of so much time */
    bool stops;         /* the packet whose turn it is waits for tokens */
};

struct scheduler_queue {
    int64_t weight, priority, tenant;
    sim_ps sent;            /* when it last sent */
    uint64_t held, deficit; /* bytes */
    bool granted;           /* has got its share of this round */
    struct scheduler_shaper
        *shaper[SCHEDULER_SHAPERS]; /* its own and its tenant's; NULL: none */
};

/* Queues of one priority. */
struct scheduler_group {
    uint32_t *queue; /* [n] */
    uint32_t n, at;  /* whose turn it is */
    uint32_t *turn;  /* [tenants] which of a tenant's it is that waits for tokens, or none */
};

struct scheduler {
    struct sim_comp base;
    /* parameters */
    int64_t queues, by, tenants, queue_bytes, quantum, burst, rate, gap_bytes, latency;
    const char *weights, *priorities, *rates, *ids, *tenant_of, *tenant_rates;
    /* statistics */
    int64_t sent, paced, missed, bytes_of[SCHEDULER_SHOWN], lost_of[SCHEDULER_SHOWN];
    /* state */
    struct tenants whose;          /* queue a packet comes to */
    struct scheduler_queue *queue; /* [queues] */
    struct scheduler_group *group; /* [groups] the highest priority first */
    uint32_t groups;
    uint64_t choice;     /* number of the choice at hand ... */
    uint64_t *closed;    /* [tenants] ... and of the last one that found it without tokens */
    uint64_t room;       /* of each queue, bytes */
    uint32_t port;       /* of the queues: behind the pipeline, if it has one */
    uint32_t largest;    /* frame that was shaped */
    int64_t shaped;      /* bytes that were, in the window */
    int64_t missed_bits; /* of `missed` */
    bool beyond;         /* a packet's own queue was not there */
    struct sim_ser line;
};

/* For the model: which queue a message waits in, and the head of which goes now. */
uint32_t scheduler_line(struct sim_comp *comp, struct sim_port *port, const struct sim_msg *m,
                        bool must);
uint32_t scheduler_choose(struct sim_comp *comp, struct sim_port *port, sim_ps now,
                          sim_ps *until);

#endif
