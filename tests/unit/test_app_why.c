/* test_app_why.c - the bottleneck, proven by doubling what may be it. */
#include "app_run.h"
#include "sim/app/why.h"

static struct app_scenario s;
static char *report; /* of it */

/* The summary of a run, and what is proven of it. */
static json_t *prove(const struct app_run_args *a) {
    struct sim_err err = {0};
    char line[2200];
    load(&s, a->scenario, a->set, a->sets);
    run(&s);
    json_t *summary = summary_of(&s);
    if (app_why(&s, a, false, summary, &err) != APP_EXIT_DONE)
        ck_abort_msg("%s", sim_err_line(&err, line, sizeof line));
    report = app_report_text(summary, APP_PLAIN);
    json_t *bottleneck = json_incref(json_object_get(summary, "bottleneck"));
    json_decref(summary);
    return bottleneck;
}

static const char *text(json_t *o, const char *pointer) {
    const char *found = json_string_value(app_json_at(o, pointer));
    ck_assert_msg(found != NULL, "no %s", pointer);
    return found;
}

static double gain(const json_t *o, const char *resource) {
    size_t i;
    json_t *r;
    json_array_foreach(
        json_object_get(o, "doubled"), i,
        r) if (strcmp(json_string_value(json_object_get(r, "resource")), resource) ==
               0) return json_number_value(json_object_get(r, "gain_ratio"));
    ck_abort_msg("%s was not doubled", resource);
    return 0;
}

static void done(json_t *o) {
    json_decref(o);
    free(report);
    app_scenario_free(&s);
    drop_folder();
}

/* Stations, the first of 100 ns, one behind the other. */
static json_t *two_of(const char *packet_rate, const char *second) {
    static struct app_run_args a;
    char scenario[1400];
    snprintf(scenario, sizeof scenario,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
             " 'a': { 'model': 'server', 'distribution': 'constant', 'time': '100ns',"
             " 'queue': 64, 'on_full': 'drop' },"
             " 'b': { 'model': 'server', 'distribution': 'constant', 'time': '%s',"
             " 'queue': 4, 'on_full': 'wait' } },"
             " 'routes': { 'r': { 'from': 'a', 'to': 'b' } } },"
             " 'chains': { 'c': [ {'at': 'a'}, {'at': 'b'} ] },"
             " 'streams': { 's': { 'source': 'synthetic', 'sizes': '64', 'chain': 'c',"
             " 'packet_rate': '%s' } }, 'run': { 'warmup': '50us', 'duration': '1ms' } }",
             second, packet_rate);
    make_folder();
    a = (struct app_run_args){.scenario = put("t.json", scenario), .quiet = true};
    return prove(&a);
}

static json_t *two(const char *packet_rate) { return two_of(packet_rate, "125ns"); }

/* A third of the packets is lost, and 0.4 % of the bits: twice as fast brings all of them. */
START_TEST(the_little_that_is_missing) {
    static struct app_run_args a;
    make_folder();
    a = (struct app_run_args){
        .scenario = put(
            "t.json",
            "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
            " 'a': { 'model': 'server', 'distribution': 'constant', 'time': '100ns' },"
            " 'b': { 'model': 'server', 'distribution': 'constant', 'time': '1us',"
            " 'queue': 4, 'on_full': 'drop' } } },"
            " 'chains': { 'c': [ {'at': 'a'} ], 'd': [ {'at': 'b'} ] }, 'streams': {"
            " 's': { 'source': 'synthetic', 'sizes': '8000', 'chain': 'c', 'packet_rate':"
            " '1M/s' }, 't': { 'source': 'synthetic', 'sizes': '64', 'chain': 'd',"
            " 'packet_rate': '1.5M/s' } }, 'run': { 'warmup': '50us', 'duration': '1ms' } }"),
        .quiet = true};
    json_t *o = prove(&a);
    ck_assert(json_is_true(json_object_get(o, "proven")));
    ck_assert_str_eq(text(o, "/component"), "dpu.b");
    ck_assert_double_eq_tol(gain(o, "queue"), 0.5 * 64 / (8000 + 64), 2e-5);
    done(o);
}
END_TEST

/* Both are asked for too much. Two of the first bring nothing, for the second holds them up;
 * two of the second bring 10 for 8 M/s. */
START_TEST(the_second_of_two) {
    json_t *o = two("20M/s");
    ck_assert(json_is_true(json_object_get(o, "proven")));
    ck_assert_str_eq(text(o, "/component"), "dpu.b");
    ck_assert_double_eq_tol(gain(o, "queue"), 0.25, 0.002);
    size_t i;
    json_t *r;
    json_array_foreach(json_object_get(o, "doubled"), i,
                       r) if (strcmp(text(r, "/component"), "dpu.a") == 0)
        ck_assert_double_eq_tol(json_number_value(json_object_get(r, "gain_ratio")), 0, 0.002);
    done(o);
}
END_TEST

/* 90 % of the second: nothing brings more than is offered. */
START_TEST(nothing_brings_more) {
    json_t *o = two("7200k/s");
    ck_assert(json_is_false(json_object_get(o, "proven")));
    ck_assert_str_eq(text(o, "/kind"), "offered-load");
    ck_assert_ptr_nonnull(strstr(text(o, "/why"), "the load that is offered limits"));
    done(o);
}
END_TEST

/* Two walls, one as high as the other: neither is the wall, both are. */
START_TEST(both_together) {
    json_t *o = two_of("40M/s", "100ns");
    ck_assert(json_is_false(json_object_get(o, "proven")));
    ck_assert_str_eq(text(o, "/kind"), "resources");
    ck_assert_double_eq_tol(json_number_value(json_object_get(o, "together_ratio")), 1, 0.01);
    ck_assert_ptr_nonnull(strstr(report, "no single part is the wall"));
    ck_assert_ptr_null(strstr(report, "queue is the wall"));
    done(o);
}
END_TEST

