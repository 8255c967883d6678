/* pcie.h - the link's own: its state, its ports, and what its operations are told. */
#ifndef MODELS_PCIE_H
#define MODELS_PCIE_H

#include "models/pcie_rings.h"
#include "models/pcie_turns.h"

enum { PCIE_TAGS = PCIE_FROM_HOST + 1, PCIE_READS, PCIE_POSTS }; /* ports behind the wire */

struct pcie {
    struct sim_comp base;
    struct pcie_params link_params;
    struct pcie_link link;
    struct pcie_rings rings;
    struct pcie_turns turns;
    int64_t queue, ring, reads, tags, latency_to_host, latency_from_host;
    int64_t long_reads; /* statistics */
};

/* Arguments of "transmit" and "post". */
struct pcie_transmit {
    struct pcie_ring_args rings;
    int64_t doorbell, fetches, memory;
};

/* Arguments of "command" and "write". `queue`: whose rules a host's requests follow. */
enum pcie_queue { PCIE_QUEUE_NVME, PCIE_QUEUE_SPLIT, PCIE_QUEUE_PACKED, PCIE_QUEUES };
struct pcie_command {
    int64_t queue, batch, memory;
};
struct pcie_write {
    int64_t queue, interrupt;
};

/* Index in pcie_ops[]. */
enum pcie_op {
    PCIE_OP_WRITE,
    PCIE_OP_RECEIVE,
    PCIE_OP_REQUEST,
    PCIE_OP_COMPLETION,
    PCIE_OP_READ,
    PCIE_OP_COMPLETE,
    PCIE_OP_TRANSMIT,
    PCIE_OP_TRANSMITTED,
    PCIE_OP_POST,
    PCIE_OP_POSTED,
    PCIE_OP_WRITE_IN,
    PCIE_OP_REQUEST_IN,
    PCIE_OP_COMPLETION_OUT,
    PCIE_OP_COMMAND,
    PCIE_OPS
};

/* Parameters and statistics: pcie_params.c. Operations: pcie_steps.c. */
extern const struct sim_field pcie_fields[], pcie_stats[];
extern const struct sim_op pcie_ops[PCIE_OPS + 1];

/* Do the parameters go together? @return true; or false, and which one does not and why. */
bool pcie_check(const struct pcie *p, const char **key, const char **why);
/* For model.effect and model.prepare. */
bool pcie_effect(const struct sim_comp *comp, const char *param);
bool pcie_prepare(const struct sim_comp *comp, struct sim_step *step, struct sim_err *err);

/* Is it an operation by which the card takes a packet of the host, in order to read it? */
static inline bool pcie_takes_packet(const struct sim_op *op) {
    return op == &pcie_ops[PCIE_OP_TRANSMIT] || op == &pcie_ops[PCIE_OP_POST];
}

#endif
