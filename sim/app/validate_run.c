/* validate_run.c - the runs behind the cases, in this process: each once, but for one that
 * others are held against.
 */
#include "validate.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a run of a case sets, as --set takes it. @return how many, at most APP_MAX_SETS; -1
 * with err. */
static int sets_of(const struct app_case *k, const json_t *sets, struct app_set *set,
                   struct sim_err *err) {
    const char *pointer;
    json_t *value;
    int n = 0;
    if (json_object_size(sets) > APP_MAX_SETS) {
        sim_fail(err, k->file, k->pointer, "sets more than %d values; write a scenario",
                 APP_MAX_SETS);
        return -1;
    }
    json_object_foreach((json_t *)sets, pointer, value) set[n++] =
        (struct app_set){pointer, json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT)};
    return n;
}

/* The number at a pointer; NAN where the run leaves it undefined. Fails: err. */
static bool number_at(const struct app_case *k, const json_t *summary, const char *pointer,
                      double *out, struct sim_err *err) {
    const json_t *v = app_json_at((json_t *)summary, pointer);
    char shown[APP_SHOWN];
    *out = json_is_number(v) ? json_number_value(v) : (double)NAN;
    if (v == NULL)
        return sim_fail(err, k->file, k->pointer, "the summary of %s has no %s", k->shown,
                        pointer);
    return json_is_number(v) || json_is_null(v) ||
           sim_fail(err, k->file, k->pointer, "%s in the summary of %s is %s, not a number",
                    pointer, k->shown, app_json_show(v, shown));
}

/* @param other of the run that it is held against, or its own. */
static bool answer(struct app_validation *v, struct app_case *k, const json_t *summary,
                   const json_t *other, struct sim_err *err) {
    const char *warning = json_string_value(app_json_at((json_t *)summary, "/warnings/0/text"));
    double of = 1, off = 0, value;
    if (!number_at(k, summary, k->answer, &value, err) ||
        (k->minus != NULL && !number_at(k, other, k->minus, &off, err)) ||
        (k->over != NULL && !number_at(k, other, k->over, &of, err)))
        return false;
    k->scalar->simulated = fabs(of) > 0 ? (value - off) / of * k->scale : (double)NAN;
    k->warning = warning != NULL ? sim_strdup(&v->arena, warning) : NULL;
    k->ran = true;
    return true;
}

static bool same_set(const json_t *a, const json_t *b) { return a == b || json_equal(a, b); }

static bool alike(const struct app_case *a, const struct app_case *b) {
    return strcmp(a->scenario, b->scenario) == 0 && same_set(a->set, b->set) &&
           same_set(a->against, b->against);
}

/* A run that cannot be is an error of the case that names it. */
static void blame(const struct app_case *k, struct sim_err *err) {
    char line[2200];
    struct sim_err inner = *err;
    *err = (struct sim_err){0};
    sim_fail(err, k->file, k->pointer, "%s", sim_err_line(&inner, line, sizeof line));
}

/* One run of a case's scenario. @return an enum app_exit; err says why when it is not 0. */
static int run_with(const struct app_case *k, const json_t *sets, json_t **summary,
                    struct sim_err *err) {
    struct app_set set[APP_MAX_SETS];
    int n = sets_of(k, sets, set, err);
    if (n < 0)
        return APP_EXIT_USER;
    int code = app_run_summary(k->scenario, set, (size_t)n, summary, err);
    while (n > 0)
        free((char *)set[--n].value);
    if (code == APP_EXIT_USER || code == APP_EXIT_AUDIT)
        blame(k, err);
    return code;
}

static int run_case(struct app_validation *v, struct app_case *k, struct sim_err *err) {
    json_t *summary = NULL, *other = NULL;
    int code = run_with(k, k->set, &summary, err);
    if (code == APP_EXIT_DONE && k->against != NULL)
        code = run_with(k, k->against, &other, err);
    for (struct app_case *o = k; code == APP_EXIT_DONE && o < v->cases + v->count; o++)
        if (o->scalar->wanted && !o->ran && alike(o, k) &&
            !answer(v, o, summary, other != NULL ? other : summary, err))
            code = APP_EXIT_USER;
    json_decref(summary);
    json_decref(other);
    return code;
}

int app_cases_run(struct app_validation *v, bool quiet, struct sim_err *err) {
    bool shown = !quiet && isatty(2);
    int code = APP_EXIT_DONE;
    for (size_t i = 0; i < v->count && code == APP_EXIT_DONE; i++) {
        struct app_case *k = &v->cases[i];
        if (!k->scalar->wanted || k->ran)
            continue;
        if (shown)
            fprintf(stderr, "\r\033[Kcase %zu of %zu: %s", i + 1, v->count, k->scalar->id);
        code = run_case(v, k, err);
    }
    if (shown)
        fprintf(stderr, "\r\033[K");
    return code;
}
