/* treat_esp.c - IPsec ESP around a packet, in bytes.
 *
 * RFC 4303 with the AES-GCM of RFC 4106. Tunnel mode: a new IP header, perhaps UDP (RFC 3948),
 * SPI and sequence number 8, IV 8, then the packet, padded so that with two bytes of trailer it
 * is whole words of 4, and 16 bytes of check value. Transport mode: the packet keeps its IP
 * header, with options and extensions, and what is behind it is wrapped in the same way; behind
 * a tunnel that this card has put on it is one of 20 bytes. Which association a packet is of,
 * and where its keys lie: a block `context` in front.
 */
#include "models/train.h"
#include "models/treat.h"

enum {
    ETHERNET = 18, /* header and FCS */
    TAG = 4,       /* of a VLAN, a label */
    IPV4 = 20,
    IPV6 = 40,
    UDP = 8,
    ESP_HEADER = 8 + 8, /* SPI and sequence number, IV */
    ESP_TRAILER = 2,
    ICV = 16
};

bool treat_plain(const struct sim_msg *m) { return m->body != NULL && !tunnel_ours(m->level); }

enum treat_verdict treat_open_captured(struct sim_msg *m, uint32_t gone, uint32_t least) {
    if (m->bytes < gone || m->bytes - gone < least)
        return TREAT_NOT_SEALED;
    m->bytes -= gone;
    wrap_open(m);
    return TREAT_OK;
}

/* What fills the frame up to 64 bytes, and stays outside; of one in a tunnel it is inside. */
static uint32_t padding(const struct sim_msg *m) {
    const struct packet *p = m->body;
    bool bare = treat_plain(m) && tunnel_head(m->level) + 1U == p->heads;
    return bare ? wrap_padding(m) : 0;
}

/* Bytes of the frame around its IP packet. */
static uint32_t around_ip(const struct sim_msg *m) {
    const struct packet *p = m->body;
    if (!treat_plain(m) || m->level != 0 || p->heads == 0)
        return ETHERNET + padding(m);
    uint32_t ip = p->head[0].header_bytes + p->head[0].payload;
    uint32_t kept = ETHERNET + TAG * ((uint32_t)p->vlans + p->mpls);
    uint32_t filled = p->heads == 1 ? p->padding : 0;
    uint32_t gone = p->macsec && wrap_opened(m) ? p->macsec + (uint32_t)ICV : 0;
    uint32_t none = ip + filled + gone;
    uint32_t around = p->frame_bytes > none ? p->frame_bytes - none : 0;
    return (around > kept ? around : kept) + padding(m);
}

static uint32_t ip_bytes(const struct sim_msg *m) {
    uint32_t around = around_ip(m);
    return m->bytes > around ? m->bytes - around : 0;
}

/* Bytes of the IP header that transport mode leaves in front. */
static uint32_t header_bytes(const struct sim_msg *m) {
    const struct packet *p = m->body;
    unsigned level = tunnel_head(m->level);
    if (!treat_plain(m) || level >= p->heads || p->head[level].version == 0)
        return IPV4;
    return (uint32_t)p->head[level].l4_offset - p->head[level].l3_offset;
}

/* Is the outermost IP header one of IPv6? Of a tunnel of this card it is not known: one of 20
 * bytes. */
static bool is_ipv6(const struct sim_msg *m) {
    const struct packet *p = m->body;
    unsigned level = tunnel_head(m->level);
    return treat_plain(m) && level < p->heads && p->head[level].version == 6;
}

static uint32_t most(bool ipv6) { return PACKET_IP_MOST + (ipv6 ? IPV6 : 0U); }

bool treat_too_long(const struct sim_msg *m, int64_t added) {
    const struct packet *p = m->body;
    return p != NULL && p->heads > 0 && added > 0 && ip_bytes(m) + added > most(is_ipv6(m));
}

/* Bytes that are encrypted. */
static uint32_t inside(const struct sim_msg *m, bool transport) {
    uint32_t ip = ip_bytes(m), header = transport ? header_bytes(m) : 0;
    return ip > header ? ip - header : 0;
}

enum treat_verdict treat_esp_encap(struct treat_call *c) {
    const struct treat_esp_args *args = c->args;
    const struct packet *p = c->m->body;
    bool transport = args->mode == TREAT_TRANSPORT;
    train_leave(c->m);
    if (treat_plain(c->m) && tunnel_head(c->m->level) >= p->heads && !wrap_opened(c->m))
        return TREAT_NOT_IP;
    uint32_t pad = padding(c->m), outer = args->outer ? IPV6 : IPV4;
    c->work = inside(c->m, transport);
    uint32_t fill = (4 - (c->work + ESP_TRAILER) % 4) % 4;
    uint32_t added = (transport ? 0 : outer) + (args->udp ? UDP : 0U) + ESP_HEADER + fill +
                     ESP_TRAILER + ICV;
    if (p != NULL && ip_bytes(c->m) + added > most(transport ? is_ipv6(c->m) : args->outer))
        return TREAT_TOO_LONG;
    return wrap_put(c->m, WRAP_ESP, (int64_t)added - pad) ? TREAT_OK : TREAT_NESTED;
}

/* Of captured ESP the padding is hidden: none is assumed. In a tunnel there is at least an IP
 * header inside; in transport mode the one in front stays. */
static enum treat_verdict open_esp(struct sim_msg *m, bool transport) {
    const struct packet *p = m->body;
    if (!treat_plain(m) || m->level != 0 || !p->esp || wrap_opened(m))
        return TREAT_NOT_SEALED;
    uint32_t stays = transport ? header_bytes(m) : 0;
    uint32_t gone = p->head[0].header_bytes - stays + ESP_HEADER + ESP_TRAILER + ICV;
    enum treat_verdict verdict = treat_open_captured(m, gone, ETHERNET + IPV4);
    m->level = verdict == TREAT_OK && !transport;
    return verdict;
}

enum treat_verdict treat_esp_decap(struct treat_call *c) {
    bool transport = ((const struct treat_mode_args *)c->args)->mode == TREAT_TRANSPORT;
    enum treat_verdict verdict = TREAT_OK;
    if (!wrap_take(c->m, WRAP_ESP))
        verdict = open_esp(c->m, transport);
    c->work = verdict == TREAT_OK ? inside(c->m, transport) : 0;
    return verdict;
}
