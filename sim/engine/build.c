/* build.c - once all steps are in: servers, links with slots, statistics, the order of ties.
 */
#include "inside.h"
#include <string.h>

static struct sim_outs *outs_new(struct sim_arena *arena, int64_t capacity) {
    uint32_t n = 1;
    while (n < capacity)
        n *= 2;
    struct sim_outs *outs = sim_alloc(arena, sizeof *outs + n * sizeof outs->at[0]);
    outs->mask = n - 1;
    return outs;
}

/* Places in a port, of all who send to it. */
static uint32_t places(const struct sim_port *p) {
    const struct sim_world *w = p->world;
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->links; i++)
        n += w->link[i]->to == p ? (uint32_t)p->capacity : 0;
    return n;
}

static void put_on(struct sim_server **list, struct sim_server *s) {
    s->next_idle = *list;
    *list = s;
}

static void make_servers(struct sim_port *p) {
    struct sim_arena *arena = &p->comp->world->arena;
    uint32_t n = p->aside ? 1 : p->servers + p->chosen + (p->lets_by ? places(p) : 0);
    p->server = sim_alloc_n(arena, n, sizeof *p->server);
    p->all_servers = p->lets_by ? n : p->servers;
    for (uint32_t i = n; i-- > 0;) {
        p->server[i].port = p;
        if (i < p->servers)
            put_on(&p->idle, &p->server[i]);
        else if (p->lets_by)
            put_on(&p->spare, &p->server[i]); /* else it keeps time only */
    }
    for (uint32_t i = 0; i < n; i++) {
        sim_timer_init(p->comp, &p->server[i].timer, sim_server_fire);
    }
    if (p->chosen)
        p->server[p->servers].state = SIM_SERVER_PACES;
    p->armed_tail = &p->armed;
    p->ended_tail = &p->ended;
    for (uint32_t c = 0; c < p->classes; c++)
        p->lines[c].tail = &p->lines[c].head;
    if (p->slot_till_out && p->drops)
        p->outs = outs_new(arena, p->capacity);
    if (!p->by_event) {
        p->mask = 3;
        p->leaving = sim_alloc_n(arena, p->mask + 1, sizeof *p->leaving);
    }
    sim_gauge_init(&p->level, arena, p->comp->world->from, p->comp->world->to);
}

/* Ports of its component that a step may use: all of them when the model picks. */
void sim_ports_of(const struct sim_step *s, uint32_t *first, uint32_t *n) {
    *n = 1;
    if (s->op == NULL) {
        *first = sim_free_port(s);
    } else if (s->comp->model->pick != NULL) {
        *first = 0;
        *n = s->comp->ports;
    } else {
        *first = s->op->port + s->stage;
    }
}

static struct sim_link *link_between(struct sim_world *w, struct sim_port *from,
                                     struct sim_port *to, sim_ps delay) {
    for (struct sim_link *l = from->links; l != NULL; l = l->sibling)
        if (l->to == to)
            return l;
    struct sim_link *l = sim_alloc(&w->arena, sizeof *l);
    uint32_t room = 1;
    while (room < (uint64_t)to->capacity)
        room *= 2;
    *l = (struct sim_link){.from = from, .to = to, .id = w->links, .mask = room - 1};
    l->slot = sim_alloc_n(&w->arena, room, sizeof *l->slot); /* all free at time 0 */
    l->tail = (uint32_t)to->capacity;
    l->credit_delay = delay;
    l->sibling = from->links;
    from->links = l;
    l->waiting_tail = &l->waiting;
    l->early = from->reserve_at_start;
    l->refuses = to->refuses;
    l->refused = (struct sim_hop){.kind = SIM_HOP_DROP, .cause = to->full_cause};
    if ((w->links & (w->links - 1)) == 0)
        w->link = sim_grow(&w->arena, w->link, w->links * sizeof *w->link,
                           (w->links ? 2 * (size_t)w->links : 1) * sizeof *w->link);
    w->link[w->links++] = l;
    return l;
}

