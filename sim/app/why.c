/* why.c - which resource is the bottleneck, proven: the one that brings more when it is
 * doubled.
 *
 * One run shows which resources are full; of several, one behind the other, or of those that
 * only wait for another, it does not show which holds up the rest. So the scenario is run again
 * with each suspect doubled: its block twice as fast, or twice the servers or places. Left out:
 * two at a time; a resource that brings less than 1 % is taken to bring nothing.
 */
#include "why.h"
#include "relax.h"
#include "simulate.h"
#include <math.h>
#include <stdio.h>
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

/* The candidate, and what is nearly full; where nothing is, the busiest. */
static size_t suspects_of(const json_t *summary, struct suspect *list) {
    const json_t *candidate = json_object_get(summary, "bottleneck");
    size_t i, n = 0;
    json_t *b;
    if (json_is_string(json_object_get(candidate, "component")))
        suspect(list, &n, resource_of(candidate));
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

/* Run what is loaded with one of them doubled. @return an enum app_exit. */
static int measure(struct app_scenario *s, struct suspect *by, double base, bool show,
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
    by->gain = base > 0 ? delivered(s) / base - 1 : (double)NAN;
    return APP_EXIT_DONE;
}

/* The same of what is to be loaded. What cannot be doubled, such as the lanes of a link that
 * has the most there are, is not known. */
static int try(const struct app_scenario *s, const struct app_run_args *a, struct suspect *by,
               bool show, struct sim_err *err) {
    struct app_set sets[APP_MAX_SETS + APP_FASTER];
    struct app_run_opts opts = a->opts;
    struct app_scenario twice;
    struct sim_arena arena = {0};
    struct sim_err unfit = {0};
    int code = APP_EXIT_DONE;
    memcpy(sets, a->set, a->sets * sizeof *sets);
    size_t n = app_faster(s, &by->r, &arena, sets + a->sets);
    opts.relax = n == 0 ? &by->r : NULL;
    by->gain = (double)NAN;
    if (app_scenario_load(&twice, a->scenario, sets, a->sets + n, &opts, &unfit) &&
        (n > 0 || twice.relaxed != NULL)) {
        by->what = what_of(sets + a->sets, n, twice.relaxed);
        code = measure(&twice, by, delivered(s), show, err);
    }
    app_scenario_free(&twice);
    sim_arena_free(&arena);
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
    json_object_set_new(o, "kind", json_string("resource"));
    json_object_set_new(o, "component", json_string(r->component));
    json_object_set_new(o, "resource", json_string(r->resource));
    json_object_set_new(o, "load_ratio", load > 0 ? app_real(load) : json_null());
    json_object_set_new(o, "headroom_ratio", load > 0 ? app_real(1 / load - 1) : json_null());
    json_object_set_new(
        o, "load_is_least",
        json_boolean(b != NULL && json_is_true(json_object_get(b, "load_is_least"))));
    json_object_set_new(o, "passed_by", json_false());
}

static void say(json_t *summary, const struct suspect *best, size_t n) {
    json_t *o = json_object_get(summary, "bottleneck");
    struct app_resource was = resource_of(o);
    json_t *why = json_incref(json_object_get(o, "why"));
    bool other = best != NULL &&
                 (was.component == NULL || strcmp(was.component, best->r.component) != 0 ||
                  strcmp(was.resource, best->r.resource) != 0);
    if (best == NULL && n > 0)
        json_object_set_new(
            o, "why",
            json_sprintf("no suspect brings more when it is doubled: the load that is offered "
                         "limits, or what cannot be doubled, such as a latency. What the run "
                         "itself shows: %s",
                         json_string_value(why)));
    else if (best != NULL)
        json_object_set_new(
            o, "why",
            json_sprintf("%s.%s brings %.4g %% more when it is doubled%s. What the run itself "
                         "shows: %s",
                         best->r.component, best->r.resource, 100 * best->gain,
                         n > 1 ? ", the most of all that may limit" : "",
                         json_string_value(why)));
    json_decref(why);
    json_object_set_new(o, "proven", json_boolean(best != NULL));
    if (other)
        rename_to(summary, o, &(struct app_resource){best->r.component, best->r.resource});
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
    struct suspect list[SUSPECTS];
    size_t n = suspects_of(summary, list), known = 0;
    json_t *tried = json_array();
    int code = APP_EXIT_DONE;
    for (size_t i = 0; i < n && code == APP_EXIT_DONE; i++) {
        code = try(s, a, &list[i], show, err);
        if (list[i].what == NULL)
            continue;
        known += isnan(list[i].gain) ? 0 : 1;
        json_array_append_new(tried,
                              json_pack("{ss ss so so}", "component", list[i].r.component,
                                        "resource", list[i].r.resource, "what", list[i].what,
                                        "gain_ratio", app_real(list[i].gain)));
    }
    if (code == APP_EXIT_DONE) {
        json_object_set(json_object_get(summary, "bottleneck"), "doubled", tried);
        say(summary, best_of(list, n), known);
    }
    json_decref(tried);
    return code;
}
