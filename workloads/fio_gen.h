/* fio_gen.h - the requests of one process of a job, one after the other.
 *
 * A plan is what all processes of a job share; a generator is one process. Neither knows an
 * event loop: who asks for a request starts it when there is room (job->depth) and not before
 * its time. Equal seeds, job names and numbers of processes give equal requests. What the asker
 * does itself, from the job's fields: depth and batches, waves, startdelay, ramp_time, runtime,
 * and the idle time before a barrier.
 */
#ifndef WORK_FIO_GEN_H
#define WORK_FIO_GEN_H

#include "sim/engine/time.h"
#include "workloads/block.h"
#include "workloads/fio_ranks.h"

struct work_fio_plan {
    const struct work_fio_job *job;
    int64_t part;                   /* bytes of each file that are used */
    int64_t offset, increment;      /* where the part begins, by process */
    int64_t size, pass, total;      /* bytes of the files, of one pass, of all passes */
    uint64_t blocks[WORK_FIO_DIRS]; /* places of random offsets */
    bool shared;                    /* one random map for all directions */
    uint64_t ranges;                /* places of zipf, pareto, normal */
    uint64_t center;                /* place of rank 0; UINT64_MAX: anywhere */
    const struct work_fio_ranks *ranks;
    struct sim_sampler gap[WORK_FIO_DIRS]; /* rate_process=poisson */
};

/* Plan a settled job, which outlives the plan. @param device_bytes of each device, 0: unknown,
 * as large as the job says. Fails: err without a place. */
bool work_fio_plan(struct work_fio_plan *plan, const struct work_fio_job *job,
                   int64_t device_bytes, struct sim_arena *arena, struct sim_err *err);

enum work_fio_stream {
    WORK_FIO_MIX,
    WORK_FIO_OFFSET,
    WORK_FIO_SIZE,
    WORK_FIO_FILE,
    WORK_FIO_GAP,
    WORK_FIO_STREAMS
};

/* One file of a process; positions count from the beginning of its part. */
struct work_fio_file {
    int64_t pos[WORK_FIO_DIRS];  /* behind the last request of a direction */
    int64_t last[WORK_FIO_DIRS]; /* where that began; -1: there was none */
    uint64_t step[WORK_FIO_DIRS], lap[WORK_FIO_DIRS]; /* in the random map */
    bool trimmed;                                     /* trimwrite: the write is next */
    bool done;                                        /* for this pass */
};

struct work_fio_gen {
    const struct work_fio_plan *plan;
    uint32_t number;
    int64_t now;   /* set by the asker: ps since the job began; matters with rates of a mix */
    int64_t think; /* idle time of the last request, if it is a barrier */
    uint64_t seed, key;
    struct sim_rng rng[WORK_FIO_STREAMS];
    struct work_fio_file *file;
    int64_t current, run; /* the file that is served, and for how many requests more */
    int64_t live;         /* files not done */
    int64_t issues[WORK_FIO_DIRS];
    int64_t mix_until; /* the direction of a mix holds until so many are issued */
    uint8_t mix_dir;
    int last_dir;         /* -1: a flush, or none */
    int64_t passes, pass; /* that are over; bytes in this one */
    int64_t moved, ios, thought;
    int64_t run_left; /* requests up to the next random offset */
    int64_t flushes;  /* to come at the end of a pass */
    bool over, fruitless;
    int64_t paced[WORK_FIO_DIRS]; /* bytes, or requests, under a rate */
    int64_t due[WORK_FIO_DIRS], issued;
};

void work_fio_start(struct work_fio_gen *g, const struct work_fio_plan *plan, uint32_t number,
                    uint64_t seed, struct sim_arena *arena);

/* The next request: its device, op, offset and bytes; time: ps since the job began before which
 * its rate does not let it start; barrier: first wait for all that are under way, then stay
 * idle for g->think. @return false when the job is done. */
bool work_fio_next(struct work_fio_gen *g, struct work_io *out);

/* When process `number` begins: startdelay, or a time drawn from its range. */
int64_t work_fio_delay(const struct work_fio_job *job, uint32_t number, uint64_t seed);

#endif
