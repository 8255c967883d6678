/* test_hostmemory.c - memory behind the link: latency by its parts, what the cache and DDIO's
 * ways hold, the IOMMU's table and walkers, the order of reads and writes. */
#include "tests/block_world.h"

extern const struct sim_model model_hostmemory;

/* 125 ps a byte of the cache, 250 ps of DRAM. */
#define SLOW "\"bandwidth\": \"64Gb/s\", \"dram_bandwidth\": \"32Gb/s\""
/* 1 ps for a line: time passes in latencies only. */
#define FAST "\"bandwidth\": \"1000Tb/s\", \"dram_bandwidth\": \"1000Tb/s\""
#define ORDERS                                                                                 \
    "\"read_latency\": \"180ns\", \"write_latency\": \"66ns\", \"dram_latency\": \"54ns\""

enum { NS = 1000, PAGE = 4096 };

/* A bench whose messages are packets to buffers in turn, so many bytes apart. */
static struct bench to_buffers(uint64_t messages, sim_ps gap, uint32_t bytes) {
    static const char packet[4096];
    struct bench b = bench_new(messages, gap, bytes);
    b.feed->like.body = packet; /* nobody looks into it */
    b.feed->stream->payload = NULL;
    return b;
}

/* ---------------------------------------------------------------- latency */

/* One access of 64 bytes to a line, from the block's entry at 1 ps to its end. */
static sim_ps idle(const char *params, const char *op, uint32_t line) {
    char json[512];
    snprintf(json, sizeof json,
             "{" ORDERS ", \"llc_bytes\": \"4KiB\", \"ddio_bytes\": \"4KiB\", %s}", params);
    struct bench b = bench_new(1, 0, 64);
    b.feed->like.flow = line;
    bench_visit(&b, bench_block(&b, &model_hostmemory, "memory", json), op, NULL);
    bench_run(&b);
    sim_ps took = b.sink->log_start[0] - 2;
    bench_free(&b);
    return took;
}

START_TEST(idle_latency_is_the_sum_of_parts) {
    const char *warm = SLOW ", \"cache\": \"warm\"";
    ck_assert_int_eq(idle(warm, "read", 0), 64 * 125 + 180 * NS);
    ck_assert_int_eq(idle(warm, "write", 0), 64 * 125 + 66 * NS);
    ck_assert_int_eq(idle(warm, "read", 63), 64 * 125 + 180 * NS);
    /* the 65th line is more than a warm cache of 4 KiB holds; DDIO has room for a write */
    ck_assert_int_eq(idle(warm, "read", 64), 64 * 250 + (180 + 54) * NS);
    ck_assert_int_eq(idle(warm, "write", 64), 64 * 125 + 66 * NS);
    const char *cold = SLOW ", \"cache\": \"cold\"";
    ck_assert_int_eq(idle(cold, "read", 0), 64 * 250 + (180 + 54) * NS);
    ck_assert_int_eq(idle(cold, "write", 0), 64 * 125 + 66 * NS);
}
END_TEST

START_TEST(another_socket_is_farther_both_ways) {
    const char *far = SLOW ", \"cache\": \"warm\", \"numa_latency\": \"100ns\"";
    ck_assert_int_eq(idle(far, "read", 0), 64 * 125 + (180 + 100) * NS);
    ck_assert_int_eq(idle(far, "write", 0), 64 * 125 + (66 + 100) * NS);
}
END_TEST

START_TEST(a_walk_comes_on_top) {
    const char *walk =
        SLOW ", \"cache\": \"warm\", \"iommu\": true, \"walk_latency\": \"330ns\"";
    ck_assert_int_eq(idle(walk, "read", 0), 64 * 125 + (180 + 330) * NS);
    ck_assert_int_eq(idle(walk, "write", 0), 64 * 125 + (66 + 330) * NS);
}
END_TEST

/* Data takes the bandwidth of what has it: exact over many. */
static sim_ps busy(const char *cache, const char *op, struct sim_comp **memory,
                   struct bench *b) {
    char json[256];
    snprintf(json, sizeof json, "{" SLOW ", \"cache\": \"%s\", \"ddio_bytes\": \"4KiB\"}",
             cache);
    *b = bench_new(1000, 0, 1500);
    b->feed->flows = 64 * 1000;
    *memory = bench_block(b, &model_hostmemory, "memory", json);
    bench_visit(b, *memory, op, NULL);
    bench_run(b);
    return (sim_ps)(*memory)->port[0]->busy_ps;
}

