/* replay_loop.c - what a config says of a looped capture, and whether the capture allows it. */
#include "workloads/replay_loop.h"
#include <inttypes.h>
#include <string.h>

static bool loop_fail(const struct work_source *s, const char *key, struct sim_err *err,
                      const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static bool loop_fail(const struct work_source *s, const char *key, struct sim_err *err,
                      const char *fmt, ...) {
    char path[sizeof err->path];
    va_list args;
    sim_pointer(path, sizeof path, s->base.pointer, "loop");
    sim_pointer(path, sizeof path, path, key);
    va_start(args, fmt);
    sim_vfail(err, s->base.file, path, fmt, args);
    va_end(args);
    return false;
}

static const struct sim_field loop_params[] = {
    {"flows", SIM_STRING, offsetof(struct work_replay_loop, flows), 0, 0, "", NULL,
     "what flows the passes belong to: \"renumber\" (so many at once, renewed as stated) or "
     "\"same\"",
     NULL},
    {"concurrent_flows", SIM_COUNT, offsetof(struct work_replay_loop, concurrent), 0, 1 << 30,
     "0", NULL,
     "with renumber: flows alive at any time, of as many copies of the capture under way at "
     "once; rounded down to whole copies",
     NULL},
    {"new_flows_per_s", SIM_PER_S, offsetof(struct work_replay_loop, per_s), 0, SIM_PS_PER_S,
     "0", NULL, "with renumber: flows that end and are followed by new ones, a second", NULL},
    {"times", SIM_COUNT, offsetof(struct work_replay_loop, times), 0, INT64_MAX, "0", NULL,
     "passes, 0: for ever", NULL},
    {.name = NULL}};

bool work_replay_loop_read(struct work_replay_loop *l, const struct json_t *json,
                           const struct work_source *s, struct sim_err *err) {
    const struct sim_comp *c = &s->base;
    char path[sizeof err->path];
    struct sim_place at = {c->file, sim_pointer(path, sizeof path, c->pointer, "loop")};
    if (!sim_fields_read(loop_params, json, l, NULL, at, sim_comp_arena(c), err))
        return false;
    l->renumber = l->flows != NULL && strcmp(l->flows, "renumber") == 0;
    if (l->flows != NULL && !l->renumber && strcmp(l->flows, "same") != 0)
        return loop_fail(s, "flows", err, "\"%s\" is not known; use \"renumber\" or \"same\"",
                         l->flows);
    if (l->renumber && l->concurrent == 0)
        return loop_fail(s, "concurrent_flows", err,
                         "must be 1 or more with \"flows\": \"renumber\"; write e.g. 100000");
    if (!l->renumber && (l->concurrent > 0 || l->per_s > 0))
        return loop_fail(s, l->concurrent > 0 ? "concurrent_flows" : "new_flows_per_s", err,
                         "has no effect without \"flows\": \"renumber\"");
    return true;
}

/* How many instances of outer flows can be alive so that the flows inside them have numbers of
 * their own: `apart` each, of the instances a turn of all flows more at either end. */
static int64_t most_with_inner(int64_t apart, int64_t flows) {
    int64_t most = UINT32_MAX / (apart + 1);
    int64_t turns = apart > 0 ? UINT32_MAX / apart - 2 * flows : most;
    return turns < most ? turns : most;
}

/* Can the capture's flows be renewed as stated? */
static bool check_renewal(const struct work_replay_loop *l, const struct work_replay *r,
                          struct work_span pass, const struct work_source *s,
                          struct sim_err *err) {
    const int64_t flows = r->flows;
    if (r->numbers.used == WORK_NUMBERS)
        return loop_fail(s, "flows", err,
                         "the capture holds %d flows or more, too many to renew; use \"same\"",
                         WORK_NUMBERS);
    if (l->concurrent < flows)
        return loop_fail(s, "concurrent_flows", err,
                         "%" PRId64 " is below the %" PRId64
                         " flows of the capture itself; use at least as many",
                         l->concurrent, flows);
    const int64_t inner = most_with_inner(r->inner_apart, flows);
    if (l->concurrent > inner)
        return loop_fail(s, "concurrent_flows", err,
                         "%" PRId64
                         " with the flows inside each are too many to tell apart; use "
                         "%" PRId64 " at most",
                         l->concurrent, inner);
    sim_u128 most = (sim_u128)(uint64_t)flows * (uint64_t)SIM_PS_PER_S * pass.of / pass.ps;
    if ((uint64_t)l->per_s > most)
        return loop_fail(
            s, "new_flows_per_s", err,
            "%" PRId64 " is above the %" PRIu64
            " a second that the capture can begin at this pace (\"rate\", or its own): it has "
            "%" PRId64
            " flows, and of each one copy begins in a pass; state no more than that, "
            "or loop a capture with more flows",
            l->per_s, (uint64_t)most, flows);
    return true;
}

bool work_replay_loop_check(const struct work_replay_loop *l, const struct work_replay *r,
                            struct work_span pass, bool faster, const struct work_source *s,
                            struct sim_err *err) {
    if (pass.ps == 0)
        return work_source_fail(s, "loop", err,
                                "the capture's packets all have one time; to loop it, state "
                                "\"rate\" or \"packet_rate\"");
    if (l->flows == NULL && faster)
        return loop_fail(s, "flows", err,
                         "required, as the capture is looped faster than its own pace: with "
                         "the same flows over and over, misses would be too few; write "
                         "\"renumber\" with concurrent_flows and new_flows_per_s, or \"same\"");
    return !l->renumber || check_renewal(l, r, pass, s, err);
}
