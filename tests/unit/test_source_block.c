/* test_source_block.c - replay of block traces: births to the picosecond at every pace, depths,
 * barriers, loops, folds, devices; what is not replayed is counted, what is damaged ends the
 * run.
 */
#include "tests/request_world.h"

enum { US = 1000000, LONG = 1000 * US };

/* Seven requests over 100 us to two devices; the fourth is 1 us too old. */
static const sim_ps own_times[] = {0, 0, 7 * US, 7 * US, 10 * US, 50 * US, 100 * US};

static void seven(void) {
    trace_new("128166372000000130,lab,0,Read,4096,4096,859\n"
              "128166372000000130,lab,1,Write,8192,512,1\n"
              "128166372000000200,lab,0,Read,0,65536,1\n"
              "128166372000000190,lab,0,Write,512,512,1\n"
              "128166372000000230,lab,1,Read,1048576,1024,1\n"
              "128166372000000630,lab,0,Read,1024,512,1\n"
              "128166372000001130,lab,0,Write,107374182400,4096,1\n");
}

START_TEST(own_pace) {
    static const uint64_t offset[] = {4096, 8192, 0, 512, 1048576, 1024, 107374182400};
    static const uint32_t bytes[] = {4096, 512, 65536, 512, 1024, 512, 4096};
    static const uint8_t op[] = {0, 1, 0, 1, 0, 0, 1}, space[] = {0, 1, 0, 0, 1, 0, 0};
    seven();
    struct bench b = replay(LONG, 10, ", 'start': '2ns', 'class': 2");
    ck_assert_uint_eq(b.probe->n, 7);
    for (uint32_t i = 0; i < 7; i++) {
        const struct seen *s = &b.probe->log[i];
        ck_assert_int_eq(s->birth, 2000 + own_times[i]);
        ck_assert_uint_eq(s->bytes, bytes[i]);
        ck_assert_uint_eq(s->io.bytes, bytes[i]);
        ck_assert_uint_eq(s->io.offset, offset[i]);
        ck_assert_uint_eq(s->io.op, op[i]);
        ck_assert_uint_eq(s->io.space, space[i]);
        ck_assert_uint_eq(s->hash, 0);
        ck_assert_uint_eq(s->cls, 2);
    }
    ck_assert_int_eq(stat_of(&b, "requests"), 7);
    ck_assert_int_eq(stat_of(&b, "replies"), 7);
    ck_assert_int_eq(stat_of(&b, "backwards"), 1);
    ck_assert_int_eq(stat_of(&b, "unaligned"), 0);
    ck_assert_str_eq(remark_of(&b), "of its requests 1 are older than one before, and were "
                                    "born at its time");
    bench_free(&b);
    unlink(trace);
}
END_TEST

START_TEST(faster_and_slower) {
    seven();
    struct bench b = replay(LONG, 10, ", 'speed': 2.5");
    for (uint32_t i = 0; i < 7; i++)
        ck_assert_int_eq(b.probe->log[i].birth, own_times[i] * 2 / 5);
    bench_free(&b);
    b = replay(LONG, 10, ", 'speed': 3");
    for (uint32_t i = 0; i < 7; i++)
        ck_assert_int_eq(b.probe->log[i].birth, (own_times[i] + 2) / 3);
    bench_free(&b);
    b = replay(LONG, 10, ", 'speed': 0.125, 'limit': 6");
    ck_assert_uint_eq(b.probe->n, 6);
    for (uint32_t i = 0; i < 6; i++)
        ck_assert_int_eq(b.probe->log[i].birth, own_times[i] * 8);
    bench_free(&b);
    unlink(trace);
}
END_TEST

/* A drive that takes 30 us, and a pool that is far too small: births keep their times. */
START_TEST(slow_drives_do_not_slow_it) {
    seven();
    struct bench b = bench_new(0, LONG, 4);
    b.probe->occupancy = 30 * US;
    ck_assert(bench_add(&b, "block", "{'file': '%s'}", trace));
    ck_assert(bench_build(&b, true));
    bench_run(&b);
    bench_audit(&b);
    for (uint32_t i = 0; i < 7; i++)
        ck_assert_int_eq(b.probe->log[i].birth, own_times[i]);
    ck_assert_int_gt(stat_of(&b, "lagged"), 0);
    bench_free(&b);
    unlink(trace);
}
END_TEST

