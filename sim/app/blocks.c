/* blocks.c - the blocks of a card from its JSON. */
#include "energy.h"
#include "models/registry.h"
#include <stdio.h>
#include <string.h>

bool app_model_need(const json_t *obj, const char *key, const struct sim_model *const *table,
                    const char *pointer, const struct sim_model **out, struct sim_err *err) {
    const char *name, *names[64] = {NULL};
    char at[APP_POINTER];
    if (!app_json_string(obj, key, true, pointer, &name, err))
        return false;
    for (size_t i = 0; table[i] != NULL; i++) {
        if (strcmp(table[i]->name, name) == 0) {
            *out = table[i];
            return true;
        }
        if (i < 63)
            names[i] = table[i]->name;
    }
    const char *near = sim_nearest(name, names);
    sim_pointer(at, sizeof at, pointer, key);
    if (near != NULL)
        return sim_fail(err, "", at, "there is no %s \"%s\"; did you mean \"%s\"?", key, name,
                        near);
    return sim_fail(err, "", at, "there is no %s \"%s\"; `dpusim list %ss` names them", key,
                    name, key);
}

const struct app_block *app_block_of(const struct app_scenario *s,
                                     const struct sim_comp *comp) {
    for (uint32_t i = 0; i < s->nodes; i++)
        for (uint32_t k = 0; k < s->node[i].blocks; k++)
            if (s->node[i].block[k].comp == comp)
                return &s->node[i].block[k];
    return NULL;
}

enum { ROLE_OF_MODEL, ROLE_HOST_CORES, ROLE_OTHER };
struct block_fields {
    int64_t count, spread, role;
};
const struct sim_field app_block_table[] = {
    {"count", SIM_COUNT, offsetof(struct block_fields, count), 0, 1024, "0", NULL,
     "make so many of this block, named NAME0, NAME1, ...; 0: one, of its own name", NULL},
    {"spread", SIM_ENUM, offsetof(struct block_fields, spread), 0, 0, "hash",
     "hash|turn|address",
     "which of them a message at NAME visits: by its RSS hash, by its number in turn, or "
     "as the "
     "model has it: drives by namespace or stripe",
     NULL},
    {"role", SIM_ENUM, offsetof(struct block_fields, role), 0, 0, "by-model",
     "by-model|host-cores|other",
     "what the results count it as: \"host-cores\" in host.cores_busy; by-model: that for "
     "model "
     "host",
     NULL},
    {.name = NULL}};

static bool read_common(struct app_scenario *s, const json_t *obj, const char *pointer,
                        struct block_fields *f, struct sim_err *err) {
    json_t *part = json_object();
    for (const struct sim_field *row = app_block_table; row->name != NULL; row++)
        if (json_object_get(obj, row->name) != NULL)
            json_object_set(part, row->name, json_object_get(obj, row->name));
    bool ok = app_params_read(s, app_block_table, part, f, NULL, pointer, err);
    json_decref(part);
    if (ok && f->count == 0 && json_object_get(obj, "spread") != NULL)
        return sim_fail(err, "", pointer,
                        "\"spread\" has no effect without a \"count\" of 1 or more: it says "
                        "which of several "
                        "blocks a message visits");
    return ok;
}

static bool check_sources(struct app_scenario *s, const struct sim_model *model,
                          const struct app_block *b, struct sim_err *err) {
    static const char *const also[] = {"model", "count", "spread", "role", "doc", NULL};
    return app_sources_check(model->params, also,
                             sim_printf(&s->arena, "model %s", model->name), b->json,
                             b->pointer, err);
}

/* Does a block say what it is? If not, it was meant for another card. */
static bool known(const struct app_scenario *s, const struct app_node *n,
                  const struct app_block *b, struct sim_err *err) {
    const json_t *device = json_object_get(s->config.devices, n->pointer);
    const char *card = json_string_value(json_object_get(device, "device"));
    char with[512];
    if (card == NULL || json_object_get(b->json, "model") != NULL)
        return true;
    return sim_fail(
        err, "", b->pointer,
        "the device \"%s\" has no block \"%s\"%s; leave it out, or write \"model\": "
        "\"...\" to add one",
        card, b->name, app_devices_with(NULL, b->name, with, sizeof with));
}

/* Two blocks of a name: one of them is of a group. */
static bool twice(const struct app_block *a, const struct app_block *b, struct sim_err *err) {
    const struct app_group *g = a->group != NULL ? a->group : b->group;
    return sim_fail(err, "", b->pointer,
                    "there is a block \"%s\" already: \"%s\" has \"count\": %u, its blocks are "
                    "\"%s0\" and so on; change what all of them have at \"%s\", or name yours "
                    "otherwise",
                    b->name, g->name, g->n, g->name, g->name);
}

