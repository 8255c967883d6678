/* summary.c - the summary document: provenance, streams, components, bounds, verdict. */
#include "summary.h"
#include "energy.h"
#include "version.h"
#include "workloads/source.h"
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
    json_t *o = json_pack("{ss ss ss}", "component", b->comp->path, "resource", b->resource,
                          "unit", b->window ? "slots" : "servers");
    json_object_set_new(o, "capacity", app_real(b->capacity));
    json_object_set_new(o, "used", app_real(b->used));
    json_object_set_new(o, "load_ratio", app_real(b->load));
    json_object_set_new(o, "load_is_least", json_boolean(b->least));
    json_object_set_new(o, "utilization", b->window ? json_null() : app_real(b->utilization));
    json_object_set_new(o, "scale_to_saturation",
                        b->load > 0 ? app_real(1 / b->load) : json_null());
    json_object_set_new(o, "bypass_bits_per_s", app_real(b->bypass_bits_per_s));
    json_object_set_new(o, "bound_bits_per_s", b->load > 0 ? app_real(limit) : json_null());
    json_object_set_new(o, "simulated_bits_per_s", app_real(t->delivered));
    double gap = limit > 0 ? (limit - t->delivered) / limit : 0;
    if (gap > -1e-9 && gap < 1e-9) /* of the rounding of doubles */
        gap = 0;
    json_object_set_new(o, "gap_ratio", limit > 0 ? app_real(gap) : json_null());
    return o;
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
    json_object_set_new(o, "why", json_string(v.why));
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

static void warn_of(const struct app_scenario *s, const char *pointer, const char *text) {
    json_array_append_new(s->config.warnings,
                          json_pack("{ss ss}", "pointer", pointer, "text", text));
}

