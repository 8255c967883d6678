/* laws_blocks.h - the laws of the card's blocks, but for what works on bytes (laws_bytes.h):
 * one row an operation and regime, the expected times written down from the parameters beside
 * them.
 */
#ifndef LAWS_BLOCKS_TEST_H
#define LAWS_BLOCKS_TEST_H

#include "laws.h"

/* 300 million a second: 10,000 ps for three. */
#define NIC_RATE "'packet_rate': '300M/s', 'stage_latency': '50ns', 'dma_latency': '70ns'"
#define NIC_BUSY                                                                               \
    { 10000, 3 }
#define MANY     .flows = 1 << 20              /* so that each packet is of a flow of its own */
#define EDGE(ps) (CEIL((ps) + 1, NS) * NS - 1) /* in at 1 ps, out at an edge of 1 GHz */

static const struct law laws_nic[] = {
    {"nic", "parse", NIC_RATE ", 'parse_latency': '40500ps'", .busy = NIC_BUSY,
     .latency = EDGE(40500)},
    {"nic", "flow", NIC_RATE ", 'cache_entries': 0", "'stages': 3", .busy = NIC_BUSY,
     .latency = 3 * 50 * NS},
    /* nothing is known, so all of it is read: 4 at a time, 400 ns each */
    {"nic", "flow", NIC_RATE ", 'cache_entries': 8, 'fetches': 4, 'fetch_latency': '400ns'",
     .busy = {400 * NS / 4, 1}, .latency = (50 + 400) * NS, .burst = 4, .full = "fetches",
     MANY},
    {"nic", "flow-insert", NIC_RATE ", 'insert_rate': '2M/s', 'insert_latency': '7us'",
     .busy = {500 * NS, 1}, .latency = 7 * US, MANY},
    {"nic", "flow-insert", NIC_RATE ", 'insert_latency': '7us'", .busy = NIC_BUSY,
     .latency = 50 * NS}, /* known, but for the first */
    {"nic", "vxlan-encap", NIC_RATE, "'stages': 2", .busy = NIC_BUSY, .latency = 2 * 50 * NS},
    {"nic", "vxlan-decap", NIC_RATE, "'stages': 2", "{ 'at': 'n', 'op': 'vxlan-encap' },",
     .busy = NIC_BUSY, .latency = 2 * 50 * NS},
    {"nic", "geneve-encap", NIC_RATE, .busy = NIC_BUSY, .latency = 50 * NS},
    {"nic", "geneve-decap", NIC_RATE, NULL, "{ 'at': 'n', 'op': 'geneve-encap' },",
     .busy = NIC_BUSY, .latency = 50 * NS},
    {"nic", "nat", NIC_RATE, "'stages': 4", .busy = NIC_BUSY, .latency = 4 * 50 * NS},
    {"nic", "meter", NIC_RATE, "'rate': '10Tb/s', 'burst': '1MiB'", .busy = NIC_BUSY,
     .latency = 50 * NS},
    {"nic", "meter", NIC_RATE, "'rate': '10Gb/s', 'burst': '1518B', 'mode': 'shape'",
     .busy = {LINE(FRAME, 10 * PER_S / 1000)}, .latency = 50 * NS},
    {"nic", "rss", NIC_RATE, .busy = NIC_BUSY, .latency = 50 * NS},
    {"nic", "dma", NIC_RATE, .busy = NIC_BUSY, .latency = 70 * NS},
    {"nic", "hairpin", NIC_RATE, .busy = NIC_BUSY, .latency = 50 * NS},
    {"nic", "send", NIC_RATE, .busy = NIC_BUSY, .latency = 50 * NS},
    {"nic", "switch", NIC_RATE, .busy = NIC_BUSY, .latency = 50 * NS},
    {"nic", "checksum", NIC_RATE, .busy = NIC_BUSY, .latency = 50 * NS},
    /* what is no TCP waits for nothing */
    {"lro", "gather", "'rate': '300M/s', 'latency': '60ns'", .busy = NIC_BUSY,
     .latency = CEIL(10000, 3) + 60 * NS},
    {.model = NULL}};

