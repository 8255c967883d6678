/* snoop.c - Solaris snoop captures, version 2. Whose definition: RFC 1761. */
#include "workloads/capture_impl.h"
#include <stdlib.h>

enum { FILE_HEADER = 16, RECORD_HEADER = 24, MAX_CAPTURED = 262144 };

struct snoop {
    uint8_t data[MAX_CAPTURED];
};

static enum work_status next(struct work_capture *c, struct work_record *r,
                             struct sim_err *err) {
    struct snoop *s = c->format;
    uint8_t h[RECORD_HEADER];
    size_t got = work_capture_bytes(c, h, sizeof h);
    if (got == 0 && !work_stream_failure(c->stream))
        return WORK_END;
    if (got < sizeof h)
        return work_damaged(c, err, "the file ends within a record header");
    uint32_t captured = work_u32(h + 4, true), record = work_u32(h + 8, true);
    if (captured > MAX_CAPTURED || record < RECORD_HEADER + captured ||
        record > 2 * MAX_CAPTURED)
        return work_damaged(c, err, "a record states %u captured bytes in %u", captured,
                            record);
    if (work_capture_bytes(c, s->data, captured) != captured ||
        !work_capture_skip(c, record - RECORD_HEADER - captured))
        return work_damaged(c, err, "the file ends within a packet of %u bytes", captured);
    r->length = work_u32(h, true);
    r->captured = captured;
    r->ts_ns = work_time_ns((__int128)work_u32(h + 16, true) * 1000000000 +
                            (__int128)work_u32(h + 20, true) * 1000);
    r->bytes = s->data;
    r->link = c->link;
    r->offset = c->offset;
    c->offset += record;
    return WORK_RECORD;
}

static void done(struct work_capture *c) {
    fclose(c->bytes);
    free(c->format);
}

/* Data link types of RFC 1761: 0 is 802.3, 4 Ethernet, 8 FDDI. */
bool work_snoop_open(struct work_capture *c, struct sim_err *err) {
    size_t n;
    const uint8_t *head = work_stream_head(c->stream, &n);
    if (n < FILE_HEADER || work_u32(head + 8, true) != 2)
        return sim_fail(err, c->file, NULL,
                        "is a snoop capture of an unknown version; convert it with editcap");
    uint32_t type = work_u32(head + 12, true);
    if (type != 0 && type != 4 && type != 8)
        return sim_fail(err, c->file, NULL,
                        "is a snoop capture of unknown link type %u; capture on Ethernet",
                        type);
    c->format = malloc(sizeof(struct snoop));
    SIM_ASSERT(c->format);
    c->bytes = work_stream_file(c->stream);
    work_capture_skip(c, FILE_HEADER);
    work_capture_saw_link(c, type == 8 ? 10 : 1);
    c->link = type == 8 ? PACKET_LINK_FDDI : PACKET_LINK_ETHERNET;
    c->offset = FILE_HEADER;
    c->next = next;
    c->close = done;
    return true;
}
