/* test_lro.c - large receive offload: when a session closes, what goes on without one, and in
 * which order. */
#include "tests/unit/tcp_frames.h"

extern const struct sim_model model_lro;

static struct probe *gather(struct bench *b, const char *params,
                            void (*vary)(struct sim_msg *, uint64_t), struct sim_comp **lro) {
    probe_add(b, "in")->vary = vary;
    *lro = bench_block(b, &model_lro, "lro", params);
    bench_visit(b, *lro, "gather", NULL);
    struct probe *out = probe_add(b, "out");
    bench_run(b);
    return out;
}

/* A frame each microsecond at 3 us and after; four close a session, whose frames go on one each
 * 1/330 M/s, 50 ns later. */
START_TEST(a_session_closes_by_its_last_frame) {
    make_frames();
    struct bench b = bench_new(16, 1000 * NS, FRAME);
    struct sim_comp *lro;
    struct probe *out = gather(&b, "{}", by_four, &lro);
    for (uint64_t i = 0; i < 16; i++) {
        sim_ps closed = (sim_ps)(i / 4 * 4 + 3) * 1000 * NS + 2;
        sim_ps served = ((sim_ps)(i + 1) * 1000000 + 329) / 330;
        sim_ps before = ((sim_ps)(i / 4 * 4) * 1000000 + 329) / 330;
        ck_assert_int_le(out->saw[i].at - (closed + served - before + 50 * NS + 1), 1);
        ck_assert_int_ge(out->saw[i].at - (closed + served - before + 50 * NS + 1), -1);
        ck_assert_uint_eq(out->saw[i].bytes, i % 4 == 0 ? FRAME : FRAME - HEADERS);
    }
    ck_assert_int_eq(stat_of(lro, "trains"), 4);
    ck_assert_int_eq(stat_of(lro, "followed"), 12);
    ck_assert_int_eq(stat_of(lro, "timeouts"), 0);
    bench_free(&b);
}
END_TEST

START_TEST(a_session_closes_by_time) {
    make_frames();
    struct bench b = bench_new(10, 1000 * NS, FRAME);
    struct sim_comp *lro;
    struct probe *out = gather(&b, "{\"timeout\": \"4500ns\"}", all_full, &lro);
    /* opened at 2 ps, closed at 4.5 us: frames 0 to 4; the next is opened at 5 us */
    ck_assert_int_eq(out->saw[0].at, 4500 * NS + 2 + 3031 + 50 * NS + 1);
    ck_assert_int_eq(out->saw[5].at - out->saw[0].at, 5000 * NS);
    ck_assert_int_eq(stat_of(lro, "trains"), 2);
    ck_assert_int_eq(stat_of(lro, "timeouts"), 2);
    bench_free(&b);
}
END_TEST

static uint64_t flows;

static void of_flows(struct sim_msg *m, uint64_t number) {
    m->flow = (uint32_t)(number % flows);
    m->body = number / flows % 4 == 3 ? &pushed : &full;
}

/* More connections than sessions: what finds none goes on at once, whole. And what is no TCP.
 */
START_TEST(what_finds_no_session_goes_on) {
    make_frames();
    struct bench b = bench_new(600, 100 * NS, FRAME);
    struct sim_comp *lro;
    flows = 3;
    struct probe *out = gather(&b, "{\"sessions\": 2, \"timeout\": \"1s\"}", of_flows, &lro);
    uint64_t whole = 0;
    for (uint64_t i = 0; i < 600; i++)
        whole += out->saw[i].bytes == FRAME;
    ck_assert_int_eq(stat_of(lro, "followed") + (int64_t)whole, 600);
    ck_assert_int_gt(stat_of(lro, "full"), 0);
    bench_free(&b);
    b = bench_new(100, 100 * NS, FRAME);
    out = gather(&b, "{}", NULL, &lro);
    for (int64_t i = 0; i < 100; i++)
        ck_assert_int_eq(out->saw[i].at, i * 100 * NS + 2 + 3031 + 50 * NS + 1);
    bench_free(&b);
}
END_TEST

