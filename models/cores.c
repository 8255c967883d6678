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
 * Left out: caches and working sets, contention for DRAM (a `call` of the dram block costs it),
 * interrupts, batching, operating-system noise. Whose numbers: docs/sources.md section 4,
 * measured on x86 and multiplied by 1.5 for the Cortex-A78.
 */
#include "sim/engine/model.h"

struct cores {
    struct sim_comp base;
    int64_t cores, clock, queue, on_full, indirection;
    int64_t memory_latency, memory_parallelism;
};

struct cores_work {
    int64_t cycles, insert_cycles, cycles_per_byte, memory_accesses;
};

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

#define PER_MESSAGE(CYCLES, SOURCE)                                                            \
    {                                                                                          \
        "cycles", SIM_CYCLES, WORK(cycles), 0, 1000000000, CYCLES, NULL, "cycles a message",   \
            SOURCE                                                                             \
    }
#define PER_BYTE                                                                               \
    {                                                                                          \
        "cycles_per_byte", SIM_RATIO, WORK(cycles_per_byte), 0, 1000000000000, "0", NULL,      \
            "cycles added for each byte; 0.1 for a copy",                                      \
            "assumed: the payload is not touched; the copy: docs/sources.md "                  \
            "pub:liu-bf2-tx-128"                                                               \
    }
#define MISSES                                                                                 \
    {                                                                                          \
        "memory_accesses", SIM_COUNT, WORK(memory_accesses), 0, 1000000, "0", NULL,            \
            "cache misses added to the cycles",                                                \
            "assumed: cycles were measured with their misses in"                               \
    }
#define OPERATION(NAME, CYCLES, SOURCE)                                                        \
    static const struct sim_field NAME##_fields[] = {                                          \
        PER_MESSAGE(CYCLES, SOURCE), PER_BYTE, MISSES, {.name = NULL}}

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
    PER_MESSAGE("4000", "assumed: receive 125, classify 450, conntrack-like 3,000, rounded up"),
    {"insert_cycles", SIM_CYCLES, WORK(insert_cycles), 0, 1000000000, "7100", NULL,
     "cycles added for the insertion of the flow's rule; 0 when it needs none",
     "docs/sources.md mlx5-sws: 300,000 rules a second on one core"},
    PER_BYTE,
    MISSES,
    {.name = NULL}};

#define DOES(NAME, FIELDS, DOC)                                                                \
    { .name = NAME, .doc = DOC, .fields = FIELDS, .size = sizeof(struct cores_work) }

static const struct sim_op cores_ops[] = {
    DOES("work", work_fields, "any work: say how many cycles"),
    DOES("forward", forward_fields, "receive and send a packet in poll mode, as l3fwd does"),
    DOES("drop", drop_fields, "receive a packet in poll mode and drop it"),
    DOES("classify", classify_fields, "look a packet up in a few thousand rules, in software"),
    DOES("conntrack", conntrack_fields, "receive a packet and track its connection"),
    DOES("route", route_fields, "receive, look up a route and forward, in XDP"),
    DOES("redirect", redirect_fields, "receive and redirect a packet, in XDP"),
    DOES("kernel-forward", kernel_forward_fields, "forward a packet through the kernel"),
    DOES("upcall", upcall_fields, "handle a flow miss and insert the flow's rule"),
    DOES("complete", complete_fields, "take note of a completion: the way back of a call"),
    {.name = NULL}};

static bool cores_init(struct sim_comp *comp, struct sim_err *err) {
    const struct cores *c = (const struct cores *)comp;
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
                                 .cause = "upcall-queue-full"};
    for (int64_t i = 0; i < c->cores; i++) {
        opts.name = sim_printf(sim_comp_arena(comp), "core%lld", (long long)i);
        sim_port_add(comp, &opts);
    }
    return true;
}

/* The part of the cycles that is not whole: bytes at so many millionths of a cycle, and stalls.
 * The stall of a miss is latency * clock / parallelism = latency_ps * hz / (ppm * 1e6) cycles.
 */
static uint64_t cores_sized(const struct cores *c, const struct cores_work *work,
                            uint32_t bytes) {
    sim_u128 ppm = (uint64_t)c->memory_parallelism;
    sim_u128 part = (sim_u128)bytes * (uint64_t)work->cycles_per_byte * ppm;
    part += (sim_u128)(uint64_t)work->memory_accesses * (uint64_t)c->memory_latency *
            (uint64_t)c->clock;
    sim_u128 unit = ppm * 1000000;
    return (uint64_t)((part + unit - 1) / unit);
}

static void cores_serve(struct sim_comp *comp, struct sim_port *port,
                        const struct sim_step *step, struct sim_msg *m, sim_ps start,
                        struct sim_service *out) {
    const struct cores_work *work = step->args;
    (void)port;
    (void)start;
    out->occupancy_cycles = (uint64_t)(work->cycles + work->insert_cycles);
    if (work->cycles_per_byte || work->memory_accesses)
        out->occupancy_cycles += cores_sized((const struct cores *)comp, work, m->bytes);
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
                                      .init = cores_init,
                                      .serve = cores_serve,
                                      .pick = cores_pick};
