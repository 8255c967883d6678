/* sampler.c - quantile tables by GSL, draws in integers.
 *
 * Why the same seed draws the same numbers on every CPU: libm chooses variants by the CPU
 * (with or without FMA) whose results differ in the last bit now and then, and GSL's inverse
 * distributions inherit that: up to 8 of a table's 2562 quantiles differed, by 6e-15 at most
 * (tried, glibc 2.36, lognormal and gamma). So quantiles of the distribution with mean near 1
 * are rounded to 20 significant bits at once, and all that follows - the scaling to the exact
 * mean, the interpolation - is integer arithmetic. A quantile off by a relative e is rounded
 * differently only if it lies within e of a boundary, a chance below 2^21 * e: 1e-7 for a
 * table at worst. Statistically 20 bits are plenty: the interpolation costs 1e-4.
 *
 * GSL is used while building only. The tests check the draws against it.
 */
#include "rng.h"
#include "time.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <math.h>

const char sim_dist_choices[] = "constant|exponential|uniform|lognormal|pareto|gamma";

enum {
    CELLS = 1 << SIM_SAMPLER_BITS,
    OCTAVES = SIM_SAMPLER_OCTAVES,
    POINTS = SIM_SAMPLER_POINTS,
    UNIT_BITS = 30,        /* tables of mean near 1 are in units of 2^-30 */
    SIGNIFICANT_BITS = 20, /* see above */
    MAX_FRAC_BITS = 32
};

/* Quantile with probability p in the tail: below it (lower) or above it (upper), p <= 1/2. */
typedef double quantile(double p, bool upper, double shape);

static double exponential(double p, bool upper, double shape) {
    (void)shape;
    return upper ? gsl_cdf_exponential_Qinv(p, 1) : gsl_cdf_exponential_Pinv(p, 1);
}

static double lognormal(double p, bool upper, double cv) {
    double variance = log1p(cv * cv), zeta = -variance / 2, sigma = sqrt(variance);
    return upper ? gsl_cdf_lognormal_Qinv(p, zeta, sigma)
                 : gsl_cdf_lognormal_Pinv(p, zeta, sigma);
}

/* Minimum 1, conditioned on being at most 1000. The mean comes from the scaling. */
static double pareto(double p, bool upper, double alpha) {
    double beyond = gsl_cdf_pareto_Q(1000, alpha, 1);
    double above = upper ? p : 1 - p;
    return gsl_cdf_pareto_Qinv(beyond + above * (1 - beyond), alpha, 1);
}

static double gamma_cv(double p, bool upper, double cv) {
    double theta = cv * cv, k = 1 / theta;
    return upper ? gsl_cdf_gamma_Qinv(p, k, theta) : gsl_cdf_gamma_Pinv(p, k, theta);
}

/* Distributions with a table; the limits keep GSL's inverses converging. */
static const struct kind {
    quantile *quantile;
    int64_t min_ppm, max_ppm; /* of the shape */
    const char *range;
} kinds[] = {
    [SIM_DIST_EXPONENTIAL] = {exponential, INT64_MIN, INT64_MAX, ""},
    [SIM_DIST_LOGNORMAL] = {lognormal, 1000, 10000000,
                            "a lognormal takes a coefficient of variation of 0.001 to 10"},
    [SIM_DIST_PARETO] = {pareto, 1000001, 100000000,
                         "a Pareto takes an exponent above 1, up to 100"},
    [SIM_DIST_GAMMA] = {gamma_cv, 30000, 2000000,
                        "a gamma takes a coefficient of variation of 0.03 to 2"},
};

/* Units of 2^-UNIT_BITS with at most SIGNIFICANT_BITS significant bits. */
static int64_t rounded(double q) {
    SIM_ASSERT(isfinite(q) && q >= 0 && q < 0x1p30);
    uint64_t v = (uint64_t)(q * (double)(1 << UNIT_BITS) + 0.5);
    if (v >> SIGNIFICANT_BITS) {
        int cut = 64 - __builtin_clzll(v) - SIGNIFICANT_BITS;
        v = (v + (1ULL << (cut - 1))) >> cut << cut;
    }
    return (int64_t)v;
}

/* Point i of a side is the quantile of tail probability 2^(octave - 41) * (1 + cell / 32):
 * 2^-41 for the first, 1/2 for the last. Every p is exact in a double. */
static void fill(int64_t *table, const struct kind *kind, double shape) {
    gsl_error_handler_t *old = gsl_set_error_handler_off(); /* failures are NaN: rounded() */
    for (int i = 0; i < 2 * POINTS; i++) {
        int at = i % POINTS;
        double p = ldexp(1 + (double)(at % CELLS) / CELLS, at / CELLS - OCTAVES - 1);
        table[i] = rounded(kind->quantile(p, i >= POINTS, shape));
    }
    gsl_set_error_handler(old);
}

