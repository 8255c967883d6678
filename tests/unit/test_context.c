/* test_context.c - contexts and translations: the miss cliff against a plain LRU list, rates
 * and times exact. */
#include "models/payload.h"
#include "tests/unit/probe.h"
#include <math.h>

extern const struct sim_model model_context;

enum { NS = 1000 };

static uint32_t flows;
static bool at_random;

static uint32_t flow_of(uint64_t number) {
    return (uint32_t)((at_random ? test_mix(3, number) : number) % flows);
}

static void queue_pairs(struct sim_msg *m, uint64_t number) { m->flow = flow_of(number); }

static struct sim_comp *world(struct bench *b, const char *params) {
    probe_add(b, "in")->vary = queue_pairs;
    struct sim_comp *c = bench_block(b, &model_context, "ctx", params);
    probe_go_on(b, bench_visit(b, c, "look-up", NULL), 1);
    bench_run(b);
    return c;
}

/* In one list, the latest use first: how many of the messages find theirs among the first
 * `entries`? */
static int64_t plain_hits(uint32_t messages, uint32_t entries) {
    static uint32_t list[1024];
    uint32_t n = 0;
    int64_t hits = 0;
    for (uint32_t i = 0; i < messages; i++) {
        uint32_t flow = flow_of(i), k = 0;
        while (k < n && list[k] != flow)
            k++;
        hits += k < n;
        n += k == n && n < entries;
        memmove(list + 1, list, (k < n ? k : n - 1) * sizeof *list);
        list[0] = flow;
    }
    return hits;
}

/* One set, as in the list; at 64 entries and 65 queue pairs in turn nothing is ever found. */
START_TEST(hits_are_those_of_a_plain_list) {
    static const uint32_t many[] = {1, 32, 64, 65, 80, 128, 512};
    for (size_t k = 0; k < 2 * sizeof many / sizeof *many; k++) {
        struct bench b = bench_new(4000, 1000 * NS, 100);
        flows = many[k / 2];
        at_random = k % 2;
        struct sim_comp *c = world(&b, "{\"qp_entries\": 64, \"ways\": 64, \"mtt_lines\": 64}");
        int64_t want = plain_hits(4000, 64);
        ck_assert_int_eq(stat_of(c, "qp_hits"), want);
        ck_assert_int_eq(stat_of(c, "qp_misses"), 4000 - want);
        ck_assert_int_eq(stat_of(c, "bytes_read"), (4000 - want) * 375);
        if (flows == 65 && !at_random)
            ck_assert_int_eq(want, 0);
        bench_free(&b);
    }
}
END_TEST

/* With sets of 8 the cliff is not as sharp, and at random it is the share that fits. */
START_TEST(beyond_the_cache_the_share_that_fits_hits) {
    struct bench b = bench_new(19000, 1000 * NS, 100);
    flows = 2048;
    at_random = true;
    struct sim_comp *c = world(&b, "{\"qp_entries\": 1024, \"mtt_lines\": 8}");
    int64_t late = stat_of(c, "qp_hits"); /* the first 1,024 or so are new to it */
    ck_assert_int_gt(late, 19000 / 2 - 1024 - 300);
    ck_assert_int_lt(late, 19000 / 2);
    bench_free(&b);
}
END_TEST

START_TEST(idle_latency_is_the_sum_of_its_parts) {
    struct bench b = bench_new(2, 10000 * NS, 100);
    flows = 1;
    world(&b, "{\"fetch_latency\": \"300ns\", \"region_bytes\": 4096}");
    ck_assert_int_eq(b.sink->log_start[0], (50 + 300) * NS + 3); /* both reads at once */
    ck_assert_int_eq(b.sink->log_start[1], 10000 * NS + 50 * NS + 3);
    bench_free(&b);
}
END_TEST

/* All on the chip: the stage's rate. Nothing on it: 32 reads in 500 ns. */
START_TEST(either_side_of_the_cliff) {
    struct bench b = bench_new(3300, 0, 100);
    flows = 1;
    at_random = false;
    world(&b, "{}");
    for (int64_t i = 1; i < 3300; i++) /* the first is read meanwhile, and comes behind 165 */
        ck_assert_int_eq(b.sink->log_start[i <= 165 ? i - 1 : i],
                         2 + (i * 1000000 + 329) / 330 + 50 * NS + 1);
    ck_assert_int_eq(b.sink->log_start[165], 2 + 550 * NS + 1);
    bench_free(&b);
    b = bench_new(3200, 0, 100);
    flows = 3200;
    struct sim_comp *c = world(&b, "{}");
    ck_assert_int_eq(stat_of(c, "qp_misses"), 3200);
    for (int64_t i = 0; i < 3200; i++)
        ck_assert_int_eq(b.sink->log_start[i],
                         2 + (i % 32 * 1000000 + 329) / 330 + i / 32 * 500 * NS + 550 * NS + 1);
    bench_free(&b);
}
END_TEST

/* 64 messages of 4,096 bytes go round in 64 pages: 8 lines, each read once. A message across
 * two lines looks up both. */
