/* treat.h - what an operation on its bytes does to a message, whoever does it: an engine or a
 * core. Framing, tags, parities, what the payload compresses to; whether it can be done at all.
 */
#ifndef MODELS_TREAT_H
#define MODELS_TREAT_H

#include "models/digests.h"
#include "models/lanes.h"
#include "models/payload.h"
#include "models/sample.h"

/* X(name of the enum, operation, its fields, their struct, verdicts, doc) */
#define TREAT_LIST(X)                                                                          \
    X(GCM_ENCRYPT, "aes-gcm-encrypt", gcm_args, treat_gcm_args, "nested too-long",             \
      "encrypt the payload by AES-GCM; the tag is added")                                      \
    X(GCM_DECRYPT, "aes-gcm-decrypt", gcm_args, treat_gcm_args, "not-sealed",                  \
      "decrypt the payload by AES-GCM; the tag goes")                                          \
    X(XTS_ENCRYPT, "aes-xts-encrypt", none, treat_none, "nested",                              \
      "encrypt the payload by AES-XTS, as for storage; no bytes are added")                    \
    X(XTS_DECRYPT, "aes-xts-decrypt", none, treat_none, "not-sealed",                          \
      "decrypt the payload by AES-XTS")                                                        \
    X(SHA256, "sha256", none, treat_none, "", "SHA-256 of the payload")                        \
    X(SHA512, "sha512", none, treat_none, "", "SHA-512 of the payload")                        \
    X(SHA3, "sha3-256", none, treat_none, "", "SHA3-256 of the payload")                       \
    X(ESP_ENCAP, "esp-encap", esp_args, treat_esp_args, "nested not-ip too-long",              \
      "put IPsec ESP around the IP packet, or what it carries (RFC 4303, AES-GCM by RFC "      \
      "4106)")                                                                                 \
    X(ESP_DECAP, "esp-decap", mode_args, treat_mode_args, "not-sealed", "take ESP off")        \
    X(MACSEC_PROTECT, "macsec-protect", macsec_args, treat_macsec_args, "nested",              \
      "protect the frame by MACsec (IEEE 802.1AE, AES-GCM)")                                   \
    X(MACSEC_VALIDATE, "macsec-validate", macsec_args, treat_macsec_args, "not-sealed",        \
      "validate a frame of MACsec and take its framing off")                                   \
    X(TLS_ENCRYPT, "tls-encrypt", tls_args, treat_tls_args, "nested too-long",                 \
      "put the payload into TLS records of AES-GCM, 16 KiB each at most")                      \
    X(TLS_DECRYPT, "tls-decrypt", tls_args, treat_tls_args, "not-sealed",                      \
      "take the payload out of TLS records")                                                   \
    X(DEFLATE, "deflate-compress", ratio_args, lanes_stated, "nested too-long",                \
      "compress the payload by DEFLATE")                                                       \
    X(INFLATE, "deflate-decompress", ratio_args, lanes_stated, "not-sealed too-long",          \
      "decompress a payload of DEFLATE")                                                       \
    X(LZ4, "lz4-compress", ratio_args, lanes_stated, "nested too-long",                        \
      "compress the payload by LZ4")                                                           \
    X(UNLZ4, "lz4-decompress", ratio_args, lanes_stated, "not-sealed too-long",                \
      "decompress a payload of LZ4")                                                           \
    X(DEDUP, "dedup-hash", dedup_args, lanes_stated, "duplicate",                              \
      "hash the payload and look whether an equal one is known")                               \
    X(RAID6, "raid6", raid6_args, treat_parity_args, "", "add two parities to the message")    \
    X(ERASURE, "erasure", erasure_args, treat_parity_args, "",                                 \
      "add parities to the message, by a Reed-Solomon code")                                   \
    X(RAID6_REBUILD, "raid6-rebuild", raid6_rebuild_args, treat_rebuild_args, "",              \
      "rebuild what one or two lost parts held, from as many as hold the data")                \
    X(ERASURE_REBUILD, "erasure-rebuild", rebuild_args, treat_rebuild_args, "",                \
      "rebuild what lost parts held, from as many as hold the data")                           \
    X(COPY, "copy", none, treat_none, "", "copy the message by DMA")

#define TREAT_ENUM(NAME, OP, FIELDS, ARGS, VERDICTS, DOC) TREAT_##NAME,
enum treat_op { TREAT_LIST(TREAT_ENUM) TREAT_OPS };
#undef TREAT_ENUM

/* The last one is of tunnels, which the NIC and cores do, not engines. */
enum treat_verdict {
    TREAT_OK,
    TREAT_DUPLICATE,
    TREAT_NOT_SEALED,
    TREAT_NESTED,
    TREAT_NOT_IP,
    TREAT_TOO_LONG,
    TREAT_NOT_TUNNEL
};

