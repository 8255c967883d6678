/* queue.c - the event queue in use: a wheel, or a heap where a test asks for the reference. */
#include "err.h"
#include "event.h"
#include <string.h>

void sim_queue_init(struct sim_queue *q, enum sim_queue_kind kind, struct sim_arena *arena) {
    memset(q, 0, sizeof *q);
    q->kind = kind;
    q->heap.arena = arena;
}

void sim_queue_add(struct sim_queue *q, struct sim_event *e) {
    if (q->kind == SIM_QUEUE_WHEEL)
        sim_wheel_add(&q->wheel, e);
    else
        sim_heap_add(&q->heap, e);
}

void sim_queue_cancel(struct sim_queue *q, struct sim_event *e) {
    if (!sim_event_armed(e))
        return;
    if (q->kind == SIM_QUEUE_WHEEL)
        sim_wheel_cancel(&q->wheel, e);
    else
        sim_heap_cancel(&q->heap, e);
}

struct sim_event *sim_queue_take(struct sim_queue *q, sim_ps limit) {
    struct sim_event *e = q->kind == SIM_QUEUE_WHEEL ? sim_wheel_take(&q->wheel, limit)
                                                     : sim_heap_take(&q->heap, limit);
    q->taken += e != NULL;
    return e;
}

sim_ps sim_queue_next(const struct sim_queue *q) {
    if (q->kind == SIM_QUEUE_WHEEL)
        return sim_wheel_next(&q->wheel);
    return q->heap.n ? q->heap.item[0]->time : SIM_NEVER;
}

static size_t ring_length(const struct sim_event *first) {
    size_t n = 0;
    for (const struct sim_event *e = first; e != NULL; e = e->next == first ? NULL : e->next)
        n++;
    return n;
}

size_t sim_queue_count(const struct sim_queue *q) {
    size_t n = q->heap.n, slots = sizeof q->wheel.slot / sizeof *q->wheel.slot;
    for (size_t i = 0; i < slots; i++)
        n += ring_length(q->wheel.slot[i]);
    return n;
}
