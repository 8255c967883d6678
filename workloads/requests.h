/* requests.h - what sources of requests to drives share: askers, each with so many requests
 * under way at most, and what became of their requests.
 *
 * An asker is a process of a job, or a trace. It says what it asks for next and not before
 * when; its request is born then, or when one of those under way has come back and gives room
 * for it. A barrier is born when all of the asker's have come back; of an asker that tells
 * devices apart, all to its device. Nothing is born behind a request that blocks its asker
 * until that has come back.
 * Reads and writes larger than `max_request`, or that cross a multiple of `boundary`, are made
 * as several messages at a time, as a kernel makes several commands of them; they count as
 * one, which is back when all are.
 */
#ifndef WORK_REQUESTS_H
#define WORK_REQUESTS_H

#include "models/io.h"
#include "workloads/block.h"
#include "workloads/samples.h"
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
    unsigned blocks; /* a bit for each kind of requests that block it */
    uint32_t
        *of_space; /* under way by namespace, if it tells them apart: a barrier is of one */
    /* state */
    struct work_io io; /* what it asks for next, if it is `ready` */
    bool started, ready, over, queued, blocked;
    uint64_t parted;         /* bytes of it that parts were made of */
    uint32_t whole;          /* its number, if it has parts */
    int64_t under_way, idle; /* idle: picoseconds between what a barrier waits for and itself */
    sim_ps room, last; /* since when there is room, as it was full before; its last birth */
    sim_ps quiet;      /* a picosecond after the last ones came back ... */
    int64_t just;      /* ... so many of them */
    sim_ps due;
    uint64_t made;
};

/* Devices of a trace whose requests have books of their own; the last one has those of all
 * beyond, too. */
enum { WORK_REQUESTS_DEVICES = 64 };

/* What became of requests of one kind: of those that came back in the measured window, how many
 * and how much; of those born in it, how long they took. */
struct work_outcome {
    uint64_t items, bytes, failed;
    struct sim_hist latency;
};

/* Namespaces that are counted one by one; what is asked of others is counted together. */
enum { WORK_SPACES = 64 };
enum { WORK_WITHIN = 32, WORK_DEPTHS = 7 };

/* What fio tells of a job beside that. Nanoseconds are whole, rounded down, as fio has them. */
struct work_fine {
    sim_u128 ns[IO_OPS], squares[IO_OPS]; /* sums over the same as `latency` */
    /* of those but for flushes, by latency below 2, 4, 10, 20, 50, 100, 250, 500, 750, 1000 ns,
     * as many us, as many ms, 2000 ms, and above */
    uint64_t within[WORK_WITHIN];
    /* of what was born in the window: requests of its process under way then, itself among
     * them, 1, 2 to 3, 4 to 7, ... 64 and more */
    uint64_t depth[WORK_DEPTHS];
    struct work_samples samples[IO_OPS]; /* of what came back, since the window began */
    sim_ps last;                         /* end of the last one that came back, or failed */
};

/* A request that went out in parts. */
struct work_whole {
    uint64_t offset;
    uint32_t bytes, left; /* parts that are not back; of one that is free, the next free one */
    bool failed;
};

/* An option of a job, as fio names it, and its value. */
struct work_said {
    const char *name, *value;
};

struct work_requests {
    struct work_source source;
    struct work_asker **asker; /* [askers] */
    uint32_t askers;
    uint32_t first_queue; /* of those of earlier streams: each asker has queues of its own */
    struct work_asker **heap; /* of those whose next request has a time: by it, by number */
    uint32_t waiting;
    struct work_asker *current; /* its request is in `like`, and on the heap still */
    struct io io;
    struct work_outcome (*outcome)[IO_OPS]; /* [jobs] */
    struct work_fine *fine;                 /* [jobs] */
    struct work_outcome (*space)[IO_OPS];   /* [WORK_SPACES + 1], the others last */
    uint64_t born, held; /* in the window; of those, that waited for one to come back */
    uint64_t parts;      /* messages that they were */
    struct work_whole *whole;
    uint32_t wholes, free_whole; /* room; first free one, counted from 1; 0: none */
    uint32_t jobs;
    bool by_device; /* a job is a device: WORK_REQUESTS_DEVICES at most, `jobs` of them met */
    /* set by the source behind work_requests_init, where it knows */
    const char **job_name;               /* [jobs], NULL: none */
    const uint32_t *group;               /* [jobs] fio's, from 0 on; or NULL: of one */
    const struct work_said *const *said; /* [jobs], each to a NULL name; or NULL */
    void (*over)(struct work_requests *r, struct work_asker *a, sim_ps t); /* it is done: or
                                                                              NULL */
    /* parameters: the largest command, what none crosses; a sample of the data, cut into blocks
     */
    int64_t max_request, boundary;
    const char *data;
    int64_t data_block;
    /* statistics */
    int64_t replies, failed, largest;
};

/* For init: the hooks of the stream; who calls it fills in `asker` and `job_name`.
 * @param jobs in the books */
void work_requests_init(struct work_requests *r, uint32_t askers, uint32_t jobs);
/* For init, behind that: look at the parameters. */
bool work_requests_check(const struct work_requests *r, struct sim_err *err);
/* And: measure the sample of the data, where one is stated. */
bool work_requests_sample(struct work_requests *r, struct sim_err *err);
/* From now on the asker asks: its time 0 is `begin`. */
void work_requests_begin(struct work_requests *r, struct work_asker *a, sim_ps begin);

/* How many may be under way at most, of askers that are not over or were not when the run was;
 * 0: there is no bound, or most births did not wait for one to come back. */
int64_t work_requests_depth(const struct work_requests *r);

/* The kinds of their messages, each with a chain of its own: enum io_op. */
extern const struct sim_op work_requests_kinds[];

#define WORK_REQUESTS_PARAMS(T)                                                                \
    {"data",                                                                                   \
     SIM_STRING,                                                                               \
     offsetof(T, requests.data),                                                               \
     0,                                                                                        \
     0,                                                                                        \
     "",                                                                                       \
     "file",                                                                                   \
     "a file that is like the data, plain or compressed: what it compresses to is measured, "  \
     "block by block; 64 MiB at most are used",                                                \
     NULL},                                                                                    \
        {"data_block",                                                                         \
         SIM_BYTES,                                                                            \
         offsetof(T, requests.data_block),                                                     \
         512,                                                                                  \
         1 << 20,                                                                              \
         "4KiB",                                                                               \
         NULL,                                                                                 \
         "of these blocks, each of which is compressed on its own",                            \
         "assumed: the blocks of most volumes"},                                               \
        {"boundary",                                                                           \
         SIM_BYTES,                                                                            \
         offsetof(T, requests.boundary),                                                       \
         0,                                                                                    \
         1LL << 40,                                                                            \
         "0",                                                                                  \
         NULL,                                                                                 \
         "a read or write goes as several commands where it crosses a multiple of this, as a " \
         "kernel cuts it (chunk_sectors, an NVMe drive's NOIOB): the \"stripe\" of drives "    \
         "that "                                                                               \
         "are one volume; 0: it is not cut",                                                   \
         NULL},                                                                                \
    {                                                                                          \
        .name = "max_request", .unit = SIM_BYTES, .offset = offsetof(T, requests.max_request), \
        .min = 0, .max = 1 << 30, .def = "0",                                                  \
        .doc = "a larger read or write goes to the drive as several commands of so many "      \
               "bytes, as a kernel makes them (max_sectors_kb, at most the drive's "           \
               "max_transfer), and is done when all are; 0: as one"                            \
    }

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
