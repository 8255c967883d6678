/* test_join.c - splits and joins, copies and replies to the picosecond; and what becomes of
 * them on branches, in full queues and at ends. The blocks: lab.h.
 */
#include "lab.h"

/* A splits into `n` children that visit B; `join` of them resume the parent. */
static uint16_t split(struct lab *lab, uint16_t n, uint16_t join) {
    struct sim_world *w = lab->w;
    uint16_t resume = test_split(w, lab->at_a, n, join, lab->at_b, 1);
    w->step[lab->at_b].hop[0] = test_end(SIM_HOP_DELIVERED);
    w->step[resume].hop[0] = test_end(SIM_HOP_DELIVERED);
    return resume;
}

/* Split at 1,001; the children enter A's exit at 1,002 and B at 1,003; child k ends at
 * 1,003 + 5,000 k. The parent goes on 1 ps after the last one awaited. */
START_TEST(join_all_or_some) {
    for (uint16_t join = 1; join <= 4; join++) {
        struct lab lab = lab_plain(1, 0);
        lab_steps(&lab);
        split(&lab, 4, join);
        lab_run(&lab);
        const struct sim_stream *st = lab.src->stream;
        const struct sim_record *r = record(&lab, 0);
        ck_assert_int_eq(r->stamp[1].left, 1001);
        ck_assert_int_eq(r->stamp[2].entered, 1003 + 5000 * join + 1);
        ck_assert_int_eq(r->done, 1003 + 5000 * join + 1);
        ck_assert_uint_eq(st->created.items, 4);
        ck_assert_uint_eq(st->created.bytes, 400);
        ck_assert_uint_eq(st->absorbed.items, 4);
        ck_assert_uint_eq(st->delivered.items, 1);
        ck_assert_uint_eq(lab.node->pool.free, lab.node->pool.capacity);
        sim_world_free(lab.w);
    }
}
END_TEST

/* B has room for one and makes the others wait at A's exit; the parent does not stand behind
 * them when the first one has ended. */
START_TEST(parents_pass_by_waiting_children) {
    struct lab lab = lab_new(1, 0, (struct sim_port_opts){.capacity = 0},
                             (struct sim_port_opts){.capacity = 1, .full = SIM_FULL_WAIT});
    lab_steps(&lab);
    split(&lab, 4, 1);
    lab_run(&lab);
    ck_assert_int_eq(record(&lab, 0)->done, 1003 + 5000 + 1);
    ck_assert_uint_eq(lab.src->stream->absorbed.items, 4);
    sim_world_free(lab.w);
}
END_TEST

/* A's latency goes on for 700 ps behind its service: children and copies come out after it. */
START_TEST(children_and_copies_come_out_late) {
    struct lab lab = lab_plain(1, 0);
    lab.a->fixed_tail_ps = 700;
    lab_steps(&lab);
    split(&lab, 2, 2);
    lab_run(&lab);
    ck_assert_int_eq(record(&lab, 0)->stamp[1].left, 1001);
    ck_assert_int_eq(record(&lab, 0)->done, 1703 + 2 * 5000 + 1);
    sim_world_free(lab.w);
    lab = lab_plain(1, 0);
    lab.a->fixed_tail_ps = 700;
    lab_steps(&lab);
    uint16_t emit = test_add(lab.a, SIM_STEP_EMIT);
    lab.w->step[lab.at_a].action = SIM_ACT_COPY;
    lab.w->step[lab.at_a].target = emit;
    lab.w->step[lab.at_a].hop[0] = test_end(SIM_HOP_DELIVERED);
    lab.w->step[emit].hop[0] = test_next(lab.at_b, 1);
    lab.w->step[lab.at_b].hop[0] = test_end(SIM_HOP_DELIVERED);
    lab_run(&lab);
    ck_assert_int_eq(record(&lab, 0)->done, 1701);
    ck_assert_int_eq(lab.b->base.port[0]->free_at, 1703 + 5000);
    sim_world_free(lab.w);
}
END_TEST

