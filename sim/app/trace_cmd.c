/* trace_cmd.c - `dpusim trace FILE`: what a capture holds, as text or JSON; of a
 * block trace see trace_block.c. */
#include "run.h"
#include "summary.h"
#include "trace_nvme.h"
#include "workloads/block_reader.h"
#include "workloads/stream.h"
#include "workloads/trace.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool progress(void *ctx, uint64_t packets, uint64_t bytes) {
    (void)ctx;
    fprintf(stderr, "\r\033[K%.1f million packets, %.2f GB", (double)packets / 1e6,
            (double)bytes / 1e9);
    return true;
}

/* Seconds since 1970 with nine decimals, as text: a double would lose the last digits. */
static const char *stamp(int64_t ns, char buf[40]) {
    uint64_t a = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    snprintf(buf, 40, "%s%" PRIu64 ".%09" PRIu64, ns < 0 ? "-" : "", a / 1000000000u,
             a % 1000000000u);
    return buf;
}

/* Did any packet come with its time? Simple packets of pcapng do not. */
static bool timed(const struct work_trace_facts *f) { return f->packets > f->timeless; }

static json_t *stamp_json(const struct work_trace_facts *f, int64_t ns) {
    char buf[40];
    return timed(f) ? json_string(stamp(ns, buf)) : json_null();
}

static json_t *counts(const struct work_trace_facts *f) {
    return json_pack("{sI sI sI sI sI sI}", "ipv4", (json_int_t)f->ipv4, "ipv6",
                     (json_int_t)f->ipv6, "tcp", (json_int_t)f->tcp, "udp", (json_int_t)f->udp,
                     "other_l4", (json_int_t)f->other_l4, "non_ip", (json_int_t)f->non_ip);
}

/* The rate that the capture implies: over the time from its earliest to its latest packet. */
static json_t *implied(const struct work_trace_facts *f) {
    uint64_t span = timed(f) ? (uint64_t)(f->max_ts_ns - f->min_ts_ns) : 0;
    json_t *o = json_object();
    json_object_set_new(o, "span_s", timed(f) ? app_ratio(span, 1000000000u) : json_null());
    json_object_set_new(o, "packets_per_s",
                        app_ratio((sim_u128)f->packets * 1000000000u, span));
    json_object_set_new(o, "bits_per_s",
                        app_ratio((sim_u128)f->bytes_wire * 8000000000u, span));
    return o;
}

static json_t *document(const char *file, const struct work_trace_facts *f) {
    json_t *o = json_pack("{ss ss}", "schema", "dpusim.trace.v1", "file", file);
    json_object_set_new(o, "packets", json_integer((json_int_t)f->packets));
    json_object_set_new(o, "bytes_wire", json_integer((json_int_t)f->bytes_wire));
    json_object_set_new(o, "bytes_captured", json_integer((json_int_t)f->bytes_captured));
    json_object_set_new(o, "link_type", json_string(f->link_type));
    json_object_set_new(o, "outer", counts(f));
    json_object_set_new(o, "flows_unidirectional",
                        json_integer((json_int_t)f->flows_unidirectional));
    json_object_set_new(o, "flows_bidirectional",
                        json_integer((json_int_t)f->flows_bidirectional));
    json_object_set_new(o, "flows_exact", json_boolean(f->flows_exact));
    json_object_set_new(o, "flows_error_ratio", app_real(f->flows_error));
    json_object_set_new(o, "first_ts", stamp_json(f, f->first_ts_ns));
    json_object_set_new(o, "last_ts", stamp_json(f, f->last_ts_ns));
    json_object_set_new(o, "min_ts", stamp_json(f, f->min_ts_ns));
    json_object_set_new(o, "max_ts", stamp_json(f, f->max_ts_ns));
    json_object_set_new(o, "without_time", json_integer((json_int_t)f->timeless));
    json_object_set_new(o, "backwards", json_integer((json_int_t)f->backwards));
    json_object_set_new(o, "beyond_2262", json_integer((json_int_t)f->beyond_2262));
    json_object_set_new(o, "cut_by_snaplen", json_integer((json_int_t)f->cut));
    json_object_set_new(o, "smallest_bytes",
                        f->packets ? json_integer(f->smallest) : json_null());
    json_object_set_new(o, "largest_bytes",
                        f->packets ? json_integer(f->largest) : json_null());
    json_object_set_new(o, "implied", implied(f));
    if (f->nvme.connections > 0)
        json_object_set_new(o, "nvme_tcp", app_trace_nvme(&f->nvme));
    json_object_set_new(o, "damaged", f->damaged ? json_string(f->damage) : json_false());
    return o;
}

