/* err.c - records the user's errors, reports our own, and finds the name a slip stands for;
 * plain.c says how they are shown.
 *
 * Leaves out: printing the user's errors and exit codes, which are sim/app's.
 */
#include "err.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MOST = 64, QUOTE_MOST = 60 };

/* Where to cut text of `length` bytes to at most `most`, not inside a UTF-8 character. */
static size_t cut_at(const char *text, size_t length, size_t most) {
    if (length <= most)
        return length;
    while (most > 0 && ((unsigned char)text[most] & 0xC0u) == 0x80u)
        most--;
    return most;
}

/* What does not fit ends in "...". */
static void copy(char *to, size_t size, const char *text) {
    text = text ? text : "";
    size_t length = strlen(text), end = cut_at(text, length, size - 1);
    end = end < length ? cut_at(text, length, size - sizeof "...") : end;
    snprintf(to, size, "%.*s%s", (int)end, text, end < length ? "..." : "");
}

bool sim_vfail(struct sim_err *e, const char *source, const char *path, const char *fmt,
               va_list args) {
    if (!e || e->set)
        return false;
    e->set = true;
    copy(e->source, sizeof e->source, source);
    copy(e->path, sizeof e->path, path);
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    char *text = malloc((size_t)length + 1);
    SIM_ASSERT(text != NULL);
    vsnprintf(text, (size_t)length + 1, fmt, args);
    sim_shorten(text, e->text, sizeof e->text);
    free(text);
    return false;
}

bool sim_fail(struct sim_err *e, const char *source, const char *path, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    sim_vfail(e, source, path, fmt, args);
    va_end(args);
    return false;
}

void sim_err_add(struct sim_err *e, const char *fmt, ...) {
    size_t used = strlen(e->text);
    va_list args;
    va_start(args, fmt);
    vsnprintf(e->text + used, sizeof e->text - used, fmt, args);
    va_end(args);
}

_Noreturn void sim_panic(const char *file, int line, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    fflush(stdout);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    abort();
}

const char *sim_quote(const char *text, char *buf, unsigned long size) {
    size_t length = strlen(text);
    size_t end = cut_at(text, length, QUOTE_MOST);
    snprintf(buf, size, "\"%.*s%s\"", (int)end, text, end < length ? "..." : "");
    return buf;
}

static bool same(char a, char b) {
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Edits (insert, delete, replace, swap neighbours) from a to b, both <= NAME_MOST long. */
static size_t distance(const char *a, const char *b) {
    size_t rows[3][NAME_MOST + 1], n = strlen(b), m = strlen(a);
    for (size_t j = 0; j <= n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= m; i++) {
        size_t *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t replaced = last[j - 1] + !same(a[i - 1], b[j - 1]);
            now[j] = least(replaced, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return rows[m % 3][n];
}

const char *sim_nearest(const char *found, const char *const *names) {
    size_t length = strlen(found), limit = length / 3 > 1 ? length / 3 : 1;
    size_t best = limit + 1;
    const char *nearest = NULL;
    for (const char *const *name = names; *name; name++)
        if (strcmp(found, *name) == 0)
            return *name; /* no slip, as mostly */
    for (; length <= NAME_MOST && *names; names++) {
        size_t size = strlen(*names);
        size_t d = size <= NAME_MOST ? distance(found, *names) : best;
        if (d < best && d < size) { /* d == size: nothing in common */
            best = d;
            nearest = *names;
        }
    }
    return nearest;
}
