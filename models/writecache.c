/* writecache.c - where a target keeps what it was sent to write until drives have it: memory of
 * the card, by a process that may run out of it and die.
 *
 * A chain says when a request's data is there ("take"), when who asked is told that it is
 * written ("acknowledge"), when a part of it is on a drive ("strip") and when all of it is
 * ("settle"). Written through, it is acknowledged when it has settled; written back, before, by
 * a chain that copies the request for the drives. "sync" waits until all that was taken before
 * it has settled: what a flush asks for. "alive" asks whether the process is.
 *
 * Memory: `memory` less what others of the card have (`others`, and `leak` more every second).
 * A request that finds no room is refused (verdict full), or the process is killed ("on_full":
 * "die"): from then on nothing is alive (verdict dead); what drives were told before they do.
 * What was acknowledged and does not settle any more is lost then (what had been given to
 * drives still does), and nobody is told, unless who wrote asked by a flush, or keeps digests
 * and reads again (block integrity).
 *
 * Left out: a process that is started anew, and a journal that it would read; the memory's own
 * bandwidth (routes have it); which requests the operating system would rather kill for. Whose
 * numbers: none; the scenario's.
 */
#include "models/io.h"
#include "sim/engine/model.h"
#include "sim/engine/row.h"
#include <inttypes.h>
#include <string.h>

enum { FULL_FAILS, FULL_DIES };
enum { WORK, SYNC }; /* ports */
enum { STORY = 640, PS_PER_US = 1000000 };
enum { TAKE, ACKNOWLEDGE, STRIP, SETTLE, ALIVE, SYNC_OP, OPS };
enum { OK, FULL, DEAD };        /* verdicts */
enum { SETTLED = 1, TOLD = 2 }; /* of a ticket */

struct writecache {
    struct sim_comp base;
    int64_t memory, others, leak, on_full, dies_at, latency;
    sim_ps died;                  /* SIM_NEVER: it has not */
    uint64_t held;                /* bytes */
    uint32_t next, settled, mask; /* tickets: the next one; all before `settled` have */
    uint8_t *state;               /* ring, by ticket: SETTLED, TOLD */
    char *story;                  /* [STORY] what became of it */
    /* statistics of the whole run */
    int64_t taken_bytes, acknowledged_bytes, settled_bytes, strips, refused, dead, lost_bytes,
        lost_requests, died_at, held_most;
};

#define AT(member) offsetof(struct writecache, member)

static const struct sim_field fields[] = {
    {"memory", SIM_BYTES, AT(memory), 4096, 1LL << 50, "16GiB", NULL,
     "of the process, for data that drives do not have yet",
     "assumed: half of a card's memory"},
    {"others", SIM_BYTES, AT(others), 0, 1LL << 50, "0", NULL,
     "of that memory, what others have when the run begins", NULL},
    {"leak", SIM_RATE, AT(leak), 0, 1000000000000000, "0b/s", NULL,
     "what others take more of it", NULL},
    {"on_full", SIM_ENUM, AT(on_full), 0, 0, "fail", "fail|die",
     "a request finds no room: it is refused, or the process is killed", NULL},
    {"dies_at", SIM_TIME, AT(dies_at), 0, INT64_MAX / 4, "0s", NULL,
     "when it is killed for what others did to the card's memory; 0: never", NULL},
    {"latency", SIM_TIME, AT(latency), 0, SIM_PS_PER_S, "100ns", NULL,
     "of each operation: a look into its tables", "assumed: an access of memory"},
    {.name = NULL}};

static const struct sim_field stats[] = {
    SIM_STAT("taken_bytes", AT(taken_bytes), SIM_BYTES,
             "taken, over the whole run as all of these"),
    SIM_STAT("acknowledged_bytes", AT(acknowledged_bytes), SIM_BYTES,
             "of which the writer was told"),
    SIM_STAT("settled_bytes", AT(settled_bytes), SIM_BYTES, "that drives have, whole requests"),
    SIM_STAT("strips", AT(strips), SIM_COUNT, "parts of requests that drives have"),
    SIM_STAT("held_most", AT(held_most), SIM_BYTES, "held at once, at most"),
    SIM_STAT("refused", AT(refused), SIM_COUNT, "requests that found no room"),
    SIM_STAT("dead", AT(dead), SIM_COUNT, "what came to a process that had died"),
    SIM_STAT("died_at", AT(died_at), SIM_TIME, "when it died; 0: it did not"),
    SIM_STAT("lost_requests", AT(lost_requests), SIM_COUNT,
             "acknowledged, and not settled, if it died"),
    SIM_STAT("lost_bytes", AT(lost_bytes), SIM_BYTES, "of these"),
    {.name = NULL}};

