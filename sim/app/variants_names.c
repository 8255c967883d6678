/* variants_names.c - what a pointer has to do with the forms of a scenario. */
#include "config.h"
#include "sim/engine/field.h"
#include <stdio.h>
#include <string.h>

const char *const app_root_keys[] = {"dpusim", "variants", "baseline", "name", "dpu", "nodes",
                                     "links",  "chains",   "streams",  "run",  NULL};

bool app_is_doc(const char *key) { return strcmp(key, "doc") == 0; }

static bool below(const char *pointer, const char *prefix) {
    size_t n = strlen(prefix);
    return strncmp(pointer, prefix, n) == 0 && (pointer[n] == 0 || pointer[n] == '/');
}

bool app_names_variant(const struct app_config *c, const char *pointer) {
    const char *name;
    json_t *group;
    char at[512];
    json_object_foreach(
        c->variants, name,
        group) if (!app_is_doc(name) &&
                   below(pointer, sim_pointer(at, sizeof at, "", name))) return true;
    return below(pointer, "/variants") || below(pointer, "/baseline");
}

json_t *app_variants_patch(const struct app_config *c, const char *name) {
    const char *choice = json_string_value(json_object_get(c->chosen, name));
    json_t *group = json_object_get(c->variants, name);
    return choice != NULL ? json_object_get(group, choice) : NULL;
}

/* Does a patch put the value at a pointer there, or a part of it? */
static bool holds(json_t *patch, const char *pointer) {
    char part[512];
    snprintf(part, sizeof part, "%s", pointer);
    for (char *end = part + strlen(part); end != NULL; end = strrchr(part, '/')) {
        *end = 0;
        const json_t *v = app_json_at(patch, part);
        if (v != NULL)
            return part[0] != 0 && (strcmp(part, pointer) == 0 || !json_is_object(v));
    }
    return false;
}

const char *app_variants_by(const struct app_config *c, const char *pointer) {
    const char *name;
    json_t *word;
    json_object_foreach(c->chosen, name,
                        word) if (holds(app_variants_patch(c, name), pointer)) return name;
    return NULL;
}
