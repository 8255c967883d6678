/* wheel.c - hierarchical timing wheel, 8 levels of 256 slots, exact to the picosecond.
 *
 * An event lies at the level of the highest byte in which its time differs from `base`, in
 * the slot that this byte names. Level 0 slots hold one picosecond each and are kept sorted
 * by tie key; higher slots are unsorted and are spread over lower levels when time reaches
 * them. Measured against the peers in docs/architecture.md.
 */
#include "err.h"
#include "event.h"

static inline uint32_t level_of(const struct sim_wheel *w, sim_ps t) {
    uint64_t x = (uint64_t)t ^ (uint64_t)w->base;
    return x ? (63u - (uint32_t)__builtin_clzll(x)) >> 3 : 0;
}

static inline uint32_t slot_of(sim_ps t, uint32_t level) {
    return (uint32_t)((uint64_t)t >> (8 * level)) & 255u;
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
        w->levels |= 1u << level;
    } else if (level == 0) {
        insert_sorted(head, e);
    } else {
        link_before(*head, e);
    }
}

static inline void clear_slot(struct sim_wheel *w, uint32_t level, uint32_t s) {
    uint64_t *used = w->used[level];
    w->slot[level][s] = NULL;
    used[s >> 6] &= ~(1ull << (s & 63));
    if (!(used[0] | used[1] | used[2] | used[3]))
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

static inline uint32_t first_slot(const uint64_t used[4]) {
    for (uint32_t k = 0; k < 3; k++)
        if (used[k])
            return k * 64 + (uint32_t)__builtin_ctzll(used[k]);
    return 192 + (uint32_t)__builtin_ctzll(used[3]);
}

/* Start of slot s of a level, given that base shares all higher bytes with it. */
static inline sim_ps slot_start(const struct sim_wheel *w, uint32_t level, uint32_t s) {
    uint64_t above = level == 7 ? 0 : (uint64_t)w->base >> (8 * level + 8) << (8 * level + 8);
    return (sim_ps)(above | (uint64_t)s << (8 * level));
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
        uint32_t s = first_slot(w->used[level]);
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
    uint32_t s = first_slot(w->used[level]);
    const struct sim_event *e = w->slot[level][s];
    return level == 0 || e->next == e ? e->time : slot_start(w, level, s);
}
