/* blocks.c - the blocks and routes of a card from its JSON. */
#include "models/registry.h"
#include "scenario.h"
#include <errno.h>
#include <stdio.h>
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

static bool model_need(const json_t *obj, const char *pointer, const struct sim_model **out,
                       struct sim_err *err) {
    const char *name, *names[64] = {NULL};
    char at[APP_POINTER];
    if (!app_json_string(obj, "model", true, pointer, &name, err))
        return false;
    *out = model_find(name);
    if (*out != NULL)
        return true;
    for (size_t i = 0; i < 63 && model_table[i] != NULL; i++)
        names[i] = model_table[i]->name;
    const char *near = sim_nearest(name, names);
    sim_pointer(at, sizeof at, pointer, "model");
    if (near != NULL)
        return sim_fail(err, "", at, "there is no model \"%s\"; did you mean \"%s\"?", name,
                        near);
    return sim_fail(err, "", at, "there is no model \"%s\"; `dpusim list models` names them",
                    name);
}

struct count_fields {
    int64_t count, by_turn;
};
const struct sim_field app_count_table[] = {
    {"count", SIM_COUNT, offsetof(struct count_fields, count), 0, 1024, "0", NULL,
     "make so many of this block, named NAME0, NAME1, ...; 0: one, of its own name", NULL},
    {"spread", SIM_ENUM, offsetof(struct count_fields, by_turn), 0, 0, "hash", "hash|turn",
     "which of them a message at NAME visits: by its RSS hash, or by its number in turn", NULL},
    {.name = NULL}};

static bool read_count(struct app_scenario *s, const json_t *obj, const char *pointer,
                       struct count_fields *f, struct sim_err *err) {
    json_t *part = json_object();
    for (const struct sim_field *row = app_count_table; row->name != NULL; row++)
        if (json_object_get(obj, row->name) != NULL)
            json_object_set(part, row->name, json_object_get(obj, row->name));
    bool ok = app_params_read(s, app_count_table, part, f, NULL, pointer, err);
    json_decref(part);
    if (ok && f->count == 0 && json_object_get(obj, "spread") != NULL)
        return sim_fail(err, "", pointer, "\"spread\" has no effect without \"count\"");
    return ok;
}

/* Sources change nothing, but one of what is no parameter would be read by nobody. */
static bool check_sources(const struct sim_model *model, const json_t *obj, const char *pointer,
                          struct sim_err *err) {
    enum { MOST = 128 };
    const char *names[MOST + 1] = {"model", "count", "spread", "doc"}, *key;
    json_t *sources = json_object_get(obj, "sources"), *v;
    char at[APP_POINTER], sub[APP_POINTER];
    size_t n = 4;
    sim_pointer(at, sizeof at, pointer, "sources");
    if (sources != NULL && !json_is_object(sources))
        return app_json_wrong(sources, at, "must be an object: {PARAMETER: TEXT, ...}", err);
    for (const struct sim_field *f = model->params; f != NULL && f->name != NULL && n < MOST;
         f++)
        names[n++] = f->name;
    json_object_foreach(sources, key, v) {
        const char *near = sim_nearest(key, names);
        sim_pointer(sub, sizeof sub, at, key);
        if (near == NULL || strcmp(near, key) != 0)
            return sim_fail(err, "", sub, "model %s has no parameter of that name%s%s%s",
                            model->name, near ? "; did you mean \"" : "", near ? near : "",
                            near ? "\"?" : "");
        if (!json_is_string(v))
            return app_json_wrong(v, sub, "must be a string, in double quotes", err);
    }
    return true;
}

/* Make the block that `b` describes but for its component. */
static bool add_block(struct app_scenario *s, struct app_node *n, struct app_block b,
                      struct sim_err *err) {
    static const char *const also[] = {"model", "sources", "count", "spread", NULL};
    const struct sim_model *model;
    for (uint32_t i = 0; i < n->blocks; i++)
        if (strcmp(n->block[i].name, b.name) == 0)
            return sim_fail(err, "", b.pointer, "there is a block \"%s\" already", b.name);
    if (!model_need(b.json, b.pointer, &model, err) ||
        !check_sources(model, b.json, b.pointer, err))
        return false;
    b.comp =
        sim_comp_add(s->world, n->node, model, sim_printf(&s->arena, "%s.%s", n->name, b.name));
    b.comp->pointer = b.pointer;
    n->block = sim_grow(&s->arena, n->block, n->blocks * sizeof *n->block,
                        (n->blocks + 1) * sizeof *n->block);
    n->block[n->blocks++] = b;
    return app_params_read(s, model->params, b.json, b.comp, also, b.pointer, err) &&
           sim_comp_init(b.comp, err);
}

