/* verdict_full.c - servers and places that are full by their bounds, as the run itself shows.
 */
#include "sim/engine/row.h"
#include "verdict.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REACHED 0.8 /* of its bound is delivered: it may be what limits */
/* It is full without being busy all the time when so much of what its load makes it lose is
 * lost, and it is busy half of the time: not a burst that only room would help. */
#define FORCED 0.5
#define BURSTS 0.05 /* its load makes it lose so much of what is lost: else only room helps */
#define IDLES  0.99 /* busy no more than that: at times there is nothing to do */

static double delivered_bits_per_s(const struct sim_world *w) {
    double bytes = 0;
    for (uint32_t i = 0; i < w->streams; i++)
        bytes += (double)w->stream[i]->delivered.bytes;
    return 8 * bytes * (double)SIM_PS_PER_S / (double)(w->to - w->from);
}

double app_through(const struct app_scenario *s) {
    const struct sim_world *w = s->world;
    double bytes = 0;
    for (uint32_t i = 0; i < w->streams; i++) {
        const struct sim_tally *done = &w->stream[i]->delivered;
        bytes += done->items > 0 ? fmax((double)done->items * app_whole_bytes(s, w->stream[i]),
                                        (double)done->bytes)
                                 : 0;
    }
    return w->to > w->from ? 8 * bytes * (double)SIM_PS_PER_S / (double)(w->to - w->from) : 0;
}

/* What passes by is known of loads above 1 only; what keeps up is asked here. Where it is busy
 * with what would not come if nothing were lost before, the mix does not tell. */
double app_passing(const struct app_case *c, const struct app_bound *b) {
    if (b->load > 1)
        return b->bypass_bits_per_s;
    return b->load < HALF * b->utilization ? 0 : app_bypass(c->s, b);
}

bool app_is_aside(const struct app_case *c, const struct app_bound *b) {
    return c->potential > 0 && app_passing(c, b) >= 0.9995 * c->potential;
}

void app_say_bypass(const struct app_case *c, const struct app_bound *b,
                    struct app_verdict *v) {
    double by = c->potential > 0 ? b->bypass_bits_per_s / c->potential : 0;
    v->aside = by >= 1 - 1e-9; /* little is not nothing: a stream of small packets */
    if (v->aside)
        sim_append(v->why, sizeof v->why,
                   "; all that is delivered passes it by: only copies, children that nobody "
                   "waits for, or what is dropped later comes to it");
    else if (by >= 0.0005)
        sim_append(v->why, sizeof v->why, "; %.4g %% of what could be delivered passes it by",
                   100 * by);
}

/* Of what comes to a resource, or where it makes others wait to the queues in front of it that
 * stand more than they work. */
double app_lost_share(const struct app_case *c, const struct app_bound *b) {
    const struct sim_world *w = c->w;
    bool itself = b->port->refuses || (b->port->drops && !b->window);
    double lost = 0, left = 0;
    bool *held = calloc(w->ports + 1, sizeof *held);
    SIM_ASSERT(held != NULL);
    if (itself)
        held[b->port->id] = true;
    else
        app_held_up(c->s, b, held);
    for (uint32_t i = 0; i < w->ports; i++) {
        const struct sim_port *p = w->port[i];
        double own = share(p->demand_ps, w, p->servers);
        double not_free = share(p->busy_ps, w, p->servers) + app_blocked_share(w, p);
        if (!held[p->id] || (!itself && not_free < 2 * own) || !(p->drops || p->refuses))
            continue;
        lost += (double)p->lost.items;
        left += (double)p->left.items;
    }
    free(held);
    return lost > 0 ? lost / (lost + left) : 0;
}

/* How much of the time servers are busy, or places are waited for. Refused ones do not tell. */
static double occupied(const struct app_case *c, const struct app_bound *b) {
    if (!b->window)
        return b->utilization;
    if (b->port->refuses)
        return HALF;
    return share(b->from->busy_ps, c->w, b->from->servers) + app_blocked_share(c->w, b->from);
}

