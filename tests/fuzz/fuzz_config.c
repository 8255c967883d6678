/* fuzz_config.c - any bytes as a scenario: refused with one line, or built, run for some
 * thousand events and audited, echoed and summarised; never worse.
 *
 * Left out: scenarios of large numbers, which only cost memory and time.
 */
#define _GNU_SOURCE /* memfd_create */
#include "sim/app/run.h"
#include "sim/app/summary.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { EVENTS = 4000, LARGEST = 20000, LONGEST = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No number above LARGEST; no file but captures and rules that are not there. */
static bool is_small(const json_t *v) {
    const char *key, *text = json_string_value(v);
    json_t *child;
    size_t i;
    if (json_is_number(v) && json_number_value(v) > LARGEST)
        return false;
    if (text != NULL && (text[0] == '/' || strstr(text, "..") != NULL))
        return false;
    json_array_foreach((json_t *)v, i, child) {
        if (!is_small(child))
            return false;
    }
    json_object_foreach((json_t *)v, key, child) {
        if (!is_small(child))
            return false;
    }
    return true;
}

/* @param sets how many of `few` can be applied. */
static bool worth_it(const uint8_t *data, size_t size, size_t *sets) {
    json_t *root = json_loadb((const char *)data, size, 0, NULL);
    const json_t *run = json_object_get(root, "run");
    bool ok = root == NULL || is_small(root);
    *sets = run == NULL || json_is_object(run);
    json_decref(root);
    return ok && size <= LONGEST;
}

static void run(struct app_scenario *s) {
    struct app_outcome o = {.status = "interrupted"};
    struct sim_world *w = s->world;
    (void)sim_world_run(w, w->to - 2, EVENTS);
    if (w->failed) {
        SIM_ASSERT(w->err.text[0] != 0);
        return;
    }
    sim_ps t = sim_world_settle(w);
    if (w->failed)
        return;
    app_close(s, t < w->end ? t : w->end);
    o.audit_passed = sim_world_audit(w, &o.audit);
    if (!o.audit_passed)
        fprintf(stderr, "%s: %s\n", o.audit.path, o.audit.text);
    SIM_ASSERT(o.audit_passed);
    json_t *summary = app_summary(s, &o);
    char *text = app_report_text(summary, false);
    SIM_ASSERT(text != NULL);
    free(text);
    json_decref(summary);
    json_decref(app_scenario_effective(s, "."));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool begun;
    static const struct app_run_opts opts;
    static const struct app_set few = {"/run/messages", "512"}; /* fast to make */
    size_t sets;
    struct app_scenario *s = malloc(sizeof *s);
    struct sim_err err = {0};
    char file[64];
    if (!begun) { /* "-" names an empty input, not the terminal; a card with small tables */
        SIM_ASSERT(dup2(open("/dev/null", O_RDONLY), 0) == 0);
        setenv("DPUSIM_CONFIGS", DPUSIM_SOURCE_DIR "/tests/fuzz/configs", 1);
    }
    begun = true;
    int fd = worth_it(data, size, &sets) ? memfd_create("scenario", 0) : -1;
    if (s == NULL || fd < 0) {
        free(s);
        return 0;
    }
    SIM_ASSERT(write(fd, data, size) == (ssize_t)size);
    snprintf(file, sizeof file, "/proc/self/fd/%d", fd);
    bool ok = app_scenario_load(s, file, &few, sets, &opts, &err);
    SIM_ASSERT(ok != err.set && (ok || err.text[0] != 0));
    if (ok)
        run(s);
    app_scenario_free(s);
    free(s);
    close(fd);
    return 0;
}
