/* test_integrity.c - what a writer was told, what drives have, and what digests that are kept
 * apart find missing: of a cache that dies each way, by books that know nothing of one another.
 */
#include "app_summary.h"
#include "tests/counter.h"

#define CHECKPOINT DPUSIM_SOURCE_DIR "/configs/scenarios/checkpoint-write.json"
#define STORAGE    "/components/storage.cache/counters/"

static double of_trainers(const char *counter) {
    char pointer[96];
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        snprintf(pointer, sizeof pointer, "/components/trainer%d.checker/counters/%s", i,
                 counter);
        sum += at(pointer);
    }
    return sum;
}

/* Of the jobs of the nodes' writers. */
static double of_writers(const char *kind, const char *what) {
    char pointer[96];
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        snprintf(pointer, sizeof pointer, "/streams/node%d/jobs/node%d/%s/%s", i, i, kind,
                 what);
        sum += at(pointer);
    }
    return sum;
}

static bool warns_of(const char *text) {
    size_t i;
    json_t *w;
    json_array_foreach(app_json_at(summary, "/warnings"), i, w) {
        const char *says = json_string_value(json_object_get(w, "text"));
        if (says != NULL && strstr(says, text) != NULL)
            return true;
    }
    return false;
}

static void loses(const char *mode, const char *incident) {
    const struct app_set sets[] = {
        {"/mode", mode}, {"/incident", incident}, {"/integrity", "on"}};
    setenv("DPUSIM_CONFIGS", DPUSIM_SOURCE_DIR "/configs", 1);
    summarize(CHECKPOINT, sets, 3);
}

START_TEST(nothing_is_missing_of_what_lives) {
    loses("back", "none");
    ck_assert_double_eq(of_trainers("noted"), 512);
    ck_assert_double_eq(of_trainers("verified"), 512);
    ck_assert_double_eq(of_trainers("missing"), 0);
    ck_assert_double_eq(of_trainers("unknown"), 0);
    ck_assert_double_eq(at(STORAGE "lost_requests"), 0);
    ck_assert_double_eq(at(STORAGE "settled_bytes"), 512.0 * 512 * 1024);
    ck_assert_str_ne(json_string_value(app_json_at(summary, "/bottleneck/kind")), "incident");
    discard();
}
END_TEST

/* What the cache had answered for and drives do not hold is what the checkers miss; the writers
 * were told of as many as they noted. */
START_TEST(what_is_lost_is_what_is_missing) {
    static const char *const incidents[] = {"oom", "late"};
    for (size_t i = 0; i < 2; i++) {
        loses("back", incidents[i]);
        ck_assert_double_gt(at(STORAGE "lost_requests"), 0);
        ck_assert_double_eq(of_trainers("missing"), at(STORAGE "lost_requests"));
        ck_assert_double_eq(of_trainers("missing_bytes"), at(STORAGE "lost_bytes"));
        ck_assert_double_eq(of_trainers("noted"), of_writers("write", "items"));
        ck_assert_double_eq(of_trainers("verified") + of_trainers("unknown"), 512);
        ck_assert_double_eq(of_trainers("stale"), 0);
        ck_assert_double_eq(at("/components/storage.held/counters/noted") * 512 * 1024,
                            at(STORAGE "settled_bytes"));
        ck_assert_str_eq(json_string_value(app_json_at(summary, "/bottleneck/kind")),
                         "incident");
        ck_assert_str_eq(json_string_value(app_json_at(summary, "/bottleneck/component")),
                         "storage.cache");
        discard();
    }
}
END_TEST

START_TEST(written_through_nothing_is_missing) {
    loses("through", "late");
    ck_assert_double_eq(of_trainers("missing"), 0);
    ck_assert_double_eq(of_trainers("noted"), of_writers("write", "items"));
    ck_assert_double_gt(of_writers("write", "failed"), 0);
    ck_assert_double_gt(of_trainers("unknown"), 0);
    ck_assert_double_eq(at(STORAGE "lost_requests"), 0);
    discard();
}
END_TEST

START_TEST(who_asks_is_told_what_is_missing) {
    loses("back", "late");
    ck_assert(warns_of("blocks that were noted and read again"));
    ck_assert(warns_of(": missing are "));
    char *report = app_report_text(summary, APP_PLAIN);
    ck_assert_ptr_nonnull(strstr(report, "storage.cache: the process was killed at 14500 us"));
    ck_assert_ptr_nonnull(strstr(report, "who wrote was told of"));
    free(report);
    discard();
}
END_TEST

/* A flush comes back as what was taken before it settles, and not at the next beat of a clock;
 * what is taken later does not hold it up. */
