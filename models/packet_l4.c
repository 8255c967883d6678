/* packet_l4.c - what follows IP: TCP, UDP, ICMP, SCTP; and which tunnels it opens.
 *
 * Tunnels by their assigned ports and numbers: VXLAN (RFC 7348, UDP 4789), Geneve (RFC 8926,
 * UDP 6081), GRE (RFC 2784, 2890; transparent Ethernet bridging; PPTP's version 1), IP in IP
 * (4 and 41). ESP (RFC 4303, native or in UDP 4500, RFC 3948) ends the walk: it is encrypted.
 * RoCEv2 (UDP 4791): only the opcode of its base transport header is kept. TLS (RFC 8446, 5.2):
 * whether a TCP payload begins with the header of a record of application data; segments are
 * not put together.
 */
#include "models/packet_cursor.h"

enum {
    PROTO_ICMP = 1,
    PROTO_IPV4 = 4,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
    PROTO_IPV6 = 41,
    PROTO_GRE = 47,
    PROTO_ESP = 50,
    PROTO_ICMPV6 = 58,
    PROTO_NONE = 59, /* RFC 8200, section 4.7: what follows is to be ignored */
    PROTO_SCTP = 132
};
enum { PORT_VXLAN = 4789, PORT_GENEVE = 6081, PORT_ROCE = 4791, PORT_ESP = 4500 };

/* n bytes from the cursor are not at hand: nothing below is read. */
static void cut(struct packet_cursor *c, uint32_t n) {
    c->head->flags = (uint8_t)(c->head->flags | packet_missing(c, n));
    c->cap = c->at;
}

/* Skip an L4 header of n bytes; what is missing of it is noted. */
static void skip(struct packet_cursor *c, uint32_t n) {
    if (!packet_have(c, n)) {
        cut(c, n);
        return;
    }
    c->at += n;
    c->head->header_bytes = (uint16_t)(c->head->header_bytes + n);
}

/* @return false when not even the ports are there. */
static bool ports(struct packet_cursor *c, enum packet_l4 l4) {
    c->head->l4 = (uint8_t)l4;
    if (!packet_have(c, 4)) {
        c->head->flags |= PACKET_NO_PORTS;
        cut(c, 4);
        return false;
    }
    const uint8_t *p = c->bytes + c->at;
    c->head->sport = (uint16_t)packet_be16(p);
    c->head->dport = (uint16_t)packet_be16(p + 2);
    return true;
}

/* Which options TCP has, and the timestamp among them (RFC 9293, section 3.2; RFC 7323). */
static void tcp_options(struct packet_cursor *c, const uint8_t *p, uint32_t n) {
    enum { END = 0, NOTHING = 1, TIME = 8, TIME_BYTES = 10 };
    for (uint32_t i = 0; i < n && p[i] != END;) {
        uint32_t bytes = p[i] == NOTHING ? 1 : i + 1 < n ? p[i + 1] : 0;
        bool time = p[i] == TIME && bytes == TIME_BYTES && n - i >= TIME_BYTES;
        if (time)
            c->out->segment.time = packet_be32(p + i + 2);
        if (p[i] != NOTHING)
            c->head->flags |= time ? PACKET_TCP_TIME : PACKET_TCP_OPTIONS;
        if (bytes < 1 || (bytes < 2 && p[i] != NOTHING))
            return;
        i += bytes;
    }
}

/* The numbers of a header of n bytes, and what else trains ask of it. */
static void tcp_numbers(struct packet_cursor *c, const uint8_t *p, uint32_t n) {
    enum { CWR = 0x80, PSH = 8, FIN = 1 };
    const uint8_t shared[] = {p[12], p[13] & (uint8_t) ~(CWR | PSH | FIN), p[14], p[15]};
    c->out->segment.seq = packet_be32(p + 4);
    c->out->segment.ack = packet_be32(p + 8);
    packet_alike(c, shared, sizeof shared);
    if (!packet_have(c, n))
        return;
    packet_alike(c, p + 20, n - 20);
    tcp_options(c, p + 20, n - 20);
}

