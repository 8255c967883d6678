/* cells.h - what the text report reads from the summary, as it is printed; for report.c and
 * report_verdict.c alone.
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

/* What is not defined is "-". @return whether it is that. */
static inline bool undefined(double v, struct cell *c) {
    if (isnan(v))
        snprintf(c->text, sizeof c->text, "-");
    return isnan(v);
}

static inline struct cell seconds(double v) {
    struct cell c;
    if (!undefined(v, &c))
        sim_quantity_human(SIM_TIME, v * 1e12, c.text, sizeof c.text);
    return c;
}

static inline struct cell rate(double v) {
    struct cell c;
    if (!undefined(v, &c))
        sim_quantity_human(SIM_RATE, v, c.text, sizeof c.text);
    return c;
}

static inline struct cell watts(double v) {
    struct cell c;
    if (!undefined(v, &c))
        sim_quantity_human(SIM_POWER, v * 1e3, c.text, sizeof c.text);
    return c;
}

static inline struct cell joules(double v) {
    struct cell c;
    if (!undefined(v, &c))
        sim_quantity_human(SIM_ENERGY, v * 1e15, c.text, sizeof c.text);
    return c;
}

static inline struct cell per_s(double v) {
    struct cell c;
    const char *unit = v >= 1e6 ? "M/s" : v >= 1e3 ? "k/s" : "/s";
    if (!undefined(v, &c))
        snprintf(c.text, sizeof c.text, "%.4g %s",
                 v >= 1e6   ? v / 1e6
                 : v >= 1e3 ? v / 1e3
                            : v,
                 unit);
    return c;
}

static inline struct cell percent(double ratio) {
    struct cell c;
    if (!undefined(ratio, &c))
        snprintf(c.text, sizeof c.text, "%.4g %%", 100 * ratio);
    return c;
}

static inline struct cell count(double v) {
    struct cell c;
    if (!undefined(v, &c))
        snprintf(c.text, sizeof c.text, "%.0f", v);
    return c;
}

/* The verdict in one sentence, and which streams are unstable. */
void app_report_verdict(struct app_text *t, const json_t *root);

#endif
