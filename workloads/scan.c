/* scan.c - lines of a text trace and the fields in them.
 *
 * Lines are taken where they lie in a large buffer, which is filled again when it holds no
 * whole line. Left out: quoted fields, as no trace has them.
 */
#include "workloads/scan.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { BUFFER_BYTES = 1 << 18 };

void work_lines_open(struct work_lines *l, struct work_stream *stream) {
    *l = (struct work_lines){.stream = stream, .bytes = work_stream_file(stream)};
    l->buf = malloc(BUFFER_BYTES + 1);
    SIM_ASSERT(l->buf);
}

void work_lines_close(struct work_lines *l) {
    if (l->bytes)
        fclose(l->bytes);
    free(l->buf);
    *l = (struct work_lines){0};
}

/* Move what is left to the front and fill up behind it. */
static void refill(struct work_lines *l) {
    memmove(l->buf, l->buf + l->at, l->have - l->at);
    l->have -= l->at;
    l->at = 0;
    size_t room = BUFFER_BYTES - l->have;
    size_t got = fread(l->buf + l->have, 1, room, l->bytes);
    l->have += got;
    l->ended = got < room;
    l->buf[l->have] = '\n';
}

void work_lines_fill(struct work_lines *l) { refill(l); }

static void set_line(struct work_scan *s, const char *start, const char *end) {
    if (end > start && end[-1] == '\r')
        end--;
    s->start = s->at = start;
    s->end = end;
    s->bad = NULL;
}

/* Pass over what is left of a line that does not fit. */
static void pass_over(struct work_lines *l) {
    char *feed;
    while ((feed = memchr(l->buf + l->at, '\n', l->have - l->at)) == NULL && !l->ended) {
        l->at = l->have;
        refill(l);
    }
    l->at = feed ? (size_t)(feed - l->buf) + 1 : l->have;
}

/* No line feed is left in the buffer, nor in the file. */
static enum work_lines_status last_line(struct work_lines *l, struct work_scan *s) {
    bool cut = work_stream_failure(l->stream) != NULL;
    if (l->at == l->have && !cut)
        return WORK_LINES_END;
    set_line(s, l->buf + l->at, l->buf + l->have);
    l->number++;
    l->at = l->have;
    return cut ? WORK_LINES_CUT : WORK_LINES_LINE;
}

enum work_lines_status work_lines_next(struct work_lines *l, struct work_scan *s) {
    char *feed = NULL;
    if (l->have > l->at)
        feed = memchr(l->buf + l->at, '\n', l->have - l->at);
    if (!feed && !l->ended) {
        refill(l);
        feed = memchr(l->buf, '\n', l->have);
    }
    if (!feed && l->ended && l->have - l->at <= WORK_LINE_BYTES)
        return last_line(l, s);
    char *start = l->buf + l->at;
    if (!feed || feed - start > WORK_LINE_BYTES) {
        set_line(s, start, start);
        pass_over(l);
        l->number++;
        return WORK_LINES_LONG;
    }
    set_line(s, start, feed);
    l->at = (size_t)(feed - l->buf) + 1;
    l->number++;
    return WORK_LINES_LINE;
}

bool work_lines_peek(const struct work_lines *l, size_t *at, struct work_scan *s) {
    if (*at >= l->have)
        return false;
    const char *start = l->buf + *at, *feed = memchr(start, '\n', l->have - *at);
    if (!feed && !l->ended)
        return false;
    set_line(s, start, feed ? feed : l->buf + l->have);
    *at = feed ? (size_t)(feed - l->buf) + 1 : l->have;
    return true;
}

/* ---------------------------------------------------------------- faults */

static bool ends_field(const struct work_scan *s, const char *at, char delimiter) {
    return at == s->end || (delimiter == ' ' ? work_is_blank(*at) : *at == delimiter);
}

/* The field at `bad`, in quotes. */
static const char *quote(const struct work_scan *s, const char *bad, char delimiter,
                         char buf[80]) {
    char word[128];
    size_t n = 0;
    while (n + 1 < sizeof word && !ends_field(s, bad + n, delimiter))
        n++;
    while (n > 0 && work_is_blank(bad[n - 1]))
        n--;
    memcpy(word, bad, n);
    for (size_t i = 0; i < n; i++)
        if (word[i] == 0)
            word[i] = '?';
    word[n] = 0;
    return sim_quote(word, buf, 80);
}

bool work_scan_fail(struct work_scan *s, const char *bad, char delimiter, const char *fmt,
                    ...) {
    char field[80], text[200];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    s->bad = bad;
    if (bad == s->end)
        snprintf(s->reason, sizeof s->reason, "the line ends here: it %s", text);
    else
        snprintf(s->reason, sizeof s->reason, "%s %s", quote(s, bad, delimiter, field), text);
    return false;
}

