/* test_scheduler.c - the egress scheduler: rates exact, shares exact, which queue, what is
 * lost, what is refused. The laws are in prop_scheduler.c. */
#include "models/payload.h"
#include "tests/unit/probe.h"

extern const struct sim_model model_scheduler, model_host;

enum { NS = 1000 };

static struct packet packets[4];

static void two_classes(struct sim_msg *m, uint64_t number) { m->cls = number % 2; }

static void tagged(struct sim_msg *m, uint64_t number) {
    m->body = number % 5 == 4 ? NULL : &packets[number % 5];
}

static struct sim_comp *world(struct bench *b, const char *params,
                              void (*vary)(struct sim_msg *, uint64_t)) {
    probe_add(b, "in")->vary = vary;
    struct sim_comp *s = bench_block(b, &model_scheduler, "egress", params);
    bench_visit(b, s, "send", NULL);
    if (s->ports > 1 && !s->port[1]->aside)
        bench_visit(b, s, "send", NULL)->stage = 1;
    bench_run(b);
    return s;
}

/* A rate of its own: 1,480 bytes and 20 at 120 Gb/s are 100 ns, out of an empty scheduler and
 * of a full one, behind a pipeline of 7 ns. */
START_TEST(its_rate_is_exact) {
    struct bench b = bench_new(500, 0, 1480);
    world(&b, "{\"queues\": 1, \"rate\": \"120Gb/s\", \"latency\": \"7ns\"}", NULL);
    for (int64_t i = 0; i < 500; i++)
        ck_assert_int_eq(b.sink->log_start[i], 4 + (i + 1) * 100 * NS + 7 * NS);
    bench_free(&b);
}
END_TEST

/* Shaped to 8 Gb/s: 1,000 bytes are 1 us; the burst is two packets. */
START_TEST(a_shaper_is_exact) {
    struct bench b = bench_new(500, 0, 1000);
    struct sim_comp *s =
        world(&b, "{\"queues\": 1, \"rates\": \"8Gb/s\", \"burst\": 2000}", NULL);
    for (int64_t i = 0; i < 500; i++)
        ck_assert_int_eq(b.sink->log_start[i], 3 + (i < 2 ? 0 : (i - 1) * 1000 * NS));
    ck_assert_int_eq(stat_of(s, "sent"), 500);
    bench_free(&b);
}
END_TEST

/* A shaped queue of the higher priority does not keep the line from the other one. */
START_TEST(the_line_is_not_kept_for_tokens) {
    struct bench b = bench_new(400, 0, 1000);
    struct sim_comp *s = world(&b,
                               "{\"queues\": 2, \"rates\": \"8Gb/s,none\", \"burst\": 1000, "
                               "\"priorities\": \"0,1\", \"rate\": \"80Gb/s\", "
                               "\"gap_bytes\": 0}",
                               two_classes);
    for (int64_t i = 0; i < 222; i++) /* 100 ns each: nine of the other to one */
        ck_assert_int_eq(b.sink->log_start[i], 3 + (i + 1) * 100 * NS);
    ck_assert_int_eq(stat_of(s, "bytes0"), 200000);
    ck_assert_int_eq(stat_of(s, "bytes1"), 200000);
    bench_free(&b);
}
END_TEST

/* At 8.4 Gb/s a frame's tokens are there after 952 ns, and the line, which the other queue
 * keeps, after 1,000: of the 50 bytes that come meanwhile a bucket of one frame keeps none. So
 * it goes for the 22 frames behind the first that go beside the others' 200; then the line is
 * free. */
static void shaped_beside_a_busy_line(int burst, int64_t missed, const char *remark) {
    char params[256];
    snprintf(params, sizeof params,
             "{\"queues\": 2, \"rates\": \"8400Mb/s,none\", \"burst\": %d, "
             "\"priorities\": \"0,1\", \"rate\": \"80Gb/s\", \"gap_bytes\": 0}",
             burst);
    struct bench b = bench_new(400, 0, 1000);
    struct sim_comp *s = world(&b, params, two_classes);
    ck_assert_int_eq(stat_of(s, "missed"), missed);
    const char *is = model_scheduler.remark(s, "burst");
    ck_assert(remark == NULL ? is == NULL : is != NULL && strstr(is, remark) != NULL);
    ck_assert_ptr_null(model_scheduler.remark(s, "rates"));
    bench_free(&b);
}

