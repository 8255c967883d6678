/* report_verdict.c - the first lines of the report: what was offered, what came through,
 * what was lost, and what limited it.
 */
#include "cells.h"
#include <math.h>
#include <string.h>

struct sums {
    double offered, delivered, items, through, dropped, lost, created_lost;
    double added;           /* bytes that blocks put on, less those that they took off */
    double bereft, starved; /* dropped because a child was; because a full queue lost it */
    double bytes, waiting; /* that came; of such as each stream has, that are not through yet */
    bool open;             /* some stream offers by itself */
};

/* Packets dropped because a child of theirs was. */
static double bereft(const json_t *dropped) {
    static const char *const end = ":child-failed";
    double sum = 0;
    const char *cause;
    json_t *n;
    json_object_foreach(json_object_get(dropped, "causes"), cause, n) {
        size_t length = strlen(cause), tail = strlen(end);
        if (length > tail && strcmp(cause + length - tail, end) == 0)
            sum += json_number_value(n);
    }
    return sum;
}

/* Bytes of what came and is neither through nor dropped, of the size that a stream has. */
static double still_waiting(const json_t *st) {
    double n = num(came(st), "items");
    double rest = n - num(json_object_get(st, "delivered"), "items") -
                  num(json_object_get(st, "dropped"), "items");
    return n > 0 ? rest / n * num(came(st), "bytes") : 0;
}

/* @param requests of the requests to drives, or of all others */
static struct sums sum_streams(const json_t *root, bool requests) {
    struct sums s = {0};
    const char *name;
    json_t *st;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        if (app_report_is_requests(st) != requests)
            continue;
        s.open |= json_is_object(json_object_get(st, "offered"));
        s.offered += num(came(st), "wire_bits_per_s");
        s.delivered += num(json_object_get(st, "delivered"), "wire_bits_per_s");
        s.added += num(st, "bytes_changed") - num(st, "fcs_changed");
        s.items += num(came(st), "items");
        s.through += num(json_object_get(st, "delivered"), "items");
        s.dropped += num(json_object_get(st, "dropped"), "items");
        s.starved += num(json_object_get(st, "dropped"), "starved_items");
        s.lost += num(json_object_get(st, "dropped"), "overflow_items");
        s.bereft += bereft(json_object_get(st, "dropped"));
        s.created_lost += num(json_object_get(st, "dropped"), "created_overflow_items");
        s.bytes += num(came(st), "bytes");
        s.waiting += still_waiting(st);
    }
    (void)name;
    return s;
}

static void unstable(struct app_text *t, const json_t *root) {
    const char *name;
    json_t *st;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        if (json_is_true(json_object_get(st, "unstable")))
            app_lead(t, "Stream %s is unstable: its backlog grew through the window.", name);
    }
}

/* ---------------------------------------------------------------- what limited it */

static double row_capacity(const json_t *root, const char *comp, const char *resource) {
    size_t i;
    json_t *b;
    json_array_foreach(json_object_get(root, "bounds"), i,
                       b) if (strcmp(str(b, "component"), comp) == 0 &&
                              strcmp(str(b, "resource"), resource) == 0) return num(b,
                                                                                    "capacity");
    return 1;
}

/* The bottleneck of a summary. */
struct wall {
    const json_t *o;
    const char *comp, *resource, *kind;
    double busy; /* of it; NAN: not known */
    bool many;   /* places or servers, one has to say "them" */
};

static struct wall wall_of(const json_t *root) {
    const json_t *o = json_object_get(root, "bottleneck");
    struct wall w = {.o = o,
                     .comp = str(o, "component"),
                     .resource = str(o, "resource"),
                     .kind = str(o, "kind"),
                     .busy = num(o, "load_ratio")};
    w.many = strstr(w.resource, " slots") != NULL || row_capacity(root, w.comp, w.resource) > 1;
    return w;
}

/* What doubling it brought; NAN: it was not tried. */
static double gain_of(const struct wall *w) {
    size_t i;
    json_t *r;
    json_array_foreach(json_object_get(w->o, "doubled"), i,
                       r) if (strcmp(str(r, "component"), w->comp) == 0 &&
                              strcmp(str(r, "resource"), w->resource) ==
                                  0) return num(r, "gain_ratio");
    return (double)NAN;
}

