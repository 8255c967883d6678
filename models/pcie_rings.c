/* pcie_rings.c - see pcie_rings.h. Whose numbers: drivers of mlx5, docs/sources.md sections 7
 * and 8.
 *
 * Left out: data that a driver copies into the descriptor; one descriptor for several packets;
 * the card's event queue, an entry an interrupt.
 */
#include "models/pcie_rings.h"

/* Bytes that the card reads and their requests, at time t. */
static void owe_fetch(struct pcie_link *l, sim_ps t, uint64_t bytes) {
    pcie_owe(l, PCIE_TO_HOST, t, pcie_request_bytes(l, bytes));
    pcie_owe(l, PCIE_FROM_HOST, t, pcie_completion_bytes(l, bytes));
}

static void owe_doorbell(struct pcie_rings *r, struct pcie_link *l, sim_ps t) {
    if (r->doorbell_bytes == 0)
        return;
    pcie_owe(l, PCIE_FROM_HOST, t, pcie_write_bytes(l, (uint64_t)r->doorbell_bytes));
    sim_comp_count(l->comp, &r->doorbells, t);
}

/* One completion entry; of a compressed session the first one whole, then blocks with 8 short
 * ones each. */
static sim_ps write_completions(struct pcie_rings *r, struct pcie_link *l, sim_ps start) {
    enum { SHORT = 8 };
    int64_t n = r->completion_batch, writes = n > 1 ? 1 + (n + SHORT - 1) / SHORT : 1;
    for (; writes > 0; writes--)
        start = pcie_send_write(l, start, (uint64_t)r->completion_bytes);
    return start;
}

/* What of a received packet is written: without its check sequence, filled up to whole lines.
 */
static uint64_t received_bytes(const struct pcie_rings *r, const struct sim_msg *m) {
    uint64_t fcs = (uint64_t)r->fcs_bytes, pad = r->pad_bytes > 0 ? (uint64_t)r->pad_bytes : 1;
    uint64_t bytes = m->bytes > fcs ? m->bytes - fcs : 0;
    return (bytes + pad - 1) & ~(pad - 1);
}

/* Posting receive descriptors rings no
 * doorbell: the card looks into a record in memory when it runs short. */
sim_ps pcie_rings_receive(struct pcie_rings *r, struct pcie_link *l, const struct sim_msg *m,
                          sim_ps start) {
    enum { MSI = 4 };
    sim_ps end = pcie_send_write(l, start, received_bytes(r, m));
    int64_t n = ++r->received;
    if (r->completion_bytes > 0 && n % r->completion_batch == 0)
        end = write_completions(r, l, end);
    if (r->interrupt_batch > 0 && n % r->interrupt_batch == 0) {
        end = pcie_send_write(l, end, MSI);
        sim_comp_count(l->comp, &r->interrupts, start);
    }
    if (n % r->descriptor_batch > 0)
        return end;
    uint64_t fetched = (uint64_t)(r->descriptor_batch * r->descriptor_bytes);
    pcie_owe(l, PCIE_FROM_HOST, start, pcie_completion_bytes(l, fetched));
    return pcie_send(l, PCIE_TO_HOST, end, pcie_request_bytes(l, fetched));
}

void pcie_rings_transmit(struct pcie_rings *r, struct pcie_link *l, struct sim_msg *m,
                         sim_ps start, bool rings) {
    uint32_t fcs = (uint32_t)r->fcs_bytes;
    m->bytes -= m->bytes > fcs ? fcs : 0;
    int64_t n = ++r->sent;
    if (n % r->descriptor_batch == 0)
        owe_fetch(l, start, (uint64_t)(r->descriptor_batch * r->tx_descriptor_bytes));
    if (rings && n % r->doorbell_batch == 0)
        owe_doorbell(r, l, start);
    if (r->completion_bytes > 0 && n % r->tx_completion_batch == 0)
        pcie_owe(l, PCIE_TO_HOST, start, pcie_write_bytes(l, (uint64_t)r->completion_bytes));
}
