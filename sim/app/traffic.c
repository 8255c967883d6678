/* traffic.c - traffic equations: from the offered rate and the shares of branches that the run
 * measured, the visits to every step as if nothing had been lost to full queues.
 *
 * A full queue of bytes loses the large messages first, so those behind it are smaller than
 * what is offered. How much smaller is known where they are lost, and carried along: what puts
 * a header on does so to large and small ones alike, what compresses leaves less of both.
 */
#include "summary.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PASSES = 300 };

double app_went(const struct sim_step_stat *stat, uint32_t verdict) {
    return (double)(stat->verdict[verdict] + stat->refused[verdict]);
}

double app_decided(const struct sim_step_stat *stat) {
    double n = (double)stat->served;
    for (uint32_t v = 0; v < SIM_VERDICTS; v++)
        n += (double)stat->refused[v];
    return n;
}

/* Of what a step served, the share that goes on by a verdict if nothing is lost: parents whose
 * children a full queue lost would not have failed. */
static double part_of(const struct sim_world *w, const struct sim_stream *st, uint32_t i,
                      const struct app_mix *mix, uint32_t verdict) {
    const struct sim_step_stat *stat = st->step[i];
    double n = app_went(stat, verdict);
    double starved = (double)stat->starved.items,
           saved = fmin(starved, (double)stat->verdict[1]);
    if (w->step[i].kind == SIM_STEP_RESUME && verdict <= 1)
        n += verdict == 0 ? saved : -saved;
    double part = n / app_decided(stat);
    double fails = mix->fails != NULL && verdict <= 1 ? mix->fails[i] : 0;
    return part * (1 - fails) + (verdict == 1 ? fails : 0);
}

/* A part of what leaves a step goes on to another. */
static void go_on(struct app_flow on, double part, struct app_flow *next) {
    next->visits += on.visits * part;
    next->extra += on.extra * part;
}

static double came_to(const struct sim_step_stat *stat) {
    return stat != NULL ? (double)(stat->served + stat->lost.items) : 0;
}

/* What crosses a cable from step i is shared among the chains that may take it as it was in the
 * run. */
static void cross(const struct sim_stream *st, const struct sim_cable *cable, uint32_t i,
                  struct app_flow on, double part, struct app_flow *next) {
    uint16_t step[APP_INGRESS];
    uint32_t n = app_links_steps_of(cable, st, i, step);
    double came = 0;
    for (uint32_t k = 0; k < n; k++)
        came += came_to(st->step[step[k]]);
    for (uint32_t k = 0; k < n && came > 0; k++)
        go_on(on, part * came_to(st->step[step[k]]) / came, &next[step[k]]);
}

/* A part of what leaves a step goes on by a verdict; over a fan as it did in the run. */
static void branch(const struct sim_stream *st, const struct sim_step *step, uint32_t verdict,
                   struct app_flow on, double part, struct app_flow *next) {
    const struct sim_hop *hop;
    double came = 0;
    uint32_t ways = 0;
    for (uint32_t i = 0; (hop = sim_hop_of(step, verdict, i)) != NULL; i++, ways++)
        if (hop->kind == SIM_HOP_NEXT)
            came += came_to(st->step[hop->next]);
    for (uint32_t i = 0; (hop = sim_hop_of(step, verdict, i)) != NULL; i++)
        if (hop->kind == SIM_HOP_NEXT)
            go_on(on,
                  ways > 1 && came > 0 ? part * came_to(st->step[hop->next]) / came
                                       : part / ways,
                  &next[hop->next]);
}

double app_lost_bytes(const struct sim_step_stat *stat) {
    if (stat == NULL || stat->lost.items == 0 || stat->served == 0)
        return 0;
    double came = (double)(stat->bytes + stat->lost.bytes) / came_to(stat);
    return came - (double)stat->bytes / (double)stat->served;
}

/* Bytes by which all parents are larger on average than those that go on, of which no full
 * queue lost a child. */
static double starved_bytes(const struct sim_step *step, const struct sim_step_stat *stat) {
    const struct sim_hop *ok = &step->hop[0], *error = &step->hop[1];
    bool both = error->kind == SIM_HOP_NEXT && error->next == ok->next;
    if (step->kind != SIM_STEP_RESUME || stat == NULL || both || stat->starved.items == 0 ||
        stat->served <= stat->starved.items)
        return 0;
    double all = (double)stat->bytes / (double)stat->served;
    return all - (double)(stat->bytes - stat->starved.bytes) /
                     (double)(stat->served - stat->starved.items);
}

