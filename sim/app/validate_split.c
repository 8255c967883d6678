/* validate_split.c - configs/validation/split.json: published numbers and their classes; those
 * that were split before there were models, and what was added since.
 */
#include "sim/engine/field.h"
#include "sim/engine/row.h"
#include "validate.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const class_names[] = {"predict", "model",    "fit", "input",
                                          "shown",   "excluded", NULL};

const char *app_class_name(enum app_class class) { return class_names[class]; }

static const char *text_of(const json_t *obj, const char *key) {
    const char *s = json_string_value(json_object_get(obj, key));
    return s != NULL ? s : "";
}

/* ---------------------------------------------------------------- a scalar */

static const char *const entry_keys[] = {
    "area",      "device", "metric", "unit",       "conditions", "source", "locator",
    "certainty", "kind",   "note",   "confidence", "scalars",    NULL};
static const char *const scalar_keys[] = {"value", "unit", "what", "class", "why", NULL};

static bool read_class(const json_t *obj, const char *at, enum app_class *out,
                       struct sim_err *err) {
    const char *name;
    char place[512], shown[APP_SHOWN];
    if (!app_json_string(obj, "class", true, at, &name, err))
        return false;
    for (int i = 0; i < APP_CLASSES; i++) {
        if (strcmp(class_names[i], name) == 0) {
            *out = (enum app_class)i;
            return true;
        }
    }
    const char *near = sim_nearest(name, class_names);
    return sim_fail(err, "", sim_pointer(place, sizeof place, at, "class"),
                    "%s is no class%s%s%s; there are predict, model, fit, input, shown and "
                    "excluded",
                    sim_quote(name, shown, sizeof shown), near ? "; did you mean \"" : "",
                    near ? near : "", near ? "\"?" : "");
}

/* An entry, and the part of the file that it stands in. */
struct entry {
    struct app_validation *v;
    const char *part, *id;
    const json_t *json;
};

static const char split_part[] = "/published", added_part[] = "/added";

/* The rules of a split: what is not tested says why, and neither memory proves anything nor
 * what came when there were models already. */
static bool check_scalar(const struct app_scalar *s, const struct entry *e, const char *at,
                         struct sim_err *err) {
    bool needs = s->class != APP_PREDICT && s->class != APP_MODEL;
    if (!json_is_number(s->value) && !json_is_string(s->value))
        return app_json_wrong(s->value, at, "needs a \"value\", a number or a text", err);
    if (needs && s->why[0] == 0)
        return sim_fail(err, "", at,
                        "is %s and does not say \"why\": which parameter it sets, how what is "
                        "shown differs, or why it is not used",
                        app_class_name(s->class));
    if (e->part == added_part && !needs)
        return sim_fail(err, "", at, "was added after the split: it may not count as %s",
                        app_class_name(s->class));
    if (s->class == APP_PREDICT && strcmp(text_of(e->json, "certainty"), "memory") == 0)
        return sim_fail(err, "", at, "is from memory: it may not count as predict");
    if (s->class == APP_PREDICT && !json_is_number(s->value))
        return sim_fail(err, "", at, "is predict and no number");
    return true;
}

static bool read_scalar(const struct entry *e, const char *key, const json_t *obj,
                        struct sim_err *err) {
    struct app_validation *v = e->v;
    struct app_scalar *s = &v->scalar[v->scalars];
    const json_t *entry = e->json;
    char at[512], part[512];
    sim_pointer(part, sizeof part, e->part, e->id);
    sim_pointer(at, sizeof at, part, "scalars");
    snprintf(part, sizeof part, "%s", at);
    sim_pointer(at, sizeof at, part, key);
    if (!json_is_object(obj))
        return app_json_wrong(obj, at, "must be an object: {\"value\": ..., \"class\": ...}",
                              err);
    *s = (struct app_scalar){
        .id = key[0] ? sim_printf(&v->arena, "%s/%s", e->id, key) : e->id,
        .value = json_object_get(obj, "value"),
        .area = text_of(entry, "area"),
        .device = text_of(entry, "device"),
        .metric = text_of(entry, "metric"),
        .what = text_of(obj, "what"),
        .unit = text_of(json_object_get(obj, "unit") ? obj : entry, "unit"),
        .conditions = text_of(entry, "conditions"),
        .source = text_of(entry, "source"),
        .locator = text_of(entry, "locator"),
        .why = text_of(obj, "why"),
        .simulated = (double)NAN,
    };
    if (!app_json_keys(obj, scalar_keys, at, err) || !read_class(obj, at, &s->class, err) ||
        !check_scalar(s, e, at, err))
        return false;
    v->scalars++;
    return true;
}

