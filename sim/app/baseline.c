/* baseline.c - the run that another is held against: the same scenario with other variants, so
 * that "cores freed" is a difference of two measurements.
 *
 * Both get the same traffic, seed and times. A --set goes to both, but for what only this one
 * has: places that the baseline does not have, and values that a variant put there which the
 * baseline does not choose. Where the baseline's queues lose what this run delivers, what it
 * would take, had it the cores, comes from its traffic equations: visits that the offered mix
 * makes to each step times what a visit took.
 */
#include "baseline.h"
#include "simulate.h"
#include "summary.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Change of what is under way, as a share of what is delivered, up to which cores' work is that
 * of what is delivered; the figure may be off by as much. */
#define SETTLED 0.1
/* What is lost of all, up to which what was measured is taken for all. */
#define ALL 0.001

/* The variants of this run's that the baseline does not choose. */
static bool differs(const struct app_config *c, const char *key) {
    const json_t *other = json_object_get(c->baseline, key);
    return other != NULL && !json_equal(other, json_object_get(c->chosen, key));
}

static bool is_other(const struct app_config *c) {
    const char *key;
    json_t *word;
    json_object_foreach(c->chosen, key, word) if (differs(c, key)) return true;
    return false;
}

/* The baseline's variants. @return how many. */
static size_t choices_of(struct app_scenario *s, struct app_set *out) {
    const struct app_config *c = &s->config;
    const char *key;
    json_t *word;
    size_t n = 0;
    json_object_foreach(c->chosen, key, word) {
        json_t *other = json_object_get(c->baseline, key);
        out[n++] = (struct app_set){sim_printf(&s->arena, "/%s", key),
                                    json_string_value(other != NULL ? other : word)};
    }
    return n;
}

/* Is what is set there the baseline's, too? Then set it in `root`. */
static bool is_common(const struct app_config *c, const struct app_set *set, json_t *root) {
    const char *by = app_variants_by(c, set->pointer);
    if (app_names_variant(c, set->pointer) || (by != NULL && differs(c, by)))
        return false;
    json_t *value = app_json_word(set->value, set->pointer, NULL);
    return value != NULL && app_json_set(root, set->pointer, value);
}

/* The baseline's variants, and what is set of this run and is there in the baseline.
 * @return NULL on failure (err). */
static struct app_set *sets_of(struct app_scenario *s, const struct app_set *sets, size_t *n,
                               struct sim_err *err) {
    struct app_config plain;
    size_t room = *n + json_object_size(s->config.chosen);
    struct app_set *out = sim_alloc_n(&s->arena, room, sizeof *out);
    size_t used = choices_of(s, out);
    bool ok = app_config_load(&plain, s->config.file, out, used, &s->arena, err);
    for (size_t i = 0; ok && i < *n; i++)
        if (is_common(&s->config, &sets[i], plain.root))
            out[used++] = sets[i];
    app_config_free(&plain);
    *n = used;
    return ok ? out : NULL;
}

/* What is wrong with it is wrong with the baseline. */
static bool blame(struct sim_err *err) {
    char line[2200];
    struct sim_err inner = *err;
    *err = (struct sim_err){0};
    return sim_fail(err, "baseline", "", "%s", sim_err_line(&inner, line, sizeof line));
}

bool app_baseline_load(struct app_baseline *b, struct app_scenario *s,
                       const struct app_set *sets, size_t n, const struct app_run_opts *opts,
                       struct sim_err *err) {
    *b = (struct app_baseline){.stated = s->config.baseline != NULL};
    if (!b->stated || !is_other(&s->config))
        return true;
    if (strcmp(s->config.file, "-") == 0)
        return sim_fail(err, s->config.file, "/baseline",
                        "a baseline reads the scenario again; standard input is gone, give a "
                        "file");
    if (s->pipe != NULL)
        return sim_fail(err, s->config.file, "/baseline",
                        "a baseline reads all inputs again, and \"%s\" can be read only once",
                        s->pipe->name);
    struct app_set *own = sets_of(s, sets, &n, err);
    if (own == NULL)
        return blame(err);
    b->other = true;
    return app_scenario_load(&b->scenario, s->config.file, own, n, opts, err) || blame(err);
}

int app_baseline_run(struct app_baseline *b, bool show, struct sim_err *err) {
    struct app_outcome o = {0};
    if (!b->other)
        return APP_EXIT_DONE;
    if (!app_simulate(&b->scenario, show, &o, err)) {
        blame(err);
        return APP_EXIT_USER;
    }
    if (o.cut)
        return APP_EXIT_INTERRUPTED;
    if (!o.audit_passed) {
        *err = o.audit;
        blame(err);
        return APP_EXIT_AUDIT;
    }
    b->summary = app_summary(&b->scenario, &o);
    return APP_EXIT_DONE;
}

void app_baseline_free(struct app_baseline *b) {
    json_decref(b->summary);
    if (b->other)
        app_scenario_free(&b->scenario);
}