/* A short queue runs empty now and then, however much is lost: it is full all the same where
 * what its load forces it to lose is lost. So are places that are refused. */
static bool overflows(const struct app_case *c, const struct app_bound *b) {
    double load = b->window ? b->load : b->met;
    double lost = app_lost_share(c, b), forced = 1 - 1 / load;
    return load >= OVER && occupied(c, b) >= HALF && lost >= FORCED * forced &&
           forced >= BURSTS * lost;
}

/* Does a queue lose children, and their parents with them? What comes through is then far below
 * what it could carry. */
static bool costs_parents(const struct app_case *c, const struct app_bound *b) {
    bool loses = b->port->drops || b->port->refuses;
    uint64_t parents = loses ? c->w->cause[b->port->full_cause].cost_parents : 0;
    return parents * 100 > app_offered(c->w) && b->bypass_bits_per_s < c->potential / 2;
}

/* By how much more comes than leaves, or leaves than came, beyond a fluctuation. */
int64_t app_change(const struct sim_port *p) {
    uint64_t in = p->entered.items + p->created.items, out = p->left.items + p->dropped.items;
    int64_t more = (int64_t)(in - out), least = (int64_t)((in < out ? in : out) / 20 + 64);
    return more > least || more < -least ? more : 0;
}

struct app_books app_books_of(const struct app_case *c, const struct app_bound *b) {
    const struct sim_world *w = c->w;
    struct app_books k = {0};
    bool *held = calloc(w->ports + 1, sizeof *held);
    SIM_ASSERT(held != NULL);
    app_held_up(c->s, b, held);
    for (uint32_t i = 0; i < w->ports; i++) {
        const struct sim_port *p = w->port[i];
        if (!held[p->id])
            continue;
        k.before += p->carried_in.items;
        k.in += p->entered.items + p->created.items;
        k.out += p->left.items + p->dropped.items;
        k.lost += p->lost.items;
        k.servers += p->servers;
    }
    free(held);
    return k;
}

/* Does it lose nothing and idle at times, since others lose before it what would be too much?
 * Then it keeps up with what they let through. */
bool app_keeps_up(const struct app_case *c, const struct app_bound *b) {
    struct app_books k = app_books_of(c, b);
    uint64_t lost = 0;
    for (uint32_t i = 0; i < c->w->ports; i++)
        lost += c->w->port[i]->lost.items;
    return b->utilization < IDLES && k.in <= k.out + k.out / 20 + 64 && k.lost == 0 &&
           (double)lost >= FORCED * (1 - 1 / b->load) * (double)app_offered(c->w);
}

/* How much of the time it is full, as far as the run itself shows; 0: it does not. */
static double full_share(const struct app_case *c, const struct app_bound *b) {
    if (b->window ? !b->port->refuses && app_is_stuck(c->w, b->from) : b->utilization >= NEARLY)
        return b->window || !app_keeps_up(c, b);
    if (!overflows(c, b))
        return 0;
    return b->window && b->port->refuses ? 1 : occupied(c, b);
}

/* What more is under way at the end than when the window began: what it takes to fill long
 * queues comes out later. */
static double filled_bits_per_s(const struct sim_world *w) {
    double bytes = 0;
    for (uint32_t i = 0; i < w->streams; i++)
        bytes +=
            (double)w->stream[i]->carried_out.bytes - (double)w->stream[i]->carried_in.bytes;
    return fmax(8 * bytes * (double)SIM_PS_PER_S / (double)(w->to - w->from), 0);
}

/* What came through in the terms of a bound: by servers that have no rest as many messages, of
 * whatever sizes, as of the sizes that were offered. */
static double through(const struct app_case *c, const struct app_bound *b) {
    bool rests = b->window || b->utilization < NEARLY;
    return rests ? delivered_bits_per_s(c->w) : c->through;
}

