/* test_block_facts.c - what is counted of a trace of block requests. */
#include "tests/block_text.h"
#include "workloads/block_facts.h"
#include "workloads/stream.h"

static struct work_block_facts facts;

static bool read_file(const char *name, const struct work_block_opts *opts,
                      struct sim_err *err) {
    memset(err, 0, sizeof *err);
    struct work_stream *stream = work_stream_open(name, err);
    return stream && work_block_read_facts(name, stream, opts, &facts, NULL, err);
}

static const struct work_block_sums *read_text(const char *text) {
    struct sim_err err;
    struct work_block_opts opts = {0};
    bool read = read_file(block_store(text, strlen(text)), &opts, &err);
    ck_assert_msg(read, "%s: %s", err.path, err.text);
    unlink(block_name);
    return &facts.sums[facts.event];
}

START_TEST(counts) {
    const struct work_block_sums *s = read_text("50,h,0,Read,0,4096,1\n"
                                                "60,h,0,Write,4096,512,1\n"
                                                "55,h,1,Read,4608,100,1\n"
                                                "55,h,1,Read,4608,100,1\n"
                                                "70,h,0,Read,4608,512,1\n");
    ck_assert_uint_eq(s->requests, 5);
    ck_assert_uint_eq(s->reads, 4);
    ck_assert_uint_eq(s->writes, 1);
    ck_assert_uint_eq(s->other, 0);
    ck_assert_uint_eq(s->read_bytes, 4096 + 100 + 100 + 512);
    ck_assert_uint_eq(s->write_bytes, 512);
    ck_assert_uint_eq(s->max_end, 4608 + 512);
    ck_assert_uint_eq(s->smallest, 100);
    ck_assert_uint_eq(s->largest, 4096);
    ck_assert_uint_eq(s->backwards, 1);
    ck_assert_uint_eq(s->repeated, 1);
    ck_assert_uint_eq(s->unaligned, 2);
    ck_assert_uint_eq(s->sequential, 2); /* by device, writes behind reads too */
    ck_assert_int_eq(s->first, 50);
    ck_assert_int_eq(s->min, 50);
    ck_assert_int_eq(s->max, 70);
    ck_assert_int_eq(s->last, 70);
    ck_assert_uint_eq(s->distinct_sizes, 3);
    ck_assert_uint_eq(s->tops, 3);
    ck_assert_uint_eq(s->top[0].bytes, 100); /* of equals the smaller first */
    ck_assert_uint_eq(s->top[1].bytes, 512);
    ck_assert_uint_eq(s->top[2].bytes, 4096);
    ck_assert_uint_eq(facts.devices, 2);
    ck_assert_str_eq(facts.device[1], "h,1");
}
END_TEST

START_TEST(other_operations) {
    const struct work_block_sums *s =
        read_text("fio version 3 iolog\n1 a add\n2 a write 0 512\n3 a trim 0 8192\n"
                  "4 a sync 0 0\n5 a close\n");
    ck_assert_uint_eq(s->requests, 3);
    ck_assert_uint_eq(s->other, 2);
    ck_assert_uint_eq(s->trims, 1);
    ck_assert_uint_eq(s->trim_bytes, 8192);
    ck_assert_uint_eq(s->flushes, 1);
    ck_assert_uint_eq(s->max_end, 512);
    ck_assert_int_eq(s->max, 4);
    ck_assert_str_eq(facts.about.tally, "actions");
}
END_TEST

/* A flush of blkparse has no offset and no length: no request by the definition. */
START_TEST(events) {
    read_text("  8,0 0 1 0.000000000 1 Q WS 0 + 16 [a]\n"
              "  8,0 0 2 0.000000001 1 D WS 0 + 8 [a]\n"
              "  8,0 0 3 0.000000002 1 D WS 8 + 8 [a]\n"
              "  8,0 0 4 0.000000003 1 D FN [a]\n"
              "  8,0 0 5 0.000000004 1 C WS 0 + 8 [0]\n");
    ck_assert_uint_eq(facts.sums[WORK_BLOCK_QUEUED].requests, 1);
    ck_assert_uint_eq(facts.sums[WORK_BLOCK_ISSUED].requests, 2);
    ck_assert_uint_eq(facts.sums[WORK_BLOCK_ISSUED].flushes, 1);
    ck_assert_uint_eq(facts.sums[WORK_BLOCK_ISSUED].sequential, 1);
    ck_assert_uint_eq(facts.sums[WORK_BLOCK_COMPLETED].requests, 1);
    ck_assert_int_eq(facts.sums[WORK_BLOCK_COMPLETED].max, 4);
}
END_TEST

START_TEST(bad_lines) {
    struct sim_err err;
    struct work_block_opts opts = {.format = "msr"};
    static const char text[] = "1,h,0,Read,0,512,1\nx\n2,h,0,Read,0,512,1\n";
    ck_assert(!read_file(block_store(text, sizeof text - 1), &opts, &err));
    ck_assert_str_eq(err.path, "line 2, column 1");
    opts.skip_bad = true;
    ck_assert(read_file(block_name, &opts, &err));
    ck_assert_uint_eq(facts.sums[0].requests, 2);
    ck_assert_uint_eq(facts.about.skipped, 1);
    unlink(block_name);
}
END_TEST

/* More sizes than are counted: it is said, and memory stays. */
START_TEST(many_sizes) {
    FILE *f = fopen(block_store("", 0), "wb");
    for (int i = 0; i < WORK_SIZES_MOST + 1000; i++)
        fprintf(f, "0,R,0,%d,%d\n", i + 1, i);
    for (int i = 0; i < 10; i++)
        fprintf(f, "0,R,0,77,%d\n", 1000000 + i);
    fclose(f);
    struct sim_err err;
    struct work_block_opts opts = {0};
    ck_assert(read_file(block_name, &opts, &err));
    ck_assert(!facts.sums[0].sizes_exact);
    ck_assert_uint_eq(facts.sums[0].distinct_sizes, WORK_SIZES_MOST);
    ck_assert_uint_eq(facts.sums[0].top[0].bytes, 77);
    ck_assert_uint_eq(facts.sums[0].top[0].requests, 11);
    ck_assert_uint_eq(facts.sums[0].largest, WORK_SIZES_MOST + 1000);
    unlink(block_name);
}
END_TEST

TEST_MAIN("facts of block traces", counts, other_operations, events, bad_lines, many_sizes)
