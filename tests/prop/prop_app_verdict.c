/* prop_app_verdict.c - what a plain run says of its bottleneck is not contradicted by runs in
 * which each suspect is doubled: what it names as the wall brings most, to within 1 %, or it
 * names several and what brings most is among them, or it says that nothing does.
 */
#include "sim/app/why.h"
#include "unit/app_run.h"

#define SCENARIOS DPUSIM_SOURCE_DIR "/configs/scenarios/"
#define CASES     DPUSIM_SOURCE_DIR "/configs/validation/scenarios/"
#define PCIE      "/dpu/blocks/pcie/"
#define MEMORY    "/dpu/blocks/memory/"
#define DMA       "/streams/dma/"
#define EGRESS    "/dpu/blocks/egress/"
#define BRINGS    0.01

static struct app_scenario s;

static bool is_in(const json_t *list, const json_t *one) {
    size_t i;
    json_t *o;
    json_array_foreach(
        list, i,
        o) if (json_equal(json_object_get(o, "component"), json_object_get(one, "component")) &&
               json_equal(json_object_get(o, "resource"),
                          json_object_get(one, "resource"))) return true;
    return false;
}

/* The row of `doubled` that brings most; of two that bring as much the one that is named. */
static const json_t *best_of(const json_t *doubled, const json_t *named) {
    const json_t *best = NULL;
    double most = 0;
    size_t i;
    json_t *o;
    json_array_foreach(doubled, i, o) {
        double gain = json_number_value(json_object_get(o, "gain_ratio"));
        if (gain < BRINGS)
            continue;
        json_t *one = json_pack("[O]", o);
        gain += is_in(one, named) ? BRINGS : 0;
        json_decref(one);
        if (gain < most)
            continue;
        most = gain;
        best = o;
    }
    return best;
}

static bool is_kind(const json_t *o, const char *kind) {
    return strcmp(json_string_value(json_object_get(o, "kind")), kind) == 0;
}

/* Twice as much of one thing brings twice as many packets at most, and bytes not much more: a
 * full queue of bytes loses the large ones. Four times as much would show. */
static bool is_twice(const json_t *doubled) {
    size_t i;
    json_t *o;
    json_array_foreach(doubled, i, o) if (json_number_value(json_object_get(o, "gain_ratio")) >
                                          1.75) return false;
    return true;
}

/* Is what a run says borne out? */
static bool agrees(const json_t *plain, const json_t *proven) {
    const json_t *shared = json_object_get(plain, "shared");
    const json_t *best = best_of(json_object_get(proven, "doubled"), plain);
    bool claims =
        !is_kind(plain, "offered-load") && !json_is_true(json_object_get(plain, "passed_by"));
    if (!claims || best == NULL)
        return best == NULL && (!claims || shared != NULL);
    json_t *named = shared != NULL ? json_incref((json_t *)shared) : json_pack("[O]", plain);
    bool in = is_in(named, best);
    json_decref(named);
    return in;
}

/* Runs a file with "POINTER=VALUE", .., NULL set, and proves. */
static void judge(const char *file, const char *const *sets) {
    struct app_run_args a = {.scenario = file, .quiet = true};
    struct sim_err err = {0};
    for (; sets[a.sets] != NULL; a.sets++) {
        char *at = strdup(sets[a.sets]), *value = strchr(at, '=');
        *value = 0;
        a.set[a.sets] = (struct app_set){at, value + 1};
    }
    load(&s, file, a.set, a.sets);
    run(&s);
    json_t *summary = summary_of(&s);
    json_t *plain = json_deep_copy(json_object_get(summary, "bottleneck"));
    ck_assert_int_eq(app_why(&s, &a, false, summary, &err), APP_EXIT_DONE);
    json_t *proven = json_object_get(summary, "bottleneck");
    ck_assert_msg(agrees(plain, proven), "%s %s: %s\n%s", file, sets[0],
                  json_dumps(plain, JSON_INDENT(1)), json_dumps(proven, JSON_INDENT(1)));
    ck_assert_msg(is_twice(json_object_get(proven, "doubled")), "%s %s: %s", file, sets[0],
                  json_dumps(proven, JSON_INDENT(1)));
    json_decref(plain);
    json_decref(summary);
    app_scenario_free(&s);
    for (size_t i = 0; i < a.sets; i++)
        free((char *)a.set[i].pointer);
}

enum { SETS = 9 };

static void judge_all(const char *file, const char *const (*list)[SETS], size_t n) {
    make_folder();
    for (size_t i = 0; i < n; i++)
        judge(file, list[i]);
    drop_folder();
}
#define JUDGE(file, list) judge_all(file, list, sizeof list / sizeof *list)

/* Tags, credits, the depth of the loop, and the memory against one link. */
START_TEST(a_link) {
    static const char *const list[][SETS] = {
        {"/run/duration=1ms", DMA "op=read", DMA "bytes=4096", PCIE "tags=8"},
        {"/run/duration=1ms", DMA "op=read", DMA "bytes=4096", PCIE "tags=4"},
        {"/run/duration=1ms", DMA "op=read", DMA "bytes=256", PCIE "tags=8"},
        {"/run/duration=1ms", DMA "op=read", PCIE "tags=16"},
        {"/run/duration=1ms", DMA "op=read", DMA "in_flight=2KiB"},
        {"/run/duration=1ms", DMA "op=read", DMA "bytes=16384", DMA "outstanding=1"},
        {"/run/duration=1ms", DMA "op=both", DMA "in_flight=4KiB"},
        {"/run/duration=1ms", DMA "op=both", PCIE "mps_bytes=512", DMA "bytes=2048"},
        {"/run/duration=1ms", DMA "op=both", PCIE "tags=2", DMA "bytes=4096"},
        {"/run/duration=1ms", DMA "op=write", PCIE "posted_headers=5"},
        {"/run/duration=1ms", DMA "op=write", PCIE "posted_headers=7"},
        {"/run/duration=1ms", DMA "op=read", MEMORY "bandwidth=60Gb/s", DMA "bytes=1024"},
        {"/run/duration=1ms", DMA "op=read", MEMORY "bandwidth=56Gb/s", DMA "bytes=1024"},
        {"/run/duration=1ms", DMA "op=read", MEMORY "read_latency=1us", PCIE "tags=24"},
    };
    JUDGE(SCENARIOS "pcie-dma.json", list);
}
END_TEST