/* And is so much delivered as it lets through then? Or let through, by servers that have no
 * rest. */
bool app_is_full(const struct app_case *c, const struct app_bound *b) {
    double full = full_share(c, b), least = REACHED * full * b->bits_per_s;
    if (full <= 0)
        return false;
    double more = b->window || b->utilization < NEARLY ? 0 : filled_bits_per_s(c->w);
    return costs_parents(c, b) || through(c, b) + more >= least;
}

static void say_busy(const struct app_case *c, const struct app_bound *b,
                     struct app_verdict *v) {
    snprintf(v->why, sizeof v->why, "%s.%s is busy %.4g %% of the time", b->comp->path,
             b->resource, 100 * b->utilization);
    double blocked = app_blocked_share(c->w, b->port);
    if (b->utilization < NEARLY && blocked > BLOCKED)
        sim_append(v->why, sizeof v->why, ", stands blocked %.4g %% of it by what is behind it",
                   100 * blocked);
    else if (b->utilization < NEARLY)
        sim_append(v->why, sizeof v->why,
                   b->port->drops || b->port->refuses
                       ? ", loses %.4g %% of what comes to its short queue"
                       : ", makes queues in front of it lose %.4g %% of what comes",
                   100 * app_lost_share(c, b));
    sim_append(v->why, sizeof v->why, " and would need %s%.4g %% for the offered mix",
               b->least ? "at least " : "", 100 * b->load);
}

static void say_places(const struct app_bound *b, struct app_verdict *v) {
    bool one = b->port->capacity == 1;
    char places[32] = "one place";
    if (!one)
        snprintf(places, sizeof places, "%lld places", (long long)b->port->capacity);
    snprintf(v->why, sizeof v->why,
             "the %s of %s.%s %s %s: messages hold %s on their way as well as in service, and "
             "the offered mix would need %s%.4g %% of %s",
             places, b->comp->path, b->port->name, one ? "is" : "are",
             b->port->refuses ? "refused" : "waited for", one ? "it" : "them",
             b->least ? "at least " : "", 100 * b->load, one ? "it" : "them");
}

void app_name_bound(const struct app_case *c, const struct app_bound *b,
                    struct app_verdict *v) {
    app_name_loaded(b, b->load, v);
    if (b->window)
        say_places(b, v);
    else
        say_busy(c, b, v);
    app_say_bypass(c, b, v);
}

/* A resource in terms of the streams that come to it alone, frame bits a second: what they
 * would deliver if nothing held them up, what it lets through of them, and what came through.
 */
struct own {
    double potential, bound, through;
};

static struct own own_of(const struct app_case *c, const struct app_bound *b) {
    const struct sim_world *w = c->w;
    struct own own = {0, b->bits_per_s, through(c, b)};
    double per_s = 8 * (double)SIM_PS_PER_S / (double)(w->to - w->from);
    for (uint32_t i = 0; i < w->streams; i++) {
        const struct sim_stream *st = w->stream[i];
        double potential = app_potential_of(c->s, st);
        if (app_part_of(w, st, b) > 0) {
            own.potential += potential;
        } else {
            own.bound -= potential;
            own.through -= per_s * (double)st->delivered.bytes;
        }
    }
    return own;
}

/* What twice of it would bring, of its own streams. */
static double gain_of(const struct own *own) {
    return fmin(own->potential, 2 * own->bound) - own->through;
}

#define REACHES 0.95 /* of the bound of what is named comes through: nothing else is needed */

/* Is it full, and do its own streams deliver what it lets through? Then it holds them up as
 * well as what is named does: where that alone does not explain what came through, or on other
 * ways where it brings half as much. */