START_TEST(bandwidth_is_of_cache_or_dram) {
    struct sim_comp *memory;
    struct bench b;
    ck_assert_int_eq(busy("warm", "read", &memory, &b), 1000 * 1500 * 125);
    ck_assert_int_eq(stat_of(memory, "dram_read"), 0);
    bench_free(&b);
    ck_assert_int_eq(busy("cold", "read", &memory, &b), 1000 * 24 * 64 * 250);
    ck_assert_int_eq(stat_of(memory, "dram_read"), 1000 * 24 * 64); /* whole lines */
    ck_assert_int_eq(stat_of(memory, "dram_written"), 0);
    bench_free(&b);
    /* each begins a line behind the one before it: 1,023 lines, of which the last 64 stay */
    ck_assert_int_eq(busy("cold", "write", &memory, &b), 1000 * 1500 * 125);
    ck_assert_int_eq(stat_of(memory, "dram_written"), (999 + 24 - 64) * 64);
    bench_free(&b);
}
END_TEST

/* ---------------------------------------------------------------- DDIO */

/* `n` messages of a line each to lines in turn, with 64 KiB of DDIO: 1,024 lines. */
static struct bench in_turn(const char *params, uint32_t lines, uint64_t n, sim_ps gap,
                            struct sim_comp **memory) {
    char json[512];
    snprintf(json, sizeof json, "{" FAST ", " ORDERS ", \"ddio_bytes\": \"64KiB\", %s}",
             params);
    struct bench b = bench_new(n, gap, 64);
    b.feed->flows = lines;
    *memory = bench_block(&b, &model_hostmemory, "memory", json);
    return b;
}

/* Lines that `n` writes to lines in turn drive out. */
static int64_t driven(const char *params, uint32_t lines, uint64_t n) {
    struct sim_comp *memory;
    struct bench b = in_turn(params, lines, n, 0, &memory);
    bench_visit(&b, memory, "write", NULL);
    bench_run(&b);
    int64_t bytes = stat_of(memory, "dram_written");
    bench_free(&b);
    ck_assert_int_eq(bytes % 64, 0);
    return bytes / 64;
}

/* What fits never leaves. One line more, in turn: its set of 17 is never there, and of each
 * round they drive out 17, of the first one. Twice as many: each write drives one out once all
 * places are taken. */
START_TEST(ddio_holds_what_fits) {
    const char *cold = "\"cache\": \"cold\"";
    ck_assert_int_eq(driven(cold, 1, 1000), 0);
    ck_assert_int_eq(driven(cold, 1024, 10240), 0);
    ck_assert_int_eq(driven(cold, 1025, 10250), 1 + 9 * 17);
    ck_assert_int_eq(driven(cold, 2048, 10240), 10240 - 1024);
    /* of a warm cache all lies there already, up to its size */
    ck_assert_int_eq(driven("\"cache\": \"warm\"", 2048, 10240), 0);
}
END_TEST

/* Of a warm cache of 2,048 lines 1,024 lie outside of DDIO's part, and stay. */
#define WARM_2048 "\"cache\": \"warm\", \"llc_bytes\": \"128KiB\""
#define MOVES     WARM_2048 ", \"write_update\": false"

/* Not more than the cache holds is there, and that once: of 3,072 lines 2,048 have DDIO's 1,024
 * places. In the first round only what devices wrote goes to DRAM, not what lay there before. A
 * cache that changes nothing outside of DDIO's part has no more than that for writes. */
START_TEST(ddio_is_a_part_of_the_cache) {
    ck_assert_int_eq(driven(WARM_2048, 2048, 3 * 2048), 0);
    ck_assert_int_eq(driven(WARM_2048, 3072, 3 * 3072), 1024 + 2 * 2048);
    ck_assert_int_eq(driven(MOVES, 1024, 3 * 1024), 0);
    ck_assert_int_eq(driven(MOVES, 2048, 3 * 2048), 1024 + 2 * 2048);
}
END_TEST

/* Lines that `n` reads of lines in turn miss, each of which was written before if `writes`. */
static int64_t missed(const char *params, bool writes, uint32_t lines, uint64_t n) {
    struct sim_comp *memory;
    struct bench b = in_turn(params, lines, n, 0, &memory);
    if (writes)
        bench_visit(&b, memory, "write", NULL);
    bench_visit(&b, memory, "read", NULL);
    bench_run(&b);
    int64_t bytes = stat_of(memory, "dram_read");
    bench_free(&b);
    return bytes / 64;
}

