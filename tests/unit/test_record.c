/* test_record.c - journeys of sampled messages: their stamps are in order and add up to the
 * latency, and which messages are sampled is a function of their ids alone.
 */
#include "tests/check_main.h"
#include "tests/small_world.h"

enum { STAGES = 4, TAIL = 777, DELAY = 13 };

static struct sim_world *row(uint64_t seed, uint32_t one_in, uint64_t messages,
                             struct test_way way) {
    struct sim_world_opts o = {.seed = seed,
                               .warmup = 100000,
                               .duration = 100000000,
                               .messages = 4096,
                               .sample_one_in = one_in,
                               .max_hops = 4};
    test_apply(&o, way);
    struct sim_world *w = sim_world_new(&o);
    struct sim_node *n = sim_node_add(w, "node");
    struct tserver *s[STAGES];
    for (uint32_t i = 0; i < STAGES; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%u", i);
        s[i] =
            test_server(w, n, name, 700 + 100 * (test_mix(seed, i) % 3),
                        (struct sim_port_opts){.capacity = i ? 5 : 0,
                                               .full = i == 2 ? SIM_FULL_DROP : SIM_FULL_WAIT});
        s[i]->fixed_tail_ps = TAIL;
        s[i]->deny_one_in = i == 3 ? 20 : 0;
    }
    struct tsource *src = test_source(w, n, "src", 1000, messages);
    test_init_all(w);
    uint16_t at[STAGES];
    for (uint32_t i = 0; i < STAGES; i++)
        at[i] = test_add(s[i], SIM_STEP_VISIT);
    for (uint32_t i = 0; i + 1 < STAGES; i++)
        w->step[at[i]].hop[0] = test_next(at[i + 1], DELAY);
    w->step[at[STAGES - 1]].hop[0] = test_end(SIM_HOP_DELIVERED);
    test_begin(src, at[0], DELAY);
    sim_world_build(w);
    test_run_sliced(w, way.slice);
    struct sim_err err = {0};
    ck_assert_msg(sim_world_audit(w, &err), "%s: %s", err.path, err.text);
    return w;
}

/* The parts of a journey: waiting, serving, waiting for a slot, on the way. */
static void check_journey(const struct sim_record *r) {
    sim_ps at = r->birth, sum = 0;
    for (uint32_t k = 0; k < r->stamps; k++) {
        const struct sim_stamp *s = &r->stamp[k];
        sim_ps way = k == 0 ? 0 : k == 1 ? DELAY : DELAY + TAIL;
        if (s->entered != at + way || s->entered > s->start || s->start > s->end ||
            s->end > s->left)
            ck_abort_msg("stamp %u: entered %ld, start %ld, end %ld, left %ld", k,
                         (long)s->entered, (long)s->start, (long)s->end, (long)s->left);
        sum += way + s->left - s->entered;
        at = s->left;
    }
    if (r->done < 0)
        ck_abort_msg("not done");
    if (r->done != SIM_NEVER && (r->stamps != STAGES + 1 || r->done - r->birth != sum + TAIL))
        ck_abort_msg("%u stamps, %ld in all, but a latency of %ld", r->stamps, (long)sum + TAIL,
                     (long)(r->done - r->birth));
}

START_TEST(stamps_add_up) {
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct test_way way = {.all_by_event = seed & 1, .shuffle = seed & 2};
        struct sim_world *w = row(seed, 1, 1500, way);
        uint32_t dropped = 0;
        ck_assert_uint_gt(w->records.n, 1000);
        for (uint32_t i = 0; i < w->records.n; i++) {
            const struct sim_record *r = &w->records.record[i];
            check_journey(r);
            dropped += r->done == SIM_NEVER;
        }
        ck_assert_uint_gt(dropped, 10);
        sim_world_free(w);
    }
}
END_TEST

/* More messages than records: whatever the way of running, those kept are all of the measured
 * ids that the final k chooses, each once and complete. */
START_TEST(thinning_by_id) {
    const struct test_way ways[] = {{SIM_QUEUE_WHEEL, false, 0, 0, false},
                                    {SIM_QUEUE_HEAP, false, 3, 0, false},
                                    {SIM_QUEUE_WHEEL, true, 9, 1000, false}};
    for (uint64_t seed = 1; seed <= 2; seed++) {
        uint64_t set[3] = {0};
        uint32_t n[3];
        for (size_t i = 0; i < 3; i++) {
            struct sim_world *w = row(seed, 1, 10000, ways[i]);
            n[i] = w->records.n;
            ck_assert_uint_gt(w->records.one_in, 1);
            ck_assert_uint_eq(w->records.one_in & (w->records.one_in - 1), 0);
            ck_assert_uint_gt(n[i], 1500);
            for (uint32_t k = 0; k < n[i]; k++) {
                const struct sim_record *r = &w->records.record[k];
                check_journey(r);
                set[i] += test_mix(r->id, (uint64_t)r->done);
            }
            sim_world_free(w);
        }
        ck_assert(n[0] == n[1] && n[0] == n[2]);
        ck_assert(set[0] == set[1] && set[0] == set[2]);
    }
}
END_TEST

START_TEST(none_wanted) {
    struct sim_world *w = row(1, 0, 100, (struct test_way){.slice = 0});
    ck_assert_uint_eq(w->records.n, 0);
    sim_world_free(w);
}
END_TEST

TEST_MAIN("records", stamps_add_up, thinning_by_id, none_wanted)
