/* software_io.c - what software does to a request to a drive beyond its cycles: what the
 * message carries from there on.
 */
#include "models/io.h"
#include "models/software.h"
#include <string.h>

/* Bytes: NVMe Base Specification 2.0, 3.3.3; VIRTIO 1.2, 5.2.6. */
enum { SQE = 64, CQE = 16, STATUS = 1, MILLION = 1000000 };

static void carries(struct treat_call *c, uint32_t bytes) {
    c->work = c->m->bytes;
    if (io_of(&c->t->comp->node->pool, c->m) != NULL)
        c->m->bytes = bytes;
}

/* A command. */
static enum treat_verdict submit(struct treat_call *c) {
    carries(c, SQE);
    return TREAT_OK;
}

/* A completion. */
static enum treat_verdict respond(struct treat_call *c) {
    carries(c, CQE);
    return TREAT_OK;
}

/* What a virtio block device says of a request; its queue's element goes with the write. */
static enum treat_verdict say_status(struct treat_call *c) {
    carries(c, STATUS);
    return TREAT_OK;
}

/* What was read; of the others a completion. */
static enum treat_verdict answer(struct treat_call *c) {
    const struct io *io = io_of(&c->t->comp->node->pool, c->m);
    carries(c, io != NULL && io->op == IO_READ ? io->bytes : CQE);
    return TREAT_OK;
}

/* A command, and the data of a write that came in its capsule. */
static enum treat_verdict take(struct treat_call *c) {
    const struct io *io = io_of(&c->t->comp->node->pool, c->m);
    bool inside = io != NULL && io->op == IO_WRITE && c->m->bytes >= SQE + io->bytes;
    carries(c, inside ? io->bytes : SQE);
    return TREAT_OK;
}

/* The request's data. */
static enum treat_verdict arrived(struct treat_call *c) {
    const struct io *io = io_of(&c->t->comp->node->pool, c->m);
    carries(c, io != NULL ? io_data(io) : 0);
    return TREAT_OK;
}

/* What the message carries now is what the drive gets. */
static enum treat_verdict volume_write(struct treat_call *c) {
    struct io *io = io_of(&c->t->comp->node->pool, c->m);
    if (io != NULL)
        io->packed = c->m->bytes;
    carries(c, SQE);
    return TREAT_OK;
}

/* The drive has so much of what is asked for. */
static enum treat_verdict volume_read(struct treat_call *c) {
    const struct lanes_stated *args = c->args;
    struct io *io = io_of(&c->t->comp->node->pool, c->m);
    if (io != NULL)
        io->packed =
            (uint32_t)(((uint64_t)io->bytes * (uint64_t)args->value + MILLION - 1) / MILLION);
    carries(c, SQE);
    return TREAT_OK;
}

/* Where a strip of a stripe with two parities lies: parities rotate over the drives. Of what is
 * written the message is a strip, its place among those of its parent; what is read lies in one
 * of the data's. */
static enum treat_verdict raid_strip(struct treat_call *c) {
    const struct software_raid_args *args = c->args;
    struct io *io = io_of(&c->t->comp->node->pool, c->m);
    c->work = c->m->bytes;
    if (io == NULL)
        return TREAT_OK;
    uint64_t strip = (uint64_t)args->strip, data = (uint64_t)args->data, drives = data + 2;
    uint64_t stripe = io->offset / (strip * data), part = io->offset / strip % data;
    uint64_t within = io->offset % strip;
    if (args->parts) {
        part = sim_part_begins(c->t->comp->world, c->m) / strip;
        within = 0;
        io->bytes = c->m->bytes;
    }
    uint64_t drive = (part + stripe) % drives;
    io->offset = (stripe * drives + drive) * strip + within;
    carries(c, SQE);
    return (int64_t)drive == args->failed ? TREAT_GONE : TREAT_OK;
}

treat_fn *software_io(const char *op) {
    static const struct {
        const char *op;
        treat_fn *does;
    } table[] = {{"virtio-submit", submit},        {"virtio-complete", arrived},
                 {"virtio-emulate", submit},       {"virtio-respond", say_status},
                 {"nvme-submit", submit},          {"kernel-io-submit", submit},
                 {"nvme-complete", arrived},       {"kernel-io-complete", arrived},
                 {"nvme-emulate", submit},         {"nvme-respond", respond},
                 {"nvmf-command", take},           {"kernel-nvmf-command", take},
                 {"nvmf-tcp-command", take},       {"nvmf-data", arrived},
                 {"volume-write", volume_write},   {"volume-read", volume_read},
                 {"raid-strip", raid_strip},       {"nvmf-response", answer},
                 {"kernel-nvmf-response", answer}, {"nvmf-tcp-response", answer}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(op, table[i].op) == 0)
            return table[i].does;
    return NULL;
}
