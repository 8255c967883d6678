/* pcie_rings.c - see pcie_rings.h. Whose numbers: drivers of mlx5, docs/sources.md sections 7
 * and 8; virtio's: section 3e.
 *
 * Left out: data that a driver copies into the descriptor; one descriptor for several packets
 * but for trains; the card's event queue, an entry an interrupt; of virtio: indirect
 * descriptors, suppressed notifications.
 */
#include "models/pcie_rings.h"
#include "models/train.h"

enum { MSI = 4 };                                /* bytes that an interrupt writes */
enum { HEADER = 12, DESCRIPTOR = 16, USED = 8 }; /* of virtio */
enum { LINE = 64 };

static bool virtio(const struct pcie_ring_args *how) { return how->format != RINGS_NATIVE; }

static uint64_t used_batch(const struct pcie_ring_args *how) {
    if (how->used_batch != SIM_ABSENT)
        return (uint64_t)how->used_batch;
    return how->format == RINGS_SPLIT ? LINE / USED : LINE / DESCRIPTOR;
}

void pcie_rings_start(struct pcie_rings *r, struct sim_comp *comp) {
    size_t queues = 1 + (size_t)comp->world->ports;
    for (int i = 0; i < RINGS_FORMATS; i++) {
        r->received[i] = sim_alloc_n(sim_comp_arena(comp), queues, sizeof(int64_t));
        r->sent[i] = sim_alloc_n(sim_comp_arena(comp), queues, sizeof(int64_t));
    }
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
    if (how->format == RINGS_SPLIT) {
        owe_read(l, t, RINGS_INDEX);
        owe_read(l, t, n * RINGS_ENTRY);
    }
    owe_read(l, t, n * (virtio(how) ? DESCRIPTOR : bytes));
}

/* The same for memory: of the card's own, `bytes` each. */
static void note_fetch(const struct pcie_rings *r, const struct pcie_ring_args *how,
                       int64_t bytes, struct rings_work *w) {
    bytes = virtio(how) ? DESCRIPTOR : bytes;
    w->fetched = bytes > 0 ? (uint16_t)r->descriptor_batch : 0;
    w->fetched_bytes = (uint16_t)bytes;
}

/* ---------------------------------------------------------------- completions */

/* The n-th packet is used, received or sent: what memory has of it. */
static void note_used(const struct pcie_rings *r, const struct pcie_ring_args *how, int64_t n,
                      struct rings_work *w) {
    enum {
        SHORT = 8
    }; /* in a block of a compressed session, the first entry of which is whole */
    int64_t batch = w->sends ? r->tx_completion_batch : r->completion_batch;
    if (virtio(how)) {
        w->used = (uint64_t)n % used_batch(how) == 0 ? (uint16_t)used_batch(how) : 0;
        w->used_bytes = how->format == RINGS_SPLIT ? USED : DESCRIPTOR;
        w->written = w->used;
    } else if (r->completion_bytes > 0 && n % batch == 0) {
        bool whole = w->sends || batch == 1;
        w->used = (uint16_t)(w->sends ? 1 : batch);
        w->used_bytes = (uint16_t)r->completion_bytes;
        w->written = (uint16_t)(whole ? 1 : 1 + (batch + SHORT - 1) / SHORT);
    }
}

/* Bytes of the write of used elements. */
static uint64_t used_bytes(const struct rings_work *w) {
    return (uint64_t)w->used * w->used_bytes;
}

static sim_ps complete(struct pcie_link *l, const struct rings_work *w, sim_ps start) {
    if (w->used > 0 && w->format != RINGS_NATIVE) {
        start = pcie_send_write(l, start, used_bytes(w));
        return w->format == RINGS_SPLIT ? pcie_send_write(l, start, RINGS_INDEX) : start;
    }
    for (uint32_t writes = w->written; writes > 0; writes--)
        start = pcie_send_write(l, start, w->used_bytes);
    return start;
}

/* The host's queue that m goes to or comes from. */
static uint16_t ring_of(const struct pcie_ring_args *how, const struct sim_msg *m) {
    const struct sim_step *at = how->queue;
    return at != NULL ? (uint16_t)(1 + at->comp->port[sim_pick(at->comp, at, m)]->id) : 0;
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
                          const struct pcie_ring_args *how, struct sim_msg *m, sim_ps start) {
    uint64_t written = received_bytes(r, how, m);
    sim_ps end = pcie_send_write(l, start, written);
    struct rings_work w = {.format = (uint8_t)how->format,
                           .ring = ring_of(how, m),
                           .more = (int16_t)((int64_t)written - (int64_t)m->bytes)};
    if (train_follows(m)) { /* the first of its train has told the host of it */
        rings_tell(&l->comp->node->pool, m, &w);
        return end;
    }
    int64_t n = ++r->received[how->format][w.ring];
    note_used(r, how, n, &w);
    if (n % r->descriptor_batch == 0)
        note_fetch(r, how, r->descriptor_bytes, &w);
    rings_tell(&l->comp->node->pool, m, &w);
    end = complete(l, &w, end);
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

static void owe_completion(struct pcie_link *l, const struct rings_work *w, sim_ps t) {
    if (w->used == 0)
        return;
    pcie_owe(l, PCIE_TO_HOST, t, pcie_write_bytes(l, used_bytes(w)));
    if (w->format == RINGS_SPLIT)
        pcie_owe(l, PCIE_TO_HOST, t, pcie_write_bytes(l, RINGS_INDEX));
}

/* A virtio device's header, in front of so many bytes of data and read with them. */
static void owe_header(struct pcie_link *l, uint64_t bytes, sim_ps t) {
    uint64_t asked = pcie_request_bytes(l, bytes), come = pcie_completion_bytes(l, bytes);
    pcie_owe(l, PCIE_TO_HOST, t, pcie_request_bytes(l, bytes + HEADER) - asked);
    pcie_owe(l, PCIE_FROM_HOST, t, pcie_completion_bytes(l, bytes + HEADER) - come);
}

void pcie_rings_transmit(struct pcie_rings *r, struct pcie_link *l,
                         const struct pcie_ring_args *how, bool rings, struct sim_msg *m,
                         sim_ps start) {
    uint32_t fcs = (uint32_t)r->fcs_bytes;
    m->bytes -= m->bytes > fcs ? fcs : 0;
    struct rings_work w = {
        .format = (uint8_t)how->format, .sends = true, .ring = ring_of(how, m)};
    if (train_follows(m)) { /* of a segment, whose first has brought doorbell and descriptor */
        rings_tell(&l->comp->node->pool, m, &w);
        return;
    }
    int64_t n = ++r->sent[how->format][w.ring];
    if (virtio(how)) {
        owe_header(l, m->bytes, start);
        if (m->bytes + HEADER <= (uint64_t)l->p->mrrs_bytes) /* longer ones have room for it */
            w.more = HEADER; /* in the lines of their last read */
    }
    note_used(r, how, n, &w);
    if (n % r->descriptor_batch == 0) {
        note_fetch(r, how, r->tx_descriptor_bytes, &w);
        owe_fetch(r, l, how, (uint64_t)r->tx_descriptor_bytes, start);
    }
    rings_tell(&l->comp->node->pool, m, &w);
    if (rings && n % r->doorbell_batch == 0)
        owe_doorbell(r, l, start);
    owe_completion(l, &w, start);
}
