/* world.c - making and freeing a world: nodes, components, ports, streams, steps, cables.
 *
 * Arrays of pointers grow while building; nothing here runs while the simulation does.
 */
#include "inside.h"
#include <stdio.h>
#include <string.h>

/* Room for one more pointer in an array that doubles at powers of two. */
static void *more(struct sim_world *w, void *array, uint32_t n, size_t size) {
    if (n != 0 && (n & (n - 1)) != 0)
        return array;
    return sim_grow(&w->arena, array, n * size, (n ? 2 * (size_t)n : 1) * size);
}

static struct sim_group *group_add(struct sim_world *w) {
    struct sim_group *g = sim_alloc(&w->arena, sizeof *g);
    sim_queue_init(&g->queue, w->opts.queue, &w->arena);
    g->world = w;
    g->id = w->groups;
    w->group = more(w, w->group, w->groups, sizeof *w->group);
    w->group[w->groups++] = g;
    return g;
}

struct sim_world *sim_world_new(const struct sim_world_opts *opts) {
    struct sim_arena arena = {0};
    struct sim_world *w = sim_alloc(&arena, sizeof *w);
    w->arena = arena;
    w->opts = *opts;
    w->from = opts->warmup;
    w->to = opts->warmup + opts->duration;
    w->end = w->to + opts->drain;
    w->join_free = UINT32_MAX;
    if (!opts->windows)
        group_add(w);
    return w;
}

void sim_world_free(struct sim_world *w) {
    struct sim_arena arena = w->arena;
    sim_arena_free(&arena);
}

struct sim_node *sim_node_add(struct sim_world *w, const char *name) {
    struct sim_node *node = sim_alloc(&w->arena, sizeof *node);
    node->name = sim_strdup(&w->arena, name);
    node->id = w->nodes;
    node->group = w->opts.windows ? group_add(w) : w->group[0];
    sim_pool_init(&node->pool, w->opts.messages, w->opts.body_bytes, &node->group->now,
                  &w->arena);
    w->node = more(w, w->node, w->nodes, sizeof *w->node);
    w->node[w->nodes++] = node;
    return node;
}

struct sim_comp *sim_comp_add(struct sim_world *w, struct sim_node *node,
                              const struct sim_model *model, const char *path) {
    struct sim_comp *comp = sim_alloc(&w->arena, model->size);
    comp->model = model;
    comp->world = w;
    comp->node = node;
    comp->queue = &node->group->queue;
    comp->path = sim_strdup(&w->arena, path);
    comp->file = comp->pointer = "";
    comp->id = comp->rank = w->comps;
    comp->emit = comp->join = UINT32_MAX;
    w->comp = more(w, w->comp, w->comps, sizeof *w->comp);
    w->comp[w->comps++] = comp;
    return comp;
}

bool sim_comp_init(struct sim_comp *comp, struct sim_err *err) {
    return comp->model->init == NULL || comp->model->init(comp, err);
}

static struct sim_port *port_new(struct sim_comp *comp, const struct sim_port_opts *o) {
    struct sim_world *w = comp->world;
    struct sim_port *p = sim_alloc(&w->arena, sizeof *p);
    p->comp = comp;
    p->world = w;
    p->now = &comp->node->group->now;
    p->name = sim_strdup(&w->arena, o->name);
    p->id = w->ports;
    p->index = comp->ports;
    p->clock = sim_clock_make(o->hz);
    p->clocked = o->hz > 0;
    p->servers = o->servers ? o->servers : 1;
    p->classes = o->classes ? o->classes : 1;
    p->capacity = o->capacity;
    p->bytes_capacity = o->bytes;
    p->reserve_at_start = o->reserve_at_start;
    SIM_ASSERT(o->in_order || !o->slot_till_out);
    p->in_order = o->in_order;
    p->slot_till_out = o->slot_till_out;
    p->lets_by = o->lets_by && o->full == SIM_FULL_WAIT && o->capacity > 0;
    p->late = o->late;
    p->chosen = o->lines > 0;
    p->coming = SIM_NO_LINE;
    if (p->chosen)
        p->classes = o->lines;
    p->lines = &p->line;
    if (p->classes > 1)
        p->lines = sim_alloc_n(&w->arena, p->classes, sizeof *p->lines);
    p->aside = o->aside;
    p->paced_by = o->paced_by;
    p->by_event =
        !p->aside && (p->chosen || p->servers > 1 || p->classes > 1 || w->opts.all_by_event);
    if (o->capacity > 0) {
        p->waits = o->full == SIM_FULL_WAIT;
        p->drops = o->full == SIM_FULL_DROP;
        p->refuses = o->full == SIM_FULL_REFUSE;
    }
    p->by_event |= p->slot_till_out && p->drops; /* who has left is known when it has */
    SIM_ASSERT((p->chosen || p->classes <= SIM_CLASSES) && (!o->bytes || p->drops));
    return p;
}

