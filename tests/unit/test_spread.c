/* test_spread.c - copies of a looped capture that are under way at once: how many flows are
 * alive, the order within each, what begins when; lags against their definition; from a table
 * and from the file alike. */
#include "tests/source_world.h"
#include "workloads/spread.h"

enum { FLOWS = 6, MOST = 40 };

static const uint32_t of_flow[FLOWS] = {40, 1, 7, 17, 2, 29};
static char name[32];

/* So many packets of each flow, mixed; a packet's length says which of its flow's it is. */
static uint32_t mixed_capture(uint64_t seed) {
    uint32_t left[FLOWS], all = 0, n = 0;
    FILE *f = capture_new(name);
    for (uint32_t i = 0; i < FLOWS; i++)
        all += left[i] = of_flow[i];
    for (uint32_t i = 0; i < FLOWS; i++, left[i - 1]--) /* numbered 0, 1, ... */
        capture_add(f, 1000 * n++, i, 60);
    while (n < all) {
        uint32_t i = (uint32_t)(test_mix(seed, n) % FLOWS);
        for (; left[i] == 0; i = (i + 1) % FLOWS)
            ;
        capture_add(f, 1000 * n++, i, 60 + of_flow[i] - left[i]--);
    }
    fclose(f);
    return all;
}

static struct bench run_copies(uint32_t copies, uint32_t per_s, const char *more) {
    struct bench b = bench_new(0, 1000000000, 4096);
    ck_assert(bench_add(&b, "pcap",
                        "{'file': '%s', 'packet_rate': '50M/s', 'loop': {'flows': 'renumber', "
                        "'concurrent_flows': %u, 'new_flows_per_s': %u}%s}",
                        name, copies * FLOWS, per_s, more));
    bench_go(&b);
    return b;
}

struct life {
    uint32_t next; /* of its packets */
    int64_t begun; /* pass; -1: not in the run */
    bool done;     /* another one has its place */
    bool last;     /* what it shows now is its end */
};

/* A cheap check: there are many. */
#define hold(what)                                                                             \
    do {                                                                                       \
        if (!(what))                                                                           \
            ck_abort_msg("%s", #what);                                                         \
    } while (0)

/* Follow what the probe saw of `copies` copies; every flow's packets must be in order. */
static void follow(const struct bench *b, uint32_t all, uint32_t copies) {
    static struct life life[1 << 16];
    static uint32_t in_place[64][FLOWS];
    uint32_t alive = 0;
    memset(life, 0, sizeof life);
    memset(in_place, 0xff, sizeof in_place);
    for (uint32_t i = 0; i < b->probe->n; i++) {
        const struct seen *s = &b->probe->log[i];
        hold(s->flow < sizeof life / sizeof *life);
        uint32_t flow = s->flow % FLOWS, rank = s->bytes - 64, pass = i / all;
        uint32_t *place = &in_place[s->flow / FLOWS % copies][flow];
        struct life *l = &life[s->flow];
        hold(!l->done);
        if (*place != s->flow) { /* a new one: the one before has come to its end */
            if (*place != UINT32_MAX) {
                const struct life *gone = &life[*place];
                hold(gone->next == 0);
                hold(gone->last || (gone->begun >= 0 && pass - gone->begun <= copies));
                life[*place].done = true;
                alive--;
            }
            hold(*place == UINT32_MAX || rank == 0);
            *l = (struct life){.next = rank, .begun = rank > 0 ? -1 : (int64_t)pass};
            *place = s->flow;
            alive++;
        }
        hold(rank == l->next);
        l->next = (rank + 1) % of_flow[flow];
        if (l->begun >= 0) /* evenly spread over its copy's time */
            hold((pass - l->begun) % copies == rank * copies / of_flow[flow]);
        hold(((s->flags & SIM_MSG_OLD) != 0) == (s->flow < copies * FLOWS));
        bool first_time = !(s->flags & SIM_MSG_OLD) && pass - l->begun < copies;
        hold(!first_time || (s->flags & SIM_MSG_AGAIN) == 0);
        hold(!l->last || rank > 0); /* it would go on */
        l->last = !first_time && (s->flags & SIM_MSG_AGAIN) == 0;
        hold(alive <= copies * FLOWS);
        if (pass >= copies) /* all have been seen */
            hold(alive == copies * FLOWS);
    }
}

START_TEST(so_many_are_alive_each_in_order) {
    static const uint32_t of[] = {1, 2, 3, 7, 16, 40, 41, 64};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        uint32_t all = mixed_capture(i);
        for (int renewed = 0; renewed < 2; renewed++) {
            struct bench b = run_copies(of[i], renewed ? 700000 + 100000 * (uint32_t)i : 0, "");
            ck_assert_uint_gt(b.probe->n, 40000);
            follow(&b, all, of[i]);
            bench_free(&b);
        }
        unlink(name);
    }
}
END_TEST

