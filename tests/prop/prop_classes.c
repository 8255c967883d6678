/* prop_classes.c - classes of service, destinations that refuse, shared resources that drop,
 * and the bound on recirculation.
 */
#include "tests/check_main.h"
#include "tests/small_world.h"

enum { QUANTUM = 500 };

static void audit(const struct sim_world *w, uint64_t seed) {
    struct sim_err err = {0};
    if (!sim_world_audit(w, &err))
        ck_abort_msg("seed %lu: %s: %s", (unsigned long)seed, err.path, err.text);
}

/* ---------------------------------------------------------------- strict priority */

struct visit {
    sim_ps entered, start, end;
    uint8_t cls;
};

/* What a record knows of the one bounded step. The class is a function of the number. */
static uint32_t visits_of(const struct sim_world *w, const struct tsource *src, uint16_t step,
                          struct visit *v) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->records.n; i++) {
        const struct sim_record *r = &w->records.record[i];
        uint64_t number = r->id & ((1ull << 40) - 1);
        for (uint32_t k = 0; k < r->stamps; k++)
            if (r->stamp[k].step == step)
                v[n++] = (struct visit){r->stamp[k].entered, r->stamp[k].start, r->stamp[k].end,
                                        (uint8_t)(test_mix(number, src->seed) >> 40 & 1)};
    }
    return n;
}

/* Nobody of class 1 starts while one of class 0 waits; nobody starts before another's end on
 * one server; within a class first come, first served. */
static void check_priority(const struct visit *v, uint32_t n, uint64_t seed) {
    uint32_t passed = 0;
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < n; k++) {
            const struct visit *a = &v[i], *b = &v[k];
            if (a->start < b->start)
                ck_assert_msg(a->end <= b->start, "seed %lu: pre-empted", (unsigned long)seed);
            if (a->cls == 1 && b->cls == 0 && b->entered < a->start)
                ck_assert_msg(b->start <= a->start, "seed %lu: class 0 waited for class 1",
                              (unsigned long)seed);
            if (a->cls == b->cls && a->entered < b->entered)
                ck_assert_msg(a->start <= b->start, "seed %lu: overtaken in its class",
                              (unsigned long)seed);
            passed +=
                a->cls == 1 && b->cls == 0 && a->entered < b->entered && a->start > b->start;
        }
    }
    ck_assert_uint_gt(passed, 0);
}

START_TEST(strict_priority) {
    static struct visit v[1024];
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct sim_world_opts o = {.seed = seed,
                                   .duration = 10000000,
                                   .messages = 4096,
                                   .sample_one_in = 1,
                                   .max_hops = 4};
        struct sim_world *w = sim_world_new(&o);
        struct sim_node *n = sim_node_add(w, "dpu");
        struct tserver *s = test_server(w, n, "s", 2000, (struct sim_port_opts){.classes = 2});
        struct tsource *src = test_source(w, n, "src", 2100, 400);
        s->quantum = src->quantum = seed & 1 ? 500 : 1;
        test_init_all(w);
        uint16_t at = test_add(s, SIM_STEP_VISIT);
        w->step[at].hop[0] = test_end(SIM_HOP_DELIVERED);
        test_begin(src, at, 1);
        sim_world_build(w);
        test_run(w);
        audit(w, seed);
        uint32_t visits = visits_of(w, src, at, v);
        ck_assert_uint_eq(visits, 400);
        check_priority(v, visits, seed);
        sim_world_free(w);
    }
}
END_TEST

/* ---------------------------------------------------------------- refusing destinations */

struct refusal {
    struct sim_world *w;
    struct tserver *link, *ring;
    struct tsource *src;
    uint16_t at_link, at_ring;
};

/* A link (clocked or not, several servers or one) into rings that refuse when full: before
 * its service, or after. */
