/* validate.h - `dpusim validate`: published numbers held against simulations.
 *
 * configs/validation/split.json lists the numbers, scalar by scalar, each with its class; the
 * other files of that folder hold the cases: which scenario answers which scalar, and where in
 * its summary the answer stands. docs/config.md describes both.
 */
#ifndef APP_VALIDATE_H
#define APP_VALIDATE_H

#include "run.h"
#include "text.h"
#include <jansson.h>

enum app_class {
    APP_PREDICT,
    APP_MODEL,
    APP_FIT,
    APP_INPUT,
    APP_BESIDE,
    APP_EXCLUDED,
    APP_CLASSES
};

/* A published number. */
struct app_scalar {
    const char *id; /* "ID", or "ID/KEY" */
    enum app_class class;
    const json_t *value;
    const char *area, *device, *metric, *what, *unit, *conditions, *source, *locator;
    const char *why; /* which parameter an input sets, what is unlike, why excluded; or empty */
    const char *absent;  /* why no case answers it; NULL: nobody said */
    struct app_case *by; /* NULL: no case answers it */
    double simulated;    /* NAN: not known */
    bool wanted;         /* its area was asked for */
};

/* Which run answers a scalar. */
struct app_case {
    struct app_scalar *scalar;
    const char *file, *pointer; /* of the case */
    const char *scenario;       /* its path, to be opened */
    const char *shown;          /* the same, from the folder that holds configs/ */
    const json_t *set;          /* {pointer: value} */
    const json_t *against;      /* the same, of a second run; NULL: there is none */
    const char *answer;         /* pointer into the summary */
    const char *minus, *over;   /* the same, of what is taken off and divided by; or NULL.
                                 * Of the second run, where there is one */
    double scale;               /* from there to the published unit */
    const char *miss;           /* why it misses; or empty */
    const char *warning;        /* the first one of its run; NULL: there was none */
    bool ran;
};

/* What is to hold of absolute errors; NAN: nothing is. */
struct app_limits {
    double median, share, within; /* `share` of them at most `within` */
};

struct app_validation {
    struct sim_arena arena;
    const char *folder;  /* configs/validation */
    json_t *split, *all; /* files; the cases' */
    struct app_scalar *scalar;
    struct app_case *cases;
    const char **area; /* in the order of the split; NULL behind the last */
    size_t scalars, count, areas;
    struct app_limits limits; /* of all predict scalars */
    double most;              /* error of a model scalar */
};

/* --- validate_split.c --- */

const char *app_class_name(enum app_class class);
/* Read split.json: scalars, areas, limits. What was added since the split may set parameters
 * or be shown, and is never counted. Fails: err. */
bool app_split_read(struct app_validation *v, struct sim_err *err);
/* Ask for one area, by its name or what stands behind its number; NULL: for all.
 * Fails: err with the nearest name. */
bool app_split_want(struct app_validation *v, const char *area, struct sim_err *err);
/* The most that a scalar which set or fitted a parameter may be off; NAN: nothing is said. */
double app_split_most(const struct app_validation *v, const char *area);
/* The limits of an area: its own, else those of all. *own says which. */
struct app_limits app_split_limits(const struct app_validation *v, const char *area, bool *own);
struct app_scalar *app_scalar_find(const struct app_validation *v, const char *id);
static inline bool app_scalar_is_number(const struct app_scalar *s) {
    return json_is_number(s->value);
}

/* --- validate_cases.c --- */

/* Read all case files of the folder, in the order of their names. Fails: err. */
bool app_cases_read(struct app_validation *v, struct sim_err *err);
/* Run what answers the scalars that are wanted; cases of one scenario and one `set` share a
 * run. @return an enum app_exit; err says why when it is not 0. */
int app_cases_run(struct app_validation *v, bool quiet, struct sim_err *err);

/* --- validate_score.c --- */

struct app_score {
    size_t known, within; /* scalars with an error; those within the limit */
    double median;        /* of absolute errors; NAN: there are none */
    bool holds;
};

/* simulated over published, less 1; NAN: not known. */
double app_scalar_error(const struct app_scalar *s);
/* Absolute errors, n of them, which it sorts. */
struct app_score app_score_of(double *error, size_t n, const struct app_limits *limits);
/* Over the wanted predict scalars of an area; NULL: of all. */
struct app_score app_score_area(const struct app_validation *v, const char *area,
                                const struct app_limits *limits);
/* A predict scalar beyond its area's limit, a model scalar, or one that set or fitted a
 * parameter, beyond the most. What was printed with decimals may be off by half of the last
 * one. */
bool app_scalar_misses(const struct app_validation *v, const struct app_scalar *s);
/* Were all areas asked for? The limits of all are about all: a part has its area's own. */
bool app_validation_whole(const struct app_validation *v);
/* No limit is missed. */
bool app_validation_holds(const struct app_validation *v);

/* --- validate_rows.c, validate_text.c --- */

/* {rows[...]}; new reference. */
json_t *app_validation_json(const struct app_validation *v);
void app_validation_csv(const struct app_validation *v, struct app_text *t);
/* @param md Markdown, with inputs and what is excluded; else text for a terminal. */
void app_validation_text(const struct app_validation *v, bool md, struct app_text *t);

#endif
