/* forms.c - once all steps are in: which ports need the event form, which may be told of
 * arrivals ahead, which serve when the time has come, and where what waits stands aside.
 */
#include "inside.h"

static void use_events(const struct sim_step *s) {
    uint32_t first, n;
    sim_ports_of(s, &first, &n);
    for (uint32_t i = 0; i < n; i++)
        s->comp->port[first + i]->by_event = true;
}

/* Can a shared resource on the way lose a message? */
static bool loses(const struct sim_step *s) {
    uint32_t first, n;
    sim_ports_of(s, &first, &n);
    for (uint32_t v = 0; v < SIM_VERDICTS; v++)
        if (s->hop[v].kind != SIM_HOP_NEXT)
            return true;
    for (uint32_t i = 0; i < n; i++)
        if (s->comp->port[first + i]->drops)
            return true;
    return false;
}

static bool may_go_on(const struct sim_world *w, const struct sim_step *s) {
    const struct sim_hop *hop;
    for (uint32_t v = 0; v < SIM_VERDICTS; v++)
        for (uint32_t i = 0; (hop = sim_hop_of(s, v, i)) != NULL; i++)
            if (sim_goes_on(w, s, hop))
                return true;
    return false;
}

/* Steps that need the event form of their ports. What goes on before what waits was not there
 * when those were planned. Where a message may be lost on the way to its stop, the stop's slots
 * come free in an order that no promise can know. */
static void choose_form(const struct sim_world *w, const struct sim_step *s) {
    if (s->action != SIM_ACT_NONE || s->hold || s->keep || may_go_on(w, s))
        use_events(s);
    if (s->kind != SIM_STEP_VIA || !loses(s))
        return;
    use_events(s);
    use_events(sim_stop_of(w, &s->hop[0]));
}

/* Who sends to a port, while building: nobody yet, one port by hops of one delay, or more. */
struct sender {
    const struct sim_port *from;
    sim_ps delay;
    bool many;
};

static void add_sender(struct sender *s, const struct sim_port *from, sim_ps delay) {
    if (s->from != NULL && (s->from != from || s->delay != delay))
        s->many = true;
    s->from = from;
    s->delay = delay;
}

static void add_hop_senders(const struct sim_world *w, struct sender *to,
                            const struct sim_step *s, const struct sim_hop *hop) {
    uint32_t a, na, b, nb;
    const struct sim_step *next = &w->step[hop->next];
    if (hop->kind != SIM_HOP_NEXT)
        return;
    sim_ports_of(s, &a, &na);
    sim_ports_of(next, &b, &nb);
    for (uint32_t k = 0; k < na * nb; k++)
        add_sender(&to[next->comp->port[b + k % nb]->id], s->comp->port[a + k / nb],
                   hop->delay);
}

static void add_senders(const struct sim_world *w, struct sender *to,
                        const struct sim_step *s) {
    const struct sim_hop *hop;
    if (s->again != NULL)
        add_hop_senders(w, to, s, s->again);
    for (uint32_t v = 0; v < SIM_VERDICTS; v++)
        for (uint32_t i = 0; (hop = sim_hop_of(s, v, i)) != NULL; i++)
            add_hop_senders(w, to, s, hop);
}

/* What goes by the port of a step does not come in order. */
static void add_passing(const struct sim_world *w, struct sender *to,
                        const struct sim_step *s) {
    uint32_t first, n;
    const struct sim_step *next = &w->step[s->hop[0].next];
    sim_ports_of(next, &first, &n);
    for (uint32_t i = 0; i < n; i++)
        to[next->comp->port[first + i]->id].many = true;
}

/* Children, copies, parents, and what cables bring. */
static void add_without_hop(struct sender *to, const struct sim_step *s) {
    uint32_t first, n;
    sim_ports_of(s, &first, &n);
    for (uint32_t i = 0; i < n; i++)
        to[s->comp->port[first + i]->id].many = true;
}

/* Ports that may be told of arrivals ahead: in the promise form, with one sender that is in
 * the promise form too and keeps the order. */
