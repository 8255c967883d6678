/* block_detect.c - which format a trace of block requests has, by its first bytes and lines.
 *
 * A first line or a magic number that says it decides. Else the first lines are read as each
 * format would: the one that most of them fit is it. MQSim's and DiskSim's columns are the same
 * but for the unit of time; DiskSim prints a point. Lines without one are MQSim's only where
 * DiskSim's milliseconds would make requests 10 s and more apart; else the user has to say.
 */
#include "workloads/block_impl.h"
#include <inttypes.h>
#include <string.h>

enum { LOOK_LINES = 64, ROWS_MOST = 16, APART = 10000 };

struct look {
    size_t lines; /* that are not empty */
    size_t blkparse, row[ROWS_MOST];
    bool point;            /* a time of DiskSim's columns is written with one */
    int64_t first, last;   /* times as the row of MQSim reads them */
    const char *first_bad; /* of a line that is no text */
    uint64_t bad_line;
    size_t bad_column;
};

static const struct work_block_format *const formats[] = {
    &work_block_iolog3, &work_block_iolog2, &work_block_blkparse, &work_block_blktrace};
enum { FORMATS = sizeof formats / sizeof *formats };

const struct work_block_format *work_block_find(const char *name,
                                                const struct work_block_row **row) {
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    for (const struct work_block_row *r = work_block_rows; r->columns > 0; r++)
        if (strcmp(r->name, name) == 0) {
            *row = r;
            return &work_block_row_format;
        }
    return NULL;
}

static void list_names(const char *names[ROWS_MOST + FORMATS + 1]) {
    size_t n = 0;
    for (size_t i = 0; i < FORMATS; i++)
        names[n++] = formats[i]->name;
    for (const struct work_block_row *r = work_block_rows; r->columns > 0; r++)
        names[n++] = r->name;
    names[n] = NULL;
}

static bool unknown(const char *as, struct sim_err *err) {
    const char *names[ROWS_MOST + FORMATS + 1];
    char list[400] = "";
    size_t n = 0;
    list_names(names);
    for (size_t i = 0; names[i]; i++)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", names[i]);
    const char *near = sim_nearest(as, names);
    return sim_fail(err, "dpusim", "--as", "there is no format \"%s\"%s%s%s are %s", as,
                    near ? "; did you mean \"" : "", near ? near : "",
                    near ? "\"? There" : "; there", list);
}

bool work_block_named(struct work_block_opts *opts, const char *as, struct sim_err *err) {
    static const char *const events[] = {"issued", "queued", "completed"};
    char name[WORK_ROW_NAME];
    const char *colon = strchr(as, ':');
    size_t n = colon ? (size_t)(colon - as) : strlen(as);
    const struct work_block_row *row = NULL;
    if (n >= sizeof name)
        return unknown(as, err);
    memcpy(name, as, n);
    name[n] = 0;
    const struct work_block_format *f = work_block_find(name, &row);
    if (!f)
        return unknown(as, err);
    opts->format = row ? row->name : f->name;
    if (!colon)
        return true;
    for (int i = 0; f->has_events && i < 3; i++)
        if (strcmp(colon + 1, events[i]) == 0) {
            opts->event = (enum work_block_event)i;
            return true;
        }
    return sim_fail(err, "dpusim", "--as", "\"%s\" has no \"%s\": %s", name, colon + 1,
                    f->has_events ? "its requests are issued, queued or completed"
                                  : "only blkparse and blktrace follow a request");
}

/* ---------------------------------------------------------------- by trying */

/* A line as every row reads it. */
static void try_rows(struct look *l, const struct work_scan *line) {
    for (size_t i = 0; work_block_rows[i].columns > 0; i++) {
        struct work_scan s = *line;
        struct work_row_line read;
        if (!work_row_parse(&work_block_rows[i], &s, &read))
            continue;
        if (strcmp(work_block_rows[i].name, "mqsim") == 0) {
            l->first = l->row[i] == 0 ? read.io.time : l->first;
            l->last = read.io.time;
        }
        l->point |= read.point && work_block_rows[i].delimiter == ' ';
        l->row[i]++;
    }
}

