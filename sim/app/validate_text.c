/* validate_text.c - the outcome for people: text for a terminal, Markdown for the docs.
 *
 * Order: verdict, scores, predict, misses, model, fitted and input, what is not simulated; in
 * Markdown also what is an input or excluded, and why.
 */
#include "validate.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS = 8, WIDE = 1024 };

/* A table in either form. */
struct sheet {
    struct app_text *t;
    bool md;
    size_t columns;
    struct app_table table; /* text only */
};

static void heading(struct app_text *t, bool md, const char *text) {
    if (md)
        app_put(t, "\n## %s\n\n", text);
    else
        app_put(t, "\n%s%s%s\n", t->color ? "\033[1m" : "", text, t->color ? "\033[0m" : "");
}

/* A cell of Markdown: | and < mean something there. */
static void put_cell(struct app_text *t, const char *text) {
    for (; *text != 0; text++)
        app_put(t, *text == '|' ? "\\|" : *text == '<' ? "&lt;" : "%c", *text);
}

static void row(struct sheet *s, char cell[CELLS][WIDE]) {
    if (!s->md) {
        app_table_row(&s->table, cell[0], cell[1], cell[2], cell[3], cell[4], cell[5], cell[6],
                      cell[7]);
        return;
    }
    app_put(s->t, "|");
    for (size_t i = 0; i < s->columns; i++) {
        app_put(s->t, " ");
        put_cell(s->t, cell[i]);
        app_put(s->t, " |");
    }
    app_put(s->t, "\n");
}

/* @param align a letter a column, l or r. @param names of the columns, separated by | */
static void begin(struct sheet *s, struct app_text *t, bool md, const char *align,
                  const char *names) {
    char cell[CELLS][WIDE] = {{0}};
    *s = (struct sheet){.t = t, .md = md, .columns = strlen(align)};
    if (!md)
        app_table_begin(&s->table, align);
    for (size_t i = 0; i < s->columns; i++) {
        size_t n = strcspn(names, "|");
        snprintf(cell[i], sizeof cell[i], "%.*s", (int)n, names);
        names += n + (names[n] != 0);
    }
    row(s, cell);
    for (size_t i = 0; md && i < s->columns; i++)
        app_put(t, "%s---%s|%s", i ? "" : "|", align[i] == 'r' ? ":" : "",
                i + 1 == s->columns ? "\n" : "");
}

static void end(struct sheet *s) {
    if (!s->md)
        app_table_end(&s->table, s->t);
}

/* ---------------------------------------------------------------- cells */

static void figure(char *cell, double v) { snprintf(cell, WIDE, isnan(v) ? "-" : "%.6g", v); }

static void percent(char *cell, double v, bool sign) {
    double small = sign && fabs(v) < 0.00005 ? 0 : v; /* no -0.00 */
    snprintf(cell, WIDE, isnan(v) ? "-" : sign ? "%+.2f %%" : "%.4g %%", 100 * small);
}

static void value_of(char *cell, const json_t *v) {
    if (json_is_string(v))
        snprintf(cell, WIDE, "%s", json_string_value(v));
    else
        figure(cell, json_number_value(v));
}

/* At most `most` bytes, whole characters. */
static void cut(char *cell, const char *text, size_t most) {
    size_t n = strlen(text);
    if (n > most) {
        n = most - 3;
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--;
    }
    snprintf(cell, WIDE, "%.*s%s", (int)n, text, text[n] != 0 ? "..." : "");
}

static void id_of(char *cell, const struct app_scalar *s, bool md) {
    snprintf(cell, WIDE, "%s%s%s%s%s", md ? "`" : "", s->id, md ? "`" : "",
             s->what[0] ? " " : "", s->what);
}

/* What a reader would run to get the same. */
static void run_of(char *cell, const struct app_case *k) {
    const char *pointer;
    json_t *value;
    size_t n = (size_t)snprintf(cell, WIDE, "`%s", k->shown);
    json_object_foreach((json_t *)k->set, pointer, value) {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        if (n < WIDE)
            n += (size_t)snprintf(cell + n, WIDE - n, " --set %s=%s", pointer,
                                  json_is_string(value) ? json_string_value(value) : text);
        free(text);
    }
    if (n < WIDE - 1)
        snprintf(cell + n, WIDE - n, "`");
}

/* ---------------------------------------------------------------- sections */

static bool answered(const struct app_scalar *s) { return !isnan(s->simulated); }

static bool in_class(const struct app_scalar *s, const char *classes) {
    return s->wanted && strstr(classes, app_class_name(s->class)) != NULL;
}

static void compare(const struct app_validation *v, bool md, const char *title,
                    const char *classes, struct app_text *t) {
    struct sheet s;
    char cell[CELLS][WIDE];
    size_t rows = 0;
    for (size_t i = 0; i < v->scalars; i++)
        rows += in_class(&v->scalar[i], classes) && answered(&v->scalar[i]);
    if (rows == 0)
        return;
    heading(t, md, title);
    begin(&s, t, md, md ? "lrrlrlll" : "lrrlrll",
          md ? "scalar|published|simulated|unit|error||source|dpusim run"
             : "scalar|published|simulated|unit|error||source");
    for (size_t i = 0; i < v->scalars; i++) {
        const struct app_scalar *a = &v->scalar[i];
        if (!in_class(a, classes) || !answered(a))
            continue;
        id_of(cell[0], a, md);
        value_of(cell[1], a->value);
        figure(cell[2], a->simulated);
        snprintf(cell[3], WIDE, "%s", a->unit);
        percent(cell[4], app_scalar_error(a), true);
        snprintf(cell[5], WIDE, "%s", app_scalar_misses(v, a) ? "miss" : "");
        cut(cell[6], a->source, md ? WIDE - 1 : 60);
        cell[7][0] = 0;
        if (md)
            run_of(cell[7], a->by);
        row(&s, cell);
    }
    end(&s);
}

