/* row.c - choices, bounds and defaults of one row of a field table, without JSON. */
#include "row.h"
#include <stdio.h>
#include <string.h>

bool sim_refuse(struct sim_why *why, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    vsnprintf(why->text, sizeof why->text, fmt, args);
    va_end(args);
    return false;
}

void sim_append(char *buf, size_t size, const char *fmt, ...) {
    size_t used = strlen(buf);
    va_list args;
    va_start(args, fmt);
    vsnprintf(buf + used, size - used, fmt, args);
    va_end(args);
}

const char *sim_row_example(const struct sim_field *row) {
    bool some = row->def && *row->def;
    /* nothing of a quantity is no example of it */
    if (some && sim_row_is_int(row) && sim_row_is_quoted(row) && row->unit != SIM_ENUM)
        some = sim_row_default(row) != 0;
    return some ? row->def : sim_unit_example(row->unit);
}

bool sim_row_choice(const struct sim_field *row, int64_t i, char word[SIM_WORD]) {
    const char *at = row->choices;
    for (; i > 0 && at; i--) {
        const char *bar = strchr(at, '|');
        at = bar ? bar + 1 : NULL;
    }
    if (!at)
        return false;
    snprintf(word, SIM_WORD, "%.*s", (int)strcspn(at, "|"), at);
    return true;
}

bool sim_row_find(const struct sim_field *row, const char *text, int64_t *index) {
    char word[SIM_WORD];
    for (*index = 0; sim_row_choice(row, *index, word); ++*index)
        if (strcmp(word, text) == 0)
            return true;
    return false;
}

int64_t sim_row_choice_value(const struct sim_field *row, const char *word) {
    struct sim_why why;
    int64_t value = 0;
    if (!sim_quantity_parse(row->unit, word, &value, why.text, sizeof why.text))
        sim_panic(__FILE__, __LINE__, "choices of row %s: %s", row->name, why.text);
    return value;
}

const char *sim_row_list(const struct sim_field *row, char buf[SIM_LIST]) {
    char word[SIM_WORD], after[SIM_WORD];
    const char *quote = sim_row_is_quoted(row) ? "\"" : "";
    buf[0] = '\0';
    for (int64_t i = 0; sim_row_choice(row, i, word); i++) {
        const char *joint = sim_row_choice(row, i + 1, after) ? ", " : " or ";
        sim_append(buf, SIM_LIST, "%s%s%s%s", i == 0 ? "" : joint, quote, word, quote);
    }
    return buf;
}

static bool check_bounds(const struct sim_field *row, int64_t value, const char *shown,
                         struct sim_why *why) {
    char bound[SIM_WORD];
    const char *quote = sim_row_is_quoted(row) ? "\"" : "";
    bool below = value < row->min;
    if (!below && value <= row->max)
        return true;
    sim_quantity_exact(row->unit, below ? row->min : row->max, bound, sizeof bound);
    return sim_refuse(why, "out of bounds: %s is %s %s%s%s", shown,
                      below ? "below the minimum" : "above the maximum", quote, bound, quote);
}

bool sim_row_check(const struct sim_field *row, int64_t value, const char *shown,
                   struct sim_why *why) {
    char word[SIM_WORD], list[SIM_LIST];
    if (!row->choices)
        return check_bounds(row, value, shown, why);
    bool found = false;
    for (int64_t i = 0; sim_row_choice(row, i, word); i++) /* all: a bad choice must show */
        found |= sim_row_choice_value(row, word) == value;
    return found ||
           sim_refuse(why, "%s is not allowed; use %s", shown, sim_row_list(row, list));
}

/* As sim_row_default, but says why not. */
static bool read_default(const struct sim_field *row, int64_t *value, struct sim_why *why) {
    sim_refuse(why, "\"%s\" is not one of its choices", row->def);
    if (row->unit == SIM_ENUM)
        return sim_row_find(row, row->def, value);
    if (row->unit == SIM_BOOL) {
        *value = strcmp(row->def, "true") == 0;
        return *value || strcmp(row->def, "false") == 0;
    }
    return sim_quantity_parse(row->unit, row->def, value, why->text, sizeof why->text) &&
           sim_row_check(row, *value, row->def, why);
}

int64_t sim_row_default(const struct sim_field *row) {
    struct sim_why why;
    int64_t value = 0;
    SIM_ASSERT(sim_row_is_int(row) && row->def);
    if (!read_default(row, &value, &why))
        sim_panic(__FILE__, __LINE__, "default of row %s: %s", row->name, why.text);
    return value;
}

int64_t sim_field_int(const struct sim_field *row, const void *in) {
    int64_t value;
    memcpy(&value, (const char *)in + row->offset, sizeof value);
    return value;
}

int64_t sim_field_named(const struct sim_field *table, const char *name, const void *in) {
    const struct sim_field *row = sim_row_named(table, name);
    return row != NULL ? sim_field_int(row, in) : 0;
}

const char *sim_pointer(char *buf, unsigned long size, const char *pointer, const char *key) {
    if (pointer != buf)
        snprintf(buf, size, "%s", pointer);
    sim_append(buf, size, "/");
    for (; *key; key++)
        if (*key == '~' || *key == '/')
            sim_append(buf, size, "%s", *key == '~' ? "~0" : "~1");
        else
            sim_append(buf, size, "%c", *key);
    return buf;
}

bool sim_listed(const char *words, const char *name) {
    size_t n = strlen(name);
    for (const char *at = words; at != NULL && (at = strstr(at, name)) != NULL; at += n)
        if ((at == words || at[-1] == ' ') && (at[n] == 0 || at[n] == ' '))
            return true;
    return false;
}
