/* books.c - opening and closing the measured window, and the exact audit of a run.
 *
 * What is held when the window opens and closes is counted from where the messages are; what
 * passes is counted as it passes. The audit holds the one against the other in integers.
 */
#include "inside.h"
#include <inttypes.h>
#include <stdio.h>

static void add(struct sim_tally *t, uint64_t items, uint64_t bytes) {
    t->items += items;
    t->bytes += bytes;
}

/* Promise form: the head's service is planned, its departure is not fixed. */
static bool serves_head(const struct sim_port *p) {
    return p->server->state == SIM_SERVER_WAITS || p->server->state == SIM_SERVER_ENDS;
}

/* Messages in a port just before `at`, by its own structures. */
static struct sim_tally held(const struct sim_port *p, sim_ps at) {
    struct sim_tally t = {0, 0};
    for (uint32_t i = p->gone; i != p->fixed; i++)
        if (p->leaving[i & p->mask].at >= at)
            add(&t, 1, p->leaving[i & p->mask].bytes);
    for (uint32_t c = 0; c < p->classes; c++)
        for (const struct sim_msg *m = p->lines[c].head; m != NULL; m = m->next)
            add(&t, 1, m->bytes);
    if (!p->by_event) {
        /* the head's plan is made, its departure is not fixed: its bytes are those before */
        const struct sim_server *s = p->server;
        if (p->line.head != NULL && (serves_head(p) || s->state == SIM_SERVER_DECIDES))
            add(&t, 0, (uint64_t)s->plan.bytes_in - p->line.head->bytes);
        return t;
    }
    for (uint32_t i = 0; i < p->all_servers; i++) {
        const struct sim_server *s = &p->server[i];
        if (s->state != SIM_SERVER_IDLE && s->state != SIM_SERVER_HELD)
            add(&t, 1, s->plan.bytes_in);
    }
    return t;
}

static void carry(struct sim_world *w, const struct sim_msg *m, bool in) {
    struct sim_stream *st = w->stream[m->stream];
    add(in ? &st->carried_in : &st->carried_out, 1, m->bytes);
}

/* Live messages of every stream just before t, by their pools and cables. */
static void count_live(struct sim_world *w, sim_ps t, bool in) {
    for (uint32_t n = 0; n < w->nodes; n++) {
        sim_reclaim(w->node[n], t);
        const struct sim_pool *pool = &w->node[n]->pool;
        for (uint32_t i = 0; i < pool->capacity; i++) {
            const struct sim_msg *m = &pool->msg[i];
            if (!sim_msg_live(pool, m))
                continue;
            carry(w, m, in);
        }
    }
    for (uint32_t k = 0; k < w->cables; k++)
        for (const struct sim_flight *f = w->cable[k]->all; f != NULL; f = f->older)
            if (sim_event_armed(&f->msg.arrive))
                carry(w, &f->msg, in);
}

void sim_window_open(struct sim_world *w) {
    w->opened = true;
    for (uint32_t i = 0; i < w->ports; i++) {
        struct sim_port *p = w->port[i];
        p->carried_in = held(p, w->from);
    }
    count_live(w, w->from, true);
}

/* A service that is planned and whose message has not left by t. */
static void cut_plan(struct sim_port *p, const struct sim_plan *plan, const struct sim_msg *m,
                     sim_ps t) {
    struct sim_visit v = sim_visit_of(p, m, plan, t);
    sim_visit_cut(p, &v);
}

/* A server that a polling call keeps is busy until its message, which is away, is served. */
static void cut_server(struct sim_server *s, sim_ps t) {
    if (s->state == SIM_SERVER_HELD)
        s->port->busy_ps += (uint64_t)sim_clip(s->port->world, s->held_from, t);
    else if (s->state != SIM_SERVER_IDLE) {
        s->port->busy_ps += sim_kept_ps(s);
        cut_plan(s->port, &s->plan, s->msg, t);
    }
}