/* Child 2 fails: the parent goes on then, on the error branch; the others are absorbed. */
START_TEST(failing_child) {
    struct lab lab = lab_plain(1, 0);
    lab_steps(&lab);
    uint16_t resume = split(&lab, 4, 4);
    uint16_t failed_to = test_add(lab.a, SIM_STEP_VISIT);
    lab.w->step[failed_to].hop[0] = test_end(SIM_HOP_DELIVERED);
    lab.w->step[resume].hop[1] = test_next(failed_to, 1);
    uint32_t fails = 0; /* the first child to fail: its id is the parent's, scrambled */
    for (uint64_t in = 2; in < 4000 && fails != 2; in++)
        for (lab.b->deny_one_in = in, fails = 1; fails <= 4; fails++)
            if (tserver_hash(&lab.b->base, fails, lab.at_b) % in == 0)
                break;
    ck_assert_uint_eq(fails, 2);
    lab_run(&lab);
    const struct sim_stream *st = lab.src->stream;
    const struct sim_record *r = record(&lab, 0);
    ck_assert_int_eq(r->stamp[2].entered, 1003 + 5000 * 2 + 1);
    ck_assert_uint_eq(st->step[resume]->verdict[1], 1);
    ck_assert_uint_eq(st->step[failed_to]->served, 1);
    ck_assert_uint_eq(st->absorbed.items, 4);
    ck_assert_uint_eq(st->dropped.items, 0);
    ck_assert_uint_eq(lab.node->pool.free, lab.node->pool.capacity);
    sim_world_free(lab.w);
}
END_TEST

/* Children split again: each into three, all awaited. */
START_TEST(nested_splits) {
    struct lab lab = lab_plain(20, 100000);
    lab_steps(&lab);
    split(&lab, 2, 2);
    struct sim_world *w = lab.w;
    struct tserver *c = test_server(w, lab.node, "c", 0, (struct sim_port_opts){0});
    c->fixed_ps = 10;
    (void)sim_comp_init(&c->base, NULL);
    uint16_t at_c = test_add(c, SIM_STEP_VISIT), emit = test_add(lab.b, SIM_STEP_EMIT);
    uint16_t resume = test_add(lab.b, SIM_STEP_RESUME);
    struct sim_step *s = &w->step[lab.at_b];
    s->action = SIM_ACT_SPLIT;
    s->target = emit;
    s->into = s->join = 3;
    s->resume = resume;
    s->hop[0] = test_next(resume, 1);
    w->step[emit].hop[0] = test_next(at_c, 1);
    w->step[at_c].hop[0] = test_end(SIM_HOP_DELIVERED);
    w->step[resume].hop[0] = test_end(SIM_HOP_DELIVERED);
    lab_run(&lab);
    const struct sim_stream *st = lab.src->stream;
    ck_assert_uint_eq(st->delivered.items, 20);
    ck_assert_uint_eq(st->created.items, 20 * (2 + 2 * 3));
    ck_assert_uint_eq(st->absorbed.items, 20 * (2 + 2 * 3));
    /* B at 1,003; child 2 leaves it at 11,003, its children end at C at 11,005 + 10 k */
    ck_assert_int_eq(record(&lab, 0)->done, 11005 + 30 + 1 + 1);
    ck_assert_uint_eq(lab.node->pool.free, lab.node->pool.capacity);
    sim_world_free(w);
}
END_TEST

/* Parents that were dropped for children that B had no room for. */
static uint64_t cost(const struct lab *lab) {
    return lab->w->cause[lab->b->base.port[0]->full_cause].cost_parents;
}

/* Three parents, two children each, of which B has room for one. @param then 0: the error ends
 * in a drop; 1: in a drop behind another visit; 2: it is delivered all the same */
static void starve(enum sim_full full, int then) {
    struct lab lab = lab_new(3, 100000, (struct sim_port_opts){.capacity = 0},
                             (struct sim_port_opts){.capacity = 1, .full = full});
    lab_steps(&lab);
    uint16_t resume = split(&lab, 2, 2);
    if (then == 1)
        lab.w->step[resume].hop[1] = test_next(test_add(lab.a, SIM_STEP_VISIT), 1);
    if (then == 2)
        lab.w->step[resume].hop[1] = test_end(SIM_HOP_DELIVERED);
    lab_run(&lab);
    const struct sim_stream *st = lab.src->stream;
    ck_assert_uint_eq(st->step[resume]->verdict[1], 3);
    ck_assert_uint_eq(st->step[resume]->starved.items, 3);
    ck_assert_uint_eq(st->dropped.items, then == 2 ? 0 : 3);
    ck_assert_uint_eq(st->starved, then == 2 ? 0 : 3);
    ck_assert_uint_eq(cost(&lab), then == 2 ? 0 : 3);
    ck_assert_uint_eq(lab.b->base.port[0]->lost.items, 3);
    sim_world_free(lab.w);
}

/* Who is to blame: parents are dropped for want of room, not by a rule; where the chain goes on
 * in spite of it, nothing is lost by it. */
