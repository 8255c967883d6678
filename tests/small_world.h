/* small_world.h - small worlds made of test blocks: for tests of the engine.
 *
 * `tserver`: occupancy and latency by a hash of (message id, block) or drawn from a sampler,
 * verdict 1 ("deny") for one in `deny_one_in` messages, verdict 2 ("miss") for one in
 * `miss_one_in`. `tsource`: messages at times by a hash of their number, at given times, drawn
 * from a sampler, or in a closed loop.
 *
 * A world is built once per way of running it (struct test_way); no way may change the outcome.
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include "sim/engine/model.h"
#include "tests/mix.h"
#include <stdio.h>
#include <string.h>

/* A multiple of `quantum` below 2 * mean. */
static inline sim_ps test_span(uint64_t h, uint64_t mean, uint64_t quantum) {
    uint64_t t = mean ? h % (2 * mean) : 0;
    return (sim_ps)(quantum > 1 ? t - t % quantum : t);
}

/* ---------------------------------------------------------------- tserver */

struct tserver {
    struct sim_comp base;
    bool keep_order; /* even with a tail */
    struct sim_port_opts opts;
    uint64_t mean_ps, tail_ps; /* random, by hash: occupancy, and latency beyond it */
    uint64_t fixed_ps, fixed_tail_ps, cycles;
    uint64_t deny_one_in, miss_one_in, grow_bytes, ports;
    uint64_t quantum; /* random times are multiples of it */
    bool by_flow;     /* the port is a function of the flow, not of the message */
    const struct sim_sampler *sampler;
    struct sim_rng rng;
    sim_ps log_start[4096]; /* of the first services */
    uint32_t logged;
};

static inline bool tserver_init(struct sim_comp *comp, struct sim_err *err) {
    struct tserver *t = (struct tserver *)comp;
    (void)err;
    sim_comp_rng(comp, "service", &t->rng);
    t->opts.in_order = t->tail_ps == 0 || t->keep_order;
    for (uint64_t i = 0; i < (t->ports ? t->ports : 1); i++)
        sim_port_add(comp, &t->opts);
    return true;
}

static inline uint32_t tserver_pick(const struct sim_comp *comp, const struct sim_step *step,
                                    const struct sim_msg *m) {
    const struct tserver *t = (const struct tserver *)comp;
    (void)step;
    uint64_t key = t->by_flow ? m->flow : m->id;
    return t->ports > 1 ? (uint32_t)(test_mix(key, 77) % t->ports) : 0;
}

/* The hash that decides about message id at a component and step. */
static inline uint64_t tserver_hash(const struct sim_comp *comp, uint64_t id, uint16_t step) {
    return test_mix(id, (uint64_t)comp->id * 1000 + step);
}

static inline void tserver_serve(struct sim_comp *comp, struct sim_port *port,
                                 const struct sim_step *step, struct sim_msg *m, sim_ps start,
                                 struct sim_service *out) {
    struct tserver *t = (struct tserver *)comp;
    uint64_t h = tserver_hash(comp, m->id, m->step);
    (void)port;
    (void)step;
    if (t->logged < 4096)
        t->log_start[t->logged++] = start;
    out->occupancy_cycles = out->latency_cycles = t->cycles;
    out->occupancy_ps = (sim_ps)t->fixed_ps + test_span(h, t->mean_ps, t->quantum);
    if (t->sampler != NULL)
        out->occupancy_ps += sim_sampler_draw(t->sampler, &t->rng);
    out->latency_ps = out->occupancy_ps + (sim_ps)t->fixed_tail_ps +
                      test_span(h / 7, (t->tail_ps + 1) / 2, t->quantum);
    if (t->deny_one_in && h % t->deny_one_in == 0)
        out->verdict = 1;
    else if (t->miss_one_in && h / 3 % t->miss_one_in == 0)
        out->verdict = 2;
    m->bytes += (uint32_t)t->grow_bytes;
}

enum { TSERVER_SERVE, TSERVER_CARRY }; /* the second one gives no verdicts */
static const struct sim_op tserver_ops[] = {{.name = "serve", .doc = "", .port = 0},
                                            {.name = "carry", .doc = "", .verdicts = ""},
                                            {.name = NULL}};
