/* report_cmd.c - a report on standard output: `dpusim report`, and what a run prints. */
#include "run.h"
#include "summary.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *as(const json_t *summary, enum app_format format) {
    bool color = isatty(1) && getenv("NO_COLOR") == NULL;
    switch (format) {
    case APP_JSON:
        return json_dumps(summary, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
    case APP_CSV:
        return app_report_csv(summary);
    case APP_MD:
        return app_report_text(summary, APP_MARKDOWN);
    case APP_HTML:
        return app_report_text(summary, APP_PAGE);
    case APP_TEXT:
        break;
    }
    return app_report_text(summary, color ? APP_COLOR : APP_PLAIN);
}

void app_report_print(const json_t *summary, enum app_format format) {
    char *text = as(summary, format);
    SIM_ASSERT(text != NULL);
    printf("%s%s", text, format == APP_JSON ? "\n" : "");
    free(text);
}

/* Is all there that the text is made of? What a run wrote is. */
static bool is_whole(const json_t *summary, const char *path, struct sim_err *err) {
    static const char *const objects[] = {"streams", "components", "bottleneck", "audit"};
    static const char *const strings[] = {"scenario", "status"};
    size_t i;
    const json_t *at;
    char pointer[64];
    for (i = 0; i < sizeof objects / sizeof *objects; i++)
        if (!json_is_object(json_object_get(summary, objects[i])))
            return sim_fail(err, path, sim_pointer(pointer, sizeof pointer, "", objects[i]),
                            "is no object; the file is not as a run wrote it");
    for (i = 0; i < sizeof strings / sizeof *strings; i++)
        if (!json_is_string(json_object_get(summary, strings[i])))
            return sim_fail(err, path, sim_pointer(pointer, sizeof pointer, "", strings[i]),
                            "is no text; the file is not as a run wrote it");
    json_array_foreach(json_object_get(summary, "unused_parameters"), i,
                       at) if (json_string_value(at) == NULL ||
                               json_string_value(at)[0] !=
                                   '/') return sim_fail(err, path, "/unused_parameters",
                                                        "holds what is no JSON pointer; the "
                                                        "file is not as a run wrote it");
    return true;
}

int app_report(const char *folder, enum app_format format, struct sim_err *err) {
    char path[4400];
    snprintf(path, sizeof path, "%s/summary.json", folder);
    json_t *summary = app_json_load(path, err);
    if (summary == NULL)
        return APP_EXIT_USER;
    const char *schema = json_string_value(json_object_get(summary, "schema"));
    if (schema == NULL || strcmp(schema, "dpusim.summary.v1") != 0) {
        json_decref(summary);
        sim_fail(err, path, "/schema", "is no summary that this version reads");
        return APP_EXIT_USER;
    }
    if (!is_whole(summary, path, err)) {
        json_decref(summary);
        return APP_EXIT_USER;
    }
    app_report_print(summary, format);
    json_decref(summary);
    return APP_EXIT_DONE;
}
