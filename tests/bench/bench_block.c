/* bench_block.c - how fast a trace of block requests is read: one line of JSON.
 *
 * bench_block FILE reads FILE; bench_block -g REQUESTS [FORMAT] writes a generated trace of
 * that many requests (msr, the default; or spc, mqsim, iolog3, blkparse) to standard output, to
 * be piped in or stored. Times are wall clock of the whole pass, opening included: with the
 * facts of `dpusim trace`, or with -r the reader alone.
 */
#include "workloads/block_facts.h"
#include "workloads/stream.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void put(const char *format, uint64_t i, uint64_t offset, uint64_t bytes, bool read) {
    if (strcmp(format, "spc") == 0)
        printf("%u,%" PRIu64 ",%" PRIu64 ",%c,%" PRIu64 ".%06" PRIu64 "\n", (unsigned)(i & 3),
               offset / 512, bytes, read ? 'R' : 'W', i / 50000, i % 50000 * 20);
    else if (strcmp(format, "mqsim") == 0)
        printf("%" PRIu64 " %u %" PRIu64 " %" PRIu64 " %d\n", i * 20000, (unsigned)(i & 3),
               offset / 512, bytes / 512, read);
    else if (strcmp(format, "iolog3") == 0)
        printf("%" PRIu64 " data.img %s %" PRIu64 " %" PRIu64 "\n", i * 20,
               read ? "read" : "write", offset, bytes);
    else if (strcmp(format, "blkparse") == 0)
        printf("  8,0    0 %8" PRIu64 " %5" PRIu64 ".%09" PRIu64 "  4711  D  %s %" PRIu64
               " + %" PRIu64 " [fio]\n",
               i + 1, i / 50000, i % 50000 * 20000, read ? " R" : "WS", offset / 512,
               bytes / 512);
    else
        printf("%" PRIu64 ",host,%u,%s,%" PRIu64 ",%" PRIu64 ",%u\n",
               UINT64_C(128166372000000000) + i * 200, (unsigned)(i & 3),
               read ? "Read" : "Write", offset, bytes, (unsigned)(1000 + i % 977));
}

static int generate(uint64_t requests, const char *format) {
    uint64_t state = 1;
    if (strcmp(format, "iolog3") == 0)
        printf("fio version 3 iolog\n0 data.img add\n0 data.img open\n");
    for (uint64_t i = 0; i < requests; i++) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        put(format, i, (state >> 33) % (1 << 27) * 4096, ((state >> 20 & 15) + 1) * 4096,
            (state >> 60) < 11);
    }
    return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int report(uint64_t requests, double took) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    printf("{\"requests\": %" PRIu64 ", \"seconds\": %.3f, \"requests_per_s\": %.0f, "
           "\"peak_rss_bytes\": %ld}\n",
           requests, took, (double)requests / took, use.ru_maxrss * 1024);
    return EXIT_SUCCESS;
}

static int complain(const struct sim_err *err) {
    char line[2200];
    fprintf(stderr, "%s\n", sim_err_line(err, line, sizeof line));
    return EXIT_FAILURE;
}

static int measure(const char *file) {
    static struct work_block_facts facts;
    struct work_block_opts opts = {0};
    struct sim_err err = {0};
    double start = now_s();
    struct work_stream *stream = work_stream_open(file, &err);
    if (!stream || !work_block_read_facts(file, stream, &opts, &facts, NULL, &err))
        return complain(&err);
    return report(facts.sums[facts.event].requests, now_s() - start);
}

static int measure_reader(const char *file) {
    struct work_block_opts opts = {0};
    struct sim_err err = {0};
    struct work_io io;
    uint64_t n = 0;
    double start = now_s();
    struct work_block *b = work_block_open(file, &opts, &err);
    if (!b)
        return complain(&err);
    enum work_status status;
    while ((status = work_block_next(b, &io, &err)) == WORK_RECORD)
        n++;
    work_block_close(b);
    return status == WORK_END ? report(n, now_s() - start) : complain(&err);
}

int main(int argc, char **argv) {
    if (argc >= 3 && strcmp(argv[1], "-g") == 0)
        return generate(strtoull(argv[2], NULL, 10), argc > 3 ? argv[3] : "msr");
    if (argc == 3 && strcmp(argv[1], "-r") == 0)
        return measure_reader(argv[2]);
    if (argc == 2)
        return measure(argv[1]);
    fprintf(stderr, "usage: bench_block [-r] FILE | bench_block -g REQUESTS [FORMAT] > FILE\n");
    return EXIT_FAILURE;
}
