/* test_block.c - every format of block traces by a few lines of it. */
#include "tests/block_text.h"
#include <sys/resource.h>
#include <zlib.h>

#define HEAD3 "fio version 3 iolog\n"

static void is(struct work_io io, int64_t time, enum work_io_op op, uint64_t offset,
               uint64_t bytes) {
    ck_assert_int_eq(io.time, time);
    ck_assert_int_eq(io.op, op);
    ck_assert_uint_eq(io.offset, offset);
    ck_assert_uint_eq(io.bytes, bytes);
}

static struct work_block *opened(const char *text, const char *format) {
    struct sim_err err;
    struct work_block *b = block_open(text, NULL, false, &err);
    ck_assert_msg(b != NULL, "%s: %s", err.path, err.text);
    ck_assert_str_eq(work_block_about(b)->format, format);
    return b;
}

static void unit_is(const struct work_block *b, const char *unit, int64_t tick_ps) {
    ck_assert_str_eq(work_block_about(b)->time_unit, unit);
    ck_assert_int_eq(work_block_about(b)->tick_ps, tick_ps);
}

START_TEST(msr) {
    struct work_block *b =
        opened("Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime\n"
               "128166372003061629,lab,0,Read,117760,4096,100\r\n"
               "128166372003061500,lab,1,write,0,512,7\n"
               "\n"
               "128166372003061630 , lab , 0 , Write , 8 , 1 , 0",
               "msr");
    unit_is(b, "100ns", 100000);
    struct work_io io = block_next(b);
    is(io, 128166372003061629, WORK_IO_READ, 117760, 4096);
    ck_assert_int_eq(io.response, 100);
    ck_assert_uint_eq(io.device, 0);
    io = block_next(b); /* back in time: MSR's are sorted but for some */
    is(io, 128166372003061500, WORK_IO_WRITE, 0, 512);
    ck_assert_uint_eq(io.device, 1);
    is(block_next(b), 128166372003061630, WORK_IO_WRITE, 8, 1);
    block_end(b);
    ck_assert_str_eq(work_block_device(b, 0), "lab,0");
    ck_assert_str_eq(work_block_device(b, 1), "lab,1");
    ck_assert_uint_eq(work_block_about(b)->lines, 5);
    block_close(b);
}
END_TEST

START_TEST(comma_formats) {
    struct work_block *b = opened("419,W,1073741824,16384,1577808000000013\n", "alibaba");
    unit_is(b, "us", 1000000);
    is(block_next(b), 1577808000000013, WORK_IO_WRITE, 1073741824, 16384);
    ck_assert_str_eq(work_block_device(b, 0), "419");
    block_close(b);
    b = opened("1538323200,63240,8,0,1283\n1538323200,8,1,1,1283\n", "tencent");
    unit_is(b, "s", 1000000000000);
    is(block_next(b), 1538323200, WORK_IO_READ, 63240 * 512, 4096);
    is(block_next(b), 1538323200, WORK_IO_WRITE, 4096, 512);
    block_close(b);
    b = opened("0,100,4096,R,0.000013\n1,0,512,w,12.5,more,7\n", "spc");
    unit_is(b, "s", 1000);
    is(block_next(b), 13000, WORK_IO_READ, 51200, 4096);
    is(block_next(b), 12500000000, WORK_IO_WRITE, 0, 512);
    block_close(b);
    b = opened("1,5633898,2a,512,42932745\n1,5633899,28,6656,0\n1,5633899,35,0,0\n",
               "cloudphysics");
    unit_is(b, "s", 1000000000000);
    is(block_next(b), 5633898, WORK_IO_WRITE, UINT64_C(42932745) * 512, 512);
    is(block_next(b), 5633899, WORK_IO_READ, 0, 6656);
    is(block_next(b), 5633899, WORK_IO_FLUSH, 0, 0);
    ck_assert_uint_eq(work_block_devices(b), 1);
    block_close(b);
}
END_TEST

