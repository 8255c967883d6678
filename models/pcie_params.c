/* pcie_params.c - the parameters and statistics of a PCI Express link: the tables, which values
 * go together, and which have no effect. pcie.c says what is modelled.
 */
#include "models/pcie.h"
#include "sim/engine/row.h"
#include <string.h>

#define AT(member)   offsetof(struct pcie, member)
#define LINK(member) offsetof(struct pcie, link_params.member)
#define SIZES        "128|256|512|1024|2048|4096"

const struct sim_field pcie_fields[] = {
    {"gen", SIM_COUNT, LINK(gen), 0, 0, "5", "1|2|3|4|5|6", "generation",
     "docs/sources.md pub:bf3-pcie32"},
    {"lanes", SIM_COUNT, LINK(lanes), 0, 0, "16", "1|2|4|8|12|16|32", "width",
     "docs/sources.md bsp-skus"},
    {"mps_bytes", SIM_BYTES, LINK(mps_bytes), 0, 0, "256", SIZES, "maximum payload size (MPS)",
     "docs/sources.md mlx-mps, pub:pcie-model-gen5x16-256"},
    {"mrrs_bytes", SIM_BYTES, LINK(mrrs_bytes), 0, 0, "512", SIZES,
     "maximum read request size (MRRS)",
     "docs/sources.md section 7: the published model's setting"},
    {"rcb_bytes", SIM_BYTES, LINK(rcb_bytes), 0, 0, "0", "0|64|128",
     "read completion boundary (RCB) at which memory cuts the data of a read; 0: it does so at "
     "MPS only",
     "docs/sources.md section 7: the published model's setting, and as measured"},
    {"address_bits", SIM_COUNT, LINK(address_bits), 0, 0, "64", "32|64",
     "of requests: a header of 12 or of 16 bytes",
     "docs/sources.md pub:pcie-hdr-mwr64, pub:pcie-hdr32"},
    {"ecrc", SIM_BOOL, LINK(ecrc), 0, 0, "false", NULL, "4 more bytes in every packet",
     "docs/sources.md section 7: the published model's setting"},
    {"dllp", SIM_ENUM, LINK(dllp), 0, 0, "generated", "generated|reserved",
     "acknowledgements and flow control: each in its real direction, as packets call for it; "
     "or a fixed share of both directions, as the published model has it",
     "docs/sources.md section 7"},
    {"dllp_bytes", SIM_BYTES, LINK(dllp_bytes), 0, 16, "8", NULL,
     "size of an acknowledgement and of a flow-control update",
     "docs/sources.md pub:pcie-dllp"},
    {"ack_interval_bytes", SIM_BYTES, LINK(ack_interval_bytes), 0, 8192, "0", NULL,
     "bytes of packets per acknowledgement; 0: as the specification's tables say for width and "
     "MPS, a symbol time being a byte a lane (reserved: a byte, as the published model has it)",
     "docs/sources.md pub:pcie-ackint"},
    {"fc_interval_bytes", SIM_BYTES, LINK(fc_interval_bytes), 0, 8192, "0", NULL,
     "bytes of packets per flow-control update; 0: as for acknowledgements",
     "docs/sources.md pub:pcie-ackint"},
    {"skp_bytes", SIM_BYTES, LINK(skp_bytes), 0, 64, "4", NULL, "SKP set, per interval",
     "docs/sources.md pub:pcie-skip"},
    {"skp_interval_bytes", SIM_BYTES, LINK(skp_interval_bytes), 128, 8192, "1538", NULL,
     "bytes from one SKP set to the next", "docs/sources.md pub:pcie-skip"},
    {"posted_headers", SIM_COUNT, LINK(posted_headers), 0, 4096, "0", NULL,
     "header credits of the host for writes; 0: without bound",
     "assumed: as many as the link needs; docs/sources.md xeon-c5500: 64 on x16"},
    {"posted_data_bytes", SIM_BYTES, LINK(posted_data_bytes), 0, 1 << 20, "0", NULL,
     "data credits of the host for writes, in bytes; 0: without bound",
     "assumed: as many as the link needs; docs/sources.md xeon-c5500: 5,120 on x16"},
    {"nonposted_headers", SIM_COUNT, LINK(nonposted_headers), 0, 4096, "0", NULL,
     "header credits of the host for read requests; 0: without bound",
     "assumed: tags are the tighter bound"},
    {"completion_headers", SIM_COUNT, LINK(completion_headers), 0, 4096, "0", NULL,
     "header credits for completions, of the end that reads; 0: without bound",
     "docs/sources.md pcie-infinite: as an endpoint gives them"},
    {"completion_data_bytes", SIM_BYTES, LINK(completion_data_bytes), 0, 1 << 20, "0", NULL,
     "data credits for completions, in bytes; 0: without bound",
     "docs/sources.md pcie-infinite: as an endpoint gives them"},
    {"credit_latency", SIM_TIME, LINK(credit_latency), 0, SIM_PS_PER_S, "200ns", NULL,
     "from the end of a packet to the return of its credits",
     "assumed: once across the link and back, and the root complex's receive buffer"},
    {"tags", SIM_COUNT, AT(tags), 1, 1 << 20, "256", NULL, "read requests under way",
     "assumed: 8-bit tags; 32 without extended tags, 768 with 10-bit ones"},
    {"channels", SIM_COUNT, AT(turns.channels), 1, PCIE_CHANNELS, "1", NULL,
     "queues that take turns on the wire, both ways; a transfer's goes by its stream, in the "
     "order of the scenario; 1: transfers go one after the other",
     "assumed: one queue"},
    {"completion_bytes", SIM_BYTES, AT(rings.completion_bytes), 0, 128, "64", NULL,
     "completion entry that the card writes of a received packet; 0: nothing",
     "docs/sources.md mlx5-dev"},
    {"completion_batch", SIM_COUNT, AT(rings.completion_batch), 1, 64, "1", NULL,
     "received packets of a session of compressed entries: the first entry whole, then one of "
     "that size for every 8 packets; 1: not compressed",
     "docs/sources.md mlx5-cqe: off by default, at most 64"},
    {"tx_completion_batch", SIM_COUNT, AT(rings.tx_completion_batch), 1, 256, "64", NULL,
     "packets read per completion entry that the card writes",
     "assumed: drivers ask for one in a batch"},
    {"descriptor_bytes", SIM_BYTES, AT(rings.descriptor_bytes), 0, 256, "16", NULL,
     "receive descriptor that the card reads; 0: none, and no request",
     "docs/sources.md mlx5-en, mlx5-qp"},
    {"tx_descriptor_bytes", SIM_BYTES, AT(rings.tx_descriptor_bytes), 0, 256, "64", NULL,
     "transmit descriptor that the card reads; 0: none, and no request",
     "docs/sources.md mlx5-en"},
    {"descriptor_batch", SIM_COUNT, AT(rings.descriptor_batch), 1, 64, "8", NULL,
     "descriptors that the card fetches at a time", "assumed: docs/sources.md section 8"},
    {"doorbell_bytes", SIM_BYTES, AT(rings.doorbell_bytes), 0, 64, "8", NULL,
     "register write of the host that says that descriptors are posted; 0: none",
     "docs/sources.md mlx5-doorbell: one 64-bit register"},
    {"doorbell_batch", SIM_COUNT, AT(rings.doorbell_batch), 1, 4096, "8", NULL,
     "packets that the host posts per doorbell",
     "assumed: as many as are fetched; docs/sources.md mlx5-doorbell: one for all that a poll "
     "sent, at most 64"},
    {"rx_doorbell_batch", SIM_COUNT, AT(rings.rx_doorbell_batch), 0, 4096, "0", NULL,
     "receive descriptors that the host posts per doorbell; 0: the card looks into a record in "
     "memory instead when it runs short",
     "docs/sources.md mlx5-en: a record, no register"},
    {"interrupt_batch", SIM_COUNT, AT(rings.interrupt_batch), 0, 4096, "0", NULL,
     "received packets per interrupt, a write of 4 bytes; 0: none, the host polls. Those that "
     "wake "
     "cores are the host's word (\"receive\" of block host), not this: state both",
     "assumed: as a poll-mode driver"},
    {"fcs_bytes", SIM_BYTES, AT(rings.fcs_bytes), 0, 64, "4", NULL,
     "of a frame that do not cross the link: the card takes the check sequence off and puts "
     "it on",
     "docs/sources.md ieee-8023; assumed: drivers leave rx-fcs off"},
    {"pad_bytes", SIM_BYTES, AT(rings.pad_bytes), 0, 0, "0", "0|64|128",
     "to whose multiple the card fills up a received packet, so that no line of the cache is "
     "written in part; 0: it does not",
     "docs/sources.md dpdk-mlx5: off by default; mlx5-pad: Linux has it on, 64 or 128 with the "
     "host's lines"},
    {"queue", SIM_COUNT, AT(queue), 0, 65536, "128", NULL,
     "transfers to the host that wait, per sender; 0 is no bound",
     "assumed: covers the pipeline's latency at its packet rate; waiting is in packet memory"},
    {"ring", SIM_COUNT, AT(ring), 0, 8192, "1024", NULL,
     "transmit descriptors posted and not yet taken, per sending queue; 0 is no bound",
     "docs/sources.md mlx5-en"},
    {"reads", SIM_COUNT, AT(reads), 1, 8192, "512", NULL,
     "packets that the card is reading at a time",
     "assumed: packet rate times the round trips of descriptor and data"},
    {"latency_to_host", SIM_TIME, AT(latency_to_host), 0, SIM_PS_PER_S, "150ns", NULL,
     "one way, beyond the transfer",
     "assumed: less than half of the round trip of docs/sources.md pub:pcie-lat-BDW-cmd"},
    {"latency_from_host", SIM_TIME, AT(latency_from_host), 0, SIM_PS_PER_S, "150ns", NULL,
     "one way, beyond the transfer",
     "assumed: less than half of the round trip of docs/sources.md pub:pcie-lat-BDW-cmd"},
    {.name = NULL}};

