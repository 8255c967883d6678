/* slopes.c - how much longer a step takes for each byte more, from the sampled journeys: a
 * straight line through occupancy over size, by least squares.
 */
#include "summary.h"
#include <stdlib.h>

enum { FEWEST = 16 }; /* journeys that make a line */

struct fit {
    double n, b, t, bb, bt; /* messages, sums of bytes, picoseconds, and their products */
};

static void add(struct fit *f, const struct sim_stamp *s) {
    double b = s->bytes, t = (double)(s->end - s->start);
    f->n++;
    f->b += b;
    f->t += t;
    f->bb += b * b;
    f->bt += b * t;
}

static double slope(const struct fit *f) {
    double spread = f->n * f->bb - f->b * f->b;
    return f->n < FEWEST || spread < f->n * f->n ? 0 : (f->n * f->bt - f->b * f->t) / spread;
}

double *app_slopes(const struct sim_world *w) {
    size_t n = (size_t)w->streams * w->steps;
    struct fit *fit = calloc(n + 1, sizeof *fit);
    double *out = calloc(n + 1, sizeof *out);
    SIM_ASSERT(fit != NULL && out != NULL);
    for (uint32_t i = 0; i < w->records.n; i++) {
        const struct sim_record *r = &w->records.record[i];
        for (uint32_t k = 0; k < r->stamps; k++)
            add(&fit[(size_t)r->stream * w->steps + r->stamp[k].step], &r->stamp[k]);
    }
    for (size_t i = 0; i < n; i++)
        out[i] = slope(&fit[i]);
    free(fit);
    return out;
}
