/* schema.c - JSON Schema (2020-12) of scenarios and devices, from the field tables. */
#include "energy.h"
#include "models/registry.h"
#include "run.h"
#include "workloads/registry.h"
#include <stdio.h>
#include <string.h>

static json_t *object_of(const struct sim_field *table) {
    static const struct sim_field none[] = {{.name = NULL}};
    json_t *o = sim_fields_schema(table != NULL ? table : none);
    if (json_object_get(o, "properties") == NULL)
        json_object_set_new(o, "properties", json_object());
    return o;
}

static void property(json_t *schema, const char *name, json_t *value) {
    json_object_set_new(json_object_get(schema, "properties"), name, value);
}

static json_t *texts(void) {
    return json_pack("{ss s{ss}}", "type", "object", "additionalProperties", "type", "string");
}

static json_t *closed(json_t *schema) {
    json_object_set_new(schema, "additionalProperties", json_false());
    return schema;
}

/* Fields with their sources beside them. */
static json_t *stated(const struct sim_field *table) {
    json_t *o = closed(object_of(table));
    property(o, "sources", texts());
    return o;
}

/* Blocks: an object per name whose "model" chooses the rest. Overrides of a device's block
 * need not name it again. */
static json_t *block_schema(void) {
    json_t *choices = json_array(), *names = json_array();
    for (size_t i = 0; model_table[i] != NULL; i++) {
        json_t *o = object_of(model_table[i]->params);
        json_object_del(o, "required");
        property(o, "model", json_pack("{ss}", "const", model_table[i]->name));
        property(o, "sources", texts());
        property(o, "energy", stated(app_energy_table));
        json_t *common = object_of(app_block_table);
        json_object_update(json_object_get(o, "properties"),
                           json_object_get(common, "properties"));
        json_decref(common);
        property(o, "doc", json_pack("{ss}", "type", "string"));
        property(o, "profile", json_pack("{ss}", "type", "string"));
        json_object_set_new(o, "additionalProperties", json_false());
        json_object_set_new(o, "title", json_string(model_table[i]->name));
        json_array_append_new(choices, o);
        json_array_append_new(names, json_string(model_table[i]->name));
    }
    json_decref(names);
    return json_pack("{so}", "anyOf", choices);
}

/* A chain's name; of a source with several kinds of messages, one for each that comes. */
static json_t *chains_of(const struct sim_op *kind) {
    if (kind == NULL)
        return json_pack("{ss}", "type", "string");
    json_t *o = json_pack("{ss sb}", "type", "object", "additionalProperties", 0);
    json_t *properties = json_object();
    for (; kind->name != NULL; kind++)
        json_object_set_new(properties, kind->name, json_pack("{ss}", "type", "string"));
    json_object_set_new(o, "properties", properties);
    json_object_set_new(o, "minProperties", json_integer(1));
    return o;
}

static json_t *stream_schema(void) {
    json_t *choices = json_array();
    for (size_t i = 0; work_table[i] != NULL; i++) {
        json_t *o = object_of(work_table[i]->params);
        json_t *need = json_object_get(o, "required");
        if (need == NULL) {
            need = json_array();
            json_object_set_new(o, "required", need);
        }
        json_array_append_new(need, json_string("source"));
        json_array_append_new(need, json_string("chain"));
        property(o, "source", json_pack("{ss}", "const", work_table[i]->name));
        property(o, "chain", chains_of(work_table[i]->ops));
        property(o, "node", json_pack("{ss}", "type", "string"));
        property(o, "doc", json_pack("{ss}", "type", "string"));
        json_object_set_new(o, "additionalProperties", json_false());
        json_array_append_new(choices, o);
    }
    return json_pack("{so}", "oneOf", choices);
}

#define NAME "^[A-Za-z][A-Za-z0-9_-]{0,62}$"

static json_t *map_of(json_t *value) {
    return json_pack("{ss s{so} sb}", "type", "object", "patternProperties", NAME, value,
                     "additionalProperties", 0);
}

static json_t *text(void) { return json_pack("{ss}", "type", "string"); }

static json_t *name_text(void) {
    return json_pack("{ss ss}", "type", "string", "pattern", NAME);
}

static json_t *array_of(json_t *items, int least) {
    return json_pack("{ss si so}", "type", "array", "minItems", least, "items", items);
}

/* Whose op it is depends on the block: any model's. */
static json_t *op_schema(void) {
    json_t *seen = json_object(), *names = json_array(), *v;
    const char *name;
    for (size_t i = 0; model_table[i] != NULL; i++)
        for (const struct sim_op *op = model_table[i]->ops; op != NULL && op->name; op++)
            json_object_set_new(seen, op->name, json_true());
    json_object_foreach(seen, name, v) json_array_append_new(names, json_string(name));
    json_decref(seen);
    return json_pack("{so}", "enum", names);
}

/* Its op's own fields and its verdicts stand beside these. */
static json_t *visit_schema(void) {
    json_t *o = json_pack("{ss s[s] s{}}", "type", "object", "required", "at", "properties");
    property(o, "at", text());
    property(o, "op", op_schema());
    return o;
}

