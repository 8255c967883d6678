/* report.c - the text report, made from a summary document alone.
 *
 * Order: verdict, bottleneck, bounds, latency and where it was spent, drops, host cores,
 * energy, unused parameters, warnings, audit, the line to cite.
 */
#include "cells.h"
#include "summary.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void heading(struct app_text *t, const char *text) {
    app_put(t, "\n%s%s%s\n", t->color ? "\033[1m" : "", text, t->color ? "\033[0m" : "");
}

static void bottleneck(struct app_text *t, const json_t *root) {
    const json_t *b = json_object_get(root, "bottleneck");
    heading(t, "Bottleneck");
    app_put(t, "  %s: %s.\n",
            json_is_true(json_object_get(b, "proven")) ? "proven" : "candidate", str(b, "why"));
}

static void bounds(struct app_text *t, const json_t *root) {
    struct app_table tab;
    size_t i;
    json_t *b;
    bool above = false, least = false;
    heading(t, "Bound against simulated, per resource (frame bits delivered, tightest first)");
    app_table_begin(&tab, "lrrrrrr");
    app_table_row(&tab, "resource", "load", "simulated busy", "bound", "simulated", "gap",
                  "x to saturation");
    json_array_foreach(json_object_get(root, "bounds"), i, b) {
        if (num(b, "load_ratio") < 0.01 && i >= 3)
            break; /* sorted; of a card that idles the busiest */
        char name[APP_CELL], scale[32], load[64];
        bool min = json_is_true(json_object_get(b, "load_is_least"));
        snprintf(name, sizeof name, "%.40s.%.80s", str(b, "component"), str(b, "resource"));
        bool none = !(num(b, "load_ratio") > 0); /* nobody knows, or nothing is asked */
        snprintf(load, sizeof load, "%s%.40s", min && !none ? ">= " : "",
                 none && min ? "?" : percent(num(b, "load_ratio")).text);
        if (none)
            snprintf(scale, sizeof scale, "-");
        else
            snprintf(scale, sizeof scale, "%s%.4g", min ? "<= " : "",
                     num(b, "scale_to_saturation"));
        app_table_row(&tab, name, load, percent(num(b, "utilization")).text,
                      rate(num(b, "bound_bits_per_s")).text,
                      rate(num(b, "simulated_bits_per_s")).text,
                      percent(num(b, "gap_ratio")).text, scale);
        above |= num(b, "gap_ratio") < -0.005;
        least |= min;
        if (i == 11)
            break;
    }
    app_table_end(&tab, t);
    app_put(t,
            "  load is what the offered mix would need of the resource if nothing were lost "
            "before it;\n"
            "  bound is what would be delivered were it the only limit, with what passes it by "
            "if it is full;\n"
            "  slots are queue places with a round trip, of which Little's law says how "
            "many are taken;\n"
            "  resources below 1 %% and beyond the twelfth are in summary.json\n");
    if (least)
        app_put(t,
                "  >=, ?: of what was lost before, it is not known how much it would take\n");
    if (above)
        app_put(t,
                "  a gap below 0: the window ended before the queues in front of it were full "
                "and began to lose,\n"
                "  delivered what had come in before, or what was lost left another mix\n");
}

/* ---------------------------------------------------------------- streams */

/* Bits that are neither delivered nor dropped: tunnels begin and end on the card. */
static void headers(struct app_text *t, const json_t *root) {
    const char *name;
    json_t *st;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        double bits = 8 * num(st, "bytes_changed") / num(root, "measured_s");
        if (fabs(bits) > 0)
            app_put(t, "  %s: %s of headers were %s on the way\n", name, rate(fabs(bits)).text,
                    bits > 0 ? "added" : "taken off");
    }
}

/* A line for each kind of a stream's messages. */
static void kinds(struct app_text *t, const json_t *root) {
    const char *name, *kind;
    json_t *st, *k;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        json_object_foreach(json_object_get(st, "by_op"), kind, k) {
            if (num(k, "items") > 0)
                app_put(t, "  %s, %s: %s (%s), %s on average\n", name, kind,
                        rate(num(k, "bits_per_s")).text, per_s(num(k, "items_per_s")).text,
                        seconds(num(json_object_get(k, "latency_s"), "mean")).text);
        }
    }
}

