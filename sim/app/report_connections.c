/* report_connections.c - connections a second, by table. */
#include "cells.h"

static void could(struct app_text *t, const char *name, const json_t *c) {
    double most = num(c, "saturation_per_s");
    if (most > 0)
        app_line(t, "%s: of this mix, %s would be set up when %s is full", name,
                 per_s(most).text, str(c, "saturation_of"));
}

/* Connections that began with the run are not over when the window begins. */
static void young(struct app_text *t, const char *name, const json_t *root, const json_t *c) {
    double life = num(c, "longest_life_s"), warmup = num(root, "warmup_s");
    if (life > warmup)
        app_line(t,
                 "%s: connections last up to %s at this pace, and the warm-up %s: what is set "
                 "up, closed and aged out a second may not have settled",
                 name, seconds(life).text, seconds(warmup).text);
}

void app_report_connections(struct app_text *t, const json_t *root) {
    const json_t *all = json_object_get(root, "connections");
    struct app_table tab;
    const char *name;
    json_t *c;
    if (json_object_size(all) == 0)
        return;
    app_heading(t, "Connections (a second, but for entries)");
    app_table_begin(&tab, "lbbrrrrrrrr");
    app_table_row(&tab, "table", "set up", "at most", "begun", "closed", "aged out", "evicted",
                  "failed", "entries", "highest", "of");
    json_object_foreach((json_t *)all, name, c) app_table_row(
        &tab, name, per_s(num(c, "set_up_per_s")).text, per_s(num(c, "bound_per_s")).text,
        per_s(num(c, "begun_per_s")).text, per_s(num(c, "closed_per_s")).text,
        per_s(num(c, "aged_per_s")).text, per_s(num(c, "evicted_per_s")).text,
        count(num(c, "failed")).text, count(num(c, "entries")).text,
        count(num(c, "entries_highest")).text, count(num(c, "capacity")).text);
    app_table_end(&tab, t);
    json_object_foreach((json_t *)all, name, c) {
        could(t, name, c);
        young(t, name, root, c);
    }
    app_line(t,
             "set up: inserted into hardware; at most: the table's own rate; failed: attempts "
             "in the window that found no place, or were too late");
}
