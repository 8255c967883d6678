/* engine_ops.c - what an engine's operations do to a message; engine.c says what they are.
 *
 * Bytes: ESP in tunnel mode (RFC 4303 with the AES-GCM of RFC 4106): a new IP header, perhaps
 * UDP (RFC 3948), SPI and sequence number 8, IV 8, then the packet, padded so that with two
 * bytes of trailer it is whole words of 4, and 16 bytes of check value. MACsec (IEEE 802.1AE):
 * 8 or 16 bytes of tag and 16 of check value. TLS: 29 or 22 bytes a record (RFC 5288, RFC
 * 8446).
 */
#include "models/engine.h"
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
    TLS_RECORD = 16384,
    MILLION = 1000000
};

/* Is the outermost header one that was captured, and is its captured form known? */
static bool plain(const struct sim_msg *m) { return m->body != NULL && !tunnel_ours(m->level); }

static enum engine_verdict unseal(struct sim_msg *m, enum wrap_kind kind) {
    return wrap_take(m, kind) ? ENGINE_OK : ENGINE_NOT_SEALED;
}

/* Of what was captured closed: so many bytes of framing or tag go. */
static enum engine_verdict open_captured(struct sim_msg *m, uint32_t gone, uint32_t least) {
    if (m->bytes < gone || m->bytes - gone < least)
        return ENGINE_NOT_SEALED;
    m->bytes -= gone;
    wrap_open(m);
    return ENGINE_OK;
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

static enum engine_verdict esp_encap(struct engine *e, const struct sim_step *step,
                                     struct sim_msg *m, sim_ps start, uint32_t *work) {
    const struct engine_esp_args *args = step->args;
    const struct packet *p = m->body;
    (void)e;
    (void)start;
    if (plain(m) && tunnel_head(m->level) >= p->heads && !(m->wrap >> WRAP_OPEN))
        return ENGINE_NOT_IP;
    uint32_t pad, ip = ip_bytes(m), fill = (4 - (ip + ESP_TRAILER) % 4) % 4;
    (void)around_ip(m, &pad);
    uint32_t added = (args->outer ? IPV6 : (uint32_t)IPV4) + (args->udp ? UDP : 0U) +
                     ESP_HEADER + fill + ESP_TRAILER + ICV;
    *work = ip;
    return wrap_put(m, WRAP_ESP, (int64_t)added - pad) ? ENGINE_OK : ENGINE_NESTED;
}

/* Of captured ESP the padding is hidden: none is assumed, and at least an IP header inside. */
static enum engine_verdict esp_decap(struct engine *e, const struct sim_step *step,
                                     struct sim_msg *m, sim_ps start, uint32_t *work) {
    const struct packet *p = m->body;
    enum engine_verdict verdict = unseal(m, WRAP_ESP);
    (void)e;
    (void)step;
    (void)start;
    if (verdict != ENGINE_OK && plain(m) && m->level == 0 && p->esp) {
        uint32_t gone = p->head[0].header_bytes + ESP_HEADER + ESP_TRAILER + ICV;
        verdict = open_captured(m, gone, ETHERNET + IPV4);
        m->level = verdict == ENGINE_OK;
    }
    *work = verdict == ENGINE_OK ? ip_bytes(m) : 0;
    return verdict;
}

/* ---------------------------------------------------------------- MACsec */

static uint32_t macsec_bytes(const struct sim_step *step) {
    const struct engine_macsec_args *args = step->args;
    return (args->sci ? 16 : 8) + ICV;
}

static enum engine_verdict macsec_protect(struct engine *e, const struct sim_step *step,
                                          struct sim_msg *m, sim_ps start, uint32_t *work) {
    (void)e;
    (void)start;
    *work = m->bytes;
    return wrap_put(m, WRAP_MACSEC, macsec_bytes(step)) ? ENGINE_OK : ENGINE_NESTED;
}

static enum engine_verdict macsec_validate(struct engine *e, const struct sim_step *step,
                                           struct sim_msg *m, sim_ps start, uint32_t *work) {
    const struct packet *p = m->body;
    enum engine_verdict verdict = unseal(m, WRAP_MACSEC);
    (void)e;
    (void)start;
    if (verdict != ENGINE_OK && plain(m) && m->level == 0 && p->ethertype == MACSEC_TYPE) {
        verdict = open_captured(m, macsec_bytes(step), ETHERNET);
        m->level = verdict == ENGINE_OK;
    }
    *work = verdict == ENGINE_OK ? m->bytes : 0;
    return verdict;
}

/* ---------------------------------------------------------------- payload: ciphers, hashes */

/* Encrypt the payload, to which `added` bytes come. */
static enum engine_verdict seal(struct sim_msg *m, enum wrap_kind kind, uint32_t added,
                                uint32_t *work) {
    *work = wrap_payload(m);
    return wrap_put(m, kind, added) ? ENGINE_OK : ENGINE_NESTED;
}

/* Decrypt it: ours byte for byte; else as it was captured, of which `gone` bytes go. */
static enum engine_verdict open_payload(struct sim_msg *m, enum wrap_kind kind, uint32_t gone,
                                        uint32_t *work) {
    enum engine_verdict verdict = unseal(m, kind);
    uint32_t payload = wrap_payload(m);
    if (verdict != ENGINE_OK && wrap_as_captured(m) && payload >= gone) {
        verdict = open_captured(m, gone, 0);
        payload -= gone;
    }
    *work = verdict == ENGINE_OK ? payload : 0;
    return verdict;
}

static uint32_t tag_of(const struct sim_step *step) {
    return (uint32_t)((const struct engine_gcm_args *)step->args)->tag;
}

static enum engine_verdict gcm_encrypt(struct engine *e, const struct sim_step *step,
                                       struct sim_msg *m, sim_ps start, uint32_t *work) {
    (void)e;
    (void)start;
    return seal(m, WRAP_GCM, tag_of(step), work);
}

static enum engine_verdict gcm_decrypt(struct engine *e, const struct sim_step *step,
                                       struct sim_msg *m, sim_ps start, uint32_t *work) {
    (void)e;
    (void)start;
    return open_payload(m, WRAP_GCM, tag_of(step), work);
}

static enum engine_verdict xts_encrypt(struct engine *e, const struct sim_step *step,
                                       struct sim_msg *m, sim_ps start, uint32_t *work) {
    (void)e;
    (void)step;
    (void)start;
    return seal(m, WRAP_XTS, 0, work);
}

static enum engine_verdict xts_decrypt(struct engine *e, const struct sim_step *step,
                                       struct sim_msg *m, sim_ps start, uint32_t *work) {
    (void)e;
    (void)step;
    (void)start;
    return open_payload(m, WRAP_XTS, 0, work);
}

static uint32_t tls_framing(const struct sim_step *step) {
    const struct engine_tls_args *args = step->args;
    return args->version ? 5 + 1 + 16 : 5 + 8 + 16;
}

static uint32_t records(uint32_t bytes, uint32_t most) { return (bytes + most - 1) / most; }

static enum engine_verdict tls_encrypt(struct engine *e, const struct sim_step *step,
                                       struct sim_msg *m, sim_ps start, uint32_t *work) {
    (void)e;
    (void)start;
    return seal(m, WRAP_TLS, records(wrap_payload(m), TLS_RECORD) * tls_framing(step), work);
}

static enum engine_verdict tls_decrypt(struct engine *e, const struct sim_step *step,
                                       struct sim_msg *m, sim_ps start, uint32_t *work) {
    uint32_t framing = tls_framing(step);
    (void)e;
    (void)start;
    return open_payload(m, WRAP_TLS, records(wrap_payload(m), TLS_RECORD + framing) * framing,
                        work);
}

static enum engine_verdict hash(struct engine *e, const struct sim_step *step,
                                struct sim_msg *m, sim_ps start, uint32_t *work) {
    (void)e;
    (void)step;
    (void)start;
    *work = wrap_payload(m);
    return ENGINE_OK;
}

/* ---------------------------------------------------------------- what depends on the payload
 */

/* What the payload compresses to by the facts; PACKET_UNKNOWN: not known. */
static uint32_t fact(const struct sim_msg *m, enum wrap_kind kind) {
    const struct packet *p = m->body;
    if (p == NULL || !wrap_as_captured(m))
        return PACKET_UNKNOWN;
    return kind == WRAP_DEFLATE ? p->deflated : p->lz4;
}

static enum engine_verdict compress(struct engine *e, const struct sim_step *step,
                                    struct sim_msg *m, sim_ps start, enum wrap_kind kind,
                                    uint32_t *work) {
    const struct lanes_stated *args = step->args;
    uint32_t payload = wrap_payload(m);
    uint32_t becomes = args->all ? PACKET_UNKNOWN : fact(m, kind);
    *work = payload;
    if (becomes == PACKET_UNKNOWN) {
        if (!lanes_take_stated(&e->base, step, "ratio", &e->stated, start))
            return ENGINE_OK;
        becomes =
            (uint32_t)(((uint64_t)payload * (uint64_t)args->value + MILLION - 1) / MILLION);
    }
    return wrap_put(m, kind, (int64_t)becomes - payload) ? ENGINE_OK : ENGINE_NESTED;
}

static enum engine_verdict decompress(struct engine *e, const struct sim_step *step,
                                      struct sim_msg *m, sim_ps start, enum wrap_kind kind,
                                      uint32_t *work) {
    const struct lanes_stated *args = step->args;
    enum engine_verdict verdict = unseal(m, kind);
    uint64_t payload = wrap_payload(m);
    *work = (uint32_t)payload;
    if (verdict == ENGINE_OK || !wrap_as_captured(m))
        return verdict;
    if (!lanes_take_stated(&e->base, step, "ratio", &e->stated, start))
        return ENGINE_OK;
    uint64_t ratio = (uint64_t)args->value, becomes = (payload * MILLION + ratio - 1) / ratio;
    if (becomes > INT32_MAX)
        becomes = INT32_MAX;
    m->bytes = (uint32_t)(m->bytes + becomes - payload);
    *work = (uint32_t)becomes;
    wrap_open(m);
    return ENGINE_OK;
}

#define COMPRESSION(NAME, WHAT, KIND)                                                          \
    static enum engine_verdict NAME(struct engine *e, const struct sim_step *step,             \
                                    struct sim_msg *m, sim_ps start, uint32_t *work) {         \
        return WHAT(e, step, m, start, KIND, work);                                            \
    }
COMPRESSION(deflate, compress, WRAP_DEFLATE)
COMPRESSION(inflate, decompress, WRAP_DEFLATE)
COMPRESSION(lz4, compress, WRAP_LZ4)
COMPRESSION(unlz4, decompress, WRAP_LZ4)
#undef COMPRESSION

/* Of payloads that are not known every so-many-th is new. */
static enum engine_verdict dedup(struct engine *e, const struct sim_step *step,
                                 struct sim_msg *m, sim_ps start, uint32_t *work) {
    const struct lanes_stated *args = step->args;
    const struct packet *p = m->body;
    bool known = p != NULL && wrap_as_captured(m) && !args->all;
    uint64_t digest = known ? p->digest : 0;
    bool met = false;
    *work = wrap_payload(m);
    if (digest != 0) {
        met = flowtable_find(&e->digests, digest, start, false);
        if (!met)
            flowtable_add(&e->digests, digest, start, start);
    } else if (lanes_take_stated(&e->base, step, "unique", &e->stated, start)) {
        e->share += (uint64_t)args->value;
        met = e->share < MILLION;
        e->share -= met ? 0 : MILLION;
    }
    if (met)
        sim_comp_count(&e->base, &e->duplicates, start);
    return met ? ENGINE_DUPLICATE : ENGINE_OK;
}

/* ---------------------------------------------------------------- the whole message */

static void add_parity(struct sim_msg *m, uint64_t data, uint64_t parity) {
    m->bytes = (uint32_t)(m->bytes + (m->bytes + data - 1) / data * parity);
}

static enum engine_verdict raid6(struct engine *e, const struct sim_step *step,
                                 struct sim_msg *m, sim_ps start, uint32_t *work) {
    const struct engine_parity_args *args = step->args;
    (void)e;
    (void)start;
    *work = m->bytes;
    add_parity(m, (uint64_t)args->data, 2);
    return ENGINE_OK;
}

static enum engine_verdict erasure(struct engine *e, const struct sim_step *step,
                                   struct sim_msg *m, sim_ps start, uint32_t *work) {
    const struct engine_parity_args *args = step->args;
    (void)e;
    (void)start;
    *work = m->bytes;
    add_parity(m, (uint64_t)args->data, (uint64_t)args->parity);
    return ENGINE_OK;
}

static enum engine_verdict copy(struct engine *e, const struct sim_step *step,
                                struct sim_msg *m, sim_ps start, uint32_t *work) {
    (void)e;
    (void)step;
    (void)start;
    *work = m->bytes;
    return ENGINE_OK;
}

engine_do_fn *const engine_do[ENGINE_OPS] = {[ENGINE_GCM_ENCRYPT] = gcm_encrypt,
                                             [ENGINE_GCM_DECRYPT] = gcm_decrypt,
                                             [ENGINE_XTS_ENCRYPT] = xts_encrypt,
                                             [ENGINE_XTS_DECRYPT] = xts_decrypt,
                                             [ENGINE_SHA256] = hash,
                                             [ENGINE_SHA512] = hash,
                                             [ENGINE_SHA3] = hash,
                                             [ENGINE_ESP_ENCAP] = esp_encap,
                                             [ENGINE_ESP_DECAP] = esp_decap,
                                             [ENGINE_MACSEC_PROTECT] = macsec_protect,
                                             [ENGINE_MACSEC_VALIDATE] = macsec_validate,
                                             [ENGINE_TLS_ENCRYPT] = tls_encrypt,
                                             [ENGINE_TLS_DECRYPT] = tls_decrypt,
                                             [ENGINE_DEFLATE] = deflate,
                                             [ENGINE_INFLATE] = inflate,
                                             [ENGINE_LZ4] = lz4,
                                             [ENGINE_UNLZ4] = unlz4,
                                             [ENGINE_DEDUP] = dedup,
                                             [ENGINE_RAID6] = raid6,
                                             [ENGINE_ERASURE] = erasure,
                                             [ENGINE_COPY] = copy};
