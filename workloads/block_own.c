/* block_own.c - a user's own text format of block traces: a row made from words.
 *
 * Every fault is the user's and says what would do. Left out: two columns that make one time,
 * quoted fields.
 */
#include "workloads/block_row.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct maker {
    struct work_block_row *row;
    const char *file, *path;
    struct sim_err *err;
};

static bool fail(const struct maker *m, const char *key, const char *fmt, const char *what) {
    char place[512];
    snprintf(place, sizeof place, "%.400s/%s", m->path, key);
    return sim_fail(m->err, m->file, place, fmt, what);
}

/* The next word of a list, into `word`. @return false when there is none. */
static bool next_word(const char **list, char word[WORK_ROW_WORD]) {
    while (**list == ' ')
        ++*list;
    size_t n = strcspn(*list, " ");
    if (n == 0)
        return false;
    size_t take = n < WORK_ROW_WORD ? n : WORK_ROW_WORD - 1;
    memcpy(word, *list, take);
    word[take] = 0;
    *list += n;
    return true;
}

static const struct {
    const char *name;
    enum work_block_column column;
} columns[] = {
    {"time", WORK_COL_TIME},     {"gap", WORK_COL_GAP},       {"response", WORK_COL_RESPONSE},
    {"device", WORK_COL_DEVICE}, {"offset", WORK_COL_OFFSET}, {"size", WORK_COL_SIZE},
    {"op", WORK_COL_OP},         {"flags", WORK_COL_FLAGS},   {"digest", WORK_COL_DIGEST},
    {"skip", WORK_COL_SKIP}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static bool has(const struct work_block_row *row, enum work_block_column column) {
    for (size_t i = 0; i < row->columns; i++)
        if (row->column[i] == column)
            return true;
    return false;
}

static bool add_column(const struct maker *m, const char *word) {
    struct work_block_row *row = m->row;
    size_t i = 0;
    while (i < COLUMNS && strcmp(columns[i].name, word) != 0)
        i++;
    if (i == COLUMNS)
        return fail(m, "columns",
                    "\"%s\" is no column: they are time, gap, response, device, offset, size, "
                    "op, flags, digest, skip",
                    word);
    enum work_block_column column = columns[i].column;
    bool again = column == WORK_COL_DEVICE
                     ? has(row, column) && row->column[row->columns - 1] != column
                     : column != WORK_COL_SKIP && has(row, column);
    if (again)
        return fail(m, "columns",
                    column == WORK_COL_DEVICE ? "\"%s\": its columns stand side by side"
                                              : "has \"%s\" twice",
                    word);
    if (row->columns == WORK_ROW_COLUMNS)
        return fail(m, "columns", "has more than 24 columns; end it with \"%s\"", "...");
    row->column[row->columns++] = column;
    return true;
}

static bool set_columns(const struct maker *m, const char *list) {
    char word[WORK_ROW_WORD];
    const struct work_block_row *row = m->row;
    while (list && next_word(&list, word)) {
        if (row->more)
            return fail(m, "columns", "has \"%s\" behind \"...\", which ends it", word);
        if (strcmp(word, "...") == 0)
            m->row->more = true;
        else if (!add_column(m, word))
            return false;
    }
    if (!has(row, WORK_COL_OFFSET) || !has(row, WORK_COL_SIZE))
        return fail(m, "columns", "needs offset and size, e.g. \"%s\"",
                    "time device offset size op");
    if (has(row, WORK_COL_OP) == has(row, WORK_COL_FLAGS))
        return fail(m, "columns", "needs op or flags, and not both%s", "");
    if (has(row, WORK_COL_TIME) && has(row, WORK_COL_GAP))
        return fail(m, "columns", "has time and gap: one of them is enough%s", "");
    return true;
}

static bool set_delimiter(const struct maker *m, const char *text) {
    if (!text || strcmp(text, "blanks") == 0)
        m->row->delimiter = ' ';
    else if (strcmp(text, "tab") == 0)
        m->row->delimiter = '\t';
    else if (strcmp(text, "comma") == 0)
        m->row->delimiter = ',';
    else if (strlen(text) == 1 && strchr(",;:|\t ", text[0]))
        m->row->delimiter = text[0];
    else
        return fail(m, "delimiter",
                    "\"%s\" is none: \"blanks\", \"tab\", \"comma\" or one of , ; : |", text);
    return true;
}

static bool set_unit(const struct maker *m, const struct work_block_own *own) {
    static const struct {
        const char *name;
        int64_t ps;
    } units[] = {{"s", 1000000000000}, {"ms", 1000000000}, {"us", 1000000},
                 {"100ns", 100000},    {"ns", 1000},       {"ps", 1}};
    struct work_block_row *row = m->row;
    bool timed =
        has(row, WORK_COL_TIME) || has(row, WORK_COL_GAP) || has(row, WORK_COL_RESPONSE);
    if (!own->time_unit && timed)
        return fail(m, "time_unit", "is needed with times: \"%s\"",
                    "s\", \"ms\", \"us\", \"100ns\", \"ns\" or \"ps");
    snprintf(row->time_unit, sizeof row->time_unit, "%s",
             own->time_unit ? own->time_unit : "s");
    size_t i = 0;
    while (i < 6 && strcmp(units[i].name, row->time_unit) != 0)
        i++;
    if (i == 6)
        return fail(m, "time_unit", "\"%s\" is no unit: s, ms, us, 100ns, ns or ps",
                    own->time_unit);
    row->unit_ps = units[i].ps;
    if (own->decimals < 0 || own->decimals > WORK_ROW_DECIMALS)
        return fail(m, "decimals", "is from 0 to 9%s", "");
    row->decimals = (unsigned)own->decimals;
    int64_t ps = row->unit_ps;
    for (unsigned d = 0; d < row->decimals; d++, ps /= 10)
        if (ps % 10 != 0)
            return fail(m, "decimals", "make times finer than a picosecond in units of %s",
                        row->time_unit);
    return true;
}

static bool add_words(const struct maker *m, const char *key, const char *list,
                      enum work_io_op op) {
    char word[WORK_ROW_WORD];
    size_t n = 0;
    while (n < WORK_ROW_OPS && m->row->op[n].word[0])
        n++;
    while (list && next_word(&list, word)) {
        for (size_t i = 0; i < n; i++)
            if (strcmp(m->row->op[i].word, word) == 0)
                return fail(m, key, "\"%s\" stands for an operation already", word);
        if (n == WORK_ROW_OPS)
            return fail(m, key, "has too many words, at \"%s\": 20 are the most", word);
        memcpy(m->row->op[n].word, word, sizeof word);
        m->row->op[n++].op = op;
    }
    return true;
}

static bool set_words(const struct maker *m, const struct work_block_own *own) {
    if (!add_words(m, "read", own->read, WORK_IO_READ) ||
        !add_words(m, "write", own->write, WORK_IO_WRITE) ||
        !add_words(m, "flush", own->flush, WORK_IO_FLUSH) ||
        !add_words(m, "trim", own->trim, WORK_IO_TRIM))
        return false;
    bool words = m->row->op[0].word[0] != 0;
    if (has(m->row, WORK_COL_OP) && !words)
        return fail(m, "read", "is needed with the column op: words of the file, e.g. \"%s\"",
                    "R");
    if (has(m->row, WORK_COL_FLAGS) && words)
        return fail(m, "read", "has no effect on flags, whose bit 0 says it%s", "");
    return true;
}

static bool set_bytes(const struct maker *m, const char *key, int64_t given, uint32_t *unit) {
    *unit = given ? (uint32_t)given : 1;
    return (given >= 0 && given <= 1 << 20) ||
           fail(m, key, "is from 1 to 1048576 bytes, e.g. 512 for sectors%s", "");
}

bool work_block_row_make(struct work_block_row *row, const struct work_block_own *own,
                         const char *file, const char *path, struct sim_err *err) {
    struct maker m = {row, file, path, err};
    *row = (struct work_block_row){.name = "own", .title = "a format of the user's"};
    row->ordered = own->ordered;
    if (!set_delimiter(&m, own->delimiter) || !set_columns(&m, own->columns) ||
        !set_unit(&m, own) || !set_words(&m, own) ||
        !set_bytes(&m, "offset_unit", own->offset_unit, &row->offset_unit) ||
        !set_bytes(&m, "size_unit", own->size_unit, &row->size_unit))
        return false;
    if (own->header_lines < 0 || own->header_lines > 1000000)
        return fail(&m, "header_lines", "is from 0 to 1000000%s", "");
    row->header_lines = (uint32_t)own->header_lines;
    if (row->ordered && !has(row, WORK_COL_TIME))
        return fail(&m, "ordered", "needs the column %s", "time");
    return true;
}
