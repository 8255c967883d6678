/* routes.c - the routes of a card from its JSON: what is crossed between two blocks. */
#include "scenario.h"
#include <stdio.h>
#include <string.h>

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
    const char *op;
};
const struct sim_field app_route_table[] = {
    {"delay", SIM_TIME, offsetof(struct route_fields, delay), 1, SIM_PS_PER_S, "1ps", NULL,
     "time on the wire, beside the resources crossed", NULL},
    {"op", SIM_STRING, offsetof(struct route_fields, op), 0, 0, "", NULL,
     "only for visits of this operation at its end; absent: for all that have no route of "
     "their own",
     NULL},
    {.name = NULL}};

static bool route_names(const struct app_node *n, const json_t *v, const char *pointer,
                        const char *key, struct sim_err *err) {
    char at[APP_POINTER], shown[APP_SHOWN];
    struct app_block *b;
    sim_pointer(at, sizeof at, pointer, key);
    if (v == NULL)
        return sim_fail(err, "", pointer,
                        "\"%s\" is missing; write \"%s\": \"BLOCK\", or an array of blocks. To "
                        "change a route of the device by parts, it must have one of this name",
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

static const char *name_at(const json_t *v, size_t i) {
    return json_string_value(json_is_string(v) ? v : json_array_get(v, i));
}

static size_t count_of(const json_t *v) { return json_is_string(v) ? 1 : json_array_size(v); }

/* A route for an operation: that one of the blocks at its end has it. */
static bool op_is_known(const struct app_node *n, const struct app_route *r,
                        const char *pointer, struct sim_err *err) {
    const struct sim_op *op;
    struct app_block *b;
    char at[APP_POINTER];
    sim_pointer(at, sizeof at, pointer, "op");
    for (size_t i = 0; r->op[0] != 0 && i < count_of(r->to); i++)
        if (!app_block_need(n, name_at(r->to, i), at, &b, err) ||
            !app_op_need(b, r->op, at, &op, err))
            return false;
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
    r->op = f.op != NULL ? f.op : "";
    if (!op_is_known(n, r, pointer, err))
        return false;
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

/* Two routes for a pair: the place to change is what the user wrote. */
static bool routes_clash(const struct app_scenario *s, const struct app_route *r,
                         const struct app_route *other, const char *ends[2],
                         struct sim_err *err) {
    if (app_config_is_set(&s->config, other->pointer) &&
        !app_config_is_set(&s->config, r->pointer)) {
        const struct app_route *first = other;
        other = r;
        r = first;
    }
    return sim_fail(err, "", r->pointer,
                    "%s leads from \"%s\" to \"%s\" already; change that one", other->pointer,
                    ends[0], ends[1]);
}

/* A second route for a pair would never be taken. */
static bool route_is_new(const struct app_scenario *s, const struct app_node *n,
                         const struct app_route *r, struct sim_err *err) {
    for (size_t i = 0; i < count_of(r->from); i++)
        for (size_t k = 0; k < count_of(r->to); k++) {
            const char *ends[2] = {name_at(r->from, i), name_at(r->to, k)};
            const struct app_route *other = app_route_find(n, ends[0], ends[1], r->op);
            if (other != NULL && strcmp(other->op, r->op) == 0)
                return routes_clash(s, r, other, ends, err);
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
            !route_is_new(s, n, &n->route[n->routes], err))
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

struct app_route *app_route_find(const struct app_node *n, const char *from, const char *to,
                                 const char *op) {
    struct app_route *any = NULL;
    for (uint32_t i = 0; i < n->routes; i++) {
        struct app_route *r = &n->route[i];
        if (!names(r->from, from) || !names(r->to, to))
            continue;
        if (strcmp(r->op, op) == 0)
            return r;
        if (r->op[0] == 0)
            any = r;
    }
    return any;
}