static void misses(const struct app_validation *v, bool md, struct app_text *t) {
    size_t n = 0;
    for (size_t i = 0; i < v->scalars; i++) {
        const struct app_scalar *s = &v->scalar[i];
        char error[WIDE];
        if (!s->wanted || !app_scalar_misses(v, s))
            continue;
        if (n++ == 0)
            heading(t, md, "Misses");
        percent(error, app_scalar_error(s), true);
        app_put(t, md ? "- `%s`, %s: %s\n" : "  %s, %s: %s\n", s->id, error,
                s->by->miss[0] ? s->by->miss : "not explained yet");
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

/* One line for the scalars of an entry that have one reason. @return how many those are. */
static size_t reason(const struct app_validation *v, size_t i, bool md, const char *why,
                     struct app_text *t) {
    const struct app_scalar *s = &v->scalar[i];
    size_t n = 1;
    while (i + n < v->scalars && same_entry(s, &v->scalar[i + n]) &&
           v->scalar[i + n].class == s->class && !answered(&v->scalar[i + n]) &&
           strcmp(why, s->class == APP_PREDICT || s->class == APP_MODEL
                           ? absent(&v->scalar[i + n])
                           : v->scalar[i + n].why) == 0)
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
        if (!in_class(s, "predict model") || answered(s)) {
            i++;
            continue;
        }
        if (!any)
            heading(t, md, "Not simulated");
        any = true;
        i += reason(v, i, md, absent(s), t);
    }
}

static void why(const struct app_validation *v, const char *title, const char *class,
                struct app_text *t) {
    heading(t, true, title);
    for (size_t i = 0; i < v->scalars;) {
        const struct app_scalar *s = &v->scalar[i];
        if (in_class(s, class))
            i += reason(v, i, true, s->why, t);
        else
            i++;
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

static void score_row(const struct app_validation *v, const char *area, struct sheet *s) {
    char cell[CELLS][WIDE] = {{0}};
    bool own = area == NULL;
    struct app_limits l = own ? v->limits : app_split_limits(v, area, &own);
    struct app_limits quarter = l;
    quarter.within = 0.25;
    struct app_score score = app_score_area(v, area, &l);
    size_t in = app_score_area(v, area, &quarter).within;
    double n = score.known > 0 ? (double)score.known : (double)NAN;
    snprintf(cell[0], WIDE, "%s", area != NULL ? area : "all");
    snprintf(cell[1], WIDE, "%zu", count(v, area, APP_PREDICT));
    snprintf(cell[2], WIDE, "%zu", score.known);
    percent(cell[3], score.median, false);
    percent(cell[4], (double)in / n, false);
    if (own && score.known > 0) {
        percent(cell[5], (double)score.within / n, false);
        snprintf(cell[6], WIDE, "median at most %g %%, %g %% within %g %%", 100 * l.median,
                 100 * l.share, 100 * l.within);
        snprintf(cell[7], WIDE, "%s", score.holds ? "holds" : "missed");
    }
    row(s, cell);
}

static void scores(const struct app_validation *v, bool md, struct app_text *t) {
    struct sheet s;
    size_t known = 0, off = 0;
    heading(t, md, "Scores of what was predicted");
    begin(&s, t, md, "lrrrrrll",
          "area|scalars|simulated|median error|within 25 %|within its limit|limits|");
    for (size_t i = 0; i < v->areas; i++)
        if (count(v, v->area[i], APP_PREDICT) > 0)
            score_row(v, v->area[i], &s);
    score_row(v, NULL, &s);
    end(&s);
    for (size_t i = 0; i < v->scalars; i++) {
        const struct app_scalar *a = &v->scalar[i];
        bool is = a->wanted && a->class == APP_MODEL && answered(a);
        known += is;
        off += is && app_scalar_misses(v, a);
    }
    app_put(t, "%sOf %zu scalars of other models %zu were simulated, ", md ? "\n" : "  ",
            count(v, NULL, APP_MODEL), known);
    app_put(t, "%zu of them more than %g %% and half of the last decimal off.\n", off,
            100 * v->most);
}

static void verdict(const struct app_validation *v, struct app_text *t) {
    struct app_score all = app_score_area(v, NULL, &v->limits);
    char median[WIDE];
    percent(median, all.median, false);
    if (all.known == 0)
        app_put(t, "No published measurement was simulated.");
    else
        app_put(t, "%zu published measurements predicted: median error %s, %zu within 25 %%.",
                all.known, median, all.within);
    app_put(t, " %s\n", app_validation_holds(v) ? "All limits hold." : "A LIMIT IS MISSED.");
}

void app_validation_text(const struct app_validation *v, bool md, struct app_text *t) {
    verdict(v, t);
    scores(v, md, t);
    compare(v, md, "Predicted", "predict", t);
    misses(v, md, t);
    compare(v, md, "Against other models", "model", t);
    compare(v, md, "Fitted and set: no validation, only shown", "fit input", t);
    not_simulated(v, md, t);
    if (md) {
        why(v, "Fitted", "fit", t);
        why(v, "Inputs", "input", t);
        why(v, "Excluded", "excluded", t);
        return;
    }
    app_put(
        t,
        "\n  %zu scalars are inputs, %zu fitted, %zu excluded: docs/validation.md says why.\n",
        count(v, NULL, APP_INPUT), count(v, NULL, APP_FIT), count(v, NULL, APP_EXCLUDED));
}
