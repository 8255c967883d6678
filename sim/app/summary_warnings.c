/* summary_warnings.c - what of a run its reader has to know. */
#include "sim/engine/field.h"
#include "summary.h"
#include "workloads/source.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

void app_warn_of(const struct app_scenario *s, const char *pointer, const char *text) {
    json_array_append_new(s->config.warnings,
                          json_pack("{ss ss}", "pointer", pointer, "text", text));
}

static int64_t counter(const struct sim_comp *c, const char *name) {
    return sim_field_named(c->model->stats, name, c);
}

/* Are packets sent at a stated rate, whatever their times? */
static bool retimed(const struct sim_comp *c) {
    return sim_field_named(c->model->params, "rate", c) > 0 ||
           sim_field_named(c->model->params, "packet_rate", c) > 0;
}

static bool halves_differ(const struct sim_stream *st, double *a, double *b) {
    *a = (double)st->half_sum[0] / (double)(st->half_count[0] + !st->half_count[0]);
    *b = (double)st->half_sum[1] / (double)(st->half_count[1] + !st->half_count[1]);
    return st->half_count[0] > 100 && st->half_count[1] > 100 &&
           (*a > 1.2 * *b || *b > 1.2 * *a);
}

/* @param one, many after the number, for one and for several. */
static void warn_of_number(const struct app_scenario *s, const struct app_stream *st, int64_t n,
                           const char *one, const char *many) {
    char text[512];
    if (n == 0)
        return;
    snprintf(text, sizeof text, "%lld %s", (long long)n, n == 1 ? one : many);
    app_warn_of(s, st->pointer, text);
}

static void warn_of_records(const struct app_scenario *s, const struct app_stream *st) {
    warn_of_number(s, st, counter(st->source, "not_packets"),
                   "record of its capture holds no packet (a custom block of pcapng) and was "
                   "not replayed",
                   "records of its capture hold no packet (custom blocks of pcapng) and were "
                   "not replayed");
    warn_of_number(s, st, retimed(st->source) ? 0 : counter(st->source, "backwards"),
                   "packet of its capture is older than one before it; it was replayed at the "
                   "time of that one",
                   "packets of its capture are older than one before them; they were replayed "
                   "at the time of that one");
}

/* Do the step's arguments state a value for all messages, whatever their payload? */
static bool stated_for_all(const struct sim_step *step) {
    return step->args != NULL && sim_field_named(step->op->fields, "stated", step->args) != 0;
}

/* A capture that is replayed again has the same payloads again. */
static void warn_of_duplicates(const struct app_scenario *s, const struct app_stream *st) {
    long long passes = counter(st->source, "passes");
    for (uint32_t i = 0; i < s->world->steps && passes > 1; i++) {
        const struct sim_step *step = &s->world->step[i];
        const struct sim_step_stat *stat = st->stream->step[i];
        char text[512];
        if (stat == NULL || stat->served == 0 || step->op == NULL ||
            strcmp(step->op->name, "dedup-hash") != 0 || stated_for_all(step))
            continue;
        snprintf(
            text, sizeof text,
            "its capture was begun %lld times, each time with the same payloads, which "
            "\"dedup-hash\" at \"%s\" calls duplicates from the second time on: their share "
            "is not the traffic's; replay it once (\"loop\": {\"flows\": \"same\", \"times\": "
            "1}), or state the share of \"unique\" ones with \"stated\": \"all\"",
            passes, step->comp->path);
        app_warn_of(s, step->pointer, text);
    }
}

/* What a capture holds and the replay does otherwise. */
static void warn_of_capture(const struct app_scenario *s, const struct app_stream *st) {
    if (counter(st->source, "damaged") > 0)
        app_warn_of(s, st->pointer,
                    "its capture is damaged; what comes before the damage was replayed, as "
                    "--skip-bad or \"skip_bad\" asks for");
    warn_of_records(s, st);
    warn_of_duplicates(s, st);
    if (app_lost(s->world, st->stream) + st->stream->starved > 0)
        app_warn_of(
            s, st->pointer,
            "full queues lost packets; replay is open-loop: the TCP senders of the capture "
            "would have slowed down, these do not");
}

/* Of the mean size, from where on it is told. */
#define OTHER_SIZES 0.1

/* Requests a second of a closed loop beyond which no card is meant. */
#define FREE_LOOP 1e11

static double rate_of(const struct sim_world *w, const struct sim_stream *st) {
    double window = (double)(w->to - w->from) / (double)SIM_PS_PER_S;
    return window > 0 ? (double)st->offered.items / window : 0;
}

enum { SPAN = 40 };

static const char *span(double ps, char buf[SPAN]) {
    return sim_quantity_human(SIM_TIME, ps, buf, SPAN);
}

