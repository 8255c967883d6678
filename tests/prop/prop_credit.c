/* prop_credit.c - throughput of a loop with c credits equals min(1, c * S / (RTT + H)) of the
 * line rate, exactly.
 *
 * A sender that serves in S puts messages into a receiver with c slots that holds each for H;
 * the way there takes D, and so does the credit's way back: RTT = 2 D. A slot is taken when
 * service ends, so the sender serves the next message meanwhile. With H = S, a receiver that
 * stores and forwards, this is the textbook's min(1, c * S / (RTT + S)).
 */
#include "tests/check_main.h"
#include "tests/small_world.h"

enum { ROUNDS = 400 };

struct loop {
    sim_ps serve, hold, delay;
    uint32_t credits;
    int form;
};

/* Departures in so many whole periods, after a warm-up of whole periods. */
static uint64_t sent(const struct loop *l, sim_ps period) {
    struct sim_world_opts o = {.seed = 1,
                               .warmup = 20 * period + 7,
                               .duration = ROUNDS * period,
                               .messages = 1 << 15,
                               .all_by_event = l->form};
    struct sim_world *w = sim_world_new(&o);
    struct sim_node *n = sim_node_add(w, "node");
    struct tserver *a = test_server(w, n, "sender", 0, (struct sim_port_opts){0});
    struct tserver *b = test_server(
        w, n, "receiver", 0,
        (struct sim_port_opts){.capacity = (int64_t)l->credits, .servers = l->credits});
    struct tsource *src = test_source(w, n, "src", 0, UINT64_MAX);
    a->fixed_ps = (uint64_t)l->serve;
    b->fixed_ps = (uint64_t)l->hold;
    src->outstanding = 64;
    src->think = 1;
    test_init_all(w);
    uint16_t at_a = test_add(a, SIM_STEP_VISIT), at_b = test_add(b, SIM_STEP_VISIT);
    w->step[at_a].hop[0] = test_next(at_b, l->delay);
    w->step[at_b].hop[0] = test_end(SIM_HOP_REPLY);
    test_begin(src, at_a, 1);
    sim_world_build(w);
    test_run(w);
    struct sim_err err = {0};
    ck_assert_msg(sim_world_audit(w, &err), "%s", err.text);
    const struct sim_port *p = a->base.port[0];
    uint64_t left = p->left.items;
    /* the server is never idle: it serves or waits for a credit */
    ck_assert_uint_eq((uint64_t)(p->busy_ps + p->blocked_ps), (uint64_t)o.duration);
    ck_assert_uint_le((uint64_t)b->base.port[0]->level.peak, l->credits);
    sim_world_free(w);
    return left;
}

/* Of c messages: the line's time, c * S, or the loop's, when longer. */
static void check(const struct loop *l) {
    sim_ps line = l->serve * (sim_ps)l->credits;
    sim_ps around = l->hold + 2 * l->delay; /* of one credit, from its use to its return */
    sim_ps period = line > around ? line : around;
    uint64_t got = sent(l, period), exact = (uint64_t)ROUNDS * l->credits;
    ck_assert_msg(got == exact, "S %ld, H %ld, D %ld, %u credits, form %d: %lu sent, %lu exact",
                  (long)l->serve, (long)l->hold, (long)l->delay, l->credits, l->form,
                  (unsigned long)got, (unsigned long)exact);
}

START_TEST(closed_form) {
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct loop l = {.serve = 100 + (sim_ps)(test_mix(seed, 1) % 900),
                         .delay = 1 + (sim_ps)(test_mix(seed, 3) % 500)};
        l.hold = seed % 2 ? l.serve : (sim_ps)(test_mix(seed, 2) % 3000);
        for (l.credits = 1; l.credits <= 16; l.credits *= 2)
            for (l.form = 0; l.form < 2; l.form++)
                check(&l);
    }
}
END_TEST

TEST_MAIN("credit loop", closed_form)