static void tcp(struct packet_cursor *c) {
    if (!ports(c, PACKET_L4_TCP))
        return;
    const uint8_t *p = c->bytes + c->at;
    if (!packet_have(c, 20)) {
        cut(c, 20);
        return;
    }
    uint32_t header = (p[12] >> 4) * 4U;
    c->head->tcp_flags = p[13];
    if (header < 20) {
        c->head->flags |= PACKET_BAD;
        header = 20;
    }
    tcp_numbers(c, p, header);
    skip(c, header);
}

static void udp(struct packet_cursor *c) {
    if (ports(c, PACKET_L4_UDP))
        skip(c, 8);
}

static void other(struct packet_cursor *c, enum packet_l4 l4, uint32_t header) {
    c->head->l4 = (uint8_t)l4;
    skip(c, header);
}

static void by_protocol(struct packet_cursor *c) {
    switch (c->head->proto) {
    case PROTO_TCP:
        tcp(c);
        break;
    case PROTO_UDP:
        udp(c);
        break;
    case PROTO_ICMP:
    case PROTO_ICMPV6:
        other(c, PACKET_L4_ICMP, 8);
        break;
    case PROTO_SCTP:
        if (ports(c, PACKET_L4_SCTP))
            skip(c, 12);
        break;
    default:
        other(c, PACKET_L4_OTHER, 0);
    }
}

/* May the payload begin with a TLS record of application data? By what is at hand of its type,
 * version and length, which is at least a type and a tag. */
static bool tls_record(const struct packet_cursor *c) {
    enum { HEADER = 5, LEAST = 1 + 16, MOST = (1 << 14) + 256 };
    static const uint8_t begins[] = {23, 3, 3};
    const uint8_t *p = c->bytes + c->at;
    uint32_t n = c->at < c->cap ? c->cap - c->at : 0;
    for (uint32_t i = 0; i < n && i < sizeof begins; i++)
        if (p[i] != begins[i])
            return false;
    uint32_t length = n < HEADER ? LEAST : packet_be16(p + 3);
    return length >= LEAST && length <= MOST;
}

/* Nothing but TCP carries such records; of what was cut before its L4 header nothing is known.
 */
static bool no_tls(const struct packet_cursor *c) {
    if (c->head->l4 == PACKET_L4_TCP)
        return !tls_record(c);
    return c->head->l4 != PACKET_L4_NONE || !(c->head->flags & PACKET_L4_CUT);
}

void packet_l4(struct packet_cursor *c) {
    struct packet_head *head = c->head;
    bool nothing = head->version == 4 && c->at == c->end; /* IPv4 without payload */
    if (!nothing && !(head->flags & (PACKET_LATER_FRAGMENT | PACKET_L4_CUT)))
        by_protocol(c);
    uint32_t start = (uint32_t)head->l3_offset + head->header_bytes;
    uint32_t end = c->end < c->length ? c->end : c->length; /* whatever IP says */
    bool none = head->version == 6 && head->proto == PROTO_NONE;
    head->payload = end > start && !none ? end - start : 0;
    c->out->no_tls = no_tls(c);
}

/* Without the flag I there is no valid VNI, so it is UDP like any other. */
static uint32_t vxlan(struct packet_cursor *c) {
    if (!packet_have(c, 8) || !(c->bytes[c->at] & 8))
        return PACKET_NEXT_NONE;
    const uint8_t *p = c->bytes + c->at;
    c->out->tunnel = PACKET_TUNNEL_VXLAN;
    c->out->tunnel_id = packet_be32(p + 4) >> 8;
    c->at += 8;
    return PACKET_TYPE_ETHERNET;
}

