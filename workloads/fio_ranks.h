/* fio_ranks.h - which blocks are popular: draws of a rank, and where a rank lies. */
#ifndef WORK_FIO_RANKS_H
#define WORK_FIO_RANKS_H

#include "sim/engine/rng.h"
#include "workloads/fio_job.h"

/* Ranks below 256 one by one, then 32 cells in each doubling. */
enum { WORK_FIO_EXACT = 256, WORK_FIO_CELLS = 32, WORK_FIO_POINTS = 256 + 32 * 56 };

struct work_fio_ranks {
    uint32_t cells;
    uint64_t rank[WORK_FIO_POINTS + 1];  /* the first one of each cell */
    uint64_t below[WORK_FIO_POINTS + 1]; /* probability that one is before it, of 2^64 */
};

/* Ranks 0 .. n - 1 of a distribution that is WORK_FIO_ZIPF or WORK_FIO_PARETO. */
void work_fio_ranks_init(struct work_fio_ranks *r, const struct work_fio_job *job, uint64_t n);
uint64_t work_fio_ranks_draw(const struct work_fio_ranks *r, struct sim_rng *rng);

/* A sum of twelve uniform draws and one more of `percent` of the range, as fio's "normal". */
uint64_t work_fio_normal(struct sim_rng *rng, uint64_t n, uint64_t deviation);

/* Place i of a permutation of 0 .. n - 1 that the key names; i < n. */
uint64_t work_fio_permute(uint64_t i, uint64_t n, uint64_t key);

#endif
