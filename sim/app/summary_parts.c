/* summary_parts.c - components of the summary. */
#include "energy.h"
#include "summary.h"
#include <stdlib.h>
#include <string.h>

static json_t *queue_of(const struct sim_world *w, const struct sim_port *p) {
    json_t *o = json_pack("{ss}", "unit", "items");
    json_object_set_new(o, "mean",
                        app_ratio(p->level.area, (sim_u128)(uint64_t)(w->to - w->from)));
    json_int_t p99 = (json_int_t)sim_gauge_quantile(&p->level, 99, 100);
    json_object_set_new(o, "p99", p99 < 0 ? json_null() : json_integer(p99));
    json_object_set_new(o, "max", json_integer((json_int_t)p->level.peak));
    json_object_set_new(o, "capacity",
                        p->capacity > 0 ? json_integer((json_int_t)p->capacity) : json_null());
    if (p->bytes_capacity)
        json_object_set_new(o, "capacity_unit", json_string("bytes"));
    return o;
}

/* Waits at a port's component, over all streams and steps of one port name. */
static void merge_waits(const struct sim_world *w, const struct sim_comp *c,
                        const struct sim_port *p, struct sim_hist *h) {
    for (uint32_t k = 0; k < w->streams; k++)
        for (uint32_t i = 0; i < w->steps; i++) {
            const struct sim_step_stat *stat = w->stream[k]->step[i];
            if (stat == NULL || w->step[i].comp != c || stat->served == 0)
                continue;
            if (p == NULL || stat->port == p->id)
                sim_hist_merge(h, &stat->wait);
        }
}

static json_t *waits(const struct sim_world *w, const struct sim_comp *c,
                     const struct sim_port *p) {
    struct sim_hist *h = calloc(1, sizeof *h);
    if (h == NULL)
        return json_null();
    merge_waits(w, c, p, h);
    json_t *o = app_mean_p99(h);
    free(h);
    return o;
}

static uint64_t cycles(const struct sim_port *p) {
    return p->clock.hz == 0 ? 0 : (uint64_t)(p->busy_ps * p->clock.hz / (uint64_t)SIM_PS_PER_S);
}

static json_t *port(const struct sim_world *w, const struct sim_port *p) {
    sim_u128 time = (sim_u128)(uint64_t)(w->to - w->from) * p->servers;
    uint64_t lost = p->refused + (p->drops ? p->lost.items : 0); /* not served */
    uint64_t done = p->left.items + p->dropped.items - lost;
    json_t *o = json_pack("{sI sI}", "servers", (json_int_t)p->servers, "clock_hz",
                          (json_int_t)p->clock.hz);
    json_object_set_new(o, "utilization", app_ratio(p->busy_ps, time));
    json_object_set_new(o, "blocked_ratio", app_ratio(p->blocked_ps, time));
    json_object_set_new(o, "items", json_integer((json_int_t)p->left.items));
    json_object_set_new(o, "bytes", json_integer((json_int_t)p->left.bytes));
    json_object_set_new(o, "bits_per_s", app_per_s(w, 8 * p->left.bytes));
    json_object_set_new(o, "occupancy_mean_s",
                        app_ratio(p->busy_ps, (sim_u128)done * (uint64_t)SIM_PS_PER_S));
    if (p->clock.hz != 0) {
        json_object_set_new(o, "busy_cycles", json_integer((json_int_t)cycles(p)));
        json_object_set_new(o, "cycles_per_item", app_ratio(cycles(p), done));
    }
    json_object_set_new(o, "queue", queue_of(w, p));
    return o;
}

static json_t *drops_at(const struct sim_world *w, const struct sim_comp *c) {
    json_t *o = json_object();
    for (uint32_t i = 0; i < w->causes; i++) {
        uint64_t n = 0;
        for (uint32_t k = 0; k < w->streams; k++)
            n += w->stream[k]->dropped_by[i] + w->stream[k]->created_dropped_by[i];
        const char *name = strrchr(w->cause[i].name, ':');
        if (n > 0 && w->cause[i].comp == c)
            json_object_set_new(o, name + 1, json_integer((json_int_t)n));
    }
    return o;
}