static const struct sim_verdict tserver_verdicts[] = {
    {.name = "deny", .otherwise = "drop", .doc = ""},
    {.name = "miss", .otherwise = "next", .doc = ""},
    {.name = NULL}};

static const struct sim_model model_tserver = {.name = "tserver",
                                               .size = sizeof(struct tserver),
                                               .ops = tserver_ops,
                                               .verdicts = tserver_verdicts,
                                               .init = tserver_init,
                                               .serve = tserver_serve,
                                               .pick = tserver_pick};

/* ---------------------------------------------------------------- tsource */

enum { TEST_OUTSTANDING = 64 };

struct tsource {
    struct sim_comp base;
    struct sim_event timer;
    struct sim_stream *stream;
    uint64_t mean_ps, count, made, seed, quantum;
    uint32_t bytes, flows;             /* 0: random sizes; one flow */
    const sim_ps *at;                  /* [count] scheduled times, or NULL */
    const struct sim_sampler *sampler; /* of the gaps */
    struct sim_rng rng;
    uint32_t outstanding; /* closed loop when > 0 */
    sim_ps think;
    sim_ps due[TEST_OUTSTANDING]; /* closed loop: ring of requests to come */
    uint32_t due_head, due_tail;
    sim_ps next;    /* open loop: scheduled time of the next message */
    uint32_t rooms; /* messages carry a body in their own room: test_body_ok */
};

static inline bool tsource_due(struct tsource *s, sim_ps *t) {
    if (s->made >= s->count || (s->outstanding && s->due_head == s->due_tail))
        return false;
    *t = s->outstanding ? s->due[s->due_head % TEST_OUTSTANDING] : s->next;
    return true;
}

static inline void tsource_advance(struct tsource *s, uint64_t h) {
    s->made++;
    if (s->outstanding)
        s->due_head++;
    else if (s->at != NULL)
        s->next = s->made < s->count ? s->at[s->made] : SIM_NEVER;
    else if (s->sampler != NULL)
        s->next += sim_sampler_draw(s->sampler, &s->rng);
    else
        s->next += test_span(h, s->mean_ps, s->quantum);
}

static inline void tsource_arm(struct tsource *s) {
    sim_ps t, now = sim_now(&s->base);
    if (!sim_event_armed(&s->timer) && tsource_due(s, &t))
        sim_timer_at(&s->base, &s->timer, t > now ? t : now);
}

static inline void test_body_fill(unsigned char *room, uint32_t size, uint64_t id) {
    for (uint32_t i = 0; i < size; i++)
        room[i] = (unsigned char)(test_mix(id, i) & 255);
}

static inline bool test_body_ok(const struct sim_msg *m, uint32_t size) {
    const unsigned char *room = m->body;
    for (uint32_t i = 0; i < size; i++)
        if (room[i] != (unsigned char)(test_mix(m->id, i) & 255))
            return false;
    return true;
}

static inline bool tsource_inject(struct tsource *s, sim_ps birth, uint64_t h) {
    struct sim_msg like = {.bytes = s->bytes ? s->bytes : 64 + (uint32_t)(h % 1400),
                           .flow = s->flows ? (uint32_t)(h >> 8) % s->flows : 0,
                           .hash = (uint32_t)(h >> 16),
                           .cls = (uint8_t)(h >> 40 & 1)};
    const struct sim_pool *pool = &s->base.node->pool;
    if (!sim_inject_room(s->stream))
        return false;
    if (s->rooms) {
        unsigned char *room = sim_msg_room(pool, pool->head);
        test_body_fill(room, s->rooms, (uint64_t)s->stream->id << 40 | s->stream->born);
        like.body = room;
    }
    return sim_inject(s->stream, birth, &like) != NULL;
}

static inline void tsource_fire(struct sim_event *e, struct sim_group *g) {
    struct tsource *s = (struct tsource *)((char *)e - offsetof(struct tsource, timer));
    sim_ps birth;
    while (tsource_due(s, &birth) && birth <= g->now) {
        uint64_t h = test_mix(s->made, s->seed);
        if (!tsource_inject(s, birth, h)) {
            sim_timer_at(&s->base, &s->timer, g->now + 10000);
            return;
        }
        tsource_advance(s, h);
    }
    tsource_arm(s);
}

