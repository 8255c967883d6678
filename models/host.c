/* host.c - the host's side: receive rings, driver cost of a packet, transmit cost, and what the
 * application does with it.
 *
 * Each queue has three ports. rxN: the ring of receive descriptors and the core that polls it,
 * or is interrupted. A ring without a free descriptor refuses: the card drops the packet before
 * it uses the link, cause "no-descriptor". A descriptor is free again when the driver has
 * handled its packet. txN: the core that posts packets to send. appN: the thread that works on
 * them. Each port is a core of its own, as in a pipeline of threads; for run-to-completion put
 * the cycles into "rx". Full tx and app queues hold messages back, so a slow application ends
 * in refused packets. The message's hash picks the queue through an indirection table, as in
 * cores.c. What a message costs on a core, caches and interrupts: software.h.
 *
 * Functions (SR-IOV): the card shows itself so many times, and each virtual function has queues
 * and cores of its own, those of a virtual machine; what belongs to which, the card's switch
 * knows by stream, VLAN or network. Queue q of function f is f * queues + q. Within a function
 * the hash picks.
 *
 * Trains (train.h). GRO: frames of a connection that the driver finds in one burst go on as
 * one, up to 8 connections at a time; each costs the driver its cycles, what comes behind costs
 * them once. TSO: what an application writes of a connection without a break (op write), as its
 * sequence numbers tell, is one segment for the stack and the driver, which the card cuts; what
 * is sent again is a write of its own.
 *
 * Left out: DDIO and NUMA (hostmemory.c has them); the transmit ring itself (what a link's
 * `ring` holds); the application sleeping; what a hypervisor costs. Whose numbers:
 * docs/sources.md sections 8 and 9; the default is a poll-mode driver (DPDK); for the kernel's
 * stack say 750 cycles.
 */
#include "models/software.h"
#include "models/software_ops.h"
#include "models/tenant.h"
#include "models/train.h"
#include "sim/engine/row.h"
#include <string.h>

enum { QUEUES = 256, FUNCTIONS = QUEUES, GRO = 8 }; /* of all functions; open trains */
enum { NONE, PLAIN, TUNNELS };                      /* tso */

/* The segment that an application is writing. */
struct host_segment {
    struct train train;
    sim_ps at; /* when the last of it came */
};

/* Trains of a queue's burst. */
struct host_gro {
    sim_ps burst;
    struct train train[GRO];
    uint32_t next; /* to be given up */
};

struct host {
    struct sim_comp base;
    struct software_cpu cpu;
    int64_t functions, by, queues, ring, tx_queue, app_queue, indirection;
    int64_t gro_bytes, tso, tso_bytes, tso_gap;
    int64_t gathered, segmented; /* statistics */
    const char *ids;
    struct tenants whose;
    uint64_t met[FUNCTIONS / 64]; /* functions that got something: a bit each ... */
    int64_t functions_met;        /* ... and how many they are */
    bool beyond;                  /* a packet's own function was not there */
    struct host_gro *gro;         /* [queues of all functions] */
    struct host_segment *segment; /* likewise */
};

enum { HOST_RX, HOST_TX, HOST_APP, HOST_WRITE };

#define AT(member)  offsetof(struct host, member)
#define CPU(member) offsetof(struct host, cpu.member)

