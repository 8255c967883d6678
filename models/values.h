/* values.h - parameters that are lists of as many values as the block has of something, as
 * text: "3,1", "40Gb/s,none".
 */
#ifndef MODELS_VALUES_H
#define MODELS_VALUES_H

#include "sim/engine/model.h"
#include "sim/engine/quantity.h"

struct values {
    const char *key, *text; /* the parameter, and what it is; NULL: nothing was stated */
    enum sim_unit unit;
    int64_t least, most; /* of a value; "none" is 0 where the unit is a rate */
    const char *each;    /* "queue": what there are so many of */
};

/* Read n values into value[]; nothing when there is no text. Fails: err at the parameter of the
 * component, with what was found and what would do. */
bool values_read(const struct sim_comp *comp, const struct values *v, int64_t n, int64_t *value,
                 struct sim_err *err);

#endif
