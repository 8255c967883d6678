/* counter.h - a component's statistics by name. */
#ifndef TESTS_COUNTER_H
#define TESTS_COUNTER_H

#include "sim/engine/model.h"
#include "tests/check_main.h"
#include <string.h>

static inline int64_t stat_of(const void *comp, const char *name) {
    const struct sim_comp *c = comp;
    for (const struct sim_field *f = c->model->stats; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return sim_field_int(f, comp);
    ck_abort_msg("%s has no statistic %s", c->model->name, name);
    return 0;
}

#endif
