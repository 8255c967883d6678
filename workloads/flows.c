/* flows.c - renewal of flows, and the table that numbers five-tuples.
 *
 * Tuples are told apart by a 64-bit hash: of two million, two share one in one capture out of
 * ten million. Left out: conversations in tunnels, each direction of which is renewed with the
 * outer flow that carries it.
 */
#include "workloads/flows.h"
#include "workloads/flowset.h"
#include <string.h>

enum { FIRST_SLOTS = 1 << 10 };

/* 2^96 a / b, rounded down; at most 2^96. a, b < 2^127. */
static sim_u128 share_of(sim_u128 a, sim_u128 b) {
    sim_u128 q = 0;
    if (a >= b)
        return (sim_u128)1 << 96;
    for (int i = 0; i < 96; i++) {
        a <<= 1;
        q = q << 1 | (a >= b);
        if (a >= b)
            a -= b;
    }
    return q;
}

void work_flows_init(struct work_flows *f, uint32_t copies, uint32_t captured, sim_u128 fresh,
                     sim_u128 passes) {
    SIM_ASSERT(captured >= 1 && copies >= 1);
    /* K passes renew K fresh / passes of K F flows */
    *f = (struct work_flows){.copies = copies,
                             .captured = captured,
                             .phase = copies - 1,
                             .step = share_of(fresh, passes * captured)};
}

void work_flows_pass(struct work_flows *f) {
    if (++f->phase < f->copies)
        return;
    f->phase = 0;
    f->last = f->now;
    f->now.before = f->now.at;
    f->swept += f->step;
    f->now.at = (uint64_t)(f->swept >> 64);
}

struct work_number_slot {
    uint64_t hash;      /* of both directions; 0: free */
    uint32_t number[2]; /* 1 + that of each, by work_flow_hash.high; 0: none yet */
};

void work_numbers_init(struct work_numbers *n, struct sim_arena *arena) {
    size_t room = (size_t)1 << WORK_NUMBER_BITS;
    *n = (struct work_numbers){.slots = FIRST_SLOTS};
    n->slot = sim_alloc_n(arena, room, sizeof *n->slot);
    n->spare = sim_alloc_n(arena, room, sizeof *n->spare);
}

void work_numbers_free(struct work_numbers *n, struct sim_arena *arena) {
    n->slot = sim_grow(arena, n->slot, 0, 0);
    n->spare = sim_grow(arena, n->spare, 0, 0);
    n->slots = 0;
}

/* Where a hash is or belongs. */
static struct work_number_slot *find(const struct work_numbers *n, uint64_t hash) {
    uint32_t i = (uint32_t)hash & (n->slots - 1);
    while (n->slot[i].hash != 0 && n->slot[i].hash != hash)
        i = (i + 1) & (n->slots - 1);
    return &n->slot[i];
}

/* Move to twice as many slots, in the spare array. */
static void widen(struct work_numbers *n) {
    struct work_number_slot *from = n->slot;
    uint32_t slots = n->slots;
    n->slot = n->spare;
    n->spare = from;
    n->slots *= 2;
    for (uint32_t i = 0; i < slots; i++)
        if (from[i].hash != 0)
            *find(n, from[i].hash) = from[i];
    memset(from, 0, slots * sizeof *from);
}

/* Not 0; another one for the same tuple at another level. */
static struct work_flow_hash hash_of(const struct packet *p, uint32_t level) {
    struct work_flow_hash h = {1, 1, false};
    if (level < p->heads)
        h = work_flow_hash(&p->head[level]);
    if (level > 0) {
        h.one_way *= 0x9e3779b97f4a7c15U;
        h.both_ways *= 0x9e3779b97f4a7c15U;
    }
    return h;
}

static uint32_t beyond(uint64_t hash) { return WORK_NUMBERS + (uint32_t)(hash >> 33); }

/* The direction that came first has the smaller number. */
static uint32_t first_of(const struct work_number_slot *slot) {
    const uint32_t *n = slot->number;
    bool second = n[0] == 0 || (n[1] != 0 && n[1] < n[0]);
    return n[second] - 1;
}

struct work_numbered work_number(struct work_numbers *n, const struct packet *p,
                                 uint32_t level) {
    struct work_flow_hash h = hash_of(p, level);
    struct work_number_slot *slot = find(n, h.both_ways);
    bool is_new = slot->hash == 0;
    if (is_new || slot->number[h.high] == 0) {
        if (n->used == WORK_NUMBERS)
            return (struct work_numbered){beyond(h.one_way),
                                          is_new ? beyond(h.both_ways) : first_of(slot)};
        if (is_new && n->kept >= n->slots / 2) {
            widen(n);
            slot = find(n, h.both_ways);
        }
        slot->hash = h.both_ways;
        slot->number[h.high] = ++n->flows[level];
        n->kept += is_new;
        n->used++;
    }
    return (struct work_numbered){slot->number[h.high] - 1, first_of(slot)};
}
