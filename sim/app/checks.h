/* checks.h - what the checks of chains share; for the files checks*.c alone. */
#ifndef APP_CHECKS_H
#define APP_CHECKS_H

#include "scenario.h"

enum mark { NEW, OPEN, DONE };

/* Verdicts that the step's model can give: "ok" and its own. */
static inline uint32_t verdicts(const struct sim_step *step) {
    uint32_t n = 1;
    if (step->kind == SIM_STEP_RESUME)
        return 2;
    if (step->kinds)
        return step->kinds;
    if (step->op == NULL || step->kind == SIM_STEP_VIA)
        return 1;
    while (step->comp->model->verdicts != NULL && step->comp->model->verdicts[n - 1].name)
        n++;
    return n;
}

/* Put a step that was not seen before on the list at `todo`. @return how many were put. */
static inline uint32_t visit(uint32_t step, bool *seen, uint32_t *todo) {
    if (seen[step])
        return 0;
    seen[step] = true;
    *todo = step;
    return 1;
}

/* Put where a message goes from `step`, over cables too. @return how many were put. */
uint32_t app_checks_hops(const struct sim_step *step, bool *seen, uint32_t *todo);
/* ... and its children and copies, and the message itself when its children are done. */
uint32_t app_checks_follow(const struct sim_step *step, bool *seen, uint32_t *todo);

/* Each fails at the first step, stream or block that must not be built. */
bool app_checks_functions(struct app_scenario *s, struct sim_err *err);
bool app_checks_links(struct app_scenario *s, struct sim_err *err);
bool app_checks_memory(struct app_scenario *s, struct sim_err *err);
bool app_checks_packets(struct app_scenario *s, struct sim_err *err);
bool app_checks_polling(struct app_scenario *s, struct sim_err *err);
bool app_checks_raid(struct app_scenario *s, struct sim_err *err);
bool app_checks_replies(struct app_scenario *s, struct sim_err *err);
bool app_checks_trains(struct app_scenario *s, struct sim_err *err);
bool app_checks_waiting(struct app_scenario *s, struct sim_err *err);

#endif
