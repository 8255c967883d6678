/* loop.h - a closed loop: so many requests are on their way or thinking at any time. Shared by
 * sources; what a request is is their business.
 */
#ifndef WORK_LOOP_H
#define WORK_LOOP_H

#include "workloads/source.h"

/* Births of requests to come, in order: a ring of `outstanding`. */
struct work_loop {
    sim_ps *births;
    int64_t outstanding;
    uint32_t first, waiting;
};

/* `born` of them are born at `start`; there is room for `outstanding`. */
void work_loop_init(struct work_loop *loop, int64_t outstanding, int64_t born, sim_ps start,
                    struct sim_arena *arena);

/* One more request, in order of birth: one that waits for a time-out comes behind replies that
 * overtake it. */
void work_loop_put(struct work_loop *loop, sim_ps birth);

/* The next request's birth; there is one. */
static inline sim_ps work_loop_take(struct work_loop *loop) {
    sim_ps birth = loop->births[loop->first++];
    if (loop->first == loop->outstanding)
        loop->first = 0;
    loop->waiting--;
    return birth;
}

/* The same without taking it. */
static inline sim_ps work_loop_next(const struct work_loop *loop) {
    return loop->births[loop->first];
}

/* A place in `loop` is free for a request born at `birth`. What the source has scheduled goes
 * back to `scheduled`, its own loop, when the new one comes before it. */
void work_loop_place(struct work_source *s, struct work_loop *loop, struct work_loop *scheduled,
                     sim_ps birth);

#endif
