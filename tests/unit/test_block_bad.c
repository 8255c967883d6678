/* test_block_bad.c - what is no block trace, or no request: the message, with its place. */
#include "tests/block_text.h"

#define HEAD3 "fio version 3 iolog\n1 a add\n"
#define BLK   "8,0 0 1 0.000000000 1 "

struct bad {
    const char *as, *text, *error;
};

static void check(const struct bad *bad, size_t n) {
    int wrong = 0;
    for (size_t i = 0; i < n; i++) {
        const char *error = block_error(bad[i].text, bad[i].as);
        if (strcmp(error, bad[i].error) == 0)
            continue;
        printf("of \"%s\":\n  found    %s\n  expected %s\n", bad[i].text, error, bad[i].error);
        wrong++;
    }
    ck_assert_msg(wrong == 0, "%d other messages", wrong);
}

START_TEST(rows) {
    static const struct bad bad[] = {
        {"msr", "1,h,0,Raed,0,512,1\n",
         "line 1, column 7: found \"Raed\" where an operation (Read, Write) is expected"},
        {"msr", "1,h,0,Read,-512,512,1\n",
         "line 1, column 12: found \"-512\" where an offset is expected"},
        {"msr", "1,h,0,Read,0,0,1\n",
         "line 1, column 14: \"0\" is no size: requests have 1 byte or more"},
        {"msr", "1,h,0,Read,0,4294967296,1\n",
         "line 1, column 14: \"4294967296\" is no size: requests have less than 4 GiB"},
        {"msr", "1,h,0,Read,99999999999999999999999,512,1\n",
         "line 1, column 12: \"99999999999999999999999\" is too large for an offset: the most "
         "is "
         "9223372036854775807"},
        {"msr", "1,h,0,Read,9223372036854775807,1,1\n",
         "line 1, column 12: \"9223372036854775807\" and the size end beyond 2^63 bytes"},
        {"msr", "1,h,0,Read,0\n", "line 1, column 13: the line ends where a size is expected"},
        {"msr", "1,h,0,Read,0,512,1,9\n",
         "line 1, column 19: found \"\" where the end of the line is expected"},
        {"msr", ",,,,,,\n", "line 1, column 1: found \"\" where a time is expected"},
        {"msr", "1,,0,Read,0,512,1\n",
         "line 1, column 3: found \"\" where the name of a device is expected"},
        {"msr", "18446744073709551616,h,0,Read,0,512,1\n",
         "line 1, column 1: \"18446744073709551616\" is too large for a time: the most is "
         "9223372036854775807"},
        {"msr", "9223372036854775808,h,0,Read,0,512,1\n",
         "line 1, column 1: \"9223372036854775808\" is too large for a time: the most is "
         "9223372036854775807"},
        {"msr", "1,h\001,0,Read,0,512,1\n",
         "line 1, column 3: \"h\001,0,Read,0,512,1\" is no name of a device"},
        {"spc", "0,1,512,R,0.5\n0,1,512,R,0.4\n",
         "line 2, column 11: \"0.4\" is before the time of the request before, and SPC is in "
         "the order of time"},
        {"spc", "0,1,512,R,.\n", "line 1, column 11: found \".\" where a time is expected"},
        {"spc", "0,1,512,R,0.5s\n",
         "line 1, column 11: found \"0.5s\" where a time is expected"},
        {"spc", "0,1,512,R,0.0000000001\n",
         "line 1, column 11: \"0.0000000001\" is finer than can be kept: 9 digits behind the "
         "point"},
        {"spc", "0,1,512,R,9223372037\n",
         "line 1, column 11: \"9223372037\" is too large for a time: the most is 9223372036"},
        {"spc", "0,1,512,R,0.5 x,2\n",
         "line 1, column 15: found \"x\" where the end of the line is expected"},
        {"spc", "0;1;512;R;0.5\n",
         "line 1, column 1: found \"0;1;512;R;0.5\" where the number of a device is expected"},
        {"tencent", "1.5,0,1,0,7\n",
         "line 1, column 1: found \"1.5\" where a time is expected"},
        {"tencent", "1,36028797018963968,1,0,7\n",
         "line 1, column 3: \"36028797018963968\" is too large for an offset: the most is "
         "18014398509481983"},
        {"cloudphysics", "2,1,2a,512,0\n",
         "line 1, column 1: found \"2\" where version 1 is expected"},
        {"mqsim", "1 0 0 8 1\n0 0 0 8 1\n",
         "line 2, column 1: \"0\" is before the time of the request before, and MQSim ASCII is "
         "in the order of time"},
        {"fiu", "1 2 p 8 8 W 6 0 0123456789abcdeg\n",
         "line 1, column 17: found \"0123456789abcdeg\" where a digest in hexadecimal, or - is "
         "expected"},
        {"disksim", "1.0 0 0 8 g\n",
         "line 1, column 11: found \"g\" where flags in hexadecimal is expected"},
    };
    check(bad, sizeof bad / sizeof *bad);
}
END_TEST