/* Slots from every port of `s` to every bounded port of its stop. */
static void make_links(struct sim_world *w, const struct sim_step *s, struct sim_hop *hop) {
    const struct sim_step *stop = &w->step[hop->stop];
    uint32_t from, nfrom, to, nto;
    sim_ports_of(s, &from, &nfrom);
    sim_ports_of(stop, &to, &nto);
    hop->stops = (uint16_t)nto;
    bool any = false;
    for (uint32_t j = 0; j < nto; j++)
        any |= stop->comp->port[to + j]->waits || stop->comp->port[to + j]->refuses;
    if (!any || stop->back || stop->kind != SIM_STEP_VISIT)
        return; /* ways back have their own class, reserved with the request */
    hop->link = sim_alloc_n(&w->arena, (size_t)nfrom * nto, sizeof *hop->link);
    for (uint32_t i = 0; i < nfrom; i++) {
        for (uint32_t j = 0; j < nto; j++) {
            struct sim_port *a = s->comp->port[from + i], *b = stop->comp->port[to + j];
            if (b->waits || b->refuses)
                hop->link[i * nto + j] = link_between(w, a, b, hop->delay);
            if (nfrom * nto == 1)
                hop->only = hop->link[0];
        }
    }
}

/* Does a message stay for the next step, before what waits? */
bool sim_goes_on(const struct sim_world *w, const struct sim_step *s,
                 const struct sim_hop *hop) {
    return s->comp->model->finishes && sim_stays(w, s, hop);
}

static void make_hop(struct sim_world *w, const struct sim_step *s, struct sim_hop *hop) {
    if (hop->cable != NULL) {
        SIM_ASSERT(hop->cable->by == NULL || hop->cable->by == s->comp);
        hop->cable->by = s->comp;
    }
    if (hop->kind != SIM_HOP_NEXT)
        return;
    if (hop->delay < 1)
        hop->delay = 1;
    hop->stop = (uint16_t)(sim_stop_of(w, hop) - w->step);
    const struct sim_step *next = &w->step[hop->next];
    uint32_t first, n;
    sim_ports_of(next, &first, &n);
    hop->port = n == 1 ? next->comp->port[first] : NULL;
    hop->keeps = sim_stays(w, s, hop);
    hop->first = sim_goes_on(w, s, hop);
    if (s->kind != SIM_STEP_VIA && !hop->keeps)
        make_links(w, s, hop);
}

/* A step without cost gives no verdicts but these; hops for more lead nowhere. */
static void no_more_hops(struct sim_step *s) {
    uint32_t v = s->kind == SIM_STEP_RESUME ? 2 : s->kinds ? s->kinds : 1;
    for (; s->op == NULL && v < SIM_VERDICTS; v++)
        s->hop[v] = (struct sim_hop){.kind = SIM_HOP_DELIVERED};
}

/* Between parts a message keeps its place: it must have one. */
static void make_again(struct sim_world *w, struct sim_step *s) {
    uint16_t i = (uint16_t)(s - w->step);
    SIM_ASSERT(!s->hold && s->action == SIM_ACT_NONE);
    s->again = sim_alloc(&w->arena, sizeof *s->again);
    *s->again =
        (struct sim_hop){.kind = SIM_HOP_NEXT, .next = i, .stop = i, .delay = 1, .keeps = true};
}

static void make_hops(struct sim_world *w, struct sim_step *s) {
    struct sim_hop *hop;
    if (s->called && s->op->parts)
        make_again(w, s);
    for (uint32_t v = 0; v < SIM_VERDICTS; v++)
        for (uint32_t i = 0; (hop = sim_hop_of(s, v, i)) != NULL; i++)
            make_hop(w, s, hop);
}

static void find_alone(struct sim_world *w) {
    bool makes = false;
    for (uint32_t i = 0; i < w->steps; i++)
        makes |= w->step[i].action != SIM_ACT_NONE;
    for (uint32_t i = 0; i < w->nodes; i++)
        w->node[i]->alone = w->node[i]->sources == 1 && !makes;
    for (uint32_t i = 0; i < w->cables; i++)
        w->cable[i]->to->node->alone = false;
}