static struct refusal refusal_new(uint64_t seed, struct test_way way, bool asks) {
    uint64_t h = test_mix(seed, 5);
    struct sim_world_opts o = {.seed = seed,
                               .warmup = 200000,
                               .duration = 2000000,
                               .messages = 4096,
                               .sample_one_in = 1,
                               .max_hops = 4};
    test_apply(&o, way);
    struct refusal r = {.w = sim_world_new(&o)};
    struct sim_node *n = sim_node_add(r.w, "dpu");
    r.link = test_server(r.w, n, "link", 500 + h % 500,
                         (struct sim_port_opts){.hz = h >> 10 & 1 ? 1000000000 : 0,
                                                .servers = 1 + (h >> 11 & 1),
                                                .capacity = 16,
                                                .full = SIM_FULL_WAIT,
                                                .reserve_at_start = asks});
    r.ring = test_server(r.w, n, "ring", 700 + (h >> 20) % 1500,
                         (struct sim_port_opts){.capacity = (int64_t)(1 + (h >> 30) % 4),
                                                .full = SIM_FULL_REFUSE,
                                                .cause = "no-descriptor"});
    r.src = test_source(r.w, n, "src", 1100, 3000);
    struct tserver *via = test_server(r.w, n, "mesh", 250, (struct sim_port_opts){0});
    r.ring->ports = 1 + (h >> 40) % 3;
    r.link->quantum = r.ring->quantum = r.src->quantum = via->quantum = QUANTUM;
    test_init_all(r.w);
    r.at_link = test_add(r.link, SIM_STEP_VISIT);
    r.at_ring = test_add(r.ring, SIM_STEP_VISIT);
    uint16_t over = test_add(via, SIM_STEP_VIA);
    r.w->step[r.at_link].hop[0] = test_next(h >> 12 & 1 ? over : r.at_ring, QUANTUM);
    if (asks)
        r.w->step[r.at_link].op = &tserver_ops[TSERVER_CARRY];
    r.w->step[over].hop[0] = test_next(r.at_ring, QUANTUM);
    r.w->step[r.at_ring].hop[0] = test_end(SIM_HOP_DELIVERED);
    test_begin(r.src, r.at_link, QUANTUM);
    sim_world_build(r.w);
    return r;
}

START_TEST(refused_every_way) {
    const struct test_way ways[] = {
        {SIM_QUEUE_HEAP, false, 0, 0, false},  {SIM_QUEUE_WHEEL, false, 1, 0, false},
        {SIM_QUEUE_WHEEL, false, 9, 0, false}, {SIM_QUEUE_WHEEL, false, 77, 50, false},
        {SIM_QUEUE_WHEEL, true, 0, 0, false},  {SIM_QUEUE_HEAP, true, 5, 7, false}};
    uint64_t dropped = 0;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        struct test_outcome first = {0};
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            struct refusal r = refusal_new(seed, ways[i], seed & 1);
            test_run_sliced(r.w, ways[i].slice);
            audit(r.w, seed);
            struct test_outcome b = test_outcome(r.w);
            if (i == 0)
                first = b;
            ck_assert(test_same(&first, &b, seed, i));
            sim_world_free(r.w);
        }
        dropped += first.dropped;
    }
    ck_assert_uint_gt(dropped, 1000);
}
END_TEST

/* What is refused before it is served takes no time of the link and counts as no service of
 * it; what is refused afterwards has taken its time. */
START_TEST(refused_costs_nothing) {
    uint64_t took = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        bool asks = seed & 1;
        struct refusal r = refusal_new(seed, (struct test_way){.slice = 0}, asks);
        test_run(r.w);
        audit(r.w, seed);
        const struct sim_stream *st = r.src->stream;
        const struct sim_port *p = r.link->base.port[0];
        ck_assert_uint_gt(st->dropped.items, 0);
        for (uint32_t i = 0; i < r.w->causes; i++)
            if (st->dropped_by[i])
                ck_assert_str_eq(r.w->cause[i].name, "ring:no-descriptor");
        unsigned __int128 spent = 0;
        for (uint32_t i = 0; i < r.w->records.n; i++) {
            const struct sim_record *rec = &r.w->records.record[i];
            bool refused = rec->done == SIM_NEVER;
            for (uint32_t k = 0; k < rec->stamps; k++)
                if (rec->stamp[k].step == r.at_link) {
                    spent += (uint64_t)sim_clip(r.w, rec->stamp[k].start, rec->stamp[k].end);
                    if (refused && asks)
                        ck_assert_int_eq(rec->stamp[k].start, rec->stamp[k].end);
                    took += refused && rec->stamp[k].start < rec->stamp[k].end;
                }
        }
        ck_assert(p->busy_ps >= spent); /* the rest: messages born before the window */
        ck_assert_msg(p->demand_ps < p->busy_ps + 4000, "seed %lu: refused are demand",
                      (unsigned long)seed);
        sim_world_free(r.w);
    }
    ck_assert_uint_gt(took, 1000);
}
END_TEST

/* ---------------------------------------------------------------- slots and shared resources
 */

