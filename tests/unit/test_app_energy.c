/* test_app_energy.c - joules by closed forms: 400 packets of 1,000 bytes in 400 us, through two
 * stations and over a shared line on the way. */
#include "app_summary.h"

/* @param card beside the blocks; of the stations and the line: their further fields. */
static const char *file_of(const char *card, const char *first, const char *line,
                           const char *second) {
    char text[2000];
    snprintf(
        text, sizeof text,
        "{ 'dpusim': 1, 'name': 't', 'dpu': { %s 'blocks': {"
        " 'first': { 'model': 'server', 'distribution': 'constant', 'time': '100ns' %s },"
        " 'line': { 'model': 'mesh' %s },"
        " 'second': { 'model': 'server', 'distribution': 'constant', 'time': '50ns' %s } },"
        " 'routes': { 'r': { 'from': 'first', 'to': 'second',"
        " 'via': [ {'at': 'line', 'per_byte': 0.25} ] } } },"
        " 'chains': { 'c': [ {'at': 'first'}, {'at': 'second'} ] },"
        " 'streams': { 's': { 'source': 'synthetic', 'sizes': '1000', 'chain': 'c',"
        " 'arrivals': 'constant', 'packet_rate': '1M/s' } },"
        " 'run': { 'warmup': '20us', 'duration': '400us' } }",
        card, first, line, second);
    make_folder();
    return put("t.json", text);
}

static void begin(const char *card, const char *first, const char *line, const char *second) {
    summarize(file_of(card, first, line, second), NULL, 0);
}

static void null(const char *pointer) {
    ck_assert_msg(json_is_null(app_json_at(summary, pointer)), "%s is not null", pointer);
}

/* To the last of 12 digits. */
static void is(const char *pointer, double joules) {
    double found = at(pointer);
    ck_assert_msg(found > joules * (1 - 1e-11) && found < joules * (1 + 1e-11),
                  "%s is %.15g, not %.15g", pointer, found, joules);
}

START_TEST(sums_are_exact) {
    begin("'power': { 'board': '10W' },",
          ", 'energy': { 'idle': '3W', 'busy': '2W', 'per_item': '20nJ',"
          " 'per_byte': '15pJ', 'sources': { 'idle': 'assumed: none' } }",
          ", 'energy': { 'per_item': '7pJ', 'per_byte': '4fJ' }",
          ", 'energy': { 'idle': '500mW' }");
    is("/components/dpu.first/energy_parts_j/idle", 3 * 400e-6);
    is("/components/dpu.first/energy_parts_j/busy", 2 * 400 * 100e-9);
    is("/components/dpu.first/energy_parts_j/items", 400 * 20e-9);
    is("/components/dpu.first/energy_parts_j/bytes", 400 * 1000 * 15e-12);
    is("/components/dpu.first/energy_j", 1200e-6 + 80e-6 + 8e-6 + 6e-6);
    is("/components/dpu.line/energy_j", 400 * 7e-12 + 400 * 250 * 4e-15);
    is("/components/dpu.second/energy_j", 0.5 * 400e-6);
    const double total = 10 * 400e-6 + 1294e-6 + 3.2e-9 + 200e-6;
    is("/energy/board_j", 10 * 400e-6);
    is("/energy/total_j", total);
    is("/energy/mean_w", total / 400e-6);
    is("/energy/j_per_gigabyte", total / (400 * 1000 / 1e9));
    ck_assert_uint_eq(json_array_size(app_json_at(summary, "/energy/unstated")), 0);
    end();
}
END_TEST

/* Entries of 375 bytes that are not on the chip: 8 places for 1,000 flows in turn hold none
 * that comes again, so each of 400 messages reads one. */
START_TEST(memory_that_is_in_no_block) {
    make_folder();
    summarize(put("t.json",
                  "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'a': { 'model': 'context',"
                  " 'qp_entries': 8, 'qp_bytes': '375B', 'energy': {"
                  " 'per_item': '3nJ', 'per_memory_byte': '120pJ' } } } },"
                  " 'chains': { 'c': [ {'at': 'a'} ] }, 'streams': { 's': {"
                  " 'source': 'synthetic', 'sizes': '1000', 'arrivals': 'constant',"
                  " 'packet_rate': '1M/s', 'flows': 1000, 'flow_order': 'round-robin',"
                  " 'chain': 'c' } }, 'run': { 'warmup': '20us', 'duration': '400us' } }"),
              NULL, 0);
    is("/components/dpu.a/energy_parts_j/items", 400 * 3e-9);
    is("/components/dpu.a/energy_parts_j/memory", 400 * 375 * 120e-12);
    is("/energy/total_j", 400 * 3e-9 + 400 * 375 * 120e-12);
    end();
}
END_TEST

/* What is not stated is not zero. */
START_TEST(undefined_is_null) {
    begin("", "", "", "");
    null("/energy");
    null("/components/dpu.first/energy_j");
    ck_assert_ptr_null(app_json_at(summary, "/components/dpu.first/energy_parts_j"));
    char *text = app_report_text(summary, false);
    ck_assert_ptr_null(strstr(text, "\nEnergy\n"));
    free(text);
    end();
}
END_TEST

