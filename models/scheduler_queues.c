/* scheduler_queues.c - which of a scheduler's queues a packet waits in, and whose turn it is.
 */
#include "models/scheduler.h"

/* A shaper is a resource that each packet of its queues takes for its bytes at its rate: it is
 * at work while its rate brings what packets have taken. */
static void work(struct scheduler *s, struct scheduler_shaper *a, sim_ps now) {
    sim_ps worked = now - a->at < a->owed ? now - a->at : a->owed;
    const struct sim_keeps keeps = {a->at, a->at, a->at + worked, 1};
    sim_keep_aside(&s->base, a->port, &keeps);
    a->owed -= worked;
    a->at = now;
}

static void ask_shapers(struct scheduler *s, const struct scheduler_queue *q,
                        const struct sim_msg *m) {
    for (int k = 0; k < SCHEDULER_SHAPERS; k++)
        if (q->shaper[k] != NULL)
            sim_ask_aside(&s->base, q->shaper[k]->port, m,
                          sim_rate_span(q->shaper[k]->meter.rate, m->bytes));
}

uint32_t scheduler_line(struct sim_comp *comp, struct sim_port *port, const struct sim_msg *m,
                        bool must) {
    struct scheduler *s = (struct scheduler *)comp;
    uint32_t i = tenant_of(&s->whose, m);
    struct scheduler_queue *q = &s->queue[i];
    (void)port;
    s->beyond |= tenant_beyond(&s->whose, m);
    ask_shapers(s, q, m);
    if (!must && q->held + m->bytes > s->room) {
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
    work(s, shaper, now);
    shaper->spilt += meter_spills(m, since, now);
    sim_ps wait = meter_wait(&shaper->meter, now, bytes);
    shaper->stops |= wait > 0;
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

/* Since when a packet has been the next of its queue. */
static sim_ps next_since(const struct scheduler_queue *q, const struct sim_msg *head) {
    return head->entered > q->sent ? head->entered : q->sent;
}

/* What the queue's own shaper and its tenant's make its head wait. Where it is the tenant's, it
 * is this queue's turn among those of the tenant, until it has gone. */
static sim_ps wait_of(struct scheduler *s, struct scheduler_group *g, uint32_t i,
                      const struct sim_msg *head, sim_ps now) {
    const struct scheduler_queue *q = &s->queue[i];
    sim_ps since = next_since(q, head);
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

/* A shaper's tokens are taken, by a packet that was the next of its queue `since`. */
static void take(struct scheduler *s, struct scheduler_shaper *a, uint32_t bytes, sim_ps since,
                 sim_ps now) {
    const struct sim_keeps waited = {since, now, now, 1};
    work(s, a, now);
    if (a->stops)
        sim_keep_aside(&s->base, a->port, &waited);
    a->stops = false;
    a->owed += sim_rate_span(a->meter.rate, bytes);
    (void)meter_shape(&a->meter, now, bytes);
}

/* The packet goes. */
static void shape(struct scheduler *s, const struct scheduler_queue *q, uint32_t bytes,
                  sim_ps since, sim_ps now) {
    if (q->shaper[0] == NULL && q->shaper[1] == NULL)
        return;
    for (int k = 0; k < SCHEDULER_SHAPERS; k++)
        if (q->shaper[k] != NULL)
            take(s, q->shaper[k], bytes, since, now);
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
    const struct sim_msg *head = sim_line_head(port, i);
    uint32_t bytes = head->bytes;
    q->held -= bytes;
    q->deficit -= bytes;
    shape(s, q, bytes, next_since(q, head), now);
    q->sent = now;
    if (i < SCHEDULER_SHOWN && sim_inside(comp->world, now))
        s->bytes_of[i] += bytes;
    return i;
}
