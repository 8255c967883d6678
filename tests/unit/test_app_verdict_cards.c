/* test_app_verdict_cards.c - what limited the run, on whole cards: cores that poll, memory on
 * the way, tags, another card's link; and scenarios that are shipped. */
#include "app_bounds.h"

/* The verdict on a BlueField-3 with these blocks, routes, chains, one stream and run. */
static struct app_verdict judge_card(const char *blocks, const char *routes, const char *chain,
                                     const char *stream, const char *duration) {
    char text[4096];
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3', 'blocks': { %s }, "
             "'routes': { %s } }, 'chains': { 'c': [ %s ] }, 'streams': { 's': { 'source': "
             "'synthetic', 'flows': 1000, %s, 'chain': '%s' } }, 'run': { 'warmup': '1ms', "
             "'duration': '%s' } }",
             blocks, routes, chain, stream, chain[0] ? "c" : "transmit", duration);
    if (chain[0] == 0) { /* the device's own */
        char *at = strstr(text, "'chains': { 'c': [  ] }, ");
        ck_assert_ptr_nonnull(at);
        memset(at, ' ', strlen("'chains': { 'c': [  ] }, "));
    }
    return verdict_on_text(text);
}

/* One core works 1 us and then polls for 10 us: 91 k/s of the 200 k/s that come. Its bound
 * knows of the 1 us only. First what is too much is lost, then it piles up. */
START_TEST(polling_core) {
    const char *const queue[] = {"64", "1000000"};
    for (int i = 0; i < 2; i++) {
        char blocks[256];
        snprintf(blocks, sizeof blocks,
                 "'arm': { 'cores': 1, 'queue': %s }, 'look': { 'model': 'server', 'time': "
                 "'10us', 'distribution': 'constant', 'servers': 64 }",
                 queue[i]);
        struct app_verdict v = judge_card(
            blocks,
            "'x': { 'from': 'arm', 'to': 'look' }, 'y': { 'from': 'look', 'to': 'arm' }",
            "{ 'at': 'port0', 'op': 'rx' }, { 'at': 'nic', 'op': 'parse' }, { 'at': 'arm', "
            "'op': 'work', 'cycles': 2130, 'call': { 'at': 'look' }, 'wait': 'poll' }, { 'at': "
            "'nic', 'op': 'dma' }, { 'at': 'pcie', 'op': 'write' }, { 'at': 'host', 'op': 'rx' "
            "}",
            "'packet_rate': '200k/s', 'sizes': '256'", "5ms");
        is(&v, "resource", "dpu.arm", "core0");
    }
}
END_TEST

static bool shares(const struct app_verdict *v, const char *comp, const char *resource) {
    for (uint32_t i = 0; i < v->shares; i++)
        if (strcmp(v->shared[i].b.comp->path, comp) == 0 &&
            strcmp(v->shared[i].b.resource, resource) == 0)
            return true;
    return false;
}

/* 20 M/s of packets are parsed, of which an engine takes 13.2; large packets, which it has no
 * part in, find no room in front. Its bound counts them as passing: neither alone explains what
 * comes through. Without them it is the engine, and beside few of them too. */
START_TEST(streams_that_pass_are_starved) {
    static const char *const rate[] = {"20Gb/s", "1Gb/s"};
    for (int i = 0; i < 2; i++) {
        char text[2048];
        snprintf(
            text, sizeof text,
            "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3', 'blocks': { "
            "'nic': { 'packet_rate': '20M/s' }, 'inline': { 'setup_cycles': 70, "
            "'esp-encap': 8, 'on_full': 'drop' } } }, 'chains': { 'a': [ { 'at': 'port0', "
            "'op': 'rx' }, { 'at': 'nic', 'op': 'parse' }, { 'at': 'inline', 'op': "
            "'esp-encap', 'outer': 'ipv4' }, { 'at': 'nic', 'op': 'hairpin' }, { 'at': "
            "'port0', 'op': 'tx' } ], 'b': [ { 'at': 'port0', 'op': 'rx' }, { 'at': 'nic', "
            "'op': 'parse' }, { 'at': 'nic', 'op': 'hairpin' }, { 'at': 'port0', 'op': "
            "'tx' } ] }, 'streams': { 's': { 'source': 'synthetic', 'rate': '30Gb/s', "
            "'arrivals': 'poisson', 'sizes': '64', 'flows': 64, 'chain': 'a' }, 'l': { "
            "'source': 'synthetic', 'rate': '%s', 'arrivals': 'poisson', 'sizes': '9000', "
            "'flows': 64, 'chain': 'b' } }, 'run': { 'warmup': '6ms', 'duration': '1ms' } "
            "}",
            rate[i]);
        struct app_verdict v = verdict_on_text(text);
        if (i == 1) {
            is(&v, "resource", "dpu.inline", "lanes");
            continue;
        }
        ck_assert_str_eq(v.kind, "resources");
        ck_assert(shares(&v, "dpu.nic", "parse"));
        ck_assert(shares(&v, "dpu.inline", "lanes"));
        done();
    }
}
END_TEST

