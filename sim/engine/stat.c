/* stat.c - quantiles of histograms and gauges, and printing ratios of integers.
 *
 * What runs per event (add, pass) is integers without division; quantiles and text are for
 * reports. Nothing here depends on floating point except sim_hist_mean.
 */
#include "stat.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

uint64_t sim_hist_top(uint32_t index) {
    if (index < 1u << SIM_HIST_BITS)
        return index;
    uint32_t shift = (index >> SIM_HIST_BITS) - 1;
    uint64_t step = (index & ((1u << SIM_HIST_BITS) - 1)) + (1u << SIM_HIST_BITS);
    return ((step + 1) << shift) - 1;
}

void sim_hist_merge(struct sim_hist *into, const struct sim_hist *from) {
    if (from->count == 0)
        return;
    uint32_t last = sim_hist_index((uint64_t)from->max);
    for (uint32_t i = sim_hist_index((uint64_t)from->min); i <= last; i++)
        into->bucket[i] += from->bucket[i];
    if (into->count == 0 || from->min < into->min)
        into->min = from->min;
    if (from->max > into->max)
        into->max = from->max;
    into->count += from->count;
    into->sum += from->sum;
}

/* Top of the first bucket from `i` on at which ceil(num/den * total) is reached. */
static uint64_t rank_top(const uint64_t *bucket, uint32_t i, uint64_t total, uint64_t num,
                         uint64_t den) {
    SIM_ASSERT(num > 0 && num <= den);
    sim_u128 product = (sim_u128)num * total;
    uint64_t rank = (uint64_t)(product / den) + (product % den != 0);
    uint64_t seen = bucket[i];
    while (seen < rank)
        seen += bucket[++i];
    return sim_hist_top(i);
}

int64_t sim_hist_quantile(const struct sim_hist *h, uint64_t num, uint64_t den) {
    if (h->count == 0)
        return -1;
    uint32_t first = sim_hist_index((uint64_t)h->min);
    uint64_t top = rank_top(h->bucket, first, h->count, num, den);
    return top < (uint64_t)h->max ? (int64_t)top : h->max;
}

double sim_hist_mean(const struct sim_hist *h) {
    if (h->count == 0)
        return (double)NAN;
    sim_u128 whole = h->sum / h->count, rest = h->sum % h->count;
    return (double)whole + (double)rest / (double)h->count;
}

void sim_gauge_init(struct sim_gauge *g, struct sim_arena *arena, sim_ps from, sim_ps to) {
    SIM_ASSERT(from >= 0 && from <= to);
    *g = (struct sim_gauge){.from = from, .to = to};
    g->at = sim_alloc_n(arena, SIM_GAUGE_BUCKETS, sizeof *g->at);
}

void sim_gauge_pass(struct sim_gauge *g, sim_ps t) {
    SIM_ASSERT(t >= g->since);
    g->area += g->fresh;
    g->fresh = 0;
    for (int i = 0; i < SIM_GAUGE_LOW; i++) {
        g->at[i] += g->low[i];
        g->low[i] = 0;
    }
    sim_ps start = g->since > g->from ? g->since : g->from;
    sim_ps stop = t < g->to ? t : g->to;
    g->since = t;
    if (stop <= start)
        return;
    uint64_t span = (uint64_t)(stop - start), level = (uint64_t)g->level;
    g->area += (sim_u128)level * span;
    if (g->level > g->peak)
        g->peak = g->level;
    uint32_t i = sim_hist_index(level);
    g->at[i < SIM_GAUGE_BUCKETS ? i : SIM_GAUGE_BUCKETS - 1] += span;
}

void sim_gauge_add_slow(struct sim_gauge *g, sim_ps t, int64_t by) {
    sim_gauge_pass(g, t);
    g->level += by;
    SIM_ASSERT(g->level >= 0);
    if (g->level > g->peak && t < g->to && t >= g->from)
        g->peak = g->level;
}

int64_t sim_gauge_quantile(const struct sim_gauge *g, uint64_t num, uint64_t den) {
    uint64_t total = 0;
    for (int i = 0; i < SIM_GAUGE_BUCKETS; i++)
        total += g->at[i];
    if (total == 0)
        return -1;
    uint64_t top = rank_top(g->at, 0, total, num, den);
    /* the last bucket has no top of its own: nothing but the peak bounds it */
    bool last = top == sim_hist_top(SIM_GAUGE_BUCKETS - 1);
    return last || top > (uint64_t)g->peak ? g->peak : (int64_t)top;
}

