/* profiles.c - a block that names a profile, a set of parameters of its model from a file of
 * its own: what the block does not say itself, the profile says.
 *
 *   "ssd": {"model": "ssd", "profile": "p4800x", "count": 4}
 *
 * A profile is found as a device is, in configs/profiles. In the effective configuration its
 * values stand in the block.
 */
#include "config.h"
#include "sim/engine/field.h"
#include <string.h>

static bool is_meta(const char *key) {
    static const char *const meta[] = {"dpusim", "name", "doc", "revision", NULL};
    for (int i = 0; meta[i] != NULL; i++)
        if (strcmp(key, meta[i]) == 0)
            return true;
    return false;
}

/* Of another model than the block? */
static bool same_model(const json_t *block, const json_t *profile, const char *name,
                       const char *pointer, struct sim_err *err) {
    const char *mine = json_string_value(json_object_get(block, "model"));
    const char *its = json_string_value(json_object_get(profile, "model"));
    if (its == NULL)
        return sim_fail(err, "", pointer, "\"%s\" is no profile: it names no \"model\"", name);
    return mine == NULL || strcmp(mine, its) == 0 ||
           sim_fail(err, "", pointer,
                    "\"%s\" is a profile of model %s, the block is of model %s", name, its,
                    mine);
}

/* A word each for values that the block says itself is no source of them. */
static void merge_sources(json_t *block, json_t *profile) {
    json_t *mine = json_object_get(block, "sources"), *all = json_object(), *word;
    const char *key;
    json_object_foreach(json_object_get(profile, "sources"), key, word) {
        if (json_object_get(block, key) == NULL)
            json_object_set(all, key, word);
    }
    json_object_update(all, mine);
    json_object_set_new(profile, "sources", all);
    json_object_del(block, "sources");
}

static void merge(struct app_config *c, json_t *block, json_t *profile, const char *file,
                  const char *pointer) {
    const char *key;
    json_t *value;
    char at[512];
    const char *block_at = sim_strdup(c->arena, pointer);
    file = sim_strdup(c->arena, file);
    merge_sources(block, profile);
    json_object_foreach(profile, key, value) {
        if (is_meta(key) || json_object_get(block, key) != NULL)
            continue;
        app_origin_add(c, sim_pointer(at, sizeof at, pointer, key), file, "",
                       app_folder_of(c->arena, file));
        c->origin[c->origins - 1].block = block_at;
        json_object_set(block, key, value);
    }
}

static bool block_profile(struct app_config *c, json_t *block, const char *pointer,
                          struct sim_err *err) {
    const char *name;
    char at[512];
    if (!json_is_object(block) || json_object_get(block, "profile") == NULL)
        return true;
    if (!app_json_string(block, "profile", true, pointer, &name, err))
        return false;
    sim_pointer(at, sizeof at, pointer, "profile");
    const char *file = app_config_find(c, at, "profile", name, err);
    json_t *profile = file != NULL ? app_json_load(file, err) : NULL;
    if (profile == NULL)
        return false;
    bool ok = same_model(block, profile, name, at, err);
    if (ok) {
        app_note_device(c, pointer, name, file, profile);
        merge(c, block, profile, file, pointer);
        json_object_del(block, "profile");
    }
    json_decref(profile);
    return ok;
}

static bool node_profiles(struct app_config *c, const json_t *node, const char *pointer,
                          struct sim_err *err) {
    char all[512], at[512];
    const char *name;
    json_t *block;
    sim_pointer(all, sizeof all, pointer, "blocks");
    json_object_foreach(json_object_get(node, "blocks"), name, block) {
        if (!block_profile(c, block, sim_pointer(at, sizeof at, all, name), err))
            return false;
    }
    return true;
}

bool app_profiles_merge(struct app_config *c, struct sim_err *err) {
    const char *name;
    json_t *node;
    char at[512];
    json_object_foreach(json_object_get(c->root, "nodes"), name, node) {
        if (!node_profiles(c, node, sim_pointer(at, sizeof at, "/nodes", name), err))
            return false;
    }
    return node_profiles(c, json_object_get(c->root, "dpu"), "/dpu", err);
}
