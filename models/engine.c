/* engine.c - a fixed-function engine: crypto, compression, hashing, parity, copying; inline by
 * a visit, lookaside by a call.
 *
 * Models: lanes, set-up, bytes a cycle for each operation, pipeline and descriptors (lanes.h);
 * which operations it can do at all, each direction of its own; the bytes that an operation
 * adds or takes: ESP, MACsec and TLS framing, tags, parities, and what the captured payload
 * really compresses to (zlib, liblz4); digests of the captured payload in a table of bounded
 * size (SHA-256). What one engine of the card did another one undoes byte for byte (wrap.h).
 * Moving the bytes between memory and a lookaside engine is the business of the device's
 * routes; what the caller's completion costs is an operation of the caller.
 * Leaves out: keys, associations and their look-up; replay windows; anti-replay and rekeying;
 * fragments and MTU of tunnels; coders other than zlib's and liblz4's; rebuilding from
 * parities; how an engine's rate depends on the data. Each payload is compressed on its own.
 * ESP that was captured is taken off with as little padding as there can be, and what was in it
 * is not known; nor is what a TLS, AES-GCM or compressed payload held that this card did not
 * make. Whose numbers: the device's. An engine can do nothing but what its device states.
 */
#include "models/engine.h"
#include "models/content.h"

