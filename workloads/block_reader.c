/* block_reader.c - open a trace of block requests, hand out its requests, count what is none.
 *
 * Left out: several files as one trace (blktrace's, one a CPU: blkparse -d joins them).
 */
#include "workloads/block_impl.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void describe(struct work_block *b) {
    const struct work_block_format *f = b->format;
    struct work_block_about *a = &b->about;
    if (!b->row) {
        a->format = f->name;
        a->title = f->title;
        a->time_unit = f->time_unit;
        a->tick_ps = f->tick_ps;
        a->ticks_per_unit = f->ticks_per_unit;
        a->stores_time = f->stores_time;
        a->has_events = f->has_events;
        a->tally = f->tally;
        return;
    }
    a->format = b->row->name;
    a->title = b->row->title;
    a->time_unit = b->row->time_unit;
    a->tally = b->row->tally;
    a->ticks_per_unit = 1;
    for (unsigned i = 0; i < b->row->decimals; i++)
        a->ticks_per_unit *= 10;
    a->tick_ps = b->row->unit_ps / a->ticks_per_unit;
    bool named = false;
    for (size_t i = 0; i < b->row->columns; i++) {
        a->stores_time |= b->row->column[i] == WORK_COL_TIME;
        named |= b->row->column[i] == WORK_COL_DEVICE || b->row->column[i] == WORK_COL_UNIT;
    }
    uint32_t only;
    if (!named)
        work_names_add(b->devices, "", 0, &only);
}

/* Choose the format; the stream stands at its beginning. */
static bool start(struct work_block *b, struct sim_err *err) {
    work_lines_open(&b->lines, b->stream);
    b->row = NULL;
    if (b->opts.own) {
        b->row = b->opts.own;
        b->format = &work_block_row_format;
    } else if (b->opts.format) {
        b->format = work_block_find(b->opts.format, &b->row);
        SIM_ASSERT(b->format); /* work_block_named gave it */
    } else {
        b->format = work_block_detect(b, err);
    }
    if (!b->format)
        return false;
    work_names_free(b->devices); /* what was added to a log counts from the beginning */
    b->devices = work_names_new();
    b->last_name = NULL;
    b->about = (struct work_block_about){0};
    b->clock = 0;
    b->last = INT64_MIN;
    b->summary = false;
    b->records = b->offset = 0;
    b->damage.set = false;
    describe(b);
    return true;
}

struct work_block *work_block_open_stream(const char *file, struct work_stream *stream,
                                          const struct work_block_opts *opts,
                                          struct sim_err *err) {
    struct work_block *b = calloc(1, sizeof *b);
    SIM_ASSERT(b);
    b->stream = stream;
    b->opts = *opts;
    if (strlen(file) < sizeof b->file) {
        memcpy(b->file, file, strlen(file) + 1);
        if (start(b, err))
            return b;
    } else {
        sim_fail(err, file, NULL, "the name is longer than %zu bytes", sizeof b->file - 1);
    }
    work_block_close(b);
    return NULL;
}

struct work_block *work_block_open(const char *file, const struct work_block_opts *opts,
                                   struct sim_err *err) {
    struct work_stream *stream = work_stream_open(file, err);
    return stream ? work_block_open_stream(file, stream, opts, err) : NULL;
}

/* ---------------------------------------------------------------- lines */

static void place(const struct work_block *b, const struct work_scan *s, char buf[64]) {
    const char *bad = s->bad ? s->bad : s->end;
    snprintf(buf, 64, "line %" PRIu64 ", column %zu", b->lines.number,
             (size_t)(bad - s->start) + 1);
}

/* A line that is no request. @return true to go on behind it. */
static bool skip(struct work_block *b, const struct work_scan *s, struct sim_err *err) {
    char where[64];
    place(b, s, where);
    if (!b->opts.skip_bad) {
        sim_fail(&b->damage, b->file, where, "%s", s->reason);
        return sim_fail(err, b->file, where, "%s", s->reason);
    }
    if (b->about.skipped < WORK_BLOCK_REASONS)
        sim_fail(&b->about.reason[b->about.skipped], b->file, where, "%s", s->reason);
    b->about.skipped++;
    return true;
}

/* The file cannot be read further. */
static enum work_status cut(struct work_block *b, const struct work_scan *s,
                            struct sim_err *err) {
    char where[64];
    place(b, s, where);
    sim_fail(&b->damage, b->file, where, "%s%s", work_stream_failure(b->stream),
             b->lines.number > 1 ? "; the lines before can be used" : "");
    sim_fail(err, b->file, where, "%s", b->damage.text);
    return WORK_DAMAGED;
}

/* Lines of a row that say what the columns are. */
static bool is_header(const struct work_block *b, const struct work_scan *s) {
    if (!b->row)
        return false;
    return b->lines.number <= b->row->header_lines ||
           (b->lines.number == 1 && b->row->header &&
            work_scan_is(s->start, (size_t)(s->end - s->start), b->row->header));
}

static enum work_status next_line(struct work_block *b, struct work_io *io,
                                  struct sim_err *err) {
    struct work_scan s;
    enum work_lines_status status;
    while ((status = work_lines_next(&b->lines, &s)) != WORK_LINES_END) {
        enum work_line what = WORK_LINE_BAD;
        if (status == WORK_LINES_CUT)
            return cut(b, &s, err);
        b->about.lines = b->lines.number;
        if (status == WORK_LINES_LONG)
            snprintf(s.reason, sizeof s.reason, "the line is longer than %d bytes",
                     WORK_LINE_BYTES);
        else if (s.start == s.end || is_header(b, &s))
            continue;
        else
            what = b->format->line(b, &s, io);
        if (what == WORK_LINE_REQUEST)
            return WORK_RECORD;
        if (what == WORK_LINE_BAD && !skip(b, &s, err))
            return WORK_DAMAGED;
    }
    return WORK_END;
}

enum work_status work_block_next(struct work_block *b, struct work_io *io,
                                 struct sim_err *err) {
    if (b->damage.set) {
        sim_fail(err, b->damage.source, b->damage.path, "%s", b->damage.text);
        return WORK_DAMAGED;
    }
    if (b->format->record) {
        enum work_status status = b->format->record(b, io, err);
        if (status == WORK_DAMAGED && err)
            b->damage = *err;
        return status;
    }
    io->barrier = false;
    return next_line(b, io, err);
}

/* ---------------------------------------------------------------- facts */

enum work_block_event work_block_event(const struct work_block *b) { return b->event; }

const struct work_block_about *work_block_about(const struct work_block *b) {
    return &b->about;
}

uint32_t work_block_devices(const struct work_block *b) { return work_names_count(b->devices); }

const char *work_block_device(const struct work_block *b, uint32_t device) {
    return device < work_names_count(b->devices) ? work_names_text(b->devices, device) : "";
}

bool work_block_rereadable(const struct work_block *b) {
    return work_stream_rereadable(b->stream);
}

static void stop(struct work_block *b) {
    work_lines_close(&b->lines);
    work_stream_close(b->stream);
    b->stream = NULL;
}

bool work_block_rewind(struct work_block *b, struct sim_err *err) {
    if (!work_block_rereadable(b))
        return sim_fail(err, b->file, NULL,
                        "cannot be read twice: it is a pipe; store it in a file");
    stop(b);
    b->stream = work_stream_open(b->file, err);
    return b->stream && start(b, err);
}

void work_block_close(struct work_block *b) {
    if (!b)
        return;
    stop(b);
    work_names_free(b->devices);
    free(b);
}
