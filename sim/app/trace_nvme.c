/* trace_nvme.c - the section `nvme_tcp` of `dpusim trace`: commands, data and what the capture
 * does not show of them.
 */
#include "trace_nvme.h"
#include "summary.h"
#include <inttypes.h>
#include <stdio.h>

static const char *const op_name[WORK_IO_OPS] = {"read", "write", "flush", "trim", "other"};

static void put(json_t *o, const char *name, uint64_t value) {
    json_object_set_new(o, name, json_integer((json_int_t)value));
}

/* Counts that are not 0, by number as `format` prints it. */
static json_t *by_number(const uint64_t *count, unsigned n, const char *format) {
    json_t *o = json_object();
    for (unsigned i = 0; i < n; i++) {
        char name[16];
        snprintf(name, sizeof name, format, i);
        if (count[i] > 0)
            put(o, name, count[i]);
    }
    return o;
}

/* By opcode, but for those of fabrics: these all have one. */
static json_t *opcodes(const struct work_nvme_facts *f) {
    json_t *o = by_number(f->opcodes, 256, "0x%02x");
    json_object_del(o, "0x7f");
    return o;
}

static json_t *requests(const struct work_nvme_facts *f) {
    json_t *o = json_object();
    for (int i = 0; i < WORK_IO_OPS; i++) {
        json_t *one = json_object();
        put(one, "requests", f->requests[i]);
        put(one, "bytes", f->bytes[i]);
        json_object_set_new(o, op_name[i], one);
    }
    return o;
}

static json_t *not_requests(const struct work_nvme_facts *f) {
    json_t *o = json_object();
    put(o, "cut", f->not_requests_cut);
    put(o, "lba_size_unknown", f->not_requests_lba);
    put(o, "beyond_64_bits", f->not_requests_bad);
    put(o, "namespaces_beyond_1024", f->not_requests_device);
    return o;
}