bool work_scan_expected(struct work_scan *s, char delimiter, const char *what) {
    char field[80];
    s->bad = s->at;
    if (s->at == s->end)
        snprintf(s->reason, sizeof s->reason, "the line ends where %s is expected", what);
    else
        snprintf(s->reason, sizeof s->reason, "found %s where %s is expected",
                 quote(s, s->at, delimiter, field), what);
    return false;
}

/* ---------------------------------------------------------------- fields */

bool work_scan_next(struct work_scan *s, char delimiter, const char *what) {
    if (delimiter != ' ') {
        work_scan_blanks(s);
        if (*s->at != delimiter || s->at == s->end)
            return work_scan_expected(s, delimiter, what);
        s->at++;
    }
    work_scan_blanks(s);
    return true;
}

bool work_scan_done(struct work_scan *s, char delimiter) {
    work_scan_blanks(s);
    return s->at == s->end || work_scan_expected(s, delimiter, "the end of the line");
}

/* Digits at s->at. @return false when the number does not fit; *p is behind the digits. */
static inline bool digits(const char **p, uint64_t *value) {
    const char *at = *p;
    uint64_t v = 0;
    unsigned d;
    bool fits = true;
    while ((d = (unsigned)(unsigned char)*at - '0') <= 9) {
        if (at - *p >= 19 && (v > UINT64_MAX / 10 || v * 10 > UINT64_MAX - d))
            fits = false;
        v = v * 10 + d;
        at++;
    }
    *p = at;
    *value = v;
    return fits;
}

bool work_scan_whole(struct work_scan *s, char delimiter, const char *what, uint64_t max,
                     uint64_t *value) {
    const char *at = s->at;
    bool fits = digits(&at, value);
    if (at == s->at || !(ends_field(s, at, delimiter) || work_is_blank(*at)))
        return work_scan_expected(s, delimiter, what);
    if (!fits || *value > max)
        return work_scan_fail(s, s->at, delimiter, "is too large for %s: the most is %llu",
                              what, (unsigned long long)max);
    s->at = at;
    return true;
}

static bool fraction(struct work_scan *s, const char **p, unsigned decimals, uint64_t *value) {
    uint64_t v = 0;
    unsigned kept = 0;
    const char *at = *p + 1;
    for (; (unsigned)(unsigned char)*at - '0' <= 9; at++) {
        if (kept < decimals) {
            v = v * 10 + (uint64_t)(*at - '0');
            kept++;
        } else if (*at != '0') {
            return false;
        }
    }
    if (at == *p + 1 && s->at == *p)
        return false; /* a point alone */
    for (; kept < decimals; kept++)
        v *= 10;
    *p = at;
    *value = v;
    return true;
}

bool work_scan_decimal(struct work_scan *s, char delimiter, const char *what, unsigned decimals,
                       int64_t *value) {
    static const int64_t power[] = {1,      10,      100,      1000,      10000,
                                    100000, 1000000, 10000000, 100000000, 1000000000};
    SIM_ASSERT(decimals < sizeof power / sizeof *power);
    uint64_t whole, part = 0;
    const char *at = s->at;
    bool fits = digits(&at, &whole);
    if (*at == '.' && decimals > 0 && !fraction(s, &at, decimals, &part)) {
        if (at > s->at)
            return work_scan_fail(s, s->at, delimiter,
                                  "is finer than can be kept: %u digits behind the point",
                                  decimals);
        return work_scan_expected(s, delimiter, what);
    }
    if (at == s->at || !(ends_field(s, at, delimiter) || work_is_blank(*at)))
        return work_scan_expected(s, delimiter, what);
    if (!fits || whole > INT64_MAX ||
        __builtin_mul_overflow((int64_t)whole, power[decimals], value) ||
        __builtin_add_overflow(*value, (int64_t)part, value))
        return work_scan_fail(s, s->at, delimiter, "is too large for %s: the most is %lld",
                              what, (long long)(INT64_MAX / power[decimals]));
    s->at = at;
    return true;
}

const char *work_scan_word(struct work_scan *s, char delimiter, const char *what, size_t *n) {
    const char *at = s->at;
    while (!ends_field(s, at, delimiter))
        at++;
    const char *end = at;
    while (end > s->at && work_is_blank(end[-1]))
        end--;
    *n = (size_t)(end - s->at);
    if (*n == 0) {
        work_scan_expected(s, delimiter, what);
        return NULL;
    }
    const char *word = s->at;
    s->at = at;
    return word;
}

bool work_scan_is(const char *at, size_t n, const char *word) {
    return strlen(word) == n && (memcmp(at, word, n) == 0 || strncasecmp(at, word, n) == 0);
}