/* Did the traffic come through, and had it settled, when the window began? */
static void warn_of_settling(const struct app_scenario *s, const struct app_stream *st) {
    char text[512], first[SPAN], second[SPAN];
    double a, b;
    if (halves_differ(st->stream, &a, &b)) {
        snprintf(text, sizeof text,
                 "mean latency differs between the halves of the window (%s and %s): "
                 "the run had not settled; lengthen /run/warmup or /run/duration",
                 span(a, first), span(b, second));
        app_warn_of(s, st->pointer, text);
    }
    sim_ps half =
        st->stream->done_measured > 0 ? sim_hist_quantile(&st->stream->latency, 50, 100) : 0;
    if (half > s->world->from && s->world->from > 0 && !s->open_ended) {
        snprintf(text, sizeof text,
                 "half of its %s took longer (%s) than the warm-up lasts: the window "
                 "began before the traffic had come through; lengthen /run/warmup",
                 app_unit_of(st->stream), span((double)half, first));
        app_warn_of(s, st->pointer, text);
    }
}

static void warn_of_loop(const struct app_scenario *s, const struct app_stream *st) {
    if (rate_of(s->world, st->stream) > FREE_LOOP)
        app_warn_of(
            s, st->pointer,
            "its requests come back at once: nothing on their way takes time; give a block "
            "of the chain a service time, or the stream \"think\"");
}

/* Ends of messages, below which a rate is too coarse to read. */
enum { FEW = 100 };

/* Has a source sent all that it has, or is the window longer than most of it takes? Then its
 * rate is as stated. */
static bool came_through(const struct app_stream *st) {
    const struct work_source *src = (const struct work_source *)st->source;
    return src->over || 2 * st->stream->done_measured > st->stream->offered.items;
}

/* Was the window long enough? */
static void warn_of_window(const struct app_scenario *s, const struct app_stream *st) {
    char text[256];
    uint64_t done = st->stream->delivered.items;
    bool loop = sim_stream_closed(st->stream);
    if (done == 0 || done >= FEW || s->open_ended || (!loop && came_through(st)))
        return;
    snprintf(text, sizeof text,
             "only %llu of its %s ended in the window: one more or less is %.3g %% of what it "
             "reports; lengthen /run/duration",
             (unsigned long long)done, app_unit_of(st->stream), 100 / (double)done);
    app_warn_of(s, st->pointer, text);
}

/* Do those that came through have the sizes of those that were offered? */
static void warn_of_sizes(const struct app_scenario *s, const struct app_stream *st) {
    char text[512];
    const struct sim_tally *done = &st->stream->delivered;
    double whole = app_whole_bytes(s, st->stream);
    double came = done->items > 0 ? (double)done->bytes / (double)done->items : 0;
    if (whole <= 0 || came <= 0 || fabs(came / whole - 1) < OTHER_SIZES)
        return;
    snprintf(
        text, sizeof text,
        "its %s that came through have %.4g bytes on average; had full queues lost none, it "
        "would be %.4g: %s. Bounds are of the mix that was offered; what a full part "
        "delivers is off from its bound by as much",
        app_unit_of(st->stream), came, whole,
        came < whole ? "a queue of bytes loses large ones first"
                     : "more of the small ones came to a full queue");
    app_warn_of(s, st->pointer, text);
}

/* Did it offer anything, from the beginning of the window on, and when it was due? */
static void warn_of_start(const struct app_scenario *s, const struct app_stream *st) {
    char text[512], most[SPAN];
    const struct work_source *src = (const struct work_source *)st->source;
    sim_ps one_percent = (s->world->to - s->world->from) / 100;
    if (src->lagged > 0) {
        snprintf(text, sizeof text,
                 "%.4g %% of its %s had to wait for one of the %u messages that may exist "
                 "at once, up to %s: that is in their latency, in the row of the stream; "
                 "see /run/messages",
                 100 * (double)src->lagged / (double)st->stream->offered.items,
                 app_unit_of(st->stream), s->world->opts.messages,
                 span((double)src->lag_max, most));
        app_warn_of(s, st->pointer, text);
    }
    if (st->stream->offered.items > 0 && src->start - s->world->from > one_percent)
        app_warn_of(
            s, st->pointer,
            "starts when the measured window has begun: rates, loads and what is called busy "
            "are means over the idle time, too; let /run/warmup last until then");
    if (st->stream->offered.items == 0) {
        snprintf(text, sizeof text,
                 st->stream->carried_in.items > 0
                     ? "none of its %s came in the measured window: those that had come before "
                       "were still under way; let /run/duration be longer"
                     : "none of its %s was due in the measured window: set /run/warmup and "
                       "/run/duration to where they are",
                 app_unit_of(st->stream));
        app_warn_of(s, st->pointer, text);
    }
}

/* Did it go on to the end of a window whose end was given? */
static void warn_of_end(const struct app_scenario *s, const struct app_stream *st) {
    char text[512], idle[SPAN];
    const struct work_source *src = (const struct work_source *)st->source;
    const struct sim_stream *stream = st->stream;
    sim_ps rest = s->world->to - stream->burst_at;
    bool done = src->over && stream->offered.items > 0 && stream->carried_out.items == 0;
    if (s->open_ended || !done || rest <= (s->world->to - s->world->from) / 100)
        return;
    snprintf(
        text, sizeof text,
        "the last of its %s came %s before the measured window ended: rates, loads and what is "
        "called busy are means over the idle time, too; let /run/duration end sooner",
        app_unit_of(stream), span((double)rest, idle));
    app_warn_of(s, st->pointer, text);
}

