/* test_flows.c - renewal against a plain list of copies and what they are; numbers of
 * five-tuples; what a mask does to the RSS hash. */
#include "tests/source_world.h"
#include "workloads/flows.h"

/* Passes of random F and K with v new flows in each; what a copy was when it began it stays
 * until it begins again. */
struct plain {
    uint64_t turn[400][20]; /* [copy][flow] */
    bool old[400][20], again[400][20];
    bool ends[400][20], began[400][20]; /* as it was told, since it began in the run */
};

static void begin_copy(struct plain *p, const struct work_flows *f, uint32_t copy,
                       uint64_t *renewed) {
    uint64_t all = (uint64_t)f->copies * f->captured;
    for (uint32_t k = 0; k < f->captured; k++) {
        struct work_instance of = work_flows_at(f, k, 0);
        uint64_t before = p->turn[copy][k];
        bool right = of.turn % f->captured == 0 && of.turn / f->captured % f->copies == copy &&
                     of.turn == before + (of.again ? 0 : all) && of.old == (of.turn < all);
        if (!right)
            ck_abort_msg("copy %u, flow %u: turn %lu after %lu", copy, k,
                         (unsigned long)of.turn, (unsigned long)before);
        if (p->began[copy][k] && p->ends[copy][k] == of.again)
            ck_abort_msg("copy %u, flow %u: its end was not told", copy, k);
        p->began[copy][k] = true;
        p->ends[copy][k] = of.ends;
        *renewed += !of.again;
        p->turn[copy][k] = of.turn;
        p->old[copy][k] = of.old;
        p->again[copy][k] = of.again;
    }
}

static void look_at_all(const struct plain *p, const struct work_flows *f) {
    for (uint32_t lag = 0; lag < f->copies; lag++)
        for (uint32_t k = 0; k < f->captured; k++) {
            uint32_t copy = (f->phase + f->copies - lag) % f->copies;
            struct work_instance of = work_flows_at(f, k, lag);
            if (of.turn != p->turn[copy][k] || of.old != p->old[copy][k] ||
                of.again != p->again[copy][k] ||
                (p->began[copy][k] && of.ends != p->ends[copy][k]))
                ck_abort_msg("lag %u, flow %u: not what it was", lag, k);
        }
}

/* As many begin as stated, at any time but for a few, from the first pass on. */
START_TEST(copies_begin_in_turn) {
    static struct plain p;
    for (uint64_t seed = 0; seed < 60; seed++) {
        uint32_t captured = 1 + (uint32_t)(test_mix(seed, 1) % 20);
        uint32_t copies = 1 + (uint32_t)(test_mix(seed, 2) % (seed % 2 ? 10 : 400));
        uint64_t per = 1000, fresh = test_mix(seed, 3) % (captured * per + 1), renewed = 0;
        struct work_flows f;
        work_flows_init(&f, copies, captured, fresh, per);
        for (uint32_t k = 0; k < copies; k++)
            for (uint32_t i = 0; i < captured; i++) {
                p.turn[k][i] = (uint64_t)k * captured;
                p.old[k][i] = p.again[k][i] = true;
                p.began[k][i] = false;
            }
        for (uint64_t pass = 0; pass < 1500; pass++) {
            work_flows_pass(&f);
            begin_copy(&p, &f, (uint32_t)(pass % copies), &renewed);
            if (pass % 97 == 0)
                look_at_all(&p, &f);
            double want = (double)(pass + 1) * (double)fresh / (double)per;
            /* a round or two that hits the same few flows, and the sweep's unevenness */
            if (renewed > want + captured + 6 || renewed + captured + 6 < want)
                ck_abort_msg("seed %lu, pass %lu: %lu, not %g", (unsigned long)seed,
                             (unsigned long)pass, (unsigned long)renewed, want);
        }
    }
}
END_TEST

