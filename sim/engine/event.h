/* event.h - events and the queue that orders them.
 *
 * An event is a field of its owner: arming it cannot fail and allocates nothing. Equal times
 * are ordered by the full tie key (receiver, sender, sender's counter for that receiver), so
 * the order does not depend on which of several equal-time handlers happened to run first.
 * A component's own timers have sender 0 and come first.
 *
 * Two queues give the same order: a timing wheel (the one in use: 512 slots a level, the
 * lowest level one picosecond a slot, kept sorted by key) and a plain binary heap (the
 * reference in tests).
 */
#ifndef SIM_EVENT_H
#define SIM_EVENT_H

#include "mem.h"
#include "time.h"
#include <stddef.h>
#include <stdint.h>

struct sim_group;

struct sim_event {
    sim_ps time;
    uint64_t rank;          /* receiver's rank << 32 | sender's id; see sim_event_rank */
    struct sim_event *next; /* NULL: not armed */
    union {
        struct sim_event *prev; /* wheel */
        size_t place;           /* heap */
    };
    void (*fire)(struct sim_event *, struct sim_group *); /* the group whose time it is */
    uint32_t seq;   /* sender's counter; wraps, compared by difference */
    uint32_t carry; /* the owner's, free while armed */
};

static inline uint64_t sim_event_rank(uint32_t receiver, uint32_t sender) {
    return (uint64_t)receiver << 32 | sender;
}

/* Does a come before b at the same time? */
static inline bool sim_event_before(const struct sim_event *a, const struct sim_event *b) {
    if (a->rank != b->rank)
        return a->rank < b->rank;
    return (int32_t)(a->seq - b->seq) < 0;
}

/* 9 bits a level: most delays inside a card (below 262 ns) cascade once. 7 levels: 63 bits. */
enum {
    SIM_WHEEL_BITS = 9,
    SIM_WHEEL_LEVELS = 7,
    SIM_WHEEL_SLOTS = 1 << SIM_WHEEL_BITS, /* a level */
    SIM_WHEEL_WORDS = SIM_WHEEL_LEVELS * SIM_WHEEL_SLOTS / 64
};
_Static_assert(SIM_WHEEL_WORDS <= 64, "one bit of `words` each");

struct sim_wheel {
    sim_ps base;    /* time of the last event taken, or the start of the slot cascaded last */
    uint64_t words; /* bit i: used[i] is not zero; the lowest set bit leads to the first slot */
    uint64_t used[SIM_WHEEL_WORDS];
    struct sim_event *slot[SIM_WHEEL_LEVELS * SIM_WHEEL_SLOTS]; /* circular lists */
};

struct sim_heap {
    struct sim_event **item;
    size_t n, room;
    struct sim_arena *arena;
};

enum sim_queue_kind { SIM_QUEUE_WHEEL, SIM_QUEUE_HEAP };

struct sim_queue {
    enum sim_queue_kind kind;
    struct sim_wheel wheel;
    struct sim_heap heap;
    uint64_t taken; /* events taken so far */
};

void sim_queue_init(struct sim_queue *q, enum sim_queue_kind kind, struct sim_arena *arena);

/* Arm e (not armed) at e->time, which is not before the last event taken, nor before the last
 * limit up to which one was asked for. */
void sim_queue_add(struct sim_queue *q, struct sim_event *e);
/* Disarm e if it is armed. */
void sim_queue_cancel(struct sim_queue *q, struct sim_event *e);
/* Take the first event whose time is <= limit, or NULL. */
struct sim_event *sim_queue_take(struct sim_queue *q, sim_ps limit);
/* A lower bound on the time of the next event (exact for the heap), SIM_NEVER when empty. */
sim_ps sim_queue_next(const struct sim_queue *q);

/* How many events are armed. Walks over all of them: for messages about a run that stands. */
size_t sim_queue_count(const struct sim_queue *q);

static inline bool sim_event_armed(const struct sim_event *e) { return e->next != NULL; }

/* The two kinds, for queue.c and the tests. */
void sim_wheel_add(struct sim_wheel *w, struct sim_event *e);
void sim_wheel_cancel(struct sim_wheel *w, struct sim_event *e);
struct sim_event *sim_wheel_take(struct sim_wheel *w, sim_ps limit);
sim_ps sim_wheel_next(const struct sim_wheel *w);
void sim_heap_add(struct sim_heap *h, struct sim_event *e);
void sim_heap_cancel(struct sim_heap *h, struct sim_event *e);
struct sim_event *sim_heap_take(struct sim_heap *h, sim_ps limit);

#endif
