/* source_dma.c - what a card's DMA engine asks of its link: reads and writes of one size, in a
 * closed loop.
 *
 * `outstanding` operations are under way or thinking at any time, or as many as `in_flight`
 * bytes are, so that large ones on a slow link settle as soon as small ones (a few more unless
 * stated: of large ones some wait for their last byte, which keeps no link busy); with both
 * kinds, each is followed by one of the other kind, so that reads and writes are as many. An
 * operation goes to a line of `window` bytes, picked at random or in turn: what memory, caches
 * and an IOMMU make of it is theirs (the message's `flow` is the 64-byte line's number). Left
 * out: mixed sizes, open loops, operations that begin inside a line.
 */
#include "workloads/loop.h"

enum { DMA_WRITE, DMA_READ, DMA_BOTH, LINE = 64 };
enum { IN_FLIGHT = 128 << 10, SMALL = 16, FEWEST = 4, MORE = 8, WINDOW = 8 << 10 };
enum { RANDOM, SEQUENTIAL };

extern const struct sim_model work_source_dma; /* named by registry.c */

struct work_dma {
    struct work_source source;
    int64_t op, bytes, outstanding, in_flight, think, window, pattern;
    struct work_loop loop[2]; /* DMA_WRITE, DMA_READ */
    struct sim_rng rng;
    uint32_t places, step; /* where operations begin: so many, so many lines apart */
    uint32_t turn;
    uint32_t last; /* kind of the one that was born last */
};

static uint32_t place_of(struct work_dma *d) {
    uint32_t place = d->turn;
    if (d->pattern == RANDOM)
        return (uint32_t)sim_rng_below(&d->rng, d->places) * d->step;
    d->turn = place + 1 == d->places ? 0 : place + 1;
    return place * d->step;
}

/* The kind whose next operation is born first; of two at a time, the one that was not last. */
static uint32_t earlier(const struct work_dma *d) {
    const struct work_loop *w = &d->loop[DMA_WRITE], *r = &d->loop[DMA_READ];
    if (w->waiting == 0 || r->waiting == 0)
        return r->waiting > 0;
    if (work_loop_next(r) == work_loop_next(w))
        return 1 - d->last;
    return work_loop_next(r) < work_loop_next(w);
}

static bool next(struct work_source *s) {
    struct work_dma *d = (struct work_dma *)s;
    d->last = s->like.kind;
    uint32_t kind = earlier(d);
    if (d->loop[kind].waiting == 0)
        return false;
    s->due = work_loop_take(&d->loop[kind]);
    s->like.kind = kind & 3;
    s->like.bytes = (uint32_t)d->bytes;
    s->like.flow = s->again ? s->like.flow : place_of(d);
    return true;
}

static void reply(struct sim_stream *stream, const struct sim_msg *m, sim_ps t) {
    struct work_dma *d = (struct work_dma *)stream->source;
    uint32_t kind = m->kind, next_kind = d->op == DMA_BOTH ? 1 - kind : kind;
    uint32_t scheduled = d->source.like.kind;
    sim_ps birth = t + (d->think > 0 ? d->think : 1); /* nothing comes back at the same time */
    if (d->source.ready && birth == d->source.due && scheduled == d->last &&
        next_kind != scheduled) { /* which of two replies at a time came first matters not */
        d->source.like.kind = next_kind & 3;
        next_kind = scheduled;
        scheduled = 1 - scheduled;
    }
    work_loop_place(&d->source, &d->loop[next_kind], &d->loop[scheduled], birth);
}