/* New ones are of all captured flows alike, however short the run. */
START_TEST(new_ones_of_all_captured_flows) {
    enum { F = 57, K = 1754, PASSES = 400 };
    uint32_t of_flow[F] = {0}, gap = 0, longest = 0;
    struct work_flows f;
    work_flows_init(&f, K, F, 9, 4); /* 2.25 a pass */
    for (uint32_t pass = 0; pass < PASSES; pass++) {
        uint32_t n = 0;
        work_flows_pass(&f);
        for (uint32_t k = 0; k < F; k++)
            if (!work_flows_at(&f, k, 0).again) {
                of_flow[k]++;
                n++;
            }
        gap = n ? 0 : gap + 1;
        longest = gap > longest ? gap : longest;
    }
    for (uint32_t k = 0; k < F; k++) { /* 15.8 each */
        ck_assert_uint_ge(of_flow[k], 10);
        ck_assert_uint_le(of_flow[k], 22);
    }
    ck_assert_uint_le(longest, 2);
}
END_TEST

/* After two million rounds each flow has been renewed as often as stated, but for one. */
START_TEST(exact_over_long_times) {
    enum { F = 3, ROUNDS = 2000000 };
    struct work_flows f;
    work_flows_init(&f, 1, F, 12345678, 33333333);
    for (uint32_t pass = 0; pass < ROUNDS; pass++)
        work_flows_pass(&f);
    uint64_t want = (uint64_t)ROUNDS * 12345678 / (F * 33333333ULL);
    for (uint32_t k = 0; k < F; k++) {
        uint64_t renewed = work_flows_at(&f, k, 0).turn / F;
        ck_assert_uint_ge(renewed, want);
        ck_assert_uint_le(renewed, want + 1);
    }
}
END_TEST

START_TEST(without_renewal_all_are_old) {
    struct work_flows f;
    work_flows_init(&f, 2, 5, 0, 7);
    for (uint32_t pass = 0; pass < 1000; pass++) {
        work_flows_pass(&f);
        for (uint32_t k = 0; k < 5; k++) {
            struct work_instance of = work_flows_at(&f, k, k % 2);
            ck_assert_uint_eq(of.turn, (pass + k % 2) % 2 * 5);
            ck_assert(of.old && of.again);
        }
    }
}
END_TEST

START_TEST(masks_change_the_hash) {
    static struct packet_rss_table table;
    packet_rss_table_init(&table, packet_rss_key);
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t mask = packet_flow_mask(i);
        ck_assert_uint_eq(work_rss_delta(&table, 0, mask), 0);
        ck_assert_uint_eq(work_rss_delta(&table, 4, mask),
                          packet_rss_delta(packet_rss_key, 4, mask));
        ck_assert_uint_eq(work_rss_delta(&table, 6, mask),
                          packet_rss_delta(packet_rss_key, 6, mask));
    }
}
END_TEST

static struct packet tuple(uint32_t n) {
    struct packet p = {.heads = 1};
    p.head[0] = (struct packet_head){.version = 4, .proto = 17, .sport = (uint16_t)n};
    memcpy(p.head[0].src, &n, sizeof n);
    return p;
}

START_TEST(numbers_in_order_of_appearance) {
    struct sim_arena arena = {0};
    struct work_numbers n;
    work_numbers_init(&n, &arena);
    for (uint32_t i = 0; i < 100000; i++) {
        struct packet p = tuple(i * 7), before = tuple(i / 2 * 7);
        ck_assert_uint_eq(work_number(&n, &p, 0).flow, i);
        ck_assert_uint_eq(work_number(&n, &before, 0).flow, i / 2);
    }
    struct packet none = {.heads = 0}, other = {.heads = 0, .ethertype = 0x806};
    ck_assert_uint_eq(work_number(&n, &none, 0).flow, 100000);
    ck_assert_uint_eq(work_number(&n, &other, 0).flow, 100000);
    ck_assert_uint_eq(n.used, 100001);
    work_numbers_free(&n, &arena);
    ck_assert_uint_eq(n.used, 100001);
    sim_arena_free(&arena);
}
END_TEST

