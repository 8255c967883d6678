/* test_windows.c - nodes joined by cables: one event queue for all, or one each and windows of
 * the shortest cable; the outcome is the same, and what messages carry arrives whole.
 *
 * Rings and stars of four to eight nodes. A message hops over several nodes before it is
 * delivered; it carries a body in its own room, which every block that it visits checks.
 */
#include "tests/check_main.h"
#include "tests/small_world.h"

enum { NODES = 8, BODY = 24 };

/* A server that looks at what the message carries. */
struct checker {
    struct tserver base;
    uint64_t broken;
};

static void checker_serve(struct sim_comp *comp, struct sim_port *port,
                          const struct sim_step *step, struct sim_msg *m, sim_ps start,
                          struct sim_service *out) {
    struct checker *c = (struct checker *)comp;
    c->broken += m->body != sim_msg_room(&comp->node->pool, m) || !test_body_ok(m, BODY);
    tserver_serve(comp, port, step, m, start, out);
}

static const struct sim_model model_checker = {.name = "checker",
                                               .size = sizeof(struct checker),
                                               .ops = tserver_ops,
                                               .verdicts = tserver_verdicts,
                                               .init = tserver_init,
                                               .serve = checker_serve,
                                               .pick = tserver_pick};

/* Nodes of a network; every node has an entry, by which messages come in, and an exit. */
struct net {
    struct sim_world *w;
    uint32_t nodes;
    bool star;
    struct checker *in[NODES], *out[NODES];
    uint16_t at_in[NODES], at_out[NODES];
    struct tsource *src[NODES];
    uint64_t seed;
};

static uint16_t enter(const struct sim_cable *cable, const struct sim_msg *m) {
    (void)m;
    return *(const uint16_t *)cable->table;
}

/* An ingress may look at what it sends on. */
static uint16_t enter_whole(const struct sim_cable *cable, const struct sim_msg *m) {
    ck_assert(m->body != NULL && test_body_ok(m, BODY));
    return enter(cable, m);
}

static struct checker *block(struct net *t, struct sim_node *n, const char *what, uint32_t i) {
    char name[32];
    uint64_t h = test_mix(t->seed, i * 2 + (what[0] == 'i'));
    snprintf(name, sizeof name, "n%u.%s", i, what);
    struct checker *c = (struct checker *)sim_comp_add(t->w, n, &model_checker, name);
    bool drops = h & 1;
    c->base.opts =
        (struct sim_port_opts){.name = "p",
                               .capacity = what[0] == 'i' && !drops ? 0 : 3 + (int64_t)(h % 5),
                               .full = drops ? SIM_FULL_DROP : SIM_FULL_WAIT};
    c->base.mean_ps = 300 + h % 400;
    c->base.quantum = h >> 20 & 1 ? 100 : 1;
    return c;
}

static void cable_to(struct net *t, uint32_t from, uint32_t to, uint32_t verdict) {
    uint64_t h = test_mix(t->seed, 500 + from * NODES + to);
    sim_ps delay = h % 3 == 0 ? 1000 : 1000 + (sim_ps)(h % 1000000);
    struct sim_cable *c = sim_cable_add(t->w, t->w->node[from], &t->in[to]->base.base, delay);
    c->ingress = enter_whole;
    c->table = &t->at_in[to];
    t->w->step[t->at_in[to]].lands = true;
    struct sim_hop *hop = &t->w->step[t->at_out[from]].hop[verdict];
    *hop = test_end(SIM_HOP_DELIVERED);
    hop->cable = c;
}

/* From a node's exit (verdict 0, or "deny" or "miss") on over a cable; at the entry "deny" ends
 * the journey and the rest goes to the exit. The hub of a star has up to three cables out. */
