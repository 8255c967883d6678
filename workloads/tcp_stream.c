/* tcp_stream.c - TCP's byte stream from captured segments.
 *
 * Left out: checksums, windows, urgent data, and acknowledgements: that the other side has
 * received what the capture lacks is not used to give a gap up early.
 */
#include "workloads/tcp_stream.h"
#include "sim/engine/err.h"
#include <stdlib.h>
#include <string.h>

/* A sender has at most its window on the way, and repeats what is lost after a round trip or
 * two: 2 MiB are 160 us at 100 Gb/s, and 20 ms at 1 Gb/s. */
enum { STREAM_BYTES = 2 << 20, STREAM_SEGMENTS = 2048, ALL_BYTES = 32 << 20 };
/* TCP's largest window: nothing older is repeated, so what seems older is far ahead. */
#define WINDOW (UINT64_C(1) << 30)

struct work_tcp_held {
    struct work_tcp_held *next;
    uint64_t at;
    uint32_t length, captured;
    int64_t time;
    uint8_t bytes[];
};

void work_tcp_start(struct work_tcp *t, uint32_t seq) {
    t->started = true;
    t->origin = seq;
    t->next = 0;
}

/* Where the segment begins; before byte 0 is below 0. */
static int64_t place(const struct work_tcp *t, uint32_t seq) {
    uint32_t ahead = seq - (t->origin + (uint32_t)t->next);
    uint32_t behind = 0U - ahead;
    if (behind != 0 && behind <= WINDOW)
        return (int64_t)t->next - (int64_t)behind;
    return (int64_t)(t->next + ahead);
}

static void lose(struct work_tcp *t, const struct work_tcp_to *to, uint64_t upto) {
    uint64_t n = upto - t->next;
    struct work_tcp_run run = {.n = n, .time = WORK_TCP_NO_TIME, .lost = true};
    to->counts->holes++;
    to->counts->hole_bytes += n;
    t->next = upto;
    to->run(to->ctx, &run);
}

/* Hand on what is new of a segment that begins at `at`, not after t->next. */
static void give(struct work_tcp *t, const struct work_tcp_to *to, int64_t at,
                 const struct work_tcp_segment *s) {
    uint64_t old = (uint64_t)((int64_t)t->next - at);
    if (old >= s->length) {
        to->counts->repeated_bytes += s->length;
        return;
    }
    to->counts->repeated_bytes += old;
    if (s->captured > old) {
        struct work_tcp_run run = {
            .bytes = s->bytes + old, .n = s->captured - old, .time = s->time};
        t->next += run.n;
        to->run(to->ctx, &run);
        old = s->captured;
    }
    if (old < s->length) {
        struct work_tcp_run run = {.n = s->length - old, .time = s->time};
        to->counts->cut_bytes += run.n;
        t->next += run.n;
        to->run(to->ctx, &run);
    }
}

static size_t cost(uint32_t captured) { return sizeof(struct work_tcp_held) + captured; }

/* Hand on the first segment that is held. */
static void release(struct work_tcp *t, const struct work_tcp_to *to) {
    struct work_tcp_held *h = t->first;
    struct work_tcp_segment s = {
        .length = h->length, .captured = h->captured, .bytes = h->bytes, .time = h->time};
    if (h->at > t->next)
        lose(t, to, h->at);
    t->first = h->next;
    t->held -= cost(h->captured);
    t->segments--;
    to->budget->held -= cost(h->captured);
    give(t, to, (int64_t)h->at, &s);
    free(h);
}

static void drain(struct work_tcp *t, const struct work_tcp_to *to) {
    while (t->first != NULL && t->first->at <= t->next)
        release(t, to);
}

static bool has_room(const struct work_tcp *t, const struct work_tcp_to *to,
                     uint32_t captured) {
    return t->held + cost(captured) <= STREAM_BYTES && t->segments < STREAM_SEGMENTS &&
           to->budget->held + cost(captured) <= ALL_BYTES;
}

static void hold(struct work_tcp *t, const struct work_tcp_to *to, uint64_t at,
                 const struct work_tcp_segment *s) {
    struct work_tcp_held **link = &t->first;
    for (; *link != NULL && (*link)->at <= at; link = &(*link)->next)
        if ((*link)->at == at && (*link)->length >= s->length &&
            (*link)->captured >= s->captured) {
            to->counts->repeated_bytes += s->length;
            return;
        }
    struct work_tcp_held *h = malloc(cost(s->captured));
    SIM_ASSERT(h != NULL);
    *h = (struct work_tcp_held){*link, at, s->length, s->captured, s->time};
    memcpy(h->bytes, s->bytes, s->captured);
    *link = h;
    t->held += cost(s->captured);
    t->segments++;
    to->budget->held += cost(s->captured);
    to->counts->reordered++;
}

void work_tcp_add(struct work_tcp *t, const struct work_tcp_to *to,
                  const struct work_tcp_segment *segment) {
    if (segment->length == 0)
        return;
    if (!t->started)
        work_tcp_start(t, segment->seq);
    int64_t at = place(t, segment->seq);
    while (at > (int64_t)t->next) {
        if (has_room(t, to, segment->captured)) {
            hold(t, to, (uint64_t)at, segment);
            return;
        }
        if (t->first == NULL || (int64_t)t->first->at > at)
            lose(t, to, (uint64_t)at);
        else
            release(t, to);
        drain(t, to);
    }
    give(t, to, at, segment);
    drain(t, to);
}

void work_tcp_end(struct work_tcp *t, const struct work_tcp_to *to) {
    while (t->first != NULL)
        release(t, to);
    t->started = false;
}