uint32_t sim_port_add(struct sim_comp *comp, const struct sim_port_opts *o) {
    struct sim_world *w = comp->world;
    struct sim_port *p = port_new(comp, o);
    if (p->drops || p->refuses) {
        p->full_cause = sim_cause_add(w, comp, o->cause ? o->cause : "queue-full");
        w->cause[p->full_cause].full = true;
    }
    comp->port = more(w, comp->port, comp->ports, sizeof *comp->port);
    comp->port[comp->ports++] = p;
    w->port = more(w, w->port, w->ports, sizeof *w->port);
    w->port[w->ports++] = p;
    p->like = 1 + (o->like > 0 ? comp->port[o->like - 1]->id : p->id);
    return p->index;
}

static uint32_t free_port(struct sim_comp *comp, uint32_t *index, const char *name) {
    if (*index == UINT32_MAX)
        *index = sim_port_add(comp, &(struct sim_port_opts){.name = name, .in_order = true});
    return *index;
}

uint32_t sim_comp_emit(struct sim_comp *comp) {
    uint32_t index = free_port(comp, &comp->emit, "out");
    comp->port[index]->emits = true;
    return index;
}

uint32_t sim_comp_join(struct sim_comp *comp) { return free_port(comp, &comp->join, "join"); }

void sim_step_free_ports(const struct sim_step *step) {
    if (step->kind == SIM_STEP_EMIT || step->action != SIM_ACT_NONE)
        (void)sim_comp_emit(step->comp);
    if (step->kind == SIM_STEP_RESUME)
        (void)sim_comp_join(step->comp);
}

void sim_comp_rng(const struct sim_comp *comp, const char *purpose, struct sim_rng *rng) {
    char name[512];
    snprintf(name, sizeof name, "%s/%s", comp->path, purpose);
    sim_rng_init(rng, comp->world->opts.seed, name);
}

struct sim_arena *sim_comp_arena(const struct sim_comp *comp) {
    return &comp->world->arena;
}

uint32_t sim_comp_slot(struct sim_comp *comp, const char *kind) {
    struct sim_world *w = comp->world;
    for (uint32_t i = 0; i < SIM_SLOT_KINDS; i++) {
        if (w->slots[i].kind == NULL)
            w->slots[i].kind = kind;
        if (strcmp(w->slots[i].kind, kind) == 0)
            return w->slots[i].n++;
    }
    SIM_ASSERT(!"more kinds of payload facts than SIM_SLOT_KINDS");
    return 0;
}

struct sim_stream *sim_stream_add(struct sim_world *w, const char *name) {
    struct sim_stream *s = sim_alloc(&w->arena, sizeof *s);
    s->name = sim_strdup(&w->arena, name);
    s->id = (uint16_t)w->streams;
    w->stream = more(w, w->stream, w->streams, sizeof *w->stream);
    w->stream[w->streams++] = s;
    return s;
}

