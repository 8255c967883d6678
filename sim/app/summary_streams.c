/* summary_streams.c - streams of the summary. */
#include "summary.h"
#include "workloads/source.h"
#include <stdlib.h>
#include <string.h>

const char *app_unit_of(const struct sim_stream *st) {
    if (st->requests)
        return "requests";
    return st->payload != NULL ? "packets" : "operations";
}

const char *app_unit_of_all(const struct sim_world *w) {
    const char *unit = app_unit_of(w->stream[0]);
    for (uint32_t i = 1; i < w->streams; i++)
        if (strcmp(app_unit_of(w->stream[i]), unit) != 0)
            return "items";
    return unit;
}

static json_t *items(const struct sim_tally *t) {
    return json_pack("{sI sI}", "items", (json_int_t)t->items, "bytes", (json_int_t)t->bytes);
}

/* Bytes that each of a stream's messages is framed with on the wire: packets; a DMA has a
 * link's own. */
static uint32_t overhead_of(const struct sim_stream *st) {
    return st->payload != NULL && !st->requests ? WORK_WIRE_OVERHEAD : 0;
}

/* Check sequences that a card has taken off and not put on again: a wire had them. */
static uint64_t stripped(const struct sim_stream *st) {
    enum { FCS = 4 };
    uint64_t most = FCS * st->delivered.items;
    uint64_t gone = st->fcs_changed < 0 ? (uint64_t)-st->fcs_changed : 0;
    return gone < most ? gone : most;
}

/* @param more bytes of all together on a wire. Requests to drives are on none of their own. */
static json_t *flow_of(const struct sim_world *w, const struct sim_stream *st,
                       const struct sim_tally *t, uint64_t more) {
    json_t *o = items(t);
    uint64_t wire = t->bytes + (uint64_t)overhead_of(st) * t->items + more;
    if (!st->requests)
        json_object_set_new(o, "wire_bytes", json_integer((json_int_t)wire));
    json_object_set_new(o, "items_per_s", app_per_s(w, t->items));
    json_object_set_new(o, "bits_per_s", app_per_s(w, 8 * t->bytes));
    if (!st->requests)
        json_object_set_new(o, "wire_bits_per_s", app_per_s(w, 8 * wire));
    return o;
}

static bool is_overflow(const struct sim_world *w, uint32_t cause) {
    for (uint32_t k = 0; k < w->ports; k++)
        if ((w->port[k]->drops || w->port[k]->refuses) && w->port[k]->full_cause == cause)
            return true;
    return false;
}

uint64_t app_lost(const struct sim_world *w, const struct sim_stream *st) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < w->causes; i++)
        if (is_overflow(w, i))
            n += st->dropped_by[i];
    return n;
}

/* Children and copies are not offered: what becomes of them is counted apart. */
static void add_created(const struct sim_world *w, const struct sim_stream *st, json_t *o) {
    json_t *causes = json_object();
    uint64_t full = 0;
    for (uint32_t i = 0; i < w->causes; i++) {
        uint64_t n = st->created_dropped_by[i];
        full += is_overflow(w, i) ? n : 0;
        if (n > 0)
            json_object_set_new(causes, w->cause[i].name, json_integer((json_int_t)n));
    }
    json_object_set_new(o, "created_overflow_items", json_integer((json_int_t)full));
    json_object_set_new(o, "created_causes", causes);
}

static json_t *dropped(const struct sim_world *w, const struct sim_stream *st) {
    json_t *o = items(&st->dropped), *causes = json_object();
    for (uint32_t i = 0; i < w->causes; i++)
        if (st->dropped_by[i] > 0)
            json_object_set_new(causes, w->cause[i].name,
                                json_integer((json_int_t)st->dropped_by[i]));
    json_object_set_new(o, "overflow_items", json_integer((json_int_t)app_lost(w, st)));
    json_object_set_new(o, "starved_items", json_integer((json_int_t)st->starved));
    json_object_set_new(o, "causes", causes);
    add_created(w, st, o);
    return o;
}

static void put_latency(json_t *o, const struct sim_hist *h) {
    json_object_set_new(o, "mean", app_mean_s(h));
    json_object_set_new(o, "min", app_seconds(h->count ? h->min : -1));
    json_object_set_new(o, "p50", app_quantile_s(h, 50, 100));
    json_object_set_new(o, "p90", app_quantile_s(h, 90, 100));
    json_object_set_new(o, "p99", app_quantile_s(h, 99, 100));
    json_object_set_new(o, "p999", app_quantile_s(h, 999, 1000));
    json_object_set_new(o, "max", app_seconds(h->count ? h->max : -1));
    json_object_set_new(o, "error_ratio", app_real(SIM_HIST_ERROR));
}

static json_t *latency(const struct sim_stream *st) {
    const struct sim_hist *h = &st->latency;
    uint64_t censored = st->born_measured - st->done_measured - st->dropped_measured;
    json_t *o = json_object();
    json_object_set_new(o, "samples", json_integer((json_int_t)h->count));
    json_object_set_new(o, "censored", json_integer((json_int_t)censored));
    json_object_set_new(o, "lower_bound", json_boolean(censored * 100 > st->born_measured));
    put_latency(o, h);
    return o;
}

