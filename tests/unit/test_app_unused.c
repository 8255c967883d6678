/* test_app_unused.c - what a report calls never exercised: changing it changes nothing. */
#include "app_run.h"
#include "sim/engine/quantity.h"
#include "sim/engine/row.h"

static const char *const scenarios[] = {"quickstart", "transmit", "hairpin",
                                        "tunnels",    "bursts",   "two-cards"};

static void file_of(const char *scenario, char file[256]) {
    snprintf(file, 256, DPUSIM_SOURCE_DIR "/configs/scenarios/%s.json", scenario);
}

/* Digest of a short run with one more value set. @return false when that is refused. */
static bool digest_with(const char *scenario, const char *pointer, const char *value,
                        uint64_t *digest) {
    static const struct app_run_opts opts;
    struct app_set sets[] = {
        {"/run/duration", "60us"}, {"/run/warmup", "20us"}, {pointer, value}};
    struct app_scenario s;
    struct sim_err err = {0};
    char file[256];
    file_of(scenario, file);
    bool ok = app_scenario_load(&s, file, sets, pointer ? 3 : 2, &opts, &err);
    if (ok) {
        run(&s);
        *digest = sim_world_digest(s.world);
    }
    app_scenario_free(&s);
    return ok;
}

/* The row of a parameter's pointer, and its value now. NULL: the pointer is to something else.
 */
static const struct sim_field *row_of(const struct app_scenario *s, const char *pointer,
                                      int64_t *value) {
    for (uint32_t i = 0; i < s->nodes; i++)
        for (uint32_t k = 0; k < s->node[i].blocks; k++) {
            const struct app_block *b = &s->node[i].block[k];
            size_t n = strlen(b->pointer);
            if (strncmp(pointer, b->pointer, n) != 0 || pointer[n] != '/')
                continue;
            for (const struct sim_field *f = b->comp->model->params; f->name; f++)
                if (strcmp(f->name, pointer + n + 1) == 0) {
                    memcpy(value, (const char *)b->comp + f->offset, sizeof *value);
                    return f;
                }
        }
    return NULL;
}

/* The k-th other value to try. @return false when there are no more. */
static bool other_value(const struct sim_field *f, int64_t now, int k, char text[64]) {
    const int64_t tries[] = {now * 2, now / 2, now + 1, f->max, f->min};
    if (f->choices != NULL || f->unit == SIM_BOOL) {
        const struct sim_field boolean = {.unit = SIM_ENUM, .choices = "false|true"};
        return sim_row_choice(f->unit == SIM_BOOL ? &boolean : f, k, text);
    }
    if (k == (int)(sizeof tries / sizeof *tries))
        return false;
    if (f->unit == SIM_COUNT || f->unit == SIM_CYCLES)
        snprintf(text, 64, "%lld", (long long)tries[k]);
    else
        sim_quantity_exact(f->unit, tries[k], text, 64);
    return true;
}

static uint32_t params_tried(const char *scenario) {
    struct app_scenario s;
    uint64_t plain = 0, changed = 0;
    struct app_set sets[] = {{"/run/duration", "60us"}, {"/run/warmup", "20us"}};
    char file[256], text[64];
    uint32_t n = 0;
    size_t i;
    json_t *v;
    ck_assert(digest_with(scenario, NULL, NULL, &plain));
    file_of(scenario, file);
    load(&s, file, sets, 2);
    run(&s);
    json_t *list = app_summary_unused(&s);
    json_array_foreach(list, i, v) {
        const char *pointer = json_string_value(v);
        int64_t now;
        const struct sim_field *f = row_of(&s, pointer, &now);
        uint32_t taken = 0;
        for (int k = 0; f != NULL && taken < 2 && other_value(f, now, k, text); k++)
            if (digest_with(scenario, pointer, text, &changed)) {
                taken++;
                ck_assert_msg(changed == plain, "%s: %s=%s changes the run", scenario, pointer,
                              text);
            }
        /* a link joins ports of one rate, which the sending one has a use for */
        bool tied = strcmp(pointer, "/nodes/right/blocks/port0/rate") == 0;
        ck_assert_msg(f == NULL || tied || taken > 1, "%s: nothing else fits %s", scenario,
                      pointer);
        n += f != NULL;
    }
    json_decref(list);
    app_scenario_free(&s);
    return n;
}

START_TEST(unused_parameters_change_nothing) {
    static const uint32_t least[] = {8, 10, 10, 5, 15, 30};
    setenv("DPUSIM_CONFIGS", DPUSIM_SOURCE_DIR "/configs", 1);
    for (int i = 0; i < 6; i++)
        ck_assert_uint_ge(params_tried(scenarios[i]), least[i]);
}
END_TEST

/* Every block that a scenario uses has parameters that it does use: these change the run. */
START_TEST(used_parameters_are_not_listed) {
    uint64_t plain, changed;
    setenv("DPUSIM_CONFIGS", DPUSIM_SOURCE_DIR "/configs", 1);
    ck_assert(digest_with("quickstart", NULL, NULL, &plain));
    ck_assert(digest_with("quickstart", "/dpu/blocks/pcie/completion_bytes", "128", &changed));
    ck_assert_uint_ne(plain, changed);
}
END_TEST