/* Servers of 1 us and 900 ns, each with a stream of its own of 2 M/s and 1.3 or 1.8: doubled,
 * the first brings 1 M/s, the second 0.19 or 0.69. */
START_TEST(walls_on_separate_ways) {
    static const char *const second[] = {"1300k/s", "1800k/s"};
    for (int i = 0; i < 2; i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'x': { 'model': 'server', "
                 "'time': '1us', 'distribution': 'constant' }, 'y': { 'model': 'server', "
                 "'time': '900ns', 'distribution': 'constant' } } }, 'chains': { 'a': [ { "
                 "'at': 'x' } ], 'b': [ { 'at': 'y' } ] }, 'streams': { 's': { 'source': "
                 "'synthetic', 'packet_rate': '2M/s', 'sizes': '256', 'flows': 64, 'chain': "
                 "'a' }, 't': { 'source': 'synthetic', 'packet_rate': '%s', 'sizes': '256', "
                 "'flows': 64, 'chain': 'b' } }, 'run': { 'warmup': '1ms', 'duration': '2ms' } "
                 "}",
                 second[i]);
        struct app_verdict v = verdict_on_text(text);
        ck_assert_str_eq(v.kind, i == 0 ? "resource" : "resources");
        ck_assert_str_eq(v.comp->path, "dpu.x");
        ck_assert(shares(&v, "dpu.y", "queue") == (i == 1));
        done();
    }
}
END_TEST

/* 40 % of four cores on average, in bursts of 400 that their queues of 16 do not hold. Named is
 * the queue of the hottest core, not of any that lost. */
START_TEST(bunches_at_cores) {
    struct app_verdict v = judge_card(
        "'arm': { 'cores': 4, 'queue': 16 }", "",
        "{ 'at': 'port0', 'op': 'rx' }, { 'at': 'nic', 'op': 'parse' }, { 'at': 'arm', 'op': "
        "'work', 'cycles': 2130 }, { 'at': 'nic', 'op': 'dma' }, { 'at': 'pcie', 'op': 'write' "
        "}, { 'at': 'host', 'op': 'rx' }",
        "'packet_rate': '1600k/s', 'sizes': '256', 'arrivals': 'onoff', 'burst': 400, 'peak': "
        "'100Gb/s'",
        "10ms");
    const struct app_bound *hot = NULL;
    for (uint32_t i = 0; i < rows; i++)
        if (strncmp(bound[i].resource, "core", 4) == 0)
            hot = &bound[i];
    ck_assert_ptr_nonnull(hot);
    ck_assert_double_lt(hot->load, 0.6);
    char resource[80];
    snprintf(resource, sizeof resource, "%.5s queue (hottest of 4)", hot->resource);
    ck_assert_ptr_nonnull(strstr(v.why, "spread unevenly"));
    is(&v, "resource", "dpu.arm", resource);
}
END_TEST

/* Sixteen reads under way over a way of about 1 us: what holds all messages up is not their
 * pool.
 */
START_TEST(window_not_pool) {
    struct app_verdict v = judge_card("'pcie': { 'reads': 16 }", "", "",
                                      "'rate': '200Gb/s', 'sizes': '512'", "2ms");
    is(&v, "resource", "dpu.pcie", "reads");
}
END_TEST

/* Memory of 1 GB/s on the way of all packets to the cores, from where they come back. */
START_TEST(slow_memory) {
    struct app_verdict v = judge_card(
        "'dram': { 'bandwidth': '1GB/s' }", "",
        "{ 'at': 'port0', 'op': 'rx' }, { 'at': 'nic', 'op': 'parse' }, { 'at': 'arm', 'op': "
        "'work', 'cycles': 100 }, { 'at': 'nic', 'op': 'dma' }, { 'at': 'pcie', 'op': 'write' "
        "}, { 'at': 'host', 'op': 'rx' }",
        "'rate': '20Gb/s', 'sizes': '1500'", "2ms");
    is(&v, "resource", "dpu.dram", "access");
}
END_TEST

/* What the sender reads fits the cable; what the receiver writes, with a completion for each
 * packet, does not fit its PCIe link. */
START_TEST(the_wall_is_on_the_other_card) {
    struct app_set sets[] = {{"/streams/traffic/rate", "390Gb/s"}};
    make_folder();
    struct app_verdict v =
        verdict_on(DPUSIM_SOURCE_DIR "/configs/scenarios/two-cards.json", sets, 1);
    is(&v, "resource", "right.pcie", "to-host");
}
END_TEST

