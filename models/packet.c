/* packet.c - from captured bytes to the facts of struct packet: links and levels.
 *
 * Whose definitions: where captures are malformed, "the first IP header" and "what follows it"
 * are those of Wireshark 4.0 with reassembly off; tests/unit/test_traces_expected.c compares.
 * Left out: reassembly, checksums, 802.11 and other radio links, a third level of IP headers,
 * GTP, L2TP, Teredo and ERSPAN (their frames end at the outer level).
 */
#include "models/packet_cursor.h"
#include <string.h>

enum { MIN_FRAME = 64, FCS = 4, ETHERNET_HEADER = 14 };

/* Skip `header` bytes whose big-endian 16 bits at `type_at` say what follows. */
static uint32_t skip_typed(struct packet_cursor *c, uint32_t header, uint32_t type_at) {
    if (!packet_have(c, header))
        return PACKET_NEXT_NONE;
    uint32_t type = packet_be16(c->bytes + c->at + type_at);
    c->at += header;
    return type;
}

static uint32_t raw_type(const struct packet_cursor *c) {
    if (!packet_have(c, 1))
        return PACKET_NEXT_NONE;
    unsigned version = c->bytes[c->at] >> 4;
    return version == 4 ? PACKET_TYPE_IPV4 : version == 6 ? PACKET_TYPE_IPV6 : PACKET_NEXT_NONE;
}

/* Loopback: AF_INET is 2 everywhere, AF_INET6 is 10, 24, 28 or 30 by system, in the order of
 * the capturing host, sometimes in the first two bytes only; above 1500 an Ethernet type. All
 * forms are tried, for the numbers cannot be confused. */
static uint32_t loopback_type(struct packet_cursor *c) {
    if (!packet_have(c, 4))
        return PACKET_NEXT_NONE;
    uint32_t family = __builtin_bswap32(packet_be32(c->bytes + c->at));
    c->at += 4;
    if (family > 0xffff && family < 0x60000)
        family >>= 16;
    else if (family > 0xffff)
        family = __builtin_bswap32(family);
    if (family > 1500)
        return family & 0xffff;
    if (family == 2)
        return PACKET_TYPE_IPV4;
    bool six = family == 10 || family == 24 || family == 28 || family == 30;
    return six ? PACKET_TYPE_IPV6 : PACKET_NEXT_NONE;
}

/* FDDI: frame control, two addresses, then LLC in data frames (frame control 0x5n). */
static uint32_t fddi_type(struct packet_cursor *c) {
    if (!packet_have(c, 13) || (c->bytes[c->at] & 0xf0) != 0x50)
        return PACKET_NEXT_NONE;
    c->at += 13;
    return PACKET_NEXT_LLC;
}

static uint32_t cooked_type(struct packet_cursor *c) {
    uint32_t type = skip_typed(c, 16, 14);
    return type == 4 ? PACKET_NEXT_LLC : type; /* 4: 802.2 follows */
}

static uint32_t cooked2_type(struct packet_cursor *c) {
    uint32_t type = skip_typed(c, 20, 0);
    return type == 4 ? PACKET_NEXT_LLC : type;
}

static uint32_t link_type(struct packet_cursor *c, enum packet_link link) {
    switch (link) {
    case PACKET_LINK_ETHERNET:
        return PACKET_TYPE_ETHERNET;
    case PACKET_LINK_RAW:
        return raw_type(c);
    case PACKET_LINK_IPV4:
        return PACKET_TYPE_IPV4;
    case PACKET_LINK_IPV6:
        return PACKET_TYPE_IPV6;
    case PACKET_LINK_SLL:
        return cooked_type(c);
    case PACKET_LINK_SLL2:
        return cooked2_type(c);
    case PACKET_LINK_NULL:
    case PACKET_LINK_LOOP:
        return loopback_type(c);
    case PACKET_LINK_PPP:
        return PACKET_NEXT_PPP;
    case PACKET_LINK_PPPOE:
        return PACKET_TYPE_PPPOE;
    case PACKET_LINK_FDDI:
        return fddi_type(c);
    case PACKET_LINK_OTHER:
        break;
    }
    return PACKET_NEXT_NONE;
}

