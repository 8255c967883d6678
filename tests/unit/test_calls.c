/* test_calls.c - calls that park and poll, to the picosecond; and what becomes of them on
 * branches and in full queues. The blocks: lab.h.
 */
#include "lab.h"

/* A calls B and completes by itself. @return the step on the way back. */
static uint16_t call(struct lab *lab, bool poll) {
    struct sim_world *w = lab->w;
    uint16_t back = test_add(lab->a, SIM_STEP_VISIT);
    w->step[lab->at_a].hold = poll;
    w->step[lab->at_a].hop[0] = test_next(lab->at_b, 1);
    w->step[lab->at_b].called = true;
    w->step[lab->at_b].hop[0] = test_next(back, 1);
    w->step[back].back = true;
    w->step[back].keep = poll;
    w->step[back].hop[0] = test_end(SIM_HOP_DELIVERED);
    w->step[back].hop[1] = test_end(SIM_HOP_REPLY);
    return back;
}

/* A at 1..1,001, B at 1,002..6,002, A again at 6,003..7,003. */
START_TEST(call_parks) {
    struct lab lab = lab_plain(2, 0);
    lab_steps(&lab);
    call(&lab, false);
    lab_run(&lab);
    const struct sim_record *r = record(&lab, 0);
    ck_assert_int_eq(r->stamp[1].left, 1001);
    ck_assert_int_eq(r->stamp[2].entered, 1002);
    ck_assert_int_eq(r->stamp[3].entered, 6003);
    ck_assert_int_eq(r->done, 7003);
    ck_assert_int_eq(record(&lab, 1)->stamp[1].start, 1001); /* A is free meanwhile */
    ck_assert_int_eq(record(&lab, 1)->done, 12003);
    ck_assert_uint_eq((uint64_t)lab.a->base.port[0]->busy_ps, 4000);
    ck_assert_uint_eq((uint64_t)lab.b->base.port[0]->busy_ps, 10000);
    sim_world_free(lab.w);
}
END_TEST

START_TEST(call_polls) {
    struct lab lab = lab_plain(2, 0);
    lab_steps(&lab);
    call(&lab, true);
    lab_run(&lab);
    ck_assert_int_eq(record(&lab, 0)->done, 7003);
    ck_assert_int_eq(record(&lab, 1)->stamp[1].start, 7003); /* A was kept */
    ck_assert_int_eq(record(&lab, 1)->done, 7003 + 7002);
    ck_assert_uint_eq((uint64_t)lab.a->base.port[0]->busy_ps, 2 * 7002);
    ck_assert_uint_eq((uint64_t)lab.a->base.port[0]->blocked_ps, 0);
    sim_world_free(lab.w);
}
END_TEST

/* The verdict of B decides where the message goes on after A's completion. */
START_TEST(call_brings_the_verdict_back) {
    for (int poll = 0; poll < 2; poll++) {
        struct lab lab = lab_plain(50, 20000);
        lab.b->deny_one_in = 3;
        lab_steps(&lab);
        uint16_t back = call(&lab, poll);
        lab.src->stream->reply = NULL;
        lab_run(&lab);
        uint64_t denied = 0;
        for (uint32_t i = 0; i < 50; i++)
            denied += tserver_hash(&lab.b->base, i, lab.at_b) % 3 == 0;
        const struct sim_stream *st = lab.src->stream;
        ck_assert_uint_gt(denied, 5);
        ck_assert_uint_eq(st->step[back]->verdict[1], denied);
        ck_assert_uint_eq(st->step[lab.at_b]->verdict[1], denied);
        ck_assert_uint_eq(st->delivered.items, 50);
        sim_world_free(lab.w);
    }
}
END_TEST

/* A message on its way back has its server; a full queue that drops must not drop it. */
START_TEST(full_queue_takes_calls_back) {
    for (int poll = 0; poll < 2; poll++) {
        struct lab lab =
            lab_new(400, 1500, (struct sim_port_opts){.capacity = 2, .full = SIM_FULL_DROP},
                    (struct sim_port_opts){.capacity = 0});
        lab_steps(&lab);
        call(&lab, poll);
        lab_run(&lab);
        const struct sim_stream *st = lab.src->stream;
        uint64_t went = st->step[lab.at_b]->served;
        ck_assert_uint_gt(went, 50);
        ck_assert_uint_eq(st->delivered.items, went);
        ck_assert_uint_eq(st->delivered.items + st->dropped.items, 400);
        sim_world_free(lab.w);
    }
}
END_TEST

/* Of a step that calls, splits or copies, other verdicts than "ok" branch away before that. */
START_TEST(branch_instead_of_call) {
    struct lab lab = lab_plain(60, 2000);
    lab.a->miss_one_in = 2;
    lab_steps(&lab);
    call(&lab, true);
    struct tserver *slow = test_server(lab.w, lab.node, "slow", 0, (struct sim_port_opts){0});
    (void)sim_comp_init(&slow->base, NULL);
    uint16_t s = test_add(slow, SIM_STEP_VISIT);
    lab.w->step[lab.at_a].hop[2] = test_next(s, 1);
    lab.w->step[s].hop[0] = test_end(SIM_HOP_DELIVERED);
    for (int v = 0; v < 3; v++)
        lab.w->step[lab.at_b].hop[v] = lab.w->step[lab.at_b].hop[0];
    uint16_t back = lab.w->step[lab.at_b].hop[0].next;
    lab.w->step[back].hop[2] = test_end(SIM_HOP_DELIVERED);
    lab_run(&lab);
    const struct sim_stream *st = lab.src->stream;
    ck_assert_uint_eq(st->delivered.items, 60);
    ck_assert_uint_gt(st->step[s]->served, 10);
    ck_assert_uint_eq(st->step[s]->served + st->step[lab.at_b]->served, 60);
    sim_world_free(lab.w);
}
END_TEST

static uint32_t pick_by_step(const struct sim_comp *comp, const struct sim_step *step,
                             const struct sim_msg *m) {
    return (uint32_t)(test_mix(m->id, (uint64_t)(step - comp->world->step)) % 3);
}

/* A polling call comes back to the port whose server it keeps, whatever the block would pick.
 */
START_TEST(polling_call_finds_its_port) {
    static struct sim_model picky;
    picky = model_tserver;
    picky.pick = pick_by_step;
    struct lab lab = lab_plain(100, 2000);
    lab.a->base.model = &picky;
    lab.a->ports = 3;
    lab_steps(&lab);
    call(&lab, true);
    lab_run(&lab);
    ck_assert_uint_eq(lab.src->stream->delivered.items, 100);
    sim_world_free(lab.w);
}
END_TEST

TEST_MAIN("calls", call_parks, call_polls, call_brings_the_verdict_back,
          full_queue_takes_calls_back, branch_instead_of_call, polling_call_finds_its_port)
