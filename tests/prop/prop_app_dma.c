/* prop_app_dma.c - random links: reads, writes and both kinds, cut by size, with and without a
 * DMA engine in front and tags that poll, beside packets that are received and sent over the
 * same link. One result in every form.
 */
#include "tests/prop/app_forms.h"

enum { SCENARIOS = 150 };

/* Coarse: a byte takes 500 ps of the link and all else whole nanoseconds, so that much happens
 * at the same picosecond. */
static bool coarse;

static void link_block(void) {
    static const uint32_t size[] = {128, 256, 512, 1024};
    say("'pcie': { 'model': 'pcie', 'gen': %u, 'lanes': %u, 'mps_bytes': %u, 'mrrs_bytes': %u",
        coarse ? 1 : 1 + below(5), coarse ? 8 : 1u << below(5), size[below(3)], size[below(4)]);
    say(", 'tags': %u, 'queue': %u, 'latency_to_host': '%uns', 'latency_from_host': '%uns'",
        1 + below(12), below(2) ? 0 : 2 + below(40), below(200), below(200));
    say(", 'dllp': '%s', 'dllp_bytes': %u, 'skp_bytes': %u, 'rcb_bytes': %u",
        below(3) ? "generated" : "reserved", coarse ? 0 : below(2) * 8,
        coarse ? 0 : below(2) * 4, below(2) * 64);
    if (below(2))
        say(", 'posted_headers': %u, 'posted_data_bytes': %u, 'credit_latency': '%uns'",
            below(2) * (1 + below(8)), 512 + below(4096), below(300));
    if (below(2))
        say(", 'nonposted_headers': %u", 1 + below(4));
    say(", 'reads': %u, 'ring': %u, 'descriptor_batch': %u, 'completion_bytes': %u",
        1 + below(8), below(2) * (2 + below(10)), 1 + below(4), 64 * below(2));
    say(", 'interrupt_batch': %u, 'tx_completion_batch': %u, 'doorbell_batch': %u, "
        "'pad_bytes': %u",
        below(4), 1 + below(4), 1 + below(6), 64 * below(3));
    if (below(2))
        say(", 'channels': %u", 1 + below(4));
    if (below(3) == 0)
        say(", 'completion_headers': %u, 'completion_data_bytes': %u",
            below(2) * (1 + below(8)), 1024 + below(4096));
    say(" }");
}

static void memory_block(void) {
    say(", 'memory': { 'model': 'hostmemory', 'cache': '%s', 'bandwidth': '%uGb/s', "
        "'dram_bandwidth': '%uGb/s', 'llc_bytes': '64KiB', 'ddio_bytes': '%uKiB', "
        "'relaxed_ordering': %s, 'read_latency': '%uns', 'write_latency': '%uns'",
        below(2) ? "warm" : "cold", coarse ? 64 : 10 + below(500),
        coarse ? 32 : 10 + below(100), 4 * (1 + below(15)), below(2) ? "true" : "false",
        below(300), below(300));
    if (below(2))
        say(", 'iommu': true, 'iotlb_entries': %u, 'iotlb_ways': 1, 'walkers': %u, "
            "'walk_latency': '%uns'",
            1 + below(16), 1 + below(3), below(400));
    say(" }");
}

static void engine_block(void) {
    uint32_t burst = below(20);
    say(", 'dma': { 'model': 'dma', 'reads': %u, 'write_issue': '%uns', 'overhead': '%uns', "
        "'load_latency': '%uns', 'burst': '%uns', 'bus_burst': '%uns' }",
        1 + below(20), below(30), below(60), below(60), burst, below(burst + 1));
    for (uint32_t i = 0; i < 2; i++)
        say(", 's%u': { 'model': 'server', 'distribution': '%s', 'time': '%uns', 'queue': %u, "
            "'on_full': '%s' }",
            i, below(2) ? "constant" : "exponential", 10 + below(200),
            below(3) ? 4 + below(20) : 0, below(2) ? "wait" : "drop");
}

