/* test_watch.c - who waits for whom, in words: a chain of waits, and a circle of them built by
 * hand (a config with one is refused).
 */
#include "tests/check_main.h"
#include "tests/small_world.h"

struct ring {
    struct sim_world *w;
    struct tserver *s[3];
};

/* Three stations with one or two slots each; stream k begins at station k and visits all
 * three, so each waits for the next when all slots are taken. */
static struct ring ring_new(bool circle, bool all_by_event) {
    static const char *const names[] = {"card.a", "card.b", "card.c"};
    struct sim_world_opts o = {.seed = 1,
                               .duration = 10000000,
                               .messages = 4096,
                               .all_by_event = all_by_event,
                               .max_hops = 4};
    struct ring r = {.w = sim_world_new(&o)};
    struct sim_node *n = sim_node_add(r.w, "card");
    struct tsource *src[3];
    for (uint32_t i = 0; i < 3; i++) {
        r.s[i] = test_server(r.w, n, names[i], 1000, (struct sim_port_opts){.capacity = 2});
        src[i] = test_source(r.w, n, names[i], 500, 1000);
    }
    if (!circle) /* c is only slow */
        r.s[2]->fixed_ps = 1000000;
    test_init_all(r.w);
    for (uint32_t k = 0; k < (circle ? 3 : 1); k++) {
        uint16_t at[3];
        for (uint32_t i = 0; i < 3; i++)
            at[i] = test_add(r.s[(k + i) % 3], SIM_STEP_VISIT);
        r.w->step[at[0]].hop[0] = test_next(at[1], 1);
        r.w->step[at[1]].hop[0] = test_next(at[2], 1);
        r.w->step[at[2]].hop[0] = test_end(SIM_HOP_DELIVERED);
        test_begin(src[k], at[0], 1);
    }
    for (uint32_t k = circle ? 3 : 1; k < 3; k++)
        src[k]->count = 0;
    sim_world_build(r.w);
    return r;
}

START_TEST(circle_is_named) {
    for (int form = 0; form < 2; form++) {
        struct ring r = ring_new(true, form);
        char text[512];
        /* nothing moves any more: the sources' messages wait in front */
        while (sim_world_run(r.w, r.w->end, UINT64_MAX))
            ;
        ck_assert(sim_world_waits(r.w, text, sizeof text));
        ck_assert_ptr_nonnull(strstr(text, "card.a.in waits for a slot of card.b.in"));
        ck_assert_ptr_nonnull(strstr(text, "card.b.in waits for a slot of card.c.in"));
        ck_assert_ptr_nonnull(strstr(text, "card.c.in waits for a slot of card.a.in"));
        struct sim_err err = {0};
        sim_world_close(r.w, r.w->end);
        ck_assert_msg(sim_world_audit(r.w, &err), "%s: %s", err.path, err.text);
        uint64_t ended = r.w->finished;
        ck_assert_uint_lt(ended, 2900);
        sim_world_free(r.w);
    }
}
END_TEST

START_TEST(chain_is_no_circle) {
    for (int form = 0; form < 2; form++) {
        struct ring r = ring_new(false, form);
        char text[512];
        (void)sim_world_run(r.w, 5000000, UINT64_MAX);
        ck_assert(!sim_world_waits(r.w, text, sizeof text));
        if (form == 1) /* in the promise form they know already when they will have it */
            ck_assert_ptr_nonnull(strstr(text, "card.b.in waits for a slot of card.c.in"));
        sim_world_free(r.w);
    }
}
END_TEST

/* A text that does not fit is cut, not written past its end. */
START_TEST(small_buffer) {
    struct ring r = ring_new(true, false);
    while (sim_world_run(r.w, r.w->end, UINT64_MAX))
        ;
    for (unsigned long size = 1; size < 200; size++) {
        char text[256];
        memset(text, '#', sizeof text);
        (void)sim_world_waits(r.w, text, size);
        ck_assert_ptr_nonnull(memchr(text, 0, size));
        ck_assert(text[size] == '#');
    }
    sim_world_free(r.w);
}
END_TEST

TEST_MAIN("watch", circle_is_named, chain_is_no_circle, small_buffer)
