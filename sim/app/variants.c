/* variants.c - forms of one scenario: a word in it chooses a patch, which is merged over it
 * before anything else is read (RFC 7396: objects key by key, null takes a key away, all else
 * replaces).
 *
 * {"datapath": "host", "variants": {"datapath": {"host": {..}, "arm": {..}}},
 *  "baseline": {"datapath": "host"}}. What "baseline" names is the form that a run is held
 * against (baseline.c). A form that says "needs": {KEY: [CHOICE, ..]} is one only beside these.
 */
#include "config.h"
#include "sim/engine/row.h"
#include <stdio.h>
#include <string.h>

enum { CHOICES = 64 };

/* ---------------------------------------------------------------- their shape */

static bool check_patch(const json_t *patch, const char *at, struct sim_err *err) {
    const char *keys[32] = {"needs"};
    for (size_t i = 0; app_root_keys[APP_ROOT_KEYS_FIXED + i] != NULL; i++) {
        SIM_ASSERT(i + 2 < sizeof keys / sizeof *keys);
        keys[i + 1] = app_root_keys[APP_ROOT_KEYS_FIXED + i];
    }
    return (json_is_object(patch) ||
            app_json_wrong(patch, at, "must be an object: what is merged over the scenario",
                           err)) &&
           app_json_keys(patch, keys, at, err);
}

/* Keys and choices that a form needs beside it are there to be chosen. */
static bool check_needs(const json_t *variants, const json_t *needs, const char *at,
                        struct sim_err *err) {
    const char *key;
    json_t *list, *word;
    char sub[512];
    size_t i;
    if (needs != NULL && !json_is_object(needs))
        return app_json_wrong(needs, at, "must be an object: {KEY: [CHOICE, ..]}", err);
    json_object_foreach((json_t *)needs, key, list) {
        const json_t *group = json_object_get(variants, key);
        sim_pointer(sub, sizeof sub, at, key);
        if (group == NULL)
            return sim_fail(err, "", sub, "is no key of /variants");
        if (!json_is_array(list) || json_array_size(list) == 0)
            return app_json_wrong(list, sub, "must be an array of its choices", err);
        json_array_foreach(list, i, word) {
            if (!json_is_string(word) ||
                json_object_get(group, json_string_value(word)) == NULL)
                return app_json_wrong(word, sub, "must be an array of its choices", err);
        }
    }
    return true;
}

static bool check_group(const json_t *variants, const json_t *group, const char *at,
                        struct sim_err *err) {
    const char *choice;
    json_t *patch;
    char sub[512], needs[640];
    if (!json_is_object(group) || json_object_size(group) == 0)
        return app_json_wrong(group, at, "must hold a form or more: {NAME: {..}, ..}", err);
    json_object_foreach((json_t *)group, choice, patch) {
        sim_pointer(sub, sizeof sub, at, choice);
        if (!app_is_doc(choice) &&
            (!app_name_need(choice, sub, err) || !check_patch(patch, sub, err) ||
             !check_needs(variants, json_object_get(patch, "needs"),
                          sim_pointer(needs, sizeof needs, sub, "needs"), err)))
            return false;
    }
    return true;
}

static bool check_name(const char *name, const char *at, struct sim_err *err) {
    for (int i = 0; app_root_keys[i] != NULL; i++)
        if (strcmp(name, app_root_keys[i]) == 0)
            return sim_fail(err, "", at, "name it otherwise: it is a key of every scenario");
    return app_name_need(name, at, err);
}

static bool check(const struct app_config *c, struct sim_err *err) {
    const char *name;
    json_t *group;
    char at[512];
    if (!json_is_object(c->variants))
        return app_json_wrong(c->variants, "/variants",
                              "must be an object: {KEY: {CHOICE: {..}, ..}}", err);
    json_object_foreach(c->variants, name, group) {
        sim_pointer(at, sizeof at, "/variants", name);
        if (!app_is_doc(name) &&
            (!check_name(name, at, err) || !check_group(c->variants, group, at, err)))
            return false;
    }
    return true;
}

/* ---------------------------------------------------------------- what is chosen */

/* A choice of a group, given at `at`. */
static bool is_choice(const json_t *group, const json_t *word, const char *at,
                      struct sim_err *err) {
    const char *choice = json_string_value(word), *key, *list[CHOICES + 1];
    char known[512] = "";
    json_t *patch;
    size_t n = 0;
    if (choice != NULL && !app_is_doc(choice) && json_object_get(group, choice) != NULL)
        return true;
    json_object_foreach((json_t *)group, key, patch) if (!app_is_doc(key) && n < CHOICES) {
        sim_append(known, sizeof known, "%s\"%s\"", n ? ", " : "", key);
        list[n++] = key;
    }
    list[n] = NULL;
    if (word == NULL)
        return sim_fail(err, "", at, "is missing; choose one of %s", known);
    const char *near = choice != NULL ? sim_nearest(choice, list) : NULL;
    char must[640];
    snprintf(must, sizeof must, "choose one of %s%s%s%s", known,
             near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    return app_json_wrong(word, at, must, err);
}

static void merge(json_t *into, const json_t *patch, bool root) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)patch, key, value) {
        if (root && (app_is_doc(key) || strcmp(key, "needs") == 0)) /* of the form alone */
            continue;
        if (json_is_null(value)) {
            json_object_del(into, key);
        } else if (json_is_object(value)) {
            if (!json_is_object(json_object_get(into, key)))
                json_object_set_new(into, key, json_object());
            merge(json_object_get(into, key), value, false);
        } else {
            json_object_set_new(into, key, json_deep_copy(value));
        }
    }
}