static void routes(void) {
    say(" }, 'routes': { 'all': { 'from': ['s0', 's1', 'dma'], 'to': ['pcie', 's0', 's1'], "
        "'delay': '%uns' }, 'back': { 'from': 'pcie', 'to': ['dma', 's0'] }, 'write': { "
        "'from': 'pcie', 'to': 'memory' }, 'host': { 'from': 'pcie', 'to': 's1', 'via': [{ "
        "'at': 'memory', 'op': 'write' }] }, 'read': { 'from': 'pcie', 'to': 'memory', 'op': "
        "'read', 'via': [{ 'at': 'pcie', 'op': 'request' }] }, 'data': { 'from': 'memory', "
        "'to': 'pcie', 'via': [{ 'at': 'pcie', 'op': 'completion' }] } } } }, ",
        1 + below(5));
}

/* How a chain asks for data: in requests of MRRS, of any size, so many, or of all at once. */
static void asks(void) {
    static const char *const split[] = {"'each': 'mrrs_bytes'", "'each': '100B'", "'into': 2",
                                        "'each': '1KiB'"};
    say("'split': {%s, 'chain': 'request'}", split[below(4)]);
}

static void chains(void) {
    say("'chains': { 'request': [ {'at': 'pcie', 'op': 'read', 'call': {'at': 'memory', 'op': "
        "'read'}, 'wait': 'poll'} ], ");
    say("'fetch': [ {'at': 'pcie', ");
    asks();
    say("}, {'at': 'dma', 'op': 'store'} ], ");
    say("'direct': [ {'at': 'pcie', ");
    asks();
    say("}, {'end': 'reply'} ], 'engine': [ {'at': 'dma', 'op': 'read', 'split': {'into': %u, "
        "'chain': 'fetch'}, 'wait': 'poll', 'complete': {'op': 'finish'}}, {'end': 'reply'} "
        "], ",
        1 + below(2));
    say("'posted': [ {'at': 'dma', 'op': 'write'}, {'at': 'dma', 'op': 'load'}, {'at': 'pcie', "
        "'op': 'write'}, {'at': 'memory', 'op': 'write'}, {'end': 'reply'} ], ");
    say("'plain': [ {'at': 'pcie', 'op': 'write'}, {'at': 'memory', 'op': 'write'}, {'end': "
        "'reply'} ], ");
    say("'receive': [ {'at': 's0'}, {'at': 'pcie', 'op': 'receive'}, {'at': 's1'} ], ");
    say("'transmit': [ {'at': 's1'}, {'at': 'pcie', 'op': 'transmit', 'doorbell': %s, ",
        below(2) ? "true" : "false");
    asks();
    say(", 'wait': 'poll', 'complete': {'op': 'transmitted'}}, {'at': 's0'} ] }, ");
}

static void streams(uint32_t n) {
    static const char *const op[] = {"read", "write", "both"};
    static const char *const way[] = {"receive", "transmit"};
    say("'streams': { ");
    for (uint32_t i = 0; i < n; i++) {
        say("%s's%u': { ", i ? ", " : "", i);
        if (below(3))
            say("'source': 'dma', 'op': '%s', 'bytes': %u, 'outstanding': %u, 'think': '%uns', "
                "'window': '%uKiB', 'pattern': '%s', 'chain': { 'write': '%s', 'read': '%s' } "
                "}",
                op[below(3)], coarse ? 64 * (1 + below(12)) : 1 + below(3) * below(1500),
                1 + below(24), below(3) * below(100), 8u << below(8),
                below(2) ? "random" : "sequential", below(2) ? "posted" : "plain",
                below(2) ? "engine" : "direct");
        else
            say("'source': 'synthetic', 'sizes': '64:1,700:1', 'flows': 16, 'chain': '%s', "
                "'arrivals': '%s', 'packet_rate': '%uk/s' }",
                way[below(2)], below(2) ? "poisson" : "constant", 200 + below(4000));
    }
}

