/* streams.c - the streams of a scenario: a source each, and the chain that it feeds. */
#include "chain.h"
#include "scenario.h"
#include "sim/engine/row.h"
#include "workloads/registry.h"
#include "workloads/source.h"
#include <stdio.h>
#include <string.h>

/* The card that a stream enters: "node", the only one when it is not said. */
static bool node_of(struct app_scenario *s, const json_t *obj, const char *pointer,
                    struct app_node **out, struct sim_err *err) {
    const char *name;
    char at[APP_POINTER];
    if (!app_json_string(obj, "node", s->nodes > 1, pointer, &name, err))
        return false;
    for (uint32_t i = 0; i < s->nodes; i++) {
        if (name == NULL || strcmp(s->node[i].name, name) == 0) {
            *out = &s->node[i];
            return true;
        }
    }
    return sim_fail(err, "", sim_pointer(at, sizeof at, pointer, "node"),
                    "there is no node \"%s\"", name);
}

/* Without a duration a run lasts until its sources are exhausted: that each will be. */
static bool ends(const struct app_scenario *s, const struct app_stream *st,
                 struct sim_err *err) {
    const json_t *loop = json_object_get(st->json, "loop");
    const struct sim_field *row = sim_row_named(st->source->model->params, "loop");
    /* a capture or a trace ends, unless it is looped for ever; of others the source knows */
    bool endless = row == NULL ||
                   (loop != NULL && json_integer_value(json_object_get(loop, "times")) == 0);
    if (row != NULL && sim_row_is_int(row))
        endless = sim_field_int(row, st->source) == 0;
    const struct work_source *source = (const struct work_source *)st->source;
    if (!s->open_ended || !endless || source->ends || source->limit > 0)
        return true;
    return sim_fail(err, "", "/run/duration",
                    "is not given, and stream \"%s\" never ends; give a duration, or give the "
                    "stream a \"limit\"",
                    st->name);
}

/* "chain": NAME, or of a source with several kinds of messages {KIND: NAME, ...}. */
static bool chain_need(const struct app_stream *st, const struct app_node *node,
                       const struct sim_model *model, struct sim_err *err) {
    const json_t *chain = json_object_get(st->json, "chain");
    const char *name, *keys[SIM_KINDS + 1] = {NULL};
    char at[APP_POINTER], want[128] = "";
    sim_pointer(at, sizeof at, st->pointer, "chain");
    if (model->ops == NULL && chain == NULL)
        return app_chain_missing(node, st->pointer, err);
    if (model->ops == NULL)
        return app_json_string(st->json, "chain", true, st->pointer, &name, err);
    for (size_t i = 0, n = 0; model->ops[i].name != NULL; i++) {
        keys[i] = model->ops[i].name;
        n += (size_t)snprintf(want + n, sizeof want - n, "%s\"%s\": CHAIN", i ? ", " : "",
                              keys[i]);
    }
    if (!json_is_object(chain))
        return sim_fail(err, "", at, "must be an object with a chain for each kind: {%s}",
                        want);
    if (!app_json_keys(chain, keys, at, err))
        return false;
    bool any = false;
    for (int i = 0; keys[i] != NULL; i++) {
        if (!app_json_string(chain, keys[i], false, at, &name, err))
            return false;
        any = any || name != NULL;
    }
    return any || sim_fail(err, "", at,
                           "names no chain; give one for each kind that comes: {%s}", want);
}

/* A bit for each kind of messages that has no chain. */
static unsigned unchained(const struct app_stream *st, const struct sim_op *op) {
    unsigned mask = 0;
    for (uint32_t i = 0; op != NULL && op[i].name != NULL; i++)
        if (json_object_get(json_object_get(st->json, "chain"), op[i].name) == NULL)
            mask |= 1u << i;
    return mask;
}

/* What comes has a chain, where it is known what comes. */
static bool all_chained(const struct app_stream *st, struct sim_err *err) {
    const struct work_source *source = (const struct work_source *)st->source;
    unsigned missing = source->makes & source->unchained;
    char at[APP_POINTER];
    if (missing == 0)
        return true;
    const char *name = st->source->model->ops[__builtin_ctz(missing)].name;
    return sim_fail(err, "", sim_pointer(at, sizeof at, st->pointer, "chain"),
                    "names no chain for \"%s\", and stream \"%s\" makes such; add \"%s\": "
                    "CHAIN, or have it make none",
                    name, st->name, name);
}

static bool stream_source(struct app_scenario *s, struct app_stream *st, struct app_node *node,
                          struct sim_err *err) {
    static const char *const also[] = {"source", "chain", "node", NULL};
    const struct sim_model *model;
    if (!app_model_need(st->json, "source", work_table, st->pointer, &model, err) ||
        !chain_need(st, node, model, err))
        return false;
    struct sim_comp *comp = sim_comp_add(s->world, node->node, model,
                                         sim_printf(&s->arena, "streams.%s", st->name));
    comp->pointer = st->pointer;
    for (const struct sim_field *f = model->params; s->skip_bad && f->name != NULL; f++)
        if (strcmp(f->name, "skip_bad") == 0)
            json_object_set_new(st->json, f->name, json_true());
    st->source = comp;
    st->stream = sim_stream_add(s->world, st->name);
    st->stream->source = comp;
    ((struct work_source *)comp)->stream = st->stream;
    ((struct work_source *)comp)->unchained = unchained(st, model->ops);
    return app_params_read(s, model->params, st->json, comp, also, st->pointer, err) &&
           sim_comp_init(comp, err) && all_chained(st, err) && ends(s, st, err);
}

