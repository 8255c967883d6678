/* scan.h - lines of a text trace and the fields in them; private to workloads/.
 *
 * One way to read a whole number or a decimal, exactly, with the place and the reason where
 * it is none. Numbers never pass through a double.
 */
#ifndef WORK_SCAN_H
#define WORK_SCAN_H

#include "workloads/stream.h"

/* --- lines, in place --- */

enum { WORK_LINE_BYTES = 1 << 16 }; /* the longest line that is one */

struct work_lines {
    struct work_stream *stream;
    FILE *bytes;
    char *buf; /* what was read last, and a line feed behind it */
    size_t at, have;
    bool ended;      /* the file has no more than buf holds */
    uint64_t number; /* of the line returned last, from 1 */
};

/* A line and what is left of it. The byte at `end` is a line feed or a carriage return, so that
 * a scan for digits or blanks stops there. */
struct work_scan {
    const char *start, *at, *end;
    const char *bad;  /* where it is no request, set by work_scan_fail */
    char reason[320]; /* what was found and what was expected */
};

/* Read a stream from its beginning; it stays the caller's. */
void work_lines_open(struct work_lines *l, struct work_stream *stream);
void work_lines_close(struct work_lines *l);

/* The next line, without its end. WORK_LINES_LONG: it is longer than WORK_LINE_BYTES and was
 * passed over. WORK_LINES_CUT: the file cannot be read further; what there is of the line is
 * in `s`. */
enum work_lines_status { WORK_LINES_LINE, WORK_LINES_END, WORK_LINES_LONG, WORK_LINES_CUT };
enum work_lines_status work_lines_next(struct work_lines *l, struct work_scan *s);

/* Read the beginning into memory, for work_lines_peek. */
void work_lines_fill(struct work_lines *l);
/* The lines from `*at` on that are whole and in memory, without taking them: for recognising a
 * format. @param at 0 for the first. @return false when there is none more. */
bool work_lines_peek(const struct work_lines *l, size_t *at, struct work_scan *s);

/* --- fields --- */

/* This line is none: `text` at `bad`. Where %s stands, the field there is quoted.
 * @return false. */
SIM_COLD bool work_scan_fail(struct work_scan *s, const char *bad, char delimiter,
                             const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The field at `s->at` is not what is expected there. @return false. */
SIM_COLD bool work_scan_expected(struct work_scan *s, char delimiter, const char *what);

/* Fields lie between `delimiter`s; ' ' stands for any number of blanks and tabs, and blanks
 * around a field are none of it. */
static inline bool work_is_blank(char c) { return c == ' ' || c == '\t'; }

static inline void work_scan_blanks(struct work_scan *s) {
    while (work_is_blank(*s->at))
        s->at++;
}

/* At the end of a field: before the delimiter or the end of the line. */
static inline bool work_scan_at_end(const struct work_scan *s, char delimiter) {
    return s->at == s->end || *s->at == delimiter || work_is_blank(*s->at);
}

/* Go from behind a field to the next one. @return false with the reason when the line ends
 * or goes on otherwise; `what` is the next field. */
bool work_scan_next(struct work_scan *s, char delimiter, const char *what);
/* Behind the last field: false with the reason when something follows. */
bool work_scan_done(struct work_scan *s, char delimiter);

/* A whole number up to max, and `what` it is: "an offset in bytes". */
bool work_scan_whole(struct work_scan *s, char delimiter, const char *what, uint64_t max,
                     uint64_t *value);
/* A decimal of which `decimals` digits behind the point count; the value is in units of the
 * last of them. More digits must be zeros. */
bool work_scan_decimal(struct work_scan *s, char delimiter, const char *what, unsigned decimals,
                       int64_t *value);
/* A field of any text, but not an empty one. @return its first byte, *n its length. */
const char *work_scan_word(struct work_scan *s, char delimiter, const char *what, size_t *n);

/* Are these n bytes that word, whatever the case of its letters? */
bool work_scan_is(const char *at, size_t n, const char *word);

#endif
