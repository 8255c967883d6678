/* wheel.c - hierarchical timing wheel, 7 levels of 512 slots, exact to the picosecond.
 *
 * An event lies at the level of the highest 9-bit digit in which its time differs from
 * `base`, in the slot that this digit names. Level 0 slots hold one picosecond each and are
 * kept sorted by tie key; higher slots are unsorted and are spread over lower levels when time
 * reaches them. Measured against the peers in docs/architecture.md.
 */
#include "err.h"
#include "event.h"

static inline uint32_t index_of(const struct sim_wheel *w, sim_ps t) {
    uint64_t x = (uint64_t)t ^ (uint64_t)w->base;
    uint32_t level = (63u - (uint32_t)__builtin_clzll(x | 1)) / SIM_WHEEL_BITS;
    uint32_t digit = (uint32_t)((uint64_t)t >> (SIM_WHEEL_BITS * level));
    return level * SIM_WHEEL_SLOTS + (digit & (SIM_WHEEL_SLOTS - 1u));
}

static inline void link_before(struct sim_event *at, struct sim_event *e) {
    struct sim_event *prev = at->prev;
    e->next = at;
    e->prev = prev;
    prev->next = e;
    at->prev = e;
}

/* Insert into a level 0 slot behind all events that come before e; most come in order. */
static inline void insert_sorted(struct sim_event **head, struct sim_event *e) {
    struct sim_event *at = *head; /* the head's prev is the tail */
    struct sim_event *from = at->prev;
    while (sim_event_before(e, from)) {
        if (from == at) { /* before all */
            link_before(at, e);
            *head = e;
            return;
        }
        from = from->prev;
    }
    link_before(from->next, e);
}

void sim_wheel_add(struct sim_wheel *w, struct sim_event *e) {
    uint32_t i = index_of(w, e->time);
    struct sim_event **head = &w->slot[i];
    if (*head == NULL) {
        e->next = e->prev = e;
        *head = e;
        w->used[i >> 6] |= 1ull << (i & 63);
        w->words |= 1ull << (i >> 6);
    } else if (i < SIM_WHEEL_SLOTS) {
        insert_sorted(head, e);
    } else {
        link_before(*head, e);
    }
}

static inline void clear_slot(struct sim_wheel *w, uint32_t i) {
    uint64_t rest = w->used[i >> 6] & ~(1ull << (i & 63));
    w->slot[i] = NULL;
    w->used[i >> 6] = rest;
    w->words &= ~((uint64_t)(rest == 0) << (i >> 6));
}

static inline void unlink_event(struct sim_wheel *w, uint32_t i, struct sim_event *e) {
    if (e->next == e) {
        clear_slot(w, i);
    } else {
        e->next->prev = e->prev;
        e->prev->next = e->next;
        if (w->slot[i] == e)
            w->slot[i] = e->next;
    }
    e->next = NULL;
}

void sim_wheel_cancel(struct sim_wheel *w, struct sim_event *e) {
    unlink_event(w, index_of(w, e->time), e);
}

/* The first slot in use: the lowest one of the lowest level. Some slot is in use. */
static inline uint32_t first_slot(const struct sim_wheel *w) {
    uint32_t word = (uint32_t)__builtin_ctzll(w->words);
    return word * 64 + (uint32_t)__builtin_ctzll(w->used[word]);
}

/* When slot i starts, given that base shares all higher digits with it. */
static inline sim_ps slot_start(const struct sim_wheel *w, uint32_t i) {
    uint32_t shift = SIM_WHEEL_BITS * (i / SIM_WHEEL_SLOTS);
    uint64_t within = ((uint64_t)SIM_WHEEL_SLOTS << shift) - 1; /* of the level's whole turn */
    return (sim_ps)(((uint64_t)w->base & ~within) | (uint64_t)(i % SIM_WHEEL_SLOTS) << shift);
}

static void cascade(struct sim_wheel *w, uint32_t i) {
    struct sim_event *head = w->slot[i], *e = head;
    w->base = slot_start(w, i);
    clear_slot(w, i);
    do {
        struct sim_event *next = e->next;
        sim_wheel_add(w, e);
        e = next;
    } while (e != head);
}

/* The event that comes next will often not lie in the nearest cache. Fetch it and what lies
 * before it, which in a message is the rest of it, while this one is handled. */
static inline void fetch_next(const struct sim_wheel *w) {
    if (w->words) {
        const char *next = (const char *)w->slot[first_slot(w)];
        __builtin_prefetch(next);
        __builtin_prefetch(next - 64);
    }
}

struct sim_event *sim_wheel_take(struct sim_wheel *w, sim_ps limit) {
    while (w->words) {
        uint32_t i = first_slot(w);
        struct sim_event *e = w->slot[i];
        if (i < SIM_WHEEL_SLOTS ||
            e->next == e) { /* sorted, or alone in its slot: no cascade */
            if (e->time > limit)
                return NULL;
            unlink_event(w, i, e);
            w->base = e->time;
            fetch_next(w);
            return e;
        }
        if (slot_start(w, i) > limit)
            return NULL;
        cascade(w, i);
    }
    return NULL;
}

sim_ps sim_wheel_next(const struct sim_wheel *w) {
    if (!w->words)
        return SIM_NEVER;
    uint32_t i = first_slot(w);
    const struct sim_event *e = w->slot[i];
    return i < SIM_WHEEL_SLOTS || e->next == e ? e->time : slot_start(w, i);
}
