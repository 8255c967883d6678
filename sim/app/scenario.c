/* scenario.c - a whole scenario: config, cards, streams, checks, world; and its echo. */
#include "energy.h"
#include "relax.h"
#include "workloads/source.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OFF(member) offsetof(struct app_run_fields, member)
const struct sim_field app_run_table[] = {
    {"warmup", SIM_TIME, OFF(warmup), 0, SIM_PS_PER_S * 3600, "100us", NULL,
     "simulated time before anything is measured", NULL},
    {"duration", SIM_TIME, OFF(duration), 0, SIM_PS_PER_S * 86400 * APP_MOST_DAYS, "0s", NULL,
     "length of the measured window; 0s: until every source is exhausted", NULL},
    {"drain", SIM_TIME, OFF(drain), 0, SIM_PS_PER_S * 3600, "0s", NULL,
     "time after the window in which messages born inside it may still finish", NULL},
    {"seed", SIM_COUNT, OFF(seed), 0, INT64_MAX, "1", NULL, "of every random stream", NULL},
    {"messages", SIM_COUNT, OFF(messages), 64, APP_MOST_MESSAGES, "131072", NULL,
     "messages that may exist on a card at once; half are kept for children and copies", NULL},
    {"max_recirculations", SIM_COUNT, OFF(max_recirculations), 0, 255, "16", NULL,
     "how often a message may come back in a loop of its chain, or cross a link", NULL},
    {"sample_one_in", SIM_COUNT, OFF(sample_one_in), 0, 1 << 30, "64", NULL,
     "one message in so many keeps a record of its stamps (0: none)", NULL},
    {.name = NULL}};

enum { PACKET_BODY = 256 };

static bool read_run(struct app_scenario *s, const struct app_run_opts *o,
                     struct sim_err *err) {
    json_t *run = json_object_get(s->config.root, "run");
    json_t *empty = json_object();
    bool ok = app_params_read(s, app_run_table, run ? run : empty, &s->run, NULL, "/run", err);
    json_decref(empty);
    if (!o->has_seed)
        return ok;
    s->run.seed = (int64_t)o->seed;
    if (ok && json_object_get(run, "seed") != NULL &&
        strcmp(app_config_origin(&s->config, "/run/seed")->file, "--set") == 0)
        return sim_fail(err, "dpusim", "--seed", "sets /run/seed, and --set does; give one");
    return ok;
}

/* No window: everything is measured until the sources are exhausted. */
static struct sim_world_opts world_opts(struct app_scenario *s, const struct app_run_opts *o) {
    bool closed = app_closed_loop(s->config.root);
    bool linked = json_object_size(json_object_get(s->config.root, "links")) > 0;
    bool apart = linked && !closed && (o->windows || app_links_long(s->config.root));
    if (o->windows && !linked)
        s->note = "--windows has no effect: no card is linked";
    else if (o->windows && closed)
        s->note = "--windows has no effect: a closed loop has to hear from every card";
    s->open_ended = s->run.duration == 0;
    const sim_ps most = SIM_PS_PER_S * 86400 * APP_MOST_DAYS - s->run.warmup - s->run.drain;
    return (struct sim_world_opts){.seed = (uint64_t)s->run.seed,
                                   .warmup = s->run.warmup,
                                   .duration = s->open_ended ? most : s->run.duration,
                                   .drain = s->run.drain,
                                   .shuffle_ties = o->shuffle_ties,
                                   .queue = o->heap ? SIM_QUEUE_HEAP : SIM_QUEUE_WHEEL,
                                   .all_by_event = o->all_by_event,
                                   .windows = apart,
                                   .messages = (uint32_t)s->run.messages,
                                   .body_bytes = PACKET_BODY,
                                   .sample_one_in = (uint32_t)s->run.sample_one_in,
                                   .max_hops = (uint32_t)s->run.max_recirculations};
}

static bool node_build(struct app_scenario *s, const char *name, const char *pointer,
                       json_t *json, struct sim_err *err) {
    struct app_node *n = &s->node[s->nodes++];
    *n = (struct app_node){.name = name, .json = json};
    n->pointer = sim_strdup(&s->arena, pointer);
    n->node = sim_node_add(s->world, name);
    return app_power_read(s, n, err) && app_blocks_build(s, n, err) &&
           app_routes_build(s, n, err) && app_chains_index(s, n, err);
}

static bool nodes_build(struct app_scenario *s, struct sim_err *err) {
    json_t *dpu = json_object_get(s->config.root, "dpu"), *json;
    json_t *nodes = json_object_get(s->config.root, "nodes");
    const char *name;
    char at[APP_POINTER];
    s->node = sim_alloc_n(&s->arena, dpu ? 1 : json_object_size(nodes), sizeof *s->node);
    if (dpu != NULL)
        return node_build(s, "dpu", "/dpu", dpu, err);
    json_object_foreach(nodes, name, json) {
        sim_pointer(at, sizeof at, "/nodes", name);
        if (!app_name_need(name, at, err))
            return false;
        if (strcmp(name, "streams") == 0) /* "streams.web" is the source of a stream */
            return sim_fail(err, "", at, "name it otherwise: results call sources so");
        if (!node_build(s, name, at, json, err))
            return false;
    }
    return true;
}

