/* software.h - work done by a processor's core, as the models of cores and of the host tell it:
 * so many cycles a message and so much a byte.
 */
#ifndef MODELS_SOFTWARE_H
#define MODELS_SOFTWARE_H

#include "sim/engine/model.h"

/* Arguments of a step; the first member of an operation's own. */
struct software_work {
    int64_t cycles, cycles_per_byte; /* whole cycles; millionths of a cycle */
};

#define SOFTWARE_CYCLES(CYCLES, SOURCE)                                                        \
    {                                                                                          \
        "cycles", SIM_CYCLES, offsetof(struct software_work, cycles), 0, 1000000000, CYCLES,   \
            NULL, "cycles a message", SOURCE                                                   \
    }
#define SOFTWARE_PER_BYTE                                                                      \
    {                                                                                          \
        "cycles_per_byte", SIM_RATIO, offsetof(struct software_work, cycles_per_byte), 0,      \
            1000000000000, "0", NULL, "cycles added for each byte; 0.1 for a copy",            \
            "assumed: the payload is not touched; the copy: docs/sources.md "                  \
            "pub:liu-bf2-tx-128"                                                               \
    }

/* Cycles for a message of `bytes` and `more` millionths of a cycle, rounded up to a whole one.
 */
static inline uint64_t software_cycles(const struct software_work *work, uint32_t bytes,
                                       sim_u128 more) {
    sim_u128 part = (sim_u128)bytes * (uint64_t)work->cycles_per_byte + more;
    return (uint64_t)work->cycles + (part ? (uint64_t)((part + 999999) / 1000000) : 0);
}

#endif
