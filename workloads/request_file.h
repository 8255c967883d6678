/* request_file.h - the requests of a file as a source wants them: of a block trace, or of a
 * capture of NVMe/TCP, whichever it is; read as they are needed, in constant memory.
 */
#ifndef WORK_REQUEST_FILE_H
#define WORK_REQUEST_FILE_H

#include "workloads/block_reader.h"
#include "workloads/nvme_tcp.h"

enum { WORK_REQUEST_NAME = 300 };

struct work_request_file {
    const char *file;
    struct work_block_opts opts; /* skip_bad: of a capture, what comes before damage is all */
    uint32_t lba_bytes;          /* of a capture, see struct work_nvme_opts */
    /* state */
    struct work_block *block; /* one of the two while the file is open */
    struct work_nvme *nvme;
    int64_t tick_ps;
    bool is_capture;
    bool peeked; /* `first` is read and not taken yet */
    struct work_io first;
    bool again; /* this is not the first pass */
    /* of the first pass */
    int64_t requests, damaged;
    int64_t skipped_lines; /* that are no requests, with skip_bad */
    int64_t hidden;        /* commands of which a capture does not show all */
};

/* See that it can be opened and its first request read; what can be read again is closed.
 * @param loops it will be read again. Fails: err says where. */
bool work_request_file_peek(struct work_request_file *f, bool loops, struct sim_err *err);
/* Open it at the first request, if it is not open. */
bool work_request_file_open(struct work_request_file *f, struct sim_err *err);
/* The next request. WORK_DAMAGED: err says where. What was stopped (work_stream_stop) ends
 * there. */
enum work_status work_request_file_next(struct work_request_file *f, struct work_io *io,
                                        struct sim_err *err);
/* Back to the first request, for one more pass. */
bool work_request_file_rewind(struct work_request_file *f, struct sim_err *err);
/* The name of a device that was met, into buf. @return buf. */
const char *work_request_file_device(const struct work_request_file *f, uint32_t device,
                                     char buf[WORK_REQUEST_NAME]);
void work_request_file_close(struct work_request_file *f);

#endif
