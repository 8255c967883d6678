/* validate_sheet.h - a table for a terminal or in Markdown, and its cells; for validate_text.c
 * alone.
 */
#ifndef APP_VALIDATE_SHEET_H
#define APP_VALIDATE_SHEET_H

#include "text.h"
#include <jansson.h>
#include <stdbool.h>

enum { APP_SHEET_CELLS = 8, APP_SHEET_WIDE = 1024 };

typedef char app_sheet_row[APP_SHEET_CELLS][APP_SHEET_WIDE];

struct app_sheet {
    struct app_text *t;
    bool md;
    size_t columns;
    struct app_table table; /* text only */
};

void app_sheet_heading(struct app_text *t, bool md, const char *text);
/* @param align a letter a column, l or r. @param names of the columns, separated by | */
void app_sheet_begin(struct app_sheet *s, struct app_text *t, bool md, const char *align,
                     const char *names);
void app_sheet_add(struct app_sheet *s, app_sheet_row cell);
void app_sheet_end(struct app_sheet *s);

/* --- cells: APP_SHEET_WIDE bytes; what is not known is "-" --- */

void app_cell_figure(char *cell, double v);
/* @param sign as an error: with its sign. */
void app_cell_percent(char *cell, double ratio, bool sign);
void app_cell_value(char *cell, const json_t *v);
/* At most `most` bytes, whole characters. */
void app_cell_cut(char *cell, const char *text, size_t most);

#endif
