/* blame.c - where each value of the merged tree came from, for errors and for relative paths.
 */
#include "config.h"
#include "sim/engine/row.h"
#include <stdio.h>
#include <string.h>

void app_origin_add(struct app_config *c, const char *pointer, const char *file,
                    const char *card, const char *folder) {
    size_t size = sizeof *c->origin;
    c->origin = sim_grow(c->arena, c->origin, c->origins * size, (c->origins + 1) * size);
    c->origin[c->origins++] = (struct app_origin){.pointer = sim_strdup(c->arena, pointer),
                                                  .file = file,
                                                  .card = sim_strdup(c->arena, card),
                                                  .folder = folder};
}

static bool below(const char *pointer, const char *prefix) {
    size_t n = strlen(prefix);
    return strncmp(pointer, prefix, n) == 0 && (pointer[n] == 0 || pointer[n] == '/');
}

/* What came later replaced what lay below it. */
const struct app_origin *app_config_origin(const struct app_config *c, const char *pointer) {
    size_t i = c->origins;
    while (--i > 0 && !below(pointer, c->origin[i].pointer))
        ;
    return &c->origin[i];
}

void app_origin_own(struct app_config *c, const char *card, const char *pointer) {
    struct app_origin o = *app_config_origin(c, card);
    app_origin_add(c, pointer, o.file, "", o.folder);
}

void app_origin_inline(struct app_config *c, const char *card, const char *const *keys) {
    char device[512], at[512];
    sim_pointer(device, sizeof device, card, "device");
    for (size_t i = 0, n = c->origins; i < n; i++) {
        struct app_origin o = c->origin[i];
        const char *rest = below(o.pointer, device) ? o.pointer + strlen(device) : NULL;
        for (int k = 0; rest != NULL && *rest == 0 && keys[k] != NULL; k++)
            app_origin_add(c, sim_pointer(at, sizeof at, card, keys[k]), o.file, "", o.folder);
        if (rest != NULL && *rest != 0)
            app_origin_add(c, sim_printf(c->arena, "%s%s", card, rest), o.file, "", o.folder);
    }
}

bool app_names_card(const char *pointer) {
    const char *rest = strncmp(pointer, "/dpu", 4) == 0     ? pointer + 4
                       : strncmp(pointer, "/nodes", 6) == 0 ? pointer + 6
                                                            : NULL;
    if (rest != NULL && pointer[1] == 'n' && rest[0] == '/')
        rest += 1 + strcspn(rest + 1, "/");
    return rest != NULL && (rest[0] == 0 || below(rest, "/device"));
}

static bool is_set(const struct app_origin *o) { return strcmp(o->file, "--set") == 0; }

static bool in_word(char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9');
}

static bool is_doc(const char *pointer) {
    size_t n = strlen(pointer);
    return n >= 4 && strcmp(pointer + n - 4, "/doc") == 0;
}

/* The latest change below a pointer, by --set or by any file: no device file, nor which one it
 * is, nor a remark; NULL. */
static const struct app_origin *change_below(const struct app_config *c, const char *pointer,
                                             bool by_set) {
    for (size_t i = c->origins; i-- > 1;)
        if (below(c->origin[i].pointer, pointer) && c->origin[i].card[0] == 0 &&
            (!by_set || is_set(&c->origin[i])) && !app_names_card(c->origin[i].pointer) &&
            !is_doc(c->origin[i].pointer))
            return &c->origin[i];
    return NULL;
}

/* The latest change of what a card is made of: blocks, their models and counts, routes, chains.
 */
static const struct app_origin *made_otherwise(const struct app_config *c, const char *card,
                                               bool by_set) {
    static const char *const parts[] = {"routes", "chains", "blocks"};
    char at[512];
    const struct app_origin *latest = NULL;
    for (size_t i = 0; i < c->origins; i++) {
        const struct app_origin *o = &c->origin[i];
        bool made = false;
        for (int k = 0; k < 3; k++)
            if (below(o->pointer, sim_pointer(at, sizeof at, card, parts[k]))) {
                const char *name = o->pointer + strlen(at);
                name += *name == '/' ? 1 + strcspn(name + 1, "/") : 0;
                made = k < 2 || *name == 0 || strcmp(name, "/model") == 0 ||
                       strcmp(name, "/count") == 0;
            }
        if (made && o->card[0] == 0 && (!by_set || is_set(o)))
            latest = o;
    }
    return latest;
}

bool app_config_is_set(const struct app_config *c, const char *pointer) {
    return change_below(c, pointer, false) != NULL;
}

static void append_change(struct sim_err *err, const struct app_origin *o) {
    if (o != NULL)
        sim_append(err->text, sizeof err->text, "; %s sets %s", o->file, o->pointer);
}

/* The variant that put a value there. */
static void append_variant(const struct app_config *c, struct sim_err *err) {
    const char *key = app_variants_by(c, err->path);
    if (key != NULL)
        sim_append(err->text, sizeof err->text, "; /variants/%s/%s puts it there", key,
                   json_string_value(json_object_get(c->chosen, key)));
}

/* The latest change below a pointer of something that the error's text names, or NULL. */
static const struct app_origin *change_named(const struct app_config *c, const char *part,
                                             bool by_set, const char *text) {
    for (size_t i = c->origins; i-- > 1;) {
        const struct app_origin *o = &c->origin[i];
        const char *name = strrchr(o->pointer, '/'), *at;
        size_t n = name != NULL ? strlen(name + 1) : 0;
        if (n == 0 || !below(o->pointer, part) || o->card[0] != 0 || (by_set && !is_set(o)))
            continue;
        for (at = text; (at = strstr(at, name + 1)) != NULL; at += n)
            if ((at == text || !in_word(at[-1])) && !in_word(at[n]))
                return o;
    }
    return NULL;
}

