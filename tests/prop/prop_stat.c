/* prop_stat.c - histograms and gauges against sorted arrays and sums over items. */
#include "sim/engine/rng.h"
#include "sim/engine/stat.h"
#include "tests/check_main.h"
#include <string.h>

enum { N = 2000, ITEMS = 300 };

static int by_value(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t any_size(struct sim_rng *rng, unsigned bits) {
    return (int64_t)(sim_rng_next(rng) >> (64 - bits) >> sim_rng_below(rng, bits + 1));
}

/* A value reported for a true one: in [true, true * (1 + 1/32)]. */
static void check_bound(int64_t got, int64_t want) {
    ck_assert_int_ge(got, want);
    ck_assert_double_le((double)(got - want), (double)want * SIM_HIST_ERROR);
}

START_TEST(quantiles_are_within_the_bound) {
    static struct sim_hist h;
    static int64_t v[N];
    struct sim_rng rng;
    sim_rng_init(&rng, 1, "quantiles");
    for (int round = 0; round < 20; round++) {
        memset(&h, 0, sizeof h);
        unsigned bits = 1 + (unsigned)sim_rng_below(&rng, 63);
        sim_u128 sum = 0;
        for (int i = 0; i < N; i++) {
            sim_hist_add(&h, v[i] = any_size(&rng, bits), 1);
            sum += (uint64_t)v[i];
        }
        qsort(v, N, sizeof *v, by_value);
        ck_assert(h.sum == sum && h.min == v[0] && h.max == v[N - 1]);
        for (uint64_t q = 1; q <= 1000; q++) {
            int64_t got = sim_hist_quantile(&h, q, 1000), want = v[q * N / 1000 - 1];
            check_bound(got, want);
            ck_assert(got == h.max ||
                      (uint64_t)got == sim_hist_top(sim_hist_index((uint64_t)want)));
        }
    }
}
END_TEST

START_TEST(merged_equals_all_in_one) {
    static struct sim_hist part[4], all;
    struct sim_rng rng;
    sim_rng_init(&rng, 2, "merge");
    for (int round = 0; round < 50; round++) {
        memset(part, 0, sizeof part);
        memset(&all, 0, sizeof all);
        for (uint64_t i = sim_rng_below(&rng, 200); i > 0; i--) {
            int64_t v = any_size(&rng, 63);
            uint64_t weight = sim_rng_below(&rng, 5);
            sim_hist_add(&part[sim_rng_below(&rng, 4)], v, weight);
            sim_hist_add(&all, v, weight);
        }
        for (int i = 1; i < 4; i++)
            sim_hist_merge(&part[0], &part[i]);
        ck_assert_mem_eq(&part[0], &all, sizeof all);
    }
}
END_TEST

/* Items with their stays; a change is +1 at `in` or -1 at `out`. */
struct world {
    sim_ps in[ITEMS], out[ITEMS], from, to, until;
    struct change {
        sim_ps at;
        int64_t by;
    } change[2 * ITEMS];
};

static int by_time(const void *a, const void *b) {
    const struct change *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return (x->by < y->by) - (x->by > y->by); /* entering first: no level below 0 */
}

static void populate(struct world *w, struct sim_rng *rng, unsigned bits) {
    w->until = (sim_ps)1 << bits;
    w->from = (sim_ps)sim_rng_below(rng, (uint64_t)w->until / 2);
    w->to = w->from + 1 + (sim_ps)sim_rng_below(rng, (uint64_t)w->until / 2);
    for (int i = 0; i < ITEMS; i++) {
        w->in[i] = (sim_ps)sim_rng_below(rng, (uint64_t)w->until);
        w->out[i] = w->in[i] + (sim_ps)sim_rng_below(rng, (uint64_t)(w->until - w->in[i]) + 1);
        w->change[2 * i] = (struct change){w->in[i], 1};
        w->change[2 * i + 1] = (struct change){w->out[i], -1};
    }
    qsort(w->change, (size_t)2 * ITEMS, sizeof *w->change, by_time);
}

static sim_ps clip(const struct world *w, sim_ps t) {
    return t < w->from ? w->from : t > w->to ? w->to : t;
}

/* Picoseconds of the window at each level. */
static void spent(const struct world *w, sim_ps at[ITEMS + 1]) {
    sim_ps last = 0;
    int64_t level = 0;
    memset(at, 0, (ITEMS + 1) * sizeof *at);
    for (int i = 0; i < 2 * ITEMS; i++) {
        at[level] += clip(w, w->change[i].at) - clip(w, last);
        last = w->change[i].at;
        level += w->change[i].by;
    }
    at[0] += clip(w, w->until) - clip(w, last);
}

static void check_levels(const struct world *w, const struct sim_gauge *g) {
    sim_ps at[ITEMS + 1], total = w->to - w->from;
    spent(w, at);
    for (uint64_t q = 1; q <= 100; q++) {
        sim_u128 seen = (sim_u128)(uint64_t)at[0] * 100;
        int64_t level = 0;
        while (seen < (sim_u128)(uint64_t)total * q)
            seen += (sim_u128)(uint64_t)at[++level] * 100;
        check_bound(sim_gauge_quantile(g, q, 100), level);
    }
}

START_TEST(gauge_area_is_summed_residence) {
    static struct world w;
    struct sim_arena arena = {0};
    struct sim_rng rng;
    sim_rng_init(&rng, 3, "gauge");
    for (unsigned bits = 3; bits < 62; bits++) {
        struct sim_gauge g;
        populate(&w, &rng, bits);
        sim_gauge_init(&g, &arena, w.from, w.to);
        for (int i = 0; i < 2 * ITEMS; i++)
            sim_gauge_add(&g, w.change[i].at, w.change[i].by);
        sim_gauge_pass(&g, w.until);
        sim_u128 residence = 0;
        for (int i = 0; i < ITEMS; i++)
            residence += (uint64_t)(clip(&w, w.out[i]) - clip(&w, w.in[i]));
        ck_assert(g.area == residence && g.level == 0);
        check_levels(&w, &g);
    }
    sim_arena_free(&arena);
}
END_TEST

/* x87 has 64 bits, 19 digits: enough to round 12 of them, but for ties, which are unlikely. */
START_TEST(ratios_print_as_printf_does) {
    struct sim_rng rng;
    sim_rng_init(&rng, 4, "ratio");
    for (int i = 0; i < 20000; i++) {
        int64_t num = any_size(&rng, 62), den = any_size(&rng, 62) | 1;
        char got[SIM_RATIO_SIZE], want[64];
        snprintf(want, sizeof want, "%.12Lg", (long double)num / (long double)den);
        ck_assert_str_eq(sim_ratio_text((sim_u128)num, (sim_u128)den, got, sizeof got), want);
        /* a common factor up to 2^64 changes nothing */
        sim_u128 factor = sim_rng_next(&rng) | 1;
        sim_ratio_text((sim_u128)num * factor, (sim_u128)den * factor, got, sizeof got);
        ck_assert_str_eq(got, want);
    }
}
END_TEST

TEST_MAIN("stat laws", quantiles_are_within_the_bound, merged_equals_all_in_one,
          gauge_area_is_summed_residence, ratios_print_as_printf_does)