/* "a.x (100 %), b.y (98 %) and c.z" */
static void put_shared(struct app_text *t, const json_t *list) {
    size_t i, n = json_array_size(list);
    json_t *r;
    json_array_foreach(list, i, r) {
        app_put(t, "%s%s.%s",
                i == 0       ? ""
                : i + 1 == n ? " and "
                             : ", ",
                str(r, "component"), str(r, "resource"));
        if (!isnan(num(r, "load_ratio")))
            app_put(t, " (%s)", percent(num(r, "load_ratio")).text);
    }
}

static bool all_full(const json_t *list) {
    size_t i;
    json_t *r;
    json_array_foreach(list, i, r) if (!(num(r, "load_ratio") >= 0.99)) return false;
    return true;
}

/* A queue, and what empties it. */
static void bursts(struct app_text *t, const struct wall *w, const json_t *shared) {
    size_t n = json_array_size(shared);
    app_put(t, "bursts overflow %s (%s): more room there would bring more, or a faster ",
            w->comp, w->resource);
    for (size_t i = 1; i < n; i++) {
        const json_t *r = json_array_get(shared, i);
        app_put(t, "%s%s.%s (%s busy on average)", i > 1 ? " or " : "", str(r, "component"),
                str(r, "resource"), percent(num(r, "load_ratio")).text);
    }
    app_put(t, ".");
}

/* Several, or none that is known. */
static void several(struct app_text *t, const struct wall *w) {
    const json_t *shared = json_object_get(w->o, "shared");
    double together = num(w->o, "together_ratio");
    bool queue = shared != NULL && isnan(num(json_array_get(shared, 0), "load_ratio"));
    if (strcmp(w->kind, "unknown") == 0)
        app_put(
            t,
            "the wall is not known: %s.%s is the fullest, but neither it nor what else could "
            "be doubled brings more.",
            w->comp, w->resource);
    else if (!isnan(together))
        app_put(t,
                "no single part is the wall: %s.%s is full, but none brings more when it alone "
                "is doubled; all suspects together bring %s.",
                w->comp, w->resource, percent(together).text);
    else if (queue)
        bursts(t, w, shared);
    else if (json_is_true(json_object_get(w->o, "proven"))) {
        put_shared(t, shared);
        app_put(t,
                " are the wall together: what makes one faster makes the others so, "
                "and brings %s more.",
                percent(gain_of(w)).text);
    } else {
        app_put(t, "no single part is the wall: ");
        put_shared(t, shared);
        app_put(t, "%s",
                all_full(shared) ? " are full; --why tells what each would bring alone."
                                 : " hold it up together; --why tells what each would bring.");
    }
}

/* All that is offered comes through, or nothing is full. */
static void none(struct app_text *t, const struct wall *w) {
    if (isnan(w->busy))
        app_put(t, "what is offered comes through, though at times %s.%s is full.", w->comp,
                w->resource);
    else if (w->busy >= 1.0005)
        app_put(t,
                "all but little of what is offered comes through, though %s.%s %s full and "
                "what comes to %s waits: the mix offered needs %s of %s.",
                w->comp, w->resource, w->many ? "are" : "is", w->many ? "them" : "it",
                percent(w->busy).text, w->many ? "them" : "it");
    else
        app_put(t, "nothing %s, %s.%s is the busiest at %s.",
                w->busy < 0.95 ? "is full" : "piles up", w->comp, w->resource,
                percent(w->busy).text);
}

/* How much of it is needed, or taken. */
static void put_load(struct app_text *t, const struct wall *w) {
    if (w->busy < 0.9995)
        app_put(t, w->many ? "%s of them are taken." : "it is at %s.", percent(w->busy).text);
    else if (w->busy < 1.0005)
        app_put(t, w->many ? "all of them are taken." : "it is full.");
    else
        app_put(t, "the mix offered needs %s%s of %s.",
                json_is_true(json_object_get(w->o, "load_is_least")) ? "at least " : "",
                percent(w->busy).text, w->many ? "them" : "it");
}

