/* scheduler_queues.c - which of a scheduler's queues a packet waits in, and whose turn it is.
 */
#include "models/scheduler.h"

uint32_t scheduler_line(struct sim_comp *comp, struct sim_port *port, const struct sim_msg *m,
                        bool must) {
    struct scheduler *s = (struct scheduler *)comp;
    uint32_t i = tenant_of(&s->whose, m);
    struct scheduler_queue *q = &s->queue[i];
    (void)port;
    s->beyond |= tenant_beyond(&s->whose, m);
    if (!must && q->held + m->bytes > (uint64_t)s->queue_bytes) {
        if (i < SCHEDULER_SHOWN)
            sim_comp_count(comp, &s->lost_of[i], sim_now(comp));
        return SIM_NO_LINE;
    }
    q->held += m->bytes;
    return i;
}

/* How long the shaper makes a packet wait that has been the next of its queue `since`. What it
 * could have let go sooner, had it kept the tokens that came while the packet before was kept
 * from the line by others, is missed. */
static sim_ps ask(struct scheduler *s, struct scheduler_shaper *shaper, uint32_t bytes,
                  sim_ps since, sim_ps now) {
    if (shaper == NULL)
        return 0;
    const struct meter *m = &shaper->meter;
    shaper->spilt += meter_spills(m, since, now);
    sim_ps wait = meter_wait(&shaper->meter, now, bytes);
    if (wait == 0 || shaper->spilt == 0)
        return wait;
    meter_tokens lack = wait * (meter_tokens)m->rate.num;
    meter_tokens missed = shaper->spilt < lack ? shaper->spilt : lack;
    if (sim_inside(s->base.world, now))
        s->missed_bits += (int64_t)(missed / (meter_tokens)m->rate.den);
    s->missed = s->missed_bits / 8;
    shaper->spilt = 0;
    return wait;
}

/* What the queue's own shaper and its tenant's make its head wait. Where it is the tenant's, it
 * is this queue's turn among those of the tenant, until it has gone. */
static sim_ps wait_of(struct scheduler *s, struct scheduler_group *g, uint32_t i,
                      const struct sim_msg *head, sim_ps now) {
    const struct scheduler_queue *q = &s->queue[i];
    sim_ps since = head->entered > q->sent ? head->entered : q->sent;
    sim_ps own = ask(s, q->shaper[0], head->bytes, since, now);
    sim_ps tenant = ask(s, q->shaper[1], head->bytes, since, now);
    if (own == 0 && tenant > 0) {
        s->closed[q->tenant] = s->choice;
        g->turn[q->tenant] = i;
    }
    return own > tenant ? own : tenant;
}

/* It is no longer this queue's turn among its tenant's. @return whether it was. */
static bool end_turn(struct scheduler_group *g, const struct scheduler_queue *q, uint32_t i) {
    if (g->turn[q->tenant] != i)
        return false;
    g->turn[q->tenant] = SIM_NO_LINE;
    return true;
}

/* May the head of the queue go now? If it waits for tokens only, not after *until; it keeps
 * what it has of the round. */
static bool may_go(struct scheduler *s, struct scheduler_group *g, uint32_t i,
                   const struct sim_msg *head, sim_ps now, sim_ps *until) {
    const struct scheduler_queue *q = &s->queue[i];
    bool others = g->turn[q->tenant] != SIM_NO_LINE && g->turn[q->tenant] != i;
    if (others || s->closed[q->tenant] == s->choice)
        return false;
    sim_ps wait = wait_of(s, g, i, head, now);
    if (wait > 0 && now + wait < *until)
        *until = now + wait;
    return wait == 0;
}

/* One queue of the group, by deficit round robin. A queue that has its share goes on with it;
 * where none may go, it stays whose turn it is. */
static uint32_t choose_of(struct scheduler *s, const struct sim_port *port,
                          struct scheduler_group *g, sim_ps now, sim_ps *until) {
    uint32_t at = g->at;
    for (uint32_t idle = 0; idle < g->n; at = at + 1 < g->n ? at + 1 : 0) {
        uint32_t i = g->queue[at];
        struct scheduler_queue *q = &s->queue[i];
        const struct sim_msg *head = sim_line_head(port, i);
        if (head == NULL) {
            q->deficit = 0;
            q->granted = false;
            idle = end_turn(g, q, i) ? 0 : idle + 1; /* others may go after all */
            continue;
        }
        if (q->granted && q->deficit < head->bytes) { /* that was its share of the round */
            q->granted = false;
            (void)end_turn(g, q, i);
            idle = 0; /* it is asked again, and so are those that its turn kept out */
            continue;
        }
        if (!may_go(s, g, i, head, now, until)) {
            idle++;
            continue;
        }
        idle = 0;
        q->deficit += q->granted ? 0 : (uint64_t)(s->quantum * q->weight);
        q->granted = q->deficit >= head->bytes;
        if (!q->granted)
            continue;
        (void)end_turn(g, q, i);
        g->at = at;
        return i;
    }
    return SIM_NO_LINE;
}

/* The packet goes: its tokens are taken. */
static void shape(struct scheduler *s, const struct scheduler_queue *q, uint32_t bytes,
                  sim_ps now) {
    bool shaped = false;
    for (int k = 0; k < SCHEDULER_SHAPERS; k++)
        if (q->shaper[k] != NULL) {
            (void)meter_shape(&q->shaper[k]->meter, now, bytes);
            shaped = true;
        }
    if (!shaped)
        return;
    s->largest = bytes > s->largest ? bytes : s->largest;
    if (sim_inside(s->base.world, now))
        s->shaped += bytes;
}

uint32_t scheduler_choose(struct sim_comp *comp, struct sim_port *port, sim_ps now,
                          sim_ps *until) {
    struct scheduler *s = (struct scheduler *)comp;
    uint32_t i = SIM_NO_LINE;
    s->choice++;
    for (uint32_t g = 0; g < s->groups && i == SIM_NO_LINE; g++)
        i = choose_of(s, port, &s->group[g], now, until);
    if (i == SIM_NO_LINE) {
        if (*until != SIM_NEVER)
            sim_comp_count(comp, &s->paced, now);
        return i;
    }
    struct scheduler_queue *q = &s->queue[i];
    uint32_t bytes = sim_line_head(port, i)->bytes;
    q->held -= bytes;
    q->deficit -= bytes;
    q->sent = now;
    shape(s, q, bytes, now);
    if (i < SCHEDULER_SHOWN && sim_inside(comp->world, now))
        s->bytes_of[i] += bytes;
    return i;
}
