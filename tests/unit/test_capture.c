/* test_capture.c - captures written here: formats, byte orders, lengths and times. What is
 * wrong with others: test_capture_damage.c.
 */
#include "capture_bytes.h"
#include <fcntl.h>

START_TEST(pcap_variants) {
    static const uint32_t magics[] = {0xa1b2c3d4, 0xa1b23c4d};
    for (int big = 0; big < 2; big++)
        for (int nano = 0; nano < 2; nano++) {
            struct file f = {.big = big};
            pcap_header(&f, magics[nano], 101);
            pcap_record(&f, 3000000000U, 5, 100); /* in 2065, and beyond the snaplen */
            struct work_record last;
            enum packet_link links[8];
            char line[2200];
            store(f.bytes, f.n);
            ck_assert_uint_eq(read_all(&last, line, links), 1);
            ck_assert_str_eq(line, "");
            ck_assert_int_eq(last.ts_ns, 3000000000000000000 + (nano ? 5 : 5000));
            ck_assert_uint_eq(last.captured, 100);
            ck_assert_uint_eq(last.offset, 24);
            ck_assert_uint_eq(links[0], PACKET_LINK_RAW);
        }
}
END_TEST

START_TEST(pcapng_interfaces_differ) {
    for (int big = 0; big < 2; big++) {
        struct file f = {.big = big};
        section(&f);
        interface(&f, 1, -1, 0);
        interface(&f, 113, 9, 1000);
        packet(&f, 0, 7, 20);
        packet(&f, 1, 7, 30);
        struct work_record last;
        enum packet_link links[8];
        char line[2200];
        store(f.bytes, f.n);
        ck_assert_uint_eq(read_all(&last, line, links), 2);
        ck_assert_str_eq(line, "");
        ck_assert_uint_eq(links[0], PACKET_LINK_ETHERNET);
        ck_assert_uint_eq(links[1], PACKET_LINK_SLL);
        ck_assert_int_eq(last.ts_ns, 1000000000007);
        ck_assert_uint_eq(last.length, 130);
        ck_assert_uint_eq(last.captured, 30);
    }
}
END_TEST

/* A check sequence that the link type says is there, in units of 16 bits, is no part of the
 * frame; nor is what was captured of it. */
START_TEST(pcap_with_fcs) {
    static const struct {
        uint32_t bits, captured, length, want_captured, want_length;
    } way[] = {{2u << 28 | 1u << 26, 146, 146, 142, 142},
               {1u << 28 | 1u << 26, 100, 100, 98, 98},
               {2u << 28 | 1u << 26, 60, 146, 60, 142},
               {2u << 28 | 1u << 26, 144, 146, 142, 142},
               {2u << 28, 146, 146, 146, 146},
               {1u << 26, 146, 146, 146, 146},
               {2u << 28 | 1u << 26, 3, 3, 3, 3},
               {2u << 28 | 1u << 26, 90, 60, 90, 60}};
    for (size_t i = 0; i < 2 * (sizeof way / sizeof *way); i++) {
        struct file f = {.big = i % 2};
        struct work_record last;
        enum packet_link links[8];
        char line[2200];
        pcap_header(&f, 0xa1b2c3d4, 1 | way[i / 2].bits);
        pcap_record(&f, 1, 0, 20);
        for (int k = 0; k < 2; k++) {
            put32(&f, 2);
            put32(&f, 0);
            put32(&f, way[i / 2].captured);
            put32(&f, way[i / 2].length);
            put(&f, (uint8_t[256]){0}, way[i / 2].captured);
        }
        store(f.bytes, f.n);
        ck_assert_uint_eq(read_all(&last, line, links), 3);
        ck_assert_uint_eq(last.length, way[i / 2].want_length);
        ck_assert_uint_eq(last.captured, way[i / 2].want_captured);
        ck_assert_uint_eq(last.offset, 24 + 16 + 20 + 16 + way[i / 2].captured);
        ck_assert_uint_eq(links[0], PACKET_LINK_ETHERNET);
    }
}
END_TEST

/* An enhanced packet of 146 bytes, or a simple one, on an interface that states `fcs`, with
 * flags or without. @return its length then. */
