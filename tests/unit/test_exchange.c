/* test_exchange.c - children that cross a cable and come back: what comes in time, what comes
 * late, what is lost, and what is sent anew; copies by size.
 */
#include "app_run.h"

static const sim_ps NS = 1000, US = 1000000;
static struct app_scenario s;
static char world[4096];

/* "near" asks by its cpu, over a cable of 1 us, what "far" works at. */
#define CARDS                                                                                  \
    "{ 'dpusim': 1, 'name': 't', 'nodes': {"                                                   \
    " 'near': { 'blocks': { 'cpu': { 'model': 'server', 'time': '10ns', 'distribution': "      \
    "'constant' }, 'port': { 'model': 'ethernet', 'rate': '100Gb/s', 'tx_latency': '0s', "     \
    "'rx_latency': '0s' } }, 'routes': { 'q': { 'from': 'cpu', 'to': 'port' } }, 'ingress': "  \
    "{ 'port': [ { 'chain': 'back' } ] } },"                                                   \
    " 'far': { 'blocks': { 'work': { 'model': 'server', %s, 'distribution': 'constant' }, "    \
    "'port': { 'model': 'ethernet', 'rate': '100Gb/s', 'tx_latency': '0s', 'rx_latency': "     \
    "'0s' } }, 'routes': { 'q': { 'from': 'port', 'to': 'work' }, 'r': { 'from': 'work', "     \
    "'to': 'port' } }, 'ingress': { 'port': [ { 'chain': 'serve' } ] } } },"                   \
    " 'links': { 'l': { 'ends': [ 'near.port', 'far.port' ], 'delay': '1us' } },"              \
    " 'chains': { 'ask': [ { 'at': 'cpu', 'split': { %s, 'chain': 'go' }, 'error': 'drop' }, " \
    "{ 'end': 'reply' } ], 'go': [ { 'at': 'port', 'op': 'tx' } ], 'serve': [ { 'at': "        \
    "'port', 'op': 'link-rx' }, { 'at': 'work' }, %s ], 'back': [ { 'at': 'port', 'op': "      \
    "'link-rx' } ] },"                                                                         \
    " 'streams': { 's': { 'source': 'synthetic', 'node': 'near', 'chain': 'ask', 'sizes': "    \
    "'1230', %s } },"                                                                          \
    " 'run': { 'warmup': '0s', 'duration': '1ms', 'drain': '1ms' } }"

#define LOOP(N) "'outstanding': " N
#define HOME    "{ 'at': 'port', 'op': 'tx' }"
#define ABROAD  "{ 'end': 'delivered' }"

/* What became of it, of both cards and of all steps of the stream. */
static struct {
    uint64_t replies, dropped, late, lost;
    sim_ps least, most;
} got;

static void look(void) {
    const struct sim_stream *st = s.stream[0].stream;
    memset(&got, 0, sizeof got);
    got.replies = st->delivered.items;
    got.dropped = st->dropped.items;
    for (uint32_t i = 0; i < s.world->steps; i++)
        got.late += st->step[i] != NULL ? st->step[i]->late.items : 0;
    for (uint32_t i = 0; i < s.world->causes; i++)
        got.lost += st->created_dropped_by[i];
    got.least = (sim_ps)st->latency.min;
    got.most = (sim_ps)st->latency.max;
}

static void write_world(const char *work, const char *split, const char *end,
                        const char *load) {
    snprintf(world, sizeof world, CARDS, work, split, end, load);
    make_folder();
}

/* Run it as events and as promises, on a heap, and with ties shuffled: one digest. */
static void ask(const char *work, const char *split, const char *load) {
    static const struct app_run_opts form[] = {
        {.heap = true}, {.all_by_event = true}, {.shuffle_ties = 2}, {.shuffle_ties = 3}, {0}};
    uint64_t digest[5];
    write_world(work, split, HOME, load);
    const char *file = put("t.json", world);
    for (size_t i = 0; i < sizeof form / sizeof *form; i++) {
        struct sim_err err = {0};
        char line[2200];
        if (!app_scenario_load(&s, file, NULL, 0, &form[i], &err))
            ck_abort_msg("%s", sim_err_line(&err, line, sizeof line));
        run(&s);
        digest[i] = sim_world_digest(s.world);
        ck_assert_uint_eq(digest[i], digest[0]);
        look();
        app_scenario_free(&s);
    }
    drop_folder();
}

/* 1,250 bytes on the line, each way: 100 ns. */
static const sim_ps WAY = 1000 * 1000 + 100 * 1000;

START_TEST(what_comes_back_in_time) {
    ask("'time': '500ns'", "'into': 1, 'timeout': '10us'", LOOP("1"));
    ck_assert_uint_gt(got.replies, 300);
    ck_assert_uint_eq(got.late + got.dropped + got.lost, 0);
    sim_ps want = WAY + 500 * NS + WAY;
    ck_assert_int_eq(got.least, got.most);
    ck_assert_msg(got.most >= want && got.most <= want + 20, "%lld, not %lld",
                  (long long)got.most, (long long)want);
}
END_TEST

