/* checks_packets.c - what makes no packets must not come to blocks that go by their headers,
 * nor what makes no requests to drives to those that go by what they ask for.
 */
#include "checks.h"

static bool wrong(const struct app_stream *st, const struct sim_step *step,
                  struct sim_err *err) {
    const struct sim_model *model = step->comp->model;
    bool requests = st->stream->requests, packets = st->stream->payload != NULL && !requests;
    if (model->packets && !packets && !step->op->headless)
        return sim_fail(err, "", step->pointer,
                        "stream \"%s\" (source %s) comes to %s, and what it makes is no "
                        "packet; model %s goes by headers",
                        st->name, st->source->model->name, step->label, model->name);
    if (model->requests && !requests)
        return sim_fail(
            err, "", step->pointer,
            "stream \"%s\" (source %s) comes to %s, and what it makes is no request "
            "to a drive; sources fio and block make such",
            st->name, st->source->model->name, step->label);
    return true;
}

bool app_checks_packets(struct app_scenario *s, struct sim_err *err) {
    const struct sim_world *w = s->world;
    uint32_t *todo = sim_alloc_n(&s->arena, w->steps + 1, sizeof *todo);
    for (uint32_t i = 0; i < s->streams; i++) {
        const struct app_stream *st = &s->stream[i];
        bool *seen = sim_alloc_n(&s->arena, w->steps + 1, sizeof *seen);
        for (uint32_t n = visit(st->stream->first, seen, todo); n > 0;) {
            const struct sim_step *step = &w->step[todo[--n]];
            if (step->op != NULL && !wrong(st, step, err))
                return false;
            n += app_checks_follow(step, seen, &todo[n]);
        }
    }
    return true;
}