#define CT "'rate': '300M/s', 'latency': '60ns'"

static const struct law laws_tables[] = {
    {"acl", "match", "'rules': 'acl.json', 'rate': '200M/s', 'latency': '60ns'",
     .busy = {5 * NS, 1}, .latency = 60 * NS},
    /* a mask each: all three are tried */
    {"acl", "match",
     "'rules': 'acl.json', 'rate': '300M/s', 'latency': '60ns', "
     "'table': 'masks'",
     .busy = {3 * 10000, 3}, .latency = 3 * 60 * NS},
    /* a hash, a TCAM, and two accesses for the longest prefix */
    {"acl", "match",
     "'rules': 'acl.json', 'rate': '300M/s', 'latency': '60ns', "
     "'table': 'kinds', 'lpm_accesses': 2",
     .busy = {4 * 10000, 3}, .latency = 4 * 60 * NS},
    {"acl", "match",
     "'rules': 'acl.json', 'rate': '300M/s', 'latency': '60ns', "
     "'table': 'tcam'",
     .busy = {10000, 3}, .latency = 60 * NS},
    {"conntrack", "track", CT, .busy = {10000, 3}, .latency = 60 * NS},
    {"conntrack", "track", CT ", 'cache_entries': 8, 'fetches': 4, 'fetch_latency': '400ns'",
     .busy = {400 * NS / 4, 1}, .latency = (60 + 400) * NS, .burst = 4, .full = "fetches",
     MANY},
    {"conntrack", "insert",
     CT ", 'insert_when': 'new', 'insert_rate': '2M/s', "
        "'insert_latency': '7us', 'cache_entries': 0",
     NULL, "{ 'at': 'x', 'op': 'track' },", .busy = {500 * NS, 1}, .latency = 7 * US, MANY},
    {"conntrack", "insert", CT, .busy = {10000, 3}, .latency = 60 * NS}, /* nothing to insert */
    {"context", "look-up", CT, .busy = {10000, 3}, .latency = 60 * NS},
    {"context", "look-up", CT ", 'qp_entries': 8, 'fetches': 4, 'fetch_latency': '400ns'",
     .busy = {400 * NS / 4, 1}, .latency = (60 + 400) * NS, .burst = 4, .full = "fetches",
     MANY},
    {"megaflow", "switch",
     "'threads': 1, 'clock': '1GHz', 'emc_cycles': 300, "
     "'emc_insert_inv': 1",
     .busy = {300 * NS, 1}, .latency = 300 * NS, .wait = NS - 1},
    {"megaflow", "switch",
     "'threads': 1, 'clock': '1GHz', 'emc_cycles': 300, "
     "'emc_entries': 0, 'subtables': 1, 'subtable_cycles': 130",
     .busy = {430 * NS, 1}, .latency = 430 * NS, .wait = NS - 1},
    {"megaflow", "switch",
     "'threads': 1, 'clock': '1GHz', 'emc_cycles': 300, 'match': 'tuple', "
     "'subtables': 5, 'subtable_cycles': 130, 'upcall_cycles': 2000",
     .busy = {2950 * NS, 1}, .latency = 2950 * NS, .wait = NS - 1, MANY},
    {.model = NULL}};

/* 100 ns, for whoever waits for it, 8 at a time */
#define PLACE                                                                                  \
    ", 'm': { 'model': 'server', 'time': '100ns', 'distribution': 'constant', "                \
    "'servers': 8 }"
#define LINES 24 /* of 64 bytes, in a frame */

