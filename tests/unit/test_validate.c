/* test_validate.c - published numbers: statistics, what a miss is, and errors of the files. */
#include "app_run.h"
#include "sim/app/validate.h"
#include <math.h>

#define NEAR(a, b) ck_assert_double_eq_tol(a, b, 1e-12)

static const struct app_limits loose = {0.10, 0.9, 0.25};

/* ---------------------------------------------------------------- statistics */

START_TEST(medians) {
    double odd[] = {0.3, 0.1, 0.2}, even[] = {0.4, 0.1, 0.2, 0.3}, one[] = {0.07};
    NEAR(app_score_of(odd, 3, &loose).median, 0.2);
    NEAR(app_score_of(even, 4, &loose).median, 0.25);
    NEAR(app_score_of(one, 1, &loose).median, 0.07);
    ck_assert(isnan(app_score_of(NULL, 0, &loose).median));
    ck_assert(app_score_of(NULL, 0, &loose).holds);
}
END_TEST

/* What is exactly at a limit is within it. */
START_TEST(shares) {
    double ten[] = {0.25, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.9};
    struct app_score s = app_score_of(ten, 10, &loose);
    ck_assert_uint_eq(s.known, 10);
    ck_assert_uint_eq(s.within, 9);
    ck_assert(s.holds);
    double worse[] = {0.26, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.9};
    ck_assert(!app_score_of(worse, 10, &loose).holds);
    double high[] = {0.11, 0.11, 0.11};
    ck_assert(!app_score_of(high, 3, &loose).holds); /* the median, not the share */
}
END_TEST

static struct app_scalar scalar(enum app_class class, double published, double simulated) {
    static json_t *kept[8];
    static size_t n;
    json_decref(kept[n % 8]);
    json_t *value = kept[n++ % 8] = json_real(published);
    return (struct app_scalar){
        .id = "x", .area = "a", .class = class, .value = value, .simulated = simulated};
}

START_TEST(errors_are_signed) {
    struct app_scalar s = scalar(APP_PREDICT, 50, 45);
    NEAR(app_scalar_error(&s), -0.1);
    s = scalar(APP_PREDICT, 50, (double)NAN);
    ck_assert(isnan(app_scalar_error(&s)));
    s = scalar(APP_PREDICT, 0, 45); /* no ratio to nothing */
    ck_assert(isnan(app_scalar_error(&s)));
}
END_TEST

/* 1.39 may stand for anything from 1.385 to 1.395; a whole number stands for itself. */
START_TEST(models_may_be_rounded) {
    const struct app_validation v = {.most = 0.001, .limits = {0.1, 0.9, 0.25}};
    struct app_scalar s = scalar(APP_MODEL, 1.39, 1.3858);
    ck_assert(!app_scalar_misses(&v, &s));
    s = scalar(APP_MODEL, 1.39, 1.3849);
    ck_assert(app_scalar_misses(&v, &s));
    s = scalar(APP_MODEL, 203, 203.2);
    ck_assert(!app_scalar_misses(&v, &s));
    s = scalar(APP_MODEL, 203, 203.4);
    ck_assert(app_scalar_misses(&v, &s));
    s = scalar(APP_PREDICT, 1.39, 1.3858 * 1.2);
    ck_assert(!app_scalar_misses(&v, &s));
    s = scalar(APP_PREDICT, 1.39, 1.39 * 0.74);
    ck_assert(app_scalar_misses(&v, &s));
    s = scalar(APP_FIT, 1.39, 7);
    ck_assert(!app_scalar_misses(&v, &s)); /* no claim is made of it */
}
END_TEST

/* ---------------------------------------------------------------- files */

static char configs[128];

static void make_configs(void) {
    make_folder();
    snprintf(configs, sizeof configs, "%s/validation", folder);
    ck_assert_int_eq(mkdir(configs, 0755), 0);
    setenv("DPUSIM_CONFIGS", folder, 1);
}

#define ENTRY(AREA, CERTAINTY, SCALARS)                                                        \
    "{ 'area': '" AREA "', 'device': 'd', 'metric': 'm', 'unit': 'u', 'source': 's',"          \
    " 'locator': 'l', 'certainty': '" CERTAINTY "', 'kind': 'measured',"                       \
    " 'scalars': { " SCALARS " } }"
