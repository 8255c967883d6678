/* payload.h - what the blocks know of a packet: the facts of its bytes.
 *
 * Computed once per captured record, outside the event loop, and shared read-only by every
 * message that replays the record. The engine sees only a `const void *body`.
 *
 * A message's `level` says which header is outermost now: bit 0 is an index into head[], the
 * bits above stand for a header that a block of the card has put on and that no record has.
 */
#ifndef PACKET_PAYLOAD_H
#define PACKET_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACKET_HEADS = 2, PACKET_RULE_SLOTS = 4, PACKET_NO_RULE = 0x7fffffff };
enum { PACKET_SCANS = 4 };        /* blocks whose regex hits a packet can carry */
enum { PACKET_IP_MOST = 65535 };  /* bytes: IPv4's total length; what follows IPv6's header */
#define PACKET_UNKNOWN UINT32_MAX /* of facts about the payload */

/* Bits of struct packet_head.flags */
enum {
    PACKET_FRAGMENT = 1,       /* part of a fragmented datagram */
    PACKET_LATER_FRAGMENT = 2, /* not its first part: no L4 header */
    PACKET_OPTIONS = 4,        /* IPv4 options or IPv6 extension headers present */
    PACKET_L4_CUT = 8,         /* L4 header cut by snaplen or by a bad length */
    PACKET_BAD = 16,           /* malformed at this level (lengths contradict) */
    PACKET_NO_PORTS = 32,      /* TCP, UDP or SCTP, but cut before the end of its ports */
    PACKET_TCP_TIME = 64,      /* TCP's timestamps option (RFC 7323) present */
    PACKET_TCP_OPTIONS = 128   /* TCP options other than that and padding present */
};

enum packet_l4 { /* what follows IP and its extension headers, as dissected */
                 PACKET_L4_NONE,
                 PACKET_L4_TCP,
                 PACKET_L4_UDP,
                 PACKET_L4_ICMP,
                 PACKET_L4_SCTP,
                 PACKET_L4_OTHER
};

enum packet_tunnel {
    PACKET_TUNNEL_NONE,
    PACKET_TUNNEL_VXLAN,
    PACKET_TUNNEL_GENEVE,
    PACKET_TUNNEL_GRE,
    PACKET_TUNNEL_IPIP
};

/* One level of IP header with what follows it. Addresses are in network byte order; IPv4
 * uses the first four bytes. */
struct packet_head {
    uint8_t src[16], dst[16];
    uint16_t sport, dport; /* host order; 0 where there are none */
    uint16_t l3_offset;    /* of the IP header in the frame */
    uint16_t l4_offset;    /* of what follows IP and its extension headers */
    uint8_t version;       /* 4, 6; 0: this level has no IP header */
    uint8_t proto;         /* IP protocol number after extension headers */
    uint8_t l4;            /* enum packet_l4 */
    uint8_t flags;         /* PACKET_FRAGMENT ... */
    uint8_t tcp_flags;     /* CWR ECE URG ACK PSH RST SYN FIN; 0 when not TCP */
    uint8_t dscp_ecn;      /* traffic class byte */
    uint16_t header_bytes; /* from l3_offset to the first byte of L4 payload */
    uint32_t rss;          /* Toeplitz hash over what RSS uses of this level, see toeplitz.c */
    uint32_t payload;      /* L4 payload bytes by the IP length fields, those that the frame has
                              room for; of the innermost level it is goodput */
};

/* What trains (train.h) compare of the innermost IP header and the TCP behind it. */
struct packet_segment {
    uint32_t seq, ack; /* sequence and acknowledgement number; else 0 */
    uint32_t time;     /* TSval, where PACKET_TCP_TIME */
    uint32_t alike;    /* digest of what else the segments of one write share, see
                          packet_alike in packet_cursor.h */
    uint16_t id;       /* IPv4 identification; IPv6: 0 */
    uint8_t whole;     /* 1: IPv4's don't-fragment bit */
};

/* A frame. `frame_bytes` is what it occupies when replayed on Ethernet: the captured length
 * with the link header replaced by the 14 bytes of Ethernet's where the capture has another,
 * plus the four bytes of FCS, which records leave out, and padding to the Ethernet minimum
 * of 64. */
struct packet {
    uint32_t frame_bytes;
    uint32_t captured;    /* bytes the capture holds of it */
    uint32_t wire_length; /* original length that the capture states */
    uint32_t flow;        /* number of its unidirectional flow in the source, by the outer
                             five-tuple, in order of first appearance */
    uint32_t inner_flow;  /* of what is in the tunnel, by the inner five-tuple, likewise */
    /* The first flow of its conversation, both directions of which have the same: that flow
     * itself, or the one of the other direction. */
    uint32_t conversation, inner_conversation;
    uint32_t inner_apart; /* how far apart the instances of that are, see packet_inner_flow */
    struct packet_head head[PACKET_HEADS]; /* outer, and inner of a tunnel */
    struct packet_segment segment;
    uint8_t heads;       /* levels present: 0, 1, 2 */
    uint8_t tunnel;      /* enum packet_tunnel after head[0]; its inner frame
                            may have no IP header: then heads is 1 */
    uint8_t vlans;       /* 802.1Q / 802.1ad tags before the first IP header */
    uint8_t mpls;        /* MPLS labels before it */
    uint16_t vlan_id;    /* outermost tag, 0xffff: none */
    uint16_t ethertype;  /* after tags */
    uint32_t tunnel_id;  /* VNI or GRE key */
    uint8_t roce;        /* 1: RoCEv2, 0: no */
    uint8_t roce_opcode; /* BTH opcode */
    uint8_t esp;         /* 1: ESP at the outer level (native or in UDP) */
    uint8_t cut;         /* 1: snaplen hides bytes of the frame */
    uint8_t made;        /* 1: made up; its TCP and IP count nothing: seq, ack and id are 0 */
    uint8_t no_tls;      /* 1: by its bytes the payload does not begin with a TLS record of
                            application data; 0 too where they are not at hand */
    uint8_t macsec;      /* bytes of MACsec's tag in front of the first IP header, or at the
                            end of what can be read; 0: none, or not at hand */
    uint32_t esp_spi;
    uint32_t rule[PACKET_RULE_SLOTS]; /* matched rule per ACL block; PACKET_NO_RULE: none */
    /* Of the payload behind the innermost header, as captured. Made by the blocks that look at
     * it; PACKET_UNKNOWN (digest: 0) where none does, or it was cut or encrypted (ESP). */
    uint8_t wanted;              /* 1: a block wants `bytes`, to make such facts */
    uint8_t padding;             /* bytes behind the innermost packet, in front of the FCS */
    uint16_t frame_at;           /* where the frame around it begins: in a tunnel of Ethernet */
    uint32_t hits[PACKET_SCANS]; /* patterns that it holds, per regex block */
    uint32_t deflated, lz4;      /* bytes that it becomes */
    uint64_t digest;             /* of its bytes */
    const uint8_t *bytes;        /* [captured] of the frame while facts are made, else NULL */
};