static const struct law laws_memory[] = {
    {"mesh", "carry", "'bandwidth': '64GB/s', 'latency': '40ns', 'clock': '1GHz'",
     .busy = {LINE(FRAME, 512 * PER_S / 1000)},
     .latency = EDGE(LINE_PS(LINE(FRAME, 512 * PER_S / 1000)) + 40 * NS)},
    {"dram", "read",
     "'bandwidth': '80GB/s', 'efficiency': 0.8, 'read_latency': '60ns', "
     "'clock': '1GHz'",
     .busy = {LINES * NS, 1}, .latency = EDGE((LINES + 60) * NS)},
    {"dram", "write",
     "'bandwidth': '80GB/s', 'efficiency': 0.8, 'write_latency': '10ns', "
     "'clock': '1GHz'",
     .busy = {LINES * NS, 1}, .latency = EDGE((LINES + 10) * NS)},
    /* a core misses ten lines and overlaps two: four more rounds of what it sees */
    {"dram", "fill",
     "'bandwidth': '64GB/s', 'efficiency': 1, 'read_latency': '60ns', "
     "'clock': '1GHz'",
     .chain =
         "{ 'at': 'a', 'op': 'work', 'cycles': 10, 'memory_accesses': "
         "10, 'working_set': '1GiB', 'call': { 'at': 'x', 'op': 'fill' }, 'wait': 'poll' }",
     .blocks = ", 'a': { 'model': 'cores', 'cores': 1, 'clock': '1GHz', 'l1': 0, 'l2': 0, "
               "'l3': 0, 'tlb1': 0, 'memory_latency': '90ns', 'memory_parallelism': 2 }",
     .busy = {10 * NS, 1}, .latency = EDGE((10 + 60 + 4 * 90) * NS),
     .no_rate = "one core does not fill it; many do in the row behind"},
    {"dram", "fill",
     "'bandwidth': '64GB/s', 'efficiency': 1, 'read_latency': '60ns', "
     "'clock': '1GHz'",
     .chain =
         "{ 'at': 'a', 'op': 'work', 'cycles': 10, 'memory_accesses': "
         "10, 'working_set': '1GiB', 'call': { 'at': 'x', 'op': 'fill' }, 'wait': 'poll' }",
     .blocks = ", 'a': { 'model': 'cores', 'cores': 64, 'clock': '1GHz', 'l1': 0, 'l2': 0, "
               "'l3': 0, 'tlb1': 0, 'memory_parallelism': 10 }",
     .busy = {10 * NS, 1}, .latency = EDGE((10 + 60) * NS), .flows = 4096},
    {"hostmemory", "read",
     "'bandwidth': '64GB/s', 'cache': 'warm', 'llc_bytes': '64MiB', "
     "'read_latency': '180ns', 'numa_latency': '70ns'",
     .busy = {LINE(FRAME, 512 * PER_S / 1000)},
     .latency = LINE_PS(LINE(FRAME, 512 * PER_S / 1000)) + (180 + 70) * NS},
    {"hostmemory", "read",
     "'dram_bandwidth': '32GB/s', 'read_latency': '180ns', "
     "'dram_latency': '54ns'",
     .busy = {LINE(LINES * 64, 256 * PER_S / 1000)},
     .latency = LINE_PS(LINE(LINES * 64, 256 * PER_S / 1000)) + (180 + 54) * NS},
    {"hostmemory", "write",
     "'bandwidth': '64GB/s', 'cache': 'warm', 'llc_bytes': '64MiB', "
     "'write_latency': '66ns'",
     .busy = {LINE(FRAME, 512 * PER_S / 1000)},
     .latency = LINE_PS(LINE(FRAME, 512 * PER_S / 1000)) + 66 * NS},
    /* a page a packet, none of which is in the IOTLB */
    {"hostmemory", "write",
     "'bandwidth': '64GB/s', 'cache': 'warm', 'llc_bytes': '128MiB', "
     "'write_latency': '66ns', 'iommu': true, 'iotlb_entries': 1, 'iotlb_ways': 1, "
     "'buffer_bytes': '4KiB', 'walk_latency': '330ns', 'walkers': 1",
     .busy = {LINE(FRAME, 512 * PER_S / 1000)},
     .latency = LINE_PS(LINE(FRAME, 512 * PER_S / 1000)) + (330 + 66) * NS,
     .no_rate = "the walker is a port of its own: test_app_verdict_cards"},
    {"dma", "read", "'reads': 1",
     .chain = "{ 'at': 'x', 'op': 'read', 'split': { 'into': 2, "
              "'chain': 'part' }, 'wait': 'poll', 'complete': { 'op': 'finish' } }",
     .chains = ", 'part': [ { 'at': 'm' } ]", .blocks = PLACE, .busy = {100 * NS + 4, 1},
     .latency = 100 * NS + 5, .held = true},
    {"dma", "finish", "'reads': 1",
     .chain = "{ 'at': 'x', 'op': 'read', 'split': { 'into': 2, "
              "'chain': 'part' }, 'wait': 'poll', 'complete': { 'op': 'finish' } }",
     .chains = ", 'part': [ { 'at': 'm' } ]", .blocks = PLACE},
    {"dma", "write", "'write_issue': '30ns', 'overhead': '200ns'", .busy = {30 * NS, 1},
     .latency = 200 * NS},
    {"dma", "store",
     "'burst': '5ns', 'burst_bytes': '64B', 'descriptor_bytes': '32B', "
     "'overhead': '200ns'",
     .busy = {LINES * 5 * NS + 2500, 1}, .latency = LINES * 5 * NS + 2500 + 200 * NS},
    {"dma", "load",
     "'burst': '5ns', 'bus_burst': '4ns', 'descriptor_bytes': '0B', "
     "'load_latency': '90ns'",
     .busy = {LINES * 5 * NS, 1}, .latency = LINES * 5 * NS + 90 * NS},
    {.model = NULL}};

