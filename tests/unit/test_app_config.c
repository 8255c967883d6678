/* test_app_config.c - what becomes of a scenario before it is built: pointers, device files and
 * what is put over them, paths of files, --set, and the effective config. */
#include "app_run.h"
#include <limits.h>

static struct app_scenario s;

#define REST                                                                                   \
    "'streams': { 's': { 'source': 'synthetic', 'rate': '10Gb/s', 'chain': 'receive' } }, "    \
    "'run': { 'warmup': '1us', 'duration': '5us' } }"
#define SCENARIO(dpu) "{ 'dpusim': 1, 'name': 't', 'dpu': " dpu ", " REST

static int64_t count_at(const json_t *root, const char *pointer) {
    const json_t *v = app_json_at((json_t *)root, pointer);
    ck_assert_msg(json_is_integer(v), "%s", pointer);
    return json_integer_value(v);
}

static const char *text_at(const json_t *root, const char *pointer) {
    const json_t *v = app_json_at((json_t *)root, pointer);
    ck_assert_msg(json_is_string(v), "%s", pointer);
    return json_string_value(v);
}

START_TEST(pointers) {
    json_t *root = json_loads("{\"a\":{\"b/c\":1,\"d~e\":2,\"\":3},\"l\":[10,20]}", 0, NULL);
    ck_assert_int_eq(count_at(root, "/a/b~1c"), 1);
    ck_assert_int_eq(count_at(root, "/a/d~0e"), 2);
    ck_assert_int_eq(count_at(root, "/a/"), 3);
    ck_assert_int_eq(count_at(root, "/l/1"), 20);
    ck_assert_ptr_eq(app_json_at(root, ""), root);
    ck_assert_ptr_null(app_json_at(root, "/l/2"));
    ck_assert_ptr_null(app_json_at(root, "/l/-1"));
    ck_assert_ptr_null(app_json_at(root, "/l/1/x"));
    ck_assert_ptr_null(app_json_at(root, "a"));
    ck_assert(app_json_set(root, "/l/-", json_integer(30)));
    ck_assert(app_json_set(root, "/l/0", json_integer(11)));
    ck_assert(app_json_set(root, "/a/new", json_integer(4)));
    ck_assert(!app_json_set(root, "/l/7", json_integer(0)));
    ck_assert(!app_json_set(root, "/l/x", json_integer(0)));
    ck_assert(!app_json_set(root, "/no/way", json_integer(0)));
    ck_assert(!app_json_set(root, "", json_integer(0)));
    ck_assert_int_eq(count_at(root, "/l/2"), 30);
    ck_assert_int_eq(count_at(root, "/l/0"), 11);
    ck_assert_int_eq(count_at(root, "/a/new"), 4);
    json_decref(root);
}
END_TEST

