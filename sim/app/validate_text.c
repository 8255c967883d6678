/* validate_text.c - the outcome for people: text for a terminal, Markdown for the docs.
 *
 * Order: verdict, scores, predict, misses, warnings, model, fitted and input, what is shown,
 * what is not simulated; in Markdown also why what is an input, shown or excluded is that, of
 * an area in text too what is excluded.
 */
#include "sim/engine/row.h"
#include "validate.h"
#include "validate_sheet.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void id_of(char *cell, const struct app_scalar *s, bool md) {
    snprintf(cell, APP_SHEET_WIDE, "%s%s%s%s%s", md ? "`" : "", s->id, md ? "`" : "",
             s->what[0] ? " " : "", s->what);
}

static void put_sets(char *cell, const json_t *sets) {
    const char *pointer;
    json_t *value;
    json_object_foreach((json_t *)sets, pointer, value) {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        sim_append(cell, APP_SHEET_WIDE, " --set %s=%s", pointer,
                   json_is_string(value) ? json_string_value(value) : text);
        free(text);
    }
}

/* What a reader would run to get the same. */
static void run_of(char *cell, const struct app_case *k) {
    snprintf(cell, APP_SHEET_WIDE, "`%s", k->shown);
    put_sets(cell, k->set);
    if (k->against != NULL) {
        sim_append(cell, APP_SHEET_WIDE, "`, against `%s", k->shown);
        put_sets(cell, k->against);
    }
    sim_append(cell, APP_SHEET_WIDE, "`");
}

/* ---------------------------------------------------------------- sections */

static bool answered(const struct app_scalar *s) { return !isnan(s->simulated); }

static bool in_class(const struct app_scalar *s, const char *classes) {
    return s->wanted && strstr(classes, app_class_name(s->class)) != NULL;
}

static void compare(const struct app_validation *v, bool md, const char *title,
                    const char *classes, struct app_text *t) {
    struct app_sheet s;
    app_sheet_row cell;
    size_t rows = 0;
    for (size_t i = 0; i < v->scalars; i++)
        rows += in_class(&v->scalar[i], classes) && answered(&v->scalar[i]);
    if (rows == 0)
        return;
    app_sheet_heading(t, md, title);
    app_sheet_begin(&s, t, md, md ? "lrrlrlll" : "lrrlrll",
                    md ? "scalar|published|simulated|unit|error||source|dpusim run"
                       : "scalar|published|simulated|unit|error||source");
    for (size_t i = 0; i < v->scalars; i++) {
        const struct app_scalar *a = &v->scalar[i];
        if (!in_class(a, classes) || !answered(a))
            continue;
        id_of(cell[0], a, md);
        app_cell_value(cell[1], a->value);
        app_cell_figure(cell[2], a->simulated);
        snprintf(cell[3], APP_SHEET_WIDE, "%s", a->unit);
        app_cell_percent(cell[4], app_scalar_error(a), true);
        snprintf(cell[5], APP_SHEET_WIDE, "%s", app_scalar_misses(v, a) ? "miss" : "");
        app_cell_cut(cell[6], a->source, md ? APP_SHEET_WIDE - 1 : 60);
        cell[7][0] = 0;
        if (md)
            run_of(cell[7], a->by);
        app_sheet_add(&s, cell);
    }
    app_sheet_end(&s);
}

static void misses(const struct app_validation *v, bool md, struct app_text *t) {
    size_t n = 0;
    for (size_t i = 0; i < v->scalars; i++) {
        const struct app_scalar *s = &v->scalar[i];
        char error[APP_SHEET_WIDE];
        if (!s->wanted || !app_scalar_misses(v, s))
            continue;
        if (n++ == 0)
            app_sheet_heading(t, md, "Misses");
        app_cell_percent(error, app_scalar_error(s), true);
        app_put(t, md ? "- `%s`, %s: %s\n" : "  %s, %s: %s\n", s->id, error,
                s->by->miss[0] ? s->by->miss : "not explained yet");
    }
}

/* What a run itself says against its numbers. */
static void warnings(const struct app_validation *v, bool md, struct app_text *t) {
    size_t n = 0;
    for (size_t i = 0; i < v->count; i++) {
        const struct app_case *k = &v->cases[i];
        if (!k->scalar->wanted || k->warning == NULL)
            continue;
        if (n++ == 0)
            app_sheet_heading(t, md, "Runs that warn");
        app_put(t, md ? "- `%s`: %s\n" : "  %s: %s\n", k->scalar->id, k->warning);
    }
}