/* The way from the source into a chain. */
static bool enter_chain(struct app_scenario *s, struct app_stream *st, const char *pointer,
                        const char *name, struct sim_hop *hop, struct sim_err *err) {
    uint16_t first;
    if (!app_chain_compile(s, st->node, name, pointer, &first, err))
        return false;
    struct app_work w = {.s = s, .n = st->node, .err = err};
    snprintf(w.pointer, sizeof w.pointer, "%s", pointer);
    return app_connect(&w, NULL, first, hop);
}

static struct sim_kind *kinds_of(struct app_scenario *s, const struct sim_op *op,
                                 uint32_t *kinds) {
    for (*kinds = 0; op[*kinds].name != NULL;)
        ++*kinds;
    struct sim_kind *kind = sim_alloc_n(&s->arena, *kinds, sizeof *kind);
    for (uint32_t i = 0; i < *kinds; i++)
        kind[i].name = op[i].name;
    return kind;
}

static bool stream_chain(struct app_scenario *s, struct app_stream *st, struct sim_err *err) {
    char at[APP_POINTER], sub[APP_POINTER];
    const json_t *chain = json_object_get(st->json, "chain");
    const struct sim_op *op = st->source->model->ops;
    struct sim_step step = {.comp = st->source, .kind = SIM_STEP_EMIT, .label = st->name};
    sim_pointer(at, sizeof at, st->pointer, "chain");
    if (op == NULL) {
        if (!enter_chain(s, st, at, json_string_value(chain), &step.hop[0], err))
            return false;
    } else {
        st->stream->kind = kinds_of(s, op, &st->stream->kinds);
        step.kinds = (uint8_t)st->stream->kinds;
    }
    for (uint32_t i = 0; op != NULL && i < st->stream->kinds; i++) {
        const char *name = json_string_value(json_object_get(chain, op[i].name));
        if (name == NULL) /* of those none comes: the source knows */
            step.hop[i] = (struct sim_hop){
                .kind = SIM_HOP_DROP, .cause = sim_cause_add(s->world, st->source, "no-chain")};
        else if (!enter_chain(s, st, sim_pointer(sub, sizeof sub, at, op[i].name), name,
                              &step.hop[i], err))
            return false;
    }
    st->stream->first = app_step_add(s, &step, (struct app_origin_of_step){.node = st->node});
    return true;
}

static bool stream_build(struct app_scenario *s, const char *name, json_t *obj,
                         struct sim_err *err) {
    struct app_stream *st = &s->stream[s->streams++];
    struct app_node *node = NULL;
    char at[APP_POINTER];
    sim_pointer(at, sizeof at, "/streams", name);
    *st = (struct app_stream){.name = name, .json = obj};
    st->pointer = sim_strdup(&s->arena, at);
    if (!app_name_need(name, at, err))
        return false;
    if (!json_is_object(obj))
        return app_json_wrong(
            obj, at, "must be an object: {\"source\": NAME, \"chain\": NAME, ...}", err);
    if (!node_of(s, obj, at, &node, err))
        return false;
    SIM_ASSERT(node != NULL);
    st->node = node;
    return stream_source(s, st, node, err) && stream_chain(s, st, err);
}

static bool tells_classes(const struct sim_port *port) {
    const struct sim_comp *comp = port->comp;
    if (comp->model->by_class != NULL && comp->model->by_class(comp))
        return true;
    return port->classes > 1 && !port->chosen;
}

/* A class that no queue on the way tells apart changes nothing. */
static void warn_classes(struct app_scenario *s) {
    const struct sim_world *w = s->world;
    for (uint32_t i = 0; i < w->ports; i++)
        if (tells_classes(w->port[i]))
            return;
    for (uint32_t i = 0; i < s->streams; i++)
        if (((const struct work_source *)s->stream[i].source)->cls > 0)
            app_config_warn(&s->config, s->stream[i].pointer,
                            "\"class\" has no effect: no queue of these blocks tells classes "
                            "apart");
}

bool app_streams_build(struct app_scenario *s, struct sim_err *err) {
    json_t *streams = json_object_get(s->config.root, "streams");
    const char *name;
    json_t *obj;
    if (streams != NULL && !json_is_object(streams))
        return app_json_wrong(streams, "/streams",
                              "must be an object of streams by name: {NAME: {\"source\": ...}}",
                              err);
    if (json_object_size(streams) == 0)
        return sim_fail(err, "", streams ? "/streams" : "",
                        "has no streams; give \"streams\": {NAME: {\"source\": ..., \"chain\": "
                        "...}}");
    s->stream = sim_alloc_n(&s->arena, json_object_size(streams), sizeof *s->stream);
    json_object_foreach(streams, name, obj) {
        if (!stream_build(s, name, obj, err))
            return false;
    }
    warn_classes(s);
    return true;
}