START_TEST(translations) {
    static const struct {
        const char *params;
        int64_t misses, hits;
    } want[] = {
        {"\"region_bytes\": 262144, \"access\": \"sequential\"", 8, 632},
        {"\"region_bytes\": 2097152, \"access\": \"sequential\"", 64, 576},
        {"\"region_bytes\": 4194304, \"access\": \"sequential\"", 80, 560},
        {"\"region_bytes\": 1, \"access\": \"random\"", 1, 639},
        {"\"region_bytes\": 4194304, \"page_bytes\": 2097152, \"pages_per_line\": 1", 2, 638}};
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        char params[256];
        snprintf(params, sizeof params, "{%s}", want[k].params);
        struct bench b = bench_new(640, 10000 * NS, 4096);
        flows = 1;
        struct sim_comp *c = world(&b, params);
        ck_assert_int_eq(stat_of(c, "mtt_misses"), want[k].misses);
        ck_assert_int_eq(stat_of(c, "mtt_hits"), want[k].hits);
        bench_free(&b);
    }
}
END_TEST

START_TEST(whole_sets_only) {
    bench_refused(&model_context, "{\"mtt_lines\": 1001}", "/mtt_lines", "write e.g. 1008");
}
END_TEST

/* 1,000 flows in turn, ten to a context: 100 contexts, of which 64 lie on the chip in one set;
 * neighbours come one after the other, so nine of ten find theirs. */
START_TEST(flows_share_a_context) {
    struct bench b = bench_new(5000, 1000 * NS, 100);
    flows = 1000;
    at_random = false;
    struct sim_comp *c = world(&b, "{\"qp_entries\": 64, \"ways\": 64, \"mtt_lines\": 64,"
                                   " \"flows_per_context\": 10}");
    ck_assert_int_eq(stat_of(c, "contexts"), 100);
    ck_assert_int_eq(stat_of(c, "sequence_highest"), 50);
    ck_assert_int_eq(stat_of(c, "qp_hits"), 4500);
    ck_assert_int_eq(stat_of(c, "bytes_read"), 500 * 375);
    bench_free(&b);
}
END_TEST

enum { HOSTS = 1024 };
static struct packet hosts[HOSTS];

/* Host h of 10.1.0.0/22 to 10.2.h/256.h%256, each a flow of its own. */
static void between_hosts(struct sim_msg *m, uint64_t number) {
    uint32_t h = (uint32_t)(number % HOSTS);
    struct packet *p = &hosts[h];
    const uint8_t src[4] = {10, 1, (uint8_t)(h >> 8), (uint8_t)h};
    const uint8_t dst[4] = {10, 2, (uint8_t)(h >> 8), (uint8_t)h};
    *p = (struct packet){.heads = 1, .flow = h, .conversation = h};
    p->head[0].version = 4;
    memcpy(p->head[0].src, src, 4);
    memcpy(p->head[0].dst, dst, 4);
    m->body = p;
    m->flow = h;
}

/* As many associations as there are networks; each numbers all packets that it carries. */
START_TEST(networks_share_an_association) {
    static const struct {
        const char *params;
        int64_t contexts;
    } want[] = {{"\"by\": \"destination\"", HOSTS},
                {"\"by\": \"destination\", \"prefix_ipv4\": 30", HOSTS / 4},
                {"\"by\": \"destination\", \"prefix_ipv4\": 24", 4},
                {"\"by\": \"source\", \"prefix_ipv4\": 24", 4},
                {"\"by\": \"source\", \"prefix_ipv4\": 23", 2},
                {"\"by\": \"destination\", \"prefix_ipv4\": 0", 1}};
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        char params[128];
        snprintf(params, sizeof params, "{%s}", want[k].params);
        struct bench b = bench_new(4 * HOSTS, 1000 * NS, 100);
        probe_add(&b, "in")->vary = between_hosts;
        struct sim_comp *c = bench_block(&b, &model_context, "ctx", params);
        probe_go_on(&b, bench_visit(&b, c, "look-up", NULL), 1);
        bench_run(&b);
        ck_assert_int_eq(stat_of(c, "contexts"), want[k].contexts);
        ck_assert_int_eq(stat_of(c, "sequence_highest"), 4 * HOSTS / want[k].contexts);
        ck_assert_int_eq(stat_of(c, "qp_misses"), want[k].contexts); /* all of them fit */
        bench_free(&b);
    }
}
END_TEST

/* Misses of one round of `n` queue pairs in turn, after two rounds, with 699 sets of 8. */
static int64_t misses_of_a_round(uint32_t n) {
    int64_t misses[2];
    flows = n;
    at_random = false;
    for (uint32_t k = 0; k < 2; k++) {
        struct bench b = bench_new((2 + k) * n, 1000 * NS, 100);
        misses[k] = stat_of(world(&b, "{}"), "qp_misses");
        bench_free(&b);
    }
    return misses[1] - misses[0];
}

/* Sets fill unevenly, like urns: of those that hold more than 8 in turn none is found again. A
 * queue pair is in one if 8 or more of the others are there too, by Poisson's law. */
START_TEST(fewer_than_there_are_entries_miss_too) {
    const double mean = 5000.0 / 699;
    double term = exp(-mean), below = 0;
    for (int k = 0; k < 8; k++) {
        below += term;
        term *= mean / (k + 1);
    }
    ck_assert_int_eq(misses_of_a_round(1000), 0);
    int64_t misses = misses_of_a_round(5000);
    ck_assert_msg(fabs((double)misses - 5000 * (1 - below)) < 250, "%lld, by law %.0f",
                  (long long)misses, 5000 * (1 - below));
}
END_TEST

TEST_MAIN("contexts", flows_share_a_context, networks_share_an_association,
          hits_are_those_of_a_plain_list, beyond_the_cache_the_share_that_fits_hits,
          idle_latency_is_the_sum_of_its_parts, either_side_of_the_cliff, translations,
          whole_sets_only, fewer_than_there_are_entries_miss_too)