#define BOUNDS                                                                                 \
    "'bounds': { 'model': { 'most': 0.001 },"                                                  \
    " 'predict': { 'median': 0.1, 'share': 0.9, 'within': 0.25 },"                             \
    " 'areas': { '1-wire': { 'median': 0.01, 'share': 0.9, 'within': 0.02 } } }"
#define SPLIT(PUBLISHED) "{ 'dpusim': 1, " BOUNDS ", 'published': { " PUBLISHED " } }"
#define ADDED(SCALARS)                                                                         \
    "{ 'dpusim': 1, " BOUNDS ", 'published': { 'rate': " ENTRY(                                \
        "1-wire", "read", "'': { 'value': 10, 'class': 'predict' }") " }, 'added': { " SCALARS \
                                                                     " } }"

/* One number of each kind: 8 Mpps at 100 Gb/s, frames of 1,230 bytes and 20 around them. */
static const char split[] =
    SPLIT("'rate': " ENTRY("1-wire", "read",
                           "'': { 'value': 10, 'class': 'predict' }") ", 'size': " //
          ENTRY("1-wire", "read",
                "'0': { 'value': 1230.0, 'class': 'model' },"
                "'1': { 'value': 'big', 'class': 'excluded', 'why': 'a word' }")       //
          ", 'gap': " ENTRY("1-wire", "read", "'': { 'value': 20, 'class': 'model' }") //
          ", 'later': " ENTRY("2-later", "read", "'': { 'value': 3, 'class': 'predict' }"));

static const char scenario[] =
    "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'port': { 'model': 'ethernet',"
    " 'rate': '100Gb/s' } } }, 'chains': { 'c': [ { 'at': 'port', 'op': 'rx' } ] },"
    " 'streams': { 's': { 'source': 'synthetic', 'rate': '100Gb/s', 'sizes': '1230',"
    " 'arrivals': 'constant', 'chain': 'c' } },"
    " 'run': { 'warmup': '10us', 'duration': '100us' } }";

#define CASES(MORE)                                                                            \
    "{ 'dpusim': 1, 'scenario': 't.json', 'answer': '/streams/s/delivered/items_per_s',"       \
    " 'scale': 1e-6, " MORE " }"

/* Validate with this split and these cases. @return the exit code. */
static int validate(const char *numbers, const char *cases, const char *area,
                    struct sim_err *err) {
    *err = (struct sim_err){0};
    put("validation/split.json", numbers);
    put("validation/t.json", cases);
    put("validation/scenario.txt", "nothing reads this");
    return app_validate(area, APP_TEXT, true, err);
}

/* It must be refused, with this line behind the name of the file. */
static void refused(const char *numbers, const char *cases, const char *line) {
    struct sim_err err;
    char found[2200];
    ck_assert_int_eq(validate(numbers, cases, NULL, &err), APP_EXIT_USER);
    ck_assert_str_eq(sim_err_line(&err, found, sizeof found) + strlen(configs) + 1, line);
}

static const char none[] = "{ 'dpusim': 1 }";

START_TEST(bad_splits) {
    make_configs();
    refused("{ 'dpusim': 1 }", none, "split.json: /bounds: is missing: what errors may be");
    refused(SPLIT(""), none, "split.json: /published: lists no number");
    refused(SPLIT("'a': " ENTRY("1-wire", "read", "")), none,
            "split.json: /published/a: has no \"scalars\"");
    refused(SPLIT("'a': " ENTRY("1-wire", "read", "'0': { 'value': 1, 'class': 'predicted' }")),
            none,
            "split.json: /published/a/scalars/0/class: \"predicted\" is no class; did you mean "
            "\"predict\"?; there are predict, model, fit, input, shown and excluded");
    refused(SPLIT("'a': " ENTRY("1-wire", "memory", "'0': { 'value': 1, 'class': 'predict' }")),
            none,
            "split.json: /published/a/scalars/0: is from memory: it may not count as predict");
    refused(SPLIT("'a': " ENTRY("1-wire", "read", "'0': { 'value': 1, 'class': 'input' }")),
            none,
            "split.json: /published/a/scalars/0: is input and does not say \"why\": which "
            "parameter it sets, how what is shown differs, or why it is not used");
    refused(SPLIT("'a': " ENTRY("1-wire", "read", "'': { 'valeu': 1, 'class': 'model' }")),
            none,
            "split.json: /published/a/scalars//valeu: unknown key; did you mean \"value\"?");
    drop_folder();
}
END_TEST

