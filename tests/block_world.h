/* block_world.h - one block, or a few in a row, between a source of equal messages and a sink
 * that notes when they come: for unit tests of blocks.
 *
 *   struct bench b = bench_new(1000, 0, 1500);          1,000 messages of 1,500 B at once
 *   struct sim_comp *mesh = bench_block(&b, &model_mesh, "mesh", "{}");
 *   bench_visit(&b, mesh, "carry", NULL);
 *   bench_run(&b);                                      the audit is checked, too
 *   b.sink->log_start[0]; bench_dropped(&b, "mesh:queue-full"); bench_free(&b);
 *
 * The source sends the first message at 0 and one every `gap` picoseconds after it. Every hop
 * takes 1 ps: the first block is entered at 1 ps, and what leaves at t is at the sink at t + 1.
 */
#ifndef TESTS_BLOCK_WORLD_H
#define TESTS_BLOCK_WORLD_H

#include "tests/check_main.h"
#include "tests/counter.h"
#include "tests/small_world.h"
#include <jansson.h>

struct feed {
    struct sim_comp base;
    struct sim_event timer;
    struct sim_stream *stream;
    sim_ps gap, next;
    uint64_t left;
    struct sim_msg like;
    uint32_t hash_step; /* added to the hash from one message to the next */
    uint32_t flows;     /* messages of as many flows in turn; 0: of one */
};

enum { BENCH_STEPS = 8 };

struct bench {
    struct sim_world *w;
    struct sim_node *node;
    struct feed *feed;
    struct tserver *sink;
    struct sim_step step[BENCH_STEPS];
    uint32_t steps;
};

static void feed_fire(struct sim_event *e, struct sim_group *g) {
    struct feed *f = (struct feed *)((char *)e - offsetof(struct feed, timer));
    (void)g;
    for (; f->left > 0 && f->next == e->time; f->left--) {
        ck_assert_ptr_nonnull(sim_inject(f->stream, f->next, &f->like));
        f->like.hash += f->hash_step;
        f->like.flow = f->flows ? (f->like.flow + 1) % f->flows : 0;
        f->next += f->gap;
    }
    if (f->left > 0)
        sim_timer_at(&f->base, e, f->next);
}

static bool feed_init(struct sim_comp *comp, struct sim_err *err) {
    struct feed *f = (struct feed *)comp;
    (void)err;
    sim_comp_emit(comp);
    sim_timer_init(comp, &f->timer, feed_fire);
    return true;
}

static void feed_start(struct sim_comp *comp) {
    sim_timer_at(comp, &((struct feed *)comp)->timer, 0);
}

static const struct sim_model model_feed = {
    .name = "feed", .size = sizeof(struct feed), .init = feed_init, .start = feed_start};

/* Of a world that lasts 1 s, all of it measured. */
static inline struct bench bench_new(uint64_t messages, sim_ps gap, uint32_t bytes) {
    struct sim_world_opts o = {.seed = 1,
                               .duration = SIM_PS_PER_S,
                               .messages = (uint32_t)(2 * messages + 16),
                               .body_bytes = SIM_OWN,
                               .max_hops = 4};
    struct bench b = {.w = sim_world_new(&o)};
    b.node = sim_node_add(b.w, "dpu");
    b.sink = test_server(b.w, b.node, "sink", 0, (struct sim_port_opts){0});
    b.feed = (struct feed *)sim_comp_add(b.w, b.node, &model_feed, "feed");
    b.feed->gap = gap;
    b.feed->left = messages;
    b.feed->like.bytes = bytes;
    b.feed->stream = sim_stream_add(b.w, "feed");
    b.feed->stream->source = &b.feed->base;
    return b;
}

/* `json` read by the rows of `table`, as a config would be. */
static inline void bench_read(struct bench *b, const struct sim_field *table, const char *json,
                              void *out) {
    struct sim_err err = {0};
    json_t *obj = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(obj != NULL, "the test's JSON: %s", json);
    if (!sim_fields_read(table, obj, out, NULL, (struct sim_place){"", ""}, &b->w->arena, &err))
        ck_abort_msg("%s: %s", err.path, err.text);
    json_decref(obj);
}

/* A block with its parameters read and its ports not made yet. */
static inline void *bench_comp(struct bench *b, const struct sim_model *model, const char *name,
                               const char *json) {
    struct sim_comp *comp = sim_comp_add(b->w, b->node, model, name);
    bench_read(b, model->params, json, comp);
    return comp;
}

