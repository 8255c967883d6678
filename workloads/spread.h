/* spread.h - many copies of a capture under way at once, each at its own place of it, without
 * any state of a copy.
 *
 * With K copies, packet j of the n that a conversation has comes floor(j K / n) passes behind
 * its first one, which is called its lag. In every pass each packet of the capture is sent
 * once, in the capture's order and at its time, but by the copy that began so many passes ago
 * as the packet's lag says. So a copy's conversations each take K passes, their packets
 * evenly spread over that time and in order; in each pass one copy begins and one is done; and
 * at any time K copies of every conversation are under way, packets of one and the same
 * following each other only where there are more than K of them. A capture that is read pass
 * after pass can have copies like one in memory.
 *
 * The conversations in tunnels advance as one, by the packets of all: what belongs together
 * inside (the directions of a connection, spread over outer flows) stays in order.
 *
 * Left out: when within its life a conversation's packets come. Behind each other in bursts as
 * captured they are only in a single copy.
 */
#ifndef WORK_SPREAD_H
#define WORK_SPREAD_H

#include "models/payload.h"
#include "sim/engine/mem.h"

struct work_spread {
    struct work_share *share; /* of each conversation, touched where in use */
    uint32_t copies;
};

void work_spread_init(struct work_spread *s, struct sim_arena *arena);
void work_spread_free(struct work_spread *s, struct sim_arena *arena);
/* A packet of the first reading, numbered. */
void work_spread_count(struct work_spread *s, const struct packet *p);
/* All are counted: from now on `copies` copies. @param flows that the capture has. */
void work_spread_over(struct work_spread *s, uint32_t copies, uint32_t flows);
/* The lag of the next packet, passes, below `copies`. Packets are asked for in the capture's
 * order, pass after pass. */
uint32_t work_spread_lag(struct work_spread *s, const struct packet *p);

#endif
