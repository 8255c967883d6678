/* loops.c - the window of a closed loop as a resource: its outstanding requests.
 *
 * By Little's law the rate times the time that a request takes when nothing waits, and thinks,
 * is how many have to be outstanding at least. Where that is all that may be, nothing waits and
 * the loop itself sets the pace; where it is less, the others wait for what is full. Left out:
 * requests that were lost and wait for their time-out.
 */
#include "sim/engine/field.h"
#include "summary.h"
#include "unloaded.h"
#include <stdio.h>
#include <stdlib.h>

/* A parameter of a stream's source; 0: it has none. */
static int64_t source_param(const struct sim_comp *source, const char *name) {
    return sim_field_named(source->model->params, name, source);
}

/* Requests to drives wait for what comes back where their depth holds them up, not their times
 * or a rate. */
bool app_is_loop(const struct sim_stream *st) {
    return sim_stream_closed(st) &&
           (!st->requests || work_requests_depth(app_requests(st)) > 0);
}

bool app_any_loop(const struct sim_world *w) {
    for (uint32_t i = 0; i < w->streams; i++)
        if (app_is_loop(w->stream[i]))
            return true;
    return false;
}

int64_t app_outstanding(const struct app_stream *st) {
    if (!app_is_loop(st->stream))
        return 0;
    return st->stream->requests ? work_requests_depth(app_requests(st->stream))
                                : source_param(st->source, "outstanding");
}

/* Picoseconds that a request takes when nothing waits, by all the ways that they took. */
static double unloaded(const struct sim_world *w, const struct sim_stream *st,
                       const struct app_flow *v) {
    double sum = 0;
    for (uint32_t i = 0; i < w->steps; i++)
        if (v[i].visits > 0 && st->step[i] != NULL && st->step[i]->served > 0)
            sum += v[i].visits * app_unloaded_step(w, st, i);
    return v[st->first].visits > 0 ? sum / v[st->first].visits : 0;
}

static double delivered_bits(const struct sim_world *w, const struct sim_stream *st) {
    double window = (double)(w->to - w->from) / (double)SIM_PS_PER_S;
    return 8 * (double)st->delivered.bytes / window;
}

static struct app_bound loop_of(const struct sim_world *w, const struct app_stream *of,
                                struct app_flow *v) {
    static const struct app_mix own = {0};
    const struct sim_stream *st = of->stream;
    struct app_bound b = {.comp = of->source, .loop = st, .share = 1};
    double bits = delivered_bits(w, st);
    double ended = (double)(st->delivered.items + st->dropped.items);
    app_visits_of(w, st, &own, v);
    for (uint32_t k = 0; k < w->streams; k++)
        b.bypass_bits_per_s += w->stream[k] != st ? delivered_bits(w, w->stream[k]) : 0;
    snprintf(b.resource, sizeof b.resource, "%s", st->requests ? "iodepth" : "outstanding");
    b.capacity = (double)app_outstanding(of);
    b.used = ended / (double)(w->to - w->from) *
             (unloaded(w, st, v) + (double)source_param(of->source, "think"));
    b.load = b.met = b.used / b.capacity;
    b.bits_per_s = b.bypass_bits_per_s + (b.load > 0 ? bits / b.load : 0);
    return b;
}

uint32_t app_loops(const struct app_scenario *s, struct app_bound *out, uint32_t room) {
    const struct sim_world *w = s->world;
    struct app_flow *v = calloc(w->steps + 1, sizeof *v);
    uint32_t n = 0;
    SIM_ASSERT(v != NULL);
    for (uint32_t i = 0; i < s->streams && n < room && w->to > w->from; i++)
        if (app_outstanding(&s->stream[i]) > 0)
            out[n++] = loop_of(w, &s->stream[i], v);
    free(v);
    return n;
}