/* Can what goes on by the hop end well, or leave the node? */
static bool ends_well(const struct sim_world *w, const struct sim_hop *hop, bool *seen) {
    const struct sim_step *s = &w->step[hop->next];
    if (hop->kind != SIM_HOP_NEXT)
        return hop->kind != SIM_HOP_DROP || hop->cable != NULL;
    if (seen[hop->next])
        return false;
    seen[hop->next] = true;
    for (uint32_t v = 0; v < SIM_VERDICTS; v++)
        for (uint32_t k = 0; (hop = sim_hop_of(s, v, k)) != NULL; k++)
            if (ends_well(w, hop, seen))
                return true;
    return false;
}

static void find_fatal(struct sim_world *w) {
    bool *seen = sim_alloc_n(&w->arena, w->steps + 1, sizeof *seen);
    for (uint32_t i = 0; i < w->steps; i++) {
        memset(seen, 0, w->steps * sizeof *seen);
        if (w->step[i].kind == SIM_STEP_RESUME)
            w->step[i].fatal = !ends_well(w, &w->step[i].hop[1], seen);
    }
}

static void shuffle_ranks(struct sim_world *w) {
    struct sim_rng rng;
    sim_rng_init(&rng, w->opts.shuffle_ties, "ties");
    for (uint32_t i = w->comps; i > 1; i--) {
        uint32_t j = (uint32_t)sim_rng_below(&rng, i), rank = w->comp[i - 1]->rank;
        w->comp[i - 1]->rank = w->comp[j]->rank;
        w->comp[j]->rank = rank;
    }
}

/* Statistics for every step that the stream's messages, children and copies can come to. */
static void reach(struct sim_world *w, struct sim_stream *st, uint16_t i) {
    if (st->step[i] != NULL)
        return;
    st->step[i] = sim_alloc(&w->arena, sizeof *st->step[i]);
    const struct sim_step *s = &w->step[i];
    const struct sim_hop *hop;
    for (uint32_t v = 0; v < SIM_VERDICTS; v++)
        for (uint32_t k = 0; (hop = sim_hop_of(s, v, k)) != NULL; k++)
            if (hop->kind == SIM_HOP_NEXT)
                reach(w, st, hop->next);
    if (s->action != SIM_ACT_NONE)
        reach(w, st, s->target);
    if (s->action == SIM_ACT_SPLIT)
        reach(w, st, s->resume);
}

/* A stream that crosses cables can come to every step of the other nodes. */
static bool crosses(const struct sim_world *w, const struct sim_stream *st) {
    for (uint32_t i = 0; i < w->steps; i++)
        for (uint32_t v = 0; st->step[i] != NULL && v < SIM_VERDICTS; v++)
            if (w->step[i].hop[v].cable != NULL)
                return true;
    return false;
}

static void make_stats(struct sim_world *w, struct sim_stream *st) {
    st->step = sim_alloc_n(&w->arena, w->steps, sizeof *st->step);
    st->dropped_by = sim_alloc_n(&w->arena, w->causes + 1, sizeof *st->dropped_by);
    st->created_dropped_by =
        sim_alloc_n(&w->arena, w->causes + 1, sizeof *st->created_dropped_by);
    reach(w, st, st->first);
    if (crosses(w, st))
        for (uint32_t i = 0; i < w->steps; i++)
            reach(w, st, (uint16_t)i);
}

static bool leads_to_refusing(const struct sim_world *w, const struct sim_step *s) {
    const struct sim_hop *hop;
    uint32_t first, n;
    for (uint32_t v = 0; v < SIM_VERDICTS; v++)
        for (uint32_t i = 0; (hop = sim_hop_of(s, v, i)) != NULL; i++) {
            if (hop->link == NULL)
                continue;
            sim_ports_of(&w->step[hop->stop], &first, &n);
            for (uint32_t k = 0; k < n; k++)
                if (w->step[hop->stop].comp->port[first + k]->refuses)
                    return true;
        }
    return false;
}

