/* rng.h - one random stream per name, and integer samplers.
 *
 * A stream is xoshiro256** seeded by SplitMix64 from (run seed, name), so that adding a
 * component leaves the others' draws alone. Variates come from quantile tables built at
 * start by GSL and interpolated in integers: no float and no libm while running, the same
 * draws on every CPU (sampler.c says why).
 */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include "err.h"
#include "mem.h"
#include <stdint.h>

struct sim_rng {
    uint64_t s[4];
};

/* Start the stream `name` of a run. Equal seeds and names give equal streams. */
void sim_rng_init(struct sim_rng *rng, uint64_t seed, const char *name);

static inline uint64_t sim_rng_next(struct sim_rng *rng) {
    uint64_t *s = rng->s, x = s[1] * 5;
    uint64_t out = ((x << 7) | (x >> 57)) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 45) | (s[3] >> 19);
    return out;
}

/* Uniform in [0, n), n > 0, without modulo bias worth speaking of (multiply-shift). */
static inline uint64_t sim_rng_below(struct sim_rng *rng, uint64_t n) {
    return (uint64_t)(((unsigned __int128)sim_rng_next(rng) * n) >> 64);
}

enum sim_dist {
    SIM_DIST_CONSTANT,    /* mean */
    SIM_DIST_EXPONENTIAL, /* mean */
    SIM_DIST_UNIFORM,     /* integers 0 .. 2 * mean */
    SIM_DIST_LOGNORMAL,   /* mean, cv = shape, 0.001 .. 10 */
    SIM_DIST_PARETO,      /* mean, alpha = shape, above 1 and up to 100, bounded at 1000 x the
                             minimum */
    SIM_DIST_GAMMA        /* mean, cv = shape, 0.03 .. 2 (cv 1/sqrt(k): Erlang-k) */
};

/* Names in the order of enum sim_dist, "constant|exponential|...", for field rows. */
extern const char sim_dist_choices[];

/* Quantiles are kept for both tails: 2^5 cells in each halving of the tail's probability,
 * from 1/2 down to 2^-41. A draw is linear within its cell. */
enum {
    SIM_SAMPLER_BITS = 5,
    SIM_SAMPLER_OCTAVES = 40,
    SIM_SAMPLER_POINTS = (SIM_SAMPLER_OCTAVES << SIM_SAMPLER_BITS) + 1
};

/* A sampler of non-negative integers (picoseconds, bytes ...). The mean of its draws is
 * `mean` to within one part in 2^20: the table is scaled for it, and what is cut off from a
 * draw is made up for by a random carry, so that small means (3 items) are right too. */
struct sim_sampler {
    int64_t mean;
    uint64_t span;        /* > 0: a draw is uniform in [0, span) */
    const int64_t *table; /* [2][SIM_SAMPLER_POINTS], lower then upper tail, or NULL */
    uint32_t frac_bits;   /* table is in units of 2^-frac_bits */
};

/* Build a sampler. @param mean in the variate's unit, >= 0, below 2^52. @param shape_ppm the
 * distribution's second parameter in parts per million, ignored where there is none.
 * Fails: err (without a place, which the caller knows) when the shape is out of its range or
 * the largest value would not fit. */
bool sim_sampler_init(struct sim_sampler *s, enum sim_dist dist, int64_t mean,
                      int64_t shape_ppm, struct sim_arena *arena, struct sim_err *err);
/* A value; constants take nothing from the stream, all others one number. */
int64_t sim_sampler_draw(const struct sim_sampler *s, struct sim_rng *rng);

#endif
