/* summary.c - the summary document: provenance, streams, components, bounds, verdict. */
#include "summary.h"
#include "energy.h"
#include "version.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- provenance */

static void add_inputs(json_t *inputs, const struct sim_field *f, const void *in,
                       const json_t *written) {
    char hex[65];
    for (; f != NULL && f->name != NULL; f++) {
        if (f->unit != SIM_STRING || f->choices == NULL || strcmp(f->choices, "file") != 0)
            continue;
        const char *path = *(const char *const *)(const void *)((const char *)in + f->offset);
        const char *name = json_string_value(json_object_get(written, f->name));
        if (path != NULL && name != NULL)
            json_object_set_new(inputs, name,
                                app_sha256_file(path, hex) ? json_string(hex) : json_null());
    }
}

static json_t *inputs_of(const struct app_scenario *s) {
    json_t *inputs = json_object();
    for (uint32_t i = 0; i < s->nodes; i++)
        for (uint32_t k = 0; k < s->node[i].blocks; k++) {
            const struct app_block *b = &s->node[i].block[k];
            add_inputs(inputs, b->comp->model->params, b->comp, b->json);
        }
    for (uint32_t i = 0; i < s->streams; i++)
        add_inputs(inputs, s->stream[i].source->model->params, s->stream[i].source,
                   s->stream[i].json);
    return inputs;
}

static json_t *revisions(const struct app_scenario *s) {
    json_t *o = json_object(), *d;
    const char *pointer;
    json_object_foreach(s->config.devices, pointer, d) {
        const char *name = json_string_value(json_object_get(d, "device"));
        json_object_set(o, name ? name : pointer, json_object_get(d, "revision"));
    }
    return o;
}

static json_t *provenance(const struct app_scenario *s, const struct app_outcome *o) {
    char hex[65], digest[24];
    json_t *effective = app_scenario_effective(s, NULL);
    char *text = json_dumps(effective, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
    app_sha256_text(text ? text : "", text ? strlen(text) : 0, hex);
    free(text);
    json_decref(effective);
    snprintf(digest, sizeof digest, "%016" PRIx64, o->digest);
    json_t *p = json_object();
    json_object_set_new(p, "config_sha256", json_string(hex));
    json_object_set_new(p, "inputs", inputs_of(s));
    json_object_set_new(p, "seed", json_integer((json_int_t)s->run.seed));
    json_object_set_new(p, "digest", json_string(digest));
    json_object_set_new(p, "libraries", app_libraries());
    json_object_set_new(p, "device_revisions", revisions(s));
    return p;
}

/* ---------------------------------------------------------------- bounds and verdict */

struct totals {
    double offered, delivered; /* bits a second over all streams */
    double potential;          /* delivered if nothing overflowed */
    double connections;        /* asked for a second, see app_connections_asked */
    uint64_t offered_items, dropped_items;
    bool unstable;
};

static struct totals total(const struct sim_world *w) {
    struct totals t = {0};
    double window = (double)(w->to - w->from) / (double)SIM_PS_PER_S;
    for (uint32_t i = 0; i < w->streams && window > 0; i++) {
        const struct sim_stream *st = w->stream[i];
        t.offered += 8.0 * (double)st->offered.bytes / window;
        t.delivered += 8.0 * (double)st->delivered.bytes / window;
        t.offered_items += st->offered.items;
        t.dropped_items += st->dropped.items;
    }
    return t;
}

static json_t *bound(const struct app_bound *b, const struct totals *t) {
    double limit = b->load > 0 ? b->bits_per_s : 0;
    json_t *o =
        json_pack("{ss ss ss}", "component", b->comp->path, "resource", b->resource, "unit",
                  b->loop     ? "requests"
                  : b->window ? "slots"
                              : "servers");
    json_object_set_new(o, "capacity", app_real(b->capacity));
    json_object_set_new(o, "used", app_real(b->used));
    json_object_set_new(o, "load_ratio", app_real(b->load));
    json_object_set_new(o, "load_is_least", json_boolean(b->least));
    json_object_set_new(o, "utilization",
                        b->window || b->loop ? json_null() : app_real(b->utilization));
    json_object_set_new(o, "scale_to_saturation",
                        b->load > 0 ? app_real(1 / b->load) : json_null());
    json_object_set_new(o, "bypass_bits_per_s", app_real(b->bypass_bits_per_s));
    json_object_set_new(o, "bound_bits_per_s", b->load > 0 ? app_real(limit) : json_null());
    json_object_set_new(o, "simulated_bits_per_s", app_real(t->delivered));
    double gap = limit > 0 ? (limit - t->delivered) / limit : 0;
    if (gap > -1e-9 && gap < 1e-9) /* of the rounding of doubles */
        gap = 0;
    json_object_set_new(o, "gap_ratio", limit > 0 ? app_real(gap) : json_null());
    bool any = b->load > 0 && t->connections > 0;
    json_object_set_new(o, "connections_per_s",
                        any ? app_real(t->connections / b->load) : json_null());
    return o;
}

static json_t *shared(const struct app_verdict *v) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < v->shares; i++)
        json_array_append_new(list,
                              json_pack("{ss ss so}", "component", v->shared[i].b.comp->path,
                                        "resource", v->shared[i].b.resource, "load_ratio",
                                        app_real(v->shared[i].load)));
    return list;
}