/* ---------------------------------------------------------------- the whole */

static void add_area(struct app_validation *v, const char *area) {
    for (size_t i = 0; i < v->areas; i++)
        if (strcmp(v->area[i], area) == 0)
            return;
    v->area[v->areas++] = area;
}

static bool read_entry(const struct entry *e, struct sim_err *err) {
    static const char *const needed[] = {"area",   "device",  "metric",    "unit",
                                         "source", "locator", "certainty", NULL};
    const json_t *entry = e->json;
    char at[512];
    const char *key, *text;
    json_t *value;
    sim_pointer(at, sizeof at, e->part, e->id);
    if (!json_is_object(entry))
        return app_json_wrong(entry, at, "must be an object", err);
    if (!app_json_keys(entry, entry_keys, at, err))
        return false;
    for (size_t i = 0; needed[i] != NULL; i++)
        if (!app_json_string(entry, needed[i], true, at, &text, err))
            return false;
    if (json_object_size(json_object_get(entry, "scalars")) == 0)
        return sim_fail(err, "", at, "has no \"scalars\"");
    add_area(e->v, text_of(entry, "area"));
    json_object_foreach(json_object_get(entry, "scalars"), key, value) {
        if (!read_scalar(e, key, value, err))
            return false;
    }
    return true;
}

static double number(const json_t *obj, const char *key) {
    const json_t *n = json_object_get(obj, key);
    return json_is_number(n) ? json_number_value(n) : (double)NAN;
}

static struct app_limits limits_of(const json_t *obj) {
    return (struct app_limits){number(obj, "median"), number(obj, "share"),
                               number(obj, "within")};
}

static bool check_limits(const json_t *obj, const char *at, struct sim_err *err) {
    static const char *const keys[] = {"median", "share", "within", NULL};
    struct app_limits l = limits_of(obj);
    if (!json_is_object(obj) || !(l.median > 0) || !(l.within > 0) || !(l.share > 0))
        return app_json_wrong(obj, at,
                              "must be {\"median\": M, \"share\": S, \"within\": W}, all above "
                              "0: the median of absolute errors, and the share of them at most "
                              "W",
                              err);
    return app_json_keys(obj, keys, at, err);
}

static bool read_limits(struct app_validation *v, struct sim_err *err) {
    static const char *const keys[] = {"model", "predict", "areas", "inputs", NULL};
    const json_t *bounds = json_object_get(v->split, "bounds"), *value;
    char at[512];
    const char *area;
    if (!json_is_object(bounds))
        return sim_fail(err, "", "/bounds", "is missing: what errors may be");
    if (!app_json_keys(bounds, keys, "/bounds", err) ||
        !check_limits(json_object_get(bounds, "predict"), "/bounds/predict", err))
        return false;
    v->limits = limits_of(json_object_get(bounds, "predict"));
    v->most = number(json_object_get(bounds, "model"), "most");
    if (!(v->most > 0))
        return sim_fail(err, "", "/bounds/model",
                        "must be {\"most\": M}, M above 0: the most that a model scalar may be "
                        "off");
    json_object_foreach(json_object_get(bounds, "areas"), area, value) {
        sim_pointer(at, sizeof at, "/bounds/areas", area);
        if (!check_limits(value, at, err))
            return false;
    }
    json_object_foreach(json_object_get(bounds, "inputs"), area, value) {
        if (!(json_number_value(value) > 0))
            return app_json_wrong(value, sim_pointer(at, sizeof at, "/bounds/inputs", area),
                                  "must be a number above 0: the most that what set or fitted "
                                  "a parameter may be off",
                                  err);
    }
    return true;
}

