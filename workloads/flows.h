/* flows.h - which flow a packet belongs to: numbers for captured five-tuples, and the copies of
 * flows when a capture is looped.
 *
 * F being the number of captured flows and C that of flows at a time, K = C div F copies of the
 * capture are under way at once (see spread.h): K F flows exist at any time. A copy takes K
 * passes; then it begins again. With N new flows a second, so many of its flows are new ones
 * then, the others go on: what shows their beginning and end is a repetition. Whose turn it is
 * is told by a sweep that goes round all K F of them, evenly scattered over captured flows and
 * copies, once in K F / N seconds: new is what it passed since the copy began last. So each
 * flow lives for K F / N seconds in the mean, in whole lives of a copy, and N begin a second
 * from the start of the run on, in every pass about as many. Both directions of a conversation
 * are renewed together, with the one that was captured first.
 *
 * Flow f of copy k that has been renewed g times has number (g K + k) F + f. Those below K F
 * are older than the run: at its start every copy is at its own place of the capture.
 */
#ifndef WORK_FLOWS_H
#define WORK_FLOWS_H

#include "models/payload.h"
#include "sim/engine/mem.h"
#include "sim/engine/time.h"

/* Where the sweep was, in 2^-32 of a round, when a copy began, and when it did so before. */
struct work_sweep {
    uint64_t at, before;
};

struct work_flows {
    uint32_t captured, copies; /* F, K >= 1 */
    uint32_t phase;            /* the copy that begins with this pass */
    struct work_sweep now;     /* of the copies up to that one ... */
    struct work_sweep last;    /* ... and of those behind it, which began K passes earlier */
    sim_u128 swept, step;      /* in 2^-96 of a round: now, and more each K passes */
};

struct work_instance {
    uint64_t turn; /* its number less that of the captured flow */
    bool old;      /* existed before the run began */
    bool again;    /* its copy has been through the capture before */
};

/* Before the first pass. @param fresh, of so many new flows in a pass: `fresh` / `passes`. */
void work_flows_init(struct work_flows *f, uint32_t copies, uint32_t captured, sim_u128 fresh,
                     sim_u128 passes);
/* The next pass begins, the first one too. */
void work_flows_pass(struct work_flows *f);

/* How often the sweep has passed a mark when it is at `at`. */
static inline uint64_t work_sweep_past(uint64_t at, uint32_t mark) {
    return (at >> 32) + (mark < (uint32_t)at);
}

/* What a packet of captured conversation `conversation` (< captured) that comes `lag` passes
 * (< copies) behind its first one belongs to in this pass. */
static inline struct work_instance work_flows_at(const struct work_flows *f,
                                                 uint32_t conversation, uint32_t lag) {
    bool begun = lag <= f->phase;
    uint32_t copy = f->phase - lag + (begun ? 0 : f->copies);
    /* by the square root of two, which no multiples of come near each other */
    uint32_t mark = (copy * f->captured + conversation) * 0x6a09e667U;
    const struct work_sweep *s = begun ? &f->now : &f->last;
    uint64_t renewed = work_sweep_past(s->at, mark);
    return (struct work_instance){(renewed * f->copies + copy) * f->captured, renewed == 0,
                                  renewed == work_sweep_past(s->before, mark)};
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
