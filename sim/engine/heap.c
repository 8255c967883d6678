/* heap.c - a plain binary heap of events: the slow, obvious reference for the wheel. */
#include "event.h"

static bool before(const struct sim_event *a, const struct sim_event *b) {
    return a->time != b->time ? a->time < b->time : sim_event_before(a, b);
}

static void put(struct sim_heap *h, size_t i, struct sim_event *e) {
    h->item[i] = e;
    e->place = i;
}

static void sift_up(struct sim_heap *h, size_t i, struct sim_event *e) {
    while (i > 0 && before(e, h->item[(i - 1) / 2])) {
        put(h, i, h->item[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    put(h, i, e);
}

static void sift_down(struct sim_heap *h, size_t i, struct sim_event *e) {
    for (;;) {
        size_t c = 2 * i + 1;
        if (c >= h->n)
            break;
        if (c + 1 < h->n && before(h->item[c + 1], h->item[c]))
            c++;
        if (!before(h->item[c], e))
            break;
        put(h, i, h->item[c]);
        i = c;
    }
    put(h, i, e);
}

void sim_heap_add(struct sim_heap *h, struct sim_event *e) {
    if (h->n == h->room) {
        size_t room = h->room ? 2 * h->room : 256;
        h->item = sim_grow(h->arena, h->item, h->room * sizeof(struct sim_event *),
                           room * sizeof(struct sim_event *));
        h->room = room;
    }
    e->next = e; /* armed */
    sift_up(h, h->n++, e);
}

void sim_heap_cancel(struct sim_heap *h, struct sim_event *e) {
    size_t i = e->place;
    struct sim_event *last = h->item[--h->n];
    e->next = NULL;
    if (last == e)
        return;
    if (i > 0 && before(last, h->item[(i - 1) / 2]))
        sift_up(h, i, last);
    else
        sift_down(h, i, last);
}

struct sim_event *sim_heap_take(struct sim_heap *h, sim_ps limit) {
    if (h->n == 0 || h->item[0]->time > limit)
        return NULL;
    struct sim_event *e = h->item[0];
    sim_heap_cancel(h, e);
    return e;
}