START_TEST(blank_formats) {
    struct work_block *b = opened("11413000 0 657728 16 1\n511565000\t1 8  1 0 \n", "mqsim");
    unit_is(b, "ns", 1000);
    is(block_next(b), 11413000, WORK_IO_READ, 657728 * 512, 8192);
    is(block_next(b), 511565000, WORK_IO_WRITE, 4096, 512);
    block_close(b);
    b = opened("13.191135\t30\t0\t5\t1\n14 20 8 1 42\n15.0 20 8 1 0x1\n", "disksim");
    unit_is(b, "ms", 1000);
    is(block_next(b), 13191135, WORK_IO_READ, 0, 2560);
    is(block_next(b), 14000000, WORK_IO_WRITE, 4096, 512);
    is(block_next(b), 15000000, WORK_IO_READ, 4096, 512);
    block_close(b);
    b = opened("R Hit    1975456   4  15362.00000  56074.00000\n"
               "W Miss         8   1      1.50000      1.00000\n",
               "disksim-validate");
    unit_is(b, "us", 1);
    ck_assert(!work_block_about(b)->stores_time);
    struct work_io io = block_next(b);
    is(io, 0, WORK_IO_READ, 1975456 * 512, 2048);
    ck_assert_int_eq(io.response, 15362000000);
    is(block_next(b), 56074000000, WORK_IO_WRITE, 4096, 512);
    block_end(b);
    block_close(b);
}
END_TEST

START_TEST(iolog3) {
    struct work_block *b = opened(HEAD3 "20 a.img add\n20 b.img add\n22 a.img open\n"
                                        "30 a.img write 4096 512\n31 b.img read 0 4096\n"
                                        "31 a.img sync 4096 0\n32 a.img trim 0 2147483648\n"
                                        "40 a.img close\n",
                                  "iolog3");
    unit_is(b, "us", 1000000);
    is(block_next(b), 30, WORK_IO_WRITE, 4096, 512);
    struct work_io io = block_next(b);
    is(io, 31, WORK_IO_READ, 0, 4096);
    ck_assert(!io.barrier);
    ck_assert_uint_eq(io.device, 1);
    io = block_next(b);
    is(io, 31, WORK_IO_FLUSH, 0, 0);
    ck_assert(io.barrier);
    io = block_next(b);
    is(io, 32, WORK_IO_TRIM, 0, 2147483648);
    ck_assert(!io.barrier);
    block_end(b);
    block_close(b);
}
END_TEST

START_TEST(iolog2) {
    struct work_block *b = opened("fio version 2 iolog\na add\na open\na wait 100\n"
                                  "a read 0 512\na write 512 512\na wait 50 0\n"
                                  "a datasync 0 0\na close\n",
                                  "iolog2");
    is(block_next(b), 100, WORK_IO_READ, 0, 512);
    is(block_next(b), 100, WORK_IO_WRITE, 512, 512);
    is(block_next(b), 150, WORK_IO_FLUSH, 0, 0);
    block_end(b);
    ck_assert(!work_block_about(b)->stores_time);
    block_close(b);
}
END_TEST

static const char blkparse[] =
    "  8,16   0        1     0.000000000   697  Q  WS 8 + 16 [a b]\n"
    "  8,16   0        2     0.000001000   697  X  WS 8 / 16 [a b]\n"
    "  8,16   0        3     0.000002000   697  P   N [a]\n"
    "  8,16   1        0     0.000002500     0  m   N cfq workload slice:300\n"
    "  8,16   0        4     0.000003000   697  D FWS 8 + 8 [a]\n"
    "  8,16   0        5     0.000004000   697  D  FN [(null)]\n"
    "  8,16   0        6     0.000005000   697  D   R 36 (12 00 00 00 24 00) [a]\n"
    "  8,16   1        1     0.000006000     3  C  WS 8 + 8 [0]\n"
    "  8,0    1        2 90061.000007000     3  D  DS 0 + 4194304 [a]\n"
    "  8,0    1        3 90061.000008000     3  C WSM 524288 [0]\n"
    "CPU0 (sda):\n Reads Queued:           5,       20KiB\n"
    "Total (sda):\n\nThroughput (R/W): 29KiB/s / 20189KiB/s\n";

