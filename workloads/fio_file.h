/* fio_file.h - job files of fio: "[global]", "[job]", "name=value", "include FILE". */
#ifndef WORK_FIO_FILE_H
#define WORK_FIO_FILE_H

#include "workloads/fio_job.h"

enum { WORK_FIO_JOBS = 1024 };

struct work_fio_jobs {
    struct work_fio_job *job; /* settled and numbered */
    uint32_t n, devices;
};

/* Read a job file, "-" is standard input. Fails: err at "line 3, column 8". */
bool work_fio_read(const char *file, struct work_fio_jobs *out, struct sim_arena *arena,
                   struct sim_err *err);

/* The same of text that is in memory. @param file its name, for messages and for what it
 * includes. */
bool work_fio_parse(const char *file, const char *text, size_t length,
                    struct work_fio_jobs *out, struct sim_arena *arena, struct sim_err *err);

#endif
