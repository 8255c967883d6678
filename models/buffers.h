/* buffers.h - where in the host's memory lies what its devices read and write.
 *
 * A DMA says from which line on (the message's `flow`, see source_dma.c); packets take the
 * buffers of their queue in turn, each its own however many reads it is cut into (a long one
 * several), and are read where they were written (of 16,384 packets; one that was not written
 * takes buffers of its queue).
 */
#ifndef MODELS_BUFFERS_H
#define MODELS_BUFFERS_H

#include "models/rings.h"

struct buffers_part;
struct buffers_packet;

struct buffers {
    uint64_t count, each; /* of a queue; bytes of one */
    struct rings *rings;  /* of the same queues */
    uint64_t *turn;       /* [RINGS_QUEUES] of a queue's, by place */
    struct buffers_part *part;
    struct buffers_packet *packet;
    bool took, hashed; /* any; of a queue that the hash told apart */
    bool clipped;      /* a packet was longer than all of a queue's */
};

/* What is accessed of a message: so many bytes, and buffers of which queue where it has none.
 */
struct buffers_want {
    uint64_t bytes;
    uint32_t queue;
    bool hashed; /* that is by its hash */
    bool writes;
};

void buffers_init(struct buffers *b, uint64_t count, uint64_t each, struct rings *rings,
                  struct sim_arena *arena);

/* The byte where m's access begins. What was cut are children of one parent, made at one time:
 * they go on where the one before ended, through a packet's buffer, and in another where it is
 * full. */
uint64_t buffers_address(struct buffers *b, const struct sim_msg *m,
                         const struct buffers_want *want);

#endif