START_TEST(what_a_small_bucket_misses_is_said) {
    shaped_beside_a_busy_line(64, 22 * 50, "below the largest frame");
    shaped_beside_a_busy_line(1000, 22 * 50, "less through than their rates");
    shaped_beside_a_busy_line(2000, 0, NULL);
}
END_TEST

static void four_classes(struct sim_msg *m, uint64_t number) { m->cls = number % 4; }

/* Of n messages of 1,000 bytes, of so many classes in turn, those that are out by `until`. */
static void sent_by(sim_ps until, uint64_t n, uint32_t classes, const char *params,
                    int64_t sent[4]) {
    struct bench b = bench_new(n, 0, 1000);
    probe_add(&b, "in")->vary = classes == 2 ? two_classes : four_classes;
    bench_visit(&b, bench_block(&b, &model_scheduler, "egress", params), "send", NULL);
    struct probe *out = probe_add(&b, "out");
    bench_run(&b);
    memset(sent, 0, 4 * sizeof *sent);
    for (uint64_t i = 0; i < n; i++)
        sent[i % classes] += out->saw[i].at <= until;
    bench_free(&b);
}

/* Two queues of a tenant that has 8 Gb/s together, one of which has 2 Gb/s at most; the two of
 * the other share what is left of 24 Gb/s. */
START_TEST(tenants_have_shapers_over_their_queues) {
    int64_t sent[4];
    sent_by(1000000LL * NS, 16000, 4,
            "{\"rates\": \"2Gb/s,none,none,none\", \"tenants\": 2, \"tenant_of\": \"0,0,1,1\", "
            "\"tenant_rates\": \"8Gb/s,none\", \"burst\": 4000, \"rate\": \"24Gb/s\", "
            "\"gap_bytes\": 0, \"queue_bytes\": \"1GB\"}",
            sent);
    static const int64_t want[4] = {250, 750, 1000, 1000}; /* of 1,000 bytes in 1 ms */
    for (int i = 0; i < 4; i++)
        ck_assert_msg(llabs(sent[i] - want[i]) <= 8, "queue %d: %lld", i, (long long)sent[i]);
}
END_TEST

/* Weights hold among the queues of a tenant whose shaper is what they wait for. */
START_TEST(a_tenants_queues_share_by_weight) {
    int64_t sent[4];
    sent_by(1000000LL * NS, 8000, 2,
            "{\"queues\": 2, \"weights\": \"3,1\", \"tenants\": 1, \"tenant_of\": \"0,0\", "
            "\"tenant_rates\": \"8Gb/s\", \"burst\": 1000, \"queue_bytes\": \"1GB\"}",
            sent);
    ck_assert_int_le(llabs(sent[0] - 750), 4); /* of 1,000 bytes, one a microsecond */
    ck_assert_int_le(llabs(sent[1] - 250), 4);
}
END_TEST

/* Weights 3 and 1, a packet a quantum: of each four packets, three. */
START_TEST(shares_are_exact) {
    int64_t sent[4];
    sent_by(2000LL * 100 * NS + 3, 4000, 2,
            "{\"queues\": 2, \"weights\": \"3,1\", \"quantum\": 1000, \"rate\": \"80Gb/s\", "
            "\"gap_bytes\": 0, \"queue_bytes\": \"1GB\"}",
            sent);
    ck_assert_int_le(llabs(sent[0] - 1500), 3);
    ck_assert_int_eq(sent[0] + sent[1], 2000);
}
END_TEST

START_TEST(room_is_each_queues_own) {
    struct bench b = bench_new(400, 0, 1000);
    struct sim_comp *s = world(&b,
                               "{\"queues\": 3, \"queue_bytes\": 50500, \"rates\": "
                               "\"1Gb/s,none,none\", \"burst\": 64}",
                               two_classes);
    ck_assert_int_eq(stat_of(s, "lost0"), 150 - 1); /* one has gone at once */
    ck_assert_int_eq(stat_of(s, "lost1"), 0);
    ck_assert_uint_eq(bench_dropped(&b, "egress:queue-full"), 149);
    bench_free(&b);
}
END_TEST

