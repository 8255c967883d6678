/* loop.c - the births of a closed loop's requests. */
#include "workloads/loop.h"

static inline sim_ps *birth_at(const struct work_loop *l, int64_t i) {
    uint64_t at = (uint64_t)l->first + (uint64_t)i, room = (uint64_t)l->outstanding;
    return &l->births[at < room ? at : at - room];
}

void work_loop_init(struct work_loop *l, int64_t outstanding, int64_t born, sim_ps start,
                    struct sim_arena *arena) {
    *l = (struct work_loop){.outstanding = outstanding};
    l->births = sim_alloc_n(arena, (size_t)outstanding, sizeof *l->births);
    for (int64_t i = 0; i < born; i++)
        work_loop_put(l, start);
}

void work_loop_put(struct work_loop *l, sim_ps birth) {
    int64_t i = l->waiting++;
    SIM_ASSERT(i < l->outstanding);
    for (; i > 0 && *birth_at(l, i - 1) > birth; i--)
        *birth_at(l, i) = *birth_at(l, i - 1);
    *birth_at(l, i) = birth;
}

void work_loop_place(struct work_source *s, struct work_loop *loop, struct work_loop *scheduled,
                     sim_ps birth) {
    if (s->stopped)
        return;
    bool sooner = s->ready && birth < s->due;
    if (sooner)
        work_loop_put(scheduled, s->due);
    work_loop_put(loop, birth);
    if (sooner)
        work_source_again(s);
    else
        work_source_wake(s);
}
