/* test_app_connections.c - connections a second: by closed forms, in summary, bounds, report.
 */
#include "app_summary.h"
#include "sim/app/relax.h"

/* A packet of a new UDP flow each microsecond, found to be new, then inserted. */
static void begin(const char *params, const char *rate) {
    char text[1200];
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'ct': { 'model': 'conntrack',"
             " 'entries': 65536, 'cache_entries': 0, %s } } }, 'chains': { 'c': ["
             " {'at': 'ct', 'op': 'track', 'new': 'set-up'} ], 'set-up': ["
             " {'at': 'ct', 'op': 'insert'} ] }, 'streams': { 's': { 'source': 'synthetic',"
             " 'sizes': '1000', 'arrivals': 'constant', 'packet_rate': '%s', 'flows': 100000,"
             " 'flow_order': 'round-robin', 'chain': 'c' } },"
             " 'run': { 'warmup': '100us', 'duration': '400us' } }",
             params, rate);
    make_folder();
    summarize(put("t.json", text), NULL, 0);
}

static void near(const char *pointer, double want) {
    double found = at(pointer);
    ck_assert_msg(found > want * 0.999 && found < want * 1.001, "%s is %.12g, not %.12g",
                  pointer, found, want);
}

static const json_t *bound_of(const char *resource) {
    size_t i;
    json_t *b;
    json_array_foreach(json_object_get(summary, "bounds"), i,
                       b) if (strcmp(json_string_value(json_object_get(b, "resource")),
                                     resource) == 0) return b;
    ck_abort_msg("no bound of %s", resource);
    return NULL;
}

/* Is the reader told that the table learns late? */
static bool late(void) {
    char *text = app_report_text(summary, APP_PLAIN);
    bool told = strstr(text, "/dpu/blocks/ct: learns late while dpu.ct.insert is full") != NULL;
    free(text);
    return told;
}

/* 1 M/s of 2 M/s: half loaded, so twice as many could come. They age 50 us after they are in
 * hardware: as many a second are gone. */
START_TEST(half_of_what_the_table_could) {
    begin("'insert_rate': '2M/s', 'timeout_udp': '50us', 'resident': false", "1M/s");
    near("/connections/dpu.ct/set_up_per_s", 1e6);
    near("/connections/dpu.ct/begun_per_s", 1e6);
    near("/connections/dpu.ct/aged_per_s", 1e6);
    near("/connections/dpu.ct/bound_per_s", 2e6);
    near("/connections/dpu.ct/asked_per_s", 1e6);
    near("/connections/dpu.ct/saturation_per_s", 2e6);
    ck_assert_double_eq(at("/connections/dpu.ct/failed"), 0);
    ck_assert_str_eq(
        json_string_value(app_json_at(summary, "/connections/dpu.ct/saturation_of")),
        "dpu.ct.insert");
    double could = json_number_value(json_object_get(bound_of("insert"), "connections_per_s"));
    ck_assert_double_eq_tol(could, 2e6, 2e3);
    ck_assert(!late());
    end();
}
END_TEST

/* 1 M/s of 600 k/s: the table takes its rate, and what is asked of it is more. */
START_TEST(more_than_the_table_can) {
    begin("'insert_rate': '600k/s'", "1M/s");
    near("/connections/dpu.ct/set_up_per_s", 0.6e6);
    near("/connections/dpu.ct/bound_per_s", 0.6e6);
    near("/connections/dpu.ct/saturation_per_s", 0.6e6);
    near("/connections/dpu.ct/asked_per_s", 1e6);
    ck_assert(late());
    char *text = app_report_text(summary, APP_PLAIN), *csv = app_report_csv(summary);
    ck_assert_ptr_nonnull(strstr(text, "\nConnections (a second, but for entries)\n"));
    ck_assert_ptr_nonnull(strstr(text, "  dpu.ct  600 k/s  600 k/s"));
    ck_assert_ptr_nonnull(strstr(
        text, "  dpu.ct: of this mix, 600 k/s would be set up when dpu.ct.insert is full\n"));
    ck_assert_ptr_nonnull(strstr(csv, "\n/connections/dpu.ct/set_up_per_s,600000"));
    free(text);
    free(csv);
    end();
}
END_TEST

static bool unused(const char *pointer) {
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(summary, "unused_parameters"), i, p) {
        if (strcmp(json_string_value(p), pointer) == 0)
            return true;
    }
    return false;
}

static size_t warnings_at(const char *pointer) {
    size_t i, n = 0;
    json_t *w;
    json_array_foreach(json_object_get(summary, "warnings"), i, w) {
        n += strcmp(json_string_value(json_object_get(w, "pointer")), pointer) == 0;
    }
    return n;
}

