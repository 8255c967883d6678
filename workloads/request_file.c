/* request_file.c - see request_file.h.
 *
 * A file is not left open between building and running, so that a build that fails elsewhere
 * leaves nothing open; what cannot be read twice, standard input or another pipe, is. A format
 * that is named, or stated as a row, is a block trace; else the first bytes say what it is.
 */
#include "workloads/request_file.h"
#include "workloads/stream.h"
#include <inttypes.h>
#include <stdio.h>

enum { NS = 1000 }; /* picoseconds of a tick of struct work_nvme */

static bool open_capture(struct work_request_file *f, struct work_stream *stream,
                         struct sim_err *err) {
    f->is_capture = true;
    f->tick_ps = NS;
    f->nvme = work_nvme_open_stream(f->file, stream,
                                    (struct work_nvme_opts){.lba_bytes = f->lba_bytes}, err);
    return f->nvme != NULL;
}

static bool open_trace(struct work_request_file *f, struct work_stream *stream,
                       struct sim_err *err) {
    f->block = work_block_open_stream(f->file, stream, &f->opts, err);
    f->tick_ps = f->block != NULL ? work_block_about(f->block)->tick_ps : 1;
    return f->block != NULL;
}

bool work_request_file_open(struct work_request_file *f, struct sim_err *err) {
    if (f->block != NULL || f->nvme != NULL)
        return true;
    f->requests = 0;
    struct work_stream *stream = work_stream_open(f->file, err);
    if (stream == NULL)
        return false;
    bool named = f->opts.format != NULL || f->opts.own != NULL;
    return !named && work_capture_is(stream) ? open_capture(f, stream, err)
                                             : open_trace(f, stream, err);
}

void work_request_file_close(struct work_request_file *f) {
    work_block_close(f->block);
    work_nvme_close(f->nvme);
    f->block = NULL;
    f->nvme = NULL;
}

bool work_request_file_rewind(struct work_request_file *f, struct sim_err *err) {
    f->again = true;
    return f->nvme != NULL ? work_nvme_rewind(f->nvme, err) : work_block_rewind(f->block, err);
}

/* What was passed over so far. */
static void count(struct work_request_file *f) {
    if (f->again)
        return;
    if (f->block != NULL) {
        f->skipped_lines = (int64_t)work_block_about(f->block)->skipped;
        return;
    }
    const struct work_nvme_facts *n = work_nvme_facts(f->nvme);
    f->hidden = (int64_t)(n->not_requests_cut + n->not_requests_lba + n->not_requests_bad +
                          n->not_requests_device);
}

static enum work_status damaged(struct work_request_file *f, const struct sim_err *damage,
                                struct sim_err *err) {
    if (work_stream_stopped())
        return WORK_END;
    if (f->opts.skip_bad && f->requests > 0) {
        f->damaged = 1;
        return WORK_END;
    }
    sim_fail(err, damage->source, damage->path, "%s%s", damage->text,
             f->opts.skip_bad || f->requests == 0
                 ? ""
                 : "; with \"skip_bad\": true what can be read is replayed");
    return WORK_DAMAGED;
}

enum work_status work_request_file_next(struct work_request_file *f, struct work_io *io,
                                        struct sim_err *err) {
    struct sim_err damage = {0};
    if (f->peeked) {
        f->peeked = false;
        *io = f->first;
        return WORK_RECORD;
    }
    enum work_status status = f->nvme != NULL ? work_nvme_next(f->nvme, io, &damage)
                                              : work_block_next(f->block, io, &damage);
    count(f);
    if (status == WORK_DAMAGED)
        return damaged(f, &damage, err);
    f->requests += status == WORK_RECORD && !f->again;
    return status;
}

static bool rereadable(const struct work_request_file *f) {
    return f->nvme != NULL ? work_nvme_rereadable(f->nvme) : work_block_rereadable(f->block);
}

bool work_request_file_peek(struct work_request_file *f, bool loops, struct sim_err *err) {
    if (!work_request_file_open(f, err))
        return false;
    enum work_status status = work_request_file_next(f, &f->first, err);
    bool piped = !rereadable(f);
    f->peeked = status == WORK_RECORD && piped && !loops;
    if (!f->peeked)
        work_request_file_close(f);
    if (status == WORK_END)
        return sim_fail(err, f->file, NULL, "holds no requests%s",
                        f->skipped_lines > 0 ? "; none of its lines can be one" : "");
    if (status == WORK_RECORD && piped && loops)
        return sim_fail(err, f->file, NULL,
                        "cannot be read twice: it is a pipe; store it in a file to loop it");
    return status == WORK_RECORD;
}

const char *work_request_file_device(const struct work_request_file *f, uint32_t device,
                                     char buf[WORK_REQUEST_NAME]) {
    const char *name = f->block != NULL ? work_block_device(f->block, device) : "";
    if (f->nvme != NULL)
        snprintf(buf, WORK_REQUEST_NAME, "nsid-%" PRIu32,
                 work_nvme_namespace(f->nvme, device)->nsid);
    else if (name[0] != '\0')
        snprintf(buf, WORK_REQUEST_NAME, "%s", name);
    else
        snprintf(buf, WORK_REQUEST_NAME, "device-%" PRIu32, device);
    return buf;
}
