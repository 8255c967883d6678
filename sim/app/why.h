/* why.h - which resource is the bottleneck, proven by runs in which one is doubled. */
#ifndef APP_WHY_H
#define APP_WHY_H

#include "run.h"

/* Run the scenario again with each resource doubled that the summary of its run suspects, and
 * put into it what that brought. @return an enum app_exit; err says why when it is not 0. */
int app_why(const struct app_scenario *s, const struct app_run_args *a, bool show,
            json_t *summary, struct sim_err *err);
/* Can the scenario be run again? Fails: err. */
bool app_why_can(const struct app_scenario *s, struct sim_err *err);

#endif