static const char *absent(const struct app_scalar *s) {
    if (s->by != NULL)
        return "the run leaves it undefined";
    return s->absent != NULL ? s->absent : "no case answers it yet";
}

/* The part of an ID before its key: scalars of one entry stand together. */
static bool same_entry(const struct app_scalar *a, const struct app_scalar *b) {
    size_t n = strcspn(a->id, "/");
    return strncmp(a->id, b->id, n) == 0 && (b->id[n] == '/' || b->id[n] == 0);
}

/* Why nothing is simulated, or what the split says of it. */
static const char *reason_of(const struct app_scalar *s, bool missing) {
    return missing ? absent(s) : s->why;
}

/* One line for the scalars of an entry that have one reason. @return how many those are. */
static size_t reason(const struct app_validation *v, size_t i, bool md, bool missing,
                     struct app_text *t) {
    const struct app_scalar *s = &v->scalar[i];
    const char *why = reason_of(s, missing);
    size_t n = 1;
    while (i + n < v->scalars && same_entry(s, &v->scalar[i + n]) &&
           v->scalar[i + n].class == s->class && !(missing && answered(&v->scalar[i + n])) &&
           strcmp(why, reason_of(&v->scalar[i + n], missing)) == 0)
        n++;
    const char *tick = md ? "`" : "", *last = strchr(v->scalar[i + n - 1].id, '/');
    app_put(t, "%s%s%s%s", md ? "- " : "  ", tick, s->id, tick);
    if (n > 1)
        app_put(t, " to %s%s%s", tick, last + 1, tick);
    app_put(t, ": %s\n", why);
    return n;
}

static void not_simulated(const struct app_validation *v, bool md, struct app_text *t) {
    bool any = false;
    for (size_t i = 0; i < v->scalars;) {
        const struct app_scalar *s = &v->scalar[i];
        if (!in_class(s, "predict model shown") || answered(s)) {
            i++;
            continue;
        }
        if (!any)
            app_sheet_heading(t, md, "Not simulated");
        any = true;
        i += reason(v, i, md, true, t);
    }
}

static void why(const struct app_validation *v, bool md, const char *title, const char *class,
                struct app_text *t) {
    bool any = md;
    if (md)
        app_sheet_heading(t, true, title);
    for (size_t i = 0; i < v->scalars;) {
        const struct app_scalar *s = &v->scalar[i];
        if (!in_class(s, class)) {
            i++;
            continue;
        }
        if (!any)
            app_sheet_heading(t, false, title);
        any = true;
        i += reason(v, i, md, false, t);
    }
}

/* ---------------------------------------------------------------- scores */

static size_t count(const struct app_validation *v, const char *area, enum app_class class) {
    size_t n = 0;
    for (size_t i = 0; i < v->scalars; i++)
        n += v->scalar[i].wanted && v->scalar[i].class == class &&
             (area == NULL || strcmp(area, v->scalar[i].area) == 0);
    return n;
}

static void score_row(const struct app_validation *v, const char *area, struct app_sheet *s) {
    app_sheet_row cell = {{0}};
    bool own = area == NULL;
    struct app_limits l = own ? v->limits : app_split_limits(v, area, &own);
    struct app_limits quarter = l;
    quarter.within = 0.25;
    struct app_score score = app_score_area(v, area, &l);
    size_t in = app_score_area(v, area, &quarter).within;
    double n = score.known > 0 ? (double)score.known : (double)NAN;
    snprintf(cell[0], APP_SHEET_WIDE, "%s", area != NULL ? area : "all");
    snprintf(cell[1], APP_SHEET_WIDE, "%zu", count(v, area, APP_PREDICT));
    snprintf(cell[2], APP_SHEET_WIDE, "%zu", score.known);
    app_cell_percent(cell[3], score.median, false);
    app_cell_percent(cell[4], (double)in / n, false);
    if (own && score.known > 0) {
        app_cell_percent(cell[5], (double)score.within / n, false);
        snprintf(cell[6], APP_SHEET_WIDE, "median at most %g %%, %g %% within %g %%",
                 100 * l.median, 100 * l.share, 100 * l.within);
        snprintf(cell[7], APP_SHEET_WIDE, "%s", score.holds ? "holds" : "missed");
    }
    app_sheet_add(s, cell);
}

