/* checks.c - what must not be built: chains without an end, cycles of waiting.
 *
 * A loop in a chain is allowed when a branch leads out of it; it is bounded by
 * /run/max_recirculations. Ports that make the one before them wait must not wait for each
 * other in a circle: cards with shared fabrics deadlock so, and real ones avoid it.
 */
#include "scenario.h"
#include "sim/engine/row.h"
#include <stdio.h>
#include <string.h>

/* ---------------------------------------------------------------- ends */

/* Verdicts that the step's model can give: "ok" and its own. */
static uint32_t verdicts(const struct sim_step *step) {
    uint32_t n = 1;
    if (step->kind == SIM_STEP_RESUME)
        return 2;
    if (step->op == NULL || step->kind == SIM_STEP_VIA)
        return 1;
    while (step->comp->model->verdicts != NULL && step->comp->model->verdicts[n - 1].name)
        n++;
    return n;
}

/* Can the step's operation give verdict v? The way back of a call branches on another's. */
static bool can(const struct sim_step *step, uint32_t v) {
    if (v == 0 || step->op == NULL || step->op->verdicts == NULL || step->back)
        return true;
    return sim_listed(step->op->verdicts, step->comp->model->verdicts[v - 1].name);
}

/* Over a cable it goes on with one of the chains of the other side. */
static bool cable_leads_out(const struct sim_cable *cable, const bool *ends) {
    uint16_t behind[APP_INGRESS];
    uint32_t n = app_links_steps(cable, behind);
    for (uint32_t i = 0; i < n; i++)
        if (ends[behind[i]])
            return true;
    return false;
}

static bool leads_out(const struct sim_step *step, const bool *ends) {
    const struct sim_hop *hop;
    for (uint32_t v = 0; v < verdicts(step); v++)
        for (uint32_t k = 0; can(step, v) && (hop = sim_hop_of(step, v, k)) != NULL; k++)
            if (hop->kind == SIM_HOP_NEXT ? ends[hop->next]
                : hop->cable != NULL      ? cable_leads_out(hop->cable, ends)
                                          : true)
                return true;
    return false;
}

static bool check_ends(struct app_scenario *s, struct sim_err *err) {
    const struct sim_world *w = s->world;
    bool *ends = sim_alloc_n(&s->arena, w->steps + 1, sizeof *ends), again = true;
    while (again) {
        again = false;
        for (uint32_t i = 0; i < w->steps; i++)
            if (!ends[i] && leads_out(&w->step[i], ends))
                ends[i] = again = true;
    }
    for (uint32_t i = 0; i < w->steps; i++)
        if (!ends[i])
            return sim_fail(err, "", s->world->step[i].pointer,
                            "the chain loops for ever: from %s no branch leads to an end",
                            w->step[i].label);
    return true;
}

enum mark { NEW, OPEN, DONE };

/* Mark hops that lead back into a loop: they count against the bound. */
static void mark_loops(struct sim_world *w, uint32_t i, uint8_t *mark) {
    struct sim_step *step = &w->step[i];
    mark[i] = OPEN;
    for (uint32_t v = 0, hops = verdicts(step); v < hops; v++) {
        struct sim_hop *hop;
        for (uint32_t k = 0; (hop = sim_hop_of(step, v, k)) != NULL; k++) {
            /* over a cable it may be the way back, as far as can be told */
            if (hop->cable != NULL || (hop->kind == SIM_HOP_NEXT && mark[hop->next] == OPEN))
                hop->again = true;
            else if (hop->kind == SIM_HOP_NEXT && mark[hop->next] == NEW)
                mark_loops(w, hop->next, mark);
        }
    }
    mark[i] = DONE;
}

static uint32_t visit(uint32_t step, bool *seen, uint32_t *todo) {
    if (seen[step])
        return 0;
    seen[step] = true;
    *todo = step;
    return 1;
}

/* Can a message, or a child or copy of it, come from step `i` to step `to`? */
static bool leads_to(const struct sim_world *w, uint32_t i, uint32_t to, bool *seen,
                     uint32_t *todo) {
    uint32_t n = 0;
    memset(seen, 0, w->steps * sizeof *seen);
    seen[i] = true;
    todo[n++] = i;
    while (n > 0) {
        const struct sim_step *step = &w->step[todo[--n]];
        if (step == &w->step[to])
            return true;
        const struct sim_hop *hop;
        for (uint32_t v = 0, hops = verdicts(step); v < hops; v++)
            for (uint32_t k = 0; (hop = sim_hop_of(step, v, k)) != NULL; k++)
                if (hop->kind == SIM_HOP_NEXT)
                    n += visit(hop->next, seen, &todo[n]);
        if (step->action != SIM_ACT_NONE)
            n += visit(step->target, seen, &todo[n]);
    }
    return false;
}

