/* rings.h - what a network card's rings have the host's memory do beside its packets: entries
 * of completions are written, descriptors fetched. What of it there is, and where it lies.
 *
 * The packet that fills a batch, and so pays for it on the link (pcie_rings.h), takes word of
 * it along (sim_msg_along) to its next access of memory, which does it too (hostmemory.c); and
 * word of how much more of the packet itself lies there than of the frame.
 *
 * Each ring has as many entries as its queue has buffers, lies behind these in pages of its
 * own, and is walked in turn: what does not fit before its end begins at the front again. A
 * session of compressed completions is written at the beginning of the places that it has.
 * Those who send and those who receive have rings of their own, as each format has:
 * - native: descriptors, completions.
 * - split: descriptors, available entries and their index, used elements and their index; an
 *   index is a line of its own.
 * - packed: descriptors, over which is written what is used.
 *
 * Every queue of the host's, of each function, has buffers and rings of its own, receiving and
 * sending ones apart: the link knows which one a packet goes to or comes from, where the chain
 * leads there. Else they are told apart by the packet's hash.
 *
 * Left out: rings of several cards apart; the records that say how far the host has come, which
 * a card reads when it runs short; interrupts, which are written to their controller.
 */
#ifndef MODELS_RINGS_H
#define MODELS_RINGS_H

#include "sim/engine/mem.h"
#include "sim/engine/msg.h"
#include <stdbool.h>

enum rings_format { RINGS_NATIVE, RINGS_SPLIT, RINGS_PACKED, RINGS_FORMATS };

enum { RINGS_ENTRY = 2, RINGS_INDEX = 2 }; /* bytes, of available ones; virtio */
enum { RINGS_OF = 3, RINGS = RINGS_FORMATS * 2 * RINGS_OF }; /* of a format and a direction */
enum { RINGS_MOST = 256 };                                   /* bytes of an entry */

/* What a message takes along. */
struct rings_work {
    uint8_t format; /* enum rings_format */
    bool sends;     /* of packets that the host sends; else of those that it receives */
    uint16_t used, used_bytes;       /* completions of a batch, bytes of each; 0: none */
    uint16_t written;                /* entries that say so: fewer where they are compressed */
    uint16_t fetched, fetched_bytes; /* descriptors, bytes of each; 0: none */
    int16_t more;  /* bytes of the packet that are accessed, above the message's; or fewer */
    uint16_t ring; /* 1 + the port of the host's queue that has it; 0: none is known */
};

_Static_assert(sizeof(struct rings_work) <= SIM_ALONG, "what a message may take along");

/* Bytes that are accessed. */
struct rings_span {
    uint64_t address, bytes;
    bool writes;
    bool posted; /* reads what the host has written, that lies in its cache unless ... */
    bool far;    /* ... the ring is larger than what this has */
};

enum { RINGS_SPANS = 5 };

/* Queues with rings of their own; those beyond share them. Their numbers. */
enum { RINGS_QUEUES = 4096, RINGS_NUMBERS = RINGS_QUEUES + UINT16_MAX };

struct rings {
    uint64_t entries;     /* of a ring, and buffers of a queue */
    uint64_t begin, each; /* of a queue's: where the first ring lies, bytes to the next */
    uint64_t queue;       /* bytes from one queue's to the next ... */
    uint32_t most;        /* ... of which so many are kept apart */
    uint64_t cache,
        filled;      /* bytes of rings of the host's that stay in its cache; that are used */
    uint32_t *seen;  /* [RINGS_QUEUES] by place: which of its rings are, a bit each */
    uint16_t *place; /* [RINGS_NUMBERS] 1 + where a queue's lie, in the order of use */
    bool shared, clipped;    /* queues shared a place; a batch had more entries than a ring */
    uint32_t places;         /* so many are used */
    uint64_t (*next)[RINGS]; /* [RINGS_QUEUES] entry, by place */
};

/* Rings of so many entries, behind `buffers` bytes of buffers of their queue. */
void rings_init(struct rings *r, uint64_t entries, uint64_t buffers, uint64_t cache,
                struct sim_arena *arena);

/* The place of a queue's buffers and rings, any number of a queue. */
static inline uint32_t rings_place(struct rings *r, uint32_t queue) {
    uint16_t *place = &r->place[queue];
    if (*place > 0)
        return *place - 1U;
    r->shared |= r->places == r->most;
    *place = (uint16_t)(1 + (r->places < r->most ? r->places++ : queue % r->most));
    return *place - 1U;
}

/* What is accessed for w at a queue's place, in that order. @return how many. */
uint32_t rings_spans(struct rings *r, uint32_t place, const struct rings_work *w,
                     struct rings_span span[RINGS_SPANS]);

/* m takes w along, or nothing when there is nothing in it. */
void rings_tell(const struct sim_pool *pool, struct sim_msg *m, const struct rings_work *w);

/* What m has taken along, which is over with that; NULL when there is none for packets that the
 * host sends, or receives. */
const struct rings_work *rings_told(const struct sim_pool *pool, struct sim_msg *m, bool sends);

#endif