bool sim_steps_prepare(struct sim_world *w, struct sim_err *err) {
    for (uint32_t i = 0; i < w->steps; i++) {
        struct sim_step *step = &w->step[i];
        if (step->op != NULL && step->comp->model->prepare != NULL &&
            !step->comp->model->prepare(step->comp, step, err))
            return false;
    }
    return true;
}

uint16_t sim_step_add(struct sim_world *w, const struct sim_step *step) {
    SIM_ASSERT(w->steps < UINT16_MAX);
    w->step = more(w, w->step, w->steps, sizeof *w->step);
    w->step[w->steps] = *step;
    return (uint16_t)w->steps++;
}

/* FNV-1a, never a step's number. */
static uint32_t mark_of(const char *name) {
    uint32_t h = 2166136261u;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 16777619u;
    return h | 0x80000000u;
}

uint16_t sim_cause_add(struct sim_world *w, const struct sim_comp *comp, const char *name) {
    char text[512];
    snprintf(text, sizeof text, "%s:%s", comp->path, name);
    for (uint32_t i = 0; i < w->causes; i++)
        if (strcmp(w->cause[i].name, text) == 0)
            return (uint16_t)i;
    SIM_ASSERT(w->causes < UINT16_MAX);
    w->cause = more(w, w->cause, w->causes, sizeof *w->cause);
    w->cause[w->causes] = (struct sim_cause){
        .name = sim_strdup(&w->arena, text), .mark = mark_of(text), .comp = comp};
    return (uint16_t)w->causes++;
}

struct sim_cable *sim_cable_add(struct sim_world *w, struct sim_node *from, struct sim_comp *to,
                                sim_ps delay) {
    struct sim_cable *c = sim_alloc(&w->arena, sizeof *c);
    SIM_ASSERT(delay >= 1);
    c->from = from;
    c->to = to;
    c->delay = delay;
    c->sent_tail = &c->sent;
    c->id = w->cables;
    w->cable = more(w, w->cable, w->cables, sizeof *w->cable);
    w->cable[w->cables++] = c;
    return c;
}

/* ---------------------------------------------------------------- timers and sources */

void sim_send(struct sim_comp *to, uint32_t sender, uint32_t seq, struct sim_event *e,
              sim_ps t) {
    e->time = t;
    e->rank = sim_event_rank(to->rank, sender);
    e->seq = seq;
    sim_queue_add(to->queue, e);
}

void sim_send_on(struct sim_port *from, const struct sim_port *to, struct sim_event *e,
                 sim_ps t) {
    e->time = t;
    e->rank = sim_event_rank(to->rank, from->id + 1);
    e->seq = from->seq++;
    sim_queue_add(from->comp->queue, e);
}

void sim_timer_init(struct sim_comp *comp, struct sim_event *timer,
                    void (*fire)(struct sim_event *, struct sim_group *)) {
    timer->fire = fire;
    timer->carry = comp->timers++;
    timer->next = NULL;
}

/* A timer's key is its number in the component: order of arming does not matter. */
void sim_timer_at(struct sim_comp *comp, struct sim_event *timer, sim_ps t) {
    sim_send(comp, 0, timer->carry, timer, t);
}

/* Equal times: each source has its share of what was free when the picosecond began, so that
 * it does not matter which of them comes first. */
static bool has_share(const struct sim_stream *stream, struct sim_node *node) {
    struct sim_pool *pool = &node->pool;
    sim_pool_at(pool);
    bool same = stream->burst_at == pool->then;
    uint32_t free_then = pool->free_then + (same ? stream->early : 0);
    if (free_then <= pool->capacity / 2)
        return false;
    uint32_t left = free_then - pool->capacity / 2, had = same ? stream->burst : 0;
    return had < (left > node->sources ? left / node->sources : 1);
}

