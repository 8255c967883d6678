/* list.c - `dpusim list`: what there is, a line each. */
#include "config.h"
#include "models/registry.h"
#include "run.h"
#include "workloads/registry.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void list_files(const char *kind, const char *key, json_t *all) {
    char *names[APP_FILES], path[4400];
    size_t n = app_config_files(kind, names);
    json_t *list = json_object();
    for (size_t i = 0; i < n; i++) {
        struct sim_err ignored = {0};
        snprintf(path, sizeof path, "%s/%s/%s.json", app_configs_folder(), kind, names[i]);
        json_t *file = app_json_load(path, &ignored);
        const char *doc = json_string_value(json_object_get(file, "doc"));
        if (json_object_get(file, key) != NULL) /* not rule sets and other inputs beside them */
            json_object_set_new(list, names[i], json_string(doc ? doc : ""));
        json_decref(file);
        free(names[i]);
    }
    json_object_set_new(all, kind, list);
}

static void list_models(const char *kind, const struct sim_model *const *table, json_t *all) {
    json_t *list = json_object();
    for (size_t i = 0; table[i] != NULL; i++)
        json_object_set_new(list, table[i]->name, json_string(table[i]->doc));
    json_object_set_new(all, kind, list);
}

static void print_list(const json_t *all) {
    const char *kind, *name;
    char plain[1024];
    json_t *list, *doc;
    json_object_foreach((json_t *)all, kind, list) {
        int width = 0;
        json_object_foreach(list, name, doc) {
            width = (int)strlen(name) > width ? (int)strlen(name) : width;
        }
        printf("%s\n", kind);
        json_object_foreach(list, name, doc) {
            printf("  %-*s  ", width, sim_plain(name, plain, sizeof plain));
            printf("%s\n", sim_plain(json_string_value(doc), plain, sizeof plain));
        }
    }
}

int app_list(const char *kind, enum app_format format, struct sim_err *err) {
    static const char *const kinds[] = {"scenarios", "devices", "profiles",
                                        "models",    "sources", NULL};
    json_t *all = json_object();
    if (kind == NULL || strcmp(kind, kinds[0]) == 0)
        list_files("scenarios", "streams", all);
    if (kind == NULL || strcmp(kind, kinds[1]) == 0)
        list_files("devices", "blocks", all);
    if (kind == NULL || strcmp(kind, kinds[2]) == 0)
        list_files("profiles", "model", all);
    if (kind == NULL || strcmp(kind, kinds[3]) == 0)
        list_models("models", model_table, all);
    if (kind == NULL || strcmp(kind, kinds[4]) == 0)
        list_models("sources", work_table, all);
    if (json_object_size(all) == 0) {
        const char *near = sim_nearest(kind, kinds);
        json_decref(all);
        sim_fail(err, "dpusim list", kind,
                 "is none of scenarios, devices, profiles, models, sources%s%s%s",
                 near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
        return APP_EXIT_USER;
    }
    if (format == APP_JSON) {
        json_dumpf(all, stdout, JSON_INDENT(1));
        putchar('\n');
    } else {
        print_list(all);
    }
    json_decref(all);
    return APP_EXIT_DONE;
}
