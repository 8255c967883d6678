/* test_app_chains.c - chains from JSON: what each kind of step does to a message, to the
 * picosecond where stations are deterministic; routes, labels, what was never used. */
#include "app_run.h"

/* Stations of constant times, 10 ns apart. Every hop of a chain takes its route's delay, 1 ps
 * inside a block and from the source. */
#define STATION(name, time, more)                                                              \
    "'" name "': { 'model': 'server', 'distribution': 'constant', 'time': '" time "'" more " " \
    "}"
#define WAIT ", 'on_full': 'wait'"
#define BENCH                                                                                                                  \
    "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': { 'name': 'bench', 'blocks': { " STATION("a", "100ns", WAIT) ", " STATION( \
        "b", "50ns",                                                                                                           \
        WAIT) ", " STATION("c", "30ns",                                                                                        \
                           WAIT) ", " STATION("tight", "400ns",                                                                \
                                              ", 'queue': 1") ", " STATION("bus", "1ns",                                       \
                                                                           WAIT) " }, "                                        \
                                                                                 "'routes': "                                  \
                                                                                 "{ 'all': { "                                 \
                                                                                 "'from': "                                    \
                                                                                 "['a', 'b', "                                 \
                                                                                 "'c', "                                       \
                                                                                 "'tight'], "                                  \
                                                                                 "'to': "                                      \
                                                                                 "['a', 'b', "                                 \
                                                                                 "'c', "                                       \
                                                                                 "'tight'], "                                  \
                                                                                 "'delay': "                                   \
                                                                                 "'10ns' } } "                                 \
                                                                                 "} }, "
#define STREAM(rate)                                                                           \
    "'streams': { 's': { 'source': 'synthetic', 'packet_rate': '" rate "', 'sizes': '64', "    \
    "'chain': 'c' } }, 'run': { 'warmup': '0s', 'duration': '100us', 'drain': '10us', "        \
    "'sample_one_in': 0 } }"

static struct app_scenario s;

static struct sim_stream *run_text(const char *text) {
    make_folder();
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
    return s.stream[0].stream;
}

static void done(void) {
    app_scenario_free(&s);
    drop_folder();
}

static const sim_ps ns = 1000;

START_TEST(visits) {
    struct sim_stream *st =
        run_text(BENCH "'chains': { 'c': [ {'at': 'a'}, {'at': 'b'} ] }, " STREAM("1M/s"));
    same_latency(st, 160 * ns + 1);
    ck_assert_uint_eq(st->delivered.items, 100);
    done();
}
END_TEST

START_TEST(park) { /* meanwhile the station serves others: 200 ns of it for each message */
    struct sim_stream *st =
        run_text(BENCH "'chains': { 'c': [ {'at': 'a', 'call': {'at': 'b'}, 'complete': {'op': "
                       "'serve'}} ] }, " STREAM("1M/s"));
    same_latency(st, 100 * ns + 10 * ns + 50 * ns + 10 * ns + 100 * ns + 1);
    done();
    st = run_text(BENCH "'chains': { 'c': [ {'at': 'a', 'call': {'at': 'b'}, 'wait': 'park', "
                        "'complete': {'op': 'serve'}} ] }, " STREAM("4500k/s"));
    ck_assert_uint_ge(st->delivered.items, 447); /* all: the bound is 100 us / 200 ns */
    ck_assert_uint_le(st->delivered.items, 450);
    done();
}
END_TEST

START_TEST(poll) { /* the station is kept for 100 + 10 + 50 + 10 + 100 ns */
    struct sim_stream *st =
        run_text(BENCH "'chains': { 'c': [ {'at': 'a', 'call': {'at': 'b'}, 'wait': 'poll', "
                       "'complete': {'op': 'serve'}} ] }, " STREAM("1M/s"));
    same_latency(st, 270 * ns + 1);
    done();
    st = run_text(BENCH "'chains': { 'c': [ {'at': 'a', 'call': {'at': 'b'}, 'wait': 'poll', "
                        "'complete': {'op': 'serve'}} ] }, " STREAM("4500k/s"));
    ck_assert_uint_ge(st->delivered.items, 368); /* 100 us / 270 ns */
    ck_assert_uint_le(st->delivered.items, 371);
    done();
}
END_TEST

