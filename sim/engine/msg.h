/* msg.h - the message, the unit of work, and its pool.
 *
 * A message is 64 bytes of its own and a second cache line with the event that carries it to
 * its next port: one pending event a message in flight, none for those that wait. It has
 * exactly one holder: a port, a wire, or a join.
 */
#ifndef SIM_MSG_H
#define SIM_MSG_H

#include "event.h"
#include "mem.h"

/* Bits of sim_msg.flags */
enum {
    SIM_MSG_MEASURED = 1, /* born inside the measured window */
    SIM_MSG_SAMPLED = 2,  /* keeps a record of its stamps */
    SIM_MSG_CREATED = 4,  /* a child or a copy, not an arrival of its stream */
    SIM_MSG_OLD = 8,      /* of a flow that existed before the run began */
    SIM_MSG_ERROR = 16,   /* a child of it failed */
    SIM_MSG_STARVED = 32, /* ... because a full queue lost it; until the next split */
    SIM_MSG_AGAIN = 64,   /* of a flow that was seen before, and will be: its beginning, if it
                             shows one, or its end are a loop's repetition */
    SIM_MSG_OWN = 128     /* its room holds facts of its own, SIM_OWN bytes, and no body */
};

enum { SIM_KINDS = 4 }; /* of a stream's messages, what it calls ops */
enum { SIM_OWN = 40 };

#define SIM_NO_PORT UINT32_MAX

struct sim_msg {
    sim_ps birth;   /* scheduled time of its arrival, not the accepted one */
    sim_ps entered; /* into the port that holds it; when it ends, in one whose end was told */
    const void *body;
    struct sim_msg *next; /* in a port's queue, or in the pool's free list */
    uint64_t id; /* stream << 40 | number in the stream: ties copies on nodes together */
    uint32_t bytes;
    uint32_t flow; /* flow instance, unique in its stream */
    uint16_t step;
    uint16_t stream;
    uint8_t cls : 5;   /* class of service: 0 goes first */
    uint8_t kind : 2;  /* which of its stream's kinds; of children, 0 */
    uint8_t along : 1; /* takes something along, beside the pool: see sim_msg_along */
    uint8_t flags;     /* SIM_MSG_... */
    uint8_t hops;      /* recirculations so far */
    uint8_t level;     /* which header level is outermost (tunnels), the models' business */
    uint32_t hash;     /* RSS hash, the models' business */
    uint32_t link;     /* 1 + the link whose slot it holds; 0: none */
    /* Second cache line: of what is an event, not told ahead. */
    _Alignas(64) struct sim_event arrive;
    uint32_t parent; /* 1 + its join; 0: none */
    uint32_t port;   /* the one that `arrive` is about; SIM_NO_PORT in a free message */
    uint64_t wrap;   /* what blocks have put around it beyond `level`, the models' business */
};

_Static_assert(offsetof(struct sim_msg, arrive) == 64 && sizeof(struct sim_msg) == 128,
               "two cache lines");

/* The id of a message's child by its number, and the message's by that of its first child. */
static inline uint64_t sim_msg_child_id(uint64_t id, uint32_t number) {
    return id * 0x9e3779b97f4a7c15ULL + number + 1;
}
static inline uint64_t sim_msg_parent_id(uint64_t first) {
    _Static_assert(0x9e3779b97f4a7c15ULL * 0xf1de83e19937733dULL == 1,
                   "one the other's inverse");
    return (first - 1) * 0xf1de83e19937733dULL;
}

/* The server that is kept for a message while it is away: of which port, and which of them. Of
 * a visit in parts, what those that are done have waited and taken. */
struct sim_kept {
    uint32_t port, server;
    sim_ps waited, took;
};

enum { SIM_ALONG = 16 }; /* bytes */

struct sim_pool {
    struct sim_msg *msg;
    struct sim_kept *kept; /* [capacity] by message */
    unsigned char *along;  /* [capacity][SIM_ALONG] */
    uint32_t capacity, free;
    uint32_t ended; /* will be free when their time has come: on lists of ports */
    /* Free when the present picosecond began, and taken in it since. What is given back in it
     * does not count before the next: the order within a picosecond must not matter. */
    uint32_t free_then, taken;
    const sim_ps *now;
    sim_ps then;
    struct sim_msg *head;
    unsigned char *bodies; /* [capacity][body_bytes]: payload facts that no table holds */
    uint32_t body_bytes;
};

/* @param now the time of the node's group. */
void sim_pool_init(struct sim_pool *pool, uint32_t capacity, uint32_t body_bytes,
                   const sim_ps *now, struct sim_arena *arena);

/* Call before any of the counts changes or is read. */
static inline void sim_pool_at(struct sim_pool *pool) {
    if (*pool->now == pool->then)
        return;
    pool->then = *pool->now;
    pool->free_then = pool->free;
    pool->taken = 0;
}

/* Has this picosecond taken all that it began with? */
static inline bool sim_pool_spent(struct sim_pool *pool) {
    sim_pool_at(pool);
    return pool->taken >= pool->free_then;
}

/* A message with every field zero; NULL when all are in use. */
struct sim_msg *sim_msg_new(struct sim_pool *pool);
void sim_msg_free(struct sim_pool *pool, struct sim_msg *m);

/* The message's own room for payload facts: body_bytes of it, at least SIM_OWN. */
static inline void *sim_msg_room(const struct sim_pool *pool, const struct sim_msg *m) {
    return pool->bodies + (size_t)(m - pool->msg) * pool->body_bytes;
}

/* How much of its room a message carries along: facts of its own, a body that is its own, or
 * nothing. */
static inline size_t sim_msg_carries(const struct sim_pool *pool, const struct sim_msg *m) {
    if (m->flags & SIM_MSG_OWN)
        return SIM_OWN;
    return m->body == sim_msg_room(pool, m) ? pool->body_bytes : 0;
}

static inline struct sim_kept *sim_msg_kept(const struct sim_pool *pool,
                                            const struct sim_msg *m) {
    return &pool->kept[m - pool->msg];
}

/* What one block has left for another one on the message's way, while its bit `along` is set:
 * the models' business. The first child of a split takes it over; copies and cables do not. */
static inline void *sim_msg_along(const struct sim_pool *pool, const struct sim_msg *m) {
    return pool->along + (size_t)(m - pool->msg) * SIM_ALONG;
}

static inline bool sim_msg_live(const struct sim_pool *pool, const struct sim_msg *m) {
    (void)pool;
    return m->port != SIM_NO_PORT;
}

#endif