/* Of a format of one's own, in picoseconds; differences beyond 63 bits are after any run. */
START_TEST(own_columns) {
    const char *row = ", 'columns': 'time op device offset size ...', 'delimiter': ';', "
                      "'time_unit': 'ps', 'read': 'r 0', 'write': 'w', 'offset_unit': 512, "
                      "'header_lines': 1";
    char more[512];
    trace_new("a line that says what they are\n5;r;x;8;512;more\n6;0;y;9;1024\n1000006;w;x;7;"
              "512;\n");
    struct bench b = replay(LONG, 10, row);
    ck_assert_uint_eq(b.probe->n, 3);
    ck_assert_int_eq(b.probe->log[1].birth, 1);
    ck_assert_int_eq(b.probe->log[2].birth, 1000001);
    ck_assert_uint_eq(b.probe->log[0].io.offset, 4096);
    ck_assert_uint_eq(b.probe->log[1].io.space, 1);
    ck_assert_uint_eq(b.probe->log[2].io.op, IO_WRITE);
    bench_free(&b);
    snprintf(more, sizeof more, "%s, 'speed': 7", row);
    b = replay(LONG, 10, more);
    ck_assert_int_eq(b.probe->log[2].birth, 142858); /* 1000001 / 7, rounded up */
    bench_free(&b);
    trace_add("9223372036854775807;r;x;0;512\n");
    b = replay(LONG, 10,
               ", 'start': '10ns', 'columns': 'time op device offset size ...', "
               "'delimiter': ';', 'time_unit': 'ps', 'read': 'r 0', 'write': 'w', "
               "'header_lines': 1");
    ck_assert_uint_eq(b.probe->n, 3);
    ck_assert_str_eq(
        remark_of(&b),
        "of its requests 3 do not begin and end at multiples of 512 bytes; what is "
        "due 106 days or more after the first one was not replayed");
    bench_free(&b);
    unlink(trace);
}
END_TEST

/* 100 requests, all at once, 10 under way: one is born when one comes back. */
START_TEST(closed_loop) {
    enum { N = 100, DEPTH = 10, SERVICE = 5000 };
    trace_new("fio version 2 iolog\nf add\n");
    for (int i = 0; i < N; i++)
        trace_add("f read %d 4096\n", i * 4096);
    struct bench b = replay(LONG, SERVICE, ", 'iodepth': 10, 'queues': 4");
    ck_assert_uint_eq(b.probe->n, N);
    for (uint32_t i = 0; i < N; i++) {
        const struct seen *s = &b.probe->log[i];
        sim_ps back = i < DEPTH ? 0 : b.probe->log[i - DEPTH].at + SERVICE;
        ck_assert_int_eq(s->birth, i < DEPTH ? 0 : back + 1);
        ck_assert_uint_eq(s->hash, i % 4);
        ck_assert_uint_eq(s->flow, i % DEPTH * 16384); /* buffers of 1 MiB */
    }
    ck_assert(!b.source[0]->stream->open);
    ck_assert_str_eq(remark_of(&b), "");
    bench_free(&b);
    b = replay(LONG, SERVICE, "");
    ck_assert_uint_eq(b.probe->n, N);
    ck_assert_int_eq(b.probe->log[N - 1].birth, 0);
    ck_assert(b.source[0]->stream->open);
    ck_assert_str_eq(remark_of(&b),
                     "all of it has one time and was born at once; state \"iodepth\"");
    bench_free(&b);
    unlink(trace);
}
END_TEST

/* A sync is born when all before it are back; what follows it does not wait for it. Waits are
 * gaps. */
START_TEST(barriers_and_waits) {
    enum { SERVICE = 30 * US };
    trace_new("fio version 2 iolog\nf add\nf write 0 4096\nf write 4096 4096\nf wait 20\n"
              "f write 8192 4096\nf sync 0 0\nf read 0 4096\nf wait 200\nf read 512 512\n");
    struct bench b = replay(LONG, SERVICE, "");
    const struct seen *s = b.probe->log;
    ck_assert_uint_eq(b.probe->n, 6);
    ck_assert_int_eq(s[1].birth, 0);
    ck_assert_int_eq(s[2].birth, 20 * US);
    ck_assert_uint_eq(s[3].io.op, IO_FLUSH);
    ck_assert_uint_eq(s[3].bytes, 0);
    ck_assert_int_eq(s[3].birth, s[2].at + SERVICE + 1);
    ck_assert_int_eq(s[4].birth, s[3].birth);
    ck_assert_int_eq(s[5].birth, 220 * US);
    bench_free(&b);
    b = replay(LONG, SERVICE, ", 'iodepth': 2");
    s = b.probe->log;
    ck_assert_int_eq(s[3].birth, s[2].at + SERVICE + 1);
    ck_assert_int_eq(s[4].birth, s[3].birth);
    ck_assert_int_eq(s[5].birth, s[3].at + SERVICE + 1);
    bench_free(&b);
    unlink(trace);
}
END_TEST

