/* report_requests.c - requests to drives as drives' data sheets and fio speak of them: IOPS and
 * bytes a second, by kind, job and namespace.
 */
#include "cells.h"
#include <string.h>

bool app_report_is_requests(const json_t *st) { return strcmp(unit_of(st), "requests") == 0; }

bool app_report_any_requests(const json_t *root) {
    const char *name;
    json_t *st;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        if (app_report_is_requests(st))
            return true;
    }
    return false;
}

/* ---------------------------------------------------------------- in the first line */

/* What came back of one kind, over all streams. */
struct sum {
    double iops, bits, mean, p99; /* mean, p99: of the only stream that has it, else NAN */
};

static struct sum sum_of(const json_t *root, const char *kind) {
    struct sum s = {0, 0, (double)NAN, (double)NAN};
    const char *name;
    json_t *st;
    int streams = 0;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        const json_t *k = json_object_get(json_object_get(st, "requests"), kind);
        if (!app_report_is_requests(st) || !(num(k, "items") > 0))
            continue;
        s.iops += num(k, "items_per_s");
        s.bits += num(k, "bits_per_s");
        streams++;
        s.mean = streams == 1 ? num(json_object_get(k, "latency_s"), "mean") : (double)NAN;
        s.p99 = streams == 1 ? num(json_object_get(k, "latency_s"), "p99") : (double)NAN;
    }
    return s;
}

/* Do sources go by times of their own, and more was asked for than came back? */
static void put_asked(struct app_text *t, const json_t *root) {
    const char *name;
    json_t *st;
    double in = 0, out = 0;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        if (!app_report_is_requests(st) || !json_is_object(json_object_get(st, "offered")))
            continue;
        in += num(came(st), "items_per_s");
        out += num(json_object_get(st, "delivered"), "items_per_s");
    }
    if (in > 1.01 * out)
        app_put(t, "of %s asked for, ", iops(in).text);
}

/* "483 k IOPS, 1.98 GB/s read (mean 66 us, p99 147 us)" */
void app_report_requests_lead(struct app_text *t, const json_t *root) {
    static const char *const kinds[] = {"read", "write", "flush", "trim"};
    const char *sep = "";
    put_asked(t, root);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct sum s = sum_of(root, kinds[i]);
        if (!(s.iops > 0))
            continue;
        app_put(t, "%s%s", sep, iops(s.iops).text);
        if (s.bits > 0)
            app_put(t, ", %s", bytes_per_s(s.bits).text);
        app_put(t, " %s", kinds[i]);
        if (!isnan(s.mean))
            app_put(t, " (mean %s, p99 %s)", seconds(s.mean).text, seconds(s.p99).text);
        sep = "; ";
    }
    if (sep[0] == 0)
        app_put(t, "no request came back");
}

/* ---------------------------------------------------------------- tables */

/* @param failed of that kind */
static void row(struct app_table *tab, const char *name, const char *kind, const json_t *k,
                double failed) {
    const json_t *l = json_object_get(k, "latency_s");
    double bits = num(k, "bits_per_s");
    app_table_row(tab, name, kind, iops(num(k, "items_per_s")).text,
                  bits > 0 ? bytes_per_s(bits).text : "-", seconds(num(l, "mean")).text,
                  seconds(num(l, "p50")).text, seconds(num(l, "p99")).text,
                  seconds(num(l, "p999")).text, failed > 0 ? count(failed).text : "none");
}

/* A row for each kind of each of them. */
static void rows(struct app_table *tab, const char *before, const json_t *all) {
    const char *name, *kind;
    json_t *one, *k;
    char label[APP_CELL];
    json_object_foreach((json_t *)all, name, one) {
        snprintf(label, sizeof label, "%.60s%.60s", before, name);
        json_object_foreach(one, kind, k) row(tab, label, kind, k, num(k, "failed"));
    }
}

static void begin(struct app_table *tab, const char *what) {
    app_table_begin(tab, "llrrrrrrr");
    app_table_row(tab, what, "kind", "rate", "bandwidth", "mean", "p50", "p99", "p99.9",
                  "failed");
}

/* Of all streams, where they tell more than a stream as a whole does. */
static void parts(struct app_text *t, const json_t *root, const char *key, const char *heading,
                  const char *what) {
    struct app_table tab;
    const char *name;
    json_t *st;
    size_t n = 0, streams = 0;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        n += json_object_size(json_object_get(st, key));
        streams += app_report_is_requests(st);
    }
    if (n <= streams)
        return;
    app_heading(t, "%s", heading);
    begin(&tab, what);
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        char before[APP_CELL] = "";
        if (streams > 1)
            snprintf(before, sizeof before, "%.56s / ", name);
        rows(&tab, before, json_object_get(st, key));
    }
    app_table_end(&tab, t);
}

/* What its requests came to: by a loop, or by their own times. */
static void asked(struct app_text *t, const char *name, const json_t *st) {
    double came_in = num(came(st), "items_per_s");
    double back = num(json_object_get(st, "delivered"), "items_per_s");
    if (!json_is_object(json_object_get(st, "offered")))
        return;
    if (came_in > 1.01 * back)
        app_line(t, "%s: %s were asked for, %s came back", name, iops(came_in).text,
                 iops(back).text);
}

/* Were they more commands than requests? */
static void commands(struct app_text *t, const char *name, const json_t *st) {
    const char *kind;
    json_t *k;
    double commands = 0, requests = 0;
    json_object_foreach(json_object_get(st, "by_op"), kind, k) commands +=
        num(k, "items_per_s");
    json_object_foreach(json_object_get(st, "requests"), kind, k) requests +=
        num(k, "items_per_s");
    if (commands > 1.01 * requests && requests > 0)
        app_line(t,
                 "%s: a request went to the drives as %.3g commands on average: %s, which is "
                 "what is counted below",
                 name, commands / requests, iops(commands).text);
}

void app_report_requests(struct app_text *t, const json_t *root) {
    struct app_table tab;
    const char *name, *kind;
    json_t *st, *k;
    if (!app_report_any_requests(root))
        return;
    app_heading(t, "Requests to drives");
    begin(&tab, "stream");
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        if (!app_report_is_requests(st))
            continue;
        json_object_foreach(json_object_get(st, "requests"), kind, k) {
            if (num(k, "items") > 0 || num(k, "failed") > 0)
                row(&tab, name, kind, k, num(k, "failed"));
        }
    }
    app_table_end(&tab, t);
    app_line(t, "bandwidth is data in bytes (1 GB is 10^9), as data sheets have it; latency is "
                "from when a request is made\n  until it is back; fio.json has all of this as "
                "fio writes it");
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        if (!app_report_is_requests(st))
            continue;
        commands(t, name, st);
        asked(t, name, st);
    }
    parts(t, root, "jobs", "Jobs", "job");
    parts(t, root, "namespaces", "Namespaces", "namespace");
}
