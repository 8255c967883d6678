/* laws_bytes.h - the laws of what works on bytes: engines, and cores that do the same. One
 * table says how many bytes of a frame each operation goes through; what a byte costs is the
 * block's.
 */
#ifndef LAWS_BYTES_TEST_H
#define LAWS_BYTES_TEST_H

#include "laws.h"
#include "models/registry.h"

struct work {
    const char *op;
    int64_t bytes; /* of a frame of UDP over IPv4 */
    const char *args, *before;
};

#define ON_E(OP)          "{ 'at': 'e', 'op': '" OP "' },"
#define ON_E_BY(OP, ARGS) "{ 'at': 'e', 'op': '" OP "', " ARGS " },"

static const struct work works[] = {
    {"scan", PAYLOAD, "'misses': 1", NULL},
    {"aes-gcm-encrypt", PAYLOAD, NULL, NULL},
    {"aes-gcm-decrypt", PAYLOAD, NULL, ON_E("aes-gcm-encrypt")},
    {"aes-xts-encrypt", PAYLOAD, NULL, NULL},
    {"aes-xts-decrypt", PAYLOAD, NULL, ON_E("aes-xts-encrypt")},
    {"sha256", PAYLOAD, NULL, NULL},
    {"sha512", PAYLOAD, NULL, NULL},
    {"sha3-256", PAYLOAD, NULL, NULL},
    {"esp-encap", IP, "'udp': true", NULL},
    {"esp-encap", IP - 20, "'mode': 'transport'", NULL},
    {"esp-decap", IP, NULL, ON_E("esp-encap")},
    {"esp-decap", IP - 20, "'mode': 'transport'", ON_E_BY("esp-encap", "'mode': 'transport'")},
    {"kernel-esp-encap", IP, NULL, NULL},
    {"kernel-esp-decap", IP, NULL, ON_E("esp-encap")},
    {"kernel-esp-decap", IP - 20, "'mode': 'transport'",
     ON_E_BY("esp-encap", "'mode': 'transport'")},
    {"vxlan-encap", FRAME, NULL, NULL},
    {"vxlan-decap", FRAME, NULL, "{ 'at': 'n', 'op': 'vxlan-encap' },"},
    {"macsec-protect", FRAME, NULL, NULL},
    {"macsec-validate", FRAME, NULL, ON_E("macsec-protect")},
    {"tls-encrypt", PAYLOAD, NULL, NULL},
    {"tls-decrypt", PAYLOAD, NULL, ON_E("tls-encrypt")},
    {"deflate-compress", PAYLOAD, "'ratio': 0.4", NULL},
    {"deflate-decompress", PAYLOAD, NULL, ON_E_BY("deflate-compress", "'ratio': 0.4")},
    {"lz4-compress", PAYLOAD, "'ratio': 0.4", NULL},
    {"lz4-decompress", PAYLOAD, NULL, ON_E_BY("lz4-compress", "'ratio': 0.4")},
    {"volume-read", FRAME, "'ratio': 0.4", NULL},
    {"dedup-hash", PAYLOAD, "'unique': 1", NULL},
    {"raid6", FRAME, NULL, NULL},
    {"erasure", FRAME, NULL, NULL},
    {"raid6-rebuild", FRAME, "'lost': 2", NULL},
    {"erasure-rebuild", FRAME, "'gives': 'lost'", NULL},
    {"copy", FRAME, NULL, NULL},
    {NULL, 0, NULL, NULL}};

/* The row of that operation behind `w`, or the first one; NULL: there is none. */
static const struct work *work_of(const char *op, const struct work *w) {
    for (w = w != NULL ? w + 1 : works; w->op != NULL; w++)
        if (strcmp(w->op, op) == 0)
            return w;
    return NULL;
}

/* Set-up and bytes keep a lane; the pipeline and the descriptor come on top. */
static void law_of_work(const struct work *w) {
    enum { SETUP = 5, PIPELINE = 40, DESCRIPTOR = 300, LANES = 3 };
    const char *op = w->op;
    char params[256];
    snprintf(params, sizeof params,
             "'clock': '1GHz', 'setup_cycles': %d, 'pipeline_cycles': %d, "
             "'descriptor_latency': '%dns', 'lanes': %d, '%s': 0.75",
             SETUP, PIPELINE, DESCRIPTOR, LANES, op);
    sim_ps busy = (SETUP + CEIL(w->bytes * 4, 3)) * NS;
    law_holds(&(struct law){.model = "engine",
                            .op = op,
                            .params = params,
                            .args = w->args,
                            .before = w->before,
                            .busy = {busy, 1},
                            .latency = busy + (PIPELINE + DESCRIPTOR) * NS,
                            .wait = NS - 1,
                            .servers = LANES});
}

