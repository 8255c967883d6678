/* run.c - `dpusim run` and `dpusim check`: run what is asked for, write results. */
#include "baseline.h"
#include "simulate.h"
#include "why.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static json_t *timing(const struct app_scenario *s, double wall_s) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    double cpu = (double)u.ru_utime.tv_sec + (double)u.ru_utime.tv_usec * 1e-6 +
                 (double)u.ru_stime.tv_sec + (double)u.ru_stime.tv_usec * 1e-6;
    uint64_t born = 0;
    for (uint32_t i = 0; i < s->world->streams; i++)
        born += s->world->stream[i]->born;
    json_t *o = json_pack("{ss}", "schema", "dpusim.timing.v1");
    json_object_set_new(o, "wall_s", app_real(wall_s));
    json_object_set_new(o, "cpu_s", app_real(cpu));
    json_object_set_new(o, "events", json_integer((json_int_t)s->world->events));
    json_object_set_new(o, "events_per_s", app_real((double)s->world->events / wall_s));
    json_object_set_new(o, "messages", json_integer((json_int_t)born));
    json_object_set_new(o, "messages_per_s", app_real((double)born / wall_s));
    json_object_set_new(o, "peak_rss_bytes", json_integer((json_int_t)u.ru_maxrss * 1024));
    return o;
}

static bool put_json(const char *folder, const char *name, json_t *doc, size_t precision,
                     struct sim_err *err) {
    char *text = json_dumps(doc, JSON_INDENT(1) | JSON_REAL_PRECISION(precision));
    SIM_ASSERT(text != NULL);
    size_t n = strlen(text);
    text[n] = '\n'; /* in place of the NUL: app_write_file takes a size */
    bool ok = app_write_file(folder, name, text, n + 1, err);
    free(text);
    json_decref(doc);
    return ok;
}

/* The config of this run, and how to make the baseline's of it. */
static json_t *effective(const struct app_scenario *s, const struct app_baseline *b,
                         const char *folder) {
    json_t *mine = app_scenario_effective(s, folder);
    json_t *other = b->other ? app_scenario_effective(&b->scenario, folder) : NULL;
    app_variants_echo(&s->config, mine, other);
    json_decref(other);
    return mine;
}

static bool put_report(const char *folder, const char *name, const json_t *summary,
                       enum app_style style, struct sim_err *err) {
    char *text = app_report_text(summary, style);
    bool ok = app_write_file(folder, name, text, strlen(text), err);
    free(text);
    return ok;
}

/* Where there are requests to drives. */
static bool put_fio(const struct app_scenario *s, const char *folder, struct sim_err *err) {
    json_t *fio = app_fio_json(s);
    return fio == NULL || put_json(folder, "fio.json", fio, 12, err);
}

static bool put_results(struct app_scenario *s, const struct app_baseline *b,
                        const struct app_out *out, const json_t *summary, double wall_s,
                        struct sim_err *err) {
    return put_json(out->part, "summary.json", json_incref((json_t *)summary), 12, err) &&
           put_json(out->part, "effective.json", effective(s, b, out->part), 15, err) &&
           put_json(out->part, "timing.json", timing(s, wall_s), 12, err) &&
           put_fio(s, out->part, err) &&
           put_report(out->part, "report.txt", summary, APP_PLAIN, err) &&
           put_report(out->part, "report.html", summary, APP_PAGE, err);
}

static void print(const struct app_run_args *a, const json_t *summary, const char *where) {
    if (a->quiet)
        return;
    app_report_print(summary, a->format);
    char plain[4096];
    if (where != NULL && a->format == APP_TEXT)
        printf("\nResults are in %s\n", sim_plain(where, plain, sizeof plain));
}

static int save(struct app_scenario *s, const struct app_baseline *b,
                const struct app_run_args *a, const json_t *summary, double wall_s,
                struct sim_err *err) {
    struct app_out out;
    const char *name = json_string_value(json_object_get(s->config.root, "name"));
    sigset_t held, before;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigprocmask(SIG_BLOCK, &held, &before); /* whole or absent: a second signal waits */
    bool begun = app_out_begin(&out, a->out, name, err);
    bool ok =
        begun && put_results(s, b, &out, summary, wall_s, err) && app_out_commit(&out, err);
    if (begun && !ok)
        app_out_abort(&out);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (!ok)
        return APP_EXIT_USER;
    print(a, summary, out.final);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        sim_fail(err, "dpusim", "standard output", "%s; the results are whole, in %s",
                 strerror(errno), out.final);
        return APP_EXIT_USER;
    }
    return APP_EXIT_DONE;
}