static void one(struct app_text *t, const struct wall *w) {
    if (json_is_true(json_object_get(w->o, "passed_by")))
        app_put(t,
                "nothing holds up what is delivered, though %s.%s %s full: what else comes to "
                "%s needs %s of %s.",
                w->comp, w->resource, w->many ? "are" : "is", w->many ? "them" : "it",
                percent(w->busy).text, w->many ? "them" : "it");
    else if (strcmp(w->resource, "messages") == 0)
        app_put(t,
                "no part of the card is the wall: %s waits for free messages, see "
                "/run/messages.",
                w->comp);
    else if (isnan(w->busy) && strstr(w->resource, " queue") != NULL)
        app_put(t, "the wall is %s.%s: it overflows.", w->comp, w->resource);
    else if (json_is_true(json_object_get(w->o, "table")))
        app_put(t,
                "the wall is the table of %s: all its places (%s) are taken, and what finds "
                "none is dropped.",
                w->comp, w->resource);
    else if (isnan(w->busy))
        app_put(t, "the wall is %s, %s: what is in front of it waits or is lost.", w->comp,
                w->resource);
    else if (json_is_true(json_object_get(w->o, "proven")) && w->busy < 0.9995)
        app_put(t, "%s.%s %s the wall: at %s, and doubling %s brings %s more.", w->comp,
                w->resource, w->many ? "are" : "is", percent(w->busy).text,
                w->many ? "them" : "it", percent(gain_of(w)).text);
    else {
        app_put(t, "%s.%s %s the wall: ", w->comp, w->resource, w->many ? "are" : "is");
        put_load(t, w);
    }
}

/* Requests to drives, all of which are under way that may be. Where most of their time is spent
 * in what one waits for in its turn, the time without waiting tells little. */
static void depth(struct app_text *t, const struct wall *w) {
    app_put(t, "it is the depth that limits, %s.%s: ", w->comp, w->resource);
    if (w->busy >= 0.5)
        app_put(t, "of the requests that it lets be under way %s would be if nothing waited.",
                percent(w->busy).text);
    else
        app_put(t, "all that it lets be under way are, and nothing is full.");
}

static void limit(struct app_text *t, const json_t *root) {
    const struct wall w = wall_of(root);
    if (w.comp[0] == 0)
        app_put(t, "%s.", str(w.o, "why"));
    else if (strcmp(w.kind, "incident") == 0)
        app_put(t, "%s: %s.", w.comp, str(w.o, "why"));
    else if (strcmp(w.kind, "resources") == 0 || strcmp(w.kind, "unknown") == 0)
        several(t, &w);
    else if (strcmp(w.kind, "closed-loop-depth") == 0 && strcmp(w.resource, "iodepth") == 0)
        depth(t, &w);
    else if (strcmp(w.kind, "closed-loop-depth") == 0)
        app_put(t,
                "no part of the card is the wall: it is %s.%s, the loop's window, of which %s "
                "would be under way if nothing waited.",
                w.comp, w.resource, percent(w.busy).text);
    else if (strcmp(w.kind, "resource") == 0)
        one(t, &w);
    else
        none(t, &w);
}

/* What came and is neither through nor lost, as far as it is no fluctuation: it waits, at its
 * source or where it has got to. */
#define PILED 0.01

/* The one cause by which a stream, of requests or of others, lost more than so many; NULL:
 * there is none. */
static const char *cause_of_more(const json_t *root, bool requests, double than) {
    const char *name, *cause;
    json_t *st, *n;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        if (app_report_is_requests(st) != requests)
            continue;
        json_t *causes = json_object_get(json_object_get(st, "dropped"), "causes");
        json_object_foreach(causes, cause, n) {
            if (json_number_value(n) > than)
                return cause;
        }
    }
    return NULL;
}

/* Who makes a request is told that it failed. */
static bool are_requests(const char *unit) { return strcmp(unit, "requests") == 0; }

/* What most were dropped by is named: it may be all that came. */
static void by_verdict(struct app_text *t, const json_t *root, double ratio, double all,
                       const char *unit) {
    double half = are_requests(unit) ? ratio / 2 : 0.5; /* of those that failed, or of all */
    const char *most =
        ratio > half ? cause_of_more(root, are_requests(unit), all * half) : NULL;
    app_put(t, ", %s of the %s %s by a verdict%s%s%s", percent(ratio).text, unit,
            are_requests(unit) ? "failed" : "were dropped", most != NULL ? " (" : "",
            most != NULL ? most : "", most != NULL ? ")" : "");
}

