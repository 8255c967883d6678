/* fio_json.h - parts of fio.json. */
#ifndef APP_FIO_JSON_H
#define APP_FIO_JSON_H

#include "summary.h"

/* When a job ran, since the measured window began. */
struct app_fio_time {
    sim_ps begin, end;
};

/* bw_min to iops_samples, to an object. @param agg bytes a second of the job's group */
void app_fio_samples(json_t *o, const struct work_samples *s, const struct app_fio_time *ran,
                     double agg);

#endif
