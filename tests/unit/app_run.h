/* app_run.h - for tests of sim/app: scenarios from text with ' for ", run and looked into. */
#ifndef APP_RUN_TEST_H
#define APP_RUN_TEST_H

#include "check_main.h"
#include "sim/app/summary.h"
#include "tests/counter.h"
#include <string.h>
#include <sys/stat.h>

/* A folder of this test's own, removed by the last call of drop_folder. */
static char folder[64];

static inline void make_folder(void) {
    snprintf(folder, sizeof folder, "/tmp/dpusim-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    setenv("DPUSIM_CONFIGS", DPUSIM_SOURCE_DIR "/configs", 1);
}

static inline void drop_folder(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

/* Write FOLDER/name, ' as ". @return its path, in one of a few static buffers. */
static inline const char *put(const char *name, const char *text) {
    static char path[4][256];
    static int n;
    char *at = path[n++ % 4];
    snprintf(at, sizeof path[0], "%s/%s", folder, name);
    FILE *f = fopen(at, "w");
    ck_assert_ptr_nonnull(f);
    for (const char *c = text; *c != 0; c++)
        fputc(*c == '\'' ? '"' : *c, f);
    ck_assert_int_eq(fclose(f), 0);
    return at;
}

/* Load a file with --set POINTER VALUE ... NULL; it must be valid. */
static inline void load(struct app_scenario *s, const char *file, const struct app_set *sets,
                        size_t n) {
    static const struct app_run_opts opts;
    struct sim_err err = {0};
    char line[2200];
    if (!app_scenario_load(s, file, sets, n, &opts, &err))
        ck_abort_msg("%s", sim_err_line(&err, line, sizeof line));
}

/* It must be refused, with this line. */
static inline void refuse(const char *file, const struct app_set *sets, size_t n,
                          const char *line) {
    static const struct app_run_opts opts;
    struct app_scenario s;
    struct sim_err err = {0};
    char found[2200];
    ck_assert(!app_scenario_load(&s, file, sets, n, &opts, &err));
    ck_assert_str_eq(sim_err_line(&err, found, sizeof found), line);
    app_scenario_free(&s);
}

/* Run to the end; the audit must pass. */
static inline void run(struct app_scenario *s) {
    struct sim_world *w = s->world;
    struct sim_err err = {0};
    char line[2200];
    while (sim_world_run(w, w->end, 1 << 18))
        ;
    if (w->failed)
        ck_abort_msg("%s", sim_err_line(&w->err, line, sizeof line));
    app_close(s, w->end);
    if (!sim_world_audit(w, &err))
        ck_abort_msg("%s", sim_err_line(&err, line, sizeof line));
}

static inline struct sim_comp *comp_of(const struct app_scenario *s, const char *name) {
    const struct app_block *b = app_block_find(&s->node[0], name);
    ck_assert_msg(b != NULL, "no block %s", name);
    return b->comp;
}

/* Messages that entered a block in the measured window. */
static inline uint64_t items_of(const struct app_scenario *s, const char *name) {
    const struct sim_comp *c = comp_of(s, name);
    uint64_t n = 0;
    for (uint32_t i = 0; i < c->ports; i++)
        n += c->port[i]->entered.items;
    return n;
}

static inline json_t *summary_of(const struct app_scenario *s) {
    struct app_outcome o = {.status = "complete", .audit_passed = true};
    return app_summary(s, &o);
}

/* All messages had this latency. */
static inline void same_latency(const struct sim_stream *st, sim_ps ps) {
    ck_assert_uint_gt(st->latency.count, 0);
    ck_assert_int_eq((sim_ps)st->latency.min, ps);
    ck_assert_int_eq((sim_ps)st->latency.max, ps);
}

#endif
