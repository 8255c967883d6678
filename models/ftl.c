/* ftl.c - see ftl.h. */
#include "models/ftl.h"
#include <string.h>

enum { BLOCKS = 1024, FEW = 3 }; /* of the map's own size; erased blocks that are kept */

void ftl_init(struct ftl *f, uint32_t pages, int64_t spare_ppm, uint32_t group,
              struct sim_arena *arena) {
    uint32_t each = pages / BLOCKS > group ? pages / BLOCKS / group * group : group;
    uint64_t physical = pages + (uint64_t)pages * (uint64_t)spare_ppm / 1000000;
    *f = (struct ftl){.pages = pages, .each = each, .group = group};
    f->blocks = (uint32_t)((physical + each - 1) / each);
    uint32_t least = (pages + each - 1) / each + FEW + 2;
    f->blocks = f->blocks > least ? f->blocks : least;
    f->map = sim_alloc_n(arena, pages, sizeof *f->map);
    f->owner = sim_alloc_n(arena, (size_t)f->blocks * each, sizeof *f->owner);
    f->valid = sim_alloc_n(arena, f->blocks, sizeof *f->valid);
    f->newer = sim_alloc_n(arena, f->blocks, sizeof *f->newer);
    f->older = sim_alloc_n(arena, f->blocks, sizeof *f->older);
    f->empty = sim_alloc_n(arena, f->blocks, sizeof *f->empty);
    f->first = sim_alloc_n(arena, each + 1, sizeof *f->first);
    memset(f->map, 0xff, pages * sizeof *f->map);
    memset(f->owner, 0xff, (size_t)f->blocks * each * sizeof *f->owner);
    memset(f->first, 0xff, (each + 1) * sizeof *f->first);
    for (uint32_t b = f->blocks; b-- > 0;)
        f->empty[f->empties++] = b;
    f->fewest = each;
    f->host = f->empty[--f->empties];
    f->move = f->empty[--f->empties];
}

/* ---------------------------------------------------------------- full blocks */

static void list_in(struct ftl *f, uint32_t b) {
    uint32_t *head = &f->first[f->valid[b]];
    f->older[b] = *head;
    f->newer[b] = FTL_NONE;
    if (*head != FTL_NONE)
        f->newer[*head] = b;
    *head = b;
    f->fewest = f->valid[b] < f->fewest ? f->valid[b] : f->fewest;
}

static void list_out(struct ftl *f, uint32_t b) {
    if (f->newer[b] != FTL_NONE)
        f->older[f->newer[b]] = f->older[b];
    else
        f->first[f->valid[b]] = f->older[b];
    if (f->older[b] != FTL_NONE)
        f->newer[f->older[b]] = f->newer[b];
}

static bool is_full(const struct ftl *f, uint32_t b) { return b != f->host && b != f->move; }

/* ---------------------------------------------------------------- pages */

static void invalidate(struct ftl *f, uint32_t page) {
    uint32_t at = f->map[page];
    if (at == FTL_NONE)
        return;
    uint32_t b = at / f->each;
    bool full = is_full(f, b);
    if (full)
        list_out(f, b);
    f->valid[b]--;
    f->owner[at] = FTL_NONE;
    f->map[page] = FTL_NONE;
    if (full)
        list_in(f, b);
}

/* The page goes to the next place of an open block. When that is full another one is opened. */
static uint32_t put(struct ftl *f, uint32_t page, uint32_t *open, uint32_t *next) {
    uint32_t at = *open * f->each + (*next)++;
    f->map[page] = at;
    f->owner[at] = page;
    f->valid[*open]++;
    if (*next < f->each)
        return at;
    uint32_t full = *open;
    *next = 0;
    *open = f->empty[--f->empties];
    list_in(f, full);
    return at;
}

/* Empty the full block with the fewest valid pages. */
static void collect(struct ftl *f) {
    while (f->first[f->fewest] == FTL_NONE)
        f->fewest++;
    uint32_t b = f->first[f->fewest], moves = f->valid[b], group = FTL_NONE;
    list_out(f, b);
    for (uint32_t i = 0; i < f->each; i++) {
        uint32_t at = b * f->each + i, page = f->owner[at];
        if (page == FTL_NONE)
            continue;
        f->reads_due += at / f->group != group;
        group = at / f->group;
        f->owner[at] = FTL_NONE;
        (void)put(f, page, &f->move, &f->move_next);
    }
    f->valid[b] = 0;
    f->empty[f->empties++] = b;
    f->moved += moves;
    f->moved_due += moves;
    f->until += f->each - moves;
    f->erased++;
}

/* The share of what is due that goes with one write. */
static uint32_t due(uint64_t *left, uint64_t until) {
    uint64_t n = until > 0 ? (*left + until - 1) / until : *left;
    *left -= n;
    return (uint32_t)n;
}

struct ftl_work ftl_write(struct ftl *f, uint64_t page, uint32_t *at) {
    uint32_t p = (uint32_t)(page % f->pages);
    invalidate(f, p);
    *at = put(f, p, &f->host, &f->host_next);
    f->written++;
    while (f->empties < FEW)
        collect(f);
    struct ftl_work work = {due(&f->moved_due, f->until), due(&f->reads_due, f->until)};
    f->until -= f->until > 0;
    return work;
}

void ftl_trim(struct ftl *f, uint64_t page) { invalidate(f, (uint32_t)(page % f->pages)); }

void ftl_condition(struct ftl *f, enum ftl_state state, struct sim_rng *rng) {
    uint32_t at;
    for (uint32_t p = 0; state != FTL_EMPTY && p < f->pages; p++)
        (void)ftl_write(f, p, &at);
    uint64_t passes = state == FTL_RANDOM ? 3 : 0; /* over the map, to come to rest */
    for (uint64_t n = passes * f->pages; n > 0; n--)
        (void)ftl_write(f, sim_rng_below(rng, f->pages), &at);
    f->written = f->moved = f->erased = 0;
}

bool ftl_sound(const struct ftl *f) {
    uint64_t valid = 0, mapped = 0;
    for (uint32_t b = 0; b < f->blocks; b++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < f->each; i++) {
            uint32_t at = b * f->each + i, page = f->owner[at];
            n += page != FTL_NONE;
            if (page != FTL_NONE && f->map[page] != at)
                return false;
        }
        valid += n;
        if (n != f->valid[b])
            return false;
    }
    for (uint32_t p = 0; p < f->pages; p++)
        mapped += f->map[p] != FTL_NONE;
    return valid == mapped;
}
