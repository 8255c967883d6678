/* nvme_tcp.h - requests and facts out of captures of NVMe/TCP, the transport of NVMe over
 * Fabrics on TCP (NVM Express TCP Transport Specification 1.0).
 *
 * Recognised are connections of ports 4420 and 8009 by what they carry, and of any port by
 * their first segment, when it begins with an ICReq PDU. Memory does not grow with the capture.
 *
 * A request is a command on an I/O queue. Its time is that of the packet with the first byte
 * of its capsule; it is complete with the packet that holds the last byte of its response, or
 * of the C2HData PDU that says SUCCESS. What the capture does not show is counted, not made up:
 * a command whose fields are not all there is no request.
 */
#ifndef WORK_NVME_TCP_H
#define WORK_NVME_TCP_H

#include "workloads/block.h"
#include "workloads/reader.h"
#include "workloads/tcp_stream.h"

enum { WORK_NVME_PDUS = 10, WORK_NVME_STATUSES = 16, WORK_NVME_SPACES = 16 };

enum work_nvme_lba { WORK_NVME_UNKNOWN, WORK_NVME_IDENTIFY, WORK_NVME_STATED, WORK_NVME_SGL };

struct work_nvme_namespace {
    uint32_t nsid;
    uint32_t lba_bytes; /* 0: not known */
    uint64_t subsystem; /* a digest of the name that Connect asks for, else of the
                           controller's address and port */
    enum work_nvme_lba from;
};

struct work_nvme_facts {
    uint64_t packets; /* of the connections that carry NVMe/TCP */
    uint64_t connections, admin_queues, io_queues,
        unknown_queues; /* by their Connect command */
    uint64_t evicted;   /* connections forgotten, for too many were open */
    struct work_tcp_counts tcp;

    uint64_t pdus[WORK_NVME_PDUS]; /* by type: those whose first 8 bytes are seen */
    uint64_t bad_pdus;             /* headers that contradict the specification */
    char first_bad[160];           /* the first of them: where, and what */
    uint64_t lost_step, found_step, unread_bytes; /* PDUs' boundaries lost, found again by
                                              content, bytes between */
    uint64_t given_up; /* directions of connections where they were not found again */
    uint64_t header_digests_ok, header_digests_bad, data_digests_ok, data_digests_bad;
    uint64_t digests_unseen; /* header or data not whole in the capture */
    uint64_t in_capsule_bytes, h2c_bytes, c2h_bytes, r2t_bytes;
    uint64_t above_maxh2cdata; /* H2CData PDUs longer than the controller allowed */

    uint64_t commands, admin_commands,
        fabrics_commands;  /* all of queue 0, of fabrics: within */
    uint64_t opcodes[256]; /* of commands; all of fabrics at 0x7f */
    uint64_t opcodes_cut;  /* capsules of which not even the opcode is seen */
    uint64_t requests[WORK_IO_OPS], bytes[WORK_IO_OPS];
    uint64_t not_requests_cut;    /* of I/O queues, without all that a request needs */
    uint64_t not_requests_lba;    /* the size of its namespace's blocks is not known */
    uint64_t not_requests_bad;    /* its place is beyond 64 bits of bytes */
    uint64_t not_requests_device; /* of namespaces beyond the first 1024 */

    /* Of commands on I/O queues */
    uint64_t completed;
    uint64_t untimed;  /* of these: it is not known when */
    uint64_t doubtful; /* of these: both directions hide headers between command and response,
                          so that it may be a later command's of the same identifier */
    uint64_t unanswered, admin_unanswered; /* as far as the capture goes */
    uint64_t late;                         /* answered after they had to be handed out */
    uint64_t unmatched; /* responses, of any queue, to no command that was seen */
    uint64_t failed;    /* responses, of any queue, with a status other than success */
    struct {
        uint16_t status; /* type << 8 | code */
        uint64_t count;
    } statuses[WORK_NVME_STATUSES]; /* the first ones that were met */
    uint64_t outstanding, most_outstanding;
    uint64_t latencies; /* completed and timed */
    int64_t latency_min, latency_max;
    double latency_sum;
    int64_t first_time, last_time; /* of requests; valid when requests_timed > 0 */
    uint64_t requests_timed;
    uint32_t namespaces;
    struct work_nvme_namespace space[WORK_NVME_SPACES]; /* the first ones, at the end */
};

struct work_nvme_opts {
    uint32_t lba_bytes; /* of namespaces of which no Identify is seen; 0: by the SGLs */
};

/* Feeding records by hand: what `dpusim trace` does on its one pass over a file. */
struct work_nvme_tap;
/* @param requests whether work_nvme_tap_next will be called. */
struct work_nvme_tap *work_nvme_tap_new(struct work_nvme_opts opts, bool requests);
void work_nvme_tap_record(struct work_nvme_tap *tap, const struct work_record *r,
                          const struct packet *p);
/* The capture is over. */
void work_nvme_tap_end(struct work_nvme_tap *tap);
/* @return false while the next command waits for its response, or there is none. */
bool work_nvme_tap_next(struct work_nvme_tap *tap, struct work_io *io);
const struct work_nvme_facts *work_nvme_tap_facts(const struct work_nvme_tap *tap);
/* @param device below facts->namespaces. */
const struct work_nvme_namespace *work_nvme_tap_namespace(const struct work_nvme_tap *tap,
                                                          uint32_t device);
void work_nvme_tap_free(struct work_nvme_tap *tap);

/* The same of a whole file: requests in the order of their commands. */
struct work_nvme;
/* Fails: as work_capture_open; a stated LBA size that is no power of two from 512 on. */
struct work_nvme *work_nvme_open(const char *file, struct work_nvme_opts opts,
                                 struct sim_err *err);
/* The same of a stream that is open. Owns: takes it, also when it fails. */
struct work_nvme *work_nvme_open_stream(const char *file, struct work_stream *stream,
                                        struct work_nvme_opts opts, struct sim_err *err);
/* The next request; ticks are nanoseconds. WORK_DAMAGED: the file cannot be read further, or
 * was read to its end and holds no NVMe/TCP; err says so. */
enum work_status work_nvme_next(struct work_nvme *n, struct work_io *io, struct sim_err *err);
/* Whole once work_nvme_next has returned WORK_END or WORK_DAMAGED. */
const struct work_nvme_facts *work_nvme_facts(const struct work_nvme *n);
const struct work_nvme_namespace *work_nvme_namespace(const struct work_nvme *n,
                                                      uint32_t device);
/* false for standard input, pipes and the like, whose bytes are gone once read. */
bool work_nvme_rereadable(const struct work_nvme *n);
bool work_nvme_rewind(struct work_nvme *n, struct sim_err *err);
void work_nvme_close(struct work_nvme *n);

#endif
