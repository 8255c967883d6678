/* trace.h - what a capture holds: the facts behind `dpusim trace FILE`. */
#ifndef WORK_TRACE_H
#define WORK_TRACE_H

#include "sim/engine/err.h"
#include "workloads/nvme_tcp.h"
#include <stdbool.h>
#include <stdint.h>

/* Definitions as in the documentation (docs/config.md, "trace"): `outer` counts by the first
 * IP header of the frame; tcp and udp are what follows that header and its IPv6 extension
 * headers, everything else with IP is other_l4; non_ip has no IP header. Flows are different
 * outer five-tuples of TCP and UDP whose ports were captured. */
struct work_trace_facts {
    uint64_t packets, bytes_wire, bytes_captured;
    uint64_t ipv4, ipv6, tcp, udp, other_l4, non_ip;
    uint64_t flows_unidirectional, flows_bidirectional;
    bool flows_exact;   /* false: too many to count in constant memory, estimated */
    double flows_error; /* stated relative standard error of the estimate, 0 when exact */
    int64_t first_ts_ns, last_ts_ns, min_ts_ns, max_ts_ns; /* valid when packets > timeless */
    uint64_t timeless;                                     /* records stored without a time */
    uint64_t backwards;   /* records older than the one before */
    uint64_t beyond_2262; /* records whose time is later than nanoseconds since 1970 can say */
    uint64_t cut;         /* records cut by a snaplen */
    char link_type[64];
    bool damaged;
    char damage[512];            /* where and why */
    uint32_t smallest, largest;  /* original lengths */
    struct work_nvme_facts nvme; /* connections 0: it holds no NVMe/TCP */
};

/* Read the whole file. @param progress called about every 2^20 packets with packets and
 * bytes so far, may be NULL; returning false stops early (facts so far stand).
 * @return false when the file cannot be opened at all. A damaged file is read up to the
 * damage and returns true with facts->damaged. */
bool work_trace_read(const char *file, struct work_trace_facts *facts,
                     bool (*progress)(void *ctx, uint64_t packets, uint64_t bytes), void *ctx,
                     struct sim_err *err);
/* The same of a stream that is open. Owns: takes it. */
struct work_stream;
bool work_trace_read_stream(const char *file, struct work_stream *stream,
                            struct work_trace_facts *facts,
                            bool (*progress)(void *ctx, uint64_t packets, uint64_t bytes),
                            struct sim_err *err);

#endif
