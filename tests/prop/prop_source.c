/* prop_source.c - laws of traffic sources over random parameters and many seeds: the books
 * balance when the pool is far too small, a closed loop keeps its number, and nothing depends
 * on how the run is made (wheel or heap, form of the ports, ties, slices, table or file). */
#include "tests/source_world.h"

static char name[32];

static void random_capture(uint64_t seed) {
    FILE *f = capture_new(name);
    int64_t t = 1000000000;
    uint32_t n = 20 + (uint32_t)(test_mix(seed, 1) % 100);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t h = test_mix(seed, 10 + i);
        t += (int64_t)(h % 40) - 5;
        capture_add(f, t, (uint32_t)(h >> 8) % 9, 60 + (uint32_t)(h >> 16) % 1400);
    }
    fclose(f);
}

/* One source of each kind, by the seed's parameters. */
static void add_sources(struct bench *b, uint64_t seed, bool file) {
    unsigned long h = test_mix(seed, 2);
    const char *held = file ? ", 'table_records': 3" : "";
    bool ok =
        bench_add(b, "pcap",
                  "{'file': '%s', 'rate': '%luMb/s', 'start': '%luns', 'loop': {'flows': "
                  "'renumber', 'concurrent_flows': %lu, 'new_flows_per_s': %lu}%s}",
                  name, 1000 + h % 90000, h % 50, 9 + h % 30, h % 7000, held) &&
        bench_add(b, "pcap",
                  "{'file': '%s', 'speed': %lu, 'loop': {'flows': 'same', "
                  "'times': 3}%s, 'class': 1}",
                  name, 1 + h % 5, held) &&
        bench_add(b, "synthetic",
                  "{'arrivals': '%s', 'packet_rate': %lu, 'flows': %lu, 'version': 6, "
                  "'sizes': '78:7,594:4,1518:1', 'protocol': 'tcp'}",
                  h & 1 ? "poisson" : "constant", 1000000 + h % 20000000, 1 + h % 100) &&
        bench_add(b, "synthetic",
                  "{'arrivals': 'onoff', 'rate': '%luMb/s', 'peak': '100Gb/s', 'burst': %lu}",
                  1000 + h % 20000, 1 + h % 40);
    char line[2048];
    ck_assert_msg(ok, "%s", sim_err_line(&b->err, line, sizeof line));
}

struct variant {
    enum sim_queue_kind queue;
    bool all_by_event;
    uint64_t shuffle, slice;
    bool file;
};

struct outcome {
    uint64_t digest, offered, delivered, dropped, lagged;
};

static struct outcome run(uint64_t seed, struct variant v, uint32_t messages) {
    struct bench b = bench_new(3000000, 8000000, messages);
    char line[2048];
    b.w->opts.queue = v.queue;
    sim_queue_init(&b.w->group[0]->queue, v.queue, &b.w->arena);
    b.w->opts.all_by_event = v.all_by_event;
    b.w->opts.shuffle_ties = v.shuffle;
    b.w->end += 2000000;
    add_sources(&b, seed, v.file);
    b.probe->occupancy = (sim_ps)(2000 + test_mix(seed, 3) % 100000);
    b.probe->capacity = (int64_t)(test_mix(seed, 4) % 4);
    b.probe->full = test_mix(seed, 5) % 2 ? SIM_FULL_WAIT : SIM_FULL_DROP;
    ck_assert_msg(bench_build(&b, false), "%s", sim_err_line(&b.err, line, sizeof line));
    while (sim_world_run(b.w, b.w->end, v.slice ? v.slice : UINT64_MAX))
        ;
    sim_world_close(b.w, b.w->end);
    bench_audit(&b);
    struct outcome o = {.digest = sim_world_digest(b.w)};
    for (uint32_t i = 0; i < b.sources; i++) {
        const struct sim_stream *s = b.source[i]->stream;
        o.offered += s->offered.items;
        o.delivered += s->delivered.items;
        o.dropped += s->dropped.items;
        o.lagged += (uint64_t)b.source[i]->lagged;
        ck_assert_uint_ge(s->born_measured, s->done_measured + s->dropped_measured);
        ck_assert_uint_eq(s->born_measured, s->offered.items);
    }
    bench_free(&b);
    return o;
}

