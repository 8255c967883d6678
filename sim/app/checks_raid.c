/* checks_raid.c - an array's strips lie on the drives that they go to: so many, and so long on
 * each in turn.
 */
#include "checks.h"
#include "sim/engine/field.h"
#include <inttypes.h>
#include <string.h>

static bool does(const struct sim_step *step, const char *model, const char *op) {
    return step->comp->model != NULL && strcmp(step->comp->model->name, model) == 0 &&
           step->op != NULL && strcmp(step->op->name, op) == 0;
}

static bool fail(const struct sim_comp *raid, const char *key, const struct sim_comp *drive,
                 int64_t is, int64_t wants, struct sim_err *err) {
    char at[APP_POINTER];
    return sim_fail(
        err, raid->file, sim_pointer(at, sizeof at, raid->pointer, key),
        "its strips go to %s, %s is %" PRId64 " and must be %" PRId64, drive->pointer,
        strcmp(key, "data") == 0 ? "whose \"count\"" : "whose \"stripe\"", is, wants);
}

static bool fits(const struct sim_comp *raid, const struct sim_comp *drive,
                 struct sim_err *err) {
    int64_t drives = sim_field_named(raid->model->params, "data", raid) + 2;
    int64_t strip = sim_field_named(raid->model->params, "strip_bytes", raid);
    int64_t stripe = sim_field_named(drive->model->params, "stripe", drive);
    if ((int64_t)drive->like != drives)
        return fail(raid, "data", drive, (int64_t)drive->like, drives, err);
    return stripe == strip || fail(raid, "strip_bytes", drive, stripe, strip, err);
}

/* The drives that messages come to first behind a step that says where a strip lies. */
static bool check_strips(const struct app_scenario *s, uint32_t first, bool *seen,
                         uint32_t *todo, struct sim_err *err) {
    const struct sim_world *w = s->world;
    uint32_t n = visit(first, seen, todo);
    while (n > 0) {
        const struct sim_step *step = &w->step[todo[--n]];
        if (!does(step, "ssd", "command"))
            n += app_checks_follow(step, seen, &todo[n]);
        else if (!fits(w->step[first].comp, step->comp, err))
            return false;
    }
    return true;
}

bool app_checks_raid(struct app_scenario *s, struct sim_err *err) {
    const struct sim_world *w = s->world;
    uint32_t *todo = sim_alloc_n(&s->arena, w->steps + 1, sizeof *todo);
    bool *seen = sim_alloc_n(&s->arena, w->steps + 1, sizeof *seen);
    for (uint32_t i = 0; i < w->steps; i++) {
        memset(seen, 0, w->steps * sizeof *seen);
        if (does(&w->step[i], "raid", "strip") && !check_strips(s, i, seen, todo, err))
            return false;
    }
    return true;
}
