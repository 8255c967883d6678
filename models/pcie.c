/* pcie.c - a PCI Express link between card and host, each direction a port of its own.
 *
 * "to-host" carries memory writes, cut into packets (TLPs) of at most MPS bytes with a header
 * each; "from-host" carries the completions of reads. With the payload goes what a network card
 * needs for it: the completion entry that it writes, and its share of descriptor traffic, which
 * is moved descriptor_batch at a time. The rate is that of the lanes after encoding, less
 * the shares of ACK and flow-control packets and of SKP sets. All of it is one reduced
 * fraction, so the time of back-to-back transfers is exact.
 *
 * "from-host" keeps a place of the sending queue's ring from the posting of a descriptor until
 * the packet has been read: round trips and all. (Hardware reports the place free a little
 * later, when the packet has left the card.)
 *
 * "to-host" takes a receive descriptor when a transfer starts: without one the packet is
 * dropped and the link is not used.
 *
 * Left to the full model: traffic that a transfer causes in the opposite direction (read
 * requests of transmit, descriptors of receive, completion entries of transmit), credits by
 * type, tags and MRRS as a window, ordering, doorbells as packets of their own, DLLPs in their
 * real direction, ECRC and 32-bit addresses (other than by the header sizes), RCB-sized
 * completions, the IOMMU, switches. Framing is not quantised to symbols or lanes.
 *
 * Whose numbers: the published model of pcie-bench (docs/sources.md section 7), which reserves
 * DLLP bandwidth in both directions. Generation 6 follows it too: 242 of 256 bytes of a flit,
 * the ACK intervals of generation 5 - assumed there and here.
 */
#include "sim/engine/model.h"

enum { PCIE_TO_HOST, PCIE_FROM_HOST };

struct pcie {
    struct sim_comp base;
    int64_t gen, lanes, mps_bytes, mrrs_bytes;
    int64_t mwr_header_bytes, mrd_header_bytes, cpld_header_bytes;
    int64_t dllp_bytes, ack_interval_bytes, fc_interval_bytes, skp_bytes, skp_interval_bytes;
    int64_t completion_bytes, descriptor_bytes, tx_descriptor_bytes, descriptor_batch;
    int64_t doorbell_bytes, queue, ring, latency_to_host, latency_from_host;
    uint64_t write_extra, read_extra, doorbell; /* bits a packet, times descriptor_batch */
    struct sim_ser way[2]; /* PCIE_TO_HOST, PCIE_FROM_HOST; in bits times descriptor_batch */
};

/* What host memory does not hold of a frame. First member of both. */
struct pcie_write {
    int64_t fcs_bytes;
};

struct pcie_read {
    int64_t fcs_bytes, doorbell, fetches;
};

#define AT(member) offsetof(struct pcie, member)
#define SIZES      "128|256|512|1024|2048|4096"

