/* text.h - text that grows, for reports: lines, headings and tables, in one of several styles.
 */
#ifndef APP_TEXT_H
#define APP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum app_style { APP_PLAIN, APP_COLOR, APP_MARKDOWN, APP_PAGE }; /* APP_PAGE: HTML */

struct app_text {
    char *at; /* malloc'ed, NUL-terminated */
    size_t n, room;
    enum app_style style;
};

/* Text as it is; what has a meaning in the style is escaped. */
void app_put(struct app_text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Markup of the style itself. */
void app_put_raw(struct app_text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

void app_heading(struct app_text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A line of its own under a heading; what is put between begin and end, or this. Further lines
 * of a plain one are indented by whoever writes them. */
void app_line(struct app_text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void app_line_begin(struct app_text *t);
void app_line_end(struct app_text *t);
/* The same before any heading. */
void app_lead(struct app_text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void app_lead_begin(struct app_text *t);
void app_lead_end(struct app_text *t);
/* What stands around a page. */
void app_page_begin(struct app_text *t, const char *title);
void app_page_end(struct app_text *t);

/* A cell of CSV: in quotes, where it needs them. */
void app_put_csv(struct app_text *t, const char *cell);

/* A table whose columns are as wide as their widest cell; numbers to the right. The first row
 * is its head. */
enum { APP_COLUMNS = 12, APP_CELL = 128 };
struct app_table {
    char (*cell)[APP_COLUMNS][APP_CELL];
    size_t rows, room, columns;
    /* a letter a column: l, r; b: as r, a page has a bar of its percentage; w: on a page alone,
     * "START WAIT SERVICE", percentages of a bar */
    const char *align;
};

void app_table_begin(struct app_table *t, const char *align);
/* Add a row; cells are the arguments, as many as there are columns. */
void app_table_row(struct app_table *t, ...);
void app_table_end(struct app_table *t, struct app_text *out);

#endif
