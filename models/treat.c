/* treat.c - what operations do to the bytes of a message, on an engine or on a core.
 *
 * Bytes: ESP: treat_esp.c. MACsec (IEEE 802.1AE): 8 or 16 bytes of tag and 16 of check value;
 * how long a captured tag is it says itself (bit SC), if it was captured.
 * TLS: 29 or 22 bytes a record (RFC 5288, RFC 8446). What was captured is opened if the payload
 * begins with a record of application data (type 23, version 0x0303, a length of AES-GCM's), or
 * if the capture cut it before that shows; its records are taken for as long as can be. A
 * segment that begins in the middle of a record cannot be told from clear bytes without those
 * before it: it is taken for clear, not sealed. What is made up is what its step says. Parities
 * are as large as a part of the message, of which there are `data`. A payload is what the IP
 * length says; what fills a frame up to 64 bytes is sealed with the whole frame by MACsec
 * alone. What is rebuilt from them comes as that many parts, no matter which, and goes on as
 * the data or as the lost parts alone.
 */
#include "models/treat.h"
#include "models/content.h"
#include "models/train.h"
#include <string.h>

enum {
    ETHERNET = 18, /* header and FCS */
    ICV = 16,
    MACSEC_TYPE = 0x88e5,
    TLS_RECORD = 16384,
    FIELD = 256, /* elements of that of Reed-Solomon codes on bytes */
    MILLION = 1000000
};

static enum treat_verdict unseal(struct sim_msg *m, enum wrap_kind kind) {
    return wrap_take(m, kind) ? TREAT_OK : TREAT_NOT_SEALED;
}

/* ---------------------------------------------------------------- MACsec */

static uint32_t macsec_bytes(const struct treat_call *c) {
    const struct treat_macsec_args *args = c->args;
    return (args->sci ? 16 : 8) + ICV;
}

static enum treat_verdict macsec_protect(struct treat_call *c) {
    train_leave(c->m);
    c->work = c->m->bytes;
    return wrap_put(c->m, WRAP_MACSEC, macsec_bytes(c)) ? TREAT_OK : TREAT_NESTED;
}

/* What was encrypted holds headers that the facts do not know; else they stay the outermost. */
static enum treat_verdict macsec_captured(struct treat_call *c) {
    const struct packet *p = c->m->body;
    if (!treat_plain(c->m) || c->m->level != 0 || wrap_opened(c->m))
        return TREAT_NOT_SEALED;
    bool closed = p->ethertype == MACSEC_TYPE;
    if (!closed && p->macsec == 0)
        return TREAT_NOT_SEALED;
    enum treat_verdict verdict = treat_open_captured(
        c->m, p->macsec ? p->macsec + (uint32_t)ICV : macsec_bytes(c), ETHERNET);
    c->m->level = closed && verdict == TREAT_OK;
    return verdict;
}

static enum treat_verdict macsec_validate(struct treat_call *c) {
    enum treat_verdict verdict = unseal(c->m, WRAP_MACSEC);
    if (verdict != TREAT_OK)
        verdict = macsec_captured(c);
    c->work = verdict == TREAT_OK ? c->m->bytes : 0;
    return verdict;
}

/* ---------------------------------------------------------------- payload: ciphers, hashes */

/* Put a layer around the payload. */
static enum treat_verdict put(struct sim_msg *m, enum wrap_kind kind, int64_t added) {
    if (treat_too_long(m, wrap_adds(m, kind, wrap_added(m), added)))
        return TREAT_TOO_LONG;
    return wrap_put(m, kind, added) ? TREAT_OK : TREAT_NESTED;
}

/* Encrypt the payload, to which `added` bytes come. Where there is none nothing is sealed: an
 * acknowledgement goes by as it is, and comes back so. */
static enum treat_verdict seal(struct sim_msg *m, enum wrap_kind kind, uint32_t added,
                               uint32_t *work) {
    *work = wrap_payload(m);
    return put(m, kind, *work > 0 ? added : 0);
}

