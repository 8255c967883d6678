/* packet_l2.c - between the link header and IP: tags, labels and session headers.
 *
 * Ethernet II and 802.3 with LLC/SNAP, 802.1Q and 802.1ad tags (0x8100, 0x88a8, 0x9100),
 * VN-tag, E-tag, 802.1ah I-tag, MACsec that leaves its data readable, MPLS (with Ethernet
 * pseudowires, recognised as Wireshark does), PPPoE sessions, PPP and NSH. Each step moves the
 * cursor forward, so a frame of n bytes takes at most n steps. Left out: FabricPath, TRILL,
 * batman-adv, 802.1CB, PRP and ISL.
 */
#include "models/packet_cursor.h"

enum { MAX_LENGTH_FIELD = 1500, ETHERNET_HEADER = 14 };
enum { BOTTOM_OF_STACK = 0x100, LABEL_GENERIC_CHANNEL = 13, LABEL_OAM_ALERT = 14 };

/* No more than n bytes follow: the rest is padding. */
static void trim(struct packet_cursor *c, uint32_t n) {
    if (c->at > c->end || c->end - c->at <= n)
        return;
    c->end = c->at + n;
    c->cap = c->cap < c->end ? c->cap : c->end;
}

/* 802.3: the type field is a length. */
static uint32_t length_or_type(struct packet_cursor *c, uint32_t type) {
    if (type > MAX_LENGTH_FIELD)
        return type;
    trim(c, type);
    bool ipx = packet_have(c, 2) && packet_be16(c->bytes + c->at) == 0xffff;
    return ipx ? PACKET_NEXT_NONE : PACKET_NEXT_LLC;
}

/* Skip `n` bytes, the last two of which are the next type. */
static uint32_t tag(struct packet_cursor *c, uint32_t n) {
    if (!packet_have(c, n))
        return PACKET_NEXT_NONE;
    c->at += n;
    return packet_be16(c->bytes + c->at - 2);
}

static uint32_t ethernet(struct packet_cursor *c) {
    uint32_t type = tag(c, ETHERNET_HEADER);
    return type == PACKET_NEXT_NONE ? type : length_or_type(c, type);
}

static uint32_t vlan(struct packet_cursor *c) {
    if (!packet_have(c, 4))
        return PACKET_NEXT_NONE;
    if (c->out->heads == 0) {
        if (c->out->vlans == 0)
            c->out->vlan_id = (uint16_t)(packet_be16(c->bytes + c->at) & 0xfff);
        c->out->vlans = (uint8_t)(c->out->vlans + (c->out->vlans < UINT8_MAX));
    }
    return length_or_type(c, tag(c, 4));
}

/* Does Ethernet start at `skip` bytes from here? Wireshark's heuristic for pseudowires: the
 * addresses' vendors are known or the type makes sense; here the type alone decides. */
static bool looks_like_ethernet(const struct packet_cursor *c, uint32_t skip) {
    if (!packet_have(c, skip + ETHERNET_HEADER))
        return false;
    uint32_t type = packet_be16(c->bytes + c->at + skip + 12);
    return type <= MAX_LENGTH_FIELD || type >= 0x0600;
}

/* Below the last label the first nibble tells: 4 and 6 are IP, 0 an Ethernet pseudowire, with
 * or without its control word; 1 is its OAM channel, others are unknown. */
static uint32_t mpls_payload(struct packet_cursor *c) {
    if (!packet_have(c, 1))
        return PACKET_NEXT_NONE;
    unsigned nibble = c->bytes[c->at] >> 4;
    if (nibble == 4)
        return PACKET_TYPE_IPV4;
    if (nibble == 6)
        return PACKET_TYPE_IPV6;
    if (nibble != 0)
        return PACKET_NEXT_NONE;
    if (looks_like_ethernet(c, 4)) {
        c->at += 4;
        return PACKET_TYPE_ETHERNET;
    }
    return looks_like_ethernet(c, 0) ? PACKET_TYPE_ETHERNET : PACKET_NEXT_NONE;
}

static uint32_t mpls(struct packet_cursor *c) {
    uint32_t entry = 0;
    while (!(entry & BOTTOM_OF_STACK)) {
        if (!packet_have(c, 4))
            return PACKET_NEXT_NONE;
        entry = packet_be32(c->bytes + c->at);
        c->at += 4;
        if (c->out->heads == 0)
            c->out->mpls = (uint8_t)(c->out->mpls + (c->out->mpls < UINT8_MAX));
    }
    uint32_t label = entry >> 12;
    bool oam = label == LABEL_GENERIC_CHANNEL || label == LABEL_OAM_ALERT;
    return oam ? PACKET_NEXT_NONE : mpls_payload(c);
}

/* PPP protocol numbers, of one byte when odd (protocol field compression), possibly after
 * HDLC's address and control bytes. */