static bool block_build(struct app_scenario *s, struct app_node *n, const char *name,
                        json_t *obj, struct sim_err *err) {
    char at[APP_POINTER], base[APP_POINTER];
    struct count_fields f;
    sim_pointer(base, sizeof base, n->pointer, "blocks");
    sim_pointer(at, sizeof at, base, name);
    if (!app_name_need(name, at, err))
        return false;
    if (!json_is_object(obj))
        return app_json_wrong(obj, at, "must be an object: {\"model\": NAME, ...}", err);
    if (!read_count(s, obj, at, &f, err))
        return false;
    const char *pointer = sim_strdup(&s->arena, at);
    if (f.count == 0)
        return add_block(
            s, n, (struct app_block){.name = name, .pointer = pointer, .json = obj}, err);
    struct app_group *g = sim_alloc(&s->arena, sizeof *g);
    *g = (struct app_group){name, n->blocks, (uint32_t)f.count, f.by_turn != 0};
    for (uint32_t k = 0; k < g->n; k++)
        if (!add_block(s, n,
                       (struct app_block){.name = sim_printf(&s->arena, "%s%u", name, k),
                                          .pointer = pointer,
                                          .json = obj,
                                          .group = g},
                       err))
            return false;
    return true;
}

bool app_blocks_build(struct app_scenario *s, struct app_node *n, struct sim_err *err) {
    json_t *blocks = json_object_get(n->json, "blocks");
    const char *name;
    json_t *obj;
    char at[APP_POINTER];
    sim_pointer(at, sizeof at, n->pointer, "blocks");
    if (blocks != NULL && !json_is_object(blocks))
        return app_json_wrong(blocks, at, "must be an object of blocks by name", err);
    if (json_object_size(blocks) == 0)
        return sim_fail(err, "", blocks ? at : n->pointer,
                        "has no blocks; name a device or give \"blocks\"");
    json_object_foreach(blocks, name, obj) {
        if (!block_build(s, n, name, obj, err))
            return false;
    }
    return true;
}

bool app_block_is_group(const struct app_block *b, const char *name) {
    return b->group != NULL && strcmp(b->group->name, name) == 0;
}

struct app_block *app_block_find(const struct app_node *n, const char *name) {
    for (uint32_t i = 0; i < n->blocks; i++)
        if (strcmp(n->block[i].name, name) == 0)
            return &n->block[i];
    for (uint32_t i = 0; i < n->blocks; i++)
        if (app_block_is_group(&n->block[i], name))
            return &n->block[i];
    return NULL;
}

bool app_block_need(const struct app_node *n, const char *name, const char *pointer,
                    struct app_block **out, struct sim_err *err) {
    const char *names[256] = {NULL};
    char others[256];
    *out = app_block_find(n, name);
    if (*out != NULL)
        return true;
    for (uint32_t i = 0; i < n->blocks && i < 255; i++)
        names[i] = n->block[i].name;
    const char *near = sim_nearest(name, names);
    if (near != NULL)
        return sim_fail(err, "", pointer, "%s has no block \"%s\"; did you mean \"%s\"?",
                        n->name, name, near);
    return sim_fail(err, "", pointer, "%s has no block \"%s\"%s", n->name, name,
                    app_devices_with(NULL, name, others, sizeof others));
}

const struct sim_op *app_op_find(const struct sim_model *model, const char *name) {
    for (const struct sim_op *op = model->ops; op != NULL && op->name != NULL; op++)
        if (name == NULL || strcmp(op->name, name) == 0)
            return op;
    return NULL;
}

static bool can(const struct app_block *b, const struct sim_op *op) {
    const struct sim_model *model = b->comp->model;
    return model->can == NULL || model->can(b->comp, op);
}

