/* idle_core.h - for tests of cores: what one message takes at a core that has nothing else to
 * do. */
#ifndef IDLE_CORE_TEST_H
#define IDLE_CORE_TEST_H

#include "tests/block_world.h"

extern const struct sim_model model_cores;

/* Cycles of the clock, after the edge at which it began, that a message of `bytes` takes with
 * `op`; `memory` the bytes that it moves from and to memory, or NULL. */
static inline uint64_t idle_cycles(const char *params, const char *op, const char *args,
                                   uint32_t bytes, int64_t *memory) {
    struct bench b = bench_new(1, 0, bytes);
    struct sim_comp *arm = bench_block(&b, &model_cores, "arm", params);
    bench_visit(&b, arm, op, args);
    bench_run(&b);
    const struct sim_clock *clock = &arm->port[0]->clock;
    sim_ps out = b.sink->log_start[0] - 1;
    ck_assert_int_eq(out, sim_clock_edge(clock, out));
    uint64_t n = sim_clock_cycles(clock, out - sim_clock_edge(clock, 1) + 1);
    ck_assert_int_eq(out, sim_clock_after(clock, 1, n));
    if (memory != NULL)
        *memory = stat_of(arm, "memory_bytes");
    bench_free(&b);
    return n;
}

#endif
