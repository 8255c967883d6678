/* meter.h - a token bucket in exact integers.
 *
 * Tokens are counted in parts of a bit such that a picosecond brings a whole number of them
 * (the denominator of the rate): nothing is ever rounded but a wait, up to a picosecond, and
 * what is then over stays in the bucket. A bucket begins full. Times never go back.
 */
#ifndef MODELS_METER_H
#define MODELS_METER_H

#include "sim/engine/time.h"

__extension__ typedef __int128 meter_tokens;

struct meter {
    struct sim_rate rate; /* rate.den tokens are a bit; rate.num come in a picosecond */
    meter_tokens tokens, burst;
    sim_ps at; /* tokens is of this time */
};

/* A full bucket. @param bps bits per second, > 0. @param burst bytes, >= 0. */
void meter_init(struct meter *m, uint64_t bps, uint64_t burst, sim_ps at);

/* Does a packet that comes at `at` conform? If so its tokens are taken, else none are. A
 * packet larger than the burst never does. */
bool meter_police(struct meter *m, sim_ps at, uint32_t bytes);

/* Tokens that come from `since`, or from the bucket's last time if that is later, until `at`
 * and find it full. */
meter_tokens meter_spills(const struct meter *m, sim_ps since, sim_ps at);

/* How long after `at` the packet's tokens will be there, if nothing else takes any. */
sim_ps meter_wait(struct meter *m, sim_ps at, uint32_t bytes);

/* Take the packet's tokens as soon as they are there. @return how long after `at` that is.
 * A packet larger than the burst goes when the bucket is full, and leaves a debt. */
sim_ps meter_shape(struct meter *m, sim_ps at, uint32_t bytes);

#endif
