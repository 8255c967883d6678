/* test_msg.c - the pool of messages: every slot once, fields zeroed, rooms of its own; and
 * sources that find it full, whose admission must not depend on the order of ties.
 */
#include "tests/check_main.h"
#include "tests/small_world.h"

START_TEST(slots) {
    enum { N = 100, BODY = 20 };
    struct sim_arena arena = {0};
    struct sim_pool pool;
    struct sim_msg *m[N];
    sim_ps now = 0;
    sim_pool_init(&pool, N, BODY, &now, &arena);
    ck_assert_uint_eq(pool.body_bytes, 24); /* in words of eight */
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < N; i++) {
            m[i] = sim_msg_new(&pool);
            ck_assert_ptr_nonnull(m[i]);
            ck_assert(m[i]->bytes == 0 && m[i]->flags == 0 && m[i]->parent == 0);
            ck_assert_uint_eq((uintptr_t)m[i] % 64, 0);
            ck_assert(sim_msg_live(&pool, m[i]));
            m[i]->bytes = m[i]->flags = 77;
            memset(sim_msg_room(&pool, m[i]), (int)i, pool.body_bytes);
        }
        ck_assert_ptr_null(sim_msg_new(&pool));
        ck_assert_uint_eq(pool.free, 0);
        for (uint32_t i = 0; i < N; i++) {
            const unsigned char *room = sim_msg_room(&pool, m[i]);
            ck_assert(room[0] == i && room[23] == i);
        }
        for (uint32_t i = 0; i < N; i++) {
            uint32_t k = i * 37 % N;
            sim_msg_free(&pool, m[k]);
            ck_assert(!sim_msg_live(&pool, m[k]));
        }
        ck_assert_uint_eq(pool.free, N);
    }
    sim_arena_free(&arena);
}
END_TEST

/* Three sources overload stations with long queues, in front of small ones that drop, until
 * half of the small pool is taken; from then on a message is let in when another ends, at times
 * that often are equal. */
static struct test_outcome crowd(uint64_t seed, struct test_way way) {
    struct sim_world_opts o = {.seed = seed,
                               .warmup = 100000,
                               .duration = 2000000,
                               .messages = 64,
                               .sample_one_in = 1,
                               .max_hops = 4};
    test_apply(&o, way);
    struct sim_world *w = sim_world_new(&o);
    struct sim_node *n = sim_node_add(w, "node");
    struct tserver *s[3], *small[3];
    struct tsource *src[3];
    for (uint32_t i = 0; i < 3; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%u", i);
        s[i] = test_server(w, n, name, 3000, (struct sim_port_opts){.servers = 1 + i});
        snprintf(name, sizeof name, "small%u", i);
        small[i] = test_server(w, n, name, 3000 / (1 + i),
                               (struct sim_port_opts){.capacity = 2, .full = SIM_FULL_DROP});
        s[i]->quantum = small[i]->quantum = 1000;
        snprintf(name, sizeof name, "src%u", i);
        src[i] = test_source(w, n, name, 1000 + 500 * i, 1500);
        src[i]->quantum = 1000;
    }
    test_init_all(w);
    for (uint32_t i = 0; i < 3; i++) {
        uint16_t at = test_add(s[i], SIM_STEP_VISIT), then = test_add(small[i], SIM_STEP_VISIT);
        w->step[at].hop[0] = test_next(then, 1000);
        w->step[then].hop[0] = test_end(SIM_HOP_DELIVERED);
        test_begin(src[i], at, 1000);
    }
    sim_world_build(w);
    test_run_sliced(w, way.slice);
    struct sim_err err = {0};
    ck_assert_msg(sim_world_audit(w, &err), "seed %lu: %s", (unsigned long)seed, err.text);
    int64_t waited = 0; /* for the pool */
    for (uint32_t i = 0; i < 3; i++)
        waited += src[i]->stream->step[src[i]->stream->first]->wait.max;
    ck_assert_int_gt(waited, 0);
    struct test_outcome out = test_outcome(w);
    sim_world_free(w);
    return out;
}

START_TEST(room_at_equal_times) {
    const struct test_way ways[] = {{SIM_QUEUE_WHEEL, false, 1, 0, false},
                                    {SIM_QUEUE_WHEEL, false, 9, 0, false},
                                    {SIM_QUEUE_HEAP, false, 77, 50, false},
                                    {SIM_QUEUE_WHEEL, true, 0, 0, false},
                                    {SIM_QUEUE_HEAP, true, 5, 7, false}};
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct test_outcome a = crowd(seed, (struct test_way){.slice = 0});
        ck_assert_uint_gt(a.delivered, 300);
        ck_assert_uint_gt(a.held, 100);
        ck_assert_uint_gt(a.dropped, 20);
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            struct test_outcome b = crowd(seed, ways[i]);
            ck_assert(test_same(&a, &b, seed, i));
        }
    }
}
END_TEST

TEST_MAIN("messages", slots, room_at_equal_times)
