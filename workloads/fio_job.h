/* fio_job.h - one job as the load generator fio describes it: its options by fio's names, and
 * what they come to.
 *
 * A job file's lines (fio_file.h) and a scenario's keys go through one door, work_fio_set. An
 * option is modelled; or accepted with a note that says why it has no effect here; or refused
 * with a reason. Defaults, units and meanings are those of fio 3.33 and its manual.
 */
#ifndef WORK_FIO_JOB_H
#define WORK_FIO_JOB_H

#include "sim/engine/err.h"
#include "sim/engine/mem.h"
#include <stdint.h>

/* Directions; where an option takes three values, in this order. */
enum work_fio_dir { WORK_FIO_READ, WORK_FIO_WRITE, WORK_FIO_TRIM, WORK_FIO_DIRS };

enum { WORK_FIO_SPLITS = 64, WORK_FIO_FILES = 64, WORK_FIO_NOTES = 96, WORK_FIO_NAME = 128 };
enum { WORK_FIO_FILENAME = 1024, WORK_FIO_FILES_MOST = 1 << 20, WORK_FIO_PROCESSES = 1 << 16 };

enum work_fio_dist { WORK_FIO_RANDOM, WORK_FIO_ZIPF, WORK_FIO_PARETO, WORK_FIO_NORMAL };
enum work_fio_service { WORK_FIO_FILE_RANDOM, WORK_FIO_FILE_TURNS, WORK_FIO_FILE_WHOLE };
enum work_fio_process { WORK_FIO_LINEAR, WORK_FIO_POISSON };
enum work_fio_sequencer { WORK_FIO_SEQUENTIAL, WORK_FIO_IDENTICAL };

/* Bytes, or a share of the device. */
struct work_fio_size {
    int64_t bytes, percent; /* one of them is 0 */
};

struct work_fio_split {
    int64_t bytes, percent;
};

struct work_fio_note {
    char name[32];   /* of the option */
    const char *why; /* it has no effect, or another one */
};

struct work_fio_job {
    char name[WORK_FIO_NAME];
    char filename[WORK_FIO_FILENAME]; /* as given: "a:b"; empty: files of its own */
    char ioengine[64];
    /* which requests */
    bool dir[WORK_FIO_DIRS]; /* it makes */
    bool random;
    int64_t run_of;    /* random offset once in so many requests (rw=randread:8) */
    int64_t hole;      /* bytes left out after each sequential one (rw=read:4k) */
    int64_t rwmixread; /* percent */
    int64_t bs[WORK_FIO_DIRS], ba[WORK_FIO_DIRS];
    int64_t min[WORK_FIO_DIRS], max[WORK_FIO_DIRS]; /* sizes: by bsrange, else by settling */
    struct work_fio_split split[WORK_FIO_DIRS][WORK_FIO_SPLITS];
    int64_t splits[WORK_FIO_DIRS];
    int64_t bs_unaligned, bs_is_seq_rand, rw_sequencer;
    /* where */
    struct work_fio_size size, io_size, offset, offset_increment;
    int64_t offset_align, filesize, number_ios, loops, nrfiles;
    int64_t file_service, file_run; /* enum work_fio_service; requests before the next file */
    int64_t distribution, shape_ppm, center_ppm; /* enum work_fio_dist; center -1: anywhere */
    int64_t percentage_random[WORK_FIO_DIRS];
    int64_t norandommap, randrepeat, randseed;
    /* how many at a time, and when */
    int64_t iodepth, numjobs, stonewall, new_group;
    int64_t rate[WORK_FIO_DIRS], rate_iops[WORK_FIO_DIRS], rate_process;
    int64_t thinktime, thinktime_blocks;                     /* ps */
    int64_t startdelay, startdelay_most, runtime, ramp_time; /* ps */
    int64_t time_based;
    int64_t fsync, fdatasync, end_fsync;
    int64_t kb_base, direct;
    /* what settling works out */
    int64_t depth;    /* requests under way at most: 1 with a synchronous engine */
    bool async_flush; /* a flush does not block the process */
    uint32_t group;   /* of results: one more at each stonewall and new_group */
    int64_t wave;     /* jobs of a wave run at a time, behind the last wave's (stonewall) */
    int64_t files;    /* of one process */
    uint32_t first_device;           /* of files of its own: process 0, file 0 */
    uint32_t device[WORK_FIO_FILES]; /* of named files */
    uint64_t hash[WORK_FIO_FILES];   /* of their names */
    uint32_t twin;                   /* jobs of the same name before it */
    struct work_fio_note note[WORK_FIO_NOTES];
    uint32_t notes;
    unsigned line; /* of the job file, where its section begins; 0: of none */
    int fault;     /* where in the value the last error was found; -1: in the name */
};

enum work_fio_kind { WORK_FIO_MODELLED, WORK_FIO_NOTED, WORK_FIO_REFUSED };

struct work_fio_option {
    const char *name, *alias; /* alias: NULL where there is none */
    enum work_fio_kind kind;
    const char *doc; /* what it does; why it has no effect; why it is refused */
};

/* fio's defaults. */
void work_fio_init(struct work_fio_job *job, const char *name);

/* Set one option. @param value text behind the "=", or NULL for a name alone ("stonewall").
 * Fails: err without source and path; job->fault says where. */
bool work_fio_set(struct work_fio_job *job, const char *name, const char *value,
                  struct sim_err *err);

/* Work out what the options of a job come to, once all are set. Fails: err without a place. */
bool work_fio_settle(struct work_fio_job *job, struct sim_err *err);

/* Number waves, devices and twins of settled jobs in their order. @return how many devices. */
uint32_t work_fio_number(struct work_fio_job *jobs, uint32_t n);

/* The device of a file of a process of the job. */
uint32_t work_fio_device(const struct work_fio_job *job, int64_t process, int64_t file);

/* Option i of the table; false behind the last one. */
bool work_fio_option(uint32_t i, struct work_fio_option *out);

#endif
