/* cells.h - what the report reads from the summary, as it is printed; for report*.c alone.
 */
#ifndef APP_CELLS_H
#define APP_CELLS_H

#include "sim/engine/quantity.h"
#include "text.h"
#include <jansson.h>
#include <math.h>
#include <stdio.h>

struct cell {
    char text[APP_CELL];
};

static inline double num(const json_t *obj, const char *key) {
    const json_t *v = json_object_get(obj, key);
    return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

static inline const char *str(const json_t *obj, const char *key) {
    const char *s = json_string_value(json_object_get(obj, key));
    return s != NULL ? s : "";
}

/* What entered: offered by an open stream, started by a closed loop. */
static inline const json_t *came(const json_t *stream) {
    const json_t *o = json_object_get(stream, "offered");
    return json_is_object(o) ? o : json_object_get(stream, "started");
}

/* What its messages are called: "packets", "operations". */
static inline const char *unit_of(const json_t *stream) {
    const char *unit = str(stream, "unit");
    return unit[0] != 0 ? unit : "packets"; /* as results said before there was anything else */
}

/* A number, in a unit of the table that sizes its prefix, or (UNIT none) before a text. What is
 * not defined is "-". */
static inline struct cell cell_of(double v, int unit, int digits, const char *text) {
    struct cell c = {"-"};
    if (!isnan(v) && unit >= 0)
        sim_quantity_human((enum sim_unit)unit, v, c.text, sizeof c.text);
    else if (!isnan(v))
        snprintf(c.text, sizeof c.text, "%.*g%s", digits, v, text);
    return c;
}

static inline struct cell seconds(double v) { return cell_of(v * 1e12, SIM_TIME, 0, ""); }
static inline struct cell rate(double v) { return cell_of(v, SIM_RATE, 0, ""); }
static inline struct cell watts(double v) { return cell_of(v * 1e3, SIM_POWER, 0, ""); }
static inline struct cell joules(double v) { return cell_of(v * 1e15, SIM_ENERGY, 0, ""); }
static inline struct cell percent(double ratio) { return cell_of(100 * ratio, -1, 4, " %"); }
static inline struct cell count(double v) { return cell_of(v, -1, 17, ""); }

static inline struct cell per_s(double v) {
    if (v >= 1e6)
        return cell_of(v / 1e6, -1, 4, " M/s");
    return v >= 1e3 ? cell_of(v / 1e3, -1, 4, " k/s") : cell_of(v, -1, 4, " /s");
}

/* "483 k IOPS" */
static inline struct cell iops(double v) {
    if (v >= 1e6)
        return cell_of(v / 1e6, -1, 4, " M IOPS");
    return v >= 1e3 ? cell_of(v / 1e3, -1, 4, " k IOPS") : cell_of(v, -1, 4, " IOPS");
}

/* "1.98 GB/s", of bits a second */
static inline struct cell bytes_per_s(double bits) {
    double v = bits / 8;
    if (v >= 1e9)
        return cell_of(v / 1e9, -1, 4, " GB/s");
    if (v >= 1e6)
        return cell_of(v / 1e6, -1, 4, " MB/s");
    return v >= 1e3 ? cell_of(v / 1e3, -1, 4, " kB/s") : cell_of(v, -1, 4, " B/s");
}

/* "packets" where all streams are of those, and so on; else "items". */
const char *app_report_unit(const json_t *root);
/* The same but for requests to drives; NULL: all streams are of those. */
const char *app_report_unit_of_others(const json_t *root);
/* Are a stream's messages requests to drives; are any? */
bool app_report_is_requests(const json_t *stream);
bool app_report_any_requests(const json_t *root);

/* The verdict in one sentence, and which streams are unstable. */
void app_report_verdict(struct app_text *t, const json_t *root);
/* What came of requests to drives: for the first line, and by kind, job and namespace. */
void app_report_requests_lead(struct app_text *t, const json_t *root);
void app_report_requests(struct app_text *t, const json_t *root);
/* Throughput and latency of the streams, where their time went, what was dropped. */
void app_report_streams(struct app_text *t, const json_t *root);
void app_report_latency(struct app_text *t, const json_t *root);
void app_report_journeys(struct app_text *t, const json_t *root);
void app_report_drops(struct app_text *t, const json_t *root);
/* Those that took too long; nothing where no stream exchanges anything. */
void app_report_exchanges(struct app_text *t, const json_t *root);
/* Connections set up a second, by table. */
void app_report_connections(struct app_text *t, const json_t *root);
/* What it costs: cores of the host, energy. */
void app_report_host(struct app_text *t, const json_t *root);
void app_report_energy(struct app_text *t, const json_t *root);

#endif