START_TEST(blkparse_issued) {
    struct work_block *b = opened(blkparse, "blkparse");
    unit_is(b, "s", 1000);
    struct work_io io = block_next(b);
    is(io, 3000, WORK_IO_WRITE, 4096, 4096);
    ck_assert(io.barrier);
    is(block_next(b), 4000, WORK_IO_FLUSH, 0, 0);
    ck_assert_uint_eq(work_block_about(b)->bare, 1);
    is(block_next(b), 90061000007000, WORK_IO_TRIM, 0, UINT64_C(4194304) * 512);
    block_end(b);
    ck_assert_str_eq(work_block_device(b, 1), "8,0");
    block_close(b);
}
END_TEST

START_TEST(blkparse_queued) {
    struct sim_err err;
    struct work_block *b = block_open(blkparse, "blkparse:queued", false, &err);
    is(block_next(b), 0, WORK_IO_WRITE, 4096, 8192);
    ck_assert_int_eq(work_block_event(b), WORK_BLOCK_QUEUED);
    block_end(b);
    block_close(b);
    b = block_open(blkparse, "blkparse:completed", false, &err);
    is(block_next(b), 6000, WORK_IO_WRITE, 4096, 4096);
    block_end(b);
    block_close(b);
}
END_TEST

/* A record of blktrace in this machine's byte order, or the other. */
static size_t record(uint8_t *to, uint64_t ns, uint64_t sector, uint32_t bytes, uint32_t action,
                     bool swap) {
    uint32_t words[] = {0x65617407, 1, 0, 0, 0, 0, bytes, action, 42, 8 << 20 | 16, 0, 3 << 16};
    memcpy(words + 2, &ns, 8);
    memcpy(words + 4, &sector, 8);
    memcpy(to, words, 48);
    memcpy(to + 48, "abc", 3);
    static const uint8_t sizes[] = {4, 4, 8, 8, 4, 4, 4, 4, 4, 2, 2};
    uint8_t *at = to;
    for (size_t i = 0; swap && i < sizeof sizes; at += sizes[i++])
        for (int k = 0; k < sizes[i] / 2; k++) {
            uint8_t byte = at[k];
            at[k] = at[sizes[i] - 1 - k];
            at[sizes[i] - 1 - k] = byte;
        }
    return 51;
}

START_TEST(blktrace) {
    for (int swap = 0; swap < 2; swap++) {
        uint8_t bytes[512];
        size_t n = record(bytes, 5, 0, 0, 1 << 26 | 1, swap);       /* a notice */
        n += record(bytes + n, 7, 8, 4096, 1 << 16 | 7, swap);      /* D R */
        n += record(bytes + n, 8, 0, 0, 4 << 16 | 7, swap);         /* D FN */
        n += record(bytes + n, 9, 16, 512, 0x2002 << 16 | 7, swap); /* D D */
        n += record(bytes + n, 10, 8, 4096, 1 << 16 | 8, swap);     /* C R */
        struct sim_err err = {0};
        struct work_block_opts opts = {0};
        struct work_block *b = work_block_open(block_store(bytes, n), &opts, &err);
        ck_assert_msg(b != NULL, "%s", err.text);
        is(block_next(b), 7, WORK_IO_READ, 4096, 4096);
        is(block_next(b), 8, WORK_IO_FLUSH, 0, 0);
        is(block_next(b), 9, WORK_IO_TRIM, 8192, 512);
        block_end(b);
        ck_assert_uint_eq(work_block_about(b)->lines, 5);
        ck_assert_str_eq(work_block_device(b, 0), "8,16");
        block_close(b);
        b = work_block_open(block_store(bytes, n - 4), &opts, &err);
        struct work_io io;
        while (work_block_next(b, &io, &err) == WORK_RECORD)
            ;
        ck_assert_str_eq(err.path, "record 5, byte 204");
        ck_assert_str_eq(err.text, "the file ends in a record: it was cut");
        block_close(b);
    }
}
END_TEST

