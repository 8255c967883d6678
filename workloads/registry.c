/* registry.c - the table that list.h stands for. */
#include "workloads/registry.h"
#include <string.h>

#define X(name) extern const struct sim_model work_source_##name;
#include "workloads/list.h"
#undef X

const struct sim_model *const work_table[] = {
#define X(name) &work_source_##name,
#include "workloads/list.h"
#undef X
    NULL};

const struct sim_model *work_find(const char *name) {
    for (size_t i = 0; work_table[i] != NULL; i++)
        if (strcmp(work_table[i]->name, name) == 0)
            return work_table[i];
    return NULL;
}
