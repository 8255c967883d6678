/* verdict_wait.c - queue places that are waited for. */
#include "verdict.h"
#include <stdio.h>

#define OWN 0.8 /* of the time: what a server stands blocked beside it is the lesser part */

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

/* Is nothing of what is delivered held up by what a port stands blocked for? */
static bool is_aside(const struct app_case *c, const struct sim_port *p,
                     const struct sim_port *next) {
    struct app_bound b = {.port = next != NULL ? next : p, .window = next != NULL, .from = p};
    return app_is_aside(c, &b);
}

/* Is a server occupied all the time and not by its own work; or blocked half of it, and queues
 * in front of it lose? */
static bool stands(const struct app_case *c, const struct sim_port *p) {
    const struct app_bound b = {.port = p, .window = true, .from = p};
    return app_is_stuck(c->w, p) ||
           (app_blocked_share(c->w, p) >= 0.5 && app_lost_share(c, &b) >= 0.01);
}

/* Does it stand no longer than what is behind it works, or what that stands for? Then that is
 * too slow at times, and the places in front of it are no wall of their own. */
static bool in_bursts(const struct app_case *c, const struct sim_port *p) {
    const struct sim_world *w = c->w;
    for (uint32_t i = 0; i < w->ports && p != NULL && !app_is_stuck(w, p); i++) {
        const struct sim_port *next = behind(w, p);
        if (next == NULL || !stands(c, p))
            return false;
        if (share(next->busy_ps, w, next->servers) >= app_blocked_share(w, p))
            return true;
        p = next;
    }
    return false;
}

/* Is a server that stands at times full of work of its own all the same? */
static bool works(const struct sim_world *w, const struct sim_port *p) {
    return share(p->demand_ps, w, p->servers) > OWN;
}

/* What servers waited for that stood blocked: the port behind the one that was blocked most, of
 * those where the blocking ends. Else, where it leads on by several ways, itself. */
static const struct sim_port *blocking(const struct app_case *c) {
    const struct sim_world *w = c->w;
    const struct sim_port *end = NULL, *any = NULL;
    double most = 0, worst = 0;
    for (uint32_t i = 0; i < w->ports; i++) {
        const struct sim_port *p = w->port[i], *next = behind(w, p);
        double b = app_blocked_share(w, p);
        if (b <= worst && b <= most)
            continue;
        if (!stands(c, p) || is_aside(c, p, next) || in_bursts(c, p))
            continue;
        if (b > worst) {
            worst = b;
            any = p;
        }
        if (b > most && works(w, p)) {
            most = b;
            end = p;
        } else if (b > most && next != NULL && !stands(c, next)) {
            most = b;
            end = next;
        }
    }
    return end != NULL ? end : any;
}

static void say_places(const struct sim_world *w, const struct sim_port *at, double busy,
                       struct app_verdict *v) {
    char places[64];
    if (at->capacity == 1)
        snprintf(places, sizeof places, "the one place of");
    else
        snprintf(places, sizeof places, "all %lld places of", (long long)at->capacity);
    snprintf(v->why, sizeof v->why,
             "%s %s.%s %s waited for (%.3g %s a message on average), though its server is busy "
             "only %.4g %% of the time: %s kept for a long way, by what comes behind, or by a "
             "line that another holds up",
             places, at->comp->path, at->name, at->capacity == 1 ? "is" : "are",
             share(at->level.area, w, 1), at->capacity == 1 ? "holds" : "hold", 100 * busy,
             at->capacity == 1 ? "it is" : "they are");
}

/* What its row calls the places of a port. */
static const char *slots_of(const struct app_case *c, const struct sim_port *at,
                            const char *otherwise) {
    for (uint32_t i = 0; i < c->n; i++)
        if (c->b[i].window && c->b[i].port == at)
            return c->b[i].resource;
    return otherwise;
}

bool app_by_blocking(const struct app_case *c, struct app_verdict *v) {
    const struct sim_world *w = c->w;
    const struct sim_port *at = blocking(c);
    if (at == NULL)
        return false;
    double busy = share(at->busy_ps, w, at->servers);
    char resource[96];
    bool itself = stands(c, at) && works(w, at);
    snprintf(resource, sizeof resource, "%.60s%s", at->name,
             busy >= NEARLY || itself ? "" : " slots");
    app_verdict_name(v, "resource", at->comp,
                     busy >= NEARLY || itself ? resource : slots_of(c, at, resource));
    if (busy >= NEARLY)
        snprintf(v->why, sizeof v->why,
                 "%s.%s is busy %.4g %% of the time and holds up what is in front of it",
                 at->comp->path, at->name, 100 * busy);
    else if (itself)
        snprintf(v->why, sizeof v->why,
                 "%s.%s is busy %.4g %% of the time and stands blocked %.4g %% of it, by what "
                 "is behind it",
                 at->comp->path, at->name, 100 * busy, 100 * app_blocked_share(w, at));
    else if (stands(c, at))
        snprintf(v->why, sizeof v->why,
                 "%s.%s stands blocked %.4g %% of the time: several ways lead on from it, and "
                 "which of them is full the run does not tell",
                 at->comp->path, at->name, 100 * app_blocked_share(w, at));
    else
        say_places(w, at, busy, v);
    return true;
}
