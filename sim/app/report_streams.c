/* report_streams.c - what came of the streams: throughput, latency, drops by cause. */
#include "cells.h"
#include <string.h>

#define LEAST 1e-3 /* of what is delivered: less is not told */

/* @param all those that are requests to drives, too */
static const char *unit_of_streams(const json_t *root, bool all) {
    const char *name, *unit = NULL;
    json_t *st;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        if (!all && app_report_is_requests(st))
            continue;
        if (unit != NULL && strcmp(unit, unit_of(st)) != 0)
            return "items";
        unit = unit_of(st);
    }
    return unit;
}

const char *app_report_unit(const json_t *root) {
    const char *unit = unit_of_streams(root, true);
    return unit != NULL ? unit : "items";
}

const char *app_report_unit_of_others(const json_t *root) {
    const char *unit = unit_of_streams(root, false);
    return unit != NULL || app_report_any_requests(root) ? unit : "items";
}

/* Bits that are neither delivered nor dropped: tunnels begin and end on the card, payloads are
 * compressed. Not what is only under way with or without its check sequence. */
static void headers(struct app_text *t, const json_t *root) {
    const char *name;
    json_t *st;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        double bytes = num(st, "bytes_changed") - num(st, "fcs_changed");
        double bits = 8 * bytes / num(root, "measured_s");
        if (!app_report_is_requests(st) &&
            fabs(bits) > LEAST * num(json_object_get(st, "delivered"), "bits_per_s"))
            app_line(t, "%s: %s were %s on the way (headers, compression)", name,
                     rate(fabs(bits)).text, bits > 0 ? "added" : "taken off");
    }
}

/* A line for each kind of a stream's messages. */
static void kinds(struct app_text *t, const json_t *root) {
    const char *name, *kind;
    json_t *st, *k;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        json_object_foreach(json_object_get(st, "by_op"), kind, k) {
            if (num(k, "items") > 0 && !app_report_is_requests(st))
                app_line(t, "%s, %s: %s (%s), %s on average", name, kind,
                         rate(num(k, "bits_per_s")).text, per_s(num(k, "items_per_s")).text,
                         seconds(num(json_object_get(k, "latency_s"), "mean")).text);
        }
    }
}

/* What is counted as offered and delivered. */
static void explain(struct app_text *t, const json_t *root) {
    const char *all = app_report_unit_of_others(root), *name;
    json_t *st;
    if (strcmp(all, "packets") == 0)
        app_line(t, "offered and delivered are bits on the wire (frame, preamble, gap); "
                    "goodput is application payload as it was offered, before any compression");
    else if (strcmp(all, "items") != 0)
        app_line(t, "offered and delivered are payload of the %s, without what a link adds",
                 all);
    else
        json_object_foreach(json_object_get(root, "streams"), name, st) {
            bool packets = strcmp(unit_of(st), "packets") == 0;
            if (!app_report_is_requests(st))
                app_line(t, "%s: %s, %s", name, unit_of(st),
                         packets ? "bits on the wire (frame, preamble, gap)"
                                 : "bits of payload, without what a link adds");
        }
}

void app_report_streams(struct app_text *t, const json_t *root) {
    struct app_table tab;
    const char *name, *unit = app_report_unit_of_others(root);
    json_t *st;
    if (unit == NULL) {
        app_report_requests(t, root);
        return;
    }
    app_heading(t, "Streams");
    app_table_begin(&tab, "lrrrrrb");
    app_table_row(&tab, "stream", "offered", unit, "delivered", unit, "goodput", "dropped");
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        const json_t *o = came(st), *d = json_object_get(st, "delivered");
        double items = num(o, "items");
        char label[APP_CELL];
        bool closed = !json_is_object(json_object_get(st, "offered"));
        if (app_report_is_requests(st))
            continue;
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
    explain(t, root);
    kinds(t, root);
    headers(t, root);
    app_report_requests(t, root);
}

void app_report_latency(struct app_text *t, const json_t *root) {
    struct app_table tab;
    const char *name;
    json_t *st;
    if (app_report_unit_of_others(root) != NULL)
        app_heading(t, "Latency (from the scheduled arrival to the end of the chain)");
    else
        app_heading(t, "Latency (from when a request is made until it is back)");
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
            app_line(t, "%s: %s %s had not finished at the end: percentiles are lower bounds",
                     name, count(num(l, "censored")).text, unit_of(st));
    }
    app_line(t, "percentiles are at most 3.1 %% too high, never too low");
}

void app_report_drops(struct app_text *t, const json_t *root) {
    struct app_table tab;
    const char *name, *cause;
    json_t *st, *n;
    app_heading(t, "Drops by cause");
    app_table_begin(&tab, "llrb");
    app_table_row(&tab, "stream", "cause", app_report_unit(root), "of offered");
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        const json_t *dropped = json_object_get(st, "dropped");
        double items = num(came(st), "items");
        json_object_foreach(json_object_get(dropped, "causes"), cause, n)
            app_table_row(&tab, name, cause, count(json_number_value(n)).text,
                          percent(json_number_value(n) / items).text);
        json_object_foreach(json_object_get(dropped, "created_causes"), cause, n) app_table_row(
            &tab, name, cause, count(json_number_value(n)).text, "children, copies");
    }
    if (tab.rows == 1) {
        app_line(t, "none");
        tab.rows = 0;
    }
    app_table_end(&tab, t);
}

void app_report_exchanges(struct app_text *t, const json_t *root) {
    struct app_table tab;
    const char *name;
    json_t *st;
    bool any = false;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        const json_t *e = json_object_get(st, "exchanges");
        if (e == NULL)
            continue;
        if (!any) {
            app_heading(t, "Exchanges with another card");
            app_table_begin(&tab, "lrrrr");
            app_table_row(&tab, "stream", "took too long", "tried again", "given up",
                          "answers too late");
        }
        any = true;
        app_table_row(&tab, name, count(num(e, "timed_out")).text,
                      count(num(e, "retries")).text, count(num(e, "given_up")).text,
                      count(num(e, "late_answers")).text);
    }
    if (any)
        app_table_end(&tab, t);
}
