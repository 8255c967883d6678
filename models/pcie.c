/* pcie.c - a PCI Express link between card and host.
 *
 * Ports. "to-host" and "from-host" are the wire, a direction each, packets (TLPs) in the order
 * in which they come: a request passes no write of its channel, a write one that lacks
 * credits. "tags" holds a read
 * request's tag from its sending to its last completion: a step of op "read" calls the memory
 * and polls, and the device's routes lay the request on the way there and the completions on
 * the way back. "reads" are the packets of the host that the card is reading in order to send
 * them. A route that brings packets from the host reads them with its own hops, and keeps none
 * of these: "posts" is where its packet is taken.
 *
 * A message crosses in one go: writes are cut into packets of at most MPS, a read's data into
 * completions of at most MPS (or of RCB, as some root complexes do). A chain cuts what is
 * longer than MRRS into requests of their own with {"split": {"each": "mrrs_bytes"}}, each with
 * its own tag; a request that is longer all the same takes one tag. Every direction carries the
 * other's acknowledgements and flow-control updates ("dllp": "generated"), or both have a fixed
 * share of them taken away, as the published model of pcie-bench does ("reserved"). Credits of
 * the host's receiver, by type, come back a fixed time after the packet was sent; each type
 * that is bounded is a resource of its own ("posted-headers"), whose servers are the credits.
 *
 * Transfers go one after the other, each with all its packets, as from one queue. With
 * "channels" streams have queues of their own that take turns on the wire, both ways: packet by
 * packet where a chain cuts writes with {"split": {"each": "mps_bytes"}}, else transfer by
 * transfer; completions of one request (at most MRRS) stay together. No bandwidth hangs on it,
 * but what a small transfer waits for behind large ones: docs/pcie.md has a table.
 *
 * Around the packets of a network card: pcie_rings.h.
 *
 * Left out: payload in whole words of 4 bytes (it counts in bytes, as the published model has
 * it); transfers that begin inside a line; completions of several requests that alternate
 * packet by packet (a small read waits for at most one request's, 552 bytes at MRRS 512);
 * tags of what fetches descriptors, and credits of those to send and of virtio's;
 * replays and errors; power states; credits of the card for what peers write and ask for.
 * Generation 6 counts 236 of 256 bytes of a flit for packets, whose
 * acknowledgements and credits travel in the flit; optional header content there is none.
 * Memory behind the link: hostmemory.c. Whose numbers: docs/sources.md section 7.
 */
#include "models/pcie_rings.h"
#include "models/pcie_turns.h"
#include "sim/engine/row.h"
#include <string.h>

enum { TAGS = PCIE_FROM_HOST + 1, READS, POSTS };

struct pcie {
    struct sim_comp base;
    struct pcie_params link_params;
    struct pcie_link link;
    struct pcie_rings rings;
    struct pcie_turns turns;
    int64_t queue, ring, reads, tags, latency_to_host, latency_from_host;
};

struct pcie_transmit {
    struct pcie_ring_args rings;
    int64_t doorbell, fetches, memory;
};

#define AT(member)   offsetof(struct pcie, member)
#define LINK(member) offsetof(struct pcie, link_params.member)
#define SIZES        "128|256|512|1024|2048|4096"

