/* time.c - exact rates, the division behind a serialiser, and clock edges.
 *
 * All arithmetic is in integers. 128 bits are used while building and where 64 would not do;
 * the usual rates and clocks need one or two 64-bit divisions.
 */
#include "time.h"

static sim_u128 gcd(sim_u128 a, sim_u128 b) {
    while (b) {
        sim_u128 rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static uint64_t narrow(sim_u128 v) {
    SIM_ASSERT(v <= UINT64_MAX);
    return (uint64_t)v;
}

static sim_ps to_ps(sim_u128 v) {
    SIM_ASSERT(v <= INT64_MAX);
    return (sim_ps)v;
}

static sim_u128 ceil_div(sim_u128 a, sim_u128 b) { return a / b + (a % b != 0); }

/* div * 1e12 stays below 2^104 and bps * mul below 2^128: no intermediate overflows. */
struct sim_rate sim_rate_make(uint64_t bps, uint64_t mul, uint64_t div) {
    SIM_ASSERT(bps > 0 && mul > 0 && div > 0);
    sim_u128 num = (sim_u128)bps * mul;
    sim_u128 den = (sim_u128)div * (uint64_t)SIM_PS_PER_S;
    sim_u128 common = gcd(num, den);
    return (struct sim_rate){narrow(num / common), narrow(den / common)};
}

uint64_t sim_rate_bps(struct sim_rate rate) {
    sim_u128 bits = (sim_u128)rate.num * (uint64_t)SIM_PS_PER_S;
    return narrow((bits + rate.den / 2) / rate.den);
}

sim_ps sim_rate_span(struct sim_rate rate, uint64_t bytes) {
    uint64_t product;
    SIM_ASSERT(bytes < 1ULL << 60);
    if (!__builtin_mul_overflow(bytes * 8, rate.den, &product))
        return to_ps(product / rate.num + (product % rate.num != 0));
    return to_ps(ceil_div((sim_u128)(bytes * 8) * rate.den, rate.num));
}

void sim_ser_init(struct sim_ser *ser, struct sim_rate rate) {
    SIM_ASSERT(rate.num > 0 && rate.den > 0);
    *ser = (struct sim_ser){.rate = rate}; /* the zeros are the division of 0 bits */
}

static struct sim_quotient divide(struct sim_rate rate, uint64_t bits) {
    uint64_t product;
    if (!__builtin_mul_overflow(bits, rate.den, &product))
        return (struct sim_quotient){bits, product / rate.num, product % rate.num};
    sim_u128 wide = (sim_u128)bits * rate.den;
    return (struct sim_quotient){bits, narrow(wide / rate.num), (uint64_t)(wide % rate.num)};
}

/* Many a link carries two sizes in turn: requests and data. */
void sim_ser_divide(struct sim_ser *ser, uint64_t bits) {
    struct sim_quotient before = ser->last;
    ser->last = ser->other.bits == bits ? ser->other : divide(ser->rate, bits);
    ser->other = before;
    SIM_ASSERT(ser->last.quot < INT64_MAX);
}

struct sim_clock sim_clock_make(uint64_t hz) {
    if (hz == 0)
        return (struct sim_clock){
            .num = 1, .den = 1, .period = 1, .of_den = UINT64_MAX, .narrow = true};
    struct sim_rate rate = sim_rate_make(hz, 1, 1);
    sim_u128 product = (sim_u128)rate.num * rate.den;
    bool small = rate.num > 1 && rate.den > 1 && product < 1ULL << 30;
    return (struct sim_clock){.hz = hz,
                              .num = rate.num,
                              .den = rate.den,
                              .period = rate.num == 1 ? rate.den : 0,
                              .of_den = UINT64_MAX / rate.den,
                              .of_num = small ? UINT64_MAX / rate.num + 1 : 0,
                              .narrow = product <= UINT64_MAX / 4,
                              .small = small};
}

static uint64_t high(uint64_t a, uint64_t b) { return (uint64_t)((sim_u128)a * b >> 64); }

/* How long t is past the last multiple of den: where num cycles were complete, an edge. The
 * quotient is at most one too small. */
static uint64_t past_of(const struct sim_clock *clock, sim_ps t) {
    SIM_ASSERT(t >= 0);
    uint64_t past = (uint64_t)t - high((uint64_t)t, clock->of_den) * clock->den;
    return past < clock->den ? past : past - clock->den;
}

/* Number of the first edge at or after r, counted from the edge at 0; r < den, so that the
 * result is at most num. Edge n is late enough when n * den / num > r - 1. */
static uint64_t edge_number(const struct sim_clock *clock, uint64_t r) {
    if (r == 0)
        return 0;
    if (clock->small)
        return high((r - 1) * clock->num, clock->of_den + 1) + 1;
    if (clock->narrow)
        return (r - 1) * clock->num / clock->den + 1;
    return (uint64_t)((sim_u128)(r - 1) * clock->num / clock->den) + 1;
}

/* Time of edge n, n < 2 * num. Of numbers below 2^32 a division is a product with 2^64 / num.
 */
static uint64_t edge_time(const struct sim_clock *clock, uint64_t n) {
    if (clock->small)
        return high(n * clock->den + clock->num - 1, clock->of_num);
    if (clock->narrow)
        return (n * clock->den + clock->num - 1) / clock->num;
    return narrow(ceil_div((sim_u128)n * clock->den, clock->num));
}

sim_ps sim_clock_edge(const struct sim_clock *clock, sim_ps t) {
    uint64_t past = past_of(clock, t);
    if (past == 0)
        return t;
    uint64_t edge = clock->period ? clock->den : edge_time(clock, edge_number(clock, past));
    sim_ps at;
    bool late = __builtin_add_overflow((uint64_t)t - past, edge, &at);
    SIM_ASSERT(!late);
    return at;
}

sim_ps sim_clock_after(const struct sim_clock *clock, sim_ps t, uint64_t cycles) {
    if (clock->period)
        return to_ps((sim_u128)cycles * clock->period + (uint64_t)sim_clock_edge(clock, t));
    uint64_t past = past_of(clock, t), whole = cycles / clock->num;
    uint64_t n = edge_number(clock, past) + (cycles - whole * clock->num);
    return to_ps((sim_u128)whole * clock->den + ((uint64_t)t - past) + edge_time(clock, n));
}

uint64_t sim_clock_cycles(const struct sim_clock *clock, sim_ps span) {
    SIM_ASSERT(span >= 0);
    return narrow((sim_u128)(uint64_t)span * clock->num / clock->den);
}