/* Control bytes do not occur in text. */
static void note_bytes(struct look *l, const struct work_scan *line, uint64_t number) {
    for (const char *at = line->start; !l->first_bad && at < line->end; at++)
        if (((unsigned char)*at < 0x20 && *at != '\t') || *at == 0x7f) {
            l->first_bad = at;
            l->bad_line = number;
            l->bad_column = (size_t)(at - line->start) + 1;
        }
}

static void look(const struct work_lines *lines, struct look *l) {
    struct work_scan s;
    size_t at = 0;
    uint64_t number = 0;
    while (l->lines < LOOK_LINES && work_lines_peek(lines, &at, &s)) {
        struct work_scan again = s;
        number++;
        if (s.start == s.end)
            continue;
        l->lines++;
        note_bytes(l, &s, number);
        l->blkparse += work_blkparse_fits(&again);
        try_rows(l, &s);
    }
}

static size_t index_of(const char *name) {
    size_t i = 0;
    while (strcmp(work_block_rows[i].name, name) != 0)
        i++;
    return i;
}

/* The two of these columns: lines that fit both, and no time that is written with a point. */
static bool either(const struct look *l, size_t mqsim, size_t disksim) {
    size_t n = l->row[mqsim];
    return n > 0 && l->row[disksim] > 0 && !l->point &&
           (n == 1 || l->last - l->first < (int64_t)(APART * (n - 1)));
}

static const struct work_block_format *ambiguous(struct work_block *b, size_t i, size_t j,
                                                 struct sim_err *err) {
    const struct work_block_row *one = &work_block_rows[i], *two = &work_block_rows[j];
    sim_fail(
        err, b->file, "line 1, column 1",
        "may be of format %s (times in %s) or %s (times in %s); say which with --as, or in "
        "a scenario with \"format\"",
        one->name, one->time_unit, two->name, two->time_unit);
    return NULL;
}

static const struct work_block_format *choose(struct work_block *b, const struct look *l,
                                              struct sim_err *err) {
    size_t best = 0, mqsim = index_of("mqsim"), disksim = index_of("disksim");
    for (size_t i = 0; work_block_rows[i].columns > 0; i++)
        if (l->row[i] > l->row[best])
            best = i; /* of MQSim and DiskSim, MQSim stands first */
    if (l->blkparse > l->row[best])
        return &work_block_blkparse;
    if ((best == mqsim || best == disksim) && either(l, mqsim, disksim))
        return ambiguous(b, mqsim, disksim, err);
    for (size_t i = best + 1; work_block_rows[i].columns > 0; i++)
        if (l->row[i] == l->row[best] && i != disksim)
            return ambiguous(b, best, i, err);
    b->row = &work_block_rows[best];
    return &work_block_row_format;
}

/* ---------------------------------------------------------------- by its beginning */

static const struct work_block_format *iolog(struct work_block *b, const struct work_scan *s,
                                             struct sim_err *err) {
    size_t n = (size_t)(s->end - s->start);
    if (work_scan_is(s->start, n, "fio version 3 iolog"))
        return &work_block_iolog3;
    if (work_scan_is(s->start, n, "fio version 2 iolog"))
        return &work_block_iolog2;
    sim_fail(err, b->file, "line 1, column 13",
             "fio's iolog of versions 2 and 3 can be read (\"fio version 3 iolog\"), not of "
             "this one");
    return NULL;
}

/* A log of fio's without its first line: "file add". */
static bool headless(const struct work_scan *line) {
    struct work_scan s = *line;
    size_t n;
    for (int i = 0; i < 3; i++) {
        work_scan_blanks(&s);
        const char *word = work_scan_word(&s, ' ', "a word", &n);
        if (!word)
            return false;
        if (i > 0 && work_scan_is(word, n, "add"))
            return true;
    }
    return false;
}

static bool is_remark(const struct work_scan *line) {
    return line->start < line->end && *line->start == '#';
}

