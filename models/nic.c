/* nic.c - the packet pipeline of a NIC: parser, match-action stages, flow table, tunnels,
 * NAT, meters, the switch of virtual functions, RSS, the engine that hands packets to memory,
 * and the way back to the port. What a card cannot, its parameters say: it has no such
 * operation, and without RSS no hash.
 *
 * Models: every stage as a pipeline of its own that takes a packet each 1/packet_rate and
 * gives it back its latency later; parsing by the packet's real headers; an exact-match flow
 * table (sets, LRU, ageing, insertion rate and delay) whose entries lie in card memory and are
 * cached on the chip, with a bound on the reads under way; token-bucket meters; header bytes
 * of VXLAN and Geneve; what NAT and tunnels do to the RSS hash (Toeplitz) and to the flow that
 * is looked up (flowtable.h says how). The pipeline's clock is crossed once, in the parser;
 * behind it the stages run in step.
 * Leaves out: which rules there are (a flow is in the table or not; rules are the ACL's); the
 * packet rate shared by stages that one processor runs; entries of other sizes; the DRAM
 * traffic of reads of the table; a packet that finds its entry's read under way by another
 * packet does not wait for it; hairpin queues; which function the switch finds (the host
 * knows, host.c); NAT of ports, and of a packet twice (for both
 * sides at once there is a kind); entries of their own for a flow before and after NAT; the
 * tunnel's identifier (VNI) as part of the flow inside. A shaper holds up what is behind it in
 * the meter stage, of other steps too. What this card puts around a packet has no facts: stages
 * behind see the headers inside (tunnel.h has the limits). Whose numbers: docs/sources.md,
 * section 2. NVIDIA documents almost no time inside the NIC.
 */
#include "models/nic.h"

#define AT(name) offsetof(struct nic, name)
#define LATENCY(field, value, text, from)                                                      \
    {                                                                                          \
        .name = #field, .unit = SIM_TIME, .offset = AT(field), .min = 0, .max = SIM_PS_PER_S,  \
        .def = value, .doc = text, .source = from                                              \
    }

