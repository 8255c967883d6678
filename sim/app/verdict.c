/* verdict.c - what limited the run: named only where the run itself shows it.
 *
 * A resource that the offered mix would overfill counts when its servers were in fact busy
 * nearly all the time: measured shares of branches need not stay the same under another load.
 * Where the window begins idle, more waiting at its end than at its start shows as much.
 * So does a server that is busy and has a queue in front of it all the time, whatever it would
 * need by its bound: that leaves out the time for which a call keeps it.
 * Else the run is asked where it waited: servers that stood blocked lead to the queue places
 * they waited for; a lack of messages to the pool; losses to the queue that was full.
 */
#include "sim/engine/row.h"
#include "summary.h"
#include "workloads/source.h"
#include <stdio.h>
#include <string.h>

#define NEARLY  0.95 /* busy: full */
#define REACHED 0.8  /* of its bound is delivered: it may be what limits */
#define BLOCKED 0.5  /* of the time: what is behind limits it */

static double share(sim_u128 part, const struct sim_world *w, uint32_t servers) {
    double whole = (double)(w->to - w->from) * servers;
    return whole > 0 ? (double)part / whole : 0;
}

static bool closed(const struct sim_world *w) {
    for (uint32_t i = 0; i < w->streams; i++)
        if (w->stream[i]->reply == NULL)
            return false;
    return true;
}

static bool any_closed(const struct sim_world *w) {
    for (uint32_t i = 0; i < w->streams; i++)
        if (w->stream[i]->reply != NULL)
            return true;
    return false;
}

static void name(struct app_verdict *v, const char *kind, const struct sim_comp *comp,
                 const char *resource) {
    v->kind = kind;
    v->comp = comp;
    snprintf(v->resource, sizeof v->resource, "%.90s", resource);
}

static void name_bound(struct app_verdict *v, const struct app_bound *b) {
    name(v, "resource", b->comp, b->resource);
    v->load = b->load;
    v->least = b->least;
}

static double delivered_bits_per_s(const struct sim_world *w) {
    double bytes = 0;
    for (uint32_t i = 0; i < w->streams; i++)
        bytes += (double)w->stream[i]->delivered.bytes;
    return 8 * bytes * (double)SIM_PS_PER_S / (double)(w->to - w->from);
}

/* How much of the traffic a full resource does not hold up. */
static void say_bypass(const struct app_bound *b, double potential, struct app_verdict *v) {
    double by = potential > 0 ? b->bypass_bits_per_s / potential : 0;
    if (by >= 0.9995)
        sim_append(v->why, sizeof v->why,
                   "; all that is delivered passes it by: only copies, children that nobody "
                   "waits for, or what is dropped later comes to it");
    else if (by >= 0.0005)
        sim_append(v->why, sizeof v->why, "; %.4g %% of what could be delivered passes it by",
                   100 * by);
}

static uint64_t lost_at(const struct sim_world *w, const struct sim_port *p, bool created) {
    uint64_t n = 0;
    for (uint32_t k = 0; (p->drops || p->refuses) && k < w->streams; k++)
        n += created ? w->stream[k]->created_dropped_by[p->full_cause]
                     : w->stream[k]->dropped_by[p->full_cause];
    return n;
}

/* Packets that were dropped because a child of theirs was. */
static uint64_t bereft(const struct sim_world *w) {
    static const char *const end = ":child-failed";
    uint64_t n = 0;
    for (uint32_t i = 0; i < w->causes; i++) {
        const char *tail = strchr(w->cause[i].name, ':');
        for (uint32_t k = 0; tail != NULL && strcmp(tail, end) == 0 && k < w->streams; k++)
            n += w->stream[k]->dropped_by[i];
    }
    return n;
}

/* Does a queue lose children, and their parents with them? What comes through is then far below
 * what it could carry. */
static bool costs_parents(const struct sim_world *w, const struct app_bound *b,
                          double potential) {
    uint64_t all = 0;
    for (uint32_t k = 0; k < w->streams; k++)
        all += w->stream[k]->created.items;
    return bereft(w) > 0 && lost_at(w, b->port, true) * 100 > all &&
           b->bypass_bits_per_s < potential / 2;
}

/* A full resource by its bound, confirmed by its servers. A load of just 1, such as a wire
 * that is offered its line rate, loses nothing by itself: it counts only when nothing else
 * does, by a second call with a `full` of 0.999. */