/* A sync is of its device: it does not wait for what others have under way. */
START_TEST(barriers_of_a_device) {
    enum { SERVICE = 30 * US };
    trace_new("fio version 2 iolog\nf add\ng add\nf write 0 4096\ng wait 20\n"
              "g write 0 4096\nf sync 0 0\ng sync 0 0\nf read 0 4096\n");
    for (int closed = 0; closed < 2; closed++) {
        struct bench b = replay(LONG, SERVICE, closed ? ", 'iodepth': 8" : "");
        const struct seen *s = b.probe->log;
        ck_assert_uint_eq(b.probe->n, 5);
        ck_assert_int_eq(s[1].birth, closed ? 0 : 20 * US);
        ck_assert_uint_eq(s[2].io.op, IO_FLUSH);
        ck_assert_int_eq(s[2].birth, s[0].at + SERVICE + 1);
        ck_assert_uint_eq(s[3].io.op, IO_FLUSH);
        ck_assert_int_eq(s[3].birth, s[1].at + SERVICE + 1);
        ck_assert_int_eq(s[4].birth, s[3].birth);
        bench_free(&b);
    }
    unlink(trace);
}
END_TEST

/* From the last request to the first the gap is the mean gap: 100 us / 6, rounded. */
START_TEST(loops) {
    seven();
    struct bench b = replay(LONG, 10, ", 'loop': 4, 'speed': 0.5");
    ck_assert_uint_eq(b.probe->n, 28);
    for (uint32_t i = 0; i < 28; i++) {
        ck_assert_int_eq(b.probe->log[i].birth, 2 * (own_times[i % 7] + i / 7 * 116666667LL));
        ck_assert_uint_eq(b.probe->log[i].io.offset, b.probe->log[i % 7].io.offset);
    }
    ck_assert_int_eq(stat_of(&b, "passes"), 4);
    ck_assert_int_eq(stat_of(&b, "requests"), 7);
    ck_assert_int_eq(stat_of(&b, "backwards"), 1);
    bench_free(&b);
    b = replay(LONG, US, ", 'loop': 0, 'iodepth': 2");
    ck_assert_uint_gt(b.probe->n, 990);
    bench_free(&b);
    unlink(trace);
}
END_TEST

/* The run fails, with words of `text`. */
static void fails(const char *params, uint64_t born, const char *path, const char *text) {
    struct bench b = replay_of(trace, LONG, 10, params);
    ck_assert(b.w->failed);
    ck_assert_str_eq(b.w->err.path, path);
    ck_assert_msg(strstr(b.w->err.text, text) != NULL, "%s", b.w->err.text);
    ck_assert_uint_eq(b.source[0]->stream->born, born);
    bench_free(&b);
}

START_TEST(loops_that_cannot_be) {
    trace_new("fio version 2 iolog\nf add\nf read 0 4096\nf read 0 4096\n");
    fails(", 'loop': 0", 2, "/streams/s/loop", "all have one time");
    unlink(trace);
    trace_new("fio version 2 iolog\nf add\nf trim 0 5000000000\n");
    fails(", 'loop': 0, 'iodepth': 1", 0, "", "holds no requests that can be replayed");
    unlink(trace);
}
END_TEST

START_TEST(folds) {
    trace_new("fio version 2 iolog\nf add\nf read 4096 4096\nf read 69632 4096\nf read 61440 "
              "8192\nf read 0 131072\nf read 65536 512\nf sync 0 0\n");
    struct bench b = replay(LONG, 10, ", 'fold': 65536, 'iodepth': 1");
    static const uint64_t offset[] = {4096, 4096, 0, 0, 0, 0};
    ck_assert_uint_eq(b.probe->n, 6);
    for (uint32_t i = 0; i < 6; i++)
        ck_assert_uint_eq(b.probe->log[i].io.offset, offset[i]);
    ck_assert_uint_eq(b.probe->log[3].io.bytes, 131072); /* the drive's to refuse */
    ck_assert_int_eq(stat_of(&b, "folded"), 3);
    ck_assert_ptr_nonnull(strstr(remark_of(&b), "3 lie or end beyond \"fold\""));
    bench_free(&b);
    unlink(trace);
}
END_TEST

