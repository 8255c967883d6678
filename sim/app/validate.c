/* validate.c - `dpusim validate [AREA]`: rerun what published numbers are held against. */
#include "validate.h"
#include "summary.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void print(const struct app_validation *v, enum app_format format) {
    struct app_text t = {0};
    if (format == APP_TEXT && isatty(1) && getenv("NO_COLOR") == NULL)
        t.style = APP_COLOR;
    if (format == APP_JSON) {
        json_t *doc = app_validation_json(v);
        json_dumpf(doc, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
        putchar('\n');
        json_decref(doc);
        return;
    }
    if (format == APP_CSV)
        app_validation_csv(v, &t);
    else
        app_validation_text(v, format == APP_MD, &t);
    fputs(t.at, stdout);
    free(t.at);
}

int app_validate(const char *area, enum app_format format, bool quiet, struct sim_err *err) {
    struct app_validation v = {0};
    int code = APP_EXIT_USER;
    v.folder = sim_printf(&v.arena, "%s/validation", app_configs_folder());
    if (app_split_read(&v, err) && app_split_want(&v, area, err) && app_cases_read(&v, err))
        code = app_cases_run(&v, quiet, err);
    if (code == APP_EXIT_DONE) {
        if (!quiet)
            print(&v, format);
        code = app_validation_holds(&v) ? APP_EXIT_DONE : APP_EXIT_NO;
    }
    json_decref(v.split);
    json_decref(v.all);
    sim_arena_free(&v.arena);
    return code;
}
