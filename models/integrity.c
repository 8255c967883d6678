/* integrity.c - digests of blocks, kept apart from the data: what was written, as who wrote it
 * keeps it, or what drives hold; and what of that is missing when it is read again.
 *
 * A request is a block, by namespace and offset. "seal" gives data a digest that has none, of
 * its place and its number: no two are equal. "note" keeps it: of a writer when it was told
 * that the block is written, of drives when they have all of it. "recall" has a request that
 * reads carry the digest of what is there. "verify" compares what it carries with what was
 * noted: verdicts missing (nothing was ever there), stale (something else is), unknown (nothing
 * was noted).
 *
 * What computing a digest costs is an operation of cores (crc32c, sha256). Left out: parts of a
 * block, and blocks that overlap: what is read again is read as it was written; damage, of
 * which a digest that is kept with the data tells as well. Whose numbers: none.
 */
#include "models/io.h"
#include "models/mix.h"
#include "sim/engine/model.h"
#include "sim/engine/row.h"
#include <inttypes.h>
#include <string.h>

enum { SEAL, NOTE, RECALL, VERIFY, OPS };
enum { OK, FULL, MISSING, STALE, UNKNOWN }; /* verdicts */
enum { STORY = 640, TOLD = 4, KIB = 10 };   /* ranges that it tells of */

struct block {
    uint64_t digest; /* 0: free */
    uint64_t offset;
    uint32_t bytes;
    uint16_t space;
    bool missing;
};

struct integrity {
    struct sim_comp base;
    int64_t blocks, latency;
    struct block *at; /* [room] open hash */
    uint64_t room;    /* a power of two */
    char *story;      /* [STORY] */
    /* statistics of the whole run */
    int64_t noted, full, verified, missing, missing_bytes, stale, unknown;
};

#define AT(member) offsetof(struct integrity, member)

static const struct sim_field fields[] = {
    {"blocks", SIM_COUNT, AT(blocks), 1, 1 << 28, "65536", NULL,
     "digests that it has room for; one more has the verdict full", NULL},
    {"latency", SIM_TIME, AT(latency), 0, SIM_PS_PER_S, "0s", NULL,
     "of each operation: a look into its table",
     "assumed: a book that the run keeps, in no memory of a card's"},
    {.name = NULL}};

static const struct sim_field stats[] = {
    SIM_STAT("noted", AT(noted), SIM_COUNT, "blocks noted, over the whole run as all of these"),
    SIM_STAT("full", AT(full), SIM_COUNT, "that found no room"),
    SIM_STAT("verified", AT(verified), SIM_COUNT, "blocks compared with what was noted"),
    SIM_STAT("missing", AT(missing), SIM_COUNT, "of which nothing is there"),
    SIM_STAT("missing_bytes", AT(missing_bytes), SIM_BYTES, "of these"),
    SIM_STAT("stale", AT(stale), SIM_COUNT, "of which something else is there"),
    SIM_STAT("unknown", AT(unknown), SIM_COUNT, "read, and not noted"),
    {.name = NULL}};

static const struct sim_op ops[OPS + 1] = {
    [SEAL] = {.name = "seal",
              .bare = true,
              .doc = "data that has no digest gets one",
              .verdicts = ""},
    [NOTE] = {.name = "note",
              .bare = true,
              .doc = "keep the digest of what was written",
              .verdicts = "full"},
    [RECALL] = {.name = "recall",
                .bare = true,
                .doc = "what is read has the digest that was noted last for it, or none",
                .verdicts = ""},
    [VERIFY] = {.name = "verify",
                .bare = true,
                .doc = "is what was read what was noted?",
                .verdicts = "missing stale unknown"},
    [OPS] = {.name = NULL}};

static const struct sim_verdict verdicts[] = {
    {"full", "next", "note: there is no room for it"},
    {"missing", "drop", "verify: nothing is there"},
    {"stale", "drop", "verify: something else is there"},
    {"unknown", "next", "verify: nothing was noted of it"},
    {NULL, NULL, NULL}};

static bool init(struct sim_comp *comp, struct sim_err *err) {
    (void)err;
    sim_port_add(comp,
                 &(struct sim_port_opts){.name = "table", .in_order = true, .late = true});
    return true;
}

/* A table that is half empty at least. */
static void start(struct sim_comp *comp) {
    struct integrity *g = (struct integrity *)comp;
    g->room = 2;
    while (g->room < 2 * (uint64_t)g->blocks)
        g->room *= 2;
    g->at = sim_alloc_n(sim_comp_arena(comp), g->room, sizeof *g->at);
    g->story = sim_alloc_n(sim_comp_arena(comp), STORY, 1);
}

