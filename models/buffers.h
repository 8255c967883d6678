/* buffers.h - where in the host's memory lies what its devices read and write.
 *
 * A DMA says from which line on (the message's `flow`, see source_dma.c); packets take the
 * buffers of their queue in turn, each its own however many reads it is cut into (a long one
 * several), and are read where they were written (of 16,384 packets; one that was not written
 * takes buffers of its queue).
 */
#ifndef MODELS_BUFFERS_H
#define MODELS_BUFFERS_H

#include "sim/engine/mem.h"
#include "sim/engine/msg.h"
#include <stdbool.h>

struct buffers_part;
struct buffers_packet;

struct buffers {
    uint64_t count, each; /* of a queue; bytes of one */
    uint64_t queue;       /* bytes from one queue's to the next */
    uint64_t *turn;       /* [RINGS_QUEUES] of a queue's, by place */
    struct buffers_part *part;
    struct buffers_packet *packet;
    bool took; /* any */
};

/* What is accessed of a message: so many bytes, of the queue at this place (rings_place). */
struct buffers_want {
    uint64_t bytes;
    uint32_t place;
    bool writes;
};

void buffers_init(struct buffers *b, uint64_t count, uint64_t each, uint64_t queue,
                  struct sim_arena *arena);

/* The byte where m's access begins. What was cut are children of one parent, made at one time:
 * they go on where the one before ended, through a packet's buffer, and in another where it is
 * full. */
uint64_t buffers_address(struct buffers *b, const struct sim_msg *m,
                         const struct buffers_want *want);

#endif
