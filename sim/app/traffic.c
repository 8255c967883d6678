/* traffic.c - traffic equations: from the offered rate and the shares of branches that the run
 * measured, the visits to every step as if nothing had been lost to full queues.
 */
#include "summary.h"
#include <stdlib.h>
#include <string.h>

enum { PASSES = 300 };

/* What crosses a cable is shared among the chains behind it as it was in the run. */
static void cross(const struct sim_stream *st, const struct sim_cable *cable, double visits,
                  double *next) {
    uint16_t step[APP_INGRESS];
    uint32_t n = app_links_steps(cable, step);
    double served = 0;
    for (uint32_t i = 0; i < n; i++)
        served += st->step[step[i]] != NULL ? (double)st->step[step[i]]->served : 0;
    for (uint32_t i = 0; i < n && served > 0; i++)
        if (st->step[step[i]] != NULL)
            next[step[i]] += visits * (double)st->step[step[i]]->served / served;
}

/* Visits behind a verdict; those of a fan in equal parts. */
static void share(const struct sim_step *step, uint32_t verdict, double visits, double *next) {
    const struct sim_hop *hop;
    uint32_t fans = step->hop[verdict].fan != NULL ? step->hop[verdict].fans : 1;
    for (uint32_t i = 0; (hop = sim_hop_of(step, verdict, i)) != NULL; i++)
        if (hop->kind == SIM_HOP_NEXT)
            next[hop->next] += visits / fans;
}

/* Visits per picosecond to every step, by one pass of the traffic equations. */
static void pass(const struct sim_world *w, const struct sim_stream *st, const double *v,
                 const struct app_mix *mix, double *next) {
    double offered = (double)st->offered.items / (double)(w->to - w->from);
    memset(next, 0, w->steps * sizeof *next);
    next[st->first] = offered;
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_step_stat *stat = st->step[i];
        const struct sim_step *step = &w->step[i];
        if (stat == NULL || v[i] <= 0 || stat->served == 0)
            continue;
        double on = mix->keep != NULL ? v[i] * mix->keep[i] : v[i];
        double each = on / (double)stat->served;
        for (uint32_t k = 0; k < SIM_VERDICTS; k++)
            if (!(step->action == SIM_ACT_SPLIT && k == 0))
                share(step, k, each * (double)stat->verdict[k], next);
        if (step->called) { /* its verdicts are the way back's business */
            for (uint32_t k = 1; k < SIM_VERDICTS; k++)
                next[step->hop[0].next] += each * (double)stat->verdict[k];
        }
        for (uint32_t k = 0; k < SIM_VERDICTS; k++)
            if (step->hop[k].cable != NULL)
                cross(st, step->hop[k].cable, each * (double)stat->verdict[k], next);
        if (step->action != SIM_ACT_NONE && mix->spawn)
            next[step->target] += on * (step->action == SIM_ACT_SPLIT ? step->into : 1);
        if (step->action == SIM_ACT_SPLIT)
            next[step->resume] += on;
    }
}

void app_visits_of(const struct sim_world *w, const struct sim_stream *st,
                   const struct app_mix *mix, double *v) {
    double *next = calloc(w->steps + 1, sizeof *next);
    memset(v, 0, w->steps * sizeof *v);
    for (int i = 0; next != NULL && i < PASSES; i++) {
        pass(w, st, v, mix, next);
        bool same = memcmp(v, next, w->steps * sizeof *v) == 0;
        memcpy(v, next, w->steps * sizeof *v);
        if (same)
            break;
    }
    free(next);
}

/* Of the messages that end well at a step, per picosecond. */
static double ends_of(const struct sim_world *w, const struct sim_stream *st,
                      const struct app_mix *mix, const double *v) {
    double sum = 0;
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_step_stat *stat = st->step[i];
        for (uint32_t k = 0; stat != NULL && stat->served > 0 && k < SIM_VERDICTS; k++) {
            const struct sim_hop *hop = &w->step[i].hop[k];
            if ((hop->kind == SIM_HOP_DELIVERED || hop->kind == SIM_HOP_REPLY) && !hop->cable)
                sum += v[i] * (mix->keep != NULL ? mix->keep[i] : 1) *
                       (double)stat->verdict[k] / (double)stat->served;
        }
    }
    return sum;
}

double app_delivered_of(const struct sim_world *w, const double *keep) {
    double sum = 0;
    struct app_mix mix = {.keep = keep};
    double *v = calloc(w->steps + 1, sizeof *v);
    for (uint32_t k = 0; v != NULL && k < w->streams; k++) {
        const struct sim_stream *st = w->stream[k];
        if (w->to <= w->from || st->delivered.items == 0)
            continue;
        app_visits_of(w, st, &mix, v);
        sum += ends_of(w, st, &mix, v) * 8 * (double)st->delivered.bytes /
               (double)st->delivered.items * (double)SIM_PS_PER_S;
    }
    free(v);
    return sum;
}
