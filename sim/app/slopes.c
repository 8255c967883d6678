/* slopes.c - how much longer a step takes for each byte more, and how much more goes on, from
 * the sampled journeys: straight lines over the size by least squares. Only where they stand
 * out from the scatter: a time that does not depend on the size has no slope.
 */
#include "summary.h"
#include <math.h>
#include <stdlib.h>

enum { FEWEST = 4, DEVIATIONS = 4 }; /* journeys that make a line; of the slope, from 0 */

/* Sums over messages: whole numbers, so that their order does not matter. */
struct fit {
    int64_t n, b, t;     /* messages, bytes, and what hangs on them */
    __int128 bb, bt, tt; /* and their products */
};

static void add(struct fit *f, int64_t b, int64_t t) {
    f->n++;
    f->b += b;
    f->t += t;
    f->bb += (__int128)b * b;
    f->bt += (__int128)b * t;
    f->tt += (__int128)t * t;
}

static double slope(const struct fit *f) {
    if (f->n < FEWEST)
        return (double)NAN;
    double n = (double)f->n, bb = (double)(f->n * f->bb - (__int128)f->b * f->b) / n;
    double bt = (double)(f->n * f->bt - (__int128)f->b * f->t) / n;
    double tt = (double)(f->n * f->tt - (__int128)f->t * f->t) / n;
    if (bb <= 0)
        return (double)NAN;
    double line = bt / bb, rest = tt - line * bt;
    double variance = rest > 0 ? rest / (n - 2) / bb : 0;
    return line * line > DEVIATIONS * DEVIATIONS * variance ? line : 0;
}

static double *slopes_of(struct sim_arena *arena, const struct fit *fit, size_t n) {
    double *out = sim_alloc_n(arena, n + 1, sizeof *out);
    for (size_t i = 0; i < n; i++)
        out[i] = slope(&fit[i]);
    return out;
}

static struct app_slopes slopes_by(const struct sim_world *w, struct sim_arena *arena) {
    size_t n = (size_t)w->streams * w->steps;
    struct fit *time = calloc(n + 1, sizeof *time), *bytes = calloc(n + 1, sizeof *bytes);
    SIM_ASSERT(time != NULL && bytes != NULL);
    for (uint32_t i = 0; i < w->records.n; i++) {
        const struct sim_record *r = &w->records.record[i];
        if (r->done < 0 || r->done > w->end) /* what is told ahead depends on the form */
            continue;
        for (uint32_t k = 0; k < r->stamps; k++) {
            const struct sim_stamp *s = &r->stamp[k];
            size_t at = (size_t)r->stream * w->steps + s->step;
            if (s->vain)
                continue;
            add(&time[at], s->bytes, s->end - s->start);
            if (k + 1 < r->stamps)
                add(&bytes[at], s->bytes, s[1].bytes);
        }
    }
    struct app_slopes out = {slopes_of(arena, time, n), slopes_of(arena, bytes, n)};
    free(time);
    free(bytes);
    return out;
}

void app_close(struct app_scenario *s, sim_ps end) {
    sim_world_close(s->world, end);
    s->slopes = slopes_by(s->world, &s->arena);
}
