/* time.h - time, exact rates and clock edges.
 *
 * Time is an integer count of picoseconds (signed 64 bits: 106 days). A rate is a reduced
 * fraction of bits per picosecond, so that 128/130 of 32 GT/s is exact. A serialiser keeps
 * the remainder of a division from one transfer to the next while it is busy: n transfers
 * back to back take exactly ceil(n * bits / rate). A clock's n-th edge is ceil(n / hz).
 */
#ifndef SIM_TIME_H
#define SIM_TIME_H

#include "err.h"
#include <stdbool.h>
#include <stdint.h>

typedef int64_t sim_ps;
__extension__ typedef unsigned __int128 sim_u128;

#define SIM_PS_PER_S  1000000000000LL
#define SIM_PS_PER_NS 1000LL
#define SIM_NEVER     INT64_MAX

static inline sim_ps sim_later(sim_ps a, sim_ps b) { return a > b ? a : b; }

/* bits per picosecond = num / den, reduced, both > 0 */
struct sim_rate {
    uint64_t num, den;
};

/* A rate of `bps` bits per second times mul/div (e.g. lanes * 128 / 130). All > 0; the
 * reduced fraction must fit twice 64 bits. */
struct sim_rate sim_rate_make(uint64_t bps, uint64_t mul, uint64_t div);
/* Nearest whole bits per second, for printing. */
uint64_t sim_rate_bps(struct sim_rate rate);
/* Picoseconds for `bytes` (< 2^60) at `rate` from rest, rounded up. Exact. */
sim_ps sim_rate_span(struct sim_rate rate, uint64_t bytes);

/* A division that is kept: bits * den = quot * num + rem. */
struct sim_quotient {
    uint64_t bits, quot, rem;
};

/* A busy server's arithmetic: keeps the fraction of a picosecond between transfers. */
struct sim_ser {
    struct sim_rate rate;
    sim_ps end;    /* end of the last transfer, rounded up */
    uint64_t frac; /* true end = end - frac / rate.num, 0 <= frac < rate.num */
    struct sim_quotient last, other; /* of the last size, and of one before it */
};

void sim_ser_init(struct sim_ser *ser, struct sim_rate rate);

/* Divide for a size that is not the last one. sim_ser_send calls it. */
SIM_NOINLINE void sim_ser_divide(struct sim_ser *ser, uint64_t bits);

/* Start a transfer of `bits` at `start`, or when the last one ends if that is later.
 * start == ser->end is back to back: the transfer begins at the true end.
 * @return the time it ends, rounded up to a picosecond; exact over back-to-back transfers. */
static inline sim_ps sim_ser_send(struct sim_ser *ser, sim_ps start, uint64_t bits) {
    if (bits != ser->last.bits)
        sim_ser_divide(ser, bits);
    uint64_t credit = ser->frac; /* the last transfer truly ended this much before its ps */
    sim_ps from = ser->end;
    if (start > from) {
        from = start;
        credit = 0;
    }
    /* true end = from + quot + (rem - credit) / num, and |rem - credit| < num */
    uint64_t up = ser->last.rem > credit;
    ser->frac = up ? ser->rate.num - (ser->last.rem - credit) : credit - ser->last.rem;
    bool late = __builtin_add_overflow(from, ser->last.quot + up, &ser->end);
    SIM_ASSERT(!late); /* beyond 106 days */
    return ser->end;
}

/* A clock. Edge n is at ceil(n * den / num) ps where num/den = hz / 1e12 reduced. hz == 0
 * means "not clocked": every picosecond is an edge and a cycle is one picosecond. */
struct sim_clock {
    uint64_t hz;
    uint64_t num, den;
    uint64_t period; /* den when num == 1 (whole picoseconds a cycle), else 0 */
    uint64_t of_den; /* 2^64 / den, rounded down: in place of a division */
    uint64_t of_num; /* 2^64 / num, rounded up, where `small` */
    bool narrow;     /* positions within den picoseconds need no 128-bit product */
    bool small;      /* ... and no 64-bit one */
};

struct sim_clock sim_clock_make(uint64_t hz);
/* The first edge at or after t (t >= 0). */
SIM_NOINLINE sim_ps sim_clock_edge(const struct sim_clock *clock, sim_ps t);
/* The edge `cycles` cycles after sim_clock_edge(clock, t). Exact: no drift. */
SIM_NOINLINE sim_ps sim_clock_after(const struct sim_clock *clock, sim_ps t, uint64_t cycles);
/* Cycles that fit in a span (>= 0), rounded down (for reporting). */
uint64_t sim_clock_cycles(const struct sim_clock *clock, sim_ps span);

#endif