/* Reads find all that the cache holds, and what devices wrote in its place where that is. */
START_TEST(a_warm_cache_is_read_whole) {
    ck_assert_int_eq(missed(WARM_2048, false, 2048, 4096), 0);
    ck_assert_int_eq(missed(WARM_2048, false, 2560, 5120), 2 * 512);
    ck_assert_int_eq(missed(WARM_2048, true, 2048, 2048), 0);
    ck_assert_int_eq(missed(MOVES, false, 2560, 5120), 2 * 512);
    ck_assert_int_eq(missed(MOVES, true, 1024, 1024), 0);
    ck_assert_int_eq(missed(MOVES, true, 2048, 2048), 1024);
}
END_TEST

/* 512 packets of so many lines in buffers of 2 KiB, written twice: of 64 bytes they need 512
 * places, spread over all sets though their lines are 32 apart; of 2,048 bytes 16,384. */
START_TEST(packets_take_as_many_lines_as_they_have) {
    for (uint32_t lines = 1; lines <= 32; lines += 31) {
        struct bench b = to_buffers(1024, 0, 64 * lines);
        struct sim_comp *memory =
            bench_block(&b, &model_hostmemory, "memory",
                        "{" FAST ", \"ddio_bytes\": \"64KiB\", \"buffers\": 512}");
        bench_visit(&b, memory, "write", NULL);
        bench_run(&b);
        ck_assert_int_eq(stat_of(memory, "dram_written"),
                         lines == 1 ? 0 : (1024 * 32 - 1024) * 64);
        bench_free(&b);
    }
}
END_TEST

/* Frames of 9,000 bytes in buffers of 2 KiB: five each, of which 141 lines are written; what
 * they drive out is all but what DDIO holds in the end. */
START_TEST(long_frames_take_several_buffers) {
    struct bench b = to_buffers(1024, 0, 9000);
    struct sim_comp *memory =
        bench_block(&b, &model_hostmemory, "memory",
                    "{" FAST ", \"ddio_bytes\": \"64KiB\", \"buffers\": 512}");
    bench_visit(&b, memory, "write", NULL);
    bench_run(&b);
    ck_assert_int_eq(stat_of(memory, "dram_written"), (1024 * 141 - 1024) * 64);
    bench_free(&b);
}
END_TEST

/* All lines are written, then all are read: those that others have driven out come from DRAM,
 * the first ones, and are not brought back. */
START_TEST(reads_find_what_was_written) {
    for (uint32_t lines = 512; lines <= 4096; lines *= 2) {
        struct sim_comp *memory;
        struct bench b = in_turn("\"cache\": \"cold\"", lines, lines, 0, &memory);
        bench_visit(&b, memory, "write", NULL);
        bench_visit(&b, memory, "read", NULL);
        bench_run(&b);
        ck_assert_int_eq(stat_of(memory, "dram_read"), lines > 1024 ? (lines - 1024) * 64 : 0);
        bench_free(&b);
    }
}
END_TEST

/* One at a time writes a line and reads it: the read hits, whatever the window; where the write
 * drives another line out it is visible an access of DRAM later. What pcie-bench measured. */
START_TEST(a_write_waits_for_what_it_drives_out) {
    for (uint32_t lines = 1024; lines <= 2048; lines *= 2) {
        struct sim_comp *memory;
        struct bench b = in_turn("\"cache\": \"cold\"", lines, 4096, NS * 1000, &memory);
        bench_visit(&b, memory, "write", NULL);
        bench_visit(&b, memory, "read", NULL);
        bench_run(&b);
        ck_assert_int_eq(stat_of(memory, "dram_read"), 0);
        for (sim_ps i = 0; i < 4096; i++) {
            sim_ps out = lines > 1024 && i >= 1024 ? 54 : 0;
            ck_assert_int_eq(b.sink->log_start[i] - i * NS * 1000,
                             1 + 1 + (66 + out) * NS + 1 + 1 + 180 * NS + 1);
        }
        bench_free(&b);
    }
}
END_TEST

/* A packet is read from where it was written: the read hits as long as fewer lines were written
 * since than DDIO has, however large the ring. */
START_TEST(packets_are_read_where_they_were_written) {
    for (int packets = 32; packets <= 64; packets += 32) {
        struct bench b = to_buffers((uint64_t)packets, 0, 2048);
        struct sim_comp *memory =
            bench_block(&b, &model_hostmemory, "memory",
                        "{" FAST ", " ORDERS ", \"ddio_bytes\": \"64KiB\"}");
        bench_visit(&b, memory, "write", NULL);
        bench_visit(&b, memory, "read", NULL);
        bench_run(&b);
        ck_assert_int_eq(stat_of(memory, "dram_written"), (packets - 32) * 32 * 64);
        ck_assert_int_eq(stat_of(memory, "dram_read"), (packets - 32) * 32 * 64);
        bench_free(&b);
    }
}
END_TEST

