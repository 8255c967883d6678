/* fio_place.h - offset and size of the next request; private to workloads/fio_*.c. */
#ifndef WORK_FIO_PLACE_H
#define WORK_FIO_PLACE_H

#include "workloads/fio_gen.h"

/* Place a request of the direction in a file: where in its part, and how large.
 * @return false when the file has nothing more for this pass. */
bool work_fio_place(struct work_fio_gen *g, struct work_fio_file *f, int dir, int64_t *offset,
                    int64_t *bytes);

#endif
