/* text.c - growing text, headings, lines and tables. */
#include "text.h"
#include "sim/engine/err.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void need(struct app_text *t, size_t more) {
    if (t->n + more + 1 <= t->room)
        return;
    t->room = 2 * (t->n + more + 1);
    t->at = realloc(t->at, t->room);
    SIM_ASSERT(t->at != NULL);
}

static void put_args(struct app_text *t, const char *fmt, va_list ap) {
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    need(t, (size_t)n);
    vsnprintf(t->at + t->n, t->room - t->n, fmt, ap);
    t->n += (size_t)n;
}

void app_put_raw(struct app_text *t, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    put_args(t, fmt, ap);
    va_end(ap);
}

/* How a character is written in a style that gives it a meaning; NULL: as it is. */
static const char *escape(enum app_style style, char c) {
    if (style < APP_MARKDOWN)
        return NULL;
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return style == APP_PAGE ? "&quot;" : NULL;
    case '|':
        return style == APP_MARKDOWN ? "\\|" : NULL;
    case '*':
        return style == APP_MARKDOWN ? "\\*" : NULL;
    default:
        return NULL;
    }
}

static void put_escaped(struct app_text *t, const char *text) {
    for (; *text != 0; text++) {
        const char *as = escape(t->style, *text);
        if (as != NULL)
            app_put_raw(t, "%s", as);
        else {
            need(t, 1);
            t->at[t->n++] = *text;
            t->at[t->n] = 0;
        }
    }
}

static void put_text(struct app_text *t, const char *fmt, va_list ap) {
    struct app_text plain = {0};
    if (t->style < APP_MARKDOWN) {
        put_args(t, fmt, ap);
        return;
    }
    put_args(&plain, fmt, ap);
    put_escaped(t, plain.at);
    free(plain.at);
}

void app_put(struct app_text *t, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    put_text(t, fmt, ap);
    va_end(ap);
}

void app_put_csv(struct app_text *t, const char *cell) {
    if (strpbrk(cell, ",\"\r\n") == NULL) {
        app_put(t, "%s", cell);
        return;
    }
    app_put(t, "\"");
    for (const char *c = cell; *c != 0; c++)
        app_put(t, *c == '"' ? "\"\"" : "%c", *c);
    app_put(t, "\"");
}

/* What stands around a heading and a line, by style. */
static const char *const head_open[] = {"\n", "\n\033[1m", "\n## ", "<h2>"};
static const char *const head_close[] = {"\n", "\033[0m\n", "\n", "</h2>\n"};
static const char *const line_open[] = {"  ", "  ", "\n", "<p>"};
static const char *const line_close[] = {"\n", "\n", "\n", "</p>\n"};
static const char *const lead_open[] = {"", "", "", "<p class=lead>"};
static const char *const lead_close[] = {"\n", "\n", "\n\n", "</p>\n"};

void app_heading(struct app_text *t, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    app_put_raw(t, "%s", head_open[t->style]);
    put_text(t, fmt, ap);
    app_put_raw(t, "%s", head_close[t->style]);
    va_end(ap);
}

void app_line_begin(struct app_text *t) { app_put_raw(t, "%s", line_open[t->style]); }

void app_line_end(struct app_text *t) { app_put_raw(t, "%s", line_close[t->style]); }

void app_line(struct app_text *t, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    app_line_begin(t);
    put_text(t, fmt, ap);
    app_line_end(t);
    va_end(ap);
}

void app_lead_begin(struct app_text *t) { app_put_raw(t, "%s", lead_open[t->style]); }

void app_lead_end(struct app_text *t) { app_put_raw(t, "%s", lead_close[t->style]); }

void app_lead(struct app_text *t, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    app_lead_begin(t);
    put_text(t, fmt, ap);
    app_lead_end(t);
    va_end(ap);
}
