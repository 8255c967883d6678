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
 * Parities and lost parts are made so many at a time (parities_at_once): for more the lane goes
 * through the bytes again. Where more bytes are made than are gone through they set the time.
 * Leaves out: keys, associations and their look-up (a block `context` in front has that);
 * replay windows and rekeying; fragments and MTU of tunnels; coders other than zlib's and
 * liblz4's; what is in parities; how an engine's rate depends on the data. Each payload is
 * compressed on its own. ESP that was captured is taken off with as little padding as there can
 * be, and what was in it is not known; nor is what a TLS, AES-GCM or compressed payload held
 * that this card did not make. Whose numbers: the device's. An engine can do nothing but what
 * its device states.
 */
#include "models/train.h"
#include "models/treat.h"

struct engine {
    struct sim_comp base;
    struct lanes lanes;
    int64_t rate[TREAT_OPS]; /* millionths of a byte a cycle and lane; 0: it cannot */
    int64_t entries;         /* digests that are kept */
    int64_t at_once;         /* parities of a pass */
    struct treat treat;
    struct treat_asks asks;
    struct lanes_due due; /* see treat_call */
};

#define RATE(NAME, OP, FIELDS, ARGS, VERDICTS, DOC)                                            \
    {OP,                                                                                       \
     SIM_RATIO,                                                                                \
     offsetof(struct engine, rate[TREAT_##NAME]),                                              \
     0,                                                                                        \
     1000000000000,                                                                            \
     "0",                                                                                      \
     NULL,                                                                                     \
     "bytes that a lane takes a cycle in " OP "; 0: the engine cannot do it",                  \
     "assumed: real cards differ, so the device states what it has"},

static const struct sim_field params[] = {
    LANES_PARAMS(struct engine),
    TREAT_LIST(RATE) /* one for each operation, of its name */
    {"parities_at_once", SIM_COUNT, offsetof(struct engine, at_once), 1, 255, "2", NULL,
     "parities or lost parts that a lane makes in one pass of the data; more take another pass "
     "each",
     "assumed: P and Q of RAID-6, which such engines have; makers give no number; isal-passes "
     "makes 6 in software"},
    TREAT_DEDUP_ENTRIES(offsetof(struct engine, entries)){.name = NULL}};
#undef RATE

#define AT(member) offsetof(struct engine, member)
static const struct sim_field stats[] = {
    {.name = "stated",
     .unit = SIM_COUNT,
     .offset = offsetof(struct engine, treat.stated),
     .doc = "messages that took a stated value: their payload is not known, or it is for all"},
    TREAT_STATS(AT){.name = NULL}};

/* ---------------------------------------------------------------- operations */

static const struct sim_field none[] = {{.name = NULL}};

static const struct sim_field gcm_args[] = {TREAT_GCM_ROWS(0){.name = NULL}};
static const struct sim_field mode_args[] = {TREAT_MODE_ROWS(0){.name = NULL}};
static const struct sim_field esp_args[] = {TREAT_ESP_ROWS(0){.name = NULL}};
static const struct sim_field macsec_args[] = {TREAT_MACSEC_ROWS(0){.name = NULL}};
static const struct sim_field tls_args[] = {TREAT_TLS_ROWS(0){.name = NULL}};
static const struct sim_field ratio_args[] = {TREAT_RATIO_ROWS(0){.name = NULL}};
static const struct sim_field dedup_args[] = {TREAT_DEDUP_ROWS(0){.name = NULL}};
static const struct sim_field raid6_args[] = {TREAT_RAID6_ROWS(0){.name = NULL}};
static const struct sim_field erasure_args[] = {TREAT_ERASURE_ROWS(0){.name = NULL}};
static const struct sim_field raid6_rebuild_args[] = {TREAT_REBUILD_ROWS(0, 2){.name = NULL}};
static const struct sim_field rebuild_args[] = {TREAT_REBUILD_ROWS(0, 255){.name = NULL}};

static uint32_t brings(const struct sim_op *op, const void *args);
#define IS_CODE(NAME) (TREAT_##NAME >= TREAT_RAID6 && TREAT_##NAME <= TREAT_ERASURE_REBUILD)
#define OPERATION(NAME, OP, FIELDS, ARGS, VERDICTS, DOC)                                       \
    [TREAT_##NAME] = {.name = OP,                                                              \
                      .doc = DOC,                                                              \
                      .fields = FIELDS,                                                        \
                      .size = sizeof(struct ARGS),                                             \
                      .params = IS_CODE(NAME)                 ? OP " parities_at_once"         \
                                : TREAT_##NAME == TREAT_DEDUP ? OP " dedup_entries"            \
                                                              : OP,                            \
                      .verdicts = VERDICTS,                                                    \
                      .brings = brings},
static const struct sim_op ops[TREAT_OPS + 1] = {
    TREAT_LIST(OPERATION)[TREAT_OPS] = {.name = NULL}};
#undef OPERATION
#undef IS_CODE

static uint32_t brings(const struct sim_op *op, const void *args) {
    return treat_brings((enum treat_op)(op - ops), args);
}

static const struct sim_verdict verdicts[] = {
    [TREAT_DUPLICATE - 1] = {"duplicate", "next", "dedup-hash: an equal payload is known"},
    [TREAT_NOT_SEALED - 1] = {"not-sealed", "drop",
                              "the message is not what the operation takes off"},
    [TREAT_NESTED - 1] = {"nested", "drop",
                          "engines have put two layers on already, or one that hides the "
                          "payload"},
    [TREAT_NOT_IP - 1] = {"not-ip", "next", "esp-encap: the packet has no IP header"},
    [TREAT_TOO_LONG - 1] = {"too-long", "drop", "the IP packet would be above 65,535 bytes"},
    {NULL, NULL, NULL}};

static bool can(const struct sim_comp *comp, const struct sim_op *op) {
    return ((const struct engine *)comp)->rate[op - ops] > 0;
}

/* ---------------------------------------------------------------- facts */

static void facts(struct sim_comp *comp, void *body) {
    treat_facts(comp, 0, &((struct engine *)comp)->asks, body);
}

/* ---------------------------------------------------------------- the model */

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct engine *e = (struct engine *)comp;
    bool any = false;
    e->treat.comp = comp;
    for (int i = 0; i < TREAT_OPS; i++)
        any |= e->rate[i] > 0;
    if (!any)
        return sim_fail(err, comp->file, comp->pointer,
                        "can do nothing; state the bytes a cycle of what it can, such as "
                        "\"aes-gcm-encrypt\": 16");
    return lanes_port(comp, &e->lanes, err) &&
           treat_make_digests(&e->treat, comp, e->entries, err);
}

static bool prepare(const struct sim_comp *comp, struct sim_step *step, struct sim_err *err) {
    (void)comp;
    return treat_check(step, step->args, err);
}

/* Bytes that a lane goes through: the data once for each pass, or, if they are more, those that
 * it makes. */
static uint64_t passes(const struct engine *e, enum treat_op op, const struct treat_call *call,
                       uint32_t before) {
    uint64_t made = (uint64_t)treat_made(op, call->args), at_once = (uint64_t)e->at_once;
    uint64_t through = call->work * ((made + at_once - 1) / at_once);
    uint64_t added = call->m->bytes > before ? call->m->bytes - before : 0;
    return through > added ? through : added;
}

static void begin(struct sim_comp *comp) {
    lanes_due_init(&((struct engine *)comp)->due, comp, 1);
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    struct engine *e = (struct engine *)comp;
    size_t op = (size_t)(step->op - ops);
    struct treat_call call = {&e->treat, step, step->args, m, start, lanes_due(&e->due, m, 0),
                              0};
    (void)port;
    uint32_t before = m->bytes;
    out->verdict = treat_do[op](&call);
    bool code = op >= TREAT_RAID6 && op <= TREAT_ERASURE_REBUILD;
    uint64_t work = code ? passes(e, (enum treat_op)op, &call, before) : call.work;
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
    .start = begin,
    .prepare = prepare,
    .serve = serve,
    .facts = facts,
    .can = can,
    .trains = train_bytes};
