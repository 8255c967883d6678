/* bounds_shared.c - what streams ask of a server, of the sizes that were offered, and what a
 * full one leaves of each, as it shared itself out.
 *
 * Where more is asked for than it can do, not all streams get the same part of what they ask
 * for: those that go first, that take little of it each time, or that wait in queues of their
 * own may get all. Of a resource that is full in the run its own time tells how much each got;
 * of streams that do not come to it but wait behind those that do, what came through does.
 */
#include "summary.h"
#include "unloaded.h"
#include <math.h>
#include <stdlib.h>

double app_occupancy_offered(const struct sim_step_stat *a, const struct app_flow *v,
                             double slope, bool *least) {
    double extra = app_lost_bytes(a) + (v->visits > 0 ? v->extra / v->visits : 0);
    if (isnan(slope)) {
        *least |= extra * (double)a->served > APP_OTHER_SIZES * (double)a->bytes;
        return app_occupancy(a);
    }
    double t = app_occupancy(a) + slope * extra;
    return t > 0 ? t : 0;
}

/* Servers that a stream asks for, and that it got. */
struct got {
    double asked, given;
};

static struct got got_of(const struct app_scenario *s, const struct sim_stream *st,
                         const struct sim_port *port) {
    const struct sim_world *w = s->world;
    const struct app_mix all = {.spawn = true, .grown = s->slopes.bytes};
    struct app_flow *v = calloc(w->steps + 1, sizeof *v);
    struct got sum = {0, 0};
    bool least = false;
    SIM_ASSERT(v != NULL);
    app_visits_of(w, st, &all, v);
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_step_stat *stat = st->step[i];
        if (w->step[i].op == NULL || stat == NULL || w->port[stat->port] != port)
            continue;
        double slope = s->slopes.time[(size_t)st->id * w->steps + i];
        if (stat->served > 0) {
            sum.asked += v[i].visits * app_occupancy_offered(stat, &v[i], slope, &least);
            sum.given += (double)stat->demand_ps / (double)(w->to - w->from);
        } else {
            sum.asked += v[i].visits * app_group_time(port);
        }
    }
    free(v);
    return sum;
}

static double delivered_of(const struct sim_world *w, const struct sim_stream *st) {
    return 8 * (double)st->delivered.bytes * (double)SIM_PS_PER_S / (double)(w->to - w->from);
}

/* Frame bits a second: of streams that come to a port, as offered and what it left of them; and
 * of the others, as offered and as delivered. */
struct parted {
    double asked, left, others, others_delivered;
};

static struct parted part(const struct app_scenario *s, const struct sim_port *port) {
    const struct sim_world *w = s->world;
    struct parted p = {0, 0, 0, 0};
    for (uint32_t k = 0; k < w->streams; k++) {
        const struct sim_stream *st = w->stream[k];
        struct got got = got_of(s, st, port);
        double bits = app_potential_of(s, st);
        if (got.asked > 0) {
            p.asked += bits;
            p.left += bits * fmin(got.given / got.asked, 1);
        } else {
            p.others += bits;
            p.others_delivered += fmin(delivered_of(w, st), bits);
        }
    }
    return p;
}

double app_shared_bits(const struct app_scenario *s, const struct app_bound *b) {
    struct parted p = part(s, b->port);
    bool others_pass = b->bypass_bits_per_s >= p.others * (1 - 1e-9);
    double by = others_pass ? fmin(b->bypass_bits_per_s - p.others, p.asked) : 0;
    double rest = p.asked > 0 ? p.left / p.asked : 0;
    return (others_pass ? p.others : p.others_delivered) + by + (p.asked - by) * rest;
}
