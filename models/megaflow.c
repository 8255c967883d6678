/* megaflow.c - a software switch with a flow cache of three levels, as Open vSwitch in user
 * space: an exact-match cache, megaflows with masks, and an upcall for what neither knows.
 *
 * Models: poll-mode threads, a core each with a queue and tables of its own, chosen by the
 * message's hash; the exact-match cache (by five-tuple, least recently used out, entered with a
 * probability); megaflows, each of which stands for all packets to one address, between two, or
 * of one five-tuple, tried one subtable (mask) after the other, with a limit and ageing;
 * upcalls done by the thread that missed, which then has the megaflow. Leaves out: batching;
 * subtables sorted by use (a flow's is as likely any); the signature-match cache; a flow limit
 * that moves with the load; actions. Whose numbers: docs/sources.md, section 3b: Open vSwitch's
 * defaults, cycles derived from its published rates.
 */
#include "models/flowtable.h"
#include "models/lru.h"
#include "models/mix.h"
#include "models/payload.h"
#include "models/tunnel.h"
#include "sim/engine/model.h"
#include <string.h>

enum { OK, UPCALL };
enum { BY_DESTINATION, BY_PAIR, BY_TUPLE };
/* Entries of a set of megaflows: OVS has no sets; so large that one is hardly full before the
 * table is. */
enum { WAYS = 32 };

struct thread {
    struct lru emc;
    struct flowtable megaflows;
};

struct megaflow {
    struct sim_comp base;
    int64_t threads, clock, queue, indirection;
    int64_t emc_entries, emc_ways, emc_insert_inv, emc_cycles;
    int64_t match, subtables, subtable_cycles, flow_limit, max_idle, upcall_cycles;
    int64_t emc_hits, megaflow_hits, upcalls, unplaced, probes;
    struct thread *thread; /* [threads] */
};

#define AT(name) offsetof(struct megaflow, name)
static const struct sim_field params[] = {
    {"threads", SIM_COUNT, AT(threads), 1, 512, "4", NULL, "poll-mode threads, a core each",
     "assumed: a quarter of the Arm cores"},
    {"clock", SIM_HZ, AT(clock), 1000000, 100000000000, "2.13GHz", NULL, "clock of the cores",
     "docs/sources.md em-bf3b, and derived from pub:dpb-strcmp and pub:dpb-fp64"},
    {"queue", SIM_COUNT, AT(queue), 1, 1 << 20, "1024", NULL,
     "packets a thread's receive queue holds; more are lost",
     "docs/sources.md mlx5-en: the driver's default ring"},
    {"indirection", SIM_COUNT, AT(indirection), 0, 0, "128",
     "1|2|4|8|16|32|64|128|256|512|1024", "entries of the table that maps hashes to threads",
     "docs/sources.md mlx5-en"},
    {"emc_entries", SIM_COUNT, AT(emc_entries), 0, 1 << 24, "8192", NULL,
     "entries of a thread's exact-match cache, a multiple of emc_ways; 0: none",
     "ovs-emc-size: EM_FLOW_HASH_SHIFT 13"},
    {"emc_ways", SIM_COUNT, AT(emc_ways), 1, 64, "2", NULL, "places that a flow can have in it",
     "ovs-emc-size: EM_FLOW_HASH_SEGS 2"},
    {"emc_insert_inv", SIM_COUNT, AT(emc_insert_inv), 1, 1000000, "100", NULL,
     "one packet in so many that hit a megaflow enters its flow into the exact-match cache",
     "pub:ovs-emc"},
    {"emc_cycles", SIM_CYCLES, AT(emc_cycles), 0, 1000000000, "300", NULL,
     "cycles of every packet: receive, look into the exact-match cache, send",
     "pub:ovsdpdk: 10 to 15 M/s a core, at 3 GHz 200 to 300 cycles"},
    {"match", SIM_ENUM, AT(match), 0, 0, "pair", "destination|pair|tuple",
     "what packets of one megaflow have in common: destination address, both, the five-tuple",
     "assumed: routes and rules by address; tuple where a rule looks at ports"},
    {"subtables", SIM_COUNT, AT(subtables), 1, 65536, "4", NULL,
     "masks among the megaflows: tables to try", "assumed: a few, as pub:ovsdpdk has it"},
    {"subtable_cycles", SIM_CYCLES, AT(subtable_cycles), 0, 1000000000, "130", NULL,
     "cycles added for each subtable tried",
     "pub:ovsdpdk: 7 M/s with one, at 3 GHz 430 cycles, less emc_cycles"},
    {"flow_limit", SIM_COUNT, AT(flow_limit), 1, 1 << 28, "200000", NULL,
     "megaflows of all threads together; beyond it upcalls leave none", "ovs-conf: flow-limit"},
    {"max_idle", SIM_TIME, AT(max_idle), 1, 1000000 * SIM_PS_PER_S, "10s", NULL,
     "a megaflow not used for so long is gone", "ovs-conf: max-idle"},
    {"upcall_cycles", SIM_CYCLES, AT(upcall_cycles), 0, 1000000000000, "40000", NULL,
     "cycles added for a packet that no megaflow knows", "docs/sources.md ovs-pmd-upcall"},
    {.name = NULL}};

