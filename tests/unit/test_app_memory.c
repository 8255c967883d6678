/* test_app_memory.c - the host's memory in whole scenarios: what pcie-bench measured of DDIO by
 * the window, how much a cache holds, orders, packets that are sent on, words without effect.
 */
#include "app_run.h"

static struct app_scenario s;
static json_t *summary;

/* Run a shipped scenario with POINTER, VALUE, ... NULL. */
static void ask(const char *file, const char *const *set) {
    struct app_set sets[16];
    size_t n = 0;
    for (; set[2 * n] != NULL; n++) {
        ck_assert_uint_lt(n, 16);
        sets[n] = (struct app_set){set[2 * n], set[2 * n + 1]};
    }
    setenv("DPUSIM_CONFIGS", DPUSIM_SOURCE_DIR "/configs", 1);
    load(&s, file, sets, n);
    run(&s);
    summary = summary_of(&s);
}
#define CONFIGS  DPUSIM_SOURCE_DIR "/configs/"
#define SET(...) ((const char *const[]){__VA_ARGS__, NULL})

static void done(void) {
    json_decref(summary);
    app_scenario_free(&s);
}

static double number(const char *pointer) {
    const json_t *v = summary;
    char path[128], *at = path;
    snprintf(path, sizeof path, "%s", pointer);
    for (char *key; (key = strsep(&at, "/")) != NULL;)
        v = json_object_get(v, key);
    ck_assert_msg(json_is_number(v), "no number %s", pointer);
    return json_number_value(v);
}

static void near(double got, double want, double tolerance, const char *what) {
    double off = got > want ? got - want : want - got;
    ck_assert_msg(off <= tolerance * want, "%s: %.6g, not %.6g", what, got, want);
}

/* A command of 8 bytes that writes a line and reads it again, one at a time: mean latency. */
static double write_then_read(const char *cache, const char *window) {
    ask(CONFIGS "validation/scenarios/nfp-broadwell.json",
        SET("/streams/dma/outstanding", "1", "/streams/dma/bytes", "8",
            "/streams/dma/chain/read", "command-write-then-read", "/streams/dma/window", window,
            "/dpu/blocks/memory/cache", cache, "/run/warmup", "100ms", "/run/duration",
            "10ms"));
    double mean = number("streams/dma/latency_s/mean") * 1e9;
    done();
    return mean;
}

/* What DDIO holds of the window is there; of the rest each write drives out another line first.
 * pcie-bench measured, in means: 549, 550, 578, 602 and 623 ns, whatever the cache's state. */
START_TEST(ddio_is_a_step_in_the_window) {
    static const struct {
        const char *window;
        double mib;
    } by[] = {{"16KiB", 0}, {"2MiB", 0}, {"4MiB", 4}, {"8MiB", 8}, {"64MiB", 64}};
    double hit = write_then_read("cold", by[0].window);
    near(hit, 549, 0.015, "measured at 16 KiB");
    for (int i = 1; i < 5; i++) {
        double miss = by[i].mib > 0 ? 1 - 2.5 / by[i].mib : 0;
        near(write_then_read("cold", by[i].window), hit + 75 * miss, 0.003, by[i].window);
        near(write_then_read("warm", by[i].window), hit + 75 * miss, 0.003, by[i].window);
    }
    near(hit + 75 * (1 - 2.5 / 64), 623, 0.01, "measured at 64 MiB");
}
END_TEST

/* Bytes that go to DRAM, of those that writes of 64 bytes to a window of a warm cache write. */
static double driven_out(const char *cache, const char *ddio, const char *window) {
    ask(CONFIGS "scenarios/pcie-dma.json",
        SET("/streams/dma/op", "write", "/streams/dma/bytes", "64", "/streams/dma/window",
            window, "/dpu/blocks/memory/llc_bytes", cache, "/dpu/blocks/memory/ddio_bytes",
            ddio, "/run/warmup", "10ms", "/run/duration", "1ms"));
    double share = number("components/dpu.memory/counters/dram_written") /
                   number("streams/dma/by_op/write/bytes");
    done();
    return share;
}

/* DDIO's part is a part of the cache: of random writes to a window that is larger, as many
 * find nothing as do not fit. */
START_TEST(a_cache_holds_what_it_has_room_for) {
    near(driven_out("4MiB", "4MiB", "8MiB"), (8 - 4) / 8., 0.01, "8 MiB of 4");
    near(driven_out("20MiB", "2MiB", "22MiB"), (22 - 20) / 22., 0.01, "22 MiB of 20");
}
END_TEST

