/* config.c - merging: the scenario over its device files. */
#include "config.h"
#include "sim/engine/field.h"
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *app_folder_of(struct sim_arena *arena, const char *file) {
    const char *slash = strrchr(file, '/');
    if (strcmp(file, "-") == 0 || slash == NULL)
        return ".";
    if (slash == file)
        return "/";
    return sim_printf(arena, "%.*s", (int)(slash - file), file);
}

/* ---------------------------------------------------------------- device files */

static void not_found(const struct app_config *c, const char *pointer, const char *kind,
                      const char *name, struct sim_err *err) {
    char path[4096], names[64][64], near_text[128] = "";
    const char *list[65] = {NULL};
    size_t n = 0;
    snprintf(path, sizeof path, "%s/%ss", app_configs_folder(), kind);
    DIR *dir = opendir(path);
    for (struct dirent *e; dir != NULL && n < 64 && (e = readdir(dir)) != NULL;) {
        size_t len = strlen(e->d_name);
        if (len < 6 || len > 63 || strcmp(e->d_name + len - 5, ".json") != 0)
            continue;
        snprintf(names[n], sizeof names[n], "%.*s", (int)(len - 5), e->d_name);
        list[n] = names[n];
        n++;
    }
    bool there = dir != NULL;
    if (there)
        closedir(dir);
    const char *near = sim_nearest(name, list);
    if (near != NULL)
        snprintf(near_text, sizeof near_text, "; did you mean \"%s\"?", near);
    sim_fail(err, "", pointer, "%s \"%s\" not found beside the scenario (%s) nor in %s%s%s",
             kind, name, c->folder, path, there ? "" : ", which is no folder", near_text);
}

const char *app_config_find(const struct app_config *c, const char *pointer, const char *kind,
                            const char *name, struct sim_err *err) {
    size_t n = strlen(name);
    if (strchr(name, '/') != NULL || (n > 5 && strcmp(name + n - 5, ".json") == 0))
        return app_config_path(c, pointer, name);
    const char *beside = sim_printf(c->arena, "%s/%s.json", c->folder, name);
    if (access(beside, F_OK) == 0)
        return beside;
    const char *shipped =
        sim_printf(c->arena, "%s/%ss/%s.json", app_configs_folder(), kind, name);
    if (access(shipped, F_OK) == 0)
        return shipped;
    not_found(c, pointer, kind, name, err);
    return NULL;
}

static bool is_version(const json_t *v, const char *pointer, struct sim_err *err) {
    char shown[APP_SHOWN];
    return (json_is_integer(v) && json_integer_value(v) == 1) ||
           sim_fail(err, "", pointer, "%s is not 1, the version that this program reads",
                    app_json_show(v, shown));
}

static const char *const device_keys[] = {"dpusim", "name",   "revision", "blocks",
                                          "routes", "chains", "power",    NULL};

/* ---------------------------------------------------------------- merging */

static void merge_keys(struct app_config *c, json_t *into, json_t *from, const char *card,
                       const char *pointer) {
    const char *key;
    json_t *value;
    char at[512];
    json_object_foreach(from, key, value) {
        sim_pointer(at, sizeof at, pointer, key);
        app_origin_own(c, card, at);
        json_object_set(into, key, value);
    }
}

/* Scenario's blocks, chains or routes over the device's; objects key by key. */
static bool merge_part(struct app_config *c, json_t *device, const json_t *node,
                       const char *part, const char *pointer, struct sim_err *err) {
    json_t *mine = json_object_get(node, part), *theirs = json_object_get(device, part);
    char at[512], sub[512];
    sim_pointer(at, sizeof at, pointer, part);
    if (mine == NULL)
        return true;
    if (!json_is_object(mine)) {
        app_origin_own(c, pointer, at);
        return app_json_wrong(mine, at, "must be an object, keyed by name", err);
    }
    if (theirs == NULL) {
        app_origin_own(c, pointer, at);
        theirs = json_object();
        json_object_set_new(device, part, theirs);
    }
    const char *key;
    json_t *value;
    json_object_foreach(mine, key, value) {
        json_t *old = json_object_get(theirs, key);
        sim_pointer(sub, sizeof sub, at, key);
        if (json_is_object(old) && json_is_object(value)) {
            merge_keys(c, old, value, pointer, sub);
        } else {
            app_origin_own(c, pointer, sub);
            json_object_set(theirs, key, value);
        }
    }
    return true;
}

