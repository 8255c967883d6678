/* offload.c - what crypto, framing, parity and copying do to a message; offload_payload.c has
 * what depends on the bytes of the payload.
 *
 * ESP in tunnel mode (RFC 4303 with the AES-GCM of RFC 4106): a new IP header, perhaps UDP (RFC
 * 3948), SPI and sequence number 8, IV 8, then the packet, padded so that with two bytes of
 * trailer it is whole words of 4, and 16 bytes of check value. MACsec (IEEE 802.1AE): 8 or 16
 * bytes of tag and 16 of check value. TLS: 29 or 22 bytes a record (RFC 5288, RFC 8446).
 */
#include "models/offload.h"
#include "models/wrap.h"

enum {
    ETHERNET = 18, /* header and FCS */
    TAG = 4,       /* of a VLAN, a label */
    MIN_FRAME = 64,
    IPV4 = 20,
    IPV6 = 40,
    UDP = 8,
    ESP_HEADER = 8 + 8, /* SPI and sequence number, IV */
    ESP_TRAILER = 2,
    ICV = 16,
    MACSEC_TYPE = 0x88e5,
    TLS_RECORD = 16384
};

/* Is the outermost header one that was captured, and is its captured form known? */
static bool plain(const struct sim_msg *m) { return m->body != NULL && !tunnel_ours(m->level); }

/* Of what was captured closed: so many bytes of framing or tag go. */
static enum offload_verdict open_captured(struct sim_msg *m, uint32_t gone, uint32_t least) {
    if (m->bytes < gone || m->bytes - gone < least)
        return OFFLOAD_NOT_SEALED;
    m->bytes -= gone;
    wrap_open(m);
    return OFFLOAD_OK;
}

static enum offload_verdict put(struct sim_msg *m, enum wrap_kind kind, int64_t added) {
    return wrap_put(m, kind, added) ? OFFLOAD_OK : OFFLOAD_NESTED;
}

static enum offload_verdict take(struct sim_msg *m, enum wrap_kind kind) {
    return wrap_take(m, kind) ? OFFLOAD_OK : OFFLOAD_NOT_SEALED;
}

/* ---------------------------------------------------------------- ESP */

/* Bytes of the frame around its IP packet. *pad: of these, what fills it up to 64 bytes. */
static uint32_t around_ip(const struct sim_msg *m, uint32_t *pad) {
    const struct packet *p = m->body;
    *pad = 0;
    if (!plain(m) || m->level != 0 || p->heads == 0)
        return ETHERNET;
    uint32_t ip = p->head[0].header_bytes + p->head[0].payload;
    uint32_t kept = ETHERNET + TAG * ((uint32_t)p->vlans + p->mpls);
    uint32_t around = p->frame_bytes > ip + kept ? p->frame_bytes - ip : kept;
    if (p->frame_bytes == MIN_FRAME)
        *pad = around - kept;
    return around;
}

static uint32_t ip_bytes(const struct sim_msg *m) {
    uint32_t pad, around = around_ip(m, &pad);
    return m->bytes > around ? m->bytes - around : 0;
}

static enum offload_verdict esp_encap(struct offload *o, struct offload_job *j) {
    const struct packet *p = j->m->body;
    (void)o;
    if (plain(j->m) && tunnel_head(j->m->level) >= p->heads && !(j->m->wrap >> WRAP_OPEN))
        return OFFLOAD_NOT_IP;
    uint32_t pad, fill;
    (void)around_ip(j->m, &pad);
    j->work = ip_bytes(j->m);
    fill = (4 - (j->work + ESP_TRAILER) % 4) % 4;
    int64_t added = (j->args->esp.outer ? IPV6 : IPV4) + (j->args->esp.udp ? UDP : 0) +
                    ESP_HEADER + (int64_t)fill + ESP_TRAILER + ICV;
    return put(j->m, WRAP_ESP, added - pad);
}

/* Of captured ESP the padding is hidden: none is assumed, and at least an IP header inside. */
static enum offload_verdict esp_decap(struct offload *o, struct offload_job *j) {
    struct sim_msg *m = j->m;
    const struct packet *p = m->body;
    enum offload_verdict verdict = take(m, WRAP_ESP);
    (void)o;
    if (verdict != OFFLOAD_OK && plain(m) && m->level == 0 && p->esp) {
        uint32_t gone = p->head[0].header_bytes + ESP_HEADER + ESP_TRAILER + ICV;
        verdict = open_captured(m, gone, ETHERNET + IPV4);
        m->level = verdict == OFFLOAD_OK; /* of which the facts know no header */
    }
    j->work = verdict == OFFLOAD_OK ? ip_bytes(m) : 0;
    return verdict;
}

/* ---------------------------------------------------------------- MACsec */

static uint32_t macsec_bytes(const struct offload_job *j) {
    return (j->args->macsec.sci ? 16 : 8) + ICV;
}

static enum offload_verdict macsec_protect(struct offload *o, struct offload_job *j) {
    (void)o;
    j->work = j->m->bytes;
    return put(j->m, WRAP_MACSEC, macsec_bytes(j));
}