/* The names of the block's operations; of those that it has, by its parameters. */
static const char *list_ops(const struct app_block *b, char *list, size_t size) {
    size_t used = 0;
    list[0] = 0;
    for (const struct sim_op *op = b->comp->model->ops; op->name != NULL && used < size; op++)
        if (can(b, op))
            used +=
                (size_t)snprintf(list + used, size - used, "%s%s", used ? ", " : "", op->name);
    return list;
}

bool app_op_need(const struct app_block *b, const char *name, const char *pointer,
                 const struct sim_op **out, struct sim_err *err) {
    char list[512], others[256];
    *out = app_op_find(b->comp->model, name);
    if (*out != NULL && can(b, *out))
        return true;
    list_ops(b, list, sizeof list);
    if (*out != NULL)
        return sim_fail(
            err, "", pointer, "block \"%s\" cannot \"%s\"%s; it has %s", b->name, (*out)->name,
            app_devices_with(b->comp->model, (*out)->name, others, sizeof others), list);
    return sim_fail(err, "", pointer, "block \"%s\" (model %s) has no op \"%s\"; it has %s",
                    b->name, b->comp->model->name, name, list);
}

/* ---------------------------------------------------------------- routes */

struct via_fields {
    int64_t per_byte;
    const char *at, *op;
};
const struct sim_field app_via_table[] = {
    {"at", SIM_STRING, offsetof(struct via_fields, at), 0, 0, NULL, NULL, "the block crossed",
     NULL},
    {"op", SIM_STRING, offsetof(struct via_fields, op), 0, 0, "", NULL,
     "what it does there; its first op when absent", NULL},
    {"per_byte", SIM_RATIO, offsetof(struct via_fields, per_byte), 0, 64000000, "1", NULL,
     "bytes carried there per byte of the message", NULL},
    {.name = NULL}};

struct route_fields {
    int64_t delay;
};
const struct sim_field app_route_table[] = {
    {"delay", SIM_TIME, offsetof(struct route_fields, delay), 1, SIM_PS_PER_S, "1ps", NULL,
     "time on the wire, beside the resources crossed", NULL},
    {.name = NULL}};

static bool route_names(const struct app_node *n, const json_t *v, const char *pointer,
                        const char *key, struct sim_err *err) {
    char at[APP_POINTER], shown[APP_SHOWN];
    struct app_block *b;
    sim_pointer(at, sizeof at, pointer, key);
    if (v == NULL)
        return sim_fail(err, "", pointer,
                        "\"%s\" is missing; write \"%s\": \"BLOCK\", or an array of blocks",
                        key, key);
    if (json_is_string(v))
        return app_block_need(n, json_string_value(v), at, &b, err);
    if (!json_is_array(v) || json_array_size(v) == 0)
        return app_json_wrong(v, at, "must be a block's name or an array of names", err);
    for (size_t i = 0; i < json_array_size(v); i++) {
        const json_t *e = json_array_get(v, i);
        if (!json_is_string(e))
            return sim_fail(err, "", at, "holds %s; must be an array of names of blocks",
                            app_json_show(e, shown));
        if (!app_block_need(n, json_string_value(e), at, &b, err))
            return false;
    }
    return true;
}

static bool via_build(struct app_scenario *s, struct app_node *n, const json_t *obj,
                      const char *pointer, struct app_via *via, struct sim_err *err) {
    struct via_fields f = {0};
    struct app_block *b;
    char at[APP_POINTER];
    if (!app_params_read(s, app_via_table, obj, &f, NULL, pointer, err))
        return false;
    SIM_ASSERT(f.at != NULL); /* it is required */
    if (!app_block_need(n, f.at, sim_pointer(at, sizeof at, pointer, "at"), &b, err) ||
        !app_op_need(b, f.op, sim_pointer(at, sizeof at, pointer, "op"), &via->op, err))
        return false;
    for (const struct sim_field *row = via->op->fields; row != NULL && row->name != NULL; row++)
        if (row->def == NULL)
            return sim_fail(
                err, "", pointer,
                "op \"%s\" of \"%s\" needs \"%s\", which a route cannot give; visit "
                "it by a step of the chain",
                via->op->name, b->name, row->name);
    if (app_block_is_group(b, f.at))
        return sim_fail(err, "", pointer,
                        "a route crosses one block; \"%s\" stands for several (\"count\": %u)",
                        f.at, b->group->n);
    via->block = b;
    via->ratio_ppm = (uint32_t)f.per_byte;
    return true;
}