START_TEST(iologs) {
    static const struct bad bad[] = {
        {NULL, HEAD3 "2 a fly 0 512\n",
         "line 3, column 5: found \"fly\" where an action (add, open, close, read, write, "
         "trim, "
         "sync, datasync) is expected"},
        {NULL, HEAD3 "2 a wait 100 0\n",
         "line 3, column 5: found \"wait\" where an action (add, open, close, read, write, "
         "trim, sync, datasync) is expected"},
        {NULL, HEAD3 "2 a read x y\n",
         "line 3, column 10: found \"x\" where an offset is expected"},
        {NULL, HEAD3 "2 a read 512\n",
         "line 3, column 13: the line ends where a size is "
         "expected"},
        {NULL, HEAD3 "2 b read 0 512\n",
         "line 3, column 3: \"b\" was not added: an \"add\" of it comes first"},
        {NULL, HEAD3 "0 a read 0 512\n",
         "line 3, column 1: \"0\" is before the time of the request before, and fio iolog v3 "
         "is "
         "in the order of time"},
        {NULL, HEAD3 "2 a write 9223372036854775807 512\n",
         "line 3, column 11: \"9223372036854775807\" and the size end beyond 2^63 bytes"},
        {NULL, HEAD3 "2 a trim 0 0\n",
         "line 3, column 12: \"0\" is no size: requests have 1 byte or more"},
        {NULL, HEAD3 "2 a read 0 512 7\n",
         "line 3, column 16: found \"7\" where the end of the line is expected"},
        {NULL, "fio version 9 iolog\n",
         "line 1, column 13: fio's iolog of versions 2 and 3 can be read (\"fio version 3 "
         "iolog\"), not of this one"},
        {NULL, "a add\na open\na read 0 512\n",
         "line 1, column 1: looks like fio's iolog without its first line; write \"fio version "
         "3 iolog\" there, or 2 where lines have no times"},
        {NULL, "fio version 2 iolog\na add\na wait 9223372036854775807\na wait 1\n",
         "line 4, column 1: \"a\" waits beyond 2^63 us"},
        {NULL, "fio version 2 iolog\n5 a add\n",
         "line 2, column 3: found \"a\" where an action (add, open, close, read, write, trim, "
         "sync, datasync, wait) is expected"},
    };
    check(bad, sizeof bad / sizeof *bad);
}
END_TEST