/* A device's own shape, before anything is merged into it, or a card's. */
static bool check_device(const json_t *device, const char *const *keys, const char *pointer,
                         struct sim_err *err) {
    char at[512];
    const char *text;
    const json_t *version = json_object_get(device, "dpusim");
    return (version == NULL ||
            is_version(version, sim_pointer(at, sizeof at, pointer, "dpusim"), err)) &&
           app_json_keys(device, keys, pointer, err) &&
           app_json_string(device, "name", false, pointer, &text, err) &&
           app_json_string(device, "revision", false, pointer, &text, err);
}

static bool check_device_file(const json_t *device, const char *file, const char *pointer,
                              struct sim_err *err) {
    if (json_object_get(device, "streams") != NULL || json_object_get(device, "dpu") != NULL)
        return sim_fail(err, file, "", "is a scenario, not a device");
    bool ok = check_device(device, device_keys, pointer, err);
    if (!ok)
        snprintf(err->source, sizeof err->source, "%s", file);
    return ok;
}

/* For the provenance: which revision of which device a card is, or of which profile a block. */
void app_note_device(struct app_config *c, const char *pointer, const char *name,
                     const char *file, const json_t *device) {
    const char *revision = json_string_value(json_object_get(device, "revision"));
    json_object_set_new(c->devices, pointer,
                        json_pack("{ss ss ss}", "device", name, "file", file, "revision",
                                  revision != NULL ? revision : ""));
}

static const char *const node_keys[] = {"device", "blocks",  "routes", "chains",
                                        "power",  "ingress", NULL};

static json_t *load_device(struct app_config *c, const json_t *spec, const char *pointer,
                           struct sim_err *err) {
    char at[512];
    sim_pointer(at, sizeof at, pointer, "device");
    if (json_is_object(spec)) {
        const char *name = json_string_value(json_object_get(spec, "name"));
        if (name != NULL)
            app_note_device(c, pointer, name, "", spec);
        app_origin_inline(c, pointer, device_keys);
        return json_deep_copy(spec);
    }
    if (!json_is_string(spec)) {
        app_json_wrong(spec, at, "must be a device's name or path, e.g. \"bluefield-3\"", err);
        return NULL;
    }
    const char *file = app_config_find(c, at, "device", json_string_value(spec), err);
    json_t *device = file != NULL ? app_json_load(file, err) : NULL;
    if (device == NULL)
        return NULL;
    if (!check_device_file(device, file, pointer, err)) {
        json_decref(device);
        return NULL;
    }
    file = sim_strdup(c->arena, file);
    for (int i = 0; device_keys[i] != NULL; i++) {
        sim_pointer(at, sizeof at, pointer, device_keys[i]);
        app_origin_add(c, at, file, pointer, app_folder_of(c->arena, file));
    }
    app_note_device(c, pointer, json_string_value(spec), file, device);
    return device;
}

/* Replace the node object by its device with the node's own parts merged in. */
static bool merge_node(struct app_config *c, json_t *parent, const char *name,
                       const char *pointer, struct sim_err *err) {
    json_t *node = json_object_get(parent, name);
    if (!json_is_object(node))
        return app_json_wrong(node, pointer, "must be an object: {\"device\": NAME, ...}", err);
    if (!app_json_keys(node, node_keys, pointer, err))
        return false;
    char at[512];
    sim_pointer(at, sizeof at, pointer, "device");
    json_t *spec = json_object_get(node, "device");
    json_t *device = spec != NULL ? load_device(c, spec, pointer, err) : json_object();
    if (device == NULL)
        return false;
    bool ok = (!json_is_object(spec) || check_device(device, device_keys, at, err)) &&
              merge_part(c, device, node, "blocks", pointer, err) &&
              merge_part(c, device, node, "routes", pointer, err) &&
              merge_part(c, device, node, "chains", pointer, err) &&
              merge_part(c, device, node, "power", pointer, err);
    if (!ok) {
        json_decref(device);
        return false;
    }
    json_t *ingress = json_object_get(node, "ingress");
    if (ingress != NULL)
        json_object_set(device, "ingress", ingress);
    json_object_set_new(parent, name, device);
    return true;
}