static enum offload_verdict macsec_validate(struct offload *o, struct offload_job *j) {
    struct sim_msg *m = j->m;
    const struct packet *p = m->body;
    enum offload_verdict verdict = take(m, WRAP_MACSEC);
    (void)o;
    if (verdict != OFFLOAD_OK && plain(m) && m->level == 0 && p->ethertype == MACSEC_TYPE) {
        verdict = open_captured(m, macsec_bytes(j), ETHERNET);
        m->level = verdict == OFFLOAD_OK;
    }
    j->work = verdict == OFFLOAD_OK ? m->bytes : 0;
    return verdict;
}

/* ---------------------------------------------------------------- ciphers of the payload */

static enum offload_verdict seal(struct offload_job *j, enum wrap_kind kind, uint32_t added) {
    j->work = wrap_payload(j->m);
    return put(j->m, kind, added);
}

/* Decrypt it: ours byte for byte; else as it was captured, of which `gone` bytes go. */
static enum offload_verdict unseal(struct offload_job *j, enum wrap_kind kind, uint32_t gone) {
    enum offload_verdict verdict = take(j->m, kind);
    uint32_t payload = wrap_payload(j->m);
    if (verdict != OFFLOAD_OK && wrap_as_captured(j->m) && payload >= gone) {
        verdict = open_captured(j->m, gone, 0);
        payload -= gone;
    }
    j->work = verdict == OFFLOAD_OK ? payload : 0;
    return verdict;
}

static enum offload_verdict gcm_encrypt(struct offload *o, struct offload_job *j) {
    (void)o;
    return seal(j, WRAP_GCM, (uint32_t)j->args->gcm.tag);
}

static enum offload_verdict gcm_decrypt(struct offload *o, struct offload_job *j) {
    (void)o;
    return unseal(j, WRAP_GCM, (uint32_t)j->args->gcm.tag);
}

static enum offload_verdict xts_encrypt(struct offload *o, struct offload_job *j) {
    (void)o;
    return seal(j, WRAP_XTS, 0);
}

static enum offload_verdict xts_decrypt(struct offload *o, struct offload_job *j) {
    (void)o;
    return unseal(j, WRAP_XTS, 0);
}

/* Bytes of framing of the records that `payload` bytes are, or will be. */
static uint32_t tls_framing(const struct offload_job *j, bool framed) {
    uint32_t one = j->args->tls.version ? 5 + 1 + 16 : 5 + 8 + 16;
    uint32_t most = TLS_RECORD + (framed ? one : 0);
    return (wrap_payload(j->m) + most - 1) / most * one;
}

static enum offload_verdict tls_encrypt(struct offload *o, struct offload_job *j) {
    (void)o;
    return seal(j, WRAP_TLS, tls_framing(j, false));
}

static enum offload_verdict tls_decrypt(struct offload *o, struct offload_job *j) {
    (void)o;
    return unseal(j, WRAP_TLS, tls_framing(j, true));
}

/* ---------------------------------------------------------------- the rest */

static enum offload_verdict hash(struct offload *o, struct offload_job *j) {
    (void)o;
    j->work = wrap_payload(j->m);
    return OFFLOAD_OK;
}

static enum offload_verdict add_parity(struct offload_job *j, uint64_t parity) {
    uint64_t data = (uint64_t)j->args->parity.data;
    j->work = j->m->bytes;
    j->m->bytes = (uint32_t)(j->m->bytes + (j->m->bytes + data - 1) / data * parity);
    return OFFLOAD_OK;
}

static enum offload_verdict raid6(struct offload *o, struct offload_job *j) {
    (void)o;
    return add_parity(j, 2);
}

static enum offload_verdict erasure(struct offload *o, struct offload_job *j) {
    (void)o;
    return add_parity(j, (uint64_t)j->args->parity.parity);
}

static enum offload_verdict copy(struct offload *o, struct offload_job *j) {
    (void)o;
    j->work = j->m->bytes;
    return OFFLOAD_OK;
}

offload_fn *const offload_do[OFFLOAD_OPS] = {[OFFLOAD_GCM_ENCRYPT] = gcm_encrypt,
                                             [OFFLOAD_GCM_DECRYPT] = gcm_decrypt,
                                             [OFFLOAD_XTS_ENCRYPT] = xts_encrypt,
                                             [OFFLOAD_XTS_DECRYPT] = xts_decrypt,
                                             [OFFLOAD_SHA256] = hash,
                                             [OFFLOAD_SHA512] = hash,
                                             [OFFLOAD_SHA3] = hash,
                                             [OFFLOAD_ESP_ENCAP] = esp_encap,
                                             [OFFLOAD_ESP_DECAP] = esp_decap,
                                             [OFFLOAD_MACSEC_PROTECT] = macsec_protect,
                                             [OFFLOAD_MACSEC_VALIDATE] = macsec_validate,
                                             [OFFLOAD_TLS_ENCRYPT] = tls_encrypt,
                                             [OFFLOAD_TLS_DECRYPT] = tls_decrypt,
                                             [OFFLOAD_DEFLATE] = offload_deflate,
                                             [OFFLOAD_INFLATE] = offload_inflate,
                                             [OFFLOAD_LZ4] = offload_lz4,
                                             [OFFLOAD_UNLZ4] = offload_unlz4,
                                             [OFFLOAD_DEDUP] = offload_dedup,
                                             [OFFLOAD_RAID6] = raid6,
                                             [OFFLOAD_ERASURE] = erasure,
                                             [OFFLOAD_COPY] = copy};
