/* trace_block.c - `dpusim trace FILE` of a block trace: its requests, as text or JSON. */
#include "run.h"
#include "summary.h"
#include "workloads/block_facts.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const events[WORK_BLOCK_EVENTS] = {"issued", "queued", "completed"};

static bool progress(void *ctx, uint64_t requests, uint64_t bytes) {
    (void)ctx;
    fprintf(stderr, "\r\033[K%.1f million requests, %.2f GB", (double)requests / 1e6,
            (double)bytes / 1e9);
    return true;
}

static uint64_t data(const struct work_block_sums *s) { return s->reads + s->writes; }

/* A time in the unit of the trace, exactly: a double would lose the last digits. */
static const char *stamp(const struct work_block_about *a, int64_t ticks, char buf[48]) {
    int n = snprintf(buf, 48, "%" PRId64, ticks / a->ticks_per_unit);
    if (a->ticks_per_unit > 1) { /* the leading 1 makes the zeros */
        snprintf(buf + n, 48 - (size_t)n, "%" PRId64,
                 a->ticks_per_unit + ticks % a->ticks_per_unit);
        buf[n] = '.';
    }
    return buf;
}

/* ---------------------------------------------------------------- JSON */

static json_t *whole(uint64_t n) { return json_integer((json_int_t)n); }

static json_t *time_json(const struct work_block_about *a, const struct work_block_sums *s,
                         int64_t ticks) {
    char buf[48];
    if (!a->stores_time || s->requests == 0)
        return json_null();
    if (a->ticks_per_unit == 1)
        return json_integer(ticks);
    return json_real(strtod(stamp(a, ticks, buf), NULL));
}

static json_t *tick_json(const struct work_block_sums *s, int64_t ticks) {
    return s->requests > 0 ? json_integer(ticks) : json_null();
}

static json_t *tops_json(const struct work_block_sums *s, size_t most) {
    json_t *list = json_array();
    for (size_t i = 0; i < s->tops && i < most; i++)
        json_array_append_new(list, json_pack("[I, I]", (json_int_t)s->top[i].bytes,
                                              (json_int_t)s->top[i].requests));
    return list;
}

static json_t *sizes_json(const struct work_block_sums *s) {
    json_t *o = json_object();
    bool any = data(s) > 0;
    json_object_set_new(o, "distinct", whole(s->distinct_sizes));
    json_object_set_new(o, "exact", json_boolean(s->sizes_exact));
    json_object_set_new(o, "smallest", any ? whole(s->smallest) : json_null());
    json_object_set_new(o, "largest", any ? whole(s->largest) : json_null());
    json_object_set_new(o, "mean", app_ratio(s->read_bytes + s->write_bytes, data(s)));
    json_object_set_new(o, "most_frequent", tops_json(s, WORK_TOP_SIZES));
    return o;
}

/* Rates that the trace implies: over the time from its earliest to its latest request. */
static json_t *implied(const struct work_block_about *a, const struct work_block_sums *s) {
    sim_u128 span = (sim_u128)(uint64_t)(s->max - s->min) * (uint64_t)a->tick_ps;
    json_t *o = json_object();
    json_object_set_new(o, "span_s", s->requests ? app_ratio(span, SIM_PS_PER_S) : json_null());
    json_object_set_new(o, "requests_per_s",
                        app_ratio((sim_u128)s->requests * SIM_PS_PER_S, span));
    json_object_set_new(
        o, "bytes_per_s",
        app_ratio((sim_u128)(s->read_bytes + s->write_bytes) * SIM_PS_PER_S, span));
    return o;
}

static void put_sums(json_t *o, const struct work_block_about *a,
                     const struct work_block_sums *s) {
    json_object_set_new(o, "requests", whole(s->requests));
    json_object_set_new(o, "reads", whole(s->reads));
    json_object_set_new(o, "writes", whole(s->writes));
    json_object_set_new(o, "other", whole(s->other));
    json_object_set_new(o, "flushes", whole(s->flushes));
    json_object_set_new(o, "trims", whole(s->trims));
    json_object_set_new(o, "bytes", whole(s->read_bytes + s->write_bytes));
    json_object_set_new(o, "read_bytes", whole(s->read_bytes));
    json_object_set_new(o, "write_bytes", whole(s->write_bytes));
    json_object_set_new(o, "trim_bytes", whole(s->trim_bytes));
    json_object_set_new(o, "read_fraction", app_ratio(s->reads, data(s)));
    json_object_set_new(o, "distinct_sizes", whole(s->distinct_sizes));
    json_object_set_new(o, "top_sizes", tops_json(s, 4));
    json_object_set_new(o, "sizes", sizes_json(s));
    json_object_set_new(o, "max_end_offset", whole(s->max_end));
    json_object_set_new(o, "min_time", time_json(a, s, s->min));
    json_object_set_new(o, "max_time", time_json(a, s, s->max));
    json_object_set_new(o, "time_unit",
                        a->stores_time ? json_string(a->time_unit) : json_null());
    json_object_set_new(o, "min_ticks", tick_json(s, s->min));
    json_object_set_new(o, "max_ticks", tick_json(s, s->max));
    json_object_set_new(o, "backwards", whole(s->backwards));
    json_object_set_new(o, "sequential_fraction", app_ratio(s->sequential, data(s)));
    json_object_set_new(o, "repeated", whole(s->repeated));
    json_object_set_new(o, "unaligned_512", whole(s->unaligned));
    json_object_set_new(o, "implied", implied(a, s));
}

