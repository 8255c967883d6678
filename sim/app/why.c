/* why.c - which resource is the bottleneck, proven: the one that brings more when it is
 * doubled.
 *
 * One run shows which resources are full; of several, one behind the other, or of those that
 * only wait for another, it does not show which holds up the rest. So the scenario is run again
 * with each suspect doubled: its block twice as fast, twice the servers or places, or a closed
 * loop twice as deep. Where none brings more, though one seemed to be the wall, all of them are
 * doubled at once. Left out: pairs; what brings less than 1 % is taken to bring nothing.
 */
#include "why.h"
#include "relax.h"
#include "simulate.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUSPECTS = 8 };
#define SUSPECT 0.5  /* load, or busy: it may be what limits */
#define BRINGS  0.01 /* more delivered: not a fluctuation */

struct suspect {
    struct app_resource r;
    double gain;  /* of what is delivered; NAN: not known */
    json_t *what; /* was doubled; NULL: nothing */
};

static double number(const json_t *obj, const char *key) {
    return json_number_value(json_object_get(obj, key)); /* of what is null: 0 */
}

static struct app_resource resource_of(const json_t *obj) {
    return (struct app_resource){json_string_value(json_object_get(obj, "component")),
                                 json_string_value(json_object_get(obj, "resource"))};
}

static void suspect(struct suspect *list, size_t *n, struct app_resource r) {
    for (size_t i = 0; i < *n; i++)
        if (strcmp(list[i].r.component, r.component) == 0 &&
            strcmp(list[i].r.resource, r.resource) == 0)
            return;
    if (*n < SUSPECTS)
        list[(*n)++] = (struct suspect){r, (double)NAN, NULL};
}

static bool is_loop(const json_t *bound) {
    return strcmp(json_string_value(json_object_get(bound, "unit")), "requests") == 0;
}