/* A number of a block or source by its name in one of its model's tables, or 0. */
static int64_t number(const struct sim_field *f, const struct sim_comp *c, const char *name) {
    for (; f != NULL && f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return sim_field_int(f, c);
    return 0;
}

static int64_t counter(const struct sim_comp *c, const char *name) {
    return number(c->model->stats, c, name);
}

/* Are packets sent at a stated rate, whatever their times? */
static bool retimed(const struct sim_comp *c) {
    return number(c->model->params, c, "rate") > 0 ||
           number(c->model->params, c, "packet_rate") > 0;
}

static bool halves_differ(const struct sim_stream *st, double *a, double *b) {
    *a = (double)st->half_sum[0] / (double)(st->half_count[0] + !st->half_count[0]);
    *b = (double)st->half_sum[1] / (double)(st->half_count[1] + !st->half_count[1]);
    return st->half_count[0] > 100 && st->half_count[1] > 100 &&
           (*a > 1.2 * *b || *b > 1.2 * *a);
}

/* @param one, many after the number, for one and for several. */
static void warn_of_number(const struct app_scenario *s, const struct app_stream *st, int64_t n,
                           const char *one, const char *many) {
    char text[512];
    if (n == 0)
        return;
    snprintf(text, sizeof text, "%lld %s", (long long)n, n == 1 ? one : many);
    warn_of(s, st->pointer, text);
}

static void warn_of_records(const struct app_scenario *s, const struct app_stream *st) {
    warn_of_number(s, st, counter(st->source, "not_packets"),
                   "record of its capture holds no packet (a custom block of pcapng) and was "
                   "not replayed",
                   "records of its capture hold no packet (custom blocks of pcapng) and were "
                   "not replayed");
    warn_of_number(s, st, retimed(st->source) ? 0 : counter(st->source, "backwards"),
                   "packet of its capture is older than one before it; it was replayed at the "
                   "time of that one",
                   "packets of its capture are older than one before them; they were replayed "
                   "at the time of that one");
}

/* What a capture holds and the replay does otherwise. */
static void warn_of_capture(const struct app_scenario *s, const struct app_stream *st) {
    if (counter(st->source, "damaged") > 0)
        warn_of(s, st->pointer,
                "its capture is damaged; what comes before the damage was replayed, as "
                "--skip-bad or \"skip_bad\" asks for");
    warn_of_records(s, st);
    if (st->stream->dropped.items > 0)
        warn_of(s, st->pointer,
                "packets were dropped; replay is open-loop: the TCP senders of the capture "
                "would have slowed down, these do not");
}

/* Requests a second of a closed loop beyond which no card is meant. */
#define FREE_LOOP 1e11

static double rate_of(const struct sim_world *w, const struct sim_stream *st) {
    double window = (double)(w->to - w->from) / (double)SIM_PS_PER_S;
    return window > 0 ? (double)st->offered.items / window : 0;
}

static void warn_of_stream(const struct app_scenario *s, const struct app_stream *st) {
    char text[512];
    const char *unit = app_unit_of(st->stream);
    const struct work_source *src = (const struct work_source *)st->source;
    sim_ps one_percent = (s->world->to - s->world->from) / 100;
    double a, b;
    if (halves_differ(st->stream, &a, &b)) {
        snprintf(text, sizeof text,
                 "mean latency differs between the halves of the window (%.4g and %.4g us): "
                 "the run had not settled; lengthen /run/warmup or /run/duration",
                 a / 1e6, b / 1e6);
        warn_of(s, st->pointer, text);
    }
    sim_ps half =
        st->stream->done_measured > 0 ? sim_hist_quantile(&st->stream->latency, 50, 100) : 0;
    if (half > s->world->from && s->world->from > 0 && !s->open_ended) {
        snprintf(text, sizeof text,
                 "half of its %s took longer (%.4g us) than the warm-up lasts: the window "
                 "began before the traffic had come through; lengthen /run/warmup",
                 unit, (double)half / 1e6);
        warn_of(s, st->pointer, text);
    }
    if (src->lagged > 0) {
        snprintf(text, sizeof text,
                 "%.4g %% of its %s had to wait for one of the %u messages that may exist "
                 "at once, up to %.4g us: that is in their latency, in the row of the stream; "
                 "see /run/messages",
                 100 * (double)src->lagged / (double)st->stream->offered.items, unit,
                 s->world->opts.messages, (double)src->lag_max / 1e6);
        warn_of(s, st->pointer, text);
    }
    if (st->stream->reply != NULL && rate_of(s->world, st->stream) > FREE_LOOP)
        warn_of(s, st->pointer,
                "its requests come back at once: nothing on their way takes time; give a block "
                "of the chain a service time, or the stream \"think\"");
    if (st->stream->offered.items > 0 && src->start - s->world->from > one_percent)
        warn_of(
            s, st->pointer,
            "starts when the measured window has begun: rates, loads and what is called busy "
            "are means over the idle time, too; let /run/warmup last until then");
    if (st->stream->offered.items == 0) {
        snprintf(text, sizeof text,
                 "none of its %s was due in the measured window: set /run/warmup and "
                 "/run/duration to where they are",
                 unit);
        warn_of(s, st->pointer, text);
    }
    if (strcmp(st->source->model->name, "pcap") == 0)
        warn_of_capture(s, st);
}

/* Things of the run that the reader has to know. */
static void warnings(const struct app_scenario *s, bool interrupted) {
    bool measured = s->world->to > s->world->from;
    if (!measured)
        warn_of(s, "/run/warmup",
                interrupted ? "nothing was measured: the run was interrupted in its warm-up"
                            : "nothing was measured: the run ended before its warm-up; "
                              "shorten it");
    if (s->open_ended)
        warn_of(s, "/run/duration",
                "is not given: the window lasts until the last message is done, and rates and "
                "loads are means over all of it, the emptying of queues too");
    for (uint32_t i = 0; i < s->streams && (measured || !interrupted); i++)
        warn_of_stream(s, &s->stream[i]);
}

json_t *app_summary(const struct app_scenario *s, const struct app_outcome *o) {
    const struct sim_world *w = s->world;
    uint32_t room = w->ports + w->links + 1; /* servers, and slots */
    struct app_bound *b = calloc(room, sizeof *b);
    struct totals t = total(w);
    uint32_t n = b != NULL ? app_bounds(s, b, room, &t.potential) : 0;
    json_t *root = json_object(), *bounds = json_array();
    warnings(s, strcmp(o->status, "interrupted") == 0);
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
    json_object_set_new(root, "host", host(s));
    json_object_set_new(root, "energy", app_energy_summary(s));
    json_object_set_new(root, "components", app_summary_components(s));
    json_object_set_new(root, "routes", routes(s));
    for (uint32_t i = 0; i < n; i++)
        json_array_append_new(bounds, bound(&b[i], &t));
    json_object_set_new(root, "bounds", bounds);
    json_object_set_new(root, "bottleneck", bottleneck(s, b, n, t.potential));
    json_object_set_new(root, "unused_parameters", app_summary_unused(s));
    json_object_set_new(root, "audit", audit(o));
    free(b);
    return root;
}
