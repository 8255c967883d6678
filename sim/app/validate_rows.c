/* validate_rows.c - the outcome for programs: JSON and CSV, a row for each scalar. */
#include "summary.h"
#include "validate.h"
#include <math.h>

static json_t *number(double v) { return isnan(v) ? json_null() : app_real(v); }

json_t *app_validation_json(const struct app_validation *v) {
    json_t *rows = json_array();
    for (size_t i = 0; i < v->scalars; i++) {
        const struct app_scalar *s = &v->scalar[i];
        if (!s->wanted)
            continue;
        json_t *row = json_pack(
            "{ss ss ss sO so ss so ss}", "id", s->id, "area", s->area, "class",
            app_class_name(s->class), "published", s->value, "simulated", number(s->simulated),
            "unit", s->unit, "error_ratio", number(app_scalar_error(s)), "source", s->source);
        json_object_set_new(row, "scenario",
                            s->by != NULL ? json_string(s->by->shown) : json_null());
        json_array_append_new(rows, row);
    }
    return json_pack("{so}", "rows", rows);
}

void app_validation_csv(const struct app_validation *v, struct app_text *t) {
    static const char *const keys[] = {"id",          "area",      "class",
                                       "published",   "simulated", "unit",
                                       "error_ratio", "source",    "scenario"};
    json_t *doc = app_validation_json(v), *row;
    size_t i;
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        app_put(t, "%s%s", k ? "," : "", keys[k]);
    app_put(t, "\n");
    json_array_foreach(json_object_get(doc, "rows"), i, row) {
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
            const json_t *value = json_object_get(row, keys[k]);
            app_put(t, k ? "," : "");
            if (json_is_number(value))
                app_put(t, "%.12g", json_number_value(value));
            else if (json_is_string(value))
                app_put_csv(t, json_string_value(value));
        }
        app_put(t, "\n");
    }
    json_decref(doc);
}