START_TEST(blkparses) {
    static const struct bad bad[] = {
        {"blkparse", "8,0 0 1 0.000\n",
         "line 1, column 14: the line ends where a process ID is expected"},
        {"blkparse", "8,0 zz 3 0.1 1 D R 8 + 8 [a]\n",
         "line 1, column 5: found \"zz\" where the number of a CPU is expected"},
        {"blkparse", "8 0 3 0.1 1 D R 8 + 8 [a]\n",
         "line 1, column 1: found \"8\" where a device (\"8,0\") is expected"},
        {"blkparse", "hello\n",
         "line 1, column 1: found \"hello\" where a device (\"8,0\") is expected"},
        {"blkparse", BLK "K R 8 + 8 [a]\n",
         "line 1, column 23: found \"K\" where an action (Q, D, C ...) is expected"},
        {"blkparse", BLK "D K 8 + 8 [a]\n",
         "line 1, column 25: found \"K\" where flags (R, WS ...) is expected"},
        {"blkparse", BLK "D R 8 - 8 [a]\n",
         "line 1, column 29: found \"-\" where \"+\" and the number of sectors is expected"},
        {"blkparse", BLK "D R 8 + 0 [a]\n",
         "line 1, column 31: \"0\" is no size: requests have 1 byte or more"},
        {"blkparse", BLK "D R 8 + 8388608 [a]\n",
         "line 1, column 31: \"8388608\" is no size: requests have less than 4 GiB"},
        {"blkparse", "CPU0 (a):\n" BLK "D R 8 + 8 [a]\n",
         "line 2, column 1: \"8,0\" begins another output behind the totals of the first; give "
         "one"},
    };
    check(bad, sizeof bad / sizeof *bad);
}
END_TEST

START_TEST(not_recognised) {
    static const struct bad bad[] = {
        {NULL, "hello world\nhow are you\n",
         "line 1, column 1: is text, but none of its first lines fits a format of block "
         "traces; "
         "--as FORMAT says which it should be (dpusim help trace)"},
        {NULL, "{ \"dpusim\": 1 }\n",
         "line 1, column 1: is text, but none of its first lines fits a format of block "
         "traces; "
         "--as FORMAT says which it should be (dpusim help trace)"},
        {NULL, "t,h,d,o,s,n,r\n1,h,0,Read,0,512,1,x\n",
         "line 2, column 19: fits no format of block traces; the nearest is msr: found \"\" "
         "where the end of the line is expected (--as FORMAT names another: dpusim help "
         "trace)"},
        {NULL, "ab\ncd\001\n",
         "line 2, column 3: is neither a capture nor a trace of block requests: no text has "
         "the "
         "byte 0x01"},
        {NULL, "0 0 0 8 1\n10 0 8 8 0\n",
         "line 1, column 1: may be of format mqsim (times in ns) or disksim (times in ms); say "
         "which with --as, or in a scenario with \"format\""},
        {NULL, "0 0 0 8 1\n10 0 8 8 3\n20 0 8 8 3\n",
         "line 1, column 1: may be of format mqsim (times in ns) or disksim (times in ms); say "
         "which with --as, or in a scenario with \"format\""},
    };
    check(bad, sizeof bad / sizeof *bad);
}
END_TEST

/* A line that no buffer would hold is passed over as a whole. */
START_TEST(long_line) {
    enum { LONG = 1 << 20 };
    char *text = malloc(LONG + 64);
    memset(text, '7', LONG);
    strcpy(text + LONG, " 0 0 8 1\n5 0 0 8 1\n");
    ck_assert_str_eq(block_error(text, "mqsim"),
                     "line 1, column 1: the line is longer than 65536 bytes");
    ck_assert_str_eq(block_error(text, NULL),
                     "line 1, column 1: has no line of 64 KiB or less at its beginning");
    struct sim_err err;
    struct work_block *b = block_open(text, "mqsim", true, &err);
    ck_assert_int_eq(block_next(b).time, 5);
    block_end(b);
    ck_assert_uint_eq(work_block_about(b)->skipped, 1);
    block_close(b);
    free(text);
}
END_TEST

START_TEST(skipped) {
    struct sim_err err;
    struct work_block *b = block_open("1,2,3\n0,1,512,R,0.5\n\n0,1,512,R,0.4\nx\ny\nz\nw\n"
                                      "0,2,512,W,0.5",
                                      "spc", true, &err);
    ck_assert_uint_eq(block_next(b).offset, 512);
    ck_assert_uint_eq(block_next(b).offset, 1024);
    block_end(b);
    const struct work_block_about *a = work_block_about(b);
    ck_assert_uint_eq(a->skipped, 6);
    ck_assert_uint_eq(a->lines, 9);
    ck_assert_str_eq(a->reason[0].path, "line 1, column 6");
    ck_assert_str_eq(a->reason[1].path, "line 4, column 11");
    ck_assert_str_eq(a->reason[3].text, "found \"y\" where the number of a device is expected");
    block_close(b);
}
END_TEST

