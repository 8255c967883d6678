/* engine.h - a fixed-function engine's own: its state, its operations and what they are told.
 */
#ifndef MODELS_ENGINE_H
#define MODELS_ENGINE_H

#include "models/lanes.h"
#include "models/lru.h"
#include "models/payload.h"

/* X(name of the enum, operation, its fields, their struct, verdicts, doc) */
#define ENGINE_LIST(X)                                                                         \
    X(GCM_ENCRYPT, "aes-gcm-encrypt", gcm_args, engine_gcm_args, "nested",                     \
      "encrypt the payload by AES-GCM; the tag is added")                                      \
    X(GCM_DECRYPT, "aes-gcm-decrypt", gcm_args, engine_gcm_args, "not-sealed",                 \
      "decrypt the payload by AES-GCM; the tag goes")                                          \
    X(XTS_ENCRYPT, "aes-xts-encrypt", none, engine_none, "nested",                             \
      "encrypt the payload by AES-XTS, as for storage; no bytes are added")                    \
    X(XTS_DECRYPT, "aes-xts-decrypt", none, engine_none, "not-sealed",                         \
      "decrypt the payload by AES-XTS")                                                        \
    X(SHA256, "sha256", none, engine_none, "", "SHA-256 of the payload")                       \
    X(SHA512, "sha512", none, engine_none, "", "SHA-512 of the payload")                       \
    X(SHA3, "sha3-256", none, engine_none, "", "SHA3-256 of the payload")                      \
    X(ESP_ENCAP, "esp-encap", esp_args, engine_esp_args, "nested not-ip",                      \
      "put the IP packet into an IPsec ESP tunnel (RFC 4303, AES-GCM by RFC 4106)")            \
    X(ESP_DECAP, "esp-decap", none, engine_none, "not-sealed",                                 \
      "take the packet out of an ESP tunnel")                                                  \
    X(MACSEC_PROTECT, "macsec-protect", macsec_args, engine_macsec_args, "nested",             \
      "protect the frame by MACsec (IEEE 802.1AE, AES-GCM)")                                   \
    X(MACSEC_VALIDATE, "macsec-validate", macsec_args, engine_macsec_args, "not-sealed",       \
      "validate a frame of MACsec and take its framing off")                                   \
    X(TLS_ENCRYPT, "tls-encrypt", tls_args, engine_tls_args, "nested",                         \
      "put the payload into TLS records of AES-GCM, 16 KiB each at most")                      \
    X(TLS_DECRYPT, "tls-decrypt", tls_args, engine_tls_args, "not-sealed",                     \
      "take the payload out of TLS records")                                                   \
    X(DEFLATE, "deflate-compress", ratio_args, lanes_stated, "nested",                         \
      "compress the payload by DEFLATE")                                                       \
    X(INFLATE, "deflate-decompress", ratio_args, lanes_stated, "not-sealed",                   \
      "decompress a payload of DEFLATE")                                                       \
    X(LZ4, "lz4-compress", ratio_args, lanes_stated, "nested", "compress the payload by LZ4")  \
    X(UNLZ4, "lz4-decompress", ratio_args, lanes_stated, "not-sealed",                         \
      "decompress a payload of LZ4")                                                           \
    X(DEDUP, "dedup-hash", dedup_args, lanes_stated, "duplicate",                              \
      "hash the payload and look whether an equal one is known")                               \
    X(RAID6, "raid6", raid6_args, engine_parity_args, "", "add two parities to the message")   \
    X(ERASURE, "erasure", erasure_args, engine_parity_args, "",                                \
      "add parities to the message, by a Reed-Solomon code")                                   \
    X(COPY, "copy", none, engine_none, "", "copy the message by DMA")

#define ENGINE_ENUM(NAME, OP, FIELDS, ARGS, VERDICTS, DOC) ENGINE_##NAME,
enum engine_op { ENGINE_LIST(ENGINE_ENUM) ENGINE_OPS };
#undef ENGINE_ENUM

enum engine_verdict {
    ENGINE_OK,
    ENGINE_DUPLICATE,
    ENGINE_NOT_SEALED,
    ENGINE_NESTED,
    ENGINE_NOT_IP
};

struct engine_none {
    char none;
};
struct engine_gcm_args {
    int64_t tag;
};
struct engine_esp_args {
    int64_t outer, udp;
};
struct engine_macsec_args {
    int64_t sci;
};
struct engine_tls_args {
    int64_t version;
};
struct engine_parity_args {
    int64_t data, parity;
};

struct engine {
    struct sim_comp base;
    struct lanes lanes;
    int64_t rate[ENGINE_OPS]; /* millionths of a byte a cycle and lane; 0: it cannot */
    int64_t entries;          /* digests that are kept */
    int64_t stated, duplicates;
    struct lru digests;
    uint64_t share; /* millionths of a unique message that are due */
    bool looked;    /* at the steps: which facts they ask for */
    bool asks_deflate, asks_lz4, asks_digest;
};

/* Work on m: what becomes of it. *work: how many bytes a lane has to go through. */
typedef enum engine_verdict engine_do_fn(struct engine *e, const struct sim_step *step,
                                         struct sim_msg *m, sim_ps start, uint32_t *work);
extern engine_do_fn *const engine_do[ENGINE_OPS];

#endif
