/* simulate.c - drive a world to its end: progress on a terminal, the watchdog, signals. */
#include "simulate.h"
#include "run.h"
#include "workloads/source.h"
#include "workloads/stream.h"
#include <signal.h>
#include <stdio.h>
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

void app_catch_signals(void) {
    struct sigaction act = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
}

bool app_interrupted(void) { return interrupted; }

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
    app_close(s, t < w->end ? t : w->end);
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
