/* msg.c - the pool of messages: a free list over one array, nothing allocated while running. */
#include "msg.h"
#include "err.h"
#include <string.h>

void sim_pool_init(struct sim_pool *pool, uint32_t capacity, uint32_t body_bytes,
                   const sim_ps *now, struct sim_arena *arena) {
    *pool = (struct sim_pool){.capacity = capacity, .free = capacity};
    pool->free_then = capacity;
    pool->now = now;
    pool->then = *now;
    pool->body_bytes = (body_bytes + 7u) & ~7u;
    pool->msg = sim_alloc_n(arena, capacity, sizeof(struct sim_msg));
    pool->bodies = sim_alloc_n(arena, capacity, pool->body_bytes);
    pool->kept = sim_alloc_n(arena, capacity, sizeof *pool->kept);
    pool->along = sim_alloc_n(arena, capacity, SIM_ALONG);
    for (uint32_t i = capacity; i-- > 0;) {
        pool->msg[i].port = SIM_NO_PORT;
        pool->msg[i].next = pool->head;
        pool->head = &pool->msg[i];
    }
}

struct sim_msg *sim_msg_new(struct sim_pool *pool) {
    struct sim_msg *m = pool->head;
    if (m == NULL)
        return NULL;
    sim_pool_at(pool);
    pool->head = m->next;
    pool->free--;
    pool->taken++;
    memset(m, 0, sizeof *m);
    return m;
}

void sim_msg_free(struct sim_pool *pool, struct sim_msg *m) {
    SIM_ASSERT(m->port != SIM_NO_PORT && !sim_event_armed(&m->arrive));
    sim_pool_at(pool);
    m->port = SIM_NO_PORT;
    m->next = pool->head;
    pool->head = m;
    pool->free++;
}
