/* app_summary.h - for tests of what a summary says: one scenario, run, and its numbers. */
#ifndef APP_SUMMARY_TEST_H
#define APP_SUMMARY_TEST_H

#include "app_run.h"

static struct app_scenario s;
static json_t *summary;

/* Run a file with --set; `discard`, or `end` where it is in the test's own folder, ends the use
 * of both. */
static inline void summarize(const char *file, const struct app_set *sets, size_t n) {
    load(&s, file, sets, n);
    run(&s);
    summary = summary_of(&s);
}

static inline void discard(void) {
    json_decref(summary);
    app_scenario_free(&s);
}

static inline void end(void) {
    discard();
    drop_folder();
}

/* The number at a pointer. */
static inline double at(const char *pointer) {
    const json_t *v = app_json_at(summary, pointer);
    ck_assert_msg(json_is_number(v), "%s is no number", pointer);
    return json_number_value(v);
}

#endif
