/* packet_ip.c - IPv4 and IPv6 headers, extension headers and fragments.
 *
 * IPv4: RFC 791; a total length of 0 is a datagram beyond 64 KiB or one segmented later by
 * hardware, and takes what the frame holds. IPv6: RFC 8200, jumbograms RFC 2675. Extension
 * headers that are passed over: hop-by-hop, routing, destination, fragment, authentication.
 * AH below IPv4 counts as what follows the header.
 */
#include "models/packet_cursor.h"
#include <string.h>

enum { V4_HEADER = 20, V6_HEADER = 40 };

static void start_head(struct packet_cursor *c, uint8_t version) {
    c->out->segment = (struct packet_segment){0};
    c->head->version = version;
    c->head->l3_offset = (uint16_t)c->at;
    c->head->l4_offset = (uint16_t)c->at;
}

static void give_up(struct packet_cursor *c, unsigned flags) {
    c->head->flags = (uint8_t)(c->head->flags | flags);
    c->cap = c->at; /* nothing below is read */
}

/* The datagram has `total` bytes from the cursor: trim padding, notice what is missing. */
static void limit(struct packet_cursor *c, uint32_t total) {
    uint64_t end = (uint64_t)c->at + total;
    if (end > c->end) { /* the inner one goes on in later fragments of the outer one */
        bool rest = c->head != c->out->head && c->out->head[0].flags & PACKET_FRAGMENT;
        c->head->flags |= rest ? 0 : PACKET_BAD;
        return;
    }
    c->end = (uint32_t)end;
    c->cap = c->cap < c->end ? c->cap : c->end;
}

/* @return flags when the payload must not be looked at, else 0. */
static unsigned v4_length(struct packet_cursor *c, const uint8_t *p, uint32_t header) {
    uint32_t total = packet_be16(p + 2);
    if (total == 0)
        total = c->end - c->at;
    if (header < V4_HEADER || total < header)
        return PACKET_BAD | PACKET_L4_CUT;
    limit(c, total);
    return packet_have(c, header) ? 0 : packet_missing(c, header);
}

static void v4_fragment(struct packet_head *head, uint32_t field) {
    if (field & 0x3fff)
        head->flags |= PACKET_FRAGMENT;
    if (field & 0x1fff)
        head->flags |= PACKET_LATER_FRAGMENT;
}

/* The type before it makes it IPv4, even where its bytes are missing or make no sense. */
static bool v4(struct packet_cursor *c) {
    start_head(c, 4);
    const uint8_t *p = c->bytes + c->at;
    if (packet_have(c, 1) && p[0] >> 4 != 4)
        return give_up(c, PACKET_BAD | PACKET_L4_CUT), true;
    if (!packet_have(c, V4_HEADER))
        return give_up(c, packet_missing(c, V4_HEADER)), true;
    struct packet_head *head = c->head;
    uint32_t header = (p[0] & 15U) * 4;
    const uint8_t shared[] = {p[1], p[6] & 0x40, p[8]};
    packet_alike(c, shared, sizeof shared);
    c->out->segment.id = (uint16_t)packet_be16(p + 4);
    c->out->segment.whole = p[6] >> 6 & 1;
    head->dscp_ecn = p[1];
    head->proto = p[9];
    memcpy(head->src, p + 12, 4);
    memcpy(head->dst, p + 16, 4);
    v4_fragment(head, packet_be16(p + 6));
    unsigned wrong = v4_length(c, p, header);
    if (wrong)
        return give_up(c, wrong), true;
    if (header > V4_HEADER)
        head->flags |= PACKET_OPTIONS;
    head->header_bytes = (uint16_t)header;
    c->at += header;
    return true;
}

/* The length that a jumbo payload option in a hop-by-hop header states, or 0. */
static uint32_t jumbo_length(const uint8_t *p, uint32_t bytes) {
    for (uint32_t i = 2; i + 1 < bytes;) {
        if (p[i] == 0xc2 && p[i + 1] == 4 && i + 6 <= bytes)
            return packet_be32(p + i + 2);
        i += p[i] == 0 ? 1 : 2U + p[i + 1]; /* 0: one byte of padding */
    }
    return 0;
}

/* Bytes of the extension header at p, 0 when `type` is none. */
static uint32_t extension_bytes(const uint8_t *p, uint8_t type) {
    switch (type) {
    case 0:  /* hop-by-hop */
    case 43: /* routing */
    case 60: /* destination */
        return (p[1] + 1U) * 8;
    case 44: /* fragment */
        return 8;
    case 51: /* authentication */
        return (p[1] + 2U) * 4;
    default:
        return 0;
    }
}

static bool is_extension(uint8_t type) {
    return type == 0 || type == 43 || type == 44 || type == 51 || type == 60;
}

static void v6_fragment(struct packet_head *head, uint32_t field) {
    if (field & 0xfff9)
        head->flags |= PACKET_FRAGMENT;
    if (field & 0xfff8)
        head->flags |= PACKET_LATER_FRAGMENT;
}

/* One extension header. @return false at the end of the chain. */
static bool v6_extension(struct packet_cursor *c, bool jumbo) {
    struct packet_head *head = c->head;
    if (!is_extension(head->proto) || head->flags & PACKET_LATER_FRAGMENT)
        return false;
    const uint8_t *p = c->bytes + c->at;
    uint32_t bytes = packet_have(c, 8) ? extension_bytes(p, head->proto) : 8;
    if (!packet_have(c, bytes))
        return give_up(c, packet_missing(c, bytes)), false;
    if (head->proto == 44)
        v6_fragment(head, packet_be16(p + 2));
    jumbo = jumbo && head->proto == 0;
    uint32_t stated = jumbo ? jumbo_length(p, bytes) : 0;
    c->at += bytes;
    head->flags |= PACKET_OPTIONS;
    head->proto = p[0];
    if (stated > bytes)
        limit(c, stated - bytes);
    else if (jumbo) /* the datagram has no length at all */
        return give_up(c, PACKET_BAD | PACKET_L4_CUT), false;
    return true;
}

static bool v6(struct packet_cursor *c) {
    if (packet_have(c, 1) && c->bytes[c->at] >> 4 != 6)
        return false;
    start_head(c, 6);
    if (!packet_have(c, V6_HEADER))
        return give_up(c, packet_missing(c, V6_HEADER)), true;
    const uint8_t *p = c->bytes + c->at;
    struct packet_head *head = c->head;
    uint32_t payload = packet_be16(p + 4);
    packet_alike(c, p, 4);
    packet_alike(c, p + 7, 1);
    head->dscp_ecn = (uint8_t)(packet_be16(p) >> 4);
    head->proto = p[6];
    memcpy(head->src, p + 8, 16);
    memcpy(head->dst, p + 24, 16);
    c->at += V6_HEADER;
    limit(c, payload ? payload : c->end - c->at);
    while (v6_extension(c, payload == 0))
        continue;
    head->header_bytes = (uint16_t)(c->at - head->l3_offset);
    return true;
}

bool packet_ip(struct packet_cursor *c, uint32_t type) {
    if (c->at > UINT16_MAX) /* offsets are 16 bits: labels stacked beyond reason */
        return false;
    bool ip = type == PACKET_TYPE_IPV4 ? v4(c) : v6(c);
    if (ip)
        c->head->l4_offset = (uint16_t)(c->head->l3_offset + c->head->header_bytes);
    return ip;
}