/* What a step says of an operation. */
struct treat_none {
    char none;
};
struct treat_gcm_args {
    int64_t tag;
};
enum treat_mode { TREAT_TUNNEL, TREAT_TRANSPORT };
struct treat_esp_args {
    int64_t mode, outer, udp;
};
struct treat_mode_args {
    int64_t mode;
};
struct treat_macsec_args {
    int64_t sci;
};
struct treat_tls_args {
    int64_t version;
};
struct treat_parity_args {
    int64_t data, parity;
};
enum treat_gives { TREAT_DATA, TREAT_LOST };
struct treat_rebuild_args {
    int64_t data, lost, gives;
};

/* Rows of field tables, each with its comma; BASE: offset of the arguments in the struct. */
#define TREAT_ROW(...) {__VA_ARGS__},
#define TREAT_GCM_ROWS(BASE)                                                                   \
    TREAT_ROW("tag_bytes", SIM_BYTES, (BASE) + offsetof(struct treat_gcm_args, tag), 0, 16,    \
              "16B", NULL,                                                                     \
              "of the tag that goes with the payload; 0 where it is kept elsewhere",           \
              "nist-800-38d, 5.2.1.2: 16 bytes; 12 to 15, 8 and 4 are allowed")
#define TREAT_MODE_ROWS(BASE)                                                                  \
    TREAT_ROW("mode", SIM_ENUM, (BASE), 0, 0, "tunnel", "tunnel|transport",                    \
              "the whole packet is in it, or what is behind its IP header", NULL)
#define TREAT_ESP_ROWS(BASE)                                                                   \
    TREAT_MODE_ROWS(BASE)                                                                      \
    TREAT_ROW("outer", SIM_ENUM, (BASE) + offsetof(struct treat_esp_args, outer), 0, 0,        \
              "ipv4", "ipv4|ipv6", "tunnel mode: outer IP header, 20 or 40 bytes", NULL)       \
    TREAT_ROW("udp", SIM_BOOL, (BASE) + offsetof(struct treat_esp_args, udp), 0, 0, "false",   \
              NULL, "8 bytes of UDP in front of ESP, to pass NAT (RFC 3948)", NULL)
#define TREAT_MACSEC_ROWS(BASE)                                                                \
    TREAT_ROW(                                                                                 \
        "sci", SIM_BOOL, (BASE) + offsetof(struct treat_macsec_args, sci), 0, 0, "true", NULL, \
        "the channel identifier is in the tag: 16 bytes of tag, else 8; a captured tag says "  \
        "it itself",                                                                           \
        "ieee-8021ae: needed where more than two stations share a link; drivers send it")
#define TREAT_TLS_ROWS(BASE)                                                                   \
    TREAT_ROW(                                                                                 \
        "version", SIM_ENUM, (BASE) + offsetof(struct treat_tls_args, version), 0, 0, "1.3",   \
        "1.2|1.3",                                                                             \
        "29 bytes a record with 1.2 (header 5, nonce 8, tag 16), 22 with 1.3 (5, type 1, 16)", \
        "rfc-5246, rfc-5288, rfc-8446")
#define TREAT_RATIO_ROWS(BASE)                                                                 \
    TREAT_ROW("ratio", SIM_RATIO, (BASE) + offsetof(struct lanes_stated, value), 0, 4000000,   \
              "0", NULL,                                                                       \
              "compressed bytes for each byte, of payload that is not known; 0: none stated, " \
              "and such a "                                                                    \
              "payload is an error",                                                           \
              NULL)                                                                            \
    LANES_STATED(BASE)
#define TREAT_DEDUP_ROWS(BASE)                                                                 \
    TREAT_ROW("unique", SIM_RATIO, (BASE) + offsetof(struct lanes_stated, value), 0, 1000000,  \
              "0", NULL,                                                                       \
              "share of new ones among payloads that are not known; 0: none stated, and such " \
              "a payload "                                                                     \
              "is an error",                                                                   \
              NULL)                                                                            \
    LANES_STATED(BASE)
#define TREAT_RAID6_ROWS(BASE)                                                                 \
    TREAT_ROW("data", SIM_COUNT, (BASE) + offsetof(struct treat_parity_args, data), 1, 255,    \
              "4", NULL, "parts of a message that two parities of a part's size protect",      \
              NULL)
#define TREAT_ERASURE_ROWS(BASE)                                                               \
    TREAT_ROW("data", SIM_COUNT, (BASE) + offsetof(struct treat_parity_args, data), 1, 255,    \
              "4", NULL, "parts of a message", NULL)                                           \
    TREAT_ROW("parity", SIM_COUNT, (BASE) + offsetof(struct treat_parity_args, parity), 1,     \
              255, "2", NULL, "parities of a part's size that are added", NULL)