const struct sim_field pcie_stats[] = {
    SIM_STAT("tlp_bytes_to_host", AT(link.way[PCIE_TO_HOST].tlp_bytes), SIM_BYTES,
             "bytes of packets sent or owed to the host, headers included"),
    SIM_STAT("tlp_bytes_from_host", AT(link.way[PCIE_FROM_HOST].tlp_bytes), SIM_BYTES,
             "the same from the host"),
    SIM_STAT("dllp_bytes_to_host", AT(link.way[PCIE_TO_HOST].dllp_bytes), SIM_BYTES,
             "acknowledgements and flow control to the host, where they are generated"),
    SIM_STAT("dllp_bytes_from_host", AT(link.way[PCIE_FROM_HOST].dllp_bytes), SIM_BYTES,
             "the same from the host"),
    SIM_STAT("credit_stall", AT(link.credit_stall), SIM_TIME,
             "time that packets waited for credits"),
    SIM_STAT("long_reads", AT(long_reads), SIM_COUNT,
             "reads longer than mrrs_bytes, which a chain should have cut"),
    SIM_STAT("doorbells", AT(rings.doorbells), SIM_COUNT, "doorbells that the host rang"),
    SIM_STAT("interrupts", AT(rings.interrupts), SIM_COUNT, "interrupts that the card sent"),
    {.name = NULL}};