static const struct sim_field host_params[] = {
    {"functions", SIM_COUNT, AT(functions), 1, FUNCTIONS, "1", NULL,
     "PCIe functions with queues and cores of their own (SR-IOV); 1: the physical one",
     "assumed: no virtual machines; docs/sources.md section 3e: a card has 64 or 126 a port"},
    {"by", SIM_ENUM, AT(by), 0, 0, "stream", TENANT_CHOICES,
     "what a packet's function is known by: " TENANT_DOC, NULL},
    {"ids", SIM_STRING, AT(ids), 0, 0, "", "number",
     "with vlan and network: whose function each is, \"10,20\"; all others go to the last one",
     NULL},
    {"queues", SIM_COUNT, AT(queues), 1, 64, "16", NULL,
     "receive queues of a function, and transmit queues and application threads as many",
     "assumed: one a core, docs/sources.md section 8; the driver's limit is 64, mlx5-en"},
    SOFTWARE_PARAMS(CPU, "x86", "3.6GHz",
                    "docs/sources.md pub:xdp-drop: kept with the cycles measured on it"){
        "ring", SIM_COUNT, AT(ring), 1, 8192, "1024", NULL, "descriptors of a receive queue",
        "docs/sources.md mlx5-en"},
    {"tx_queue", SIM_COUNT, AT(tx_queue), 1, 1 << 20, "1024", NULL,
     "messages that wait for the driver to send them, per sender and queue",
     "assumed: as long as the ring"},
    {"app_queue", SIM_COUNT, AT(app_queue), 1, 1 << 20, "1024", NULL,
     "messages that wait for an application thread, per sender and thread",
     "assumed: as long as the ring"},
    {"gro_bytes", SIM_BYTES, AT(gro_bytes), 0, TRAIN_MOST, "0", NULL,
     "most bytes of a train that the driver gathers of a burst (GRO); 0: none",
     "assumed: poll-mode drivers leave it to the application; Linux's is 64 KiB, linux-gro"},
    {"tso", SIM_ENUM, AT(tso), 0, 0, "none", "none|plain|tunnels",
     "whether segments are left to the card (TSO): never, of TCP, or of TCP in a tunnel too",
     "assumed: packets as they are; what the card can is the `tso` of its nic block"},
    {"tso_bytes", SIM_BYTES, AT(tso_bytes), 128, TRAIN_MOST, "64KiB", NULL,
     "most bytes of a segment", "docs/sources.md linux-gro: 64 KiB, an IP datagram"},
    {"tso_gap", SIM_TIME, AT(tso_gap), 0, SIM_PS_PER_S, "10us", NULL,
     "frames of a connection that come further apart are not written at once: no segment",
     "assumed: frames of 1,518 bytes at 1.2 Gb/s; what was written at once is not known"},
    {"indirection", SIM_COUNT, AT(indirection), 0, 0, "128",
     "1|2|4|8|16|32|64|128|256|512|1024", "entries of the table that maps hashes to queues",
     "docs/sources.md mlx5-en"},
    SOFTWARE_CACHES(CPU, "32KiB", "256KiB", "15MiB",
                    "assumed: a server's core of 2016, as the one of pub:xdp-drop", "12", "50",
                    "assumed: usual for this core class")
        SOFTWARE_DRAM(
            CPU, "64GiB", "assumed: a small server", "80ns",
            "assumed: local memory of a server with one socket", "6.5",
            "docs/sources.md section 9: pub:dpb-mem-rd-rnd, 94 ns over 14.6 ns a read "
            "on another server")
            SOFTWARE_STREAMS(CPU, "64", "1536", "7",
                             "docs/sources.md section 9: Broadwell, from memory", "16",
                             "docs/sources.md section 9: Broadwell, from memory")
                SOFTWARE_SYSTEM(CPU){.name = NULL}};

static const struct sim_field host_stats[] = {
    SOFTWARE_STATS(CPU){.name = "gathered",
                        .unit = SIM_COUNT,
                        .offset = AT(gathered),
                        .doc = "frames that GRO put behind another one"},
    {.name = "segmented",
     .unit = SIM_COUNT,
     .offset = AT(segmented),
     .doc = "frames left to the card as part of a segment, behind the first of each"},
    {.name = NULL}};

static const struct sim_field app_fields[] = {
    SOFTWARE_CYCLES(NULL, "cycles a message", NULL)
        SOFTWARE_PER_BYTE("0", "assumed: the payload is not touched")
            SOFTWARE_MEMORY{.name = NULL}};

#define OPERATION(NAME, DOC, FIELDS, VERDICTS, PARAMS)                                         \
    {.name = NAME,                                                                             \
     .doc = DOC,                                                                               \
     .fields = FIELDS,                                                                         \
     .size = sizeof(struct software_work),                                                     \
     .params = PARAMS,                                                                         \
     .verdicts = VERDICTS},
