/* test_app_stuck.c - what the watchdog says of a run that stands still.
 *
 * No scenario should come to that: `check` refuses what could wait in a circle. Here the slots
 * of a link are taken away when all is built, as a fault of the engine would lose them. Of
 * run.c what it keeps to itself is called, for nothing else watches a world.
 */
#include "sim/app/simulate.c" /* before what a parameter of it would hide */

#include "app_run.h"

/* Packets of two streams go on from "first" to "second", if that has a place for them. */
static void stations(struct app_scenario *s, const char *limit, const char *duration,
                     bool all_by_event) {
    const struct app_run_opts opts = {.all_by_event = all_by_event};
    struct sim_err err = {0};
    char text[1200], line[2200];
    snprintf(
        text, sizeof text,
        "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
        " 'first': { 'model': 'server', 'time': '100ns' },"
        " 'second': { 'model': 'server', 'time': '50ns', 'queue': 4, 'on_full': 'wait' } },"
        " 'routes': { 'r': { 'from': 'first', 'to': 'second' } } },"
        " 'chains': { 'c': [ {'at': 'first'}, {'at': 'second'} ] }, 'streams': {"
        " 'a': { 'source': 'synthetic', 'packet_rate': '1M/s', 'chain': 'c' %s },"
        " 'b': { 'source': 'synthetic', 'packet_rate': '1M/s', 'chain': 'c' %s } },"
        " 'run': { 'messages': 64 %s } }",
        limit, limit, duration);
    if (!app_scenario_load(s, put("t.json", text), NULL, 0, &opts, &err))
        ck_abort_msg("%s", sim_err_line(&err, line, sizeof line));
}

static void lose_slots(const struct sim_world *w) {
    ck_assert_uint_gt(w->links, 0);
    for (uint32_t i = 0; i < w->links; i++)
        w->link[i]->head = w->link[i]->tail;
}

/* What a run of these streams ends with; "" is no error. */
static const char *end_of(const char *limit, const char *duration, bool lost, bool by_event) {
    static char line[2200];
    struct app_scenario s;
    struct progress p = {.on = false};
    struct sim_err err = {0};
    bool cut = false;
    make_folder();
    stations(&s, limit, duration, by_event);
    if (lost)
        lose_slots(s.world);
    line[0] = 0;
    if (!drive(&s, &p, &cut, &err))
        sim_err_line(&err, line, sizeof line);
    ck_assert(!cut);
    app_scenario_free(&s);
    drop_folder();
    return line;
}

static void stands(const char *limit, const char *duration, const char *why) {
    for (int form = 0; form < 2; form++) {
        const char *line = end_of(limit, duration, true, form);
        ck_assert_msg(strstr(line, "no progress at ") != NULL && strstr(line, why) != NULL,
                      "\"%s\" is not in \"%s\"", why, line);
        ck_assert_str_eq(end_of(limit, duration, false, form), "");
    }
}

/* All 64 messages stand in front of "second", but that their sources ask for more of them is
 * an event as well. */
START_TEST(sources_that_only_ask) {
    stands("", ", 'duration': '1s'",
           "(all messages are in use and none of them moves): dpu.first.queue waits for a slot "
           "of dpu.second.queue");
}
END_TEST

/* Nobody asks for more: there is no event at all. */
START_TEST(messages_that_remain) {
    stands(
        ", 'limit': 10", "",
        "(the sources are exhausted but messages remain): dpu.first.queue waits for a slot of "
        "dpu.second.queue");
}
END_TEST

/* One station, too slow for its source: when each message leaves is known before, and there is
 * no event but that the source asks for the next one. */
START_TEST(only_what_is_told_ahead) {
    struct app_scenario s;
    struct progress p = {.on = false};
    struct sim_err err = {0};
    bool cut = false;
    make_folder();
    load(&s,
         put("t.json",
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'arm': { 'model': 'cores',"
             " 'cores': 1, 'clock': '1GHz', 'queue': 1, 'on_full': 'wait' } } },"
             " 'chains': { 'c': [ {'at': 'arm', 'op': 'work', 'cycles': 1000} ] }, 'streams': {"
             " 's': { 'source': 'synthetic', 'packet_rate': '5M/s', 'chain': 'c' } },"
             " 'run': { 'warmup': '0s', 'duration': '60ms', 'messages': 64 } }"),
         NULL, 0);
    ck_assert_msg(drive(&s, &p, &cut, &err), "%s", err.text);
    ck_assert_uint_ge(s.stream[0].stream->delivered.items, 59000);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

/* Requests that are answered at once: time does not stand still, but one waits for ever. */
START_TEST(nothing_serves) {
    char line[2200];
    struct app_scenario s;
    struct progress p = {.on = false};
    struct sim_err err = {0};
    bool cut = false;
    make_folder();
    load(&s,
         put("t.json", "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
                       " 'a': { 'model': 'server', 'time': '1us', 'queue': 4 } } },"
                       " 'chains': { 'k': [ {'at': 'a'} ],"
                       " 'c': [ {'at': 'a', 'copy': 'k'}, {'end': 'reply'} ] }, 'streams': {"
                       " 's': { 'source': 'synthetic', 'outstanding': 50, 'chain': 'c' } },"
                       " 'run': { 'duration': '10ms' } }"),
         NULL, 0);
    ck_assert(!drive(&s, &p, &cut, &err));
    sim_err_line(&err, line, sizeof line);
    ck_assert_msg(strstr(line, "time hardly does") != NULL, "%s", line);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

TEST_MAIN("app stuck", sources_that_only_ask, messages_that_remain, only_what_is_told_ahead,
          nothing_serves)