/* A block's key replaces that key; the others stay the device's. New blocks are added. */
START_TEST(overriding) {
    make_folder();
    load(
        &s,
        put("t.json", SCENARIO("{ 'device': 'bluefield-3', 'blocks': { 'pcie': { 'lanes': 8 }, "
                               "'spare': { 'model': 'mesh' } } }")),
        NULL, 0);
    const json_t *root = s.config.root;
    ck_assert_int_eq(count_at(root, "/dpu/blocks/pcie/lanes"), 8);
    ck_assert_int_eq(count_at(root, "/dpu/blocks/pcie/gen"), 5);
    ck_assert_int_eq(count_at(root, "/dpu/blocks/arm/cores"), 16);
    ck_assert_str_eq(comp_of(&s, "spare")->path, "dpu.spare");
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

START_TEST(setting) {
    struct app_set sets[] = {{"/dpu/blocks/pcie/lanes", "4"},
                             {"/streams/s/rate", "20Gb/s"},
                             {"/run/seed", "77"},
                             {"/dpu/blocks/extra", "{\"model\": \"mesh\"}"}};
    make_folder();
    const char *file =
        put("t.json", "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': "
                      "'bluefield-3' }, 'streams': { 's': { 'source': "
                      "'synthetic', 'rate': '10Gb/s', 'limit': 9, 'chain': 'receive' } } }");
    load(&s, file, sets, 4);
    ck_assert_int_eq(s.run.seed, 77); /* though there was no "run" */
    ck_assert_int_eq(count_at(s.config.root, "/dpu/blocks/pcie/lanes"), 4);
    ck_assert_ptr_nonnull(comp_of(&s, "extra"));
    ck_assert_uint_eq(json_array_size(s.config.overrides), 4);
    app_scenario_free(&s);

    struct app_set device = {"/dpu/device", "mine.json"};
    put("mine.json", "{ 'name': 'mine', 'blocks': { 'm': { 'model': 'mesh' } } }");
    char cwd[PATH_MAX];
    ck_assert_ptr_nonnull(getcwd(cwd, sizeof cwd));
    refuse(file, &device, 1, "mine.json: there is no such file"); /* from the current folder */
    ck_assert_int_eq(chdir(folder), 0);
    char line[512]; /* found: that its chain is missing is the scenario's own affair */
    snprintf(line, sizeof line,
             "%s: /streams/s/chain: there is no chain \"receive\"; write it under /chains, or "
             "name another",
             file);
    refuse(file, &device, 1, line);
    ck_assert_int_eq(chdir(cwd), 0);
    drop_folder();
}
END_TEST

/* Errors name the file that holds the value, and its place in that file. */
START_TEST(blame) {
    make_folder();
    char line[512];
    const char *file = put("t.json", SCENARIO("{ 'device': 'cards/mine.json' }"));
    snprintf(line, sizeof line, "%s/cards", folder);
    ck_assert_int_eq(mkdir(line, 0777), 0);
    put("cards/mine.json",
        "{ 'name': 'mine', 'blocks': { 'm': { 'model': 'mesh', 'clock': 5 } } }");
    snprintf(line, sizeof line,
             "%s/cards/mine.json: /dpu/blocks/m/clock: 5 has no unit; write e.g. \"2GHz\"",
             folder);
    refuse(file, NULL, 0, line);
    struct app_set set = {"/dpu/blocks/m/clock", "6"};
    refuse(file, &set, 1, "--set: /dpu/blocks/m/clock: 6 has no unit; write e.g. \"2GHz\"");
    file = put("u.json", SCENARIO("{ 'device': 'cards/mine.json', 'blocks': { 'm': { 'clock': "
                                  "7 } } }"));
    snprintf(line, sizeof line, "%s: /dpu/blocks/m/clock: 7 has no unit; write e.g. \"2GHz\"",
             file);
    refuse(file, NULL, 0, line);
    drop_folder();
}
END_TEST

/* A relative path is taken from the folder of the file that names it, and from the current one
 * when it came by --set. */
START_TEST(paths) {
    char there[512], line[700];
    make_folder();
    snprintf(there, sizeof there, "%s/cards", folder);
    ck_assert_int_eq(mkdir(there, 0777), 0);
    put("cards/mine.json", "{ 'name': 'mine', 'blocks': { 'f': { 'model': 'acl', 'rules': "
                           "'set.json' } }, 'chains': { 'receive': [ {'at': 'f'} ] } }");
    put("cards/set.json", "[ { 'action': 'permit' } ]");
    const char *file = put("t.json", SCENARIO("{ 'device': 'cards/mine.json' }"));
    load(&s, file, NULL, 0);
    run(&s);

    /* In the results the path leads from there to the same file, and so do further runs. */
    snprintf(there, sizeof there, "%s/results", folder);
    ck_assert_int_eq(mkdir(there, 0777), 0);
    json_t *effective = app_scenario_effective(&s, there);
    ck_assert_str_eq(text_at(effective, "/dpu/device/blocks/f/rules"), "../cards/set.json");
    snprintf(line, sizeof line, "%s/effective.json", there);
    ck_assert_int_eq(json_dump_file(effective, line, JSON_INDENT(1)), 0);
    json_decref(effective);
    uint64_t digest = sim_world_digest(s.world), items = s.stream[0].stream->delivered.items;
    app_scenario_free(&s);
    load(&s, line, NULL, 0);
    run(&s);
    ck_assert_uint_eq(sim_world_digest(s.world), digest);
    ck_assert_uint_eq(s.stream[0].stream->delivered.items, items);
    effective = app_scenario_effective(&s, NULL); /* as written in that file */
    ck_assert_str_eq(text_at(effective, "/dpu/device/blocks/f/rules"), "../cards/set.json");
    json_decref(effective);
    app_scenario_free(&s);

    struct app_set set = {"/dpu/blocks/f/rules", "nowhere.json"};
    refuse(file, &set, 1,
           "--set: /dpu/blocks/f/rules: \"nowhere.json\" does not exist; check the path");
    /* Overridden in the scenario: from the scenario's folder. */
    file = put("u.json", SCENARIO("{ 'device': 'cards/mine.json', 'blocks': { 'f': { 'rules': "
                                  "'set.json' } } }"));
    snprintf(line, sizeof line,
             "%s: /dpu/blocks/f/rules: \"%s/set.json\" does not exist; check the path", file,
             folder);
    refuse(file, NULL, 0, line);
    drop_folder();
}
END_TEST

/* Every default is in the effective config, and a device beside the scenario comes first. */
START_TEST(effective) {
    make_folder();
    put("bluefield-3.json", "{ 'name': 'near', 'revision': 'r1', 'blocks': { 'm': { 'model': "
                            "'mesh' } }, 'chains': { 'receive': [ {'at': 'm'} ] } }");
    load(&s, put("t.json", SCENARIO("{ 'device': 'bluefield-3' }")), NULL, 0);
    json_t *e = app_scenario_effective(&s, NULL);
    ck_assert_str_eq(text_at(e, "/dpu/device/name"), "near");
    ck_assert_str_eq(text_at(e, "/dpu/device/blocks/m/bandwidth"), "2048Gb/s");
    ck_assert_str_eq(text_at(e, "/streams/s/arrivals"), "constant");
    ck_assert_int_eq(count_at(e, "/run/max_recirculations"), 16);
    json_decref(e);
    run(&s);
    json_t *summary = summary_of(&s);
    ck_assert_str_eq(text_at(summary, "/provenance/device_revisions/bluefield-3"), "r1");
    json_decref(summary);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

/* --skip-bad reaches the sources that know it. */
START_TEST(skip_bad) {
    make_folder();
    const char *text = "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3' }, "
                       "'streams': { 'p': { 'source': 'pcap', 'file': 'cut.pcap', 'rate': "
                       "'10Gb/s', 'chain': 'receive' } }, 'run': { 'warmup': '0s', "
                       "'duration': '100us' } }";
    char command[512];
    snprintf(command, sizeof command, "head -c 3000 '%s/tests/golden/cut.pcap' >'%s/cut.pcap'",
             DPUSIM_SOURCE_DIR, folder);
    ck_assert_int_eq(system(command), 0);
    struct app_run_opts opts = {.skip_bad = true};
    struct sim_err err = {0};
    ck_assert(app_scenario_load(&s, put("t.json", text), NULL, 0, &opts, &err));
    run(&s);
    ck_assert_uint_gt(s.stream[0].stream->delivered.items, 5);
    ck_assert_uint_lt(s.stream[0].stream->delivered.items, 40);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

/* A run that ends before its warm-up measures nothing, and says so. */
START_TEST(nothing_measured) {
    make_folder();
    load(&s,
         put("t.json", "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3' }, "
                       "'streams': { 's': { 'source': 'synthetic', 'rate': '10Gb/s', 'limit': "
                       "3, 'chain': 'receive' } }, 'run': { 'warmup': '1ms' } }"),
         NULL, 0);
    struct sim_world *w = s.world;
    struct sim_err err = {0};
    while (sim_world_run(w, w->to - 2, 1 << 18))
        ;
    app_close(&s, sim_world_settle(w));
    ck_assert(sim_world_audit(w, &err));
    json_t *summary = summary_of(&s);
    ck_assert_str_eq(text_at(summary, "/warnings/0/pointer"), "/run/warmup");
    ck_assert(json_is_null(app_json_at(summary, "/streams/s/offered/bits_per_s")));
    char *text = app_report_text(summary, false);
    ck_assert_ptr_null(strstr(text, "nan"));
    ck_assert_ptr_nonnull(strstr(text, "t: nothing was measured"));
    ck_assert_ptr_null(strstr(text, "Latency")); /* no tables of nothing */
    free(text);
    json_decref(summary);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

TEST_MAIN("app config", pointers, overriding, setting, blame, paths, effective, skip_bad,
          nothing_measured)
