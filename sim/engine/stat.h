/* stat.h - counters, time-weighted gauges and log-linear histograms, all in integers.
 *
 * Histogram: values >= 0 fall into buckets of 2^SIM_HIST_BITS per octave, so a quantile read
 * from it is at most 1/2^SIM_HIST_BITS (SIM_HIST_ERROR) above the true one, never below.
 * Sums are 128 bits: means are exact.
 */
#ifndef SIM_STAT_H
#define SIM_STAT_H

#include "err.h"
#include "mem.h"
#include "time.h"
#include <stdint.h>

enum { SIM_HIST_BITS = 5, SIM_HIST_BUCKETS = (64 - SIM_HIST_BITS) << SIM_HIST_BITS };
#define SIM_HIST_ERROR (1.0 / (1 << SIM_HIST_BITS))

/* All zero is an empty histogram. Buckets in use lie between those of min and max. */
struct sim_hist {
    uint64_t count;
    sim_u128 sum;
    int64_t min, max;                  /* meaningless while count is 0 */
    uint64_t bucket[SIM_HIST_BUCKETS]; /* 15 KiB; only touched pages cost memory */
};

static inline uint32_t sim_hist_index(uint64_t v) {
    uint32_t top = 63u - (uint32_t)__builtin_clzll(v | 1u << SIM_HIST_BITS);
    uint32_t shift = top - SIM_HIST_BITS; /* v >> shift keeps its leading one above 0 */
    return (shift << SIM_HIST_BITS) + (uint32_t)(v >> shift);
}
/* Largest value of a bucket. */
uint64_t sim_hist_top(uint32_t index);

/* Count value v (>= 0) `weight` times. */
static inline void sim_hist_add(struct sim_hist *h, int64_t v, uint64_t weight) {
    SIM_ASSERT(v >= 0);
    if (weight == 0)
        return;
    h->bucket[sim_hist_index((uint64_t)v)] += weight;
    h->sum += (sim_u128)(uint64_t)v * weight;
    if (h->count == 0 || v < h->min)
        h->min = v;
    if (v > h->max)
        h->max = v;
    h->count += weight;
}
/* One value, without its part in min (which then reads 0). */
static inline void sim_hist_count(struct sim_hist *h, int64_t v) {
    SIM_ASSERT(v >= 0);
    h->bucket[sim_hist_index((uint64_t)v)]++;
    h->sum += (uint64_t)v;
    h->count++;
    if (v > h->max)
        h->max = v;
}
void sim_hist_merge(struct sim_hist *into, const struct sim_hist *from);
/* The ceil(q * count)-th smallest value, q = num/den in (0, 1], rounded up to its bucket's
 * top but never above the largest value seen. count == 0: returns -1. */
int64_t sim_hist_quantile(const struct sim_hist *h, uint64_t num, uint64_t den);
/* Mean of the exact sum, for people; reports print sim_ratio_text(sum, count). count == 0:
 * NaN. */
double sim_hist_mean(const struct sim_hist *h);

/* Levels below 2^39; what is above counts in the last bucket. */
enum { SIM_GAUGE_LOW = 4, SIM_GAUGE_BUCKETS = (40 - SIM_HIST_BITS) << SIM_HIST_BITS };

/* A time-weighted level (queue length, bytes held; never negative), clipped to a window
 * [from, to). The peak also counts levels that last no time at all. */
struct sim_gauge {
    sim_ps since;                /* level has been `level` since then */
    sim_ps from, to;             /* window; changes outside count nothing */
    int64_t level, peak;         /* peak within the window */
    uint64_t fresh;              /* what comes to `area` at the next sim_gauge_pass */
    uint64_t low[SIM_GAUGE_LOW]; /* picoseconds that come to `at`, of the lowest levels */
    uint64_t *at;                /* [SIM_GAUGE_BUCKETS] picoseconds spent per level bucket */
    sim_u128 area; /* integral of level over time in the window, item-picoseconds */
};

/* Level 0 at time 0. */
void sim_gauge_init(struct sim_gauge *g, struct sim_arena *arena, sim_ps from, sim_ps to);
/* Let time pass to t (not before g->since) at the present level. */
SIM_COLD void sim_gauge_pass(struct sim_gauge *g, sim_ps t);
SIM_COLD void sim_gauge_add_slow(struct sim_gauge *g, sim_ps t, int64_t by);
/* Change the level at time t by `by`. */
static inline void sim_gauge_add(struct sim_gauge *g, sim_ps t, int64_t by) {
    uint64_t span = (uint64_t)(t - g->since), level = (uint64_t)g->level;
    bool narrow = (span | level) >> 31 == 0; /* so is level * span, and its bucket is there */
    if (!narrow || g->since < g->from || t >= g->to || g->fresh >> 62) {
        sim_gauge_add_slow(g, t, by);
        return;
    }
    *(level < SIM_GAUGE_LOW ? &g->low[level] : &g->at[sim_hist_index(level)]) += span;
    g->fresh += level * span;
    g->since = t;
    g->level += by;
    SIM_ASSERT(g->level >= 0);
    if (g->level > g->peak)
        g->peak = g->level;
}
/* Of a level 1: down at `down` and up again at `up`. @return false: it is not so simple,
 * nothing is done. */
static inline bool sim_gauge_pulse(struct sim_gauge *g, sim_ps down, sim_ps up) {
    uint64_t high = (uint64_t)(down - g->since), low = (uint64_t)(up - down);
    if (g->level != 1 || (high | low) >> 62 || g->since < g->from || up >= g->to ||
        g->fresh >> 62)
        return false;
    g->low[0] += low;
    g->low[1] += high;
    g->fresh += high;
    g->since = up;
    return true;
}
/* Time-weighted quantile of the level over the window seen so far; -1 when no time passed
 * in it. The error is that of a histogram. */
int64_t sim_gauge_quantile(const struct sim_gauge *g, uint64_t num, uint64_t den);

enum { SIM_RATIO_SIZE = 24 }; /* bytes that hold any text of sim_ratio_text */

/* 12 significant digits of num/den, correctly rounded (ties to even) from integers, into buf:
 * what "%.12g" would print of the true quotient, "0.0123" or "1.5e-09"; "null" when den is 0.
 * The printed text does not depend on the CPU or the compiler. @return buf. */
const char *sim_ratio_text(sim_u128 num, sim_u128 den, char *buf, unsigned long size);

#endif
