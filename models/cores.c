/* cores.c - a pool of processor cores, each with a queue of its own: the card's Arm complex,
 * and with other numbers a pool of many slow threads.
 *
 * A step costs cycles: a base, so much a byte, and memory accesses that miss the caches. A miss
 * stalls for memory_latency divided by memory_parallelism, the misses that a core overlaps. The
 * sum is rounded up to a whole cycle. Which core: the message's hash picks an entry of an
 * indirection table that names the cores in turn, as receive-side scaling does, so a heavy flow
 * overloads its core while others idle.
 *
 * The named operations are generic work with the cycle counts of docs/sources.md section 4.
 * Those counts were measured with their cache misses in, so they have no memory accesses of
 * their own.
 *
 * An upcall is for the first packet of a flow that the NIC does not know. Until the NIC has the
 * flow's rule more packets of it come up: software finds the flow in a table of its own and
 * only forwards them, verdict "known". It thinks so of a flow for a while after its first
 * packet, then takes it for a new one: the NIC has given its entry up.
 *
 * Left out: caches and working sets, contention for DRAM (a `call` of the dram block costs it),
 * interrupts, batching, operating-system noise. Whose numbers: docs/sources.md section 4,
 * measured on x86 and multiplied by 1.5 for the Cortex-A78.
 */
#include "models/flowtable.h"
#include "models/software.h"

struct cores {
    struct sim_comp base;
    int64_t cores, clock, queue, on_full, indirection;
    int64_t memory_latency, memory_parallelism;
    struct flowtable *known; /* [cores] flows whose rule is on its way to the NIC */
};

struct cores_work {
    struct software_work work;
    int64_t memory_accesses, insert_cycles, known_cycles, known_for;
};

enum cores_verdict { CORES_OK, CORES_KNOWN };

/* Flows that software keeps a core: 80 ms of misses at a full core's pace. Of more the oldest
 * is taken for new again. */
enum { KNOWN_FLOWS = 1 << 14, KNOWN_WAYS = 8 };

#define PARAM(member) offsetof(struct cores, member)

static const struct sim_field cores_params[] = {
    {"cores", SIM_COUNT, PARAM(cores), 1, 512, "16", NULL, "cores, each with its own queue",
     "docs/sources.md doca-hw, pub:bf3-cores"},
    {"clock", SIM_HZ, PARAM(clock), 1000000, 100000000000, "2.13GHz", NULL,
     "clock of the cores",
     "docs/sources.md em-bf3b, and derived from pub:dpb-strcmp and pub:dpb-fp64"},
    {"queue", SIM_COUNT, PARAM(queue), 0, 1 << 20, "1024", NULL,
     "messages a core holds, the one in work included; 0 is no bound",
     "docs/sources.md mlx5-en: the driver's default ring"},
    {"on_full", SIM_ENUM, PARAM(on_full), 0, 0, "drop", "drop|wait",
     "when a core's queue is full: lose the message, or keep it upstream",
     "assumed: a receive ring that overflows loses packets"},
    {"indirection", SIM_COUNT, PARAM(indirection), 0, 0, "128",
     "1|2|4|8|16|32|64|128|256|512|1024", "entries of the table that maps hashes to cores",
     "docs/sources.md mlx5-en"},
    {"memory_latency", SIM_TIME, PARAM(memory_latency), 0, 1000000000, "120ns", NULL,
     "what a core sees of one access that misses its caches",
     "assumed: between two measured bounds, docs/sources.md section 4"},
    {"memory_parallelism", SIM_RATIO, PARAM(memory_parallelism), 1000000, 1000000000, "2.4",
     NULL, "misses that a core overlaps, on average",
     "docs/sources.md pub:dpb-mem-rd-rnd: 120 ns over 49.7 ns a read"},
    {.name = NULL}};

#define WORK(member) offsetof(struct cores_work, member)

#define MISSES                                                                                 \
    {                                                                                          \
        "memory_accesses", SIM_COUNT, WORK(memory_accesses), 0, 1000000, "0", NULL,            \
            "cache misses added to the cycles",                                                \
            "assumed: cycles were measured with their misses in"                               \
    }
#define OPERATION(NAME, CYCLES, SOURCE)                                                        \
    static const struct sim_field NAME##_fields[] = {                                          \
        SOFTWARE_CYCLES(CYCLES, SOURCE), SOFTWARE_PER_BYTE, MISSES, {.name = NULL}}

OPERATION(work, NULL, NULL);
OPERATION(forward, "250", "assumed: twice receive-and-drop, docs/sources.md section 4");
OPERATION(drop, "125", "docs/sources.md pub:xdp-dpdk-drop x 1.5");
OPERATION(classify, "450", "docs/sources.md pub:acl");
OPERATION(conntrack, "3000", "docs/sources.md pub:xdp-raw x 1.5");
OPERATION(route, "1000", "docs/sources.md pub:xdp-route x 1.5");
OPERATION(redirect, "625", "docs/sources.md pub:xdp-redir x 1.5");
OPERATION(kernel_forward, "3100", "docs/sources.md pub:xdp-fwd x 1.5");
OPERATION(complete, "50", "assumed: reading one completion entry that is in the cache");

static const struct sim_field upcall_fields[] = {
    SOFTWARE_CYCLES("4000",
                    "assumed: receive 125, classify 450, conntrack-like 3,000, rounded up"),
    {"insert_cycles", SIM_CYCLES, WORK(insert_cycles), 0, 1000000000, "7100", NULL,
     "cycles added for the insertion of the flow's rule; 0 when it needs none",
     "docs/sources.md mlx5-sws: 300,000 rules a second on one core"},
    {"known_cycles", SIM_CYCLES, WORK(known_cycles), 0, 1000000000, "700", NULL,
     "cycles in all for a packet of a flow whose rule is on its way to the NIC",
     "assumed: receive and send 250, look up 450, docs/sources.md section 4"},
    {"known_for", SIM_TIME, WORK(known_for), 0, 1000000000000, "1ms", NULL,
     "how long after its first packet a flow counts as on its way; 0: every packet is handled "
     "as a first one",
     "assumed: longer than waiting for a core and an insertion take"},
    SOFTWARE_PER_BYTE,
    MISSES,
    {.name = NULL}};

