/* prop_fio.c - requests of random jobs of fio against what their options say: shares within
 * four standard deviations over many seeds, each block once, the popular ones by the closed
 * form.
 */
#include "tests/fio_lab.h"
#include "tests/mix.h"
#include <math.h>
#include <stdlib.h>

static struct fio_lab lab;

static void run(const char *text, uint64_t seed, size_t most) {
    fio_free(&lab);
    fio_read(&lab, text);
    fio_start(&lab, 0, 0, seed, 0);
    fio_run(&lab, most);
}

/* A count of `n` tries, each with probability p. */
static void is_share(size_t count, size_t n, double p, const char *what) {
    double sigma = sqrt((double)n * p * (1 - p)), mean = (double)n * p;
    ck_assert_msg(fabs((double)count - mean) <= 4 * sigma + 1,
                  "%s: %zu of %zu, expected %.1f +- %.1f", what, count, n, mean, sigma);
}

static size_t count_op(unsigned op) {
    size_t count = 0;
    for (size_t i = 0; i < lab.n; i++)
        count += lab.io[i].op == op;
    return count;
}

START_TEST(mixes) {
    for (uint64_t seed = 1; seed <= 60; seed++) {
        unsigned percent = (unsigned)(test_mix(seed, 1) % 101);
        char text[100];
        snprintf(text, sizeof text, "[a]\nrw=%s\nrwmixread=%u\nsize=16m",
                 seed % 2 ? "rw" : "randrw", percent);
        run(text, seed, 5000);
        ck_assert_uint_eq(lab.n, 4096);
        is_share(count_op(WORK_IO_READ), lab.n, percent / 100.0, "reads");
    }
    fio_free(&lab);
}
END_TEST

static size_t count_bytes(unsigned op, uint64_t bytes) {
    size_t count = 0;
    for (size_t i = 0; i < lab.n; i++)
        count += lab.io[i].op == op && lab.io[i].bytes == bytes;
    return count;
}

START_TEST(sizes) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        run("[a]\nrw=randrw\nsize=8g\nbssplit=4k/50:64k/20:16k,8k/75:32k/", seed, 8000);
        size_t reads = count_op(WORK_IO_READ), writes = count_op(WORK_IO_WRITE);
        is_share(count_bytes(WORK_IO_READ, 4096), reads, 0.5, "4k");
        is_share(count_bytes(WORK_IO_READ, 16384), reads, 0.3, "16k");
        is_share(count_bytes(WORK_IO_READ, 65536), reads, 0.2, "64k");
        is_share(count_bytes(WORK_IO_WRITE, 8192), writes, 0.75, "8k");
        is_share(count_bytes(WORK_IO_WRITE, 32768), writes, 0.25, "32k");
        run("[a]\nsize=8g\nbsrange=4k-16k", seed, 8000);
        for (uint64_t size = 4096; size <= 16384; size += 4096)
            is_share(count_bytes(WORK_IO_READ, size), lab.n, 0.25, "of a range");
    }
    fio_free(&lab);
}
END_TEST

/* Each block of the part once, whatever its number; and again, in another order. */
START_TEST(each_block_once) {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        uint64_t blocks = 1 + test_mix(seed, 2) % (seed < 20 ? 20 : 5000);
        char text[160];
        uint8_t *seen = calloc(blocks, 1);
        snprintf(text, sizeof text, "[a]\nrw=%s\nsize=%lu\nbs=512\ntime_based\nruntime=1",
                 seed % 2 ? "randread" : "randrw", (unsigned long)(blocks * 512));
        run(text, seed, blocks * 2);
        for (size_t i = 0; i < lab.n; i++) {
            uint64_t block = lab.io[i].offset / 512;
            SIM_ASSERT(block < blocks); /* cheaper than Check's, of which each is told */
            SIM_ASSERT(seen[block]++ == i / blocks);
        }
        size_t same = 0;
        for (size_t i = 0; i < blocks; i++)
            same += lab.io[i].offset == lab.io[i + blocks].offset;
        ck_assert(blocks < 100 || same < 20);
        free(seen);
    }
    fio_free(&lab);
}
END_TEST

