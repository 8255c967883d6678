/* capture.c - open a capture, recognise its format, hand out records.
 *
 * Formats: pcap (libpcap, workloads/pcap.c), pcapng and snoop (own readers). What is none of
 * these is refused, by name where its first bytes tell.
 * Times are nanoseconds since 1970 in 64 bits; what lies beyond (after the year 2262) is held
 * at the end of that range. A record without a time has that of the record before.
 */
#include "workloads/capture_impl.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Above every link's frames, and segments that a host's stack sees before they are cut. */
enum { MAX_LENGTH = 16 << 20 };

static bool is_pcap(const uint8_t *head) {
    static const uint32_t magics[] = {0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34, 0xa12b3c4d};
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (work_u32(head, false) == magics[i] || work_u32(head, true) == magics[i])
            return true;
    return false;
}

static const struct {
    const char *magic;
    size_t bytes;
    const char *what;
} others[] = {
    {"PK\3\4", 4, "a zip archive; unpack it first"},
    {"BZh", 3, "bzip2-compressed; unpack it with bunzip2"},
    {"\xfd"
     "7zXZ",
     5, "xz-compressed; unpack it with unxz"},
    {"\x04\x22\x4d\x18", 4, "lz4-compressed; unpack it with lz4 -d"},
    {"\x28\xb5\x2f\xfd", 4, "Zstandard-compressed twice; unpack it with zstd -d"},
    {"\x1f\x8b", 2, "gzip-compressed twice; unpack it with gunzip"},
    {"GMBU", 4, "a Microsoft Network Monitor capture; convert it with editcap -F pcapng"},
    {"\x7f"
     "ELF",
     4, "a program"},
};

static bool is_text(const uint8_t *head, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isprint(head[i]) && !isspace(head[i]))
            return false;
    return true;
}

static bool refuse(const char *file, const uint8_t *head, size_t n, struct sim_err *err) {
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (n >= others[i].bytes && memcmp(head, others[i].magic, others[i].bytes) == 0)
            return sim_fail(err, file, NULL, "is not a capture but %s", others[i].what);
    if (is_text(head, n))
        return sim_fail(err, file, NULL,
                        "is text, not a capture; pcap and pcapng files can be read");
    char hex[9] = "";
    for (size_t i = 0; i < 4 && i < n; i++)
        snprintf(hex + 2 * i, 3, "%02x", head[i]);
    return sim_fail(err, file, NULL,
                    "is not a capture: it starts with %s; pcap and pcapng files can be read",
                    hex);
}

typedef bool opener(struct work_capture *c, struct sim_err *err);

static opener *opener_of(const uint8_t *head, size_t n) {
    if (n >= 4 && memcmp(head, "\x0a\x0d\x0d\x0a", 4) == 0)
        return work_pcapng_open;
    if (n >= 4 && is_pcap(head))
        return work_pcap_open;
    if (n >= 8 && memcmp(head, "snoop\0\0\0", 8) == 0)
        return work_snoop_open;
    return NULL;
}

bool work_capture_is(struct work_stream *stream) {
    size_t n;
    const uint8_t *head = work_stream_head(stream, &n);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (n >= others[i].bytes && memcmp(head, others[i].magic, others[i].bytes) == 0)
            return true; /* refused by its name */
    return opener_of(head, n) != NULL;
}

static bool open_format(struct work_capture *c, struct sim_err *err) {
    size_t n;
    const uint8_t *head = work_stream_head(c->stream, &n);
    opener *open = opener_of(head, n);
    return open ? open(c, err) : refuse(c->file, head, n, err);
}

static void stop(struct work_capture *c) {
    if (c->close)
        c->close(c);
    work_stream_close(c->stream);
}

struct work_capture *work_capture_open_stream(const char *file, struct work_stream *stream,
                                              struct sim_err *err) {
    struct work_capture *c = calloc(1, sizeof *c);
    SIM_ASSERT(c);
    c->stream = stream;
    if (strlen(file) < sizeof c->file) {
        memcpy(c->file, file, strlen(file) + 1);
        if (open_format(c, err))
            return c;
    } else {
        sim_fail(err, file, NULL, "the name is longer than %zu bytes", sizeof c->file - 1);
    }
    work_capture_close(c);
    return NULL;
}

struct work_capture *work_capture_open(const char *file, struct sim_err *err) {
    struct work_stream *stream = work_stream_open(file, err);
    return stream ? work_capture_open_stream(file, stream, err) : NULL;
}

enum work_status work_capture_next(struct work_capture *c, struct work_record *r,
                                   struct sim_err *err) {
    if (c->damage.set) {
        sim_fail(err, c->damage.source, c->damage.path, "%s", c->damage.text);
        return WORK_DAMAGED;
    }
    r->timeless = r->custom = false;
    enum work_status status = c->next(c, r, err);
    if (status != WORK_RECORD)
        return status;
    if (r->length > MAX_LENGTH) {
        c->offset = r->offset;
        return work_damaged(c, err,
                            "the next packet is said to be of %u bytes; none is so long%s",
                            r->length, work_usable(c));
    }
    if (r->timeless)
        r->ts_ns = c->last_ns;
    c->last_ns = r->ts_ns;
    c->packets++;
    return WORK_RECORD;
}

const char *work_capture_link_name(const struct work_capture *c) {
    return c->link_name[0] ? c->link_name : "none";
}

bool work_capture_rereadable(const struct work_capture *c) {
    return work_stream_rereadable(c->stream);
}

bool work_capture_rewind(struct work_capture *c, struct sim_err *err) {
    if (!work_capture_rereadable(c))
        return sim_fail(err, c->file, NULL,
                        "cannot be read twice: it is a pipe; store it in a file");
    stop(c);
    struct work_capture fresh = {0};
    memcpy(fresh.file, c->file, sizeof fresh.file);
    *c = fresh;
    c->stream = work_stream_open(c->file, err);
    return c->stream && open_format(c, err);
}

void work_capture_close(struct work_capture *c) {
    if (!c)
        return;
    stop(c);
    free(c);
}
