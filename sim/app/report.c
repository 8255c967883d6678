/* report.c - the report, made from a summary document alone.
 *
 * Order: verdict, bottleneck, streams, connections, bounds, latency and where it was spent,
 * drops, host cores, energy, routes, unused parameters, warnings, audit, the line to cite.
 */
#include "cells.h"
#include "sim/engine/row.h"
#include "summary.h"
#include <string.h>

/* What each suspect brought when it was doubled. */
static void doubled(struct app_text *t, const json_t *list) {
    struct app_table tab;
    size_t i;
    json_t *r;
    if (json_array_size(list) == 0)
        return;
    app_table_begin(&tab, "lrl");
    app_table_row(&tab, "doubled", "delivered more", "what of it");
    json_array_foreach(list, i, r) {
        char name[APP_CELL], what[APP_CELL] = "";
        size_t k;
        json_t *w;
        snprintf(name, sizeof name, "%.40s.%.80s", str(r, "component"), str(r, "resource"));
        json_array_foreach(json_object_get(r, "what"), k, w)
            sim_append(what, sizeof what, "%s%s", k ? ", " : "", json_string_value(w));
        json_array_foreach(json_object_get(r, "with"), k, w)
            sim_append(what, sizeof what, "%s%s.%s", k ? ", " : "; with it ",
                       str(w, "component"), str(w, "resource"));
        app_table_row(&tab, name, percent(num(r, "gain_ratio")).text, what);
    }
    app_table_end(&tab, t);
}

static void bottleneck(struct app_text *t, const json_t *root) {
    const json_t *b = json_object_get(root, "bottleneck");
    app_heading(t, "Bottleneck");
    app_line(t, "%s: %s.", json_is_true(json_object_get(b, "proven")) ? "proven" : "candidate",
             str(b, "why"));
    doubled(t, json_object_get(b, "doubled"));
}

/* What the bounds count. */
static const char *bits_of(const json_t *root) {
    const char *unit = app_report_unit(root);
    if (strcmp(unit, "packets") == 0)
        return "frame bits";
    if (strcmp(unit, "requests") == 0)
        return "requests";
    return strcmp(unit, "items") == 0 ? "frame and payload bits" : "payload bits";
}

/* Requests a bit, where there is nothing else: a bound is told in those. Else 0. */
static double per_bit(const json_t *root) {
    double items = 0, bits = 0;
    const char *name;
    json_t *st;
    if (app_report_unit_of_others(root) != NULL)
        return 0;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        const json_t *d = json_object_get(st, "delivered");
        items += num(d, "items_per_s");
        bits += num(d, "bits_per_s");
    }
    return bits > 0 ? items / bits : 0;
}

static struct cell bound_cell(double bits_per_s, double requests_per_bit) {
    return requests_per_bit > 0 ? iops(bits_per_s * requests_per_bit) : rate(bits_per_s);
}

/* Does a step of the stream give verdicts, or that one where it is named? */
static bool gives(const json_t *st, const char *verdict) {
    size_t i;
    json_t *step;
    json_array_foreach(json_object_get(st, "steps"), i, step) {
        const json_t *given = json_object_get(step, "verdicts");
        if (verdict != NULL ? num(given, verdict) > 0 : json_object_size(given) > 0)
            return true;
    }
    return false;
}

/* Did a stream that branches lose packets to full queues, enough to matter? */
static bool lost_before_branches(const json_t *root) {
    const char *name;
    json_t *st;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        double lost = num(json_object_get(st, "dropped"), "overflow_items");
        if (lost > 0.01 * num(json_object_get(st, "offered"), "items") && gives(st, NULL))
            return true;
    }
    return false;
}

/* Did a meter drop what was above its rate? */
static bool policed(const json_t *root) {
    const char *name;
    json_t *st;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        if (gives(st, "exceed"))
            return true;
    }
    return false;
}

static void bounds(struct app_text *t, const json_t *root) {
    struct app_table tab;
    size_t i;
    json_t *b;
    int rows = 0;
    bool above = false, least = false;
    double each = per_bit(root);
    app_heading(t, "Bound against simulated, per resource (%s delivered, tightest first)",
                bits_of(root));
    app_table_begin(&tab, "lbbrrrr");
    app_table_row(&tab, "resource", "load", "simulated busy", "bound", "simulated", "gap",
                  "x to saturation");
    json_array_foreach(json_object_get(root, "bounds"), i, b) {
        if (num(b, "load_ratio") < 0.01 && i >= 3 && num(b, "utilization") < 0.99)
            continue; /* sorted; of a card that idles the busiest */
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
                      bound_cell(num(b, "bound_bits_per_s"), each).text,
                      bound_cell(num(b, "simulated_bits_per_s"), each).text,
                      percent(num(b, "gap_ratio")).text, scale);
        above |= num(b, "gap_ratio") < -0.005;
        least |= min;
        if (++rows == 12)
            break;
    }
    app_table_end(&tab, t);
    app_line(t,
             "load is what the offered mix would need of the resource if nothing were lost "
             "before it;\n"
             "  bound is what would be delivered were it the only limit, with what passes it "
             "by if it is full;\n"
             "  slots are queue places with a round trip, of which Little's law says how "
             "many are taken;\n"
             "  resources below 1 %% and beyond the twelfth are in summary.json");
    if (least)
        app_line(t, ">=, ?: of what was lost before, it is not known how much it would take");
    if (lost_before_branches(root))
        app_line(t, "shares of branches are of what came there: what was lost before may have "
                    "gone other ways,\n  and loads behind branches be off by some per cent");
    if (policed(root))
        app_line(t,
                 "what a meter drops is taken for a share of what comes to it: if more came it "
                 "would drop more,\n  and what is full in front of it may hold up nothing; "
                 "--why tells");
    if (above)
        app_line(t,
                 "a gap below 0: the window ended before the queues in front of it were full "
                 "and began to lose,\n"
                 "  delivered what had come in before, or what was lost left another mix");
}