static void make(uint32_t seed) {
    used = 0;
    coarse = below(2);
    say("{ 'dpusim': 1, 'name': 'random', 'dpu': { 'device': { 'name': 'r', 'blocks': { ");
    link_block();
    memory_block();
    engine_block();
    routes();
    chains();
    streams(1 + below(3));
    say(" }, 'run': { 'warmup': '5us', 'duration': '40us', 'drain': '%uus', 'seed': %u, "
        "'messages': 4096 } }",
        below(2) * below(10), seed);
}

/* A read that is taken up 10 ns after a write comes back at the same picosecond, again and
 * again: which of the two replies is heard first decides nothing. */
static void make_replies(uint32_t seed) {
    used = 0;
    say("{ 'dpusim': 1, 'name': 'replies', 'dpu': { 'blocks': { 'c': { 'model': 'server', "
        "'distribution': 'constant', 'time': '10ns', 'queue': 0 }, 'a': { 'model': 'server', "
        "'distribution': 'constant', 'servers': 8, 'time': '100ns', 'queue': 0 }, 'b': { "
        "'model': 'server', 'distribution': 'constant', 'servers': 8, 'time': '90ns', "
        "'queue': 0 } }, 'routes': { 'all': { 'from': 'c', 'to': ['a', 'b'] } } }, 'chains': { "
        "'w': [ {'at': 'c'}, {'at': 'a'}, {'end': 'reply'} ], 'r': [ {'at': 'c'}, {'at': 'b'}, "
        "{'end': 'reply'} ] }, 'streams': { 's': { 'source': 'dma', 'op': 'both', 'bytes': 64, "
        "'outstanding': %u, 'think': '%uns', 'chain': { 'write': 'w', 'read': 'r' } } }, "
        "'run': { 'warmup': '1us', 'duration': '20us' } }",
        2 + seed, 50 * (seed % 3));
}

START_TEST(replies_at_a_time) { forms_agree_on(8, make_replies); }
END_TEST

/* Over a cable to another card and back: what is no packet is of no protocol, and takes the row
 * that all take. */
static void make_cable(uint32_t seed) {
    used = 0;
    say("{ 'dpusim': 1, 'name': 'cable', 'nodes': { 'left': { 'blocks': { 'port': { 'model': "
        "'ethernet', 'rate': '100Gb/s' } }, 'ingress': { 'port': [ { 'chain': 'home' } ] } }, "
        "'right': { 'blocks': { 'port': { 'model': 'ethernet', 'rate': '100Gb/s' } }, "
        "'ingress': { 'port': [ { 'protocol': 'roce', 'chain': 'lost' }, { 'protocol': 'udp', "
        "'chain': 'lost' }, { 'chain': 'turn' } ] } } }, 'links': { 'cable': { 'ends': [ "
        "'left.port', 'right.port' ], 'delay': '%uns' } }, 'chains': { 'go': [ {'at': 'port', "
        "'op': 'tx'} ], 'turn': [ {'at': 'port', 'op': 'link-rx'}, {'at': 'port', 'op': 'tx'} "
        "], 'lost': [ {'at': 'port', 'op': 'link-rx'}, {'end': 'drop'} ], 'home': [ {'at': "
        "'port', 'op': 'link-rx'}, {'end': 'reply'} ] }, 'streams': { 's': { 'source': 'dma', "
        "'node': 'left', 'op': 'both', 'bytes': 512, 'outstanding': %u, 'chain': { 'write': "
        "'go', 'read': 'go' } } }, 'run': { 'warmup': '1us', 'duration': '40us' } }",
        1 + 100 * seed, 1 + 7 * seed);
}

START_TEST(over_a_cable) { forms_agree_on(3, make_cable); }
END_TEST

START_TEST(forms_agree) { forms_agree_on(SCENARIOS, make); }
END_TEST

TEST_MAIN("app forms of DMA", replies_at_a_time, over_a_cable, forms_agree)