/* What is in the port at t: residence so far, and service. What was booked ahead is clipped. */
static void cut_held(struct sim_port *p, sim_ps t) {
    const struct sim_world *w = p->comp->world;
    const struct sim_msg *planned = NULL;
    if (p->has_open && p->open.out < t)
        sim_visit_book_open(p);
    else if (p->has_open)
        sim_visit_cut(p, &p->open);
    for (uint32_t i = 0; p->by_event && i < p->all_servers; i++)
        cut_server(&p->server[i], t);
    if (!p->by_event && serves_head(p))
        planned = p->line.head;
    if (planned != NULL)
        cut_plan(p, &p->server->plan, planned, t);
    for (uint32_t c = 0; c < p->classes; c++)
        for (const struct sim_msg *m = p->lines[c].head; m != NULL; m = m->next)
            p->residence_ps += m == planned ? 0 : (uint64_t)sim_clip(w, m->entered, t);
}

/* Shut the window at t: w->to, or earlier when the run is cut short. */
void sim_window_shut(struct sim_world *w, sim_ps t) {
    w->to = t;
    for (uint32_t i = 0; i < w->streams; i++)
        if (w->stream[i]->shut != NULL)
            w->stream[i]->shut(w->stream[i], t);
    for (uint32_t i = 0; i < w->ports; i++) {
        struct sim_port *p = w->port[i];
        p->level.to = t;
        sim_port_level_at(p, t);
        cut_held(p, t);
        sim_port_sum_up(p);
        p->carried_out = held(p, t);
    }
    count_live(w, t, false);
    w->shut = true;
}

/* Cut short before the window: an empty one, without what was booked ahead for the planned. */
static void open_empty(struct sim_world *w, sim_ps t) {
    w->from = w->to = t;
    for (uint32_t i = 0; i < w->ports; i++) {
        struct sim_port *p = w->port[i];
        p->fresh = (struct sim_fresh){0};
        p->residence_ps = p->busy_ps = p->blocked_ps = p->demand_ps = p->waited_ps = 0;
        p->left = p->dropped = (struct sim_tally){0, 0};
        p->bytes_changed = 0;
    }
    sim_window_open(w);
}

/* Of a source without a queue only waits for the pool were counted: the others were none. */
static void flush_launched(struct sim_stream *st, const struct sim_world *w) {
    struct sim_step_stat *stat = st->step != NULL ? st->step[st->first] : NULL;
    if (stat != NULL && w->step[st->first].direct && stat->wait.count < stat->served)
        sim_hist_add(&stat->wait, 0, stat->served - stat->wait.count);
}

static void note_server(const struct sim_server *s, const struct sim_msg *m) {
    if (s->state != SIM_SERVER_IDLE && s->state != SIM_SERVER_HELD)
        sim_visit_began(s->port, m->stream, m->step, s->plan.start);
}

/* Services under way when the run ends: their messages came, though they have not left. */
static void note_planned(struct sim_port *p) {
    for (uint32_t i = 0; p->by_event && i < p->all_servers; i++)
        note_server(&p->server[i], p->server[i].msg);
    if (!p->by_event && serves_head(p))
        note_server(p->server, p->line.head);
    if (p->has_open)
        sim_visit_began(p, p->open.stream, p->open.step, p->open.start);
}

void sim_world_close(struct sim_world *w, sim_ps t) {
    if (!w->opened) {
        open_empty(w, t);
    } else if (t < w->from) { /* the last event was before the window: an empty one */
        t = w->from;
    }
    if (!w->shut)
        sim_window_shut(w, t < w->to ? t : w->to);
    w->end = t;
    for (uint32_t i = 0; i < w->nodes; i++)
        sim_reclaim(w->node[i], t + 1);
    for (uint32_t i = 0; i < w->ports; i++) {
        note_planned(w->port[i]);
        if (w->port[i]->open.out <= t)
            sim_visit_book_open(w->port[i]);
    }
    for (uint32_t i = 0; i < w->streams; i++) {
        for (uint32_t k = 0; k < w->steps; k++)
            if (w->stream[i]->step != NULL && w->stream[i]->step[k] != NULL) {
                sim_step_sum_up(w->stream[i]->step[k]);
                sim_step_flush(w->stream[i]->step[k]);
            }
        flush_launched(w->stream[i], w);
    }
}

