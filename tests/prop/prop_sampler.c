/* prop_sampler.c - draws against GSL's distributions, and the same on every CPU.
 *
 * A draw is a function of one 64-bit number, so quantiles are tested by choosing that number:
 * the generator's state is set to produce it. Moments are sums over the table's cells.
 */
#include "sim/engine/rng.h"
#include "tests/check_main.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

#define MEAN 1000000000LL

static const struct {
    enum sim_dist dist;
    int64_t shape_ppm;
} cases[] = {
    {SIM_DIST_EXPONENTIAL, 0},     {SIM_DIST_LOGNORMAL, 1000}, {SIM_DIST_LOGNORMAL, 500000},
    {SIM_DIST_LOGNORMAL, 2000000}, {SIM_DIST_PARETO, 1000001}, {SIM_DIST_PARETO, 1200000},
    {SIM_DIST_PARETO, 2500000},    {SIM_DIST_GAMMA, 100000},   {SIM_DIST_GAMMA, 500000},
    {SIM_DIST_GAMMA, 707107},      {SIM_DIST_GAMMA, 1000000},  {SIM_DIST_GAMMA, 2000000},
};
enum { CASES = sizeof cases / sizeof *cases, POINTS = SIM_SAMPLER_POINTS };

static struct sim_arena arena;

static struct sim_sampler sampler(size_t i, int64_t mean) {
    struct sim_sampler s;
    SIM_ASSERT(sim_sampler_init(&s, cases[i].dist, mean, cases[i].shape_ppm, &arena, NULL));
    return s; /* SIM_ASSERT, for the child below is no Check test */
}

/* The draw from number `bits`: xoshiro's output is rotl(s[1] * 5, 7) * 9, all invertible. */
static int64_t draw_of(const struct sim_sampler *s, uint64_t bits) {
    uint64_t x = bits * 0x8e38e38e38e38e39;
    struct sim_rng rng = {{1, ((x >> 7) | (x << 57)) * 0xcccccccccccccccd, 3, 4}};
    struct sim_rng copy = rng;
    SIM_ASSERT(sim_rng_next(&copy) == bits);
    return sim_sampler_draw(s, &rng);
}

/* The number that stands for tail probability p, exact for p >= 2^-24 from 2^-53 units. */
static uint64_t bits_of(double p, bool upper) {
    return (uint64_t)(p * 0x1p64) | (uint64_t)upper << 63;
}

static double gsl_pareto(double p, bool upper, double alpha) {
    double beyond = pow(1000, -alpha), above = upper ? p : 1 - p;
    double mean = alpha / (alpha - 1) * (1 - pow(1000, 1 - alpha)) / (1 - beyond);
    return pow(beyond + above * (1 - beyond), -1 / alpha) / mean;
}

/* The quantile of a distribution of mean 1. */
static double truth(size_t i, double p, bool upper) {
    double shape = (double)cases[i].shape_ppm / 1e6, sigma = sqrt(log1p(shape * shape));
    switch (cases[i].dist) {
    case SIM_DIST_EXPONENTIAL:
        return upper ? -log(p) : -log1p(-p);
    case SIM_DIST_LOGNORMAL:
        return exp(sigma * (upper ? gsl_cdf_ugaussian_Qinv(p) : gsl_cdf_ugaussian_Pinv(p)) -
                   sigma * sigma / 2);
    case SIM_DIST_PARETO:
        return gsl_pareto(p, upper, shape);
    default:
        return upper ? gsl_cdf_gamma_Qinv(p, 1 / (shape * shape), shape * shape)
                     : gsl_cdf_gamma_Pinv(p, 1 / (shape * shape), shape * shape);
    }
}

START_TEST(quantiles_are_right_far_into_the_tails) {
    struct sim_rng rng;
    sim_rng_init(&rng, 1, "quantiles");
    for (size_t i = 0; i < CASES; i++) {
        struct sim_sampler s = sampler(i, MEAN);
        for (int n = 0; n < 1000; n++) {
            bool upper = n & 1;
            double p = ldexp(0.25 + (double)(sim_rng_next(&rng) >> 32) * 0x1p-34, -(n % 24));
            double q = truth(i, p, upper) * (double)MEAN;
            double got = (double)draw_of(&s, bits_of(p, upper));
            ck_assert_double_le(fabs(got - q), 0.002 * q + 2);
        }
    }
}
END_TEST

START_TEST(exponential_tail) {
    struct sim_sampler s = sampler(0, MEAN);
    for (int k = 2; k <= 40; k++) {
        double q = k * log(2) * (double)MEAN;
        ck_assert_double_le(fabs((double)draw_of(&s, bits_of(ldexp(1, -k), true)) - q),
                            0.0002 * q);
    }
    ck_assert_int_ge(draw_of(&s, 0), 0); /* both ends of the range of numbers */
    ck_assert_double_eq_tol((double)draw_of(&s, 1ULL << 63), 41 * log(2) * (double)MEAN, 1e7);
}
END_TEST

/* First and second moment of the table, linear between its points, in units of the variate.
 * Point j of a side has tail probability 2^(j/32 - 41) * (1 + j%32 / 32). */
static void moments(const struct sim_sampler *s, double *mean, double *square) {
    *mean = *square = 0;
    double unit = ldexp(1, -(int)s->frac_bits);
    for (int j = -1; j < POINTS - 1; j++)
        for (int side = 0; side < 2; side++) {
            const int64_t *point = s->table + side * POINTS;
            double width = j < 0 ? 0x1p-41 : ldexp(1, j / 32 - 46);
            double a = (double)point[j < 0 ? 0 : j] * unit, b = (double)point[j + 1] * unit;
            *mean += width * (a + b) / 2;
            *square += width * (a * a + a * b + b * b) / 3;
        }
}

