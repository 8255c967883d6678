/* stated.h - what a step says of payloads that are not known, for operations that depend on the
 * payload: made up, cut by the capture, encrypted, or changed on the way.
 */
#ifndef MODELS_STATED_H
#define MODELS_STATED_H

#include "sim/engine/model.h"

struct stated {
    int64_t value; /* millionths; 0: nothing is stated */
    int64_t all;   /* for all messages, and not only for those */
};

/* Row of the second one; MEMBER is the struct's place in TYPE. */
#define STATED_ROW(TYPE, MEMBER)                                                               \
    {                                                                                          \
        "stated", SIM_ENUM, offsetof(TYPE, MEMBER.all), 0, 0, "unknown", "unknown|all",        \
            "which messages take the stated value: those whose payload is not known, or all",  \
            NULL                                                                               \
    }

/* Does a step of the component ask for the fact of the payload that `op` is about?
 * @param at of the struct in the step's arguments. */
static inline bool stated_asks(const struct sim_comp *comp, const struct sim_op *op,
                               size_t at) {
    const struct sim_world *w = comp->world;
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_step *step = &w->step[i];
        if (step->comp != comp || step->op != op || step->args == NULL)
            continue;
        if (!((const struct stated *)(const void *)((const char *)step->args + at))->all)
            return true;
    }
    return false;
}

/* The stated value is used and counted. @return false, and the run ends, when there is none. */
static inline bool stated_take(const struct sim_comp *comp, const struct sim_step *step,
                               const struct stated *stated, const char *key, int64_t *counter,
                               sim_ps start) {
    struct sim_world *w = comp->world;
    if (stated->value > 0) {
        sim_comp_count(comp, counter, start);
        return true;
    }
    w->failed = true;
    return sim_fail(&w->err, NULL, step->pointer,
                    "a message comes whose payload is not known (made up, cut by the capture, "
                    "encrypted, or changed on the way), and the step states no \"%s\"; state "
                    "it, e.g. 0.5",
                    key);
}

/* A fact needs a library that this program was built without: the run ends. */
static inline void stated_no_library(const struct sim_comp *comp, const char *library) {
    comp->world->failed = true;
    sim_fail(&comp->world->err, comp->file, comp->pointer,
             "facts of the payload need %s, and this program was built without it; `dpusim "
             "setup` installs it, or say \"stated\": \"all\" in the step",
             library);
}

#endif