static const struct sim_op ops[OPS + 1] = {
    [TAKE] = {.name = "take", .doc = "the request's data is here", .verdicts = "full dead"},
    [ACKNOWLEDGE] = {.name = "acknowledge",
                     .bare = true,
                     .doc = "who asked is told that it is written",
                     .verdicts = "dead"},
    [STRIP] = {.name = "strip",
               .bare = true,
               .doc = "a part of it is on a drive",
               .verdicts = "dead"},
    [SETTLE] = {.name = "settle",
                .bare = true,
                .doc = "all of it is on drives: its room is free",
                .verdicts = "dead"},
    [ALIVE] = {.name = "alive", .bare = true, .doc = "is the process?", .verdicts = "dead"},
    [SYNC_OP] = {.name = "sync",
                 .bare = true,
                 .doc = "wait until all that was taken before is on drives",
                 .port = SYNC,
                 .verdicts = "dead"},
    [OPS] = {.name = NULL}};

static const struct sim_verdict verdicts[] = {{"full", "drop", "take: there is no room"},
                                              {"dead", "drop", "the process has died"},
                                              {NULL, NULL, NULL}};

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct writecache *c = (struct writecache *)comp;
    char at[512];
    if (c->others >= c->memory)
        return sim_fail(err, comp->file, sim_pointer(at, sizeof at, comp->pointer, "others"),
                        "leaves no memory; make it less than \"memory\"");
    c->died = SIM_NEVER;
    c->next = c->settled = 1; /* 0: not taken */
    sim_port_add(comp, &(struct sim_port_opts){.name = "work", .in_order = true, .late = true});
    sim_port_add(comp, &(struct sim_port_opts){.name = "sync", .lines = 1, .late = true});
    return true;
}

/* A ring of tickets: as many as there may be messages. */
static void start(struct sim_comp *comp) {
    struct writecache *c = (struct writecache *)comp;
    uint32_t room = 1;
    while (room < comp->node->pool.capacity)
        room *= 2;
    c->mask = room - 1;
    c->state = sim_alloc_n(sim_comp_arena(comp), room, sizeof *c->state);
    c->story = sim_alloc_n(sim_comp_arena(comp), STORY, 1);
}

/* ---------------------------------------------------------------- what becomes of it */

/* Flushes that wait look again. */
static void tell_flushes(struct writecache *c, sim_ps at) {
    struct sim_port *port = c->base.port[SYNC];
    if (sim_line_head(port, 0) != NULL)
        sim_port_ask(port, at + 1);
}

/* @param now when it shows */
static void die(struct writecache *c, sim_ps at, sim_ps now) {
    c->died = at;
    c->died_at = at;
    tell_flushes(c, now);
}

static uint64_t room_at(const struct writecache *c, sim_ps at) {
    sim_u128 leaked = (sim_u128)(uint64_t)c->leak * (uint64_t)at / SIM_PS_PER_S / 8;
    uint64_t used = (uint64_t)c->others + c->held;
    uint64_t left = (uint64_t)c->memory > used ? (uint64_t)c->memory - used : 0;
    return leaked < left ? left - (uint64_t)leaked : 0;
}

static uint8_t *state_of(const struct writecache *c, const struct io *io) {
    return &c->state[io->ticket & c->mask];
}

/* So many requests are acknowledged that have not settled; fewer when one has. */
static void owe(struct writecache *c, const struct io *io, int64_t requests) {
    c->lost_requests += requests;
    c->lost_bytes += requests * (int64_t)io->bytes;
}

static uint32_t take(struct writecache *c, struct io *io, sim_ps at) {
    if (room_at(c, at) < io->bytes) {
        c->refused++;
        if (c->on_full == FULL_FAILS)
            return FULL;
        die(c, at, at);
        c->dead++;
        return DEAD;
    }
    io->ticket = c->next++;
    *state_of(c, io) = 0;
    c->held += io->bytes;
    c->taken_bytes += io->bytes;
    c->held_most = (int64_t)c->held > c->held_most ? (int64_t)c->held : c->held_most;
    return OK;
}

static void acknowledge(struct writecache *c, const struct io *io) {
    c->acknowledged_bytes += io->bytes;
    if (io->ticket == 0 || *state_of(c, io) & TOLD)
        return; /* it was not taken, or comes a second time */
    if (!(*state_of(c, io) & SETTLED))
        owe(c, io, 1);
    *state_of(c, io) |= TOLD;
}