/* A copy that is copied again at the same step, and so on: there would be no end to them. */
static bool check_breeding(struct app_scenario *s, struct sim_err *err) {
    const struct sim_world *w = s->world;
    bool *seen = sim_alloc_n(&s->arena, w->steps + 1, sizeof *seen);
    uint32_t *todo = sim_alloc_n(&s->arena, w->steps + 1, sizeof *todo);
    for (uint32_t i = 0; i < w->steps; i++)
        if (w->step[i].action != SIM_ACT_NONE && leads_to(w, w->step[i].target, i, seen, todo))
            return sim_fail(err, "", s->world->step[i].pointer,
                            "the chain of its %s leads back here: they would have %s of their "
                            "own for ever",
                            w->step[i].action == SIM_ACT_COPY ? "copies" : "children",
                            w->step[i].action == SIM_ACT_COPY ? "copies" : "children");
    return true;
}

/* Where the message itself, no child or copy, may end. */
struct ends {
    bool reply;
    const struct sim_step *lost; /* delivered without a reply: the first such step, or NULL */
    const struct sim_step *away; /* a reply on another node than the source's, or NULL */
    const struct sim_node *home; /* the source's */
};

static void note_end(struct ends *e, const struct sim_step *step, const struct sim_hop *hop) {
    if (hop->kind == SIM_HOP_REPLY && step->comp->node != e->home && e->away == NULL)
        e->away = step;
    e->reply |= hop->kind == SIM_HOP_REPLY;
    if (hop->kind == SIM_HOP_DELIVERED && e->lost == NULL)
        e->lost = step;
}

static struct ends ends_of(const struct sim_world *w, uint32_t first, bool *seen,
                           uint32_t *todo) {
    struct ends e = {.home = w->step[first].comp->node};
    uint16_t behind[APP_INGRESS];
    uint32_t n = visit(first, seen, todo);
    while (n > 0) {
        const struct sim_step *step = &w->step[todo[--n]];
        const struct sim_hop *hop;
        for (uint32_t v = 0, hops = verdicts(step); v < hops; v++)
            for (uint32_t k = 0; (hop = sim_hop_of(step, v, k)) != NULL; k++) {
                uint32_t out = hop->cable ? app_links_steps(hop->cable, behind) : 0;
                for (uint32_t i = 0; i < out; i++)
                    n += visit(behind[i], seen, &todo[n]);
                if (hop->kind == SIM_HOP_NEXT)
                    n += visit(hop->next, seen, &todo[n]);
                else if (hop->cable == NULL)
                    note_end(&e, step, hop);
            }
        if (step->action == SIM_ACT_SPLIT)
            n += visit(step->resume, seen, &todo[n]);
    }
    return e;
}

/* What a closed loop sends has to come back, or be dropped: that is noticed. */
static bool check_replies(struct app_scenario *s, struct sim_err *err) {
    uint32_t *todo = sim_alloc_n(&s->arena, s->world->steps + 1, sizeof *todo);
    char at[APP_POINTER];
    for (uint32_t i = 0; i < s->streams; i++) {
        const struct app_stream *st = &s->stream[i];
        bool *seen = sim_alloc_n(&s->arena, s->world->steps + 1, sizeof *seen);
        if (st->stream->reply == NULL)
            continue;
        struct ends e = ends_of(s->world, st->stream->first, seen, todo);
        sim_pointer(at, sizeof at, st->pointer, "chain");
        if (!e.reply)
            return sim_fail(
                err, "", at,
                "with \"outstanding\" the stream waits for replies, and \"%s\" leads "
                "to none; end it with {\"end\": \"reply\"}",
                st->chain);
        if (e.lost != NULL)
            return sim_fail(err, "", at,
                            "with \"outstanding\" the stream waits for replies, and what is "
                            "delivered behind %s brings none; end that way with \"reply\" or "
                            "\"drop\"",
                            e.lost->label);
        if (e.away != NULL)
            return sim_fail(
                err, "", at,
                "the reply behind %s ends on node \"%s\", and the source that waits "
                "for it is on \"%s\": send it back over a link, to an ingress chain "
                "there that ends with \"reply\"",
                e.away->label, e.away->comp->node->name, e.home->name);
    }
    return true;
}

/* A shared resource on the way of a hop that can lose a message, or NULL. */
static const struct sim_comp *loses_on_way(const struct sim_world *w,
                                           const struct sim_hop *hop) {
    for (uint32_t i = hop->next; w->step[i].kind == SIM_STEP_VIA; i = w->step[i].hop[0].next)
        for (uint32_t k = 0; k < w->step[i].comp->ports; k++)
            if (w->step[i].comp->port[k]->drops || w->step[i].comp->port[k]->refuses)
                return w->step[i].comp;
    return NULL;
}