bool pcie_check(const struct pcie *p, const char **key, const char **why) {
    const struct pcie_params *l = &p->link_params;
    *key = "posted_data_bytes";
    *why = "a write of mps_bytes would never have its credits; give it as much, or more";
    if (l->posted_data_bytes > 0 && l->posted_data_bytes < l->mps_bytes)
        return false;
    *key = "completion_data_bytes";
    *why = "a completion of mps_bytes would never have its credits; give as much, or more";
    if (l->completion_data_bytes > 0 && l->completion_data_bytes < l->mps_bytes)
        return false;
    *key = "dllp";
    *why = "has no effect in generation 6: acknowledgements and credits are part of a flit";
    if (l->dllp == PCIE_RESERVED && l->gen >= 6)
        return false;
    *key = "lanes";
    *why = "generation 6 has links of 1, 2, 4, 8 and 16 lanes";
    if (l->gen >= 6 && (l->lanes > 16 || l->lanes == 12))
        return false;
    *key = "ring";
    *why =
        "holds less than the \"doorbell_batch\" that the host posts before it rings; give the "
        "ring more places, or ring sooner";
    if (p->ring > 0 && p->rings.doorbell_bytes > 0 && p->ring < p->rings.doorbell_batch)
        return false;
    *key = "completion_batch";
    *why = "has no effect without \"completion_bytes\"";
    return p->rings.completion_batch == 1 || p->rings.completion_bytes > 0;
}

