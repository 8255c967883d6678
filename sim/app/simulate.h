/* simulate.h - driving what is loaded; for the commands that run something. */
#ifndef APP_SIMULATE_H
#define APP_SIMULATE_H

#include "summary.h"

/* Run what is loaded to its end, or until interrupted. @param show progress on a terminal.
 * @return false on failure (err). */
bool app_simulate(struct app_scenario *s, bool show, struct app_outcome *o,
                  struct sim_err *err);

/* From here on there is something to keep: a first signal ends the run, not the program, as it
 * does until then (main.c). */
void app_catch_signals(void);
/* Has one come since? */
bool app_interrupted(void);

#endif