static const struct sim_field pcie_params[] = {
    {"gen", SIM_COUNT, AT(gen), 0, 0, "5", "1|2|3|4|5|6", "generation",
     "docs/sources.md pub:bf3-pcie32"},
    {"lanes", SIM_COUNT, AT(lanes), 0, 0, "16", "1|2|4|8|16|32", "width",
     "docs/sources.md bsp-skus"},
    {"mps_bytes", SIM_BYTES, AT(mps_bytes), 0, 0, "256", SIZES, "maximum payload size",
     "docs/sources.md mlx-mps, pub:pcie-model-gen5x16-256"},
    {"mrrs_bytes", SIM_BYTES, AT(mrrs_bytes), 0, 0, "512", SIZES, "maximum read request size",
     "docs/sources.md section 7: the published model's setting"},
    {"mwr_header_bytes", SIM_BYTES, AT(mwr_header_bytes), 0, 64, "24", NULL,
     "what a memory write adds to its payload, framing included",
     "docs/sources.md pub:pcie-hdr-mwr64"},
    {"mrd_header_bytes", SIM_BYTES, AT(mrd_header_bytes), 0, 64, "24", NULL,
     "a read request, framing included", "docs/sources.md pub:pcie-hdr-mrd64"},
    {"cpld_header_bytes", SIM_BYTES, AT(cpld_header_bytes), 0, 64, "20", NULL,
     "what a completion adds to its data, framing included",
     "docs/sources.md pub:pcie-hdr-cpld"},
    {"dllp_bytes", SIM_BYTES, AT(dllp_bytes), 0, 16, "8", NULL,
     "size of an ACK and of a flow-control packet", "docs/sources.md pub:pcie-dllp"},
    {"ack_interval_bytes", SIM_BYTES, AT(ack_interval_bytes), 0, 8192, "0", NULL,
     "bytes of TLP per ACK; 0: as the specification's tables say for width and payload size",
     "docs/sources.md pub:pcie-ackint"},
    {"fc_interval_bytes", SIM_BYTES, AT(fc_interval_bytes), 0, 8192, "0", NULL,
     "bytes of TLP per flow-control update; 0: as for ACK", "docs/sources.md pub:pcie-ackint"},
    {"skp_bytes", SIM_BYTES, AT(skp_bytes), 0, 64, "4", NULL, "SKP set, per interval",
     "docs/sources.md pub:pcie-skip"},
    {"skp_interval_bytes", SIM_BYTES, AT(skp_interval_bytes), 128, 8192, "1538", NULL,
     "bytes from one SKP set to the next", "docs/sources.md pub:pcie-skip"},
    {"completion_bytes", SIM_BYTES, AT(completion_bytes), 0, 128, "64", NULL,
     "completion entry that the card writes for a received packet; 0: none",
     "docs/sources.md mlx5-dev; 8 when compressed"},
    {"descriptor_bytes", SIM_BYTES, AT(descriptor_bytes), 0, 256, "16", NULL,
     "receive descriptor that the card reads; 0: none, and no request",
     "docs/sources.md mlx5-en, mlx5-qp"},
    {"tx_descriptor_bytes", SIM_BYTES, AT(tx_descriptor_bytes), 0, 256, "64", NULL,
     "transmit descriptor that the card reads; 0: none", "docs/sources.md mlx5-en"},
    {"descriptor_batch", SIM_COUNT, AT(descriptor_batch), 1, 64, "8", NULL,
     "descriptors posted and fetched at a time", "assumed: docs/sources.md section 8"},
    {"doorbell_bytes", SIM_BYTES, AT(doorbell_bytes), 0, 64, "8", NULL,
     "register write that says that descriptors are posted; 0: none",
     "assumed: one 64-bit register"},
    {"queue", SIM_COUNT, AT(queue), 0, 65536, "128", NULL,
     "transfers to the host that wait, per sender; 0 is no bound",
     "assumed: covers the pipeline's latency at its packet rate; waiting is in packet memory"},
    {"ring", SIM_COUNT, AT(ring), 0, 8192, "1024", NULL,
     "transmit descriptors that a sending queue may have posted and not read; 0 is no bound",
     "docs/sources.md mlx5-en"},
    {"latency_to_host", SIM_TIME, AT(latency_to_host), 0, SIM_PS_PER_S, "240ns", NULL,
     "one way, beyond the transfer",
     "assumed: half of the round trip of docs/sources.md pub:pcie-lat-BDW-cmd"},
    {"latency_from_host", SIM_TIME, AT(latency_from_host), 0, SIM_PS_PER_S, "240ns", NULL,
     "one way, beyond the transfer",
     "assumed: half of the round trip of docs/sources.md pub:pcie-lat-BDW-cmd"},
    {.name = NULL}};

#define FCS                                                                                    \
    {                                                                                          \
        "fcs_bytes", SIM_BYTES, offsetof(struct pcie_write, fcs_bytes), 0, 64, "4", NULL,      \
            "of the frame that do not cross the link: the card takes the check sequence off "  \
            "and puts it on; 0 for what is no frame",                                          \
            "docs/sources.md ieee-8023; assumed: drivers leave rx-fcs off"                     \
    }
#define READ(member) offsetof(struct pcie_read, member)

static const struct sim_field pcie_write_fields[] = {FCS, {.name = NULL}};

static const struct sim_field pcie_read_fields[] = {
    FCS,
    {"doorbell", SIM_BOOL, READ(doorbell), 0, 0, "true", NULL,
     "whether the host's doorbell comes first: its way, and its share of the link", NULL},
    {"fetches", SIM_COUNT, READ(fetches), 1, 8, "2", NULL,
     "round trips one after the other: 2 for descriptor and data, 1 when the card has the "
     "descriptor already",
     "assumed: an idle queue, where nothing was fetched ahead"},
    {.name = NULL}};