START_TEST(a_flush_waits_for_what_was_taken_and_no_longer) {
    make_folder();
    summarize(
        put("t.json",
            "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
            "   'cache': { 'model': 'writecache', 'latency': '0s' },"
            "   'slow': { 'model': 'server', 'time': '500us', 'servers': 2,"
            "     'distribution': 'constant' } },"
            "   'routes': { 'r': { 'from': ['cache', 'slow'], 'to': ['cache', 'slow'] } } },"
            " 'chains': {"
            "   'write': [ { 'at': 'cache', 'op': 'take' }, { 'at': 'slow' },"
            "     { 'at': 'cache', 'op': 'settle' }, { 'end': 'reply' } ],"
            "   'flush': [ { 'at': 'cache', 'op': 'sync' }, { 'end': 'reply' } ] },"
            " 'streams': {"
            "   'a': { 'source': 'fio', 'rw': 'write', 'number_ios': 1,"
            "     'chain': { 'write': 'write' } },"
            "   'f': { 'source': 'fio', 'rw': 'write', 'number_ios': 1,"
            "     'start': '100us', 'chain': { 'write': 'flush' } },"
            "   'b': { 'source': 'fio', 'rw': 'write', 'number_ios': 1,"
            "     'start': '200us', 'chain': { 'write': 'write' } } },"
            " 'run': { 'warmup': '0s', 'duration': '5ms', 'seed': 1 } }"),
        NULL, 0);
    ck_assert_double_ge(at("/streams/f/latency_s/mean"), 400e-6);
    ck_assert_double_lt(at("/streams/f/latency_s/mean"), 400e-6 + 100e-12);
    end();
}
END_TEST

/* ---------------------------------------------------------------- on its own */

static const char world[] =
    "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
    "   'mine': { 'model': 'integrity', 'blocks': %d }, 'theirs': { 'model': 'integrity' } },"
    "   'routes': { 'r': { 'from': ['mine', 'theirs'], 'to': ['mine', 'theirs'] } } },"
    " 'chains': {"
    "   'write': [ { 'at': 'mine', 'op': 'seal' }, { 'at': 'mine', 'op': 'note' },"
    "     { 'at': 'theirs', 'op': 'note' }, { 'end': 'reply' } ],"
    "   'twice': [ { 'at': 'mine', 'op': 'seal' }, { 'at': 'theirs', 'op': 'note' },"
    "     { 'end': 'reply' } ],"
    "   'read': [ { 'at': 'theirs', 'op': 'recall' },"
    "     { 'at': 'mine', 'op': 'verify', 'stale': 'odd', 'missing': 'odd' },"
    "     { 'end': 'reply' } ],"
    "   'odd': [ { 'at': 'mine', 'op': 'seal' }, { 'end': 'reply' } ] },"
    " 'streams': {"
    "   'w': { 'source': 'fio', 'rw': 'write', 'bs': '8k', 'size': '800k', 'number_ios': 100,"
    "     'chain': { 'write': 'write' } },"
    "   'x': { 'source': 'fio', 'rw': 'write', 'bs': '8k', 'size': '80k', 'number_ios': 10,"
    "     'start': '1ms', 'chain': { 'write': 'twice' } },"
    "   'r': { 'source': 'fio', 'rw': 'read', 'bs': '8k', 'size': '960k', 'number_ios': 120,"
    "     'start': '2ms', 'chain': { 'read': 'read' } } },"
    " 'run': { 'warmup': '0s', 'duration': '5ms', 'seed': 1 } }";

static void alone(int blocks, int64_t full) {
    static char text[4096];
    make_folder();
    snprintf(text, sizeof text, world, blocks);
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
    const struct sim_comp *mine = comp_of(&s, "mine");
    ck_assert_int_eq(stat_of(mine, "noted"), 100);
    ck_assert_int_eq(stat_of(mine, "full"), full);
    ck_assert_int_eq(stat_of(mine, "verified"), 100 - full);
    ck_assert_int_eq(stat_of(mine, "unknown"), 20 + full); /* beyond what was written */
    ck_assert_int_eq(stat_of(mine, "stale"), 10);          /* written once more by another */
    ck_assert_int_eq(stat_of(mine, "missing"), 0);
    app_scenario_free(&s);
    drop_folder();
}

START_TEST(what_was_overwritten_is_stale) { alone(100, 0); }
END_TEST
START_TEST(a_full_table_says_so) { alone(60, 40); }
END_TEST

TEST_MAIN("integrity", nothing_is_missing_of_what_lives, what_is_lost_is_what_is_missing,
          written_through_nothing_is_missing, who_asks_is_told_what_is_missing,
          a_flush_waits_for_what_was_taken_and_no_longer, what_was_overwritten_is_stale,
          a_full_table_says_so)
