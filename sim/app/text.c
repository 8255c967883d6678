/* text.c - growing text and aligned tables. */
#include "text.h"
#include "sim/engine/err.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void app_put(struct app_text *t, const char *fmt, ...) {
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int need = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (t->n + (size_t)need + 1 > t->room) {
        t->room = 2 * (t->n + (size_t)need + 1);
        t->at = realloc(t->at, t->room);
        SIM_ASSERT(t->at != NULL);
    }
    vsnprintf(t->at + t->n, t->room - t->n, fmt, again);
    va_end(again);
    t->n += (size_t)need;
}

void app_table_begin(struct app_table *t, const char *align) {
    *t = (struct app_table){.align = align, .columns = strlen(align)};
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

static size_t width_of(const struct app_table *t, size_t column) {
    size_t w = 0;
    for (size_t r = 0; r < t->rows; r++)
        if (strlen(t->cell[r][column]) > w)
            w = strlen(t->cell[r][column]);
    return w;
}

void app_table_end(struct app_table *t, struct app_text *out) {
    for (size_t r = 0; r < t->rows; r++) {
        app_put(out, " ");
        for (size_t i = 0; i < t->columns; i++) {
            int w = (int)width_of(t, i);
            bool last = i + 1 == t->columns;
            if (t->align[i] == 'r')
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
    free(t->cell);
    *t = (struct app_table){0};
}
