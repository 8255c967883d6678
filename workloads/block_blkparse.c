/* block_blkparse.c - what blkparse prints of a kernel block trace in its default format.
 *
 * "major,minor cpu sequence seconds.nanoseconds pid action flags sector + sectors [process]".
 * A request counts at one of its events (queued, issued, completed). A flush without data is a
 * request without offset and length. Totals at the end are passed over.
 * Left out: formats made with -f; passthrough commands (no sectors); remaps, merges and splits,
 * which are counted as events only; from which issue a completion came.
 * Whose definitions: blkparse(1) and blkparse_fmt.c of blktrace 1.3.
 */
#include "workloads/block_impl.h"
#include <string.h>

static const char *const actions[] = {"Q", "D", "C", "G", "P", "U", "UT", "I", "M",
                                      "F", "X", "S", "R", "B", "A", "m",  "T", NULL};

static enum work_block_event event_of(size_t action) {
    static const enum work_block_event events[] = {WORK_BLOCK_QUEUED, WORK_BLOCK_ISSUED,
                                                   WORK_BLOCK_COMPLETED};
    return action < 3 ? events[action] : WORK_BLOCK_EVENTS;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* "8,16" */
static bool parse_device(struct work_scan *s, const char **name, size_t *n) {
    const char *at = s->at;
    while (is_digit(*at))
        at++;
    bool good = at > s->at && *at == ',' && is_digit(at[1]);
    for (at++; good && is_digit(*at);)
        at++;
    if (!good || !work_is_blank(*at))
        return work_scan_expected(s, ' ', "a device (\"8,0\")");
    *name = s->at;
    *n = (size_t)(at - s->at);
    s->at = at;
    return true;
}

struct head {
    const char *device;
    size_t device_n;
    int64_t time;
    size_t action;
};

static bool parse_action(struct work_scan *s, size_t *action) {
    size_t n;
    const char *word = work_scan_word(s, ' ', "an action (Q, D, C ...)", &n);
    if (!word)
        return false;
    for (*action = 0; actions[*action]; ++*action)
        if (strlen(actions[*action]) == n && memcmp(word, actions[*action], n) == 0)
            return true;
    s->at = word;
    return work_scan_expected(s, ' ', "an action (Q, D, C ...)");
}

static bool parse_head(struct work_scan *s, struct head *h) {
    uint64_t skip;
    work_scan_blanks(s);
    if (!parse_device(s, &h->device, &h->device_n))
        return false;
    work_scan_blanks(s);
    if (!work_scan_whole(s, ' ', "the number of a CPU", UINT32_MAX, &skip))
        return false;
    work_scan_blanks(s);
    if (!work_scan_whole(s, ' ', "a sequence number", INT64_MAX, &skip))
        return false;
    work_scan_blanks(s);
    if (!work_scan_decimal(s, ' ', "a time in seconds", 9, &h->time))
        return false;
    work_scan_blanks(s);
    if (!work_scan_whole(s, ' ', "a process ID", UINT32_MAX, &skip))
        return false;
    work_scan_blanks(s);
    return parse_action(s, &h->action);
}

bool work_blkparse_fits(struct work_scan *s) {
    struct head h;
    return parse_head(s, &h);
}

/* F in front: flushes first; then R, W, D (discard) or N (none); then F (forced to the medium),
 * A, S, M, and B, which old kernels had for a barrier. */
static bool parse_flags(struct work_scan *s, struct work_io *io, bool *flush) {
    static const char letters[] = {'R', 'W', 'D', 'N'};
    static const enum work_io_op ops[] = {WORK_IO_READ, WORK_IO_WRITE, WORK_IO_TRIM,
                                          WORK_IO_OTHER};
    size_t n, which = 0;
    const char *word = work_scan_word(s, ' ', "flags (R, WS ...)", &n);
    if (!word)
        return false;
    *flush = n > 1 && word[0] == 'F';
    while (which < 4 && letters[which] != word[*flush])
        which++;
    for (size_t i = 0; i < n; i++)
        if (word[i] < 'A' || word[i] > 'Z' || which == 4) {
            s->at = word;
            return work_scan_expected(s, ' ', "flags (R, WS ...)");
        }
    io->op = (uint8_t)ops[which];
    io->barrier = *flush || memchr(word, 'B', n) != NULL;
    return true;
}

/* "sector + sectors". *extent: it is there. */
static bool parse_extent(struct work_scan *s, struct work_io *io, bool *extent) {
    uint64_t sectors;
    const char *offset, *size;
    *extent = false;
    work_scan_blanks(s);
    if (s->at == s->end || *s->at == '[' || *s->at == '(')
        return true;
    offset = s->at;
    if (!work_scan_whole(s, ' ', "a sector", INT64_MAX / 512, &io->offset))
        return false;
    work_scan_blanks(s);
    if (s->at == s->end || *s->at != '+')
        return *s->at == '[' || *s->at == '(' ||
               work_scan_expected(s, ' ', "\"+\" and the number of sectors");
    s->at++;
    work_scan_blanks(s);
    size = s->at;
    if (!work_scan_whole(s, ' ', "a number of sectors", INT64_MAX / 512, &sectors))
        return false;
    *extent = true;
    io->offset *= 512;
    io->bytes = sectors * 512;
    return work_block_fits(s, ' ', offset, size, io);
}

/* Behind the action of an event at which requests count. */
static enum work_line request(struct work_block *b, struct work_scan *s, const struct head *h,
                              struct work_io *io) {
    bool flush, extent;
    work_scan_blanks(s);
    if (!parse_flags(s, io, &flush) || !parse_extent(s, io, &extent))
        return WORK_LINE_BAD;
    if (!extent && !flush)
        return WORK_LINE_NOTHING;
    if (!work_block_name(b, s, h->device, h->device_n, true, &io->device))
        return WORK_LINE_BAD;
    if (!extent) {
        io->op = WORK_IO_FLUSH;
        io->offset = io->bytes = 0;
        b->about.bare++;
    }
    io->time = h->time;
    io->response = -1;
    io->content = 0;
    return WORK_LINE_REQUEST;
}

static bool starts(const struct work_scan *s, const char *with) {
    size_t n = strlen(with);
    return (size_t)(s->end - s->at) >= n && memcmp(s->at, with, n) == 0;
}

/* A line that is no event: totals, and what blkparse says of its input. */
static enum work_line other(struct work_block *b, struct work_scan *s) {
    if (starts(s, "CPU") || starts(s, "Total ("))
        b->summary = true;
    if (b->summary || starts(s, "Input file "))
        return WORK_LINE_NOTHING;
    work_scan_expected(s, ' ', "a device (\"8,0\")");
    return WORK_LINE_BAD;
}

static enum work_line line(struct work_block *b, struct work_scan *s, struct work_io *io) {
    struct head h;
    work_scan_blanks(s);
    const char *start = s->at;
    if (!is_digit(*start))
        return other(b, s);
    if (b->summary) {
        work_scan_fail(s, start, ' ',
                       "begins another output behind the totals of the first; give one");
        return WORK_LINE_BAD;
    }
    if (!parse_head(s, &h))
        return WORK_LINE_BAD;
    enum work_block_event event = event_of(h.action);
    bool counts = event != WORK_BLOCK_EVENTS &&
                  (b->opts.event == WORK_BLOCK_ANY || b->opts.event == event);
    enum work_line what = counts ? request(b, s, &h, io) : WORK_LINE_NOTHING;
    if (what != WORK_LINE_BAD)
        work_block_count(b, h.action, actions[h.action]);
    b->event = event;
    return what;
}

const struct work_block_format work_block_blkparse = {.name = "blkparse",
                                                      .title = "blkparse text",
                                                      .time_unit = "s",
                                                      .tick_ps = 1000,
                                                      .ticks_per_unit = 1000000000,
                                                      .stores_time = true,
                                                      .has_events = true,
                                                      .tally = "events",
                                                      .line = line};
