/* run.h - arguments and exit codes of the commands; where results go. */
#ifndef APP_RUN_H
#define APP_RUN_H

#include "scenario.h"

enum app_exit {
    APP_EXIT_DONE = 0,
    APP_EXIT_NO = 1,          /* ran, and the answer is no */
    APP_EXIT_USER = 2,        /* the user's error */
    APP_EXIT_INTERRUPTED = 3, /* partial results kept and marked */
    APP_EXIT_AUDIT = 4,       /* a failed audit */
    APP_EXIT_BUG = 70
};

enum app_format { APP_TEXT, APP_JSON, APP_CSV, APP_MD, APP_HTML };

enum { APP_MAX_SETS = 256 };

struct app_run_args {
    const char *scenario, *out;
    struct app_set set[APP_MAX_SETS];
    size_t sets;
    struct app_run_opts opts;
    enum app_format format;
    bool quiet, check_only, why;
};

/* Run (or only check) a scenario. @return an enum app_exit; err says why when it is not 0. */
int app_run(const struct app_run_args *a, struct sim_err *err);

/* Run a scenario whole, without a word on the terminal or a file. @param summary a new
 * reference when it returns 0. @return an enum app_exit; err says why when it is not 0. */
int app_run_summary(const char *scenario, const struct app_set *sets, size_t n,
                    json_t **summary, struct sim_err *err);

/* --- out.c: a results folder, written aside and renamed whole --- */

struct app_out {
    char part[4096], final[4096];
    size_t kept; /* length of the first parent that was made for it; 0: none was */
};

/* Make the temporary folder beside the final one. @param out the user's --out, or NULL:
 * results/runs/NAME. Fails: when it cannot be made, or the final one holds what is not ours. */
bool app_out_begin(struct app_out *o, const char *out, const char *name, struct sim_err *err);
bool app_out_commit(struct app_out *o, struct sim_err *err);
void app_out_abort(const struct app_out *o);

/* --- other commands: each returns an exit code --- */

struct app_trace_opts {
    const char *as; /* of a block trace: its format, or NULL to recognise it */
    enum app_format format;
    bool quiet, skip_bad;
};
struct work_stream;

int app_trace(const char *file, const struct app_trace_opts *opts, struct sim_err *err);
/* Owns: takes the stream. */
int app_trace_block(const char *file, struct work_stream *stream,
                    const struct app_trace_opts *opts, struct sim_err *err);
int app_help(const char *topic, struct sim_err *err);
int app_list(const char *kind, enum app_format format, struct sim_err *err);
int app_new(const char *file, const char *from, struct sim_err *err);
int app_schema(const char *which, struct sim_err *err);
int app_validate(const char *area, enum app_format format, bool quiet, struct sim_err *err);
int app_report(const char *folder, enum app_format format, struct sim_err *err);
/* Print a report; of a text on a terminal in colour. */
void app_report_print(const json_t *summary, enum app_format format);
void app_about(void);
void app_version_text(void);

#endif
