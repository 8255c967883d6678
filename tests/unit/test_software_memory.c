/* test_software_memory.c - what accesses to memory cost on a core, by closed forms: caches,
 * translation, stores, streams.
 */
#include "idle_core.h"

/* Cycles that one message takes at an idle core, and the bytes that it moves from and to
 * memory. */
static uint64_t cost(const char *params, const char *args, int64_t *bytes) {
    return idle_cycles(params, "work", args, 64, bytes);
}

static uint64_t cycles(const char *params, const char *args) {
    return idle_cycles(params, "work", args, 64, NULL);
}

/* Accesses of a working set: 2,400 of them, of which 2.4 overlap, are 1,000 latencies. */
static uint64_t accesses(const char *params, const char *set) {
    char args[256], all[256];
    snprintf(args, sizeof args, "{\"cycles\": 0, \"memory_accesses\": 2400%s%s}",
             *set ? ", " : "", set);
    snprintf(all, sizeof all, "{\"memory_parallelism\": 2.4, \"tlb1\": 0%s%s",
             params[1] == '}' ? "" : ", ", params + 1);
    return cycles(all, args);
}

START_TEST(a_working_set_is_held_by_its_share) {
    ck_assert_uint_eq(accesses("{}", "\"working_set\": \"64KiB\""), 0);
    /* an eighth in the first level, the rest in the second */
    ck_assert_uint_eq(accesses("{}", "\"working_set\": \"512KiB\""), 8750);
    /* 1/64 in the first, 1/8 in the first two, the rest in the third */
    ck_assert_uint_eq(accesses("{}", "\"working_set\": \"4MiB\""), 1094 + 70000);
    ck_assert_uint_eq(accesses("{\"l3_latency\": 60}", "\"working_set\": \"4MiB\""),
                      1094 + 52500);
    /* half of it in memory: 1,000 x 255.6 cycles / 2; 1/64 and 1/512 in the first two */
    ck_assert_uint_eq(accesses("{}", "\"working_set\": \"32MiB\""), 137 + 38750 + 127800);
    ck_assert_uint_eq(accesses("{}", ""), 255600);
    /* in a circle a cache holds all or nothing */
    ck_assert_uint_eq(accesses("{}", "\"working_set\": \"512KiB\", \"pattern\": \"circle\""),
                      10000);
    ck_assert_uint_eq(accesses("{}", "\"working_set\": \"513KiB\", \"pattern\": \"circle\""),
                      80000);
    ck_assert_uint_eq(accesses("{}", "\"working_set\": \"17MiB\", \"pattern\": \"circle\""),
                      255600);
}
END_TEST

/* Of one core's set of 2 MiB, 16 fill the third level twice. */
START_TEST(sets_of_each_core_share_the_third_level) {
    ck_assert_uint_eq(accesses("{\"l1\": 0, \"l2\": 0}", "\"working_set\": \"2MiB\""), 80000);
    ck_assert_uint_eq(accesses("{\"l1\": 0, \"l2\": 0}",
                               "\"working_set\": \"2MiB\", \"working_set_of\": \"core\""),
                      40000 + 127800);
}
END_TEST

/* Time at the sink of one message through two steps that use memory. */
static sim_ps two(const char *a, const char *b) {
    struct bench w = bench_new(1, 0, 64);
    struct sim_comp *arm =
        bench_block(&w, &model_cores, "arm",
                    "{\"clock\": \"1GHz\", \"l1\": 0, \"l2\": 0, \"tlb1\": 0, "
                    "\"memory_parallelism\": 2.4}");
    bench_visit(&w, arm, "work", a);
    bench_visit(&w, arm, "work", b);
    bench_run(&w);
    sim_ps out = w.sink->log_start[0];
    bench_free(&w);
    return out;
}