#define PRICED(PARAMS, NAME, DOC, FIELDS, VERDICTS, A78, A78_BYTE, A72, A72_BYTE, X86,         \
               X86_BYTE)                                                                       \
    OPERATION(NAME, DOC SOFTWARE_COSTS(A78, A78_BYTE, A72, A72_BYTE, X86, X86_BYTE), FIELDS,   \
              VERDICTS, PARAMS)
#define RX(NAME, DOC, ...) PRICED("ring gro_bytes", NAME, DOC, software_fields, "", __VA_ARGS__)
#define TX(NAME, DOC, ...) PRICED("tx_queue", NAME, DOC, software_fields, "", __VA_ARGS__)
#define WRITE(NAME, DOC, ...)                                                                  \
    PRICED("app_queue tso tso_bytes tso_gap", NAME, DOC, software_fields, "", __VA_ARGS__)
#define DOES(NAME, DOC, ...) PRICED("app_queue", NAME, DOC, software_fields, "", __VA_ARGS__)
#define TREATS(...)          PRICED("app_queue", __VA_ARGS__)

static const struct sim_op host_ops[] = {
    SOFTWARE_OP_RX(RX) SOFTWARE_OP_TX(TX)
        OPERATION("app", "work on a message: say how many cycles", app_fields, "", "app_queue")
            SOFTWARE_OP_WRITE(WRITE) SOFTWARE_OPS(DOES) SOFTWARE_TREATS(TREATS){.name = NULL}};

static const struct sim_verdict host_verdicts[] = {
    SOFTWARE_VERDICT_ROWS, [SOFTWARE_VERDICTS - 1] = {NULL, NULL, NULL}};

static void host_ports(struct sim_comp *comp, const char *group, struct sim_port_opts opts) {
    const struct host *h = (const struct host *)comp;
    opts.hz = (uint64_t)h->cpu.clock;
    opts.in_order = true;
    for (uint32_t i = 0; i < h->cpu.cores; i++) {
        opts.name = sim_printf(sim_comp_arena(comp), "%s%u", group, i);
        sim_port_add(comp, &opts);
    }
}

static bool fail_at(const struct host *h, const char *key, struct sim_err *err,
                    const char *why) {
    char at[512];
    return sim_fail(err, h->base.file, sim_pointer(at, sizeof at, h->base.pointer, key), "%s",
                    why);
}

static bool host_check(const struct host *h, struct sim_err *err) {
    if (h->functions * h->queues > QUEUES)
        return fail_at(h, "queues", err,
                       "times \"functions\" are more than 256; use fewer of either");
    if (h->gro_bytes > 0 && h->cpu.batch == 1)
        return fail_at(h, "gro_bytes", err,
                       "has no effect without \"batch\": GRO gathers what one burst brings");
    if (h->gro_bytes == 0 && h->cpu.batch > 1 && h->cpu.batch_cycles == 0)
        return fail_at(h, "batch", err,
                       "has no effect without \"batch_cycles\" or, for GRO, \"gro_bytes\"");
    return tenant_check(&h->base, h->by, h->ids, "function", err);
}

static bool read_functions(struct host *h, struct sim_err *err) {
    struct sim_arena *arena = sim_comp_arena(&h->base);
    int64_t *id = sim_alloc_n(arena, (size_t)h->functions, sizeof *id);
    h->whose = (struct tenants){(enum tenant_by)h->by, (uint32_t)h->functions, id, NULL};
    h->gro = sim_alloc_n(arena, h->cpu.cores, sizeof *h->gro);
    h->segment = sim_alloc_n(arena, h->cpu.cores, sizeof *h->segment);
    return tenant_ids(&h->base, &h->whose, h->ids, "function", id, err);
}