static bool only_remarks(const struct work_lines *lines) {
    struct work_scan s;
    size_t at = 0;
    while (work_lines_peek(lines, &at, &s))
        if (s.start < s.end && !is_remark(&s))
            return false;
    return true;
}

/* The row that reads most fields of the first two lines but remarks before it fails, if one
 * reads any. */
static const struct work_block_row *nearest(const struct work_lines *lines, char place[64],
                                            struct work_scan *furthest) {
    const struct work_block_row *row = NULL;
    struct work_scan s;
    size_t at = 0, most = 0;
    for (int number = 1, left = 2; left > 0 && work_lines_peek(lines, &at, &s); number++) {
        if (is_remark(&s))
            continue;
        left--;
        for (const struct work_block_row *r = work_block_rows; r->columns > 0; r++) {
            struct work_scan tried = s;
            struct work_row_line line;
            if (work_row_parse(r, &tried, &line) || line.fields <= most)
                continue;
            row = r;
            *furthest = tried;
            most = line.fields;
            snprintf(place, 64, "line %d, column %zu", number,
                     (size_t)(tried.bad - tried.start) + 1);
        }
    }
    return row;
}

static const struct work_block_format *none(struct work_block *b, const struct look *l,
                                            const struct work_scan *first,
                                            struct sim_err *err) {
    char place[64] = "line 1, column 1";
    struct work_scan s;
    const struct work_block_row *row;
    if (l->first_bad) {
        snprintf(place, sizeof place, "line %" PRIu64 ", column %zu", l->bad_line,
                 l->bad_column);
        sim_fail(err, b->file, place,
                 "is neither a capture nor a trace of block requests: no text has the byte "
                 "0x%02x",
                 (unsigned)(unsigned char)*l->first_bad);
    } else if (headless(first)) {
        sim_fail(err, b->file, place,
                 "looks like fio's iolog without its first line; write \"fio version 3 iolog\" "
                 "there, or 2 where lines have no times");
    } else if ((row = nearest(&b->lines, place, &s)) != NULL) {
        sim_fail(err, b->file, place,
                 "fits no format of block traces; the nearest is %s: %s (--as FORMAT names "
                 "another: dpusim help trace)",
                 row->name, s.reason);
    } else if (only_remarks(&b->lines)) {
        sim_fail(err, b->file, place,
                 "begins with nothing but lines of remarks (#): there is no request to tell "
                 "the format of a block trace by");
    } else {
        sim_fail(err, b->file, place,
                 "is text, but none of its first lines fits a format of block traces; "
                 "--as FORMAT says which it should be (dpusim help trace)");
    }
    return NULL;
}

static bool is_blktrace(struct work_stream *stream) {
    size_t n;
    const uint8_t *head = work_stream_head(stream, &n);
    return n >= 4 && (memcmp(head + 1, "tae", 3) == 0 || memcmp(head, "eat", 3) == 0);
}

const struct work_block_format *work_block_detect(struct work_block *b, struct sim_err *err) {
    struct look l = {0};
    struct work_scan first;
    size_t at = 0;
    if (is_blktrace(b->stream))
        return &work_block_blktrace;
    work_lines_fill(&b->lines);
    if (!work_lines_peek(&b->lines, &at, &first)) {
        const char *failure = work_stream_failure(b->stream);
        sim_fail(err, b->file, "line 1, column 1", "%s",
                 failure ? failure : "has no line of 64 KiB or less at its beginning");
        return NULL;
    }
    if (first.end - first.start >= 12 && memcmp(first.start, "fio version ", 12) == 0)
        return iolog(b, &first, err);
    for (const struct work_block_row *r = work_block_rows; r->columns > 0; r++)
        if (r->header &&
            work_scan_is(first.start, (size_t)(first.end - first.start), r->header)) {
            b->row = r;
            return &work_block_row_format;
        }
    look(&b->lines, &l);
    size_t fits = l.blkparse;
    for (size_t i = 0; work_block_rows[i].columns > 0; i++)
        fits += l.row[i];
    return fits == 0 ? none(b, &l, &first, err) : choose(b, &l, err);
}