static inline void tsource_reply(struct sim_stream *stream, const struct sim_msg *m, sim_ps t) {
    struct tsource *s = (struct tsource *)stream->source;
    (void)m;
    s->due[s->due_tail++ % TEST_OUTSTANDING] = t + s->think;
    tsource_arm(s);
}

/* What was due in the window but found no room is offered, and held up at its source. */
static inline void tsource_shut(struct sim_stream *stream, sim_ps t) {
    struct tsource *s = (struct tsource *)stream->source;
    sim_ps birth;
    sim_queue_cancel(&s->base.node->group->queue, &s->timer);
    while (tsource_due(s, &birth) && birth < t) {
        uint64_t h = test_mix(s->made, s->seed), bytes = s->bytes ? s->bytes : 64 + h % 1400;
        if (birth >= s->base.world->from) {
            stream->offered.items++;
            stream->offered.bytes += bytes;
            stream->carried_out.items++;
            stream->carried_out.bytes += bytes;
        }
        tsource_advance(s, h);
    }
    s->count = s->made;
}

static inline bool tsource_init(struct sim_comp *comp, struct sim_err *err) {
    struct tsource *s = (struct tsource *)comp;
    (void)err;
    sim_comp_emit(comp);
    sim_comp_rng(comp, "gaps", &s->rng);
    sim_timer_init(comp, &s->timer, tsource_fire);
    return true;
}

static inline void tsource_start(struct sim_comp *comp) {
    struct tsource *s = (struct tsource *)comp;
    if (s->at != NULL)
        s->next = s->at[0];
    SIM_ASSERT(s->outstanding <= TEST_OUTSTANDING);
    while (s->due_tail < s->outstanding)
        s->due[s->due_tail++] = s->next;
    tsource_arm(s);
}

static const struct sim_model model_tsource = {.name = "tsource",
                                               .size = sizeof(struct tsource),
                                               .init = tsource_init,
                                               .start = tsource_start};

/* ---------------------------------------------------------------- building */

static inline struct tserver *test_server(struct sim_world *w, struct sim_node *n,
                                          const char *name, uint64_t mean_ps,
                                          struct sim_port_opts opts) {
    struct tserver *t = (struct tserver *)sim_comp_add(w, n, &model_tserver, name);
    if (opts.name == NULL)
        opts.name = "in";
    t->mean_ps = mean_ps;
    t->opts = opts;
    return t;
}

static inline struct tsource *test_source(struct sim_world *w, struct sim_node *n,
                                          const char *name, uint64_t mean_ps, uint64_t count) {
    struct tsource *s = (struct tsource *)sim_comp_add(w, n, &model_tsource, name);
    s->mean_ps = mean_ps;
    s->count = count;
    s->seed = test_mix(w->opts.seed, s->base.id);
    s->stream = sim_stream_add(w, name);
    s->stream->source = &s->base;
    s->stream->shut = tsource_shut;
    s->stream->reply = tsource_reply;
    return s;
}

/* A step at `comp` of which every verdict is dropped: the caller fills the hops. */
static inline struct sim_step test_step(void *comp) {
    struct sim_step s = {.comp = comp, .op = tserver_ops, .label = "step"};
    uint16_t cause = sim_cause_add(s.comp->world, s.comp, "deny");
    for (int v = 0; v < SIM_VERDICTS; v++)
        s.hop[v] = (struct sim_hop){.kind = SIM_HOP_DROP, .cause = cause};
    return s;
}

/* Add a visit of `comp`, or with a `kind` a step of it without cost. @return its number. */
static inline uint16_t test_add(void *comp, enum sim_step_kind kind) {
    struct sim_step s = test_step(comp);
    s.kind = kind;
    if (kind == SIM_STEP_EMIT || kind == SIM_STEP_RESUME)
        s.op = NULL;
    return sim_step_add(s.comp->world, &s);
}

static inline struct sim_hop test_next(uint16_t step, sim_ps delay) {
    return (struct sim_hop){.kind = SIM_HOP_NEXT, .next = step, .delay = delay};
}

