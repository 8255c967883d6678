/* run.c - `dpusim run` and `dpusim check`: drive a world, show progress, write results. */
#include "baseline.h"
#include "summary.h"
#include "version.h"
#include "workloads/source.h"
#include "workloads/stream.h"
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { SLICE = 1 << 18, STALL = 64 * SLICE };

static volatile sig_atomic_t interrupted;

/* A second one ends the program at once, but for an echo of the first: a key that bounces, a
 * signal that reaches both the group and the process. */
static void on_interrupt(int sig) {
    static const char gone[] = "dpusim: interrupted twice; nothing is kept\n";
    static time_t since;
    struct timespec now;
    (void)sig;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (interrupted && now.tv_sec - since >= 2) {
        (void)!write(2, gone, sizeof gone - 1);
        _exit(APP_EXIT_INTERRUPTED);
    }
    since = interrupted ? since : now.tv_sec;
    interrupted = 1;
    work_stream_stop();
}

static double wall(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---------------------------------------------------------------- progress */

struct progress {
    double begun, shown;
    bool on;
};

static void show(struct progress *p, const struct app_scenario *s) {
    const struct sim_world *w = s->world;
    double t = wall(), took = t - p->begun;
    if (!p->on || t - p->shown < 0.2)
        return;
    p->shown = t;
    double now = (double)sim_world_now(w) / (double)SIM_PS_PER_S;
    double end = (double)w->end / (double)SIM_PS_PER_S;
    fprintf(stderr, "\r\033[K");
    if (s->open_ended)
        fprintf(stderr, "%.6f s simulated, %.2f M events/s", now,
                (double)w->events / took / 1e6);
    else
        fprintf(stderr, "%3.0f %%  %.6f of %.6f s simulated, %.2f M events/s, %.0f s to go",
                100 * now / end, now, end, (double)w->events / took / 1e6,
                now > 0 ? took * (end - now) / now : 0.0);
}

static void clear(const struct progress *p) {
    if (p->on)
        fprintf(stderr, "\r\033[K");
}

/* ---------------------------------------------------------------- driving */

static bool live(const struct sim_world *w) {
    for (uint32_t i = 0; i < w->nodes; i++) {
        const struct sim_pool *pool = &w->node[i]->pool;
        if (pool->free + pool->ended != pool->capacity)
            return true;
    }
    return false;
}

static size_t armed(const struct sim_world *w) {
    size_t n = 0;
    for (uint32_t i = 0; i < w->groups; i++)
        n += sim_queue_count(&w->group[i]->queue);
    return n;
}

/* How often sources asked for a free message in vain: events that are no progress, and no sign
 * that there is none. */
static uint64_t asked(const struct app_scenario *s) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < s->streams; i++)
        n += ((const struct work_source *)s->stream[i].source)->asked;
    return n;
}

/* Do the sources that ask so have all events there are, and will they ask in vain for ever?
 * What ends at a time that is known already frees a message without an event. */
static bool only_asked(const struct app_scenario *s) {
    size_t n = 0;
    for (uint32_t i = 0; i < s->streams; i++) {
        const struct work_source *src = (const struct work_source *)s->stream[i].source;
        if (!work_source_asks(src))
            continue;
        if (src->base.node->pool.ended > 0)
            return false;
        n++;
    }
    return n == armed(s->world);
}

static bool stuck(const struct sim_world *w, const char *what, struct sim_err *err) {
    char waits[1600];
    (void)sim_world_waits(w, waits, sizeof waits);
    return sim_fail(err, "", "", "no progress at %.9f s of simulated time (%s): %s",
                    (double)sim_world_now(w) / (double)SIM_PS_PER_S, what,
                    waits[0] ? waits : "no port waits for another");
}

/* What the watchdog remembers of the slice before. */
struct watch {
    uint64_t events, finished, asked;
    sim_ps now;
    uint64_t idle;    /* events since anything finished */
    uint64_t crowded; /* events since time went on as it should */
};

static struct watch watch_of(const struct app_scenario *s) {
    const struct sim_world *w = s->world;
    return (struct watch){.events = w->events,
                          .finished = w->finished,
                          .asked = asked(s),
                          .now = sim_world_now(w)};
}

/* Look at a slice of events. A port has no use for an event every picosecond: where there are
 * more for long, messages go round without being served. */
static bool goes_on(const struct app_scenario *s, struct watch *last, struct sim_err *err) {
    const struct sim_world *w = s->world;
    struct watch now = watch_of(s);
    char waits[1600];
    uint64_t all = now.events - last->events, work = all - (now.asked - last->asked);
    bool crowded = all / (w->ports + 1) > (uint64_t)(now.now - last->now);
    now.idle = now.finished == last->finished ? last->idle + work : 0;
    now.crowded = crowded ? last->crowded + all : 0;
    *last = now;
    if (now.idle >= STALL)
        return stuck(w, "events go on but nothing finishes", err);
    if (now.crowded >= STALL)
        return stuck(w,
                     "events go on but time hardly does: is there a closed loop without time "
                     "to think whose requests are answered, or refused, without being served?",
                     err);
    if (work == 0 && only_asked(s))
        return stuck(w, "all messages are in use and none of them moves", err);
    if (sim_world_waits(w, waits, sizeof waits))
        return stuck(w, "a circle of waits", err);
    return true;
}

/* Run to `until`. @return false when stuck (err); *cut is set when interrupted. */
static bool advance(struct app_scenario *s, struct progress *p, sim_ps until, bool *cut,
                    struct sim_err *err) {
    struct sim_world *w = s->world;
    struct watch last = watch_of(s);
    while (sim_world_run(w, until, SLICE)) {
        show(p, s);
        if (interrupted) {
            *cut = true;
            return true;
        }
        if (w->events - last.events < SLICE) /* the rest comes after `until` */
            return true;
        if (!goes_on(s, &last, err))
            return false;
    }
    *cut = work_stream_stopped(); /* nothing comes any more, because of the signal */
    return true;
}

