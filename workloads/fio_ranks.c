/* fio_ranks.c - zipf, pareto and normal as fio means them, drawn in integers; a permutation
 * without memory.
 *
 * Zipf: fio inverts the distribution by the formula of Gray et al. ("Quickly generating
 * billion-record synthetic databases", SIGMOD 1994): exact for ranks 1 and 2, the integral of
 * the power beyond, with zeta(n) summed over ten million terms at most. Here the same
 * distribution function is a table, built once, that draws interpolate in integers: ranks below
 * 256 one by one, 32 cells a doubling beyond. Pareto: rank (n - 1) * u^(log h / log(1 - h)).
 *
 * Probabilities are rounded to 2^-32, which is what one draw of fio resolves, so that a last
 * bit in which two CPUs' libm differ does not show (sampler.c of the engine says more).
 *
 * A rank goes to a block by a permutation: a Feistel network with two unequal halves over the
 * next power of two, walked until it falls within (Black and Rogaway, "Ciphers with arbitrary
 * finite domains", 2002). fio multiplies by a constant, which folds some ranks onto one block.
 */
#include "workloads/fio_ranks.h"
#include <math.h>

enum { MOST_TERMS = 10000000, SUMMED = 1000, ROUNDS = 6, SUMS = 12 };

/* The sum of i^-theta over 1 .. n: the first ones one by one, the others by Euler and
 * Maclaurin's formula, whose next term is below 1e-12. */
static double zeta(uint64_t n, double theta) {
    double sum = 0, a = SUMMED, b = (double)n;
    for (uint64_t i = 1; i <= n && i < SUMMED; i++)
        sum += pow((double)i, -theta);
    if (n < SUMMED)
        return sum;
    double fa = pow(a, -theta), fb = pow(b, -theta);
    sum += (b * fb - a * fa) / (1 - theta) + (fa + fb) / 2;
    return sum + theta * (fa / a - fb / b) / 12;
}

/* The distribution function: the probability of ranks below k. */
struct law {
    double n, zetan, eta, power; /* power: 1 - theta, or that of pareto */
    bool zipf;
};

static struct law law_of(const struct work_fio_job *job, uint64_t n) {
    double shape = (double)job->shape_ppm / 1e6;
    struct law law = {.n = (double)n, .zipf = job->distribution == WORK_FIO_ZIPF};
    if (law.zipf) {
        law.power = 1 - shape;
        law.zetan = zeta(n < MOST_TERMS ? n : MOST_TERMS, shape);
        law.eta = (1 - pow(2 / law.n, law.power)) / (1 - (1 + pow(0.5, shape)) / law.zetan);
    } else {
        law.power = log(1 - shape) / log(shape);
    }
    return law;
}

static double below(const struct law *law, uint64_t k) {
    if (k == 0)
        return 0;
    if (!law->zipf)
        return (double)k < law->n - 1 ? pow((double)k / (law->n - 1), law->power) : 1;
    if (k == 1)
        return 1 / law->zetan;
    return (double)k < law->n ? 1 - (1 - pow((double)k / law->n, law->power)) / law->eta : 1;
}

void work_fio_ranks_init(struct work_fio_ranks *r, const struct work_fio_job *job, uint64_t n) {
    struct law law = law_of(job, n);
    uint64_t k = 0;
    for (r->cells = 0; k < n; r->cells++) {
        SIM_ASSERT(r->cells < WORK_FIO_POINTS);
        double p = below(&law, k);
        r->rank[r->cells] = k;
        r->below[r->cells] = p < 1 ? (uint64_t)(p * 0x1p32 + 0.5) << 32 : UINT64_MAX;
        if (p * 0x1p32 + 0.5 >= 0x1p32)
            r->below[r->cells] = UINT64_MAX;
        k += k < WORK_FIO_EXACT ? 1 : (1ULL << (63 - __builtin_clzll(k))) / WORK_FIO_CELLS;
    }
    r->rank[r->cells] = n;
    r->below[r->cells] = UINT64_MAX;
}

uint64_t work_fio_ranks_draw(const struct work_fio_ranks *r, struct sim_rng *rng) {
    uint64_t u = sim_rng_next(rng);
    uint32_t low = 0, high = r->cells; /* below[low] <= u, and u < below[high] or the end */
    u -= u == UINT64_MAX;
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        if (r->below[middle] <= u)
            low = middle;
        else
            high = middle;
    }
    uint64_t wide = r->rank[high] - r->rank[low], mass = r->below[high] - r->below[low];
    return r->rank[low] + (uint64_t)((unsigned __int128)(u - r->below[low]) * wide / mass);
}

uint64_t work_fio_normal(struct sim_rng *rng, uint64_t n, uint64_t deviation) {
    unsigned __int128 sum = SUMS - 1;
    for (int i = 0; i < SUMS; i++)
        sum += sim_rng_below(rng, n + 1);
    uint64_t mean = (uint64_t)(sum / SUMS);
    if (deviation > 0) {
        int64_t more = (int64_t)sim_rng_below(rng, deviation) - (int64_t)(deviation / 2);
        while ((int64_t)mean + more < 0 || (uint64_t)((int64_t)mean + more) >= n)
            if ((more /= 2) == 0)
                break;
        mean += (uint64_t)more;
    }
    return mean % n;
}

/* The output function of SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

uint64_t work_fio_permute(uint64_t i, uint64_t n, uint64_t key) {
    int bits = n > 4 ? 64 - __builtin_clzll(n - 1) : 2;
    int low_bits = bits / 2;
    uint64_t low_mask = (1ULL << low_bits) - 1, high_mask = (1ULL << (bits - low_bits)) - 1;
    do {
        uint64_t low = i & low_mask, high = i >> low_bits;
        for (uint64_t round = 0; round < ROUNDS; round += 2) {
            low ^= mix(high + mix(key + round * 0x9e3779b97f4a7c15ULL)) & low_mask;
            high ^= mix(low + mix(key + (round + 1) * 0x9e3779b97f4a7c15ULL)) & high_mask;
        }
        i = high << low_bits | low;
    } while (i >= n);
    return i;
}