/* Commands that are none of the four, and trims beyond 32 bits. */
START_TEST(what_cannot_be_is_counted) {
    trace_new("  8,0    0        1     0.000000000  4711  D   R 8 + 8 [fio]\n"
              "  8,0    0        2     0.000001000  4711  D   N 0 + 0 [fio]\n"
              "  8,0    0        3     0.000002000  4711  D   D 0 + 8388608 [fio]\n"
              "  8,0    0        4     0.000003000  4711  D   D 0 + 8388600 [fio]\n"
              "  8,0    0        5     0.000004000  4711  D  WS 8 + 8 [fio]\n");
    struct bench b = replay(LONG, 10, "");
    ck_assert_uint_eq(b.probe->n, 3);
    ck_assert_uint_eq(b.probe->log[1].io.op, IO_TRIM);
    ck_assert_uint_eq(b.probe->log[1].io.bytes, 8388600U * 512);
    ck_assert_uint_eq(b.probe->log[1].bytes, 0); /* it moves no data */
    ck_assert_int_eq(b.probe->log[2].birth, 4 * US);
    ck_assert_int_eq(stat_of(&b, "requests"), 5);
    ck_assert_int_eq(stat_of(&b, "skipped_other"), 1);
    ck_assert_int_eq(stat_of(&b, "skipped_large"), 1);
    ck_assert_str_eq(remark_of(&b),
                     "of its requests 1 are no reads, writes, flushes or trims, and were not "
                     "replayed; 1 are trims of 4 GiB or more, and were not replayed");
    bench_free(&b);
    unlink(trace);
}
END_TEST

/* Books for each of the first 63 devices, and for all others; 16 bits for a device's number. */
START_TEST(many_devices) {
    enum { DEVICES = 65538 };
    trace_new("0,R,0,512,0\n");
    FILE *f = fopen(trace, "ab");
    for (int i = 1; i < DEVICES; i++)
        fprintf(f, "%d,%c,0,512,%d\n", 7 * i, i % 2 ? 'W' : 'R', i);
    fclose(f);
    struct bench b = replay(LONG, 10, ", 'iodepth': 64");
    const struct work_requests *r = (const struct work_requests *)b.source[0];
    ck_assert_uint_eq(b.probe->ops[IO_READ] + b.probe->ops[IO_WRITE], 65536);
    ck_assert_uint_eq(r->jobs, WORK_REQUESTS_DEVICES);
    ck_assert_str_eq(r->job_name[0], "0");
    ck_assert_str_eq(r->job_name[62], "434");
    ck_assert_str_eq(r->job_name[63], "others");
    for (uint32_t i = 0; i < 63; i++) {
        ck_assert_uint_eq(r->outcome[i][i % 2].items, 1);
        ck_assert_uint_eq(r->outcome[i][i % 2].latency.count, 1);
        ck_assert_uint_eq(r->outcome[i][!(i % 2)].items, 0);
    }
    ck_assert_uint_eq(r->outcome[63][IO_WRITE].items, (65536 - 63 + 1) / 2);
    ck_assert_int_eq(stat_of(&b, "skipped_devices"), 2);
    bench_free(&b);
    unlink(trace);
}
END_TEST

START_TEST(damaged_traces) {
    seven();
    trace_add(
        "128166372000001140,lab,0,Raed,0,4096,1\n128166372000001150,lab,0,Read,0,512,1\n");
    fails("", 7, "line 8, column 26", "\"skip_bad\": true what can be read");
    struct bench b = replay(LONG, 10, ", 'skip_bad': true");
    ck_assert_uint_eq(b.probe->n, 8);
    ck_assert_int_eq(b.probe->log[7].birth, 102 * US);
    ck_assert_int_eq(stat_of(&b, "skipped_lines"), 1);
    ck_assert_ptr_nonnull(strstr(remark_of(&b), "lines that can be no request were passed"));
    bench_free(&b);
    unlink(trace);
}
END_TEST

