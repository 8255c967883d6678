/* llc.h - the last-level cache of a host, as its devices see it: lines of 64 bytes.
 *
 * Writes of devices take places in a part of it (DDIO): sets of 16 lines, least recently used
 * out. Lines next to one another lie in sets next to one another, and every round of the sets
 * begins one further on: of memory in one piece each set has equally many, and buffers of a
 * power of two do not meet in few.
 */
#ifndef MODELS_LLC_H
#define MODELS_LLC_H

#include "sim/engine/mem.h"
#include <stdbool.h>
#include <stdint.h>

enum { LLC_LINE = 64, LLC_WAYS = 16, LLC_SET = LLC_LINE * LLC_WAYS };

struct llc {
    uint32_t *entry; /* [sets][LLC_WAYS] the latest use first; 0: an empty place */
    uint64_t sets;
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

/* An empty one. @param ddio_bytes that writes may take, >= LLC_SET. 4 bytes a line. */
void llc_init(struct llc *l, uint64_t ddio_bytes, struct sim_arena *arena);

/* A device reads the lines; what is missing leaves no trace. @return how many are. */
uint64_t llc_read(struct llc *l, struct llc_lines lines);

/* A device writes the lines. @return how many others that drives out to memory. */
uint64_t llc_write(struct llc *l, struct llc_lines lines);

#endif
