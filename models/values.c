/* values.c - see values.h. */
#include "models/values.h"
#include <string.h>

static bool fail(const struct sim_comp *comp, const struct values *v, struct sim_err *err,
                 const char *why) {
    char at[512];
    return sim_fail(err, comp->file, sim_pointer(at, sizeof at, comp->pointer, v->key), "%s",
                    why);
}

/* Take the value at *at, and the comma behind it. */
static bool take(const struct sim_comp *comp, const struct values *v, const char **at,
                 int64_t *value, struct sim_err *err) {
    char item[64] = "", why[256];
    size_t size = strcspn(*at, ",");
    if (size < sizeof item)
        memcpy(item, *at, size);
    *at += size + ((*at)[size] == ',');
    *value = 0;
    if (v->unit == SIM_RATE && strcmp(item, "none") == 0)
        return true;
    if (!sim_quantity_parse(v->unit, item, value, why, sizeof why))
        return fail(comp, v, err, why);
    char least[64], most[64];
    if (*value >= v->least && *value <= v->most)
        return true;
    return sim_fail(err, comp->file, sim_pointer(why, sizeof why, comp->pointer, v->key),
                    "%s is out of range; from %s to %s are possible", item,
                    sim_quantity_exact(v->unit, v->least, least, sizeof least),
                    sim_quantity_exact(v->unit, v->most, most, sizeof most));
}

bool values_read(const struct sim_comp *comp, const struct values *v, int64_t n, int64_t *value,
                 struct sim_err *err) {
    char path[512];
    long long found = 1;
    if (v->text == NULL)
        return true;
    for (const char *c = v->text; *c != 0; c++)
        found += *c == ',';
    if (found != n)
        return sim_fail(err, comp->file, sim_pointer(path, sizeof path, comp->pointer, v->key),
                        "holds %lld values, and there are %lld of \"%ss\"; write one for each",
                        found, (long long)n, v->each);
    const char *at = v->text;
    for (int64_t i = 0; i < n; i++)
        if (!take(comp, v, &at, &value[i], err))
            return false;
    return true;
}
