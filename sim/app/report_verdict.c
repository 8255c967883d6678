/* report_verdict.c - the first lines of the report: what was offered, what came through,
 * what was lost, and what limited it.
 */
#include "cells.h"
#include <string.h>

struct sums {
    double offered, delivered, items, through, dropped, lost, created_lost;
    double added;           /* bytes that blocks put on, less those that they took off */
    double bereft, starved; /* dropped because a child was; because a full queue lost it */
    bool open;              /* some stream offers by itself */
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

static struct sums sum_streams(const json_t *root) {
    struct sums s = {0};
    const char *name;
    json_t *st;
    json_object_foreach(json_object_get(root, "streams"), name, st) {
        s.open |= json_is_object(json_object_get(st, "offered"));
        s.offered += num(came(st), "wire_bits_per_s");
        s.delivered += num(json_object_get(st, "delivered"), "wire_bits_per_s");
        s.added += num(st, "bytes_changed");
        s.items += num(came(st), "items");
        s.through += num(json_object_get(st, "delivered"), "items");
        s.dropped += num(json_object_get(st, "dropped"), "items");
        s.starved += num(json_object_get(st, "dropped"), "starved_items");
        s.lost += num(json_object_get(st, "dropped"), "overflow_items");
        s.bereft += bereft(json_object_get(st, "dropped"));
        s.created_lost += num(json_object_get(st, "dropped"), "created_overflow_items");
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

static bool is_places(const char *resource) { return strstr(resource, " slots") != NULL; }

/* What runs with suspects doubled said of a resource that looked full. @return false: nothing
 */
static bool disproven(struct app_text *t, const json_t *b, const char *comp,
                      const char *resource) {
    if (strcmp(str(b, "kind"), "resources") == 0)
        app_put(t,
                "no single part is the wall: %s.%s is full, but none brings more when it alone "
                "is doubled; all suspects together bring %s.",
                comp, resource, percent(num(b, "together_ratio")).text);
    else if (strcmp(str(b, "kind"), "unknown") == 0)
        app_put(t,
                "the wall is not known: %s.%s is full, but neither it nor what else could be "
                "doubled brings more.",
                comp, resource);
    else
        return false;
    return true;
}

static void limit(struct app_text *t, const json_t *root) {
    const json_t *b = json_object_get(root, "bottleneck");
    const char *comp = str(b, "component"), *resource = str(b, "resource");
    double busy = num(b, "load_ratio");
    if (comp[0] == 0)
        app_put(t, "%s.", str(b, "why"));
    else if (disproven(t, b, comp, resource))
        return;
    else if (strcmp(str(b, "kind"), "closed-loop-depth") == 0)
        app_put(t,
                "no part of the card is the wall: it is %s.%s, the loop's window, of which %s "
                "would be under way if nothing waited.",
                comp, resource, percent(busy).text);
    else if (strcmp(str(b, "kind"), "resource") != 0)
        app_put(t, "nothing %s, %s.%s is the busiest at %s.",
                busy < 0.95 ? "is full" : "piles up", comp, resource, percent(busy).text);
    else if (json_is_true(json_object_get(b, "passed_by")))
        app_put(t,
                "nothing holds up what is delivered, though %s.%s %s full: what else comes to "
                "%s needs %s of %s.",
                comp, resource, is_places(resource) ? "are" : "is",
                is_places(resource) ? "them" : "it", percent(busy).text,
                is_places(resource) ? "them" : "it");
    else if (strcmp(resource, "messages") == 0)
        app_put(t,
                "no part of the card is the wall: %s waits for free messages, see "
                "/run/messages.",
                comp);
    else if (isnan(busy) && strstr(resource, " queue") != NULL)
        app_put(t, "the wall is %s.%s: it overflows.", comp, resource);
    else if (isnan(busy))
        app_put(t, "the wall is %s, %s.", comp, resource);
    else if (is_places(resource))
        app_put(t, "%s.%s are the wall: the mix offered needs %s%s of them.", comp, resource,
                json_is_true(json_object_get(b, "load_is_least")) ? "at least " : "",
                percent(busy).text);
    else if (busy < 0.9995)
        app_put(t, "%s.%s is the wall: it is busy %s of the time and always has more waiting.",
                comp, resource, percent(busy).text);
    else if (busy < 1.0005)
        app_put(t, "%s.%s is the wall: it is full.", comp, resource);
    else
        app_put(t, "%s.%s is the wall: the mix offered needs %s%s of it.", comp, resource,
                json_is_true(json_object_get(b, "load_is_least")) ? "at least " : "",
                percent(busy).text);
}

/* What came and is neither through nor lost, as far as it is no fluctuation: it waits, at its
 * source or where it has got to. */
#define PILED 0.01

static void dropped(struct app_text *t, const struct sums *s, const char *unit) {
    double gone = s->through + s->dropped;
    double all = gone > 1.01 * s->items ? gone : s->items; /* it came before the window */
    double child = fmax(s->bereft - s->starved, 0);
    double verdict = s->dropped - s->lost - s->starved - child;
    if (verdict > 0)
        app_put(t, ", %s of the %s were dropped by a verdict", percent(verdict / all).text,
                unit);
    if (child > 0)
        app_put(t, ", %s of the %s were dropped because a child was", percent(child / all).text,
                unit);
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

static void measured(struct app_text *t, const json_t *root) {
    struct sums s = sum_streams(root);
    const char *unit = app_report_unit(root);
    app_put(t, "%s: ", str(root, "scenario"));
    came_in(t, &s, unit);
    app_put(t, ", %s came through", rate(s.delivered).text);
    double added = 8 * s.added / num(root, "measured_s");
    if (added > 0.001 * s.delivered)
        app_put(t, ", headers put on here included");
    dropped(t, &s, unit);
    app_put(t, "; ");
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
