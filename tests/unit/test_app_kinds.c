/* test_app_kinds.c - streams of several kinds of messages: each that comes needs a chain, and
 * a run whose jobs end by themselves needs no duration.
 */
#include "app_summary.h"

static const char *file;

/* A scenario of a drive that answers at once, a stream with these keys, and a run with those.
 */
static void scenario(const char *stream, const char *run) {
    char text[2048];
    make_folder();
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
             " 'drive': { 'model': 'server', 'time': '1us', 'distribution': 'constant' } } },"
             " 'chains': { 'all': [ { 'at': 'drive' }, { 'end': 'reply' } ] },"
             " 'streams': { 'io': { %s } }, 'run': { 'warmup': '0s'%s } }",
             stream, run);
    file = put("t.json", text);
}

/* Refused: `kind` has no chain. */
static void lacks(const char *stream, const char *kind) {
    char line[1024];
    scenario(stream, ", 'duration': '1ms'");
    snprintf(line, sizeof line,
             "%s: /streams/io/chain: names no chain for \"%s\", and stream \"io\" makes such; "
             "add \"%s\": CHAIN, or have it make none",
             file, kind, kind);
    refuse(file, NULL, 0, line);
    drop_folder();
}

static void is_fine(const char *stream) {
    scenario(stream, ", 'duration': '100us'");
    summarize(file, NULL, 0);
    ck_assert_double_gt(at("/streams/io/delivered/items"), 0);
    ck_assert_double_eq(at("/streams/io/dropped/items"), 0);
    end();
}

START_TEST(kinds_of_a_job_without_a_chain_are_refused) {
    lacks("'source': 'fio', 'rw': 'trim', 'chain': { 'read': 'all', 'write': 'all' }", "trim");
    lacks("'source': 'fio', 'rw': 'randtrim', 'chain': { 'read': 'all' }", "trim");
    lacks("'source': 'fio', 'rw': 'trimwrite', 'chain': { 'write': 'all' }", "trim");
    lacks("'source': 'fio', 'rw': 'trimwrite', 'chain': { 'trim': 'all' }", "write");
    lacks("'source': 'fio', 'rw': 'randread', 'chain': { 'write': 'all' }", "read");
    lacks("'source': 'fio', 'rw': 'randrw', 'chain': { 'read': 'all' }", "write");
    lacks("'source': 'fio', 'rw': 'write', 'options': 'fsync=8', 'chain': { 'write': 'all' }",
          "flush");
    lacks("'source': 'fio', 'rw': 'rw', 'options': 'fdatasync=8', "
          "'chain': { 'read': 'all', 'write': 'all' }",
          "flush");
    lacks("'source': 'fio', 'rw': 'write', 'options': 'end_fsync', "
          "'chain': { 'write': 'all' }",
          "flush");
    lacks("'source': 'dma', 'op': 'both', 'bytes': 64, 'chain': { 'read': 'all' }", "write");
    lacks("'source': 'dma', 'op': 'read', 'bytes': 64, 'chain': { 'write': 'all' }", "read");
}
END_TEST

START_TEST(kinds_that_do_not_come_need_none) {
    is_fine("'source': 'fio', 'rw': 'randrw', 'rwmixread': 100, 'chain': { 'read': 'all' }");
    is_fine("'source': 'fio', 'rw': 'randrw', 'rwmixread': 0, 'chain': { 'write': 'all' }");
    is_fine("'source': 'fio', 'rw': 'read', 'options': 'fsync=8 end_fsync', "
            "'chain': { 'read': 'all' }");
    is_fine("'source': 'fio', 'rw': 'trimwrite', "
            "'chain': { 'trim': 'all', 'write': 'all' }");
    is_fine("'source': 'dma', 'op': 'read', 'bytes': 64, 'chain': { 'read': 'all' }");
}
END_TEST

/* Which kinds a trace has is known when it is read: then they are left out, and counted. */
START_TEST(kinds_of_a_trace_without_a_chain_are_left_out) {
    make_folder();
    put("t.csv", "0,hm,0,Read,0,4096,0\n10,hm,0,Write,0,4096,0\n20,hm,0,Write,4096,4096,0\n"
                 "30,hm,0,Read,8192,4096,0\n");
    file = put("t.json",
               "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
               " 'drive': { 'model': 'server', 'time': '1us', 'distribution': 'constant' } } },"
               " 'chains': { 'all': [ { 'at': 'drive' }, { 'end': 'reply' } ] },"
               " 'streams': { 'io': { 'source': 'block', 'file': 't.csv', 'format': 'msr',"
               " 'iodepth': 1, 'chain': { 'read': 'all' } } }, 'run': { 'warmup': '0s' } }");
    summarize(file, NULL, 0);
    ck_assert_double_eq(at("/streams/io/delivered/items"), 2);
    ck_assert_double_eq(at("/streams/io/dropped/items"), 0);
    ck_assert_str_eq(s.stream[0].source->model->remark(s.stream[0].source, "file"),
                     "of its requests 2 are of a kind for which the stream names no chain, and "
                     "were not replayed");
    end();
}
END_TEST

