/* pcie_turns.h - whose packets go next on the wire: channels take turns, and of one channel a
 * write passes a request that lacks a credit, a request passes nothing.
 */
#ifndef MODELS_PCIE_TURNS_H
#define MODELS_PCIE_TURNS_H

#include "models/pcie_link.h"

enum { PCIE_CHANNELS = 64 };

struct pcie_turns {
    int64_t channels; /* parameter, read from JSON */
    sim_ps *stalled;  /* [channels] since when its next request lacks a credit; 0: it has it */
    uint32_t turn[2]; /* whose channel's packet went last, each way */
};

/* @return how many lines a port of the wire has; 0: one, first come first served. */
uint32_t pcie_turns_init(struct pcie_turns *t, const struct pcie_link *l,
                         struct sim_arena *arena);

/* The line of a message that waits: of its stream's channel, requests on their own. */
uint32_t pcie_turns_line(const struct pcie_turns *t, const struct sim_msg *m, bool request);

/* The line whose head goes now, or SIM_NO_LINE and not before *until. */
uint32_t pcie_turns_choose(struct pcie_turns *t, struct pcie_link *l,
                           const struct sim_port *port, sim_ps now, sim_ps *until);

#endif