static uint32_t geneve(struct packet_cursor *c) {
    if (!packet_have(c, 8) || c->bytes[c->at] >> 6 != 0)
        return PACKET_NEXT_NONE;
    const uint8_t *p = c->bytes + c->at;
    uint32_t header = 8 + (p[0] & 0x3fU) * 4;
    c->out->tunnel = PACKET_TUNNEL_GENEVE;
    c->out->tunnel_id = packet_be32(p + 4) >> 8;
    if (!packet_have(c, header))
        return PACKET_NEXT_NONE;
    c->at += header;
    return packet_be16(p + 2);
}

static void esp(struct packet_cursor *c) {
    if (c->out->heads != 1 || !packet_have(c, 4))
        return;
    c->out->esp = 1;
    c->out->esp_spi = packet_be32(c->bytes + c->at);
}

/* RFC 3948: four zero bytes mean IKE, a single 0xff a keepalive. */
static void esp_in_udp(struct packet_cursor *c) {
    if (packet_have(c, 4) && packet_be32(c->bytes + c->at) != 0)
        esp(c);
}

static void roce(struct packet_cursor *c) {
    if (!packet_have(c, 12)) /* base transport header */
        return;
    c->out->roce = 1;
    c->out->roce_opcode = c->bytes[c->at];
}

static uint32_t in_udp(struct packet_cursor *c, bool inner) {
    switch (c->head->dport) {
    case PORT_VXLAN:
        return inner ? PACKET_NEXT_NONE : vxlan(c);
    case PORT_GENEVE:
        return inner ? PACKET_NEXT_NONE : geneve(c);
    case PORT_ROCE:
        roce(c);
        break;
    default:
        if (c->head->dport == PORT_ESP || c->head->sport == PORT_ESP)
            esp_in_udp(c);
    }
    return PACKET_NEXT_NONE;
}

/* Optional fields in this order: checksum, key, sequence, acknowledgment (version 1 only). */
static uint32_t gre(struct packet_cursor *c) {
    if (!packet_have(c, 4))
        return PACKET_NEXT_NONE;
    const uint8_t *p = c->bytes + c->at;
    uint32_t flags = packet_be16(p), key_at = flags & 0x8000 ? 8 : 4;
    uint32_t header = key_at + (flags & 0x2000 ? 4 : 0) + (flags & 0x1000 ? 4 : 0) +
                      ((flags & 0x0087) == 0x81 ? 4 : 0);
    if (!packet_have(c, header) || flags & 0x4000) /* source routes: obsolete */
        return PACKET_NEXT_NONE;
    c->out->tunnel = PACKET_TUNNEL_GRE;
    c->out->tunnel_id = flags & 0x2000 ? packet_be32(p + key_at) : 0;
    c->at += header;
    return packet_be16(p + 2);
}

static uint32_t ip_in_ip(struct packet_cursor *c, uint32_t type) {
    if (packet_have(c, 1))
        c->out->tunnel = PACKET_TUNNEL_IPIP;
    return type;
}

uint32_t packet_enter_tunnel(struct packet_cursor *c) {
    if (c->head->flags & (PACKET_LATER_FRAGMENT | PACKET_L4_CUT))
        return PACKET_NEXT_NONE;
    bool inner = c->out->heads > 1; /* tunnels in tunnels are not followed */
    switch (c->head->proto) {
    case PROTO_UDP:
        return in_udp(c, inner);
    case PROTO_GRE:
        return inner ? PACKET_NEXT_NONE : gre(c);
    case PROTO_IPV4:
        return inner ? PACKET_NEXT_NONE : ip_in_ip(c, PACKET_TYPE_IPV4);
    case PROTO_IPV6:
        return inner ? PACKET_NEXT_NONE : ip_in_ip(c, PACKET_TYPE_IPV6);
    case PROTO_ESP:
        esp(c);
        break;
    default:
        break;
    }
    return PACKET_NEXT_NONE;
}
