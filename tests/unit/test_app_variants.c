/* test_app_variants.c - forms of one scenario, chosen by a word; and the baseline, which makes
 * of "cores freed" a difference of two runs. */
#include "app_run.h"
#include "sim/app/baseline.h"

static struct app_scenario s;

#define SCENARIO(CHOSEN, BASELINE)                                                             \
    "{ 'dpusim': 1, 'name': 't', 'doc': 'kept', " CHOSEN BASELINE                              \
    "'variants': { 'doc': 'x', 'way': { 'doc': 'y', "                                          \
    "'near': { 'doc': 'not kept', 'chains': { 'main': [ { 'at': 'a' }, { 'at': 'b' } ] } }, "  \
    "'far': { 'name': 'tf', 'dpu': { 'blocks': { 'b': null, 'a': { 'time': '30ns' } }, "       \
    "'routes': null } } }, "                                                                   \
    "'load': { 'low': {}, 'high': { 'streams': { 's': { 'packet_rate': '2M/s' } } } } }, "     \
    "'dpu': { 'blocks': { "                                                                    \
    "'a': { 'model': 'server', 'distribution': 'constant', 'time': '100ns', "                  \
    "'role': 'host-cores' }, "                                                                 \
    "'b': { 'model': 'server', 'distribution': 'constant', 'time': '10ns' } }, "               \
    "'routes': { 'a-b': { 'from': 'a', 'to': 'b' } } }, "                                      \
    "'chains': { 'main': [ { 'at': 'a' } ] }, "                                                \
    "'streams': { 's': { 'source': 'synthetic', 'packet_rate': '1M/s', 'chain': 'main' } }, "  \
    "'run': { 'warmup': '0s', 'duration': '1ms' } }"
#define NEAR "'way': 'near', 'load': 'low', "
#define FAR  "'way': 'far', 'load': 'low', "

static const json_t *at(const char *pointer) { return app_json_at(s.config.root, pointer); }

static const char *text(const char *pointer) {
    ck_assert_msg(json_is_string(at(pointer)), "%s", pointer);
    return json_string_value(at(pointer));
}

/* Objects are merged key by key, null takes a key away, an array is replaced; a remark on a
 * form is none on the scenario. */
