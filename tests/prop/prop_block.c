/* prop_block.c - laws of replayed block traces over random ones: births equal those of a plain
 * computation, open and closed; order and places are the trace's; nothing depends on how the
 * run is made (wheel or heap, form of the ports, ties, slices), nor an open loop on room.
 */
#include "tests/request_world.h"

enum { MOST = 400, WORDS = 300 };

static struct {
    int64_t us;
    uint64_t offset, bytes;
    uint8_t op;
} asked[MOST];
static uint32_t n;
static uint64_t depth, speed; /* 0: open; thousandths */
static sim_ps service;

/* fio's iolog: times in order, syncs as barriers. */
static void random_trace(uint64_t seed) {
    static const char *const words[] = {"read", "write", "sync", "trim"};
    int64_t us = 1000, first = 0;
    n = 1 + (uint32_t)(test_mix(seed, 1) % MOST);
    uint64_t mean = 1 + test_mix(seed, 2) % 40;
    trace_new("fio version 3 iolog\n0 f add\n");
    FILE *f = fopen(trace, "ab");
    for (uint32_t i = 0; i < n; i++) {
        uint64_t h = test_mix(seed, 100 + i);
        us += h & 1 ? (int64_t)(h >> 1 & 0xffff) % (int64_t)(2 * mean) : 0;
        asked[i].op = (uint8_t)(h >> 20 & 15 ? h >> 24 & 1 : 2 + (h >> 25 & 1));
        bool sync = asked[i].op == IO_FLUSH;
        asked[i].us = us - (i > 0 ? first : (first = us));
        asked[i].offset = sync ? 0 : (h >> 30 & 0xffff) * 512;
        asked[i].bytes = sync ? 0 : 512 * (1 + (h >> 46 & 255));
        fprintf(f, "%ld f %s %lu %lu\n", (long)us, words[asked[i].op],
                (unsigned long)asked[i].offset, (unsigned long)asked[i].bytes);
    }
    fclose(f);
    depth = test_mix(seed, 3) % 3 ? 0 : 1 + test_mix(seed, 4) % 20;
    speed = 100 + test_mix(seed, 5) % 5000;
    service = (sim_ps)(1 + test_mix(seed, 6) % 30000000);
}

struct variant {
    enum sim_queue_kind queue;
    bool all_by_event;
    uint64_t shuffle, slice;
    uint32_t messages;
};

static struct bench run(struct variant v) {
    struct bench b = bench_new(0, SIM_PS_PER_S, v.messages);
    char params[WORDS], line[2048];
    b.w->opts.queue = v.queue;
    sim_queue_init(&b.w->group[0]->queue, v.queue, &b.w->arena);
    b.w->opts.all_by_event = v.all_by_event;
    b.w->opts.shuffle_ties = v.shuffle;
    b.probe->occupancy = service;
    if (depth > 0)
        snprintf(params, sizeof params, "'iodepth': %lu", (unsigned long)depth);
    else
        snprintf(params, sizeof params, "'speed': %lu.%03lu", (unsigned long)speed / 1000,
                 (unsigned long)speed % 1000);
    ck_assert_msg(bench_add(&b, "block", "{'file': '%s', %s}", trace, params) &&
                      bench_build(&b, true),
                  "%s", sim_err_line(&b.err, line, sizeof line));
    while (sim_world_run(b.w, b.w->end, v.slice ? v.slice : UINT64_MAX))
        ;
    sim_world_close(b.w, b.w->end);
    ck_assert(!b.w->failed);
    bench_audit(&b);
    return b;
}

/* When request i is born, and the drive, a single server, is done with it, when all before it
 * are known. */
static void plain(sim_ps *birth, sim_ps *back, uint32_t i) {
    sim_u128 own = (sim_u128)(uint64_t)asked[i].us * 1000000 * 1000;
    sim_ps t = depth > 0 ? 0 : (sim_ps)((own + speed - 1) / speed);
    if (i > 0)
        t = sim_later(t, birth[i - 1]);
    if (depth > 0 && i >= depth)
        t = sim_later(t, back[i - depth] + 1);
    if (asked[i].op == IO_FLUSH && i > 0)
        t = sim_later(t, back[i - 1] + 1); /* they come back in order */
    sim_ps at = i > 0 ? sim_later(t + 1, back[i - 1]) : t + 1;
    birth[i] = t;
    back[i] = at + service;
}

START_TEST(births_are_those_of_a_plain_computation) {
    static sim_ps birth[MOST], back[MOST];
    for (uint64_t seed = 1; seed <= 120; seed++) {
        random_trace(seed);
        struct bench b = run((struct variant){.messages = 4096});
        ck_assert_uint_eq(b.probe->n, n);
        for (uint32_t i = 0; i < n; i++) {
            const struct seen *s = &b.probe->log[i];
            plain(birth, back, i);
            ck_assert_msg(s->birth == birth[i], "seed %lu, request %u: born at %ld, not %ld",
                          (unsigned long)seed, i, (long)s->birth, (long)birth[i]);
            ck_assert_uint_eq(s->io.offset, asked[i].offset);
            ck_assert_uint_eq(s->io.bytes, asked[i].bytes);
            ck_assert_uint_eq(s->io.op, asked[i].op);
        }
        bench_free(&b);
        unlink(trace);
    }
}
END_TEST

START_TEST(nothing_depends_on_the_run) {
    static const struct variant ways[] = {{SIM_QUEUE_HEAP, false, 0, 0, 4096},
                                          {SIM_QUEUE_WHEEL, false, 5, 0, 4096},
                                          {SIM_QUEUE_WHEEL, true, 0, 0, 4096},
                                          {SIM_QUEUE_WHEEL, false, 0, 7, 4096},
                                          {SIM_QUEUE_HEAP, true, 9, 13, 4096}};
    for (uint64_t seed = 1; seed <= 40; seed++) {
        random_trace(seed);
        struct bench a = run((struct variant){.messages = 4096});
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            struct bench b = run(ways[i]);
            ck_assert_msg(sim_world_digest(a.w) == sim_world_digest(b.w), "seed %lu way %zu",
                          (unsigned long)seed, i);
            bench_free(&b);
        }
        bench_free(&a);
        unlink(trace);
    }
}
END_TEST

/* What waits for room in the pool keeps the time it is born at, but behind a barrier. */
START_TEST(births_do_not_depend_on_room) {
    int64_t lagged = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        random_trace(seed);
        if (depth > 0) {
            unlink(trace);
            continue;
        }
        struct bench a = run((struct variant){.messages = 4096});
        struct bench b = run((struct variant){.messages = 8});
        ck_assert_uint_eq(a.probe->n, b.probe->n);
        for (uint32_t i = 0; i < n && asked[i].op != IO_FLUSH; i++)
            ck_assert_int_eq(a.probe->log[i].birth, b.probe->log[i].birth);
        lagged += stat_of(&b, "lagged");
        bench_free(&a);
        bench_free(&b);
        unlink(trace);
    }
    ck_assert_int_gt(lagged, 500);
}
END_TEST

TEST_MAIN("laws of replayed block traces", births_are_those_of_a_plain_computation,
          nothing_depends_on_the_run, births_do_not_depend_on_room)
