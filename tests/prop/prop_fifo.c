/* prop_fifo.c - order and rate: flows stay in order through blocks of several ports, a line
 * never carries more than its rate over any window, and what the audit holds it holds for runs
 * that are cut short at any event.
 */
#include "tests/check_main.h"
#include "tests/small_world.h"

enum { FLOWS = 12, HOPS = 4, MESSAGES = 1200 };

static struct test_way way_of(uint64_t seed) {
    return (struct test_way){.queue = seed & 4 ? SIM_QUEUE_HEAP : SIM_QUEUE_WHEEL,
                             .all_by_event = seed & 1,
                             .shuffle = seed & 2 ? seed : 0,
                             .slice = seed % 3 ? 0 : 13};
}

static struct sim_world *world(uint64_t seed, uint32_t one_in) {
    struct sim_world_opts o = {.seed = seed,
                               .warmup = 200000,
                               .duration = 2000000,
                               .drain = 2000000,
                               .messages = 8192,
                               .sample_one_in = one_in,
                               .max_hops = 4};
    test_apply(&o, way_of(seed));
    return sim_world_new(&o);
}

/* ---------------------------------------------------------------- flows */

/* Blocks whose port is a function of the flow, of random queues and policies. */
static struct tsource *flows_build(struct sim_world *w, uint64_t seed) {
    struct sim_node *n = sim_node_add(w, "node");
    struct tserver *s[HOPS];
    uint16_t at[HOPS];
    for (uint32_t i = 0; i < HOPS; i++) {
        uint64_t h = test_mix(seed, 20 + i);
        char name[16];
        snprintf(name, sizeof name, "s%u", i);
        s[i] = test_server(
            w, n, name, 1000,
            (struct sim_port_opts){.capacity = i ? 2 + (int64_t)(h % 4) : 0,
                                   .full = h >> 8 & 1 ? SIM_FULL_WAIT : SIM_FULL_DROP,
                                   .hz = h >> 9 & 1 ? 1500000000 : 0});
        s[i]->ports = 1 + (h >> 10) % 4;
        s[i]->mean_ps *= s[i]->ports;
        s[i]->by_flow = true;
        s[i]->fixed_tail_ps = h >> 20 & 1023;
        s[i]->deny_one_in = i == 1 ? 15 : 0;
        s[i]->quantum = h >> 30 & 1 ? 250 : 1;
    }
    struct tsource *src = test_source(w, n, "src", 1200, MESSAGES);
    src->flows = FLOWS;
    test_init_all(w);
    for (uint32_t i = 0; i < HOPS; i++)
        at[i] = test_add(s[i], SIM_STEP_VISIT);
    for (uint32_t i = 0; i + 1 < HOPS; i++)
        w->step[at[i]].hop[0] = test_next(at[i + 1], 5);
    w->step[at[HOPS - 1]].hop[0] = test_end(SIM_HOP_DELIVERED);
    test_begin(src, at[0], 1);
    sim_world_build(w);
    return src;
}

static void audit(const struct sim_world *w, uint64_t seed) {
    struct sim_err err = {0};
    if (!sim_world_audit(w, &err))
        ck_abort_msg("seed %lu: %s: %s", (unsigned long)seed, err.path, err.text);
}

/* At every step of a flow, who came first starts first; and so at the end. */
static void in_order(const struct sim_world *w, const struct tsource *src, uint64_t seed) {
    const struct sim_record *last[FLOWS] = {NULL};
    uint32_t compared = 0;
    for (uint32_t i = 0; i < w->records.n; i++) {
        const struct sim_record *r = &w->records.record[i];
        uint32_t flow = (uint32_t)(test_mix(r->id, src->seed) >> 8) % FLOWS;
        if (r->done < 0 || r->done == SIM_NEVER)
            continue;
        const struct sim_record *p = last[flow];
        for (uint32_t k = 0; p != NULL && k < r->stamps; k++)
            if (p->stamp[k].start > r->stamp[k].start || p->stamp[k].left > r->stamp[k].left)
                ck_abort_msg("seed %lu: flow %u overtakes at stamp %u", (unsigned long)seed,
                             flow, k);
        if (p != NULL && (p->id > r->id || p->done > r->done))
            ck_abort_msg("seed %lu: flow %u is delivered out of order", (unsigned long)seed,
                         flow);
        compared += p != NULL;
        last[flow] = r;
    }
    ck_assert_uint_gt(compared, 100);
}

