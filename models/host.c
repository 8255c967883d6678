/* host.c - the host's side: receive rings, driver cost of a packet, transmit cost, and what the
 * application does with it.
 *
 * Each queue has three ports. rxN: the ring of receive descriptors and the core that polls it.
 * A ring without a free descriptor refuses: the card drops the packet before it uses the link,
 * cause "no-descriptor". A descriptor is free again when the driver has handled its packet.
 * txN: the core that posts packets to send. appN: the thread that works on them. Each port is a
 * core of its own, as in a pipeline of threads; for run-to-completion put the cycles into "rx".
 * Full tx and app queues hold messages back, so a slow application ends in refused packets. The
 * message's hash picks the queue through an indirection table, as in cores.c.
 *
 * Left out: caches and DDIO, NUMA, interrupts and moderation, batching, virtio and SR-IOV; the
 * transmit ring itself (what a link's `ring` holds). Whose numbers: docs/sources.md section 8;
 * the default is a poll-mode driver (DPDK); for the kernel's stack say 750 cycles.
 */
#include "models/software.h"

struct host {
    struct sim_comp base;
    int64_t queues, clock, ring, tx_queue, app_queue, indirection;
};

enum { HOST_RX, HOST_TX, HOST_APP };

#define AT(member) offsetof(struct host, member)

static const struct sim_field host_params[] = {
    {"queues", SIM_COUNT, AT(queues), 1, 64, "16", NULL,
     "receive queues, and transmit queues and application threads as many",
     "assumed: one a core, docs/sources.md section 8; the driver's limit is 64, mlx5-en"},
    {"clock", SIM_HZ, AT(clock), 1000000, 100000000000, "3.6GHz", NULL, "clock of the cores",
     "docs/sources.md pub:xdp-drop: kept with the cycles measured on it"},
    {"ring", SIM_COUNT, AT(ring), 1, 8192, "1024", NULL, "descriptors of a receive queue",
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
    {.name = NULL}};

static const struct sim_field host_rx[] = {
    SOFTWARE_CYCLES("83", "docs/sources.md pub:xdp-dpdk-drop; kernel: 750, pub:xdp-raw"),
    SOFTWARE_PER_BYTE,
    {.name = NULL}};
static const struct sim_field host_tx[] = {
    SOFTWARE_CYCLES("83", "assumed: sending costs what receiving does"),
    SOFTWARE_PER_BYTE,
    {.name = NULL}};
static const struct sim_field host_app[] = {
    SOFTWARE_CYCLES(NULL, NULL), SOFTWARE_PER_BYTE, {.name = NULL}};

#define DOES(NAME, DOC, FIELDS, PARAMS)                                                        \
    {                                                                                          \
        .name = NAME, .doc = DOC, .fields = FIELDS, .size = sizeof(struct software_work),      \
        .params = PARAMS                                                                       \
    }

static const struct sim_op host_ops[] = {
    [HOST_RX] = DOES("rx", "take a packet from the receive ring", host_rx, "ring"),
    [HOST_TX] = DOES("tx", "post a packet to send", host_tx, "tx_queue"),
    [HOST_APP] = DOES("app", "work on a message: say how many cycles", host_app, "app_queue"),
    {.name = NULL}};

static void host_ports(struct sim_comp *comp, const char *group, struct sim_port_opts opts) {
    const struct host *h = (const struct host *)comp;
    opts.hz = (uint64_t)h->clock;
    opts.in_order = true;
    for (int64_t i = 0; i < h->queues; i++) {
        opts.name = sim_printf(sim_comp_arena(comp), "%s%lld", group, (long long)i);
        sim_port_add(comp, &opts);
    }
}

static bool host_init(struct sim_comp *comp, struct sim_err *err) {
    const struct host *h = (const struct host *)comp;
    char path[512];
    if (h->queues > h->indirection)
        return sim_fail(err, comp->file,
                        sim_pointer(path, sizeof path, comp->pointer, "indirection"),
                        "%lld entries leave some of %lld queues without packets; use as many "
                        "entries as queues, or more",
                        (long long)h->indirection, (long long)h->queues);
    host_ports(comp, "rx",
               (struct sim_port_opts){
                   .capacity = h->ring, .full = SIM_FULL_REFUSE, .cause = "no-descriptor"});
    host_ports(comp, "tx", (struct sim_port_opts){.capacity = h->tx_queue});
    host_ports(comp, "app", (struct sim_port_opts){.capacity = h->app_queue});
    return true;
}

static void host_serve(struct sim_comp *comp, struct sim_port *port,
                       const struct sim_step *step, struct sim_msg *m, sim_ps start,
                       struct sim_service *out) {
    (void)comp;
    (void)port;
    (void)start;
    out->occupancy_cycles = software_cycles(step->args, m->bytes, 0);
}

static uint32_t host_pick(const struct sim_comp *comp, const struct sim_step *step,
                          const struct sim_msg *m) {
    const struct host *h = (const struct host *)comp;
    uint32_t queues = (uint32_t)h->queues, group = (uint32_t)(step->op - host_ops);
    return group * queues + (m->hash & (uint32_t)(h->indirection - 1)) % queues;
}

const struct sim_model model_host = {.name = "host",
                                     .doc = "host: receive rings, driver, application threads",
                                     .size = sizeof(struct host),
                                     .params = host_params,
                                     .ops = host_ops,
                                     .init = host_init,
                                     .serve = host_serve,
                                     .pick = host_pick};
