/* nvmf.c - NVMe over Fabrics on the wire: what commands, data and completions are there, over
 * RDMA (RoCEv2) or over TCP, and the transport engine that sends and receives them.
 *
 * A chain says which part of an exchange a message is. Going out ("command", "data", ...) it
 * becomes frames: headers of the transport around each packet, of at most `mtu_bytes` of
 * payload. Coming in ("receive") it is what they carried. Long data is cut before by the chain,
 * packet by packet ({"copy": {"each": "mtu_bytes", ...}}): each packet crosses port and link on
 * its own. What is not cut crosses in one piece, with the headers and gaps of all its packets.
 *
 * Over RDMA: command and completion are SENDs, data of a read is written to the initiator's
 * memory (RDMA WRITE), data of a write is fetched from it (RDMA READ) or comes in the command's
 * capsule. Over TCP: PDUs with their headers, and digests where they are on; data of a write is
 * asked for (R2T), or comes in the capsule. "read-request" is either one's request for a
 * write's data.
 *
 * The engine takes a message each 1/message_rate and holds it for tx_latency or rx_latency: of
 * RDMA the queue pair's work (work request, address translation, reliability); of TCP what the
 * card does, for the protocol itself is software's (ops nvmf-tcp-* of cores and hosts).
 * Left out: the state of queue pairs and connections beyond the time it takes; acknowledgements
 * but as a chain sends them ("ack"); congestion control; what a lost packet does to those
 * behind it: a chain's split with "timeout" and "retries" sends the whole exchange anew;
 * immediate data; TCP's slow start and windows.
 * Whose numbers: headers from the InfiniBand specification's RoCEv2 annex and RFC 9293 with
 * time stamps, PDUs from the NVMe TCP transport specification 1.0 (docs/sources.md section 11).
 */
#include "models/io.h"
#include "sim/engine/model.h"
#include "sim/engine/row.h"

enum { TX, RX, OFFLOAD, PORTS };
enum { RDMA, TCP }; /* transport */
enum { WIRE = 20 }; /* preamble, start of frame and gap: for packets that go in one piece */

/* Bytes of a frame around a packet's payload: Ethernet 14, IPv4 20, FCS 4 and UDP 8, BTH 12,
 * ICRC 4; or TCP 20 and time stamps 12. */
enum { AROUND_RDMA = 62, AROUND_TCP = 70 };
enum { RETH = 16, AETH = 4, SQE = 64, CQE = 16 };
enum { PDU = 8, DATA_PDU = 24, R2T_PDU = 24, DIGEST = 4 };
enum { MAD = 256, DETH = 8, IC_PDU = 128 }; /* of setting a connection up */

struct nvmf {
    struct sim_comp base;
    int64_t transport, mtu_bytes, in_capsule_bytes, header_digest, data_digest;
    int64_t message_rate, tx_latency, rx_latency, offload_rate, offload_latency;
    int64_t commands, in_capsule, data_packets; /* statistics */
    struct sim_ser pace[PORTS];
};

#define AT(member) offsetof(struct nvmf, member)

static const struct sim_field fields[] = {
    {"transport", SIM_ENUM, AT(transport), 0, 0, "rdma", "rdma|tcp", "what carries it", NULL},
    {"mtu_bytes", SIM_BYTES, AT(mtu_bytes), 256, 65536, "4096", NULL,
     "payload of a packet at most: RDMA's MTU, 256 to 4,096, or TCP's MSS, 1,448 or 8,948",
     "docs/sources.md section 11: the largest of RoCEv2, on frames of 9,000 bytes"},
    {"in_capsule_bytes", SIM_BYTES, AT(in_capsule_bytes), 0, 1 << 20, "4096", NULL,
     "data of a write that goes with its command; of longer ones none does",
     "docs/sources.md spdk-rdma-c: SPDK's default"},
    {"header_digest", SIM_BOOL, AT(header_digest), 0, 0, "false", NULL,
     "TCP: 4 bytes behind each PDU's header", "assumed: off, as Linux's default"},
    {"data_digest", SIM_BOOL, AT(data_digest), 0, 0, "false", NULL,
     "TCP: 4 bytes behind each PDU's data", "assumed: off, as Linux's default"},
    {"message_rate", SIM_PER_S, AT(message_rate), 1, SIM_PS_PER_S, "330M/s", NULL,
     "messages that the engine takes, each way",
     "docs/sources.md pub:cx7-msgrate: 330 to 370 M/s, lower end"},
    {"tx_latency", SIM_TIME, AT(tx_latency), 0, SIM_PS_PER_S, "400ns", NULL,
     "from the work request to the packet",
     "assumed: half of what docs/sources.md perftest-131, 0.93 us one way, leaves of two ports "
     "and PCIe"},
    {"rx_latency", SIM_TIME, AT(rx_latency), 0, SIM_PS_PER_S, "300ns", NULL,
     "from the packet to its place in memory being known", "assumed: the other half"},
    {"offload_rate", SIM_PER_S, AT(offload_rate), 1, SIM_PS_PER_S, "16M/s", NULL,
     "commands and completions together that the engine passes on without software",
     "assumed: 8 M requests/s a port, from memory of its maker's talks; docs/sources.md "
     "section "
     "11"},
    {"offload_latency", SIM_TIME, AT(offload_latency), 0, SIM_PS_PER_S, "700ns", NULL,
     "of each of them",
     "assumed: firmware on the NIC's own small processors; no maker says it"},
    {.name = NULL}};

