/* verdict_loop.c - what holds up closed loops that lose nothing: by the most that each part can
 * bring.
 *
 * A part that is busy a share U of the time with its own work, or of whose places a share U
 * would be taken if nothing waited, lets through 1/U times as much as now, whatever is done to
 * the others. So doubling one brings at most what the tightest of the others then allows. One
 * is named where that is more than twice of what any other can bring; else they hold it up
 * together, and which of them most one run does not tell. That a place is kept, and that
 * something waits, is no sign: tags are kept for as long as a full wire makes them wait.
 *
 * A server that is made faster also shortens what others are kept for: of the time for which a
 * place is kept, by Little's law, what is at the server is in the proportion of what both hold.
 * Left out: how much waits by chance; parts that are free half of the time, in whose way
 * nothing is that is doubled.
 */
#include "sim/engine/row.h"
#include "verdict.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PARTS = 64 };
#define LITTLE  (2 * APP_BRINGS) /* more, at most: it may well bring nothing */
#define BESIDE  0.8              /* the same where open streams limit as well */
#define SUSPECT 0.5              /* of it is taken: doubled, others may come up against it */

struct part {
    const struct app_bound *b;
    double load; /* of its own; at most 1 */
    double most; /* that more of it can bring; of all that is delivered, at most 1 */
    bool keeps;  /* it is places, or servers that calls keep: for as long as others take */
};

static bool loses(const struct sim_world *w) {
    for (uint32_t i = 0; i < w->ports; i++)
        if (w->port[i]->lost.items > 0)
            return true;
    return false;
}

/* Do calls keep a port's servers? */
static bool is_called_from(const struct sim_world *w, const struct sim_port *p) {
    for (uint32_t k = 0; k < w->streams; k++)
        for (uint32_t i = 0; i < w->steps; i++) {
            const struct sim_step_stat *stat = w->stream[k]->step[i];
            if (w->step[i].hold && stat != NULL && stat->served > 0 &&
                app_port_alike(w->port[stat->port], p))
                return true;
        }
    return false;
}

static bool keeps(const struct sim_world *w, const struct app_bound *b) {
    return b->window || b->loop != NULL || (b->port->aside && b->port->paced_by == NULL) ||
           is_called_from(w, b->port);
}

/* Does a closed loop come to it? */
static bool of_a_loop(const struct sim_world *w, const struct app_bound *b) {
    for (uint32_t k = 0; k < w->streams; k++)
        if (app_is_loop(w->stream[k]) && app_part_of(w, w->stream[k], b) > 0)
            return true;
    return false;
}

static void add_part(const struct app_case *c, const struct app_bound *b, struct part *list,
                     size_t *n) {
    double busy = b->window || b->loop != NULL ? 1 : b->utilization; /* it has begun to be */
    if (!of_a_loop(c->w, b))
        return;
    if (*n < PARTS && b->load > 0 && busy > 0 && (b->loop != NULL || !app_is_aside(c, b)))
        list[(*n)++] = (struct part){b, fmin(b->load, busy), 0, keeps(c->w, b)};
}

static int fuller(const void *a, const void *b) {
    const struct part *x = a, *y = b;
    return x->load > y->load ? -1 : x->load < y->load;
}

/* All that can be in the way, the fullest first, and two at least. @param loop room for a row
 * of each stream @return how many */
static size_t parts_of(const struct app_case *c, struct app_bound *loop, struct part *list) {
    size_t n = 0, left = 0;
    uint32_t loops = app_loops(c->s, loop, c->s->streams);
    for (uint32_t i = 0; i < loops; i++)
        add_part(c, &loop[i], list, &n);
    for (uint32_t i = 0; i < c->n; i++)
        add_part(c, &c->b[i], list, &n);
    qsort(list, n, sizeof *list, fuller);
    while (left < n && (left < 2 || list[left].load >= SUSPECT))
        left++;
    return left;
}

/* How much more of a stream another part allows when one is doubled: what others take of it
 * stays. */
static double allows(const struct part *other, double part, const struct part *doubled) {
    double load = other->load, here = doubled->b->used / doubled->b->share;
    if (other->keeps && !doubled->keeps)
        load *= 1 - fmin(here / (2 * other->b->used), 0.5);
    return (1 / load - 1) / part;
}

/* Stream by stream: what one does not come to cannot be in its way. */
static void judge(const struct sim_world *w, struct part *list, size_t n) {
    for (uint32_t s = 0; s < w->streams; s++) {
        const struct sim_stream *st = w->stream[s];
        for (size_t i = 0; i < n; i++) {
            double most = app_part_of(w, st, list[i].b) > 0 ? 1 : 0;
            for (size_t k = 0; k < n && most > 0; k++) {
                double part = k != i ? app_part_of(w, st, list[k].b) : 0;
                if (part > 0)
                    most = fmin(most, allows(&list[k], part, &list[i]));
            }
            list[i].most += most * app_share_of(w, st);
        }
    }
}

