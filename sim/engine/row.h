/* row.h - one row of a field table and the text it stands for: choices, bounds, default.
 *
 * The half of field.h that needs no JSON; for field.c and for help texts.
 */
#ifndef SIM_ROW_H
#define SIM_ROW_H

#include "field.h"
#include <string.h>

enum { SIM_WORD = 64, SIM_LIST = 768 };

/* Why a value was refused, one line without file and pointer. Larger than the text of a
 * sim_err, which marks what it cuts. */
struct sim_why {
    char text[1280];
};

/* Write the reason. @return always false. */
bool sim_refuse(struct sim_why *why, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Is the name one of the words, which blanks separate? words NULL: no. */
bool sim_listed(const char *words, const char *name);
/* Print behind the text that buf[size] holds. */
void sim_append(char *buf, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Held as an int64_t (else as a pointer). */
static inline bool sim_row_is_int(const struct sim_field *row) { return row->unit <= SIM_ENUM; }
/* Written in quotes: a quantity with unit, the name of a choice, a string. */
static inline bool sim_row_is_quoted(const struct sim_field *row) {
    return sim_unit_pattern(row->unit) || row->unit == SIM_ENUM || row->unit == SIM_STRING;
}
/* The row of that name in a table, which may be NULL; NULL: it has none. */
static inline const struct sim_field *sim_row_named(const struct sim_field *table,
                                                    const char *name) {
    for (; table != NULL && table->name != NULL; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}
/* The row's default, else an example of its unit; without quotes. */
const char *sim_row_example(const struct sim_field *row);

/* The i-th of the row's choices. @return false when there are not so many. */
bool sim_row_choice(const struct sim_field *row, int64_t i, char word[SIM_WORD]);
/* Index of the choice that text names. @return false when there is none. */
bool sim_row_find(const struct sim_field *row, const char *text, int64_t *index);
/* Value of a choice of a numeric row. */
int64_t sim_row_choice_value(const struct sim_field *row, const char *word);
/* All choices, as one writes them: `1, 2 or 4`. @return buf. */
const char *sim_row_list(const struct sim_field *row, char buf[SIM_LIST]);

/* Whether a numeric row admits the value, which the user wrote as `shown`. */
bool sim_row_check(const struct sim_field *row, int64_t value, const char *shown,
                   struct sim_why *why);
/* Value of the default text of a row that is held as an int64_t; a bad text is our fault. */
int64_t sim_row_default(const struct sim_field *row);

#endif
