/* fuzz_pcap.c - any bytes as a capture: every packet is parsed, twice, and hashed.
 *
 * libFuzzer entry; the bytes become a file in memory, since captures are opened by name.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create */
#endif
#include "workloads/reader.h"
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct work_record *r) {
    struct packet p;
    packet_parse(r->link, r->bytes, r->captured, r->length, &p);
    SIM_ASSERT(p.heads <= PACKET_HEADS && p.frame_bytes >= 64);
    for (int i = 0; i < p.heads; i++) {
        uint8_t key[40];
        SIM_ASSERT(p.head[i].version == 4 || p.head[i].version == 6);
        SIM_ASSERT(p.head[i].l4_offset >= p.head[i].l3_offset);
        SIM_ASSERT(packet_tuple(&p.head[i], true, key) == 38);
    }
}

static void read_all(const char *file) {
    struct sim_err err = {0};
    struct work_capture *c = work_capture_open(file, &err);
    SIM_ASSERT(c || err.text[0]);
    if (!c)
        return;
    struct work_record r;
    enum work_status status;
    uint64_t offset = 0;
    while ((status = work_capture_next(c, &r, &err)) == WORK_RECORD) {
        SIM_ASSERT(r.offset > offset);
        offset = r.offset;
        check(&r);
    }
    SIM_ASSERT((status == WORK_DAMAGED) == err.set);
    work_capture_close(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int fd = memfd_create("capture", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        return 0;
    char name[32];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    read_all(name);
    close(fd);
    return 0;
}
