/* test_conntrack_capture.c - connections of captures: as many as tshark counts conversations;
 * as many a second as a loop renews. */
#include "app_run.h"
#include <jansson.h>

static const char scenario[] =
    "{'dpusim': 1, 'name': 's', 'dpu': {'device': 'bluefield-3', 'blocks': {'ct': {'model': "
    "'conntrack', 'entries': 65536%s}}, 'routes': {'a': {'from': 'port0', 'to': 'ct'}, 'b': "
    "{'from': 'ct', 'to': 'nic'}}}, 'chains': {'in': [{'at': 'port0', 'op': 'rx'}, {'at': "
    "'ct', 'op': 'track', 'new': 'ins', 'invalid': 'next'}, {'name': 'd', 'at': 'nic', 'op': "
    "'dma'}], 'ins': [{'at': 'ct', 'op': 'insert'}, {'goto': 'in#d'}]}, 'streams': {'s': "
    "{'source': 'pcap', 'file': '%s', 'chain': 'in'%s}}, 'run': {'warmup': '%s', 'duration': "
    "'%s'}}";

static int64_t counter(const struct app_scenario *s, const char *name) {
    const struct sim_comp *c = comp_of(s, "ct");
    for (const struct sim_field *f = c->model->stats; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return sim_field_int(f, c);
    ck_abort_msg("no counter %s", name);
    return 0;
}

struct how {
    const char *block, *source, *warmup, *duration;
};

static void run_capture(struct app_scenario *s, const char *file, struct how how) {
    char text[2048];
    snprintf(text, sizeof text, scenario, how.block, file, how.source, how.warmup,
             how.duration);
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
        run_capture(&s, at, (struct how){"", "", "0s", "30s"});
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

static const char quickstart[] = DPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.pcap.gz";

enum { FLOWS = 57, CONNECTIONS = 31, PACKETS = 2004, PASSES_A_MS = 5 }; /* 0.18 ms each */

/* At 100 Gb/s. */
static const char *looped(uint32_t copies, uint32_t per_s) {
    static char text[256];
    snprintf(text, sizeof text,
             ", 'rate': '100Gb/s', 'loop': {'flows': 'renumber', 'concurrent_flows': %u, "
             "'new_flows_per_s': %u}",
             copies * FLOWS, per_s);
    return text;
}

/* The capture's flows are two to a connection: half as many begin as flows are renewed, each
 * with its handshake and its end as far as they come, and no packet is invalid. */
static void connections_a_second(uint32_t copies, uint32_t ms) {
    struct app_scenario s;
    char duration[16];
    snprintf(duration, sizeof duration, "%ums", ms);
    run_capture(&s, quickstart, (struct how){"", looped(copies, 100000), "0s", duration});
    int64_t made = counter(&s, "made"), want = 100 * ms * CONNECTIONS / FLOWS;
    int64_t under_way =
        20 * copies + 30; /* that have begun in the last round, of 0.18 ms each */
    ck_assert_int_ge(made, want * 9 / 10);
    ck_assert_int_le(made, want * 11 / 10);
    ck_assert_int_eq(counter(&s, "invalid"), 0);
    ck_assert_int_eq(counter(&s, "gone"), 0);
    ck_assert_int_gt(counter(&s, "to_syn_sent"), made * 3 / 4);
    ck_assert_int_ge(counter(&s, "to_established"), counter(&s, "to_syn_sent") - under_way);
    ck_assert_int_ge(counter(&s, "to_time_wait"), counter(&s, "to_syn_sent") - under_way);
    app_scenario_free(&s);
}

START_TEST(as_many_a_second_as_a_loop_renews) {
    make_folder();
    connections_a_second(1, 20);
    connections_a_second(10, 20);
    connections_a_second(50, 30);
    drop_folder();
}
END_TEST

/* Look-ups that find the entry in a cache of 1,024, all of one set, once it is warm. */
static void hits(uint32_t copies, int64_t *looked, int64_t *fetched) {
    struct app_scenario s;
    run_capture(&s, quickstart,
                (struct how){", 'ways': 1024, 'cache_entries': 1024", looped(copies, 0), "50ms",
                             "10ms"});
    *looked = counter(&s, "passed");
    *fetched = counter(&s, "fetches");
    ck_assert_int_gt(*looked, 10 * PASSES_A_MS * PACKETS);
    ck_assert_int_eq(counter(&s, "new") + counter(&s, "invalid"), 0);
    app_scenario_free(&s);
}

/* Least recently used: a connection of n packets comes again after K / n passes, and is still
 * there when fewer than 1,024 others came in between. Ten long ones of the 31 have 1,789 of
 * the 2,004 packets, 170 or more each; the others, 17 at most. */
START_TEST(a_cache_hits_as_its_arithmetic_says) {
    int64_t looked, fetched;
    make_folder();
    hits(30, &looked, &fetched); /* 930 connections: all are there */
    ck_assert_int_eq(fetched, 0);
    hits(60, &looked, &fetched); /* the long ones after 600 and some; the others after 1,500 */
    ck_assert_int_ge(fetched * PACKETS, looked * (PACKETS - 1789 - 10));
    ck_assert_int_le(fetched * PACKETS, looked * (PACKETS - 1789 + 10));
    hits(240, &looked, &fetched); /* after 2,400 and more: none is */
    ck_assert_int_eq(fetched, looked);
    drop_folder();
}
END_TEST

/* Entries read from memory in 1 ms of the quickstart, 44,650 packets. */
static int64_t quickstart_reads(const char *entries, const char *flows) {
    struct app_scenario s;
    struct app_set sets[] = {{"/run/warmup", "2ms"},
                             {"/run/duration", "1ms"},
                             {"/dpu/blocks/ct/cache_entries", entries},
                             {"/streams/web/loop/concurrent_flows", flows}};
    load(&s, DPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.json", sets, 4);
    run(&s);
    int64_t reads = counter(&s, "fetches");
    app_scenario_free(&s);
    return reads;
}

/* Of 54,000 connections, long ones come again after 20,000 others. */
START_TEST(flows_and_entries_matter) {
    make_folder();
    int64_t shipped = quickstart_reads("65536", "100000");
    ck_assert_int_gt(shipped, 0);
    ck_assert_int_lt(shipped, 10000); /* short connections, the first time */
    ck_assert_int_gt(quickstart_reads("8192", "100000"), 40000);
    ck_assert_int_gt(quickstart_reads("65536", "1000000"), 40000);
    ck_assert_int_gt(quickstart_reads("1048576", "100000"), 0);
    ck_assert_int_le(quickstart_reads("1048576", "100000"), shipped);
    ck_assert_int_lt(quickstart_reads("8192", "10000"), shipped);
    drop_folder();
}
END_TEST

TEST_MAIN("connections of captures", as_many_as_tshark_counts,
          as_many_a_second_as_a_loop_renews, a_cache_hits_as_its_arithmetic_says,
          flows_and_entries_matter)