START_TEST(queues_by_vlan_and_network) {
    memset(packets, 0, sizeof packets);
    packets[0].vlan_id = 10;
    packets[1].vlan_id = 20;
    packets[2].vlan_id = 0xffff;
    packets[3].vlan_id = 30;
    for (uint32_t i = 0; i < 4; i++) {
        packets[i].tunnel = i == 2 ? PACKET_TUNNEL_GRE : PACKET_TUNNEL_VXLAN;
        packets[i].tunnel_id = 100 * i;
    }
    static const struct {
        const char *params;
        int64_t bytes[3];
    } want[] = {{"{\"queues\": 3, \"by\": \"vlan\", \"ids\": \"20,10,99\"}", {100, 100, 300}},
                {"{\"queues\": 3, \"by\": \"network\", \"ids\": \"0,200,100\"}", {100, 0, 400}},
                {"{\"queues\": 3, \"by\": \"stream\"}", {500, 0, 0}}};
    for (size_t k = 0; k < 3; k++) {
        struct bench b = bench_new(500, 1000 * NS, 100);
        struct sim_comp *s = world(&b, want[k].params, tagged);
        ck_assert_int_eq(stat_of(s, "bytes0"), 100 * want[k].bytes[0]);
        ck_assert_int_eq(stat_of(s, "bytes1"), 100 * want[k].bytes[1]);
        ck_assert_int_eq(stat_of(s, "bytes2"), 100 * want[k].bytes[2]);
        bench_free(&b);
    }
}
END_TEST

static void three_classes(struct sim_msg *m, uint64_t number) { m->cls = number % 3 & 3; }

/* Three classes: the third shares the last of two queues, which is said. */
START_TEST(queues_that_are_shared_are_said) {
    for (int queues = 2; queues < 4; queues++) {
        char params[64];
        snprintf(params, sizeof params, "{\"queues\": %d}", queues);
        struct bench b = bench_new(300, 1000 * NS, 100);
        struct sim_comp *s = world(&b, params, three_classes);
        ck_assert_int_eq(stat_of(s, "bytes1"), queues == 2 ? 20000 : 10000);
        ck_assert_int_eq(model_scheduler.remark(s, "queues") != NULL, queues == 2);
        ck_assert_ptr_null(model_scheduler.remark(s, "by"));
        bench_free(&b);
    }
}
END_TEST

