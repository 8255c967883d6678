/* prop_app_forms.c - random scenarios of stations, chains, calls, splits, copies and streams:
 * what is valid keeps its books and gives one digest and one summary in every form of the
 * engine.
 */
#include "tests/unit/app_run.h"
#include <stdarg.h>

enum { SCENARIOS = 60 };

static uint64_t state;

static uint32_t below(uint32_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % n;
}

static char text[1 << 14];
static size_t used;

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    used += (size_t)vsnprintf(text + used, sizeof text - used, fmt, ap);
    va_end(ap);
    ck_assert_uint_lt(used, sizeof text);
}

static void blocks(uint32_t n) {
    static const char *const full[] = {"wait", "wait", "drop", "refuse"};
    static const char *const law[] = {"constant'", "exponential'", "uniform'",
                                      "gamma', 'shape': 0.6"};
    for (uint32_t i = 0; i < n; i++)
        say("%s'b%u': { 'model': 'server', 'servers': %u, 'queue': %u, 'on_full': '%s', "
            "'time': '%uns', 'distribution': '%s, 'latency': '%uns' }",
            i ? ", " : "", i, 1 + below(3), below(4) ? 4 + below(12) : 0, full[below(4)],
            10 + below(300), law[below(4)], below(2) * below(500));
}

static void step(uint32_t n, uint32_t chain, uint32_t chains) {
    uint32_t at = below(n), other = below(n), kind = below(8);
    say("{'at': 'b%u'", at);
    if (kind == 0)
        say(", 'call': {'at': 'b%u'}, 'wait': '%s', 'complete': {'op': 'serve'}", other,
            below(2) ? "poll" : "park");
    else if (kind == 1 && chain + 1 < chains)
        say(", 'split': {'into': %u, 'chain': 'c%u', 'join': 1}, 'error': '%s'", 1 + below(4),
            chain + 1 + below(chains - chain - 1), below(2) ? "drop" : "delivered");
    else if (kind == 2 && chain + 1 < chains)
        say(", 'copy': 'c%u'", chain + 1 + below(chains - chain - 1));
    say("}");
}

static void chain(uint32_t n, uint32_t c, uint32_t chains) {
    static const char *const ends[] = {"delivered", "reply", "drop"};
    uint32_t steps = 1 + below(4);
    say("%s'c%u': [", c ? ", " : "", c);
    for (uint32_t i = 0; i < steps; i++) {
        say("%s", i ? ", " : "");
        step(n, c, chains);
    }
    uint32_t end = below(4);
    if (end < 3)
        say(", {'end': '%s'}", ends[end]);
    else if (c + 1 < chains)
        say(", {'goto': 'c%u'}", c + 1);
    say("]");
}

static void stream(uint32_t i, uint32_t chains) {
    say("%s's%u': { 'source': 'synthetic', 'sizes': '64:1,700:1', 'flows': 16, 'chain': "
        "'c%u', 'class': %u, ",
        i ? ", " : "", i, below(chains), below(2) * below(3));
    switch (below(4)) {
    case 0:
        say("'outstanding': %u, 'think': '%uns' }", 1 + below(8), 20 + below(500));
        break;
    case 1:
        say("'arrivals': 'poisson', 'packet_rate': '%uk/s' }", 200 + below(8000));
        break;
    case 2:
        say("'arrivals': 'onoff', 'burst': 8, 'peak': '40Gb/s', 'packet_rate': '%uk/s' }",
            200 + below(3000));
        break;
    default:
        say("'packet_rate': '%uk/s' }", 200 + below(8000));
    }
}

