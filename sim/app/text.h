/* text.h - text that grows, for reports. */
#ifndef APP_TEXT_H
#define APP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct app_text {
    char *at; /* malloc'ed, NUL-terminated */
    size_t n, room;
    bool color;
};

void app_put(struct app_text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A table whose columns are as wide as their widest cell; numbers to the right. */
enum { APP_COLUMNS = 10, APP_CELL = 128 };
struct app_table {
    char (*cell)[APP_COLUMNS][APP_CELL];
    size_t rows, room, columns;
    const char *align; /* a letter a column: l or r */
};

void app_table_begin(struct app_table *t, const char *align);
/* Add a row; cells are the arguments, as many as there are columns. */
void app_table_row(struct app_table *t, ...);
void app_table_end(struct app_table *t, struct app_text *out);

#endif
