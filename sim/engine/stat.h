/* stat.h - counters, time-weighted gauges and log-linear histograms, all in integers.
 *
 * Histogram: values >= 0 fall into buckets of 2^SIM_HIST_BITS per octave, so a quantile read
 * from it is at most 1/2^SIM_HIST_BITS (SIM_HIST_ERROR) above the true one, never below.
 * Sums are 128 bits: means are exact.
 */
#ifndef SIM_STAT_H
#define SIM_STAT_H

#include "mem.h"
#include "time.h"
#include <stdint.h>

enum { SIM_HIST_BITS = 5, SIM_HIST_BUCKETS = (64 - SIM_HIST_BITS) << SIM_HIST_BITS };
#define SIM_HIST_ERROR (1.0 / (1 << SIM_HIST_BITS))

struct sim_hist {
    uint64_t count;
    unsigned __int128 sum;
    int64_t min, max;
    uint32_t lo, hi;                   /* range of buckets in use, for printing and merging */
    uint64_t bucket[SIM_HIST_BUCKETS]; /* 15 KiB; only touched pages cost memory */
};

static inline uint32_t sim_hist_index(uint64_t v) {
    if (v < (1u << SIM_HIST_BITS))
        return (uint32_t)v;
    uint32_t top = 63u - (uint32_t)__builtin_clzll(v);
    uint32_t shift = top - SIM_HIST_BITS;
    return ((shift + 1u) << SIM_HIST_BITS) + (uint32_t)((v >> shift) - (1u << SIM_HIST_BITS));
}
/* Largest value of a bucket. */
uint64_t sim_hist_top(uint32_t index);

static inline void sim_hist_add(struct sim_hist *h, int64_t v, uint64_t weight) {
    h->bucket[sim_hist_index((uint64_t)v)] += weight;
    h->sum += (unsigned __int128)((uint64_t)v) * weight;
    if (h->count == 0 || v < h->min)
        h->min = v;
    if (v > h->max)
        h->max = v;
    h->count += weight;
}
void sim_hist_merge(struct sim_hist *into, const struct sim_hist *from);
/* The ceil(q * count)-th smallest value, q = num/den in (0, 1], rounded up to its bucket's
 * top but never above the largest value seen. count == 0: returns -1. */
int64_t sim_hist_quantile(const struct sim_hist *h, uint64_t num, uint64_t den);
/* Exact mean. count == 0: NaN. */
double sim_hist_mean(const struct sim_hist *h);

/* A time-weighted level (queue length, bytes held), clipped to a window [from, to). */
struct sim_gauge {
    sim_ps since;           /* level has been `level` since then */
    sim_ps from, to;        /* window; changes outside count nothing */
    int64_t level, peak;    /* peak within the window */
    unsigned __int128 area; /* integral of level over time in the window, item-picoseconds */
    uint64_t *at;           /* [SIM_GAUGE_BUCKETS] picoseconds spent per level bucket, or NULL */
};
enum { SIM_GAUGE_BUCKETS = (40 - SIM_HIST_BITS) << SIM_HIST_BITS }; /* levels below 2^39 */

void sim_gauge_init(struct sim_gauge *g, struct sim_arena *arena, sim_ps from, sim_ps to);
/* Let time pass to t (not before g->since) at the present level. */
void sim_gauge_pass(struct sim_gauge *g, sim_ps t);
/* Change the level at time t by `by`. */
static inline void sim_gauge_add(struct sim_gauge *g, sim_ps t, int64_t by) {
    if (t != g->since)
        sim_gauge_pass(g, t);
    g->level += by;
    if (g->level > g->peak && t < g->to && t >= g->from)
        g->peak = g->level;
}
/* Time-weighted quantile of the level over the window seen so far; -1 when no time passed. */
int64_t sim_gauge_quantile(const struct sim_gauge *g, uint64_t num, uint64_t den);

/* 12 significant digits of num/den, correctly rounded from integers, into buf: "0.0123" or
 * "1.5e-09". The printed text does not depend on the CPU or the compiler. @return buf. */
const char *sim_ratio_text(unsigned __int128 num, unsigned __int128 den, char *buf,
                           unsigned long size);

#endif