/* From a to b over a shared resource that drops, by verdict or because it is full. */
static struct test_outcome drop_on_way(uint64_t seed, bool by_verdict, struct test_way way) {
    struct sim_world_opts o = {
        .seed = seed, .duration = 3000000, .messages = 4096, .max_hops = 4};
    test_apply(&o, way);
    struct sim_world *w = sim_world_new(&o);
    struct sim_node *n = sim_node_add(w, "dpu");
    struct sim_port_opts room = {.capacity = by_verdict ? 0 : 1, .full = SIM_FULL_DROP};
    struct tserver *a = test_server(w, n, "a", 500, (struct sim_port_opts){.capacity = 0});
    struct tserver *via = test_server(w, n, "mesh", 600, room);
    struct tserver *b = test_server(w, n, "b", 700, (struct sim_port_opts){.capacity = 3});
    struct tsource *src = test_source(w, n, "src", 700, 1000);
    via->deny_one_in = by_verdict ? 3 : 0;
    a->quantum = via->quantum = b->quantum = src->quantum = seed & 1 ? QUANTUM : 1;
    test_init_all(w);
    uint16_t at_a = test_add(a, SIM_STEP_VISIT), over = test_add(via, SIM_STEP_VIA);
    uint16_t at_b = test_add(b, SIM_STEP_VISIT);
    w->step[at_a].hop[0] = test_next(over, QUANTUM);
    w->step[over].hop[0] = test_next(at_b, QUANTUM);
    w->step[at_b].hop[0] = test_end(SIM_HOP_DELIVERED);
    test_begin(src, at_a, 1);
    sim_world_build(w);
    test_run_sliced(w, way.slice);
    audit(w, seed);
    struct test_outcome out = test_outcome(w);
    sim_world_free(w);
    return out;
}

/* A shared resource on the way that drops gives back the slot held at the stop behind it. */
START_TEST(drop_on_the_way) {
    const struct test_way ways[] = {{SIM_QUEUE_WHEEL, false, 1, 0, false},
                                    {SIM_QUEUE_WHEEL, false, 9, 100, false},
                                    {SIM_QUEUE_WHEEL, true, 0, 0, false},
                                    {SIM_QUEUE_HEAP, true, 5, 7, false}};
    for (uint64_t seed = 1; seed <= 24; seed++) {
        bool by_verdict = seed & 2;
        struct test_outcome x = drop_on_way(seed, by_verdict, (struct test_way){.slice = 0});
        ck_assert_uint_gt(x.dropped, 50);
        ck_assert_uint_eq(x.delivered + x.dropped, 1000);
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            struct test_outcome y = drop_on_way(seed, by_verdict, ways[i]);
            ck_assert_msg(memcmp(&x, &y, sizeof x) == 0, "seed %lu way %zu",
                          (unsigned long)seed, i);
        }
    }
}
END_TEST

/* ---------------------------------------------------------------- recirculation */

START_TEST(too_many_rounds) {
    const uint32_t bounds[] = {1, 7, 254, 255};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        struct sim_world_opts o = {
            .seed = 1, .duration = 100000000, .messages = 64, .max_hops = bounds[i]};
        struct sim_world *w = sim_world_new(&o);
        struct sim_node *n = sim_node_add(w, "dpu");
        struct tserver *a = test_server(w, n, "a", 0, (struct sim_port_opts){0});
        struct tsource *src = test_source(w, n, "src", 700, 1);
        a->fixed_ps = 1000;
        test_init_all(w);
        uint16_t at = test_add(a, SIM_STEP_VISIT);
        w->step[at].hop[0] = test_next(at, 1);
        w->step[at].hop[0].again = true;
        test_begin(src, at, 1);
        sim_world_build(w);
        ck_assert(!sim_world_run(w, w->end, UINT64_MAX));
        ck_assert_msg(w->failed, "a bound of %u was never reached", bounds[i]);
        ck_assert_ptr_nonnull(strstr(w->err.text, "/run/max_recirculations"));
        ck_assert_ptr_nonnull(strstr(w->err.text, w->step[at].label));
        ck_assert_uint_eq(src->stream->step[at]->served, bounds[i] + 1);
        test_cut(w);
        audit(w, 0);
        sim_world_free(w);
    }
}
END_TEST

TEST_MAIN("classes and refusals", strict_priority, refused_every_way, refused_costs_nothing,
          drop_on_the_way, too_many_rounds)