/* Decrypt it: ours byte for byte; else as it was captured, of which `gone` bytes go. */
static enum treat_verdict open_payload(struct sim_msg *m, enum wrap_kind kind, uint32_t gone,
                                       uint32_t *work) {
    enum treat_verdict verdict = unseal(m, kind);
    uint32_t payload = wrap_payload(m);
    if (verdict != TREAT_OK && wrap_as_captured(m)) {
        if (payload == 0)
            verdict = TREAT_OK;
        else if (payload >= gone)
            verdict = treat_open_captured(m, (uint32_t)-wrap_longer(m, -(int64_t)gone), 0);
        payload -= payload >= gone ? gone : payload;
    }
    *work = verdict == TREAT_OK ? payload : 0;
    return verdict;
}

static uint32_t tag_of(const struct treat_call *c) {
    return (uint32_t)((const struct treat_gcm_args *)c->args)->tag;
}

static enum treat_verdict gcm_encrypt(struct treat_call *c) {
    return seal(c->m, WRAP_GCM, tag_of(c), &c->work);
}

static enum treat_verdict gcm_decrypt(struct treat_call *c) {
    return open_payload(c->m, WRAP_GCM, tag_of(c), &c->work);
}

static enum treat_verdict xts_encrypt(struct treat_call *c) {
    return seal(c->m, WRAP_XTS, 0, &c->work);
}

static enum treat_verdict xts_decrypt(struct treat_call *c) {
    return open_payload(c->m, WRAP_XTS, 0, &c->work);
}

static uint32_t tls_framing(const struct treat_call *c) {
    const struct treat_tls_args *args = c->args;
    return args->version ? 5 + 1 + 16 : 5 + 8 + 16;
}

static uint32_t records(uint32_t bytes, uint32_t most) { return (bytes + most - 1) / most; }

static enum treat_verdict tls_encrypt(struct treat_call *c) {
    return seal(c->m, WRAP_TLS, records(wrap_payload(c->m), TLS_RECORD) * tls_framing(c),
                &c->work);
}

/* Do captured bytes say that there is a payload, and no record? Made-up ones say nothing. */
static bool tls_clear(const struct sim_msg *m) {
    const struct packet *p = m->body;
    return p != NULL && p->no_tls && !p->made && wrap_top(m) != WRAP_TLS && wrap_payload(m) > 0;
}

static enum treat_verdict tls_decrypt(struct treat_call *c) {
    uint32_t framing = tls_framing(c);
    if (tls_clear(c->m))
        return TREAT_NOT_SEALED;
    return open_payload(c->m, WRAP_TLS,
                        records(wrap_payload(c->m), TLS_RECORD + framing) * framing, &c->work);
}

static enum treat_verdict hash(struct treat_call *c) {
    c->work = wrap_payload(c->m);
    return TREAT_OK;
}

/* ---------------------------------------------------------------- what depends on the payload
 */

/* The request that the message carries all data of, as it was written; or NULL. */
static const struct io *as_written(const struct treat_call *c) {
    const struct io *io = io_of(&c->t->comp->node->pool, c->m);
    return io != NULL && c->m->wrap == 0 && c->m->bytes == io->bytes ? io : NULL;
}

/* Of a request: by the sample of the stream's data. */
static uint32_t by_sample(const struct treat_call *c, enum wrap_kind kind) {
    const struct io *io = as_written(c);
    const struct sample *sample = c->t->comp->world->stream[c->m->stream]->data;
    enum sample_coder coder = kind == WRAP_DEFLATE ? SAMPLE_DEFLATE : SAMPLE_LZ4;
    if (io == NULL || sample == NULL)
        return PACKET_UNKNOWN;
    if (sample->size[coder] == NULL) {
        lanes_no_library(c->t->comp, content_lz4_missing);
        return PACKET_UNKNOWN;
    }
    return sample_bytes(sample, coder, io);
}