/* A chain of two nodes is one chain: used by either is used. */
START_TEST(chains_of_all_nodes_are_one) {
    struct app_scenario s;
    char file[256];
    setenv("DPUSIM_CONFIGS", DPUSIM_SOURCE_DIR "/configs", 1);
    file_of("two-cards", file);
    load(&s, file, NULL, 0);
    run(&s);
    json_t *list = app_summary_unused(&s), *v;
    size_t i;
    json_array_foreach(list, i, v) ck_assert_msg(
        strncmp(json_string_value(v), "/chains/", 8) != 0, "%s", json_string_value(v));
    json_decref(list);
    app_scenario_free(&s);
}
END_TEST

/* Routes of the quickstart that were taken, each held to what another delay of it does. */
static uint32_t taken(const char *new_flows) {
    char file[256], at[256];
    struct app_set sets[] = {{"/run/duration", "200us"},
                             {"/run/warmup", "20us"},
                             {"/streams/web/loop/new_flows_per_s", new_flows},
                             {at, "3us"}};
    struct app_scenario plain, other;
    uint32_t n = 0;
    file_of("quickstart", file);
    load(&plain, file, sets, 3);
    run(&plain);
    for (uint32_t k = 0; k < plain.node[0].routes; k++) {
        const struct app_route *r = &plain.node[0].route[k];
        bool was = app_route_taken(&plain, &plain.node[0], r);
        snprintf(at, sizeof at, "%s/delay", r->pointer);
        load(&other, file, sets, 4);
        run(&other);
        bool same = sim_world_digest(other.world) == sim_world_digest(plain.world);
        ck_assert_msg(same != was, "%s", at);
        app_scenario_free(&other);
        n += was;
    }
    app_scenario_free(&plain);
    return n;
}

/* With misses, and without, when nothing goes to the cores and back. */
START_TEST(routes_that_were_taken) {
    setenv("DPUSIM_CONFIGS", DPUSIM_SOURCE_DIR "/configs", 1);
    ck_assert_uint_eq(taken("50000"), 11);
    ck_assert_uint_eq(taken("0"), 9);
}
END_TEST

/* A look-up takes 1 us and is never idle: k.05 us is when the next one begins. The one TCP
 * packet comes at `start` and is denied; UDP goes on to "a". "b" is also come to past the
 * access list, so that only the verdict tells whether the route from there to it was taken. */
static bool denied_took_its_route(const char *start, const char *drain, bool all_by_event) {
    const struct app_run_opts opts = {.all_by_event = all_by_event};
    struct app_scenario s;
    struct sim_err err = {0};
    char text[1600], line[2200];
    put("rules.json", "[{'proto': 'tcp', 'action': 'deny'}]");
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
             " 'acl': { 'model': 'acl', 'rules': 'rules.json', 'rate': '1M/s' },"
             " 'first': { 'model': 'server', 'time': '10ns' },"
             " 'a': { 'model': 'server', 'time': '10ns' },"
             " 'b': { 'model': 'server', 'time': '10ns' } }, 'routes': {"
             " 'through': { 'from': 'acl', 'to': 'a' }, 'denied': { 'from': 'acl', 'to': 'b' },"
             " 'past': { 'from': 'first', 'to': 'b' } } }, 'chains': {"
             " 'c': [ {'at': 'acl', 'deny': 'side'}, {'at': 'a'} ], 'side': [ {'at': 'b'} ],"
             " 'd': [ {'at': 'first'}, {'goto': 'side'} ] }, 'streams': {"
             " 'udp': { 'source': 'synthetic', 'packet_rate': '1M/s', 'start': '50ns',"
             " 'chain': 'c' },"
             " 'tcp': { 'source': 'synthetic', 'packet_rate': '1M/s', 'start': '%s',"
             " 'protocol': 'tcp', 'limit': 1, 'chain': 'c' },"
             " 'past': { 'source': 'synthetic', 'packet_rate': '1M/s', 'chain': 'd' } },"
             " 'run': { 'warmup': '20us', 'duration': '40us', 'drain': '%s' } }",
             start, drain);
    if (!app_scenario_load(&s, put("t.json", text), NULL, 0, &opts, &err))
        ck_abort_msg("%s", sim_err_line(&err, line, sizeof line));
    run(&s);
    const struct app_node *n = &s.node[0];
    ck_assert_str_eq(n->route[1].pointer, "/dpu/routes/denied");
    ck_assert(app_route_taken(&s, n, &n->route[0]) && app_route_taken(&s, n, &n->route[2]));
    bool taken = app_route_taken(&s, n, &n->route[1]);
    app_scenario_free(&s);
    return taken;
}

/* In the warm-up, across the opening of the window, in it, across its shutting, in the drain;
 * but not when the look-up would begin after the end. */
START_TEST(routes_by_verdicts_at_any_time) {
    static const struct {
        const char *start, *drain;
        bool taken;
    } when[] = {{"5us", "20us", true},   {"18500ns", "20us", true}, {"19500ns", "20us", true},
                {"30us", "20us", true},  {"58500ns", "20us", true}, {"59500ns", "20us", true},
                {"59500ns", "0s", false}};
    make_folder();
    for (int i = 0; i < 14; i++) {
        const char *start = when[i / 2].start, *drain = when[i / 2].drain;
        ck_assert_msg(denied_took_its_route(start, drain, i % 2) == when[i / 2].taken,
                      "at %s, drain %s, form %d", start, drain, i % 2);
    }
    drop_folder();
}
END_TEST

TEST_MAIN("app unused", unused_parameters_change_nothing, used_parameters_are_not_listed,
          chains_of_all_nodes_are_one, routes_that_were_taken, routes_by_verdicts_at_any_time)
