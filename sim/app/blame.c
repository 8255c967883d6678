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
    c->origin[c->origins++] = (struct app_origin){sim_strdup(c->arena, pointer), file,
                                                  sim_strdup(c->arena, card), folder};
}

static bool below(const char *pointer, const char *prefix) {
    size_t n = strlen(prefix);
    return strncmp(pointer, prefix, n) == 0 && (pointer[n] == 0 || pointer[n] == '/');
}

/* The latest of the longest matching origins. */
const struct app_origin *app_config_origin(const struct app_config *c, const char *pointer) {
    const struct app_origin *best = &c->origin[0];
    for (size_t i = 1; i < c->origins; i++)
        if (below(pointer, c->origin[i].pointer) &&
            strlen(c->origin[i].pointer) >= strlen(best->pointer))
            best = &c->origin[i];
    return best;
}

bool app_names_card(const char *pointer) {
    const char *rest = strncmp(pointer, "/dpu", 4) == 0     ? pointer + 4
                       : strncmp(pointer, "/nodes", 6) == 0 ? pointer + 6
                                                            : NULL;
    if (rest != NULL && pointer[1] == 'n' && rest[0] == '/')
        rest += 1 + strcspn(rest + 1, "/");
    return rest != NULL && (rest[0] == 0 || strcmp(rest, "/device") == 0);
}

/* The latest change below a pointer: no device file, nor which one it is; NULL. */
static const struct app_origin *change_below(const struct app_config *c, const char *pointer) {
    for (size_t i = c->origins; i-- > 0;)
        if (below(c->origin[i].pointer, pointer) && c->origin[i].card[0] == 0 &&
            !app_names_card(c->origin[i].pointer))
            return &c->origin[i];
    return NULL;
}

/* An error in a device's block or route may come from what was changed beside it, an error in
 * its chain from a change of a block or route. */
static void name_change(const struct app_config *c, const struct app_origin *device,
                        struct sim_err *err) {
    char part[sizeof err->path];
    const char *end = err->path + strlen(device->pointer);
    end += *end == '/' ? 1 + strcspn(end + 1, "/") : 0;
    snprintf(part, sizeof part, "%.*s", (int)(end - err->path), err->path);
    const struct app_origin *o = change_below(c, part);
    if (o == NULL)
        o = change_below(c, device->card);
    if (o != NULL)
        sim_append(err->text, sizeof err->text, "; %s sets %s", o->file, o->pointer);
}

void app_config_blame(const struct app_config *c, struct sim_err *err) {
    if (!err->set || err->source[0] != 0 || (err->path[0] != '/' && err->path[0] != 0))
        return;
    const struct app_origin *o = app_config_origin(c, err->path);
    if (o->card[0] != 0)
        name_change(c, o, err);
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
