/* sizes.h - how often each size occurs, in bounded memory; private to workloads/. */
#ifndef WORK_SIZES_H
#define WORK_SIZES_H

#include "workloads/block_facts.h"

struct work_sizes;

struct work_sizes *work_sizes_new(void);
void work_sizes_add(struct work_sizes *sizes, uint64_t bytes);
/* Fill in how many there are and the most frequent ones. */
void work_sizes_report(const struct work_sizes *sizes, struct work_block_sums *sums);
void work_sizes_free(struct work_sizes *sizes);

#endif
