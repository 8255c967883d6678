/* block_impl.h - what the readers of block traces share; private to workloads/. */
#ifndef WORK_BLOCK_IMPL_H
#define WORK_BLOCK_IMPL_H

#include "workloads/block_reader.h"
#include "workloads/names.h"
#include "workloads/scan.h"

/* What a line holds. */
enum work_line { WORK_LINE_REQUEST, WORK_LINE_NOTHING, WORK_LINE_BAD };

/* A format. Its functions fill s->reason where a line is bad. */
struct work_block_format {
    const char *name, *title, *time_unit;
    int64_t tick_ps, ticks_per_unit;
    bool stores_time, has_events;
    const char *tally;
    enum work_line (*line)(struct work_block *b, struct work_scan *s, struct work_io *io);
    /* instead of `line`, of what has no lines */
    enum work_status (*record)(struct work_block *b, struct work_io *io, struct sim_err *err);
};

struct work_block {
    char file[512];
    struct work_block_opts opts;
    struct work_stream *stream;
    struct work_lines lines;
    struct work_names *devices;
    const struct work_block_format *format;
    const struct work_block_row *row; /* of the row reader */
    struct work_block_about about;
    enum work_block_event event; /* of the request returned last */
    int64_t clock;               /* where a format has waits or gaps: time so far */
    int64_t last;                /* time of the request before, where order is promised */
    const char *last_name;       /* of the device before, and its number */
    size_t last_n;
    uint32_t last_device;
    bool summary;     /* blkparse: its totals have begun */
    bool swapped;     /* blktrace: written by a machine of the other byte order */
    uint64_t records; /* blktrace */
    uint64_t offset;  /* blktrace: of the next record */
    struct sim_err damage;
};

extern const struct work_block_format work_block_iolog2, work_block_iolog3;
extern const struct work_block_format work_block_blkparse, work_block_blktrace;

/* --- block_rows.c --- */

/* A line as its row reads it, not checked against the lines before it. */
struct work_row_line {
    struct work_io io;
    const char *time, *device; /* where they stand */
    size_t device_n;
    size_t op;     /* index of the operation's word */
    size_t fields; /* read, before what is wrong */
    int64_t gap;
    bool point; /* its time is written with a point */
};
bool work_row_parse(const struct work_block_row *row, struct work_scan *s,
                    struct work_row_line *line);
enum work_line work_row_line(struct work_block *b, struct work_scan *s, struct work_io *io);

/* --- block_blkparse.c, block_events.c --- */

/* Is this a line as blkparse prints it by default? */
bool work_blkparse_fits(struct work_scan *s);

/* --- block_detect.c --- */

/* Find out the format of what b->lines holds. @param row set where it is a row. */
const struct work_block_format *work_block_detect(struct work_block *b, struct sim_err *err);
/* The format of a name, and its row; NULL when there is none. */
const struct work_block_format *work_block_find(const char *name,
                                                const struct work_block_row **row);
extern const struct work_block_format work_block_row_format;

/* --- block_check.c: what every format holds a request to --- */

/* Length and end of a request, of which the fields stand at `offset` and `size`. */
bool work_block_fits(struct work_scan *s, char delimiter, const char *offset, const char *size,
                     const struct work_io *io);
/* The number of a device by its name. @param add give it one if it has none: false when there
 * are too many; else false when it has none. */
bool work_block_name(struct work_block *b, struct work_scan *s, const char *name, size_t n,
                     bool add, uint32_t *device);
/* A time that may not be before the one of the line before. */
bool work_block_order(struct work_block *b, struct work_scan *s, char delimiter, const char *at,
                      int64_t time);
/* Count one of the format's words: an event, an action, an opcode. */
void work_block_count(struct work_block *b, size_t i, const char *name);

#endif