static const struct sim_op pcie_ops[] = {
    [PCIE_TO_HOST] = {.name = "write",
                      .doc = "write a received packet and its completion entry to host memory",
                      .port = PCIE_TO_HOST,
                      .fields = pcie_write_fields,
                      .size = sizeof(struct pcie_write),
                      .params = "completion_bytes descriptor_bytes queue"},
    [PCIE_FROM_HOST] = {.name = "read",
                        .doc = "read a packet to send from host memory",
                        .port = PCIE_FROM_HOST,
                        .fields = pcie_read_fields,
                        .size = sizeof(struct pcie_read),
                        .params = "cpld_header_bytes tx_descriptor_bytes doorbell_bytes ring "
                                  "latency_from_host"},
    {.name = NULL}};

static uint64_t pieces(uint64_t bytes, uint64_t most) { return (bytes + most - 1) / most; }

/* Bytes of TLP per ACK: (MPS + 28) * factor / lanes + internal delay in symbol times, rounded
 * down. Source: PCI Express Base Specification 5.0, tables 2-46 to 2-48 and 3-7 to 3-9; the
 * factors follow from the tables as the published model transcribes them. */
static uint64_t ack_interval(const struct pcie *p) {
    uint64_t delay = p->gen == 1 ? 19 : p->gen == 2 ? 70 : 115;
    bool small = p->mps_bytes <= 256;
    uint64_t tenths = p->lanes <= 4   ? (small ? 14 : 10)
                      : p->lanes == 8 ? (small ? 25 : 10)
                                      : (small ? 30 : 20);
    return ((uint64_t)p->mps_bytes + 28) * tenths / (10 * (uint64_t)p->lanes) + delay;
}

/* What the link has for TLPs: lanes after encoding, times 1 - SKP - ACK - flow control, all of
 * it times descriptor_batch. num/den is that share; 0/1 when nothing is left. */
static bool tlp_rate(const struct pcie *p, struct sim_rate *rate) {
    int64_t ack = p->ack_interval_bytes ? p->ack_interval_bytes : (int64_t)ack_interval(p);
    int64_t fc = p->fc_interval_bytes ? p->fc_interval_bytes : (int64_t)ack_interval(p);
    int64_t skp = p->skp_interval_bytes;
    int64_t share = skp * ack * fc - p->skp_bytes * ack * fc - p->dllp_bytes * skp * (ack + fc);
    if (share <= 0)
        return false;
    uint64_t transfers = p->gen == 1   ? 2500000000
                         : p->gen == 2 ? 5000000000
                                       : 8000000000ULL << (p->gen - 3);
    uint64_t carried = p->gen <= 2 ? 8 : p->gen <= 5 ? 128 : 242;
    uint64_t sent = p->gen <= 2 ? 10 : p->gen <= 5 ? 130 : 256;
    *rate = sim_rate_make(
        transfers, (uint64_t)(p->lanes * p->descriptor_batch) * carried * (uint64_t)share,
        sent * (uint64_t)(skp * ack * fc));
    return true;
}

static uint64_t write_bytes(const struct pcie *p, uint64_t bytes) {
    return bytes + pieces(bytes, (uint64_t)p->mps_bytes) * (uint64_t)p->mwr_header_bytes;
}

/* Completions of a read, which is cut into requests of at most MRRS bytes. */
static uint64_t read_bytes(const struct pcie *p, uint64_t bytes) {
    uint64_t mrrs = (uint64_t)p->mrrs_bytes, mps = (uint64_t)p->mps_bytes;
    uint64_t completions = bytes / mrrs * pieces(mrrs, mps) + pieces(bytes % mrrs, mps);
    return bytes + completions * (uint64_t)p->cpld_header_bytes;
}

