/* ssd.c - an NVMe drive: submission queues, controller, write buffer, flash and its map, and
 * the drive's own PCI Express link.
 *
 * What a chain says of a read: `command` (the controller takes it from its queue), `read` (the
 * flash), `send` (data and completion entry go over the drive's link). Of a write: `command`,
 * `pull` (the request for the data), a read of the memory that holds it, `pulled`; `write`
 * (the buffer, and in the background the flash), `send` (the completion entry). What lies
 * between the drive and that memory, such as a switch and its uplink, is the device's routes.
 * The doorbell and the fetch of the command are the link's above (op `command` of block pcie),
 * or a time that the step says; the drive's own link has `link_latency` twice in `command`, and
 * the packets of the fetch with the completion's.
 *
 * Models: queues with round robin or weighted arbitration; a controller that takes a command
 * each command_time and works on many; dies and channels (flash.h); the write buffer and what
 * is programmed from it (ssd_media.c); a page map with collection (ftl.h); namespaces; a cache
 * of cells with one bit, by its size; flushes with and without protection against loss of
 * power; data and completions in packets on the drive's link (pcie_link.h, in the form of the
 * published model).
 * Leaves out: the controller's own memory and the map's pages in flash; reads that the buffer
 * could answer; what the cache's content costs when it is moved on; power states and
 * temperature; errors of the media; admin commands; reads of PRP lists (a request's packets are
 * one transfer); the order of data on the link among requests under way, which are sent whole,
 * one after the other.
 * Whose numbers: docs/sources.md section 10; a drive is a set of parameters, in
 * configs/profiles.
 */
#include "models/ssd.h"

/* Bytes of a command and of a completion: NVMe Base Specification 2.0, 3.3.3. */
enum { COMMAND = 64, ENTRY = 16 };

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct ssd *d = (struct ssd *)comp;
    if (!ssd_check(d, err))
        return false;
    const char *key = pcie_link_init(&d->link, &d->link_params, comp);
    SIM_ASSERT(key == NULL);
    ssd_queues_init(d);
    sim_comp_rng(comp, "jitter", &d->jitter_rng);
    if (!sim_sampler_init(&d->jitter, SIM_DIST_EXPONENTIAL, d->command_jitter, 0,
                          sim_comp_arena(comp), err))
        return false;
    sim_port_add(comp, &(struct sim_port_opts){.name = "queues",
                                               .lines = d->queues > 1 ? (uint32_t)d->queues : 0,
                                               .capacity = d->queue_depth,
                                               .in_order = d->command_jitter == 0});
    sim_port_add(comp, &(struct sim_port_opts){.name = "media"});
    sim_port_add(comp, &(struct sim_port_opts){.name = "up", .in_order = true});
    sim_port_add(comp, &(struct sim_port_opts){.name = "down", .in_order = true});
    ssd_media_init(d);
    return true;
}

static void start(struct sim_comp *comp) { ssd_media_start((struct ssd *)comp); }

/* ---------------------------------------------------------------- commands */

/* Of the drives that are one volume, or have a namespace each in turn. */
static uint32_t share(const struct sim_comp *comp, const struct sim_msg *m) {
    const struct ssd *d = (const struct ssd *)comp;
    const struct io *io = io_of(&comp->node->pool, m);
    if (io == NULL)
        return m->hash;
    return d->stripe > 0 ? (uint32_t)(io->offset / (uint64_t)d->stripe % comp->like)
                         : io->space;
}

static void command(struct ssd *d, const struct ssd_command *how, const struct io *io,
                    sim_ps start, struct sim_service *out) {
    uint64_t size = (uint64_t)(d->capacity / d->namespaces), at = ssd_offset(d, io);
    uint64_t stripe = (uint64_t)d->stripe;
    out->occupancy_ps = d->command_time;
    out->latency_ps = how->fetch + 2 * d->link_latency + d->command_time + d->command_latency;
    if (d->command_jitter > 0)
        out->latency_ps += sim_sampler_draw(&d->jitter, &d->jitter_rng);
    if (ssd_space(d, io) >= d->namespaces || io_stored(io) > size ||
        at > size - io_stored(io)) {
        out->verdict = SSD_OUT_OF_RANGE;
        sim_comp_count(&d->base, &d->beyond, start);
    } else if (d->max_transfer > 0 && io_data(io) > d->max_transfer) {
        out->verdict = SSD_TOO_LARGE;
    }
    if (stripe > 0 && d->base.like > 1 && io->offset % stripe + io_stored(io) > stripe)
        sim_comp_count(&d->base, &d->crossing, start);
}

/* Data, if it was read, and the completion entry. */
static void send(struct ssd *d, const struct io *io, struct sim_msg *m, sim_ps start,
                 struct sim_service *out) {
    bool data = io->op == IO_READ;
    sim_ps end = pcie_send_request(&d->link, start, COMMAND); /* its share: a while ago */
    end = data ? pcie_send_write(&d->link, end, io_stored(io)) : end;
    end = pcie_send_write(&d->link, end, ENTRY);
    m->bytes = ENTRY + (data ? io_stored(io) : 0);
    out->occupancy_ps = end - start;
    out->latency_ps = end - start + d->link_latency;
}

