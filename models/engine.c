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
#include "models/lanes.h"
#include "models/offload.h"

struct engine {
    struct sim_comp base;
    struct lanes lanes;
    int64_t rate[OFFLOAD_OPS]; /* millionths of a byte a cycle and lane; 0: it cannot */
    struct offload offload;
};

struct engine_args {
    union offload_args offload;
};

#define RATE(NAME, OP, ARGS, VERDICTS, DOC)                                                    \
    {OP,                                                                                       \
     SIM_RATIO,                                                                                \
     offsetof(struct engine, rate[OFFLOAD_##NAME]),                                            \
     0,                                                                                        \
     1000000000000,                                                                            \
     "0",                                                                                      \
     NULL,                                                                                     \
     "bytes that a lane takes a cycle in " OP "; 0: the engine cannot do it",                  \
     "assumed: real cards differ, so the device states what it has"},

static const struct sim_field params[] = {
    LANES_PARAMS(struct engine),
    OFFLOAD_LIST(RATE) /* one for each operation, of its name */
    {"dedup_entries", SIM_COUNT, offsetof(struct engine, offload.entries), OFFLOAD_WAYS,
     1 << 28, "1048576", NULL,
     "digests that dedup-hash keeps, a multiple of 8; the one not met for longest goes",
     "assumed: no card documents such a table"},
    {.name = NULL}};
#undef RATE

static const struct sim_field stats[] = {
    {.name = "stated",
     .unit = SIM_COUNT,
     .offset = offsetof(struct engine, offload.stated),
     .doc = "messages that took a stated value: their payload is not known, or it is for all"},
    {.name = "duplicates",
     .unit = SIM_COUNT,
     .offset = offsetof(struct engine, offload.duplicates),
     .doc = "messages with a payload whose digest was in the table"},
    {.name = NULL}};

#define FIELDS(NAME, OP, ARGS, VERDICTS, DOC)                                                  \
    static const struct sim_field NAME##_fields[] = {                                          \
        OFFLOAD_ROWS_##ARGS(struct engine_args, offload){.name = NULL}};
OFFLOAD_LIST(FIELDS)
#undef FIELDS

#define OPERATION(NAME, OP, ARGS, VERDICTS, DOC)                                               \
    [OFFLOAD_##NAME] = {.name = OP,                                                            \
                        .doc = DOC,                                                            \
                        .fields = NAME##_fields,                                               \
                        .size = sizeof(struct engine_args),                                    \
                        .params = OFFLOAD_##NAME == OFFLOAD_DEDUP ? OP " dedup_entries" : OP,  \
                        .verdicts = VERDICTS},
static const struct sim_op ops[OFFLOAD_OPS + 1] = {
    OFFLOAD_LIST(OPERATION)[OFFLOAD_OPS] = {.name = NULL}};
#undef OPERATION

static const struct sim_verdict verdicts[] = {OFFLOAD_VERDICTS, {NULL, NULL, NULL}};

static bool can(const struct sim_comp *comp, const struct sim_op *op) {
    return ((const struct engine *)comp)->rate[op - ops] > 0;
}

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct engine *e = (struct engine *)comp;
    long long entries = e->offload.entries;
    char at[512];
    bool any = false;
    for (int i = 0; i < OFFLOAD_OPS; i++)
        any |= e->rate[i] > 0;
    if (!any)
        return sim_fail(err, comp->file, comp->pointer,
                        "can do nothing; state the bytes a cycle of what it can, such as "
                        "\"aes-gcm-encrypt\": 16");
    if (entries % OFFLOAD_WAYS != 0)
        return sim_fail(err, comp->file,
                        sim_pointer(at, sizeof at, comp->pointer, "dedup_entries"),
                        "%lld is not a multiple of %d; write e.g. %lld", entries, OFFLOAD_WAYS,
                        (entries + OFFLOAD_WAYS - 1) / OFFLOAD_WAYS * OFFLOAD_WAYS);
    e->offload.comp = comp;
    offload_init(&e->offload, e->rate[OFFLOAD_DEDUP] > 0);
    return lanes_port(comp, &e->lanes, err);
}

static void facts(struct sim_comp *comp, void *body) {
    offload_facts(&((struct engine *)comp)->offload, ops, offsetof(struct engine_args, offload),
                  body);
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    struct engine *e = (struct engine *)comp;
    struct offload_job job = {.step = step, .args = step->args, .m = m, .start = start};
    size_t op = (size_t)(step->op - ops);
    (void)port;
    out->verdict = offload_do[op](&e->offload, &job);
    lanes_work(&e->lanes, job.work, e->rate[op], out);
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