START_TEST(rewind_and_gzip) {
    static const char text[] = "5 0 8 8 1\n900000 1 16 8 0\n";
    const char *name = block_store("", 0);
    gzFile gz = gzopen(name, "wb");
    ck_assert_int_eq(gzwrite(gz, text, sizeof text - 1), (int)sizeof text - 1);
    gzclose(gz);
    struct sim_err err = {0};
    struct work_block_opts opts = {0};
    struct work_block *b = work_block_open(name, &opts, &err);
    ck_assert_msg(b != NULL, "%s", err.text);
    for (int times = 0; times < 3; times++) {
        ck_assert_uint_eq(block_next(b).device, 0);
        ck_assert_uint_eq(block_next(b).device, 1);
        block_end(b);
        ck_assert(work_block_rereadable(b) && work_block_rewind(b, &err));
        ck_assert_uint_eq(work_block_about(b)->lines, 0);
    }
    block_close(b);
}
END_TEST

START_TEST(own_row) {
    struct work_block_row row;
    struct sim_err err = {0};
    struct work_block_own own = {.delimiter = "|",
                                 .columns = "skip time op device device size offset ...",
                                 .time_unit = "ms",
                                 .decimals = 3,
                                 .offset_unit = 4096,
                                 .read = "get fetch",
                                 .write = "put",
                                 .trim = "del",
                                 .header_lines = 2,
                                 .ordered = true};
    ck_assert_msg(work_block_row_make(&row, &own, "s.json", "/x", &err), "%s", err.text);
    struct work_block_opts opts = {.own = &row};
    static const char text[] = "a title\n\n#1|1.5|GET|vol|a|8192|3|x|y\n#2|2|del|vol|b|1|0\n";
    struct work_block *b = work_block_open(block_store(text, sizeof text - 1), &opts, &err);
    ck_assert_msg(b != NULL, "%s", err.text);
    unit_is(b, "ms", 1000000);
    is(block_next(b), 1500, WORK_IO_READ, 12288, 8192);
    is(block_next(b), 2000, WORK_IO_TRIM, 0, 1);
    block_end(b);
    ck_assert_str_eq(work_block_device(b, 1), "vol|b");
    block_close(b);
}
END_TEST

/* Kilobytes of the process that were resident at most. */
static long resident(void) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return use.ru_maxrss;
}

/* Lines that lie across the end of the buffer, and the last one without a line feed; memory
 * does not grow with the 30 MB. */
START_TEST(long_file) {
    enum { LINES = 1000000 };
    FILE *f = fopen(block_store("", 0), "wb");
    for (int i = 0; i < LINES; i++)
        fprintf(f, "%s%ld 0 %d %d %d", i ? "\n" : "", i * 20000L, i, i % 128 + 1, i & 1);
    fclose(f);
    struct sim_err err = {0};
    struct work_block_opts opts = {0};
    struct work_block *b = work_block_open(block_name, &opts, &err);
    struct work_io io;
    uint64_t n = 0, sum = 0, wrong = 0;
    long before = resident();
    while (work_block_next(b, &io, &err) == WORK_RECORD) {
        wrong += io.offset != n * 512 || io.bytes != (n % 128 + 1) * 512;
        n++;
        sum += io.op == WORK_IO_READ;
    }
    ck_assert_uint_eq(n, LINES);
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(sum, LINES / 2);
    ck_assert_int_lt(resident() - before, 8192);
    ck_assert(!err.set);
    block_close(b);
}
END_TEST

START_TEST(many_devices) {
    enum { DEVICES = 5000 };
    FILE *f = fopen(block_store("", 0), "wb");
    for (int i = 0; i < 3 * DEVICES; i++)
        fprintf(f, "%d,R,0,512,%d\n", i % DEVICES * 7, i);
    fclose(f);
    struct sim_err err = {0};
    struct work_block_opts opts = {0};
    struct work_block *b = work_block_open(block_name, &opts, &err);
    for (uint32_t i = 0; i < 3 * DEVICES; i++)
        ck_assert_uint_eq(block_next(b).device, i % DEVICES);
    ck_assert_uint_eq(work_block_devices(b), DEVICES);
    ck_assert_str_eq(work_block_device(b, DEVICES - 1), "34993");
    block_close(b);
}
END_TEST

TEST_MAIN("block traces", msr, comma_formats, blank_formats, iolog3, iolog2, blkparse_issued,
          blkparse_queued, blktrace, rewind_and_gzip, own_row, long_file, many_devices)
