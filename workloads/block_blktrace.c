/* block_blktrace.c - the binary records of blktrace: of one CPU, or merged by blkparse -d.
 *
 * A request counts at one of its events (queued, issued, completed). A flush without data is a
 * request without offset and length. Of either byte order.
 * Left out: what drivers and cgroups add to a record; passthrough commands.
 * Whose definitions: Linux, include/uapi/linux/blktrace_api.h, version 7 of the records.
 */
#include "workloads/block_impl.h"
#include <inttypes.h>
#include <string.h>

enum { MAGIC = 0x65617400, VERSION = 7, RECORD_BYTES = 48 };

/* Categories, in the upper half of `action`. */
enum {
    CAT_READ = 1 << 0,
    CAT_WRITE = 1 << 1,
    CAT_FLUSH = 1 << 2,
    CAT_PASSTHROUGH = 1 << 9,
    CAT_NOTIFY = 1 << 10,
    CAT_DISCARD = 1 << 13
};

static const char *const actions[] = {NULL, "Q", "M",  "F", "G", "S", "R", "D",     "C",
                                      "P",  "U", "UT", "I", "X", "B", "A", "abort", "driver"};

struct record {
    uint64_t time, sector;
    uint32_t magic, bytes, action, device;
    uint16_t more; /* bytes behind it */
};

static uint32_t get32(const struct work_block *b, const uint8_t *at) {
    uint32_t v;
    memcpy(&v, at, 4);
    return b->swapped ? __builtin_bswap32(v) : v;
}

static uint64_t get64(const struct work_block *b, const uint8_t *at) {
    uint64_t v;
    memcpy(&v, at, 8);
    return b->swapped ? __builtin_bswap64(v) : v;
}

static enum work_status damaged(const struct work_block *b, struct sim_err *err,
                                const char *what) {
    char place[64];
    const char *failure = work_stream_failure(b->stream);
    snprintf(place, sizeof place, "record %" PRIu64 ", byte %" PRIu64, b->records, b->offset);
    sim_fail(err, b->file, place, "%s", failure ? failure : what);
    return WORK_DAMAGED;
}

/* Pass over what follows a record. */
static bool pass(struct work_block *b, size_t n) {
    uint8_t sink[512];
    while (n > 0) {
        size_t part = n < sizeof sink ? n : sizeof sink;
        if (fread(sink, 1, part, b->lines.bytes) != part)
            return false;
        n -= part;
    }
    return true;
}

static enum work_status read_record(struct work_block *b, struct record *r,
                                    struct sim_err *err) {
    uint8_t raw[RECORD_BYTES];
    size_t got = fread(raw, 1, sizeof raw, b->lines.bytes);
    if (got == 0 && !work_stream_failure(b->stream))
        return WORK_END;
    b->records++;
    if (got < sizeof raw)
        return damaged(b, err, "the file ends in a record: it was cut");
    uint32_t magic;
    memcpy(&magic, raw, 4);
    if (b->records == 1)
        b->swapped = (magic & 0xffffff00) != MAGIC;
    *r = (struct record){.magic = get32(b, raw),
                         .time = get64(b, raw + 8),
                         .sector = get64(b, raw + 16),
                         .bytes = get32(b, raw + 24),
                         .action = get32(b, raw + 28),
                         .device = get32(b, raw + 36)};
    uint16_t more;
    memcpy(&more, raw + 46, 2);
    r->more = b->swapped ? __builtin_bswap16(more) : more;
    if (r->magic != (MAGIC | VERSION))
        return damaged(b, err,
                       "is no record: it does not start with 0x65617407; blktrace "
                       "records of version 7 can be read");
    if (!pass(b, r->more))
        return damaged(b, err, "the file ends in what follows the record: it was cut");
    b->offset += RECORD_BYTES + r->more;
    return WORK_RECORD;
}

