/* test_app_moves.c - work moved between engines and cores by one word: in the shipped scenarios
 * from every engine to Arm and host cores, and what crosses the link then is what a chain
 * says that receives and sends. */
#include "app_run.h"

#define SCENARIO(name) DPUSIM_SOURCE_DIR "/configs/scenarios/" name ".json"

START_TEST(every_engine_s_work_moves) {
    static const struct {
        const char *file, *step, *also[2];
    } moved[] = {
        {SCENARIO("quickstart"), "/chains/ingress/4/at", {NULL}},
        {SCENARIO("quickstart"), "/chains/tunnel/0/at", {NULL}},
        {SCENARIO("engines"), "/chains/inline/2/at", {NULL}},
        {SCENARIO("engines"), "/chains/inspected/2/at", {NULL}},
        {SCENARIO("engines"), "/chains/inspected/3/at", {NULL}},
        {SCENARIO("associations"), "/chains/seal/3/at", {NULL}},
        {SCENARIO("tunnels"), "/chains/inbound/2/at", {NULL}},
        {SCENARIO("tunnels"), "/chains/outbound/4/at", {NULL}},
        {SCENARIO("host-tax"), "/chains/tenant/6/at", {"/datapath", "engines"}},
    };
    static const char *const to[] = {"arm", "host"};
    setenv("DPUSIM_CONFIGS", DPUSIM_SOURCE_DIR "/configs", 1);
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++)
        for (size_t k = 0; k < 2; k++) {
            struct app_set sets[] = {{moved[i].step, to[k]},
                                     {moved[i].also[0], moved[i].also[1]}};
            struct app_scenario s;
            load(&s, moved[i].file, sets, moved[i].also[0] != NULL ? 2 : 1);
            app_scenario_free(&s);
        }
}
END_TEST

static int64_t counter(const struct app_scenario *s, const char *name) {
    const struct sim_comp *c = comp_of(s, "pcie");
    for (const struct sim_field *f = c->model->stats; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return sim_field_int(f, c);
    ck_abort_msg("no counter %s", name);
}

struct crossed {
    int64_t to_host, from_host, doorbells, interrupts;
};

static struct crossed crosses(const char *chain) {
    char text[1400];
    struct app_scenario s;
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3' }, 'chains': { "
             "'moved': [ {'at': 'port0', 'op': 'rx'}, {'at': 'nic', 'op': 'parse'}, "
             "{'at': 'host', 'op': 'esp-encap'}, {'at': 'nic', 'op': 'hairpin'} ], "
             "'whole': [ {'at': 'port0', 'op': 'rx'}, {'at': 'nic', 'op': 'parse'}, "
             "{'at': 'pcie', 'op': 'receive'}, {'at': 'host', 'op': 'esp-encap'}, "
             "{'at': 'pcie', 'op': 'transmit', 'split': {'each': 'mrrs_bytes', 'chain': "
             "'host-read'}, 'wait': 'poll', 'complete': {'op': 'transmitted'}}, "
             "{'at': 'nic', 'op': 'hairpin'} ] }, 'streams': { 'in': { 'source': 'synthetic', "
             "'rate': '10Gb/s', 'sizes': '1500', 'limit': 800, 'chain': '%s' } }, "
             "'run': { 'messages': 4096 } }",
             chain);
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
    struct crossed c = {counter(&s, "tlp_bytes_to_host"), counter(&s, "tlp_bytes_from_host"),
                        counter(&s, "doorbells"), counter(&s, "interrupts")};
    app_scenario_free(&s);
    return c;
}

/* A route that brings packets from the host has no tags, and the same bytes on the wire. */
START_TEST(a_moved_step_crosses_as_a_packet_does) {
    make_folder();
    struct crossed moved = crosses("moved"), whole = crosses("whole");
    ck_assert_int_gt(moved.to_host, 800 * 1496LL);
    ck_assert_int_eq(moved.to_host, whole.to_host);
    ck_assert_int_eq(moved.from_host, whole.from_host);
    ck_assert_int_eq(moved.doorbells, whole.doorbells);
    ck_assert_int_eq(moved.interrupts, whole.interrupts);
    drop_folder();
}
END_TEST

/* Keys of a card's route, like those of its blocks, are replaced one by one. */
START_TEST(a_route_keeps_its_other_keys) {
    struct app_scenario s;
    make_folder();
    load(&s,
         put("t.json",
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3', 'blocks': { 'x': { "
             "'model': 'server', 'time': '1ns' } }, 'routes': { 'nic-x': { 'from': 'nic', "
             "'to': 'x' }, 'nic-arm': { 'from': ['nic', 'inline', 'x'] } } }, 'chains': { 'c': "
             "[ {'at': 'nic', 'op': 'parse'}, {'at': 'x'}, {'at': 'arm', 'op': 'forward'} ] }, "
             "'streams': { 's': { 'source': 'synthetic', 'rate': '1Gb/s', 'chain': 'c' } }, "
             "'run': { 'duration': '20us' } }"),
         NULL, 0);
    run(&s);
    ck_assert_uint_gt(comp_of(&s, "dram")->port[0]->entered.items, 0);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

/* A segment's frames are one look at a ring, one descriptor, one completion: 0.61 cores of 16
 * frames a segment, by the table; three times as much when each of them is looked for. */
START_TEST(a_train_is_looked_for_once) {
    struct app_scenario s;
    const struct app_set sets[] = {{"/offload", "card"}};
    setenv("DPUSIM_CONFIGS", DPUSIM_SOURCE_DIR "/configs", 1);
    load(&s, DPUSIM_SOURCE_DIR "/configs/scenarios/offloads.json", sets, 1);
    run(&s);
    json_t *summary = summary_of(&s);
    double cores = json_number_value(app_json_at(summary, "/host/cores_busy"));
    ck_assert_double_eq_tol(cores, 0.61, 0.02);
    json_decref(summary);
    app_scenario_free(&s);
}
END_TEST

TEST_MAIN("app moves", a_train_is_looked_for_once, every_engine_s_work_moves,
          a_moved_step_crosses_as_a_packet_does, a_route_keeps_its_other_keys)