#define TREAT_REBUILD_ROWS(BASE, MOST)                                                         \
    TREAT_ROW("data", SIM_COUNT, (BASE) + offsetof(struct treat_rebuild_args, data), 1, 255,   \
              "4", NULL,                                                                       \
              "parts that come, of data and parities: as many as there are of data", NULL)     \
    TREAT_ROW("lost", SIM_COUNT, (BASE) + offsetof(struct treat_rebuild_args, lost), 1, MOST,  \
              "1", NULL, "parts of data that are missing", NULL)                               \
    TREAT_ROW("gives", SIM_ENUM, (BASE) + offsetof(struct treat_rebuild_args, gives), 0, 0,    \
              "data", "data|lost",                                                             \
              "what goes on: the data whole again, or the lost parts alone", NULL)

/* What is kept of operations at one block. Its own parameters and counters are the block's. */
struct treat {
    const struct sim_comp *comp;
    struct digests table; /* that dedup-hash has met */
    int64_t stated, duplicates, looked_up;
    int64_t compressed, compressed_to; /* bytes, in the window */
};

/* Rows of statistics of a block that has a `treat`; AT(member): the offset in it. */
#define TREAT_STATS(AT)                                                                        \
    TREAT_ROW("duplicates", SIM_COUNT, AT(treat.duplicates), 0, INT64_MAX, NULL, NULL,         \
              "messages whose digest was in the table; one without payload has none", NULL)    \
    TREAT_ROW("looked_up", SIM_COUNT, AT(treat.looked_up), 0, INT64_MAX, NULL, NULL,           \
              "digests looked up in the table: of payloads that are known", NULL)              \
    TREAT_ROW("digests_held", SIM_COUNT, AT(treat.table.held), 0, INT64_MAX, NULL, NULL,       \
              "in the table at the end of the run", NULL)                                      \
    TREAT_ROW("digests_evicted", SIM_COUNT, AT(treat.table.evicted), 0, INT64_MAX, NULL, NULL, \
              "that went for another one, over the whole run", NULL)                           \
    TREAT_ROW("compressed_bytes", SIM_BYTES, AT(treat.compressed), 0, INT64_MAX, NULL, NULL,   \
              "payload that was compressed", NULL)                                             \
    TREAT_ROW("compressed_to_bytes", SIM_BYTES, AT(treat.compressed_to), 0, INT64_MAX, NULL,   \
              NULL, "what it was then", NULL)

/* The parameter of how many, its row with its comma. */
#define TREAT_DEDUP_ENTRIES(OFFSET)                                                            \
    {"dedup_entries",                                                                          \
     SIM_COUNT,                                                                                \
     OFFSET,                                                                                   \
     DIGESTS_WAYS,                                                                             \
     1 << 28,                                                                                  \
     "1048576",                                                                                \
     NULL,                                                                                     \
     "digests that dedup-hash keeps, a multiple of 8; the one not met for longest goes",       \
     "assumed: no card documents such a table; in software as many"},

/* Make the table of digests of component comp. Fails: err at "dedup_entries". */
bool treat_make_digests(struct treat *t, struct sim_comp *comp, int64_t entries,
                        struct sim_err *err);

/* Which facts of payloads the steps of a block ask for. */
struct treat_asks {
    bool looked, deflate, lz4, digest;
};

/* An operation on m by the arguments of its step. */
struct treat_call {
    struct treat *t;
    const struct sim_step *step;
    const void *args;
    struct sim_msg *m;
    sim_ps start;
    uint64_t *share; /* of whoever does it: millionths of a unique message that are due */
    uint32_t work;   /* out: bytes that have to be gone through */
};
typedef enum treat_verdict treat_fn(struct treat_call *c);
extern treat_fn *const treat_do[TREAT_OPS];

/* The operation of that name, or NULL. */
treat_fn *treat_find(const char *op);

/* Parities or lost parts that an operation makes of the bytes that it goes through; else 1. */
int64_t treat_made(enum treat_op op, const void *args);

/* Of the message's bytes as they come out, how many millionths are new to who asked for it: the
 * parities, the lost parts; of a digest none, 32 bytes beside a message are left out. */
uint32_t treat_brings(enum treat_op op, const void *args);

/* How often a core pays for the bytes: once for each of these, but P and Q are priced together.
 */
int64_t treat_parts(const char *op, const void *args);

/* Do the arguments of a step's operation fit together? Fails: err at the step. */
bool treat_check(const struct sim_step *step, const void *args, struct sim_err *err);

/* In treat_esp.c. Is the outermost header one that was captured, its captured form known? */
bool treat_plain(const struct sim_msg *m);
/* Of what was captured closed: so many bytes of framing or tag go, and so many are left. */
enum treat_verdict treat_open_captured(struct sim_msg *m, uint32_t gone, uint32_t least);
treat_fn treat_esp_encap, treat_esp_decap;
/* Is the outermost IP packet, so many bytes longer, more than its header can say? A message
 * without facts is bytes, not one packet. */
bool treat_too_long(const struct sim_msg *m, int64_t added);

/* For model.facts: the facts that the component's steps ask for; their operations' arguments
 * lie `base` bytes behind the beginning of a step's. */
void treat_facts(struct sim_comp *comp, size_t base, struct treat_asks *asks, void *body);

#endif