static bool by_bound(const struct app_scenario *s, const struct app_bound *b, uint32_t n,
                     double potential, double full, struct app_verdict *v) {
    const struct sim_world *w = s->world;
    if (full < 1 && potential <= 0)
        return false; /* all is denied: a wire that is just full has no part in that */
    double through = delivered_bits_per_s(w);
    for (uint32_t i = 0; i < n; i++) {
        if (b[i].met < full || b[i].window || b[i].utilization < NEARLY ||
            (through < REACHED * b[i].bits_per_s && !costs_parents(w, &b[i], potential)))
            continue;
        name_bound(v, &b[i]);
        snprintf(
            v->why, sizeof v->why,
            "%s.%s is busy %.4g %% of the time and would need %s%.4g %% for the offered mix",
            b[i].comp->path, b[i].resource, 100 * b[i].utilization,
            b[i].least ? "at least " : "", 100 * b[i].load);
        say_bypass(&b[i], potential, v);
        return true;
    }
    return false;
}

/* Does more come than leaves, by more than a fluctuation? */
static bool piles_up(const struct sim_port *p) {
    uint64_t in = p->entered.items + p->created.items, out = p->left.items + p->dropped.items;
    return in > out + out / 20 + 64;
}

/* Servers that are busy nearly all the time and have more waiting all the time set the pace in
 * closed loops and in runs that last until all is done, where no resource is asked for more
 * than all of it; and else where their load is too much for them, or was: what waits for a
 * server that keeps up is only a queue. */
static bool by_queue(const struct app_scenario *s, const struct app_bound *b, uint32_t n,
                     struct app_verdict *v) {
    const struct sim_world *w = s->world;
    bool taken = s->open_ended || any_closed(w);
    const struct app_bound *top = NULL;
    double waiting = 0, most = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (b[i].window || b[i].utilization < NEARLY ||
            !(taken || b[i].load >= 1.001 || lost_at(w, b[i].port, false) > 0 ||
              lost_at(w, b[i].port, true) > 0 || piles_up(b[i].port)))
            continue;
        double load = b[i].load > b[i].utilization ? b[i].load : b[i].utilization;
        double more = share(b[i].port->level.area, w, 1) - b[i].port->servers;
        if (more < 1 || load <= most)
            continue;
        top = &b[i];
        waiting = more;
        most = load;
    }
    if (top == NULL)
        return false;
    name(v, "resource", top->comp, top->resource);
    v->load = most;
    v->least = top->least && top->load >= most;
    snprintf(v->why, sizeof v->why,
             "%s.%s is busy %.4g %% of the time, and %.4g messages wait for it on average",
             top->comp->path, top->resource, 100 * top->utilization, waiting);
    return true;
}

/* Did the window begin before there was anything to do? */
static bool began_idle(const struct app_scenario *s) {
    for (uint32_t i = 0; i < s->streams; i++)
        if (((const struct work_source *)s->stream[i].source)->start < s->world->from)
            return false;
    return true;
}

/* A resource that the offered mix would overfill and for which more waits at the end of a
 * window that began idle. */
static bool by_growth(const struct app_scenario *s, const struct app_bound *b, uint32_t n,
                      struct app_verdict *v) {
    for (uint32_t i = 0; i < n && began_idle(s); i++) {
        const struct sim_port *p = b[i].port;
        if (b[i].window || b[i].met < 1.001 || b[i].utilization >= NEARLY ||
            p->entered.items + p->created.items <=
                p->left.items + p->dropped.items + p->servers)
            continue;
        name_bound(v, &b[i]);
        snprintf(
            v->why, sizeof v->why,
            "%s.%s would need %s%.4g %% for the offered mix; it was busy %.4g %% of the "
            "window, which began before it had anything to do: a longer warm-up would show "
            "whether it is full",
            b[i].comp->path, b[i].resource, b[i].least ? "at least " : "", 100 * b[i].load,
            100 * b[i].utilization);
        return true;
    }
    return false;
}

static bool by_pool(const struct app_scenario *s, struct app_verdict *v) {
    for (uint32_t i = 0; i < s->streams; i++) {
        const struct work_source *src = (const struct work_source *)s->stream[i].source;
        const struct sim_stream *st = s->stream[i].stream;
        if ((uint64_t)src->lagged * 100 <= st->offered.items)
            continue;
        name(v, "resource", &src->base, "messages");
        snprintf(v->why, sizeof v->why,
                 "%.4g %% of the packets of \"%s\" had to wait for a free message: the pool of "
                 "%u limits the run, not the card; raise /run/messages",
                 100 * (double)src->lagged / (double)st->offered.items, st->name,
                 s->world->opts.messages);
        return true;
    }
    return false;
}

/* How full a bounded queue was on average: items of the room for them. */
static double fullness(const struct sim_world *w, const struct sim_port *p) {
    return p->capacity > 0 ? share(p->level.area, w, 1) / (double)p->capacity : 0;
}

/* The bounded port that `p` sends to: of several the fullest. NULL: there is none. */
static const struct sim_port *behind(const struct sim_world *w, const struct sim_port *p) {
    const struct sim_port *best = NULL;
    for (const struct sim_link *l = p->links; l != NULL; l = l->sibling)
        if (best == NULL || fullness(w, l->to) > fullness(w, best))
            best = l->to;
    return best;
}

