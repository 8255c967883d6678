/* nic_bench.h - for tests of the NIC pipeline: how often its stages take a packet, and packets
 * of a flow each. */
#ifndef NIC_BENCH_TEST_H
#define NIC_BENCH_TEST_H

#include "models/nic.h"
#include "tests/unit/probe.h"

extern const struct sim_model model_nic;

enum { NS = 1000 };

/* The i-th packet of a busy stage starts so long after the first: ceil(i / 330 M/s). */
static inline sim_ps pace(int64_t i) { return (i * 1000000 + 329) / 330; }

static inline void each_its_own(struct sim_msg *m, uint64_t number) {
    m->flow = (uint32_t)number;
}

#endif