static uint64_t key_of(const struct io *io) { return io->offset ^ (uint64_t)io->space << 48; }

/* The block's place, or the one that it would get. */
static struct block *find(const struct integrity *g, const struct io *io) {
    uint64_t i = mix64(key_of(io)) & (g->room - 1);
    while (g->at[i].digest != 0 &&
           (g->at[i].offset != io->offset || g->at[i].space != io->space))
        i = (i + 1) & (g->room - 1);
    return &g->at[i];
}

static uint32_t note(struct integrity *g, const struct io *io) {
    struct block *b = find(g, io);
    if (b->digest == 0 && g->noted - g->full >= g->blocks) {
        g->noted++;
        g->full++;
        return FULL;
    }
    g->noted++;
    *b = (struct block){io->digest, io->offset, io->bytes, io->space, false};
    return OK;
}

static uint32_t verify(struct integrity *g, const struct io *io) {
    struct block *b = find(g, io);
    if (b->digest == 0 || b->bytes != io->bytes) {
        g->unknown++;
        return UNKNOWN;
    }
    g->verified++;
    b->missing = io->digest == 0;
    if (io->digest == b->digest)
        return OK;
    if (!b->missing) {
        g->stale++;
        return STALE;
    }
    g->missing++;
    g->missing_bytes += b->bytes;
    return MISSING;
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps at, struct sim_service *out) {
    struct integrity *g = (struct integrity *)comp;
    struct io *io = io_of(&comp->node->pool, m);
    (void)port;
    (void)at;
    SIM_ASSERT(io != NULL);
    out->latency_ps = g->latency;
    switch (step->op - ops) {
    case SEAL:
        if (io->digest == 0)
            io->digest = mix64(key_of(io) ^ mix64(m->id)) | 1;
        break;
    case NOTE:
        if (io->digest != 0)
            out->verdict = note(g, io);
        break;
    case RECALL:
        io->digest = find(g, io)->digest;
        break;
    default:
        out->verdict = verify(g, io);
    }
}

/* ---------------------------------------------------------------- what is missing */

/* The missing block with the lowest place behind one; NULL: there is none. */
static const struct block *next_missing(const struct integrity *g, const struct block *behind) {
    const struct block *best = NULL;
    for (const struct block *b = g->at; b < g->at + g->room; b++) {
        if (b->digest == 0 || !b->missing)
            continue;
        bool later = behind == NULL || b->space > behind->space ||
                     (b->space == behind->space && b->offset > behind->offset);
        bool sooner = best == NULL || b->space < best->space ||
                      (b->space == best->space && b->offset < best->offset);
        best = later && sooner ? b : best;
    }
    return best;
}

/* Blocks that follow one another are told of together. */
static void tell_places(const struct integrity *g) {
    const struct block *b = next_missing(g, NULL);
    for (int ranges = 0; b != NULL; ranges++) {
        uint64_t from = b->offset, end = from + b->bytes;
        uint16_t space = b->space;
        if (ranges == TOLD) {
            sim_append(g->story, STORY, " ...");
            return;
        }
        while ((b = next_missing(g, b)) != NULL && b->offset == end && b->space == space)
            end += b->bytes;
        sim_append(g->story, STORY, "%s %" PRIu64 " to %" PRIu64 " KiB", ranges ? "," : "",
                   from >> KIB, end >> KIB);
    }
}

static const char *remark(const struct sim_comp *comp, const char *param) {
    const struct integrity *g = (const struct integrity *)comp;
    if (strcmp(param, "blocks") != 0 || g->missing + g->stale + g->full == 0)
        return NULL;
    g->story[0] = 0;
    if (g->full > 0)
        sim_append(g->story, STORY, "%" PRId64 " blocks found no room; raise it. ", g->full);
    sim_append(g->story, STORY,
               "of %" PRId64 " blocks that were noted and read again %" PRId64
               " are missing and %" PRId64 " are not what was written",
               g->verified, g->missing, g->stale);
    if (g->missing > 0)
        sim_append(g->story, STORY, ": missing are");
    tell_places(g);
    return g->story;
}

const struct sim_model model_integrity = {.name = "integrity",
                                          .doc = "digests of blocks, kept apart: what is "
                                                 "missing of what was written",
                                          .size = sizeof(struct integrity),
                                          .params = fields,
                                          .stats = stats,
                                          .ops = ops,
                                          .verdicts = verdicts,
                                          .requests = true,
                                          .init = init,
                                          .start = start,
                                          .serve = serve,
                                          .remark = remark};