static const struct sim_field params[] = {
    {.name = "packet_rate",
     .unit = SIM_PER_S,
     .offset = AT(packet_rate),
     .min = 1,
     .max = 100000000000,
     .def = "330M/s",
     .doc = "packets per second through each stage",
     .source = "pub:cx7-msgrate (330 to 370 M messages/s of a ConnectX-7, lower end)"},
    {.name = "clock",
     .unit = SIM_HZ,
     .offset = AT(clock),
     .min = 1000000,
     .max = 100000000000,
     .def = "1GHz",
     .doc = "pipeline clock: packets leave the parser on its edges",
     .source = "assumed: not documented; only quantises times"},
    {.name = "rss",
     .unit = SIM_BOOL,
     .offset = AT(rss),
     .def = "true",
     .doc = "whether the card computes a hash (RSS): has op rss. Without it what it hands over "
            "has none: all of it comes to the first queue, the first core",
     .source = "docs/sources.md mlx5-en"},
    {.name = "flow_table",
     .unit = SIM_BOOL,
     .offset = AT(flow_table),
     .def = "true",
     .doc = "whether the card looks flows up and rewrites their addresses: has ops flow, "
            "flow-insert and nat",
     .source = "docs/sources.md dpdk-mlx5-hw"},
    {.name = "tunnels",
     .unit = SIM_BOOL,
     .offset = AT(tunnels),
     .def = "true",
     .doc = "whether the card puts tunnels' headers on and takes them off: has ops "
            "vxlan-encap, vxlan-decap, geneve-encap and geneve-decap",
     .source = "docs/sources.md dpdk-mlx5-hw"},
    {.name = "meters",
     .unit = SIM_BOOL,
     .offset = AT(meters),
     .def = "true",
     .doc = "whether the card meters packets: has op meter",
     .source = "docs/sources.md dpdk-mlx5-hw"},
    {.name = "hairpin",
     .unit = SIM_BOOL,
     .offset = AT(hairpin),
     .def = "true",
     .doc = "whether the card turns packets to a port without the host: has op hairpin",
     .source = "docs/sources.md dpdk-mlx5-hw"},
    {.name = "virtual_functions",
     .unit = SIM_COUNT,
     .offset = AT(virtual_functions),
     .min = 0,
     .max = 4096,
     .def = "126",
     .doc =
         "virtual functions (SR-IOV) of a port at most, which its switch tells apart: has op "
         "switch; 0: none, and `functions` of the host is 1",
     .source = "docs/sources.md doca-sriov"},
    {.name = "checksum",
     .unit = SIM_ENUM,
     .offset = AT(checksum),
     .def = "tunnels",
     .choices = "none|plain|tunnels",
     .doc = "checksums that the card can compute: none, a packet's, or those in a VXLAN or "
            "Geneve tunnel too",
     .source = "docs/sources.md mlx5-offloads"},
    {.name = "tso",
     .unit = SIM_ENUM,
     .offset = AT(tso),
     .def = "tunnels",
     .choices = "none|plain|tunnels",
     .doc = "whether the card cuts the segments that the host posts into frames (TSO): not at "
            "all, of TCP, or of TCP in a VXLAN or Geneve tunnel too",
     .source = "docs/sources.md mlx5-offloads"},
    LATENCY(parse_latency, "50ns", "time in the parser",
            "assumed: share of the 300 ns that bf3-pp and cx7-msgrate allow"),
    LATENCY(stage_latency, "50ns", "time in one match-action stage, entry on the chip",
            "assumed: share of the 300 ns; three stages in the plain path"),
    LATENCY(dma_latency, "100ns", "time in the engine that hands packets to memory (op dma)",
            "assumed: share of the 300 ns"),
    {.name = "queue",
     .unit = SIM_COUNT,
     .offset = AT(queue),
     .min = 1,
     .max = 1 << 20,
     .def = "64",
     .doc = "descriptors that each stage holds; when it is full the one before it waits",
     .source = "assumed: one per packet processor, low end of pub:bf3-pp"},
    {.name = "on_full",
     .unit = SIM_ENUM,
     .offset = AT(on_full),
     .def = "wait",
     .choices = "wait|drop",
     .doc =
         "when a stage is full: the one before it waits, or the packet is lost; drop where a "
         "chain comes back to a stage by way of others",
     .source = "assumed: stages of one pipeline hold each other up"},
    {.name = "tx_window",
     .unit = SIM_COUNT,
     .offset = AT(tx_window),
     .min = 1,
     .max = 1 << 20,
     .def = "512",
     .doc =
         "packets that the sending side has asked memory for and not yet passed on (op send)",
     .source = "assumed: packet_rate times the 1.2 us of a descriptor and a data read"},
    {.name = "flow_capacity",
     .unit = SIM_COUNT,
     .offset = AT(flow_capacity),
     .min = 1,
     .max = 1 << 28,
     .def = "4194304",
     .doc = "entries of the flow table, a multiple of flow_ways",
     .source = "assumed: bounded by card memory"},
    {.name = "flow_ways",
     .unit = SIM_COUNT,
     .offset = AT(flow_ways),
     .min = 1,
     .max = 1024,
     .def = "8",
     .doc = "entries of a set, of the flow table and of its cache",
     .source =
         "assumed: not documented; so few that hash collisions are rare and searched fast"},
    {.name = "flow_evict",
     .unit = SIM_BOOL,
     .offset = AT(flow_evict),
     .def = "true",
     .doc = "a full set gives up the flow used longest ago; else insertion fails (full)",
     .source = "assumed: as in software flow caches"},
    {.name = "flow_ageing",
     .unit = SIM_TIME,
     .offset = AT(flow_ageing),
     .min = 1,
     .max = 1000000 * SIM_PS_PER_S,
     .def = "30s",
     .doc = "a flow not used for so long is gone",
     .source = "assumed: common idle time-out of software switches"},
    {.name = "resident",
     .unit = SIM_BOOL,
     .offset = AT(resident),
     .def = "true",
     .doc = "flows older than the run, numbered below flow_capacity, are in the table at its "
            "start"},
    {.name = "cache_entries",
     .unit = SIM_COUNT,
     .offset = AT(cache_entries),
     .min = 0,
     .max = 1 << 28,
     .def = "65536",
     .doc = "entries kept on the chip, a multiple of flow_ways; 0: all, no reads of memory",
     .source = "assumed: not documented; of the receive buffer's order; sweep it"},
    LATENCY(fetch_latency, "500ns", "time added when an entry is not on the chip",
            "assumed: a host read takes as long (pub:pcie-lat-BDW-cmd, pcie-lat-HSW-cmd)"),
    {.name = "fetches",
     .unit = SIM_COUNT,
     .offset = AT(fetches_max),
     .min = 1,
     .max = 65536,
     .def = "64",
     .doc = "reads of entries under way at most",
     .source = "assumed: one per packet processor, low end of pub:bf3-pp"},
    {.name = "insert_rate",
     .unit = SIM_PER_S,
     .offset = AT(insert_rate),
     .min = 1,
     .max = 100000000000,
     .def = "600k/s",
     .doc = "insertions of flows per second",
     .source = "mlx5-hws-ct (hardware steering, ConnectX-7); 86k/s with software steering"},
    LATENCY(insert_latency, "10us", "from insertion to the first packet that finds the flow",
            "assumed: a work request, a doorbell, some writes and a completion"),
    {.name = NULL}};

