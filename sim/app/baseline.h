/* baseline.h - the run that another is held against, for "cores freed". */
#ifndef APP_BASELINE_H
#define APP_BASELINE_H

#include "run.h"

struct app_baseline {
    bool stated; /* the scenario has one */
    bool other;  /* and it is not this run itself */
    struct app_scenario scenario;
    json_t *summary; /* NULL: it was not run, or not to its end */
};

/* Load the baseline of a scenario, where it has one. @param sets as the scenario was given.
 * Fails: err. Free it in either case. */
bool app_baseline_load(struct app_baseline *b, struct app_scenario *s,
                       const struct app_set *sets, size_t n, const struct app_run_opts *opts,
                       struct sim_err *err);
/* Run it. @return an enum app_exit; err says why when it is not 0. */
int app_baseline_run(struct app_baseline *b, bool show, struct sim_err *err);
/* Cores freed, and by what they are counted, into the summary of the run of `s`. */
void app_baseline_put(const struct app_baseline *b, const struct app_scenario *s,
                      json_t *summary);
void app_baseline_free(struct app_baseline *b);

#endif
