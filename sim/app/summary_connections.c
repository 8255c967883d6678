/* summary_connections.c - connections a second: what tables took in, gave up and hold, and what
 * they and the way to them could.
 *
 * What is asked of a table at the offered mix, had nothing been lost on the way: what it set
 * up, times how much more its insertion would be loaded than it was busy.
 */
#include "sim/engine/field.h"
#include "summary.h"
#include <math.h>
#include <string.h>

/* The bound of the server that sets connections up; NULL: nothing came to it. */
static const struct app_bound *insertion(const struct sim_comp *c, const char *port,
                                         const struct app_bound *b, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (b[i].comp == c && !b[i].window && strcmp(b[i].resource, port) == 0)
            return &b[i];
    return NULL;
}

static bool table_of(const struct sim_comp *c, struct sim_connections *out) {
    return c->model->connections != NULL && c->model->connections(c, out);
}

static double asked_of(const struct sim_comp *c, const struct sim_connections *t,
                       const struct app_bound *b, uint32_t n) {
    const struct app_bound *at = insertion(c, t->port, b, n);
    const struct sim_world *w = c->world;
    double window = (double)(w->to - w->from) / (double)SIM_PS_PER_S;
    if (at == NULL || !(at->utilization > 0) || window <= 0)
        return 0;
    return (double)t->set_up / window * at->load / at->utilization;
}

double app_connections_asked(const struct app_scenario *s, const struct app_bound *b,
                             uint32_t n) {
    const struct sim_world *w = s->world;
    struct sim_connections t;
    double sum = 0;
    for (uint32_t i = 0; i < w->comps; i++)
        sum += table_of(w->comp[i], &t) ? asked_of(w->comp[i], &t, b, n) : 0;
    return sum;
}

static void put_rates(const struct sim_world *w, const struct sim_connections *t, json_t *o) {
    json_object_set_new(o, "set_up_per_s", app_per_s(w, (uint64_t)t->set_up));
    json_object_set_new(o, "bound_per_s", json_integer((json_int_t)t->bound));
    json_object_set_new(o, "begun_per_s", app_per_s(w, (uint64_t)t->begun));
    json_object_set_new(o, "closed_per_s",
                        t->closed < 0 ? json_null() : app_per_s(w, (uint64_t)t->closed));
    json_object_set_new(o, "aged_per_s", app_per_s(w, (uint64_t)t->aged));
    json_object_set_new(o, "evicted_per_s", app_per_s(w, (uint64_t)t->evicted));
    json_object_set_new(o, "failed", json_integer((json_int_t)t->failed));
    json_object_set_new(o, "entries", json_integer((json_int_t)t->entries));
    json_object_set_new(o, "entries_highest", json_integer((json_int_t)t->highest));
    json_object_set_new(o, "capacity", json_integer((json_int_t)t->capacity));
}

/* Of those that are asked for all they have, or more. */
static bool fuller(const struct app_bound *a, const struct app_bound *b) {
    return b->load < 1 || app_is_fuller(a, b);
}

/* What could be set up when the tightest of all resources is full, the mix as it is. */
static void put_tightest(double asked, const struct app_bound *b, uint32_t n, json_t *o) {
    const struct app_bound *tight = NULL;
    for (uint32_t i = 0; i < n; i++)
        if (tight == NULL || (b[i].load < 1 ? b[i].load > tight->load : fuller(&b[i], tight)))
            tight = &b[i];
    bool any = asked > 0 && tight != NULL && tight->load > 0;
    json_object_set_new(o, "asked_per_s", asked > 0 ? app_real(asked) : json_null());
    json_object_set_new(o, "saturation_per_s",
                        any ? app_real(asked / tight->load) : json_null());
    json_object_set_new(o, "saturation_of",
                        any ? json_sprintf("%s.%s", tight->comp->path, tight->resource)
                            : json_null());
}

static double counter(const struct sim_comp *c, const char *name) {
    return (double)sim_field_named(c->model->stats, name, c);
}

/* How long a copy of a capture is under way, of many at once: each packet as many passes behind
 * the first as there are copies. The longest of all streams. */
static double longest_life_s(const struct app_scenario *s) {
    double most = 0;
    for (uint32_t i = 0; i < s->streams; i++) {
        const struct sim_comp *source = s->stream[i].source;
        double copies = counter(source, "copies"), passes = counter(source, "passes");
        if (copies > 1 && passes > 0)
            most = fmax(most, copies / passes * (double)s->world->end / (double)SIM_PS_PER_S);
    }
    return most;
}

json_t *app_summary_connections(const struct app_scenario *s, const struct app_bound *b,
                                uint32_t n) {
    const struct sim_world *w = s->world;
    json_t *all = json_object();
    struct sim_connections t;
    for (uint32_t i = 0; i < w->comps; i++) {
        const struct sim_comp *c = w->comp[i];
        if (!table_of(c, &t))
            continue;
        json_t *o = json_object();
        put_rates(w, &t, o);
        put_tightest(asked_of(c, &t, b, n), b, n, o);
        json_object_set_new(o, "longest_life_s", app_real(longest_life_s(s)));
        json_object_set_new(all, c->path, o);
    }
    return all;
}
