/* text_table.c - tables of a report, in the style of the text that they come into. */
#include "sim/engine/err.h"
#include "text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void app_table_begin(struct app_table *t, const char *align) {
    *t = (struct app_table){.align = align, .columns = strlen(align)};
    SIM_ASSERT(t->columns <= APP_COLUMNS);
}

void app_table_row(struct app_table *t, ...) {
    va_list ap;
    if (t->rows == t->room) {
        t->room = t->room ? 2 * t->room : 16;
        t->cell = realloc(t->cell, t->room * sizeof *t->cell);
        SIM_ASSERT(t->cell != NULL);
    }
    va_start(ap, t);
    for (size_t i = 0; i < t->columns; i++)
        snprintf(t->cell[t->rows][i], APP_CELL, "%s", va_arg(ap, const char *));
    va_end(ap);
    t->rows++;
}

static bool to_the_right(const struct app_table *t, size_t column) {
    return t->align[column] == 'r' || t->align[column] == 'b';
}

/* Columns before those that only a page has. */
static size_t shown(const struct app_table *t) { return strcspn(t->align, "w"); }

static size_t width_of(const struct app_table *t, size_t column) {
    size_t w = 0;
    for (size_t r = 0; r < t->rows; r++)
        if (strlen(t->cell[r][column]) > w)
            w = strlen(t->cell[r][column]);
    return w;
}

static void put_plain(const struct app_table *t, struct app_text *out) {
    size_t columns = shown(t);
    for (size_t r = 0; r < t->rows; r++) {
        app_put(out, " ");
        for (size_t i = 0; i < columns; i++) {
            int w = (int)width_of(t, i);
            bool last = i + 1 == columns;
            if (to_the_right(t, i))
                app_put(out, " %*s", w, t->cell[r][i]);
            else if (last)
                app_put(out, " %s", t->cell[r][i]);
            else
                app_put(out, " %-*s", w, t->cell[r][i]);
            if (!last)
                app_put(out, " ");
        }
        app_put(out, "\n");
    }
}

static void put_markdown(const struct app_table *t, struct app_text *out) {
    size_t columns = shown(t);
    app_put_raw(out, "%s", t->rows > 0 ? "\n" : "");
    for (size_t r = 0; r < t->rows; r++) {
        for (size_t i = 0; i < columns; i++) {
            app_put_raw(out, "| ");
            app_put(out, "%s ", t->cell[r][i]);
        }
        app_put_raw(out, "|\n");
        for (size_t i = 0; r == 0 && i < columns; i++)
            app_put_raw(out, "%s", to_the_right(t, i) ? "|---:" : "|---");
        app_put_raw(out, "%s", r == 0 ? "|\n" : "");
    }
}

/* Percentages as they are drawn: a bar ends at its cell's edge. */
static double part(double v) { return v > 100 ? 100 : v > 0 ? v : 0; }

/* A stretch of time, "START WAIT SERVICE". */
static void put_stretch(const char *text, struct app_text *out) {
    char *next;
    double start = strtod(text, &next), wait = strtod(next, &next),
           service = strtod(next, NULL);
    app_put_raw(out,
                "<td class=w><i style=\"margin-left:%.4g%%;width:%.4g%%\"></i><b "
                "style=\"width:%.4g%%\"></b></td>",
                part(start), part(wait), part(service));
}

static void put_cell(const struct app_table *t, size_t r, size_t i, struct app_text *out) {
    const char *text = t->cell[r][i];
    if (r > 0 && t->align[i] == 'w' && text[0] != 0) {
        put_stretch(text, out);
        return;
    }
    if (r == 0)
        app_put_raw(out, "<th%s>", to_the_right(t, i) ? " class=r" : "");
    else if (t->align[i] == 'b' && strchr(text, '%') != NULL) {
        double v = strtod(text + strcspn(text, "0123456789-"), NULL);
        app_put_raw(out, "<td class=\"b%s\" style=\"--w:%.4g%%\">", v > 100 ? " over" : "",
                    part(v));
    } else
        app_put_raw(out, "<td%s>", to_the_right(t, i) ? " class=r" : "");
    app_put(out, "%s", text);
    app_put_raw(out, "%s", r == 0 ? "</th>" : "</td>");
}

static void put_page(const struct app_table *t, struct app_text *out) {
    app_put_raw(out, "%s", t->rows > 0 ? "<table>\n" : "");
    for (size_t r = 0; r < t->rows; r++) {
        app_put_raw(out, "<tr>");
        for (size_t i = 0; i < t->columns; i++)
            put_cell(t, r, i, out);
        app_put_raw(out, "</tr>\n");
    }
    app_put_raw(out, "%s", t->rows > 0 ? "</table>\n" : "");
}

void app_table_end(struct app_table *t, struct app_text *out) {
    if (out->style == APP_PAGE)
        put_page(t, out);
    else if (out->style == APP_MARKDOWN)
        put_markdown(t, out);
    else
        put_plain(t, out);
    free(t->cell);
    *t = (struct app_table){0};
}