/* Length of a pointer without its last name. */
static size_t folder(const char *pointer) { return (size_t)(strrchr(pointer, '/') - pointer); }

/* A line for each object that they are in, where its first one stands. */
static void unused(struct app_text *t, const json_t *root) {
    const json_t *list = json_object_get(root, "unused_parameters");
    size_t n = json_array_size(list);
    app_heading(t, "Never exercised by this run: changing it changes nothing, but idle power");
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
        app_line_begin(t);
        app_put(t, "%.*s: %s", (int)dir, at, at + dir + 1);
        for (k = i + 1; k < n; k++) {
            const char *other = json_string_value(json_array_get(list, k));
            if (folder(other) == dir && strncmp(other, at, dir) == 0)
                app_put(t, ", %s", other + dir + 1);
        }
        app_line_end(t);
    }
    if (n == 0)
        app_line(t, "nothing");
}

static void warnings(struct app_text *t, const json_t *root) {
    size_t i;
    json_t *v;
    char pointer[1024], text[2048];
    if (json_array_size(json_object_get(root, "warnings")) == 0)
        return;
    app_heading(t, "Warnings");
    json_array_foreach(json_object_get(root, "warnings"), i, v)
        app_line(t, "%s: %s", sim_plain(str(v, "pointer"), pointer, sizeof pointer),
                 sim_plain(str(v, "text"), text, sizeof text));
}

static void routes(struct app_text *t, const json_t *root) {
    const char *pointer;
    json_t *via, *v;
    size_t i;
    if (json_object_size(json_object_get(root, "routes")) == 0)
        return;
    app_heading(t, "Routes taken, and what they share");
    json_object_foreach(json_object_get(root, "routes"), pointer, via) {
        app_line_begin(t);
        app_put(t, "%s:", pointer);
        json_array_foreach(via, i, v) app_put(t, "%s %s.%s x %.4g", i ? "," : "", str(v, "at"),
                                              str(v, "op"), num(v, "per_byte"));
        app_put(t, "%s", json_array_size(via) ? "" : " direct, no shared resource");
        app_line_end(t);
    }
}

static void ending(struct app_text *t, const json_t *root) {
    const json_t *p = json_object_get(root, "provenance");
    const json_t *a = json_object_get(root, "audit");
    app_heading(t, "Audit");
    if (json_is_true(json_object_get(a, "passed")))
        app_line(t, "passed: items and bytes conserved, Little's identity to the picosecond, "
                    "message pools, no server above its bound");
    else
        app_line(t, "FAILED: %s", str(json_object_get(a, "checks"), "failure"));
    if (strcmp(str(root, "status"), "complete") != 0)
        app_line(t, "status: %s - these results are partial", str(root, "status"));
    app_heading(t, "To cite");
    app_line(t, "dpusim %s (%s), scenario %s sha256:%.16s, seed %.0f, run digest %s",
             str(root, "version"), str(root, "revision"), str(root, "scenario"),
             str(p, "config_sha256"), num(p, "seed"), str(p, "digest"));
}

static void results(struct app_text *t, const json_t *root) {
    bottleneck(t, root);
    app_report_streams(t, root);
    app_report_connections(t, root);
    bounds(t, root);
    app_report_latency(t, root);
    app_report_journeys(t, root);
    app_report_drops(t, root);
    app_report_exchanges(t, root);
    app_report_host(t, root);
    app_report_energy(t, root);
    routes(t, root);
    unused(t, root);
}

char *app_report_text(const json_t *root, enum app_style style) {
    struct app_text t = {.style = style};
    if (style == APP_PAGE)
        app_page_begin(&t, str(root, "scenario"));
    app_report_verdict(&t, root);
    if (num(root, "measured_s") > 0)
        results(&t, root);
    warnings(&t, root);
    ending(&t, root);
    if (style == APP_PAGE)
        app_page_end(&t);
    return t.at;
}