static bool host_init(struct sim_comp *comp, struct sim_err *err) {
    struct host *h = (struct host *)comp;
    h->cpu.cores = (uint32_t)(h->functions * h->queues);
    h->cpu.gathers = h->gro_bytes > 0;
    if (!host_check(h, err) || !read_functions(h, err))
        return false;
    host_ports(comp, "rx",
               (struct sim_port_opts){
                   .capacity = h->ring, .full = SIM_FULL_REFUSE, .cause = "no-descriptor"});
    host_ports(comp, "tx", (struct sim_port_opts){.capacity = h->tx_queue});
    host_ports(comp, "app", (struct sim_port_opts){.capacity = h->app_queue});
    return software_init(comp, &h->cpu, "queues", h->queues, h->indirection, err);
}

static bool host_prepare(const struct sim_comp *comp, struct sim_step *step,
                         struct sim_err *err) {
    return software_prepare(comp, &((const struct host *)comp)->cpu, step, err) != NULL;
}

static uint32_t host_group(const struct sim_step *step) {
    size_t op = (size_t)(step->op - host_ops);
    return op < HOST_APP ? (uint32_t)op : HOST_APP;
}

/* Where the trains of a flow are: the open one; else, for a frame that may begin one, one that
 * has ended or the place of the one that has been open longest, and for others GRO: none. */
static uint32_t train_slot(struct host_gro *g, uint64_t flow, bool may) {
    uint32_t ended = GRO;
    for (uint32_t i = 0; i < GRO; i++) {
        if (g->train[i].bytes > 0 && g->train[i].flow == flow)
            return i;
        if (g->train[i].bytes == 0 && ended == GRO)
            ended = i;
    }
    if (!may)
        return GRO;
    return ended < GRO ? ended : g->next++ % GRO;
}

/* The frame goes on behind those of its connection that the burst has brought. */
static void gather(struct host *h, uint32_t queue, struct sim_msg *m, sim_ps start) {
    struct host_gro *g = &h->gro[queue];
    sim_ps burst = h->cpu.core[queue].polled;
    if (g->burst != burst)
        *g = (struct host_gro){.burst = burst};
    const struct train_rule rule = {
        .tunnels = true, .exact = true, .most = (uint32_t)h->gro_bytes};
    bool may = train_may(m, &rule);
    uint32_t i = train_slot(g, train_flow(m), may);
    if (i == GRO || !train_take(&g->train[i], m, may, &rule))
        return;
    train_join(m);
    sim_comp_count(&h->base, &h->gathered, start);
}

/* The frame is part of the segment that is being made, or begins one. */
static void segment(struct host *h, uint32_t queue, struct sim_msg *m, sim_ps start) {
    const struct train_rule rule = {
        .tunnels = h->tso == TUNNELS, .exact = true, .most = (uint32_t)h->tso_bytes};
    struct host_segment *t = &h->segment[queue];
    if (m->entered - t->at > h->tso_gap)
        t->train.bytes = 0;
    t->at = m->entered;
    if (train_follows(m)) { /* gathered before, and now passed on: nothing joins those */
        t->train.bytes = 0;
        return;
    }
    if (!train_take(&t->train, m, train_may(m, &rule), &rule))
        return;
    train_join(m);
    sim_comp_count(&h->base, &h->segmented, start);
}

/* Its function got a packet. */
static void meet(struct host *h, const struct sim_msg *m, uint32_t function) {
    uint64_t *met = &h->met[function / 64], bit = 1ULL << function % 64;
    h->functions_met += (*met & bit) == 0;
    *met |= bit;
    h->beyond |= h->functions > 1 && tenant_beyond(&h->whose, m);
}

static void host_serve(struct sim_comp *comp, struct sim_port *port,
                       const struct sim_step *step, struct sim_msg *m, sim_ps start,
                       struct sim_service *out) {
    struct host *h = (struct host *)comp;
    const struct software_work *work = step->args;
    uint32_t group = host_group(step);
    struct software_visit v = {port, step, m, start, group == HOST_RX || work->price.woken};
    meet(h, m, port->index % h->cpu.cores / (uint32_t)h->queues);
    if (h->tso != NONE && step->op == &host_ops[HOST_WRITE])
        segment(h, port->index - HOST_APP * h->cpu.cores, m, start);
    software_serve(&h->cpu, &work->price, &v, out);
    if (group == HOST_RX && h->gro_bytes > 0)
        gather(h, port->index, m, start);
}

