/* validate_cases.c - the case files beside split.json: which scenario answers which scalar.
 *
 * A group holds `cases` and passes scenario, set, answer, minus, over and scale down to them;
 * what a case says itself wins, and its `set` is added to the group's. Its `against` makes a
 * second run, of which minus and over are.
 */
#include "sim/engine/field.h"
#include "validate.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 8 };

/* What a group passes down. */
struct common {
    struct app_validation *v;
    const char *file, *pointer; /* of the object */
    const char *scenario, *answer, *minus, *over;
    json_t *set;
    double scale;
    int depth;
};

static bool read_pointer(const json_t *obj, const char *key, const char *at, const char **out,
                         struct sim_err *err) {
    const char *text;
    char place[512], shown[APP_SHOWN];
    if (!app_json_string(obj, key, false, at, &text, err))
        return false;
    if (text != NULL && text[0] != '/')
        return sim_fail(err, "", sim_pointer(place, sizeof place, at, key),
                        "%s is no place in a summary; write e.g. "
                        "\"/streams/NAME/delivered/bits_per_s\"",
                        sim_quote(text, shown, sizeof shown));
    *out = text != NULL ? text : *out;
    return true;
}

static bool read_scale(const json_t *obj, const char *at, double *out, struct sim_err *err) {
    const json_t *v = json_object_get(obj, "scale");
    char place[512];
    if (v == NULL)
        return true;
    *out = json_number_value(v);
    return *out > 0 ||
           app_json_wrong(v, sim_pointer(place, sizeof place, at, "scale"),
                          "must be a number above 0: the summary's unit in the published one, "
                          "e.g. 1e-9 for Gb/s",
                          err);
}

/* c->set with what the object adds by its key `name`; a new object. */
static bool read_set(const struct common *c, const json_t *obj, const char *name, json_t **out,
                     struct sim_err *err) {
    json_t *more = json_object_get(obj, name), *value;
    char at[512], shown[APP_SHOWN];
    const char *key;
    json_t *set = *out = json_copy(c->set);
    json_array_append_new(c->v->all, set); /* which frees it */
    sim_pointer(at, sizeof at, c->pointer, name);
    if (more != NULL && !json_is_object(more))
        return app_json_wrong(more, at, "must be an object: {POINTER: VALUE, ...}", err);
    json_object_foreach(more, key, value) {
        if (key[0] != '/')
            return sim_fail(err, "", at,
                            "%s is no place in a scenario; write e.g. "
                            "\"/dpu/blocks/pcie/lanes\": 8",
                            sim_quote(key, shown, sizeof shown));
        json_object_set(set, key, value);
    }
    return true;
}

/* What an object and the groups around it say. */
static bool read_common(struct common *c, const json_t *obj, struct sim_err *err) {
    const char *scenario;
    if (!app_json_string(obj, "scenario", false, c->pointer, &scenario, err) ||
        !read_pointer(obj, "answer", c->pointer, &c->answer, err) ||
        !read_pointer(obj, "minus", c->pointer, &c->minus, err) ||
        !read_pointer(obj, "over", c->pointer, &c->over, err) ||
        !read_scale(obj, c->pointer, &c->scale, err) || !read_set(c, obj, "set", &c->set, err))
        return false;
    c->scenario = scenario != NULL ? scenario : c->scenario;
    return true;
}

/* ---------------------------------------------------------------- a case */

static bool need_scalar(struct app_validation *v, const char *id, const char *pointer,
                        struct app_scalar **out, struct sim_err *err) {
    char shown[APP_SHOWN];
    *out = app_scalar_find(v, id);
    if (*out != NULL)
        return true;
    const char **names = sim_alloc_n(&v->arena, v->scalars + 1, sizeof *names);
    for (size_t i = 0; i < v->scalars; i++)
        names[i] = v->scalar[i].id;
    const char *near = sim_nearest(id, names);
    return sim_fail(err, "", pointer, "split.json has no scalar %s%s%s%s",
                    sim_quote(id, shown, sizeof shown), near ? "; did you mean \"" : "",
                    near ? near : "", near ? "\"?" : "");
}

