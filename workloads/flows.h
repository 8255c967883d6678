/* flows.h - which flow a packet belongs to: numbers for captured five-tuples, and the renewal
 * of flows when a capture is looped.
 *
 * Renewal. C instances exist at any time, F being the number of captured flows; instance n
 * belongs to captured flow n mod F. Instances 0 .. C - 1 are older than the run; instance C + n
 * begins (n + 1) / N seconds after the origin, when instance n ends: after R renewals exactly
 * the instances R .. R + C - 1 exist. Both directions of a conversation are renewed together:
 * the flow that was captured second is of the turn, n div F, that the first one is of, which
 * is up to F instances before or behind its own. In each pass of the loop every captured flow
 * is one instance for the whole pass, a coherent flow: an instance that has begun since the
 * pass before, if it has one; else the next in turn of those that both passes know. So a new
 * flow is seen as soon as the capture comes round, and N of them a second from the start.
 */
#ifndef WORK_FLOWS_H
#define WORK_FLOWS_H

#include "models/payload.h"
#include "sim/engine/mem.h"
#include "sim/engine/time.h"

struct work_flows {
    uint32_t concurrent, captured; /* C >= F >= 1 */
    uint64_t per_s;                /* N */
    sim_ps origin;
    /* of this pass */
    uint64_t first_new, end_new; /* instances that have begun since the pass before */
    uint64_t first;              /* the oldest that still exists */
    uint64_t turn;               /* how many times F beyond it the old ones are taken from */
    uint32_t new_residue, first_residue; /* of first_new and first, mod F */
};

struct work_instance {
    uint64_t number;
    uint32_t mask; /* to XOR into the source address; 0 for a flow as it was captured */
    bool old;      /* existed before the run began */
    bool again;    /* existed before this pass */
};

void work_flows_init(struct work_flows *f, uint32_t concurrent, uint32_t captured,
                     uint64_t per_s, sim_ps origin);
/* Pass `pass` of the loop (0, 1, ...) begins at time `at`, not before the origin. */
void work_flows_pass(struct work_flows *f, uint64_t pass, sim_ps at);

/* The instance that captured flow `flow` (< captured) is in this pass. */
static inline struct work_instance work_flows_at(const struct work_flows *f, uint32_t flow) {
    uint32_t n = f->captured;
    uint64_t number = f->first_new + (flow + n - f->new_residue) % n;
    bool again = number >= f->end_new;
    if (again)
        number = f->first + (flow + n - f->first_residue) % n + f->turn;
    return (struct work_instance){number, packet_flow_mask((uint32_t)(number - flow)),
                                  number < f->concurrent, again};
}

/* What a mask does to the RSS hash of a packet of that IP version; 0 without IP. */
static inline uint32_t work_rss_delta(const struct packet_rss_table *table, uint8_t version,
                                      uint32_t mask) {
    if (version == 0)
        return 0;
    const uint32_t(*of)[256] = table->of + (version == 6 ? 12 : 0);
    return of[0][mask >> 24] ^ of[1][mask >> 16 & 0xff] ^ of[2][mask >> 8 & 0xff] ^
           of[3][mask & 0xff];
}

/* Numbers five-tuples 0, 1, ... in order of first appearance, outer and inner ones each for
 * themselves. Memory grows with the flows without being allocated anew. */
struct work_numbers {
    struct work_number_slot *slot, *spare; /* [1 << WORK_NUMBER_BITS], touched where in use */
    uint32_t slots;                        /* in use: the first ones, a power of two */
    uint32_t kept;                         /* of them: conversations of all levels */
    uint32_t used;                         /* five-tuples of all levels */
    uint32_t flows[PACKET_HEADS];          /* of each level */
};

enum { WORK_NUMBER_BITS = 22, WORK_NUMBERS = 1 << (WORK_NUMBER_BITS - 1) };

void work_numbers_init(struct work_numbers *n, struct sim_arena *arena);
struct work_numbered {
    uint32_t flow, conversation; /* the number of whichever direction came first */
};

/* The number of a packet's five-tuple of that level (all without IP are one). Tuples beyond the
 * first WORK_NUMBERS get a number from WORK_NUMBERS on by their hash: no longer one by one. */
struct work_numbered work_number(struct work_numbers *n, const struct packet *p,
                                 uint32_t level);
/* Give the memory back; numbers handed out stand, the counts stay. */
void work_numbers_free(struct work_numbers *n, struct sim_arena *arena);

#endif