static void make(uint32_t seed) {
    uint32_t n = 2 + below(4), chains = 1 + below(3), streams = 1 + below(3);
    used = 0;
    say("{ 'dpusim': 1, 'name': 'random', 'dpu': { 'device': { 'name': 'r', 'blocks': { ");
    blocks(n);
    say(" }, 'routes': { 'all': { 'from': [");
    for (int side = 0; side < 2; side++) {
        for (uint32_t i = 0; i < n; i++)
            say("%s'b%u'", i ? ", " : "", i);
        say(side ? "]" : "], 'to': [");
    }
    say(", 'delay': '%uns' } } } }, 'chains': { ", 1 + below(40));
    for (uint32_t c = 0; c < chains; c++)
        chain(n, c, chains);
    say(" }, 'streams': { ");
    for (uint32_t i = 0; i < streams; i++)
        stream(i, chains);
    say(" }, 'run': { 'warmup': '5us', 'duration': '40us', 'drain': '%uus', 'seed': %u, "
        "'messages': 4096 } }",
        below(2) * below(10), seed);
}

/* Summary without the engine's effort, as text to be freed; `few`: and without components,
 * whose peaks at one picosecond differ between promises and events. NULL when the run failed
 * (which is the scenario's fault, and must be so in every form). */
static char *run_form(const char *file, const struct app_run_opts *opts, bool few,
                      bool *valid) {
    struct app_scenario s;
    struct sim_err err = {0};
    char line[2200], *out = NULL;
    *valid = app_scenario_load(&s, file, NULL, 0, opts, &err);
    ck_assert_int_eq(*valid, !err.set);
    struct sim_world *w = s.world;
    while (*valid && sim_world_run(w, w->end, 1 << 18))
        ck_assert_msg(!sim_world_waits(w, line, sizeof line), "%s\n%s", line, text);
    if (*valid && !w->failed) {
        struct app_outcome o = {.status = "complete"};
        sim_world_close(w, w->end);
        o.audit_passed = sim_world_audit(w, &o.audit);
        ck_assert_msg(o.audit_passed, "%s\n%s", sim_err_line(&o.audit, line, sizeof line),
                      text);
        o.digest = sim_world_digest(w);
        json_t *summary = app_summary(&s, &o);
        json_object_del(summary, "events");
        json_object_del(summary, "bounds");
        json_object_del(summary, "bottleneck");
        if (few)
            json_object_del(summary, "components");
        out = json_dumps(summary, JSON_INDENT(1));
        json_decref(summary);
    }
    app_scenario_free(&s);
    return out;
}

static void first_difference(const char *a, const char *b, const char *form, uint32_t seed) {
    size_t i = 0, line = 0;
    for (; a[i] != 0 && a[i] == b[i]; i++)
        line = a[i] == '\n' ? i + 1 : line;
    ck_abort_msg("scenario %u, %s:\n%.200s\ninstead of\n%.200s\n%s", seed, form, b + line,
                 a + line, text);
}

START_TEST(forms_agree) {
    static const struct {
        const char *name;
        struct app_run_opts opts;
    } form[] = {{"again", {.heap = false}},
                {"--heap", {.heap = true}},
                {"--event-form", {.all_by_event = true}},
                {"--windows", {.windows = true}},
                {"--shuffle-ties 3", {.shuffle_ties = 3}},
                {"--event-form --heap", {.all_by_event = true, .heap = true}}};
    uint32_t ran = 0;
    make_folder();
    for (uint32_t seed = 1; seed <= SCENARIOS; seed++) {
        state = seed * 0x9e3779b97f4a7c15u;
        make(seed);
        const char *file = put("t.json", text);
        bool valid, same;
        char *whole = run_form(file, &form[0].opts, false, &valid);
        char *few = valid ? run_form(file, &form[0].opts, true, &same) : NULL;
        for (size_t i = 0; valid && i < sizeof form / sizeof *form; i++) {
            bool events = form[i].opts.all_by_event;
            const char *first = events ? few : whole;
            char *other = run_form(file, &form[i].opts, events, &same);
            ck_assert_msg((first == NULL) == (other == NULL),
                          "%s fails, or only it does not\n%s", form[i].name, text);
            if (first != NULL && strcmp(first, other) != 0)
                first_difference(first, other, form[i].name, seed);
            free(other);
        }
        ran += whole != NULL;
        free(few);
        free(whole);
    }
    ck_assert_uint_ge(ran,
                      SCENARIOS / 5); /* the rest is refused, by the checks or by the run */
    drop_folder();
}
END_TEST

TEST_MAIN("app forms", forms_agree)