static const struct sim_field stats[] = {
    SIM_STAT("emc_hits", AT(emc_hits), SIM_COUNT, "packets that the exact-match cache knew"),
    SIM_STAT("megaflow_hits", AT(megaflow_hits), SIM_COUNT, "packets that a megaflow knew"),
    SIM_STAT("upcalls", AT(upcalls), SIM_COUNT, "packets that neither did, verdict upcall"),
    SIM_STAT("unplaced", AT(unplaced), SIM_COUNT,
             "upcalls that left no megaflow: the limit was reached"),
    SIM_STAT("probes", AT(probes), SIM_COUNT, "subtables tried"),
    {.name = NULL}};
#undef COUNT

static const struct sim_op ops[] = {
    {.name = "switch", .doc = "receive, find the flow, and send"}, {.name = NULL}};

static const struct sim_verdict verdicts[] = {
    [UPCALL - 1] = {"upcall", "next", "no flow was known; the thread has made one"},
    {NULL, NULL, NULL}};

static bool check(const struct megaflow *f, struct sim_err *err) {
    const struct sim_comp *c = &f->base;
    char at[512];
    long long ways = f->emc_ways, sets = f->emc_entries / f->emc_ways;
    if (f->emc_entries % ways != 0)
        return sim_fail(err, c->file, sim_pointer(at, sizeof at, c->pointer, "emc_entries"),
                        "%lld entries are not whole sets of emc_ways = %lld; write e.g. %lld",
                        (long long)f->emc_entries, ways, (sets + 1) * ways);
    if (f->threads > f->indirection)
        return sim_fail(err, c->file, sim_pointer(at, sizeof at, c->pointer, "indirection"),
                        "%lld entries leave some of %lld threads without work; use as many "
                        "entries as threads, or more",
                        (long long)f->indirection, (long long)f->threads);
    if (f->flow_limit < f->threads)
        return sim_fail(err, c->file, sim_pointer(at, sizeof at, c->pointer, "flow_limit"),
                        "%lld megaflows leave some of %lld threads none; use as many or more",
                        (long long)f->flow_limit, (long long)f->threads);
    return true;
}

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct megaflow *f = (struct megaflow *)comp;
    struct sim_arena *arena = sim_comp_arena(comp);
    if (!check(f, err))
        return false;
    uint64_t each = (uint64_t)(f->flow_limit / f->threads);
    uint32_t ways = each < WAYS ? (uint32_t)each : WAYS;
    f->thread = sim_alloc_n(arena, (size_t)f->threads, sizeof *f->thread);
    for (int64_t i = 0; i < f->threads; i++) {
        struct thread *t = &f->thread[i];
        if (f->emc_entries > 0)
            lru_init(&t->emc, (uint32_t)f->emc_entries, (uint32_t)f->emc_ways, arena);
        flowtable_init(&t->megaflows, each / ways * ways, ways, f->max_idle, arena);
        t->megaflows.evict = false;
        sim_port_add(
            comp, &(struct sim_port_opts){.name = sim_printf(arena, "thread%lld", (long long)i),
                                          .hz = (uint64_t)f->clock,
                                          .in_order = true,
                                          .capacity = f->queue,
                                          .full = SIM_FULL_DROP,
                                          .cause = "thread-queue-full"});
    }
    return true;
}