/* Only the smallest of a mix come through; without journeys nothing tells what others take. */
START_TEST(at_least) {
    struct app_set sets[] = {{"/run/sample_one_in", "0"},
                             {"/run/warmup", "1ms"},
                             {"/run/duration", "2ms"},
                             {"/dpu/blocks/pcie/lanes", "2"},
                             {"/dpu/blocks/port0/rx_fifo", "16KiB"}};
    make_folder();
    struct app_verdict v =
        verdict_on(DPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.json", sets, 5);
    ck_assert(v.least);
    is(&v, "resource", "dpu.pcie", "to-host");
}
END_TEST

/* Bursts fill a queue in any window; what waits at the end of one tells nothing of a load that
 * is below 1 on average. */
START_TEST(bursts_are_no_growth) {
    make_folder();
    for (int seed = 1; seed <= 40; seed++) {
        char number[16];
        struct app_set sets[] = {
            {"/run/warmup", "300us"}, {"/run/duration", "300us"}, {"/run/seed", number}};
        snprintf(number, sizeof number, "%d", seed);
        struct app_verdict v =
            verdict_on(DPUSIM_SOURCE_DIR "/configs/scenarios/bursts.json", sets, 3);
        ck_assert_msg(strstr(v.why, "warm-up") == NULL, "seed %d: %s", seed, v.why);
        app_scenario_free(&s);
    }
    drop_folder();
}
END_TEST

/* Every read is of a page that the IOMMU does not hold: two walkers of 330 ns let through 6.06
 * million a second. The tags wait for them. */
START_TEST(walkers_of_an_iommu) {
    struct app_set sets[] = {{"/streams/dma/op", "read"},
                             {"/streams/dma/bytes", "64"},
                             {"/streams/dma/window", "1GiB"},
                             {"/dpu/blocks/memory/iommu", "true"},
                             {"/dpu/blocks/memory/walkers", "2"}};
    make_folder();
    struct app_verdict v =
        verdict_on(DPUSIM_SOURCE_DIR "/configs/scenarios/pcie-dma.json", sets, 5);
    const struct sim_stream *st = s.stream[0].stream;
    ck_assert_double_eq_tol((double)st->delivered.items, 4e-3 * 2 / 330e-9, 30);
    is(&v, "resource", "dpu.memory", "walkers");
}
END_TEST

/* Reads of 256 bytes by DMA over Gen3 x8, 520 of them under way at all times. */
static struct app_verdict reads(const char *tags) {
    struct app_set sets[] = {{"/streams/dma/op", "read"}, {"/dpu/blocks/pcie/tags", tags}};
    make_folder();
    return verdict_on(DPUSIM_SOURCE_DIR "/configs/scenarios/pcie-dma.json", sets, 2);
}

/* A tag is kept from the request to the last completion, 518 ns, and works itself for none of
 * it: eight of them let through 31.6 of the wire's 58 Gb/s. All others of the loop wait. */
START_TEST(tags_of_a_closed_loop) {
    struct app_verdict v = reads("8");
    ck_assert_double_eq_tol(v.load, 1, 1e-3);
    ck_assert_ptr_nonnull(strstr(v.why, "and 504 messages wait for it"));
    is(&v, "resource", "dpu.pcie", "tags");
}
END_TEST

/* 64 are all kept, too, but for what waits for the wire. */
START_TEST(tags_that_wait_for_the_wire) {
    struct app_verdict v = reads("64");
    is(&v, "resource", "dpu.pcie", "from-host");
}
END_TEST

/* A GPU that reads from host memory through a link of half its width: all its tags are
 * kept, by reads that wait for that link. */
START_TEST(tags_that_wait_for_a_link) {
    struct app_set sets[] = {{"/streams/in/chain", "staged"},
                             {"/dpu/blocks/uplink/lanes", "8"},
                             {"/run/messages", "65536"}};
    make_folder();
    struct app_verdict v =
        verdict_on(DPUSIM_SOURCE_DIR "/configs/scenarios/peer.json", sets, 3);
    ck_assert_double_gt(row("dpu.gpu-link", "tags")->utilization, 0.99);
    ck_assert_ptr_nonnull(strstr(v.why, "dpu.gpu-link.tags is busy 100 % of the time only"));
    is(&v, "resource", "dpu.uplink", "to-host");
}
END_TEST

TEST_MAIN("app verdict on cards", streams_that_pass_are_starved, walls_on_separate_ways,
          polling_core, bunches_at_cores, window_not_pool, slow_memory,
          the_wall_is_on_the_other_card, at_least, bursts_are_no_growth, walkers_of_an_iommu,
          tags_of_a_closed_loop, tags_that_wait_for_the_wire, tags_that_wait_for_a_link)