/* The candidate, closed loops, and what is nearly full; where nothing is, the busiest. */
static size_t suspects_of(const json_t *summary, struct suspect *list) {
    const json_t *candidate = json_object_get(summary, "bottleneck");
    size_t i, n = 0;
    json_t *b;
    if (json_is_string(json_object_get(candidate, "component")))
        suspect(list, &n, resource_of(candidate));
    json_array_foreach(json_object_get(summary, "bounds"), i, b) if (is_loop(b))
        suspect(list, &n, resource_of(b));
    json_array_foreach(json_object_get(summary, "bounds"), i,
                       b) if (number(b, "load_ratio") >= SUSPECT ||
                              number(b, "utilization") >= SUSPECT)
        suspect(list, &n, resource_of(b));
    return n;
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

static void double_one(const struct app_scenario *s, const struct suspect *by,
                       struct doubling *d) {
    struct app_set sets[APP_FASTER];
    size_t n = app_faster(s, &by->r, &d->arena, sets);
    for (size_t i = 0; i < n; i++)
        add_set(d, &sets[i]);
    if (n == 0)
        d->relax[d->relaxes++] = by->r;
}

/* Load with the first n of a list doubled, and run it. What cannot be doubled, such as the
 * lanes of a link that has the most there are, is not known: then `what` is NULL.
 * @return an enum app_exit */
static int try(const struct again *r, const struct suspect *list, size_t n,
               struct suspect *out) {
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

static const struct suspect *best_of(const struct suspect *list, size_t n) {
    const struct suspect *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (list[i].gain >= BRINGS && (best == NULL || list[i].gain > best->gain))
            best = &list[i];
    return best;
}

/* The row of a resource among the bounds; NULL: it has none. */
static const json_t *bound_of(const json_t *summary, const struct app_resource *r) {
    size_t i;
    json_t *b;
    json_array_foreach(json_object_get(summary, "bounds"), i, b) {
        struct app_resource of = resource_of(b);
        if (strcmp(of.component, r->component) == 0 && strcmp(of.resource, r->resource) == 0)
            return b;
    }
    return NULL;
}

/* Another resource than the candidate brings most. */
static void rename_to(json_t *summary, json_t *o, const struct app_resource *r) {
    const json_t *b = bound_of(summary, r);
    double load = fmax(number(b, "load_ratio"), number(b, "utilization"));
    json_object_set_new(
        o, "kind", json_string(b != NULL && is_loop(b) ? "closed-loop-depth" : "resource"));
    json_object_set_new(o, "component", json_string(r->component));
    json_object_set_new(o, "resource", json_string(r->resource));
    json_object_set_new(o, "load_ratio", load > 0 ? app_real(load) : json_null());
    json_object_set_new(o, "headroom_ratio", load > 0 ? app_real(1 / load - 1) : json_null());
    json_object_set_new(
        o, "load_is_least",
        json_boolean(b != NULL && json_is_true(json_object_get(b, "load_is_least"))));
    json_object_set_new(o, "passed_by", json_false());
}

/* Did all that was offered come through, or on its way? */
static bool keeps_up(const struct app_scenario *s) {
    double offered = 0, lost = 0;
    for (uint32_t i = 0; i < s->world->streams; i++) {
        const struct sim_stream *st = s->world->stream[i];
        offered += (double)st->offered.items;
        lost += (double)st->offered.items - (double)st->delivered.items -
                (double)st->dropped.items + (double)st->starved;
        for (uint32_t k = 0; k < s->world->causes; k++)
            lost += s->world->cause[k].full ? (double)st->dropped_by[k] : 0;
        if (st->reply != NULL)
            return false; /* a loop offers what it gets back */
    }
    return lost < BRINGS * offered;
}

/* What a run in which nothing brings more, one by one, says of what seemed to be full.
 * @param all what they bring together; NAN: not known */
static void disprove(const struct app_scenario *s, json_t *o, double all) {
    const char *was = json_string_value(json_object_get(o, "why"));
    bool claimed = strcmp(json_string_value(json_object_get(o, "kind")), "resource") == 0 &&
                   !json_is_true(json_object_get(o, "passed_by"));
    const char *kind = all >= BRINGS ? "resources" : keeps_up(s) ? "offered-load" : "unknown";
    if (claimed)
        json_object_set_new(o, "kind", json_string(kind));
    json_object_set_new(o, "together_ratio", app_real(all));
    if (all >= BRINGS)
        json_object_set_new(o, "why",
                            json_sprintf("no suspect alone brings more when it is doubled, all "
                                         "of them together bring %.4g %%: several limit, one "
                                         "behind the other. What the run itself shows: %s",
                                         100 * all, was));
    else
        json_object_set_new(o, "why",
                            json_sprintf("no suspect brings more when it is doubled: the load "
                                         "that is offered limits, or what cannot be doubled, "
                                         "such as a latency. What the run itself shows: %s",
                                         was));
}

static void prove(json_t *summary, json_t *o, const struct suspect *best, size_t n) {
    struct app_resource was = resource_of(o);
    json_object_set_new(
        o, "why",
        json_sprintf("%s.%s brings %.4g %% more when it is doubled%s. What the run itself "
                     "shows: %s",
                     best->r.component, best->r.resource, 100 * best->gain,
                     n > 1 ? ", the most of all that may limit" : "",
                     json_string_value(json_object_get(o, "why"))));
    if (was.component == NULL || strcmp(was.component, best->r.component) != 0 ||
        strcmp(was.resource, best->r.resource) != 0)
        rename_to(summary, o, &best->r);
}

/* The candidate could not be doubled, as the lanes of a link that has the most there are. */
static bool is_open(const struct suspect *list, size_t n, const json_t *o) {
    struct app_resource r = resource_of(o);
    for (size_t i = 0; i < n && r.component != NULL; i++)
        if (strcmp(list[i].r.component, r.component) == 0 &&
            strcmp(list[i].r.resource, r.resource) == 0)
            return isnan(list[i].gain);
    return false;
}

static void leave_open(json_t *o) {
    struct app_resource r = resource_of(o);
    json_object_set_new(o, "why",
                        json_sprintf("%s.%s cannot be doubled, and nothing else brings more "
                                     "when it is. What the run itself shows: %s",
                                     r.component, r.resource,
                                     json_string_value(json_object_get(o, "why"))));
}

/* The verdict by what was tried, `known` of it. @return an enum app_exit */
static int say(const struct again *r, const struct suspect *list, size_t n, json_t *summary) {
    json_t *o = json_object_get(summary, "bottleneck");
    const struct suspect *best = best_of(list, n);
    struct suspect all = {.gain = (double)NAN};
    size_t known = 0;
    int code = APP_EXIT_DONE;
    for (size_t i = 0; i < n; i++)
        known += isnan(list[i].gain) ? 0 : 1;
    json_object_set_new(o, "proven", json_boolean(best != NULL));
    if (best != NULL) {
        prove(summary, o, best, known);
    } else if (is_open(list, n, o)) {
        leave_open(o);
    } else if (known > 0) {
        if (known > 1 && !keeps_up(r->s))
            code = try(r, list, n, &all);
        json_decref(all.what);
        disprove(r->s, o, all.gain);
    }
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

int app_why(const struct app_scenario *s, const struct app_run_args *a, bool show,
            json_t *summary, struct sim_err *err) {
    const struct again r = {s, a, show, err};
    struct suspect list[SUSPECTS];
    size_t n = suspects_of(summary, list);
    json_t *tried = json_array();
    int code = APP_EXIT_DONE;
    for (size_t i = 0; i < n && code == APP_EXIT_DONE; i++) {
        code = try(&r, &list[i], 1, &list[i]);
        if (list[i].what == NULL)
            continue;
        json_array_append_new(tried,
                              json_pack("{ss ss so so}", "component", list[i].r.component,
                                        "resource", list[i].r.resource, "what", list[i].what,
                                        "gain_ratio", app_real(list[i].gain)));
    }
    if (code == APP_EXIT_DONE) {
        json_object_set(json_object_get(summary, "bottleneck"), "doubled", tried);
        code = say(&r, list, n, summary);
    }
    json_decref(tried);
    return code;
}
