/* registry.h - the models by name: the only place that knows the list of all. */
#ifndef MODELS_REGISTRY_H
#define MODELS_REGISTRY_H

#include "sim/engine/model.h"

/* In the order of their names; ended by NULL. */
extern const struct sim_model *const model_table[];

/* The model of that name, or NULL. */
const struct sim_model *model_find(const char *name);

#endif
