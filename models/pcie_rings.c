/* pcie_rings.c - see pcie_rings.h. Whose numbers: drivers of mlx5, docs/sources.md sections 7
 * and 8; virtio's: section 3e.
 *
 * Left out: data that a driver copies into the descriptor; one descriptor for several packets
 * but for trains; the card's event queue, an entry an interrupt; of virtio: indirect
 * descriptors, suppressed notifications.
 */
#include "models/pcie_rings.h"
#include "models/train.h"

enum { MSI = 4 }; /* bytes that an interrupt writes */
enum { HEADER = 12, DESCRIPTOR = 16, ENTRY = 2, USED = 8, INDEX = 2 }; /* of virtio */
enum { LINE = 64 };

static bool virtio(const struct pcie_ring_args *how) { return how->format != PCIE_NATIVE; }

static uint64_t used_batch(const struct pcie_ring_args *how) {
    if (how->used_batch != SIM_ABSENT)
        return (uint64_t)how->used_batch;
    return how->format == PCIE_SPLIT ? LINE / USED : LINE / DESCRIPTOR;
}

/* ---------------------------------------------------------------- descriptors */

static void owe_read(struct pcie_link *l, sim_ps t, uint64_t bytes) {
    pcie_owe(l, PCIE_TO_HOST, t, pcie_request_bytes(l, bytes));
    pcie_owe(l, PCIE_FROM_HOST, t, pcie_completion_bytes(l, bytes));
}

static void owe_doorbell(struct pcie_rings *r, struct pcie_link *l, sim_ps t) {
    if (r->doorbell_bytes == 0)
        return;
    pcie_owe(l, PCIE_FROM_HOST, t, pcie_write_bytes(l, (uint64_t)r->doorbell_bytes));
    sim_comp_count(l->comp, &r->doorbells, t);
}

/* A batch of descriptors of `bytes` each is read, in the way of the format. */
static void owe_fetch(const struct pcie_rings *r, struct pcie_link *l,
                      const struct pcie_ring_args *how, uint64_t bytes, sim_ps t) {
    uint64_t n = (uint64_t)r->descriptor_batch;
    if (how->format == PCIE_SPLIT) {
        owe_read(l, t, INDEX);
        owe_read(l, t, n * ENTRY);
    }
    owe_read(l, t, n * (virtio(how) ? DESCRIPTOR : bytes));
}

/* ---------------------------------------------------------------- completions */

/* Of a batch of n that a virtio device has used. @return bytes of the write of elements. */
static uint64_t used_bytes(const struct pcie_ring_args *how) {
    return used_batch(how) * (how->format == PCIE_SPLIT ? USED : DESCRIPTOR);
}

static sim_ps write_used(struct pcie_link *l, const struct pcie_ring_args *how, sim_ps start) {
    start = pcie_send_write(l, start, used_bytes(how));
    return how->format == PCIE_SPLIT ? pcie_send_write(l, start, INDEX) : start;
}

/* One completion entry; of a compressed session the first one whole, then blocks with 8 short
 * ones each. */
static sim_ps write_completions(const struct pcie_rings *r, struct pcie_link *l, sim_ps start) {
    enum { SHORT = 8 };
    int64_t n = r->completion_batch, writes = n > 1 ? 1 + (n + SHORT - 1) / SHORT : 1;
    for (; writes > 0; writes--)
        start = pcie_send_write(l, start, (uint64_t)r->completion_bytes);
    return start;
}

static sim_ps complete(const struct pcie_rings *r, struct pcie_link *l,
                       const struct pcie_ring_args *how, int64_t n, sim_ps start) {
    if (virtio(how))
        return (uint64_t)n % used_batch(how) == 0 ? write_used(l, how, start) : start;
    if (r->completion_bytes > 0 && n % r->completion_batch == 0)
        return write_completions(r, l, start);
    return start;
}

/* ---------------------------------------------------------------- receive */

/* What of a received packet is written: without its check sequence, filled up to whole lines.
 */
static uint64_t received_bytes(const struct pcie_rings *r, const struct pcie_ring_args *how,
                               const struct sim_msg *m) {
    uint64_t fcs = (uint64_t)r->fcs_bytes, pad = r->pad_bytes > 0 ? (uint64_t)r->pad_bytes : 1;
    uint64_t bytes = m->bytes > fcs ? m->bytes - fcs : 0;
    if (train_follows(m)) /* right behind the first */
        return bytes;
    bytes += virtio(how) ? HEADER : 0;
    return (bytes + pad - 1) & ~(pad - 1);
}

sim_ps pcie_rings_receive(struct pcie_rings *r, struct pcie_link *l,
                          const struct pcie_ring_args *how, const struct sim_msg *m,
                          sim_ps start) {
    sim_ps end = pcie_send_write(l, start, received_bytes(r, how, m));
    if (train_follows(m)) /* the first of its train has told the host of it */
        return end;
    int64_t n = ++r->received[how->format];
    end = complete(r, l, how, n, end);
    if (r->interrupt_batch > 0 && n % r->interrupt_batch == 0) {
        end = pcie_send_write(l, end, MSI);
        sim_comp_count(l->comp, &r->interrupts, start);
    }
    if (r->rx_doorbell_batch > 0 && n % r->rx_doorbell_batch == 0)
        owe_doorbell(r, l, start);
    if (n % r->descriptor_batch > 0)
        return end;
    if (virtio(how)) {
        owe_fetch(r, l, how, 0, start);
        return end;
    }
    uint64_t fetched = (uint64_t)(r->descriptor_batch * r->descriptor_bytes);
    pcie_owe(l, PCIE_FROM_HOST, start, pcie_completion_bytes(l, fetched));
    return pcie_send_request(l, end, fetched);
}

/* ---------------------------------------------------------------- transmit */

static void owe_completion(const struct pcie_rings *r, struct pcie_link *l,
                           const struct pcie_ring_args *how, int64_t n, sim_ps t) {
    if (!virtio(how)) {
        if (r->completion_bytes > 0 && n % r->tx_completion_batch == 0)
            pcie_owe(l, PCIE_TO_HOST, t, pcie_write_bytes(l, (uint64_t)r->completion_bytes));
        return;
    }
    if ((uint64_t)n % used_batch(how) > 0)
        return;
    pcie_owe(l, PCIE_TO_HOST, t, pcie_write_bytes(l, used_bytes(how)));
    if (how->format == PCIE_SPLIT)
        pcie_owe(l, PCIE_TO_HOST, t, pcie_write_bytes(l, INDEX));
}

void pcie_rings_transmit(struct pcie_rings *r, struct pcie_link *l,
                         const struct pcie_ring_args *how, bool rings, struct sim_msg *m,
                         sim_ps start) {
    uint32_t fcs = (uint32_t)r->fcs_bytes;
    m->bytes -= m->bytes > fcs ? fcs : 0;
    if (train_follows(m)) /* of a segment, whose first has brought doorbell and descriptor */
        return;
    if (virtio(how)) /* in front of the data, in the same read */
        pcie_owe(l, PCIE_FROM_HOST, start, HEADER);
    int64_t n = ++r->sent[how->format];
    if (n % r->descriptor_batch == 0)
        owe_fetch(r, l, how, (uint64_t)r->tx_descriptor_bytes, start);
    if (rings && n % r->doorbell_batch == 0)
        owe_doorbell(r, l, start);
    owe_completion(r, l, how, n, start);
}