/* A run without a duration ends with its sources: that they did. */
static bool exhausted(const struct app_scenario *s, struct sim_err *err) {
    for (uint32_t i = 0; s->open_ended && i < s->streams; i++) {
        const struct work_source *src = (const struct work_source *)s->stream[i].source;
        if (src->ready && src->due > s->world->end)
            return sim_fail(err, "", s->stream[i].pointer,
                            "packet %lld is due %s%.4g days after the run began, and time ends "
                            "after %d: is its time in the capture right? Give a \"rate\", a "
                            "\"packet_rate\" or a higher \"speed\", or /run/duration",
                            (long long)src->made, src->due == SIM_NEVER - 1 ? "at least " : "",
                            (double)src->due / 1e12 / 86400, APP_MOST_DAYS);
    }
    return true;
}

/* Run to the end. @return false on failure (err); *cut is set when interrupted. */
static bool drive(struct app_scenario *s, struct progress *p, bool *cut, struct sim_err *err) {
    struct sim_world *w = s->world;
    /* Without a duration, or when cut, the window ends with the last event, not where it was
     * planned to: so it is not shut on the way. */
    if (!advance(s, p, w->to - 2, cut, err) ||
        (!*cut && !s->open_ended && !advance(s, p, w->end, cut, err)))
        return false;
    clear(p);
    if (w->failed) {
        *err = w->err;
        app_config_blame(&s->config, err);
        return false;
    }
    if (!*cut && !exhausted(s, err))
        return false;
    if (s->open_ended && !*cut && armed(w) > 0) {
        sim_fail(err, "", "/run/duration",
                 "is not given, and after %.3g days of simulated time, the most there "
                 "can be, the run is not over; state one",
                 (double)w->end / (double)SIM_PS_PER_S / 86400);
        app_config_blame(&s->config, err);
        return false;
    }
    if (s->open_ended && !*cut && live(w))
        return stuck(w, "the sources are exhausted but messages remain", err);
    return true;
}

static void finish(struct app_scenario *s, bool cut, struct app_outcome *o) {
    struct sim_world *w = s->world;
    sim_ps t = cut || s->open_ended ? sim_world_settle(w) : w->end;
    sim_world_close(w, t < w->end ? t : w->end);
    o->audit_passed = sim_world_audit(w, &o->audit);
    o->digest = sim_world_digest(w);
    o->status = !o->audit_passed ? "audit-failed" : cut ? "interrupted" : "complete";
}

bool app_simulate(struct app_scenario *s, bool show, struct app_outcome *o,
                  struct sim_err *err) {
    struct progress p = {.begun = wall(), .on = show};
    *o = (struct app_outcome){0};
    if (!drive(s, &p, &o->cut, err))
        return false;
    finish(s, o->cut, o);
    o->wall_s = wall() - p.begun;
    return true;
}

/* ---------------------------------------------------------------- results */

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

static bool put_results(struct app_scenario *s, const struct app_baseline *b,
                        const struct app_out *out, const json_t *summary, double wall_s,
                        struct sim_err *err) {
    char *text = app_report_text(summary, false);
    bool ok = put_json(out->part, "summary.json", json_incref((json_t *)summary), 12, err) &&
              put_json(out->part, "effective.json", effective(s, b, out->part), 15, err) &&
              put_json(out->part, "timing.json", timing(s, wall_s), 12, err) &&
              app_write_file(out->part, "report.txt", text, strlen(text), err);
    free(text);
    return ok;
}

static void print(const struct app_run_args *a, const json_t *summary, const char *where) {
    if (a->quiet)
        return;
    if (a->format == APP_JSON) {
        json_dumpf(summary, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
        putchar('\n');
        return;
    }
    char *text = app_report_text(summary, isatty(1) && getenv("NO_COLOR") == NULL);
    fputs(text, stdout);
    free(text);
    char plain[4096];
    if (where != NULL)
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

/* From here on there is something to keep; until then a signal ends the program (main.c). */
static void handle_signals(void) {
    struct sigaction act = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
}

/* A run, and what it is held against. */
static int simulate(struct app_scenario *s, struct app_baseline *b, bool show, json_t **summary,
                    double *wall_s, struct sim_err *err) {
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
    return code;
}

static int run_loaded(struct app_scenario *s, struct app_baseline *b,
                      const struct app_run_args *a, struct sim_err *err) {
    struct app_out probe;
    json_t *summary = NULL;
    double wall_s = 0;
    const char *name = json_string_value(json_object_get(s->config.root, "name"));
    handle_signals();
    /* An unwritable place is told before the run, not after it. */
    if (!app_out_begin(&probe, a->out, name, err))
        return APP_EXIT_USER;
    app_out_abort(&probe);
    if (interrupted) {
        sim_fail(err, "dpusim", "", "interrupted; nothing is kept");
        return APP_EXIT_INTERRUPTED;
    }
    int code = simulate(s, b, isatty(2) && !a->quiet, &summary, &wall_s, err);
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
    static const struct app_run_opts opts;
    struct app_scenario s;
    struct app_baseline b = {0};
    int code = APP_EXIT_USER;
    json_t *made = NULL;
    double wall_s;
    handle_signals();
    if (app_scenario_load(&s, scenario, sets, n, &opts, err) &&
        app_baseline_load(&b, &s, sets, n, &opts, err))
        code = simulate(&s, &b, false, &made, &wall_s, err);
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
