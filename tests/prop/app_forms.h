/* app_forms.h - random scenarios as text, run in every form of the engine: what is valid keeps
 * its books and gives one digest and one summary.
 */
#ifndef TESTS_APP_FORMS_H
#define TESTS_APP_FORMS_H

#include "tests/unit/app_run.h"
#include <stdarg.h>

static uint64_t state;

static inline uint32_t below(uint32_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % n;
}

static char text[1 << 14];
static size_t used;

static inline void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static inline void say(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    used += (size_t)vsnprintf(text + used, sizeof text - used, fmt, ap);
    va_end(ap);
    ck_assert_uint_lt(used, sizeof text);
}

/* A scenario, and what --set changes of it. */
struct to_run {
    const char *file;
    const struct app_set *set;
    size_t sets;
};

/* Summary without the engine's effort, as text to be freed; `few`: and without components,
 * whose peaks at one picosecond differ between promises and events. NULL when the run failed
 * (which is the scenario's fault, and must be so in every form). */
static inline char *run_form(const struct to_run *what, const struct app_run_opts *opts,
                             bool few, bool *valid) {
    struct app_scenario s;
    struct sim_err err = {0};
    char line[2200], *out = NULL;
    *valid = app_scenario_load(&s, what->file, what->set, what->sets, opts, &err);
    ck_assert_int_eq(*valid, !err.set);
    struct sim_world *w = s.world;
    while (*valid && sim_world_run(w, w->end, 1 << 18))
        ck_assert_msg(!sim_world_waits(w, line, sizeof line), "%s\n%s", line, text);
    if (*valid && !w->failed) {
        struct app_outcome o = {.status = "complete"};
        app_close(&s, w->end);
        o.audit_passed = sim_world_audit(w, &o.audit);
        ck_assert_msg(o.audit_passed, "%s\n%s", sim_err_line(&o.audit, line, sizeof line),
                      text);
        o.digest = sim_world_digest(w);
        json_t *summary = app_summary(&s, &o);
        json_object_del(summary, "events");
        json_object_del(summary, "bounds");
        json_object_del(summary, "bottleneck");
        if (few)
            json_object_del(summary, "components");
        out = json_dumps(summary, JSON_INDENT(1));
        json_decref(summary);
    }
    app_scenario_free(&s);
    return out;
}

static inline void first_difference(const char *a, const char *b, const char *form,
                                    uint32_t seed) {
    size_t i = 0, line = 0;
    for (; a[i] != 0 && a[i] == b[i]; i++)
        line = a[i] == '\n' ? i + 1 : line;
    ck_abort_msg("scenario %u, %s:\n%.200s\ninstead of\n%.200s\n%s", seed, form, b + line,
                 a + line, text);
}

/* Run it in every form. @return false: it is not valid, or the run fails, in every form. */
static inline bool all_forms_agree(const struct to_run *what, uint32_t seed) {
    static const struct {
        const char *name;
        struct app_run_opts opts;
    } form[] = {{"again", {.heap = false}},
                {"--heap", {.heap = true}},
                {"--event-form", {.all_by_event = true}},
                {"--windows", {.windows = true}},
                {"--shuffle-ties 2", {.shuffle_ties = 2}},
                {"--shuffle-ties 3", {.shuffle_ties = 3}},
                {"--event-form --heap", {.all_by_event = true, .heap = true}}};
    bool valid, same, ran;
    char *whole = run_form(what, &form[0].opts, false, &valid);
    char *few = valid ? run_form(what, &form[0].opts, true, &same) : NULL;
    for (size_t i = 0; valid && i < sizeof form / sizeof *form; i++) {
        bool events = form[i].opts.all_by_event;
        const char *first = events ? few : whole;
        char *other = run_form(what, &form[i].opts, events, &same);
        ck_assert_msg((first == NULL) == (other == NULL), "%s fails, or only it does not\n%s",
                      form[i].name, text);
        if (first != NULL && strcmp(first, other) != 0)
            first_difference(first, other, form[i].name, seed);
        free(other);
    }
    ran = whole != NULL;
    free(few);
    free(whole);
    return ran;
}

/* Run `n` scenarios that `make` writes into `text` in every form. */
static inline void forms_agree_on(uint32_t n, void (*make)(uint32_t seed)) {
    uint32_t ran = 0;
    make_folder();
    for (uint32_t seed = 1; seed <= n; seed++) {
        state = seed * 0x9e3779b97f4a7c15u;
        make(seed);
        const struct to_run what = {.file = put("t.json", text)};
        ran += all_forms_agree(&what, seed);
    }
    ck_assert_uint_ge(ran, n / 5); /* the rest is refused, by the checks or by the run */
    drop_folder();
}

#endif
