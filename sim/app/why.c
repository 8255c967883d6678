/* why.c - which resource is the bottleneck, proven: the one that brings more when it is
 * doubled.
 *
 * One run shows which resources are full; of several, one behind the other, or of those that
 * only wait for another, it does not show which holds up the rest. So the scenario is run again
 * with each suspect doubled: its block twice as fast, twice the servers or places, or a closed
 * loop twice as deep. Where none brings more, though one seemed to be the wall, all of them are
 * doubled at once. Suspects that the same values make faster, as both directions of a link by
 * its lanes, are doubled once, under the name of the fullest. Left out: pairs; what brings less
 * than 1 % is taken to bring nothing.
 */
#include "why.h"
#include "simulate.h"
#include "suspect.h"
#include "workloads/source.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUSPECTS = 8 };
#define SUSPECT 0.5 /* load, or busy: it may be what limits */

static double number(const json_t *obj, const char *key) {
    return json_number_value(json_object_get(obj, key)); /* of what is null: 0 */
}

static struct app_resource resource_of(const json_t *obj) {
    return (struct app_resource){json_string_value(json_object_get(obj, "component")),
                                 json_string_value(json_object_get(obj, "resource"))};
}

static void suspect(const json_t *summary, struct app_resource r, struct app_suspect *list,
                    size_t *n) {
    const json_t *b = app_why_bound(summary, &r);
    double load =
        number(b, "load_ratio") > 0 ? number(b, "load_ratio") : number(b, "utilization");
    for (size_t i = 0; i < *n; i++)
        if (strcmp(list[i].r.component, r.component) == 0 &&
            strcmp(list[i].r.resource, r.resource) == 0)
            return;
    if (*n < SUSPECTS)
        list[(*n)++] = (struct app_suspect){.r = r, .load = load, .gain = (double)NAN};
}

/* The candidate and what is named with it, closed loops, and what is nearly full; where nothing
 * is, the busiest. */
static size_t suspects_of(const json_t *summary, struct app_suspect *list) {
    const json_t *candidate = json_object_get(summary, "bottleneck");
    size_t i, n = 0;
    json_t *b;
    if (json_is_string(json_object_get(candidate, "component")))
        suspect(summary, resource_of(candidate), list, &n);
    json_array_foreach(json_object_get(candidate, "shared"), i, b)
        suspect(summary, resource_of(b), list, &n);
    json_array_foreach(json_object_get(summary, "bounds"), i, b) if (app_why_is_loop(b))
        suspect(summary, resource_of(b), list, &n);
    json_array_foreach(json_object_get(summary, "bounds"), i,
                       b) if (number(b, "load_ratio") >= SUSPECT ||
                              number(b, "utilization") >= SUSPECT)
        suspect(summary, resource_of(b), list, &n);
    return n;
}

/* And the messages that sources wait for. */
static void suspect_pool(const struct app_scenario *s, const json_t *summary,
                         struct app_suspect *list, size_t *n) {
    const struct work_source *src;
    if (app_held_by_pool(s, &src) != NULL)
        suspect(summary, (struct app_resource){src->base.path, "messages"}, list, n);
}

/* Bytes delivered in the measured window, over all streams. */
static double delivered(const struct app_scenario *s) {
    double bytes = 0;
    for (uint32_t i = 0; i < s->world->streams; i++)
        bytes += (double)s->world->stream[i]->delivered.bytes;
    return bytes;
}

/* What a suspect is made of twice: pointers of what is set, or servers, or places. */
static json_t *what_of(const struct app_set *sets, size_t n, const char *otherwise) {
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_string(sets[i].pointer));
    if (n == 0)
        json_array_append_new(list, json_string(otherwise));
    return list;
}

/* Run what is loaded with them doubled. @param gain stays as it is where the run gets stuck.
 * @return an enum app_exit. */
static int measure(struct app_scenario *s, double *gain, double base, bool show,
                   struct sim_err *err) {
    struct app_outcome o;
    struct sim_err stuck = {0};
    if (!app_simulate(s, show, &o, &stuck)) /* not known what it brings */
        return APP_EXIT_DONE;
    if (o.cut)
        return APP_EXIT_INTERRUPTED;
    if (!o.audit_passed) {
        *err = o.audit;
        return APP_EXIT_AUDIT;
    }
    *gain = base > 0 ? delivered(s) / base - 1 : (double)NAN;
    return APP_EXIT_DONE;
}

/* What is run again, and how. */
struct again {
    const struct app_scenario *s;
    const struct app_run_args *a;
    bool show;
    struct sim_err *err;
};

/* What is set and relaxed to double so many suspects. */
struct doubling {
    struct app_set sets[APP_MAX_SETS + SUSPECTS * APP_FASTER];
    struct app_resource relax[SUSPECTS];
    size_t given, n, relaxes; /* sets: so many given, so many in all */
    struct sim_arena arena;
};

/* Two suspects of one block may be made faster by one value. */
static void add_set(struct doubling *d, const struct app_set *set) {
    for (size_t i = d->given; i < d->n; i++)
        if (strcmp(d->sets[i].pointer, set->pointer) == 0)
            return;
    d->sets[d->n++] = *set;
}

static void double_one(const struct app_scenario *s, const struct app_suspect *by,
                       struct doubling *d) {
    struct app_set sets[APP_FASTER];
    size_t n = app_faster(s, &by->r, &d->arena, sets);
    for (size_t i = 0; i < n; i++)
        add_set(d, &sets[i]);
    if (n == 0)
        d->relax[d->relaxes++] = by->r;
}