static void out_of_messages(const struct sim_node *node, const struct sim_step *step) {
    struct sim_world *w = node->group->world;
    if (w->failed)
        return;
    w->failed = true;
    sim_fail(
        &w->err, NULL, "/run/messages",
        "all %u on %s are in use, and step %s (%s) found none: children, copies and what comes "
        "over links need one each, a child for each part that a message splits into; raise it, "
        "or let less be under way at a time: fewer, or smaller ones",
        w->opts.messages, node->name, step->label,
        step->pointer != NULL ? step->pointer : "a link");
}

/* It is decided by what was free when the picosecond began, as for sources: where several
 * want the last ones at the same time the run fails, whoever comes first. */
bool sim_pool_has(struct sim_node *node, const struct sim_step *step) {
    if (!sim_pool_spent(&node->pool))
        return true;
    sim_reclaim(node, node->group->now);
    if (!sim_pool_spent(&node->pool))
        return true;
    out_of_messages(node, step);
    return false;
}

bool sim_inject_room(const struct sim_stream *stream) {
    struct sim_node *node = stream->source->node;
    if (!has_share(stream, node)) {
        sim_reclaim(node, node->group->now);
        if (!has_share(stream, node))
            return false;
    }
    return sim_pool_has(node, &stream->source->world->step[stream->first]);
}

bool sim_inject_ahead(const struct sim_stream *stream, sim_ps birth) {
    struct sim_node *node = stream->source->node;
    const struct sim_world *w = stream->source->world;
    const struct sim_step *first = &w->step[stream->first];
    const struct sim_port *to = first->hop[0].port;
    const struct sim_pool *pool = &node->pool;
    if (!node->alone || !first->direct || to == NULL || !to->sole)
        return false;
    return stream->reply == NULL && sim_may_tell(w, birth, node->group->now) &&
           pool->free > pool->capacity / 2 + 1 && has_share(stream, node);
}

static void count_birth(struct sim_stream *st, const struct sim_world *w,
                        const struct sim_msg *m, sim_ps now) {
    sim_ps birth = m->birth;
    struct sim_tally *t = NULL;
    if (sim_inside(w, birth))
        t = &st->offered;
    else if (birth < w->from && now >= w->from)
        t = &st->carried_in; /* it was waiting at its source when the window opened */
    if (t == NULL)
        return;
    t->items++;
    t->bytes += m->bytes;
    if (st->kind != NULL && t == &st->offered) {
        st->kind[m->kind].offered.items++;
        st->kind[m->kind].offered.bytes += m->bytes;
    }
}

struct sim_msg *sim_inject(struct sim_stream *stream, sim_ps birth,
                           const struct sim_msg *like) {
    struct sim_comp *comp = stream->source;
    struct sim_world *w = comp->world;
    sim_ps now = birth > sim_now(comp) ? birth : sim_now(comp);
    if (!sim_inject_room(stream))
        return NULL;
    w->ahead = now > w->ahead ? now : w->ahead;
    struct sim_msg *m = sim_msg_new(&comp->node->pool);
    if (stream->burst_at != now)
        stream->burst = stream->early = 0;
    stream->burst_at = now;
    stream->burst++;
    stream->early += now > sim_now(comp);
    memcpy(m, like, offsetof(struct sim_msg, arrive));
    m->link = 0;
    m->birth = birth;
    m->id = (uint64_t)stream->id << 40 | stream->born++;
    m->stream = stream->id;
    m->step = stream->first;
    m->port = comp->port[comp->emit]->id;
    if (sim_inside(w, birth)) {
        m->flags |= SIM_MSG_MEASURED;
        stream->born_measured++;
        sim_record_begin(comp->node, m);
    }
    count_birth(stream, w, m, now);
    struct sim_port *out = w->port[m->port];
    if (w->step[m->step].direct) { /* nothing to wait for: no queue of its own either */
        sim_launch(out, m, now);
    } else {
        sim_port_enter(out, m, now);
    }
    return m;
}

bool sim_step_used(const struct sim_world *w, uint32_t step) {
    for (uint32_t k = 0; k < w->streams; k++)
        if (w->stream[k]->step[step] != NULL && w->stream[k]->step[step]->came)
            return true;
    return false;
}
