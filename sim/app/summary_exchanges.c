/* summary_exchanges.c - what became of exchanges with another card: splits that wait no longer
 * than a time-out.
 */
#include "summary.h"

/* Can the stream come to this step, an exchange? */
static bool is_exchange(const struct sim_world *w, const struct sim_stream *st, uint32_t step) {
    return w->step[step].timeout > 0 && st->step[step] != NULL;
}

void app_summary_exchanges(const struct sim_world *w, const struct sim_stream *st, json_t *o) {
    uint64_t late = 0, given_up = 0, unheeded = 0;
    bool any = false;
    for (uint32_t i = 0; i < w->steps; i++) {
        if (!is_exchange(w, st, i))
            continue;
        const struct sim_step_stat *resumed = st->step[w->step[i].resume];
        any = true;
        late += st->step[i]->late.items;
        given_up += st->step[i]->given_up;
        unheeded += resumed != NULL ? resumed->unheeded : 0;
    }
    if (!any)
        return;
    json_t *e = json_pack("{sI sI sI sI}", "timed_out", (json_int_t)late, "retries",
                          (json_int_t)(late - given_up), "given_up", (json_int_t)given_up,
                          "late_answers", (json_int_t)unheeded);
    json_object_set_new(o, "exchanges", e);
}