static double blocked_share(const struct sim_world *w, const struct sim_port *p) {
    return share(p->blocked_ps, w, p->servers);
}

/* What servers waited for that stood blocked: the port behind the one that was blocked most, of
 * those where the blocking ends. Else, where it leads on by several ways, itself. */
static const struct sim_port *blocking(const struct sim_world *w) {
    const struct sim_port *end = NULL, *any = NULL;
    double most = BLOCKED, worst = BLOCKED;
    for (uint32_t i = 0; i < w->ports; i++) {
        const struct sim_port *p = w->port[i], *next = behind(w, p);
        double b = blocked_share(w, p);
        if (b > worst) {
            worst = b;
            any = p;
        }
        if (b > most && next != NULL && blocked_share(w, next) < BLOCKED) {
            most = b;
            end = next;
        }
    }
    return end != NULL ? end : any;
}

static bool by_blocking(const struct sim_world *w, struct app_verdict *v) {
    const struct sim_port *at = blocking(w);
    if (at == NULL)
        return false;
    double busy = share(at->busy_ps, w, at->servers);
    double blocked = blocked_share(w, at);
    char resource[96];
    snprintf(resource, sizeof resource, "%.60s%s", at->name, busy >= NEARLY ? "" : " slots");
    name(v, "resource", at->comp, resource);
    if (busy >= NEARLY)
        snprintf(v->why, sizeof v->why,
                 "%s.%s is busy %.4g %% of the time and holds up what is in front of it",
                 at->comp->path, at->name, 100 * busy);
    else if (blocked >= BLOCKED)
        snprintf(v->why, sizeof v->why,
                 "%s.%s stands blocked %.4g %% of the time: several ways lead on from it, and "
                 "which of them is full the run does not tell",
                 at->comp->path, at->name, 100 * blocked);
    else
        snprintf(v->why, sizeof v->why,
                 "all %lld places of %s.%s are waited for (%.3g hold a message on average), "
                 "though its server is busy only %.4g %% of the time: they are kept for a long "
                 "way, by what comes behind, or by a line that another holds up",
                 (long long)at->capacity, at->comp->path, at->name, share(at->level.area, w, 1),
                 100 * busy);
    return true;
}

/* The queue that lost most packets; or, where it cost packets, most children. */
static bool by_loss(const struct sim_world *w, bool created, struct app_verdict *v) {
    const struct sim_port *at = NULL;
    uint64_t most = 0, all = 0;
    for (uint32_t k = 0; k < w->streams; k++)
        all += created ? w->stream[k]->created.items : w->stream[k]->offered.items;
    for (uint32_t i = 0; i < w->ports; i++) {
        uint64_t n = lost_at(w, w->port[i], created);
        if (n > most) {
            most = n;
            at = w->port[i];
        }
    }
    bool parents = bereft(w) > (created ? 0 : most);
    if (at == NULL || most * 10000 < all || parents != created)
        return false;
    name(v, "resource", at->comp, strchr(w->cause[at->full_cause].name, ':') + 1);
    snprintf(v->why, sizeof v->why,
             "%.4g %% of the %s are lost at %s (room for %lld %s) though no server is full on "
             "average: bursts, or a queue that is too short",
             100 * (double)most / (double)all, created ? "children and copies" : "packets",
             w->cause[at->full_cause].name, (long long)at->capacity,
             at->bytes_capacity ? "bytes" : "items");
    return true;
}

void app_verdict_of(const struct app_scenario *s, const struct app_bound *b, uint32_t n,
                    double potential, struct app_verdict *v) {
    const struct sim_world *w = s->world;
    *v = (struct app_verdict){.kind = closed(w) ? "closed-loop-depth" : "offered-load"};
    if (w->to > w->from &&
        (by_bound(s, b, n, potential, 1.001, v) || by_queue(s, b, n, v) ||
         by_growth(s, b, n, v) || by_blocking(w, v) || by_pool(s, v) || by_loss(w, false, v) ||
         by_loss(w, true, v) || by_bound(s, b, n, potential, 0.999, v)))
        return;
    const struct app_bound *top = NULL; /* the busiest in fact */
    for (uint32_t i = 0; i < n; i++)
        if (!b[i].window && (top == NULL || b[i].utilization > top->utilization))
            top = &b[i];
    if (top == NULL) {
        snprintf(v->why, sizeof v->why, "nothing was served in the measured window");
        return;
    }
    name(v, v->kind, top->comp, top->resource);
    v->load = top->utilization;
    snprintf(v->why, sizeof v->why, "%s: the busiest, %s.%s, is busy %.4g %% of the time; %s",
             top->utilization < NEARLY ? "no resource is full" : "nothing piles up",
             top->comp->path, top->resource, 100 * top->utilization,
             closed(w) ? "the requests that may be outstanding limit the throughput"
                       : "the offered load is what limits the throughput");
}
