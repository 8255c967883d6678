/* wheel.c - hierarchical timing wheel, 7 levels of 512 slots, exact to the picosecond.
 *
 * An event lies at the level of the highest 9-bit digit in which its time differs from
 * `base`, in the slot that this digit names. Level 0 slots hold one picosecond each and are
 * kept sorted by tie key; higher slots are unsorted and are spread over lower levels when time
 * reaches them. Measured against the peers in docs/architecture.md.
 */
#include "err.h"
#include "event.h"

static inline uint32_t level_of(const struct sim_wheel *w, sim_ps t) {
    uint64_t x = (uint64_t)t ^ (uint64_t)w->base;
    return x ? (63u - (uint32_t)__builtin_clzll(x)) / SIM_WHEEL_BITS : 0;
}

static inline uint32_t slot_of(sim_ps t, uint32_t level) {
    return (uint32_t)((uint64_t)t >> (SIM_WHEEL_BITS * level)) & (SIM_WHEEL_SLOTS - 1u);
}

static inline void link_before(struct sim_event *at, struct sim_event *e) {
    e->next = at;
    e->prev = at->prev;
    at->prev->next = e;
    at->prev = e;
}

/* Insert into a level 0 slot behind all events that come before e; most come in order. */
static void insert_sorted(struct sim_event **head, struct sim_event *e) {
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
    uint32_t level = level_of(w, e->time), s = slot_of(e->time, level);
    struct sim_event **head = &w->slot[level][s];
    if (*head == NULL) {
        e->next = e->prev = e;
        *head = e;
        w->used[level][s >> 6] |= 1ull << (s & 63);
        w->words[level] |= 1u << (s >> 6);
        w->levels |= 1u << level;
    } else if (level == 0) {
        insert_sorted(head, e);
    } else {
        link_before(*head, e);
    }
}

static inline void clear_slot(struct sim_wheel *w, uint32_t level, uint32_t s) {
    w->slot[level][s] = NULL;
    if (w->used[level][s >> 6] &= ~(1ull << (s & 63)))
        return;
    if (!(w->words[level] &= ~(1u << (s >> 6))))
        w->levels &= ~(1u << level);
}

static inline void unlink_event(struct sim_wheel *w, uint32_t level, uint32_t s,
                                struct sim_event *e) {
    if (e->next == e) {
        clear_slot(w, level, s);
    } else {
        e->next->prev = e->prev;
        e->prev->next = e->next;
        if (w->slot[level][s] == e)
            w->slot[level][s] = e->next;
    }
    e->next = NULL;
}

void sim_wheel_cancel(struct sim_wheel *w, struct sim_event *e) {
    uint32_t level = level_of(w, e->time);
    unlink_event(w, level, slot_of(e->time, level), e);
}

static inline uint32_t first_slot(const struct sim_wheel *w, uint32_t level) {
    uint32_t k = (uint32_t)__builtin_ctz(w->words[level]);
    return k * 64 + (uint32_t)__builtin_ctzll(w->used[level][k]);
}

/* Start of slot s of a level, given that base shares all higher bytes with it. */
static inline sim_ps slot_start(const struct sim_wheel *w, uint32_t level, uint32_t s) {
    uint32_t low = SIM_WHEEL_BITS * level, high = low + SIM_WHEEL_BITS;
    uint64_t above = high > 63 ? 0 : (uint64_t)w->base >> high << high;
    return (sim_ps)(above | (uint64_t)s << low);
}

static void cascade(struct sim_wheel *w, uint32_t level, uint32_t s) {
    struct sim_event *head = w->slot[level][s], *e = head;
    w->base = slot_start(w, level, s);
    clear_slot(w, level, s);
    do {
        struct sim_event *next = e->next;
        sim_wheel_add(w, e);
        e = next;
    } while (e != head);
}

struct sim_event *sim_wheel_take(struct sim_wheel *w, sim_ps limit) {
    while (w->levels) {
        uint32_t level = (uint32_t)__builtin_ctz(w->levels);
        uint32_t s = first_slot(w, level);
        struct sim_event *e = w->slot[level][s];
        if (level == 0 || e->next == e) { /* sorted, or alone in its slot: no cascade */
            if (e->time > limit)
                return NULL;
            unlink_event(w, level, s, e);
            w->base = e->time;
            return e;
        }
        if (slot_start(w, level, s) > limit)
            return NULL;
        cascade(w, level, s);
    }
    return NULL;
}

sim_ps sim_wheel_next(const struct sim_wheel *w) {
    if (!w->levels)
        return SIM_NEVER;
    uint32_t level = (uint32_t)__builtin_ctz(w->levels);
    uint32_t s = first_slot(w, level);
    const struct sim_event *e = w->slot[level][s];
    return level == 0 || e->next == e ? e->time : slot_start(w, level, s);
}
