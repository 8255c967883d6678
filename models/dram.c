/* dram.c - memory as one shared resource: all channels together give bandwidth times
 * efficiency, in bursts of 64 bytes; a read waits for its data, a write is posted.
 *
 * The data bus is exact over back-to-back accesses; what leaves does so at an edge of the
 * controller's clock. The queue has no bound (routes reserve before they travel). A visit of no
 * bytes (a route's ratio of 0) takes neither bus nor time.
 *
 * A fill is what a core waits for when accesses of a message miss its caches: so many lines
 * over the bus, of which the core has as many under way at a time as it overlaps. In an idle
 * memory that takes the transfer of all, the latency of the memory for the first ones and, for
 * as many as the core overlaps of the rest, the latency that the core sees. They go over the
 * bus in parts of as many as are under way at a time, spread evenly over that time, and each
 * part waits its turn among the lines of others. So a loaded memory slows the core, the core
 * loads the memory no more than it can, and both go by lines, however many of them a message
 * holds. Messages that miss less than a line fill one line in so many of them. Of a stream the
 * bus carries lines while others are under way: it takes the longer of the two. What the core
 * has done meanwhile it need not wait for; lines written back it waits for as long as the bus
 * takes to carry them.
 *
 * Left out: channels, banks, rows and refresh, of which the efficiency is the average; the cost
 * of turning between reads and writes; caches in front. Whose numbers: docs/sources.md section
 * 6: peak from the manual's width and speed, efficiency and latency assumed.
 */
#include "models/memory.h"
#include "sim/engine/model.h"

enum { DRAM_LINE = 64, DRAM_READ = 0, DRAM_WRITE = 1, DRAM_FILL = 2, ONE = 1000000 };

/* What is left of a message's fill: lines, and the time that it takes beyond their transfer. */
struct dram_left {
    uint32_t lines, back;
    sim_ps pause;
};

struct dram {
    struct sim_comp base;
    int64_t bandwidth, efficiency, read_latency, write_latency, clock;
    int64_t bytes_read, bytes_written;
    uint64_t part, back; /* of fills: millionths of a line not yet read, not yet written back */
    struct sim_ser bus;
    struct sim_clock edges;
    struct dram_left *left; /* [messages], where there are fills */
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
                   .parts = true,
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

static void dram_start(struct sim_comp *comp) {
    struct dram *d = (struct dram *)comp;
    const struct sim_world *w = comp->world;
    for (uint32_t i = 0; i < w->steps && d->left == NULL; i++)
        if (w->step[i].comp == comp && w->step[i].op == &dram_ops[DRAM_FILL])
            d->left =
                sim_alloc_n(sim_comp_arena(comp), comp->node->pool.capacity, sizeof *d->left);
}

/* Whole lines of those that are due. */
static uint32_t whole(uint64_t *due, uint64_t more) {
    *due += more;
    uint64_t lines = *due / ONE;
    *due %= ONE;
    return (uint32_t)lines;
}

/* What so many millionths of a line take, as many under way at a time as the core overlaps. */
static sim_ps rounds(const struct memory_fill *fill, uint64_t lines) {
    uint64_t overlapped = (uint64_t)fill->parallelism;
    sim_u128 all = (sim_u128)(uint64_t)fill->latency * lines;
    return (sim_ps)((all + overlapped - 1) / overlapped);
}

/* How long the core waits for so many lines beyond their transfer and that of the lines that
 * are written back, when nobody else is there. */
static sim_ps pause_of(const struct dram *d, const struct memory_fill *fill,
                       const struct dram_left *left) {
    uint64_t all = (uint64_t)left->lines * ONE, first = (uint64_t)fill->parallelism;
    sim_ps pause = fill->writes ? d->write_latency : d->read_latency;
    if (left->lines == 0)
        return 0;
    if (fill->stream) {
        uint64_t bytes = ((uint64_t)left->lines + left->back) * DRAM_LINE;
        sim_ps rest = rounds(fill, all) - sim_rate_span(d->bus.rate, bytes);
        pause = pause > rest ? pause : rest;
    } else if (all > first) {
        pause += rounds(fill, all - first);
    }
    return pause > fill->beside ? pause - fill->beside : 0;
}

/* The next part of a fill: even ones. It is taken off what is left. */
static struct dram_left next_part(const struct memory_fill *fill, struct dram_left *left) {
    uint32_t all = left->lines + left->back;
    uint32_t most = (uint32_t)((fill->parallelism + ONE - 1) / ONE);
    uint32_t parts = (all + most - 1) / most, n = (all + parts - 1) / parts;
    uint32_t back = (uint32_t)((uint64_t)left->back * n / all);
    struct dram_left part = {n - back, back,
                             (sim_ps)((sim_u128)(uint64_t)left->pause * n / all)};
    left->lines -= part.lines;
    left->back -= part.back;
    left->pause -= part.pause;
    return part;
}

static void fill_serve(struct dram *d, const struct memory_fill *fill, const struct sim_msg *m,
                       sim_ps start, struct sim_service *out) {
    struct dram_left *left = &d->left[m - d->base.node->pool.msg];
    bool first = left->lines + left->back == 0;
    if (first) {
        left->lines = whole(&d->part, fill->misses);
        left->back = whole(&d->back, fill->back);
        left->pause = pause_of(d, fill, left);
        if (left->lines + left->back == 0)
            return;
    }
    struct dram_left part = next_part(fill, left);
    /* it came back over the least of ways, a picosecond: the bus need not have stood */
    sim_ps from = first ? start : start - 1;
    sim_ps end =
        sim_ser_send(&d->bus, from, (uint64_t)(part.lines + part.back) * DRAM_LINE * 8);
    end = end > start ? end : start;
    out->again = left->lines + left->back > 0;
    out->occupancy_ps = end - start;
    sim_ps leave = end + part.pause;
    out->latency_ps = (out->again ? leave : sim_clock_edge(&d->edges, leave)) - start;
    if (!sim_inside(d->base.world, start))
        return;
    *(fill->writes ? &d->bytes_written : &d->bytes_read) += (int64_t)part.lines * DRAM_LINE;
    d->bytes_written += (int64_t)part.back * DRAM_LINE;
}

static void dram_serve(struct sim_comp *comp, struct sim_port *port,
                       const struct sim_step *step, struct sim_msg *m, sim_ps start,
                       struct sim_service *out) {
    struct dram *d = (struct dram *)comp;
    bool write = step->op == &dram_ops[DRAM_WRITE];
    int64_t lines = ((int64_t)sim_step_bytes(step, m) + DRAM_LINE - 1) / DRAM_LINE;
    (void)port;
    if (step->op == &dram_ops[DRAM_FILL]) {
        fill_serve(d, step->args, m, start, out);
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
                                     .start = dram_start,
                                     .serve = dram_serve};