/* What the payload compresses to by the facts; PACKET_UNKNOWN: not known. */
static uint32_t fact(const struct treat_call *c, enum wrap_kind kind) {
    const struct packet *p = c->m->body;
    if (p == NULL)
        return by_sample(c, kind);
    if (!wrap_as_captured(c->m))
        return PACKET_UNKNOWN;
    return kind == WRAP_DEFLATE ? p->deflated : p->lz4;
}

static void count_compressed(const struct treat_call *c, uint32_t from, uint32_t to) {
    if (!sim_inside(c->t->comp->world, c->start))
        return;
    c->t->compressed += from;
    c->t->compressed_to += to;
}

static enum treat_verdict compress(struct treat_call *c, enum wrap_kind kind) {
    const struct lanes_stated *args = c->args;
    uint32_t payload = wrap_payload(c->m);
    uint32_t becomes = args->all ? PACKET_UNKNOWN : fact(c, kind);
    c->work = payload;
    if (becomes == PACKET_UNKNOWN) {
        if (!lanes_take_stated(c->t->comp, c->step, args, "ratio", &c->t->stated, c->start))
            return TREAT_OK;
        becomes =
            (uint32_t)(((uint64_t)payload * (uint64_t)args->value + MILLION - 1) / MILLION);
    }
    enum treat_verdict verdict = put(c->m, kind, (int64_t)becomes - payload);
    if (verdict == TREAT_OK)
        count_compressed(c, payload, becomes);
    return verdict;
}

/* What a volume has less of than was asked for becomes whole. */
static bool expand(struct treat_call *c) {
    struct io *io = io_of(&c->t->comp->node->pool, c->m);
    if (io == NULL || io->packed == 0 || io->op != IO_READ)
        return false;
    io->packed = 0;
    c->work = c->m->bytes = io->bytes;
    return true;
}

static enum treat_verdict decompress(struct treat_call *c, enum wrap_kind kind) {
    const struct lanes_stated *args = c->args;
    if (expand(c))
        return TREAT_OK;
    enum treat_verdict verdict = unseal(c->m, kind);
    uint64_t payload = wrap_payload(c->m);
    c->work = (uint32_t)payload;
    if (verdict == TREAT_OK || !wrap_as_captured(c->m))
        return verdict;
    if (!lanes_take_stated(c->t->comp, c->step, args, "ratio", &c->t->stated, c->start))
        return TREAT_OK;
    uint64_t ratio = (uint64_t)args->value, becomes = (payload * MILLION + ratio - 1) / ratio;
    if (becomes > INT32_MAX)
        becomes = INT32_MAX;
    int64_t longer = wrap_longer(c->m, (int64_t)becomes - (int64_t)payload);
    if (treat_too_long(c->m, longer))
        return TREAT_TOO_LONG;
    c->m->bytes = (uint32_t)(c->m->bytes + longer);
    c->work = (uint32_t)becomes;
    wrap_open(c->m);
    return TREAT_OK;
}

#define COMPRESSION(NAME, WHAT, KIND)                                                          \
    static enum treat_verdict NAME(struct treat_call *c) { return WHAT(c, KIND); }
COMPRESSION(deflate, compress, WRAP_DEFLATE)
COMPRESSION(inflate, decompress, WRAP_DEFLATE)
COMPRESSION(lz4, compress, WRAP_LZ4)
COMPRESSION(unlz4, decompress, WRAP_LZ4)
#undef COMPRESSION

/* The digest of the payload, of a packet that was captured or of what is written; 0: unknown.
 */
static uint64_t digest_of(const struct treat_call *c) {
    const struct packet *p = c->m->body;
    if (p != NULL)
        return wrap_as_captured(c->m) ? p->digest : 0;
    const struct io *io = as_written(c);
    return io != NULL && io->op == IO_WRITE ? io->digest : 0;
}

/* Of payloads that are not known every so-many-th is new. Without a payload a message is
 * neither new nor a duplicate. */