/* Of less than a line many are needed: the link is full of headers. */
static int64_t as_many_as_fit(const struct work_dma *d) {
    int64_t each = (int64_t)d->step * LINE, small = d->bytes > SMALL ? d->bytes : SMALL;
    if (d->in_flight == 0)
        return IN_FLIGHT / (small < each ? small : each) + MORE;
    return d->in_flight / each > FEWEST ? d->in_flight / each : FEWEST;
}

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct work_dma *d = (struct work_dma *)comp;
    work_source_init(&d->source, next);
    d->source.makes = d->op == DMA_BOTH ? 1u << DMA_WRITE | 1u << DMA_READ : 1u << d->op;
    d->source.due = d->source.start;
    d->source.like.kind = DMA_READ; /* the first one of both is a write */
    d->source.stream->payload = NULL;
    d->source.stream->reply = reply;
    d->source.stream->lost = reply;
    d->step = (uint32_t)((d->bytes + LINE - 1) / LINE);
    if (d->window == 0)
        d->window = d->bytes > WINDOW ? d->bytes : WINDOW;
    if (d->window < d->bytes)
        return work_source_fail(&d->source, "window", err,
                                "%lld bytes hold no operation of %lld bytes; make it larger",
                                (long long)d->window, (long long)d->bytes);
    if (d->outstanding > 0 && d->in_flight > 0)
        return work_source_fail(&d->source, "in_flight", err,
                                "has no effect with \"outstanding\"; state one of them");
    if (d->outstanding == 0)
        d->outstanding = as_many_as_fit(d);
    d->in_flight = 0; /* the effective config states one of them */
    int64_t places = d->window / (LINE * (int64_t)d->step);
    d->places = places > 0 ? (uint32_t)places : 1;
    for (int64_t kind = 0; kind < 2; kind++) {
        int64_t born = d->op == kind ? d->outstanding : 0;
        if (d->op == DMA_BOTH)
            born = (d->outstanding + (kind == DMA_WRITE)) / 2;
        work_loop_init(&d->loop[kind], d->outstanding, born, d->source.start,
                       sim_comp_arena(comp));
    }
    sim_comp_rng(comp, "places", &d->rng);
    return true;
}

static void start(struct sim_comp *comp) { work_source_start((struct work_source *)comp); }

#define AT(member) offsetof(struct work_dma, member)

static const struct sim_field params[] = {
    {"op", SIM_ENUM, AT(op), 0, 0, "read", "write|read|both", "what is asked for", NULL},
    {"bytes", SIM_BYTES, AT(bytes), 1, 1 << 24, NULL, NULL, "of each operation", NULL},
    {"outstanding", SIM_COUNT, AT(outstanding), 0, 1 << 20, "0", NULL,
     "operations under way or thinking; 0: as many as `in_flight` says", NULL},
    {"in_flight", SIM_BYTES, AT(in_flight), 0, 1 << 26, "0", NULL,
     "bytes under way, in whole lines, instead of `outstanding`, at least 4 operations; 0: 128 "
     "KiB, those below a line counted as they are, but not below 16 bytes, and 8 operations "
     "more",
     "assumed: what a link of generation 6 with 16 lanes needs, or of generation 5 with 32, "
     "and little for a slow one"},
    {"think", SIM_TIME, AT(think), 0, INT64_MAX / 4, "0s", NULL,
     "from the end of one operation to the next in its place, at least 1ps", NULL},
    {"window", SIM_BYTES, AT(window), 0, 1LL << 37, "0", NULL,
     "memory that the operations go to, in steps of their size in whole lines; 0: 8 KiB, or "
     "one "
     "operation where that is more",
     NULL},
    {"pattern", SIM_ENUM, AT(pattern), 0, 0, "random", "random|sequential",
     "which part of the window is next", NULL},
    WORK_SOURCE_PARAMS(struct work_dma),
    {.name = NULL}};

static const struct sim_field stats[] = {WORK_SOURCE_STATS(struct work_dma), {.name = NULL}};

/* The kinds of its messages, each with a chain of its own. */
static const struct sim_op kinds[] = {
    [DMA_WRITE] = {.name = "write", .doc = "from the card to memory"},
    [DMA_READ] = {.name = "read", .doc = "from memory to the card"},
    {.name = NULL}};

const struct sim_model work_source_dma = {.name = "dma",
                                          .doc = "reads and writes of a card's DMA engine",
                                          .size = sizeof(struct work_dma),
                                          .params = params,
                                          .stats = stats,
                                          .ops = kinds,
                                          .init = init,
                                          .start = start};