/* Does the way from a step not depend on what is done there? */
static bool way_is_known(const struct sim_step *s) {
    if (s->op == NULL || s->back)
        return true;
    bool one = s->comp->model->verdicts == NULL ||
               (s->op->verdicts != NULL && s->op->verdicts[0] == 0);
    return (one || s->called) && !s->op->rehash;
}

/* A port that takes places when service starts begins nothing that will be refused. */
static void mark_asking(struct sim_world *w) {
    for (uint32_t i = 0; i < w->steps; i++) {
        struct sim_step *s = &w->step[i];
        uint32_t first, n;
        sim_ports_of(s, &first, &n);
        for (uint32_t k = 0; k < n && !s->asks; k++)
            s->asks = s->comp->port[first + k]->reserve_at_start && way_is_known(s) &&
                      leads_to_refusing(w, s);
    }
}

/* Does a step without cost send on to one that never makes anybody wait? */
static bool is_unhindered(const struct sim_step *s) {
    const struct sim_hop *hop = &s->hop[0];
    return (s->kind == SIM_STEP_EMIT || s->kind == SIM_STEP_RESUME) && !s->kinds && !s->hold &&
           hop->kind == SIM_HOP_NEXT && hop->link == NULL && hop->fan == NULL;
}

static void mark_acting(const struct sim_world *w, struct sim_step *s) {
    struct sim_hop *hop;
    for (uint32_t v = 0; v < SIM_VERDICTS; v++)
        for (uint32_t i = 0; (hop = sim_hop_of(s, v, i)) != NULL; i++)
            hop->acts = hop->kind == SIM_HOP_NEXT && w->step[hop->next].passes &&
                        w->step[hop->next].action != SIM_ACT_NONE;
}

static void mark_unhindered(struct sim_world *w) {
    for (uint32_t i = 0; i < w->steps; i++)
        w->step[i].passes = is_unhindered(&w->step[i]);
    for (uint32_t i = 0; i < w->streams; i++) {
        struct sim_step *first = &w->step[w->stream[i]->first];
        first->direct = first->passes && first->kind == SIM_STEP_EMIT;
        first->passes = false;
    }
    for (uint32_t i = 0; i < w->steps; i++)
        mark_acting(w, &w->step[i]);
}

void sim_world_build(struct sim_world *w) {
    for (uint32_t i = 0; i < w->steps; i++)
        sim_step_free_ports(&w->step[i]);
    for (uint32_t i = 0; i < w->steps; i++) {
        no_more_hops(&w->step[i]);
    }
    sim_forms_choose(w);
    for (uint32_t i = 0; i < w->steps; i++) {
        make_hops(w, &w->step[i]);
        w->step[i].plain = w->step[i].op != NULL && !w->step[i].called && !w->step[i].back;
    }
    mark_asking(w);
    mark_unhindered(w);
    sim_forms_settle(w);
    for (uint32_t i = 0; i < w->ports; i++)
        make_servers(w->port[i]);
    if (w->opts.shuffle_ties)
        shuffle_ranks(w);
    for (uint32_t i = 0; i < w->ports; i++)
        w->port[i]->rank = w->port[i]->comp->rank;
    for (uint32_t i = 0; i < w->streams; i++) {
        make_stats(w, w->stream[i]);
        if (w->stream[i]->source != NULL)
            w->stream[i]->source->node->sources++;
    }
    find_alone(w);
    find_fatal(w);
    sim_records_init(w);
    for (uint32_t i = 0; i < w->comps; i++)
        if (w->comp[i]->model->start != NULL)
            w->comp[i]->model->start(w->comp[i]);
}

void sim_world_facts(const struct sim_world *w, void *body) {
    for (uint32_t i = 0; i < w->comps; i++)
        if (w->comp[i]->model->facts != NULL)
            w->comp[i]->model->facts(w->comp[i], body);
}
