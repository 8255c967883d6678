/* nvme_bytes.h - PDUs of NVMe/TCP made here, and segments of them given to the reader without
 * the frames around: for tests of what the bytes mean.
 */
#ifndef TESTS_NVME_BYTES_H
#define TESTS_NVME_BYTES_H

#include "workloads/crc32c.h"
#include "workloads/nvme_tcp.h"
#include <string.h>

enum { HOST, CONTROLLER }; /* who sends */
enum { STREAM_MOST = 1 << 20, FIRST_PORT = 50000 };
enum { SGL_CAPSULE = 0x01, SGL_TRANSPORT = 0x5a };

/* What one end sends. */
struct stream {
    uint8_t bytes[STREAM_MOST];
    uint32_t n;
    uint32_t isn; /* sequence number of the SYN; byte 0 has the next */
};

static inline void put_le(uint8_t *at, uint64_t v, int bytes) {
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

struct pdu {
    uint8_t type, flags, header, padding; /* header: bytes; flags: with those of digests */
    uint32_t data;
};

static inline uint32_t pdu_digest(const uint8_t *p, uint32_t n) {
    static struct work_crc32c table;
    if (table.of[0][1] == 0)
        work_crc32c_init(&table);
    return work_crc32c(&table, 0, p, n);
}

/* Append a PDU whose data are byte i = i. @param rest header behind the common one.
 * @return where its data are. */
static inline uint8_t *put_pdu(struct stream *s, struct pdu p, const uint8_t *rest) {
    uint32_t hd = p.type >= 4 && p.flags & 1 ? 4 : 0, dd = p.data > 0 && p.flags & 2 ? 4 : 0;
    uint32_t at = p.data > 0 ? (uint32_t)p.header + hd + p.padding : 0;
    uint32_t length = p.data > 0 ? at + p.data + dd : p.header + hd;
    uint8_t *h = s->bytes + s->n;
    memset(h, 0, length);
    h[0] = p.type;
    h[1] = p.flags;
    h[2] = p.header;
    h[3] = (uint8_t)at;
    put_le(h + 4, length, 4);
    memcpy(h + 8, rest, p.header - 8U);
    if (hd)
        put_le(h + p.header, pdu_digest(h, p.header), 4);
    for (uint32_t i = 0; i < p.data; i++)
        h[at + i] = (uint8_t)i;
    if (dd)
        put_le(h + at + p.data, pdu_digest(h + at, p.data), 4);
    s->n += length;
    return h + at;
}

/* The data of the last PDU were changed. */
static inline void sign_data(uint8_t *data, uint32_t n) {
    put_le(data + n, pdu_digest(data, n), 4);
}

static inline void put_icreq(struct stream *s, uint8_t digests) {
    uint8_t rest[120] = {0};
    rest[3] = digests;
    put_pdu(s, (struct pdu){.type = 0, .header = 128}, rest);
}

static inline void put_icresp(struct stream *s, uint8_t digests, uint32_t maxh2cdata) {
    uint8_t rest[120] = {0};
    rest[3] = digests;
    put_le(rest + 4, maxh2cdata, 4);
    put_pdu(s, (struct pdu){.type = 1, .header = 128}, rest);
}

struct command {
    uint8_t opcode;
    uint16_t cid;
    uint32_t nsid;
    uint64_t slba;
    uint32_t blocks; /* 1 and more; 0: no place */
    uint32_t length; /* of the SGL */
    uint32_t inside; /* of the data, in the capsule */
    uint8_t digests, padding;
    uint32_t dword10, dword11; /* where blocks is 0 */
    uint8_t fctype;
};

static inline uint8_t *put_command(struct stream *s, struct command c) {
    uint8_t sqe[64] = {c.opcode, 0x40};
    put_le(sqe + 2, c.cid, 2);
    put_le(sqe + 4, c.opcode == 0x7f ? c.fctype : c.nsid, 4);
    put_le(sqe + 32, c.inside ? c.inside : c.length, 4);
    sqe[39] = c.inside ? SGL_CAPSULE : c.length ? SGL_TRANSPORT : 0;
    if (c.blocks > 0) {
        put_le(sqe + 40, c.slba, 8);
        put_le(sqe + 48, c.blocks - 1, 4);
    } else {
        put_le(sqe + 40, c.dword10, 4);
        put_le(sqe + 44, c.dword11, 4);
    }
    uint8_t flags = (uint8_t)(c.digests & (c.inside ? 3 : 1));
    return put_pdu(s, (struct pdu){4, flags, 72, c.padding, c.inside}, sqe);
}

/* Connect: which queue the connection is; data with the subsystem's name. */
static inline void put_connect(struct stream *s, uint16_t queue, uint8_t digests) {
    uint8_t *data = put_command(s, (struct command){.opcode = 0x7f,
                                                    .fctype = 1,
                                                    .cid = 0xfff0,
                                                    .inside = 1024,
                                                    .digests = digests,
                                                    .dword10 = (uint32_t)queue << 16});
    memset(data, 0, 1024);
    memcpy(data + 256, "nqn.2024-01.test:one", 20);
    if (digests & 2)
        sign_data(data, 1024);
}

static inline void put_response(struct stream *s, uint16_t cid, uint16_t status,
                                uint8_t digests) {
    uint8_t cqe[16] = {0};
    put_le(cqe + 12, cid, 2);
    put_le(cqe + 14, (uint64_t)status << 1, 2);
    put_pdu(s, (struct pdu){5, digests & 1, 24, 0, 0}, cqe);
}

static inline void put_r2t(struct stream *s, uint16_t cid, uint32_t bytes, uint8_t digests) {
    uint8_t rest[16] = {0};
    put_le(rest, cid, 2);
    put_le(rest + 8, bytes, 4);
    put_pdu(s, (struct pdu){9, digests & 1, 24, 0, 0}, rest);
}

/* H2CData or C2HData. @param flags of the PDU: LAST is 4, SUCCESS 8; digests are 1 and 2. */
static inline uint8_t *put_data(struct stream *s, uint8_t type, uint16_t cid, uint32_t bytes,
                                uint8_t flags) {
    uint8_t rest[16] = {0};
    put_le(rest, cid, 2);
    put_le(rest + 8, bytes, 4);
    return put_pdu(s, (struct pdu){type, flags, 24, 0, bytes}, rest);
}

/* A packet of connection `c` with bytes [from, from + n) of what `sender` sends, of which
 * `captured` are in the capture. @param stamp INT64_MIN: without a time. */
struct piece {
    uint32_t connection, from, n, captured;
    int64_t time;
    uint8_t sender, flags; /* flags: of TCP */
    uint16_t port;         /* of the controller; 0: 4420 */
};

static inline void feed(struct work_nvme_tap *tap, const struct stream *s, struct piece p) {
    bool host = p.sender == HOST;
    uint16_t port = p.port ? p.port : 4420, other = (uint16_t)(FIRST_PORT + p.connection);
    struct packet packet = {.heads = 1,
                            .captured = p.captured,
                            .wire_length = p.n,
                            .segment.seq = s->isn + (p.flags & 2 ? 0 : 1) + p.from};
    struct packet_head *h = &packet.head[0];
    *h = (struct packet_head){.version = 4,
                              .proto = 6,
                              .l4 = PACKET_L4_TCP,
                              .payload = p.n,
                              .tcp_flags = p.flags,
                              .sport = host ? other : port,
                              .dport = host ? port : other};
    h->src[3] = host ? 1 : 2;
    h->dst[3] = host ? 2 : 1;
    struct work_record r = {.length = p.n,
                            .captured = p.captured,
                            .bytes = s->bytes + p.from,
                            .timeless = p.time == INT64_MIN,
                            .ts_ns = p.time == INT64_MIN ? 0 : p.time};
    work_nvme_tap_record(tap, &r, &packet);
}

static inline void feed_syn(struct work_nvme_tap *tap, const struct stream *s, uint8_t sender,
                            uint32_t connection) {
    feed(tap, s, (struct piece){.sender = sender, .connection = connection, .flags = 2});
}

/* All that is not fed yet, as one packet. @param from where that begins; moved on. */
static inline void feed_rest(struct work_nvme_tap *tap, const struct stream *s, uint8_t sender,
                             uint32_t *from, int64_t time) {
    uint32_t n = s->n - *from;
    feed(tap, s,
         (struct piece){.sender = sender, .from = *from, .n = n, .captured = n, .time = time});
    *from = s->n;
}

#endif