/* ---------------------------------------------------------------- IOMMU */

#define IOMMU(more) "{" FAST ", " ORDERS ", \"cache\": \"warm\", \"iommu\": true, " more "}"

/* `n` reads of pages in turn. @return when the last one is at the sink. */
static sim_ps translated(const char *params, int pages, uint64_t n, int64_t walks) {
    char json[512];
    snprintf(json, sizeof json,
             "{" FAST ", " ORDERS ", \"cache\": \"warm\", \"llc_bytes\": "
             "\"64MiB\", \"iommu\": true, \"walk_latency\": \"300ns\", \"buffers\": %d, "
             "\"buffer_bytes\": 4096, %s}",
             pages, params);
    struct bench b = to_buffers(n, 0, 64);
    struct sim_comp *memory = bench_block(&b, &model_hostmemory, "memory", json);
    bench_visit(&b, memory, "read", NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), n);
    ck_assert_int_eq(stat_of(memory, "walks"), walks);
    sim_ps last = 0;
    for (uint64_t i = 0; i < n; i++) { /* in the order of the requests */
        ck_assert_int_ge(b.sink->log_start[i], last);
        last = b.sink->log_start[i];
    }
    bench_free(&b);
    return last;
}

START_TEST(a_table_that_is_large_enough_misses_once_a_page) {
    const char *table = "\"iotlb_entries\": 8, \"iotlb_ways\": 8, \"walkers\": 64";
    (void)translated(table, 8, 1000, 8);
    (void)translated(table, 9, 1000, 1000); /* in turn, least recently used out: none is kept */
    (void)translated("\"iotlb_entries\": 8, \"iotlb_ways\": 8, \"page_bytes\": \"2MiB\"", 64,
                     1000, 1); /* 256 KiB are a page */
}
END_TEST

/* All miss: so many walks at a time. The first is asked for at 2 ps, and reads take 180 ns. */
static void walkers(const char *params, int64_t n) {
    sim_ps last = translated(params, 64, 960, 960);
    ck_assert_int_ge(last, 960 / n * 300 * NS + 180 * NS);
    ck_assert_int_le(last, 960 / n * 300 * NS + 180 * NS + n + 3);
}

START_TEST(walkers_are_servers) {
    walkers("\"iotlb_entries\": 1, \"iotlb_ways\": 1, \"walkers\": 1", 1);
    walkers("\"iotlb_entries\": 1, \"iotlb_ways\": 1, \"walkers\": 6", 6);
    walkers("\"iotlb_entries\": 1, \"iotlb_ways\": 1, \"walkers\": 64", 64);
}
END_TEST

/* Two requests for one page: the second one's translation is kept already, and it waits for the
 * walk of the first all the same. */
START_TEST(a_hit_waits_for_misses_before_it) {
    struct bench b = bench_new(2, 10 * NS, 64);
    struct sim_comp *memory =
        bench_block(&b, &model_hostmemory, "memory", IOMMU("\"walk_latency\": \"300ns\""));
    bench_visit(&b, memory, "read", NULL);
    bench_run(&b);
    ck_assert_int_eq(stat_of(memory, "walks"), 1);
    ck_assert_int_eq(b.sink->log_start[0], 2 + 480 * NS + 1);
    ck_assert_int_eq(b.sink->log_start[1], 2 + 480 * NS + 1);
    bench_free(&b);
}
END_TEST

/* ---------------------------------------------------------------- order */

/* Each message writes, and when that is visible it reads; one every 10 ns. The first one's read
 * comes at 66,003 ps, behind the seventh one's write, which came at 60,001. */
static sim_ps read_behind(const char *more) {
    char json[256];
    snprintf(json, sizeof json, "{" FAST ", " ORDERS ", \"cache\": \"warm\"%s}", more);
    struct bench b = bench_new(20, 10 * NS, 64);
    struct sim_comp *memory = bench_block(&b, &model_hostmemory, "memory", json);
    bench_visit(&b, memory, "write", NULL);
    bench_visit(&b, memory, "read", NULL);
    bench_run(&b);
    sim_ps first = b.sink->log_start[0];
    bench_free(&b);
    return first;
}

/* Relaxed or not (rule B2a); of one requester by its ID neither. */
START_TEST(reads_wait_for_writes_before_them) {
    sim_ps behind = 60002 + 66 * NS + 180 * NS + 1;
    ck_assert_int_eq(read_behind(""), behind);
    ck_assert_int_eq(read_behind(", \"relaxed_ordering\": true"), behind);
    ck_assert_int_eq(read_behind(", \"id_based_ordering\": true"), behind);
}
END_TEST