static int more(const void *a, const void *b) {
    const struct part *x = a, *y = b;
    if (x->most != y->most)
        return x->most > y->most ? -1 : 1;
    return fuller(a, b);
}

/* One that is fuller than those that are named, and brings less. */
static void say_fuller(const struct part *list, size_t n, double least, struct app_verdict *v) {
    const struct part *most = NULL;
    for (size_t i = 0; i < n; i++)
        if (list[i].load > least && (most == NULL || list[i].load > most->load))
            most = &list[i];
    if (most != NULL)
        sim_append(v->why, sizeof v->why,
                   "; %s.%s, at %.4g %%, is in the way of less of what is delivered",
                   most->b->comp->path, most->b->resource, 100 * most->load);
}

/* Those that are all full, or that may each bring more: the first n of `all`. */
static void name_all(struct part *list, size_t n, size_t all, struct app_verdict *v) {
    bool full = list[0].most < LITTLE;
    struct part *rest = list + n;
    size_t others = all - n;
    qsort(list, n, sizeof *list, fuller);
    while (full && n > 2 && list[n - 1].load < 1 - LITTLE)
        n--;
    app_name_loaded(list[0].b, list[0].load, v);
    v->kind = "resources";
    for (size_t i = 0; i < n; i++)
        app_verdict_share(list[i].b, list[i].load, v);
    snprintf(v->why, sizeof v->why,
             "several hold up together what is delivered. What this rate would take of each if "
             "nothing waited: ");
    app_say_shared(v);
    sim_append(v->why, sizeof v->why, "; %s",
               full ? "one of them alone brings nothing, for the others are as full"
                    : "which of them brings most one run does not tell");
    say_fuller(rest, others, list[n - 1].load, v);
}

static void say_part(const struct app_case *c, const struct part *p, struct app_verdict *v) {
    const struct app_bound *b = p->b;
    const char *name = b->comp->path;
    if (b->loop != NULL)
        snprintf(
            v->why, sizeof v->why,
            "the requests that may be outstanding limit the throughput: %.0f of \"%s\", of "
            "which %.4g would be under way if nothing waited",
            b->capacity, b->loop->name, b->used);
    else if (p->keeps)
        snprintf(v->why, sizeof v->why,
                 "of the %.4g of %s.%s this rate would take %.4g even if nothing waited",
                 b->capacity, name, b->resource, p->load * b->capacity);
    else
        snprintf(v->why, sizeof v->why, "%s.%s is busy with its own work %.4g %% of the time",
                 name, b->resource, 100 * p->load);
    double waits = b->loop == NULL && !b->window ? app_waiting(c, b) : 0;
    if (waits >= 0.5)
        sim_append(v->why, sizeof v->why, ", and %.4g %s for it on average", waits,
                   fabs(waits - 1) < 0.0005 ? "message waits" : "messages wait");
}

static void name_one(const struct app_case *c, struct part *list, size_t n,
                     struct app_verdict *v) {
    app_name_loaded(list[0].b, list[0].load, v);
    if (list[0].b->loop != NULL)
        v->kind = "closed-loop-depth";
    say_part(c, list, v);
    if (n < 2)
        return;
    qsort(list + 1, n - 1, sizeof *list, fuller);
    sim_append(v->why, sizeof v->why, "; the fullest of the others is %s.%s, %.4g %%",
               list[1].b->comp->path, list[1].b->resource, 100 * list[1].load);
}

/* How many of a list, those that may bring most first, are to be named: one where it may bring
 * more than twice of what any other may, and is full; of places, the fullest: what waits by
 * chance, waits elsewhere as well. @return 0: nothing is known */
static size_t how_many(const struct part *list, size_t n, double least) {
    size_t may = 1;
    double full = 0;
    for (size_t i = 0; i < n; i++)
        full = fmax(full, list[i].load);
    if (full < least)
        return 0;
    while (may < n && (2 * list[may].most > list[0].most || list[0].most < LITTLE))
        may++;
    bool wall = list[0].load >= (list[0].keeps ? (1 - APP_BRINGS) * full : NEARLY);
    return may > 1 || wall ? may : n;
}

bool app_by_loop(const struct app_case *c, struct app_verdict *v) {
    struct part list[PARTS];
    struct app_bound *loop = calloc(c->s->streams + 1, sizeof *loop);
    SIM_ASSERT(loop != NULL);
    size_t n = loses(c->w) ? 0 : parts_of(c, loop, list);
    judge(c->w, list, n);
    qsort(list, n, sizeof *list, more);
    size_t named = how_many(list, n, c->closed ? SUSPECT : BESIDE);
    if (named > 1)
        name_all(list, named, n, v);
    else if (named == 1)
        name_one(c, list, n, v);
    free(loop);
    return named > 0;
}