static enum work_block_event event_of(uint32_t action) {
    switch (action) {
    case 1:
        return WORK_BLOCK_QUEUED;
    case 7:
        return WORK_BLOCK_ISSUED;
    case 8:
        return WORK_BLOCK_COMPLETED;
    default:
        return WORK_BLOCK_EVENTS;
    }
}

static bool name_device(struct work_block *b, uint32_t device, uint32_t *number) {
    char name[32];
    int n = snprintf(name, sizeof name, "%u,%u", device >> 20, device & 0xfffff);
    return work_names_add(b->devices, name, (size_t)n, number);
}

/* @return what is wrong with it, or NULL; *none: it is no request. */
static const char *request(struct work_block *b, const struct record *r, struct work_io *io,
                           bool *none) {
    uint32_t category = r->action >> 16;
    bool flush = category & CAT_FLUSH;
    *none = (r->bytes == 0 && !flush) || category & CAT_PASSTHROUGH;
    if (*none)
        return NULL;
    if (r->sector > INT64_MAX / 512 || r->bytes > INT64_MAX - r->sector * 512)
        return "ends beyond 2^63 bytes";
    if (r->time > INT64_MAX)
        return "has a time beyond 2^63 ns";
    if (!name_device(b, r->device, &io->device))
        return "is of one device too many";
    io->op = category & CAT_DISCARD ? WORK_IO_TRIM
             : category & CAT_WRITE ? WORK_IO_WRITE
             : category & CAT_READ  ? WORK_IO_READ
                                    : WORK_IO_OTHER;
    io->offset = r->sector * 512;
    io->bytes = r->bytes;
    if (r->bytes == 0) {
        io->op = WORK_IO_FLUSH;
        io->offset = 0;
        b->about.bare++;
    }
    io->barrier = flush;
    io->time = (int64_t)r->time;
    io->response = -1;
    io->content = 0;
    return NULL;
}

/* A record that is no request. Records have their length, so the next one is found. */
static bool skip(struct work_block *b, const char *what, struct sim_err *err) {
    struct sim_err why = {0};
    char place[64];
    snprintf(place, sizeof place, "record %" PRIu64, b->records);
    sim_fail(&why, b->file, place, "%s", what);
    if (!b->opts.skip_bad)
        return sim_fail(err, b->file, place, "%s", what);
    if (b->about.skipped < WORK_BLOCK_REASONS)
        b->about.reason[b->about.skipped] = why;
    b->about.skipped++;
    return true;
}

static enum work_status record(struct work_block *b, struct work_io *io, struct sim_err *err) {
    struct record r = {0};
    enum work_status status;
    while ((status = read_record(b, &r, err)) == WORK_RECORD) {
        uint32_t action = r.action & 0xff;
        bool none = true;
        const char *what = NULL;
        b->about.lines = b->records;
        b->event = r.action >> 16 & CAT_NOTIFY ? WORK_BLOCK_EVENTS : event_of(action);
        if (b->event != WORK_BLOCK_EVENTS &&
            (b->opts.event == WORK_BLOCK_ANY || b->opts.event == b->event))
            what = request(b, &r, io, &none);
        else if (!(r.action >> 16 & CAT_NOTIFY) &&
                 (action == 0 || action >= sizeof actions / sizeof *actions))
            what = "has an action that is not known";
        if (what && !skip(b, what, err))
            return WORK_DAMAGED;
        if (what)
            continue;
        if (r.action >> 16 & CAT_NOTIFY)
            work_block_count(b, 0, "m");
        else
            work_block_count(b, action, actions[action]);
        if (!none)
            return WORK_RECORD;
    }
    return status;
}

const struct work_block_format work_block_blktrace = {.name = "blktrace",
                                                      .title = "blktrace binary",
                                                      .time_unit = "ns",
                                                      .tick_ps = 1000,
                                                      .ticks_per_unit = 1,
                                                      .stores_time = true,
                                                      .has_events = true,
                                                      .tally = "events",
                                                      .record = record};