/* What comes out of step i of what comes to it. */
static struct app_flow out_of(const struct sim_world *w, const struct sim_stream *st,
                              uint32_t i, const struct app_mix *mix, struct app_flow v) {
    double keep = mix->keep != NULL ? mix->keep[i] : 1;
    double more = mix->grown != NULL ? mix->grown[(size_t)st->id * w->steps + i] : 0;
    double lost = app_lost_bytes(st->step[i]) + starved_bytes(&w->step[i], st->step[i]);
    double extra = v.extra + v.visits * lost;
    return (struct app_flow){v.visits * keep, extra * keep * (isnan(more) ? 1 : more)};
}

/* Children of a parent, of one stream or of all; 0: there were none. */
static double children_of(const struct sim_world *w, const struct sim_stream *of, uint32_t i) {
    uint64_t parents = 0, children = 0;
    for (uint32_t k = 0; k < w->streams; k++) {
        const struct sim_stream *st = w->stream[k];
        const struct sim_step_stat *a = st->step[i], *b = st->step[w->step[i].target];
        parents += a != NULL && (of == NULL || of == st) ? a->verdict[0] : 0;
        children += b != NULL && (of == NULL || of == st) ? b->served : 0;
    }
    return parents > 0 ? (double)children / (double)parents : 0;
}

double app_children(const struct sim_world *w, const struct sim_stream *st, uint32_t i) {
    if (w->step[i].each == 0)
        return w->step[i].into;
    double own = children_of(w, st, i), all = own > 0 ? own : children_of(w, NULL, i);
    return all > 0 ? all : 1;
}

/* Children and copies; parts of a message by its size have its bytes between them, and are more
 * where it is larger. */
static void spawn(const struct sim_world *w, const struct sim_stream *st, uint32_t i,
                  struct app_flow on, struct app_flow *next) {
    const struct sim_step *step = &w->step[i];
    bool several = step->action == SIM_ACT_SPLIT || step->each > 0;
    double n = several ? app_children(w, st, i) : 1;
    if (several && step->each > 0 && on.visits > 0) {
        n = fmax(n + on.extra / on.visits / step->each, 1);
        on.extra /= n;
    }
    go_on(on, n, &next[step->target]);
}

/* What leaves step i. */
static void leave(const struct sim_world *w, const struct sim_stream *st, uint32_t i,
                  const struct app_mix *mix, struct app_flow on, struct app_flow *next) {
    const struct sim_step *step = &w->step[i];
    bool split = step->action == SIM_ACT_SPLIT;
    for (uint32_t k = 0; k < SIM_VERDICTS; k++) {
        double part = part_of(w, st, i, mix, k);
        uint32_t way = step->called ? 0 : k; /* verdicts are the way back's business */
        if (part > 0 && !(split && k == 0))
            branch(st, step, way, on, part, next);
        if (part > 0 && step->hop[k].cable != NULL)
            cross(st, step->hop[k].cable, i, on, part, next);
    }
    if (step->action != SIM_ACT_NONE && mix->spawn)
        spawn(w, st, i, on, next);
    if (split)
        go_on(on, 1, &next[step->resume]);
}

/* What comes to a step that served nobody goes on as what is well does: all parents failed
 * before it, or all that came was lost there, as behind others that go first. */
static void leave_unseen(const struct sim_world *w, const struct sim_stream *st, uint32_t i,
                         const struct app_mix *mix, struct app_flow on, struct app_flow *next) {
    const struct sim_step *step = &w->step[i];
    bool split = step->action == SIM_ACT_SPLIT;
    if (split)
        go_on(on, 1, &next[step->resume]);
    else
        branch(st, step, 0, on, 1, next);
    if (step->action != SIM_ACT_NONE && mix->spawn)
        spawn(w, st, i, on, next);
}

/* Flows to every step, by one pass of the traffic equations. */
static void pass(const struct sim_world *w, const struct sim_stream *st,
                 const struct app_mix *mix, const struct app_flow *v, struct app_flow *next) {
    double offered = (double)st->offered.items / (double)(w->to - w->from);
    memset(next, 0, w->steps * sizeof *next);
    if (mix->from)
        next[mix->from - 1].visits = 1;
    else
        next[st->first].visits = offered;
    for (uint32_t i = 0; i < w->steps; i++) {
        if (v[i].visits <= 0)
            continue;
        struct app_flow on = out_of(w, st, i, mix, v[i]);
        if (st->step[i] == NULL || st->step[i]->served == 0)
            leave_unseen(w, st, i, mix, on, next);
        else
            leave(w, st, i, mix, on, next);
    }
}