static bool check_case(const struct common *c, const struct app_scalar *s,
                       struct sim_err *err) {
    if (s->class == APP_EXCLUDED)
        return sim_fail(err, "", c->pointer, "\"%s\" is excluded (%s); no case may answer it",
                        s->id, s->why);
    if (!app_scalar_is_number(s))
        return sim_fail(err, "", c->pointer, "\"%s\" is a text, not a number to compare with",
                        s->id);
    if (s->by != NULL)
        return sim_fail(err, "", c->pointer, "\"%s\" is answered already, by %s%s", s->id,
                        s->by->file, s->by->pointer);
    if (c->scenario == NULL || c->answer == NULL)
        return sim_fail(err, "", c->pointer,
                        "needs a \"%s\", of its own or from a group around it",
                        c->scenario == NULL ? "scenario" : "answer");
    return true;
}

static const char *scenario_path(const struct common *c) {
    return c->scenario[0] == '/' ? c->scenario
                                 : sim_printf(&c->v->arena, "%s/%s", c->v->folder, c->scenario);
}

/* As a user types it in a checkout. */
static const char *scenario_shown(const struct common *c) {
    if (c->scenario[0] == '/')
        return c->scenario;
    bool up = strncmp(c->scenario, "../", 3) == 0;
    return sim_printf(&c->v->arena, "configs/%s%s", up ? "" : "validation/",
                      c->scenario + (up ? 3 : 0));
}

/* The run that a case is held against: its own, with what `against` changes. */
static bool read_against(const struct common *c, const json_t *obj, json_t **out,
                         struct sim_err *err) {
    *out = NULL;
    if (json_object_get(obj, "against") == NULL)
        return true;
    if (c->minus == NULL && c->over == NULL)
        return sim_fail(err, "", c->pointer,
                        "has \"against\" and neither \"minus\" nor \"over\", which are taken "
                        "from that run");
    return read_set(c, obj, "against", out, err);
}

static bool read_case(const struct common *c, const json_t *obj, struct sim_err *err) {
    struct app_scalar *s;
    json_t *against;
    const char *id, *miss;
    if (!app_json_string(obj, "scalar", true, c->pointer, &id, err) ||
        !app_json_string(obj, "miss", false, c->pointer, &miss, err) ||
        !need_scalar(c->v, id, c->pointer, &s, err) || !check_case(c, s, err) ||
        !read_against(c, obj, &against, err))
        return false;
    struct app_case *k = &c->v->cases[c->v->count++]; /* as many as scalars at most */
    *k = (struct app_case){
        .scalar = s,
        .file = c->file,
        .pointer = c->pointer,
        .scenario = scenario_path(c),
        .shown = scenario_shown(c),
        .set = c->set,
        .against = against,
        .answer = c->answer,
        .minus = c->minus,
        .over = c->over,
        .scale = c->scale,
        .miss = miss != NULL ? miss : "",
    };
    s->by = k;
    return true;
}

/* ---------------------------------------------------------------- groups and files */

static const char *const case_keys[] = {"scalar", "scenario", "set",   "against", "answer",
                                        "minus",  "over",     "scale", "miss",    NULL};
static const char *const group_keys[] = {"cases", "scenario", "set",   "answer",
                                         "minus", "over",     "scale", NULL};
static const char *const file_keys[] = {"dpusim",        "cases", "scenario", "set",
                                        "answer",        "minus", "over",     "scale",
                                        "not_simulated", NULL};

static bool read_list(struct common c, const json_t *list, struct sim_err *err);

static bool read_entry(struct common c, const json_t *obj, struct sim_err *err) {
    bool group = json_object_get(obj, "cases") != NULL;
    if (!json_is_object(obj))
        return app_json_wrong(obj, c.pointer, "must be an object: {\"scalar\": ...}", err);
    if (!app_json_keys(obj, group ? group_keys : case_keys, c.pointer, err) ||
        !read_common(&c, obj, err))
        return false;
    return group ? read_list(c, json_object_get(obj, "cases"), err) : read_case(&c, obj, err);
}