static inline struct sim_hop test_end(enum sim_hop_kind kind) {
    return (struct sim_hop){.kind = kind};
}

/* Make step `at` split into children that begin at step `child`, of which `join` resume their
 * parent. @return where it goes on; the caller fills its hops. */
static inline uint16_t test_split(struct sim_world *w, uint16_t at, uint16_t into,
                                  uint16_t join, uint16_t child, sim_ps delay) {
    struct sim_comp *comp = w->step[at].comp;
    uint16_t emit = test_add(comp, SIM_STEP_EMIT), resume = test_add(comp, SIM_STEP_RESUME);
    struct sim_step *s = &w->step[at];
    s->action = SIM_ACT_SPLIT;
    s->target = emit;
    s->into = into;
    s->join = join;
    s->resume = resume;
    s->hop[0] = test_next(resume, 1);
    w->step[emit].hop[0] = test_next(child, delay);
    return resume;
}

/* The source's messages begin at step `first`. */
static inline void test_begin(struct tsource *s, uint16_t first, sim_ps delay) {
    uint16_t emit = test_add(s, SIM_STEP_EMIT);
    s->base.world->step[emit].hop[0] = test_next(first, delay);
    s->stream->first = emit;
}

static inline void test_init_all(struct sim_world *w) {
    for (uint32_t i = 0; i < w->comps; i++)
        if (!sim_comp_init(w->comp[i], NULL))
            abort();
}

/* ---------------------------------------------------------------- running */

/* A way to run a world that must not matter. */
struct test_way {
    enum sim_queue_kind queue;
    bool all_by_event;
    uint64_t shuffle;
    uint64_t slice; /* events a call, 0: all */
    bool windows;
};

static inline void test_apply(struct sim_world_opts *o, struct test_way way) {
    o->queue = way.queue;
    o->all_by_event = way.all_by_event;
    o->shuffle_ties = way.shuffle;
    o->windows = way.windows;
}

/* Run to the end in slices of so many events (0: at once) and close. */
static inline void test_run_sliced(struct sim_world *w, uint64_t slice) {
    while (sim_world_run(w, w->end, slice ? slice : UINT64_MAX))
        ;
    sim_world_close(w, w->end);
}

static inline void test_run(struct sim_world *w) { test_run_sliced(w, 0); }

/* Cut a run short, as an interrupt would, and close it. */
static inline void test_cut(struct sim_world *w) {
    sim_ps t = sim_world_settle(w);
    sim_world_close(w, t < w->end ? t : w->end);
}

struct test_outcome {
    uint64_t digest, delivered, dropped, absorbed, created, held, starved, latency_sum;
};

static inline struct test_outcome test_outcome(const struct sim_world *w) {
    struct test_outcome out = {.digest = sim_world_digest(w)};
    for (uint32_t i = 0; i < w->streams; i++) {
        const struct sim_stream *s = w->stream[i];
        out.delivered += s->delivered.items;
        out.dropped += s->dropped.items;
        out.absorbed += s->absorbed.items;
        out.created += s->created.items;
        out.held += s->carried_out.items;
        out.starved += s->starved;
        out.latency_sum += (uint64_t)s->latency.sum;
    }
    for (uint32_t i = 0; i < w->causes; i++)
        out.starved += (w->cause[i].cost_parents << 32) * (i + 1);
    return out;
}

/* Is it one outcome? If not, what of it differs is printed. */
static inline bool test_same(const struct test_outcome *a, const struct test_outcome *b,
                             uint64_t seed, size_t way) {
    static const char *const name[] = {"digest",  "delivered", "dropped", "absorbed",
                                       "created", "held",      "starved", "latency_sum"};
    uint64_t x[sizeof *a / sizeof(uint64_t)], y[sizeof *a / sizeof(uint64_t)];
    memcpy(x, a, sizeof *a);
    memcpy(y, b, sizeof *b);
    for (size_t i = 0; i < sizeof *a / sizeof *x; i++)
        if (x[i] != y[i])
            fprintf(stderr, "seed %lu way %zu: %s %lu against %lu\n", (unsigned long)seed, way,
                    name[i], (unsigned long)x[i], (unsigned long)y[i]);
    return memcmp(a, b, sizeof *a) == 0;
}

#endif