/* A line on the scalars that are `which` of, where a limit is set: how many are beyond it. */
static void tally(const struct app_validation *v, const char *area, const char *classes,
                  struct app_text *t) {
    size_t known = 0, off = 0;
    for (size_t i = 0; i < v->scalars; i++) {
        const struct app_scalar *a = &v->scalar[i];
        bool is =
            in_class(a, classes) && answered(a) && (area == NULL || strcmp(area, a->area) == 0);
        known += is;
        off += is && app_scalar_misses(v, a);
    }
    app_put(t, "%zu were simulated, %zu of them more than ", known, off);
}

static void scores(const struct app_validation *v, bool md, struct app_text *t) {
    struct app_sheet s;
    app_sheet_heading(t, md, "Scores of what was predicted");
    app_sheet_begin(&s, t, md, "lrrrrrll",
                    "area|scalars|simulated|median error|within 25 %|within its limit|limits|");
    for (size_t i = 0; i < v->areas; i++)
        if (count(v, v->area[i], APP_PREDICT) > 0)
            score_row(v, v->area[i], &s);
    if (app_validation_whole(v))
        score_row(v, NULL, &s);
    app_sheet_end(&s);
    const char *indent = md ? "" : "  ";
    app_put(t, "%s%sOf %zu scalars of other models ", md ? "\n" : "", indent,
            count(v, NULL, APP_MODEL));
    tally(v, NULL, "model", t);
    app_put(t, "%g %% and half of the last decimal off.\n", 100 * v->most);
    for (size_t i = 0; i < v->areas; i++) {
        const char *area = v->area[i];
        size_t n = count(v, area, APP_FIT) + count(v, area, APP_INPUT);
        if (isnan(app_split_most(v, area)) || n == 0)
            continue;
        app_put(t, "%sOf %zu scalars of area %s that set or fitted a parameter ", indent, n,
                area);
        tally(v, area, "fit input", t);
        app_put(t, "%g %% off.\n", 100 * app_split_most(v, area));
    }
}

static bool has_limit(const struct app_validation *v, const struct app_scalar *s) {
    bool own;
    (void)app_split_limits(v, s->area, &own);
    return s->class == APP_MODEL ||
           (s->class == APP_PREDICT && (own || app_validation_whole(v))) ||
           (in_class(s, "fit input") && !isnan(app_split_most(v, s->area)));
}

/* Is there a limit on what was asked for and simulated? */
static bool limited(const struct app_validation *v) {
    for (size_t i = 0; i < v->scalars; i++)
        if (v->scalar[i].wanted && answered(&v->scalar[i]) && has_limit(v, &v->scalar[i]))
            return true;
    return false;
}

static void verdict(const struct app_validation *v, struct app_text *t) {
    struct app_score all = app_score_area(v, NULL, &v->limits);
    char median[APP_SHEET_WIDE];
    app_cell_percent(median, all.median, false);
    if (all.known == 0)
        app_put(t, "No published measurement was simulated.");
    else
        app_put(t, "%zu published measurements predicted: median error %s, %zu within 25 %%.",
                all.known, median, all.within);
    app_put(t, " %s\n",
            !limited(v)               ? "No limit is set for that."
            : app_validation_holds(v) ? "All limits hold."
                                      : "A LIMIT IS MISSED.");
}

void app_validation_text(const struct app_validation *v, bool md, struct app_text *t) {
    verdict(v, t);
    scores(v, md, t);
    compare(v, md, "Predicted", "predict", t);
    misses(v, md, t);
    warnings(v, md, t);
    compare(v, md, "Against other models", "model", t);
    compare(v, md, "Fitted and set: no validation", "fit input", t);
    compare(v, md, "Shown: claims, ranges, and what came later; no limit", "shown", t);
    not_simulated(v, md, t);
    if (md) {
        why(v, true, "Fitted", "fit", t);
        why(v, true, "Inputs", "input", t);
    }
    if (md || !app_validation_whole(v)) {
        why(v, md, "What is unlike in what is shown", "shown", t);
        why(v, md, "Excluded", "excluded", t);
    }
    if (!md)
        app_put(t,
                "\n  %zu scalars are inputs, %zu fitted, %zu shown, %zu excluded: "
                "docs/validation.md says why.\n",
                count(v, NULL, APP_INPUT), count(v, NULL, APP_FIT), count(v, NULL, APP_BESIDE),
                count(v, NULL, APP_EXCLUDED));
}