static json_t *tallies_json(const struct work_block_about *a) {
    json_t *o = json_object();
    for (size_t i = 0; i < WORK_BLOCK_TALLIES; i++)
        if (a->tallies[i].count > 0)
            json_object_set_new(o, a->tallies[i].name, whole(a->tallies[i].count));
    return o;
}

static json_t *reasons_json(const struct work_block_about *a) {
    json_t *list = json_array();
    for (size_t i = 0; i < WORK_BLOCK_REASONS && i < a->skipped; i++)
        json_array_append_new(list,
                              json_sprintf("%s: %s", a->reason[i].path, a->reason[i].text));
    return list;
}

static json_t *document(const char *file, const struct work_block_facts *f) {
    const struct work_block_about *a = &f->about;
    json_t *o = json_pack("{ss ss ss ss ss}", "schema", "dpusim.trace.v1", "file", file, "kind",
                          "block", "format", a->format, "title", a->title);
    put_sums(o, a, &f->sums[f->event]);
    json_object_set_new(o, "tick_ps", json_integer(a->tick_ps));
    json_object_set_new(o, "devices", whole(f->devices));
    json_object_set_new(o, a->has_events ? "records" : "lines", whole(a->lines));
    if (a->tally)
        json_object_set_new(o, a->tally, tallies_json(a));
    if (a->has_events) {
        json_object_set_new(o, "counted", json_string(events[f->event]));
        for (int i = 0; i < WORK_BLOCK_EVENTS; i++) {
            json_t *sums = json_object();
            put_sums(sums, a, &f->sums[i]);
            json_object_set_new(o, events[i], sums);
        }
    }
    json_object_set_new(o, "skipped_lines", whole(a->skipped));
    json_object_set_new(o, "skipped_first", reasons_json(a));
    json_object_set_new(o, "damaged",
                        f->damaged ? json_sprintf("%s: %s", f->damage.path, f->damage.text)
                                   : json_false());
    return o;
}

/* ---------------------------------------------------------------- text */

static const char *bytes_text(uint64_t n, char buf[32]) {
    return sim_quantity_human(SIM_BYTES, (double)n, buf, 32);
}

static double percent(uint64_t part, uint64_t of) {
    return of ? 100.0 * (double)part / (double)of : 0;
}

static void text_sizes(const struct work_block_sums *s) {
    if (data(s) == 0)
        return;
    printf("  sizes          %" PRIu64 " to %" PRIu64 " bytes, mean %.1f; %s%" PRIu64
           " different",
           s->smallest, s->largest, (double)(s->read_bytes + s->write_bytes) / (double)data(s),
           s->sizes_exact ? "" : "more than ", s->distinct_sizes);
    for (size_t i = 0; i < s->tops && i < 4; i++)
        printf("%s %" PRIu64 " (%.1f %%)", i ? "," : ":", s->top[i].bytes,
               percent(s->top[i].requests, data(s)));
    putchar('\n');
}

static void text_time(const struct work_block_about *a, const struct work_block_sums *s) {
    char first[48], last[48], rate[32];
    double span = (double)(s->max - s->min) * (double)a->tick_ps * 1e-12;
    if (s->requests == 0)
        return;
    if (a->stores_time)
        printf("  time           %s to %s %s%s\n", stamp(a, s->min, first),
               stamp(a, s->max, last),
               strcmp(a->time_unit, "100ns") == 0 ? "x 100 ns" : a->time_unit,
               s->backwards ? ", not always forwards" : "");
    else
        printf("  time           none is stored%s\n",
               span > 0 ? ", but how long to wait for the next request" : "");
    if (span > 0) {
        bytes_text((uint64_t)((double)(s->read_bytes + s->write_bytes) / span), rate);
        printf("  implied rate   %.4g requests/s, %s/s over %.6g s\n",
               (double)s->requests / span, rate, span);
    }
}

static void text_devices(const struct work_block_facts *f) {
    char plain[300];
    printf("  devices        %u", f->devices);
    for (uint32_t i = 0; i < f->devices && i < 8; i++)
        printf("%s %s", i ? "," : ":",
               f->device[i][0] ? sim_plain(f->device[i], plain, sizeof plain) : "not named");
    printf("%s; highest end at byte %" PRIu64 "\n", f->devices > 8 ? " ..." : "",
           f->sums[f->event].max_end);
}