static void throughput(struct app_text *t, const json_t *root) {
    struct app_table tab;
    const char *name;
    json_t *st;
    heading(t, "Streams");
    app_table_begin(&tab, "lrrrrrr");
    app_table_row(&tab, "stream", "offered", "packets", "delivered", "packets", "goodput",
                  "dropped");
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        const json_t *o = came(st), *d = json_object_get(st, "delivered");
        double items = num(o, "items");
        char label[APP_CELL];
        bool closed = !json_is_object(json_object_get(st, "offered"));
        snprintf(label, sizeof label, "%.80s%s", name, closed ? " (closed: started)" : "");
        app_table_row(&tab, label, rate(num(o, "wire_bits_per_s")).text,
                      per_s(num(o, "items_per_s")).text, rate(num(d, "wire_bits_per_s")).text,
                      per_s(num(d, "items_per_s")).text,
                      rate(num(d, "goodput_bits_per_s")).text,
                      percent(items > 0 ? num(json_object_get(st, "dropped"), "items") / items
                                        : (double)NAN)
                          .text);
    }
    app_table_end(&tab, t);
    app_put(t,
            "  offered and delivered are bits on the wire (frame, preamble, gap); goodput is "
            "application payload\n");
    kinds(t, root);
    headers(t, root);
}

static void latency(struct app_text *t, const json_t *root) {
    struct app_table tab;
    const char *name;
    json_t *st;
    heading(t, "Latency (from the scheduled arrival to the end of the chain)");
    app_table_begin(&tab, "lrrrrrrrr");
    app_table_row(&tab, "stream", "samples", "mean", "min", "p50", "p90", "p99", "p99.9",
                  "max");
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        const json_t *l = json_object_get(st, "latency_s");
        app_table_row(&tab, name, count(num(l, "samples")).text, seconds(num(l, "mean")).text,
                      seconds(num(l, "min")).text, seconds(num(l, "p50")).text,
                      seconds(num(l, "p90")).text, seconds(num(l, "p99")).text,
                      seconds(num(l, "p999")).text, seconds(num(l, "max")).text);
    }
    app_table_end(&tab, t);
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        const json_t *l = json_object_get(st, "latency_s");
        if (json_is_true(json_object_get(l, "lower_bound")))
            app_put(
                t,
                "  %s: %s packets had not finished at the end: percentiles are lower bounds\n",
                name, count(num(l, "censored")).text);
    }
    app_put(t, "  percentiles are at most 3.1 %% too high, never too low\n");
}

static void steps(struct app_text *t, const char *name, const json_t *st) {
    struct app_table tab;
    size_t i;
    json_t *s;
    char title[160];
    snprintf(title, sizeof title, "Where the time went, step by step: %s", name);
    heading(t, title);
    app_table_begin(&tab, "llrrrrr");
    app_table_row(&tab, "step", "chain", "packets", "wait mean", "wait p99", "service mean",
                  "service p99");
    json_array_foreach(json_object_get(st, "steps"), i, s) {
        const json_t *w = json_object_get(s, "wait_s"), *v = json_object_get(s, "service_s");
        if (str(s, "op")[0] == 0 && num(w, "mean") == 0)
            continue;
        app_table_row(&tab, str(s, "step"), str(s, "chain"), count(num(s, "items")).text,
                      seconds(num(w, "mean")).text, seconds(num(w, "p99")).text,
                      seconds(num(v, "mean")).text, seconds(num(v, "p99")).text);
    }
    app_table_end(&tab, t);
}

static void journey(struct app_text *t, const char *label, const json_t *j) {
    struct app_table tab;
    size_t i;
    json_t *s;
    double travel = num(j, "rest_s");
    app_put(t, "\n  A packet at %s: number %s, %s in all\n", label,
            count(num(j, "message")).text, seconds(num(j, "latency_s")).text);
    app_table_begin(&tab, "llrr");
    app_table_row(&tab, "", "step", "waits", "is served");
    json_array_foreach(json_object_get(j, "steps"), i, s) {
        double wait = num(s, "wait_s"), service = num(s, "service_s");
        travel += num(s, "travel_s");
        if (num(s, "children_s") > 0)
            app_table_row(&tab, "", "its children", seconds(num(s, "children_s")).text, "");
        if (wait + service > 0)
            app_table_row(&tab, "", str(s, "step"), seconds(wait).text, seconds(service).text);
    }
    app_table_row(&tab, "", "on the wires between", "", seconds(travel).text);
    app_table_end(&tab, t);
}