/* As many begin as are stated, from the first pass on. */
START_TEST(so_many_begin) {
    for (uint32_t copies = 1; copies <= 64; copies += 21) {
        static bool known[1 << 17];
        uint32_t all = mixed_capture(9), fresh = 0;
        struct bench b = run_copies(copies, 1000000, "");
        memset(known, 0, sizeof known);
        for (uint32_t i = 0; i < b.probe->n; i++) {
            const struct seen *s = &b.probe->log[i];
            fresh += !(s->flags & SIM_MSG_OLD) && !known[s->flow];
            known[s->flow] = true;
            double want = (i / all + 1) * (double)all / 50; /* one a microsecond */
            hold(i % all != all - 1 || (fresh + 8 > want && fresh < want + 8));
        }
        bench_free(&b);
        unlink(name);
    }
}
END_TEST

START_TEST(table_and_file_agree) {
    mixed_capture(3);
    struct bench a = run_copies(23, 800000, "");
    struct bench b = run_copies(23, 800000, ", 'table_records': 5");
    ck_assert_uint_eq(a.probe->n, b.probe->n);
    ck_assert_int_eq(memcmp(a.probe->log, b.probe->log, a.probe->n * sizeof *a.probe->log), 0);
    bench_free(&a);
    bench_free(&b);
    unlink(name);
}
END_TEST

/* Whole copies only, and a counter says how many. */
START_TEST(whole_copies) {
    mixed_capture(4);
    struct bench b = bench_new(0, 1000000, 64);
    ck_assert(bench_add(&b, "pcap",
                        "{'file': '%s', 'loop': {'flows': 'renumber', 'concurrent_flows': 47}}",
                        name));
    bench_go(&b);
    const struct sim_comp *c = &b.source[0]->base;
    int64_t copies = 0;
    for (const struct sim_field *row = c->model->stats; row->name; row++)
        copies = strcmp(row->name, "copies") == 0 ? sim_field_int(row, c) : copies;
    ck_assert_int_eq(copies, 7);
    bench_free(&b);
    unlink(name);
}
END_TEST

/* Conversations in tunnels advance as one: packet j of all n of them. One in none, for itself;
 * a file that holds more by now does no harm. */
START_TEST(tunnels_advance_as_one) {
    enum { COPIES = 1000 };
    struct sim_arena arena = {0};
    struct work_spread s;
    struct packet p[] = {{.conversation = 0, .tunnel = PACKET_TUNNEL_VXLAN},
                         {.conversation = 1},
                         {.conversation = 2, .tunnel = PACKET_TUNNEL_GRE},
                         {.conversation = 1},
                         {.conversation = 0}}; /* a fragment of such a packet */
    struct packet other = {.conversation = 3}, beyond = {.conversation = UINT32_MAX};
    static const uint32_t lag[] = {0, 0, COPIES / 3, COPIES / 2, 2 * COPIES / 3};
    work_spread_init(&s, &arena);
    for (int i = 0; i < 5; i++)
        work_spread_count(&s, &p[i]);
    work_spread_count(&s, &beyond);
    work_spread_over(&s, COPIES, 3);
    for (int i = 0; i < 15; i++)
        ck_assert_uint_eq(work_spread_lag(&s, &p[i % 5]), lag[i % 5]);
    ck_assert_uint_eq(work_spread_lag(&s, &other), 0);
    ck_assert_uint_eq(work_spread_lag(&s, &beyond), 0);
    work_spread_free(&s, &arena);
    sim_arena_free(&arena);
}
END_TEST

TEST_MAIN("copies of a capture", so_many_are_alive_each_in_order, so_many_begin,
          table_and_file_agree, whole_copies, tunnels_advance_as_one)
