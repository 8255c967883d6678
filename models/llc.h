/* llc.h - the last-level cache of a host, as its devices see it: lines of 64 bytes.
 *
 * Writes of devices take places in a part of it (DDIO): sets of 16 lines, least recently used
 * out. Lines next to one another lie in sets next to one another, and every round of the sets
 * begins one further on: of memory in one piece each set has equally many, and buffers of a
 * power of two do not meet in few.
 *
 * Of a warm cache the processors' lines fill both parts. Those outside of DDIO's stay, changed
 * where they lie by a device's write; unless the cache does not do that, and has the write take
 * one of DDIO's places as any other, and the line here is lost. Nobody fills its place.
 */
#ifndef MODELS_LLC_H
#define MODELS_LLC_H

#include "sim/engine/mem.h"
#include <stdbool.h>
#include <stdint.h>

enum { LLC_LINE = 64, LLC_WAYS = 16, LLC_SET = LLC_LINE * LLC_WAYS };

/* What is known of a set's places: their order, a digit of 4 bits each, the latest use lowest;
 * and which of them memory does not have, a bit each. */
struct llc_set {
    uint64_t order;
    uint32_t dirty;
};

struct llc {
    uint32_t *tag; /* [sets][LLC_WAYS] whose line lies there; 0: nobody's */
    struct llc_set *set;
    uint64_t sets;
    uint64_t outside; /* lines 0, 1, ... that lie outside of DDIO's part: so many */
    uint64_t *lost;   /* of those, a bit each: devices wrote it. NULL: they are changed there */
};

/* Of bytes: the whole, and what writes may take of it; the first ones lie in a warm one. */
struct llc_opts {
    uint64_t bytes, ddio_bytes;
    bool warm, updates;
};

/* Lines first, first + 1, ...: so many. */
struct llc_lines {
    uint64_t first, count;
};

/* The lines that bytes from an address on touch; bytes may be 0. */
static inline struct llc_lines llc_lines(uint64_t address, uint64_t bytes) {
    uint64_t first = address / LLC_LINE, last = (address + (bytes ? bytes - 1 : 0)) / LLC_LINE;
    return (struct llc_lines){first, last - first + 1};
}

/* @param o ddio_bytes at least LLC_SET and at most bytes. 4 bytes a line of DDIO's. */
void llc_init(struct llc *l, const struct llc_opts *o, struct sim_arena *arena);

/* A device reads the lines; what is missing leaves no trace. @return how many are. */
uint64_t llc_read(struct llc *l, struct llc_lines lines);

/* A device writes the lines. @return how many others that drives out to memory. */
uint64_t llc_write(struct llc *l, struct llc_lines lines);

#endif