static void settle(struct writecache *c, const struct io *io, sim_ps at) {
    if (io->ticket == 0 || *state_of(c, io) & SETTLED)
        return; /* it was not taken, or comes a second time */
    c->held -= io->bytes;
    c->settled_bytes += io->bytes;
    *state_of(c, io) |= SETTLED;
    while (c->settled != c->next && c->state[c->settled & c->mask] & SETTLED)
        c->settled++;
    tell_flushes(c, at);
    if (*state_of(c, io) & TOLD)
        owe(c, io, -1);
}

static uint32_t work(struct writecache *c, int op, struct io *io, sim_ps at) {
    bool spent = c->on_full == FULL_DIES && room_at(c, at) == 0;
    if (at < c->died && (spent || (c->dies_at > 0 && at >= c->dies_at)))
        die(c, spent ? at : c->dies_at, at);
    bool dead = at >= c->died && op != STRIP;
    c->dead += dead;
    if (dead && op != SETTLE)
        return DEAD;
    switch (op) {
    case TAKE:
        return take(c, io, at);
    case ACKNOWLEDGE:
        acknowledge(c, io);
        break;
    case STRIP:
        c->strips++;
        break;
    case SETTLE:
        settle(c, io, at);
        break;
    default:
        break;
    }
    return dead ? DEAD : OK;
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start_at, struct sim_service *out) {
    struct writecache *c = (struct writecache *)comp;
    struct io *io = io_of(&comp->node->pool, m);
    (void)port;
    SIM_ASSERT(io != NULL);
    out->latency_ps = c->latency;
    out->verdict = work(c, (int)(step->op - ops), io, start_at);
}

/* ---------------------------------------------------------------- flushes */

static uint32_t line(struct sim_comp *comp, struct sim_port *port, const struct sim_msg *m,
                     bool must) {
    struct writecache *c = (struct writecache *)comp;
    struct io *io = io_of(&comp->node->pool, m);
    (void)port;
    (void)must;
    if (io != NULL)
        io->ticket = c->next;
    return 0;
}

static uint32_t choose(struct sim_comp *comp, struct sim_port *port, sim_ps now,
                       sim_ps *until) {
    const struct writecache *c = (const struct writecache *)comp;
    const struct sim_msg *m = sim_line_head(port, 0);
    *until = SIM_NEVER;
    if (m == NULL)
        return SIM_NO_LINE;
    const struct io *io = io_of(&comp->node->pool, m);
    bool dies = c->dies_at > 0 && c->died == SIM_NEVER;
    if (now >= c->died || (dies && now >= c->dies_at) ||
        (int32_t)(c->settled - io->ticket) >= 0)
        return 0;
    if (dies)
        *until = c->dies_at;
    return SIM_NO_LINE; /* settle and die ask again */
}

/* ---------------------------------------------------------------- what became of it */

#define MIB(bytes) (bytes) >> 20, ((bytes)&0xfffff) * 10 >> 20 /* for "%d.%d" */
#define D64        "%" PRId64

/* What drives have, what who wrote was told, and what is lost; NULL: it lives. */
static const char *story(const struct writecache *c) {
    bool killed = c->dies_at > 0 && c->died_at == c->dies_at;
    if (c->died == SIM_NEVER)
        return NULL;
    c->story[0] = 0;
    sim_append(
        c->story, STORY,
        "the process %s at " D64 " us: of " D64 "." D64 " MiB that it took drives have " D64
        "." D64 ", who wrote was told of " D64 "." D64 ", ",
        killed ? "was killed" : "ran out of memory and was killed", c->died_at / PS_PER_US,
        MIB(c->taken_bytes), MIB(c->settled_bytes), MIB(c->acknowledged_bytes));
    if (c->lost_requests == 0)
        sim_append(c->story, STORY, "and nothing of that is lost");
    else
        sim_append(
            c->story, STORY,
            "and " D64 "." D64 " of that are lost (" D64
            " writes), which nothing shows but a flush that fails, or digests kept apart",
            MIB(c->lost_bytes), c->lost_requests);
    return c->story;
}

static const char *remark(const struct sim_comp *comp, const char *param) {
    return strcmp(param, "on_full") == 0 ? story((const struct writecache *)comp) : NULL;
}

static const char *incident(const struct sim_comp *comp, const char **resource) {
    *resource = "process";
    return story((const struct writecache *)comp);
}

const struct sim_model model_writecache = {.name = "writecache",
                                           .doc = "writes in a card's memory until drives have "
                                                  "them, by a process that may die",
                                           .size = sizeof(struct writecache),
                                           .params = fields,
                                           .stats = stats,
                                           .ops = ops,
                                           .verdicts = verdicts,
                                           .requests = true,
                                           .init = init,
                                           .start = start,
                                           .serve = serve,
                                           .line = line,
                                           .choose = choose,
                                           .remark = remark,
                                           .incident = incident};