/* A block with these parameters must be refused, for the one at `path`, with words of `text`.
 */
static inline void bench_refused(const struct sim_model *model, const char *params,
                                 const char *path, const char *text) {
    struct bench b = bench_new(1, 0, 64);
    struct sim_err err = {0};
    ck_assert(!sim_comp_init(bench_comp(&b, model, "it", params), &err));
    ck_assert_str_eq(err.path, path);
    ck_assert_msg(strstr(err.text, text) != NULL, "%s", err.text);
    sim_world_free(b.w);
}

static inline void *bench_block(struct bench *b, const struct sim_model *model,
                                const char *name, const char *json) {
    struct sim_comp *comp = bench_comp(b, model, name, json);
    struct sim_err err = {0};
    if (!sim_comp_init(comp, &err))
        ck_abort_msg("%s: %s", err.path, err.text);
    return comp;
}

/* The next step of the chain: `op` of `comp` with args "{...}", or NULL for none given. */
static inline struct sim_step *bench_visit(struct bench *b, void *comp, const char *op,
                                           const char *args) {
    struct sim_step step = test_step(comp);
    const struct sim_op *o = step.comp->model->ops;
    while (strcmp(o->name, op) != 0) {
        o++;
        ck_assert_msg(o->name != NULL, "%s has no op %s", step.comp->model->name, op);
    }
    step.op = o;
    step.label = step.comp->path;
    if (o->fields != NULL) {
        step.args = sim_alloc(&b->w->arena, o->size);
        bench_read(b, o->fields, args ? args : "{}", (void *)(uintptr_t)step.args);
    }
    ck_assert_uint_lt(b->steps, BENCH_STEPS);
    b->step[b->steps] = step;
    return &b->step[b->steps++];
}

/* The number of one of the model's verdicts. */
static inline uint32_t bench_verdict(const struct sim_model *model, const char *name) {
    for (uint32_t v = 1; model->verdicts[v - 1].name != NULL; v++)
        if (strcmp(model->verdicts[v - 1].name, name) == 0)
            return v;
    ck_abort_msg("%s has no verdict %s", model->name, name);
    return 0;
}

/* The next step as a shared resource on the route that carries `ppm` millionths of the bytes.
 */
static inline void bench_via(struct bench *b, void *comp, const char *op, uint32_t ppm) {
    struct sim_step *step = bench_visit(b, comp, op, NULL);
    step->kind = SIM_STEP_VIA;
    step->ratio_ppm = ppm;
}

static inline void bench_run(struct bench *b) {
    struct sim_world *w = b->w;
    struct sim_step emit = {.comp = &b->feed->base, .kind = SIM_STEP_EMIT, .label = "feed"};
    emit.hop[0] = (struct sim_hop){.kind = SIM_HOP_NEXT, .next = 1, .delay = 1};
    b->feed->stream->first = sim_step_add(w, &emit);
    for (uint32_t i = 0; i < b->steps; i++) {
        b->step[i].hop[0] =
            (struct sim_hop){.kind = SIM_HOP_NEXT, .next = (uint16_t)(i + 2), .delay = 1};
        sim_step_add(w, &b->step[i]);
    }
    struct sim_step last = test_step(b->sink);
    last.hop[0] = (struct sim_hop){.kind = SIM_HOP_DELIVERED};
    sim_step_add(w, &last);
    (void)sim_comp_init(&b->sink->base, NULL);
    (void)sim_comp_init(&b->feed->base, NULL);
    struct sim_err err = {0};
    if (!sim_steps_prepare(w, &err))
        ck_abort_msg("%s: %s", err.path, err.text);
    sim_world_build(w);
    test_run(w);
    if (!sim_world_audit(w, &err))
        ck_abort_msg("%s: %s", err.path, err.text);
}

static inline uint64_t bench_delivered(const struct bench *b) {
    return b->feed->stream->delivered.items;
}

/* Items lost for cause "BLOCK:NAME"; such a cause must exist. */
static inline uint64_t bench_dropped(const struct bench *b, const char *cause) {
    for (uint32_t i = 0; i < b->w->causes; i++)
        if (strcmp(b->w->cause[i].name, cause) == 0)
            return b->feed->stream->dropped_by[i];
    ck_abort_msg("no cause %s", cause);
    return 0;
}

static inline void bench_free(struct bench *b) { sim_world_free(b->w); }

#endif
