/* gz.c - a file's bytes as a stdio stream: plain, gzip (zlib) or Zstandard (libzstd).
 *
 * The stream is glibc's fopencookie, so that libpcap reads it as a FILE. What was unpacked
 * before damage is delivered first; then reading fails and work_stream_failure says why.
 * Left out: xz, bzip2, lz4 and zip, and Zstandard windows beyond 8 MiB (levels above 19 or
 * --long), which would not fit the memory that reading may take.
 * Whose definitions: RFC 1952, RFC 8878.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* fopencookie */
#endif
#include "workloads/stream.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#ifdef DPUSIM_ZSTD
#include <zstd.h>
#endif

enum { HEAD_BYTES = 32, PACKED_BYTES = 1 << 17, FILE_BUFFER = 1 << 18, ZSTD_WINDOW_LOG = 23 };
enum { WAIT_MS = 200 };

/* Of the process, as signals are. */
static volatile sig_atomic_t stop_asked;
static bool stopped;

void work_stream_stop(void) { stop_asked = 1; }

bool work_stream_stopped(void) { return stopped; }

struct work_stream {
    int fd;
    bool regular, rereadable;
    uint8_t head[HEAD_BYTES]; /* first bytes, delivered again */
    size_t head_bytes, head_at;
    ssize_t (*unpack)(struct work_stream *s, uint8_t *to, size_t n); /* 0: end, -1: failed */
    uint8_t *packed;                                                 /* [PACKED_BYTES] */
    size_t packed_at, packed_bytes;
    bool between; /* at the start of a gzip member or Zstandard frame */
    z_stream gzip;
#ifdef DPUSIM_ZSTD
    ZSTD_DStream *zstd;
#endif
    char failure[160];
};

static ssize_t failed(struct work_stream *s, const char *what, const char *why) {
    if (!s->failure[0])
        snprintf(s->failure, sizeof s->failure, "%s%s%s", what, why ? ": " : "",
                 why ? why : "");
    errno = EIO;
    return -1;
}

/* Wait for data of a pipe and the like. Not for long at a time: a signal just before poll does
 * not end it. @return false when asked to stop. */
static bool wait_for_data(const struct work_stream *s) {
    struct pollfd p = {.fd = s->fd, .events = POLLIN};
    while (!stop_asked) {
        int ready = poll(&p, 1, WAIT_MS);
        if (ready > 0 || (ready < 0 && errno != EINTR))
            return true; /* read says what is wrong */
    }
    stopped = true;
    return false;
}

static ssize_t read_fd(struct work_stream *s, uint8_t *to, size_t n) {
    for (;;) {
        if (!s->regular && !wait_for_data(s))
            return failed(s, "was not read to its end", NULL);
        ssize_t got = read(s->fd, to, n);
        if (got >= 0)
            return got;
        if (errno != EINTR)
            return failed(s, "cannot be read", strerror(errno));
    }
}

static ssize_t unpack_plain(struct work_stream *s, uint8_t *to, size_t n) {
    if (s->packed_at == s->packed_bytes)
        return read_fd(s, to, n);
    size_t have = s->packed_bytes - s->packed_at, take = n < have ? n : have;
    memcpy(to, s->packed + s->packed_at, take);
    s->packed_at += take;
    return (ssize_t)take;
}

/* Packed bytes at hand, reading more when there are none. 0: end, -1: failed. */
static ssize_t refill(struct work_stream *s) {
    if (s->packed_at < s->packed_bytes)
        return 1;
    ssize_t got = read_fd(s, s->packed, PACKED_BYTES);
    s->packed_at = 0;
    s->packed_bytes = got > 0 ? (size_t)got : 0;
    return got;
}

