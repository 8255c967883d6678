/* links.c - cables between the ports of cards.
 *
 *   "links": {"cable": {"ends": ["left.port0", "right.port0"], "delay": "500ns"}}
 *   "nodes": {"right": {"ingress": {"port0": [{"stream": "web", "chain": "serve"},
 *                                             {"chain": "rest"}]}}}
 *
 * A message whose chain ends behind op "tx" of a port with a cable crosses it, by value; the
 * first row of the receiver's table that fits names its chain there. The sender's tx has paid
 * for the line, so that chain begins with op "link-rx".
 */
#include "scenario.h"
#include <string.h>

struct link_fields {
    int64_t delay;
    const json_t *ends;
};
const struct sim_field app_link_table[] = {
    {"delay", SIM_TIME, offsetof(struct link_fields, delay), 1, SIM_PS_PER_S, "10ns", NULL,
     "one way, beside the ports' own latencies", "assumed: 2 m of cable at 5 ns/m"},
    {"ends", SIM_JSON, offsetof(struct link_fields, ends), 0, 0, NULL,
     "{\"type\":\"array\",\"minItems\":2,\"maxItems\":2,\"items\":{\"type\":\"string\"},"
     "\"examples\":[[\"left.port0\",\"right.port0\"]]}",
     "the two ports joined, as \"NODE.BLOCK\"", NULL},
    {.name = NULL}};

static bool wired(const struct app_scenario *s, const struct app_end *e) {
    for (uint32_t i = 0; i < s->world->cables; i++)
        if (s->world->cable[i]->to == e->block->comp)
            return true;
    return false;
}

/* A cable has two ends: of several like ports one is meant. */
static bool is_one(const struct app_end *e, const char *name, const char *pointer,
                   struct sim_err *err) {
    return !app_block_is_group(e->block, name) ||
           sim_fail(err, "", pointer,
                    "\"%s\" stands for %u blocks; name one of them, e.g. \"%s.%s\"", name,
                    e->block->group->n, e->node->name, e->block->name);
}

static bool can_join(const struct app_scenario *s, const struct app_end *e, const char *pointer,
                     struct sim_err *err) {
    const struct sim_model *model = e->block->comp->model;
    if (wired(s, e))
        return sim_fail(err, "", pointer, "%s.%s is wired twice; a port takes one link",
                        e->node->name, e->block->name);
    return (app_op_find(model, "link-rx") != NULL && app_op_find(model, "tx") != NULL) ||
           sim_fail(err, "", pointer, "links join Ethernet ports; \"%s\" is of model %s",
                    e->block->name, model->name);
}

static bool read_end(struct app_scenario *s, const json_t *v, const char *pointer,
                     struct app_end *out, struct sim_err *err) {
    const char *text = json_string_value(v), *dot = text ? strchr(text, '.') : NULL;
    if (dot == NULL)
        return app_json_wrong(v, pointer, "must be \"NODE.BLOCK\", e.g. \"left.port0\"", err);
    for (uint32_t i = 0; i < s->nodes; i++) {
        out->node = &s->node[i];
        if (strlen(out->node->name) == (size_t)(dot - text) &&
            strncmp(out->node->name, text, (size_t)(dot - text)) == 0)
            return app_block_need(out->node, dot + 1, pointer, &out->block, err) &&
                   is_one(out, dot + 1, pointer, err) && can_join(s, out, pointer, err);
    }
    return sim_fail(err, "", pointer, "there is no node \"%.*s\"", (int)(dot - text), text);
}

static const struct sim_field *rate_of(const struct app_end *e) {
    const struct sim_field *row = e->block->comp->model->params;
    while (row != NULL && row->name != NULL && strcmp(row->name, "rate") != 0)
        row++;
    return row != NULL && row->name != NULL ? row : NULL;
}

/* A port sends at its own rate, and "link-rx" takes no time: a slower port would take in more
 * than its line carries. */
static bool same_rate(const struct app_end end[2], const char *pointer, struct sim_err *err) {
    const struct sim_field *row[2] = {rate_of(&end[0]), rate_of(&end[1])};
    char text[2][64];
    if (row[0] == NULL || row[1] == NULL ||
        sim_field_int(row[0], end[0].block->comp) == sim_field_int(row[1], end[1].block->comp))
        return true;
    for (int i = 0; i < 2; i++)
        sim_quantity_exact(row[i]->unit, sim_field_int(row[i], end[i].block->comp), text[i],
                           sizeof text[i]);
    return sim_fail(err, "", pointer,
                    "%s.%s has a rate of %s, %s.%s of %s; give both the same \"rate\"",
                    end[0].node->name, end[0].block->name, text[0], end[1].node->name,
                    end[1].block->name, text[1]);
}

static bool link_build(struct app_scenario *s, const json_t *obj, const char *pointer,
                       struct app_end end[2], struct sim_err *err) {
    struct link_fields f;
    static const char *const index[] = {"0", "1"};
    char at[APP_POINTER], sub[APP_POINTER];
    if (!json_is_object(obj))
        return app_json_wrong(obj, pointer, "must be an object: {\"ends\": [A, B], ...}", err);
    if (!app_params_read(s, app_link_table, obj, &f, NULL, pointer, err))
        return false;
    sim_pointer(at, sizeof at, pointer, "ends");
    if (!json_is_array(f.ends) || json_array_size(f.ends) != 2)
        return app_json_wrong(f.ends, at,
                              "must be two ports, e.g. [\"left.port0\", \"right.port0\"]", err);
    for (size_t i = 0; i < 2; i++)
        if (!read_end(s, json_array_get(f.ends, i), sim_pointer(sub, sizeof sub, at, index[i]),
                      &end[i], err))
            return false;
    if (end[0].block == end[1].block)
        return sim_fail(err, "", at, "both ends are the same port");
    if (!same_rate(end, at, err))
        return false;
    (void)sim_cable_add(s->world, end[0].node->node, end[1].block->comp, f.delay);
    (void)sim_cable_add(s->world, end[1].node->node, end[0].block->comp, f.delay);
    return true;
}