static uint64_t of_address(const uint8_t address[16]) {
    uint64_t half[2];
    memcpy(half, address, sizeof half);
    return mix64(mix64(half[0]) + half[1]);
}

/* What the packet's megaflow is known by. A renewed flow has another source address. */
static uint64_t megaflow_of(const struct megaflow *f, const struct sim_msg *m) {
    const struct packet *p = m->body;
    unsigned level = tunnel_head(m->level);
    if (f->match == BY_TUPLE || p == NULL || level >= p->heads)
        return flowtable_key(m);
    const struct packet_head *head = &p->head[level];
    uint64_t key = of_address(head->dst);
    if (f->match == BY_PAIR)
        key += mix64(of_address(head->src) + m->flow - (level ? p->inner_flow : p->flow));
    return mix64(key) >> (64 - FLOW_TAG);
}

static void count(const struct megaflow *f, int64_t *counter, sim_ps at) {
    sim_comp_count(&f->base, counter, at);
}

/* Subtables tried until the megaflow is found, or all. */
static uint64_t probe(struct megaflow *f, uint64_t key, bool found, sim_ps at) {
    uint64_t all = (uint64_t)f->subtables, n = found ? 1 + mix_place(key, all) : all;
    if (sim_inside(f->base.world, at))
        f->probes += (int64_t)n;
    return n;
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    struct megaflow *f = (struct megaflow *)comp;
    struct thread *t = &f->thread[port->index];
    uint64_t exact = flowtable_key(m), key = megaflow_of(f, m);
    bool cached = f->emc_entries > 0 && lru_find(&t->emc, exact);
    bool known = flowtable_find(&t->megaflows, key, start, false);
    (void)step;
    out->occupancy_cycles = (uint64_t)f->emc_cycles;
    if (known && cached) {
        count(f, &f->emc_hits, start);
        return;
    }
    out->occupancy_cycles += probe(f, key, known, start) * (uint64_t)f->subtable_cycles;
    if (known) {
        count(f, &f->megaflow_hits, start);
        if (f->emc_entries > 0 && mix_place(m->id, (uint64_t)f->emc_insert_inv) == 0)
            lru_touch(&t->emc, exact);
        return;
    }
    out->occupancy_cycles += (uint64_t)f->upcall_cycles;
    out->verdict = UPCALL;
    count(f, &f->upcalls, start);
    if (flowtable_add(&t->megaflows, key, start, start) == FLOW_FULL)
        count(f, &f->unplaced, start);
}

static uint32_t pick(const struct sim_comp *comp, const struct sim_step *step,
                     const struct sim_msg *m) {
    const struct megaflow *f = (const struct megaflow *)comp;
    (void)step;
    return (m->hash & (uint32_t)(f->indirection - 1)) % (uint32_t)f->threads;
}

const struct sim_model model_megaflow = {
    .name = "megaflow",
    .doc = "software switch: exact-match cache, megaflows, upcalls, on cores of its own",
    .size = sizeof(struct megaflow),
    .params = params,
    .stats = stats,
    .ops = ops,
    .packets = true,
    .verdicts = verdicts,
    .init = init,
    .serve = serve,
    .pick = pick};
