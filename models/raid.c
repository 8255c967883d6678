/* raid.c - an array of drives with two parities (RAID 6), as the software that runs it sees it:
 * which strips a request needs, one of them lost or two, and how far a rebuild has come.
 *
 * A chain says what strips are wanted for: "read" (verdict degraded: some are lost, and are
 * rebuilt from others), "old" (what has to be read before a write; verdict whole: nothing),
 * "write", "rebuild" and "replace" of whole stripes. The message then is as many strips long as
 * are needed, so that a split by `strip_bytes` makes a child of each; "strip" of a child says
 * where it lies, and makes a command of it. "gather" has the message be the bytes that parities
 * or lost strips are made from, for an engine or a core; "data" the request's own. "rebuilt":
 * the strips of its stripes are on the drive that took the lost one's place, and are not lost
 * any more where all stripes before them are there, too.
 *
 * Which strips: raid.h and raid_plan.c. What they cost is the chain's: cycles on a core,
 * drives, memory. Left out: locks of stripes (a write of which a rebuild has read the stripe
 * already would wait), a journal or bitmap of stripes under way, caches of strips, scrubbing,
 * what other software does than Linux md, more than one array a block. Whose numbers: none; the
 * scenario's.
 */
#include "models/raid.h"
#include "models/io.h"
#include "sim/engine/model.h"
#include "sim/engine/row.h"

/* The first five in the order of enum raid_plan, less one. */
enum { READ, OLD, WRITE, REBUILD, REPLACE, STRIP, GATHER, DATA, REBUILT, OPS };
enum { OK, DEGRADED, WHOLE }; /* verdicts */
enum { COMMAND = 64 };        /* bytes: NVMe Base Specification 2.0, 3.3.3 */
enum { RESTORED = 0x80 };     /* of io.plan: nothing of it is lost (any more) */

struct raid {
    struct sim_comp base;
    int64_t data, strip, failed, failed_too, latency;
    struct raid_array array, healthy;
    struct raid_need need;
    uint64_t restored; /* stripes before it are all there */
    uint8_t *done;     /* ring, by stripe: is it, beyond that? */
    uint64_t mask;
    /* statistics */
    int64_t degraded, way[RAID_WAYS];
    int64_t old_bytes, parity_bytes, read_bytes, written_bytes, reads, writes, rebuilt;
};

#define AT(member) offsetof(struct raid, member)

static const struct sim_field fields[] = {
    {"data", SIM_COUNT, AT(data), 1, RAID_DATA_MOST, "4", NULL,
     "strips of data in a stripe; two more are parities: so many drives there are", NULL},
    {"strip_bytes", SIM_BYTES, AT(strip), 512, 1 << 30, "128KiB", NULL,
     "bytes of a strip: as the drives' `stripe`", NULL},
    {"failed", SIM_COUNT, AT(failed), 0, RAID_PARTS_MOST - 1, "", NULL,
     "number of the drive that is lost; absent: none", NULL},
    {"failed_too", SIM_COUNT, AT(failed_too), 0, RAID_PARTS_MOST - 1, "", NULL,
     "number of another", NULL},
    {"latency", SIM_TIME, AT(latency), 0, SIM_PS_PER_S, "100ns", NULL,
     "of each operation: a look into its tables", "assumed: an access of memory"},
    {.name = NULL}};

static const struct sim_field stats[] = {
    SIM_STAT("degraded", AT(degraded), SIM_COUNT, "requests that read what is lost"),
    SIM_STAT("whole", AT(way[RAID_WHOLE]), SIM_COUNT,
             "stripes written of which nothing had to be read before"),
    SIM_STAT("modified", AT(way[RAID_MODIFY]), SIM_COUNT,
             "stripes written of which what was there and the parities were read before"),
    SIM_STAT("completed", AT(way[RAID_REST]), SIM_COUNT,
             "stripes written of which the rest of the data was read before"),
    SIM_STAT("recovered", AT(way[RAID_RECOVER]), SIM_COUNT,
             "stripes written of which the rest was lost, and rebuilt before"),
    SIM_STAT("strip_reads", AT(reads), SIM_COUNT,
             "strips, or parts of one, that drives are asked for"),
    SIM_STAT("strip_writes", AT(writes), SIM_COUNT, "the same that they are given"),
    SIM_STAT("read_bytes", AT(read_bytes), SIM_BYTES, "of those reads, all"),
    SIM_STAT("old_bytes", AT(old_bytes), SIM_BYTES, "of those reads, before a write"),
    SIM_STAT("written_bytes", AT(written_bytes), SIM_BYTES, "of those writes, all"),
    SIM_STAT("parity_bytes", AT(parity_bytes), SIM_BYTES, "of those writes, parities"),
    SIM_STAT("rebuilt_bytes", AT(rebuilt), SIM_BYTES,
             "on drives in the place of lost ones, over the whole run"),
    {.name = NULL}};