static void journeys(struct app_text *t, const json_t *waterfall) {
    const json_t *a = json_object_get(waterfall, "p50"), *b = json_object_get(waterfall, "p99");
    if (json_is_object(a) && json_is_object(b) && num(a, "message") == num(b, "message")) {
        journey(t, "p50 and p99", a);
        return;
    }
    if (json_is_object(a))
        journey(t, "p50", a);
    if (json_is_object(b))
        journey(t, "p99", b);
}

static void spent(struct app_text *t, const json_t *root) {
    const char *name;
    json_t *st;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        steps(t, name, st);
        journeys(t, json_object_get(st, "waterfall"));
    }
}

static void drops_head(struct app_table *tab, bool *any) {
    if (!*any)
        app_table_row(tab, "stream", "cause", "packets", "of offered");
    *any = true;
}

static void drops(struct app_text *t, const json_t *root) {
    struct app_table tab;
    const char *name, *cause;
    json_t *st, *n;
    bool any = false;
    heading(t, "Drops by cause");
    app_table_begin(&tab, "llrr");
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        const json_t *dropped = json_object_get(st, "dropped");
        double items = num(came(st), "items");
        json_object_foreach(json_object_get(dropped, "causes"), cause, n) {
            drops_head(&tab, &any);
            app_table_row(&tab, name, cause, count(json_number_value(n)).text,
                          percent(json_number_value(n) / items).text);
        }
        json_object_foreach(json_object_get(dropped, "created_causes"), cause, n) {
            drops_head(&tab, &any);
            app_table_row(&tab, name, cause, count(json_number_value(n)).text,
                          "children, copies");
        }
    }
    app_table_end(&tab, t);
    if (!any)
        app_put(t, "  none\n");
}

/* ---------------------------------------------------------------- the rest */

static void energy_rows(struct app_text *t, const json_t *root) {
    const json_t *e = json_object_get(root, "energy");
    double measured = num(root, "measured_s"), total = num(e, "total_j");
    struct app_table tab;
    const char *name;
    json_t *c;
    app_table_begin(&tab, "lrrrrrr");
    app_table_row(&tab, "block", "power", "of all", "idle", "busy", "items", "bytes");
    json_object_foreach(json_object_get(root, "components"), name, c) {
        const json_t *p = json_object_get(c, "energy_parts_j");
        double j = num(c, "energy_j");
        if (!(j > 0))
            continue;
        app_table_row(
            &tab, name, watts(j / measured).text, percent(j / total).text,
            watts(num(p, "idle") / measured).text, watts(num(p, "busy") / measured).text,
            watts(num(p, "items") / measured).text, watts(num(p, "bytes") / measured).text);
    }
    double board = num(e, "board_j");
    if (board > 0)
        app_table_row(&tab, "in no block", watts(board / measured).text,
                      percent(board / total).text, watts(board / measured).text, "", "", "");
    app_table_end(&tab, t);
}

static void energy(struct app_text *t, const json_t *root) {
    const json_t *e = json_object_get(root, "energy"), *list = json_object_get(e, "unstated");
    size_t i;
    json_t *v;
    if (!json_is_object(e))
        return;
    heading(t, "Energy");
    app_put(t, "  %s on average, %s a gigabyte delivered\n", watts(num(e, "mean_w")).text,
            joules(num(e, "j_per_gigabyte")).text);
    energy_rows(t, root);
    json_array_foreach(list, i, v) app_put(
        t, "%s%s",
        i ? ", " : "  not in the sum, for nothing is stated of it: ", json_string_value(v));
    if (i > 0)
        app_put(t, "\n");
}

/* "datapath": "host" */
static void variants(struct app_text *t, const json_t *chosen) {
    const char *key, *sep = "";
    json_t *word;
    json_object_foreach((json_t *)chosen, key, word) {
        app_put(t, "%s\"%s\": \"%s\"", sep, key, json_string_value(word));
        sep = ", ";
    }
}

static void host(struct app_text *t, const json_t *root) {
    const json_t *h = json_object_get(root, "host"), *b = json_object_get(h, "baseline");
    double busy = num(h, "cores_busy"), freed = num(h, "cores_freed");
    if (isnan(busy) && b == NULL)
        return;
    heading(t, "Host cores");
    app_put(t, "  %.4g busy: time at work; a core that polls and finds nothing is not\n",
            isnan(busy) ? 0.0 : busy);
    if (isnan(freed))
        return;
    app_put(t, "  %.4g freed: the baseline, ", freed);
    variants(t, json_object_get(b, "variants"));
    if (json_is_true(json_object_get(b, "this_run"))) {
        app_put(t, ", is this run\n");
        return;
    }
    app_put(
        t,
        ", keeps %.4g busy and delivers %s;\n"
        "  for what was delivered here, by packets, it would take %.4g. Its bottleneck: %s\n",
        num(b, "cores_busy"), per_s(num(b, "delivered_items_per_s")).text,
        num(b, "cores_needed"), str(b, "bottleneck"));
}