START_TEST(merging) {
    make_folder();
    load(&s, put("t.json", SCENARIO(NEAR, "")), NULL, 0);
    ck_assert_uint_eq(json_array_size(at("/chains/main")), 2);
    ck_assert_str_eq(text("/doc"), "kept");
    ck_assert_ptr_null(at("/variants"));
    ck_assert_ptr_null(at("/way"));
    app_scenario_free(&s);
    load(&s, put("t.json", SCENARIO(FAR, "")), NULL, 0);
    ck_assert_uint_eq(json_array_size(at("/chains/main")), 1);
    ck_assert_str_eq(text("/name"), "tf");
    ck_assert_str_eq(text("/dpu/blocks/a/time"), "30ns");
    ck_assert_str_eq(text("/dpu/blocks/a/role"), "host-cores");
    ck_assert_ptr_null(at("/dpu/blocks/b"));
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

/* --set chooses first, and then goes over what was chosen; in whatever order it is given. */
START_TEST(setting) {
    static const struct app_set sets[] = {
        {"/dpu/blocks/a/time", "40ns"}, {"/way", "far"}, {"/load", "high"}};
    make_folder();
    const char *file = put("t.json", SCENARIO(NEAR, ""));
    load(&s, file, sets, 3);
    ck_assert_str_eq(text("/dpu/blocks/a/time"), "40ns");
    ck_assert_str_eq(text("/streams/s/packet_rate"), "2M/s");
    ck_assert_uint_eq(json_array_size(s.config.overrides), 3);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

START_TEST(refusing) {
    static const struct app_set bad[] = {
        {"/way", "fur"}, {"/way/x", "1"}, {"/variants/way/far/name", "x"}, {"/baseline", "3"}};
    make_folder();
    const char *file = put("t.json", SCENARIO(NEAR, "'baseline': { 'way': 'near' }, "));
    refuse(file, &bad[0], 1,
           "--set: /way: is \"fur\"; choose one of \"near\", \"far\"; did you mean \"far\"?");
    refuse(file, &bad[1], 1, "--set: /way/x: /way is a value, it holds no others");
    refuse(file, &bad[2], 1,
           "--set: /variants/way/far/name: choose a variant by its key, and set what it holds "
           "where it puts it, e.g. /dpu/blocks/...");
    refuse(file, &bad[3], 1, "--set: /baseline: is 3; must be an object: {KEY: CHOICE}");
    drop_folder();
}
END_TEST

/* What is wrong in a patch is told at the place where it was merged, and who put it there. */
START_TEST(blaming) {
    char line[512];
    make_folder();
    const char *file =
        put("t.json", "{ 'dpusim': 1, 'name': 't', 'way': 'a', "
                      "'variants': { 'way': { 'a': { 'run': { 'seed': 'x' } } } }, "
                      "'dpu': { 'device': 'bluefield-3' }, 'streams': { 's': { "
                      "'source': 'synthetic', 'packet_rate': '1M/s', 'chain': 'receive' } } }");
    snprintf(line, sizeof line,
             "%s: /run/seed: \"x\" is not a count; write e.g. 1; /variants/way/a puts it there",
             file);
    refuse(file, NULL, 0, line);
    drop_folder();
}
END_TEST

/* ---------------------------------------------------------------- the baseline */

static json_t *summary(const char *file, const struct app_set *sets, size_t n) {
    struct sim_err err = {0};
    char line[2200];
    json_t *out = NULL;
    if (app_run_summary(file, sets, n, &out, &err) != APP_EXIT_DONE)
        ck_abort_msg("%s", sim_err_line(&err, line, sizeof line));
    return out;
}

static void is(json_t *root, const char *pointer, double want) {
    const json_t *v = app_json_at(root, pointer);
    ck_assert_msg(json_is_number(v), "%s", pointer);
    ck_assert_double_eq_tol(json_number_value(v), want, 1e-6);
}

/* 1 M/s of 100 ns are a tenth of a core, of 30 ns 0.03. */
START_TEST(freed) {
    make_folder();
    json_t *root =
        summary(put("t.json", SCENARIO(FAR, "'baseline': { 'way': 'near' }, ")), NULL, 0);
    is(root, "/host/cores_busy", 0.03);
    is(root, "/host/baseline/cores_busy", 0.1);
    is(root, "/host/baseline/cores_needed", 0.1);
    is(root, "/host/cores_freed", 0.07);
    ck_assert(json_is_false(app_json_at(root, "/host/baseline/this_run")));
    json_decref(root);
    root = summary(put("t.json", SCENARIO(NEAR, "'baseline': { 'way': 'near' }, ")), NULL, 0);
    is(root, "/host/cores_freed", 0);
    ck_assert(json_is_true(app_json_at(root, "/host/baseline/this_run")));
    json_decref(root);
    root = summary(put("t.json", SCENARIO(NEAR, "")), NULL, 0);
    ck_assert(json_is_null(app_json_at(root, "/host/cores_freed")));
    ck_assert_ptr_null(app_json_at(root, "/host/baseline"));
    json_decref(root);
    drop_folder();
}
END_TEST

/* A full baseline delivers less: its cores are scaled to what was delivered here. */
START_TEST(scaled) {
    static const struct app_set sets[] = {{"/streams/s/packet_rate", "20M/s"},
                                          {"/run/warmup", "200us"},
                                          {"/dpu/blocks/a/queue", "64"}};
    make_folder();
    json_t *root =
        summary(put("t.json", SCENARIO(FAR, "'baseline': { 'way': 'near' }, ")), sets, 3);
    is(root, "/host/baseline/cores_busy", 1);
    double here = json_number_value(app_json_at(root, "/streams/s/delivered/items_per_s"));
    double there = json_number_value(app_json_at(root, "/host/baseline/delivered_items_per_s"));
    ck_assert_double_gt(here, 1.9 * there);
    is(root, "/host/baseline/cores_needed", here / there);
    json_decref(root);
    drop_folder();
}
END_TEST

/* What a full baseline does for packets that it loses later is not scaled: 1 M/s of 100 ns in
 * front, 400 k/s of which come through behind; with room for all it would be those 100 ns and
 * 2,500 of others, each. */
START_TEST(work_in_vain) {
    make_folder();
    json_t *root =
        summary(put("t.json",
                    "{ 'dpusim': 1, 'name': 't', 'way': 'far', 'baseline': { 'way': 'near' }, "
                    "'variants': { 'way': { 'far': {}, "
                    "'near': { 'chains': { 'main': [ { 'at': 'a' }, { 'at': 'b' } ] } } } }, "
                    "'dpu': { 'blocks': { "
                    "'a': { 'model': 'server', 'distribution': 'constant', 'time': '100ns', "
                    "'role': 'host-cores' }, "
                    "'b': { 'model': 'server', 'distribution': 'constant', 'time': '2500ns', "
                    "'queue': 4, 'role': 'host-cores' } }, "
                    "'routes': { 'a-b': { 'from': 'a', 'to': 'b' } } }, "
                    "'chains': { 'main': [ { 'at': 'a' } ] }, "
                    "'streams': { 's': { 'source': 'synthetic', 'packet_rate': '1M/s', "
                    "'chain': 'main' } }, 'run': { 'warmup': '200us', 'duration': '1ms' } }"),
                NULL, 0);
    is(root, "/host/baseline/cores_busy", 1.1);
    ck_assert_double_eq_tol(json_number_value(app_json_at(root, "/host/baseline/cores_needed")),
                            2.6, 1e-6);
    json_decref(root);
    drop_folder();
}
END_TEST

/* A --set of what a variant put there is this run's alone, as is one of what the baseline does
 * not have. */
START_TEST(set_of_one) {
    static const struct app_set own[] = {{"/dpu/blocks/a/time", "50ns"}},
                                alone[] = {{"/way", "near"},
                                           {"/baseline", "{\"way\": \"far\"}"},
                                           {"/dpu/blocks/b/time", "20ns"}};
    make_folder();
    const char *file = put("t.json", SCENARIO(FAR, "'baseline': { 'way': 'near' }, "));
    json_t *root = summary(file, own, 1);
    is(root, "/host/cores_busy", 0.05);
    is(root, "/host/baseline/cores_busy", 0.1);
    json_decref(root);
    root = summary(file, alone, 3);
    is(root, "/host/baseline/cores_busy", 0.03);
    is(root, "/host/cores_freed", -0.07);
    json_decref(root);
    drop_folder();
}
END_TEST

/* In 10 us a baseline of 100 ns a packet delivers a hundred of 200, and the others wait: what
 * it needs for those it delivers does not show. With the queue full from the start it does. */
START_TEST(unsettled) {
    static const struct app_set sets[] = {{"/streams/s/packet_rate", "20M/s"},
                                          {"/run/duration", "10us"},
                                          {"/dpu/blocks/a/queue", "64"},
                                          {"/run/warmup", "100us"}};
    make_folder();
    const char *file = put("t.json", SCENARIO(FAR, "'baseline': { 'way': 'near' }, "));
    json_t *root = summary(file, sets, 2);
    ck_assert(json_is_null(app_json_at(root, "/host/cores_freed")));
    ck_assert(json_is_null(app_json_at(root, "/host/baseline/cores_needed")));
    const char *why = json_string_value(app_json_at(root, "/warnings/0/text"));
    ck_assert_msg(strstr(why, "did not settle") != NULL, "%s", why);
    json_decref(root);
    root = summary(file, sets, 4);
    ck_assert_double_eq_tol(json_number_value(app_json_at(root, "/host/baseline/cores_needed")),
                            2, 0.05);
    json_decref(root);
    drop_folder();
}
END_TEST

START_TEST(no_cores) {
    static const struct app_set sets[] = {{"/dpu/blocks/a/role", "other"}};
    make_folder();
    json_t *root =
        summary(put("t.json", SCENARIO(FAR, "'baseline': { 'way': 'near' }, ")), sets, 1);
    ck_assert(json_is_null(app_json_at(root, "/host/cores_freed")));
    ck_assert_str_eq(json_string_value(app_json_at(root, "/warnings/0/text")),
                     "has no effect: no block of it is in the role of host cores");
    json_decref(root);
    drop_folder();
}
END_TEST

/* The effective config makes both runs again. */
START_TEST(effective) {
    static struct app_run_args args;
    struct sim_err err = {0};
    char out[128], file[160];
    make_folder();
    snprintf(out, sizeof out, "%s/out", folder);
    snprintf(file, sizeof file, "%s/effective.json", out);
    args = (struct app_run_args){
        .scenario = put("t.json", SCENARIO(FAR, "'baseline': { 'way': 'near' }, ")),
        .out = out,
        .quiet = true,
        .set = {{"/load", "high"}},
        .sets = 1};
    ck_assert_int_eq(app_run(&args, &err), APP_EXIT_DONE);
    json_t *first = app_json_load(
        strcat(strcpy(out, folder), "/out/summary.json") /* NOLINT: it fits */, &err);
    ck_assert_ptr_nonnull(first);
    json_t *again = summary(file, NULL, 0);
    is(again, "/host/cores_freed", 0.14);
    ck_assert(json_equal(json_object_get(first, "host"), json_object_get(again, "host")));
    ck_assert_str_eq(json_string_value(app_json_at(first, "/provenance/digest")),
                     json_string_value(app_json_at(again, "/provenance/digest")));
    ck_assert_str_eq(json_string_value(app_json_at(first, "/provenance/config_sha256")),
                     json_string_value(app_json_at(again, "/provenance/config_sha256")));
    json_decref(first);
    json_decref(again);
    drop_folder();
}
END_TEST

TEST_MAIN("variants", merging, setting, refusing, blaming, freed, scaled, work_in_vain,
          set_of_one, unsettled, no_cores, effective)