/* One way over the link: requests for a write's data, or the data. */
static void cross(struct ssd *d, int way, const struct io *io, struct sim_msg *m, sim_ps start,
                  struct sim_service *out) {
    m->bytes = io_stored(io);
    sim_ps end = way == PCIE_TO_HOST ? pcie_send_request(&d->link, start, m->bytes)
                                     : pcie_send_completions(&d->link, way, start, m->bytes);
    out->occupancy_ps = end - start;
    out->latency_ps = end - start + d->link_latency;
}

static void media(struct ssd *d, enum ssd_op op, const struct io *io, const struct sim_msg *m,
                  sim_ps start, struct sim_service *out) {
    sim_ps waits = 0, end = start;
    d->flash.now = sim_later(d->flash.now, start);
    if (op == SSD_OP_READ)
        end = ssd_read(d, m, io, start, &waits);
    else if (op == SSD_OP_WRITE)
        end = ssd_write(d, m, io, start, &waits) + d->write_latency;
    else if (op == SSD_OP_FLUSH)
        end = ssd_flush(d, m, start);
    else
        ssd_trim(d, io, start);
    out->latency_ps = end - start;
    if (waits > 0)
        sim_wait_within(&d->base, m, start, waits);
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    struct ssd *d = (struct ssd *)comp;
    enum ssd_op op = (enum ssd_op)(step->op - ssd_ops);
    const struct io *io = io_of(&comp->node->pool, m);
    SIM_ASSERT(io != NULL);
    if (port->index >= SSD_UP)
        pcie_begin(&d->link, m);
    if (op == SSD_OP_COMMAND)
        command(d, step->args, io, start, out);
    else if (op == SSD_OP_SEND)
        send(d, io, m, start, out);
    else if (op == SSD_OP_PULL || op == SSD_OP_PULLED)
        cross(d, op == SSD_OP_PULL ? PCIE_TO_HOST : PCIE_FROM_HOST, io, m, start, out);
    else
        media(d, op, io, m, start, out);
}

/* ---------------------------------------------------------------- the model */

static const struct sim_field command_fields[] = {
    {"fetch", SIM_TIME, offsetof(struct ssd_command, fetch), 0, SIM_PS_PER_S, "0s", NULL,
     "from the doorbell until the command is at the drive's link, where no step in front "
     "says it "
     "(op \"command\" of a pcie block): a drive at a port of its own",
     NULL},
    {.name = NULL}};

const struct sim_op ssd_ops[SSD_OPS + 1] = {
    [SSD_OP_COMMAND] = {.name = "command",
                        .doc = "the controller takes the command from its queue",
                        .port = SSD_QUEUES,
                        .fields = command_fields,
                        .size = sizeof(struct ssd_command),
                        .bare = true,
                        .params = "command_time command_latency command_jitter queues "
                                  "queue_depth arbitration burst"},
    [SSD_OP_READ] = {.name = "read",
                     .doc = "read from the flash",
                     .port = SSD_MEDIA,
                     .verdicts = "",
                     .params = "read_time spare state"},
    [SSD_OP_PULL] = {.name = "pull",
                     .doc = "ask for a write's data: the memory that holds it is next",
                     .port = SSD_UP,
                     .bare = true,
                     .verdicts = ""},
    [SSD_OP_PULLED] = {.name = "pulled",
                       .doc = "the data has come over the drive's link",
                       .port = SSD_DOWN,
                       .verdicts = ""},
    [SSD_OP_WRITE] = {.name = "write",
                      .doc = "into the buffer, and behind it into the flash",
                      .port = SSD_MEDIA,
                      .verdicts = "",
                      .params =
                          "program_time erase_time buffer_bytes write_latency spare state"},
    [SSD_OP_FLUSH] = {.name = "flush",
                      .doc = "wait until all that was written before is kept",
                      .port = SSD_MEDIA,
                      .bare = true,
                      .verdicts = "",
                      .params = "protected"},
    [SSD_OP_TRIM] = {.name = "trim",
                     .doc = "what lies there is not needed any more",
                     .port = SSD_MEDIA,
                     .bare = true,
                     .verdicts = ""},
    [SSD_OP_SEND] = {.name = "send",
                     .doc = "what was read, and the completion entry, over the drive's link",
                     .port = SSD_UP,
                     .verdicts = ""},
    [SSD_OPS] = {.name = NULL}};

static const struct sim_verdict verdicts[] = {
    {"out-of-range", "drop", "command: beyond the namespace, or of one that is not there"},
    {"too-large", "drop",
     "command: more data than max_transfer; a stream's \"max_request\" makes several of it"},
    {NULL, NULL, NULL}};

const struct sim_model model_ssd = {.name = "ssd",
                                    .doc = "NVMe drive: queues, buffer, flash and its map",
                                    .size = sizeof(struct ssd),
                                    .params = ssd_fields,
                                    .stats = ssd_stats,
                                    .ops = ssd_ops,
                                    .verdicts = verdicts,
                                    .requests = true,
                                    .init = init,
                                    .start = start,
                                    .serve = serve,
                                    .share = share,
                                    .line = ssd_line,
                                    .choose = ssd_choose,
                                    .effect = ssd_effect,
                                    .remark = ssd_remark};
