/* verdict_name.c - what the parts of the verdict count alike, and how they name what they
 * found. */
#include "sim/engine/row.h"
#include "verdict.h"
#include <math.h>
#include <stdio.h>

void app_verdict_name(struct app_verdict *v, const char *kind, const struct sim_comp *comp,
                      const char *resource) {
    v->kind = kind;
    v->comp = comp;
    snprintf(v->resource, sizeof v->resource, "%.250s", resource);
}

void app_name_loaded(const struct app_bound *b, double load, struct app_verdict *v) {
    app_verdict_name(v, "resource", b->comp, b->resource);
    v->load = load;
    v->least = b->least && b->load >= load;
}

uint64_t app_offered(const struct sim_world *w) {
    uint64_t n = 0;
    for (uint32_t k = 0; k < w->streams; k++)
        n += w->stream[k]->offered.items;
    return n;
}

uint64_t app_starved(const struct sim_world *w) {
    uint64_t n = 0;
    for (uint32_t k = 0; k < w->streams; k++)
        n += w->stream[k]->starved;
    return n;
}

double app_part_of(const struct sim_world *w, const struct sim_stream *st,
                   const struct app_bound *b) {
    double all = 0;
    if (b->loop != NULL)
        return b->loop == st ? 1 : 0;
    for (uint32_t k = 0; k < w->streams; k++)
        all += app_taken(w, w->stream[k], b->port);
    return all > 0 ? app_taken(w, st, b->port) / all : 0;
}

bool app_share_a_stream(const struct sim_world *w, const struct app_bound *a,
                        const struct app_bound *b) {
    for (uint32_t k = 0; k < w->streams; k++)
        if (app_part_of(w, w->stream[k], a) > 0 && app_part_of(w, w->stream[k], b) > 0)
            return true;
    return false;
}

double app_share_of(const struct sim_world *w, const struct sim_stream *st) {
    double all = 0;
    for (uint32_t k = 0; k < w->streams; k++)
        all += (double)w->stream[k]->delivered.bytes;
    return all > 0 ? (double)st->delivered.bytes / all : 1.0 / w->streams; /* nothing yet */
}

void app_say_shared(struct app_verdict *v) {
    for (uint32_t i = 0; i < v->shares; i++)
        sim_append(v->why, sizeof v->why, "%s%s.%s (%.4g %%)",
                   i == 0               ? ""
                   : i + 1 == v->shares ? " and "
                                        : ", ",
                   v->shared[i].b.comp->path, v->shared[i].b.resource, 100 * v->shared[i].load);
}

void app_verdict_share(const struct app_bound *b, double load, struct app_verdict *v) {
    if (v->shares < APP_SHARED)
        v->shared[v->shares++] = (struct app_shared){*b, load};
}

/* Messages of a stream that are lost to full queues and tables, or more under way at the end
 * than when the window began; below 0: more comes out than is offered. */
static double missing_of(const struct sim_world *w, const struct sim_stream *st) {
    double lost = (double)st->offered.items - (double)st->delivered.items -
                  (double)st->dropped.items + (double)st->starved;
    for (uint32_t k = 0; k < w->causes; k++)
        lost += w->cause[k].full || w->cause[k].lacks != NULL ? (double)st->dropped_by[k] : 0;
    return lost;
}

/* The share of what is offered that is missing, in messages and in bytes of such as each stream
 * offers. Of loops it is not known: they offer what they get back. */
struct missing {
    double items, bytes;
};

static struct missing missing(const struct app_scenario *s) {
    double items = 0, bytes = 0;
    struct missing lost = {0, 0};
    for (uint32_t i = 0; i < s->world->streams; i++) {
        const struct sim_stream *st = s->world->stream[i];
        double n = (double)st->offered.items, gone = missing_of(s->world, st);
        items += n;
        bytes += (double)st->offered.bytes;
        lost.items += gone;
        lost.bytes += n > 0 ? gone / n * (double)st->offered.bytes : 0;
        if (app_is_loop(st))
            return (struct missing){(double)NAN, (double)NAN};
    }
    return (struct missing){lost.items / items, lost.bytes / bytes};
}

bool app_comes_through(const struct app_scenario *s) {
    struct missing lost = missing(s);
    return lost.items < APP_BRINGS && !(lost.bytes >= APP_BRINGS);
}

bool app_works_off(const struct app_scenario *s) { return missing(s).items <= -APP_BRINGS; }

uint64_t app_lost_at(const struct sim_world *w, const struct sim_port *p, bool created) {
    uint64_t n = 0;
    for (uint32_t k = 0; (p->drops || p->refuses) && k < w->streams; k++)
        n += created ? w->stream[k]->created_dropped_by[p->full_cause]
                     : w->stream[k]->dropped_by[p->full_cause];
    return n;
}
