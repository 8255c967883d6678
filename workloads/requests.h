/* requests.h - what sources of requests to drives share: askers, each with so many requests
 * under way at most, and what became of their requests.
 *
 * An asker is a process of a job, or a trace. It says what it asks for next and not before
 * when; its request is born then, or when one of those under way has come back and gives room
 * for it. A barrier is born when all of the asker's have come back.
 */
#ifndef WORK_REQUESTS_H
#define WORK_REQUESTS_H

#include "models/io.h"
#include "workloads/block.h"
#include "workloads/source.h"

struct work_asker {
    /* The next request; io->time in picoseconds since `begin`. @param now likewise. @return
     * false: there is none any more, or with *failed that it cannot be known. */
    bool (*next)(struct work_asker *a, int64_t now, struct work_io *io);
    uint32_t number;   /* among its source's */
    uint32_t job;      /* whose books it is in */
    int64_t depth;     /* requests under way at most; 0: no bound */
    uint32_t queues;   /* its requests take so many submission queues in turn; 0: one */
    sim_ps begin, end; /* its time 0; nothing is born from `end` on, SIM_NEVER: no end */
    uint64_t buffer;   /* first line of its buffers, each of `lines` */
    uint32_t lines, buffers;
    /* state */
    struct work_io io; /* what it asks for next, if it is `ready` */
    bool started, ready, over, queued;
    int64_t under_way, idle; /* idle: picoseconds between what a barrier waits for and itself */
    sim_ps room, last;       /* since when there is room; its last birth */
    sim_ps due;
    uint64_t made;
};

/* Devices of a trace whose requests have books of their own; the last one has those of all
 * beyond, too. */
enum { WORK_REQUESTS_DEVICES = 64 };

/* What became of the requests of one job, of one kind, born in the measured window. */
struct work_outcome {
    uint64_t items, bytes, failed;
    struct sim_hist latency;
};

struct work_requests {
    struct work_source source;
    struct work_asker **asker; /* [askers] */
    uint32_t askers;
    struct work_asker **heap; /* of those whose next request has a time: by it, by number */
    uint32_t waiting;
    struct work_asker *current; /* its request is in `like`, and on the heap still */
    struct io io;
    struct work_outcome (*outcome)[IO_OPS]; /* [jobs] */
    const char **job_name;                  /* [jobs] */
    uint32_t jobs;
    bool by_device; /* a job is a device: WORK_REQUESTS_DEVICES at most, `jobs` of them met */
    void (*over)(struct work_requests *r, struct work_asker *a, sim_ps t); /* it is done: or
                                                                              NULL */
    /* statistics */
    int64_t replies, failed, largest;
};

/* For init: the hooks of the stream; who calls it fills in `asker` and `job_name`.
 * @param jobs in the books */
void work_requests_init(struct work_requests *r, uint32_t askers, uint32_t jobs);
/* From now on the asker asks: its time 0 is `begin`. */
void work_requests_begin(struct work_requests *r, struct work_asker *a, sim_ps begin);

/* The kinds of their messages, each with a chain of its own: enum io_op. */
extern const struct sim_op work_requests_kinds[];

#define WORK_REQUESTS_STATS(T)                                                                 \
    {.name = "replies",                                                                        \
     .unit = SIM_COUNT,                                                                        \
     .offset = offsetof(T, requests.replies),                                                  \
     .doc = "requests that came back over the whole run"},                                     \
    {                                                                                          \
        .name = "failed", .unit = SIM_COUNT, .offset = offsetof(T, requests.failed),           \
        .doc = "requests that were dropped over the whole run: who asked is told so at once"   \
    }

#endif