START_TEST(nothing_depends_on_the_run) {
    static const struct variant ways[] = {
        {SIM_QUEUE_HEAP, false, 0, 0, false}, {SIM_QUEUE_WHEEL, false, 5, 0, false},
        {SIM_QUEUE_WHEEL, true, 0, 0, false}, {SIM_QUEUE_WHEEL, false, 0, 100, false},
        {SIM_QUEUE_WHEEL, false, 0, 0, true}, {SIM_QUEUE_HEAP, true, 9, 13, true}};
    for (uint64_t seed = 1; seed <= 15; seed++) {
        random_capture(seed);
        struct outcome a = run(seed, (struct variant){.shuffle = 0}, 65536);
        ck_assert_uint_gt(a.delivered, 25);
        ck_assert_uint_eq(a.lagged, 0);
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            struct outcome b = run(seed, ways[i], 65536);
            ck_assert_msg(memcmp(&a, &b, sizeof a) == 0, "seed %lu way %zu",
                          (unsigned long)seed, i);
        }
        unlink(name);
    }
}
END_TEST

/* With a pool of 8 messages sources wait; what they offer is the same all the same. */
START_TEST(books_balance_in_a_tiny_pool) {
    uint64_t lagged = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        random_capture(seed);
        struct outcome a = run(seed, (struct variant){.file = seed % 2}, 65536);
        struct outcome b = run(seed, (struct variant){.file = seed % 2}, 8);
        ck_assert_msg(a.offered == b.offered, "seed %lu: %lu, in a tiny pool %lu",
                      (unsigned long)seed, (unsigned long)a.offered, (unsigned long)b.offered);
        lagged += b.lagged;
        unlink(name);
    }
    ck_assert_uint_gt(lagged, 500);
}
END_TEST

/* The books balance whenever the run is ended, before its window or in it. */
START_TEST(cut_short_at_any_time) {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        random_capture(seed);
        struct bench b = bench_new(3000000, 8000000, seed % 2 ? 16 : 4096);
        add_sources(&b, seed, seed % 3 == 0);
        b.probe->occupancy = 50000;
        ck_assert(bench_build(&b, false));
        sim_world_run(b.w, (sim_ps)(1 + test_mix(seed, 6) % 11000000), UINT64_MAX);
        sim_world_close(b.w, sim_world_settle(b.w));
        bench_audit(&b);
        bench_free(&b);
        unlink(name);
    }
}
END_TEST

/* Looked at whenever a few events have passed, N requests are on their way, about to be born
 * or thinking. */
START_TEST(closed_loop_keeps_its_number) {
    for (uint64_t seed = 1; seed <= 25; seed++) {
        uint64_t h = test_mix(seed, 7), n = 1 + h % 60, think = h >> 8 & 1 ? h >> 9 & 4095 : 0;
        struct bench b = bench_new(0, 20000000, seed % 2 ? 32 : 1024);
        ck_assert(bench_add(&b, "synthetic", "{'outstanding': %lu, 'think': '%lups'}",
                            (unsigned long)n, (unsigned long)think));
        b.probe->occupancy = (sim_ps)(1 + (h >> 24) % 3000);
        ck_assert(bench_build(&b, true));
        struct work_source *s = b.source[0];
        const struct sim_stream *st = s->stream;
        uint64_t most = 0;
        while (sim_world_run(b.w, b.w->end, 7) && !b.w->shut) {
            uint64_t away = st->born - st->delivered.items;
            most = away > most ? away : most;
            /* missing: those that think (for 1 ps at least) or have no room */
            bool all = think > 0 || n > 16 || sim_now(&s->base) < 10 || away + 1 >= n;
            if (away > n || !all)
                ck_abort_msg("seed %lu: %lu of %lu on their way", (unsigned long)seed,
                             (unsigned long)away, (unsigned long)n);
        }
        bench_run(&b);
        bench_audit(&b);
        ck_assert_uint_gt(st->delivered.items, 1000);
        ck_assert_uint_eq(most, seed % 2 && n > 16 ? 16 : n);
        bench_free(&b);
    }
}
END_TEST

TEST_MAIN("traffic sources", nothing_depends_on_the_run, books_balance_in_a_tiny_pool,
          cut_short_at_any_time, closed_loop_keeps_its_number)