static bool holds_its_own(const struct app_case *c, const struct app_bound *o,
                          const struct app_bound *named) {
    if (o->met < OVER || o->utilization < NEARLY)
        return false;
    struct own own = own_of(c, o);
    if (own.bound <= 0 || own.bound > (1 + APP_BRINGS) * own.through)
        return false;
    if (app_share_a_stream(c->w, o, named))
        return through(c, named) < REACHES * named->bits_per_s;
    struct own of_named = own_of(c, named);
    return 2 * gain_of(&own) >= gain_of(&of_named);
}

void app_and_others(const struct app_case *c, struct app_verdict *v) {
    const struct app_bound *named = NULL;
    for (uint32_t i = 0; i < c->n; i++)
        if (c->b[i].comp == v->comp && strcmp(c->b[i].resource, v->resource) == 0)
            named = &c->b[i];
    if (named == NULL || named->window || strcmp(v->kind, "resource") != 0 || v->aside)
        return;
    app_verdict_share(named, v->load, v);
    for (uint32_t i = 0; i < c->n; i++) {
        const struct app_bound *o = &c->b[i];
        bool full = o->met >= OVER && o->bits_per_s <= (1 + APP_BRINGS) * through(c, o) &&
                    app_is_full(c, o);
        bool loses = named->utilization < NEARLY && named->port->lost.items > 0 &&
                     2 * o->port->lost.items >= named->port->lost.items;
        bool beside = (full || loses) && app_share_a_stream(c->w, o, named);
        if (o != named && !o->window && (beside || holds_its_own(c, o, named)) &&
            !app_is_aside(c, o))
            app_verdict_share(o, o->load, v);
    }
    if (v->shares == 1) {
        v->shares = 0;
        return;
    }
    v->kind = "resources";
    sim_append(
        v->why, sizeof v->why,
        "; several let through little more than this, of all or of their own streams, or "
        "lose as much: ");
    app_say_shared(v);
}

/* The servers of a port, where they are as full as its places: those only follow. */
static bool servers_as_full(const struct app_case *c, const struct app_bound *b) {
    for (uint32_t i = 0; b->window && i < c->n; i++) {
        const struct app_bound *o = &c->b[i];
        if (!o->window && app_port_alike(o->port, b->port) && o->met >= OVER &&
            1.05 * o->met >= b->load && app_is_full(c, o))
            return true;
    }
    return false;
}

/* What lost most, where its servers are full: by their bound. */
bool app_by_port(const struct app_case *c, const struct sim_port *p, struct app_verdict *v) {
    for (uint32_t i = 0; i < c->n; i++) {
        const struct app_bound *b = &c->b[i];
        if (b->window || b->port != p || b->met < OVER || full_share(c, b) <= 0)
            continue;
        app_name_bound(c, b, v);
        return true;
    }
    return false;
}

/* Of what is equally loaded, what is busy all the time before what is not: nothing comes to
 * that one which the other does not let through. */
static const struct app_bound *busier(const struct app_case *c, const struct app_bound *b) {
    for (uint32_t i = 0; b->utilization < NEARLY && !b->window && i < c->n; i++) {
        const struct app_bound *o = &c->b[i];
        if (!o->window && o->utilization >= NEARLY && fabs(o->met - b->met) < 0.01 * b->met &&
            app_share_a_stream(c->w, o, b) && full_share(c, o) > 0)
            return o;
    }
    return b;
}

/* A full resource by its bound, confirmed by its servers. A load of just 1, such as a wire
 * that is offered its line rate, loses nothing by itself: it counts only when nothing else
 * does, by a call with an `over` of 0.999. */
bool app_by_bound(const struct app_case *c, double over, bool aside, struct app_verdict *v) {
    if (over < 1 && c->potential <= 0)
        return false; /* all is denied: a wire that is just full has no part in that */
    for (uint32_t i = 0; i < c->n; i++) {
        const struct app_bound *b = &c->b[i];
        if ((b->window ? b->load : b->met) < over || app_is_aside(c, b) != aside ||
            !app_is_full(c, b) || servers_as_full(c, b))
            continue;
        app_name_bound(c, busier(c, b), v);
        return true;
    }
    return false;
}
