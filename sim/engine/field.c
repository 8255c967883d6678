/* field.c - parameter tables against JSON: reading, echoing, schema.
 *
 * A decoder turns one JSON value into an int64_t or says why not; the reader adds file and
 * pointer. The only file of sim/engine that knows jansson. Leaves out: loading files,
 * nesting (SIM_JSON rows are decoded by their owner) and the help text.
 */
#include "row.h"
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 96 };

static bool takes_bare(enum sim_unit unit) { return unit == SIM_BYTES || unit == SIM_PER_S; }

/* A JSON value as a message quotes it. */
static const char *show(const json_t *v, char buf[SHOWN]) {
    if (json_is_string(v))
        return sim_quote(json_string_value(v), buf, SHOWN);
    if (json_is_object(v) || json_is_array(v))
        return json_is_object(v) ? "an object" : "an array";
    size_t n = json_dumpb(v, buf, SHOWN - 1, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    buf[n < SHOWN ? n : 0] = '\0';
    return buf;
}

/* The sentence for a value of the wrong type; a string that would do without quotes says so, as
 * JSON writes the number: 1 for "01". */
static bool wrong_type(const struct sim_field *row, const json_t *v, struct sim_why *why) {
    char shown[SHOWN];
    struct sim_why ignored;
    int64_t value;
    const char *text = json_string_value(v), *quote = sim_row_is_quoted(row) ? "\"" : "";
    const char *name = sim_unit_name(row->unit);
    bool slip = text && row->unit <= SIM_RATIO &&
                sim_quantity_parse(row->unit, text, &value, ignored.text, sizeof ignored.text);
    if (slip && row->unit == SIM_RATIO)
        return sim_refuse(why, "%s is not a %s; write %.15g without quotes", show(v, shown),
                          name, (double)value / 1e6);
    if (slip)
        return sim_refuse(why, "%s is not a %s; write %lld without quotes", show(v, shown),
                          name, (long long)value);
    if (json_is_number(v) && sim_row_is_quoted(row))
        return sim_refuse(why, "%s has no unit; write e.g. \"%s\"", show(v, shown),
                          sim_row_example(row));
    return sim_refuse(why, "%s is not a %s; write e.g. %s%s%s", show(v, shown), name, quote,
                      sim_row_example(row), quote);
}

static bool decode_quantity(const struct sim_field *row, const json_t *v, int64_t *value,
                            struct sim_why *why) {
    if (json_is_string(v))
        return sim_quantity_parse(row->unit, json_string_value(v), value, why->text,
                                  sizeof why->text);
    if (!json_is_integer(v) || !takes_bare(row->unit))
        return wrong_type(row, v, why);
    *value = json_integer_value(v);
    return true;
}

static bool decode_count(const struct sim_field *row, const json_t *v, int64_t *value,
                         struct sim_why *why) {
    char shown[SHOWN];
    *value = json_integer_value(v);
    double real = json_real_value(v); /* 0 unless v is a real */
    if (json_is_integer(v))
        return true;
    if (json_is_real(v) && real == trunc(real) && fabs(real) < 1e15)
        return sim_refuse(why, "%s is not a %s; write %.0f", show(v, shown),
                          sim_unit_name(row->unit), real + 0.0); /* no -0 */
    return wrong_type(row, v, why);
}

static bool decode_ratio(const struct sim_field *row, const json_t *v, int64_t *value,
                         struct sim_why *why) {
    char shown[SHOWN];
    if (!json_is_number(v))
        return wrong_type(row, v, why);
    double ratio = json_number_value(v);
    if (fabs(ratio) > 1e12) /* beyond what fits as millionths */
        return sim_refuse(why, "%s is not a ratio; write e.g. %s", show(v, shown),
                          sim_row_example(row));
    double millionths = ratio * 1e6;
    *value = llround(millionths);
    if (fabs(millionths - (double)*value) > fmin(1e-9 * (1 + fabs(millionths)), 0.01))
        return sim_refuse(why, "%s is too fine; a ratio is a whole number of millionths",
                          show(v, shown));
    return true;
}

static bool decode_bool(const json_t *v, int64_t *value, struct sim_why *why) {
    char shown[SHOWN];
    const char *text = json_string_value(v);
    *value = json_is_true(v);
    if (json_is_boolean(v))
        return true;
    if (text && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
        return sim_refuse(why, "%s is not a boolean; write %s without quotes", show(v, shown),
                          text);
    return sim_refuse(why, "%s is not a boolean; write true or false", show(v, shown));
}

static bool decode_enum(const struct sim_field *row, const json_t *v, int64_t *value,
                        struct sim_why *why) {
    char shown[SHOWN], list[SIM_LIST];
    return (json_is_string(v) && sim_row_find(row, json_string_value(v), value)) ||
           sim_refuse(why, "%s is not allowed; use %s", show(v, shown),
                      sim_row_list(row, list));
}

static bool decode_int(const struct sim_field *row, const json_t *v, int64_t *value,
                       struct sim_why *why) {
    char shown[SHOWN];
    if (row->unit == SIM_BOOL)
        return decode_bool(v, value, why);
    if (row->unit == SIM_ENUM)
        return decode_enum(row, v, value, why);
    bool ok = sim_row_is_quoted(row)   ? decode_quantity(row, v, value, why)
              : row->unit == SIM_RATIO ? decode_ratio(row, v, value, why)
                                       : decode_count(row, v, value, why);
    return ok && sim_row_check(row, *value, show(v, shown), why);
}

/* ---- reading ---- */

static void *slot(const struct sim_field *row, void *out) { return (char *)out + row->offset; }

static void put_int(const struct sim_field *row, void *out, int64_t value) {
    memcpy(slot(row, out), &value, sizeof value);
}

static void put_pointer(const struct sim_field *row, void *out, const void *value) {
    memcpy(slot(row, out), &value, sizeof value);
}

static const void *get_pointer(const struct sim_field *row, const void *in) {
    const void *value;
    memcpy(&value, (const char *)in + row->offset, sizeof value);
    return value;
}

static void put_default(const struct sim_field *row, void *out) {
    if (sim_row_is_int(row)) {
        bool absent = row->unit <= SIM_RATIO && row->def && !*row->def;
        put_int(row, out, absent ? SIM_ABSENT : row->def ? sim_row_default(row) : 0);
        return;
    }
    SIM_ASSERT(row->unit == SIM_STRING || !row->def || !*row->def);
    put_pointer(row, out, row->def && *row->def ? row->def : NULL);
}

/* A string that a whole number may stand for. */
static bool takes_number(const struct sim_field *row) {
    return row->unit == SIM_STRING && row->choices != NULL &&
           strcmp(row->choices, "number") == 0;
}

static bool not_text(const json_t *v, struct sim_why *why) {
    char shown[SHOWN];
    return sim_refuse(why, "%s is not a string; write it in double quotes", show(v, shown));
}

static bool put_value(const struct sim_field *row, void *out, const json_t *v,
                      struct sim_arena *arena, struct sim_why *why) {
    int64_t value = 0;
    if (sim_row_is_int(row)) {
        bool ok = decode_int(row, v, &value, why);
        if (ok)
            put_int(row, out, value);
        return ok;
    }
    if (row->unit == SIM_JSON) {
        put_pointer(row, out, v);
        return true;
    }
    if (json_is_string(v)) {
        put_pointer(row, out, sim_strdup(arena, json_string_value(v)));
        return true;
    }
    if (!takes_number(row) || !json_is_integer(v))
        return not_text(v, why);
    put_pointer(row, out, sim_printf(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(v)));
    return true;
}

static bool fail_at(struct sim_err *err, struct sim_place at, const char *key,
                    const char *text) {
    char path[sizeof err->path];
    return sim_fail(err, at.file, sim_pointer(path, sizeof path, at.pointer, key), "%s", text);
}

static bool is_named(const char *key, const char *const *names) {
    for (; *names; names++)
        if (strcmp(key, *names) == 0)
            return true;
    return false;
}

/* Every key an object may have: rows, `also` and "doc"; NULL-terminated. */
static const char *const *known_keys(const struct sim_field *table, const char *const *also,
                                     struct sim_arena *arena) {
    static const char *const none[] = {NULL};
    size_t rows = 0, others = 0, n = 0;
    also = also ? also : none;
    while (table[rows].name)
        rows++;
    while (also[others])
        others++;
    const char **names = sim_alloc_n(arena, rows + others + 2, sizeof *names);
    for (size_t i = 0; i < rows; i++)
        names[n++] = table[i].name;
    for (size_t i = 0; i < others; i++)
        names[n++] = also[i];
    names[n] = "doc";
    return names;
}

static void explain_unknown(const char *key, const char *const *names, struct sim_why *why) {
    const char *nearest = sim_nearest(key, names);
    sim_refuse(why, "unknown key");
    if (nearest)
        sim_append(why->text, sizeof why->text, "; did you mean \"%s\"?", nearest);
    for (int i = 0; names[i]; i++)
        sim_append(why->text, sizeof why->text, "%s%s", i == 0 ? " (known: " : ", ", names[i]);
    sim_append(why->text, sizeof why->text, ")");
}

static bool check_keys(const json_t *obj, const char *const *names, struct sim_place at,
                       struct sim_err *err) {
    struct sim_why why;
    const char *key;
    json_t *v;
    /* the cast: jansson walks objects by a mutable pointer only */
    json_object_foreach((json_t *)(uintptr_t)obj, key, v) {
        if (!is_named(key, names)) {
            explain_unknown(key, names, &why);
            return fail_at(err, at, key, why.text);
        }
    }
    v = json_object_get(obj, "doc");
    return !v || json_is_string(v) || not_text(v, &why) || fail_at(err, at, "doc", why.text);
}

/* A row of JSON is as its schema says, and so is an example of it. */
static void explain_missing_json(const struct sim_field *row, struct sim_why *why) {
    json_t *schema = row->choices ? json_loads(row->choices, 0, NULL) : NULL;
    const json_t *example = json_array_get(json_object_get(schema, "examples"), 0);
    char *text = example ? json_dumps(example, JSON_ENCODE_ANY) : NULL;
    sim_refuse(why, "required%s%s", text ? "; write e.g. " : "", text ? text : "");
    free(text);
    json_decref(schema);
}

static const char *explain_missing(const struct sim_field *row, struct sim_why *why) {
    char list[SIM_LIST];
    const char *quote = sim_row_is_quoted(row) ? "\"" : "";
    if (row->unit == SIM_JSON)
        explain_missing_json(row, why);
    else if (row->choices)
        sim_refuse(why, "required; use %s", sim_row_list(row, list));
    else if (row->unit == SIM_STRING)
        sim_refuse(why, "required: %s, in double quotes", row->doc);
    else
        sim_refuse(why, "required; write e.g. %s%s%s", quote, sim_row_example(row), quote);
    return why->text;
}

/* NOLINTNEXTLINE(readability-function-size): its seven parameters are seven things */
bool sim_fields_read(const struct sim_field *table, const struct json_t *obj, void *out,
                     const char *const *also, struct sim_place at, struct sim_arena *arena,
                     struct sim_err *err) {
    char shown[SHOWN];
    struct sim_why why;
    if (!json_is_object(obj))
        return sim_fail(err, at.file, at.pointer, "%s is not an object; write {...}",
                        show(obj, shown));
    if (!check_keys(obj, known_keys(table, also, arena), at, err))
        return false;
    for (const struct sim_field *row = table; row->name; row++) {
        const json_t *v = json_object_get(obj, row->name);
        put_default(row, out);
        if (v && !put_value(row, out, v, arena, &why))
            return fail_at(err, at, row->name, why.text);
        if (!v && !row->def)
            return fail_at(err, at, row->name, explain_missing(row, &why));
    }
    return true;
}

/* ---- writing ---- */

static json_t *int_json(const struct sim_field *row, int64_t value) {
    char text[SIM_WORD];
    if (row->unit == SIM_BOOL)
        return json_boolean(value);
    if (row->unit == SIM_RATIO)
        return json_real((double)value / 1e6);
    if (row->unit == SIM_ENUM) {
        SIM_ASSERT(value >= 0 && sim_row_choice(row, value, text));
        return json_string(text);
    }
    if (sim_row_is_quoted(row))
        return json_string(sim_quantity_exact(row->unit, value, text, sizeof text));
    return json_integer(value);
}

bool sim_fields_write(const struct sim_field *table, const void *in, struct json_t *obj) {
    for (const struct sim_field *row = table; row->name; row++) {
        const void *p = sim_row_is_int(row) ? row : get_pointer(row, in);
        if (!p || (sim_row_is_int(row) && sim_field_int(row, in) == SIM_ABSENT))
            continue;
        json_t *v = sim_row_is_int(row)       ? int_json(row, sim_field_int(row, in))
                    : row->unit == SIM_STRING ? json_string(p)
                                              : json_deep_copy(p);
        if (json_object_set_new(obj, row->name, v) != 0)
            return false;
    }
    return true;
}

/* ---- schema ---- */

static void set(json_t *obj, const char *key, json_t *v) {
    if (json_object_set_new(obj, key, v) != 0)
        sim_panic(__FILE__, __LINE__, "out of memory: schema key %s", key);
}

static void add(json_t *list, json_t *v) {
    if (json_array_append_new(list, v) != 0)
        sim_panic(__FILE__, __LINE__, "out of memory: schema list");
}

static void schema_bound(json_t *schema, const struct sim_field *row, const char *key,
                         int64_t value) {
    if (sim_row_is_quoted(row)) {
        char name[SIM_WORD];
        snprintf(name, sizeof name, "x-%s", key);
        set(schema, name, int_json(row, value));
    }
    if (takes_bare(row->unit))
        set(schema, key, json_integer(value));
    else if (!sim_row_is_quoted(row))
        set(schema, key, int_json(row, value));
}

/* A choice of words or numbers is an enum. A quantity can be written in many ways ("1024",
 * "1KiB"): of its strings only the form is said. */
static void schema_choices(json_t *schema, const struct sim_field *row) {
    char word[SIM_WORD];
    bool is_enum = row->unit == SIM_ENUM, quantity = !is_enum && sim_row_is_quoted(row);
    json_t *shown = json_array(), *bare = json_array();
    for (int64_t i = 0; sim_row_choice(row, i, word); i++) {
        int64_t value = is_enum ? i : sim_row_choice_value(row, word);
        add(shown, int_json(row, value));
        add(bare, json_integer(value));
    }
    set(schema, quantity ? "x-enum" : "enum", shown);
    if (takes_bare(row->unit))
        set(schema, "anyOf", json_pack("[{sO}, {ss}]", "enum", bare, "type", "string"));
    json_decref(bare);
}

static void schema_range(json_t *schema, const struct sim_field *row) {
    if (row->choices) {
        schema_choices(schema, row);
        return;
    }
    if (row->min != INT64_MIN)
        schema_bound(schema, row, "minimum", row->min);
    if (row->max != INT64_MAX)
        schema_bound(schema, row, "maximum", row->max);
}

static void schema_type(json_t *schema, const struct sim_field *row) {
    static const char *const names[SIM_UNITS] = {[SIM_COUNT] = "integer",
                                                 [SIM_CYCLES] = "integer",
                                                 [SIM_RATIO] = "number",
                                                 [SIM_BOOL] = "boolean"};
    const char *pattern = sim_unit_pattern(row->unit);
    json_t *type = json_string(names[row->unit] ? names[row->unit] : "string");
    if (takes_bare(row->unit) || takes_number(row)) {
        json_t *both = json_array();
        add(both, json_string("integer"));
        add(both, type);
        type = both;
    }
    set(schema, "type", type);
    if (pattern)
        set(schema, "pattern", json_string(pattern));
}

static json_t *schema_row(const struct sim_field *row) {
    bool any = row->unit == SIM_JSON;
    char about[1024];
    json_t *schema = any && row->choices ? json_loads(row->choices, 0, NULL) : json_object();
    if (!json_is_object(schema))
        sim_panic(__FILE__, __LINE__, "row %s: bad schema", row->name);
    if (!any)
        schema_type(schema, row);
    if (row->unit <= SIM_RATIO || row->unit == SIM_ENUM)
        schema_range(schema, row);
    if (row->def && *row->def)
        set(schema, "default",
            sim_row_is_quoted(row) ? json_string(row->def)
                                   : int_json(row, sim_row_default(row)));
    snprintf(about, sizeof about, "%s (%s)", row->doc, sim_unit_name(row->unit));
    set(schema, "description", json_string(about));
    if (row->source)
        set(schema, "x-source", json_string(row->source));
    return schema;
}

struct json_t *sim_fields_schema(const struct sim_field *table) {
    json_t *schema = json_object(), *rows = json_object(), *required = json_array();
    for (const struct sim_field *row = table; row->name; row++) {
        set(rows, row->name, schema_row(row));
        if (!row->def)
            add(required, json_string(row->name));
    }
    if (!json_object_get(rows, "doc"))
        set(rows, "doc", json_pack("{s:s, s:s}", "type", "string", "description", "a comment"));
    set(schema, "type", json_string("object"));
    set(schema, "properties", rows);
    set(schema, "required", required);
    return schema;
}