/* A card whose engine, tags, link and the host's walkers are nearly as full. */
START_TEST(a_card_in_balance) {
    static const char *const list[][SETS] = {
        {"/run/duration=300us", DMA "op=read", MEMORY "iommu=true", DMA "window=512KiB"},
        {"/run/duration=300us", DMA "op=read", MEMORY "iommu=true", DMA "window=64MiB"},
        {"/run/duration=300us", DMA "op=read", MEMORY "iommu=true", DMA "window=512KiB",
         MEMORY "walkers=2"},
        {"/run/duration=300us", DMA "op=read"},
        {"/run/duration=300us", DMA "op=write"},
        {"/run/duration=300us", DMA "op=both"},
        {"/run/duration=300us", DMA "op=both", DMA "bytes=256"},
        {"/run/duration=300us", DMA "op=read", DMA "bytes=512", "/dpu/blocks/dma/reads=16"},
    };
    JUDGE(CASES "nfp-broadwell.json", list);
}
END_TEST

/* What is offered: to cores, caches of contexts, engines, ports and links. */
START_TEST(packets) {
    static const char *const quick[][SETS] = {
        {"/run/duration=200us", "/run/warmup=200us"},
        {"/run/duration=200us", "/run/warmup=200us", PCIE "lanes=4"},
    };
    static const char *const tax[][SETS] = {
        {"/run/duration=100us", "/run/warmup=200us"},
    };
    static const char *const out[][SETS] = {
        {"/run/duration=500us"},
        {"/run/duration=500us", "/dpu/blocks/port1/rate=200Gb/s"},
        {"/run/duration=500us", EGRESS "rates=10Gb/s,10Gb/s"},
        {"/run/duration=500us", EGRESS "rates=10Gb/s,none"},
        {"/run/duration=500us", EGRESS "rates=none,70Gb/s"},
        {"/run/duration=500us", EGRESS "rates=40Gb/s,45Gb/s", EGRESS "latency=1us"},
        {"/run/duration=500us", EGRESS "tenant_rates=30Gb/s", EGRESS "tenant_of=0,0"},
        {"/run/duration=500us", EGRESS "by=flow", EGRESS "rates=30Gb/s,50Gb/s"},
        {"/run/duration=2ms", EGRESS "queue_bytes=64KiB", "/streams/gold/arrivals=onoff",
         "/streams/gold/burst=200", "/streams/gold/peak=200Gb/s", "/streams/gold/rate=45Gb/s",
         "/streams/bronze/rate=30Gb/s"},
        {"/run/duration=2ms", EGRESS "queue_bytes=64KiB", "/streams/gold/arrivals=onoff",
         "/streams/gold/burst=200", "/streams/gold/peak=200Gb/s", "/streams/gold/rate=50Gb/s",
         "/dpu/blocks/port1/rate=400Gb/s", EGRESS "rates=60Gb/s,none"},
    };
    static const char *const contexts[][SETS] = {
        {"/run/duration=500us"},
        {"/run/duration=500us", "/dpu/blocks/contexts/fetches=36"},
        {"/run/duration=500us", "/dpu/blocks/contexts/fetch_latency=1us"},
    };
    static const char *const keys[][SETS] = {
        {"/run/duration=500us"},
        {"/run/duration=500us", "/dpu/blocks/associations/fetches=12"},
    };
    static const char *const engines[][SETS] = {
        {"/run/duration=200us", "/streams/web/chain=inspected"},
        {"/run/duration=200us", "/dpu/blocks/ipsec/lanes=1", "/dpu/blocks/ipsec/clock=500MHz"},
    };
    static const char *const as_they_are[][SETS] = {{"/run/seed=1"}};
    JUDGE(SCENARIOS "quickstart.json", quick);
    JUDGE(SCENARIOS "host-tax.json", tax);
    JUDGE(SCENARIOS "engines.json", engines);
    JUDGE(SCENARIOS "egress.json", out);
    JUDGE(SCENARIOS "contexts.json", contexts);
    JUDGE(SCENARIOS "associations.json", keys);
    static const char *const table[][SETS] = {
        {"/run/warmup=10ms", "/run/duration=5ms", "/dpu/blocks/ct/entries=1024"},
    };
    static const char *const bursts[][SETS] = {
        {"/run/seed=1"},
        {"/streams/bursty/rate=40Gb/s"},
        {"/dpu/blocks/port0/rx_fifo=512KiB"},
        {"/dpu/blocks/port0/rx_fifo=1MiB"},
    };
    static const char *const peer[][SETS] = {
        {"/run/seed=1"},
        {"/streams/in/chain=staged"},
        {"/dpu/blocks/gpu-memory/dram_bandwidth=30GB/s"},
    };
    JUDGE(SCENARIOS "conntrack.json", table);
    JUDGE(SCENARIOS "bursts.json", bursts);
    JUDGE(SCENARIOS "peer.json", peer);
    JUDGE(CASES "xdp.json", as_they_are);
}
END_TEST

TEST_MAIN("verdicts and proofs", a_link, a_card_in_balance, packets)
