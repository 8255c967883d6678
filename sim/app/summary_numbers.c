/* summary_numbers.c - numbers of the summary: exact ratios with 12 digits, times in seconds. */
#include "summary.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

json_t *app_ratio(sim_u128 num, sim_u128 den) {
    char text[SIM_RATIO_SIZE];
    if (den == 0)
        return json_null();
    return json_real(strtod(sim_ratio_text(num, den, text, sizeof text), NULL));
}

json_t *app_real(double v) {
    char text[40];
    if (!isfinite(v))
        return json_null();
    snprintf(text, sizeof text, "%.12g", v);
    return json_real(strtod(text, NULL));
}

json_t *app_seconds(sim_ps t) {
    return t < 0 ? json_null() : app_ratio((sim_u128)(uint64_t)t, (sim_u128)SIM_PS_PER_S);
}

json_t *app_per_s(const struct sim_world *w, uint64_t n) {
    return app_ratio((sim_u128)n * (uint64_t)SIM_PS_PER_S,
                     (sim_u128)(uint64_t)(w->to - w->from));
}

json_t *app_mean_s(const struct sim_hist *h) {
    return app_ratio(h->sum, (sim_u128)h->count * (uint64_t)SIM_PS_PER_S);
}

json_t *app_quantile_s(const struct sim_hist *h, uint64_t num, uint64_t den) {
    return app_seconds(sim_hist_quantile(h, num, den));
}

json_t *app_mean_p99(const struct sim_hist *h) {
    return json_pack("{so so}", "mean", app_mean_s(h), "p99", app_quantile_s(h, 99, 100));
}