/* Of a part of a stream's messages; what is censored is not told apart by parts. */
json_t *app_latency_s(const struct sim_hist *h) {
    json_t *o = json_object();
    json_object_set_new(o, "samples", json_integer((json_int_t)h->count));
    put_latency(o, h);
    return o;
}

/* Steps in the order of travel: the usual way first, then the branches. */
static void walk(const struct sim_world *w, uint32_t i, bool *seen, uint16_t *order,
                 uint32_t *n) {
    if (seen[i])
        return;
    seen[i] = true;
    order[(*n)++] = (uint16_t)i;
    const struct sim_step *step = &w->step[i];
    if (step->action != SIM_ACT_NONE)
        walk(w, step->target, seen, order, n);
    for (uint32_t v = 0; v < SIM_VERDICTS; v++) {
        const struct sim_hop *hop;
        uint16_t behind[APP_INGRESS];
        for (uint32_t k = 0; (hop = sim_hop_of(step, v, k)) != NULL; k++)
            if (hop->kind == SIM_HOP_NEXT)
                walk(w, hop->next, seen, order, n);
        hop = &step->hop[v];
        uint32_t chains = hop->cable != NULL ? app_links_steps(hop->cable, behind) : 0;
        for (uint32_t k = 0; k < chains; k++)
            walk(w, behind[k], seen, order, n);
    }
}

/* The step whose verdict a step goes by: on the way back of a call, the called one's. */
static const struct sim_step *judge(const struct sim_world *w, const struct sim_step *step) {
    for (uint32_t i = 0; step->back && i < w->steps; i++) {
        const struct sim_step *back = &w->step[i];
        while (back->kind == SIM_STEP_VIA || back->called)
            back = &w->step[back->hop[0].next];
        if (w->step[i].called && back == step)
            return &w->step[i];
    }
    return step;
}

static json_t *verdicts(const struct sim_world *w, const struct sim_step *step,
                        const struct sim_step_stat *stat) {
    const struct sim_verdict *d = judge(w, step)->comp->model->verdicts;
    json_t *o = json_object();
    for (uint32_t v = 1; d != NULL && v < SIM_VERDICTS && d[v - 1].name != NULL; v++)
        if (stat->verdict[v] > 0 && step->op != NULL)
            json_object_set_new(o, d[v - 1].name, json_integer((json_int_t)stat->verdict[v]));
    return o;
}

static const char *chain_of(const struct app_scenario *s, uint32_t step) {
    return s->step[step].chain != NULL ? s->step[step].chain->name : "";
}

static json_t *steps(const struct app_scenario *s, const struct sim_stream *st) {
    const struct sim_world *w = s->world;
    bool *seen = calloc(w->steps + 1, sizeof *seen);
    uint16_t *order = calloc(w->steps + 1, sizeof *order);
    json_t *list = json_array();
    uint32_t n = 0;
    if (seen != NULL && order != NULL)
        walk(w, st->first, seen, order, &n);
    for (uint32_t k = 0; k < n; k++) {
        const struct sim_step *step = &w->step[order[k]];
        const struct sim_step_stat *stat = st->step[order[k]];
        if (stat == NULL || stat->served == 0)
            continue;
        const char *op = step->op != NULL ? step->op->name : "";
        json_t *o = json_pack("{ss ss ss ss sI}", "component", step->comp->path, "op", op,
                              "step", step->label, "chain", chain_of(s, order[k]), "items",
                              (json_int_t)stat->served);
        json_object_set_new(o, "verdicts", verdicts(w, step, stat));
        json_object_set_new(o, "wait_s", app_mean_p99(&stat->wait));
        json_object_set_new(o, "service_s", app_mean_p99(&stat->service));
        json_array_append_new(list, o);
    }
    free(seen);
    free(order);
    return list;
}

/* Does a parent go on here, its children done? */
static bool is_join(const struct sim_world *w, uint32_t step) {
    for (uint32_t i = 0; i < w->steps; i++)
        if (w->step[i].action == SIM_ACT_SPLIT && w->step[i].resume == step)
            return true;
    return false;
}