/* Mean of all draws, in the table's units: a cell of octave o has probability 2^(o - 46) and,
 * by linear interpolation, the mean of its two ends. Below 2^-41 a draw is the first point. */
static uint64_t table_mean(const int64_t *table) {
    sim_u128 sum = 0; /* probability in units of 2^-47 */
    for (int side = 0; side < 2; side++) {
        const int64_t *point = table + (size_t)side * POINTS;
        sum += (sim_u128)(uint64_t)point[0] << 6;
        for (int i = 0; i < POINTS - 1; i++)
            sum += (sim_u128)(uint64_t)(point[i] + point[i + 1]) << (i / CELLS);
    }
    return (uint64_t)((sum + (1ULL << 46)) >> 47);
}

/* The largest number of fraction bits with which mean * top / unit stays below 2^62. */
static bool choose_bits(struct sim_sampler *s, uint64_t top, uint64_t unit) {
    sim_u128 limit = ((sim_u128)1 << 62) * unit / top;
    for (uint32_t bits = MAX_FRAC_BITS + 1; bits-- > 0;) {
        s->frac_bits = bits;
        if ((sim_u128)(uint64_t)s->mean << bits < limit)
            return true;
    }
    return false;
}

/* Scale the table so that its own mean is s->mean. */
static bool scale(struct sim_sampler *s, int64_t *table) {
    uint64_t unit = table_mean(table);
    uint64_t top = (uint64_t)table[POINTS]; /* the upper tail's first point is the largest */
    if (!choose_bits(s, top, unit))
        return false;
    sim_u128 mean = (sim_u128)(uint64_t)s->mean << s->frac_bits;
    for (int i = 0; i < 2 * POINTS; i++)
        table[i] = (int64_t)(((sim_u128)(uint64_t)table[i] * mean + unit / 2) / unit);
    return true;
}

bool sim_sampler_init(struct sim_sampler *s, enum sim_dist dist, int64_t mean,
                      int64_t shape_ppm, struct sim_arena *arena, struct sim_err *err) {
    SIM_ASSERT(mean >= 0 && mean < 1LL << 52);
    SIM_ASSERT(dist <= SIM_DIST_GAMMA);
    *s = (struct sim_sampler){.mean = mean};
    if (dist == SIM_DIST_UNIFORM)
        s->span = 2 * (uint64_t)mean + 1;
    const struct kind *kind = &kinds[dist];
    if (!kind->quantile)
        return true;
    if (shape_ppm < kind->min_ppm || shape_ppm > kind->max_ppm)
        return sim_fail(err, NULL, NULL, "shape %g is out of range: %s",
                        (double)shape_ppm / 1e6, kind->range);
    if (mean == 0)
        return true; /* a constant */
    int64_t *table = sim_alloc_n(arena, (size_t)2 * POINTS, sizeof *table);
    fill(table, kind, (double)shape_ppm / 1e6);
    s->table = table;
    return scale(s, table) ||
           sim_fail(err, NULL, NULL, "mean %lld is too large for so wide a distribution",
                    (long long)mean);
}

/* The top bit chooses the side, the other 63 are a tail probability x / 2^65: its leading
 * zeros are the octave, the 5 bits after its leading one the cell, the rest the place within
 * the cell. The lowest bits of all decide whether the fraction that is cut off carries. */
int64_t sim_sampler_draw(const struct sim_sampler *s, struct sim_rng *rng) {
    if (!s->table)
        return s->span ? (int64_t)sim_rng_below(rng, s->span) : s->mean;
    uint64_t bits = sim_rng_next(rng), x = bits << 1;
    const int64_t *point = s->table + (bits >> 63 ? POINTS : 0);
    if (x < 1ULL << (64 - OCTAVES))
        x = 1ULL << (64 - OCTAVES);
    int zeros = __builtin_clzll(x);
    x = x << zeros << 1;
    point += ((OCTAVES - 1 - zeros) << SIM_SAMPLER_BITS) + (int)(x >> (64 - SIM_SAMPLER_BITS));
    int64_t within = (int64_t)(x << SIM_SAMPLER_BITS >> 1); /* of 2^63 */
    int64_t value = point[0] + (int64_t)((__int128)(point[1] - point[0]) * within >> 63);
    uint64_t carry = bits & ((1ULL << s->frac_bits) - 1);
    return (int64_t)(((uint64_t)value + carry) >> s->frac_bits);
}