START_TEST(means_are_exact) {
    static const int64_t means[] = {1, 3, 1500, MEAN, 1LL << 48};
    for (size_t i = 0; i < CASES; i++)
        for (size_t m = 0; m < sizeof means / sizeof *means; m++) {
            double mean, square;
            struct sim_sampler s = sampler(i, means[m]);
            moments(&s, &mean, &square);
            ck_assert_double_le(fabs(mean / (double)means[m] - 1), 0x1p-20 / 16);
            if (cases[i].dist == SIM_DIST_PARETO)
                continue;
            double cv = cases[i].shape_ppm ? (double)cases[i].shape_ppm / 1e6 : 1;
            double variance = square / mean / mean - 1;
            ck_assert_double_le(fabs(variance / cv / cv - 1), 0.001);
        }
}
END_TEST

/* The draws really are that function: mean and variance of many, within 5 standard errors. */
static void sample(const struct sim_sampler *s, double mean, double cv, double fourth) {
    enum { N = 200000 };
    struct sim_rng rng;
    sim_rng_init(&rng, 5, "sample");
    double sum = 0, square = 0;
    for (int i = 0; i < N; i++) {
        int64_t v = sim_sampler_draw(s, &rng);
        SIM_ASSERT(v >= 0);
        double d = (double)v / mean - 1;
        sum += d;
        square += d * d;
    }
    ck_assert_double_le(fabs(sum / N), 5 * cv / sqrt(N));
    ck_assert_double_le(fabs(square / N - cv * cv), 5 * sqrt(fourth / N));
}

START_TEST(samples_have_their_moments) {
    struct sim_sampler s = sampler(0, MEAN); /* fourth: E (x-1)^4 - variance^2 */
    sample(&s, (double)MEAN, 1, 8);
    s = sampler(9, MEAN); /* Erlang-2 */
    sample(&s, (double)MEAN, 0.707107, 1.25);
    ck_assert(sim_sampler_init(&s, SIM_DIST_UNIFORM, MEAN, 0, &arena, NULL));
    sample(&s, (double)MEAN, sqrt(1 / 3.), 0.09);
}
END_TEST

/* Rounding to integers would be off by 4 % at a mean of 1; the random carry is not. */
START_TEST(small_means_are_unbiased) {
    for (int64_t mean = 1; mean <= 3; mean++) {
        struct sim_sampler s = sampler(0, mean);
        struct sim_rng rng;
        sim_rng_init(&rng, (uint64_t)mean, "small");
        int64_t sum = 0;
        for (int i = 0; i < 250000; i++)
            sum += sim_sampler_draw(&s, &rng);
        ck_assert_double_eq_tol((double)sum / 250000, (double)mean,
                                0.01 * (double)mean + 0.005);
    }
}
END_TEST

static uint64_t fold(uint64_t h, uint64_t v) {
    for (int i = 0; i < 8; i++)
        h = (h ^ (v >> 8 * i & 0xff)) * 0x100000001b3;
    return h;
}

static uint64_t hash_of_tables(void) {
    uint64_t h = 0xcbf29ce484222325;
    for (size_t i = 0; i < CASES; i++) {
        struct sim_sampler s = sampler(i, MEAN + (int64_t)i);
        h = fold(h, s.frac_bits);
        for (int j = 0; j < 2 * POINTS; j++)
            h = fold(h, (uint64_t)s.table[j]);
    }
    return h;
}

/* What libm itself returns, to see whether switching its variants had any effect. */
static uint64_t hash_of_libm(void) {
    uint64_t h = 0xcbf29ce484222325, word;
    for (int i = 1; i < 60000; i++) {
        double x = i % 3 ? i % 3 == 1 ? log(i / 60000.) : exp(i / 6000.) : pow(i, 0.37);
        memcpy(&word, &x, sizeof word);
        h = fold(h, word);
    }
    return h;
}

/* This program, started again with CHILD set, only prints its hashes. */
#define CHILD "PROP_SAMPLER_HASH"

__attribute__((constructor)) static void child(void) {
    if (!getenv(CHILD))
        return;
    printf("%llx %llx\n", (unsigned long long)hash_of_tables(),
           (unsigned long long)hash_of_libm());
    fflush(stdout);
    _exit(0);
}

static void hashes_under(const char *tunables, unsigned long long *tables,
                         unsigned long long *libm) {
    char self[1024], command[1100];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    ck_assert(n > 0);
    self[n] = '\0';
    snprintf(command, sizeof command, "exec '%s'", self);
    setenv(CHILD, "1", 1);
    setenv("GLIBC_TUNABLES", tunables, 1);
    FILE *out = popen(command, "r");
    unsetenv("GLIBC_TUNABLES");
    unsetenv(CHILD);
    ck_assert(out != NULL);
    ck_assert_int_eq(fscanf(out, "%llx %llx", tables, libm), 2);
    ck_assert_int_eq(pclose(out), 0);
}

START_TEST(tables_do_not_depend_on_the_cpu) {
    unsigned long long tables, libm, plain_tables, plain_libm;
    hashes_under("", &tables, &libm);
    hashes_under("glibc.cpu.hwcaps=-FMA,-AVX2_Usable,-AVX2,-FMA4", &plain_tables, &plain_libm);
    ck_assert_uint_eq(tables, hash_of_tables());
    ck_assert_uint_eq(tables, plain_tables);
    if (libm == plain_libm)
        printf("note: this libm has one variant only, or the CPU no FMA\n");
}
END_TEST

TEST_MAIN("sampler laws", quantiles_are_right_far_into_the_tails, exponential_tail,
          means_are_exact, samples_have_their_moments, small_means_are_unbiased,
          tables_do_not_depend_on_the_cpu)
