/* offload.h - crypto, compression, hashing, parity, copying: what is done to a message,
 * wherever it is done. No block: one that does such work, an engine or a core in its place, has
 * these operations in its table, gives their arguments, and asks how much work it was.
 */
#ifndef MODELS_OFFLOAD_H
#define MODELS_OFFLOAD_H

#include "models/flowtable.h"
#include "models/payload.h"
#include "models/stated.h"

/* X(name of the enum, operation, its arguments, its verdicts, doc) */
#define OFFLOAD_LIST(X)                                                                        \
    X(GCM_ENCRYPT, "aes-gcm-encrypt", gcm, "nested",                                           \
      "encrypt the payload by AES-GCM; the tag is added")                                      \
    X(GCM_DECRYPT, "aes-gcm-decrypt", gcm, "not-sealed",                                       \
      "decrypt the payload by AES-GCM; the tag goes")                                          \
    X(XTS_ENCRYPT, "aes-xts-encrypt", none, "nested",                                          \
      "encrypt the payload by AES-XTS, as for storage; no bytes are added")                    \
    X(XTS_DECRYPT, "aes-xts-decrypt", none, "not-sealed", "decrypt the payload by AES-XTS")    \
    X(SHA256, "sha256", none, "", "SHA-256 of the payload")                                    \
    X(SHA512, "sha512", none, "", "SHA-512 of the payload")                                    \
    X(SHA3, "sha3-256", none, "", "SHA3-256 of the payload")                                   \
    X(ESP_ENCAP, "esp-encap", esp, "nested not-ip",                                            \
      "put the IP packet into an IPsec ESP tunnel (RFC 4303, AES-GCM by RFC 4106)")            \
    X(ESP_DECAP, "esp-decap", none, "not-sealed", "take the packet out of an ESP tunnel")      \
    X(MACSEC_PROTECT, "macsec-protect", macsec, "nested",                                      \
      "protect the frame by MACsec (IEEE 802.1AE, AES-GCM)")                                   \
    X(MACSEC_VALIDATE, "macsec-validate", macsec, "not-sealed",                                \
      "validate a frame of MACsec and take its framing off")                                   \
    X(TLS_ENCRYPT, "tls-encrypt", tls, "nested",                                               \
      "put the payload into TLS records of AES-GCM, 16 KiB each at most")                      \
    X(TLS_DECRYPT, "tls-decrypt", tls, "not-sealed", "take the payload out of TLS records")    \
    X(DEFLATE, "deflate-compress", ratio, "nested", "compress the payload by DEFLATE")         \
    X(INFLATE, "deflate-decompress", ratio, "not-sealed", "decompress a payload of DEFLATE")   \
    X(LZ4, "lz4-compress", ratio, "nested", "compress the payload by LZ4")                     \
    X(UNLZ4, "lz4-decompress", ratio, "not-sealed", "decompress a payload of LZ4")             \
    X(DEDUP, "dedup-hash", dedup, "duplicate",                                                 \
      "hash the payload and look whether an equal one is known")                               \
    X(RAID6, "raid6", raid6, "", "add two parities to the message")                            \
    X(ERASURE, "erasure", erasure, "", "add parities to the message, by a Reed-Solomon code")  \
    X(COPY, "copy", none, "", "copy the message by DMA")

#define OFFLOAD_ENUM(NAME, OP, ARGS, VERDICTS, DOC) OFFLOAD_##NAME,
enum offload_op { OFFLOAD_LIST(OFFLOAD_ENUM) OFFLOAD_OPS };
#undef OFFLOAD_ENUM

enum offload_verdict {
    OFFLOAD_OK,
    OFFLOAD_DUPLICATE,
    OFFLOAD_NOT_SEALED,
    OFFLOAD_NESTED,
    OFFLOAD_NOT_IP
};

/* Rows of the model's verdicts, from OFFLOAD_DUPLICATE on. */
#define OFFLOAD_VERDICTS                                                                       \
    {"duplicate", "next", "dedup-hash: an equal payload is known"},                            \
        {"not-sealed", "drop", "the message is not what the operation takes off"},             \
        {"nested", "drop",                                                                     \
         "the card has put two layers on already, or one that hides the payload"},             \
    {                                                                                          \
        "not-ip", "next", "esp-encap: the packet has no IP header"                             \
    }

/* Arguments of a step, by operation. */
union offload_args {
    struct {
        int64_t tag;
    } gcm;
    struct {
        int64_t outer, udp;
    } esp;
    struct {
        int64_t sci;
    } macsec;
    struct {
        int64_t version;
    } tls;
    struct {
        int64_t data, parity;
    } parity;
    struct stated stated;
};

/* Rows of an operation's arguments, held by TYPE in a union offload_args MEMBER. */
#define OFFLOAD_ROWS_none(TYPE, MEMBER)
#define OFFLOAD_ROWS_gcm(TYPE, MEMBER)                                                         \
    {"tag_bytes",                                                                              \
     SIM_BYTES,                                                                                \
     offsetof(TYPE, MEMBER.gcm.tag),                                                           \
     0,                                                                                        \
     16,                                                                                       \
     "16B",                                                                                    \
     NULL,                                                                                     \
     "of the tag that goes with the payload; 0 where it is kept elsewhere",                    \
     "nist-800-38d: 16 bytes, fewer are allowed"},