/* One call of inflate. @return bytes made, -1 after a failure that left nothing. */
static ssize_t inflate_some(struct work_stream *s, uint8_t *to, size_t n) {
    s->gzip.next_in = s->packed + s->packed_at;
    s->gzip.avail_in = (uInt)(s->packed_bytes - s->packed_at);
    s->gzip.next_out = to;
    s->gzip.avail_out = (uInt)(n < FILE_BUFFER ? n : FILE_BUFFER);
    uInt room = s->gzip.avail_out;
    int status = inflate(&s->gzip, Z_NO_FLUSH);
    s->packed_at = s->packed_bytes - s->gzip.avail_in;
    ssize_t made = (ssize_t)(room - s->gzip.avail_out);
    s->between = status == Z_STREAM_END;
    if (status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR)
        return made;
    failed(s, "gzip data is corrupt", s->gzip.msg);
    return made ? made : -1;
}

/* After a member: zeros, as tapes leave them, then another member or the end. Anything else
 * may be a damaged member: to take it for padding would lose the rest unnoticed.
 * @return 1: a member begins, 0: end, -1: failed. */
static ssize_t next_member(struct work_stream *s) {
    ssize_t more;
    while ((more = refill(s)) > 0 && s->packed[s->packed_at] == 0)
        s->packed_at++;
    if (more <= 0)
        return more;
    if (s->packed[s->packed_at] != 0x1f)
        return failed(s, "gzip data is followed by something else", NULL);
    inflateReset(&s->gzip);
    s->between = false;
    return 1;
}

static ssize_t unpack_gzip(struct work_stream *s, uint8_t *to, size_t n) {
    for (;;) {
        if (s->failure[0])
            return -1;
        ssize_t more = s->between ? next_member(s) : refill(s);
        if (more < 0 || (more == 0 && s->between))
            return more;
        if (more == 0)
            return failed(s, "gzip data ends early", "the file was cut short");
        ssize_t made = inflate_some(s, to, n);
        if (made != 0)
            return made;
    }
}

static bool start_gzip(struct work_stream *s) {
    s->unpack = unpack_gzip;
    return inflateInit2(&s->gzip, 15 + 16) == Z_OK; /* 16: expect gzip's header */
}

#ifdef DPUSIM_ZSTD
static ssize_t unpack_zstd(struct work_stream *s, uint8_t *to, size_t n) {
    for (;;) {
        if (s->failure[0])
            return -1;
        ssize_t more = refill(s);
        if (more < 0 || (more == 0 && s->between))
            return more;
        if (more == 0)
            return failed(s, "Zstandard data ends early", "the file was cut short");
        ZSTD_inBuffer in = {s->packed, s->packed_bytes, s->packed_at};
        ZSTD_outBuffer out = {to, n, 0};
        size_t status = ZSTD_decompressStream(s->zstd, &out, &in);
        s->packed_at = in.pos;
        s->between = status == 0;
        if (ZSTD_isError(status))
            failed(s, "Zstandard data cannot be unpacked", ZSTD_getErrorName(status));
        if (out.pos > 0)
            return (ssize_t)out.pos;
    }
}

static bool start_zstd(struct work_stream *s) {
    s->unpack = unpack_zstd;
    s->zstd = ZSTD_createDStream();
    return s->zstd &&
           !ZSTD_isError(ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG));
}
#else
static bool start_zstd(struct work_stream *s) {
    failed(s, "is Zstandard-compressed, which this build cannot unpack",
           "unpack it with zstd -d");
    return true;
}
#endif

static bool starts_with(const struct work_stream *s, const char *magic, size_t n) {
    return s->packed_bytes >= n && memcmp(s->packed, magic, n) == 0;
}

/* Choose how to unpack by the first bytes. */
static bool start(struct work_stream *s) {
    if (starts_with(s, "\x1f\x8b", 2))
        return start_gzip(s);
    if (starts_with(s, "\x28\xb5\x2f\xfd", 4))
        return start_zstd(s);
    s->unpack = unpack_plain;
    return true;
}

/* Read at least four packed bytes where there are so many: a pipe may give fewer at once. */
static bool first_bytes(struct work_stream *s) {
    while (s->packed_bytes < 4) {
        ssize_t got = read_fd(s, s->packed + s->packed_bytes, PACKED_BYTES - s->packed_bytes);
        if (got < 0)
            return false;
        if (got == 0)
            break;
        s->packed_bytes += (size_t)got;
    }
    return true;
}