/* Three children one after the other at a station of 50 ns. */
#define SPLIT(join)                                                                            \
    BENCH "'chains': { 'c': [ {'at': 'a'}, {'at': 'a', 'split': {'into': 3, 'chain': "         \
          "'child'" join "}} ], 'child': [ {'at': 'b'} ] }, " STREAM("1M/s")

static void split(const char *text, uint64_t children) {
    struct sim_stream *st = run_text(text);
    ck_assert_uint_eq(st->delivered.items, 100);
    ck_assert_uint_eq(st->created.items, 300);
    ck_assert_uint_eq(st->absorbed.items, 300); /* the late ones too */
    sim_ps least = 100 * ns + 10 * ns + (sim_ps)children * 50 * ns;
    ck_assert_int_ge((sim_ps)st->latency.min, least);
    ck_assert_int_le((sim_ps)st->latency.max, least + 10); /* 1 ps a free step */
    done();
}

START_TEST(split_joins) {
    split(SPLIT(""), 3);
    split(SPLIT(", 'join': 'all'"), 3);
    split(SPLIT(", 'join': 3"), 3);
    split(SPLIT(", 'join': 2"), 2);
    split(SPLIT(", 'join': 1"), 1);
}
END_TEST

START_TEST(split_error) { /* of two children at a station for one, the second is dropped */
    struct sim_stream *st =
        run_text(BENCH "'chains': { 'c': [ {'at': 'a', 'split': {'into': 2, 'chain': 'child'}, "
                       "'error': 'sorry'}, {'at': 'b'} ], 'child': [ {'at': 'tight'} ], "
                       "'sorry': [ {'at': 'c'} ] }, " STREAM("1M/s"));
    ck_assert_uint_eq(st->delivered.items, 100);
    ck_assert_uint_eq(items_of(&s, "c"), 100);
    ck_assert_uint_eq(items_of(&s, "b"), 0);
    done();
    st = run_text(BENCH
                  "'chains': { 'c': [ {'at': 'a', 'split': {'into': 2, 'chain': 'child'}} ], "
                  "'child': [ {'at': 'tight'} ] }, " STREAM("1M/s"));
    ck_assert_uint_eq(st->delivered.items, 0);
    ck_assert_uint_eq(st->dropped.items, 100);
    json_t *summary = summary_of(&s);
    const json_t *dropped =
        json_object_get(json_object_get(json_object_get(summary, "streams"), "s"), "dropped");
    ck_assert_int_eq(json_integer_value(json_object_get(dropped, "created_overflow_items")),
                     100);
    ck_assert_int_eq(json_integer_value(json_object_get(
                         json_object_get(dropped, "created_causes"), "dpu.tight:queue-full")),
                     100);
    json_t *drops = json_object_get(
        json_object_get(json_object_get(summary, "components"), "dpu.tight"), "drops");
    ck_assert_int_eq(json_integer_value(json_object_get(drops, "queue-full")), 100);
    char *text = app_report_text(summary, false);
    ck_assert_ptr_nonnull(strstr(
        text, "none were lost to full queues, but 100 of their children and copies were"));
    free(text);
    json_decref(summary);
    done();
}
END_TEST

START_TEST(copy) { /* fire and forget: the original does not wait for it */
    struct sim_stream *st = run_text(
        BENCH "'chains': { 'c': [ {'at': 'a', 'op': 'serve', 'copy': 'mirror'}, "
              "{'at': 'c'} ], 'mirror': [ {'at': 'tight'}, {'at': 'b'} ] }, " STREAM("1M/s"));
    same_latency(st, 140 * ns + 1);
    ck_assert_uint_eq(st->delivered.items, 100);
    ck_assert_uint_eq(st->created.items, 100);
    ck_assert_uint_eq(items_of(&s, "tight"), 100);
    ck_assert_uint_eq(items_of(&s, "b"), 100);
    done();
}
END_TEST

