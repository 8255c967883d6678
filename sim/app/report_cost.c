/* report_cost.c - what it costs: cores of the host, energy. */
#include "cells.h"

static void energy_rows(struct app_text *t, const json_t *root) {
    const json_t *e = json_object_get(root, "energy");
    double measured = num(root, "measured_s"), total = num(e, "total_j");
    struct app_table tab;
    const char *name;
    json_t *c;
    app_table_begin(&tab, "lrbrrrrr");
    app_table_row(&tab, "block", "power", "of all", "idle", "busy", "items", "bytes", "memory");
    json_object_foreach(json_object_get(root, "components"), name, c) {
        const json_t *p = json_object_get(c, "energy_parts_j");
        double j = num(c, "energy_j");
        if (!(j > 0))
            continue;
        app_table_row(
            &tab, name, watts(j / measured).text, percent(j / total).text,
            watts(num(p, "idle") / measured).text, watts(num(p, "busy") / measured).text,
            watts(num(p, "items") / measured).text, watts(num(p, "bytes") / measured).text,
            watts(num(p, "memory") / measured).text);
    }
    double board = num(e, "board_j");
    if (board > 0)
        app_table_row(&tab, "in no block", watts(board / measured).text,
                      percent(board / total).text, watts(board / measured).text, "", "", "",
                      "");
    app_table_end(&tab, t);
}

void app_report_energy(struct app_text *t, const json_t *root) {
    const json_t *e = json_object_get(root, "energy"), *list = json_object_get(e, "unstated");
    size_t i;
    json_t *v;
    if (!json_is_object(e))
        return;
    app_heading(t, "Energy");
    app_line(t, "%s on average, %s a gigabyte delivered", watts(num(e, "mean_w")).text,
             joules(num(e, "j_per_gigabyte")).text);
    energy_rows(t, root);
    if (json_array_size(list) == 0)
        return;
    app_line_begin(t);
    json_array_foreach(list, i, v) app_put(
        t, "%s%s",
        i ? ", " : "not in the sum, for nothing is stated of it: ", json_string_value(v));
    app_line_end(t);
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

static void freed(struct app_text *t, const json_t *host, const char *unit) {
    const json_t *b = json_object_get(host, "baseline");
    app_line_begin(t);
    app_put(t, "%.4g freed: the baseline, ", num(host, "cores_freed"));
    variants(t, json_object_get(b, "variants"));
    if (json_is_true(json_object_get(b, "this_run")))
        app_put(t, ", is this run");
    else
        app_put(t,
                ", keeps %.4g busy and delivers %s;\n"
                "  for what was delivered here, by %s, it would take %.4g. Its bottleneck: %s",
                num(b, "cores_busy"), per_s(num(b, "delivered_items_per_s")).text, unit,
                num(b, "cores_needed"), str(b, "bottleneck"));
    app_line_end(t);
}

void app_report_host(struct app_text *t, const json_t *root) {
    const json_t *h = json_object_get(root, "host"), *b = json_object_get(h, "baseline");
    double busy = num(h, "cores_busy");
    if (isnan(busy) && b == NULL)
        return;
    app_heading(t, "Host cores");
    app_line(t, "%.4g busy: time at work; a core that polls and finds nothing is not",
             isnan(busy) ? 0.0 : busy);
    if (!isnan(num(h, "cores_freed")))
        freed(t, h, app_report_unit(root));
    else if (json_is_object(b))
        app_line(t, "how many are freed is not known: see the warning of /baseline");
}