/* What came when there were models may set them or be shown, and counts for nothing. */
START_TEST(bad_additions) {
    make_configs();
    refused(ADDED("'a': " ENTRY("1-wire", "read", "'0': { 'value': 1, 'class': 'predict' }")),
            none,
            "split.json: /added/a/scalars/0: was added after the split: it may not count as "
            "predict");
    refused(ADDED("'a': " ENTRY("1-wire", "read", "'0': { 'value': 1, 'class': 'model' }")),
            none,
            "split.json: /added/a/scalars/0: was added after the split: it may not count as "
            "model");
    refused(
        ADDED("'a': " ENTRY("1-wire", "read", "'0': { 'value': 1, 'class': 'shown' }")), none,
        "split.json: /added/a/scalars/0: is shown and does not say \"why\": which parameter "
        "it sets, how what is shown differs, or why it is not used");
    refused(ADDED("'rate': " ENTRY("1-wire", "read", "'0': { 'value': 1 }")), none,
            "split.json: /added: has \"rate\", which is among \"published\"");
    refused("{ 'dpusim': 1, " BOUNDS ", 'published': { 'rate': " ENTRY(
                "1-wire", "read", "'': { 'value': 1, 'class': 'model' }") " }, 'added': [] }",
            none, "split.json: /added: is []; must be an object: {ID: {...}, ...}");
    drop_folder();
}
END_TEST

/* What an input may be off is a limit of its area alone. */
START_TEST(inputs_may_have_a_limit) {
    static const char numbers[] =
        "{ 'dpusim': 1, 'bounds': { 'model': { 'most': 0.001 }, 'predict': { 'median': 0.1,"
        " 'share': 0.9, 'within': 0.25 }, 'inputs': { '1-wire': %s } }, 'published': {"
        " 'rate': " ENTRY("1-wire", "read", "'': { 'value': 11, 'class': '%s', 'why': 'w' }") //
        ", 'other': " ENTRY("2-later", "read",
                            "'': { 'value': 9, 'class': 'fit',"
                            " 'why': 'w' }") " } }";
    static const char both[] = CASES("'cases': [ { 'scalar': 'rate', 'scenario': '../t.json' },"
                                     " { 'scalar': 'other', 'scenario': '../t.json' } ]");
    static const struct {
        const char *most, *class;
        int code;
    } of[] = {{"0.08", "input", APP_EXIT_NO},
              {"0.08", "fit", APP_EXIT_NO},
              {"0.08", "shown", APP_EXIT_DONE},
              {"0.1", "input", APP_EXIT_DONE}};
    char text[1200];
    struct sim_err err;
    make_configs();
    put("t.json", scenario);
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        snprintf(text, sizeof text, numbers, of[i].most, of[i].class);
        ck_assert_int_eq(validate(text, both, NULL, &err), of[i].code);
        ck_assert_int_eq(validate(text, both, "2-later", &err), APP_EXIT_DONE);
    }
    snprintf(text, sizeof text, numbers, "0", "fit");
    refused(text, both,
            "split.json: /bounds/inputs/1-wire: is 0; must be a number above 0: the most that "
            "what set or fitted a parameter may be off");
    drop_folder();
}
END_TEST