START_TEST(flows_in_order) {
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct sim_world *w = world(seed, 1);
        struct tsource *src = flows_build(w, seed);
        test_run_sliced(w, way_of(seed).slice);
        audit(w, seed);
        in_order(w, src, seed);
        sim_world_free(w);
    }
}
END_TEST

/* Cut after any number of events, or at any time: conservation, pools and Little hold. */
START_TEST(cut_short) {
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct sim_world *w = world(seed, 8);
        (void)flows_build(w, seed);
        if (seed & 8)
            (void)sim_world_run(w, (sim_ps)(test_mix(seed, 3) % 4200000), UINT64_MAX);
        else
            (void)sim_world_run(w, w->end, 1 + test_mix(seed, 4) % 9000);
        test_cut(w);
        audit(w, seed);
        sim_world_free(w);
    }
}
END_TEST

/* ---------------------------------------------------------------- line rate */

struct line {
    struct sim_comp base;
    struct sim_ser ser;
    struct sim_rate rate;
};

static bool line_init(struct sim_comp *comp, struct sim_err *err) {
    struct line *l = (struct line *)comp;
    (void)err;
    sim_ser_init(&l->ser, l->rate);
    sim_port_add(comp, &(struct sim_port_opts){.name = "tx"});
    return true;
}

static void line_serve(struct sim_comp *comp, struct sim_port *port,
                       const struct sim_step *step, struct sim_msg *m, sim_ps start,
                       struct sim_service *out) {
    struct line *l = (struct line *)comp;
    (void)port;
    (void)step;
    out->occupancy_ps = sim_ser_send(&l->ser, start, (uint64_t)m->bytes * 8) - start;
}

static const struct sim_model model_line = {.name = "line",
                                            .size = sizeof(struct line),
                                            .ops = tserver_ops,
                                            .init = line_init,
                                            .serve = line_serve};

/* bits * den <= (span + 1) * num for the messages i..k: a span is rounded at both ends by less
 * than a picosecond. While the line is busy it carries no less, either. */
static void check_rate(const struct sim_world *w, const struct tsource *src,
                       const struct line *l, uint64_t seed) {
    const struct sim_records *r = &w->records;
    uint32_t busy_pairs = 0;
    for (uint32_t i = 0; i < r->n; i++) {
        uint64_t bits = 0;
        for (uint32_t k = i; k < r->n && k < i + 200; k++) {
            const struct sim_stamp *a = &r->record[i].stamp[1], *b = &r->record[k].stamp[1];
            if (r->record[k].stamps < 2)
                break;
            bits += 8 * (64 + test_mix(r->record[k].id, src->seed) % 1400);
            sim_u128 need = (sim_u128)bits * l->rate.den;
            sim_u128 span = (sim_u128)(uint64_t)(b->end - a->start);
            if (need > (span + 1) * l->rate.num)
                ck_abort_msg("seed %lu: above line rate", (unsigned long)seed);
            if (k > i && b->start > r->record[k - 1].stamp[1].end)
                break; /* it was idle in between */
            if (span > 0 && need < (span - 1) * l->rate.num)
                ck_abort_msg("seed %lu: busy, but below line rate", (unsigned long)seed);
            busy_pairs += k > i;
        }
    }
    ck_assert_uint_gt(busy_pairs, 50);
}

START_TEST(line_rate) {
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct sim_world *w = world(seed, 1);
        struct sim_node *n = sim_node_add(w, "node");
        struct line *l = (struct line *)sim_comp_add(w, n, &model_line, "line");
        /* about 10 Tb/s, in odd fractions of a bit per picosecond */
        l->rate = sim_rate_make(9000000000000 + test_mix(seed, 1) % 2000000000000, 128, 130);
        struct tsource *src = test_source(w, n, "src", 600, 3000);
        test_init_all(w);
        uint16_t at = test_add(l, SIM_STEP_VISIT);
        w->step[at].hop[0] = test_end(SIM_HOP_DELIVERED);
        test_begin(src, at, 1);
        sim_world_build(w);
        test_run_sliced(w, way_of(seed).slice);
        audit(w, seed);
        check_rate(w, src, l, seed);
        sim_world_free(w);
    }
}
END_TEST

TEST_MAIN("order and rate", flows_in_order, cut_short, line_rate)
