/* replay_loop.h - the loop of a replayed capture: what the config says of it, and whether the
 * capture's flows can be renewed as stated. flows.h says which flows the passes belong to.
 */
#ifndef WORK_REPLAY_LOOP_H
#define WORK_REPLAY_LOOP_H

#include "workloads/replay.h"
#include "workloads/source.h"

/* JSON Schema of the parameter. */
#define WORK_REPLAY_LOOP                                                                       \
    "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"                \
    "\"doc\": {\"type\": \"string\"}, "                                                        \
    "\"flows\": {\"enum\": [\"renumber\", \"same\"]}, "                                        \
    "\"concurrent_flows\": {\"type\": \"integer\", \"minimum\": 0}, "                          \
    "\"new_flows_per_s\": {\"type\": [\"integer\", \"string\"]}, "                             \
    "\"times\": {\"type\": \"integer\", \"minimum\": 0}}}"

struct work_replay_loop {
    const char *flows; /* "renumber", "same" or NULL */
    int64_t concurrent, per_s, times;
    bool renumber; /* flows are */
};

/* How long one pass takes: picoseconds, as a fraction. */
struct work_span {
    sim_u128 ps, of;
};

/* Read it; s is the source whose parameter "loop" it is. Fails: err. */
bool work_replay_loop_read(struct work_replay_loop *l, const struct json_t *json,
                           const struct work_source *s, struct sim_err *err);
/* Can the capture be looped like this? After work_replay_survey.
 * @param faster than its own pace */
bool work_replay_loop_check(const struct work_replay_loop *l, const struct work_replay *r,
                            struct work_span pass, bool faster, const struct work_source *s,
                            struct sim_err *err);

#endif
