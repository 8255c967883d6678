/* packet_cursor.h - where the parser stands in a frame; private to models/packet*.c.
 *
 * `end` is where the present protocol says its bytes end, `cap` where the bytes at hand end:
 * never beyond what was captured. Nothing is read before packet_have() said so.
 */
#ifndef PACKET_CURSOR_H
#define PACKET_CURSOR_H

#include "models/payload.h"

/* What comes next: an Ethernet type, or one of these. */
enum { PACKET_NEXT_NONE = 0x10000, PACKET_NEXT_LLC, PACKET_NEXT_PPP };

enum {
    PACKET_TYPE_IPV4 = 0x0800,
    PACKET_TYPE_IPV6 = 0x86dd,
    PACKET_TYPE_ETHERNET = 0x6558, /* transparent Ethernet bridging */
    PACKET_TYPE_MPLS = 0x8847,
    PACKET_TYPE_PPPOE = 0x8864
};

struct packet_cursor {
    const uint8_t *bytes;
    uint32_t at, cap, end;
    uint32_t length; /* of the frame, as the capture states; less than `end` where it lies */
    struct packet *out;
    struct packet_head *head; /* of the level being parsed */
};

static inline bool packet_have(const struct packet_cursor *c, uint32_t n) {
    return c->at <= c->cap && c->cap - c->at >= n;
}

/* n bytes of a header are not at hand: the capture cut them off, they are in a later fragment,
 * or the frame has none. */
static inline unsigned packet_missing(const struct packet_cursor *c, uint32_t n) {
    bool on_wire = c->at <= c->end && c->end - c->at >= n;
    bool later = ((c->head->flags | c->out->head[0].flags) & PACKET_FRAGMENT) != 0;
    return on_wire || later ? PACKET_L4_CUT : PACKET_BAD | PACKET_L4_CUT;
}

static inline uint32_t packet_be16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }

static inline uint32_t packet_be32(const uint8_t *p) {
    return packet_be16(p) << 16 | packet_be16(p + 2);
}

/* Take n bytes into the digest of what segments of one write share. By FNV-1a, 32 bits:
 * of unlike headers one pair in four thousand million passes for alike. What is taken is what
 * Linux compares in tcp_gro_receive and below it, but for sequence, acknowledgement and
 * identification, which have fields of their own: IPv4's type of service, DF and time to live,
 * IPv6's traffic class, flow label and hop limit, and TCP's header length, flags without CWR,
 * PSH and FIN, window and options. */
static inline void packet_alike(struct packet_cursor *c, const uint8_t *p, uint32_t n) {
    uint32_t h = c->out->segment.alike;
    for (uint32_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 16777619U;
    c->out->segment.alike = h;
}

/* From the first byte after the link header through tags, labels and the like to IP.
 * @param type what the first byte is. @return PACKET_TYPE_IPV4, PACKET_TYPE_IPV6 or
 * PACKET_NEXT_NONE; the cursor stands at the IP header. */
uint32_t packet_skip_l2(struct packet_cursor *c, uint32_t type);

/* Fill c->head from the IP header at the cursor and what follows it. The cursor ends at the
 * first byte after the L4 header. @return false when there is no IP header after all. */
bool packet_ip(struct packet_cursor *c, uint32_t type);
void packet_l4(struct packet_cursor *c);

/* What a tunnel, if head[0] carries one, holds: the type of its first byte. */
uint32_t packet_enter_tunnel(struct packet_cursor *c);

#endif