#define OFFLOAD_ROWS_esp(TYPE, MEMBER)                                                         \
    {"outer", SIM_ENUM,    offsetof(TYPE, MEMBER.esp.outer),  0,   0,                          \
     "ipv4",  "ipv4|ipv6", "outer IP header, 20 or 40 bytes", NULL},                           \
        {"udp",                                                                                \
         SIM_BOOL,                                                                             \
         offsetof(TYPE, MEMBER.esp.udp),                                                       \
         0,                                                                                    \
         0,                                                                                    \
         "false",                                                                              \
         NULL,                                                                                 \
         "8 bytes of UDP in front of ESP, to pass NAT (RFC 3948)",                             \
         NULL},
#define OFFLOAD_ROWS_macsec(TYPE, MEMBER)                                                      \
    {"sci",                                                                                    \
     SIM_BOOL,                                                                                 \
     offsetof(TYPE, MEMBER.macsec.sci),                                                        \
     0,                                                                                        \
     0,                                                                                        \
     "true",                                                                                   \
     NULL,                                                                                     \
     "the channel identifier is in the tag: 16 bytes of tag, else 8",                          \
     "ieee-8021ae: needed where more than two stations share a link; drivers send it"},
#define OFFLOAD_ROWS_tls(TYPE, MEMBER)                                                         \
    {"version",                                                                                \
     SIM_ENUM,                                                                                 \
     offsetof(TYPE, MEMBER.tls.version),                                                       \
     0,                                                                                        \
     0,                                                                                        \
     "1.3",                                                                                    \
     "1.2|1.3",                                                                                \
     "29 bytes a record with 1.2 (header 5, nonce 8, tag 16), 22 with 1.3 (5, type 1, 16)",    \
     "rfc-5246, rfc-5288, rfc-8446"},
#define OFFLOAD_ROWS_ratio(TYPE, MEMBER)                                                       \
    {"ratio",                                                                                  \
     SIM_RATIO,                                                                                \
     offsetof(TYPE, MEMBER.stated.value),                                                      \
     0,                                                                                        \
     4000000,                                                                                  \
     "0",                                                                                      \
     NULL,                                                                                     \
     "compressed bytes for each byte, of payload that is not known; 0: none stated, and such " \
     "a payload is an error",                                                                  \
     NULL},                                                                                    \
        STATED_ROW(TYPE, MEMBER.stated),
#define OFFLOAD_ROWS_dedup(TYPE, MEMBER)                                                       \
    {"unique",                                                                                 \
     SIM_RATIO,                                                                                \
     offsetof(TYPE, MEMBER.stated.value),                                                      \
     0,                                                                                        \
     1000000,                                                                                  \
     "0",                                                                                      \
     NULL,                                                                                     \
     "share of new ones among payloads that are not known; 0: none stated, and such a "        \
     "payload is an error",                                                                    \
     NULL},                                                                                    \
        STATED_ROW(TYPE, MEMBER.stated),
#define OFFLOAD_ROWS_raid6(TYPE, MEMBER)                                                       \
    {"data",                                                                                   \
     SIM_COUNT,                                                                                \
     offsetof(TYPE, MEMBER.parity.data),                                                       \
     1,                                                                                        \
     255,                                                                                      \
     "4",                                                                                      \
     NULL,                                                                                     \
     "parts of a message that two parities of a part's size protect",                          \
     NULL},
#define OFFLOAD_ROWS_erasure(TYPE, MEMBER)                                                     \
    {"data",                                                                                   \
     SIM_COUNT,                                                                                \
     offsetof(TYPE, MEMBER.parity.data),                                                       \
     1,                                                                                        \
     255,                                                                                      \
     "4",                                                                                      \
     NULL,                                                                                     \
     "parts of a message",                                                                     \
     NULL},                                                                                    \
        {"parity", SIM_COUNT, offsetof(TYPE, MEMBER.parity.parity),       1,   255,            \
         "2",      NULL,      "parities of a part's size that are added", NULL},

/* State of a block that does such work. */
struct offload {
    struct sim_comp *comp;
    int64_t stated, duplicates; /* statistics */
    int64_t entries;            /* digests that are kept; a multiple of OFFLOAD_WAYS */
    struct flowtable *digests;  /* outside: an undone service must not put a grown one back */
    uint64_t share;             /* millionths of a unique payload that are due */
    bool looked;                /* at the steps: which facts they ask for */
    bool asks_deflate, asks_lz4, asks_digest;
};

enum { OFFLOAD_WAYS = 8 };

/* Set comp and entries before. @param dedup whether digests will be looked up. */
void offload_init(struct offload *o, bool dedup);

/* The model's `facts`. @param ops its table, in which OFFLOAD_GCM_ENCRYPT is the first of these
 * operations. @param at of the union in their arguments. */
void offload_facts(struct offload *o, const struct sim_op *ops, size_t at,
                   struct packet *packet);

struct offload_job {
    const struct sim_step *step;
    const union offload_args *args;
    struct sim_msg *m;
    sim_ps start;
    uint32_t work; /* out: bytes that have to be gone through */
};

/* Do it: bytes, level and wrap of the message become what they are behind it. */
typedef enum offload_verdict offload_fn(struct offload *o, struct offload_job *j);
extern offload_fn *const offload_do[OFFLOAD_OPS];
/* Of these, those that depend on the payload: offload_payload.c. */
offload_fn offload_deflate, offload_inflate, offload_lz4, offload_unlz4, offload_dedup;

#endif
