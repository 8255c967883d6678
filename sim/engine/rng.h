/* rng.h - one random stream per name, and integer samplers.
 *
 * A stream is xoshiro256** seeded by SplitMix64 from (run seed, name), so that adding a
 * component leaves the others' draws alone. Variates come from quantile tables built at
 * start by GSL and interpolated in integers: no float and no libm while running, the same
 * draws on every CPU.
 */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include "err.h"
#include "mem.h"
#include <stdint.h>

struct sim_rng {
    uint64_t s[4];
};

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
    SIM_DIST_UNIFORM,     /* [0, 2 * mean] */
    SIM_DIST_LOGNORMAL,   /* mean, cv = shape */
    SIM_DIST_PARETO,      /* mean, shape alpha > 1, bounded at 1000 x the minimum */
    SIM_DIST_GAMMA        /* mean, cv = shape (cv 1/sqrt(k): Erlang-k) */
};

/* Names in the order of enum sim_dist, "constant|exponential|...", for field rows. */
extern const char sim_dist_choices[];

/* A sampler of non-negative integers (picoseconds, bytes ...) with an exact mean: the table
 * is scaled so that its own mean equals `mean` to within one part in 2^20. */
struct sim_sampler {
    int64_t constant;      /* used when table == NULL */
    const int64_t *table;  /* [4097] body quantiles at i/4096, 2^-8 units */
    const int64_t *tail;   /* [4097] quantiles of the last 1/4096, equally fine in log tail */
    int64_t mean;
};

/* Build a sampler. @param mean in the variate's unit, >= 0, below 2^52. @param shape_ppm the
 * distribution's second parameter in parts per million, ignored where there is none.
 * Fails: err when the shape is out of its range. */
bool sim_sampler_init(struct sim_sampler *s, enum sim_dist dist, int64_t mean,
                      int64_t shape_ppm, struct sim_arena *arena, struct sim_err *err);
int64_t sim_sampler_draw(const struct sim_sampler *s, struct sim_rng *rng);

#endif