static const struct sim_field stats[] = {
    {"commands", SIM_COUNT, AT(commands), 0, INT64_MAX, NULL, NULL, "commands sent", NULL},
    {"in_capsule", SIM_COUNT, AT(in_capsule), 0, INT64_MAX, NULL, NULL,
     "of these: with their data", NULL},
    {"data_packets", SIM_COUNT, AT(data_packets), 0, INT64_MAX, NULL, NULL,
     "packets of data sent, or pieces that were not cut", NULL},
    {.name = NULL}};

enum op { COMMAND, DATA, LAST, RESPONSE, READ_REQUEST, ACK, SETUP, RECEIVE, PLACED, PASS, OPS };

static const struct sim_op ops[OPS + 1] = {
    [COMMAND] = {.name = "command",
                 .doc = "send a command, with its data where that is short: verdict in-capsule",
                 .port = TX},
    [DATA] = {.name = "data",
              .doc = "send a packet of data, the message's bytes",
              .port = TX,
              .verdicts = ""},
    [LAST] = {.name = "last",
              .doc = "send the last packet of the request's data: the message goes on as that",
              .port = TX,
              .verdicts = ""},
    [RESPONSE] = {.name = "response", .doc = "send the completion", .port = TX, .verdicts = ""},
    [READ_REQUEST] = {.name = "read-request",
                      .doc = "ask the initiator for a write's data: RDMA READ, or R2T",
                      .port = TX,
                      .verdicts = ""},
    [ACK] = {.name = "ack",
             .doc = "acknowledge: RDMA's acknowledgement of a message, or TCP's",
             .port = TX,
             .verdicts = ""},
    [SETUP] = {.name = "setup",
               .doc = "ask for a connection, or say yes: a datagram of RDMA's connection "
                      "manager, or the PDU that begins a connection over TCP",
               .port = TX,
               .verdicts = ""},
    [RECEIVE] = {.name = "receive",
                 .doc = "take what has come out of its packets",
                 .port = RX,
                 .verdicts = ""},
    [PLACED] = {.name = "placed",
                .doc =
                    "take the last packet of the request's data: the message has all of them",
                .port = RX,
                .verdicts = ""},
    [PASS] = {.name = "offload",
              .doc = "the card itself makes the drive's command of what came, or the answer of "
                     "the drive's completion",
              .port = OFFLOAD,
              .verdicts = "",
              .params = "offload_rate offload_latency"},
    [OPS] = {.name = NULL}};

static const struct sim_verdict verdicts[] = {
    {"in-capsule", "next", "command: the write's data goes with it"}, {NULL, NULL, NULL}};

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct nvmf *n = (struct nvmf *)comp;
    char at[512];
    if (n->transport == RDMA && n->mtu_bytes > 4096)
        return sim_fail(err, comp->file, sim_pointer(at, sizeof at, comp->pointer, "mtu_bytes"),
                        "is more than RDMA's 4,096; use 256, 512, 1024, 2048 or 4096");
    if (n->transport == RDMA && (n->header_digest || n->data_digest))
        return sim_fail(err, comp->file,
                        sim_pointer(at, sizeof at, comp->pointer,
                                    n->header_digest ? "header_digest" : "data_digest"),
                        "has no effect over RDMA, whose packets carry a checksum of their own");
    static const char *const name[PORTS] = {"tx", "rx", "offload"};
    for (int i = 0; i < PORTS; i++) {
        int64_t rate = i == OFFLOAD ? n->offload_rate : n->message_rate;
        sim_ser_init(&n->pace[i], sim_rate_make((uint64_t)rate, 1, 1));
        sim_port_add(comp, &(struct sim_port_opts){.name = name[i], .in_order = true});
    }
    return true;
}

/* ---------------------------------------------------------------- bytes */

static uint32_t around(const struct nvmf *n) {
    return n->transport == TCP ? AROUND_TCP : AROUND_RDMA;
}

/* Frames that carry so many bytes: with what lies between them on the line. */
static uint32_t frames(const struct nvmf *n, uint32_t payload) {
    uint32_t mtu = (uint32_t)n->mtu_bytes,
             packets = payload > mtu ? (payload + mtu - 1) / mtu : 1;
    return payload + packets * around(n) + (packets - 1) * WIRE;
}

