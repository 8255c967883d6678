/* why_say.c - what runs with one suspect doubled say of the bottleneck. */
#include "sim/engine/row.h"
#include "suspect.h"
#include <math.h>
#include <string.h>

static double number(const json_t *obj, const char *key) {
    return json_number_value(json_object_get(obj, key)); /* of what is null: 0 */
}

static struct app_resource resource_of(const json_t *obj) {
    return (struct app_resource){json_string_value(json_object_get(obj, "component")),
                                 json_string_value(json_object_get(obj, "resource"))};
}

static bool is_same(const struct app_resource *a, const struct app_resource *b) {
    return a->component != NULL && b->component != NULL &&
           strcmp(a->component, b->component) == 0 && strcmp(a->resource, b->resource) == 0;
}

bool app_why_is_loop(const json_t *bound) {
    return strcmp(json_string_value(json_object_get(bound, "unit")), "requests") == 0;
}

#define TRACE 0.001 /* of what is delivered: runs with one thing doubled differ by less */
#define ALL   0.9   /* of what all together bring: it is that one's */

/* @param least of what is delivered, that it has to bring */
static const struct app_suspect *best_of(const struct app_suspect *list, size_t n,
                                         double least) {
    const struct app_suspect *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (list[i].gain >= least && (best == NULL || list[i].gain > best->gain))
            best = &list[i];
    return best;
}

const struct app_suspect *app_why_best(const struct app_suspect *list, size_t n) {
    return best_of(list, n, APP_BRINGS);
}

/* Where little is missing in all, what brings that little is the limit nevertheless.
 * @param all what they bring together; NAN where there is one alone (fmax passes it by) */
static const struct app_suspect *best_of_little(const struct app_suspect *list, size_t n,
                                                double all) {
    return all >= APP_BRINGS ? NULL : best_of(list, n, fmax(ALL * all, TRACE));
}

const json_t *app_why_bound(const json_t *summary, const struct app_resource *r) {
    size_t i;
    json_t *b;
    json_array_foreach(json_object_get(summary, "bounds"), i, b) {
        struct app_resource of = resource_of(b);
        if (is_same(&of, r))
            return b;
    }
    return NULL;
}

/* ---------------------------------------------------------------- one brings most */

/* Another resource than the candidate brings most. */
static void rename_to(json_t *summary, json_t *o, const struct app_suspect *best) {
    const json_t *b = app_why_bound(summary, &best->r);
    double load = best->load;
    json_object_set_new(o, "component", json_string(best->r.component));
    json_object_set_new(o, "resource", json_string(best->r.resource));
    json_object_set_new(o, "load_ratio", load > 0 ? app_real(load) : json_null());
    json_object_set_new(o, "headroom_ratio", load > 0 ? app_real(1 / load - 1) : json_null());
    json_object_set_new(
        o, "load_is_least",
        json_boolean(b != NULL && json_is_true(json_object_get(b, "load_is_least"))));
    json_object_set_new(o, "passed_by", json_false());
}

/* Those that the same values make faster are the limit too, where they are as full: which of
 * them it is these values do not tell. @return false: none is */
static bool share(json_t *o, const struct app_suspect *best) {
    json_t *r, *list = json_array();
    size_t i;
    json_array_append_new(list,
                          json_pack("{ss ss so}", "component", best->r.component, "resource",
                                    best->r.resource, "load_ratio", app_real(best->load)));
    json_array_foreach(best->with, i,
                       r) if (number(r, "load_ratio") >= (1 - APP_BRINGS) * best->load)
        json_array_append(list, r);
    bool any = json_array_size(list) > 1;
    if (any)
        json_object_set(o, "shared", list);
    json_decref(list);
    return any;
}

/* "; /dpu/blocks/pcie/lanes makes dpu.pcie.from-host (71 %) faster as well ..." */
static void say_with(const struct app_suspect *best, char *text, size_t size) {
    json_t *r;
    size_t i;
    text[0] = 0;
    json_array_foreach(best->with, i, r) {
        struct app_resource of = resource_of(r);
        sim_append(text, size, "%s%s.%s (%.4g %%)", i ? ", " : "; the same values double ",
                   of.component, of.resource, 100 * number(r, "load_ratio"));
    }
    if (best->with != NULL)
        sim_append(text, size, ", and it is itself at %.4g %%", 100 * best->load);
}

static void prove(json_t *summary, json_t *o, const struct app_suspect *best, size_t n) {
    struct app_resource was = resource_of(o);
    const json_t *b = app_why_bound(summary, &best->r);
    bool loop = b != NULL && app_why_is_loop(b);
    char with[512];
    say_with(best, with, sizeof with);
    json_object_set_new(
        o, "why",
        json_sprintf("%s.%s brings %.4g %% more when it is doubled%s%s. What the run itself "
                     "shows: %s",
                     best->r.component, best->r.resource, 100 * best->gain,
                     n > 1 ? ", the most of all that may limit" : "", with,
                     json_string_value(json_object_get(o, "why"))));
    json_object_del(o, "shared");
    const char *kind = share(o, best) ? "resources" : loop ? "closed-loop-depth" : "resource";
    if (!is_same(&was, &best->r))
        rename_to(summary, o, best);
    json_object_set_new(o, "kind", json_string(kind));
}

/* ---------------------------------------------------------------- none does */

/* What a run in which nothing brings more, one by one, says of what seemed to be full. */
static void disprove(const struct app_scenario *s, json_t *o, double all) {
    const char *was = json_string_value(json_object_get(o, "why"));
    bool claimed = strncmp(json_string_value(json_object_get(o, "kind")), "resource", 8) == 0 &&
                   !json_is_true(json_object_get(o, "passed_by"));
    const char *kind = all >= APP_BRINGS      ? "resources"
                       : app_comes_through(s) ? "offered-load"
                                              : "unknown";
    if (claimed)
        json_object_set_new(o, "kind", json_string(kind));
    json_object_set_new(o, "together_ratio", app_real(all));
    if (all >= APP_BRINGS)
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

/* The candidate could not be doubled, as the lanes of a link that has the most there are. */
static bool is_open(const struct app_suspect *list, size_t n, const json_t *o) {
    struct app_resource r = resource_of(o);
    for (size_t i = 0; i < n; i++)
        if (is_same(&list[i].r, &r))
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

void app_why_say(const struct app_scenario *s, const struct app_suspect *list, size_t n,
                 double all, json_t *summary) {
    json_t *o = json_object_get(summary, "bottleneck");
    const struct app_suspect *best = app_why_best(list, n);
    size_t known = 0;
    if (best == NULL && !app_comes_through(s))
        best = best_of_little(list, n, all);
    for (size_t i = 0; i < n; i++)
        known += isnan(list[i].gain) ? 0 : 1;
    json_object_set_new(o, "proven", json_boolean(best != NULL));
    if (best != NULL)
        prove(summary, o, best, known);
    else if (is_open(list, n, o))
        leave_open(o);
    else if (known > 0)
        disprove(s, o, all);
}