static json_t *bottleneck(const struct app_scenario *s, const struct app_bound *b, uint32_t n,
                          double potential) {
    struct app_verdict v;
    json_t *o = json_object();
    app_verdict_of(s, b, n, potential, &v);
    json_object_set_new(o, "kind", json_string(v.kind));
    json_object_set_new(o, "component", v.comp ? json_string(v.comp->path) : json_null());
    json_object_set_new(o, "resource", v.comp ? json_string(v.resource) : json_null());
    json_object_set_new(o, "proven", json_false());
    bool known = v.comp != NULL && (v.load > 0 || strcmp(v.kind, "resource") != 0);
    json_object_set_new(o, "load_ratio", known ? app_real(v.load) : json_null());
    json_object_set_new(o, "headroom_ratio",
                        v.load > 0 ? app_real(1 / v.load - 1) : json_null());
    json_object_set_new(o, "load_is_least", json_boolean(v.least));
    json_object_set_new(o, "passed_by", json_boolean(v.aside));
    if (v.table)
        json_object_set_new(o, "table", json_true());
    json_object_set_new(o, "why", json_string(v.why));
    if (v.shares > 0)
        json_object_set_new(o, "shared", shared(&v));
    return o;
}

/* ---------------------------------------------------------------- unused, audit, host */

static json_t *audit(const struct app_outcome *o) {
    char line[1600];
    json_t *checks = json_object();
    const char *ok = o->audit_passed ? "passed" : "failed";
    json_object_set_new(checks, "conservation_items_and_bytes", json_string(ok));
    json_object_set_new(checks, "little_identity", json_string(ok));
    json_object_set_new(checks, "message_pools", json_string(ok));
    json_object_set_new(checks, "no_server_above_its_bound", json_string(ok));
    if (!o->audit_passed)
        json_object_set_new(checks, "failure",
                            json_string(sim_err_line(&o->audit, line, sizeof line)));
    return json_pack("{sb so}", "passed", (int)o->audit_passed, "checks", checks);
}

/* Host cores in use: time of the servers of blocks in that role. Freed are those that another
 * run keeps busy and this one does not: baseline.c, where the scenario states one. */
static json_t *host(const struct app_scenario *s) {
    const struct sim_world *w = s->world;
    sim_u128 busy = 0;
    bool any = false;
    for (uint32_t i = 0; i < s->nodes; i++)
        for (uint32_t k = 0; k < s->node[i].blocks; k++) {
            const struct app_block *b = &s->node[i].block[k];
            any |= b->host_cores;
            for (uint32_t p = 0; b->host_cores && p < b->comp->ports; p++)
                busy += b->comp->port[p]->busy_ps;
        }
    json_t *cores = any ? app_ratio(busy, (sim_u128)(uint64_t)(w->to - w->from)) : json_null();
    return json_pack("{so sn}", "cores_busy", cores, "cores_freed");
}

static json_t *routes(const struct app_scenario *s) {
    json_t *all = json_object();
    for (uint32_t i = 0; i < s->nodes; i++)
        for (uint32_t k = 0; k < s->node[i].routes; k++) {
            const struct app_route *r = &s->node[i].route[k];
            json_t *via = json_array();
            for (uint32_t v = 0; v < r->vias; v++)
                json_array_append_new(via, json_pack("{ss ss so}", "at", r->via[v].block->name,
                                                     "op", r->via[v].op->name, "per_byte",
                                                     app_ratio(r->via[v].ratio_ppm, 1000000)));
            if (app_route_taken(s, &s->node[i], r))
                json_object_set_new(all, r->pointer, via);
            else
                json_decref(via);
        }
    return all;
}

json_t *app_summary(const struct app_scenario *s, const struct app_outcome *o) {
    const struct sim_world *w = s->world;
    uint32_t room = w->ports + w->links + s->streams + 1; /* servers, slots, and loops */
    struct app_bound *b = calloc(room, sizeof *b);
    struct totals t = total(w);
    uint32_t n = b != NULL ? app_bounds(s, b, room, &t.potential) : 0;
    json_t *root = json_object(), *bounds = json_array();
    t.connections = app_connections_asked(s, b, n);
    app_warnings(s, strcmp(o->status, "interrupted") == 0);
    app_warn_of_tables(s, b, n);
    json_object_set_new(root, "schema", json_string("dpusim.summary.v1"));
    json_object_set(root, "scenario", json_object_get(s->config.root, "name"));
    json_object_set_new(root, "version", json_string(app_version()));
    json_object_set_new(root, "revision", json_string(app_revision()));
    json_object_set_new(root, "status", json_string(o->status));
    json_object_set(root, "warnings", s->config.warnings);
    json_object_set(root, "overrides", s->config.overrides);
    json_object_set_new(root, "provenance", provenance(s, o));
    json_object_set_new(root, "simulated_s", app_seconds(w->end));
    json_object_set_new(root, "warmup_s", app_seconds(w->from));
    json_object_set_new(root, "measured_s", app_seconds(w->to - w->from));
    json_object_set_new(root, "events", json_integer((json_int_t)w->events));
    json_object_set_new(root, "streams", app_summary_streams(s));
    json_object_set_new(root, "collectives", json_object());
    json_object_set_new(root, "connections", app_summary_connections(s, b, n));
    json_object_set_new(root, "host", host(s));
    json_object_set_new(root, "energy", app_energy_summary(s));
    json_object_set_new(root, "components", app_summary_components(s));
    json_object_set_new(root, "routes", routes(s));
    json_t *verdict = bottleneck(s, b, n, t.potential);
    n += b != NULL ? app_loops(s, b + n, room - n) : 0;
    qsort(b, n, sizeof *b, app_tighter);
    for (uint32_t i = 0; i < n; i++)
        json_array_append_new(bounds, bound(&b[i], &t));
    json_object_set_new(root, "bounds", bounds);
    json_object_set_new(root, "bottleneck", verdict);
    json_t *unused = app_summary_unused(s);
    json_object_set_new(root, "unused_parameters", unused);
    app_warn_of_unused(s, unused);
    json_object_set_new(root, "audit", audit(o));
    free(b);
    return root;
}