START_TEST(goto_and_labels) {
    struct sim_stream *st = run_text(
        BENCH "'chains': { 'c': [ {'at': 'a'}, {'goto': 'd#late'} ], 'd': [ {'at': 'b'}, "
              "{'name': 'late', 'at': 'c'}, {'goto': 'e'}, {'name': 'x', 'at': 'b'} ], "
              "'e': [ {'at': 'a'}, {'end': 'delivered'} ] }, " STREAM("1M/s"));
    same_latency(st, 100 * ns + 10 * ns + 30 * ns + 10 * ns + 100 * ns + 1);
    ck_assert_uint_eq(items_of(&s, "b"), 0);
    json_t *summary = summary_of(&s), *v;
    const json_t *list = json_object_get(summary, "unused_parameters");
    bool step = false, chain = false;
    size_t i;
    json_array_foreach(list, i, v) {
        step |= strcmp(json_string_value(v), "/chains/d/0") == 0;
        chain |= strcmp(json_string_value(v), "/chains/c/0") == 0;
    }
    ck_assert(step && !chain);
    json_decref(summary);
    done();
}
END_TEST

START_TEST(ends) {
    struct sim_stream *st =
        run_text(BENCH "'chains': { 'c': [ {'at': 'a'}, {'end': 'drop'} ] }, " STREAM("1M/s"));
    ck_assert_uint_eq(st->dropped.items, 100);
    ck_assert_uint_eq(st->delivered.items, 0);
    done();
    st = run_text(BENCH "'chains': { 'c': [ {'at': 'a'}, {'end': 'reply'} ] }, 'streams': { "
                        "'s': { 'source': 'synthetic', 'outstanding': 1, 'think': '900ns', "
                        "'chain': 'c' } }, 'run': { 'warmup': '0s', 'duration': '100us' } }");
    ck_assert_uint_ge(st->delivered.items, 99); /* 100 + 900 ns a turn */
    ck_assert_uint_le(st->delivered.items, 101);
    done();
}
END_TEST

/* Tunnels that never end: the bound, and a place in the chain, not a hang. */
START_TEST(recirculation) {
    const char *text =
        "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3', 'blocks': { 'again': { "
        "'model': 'server', 'time': '10ns' }, 'acl': { 'model': 'acl', 'rules': 'rules.json' } "
        "}, "
        "'routes': { 'x': { 'from': 'nic', 'to': 'again' }, 'y': { 'from': 'again', 'to': "
        "'acl' }, 'z': { 'from': 'acl', 'to': 'again' } } }, "
        "'chains': { 'c': [ {'at': 'nic'}, {'name': 'x', 'at': 'again'}, {'at': 'acl', "
        "'deny': 'c#x'} ] }, " STREAM("1M/s");
    struct sim_err err = {0};
    static const struct app_run_opts opts;
    make_folder();
    put("rules.json", "[ { 'action': 'deny' } ]");
    ck_assert(app_scenario_load(&s, put("t.json", text), NULL, 0, &opts, &err));
    while (sim_world_run(s.world, s.world->end, 1 << 18))
        ;
    ck_assert(s.world->failed);
    ck_assert_msg(strstr(s.world->err.text, "/run/max_recirculations") != NULL, "%s: %s",
                  s.world->err.path, s.world->err.text);
    done();
}
END_TEST

