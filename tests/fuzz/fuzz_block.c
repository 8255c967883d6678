/* fuzz_block.c - any bytes as a block trace: recognised, and as each format by name.
 *
 * libFuzzer entry; the bytes become a file in memory, since traces are opened by name. What is
 * returned must be a request; lines that are none end the file, or are passed over.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create */
#endif
#include "workloads/block_reader.h"
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct work_block *b, const struct work_io *io) {
    SIM_ASSERT(io->op < WORK_IO_OPS);
    SIM_ASSERT(io->time >= 0 && io->response >= -1);
    SIM_ASSERT(io->bytes <= INT64_MAX - io->offset);
    SIM_ASSERT(io->bytes > 0 || io->op == WORK_IO_FLUSH || io->op == WORK_IO_OTHER);
    SIM_ASSERT(io->device < work_block_devices(b));
    SIM_ASSERT(work_block_device(b, io->device) != NULL);
}

static uint64_t read_once(struct work_block *b, const struct work_block_opts *opts) {
    struct sim_err err = {0};
    struct work_io io;
    enum work_status status;
    uint64_t n = 0;
    while ((status = work_block_next(b, &io, &err)) == WORK_RECORD) {
        check(b, &io);
        n++;
    }
    SIM_ASSERT((status == WORK_DAMAGED) == err.set);
    SIM_ASSERT(opts->skip_bad || work_block_about(b)->skipped == 0);
    SIM_ASSERT(n <= work_block_about(b)->lines);
    return n;
}

static void read_as(const char *file, const struct work_block_opts *opts) {
    struct sim_err err = {0};
    struct work_block *b = work_block_open(file, opts, &err);
    SIM_ASSERT(b || err.text[0]);
    if (!b)
        return;
    uint64_t n = read_once(b, opts);
    SIM_ASSERT(work_block_rewind(b, &err));
    SIM_ASSERT(read_once(b, opts) == n);
    work_block_close(b);
}

static void read_all(const char *file) {
    static const char *const formats[] = {NULL, "iolog2", "iolog3", "blkparse", "blktrace"};
    struct work_block_opts opts = {.skip_bad = true, .event = WORK_BLOCK_ANY};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        opts.format = formats[i];
        read_as(file, &opts);
    }
    for (const struct work_block_row *row = work_block_rows; row->columns > 0; row++) {
        opts.format = row->name;
        read_as(file, &opts);
    }
    opts = (struct work_block_opts){0};
    read_as(file, &opts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int fd = memfd_create("trace", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        return 0;
    char name[32];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    read_all(name);
    close(fd);
    return 0;
}