/* --- sim_ratio_text: long division --- */

enum { KEPT = 12, DIGITS = KEPT + 40 };

/* A positive decimal number d.ddd * 10^exponent. `more` says that digits follow. */
struct decimal {
    char digit[DIGITS];
    int n, exponent;
    bool more;
};

/* rest = 10 * rest mod den, by doubling and adding so that nothing exceeds 128 bits.
 * @return 10 * rest / den. */
static char next_digit(sim_u128 *rest, sim_u128 den) {
    const sim_u128 one = *rest;
    sim_u128 sum = 0;
    unsigned quot = 0;
    for (unsigned bit = 8; bit; bit >>= 1) { /* 10 = 1010b, highest bit first */
        quot *= 2;
        for (int i = 0; i < (10u & bit ? 2 : 1); i++) {
            sim_u128 term = i ? one : sum;
            bool carry = term >= den - sum;
            sum = carry ? term - (den - sum) : sum + term;
            quot += carry;
        }
    }
    *rest = sum;
    return (char)('0' + quot);
}

static void put_integer(struct decimal *d, sim_u128 whole) {
    char reversed[40];
    int n = 0;
    for (; whole; whole /= 10)
        reversed[n++] = (char)('0' + (int)(whole % 10));
    d->exponent = n - 1;
    while (n)
        d->digit[d->n++] = reversed[--n];
}

/* At least KEPT + 1 digits without leading zeros; num > 0. */
static void divide(struct decimal *d, sim_u128 num, sim_u128 den) {
    sim_u128 rest = num % den;
    put_integer(d, num / den);
    while (d->n <= KEPT) {
        char digit = next_digit(&rest, den);
        if (d->n || digit != '0')
            d->digit[d->n++] = digit;
        else
            d->exponent--;
    }
    d->more = rest != 0;
    for (int i = KEPT + 1; i < d->n; i++)
        d->more |= d->digit[i] != '0';
}

/* Round to KEPT digits, ties to even, and drop trailing zeros. */
static void shorten(struct decimal *d) {
    char next = d->digit[KEPT];
    bool odd = (d->digit[KEPT - 1] - '0') % 2 != 0;
    d->n = KEPT;
    if (next > '5' || (next == '5' && (d->more || odd))) {
        while (d->n && d->digit[d->n - 1] == '9')
            d->n--;
        if (d->n == 0) {
            d->digit[d->n++] = '0';
            d->exponent++;
        }
        d->digit[d->n - 1]++;
    }
    while (d->n > 1 && d->digit[d->n - 1] == '0')
        d->n--;
}

/* As "%.12g" does: plain from 0.0001 to 12 digits before the point, else with exponent. */
static void print(const struct decimal *d, char *buf, unsigned long size) {
    static const char zeros[] = "000000000000";
    int e = d->exponent, n = d->n;
    const char *digit = d->digit;
    if (e < -4 || e >= KEPT)
        snprintf(buf, size, "%c%s%.*se%c%02d", digit[0], n > 1 ? "." : "", n - 1, digit + 1,
                 e < 0 ? '-' : '+', e < 0 ? -e : e);
    else if (e < 0)
        snprintf(buf, size, "0.%.*s%.*s", -e - 1, zeros, n, digit);
    else if (n <= e + 1)
        snprintf(buf, size, "%.*s%.*s", n, digit, e + 1 - n, zeros);
    else
        snprintf(buf, size, "%.*s.%.*s", e + 1, digit, n - e - 1, digit + e + 1);
}

const char *sim_ratio_text(sim_u128 num, sim_u128 den, char *buf, unsigned long size) {
    struct decimal d = {.n = 0, .exponent = -1};
    if (den == 0) {
        snprintf(buf, size, "null");
    } else if (num == 0) {
        snprintf(buf, size, "0");
    } else {
        divide(&d, num, den);
        shorten(&d);
        print(&d, buf, size);
    }
    return buf;
}