/* ---------------------------------------------------------------- audit */

static bool conserve(const char *who, const char *what, uint64_t in, uint64_t out,
                     struct sim_err *err) {
    if (in == out)
        return true;
    return sim_fail(err, "", who,
                    "%s: %" PRIu64 " came in (carried, entered, created) but %" PRIu64
                    " are accounted for (left, dropped, absorbed, carried)",
                    what, in, out);
}

static bool audit_port(const struct sim_port *p, struct sim_err *err) {
    char who[256];
    snprintf(who, sizeof who, "%s.%s", p->comp->path, p->name);
    uint64_t in = p->carried_in.items + p->entered.items + p->created.items;
    uint64_t out = p->left.items + p->dropped.items + p->carried_out.items;
    if (!conserve(who, "items", in, out, err))
        return false;
    in = p->carried_in.bytes + p->entered.bytes + p->created.bytes + (uint64_t)p->bytes_changed;
    out = p->left.bytes + p->dropped.bytes + p->carried_out.bytes;
    if (!conserve(who, "bytes", in, out, err))
        return false;
    if (p->level.area != p->residence_ps)
        return sim_fail(err, "", who,
                        "Little: the queue's integral and the messages' residence differ by "
                        "%" PRId64 " item-ps",
                        (int64_t)(p->level.area - p->residence_ps));
    const struct sim_world *w = p->comp->world;
    if (p->busy_ps > (unsigned __int128)(uint64_t)(w->to - w->from) * p->servers)
        return sim_fail(err, "", who, "servers were busy for longer than the window");
    return true;
}

static bool audit_stream(const struct sim_stream *s, struct sim_err *err) {
    uint64_t in = s->carried_in.items + s->offered.items + s->created.items;
    uint64_t out =
        s->delivered.items + s->dropped.items + s->absorbed.items + s->carried_out.items;
    if (!conserve(s->name, "items", in, out, err))
        return false;
    in = s->carried_in.bytes + s->offered.bytes + s->created.bytes + (uint64_t)s->bytes_changed;
    out = s->delivered.bytes + s->dropped.bytes + s->absorbed.bytes + s->carried_out.bytes;
    return conserve(s->name, "bytes", in, out, err);
}

static bool audit_pool(const struct sim_node *node, struct sim_err *err) {
    uint64_t live = 0;
    for (uint32_t i = 0; i < node->pool.capacity; i++)
        live += sim_msg_live(&node->pool, &node->pool.msg[i]);
    if (live + node->pool.free == node->pool.capacity)
        return true;
    return sim_fail(err, "", node->name, "message pool: %" PRIu64 " live + %u free != %u", live,
                    node->pool.free, node->pool.capacity);
}

bool sim_world_audit(const struct sim_world *w, struct sim_err *err) {
    for (uint32_t i = 0; i < w->ports; i++)
        if (!audit_port(w->port[i], err))
            return false;
    for (uint32_t i = 0; i < w->streams; i++)
        if (!audit_stream(w->stream[i], err))
            return false;
    for (uint32_t i = 0; i < w->nodes; i++)
        if (!audit_pool(w->node[i], err))
            return false;
    for (uint32_t i = 0; i < w->comps; i++)
        if (w->comp[i]->model->check != NULL && !w->comp[i]->model->check(w->comp[i], err))
            return false;
    return true;
}

uint64_t sim_world_digest(const struct sim_world *w) {
    uint64_t h = 0xcbf29ce484222325ull;
    for (uint32_t i = 0; i < w->ports; i++)
        h = (h ^ w->port[i]->digest ^ w->port[i]->digest_out * 0x9e3779b97f4a7c15ull) *
                0x100000001b3ull ^
            h >> 31;
    return h;
}
