/* pcie_rings.h - what a network card and its driver send around packets: completion entries,
 * fetches of descriptors, doorbells, interrupts, each batch paid by the packet that fills it,
 * in the direction that it takes.
 */
#ifndef MODELS_PCIE_RINGS_H
#define MODELS_PCIE_RINGS_H

#include "models/pcie_link.h"

struct pcie_rings {
    /* parameters, read from JSON */
    int64_t completion_bytes, completion_batch, descriptor_bytes, tx_descriptor_bytes;
    int64_t descriptor_batch, tx_completion_batch, doorbell_bytes, doorbell_batch;
    int64_t interrupt_batch, fcs_bytes, pad_bytes;
    int64_t received, sent;        /* packets, for the batches */
    int64_t doorbells, interrupts; /* statistics */
};

/* A received packet, and what its batches call for. @return when the last bit is sent. */
sim_ps pcie_rings_receive(struct pcie_rings *r, struct pcie_link *l, const struct sim_msg *m,
                          sim_ps start);
/* The card takes a packet's descriptor, which it fetches with those of a batch. The message
 * leaves without its check sequence. @param rings whether the host rings for its batch */
void pcie_rings_transmit(struct pcie_rings *r, struct pcie_link *l, struct sim_msg *m,
                         sim_ps start, bool rings);

#endif
