/* app_bounds.h - for tests of bounds and of the verdict: a scenario that is run, and what is
 * said of its resources. */
#ifndef APP_BOUNDS_TEST_H
#define APP_BOUNDS_TEST_H

#include "app_run.h"

enum { ROOM = 256 };

static struct app_scenario s;
static struct app_bound bound[ROOM];
static double potential;
static uint32_t rows;

static inline void bounds_of_run(void) {
    run(&s);
    rows = app_bounds(&s, bound, ROOM, &potential);
    ck_assert_uint_lt(rows, ROOM);
}

/* Run this scenario; `done` ends its use. */
static inline void bounds_of(const char *text) {
    make_folder();
    load(&s, put("t.json", text), NULL, 0);
    bounds_of_run();
}

/* What limited the run, its bounds being known. */
static inline struct app_verdict verdict_of_run(void) {
    struct app_verdict v;
    app_verdict_of(&s, bound, rows, potential, &v);
    return v;
}

/* Run this file and judge; the folder is made before. `done` ends its use. */
static inline struct app_verdict verdict_on(const char *file, const struct app_set *sets,
                                            size_t n) {
    load(&s, file, sets, n);
    bounds_of_run();
    return verdict_of_run();
}

static inline struct app_verdict verdict_on_text(const char *text) {
    bounds_of(text);
    return verdict_of_run();
}

static inline void done(void) {
    app_scenario_free(&s);
    drop_folder();
}

/* The verdict must be this, and is done with. */
static inline void is(const struct app_verdict *v, const char *kind, const char *comp,
                      const char *resource) {
    ck_assert_msg(strcmp(v->kind, kind) == 0 && strcmp(v->comp->path, comp) == 0 &&
                      strcmp(v->resource, resource) == 0,
                  "%s %s.%s: %s", v->kind, v->comp->path, v->resource, v->why);
    done();
}

static inline const struct app_bound *row(const char *comp, const char *resource) {
    for (uint32_t i = 0; i < rows; i++)
        if (strcmp(bound[i].comp->path, comp) == 0 && strcmp(bound[i].resource, resource) == 0)
            return &bound[i];
    ck_abort_msg("no row %s.%s", comp, resource);
    return NULL;
}

static inline double delivered_bits(void) {
    double bytes = 0;
    for (uint32_t i = 0; i < s.world->streams; i++)
        bytes += (double)s.world->stream[i]->delivered.bytes;
    return bytes * 8 * 1e12 / (double)(s.world->to - s.world->from);
}

/* Streams on a BlueField-3 with these blocks changed. */
static inline void card(const char *blocks, const char *streams) {
    char text[1600];
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3', 'blocks': { %s } },"
             " 'streams': { %s }, 'run': { 'warmup': '1ms', 'duration': '2ms' } }",
             blocks, streams);
    bounds_of(text);
}

#endif
