/* test_acl.c - the access list: verdicts by rule and level, defaults, rate and latency, errors.
 */
#include "models/payload.h"
#include "tests/unit/probe.h"
#include <unistd.h>

extern const struct sim_model model_acl;

static const char rules_json[] =
    "[{\"src\": \"10.1.0.0/16\", \"dst\": \"any\", \"action\": \"permit\"},"
    " {\"src\": \"10.0.0.0/8\", \"dst\": \"any\", \"action\": \"deny\"},"
    " {\"src\": \"192.168.0.0/16\", \"dst\": \"any\", \"action\": \"permit\"}]";

/* Parameters with the rules above in a file of their own. */
static const char *with_rules(const char *more) {
    static char file[64], params[300];
    snprintf(file, sizeof file, "/tmp/test_acl.XXXXXX");
    int fd = mkstemp(file);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, rules_json, sizeof rules_json - 1), sizeof rules_json - 1);
    close(fd);
    snprintf(params, sizeof params, "{\"rules\": \"%s\"%s}", file, more);
    return params;
}

static void drop_rules(const struct sim_comp *acl) {
    const char *file;
    memcpy(&file, (const char *)acl + acl->model->params[0].offset, sizeof file);
    ck_assert_int_eq(unlink(file), 0);
}

static struct packet_head from(uint8_t a, uint8_t b) {
    return (struct packet_head){.version = 4, .src = {a, b, 3, 4}, .dst = {9, 9, 9, 9}};
}

/* Permitted, denied, unmatched, not IP; and a tunnel that is denied outside, permitted inside.
 */
static struct packet packets[5];

static void make_packets(void) {
    memset(packets, 0, sizeof packets);
    packets[0].head[0] = from(10, 1);
    packets[1].head[0] = from(10, 2);
    packets[2].head[0] = from(8, 8);
    packets[4].head[0] = from(10, 2);
    packets[4].head[1] = from(192, 168);
    for (int i = 0; i < 5; i++)
        packets[i].heads = i == 3 ? 0 : i == 4 ? 2 : 1;
}

static void one_of_five(struct sim_msg *m, uint64_t number) { m->body = &packets[number % 5]; }

/* One header level further in; 2 + 1 is that with a header of this card around it. */
static void inside(struct sim_msg *m, uint64_t number) {
    one_of_five(m, number);
    m->level = number / 5 % 2 ? 3 : 1;
}

/* 100 messages, 20 of each packet. @return the block, in b. */
static struct sim_comp *hundred(struct bench *b, const char *more,
                                void (*vary)(struct sim_msg *, uint64_t)) {
    *b = bench_new(100, 100000, 500);
    probe_add(b, "in")->vary = vary;
    struct sim_comp *acl = bench_block(b, &model_acl, "acl", with_rules(more));
    bench_visit(b, acl, "match", NULL);
    make_packets();
    for (int i = 0; i < 5; i++)
        sim_world_facts(b->w, &packets[i]);
    bench_run(b);
    drop_rules(acl);
    return acl;
}

START_TEST(verdicts) {
    struct bench b;
    struct sim_comp *acl = hundred(&b, "", one_of_five);
    ck_assert_uint_eq(packets[0].rule[0], 0);
    ck_assert_uint_eq(packets[1].rule[0], 1);
    ck_assert_uint_eq(packets[2].rule[0], PACKET_NO_RULE);
    ck_assert_uint_eq(packets[4].rule[1], 2);
    ck_assert_uint_eq(packets[4].rule[2], 0); /* of no block */
    ck_assert_int_eq(stat_of(acl, "permitted"), 60);
    ck_assert_int_eq(stat_of(acl, "denied"), 40);
    ck_assert_int_eq(stat_of(acl, "unmatched"), 40);
    ck_assert_uint_eq(bench_dropped(&b, "acl:deny"), 40);
    ck_assert_uint_eq(bench_delivered(&b), 60);
    bench_free(&b);
}
END_TEST

START_TEST(deny_by_default) {
    struct bench b;
    struct sim_comp *acl = hundred(&b, ", \"default_action\": \"deny\"", one_of_five);
    ck_assert_int_eq(stat_of(acl, "permitted"), 20);
    ck_assert_int_eq(stat_of(acl, "denied"), 80);
    bench_free(&b);
}
END_TEST

START_TEST(the_outermost_header_counts) {
    struct bench b;
    struct sim_comp *acl = hundred(&b, ", \"default_action\": \"deny\"", inside);
    ck_assert_int_eq(stat_of(acl, "permitted"), 20); /* the tunnels, taken off */
    ck_assert_int_eq(stat_of(acl, "unmatched"), 80);
    bench_free(&b);
}
END_TEST

/* Idle: the latency; busy: exactly the rate. Messages without facts meet no rule. */
START_TEST(rate_and_latency) {
    struct bench b = bench_new(4000, 0, 500);
    struct sim_comp *acl = bench_block(&b, &model_acl, "acl", with_rules(""));
    bench_visit(&b, acl, "match", NULL);
    bench_run(&b);
    drop_rules(acl);
    for (int64_t i = 0; i < 4000; i++) {
        sim_ps start = (i * 1000000 + 329) / 330;
        ck_assert_int_eq(b.sink->log_start[i], 1 + start + 50000 + 1);
    }
    ck_assert_int_eq(stat_of(acl, "unmatched"), 4000);
    bench_free(&b);
}
END_TEST