/* Length of a pointer without its last name. */
static size_t folder(const char *pointer) { return (size_t)(strrchr(pointer, '/') - pointer); }

/* A line for each object that they are in, where its first one stands. */
static void unused(struct app_text *t, const json_t *root) {
    const json_t *list = json_object_get(root, "unused_parameters");
    size_t n = json_array_size(list);
    heading(t, "Never exercised by this run: changing it changes nothing, but idle power");
    for (size_t i = 0; i < n; i++) {
        const char *at = json_string_value(json_array_get(list, i));
        size_t dir = folder(at), k = 0;
        while (k < i) {
            const char *other = json_string_value(json_array_get(list, k));
            if (folder(other) == dir && strncmp(other, at, dir) == 0)
                break;
            k++;
        }
        if (k < i)
            continue;
        app_put(t, "  %.*s: %s", (int)dir, at, at + dir + 1);
        for (k = i + 1; k < n; k++) {
            const char *other = json_string_value(json_array_get(list, k));
            if (folder(other) == dir && strncmp(other, at, dir) == 0)
                app_put(t, ", %s", other + dir + 1);
        }
        app_put(t, "\n");
    }
    if (n == 0)
        app_put(t, "  nothing\n");
}

static void warnings(struct app_text *t, const json_t *root) {
    size_t i;
    json_t *v;
    char pointer[1024], text[2048];
    if (json_array_size(json_object_get(root, "warnings")) == 0)
        return;
    heading(t, "Warnings");
    json_array_foreach(json_object_get(root, "warnings"), i, v)
        app_put(t, "  %s: %s\n", sim_plain(str(v, "pointer"), pointer, sizeof pointer),
                sim_plain(str(v, "text"), text, sizeof text));
}

static void routes(struct app_text *t, const json_t *root) {
    const char *pointer;
    json_t *via, *v;
    size_t i;
    if (json_object_size(json_object_get(root, "routes")) == 0)
        return;
    heading(t, "Routes taken, and what they share");
    json_object_foreach(json_object_get(root, "routes"), pointer, via) {
        app_put(t, "  %s:", pointer);
        json_array_foreach(via, i, v) app_put(t, "%s %s.%s x %.4g", i ? "," : "", str(v, "at"),
                                              str(v, "op"), num(v, "per_byte"));
        app_put(t, "%s\n", json_array_size(via) ? "" : " direct, no shared resource");
    }
}

static void ending(struct app_text *t, const json_t *root) {
    const json_t *p = json_object_get(root, "provenance");
    const json_t *a = json_object_get(root, "audit");
    heading(t, "Audit");
    if (json_is_true(json_object_get(a, "passed")))
        app_put(t, "  passed: items and bytes conserved, Little's identity to the picosecond, "
                   "message pools, no server above its bound\n");
    else
        app_put(t, "  FAILED: %s\n", str(json_object_get(a, "checks"), "failure"));
    if (strcmp(str(root, "status"), "complete") != 0)
        app_put(t, "  status: %s - these results are partial\n", str(root, "status"));
    heading(t, "To cite");
    app_put(t, "  dpusim %s (%s), scenario %s sha256:%.16s, seed %.0f, run digest %s\n",
            str(root, "version"), str(root, "revision"), str(root, "scenario"),
            str(p, "config_sha256"), num(p, "seed"), str(p, "digest"));
}

static void results(struct app_text *t, const json_t *root) {
    bottleneck(t, root);
    throughput(t, root);
    bounds(t, root);
    latency(t, root);
    spent(t, root);
    drops(t, root);
    host(t, root);
    energy(t, root);
    routes(t, root);
    unused(t, root);
}

char *app_report_text(const json_t *root, bool color) {
    struct app_text t = {.color = color};
    app_report_verdict(&t, root);
    app_put(&t, "Simulated %s, measured %s of it after a warm-up of %s; %s events.\n",
            seconds(num(root, "simulated_s")).text, seconds(num(root, "measured_s")).text,
            seconds(num(root, "warmup_s")).text, count(num(root, "events")).text);
    if (num(root, "measured_s") > 0)
        results(&t, root);
    warnings(&t, root);
    ending(&t, root);
    return t.at;
}