#define COUNT(field, text)                                                                     \
    { .name = #field, .unit = SIM_COUNT, .offset = AT(field), .doc = text }
static const struct sim_field stats[] = {
    COUNT(ipv4, "parsed: outermost header is IPv4"),
    COUNT(ipv6, "parsed: outermost header is IPv6"),
    COUNT(non_ip, "parsed: no IP header"),
    COUNT(tcp, "parsed: TCP in the outermost IP header"),
    COUNT(udp, "parsed: UDP in the outermost IP header"),
    COUNT(other, "parsed: neither TCP nor UDP, or hidden (later fragments)"),
    COUNT(fragments, "parsed: part of a fragmented datagram"),
    COUNT(tunnelled, "parsed: a tunnel of a kind that the parser knows"),
    COUNT(bad, "parsed: malformed, verdict bad"),
    COUNT(hits, "look-ups that found their flow"),
    COUNT(misses, "look-ups that did not, verdict miss"),
    COUNT(fetches, "look-ups that had to read card memory"),
    {.name = "bytes_read",
     .unit = SIM_BYTES,
     .offset = AT(bytes_read),
     .doc = "bytes of entries read from card memory: 64 each (ste-dump)"},
    COUNT(inserted, "flows inserted"),
    COUNT(known, "insertions of flows that were there or on their way: packet passed on"),
    COUNT(evicted, "flows that went for another one"),
    COUNT(full, "insertions that found no place, verdict full"),
    COUNT(encapsulated, "packets put into a tunnel"),
    COUNT(decapsulated, "packets taken out of one"),
    COUNT(translated, "packets with rewritten addresses"),
    COUNT(conforming, "metered packets that had their tokens"),
    COUNT(exceeding, "policed packets that had not, verdict exceed"),
    COUNT(shaped, "shaped packets that waited for tokens"),
    COUNT(switched, "packets whose function the switch looked up"),
    COUNT(checked, "packets whose checksums were computed"),
    COUNT(segmented, "frames cut out of segments, behind the first of each"),
    {.name = NULL}};
#undef COUNT
#undef LATENCY
#undef AT

#define STAGES(type)                                                                           \
    {                                                                                          \
        .name = "stages", .unit = SIM_COUNT, .offset = offsetof(struct type, stages),          \
        .min = 1, .max = 1000, .def = "1",                                                     \
        .doc = "match-action stages passed: the latency of one each",                          \
        .source = "mlx5-ct-matchers: one hop a table or matcher, in sequence"                  \
    }

static const struct sim_field flow_args[] = {STAGES(nic_flow_args), {.name = NULL}};
static const struct sim_field decap_args[] = {STAGES(nic_decap_args), {.name = NULL}};

#define ENCAP                                                                                  \
    STAGES(nic_encap_args),                                                                    \
        {.name = "outer",                                                                      \
         .unit = SIM_ENUM,                                                                     \
         .offset = offsetof(struct nic_encap_args, outer),                                     \
         .def = "ipv4",                                                                        \
         .choices = "ipv4|ipv6",                                                               \
         .doc = "outer IP header: 50 bytes are added with ipv4, 70 with ipv6"},                \
    {                                                                                          \
        .name = "vni", .unit = SIM_COUNT, .offset = offsetof(struct nic_encap_args, vni),      \
        .min = 0, .max = 0xffffff, .def = "0",                                                 \
        .doc = "network identifier in the header; changes neither size nor time"               \
    }

static const struct sim_field vxlan_args[] = {ENCAP, {.name = NULL}};
static const struct sim_field geneve_args[] = {
    ENCAP,
    {.name = "options_bytes",
     .unit = SIM_BYTES,
     .offset = offsetof(struct nic_encap_args, options),
     .min = 0,
     .max = TUNNEL_OPTIONS,
     .def = "0",
     .doc = "Geneve options; whole words of 4 bytes are added"},
    {.name = NULL}};

static const struct sim_field nat_args[] = {
    STAGES(nic_nat_args),
    {.name = "kind",
     .unit = SIM_ENUM,
     .offset = offsetof(struct nic_nat_args, kind),
     .def = "snat",
     .choices = "snat|dnat|both",
     .doc = "which address is rewritten: source, destination or both"},
    {.name = "pool",
     .unit = SIM_COUNT,
     .offset = offsetof(struct nic_nat_args, pool),
     .min = 1,
     .max = NIC_POOL_MAX,
     .def = "1",
     .doc = "addresses to choose from, by flow; counted from 100.64.0.0"},
    {.name = NULL}};

static const struct sim_field dma_args[] = {
    {"strip_fcs", SIM_BOOL, offsetof(struct nic_dma_args, strip_fcs), 0, 0, "false", NULL,
     "the frame goes on without its check sequence, as it lies in memory: for what a bare "
     "\"write\" of a link takes; \"receive\" leaves it out by itself",
     "docs/sources.md ieee-8023: 4 bytes; assumed: drivers leave rx-fcs off"},
    {.name = NULL}};

static const struct sim_field meter_args[] = {
    {.name = "rate",
     .unit = SIM_RATE,
     .offset = offsetof(struct nic_meter_args, rate),
     .min = 1000,
     .max = 100000000000000,
     .doc = "bits of frames per second that conform, without preamble and gap"},
    {.name = "burst",
     .unit = SIM_BYTES,
     .offset = offsetof(struct nic_meter_args, burst),
     .min = 0,
     .max = 1LL << 40,
     .doc =
         "bytes that conform at once after a pause; below a frame's size, police passes none"},
    {.name = "mode",
     .unit = SIM_ENUM,
     .offset = offsetof(struct nic_meter_args, mode),
     .def = "police",
     .choices = "police|shape",
     .doc = "police: verdict exceed; shape: wait, and hold up what comes behind"},
    {.name = NULL}};

#define FLOW_PARAMS                                                                            \
    "flow_capacity flow_ways flow_evict flow_ageing resident cache_entries fetch_latency "     \
    "fetches"

static const struct sim_op ops[NIC_OPS + 1] = {
    [NIC_OP_PARSE] = {.name = "parse",
                      .doc = "parse the headers; counts protocols, finds malformed ones",
                      .port = NIC_PARSE,
                      .params = "parse_latency clock",
                      .verdicts = "bad",
                      .rehash = true},
    [NIC_OP_FLOW] = {.name = "flow",
                     .doc = "look the flow up in the table",
                     .fields = flow_args,
                     .size = sizeof(struct nic_flow_args),
                     .port = NIC_FLOW,
                     .params = FLOW_PARAMS " stage_latency",
                     .verdicts = "miss"},
    [NIC_OP_INSERT] = {.name = "flow-insert",
                       .doc = "insert the packet's flow into the table",
                       .port = NIC_INSERT,
                       .params = FLOW_PARAMS " stage_latency insert_rate insert_latency",
                       .verdicts = "full"},
    [NIC_OP_VXLAN_ENCAP] = {.name = "vxlan-encap",
                            .doc = "put into a VXLAN tunnel",
                            .fields = vxlan_args,
                            .size = sizeof(struct nic_encap_args),
                            .port = NIC_TUNNEL,
                            .params = "stage_latency",
                            .verdicts = "nested"},
    [NIC_OP_VXLAN_DECAP] = {.name = "vxlan-decap",
                            .doc = "take out of a VXLAN tunnel",
                            .fields = decap_args,
                            .size = sizeof(struct nic_decap_args),
                            .port = NIC_TUNNEL,
                            .params = "stage_latency",
                            .verdicts = "not-tunnel",
                            .rehash = true},
    [NIC_OP_GENEVE_ENCAP] = {.name = "geneve-encap",
                             .doc = "put into a Geneve tunnel",
                             .fields = geneve_args,
                             .size = sizeof(struct nic_encap_args),
                             .port = NIC_TUNNEL,
                             .params = "stage_latency",
                             .verdicts = "nested"},
    [NIC_OP_GENEVE_DECAP] = {.name = "geneve-decap",
                             .doc = "take out of a Geneve tunnel",
                             .fields = decap_args,
                             .size = sizeof(struct nic_decap_args),
                             .port = NIC_TUNNEL,
                             .params = "stage_latency",
                             .verdicts = "not-tunnel",
                             .rehash = true},
    [NIC_OP_NAT] = {.name = "nat",
                    .doc = "rewrite addresses: the RSS hash changes, the bytes do not",
                    .fields = nat_args,
                    .size = sizeof(struct nic_nat_args),
                    .port = NIC_NAT,
                    .params = "stage_latency",
                    .verdicts = "",
                    .rehash = true},
    [NIC_OP_METER] = {.name = "meter",
                      .doc = "token bucket, one for each step of a chain",
                      .fields = meter_args,
                      .size = sizeof(struct nic_meter_args),
                      .port = NIC_METER,
                      .params = "stage_latency",
                      .verdicts = "exceed"},
    [NIC_OP_SWITCH] = {.name = "switch",
                       .doc =
                           "look up which function a packet goes to or comes from, by its MAC "
                           "address and VLAN: a rule a function, all on the chip",
                       .port = NIC_SWITCH,
                       .params = "stage_latency",
                       .verdicts = ""},
    [NIC_OP_RSS] = {.name = "rss",
                    .doc = "set the RSS hash from the outermost header",
                    .port = NIC_RSS,
                    .params = "stage_latency",
                    .verdicts = "",
                    .rehash = true},
    [NIC_OP_DMA] = {.name = "dma",
                    .doc = "hand the packet to memory",
                    .fields = dma_args,
                    .size = sizeof(struct nic_dma_args),
                    .port = NIC_DMA,
                    .params = "dma_latency",
                    .verdicts = "",
                    .rehash = true},
    [NIC_OP_HAIRPIN] = {.name = "hairpin",
                        .doc = "turn to a port without crossing PCIe",
                        .port = NIC_HAIRPIN,
                        .params = "stage_latency tso",
                        .verdicts = "no-tso"},
    [NIC_OP_SEND] = {.name = "send",
                     .doc = "take a packet read from memory into the sending pipeline",
                     .port = NIC_SEND,
                     .params = "tx_window stage_latency tso",
                     .verdicts = "no-tso"},
    [NIC_OP_CHECKSUM] = {.name = "checksum",
                         .doc = "compute a packet's checksums: check those of a received one, "
                                "put in those of one to send",
                         .port = NIC_CHECKSUM,
                         .params = "stage_latency checksum",
                         .verdicts = "unchecked"},
    [NIC_OPS] = {.name = NULL}};

static const struct sim_verdict verdicts[] = {
    [NIC_BAD - 1] = {"bad", "drop", "parse: malformed headers"},
    [NIC_MISS - 1] = {"miss", "next", "flow: not in the table"},
    [NIC_FULL - 1] = {"full", "next", "flow-insert: no place, and eviction is off"},
    [NIC_NOT_TUNNEL - 1] = {"not-tunnel", "next", "decap: the packet is no such tunnel"},
    [NIC_NESTED - 1] = {"nested", "drop", "encap: this card has put a header on already"},
    [NIC_EXCEED - 1] = {"exceed", "drop", "meter: no tokens"},
    [NIC_NO_TSO - 1] = {"no-tso", "drop", "send, hairpin: a segment that the card cannot cut"},
    [NIC_UNCHECKED - 1] = {"unchecked", "next",
                           "checksum: a tunnelled packet, whose inner ones the card cannot"},
    {NULL, NULL, NULL}};

static void make_ports(struct nic *n) {
    static const char *const name[NIC_PORTS] = {
        [NIC_PARSE] = "parse",   [NIC_FLOW] = "flow",         [NIC_INSERT] = "insert",
        [NIC_TUNNEL] = "tunnel", [NIC_NAT] = "nat",           [NIC_METER] = "meter",
        [NIC_RSS] = "rss",       [NIC_DMA] = "dma",           [NIC_HAIRPIN] = "hairpin",
        [NIC_SEND] = "send",     [NIC_CHECKSUM] = "checksum", [NIC_SWITCH] = "switch"};
    struct sim_rate rate = sim_rate_make((uint64_t)n->packet_rate, 1, 1);
    for (int i = 0; i < NIC_PORTS; i++) {
        sim_ser_init(&n->pace[i], rate);
        sim_port_add(&n->base,
                     &(struct sim_port_opts){
                         .name = name[i],
                         .in_order = i != NIC_FLOW && i != NIC_INSERT,
                         .capacity = i == NIC_SEND ? n->tx_window : n->queue,
                         .full = i == NIC_SEND ? SIM_FULL_WAIT : (enum sim_full)n->on_full,
                         .cause = "stage-full",
                         .late = i == NIC_FLOW || i == NIC_INSERT});
    }
    sim_ser_init(&n->insert_pace, sim_rate_make((uint64_t)n->insert_rate, 1, 1));
}

static void make_tables(struct nic *n) {
    struct sim_arena *arena = sim_comp_arena(&n->base);
    uint32_t ways = (uint32_t)n->flow_ways;
    struct nic_table *t = n->table = sim_alloc(arena, sizeof *t);
    flowtable_init(&t->flows, (uint64_t)n->flow_capacity, ways, n->flow_ageing, arena);
    t->flows.world = n->base.world;
    t->flows.evict = n->flow_evict;
    if (n->cache_entries > 0)
        lru_init(&t->cache, (uint32_t)n->cache_entries, ways, arena);
    if (n->cache_entries > 0)
        fetch_init(&t->fetch, &n->base, (uint32_t)n->fetches_max, n->fetch_latency);
    struct nic_rewrite *rewrite = sim_alloc(arena, sizeof *rewrite);
    nic_rewrite_init(rewrite);
    n->rewrite = rewrite;
    n->bucket = sim_alloc_n(arena, UINT16_MAX + 1, sizeof *n->bucket);
}

static bool whole_sets(const struct nic *n, const char *name, int64_t entries,
                       struct sim_err *err) {
    char at[512];
    long long ways = n->flow_ways, sets = (entries + ways - 1) / ways;
    if (entries % ways == 0)
        return true;
    return sim_fail(err, n->base.file, sim_pointer(at, sizeof at, n->base.pointer, name),
                    "%lld entries are not whole sets of flow_ways = %lld; write e.g. %lld",
                    (long long)entries, ways, sets * ways);
}

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct nic *n = (struct nic *)comp;
    if (!whole_sets(n, "flow_capacity", n->flow_capacity, err) ||
        !whole_sets(n, "cache_entries", n->cache_entries, err))
        return false;
    n->domain = sim_clock_make((uint64_t)n->clock);
    make_ports(n);
    make_tables(n);
    return true;
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    (void)port;
    ((struct nic *)comp)->metered = NULL;
    nic_serve[step->op - ops]((struct nic *)comp, step, m, start, out);
}

