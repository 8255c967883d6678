/* validate_sheet.c - see validate_sheet.h. */
#include "validate_sheet.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

void app_sheet_heading(struct app_text *t, bool md, const char *text) {
    if (md)
        app_put(t, "\n## %s\n\n", text);
    else
        app_heading(t, "%s", text);
}

/* A cell of Markdown: | and < mean something there. */
static void put_cell(struct app_text *t, const char *text) {
    for (; *text != 0; text++)
        app_put(t, *text == '|' ? "\\|" : *text == '<' ? "&lt;" : "%c", *text);
}

void app_sheet_add(struct app_sheet *s, app_sheet_row cell) {
    if (!s->md) {
        app_table_row(&s->table, cell[0], cell[1], cell[2], cell[3], cell[4], cell[5], cell[6],
                      cell[7]);
        return;
    }
    app_put(s->t, "|");
    for (size_t i = 0; i < s->columns; i++) {
        app_put(s->t, " ");
        put_cell(s->t, cell[i]);
        app_put(s->t, " |");
    }
    app_put(s->t, "\n");
}

void app_sheet_begin(struct app_sheet *s, struct app_text *t, bool md, const char *align,
                     const char *names) {
    app_sheet_row cell = {{0}};
    *s = (struct app_sheet){.t = t, .md = md, .columns = strlen(align)};
    if (!md)
        app_table_begin(&s->table, align);
    for (size_t i = 0; i < s->columns; i++) {
        size_t n = strcspn(names, "|");
        snprintf(cell[i], sizeof cell[i], "%.*s", (int)n, names);
        names += n + (names[n] != 0);
    }
    app_sheet_add(s, cell);
    for (size_t i = 0; md && i < s->columns; i++)
        app_put(t, "%s---%s|%s", i ? "" : "|", align[i] == 'r' ? ":" : "",
                i + 1 == s->columns ? "\n" : "");
}

void app_sheet_end(struct app_sheet *s) {
    if (!s->md)
        app_table_end(&s->table, s->t);
}

void app_cell_figure(char *cell, double v) {
    snprintf(cell, APP_SHEET_WIDE, isnan(v) ? "-" : "%.6g", v);
}

void app_cell_percent(char *cell, double v, bool sign) {
    double small = sign && fabs(v) < 0.00005 ? 0 : v; /* no -0.00 */
    snprintf(cell, APP_SHEET_WIDE, isnan(v) ? "-" : sign ? "%+.2f %%" : "%.4g %%", 100 * small);
}

void app_cell_value(char *cell, const json_t *v) {
    if (json_is_string(v))
        snprintf(cell, APP_SHEET_WIDE, "%s", json_string_value(v));
    else
        app_cell_figure(cell, json_number_value(v));
}

void app_cell_cut(char *cell, const char *text, size_t most) {
    size_t n = strlen(text);
    if (n > most) {
        n = most - 3;
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--;
    }
    snprintf(cell, APP_SHEET_WIDE, "%.*s%s", (int)n, text, text[n] != 0 ? "..." : "");
}