/* The first 1,000 bytes of a compressed trace: what they hold, and then its damage. */
START_TEST(cut_short) {
    char bytes[1000];
    FILE *f = fopen(DPUSIM_SOURCE_DIR "/configs/scenarios/nvme-replay.csv.gz", "rb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fread(bytes, 1, sizeof bytes, f), sizeof bytes);
    fclose(f);
    trace_new("%s", "");
    f = fopen(trace, "wb");
    ck_assert_uint_eq(fwrite(bytes, 1, sizeof bytes, f), sizeof bytes);
    fclose(f);
    struct bench b = replay_of(trace, 100LL * LONG, 10, "");
    uint64_t born = b.source[0]->stream->born;
    ck_assert(b.w->failed);
    ck_assert_uint_gt(born, 10);
    ck_assert_str_eq(b.w->err.source, trace);
    ck_assert_ptr_nonnull(strstr(b.w->err.text, "cut short"));
    bench_free(&b);
    b = replay(100LL * LONG, 10, ", 'skip_bad': true");
    ck_assert_uint_eq(b.probe->n, born);
    ck_assert_int_eq(stat_of(&b, "damaged"), 1);
    ck_assert_str_eq(remark_of(&b), "what lies behind damage was not replayed");
    bench_free(&b);
    unlink(trace);
}
END_TEST

/* ---------------------------------------------------------------- refusals */

static void refused(const char *params, const char *path, const char *text) {
    char json[512];
    snprintf(json, sizeof json, "{'file': '%s'%s}", trace, params);
    bench_refused("block", json, path, text);
}

START_TEST(idle_keys) {
    seven();
    refused(", 'iodepth': 4, 'speed': 2", "/streams/s/speed", "in a closed loop (\"iodepth\")");
    refused(", 'delimiter': ';'", "/streams/s/delimiter", "without \"columns\"");
    refused(", 'ordered': true", "/streams/s/ordered", "without \"columns\"");
    refused(", 'offset_unit': 512", "/streams/s/offset_unit", "without \"columns\"");
    refused(", 'read': 'R'", "/streams/s/read", "without \"columns\"");
    refused(", 'format': 'msr', 'columns': 'time offset size op'", "/streams/s/format",
            "beside \"columns\"");
    refused(", 'format': 'msrr'", "/streams/s/format", "did you mean \"msr\"");
    refused(", 'format': 'msr:queued'", "/streams/s/format", "only blkparse and blktrace");
    refused(", 'fold': 1000", "/streams/s/fold", "is no multiple of 512");
    refused(", 'lba_bytes': 512", "/streams/s/lba_bytes", "on a block trace");
    refused(", 'columns': 'offset size op', 'read': 'R'", "/streams/s/iodepth",
            "neither time nor gap");
    refused(", 'columns': 'offset op', 'read': 'R'", "/streams/s/columns",
            "needs offset and size");
    refused(", 'columns': 'time offset size op', 'time_unit': 'ns'", "/streams/s/read",
            "is needed with the column op");
    refused(", 'format': 'spc'", "line 1, column 20", "\"lab\"");
    unlink(trace);
}
END_TEST

START_TEST(files_that_hold_nothing) {
    trace_new("fio version 3 iolog\n0 f add\n");
    refused("", "", "holds no requests");
    unlink(trace);
    trace_new("fio version 3 iolog\n0 f add\n1 f raed 0 1\n2 f read 0 512\n3 f read 0 0\n");
    refused("", "line 3, column 5", "\"raed\"");
    struct bench b = replay(LONG, 10, ", 'skip_bad': true");
    ck_assert_uint_eq(b.probe->n, 1);
    ck_assert_int_eq(stat_of(&b, "skipped_lines"), 2);
    bench_free(&b);
    unlink(trace);
    refused("", "", "");
    bench_refused("block",
                  "{'file': '" DPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.pcap.gz'}", "",
                  "holds no NVMe/TCP");
    bench_refused("block",
                  "{'lba_bytes': 520, 'file': '" DPUSIM_SOURCE_DIR
                  "/configs/scenarios/nvme-tcp.pcap.gz'}",
                  "", "cannot have blocks of 520 bytes");
}
END_TEST

TEST_MAIN("replay of block traces", own_pace, faster_and_slower, slow_drives_do_not_slow_it,
          own_columns, closed_loop, barriers_and_waits, barriers_of_a_device, loops,
          loops_that_cannot_be, folds, what_cannot_be_is_counted, many_devices, damaged_traces,
          cut_short, idle_keys, files_that_hold_nothing)
