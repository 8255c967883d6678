/* request_world.h - for tests of sources of requests to drives: traces written here, a world in
 * which the probe of source_world.h is the drive, and what the source counted.
 */
#ifndef TESTS_REQUEST_WORLD_H
#define TESTS_REQUEST_WORLD_H

#include "tests/source_world.h"
#include "workloads/requests.h"

static char trace[64];

/* A new trace with this text; by a printf format. */
static inline void trace_new(const char *format, ...) __attribute__((format(printf, 1, 2)));

static inline void trace_new(const char *format, ...) {
    va_list args;
    snprintf(trace, sizeof trace, "/tmp/dpusim_trace_XXXXXX");
    FILE *f = fdopen(mkstemp(trace), "wb");
    ck_assert_ptr_nonnull(f);
    va_start(args, format);
    vfprintf(f, format, args);
    va_end(args);
    fclose(f);
}

/* A line more. */
static inline void trace_add(const char *format, ...) __attribute__((format(printf, 1, 2)));

static inline void trace_add(const char *format, ...) {
    va_list args;
    FILE *f = fopen(trace, "ab");
    ck_assert_ptr_nonnull(f);
    va_start(args, format);
    vfprintf(f, format, args);
    va_end(args);
    fclose(f);
}

static inline int64_t stat_of(const struct bench *b, const char *key) {
    const struct sim_comp *c = &b->source[0]->base;
    for (const struct sim_field *row = c->model->stats; row->name; row++)
        if (strcmp(row->name, key) == 0)
            return sim_field_int(row, c);
    ck_abort_msg("no statistic %s", key);
}

/* What the source says of its file, once it is over; "" for nothing. */
static inline const char *remark_of(const struct bench *b) {
    const struct sim_comp *c = &b->source[0]->base;
    const char *text = c->model->remark(c, "file");
    return text != NULL ? text : "";
}

/* A world for `duration` in which the file is replayed to a drive that takes `service`. */
static inline struct bench replay_of(const char *file, sim_ps duration, sim_ps service,
                                     const char *params) {
    struct bench b = bench_new(0, duration, 4096);
    char line[2048];
    b.probe->occupancy = service;
    if (!bench_add(&b, "block", "{'file': '%s'%s}", file, params) || !bench_build(&b, true))
        ck_abort_msg("%s", sim_err_line(&b.err, line, sizeof line));
    bench_run(&b);
    return b;
}

/* The same of the trace written last; it does not fail. */
static inline struct bench replay(sim_ps duration, sim_ps service, const char *params) {
    struct bench b = replay_of(trace, duration, service, params);
    char line[2048];
    if (b.w->failed)
        ck_abort_msg("%s", sim_err_line(&b.w->err, line, sizeof line));
    bench_audit(&b);
    return b;
}

#endif
