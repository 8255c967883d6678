/* block_iolog.c - fio's iolog, versions 2 and 3, which --write_iolog writes.
 *
 * Version 3: "time file action [offset length]", times in us since the job's start. Version 2
 * has no times; "file wait us" lets the time pass. As fio documents it, a wait is counted from
 * the one before and in microseconds. A sync waits for what its file was asked before.
 * Left out: version 1; what fio's options make of a log (replay_skip, replay_scale ...).
 * Whose definitions: fio's HOWTO, "Trace file format", and iolog.c.
 */
#include "workloads/block_impl.h"
#include <string.h>

enum kind { ADD, OPEN, CLOSE, READ, WRITE, TRIM, SYNC, DATASYNC, RANGE, WAIT, KINDS };

static const struct {
    const char *word;
    enum work_io_op op;
} actions[KINDS] = {
    [ADD] = {"add", WORK_IO_OTHER},
    [OPEN] = {"open", WORK_IO_OTHER},
    [CLOSE] = {"close", WORK_IO_OTHER},
    [READ] = {"read", WORK_IO_READ},
    [WRITE] = {"write", WORK_IO_WRITE},
    [TRIM] = {"trim", WORK_IO_TRIM},
    [SYNC] = {"sync", WORK_IO_FLUSH},
    [DATASYNC] = {"datasync", WORK_IO_FLUSH},
    [RANGE] = {"sync_file_range", WORK_IO_FLUSH},
    [WAIT] = {"wait", WORK_IO_OTHER},
};

static bool has_extent(enum kind kind) { return kind >= READ; }

static bool parse_action(struct work_scan *s, bool waits, enum kind *kind) {
    size_t n;
    const char *word = work_scan_word(s, ' ', "an action", &n);
    if (!word)
        return false;
    for (int i = 0; i < (waits ? KINDS : WAIT); i++)
        if (strlen(actions[i].word) == n && memcmp(word, actions[i].word, n) == 0) {
            *kind = (enum kind)i;
            return true;
        }
    s->at = word;
    return work_scan_expected(s, ' ',
                              waits ? "an action (add, open, close, read, write, trim, sync, "
                                      "datasync, wait)"
                                    : "an action (add, open, close, read, write, trim, sync, "
                                      "datasync)");
}

static bool parse_extent(struct work_scan *s, enum kind kind, struct work_io *io) {
    const char *offset, *size;
    if (!work_scan_next(s, ' ', "an offset"))
        return false;
    offset = s->at;
    if (!work_scan_whole(s, ' ', kind == WAIT ? "a time in us" : "an offset", INT64_MAX,
                         &io->offset))
        return false;
    work_scan_blanks(s);
    size = s->at;
    io->bytes = 0;
    if (!(kind == WAIT && s->at == s->end) &&
        !work_scan_whole(s, ' ', "a size", INT64_MAX, &io->bytes))
        return false;
    return work_block_fits(s, ' ', offset, size, io);
}

static enum work_line wait_for(struct work_block *b, struct work_scan *s, uint64_t us) {
    if (!__builtin_add_overflow(b->clock, (int64_t)us, &b->clock))
        return WORK_LINE_NOTHING;
    work_scan_fail(s, s->start, ' ', "waits beyond 2^63 us");
    return WORK_LINE_BAD;
}

/* From the name of the file on. A file is added before it is used.
 * @param time where the line's time stands, or NULL. */
static enum work_line parse(struct work_block *b, struct work_scan *s, const char *time,
                            struct work_io *io) {
    enum kind kind = ADD;
    size_t n;
    bool waits = !b->about.stores_time;
    const char *file = work_scan_word(s, ' ', "the name of a file", &n);
    if (!file)
        return WORK_LINE_BAD;
    work_scan_blanks(s);
    if (!parse_action(s, waits, &kind))
        return WORK_LINE_BAD;
    io->op = (uint8_t)actions[kind].op;
    if (has_extent(kind) && !parse_extent(s, kind, io))
        return WORK_LINE_BAD;
    if (!work_scan_done(s, ' ') || !work_block_name(b, s, file, n, kind == ADD, &io->device) ||
        (time && !work_block_order(b, s, ' ', time, io->time)))
        return WORK_LINE_BAD;
    work_block_count(b, kind, actions[kind].word);
    if (kind == WAIT)
        return wait_for(b, s, io->offset);
    if (!has_extent(kind))
        return WORK_LINE_NOTHING;
    io->response = -1;
    io->content = 0;
    io->barrier = io->op == WORK_IO_FLUSH;
    if (io->op == WORK_IO_FLUSH)
        io->offset = io->bytes = 0;
    return WORK_LINE_REQUEST;
}

static bool is_header(const struct work_block *b, const struct work_scan *s,
                      const char *header) {
    return b->lines.number == 1 && work_scan_is(s->start, (size_t)(s->end - s->start), header);
}

static enum work_line line2(struct work_block *b, struct work_scan *s, struct work_io *io) {
    if (is_header(b, s, "fio version 2 iolog"))
        return WORK_LINE_NOTHING;
    io->time = b->clock;
    work_scan_blanks(s);
    return parse(b, s, NULL, io);
}

static enum work_line line3(struct work_block *b, struct work_scan *s, struct work_io *io) {
    if (is_header(b, s, "fio version 3 iolog"))
        return WORK_LINE_NOTHING;
    work_scan_blanks(s);
    const char *time = s->at;
    if (!work_scan_decimal(s, ' ', "a time in us", 0, &io->time))
        return WORK_LINE_BAD;
    work_scan_blanks(s);
    return parse(b, s, time, io);
}

const struct work_block_format work_block_iolog2 = {.name = "iolog2",
                                                    .title = "fio iolog v2",
                                                    .time_unit = "us",
                                                    .tick_ps = 1000000,
                                                    .ticks_per_unit = 1,
                                                    .tally = "actions",
                                                    .line = line2};

const struct work_block_format work_block_iolog3 = {.name = "iolog3",
                                                    .title = "fio iolog v3",
                                                    .time_unit = "us",
                                                    .tick_ps = 1000000,
                                                    .ticks_per_unit = 1,
                                                    .stores_time = true,
                                                    .tally = "actions",
                                                    .line = line3};