static uint32_t host_functions(const struct sim_comp *comp) {
    return (uint32_t)((const struct host *)comp)->functions;
}

static uint32_t host_function(const struct sim_comp *comp, const struct sim_msg *m) {
    const struct host *h = (const struct host *)comp;
    return h->functions > 1 ? tenant_of(&h->whose, m) : 0;
}

static uint32_t host_pick(const struct sim_comp *comp, const struct sim_step *step,
                          const struct sim_msg *m) {
    const struct host *h = (const struct host *)comp;
    uint32_t queues = (uint32_t)h->queues, of = host_function(comp, m) * queues;
    return host_group(step) * h->cpu.cores + of + software_pick(queues, h->indirection, m);
}

static bool host_effect(const struct sim_comp *comp, const char *param) {
    const struct host *h = (const struct host *)comp;
    if (sim_listed("tso tso_bytes tso_gap", param))
        return h->segmented > 0;
    if (sim_listed("functions by ids", param))
        return h->functions_met > 1;
    return software_effect(comp, &h->cpu, param);
}

static const char *host_remark(const struct sim_comp *comp, const char *param) {
    const struct host *h = (const struct host *)comp;
    if (sim_listed("gro_bytes", param) && h->gro_bytes > 0 && h->gathered == 0)
        return "gathered nothing: no two frames with data of one TCP connection came in a "
               "burst and were together no longer than this; say 64KiB for the kernel's, or 0";
    if (!sim_listed("functions", param))
        return NULL;
    if (h->beyond)
        return "some packets were of a class or stream beyond the last function, and went to "
               "that one; have a function for each";
    if (h->functions_met > 0 && h->functions_met < h->functions)
        return "some of them got no packet: \"by\" says what a packet's function is known by; "
               "have fewer functions, or traffic for each";
    return NULL;
}

static void host_facts(struct sim_comp *comp, void *body) {
    software_facts(comp, &((struct host *)comp)->cpu, body);
}

static enum sim_trains host_trains(const struct sim_comp *comp, const struct sim_step *step,
                                   const char **by) {
    const struct host *h = (const struct host *)comp;
    bool rx = host_group(step) == HOST_RX, write = step->op == &host_ops[HOST_WRITE];
    *by = rx ? "gro_bytes" : "tso";
    if ((rx && h->gro_bytes > 0) || (write && h->tso != NONE))
        return SIM_TRAINS_MADE;
    return train_bytes(comp, step, by);
}

static bool host_by_class(const struct sim_comp *comp) {
    const struct host *h = (const struct host *)comp;
    return h->functions > 1 && h->by == TENANT_BY_CLASS;
}

static void host_start(struct sim_comp *comp) {
    lanes_due_init(&((struct host *)comp)->cpu.due, comp, comp->ports);
}

static bool rests(const struct sim_comp *comp, const struct sim_port *port,
                  struct sim_rests *out) {
    return software_rests(&((const struct host *)comp)->cpu, port, out);
}

const struct sim_model model_host = {.name = "host",
                                     .doc = "host: receive rings, driver, application threads",
                                     .size = sizeof(struct host),
                                     .finishes = true,
                                     .params = host_params,
                                     .stats = host_stats,
                                     .ops = host_ops,
                                     .memory = "memory_bytes",
                                     .verdicts = host_verdicts,
                                     .init = host_init,
                                     .start = host_start,
                                     .prepare = host_prepare,
                                     .rests = rests,
                                     .serve = host_serve,
                                     .facts = host_facts,
                                     .effect = host_effect,
                                     .remark = host_remark,
                                     .trains = host_trains,
                                     .pick = host_pick,
                                     .by_class = host_by_class,
                                     .functions = host_functions,
                                     .function = host_function};
