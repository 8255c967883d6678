/* fio_samples.c - samples of bandwidth and IOPS of a job, as fio takes them: whole rates over
 * stretches of time of one length, but for those in which nothing came back; then their least,
 * their most, mean and standard deviation.
 *
 * fio's stretches are of 500 ms. Here they are of as many picoseconds, a power of two, as make
 * 32 to 64 of the window (samples.h). What the job did not run in all of is left out; where
 * there is none else, the whole time that it ran is the sample.
 */
#include "fio_json.h"
#include <math.h>

struct spread {
    uint64_t n, least, most;
    double mean, squares; /* of the distances from the mean */
};

static void add(struct spread *s, uint64_t v) {
    double off = (double)v - s->mean;
    s->least = s->n == 0 || v < s->least ? v : s->least;
    s->most = v > s->most ? v : s->most;
    s->n++;
    s->mean += off / (double)s->n;
    s->squares += off * ((double)v - s->mean);
}

static uint64_t per_s(uint64_t n, sim_ps time) {
    return time > 0 ? (uint64_t)((sim_u128)n * SIM_PS_PER_S / (uint64_t)time) : 0;
}

static void add_both(struct spread *bw, struct spread *iops, const struct work_sample *n,
                     sim_ps time) {
    if (n->items == 0)
        return;
    add(bw, per_s(n->bytes, time) / 1024);
    add(iops, per_s(n->items, time));
}

static double deviation(const struct spread *s) {
    return s->n > 1 ? sqrt(s->squares / (double)(s->n - 1)) : 0;
}

/* @param agg bytes a second of the job's group */
static double share(double kib_per_s, double agg) {
    double part = agg > 1024 ? 100 * kib_per_s / (agg / 1024) : 100;
    return part < 100 ? part : 100;
}

void app_fio_samples(json_t *o, const struct work_samples *s, const struct app_fio_time *ran,
                     double agg) {
    struct spread bw = {0}, iops = {0};
    uint32_t shift = work_samples_shift(s);
    struct work_sample all = {0, 0};
    for (uint32_t i = 0; i < WORK_SAMPLES; i++) {
        sim_ps from = (sim_ps)i << shift, to = (sim_ps)(i + 1) << shift;
        all.items += s->bin[i].items;
        all.bytes += s->bin[i].bytes;
        if (from >= ran->begin && to <= ran->end)
            add_both(&bw, &iops, &s->bin[i], to - from);
    }
    if (bw.n == 0)
        add_both(&bw, &iops, &all, ran->end - ran->begin);
    json_object_set_new(o, "bw_min", json_integer((json_int_t)bw.least));
    json_object_set_new(o, "bw_max", json_integer((json_int_t)bw.most));
    json_object_set_new(o, "bw_agg", app_real(bw.n > 0 ? share(bw.mean, agg) : 0));
    json_object_set_new(o, "bw_mean", app_real(bw.mean));
    json_object_set_new(o, "bw_dev", app_real(deviation(&bw)));
    json_object_set_new(o, "bw_samples", json_integer((json_int_t)bw.n));
    json_object_set_new(o, "iops_min", json_integer((json_int_t)iops.least));
    json_object_set_new(o, "iops_max", json_integer((json_int_t)iops.most));
    json_object_set_new(o, "iops_mean", app_real(iops.mean));
    json_object_set_new(o, "iops_stddev", app_real(deviation(&iops)));
    json_object_set_new(o, "iops_samples", json_integer((json_int_t)iops.n));
}