START_TEST(bad_cases) {
    make_configs();
    put("validation/t.json", scenario);
    refused(split, "{}", "t.json: /dpusim: must be 1, the version of the format");
    refused(split, CASES("'cases': []"), "t.json: /cases: is []; must be an array of cases");
    refused(split, CASES("'cases': [ { 'scalar': 'rat' } ]"),
            "t.json: /cases/0: split.json has no scalar \"rat\"; did you mean \"rate\"?");
    refused(split, CASES("'cases': [ { 'scalar': 'size/1' } ]"),
            "t.json: /cases/0: \"size/1\" is excluded (a word); no case may answer it");
    refused(split, CASES("'cases': [ { 'scalar': 'rate', 'scale': 0 } ]"),
            "t.json: /cases/0/scale: is 0; must be a number above 0: the summary's unit in the "
            "published one, e.g. 1e-9 for Gb/s");
    refused(split, CASES("'cases': [ { 'scalar': 'rate', 'answer': 'rate' } ]"),
            "t.json: /cases/0/answer: \"rate\" is no place in a summary; write e.g. "
            "\"/streams/NAME/delivered/bits_per_s\"");
    refused(split, CASES("'cases': [ { 'scalar': 'rate', 'set': { 'dpu': 1 } } ]"),
            "t.json: /cases/0/set: \"dpu\" is no place in a scenario; write e.g. "
            "\"/dpu/blocks/pcie/lanes\": 8");
    refused(split, CASES("'cases': [ { 'scalar': 'rate', 'against': {} } ]"),
            "t.json: /cases/0: has \"against\" and neither \"minus\" nor \"over\", which are "
            "taken from that run");
    refused(split, CASES("'over': '/seed', 'cases': [ { 'scalar': 'rate', 'against': 1 } ]"),
            "t.json: /cases/0/against: is 1; must be an object: {POINTER: VALUE, ...}");
    refused(split, "{ 'dpusim': 1, 'cases': [ { 'scalar': 'rate' } ] }",
            "t.json: /cases/0: needs a \"scenario\", of its own or from a group around it");
    refused(split, CASES("'not_simulated': { 'ratio': 'why' }"),
            "t.json: /not_simulated/ratio: split.json has nothing of the name \"ratio\"");
    drop_folder();
}
END_TEST

START_TEST(bad_answers) {
    struct sim_err err;
    char found[2200], line[2200], text[256];
    make_configs();
    put("t.json", scenario);
#define AT "'scenario': '../t.json'"
    snprintf(text, sizeof text, CASES("'cases': [ { 'scalar': 'rate', %s } ]"),
             "'answer': '/streams/s/rate', " AT);
    char *twice = strstr(text, " 'scenario': 't.json',");
    memset(twice, ' ', strlen(" 'scenario': 't.json',"));
    refused(split, text,
            "t.json: /cases/0: the summary of configs/t.json has no /streams/s/rate");
    const char *both = "{ 'dpusim': 1, " AT ", 'answer': '/streams/s/delivered/items_per_s',"
                       " 'cases': [ { 'scalar': 'rate' }, { 'cases': [ { 'scalar': 'rate' } ] }"
                       " ] }";
    snprintf(line, sizeof line,
             "t.json: /cases/1/cases/0: \"rate\" is answered already, by %s/t.json/cases/0",
             configs);
    refused(split, both, line);
    const char *wrong =
        "{ 'dpusim': 1, " AT ", 'answer': '/streams/s/delivered/items_per_s',"
        " 'cases': [ { 'scalar': 'rate', 'set': { '/dpu/blocks/prt/rate': '1Gb/s' } } ] }";
    refused(
        split, wrong,
        "t.json: /cases/0: --set: /dpu/blocks/prt/rate: there is no /dpu/blocks/prt; set that "
        "first, to an object");
    ck_assert_int_eq(validate(split, none, "1-wir", &err), APP_EXIT_USER);
    ck_assert_str_eq(sim_err_line(&err, found, sizeof found),
                     "dpusim validate: 1-wir: there is no such area; did you mean \"1-wire\"?");
    ck_assert_int_eq(validate(split, none, "elsewhere", &err), APP_EXIT_USER);
    ck_assert_str_eq(sim_err_line(&err, found, sizeof found),
                     "dpusim validate: elsewhere: there is no such area; there are 1-wire, "
                     "2-later");
    drop_folder();
}
END_TEST

/* ---------------------------------------------------------------- outcome */

