/* samples.h - counts by time, in bins of one length: a few dozen of them however long it takes.
 *
 * A bin is of 2^shift picoseconds. What does not lie in the last one makes all of them twice as
 * long, so that a run of any length has between half and all of them.
 */
#ifndef WORK_SAMPLES_H
#define WORK_SAMPLES_H

#include "sim/engine/time.h"

enum { WORK_SAMPLES = 64, WORK_SAMPLES_SHIFT = 20 }; /* at least a microsecond each */

struct work_sample {
    uint64_t items, bytes;
};

struct work_samples {
    uint32_t doubled; /* how often */
    struct work_sample bin[WORK_SAMPLES];
};

static inline uint32_t work_samples_shift(const struct work_samples *s) {
    return WORK_SAMPLES_SHIFT + s->doubled;
}

/* One more of so many bytes at t, counted from 0. */
static inline void work_samples_add(struct work_samples *s, sim_ps t, uint64_t bytes) {
    while (t >> work_samples_shift(s) >= WORK_SAMPLES) {
        for (int i = 0; i < WORK_SAMPLES; i++) {
            struct work_sample two[2] = {{0, 0}, {0, 0}};
            for (int k = 0; k < 2 && 2 * i + k < WORK_SAMPLES; k++)
                two[k] = s->bin[2 * i + k];
            s->bin[i].items = two[0].items + two[1].items;
            s->bin[i].bytes = two[0].bytes + two[1].bytes;
        }
        s->doubled++;
    }
    struct work_sample *bin = &s->bin[t >> work_samples_shift(s)];
    bin->items++;
    bin->bytes += bytes;
}

#endif