#define SET(MORE) "{\"cycles\": 0, \"memory_accesses\": 2400, " MORE "}"
START_TEST(working_sets_compete) {
    /* 16 MiB alone would fit; twice that is half held, unless both are the same data */
    sim_ps alone = two(SET("\"working_set\": \"16MiB\""), "{\"cycles\": 80000}");
    sim_ps both = two(SET("\"working_set\": \"16MiB\""), SET("\"working_set\": \"16MiB\""));
    sim_ps same = two(SET("\"working_set\": \"16MiB\", \"working_set_name\": \"flows\""),
                      SET("\"working_set\": \"16MiB\", \"working_set_name\": \"flows\""));
    ck_assert_int_eq(alone, same);
    ck_assert_int_eq(both - same, 2 * (40000 + 60000 - 80000) * 1000);
}
END_TEST

/* A small core: 1,000 accesses wait for 10 cycles in 64 KiB, 50 in 1 MiB, 100 behind it; 8 and
 * 64 translations, the second level 4 cycles. */
#define CACHES                                                                                 \
    "{\"clock\": \"1GHz\", \"memory_latency\": \"100ns\", \"memory_parallelism\": 1, "         \
    "\"l1\": 0, \"l2\": \"64KiB\", \"l3\": \"1MiB\", \"l2_latency\": 10, \"l3_latency\": 50"
#define SMALL     CACHES ", \"tlb1\": 8, \"tlb2\": 64, \"tlb2_latency\": 4, \"stream_lines\": 4"
#define USE(MORE) "{\"cycles\": 0, \"memory_accesses\": 1000, \"working_set\": " MORE "}"

START_TEST(pages_are_held_as_lines_are) {
    ck_assert_uint_eq(cycles(SMALL "}", USE("\"32KiB\"")), 10000);
    /* 8 of 16 pages in the first level */
    ck_assert_uint_eq(cycles(SMALL "}", USE("\"64KiB\"")), 10000 + 2000);
    /* all of 64 in the second; a quarter of the data in the second cache */
    ck_assert_uint_eq(cycles(SMALL "}", USE("\"256KiB\"")), 2500 + 37500 + 3500);
    /* the pages are so large that both hold as much of them as before */
    ck_assert_uint_eq(cycles(SMALL ", \"page_bytes\": \"8KiB\"}", USE("\"64KiB\"")), 10000);
    ck_assert_uint_eq(cycles(SMALL ", \"page_bytes\": \"2MiB\"}", USE("\"64MiB\"")), 102180);
}
END_TEST

START_TEST(walks_read_descriptors_before_data) {
    /* half of 128 pages are walked for, 10 cycles each: the descriptors' 1 KiB lies in the
       second cache, and leaves 63 KiB of it to the data */
    ck_assert_uint_eq(cycles(SMALL "}", USE("\"512KiB\"")), 5000 + 3750 + 45079);
    /* 128 KiB of descriptors: half in the second cache, half in the third, which has 896 KiB
       left; 3,906 and 488 of a million accesses find their page in the TLBs */
    ck_assert_uint_eq(cycles(SMALL "}", USE("\"64MiB\"")), 133198);
    /* without caches they come from memory, too: two lines an access */
    int64_t bytes;
    cost("{\"l1\": 0, \"l2\": 0, \"l3\": 0, \"tlb2\": 0, \"tlb1\": 1}", USE("\"1GiB\""),
         &bytes);
    ck_assert_int_ge(bytes, 2 * 64 * 999);
    ck_assert_int_le(bytes, 2 * 64 * 1000);
    /* no time for translation, as if there were none */
    ck_assert_uint_eq(cycles("{\"l1\": 0, \"l2\": 0, \"l3\": 0, \"tlb1\": 0}", USE("\"1GiB\"")),
                      cycles("{}", "{\"cycles\": 0, \"memory_accesses\": 1000}"));
}
END_TEST

/* Line after line: a page every 64 lines, and 7 of 8 walks find their line near. */
START_TEST(a_circle_changes_its_page_seldom) {
    ck_assert_uint_eq(cycles(SMALL "}", USE("\"512KiB\", \"pattern\": \"circle\"")),
                      50000 + 63 + 234);
    ck_assert_uint_eq(cycles(SMALL "}", USE("\"32KiB\", \"pattern\": \"circle\"")), 10000);
}
END_TEST

