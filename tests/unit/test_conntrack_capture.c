/* test_conntrack_capture.c - connections of captures: as many as tshark counts conversations;
 * as many a second as a loop renews. */
#include "app_run.h"
#include <jansson.h>

static const char scenario[] =
    "{'dpusim': 1, 'name': 's', 'dpu': {'device': 'bluefield-3', 'blocks': {'ct': {'model': "
    "'conntrack', 'entries': 65536}}, 'routes': {'a': {'from': 'port0', 'to': 'ct'}, 'b': "
    "{'from': 'ct', 'to': 'nic'}}}, 'chains': {'in': [{'at': 'port0', 'op': 'rx'}, {'at': "
    "'ct', 'op': 'track', 'new': 'ins', 'invalid': 'next'}, {'name': 'd', 'at': 'nic', 'op': "
    "'dma'}], 'ins': [{'at': 'ct', 'op': 'insert'}, {'goto': 'in#d'}]}, 'streams': {'s': "
    "{'source': 'pcap', 'file': '%s', 'chain': 'in'%s}}, 'run': {'warmup': '0s', 'duration': "
    "'%s'}}";

static int64_t counter(const struct app_scenario *s, const char *name) {
    const struct sim_comp *c = comp_of(s, "ct");
    for (const struct sim_field *f = c->model->stats; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return sim_field_int(f, c);
    ck_abort_msg("no counter %s", name);
    return 0;
}

static void run_capture(struct app_scenario *s, const char *file, const char *params,
                        const char *duration) {
    char text[2048];
    snprintf(text, sizeof text, scenario, file, params, duration);
    load(s, put("s.json", text), NULL, 0);
    run(s);
}

/* Has it nothing but TCP and UDP, read whole, within less time than any time-out? */
static bool suits(json_t *of) {
    json_t *outer = json_object_get(of, "outer");
    const char *from = json_string_value(json_object_get(of, "min_ts"));
    const char *to = json_string_value(json_object_get(of, "max_ts"));
    return from != NULL && to != NULL && atof(to) - atof(from) < 25 &&
           json_integer_value(json_object_get(of, "tshark_exit")) == 0 &&
           json_integer_value(json_object_get(of, "packets")) < 5000 &&
           json_integer_value(json_object_get(outer, "other_l4")) == 0 &&
           json_integer_value(json_object_get(outer, "non_ip")) == 0;
}

/* What tshark counts, but for conversations of which no packet can begin a connection. */
START_TEST(as_many_as_tshark_counts) {
    const char *shared = test_shared("traces/expected.json");
    if (shared == NULL)
        return;
    json_t *all = json_load_file(shared, 0, NULL), *of;
    const char *name, *at;
    int captures = 0, equal = 0;
    make_folder();
    json_object_foreach(json_object_get(all, "pcap"), name, of) {
        char sub[300];
        struct app_scenario s;
        snprintf(sub, sizeof sub, "traces/pcap/%s", name);
        if (!suits(of) || (at = test_shared(sub)) == NULL)
            continue;
        run_capture(&s, at, "", "30s");
        int64_t want = json_integer_value(json_object_get(of, "flows_bidirectional"));
        int64_t made = counter(&s, "made");
        bool odd = counter(&s, "invalid") + counter(&s, "untracked") > 0;
        ck_assert_msg(made == want || (odd && made < want), "%s: %lld connections, not %lld",
                      name, (long long)made, (long long)want);
        captures++;
        equal += made == want;
        app_scenario_free(&s);
    }
    drop_folder();
    json_decref(all);
    ck_assert_int_gt(captures, 60);
    ck_assert_int_ge(equal, captures - 3);
}
END_TEST

/* The capture's flows are two to a connection: half as many begin as flows are renewed, each
 * with its handshake, and no packet of a later pass is invalid. */
START_TEST(as_many_a_second_as_a_loop_renews) {
    struct app_scenario s;
    make_folder();
    run_capture(&s, DPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.pcap.gz",
                ", 'rate': '100Gb/s', 'loop': {'flows': 'renumber', 'concurrent_flows': 10000, "
                "'new_flows_per_s': 100000}",
                "20ms");
    int64_t made = counter(&s, "made");
    ck_assert_int_ge(made, 980); /* of 2,000 flows; a few of the capture have no reply */
    ck_assert_int_le(made, 1100);
    ck_assert_int_eq(counter(&s, "invalid"), 0);
    ck_assert_int_eq(counter(&s, "gone"), 0);
    ck_assert_int_gt(counter(&s, "to_syn_sent"), made * 3 / 4);
    ck_assert_int_ge(counter(&s, "to_time_wait"), counter(&s, "to_syn_sent") - 60);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

TEST_MAIN("connections of captures", as_many_as_tshark_counts,
          as_many_a_second_as_a_loop_renews)