/* Is this step a transmission of the port? */
static bool sends(const struct sim_step *step, const struct sim_comp *comp) {
    return step->comp == comp && step->op != NULL && strcmp(step->op->name, "tx") == 0;
}

static void plug(struct app_scenario *s, const struct sim_comp *from, struct sim_cable *cable) {
    for (uint32_t i = 0; i < s->world->steps; i++) {
        struct sim_step *step = &s->world->step[i];
        for (int v = 0; sends(step, from) && v < SIM_VERDICTS; v++)
            if (step->hop[v].kind == SIM_HOP_DELIVERED)
                step->hop[v].cable = cable;
    }
}

static bool no_links(const struct app_scenario *s, struct sim_err *err) {
    char at[APP_POINTER];
    for (uint32_t i = 0; i < s->nodes; i++)
        if (json_object_get(s->node[i].json, "ingress") != NULL)
            return sim_fail(err, "", sim_pointer(at, sizeof at, s->node[i].pointer, "ingress"),
                            "has no effect without \"links\"");
    return s->nodes == 1 || sim_fail(err, "", "/nodes", "several cards need \"links\"");
}

/* Tables of ports that no link leads to would be ignored. */
static bool tables_used(struct app_scenario *s, const struct app_node *n, struct sim_err *err) {
    char at[APP_POINTER], sub[APP_POINTER];
    json_t *tables = json_object_get(n->json, "ingress"), *rows;
    const char *name;
    sim_pointer(at, sizeof at, n->pointer, "ingress");
    json_object_foreach(tables, name, rows) {
        struct app_end e = {.node = (struct app_node *)n};
        sim_pointer(sub, sizeof sub, at, name);
        if (!app_block_need(n, name, sub, &e.block, err))
            return false;
        if (!wired(s, &e))
            return sim_fail(err, "", sub, "has no effect: no link leads to %s.%s", n->name,
                            name);
    }
    return tables == NULL || json_is_object(tables) ||
           app_json_wrong(tables, at, "must be an object of tables by port", err);
}

/* Tables first, since they compile chains; then every step that sends is plugged in. */
bool app_links_build(struct app_scenario *s, struct sim_err *err) {
    json_t *links = json_object_get(s->config.root, "links"), *obj;
    const char *name;
    char at[APP_POINTER];
    if (links == NULL)
        return no_links(s, err);
    if (!json_is_object(links) || json_object_size(links) == 0)
        return app_json_wrong(links, "/links",
                              "must hold one link or more: {NAME: {\"ends\": [A, B]}}", err);
    struct app_end *end = sim_alloc_n(&s->arena, 2 * json_object_size(links) + 1, sizeof *end);
    uint32_t n = 0;
    json_object_foreach(links, name, obj) {
        sim_pointer(at, sizeof at, "/links", name);
        if (!app_name_need(name, at, err) || !link_build(s, obj, at, &end[n], err))
            return false;
        n += 2;
    }
    for (uint32_t i = 0; i < s->nodes; i++)
        if (!tables_used(s, &s->node[i], err))
            return false;
    for (uint32_t i = 0; i < n; i++) { /* cable i leads from end i to the other one */
        if (!app_ingress_read(s, &end[i ^ 1], s->world->cable[i], err))
            return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        plug(s, end[i].block->comp, s->world->cable[i]);
        if (!app_ingress_senders(&end[i], &end[i ^ 1], s->world->cable[i], err))
            return false;
    }
    return true;
}

/* Does a step anywhere below split into children that may cross a link and come back? */
static bool any_exchange(json_t *v) {
    const char *key;
    json_t *below;
    size_t i;
    if (json_object_get(json_object_get(v, "split"), "timeout") != NULL)
        return true;
    json_object_foreach(v, key, below) {
        if (any_exchange(below))
            return true;
    }
    json_array_foreach(v, i, below) {
        if (any_exchange(below))
            return true;
    }
    return false;
}

/* A closed loop has to hear of a reply at once, wherever it ends; so has the parent of children
 * on another card. */
bool app_closed_loop(const json_t *root) {
    json_t *obj;
    const char *name;
    json_object_foreach(json_object_get(root, "streams"), name, obj) {
        const char *source = json_string_value(json_object_get(obj, "source"));
        bool requests =
            source != NULL && (strcmp(source, "fio") == 0 || strcmp(source, "block") == 0);
        if (requests || json_integer_value(json_object_get(obj, "outstanding")) > 0)
            return true;
    }
    return any_exchange(json_object_get(root, "chains")) ||
           any_exchange(json_object_get(root, "nodes"));
}

/* Cards may run apart when every link is long enough for it to pay. */
bool app_links_long(const json_t *root) {
    enum { PAYS_NS = 200 };
    json_t *links = json_object_get(root, "links"), *obj;
    const char *name;
    char why[256];
    if (json_object_size(links) == 0)
        return false;
    json_object_foreach(links, name, obj) {
        const char *text = json_string_value(json_object_get(obj, "delay"));
        int64_t ps = 0;
        if (text == NULL || !sim_quantity_parse(SIM_TIME, text, &ps, why, sizeof why) ||
            ps < PAYS_NS * SIM_PS_PER_NS)
            return false;
    }
    return true;
}