static void wire(struct net *t) {
    for (uint32_t i = 0; i < t->nodes; i++) {
        struct sim_step *in = &t->w->step[t->at_in[i]];
        in->hop[0] = in->hop[2] = test_next(t->at_out[i], 50);
        in->hop[1] = test_end(SIM_HOP_DELIVERED);
        if (!t->star) {
            cable_to(t, i, (i + 1) % t->nodes, 0);
            cable_to(t, i, (i + 1) % t->nodes, 1);
            cable_to(t, i, (i + t->nodes - 1) % t->nodes, 2);
        } else if (i == 0) {
            for (uint32_t v = 0; v < 3; v++)
                cable_to(t, 0, 1 + v, v);
        } else {
            for (uint32_t v = 0; v < 3; v++)
                cable_to(t, i, 0, v);
        }
    }
}

static void net_build(struct net *t) {
    for (uint32_t i = 0; i < t->nodes; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%u", i);
        struct sim_node *n = sim_node_add(t->w, name);
        t->in[i] = block(t, n, "in", i);
        t->out[i] = block(t, n, "out", i);
        t->in[i]->base.deny_one_in = 3;
        t->out[i]->base.deny_one_in = 4;
        t->out[i]->base.miss_one_in = 3;
        snprintf(name, sizeof name, "n%u.src", i);
        t->src[i] = test_source(t->w, n, name, 1500 + test_mix(t->seed, 70 + i) % 2000, 700);
        t->src[i]->rooms = BODY;
        t->src[i]->quantum = 100;
    }
    test_init_all(t->w);
    for (uint32_t i = 0; i < t->nodes; i++) {
        t->at_in[i] = test_add(t->in[i], SIM_STEP_VISIT);
        t->at_out[i] = test_add(t->out[i], SIM_STEP_VISIT);
        test_begin(t->src[i], t->at_out[i], 10);
    }
    wire(t);
    sim_world_build(t->w);
}

static struct test_outcome run(uint64_t seed, struct test_way way, uint64_t *sampled) {
    struct sim_world_opts o = {.seed = seed,
                               .warmup = 200000,
                               .duration = 2000000,
                               .drain = 500000,
                               .messages = 8192,
                               .body_bytes = BODY,
                               .sample_one_in = 2,
                               .max_hops = 4};
    struct net t = {.seed = seed, .nodes = 4 + (uint32_t)(seed % 5), .star = seed & 1};
    test_apply(&o, way);
    t.w = sim_world_new(&o);
    net_build(&t);
    ck_assert_uint_eq(t.w->groups, way.windows ? t.nodes : 1);
    test_run_sliced(t.w, way.slice);
    struct sim_err err = {0};
    ck_assert_msg(!t.w->failed && sim_world_audit(t.w, &err), "seed %lu: %s %s",
                  (unsigned long)seed, t.w->err.text, err.text);
    for (uint32_t i = 0; i < t.nodes; i++)
        ck_assert_uint_eq(t.in[i]->broken + t.out[i]->broken, 0);
    struct test_outcome out = test_outcome(t.w);
    *sampled = 0;
    for (uint32_t i = 0; i < t.w->records.n; i++) {
        const struct sim_record *r = &t.w->records.record[i];
        if (r->done >= 0) /* of others, the promise form knows more */
            *sampled += test_mix(r->id, (uint64_t)r->done) + r->stamps;
    }
    out.created = t.w->events; /* of any way: the same events */
    sim_world_free(t.w);
    return out;
}

START_TEST(windows_or_not) {
    const struct test_way ways[] = {{SIM_QUEUE_WHEEL, false, 0, 0, true},
                                    {SIM_QUEUE_HEAP, false, 3, 0, true},
                                    {SIM_QUEUE_WHEEL, false, 4, 500, true},
                                    {SIM_QUEUE_WHEEL, false, 9, 0, false},
                                    {SIM_QUEUE_WHEEL, true, 5, 0, true}};
    for (uint64_t seed = 1; seed <= 20; seed++) {
        uint64_t sampled, again;
        struct test_outcome a = run(seed, (struct test_way){.slice = 0}, &sampled);
        ck_assert_uint_gt(a.delivered, 100);
        ck_assert_uint_gt(a.dropped + a.held, 0);
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            struct test_outcome b = run(seed, ways[i], &again);
            if (ways[i].all_by_event)
                b.created = a.created;
            ck_assert(test_same(&a, &b, seed, i) && sampled == again);
        }
    }
}
END_TEST

