/* report_csv.c - a summary as a table of two columns: where a scalar stands, and what it is. */
#include "config.h"
#include "summary.h"

static void put(struct app_text *t, const char *pointer, const json_t *v);

static void put_members(struct app_text *t, const char *pointer, const json_t *obj) {
    char at[APP_POINTER];
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)obj, key, v)
        put(t, sim_pointer(at, sizeof at, pointer, key), v);
}

static void put_items(struct app_text *t, const char *pointer, const json_t *list) {
    char at[APP_POINTER], index[24];
    size_t i;
    json_t *v;
    json_array_foreach(list, i, v) {
        snprintf(index, sizeof index, "%zu", i);
        put(t, sim_pointer(at, sizeof at, pointer, index), v);
    }
}

static void put_scalar(struct app_text *t, const json_t *v) {
    if (json_is_string(v))
        app_put_csv(t, json_string_value(v));
    else if (json_is_integer(v))
        app_put(t, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    else if (json_is_real(v))
        app_put(t, "%.12g", json_real_value(v));
    else if (json_is_boolean(v))
        app_put(t, "%s", json_is_true(v) ? "true" : "false");
}

/* What is null is empty. */
static void put(struct app_text *t, const char *pointer, const json_t *v) {
    if (json_is_object(v))
        put_members(t, pointer, v);
    else if (json_is_array(v))
        put_items(t, pointer, v);
    else {
        app_put_csv(t, pointer);
        app_put(t, ",");
        put_scalar(t, v);
        app_put(t, "\n");
    }
}

char *app_report_csv(const json_t *summary) {
    struct app_text t = {0};
    app_put(&t, "pointer,value\n");
    put(&t, "", summary);
    return t.at;
}