/* Both directions have the number of whichever came first, at each level. */
START_TEST(conversations_have_two_directions) {
    struct sim_arena arena = {0};
    struct work_numbers n;
    work_numbers_init(&n, &arena);
    for (uint32_t i = 0; i < 20000; i++) {
        struct packet p = tuple(i), back = {.heads = 1};
        back.head[0] = (struct packet_head){.version = 4, .proto = 17};
        back.head[0].dport = p.head[0].sport;
        memcpy(back.head[0].dst, p.head[0].src, 16);
        struct work_numbered there = work_number(&n, &p, 0);
        ck_assert_uint_eq(there.flow, 2 * i);
        ck_assert_uint_eq(there.conversation, 2 * i);
        struct work_numbered reply = work_number(&n, &back, 0);
        ck_assert_uint_eq(reply.flow, i ? 2 * i + 1 : 0); /* 0 to 0: its own other direction */
        ck_assert_uint_eq(reply.conversation, 2 * i);
        if (i == 0) { /* keep the numbers simple */
            struct packet other = tuple(1000000);
            ck_assert_uint_eq(work_number(&n, &other, 0).flow, 1);
        }
        ck_assert_uint_eq(work_number(&n, &p, 0).conversation, 2 * i);
    }
    ck_assert_uint_eq(n.kept, 20001);
    ck_assert_uint_eq(n.used, 40000);
    sim_arena_free(&arena);
}
END_TEST

/* Each level for itself; in one table, which has room for so many in all. */
START_TEST(numbers_of_two_levels) {
    struct sim_arena arena = {0};
    struct work_numbers n;
    work_numbers_init(&n, &arena);
    for (uint32_t i = 0; i < 5000; i++) {
        struct packet outer = tuple(i / 3), p = tuple(i % 1000);
        p.heads = 2;
        p.head[1] = p.head[0];
        p.head[0] = outer.head[0];
        ck_assert_uint_eq(work_number(&n, &p, 0).flow, i / 3);
        ck_assert_uint_eq(work_number(&n, &p, 1).flow, i % 1000);
    }
    struct packet none = {.heads = 1};
    ck_assert_uint_eq(work_number(&n, &none, 1).flow, 1000);
    ck_assert_uint_eq(n.flows[0], 1667);
    ck_assert_uint_eq(n.flows[1], 1001);
    ck_assert_uint_eq(n.used, 2668);
    sim_arena_free(&arena);
}
END_TEST

START_TEST(too_many_flows_are_hashed) {
    struct sim_arena arena = {0};
    struct work_numbers n;
    work_numbers_init(&n, &arena);
    for (uint32_t i = 0; i < WORK_NUMBERS; i++) {
        struct packet p = tuple(i);
        ck_assert_uint_eq(work_number(&n, &p, 0).flow, i);
    }
    struct packet p = tuple(WORK_NUMBERS), q = tuple(WORK_NUMBERS + 1), first = tuple(0);
    uint32_t number = work_number(&n, &p, 0).flow;
    ck_assert_uint_ge(number, WORK_NUMBERS);
    ck_assert_uint_eq(number, work_number(&n, &p, 0).flow);
    ck_assert_uint_ne(number, work_number(&n, &q, 0).flow);
    ck_assert_uint_eq(work_number(&n, &first, 0).flow, 0);
    ck_assert_uint_eq(n.used, WORK_NUMBERS);
    sim_arena_free(&arena);
}
END_TEST

TEST_MAIN("flow renewal", copies_begin_in_turn, new_ones_of_all_captured_flows,
          exact_over_long_times, without_renewal_all_are_old, masks_change_the_hash,
          numbers_in_order_of_appearance, conversations_have_two_directions,
          numbers_of_two_levels, too_many_flows_are_hashed)
