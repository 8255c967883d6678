/* lab.h - for tests of the step kinds: two blocks and what comes to them.
 *
 * A is the block that calls, splits or copies (1,000 ps), B the one that is called or works on
 * the children (one FIFO server, 5,000 ps).
 */
#ifndef LAB_H
#define LAB_H

#include "tests/check_main.h"
#include "tests/small_world.h"

struct lab {
    struct sim_world *w;
    struct sim_node *node;
    struct tserver *a, *b;
    struct tsource *src;
    uint16_t at_a, at_b;
};

/* `count` messages, one every `gap` picoseconds from 0 on, which begin at A. */
static inline struct lab lab_new(uint64_t count, sim_ps gap, struct sim_port_opts a,
                                 struct sim_port_opts b) {
    struct sim_world_opts o = {
        .seed = 1, .duration = 1000000000, .messages = 4096, .sample_one_in = 1, .max_hops = 4};
    struct lab lab = {.w = sim_world_new(&o)};
    lab.node = sim_node_add(lab.w, "dpu");
    lab.a = test_server(lab.w, lab.node, "a", 0, a);
    lab.b = test_server(lab.w, lab.node, "b", 0, b);
    lab.a->fixed_ps = 1000;
    lab.b->fixed_ps = 5000;
    lab.src = test_source(lab.w, lab.node, "src", 0, count);
    sim_ps *at = sim_alloc_n(&lab.w->arena, count, sizeof *at);
    for (uint64_t i = 0; i < count; i++)
        at[i] = (sim_ps)i * gap;
    lab.src->at = at;
    lab.src->bytes = 100;
    return lab;
}

static inline struct lab lab_plain(uint64_t count, sim_ps gap) {
    return lab_new(count, gap, (struct sim_port_opts){.capacity = 0},
                   (struct sim_port_opts){.capacity = 0});
}

static inline void lab_steps(struct lab *lab) {
    test_init_all(lab->w);
    lab->at_a = test_add(lab->a, SIM_STEP_VISIT);
    lab->at_b = test_add(lab->b, SIM_STEP_VISIT);
    test_begin(lab->src, lab->at_a, 1);
}

static inline void lab_run(struct lab *lab) {
    struct sim_err err = {0};
    sim_world_build(lab->w);
    test_run(lab->w);
    if (!sim_world_audit(lab->w, &err))
        ck_abort_msg("%s: %s", err.path, err.text);
}

static inline const struct sim_record *record(const struct lab *lab, uint32_t i) {
    ck_assert_uint_lt(i, lab->w->records.n);
    return &lab->w->records.record[i];
}

#endif
