/* memory.h - what a core asks of memory when it calls it (op "fill"): the lines that the
 * accesses of a message miss in its caches. The core's model fills it in before the run, the
 * memory's model reads it.
 */
#ifndef MODELS_MEMORY_H
#define MODELS_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

struct memory_fill {
    uint64_t misses, back; /* millionths of a line, a message: waited for, written back */
    int64_t latency, parallelism; /* of one access, as the core sees it idle; millionths */
    int64_t beside;               /* time that the core has worked while the lines came */
    bool stream, writes;          /* lines in order, all under way; they are written */
};

#endif
