/* mem.h - the only door to the heap below sim/app: an arena freed at once.
 *
 * Components, tables and rings are made while building and live as long as the run. Out of
 * memory is our fault, not the user's: no caller checks (sim_panic).
 */
#ifndef SIM_MEM_H
#define SIM_MEM_H

#include <stddef.h>

struct sim_arena {
    struct sim_arena_block *blocks;
    size_t bytes; /* handed out and not given back */
};

/* Zeroed, 64-byte aligned memory that lives as long as the arena. Pages never touched cost
 * nothing, so a large sparse table is cheap. bytes may be 0. */
void *sim_alloc(struct sim_arena *arena, size_t bytes);
/* The same for n items of `size` bytes; the product is checked for overflow. */
void *sim_alloc_n(struct sim_arena *arena, size_t n, size_t size);
/* A larger copy of `old` (which is given back), zeroed past old_bytes. old may be NULL with
 * old_bytes 0. */
void *sim_grow(struct sim_arena *arena, void *old, size_t old_bytes, size_t new_bytes);
char *sim_strdup(struct sim_arena *arena, const char *text);
char *sim_printf(struct sim_arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Give back everything; the arena is then empty and may be used again. An arena starts {0}. */
void sim_arena_free(struct sim_arena *arena);

#endif