static void find_sole(struct sim_world *w) {
    struct sender *to = sim_alloc_n(&w->arena, w->ports + 1, sizeof *to);
    for (uint32_t i = 0; i < w->steps; i++)
        add_senders(w, to, &w->step[i]);
    for (uint32_t i = 0; i < w->steps; i++)
        if (w->step[i].op == NULL || w->step[i].lands) /* they come in without a hop */
            add_without_hop(to, &w->step[i]);
    for (uint32_t i = 0; i < w->steps; i++)
        if (w->step[i].passes && w->step[i].action == SIM_ACT_NONE)
            add_passing(w, to, &w->step[i]);
    for (uint32_t i = 0; i < w->ports; i++) {
        const struct sender *s = &to[i];
        w->port[i]->sole = !w->port[i]->by_event && s->from != NULL && !s->many &&
                           s->from->in_order && !s->from->by_event;
    }
}

/* A port serves late because other ports of its component change what it goes by, or what a
 * step at it does: not where no other one is visited. */
static void find_late(struct sim_world *w) {
    for (uint32_t i = 0; i < w->steps; i++)
        for (uint32_t k = 0; w->step[i].shared && k < w->step[i].comp->ports; k++)
            w->step[i].comp->port[k]->late = true;
    bool *used = sim_alloc_n(&w->arena, w->ports + 1, sizeof *used);
    for (uint32_t i = 0; i < w->steps; i++) {
        uint32_t first, n;
        sim_ports_of(&w->step[i], &first, &n);
        for (uint32_t k = 0; k < n && w->step[i].op != NULL; k++)
            used[w->step[i].comp->port[first + k]->id] = true;
    }
    for (uint32_t c = 0; c < w->comps; c++) {
        struct sim_comp *comp = w->comp[c];
        uint32_t visited = 0;
        for (uint32_t i = 0; i < comp->ports; i++)
            visited += used[comp->port[i]->id];
        for (uint32_t i = 0; i < comp->ports && visited < 2; i++)
            comp->port[i]->late = false;
    }
}

/* Does a step serve at a port as one of several do, for which messages can stand aside? */
static bool is_of(const struct sim_step *s, const struct sim_port *p) {
    uint32_t first, n;
    sim_ports_of(s, &first, &n);
    return s->op != NULL && n == 1 && s->comp->port[first] == p;
}

static bool is_simple(const struct sim_step *s) {
    return s->kind == SIM_STEP_VISIT && !s->hold && !s->keep && !s->called &&
           s->action == SIM_ACT_NONE;
}

/* The stops that a port sends to, as far as they are not `than`. */
static const struct sim_step *stop_but(const struct sim_world *w, const struct sim_port *p,
                                       const struct sim_comp *than) {
    for (uint32_t i = 0; i < w->steps; i++)
        for (uint32_t v = 0; v < SIM_VERDICTS && is_of(&w->step[i], p); v++) {
            const struct sim_hop *hop = &w->step[i].hop[v];
            if (hop->kind == SIM_HOP_NEXT && w->step[hop->stop].comp != than)
                return &w->step[hop->stop];
        }
    return NULL;
}

/* Do messages of several senders come to a port, each with places of its own, and part again,
 * some for a place that they may have to wait for? */
static bool parts(const struct sim_world *w, const struct sim_port *p) {
    uint32_t senders = 0, waits = 0;
    for (uint32_t i = 0; i < w->links; i++) {
        senders += w->link[i]->to == p;
        waits += w->link[i]->from == p && w->link[i]->to->waits;
    }
    for (uint32_t i = 0; i < w->steps; i++)
        if (is_of(&w->step[i], p) && !is_simple(&w->step[i]))
            return false;
    const struct sim_step *stop = stop_but(w, p, NULL);
    return senders > 1 && waits > 0 && stop != NULL && stop_but(w, p, stop->comp) != NULL;
}

static void find_lets_by(struct sim_world *w) {
    for (uint32_t i = 0; i < w->ports; i++) {
        struct sim_port *p = w->port[i];
        p->lets_by = p->lets_by && parts(w, p);
        p->by_event |= p->lets_by;
    }
}

void sim_forms_choose(struct sim_world *w) {
    for (uint32_t i = 0; i < w->steps; i++)
        choose_form(w, &w->step[i]);
}

void sim_forms_settle(struct sim_world *w) {
    find_lets_by(w);
    find_late(w);
    find_sole(w);
}