/* For ever, and nothing of it can be replayed. */
START_TEST(a_trace_without_any_chain_does_not_hang) {
    make_folder();
    put("t.csv", "0,hm,0,Write,0,4096,0\n10,hm,0,Write,0,4096,0\n");
    file = put("t.json",
               "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
               " 'drive': { 'model': 'server', 'time': '1us', 'distribution': 'constant' } } },"
               " 'chains': { 'all': [ { 'at': 'drive' }, { 'end': 'reply' } ] },"
               " 'streams': { 'io': { 'source': 'block', 'file': 't.csv', 'format': 'msr',"
               " 'iodepth': 1, 'loop': 0, 'chain': { 'read': 'all' } } },"
               " 'run': { 'warmup': '0s', 'duration': '1ms' } }");
    load(&s, file, NULL, 0);
    while (sim_world_run(s.world, s.world->end, 1 << 18))
        ;
    ck_assert(s.world->failed);
    ck_assert_str_eq(s.world->err.text, "holds no requests that can be replayed");
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

/* ---------------------------------------------------------------- ends */

/* Without a duration: so many requests, and it is over at that time. */
static void ends_by_itself(const char *stream, double items, double at_s) {
    scenario(stream, "");
    load(&s, file, NULL, 0);
    ck_assert(s.open_ended);
    while (sim_world_run(s.world, s.world->to - 2, 1 << 18))
        ;
    app_close(&s, sim_world_settle(s.world));
    summary = summary_of(&s);
    ck_assert_double_eq(at("/streams/io/delivered/items"), items);
    ck_assert_double_eq_tol(at("/measured_s"), at_s, 1e-8);
    end();
}

START_TEST(a_job_that_ends_needs_no_duration) {
#define READS "'source': 'fio', 'rw': 'randread', 'chain': { 'read': 'all' }"
    ends_by_itself(READS ", 'size': '64k'", 16, 16e-6);
    ends_by_itself(READS ", 'number_ios': 100, 'numjobs': 2", 200, 200e-6);
    ends_by_itself(READS ", 'options': 'runtime=50us'", 50, 50e-6);
    ends_by_itself(READS ", 'size': '4k', 'options': 'time_based runtime=50us'", 50, 50e-6);
}
END_TEST

/* A microsecond a request: 256 of them, then 192, a delay of 1 ms, 32. */
static void waves(const char *run, double last) {
    scenario("'source': 'fio', 'file': 'waves.fio', 'chain': { 'read': 'all', 'write': 'all' }",
             run);
    (void)put("waves.fio", "[global]\nioengine=libaio\nbs=4k\n"
                           "[a]\nrw=randread\nsize=1m\niodepth=2\n"
                           "[b]\nstonewall\nrw=randread\nsize=512k\n"
                           "[c]\nrw=write\nsize=256k\n"
                           "[d]\nstonewall\nstartdelay=1ms\nrw=randwrite\nsize=128k\n");
    summarize(file, NULL, 0);
    ck_assert_double_eq(at("/streams/io/jobs/a/read/items"), 256);
    ck_assert_double_eq(at("/streams/io/jobs/b/read/items"), 128);
    ck_assert_double_eq(at("/streams/io/jobs/c/write/items"), 64);
    ck_assert_double_eq(at("/streams/io/delivered/items"), 256 + 128 + 64 + last);
    end();
}

/* They begin when all before them have ended. */
START_TEST(jobs_behind_a_stonewall_run) {
    waves(", 'duration': '1440us'", 0);
    waves(", 'duration': '1500us'", 32);
}
END_TEST

TEST_MAIN("kinds", kinds_of_a_job_without_a_chain_are_refused, kinds_that_do_not_come_need_none,
          kinds_of_a_trace_without_a_chain_are_left_out,
          a_trace_without_any_chain_does_not_hang, a_job_that_ends_needs_no_duration,
          jobs_behind_a_stonewall_run)