#define PLANS(NAME, DOC, VERDICTS)                                                             \
    { .name = NAME, .bare = true, .doc = DOC, .verdicts = VERDICTS }
static const struct sim_op ops[OPS + 1] = {
    [READ] =
        PLANS("read", "strips that hold what is asked for, or that rebuild it", "degraded"),
    [OLD] = PLANS("old", "strips that have to be read before a write", "whole"),
    [WRITE] = PLANS("write", "strips that are written: data and parities", ""),
    [REBUILD] = PLANS("rebuild", "strips that rebuild what is lost of whole stripes", ""),
    [REPLACE] = PLANS("replace", "what was lost of whole stripes", ""),
    [STRIP] = PLANS("strip", "of a part of the message: where its strip lies", ""),
    [GATHER] = PLANS("gather", "the bytes that parities or lost strips are made from", ""),
    [DATA] = PLANS("data", "the bytes of the request", ""),
    [REBUILT] = PLANS("rebuilt", "what was lost of its stripes is on a drive", ""),
    [OPS] = {.name = NULL}};

static const struct sim_verdict verdicts[] = {
    {"degraded", "next", "read: some of it is lost, and is rebuilt from what comes"},
    {"whole", "next", "old: nothing has to be read"},
    {NULL, NULL, NULL}};

static bool check_drive(struct raid *r, const char *key, int64_t drive, struct sim_err *err) {
    char at[512];
    if (drive == SIM_ABSENT)
        return true;
    const char *where = sim_pointer(at, sizeof at, r->base.pointer, key);
    if (drive >= r->data + 2)
        return sim_fail(err, r->base.file, where,
                        "there is no drive %lld: they are 0 to %lld, \"data\" and two more",
                        (long long)drive, (long long)r->data + 1);
    if (r->array.losses > 0 && r->array.lost[0] == (uint32_t)drive)
        return sim_fail(err, r->base.file, where, "is the drive that \"failed\" names already");
    r->array.lost[r->array.losses++] = (uint32_t)drive;
    return true;
}

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct raid *r = (struct raid *)comp;
    char at[512];
    r->healthy = r->array =
        (struct raid_array){.strip = (uint64_t)r->strip, .data = (uint32_t)r->data};
    if (r->failed == SIM_ABSENT && r->failed_too != SIM_ABSENT)
        return sim_fail(err, comp->file,
                        sim_pointer(at, sizeof at, comp->pointer, "failed_too"),
                        "is the second one: name the first as \"failed\"");
    if (!check_drive(r, "failed", r->failed, err) ||
        !check_drive(r, "failed_too", r->failed_too, err))
        return false;
    sim_port_add(comp, &(struct sim_port_opts){.name = "map", .in_order = true, .late = true});
    return true;
}

/* A ring of stripes: more are not rebuilt at a time than there may be messages. */
static void start(struct sim_comp *comp) {
    struct raid *r = (struct raid *)comp;
    uint64_t room = 1;
    while (room < comp->node->pool.capacity)
        room *= 2;
    r->mask = room - 1;
    r->done = sim_alloc_n(sim_comp_arena(comp), (size_t)room, sizeof *r->done);
}

/* ---------------------------------------------------------------- what is needed */

/* As things stood when the request was planned. */
static const struct raid_array *array_of(const struct raid *r, const struct io *io) {
    return io->plan & RESTORED ? &r->healthy : &r->array;
}

/* Is all that it is about restored? */
static bool is_restored(const struct raid *r, const struct io *io) {
    uint64_t stripe = r->array.strip * r->array.data, end = io->offset + io_stored(io);
    return r->array.losses == 0 || (end + stripe - 1) / stripe <= r->restored;
}

static bool need_of(struct raid *r, const struct io *io, uint64_t number) {
    struct raid_piece piece;
    const struct raid_array *a = array_of(r, io);
    if (!raid_piece(a, io->offset, io_stored(io), number, &piece))
        return false;
    raid_need(a, (enum raid_plan)(io->plan & ~RESTORED), &piece, &r->need);
    return true;
}

static void note(struct raid *r, enum raid_plan plan) {
    const struct raid_need *need = &r->need;
    int64_t bytes = 0;
    for (uint32_t i = 0; i < need->strips; i++)
        bytes += need->strip[i].bytes;
    bool writes = plan == RAID_WRITE || plan == RAID_REPLACE;
    r->reads += writes ? 0 : need->strips;
    r->read_bytes += writes ? 0 : bytes;
    r->writes += writes ? need->strips : 0;
    r->written_bytes += writes ? bytes : 0;
    r->old_bytes += plan == RAID_OLD ? bytes : 0;
    r->parity_bytes += (int64_t)need->parity;
    if (plan == RAID_OLD)
        r->way[need->way]++;
}

