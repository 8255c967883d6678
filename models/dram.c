/* dram.c - memory as one shared resource: all channels together give bandwidth times
 * efficiency, in bursts of 64 bytes; a read waits for its data, a write is posted.
 *
 * The data bus is exact over back-to-back accesses; what leaves does so at an edge of the
 * controller's clock. The queue has no bound (routes reserve before they travel). A visit of no
 * bytes (a route's ratio of 0) takes neither bus nor time.
 *
 * Left out: channels, banks, rows and refresh, of which the efficiency is the average; the cost
 * of turning between reads and writes; caches in front. Whose numbers: docs/sources.md section
 * 6: peak from the manual's width and speed, efficiency and latency assumed.
 */
#include "sim/engine/model.h"

enum { DRAM_LINE = 64, DRAM_READ = 0, DRAM_WRITE = 1 };

struct dram {
    struct sim_comp base;
    int64_t bandwidth, efficiency, read_latency, write_latency, clock;
    int64_t bytes_read, bytes_written;
    struct sim_ser bus;
    struct sim_clock edges;
};

#define AT(member) offsetof(struct dram, member)

static const struct sim_field dram_params[] = {
    {"bandwidth", SIM_RATE, AT(bandwidth), 1000000, 1000000000000000, "89.6GB/s", NULL,
     "peak rate of all channels", "docs/sources.md bf3-manual: 16 B x 5.6 GT/s"},
    {"efficiency", SIM_RATIO, AT(efficiency), 1000, 1000000, "0.8", NULL,
     "share of the peak that accesses can use",
     "assumed: refresh takes 7 to 10 %, read-write turnarounds the rest"},
    {"read_latency", SIM_TIME, AT(read_latency), 0, 1000000000, "60ns", NULL,
     "controller and device, idle, beyond the transfer",
     "assumed: 120 ns seen by a core less mesh and cache look-ups, docs/sources.md section 6"},
    {"write_latency", SIM_TIME, AT(write_latency), 0, 1000000000, "10ns", NULL,
     "until the controller has taken a write, beyond the transfer",
     "assumed: writes are posted into the controller's queue"},
    {"clock", SIM_HZ, AT(clock), 1000000, 100000000000, "2.8GHz", NULL,
     "accesses leave at its edges", "docs/sources.md bf3-manual: half of 5.6 GT/s"},
    {.name = NULL}};

static const struct sim_field dram_stats[] = {
    {"bytes_read", SIM_BYTES, AT(bytes_read), 0, INT64_MAX, NULL, NULL,
     "bytes read over the bus, whole lines, begun in the measured window", NULL},
    {"bytes_written", SIM_BYTES, AT(bytes_written), 0, INT64_MAX, NULL, NULL,
     "bytes written over the bus, whole lines, begun in the measured window", NULL},
    {.name = NULL}};

static bool dram_init(struct sim_comp *comp, struct sim_err *err) {
    struct dram *d = (struct dram *)comp;
    (void)err;
    sim_ser_init(&d->bus,
                 sim_rate_make((uint64_t)d->bandwidth, (uint64_t)d->efficiency, 1000000));
    d->edges = sim_clock_make((uint64_t)d->clock);
    sim_port_add(comp, &(struct sim_port_opts){.name = "access"});
    return true;
}

static const struct sim_op dram_ops[] = {
    [DRAM_READ] = {.name = "read",
                   .doc = "read; goes on when the data is there",
                   .params = "read_latency"},
    [DRAM_WRITE] = {.name = "write",
                    .doc = "posted write; goes on when it is taken",
                    .params = "write_latency"},
    {.name = NULL}};

static void dram_serve(struct sim_comp *comp, struct sim_port *port,
                       const struct sim_step *step, struct sim_msg *m, sim_ps start,
                       struct sim_service *out) {
    struct dram *d = (struct dram *)comp;
    bool write = step->op == &dram_ops[DRAM_WRITE];
    int64_t lines = ((int64_t)sim_step_bytes(step, m) + DRAM_LINE - 1) / DRAM_LINE;
    (void)port;
    if (lines == 0)
        return;
    sim_ps end = sim_ser_send(&d->bus, start, (uint64_t)lines * DRAM_LINE * 8);
    sim_ps leave = end + (write ? d->write_latency : d->read_latency);
    out->occupancy_ps = end - start;
    out->latency_ps = sim_clock_edge(&d->edges, leave) - start;
    if (sim_inside(comp->world, start))
        *(write ? &d->bytes_written : &d->bytes_read) += lines * DRAM_LINE;
}

const struct sim_model model_dram = {.name = "dram",
                                     .doc = "memory: shared bandwidth, read and write latency",
                                     .size = sizeof(struct dram),
                                     .params = dram_params,
                                     .stats = dram_stats,
                                     .ops = dram_ops,
                                     .init = dram_init,
                                     .serve = dram_serve};