static size_t scalars_in(const json_t *entries) {
    size_t n = 0;
    const char *id;
    json_t *entry;
    json_object_foreach((json_t *)entries, id, entry) n +=
        json_object_size(json_object_get(entry, "scalars"));
    return n;
}

static bool read_part(struct app_validation *v, const char *part, const json_t *entries,
                      struct sim_err *err) {
    struct entry e = {.v = v, .part = part};
    json_t *entry;
    if (entries != NULL && !json_is_object(entries))
        return app_json_wrong(entries, part, "must be an object: {ID: {...}, ...}", err);
    json_object_foreach((json_t *)entries, e.id, entry) {
        e.json = entry;
        if (part == added_part && json_object_get(json_object_get(v->split, "published"), e.id))
            return sim_fail(err, "", part, "has \"%s\", which is among \"published\"", e.id);
        if (!read_entry(&e, err))
            return false;
    }
    return true;
}

bool app_split_read(struct app_validation *v, struct sim_err *err) {
    static const char *const keys[] = {"dpusim", "bounds", "published", "added", NULL};
    const char *file = sim_printf(&v->arena, "%s/split.json", v->folder);
    v->split = app_json_load(file, err);
    if (v->split == NULL)
        return false;
    const json_t *published = json_object_get(v->split, "published");
    const json_t *added = json_object_get(v->split, "added");
    size_t entries = json_object_size(published) + json_object_size(added);
    v->scalar = sim_alloc_n(&v->arena, scalars_in(published) + scalars_in(added) + 1,
                            sizeof *v->scalar);
    v->area = sim_alloc_n(&v->arena, entries + 1, sizeof *v->area);
    bool ok =
        app_json_keys(v->split, keys, "", err) && read_limits(v, err) &&
        (json_object_size(published) > 0 || sim_fail(err, "", "/published", "lists no number"));
    ok = ok && read_part(v, split_part, published, err) && read_part(v, added_part, added, err);
    if (!ok && err->source[0] == 0)
        snprintf(err->source, sizeof err->source, "%s", file);
    return ok;
}

/* ---------------------------------------------------------------- looking up */

struct app_limits app_split_limits(const struct app_validation *v, const char *area,
                                   bool *own) {
    const json_t *areas = json_object_get(json_object_get(v->split, "bounds"), "areas");
    const json_t *its = json_object_get(areas, area);
    *own = its != NULL;
    return its != NULL ? limits_of(its) : v->limits;
}

double app_split_most(const struct app_validation *v, const char *area) {
    const json_t *inputs = json_object_get(json_object_get(v->split, "bounds"), "inputs");
    return number(inputs, area);
}

struct app_scalar *app_scalar_find(const struct app_validation *v, const char *id) {
    for (size_t i = 0; i < v->scalars; i++)
        if (strcmp(v->scalar[i].id, id) == 0)
            return &v->scalar[i];
    return NULL;
}

/* What stands behind the number: "pcie" of "1-pcie". */
static const char *short_name(const char *area) {
    const char *dash = strchr(area, '-');
    return dash != NULL ? dash + 1 : area;
}

bool app_split_want(struct app_validation *v, const char *area, struct sim_err *err) {
    const char **names = sim_alloc_n(&v->arena, 2 * v->areas + 1, sizeof *names);
    bool any = false;
    for (size_t i = 0; i < v->areas; i++) {
        names[2 * i] = v->area[i];
        names[2 * i + 1] = short_name(v->area[i]);
    }
    for (size_t i = 0; i < v->scalars; i++) {
        struct app_scalar *s = &v->scalar[i];
        s->wanted = area == NULL || strcmp(s->area, area) == 0 ||
                    strcmp(short_name(s->area), area) == 0;
        any |= s->wanted;
    }
    if (any)
        return true;
    char list[512] = "";
    const char *near = sim_nearest(area, names);
    for (size_t i = 0; i < v->areas; i++)
        sim_append(list, sizeof list, "%s%s", i ? ", " : "", v->area[i]);
    return near != NULL ? sim_fail(err, "dpusim validate", area,
                                   "there is no such area; did you mean \"%s\"?", near)
                        : sim_fail(err, "dpusim validate", area,
                                   "there is no such area; there are %s", list);
}