/* A run, and what it is held against. */
static int simulate(struct app_scenario *s, struct app_baseline *b,
                    const struct app_run_args *a, json_t **summary, double *wall_s,
                    struct sim_err *err) {
    bool show = isatty(2) && !a->quiet;
    struct app_outcome o;
    if (!app_simulate(s, show, &o, err))
        return APP_EXIT_USER;
    int code = !o.audit_passed ? APP_EXIT_AUDIT : o.cut ? APP_EXIT_INTERRUPTED : APP_EXIT_DONE;
    if (code == APP_EXIT_AUDIT)
        *err = o.audit;
    *wall_s = o.wall_s;
    if (code == APP_EXIT_DONE)
        code = app_baseline_run(b, show, err);
    if (code == APP_EXIT_INTERRUPTED)
        o.status = "interrupted";
    *summary = app_summary(s, &o);
    app_baseline_put(b, s, *summary);
    if (code == APP_EXIT_DONE && a->why)
        code = app_why(s, a, show, *summary, err);
    return code;
}

static int run_loaded(struct app_scenario *s, struct app_baseline *b,
                      const struct app_run_args *a, struct sim_err *err) {
    struct app_out probe;
    json_t *summary = NULL;
    double wall_s = 0;
    const char *name = json_string_value(json_object_get(s->config.root, "name"));
    app_catch_signals();
    /* An unwritable place is told before the run, not after it. */
    if (!app_out_begin(&probe, a->out, name, err))
        return APP_EXIT_USER;
    app_out_abort(&probe);
    if (app_interrupted()) {
        sim_fail(err, "dpusim", "", "interrupted; nothing is kept");
        return APP_EXIT_INTERRUPTED;
    }
    int code = simulate(s, b, a, &summary, &wall_s, err);
    if (code == APP_EXIT_USER) {
        json_decref(summary);
        return code;
    }
    int kept = save(s, b, a, summary, wall_s, err);
    json_decref(summary);
    return kept != APP_EXIT_DONE ? kept : code;
}

int app_run_summary(const char *scenario, const struct app_set *sets, size_t n,
                    json_t **summary, struct sim_err *err) {
    static const struct app_run_args silent = {.quiet = true};
    struct app_scenario s;
    struct app_baseline b = {0};
    int code = APP_EXIT_USER;
    json_t *made = NULL;
    double wall_s;
    app_catch_signals();
    if (app_scenario_load(&s, scenario, sets, n, &silent.opts, err) &&
        app_baseline_load(&b, &s, sets, n, &silent.opts, err))
        code = simulate(&s, &b, &silent, &made, &wall_s, err);
    if (code == APP_EXIT_INTERRUPTED)
        sim_fail(err, "dpusim", "", "interrupted; nothing is kept");
    if (code == APP_EXIT_DONE)
        *summary = json_incref(made);
    json_decref(made);
    app_baseline_free(&b);
    app_scenario_free(&s);
    return code;
}

static void show_warnings(const struct app_scenario *s) {
    char plain[4096];
    size_t i;
    json_t *v;
    json_array_foreach(s->config.warnings, i, v) {
        const char *at = json_string_value(json_object_get(v, "pointer"));
        const char *text = json_string_value(json_object_get(v, "text"));
        fprintf(stderr, "dpusim: %s: ", sim_plain(at, plain, sizeof plain));
        fprintf(stderr, "%s\n", sim_plain(text, plain, sizeof plain));
    }
}

int app_run(const struct app_run_args *a, struct sim_err *err) {
    struct app_scenario s;
    struct app_baseline b = {0};
    int code = APP_EXIT_USER;
    bool ok = app_scenario_load(&s, a->scenario, a->set, a->sets, &a->opts, err) &&
              (!a->why || app_why_can(&s, err)) &&
              app_baseline_load(&b, &s, a->set, a->sets, &a->opts, err);
    if (ok && s.note != NULL && !a->quiet)
        fprintf(stderr, "dpusim: %s\n", s.note);
    if (ok && a->check_only && !a->quiet) /* a run has them in its report */
        show_warnings(&s);
    if (ok)
        code = a->check_only ? APP_EXIT_DONE : run_loaded(&s, &b, a, err);
    app_baseline_free(&b);
    app_scenario_free(&s);
    return code;
}
