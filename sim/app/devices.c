/* devices.c - what the installed devices have: for messages about what this one lacks. */
#include "models/registry.h"
#include "scenario.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const app_block_also[] = {"model",  "sources", "count", "spread",
                                      "energy", "role",    NULL};

const struct sim_op *app_op_find(const struct sim_model *model, const char *name) {
    for (const struct sim_op *op = model->ops; op != NULL && op->name != NULL; op++)
        if (name == NULL || strcmp(op->name, name) == 0)
            return op;
    return NULL;
}

const char *app_configs_folder(void) {
    const char *dir = getenv("DPUSIM_CONFIGS");
    return dir != NULL ? dir : DPUSIM_CONFIGS_DIR;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

size_t app_config_files(const char *kind, char *names[APP_FILES]) {
    char folder[4096];
    size_t n = 0;
    snprintf(folder, sizeof folder, "%s/%s", app_configs_folder(), kind);
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir != NULL && n < APP_FILES && (e = readdir(dir)) != NULL;) {
        size_t len = strlen(e->d_name);
        if (len > 5 && strcmp(e->d_name + len - 5, ".json") == 0)
            names[n++] = strndup(e->d_name, len - 5);
    }
    if (dir != NULL)
        closedir(dir);
    qsort(names, n, sizeof *names, by_name);
    return n;
}

/* Has a block of that description the operation? Its parameters alone say so. */
static bool block_can(const struct sim_model *model, const struct sim_op *op,
                      const json_t *json) {
    const char *name = json_string_value(json_object_get(json, "model"));
    struct sim_arena scratch = {0};
    struct sim_err ignored = {0};
    if (name == NULL || strcmp(name, model->name) != 0)
        return false;
    struct sim_comp *comp = sim_alloc(&scratch, model->size);
    bool has = sim_fields_read(model->params, json, comp, app_block_also,
                               (struct sim_place){"", ""}, &scratch, &ignored) &&
               (model->can == NULL || model->can(comp, op));
    sim_arena_free(&scratch);
    return has;
}

static bool device_has(const char *device, const struct sim_model *model, const char *name) {
    char path[4400];
    struct sim_err ignored = {0};
    const char *key;
    json_t *block;
    bool has = false;
    snprintf(path, sizeof path, "%s/devices/%s.json", app_configs_folder(), device);
    json_t *file = app_json_load(path, &ignored), *blocks = json_object_get(file, "blocks");
    const struct sim_op *op = model != NULL ? app_op_find(model, name) : NULL;
    json_object_foreach(blocks, key, block) {
        has |= model != NULL ? block_can(model, op, block) : strcmp(key, name) == 0;
    }
    json_decref(file);
    return has;
}

/* Those that have it, with commas; *all: whether that is every one. @return how many. */
static size_t list_devices(const struct sim_model *model, const char *name, char *buf,
                           size_t size, bool *all) {
    char *names[APP_FILES];
    size_t n = app_config_files("devices", names), found = 0, used = 0;
    buf[0] = 0;
    for (size_t i = 0; i < n; i++) {
        if (used < size && device_has(names[i], model, name))
            used += (size_t)snprintf(buf + used, size - used, "%s%s", found++ ? ", " : "",
                                     names[i]);
        free(names[i]);
    }
    *all = found == n;
    return found;
}

const char *app_devices_with(const struct sim_model *model, const char *name, char *buf,
                             size_t size) {
    char list[256];
    bool all;
    size_t found = list_devices(model, name, list, sizeof list, &all);
    buf[0] = 0;
    if (found > 0)
        snprintf(buf, size, "; %s %s it", list, found > 1 ? "have" : "has");
    else if (model != NULL)
        snprintf(buf, size, "; no device has it");
    return buf;
}

const char *app_models_with(const char *name, char *buf, size_t size) {
    char list[256], on[256];
    size_t found = 0, used = 0;
    list[0] = buf[0] = 0;
    for (const struct sim_model *const *m = model_table; *m != NULL; m++) {
        bool all;
        if (used >= sizeof list || app_op_find(*m, name) == NULL)
            continue;
        size_t devices = list_devices(*m, name, on, sizeof on, &all);
        const char *in = all ? "" : devices > 0 ? on : "no device";
        used +=
            (size_t)snprintf(list + used, sizeof list - used, "%s%s%s%s%s", found++ ? ", " : "",
                             (*m)->name, *in ? " (" : "", in, *in ? ")" : "");
    }
    if (found > 0)
        snprintf(buf, size, "; model%s %s %s it", found > 1 ? "s" : "", list,
                 found > 1 ? "have" : "has");
    return buf;
}