/* Masks /16, /8 and /16 again: one, two and, where none matches, both are tried; each has its
 * time and its turn. */
START_TEST(masks_are_tried_in_order) {
    struct bench b;
    struct sim_comp *acl = hundred(&b, ", \"table\": \"masks\"", one_of_five);
    ck_assert_int_eq(stat_of(acl, "masks"), 2);
    ck_assert_int_eq(stat_of(acl, "accesses"), 20 * (1 + 2 + 2 + 2 + 2));
    ck_assert_int_eq(b.sink->log_start[0], 1 + 1 + 50000 + 1);
    ck_assert_int_eq(b.sink->log_start[1], 200000 + 1 + 1 + 100000 + 1);
    bench_free(&b);
    b = bench_new(4000, 0, 500);
    acl = bench_block(&b, &model_acl, "acl", with_rules(", \"table\": \"masks\""));
    bench_visit(&b, acl, "match", NULL);
    bench_run(&b);
    drop_rules(acl);
    for (int64_t i = 0; i < 4000; i++) /* without facts: both masks */
        ck_assert_int_eq(b.sink->log_start[i], 1 + (2 * i * 1000000 + 329) / 330 + 100000 + 1);
    bench_free(&b);
}
END_TEST

START_TEST(kinds_have_their_prices) {
    static const struct {
        const char *more;
        sim_ps latency;
    } want[] = {{", \"table\": \"kinds\"", 100000},
                {", \"table\": \"kinds\", \"lpm_accesses\": 5", 250000},
                {", \"table\": \"tcam\", \"tcam_entries\": 3", 50000}};
    for (size_t k = 0; k < 3; k++) {
        struct bench b;
        struct sim_comp *acl = hundred(&b, want[k].more, one_of_five);
        ck_assert_int_eq(stat_of(acl, "lpm_rules"), 3);
        ck_assert_int_eq(stat_of(acl, "exact_rules") + stat_of(acl, "ternary_rules"), 0);
        ck_assert_int_eq(b.sink->log_start[0], 1 + 1 + want[k].latency + 1);
        bench_free(&b);
    }
}
END_TEST

static void refused(const char *more, const char *path, const char *text) {
    struct bench b = bench_new(1, 0, 64);
    struct sim_comp *acl = bench_comp(&b, &model_acl, "acl", with_rules(more));
    struct sim_err err = {0};
    ck_assert(!sim_comp_init(acl, &err));
    ck_assert_str_eq(err.path, path);
    ck_assert_msg(strstr(err.text, text) != NULL, "%s", err.text);
    drop_rules(acl);
    bench_free(&b);
}

START_TEST(a_table_too_small_is_said) {
    refused(", \"table\": \"tcam\", \"tcam_entries\": 2", "/rules",
            "take 3 entries of a TCAM (ranges of ports take several) that has 2");
    refused(", \"tcam_entries\": 2", "/tcam_entries", "has no effect on this \"table\"");
    refused(", \"table\": \"tcam\", \"lpm_accesses\": 3", "/lpm_accesses", "no effect");
}
END_TEST

START_TEST(a_packet_carries_the_rules_of_two_blocks) {
    struct bench b = bench_new(1, 0, 500);
    struct sim_comp *one = bench_block(&b, &model_acl, "acl0", with_rules(""));
    struct sim_comp *two = bench_block(&b, &model_acl, "acl1", with_rules(""));
    struct sim_comp *three = bench_comp(&b, &model_acl, "acl2", with_rules(""));
    struct sim_err err = {0};
    ck_assert(!sim_comp_init(three, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "number 3"));
    make_packets();
    model_acl.facts(one, &packets[4]);
    model_acl.facts(two, &packets[4]);
    ck_assert_uint_eq(packets[4].rule[0], 1);
    ck_assert_uint_eq(packets[4].rule[3], 2);
    drop_rules(one);
    drop_rules(two);
    drop_rules(three);
    bench_free(&b);
}
END_TEST

START_TEST(a_missing_file_is_said) {
    struct bench b = bench_new(1, 0, 500);
    struct sim_comp *acl =
        bench_comp(&b, &model_acl, "acl", "{\"rules\": \"/nonexistent/rules\"}");
    struct sim_err err = {0};
    ck_assert(!sim_comp_init(acl, &err));
    ck_assert(err.set);
    ck_assert_str_eq(err.source, "/nonexistent/rules");
    bench_free(&b);
}
END_TEST

TEST_MAIN("acl", verdicts, deny_by_default, the_outermost_header_counts, rate_and_latency,
          masks_are_tried_in_order, kinds_have_their_prices, a_table_too_small_is_said,
          a_packet_carries_the_rules_of_two_blocks, a_missing_file_is_said)
