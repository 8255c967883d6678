/* app_dma.h - for tests of links by whole scenarios: a shipped scenario and what --set makes of
 * it, run, and its summary. */
#ifndef APP_DMA_TEST_H
#define APP_DMA_TEST_H

#include "app_summary.h"

#define PCIE   "/dpu/blocks/pcie/"
#define MEMORY "/dpu/blocks/memory/"
#define DMA    "/streams/dma/"
/* 500 ps a byte, exactly, and nothing on the wire but packets. */
#define BARE                                                                                   \
    PCIE "gen", "1", PCIE "dllp_bytes", "0", PCIE "skp_bytes", "0", PCIE "latency_to_host",    \
        "100ns", PCIE "latency_from_host", "70ns", MEMORY "bandwidth", "1TB/s",                \
        MEMORY "read_latency", "180ns", MEMORY "write_latency", "66ns"
#define SHORT "/run/warmup", "100us", "/run/duration", "400us"

static json_t *dma; /* of the summary: the stream */

/* Run a scenario with POINTER, VALUE, ... NULL. */
static inline void ask(const char *file, const char *const *set) {
    struct app_set sets[32];
    size_t n = 0;
    for (; set[2 * n] != NULL; n++) {
        ck_assert_uint_lt(n, 32);
        sets[n] = (struct app_set){set[2 * n], set[2 * n + 1]};
    }
    setenv("DPUSIM_CONFIGS", DPUSIM_SOURCE_DIR "/configs", 1);
    summarize(file, sets, n);
    dma = json_object_get(json_object_get(summary, "streams"), "dma");
}
#define CONFIGS DPUSIM_SOURCE_DIR "/configs/"
#define ASK(...)                                                                               \
    ask(CONFIGS "scenarios/pcie-dma.json", (const char *const[]){__VA_ARGS__, NULL})
#define ASK_CARD(...)                                                                          \
    ask(CONFIGS "validation/scenarios/nfp-haswell.json",                                       \
        (const char *const[]){__VA_ARGS__, NULL})

static inline double number(const json_t *o, const char *a, const char *b) {
    const json_t *v = json_object_get(json_object_get(o, a), b);
    ck_assert_msg(json_is_number(v), "no number %s/%s", a, b);
    return json_number_value(v);
}

static inline double rate_of(const char *op) {
    return number(json_object_get(dma, "by_op"), op, "bits_per_s");
}

static inline void near(double got, double want, double tolerance, const char *what) {
    double off = got > want ? got - want : want - got;
    ck_assert_msg(off <= tolerance * want, "%s: %.6g, not %.6g", what, got, want);
}

#endif