/* A table of flows, or of connections, whose traffic all begins with the run.
 * @return how often the run warns of `loose`. */
static size_t made_up(const char *block, const char *op) {
    char text[1200];
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'x': { %s, 'resident': false } "
             "} }, 'chains': { 'c': [ {'at': 'x', 'op': '%s'} ] }, 'streams': { 's': "
             "{ 'source': 'synthetic', 'packet_rate': '1M/s', 'protocol': 'tcp', 'chain': 'c' "
             "} }, 'run': { 'warmup': '10us', 'duration': '100us' } }",
             block, op);
    make_folder();
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
    summary = summary_of(&s);
    ck_assert(unused("/dpu/blocks/x/resident"));
    ck_assert(!unused("/dpu/blocks/x/loose"));
    size_t warned = warnings_at("/dpu/blocks/x/loose");
    end();
    return warned;
}

START_TEST(made_up_traffic_has_no_residents) {
    ck_assert_uint_eq(made_up("'model': 'nic'", "flow"), 0);
    ck_assert_uint_eq(made_up("'model': 'conntrack'", "track"), 0);
    ck_assert_uint_eq(made_up("'model': 'conntrack', 'loose': false", "track"), 1);
}
END_TEST

/* 4,096 flows, as many packets of each, for 1,024 places that nobody gives up: three of four
 * packets find none. Doubled are the places. */
START_TEST(a_table_without_room_is_the_wall) {
    make_folder();
    load(&s,
         put("t.json",
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'x': { 'model': 'conntrack', "
             "'entries': 1024, 'evict': 'never' } } }, 'chains': { 'c': [ {'at': 'x', 'op': "
             "'track'} ] }, 'streams': { 's': { 'source': 'synthetic', 'packet_rate': '1M/s', "
             "'flows': 4096, 'chain': 'c' } }, 'run': { 'warmup': '50ms', 'duration': '50ms' } "
             "}"),
         NULL, 0);
    run(&s);
    summary = summary_of(&s);
    const json_t *o = json_object_get(summary, "bottleneck");
    double through = (double)s.world->stream[0]->delivered.items;
    ck_assert_double_eq_tol(through / 50000, 0.25, 0.01);
    ck_assert_str_eq(json_string_value(json_object_get(o, "kind")), "resource");
    ck_assert_str_eq(json_string_value(json_object_get(o, "component")), "dpu.x");
    ck_assert_str_eq(json_string_value(json_object_get(o, "resource")), "entries");
    ck_assert(json_is_true(json_object_get(o, "table")));
    const struct app_resource r = {"dpu.x", "entries"};
    struct app_set out[APP_FASTER];
    struct sim_arena arena = {0};
    ck_assert_uint_eq(app_faster(&s, &r, &arena, out), 1);
    ck_assert_str_eq(out[0].pointer, "/dpu/blocks/x/entries");
    ck_assert_str_eq(out[0].value, "2048");
    sim_arena_free(&arena);
    end();
}
END_TEST

/* Packets of connections that wait for their place ask again, which the mix does not need: no
 * more than are begun. 100 flows of a packet each 100 us, a place each 10 us. */
START_TEST(packets_that_ask_again_are_no_need) {
    make_folder();
    summarize(put("t.json",
                  "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'ct': { 'model':"
                  " 'conntrack', 'entries': 65536, 'insert_rate': '100k/s' } } },"
                  " 'chains': { 'c': [ {'at': 'ct', 'op': 'track', 'new': 'set-up'} ],"
                  " 'set-up': [ {'at': 'ct', 'op': 'insert'} ] }, 'streams': { 's': {"
                  " 'source': 'synthetic', 'sizes': '1000', 'arrivals': 'constant',"
                  " 'packet_rate': '1M/s', 'flows': 100, 'flow_order': 'round-robin', 'chain':"
                  " 'c' } }, 'run': { 'warmup': '0s', 'duration': '2ms' } }"),
              NULL, 0);
    double begun = at("/connections/dpu.ct/begun_per_s");
    double load = json_number_value(json_object_get(bound_of("insert"), "load_ratio"));
    ck_assert_double_gt(begun, 0);
    ck_assert_double_le(load, begun / 100e3 * 1.01);
    end();
}
END_TEST

TEST_MAIN("app_connections", packets_that_ask_again_are_no_need, half_of_what_the_table_could,
          more_than_the_table_can, made_up_traffic_has_no_residents,
          a_table_without_room_is_the_wall)
