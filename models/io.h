/* io.h - what the blocks know of a request to a drive: facts of its own in the message's room
 * (SIM_MSG_OWN), from its birth to its end, whatever its bytes are on the way.
 *
 * The message's bytes are what it carries just then: a command, a part of its data, a
 * completion. Its `flow` is the first line of its buffer in the memory of who asks (as of a
 * DMA), its `hash` stands for the queue that it is submitted to.
 */
#ifndef MODELS_IO_H
#define MODELS_IO_H

#include "sim/engine/msg.h"

enum io_op { IO_READ, IO_WRITE, IO_FLUSH, IO_TRIM, IO_OPS };

struct io {
    uint64_t offset; /* bytes from the beginning of the namespace */
    uint64_t digest; /* of what is written, where that is known; 0: not */
    uint32_t bytes;  /* of data; of a trim, of what is not needed any more */
    uint32_t packed; /* bytes that the drive has of it, if not all of them; 0: all */
    uint16_t space;  /* namespace or volume, counted from 0 */
    uint16_t job;    /* process of its source's */
    uint32_t ticket; /* of a write cache that took it: that block's */
    uint32_t whole;  /* of a part of a request: that, numbered from 1 by its source; 0: all */
    uint8_t op;      /* enum io_op */
    uint8_t plan;    /* of an array that has cut it into strips: that block's */
};

_Static_assert(sizeof(struct io) <= SIM_OWN, "it lies in the room");

/* Bytes of its data on the drive: fewer where they were compressed. */
static inline uint32_t io_stored(const struct io *io) {
    return io->packed > 0 ? io->packed : io->bytes;
}

/* The request that m is for, or NULL: it is none. */
static inline struct io *io_of(const struct sim_pool *pool, const struct sim_msg *m) {
    return m->flags & SIM_MSG_OWN ? sim_msg_room(pool, m) : NULL;
}

/* Bytes of data that it moves. */
static inline uint32_t io_data(const struct io *io) {
    return io->op == IO_READ || io->op == IO_WRITE ? io->bytes : 0;
}

#endif