static void law_of_engine(const char *op) {
    const struct work *w = work_of(op, NULL);
    ck_assert_msg(w != NULL, "engine %s: how many bytes of a frame does it go through?", op);
    for (; w != NULL; w = work_of(op, w))
        law_of_work(w);
}

/* Cycles of the message and of its bytes; what the step says of both. */
static void law_of_core_work(const char *model, const char *op, const char *block,
                             const struct work *w) {
    enum { CYCLES = 1000 };
    char args[256];
    int64_t bytes = w != NULL ? w->bytes : FRAME;
    snprintf(args, sizeof args, "'cycles': %d, 'cycles_per_byte': 0.75%s%s", CYCLES,
             w && w->args ? ", " : "", w && w->args ? w->args : "");
    sim_ps busy = (CYCLES + CEIL(bytes * 3, 4)) * NS;
    bool behind_n = w != NULL && w->before != NULL && strstr(w->before, "'n'") != NULL;
    law_holds(&(struct law){.model = model,
                            .op = op,
                            .params = block,
                            .args = args,
                            .before = w ? w->before : NULL,
                            .busy = {busy, 1},
                            .latency = busy,
                            .wait = NS - 1 - behind_n, /* which has no clock: a hop more */
                            .items = 3000});
}

static void law_of_core(const char *model, const char *op, const char *block) {
    const struct work *w = work_of(op, NULL);
    do
        law_of_core_work(model, op, block, w);
    while (w != NULL && (w = work_of(op, w)) != NULL);
}

#define ONE_CORE  "'clock': '1GHz', 'cores': 1"
#define ONE_QUEUE "'clock': '1GHz', 'queues': 1"

static const struct law laws_cores[] = {
    /* 10 accesses, all of which miss, two at a time */
    {"cores", "work",
     ONE_CORE ", 'l1': 0, 'l2': 0, 'l3': 0, 'tlb1': 0, 'memory_latency': '100ns', "
              "'memory_parallelism': 2",
     "'cycles': 200, 'memory_accesses': 10, 'working_set': '1GiB'", .busy = {700 * NS, 1},
     .latency = 700 * NS, .wait = NS - 1},
    /* eight threads: the stalls are overlapped, the cycles are not */
    {"cores", "work",
     ONE_CORE ", 'l1': 0, 'l2': 0, 'l3': 0, 'tlb1': 0, 'memory_latency': '100ns', "
              "'memory_parallelism': 2, 'threads': 8",
     "'cycles': 200, 'memory_accesses': 10, "
     "'working_set': '1GiB'",
     .busy = {200 * NS, 1}, .latency = 700 * NS, .wait = NS - 1},
    /* bursts: an idle core takes one at a time, a busy one 16, which share a burst's cycles */
    {"cores", "work", ONE_CORE ", 'batch': 16, 'batch_cycles': 160", "'cycles': 200",
     .busy = {(200 + 160 / 16) * NS, 1}, .latency = (200 + 160) * NS, .wait = NS - 1,
     .burst = 16},
    /* an interrupt for each packet when idle; a core with work polls */
    {"cores", "work",
     ONE_CORE ", 'receive': 'interrupt', 'moderation': '0s', "
              "'wakeup_latency': '2us', 'interrupt_cycles': 500",
     "'cycles': 200", .busy = {200 * NS, 1}, .latency = (200 + 500) * NS,
     .wait = 2 * US + NS - 1},
    /* a table of costs: "classify" is 450 cycles on this one, twice as slow */
    {"cores", "classify", ONE_CORE ", 'table': 'a78', 'scale': 2", .busy = {900 * NS, 1},
     .latency = 900 * NS, .wait = NS - 1},
    {"cores", "upcall", ONE_CORE, "'cycles': 400, 'insert_cycles': 600, 'known_for': '0s'",
     .busy = {1000 * NS, 1}, .latency = 1000 * NS, .wait = NS - 1},
    {"cores", "upcall", ONE_CORE, "'cycles': 400, 'known_cycles': 70, 'known_for': '1s'",
     .busy = {70 * NS, 1}, .latency = 70 * NS, .wait = NS - 1},
    /* a core that polls is kept until the call is back: 100 ns at "m" and two edges */
    {"cores", "complete", ONE_CORE,
     .chain = "{ 'at': 'x', 'op': 'work', 'cycles': 200, 'call': "
              "{ 'at': 'm' }, 'wait': 'poll', 'complete': { 'op': 'complete', 'cycles': 50 } }",
     .blocks = ", 'm': { 'model': 'server', 'time': '100ns', 'distribution': 'constant' }",
     .busy = {(200 + 100 + 1 + 50) * NS, 1}, .latency = (1 + 200 + 100 + 1 + 50) * NS,
     .held = true},
    {.model = NULL}};

#endif