/* Exactly what the second can do: it is full, and holds up nothing. */
START_TEST(full_and_no_wall) {
    json_t *o = two("8M/s");
    ck_assert_str_eq(text(o, "/kind"), "offered-load");
    ck_assert_ptr_null(strstr(report, "is the wall"));
    done(o);
}
END_TEST

/* Reads one by one: twice as many under way bring twice as much, and nothing else does. */
START_TEST(a_loop_by_its_depth) {
    static struct app_run_args a = {
        .scenario = DPUSIM_SOURCE_DIR "/configs/scenarios/pcie-dma.json",
        .set = {{"/streams/dma/op", "read"}, {"/streams/dma/in_flight", "1KiB"}},
        .sets = 2,
        .quiet = true};
    make_folder();
    json_t *o = prove(&a);
    ck_assert_str_eq(text(o, "/kind"), "closed-loop-depth");
    ck_assert_str_eq(text(o, "/component"), "streams.dma");
    ck_assert_str_eq(text(o, "/doubled/0/what/0"), "/streams/dma/outstanding");
    ck_assert_double_eq_tol(gain(o, "outstanding"), 1, 1e-3);
    ck_assert_double_eq_tol(json_number_value(json_object_get(o, "load_ratio")), 1, 1e-3);
    ck_assert_ptr_nonnull(strstr(report, "no part of the card is the wall"));
    done(o);
}
END_TEST

/* A link is doubled by its lanes, as one can set them; tags that only wait for it bring
 * nothing. */
START_TEST(a_link_by_its_lanes) {
    static struct app_run_args a = {
        .scenario = DPUSIM_SOURCE_DIR "/configs/scenarios/pcie-dma.json",
        .set = {{"/streams/dma/op", "read"}, {"/dpu/blocks/pcie/tags", "64"}},
        .sets = 2,
        .quiet = true};
    make_folder();
    json_t *o = prove(&a);
    ck_assert_str_eq(text(o, "/resource"), "from-host");
    ck_assert_str_eq(text(o, "/doubled/0/what/0"), "/dpu/blocks/pcie/lanes");
    ck_assert_double_eq_tol(gain(o, "from-host"), 1, 0.01);
    ck_assert_double_eq_tol(gain(o, "tags"), 0, 1e-9);
    ck_assert_double_eq_tol(gain(o, "outstanding"), 0, 1e-9);
    done(o);
}
END_TEST

/* Both directions of a link by one word: once, under the name of the fuller. */
START_TEST(two_directions_by_one_word) {
    static struct app_run_args a = {
        .scenario = DPUSIM_SOURCE_DIR "/configs/scenarios/pcie-dma.json", .quiet = true};
    make_folder();
    json_t *o = prove(&a);
    ck_assert_str_eq(text(o, "/kind"), "resource");
    ck_assert_str_eq(text(o, "/resource"), "to-host");
    ck_assert_str_eq(text(o, "/doubled/0/with/0/resource"), "from-host");
    ck_assert_uint_eq(json_array_size(json_object_get(o, "doubled")), 2); /* and the loop */
    done(o);
}
END_TEST

/* Both ways of a card's DMA engine share a bus, which is the limit: both are named. */
START_TEST(two_on_one_bus) {
    static struct app_run_args a = {
        .scenario = DPUSIM_SOURCE_DIR "/configs/validation/scenarios/nfp-broadwell.json",
        .set = {{"/streams/dma/op", "both"}, {"/streams/dma/bytes", "256"}},
        .sets = 2,
        .quiet = true};
    make_folder();
    json_t *o = prove(&a);
    ck_assert(json_is_true(json_object_get(o, "proven")));
    ck_assert_str_eq(text(o, "/kind"), "resources");
    ck_assert_uint_eq(json_array_size(json_object_get(o, "shared")), 2);
    ck_assert_str_eq(text(o, "/doubled/0/what/1"), "/dpu/blocks/dma/bus_burst");
    ck_assert_double_eq_tol(gain(o, "load"), 1 / 0.768 - 1, 0.01); /* then the link is full */
    ck_assert_ptr_nonnull(strstr(report, "are the wall together"));
    done(o);
}
END_TEST

/* Credits are doubled as such: 8 for 4 fill the wire, which 4 leave idle for what is left of a
 * round trip of 200 ns. */
START_TEST(credits_by_their_number) {
    static struct app_run_args a = {
        .scenario = DPUSIM_SOURCE_DIR "/configs/scenarios/pcie-dma.json",
        .set = {{"/streams/dma/op", "write"}, {"/dpu/blocks/pcie/posted_headers", "4"}},
        .sets = 2,
        .quiet = true};
    make_folder();
    json_t *o = prove(&a);
    double packet = 280 * 8 * 130 * 1538 / (0.064 * 128 * 1534); /* ps */
    ck_assert_str_eq(text(o, "/resource"), "posted-headers");
    ck_assert_str_eq(text(o, "/doubled/0/what/0"), "/dpu/blocks/pcie/posted_headers");
    ck_assert_double_eq_tol(gain(o, "posted-headers"), (packet + 2e5) / (4 * packet) - 1, 1e-3);
    done(o);
}
END_TEST

TEST_MAIN("app why", the_second_of_two, the_little_that_is_missing, nothing_brings_more,
          both_together, full_and_no_wall, a_loop_by_its_depth, a_link_by_its_lanes,
          two_directions_by_one_word, two_on_one_bus, credits_by_their_number)
