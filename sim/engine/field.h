/* field.h - one table row per parameter and per statistic.
 *
 * From a row come: parsing, bounds, unknown-key errors, help, JSON Schema, the generated docs
 * and the echoed effective config. Numeric values live in the owner's struct as int64_t in
 * base units (ps, bits/s, bytes, Hz, 1/s, mW, fJ, ppm), SIM_BOOL as 0 or 1, SIM_ENUM as its
 * index, both int64_t too; SIM_STRING as `const char *`; SIM_JSON as `const json_t *`, borrowed
 * from the config. A table ends with a row whose name is NULL. Jansson is used by field.c and
 * sim/app only; here json_t is opaque.
 */
#ifndef SIM_FIELD_H
#define SIM_FIELD_H

#include "err.h"
#include "mem.h"
#include "quantity.h"
#include <stddef.h>
#include <stdint.h>

struct json_t;

struct sim_field {
    const char *name;
    enum sim_unit unit;
    size_t offset;       /* of the int64_t, const char * or const json_t * in the struct */
    int64_t min, max;    /* numeric rows without choices: inclusive bounds in base units */
    const char *def;     /* default as one writes it: "25ns", "64", "true"; NULL = required;
                            "" = absent: NULL for SIM_STRING and SIM_JSON, SIM_ABSENT for
                            a quantity, count or ratio */
    const char *choices; /* SIM_ENUM: "drop|wait|pause"; numeric: allowed values "1|2|4";
                            SIM_JSON: JSON Schema fragment for the docs; SIM_STRING: "file", or
                            "number" where a bare whole number may stand for its text; else
                            NULL */
    const char *doc;     /* one line, starts lower case, no full stop */
    const char *source;  /* where the default comes from, or "assumed: why"; NULL where the
                            default is a choice of scope, not a claim about hardware */
};

/* A row of a model's counters. */
#define SIM_STAT(NAME, OFFSET, UNIT, DOC)                                                      \
    { .name = NAME, .unit = UNIT, .offset = OFFSET, .doc = DOC }

/* What a number is that nobody gave and that has no default of its own. */
#define SIM_ABSENT INT64_MIN

/* A source file of JSON and a place in it, for messages. */
struct sim_place {
    const char *file;
    const char *pointer; /* RFC 6901 pointer of the object, "" for the root */
};

/* Fill `out` from object `obj` by the rows of `table`: defaults first, then values.
 * Keys that no row names are errors with the nearest name, unless listed in `also`
 * (NULL-terminated, may be NULL; keys that the caller handles itself). "doc" is always
 * allowed. Strings are copied into arena. A default that its own row refuses is our fault.
 * Fails: err at "<pointer>/<key>" when a key is unknown, a value is of the wrong type or
 * unit, out of bounds, or a required row is absent. */
bool sim_fields_read(const struct sim_field *table, const struct json_t *obj, void *out,
                     const char *const *also, struct sim_place at, struct sim_arena *arena,
                     struct sim_err *err);

/* Put the values of `in` into object `obj` under the rows' names, as one would write them.
 * What is absent is skipped. @return false when out of memory. */
bool sim_fields_write(const struct sim_field *table, const void *in, struct json_t *obj);

/* JSON Schema (2020-12) object with "type", "properties" ("doc" among them) and "required"
 * for a table; a new reference, owned by the caller, who closes it (additionalProperties).
 * Bounds of rows written as strings are under "x-minimum" and "x-maximum". */
struct json_t *sim_fields_schema(const struct sim_field *table);

/* Value of a numeric row in `in`. */
int64_t sim_field_int(const struct sim_field *row, const void *in);
/* The same of the row of that name in a table, which may be NULL; 0: it has none. */
int64_t sim_field_named(const struct sim_field *table, const char *name, const void *in);

/* Print "<pointer>/<key>" into buf, key with RFC 6901 escapes. pointer may be buf itself.
 * @return buf. */
const char *sim_pointer(char *buf, unsigned long size, const char *pointer, const char *key);

#endif