#define RATE(NAME, OP, FIELDS, ARGS, VERDICTS, DOC)                                            \
    {OP,                                                                                       \
     SIM_RATIO,                                                                                \
     offsetof(struct engine, rate[ENGINE_##NAME]),                                             \
     0,                                                                                        \
     1000000000000,                                                                            \
     "0",                                                                                      \
     NULL,                                                                                     \
     "bytes that a lane takes a cycle in " OP "; 0: the engine cannot do it",                  \
     "assumed: real cards differ, so the device states what it has"},

static const struct sim_field params[] = {
    LANES_PARAMS(struct engine),
    ENGINE_LIST(RATE) /* one for each operation, of its name */
    {"dedup_entries", SIM_COUNT, offsetof(struct engine, entries), 8, 1 << 28, "1048576", NULL,
     "digests that dedup-hash keeps, a multiple of 8; the one not met for longest goes",
     "assumed: no card documents such a table"},
    {.name = NULL}};
#undef RATE

static const struct sim_field stats[] = {
    {.name = "stated",
     .unit = SIM_COUNT,
     .offset = offsetof(struct engine, stated),
     .doc = "messages that took a stated value: their payload is not known, or it is for all"},
    {.name = "duplicates",
     .unit = SIM_COUNT,
     .offset = offsetof(struct engine, duplicates),
     .doc = "messages with a payload whose digest was in the table"},
    {.name = NULL}};

/* ---------------------------------------------------------------- operations */

static const struct sim_field none[] = {{.name = NULL}};

static const struct sim_field gcm_args[] = {
    {"tag_bytes", SIM_BYTES, offsetof(struct engine_gcm_args, tag), 0, 16, "16B", NULL,
     "of the tag that goes with the payload; 0 where it is kept elsewhere",
     "nist-800-38d: 16 bytes, fewer are allowed"},
    {.name = NULL}};

static const struct sim_field esp_args[] = {
    {"outer", SIM_ENUM, offsetof(struct engine_esp_args, outer), 0, 0, "ipv4", "ipv4|ipv6",
     "outer IP header, 20 or 40 bytes", NULL},
    {"udp", SIM_BOOL, offsetof(struct engine_esp_args, udp), 0, 0, "false", NULL,
     "8 bytes of UDP in front of ESP, to pass NAT (RFC 3948)", NULL},
    {.name = NULL}};

static const struct sim_field macsec_args[] = {
    {"sci", SIM_BOOL, offsetof(struct engine_macsec_args, sci), 0, 0, "true", NULL,
     "the channel identifier is in the tag: 16 bytes of tag, else 8",
     "ieee-8021ae: needed where more than two stations share a link; drivers send it"},
    {.name = NULL}};

static const struct sim_field tls_args[] = {
    {"version", SIM_ENUM, offsetof(struct engine_tls_args, version), 0, 0, "1.3", "1.2|1.3",
     "29 bytes a record with 1.2 (header 5, nonce 8, tag 16), 22 with 1.3 (5, type 1, 16)",
     "rfc-5246, rfc-5288, rfc-8446"},
    {.name = NULL}};

static const struct sim_field ratio_args[] = {
    {"ratio", SIM_RATIO, offsetof(struct lanes_stated, value), 0, 4000000, "0", NULL,
     "compressed bytes for each byte, of payload that is not known; 0: none stated, and such a "
     "payload is an error",
     NULL},
    LANES_STATED,
    {.name = NULL}};

static const struct sim_field dedup_args[] = {
    {"unique", SIM_RATIO, offsetof(struct lanes_stated, value), 0, 1000000, "0", NULL,
     "share of new ones among payloads that are not known; 0: none stated, and such a payload "
     "is an error",
     NULL},
    LANES_STATED,
    {.name = NULL}};

static const struct sim_field raid6_args[] = {
    {"data", SIM_COUNT, offsetof(struct engine_parity_args, data), 1, 255, "4", NULL,
     "parts of a message that two parities of a part's size protect", NULL},
    {.name = NULL}};

static const struct sim_field erasure_args[] = {
    {"data", SIM_COUNT, offsetof(struct engine_parity_args, data), 1, 255, "4", NULL,
     "parts of a message", NULL},
    {"parity", SIM_COUNT, offsetof(struct engine_parity_args, parity), 1, 255, "2", NULL,
     "parities of a part's size that are added", NULL},
    {.name = NULL}};

#define OPERATION(NAME, OP, FIELDS, ARGS, VERDICTS, DOC)                                       \
    [ENGINE_##NAME] = {.name = OP,                                                             \
                       .doc = DOC,                                                             \
                       .fields = FIELDS,                                                       \
                       .size = sizeof(struct ARGS),                                            \
                       .params = ENGINE_##NAME == ENGINE_DEDUP ? OP " dedup_entries" : OP,     \
                       .verdicts = VERDICTS},
static const struct sim_op ops[ENGINE_OPS + 1] = {
    ENGINE_LIST(OPERATION)[ENGINE_OPS] = {.name = NULL}};
#undef OPERATION

static const struct sim_verdict verdicts[] = {
    [ENGINE_DUPLICATE - 1] = {"duplicate", "next", "dedup-hash: an equal payload is known"},
    [ENGINE_NOT_SEALED - 1] = {"not-sealed", "drop",
                               "the message is not what the operation takes off"},
    [ENGINE_NESTED - 1] = {"nested", "drop",
                           "engines have put two layers on already, or one that hides the "
                           "payload"},
    [ENGINE_NOT_IP - 1] = {"not-ip", "next", "esp-encap: the packet has no IP header"},
    {NULL, NULL, NULL}};

static bool can(const struct sim_comp *comp, const struct sim_op *op) {
    return ((const struct engine *)comp)->rate[op - ops] > 0;
}

/* ---------------------------------------------------------------- facts */

static void look(struct engine *e) {
    e->looked = true;
    e->asks_deflate = lanes_asks(&e->base, &ops[ENGINE_DEFLATE]);
    e->asks_lz4 = lanes_asks(&e->base, &ops[ENGINE_LZ4]);
    e->asks_digest = lanes_asks(&e->base, &ops[ENGINE_DEDUP]);
}

static void facts(struct sim_comp *comp, void *body) {
    struct engine *e = (struct engine *)comp;
    struct packet *p = body;
    const uint8_t *at;
    uint32_t n;
    if (!e->looked)
        look(e);
    p->wanted |= e->asks_deflate || e->asks_lz4 || e->asks_digest;
    if (e->asks_lz4 && content_lz4_missing != NULL)
        lanes_no_library(comp, content_lz4_missing);
    if (!packet_payload(p, &at, &n) || comp->world->failed)
        return;
    struct sim_arena scratch = {0};
    if (e->asks_deflate && p->deflated == PACKET_UNKNOWN)
        p->deflated = n > 0 ? content_deflate(at, n, &scratch) : 0;
    if (e->asks_lz4 && p->lz4 == PACKET_UNKNOWN)
        p->lz4 = n > 0 ? content_lz4(at, n, &scratch) : 0;
    if (e->asks_digest && p->digest == 0)
        p->digest = content_digest(at, n);
    sim_arena_free(&scratch);
}

/* ---------------------------------------------------------------- the model */

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct engine *e = (struct engine *)comp;
    char at[512];
    bool any = false;
    for (int i = 0; i < ENGINE_OPS; i++)
        any |= e->rate[i] > 0;
    if (!any)
        return sim_fail(err, comp->file, comp->pointer,
                        "can do nothing; state the bytes a cycle of what it can, such as "
                        "\"aes-gcm-encrypt\": 16");
    if (e->entries % 8 != 0)
        return sim_fail(err, comp->file,
                        sim_pointer(at, sizeof at, comp->pointer, "dedup_entries"),
                        "%lld is not a multiple of 8; write e.g. %lld", (long long)e->entries,
                        (long long)(e->entries + 7) / 8 * 8);
    if (!lanes_port(comp, &e->lanes, err))
        return false;
    if (e->rate[ENGINE_DEDUP] > 0) {
        flowtable_init(&e->digests, (uint64_t)e->entries, 8, SIM_NEVER, sim_comp_arena(comp));
        e->digests.evict = true;
    }
    return true;
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    struct engine *e = (struct engine *)comp;
    size_t op = (size_t)(step->op - ops);
    uint32_t work = 0;
    (void)port;
    out->verdict = engine_do[op](e, step, m, start, &work);
    lanes_work(&e->lanes, work, e->rate[op], out);
}

const struct sim_model model_engine = {
    .name = "engine",
    .doc = "fixed-function engine: crypto, compression, hashing, parity, copying",
    .size = sizeof(struct engine),
    .params = params,
    .stats = stats,
    .ops = ops,
    .verdicts = verdicts,
    .init = init,
    .serve = serve,
    .facts = facts,
    .can = can};