/* Are two of a scenario doubled by the same values? */
static bool by_the_same(const struct app_scenario *s, const struct app_suspect *a,
                        const struct app_suspect *b) {
    struct app_set x[APP_FASTER], y[APP_FASTER];
    struct sim_arena arena = {0};
    size_t n = app_faster(s, &a->r, &arena, x), same = 0;
    bool alike = n > 0 && n == app_faster(s, &b->r, &arena, y);
    for (size_t i = 0; alike && i < n; i++)
        same += strcmp(x[i].pointer, y[i].pointer) == 0;
    sim_arena_free(&arena);
    return alike && same == n;
}

/* Those that are, under the name of the first, the tightest. @return how many are left */
static size_t join(const struct app_scenario *s, struct app_suspect *list, size_t n) {
    size_t left = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < left && !by_the_same(s, &list[k], &list[i]))
            k++;
        if (k == left) {
            list[left++] = list[i];
            continue;
        }
        if (list[k].with == NULL)
            list[k].with = json_array();
        json_array_append_new(
            list[k].with, json_pack("{ss ss so}", "component", list[i].r.component, "resource",
                                    list[i].r.resource, "load_ratio", app_real(list[i].load)));
    }
    return left;
}

/* Load with the first n of a list doubled, and run it. What cannot be doubled, such as the
 * lanes of a link that has the most there are, is not known: then `what` is NULL.
 * @return an enum app_exit */
static int try(const struct again *r, const struct app_suspect *list, size_t n,
               struct app_suspect *out) {
    struct doubling *d = calloc(1, sizeof *d);
    struct app_run_opts opts = r->a->opts;
    struct app_scenario twice;
    struct sim_err unfit = {0};
    int code = APP_EXIT_DONE;
    SIM_ASSERT(d != NULL);
    memcpy(d->sets, r->a->set, r->a->sets * sizeof *d->sets);
    d->given = d->n = r->a->sets;
    for (size_t i = 0; i < n; i++)
        double_one(r->s, &list[i], d);
    opts.relax = d->relax;
    opts.relaxes = d->relaxes;
    out->gain = (double)NAN;
    if (app_scenario_load(&twice, r->a->scenario, d->sets, d->n, &opts, &unfit) &&
        (d->n > d->given || twice.relaxed != NULL)) {
        out->what = what_of(d->sets + d->given, d->n - d->given, twice.relaxed);
        code = measure(&twice, &out->gain, delivered(r->s), r->show, r->err);
    }
    app_scenario_free(&twice);
    sim_arena_free(&d->arena);
    free(d);
    return code;
}

bool app_why_can(const struct app_scenario *s, struct sim_err *err) {
    if (strcmp(s->config.file, "-") == 0)
        return sim_fail(err, "dpusim", "--why",
                        "reads the scenario again; standard input is gone, give a file");
    if (s->pipe != NULL)
        return sim_fail(err, "dpusim", "--why",
                        "reads all inputs again, and \"%s\" can be read only once",
                        s->pipe->name);
    return true;
}

/* What was doubled, and what it brought. */
static json_t *row(const struct app_suspect *by) {
    json_t *o = json_pack("{ss ss sO so}", "component", by->r.component, "resource",
                          by->r.resource, "what", by->what, "gain_ratio", app_real(by->gain));
    if (by->with != NULL)
        json_object_set(o, "with", by->with);
    return o;
}

/* The verdict by what was tried; of those that bring nothing one by one, all at once.
 * @return an enum app_exit */
static int say(const struct again *r, const struct app_suspect *list, size_t n,
               json_t *summary) {
    struct app_suspect all = {.gain = (double)NAN};
    size_t known = 0;
    int code = APP_EXIT_DONE;
    for (size_t i = 0; i < n; i++)
        known += isnan(list[i].gain) ? 0 : 1;
    if (known > 1 && app_why_best(list, n) == NULL && !app_comes_through(r->s))
        code = try(r, list, n, &all);
    json_decref(all.what);
    app_why_say(r->s, list, n, all.gain, summary);
    return code;
}

int app_why(const struct app_scenario *s, const struct app_run_args *a, bool show,
            json_t *summary, struct sim_err *err) {
    const struct again r = {s, a, show, err};
    const char *kind =
        json_string_value(json_object_get(json_object_get(summary, "bottleneck"), "kind"));
    if (strcmp(kind, "incident") == 0) /* twice of anything would not undo it */
        return APP_EXIT_DONE;
    struct app_suspect list[SUSPECTS];
    size_t n = suspects_of(summary, list);
    suspect_pool(s, summary, list, &n);
    n = join(s, list, n);
    json_t *tried = json_array();
    /* names of suspects are its; what is proven takes its place */
    json_t *shared =
        json_incref(json_object_get(json_object_get(summary, "bottleneck"), "shared"));
    int code = APP_EXIT_DONE;
    for (size_t i = 0; i < n && code == APP_EXIT_DONE; i++) {
        code = try(&r, &list[i], 1, &list[i]);
        if (list[i].what != NULL)
            json_array_append_new(tried, row(&list[i]));
    }
    if (code == APP_EXIT_DONE) {
        json_object_set(json_object_get(summary, "bottleneck"), "doubled", tried);
        code = say(&r, list, n, summary);
    }
    for (size_t i = 0; i < n; i++) {
        json_decref(list[i].what);
        json_decref(list[i].with);
    }
    json_decref(shared);
    json_decref(tried);
    return code;
}
