/* plain.c - a user's text as a line on a terminal: one that stays a line, shows what it holds,
 * and is not longer than somebody would read.
 *
 * What a terminal would act on or hide - control characters, turns of the writing direction,
 * what has no width - is written as \u202e; bytes that are no UTF-8 as \xff.
 */
#include "err.h"
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { WORD_MOST = 200, NAME_MOST = 80, KEPT = 60, BAD = 0x110000 };

/* One character of NUL-terminated text. @return its bytes; *c is BAD when they are none. */
static size_t decode(const unsigned char *p, uint32_t *c) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    *c = n == 1 ? p[0] : n > 1 ? p[0] & (0x7fu >> n) : BAD;
    for (size_t i = 1; i < n && *c != BAD; i++)
        *c = (p[i] & 0xc0u) == 0x80u ? *c << 6 | (p[i] & 0x3fu) : BAD;
    if (*c < BAD && *c >= least[n] && p[0] < 0xf8 && (*c < 0xd800 || *c > 0xdfff))
        return n;
    *c = BAD;
    return 1;
}

static bool shows(uint32_t c) {
    static const uint32_t hidden[][2] = {{0, 0x1f},        {0x7f, 0x9f},      {0xad, 0xad},
                                         {0x61c, 0x61c},   {0x180b, 0x180f},  {0x200b, 0x200f},
                                         {0x2028, 0x202e}, {0x2060, 0x206f},  {0xfeff, 0xfeff},
                                         {0xfff0, 0xfffb}, {0xe0000, 0xe0fff}};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (c >= hidden[i][0] && c <= hidden[i][1])
            return false;
    return true;
}

/* Text that grows to what its place holds, and then ends in "...". */
struct sink {
    char *buf;
    size_t n, size;
    bool raw, full; /* raw: without escapes */
};

static void put(struct sink *s, const char *text, size_t n) {
    if (s->full)
        return;
    s->full = s->n + n + sizeof "..." > s->size;
    memcpy(s->buf + s->n, s->full ? "..." : text, s->full ? 3 : n);
    s->n += s->full ? 3 : n;
    s->buf[s->n] = '\0';
}

static void put_plain(struct sink *s, const char *text, size_t n) {
    char escape[16];
    uint32_t c;
    for (size_t i = 0, size; i < n; i += size) {
        size = decode((const unsigned char *)text + i, &c);
        if (s->raw || (c != BAD && shows(c))) {
            put(s, text + i, size);
            continue;
        }
        snprintf(escape, sizeof escape,
                 c == BAD     ? "\\x%02x"
                 : c > 0xffff ? "\\U%08x"
                              : "\\u%04x",
                 c == BAD ? (unsigned char)text[i] : c);
        put(s, escape, strlen(escape));
    }
}

const char *sim_plain(const char *text, char *buf, unsigned long size) {
    struct sink s = {.buf = buf, .size = size};
    buf[0] = '\0';
    put_plain(&s, text, strlen(text));
    return buf;
}

/* One of several words, with "..." in the place of what nobody would read. */
static void put_word(struct sink *s, const char *word, size_t n, size_t most) {
    size_t kept = KEPT;
    bool quoted = word[0] == '"' && n > 1 && word[n - 1] == '"';
    if (n <= most) {
        put_plain(s, word, n);
        return;
    }
    while ((word[kept] & 0xc0) == 0x80)
        kept--;
    put_plain(s, word, kept);
    put(s, "...\"", quoted ? 4 : 3);
}

/* Words are parted by blanks, but not within quotes. */
const char *sim_shorten(const char *text, char *buf, unsigned long size) {
    struct sink s = {.buf = buf, .size = size, .raw = true};
    buf[0] = '\0';
    for (size_t n; *text != 0; text += n) {
        const char *close = *text == '"' ? strchr(text + 1, '"') : NULL;
        n = close != NULL ? (size_t)(close - text) + 1 : strcspn(text, " ");
        n = n > 0 ? n : 1;
        put_word(&s, text, n, WORD_MOST);
    }
    return buf;
}

static void put_path(struct sink *s, const char *path) {
    for (size_t n; *path != 0; path += n) {
        n = 1 + strcspn(path + 1, "/");
        put_word(s, path, n, NAME_MOST);
    }
}

const char *sim_err_line(const struct sim_err *e, char *buf, unsigned long size) {
    struct sink s = {.buf = buf, .size = size};
    buf[0] = '\0';
    put_plain(&s, e->source, strlen(e->source));
    put(&s, ": ", *e->source ? 2 : 0);
    put_path(&s, e->path);
    put(&s, ": ", *e->path ? 2 : 0);
    put_plain(&s, e->text, strlen(e->text));
    return buf;
}
