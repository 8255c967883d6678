/* capture_bytes.h - for tests of captures: files written byte by byte, in either byte order,
 * and what the reader makes of them.
 */
#ifndef CAPTURE_BYTES_TEST_H
#define CAPTURE_BYTES_TEST_H

#include "tests/check_main.h"
#include "workloads/reader.h"
#include <string.h>

static char name[64]; /* of the file under test */

struct file {
    uint8_t bytes[4096];
    size_t n;
    bool big;
};

static inline void put(struct file *f, const void *bytes, size_t n) {
    memcpy(f->bytes + f->n, bytes, n);
    f->n += n;
}

static inline void put32(struct file *f, uint32_t v) {
    for (int i = 0; i < 4; i++)
        f->bytes[f->n++] = (uint8_t)(v >> (f->big ? 24 - 8 * i : 8 * i));
}

static inline void put16(struct file *f, uint32_t v) {
    f->bytes[f->n++] = (uint8_t)(f->big ? v >> 8 : v);
    f->bytes[f->n++] = (uint8_t)(f->big ? v : v >> 8);
}

static inline void pcap_header(struct file *f, uint32_t magic, uint32_t linktype) {
    put32(f, magic);
    put16(f, 2);
    put16(f, 4);
    put32(f, 0);
    put32(f, 0);
    put32(f, 64); /* snaplen */
    put32(f, linktype);
}

static inline void pcap_record(struct file *f, uint32_t sec, uint32_t frac, uint32_t n) {
    static const uint8_t zeros[256];
    put32(f, sec);
    put32(f, frac);
    put32(f, n);
    put32(f, n);
    put(f, zeros, n < sizeof zeros ? n : 0);
}

static inline void block(struct file *f, uint32_t type, const struct file *body) {
    put32(f, type);
    put32(f, (uint32_t)body->n + 12);
    put(f, body->bytes, body->n);
    put32(f, (uint32_t)body->n + 12);
}

static inline void section(struct file *f) {
    struct file b = {.big = f->big};
    put32(&b, 0x1a2b3c4d);
    put16(&b, 1);
    put16(&b, 0);
    put32(&b, UINT32_MAX);
    put32(&b, UINT32_MAX);
    block(f, 0x0a0d0d0a, &b);
}

/* resolution < 0: none stated */
static inline void interface(struct file *f, uint32_t linktype, int resolution,
                             uint32_t offset_s) {
    struct file b = {.big = f->big};
    put16(&b, linktype);
    put16(&b, 0);
    put32(&b, 16);
    if (resolution >= 0) {
        put16(&b, 9);
        put16(&b, 1);
        put(&b, (uint8_t[4]){(uint8_t)resolution}, 4);
    }
    if (offset_s) {
        put16(&b, 14);
        put16(&b, 8);
        put32(&b, f->big ? 0 : offset_s);
        put32(&b, f->big ? offset_s : 0);
    }
    block(f, 1, &b);
}

static inline void packet(struct file *f, uint32_t interface_number, uint64_t ts, uint32_t n) {
    static const uint8_t zeros[256];
    struct file b = {.big = f->big};
    put32(&b, interface_number);
    put32(&b, (uint32_t)(ts >> 32));
    put32(&b, (uint32_t)ts);
    put32(&b, n);
    put32(&b, n + 100);
    put(&b, zeros, (n + 3) / 4 * 4);
    block(f, 6, &b);
}

static inline void setup_name(void) {
    snprintf(name, sizeof name, "/tmp/dpusim_capture_XXXXXX");
    int fd = mkstemp(name);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static inline void store(const void *bytes, size_t n) {
    setup_name();
    FILE *f = fopen(name, "wb");
    ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

/* Read all. @return records; *last is the last one, *line what went wrong. */
static inline unsigned read_all(struct work_record *last, char line[2200],
                                enum packet_link links[8]) {
    struct sim_err err = {0};
    line[0] = 0;
    unsigned n = 0;
    struct work_capture *c = work_capture_open(name, &err);
    if (c) {
        struct work_record r = {0};
        enum work_status status;
        while ((status = work_capture_next(c, &r, &err)) == WORK_RECORD) {
            links[n++ % 8] = r.link;
            *last = r;
        }
        ck_assert_int_eq(status == WORK_DAMAGED, err.set);
        ck_assert_int_eq(work_capture_next(c, &r, NULL), status); /* once over, over */
        work_capture_close(c);
    }
    if (err.set)
        sim_err_line(&err, line, 2200);
    unlink(name);
    return n;
}

/* What is said of these bytes, after the file's name and ": ". */
static inline const char *said(const void *bytes, size_t n, unsigned packets) {
    static char line[2200];
    struct work_record last;
    enum packet_link links[8];
    store(bytes, n);
    ck_assert_uint_eq(read_all(&last, line, links), packets);
    ck_assert_int_eq(strncmp(line, name, strlen(name)), 0);
    return line + strlen(name) + 2;
}

#endif
