/* time.h - time, exact rates and clock edges.
 *
 * Time is an integer count of picoseconds (signed 64 bits: 106 days). A rate is a reduced
 * fraction of bits per picosecond, so that 128/130 of 32 GT/s is exact. A serialiser keeps
 * the remainder of a division from one transfer to the next while it is busy: n transfers
 * back to back take exactly ceil(n * bits / rate). A clock's n-th edge is ceil(n / hz).
 */
#ifndef SIM_TIME_H
#define SIM_TIME_H

#include <stdbool.h>
#include <stdint.h>

typedef int64_t sim_ps;

#define SIM_PS_PER_S 1000000000000LL
#define SIM_PS_PER_NS 1000LL
#define SIM_NEVER INT64_MAX

/* bits per picosecond = num / den, reduced, both > 0 */
struct sim_rate {
    uint64_t num, den;
};

/* A rate of `bps` bits per second times mul/div (e.g. lanes * 128 / 130). All > 0. */
struct sim_rate sim_rate_make(uint64_t bps, uint64_t mul, uint64_t div);
/* Nearest whole bits per second, for printing. */
uint64_t sim_rate_bps(struct sim_rate rate);
/* Picoseconds for `bytes` at `rate` from rest, rounded up. Exact for any size. */
sim_ps sim_rate_span(struct sim_rate rate, uint64_t bytes);

/* A busy server's arithmetic: keeps the fraction of a picosecond between transfers. */
struct sim_ser {
    struct sim_rate rate;
    sim_ps end;         /* end of the last transfer, rounded up */
    uint64_t frac;      /* true end = end - frac / rate.num, 0 <= frac < rate.num */
    uint64_t last_bits; /* cached division: last_bits * den = quot * num + rem */
    uint64_t quot, rem;
};

void sim_ser_init(struct sim_ser *ser, struct sim_rate rate);

/* Start a transfer of `bits` at `start` (>= ser->end, else it is started at ser->end).
 * @return the time it ends, rounded up to a picosecond; exact over back-to-back transfers. */
static inline sim_ps sim_ser_send(struct sim_ser *ser, sim_ps start, uint64_t bits);

/* A clock. Edge n is at ceil(n * den / num) ps where num/den = hz / 1e12 reduced. hz == 0
 * means "not clocked": every picosecond is an edge. */
struct sim_clock {
    uint64_t hz;
    uint64_t num, den;
    uint64_t period; /* den when num == 1 (whole picoseconds a cycle), else 0 */
};

struct sim_clock sim_clock_make(uint64_t hz);
/* The first edge at or after t (t >= 0). */
sim_ps sim_clock_edge(const struct sim_clock *clock, sim_ps t);
/* The edge `cycles` cycles after the edge at t (t must be an edge). Exact: no drift. */
sim_ps sim_clock_after(const struct sim_clock *clock, sim_ps t, uint64_t cycles);
/* Cycles between two times, rounded down (for reporting). */
uint64_t sim_clock_cycles(const struct sim_clock *clock, sim_ps span);

void sim_ser_divide(struct sim_ser *ser, uint64_t bits);

static inline sim_ps sim_ser_send(struct sim_ser *ser, sim_ps start, uint64_t bits) {
    if (bits != ser->last_bits)
        sim_ser_divide(ser, bits);
    uint64_t credit = ser->frac; /* the last transfer truly ended this much before its ps */
    sim_ps from = ser->end;
    if (start > from) {
        from = start;
        credit = 0;
    }
    /* true span = quot + rem/num - credit/num; keep end rounded up */
    uint64_t quot = ser->quot, rem = ser->rem;
    if (rem >= credit) {
        rem -= credit;
    } else {
        rem += ser->rate.num - credit;
        quot -= 1; /* quot may wrap to -1 only when the span is shorter than the credit */
    }
    ser->end = from + (sim_ps)quot + (rem != 0);
    ser->frac = rem ? ser->rate.num - rem : 0;
    return ser->end;
}

#endif