static json_t *stats_of(const struct sim_comp *c) {
    json_t *o = json_object();
    for (const struct sim_field *f = c->model->stats; f != NULL && f->name != NULL; f++)
        json_object_set_new(o, f->name, json_integer((json_int_t)sim_field_int(f, c)));
    return o;
}

/* The component as a whole: sums over its ports, the busiest one's utilisation and the one's
 * that stood blocked most. */
static void whole(const struct sim_world *w, const struct sim_comp *c, json_t *o) {
    struct sim_tally left = {0, 0};
    sim_u128 busy = 0, area = 0, best = 0, best_time = 1, blocked = 0, blocked_time = 1;
    uint64_t busy_cycles = 0, hz = 0;
    int64_t peak = 0;
    sim_u128 window = (sim_u128)(uint64_t)(w->to - w->from);
    for (uint32_t i = 0; i < c->ports; i++) {
        const struct sim_port *p = c->port[i];
        left.items += p->left.items;
        left.bytes += p->left.bytes;
        busy += p->aside ? 0 : p->busy_ps;
        area += p->level.area;
        busy_cycles += cycles(p);
        hz = p->clock.hz > hz ? p->clock.hz : hz;
        peak = p->level.peak > peak ? p->level.peak : peak;
        if (p->busy_ps * best_time > best * window * p->servers) {
            best = p->busy_ps;
            best_time = window * p->servers;
        }
        if (p->blocked_ps * blocked_time > blocked * window * p->servers) {
            blocked = p->blocked_ps;
            blocked_time = window * p->servers;
        }
    }
    json_object_set_new(o, "clock_hz", hz ? json_integer((json_int_t)hz) : json_null());
    json_object_set_new(o, "utilization", app_ratio(best, best_time));
    json_object_set_new(o, "busy_s", app_ratio(busy, (sim_u128)SIM_PS_PER_S));
    json_object_set_new(o, "busy_cycles",
                        hz ? json_integer((json_int_t)busy_cycles) : json_null());
    json_object_set_new(o, "cycles_per_item",
                        hz ? app_ratio(busy_cycles, left.items) : json_null());
    json_object_set_new(o, "items", json_integer((json_int_t)left.items));
    json_object_set_new(o, "bytes", json_integer((json_int_t)left.bytes));
    json_object_set_new(o, "bits_per_s", app_per_s(w, 8 * left.bytes));
    json_t *q = json_pack("{ss}", "unit", "items");
    json_object_set_new(q, "mean", app_ratio(area, window));
    json_object_set_new(q, "max", json_integer((json_int_t)peak));
    json_object_set_new(o, "queue", q);
    json_object_set_new(o, "wait_s", waits(w, c, NULL));
    json_object_set_new(o, "blocked_ratio", app_ratio(blocked, blocked_time));
}

/* Of the ports that messages are spread over, as cores by their hash: how much more the busiest
 * one works than they do on average. @return NULL where it is alone. */
static json_t *imbalance(const struct sim_comp *c) {
    const struct sim_port *best = NULL;
    sim_u128 sum = 0;
    uint32_t alike = 0;
    for (uint32_t i = 0; i < c->ports; i++)
        if (best == NULL || (!c->port[i]->aside && c->port[i]->busy_ps > best->busy_ps))
            best = c->port[i];
    for (uint32_t i = 0; i < c->ports; i++)
        if (app_port_alike(c->port[i], best)) {
            sum += c->port[i]->busy_ps;
            alike++;
        }
    return alike > 1 ? app_ratio(best->busy_ps * alike, sum) : NULL;
}

json_t *app_summary_components(const struct app_scenario *s) {
    const struct sim_world *w = s->world;
    json_t *all = json_object();
    for (uint32_t i = 0; i < w->comps; i++) {
        const struct sim_comp *c = w->comp[i];
        json_t *o = json_pack("{ss}", "model", c->model->name), *ports = json_object();
        whole(w, c, o);
        json_object_set_new(o, "imbalance", imbalance(c));
        for (uint32_t k = 0; k < c->ports; k++)
            json_object_set_new(ports, c->port[k]->name, port(w, c->port[k]));
        json_object_set_new(o, "ports", ports);
        json_object_set_new(o, "drops", drops_at(w, c));
        json_object_set_new(o, "counters", stats_of(c));
        app_energy_put(s, c, o);
        json_object_set_new(all, c->path, o);
    }
    return all;
}