/* Make the block that `b` describes but for its component. */
static bool add_block(struct app_scenario *s, struct app_node *n, struct app_block b,
                      struct sim_err *err) {
    const struct sim_model *model;
    for (uint32_t i = 0; i < n->blocks; i++)
        if (strcmp(n->block[i].name, b.name) == 0)
            return twice(&n->block[i], &b, err);
    if (!known(s, n, &b, err) ||
        !app_model_need(b.json, "model", model_table, b.pointer, &model, err) ||
        !check_sources(s, model, &b, err) || !app_energy_read(s, model, &b, err))
        return false;
    b.host_cores = b.role == ROLE_HOST_CORES ||
                   (b.role == ROLE_OF_MODEL && strcmp(model->name, "host") == 0);
    b.comp =
        sim_comp_add(s->world, n->node, model, sim_printf(&s->arena, "%s.%s", n->name, b.name));
    b.comp->pointer = b.pointer;
    b.comp->like = b.group != NULL ? b.group->n : 1;
    if (b.group != NULL && b.group->by == SIM_FAN_MODEL && model->share == NULL)
        return sim_fail(err, "", b.pointer,
                        "\"spread\": \"address\" is for requests to drives (model ssd); model "
                        "%s goes by \"hash\" or \"turn\"",
                        model->name);
    n->block = sim_grow(&s->arena, n->block, n->blocks * sizeof *n->block,
                        (n->blocks + 1) * sizeof *n->block);
    n->block[n->blocks++] = b;
    return app_params_read(s, model->params, b.json, b.comp, app_block_also, b.pointer, err) &&
           sim_comp_init(b.comp, err);
}

static bool block_build(struct app_scenario *s, struct app_node *n, const char *name,
                        json_t *obj, struct sim_err *err) {
    char at[APP_POINTER], base[APP_POINTER];
    struct block_fields f;
    sim_pointer(base, sizeof base, n->pointer, "blocks");
    sim_pointer(at, sizeof at, base, name);
    if (!app_name_need(name, at, err))
        return false;
    if (!json_is_object(obj))
        return app_json_wrong(obj, at, "must be an object: {\"model\": NAME, ...}", err);
    if (!read_common(s, obj, at, &f, err))
        return false;
    const char *pointer = sim_strdup(&s->arena, at);
    if (f.count == 0)
        return add_block(
            s, n,
            (struct app_block){.name = name, .pointer = pointer, .json = obj, .role = f.role},
            err);
    struct app_group *g = sim_alloc(&s->arena, sizeof *g);
    *g = (struct app_group){name, n->blocks, (uint32_t)f.count, (enum sim_fan_by)f.spread};
    for (uint32_t k = 0; k < g->n; k++)
        if (!add_block(s, n,
                       (struct app_block){.name = sim_printf(&s->arena, "%s%u", name, k),
                                          .pointer = pointer,
                                          .json = obj,
                                          .group = g,
                                          .role = f.role},
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
    app_devices_with(NULL, name, others, sizeof others);
    if (near != NULL)
        return sim_fail(err, "", pointer, "%s has no block \"%s\"%s; did you mean \"%s\"?",
                        n->name, name, others, near);
    return sim_fail(err, "", pointer, "%s has no block \"%s\"%s", n->name, name, others);
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

/* The operation that a name without one's end, or a slip, stands for; of those that the block
 * has first. NULL: none. */
static const char *near_op(const struct app_block *b, const char *name) {
    enum { MOST = 127 };
    const char *names[MOST + 1] = {NULL};
    size_t n = 0, length = strlen(name);
    for (int has = 1; has >= 0; has--)
        for (const struct sim_op *op = b->comp->model->ops; op->name != NULL && n < MOST; op++)
            if (can(b, op) == has)
                names[n++] = op->name;
    const char *near = sim_nearest(name, names);
    for (size_t i = 0; near == NULL && length > 1 && i < n; i++)
        if (strncmp(names[i], name, length) == 0)
            near = names[i];
    return near;
}

bool app_op_need(const struct app_block *b, const char *name, const char *pointer,
                 const struct sim_op **out, struct sim_err *err) {
    char list[512], others[300];
    *out = app_op_find(b->comp->model, name);
    if (*out != NULL && can(b, *out))
        return true;
    list_ops(b, list, sizeof list);
    if (*out != NULL)
        return sim_fail(
            err, "", pointer, "block \"%s\" cannot \"%s\"%s; it has %s", b->name, (*out)->name,
            app_devices_with(b->comp->model, (*out)->name, others, sizeof others), list);
    app_models_with(name, others, sizeof others);
    const char *near = others[0] == 0 ? near_op(b, name) : NULL;
    return sim_fail(err, "", pointer,
                    "block \"%s\" (model %s) has no op \"%s\"%s%s%s%s; it has %s", b->name,
                    b->comp->model->name, name, near ? " (did you mean \"" : "",
                    near ? near : "", near ? "\"?)" : "", others, list);
}
