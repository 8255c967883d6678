/* rings.c - see rings.h. */
#include "models/rings.h"

enum { DESCRIPTORS, COMPLETIONS, AVAILABLE };
enum { LINE = 64 };

void rings_init(struct rings *r, uint64_t entries, uint64_t begin, uint64_t page,
                uint64_t cache) {
    uint64_t bytes = entries * RINGS_MOST + LINE; /* and an index */
    *r = (struct rings){.entries = entries,
                        .begin = (begin + page - 1) / page * page,
                        .each = (bytes + page - 1) / page * page,
                        .cache = cache};
}

static uint32_t ring_of(const struct rings_work *w, uint32_t which) {
    return (w->format * 2U + w->sends) * RINGS_OF + which;
}

static uint64_t begin_of(const struct rings *r, const struct rings_work *w, uint32_t which) {
    bool over = w->format == RINGS_PACKED && which == COMPLETIONS;
    return r->begin + ring_of(w, over ? DESCRIPTORS : which) * r->each;
}

/* The next n entries of `bytes` each, of which the first ones are accessed: so many. */
static struct rings_span take(struct rings *r, const struct rings_work *w, uint32_t which,
                              uint64_t n, uint64_t bytes, uint64_t accessed) {
    uint64_t *next = &r->next[ring_of(w, which)];
    n = n < r->entries ? n : r->entries;
    if (*next + n > r->entries)
        *next = 0;
    uint64_t at = begin_of(r, w, which) + *next * bytes;
    *next += n;
    return (struct rings_span){.address = at,
                               .bytes = (accessed < n ? accessed : n) * bytes,
                               .writes = which == COMPLETIONS,
                               .posted = which != COMPLETIONS,
                               .far = r->entries * bytes > r->cache};
}

/* How far a ring with entries of so many bytes has come: behind them. */
static struct rings_span index_of(const struct rings *r, const struct rings_work *w,
                                  uint32_t which, uint64_t bytes) {
    uint64_t behind = (r->entries * bytes + LINE - 1) / LINE * LINE;
    return (struct rings_span){.address = begin_of(r, w, which) + behind,
                               .bytes = RINGS_INDEX,
                               .writes = which == COMPLETIONS,
                               .posted = which != COMPLETIONS};
}

uint32_t rings_spans(struct rings *r, const struct rings_work *w,
                     struct rings_span span[RINGS_SPANS]) {
    uint32_t n = 0;
    bool split = w->format == RINGS_SPLIT;
    if (w->used > 0)
        span[n++] = take(r, w, COMPLETIONS, w->used, w->used_bytes, w->written);
    if (w->used > 0 && split)
        span[n++] = index_of(r, w, COMPLETIONS, w->used_bytes);
    if (w->fetched > 0 && split) {
        span[n++] = index_of(r, w, AVAILABLE, RINGS_ENTRY);
        span[n++] = take(r, w, AVAILABLE, w->fetched, RINGS_ENTRY, w->fetched);
    }
    if (w->fetched > 0)
        span[n++] = take(r, w, DESCRIPTORS, w->fetched, w->fetched_bytes, w->fetched);
    return n;
}

void rings_tell(const struct sim_pool *pool, struct sim_msg *m, const struct rings_work *w) {
    m->along = w->used > 0 || w->fetched > 0 || w->more != 0;
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