/* The payload behind the innermost header while facts are made. @return false when it is not
 * known: nobody has the bytes, the capture cut them, or ESP hides them. */
static inline bool packet_payload(const struct packet *p, const uint8_t **at, uint32_t *n) {
    const struct packet_head *h = p->heads > 0 ? &p->head[p->heads - 1] : NULL;
    uint32_t from = h != NULL ? (uint32_t)h->l3_offset + h->header_bytes : 0;
    *n = h != NULL ? h->payload : 0;
    if (p->bytes == NULL || p->esp || from > p->captured || p->captured - from < *n)
        return false;
    *at = p->bytes + from;
    return true;
}

/* What instance `beyond` of a flow, 0 as it was captured, has XORed into the last four bytes of
 * its source addresses. An odd factor: different instances have different masks. */
static inline uint32_t packet_flow_mask(uint32_t beyond) { return beyond * 0x9e3779b1U; }

/* The flow in the tunnel of a packet whose outer flow is instance `flow` of the captured one
 * (p->flow where it was not renewed). Every instance holds inner flows of its own: where the
 * outer number grows by one, the inner one grows by inner_apart, of which the source sees to it
 * that no two meet. */
static inline uint32_t packet_inner_flow(const struct packet *p, uint32_t flow) {
    return p->inner_flow + (flow - p->flow) * p->inner_apart;
}

/* How a capture frames its packets: what the first byte is. */
enum packet_link {
    PACKET_LINK_ETHERNET,
    PACKET_LINK_RAW, /* IPv4 or IPv6 by its version nibble */
    PACKET_LINK_IPV4,
    PACKET_LINK_IPV6,
    PACKET_LINK_SLL,  /* Linux cooked v1 */
    PACKET_LINK_SLL2, /* Linux cooked v2 */
    PACKET_LINK_NULL, /* loopback: 4-byte address family in the capturing host's order */
    PACKET_LINK_LOOP, /* OpenBSD loopback: the same, network order */
    PACKET_LINK_PPP,
    PACKET_LINK_PPPOE, /* session frames without their Ethernet header */
    PACKET_LINK_FDDI,
    PACKET_LINK_OTHER /* counted, not dissected */
};

/* Parse `captured` bytes of a frame of `length` bytes (without FCS) into *out (all of it is
 * written; rule[] = PACKET_NO_RULE, flows 0). Never reads past `captured`; malformed frames
 * give what could be parsed and set PACKET_BAD or PACKET_L4_CUT. */
void packet_parse(enum packet_link link, const uint8_t *bytes, uint32_t captured,
                  uint32_t length, struct packet *out);

/* The same without the RSS hashes (head[].rss = 0), for those who only count. */
void packet_dissect(enum packet_link link, const uint8_t *bytes, uint32_t captured,
                    uint32_t length, struct packet *out);

/* Toeplitz hash of n <= 36 input bytes under a 40-byte key, as in the Microsoft RSS
 * specification. Bit by bit: the reference.
 * Source: Microsoft, "Verifying the RSS Hash Calculation" (test vectors in the unit test). */
uint32_t packet_toeplitz(const uint8_t key[40], const uint8_t *input, size_t n);
extern const uint8_t packet_rss_key[40]; /* the key of Microsoft's verification suite */

/* The same hash by one table per input byte; what packet_parse uses. */
struct packet_rss_table {
    uint32_t of[36][256];
};
void packet_rss_table_init(struct packet_rss_table *table, const uint8_t key[40]);
uint32_t packet_rss_fast(const struct packet_rss_table *table, const struct packet_head *head);

/* RSS hash of a head: over addresses and ports for unfragmented TCP and UDP, over addresses
 * only else; 0 without IP. */
uint32_t packet_rss(const uint8_t key[40], const struct packet_head *head);

/* What XORing `mask` into the last four bytes of the source address (as one big-endian number)
 * does to packet_rss: the hash is linear, so hash(changed) = hash ^ packet_rss_delta(...). */
uint32_t packet_rss_delta(const uint8_t key[40], uint8_t version, uint32_t mask);

/* Canonical key of a five-tuple for counting flows: equal tuples give equal keys; with
 * `both` the two directions of a conversation give the same key. @return 38, the bytes used:
 * addresses, ports (big-endian), protocol, IP version. */
size_t packet_tuple(const struct packet_head *head, bool both, uint8_t key[40]);

#endif
