/* sizes.c - how often each size occurs, in bounded memory.
 *
 * A hash table of the first WORK_SIZES_MOST different sizes. Left out: an estimate of those
 * beyond it; the report says that there are more.
 */
#include "workloads/sizes.h"
#include <stdlib.h>

enum { SLOTS = 2 * WORK_SIZES_MOST };

struct work_sizes {
    struct work_size_count slot[SLOTS]; /* requests 0: free */
    uint32_t used;
    bool full;
};

struct work_sizes *work_sizes_new(void) {
    struct work_sizes *sizes = calloc(1, sizeof *sizes);
    SIM_ASSERT(sizes);
    return sizes;
}

void work_sizes_add(struct work_sizes *sizes, uint64_t bytes) {
    uint32_t at = (uint32_t)(bytes * 0x9e3779b97f4a7c15U >> 40) & (SLOTS - 1);
    struct work_size_count *c;
    while ((c = &sizes->slot[at])->requests > 0 && c->bytes != bytes)
        at = (at + 1) & (SLOTS - 1);
    if (c->requests == 0) {
        if (sizes->used == WORK_SIZES_MOST) {
            sizes->full = true;
            return;
        }
        sizes->used++;
        c->bytes = bytes;
    }
    c->requests++;
}

static bool before(const struct work_size_count *a, const struct work_size_count *b) {
    return a->requests != b->requests ? a->requests > b->requests : a->bytes < b->bytes;
}

/* Insert into the list of the most frequent ones. */
static void rank(struct work_block_sums *sums, const struct work_size_count *c) {
    size_t at = sums->tops;
    if (at == WORK_TOP_SIZES) {
        if (!before(c, &sums->top[--at]))
            return;
    } else {
        sums->tops++;
    }
    for (; at > 0 && before(c, &sums->top[at - 1]); at--)
        sums->top[at] = sums->top[at - 1];
    sums->top[at] = *c;
}

void work_sizes_report(const struct work_sizes *sizes, struct work_block_sums *sums) {
    sums->distinct_sizes = sizes->used;
    sums->sizes_exact = !sizes->full;
    sums->tops = 0;
    for (size_t i = 0; i < SLOTS; i++)
        if (sizes->slot[i].requests > 0)
            rank(sums, &sizes->slot[i]);
}

void work_sizes_free(struct work_sizes *sizes) { free(sizes); }
