/* set.c - --set POINTER=VALUE over the merged tree. */
#include "config.h"
#include <stdio.h>
#include <string.h>

static bool is_pointer(const struct app_set *s, struct sim_err *err) {
    json_t *text = json_string(s->pointer);
    if (text == NULL)
        return sim_fail(err, "--set", s->pointer, "is not UTF-8 text");
    json_decref(text);
    if (strlen(s->pointer) >= sizeof err->path)
        return sim_fail(err, "--set", s->pointer, "is longer than any pointer may be");
    for (const char *tilde = strchr(s->pointer, '~'); tilde; tilde = strchr(tilde + 1, '~'))
        if (tilde[1] != '0' && tilde[1] != '1')
            return sim_fail(err, "--set", s->pointer,
                            "is not a JSON pointer: a ~ is written ~0, a / within a name ~1");
    if (s->pointer[0] == '/')
        return true;
    return sim_fail(err, "--set", s->pointer,
                    "is not a JSON pointer; write e.g. --set /dpu/blocks/pcie/lanes=8");
}

/* The first part of the pointer that leads nowhere. */
static bool points_nowhere(const struct app_config *c, const char *pointer,
                           struct sim_err *err) {
    char part[512] = "", up[512] = "";
    json_t *at = c->root, *before = at;
    for (const char *p = pointer; at != NULL && *p != 0;) {
        p += 1 + strcspn(p + 1, "/");
        memcpy(up, part, sizeof up);
        snprintf(part, sizeof part, "%.*s", (int)(p - pointer), pointer);
        before = at;
        at = app_json_at(c->root, part);
    }
    if (json_is_array(before))
        return sim_fail(err, "--set", pointer, "%s has %d entries; /- appends one",
                        up[0] ? up : "it", (int)json_array_size(before));
    if (!json_is_object(before))
        return sim_fail(err, "--set", pointer, "%s is a value, it holds no others", up);
    return sim_fail(err, "--set", pointer, "there is no %s; set that first, to an object",
                    part);
}

/* "-" appends: as the index that it gets. */
static const char *placed(const struct app_config *c, const char *pointer) {
    size_t n = strlen(pointer);
    if (n < 2 || strcmp(pointer + n - 2, "/-") != 0)
        return pointer;
    const char *parent = sim_printf(c->arena, "%.*s", (int)(n - 2), pointer);
    const json_t *array = app_json_at(c->root, parent);
    return json_is_array(array) ? sim_printf(c->arena, "%s/%zu", parent, json_array_size(array))
                                : pointer;
}

/* A key that is new is allowed in an object that exists: its table will refuse it by name. */
static bool apply_set(struct app_config *c, const struct app_set *s, struct sim_err *err) {
    if (!is_pointer(s, err))
        return false;
    json_t *value = app_json_word(s->value, s->pointer, err);
    if (value == NULL)
        return false;
    json_t *shown = json_deep_copy(value);
    const char *pointer = placed(c, s->pointer);
    if (!app_json_set(c->root, s->pointer, value)) {
        json_decref(shown);
        return points_nowhere(c, s->pointer, err);
    }
    app_origin_add(c, pointer, "--set", "", ".");
    json_array_append_new(c->overrides,
                          json_pack("{ss so}", "pointer", s->pointer, "value", shown));
    return true;
}

static enum app_set_kind kind_of(const struct app_config *c, const char *pointer) {
    return app_names_variant(c, pointer) ? APP_SET_VARIANT
           : app_names_card(pointer)     ? APP_SET_CARD
                                         : APP_SET_REST;
}

/* What a patch holds is set where the patch puts it; of one that is not chosen it would have no
 * effect. */
static bool into_patch(const struct app_set *s, struct sim_err *err) {
    return strncmp(s->pointer, "/variants", 9) == 0 &&
           !sim_fail(err, "--set", s->pointer,
                     "choose a variant by its key, and set what it holds where it puts it, "
                     "e.g. /dpu/blocks/...");
}

bool app_sets_apply(struct app_config *c, const struct app_set *sets, size_t n,
                    enum app_set_kind kind, struct sim_err *err) {
    for (size_t i = 0; i < n; i++)
        if (kind_of(c, sets[i].pointer) == kind &&
            ((kind == APP_SET_VARIANT && into_patch(&sets[i], err)) ||
             !apply_set(c, &sets[i], err)))
            return false;
    return true;
}