/* Bits that go with each packet, times descriptor_batch: a whole batch's. */
static void shares(struct pcie *p) {
    uint64_t batch = (uint64_t)p->descriptor_batch;
    uint64_t received = batch * (uint64_t)p->descriptor_bytes;
    uint64_t requests = pieces(received, (uint64_t)p->mrrs_bytes);
    p->write_extra = 8 * (batch * write_bytes(p, (uint64_t)p->completion_bytes) +
                          requests * (uint64_t)p->mrd_header_bytes);
    p->read_extra = 8 * read_bytes(p, batch * (uint64_t)p->tx_descriptor_bytes);
    p->doorbell = 8 * write_bytes(p, (uint64_t)p->doorbell_bytes);
}

/* Which parameter takes most of the link, for a message. */
static const char *greediest(const struct pcie *p) {
    int64_t ack = p->ack_interval_bytes ? p->ack_interval_bytes : (int64_t)ack_interval(p);
    int64_t fc = p->fc_interval_bytes ? p->fc_interval_bytes : (int64_t)ack_interval(p);
    if (p->skp_bytes * ack > p->dllp_bytes * p->skp_interval_bytes &&
        p->skp_bytes * fc > p->dllp_bytes * p->skp_interval_bytes)
        return "skp_interval_bytes";
    if (ack <= fc && p->ack_interval_bytes)
        return "ack_interval_bytes";
    return fc <= ack && p->fc_interval_bytes ? "fc_interval_bytes" : "dllp_bytes";
}

static bool pcie_init(struct sim_comp *comp, struct sim_err *err) {
    struct pcie *p = (struct pcie *)comp;
    struct sim_rate rate;
    char path[512];
    if (!tlp_rate(p, &rate))
        return sim_fail(err, comp->file,
                        sim_pointer(path, sizeof path, comp->pointer, greediest(p)),
                        "ACK, flow-control and SKP leave nothing of the link for data; make "
                        "them smaller or their intervals longer");
    for (int i = 0; i < 2; i++)
        sim_ser_init(&p->way[i], rate);
    shares(p);
    sim_port_add(comp, &(struct sim_port_opts){.name = "to-host",
                                               .in_order = true,
                                               .capacity = p->queue,
                                               .reserve_at_start = true});
    sim_port_add(comp, &(struct sim_port_opts){.name = "from-host",
                                               .in_order = true,
                                               .slot_till_out = true,
                                               .capacity = p->ring});
    return true;
}

/* What is moved of a frame. */
static uint64_t moved(const struct sim_msg *m, int64_t fcs_bytes) {
    return m->bytes > (uint64_t)fcs_bytes ? m->bytes - (uint64_t)fcs_bytes : 0;
}

static void serve_write(struct pcie *p, const struct pcie_write *how, const struct sim_msg *m,
                        sim_ps start, struct sim_service *out) {
    uint64_t bits =
        8 * (uint64_t)p->descriptor_batch * write_bytes(p, moved(m, how->fcs_bytes));
    out->occupancy_ps =
        sim_ser_send(&p->way[PCIE_TO_HOST], start, bits + p->write_extra) - start;
    out->latency_ps = out->occupancy_ps + p->latency_to_host;
}

static void serve_read(struct pcie *p, const struct pcie_read *how, const struct sim_msg *m,
                       sim_ps start, struct sim_service *out) {
    uint64_t bits = 8 * (uint64_t)p->descriptor_batch * read_bytes(p, moved(m, how->fcs_bytes));
    bits += p->read_extra + (how->doorbell ? p->doorbell : 0);
    out->occupancy_ps = sim_ser_send(&p->way[PCIE_FROM_HOST], start, bits) - start;
    out->latency_ps = out->occupancy_ps +
                      how->fetches * (p->latency_to_host + p->latency_from_host) +
                      (how->doorbell ? p->latency_from_host : 0);
}

static void pcie_serve(struct sim_comp *comp, struct sim_port *port,
                       const struct sim_step *step, struct sim_msg *m, sim_ps start,
                       struct sim_service *out) {
    struct pcie *p = (struct pcie *)comp;
    if (port->index == PCIE_TO_HOST)
        serve_write(p, step->args, m, start, out);
    else
        serve_read(p, step->args, m, start, out);
}

const struct sim_model model_pcie = {.name = "pcie",
                                     .doc = "PCI Express link: each direction on its own",
                                     .size = sizeof(struct pcie),
                                     .params = pcie_params,
                                     .ops = pcie_ops,
                                     .init = pcie_init,
                                     .serve = pcie_serve};