/* Bytes on an Ethernet wire, see struct packet. `skipped`: link header of a foreign link. */
static uint32_t frame_bytes(enum packet_link link, uint32_t length, uint32_t skipped) {
    uint64_t n = (uint64_t)length + FCS;
    if (link != PACKET_LINK_ETHERNET && link != PACKET_LINK_OTHER)
        n = n - (skipped < length ? skipped : length) + ETHERNET_HEADER;
    if (n < MIN_FRAME)
        return MIN_FRAME;
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static void clear(struct packet *out, uint32_t captured, uint32_t length) {
    memset(out, 0, sizeof *out);
    out->captured = captured;
    out->wire_length = length;
    out->cut = captured < length;
    out->vlan_id = 0xffff;
    for (int i = 0; i < PACKET_RULE_SLOTS; i++)
        out->rule[i] = PACKET_NO_RULE;
    for (int i = 0; i < PACKET_SCANS; i++)
        out->hits[i] = PACKET_UNKNOWN;
    out->deflated = out->lz4 = PACKET_UNKNOWN;
}

/* Level after level until there is no IP header or no tunnel below it. @return where the frame
 * around the innermost one begins, 0 when that is the captured one. */
static uint32_t parse_levels(struct packet_cursor *c, uint32_t type) {
    uint32_t frame_at = 0;
    while (c->out->heads < PACKET_HEADS) {
        uint32_t at = c->out->heads > 0 && type == PACKET_TYPE_ETHERNET ? c->at : 0;
        type = packet_skip_l2(c, type);
        c->head = &c->out->head[c->out->heads];
        if (type == PACKET_NEXT_NONE || !packet_ip(c, type))
            return frame_at;
        frame_at = at;
        c->out->heads++;
        packet_l4(c);
        type = packet_enter_tunnel(c);
    }
    return frame_at;
}

/* Where the innermost frame begins, and what is behind the packet: it fills the frame up to 64
 * bytes, or was captured with it. @param frame_at as it was captured. @param skipped its link
 * header, of which nothing is replayed but Ethernet's. */
static void find_padding(struct packet *p, enum packet_link link, uint32_t frame_at,
                         uint32_t skipped) {
    const struct packet_head *h = p->heads > 0 ? &p->head[p->heads - 1] : NULL;
    uint32_t in_front = link == PACKET_LINK_ETHERNET ? 0 : ETHERNET_HEADER;
    if (h == NULL || link == PACKET_LINK_OTHER)
        return;
    uint32_t end = h->l3_offset + (uint32_t)h->header_bytes + h->payload + FCS;
    end = end > skipped ? end - skipped + in_front : end;
    if (frame_at > skipped && frame_at - skipped + in_front <= UINT16_MAX)
        p->frame_at = (uint16_t)(frame_at - skipped + in_front);
    uint32_t most = p->macsec > 0 ? MIN_FRAME : UINT32_MAX; /* behind it is MACsec's check */
    if (p->frame_bytes - p->frame_at <= most && p->frame_bytes > end &&
        p->frame_bytes - end <= UINT8_MAX)
        p->padding = (uint8_t)(p->frame_bytes - end);
}

void packet_dissect(enum packet_link link, const uint8_t *bytes, uint32_t captured,
                    uint32_t length, struct packet *out) {
    clear(out, captured, length);
    uint32_t end = length > captured ? length : captured; /* some writers state less */
    struct packet_cursor c = {
        .bytes = bytes, .cap = captured, .end = end, .length = length, .out = out};
    uint32_t type = link_type(&c, link), skipped = c.at;
    uint32_t frame_at = parse_levels(&c, type);
    if (out->heads && (link == PACKET_LINK_PPP || link == PACKET_LINK_FDDI))
        skipped = out->head[0].l3_offset; /* their headers vary in length */
    out->frame_bytes = frame_bytes(link, length, skipped);
    find_padding(out, link, frame_at, link == PACKET_LINK_ETHERNET ? 0 : skipped);
}

void packet_parse(enum packet_link link, const uint8_t *bytes, uint32_t captured,
                  uint32_t length, struct packet *out) {
    packet_dissect(link, bytes, captured, length, out);
    for (int i = 0; i < out->heads; i++)
        out->head[i].rss = packet_rss(packet_rss_key, &out->head[i]);
}

static void put_port(uint8_t *at, uint16_t port) {
    at[0] = (uint8_t)(port >> 8);
    at[1] = (uint8_t)port;
}

size_t packet_tuple(const struct packet_head *head, bool both, uint8_t key[40]) {
    int order = memcmp(head->src, head->dst, 16);
    bool swap = both && (order > 0 || (order == 0 && head->sport > head->dport));
    memcpy(key, swap ? head->dst : head->src, 16);
    memcpy(key + 16, swap ? head->src : head->dst, 16);
    put_port(key + 32, swap ? head->dport : head->sport);
    put_port(key + 34, swap ? head->sport : head->dport);
    key[36] = head->proto;
    key[37] = head->version;
    return 38;
}