#define SAYS(NAME, FIELDS, VERDICTS, DOC)                                                      \
    {                                                                                          \
        .name = NAME, .doc = DOC, .fields = FIELDS, .size = sizeof(struct cores_work),         \
        .verdicts = VERDICTS                                                                   \
    }
#define DOES(NAME, FIELDS, DOC) SAYS(NAME, FIELDS, "", DOC)

enum { CORES_UPCALL = 8 };

static const struct sim_op cores_ops[] = {
    DOES("work", work_fields, "any work: say how many cycles"),
    DOES("forward", forward_fields, "receive and send a packet in poll mode, as l3fwd does"),
    DOES("drop", drop_fields, "receive a packet in poll mode and drop it"),
    DOES("classify", classify_fields, "look a packet up in a few thousand rules, in software"),
    DOES("conntrack", conntrack_fields, "receive a packet and track its connection"),
    DOES("route", route_fields, "receive, look up a route and forward, in XDP"),
    DOES("redirect", redirect_fields, "receive and redirect a packet, in XDP"),
    DOES("kernel-forward", kernel_forward_fields, "forward a packet through the kernel"),
    [CORES_UPCALL] =
        SAYS("upcall", upcall_fields, "known", "handle a flow miss and insert the flow's rule"),
    DOES("complete", complete_fields, "take note of a completion: the way back of a call"),
    {.name = NULL}};

static const struct sim_verdict cores_verdicts[] = {
    [CORES_KNOWN - 1] = {"known", "next", "upcall: the flow's rule is on its way to the NIC"},
    {NULL, NULL, NULL}};

static bool cores_init(struct sim_comp *comp, struct sim_err *err) {
    struct cores *c = (struct cores *)comp;
    char path[512];
    if (c->cores > c->indirection)
        return sim_fail(
            err, comp->file, sim_pointer(path, sizeof path, comp->pointer, "indirection"),
            "%lld entries leave some of %lld cores without work; use as many entries "
            "as cores, or more",
            (long long)c->indirection, (long long)c->cores);
    struct sim_port_opts opts = {.hz = (uint64_t)c->clock,
                                 .in_order = true,
                                 .capacity = c->queue,
                                 .full = c->on_full ? SIM_FULL_WAIT : SIM_FULL_DROP,
                                 .cause = "core-queue-full"};
    for (int64_t i = 0; i < c->cores; i++) {
        opts.name = sim_printf(sim_comp_arena(comp), "core%lld", (long long)i);
        sim_port_add(comp, &opts);
    }
    c->known = sim_alloc_n(sim_comp_arena(comp), (size_t)c->cores, sizeof *c->known);
    return true;
}

/* Millionths of a cycle that a miss stalls: latency * clock / parallelism cycles, which is
 * latency_ps * hz / parallelism_ppm millionths. */
static sim_u128 cores_stall(const struct cores *c, int64_t accesses) {
    sim_u128 ppm = (uint64_t)c->memory_parallelism;
    sim_u128 all =
        (sim_u128)(uint64_t)accesses * (uint64_t)c->memory_latency * (uint64_t)c->clock;
    return (all + ppm - 1) / ppm;
}

/* Is the flow's rule on its way to the NIC? If not, from now on it is. All packets of a flow
 * come to one core, in order. */
static bool cores_known(struct cores *c, uint32_t core, const struct cores_work *work,
                        const struct sim_msg *m, sim_ps start) {
    struct flowtable *t = &c->known[core];
    if (work->known_for == 0)
        return false;
    if (t->entry == NULL)
        flowtable_init(t, KNOWN_FLOWS, KNOWN_WAYS, 0, sim_comp_arena(&c->base));
    t->ageing = work->known_for;
    return flowtable_add(t, flowtable_key(m), start, start) == FLOW_KNOWN;
}

static void cores_serve(struct sim_comp *comp, struct sim_port *port,
                        const struct sim_step *step, struct sim_msg *m, sim_ps start,
                        struct sim_service *out) {
    struct cores *c = (struct cores *)comp;
    const struct cores_work *work = step->args;
    sim_u128 stall = work->memory_accesses ? cores_stall(c, work->memory_accesses) : 0;
    out->occupancy_cycles = software_cycles(&work->work, m->bytes, stall);
    if (step->op != &cores_ops[CORES_UPCALL])
        return;
    if (cores_known(c, port->index, work, m, start)) {
        out->occupancy_cycles = (uint64_t)work->known_cycles;
        out->verdict = CORES_KNOWN;
    } else {
        out->occupancy_cycles += (uint64_t)work->insert_cycles;
    }
}

static uint32_t cores_pick(const struct sim_comp *comp, const struct sim_step *step,
                           const struct sim_msg *m) {
    const struct cores *c = (const struct cores *)comp;
    (void)step;
    return (m->hash & (uint32_t)(c->indirection - 1)) % (uint32_t)c->cores;
}

const struct sim_model model_cores = {.name = "cores",
                                      .doc = "processor cores, each with a queue of its own",
                                      .size = sizeof(struct cores),
                                      .params = cores_params,
                                      .ops = cores_ops,
                                      .verdicts = cores_verdicts,
                                      .init = cores_init,
                                      .serve = cores_serve,
                                      .pick = cores_pick};