/* What is odd about a trace and easily overlooked. */
static void text_odd(const struct work_block_sums *s) {
    if (s->backwards > 0)
        printf("  BACKWARDS      %" PRIu64 " requests are earlier than the one before\n",
               s->backwards);
    if (s->repeated > 0)
        printf("  REPEATED       %" PRIu64
               " requests equal the one before in everything, also in time\n",
               s->repeated);
    if (s->unaligned > 0)
        printf("  UNALIGNED      %" PRIu64
               " reads and writes do not begin and end at multiples of 512 bytes\n",
               s->unaligned);
}

static void text_tallies(const struct work_block_facts *f) {
    const struct work_block_about *a = &f->about;
    if (!a->tally)
        return;
    printf("  %-14s", strcmp(a->tally, "scsi_opcodes") == 0 ? "SCSI opcodes" : a->tally);
    for (size_t i = 0; i < WORK_BLOCK_TALLIES; i++)
        if (a->tallies[i].count > 0)
            printf(" %s %" PRIu64, a->tallies[i].name, a->tallies[i].count);
    putchar('\n');
    for (int i = 0; a->has_events && i < WORK_BLOCK_EVENTS; i++)
        printf("  %-14s %" PRIu64 " requests, %" PRIu64 " bytes%s\n", events[i],
               f->sums[i].requests, f->sums[i].read_bytes + f->sums[i].write_bytes,
               i == (int)f->event ? " (counted above)" : "");
}

static void text(const char *file, const struct work_block_facts *f) {
    const struct work_block_about *a = &f->about;
    const struct work_block_sums *s = &f->sums[f->event];
    char plain[4096], b[32], c[32];
    printf("%s: %" PRIu64 " requests, %" PRIu64 " bytes read and written; %s%s%s\n",
           sim_plain(file, plain, sizeof plain), s->requests, s->read_bytes + s->write_bytes,
           a->title, a->has_events ? ", as " : "", a->has_events ? events[f->event] : "");
    printf("  operations     %" PRIu64 " reads (%s), %" PRIu64 " writes (%s), %" PRIu64
           " other; %.1f %% reads\n",
           s->reads, bytes_text(s->read_bytes, b), s->writes, bytes_text(s->write_bytes, c),
           s->other, percent(s->reads, data(s)));
    if (s->flushes + s->trims > 0)
        printf("  of which       %" PRIu64 " flushes, %" PRIu64 " trims (%s)\n", s->flushes,
               s->trims, bytes_text(s->trim_bytes, b));
    text_sizes(s);
    printf("  order          %.1f %% begin where the one before on their device ended\n",
           percent(s->sequential, data(s)));
    text_devices(f);
    text_time(a, s);
    text_tallies(f);
    text_odd(s);
    if (a->skipped > 0)
        printf("  SKIPPED        %" PRIu64 " of %" PRIu64 " lines are no requests%s\n",
               a->skipped, a->lines,
               a->skipped > WORK_BLOCK_REASONS ? "; the first of them:" : ":");
    for (size_t i = 0; i < WORK_BLOCK_REASONS && i < a->skipped; i++)
        printf("                 %s: %s\n", a->reason[i].path,
               sim_plain(a->reason[i].text, plain, sizeof plain));
    if (f->damaged)
        printf("  DAMAGED        %s: %s\n", f->damage.path,
               sim_plain(f->damage.text, plain, sizeof plain));
}

int app_trace_block(const char *file, struct work_stream *stream,
                    const struct app_trace_opts *opts, struct sim_err *err) {
    struct work_block_opts how = {.skip_bad = opts->skip_bad};
    if (opts->as != NULL)
        work_block_named(&how, opts->as, err); /* app_trace asked already */
    struct work_block_facts *f = calloc(1, sizeof *f);
    bool show = isatty(2) && !opts->quiet;
    SIM_ASSERT(f != NULL);
    bool read = work_block_read_facts(file, stream, &how, f, show ? progress : NULL, err);
    if (show)
        fputs("\r\033[K", stderr);
    if (!read) {
        if (err->path[0] && f->damaged)
            sim_err_add(err, f->about.lines > 1 ? "; --skip-bad goes on where it can" : "");
        free(f);
        return APP_EXIT_USER;
    }
    if (opts->format == APP_JSON) {
        json_t *o = document(file, f);
        json_dumpf(o, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
        putchar('\n');
        json_decref(o);
    } else {
        text(file, f);
    }
    bool damaged = f->damaged;
    if (damaged)
        sim_fail(err, file, f->damage.path, "is damaged: %s", f->damage.text);
    free(f);
    return damaged ? APP_EXIT_USER : APP_EXIT_DONE;
}
