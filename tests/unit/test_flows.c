/* test_flows.c - renewal against a plain list of instances with birth and end; numbers of
 * five-tuples; what a mask does to the RSS hash. */
#include "tests/source_world.h"
#include "workloads/flows.h"

/* Renewals up to t, counted on from n one by one. */
static uint64_t renewals_by(sim_ps t, uint64_t per_s, uint64_t n) {
    while ((sim_u128)(n + 1) * SIM_PS_PER_S <= (sim_u128)(uint64_t)t * per_s)
        n++;
    return n;
}

/* Over random C, F, N and passes: whoever is taken exists, belongs to its captured flow, and
 * every new instance is taken in the first pass after it began. */
START_TEST(new_ones_first_then_old_ones) {
    for (uint64_t seed = 0; seed < 200; seed++) {
        uint32_t captured = 1 + (uint32_t)(draw(seed, 1) % 20);
        uint32_t many = captured + (uint32_t)(draw(seed, 2) % 50);
        uint64_t per_s = draw(seed, 3) % 1000000, before = 0;
        sim_ps origin = (sim_ps)(draw(seed, 4) % 1000), at = origin;
        struct work_flows f;
        work_flows_init(&f, many, captured, per_s, origin);
        for (uint64_t pass = 0; pass < 60; pass++) {
            work_flows_pass(&f, pass, at);
            uint64_t now = renewals_by(at - origin, per_s, before), fresh = 0;
            for (uint32_t k = 0; k < captured; k++) {
                struct work_instance of = work_flows_at(&f, k);
                ck_assert_uint_eq(of.number % captured, k);
                ck_assert_uint_eq(of.old, of.number < many);
                ck_assert_uint_ge(of.number, now);
                ck_assert_uint_lt(of.number, now + many);
                fresh += of.number >= before + many;
                ck_assert_uint_eq(of.again, of.number < before + many);
            }
            uint64_t begun = now - before;
            ck_assert_uint_eq(fresh, begun < captured ? begun : captured);
            before = now;
            at += (sim_ps)(draw(seed, 100 + pass) % 20000000);
        }
    }
}
END_TEST

/* The old ones take turns: with none new, a round of passes sees every instance once, but for
 * those that do not make up a whole turn. */
START_TEST(old_ones_take_turns) {
    enum { C = 1003, F = 10 };
    struct work_flows f;
    bool seen[C] = {false};
    work_flows_init(&f, C, F, 0, 0);
    for (uint64_t pass = 0; pass < C / F; pass++) {
        work_flows_pass(&f, pass, (sim_ps)pass * 1000);
        for (uint32_t k = 0; k < F; k++) {
            uint64_t n = work_flows_at(&f, k).number;
            ck_assert(n < C && !seen[n]);
            seen[n] = true;
        }
    }
}
END_TEST

/* After a hundred days the numbers are still exact. */
START_TEST(exact_over_long_times) {
    enum { C = 1000, F = 10 };
    const uint64_t per_s = 12345678;
    struct work_flows f;
    work_flows_init(&f, C, F, per_s, 0);
    for (sim_ps day = 1; day <= 100; day += 33) {
        sim_ps t = day * 86400 * SIM_PS_PER_S;
        uint64_t renewed = (uint64_t)day * 86400 * per_s;
        work_flows_pass(&f, 0, t - 1);
        ck_assert_uint_eq(f.end_new, C + renewed - 1);
        work_flows_pass(&f, 1, t);
        ck_assert_uint_eq(f.end_new - f.first_new, 1);
        ck_assert_uint_eq(f.end_new, C + renewed);
        ck_assert_uint_eq(f.first, renewed);
    }
}
END_TEST

START_TEST(without_renewal_all_are_old) {
    struct work_flows f;
    work_flows_init(&f, 5, 5, 0, 7);
    work_flows_pass(&f, 1000, SIM_NEVER);
    for (uint32_t k = 0; k < 5; k++) {
        struct work_instance of = work_flows_at(&f, k);
        ck_assert_uint_eq(of.number, k);
        ck_assert_uint_eq(of.mask, 0);
        ck_assert(of.old);
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

TEST_MAIN("flow renewal", new_ones_first_then_old_ones, old_ones_take_turns,
          exact_over_long_times, without_renewal_all_are_old, masks_change_the_hash,
          numbers_in_order_of_appearance, conversations_have_two_directions,
          numbers_of_two_levels, too_many_flows_are_hashed)
