/* tunnel.h - putting on and taking off VXLAN and Geneve headers, in bytes and levels.
 *
 * sim_msg.level says which header of the packet is outermost: bit 0 is the index in
 * packet.head[], and the other bits say what this card has put around it, one header at most:
 * 0 nothing, 1 or 2 VXLAN over IPv4 or IPv6, TUNNEL_SEALED, else Geneve: 3 + (bytes added -
 * 50) / 4, where 20 of options over IPv4 are as long as none over IPv6. So decapsulation after
 * encapsulation gets the packet back, byte for byte. Whoever looks into
 * packet.head[] uses tunnel_head(level).
 * Limits: one header of ours at a time; the facts know two levels, so of a packet captured in a
 * tunnel in a tunnel only the outer one can be taken off; GRE and IP in IP are parsed, not
 * handled here.
 */
#ifndef MODELS_TUNNEL_H
#define MODELS_TUNNEL_H

#include "models/payload.h"
#include "sim/engine/msg.h"

enum tunnel_kind { TUNNEL_VXLAN, TUNNEL_GENEVE };

enum {
    TUNNEL_IPV4 = 50,     /* Ethernet 14, IPv4 20, UDP 8, VXLAN or Geneve 8 */
    TUNNEL_IPV6 = 70,     /* IPv6: 40 */
    TUNNEL_OPTIONS = 252, /* most bytes of Geneve options: 63 words, RFC 8926, 3.4 */
    TUNNEL_SEALED = 127   /* instead of a header: ESP or MACsec is outermost, see wrap.h */
};

/* Index in packet.head[] of the outermost header that the facts know. */
static inline unsigned tunnel_head(uint8_t level) { return level & 1U; }

/* Has this card put a header around it? */
static inline bool tunnel_ours(uint8_t level) { return level > 1; }

/* What a step says of a header. */
struct tunnel_header {
    enum tunnel_kind kind;
    bool ipv6;
    int64_t options; /* bytes, of which whole words go on */
};

/* @return nested: it has a header of ours already; too long: the IP packet around it would be
 * longer than its header can say. A message without facts is bytes, not one packet. */
enum tunnel_put { TUNNEL_PUT, TUNNEL_NESTED, TUNNEL_TOO_LONG };
enum tunnel_put tunnel_put(struct sim_msg *m, struct tunnel_header header);

/* Take the outer headers off. @return their bytes; 0 when it is no tunnel of that kind. */
uint32_t tunnel_take(struct sim_msg *m, enum tunnel_kind kind);

#endif