static const char cases[] =
    "{ 'dpusim': 1, 'scenario': '../t.json', 'cases': ["
    " { 'scalar': 'rate', 'answer': '/streams/s/delivered/items_per_s', 'scale': 1e-6 },"
    " { 'scalar': 'size/0', 'answer': '/streams/s/delivered/bytes',"
    "   'over': '/streams/s/delivered/items' },"
    " { 'scalar': 'gap', 'answer': '/streams/s/delivered/wire_bytes',"
    "   'minus': '/streams/s/delivered/bytes', 'over': '/streams/s/delivered/items' } ],"
    " 'not_simulated': { 'later': 'not yet' } }";

START_TEST(limits_hold_or_not) {
    struct sim_err err;
    make_configs();
    put("t.json", scenario);
    ck_assert_int_eq(validate(split, cases, NULL, &err), APP_EXIT_DONE);
    ck_assert_int_eq(validate(split, cases, "wire", &err), APP_EXIT_DONE);
    ck_assert_int_eq(validate(split, cases, "2-later", &err), APP_EXIT_DONE);
    /* 3 % off: within the limits of all, not within its area's */
    const char *off =
        "{ 'dpusim': 1, 'scenario': '../t.json', 'set': { '/streams/s/rate': '97Gb/s' },"
        " 'cases': [ { 'scalar': 'rate', 'answer': '/streams/s/delivered/items_per_s',"
        " 'scale': 1e-6 } ] }";
    ck_assert_int_eq(validate(split, off, NULL, &err), APP_EXIT_NO);
    /* a model 2 % off */
    const char *model =
        "{ 'dpusim': 1, 'scenario': '../t.json', 'cases': [ { 'scalar': 'size/0',"
        " 'answer': '/streams/s/delivered/wire_bytes', 'over': '/streams/s/delivered/items' }"
        " ] }";
    ck_assert_int_eq(validate(split, model, NULL, &err), APP_EXIT_NO);
    ck_assert(!err.set);
    drop_folder();
}
END_TEST

START_TEST(rows) {
    struct sim_err err = {0};
    struct app_validation v = {0};
    make_configs();
    put("t.json", scenario);
    put("validation/split.json", split);
    put("validation/t.json", cases);
    v.folder = configs;
    ck_assert(app_split_read(&v, &err) && app_split_want(&v, NULL, &err));
    ck_assert(app_cases_read(&v, &err));
    ck_assert_int_eq(app_cases_run(&v, true, &err), APP_EXIT_DONE);
    json_t *doc = app_validation_json(&v), *list = json_object_get(doc, "rows");
    ck_assert_uint_eq(json_object_size(doc), 1);
    ck_assert_uint_eq(json_array_size(list), 5);
    const json_t *row = json_array_get(list, 0);
    ck_assert_uint_eq(json_object_size(row), 9);
    NEAR(json_number_value(json_object_get(row, "simulated")), 10);
    NEAR(json_number_value(json_object_get(row, "error_ratio")), 0);
    ck_assert_str_eq(json_string_value(json_object_get(row, "scenario")), "configs/t.json");
    row = json_array_get(list, 3);
    NEAR(json_number_value(json_object_get(row, "simulated")), 20);
    row = json_array_get(list, 4);
    ck_assert(json_is_null(json_object_get(row, "simulated")));
    ck_assert(json_is_null(json_object_get(row, "error_ratio")));
    ck_assert(json_is_null(json_object_get(row, "scenario")));
    struct app_text t = {0};
    app_validation_csv(&v, &t);
    ck_assert_ptr_nonnull(strstr(t.at, "\nsize/1,1-wire,excluded,big,,u,,s,\n"));
    t.n = 0;
    app_validation_text(&v, false, &t);
    ck_assert_ptr_nonnull(strstr(t.at, "1 published measurements predicted: median error 0 %"));
    ck_assert_ptr_nonnull(strstr(t.at, "later: not yet"));
    free(t.at);
    json_decref(doc);
    json_decref(v.split);
    json_decref(v.all);
    sim_arena_free(&v.arena);
    drop_folder();
}
END_TEST