static uint32_t length_with(bool big, uint32_t type, uint8_t fcs, uint32_t flags) {
    struct file f = {.big = big}, i = {.big = big}, p = {.big = big};
    section(&f);
    put16(&i, 1);
    put16(&i, 0);
    put32(&i, 0);
    put16(&i, 13);
    put16(&i, 1);
    put(&i, (uint8_t[4]){fcs}, 4);
    block(&f, 1, &i);
    for (int k = 0; type == 6 && k < 4; k++)
        put32(&p, k == 3 ? 146 : 0);
    put32(&p, 146);
    put(&p, (uint8_t[148]){0}, 148);
    for (int k = 0; type == 6 && flags > 0 && k < 2; k++) { /* a hash, then flags */
        put16(&p, k ? 2 : 3);
        put16(&p, 4);
        put32(&p, k ? flags : UINT32_MAX);
    }
    block(&f, type, &p);
    struct work_record last;
    enum packet_link links[8];
    char line[2200];
    store(f.bytes, f.n);
    ck_assert_uint_eq(read_all(&last, line, links), 1);
    ck_assert_str_eq(line, "");
    ck_assert_uint_eq(last.captured, last.length);
    return last.length;
}

START_TEST(pcapng_with_fcs) {
    for (int big = 0; big < 2; big++) {
        ck_assert_uint_eq(length_with(big, 6, 0, 0), 146);
        ck_assert_uint_eq(length_with(big, 6, 4, 0), 142);
        ck_assert_uint_eq(length_with(big, 6, 32, 0), 142); /* bits */
        ck_assert_uint_eq(length_with(big, 3, 4, 0), 142);
        ck_assert_uint_eq(length_with(big, 6, 4, 2 << 5 | 1), 144); /* the packet's own */
        ck_assert_uint_eq(length_with(big, 6, 0, 4 << 5), 142);
        ck_assert_uint_eq(length_with(big, 6, 4, 1), 142); /* inbound; no word of it */
    }
}
END_TEST

static int64_t time_at(int resolution, uint64_t ts) {
    struct file f = {0};
    section(&f);
    interface(&f, 1, resolution, 0);
    packet(&f, 0, ts, 20);
    struct work_record last;
    enum packet_link links[8];
    char line[2200];
    store(f.bytes, f.n);
    ck_assert_uint_eq(read_all(&last, line, links), 1);
    return last.ts_ns;
}

START_TEST(pcapng_times) {
    ck_assert_int_eq(time_at(-1, 1234567), 1234567000); /* microseconds unless stated */
    ck_assert_int_eq(time_at(0, 3), 3000000000);
    ck_assert_int_eq(time_at(3, 1500), 1500000000);
    ck_assert_int_eq(time_at(12, 1999), 1);                 /* picoseconds, rounded down */
    ck_assert_int_eq(time_at(0x80 + 10, 1536), 1500000000); /* 1/1024 s */
    ck_assert_int_eq(time_at(127, 5), 0);
    ck_assert_int_eq(time_at(0, UINT64_MAX), INT64_MAX); /* held at the end */
}
END_TEST

START_TEST(simple_packets_have_no_time) {
    struct file f = {0}, simple = {0};
    section(&f);
    interface(&f, 1, -1, 0); /* its snaplen is 16 */
    packet(&f, 0, 9, 20);
    put32(&simple, 60);
    put(&simple, (uint8_t[16]){0}, 16);
    block(&f, 3, &simple);
    struct work_record last;
    enum packet_link links[8];
    char line[2200];
    store(f.bytes, f.n);
    ck_assert_uint_eq(read_all(&last, line, links), 2);
    ck_assert(last.timeless);
    ck_assert_int_eq(last.ts_ns, 9000);
    ck_assert_uint_eq(last.captured, 16);
    ck_assert_uint_eq(last.length, 60);
}
END_TEST

START_TEST(rewinds_files_but_not_pipes) {
    struct file f = {0};
    pcap_header(&f, 0xa1b2c3d4, 1);
    pcap_record(&f, 1, 0, 60);
    store(f.bytes, f.n);
    struct sim_err err = {0};
    struct work_capture *c = work_capture_open(name, &err);
    struct work_record r;
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(work_capture_next(c, &r, &err), WORK_RECORD);
        ck_assert_int_eq(work_capture_next(c, &r, &err), WORK_END);
        ck_assert(work_capture_rewind(c, &err));
    }
    ck_assert_str_eq(work_capture_link_name(c), "Ethernet");
    work_capture_close(c);
    int in = open(name, O_RDONLY);
    dup2(in, STDIN_FILENO);
    c = work_capture_open("-", &err);
    ck_assert_int_eq(work_capture_next(c, &r, &err), WORK_RECORD);
    ck_assert(!work_capture_rewind(c, &err));
    ck_assert_str_eq(err.text, "cannot be read twice: it is a pipe; store it in a file");
    work_capture_close(c);
    close(in);
    unlink(name);
}
END_TEST

TEST_MAIN("capture", pcap_variants, pcapng_interfaces_differ, pcap_with_fcs, pcapng_with_fcs,
          pcapng_times, simple_packets_have_no_time, rewinds_files_but_not_pipes)
