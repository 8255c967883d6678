/* memory.h - what a core asks of memory when it calls it (op "fill"): the lines that the
 * accesses of a message miss in its caches. The core's model fills it in before the run, the
 * memory's model reads it.
 */
#ifndef MODELS_MEMORY_H
#define MODELS_MEMORY_H

#include <stdint.h>

struct memory_fill {
    uint64_t misses;              /* millionths of a line, a message */
    int64_t latency, parallelism; /* of one access, as the core sees it idle; millionths */
};

#endif
