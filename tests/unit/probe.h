/* probe.h - a block of no cost that makes the bench's equal messages different, and one that
 * writes down what a message looks like when it comes by.
 *
 *   struct probe *in = probe_add(&b, "in");     before the block under test
 *   in->vary = flows_of_three;                  called with the number of each message
 *   struct probe *out = probe_add(&b, "out");   behind it: out->saw[number].bytes ...
 */
#ifndef TESTS_PROBE_H
#define TESTS_PROBE_H

#include "tests/block_world.h"

enum { PROBE_MOST = 20000 };

struct probe {
    struct sim_comp base;
    void (*vary)(struct sim_msg *m, uint64_t number);
    uint64_t seen;
    struct {
        sim_ps at; /* 0: never came */
        uint32_t bytes, hash, flow;
        uint8_t level;
        uint64_t wrap;
    } saw[PROBE_MOST];
};

static bool probe_init(struct sim_comp *comp, struct sim_err *err) {
    (void)err;
    sim_port_add(comp, &(struct sim_port_opts){.name = "in"});
    return true;
}

static void probe_serve(struct sim_comp *comp, struct sim_port *port,
                        const struct sim_step *step, struct sim_msg *m, sim_ps start,
                        struct sim_service *out) {
    struct probe *p = (struct probe *)comp;
    uint64_t number = m->id & 0xffffffffff;
    (void)port;
    (void)step;
    (void)out;
    if (p->vary != NULL)
        p->vary(m, number);
    ck_assert_uint_lt(number, PROBE_MOST);
    p->saw[number].at = start;
    p->saw[number].bytes = m->bytes;
    p->saw[number].hash = m->hash;
    p->saw[number].flow = m->flow;
    p->saw[number].level = m->level;
    p->saw[number].wrap = m->wrap;
    p->seen++;
}

static const struct sim_op probe_ops[] = {{.name = "look", .doc = ""}, {.name = NULL}};
static const struct sim_field probe_params[] = {{.name = NULL}};
static const struct sim_model model_probe = {.name = "probe",
                                             .size = sizeof(struct probe),
                                             .params = probe_params,
                                             .ops = probe_ops,
                                             .init = probe_init,
                                             .serve = probe_serve};

/* A probe as the next step of the chain. */
static inline struct probe *probe_add(struct bench *b, const char *name) {
    struct probe *p = bench_block(b, &model_probe, name, "{}");
    bench_visit(b, p, "look", NULL);
    return p;
}

/* Send verdict v of this step on to the step behind it. */
static inline void probe_go_on(struct bench *b, struct sim_step *step, int v) {
    step->hop[v] = (struct sim_hop){
        .kind = SIM_HOP_NEXT, .next = (uint16_t)(step - b->step + 2), .delay = 1};
}

#endif