/* The sampled journey whose latency is nearest to a quantile. */
static json_t *journey(const struct sim_world *w, const struct sim_stream *st, sim_ps at) {
    const struct sim_record *best = NULL;
    for (uint32_t i = 0; i < w->records.n; i++) {
        const struct sim_record *r = &w->records.record[i];
        if (r->stream != st->id || r->done < 0 || r->done == SIM_NEVER)
            continue;
        sim_ps d = llabs(r->done - r->birth - at);
        sim_ps b = best != NULL ? llabs(best->done - best->birth - at) : SIM_NEVER;
        if (best == NULL || d < b || (d == b && r->id < best->id))
            best = r;
    }
    if (best == NULL || at < 0)
        return json_null();
    json_t *stamps = json_array();
    sim_ps last = best->birth;
    for (uint32_t i = 0; i < best->stamps; i++) {
        const struct sim_stamp *t = &best->stamp[i];
        const struct sim_step *step = &w->step[t->step];
        json_t *o = json_pack("{ss ss}", "component", step->comp->path, "step", step->label);
        /* from its birth to its source's port a message waits for room in the pool */
        sim_ps travel = i > 0 ? t->entered - last : 0, pool = i > 0 ? 0 : t->entered - last;
        /* a parent goes on where it was split: meanwhile its children were under way */
        bool resumes = i > 0 && is_join(w, t->step);
        json_object_set_new(o, "travel_s", app_seconds(resumes ? 0 : travel));
        if (resumes)
            json_object_set_new(o, "children_s", app_seconds(travel));
        json_object_set_new(o, "wait_s",
                            app_seconds(pool + t->left - t->end + t->start - t->entered));
        json_object_set_new(o, "service_s", app_seconds(t->end - t->start + t->tail));
        if (t->vain)
            json_object_set_new(o, "given_up", json_true());
        json_array_append_new(stamps, o);
        last = t->left + t->tail;
    }
    json_t *o = json_pack("{sI so}", "message", (json_int_t)(best->id & 0xffffffffffull),
                          "latency_s", app_seconds(best->done - best->birth));
    json_object_set_new(o, "steps", stamps);
    json_object_set_new(o, "rest_s", app_seconds(best->done - last));
    return o;
}

/* Mean latencies of the halves of the window: a warm-up that was too short shows. */
static json_t *halves(const struct sim_stream *st) {
    json_t *a = json_array();
    for (int i = 0; i < 2; i++)
        json_array_append_new(a, app_ratio(st->half_sum[i], (sim_u128)st->half_count[i] *
                                                                (uint64_t)SIM_PS_PER_S));
    return a;
}

/* Each kind of its messages. */
static json_t *by_op(const struct sim_world *w, const struct sim_stream *st) {
    json_t *all = json_object();
    for (uint32_t i = 0; i < st->kinds; i++) {
        const struct sim_kind *k = &st->kind[i];
        json_t *o = flow_of(w, st, &k->delivered, 0);
        json_object_set_new(o, "started_items", json_integer((json_int_t)k->offered.items));
        json_object_set_new(o, "latency_s", app_latency_s(&k->latency));
        json_object_set_new(all, k->name, o);
    }
    return all;
}

static json_t *stream(const struct app_scenario *s, const struct sim_stream *st) {
    const struct sim_world *w = s->world;
    /* a closed loop offers nothing of its own: what it starts follows from the replies */
    bool loop = sim_stream_closed(st);
    json_t *o = json_pack("{ss}", "unit", app_unit_of(st));
    json_object_set_new(o, loop ? "started" : "offered", flow_of(w, st, &st->offered, 0));
    if (loop)
        json_object_set_new(o, "offered", json_null());
    json_t *through = flow_of(w, st, &st->delivered, overhead_of(st) > 0 ? stripped(st) : 0);
    json_object_set_new(o, "delivered", through);
    /* what is no packet has no headers to take off */
    json_object_set_new(through, "goodput_bits_per_s",
                        st->payload != NULL ? app_per_s(w, 8 * st->goodput_bytes)
                                            : json_null());
    json_object_set_new(o, "dropped", dropped(w, st));
    json_object_set_new(o, "carried_in", items(&st->carried_in));
    json_object_set_new(o, "carried_out", items(&st->carried_out));
    json_object_set_new(o, "created", items(&st->created));
    json_object_set_new(o, "absorbed", items(&st->absorbed));
    json_object_set_new(o, "bytes_changed", json_integer((json_int_t)st->bytes_changed));
    json_object_set_new(o, "fcs_changed", json_integer((json_int_t)st->fcs_changed));
    json_object_set_new(o, "unstable",
                        json_boolean(st->carried_out.items >
                                     st->carried_in.items + 64 + st->offered.items / 20));
    json_object_set_new(o, "by_op", by_op(w, st));
    if (st->requests)
        app_summary_requests(w, st, o);
    app_summary_exchanges(w, st, o);
    json_object_set_new(o, "latency_s", latency(st));
    json_object_set_new(o, "latency_halves_s", halves(st));
    json_object_set_new(o, "steps", steps(s, st));
    json_object_set_new(o, "waterfall",
                        json_pack("{so so}", "p50",
                                  journey(w, st, sim_hist_quantile(&st->latency, 1, 2)), "p99",
                                  journey(w, st, sim_hist_quantile(&st->latency, 99, 100))));
    return o;
}

json_t *app_summary_streams(const struct app_scenario *s) {
    json_t *all = json_object();
    for (uint32_t i = 0; i < s->streams; i++)
        json_object_set_new(all, s->stream[i].name, stream(s, s->stream[i].stream));
    return all;
}
