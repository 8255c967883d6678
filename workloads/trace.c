/* trace.c - one pass over a capture: what it holds.
 *
 * Counts packets, bytes, protocols of the outer IP level, flows and times; NVMe/TCP by its
 * commands (nvme_tcp.h). Left out: anything that needs more than one pass. Definitions:
 * trace.h.
 */
#include "workloads/trace.h"
#include "workloads/flowset.h"
#include "workloads/reader.h"
#include <stdio.h>
#include <string.h>

enum { PROGRESS_PACKETS = 1 << 20 };

static void note_time(struct work_trace_facts *f, const struct work_record *r) {
    if (r->timeless) {
        f->timeless++;
        return;
    }
    f->beyond_2262 += r->ts_ns == INT64_MAX;
    bool first = f->packets == f->timeless;
    if (first)
        f->first_ts_ns = f->min_ts_ns = f->max_ts_ns = r->ts_ns;
    else if (r->ts_ns < f->last_ts_ns)
        f->backwards++;
    if (r->ts_ns < f->min_ts_ns)
        f->min_ts_ns = r->ts_ns;
    if (r->ts_ns > f->max_ts_ns)
        f->max_ts_ns = r->ts_ns;
    f->last_ts_ns = r->ts_ns;
}

static void note_sizes(struct work_trace_facts *f, const struct work_record *r) {
    f->bytes_wire += r->length;
    f->bytes_captured += r->captured;
    f->cut += r->captured < r->length;
    if (f->packets == 0 || r->length < f->smallest)
        f->smallest = r->length;
    if (r->length > f->largest)
        f->largest = r->length;
}

static void note_headers(struct work_trace_facts *f, struct work_flowset *flows,
                         const struct packet *p) {
    const struct packet_head *head = &p->head[0];
    if (p->heads == 0) {
        f->non_ip++;
        return;
    }
    f->ipv4 += head->version == 4;
    f->ipv6 += head->version == 6;
    bool tcp = head->l4 == PACKET_L4_TCP, udp = head->l4 == PACKET_L4_UDP;
    f->tcp += tcp;
    f->udp += udp;
    f->other_l4 += !tcp && !udp;
    if ((tcp || udp) && !(head->flags & PACKET_NO_PORTS))
        work_flowset_add(flows, head);
}

static void note_record(struct work_trace_facts *f, struct work_flowset *flows,
                        struct work_nvme_tap *nvme, const struct work_record *r) {
    struct packet p;
    packet_dissect(r->link, r->bytes, r->captured, r->length, &p);
    work_nvme_tap_record(nvme, r, &p);
    note_time(f, r);
    note_sizes(f, r);
    note_headers(f, flows, &p);
    f->packets++;
}

static void note_flows(struct work_trace_facts *f, const struct work_flowset *flows) {
    struct work_flow_counts n = work_flowset_count(flows);
    f->flows_unidirectional = n.unidirectional;
    f->flows_bidirectional = n.bidirectional;
    f->flows_exact = n.exact;
    f->flows_error = n.error;
}

static void note_nvme(struct work_trace_facts *f, struct work_nvme_tap *nvme) {
    work_nvme_tap_end(nvme);
    f->nvme = *work_nvme_tap_facts(nvme);
    work_nvme_tap_free(nvme);
}

static void note_damage(struct work_trace_facts *f, const struct sim_err *why) {
    f->damaged = true;
    snprintf(f->damage, sizeof f->damage, "%.60s: %.400s", why->path, why->text);
}

/* Owns: takes the capture. */
static void read_all(struct work_capture *capture, struct work_trace_facts *facts,
                     bool (*progress)(void *ctx, uint64_t packets, uint64_t bytes), void *ctx) {
    memset(facts, 0, sizeof *facts);
    struct work_flowset *flows = work_flowset_new();
    struct work_nvme_tap *nvme = work_nvme_tap_new((struct work_nvme_opts){0}, false);
    struct work_record r;
    struct sim_err damage = {0};
    enum work_status status;
    while ((status = work_capture_next(capture, &r, &damage)) == WORK_RECORD) {
        note_record(facts, flows, nvme, &r);
        if (facts->packets % PROGRESS_PACKETS == 0 && progress &&
            !progress(ctx, facts->packets, facts->bytes_captured))
            break;
    }
    if (status == WORK_DAMAGED)
        note_damage(facts, &damage);
    note_flows(facts, flows);
    note_nvme(facts, nvme);
    snprintf(facts->link_type, sizeof facts->link_type, "%s", work_capture_link_name(capture));
    work_flowset_free(flows);
    work_capture_close(capture);
}

bool work_trace_read(const char *file, struct work_trace_facts *facts,
                     bool (*progress)(void *ctx, uint64_t packets, uint64_t bytes), void *ctx,
                     struct sim_err *err) {
    struct work_capture *capture = work_capture_open(file, err);
    if (capture)
        read_all(capture, facts, progress, ctx);
    return capture != NULL;
}

bool work_trace_read_stream(const char *file, struct work_stream *stream,
                            struct work_trace_facts *facts,
                            bool (*progress)(void *ctx, uint64_t packets, uint64_t bytes),
                            struct sim_err *err) {
    struct work_capture *capture = work_capture_open_stream(file, stream, err);
    if (capture)
        read_all(capture, facts, progress, NULL);
    return capture != NULL;
}
