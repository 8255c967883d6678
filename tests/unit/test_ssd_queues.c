/* test_ssd_queues.c - which command a drive takes next, and which of several drives has what:
 * queues in turn and by weight, stripes and namespaces against what is dealt out by hand.
 */
#include "models/ssd.h"
#include "tests/unit/probe.h"

extern const struct sim_model model_ssd;

enum { EACH = 100, QUEUES = 4 };

static struct sim_pool *pool;

/* A request of queue q, and of class q; all queues are filled before the next one. */
static void make_request(struct sim_msg *m, uint64_t number) {
    m->hash = (uint32_t)(number / EACH);
    m->cls = m->hash & 0x1f;
    m->flags |= SIM_MSG_OWN;
    *(struct io *)sim_msg_room(pool, m) = (struct io){.offset = 0, .bytes = 4096};
}

/* Queues in the order in which their commands were taken. */
static void order_of(const char *json, uint32_t queue[EACH * QUEUES]) {
    struct bench b = bench_new(EACH * QUEUES, 0, 64);
    struct probe *in = probe_add(&b, "in");
    struct sim_comp *ssd = bench_block(&b, &model_ssd, "ssd", json);
    ssd->like = 1;
    bench_visit(&b, ssd, "command", NULL);
    struct probe *out = probe_add(&b, "out");
    uint32_t n = 0;
    in->vary = make_request;
    pool = &b.node->pool;
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), EACH * QUEUES);
    for (sim_ps t = 0; n < EACH * QUEUES; n++) {
        uint32_t next = UINT32_MAX;
        for (uint32_t i = 0; i < EACH * QUEUES; i++)
            if (out->saw[i].at > t &&
                (next == UINT32_MAX || out->saw[i].at < out->saw[next].at))
                next = i;
        ck_assert_uint_ne(next, UINT32_MAX);
        t = out->saw[next].at;
        queue[n] = next / EACH;
    }
    bench_free(&b);
}

#define DRIVE                                                                                  \
    "\"queues\": 4, \"queue_depth\": 1024, \"command_time\": \"1us\", \"command_latency\": "   \
    "\"0s\""

START_TEST(queues_take_turns) {
    static const uint32_t burst[] = {1, 3, 20};
    for (size_t i = 0; i < sizeof burst / sizeof *burst; i++) {
        uint32_t queue[EACH * QUEUES], left[QUEUES] = {EACH, EACH, EACH, EACH}, q = 0;
        char json[256];
        snprintf(json, sizeof json, "{" DRIVE ", \"burst\": %u}", burst[i]);
        order_of(json, queue);
        for (uint32_t n = 0; n < EACH * QUEUES; q = (q + 1) % QUEUES)
            for (uint32_t k = 0; k < burst[i] && left[q] > 0; k++, n++, left[q]--)
                ck_assert_msg(queue[n] == q, "burst %u: command %u is queue %u's, not %u's",
                              burst[i], n, queue[n], q);
    }
}
END_TEST

/* Class 0 before all others; of those 5, 3 and 1 in a round, as long as they have any. */
START_TEST(classes_have_weights) {
    uint32_t queue[EACH * QUEUES], n = 0, count[QUEUES];
    order_of("{" DRIVE ", \"arbitration\": \"weighted\", \"weight_high\": 5, "
             "\"weight_medium\": 3, \"weight_low\": 1}",
             queue);
    for (; n < EACH; n++)
        ck_assert_uint_eq(queue[n], 0);
    for (uint32_t round = 0; round < EACH / 5; round++) {
        memset(count, 0, sizeof count);
        for (uint32_t k = 0; k < 9; k++)
            count[queue[n++]]++;
        ck_assert_uint_eq(count[1], 5);
        ck_assert_uint_eq(count[2], 3);
        ck_assert_uint_eq(count[3], 1);
    }
    for (uint32_t round = 0; round < 10; round++) { /* nobody waits for who has none */
        memset(count, 0, sizeof count);
        for (uint32_t k = 0; k < 4; k++)
            count[queue[n++]]++;
        ck_assert_uint_eq(count[2], 3);
        ck_assert_uint_eq(count[3], 1);
    }
}
END_TEST

/* ---------------------------------------------------------------- several drives */

/* Stripe by stripe dealt to the drives in turn: where each block of a volume lies. */
START_TEST(stripes_are_dealt_in_turn) {
    enum { BLOCK = 4096, BLOCKS = 600 };
    struct bench b = bench_new(1, 0, 64);
    struct ssd *d = bench_block(&b, &model_ssd, "ssd", "{}");
    for (uint32_t like = 1; like <= 8; like++)
        for (uint32_t stripe = 1; stripe <= 7; stripe++) {
            uint64_t filled[8] = {0};
            d->base.like = like;
            d->stripe = (int64_t)stripe * BLOCK;
            for (uint32_t i = 0; i < BLOCKS; i++) {
                struct io io = {.offset = (uint64_t)i * BLOCK, .space = 3};
                uint32_t drive = i / stripe % like;
                ck_assert_uint_eq(ssd_offset(d, &io), filled[drive]);
                ck_assert_uint_eq(ssd_space(d, &io), 3);
                filled[drive] += BLOCK;
            }
        }
    bench_free(&b);
}
END_TEST

/* Namespaces are dealt to the drives, and are counted anew on each. */
START_TEST(namespaces_are_dealt_in_turn) {
    struct bench b = bench_new(1, 0, 64);
    struct ssd *d = bench_block(&b, &model_ssd, "ssd", "{\"namespaces\": 8}");
    for (uint32_t like = 1; like <= 8; like++) {
        uint32_t spaces[8] = {0};
        d->base.like = like;
        for (uint16_t i = 0; i < 8 * like; i++) {
            struct io io = {.offset = 12345, .space = i};
            ck_assert_uint_eq(ssd_space(d, &io), spaces[i % like]++);
            ck_assert_uint_eq(ssd_offset(d, &io), 12345);
        }
    }
    bench_free(&b);
}
END_TEST

/* Whom a request is sent to is who has its place. */
static void share_request(struct sim_msg *m, uint64_t number) {
    const struct io io = {.offset = number * 40960, .bytes = 4096, .space = number % 5 & 0xff};
    m->flags |= SIM_MSG_OWN;
    *(struct io *)sim_msg_room(pool, m) = io;
}

static struct ssd *asked;

static void ask_share(struct sim_msg *m, uint64_t number) {
    share_request(m, number);
    for (uint32_t like = 1; like <= 8; like++) {
        asked->base.like = like;
        asked->stripe = 65536;
        ck_assert_uint_eq(model_ssd.share(&asked->base, m) % like,
                          number * 40960 / 65536 % like);
        asked->stripe = 0;
        ck_assert_uint_eq(model_ssd.share(&asked->base, m) % like, number % 5 % like);
    }
}

START_TEST(requests_go_to_who_has_them) {
    struct bench b = bench_new(500, 0, 64);
    struct probe *in = probe_add(&b, "in");
    asked = bench_block(&b, &model_ssd, "ssd", "{}");
    in->vary = ask_share;
    pool = &b.node->pool;
    bench_run(&b);
    ck_assert_uint_eq(in->seen, 500);
    bench_free(&b);
}
END_TEST

TEST_MAIN("ssd queues", queues_take_turns, classes_have_weights, stripes_are_dealt_in_turn,
          namespaces_are_dealt_in_turn, requests_go_to_who_has_them)
