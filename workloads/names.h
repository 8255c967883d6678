/* names.h - names to numbers, counted from 0 in order of appearance; private to workloads/. */
#ifndef WORK_NAMES_H
#define WORK_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORK_NAMES_MOST = 1 << 20, WORK_NAME_BYTES = 255 };

struct work_names;

struct work_names *work_names_new(void);
/* The number of a name; false when it has none. */
bool work_names_find(const struct work_names *names, const char *name, size_t n,
                     uint32_t *number);
/* The same, and a new number if it is new: false when there are WORK_NAMES_MOST already, or it
 * is longer than WORK_NAME_BYTES. */
bool work_names_add(struct work_names *names, const char *name, size_t n, uint32_t *number);
uint32_t work_names_count(const struct work_names *names);
const char *work_names_text(const struct work_names *names, uint32_t number);
void work_names_free(struct work_names *names);

#endif
