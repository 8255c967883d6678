/* checks_packets.c - what makes no packets must not come to blocks that go by their headers. */
#include "checks.h"

/* Put what comes behind `step`, children and copies too. @return how many were put. */
static uint32_t follow(const struct sim_step *step, bool *seen, uint32_t *todo) {
    uint16_t behind[APP_INGRESS];
    const struct sim_hop *hop;
    uint32_t n = 0;
    for (uint32_t v = 0, hops = verdicts(step); v < hops; v++)
        for (uint32_t k = 0; (hop = sim_hop_of(step, v, k)) != NULL; k++) {
            uint32_t out = hop->cable ? app_links_steps(hop->cable, behind) : 0;
            for (uint32_t i = 0; i < out; i++)
                n += visit(behind[i], seen, &todo[n]);
            if (hop->kind == SIM_HOP_NEXT)
                n += visit(hop->next, seen, &todo[n]);
        }
    if (step->action != SIM_ACT_NONE)
        n += visit(step->target, seen, &todo[n]);
    if (step->action == SIM_ACT_SPLIT)
        n += visit(step->resume, seen, &todo[n]);
    return n;
}

bool app_checks_packets(struct app_scenario *s, struct sim_err *err) {
    const struct sim_world *w = s->world;
    uint32_t *todo = sim_alloc_n(&s->arena, w->steps + 1, sizeof *todo);
    for (uint32_t i = 0; i < s->streams; i++) {
        const struct app_stream *st = &s->stream[i];
        if (st->stream->payload != NULL)
            continue;
        bool *seen = sim_alloc_n(&s->arena, w->steps + 1, sizeof *seen);
        for (uint32_t n = visit(st->stream->first, seen, todo); n > 0;) {
            const struct sim_step *step = &w->step[todo[--n]];
            if (step->op != NULL && step->comp->model->packets)
                return sim_fail(
                    err, "", step->pointer,
                    "stream \"%s\" (source %s) comes to %s, and what it makes is no "
                    "packet; model %s goes by headers",
                    st->name, st->source->model->name, step->label, step->comp->model->name);
            n += follow(step, seen, &todo[n]);
        }
    }
    return true;
}
