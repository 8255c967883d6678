/* validate_score.c - errors, their median and share, and whether the limits hold. */
#include "validate.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double app_scalar_error(const struct app_scalar *s) {
    double published = json_number_value(s->value);
    return app_scalar_is_number(s) && fabs(published) > 0 ? s->simulated / published - 1
                                                          : (double)NAN;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct app_score app_score_of(double *error, size_t n, const struct app_limits *limits) {
    struct app_score s = {.known = n, .median = (double)NAN, .holds = true};
    if (n == 0)
        return s;
    qsort(error, n, sizeof *error, by_size);
    s.median = (error[(n - 1) / 2] + error[n / 2]) / 2;
    for (size_t i = 0; i < n; i++)
        s.within += error[i] <= limits->within;
    s.holds = s.median <= limits->median && (double)s.within >= limits->share * (double)n;
    return s;
}

struct app_score app_score_area(const struct app_validation *v, const char *area,
                                const struct app_limits *limits) {
    double *error = calloc(v->scalars + 1, sizeof *error);
    size_t n = 0;
    SIM_ASSERT(error != NULL);
    for (size_t i = 0; i < v->scalars; i++) {
        const struct app_scalar *s = &v->scalar[i];
        if (s->wanted && s->class == APP_PREDICT && !isnan(app_scalar_error(s)) &&
            (area == NULL || strcmp(area, s->area) == 0))
            error[n++] = fabs(app_scalar_error(s));
    }
    struct app_score score = app_score_of(error, n, limits);
    free(error);
    return score;
}

/* Half of the last decimal that was printed; 0 for a whole number. */
static double rounding(const json_t *value) {
    char text[64], *dot;
    snprintf(text, sizeof text, "%.12g", json_number_value(value));
    dot = strchr(text, '.');
    if (dot == NULL || strchr(text, 'e') != NULL)
        return 0;
    double half = 0.5;
    for (const char *c = dot + 1; *c != 0; c++)
        half /= 10;
    return half;
}

static bool model_misses(const struct app_validation *v, const struct app_scalar *s) {
    double off = fabs(s->simulated - json_number_value(s->value));
    return fabs(app_scalar_error(s)) > v->most && off > rounding(s->value) * (1 + 1e-9);
}

bool app_scalar_misses(const struct app_validation *v, const struct app_scalar *s) {
    double error = fabs(app_scalar_error(s));
    bool own;
    if (isnan(error))
        return false;
    switch (s->class) {
    case APP_PREDICT:
        return error > app_split_limits(v, s->area, &own).within;
    case APP_MODEL:
        return model_misses(v, s);
    case APP_FIT:
    case APP_INPUT:
        return error > app_split_most(v, s->area); /* never, where it is NAN */
    default:
        return false;
    }
}

bool app_validation_whole(const struct app_validation *v) {
    for (size_t i = 0; i < v->scalars; i++)
        if (!v->scalar[i].wanted)
            return false;
    return true;
}

bool app_validation_holds(const struct app_validation *v) {
    bool own, holds = !app_validation_whole(v) || app_score_area(v, NULL, &v->limits).holds;
    for (size_t i = 0; i < v->areas; i++) {
        struct app_limits l = app_split_limits(v, v->area[i], &own);
        holds = holds && (!own || app_score_area(v, v->area[i], &l).holds);
    }
    for (size_t i = 0; i < v->scalars; i++)
        holds = holds && !(v->scalar[i].wanted && v->scalar[i].class != APP_PREDICT &&
                           app_scalar_misses(v, &v->scalar[i]));
    return holds;
}