/* Reads beside writes of a window that DDIO holds: those of lines not written yet at most. */
START_TEST(what_was_written_is_read_from_the_cache) {
    ask(CONFIGS "scenarios/pcie-dma.json",
        SET("/streams/dma/window", "1MiB", "/streams/dma/bytes", "64",
            "/dpu/blocks/memory/cache", "cold"));
    ck_assert(number("components/dpu.memory/counters/dram_read") <
              0.001 * number("streams/dma/by_op/read/bytes"));
    ck_assert(number("components/dpu.memory/counters/dram_written") == 0);
    done();
}
END_TEST

/* Bits a second of reads, eight at a time, beside as many writes of another stream. */
static double reads_beside_writes(const char *word, bool writes) {
    const char *value = word ? "true" : "false";
    ask(CONFIGS "scenarios/pcie-dma.json",
        SET("/streams/dma/bytes", "64", "/streams/dma/op", "read", "/streams/dma/outstanding",
            "8", "/streams/w",
            "{\"source\": \"dma\", \"op\": \"write\", \"bytes\": 64, \"outstanding\": 8, "
            "\"chain\": {\"write\": \"write\", \"read\": \"read\"}}",
            "/streams/w/start", writes ? "0s" : "1s", "/dpu/blocks/memory/write_latency", "2us",
            word ? word : "/dpu/blocks/memory/relaxed_ordering", value, "/run/duration",
            "1ms"));
    double rate = number("streams/dma/by_op/read/bits_per_s");
    done();
    return rate;
}

/* A read waits for the writes of all streams, relaxed or not; where requesters are told apart
 * for those of its own, and is as fast as without. */
START_TEST(reads_pass_writes_of_others_by_their_id) {
    double alone = reads_beside_writes(NULL, false), strict = reads_beside_writes(NULL, true);
    near(reads_beside_writes("/dpu/blocks/memory/relaxed_ordering", true), strict, 0,
         "relaxed");
    near(reads_beside_writes("/dpu/blocks/memory/id_based_ordering", true), alone, 0.02,
         "by ID");
    ck_assert_msg(strict < alone / 3, "%g, and alone %g", strict, alone);
}
END_TEST

/* Writes of random pages of which the IOTLB has a few: a look-up holds those behind it, and
 * relaxed it does not, so that as many under way are more a second. */
START_TEST(relaxed_writes_do_not_wait_for_look_ups) {
    double rate[2];
    for (int i = 0; i < 2; i++) {
        ask(CONFIGS "scenarios/pcie-dma.json",
            SET("/streams/dma/bytes", "64", "/streams/dma/op", "write",
                "/streams/dma/outstanding", "16", "/streams/dma/window", "512KiB",
                "/dpu/blocks/memory/iommu", "true", "/dpu/blocks/memory/walkers", "64",
                "/dpu/blocks/memory/relaxed_ordering", i ? "true" : "false", "/run/duration",
                "1ms"));
        rate[i] = number("streams/dma/by_op/write/bits_per_s");
        done();
    }
    ck_assert_msg(rate[1] > 1.1 * rate[0], "%g, relaxed %g", rate[0], rate[1]);
}
END_TEST

static bool unused(const char *name) {
    char path[96];
    const json_t *v;
    size_t i;
    snprintf(path, sizeof path, "/dpu/blocks/memory/%s", name);
    json_array_foreach(json_object_get(summary, "unused_parameters"), i,
                       v) if (strcmp(json_string_value(v), path) == 0) return true;
    return false;
}

/* What is stated and does nothing is listed: rings where no packets are, the size of a cold
 * cache, what writes do to it, orders of writes that there are none of or that none used. */
START_TEST(words_without_effect_are_listed) {
    static const char *const word[][2] = {
        {"buffers", "77"},         {"buffer_bytes", "4KiB"},     {"llc_bytes", "64MiB"},
        {"write_update", "false"}, {"relaxed_ordering", "true"}, {"id_based_ordering", "true"}};
    /* reads of a warm cache; writes of a cold one; of a warm one, with look-ups */
    static const char listed[3][7] = {"yynyyy", "yyyyyy", "yynnny"};
    for (int run = 0; run < 3; run++)
        for (int i = 0; i < 6; i++) {
            char at[96];
            snprintf(at, sizeof at, "/dpu/blocks/memory/%s", word[i][0]);
            ask(CONFIGS "scenarios/pcie-dma.json",
                SET("/streams/dma/op", run ? "write" : "read", "/streams/dma/window", "1MiB",
                    "/dpu/blocks/memory/cache", run == 1 ? "cold" : "warm",
                    "/dpu/blocks/memory/iommu", run == 2 ? "true" : "false", "/run/warmup",
                    "10us", "/run/duration", "100us", at, word[i][1]));
            ck_assert_msg(unused(word[i][0]) == (listed[run][i] == 'y'), "run %d, %s", run,
                          word[i][0]);
            done();
        }
}
END_TEST

/* A ring of 32 MiB, of which DDIO holds 2 MiB: all that comes in, with a line of completion for
 * each packet, drives out as much, and what is sent on at once is in the cache, in however many
 * reads; what the host made itself is not. */
