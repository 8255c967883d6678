/* dma.c - a card's DMA engine in front of its link: how many operations it works on, how fast
 * it takes them up, and how fast data moves between the link and the card's memory.
 *
 * Ports. "reads" and "writes" are the operations that the engine works on. A step of op "read"
 * splits into what has to be done, polls, and comes back by op "finish"; writes are posted and
 * only take their turn. Data moves in bursts of `burst_bytes` over "store" (what was read, into
 * the card's memory) and "load" (what is to be written, out of it); each operation also moves
 * its descriptor and completion, `descriptor_bytes`. The two directions share the card's
 * internal bus, on which a burst takes `bus_burst`: in one direction it is slower than the bus,
 * both together are not. Data is moved when all of it is there (store and forward).
 *
 * What was booked on the bus in a picosecond counts from the next one on, so that the order of
 * ties does not matter. Left out: several engines of one card, priorities, lists of
 * descriptors, alignment. Whose numbers: the measured card's (configs/devices/nfp6000.json);
 * the defaults are a card without limits of its own.
 */
#include "sim/engine/model.h"

enum { READS, WRITES, STORE, LOAD };

struct dma {
    struct sim_comp base;
    int64_t reads, write_issue, overhead, load_latency;
    int64_t burst_bytes, descriptor_bytes, burst, bus_burst;
    sim_ps bus_until;            /* by what was booked before `fresh_at` */
    sim_ps fresh_at, fresh_time; /* booked since */
};

#define AT(member) offsetof(struct dma, member)
#define NONE       "assumed: a card without limits of its own"

static const struct sim_field fields[] = {
    {"reads", SIM_COUNT, AT(reads), 1, 16384, "16384", NULL, "reads worked on at a time", NONE},
    {"write_issue", SIM_TIME, AT(write_issue), 0, SIM_PS_PER_S, "0ps", NULL,
     "from one write that is taken up to the next", NONE},
    {"overhead", SIM_TIME, AT(overhead), 0, SIM_PS_PER_S, "0ps", NULL,
     "queueing an operation and noticing its end, beside all data", NONE},
    {"load_latency", SIM_TIME, AT(load_latency), 0, SIM_PS_PER_S, "0ps", NULL,
     "of the card's memory, before its data comes", NONE},
    {"burst_bytes", SIM_BYTES, AT(burst_bytes), 1, 4096, "64", NULL, "moved at a time",
     "assumed: a line"},
    {"descriptor_bytes", SIM_BYTES, AT(descriptor_bytes), 0, 256, "32", NULL,
     "moved with each operation, beside its data",
     "assumed: a descriptor of 16 bytes and as much for its completion"},
    {"burst", SIM_TIME, AT(burst), 0, SIM_PS_PER_S, "0ps", NULL,
     "from one burst to the next in one direction", NONE},
    {"bus_burst", SIM_TIME, AT(bus_burst), 0, SIM_PS_PER_S, "0ps", NULL,
     "time that a burst takes of the bus that both directions share", NONE},
    {.name = NULL}};

enum { READ, FINISH, WRITE, STORED, LOADED };

static const struct sim_op ops[] = {
    [READ] = {.name = "read",
              .doc = "take up a read; the step splits into what it asks of the link, and polls",
              .port = READS,
              .params = "reads"},
    [FINISH] = {.name = "finish",
                .doc = "a read is over: the way back of \"read\"",
                .port = READS},
    [WRITE] = {.name = "write",
               .doc = "take up a write: what follows loads its data",
               .port = WRITES,
               .params = "write_issue overhead"},
    [STORED] = {.name = "store",
                .doc = "data that was read goes into the card's memory",
                .port = STORE,
                .params = "overhead burst bus_burst burst_bytes descriptor_bytes"},
    [LOADED] = {.name = "load",
                .doc = "data to be written comes out of the card's memory",
                .port = LOAD,
                .params = "burst bus_burst burst_bytes descriptor_bytes load_latency"},
    {.name = NULL}};

static bool init(struct sim_comp *comp, struct sim_err *err) {
    const struct dma *d = (const struct dma *)comp;
    char path[512];
    if (d->bus_burst > d->burst)
        return sim_fail(err, comp->file,
                        sim_pointer(path, sizeof path, comp->pointer, "bus_burst"),
                        "is longer than \"burst\": the bus would always be the slower one; "
                        "make it at most as long");
    sim_port_add(comp, &(struct sim_port_opts){.name = "reads", .servers = (uint32_t)d->reads});
    sim_port_add(comp, &(struct sim_port_opts){.name = "writes", .in_order = true});
    sim_port_add(comp,
                 &(struct sim_port_opts){.name = "store", .in_order = true, .late = true});
    sim_port_add(comp, &(struct sim_port_opts){.name = "load", .in_order = true, .late = true});
    return true;
}

/* A read is worked on while its step polls. */
static bool prepare(const struct sim_comp *comp, struct sim_step *step, struct sim_err *err) {
    (void)comp;
    if (step->op == &ops[READ] && !step->hold)
        return sim_fail(
            err, "", step->pointer,
            "\"read\" alone moves no data: \"split\" into a chain that reads it, and "
            "say \"wait\": \"poll\"");
    if (step->op == &ops[FINISH] && !step->back)
        return sim_fail(err, "", step->pointer,
                        "\"finish\" is the way back of another step; name it in its "
                        "\"complete\"");
    return true;
}

/* Move bytes of bursts from `start` on. @return when the last of them is moved. */
static sim_ps move(struct dma *d, sim_ps start, int64_t bytes) {
    if (d->fresh_at < start) {
        d->bus_until = d->bus_until > d->fresh_at ? d->bus_until : d->fresh_at;
        d->bus_until += d->fresh_time;
        d->fresh_at = start;
        d->fresh_time = 0;
    }
    sim_ps bus = d->bus_until > start ? d->bus_until : start;
    sim_ps own = bytes * d->burst / d->burst_bytes;
    sim_ps shared = bytes * d->bus_burst / d->burst_bytes;
    d->fresh_time += shared;
    return bus + shared > start + own ? bus + shared : start + own;
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    struct dma *d = (struct dma *)comp;
    (void)step;
    if (port->index >= STORE) {
        int64_t bursts = ((int64_t)m->bytes + d->burst_bytes - 1) / d->burst_bytes;
        int64_t bytes = bursts * d->burst_bytes + d->descriptor_bytes;
        out->occupancy_ps = move(d, start, bytes) - start;
        out->latency_ps =
            out->occupancy_ps + (port->index == STORE ? d->overhead : d->load_latency);
    } else if (port->index == WRITES) {
        out->occupancy_ps = d->write_issue;
        out->latency_ps = d->overhead;
    }
}

const struct sim_model model_dma = {.name = "dma",
                                    .doc = "DMA engine of a card: operations and bursts",
                                    .size = sizeof(struct dma),
                                    .params = fields,
                                    .ops = ops,
                                    .init = init,
                                    .prepare = prepare,
                                    .serve = serve};