/* Writes to so many pages in turn, four of them, a walk of 300 ns each: when they are at the
 * sink, in nanoseconds. */
static void seen(const char *relaxed, const char *pages, sim_ps gap, const sim_ps *ns) {
    char json[512];
    snprintf(json, sizeof json,
             IOMMU("\"walk_latency\": \"300ns\", \"buffer_bytes\": 4096, \"buffers\": %s, "
                   "\"relaxed_ordering\": %s"),
             pages, relaxed);
    struct bench b = to_buffers(4, gap * NS, 64);
    struct sim_comp *memory = bench_block(&b, &model_hostmemory, "memory", json);
    bench_visit(&b, memory, "write", NULL);
    bench_run(&b);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(b.sink->log_start[i], ns[i] * NS + 3);
    bench_free(&b);
}

/* The third one finds its page, and is held by the walk of the second; relaxed it is not (A2b).
 * Of one page all wait for its look-up either way, those that come before it is done. */
START_TEST(relaxed_writes_pass_one_that_is_held) {
    seen("false", "2", 250, (const sim_ps[]){366, 616, 616, 816});
    seen("true", "2", 250, (const sim_ps[]){366, 566, 616, 816});
    seen("false", "1", 140, (const sim_ps[]){366, 366, 366, 486});
    seen("true", "1", 140, (const sim_ps[]){366, 366, 366, 486});
}
END_TEST

/* The last line of a page is read, then written; the next line, of a page that has to be looked
 * up, is read meanwhile: the write does not wait for that (A3). */
START_TEST(writes_pass_reads) {
    struct bench b = bench_new(2, 450 * NS, 64);
    b.feed->like.flow = 63;
    b.feed->flows = 128;
    struct sim_comp *memory =
        bench_block(&b, &model_hostmemory, "memory", IOMMU("\"walk_latency\": \"300ns\""));
    bench_visit(&b, memory, "read", NULL);
    bench_visit(&b, memory, "write", NULL);
    bench_run(&b);
    ck_assert_int_eq(b.sink->log_start[0], 1 + 1 + 480 * NS + 1 + 1 + 66 * NS + 1);
    ck_assert_int_eq(b.sink->log_start[1], 1 + 1 + (450 + 480) * NS + 1 + 1 + 66 * NS + 1);
    bench_free(&b);
}
END_TEST

/* A page not kept delays a write, and with it all that become visible later. */
START_TEST(writes_are_visible_in_order) {
    struct bench b = to_buffers(300, 1 * NS, 64);
    struct sim_comp *memory = bench_block(
        &b, &model_hostmemory, "memory",
        IOMMU("\"walkers\": 2, \"iotlb_entries\": 4, \"iotlb_ways\": 1, \"buffers\": 9, "
              "\"buffer_bytes\": 4096"));
    bench_visit(&b, memory, "write", NULL);
    bench_run(&b);
    for (int i = 1; i < 300; i++)
        ck_assert_int_ge(b.sink->log_start[i], b.sink->log_start[i - 1]);
    bench_free(&b);
}
END_TEST

/* ---------------------------------------------------------------- refusals */

static void refused(const char *params, const char *path) {
    bench_refused(&model_hostmemory, params, path, "");
}

START_TEST(what_cannot_be_is_refused) {
    refused("{\"ddio_bytes\": \"32MiB\"}", "/ddio_bytes");
    refused("{\"buffers\": 65536, \"buffer_bytes\": \"1MiB\"}", "/buffers");
    refused("{\"iotlb_entries\": 64, \"iotlb_ways\": 48}", "/iotlb_ways");
    refused("{\"iommu\": true, \"page_bytes\": \"64KiB\"}", "/page_bytes");
}
END_TEST

TEST_MAIN("hostmemory", idle_latency_is_the_sum_of_parts, another_socket_is_farther_both_ways,
          a_walk_comes_on_top, bandwidth_is_of_cache_or_dram, ddio_holds_what_fits,
          ddio_is_a_part_of_the_cache, a_warm_cache_is_read_whole,
          packets_take_as_many_lines_as_they_have, long_frames_take_several_buffers,
          reads_find_what_was_written, a_write_waits_for_what_it_drives_out,
          packets_are_read_where_they_were_written,
          a_table_that_is_large_enough_misses_once_a_page, walkers_are_servers,
          a_hit_waits_for_misses_before_it, reads_wait_for_writes_before_them,
          relaxed_writes_pass_one_that_is_held, writes_pass_reads, writes_are_visible_in_order,
          what_cannot_be_is_refused)
