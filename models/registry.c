/* registry.c - the table of models, made from list.h: a new model is one file and one line. */
#include "models/registry.h"
#include <string.h>

#define MODEL(name) extern const struct sim_model model_##name;
#include "models/list.h"
#undef MODEL

#define MODEL(name) &model_##name,
const struct sim_model *const model_table[] = {
#include "models/list.h"
    NULL};
#undef MODEL

const struct sim_model *model_find(const char *name) {
    for (const struct sim_model *const *m = model_table; *m != NULL; m++)
        if (strcmp((*m)->name, name) == 0)
            return *m;
    return NULL;
}
