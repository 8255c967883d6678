/* spread.c - how far behind the first packet of its conversation each packet comes. */
#include "workloads/spread.h"
#include "workloads/flows.h"

struct work_share {
    uint64_t packets; /* in one pass */
    uint64_t next;    /* how many of them have come */
    bool tunnelled;   /* one at least came in a tunnel */
};

/* The share of all conversations in tunnels: behind those of the single ones. */
enum { TUNNELS = WORK_NUMBERS };

void work_spread_init(struct work_spread *s, struct sim_arena *arena) {
    *s = (struct work_spread){.copies = 1};
    s->share = sim_alloc_n(arena, TUNNELS + 1, sizeof *s->share);
}

void work_spread_free(struct work_spread *s, struct sim_arena *arena) {
    s->share = sim_grow(arena, s->share, 0, 0);
}

void work_spread_count(struct work_spread *s, const struct packet *p) {
    if (p->conversation >= WORK_NUMBERS) /* no longer one by one: such a capture is refused */
        return;
    struct work_share *one = &s->share[p->conversation];
    one->packets++;
    one->tunnelled |= p->tunnel != PACKET_TUNNEL_NONE;
}

void work_spread_over(struct work_spread *s, uint32_t copies, uint32_t flows) {
    s->copies = copies;
    for (uint32_t i = 0; i < flows; i++)
        if (s->share[i].tunnelled)
            s->share[TUNNELS].packets += s->share[i].packets;
}

uint32_t work_spread_lag(struct work_spread *s, const struct packet *p) {
    if (p->conversation >= WORK_NUMBERS)
        return 0;
    struct work_share *one = &s->share[p->conversation];
    if (one->tunnelled)
        one = &s->share[TUNNELS];
    if (one->packets == 0) /* a file that has changed since it was counted */
        return 0;
    uint64_t lag = (uint64_t)((sim_u128)one->next * s->copies / one->packets);
    if (++one->next == one->packets)
        one->next = 0;
    return (uint32_t)lag;
}