/* Does a step that was visited meet a condition? */
static bool any(const struct sim_comp *comp, bool (*is)(const struct sim_step *step)) {
    for (uint32_t i = 0; i < comp->world->steps; i++)
        if (comp->world->step[i].comp == comp && comp->world->step[i].op != NULL &&
            is(&comp->world->step[i]) && sim_step_used(comp->world, i))
            return true;
    return false;
}

static bool takes(const struct sim_step *step) { return pcie_takes_packet(step->op); }

static bool takes_native(const struct sim_step *step) {
    return takes(step) &&
           ((const struct pcie_transmit *)step->args)->rings.format == RINGS_NATIVE;
}

static bool receives_native(const struct sim_step *step) {
    return step->op == &pcie_ops[PCIE_OP_RECEIVE] &&
           ((const struct pcie_ring_args *)step->args)->format == RINGS_NATIVE;
}

static bool reads(const struct sim_step *step) {
    return step->op == &pcie_ops[PCIE_OP_REQUEST] ||
           step->op == &pcie_ops[PCIE_OP_COMPLETION] ||
           step->op == &pcie_ops[PCIE_OP_REQUEST_IN] ||
           step->op == &pcie_ops[PCIE_OP_COMPLETION_OUT];
}

static bool waits_to_go(const struct sim_step *step) {
    return step->kind == SIM_STEP_VISIT && step->op->port == PCIE_TO_HOST;
}

/* Is a descriptor fetch so long that it may be cut? */
static bool long_fetches(const struct sim_comp *comp, const struct pcie_rings *r) {
    enum { LEAST = 128 };
    return (r->descriptor_batch * r->descriptor_bytes > LEAST && any(comp, receives_native)) ||
           (r->descriptor_batch * r->tx_descriptor_bytes > LEAST && any(comp, takes_native));
}

/* Of descriptors, completions and doorbells: whose formats are those of another's device do not
 * go by the card's own. */
static bool rings_effect(const struct sim_comp *comp, const char *param) {
    const struct pcie_rings *r = &((const struct pcie *)comp)->rings;
    if (strcmp(param, "rx_doorbell_batch") == 0)
        return r->doorbell_bytes > 0;
    if (strcmp(param, "doorbell_bytes") == 0)
        return r->rx_doorbell_batch > 0 || any(comp, takes);
    if (sim_listed("descriptor_bytes completion_batch", param))
        return any(comp, receives_native);
    if (sim_listed("tx_descriptor_bytes tx_completion_batch", param))
        return any(comp, takes_native);
    return strcmp(param, "completion_bytes") != 0 || any(comp, receives_native) ||
           any(comp, takes_native);
}

bool pcie_effect(const struct sim_comp *comp, const char *param) {
    const struct pcie *p = (const struct pcie *)comp;
    const struct pcie_params *l = &p->link_params;
    if (!rings_effect(comp, param))
        return false;
    if (strcmp(param, "mrrs_bytes") == 0)
        return any(comp, reads) || long_fetches(comp, &p->rings);
    if (strcmp(param, "queue") == 0)
        return any(comp, waits_to_go);
    if (sim_listed("ack_interval_bytes fc_interval_bytes dllp_bytes", param))
        return l->gen < 6;
    if (strcmp(param, "credit_latency") == 0)
        return l->posted_headers > 0 || l->posted_data_bytes > 0 || l->nonposted_headers > 0 ||
               l->completion_headers > 0 || l->completion_data_bytes > 0;
    return strcmp(param, "channels") != 0 || comp->world->streams > 1;
}