/* What a lookup or an insertion did to the flow table stays: the table was asked. */
static void undo(struct sim_comp *comp) {
    struct nic *n = (struct nic *)comp;
    if (n->metered != NULL)
        n->metered->meter = n->before;
}

static bool can(const struct sim_comp *comp, const struct sim_op *op) {
    const struct nic *n = (const struct nic *)comp;
    switch ((enum nic_op)(op - ops)) {
    case NIC_OP_RSS:
        return n->rss;
    case NIC_OP_CHECKSUM:
        return n->checksum != NIC_NONE;
    case NIC_OP_FLOW:
    case NIC_OP_INSERT:
    case NIC_OP_NAT:
        return n->flow_table;
    case NIC_OP_VXLAN_ENCAP:
    case NIC_OP_VXLAN_DECAP:
    case NIC_OP_GENEVE_ENCAP:
    case NIC_OP_GENEVE_DECAP:
        return n->tunnels;
    case NIC_OP_METER:
        return n->meters;
    case NIC_OP_HAIRPIN:
        return n->hairpin;
    case NIC_OP_SWITCH:
        return n->virtual_functions > 0;
    default:
        return true;
    }
}

/* Flows: that they begin is seen by their insertion, that they end is not seen. */
static bool connections(const struct sim_comp *comp, struct sim_connections *out) {
    const struct nic *n = (const struct nic *)comp;
    const struct sim_world *w = comp->world;
    bool used = false;
    for (uint32_t i = 0; i < w->steps; i++)
        used |= w->step[i].comp == comp && w->step[i].op == &ops[NIC_OP_INSERT];
    if (!used)
        return false;
    struct flow_census c = flowtable_census(&n->table->flows, w->end);
    *out = (struct sim_connections){.port = "insert",
                                    .bound = n->insert_rate,
                                    .begun = n->inserted + n->full,
                                    .set_up = n->inserted,
                                    .closed = -1,
                                    .evicted = n->evicted,
                                    .failed = n->full,
                                    .aged = c.aged,
                                    .capacity = (uint64_t)n->flow_capacity,
                                    .entries = c.entries,
                                    .highest = n->table->flows.taken};
    return true;
}

/* What leaves for a port is cut, or lost. */
static enum sim_trains trains(const struct sim_comp *comp, const struct sim_step *step,
                              const char **by) {
    const struct nic *n = (const struct nic *)comp;
    if (step->op != &ops[NIC_OP_SEND] && step->op != &ops[NIC_OP_HAIRPIN])
        return SIM_TRAINS_PASS;
    *by = "tso";
    bool lost = n->tso == NIC_NONE && step->hop[NIC_NO_TSO].kind == SIM_HOP_DROP;
    return lost ? SIM_TRAINS_STUCK : SIM_TRAINS_END;
}

const struct sim_model model_nic = {
    .name = "nic",
    .doc =
        "NIC packet pipeline: parser, flow table, tunnels, NAT, meters, switch, RSS, hairpin",
    .size = sizeof(struct nic),
    .params = params,
    .stats = stats,
    .ops = ops,
    .memory = "bytes_read",
    .packets = true,
    .verdicts = verdicts,
    .init = init,
    .serve = serve,
    .undo = undo,
    .can = can,
    .connections = connections,
    .trains = trains};