static enum treat_verdict dedup(struct treat_call *c) {
    const struct lanes_stated *args = c->args;
    uint64_t digest = args->all ? 0 : digest_of(c);
    bool met = false;
    c->work = wrap_payload(c->m);
    if (c->work == 0)
        return TREAT_OK;
    if (digest != 0) {
        sim_comp_count(c->t->comp, &c->t->looked_up, c->start);
        met = digests_meet(&c->t->table, digest, c->start);
    } else if (lanes_take_stated(c->t->comp, c->step, args, "unique", &c->t->stated,
                                 c->start)) {
        *c->share += (uint64_t)args->value;
        met = *c->share < MILLION;
        *c->share -= met ? 0 : MILLION;
    }
    if (met)
        sim_comp_count(c->t->comp, &c->t->duplicates, c->start);
    return met ? TREAT_DUPLICATE : TREAT_OK;
}

/* ---------------------------------------------------------------- the whole message */

static void add_parity(struct sim_msg *m, uint64_t data, uint64_t parity) {
    m->bytes = (uint32_t)(m->bytes + (m->bytes + data - 1) / data * parity);
}

static enum treat_verdict raid6(struct treat_call *c) {
    const struct treat_parity_args *args = c->args;
    c->work = c->m->bytes;
    add_parity(c->m, (uint64_t)args->data, 2);
    return TREAT_OK;
}

static enum treat_verdict erasure(struct treat_call *c) {
    const struct treat_parity_args *args = c->args;
    c->work = c->m->bytes;
    add_parity(c->m, (uint64_t)args->data, (uint64_t)args->parity);
    return TREAT_OK;
}

/* Parts that come are as large as those that were lost. */
static enum treat_verdict rebuild(struct treat_call *c) {
    const struct treat_rebuild_args *args = c->args;
    struct sim_msg *m = c->m;
    uint64_t data = (uint64_t)args->data;
    c->work = m->bytes;
    if (args->gives == TREAT_LOST)
        m->bytes = (uint32_t)((m->bytes + data - 1) / data * (uint64_t)args->lost);
    return TREAT_OK;
}

static enum treat_verdict copy(struct treat_call *c) {
    c->work = c->m->bytes;
    return TREAT_OK;
}

treat_fn *const treat_do[TREAT_OPS] = {[TREAT_GCM_ENCRYPT] = gcm_encrypt,
                                       [TREAT_GCM_DECRYPT] = gcm_decrypt,
                                       [TREAT_XTS_ENCRYPT] = xts_encrypt,
                                       [TREAT_XTS_DECRYPT] = xts_decrypt,
                                       [TREAT_SHA256] = hash,
                                       [TREAT_SHA512] = hash,
                                       [TREAT_SHA3] = hash,
                                       [TREAT_ESP_ENCAP] = treat_esp_encap,
                                       [TREAT_ESP_DECAP] = treat_esp_decap,
                                       [TREAT_MACSEC_PROTECT] = macsec_protect,
                                       [TREAT_MACSEC_VALIDATE] = macsec_validate,
                                       [TREAT_TLS_ENCRYPT] = tls_encrypt,
                                       [TREAT_TLS_DECRYPT] = tls_decrypt,
                                       [TREAT_DEFLATE] = deflate,
                                       [TREAT_INFLATE] = inflate,
                                       [TREAT_LZ4] = lz4,
                                       [TREAT_UNLZ4] = unlz4,
                                       [TREAT_DEDUP] = dedup,
                                       [TREAT_RAID6] = raid6,
                                       [TREAT_ERASURE] = erasure,
                                       [TREAT_RAID6_REBUILD] = rebuild,
                                       [TREAT_ERASURE_REBUILD] = rebuild,
                                       [TREAT_COPY] = copy};