/* What was changed in a part of the config: first of all, which model a block is of, then what
 * the error's text names. */
static const struct app_origin *change_in_part(const struct app_config *c, const char *part,
                                               bool by_set, const char *text) {
    char model[512];
    const struct app_origin *o =
        change_below(c, sim_pointer(model, sizeof model, part, "model"), by_set);
    if (o == NULL)
        o = change_named(c, part, by_set, text);
    return o != NULL ? o : change_below(c, part, by_set);
}

/* An error in a device's block or route may come from what was changed beside it, an error in
 * its chain from a change of a block or route. */
static void name_change(const struct app_config *c, const struct app_origin *device,
                        struct sim_err *err) {
    char part[sizeof err->path];
    const char *end = err->path + strlen(device->pointer);
    if (strncmp(err->text, "unknown key", strlen("unknown key")) == 0)
        return; /* it stands in the device's file, whatever was changed beside it */
    end += *end == '/' ? 1 + strcspn(end + 1, "/") : 0;
    snprintf(part, sizeof part, "%.*s", (int)(end - err->path), err->path);
    const struct app_origin *o = change_in_part(c, part, false, err->text);
    append_change(err, o != NULL ? o : made_otherwise(c, device->card, false));
}

/* What --set changed of a card: the block that a step is at, else what the card is made of;
 * of a link, which is at no block, anything. */
static const struct app_origin *set_in_card(const struct app_config *c, const char *card,
                                            const char *block, const char *text) {
    char blocks[512], at[512];
    const struct app_origin *o = NULL;
    if (block != NULL) {
        sim_pointer(blocks, sizeof blocks, card, "blocks");
        o = change_in_part(c, sim_pointer(at, sizeof at, blocks, block), true, text);
        return o != NULL ? o : made_otherwise(c, card, true);
    }
    return change_below(c, card, true);
}

/* Copy the first `names` names of a pointer. */
static void cut(char *out, size_t size, const char *path, int names) {
    const char *p = path;
    for (int i = 0; i < names && *p != 0; i++)
        p += 1 + strcspn(p + 1, "/");
    snprintf(out, size, "%.*s", (int)(p - path), path);
}

/* The block, stream, chain or link that a pointer is in; empty: none. */
static void part_of(char *out, size_t size, const char *path) {
    static const char *const kinds[] = {"/streams", "/chains", "/links"};
    int names = below(path, "/dpu/blocks") ? 3 : 0;
    for (int i = 0; i < 3; i++)
        names = below(path, kinds[i]) ? 2 : names;
    if (below(path, "/nodes")) {
        cut(out, size, path, 2);
        names = below(path + strlen(out), "/blocks") ? 4 : 0;
    }
    cut(out, size, path, names);
}

/* An error in the scenario may come from what --set changed beside it; one in a chain or a
 * link also from what it changed in a card. */
static const struct app_origin *set_for(const struct app_config *c, const char *path,
                                        const char *text) {
    char step[512], part[512];
    const char *node;
    json_t *value;
    bool chain = below(path, "/chains");
    const struct app_origin *o = path[0] != 0 ? change_below(c, path, true) : NULL;
    part_of(part, sizeof part, path);
    if (o == NULL && part[0] != 0)
        o = change_in_part(c, part, true, text);
    if (o != NULL || !(chain || below(path, "/links")))
        return o;
    cut(step, sizeof step, path, 3); /* /chains/NAME/INDEX */
    const json_t *at = json_object_get(chain ? app_json_at(c->root, step) : NULL, "at");
    const char *block = chain && at == NULL ? "" : json_string_value(at);
    if (json_object_get(c->root, "dpu") != NULL)
        return set_in_card(c, "/dpu", block, text);
    json_object_foreach(json_object_get(c->root, "nodes"), node, value) {
        sim_pointer(step, sizeof step, "/nodes", node);
        if (o == NULL)
            o = set_in_card(c, step, block, text);
    }
    return o;
}

/* A value of a profile stands in its file without the block around it. */
static void name_profile(const struct app_origin *o, struct sim_err *err) {
    if (o->block == NULL)
        return;
    size_t n = strlen(o->block);
    sim_append(err->text, sizeof err->text, "; %s has this profile", o->block);
    memmove(err->path, err->path + n, strlen(err->path + n) + 1);
}

void app_config_blame(const struct app_config *c, struct sim_err *err) {
    if (!err->set || err->source[0] != 0 || (err->path[0] != '/' && err->path[0] != 0))
        return;
    const struct app_origin *o = app_config_origin(c, err->path);
    if (o->card[0] != 0)
        name_change(c, o, err);
    else if (!is_set(o))
        append_change(err, set_for(c, err->path, err->text));
    if (!is_set(o))
        append_variant(c, err);
    name_profile(o, err);
    snprintf(err->source, sizeof err->source, "%s", o->file);
}

const char *app_config_path(const struct app_config *c, const char *pointer, const char *name) {
    const struct app_origin *o = app_config_origin(c, pointer);
    if (name[0] == '/' || strcmp(name, "-") == 0 || strcmp(o->folder, ".") == 0)
        return name;
    return sim_printf(c->arena, "%s/%s", o->folder, name);
}

void app_config_warn(struct app_config *c, const char *pointer, const char *fmt, ...) {
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    json_array_append_new(c->warnings, json_pack("{ss ss}", "pointer", pointer, "text", text));
}
