/* tunnel.c - see tunnel.h. Header sizes: RFC 7348 (VXLAN), RFC 8926 (Geneve). */
#include "models/tunnel.h"
#include "models/wrap.h"
#include "sim/engine/err.h"

enum { ETHERNET = 14, IPV6 = 40, TUNNEL_HEADER = 8, FCS = 4, MIN_FRAME = 64 };

/* Of level, see tunnel.h. */
enum { VXLAN_IPV4 = 1, VXLAN_IPV6, GENEVE };
_Static_assert(GENEVE + (TUNNEL_IPV6 + TUNNEL_OPTIONS - TUNNEL_IPV4) / 4 < TUNNEL_SEALED,
               "seven bits");

enum tunnel_put tunnel_put(struct sim_msg *m, struct tunnel_header header) {
    uint32_t words = ((uint32_t)header.options + 3) / 4, around = ETHERNET + FCS;
    uint32_t bytes = m->bytes + (header.ipv6 ? TUNNEL_IPV6 : TUNNEL_IPV4) + 4 * words;
    uint32_t most = PACKET_IP_MOST + (header.ipv6 ? IPV6 : 0U);
    SIM_ASSERT(words <= TUNNEL_OPTIONS / 4);
    if (tunnel_ours(m->level))
        return TUNNEL_NESTED;
    if (m->body != NULL && bytes - around > most)
        return TUNNEL_TOO_LONG;
    uint32_t code = GENEVE + (bytes - m->bytes - TUNNEL_IPV4) / 4;
    if (header.kind == TUNNEL_VXLAN)
        code = header.ipv6 ? VXLAN_IPV6 : VXLAN_IPV4;
    m->level = (uint8_t)(code << 1 | m->level);
    m->bytes = bytes;
    return TUNNEL_PUT;
}

static uint32_t take_ours(uint8_t *level, enum tunnel_kind kind) {
    uint32_t code = *level >> 1;
    if (code == TUNNEL_SEALED || (code >= GENEVE) != (kind == TUNNEL_GENEVE))
        return 0;
    *level = (uint8_t)tunnel_head(*level);
    if (code < GENEVE)
        return code == VXLAN_IPV4 ? TUNNEL_IPV4 : TUNNEL_IPV6;
    return TUNNEL_IPV4 + (code - GENEVE) * 4;
}

/* Offsets count from the link header of the capture; where that was not Ethernet's, the frame
 * that is replayed is this much shorter in front. */
static int32_t foreign_link(const struct packet *p) {
    if (p->frame_bytes <= MIN_FRAME || p->wire_length == 0)
        return 0;
    return (int32_t)((int64_t)p->wire_length + FCS - (int64_t)p->frame_bytes);
}

/* Up to the inner Ethernet header, without a tag of MACsec that this card has taken off. How
 * long Geneve's options are is known from where the inner IP header lies, so inner VLAN tags go
 * with them; without inner IP they count as none. */
static uint32_t outer_bytes(const struct sim_msg *m) {
    const struct packet *p = m->body;
    int32_t n = p->head[0].l3_offset + p->head[0].header_bytes + TUNNEL_HEADER;
    if (p->tunnel == PACKET_TUNNEL_GENEVE && p->heads > 1)
        n = p->head[1].l3_offset - ETHERNET;
    n -= foreign_link(p) + (wrap_opened(m) ? p->macsec : 0);
    return n > 0 ? (uint32_t)n : 0;
}

static uint32_t take_captured(struct sim_msg *m, enum tunnel_kind kind) {
    const struct packet *p = m->body;
    enum packet_tunnel want =
        kind == TUNNEL_GENEVE ? PACKET_TUNNEL_GENEVE : PACKET_TUNNEL_VXLAN;
    if (p == NULL || m->level != 0 || p->tunnel != want)
        return 0;
    uint32_t outer = outer_bytes(m);
    if (outer + ETHERNET + FCS > m->bytes) /* headers and lengths contradict each other */
        return 0;
    m->level = 1;
    return outer;
}

uint32_t tunnel_take(struct sim_msg *m, enum tunnel_kind kind) {
    uint32_t gone = tunnel_ours(m->level) ? take_ours(&m->level, kind) : take_captured(m, kind);
    m->bytes -= gone;
    return gone;
}
