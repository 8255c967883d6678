/* software_io.c - what software does to a request to a drive beyond its cycles: what the
 * message carries from there on.
 */
#include "models/content.h"
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

/* The request's data; of a read, what a drive has of it, unless it is whole again. */
static enum treat_verdict arrived(struct treat_call *c) {
    const struct io *io = io_of(&c->t->comp->node->pool, c->m);
    bool packed = io != NULL && io->op == IO_READ && io->packed > 0;
    carries(c, packed ? io->packed : io != NULL ? io_data(io) : 0);
    return TREAT_OK;
}

/* So many bytes of a request are stored in whole units, or as they are if that is no more. */
static uint32_t stored(const struct treat_call *c, const struct io *io, uint64_t bytes) {
    uint64_t unit = (uint64_t)((const struct software_volume_args *)c->args)->unit;
    bytes = (bytes + unit - 1) / unit * unit;
    return bytes < io->bytes ? (uint32_t)bytes : io->bytes;
}

/* What the message carries now is what the drive gets. */
static enum treat_verdict volume_write(struct treat_call *c) {
    struct io *io = io_of(&c->t->comp->node->pool, c->m);
    if (io != NULL)
        io->packed = stored(c, io, c->m->bytes);
    carries(c, SQE);
    return TREAT_OK;
}

/* The drive has so much of what is asked for: by the sample of the stream's data, or as stated.
 */
static enum treat_verdict volume_read(struct treat_call *c) {
    const struct software_volume_args *args = c->args;
    const struct sample *sample = c->t->comp->world->stream[c->m->stream]->data;
    struct io *io = io_of(&c->t->comp->node->pool, c->m);
    uint64_t bytes = 0;
    if (io != NULL && sample != NULL && !args->stated.all) {
        if (sample->size[args->coder] == NULL)
            lanes_no_library(c->t->comp, content_lz4_missing);
        else
            bytes = sample_bytes(sample, (enum sample_coder)args->coder, io);
    } else if (lanes_take_stated(c->t->comp, c->step, &args->stated, "ratio", &c->t->stated,
                                 c->start) &&
               io != NULL) {
        bytes = ((uint64_t)io->bytes * (uint64_t)args->stated.value + MILLION - 1) / MILLION;
    }
    if (io != NULL)
        io->packed = stored(c, io, bytes);
    carries(c, SQE);
    return TREAT_OK;
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
                 {"nvme-move", arrived},           {"nvmf-command", take},
                 {"kernel-nvmf-command", take},    {"nvmf-tcp-command", take},
                 {"nvmf-data", arrived},           {"volume-write", volume_write},
                 {"volume-read", volume_read},     {"nvmf-response", answer},
                 {"kernel-nvmf-response", answer}, {"nvmf-tcp-response", answer}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(op, table[i].op) == 0)
            return table[i].does;
    return NULL;
}