/* The report names what is not in the sum; like blocks by the name that they share. */
START_TEST(what_states_nothing_is_named) {
    begin("", ", 'count': 3", "", ", 'energy': { 'idle': '0W' }");
    ck_assert_double_eq(at("/energy/total_j"), 0);
    ck_assert_double_eq(at("/components/dpu.second/energy_j"), 0);
    null("/components/dpu.line/energy_j");
    char *text = app_report_text(summary, false);
    ck_assert_ptr_nonnull(strstr(text, "\n  0 mW on average, 0 fJ a gigabyte delivered\n"));
    ck_assert_ptr_nonnull(
        strstr(text, "\n  not in the sum, for nothing is stated of it: dpu.first, dpu.line\n"));
    free(text);
    end();
}
END_TEST

/* A board alone is a statement, too. */
START_TEST(board_alone) {
    begin("'power': { 'board': '25W' },", "", "", "");
    is("/energy/mean_w", 25);
    ck_assert_uint_eq(json_array_size(app_json_at(summary, "/energy/unstated")), 3);
    end();
}
END_TEST

/* A scenario overrides a device key by key: "energy" is one key. */
START_TEST(device_and_overrides) {
    make_folder();
    put("card.json", "{ 'dpusim': 1, 'power': { 'board': '10W' }, 'blocks': { 'a': {"
                     " 'model': 'server', 'energy': { 'idle': '3W', 'busy': '2W' } } } }");
    const char *file =
        put("t.json", "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'card',"
                      " 'power': { 'board': '12W' }, 'blocks': { 'a': { 'energy': {"
                      " 'idle': '4W' } } } }, 'chains': { 'c': [ {'at': 'a'} ] },"
                      " 'streams': { 's': { 'source': 'synthetic', 'packet_rate': '1M/s',"
                      " 'chain': 'c' } }, 'run': { 'warmup': '1us', 'duration': '10us' } }");
    summarize(file, NULL, 0);
    is("/energy/mean_w", 16);
    json_decref(summary);
    app_scenario_free(&s);
    struct app_set sets[] = {{"/dpu/power/board", "13W"}, {"/dpu/blocks/a/energy/idle", "5W"}};
    load(&s, file, sets, 2);
    run(&s);
    summary = summary_of(&s);
    is("/energy/mean_w", 18);
    end();
}
END_TEST

/* The echo of the config gives the same joules. */
START_TEST(effective_config_is_the_same) {
    begin("'power': { 'board': '10W' },", ", 'energy': { 'busy': '2W' }", "", "");
    json_t *first = json_incref(json_object_get(summary, "energy"));
    json_t *effective = app_scenario_effective(&s, folder);
    ck_assert_str_eq(
        json_string_value(app_json_at(effective, "/dpu/device/blocks/first/energy/idle")),
        "0W");
    char *text = json_dumps(effective, 0);
    const char *file = put("again.json", text);
    json_decref(effective);
    free(text);
    json_decref(summary);
    app_scenario_free(&s);
    summarize(file, NULL, 0);
    ck_assert(json_equal(first, json_object_get(summary, "energy")));
    json_decref(first);
    end();
}
END_TEST

/* Idle power is taken by what nothing comes to; the rest of such a block is unused. */
START_TEST(idle_blocks_take_power) {
    make_folder();
    summarize(put("t.json",
                  "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
                  " 'a': { 'model': 'server' }, 'b': { 'model': 'server',"
                  " 'time': '1us', 'energy': { 'idle': '4W', 'busy': '1W' } } } },"
                  " 'chains': { 'c': [ {'at': 'a'} ] },"
                  " 'streams': { 's': { 'source': 'synthetic', 'packet_rate': '1M/s',"
                  " 'chain': 'c' } }, 'run': { 'warmup': '1us', 'duration': '10us' } }"),
              NULL, 0);
    is("/energy/mean_w", 4);
    char *unused = json_dumps(json_object_get(summary, "unused_parameters"), JSON_COMPACT);
    ck_assert_str_eq(unused, "[\"/dpu/blocks/b\"]");
    free(unused);
    end();
}
END_TEST

/* 1M/s of 100 ns keep a tenth of a core busy, and of 50 ns a twentieth. */
START_TEST(host_cores_by_role) {
    begin("", ", 'role': 'host-cores'", "", "");
    is("/host/cores_busy", 0.1);
    null("/host/cores_freed");
    end();
    begin("", ", 'role': 'host-cores'", "", ", 'role': 'host-cores'");
    is("/host/cores_busy", 0.15);
    end();
    begin("", ", 'role': 'by-model'", "", ", 'role': 'other'");
    null("/host/cores_busy");
    end();
}
END_TEST

TEST_MAIN("app_energy", sums_are_exact, memory_that_is_in_no_block, undefined_is_null,
          what_states_nothing_is_named, board_alone, device_and_overrides,
          effective_config_is_the_same, idle_blocks_take_power, host_cores_by_role)
