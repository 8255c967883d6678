/* registry.h - the traffic sources by name. */
#ifndef WORK_REGISTRY_H
#define WORK_REGISTRY_H

#include "sim/engine/model.h"

/* All sources, in the order of list.h, ended by NULL. */
extern const struct sim_model *const work_table[];

/* @return the source of that name, or NULL. */
const struct sim_model *work_find(const char *name);

#endif
