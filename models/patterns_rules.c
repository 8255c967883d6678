/* patterns_rules.c - files of patterns. Refused: unknown or repeated keys, other types, unknown
 * flags, an empty pattern, a file without one. */
#include "models/patterns.h"
#include "models/rules_reader.h"
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *const keys[] = {"pattern", "flags", "name", "note", NULL};
static const char letters[] = "ims";

static bool bad(const char *file, size_t i, const char *key, struct sim_err *err,
                const char *text) {
    char path[128];
    snprintf(path, sizeof path, "/%zu%s%.60s", i, key ? "/" : "", key ? key : "");
    return sim_fail(err, file, path, "%s", text);
}

bool patterns_wrong(const struct patterns *p, uint32_t i, struct sim_err *err, const char *fmt,
                    ...) {
    char why[512], path[64], quoted[128];
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    snprintf(path, sizeof path, "/%u/pattern", i);
    return sim_fail(err, p->file, path, "%s %s",
                    sim_quote(p->pattern[i].text, quoted, sizeof quoted), why);
}

static bool flags_of(const char *text, uint32_t *flags) {
    for (; *text != 0; text++) {
        const char *at = strchr(letters, *text);
        if (at == NULL)
            return false;
        *flags |= 1U << (at - letters);
    }
    return true;
}

static bool unknown_key(const char *file, size_t i, const char *key, struct sim_err *err) {
    char text[160];
    const char *near = sim_nearest(key, keys);
    snprintf(text, sizeof text, "unknown key \"%.40s\"; %s%s%s", key,
             near ? "did you mean \"" : "known are ",
             near ? near : "pattern, flags, name and note", near ? "\"?" : "");
    return bad(file, i, NULL, err, text);
}

static bool one(const char *file, size_t i, const json_t *obj, struct pattern *out,
                struct sim_arena *arena, struct sim_err *err) {
    const char *key, *text;
    json_t *value;
    if (!json_is_object(obj))
        return bad(file, i, NULL, err,
                   "expected a pattern, e.g. {\"pattern\": \"GET /admin\"}");
    json_object_foreach((json_t *)obj, key, value) {
        const char *near = sim_nearest(key, keys);
        if (near == NULL || strcmp(near, key) != 0)
            return unknown_key(file, i, key, err);
        if (!json_is_string(value))
            return bad(file, i, key, err, "expected a text, in double quotes");
    }
    text = json_string_value(json_object_get(obj, "pattern"));
    if (text == NULL || text[0] == 0)
        return bad(file, i, NULL, err, "expected a \"pattern\" in it that is not empty");
    out->text = sim_strdup(arena, text);
    text = json_string_value(json_object_get(obj, "name"));
    out->name = text != NULL ? sim_strdup(arena, text) : NULL;
    text = json_string_value(json_object_get(obj, "flags"));
    return text == NULL || flags_of(text, &out->flags) ||
           bad(file, i, "flags", err,
               "flags are i (upper and lower case are the same), m (^ and $ at every line) and "
               "s (a dot matches newlines)");
}

static bool all(const char *file, const json_t *root, struct patterns *out,
                struct sim_arena *arena, struct sim_err *err) {
    size_t n = json_array_size(root);
    if (!json_is_array(root) || n == 0 || n > PATTERNS_MOST)
        return sim_fail(err, file, NULL,
                        "expected an array of 1 to %d patterns: [{\"pattern\": ...}, ...]",
                        PATTERNS_MOST);
    out->pattern = sim_alloc_n(arena, n, sizeof *out->pattern);
    out->count = (uint32_t)n;
    for (size_t i = 0; i < n; i++)
        if (!one(file, i, json_array_get(root, i), &out->pattern[i], arena, err))
            return false;
    return true;
}

bool patterns_parse(const char *file, const char *text, size_t size, struct patterns *out,
                    struct sim_arena *arena, struct sim_err *err) {
    json_error_t error;
    char path[64];
    *out = (struct patterns){.file = file};
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        snprintf(path, sizeof path, "line %d, column %d", error.line, error.column);
        return sim_fail(err, file, path, "not JSON: %s", error.text);
    }
    bool ok = all(file, root, out, arena, err);
    json_decref(root);
    return ok;
}

bool patterns_read(const char *file, struct patterns *out, struct sim_arena *arena,
                   struct sim_err *err) {
    struct sim_arena scratch = {0};
    size_t size = 0;
    const char *text = rules_text(file, &size, &scratch, err);
    bool ok = text != NULL && patterns_parse(file, text, size, out, arena, err);
    sim_arena_free(&scratch);
    return ok;
}
