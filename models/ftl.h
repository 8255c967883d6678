/* ftl.h - which page of flash holds what, and what must be moved before a block is erased.
 *
 * A page map with greedy collection: writes go to an open block, moved pages to another one;
 * when free blocks run short, the full block with the fewest valid pages is emptied. What it
 * costs is told evenly over the writes that it makes room for, as controllers do it.
 *
 * The map is of a part of the drive: an address counts modulo `pages`. Uniform and sequential
 * writes are what they are in the whole drive, for write amplification depends on the share of
 * spare room and on how blocks fill; a hot spot is as hot, but a working set smaller than the
 * drive has less spare room here than there, where all of it serves the set.
 *
 * Source of the law that it is held to: Desnoyers, SYSTOR 2012; Xiang and Kurkoski,
 * arXiv:1110.4245 (docs/sources.md).
 */
#ifndef MODELS_FTL_H
#define MODELS_FTL_H

#include "sim/engine/mem.h"
#include "sim/engine/rng.h"

enum ftl_state { FTL_EMPTY, FTL_SEQUENTIAL, FTL_RANDOM }; /* before the run */

enum { FTL_NONE = UINT32_MAX };

struct ftl {
    uint32_t pages;          /* that a user may write; the map's */
    uint32_t blocks, each;   /* physical; pages of one */
    uint32_t group;          /* pages that are read together: a read unit */
    uint32_t *map;           /* [pages] physical page, or FTL_NONE */
    uint32_t *owner;         /* [blocks * each] page, or FTL_NONE */
    uint32_t *valid;         /* [blocks] */
    uint32_t *newer, *older; /* [blocks] full blocks by valid pages, a list each ... */
    uint32_t *first;         /* [each + 1] ... by that number */
    uint32_t fewest;         /* no full block has fewer */
    uint32_t *empty;         /* [blocks] stack of erased ones */
    uint32_t empties;
    uint32_t host, move;             /* open blocks */
    uint32_t host_next, move_next;   /* their next pages */
    uint64_t moved_due, reads_due;   /* of collection, not told yet ... */
    uint64_t until;                  /* ... over so many writes */
    uint64_t written, moved, erased; /* pages and blocks, since the state it began in */
};

/* What collection does with one write: pages to move, and reads of dies that fetch them. */
struct ftl_work {
    uint32_t moves, reads;
};

/* @param pages of the map, @param spare_ppm physical pages beyond them, in millionths. */
void ftl_init(struct ftl *f, uint32_t pages, int64_t spare_ppm, uint32_t group,
              struct sim_arena *arena);
/* Bring it into the state that it has before the run. */
void ftl_condition(struct ftl *f, enum ftl_state state, struct sim_rng *rng);
/* Page `page` (any number: modulo) is written. *at: the physical page. */
struct ftl_work ftl_write(struct ftl *f, uint64_t page, uint32_t *at);
/* It holds nothing any more. */
void ftl_trim(struct ftl *f, uint64_t page);
/* Where a moved page goes: the next of the open block, for the die that programs it. */
static inline uint32_t ftl_find(const struct ftl *f, uint64_t page) {
    return f->map[page % f->pages];
}
/* Do the tables agree with one another? For check and tests. */
bool ftl_sound(const struct ftl *f);

#endif
