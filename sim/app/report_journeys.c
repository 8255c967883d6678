/* report_journeys.c - where the time went: step by step, and in two journeys of one message. */
#include "cells.h"
#include <string.h>

/* Blocks of several cards may share a name. */
static bool has_cards(const json_t *root) {
    const char *path, *first = NULL;
    json_t *c;
    size_t n = 0;
    json_object_foreach(json_object_get(root, "components"), path, c) {
        if (strncmp(path, "streams.", 8) == 0)
            continue;
        if (first == NULL)
            n = strcspn(first = path, ".") + 1;
        if (strncmp(path, first, n) != 0)
            return true;
    }
    return false;
}

/* A step's name, with its card in front where there are several. */
static struct cell step_name(const json_t *s, bool cards) {
    struct cell c;
    const char *path = str(s, "component");
    int n = cards && strncmp(path, "streams.", 8) != 0 ? (int)strcspn(path, ".") : 0;
    snprintf(c.text, sizeof c.text, "%.*s%s%s", n, path, n > 0 ? "." : "", str(s, "step"));
    return c;
}

static void steps(struct app_text *t, const char *name, const json_t *st, bool cards) {
    struct app_table tab;
    size_t i;
    json_t *s;
    app_heading(t, "Where the time went, step by step: %s", name);
    app_table_begin(&tab, "llrrrrr");
    app_table_row(&tab, "step", "chain", unit_of(st), "wait mean", "wait p99", "service mean",
                  "service p99");
    json_array_foreach(json_object_get(st, "steps"), i, s) {
        const json_t *w = json_object_get(s, "wait_s"), *v = json_object_get(s, "service_s");
        if (str(s, "op")[0] == 0 && num(w, "mean") == 0)
            continue;
        app_table_row(&tab, step_name(s, cards).text, str(s, "chain"),
                      count(num(s, "items")).text, seconds(num(w, "mean")).text,
                      seconds(num(w, "p99")).text, seconds(num(v, "mean")).text,
                      seconds(num(v, "p99")).text);
    }
    app_table_end(&tab, t);
}

/* Where a stretch of a journey lies in it: "START WAIT SERVICE", percentages. */
static struct cell stretch(double start, double wait, double service, double all) {
    struct cell c;
    snprintf(c.text, sizeof c.text, "%.6g %.6g %.6g", 100 * start / all, 100 * wait / all,
             100 * service / all);
    return c;
}

static void journey(struct app_text *t, const char *unit, const char *label, const json_t *j,
                    bool cards) {
    struct app_table tab;
    size_t i;
    json_t *s;
    double travel = num(j, "rest_s"), all = num(j, "latency_s"), at = 0;
    app_put_raw(t, "%s", t->style == APP_PAGE ? "" : "\n");
    app_line(t, "%s %.*s at %s: number %s, %s in all", strchr("aeio", unit[0]) ? "An" : "A",
             (int)strlen(unit) - 1, unit, label, count(num(j, "message")).text,
             seconds(all).text);
    app_table_begin(&tab, "llrrw");
    app_table_row(&tab, "", "step", "waits", "is served",
                  "in time: waits (amber), is served (blue)");
    json_array_foreach(json_object_get(j, "steps"), i, s) {
        double wait = num(s, "wait_s"), service = num(s, "service_s");
        double children = num(s, "children_s");
        travel += num(s, "travel_s");
        at += num(s, "travel_s");
        if (children > 0) {
            app_table_row(&tab, "", "its children", seconds(children).text, "",
                          stretch(at, children, 0, all).text);
            at += children;
        }
        if (wait + service > 0)
            app_table_row(&tab, "",
                          json_is_true(json_object_get(s, "given_up"))
                              ? "a try that took too long"
                              : step_name(s, cards).text,
                          seconds(wait).text, seconds(service).text,
                          stretch(at, wait, service, all).text);
        at += wait + service;
    }
    app_table_row(&tab, "", "on the wires between", "", seconds(travel).text, "");
    app_table_end(&tab, t);
}

static void journeys(struct app_text *t, const json_t *st, bool cards) {
    const json_t *waterfall = json_object_get(st, "waterfall");
    const json_t *a = json_object_get(waterfall, "p50"), *b = json_object_get(waterfall, "p99");
    if (json_is_object(a) && json_is_object(b) && num(a, "message") == num(b, "message")) {
        journey(t, unit_of(st), "p50 and p99", a, cards);
        return;
    }
    if (json_is_object(a))
        journey(t, unit_of(st), "p50", a, cards);
    if (json_is_object(b))
        journey(t, unit_of(st), "p99", b, cards);
}

void app_report_journeys(struct app_text *t, const json_t *root) {
    const char *name;
    json_t *st;
    bool cards = has_cards(root);
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        steps(t, name, st, cards);
        journeys(t, st, cards);
    }
}
