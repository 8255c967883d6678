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
 * Left out: DDIO, NUMA, virtio and SR-IOV; the transmit ring itself (what a link's `ring`
 * holds); the application sleeping. Whose numbers: docs/sources.md sections 8 and 9; the
 * default is a poll-mode driver (DPDK); for the kernel's stack say 750 cycles.
 */
#include "models/software.h"
#include "models/software_ops.h"

struct host {
    struct sim_comp base;
    struct software_cpu cpu;
    int64_t queues, ring, tx_queue, app_queue, indirection;
};

enum { HOST_RX, HOST_TX, HOST_APP };

#define AT(member)  offsetof(struct host, member)
#define CPU(member) offsetof(struct host, cpu.member)

static const struct sim_field host_params[] = {
    {"queues", SIM_COUNT, AT(queues), 1, 64, "16", NULL,
     "receive queues, and transmit queues and application threads as many",
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

static const struct sim_field host_stats[] = {SOFTWARE_STATS(CPU){.name = NULL}};

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
#define RX(NAME, DOC, ...)   PRICED("ring", NAME, DOC, software_fields, "", __VA_ARGS__)
#define TX(NAME, DOC, ...)   PRICED("tx_queue", NAME, DOC, software_fields, "", __VA_ARGS__)
#define DOES(NAME, DOC, ...) PRICED("app_queue", NAME, DOC, software_fields, "", __VA_ARGS__)
#define TREATS(...)          PRICED("app_queue", __VA_ARGS__)

static const struct sim_op host_ops[] = {
    SOFTWARE_OP_RX(RX) SOFTWARE_OP_TX(TX)
        OPERATION("app", "work on a message: say how many cycles", app_fields, "", "app_queue")
            SOFTWARE_OPS(DOES) SOFTWARE_TREATS(TREATS){.name = NULL}};

static const struct sim_verdict host_verdicts[] = {
    SOFTWARE_VERDICT_ROWS, [SOFTWARE_VERDICTS - 1] = {NULL, NULL, NULL}};

static void host_ports(struct sim_comp *comp, const char *group, struct sim_port_opts opts) {
    const struct host *h = (const struct host *)comp;
    opts.hz = (uint64_t)h->cpu.clock;
    opts.in_order = true;
    for (int64_t i = 0; i < h->queues; i++) {
        opts.name = sim_printf(sim_comp_arena(comp), "%s%lld", group, (long long)i);
        sim_port_add(comp, &opts);
    }
}

static bool host_init(struct sim_comp *comp, struct sim_err *err) {
    struct host *h = (struct host *)comp;
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

static void host_serve(struct sim_comp *comp, struct sim_port *port,
                       const struct sim_step *step, struct sim_msg *m, sim_ps start,
                       struct sim_service *out) {
    const struct software_work *work = step->args;
    struct software_visit v = {port, step, m, start, host_group(step) == HOST_RX};
    software_serve(&((struct host *)comp)->cpu, &work->price, &v, out);
}

static uint32_t host_pick(const struct sim_comp *comp, const struct sim_step *step,
                          const struct sim_msg *m) {
    const struct host *h = (const struct host *)comp;
    return host_group(step) * h->cpu.cores + software_pick(&h->cpu, h->indirection, m);
}

static bool host_effect(const struct sim_comp *comp, const char *param) {
    return software_effect(comp, &((const struct host *)comp)->cpu, param);
}

static void host_facts(struct sim_comp *comp, void *body) {
    software_facts(comp, &((struct host *)comp)->cpu, body);
}

static void host_undo(struct sim_comp *comp) { software_undo(&((struct host *)comp)->cpu); }

const struct sim_model model_host = {.name = "host",
                                     .doc = "host: receive rings, driver, application threads",
                                     .size = sizeof(struct host),
                                     .params = host_params,
                                     .stats = host_stats,
                                     .ops = host_ops,
                                     .verdicts = host_verdicts,
                                     .init = host_init,
                                     .prepare = host_prepare,
                                     .serve = host_serve,
                                     .facts = host_facts,
                                     .undo = host_undo,
                                     .effect = host_effect,
                                     .pick = host_pick};