/* In the kernel an operation costs otherwise, and does the same. */
static enum treat_op number_of(const char *op) {
    static const char kernel[] = "kernel-";
#define NAME(ENUM, OP, FIELDS, ARGS, VERDICTS, DOC) OP,
    static const char *const name[] = {TREAT_LIST(NAME) NULL};
#undef NAME
    int i = 0;
    if (strncmp(op, kernel, sizeof kernel - 1) == 0)
        op += sizeof kernel - 1;
    while (name[i] != NULL && strcmp(name[i], op) != 0)
        i++;
    return (enum treat_op)i;
}

treat_fn *treat_find(const char *op) {
    enum treat_op i = number_of(op);
    return i < TREAT_OPS ? treat_do[i] : NULL;
}

int64_t treat_made(enum treat_op op, const void *args) {
    switch (op) {
    case TREAT_RAID6:
        return 2;
    case TREAT_ERASURE:
        return ((const struct treat_parity_args *)args)->parity;
    case TREAT_RAID6_REBUILD:
    case TREAT_ERASURE_REBUILD:
        return ((const struct treat_rebuild_args *)args)->lost;
    default:
        return 1;
    }
}

static uint32_t part_of(int64_t made, int64_t all) {
    return made < all ? (uint32_t)(made * 1000000 / all) : 1000000;
}

uint32_t treat_brings(enum treat_op op, const void *args) {
    const struct treat_parity_args *code = args;
    const struct treat_rebuild_args *lost = args;
    int64_t made = treat_made(op, args);
    switch (op) {
    case TREAT_SHA256:
    case TREAT_SHA512:
    case TREAT_SHA3:
    case TREAT_DEDUP:
        return 0;
    case TREAT_RAID6:
    case TREAT_ERASURE:
        return part_of(made, code->data + made);
    case TREAT_RAID6_REBUILD:
    case TREAT_ERASURE_REBUILD:
        return lost->gives == TREAT_LOST ? 1000000 : part_of(made, lost->data);
    default:
        return 1000000;
    }
}

int64_t treat_parts(const char *op, const void *args) {
    enum treat_op i = number_of(op);
    return i == TREAT_RAID6 ? 1 : treat_made(i, args);
}

static bool fail(const struct sim_step *step, const char *key, struct sim_err *err,
                 const char *text) {
    char at[512];
    return sim_fail(err, "", sim_pointer(at, sizeof at, step->pointer, key), "%s", text);
}

static bool check_tag(const struct sim_step *step, int64_t bytes, struct sim_err *err) {
    char at[512];
    bool known = bytes == 0 || bytes == 4 || bytes == 8 || (bytes >= 12 && bytes <= 16);
    return known || sim_fail(err, "", sim_pointer(at, sizeof at, step->pointer, "tag_bytes"),
                             "AES-GCM has no tag of %lld bytes; use 16 to 12, 8 or 4, or 0 "
                             "where it is kept elsewhere",
                             (long long)bytes);
}

bool treat_check(const struct sim_step *step, const void *args, struct sim_err *err) {
    const struct treat_esp_args *esp = args;
    const struct treat_gcm_args *gcm = args;
    const struct treat_parity_args *code = args;
    const struct treat_rebuild_args *lost = args;
    switch (number_of(step->op->name)) {
    case TREAT_GCM_ENCRYPT:
    case TREAT_GCM_DECRYPT:
        return check_tag(step, gcm->tag, err);
    case TREAT_ESP_ENCAP:
        return esp->mode == TREAT_TUNNEL || esp->outer == 0 ||
               fail(step, "outer", err,
                    "has no effect in transport mode: the packet keeps its IP header");
    case TREAT_ERASURE:
        return code->data + code->parity <= FIELD ||
               fail(step, "parity", err,
                    "data and parities are more than 256 parts, the most of a code on bytes");
    case TREAT_RAID6_REBUILD:
    case TREAT_ERASURE_REBUILD:
        return lost->lost <= lost->data ||
               fail(step, "lost", err, "more parts are lost than there are of data");
    default:
        return true;
    }
}