/* Generation 5, 16 lanes: 512 Gb/s of which 128 in 130. */
#define WIRE(bytes) (int64_t)(bytes) * 8 * 1000 * 130, 512 * 128
#define WAYS        "'latency_to_host': '150ns', 'latency_from_host': '110ns'"
#define BARE        WAYS ", 'dllp_bytes': 0, 'skp_bytes': 0"
#define PIECES(n)   CEIL(n, 256)
#define WORDS(n)    (4 * CEIL(n, 4))
#define UP(n)       WIRE(WORDS(n) + PIECES(n) * 24)
#define DOWN(n)     WIRE(WORDS(n) + PIECES(n) * 20)
#define ROW(OP, PARAMS, WIRED, WAY)                                                            \
    { "pcie", OP, PARAMS, .busy = {WIRED}, .latency = LINE_PS(WIRED) + (WAY) }
#define SENT (FRAME - 4) /* without the check sequence */
#define TRANSMIT                                                                               \
    "{ 'at': 'x', 'op': 'transmit', 'fetches': 2, 'memory': '180ns', 'split': { 'into': 1, "   \
    "'chain': 'part' }, 'wait': 'poll', 'complete': { 'op': 'transmitted' } }"
#define READ "{ 'at': 'x', 'op': 'read', 'call': { 'at': 'm' }, 'wait': 'poll' }"

#define ROUTED "{ 'at': 'n', 'op': 'send' }, { 'at': 'e', 'op': 'aes-gcm-encrypt' }"