static void mixed(struct sim_msg *m, uint64_t number) {
    uint64_t x = (number + 1) * 0x9e3779b97f4a7c15u;
    const struct packet *const kind[] = {&full, &full, &full, &last, &pushed, &ended, &small};
    m->flow = (uint32_t)(x >> 40) % 5;
    m->body = kind[(x >> 20) % 7];
    m->bytes = ((const struct packet *)m->body)->frame_bytes;
}

/* Whatever comes, the frames of a flow keep their order, and none is lost: out of a block that
 * is idle, one that is busy and one that is full. */
START_TEST(a_flow_keeps_its_order) {
    make_frames();
    static const char *const rate[] = {"330M/s", "30M/s", "12M/s", "8M/s", "5M/s"};
    for (int k = 0; k < 40; k++) {
        int sessions = 1 + k % 8;
        struct bench b = bench_new(5000, (sim_ps)(20 * sessions) * NS, FRAME);
        struct sim_comp *lro;
        char params[96];
        snprintf(params, sizeof params,
                 "{\"sessions\": %d, \"timeout\": \"3us\", \"rate\": \"%s\"}", sessions,
                 rate[k / 8]);
        struct probe *out = gather(&b, params, mixed, &lro);
        sim_ps latest[5] = {0};
        ck_assert_uint_eq(bench_delivered(&b), 5000);
        for (uint64_t i = 0; i < 5000; i++) {
            ck_assert_int_gt(out->saw[i].at, latest[out->saw[i].flow]);
            latest[out->saw[i].flow] = out->saw[i].at;
        }
        bench_free(&b);
    }
}
END_TEST

static void one_connection_and_others(struct sim_msg *m, uint64_t number) {
    if (number % 10 == 9)
        return; /* no TCP */
    m->body = &full;
    m->flow = 1;
}

/* One connection alone asks for more than there is: what is not of it has its share. */
START_TEST(no_connection_keeps_the_others_out) {
    make_frames();
    struct bench b = bench_new(5000, 100 * NS, FRAME);
    struct sim_comp *lro;
    struct probe *out = gather(&b, "{\"rate\": \"5M/s\", \"max_bytes\": 3000}",
                               one_connection_and_others, &lro);
    for (uint64_t i = 19; i < 5000; i += 10)
        ck_assert_int_lt(out->saw[i].at, (sim_ps)(i + 10) * 200 * NS);
    bench_free(&b);
}
END_TEST

START_TEST(a_full_lro_loses_what_comes) {
    make_frames();
    struct bench b = bench_new(100, NS, FRAME);
    struct sim_comp *lro;
    gather(&b, "{\"queue\": 10, \"timeout\": \"1ms\"}", all_full, &lro);
    ck_assert_uint_eq(bench_delivered(&b), 10);
    ck_assert_uint_eq(bench_dropped(&b, "lro:lro-full"), 90);
    bench_free(&b);
}
END_TEST

/* What a card joins of a capture, and that all of it comes out as it came in. */
static void joins(const char *order, int64_t trains, int64_t followed) {
    capture(order, (uint32_t)-PAYLOAD);
    uint64_t n = strlen(order);
    struct bench b = bench_new(n, 100 * NS, FRAME);
    struct sim_comp *lro;
    struct probe *out = gather(&b, "{}", as_captured, &lro);
    ck_assert_uint_eq(bench_delivered(&b), n);
    ck_assert_int_eq(stat_of(lro, "trains"), trains);
    ck_assert_int_eq(stat_of(lro, "followed"), followed);
    for (uint64_t i = 1; i < n; i++)
        ck_assert_int_gt(out->saw[i].at, out->saw[i - 1].at);
    bench_free(&b);
}

START_TEST(a_session_closes_by_numbers) {
    joins("01234", 1, 4);
    joins("0134", 2, 2);
    joins("013245", 4, 2);
    joins("001", 2, 1);
    joins("3210", 4, 0);
    joins("0000", 4, 0);
    joins("01-23", 2, 2);
}
END_TEST

TEST_MAIN("lro", a_session_closes_by_its_last_frame, a_session_closes_by_numbers,
          a_session_closes_by_time, what_finds_no_session_goes_on, a_flow_keeps_its_order,
          no_connection_keeps_the_others_out, a_full_lro_loses_what_comes)