/* A claim beside a simulation: twice its half's rate, far off, and all limits hold. */
START_TEST(what_is_shown_counts_for_nothing) {
    struct sim_err err = {0};
    struct app_validation v = {0};
    struct app_text t = {0};
    make_configs();
    put("t.json", scenario);
    put("validation/split.json",
        ADDED("'twice': " ENTRY("1-wire", "read",
                                "'over': { 'value': 7, 'class': 'shown', 'why': 'a claim' },"
                                "'less': { 'value': 7, 'class': 'shown', 'why': 'a claim' },"
                                "'none': { 'value': 7, 'class': 'shown', 'why': 'a hope' }")));
    put("validation/t.json",
        "{ 'dpusim': 1, 'scenario': '../t.json', 'answer': '/streams/s/delivered/items_per_s',"
        " 'cases': [ { 'scalar': 'rate', 'scale': 1e-6 },"
        " { 'scalar': 'twice/over', 'over': '/streams/s/delivered/items_per_s',"
        "   'against': { '/streams/s/rate': '50Gb/s' } },"
        " { 'scalar': 'twice/less', 'minus': '/streams/s/delivered/items_per_s',"
        "   'scale': 1e-6, 'against': { '/streams/s/rate': '60Gb/s' } } ],"
        " 'not_simulated': { 'twice/none': 'cannot be' } }");
    v.folder = configs;
    ck_assert(app_split_read(&v, &err) && app_split_want(&v, NULL, &err));
    ck_assert(app_cases_read(&v, &err));
    ck_assert_int_eq(app_cases_run(&v, true, &err), APP_EXIT_DONE);
    NEAR(app_scalar_find(&v, "twice/over")->simulated, 2);
    NEAR(app_scalar_find(&v, "twice/less")->simulated, 4);
    ck_assert(app_validation_holds(&v));
    app_validation_text(&v, true, &t);
    ck_assert_ptr_nonnull(strstr(t.at, "1 published measurements predicted: median error 0 %"));
    ck_assert_ptr_nonnull(strstr(
        t.at, "`configs/t.json`, against `configs/t.json --set /streams/s/rate=50Gb/s`"));
    ck_assert_ptr_nonnull(strstr(t.at, "- `twice/none`: cannot be\n"));
    ck_assert_ptr_nonnull(
        strstr(t.at, "- `twice/over` to `less`: a claim\n- `twice/none`: a hope"));
    free(t.at);
    json_decref(v.split);
    json_decref(v.all);
    sim_arena_free(&v.arena);
    drop_folder();
}
END_TEST

/* What a run says against its numbers stands beside them: here that nothing came in time. */
START_TEST(runs_that_warn) {
    struct sim_err err = {0};
    struct app_validation v = {0};
    struct app_text t = {0};
    make_configs();
    put("t.json", scenario);
    put("validation/split.json", split);
    put("validation/t.json",
        "{ 'dpusim': 1, 'scenario': '../t.json', 'set': { '/streams/s/start': '1s' }, 'cases': "
        "["
        " { 'scalar': 'rate', 'answer': '/streams/s/latency_s/mean' } ] }");
    v.folder = configs;
    ck_assert(app_split_read(&v, &err) && app_split_want(&v, NULL, &err));
    ck_assert(app_cases_read(&v, &err));
    ck_assert_int_eq(app_cases_run(&v, true, &err), APP_EXIT_DONE);
    app_validation_text(&v, false, &t);
    ck_assert_ptr_nonnull(strstr(t.at, "Runs that warn\n  rate: none of its packets was due"));
    ck_assert_ptr_nonnull(strstr(t.at, "rate: the run leaves it undefined"));
    free(t.at);
    json_decref(v.split);
    json_decref(v.all);
    sim_arena_free(&v.arena);
    drop_folder();
}
END_TEST

TEST_MAIN("validate", medians, shares, errors_are_signed, models_may_be_rounded, bad_splits,
          bad_additions, inputs_may_have_a_limit, bad_cases, bad_answers, limits_hold_or_not,
          rows, what_is_shown_counts_for_nothing, runs_that_warn)