static bool route_build(struct app_scenario *s, struct app_node *n, const json_t *obj,
                        const char *pointer, struct app_route *r, struct sim_err *err) {
    static const char *const also[] = {"from", "to", "via", "source", NULL};
    struct route_fields f = {0};
    char at[APP_POINTER], sub[APP_POINTER], index[24];
    r->pointer = sim_strdup(&s->arena, pointer);
    r->from = json_object_get(obj, "from");
    r->to = json_object_get(obj, "to");
    if (!app_params_read(s, app_route_table, obj, &f, also, pointer, err) ||
        !route_names(n, r->from, pointer, "from", err) ||
        !route_names(n, r->to, pointer, "to", err))
        return false;
    r->delay = f.delay;
    const json_t *via = json_object_get(obj, "via");
    sim_pointer(at, sizeof at, pointer, "via");
    if (via != NULL && !json_is_array(via))
        return app_json_wrong(via, at, "must be an array of {\"at\": BLOCK, ...}", err);
    r->vias = (uint32_t)json_array_size(via);
    r->via = sim_alloc_n(&s->arena, r->vias + 1, sizeof *r->via);
    for (uint32_t i = 0; i < r->vias; i++) {
        snprintf(index, sizeof index, "%u", i);
        if (!via_build(s, n, json_array_get(via, i), sim_pointer(sub, sizeof sub, at, index),
                       &r->via[i], err))
            return false;
    }
    return true;
}

static const char *name_at(const json_t *v, size_t i) {
    return json_string_value(json_is_string(v) ? v : json_array_get(v, i));
}

static size_t count_of(const json_t *v) { return json_is_string(v) ? 1 : json_array_size(v); }

/* A second route for a pair would never be taken. */
static bool route_is_new(const struct app_node *n, const struct app_route *r,
                         struct sim_err *err) {
    for (size_t i = 0; i < count_of(r->from); i++)
        for (size_t k = 0; k < count_of(r->to); k++) {
            const char *from = name_at(r->from, i), *to = name_at(r->to, k);
            const struct app_route *other = app_route_find(n, from, to);
            if (other != NULL)
                return sim_fail(err, "", r->pointer,
                                "%s leads from \"%s\" to \"%s\" already; change that one",
                                other->pointer, from, to);
        }
    return true;
}

bool app_routes_build(struct app_scenario *s, struct app_node *n, struct sim_err *err) {
    const json_t *routes = json_object_get(n->json, "routes");
    const char *name;
    json_t *obj;
    char base[APP_POINTER], at[APP_POINTER];
    sim_pointer(base, sizeof base, n->pointer, "routes");
    if (routes != NULL && !json_is_object(routes))
        return app_json_wrong(routes, base, "must be an object of routes by name", err);
    n->route = sim_alloc_n(&s->arena, json_object_size(routes) + 1, sizeof *n->route);
    json_object_foreach((json_t *)routes, name, obj) {
        sim_pointer(at, sizeof at, base, name);
        if (!app_name_need(name, at, err))
            return false;
        if (!json_is_object(obj))
            return app_json_wrong(obj, at, "must be an object: {\"from\": ..., \"to\": ...}",
                                  err);
        if (!route_build(s, n, obj, at, &n->route[n->routes], err) ||
            !route_is_new(n, &n->route[n->routes], err))
            return false;
        n->routes++;
    }
    return true;
}

static bool names(const json_t *v, const char *name) {
    if (json_is_string(v))
        return strcmp(json_string_value(v), name) == 0;
    for (size_t i = 0; i < json_array_size(v); i++)
        if (strcmp(json_string_value(json_array_get(v, i)), name) == 0)
            return true;
    return false;
}

struct app_route *app_route_find(const struct app_node *n, const char *from, const char *to) {
    for (uint32_t i = 0; i < n->routes; i++)
        if (names(n->route[i].from, from) && names(n->route[i].to, to))
            return &n->route[i];
    return NULL;
}