/* Of all streams. */
static double delivered(const json_t *summary, const char *what) {
    const char *name;
    json_t *stream;
    double sum = 0;
    json_object_foreach(json_object_get(summary, "streams"), name, stream) sum +=
        json_number_value(json_object_get(json_object_get(stream, "delivered"), what));
    return sum;
}

static bool is_source(const struct sim_world *w, const struct sim_comp *comp) {
    for (uint32_t i = 0; i < w->streams; i++)
        if (w->stream[i]->source == comp)
            return true;
    return false;
}

/* Of what it delivered, how much more is under way on its card when the window closes than when
 * it opened, or less: work that is done and not delivered, or delivered and not done. What
 * waits at its source, for a message too, is none. */
static double unsettled(const struct app_scenario *s) {
    const struct sim_world *w = s->world;
    double more = 0, out = 0;
    for (uint32_t i = 0; i < w->streams; i++)
        out += (double)w->stream[i]->delivered.items;
    for (uint32_t i = 0; i < w->ports; i++)
        if (!is_source(w, w->port[i]->comp))
            more +=
                (double)w->port[i]->carried_out.items - (double)w->port[i]->carried_in.items;
    return out > 0 ? fabs(more) / out : 0;
}

/* Host cores that the offered mix would keep busy if nothing were lost to full queues. */
static double asked(const struct app_scenario *s) {
    const struct sim_world *w = s->world;
    uint32_t room = w->ports + w->links + s->streams + 1;
    struct app_bound *b = calloc(room, sizeof *b);
    double potential, sum = 0;
    uint32_t n = b != NULL ? app_bounds(s, b, room, &potential) : 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct app_block *of = app_block_of(s, b[i].comp);
        sum += of != NULL && of->host_cores && !b[i].window && b[i].share > 0
                   ? b[i].used / b[i].share
                   : 0;
    }
    free(b);
    return sum;
}

/* Cores that it would take to deliver `here` items a second. It delivers `there` with `busy`
 * of them: the measure where that is all that it could. */
static double needed(const struct app_scenario *base, double busy, double here, double there) {
    double most = app_deliverable(base->world);
    return there > (1 - ALL) * most ? busy * here / there : asked(base) * here / most;
}

/* Why it is not known how many cores are freed; NULL: it is. */
static const char *why_not(const struct app_baseline *b, const struct app_scenario *s,
                           const json_t *cores, double there) {
    const struct app_scenario *base = b->other ? &b->scenario : s;
    if (!json_is_number(cores))
        return "has no effect: no block of it is in the role of host cores";
    if (there <= 0)
        return "delivered nothing, so how many cores are freed is not known";
    if (unsettled(base) > SETTLED)
        return "did not settle, so how many cores are freed is not known: its queues filled, "
               "or "
               "ran empty, by more than a tenth of what it delivered, and its cores' work is "
               "not that of the packets counted; lengthen /run/warmup and /run/duration, and "
               "bound queues that grow for ever";
    if (b->other && unsettled(s) > SETTLED)
        return "is held against a run that did not settle, so how many cores are freed is not "
               "known: lengthen /run/warmup and /run/duration";
    return NULL;
}

static json_t *number(double v, bool known) { return known ? app_real(v) : json_null(); }

static void warn(json_t *summary, const char *text) {
    json_array_append_new(json_object_get(summary, "warnings"),
                          json_pack("{ss ss}", "pointer", "/baseline", "text", text));
}

void app_baseline_put(const struct app_baseline *b, const struct app_scenario *s,
                      json_t *summary) {
    json_t *host = json_object_get(summary, "host");
    const json_t *base = b->other ? b->summary : summary;
    if (b->stated && base == NULL)
        warn(summary, "was not run to its end, so how many cores are freed is not known");
    if (!b->stated || base == NULL)
        return;
    json_t *cores = json_object_get(json_object_get(base, "host"), "cores_busy");
    double mine = json_number_value(json_object_get(host, "cores_busy"));
    double here = delivered(summary, "items_per_s"), there = delivered(base, "items_per_s");
    const char *why = why_not(b, s, cores, there);
    bool known = why == NULL;
    double scaled = !known     ? 0
                    : b->other ? needed(&b->scenario, json_number_value(cores), here, there)
                               : mine;
    if (!known)
        warn(summary, why);
    json_object_set_new(host, "cores_freed", number(scaled - mine, known));
    json_t *o = json_object();
    json_object_set(o, "variants", s->config.baseline);
    json_object_set(o, "cores_busy", cores);
    json_object_set_new(o, "cores_needed", number(scaled, known));
    json_object_set_new(o, "delivered_items_per_s", app_real(there));
    json_object_set_new(o, "delivered_bits_per_s", app_real(delivered(base, "bits_per_s")));
    json_object_set(o, "bottleneck",
                    json_object_get(json_object_get(base, "bottleneck"), "why"));
    json_object_set_new(o, "this_run", json_boolean(!b->other));
    json_object_set_new(host, "baseline", o);
}
