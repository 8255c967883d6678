/* wire.h - for tests of a PCIe link alone: how long transfers keep its wire. */
#ifndef WIRE_TEST_H
#define WIRE_TEST_H

#include "tests/block_world.h"

extern const struct sim_model model_pcie;

/* Nothing but the bytes of packets, 64 of them a nanosecond. */
#define BARE "\"gen\": 5, \"dllp_bytes\": 0, \"skp_bytes\": 0, \"queue\": 0"

enum { N = 4000 };

static inline uint32_t port_of(const char *op) {
    return strcmp(op, "completion") == 0 || strcmp(op, "write-in") == 0 ||
           strcmp(op, "request-in") == 0;
}

/* Bytes of packets, acknowledgements and credits that went a way. */
static inline int64_t probe_bytes(const struct sim_comp *pcie, uint32_t way) {
    const struct sim_field *f = model_pcie.stats;
    return sim_field_int(&f[way], pcie) + sim_field_int(&f[2 + way], pcie);
}

/* Picoseconds that N transfers of `bytes` back to back keep the wire. */
static inline sim_ps busy(const char *params, const char *op, uint32_t bytes) {
    struct bench b = bench_new(N, 0, bytes);
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", params);
    bench_visit(&b, pcie, op, NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), N);
    uint32_t way = port_of(op);
    sim_ps ps = (sim_ps)pcie->port[way]->busy_ps;
    bool idle = probe_bytes(pcie, 1 - way) == 0;
    ck_assert(idle == (pcie->port[1 - way]->busy_ps == 0));
    bench_free(&b);
    return ps;
}

/* Bytes of a transfer on a bare wire. */
static inline double wire_bytes(const char *params, const char *op, uint32_t bytes) {
    char json[512];
    snprintf(json, sizeof json, "{" BARE "%s%s}", params[0] ? ", " : "", params);
    sim_u128 bits = (sim_u128)(uint64_t)busy(json, op, bytes) * 512 * 128 / 130;
    return (double)bits / 1000 / 8 / N;
}

static inline void costs(const char *params, const char *op, uint32_t bytes, double want) {
    double got = wire_bytes(params, op, bytes);
    ck_assert_msg(got > want - 0.001 && got < want + 0.001, "{%s} %s %u: %f, not %f", params,
                  op, bytes, got, want);
}

#endif