/* The first blocks of a permutation are spread evenly over the device: chi-squared with 15
 * degrees of freedom stays below 50 (a chance of 1e-5). */
START_TEST(spread_evenly) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        double chi = 0, count[16] = {0}, n = 4000;
        run("[a]\nrw=randread\nsize=1000g", seed, 4000);
        for (size_t i = 0; i < lab.n; i++)
            count[(uint64_t)((sim_u128)lab.io[i].offset * 16 / (1000ULL << 30))]++;
        for (int i = 0; i < 16; i++)
            chi += (count[i] - n / 16) * (count[i] - n / 16) / (n / 16);
        ck_assert_double_lt(chi, 50);
    }
    fio_free(&lab);
}
END_TEST

START_TEST(permutes) {
    for (uint64_t n = 1; n < 300; n++) {
        uint8_t seen[300] = {0};
        for (uint64_t i = 0; i < n; i++) {
            uint64_t to = work_fio_permute(i, n, n * 77);
            SIM_ASSERT(to < n && seen[to]++ == 0);
        }
    }
    ck_assert_uint_lt(work_fio_permute(UINT64_MAX / 2 - 1, UINT64_MAX / 2, 3), UINT64_MAX / 2);
    ck_assert_uint_ne(work_fio_permute(1, 1000000, 3), work_fio_permute(1, 1000000, 4));
}
END_TEST

/* ---- popular blocks ---- */

enum { DRAWS = 400000, HOT = 12 };
static uint64_t hits[HOT + 1], middle;

static struct work_fio_ranks ranks;

static void draw_ranks(int64_t dist, int64_t shape_ppm, uint64_t n) {
    struct work_fio_job job = {.distribution = dist, .shape_ppm = shape_ppm};
    struct sim_rng rng;
    memset(hits, 0, sizeof hits);
    middle = 0;
    work_fio_ranks_init(&ranks, &job, n);
    sim_rng_init(&rng, (uint64_t)shape_ppm, "ranks");
    uint64_t largest = 0;
    for (int i = 0; i < DRAWS; i++) {
        uint64_t rank = work_fio_ranks_draw(&ranks, &rng);
        largest = rank > largest ? rank : largest;
        hits[rank < HOT ? rank : HOT]++;
        middle += rank < n / 2;
    }
    ck_assert_uint_lt(largest, n);
}

/* Ranks 1 and 2 have 1/zeta(n) and 2^-theta/zeta(n); those beyond the integral of the power,
 * scaled to what is left. fio sums zeta over ten million terms at most, one by one. */
static void check_zipf(double theta, uint64_t n) {
    double zetan = 0, zeta2 = 1 + pow(0.5, theta), N = (double)n;
    for (uint64_t i = 1; i <= n && i <= 10000000; i++)
        zetan += pow((double)i, -theta);
    draw_ranks(WORK_FIO_ZIPF, (int64_t)lround(theta * 1e6), n);
    is_share(hits[0], DRAWS, 1 / zetan, "rank 1");
    is_share(hits[1], DRAWS, pow(0.5, theta) / zetan, "rank 2");
    double left = 1 - zeta2 / zetan, whole = pow(N, 1 - theta) - pow(2, 1 - theta);
    for (int k = 2; k < HOT; k++) {
        double part = pow(k + 1, 1 - theta) - pow(k, 1 - theta);
        is_share(hits[k], DRAWS, left * part / whole, "rank beyond");
    }
    double part = pow(N / 2, 1 - theta) - pow(2, 1 - theta);
    is_share(middle, DRAWS, zeta2 / zetan + left * part / whole, "half of the ranks");
}

START_TEST(zipf) {
    static const double thetas[] = {0.2, 0.5, 0.8, 0.99, 1.1, 1.2, 2, 3.5};
    for (size_t i = 0; i < sizeof thetas / sizeof *thetas; i++) {
        check_zipf(thetas[i], 1000);
        check_zipf(thetas[i], 1000000);
    }
    check_zipf(1.2, 1ULL << 28);
    check_zipf(0.8, 1ULL << 32);
}
END_TEST