static void fill_head(struct work_stream *s) {
    while (s->head_bytes < HEAD_BYTES) {
        ssize_t got = s->unpack(s, s->head + s->head_bytes, HEAD_BYTES - s->head_bytes);
        if (got <= 0)
            return;
        s->head_bytes += (size_t)got;
    }
}

/* A named pipe is open when somebody writes to it: that may be never. */
static int open_file(const char *file) {
    int fd;
    do {
        fd = open(file, O_RDONLY | O_CLOEXEC);
    } while (fd < 0 && errno == EINTR && !stop_asked);
    return fd;
}

static bool open_fd(struct work_stream *s, const char *file, struct sim_err *err) {
    s->fd = strcmp(file, "-") == 0 ? dup(STDIN_FILENO) : open_file(file);
    struct stat st;
    if (s->fd < 0 || fstat(s->fd, &st) != 0) {
        if (errno == ENOENT)
            return sim_fail(err, file, NULL, "does not exist; check the path");
        return sim_fail(err, file, NULL, "cannot be opened: %s", strerror(errno));
    }
    if (S_ISDIR(st.st_mode))
        return sim_fail(err, file, NULL, "is a directory; name a capture file in it");
    s->regular = S_ISREG(st.st_mode);
    s->rereadable = s->regular && strcmp(file, "-") != 0;
    return true;
}

static bool open_stream(struct work_stream *s, const char *file, struct sim_err *err) {
    if (!open_fd(s, file, err))
        return false;
    if (!first_bytes(s))
        return sim_fail(err, file, NULL, "%s", s->failure);
    if (s->packed_bytes == 0)
        return sim_fail(err, file, NULL, "is empty: there is nothing in it to read");
    if (!start(s))
        return sim_fail(err, file, NULL, "the decompressor could not be started");
    if (!s->failure[0])
        fill_head(s);
    if (s->head_bytes == 0 && s->failure[0])
        return sim_fail(err, file, NULL, "%s", s->failure);
    if (s->head_bytes == 0)
        return sim_fail(err, file, NULL, "is empty once unpacked; a capture has a file header");
    return true;
}

struct work_stream *work_stream_open(const char *file, struct sim_err *err) {
    struct work_stream *s = calloc(1, sizeof *s);
    SIM_ASSERT(s);
    s->fd = -1;
    s->packed = malloc(PACKED_BYTES);
    SIM_ASSERT(s->packed);
    if (open_stream(s, file, err))
        return s;
    work_stream_close(s);
    return NULL;
}

uint8_t *work_stream_head(struct work_stream *s, size_t *n) {
    *n = s->head_bytes;
    return s->head;
}

static ssize_t cookie_read(void *cookie, char *to, size_t n) {
    struct work_stream *s = cookie;
    if (s->head_at == s->head_bytes)
        return s->unpack(s, (uint8_t *)to, n);
    size_t left = s->head_bytes - s->head_at, take = n < left ? n : left;
    memcpy(to, s->head + s->head_at, take);
    s->head_at += take;
    return (ssize_t)take;
}

FILE *work_stream_file(struct work_stream *s) {
    FILE *f = fopencookie(s, "r", (cookie_io_functions_t){.read = cookie_read});
    SIM_ASSERT(f);
    setvbuf(f, NULL, _IOFBF, FILE_BUFFER);
    __fsetlocking(f, FSETLOCKING_BYCALLER);
    return f;
}

const char *work_stream_failure(const struct work_stream *s) {
    return s->failure[0] ? s->failure : NULL;
}

bool work_stream_rereadable(const struct work_stream *s) { return s->rereadable; }

void work_stream_close(struct work_stream *s) {
    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    inflateEnd(&s->gzip);
#ifdef DPUSIM_ZSTD
    ZSTD_freeDStream(s->zstd);
#endif
    free(s->packed);
    free(s);
}