/* Cards are not run apart where one waits for the other, even if no stream does. */
START_TEST(who_sends_need_not_wait) {
    ask("'time': '500ns'", "'into': 1, 'timeout': '10us'", "'packet_rate': '200k/s'");
    ck_assert_uint_ge(got.replies, 199);
    ck_assert_uint_eq(got.late + got.dropped + got.lost, 0);
}
END_TEST

/* Later than the parent waits: it fails then, and the child that comes is absorbed. */
START_TEST(what_comes_too_late) {
    ask("'time': '8us'", "'into': 1, 'timeout': '5us'", LOOP("1"));
    ck_assert_uint_eq(got.replies, 0);
    ck_assert_uint_gt(got.dropped, 8);            /* who asked pauses then */
    ck_assert_uint_le(got.late - got.dropped, 1); /* at the end of the window */
    ck_assert_uint_eq(got.lost, 0);
}
END_TEST

/* A second try while the first is on its way: who comes first answers, the other is absorbed.
 */
START_TEST(a_try_too_many) {
    ask("'servers': 4, 'time': '4us'", "'into': 1, 'timeout': '5us', 'retries': 3", LOOP("1"));
    ck_assert_uint_gt(got.replies, 100);
    ck_assert_uint_ge(got.late, got.replies);
    ck_assert_uint_eq(got.dropped, 0);
    sim_ps want = WAY + 4 * US + WAY;
    ck_assert_msg(got.least >= want && got.most <= want + 200 * NS, "%lld to %lld, not %lld",
                  (long long)got.least, (long long)got.most, (long long)want);
}
END_TEST

/* What is lost abroad the parent does not hear of; it tries again when it has waited. */
START_TEST(what_is_lost_is_sent_anew) {
    ask("'time': '2us', 'queue': 1, 'on_full': 'drop'",
        "'into': 1, 'timeout': '20us', 'retries': 100", LOOP("8"));
    ck_assert_uint_gt(got.lost, 50);
    ck_assert_uint_gt(got.replies, 100);
    ck_assert_uint_le(got.late, got.lost);
    ck_assert_uint_ge(got.late + 8, got.lost);
    ck_assert_uint_eq(got.dropped, 0);
    ck_assert_int_gt(got.most, 20 * US);
}
END_TEST

/* A summary of it, every message sampled, in both forms: the same. */
static json_t *told(const char *work, const char *split, const char *load) {
    static const struct app_run_opts form[] = {{.all_by_event = true}, {0}};
    static const struct app_set all = {"/run/sample_one_in", "1"};
    json_t *of[2];
    write_world(work, split, HOME, load);
    const char *file = put("t.json", world);
    for (int i = 0; i < 2; i++) {
        struct sim_err err = {0};
        char line[2200];
        if (!app_scenario_load(&s, file, &all, 1, &form[i], &err))
            ck_abort_msg("%s", sim_err_line(&err, line, sizeof line));
        run(&s);
        of[i] = summary_of(&s);
        look();
        app_scenario_free(&s);
    }
    ck_assert(json_equal(app_json_at(of[0], "/streams/s/waterfall"),
                         app_json_at(of[1], "/streams/s/waterfall")));
    ck_assert(json_equal(app_json_at(of[0], "/streams/s/exchanges"),
                         app_json_at(of[1], "/streams/s/exchanges")));
    json_decref(of[0]);
    drop_folder();
    return of[1];
}

static int64_t exchanges(json_t *summary, const char *key) {
    return json_integer_value(
        json_object_get(app_json_at(summary, "/streams/s/exchanges"), key));
}

/* A journey's parts add up to its latency. @return steps that are tries given up. */
static size_t adds_up(json_t *summary, const char *which) {
    char at[64];
    double sum = 0;
    size_t i, tries = 0;
    json_t *step;
    snprintf(at, sizeof at, "/streams/s/waterfall/%s", which);
    const json_t *j = app_json_at(summary, at);
    json_array_foreach(json_object_get(j, "steps"), i, step) {
        static const char *const parts[] = {"travel_s", "children_s", "wait_s", "service_s"};
        for (size_t k = 0; k < 4; k++)
            sum += json_number_value(json_object_get(step, parts[k]));
        tries += json_is_true(json_object_get(step, "given_up"));
    }
    sum += json_number_value(json_object_get(j, "rest_s"));
    ck_assert_double_eq_tol(sum, json_number_value(json_object_get(j, "latency_s")), 1e-13);
    return tries;
}