/* What they carry: the other way round. One may be longer by RDMA's header of a request. */
static uint32_t carried(const struct nvmf *n, uint32_t bytes) {
    uint32_t each = (uint32_t)n->mtu_bytes + around(n) + WIRE;
    uint32_t packets = (bytes + WIRE - RETH + each - 1) / each;
    return bytes - packets * around(n) - (packets - 1) * WIRE;
}

/* Digests of a PDU, with data or without. */
static uint32_t digests(const struct nvmf *n, bool data) {
    return (n->header_digest ? (uint32_t)DIGEST : 0) +
           (data && n->data_digest ? (uint32_t)DIGEST : 0);
}

/* The transport's own headers of a part of an exchange. What answers RDMA READ has one in the
 * first packet and in the last: where these are two, both go with the last. */
static uint32_t own_header(const struct nvmf *n, enum op op, const struct io *io, bool data) {
    if (n->transport == TCP)
        return digests(n, data) + (op == LAST ? (uint32_t)DATA_PDU : (uint32_t)PDU);
    if (op == LAST)
        return io->bytes > n->mtu_bytes ? 2 * AETH : AETH;
    return op == READ_REQUEST ? RETH : 0;
}

/* Of a read's data, as they go with the completion: of the PDU that the data is in, or of the
 * first packet that writes it. */
static uint32_t data_header(const struct nvmf *n) {
    return n->transport == TCP ? DATA_PDU + digests(n, true) : RETH;
}

/* Bytes of the last packet of so much data. */
static uint32_t rest(const struct nvmf *n, uint32_t bytes) {
    uint32_t over = bytes % (uint32_t)n->mtu_bytes;
    return over > 0 || bytes == 0 ? over : (uint32_t)n->mtu_bytes;
}

/* What the part carries, its headers of the transport included. The header of a request's data
 * goes with the completion or the last packet: one. */
static uint32_t payload_of(struct nvmf *n, enum op op, const struct io *io,
                           const struct sim_msg *m, struct sim_service *out) {
    bool tcp = n->transport == TCP;
    bool inside = io->op == IO_WRITE && io->bytes <= n->in_capsule_bytes;
    uint32_t header = own_header(n, op, io, op == LAST || (op == COMMAND && inside));
    switch (op) {
    case COMMAND:
        out->verdict = inside;
        return SQE + header + (inside ? io->bytes : 0);
    case DATA:
        return m->bytes;
    case LAST:
        return rest(n, io->bytes) + header;
    case RESPONSE: /* and the header of the data in front of it */
        return CQE + header + (io->op == IO_READ ? data_header(n) : 0);
    case READ_REQUEST:
        return header + (tcp ? R2T_PDU - PDU : 0);
    case SETUP:
        return tcp ? IC_PDU : DETH + MAD;
    default:
        return tcp ? 0 : AETH;
    }
}

/* The part as frames. RDMA's headers of a request are beside the MTU, which is data's alone. */
static uint32_t framed(struct nvmf *n, enum op op, const struct io *io, const struct sim_msg *m,
                       struct sim_service *out) {
    uint32_t beside = n->transport == RDMA && op == LAST ? own_header(n, op, io, true) : 0;
    return frames(n, payload_of(n, op, io, m, out) - beside) + beside;
}

static void count(struct nvmf *n, enum op op, bool inside, sim_ps at) {
    if (op == COMMAND) {
        sim_comp_count(&n->base, &n->commands, at);
        if (inside)
            sim_comp_count(&n->base, &n->in_capsule, at);
    } else if (op == DATA || op == LAST) {
        sim_comp_count(&n->base, &n->data_packets, at);
    }
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    struct nvmf *n = (struct nvmf *)comp;
    const struct io *io = io_of(&comp->node->pool, m);
    enum op op = (enum op)(step->op - ops);
    SIM_ASSERT(io != NULL);
    out->occupancy_ps = sim_ser_send(&n->pace[port->index], start, 1) - start;
    out->latency_ps = port->index == TX   ? n->tx_latency
                      : port->index == RX ? n->rx_latency
                                          : n->offload_latency;
    if (op == PASS) /* what was read goes on, or a command */
        m->bytes = m->bytes > io->bytes ? io->bytes : m->bytes;
    else if (op == PLACED)
        m->bytes = io->bytes;
    else if (op == RECEIVE)
        m->bytes = carried(n, m->bytes);
    else
        m->bytes = framed(n, op, io, m, out);
    count(n, op, out->verdict > 0, start);
}

static bool effect(const struct sim_comp *comp, const char *param) {
    const struct nvmf *n = (const struct nvmf *)comp;
    if (sim_listed("header_digest data_digest", param))
        return n->transport == TCP;
    return true;
}

const struct sim_model model_nvmf = {.name = "nvmf",
                                     .doc = "NVMe over Fabrics: RDMA or TCP on the wire",
                                     .size = sizeof(struct nvmf),
                                     .params = fields,
                                     .stats = stats,
                                     .ops = ops,
                                     .verdicts = verdicts,
                                     .requests = true,
                                     .init = init,
                                     .serve = serve,
                                     .effect = effect};