#define WORK(CYCLES, SET)                                                                      \
    "{\"cycles\": " CYCLES ", \"memory_accesses\": 1000, \"working_set\": " SET "}"

START_TEST(stores_wait_beside_the_work) {
    const char *free = CACHES ", \"tlb1\": 0}";
    int64_t bytes;
    ck_assert_uint_eq(cycles(free, WORK("1000", "\"64KiB\", \"access\": \"write\"")), 10000);
    ck_assert_uint_eq(cycles(free, WORK("20000", "\"64KiB\", \"access\": \"write\"")), 20000);
    ck_assert_uint_eq(cycles(free, WORK("20000", "\"64KiB\"")), 30000);
    /* read, to be changed, and written back */
    cost(free, USE("\"1GiB\""), &bytes);
    ck_assert_int_eq(bytes, 64 * 999);
    cost(free, USE("\"1GiB\", \"access\": \"write\""), &bytes);
    ck_assert_int_eq(bytes, 64 * 1998);
}
END_TEST

START_TEST(streams_come_beside_the_work) {
    int64_t bytes;
#define STREAM ", \"pattern\": \"stream\""
    ck_assert_uint_eq(cycles(SMALL "}", WORK("10000", "\"2MiB\"" STREAM)), 25000);
    ck_assert_uint_eq(cycles(SMALL "}", WORK("30000", "\"2MiB\"" STREAM)), 30000);
    ck_assert_uint_eq(cycles(SMALL "}", USE("\"1MiB\"" STREAM)), 12500);
    ck_assert_uint_eq(cycles(SMALL "}", USE("\"64KiB\"" STREAM)), 2500);
    ck_assert_uint_eq(cycles(SMALL "}", "{\"cycles\": 1, \"memory_accesses\": 1000" STREAM "}"),
                      25000);
    /* whole lines are written without being read */
    cost(SMALL "}", USE("\"2MiB\", \"access\": \"write\"" STREAM), &bytes);
    ck_assert_int_eq(bytes, 64 * 1000);
    /* threads do not make one stream shorter, but the next need not wait for all of it */
    ck_assert_uint_eq(cycles(SMALL ", \"threads\": 4}", WORK("10000", "\"2MiB\"" STREAM)),
                      25000);
}
END_TEST

/* docs/sources.md section 9: one thread on a BlueField-3, in millions of reads a second. The
 * step's cycles are from the smallest size; the largest has set memory_parallelism; 4 MiB and
 * the stream are predicted. */
static double reads(const char *args) { return 213000.0 / (double)cycles("{}", args); }

START_TEST(reads_are_near_the_measured_ones) {
#define READS "{\"cycles\": 775, \"memory_accesses\": 100, \"working_set\": "
    ck_assert_double_eq_tol(reads(READS "\"16KiB\"}"), 274.92, 0.1);
    ck_assert_double_eq_tol(reads(READS "\"4MiB\"}") / 69.45, 1, 0.02);
    ck_assert_double_eq_tol(reads(READS "\"1GiB\"}") / 20.13, 1, 0.01);
    double stream = reads("{\"cycles\": 66, \"memory_accesses\": 13, \"working_set\": "
                          "\"1GiB\"" STREAM "}");
    ck_assert_double_eq_tol(stream / 1916.63, 1, 0.25);
}
END_TEST

START_TEST(pages_are_powers_of_two) {
    bench_refused(&model_cores, "{\"page_bytes\": 12288}", "/page_bytes", "");
}
END_TEST

TEST_MAIN("software memory", a_working_set_is_held_by_its_share,
          sets_of_each_core_share_the_third_level, working_sets_compete,
          pages_are_held_as_lines_are, walks_read_descriptors_before_data,
          a_circle_changes_its_page_seldom, stores_wait_beside_the_work,
          streams_come_beside_the_work, reads_are_near_the_measured_ones,
          pages_are_powers_of_two)