/* An answer to a try that was given up: the time of it all, and no stage of any try. */
START_TEST(a_journey_has_one_try) {
    json_t *t = told("'servers': 4, 'time': '4us'", "'into': 1, 'timeout': '5us', 'retries': 3",
                     LOOP("1"));
    ck_assert_uint_eq(adds_up(t, "p50"), 1);
    /* its birth, cpu, the try, cpu again; none of the port's and of the other card's */
    ck_assert_uint_eq(json_array_size(app_json_at(t, "/streams/s/waterfall/p50/steps")), 4);
    ck_assert_int_eq(exchanges(t, "timed_out"), (int64_t)got.late);
    ck_assert_int_eq(exchanges(t, "retries"), (int64_t)got.late);
    ck_assert_int_eq(exchanges(t, "given_up"), 0);
    ck_assert_int_ge(exchanges(t, "late_answers"), (int64_t)got.replies - 2);
    ck_assert_int_le(exchanges(t, "late_answers"), (int64_t)got.replies);
    json_decref(t);
    /* the second one is answered: its stages */
    t = told("'time': '2us', 'queue': 1, 'on_full': 'drop'",
             "'into': 1, 'timeout': '20us', 'retries': 100", LOOP("8"));
    ck_assert_uint_gt(adds_up(t, "p99"), 0);
    ck_assert_uint_gt(json_array_size(app_json_at(t, "/streams/s/waterfall/p99/steps")), 7);
    ck_assert_int_eq(exchanges(t, "late_answers"), 0);
    json_decref(t);
    t = told("'time': '8us'", "'into': 1, 'timeout': '5us'", LOOP("1"));
    ck_assert_int_eq(exchanges(t, "given_up"), (int64_t)got.late);
    ck_assert_int_eq(exchanges(t, "retries"), 0);
    ck_assert_int_ge(exchanges(t, "late_answers"), (int64_t)got.late - 2);
    json_decref(t);
    t = told("'time': '500ns'", "'into': 1, 'timeout': '10us'", LOOP("1"));
    ck_assert_uint_eq(adds_up(t, "p50"), 0);
    ck_assert_int_eq(exchanges(t, "timed_out"), 0);
    json_decref(t);
}
END_TEST

/* Of three children one is always lost: all are sent again, and all must come. */
START_TEST(a_retry_awaits_all_anew) {
    ask("'time': '20us', 'queue': 1, 'on_full': 'drop'",
        "'into': 3, 'timeout': '50us', 'retries': 2", LOOP("1"));
    ck_assert_uint_eq(got.replies, 0);
    ck_assert_uint_gt(got.dropped, 2);
    ck_assert_uint_ge(got.lost, 3 * got.dropped);
}
END_TEST

static void fails(const char *split, const char *end, const char *why) {
    write_world("'time': '500ns'", split, end, LOOP("1"));
    load(&s, put("t.json", world), NULL, 0);
    while (sim_world_run(s.world, s.world->end, 1 << 18))
        ;
    ck_assert(s.world->failed);
    ck_assert_msg(strstr(s.world->err.text, why) != NULL, "%s", s.world->err.text);
    app_scenario_free(&s);
    drop_folder();
}

START_TEST(what_ends_abroad_is_said) {
    fails("'into': 1, 'timeout': '10us'", ABROAD, "ends the child of a split on another node");
    fails("'into': 1", HOME, "sends a child of a split to another node");
}
END_TEST

/* ---------------------------------------------------------------- copies by size */

/* So many copies of so many bytes in all, of messages of `bytes`. */
static void copied(unsigned bytes, const char *rest, uint64_t copies, uint64_t sum) {
    char text[1500];
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'a': { 'model': 'server', "
             "'time': '10ns' }, 'b': { 'model': 'server', 'time': '10ns', 'servers': 16 } }, "
             "'routes': { 'r': { 'from': 'a', 'to': 'b' } } },"
             " 'chains': { 'c': [ { 'at': 'a', 'copy': { 'each': '1000B', 'chain': 'd'%s } } "
             "], 'd': [ { 'at': 'b' } ] },"
             " 'streams': { 's': { 'source': 'synthetic', 'chain': 'c', 'sizes': '%u', "
             "'packet_rate': '100k/s', 'limit': 10 } },"
             " 'run': { 'warmup': '0s', 'duration': '1ms' } }",
             rest, bytes);
    make_folder();
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
    const struct sim_comp *b = comp_of(&s, "b");
    ck_assert_uint_eq(s.stream[0].stream->delivered.items, 10);
    ck_assert_uint_eq(b->port[0]->entered.items, 10 * copies);
    ck_assert_uint_eq(b->port[0]->entered.bytes, 10 * sum);
    app_scenario_free(&s);
    drop_folder();
}

START_TEST(copies_by_size) {
    copied(900, "", 1, 900);
    copied(1000, "", 1, 1000);
    copied(1001, "", 2, 1001);
    copied(4500, "", 5, 4500);
    copied(900, ", 'rest': true", 0, 0); /* the message itself is the last part */
    copied(1000, ", 'rest': true", 0, 0);
    copied(4500, ", 'rest': true", 4, 4000);
    copied(5000, ", 'rest': true", 4, 4000);
}
END_TEST

TEST_MAIN("exchange", what_comes_back_in_time, who_sends_need_not_wait, what_comes_too_late,
          a_try_too_many, a_journey_has_one_try, what_is_lost_is_sent_anew,
          a_retry_awaits_all_anew, what_ends_abroad_is_said, copies_by_size)
