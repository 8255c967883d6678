/* block_reader.h - pull requests from a trace of a block device. Readers know neither clock nor
 * drive.
 *
 * Formats: fio iolog 2 and 3, blkparse text, blktrace binary, and the rows of block_row.h
 * (MSR-Cambridge, SPC, Alibaba, Tencent, MQSim, CloudPhysics, DiskSim). Traces stream: memory
 * does not grow with the file, but for the names of its devices.
 *
 * A line that cannot be a request is an error with its line and column; nothing is clamped.
 * Times that go backwards are one where the format promises order.
 */
#ifndef WORK_BLOCK_READER_H
#define WORK_BLOCK_READER_H

#include "workloads/block.h"
#include "workloads/block_row.h"
#include "workloads/reader.h"

struct work_block;
struct work_stream;

/* Of blkparse and blktrace, which follow a request on its way: where it counts. */
enum work_block_event {
    WORK_BLOCK_ISSUED, /* given to the driver (D), after merges and splits */
    WORK_BLOCK_QUEUED, /* as the file system or the program asked (Q) */
    WORK_BLOCK_COMPLETED,
    WORK_BLOCK_EVENTS,
    WORK_BLOCK_ANY = WORK_BLOCK_EVENTS /* all of them; work_block_event says which */
};

struct work_block_opts {
    const char *format;               /* NULL: recognise it */
    const struct work_block_row *own; /* a row of the user's instead, or NULL */
    enum work_block_event event;
    bool skip_bad; /* go on behind lines that are no requests, and count them */
};

enum { WORK_BLOCK_TALLIES = 40, WORK_BLOCK_REASONS = 4 };

/* What is known of a trace, of what was read so far. */
struct work_block_about {
    const char *format;    /* "msr", "blkparse" ... */
    const char *title;     /* "MSR-Cambridge CSV" ... */
    const char *time_unit; /* of the times as stored: "s", "100ns" ... */
    int64_t tick_ps;       /* picoseconds of a tick of struct work_io */
    int64_t ticks_per_unit;
    bool stores_time; /* false: only gaps between requests, or nothing */
    bool has_events;  /* blkparse, blktrace */
    uint64_t lines;   /* or records */
    uint64_t bare;    /* requests returned that the trace stores without offset and length */
    uint64_t skipped; /* lines that are no requests, with skip_bad */
    struct sim_err reason[WORK_BLOCK_REASONS]; /* of the first ones */
    const char *tally;                         /* what is counted below, or NULL */
    struct {
        char name[WORK_ROW_WORD];
        uint64_t count;
    } tallies[WORK_BLOCK_TALLIES];
};

/* Set format and event from what a user wrote: "msr", "blkparse:queued". @param opts keeps a
 * pointer to a constant name. Fails: err, with the names there are. */
bool work_block_named(struct work_block_opts *opts, const char *as, struct sim_err *err);

/* Open a trace, plain, gzip or Zstandard; "-" is standard input. The row and the name of the
 * format are not copied. Fails: err: not readable, empty, no format fits, or several do. */
struct work_block *work_block_open(const char *file, const struct work_block_opts *opts,
                                   struct sim_err *err);
/* The same of a stream that is open. Owns: takes it, also when it fails. */
struct work_block *work_block_open_stream(const char *file, struct work_stream *stream,
                                          const struct work_block_opts *opts,
                                          struct sim_err *err);

/* Next request. WORK_DAMAGED: err says where and why; what was returned before stands. With
 * skip_bad only a file that cannot be read further is damaged. */
enum work_status work_block_next(struct work_block *b, struct work_io *io, struct sim_err *err);

/* The event of the request returned last. */
enum work_block_event work_block_event(const struct work_block *b);
const struct work_block_about *work_block_about(const struct work_block *b);
/* Devices met so far, and the name of one. */
uint32_t work_block_devices(const struct work_block *b);
const char *work_block_device(const struct work_block *b, uint32_t device);
/* false for standard input, pipes and the like, whose bytes are gone once read. */
bool work_block_rereadable(const struct work_block *b);
/* Start again from the first request, with devices numbered again. false with err when the file
 * cannot be read again. */
bool work_block_rewind(struct work_block *b, struct sim_err *err);
void work_block_close(struct work_block *b);

#endif
