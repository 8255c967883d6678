/* tcp_stream.h - the bytes of one direction of a TCP connection, in order, from its captured
 * segments: out of order, repeated, overlapping, cut by the snaplen, or lost.
 *
 * What is held until a gap closes is bounded (work_tcp_budget); when it is full the gap is
 * taken for lost. Of bytes that come twice the first ones count.
 */
#ifndef WORK_TCP_STREAM_H
#define WORK_TCP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORK_TCP_NO_TIME INT64_MIN /* of records without one, and of what is lost */

struct work_tcp_segment {
    uint32_t seq, length; /* of its payload, as TCP and IP say */
    uint32_t captured;    /* of these, from the first on; not above length */
    const uint8_t *bytes; /* [captured] */
    int64_t time;
};

/* The next n bytes of the stream. */
struct work_tcp_run {
    const uint8_t *bytes; /* NULL: they were there, but the capture does not have them */
    uint64_t n;
    int64_t time;
    bool lost; /* no captured segment holds them */
};

struct work_tcp_counts {
    uint64_t reordered;         /* segments that came before an earlier one */
    uint64_t repeated_bytes;    /* that had come before */
    uint64_t holes, hole_bytes; /* gaps that nothing filled */
    uint64_t cut_bytes;         /* hidden by the snaplen */
};

/* What all streams may hold together. */
struct work_tcp_budget {
    size_t held;
};

struct work_tcp {
    bool started;
    uint32_t origin;             /* sequence number of byte 0 */
    uint64_t next;               /* first byte that was not handed on yet */
    struct work_tcp_held *first; /* by place, then by arrival */
    size_t held;
    uint32_t segments; /* held */
};

/* Whom the bytes go to. */
struct work_tcp_to {
    void (*run)(void *ctx, const struct work_tcp_run *run);
    void *ctx;
    struct work_tcp_counts *counts;
    struct work_tcp_budget *budget;
};

/* The stream begins with sequence number `seq`: of a SYN's, the one after. Without this it
 * begins with the first segment. */
void work_tcp_start(struct work_tcp *t, uint32_t seq);
void work_tcp_add(struct work_tcp *t, const struct work_tcp_to *to,
                  const struct work_tcp_segment *segment);
/* Nothing follows: what is held is handed on, gaps as lost. The stream may be started again. */
void work_tcp_end(struct work_tcp *t, const struct work_tcp_to *to);

#endif