/* Is the hop a polling call's way there or back? */
static bool polls(const struct sim_world *w, const struct sim_step *step,
                  const struct sim_hop *hop) {
    uint32_t i = hop->next;
    while (w->step[i].kind == SIM_STEP_VIA)
        i = w->step[i].hop[0].next;
    return step->kind != SIM_STEP_VIA && (step->hold || w->step[i].keep);
}

/* The server that polls would be kept for ever by a call that is lost on its way. */
static bool check_polling(struct app_scenario *s, struct sim_err *err) {
    const struct sim_world *w = s->world;
    const struct sim_hop *hop;
    for (uint32_t i = 0; i < w->steps; i++)
        for (uint32_t k = 0; (hop = sim_hop_of(&w->step[i], 0, k)) != NULL; k++) {
            const struct sim_comp *lossy =
                hop->kind == SIM_HOP_NEXT && polls(w, &w->step[i], hop) ? loses_on_way(w, hop)
                                                                        : NULL;
            if (lossy != NULL)
                return sim_fail(err, "", s->world->step[i].pointer,
                                "a polling call's way over \"%s\", which loses messages when "
                                "full, would keep the caller for ever; use \"wait\": \"park\" "
                                "or let it wait when full",
                                lossy->path);
        }
    return true;
}

/* The block that a polling step calls, or NULL. */
static const struct sim_comp *polled_by(const struct sim_world *w,
                                        const struct sim_step *step) {
    if (!step->hold || step->hop[0].kind != SIM_HOP_NEXT)
        return NULL;
    uint32_t i = step->hop[0].next;
    while (w->step[i].kind == SIM_STEP_VIA)
        i = w->step[i].hop[0].next;
    return w->step[i].comp;
}

/* Does `from` poll `to`, itself or through blocks that poll in turn? */
static bool polls_on(const struct sim_world *w, const struct sim_comp *from,
                     const struct sim_comp *to, bool *seen) {
    if (seen[from->id])
        return false;
    seen[from->id] = true;
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_comp *next =
            w->step[i].comp == from ? polled_by(w, &w->step[i]) : NULL;
        if (next != NULL && (next == to || polls_on(w, next, to, seen)))
            return true;
    }
    return false;
}

/* Servers that are kept by calls to servers that are kept by calls to them: all of them could
 * wait for one another. */
static bool check_poll_circles(struct app_scenario *s, struct sim_err *err) {
    const struct sim_world *w = s->world;
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_comp *called = polled_by(w, &w->step[i]), *by = w->step[i].comp;
        bool *seen = called != NULL ? sim_alloc_n(&s->arena, w->comps, sizeof *seen) : NULL;
        if (called != NULL && (called == by || polls_on(w, called, by, seen)))
            return sim_fail(err, "", s->world->step[i].pointer,
                            "\"%s\" keeps a server by polling \"%s\", which polls it in turn: "
                            "all servers of both could wait for ever; use \"wait\": \"park\"",
                            by->path, called->path);
    }
    return true;
}

/* ---------------------------------------------------------------- waiting */

enum { HASHES = 1024 }; /* as many as tables from hash to queue have entries */

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
    uint16_t stop = hop->next;
    if (hop->kind != SIM_HOP_NEXT)
        return false;
    while (w->step[stop].kind == SIM_STEP_VIA)
        stop = w->step[stop].hop[0].next;
    const struct sim_step *a = &w->step[i], *b = &w->step[stop];
    if (a->kind == SIM_STEP_VIA || b->back || b->kind != SIM_STEP_VISIT)
        return false;
    *nfrom = ports_of(g, a, g->from);
    *nto = ports_of(g, b, g->to);
    /* back to the port that it leaves it keeps its place */
    return !(stop == hop->next && *nfrom == 1 && *nto == 1 && g->from[0] == g->to[0]);
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

static bool check_waiting(struct app_scenario *s, struct sim_err *err) {
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

bool app_checks_steps(struct app_scenario *s, struct sim_err *err) {
    if (s->crowded)
        return sim_fail(err, "", "/chains", "make more than %d steps with their routes",
                        APP_STEPS);
    return check_ends(s, err) && check_breeding(s, err) && check_polling(s, err) &&
           check_poll_circles(s, err) && check_waiting(s, err);
}

bool app_checks(struct app_scenario *s, struct sim_err *err) {
    if (!app_checks_steps(s, err) || !check_replies(s, err))
        return false;
    uint8_t *mark = sim_alloc_n(&s->arena, s->world->steps + 1, sizeof *mark);
    for (uint32_t i = 0; i < s->world->steps; i++)
        if (mark[i] == NEW)
            mark_loops(s->world, i, mark);
    return true;
}
