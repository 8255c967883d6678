/* block_facts.c - one pass over a trace of block requests: what it holds.
 *
 * Of blkparse and blktrace all three events are counted in the same pass. Left out: anything
 * that needs more than one pass, such as the depth of a queue.
 */
#include "workloads/block_facts.h"
#include "workloads/sizes.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROGRESS_REQUESTS = 1 << 20 };

/* What a pass keeps of the requests so far, of each event. */
struct pass {
    struct work_sizes *sizes[WORK_BLOCK_EVENTS];
    struct work_io last[WORK_BLOCK_EVENTS];
    uint64_t *end[WORK_BLOCK_EVENTS]; /* [ends], of each device's last read or write */
    uint32_t ends[WORK_BLOCK_EVENTS];
};

static void note_time(struct work_block_sums *sums, int64_t time) {
    if (sums->requests == 0)
        sums->first = sums->min = sums->max = time;
    else if (time < sums->last)
        sums->backwards++;
    if (time < sums->min)
        sums->min = time;
    if (time > sums->max)
        sums->max = time;
    sums->last = time;
}

/* Where the last read or write of a device ended. */
static uint64_t *end_of(struct pass *p, int event, uint32_t device) {
    if (device >= p->ends[event]) {
        uint32_t n = (device + 64) * 2;
        p->end[event] = realloc(p->end[event], n * sizeof *p->end[event]);
        SIM_ASSERT(p->end[event]);
        for (uint32_t i = p->ends[event]; i < n; i++)
            p->end[event][i] = UINT64_MAX;
        p->ends[event] = n;
    }
    return &p->end[event][device];
}

static void note_data(struct work_block_sums *sums, struct pass *p, int event,
                      const struct work_io *io) {
    uint64_t end = io->offset + io->bytes, *last = end_of(p, event, io->device);
    bool read = io->op == WORK_IO_READ;
    bool first = sums->reads + sums->writes == 0;
    sums->reads += read;
    sums->writes += !read;
    *(read ? &sums->read_bytes : &sums->write_bytes) += io->bytes;
    sums->sequential += *last == io->offset;
    *last = end;
    if (end > sums->max_end)
        sums->max_end = end;
    if (first || io->bytes < sums->smallest)
        sums->smallest = io->bytes;
    if (io->bytes > sums->largest)
        sums->largest = io->bytes;
    sums->unaligned += ((io->offset | io->bytes) & 511) != 0;
    work_sizes_add(p->sizes[event], io->bytes);
}

static bool equal(const struct work_io *a, const struct work_io *b) {
    return a->time == b->time && a->offset == b->offset && a->bytes == b->bytes &&
           a->device == b->device && a->op == b->op;
}

/* @param bare it is stored without offset and length. */
static void note(struct work_block_sums *sums, struct pass *p, int event,
                 const struct work_io *io, bool bare) {
    sums->flushes += io->op == WORK_IO_FLUSH;
    if (bare)
        return;
    if (sums->requests > 0)
        sums->repeated += equal(io, &p->last[event]);
    p->last[event] = *io;
    note_time(sums, io->time);
    sums->requests++;
    if (io->op == WORK_IO_READ || io->op == WORK_IO_WRITE) {
        note_data(sums, p, event, io);
        return;
    }
    sums->other++;
    if (io->op == WORK_IO_TRIM) {
        sums->trims++;
        sums->trim_bytes += io->bytes;
    }
}

static enum work_status
read_all(struct work_block *b, struct work_block_facts *facts, struct pass *p,
         bool (*progress)(void *ctx, uint64_t requests, uint64_t bytes)) {
    const struct work_block_about *about = work_block_about(b);
    struct work_io io;
    enum work_status status;
    uint64_t bare = 0, n = 0, bytes = 0;
    while ((status = work_block_next(b, &io, &facts->damage)) == WORK_RECORD) {
        int event = about->has_events ? (int)work_block_event(b) : (int)facts->event;
        note(&facts->sums[event], p, event, &io, about->bare > bare);
        bare = about->bare;
        bytes += io.bytes;
        if (++n % PROGRESS_REQUESTS == 0 && progress && !progress(NULL, n, bytes))
            return WORK_END;
    }
    return status;
}

static void finish(struct work_block *b, struct work_block_facts *facts, struct pass *p) {
    facts->about = *work_block_about(b);
    facts->devices = work_block_devices(b);
    for (uint32_t i = 0; i < facts->devices && i < 8; i++)
        snprintf(facts->device[i], sizeof facts->device[i], "%.63s", work_block_device(b, i));
    for (int i = 0; i < WORK_BLOCK_EVENTS; i++) {
        work_sizes_report(p->sizes[i], &facts->sums[i]);
        work_sizes_free(p->sizes[i]);
        free(p->end[i]);
    }
}

bool work_block_read_facts(const char *file, struct work_stream *stream,
                           const struct work_block_opts *opts, struct work_block_facts *facts,
                           bool (*progress)(void *ctx, uint64_t requests, uint64_t bytes),
                           struct sim_err *err) {
    struct work_block_opts all = *opts;
    struct pass p = {0};
    memset(facts, 0, sizeof *facts);
    facts->event = opts->event == WORK_BLOCK_ANY ? WORK_BLOCK_ISSUED : opts->event;
    all.event = WORK_BLOCK_ANY;
    struct work_block *b = work_block_open_stream(file, stream, &all, err);
    if (!b)
        return false;
    for (int i = 0; i < WORK_BLOCK_EVENTS; i++)
        p.sizes[i] = work_sizes_new();
    facts->damaged = read_all(b, facts, &p, progress) == WORK_DAMAGED;
    finish(b, facts, &p);
    work_block_close(b);
    if (facts->damaged && !opts->skip_bad)
        return sim_fail(err, facts->damage.source, facts->damage.path, "%s",
                        facts->damage.text);
    return true;
}
