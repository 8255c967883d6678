/* verdict_name.c - what the parts of the verdict count alike, and how they name what they
 * found. */
#include "verdict.h"
#include <stdio.h>

void app_verdict_name(struct app_verdict *v, const char *kind, const struct sim_comp *comp,
                      const char *resource) {
    v->kind = kind;
    v->comp = comp;
    snprintf(v->resource, sizeof v->resource, "%.250s", resource);
}

void app_name_loaded(const struct app_bound *b, double load, struct app_verdict *v) {
    app_verdict_name(v, "resource", b->comp, b->resource);
    v->load = load;
    v->least = b->least && b->load >= load;
}

uint64_t app_offered(const struct sim_world *w) {
    uint64_t n = 0;
    for (uint32_t k = 0; k < w->streams; k++)
        n += w->stream[k]->offered.items;
    return n;
}

uint64_t app_starved(const struct sim_world *w) {
    uint64_t n = 0;
    for (uint32_t k = 0; k < w->streams; k++)
        n += w->stream[k]->starved;
    return n;
}

uint64_t app_lost_at(const struct sim_world *w, const struct sim_port *p, bool created) {
    uint64_t n = 0;
    for (uint32_t k = 0; (p->drops || p->refuses) && k < w->streams; k++)
        n += created ? w->stream[k]->created_dropped_by[p->full_cause]
                     : w->stream[k]->dropped_by[p->full_cause];
    return n;
}
