/* capture_impl.c - what the readers of capture formats share: damage, bytes, times. */
#include "workloads/capture_impl.h"
#include <stdarg.h>

int64_t work_time_ns(__int128 ns) {
    return ns > INT64_MAX ? INT64_MAX : ns < INT64_MIN ? INT64_MIN : (int64_t)ns;
}

static void place(const struct work_capture *c, char *buf, size_t n) {
    snprintf(buf, n, "after packet %llu, byte %llu", (unsigned long long)c->packets,
             (unsigned long long)c->offset);
}

enum work_status work_damaged(struct work_capture *c, struct sim_err *err, const char *fmt,
                              ...) {
    char where[64], text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    place(c, where, sizeof where);
    const char *failure = work_stream_failure(c->stream);
    sim_fail(&c->damage, c->file, where, "%s", failure ? failure : text);
    sim_fail(err, c->damage.source, c->damage.path, "%s", c->damage.text);
    return WORK_DAMAGED;
}

const char *work_usable(const struct work_capture *c) {
    return c->packets > 0 ? "; what comes before can be used" : "";
}

size_t work_capture_bytes(struct work_capture *c, void *to, size_t n) {
    return fread(to, 1, n, c->bytes);
}

bool work_capture_skip(struct work_capture *c, uint32_t n) {
    uint8_t sink[4096];
    while (n > 0) {
        uint32_t part = n < sizeof sink ? n : (uint32_t)sizeof sink;
        if (work_capture_bytes(c, sink, part) != part)
            return false;
        n -= part;
    }
    return true;
}