static bool read_list(struct common c, const json_t *list, struct sim_err *err) {
    const char *at = sim_printf(&c.v->arena, "%s/cases", c.pointer);
    size_t i;
    json_t *value;
    if (!json_is_array(list) || json_array_size(list) == 0)
        return app_json_wrong(list, at, "must be an array of cases", err);
    if (++c.depth > DEEPEST)
        return sim_fail(err, "", at, "groups of cases lie more than %d deep", DEEPEST);
    json_array_foreach(list, i, value) {
        struct common one = c;
        one.pointer = sim_printf(&c.v->arena, "%s/%zu", at, i);
        if (!read_entry(one, value, err))
            return false;
    }
    return true;
}

/* {ID or ID/KEY: why}: an ID stands for all its scalars. */
static bool read_absent(struct app_validation *v, const json_t *obj, struct sim_err *err) {
    const char *id;
    json_t *why;
    char at[512], shown[APP_SHOWN];
    if (obj != NULL && !json_is_object(obj))
        return app_json_wrong(obj, "/not_simulated", "must be an object: {ID: WHY, ...}", err);
    json_object_foreach((json_t *)obj, id, why) {
        size_t n = strlen(id), found = 0;
        sim_pointer(at, sizeof at, "/not_simulated", id);
        if (!json_is_string(why))
            return app_json_wrong(why, at, "must be a string: why no case answers it", err);
        for (size_t i = 0; i < v->scalars; i++) {
            struct app_scalar *s = &v->scalar[i];
            if (strncmp(s->id, id, n) != 0 || (s->id[n] != 0 && s->id[n] != '/'))
                continue;
            s->absent = json_string_value(why);
            found++;
        }
        if (found == 0)
            return sim_fail(err, "", at, "split.json has nothing of the name %s",
                            sim_quote(id, shown, sizeof shown));
    }
    return true;
}

static bool read_file(struct app_validation *v, const char *file, struct sim_err *err) {
    json_t *root = app_json_load(file, err);
    if (root == NULL)
        return false;
    json_array_append_new(v->all, root);
    struct common c = {.v = v, .file = file, .pointer = "", .scale = 1};
    const json_t *version = json_object_get(root, "dpusim");
    bool ok =
        app_json_keys(root, file_keys, "", err) &&
        (json_integer_value(version) == 1 ||
         app_json_wrong(version, "/dpusim", "must be 1, the version of the format", err)) &&
        (json_array_append_new(v->all, c.set = json_object()) == 0) &&
        read_common(&c, root, err) &&
        (json_object_get(root, "cases") == NULL ||
         read_list(c, json_object_get(root, "cases"), err)) &&
        read_absent(v, json_object_get(root, "not_simulated"), err);
    if (!ok && err->source[0] == 0)
        snprintf(err->source, sizeof err->source, "%s", file);
    return ok;
}

static int is_case_file(const struct dirent *e) {
    size_t n = strlen(e->d_name);
    return n > 5 && strcmp(e->d_name + n - 5, ".json") == 0 &&
           strcmp(e->d_name, "split.json") != 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* A scalar that a case answers needs no reason, and one reason is enough. */
static bool check_absent(const struct app_validation *v, struct sim_err *err) {
    for (size_t i = 0; i < v->scalars; i++)
        if (v->scalar[i].by != NULL && v->scalar[i].absent != NULL)
            return sim_fail(err, v->scalar[i].by->file, v->scalar[i].by->pointer,
                            "answers \"%s\", which a file beside it says is not simulated: %s",
                            v->scalar[i].id, v->scalar[i].absent);
    return true;
}

bool app_cases_read(struct app_validation *v, struct sim_err *err) {
    struct dirent **name;
    int n = scandir(v->folder, &name, is_case_file, by_name);
    bool ok = true;
    v->all = json_array();
    v->cases = sim_alloc_n(&v->arena, v->scalars + 1, sizeof *v->cases);
    for (int i = 0; i < n; i++) {
        ok =
            ok && read_file(v, sim_printf(&v->arena, "%s/%s", v->folder, name[i]->d_name), err);
        free(name[i]);
    }
    if (n >= 0)
        free(name);
    return ok && check_absent(v, err);
}