void app_visits_of(const struct sim_world *w, const struct sim_stream *st,
                   const struct app_mix *mix, struct app_flow *v) {
    size_t size = w->steps * sizeof *v;
    struct app_flow *next = malloc(size + 1);
    SIM_ASSERT(next != NULL);
    memset(v, 0, size);
    for (uint32_t i = 0; i < w->steps + PASSES; i++) {
        pass(w, st, mix, v, next);
        bool same = memcmp(v, next, size) == 0;
        memcpy(v, next, size);
        if (same)
            break;
    }
    free(next);
}

/* Bytes of a message of the stream that ends well: of those delivered, else as offered. */
static double bytes_each(const struct sim_stream *st) {
    const struct sim_tally *of = st->delivered.items > 0 ? &st->delivered : &st->offered;
    return of->items > 0 ? (double)of->bytes / (double)of->items : 0;
}

static bool ends_well(const struct sim_hop *hop) {
    return (hop->kind == SIM_HOP_DELIVERED || hop->kind == SIM_HOP_REPLY) && !hop->cable;
}

/* Messages that end well at step i, per picosecond. */
static double items_at(const struct sim_world *w, const struct sim_stream *st, uint32_t i,
                       const struct app_mix *mix, struct app_flow v) {
    const struct sim_step_stat *stat = st->step[i];
    double part = 0;
    if (stat == NULL || stat->served == 0)
        return ends_well(&w->step[i].hop[0]) ? v.visits : 0;
    for (uint32_t k = 0; k < SIM_VERDICTS; k++)
        part += ends_well(&w->step[i].hop[k]) ? part_of(w, st, i, mix, k) : 0;
    return v.visits * part;
}

/* Their bits. */
static double bits_at(const struct sim_world *w, const struct sim_stream *st, uint32_t i,
                      const struct app_mix *mix, struct app_flow v) {
    const struct sim_step_stat *stat = st->step[i];
    struct app_flow out = out_of(w, st, i, mix, v);
    bool served = stat != NULL && stat->served > 0;
    double part = served ? 0 : ends_well(&w->step[i].hop[0]);
    if (part > 0 && stat != NULL && stat->lost.items > 0) /* all that came was lost */
        return out.visits * 8 * (double)stat->lost.bytes / (double)stat->lost.items;
    for (uint32_t k = 0; served && k < SIM_VERDICTS; k++)
        part += ends_well(&w->step[i].hop[k]) ? part_of(w, st, i, mix, k) : 0;
    return part * 8 * (out.visits * bytes_each(st) + out.extra);
}

typedef double at_step(const struct sim_world *w, const struct sim_stream *st, uint32_t i,
                       const struct app_mix *mix, struct app_flow v);

static double of_stream(const struct sim_world *w, const struct sim_stream *st,
                        const struct app_mix *mix, at_step *at) {
    double sum = 0;
    struct app_flow *v = calloc(w->steps + 1, sizeof *v);
    SIM_ASSERT(v != NULL);
    app_visits_of(w, st, mix, v);
    for (uint32_t i = 0; i < w->steps; i++)
        sum += at(w, st, i, mix, v[i]);
    free(v);
    return sum;
}

static double over_all(const struct sim_world *w, const struct app_mix *mix, at_step *at) {
    double sum = 0;
    for (uint32_t k = 0; w->to > w->from && k < w->streams; k++)
        sum += of_stream(w, w->stream[k], mix, at);
    return sum * (double)SIM_PS_PER_S;
}

double app_delivered_of(const struct sim_world *w, const struct app_mix *mix) {
    return over_all(w, mix, bits_at);
}

double app_potential_of(const struct app_scenario *s, const struct sim_stream *st) {
    const struct app_mix offered = {.grown = s->slopes.bytes};
    return of_stream(s->world, st, &offered, bits_at) * (double)SIM_PS_PER_S;
}

double app_whole_bytes(const struct app_scenario *s, const struct sim_stream *st) {
    const struct sim_world *w = s->world;
    const struct app_mix offered = {.grown = s->slopes.bytes};
    double items = w->to > w->from ? of_stream(w, st, &offered, items_at) : 0;
    return items > 0 ? of_stream(w, st, &offered, bits_at) / 8 / items : 0;
}

double app_deliverable(const struct sim_world *w) {
    const struct app_mix offered = {0};
    return over_all(w, &offered, items_at);
}