static json_t *step_schema(void) {
    json_t *o = json_loads("{\"type\":\"object\",\"anyOf\":[{\"required\":[\"at\"]},"
                           "{\"required\":[\"end\"]},{\"required\":[\"goto\"]}]}",
                           0, NULL);
    json_t *waits = object_of(app_wait_table);
    json_object_set(o, "properties", json_object_get(waits, "properties"));
    json_decref(waits);
    property(o, "at", text());
    property(o, "op", op_schema());
    property(o, "name", text());
    property(o, "goto", text());
    property(o, "end", json_pack("{s[sss]}", "enum", "delivered", "reply", "drop"));
    property(o, "copy",
             json_pack("{s[oo]}", "anyOf", text(), closed(object_of(app_copy_table))));
    property(o, "call", visit_schema());
    property(o, "complete", json_pack("{ss}", "type", "object"));
    property(o, "split", closed(object_of(app_split_table)));
    return o;
}

static json_t *chain_schema(void) { return array_of(step_schema(), 1); }

static json_t *ends_schema(void) {
    return json_pack("{s[oo]}", "anyOf", text(), array_of(text(), 1));
}

/* @param whole: not one that is merged over a device's of its name. */
static json_t *route_schema(bool whole) {
    json_t *o = closed(object_of(app_route_table)), *via = closed(object_of(app_via_table));
    property(via, "op", op_schema());
    property(o, "via", array_of(via, 0));
    property(o, "from", ends_schema());
    property(o, "to", ends_schema());
    property(o, "source", json_object());
    if (whole)
        json_object_set_new(o, "required", json_pack("[ss]", "from", "to"));
    return o;
}

static json_t *ingress_schema(void) {
    return map_of(array_of(closed(object_of(app_ingress_table)), 1));
}

static json_t *links_schema(void) {
    json_t *o = map_of(closed(object_of(app_link_table)));
    json_object_set_new(o, "minProperties", json_integer(1));
    return o;
}

static json_t *device_schema(void) {
    json_t *o =
        json_pack("{ss s[s] s{s{si} s{ss} s{ss} s{ss}} sb}", "type", "object", "required",
                  "blocks", "properties", "dpusim", "const", 1, "name", "type", "string", "doc",
                  "type", "string", "revision", "type", "string", "additionalProperties", 0);
    property(o, "blocks", map_of(block_schema()));
    property(o, "routes", map_of(route_schema(true)));
    property(o, "chains", map_of(chain_schema()));
    property(o, "power", stated(app_power_table));
    return o;
}

static json_t *node_schema(void) {
    json_t *o = json_pack("{ss s{s{ss}} sb}", "type", "object", "properties", "doc", "type",
                          "string", "additionalProperties", 0);
    property(o, "device", json_pack("{s[{ss}o]}", "anyOf", "type", "string", device_schema()));
    property(o, "blocks", map_of(block_schema()));
    property(o, "routes", map_of(route_schema(false)));
    property(o, "chains", map_of(chain_schema()));
    property(o, "power", stated(app_power_table));
    property(o, "ingress", ingress_schema());
    return o;
}

/* Names but "doc", which is a remark. */
static json_t *named(json_t *value) {
    return json_pack("{ss s{s{ss}} s{so} sb}", "type", "object", "properties", "doc", "type",
                     "string", "patternProperties", "^(?!doc$)[A-Za-z][A-Za-z0-9_-]{0,62}$",
                     value, "additionalProperties", 0);
}

/* Forms of a scenario: what is merged over it, which need not be whole; and the key of each. */
static void variants(json_t *scenario) {
    json_t *patch = json_pack("{ss s{}}", "type", "object", "properties");
    for (const char *const *key = app_root_keys + APP_ROOT_KEYS_FIXED; *key != NULL; key++)
        property(patch, *key, json_true());
    property(patch, "doc", text());
    property(patch, "needs",
             named(json_pack("{ss so si}", "type", "array", "items", text(), "minItems", 1)));
    property(scenario, "variants", named(named(closed(patch))));
    property(scenario, "baseline", named(text()));
    json_object_set_new(scenario, "if", json_pack("{s[s]}", "required", "variants"));
    json_object_set_new(scenario, "then", json_pack("{sb}", "additionalProperties", 1));
    json_object_set_new(scenario, "else", json_pack("{s[s]}", "required", "streams"));
    json_object_set_new(scenario, "unevaluatedProperties", json_false());
}

static json_t *scenario_schema(void) {
    json_t *run = object_of(app_run_table);
    property(run, "doc", json_pack("{ss}", "type", "string"));
    json_object_set_new(run, "additionalProperties", json_false());
    json_t *o = json_pack("{ss s[ss] s{s{si} s{ss} s{ss}}}", "type", "object", "required",
                          "dpusim", "name", "properties", "dpusim", "const", 1, "name", "type",
                          "string", "doc", "type", "string");
    property(o, "name", name_text());
    property(o, "dpu", node_schema());
    property(o, "nodes", map_of(node_schema()));
    property(o, "links", links_schema());
    property(o, "chains", map_of(chain_schema()));
    property(o, "streams", map_of(stream_schema()));
    property(o, "run", run);
    variants(o);
    return o;
}

int app_schema(const char *which, struct sim_err *err) {
    bool device = which != NULL && strcmp(which, "device") == 0;
    if (which != NULL && !device && strcmp(which, "scenario") != 0) {
        sim_fail(err, "dpusim schema", which, "is neither \"scenario\" nor \"device\"");
        return APP_EXIT_USER;
    }
    json_t *o = device ? device_schema() : scenario_schema();
    json_object_set_new(o, "$schema",
                        json_string("https://json-schema.org/draft/2020-12/schema"));
    json_object_set_new(o, "title", json_string(device ? "dpusim device" : "dpusim scenario"));
    json_dumpf(o, stdout, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
    putchar('\n');
    json_decref(o);
    return APP_EXIT_DONE;
}