static const struct law laws_links[] = {
    ROW("write", BARE, UP(FRAME), 150 * NS),
    /* behind it a used element of 8 bytes and its index, or a descriptor */
    {"pcie", "write", BARE, "'queue': 'virtio-split'",
     .busy = {WIRE(WORDS(FRAME) + 6 * 24 + 8 + 24 + 4 + 24)},
     .latency = LINE_PS(WIRE(WORDS(FRAME) + 6 * 24 + 8 + 24 + 4 + 24)) + 150 * NS},
    {"pcie", "write", BARE, "'queue': 'virtio-packed'",
     .busy = {WIRE(WORDS(FRAME) + 6 * 24 + 16 + 24)},
     .latency = LINE_PS(WIRE(WORDS(FRAME) + 6 * 24 + 16 + 24)) + 150 * NS},
    /* less 4 bytes of SKP in 1538; acknowledgements go the other way */
    {"pcie", "write", WAYS,
     .busy = {(WORDS(FRAME) + 6 * 24) * 8000LL * 130 * 1538, 512 * 128 * 1534},
     .latency =
         CEIL((WORDS(FRAME) + 6 * 24) * 8000LL * 130 * 1538, 512 * 128 * 1534) + 150 * NS},
    /* as the published model has it: of both directions 4 bytes in 1538, and 8 of
     * acknowledgements and 8 of credits in each interval */
    {"pcie", "write",
     WAYS ", 'dllp': 'reserved', 'ack_interval_bytes': 400, "
          "'fc_interval_bytes': 400",
     .busy = {(FRAME + 6 * 24) * 8000LL * 130 * 1538 * 400,
              512LL * 128 * (1534 * 400 - 16 * 1538)},
     .latency = CEIL((FRAME + 6 * 24) * 8000LL * 130 * 1538 * 400,
                     512LL * 128 * (1534 * 400 - 16 * 1538)) +
                150 * NS},
    /* credits for two packets, each back 400 ns after it is sent */
    {"pcie", "write",
     BARE ", 'mps_bytes': 4096, 'posted_headers': 2, 'credit_latency': '400ns'",
     .full = "posted-headers", .busy = {(LINE_PS(WIRE(WORDS(FRAME) + 24)) + 400 * NS), 2},
     .latency = LINE_PS(WIRE(WORDS(FRAME) + 24)) + 150 * NS},
    /* the packet, a completion entry, and the request for the next descriptor */
    ROW("receive", BARE ", 'descriptor_batch': 1",
        WIRE(WORDS(SENT) + PIECES(SENT) * 24 + 64 + 24 + 24), 150 * NS),
    ROW("request", BARE, WIRE(3 * 24), 150 * NS), /* of 512 bytes each */
    ROW("completion", BARE, DOWN(FRAME), 110 * NS),
    ROW("write-in", BARE, UP(FRAME), 110 * NS),
    ROW("request-in", BARE, WIRE(3 * 24), 110 * NS),
    ROW("completion-out", BARE, DOWN(FRAME), 150 * NS),
    /* a tag, until the way back of a picosecond each way is over */
    {"pcie", "read", "'tags': 1", .chain = READ, .blocks = PLACE, .busy = {100 * NS + 2, 1},
     .latency = 100 * NS + 3, .held = true},
    {"pcie", "read", "'tags': 4", .chain = READ, .blocks = PLACE, .busy = {100 * NS + 2, 1},
     .latency = 100 * NS + 3, .held = true, .servers = 4},
    {"pcie", "complete", "'tags': 1", .chain = READ, .blocks = PLACE},
    {"pcie", "transmit", WAYS ", 'reads': 1", .chain = TRANSMIT,
     .chains = ", 'part': [ { 'at': 'm' } ]", .blocks = PLACE,
     .busy = {(100 + 2 * (150 + 110 + 180) + 110) * NS + 4, 1},
     .latency = (100 + 2 * (150 + 110 + 180) + 110) * NS + 5, .held = true},
    {"pcie", "transmitted", "'reads': 1", .chain = TRANSMIT,
     .chains = ", 'part': [ { 'at': 'm' } ]", .blocks = PLACE},
    {"pcie", "post", WAYS, .via = ", 'via': [{ 'at': 'x', 'op': 'post' }]", .chain = ROUTED,
     .latency = (150 + 110 + 180 + 110) * NS},
    {"pcie", "command", WAYS, "'memory': '200ns'", .latency = (2 * 110 + 150 + 200) * NS},
    {"pcie", "command", WAYS, "'memory': '200ns', 'queue': 'virtio-split'",
     .latency = (110 + 4 * (110 + 150 + 200)) * NS},
    {"pcie", "command", WAYS, "'memory': '200ns', 'queue': 'virtio-packed'",
     .latency = (110 + 2 * (110 + 150 + 200)) * NS},
    {"pcie", "posted", WAYS, .via = ", 'via': [{ 'at': 'x', 'op': 'posted' }]", .chain = ROUTED,
     .latency = 0},
    /* 8 bytes of preamble and 12 of gap */
    {"ethernet", "rx", "'rate': '100Gb/s', 'rx_latency': '100ns'",
     .busy = {LINE(FRAME + 20, PER_S / 10)},
     .latency = LINE_PS(LINE(FRAME + 20, PER_S / 10)) + 100 * NS},
    {"ethernet", "rx", .stage = 1},
    {"ethernet", "tx", "'rate': '100Gb/s', 'tx_latency': '30ns'",
     .busy = {LINE(FRAME + 20, PER_S / 10)},
     .latency = LINE_PS(LINE(FRAME + 20, PER_S / 10)) + 30 * NS},
    {"ethernet", "link-rx", "'rx_latency': '100ns'", .latency = 100 * NS},
    {"scheduler", "send", "'rate': '100Gb/s'", .busy = {LINE(FRAME + 20, PER_S / 10)},
     .latency = LINE_PS(LINE(FRAME + 20, PER_S / 10))},
    {"scheduler", "send", "'latency': '25ns'", .latency = 25 * NS},
    {"scheduler", "send", "'rate': '100Gb/s', 'latency': '25ns'", .stage = 1,
     .busy = {LINE(FRAME + 20, PER_S / 10)}, .latency = LINE_PS(LINE(FRAME + 20, PER_S / 10))},
    {"server", "serve", "'time': '123456ps', 'distribution': 'constant', 'latency': '7ns'",
     .busy = {123456, 1}, .latency = 123456 + 7 * NS},
    {"server", "serve", "'time': '123456ps', 'distribution': 'constant', 'servers': 3",
     .busy = {123456, 1}, .latency = 123456, .servers = 3},
    {.model = NULL}};