static json_t *namespaces(const struct work_nvme_facts *f) {
    static const char *const from[] = {NULL, "identify", "stated", "sgl"};
    json_t *all = json_array();
    for (uint32_t i = 0; i < f->namespaces && i < WORK_NVME_SPACES; i++) {
        const struct work_nvme_namespace *s = &f->space[i];
        json_t *o = json_object();
        put(o, "nsid", s->nsid);
        json_object_set_new(o, "lba_bytes",
                            s->lba_bytes ? json_integer(s->lba_bytes) : json_null());
        json_object_set_new(o, "lba_from", s->from ? json_string(from[s->from]) : json_null());
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *statuses(const struct work_nvme_facts *f) {
    json_t *o = json_object();
    for (int i = 0; i < WORK_NVME_STATUSES && f->statuses[i].count > 0; i++) {
        char name[16];
        snprintf(name, sizeof name, "%x:%02x", f->statuses[i].status >> 8U,
                 f->statuses[i].status & 255U);
        put(o, name, f->statuses[i].count);
    }
    return o;
}

static json_t *latency(const struct work_nvme_facts *f) {
    json_t *o = json_object();
    bool any = f->latencies > 0;
    json_object_set_new(o, "min", any ? json_integer(f->latency_min) : json_null());
    json_object_set_new(o, "mean",
                        any ? app_real(f->latency_sum / (double)f->latencies) : json_null());
    json_object_set_new(o, "max", any ? json_integer(f->latency_max) : json_null());
    return o;
}

static json_t *digests(uint64_t ok, uint64_t bad) {
    json_t *o = json_object();
    put(o, "ok", ok);
    put(o, "bad", bad);
    return o;
}

static json_t *stream(const struct work_nvme_facts *f) {
    json_t *o = json_object();
    put(o, "reordered_segments", f->tcp.reordered);
    put(o, "repeated_bytes", f->tcp.repeated_bytes);
    put(o, "holes", f->tcp.holes);
    put(o, "hole_bytes", f->tcp.hole_bytes);
    put(o, "cut_bytes", f->tcp.cut_bytes);
    put(o, "step_lost", f->lost_step);
    put(o, "step_found", f->found_step);
    put(o, "unread_bytes", f->unread_bytes);
    put(o, "given_up", f->given_up);
    put(o, "bad_pdus", f->bad_pdus);
    json_object_set_new(o, "first_bad_pdu",
                        f->bad_pdus ? json_string(f->first_bad) : json_null());
    return o;
}

static void completions(json_t *o, const struct work_nvme_facts *f) {
    put(o, "completed", f->completed);
    put(o, "completed_without_time", f->untimed);
    put(o, "completed_in_doubt", f->doubtful);
    put(o, "unanswered", f->unanswered);
    put(o, "admin_unanswered", f->admin_unanswered);
    put(o, "unmatched_responses", f->unmatched);
    put(o, "failed", f->failed);
    json_object_set_new(o, "statuses", statuses(f));
    put(o, "most_outstanding", f->most_outstanding);
    json_object_set_new(o, "latency_ns", latency(f));
}

/* How fast they come, over the time from the earliest to the latest one. */
static json_t *implied(const struct work_nvme_facts *f) {
    json_t *o = json_object();
    bool any = f->requests_timed > 0;
    uint64_t span = any ? (uint64_t)f->last_time - (uint64_t)f->first_time : 0;
    sim_u128 requests = (sim_u128)f->requests_timed * 1000000000u;
    json_object_set_new(o, "span_s", any ? app_ratio(span, 1000000000u) : json_null());
    json_object_set_new(o, "requests_per_s", app_ratio(requests, span));
    return o;
}

json_t *app_trace_nvme(const struct work_nvme_facts *f) {
    json_t *o = json_object();
    put(o, "packets", f->packets);
    put(o, "connections", f->connections);
    put(o, "admin_queues", f->admin_queues);
    put(o, "io_queues", f->io_queues);
    put(o, "queues_without_connect", f->unknown_queues);
    put(o, "connections_evicted", f->evicted);
    json_object_set_new(o, "pdu_types", by_number(f->pdus, WORK_NVME_PDUS, "%u"));
    put(o, "commands", f->commands);
    put(o, "admin_commands", f->admin_commands);
    put(o, "fabrics_commands", f->fabrics_commands);
    json_object_set_new(o, "cmd_opcodes", opcodes(f));
    put(o, "opcodes_cut", f->opcodes_cut);
    json_object_set_new(o, "requests", requests(f));
    json_object_set_new(o, "implied", implied(f));
    json_object_set_new(o, "not_requests", not_requests(f));
    put(o, "in_capsule_bytes", f->in_capsule_bytes);
    put(o, "h2c_bytes", f->h2c_bytes);
    put(o, "c2h_bytes", f->c2h_bytes);
    put(o, "r2t_bytes", f->r2t_bytes);
    put(o, "above_maxh2cdata", f->above_maxh2cdata);
    json_object_set_new(o, "header_digests",
                        digests(f->header_digests_ok, f->header_digests_bad));
    json_object_set_new(o, "data_digests", digests(f->data_digests_ok, f->data_digests_bad));
    put(o, "digests_unseen", f->digests_unseen);
    completions(o, f);
    put(o, "namespaces", f->namespaces);
    json_object_set_new(o, "namespace", namespaces(f));
    json_object_set_new(o, "stream", stream(f));
    return o;
}

static void text_unseen(const struct work_nvme_facts *f) {
    uint64_t lost = f->not_requests_cut + f->not_requests_lba + f->not_requests_bad +
                    f->not_requests_device;
    if (lost > 0)
        printf("    not requests   %" PRIu64 " cut, %" PRIu64 " of unknown block size, %" PRIu64
               " out of range, %" PRIu64 " of namespaces beyond 1024\n",
               f->not_requests_cut, f->not_requests_lba, f->not_requests_bad,
               f->not_requests_device);
    if (f->tcp.holes > 0 || f->lost_step > 0)
        printf("    NOT ALL SEEN   %" PRIu64 " gaps of %" PRIu64
               " bytes in TCP; PDU boundaries lost %" PRIu64 " times, found %" PRIu64
               " times, %" PRIu64 " bytes between\n",
               f->tcp.holes, f->tcp.hole_bytes, f->lost_step, f->found_step, f->unread_bytes);
    if (f->bad_pdus > 0)
        printf("    BAD PDUS       %" PRIu64 ", first: %s\n", f->bad_pdus, f->first_bad);
    if (f->header_digests_bad + f->data_digests_bad > 0)
        printf("    BAD DIGESTS    %" PRIu64 " of headers, %" PRIu64 " of data\n",
               f->header_digests_bad, f->data_digests_bad);
}

void app_trace_nvme_text(const struct work_nvme_facts *f) {
    uint64_t io = f->commands - f->admin_commands;
    printf("  NVMe/TCP       %" PRIu64 " connections (%" PRIu64 " admin, %" PRIu64
           " I/O queues), %" PRIu64 " commands, of them %" PRIu64 " on I/O queues\n",
           f->connections, f->admin_queues, f->io_queues, f->commands, io);
    for (int i = 0; i < WORK_IO_OPS; i++)
        if (f->requests[i] > 0)
            printf("    %-14s %" PRIu64 " requests, %" PRIu64 " bytes\n", op_name[i],
                   f->requests[i], f->bytes[i]);
    printf("    completions    %" PRIu64 ", %" PRIu64 " commands unanswered, %" PRIu64
           " responses unmatched, %" PRIu64 " failed; at most %" PRIu64 " under way\n",
           f->completed, f->unanswered, f->unmatched, f->failed, f->most_outstanding);
    if (f->latencies > 0)
        printf("    latency        %.3f to %.3f us, mean %.3f us\n",
               (double)f->latency_min / 1e3, (double)f->latency_max / 1e3,
               f->latency_sum / (double)f->latencies / 1e3);
    text_unseen(f);
}
