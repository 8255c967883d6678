/* pcie_turns.c - see pcie_turns.h. Where nothing asks for it (one channel, requests without
 * bound) the wire has one line and none of this is used.
 */
#include "models/pcie_turns.h"

enum { OTHERS, REQUESTS, KINDS }; /* lines of a channel */

uint32_t pcie_turns_init(struct pcie_turns *t, const struct pcie_link *l,
                         struct sim_arena *arena) {
    if (t->channels == 1 && l->p->nonposted_headers == 0)
        return 0;
    t->stalled = sim_alloc_n(arena, (size_t)t->channels, sizeof *t->stalled);
    return (uint32_t)t->channels * KINDS;
}

uint32_t pcie_turns_line(const struct pcie_turns *t, const struct sim_msg *m, bool request) {
    return m->stream % (uint32_t)t->channels * KINDS + (request ? REQUESTS : OTHERS);
}

/* May the first request of a channel go? If it lacks a credit, not before *until. */
static bool has_credit(struct pcie_link *l, sim_ps *stalled, sim_ps now, sim_ps *until) {
    sim_ps credit = pcie_request_at(l, now);
    if (credit > now) {
        *until = credit < *until ? credit : *until;
        *stalled = *stalled > 0 ? *stalled : now;
        return false;
    }
    l->credit_stall +=
        *stalled > 0 && sim_inside(l->comp->world, *stalled) ? now - *stalled : 0;
    l->nonposted.lacked = *stalled;
    *stalled = 0;
    return true;
}

/* Which line of a channel may send: what came first. */
static uint32_t choose_of(struct pcie_turns *t, struct pcie_link *l,
                          const struct sim_port *port, uint32_t channel, sim_ps now,
                          sim_ps *until) {
    uint32_t line = channel * KINDS;
    const struct sim_msg *request = sim_line_head(port, line + REQUESTS);
    const struct sim_msg *other = sim_line_head(port, line + OTHERS);
    if (request != NULL && (other == NULL || request->entered < other->entered) &&
        has_credit(l, &t->stalled[channel], now, until))
        return line + REQUESTS;
    return other != NULL ? line + OTHERS : SIM_NO_LINE;
}

uint32_t pcie_turns_choose(struct pcie_turns *t, struct pcie_link *l,
                           const struct sim_port *port, sim_ps now, sim_ps *until) {
    uint32_t at = t->turn[port->index], n = (uint32_t)t->channels, line = SIM_NO_LINE;
    for (uint32_t i = 0; i < n && line == SIM_NO_LINE; i++) {
        at = at + 1 < n ? at + 1 : 0;
        line = choose_of(t, l, port, at, now, until);
    }
    if (line != SIM_NO_LINE)
        t->turn[port->index] = at;
    return line;
}
