/* capture_impl.h - what the readers of capture formats share; private to workloads/. */
#ifndef WORK_CAPTURE_IMPL_H
#define WORK_CAPTURE_IMPL_H

#include "workloads/reader.h"
#include "workloads/stream.h"

struct work_capture {
    char file[512]; /* as the user wrote it */
    struct work_stream *stream;
    FILE *bytes;
    enum work_status (*next)(struct work_capture *c, struct work_record *r,
                             struct sim_err *err);
    void (*close)(struct work_capture *c); /* of `format` and `bytes` */
    void *format;                          /* state of the format's reader */
    uint64_t packets;                      /* returned so far */
    uint64_t offset;                       /* of the next record */
    int64_t last_ns;                       /* time of the record before */
    enum packet_link link;                 /* pcap, snoop: of every record */
    uint32_t record_header;                /* pcap: its bytes */
    uint32_t fcs_bytes;                    /* pcap: that end every frame */
    uint32_t linktype;                     /* LINKTYPE_ of the last interface seen */
    bool mixed;                            /* interfaces differ */
    char link_name[64];
    struct sim_err damage; /* once damaged, damaged */
};

/* Openers: the stream's head has been recognised; c->bytes is not open yet.
 * Fails: err with the reason. */
bool work_pcap_open(struct work_capture *c, struct sim_err *err);
bool work_pcapng_open(struct work_capture *c, struct sim_err *err);
bool work_snoop_open(struct work_capture *c, struct sim_err *err);

/* Record damage at c->offset, after c->packets. @return WORK_DAMAGED. */
enum work_status work_damaged(struct work_capture *c, struct sim_err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The end of its text: advice, where there is something before it. */
const char *work_usable(const struct work_capture *c);

/* Read n bytes. @return the bytes got: fewer at the end of the file or where it is damaged. */
size_t work_capture_bytes(struct work_capture *c, void *to, size_t n);
/* Pass over n bytes. @return false when there are not so many. */
bool work_capture_skip(struct work_capture *c, uint32_t n);

/* What a LINKTYPE_ number of a file means; PACKET_LINK_OTHER for what is not dissected. */
enum packet_link work_link(uint32_t linktype);
/* Its name, or NULL when no such type is known. */
const char *work_link_name(uint32_t linktype);
/* An interface of this type is there: keeps c->link_name. */
void work_capture_saw_link(struct work_capture *c, uint32_t linktype);

/* Seconds and nanoseconds as nanoseconds, held at the ends of what 64 bits can say. */
int64_t work_time_ns(__int128 ns);

/* The frame's last `fcs` bytes are its check sequence: take them off, and what was captured of
 * them. Lengths that contradict each other are left alone. */
static inline void work_without_fcs(struct work_record *r, uint32_t fcs) {
    if (r->length < fcs || r->captured > r->length)
        return;
    r->length -= fcs;
    if (r->captured > r->length)
        r->captured = r->length;
}

static inline uint32_t work_u32(const uint8_t *p, bool big) {
    uint32_t v;
    __builtin_memcpy(&v, p, 4);
    bool swap = big == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
    return swap ? __builtin_bswap32(v) : v;
}

static inline uint32_t work_u16(const uint8_t *p, bool big) {
    return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

#endif