static void forwarded(const char *chain, const char *mrrs, bool hits) {
    char text[2048];
    snprintf(
        text, sizeof text,
        "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'connectx-7', 'blocks': { 'pcie': { "
        "'mrrs_bytes': %s } } }, 'chains': { 'forward': [ { 'at': 'port0', 'op': 'rx' }, { "
        "'at': 'nic', 'op': 'parse' }, { 'at': 'nic', 'op': 'dma' }, { 'at': 'pcie', 'op': "
        "'receive' }, { 'at': 'host', 'op': 'rx' }, { 'goto': 'transmit' } ] }, 'streams': { "
        "'s': { 'source': 'synthetic', 'packet_rate': '2M/s', 'sizes': '1518', 'chain': '%s' } "
        "}, 'run': { 'warmup': '1ms', 'duration': '1ms' } }",
        mrrs, chain);
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
    summary = summary_of(&s);
    near(number("components/dpu.memory/counters/dram_read"), hits ? 0 : 2000 * 24 * 64, 0.01,
         "read");
    near(number("components/dpu.memory/counters/dram_written"), hits ? 2000 * 25 * 64 : 0, 0.01,
         "written");
    done();
}

START_TEST(what_is_sent_on_is_in_the_cache) {
    make_folder();
    forwarded("forward", "512", true);
    forwarded("forward", "4096", true);
    forwarded("transmit", "512", false);
    drop_folder();
}
END_TEST

/* What a DMA is cut into lies one behind the other: 8 KiB at random in 64 MiB are two pages,
 * each looked up by the one walker. */
START_TEST(pieces_lie_one_behind_the_other) {
    static const char *const op[] = {"read", "write"};
    for (int i = 0; i < 2; i++) {
        ask(CONFIGS "scenarios/pcie-dma.json",
            SET("/streams/dma/op", op[i], "/streams/dma/bytes", "8192", "/streams/dma/window",
                "64MiB", "/dpu/blocks/memory/iommu", "true", "/dpu/blocks/memory/walkers", "1",
                "/dpu/blocks/memory/walk_latency", "2us", "/run/warmup", "100us",
                "/run/duration", "1ms"));
        near(number("streams/dma/delivered/bits_per_s"), 8192 * 8 / 4e-6, 0.02, op[i]);
        near(number("components/dpu.memory/counters/walks"), 500, 0.02, op[i]);
        done();
    }
}
END_TEST

/* Each queue of each function has buffers and rings of its own, in pages of its own: four
 * functions of one queue keep their pages in the IOTLB of 64, of 64 queues they miss the
 * packet's, its completion's and each batch's descriptors'. */
START_TEST(queues_have_pages_of_their_own) {
    static const char *const queues[] = {"1", "64"};
    double walks[2];
    for (int i = 0; i < 2; i++) {
        ask(CONFIGS "scenarios/functions.json",
            SET("/dpu/blocks/host/queues", queues[i], "/dpu/blocks/memory/walkers", "32",
                "/dpu/blocks/memory/walk_latency", "1ns", "/streams/out2/rate", "1Mb/s",
                "/streams/out3/rate", "1Mb/s", "/run/warmup", "200us", "/run/duration", "1ms"));
        double packets = number("components/dpu.pcie/ports/to-host/items");
        walks[i] = number("components/dpu.memory/counters/walks") / packets;
        done();
    }
    ck_assert_double_lt(walks[0], 0.6);
    ck_assert_double_gt(walks[1], 1.6);
    ck_assert_double_lt(walks[1], 2.4);
}
END_TEST

/* A batch that no ring holds is told of where the ring is stated. */
START_TEST(rings_that_are_too_short_are_told_of) {
    static const char *const buffers[] = {"2", "1024"};
    for (int i = 0; i < 2; i++) {
        ask(CONFIGS "scenarios/functions.json",
            SET("/dpu/blocks/memory/buffers", buffers[i], "/run/warmup", "20us",
                "/run/duration", "100us"));
        char *text = app_report_text(summary, APP_PLAIN);
        bool told = strstr(text, "/dpu/blocks/memory/buffers: a batch has more entries than a "
                                 "ring has") != NULL;
        free(text);
        ck_assert(told == (i == 0));
        done();
    }
}
END_TEST

TEST_MAIN("app memory", rings_that_are_too_short_are_told_of, queues_have_pages_of_their_own,
          pieces_lie_one_behind_the_other, ddio_is_a_step_in_the_window,
          a_cache_holds_what_it_has_room_for, what_was_written_is_read_from_the_cache,
          reads_pass_writes_of_others_by_their_id, relaxed_writes_do_not_wait_for_look_ups,
          words_without_effect_are_listed, what_is_sent_on_is_in_the_cache)
