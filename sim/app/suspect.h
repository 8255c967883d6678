/* suspect.h - what may be the bottleneck, and what doubling it brought; for the files why*.c
 * alone. */
#ifndef APP_SUSPECT_H
#define APP_SUSPECT_H

#include "relax.h"
#include "summary.h"
#include <jansson.h>

struct app_suspect {
    struct app_resource r;
    double load;  /* as its bound says, or as it was busy */
    double gain;  /* of what is delivered; NAN: not known */
    json_t *what; /* was doubled; NULL: nothing */
    json_t *with; /* suspects that the same values make faster; NULL: none */
};

/* The row of a resource among the bounds; NULL: it has none. */
const json_t *app_why_bound(const json_t *summary, const struct app_resource *r);
/* Is it a closed loop's? */
bool app_why_is_loop(const json_t *bound);
/* The one that brings most; NULL: none brings more. */
const struct app_suspect *app_why_best(const struct app_suspect *list, size_t n);
/* Put into a summary what doubling n suspects says of the bottleneck. @param all what they
 * bring together; NAN: not known */
void app_why_say(const struct app_scenario *s, const struct app_suspect *list, size_t n,
                 double all, json_t *summary);

#endif