static bool merge_nodes(struct app_config *c, struct sim_err *err) {
    json_t *nodes = json_object_get(c->root, "nodes");
    char at[512];
    const char *name;
    json_t *value;
    void *tmp;
    if (json_object_get(c->root, "dpu") != NULL) {
        if (nodes != NULL)
            return sim_fail(err, "", "/nodes", "give either \"dpu\" (one card) or \"nodes\"");
        return merge_node(c, c->root, "dpu", "/dpu", err);
    }
    if (nodes == NULL)
        return sim_fail(err, "", "",
                        "names no card; give \"dpu\": {\"device\": \"bluefield-3\"}");
    if (!json_is_object(nodes) || json_object_size(nodes) == 0)
        return app_json_wrong(nodes, "/nodes",
                              "must hold one card or more: {NAME: {\"device\": ...}}", err);
    json_object_foreach_safe(nodes, tmp, name, value) {
        sim_pointer(at, sizeof at, "/nodes", name);
        if (!merge_node(c, nodes, name, at, err))
            return false;
    }
    return true;
}

/* ---------------------------------------------------------------- the whole */

static bool check_outer(struct app_config *c, struct sim_err *err) {
    const char *text;
    if (json_object_get(c->root, "blocks") != NULL &&
        json_object_get(c->root, "streams") == NULL && json_object_get(c->root, "dpu") == NULL)
        return sim_fail(err, "", "",
                        "is a device, not a scenario; a scenario names it: \"dpu\": "
                        "{\"device\": ...}");
    if (!app_json_keys(c->root, app_root_keys, "", err))
        return false;
    const json_t *v = json_object_get(c->root, "dpusim");
    if (v == NULL)
        return sim_fail(err, "", "", "\"dpusim\": 1 is missing (the version of the format)");
    return is_version(v, "/dpusim", err) &&
           app_json_string(c->root, "name", true, "", &text, err) &&
           app_name_need(text, "/name", err);
}

/* --set may have put something where nothing belongs. */
static bool check_merged(struct app_config *c, struct sim_err *err) {
    static const char *const keys[] = {"dpusim", "name",  "revision", "blocks", "routes",
                                       "chains", "power", "ingress",  NULL};
    char at[512];
    const char *name;
    json_t *node;
    if (!check_outer(c, err))
        return false;
    if (json_object_get(c->root, "dpu") != NULL)
        return check_device(json_object_get(c->root, "dpu"), keys, "/dpu", err);
    json_object_foreach(json_object_get(c->root, "nodes"), name, node) {
        sim_pointer(at, sizeof at, "/nodes", name);
        if (!check_device(node, keys, at, err))
            return false;
    }
    return true;
}

/* A name that `dpusim list` shows is not the path that is needed here. */
static bool is_listed(const char *file, struct sim_err *err) {
    char path[4096];
    snprintf(path, sizeof path, "%s/scenarios/%s.json", app_configs_folder(), file);
    return strchr(file, '/') == NULL && access(file, F_OK) != 0 && access(path, F_OK) == 0 &&
           !sim_fail(err, file, "", "there is no such file; did you mean %s?", path);
}

bool app_config_load(struct app_config *c, const char *file, const struct app_set *sets,
                     size_t n, struct sim_arena *arena, struct sim_err *err) {
    *c = (struct app_config){.arena = arena, .file = file};
    c->folder = app_folder_of(arena, file);
    c->warnings = json_array();
    c->overrides = json_array();
    c->devices = json_object();
    c->chosen = json_object();
    app_origin_add(c, "", file, "", c->folder);
    c->root = is_listed(file, err) ? NULL : app_json_load(file, err);
    if (c->root == NULL)
        return false;
    if (n > 0 && json_object_get(c->root, "run") == NULL) /* for --set /run/seed=2 */
        json_object_set_new(c->root, "run", json_object());
    bool ok = app_variants_read(c, sets, n, err) && check_outer(c, err) &&
              app_sets_apply(c, sets, n, APP_SET_CARD, err) && merge_nodes(c, err) &&
              app_sets_apply(c, sets, n, APP_SET_REST, err) && app_profiles_merge(c, err) &&
              check_merged(c, err);
    app_config_blame(c, err);
    return ok;
}

void app_config_free(struct app_config *c) {
    json_decref(c->root);
    json_decref(c->warnings);
    json_decref(c->overrides);
    json_decref(c->devices);
    json_decref(c->variants);
    json_decref(c->chosen);
    json_decref(c->baseline);
}
