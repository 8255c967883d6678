/* nic_steps.c - what the steps of a chain can ask of the NIC pipeline: its operations with
 * their arguments and verdicts, and which of them a card has. nic_ops.c does them.
 */
#include "models/nic.h"

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

const struct sim_op nic_ops[NIC_OPS + 1] = {
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
                            .verdicts = "nested too-long"},
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
                             .verdicts = "nested too-long"},
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
                    .fcs = true,
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
                     .params = "tx_queue stage_latency tso",
                     .verdicts = "no-tso"},
    [NIC_OP_CHECKSUM] = {.name = "checksum",
                         .doc = "compute a packet's checksums: check those of a received one, "
                                "put in those of one to send",
                         .port = NIC_CHECKSUM,
                         .params = "stage_latency checksum",
                         .verdicts = "unchecked"},
    [NIC_OPS] = {.name = NULL}};

const struct sim_verdict nic_verdicts[] = {
    [NIC_BAD - 1] = {"bad", "drop", "parse: malformed headers"},
    [NIC_MISS - 1] = {"miss", "next", "flow: not in the table"},
    [NIC_FULL - 1] = {"full", "next", "flow-insert: no place, and eviction is off"},
    [NIC_NOT_TUNNEL - 1] = {"not-tunnel", "next", "decap: the packet is no such tunnel"},
    [NIC_NESTED - 1] = {"nested", "drop", "encap: this card has put a header on already"},
    [NIC_EXCEED - 1] = {"exceed", "drop", "meter: no tokens"},
    [NIC_NO_TSO - 1] = {"no-tso", "drop", "send, hairpin: a segment that the card cannot cut"},
    [NIC_UNCHECKED - 1] = {"unchecked", "next",
                           "checksum: a tunnelled packet, whose inner ones the card cannot"},
    [NIC_TOO_LONG - 1] = {"too-long", "drop",
                          "encap: the IP packet would be above 65,535 bytes"},
    {NULL, NULL, NULL}};

bool nic_can(const struct sim_comp *comp, const struct sim_op *op) {
    const struct nic *n = (const struct nic *)comp;
    switch ((enum nic_op)(op - nic_ops)) {
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
