/* nvme_tcp_file.c - the requests of a capture, one after the other. */
#include "workloads/nvme_tcp.h"
#include "workloads/stream.h"
#include <stdio.h>
#include <stdlib.h>

struct work_nvme {
    char file[512];
    struct work_capture *capture;
    struct work_nvme_tap *tap;
    struct work_nvme_opts opts;
    enum work_status status; /* WORK_RECORD while there is more to read */
    struct sim_err damage;
};

struct work_nvme *work_nvme_open(const char *file, struct work_nvme_opts opts,
                                 struct sim_err *err) {
    struct work_stream *stream = work_stream_open(file, err);
    return stream != NULL ? work_nvme_open_stream(file, stream, opts, err) : NULL;
}

struct work_nvme *work_nvme_open_stream(const char *file, struct work_stream *stream,
                                        struct work_nvme_opts opts, struct sim_err *err) {
    uint32_t lba = opts.lba_bytes;
    if (lba != 0 && (lba < 512 || (lba & (lba - 1)) != 0)) {
        sim_fail(err, file, NULL,
                 "cannot have blocks of %u bytes; 512, 4096 and other powers "
                 "of two from 512 on can be stated",
                 lba);
        work_stream_close(stream);
        return NULL;
    }
    struct work_capture *capture = work_capture_open_stream(file, stream, err);
    if (capture == NULL)
        return NULL;
    struct work_nvme *n = calloc(1, sizeof *n);
    SIM_ASSERT(n != NULL);
    n->capture = capture;
    n->opts = opts;
    n->tap = work_nvme_tap_new(opts, true);
    n->status = WORK_RECORD;
    snprintf(n->file, sizeof n->file, "%s", file);
    return n;
}

/* The capture's end: what is not complete never will be. */
static void end(struct work_nvme *n) {
    work_nvme_tap_end(n->tap);
    if (n->status == WORK_END && work_nvme_tap_facts(n->tap)->connections == 0) {
        n->status = WORK_DAMAGED;
        sim_fail(
            &n->damage, n->file, NULL,
            "holds no NVMe/TCP: no TCP payload begins with an ICReq PDU, and what goes to "
            "or from ports 4420 and 8009 is something else or encrypted; capture where the "
            "connections begin, without TLS");
    }
}

static void read_record(struct work_nvme *n) {
    struct work_record r;
    struct packet p;
    n->status = work_capture_next(n->capture, &r, &n->damage);
    if (n->status != WORK_RECORD) {
        end(n);
        return;
    }
    packet_dissect(r.link, r.bytes, r.captured, r.length, &p);
    work_nvme_tap_record(n->tap, &r, &p);
}

enum work_status work_nvme_next(struct work_nvme *n, struct work_io *io, struct sim_err *err) {
    while (!work_nvme_tap_next(n->tap, io)) {
        if (n->status == WORK_RECORD) {
            read_record(n);
            continue;
        }
        if (n->status == WORK_DAMAGED && err != NULL && !err->set)
            *err = n->damage;
        return n->status;
    }
    return WORK_RECORD;
}

const struct work_nvme_facts *work_nvme_facts(const struct work_nvme *n) {
    return work_nvme_tap_facts(n->tap);
}

const struct work_nvme_namespace *work_nvme_namespace(const struct work_nvme *n,
                                                      uint32_t device) {
    return work_nvme_tap_namespace(n->tap, device);
}

bool work_nvme_rereadable(const struct work_nvme *n) {
    return work_capture_rereadable(n->capture);
}

bool work_nvme_rewind(struct work_nvme *n, struct sim_err *err) {
    if (!work_capture_rewind(n->capture, err))
        return false;
    work_nvme_tap_free(n->tap);
    n->tap = work_nvme_tap_new(n->opts, true);
    n->status = WORK_RECORD;
    n->damage.set = false;
    return true;
}

void work_nvme_close(struct work_nvme *n) {
    if (n == NULL)
        return;
    work_nvme_tap_free(n->tap);
    work_capture_close(n->capture);
    free(n);
}
