/* bench_trace.c - how fast a capture is read: one line of JSON.
 *
 * bench_trace FILE reads FILE; bench_trace -g PACKETS FLOWS BYTES writes a generated pcap of
 * that many packets of that size to standard output, to be piped in or stored.
 * Times are wall clock of the whole pass, opening included.
 */
#include "workloads/trace.h"
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

static void put32(uint8_t *at, uint32_t v) { memcpy(at, &v, 4); }

/* An Ethernet frame with IPv4 and TCP, its source address and port chosen by `flow`. */
static void frame(uint8_t *p, uint32_t bytes, uint32_t flow) {
    memset(p, 0x5a, bytes);
    memcpy(p + 12, "\x08\x00\x45\x00", 4);
    p[16] = (uint8_t)((bytes - 14) >> 8);
    p[17] = (uint8_t)(bytes - 14);
    memcpy(p + 18, "\0\0\x40\0\x40\x06\0\0", 8);
    put32(p + 26, flow * 2654435761U);
    put32(p + 30, 0x0100000a);
    put32(p + 34, flow);
    p[46] = 0x50;
}

static int generate(uint32_t packets, uint32_t flows, uint32_t bytes) {
    static uint8_t record[16 + 65536];
    static const uint32_t header[] = {0xa1b23c4d, 0x00040002, 0, 0, 262144, 1};
    fwrite(header, sizeof header, 1, stdout);
    uint64_t state = 1;
    for (uint32_t i = 0; i < packets; i++) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        put32(record, 1700000000 + i / 1000000);
        put32(record + 4, i % 1000000 * 1000);
        put32(record + 8, bytes);
        put32(record + 12, bytes);
        frame(record + 16, bytes, (uint32_t)(state >> 33) % flows);
        if (fwrite(record, 16 + bytes, 1, stdout) != 1)
            return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

static int measure(const char *file) {
    struct work_trace_facts facts;
    struct sim_err err = {0};
    double start = now_s();
    if (!work_trace_read(file, &facts, NULL, NULL, &err)) {
        char line[2200];
        fprintf(stderr, "%s\n", sim_err_line(&err, line, sizeof line));
        return EXIT_FAILURE;
    }
    double took = now_s() - start;
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    printf("{\"packets\": %" PRIu64 ", \"flows\": %" PRIu64 ", \"seconds\": %.3f, "
           "\"packets_per_s\": %.0f, \"bytes_per_s\": %.0f, \"peak_rss_bytes\": %ld}\n",
           facts.packets, facts.flows_unidirectional, took, (double)facts.packets / took,
           (double)facts.bytes_captured / took, use.ru_maxrss * 1024);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
    if (argc == 5 && strcmp(argv[1], "-g") == 0)
        return generate((uint32_t)strtoul(argv[2], NULL, 10),
                        (uint32_t)strtoul(argv[3], NULL, 10),
                        (uint32_t)strtoul(argv[4], NULL, 10));
    if (argc == 2)
        return measure(argv[1]);
    fprintf(stderr, "usage: bench_trace FILE | bench_trace -g PACKETS FLOWS BYTES > FILE\n");
    return EXIT_FAILURE;
}
