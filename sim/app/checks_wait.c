/* checks_wait.c - cycles of waiting. Ports that make the one before them wait must not wait for
 * each other in a circle: cards with shared fabrics deadlock so, and real ones avoid it.
 */
#include "checks.h"
#include <stdio.h>
#include <string.h>

enum { HASHES = SIM_HASHES };

struct waiting {
    struct app_scenario *s;
    uint64_t *edge; /* [ports][words]: bit q of row p: p waits for q */
    uint8_t *mark;
    uint32_t *trail, depth, ports, words;
    uint32_t from[HASHES], to[HASHES]; /* ids of the ports of two steps */
};

/* Ids of the ports that messages at a step may be in. @return how many. */
static uint32_t ports_of(struct waiting *g, const struct sim_step *s, uint32_t id[HASHES]) {
    struct sim_msg m = {0};
    uint32_t n = 0;
    if (s->op == NULL) /* its port without cost: nobody waits for it */
        return 0;
    if (s->comp->model->pick == NULL) {
        id[0] = s->comp->port[s->op->port + s->stage]->id;
        return 1;
    }
    memset(g->mark, 0, g->ports);
    for (m.hash = 0; m.hash < HASHES; m.hash++) {
        uint32_t p = s->comp->port[sim_pick(s->comp, s, &m)]->id;
        if (g->mark[p] == 0)
            id[n++] = p;
        g->mark[p] = 1;
    }
    memset(g->mark, 0, g->ports);
    return n;
}

/* The ports that a hop of step i waits between: @return false when none can. */
static bool wait_of_hop(struct waiting *g, uint32_t i, const struct sim_hop *hop,
                        uint32_t *nfrom, uint32_t *nto) {
    const struct sim_world *w = g->s->world;
    if (hop->kind != SIM_HOP_NEXT || sim_stays(w, &w->step[i], hop))
        return false; /* back to the port that it leaves it keeps its place */
    const struct sim_step *a = &w->step[i], *b = sim_stop_of(w, hop);
    if (a->kind == SIM_STEP_VIA || b->back || b->kind != SIM_STEP_VISIT)
        return false;
    *nfrom = ports_of(g, a, g->from);
    *nto = ports_of(g, b, g->to);
    return true;
}

static void add_edges(struct waiting *g, uint32_t i, const struct sim_hop *hop) {
    uint32_t nfrom, nto;
    if (!wait_of_hop(g, i, hop, &nfrom, &nto))
        return;
    for (uint32_t k = 0; k < nfrom; k++)
        for (uint32_t l = 0; l < nto; l++)
            if (g->s->world->port[g->to[l]]->waits)
                g->edge[(size_t)g->from[k] * g->words + g->to[l] / 64] |= 1ULL << g->to[l] % 64;
}

static bool waits_between(struct waiting *g, uint32_t i, const struct sim_hop *hop, uint32_t p,
                          uint32_t q) {
    uint32_t nfrom, nto, k = 0, l = 0;
    if (!wait_of_hop(g, i, hop, &nfrom, &nto))
        return false;
    while (k < nfrom && g->from[k] != p)
        k++;
    while (l < nto && g->to[l] != q)
        l++;
    return k < nfrom && l < nto;
}

/* The step by which port p waits for port q. */
static uint32_t step_between(struct waiting *g, uint32_t p, uint32_t q) {
    const struct sim_world *w = g->s->world;
    for (uint32_t i = 0; i < w->steps; i++)
        for (uint32_t v = 0, hops = verdicts(&w->step[i]); v < hops; v++) {
            const struct sim_hop *hop;
            for (uint32_t f = 0; (hop = sim_hop_of(&w->step[i], v, f)) != NULL; f++)
                if (waits_between(g, i, hop, p, q))
                    return i;
        }
    return 0;
}

/* The trail from `again` on is a circle. */
static bool report_cycle(struct waiting *g, uint32_t again, struct sim_err *err) {
    char text[700] = "";
    size_t used = 0;
    const struct sim_world *w = g->s->world;
    uint32_t i = g->depth;
    while (i > 0 && g->trail[i - 1] != again)
        i--;
    uint32_t first = i > 0 ? i - 1 : 0;
    for (uint32_t k = first; k <= g->depth && used < sizeof text - 160; k++) {
        const struct sim_port *p = w->port[k < g->depth ? g->trail[k] : again];
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s.%s",
                                 k > first ? " waits for " : "", p->comp->path, p->name);
    }
    return sim_fail(err, "", w->step[step_between(g, g->trail[g->depth - 1], again)].pointer,
                    "a cycle of waiting: %s; let one of these queues drop when full, or lead "
                    "the chain another way",
                    text);
}

/* Depth first from port p. @return a port of a circle, or the number of ports. */
static uint32_t walk(struct waiting *g, uint32_t p) {
    g->mark[p] = OPEN;
    g->trail[g->depth++] = p;
    for (uint32_t q = 0; q < g->ports; q++) {
        uint64_t word = g->edge[(size_t)p * g->words + q / 64] >> q % 64;
        if (word == 0)
            q |= 63;
        if ((word & 1) == 0)
            continue;
        uint32_t circle = g->mark[q] == OPEN ? q : g->mark[q] == NEW ? walk(g, q) : g->ports;
        if (circle != g->ports)
            return circle;
    }
    g->mark[p] = DONE;
    g->depth--;
    return g->ports;
}

bool app_checks_waiting(struct app_scenario *s, struct sim_err *err) {
    const struct sim_world *w = s->world;
    struct waiting *g = sim_alloc(&s->arena, sizeof *g);
    *g = (struct waiting){.s = s, .ports = w->ports, .words = w->ports / 64 + 1};
    g->edge = sim_alloc_n(&s->arena, (size_t)g->ports * g->words + 1, sizeof *g->edge);
    g->mark = sim_alloc_n(&s->arena, g->ports + 1, sizeof *g->mark);
    g->trail = sim_alloc_n(&s->arena, g->ports + 1, sizeof *g->trail);
    for (uint32_t i = 0; i < w->steps; i++)
        for (uint32_t v = 0, hops = verdicts(&w->step[i]); v < hops; v++) {
            const struct sim_hop *hop;
            for (uint32_t f = 0; (hop = sim_hop_of(&w->step[i], v, f)) != NULL; f++)
                add_edges(g, i, hop);
        }
    for (uint32_t p = 0; p < g->ports; p++) {
        uint32_t circle = g->mark[p] == NEW ? walk(g, p) : g->ports;
        if (circle != g->ports)
            return report_cycle(g, circle, err);
    }
    return true;
}