/* What the stream's source says of its parameters. */
static void warn_of_source(const struct app_scenario *s, const struct app_stream *st) {
    char at[APP_POINTER];
    const struct sim_model *m = st->source->model;
    for (const struct sim_field *f = m->params; m->remark != NULL && f->name != NULL; f++) {
        const char *text = m->remark(st->source, f->name);
        if (text != NULL)
            app_warn_of(s, sim_pointer(at, sizeof at, st->pointer, f->name), text);
    }
}

static void warn_of_stream(const struct app_scenario *s, const struct app_stream *st) {
    warn_of_settling(s, st);
    if (sim_stream_closed(st->stream))
        warn_of_loop(s, st);
    warn_of_window(s, st);
    warn_of_start(s, st);
    warn_of_end(s, st);
    warn_of_sizes(s, st);
    if (strcmp(st->source->model->name, "pcap") == 0)
        warn_of_capture(s, st);
    warn_of_source(s, st);
}

/* What the blocks that were used say of their parameters. */
static void warn_of_blocks(const struct app_scenario *s, const struct app_node *n) {
    char at[APP_POINTER];
    for (uint32_t k = 0; k < n->blocks; k++) {
        const struct app_block *b = &n->block[k];
        const struct sim_model *m = b->comp->model;
        for (const struct sim_field *f = m->params; m->remark != NULL && f->name != NULL; f++) {
            const char *text = m->remark(b->comp, f->name);
            if (text != NULL && app_params_used(s->world, b, f))
                app_warn_of(s, sim_pointer(at, sizeof at, b->pointer, f->name), text);
        }
    }
}

/* Did messages come to a step of the block by this operation? */
static bool does(const struct sim_world *w, const struct app_block *b, const char *op) {
    for (uint32_t i = 0; i < w->steps; i++)
        if (w->step[i].comp == b->comp && w->step[i].op != NULL &&
            strcmp(w->step[i].op->name, op) == 0 && sim_step_used(w, i))
            return true;
    return false;
}

/* Of the links that packets are received over: do they write interrupts? */
static const struct app_block *link_of(const struct app_scenario *s, const struct app_node *n,
                                       bool *sends) {
    const struct app_block *link = NULL;
    for (uint32_t k = 0; k < n->blocks; k++) {
        const struct app_block *b = &n->block[k];
        if (strcmp(b->comp->model->name, "pcie") != 0 || !does(s->world, b, "receive"))
            continue;
        link = link != NULL ? link : b;
        *sends |= sim_field_named(b->comp->model->params, "interrupt_batch", b->comp) > 0;
    }
    return link;
}

/* An interrupt is two things: a write that crosses the link, and cores that it wakes. */
static void warn_of_interrupts(const struct app_scenario *s, const struct app_node *n) {
    bool sends = false, woken = false;
    const struct app_block *link = link_of(s, n, &sends), *host = NULL;
    char at[APP_POINTER];
    for (uint32_t k = 0; k < n->blocks; k++) {
        const struct app_block *b = &n->block[k];
        if (strcmp(b->comp->model->name, "host") != 0 || !does(s->world, b, "rx"))
            continue;
        host = host != NULL ? host : b;
        woken |= sim_field_named(b->comp->model->params, "receive", b->comp) != 0;
    }
    if (link == NULL || host == NULL || woken == sends)
        return;
    if (woken)
        app_warn_of(
            s, sim_pointer(at, sizeof at, link->pointer, "interrupt_batch"),
            "the host's cores are woken by interrupts, and none crosses the link: say after "
            "how many packets one is written");
    else
        app_warn_of(
            s, sim_pointer(at, sizeof at, host->pointer, "receive"),
            "interrupts cross the link, and the host's cores look for work all the time: "
            "\"interrupt\", or an \"interrupt_batch\" of 0 at the link");
}

void app_warnings(const struct app_scenario *s, bool interrupted) {
    bool measured = s->world->to > s->world->from;
    if (!measured)
        app_warn_of(s, "/run/warmup",
                    interrupted ? "nothing was measured: the run was interrupted in its warm-up"
                                : "nothing was measured: the run ended before its warm-up; "
                                  "shorten it");
    if (s->open_ended)
        app_warn_of(
            s, "/run/duration",
            "is not given: the window lasts until the last message is done, and rates and "
            "loads are means over all of it, the emptying of queues too");
    for (uint32_t i = 0; i < s->streams && (measured || !interrupted); i++)
        warn_of_stream(s, &s->stream[i]);
    for (uint32_t i = 0; i < s->nodes && measured; i++) {
        warn_of_blocks(s, &s->node[i]);
        warn_of_interrupts(s, &s->node[i]);
    }
}