START_TEST(names) {
    static const struct {
        const char *as, *text;
    } bad[] = {
        {"mrs", "there is no format \"mrs\"; did you mean \"msr\"? There are iolog3, iolog2, "
                "blkparse, blktrace, msr, alibaba, tencent, spc, cloudphysics, mqsim, disksim, "
                "disksim-validate, fiu"},
        {"blkparse:late", "\"blkparse\" has no \"late\": its requests are issued, queued or "
                          "completed"},
        {"msr:queued",
         "\"msr\" has no \"queued\": only blkparse and blktrace follow a request"},
        {"a-name-that-is-longer-than-any:queued",
         "there is no format \"a-name-that-is-longer-than-any:queued\"; there are iolog3, "
         "iolog2, blkparse, blktrace, msr, alibaba, tencent, spc, cloudphysics, mqsim, "
         "disksim, "
         "disksim-validate, fiu"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct work_block_opts opts = {0};
        struct sim_err err = {0};
        ck_assert(!work_block_named(&opts, bad[i].as, &err));
        ck_assert_str_eq(err.text, bad[i].text);
    }
}
END_TEST

#define OWN .columns = "time offset size op", .time_unit = "us", .read = "R"

START_TEST(own_rows) {
    static const struct {
        struct work_block_own own;
        const char *error;
    } bad[] = {
        {{.columns = "time offset op", .time_unit = "s"},
         "/x/columns: needs offset and size, e.g. \"time device offset size op\""},
        {{.columns = "offset size"}, "/x/columns: needs op or flags, and not both"},
        {{.columns = "offset size op flags"}, "/x/columns: needs op or flags, and not both"},
        {{.columns = "offset size op size"}, "/x/columns: has \"size\" twice"},
        {{.columns = "device offset device size op"},
         "/x/columns: \"device\": its columns stand side by side"},
        {{.columns = "lba size op"},
         "/x/columns: \"lba\" is no column: they are time, gap, response, device, offset, "
         "size, "
         "op, flags, digest, skip"},
        {{.columns = "... offset size op"},
         "/x/columns: has \"offset\" behind \"...\", which ends it"},
        {{.columns = "time gap offset size op"},
         "/x/columns: has time and gap: one of them is enough"},
        {{.columns = "time offset size op", .read = "R"},
         "/x/time_unit: is needed with times: \"s\", \"ms\", \"us\", \"100ns\", \"ns\" or "
         "\"ps\""},
        {{.columns = "time offset size op", .time_unit = "min"},
         "/x/time_unit: \"min\" is no unit: s, ms, us, 100ns, ns or ps"},
        {{OWN, .decimals = 7},
         "/x/decimals: make times finer than a picosecond in units of us"},
        {{OWN, .decimals = -1}, "/x/decimals: is from 0 to 9"},
        {{OWN, .delimiter = "::"},
         "/x/delimiter: \"::\" is none: \"blanks\", \"tab\", \"comma\" or one of , ; : |"},
        {{OWN, .write = "R"}, "/x/write: \"R\" stands for an operation already"},
        {{OWN, .offset_unit = -512},
         "/x/offset_unit: is from 1 to 1048576 bytes, e.g. 512 for sectors"},
        {{OWN, .header_lines = -1}, "/x/header_lines: is from 0 to 1000000"},
        {{.columns = "offset size op"},
         "/x/read: is needed with the column op: words of the file, e.g. \"R\""},
        {{.columns = "offset size flags", .read = "R"},
         "/x/read: has no effect on flags, whose bit 0 says it"},
        {{.columns = "offset size op", .read = "R", .ordered = true},
         "/x/ordered: needs the column time"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct work_block_row row;
        struct sim_err err = {0};
        char line[2048];
        ck_assert(!work_block_row_make(&row, &bad[i].own, NULL, "/x", &err));
        ck_assert_str_eq(sim_err_line(&err, line, sizeof line), bad[i].error);
    }
}
END_TEST

TEST_MAIN("bad block traces", rows, iologs, blkparses, not_recognised, long_line, skipped,
          names, own_rows)