static bool build(struct app_scenario *s, const struct app_run_opts *o, struct sim_err *err) {
    if (!read_run(s, o, err))
        return false;
    struct sim_world_opts opts = world_opts(s, o);
    s->world = sim_world_new(&opts);
    if (!nodes_build(s, err) || !app_streams_build(s, err) || !app_links_build(s, err) ||
        !app_checks(s, err) || !app_chains_unused(s, err))
        return false;
    for (size_t i = 0; i < o->relaxes; i++) {
        const char *what = app_relax(s->world, &o->relax[i]);
        s->relaxed = what != NULL ? what : s->relaxed;
    }
    sim_world_build(s->world);
    return true;
}

/* Standard input has no name: what is wrong with it is told where it is asked for. */
static void name_input(const struct app_scenario *s, struct sim_err *err) {
    const struct app_pipe *p = s->pipe;
    while (p != NULL && strcmp(p->name, "-") != 0)
        p = p->next;
    if (p == NULL || strcmp(err->source, "-") != 0)
        return;
    struct sim_err was = *err;
    *err = (struct sim_err){0};
    sim_fail(err, "", p->pointer, "standard input%s%s: %s", was.path[0] ? ", " : "", was.path,
             was.text);
}

bool app_scenario_load(struct app_scenario *s, const char *file, const struct app_set *sets,
                       size_t n, const struct app_run_opts *opts, struct sim_err *err) {
    memset(s, 0, sizeof *s);
    if (!app_config_load(&s->config, file, sets, n, &s->arena, err))
        return false;
    s->skip_bad = opts->skip_bad;
    bool ok = build(s, opts, err);
    name_input(s, err);
    app_config_blame(&s->config, err);
    return ok;
}

void app_scenario_free(struct app_scenario *s) {
    for (uint32_t i = 0; i < s->streams; i++)
        if (s->stream[i].source != NULL) /* a run that failed: its captures are still open */
            work_source_stop((struct work_source *)s->stream[i].source);
    if (s->world != NULL)
        sim_world_free(s->world);
    app_config_free(&s->config);
    sim_arena_free(&s->arena);
}

/* ---------------------------------------------------------------- echo */

/* Path of `file` as seen from `folder`; absolute when that is not known. */
static char *path_from(const struct app_scenario *s, const char *folder, const char *file) {
    char a[4096], b[4096];
    struct sim_arena *arena = (struct sim_arena *)&s->arena;
    if (realpath(folder, a) == NULL || realpath(file, b) == NULL)
        return sim_strdup(arena, file);
    size_t same = 0;
    for (size_t i = 0; a[i] == b[i] && a[i] != 0; i++)
        if (a[i + 1] == '/' || a[i + 1] == 0)
            same = b[i + 1] == '/' ? i + 1 : same;
    char *up = sim_strdup(arena, "");
    for (const char *p = a + same; *p != 0; p++)
        if (*p == '/')
            up = sim_printf(arena, "%s../", up);
    return sim_printf(arena, "%s%s", up, b + same + 1);
}

static void echo_fields(const struct app_scenario *s, const struct sim_field *table,
                        const void *in, json_t *obj, const char *folder) {
    if (table == NULL)
        return;
    json_t *written = json_copy(obj);
    sim_fields_write(table, in, obj);
    for (const struct sim_field *f = table; f->name != NULL; f++) {
        if (f->unit != SIM_STRING || f->choices == NULL || strcmp(f->choices, "file") != 0)
            continue;
        const char *name = *(const char *const *)(const void *)((const char *)in + f->offset);
        json_t *as_written = json_object_get(written, f->name);
        const char *text = json_string_value(as_written);
        if (name != NULL && folder != NULL && text != NULL && text[0] != '/')
            json_object_set_new(obj, f->name, json_string(path_from(s, folder, name)));
        else if (as_written != NULL)
            json_object_set(obj, f->name, as_written);
    }
    json_decref(written);
}

static json_t *echo_node(const struct app_scenario *s, const struct app_node *n,
                         const char *folder) {
    json_t *device = json_deep_copy(n->json);
    json_t *node = json_object();
    json_t *blocks = json_object_get(device, "blocks");
    for (uint32_t i = 0; i < n->blocks; i++) {
        const struct app_block *b = &n->block[i];
        json_t *obj = json_object_get(blocks, b->group ? b->group->name : b->name);
        echo_fields(s, b->comp->model->params, b->comp, obj, folder);
        if (b->energy != NULL)
            sim_fields_write(app_energy_table, b->energy, json_object_get(obj, "energy"));
    }
    json_t *ingress = json_object_get(device, "ingress");
    if (ingress != NULL) { /* the node's, not the device's */
        json_object_set(node, "ingress", ingress);
        json_object_del(device, "ingress");
    }
    json_object_set_new(node, "device", device);
    return node;
}

json_t *app_scenario_effective(const struct app_scenario *s, const char *folder) {
    json_t *root = json_copy(s->config.root), *run = json_object();
    json_t *streams = json_object(), *nodes = json_object();
    bool one = json_object_get(root, "dpu") != NULL;
    for (uint32_t i = 0; i < s->nodes; i++)
        json_object_set_new(one ? root : nodes, s->node[i].name,
                            echo_node(s, &s->node[i], folder));
    if (!one)
        json_object_set(root, "nodes", nodes);
    json_decref(nodes);
    for (uint32_t i = 0; i < s->streams; i++) {
        json_t *obj = json_deep_copy(s->stream[i].json);
        echo_fields(s, s->stream[i].source->model->params, s->stream[i].source, obj, folder);
        json_object_set_new(streams, s->stream[i].name, obj);
    }
    json_object_set_new(root, "streams", streams);
    sim_fields_write(app_run_table, &s->run, run);
    json_object_set_new(root, "run", run);
    return root;
}