static void dropped(struct app_text *t, const json_t *root, const struct sums *s,
                    const char *unit) {
    double gone = s->through + s->dropped;
    double all = gone > 1.01 * s->items ? gone : s->items; /* it came before the window */
    double child = fmax(s->bereft - s->starved, 0);
    double verdict = s->dropped - s->lost - s->starved - child;
    if (verdict > 0)
        by_verdict(t, root, fmin(verdict / all, 1), all, unit);
    if (child > 0)
        app_put(t, ", %s of the %s %s", percent(child / all).text, unit,
                are_requests(unit) ? "failed because a part of each was dropped"
                                   : "were dropped because a child was");
    if (s->starved > 0)
        app_put(t, ", %s of the %s were dropped because a full queue lost a child",
                percent(s->starved / all).text, unit);
    app_put(t, ", %s were lost to full queues",
            s->lost > 0 ? percent(s->lost / all).text : "none");
    if (s->created_lost > 0)
        app_put(t, ", %s %s of their children and copies %s", s->lost > 0 ? "and" : "but",
                count(s->created_lost).text, s->created_lost > 1 ? "were" : "was");
    if (s->open && s->items - gone > PILED * all)
        app_put(t, ", %s were still waiting or under way at the end",
                percent((s->items - gone) / all).text);
    else if (s->open && s->waiting > PILED * s->bytes)
        app_put(t, ", %s of the bytes were still waiting or under way at the end",
                percent(s->waiting / s->bytes).text);
}

/* "of 400 Gb/s offered on the wire", "of 58 Gb/s of payload started" */
static void came_in(struct app_text *t, const struct sums *s, const char *unit) {
    const char *how = s->open ? "offered" : "started";
    struct cell bits = rate(s->offered);
    if (strcmp(unit, "packets") == 0)
        app_put(t, "of %s %s on the wire", bits.text, how);
    else if (strcmp(unit, "items") != 0)
        app_put(t, "of %s of payload %s", bits.text, how);
    else
        app_put(t, "of %s %s, payload or on the wire", bits.text, how);
}

static void on_wires(struct app_text *t, const json_t *root, const char *unit) {
    struct sums s = sum_streams(root, false);
    came_in(t, &s, unit);
    app_put(t, ", %s came through", rate(s.delivered).text);
    double added = 8 * s.added / num(root, "measured_s");
    if (added > 0.001 * s.delivered)
        app_put(t, ", headers put on here included");
    dropped(t, root, &s, unit);
    app_put(t, "; ");
}

/* Requests to drives; that none were lost goes without saying. */
static void to_drives(struct app_text *t, const json_t *root) {
    struct sums s = sum_streams(root, true);
    app_report_requests_lead(t, root);
    if (s.dropped + s.created_lost > 0 || (s.open && s.items - s.through > PILED * s.items))
        dropped(t, root, &s, "requests");
    app_put(t, "; ");
}

static void measured(struct app_text *t, const json_t *root) {
    const char *unit = app_report_unit_of_others(root);
    app_put(t, "%s: ", str(root, "scenario"));
    if (unit != NULL)
        on_wires(t, root, unit);
    if (app_report_any_requests(root))
        to_drives(t, root);
    limit(t, root);
}

void app_report_verdict(struct app_text *t, const json_t *root) {
    bool any = num(root, "measured_s") > 0;
    app_lead_begin(t);
    if (strcmp(str(root, "status"), "complete") != 0)
        app_put(t, "PARTIAL RESULTS (%s): ", str(root, "status"));
    if (any)
        measured(t, root);
    else
        app_put(t, "%s: nothing was measured, the run ended in its warm-up.",
                str(root, "scenario"));
    app_lead_end(t);
    if (any)
        unstable(t, root);
    app_lead(t, "Simulated %s, measured %s of it after a warm-up of %s; %s events.",
             seconds(num(root, "simulated_s")).text, seconds(num(root, "measured_s")).text,
             seconds(num(root, "warmup_s")).text, count(num(root, "events")).text);
}