START_TEST(pareto) {
    static const double shapes[] = {0.05, 0.2, 0.3, 0.5, 0.7};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (uint64_t n = 1000; n <= 1ULL << 32; n *= 1000) {
            double h = shapes[i], power = log(h) / log(1 - h), N = (double)(n - 1);
            draw_ranks(WORK_FIO_PARETO, (int64_t)lround(h * 1e6), n);
            for (int k = 0; k < HOT; k++)
                is_share(hits[k], DRAWS, pow((k + 1) / N, 1 / power) - pow(k / N, 1 / power),
                         "rank");
            is_share(middle, DRAWS, pow((double)(n / 2) / N, 1 / power), "half of the ranks");
        }
}
END_TEST

START_TEST(few_ranks) {
    draw_ranks(WORK_FIO_ZIPF, 1200000, 1);
    ck_assert_uint_eq(hits[0], DRAWS);
    draw_ranks(WORK_FIO_ZIPF, 1200000, 2);
    is_share(hits[0], DRAWS, 1 / (1 + pow(0.5, 1.2)), "rank 1 of 2");
    draw_ranks(WORK_FIO_PARETO, 300000, 1);
    ck_assert_uint_eq(hits[0], DRAWS);
    draw_ranks(WORK_FIO_PARETO, 300000, 2);
    ck_assert_uint_eq(hits[0], DRAWS);
}
END_TEST

/* The hottest block of a job is where its center says. */
START_TEST(centers) {
    run("[a]\nrw=randread\nsize=4m\nrandom_distribution=zipf:2:0.25\nloops=10", 1, 10000);
    size_t at_center = 0;
    for (size_t i = 0; i < lab.n; i++)
        at_center += lab.io[i].offset == 1 << 20;
    double zeta = 0;
    for (int i = 1; i <= 1024; i++)
        zeta += 1.0 / i / i;
    is_share(at_center, lab.n, 1 / zeta, "center");
    fio_free(&lab);
}
END_TEST

/* Twelve uniform draws: mean half the range, standard deviation a twelfth of it. */
START_TEST(normal) {
    enum { N = 1 << 20 };
    struct sim_rng rng;
    double sum = 0, squares = 0;
    sim_rng_init(&rng, 1, "normal");
    for (int i = 0; i < DRAWS; i++) {
        double x = (double)work_fio_normal(&rng, N, 0) / N - 0.5;
        sum += x;
        squares += x * x;
    }
    ck_assert_double_eq_tol(sum / DRAWS, 0, 4.0 / 12 / sqrt(DRAWS));
    ck_assert_double_eq_tol(sqrt(squares / DRAWS), 1.0 / 12, 0.0004);
    squares = 0;
    for (int i = 0; i < DRAWS; i++) { /* and one more of 40 % of the range */
        double x = (double)work_fio_normal(&rng, N, N * 2 / 5) / N - 0.5;
        squares += x * x;
    }
    ck_assert_double_eq_tol(squares / DRAWS, 1.0 / 144 + 0.16 / 12, 0.0002);
}
END_TEST

/* Of a random job so many requests follow their predecessor. */
START_TEST(partly_random) {
    for (uint64_t seed = 1; seed <= 10; seed++) {
        size_t follow = 0;
        run("[a]\nrw=randread\nsize=100g\npercentage_random=30\nnumber_ios=4000", seed, 5000);
        for (size_t i = 1; i < lab.n; i++)
            follow += lab.io[i].offset == lab.io[i - 1].offset + lab.io[i - 1].bytes;
        is_share(follow, lab.n - 1, 0.7, "in order");
    }
    fio_free(&lab);
}
END_TEST

TEST_MAIN("laws of fio jobs", mixes, sizes, each_block_once, spread_evenly, permutes, zipf,
          pareto, few_ranks, centers, normal, partly_random)
