/* software_io.c - what software does to a request to a drive beyond its cycles. */
#include "models/io.h"
#include "models/software.h"
#include <string.h>

/* A request is done: what it was asked for is what it carries again. */
static enum treat_verdict complete(struct treat_call *c) {
    const struct io *io = io_of(&c->t->comp->node->pool, c->m);
    c->work = c->m->bytes;
    if (io != NULL)
        c->m->bytes = io_data(io);
    return TREAT_OK;
}

treat_fn *software_io(const char *op) {
    static const char *const completes[] = {"nvme-complete", "kernel-io-complete"};
    for (size_t i = 0; i < sizeof completes / sizeof *completes; i++)
        if (strcmp(op, completes[i]) == 0)
            return complete;
    return NULL;
}
