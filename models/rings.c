/* rings.c - see rings.h. */
#include "models/rings.h"

enum { DESCRIPTORS, COMPLETIONS, AVAILABLE };
enum { LINE = 64, PAGE = 4096 };
#define ADDRESSES (1ULL << 38) /* that the cache tells apart: llc.c */

void rings_init(struct rings *r, uint64_t entries, uint64_t buffers, uint64_t cache,
                struct sim_arena *arena) {
    uint64_t bytes = entries * RINGS_MOST + LINE; /* and an index */
    *r = (struct rings){.entries = entries,
                        .begin = (buffers + PAGE - 1) / PAGE * PAGE,
                        .each = (bytes + PAGE - 1) / PAGE * PAGE,
                        .cache = cache};
    r->queue = r->begin + RINGS * r->each;
    uint64_t fit = ADDRESSES / r->queue;
    r->most = fit >= RINGS_QUEUES ? RINGS_QUEUES : fit > 0 ? (uint32_t)fit : 1;
    r->place = sim_alloc_n(arena, RINGS_NUMBERS, sizeof *r->place);
    r->seen = sim_alloc_n(arena, RINGS_QUEUES, sizeof *r->seen);
    r->next = sim_alloc_n(arena, RINGS_QUEUES, sizeof *r->next);
}

/* The rings of a queue's that some work is done in. */
struct at {
    struct rings *r;
    uint32_t place;
    const struct rings_work *w;
};

static uint32_t ring_of(const struct rings_work *w, uint32_t which) {
    return (w->format * 2U + w->sends) * RINGS_OF + which;
}

static uint64_t begin_of(const struct at *a, uint32_t which) {
    bool over = a->w->format == RINGS_PACKED && which == COMPLETIONS;
    uint64_t ring = ring_of(a->w, over ? DESCRIPTORS : which);
    return a->place * a->r->queue + a->r->begin + ring * a->r->each;
}

/* A ring that the host writes takes so many bytes of its cache. */
static void fill(const struct at *a, uint32_t which, uint64_t bytes) {
    uint32_t ring = 1U << ring_of(a->w, which), *seen = &a->r->seen[a->place];
    a->r->filled += *seen & ring ? 0 : bytes;
    *seen |= ring;
}

/* The next n entries of `bytes` each, of which the first ones are accessed: so many. */
static struct rings_span take(const struct at *a, uint32_t which, uint64_t n, uint64_t bytes,
                              uint64_t accessed) {
    struct rings *r = a->r;
    if (which != COMPLETIONS)
        fill(a, which, r->entries * bytes);
    uint64_t *next = &r->next[a->place][ring_of(a->w, which)];
    r->clipped |= n > r->entries;
    n = n < r->entries ? n : r->entries;
    if (*next + n > r->entries)
        *next = 0;
    uint64_t at = begin_of(a, which) + *next * bytes;
    *next += n;
    return (struct rings_span){.address = at,
                               .bytes = (accessed < n ? accessed : n) * bytes,
                               .writes = which == COMPLETIONS,
                               .posted = which != COMPLETIONS,
                               .far = r->filled > r->cache};
}

/* How far a ring with entries of so many bytes has come: behind them. */
static struct rings_span index_of(const struct at *a, uint32_t which, uint64_t bytes) {
    uint64_t behind = (a->r->entries * bytes + LINE - 1) / LINE * LINE;
    return (struct rings_span){.address = begin_of(a, which) + behind,
                               .bytes = RINGS_INDEX,
                               .writes = which == COMPLETIONS,
                               .posted = which != COMPLETIONS};
}

uint32_t rings_spans(struct rings *r, uint32_t place, const struct rings_work *w,
                     struct rings_span span[RINGS_SPANS]) {
    const struct at a = {r, place, w};
    uint32_t n = 0;
    bool split = w->format == RINGS_SPLIT;
    if (w->used > 0)
        span[n++] = take(&a, COMPLETIONS, w->used, w->used_bytes, w->written);
    if (w->used > 0 && split)
        span[n++] = index_of(&a, COMPLETIONS, w->used_bytes);
    if (w->fetched > 0 && split) {
        span[n++] = index_of(&a, AVAILABLE, RINGS_ENTRY);
        span[n++] = take(&a, AVAILABLE, w->fetched, RINGS_ENTRY, w->fetched);
    }
    if (w->fetched > 0)
        span[n++] = take(&a, DESCRIPTORS, w->fetched, w->fetched_bytes, w->fetched);
    return n;
}

void rings_tell(const struct sim_pool *pool, struct sim_msg *m, const struct rings_work *w) {
    m->along = w->used > 0 || w->fetched > 0 || w->more != 0 || w->ring > 0;
    if (m->along)
        *(struct rings_work *)sim_msg_along(pool, m) = *w;
}

const struct rings_work *rings_told(const struct sim_pool *pool, struct sim_msg *m,
                                    bool sends) {
    if (!m->along)
        return NULL;
    m->along = 0;
    const struct rings_work *w = sim_msg_along(pool, m);
    return w->sends == sends ? w : NULL;
}
