/* fio_value.h - the values of fio's options as text; private to workloads/fio_*.c. */
#ifndef WORK_FIO_VALUE_H
#define WORK_FIO_VALUE_H

#include "sim/engine/time.h"
#include "workloads/fio_job.h"

/* A value that is being read. */
struct work_fio_value {
    struct work_fio_job *job;
    const char *name;
    const char *text; /* all of it */
    const char *at;   /* what is not read yet */
    struct sim_err *err;
};

/* Fail at v->at: what stands there, and what would do. @return false. */
bool work_fio_wrong(const struct work_fio_value *v, const char *want);

/* Is a value that was read last within its bounds? */
bool work_fio_between(struct work_fio_value *v, int64_t value, int64_t min, int64_t max);

/* Each reads its part and steps over it; what stands behind is the caller's. */
/* An integer with k, m, g, t, p and kib, mib ... by kb_base, or hexadecimal. */
bool work_fio_bytes(struct work_fio_value *v, int64_t *out);
/* The same or a percentage, 1 % to 100 %. */
bool work_fio_share(struct work_fio_value *v, struct work_fio_size *out);
/* An integer and us, ms, s, m, h or d; bare: of `bare` picoseconds. */
bool work_fio_time(struct work_fio_value *v, int64_t bare, int64_t *out);
/* A decimal number in parts per million. */
bool work_fio_ppm(struct work_fio_value *v, int64_t *out);
/* One of "a|b|c", up to ":" or the end: its index. */
bool work_fio_word(struct work_fio_value *v, const char *choices, int64_t *out);
/* The next character, which is stepped over, or not. */
bool work_fio_is(struct work_fio_value *v, char c);
/* Nothing is left. */
bool work_fio_done(const struct work_fio_value *v);

/* Values for read, write and trim: "a" for all; "a,b" b for write and trim; "a,b,c"; what is
 * left empty stays as it is. `one` reads the value of a direction. */
typedef bool work_fio_one(struct work_fio_value *v, enum work_fio_dir dir);
bool work_fio_each(struct work_fio_value *v, work_fio_one *one);

/* What is between the commas of these options. */
work_fio_one work_fio_bs, work_fio_ba, work_fio_range, work_fio_split;

/* A remark about the job, once. */
void work_fio_remark(struct work_fio_job *job, const char *name, const char *why);

/* What is not modelled; false where the name is not among it. Enumerated from 0. */
bool work_fio_other(uint32_t i, struct work_fio_option *out);

#endif