static uint32_t ppp(struct packet_cursor *c) {
    if (packet_have(c, 2) && packet_be16(c->bytes + c->at) == 0xff03)
        c->at += 2;
    if (!packet_have(c, 2))
        return PACKET_NEXT_NONE;
    bool one_byte = c->bytes[c->at] & 1;
    uint32_t protocol = one_byte ? c->bytes[c->at] : packet_be16(c->bytes + c->at);
    c->at += one_byte ? 1 : 2;
    switch (protocol) {
    case 0x21:
        return PACKET_TYPE_IPV4;
    case 0x57:
        return PACKET_TYPE_IPV6;
    case 0x281:
        return PACKET_TYPE_MPLS;
    default:
        return PACKET_NEXT_NONE;
    }
}

static uint32_t pppoe(struct packet_cursor *c) {
    if (!packet_have(c, 6))
        return PACKET_NEXT_NONE;
    uint32_t length = packet_be16(c->bytes + c->at + 4);
    c->at += 6;
    trim(c, length);
    return PACKET_NEXT_PPP;
}

/* LLC: SNAP with an Ethernet type, bridged Ethernet (RFC 2684), or IP's own address 6. */
static uint32_t llc(struct packet_cursor *c) {
    if (!packet_have(c, 3))
        return PACKET_NEXT_NONE;
    const uint8_t *p = c->bytes + c->at;
    if (p[0] == 6 && p[2] == 3) {
        c->at += 3;
        return PACKET_TYPE_IPV4;
    }
    if (p[0] != 0xaa || p[1] != 0xaa || !packet_have(c, 8))
        return PACKET_NEXT_NONE;
    uint32_t oui = packet_be32(p + 2) & 0xffffff;
    uint32_t type = tag(c, 8);
    if (oui == 0 || oui == 0xf8)
        return type;
    return oui == 0x80c2 && (type == 1 || type == 7) ? PACKET_TYPE_ETHERNET : PACKET_NEXT_NONE;
}

/* MACsec, which can be read without encryption (TCI bits E and C clear): the type follows the
 * SecTAG, which holds an SCI where TCI bit SC says so (ES and SCB, where it does not, say what
 * it would be); 16 bytes of ICV end the frame. */
static uint32_t macsec(struct packet_cursor *c) {
    enum { SC = 0x20, E_AND_C = 0x0c };
    if (!packet_have(c, 1))
        return PACKET_NEXT_NONE;
    unsigned tci = c->bytes[c->at];
    uint8_t bytes = tci & SC ? 16 : 8;
    if (c->out->heads == 0 && c->out->macsec == 0)
        c->out->macsec = bytes;
    if (!packet_have(c, 6) || tci & E_AND_C || c->end < 16)
        return PACKET_NEXT_NONE;
    uint32_t type = tag(c, bytes);
    c->end -= 16;
    c->cap = c->cap < c->end ? c->cap : c->end;
    return type;
}

static uint32_t itag(struct packet_cursor *c) { /* 802.1ah: four bytes, then Ethernet */
    if (!packet_have(c, 4))
        return PACKET_NEXT_NONE;
    c->at += 4;
    return PACKET_TYPE_ETHERNET;
}

static uint32_t nsh(struct packet_cursor *c) { /* RFC 8300 */
    if (!packet_have(c, 8))
        return PACKET_NEXT_NONE;
    const uint8_t *p = c->bytes + c->at;
    uint32_t words = p[1] & 0x3f;
    if (words < 2 || !packet_have(c, 4 * words))
        return PACKET_NEXT_NONE;
    c->at += 4 * words;
    switch (p[3]) {
    case 1:
        return PACKET_TYPE_IPV4;
    case 2:
        return PACKET_TYPE_IPV6;
    case 3:
        return PACKET_TYPE_ETHERNET;
    default:
        return PACKET_NEXT_NONE;
    }
}

static uint32_t rare(struct packet_cursor *c, uint32_t type) {
    switch (type) {
    case 0x8926: /* VN-tag */
        return tag(c, 6);
    case 0x893f: /* E-tag, 802.1BR */
        return tag(c, 8);
    case 0x88e5:
        return macsec(c);
    case 0x88e7:
        return itag(c);
    case 0x894f:
        return nsh(c);
    case 0x880b:
        return PACKET_NEXT_PPP;
    default:
        return PACKET_NEXT_NONE;
    }
}

static uint32_t step(struct packet_cursor *c, uint32_t type) {
    switch (type) {
    case PACKET_TYPE_ETHERNET:
        return ethernet(c);
    case 0x8100:
    case 0x88a8:
    case 0x9100:
        return vlan(c);
    case PACKET_TYPE_MPLS:
    case 0x8848:
        return mpls(c);
    case PACKET_TYPE_PPPOE:
        return pppoe(c);
    case PACKET_NEXT_PPP:
        return ppp(c);
    case PACKET_NEXT_LLC:
        return llc(c);
    default:
        return rare(c, type);
    }
}

uint32_t packet_skip_l2(struct packet_cursor *c, uint32_t type) {
    while (type != PACKET_NEXT_NONE && type != PACKET_TYPE_IPV4 && type != PACKET_TYPE_IPV6) {
        if (c->out->heads == 0 && type < PACKET_NEXT_NONE && type != PACKET_TYPE_ETHERNET)
            c->out->ethertype = (uint16_t)type;
        type = step(c, type);
    }
    if (c->out->heads == 0 && type != PACKET_NEXT_NONE)
        c->out->ethertype = (uint16_t)type;
    return type;
}
