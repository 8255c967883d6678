/* pcie_rings.h - what a network card's packets cause on the link besides their bytes:
 * descriptors that it fetches, completions that it writes, doorbells, interrupts.
 *
 * Rings of the card's own ("native": sizes and batches are parameters), or a virtio device's,
 * whose formats are the standard's (VIRTIO 1.2, 2.7 and 2.8, and 5.1 for its header of 12
 * bytes in front of each packet):
 * - split: a fetch reads the index of the available ring, its entries of 2 bytes, and the
 *   descriptors of 16; what is used is written as elements of 8 bytes, then the index of 2.
 * - packed: a fetch reads descriptors of 16 bytes, which say themselves that they are
 *   available; what is used is written over them.
 * Batches fill queue by queue where the chain says which of the host's queues it is (rings.h),
 * else over all together. virtio's doorbells are as the card's own. What memory
 * adds to the read of a descriptor is the step's word, not the memory block's. Each batch is
 * paid by the packet that fills it, in the direction that it takes; that packet has the host's
 * memory know (rings.h), but for interrupts, which are no write of memory's. What follows in a
 * train (train.h) causes nothing of its own.
 */
#ifndef MODELS_PCIE_RINGS_H
#define MODELS_PCIE_RINGS_H

#include "models/pcie_link.h"
#include "models/rings.h"

struct pcie_rings {
    /* parameters */
    int64_t completion_bytes, completion_batch, descriptor_bytes, tx_descriptor_bytes;
    int64_t descriptor_batch, tx_completion_batch, doorbell_bytes, doorbell_batch;
    int64_t rx_doorbell_batch;
    int64_t interrupt_batch, fcs_bytes, pad_bytes;
    /* statistics */
    int64_t doorbells, interrupts;
    /* packets so far, for the batches: [1 + ports of the world] of each format, by queue */
    int64_t *received[RINGS_FORMATS], *sent[RINGS_FORMATS];
};

/* What a step says of them. */
struct pcie_ring_args {
    int64_t format, used_batch;   /* SIM_ABSENT: one line of elements */
    const struct sim_step *queue; /* where the host's queue is picked that takes the packet, or
                                     gave it; NULL: by none. pcie_prepare */
};

/* Once all ports are there. */
void pcie_rings_start(struct pcie_rings *r, struct sim_comp *comp);

/* m is written to the host from `start` on, with what its batches call for. @return when the
 * last bit is sent. */
sim_ps pcie_rings_receive(struct pcie_rings *r, struct pcie_link *l,
                          const struct pcie_ring_args *how, struct sim_msg *m, sim_ps start);

/* The card takes m, in order to read it: m has lost its check sequence. The host's doorbell is
 * on the link where it `rings`. */
void pcie_rings_transmit(struct pcie_rings *r, struct pcie_link *l,
                         const struct pcie_ring_args *how, bool rings, struct sim_msg *m,
                         sim_ps start);

/* Reads of memory, each waiting for the one before it, until a descriptor is known. */
static inline int64_t pcie_rings_fetches(const struct pcie_rings *r, enum rings_format format) {
    if (format == RINGS_NATIVE && r->tx_descriptor_bytes == 0)
        return 0;
    return format == RINGS_SPLIT ? 3 : 1;
}

#endif