/* Are the forms that it needs chosen beside this one? */
static bool has_needs(const struct app_config *c, const char *name, struct sim_err *err) {
    const json_t *needs = json_object_get(app_variants_patch(c, name), "needs");
    const char *key, *choice = json_string_value(json_object_get(c->chosen, name));
    json_t *list, *word;
    char at[512], known[512];
    size_t i;
    json_object_foreach((json_t *)needs, key, list) {
        const char *other = json_string_value(json_object_get(c->chosen, key));
        bool found = false;
        known[0] = '\0';
        json_array_foreach(list, i, word) {
            sim_append(known, sizeof known, "%s\"%s\"", i > 0 ? " or " : "",
                       json_string_value(word));
            found = found || (other != NULL && strcmp(other, json_string_value(word)) == 0);
        }
        if (!found)
            return sim_fail(err, "", sim_pointer(at, sizeof at, "", name),
                            "\"%s\" has a meaning only where \"%s\" is %s; it is \"%s\"",
                            choice, key, known, other != NULL ? other : "");
    }
    return true;
}

static bool choose(struct app_config *c, struct sim_err *err) {
    const char *name;
    json_t *group;
    char at[512];
    json_object_foreach(c->variants, name, group) {
        json_t *word = json_object_get(c->root, name);
        if (app_is_doc(name))
            continue;
        if (!is_choice(group, word, sim_pointer(at, sizeof at, "", name), err))
            return false;
        json_object_set(c->chosen, name, word);
        json_object_del(c->root, name);
        merge(c->root, app_variants_patch(c, name), true);
    }
    json_object_foreach(c->variants, name, group) {
        if (!app_is_doc(name) && !has_needs(c, name, err))
            return false;
    }
    return true;
}

static bool check_baseline(struct app_config *c, struct sim_err *err) {
    const char *name;
    json_t *word;
    char at[512];
    if (!json_is_object(c->baseline) || json_object_size(c->baseline) == 0)
        return app_json_wrong(c->baseline, "/baseline", "must be an object: {KEY: CHOICE}",
                              err);
    json_object_foreach(c->baseline, name, word) {
        sim_pointer(at, sizeof at, "/baseline", name);
        if (app_is_doc(name))
            continue;
        if (json_object_get(c->chosen, name) == NULL)
            return sim_fail(err, "", at, "is no key of /variants");
        if (!is_choice(json_object_get(c->variants, name), word, at, err))
            return false;
    }
    return true;
}

/* ---------------------------------------------------------------- the whole */

bool app_variants_read(struct app_config *c, const struct app_set *sets, size_t n,
                       struct sim_err *err) {
    c->variants = json_incref(json_object_get(c->root, "variants"));
    if ((c->variants != NULL && !check(c, err)) ||
        !app_sets_apply(c, sets, n, APP_SET_VARIANT, err))
        return false;
    if (c->variants == NULL)
        return json_object_get(c->root, "baseline") == NULL ||
               sim_fail(err, "", "/baseline", "has no effect without \"variants\"");
    json_object_del(c->root, "variants");
    c->baseline = json_incref(json_object_get(c->root, "baseline"));
    json_object_del(c->root, "baseline");
    return choose(c, err) && (c->baseline == NULL || check_baseline(c, err));
}

/* ---------------------------------------------------------------- its echo */

json_t *app_merge_patch(const json_t *from, const json_t *to) {
    const char *key;
    json_t *value, *patch = json_object();
    json_object_foreach((json_t *)from, key, value) if (json_object_get(to, key) == NULL)
        json_object_set_new(patch, key, json_null());
    json_object_foreach((json_t *)to, key, value) {
        const json_t *old = json_object_get(from, key);
        if (json_is_object(value) && json_is_object(old)) {
            json_t *sub = app_merge_patch(old, value);
            if (json_object_size(sub) > 0)
                json_object_set(patch, key, sub);
            json_decref(sub);
        } else if (old == NULL || !json_equal(old, value)) {
            json_object_set(patch, key, value);
        }
    }
    return patch;
}

void app_variants_echo(const struct app_config *c, json_t *effective, json_t *other) {
    const char *name, *choice;
    json_t *word, *groups = json_object();
    json_t *patch = other != NULL ? app_merge_patch(effective, other) : json_object();
    json_object_foreach(c->chosen, name, word) {
        json_t *group = json_object();
        json_object_set_new(group, json_string_value(word), json_object());
        choice = json_string_value(json_object_get(c->baseline, name));
        if (choice != NULL && strcmp(choice, json_string_value(word)) != 0) {
            json_object_set(group, choice, patch); /* all of it in the first that differs */
            json_decref(patch);
            patch = json_object();
        }
        json_object_set_new(groups, name, group);
    }
    json_decref(patch);
    json_object_update(effective, c->chosen);
    if (json_object_size(groups) > 0)
        json_object_set(effective, "variants", groups);
    if (c->baseline != NULL)
        json_object_set(effective, "baseline", c->baseline);
    json_decref(groups);
}
