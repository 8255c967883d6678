/* fio_lab.h - for tests: jobs from text, and all requests of a process. */
#ifndef TESTS_FIO_LAB_H
#define TESTS_FIO_LAB_H

#include "tests/check_main.h"
#include "workloads/fio_file.h"
#include "workloads/fio_gen.h"
#include <stdio.h>
#include <string.h>

struct fio_lab {
    struct sim_arena arena;
    struct sim_err err;
    struct work_fio_jobs jobs;
    struct work_fio_plan plan;
    struct work_fio_gen gen;
    struct work_io *io;
    size_t n;
};

/* The message of an error, in a static buffer. */
static inline const char *fio_message(const struct sim_err *err) {
    static char line[2048];
    return sim_err_line(err, line, sizeof line);
}

static inline void fio_read(struct fio_lab *lab, const char *text) {
    ck_assert_msg(work_fio_parse("t", text, strlen(text), &lab->jobs, &lab->arena, &lab->err),
                  "%s", fio_message(&lab->err));
}

/* Begin a process of a job. @param device bytes, 0: not known. */
static inline void fio_start(struct fio_lab *lab, uint32_t job, uint32_t number, uint64_t seed,
                             int64_t device) {
    ck_assert_uint_lt(job, lab->jobs.n);
    ck_assert_msg(
        work_fio_plan(&lab->plan, &lab->jobs.job[job], device, &lab->arena, &lab->err), "%s",
        fio_message(&lab->err));
    work_fio_start(&lab->gen, &lab->plan, number, seed, &lab->arena);
}

/* All its requests, or the first `most`. */
static inline void fio_run(struct fio_lab *lab, size_t most) {
    lab->io = sim_alloc_n(&lab->arena, most, sizeof *lab->io);
    for (lab->n = 0; lab->n < most && work_fio_next(&lab->gen, &lab->io[lab->n]);)
        lab->n++;
}

static inline void fio_free(struct fio_lab *lab) {
    sim_arena_free(&lab->arena);
    *lab = (struct fio_lab){0};
}

/* "R0+4096 W4096+8192 F T..", the requests as text in a static buffer: of the device, offset
 * and bytes; "@ps" where one may not start before, "!" before a barrier. */
static inline const char *fio_text(const struct fio_lab *lab) {
    static char text[4096];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < lab->n; i++) {
        const struct work_io *io = &lab->io[i];
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%c", i ? " " : "",
                                 io->barrier ? "!" : "", "RWFT"[io->op]);
        if (io->device)
            used += (size_t)snprintf(text + used, sizeof text - used, "d%u:", io->device);
        if (io->op != WORK_IO_FLUSH)
            used += (size_t)snprintf(text + used, sizeof text - used, "%lu+%lu",
                                     (unsigned long)io->offset, (unsigned long)io->bytes);
        if (io->time)
            used += (size_t)snprintf(text + used, sizeof text - used, "@%ld", (long)io->time);
        ck_assert_uint_lt(used, sizeof text);
    }
    return text;
}

#endif
