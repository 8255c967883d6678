/* fuzz_nvme_tcp.c - any bytes as segments of connections on NVMe/TCP's port: read to their end,
 * and the counts agree with one another.
 *
 * A segment is four bytes - bits: sender, SYN, cut, far, time missing, connection (3) - where
 * it begins behind the last one of its sender (signed), its length by two bytes; then its
 * bytes.
 */
#include "workloads/nvme_tcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SYN = 2, HEAD = 4 };

static uint32_t next[2][8];

/* @return bytes of the input that it took. */
static size_t segment(struct work_nvme_tap *tap, const uint8_t *p, size_t size, int64_t time) {
    unsigned from = p[0] & 1, which = p[0] >> 5;
    uint32_t n = (p[2] | (uint32_t)p[3] << 8) % 4200, have = (uint32_t)(size - HEAD);
    have = have < n ? have : n;
    uint32_t *seq = &next[from][which];
    *seq += (uint32_t)(int8_t)p[1] << (p[0] & 8 ? 20 : 0);
    struct packet packet = {.heads = 1, .segment.seq = *seq};
    packet.head[0] = (struct packet_head){.version = 4,
                                          .proto = 6,
                                          .l4 = PACKET_L4_TCP,
                                          .payload = n,
                                          .tcp_flags = p[0] & 2 ? SYN : 0,
                                          .src[0] = (uint8_t)from,
                                          .dst[0] = (uint8_t)!from,
                                          .sport = (uint16_t)(from ? 4420 : 1000 + which),
                                          .dport = (uint16_t)(from ? 1000 + which : 4420)};
    struct work_record r = {.bytes = p + HEAD,
                            .length = n,
                            .captured = p[0] & 4 ? have / 2 : have,
                            .timeless = (p[0] & 16) != 0,
                            .ts_ns = time};
    work_nvme_tap_record(tap, &r, &packet);
    *seq += n + (p[0] & 2 ? 1 : 0);
    return HEAD + have;
}

static void check(const struct work_nvme_facts *f, uint64_t requests) {
    uint64_t commands = f->opcodes_cut, made = 0;
    for (int i = 0; i < 256; i++)
        commands += f->opcodes[i];
    for (int i = 0; i < WORK_IO_OPS; i++)
        made += f->requests[i];
    SIM_ASSERT(commands == f->commands && f->commands <= f->pdus[4]);
    SIM_ASSERT(made == requests);
    SIM_ASSERT(f->outstanding == 0 && f->admin_commands <= f->commands);
    SIM_ASSERT(f->completed + f->unanswered <= f->commands - f->admin_commands);
    SIM_ASSERT(f->found_step + f->given_up <= f->lost_step);
    SIM_ASSERT((f->bad_pdus > 0) == (f->first_bad[0] != 0));
    SIM_ASSERT(f->latencies + f->untimed == f->completed && f->doubtful <= f->untimed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct work_nvme_tap *tap = work_nvme_tap_new((struct work_nvme_opts){0}, true);
    struct work_io io;
    uint64_t requests = 0;
    for (int i = 0; i < 16; i++)
        next[i / 8][i % 8] = 0;
    for (int64_t time = 0; size > HEAD; time += 100) {
        size_t taken = segment(tap, data, size, time);
        data += taken;
        size -= taken;
        while (work_nvme_tap_next(tap, &io))
            requests++;
    }
    work_nvme_tap_end(tap);
    while (work_nvme_tap_next(tap, &io)) {
        SIM_ASSERT(io.response >= -1 && io.op < WORK_IO_OPS);
        requests++;
    }
    check(work_nvme_tap_facts(tap), requests);
    work_nvme_tap_free(tap);
    return 0;
}
