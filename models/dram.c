/* dram.c - memory as one shared resource: all channels together give bandwidth times
 * efficiency, in bursts of 64 bytes; a read waits for its data, a write is posted.
 *
 * The data bus is exact over back-to-back accesses; what leaves does so at an edge of the
 * controller's clock. The queue has no bound (routes reserve before they travel). A visit of no
 * bytes (a route's ratio of 0) takes neither bus nor time.
 *
 * A fill is what a core waits for when accesses of a message miss its caches: so many lines
 * over the bus, in rounds of as many as the core overlaps. The first round is the visit itself.
 * Each further one costs the latency that the core sees in an idle memory, and waits for the
 * bus as long as the first one did: so a loaded memory slows the core, and the core loads the
 * memory. Messages that miss less than a line fill one line in so many of them. Of a stream the
 * bus carries lines while others are under way: it takes the longer of the two. What the core
 * has done meanwhile it need not wait for; lines written back it never waits for.
 *
 * Left out: channels, banks, rows and refresh, of which the efficiency is the average; the cost
 * of turning between reads and writes; caches in front. Whose numbers: docs/sources.md section
 * 6: peak from the manual's width and speed, efficiency and latency assumed.
 */
#include "models/memory.h"
#include "sim/engine/model.h"

enum { DRAM_LINE = 64, DRAM_READ = 0, DRAM_WRITE = 1, DRAM_FILL = 2, ONE = 1000000 };

struct dram {
    struct sim_comp base;
    int64_t bandwidth, efficiency, read_latency, write_latency, clock;
    int64_t bytes_read, bytes_written;
    uint64_t part, back; /* of fills: millionths of a line not yet read, not yet written back */
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
    [DRAM_FILL] = {.name = "fill",
                   .doc = "for a polling call of a core: the lines that its step's accesses "
                          "miss in the caches",
                   .size = sizeof(struct memory_fill),
                   .params = "read_latency write_latency"},
    {.name = NULL}};

/* Only a core's step knows what it misses. */
static bool dram_prepare(const struct sim_comp *comp, struct sim_step *step,
                         struct sim_err *err) {
    char path[512];
    (void)comp;
    return step->op != &dram_ops[DRAM_FILL] || step->called ||
           sim_fail(err, "", sim_pointer(path, sizeof path, step->pointer, "op"),
                    "\"fill\" is for a call of a core's step: \"call\": {\"at\": ..., "
                    "\"op\": \"fill\"}, \"wait\": \"poll\"; else use \"read\"");
}

/* Whole lines of those that are due. */
static int64_t whole(uint64_t *due, uint64_t more) {
    *due += more;
    uint64_t lines = *due / ONE;
    *due %= ONE;
    return (int64_t)lines;
}

/* What so many lines take in rounds, when each round waits so long for the bus. */
static sim_ps rounds(const struct memory_fill *fill, uint64_t lines, sim_ps wait) {
    uint64_t overlapped = (uint64_t)fill->parallelism;
    sim_u128 each = (uint64_t)(wait + fill->latency);
    return (sim_ps)((each * lines + overlapped - 1) / overlapped);
}

/* When the lines of a fill are there, which came and then left the bus at `end`. */
static sim_ps filled(const struct memory_fill *fill, int64_t lines, sim_ps came, sim_ps start,
                     sim_ps end, sim_ps latency) {
    uint64_t all = (uint64_t)lines * ONE, first = (uint64_t)fill->parallelism;
    sim_ps leave = end + latency;
    if (fill->stream) {
        sim_ps under_way = came + rounds(fill, all, 0);
        leave = leave > under_way ? leave : under_way;
    } else if (all > first) {
        leave += rounds(fill, all - first, start - came);
    }
    return leave - end > fill->beside ? leave - fill->beside : end;
}

static void fill_serve(struct dram *d, const struct memory_fill *fill, sim_ps came,
                       sim_ps start, struct sim_service *out) {
    int64_t lines = whole(&d->part, fill->misses), back = whole(&d->back, fill->back);
    if (lines + back == 0)
        return;
    sim_ps latency = fill->writes ? d->write_latency : d->read_latency;
    sim_ps end = sim_ser_send(&d->bus, start, (uint64_t)(lines + back) * DRAM_LINE * 8);
    sim_ps leave = lines ? filled(fill, lines, came, start, end, latency) : end;
    out->occupancy_ps = end - start;
    out->latency_ps = sim_clock_edge(&d->edges, leave) - start;
    if (!sim_inside(d->base.world, start))
        return;
    *(fill->writes ? &d->bytes_written : &d->bytes_read) += lines * DRAM_LINE;
    d->bytes_written += back * DRAM_LINE;
}

static void dram_serve(struct sim_comp *comp, struct sim_port *port,
                       const struct sim_step *step, struct sim_msg *m, sim_ps start,
                       struct sim_service *out) {
    struct dram *d = (struct dram *)comp;
    bool write = step->op == &dram_ops[DRAM_WRITE];
    int64_t lines = ((int64_t)sim_step_bytes(step, m) + DRAM_LINE - 1) / DRAM_LINE;
    (void)port;
    if (step->op == &dram_ops[DRAM_FILL]) {
        fill_serve(d, step->args, m->entered, start, out);
        return;
    }
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
                                     .prepare = dram_prepare,
                                     .serve = dram_serve};
