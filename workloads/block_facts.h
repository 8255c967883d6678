/* block_facts.h - what a trace of block requests holds: the facts behind `dpusim trace FILE`.
 */
#ifndef WORK_BLOCK_FACTS_H
#define WORK_BLOCK_FACTS_H

#include "workloads/block_reader.h"

enum { WORK_SIZES_MOST = 1 << 16, WORK_TOP_SIZES = 16 };

struct work_size_count {
    uint64_t bytes, requests;
};

/* Definitions as in docs/config.md, "trace". A request is what the trace stores with an offset
 * and a length; bytes, sizes and ends are of reads and writes. */
struct work_block_sums {
    uint64_t requests, reads, writes, other; /* other: flushes, trims, commands */
    uint64_t flushes;                        /* also those without offset and length */
    uint64_t trims, trim_bytes;
    uint64_t read_bytes, write_bytes;
    uint64_t max_end;              /* highest end of a read or write */
    uint64_t smallest, largest;    /* of a read or write */
    int64_t first, last, min, max; /* ticks, of requests */
    uint64_t backwards;            /* earlier than the request before */
    uint64_t sequential; /* begin where the read or write before them on the device ended */
    uint64_t repeated;   /* equal to the request before in everything */
    uint64_t unaligned;  /* reads and writes whose offset or size is no multiple of 512 */
    uint64_t distinct_sizes;
    bool sizes_exact; /* false: more than WORK_SIZES_MOST; the first ones were counted */
    struct work_size_count top[WORK_TOP_SIZES]; /* most frequent first; of equals the smaller */
    size_t tops;
};

struct work_block_facts {
    struct work_block_about about;
    enum work_block_event event;                    /* the one that counts */
    struct work_block_sums sums[WORK_BLOCK_EVENTS]; /* by event; [event] where there are none */
    uint32_t devices;
    char device[8][64]; /* names of the first ones */
    bool damaged;
    struct sim_err damage;
};

/* Read a whole trace from an open stream, which it takes. @param progress as of
 * work_trace_read. @return false when it cannot be opened, or has a line that is no request
 * and opts do not skip such. */
bool work_block_read_facts(const char *file, struct work_stream *stream,
                           const struct work_block_opts *opts, struct work_block_facts *facts,
                           bool (*progress)(void *ctx, uint64_t requests, uint64_t bytes),
                           struct sim_err *err);

#endif
