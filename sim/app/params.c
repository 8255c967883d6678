/* params.c - parameters of anything that has a table of them, from its JSON; files that they
 * name, and the remarks on where their values come from.
 */
#include "scenario.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_file(const struct sim_field *f) {
    return f->unit == SIM_STRING && f->choices != NULL && strcmp(f->choices, "file") == 0;
}

/* A pipe has one reader, and what it read is gone. */
static bool take_pipe(struct app_scenario *s, const char *name, const char *pointer,
                      struct sim_err *err) {
    char quoted[128];
    for (const struct app_pipe *p = s->pipe; p != NULL; p = p->next)
        if (strcmp(p->name, name) == 0)
            return sim_fail(err, "", pointer,
                            "%s is a pipe that %s reads already; store it in a file",
                            sim_quote(name, quoted, sizeof quoted), p->pointer);
    struct app_pipe *p = sim_alloc(&s->arena, sizeof *p);
    *p =
        (struct app_pipe){sim_strdup(&s->arena, name), sim_strdup(&s->arena, pointer), s->pipe};
    s->pipe = p;
    app_config_warn(
        &s->config, pointer,
        "%s is a pipe: no SHA-256 of it is kept, so nobody can check what was read; "
        "store it in a file",
        sim_quote(name, quoted, sizeof quoted));
    return true;
}

/* A name of a file becomes a path from the folder of the file that names it. */
static bool find_file(struct app_scenario *s, const char **name, const char *pointer,
                      struct sim_err *err) {
    struct stat st;
    char quoted[128];
    *name = app_config_path(&s->config, pointer, *name);
    if (strcmp(*name, "-") == 0)
        return take_pipe(s, *name, pointer, err);
    if (stat(*name, &st) != 0 || access(*name, R_OK) != 0)
        return sim_fail(err, "", pointer, "%s %s", sim_quote(*name, quoted, sizeof quoted),
                        errno == ENOENT   ? "does not exist; check the path"
                        : errno == EACCES ? "may not be read (no permission)"
                                          : strerror(errno));
    if (S_ISDIR(st.st_mode))
        return sim_fail(err, "", pointer, "%s is a folder; name a file in it",
                        sim_quote(*name, quoted, sizeof quoted));
    return S_ISREG(st.st_mode) || take_pipe(s, *name, pointer, err);
}

/* NOLINTNEXTLINE(readability-function-size): its seven parameters are seven things */
bool app_params_read(struct app_scenario *s, const struct sim_field *table, const json_t *obj,
                     void *out, const char *const *also, const char *pointer,
                     struct sim_err *err) {
    struct sim_place at = {"", pointer};
    char sub[APP_POINTER];
    static const struct sim_field none[] = {{.name = NULL}};
    if (table == NULL)
        table = none;
    for (const struct sim_field *f = table; json_is_object(obj) && f->name != NULL; f++)
        if (is_file(f) && f->def == NULL && json_object_get(obj, f->name) == NULL)
            return sim_fail(err, "", pointer, "\"%s\" is missing; it names a file", f->name);
    if (!sim_fields_read(table, obj, out, also, at, &s->arena, err))
        return false;
    for (const struct sim_field *f = table; f->name != NULL; f++) {
        const char **name = (const char **)(void *)((char *)out + f->offset);
        if (is_file(f) && *name != NULL &&
            !find_file(s, name, sim_pointer(sub, sizeof sub, pointer, f->name), err))
            return false;
    }
    return true;
}

bool app_sources_check(const struct sim_field *table, const char *const *also,
                       const char *whose, const json_t *obj, const char *pointer,
                       struct sim_err *err) {
    enum { MOST = 128 };
    const char *names[MOST + 1] = {NULL}, *key;
    json_t *sources = json_object_get(obj, "sources"), *v;
    char at[APP_POINTER], sub[APP_POINTER];
    size_t n = 0;
    sim_pointer(at, sizeof at, pointer, "sources");
    if (sources != NULL && !json_is_object(sources))
        return app_json_wrong(sources, at, "must be an object: {PARAMETER: TEXT, ...}", err);
    for (; also != NULL && also[n] != NULL && n < MOST; n++)
        names[n] = also[n];
    for (const struct sim_field *f = table; f != NULL && f->name != NULL && n < MOST; f++)
        names[n++] = f->name;
    json_object_foreach(sources, key, v) {
        const char *near = sim_nearest(key, names);
        sim_pointer(sub, sizeof sub, at, key);
        if (near == NULL || strcmp(near, key) != 0)
            return sim_fail(err, "", sub, "%s has no parameter of that name%s%s%s", whose,
                            near ? "; did you mean \"" : "", near ? near : "",
                            near ? "\"?" : "");
        if (!json_is_string(v))
            return app_json_wrong(v, sub, "must be a string, in double quotes", err);
    }
    return true;
}