static void fail(struct raid *r, const struct sim_step *step, const char *text) {
    r->base.world->failed = true;
    sim_fail(&r->base.world->err, NULL, step->pointer, "%s", text);
}

static uint32_t plan(struct raid *r, struct io *io, struct sim_msg *m,
                     const struct sim_step *step, sim_ps at) {
    enum raid_plan what = (enum raid_plan)(step->op - ops + 1);
    bool restored = what < RAID_REBUILD && is_restored(r, io), degraded = false;
    uint64_t strips = 0;
    io->plan = (uint8_t)(what | (restored ? RESTORED : 0));
    for (uint64_t n = 0; need_of(r, io, n); n++) {
        strips += r->need.strips;
        degraded |= r->need.degraded;
        if (sim_inside(r->base.world, at))
            note(r, what);
    }
    if (strips * r->array.strip > UINT32_MAX)
        fail(r, step,
             "a request's strips come to 4 GiB or more; ask for less at a time, or make "
             "\"strip_bytes\" smaller");
    m->bytes = (uint32_t)(strips * r->array.strip);
    if (what == RAID_READ && degraded)
        sim_comp_count(&r->base, &r->degraded, at);
    if (what == RAID_OLD)
        return strips == 0 ? WHOLE : OK;
    return what == RAID_READ && degraded ? DEGRADED : OK;
}

/* The strip that m, a part of its parent, stands for. */
static bool find(struct raid *r, const struct io *io, const struct sim_msg *m,
                 struct raid_strip *strip) {
    uint64_t left = sim_part_begins(r->base.world, m) / r->array.strip;
    for (uint64_t n = 0; need_of(r, io, n); n++) {
        if (left < r->need.strips) {
            *strip = r->need.strip[left];
            return true;
        }
        left -= r->need.strips;
    }
    return false;
}

static void make_command(struct raid *r, struct io *io, struct sim_msg *m,
                         const struct sim_step *step) {
    struct raid_strip strip;
    enum raid_plan what = (enum raid_plan)(io->plan & ~RESTORED);
    if (what == RAID_NONE || !find(r, io, m, &strip)) {
        fail(r, step,
             "a message comes that is no part of a request which \"read\", \"old\", "
             "\"write\", \"rebuild\" or \"replace\" planned; split that by \"strip_bytes\" "
             "in front");
        return;
    }
    io->op = what == RAID_WRITE || what == RAID_REPLACE ? IO_WRITE : IO_READ;
    io->offset = raid_place(&r->array, &strip);
    io->bytes = strip.bytes;
    io->packed = 0;
    m->bytes = COMMAND;
}

static uint64_t work_of(struct raid *r, const struct io *io) {
    uint64_t work = 0;
    for (uint64_t n = 0; need_of(r, io, n); n++)
        work += r->need.work;
    return work;
}

/* ---------------------------------------------------------------- a rebuild */

static void restore(struct raid *r, const struct io *io) {
    struct raid_piece piece;
    for (uint64_t n = 0; raid_piece(&r->array, io->offset, io->bytes, n, &piece); n++) {
        uint64_t stripe = piece.stripe;
        r->rebuilt += (int64_t)(r->array.losses * r->array.strip);
        if (stripe >= r->restored && stripe - r->restored <= r->mask)
            r->done[stripe & r->mask] = 1;
    }
    for (; r->done[r->restored & r->mask]; r->restored++)
        r->done[r->restored & r->mask] = 0;
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps at, struct sim_service *out) {
    struct raid *r = (struct raid *)comp;
    struct io *io = io_of(&comp->node->pool, m);
    long op = step->op - ops;
    (void)port;
    SIM_ASSERT(io != NULL);
    out->latency_ps = r->latency;
    if (op <= REPLACE)
        out->verdict = plan(r, io, m, step, at);
    else if (op == STRIP)
        make_command(r, io, m, step);
    else if (op == GATHER)
        m->bytes = (uint32_t)work_of(r, io);
    else if (op == DATA)
        m->bytes = io_stored(io);
    else
        restore(r, io);
}

const struct sim_model model_raid = {.name = "raid",
                                     .doc = "array of drives with two parities: which strips a "
                                            "request needs, and what is lost",
                                     .size = sizeof(struct raid),
                                     .params = fields,
                                     .stats = stats,
                                     .ops = ops,
                                     .verdicts = verdicts,
                                     .requests = true,
                                     .init = init,
                                     .start = start,
                                     .serve = serve};