/* A drive's link, as the published model has it, generation 4 and four lanes: 4 bytes of SKP in
 * 1538, 8 of acknowledgements and 8 of credits in 214, which is (256 + 28) * 1.4 / 4 + 115. */
#define DRIVE(bytes)   (bytes) * 8000LL * 130 * 1538 * 214, 64LL * 128 * (1534 * 214 - 16 * 1538)
#define CROSSED(bytes) .busy = {DRIVE(bytes)}, .latency = LINE_PS(DRIVE(bytes)) + 100 * NS
#define ONE_DIE        "'channels': 1, 'dies': 1, 'spare': 0"
#define CARRIED        3413333 /* 4,096 of 32 KiB at 1,200 MB/s, in whole picoseconds */

#define ENGINE "'message_rate': '30M/s', 'tx_latency': '400ns', 'rx_latency': '300ns'"

static const struct law laws_drives[] = {
    {"ssd", "command", "'command_time': '400ns'", "'fetch': '1us'", .rw = "randread",
     .busy = {400 * NS, 1}, .latency = (1000 + 2 * 100 + 400 + 4000) * NS},
    {"ssd", "read", ONE_DIE, .rw = "randread", .full = "dies", .busy = {45 * US, 1},
     .latency = 45 * US + CARRIED},
    {"ssd", "pull", .rw = "randwrite", CROSSED(8 * 24)}, /* requests of 512 bytes */
    {"ssd", "pulled", .rw = "randwrite", CROSSED(REQUEST + 16 * 20)},
    /* the buffer takes it at once, until it is as slow as the flash: 24 in a program */
    {"ssd", "write", ONE_DIE ", 'buffer_bytes': '192KiB', 'programs': 0", .rw = "randwrite",
     .full = "dies", .busy = {1200 * US, 24}, .latency = 3 * US, .burst = 48},
    {"ssd", "flush", ONE_DIE, .rw = "randwrite"},
    {"ssd", "flush", ONE_DIE ", 'protected': false", .before = "{ 'at': 'x', 'op': 'write' },",
     .rw = "randwrite", .latency = 1200 * US + CARRIED},
    {"ssd", "trim", .rw = "randtrim"},
    /* its share of the command's fetch, data in packets of 256, a completion entry */
    {"ssd", "send", .rw = "randread", CROSSED(24 + REQUEST + 16 * 24 + 16 + 24)},
    {"ssd", "send", .rw = "randwrite", CROSSED(24 + 16 + 24)},
    {"nvmf", "command", ENGINE, .rw = "randread", .busy = {100000, 3}, .latency = 400 * NS},
    {"nvmf", "data", ENGINE, .rw = "randread", .busy = {100000, 3}, .latency = 400 * NS},
    {"nvmf", "last", ENGINE, .rw = "randread", .busy = {100000, 3}, .latency = 400 * NS},
    {"nvmf", "setup", ENGINE, .rw = "randread", .busy = {100000, 3}, .latency = 400 * NS},
    {"nvmf", "response", ENGINE, .rw = "randread", .busy = {100000, 3}, .latency = 400 * NS},
    {"nvmf", "read-request", ENGINE, .rw = "randwrite", .busy = {100000, 3},
     .latency = 400 * NS},
    {"nvmf", "ack", ENGINE, .rw = "randread", .busy = {100000, 3}, .latency = 400 * NS},
    {"nvmf", "receive", ENGINE, .rw = "randread", .busy = {100000, 3}, .latency = 300 * NS},
    {"nvmf", "placed", ENGINE, .rw = "randread", .busy = {100000, 3}, .latency = 300 * NS},
    {"nvmf", "offload", ENGINE ", 'offload_rate': '2M/s', 'offload_latency': '700ns'",
     .rw = "randread", .busy = {500 * NS, 1}, .latency = 700 * NS},
    {"integrity", "seal", "'latency': '80ns'", .rw = "randwrite", .latency = 80 * NS},
    {"integrity", "note", "'latency': '80ns'", .rw = "randwrite", .latency = 80 * NS},
    {"integrity", "recall", "'latency': '80ns'", .rw = "randwrite", .latency = 80 * NS},
    {"integrity", "verify", "'latency': '80ns'", .rw = "randwrite", .latency = 80 * NS},
    {"raid", "read", "'latency': '90ns'", .rw = "randwrite", .latency = 90 * NS},
    {"raid", "old", "'latency': '90ns'", .rw = "randwrite", .latency = 90 * NS},
    {"raid", "write", "'latency': '90ns'", .rw = "randwrite", .latency = 90 * NS},
    {"raid", "rebuild", "'latency': '90ns'", .rw = "randwrite", .latency = 90 * NS},
    {"raid", "replace", "'latency': '90ns'", .rw = "randwrite", .latency = 90 * NS},
    {"raid", "strip", "'latency': '90ns'", .before = "{ 'at': 'x', 'op': 'read' },",
     .rw = "randwrite", .latency = 90 * NS},
    {"raid", "gather", "'latency': '90ns'", .rw = "randwrite", .latency = 90 * NS},
    {"raid", "data", "'latency': '90ns'", .rw = "randwrite", .latency = 90 * NS},
    {"raid", "rebuilt", "'latency': '90ns'", .rw = "randwrite", .latency = 90 * NS},
    {"writecache", "take", "'latency': '90ns'", .rw = "randwrite", .latency = 90 * NS},
    {"writecache", "acknowledge", "'latency': '90ns'", .before = "{ 'at': 'x', 'op': 'take' },",
     .rw = "randwrite", .latency = 90 * NS},
    {"writecache", "strip", "'latency': '90ns'", .rw = "randwrite", .latency = 90 * NS},
    {"writecache", "settle", "'latency': '90ns'", .before = "{ 'at': 'x', 'op': 'take' },",
     .rw = "randwrite", .latency = 90 * NS},
    {"writecache", "alive", "'latency': '90ns'", .rw = "randwrite", .latency = 90 * NS},
    {"writecache", "sync", "'latency': '90ns'", .rw = "randwrite", .latency = 90 * NS},
    {.model = NULL}};

#endif
