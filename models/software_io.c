/* software_io.c - what software does to a request to a drive beyond its cycles: what the message
 * carries from there on.
 */
#include "models/io.h"
#include "models/software.h"
#include <string.h>

enum { SQE = 64, CQE = 16 }; /* bytes: NVMe Base Specification 2.0, 3.3.3 */

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

/* The request's data. */
static enum treat_verdict whole(struct treat_call *c) {
    const struct io *io = io_of(&c->t->comp->node->pool, c->m);
    carries(c, io != NULL ? io->bytes : 0);
    return TREAT_OK;
}

/* What was read; of the others a completion. */
static enum treat_verdict answer(struct treat_call *c) {
    const struct io *io = io_of(&c->t->comp->node->pool, c->m);
    carries(c, io != NULL && io->op == IO_READ ? io->bytes : CQE);
    return TREAT_OK;
}

treat_fn *software_io(const char *op) {
    static const struct {
        const char *op;
        treat_fn *does;
    } table[] = {{"nvme-submit", submit},
                 {"kernel-io-submit", submit},
                 {"nvme-complete", whole},
                 {"kernel-io-complete", whole},
                 {"nvme-emulate", submit},
                 {"nvme-respond", respond},
                 {"nvmf-response", answer},
                 {"kernel-nvmf-response", answer},
                 {"nvmf-tcp-response", answer}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(op, table[i].op) == 0)
            return table[i].does;
    return NULL;
}
