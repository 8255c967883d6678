/* test_app_refuse.c - a destination that refuses is asked for what goes there, and for nothing
 * else: not for what a verdict or a rewritten hash sends another way. */
#include "app_run.h"

static struct app_scenario s;

static void go(const char *blocks, const char *to, const char *chains) {
    char text[2000];
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3', 'blocks': { %s },"
             " 'routes': { 'a': { 'from': 'nic', 'to': [%s] } } },"
             " 'chains': { %s },"
             " 'streams': { 's': { 'source': 'synthetic', 'packet_rate': '1M/s', 'sizes': '64',"
             " 'flows': 64, 'chain': 'c' } },"
             " 'run': { 'warmup': '0s', 'duration': '1ms' } }",
             blocks, to, chains);
    make_folder();
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
}

static void done(void) {
    app_scenario_free(&s);
    drop_folder();
}

#define SLOW                                                                                   \
    "'slow': { 'model': 'server', 'distribution': 'constant', 'time': '1ms', 'queue': 1,"      \
    " 'on_full': 'refuse' }"

/* No flow is known: all miss and go to a queue without bound. None goes to the full one. */
START_TEST(verdicts_lead_past_it) {
    go(SLOW ", 'eng': { 'model': 'server', 'distribution': 'constant', 'time': '10ns' }",
       "'slow', 'eng'",
       "'c': [ {'at': 'nic', 'op': 'flow', 'miss': 'other'}, {'at': 'slow'} ],"
       "'other': [ {'at': 'eng'} ]");
    const struct sim_stream *st = s.world->stream[0];
    ck_assert_uint_ge(st->delivered.items, 998);
    ck_assert_uint_eq(st->dropped.items, 0);
    done();
}
END_TEST

/* Between a full queue and none: what goes to the first is refused, but for one a millisecond;
 * the rest passes. A new address, so a new hash, decides which. */
START_TEST(the_new_hash_decides) {
    for (int both = 0; both < 2; both++) {
        char blocks[400];
        snprintf(blocks, sizeof blocks,
                 "'eng': { 'model': 'server', 'count': 2, 'distribution': 'constant',"
                 " 'time': '%s', 'queue': 1, 'on_full': 'refuse' }",
                 both ? "1ms" : "100ns");
        go(blocks, "'eng'", "'c': [ {'at': 'nic', 'op': 'nat'}, {'at': 'eng'} ]");
        const struct sim_stream *st = s.world->stream[0];
        uint64_t in = items_of(&s, "eng0") + items_of(&s, "eng1");
        ck_assert_uint_eq(in + st->dropped.items, st->offered.items);
        if (both) /* one each, and then full */
            ck_assert_uint_le(in, 4);
        else /* 1 M/s over two of 10 M/s each, evenly spaced */
            ck_assert_uint_eq(st->dropped.items, 0);
        done();
    }
}
END_TEST

/* Half of what comes is above a meter's rate and goes to a station that can carry a fifth of
 * it: what it would need counts what was refused; what a service takes counts what was served.
 */
START_TEST(what_is_refused_was_asked_for) {
    static struct app_bound bound[64];
    double potential, load = 0;
    go("'slow': { 'model': 'server', 'distribution': 'constant', 'time': '10us', 'queue': 4,"
       " 'on_full': 'refuse' }",
       "'slow'",
       "'c': [ {'at': 'nic', 'op': 'meter', 'rate': '256Mb/s', 'burst': '128B', 'exceed':"
       " 'above'}, {'end': 'delivered'} ], 'above': [ {'at': 'slow'} ]");
    uint32_t rows = app_bounds(&s, bound, 64, &potential);
    for (uint32_t i = 0; i < rows; i++)
        if (!bound[i].window && strcmp(bound[i].comp->path, "dpu.slow") == 0)
            load = bound[i].load;
    ck_assert_double_eq_tol(load, 5, 0.05);
    json_t *summary = summary_of(&s);
    const json_t *slow =
        app_json_at(summary, "/components/dpu.slow/ports/queue/occupancy_mean_s");
    const json_t *meter =
        app_json_at(summary, "/components/dpu.nic/ports/meter/occupancy_mean_s");
    ck_assert_double_eq_tol(json_number_value(slow), 10e-6, 2e-7);
    ck_assert_double_eq_tol(json_number_value(meter), 1 / 330e6, 1e-12);
    json_decref(summary);
    done();
}
END_TEST

TEST_MAIN("app refuse", what_is_refused_was_asked_for, verdicts_lead_past_it,
          the_new_hash_decides)