static void text(const char *file, const struct work_trace_facts *f) {
    char a[64], b[64], plain[4096];
    double n = f->packets ? (double)f->packets : 1;
    double span = timed(f) ? (double)(f->max_ts_ns - f->min_ts_ns) * 1e-9 : 0;
    printf("%s: %" PRIu64 " packets, %" PRIu64 " bytes on the wire, %" PRIu64 " captured; %s\n",
           sim_plain(file, plain, sizeof plain), f->packets, f->bytes_wire, f->bytes_captured,
           f->link_type);
    printf("  outer header   IPv4 %" PRIu64 ", IPv6 %" PRIu64 ", not IP %" PRIu64
           "; TCP %" PRIu64 ", UDP %" PRIu64 ", other %" PRIu64 "\n",
           f->ipv4, f->ipv6, f->non_ip, f->tcp, f->udp, f->other_l4);
    printf("  flows          %" PRIu64 " one-way, %" PRIu64 " conversations%s\n",
           f->flows_unidirectional, f->flows_bidirectional,
           f->flows_exact ? "" : " (estimated: too many to count exactly)");
    if (f->packets > 0) {
        printf("  sizes          %u to %u bytes, mean %.1f; %" PRIu64 " cut by the snaplen\n",
               f->smallest, f->largest, (double)f->bytes_wire / n, f->cut);
    }
    if (timed(f))
        printf("  time           %s to %s s since 1970%s\n", stamp(f->first_ts_ns, a),
               stamp(f->last_ts_ns, b), f->backwards ? ", not always forwards" : "");
    else if (f->packets > 0)
        printf("  time           none: the packets are stored without\n");
    if (f->beyond_2262 > 0)
        printf("  ODD TIMES      %" PRIu64 " beyond the year 2262, taken as its end\n",
               f->beyond_2262);
    if (span > 0) {
        sim_quantity_human(SIM_RATE, (double)f->bytes_wire * 8 / span, a, sizeof a);
        printf("  implied rate   %s, %.4g packets/s over %.6g s\n", a,
               (double)f->packets / span, span);
    }
    if (f->nvme.connections > 0)
        app_trace_nvme_text(&f->nvme);
    if (f->damaged)
        printf("  DAMAGED        %s\n", sim_plain(f->damage, plain, sizeof plain));
}

static int trace_capture(const char *file, struct work_stream *stream,
                         const struct app_trace_opts *opts, struct sim_err *err) {
    struct work_trace_facts *f = calloc(1, sizeof *f);
    bool show = isatty(2) && !opts->quiet;
    SIM_ASSERT(f != NULL);
    if (!work_trace_read_stream(file, stream, f, show ? progress : NULL, err)) {
        free(f);
        return APP_EXIT_USER;
    }
    if (show)
        fprintf(stderr, "\r\033[K");
    if (opts->format == APP_JSON) {
        json_t *o = document(file, f);
        json_dumpf(o, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
        putchar('\n');
        json_decref(o);
    } else {
        text(file, f);
    }
    bool damaged = f->damaged;
    if (damaged)
        sim_fail(err, file, "", "is damaged: %s", f->damage);
    free(f);
    return damaged ? APP_EXIT_USER : APP_EXIT_DONE;
}

int app_trace(const char *file, const struct app_trace_opts *opts, struct sim_err *err) {
    struct work_block_opts named = {0};
    if (opts->as != NULL && !work_block_named(&named, opts->as, err))
        return APP_EXIT_USER;
    struct work_stream *stream = work_stream_open(file, err);
    if (stream == NULL)
        return APP_EXIT_USER;
    if (opts->as != NULL || !work_capture_is(stream))
        return app_trace_block(file, stream, opts, err);
    if (!opts->skip_bad)
        return trace_capture(file, stream, opts, err);
    work_stream_close(stream);
    sim_fail(err, "dpusim", "--skip-bad",
             "has no effect on a capture: it is read up to its damage anyway");
    return APP_EXIT_USER;
}