static const struct sim_field pcie_fields[] = {
    {"gen", SIM_COUNT, LINK(gen), 0, 0, "5", "1|2|3|4|5|6", "generation",
     "docs/sources.md pub:bf3-pcie32"},
    {"lanes", SIM_COUNT, LINK(lanes), 0, 0, "16", "1|2|4|8|16|32", "width",
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
    {"tags", SIM_COUNT, AT(tags), 1, 16384, "256", NULL, "read requests under way",
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
    {"interrupt_batch", SIM_COUNT, AT(rings.interrupt_batch), 0, 4096, "0", NULL,
     "received packets per interrupt, a write of 4 bytes; 0: none, the host polls",
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

#define COUNTS(NAME, MEMBER, UNIT, DOC)                                                        \
    { .name = NAME, .unit = UNIT, .offset = AT(MEMBER), .doc = DOC }

static const struct sim_field pcie_stats[] = {
    COUNTS("tlp_bytes_to_host", link.way[PCIE_TO_HOST].tlp_bytes, SIM_BYTES,
           "bytes of packets sent or owed to the host, headers included"),
    COUNTS("tlp_bytes_from_host", link.way[PCIE_FROM_HOST].tlp_bytes, SIM_BYTES,
           "the same from the host"),
    COUNTS("dllp_bytes_to_host", link.way[PCIE_TO_HOST].dllp_bytes, SIM_BYTES,
           "acknowledgements and flow control to the host, where they are generated"),
    COUNTS("dllp_bytes_from_host", link.way[PCIE_FROM_HOST].dllp_bytes, SIM_BYTES,
           "the same from the host"),
    COUNTS("credit_stall", link.credit_stall, SIM_TIME, "time that packets waited for credits"),
    COUNTS("doorbells", rings.doorbells, SIM_COUNT, "doorbells that the host rang"),
    COUNTS("interrupts", rings.interrupts, SIM_COUNT, "interrupts that the card sent"),
    {.name = NULL}};

#define SENDS(member) offsetof(struct pcie_transmit, member)

#define FORMAT(OF)                                                                             \
    {"rings",                                                                                  \
     SIM_ENUM,                                                                                 \
     OF + offsetof(struct pcie_ring_args, format),                                             \
     0,                                                                                        \
     0,                                                                                        \
     "native",                                                                                 \
     "native|split|packed",                                                                    \
     "whose descriptors and completions: the card's own, as the block's parameters say, or "   \
     "those of a virtio device with split or packed rings",                                    \
     "docs/sources.md virtio: 16 B a descriptor, 12 B in front of a packet"},                  \
    {                                                                                          \
        "used_batch", SIM_COUNT, OF + offsetof(struct pcie_ring_args, used_batch), 1, 256, "", \
            NULL,                                                                              \
            "virtio: packets whose completion is written at once; absent: a line of 64 "       \
            "bytes, "                                                                          \
            "8 of split and 4 of packed rings",                                                \
            "assumed: a device that writes whole lines"                                        \
    }

static const struct sim_field receive_fields[] = {FORMAT(0), {.name = NULL}};

static const struct sim_field transmit_fields[] = {
    FORMAT(SENDS(rings)),
    {"doorbell", SIM_BOOL, SENDS(doorbell), 0, 0, "true", NULL,
     "whether the host's doorbell comes first: its way, and its share of the link", NULL},
    {"fetches", SIM_COUNT, SENDS(fetches), 0, 8, "", NULL,
     "round trips before the data is asked for; absent: 1 for the descriptor, of split rings "
     "3, "
     "for index, entry and descriptor; 0 when the card has it already",
     "assumed: an idle queue, where nothing was fetched ahead"},
    {"memory", SIM_TIME, SENDS(memory), 0, SIM_PS_PER_S, "180ns", NULL,
     "what memory adds to such a round trip",
     "assumed: a hit in the host's cache, hostmemory.c"},
    {.name = NULL}};

enum {
    WRITE,
    RECEIVE,
    REQUEST,
    COMPLETION,
    READ,
    COMPLETE,
    TRANSMIT,
    TRANSMITTED,
    POST,
    POSTED,
    WRITE_IN,
    REQUEST_IN,
    COMPLETION_OUT
};

#define WRITE_CREDITS "posted_headers posted_data_bytes credit_latency"

static const struct sim_op pcie_ops[] = {
    [WRITE] = {.name = "write",
               .doc = "a write to the host",
               .port = PCIE_TO_HOST,
               .params = WRITE_CREDITS},
    [RECEIVE] = {.name = "receive",
                 .doc =
                     "write a received packet to the host, with its completion entry and its "
                     "share of descriptors and interrupts",
                 .port = PCIE_TO_HOST,
                 .fields = receive_fields,
                 .size = sizeof(struct pcie_ring_args),
                 .params = WRITE_CREDITS " nonposted_headers completion_bytes completion_batch "
                                         "descriptor_bytes interrupt_batch "
                                         "descriptor_batch fcs_bytes pad_bytes rcb_bytes"},
    [REQUEST] = {.name = "request",
                 .doc =
                     "requests of a read: what routes lay on the way from the card to memory",
                 .port = PCIE_TO_HOST,
                 .params = "nonposted_headers credit_latency"},
    [COMPLETION] = {.name = "completion",
                    .doc = "completions of a read: what routes lay on the way back",
                    .port = PCIE_FROM_HOST,
                    .params = "rcb_bytes latency_from_host completion_headers "
                              "completion_data_bytes credit_latency"},
    [READ] = {.name = "read",
              .doc = "take a tag; the step calls memory and polls",
              .port = TAGS,
              .params = "tags"},
    [COMPLETE] = {.name = "complete",
                  .doc = "all completions are there: the way back of a call",
                  .port = TAGS},
    [TRANSMIT] = {.name = "transmit",
                  .doc = "the card takes a packet's descriptor; the step splits into read "
                         "requests and polls",
                  .port = READS,
                  .fields = transmit_fields,
                  .size = sizeof(struct pcie_transmit),
                  .params = "tx_descriptor_bytes tx_completion_batch doorbell_bytes "
                            "doorbell_batch ring reads descriptor_batch fcs_bytes "
                            "completion_bytes rcb_bytes latency_from_host"},
    [TRANSMITTED] = {.name = "transmitted",
                     .doc = "the packet is read: the way back of \"transmit\"",
                     .port = READS},
    [POST] = {.name = "post",
              .doc = "as transmit, on a route whose own hops read the packet: request, the "
                     "memory's read, completion, posted",
              .port = POSTS,
              .fields = transmit_fields,
              .size = sizeof(struct pcie_transmit),
              .params = "tx_descriptor_bytes tx_completion_batch doorbell_bytes "
                        "doorbell_batch descriptor_batch fcs_bytes completion_bytes rcb_bytes "
                        "latency_from_host"},
    [POSTED] = {.name = "posted", .doc = "that packet is read", .port = POSTS},
    [WRITE_IN] = {.name = "write-in",
                  .doc = "a write towards the card: of a peer, or of the host's processor",
                  .port = PCIE_FROM_HOST,
                  .params = "latency_from_host"},
    [REQUEST_IN] = {.name = "request-in",
                    .doc = "requests of a peer's read of the card's memory",
                    .port = PCIE_FROM_HOST,
                    .params = "latency_from_host"},
    [COMPLETION_OUT] = {.name = "completion-out",
                        .doc = "completions of a peer's read of the card's memory",
                        .port = PCIE_TO_HOST,
                        .params = "rcb_bytes completion_headers completion_data_bytes "
                                  "credit_latency"},
    {.name = NULL}};

static bool check(const struct pcie *p, const char **key, const char **why) {
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
    if (l->gen >= 6 && l->lanes > 16)
        return false;
    *key = "completion_batch";
    *why = "has no effect without \"completion_bytes\"";
    return p->rings.completion_batch == 1 || p->rings.completion_bytes > 0;
}

static bool pcie_init(struct sim_comp *comp, struct sim_err *err) {
    struct pcie *p = (struct pcie *)comp;
    const char *key, *why;
    char path[512];
    if (!check(p, &key, &why))
        return sim_fail(err, comp->file, sim_pointer(path, sizeof path, comp->pointer, key),
                        "%s", why);
    key = pcie_link_init(&p->link, &p->link_params, comp);
    if (key != NULL)
        return sim_fail(err, comp->file, sim_pointer(path, sizeof path, comp->pointer, key),
                        "ACK, flow-control and SKP leave nothing of the link for data; make "
                        "them smaller or their intervals longer");
    uint32_t lines = pcie_turns_init(&p->turns, &p->link, sim_comp_arena(comp));
    sim_port_add(comp, &(struct sim_port_opts){.name = "to-host",
                                               .lines = lines,
                                               .in_order = true,
                                               .late = true,
                                               .capacity = p->queue,
                                               .reserve_at_start = true});
    sim_port_add(comp,
                 &(struct sim_port_opts){
                     .name = "from-host", .lines = lines, .in_order = true, .late = true});
    sim_port_add(comp, &(struct sim_port_opts){.name = "tags", .servers = (uint32_t)p->tags});
    sim_port_add(comp, &(struct sim_port_opts){.name = "reads",
                                               .servers = (uint32_t)p->reads,
                                               .capacity = p->ring});
    sim_port_add(comp, &(struct sim_port_opts){.name = "posts"});
    pcie_credit_ports(&p->link);
    return true;
}

static bool takes_packet(const struct sim_op *op) {
    return op == &pcie_ops[TRANSMIT] || op == &pcie_ops[POST];
}

static bool check_rings(const struct sim_step *step, struct sim_err *err) {
    const struct pcie_ring_args *how = step->op == &pcie_ops[RECEIVE] ? step->args
                                       : takes_packet(step->op)
                                           ? &((const struct pcie_transmit *)step->args)->rings
                                           : NULL;
    char at[512];
    if (how == NULL || how->format != PCIE_NATIVE || how->used_batch == SIM_ABSENT)
        return true;
    return sim_fail(err, "", sim_pointer(at, sizeof at, step->pointer, "used_batch"),
                    "has no effect without \"rings\": \"split\" or \"packed\"");
}

/* Tags and places for packets are kept while a step polls. */
static bool pcie_prepare(const struct sim_comp *comp, struct sim_step *step,
                         struct sim_err *err) {
    (void)comp;
    if (!check_rings(step, err))
        return false;
    if ((step->op == &pcie_ops[READ] || step->op == &pcie_ops[TRANSMIT]) && !step->hold)
        return sim_fail(
            err, "", step->pointer,
            "\"%s\" alone moves no data: %s, and say \"wait\": \"poll\"", step->op->name,
            step->op == &pcie_ops[READ] ? "\"call\" the memory"
                                        : "\"split\" into a chain that reads the packet");
    if ((step->op == &pcie_ops[COMPLETE] || step->op == &pcie_ops[TRANSMITTED]) && !step->back)
        return sim_fail(err, "", step->pointer,
                        "\"%s\" is the way back of another step; name it in its \"complete\"",
                        step->op->name);
    return true;
}

static uint32_t pcie_line(struct sim_comp *comp, struct sim_port *port, const struct sim_msg *m,
                          bool must) {
    const struct pcie *p = (const struct pcie *)comp;
    const struct sim_op *op = comp->world->step[m->step].op;
    (void)must;
    return pcie_turns_line(&p->turns, m,
                           port->index == PCIE_TO_HOST && op == &pcie_ops[REQUEST]);
}

static uint32_t pcie_choose(struct sim_comp *comp, struct sim_port *port, sim_ps now,
                            sim_ps *until) {
    struct pcie *p = (struct pcie *)comp;
    return pcie_turns_choose(&p->turns, &p->link, port, now, until);
}

static bool pcie_effect(const struct sim_comp *comp, const char *param) {
    const struct pcie_params *l = &((const struct pcie *)comp)->link_params;
    if (sim_listed("ack_interval_bytes fc_interval_bytes dllp_bytes", param))
        return l->gen < 6;
    if (strcmp(param, "credit_latency") == 0)
        return l->posted_headers > 0 || l->posted_data_bytes > 0 || l->nonposted_headers > 0 ||
               l->completion_headers > 0 || l->completion_data_bytes > 0;
    return strcmp(param, "channels") != 0 || comp->world->streams > 1;
}

/* The card takes a packet's descriptor. @return how long until it knows it. */
static sim_ps begin_transmit(struct pcie *p, const struct pcie_transmit *how, struct sim_msg *m,
                             sim_ps start) {
    int64_t fetches = how->fetches;
    if (fetches == SIM_ABSENT)
        fetches = pcie_rings_fetches((enum pcie_format)how->rings.format);
    pcie_rings_transmit(&p->rings, &p->link, &how->rings, how->doorbell, m, start);
    return fetches * (p->latency_to_host + p->latency_from_host + how->memory) +
           (how->doorbell ? p->latency_from_host : 0);
}

static sim_ps to_host(struct pcie *p, const struct sim_step *step, const struct sim_msg *m,
                      sim_ps start) {
    uint64_t bytes = sim_step_bytes(step, m);
    if (step->op == &pcie_ops[RECEIVE]) {
        start = pcie_may_owe(&p->link, PCIE_FROM_HOST, start);
        return pcie_rings_receive(&p->rings, &p->link, step->args, m, start);
    }
    if (step->op == &pcie_ops[REQUEST])
        return pcie_send_request(&p->link, start, bytes);
    if (step->op == &pcie_ops[COMPLETION_OUT])
        return pcie_send_completions(&p->link, PCIE_TO_HOST, start, bytes);
    return pcie_send_write(&p->link, start, bytes);
}

static sim_ps from_host(struct pcie *p, const struct sim_step *step, const struct sim_msg *m,
                        sim_ps start) {
    uint64_t bytes = sim_step_bytes(step, m);
    if (step->op == &pcie_ops[COMPLETION])
        return pcie_send_completions(&p->link, PCIE_FROM_HOST, start, bytes);
    uint64_t wire = step->op == &pcie_ops[REQUEST_IN] ? pcie_request_bytes(&p->link, bytes)
                                                      : pcie_write_bytes(&p->link, bytes);
    return pcie_send(&p->link, PCIE_FROM_HOST, start, wire);
}

static void pcie_serve(struct sim_comp *comp, struct sim_port *port,
                       const struct sim_step *step, struct sim_msg *m, sim_ps start,
                       struct sim_service *out) {
    struct pcie *p = (struct pcie *)comp;
    pcie_begin(&p->link, m);
    if (port->index <= PCIE_FROM_HOST) {
        int way = (int)port->index;
        sim_ps end = (way == PCIE_TO_HOST ? to_host : from_host)(p, step, m, start);
        out->occupancy_ps = pcie_sent(&p->link, way);
        out->delay_ps = end - start - out->occupancy_ps; /* for credits, or for what is owed */
        out->latency_ps = out->occupancy_ps +
                          (way == PCIE_TO_HOST ? p->latency_to_host : p->latency_from_host);
    } else if (takes_packet(step->op)) {
        out->latency_ps = begin_transmit(p, step->args, m, start);
    } else if (step->op == &pcie_ops[TRANSMITTED] || step->op == &pcie_ops[POSTED]) {
        m->bytes += (uint32_t)p->rings.fcs_bytes;
    }
}

const struct sim_model model_pcie = {.name = "pcie",
                                     .doc = "PCI Express link: each direction on its own",
                                     .size = sizeof(struct pcie),
                                     .params = pcie_fields,
                                     .stats = pcie_stats,
                                     .ops = pcie_ops,
                                     .init = pcie_init,
                                     .prepare = pcie_prepare,
                                     .serve = pcie_serve,
                                     .line = pcie_line,
                                     .choose = pcie_choose,
                                     .effect = pcie_effect};