START_TEST(starved_parents) {
    for (int then = 0; then < 3; then++) {
        starve(SIM_FULL_DROP, then);
        starve(SIM_FULL_REFUSE, then);
    }
    struct lab lab = lab_plain(3, 100000); /* all are denied: by a rule */
    lab_steps(&lab);
    lab.b->deny_one_in = 1;
    uint16_t resume = split(&lab, 2, 2);
    lab_run(&lab);
    ck_assert_uint_eq(lab.src->stream->dropped.items, 3);
    ck_assert_uint_eq(lab.src->stream->starved, 0);
    ck_assert_uint_eq(lab.src->stream->step[resume]->starved.items, 0);
    ck_assert_uint_eq(cost(&lab), 0);
    sim_world_free(lab.w);
}
END_TEST

/* ---------------------------------------------------------------- copies and ends */

/* The copy works through B; the original is delivered as if there were none, also when the
 * step that copies is the last one of its chain. */
START_TEST(copy_forgets) {
    for (int last = 0; last < 2; last++) {
        struct lab lab = lab_plain(10, 10000);
        lab_steps(&lab);
        struct sim_world *w = lab.w;
        uint16_t emit = test_add(lab.a, SIM_STEP_EMIT);
        uint16_t then = test_add(lab.a, SIM_STEP_RESUME);
        w->step[lab.at_a].action = SIM_ACT_COPY;
        w->step[lab.at_a].target = emit;
        w->step[lab.at_a].hop[0] = last ? test_end(SIM_HOP_DELIVERED) : test_next(then, 1);
        w->step[then].hop[0] = test_end(SIM_HOP_DELIVERED);
        w->step[emit].hop[0] = test_next(lab.at_b, 1);
        w->step[lab.at_b].hop[0] = test_end(SIM_HOP_DELIVERED);
        lab_run(&lab);
        const struct sim_stream *st = lab.src->stream;
        for (uint32_t i = 0; i < 10; i++)
            ck_assert_int_eq(record(&lab, i)->done, (sim_ps)i * 10000 + 1001 + !last);
        ck_assert_uint_eq(st->delivered.items, 10);
        ck_assert_uint_eq(st->created.items, 10);
        ck_assert_uint_eq(st->absorbed.items, 10);
        ck_assert_uint_eq(st->step[lab.at_b]->served, 10);
        sim_world_free(w);
    }
}
END_TEST

/* Closed loop of 3 over a station of 1,000 ps: after 1 + 1,000 ps one reply each 1,000 ps
 * while requests queue; with one outstanding, one each think + 1,001. */
START_TEST(reply_wakes_the_source) {
    const struct {
        uint32_t outstanding;
        sim_ps think;
        uint64_t replies; /* in 1 us */
    } cases[] = {{1, 1, (1000000 - 1 - 1001) / 1002 + 1},
                 {3, 1, (1000000 - 1 - 1001) / 1000 + 1},
                 {1, 9000, (1000000 - 1 - 1001) / 10001 + 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sim_world_opts o = {.seed = 1, .duration = 1000000, .messages = 64};
        struct lab lab = {.w = sim_world_new(&o)};
        lab.node = sim_node_add(lab.w, "dpu");
        lab.a = test_server(lab.w, lab.node, "a", 0, (struct sim_port_opts){0});
        lab.b = test_server(lab.w, lab.node, "b", 0, (struct sim_port_opts){0});
        lab.a->fixed_ps = 1000;
        lab.src = test_source(lab.w, lab.node, "src", 0, UINT64_MAX);
        lab.src->outstanding = cases[i].outstanding;
        lab.src->think = cases[i].think;
        lab_steps(&lab);
        lab.w->step[lab.at_a].hop[0] = test_end(SIM_HOP_REPLY);
        lab_run(&lab);
        ck_assert_uint_eq(lab.src->stream->delivered.items, cases[i].replies);
        sim_world_free(lab.w);
    }
}
END_TEST

/* No message left for the children: the run fails and says so; nothing breaks. */
START_TEST(children_exhaust_the_pool) {
    struct lab lab = lab_plain(600, 0);
    lab_steps(&lab);
    split(&lab, 64, 64);
    sim_world_build(lab.w);
    while (sim_world_run(lab.w, lab.w->end, UINT64_MAX))
        ;
    ck_assert(lab.w->failed);
    ck_assert_str_eq(lab.w->err.path, "/run/messages");
    ck_assert(!sim_world_run(lab.w, lab.w->end, UINT64_MAX));
    sim_world_close(lab.w, sim_world_now(lab.w));
    sim_world_free(lab.w);
}
END_TEST

TEST_MAIN("splits and copies", join_all_or_some, parents_pass_by_waiting_children,
          children_and_copies_come_out_late, failing_child, nested_splits, starved_parents,
          copy_forgets, reply_wakes_the_source, children_exhaust_the_pool)
