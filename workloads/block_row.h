/* block_row.h - a text format of block traces as a row of a table: what its columns mean.
 *
 * The published formats are rows in block_rows.c. A user's own format is such a row too, made
 * from plain texts by work_block_row_make.
 */
#ifndef WORK_BLOCK_ROW_H
#define WORK_BLOCK_ROW_H

#include "sim/engine/err.h"
#include "workloads/block.h"
#include <stddef.h>

enum work_block_column {
    WORK_COL_SKIP,     /* anything */
    WORK_COL_TIME,     /* in units of the row, with decimals where it has them */
    WORK_COL_GAP,      /* time to the next request instead */
    WORK_COL_RESPONSE, /* time from issue to completion */
    WORK_COL_DEVICE,   /* a name, or a part of one: columns of a device stand side by side */
    WORK_COL_UNIT,     /* a device that is a number */
    WORK_COL_OFFSET,
    WORK_COL_SIZE,
    WORK_COL_OP,
    WORK_COL_FLAGS,   /* hexadecimal: bit 0 is set for a read */
    WORK_COL_VERSION, /* `version` of the row */
    WORK_COL_DIGEST   /* of the data, hexadecimal; "-": none */
};

enum {
    WORK_ROW_COLUMNS = 24,
    WORK_ROW_OPS = 20,
    WORK_ROW_NAME = 24,
    WORK_ROW_WORD = 16,
    WORK_ROW_DECIMALS = 9 /* the most digits behind the point of a time */
};

struct work_block_op_word {
    char word[WORK_ROW_WORD]; /* whatever the case of its letters; "" ends a list */
    enum work_io_op op;
};

struct work_block_row {
    char name[WORK_ROW_NAME]; /* as `--as` and scenarios name it */
    const char *title;        /* as people name it */
    const char *header;       /* a first line that it may have, or NULL */
    uint32_t header_lines;    /* lines to pass over, whatever they say */
    char delimiter;           /* ' ': any number of blanks and tabs */
    bool more;                /* further columns may follow and mean nothing */
    bool ordered;             /* times that go backwards are an error */
    const char *version;      /* what the column `version` says */
    const char *tally;        /* what JSON calls the counts of operation words, or NULL */
    char time_unit[WORK_ROW_WORD];
    int64_t unit_ps;                 /* picoseconds of that unit */
    unsigned decimals;               /* digits behind the point of a time that count */
    uint32_t offset_unit, size_unit; /* bytes */
    size_t columns;
    enum work_block_column column[WORK_ROW_COLUMNS];
    struct work_block_op_word op[WORK_ROW_OPS];
};

/* A row in words, as a scenario gives it. What is NULL or 0 has the default. */
struct work_block_own {
    const char *delimiter; /* one character, or "blanks" (the default), "tab", "comma" */
    const char *columns;   /* "time device offset size op", in their order, by blanks: also
                              gap, response, flags (hexadecimal, bit 0: read), digest
                              (hexadecimal), skip; at the end
                              "..." says that more may follow */
    const char *time_unit; /* "s" "ms" "us" "100ns" "ns" "ps"; needed with time or gap */
    int64_t decimals;      /* of times, 0 (the default) to 9 */
    int64_t offset_unit;   /* bytes; 512 for sectors; default 1 */
    int64_t size_unit;
    const char *read, *write, *flush,
        *trim; /* words of each operation, by blanks; needed with op */
    int64_t header_lines;
    bool ordered;
};

/* Make a row of it. Fails: err at `path`/the member's name, with what would do. */
bool work_block_row_make(struct work_block_row *row, const struct work_block_own *own,
                         const char *file, const char *path, struct sim_err *err);

/* The published formats; the last has no columns. */
extern const struct work_block_row work_block_rows[];

#endif