START_TEST(routes) {
    make_folder();
    load(&s,
         put("t.json", "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3' }, "
                       "'chains': { 'c': [ "
                       "{'at': 'nic'}, {'at': 'arm', 'op': 'forward'}, {'at': 'nic', 'op': "
                       "'dma'} ] }, " STREAM("1M/s")),
         NULL, 0);
    const struct sim_world *w = s.world;
    static const char *const way[] = {
        "nic.parse", "nic-link-out.carry", "mesh.carry",        "dram.write", "arm.forward",
        "dram.read", "mesh.carry",         "nic-link-in.carry", "nic.dma",    NULL};
    uint16_t at = w->step[s.stream[0].stream->first].hop[0].next;
    for (int i = 0; way[i] != NULL; i++) {
        const struct sim_step *step = &w->step[at];
        ck_assert_str_eq(step->label, way[i]);
        bool visit = i % 4 == 0;
        ck_assert_int_eq(step->kind, visit ? SIM_STEP_VISIT : SIM_STEP_VIA);
        ck_assert(visit || step->ratio_ppm == 1000000);
        ck_assert_int_eq(step->hop[0].kind, way[i + 1] ? SIM_HOP_NEXT : SIM_HOP_DELIVERED);
        at = step->hop[0].next;
    }
    run(&s);
    json_t *summary = summary_of(&s);
    const json_t *used = json_object_get(summary, "routes");
    ck_assert_uint_eq(json_object_size(used), 2);
    ck_assert_uint_eq(json_array_size(json_object_get(used, "/dpu/routes/nic-arm")), 3);
    json_decref(summary);
    done();
}
END_TEST

/* Where payload goes: around DRAM, mesh and Arm cores unless a flow misses. */
static void quickstart(const char *new_flows, bool misses) {
    struct app_set sets[] = {{"/run/duration", "1ms"},
                             {"/run/warmup", "100us"},
                             {"/streams/web/loop/new_flows_per_s", new_flows}};
    make_folder();
    load(&s, DPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.json", sets, 3);
    run(&s);
    ck_assert_uint_gt(s.stream[0].stream->delivered.items, 1000);
    ck_assert_uint_gt(items_of(&s, "pcie"), 1000);
    static const char *const off_path[] = {"arm", "mesh", "dram"};
    for (int i = 0; i < 3; i++)
        ck_assert_msg((items_of(&s, off_path[i]) > 0) == misses, "%s: %d items", off_path[i],
                      (int)items_of(&s, off_path[i]));
    done();
}

START_TEST(payload_stays_off_dram) {
    quickstart("0", false);
    quickstart("1000000", true);
}
END_TEST

/* Two tenants at twice what the port takes, whose queue has room for two. @return bytes that
 * came through in the window. */
static uint64_t through_a_scheduler(const char *latency) {
    struct app_set sets[] = {{"/run/warmup", "200us"},
                             {"/run/duration", "200us"},
                             {"/dpu/blocks/egress/latency", latency}};
    uint64_t bytes = 0;
    setenv("DPUSIM_CONFIGS", DPUSIM_SOURCE_DIR "/configs", 1);
    load(&s, DPUSIM_SOURCE_DIR "/configs/scenarios/egress.json", sets, 3);
    run(&s);
    for (uint32_t i = 0; i < s.streams; i++)
        bytes += s.stream[i].stream->delivered.bytes;
    app_scenario_free(&s);
    return bytes;
}

/* A stage that takes time keeps nobody out: no rate is lost to it. It is a step of its own. */
START_TEST(a_pipeline_takes_time_and_no_rate) {
    int64_t without = (int64_t)through_a_scheduler("0ns");
    int64_t with = (int64_t)through_a_scheduler("1us");
    ck_assert_int_gt(without, 200 * 12500 * 9 / 10); /* 100 Gb/s, small frames */
    ck_assert_int_le(llabs(with - without), 2 * 1518);
}
END_TEST

TEST_MAIN("app chains", visits, park, poll, split_joins, split_error, copy, goto_and_labels,
          ends, recirculation, routes, payload_stays_off_dram,
          a_pipeline_takes_time_and_no_rate)
