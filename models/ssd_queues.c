/* ssd_queues.c - which submission queue the controller takes its next command from.
 *
 * Round robin: `burst` commands of a queue, then the next one's. Weighted round robin with
 * urgent class: commands of class 0 before all others; of the other classes in turn as many as
 * their weights say; within a class round robin. A queue is the command's hash modulo `queues`;
 * its class is that of the command at its head. Source: NVM Express Base Specification 2.0,
 * 3.4.4 (docs/sources.md).
 */
#include "models/ssd.h"

void ssd_queues_init(struct ssd *d) {
    d->turns.last = (uint32_t)d->queues - 1;
    d->turns.left = 0;
}

uint32_t ssd_line(struct sim_comp *comp, struct sim_port *port, const struct sim_msg *m,
                  bool must) {
    const struct ssd *d = (const struct ssd *)comp;
    (void)port;
    (void)must;
    return m->hash % (uint32_t)d->queues;
}

/* The next queue with a command of that class, behind the last; ANY: of any. */
enum { ANY = SIM_CLASSES };

static uint32_t next_of(const struct ssd *d, const struct sim_port *port, uint32_t cls) {
    uint32_t n = (uint32_t)d->queues;
    for (uint32_t i = 1; i <= n; i++) {
        uint32_t line = d->turns.last + i < n ? d->turns.last + i : d->turns.last + i - n;
        const struct sim_msg *m = sim_line_head(port, line);
        if (m != NULL && (cls == ANY || m->cls == cls))
            return line;
    }
    return SIM_NO_LINE;
}

static uint32_t weighted(struct ssd *d, const struct sim_port *port) {
    uint32_t line = next_of(d, port, 0);
    for (int round = 0; line == SIM_NO_LINE && round < 2; round++) {
        for (uint32_t c = 1; c < SIM_CLASSES; c++) {
            line = d->turns.credit[c] > 0 ? next_of(d, port, c) : SIM_NO_LINE;
            if (line == SIM_NO_LINE)
                continue;
            d->turns.credit[c]--;
            return line;
        }
        for (uint32_t c = 1; c < SIM_CLASSES; c++)
            d->turns.credit[c] = d->weight[c];
    }
    return line;
}

uint32_t ssd_choose(struct sim_comp *comp, struct sim_port *port, sim_ps now, sim_ps *until) {
    struct ssd *d = (struct ssd *)comp;
    uint32_t line;
    (void)now;
    *until = SIM_NEVER;
    if (d->arbitration == SSD_WEIGHTED) {
        line = weighted(d, port);
        d->turns.last = line != SIM_NO_LINE ? line : d->turns.last;
        return line;
    }
    if (d->turns.left > 0 && sim_line_head(port, d->turns.last) != NULL) {
        d->turns.left--;
        return d->turns.last;
    }
    line = next_of(d, port, ANY);
    if (line == SIM_NO_LINE)
        return line;
    d->turns.last = line;
    d->turns.left = (uint32_t)d->burst - 1;
    return line;
}