/* The child of a split must not leave its node: its parent would never hear of it. */
START_TEST(children_stay) {
    for (int windows = 0; windows < 2; windows++) {
        struct sim_world_opts o = {.seed = 1,
                                   .duration = 2000000,
                                   .messages = 1024,
                                   .body_bytes = BODY,
                                   .windows = windows};
        struct sim_world *w = sim_world_new(&o);
        struct sim_node *a = sim_node_add(w, "a"), *b = sim_node_add(w, "b");
        struct tserver *x = test_server(w, a, "x", 100, (struct sim_port_opts){0});
        struct tserver *y = test_server(w, b, "y", 100, (struct sim_port_opts){0});
        struct tsource *src = test_source(w, a, "src", 1000, 10);
        test_init_all(w);
        uint16_t at_x = test_add(x, SIM_STEP_VISIT), at_y = test_add(y, SIM_STEP_VISIT);
        uint16_t emit = test_add(x, SIM_STEP_EMIT), resume = test_add(x, SIM_STEP_RESUME);
        struct sim_cable *c = sim_cable_add(w, a, &y->base, 1000);
        c->ingress = enter;
        c->table = &at_y;
        w->step[at_y].lands = true;
        struct sim_step *s = &w->step[at_x];
        s->action = SIM_ACT_SPLIT;
        s->target = emit;
        s->into = s->join = 2;
        s->resume = resume;
        s->hop[0] = test_next(resume, 1);
        w->step[emit].hop[0] = test_end(SIM_HOP_DELIVERED);
        w->step[emit].hop[0].cable = c;
        w->step[emit].label = "x.out";
        w->step[at_y].hop[0] = test_end(SIM_HOP_DELIVERED);
        test_begin(src, at_x, 1);
        sim_world_build(w);
        ck_assert(!sim_world_run(w, w->end, UINT64_MAX));
        ck_assert(w->failed);
        ck_assert_ptr_nonnull(strstr(w->err.text, "x.out sends a child"));
        sim_world_free(w);
    }
}
END_TEST

/* One message every 1,000 ps over a cable of 100,000: 101 are on their way, the one that lands
 * with them. */
START_TEST(as_many_as_a_pool_holds) {
    for (uint32_t messages = 100; messages <= 101; messages++)
        for (int windows = 0; windows < 2; windows++) {
            struct sim_world_opts o = {
                .duration = 2000000, .messages = messages, .windows = windows, .max_hops = 4};
            struct sim_world *w = sim_world_new(&o);
            struct sim_node *a = sim_node_add(w, "a"), *b = sim_node_add(w, "b");
            struct tserver *x = test_server(w, a, "x", 0, (struct sim_port_opts){0});
            struct tserver *y = test_server(w, b, "y", 0, (struct sim_port_opts){0});
            struct tsource *src = test_source(w, a, "src", 0, 1000);
            sim_ps at[1000];
            for (int i = 0; i < 1000; i++)
                at[i] = 1000 * i;
            src->at = at;
            x->fixed_ps = y->fixed_ps = 100;
            test_init_all(w);
            uint16_t at_x = test_add(x, SIM_STEP_VISIT), at_y = test_add(y, SIM_STEP_VISIT);
            struct sim_cable *c = sim_cable_add(w, a, &y->base, 100000);
            c->ingress = enter;
            c->table = &at_y;
            w->step[at_y].lands = true;
            w->step[at_x].hop[0] = test_end(SIM_HOP_DELIVERED);
            w->step[at_x].hop[0].cable = c;
            w->step[at_y].hop[0] = test_end(SIM_HOP_DELIVERED);
            test_begin(src, at_x, 1);
            sim_world_build(w);
            (void)sim_world_run(w, w->end, UINT64_MAX);
            ck_assert_msg(w->failed == (messages == 100), "%u: %s", messages, w->err.text);
            ck_assert(!w->failed || strstr(w->err.text, "more than 100 messages") != NULL);
            ck_assert(w->failed || src->stream->delivered.items == 1000);
            sim_world_free(w);
        }
}
END_TEST

TEST_MAIN("windows", windows_or_not, children_stay, as_many_as_a_pool_holds)