START_TEST(what_makes_no_sense_is_said) {
    static const char *const bad[][3] = {
        {"{\"weights\": \"1,2\"}", "/weights", "holds 2 values, and there are 4 of"},
        {"{\"weights\": \"1,2,3,4,5\"}", "/weights", "holds 5 values"},
        {"{\"weights\": \"1,0,1,1\"}", "/weights", "0 is out of range; from 1 to"},
        {"{\"rates\": \"1Gb/s,none,5,none\"}", "/rates", "has no unit"},
        {"{\"ids\": \"1,2,3,4\"}", "/ids", "has no effect"},
        {"{\"by\": \"vlan\"}", "/ids", "required"},
        {"{\"tenants\": 2}", "/tenants", "has no effect"},
        {"{\"tenant_of\": \"0,0,0,0\"}", "/tenant_of", "has no effect"},
        {"{\"tenant_rates\": \"1Gb/s\"}", "/tenant_of", "required"},
        {"{\"tenant_rates\": \"1Gb/s\", \"tenant_of\": \"0,0,0,1\"}", "/tenant_of",
         "from 0 to 0"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        bench_refused(&model_scheduler, bad[i][0], bad[i][1], bad[i][2]);
}
END_TEST

/* ---------------------------------------------------------------- functions */

#define MACHINES    "{\"functions\": 3, \"queues\": 2, \"by\": \"vlan\", \"ids\": \"10,20,77\"}"
#define BY_FUNCTION "\"by\": \"function\", \"quantum\": 1000, \"burst\": 4000, "

static void three_vlans(struct sim_msg *m, uint64_t number) {
    static const uint16_t vlan[] = {20, 10, 5, 10};
    packets[number % 4].vlan_id = vlan[number % 4];
    m->body = &packets[number % 4];
}

/* Its queues are the host's functions, known by the host's `by` and `ids`; each has a shaper,
 * and a tenant of two of them one over both. */
START_TEST(functions_are_shaped) {
    struct bench b = bench_new(16000, 0, 1000);
    bench_block(&b, &model_host, "host", MACHINES);
    probe_add(&b, "in")->vary = three_vlans;
    struct sim_comp *s = bench_block(
        &b, &model_scheduler, "egress",
        "{\"queues\": 3, " BY_FUNCTION "\"rates\": \"none,2Gb/s,16Gb/s\", \"tenants\": 2, "
        "\"tenant_of\": \"0,0,1\", \"tenant_rates\": \"8Gb/s,none\", "
        "\"queue_bytes\": \"1GB\"}");
    bench_visit(&b, s, "send", NULL);
    struct probe *out = probe_add(&b, "out");
    bench_run(&b);
    static const int of[] = {1, 0, 2, 0};           /* 20, 10, none of them, 10 */
    static const int64_t want[] = {750, 250, 2000}; /* of 1,000 bytes in 1 ms */
    int64_t sent[3] = {0};
    for (uint64_t n = 0; n < 16000; n++)
        sent[of[n % 4]] += out->saw[n].at <= 1000000LL * NS;
    for (int i = 0; i < 3; i++)
        ck_assert_msg(llabs(sent[i] - want[i]) <= 8, "function %d: %lld", i,
                      (long long)sent[i]);
    ck_assert_int_eq(stat_of(s, "bytes0"), 8000 * 1000);
    ck_assert_int_eq(stat_of(s, "bytes2"), 4000 * 1000);
    bench_free(&b);
}
END_TEST

/* As many functions as a port of a card has, each with two queues, known by the upper bits of
 * the hash: four packets of 1,000 bytes to each, of which one goes at once. */
enum { ALL = 126, EACH = 4 };

static void all_functions(uint64_t packets_of, bool all) {
    struct bench b = bench_new(packets_of, 0, 1000);
    char params[2048];
    size_t n = (size_t)snprintf(params, sizeof params,
                                "{\"queues\": 126, \"by\": \"function\", \"burst\": 1000, "
                                "\"rates\": \"8Gb/s");
    for (int i = 1; i < ALL; i++)
        n += (size_t)snprintf(params + n, sizeof params - n, ",8Gb/s");
    snprintf(params + n, sizeof params - n, "\"}");
    b.feed->hash_step = (uint32_t)((1ULL << 32) / ALL + 1);
    struct sim_comp *host = bench_block(
        &b, &model_host, "host", "{\"functions\": 126, \"queues\": 2, \"by\": \"flow\"}");
    bench_visit(&b, bench_block(&b, &model_scheduler, "egress", params), "send", NULL);
    struct probe *out = probe_add(&b, "out");
    bench_visit(&b, host, "rx", NULL);
    bench_run(&b);
    for (uint64_t k = 0; k < packets_of; k++)
        ck_assert_int_eq(out->saw[k].at / (1000 * NS), (int64_t)k / ALL);
    ck_assert(model_host.effect(host, "functions"));
    ck_assert_int_eq(model_host.remark(host, "functions") == NULL, all);
    bench_free(&b);
}

START_TEST(as_many_functions_as_a_card_has) {
    all_functions(EACH * ALL, true);
    all_functions(ALL - 1, false);
}
END_TEST

static void no_functions(const char *host, const char *queues, const char *path) {
    struct bench b = bench_new(1, 0, 64);
    struct sim_err err = {0};
    char text[128];
    snprintf(text, sizeof text, "{\"by\": \"function\", \"queues\": %s}", queues);
    if (host != NULL)
        bench_block(&b, &model_host, "host", host);
    struct sim_comp *s = bench_block(&b, &model_scheduler, "egress", text);
    struct sim_step *step = bench_visit(&b, s, "send", NULL);
    ck_assert(!model_scheduler.prepare(s, step, &err));
    ck_assert_str_eq(err.path, path);
    sim_world_free(b.w);
}

START_TEST(functions_that_nobody_has_are_said) {
    no_functions(NULL, "2", "/by");
    no_functions("{}", "2", "/by");
    no_functions(MACHINES, "4", "/queues");
}
END_TEST

TEST_MAIN("scheduler", its_rate_is_exact, a_tenants_queues_share_by_weight, a_shaper_is_exact,
          the_line_is_not_kept_for_tokens, tenants_have_shapers_over_their_queues,
          shares_are_exact, room_is_each_queues_own, queues_by_vlan_and_network,
          what_makes_no_sense_is_said, functions_are_shaped, functions_that_nobody_has_are_said,
          as_many_functions_as_a_card_has, queues_that_are_shared_are_said,
          what_a_small_bucket_misses_is_said)
