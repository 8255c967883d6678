/* small_world.h - small worlds made of test blocks: for property tests of the engine.
 *
 * `tserver`: occupancy and latency by a hash of (message id, block), verdict 1 for one in
 * `deny_one_in` messages, verdict 2 ("miss") for one in `miss_one_in`. `tsource`: messages at
 * times by a hash of their number.
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include "sim/engine/model.h"
#include <stdio.h>
#include <string.h>

static inline uint64_t test_mix(uint64_t a, uint64_t b) {
    uint64_t x = (a + 0x9e3779b97f4a7c15ull) ^ (b * 0xbf58476d1ce4e5b9ull);
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

struct tserver {
    struct sim_comp base;
    struct sim_port_opts opts;
    uint64_t mean_ps, tail_ps, deny_one_in, miss_one_in, grow_bytes, ports, cycles;
    sim_ps log_start[4096]; /* of the first services, for Lindley */
    uint32_t logged;
};

static bool tserver_init(struct sim_comp *comp, struct sim_err *err) {
    struct tserver *t = (struct tserver *)comp;
    (void)err;
    for (uint64_t i = 0; i < (t->ports ? t->ports : 1); i++)
        sim_port_add(comp, &t->opts);
    return true;
}

static uint32_t tserver_pick(const struct sim_comp *comp, const struct sim_step *step,
                             const struct sim_msg *m) {
    const struct tserver *t = (const struct tserver *)comp;
    (void)step;
    return t->ports > 1 ? (uint32_t)(test_mix(m->id, 77) % t->ports) : 0;
}

static void tserver_serve(struct sim_comp *comp, struct sim_port *port,
                          const struct sim_step *step, struct sim_msg *m, sim_ps start,
                          struct sim_service *out) {
    struct tserver *t = (struct tserver *)comp;
    uint64_t h = test_mix(m->id, (uint64_t)comp->id * 1000 + m->step);
    (void)port;
    (void)step;
    if (t->logged < 4096)
        t->log_start[t->logged++] = start;
    out->occupancy_cycles = t->cycles;
    out->occupancy_ps = t->mean_ps ? (sim_ps)(h % (2 * t->mean_ps)) : 0;
    out->latency_ps = out->occupancy_ps + (t->tail_ps ? (sim_ps)(h / 7 % t->tail_ps) : 0);
    if (t->deny_one_in && h % t->deny_one_in == 0)
        out->verdict = 1;
    else if (t->miss_one_in && h / 3 % t->miss_one_in == 0)
        out->verdict = 2;
    m->bytes += (uint32_t)t->grow_bytes;
}

static const struct sim_op tserver_ops[] = {{.name = "serve", .doc = "", .port = 0},
                                            {.name = NULL}};
static const struct sim_verdict tserver_verdicts[] = {
    {"deny", "drop", ""}, {"miss", "next", ""}, {NULL, NULL, NULL}};

static const struct sim_model model_tserver = {.name = "tserver",
                                               .size = sizeof(struct tserver),
                                               .ops = tserver_ops,
                                               .verdicts = tserver_verdicts,
                                               .init = tserver_init,
                                               .serve = tserver_serve,
                                               .pick = tserver_pick};

struct tsource {
    struct sim_comp base;
    struct sim_event timer;
    struct sim_stream *stream;
    uint64_t mean_ps, count, made, seed;
    uint32_t outstanding; /* closed loop when > 0 */
    sim_ps next;
};

static void tsource_arm(struct tsource *s) {
    if (s->made < s->count && !sim_event_armed(&s->timer))
        sim_timer_at(&s->base, &s->timer, s->next);
}

static void tsource_fire(struct sim_event *e, struct sim_group *g) {
    struct tsource *s = (struct tsource *)((char *)e - offsetof(struct tsource, timer));
    (void)g;
    uint64_t h = test_mix(s->made, s->seed);
    struct sim_msg like = {.bytes = 64 + (uint32_t)(h % 1400), .cls = (uint8_t)(h >> 40 & 1)};
    if (sim_inject(s->stream, s->next, &like) != NULL) {
        s->made++;
        s->next += (sim_ps)(h % (2 * s->mean_ps));
        tsource_arm(s);
    } else {
        s->next += 1000000;
        tsource_arm(s);
    }
}

static bool tsource_init(struct sim_comp *comp, struct sim_err *err) {
    struct tsource *s = (struct tsource *)comp;
    (void)err;
    sim_comp_emit(comp);
    sim_timer_init(comp, &s->timer, tsource_fire);
    return true;
}

static void tsource_start(struct sim_comp *comp) { tsource_arm((struct tsource *)comp); }

static const struct sim_model model_tsource = {.name = "tsource",
                                               .size = sizeof(struct tsource),
                                               .init = tsource_init,
                                               .start = tsource_start};

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
    return s;
}

/* A step at `comp`; verdict 0 goes on to the next step made, the others are dropped. */
static inline struct sim_step test_step(void *comp) {
    struct sim_step s = {.comp = comp, .op = tserver_ops, .label = "step"};
    uint16_t cause = sim_cause_add(s.comp->world, s.comp, "deny");
    for (int v = 0; v < SIM_VERDICTS; v++)
        s.hop[v] = (struct sim_hop){.kind = SIM_HOP_DROP, .cause = cause};
    return s;
}

static inline void test_init_all(struct sim_world *w) {
    for (uint32_t i = 0; i < w->comps; i++)
        if (!sim_comp_init(w->comp[i], NULL))
            abort();
}

static inline void test_run(struct sim_world *w) {
    while (sim_world_run(w, w->end, UINT64_MAX))
        ;
    sim_world_close(w, w->end);
}

#endif
