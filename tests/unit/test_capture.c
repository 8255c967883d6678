/* test_capture.c - captures written here: formats, byte orders, times, and each kind of damage
 * with its exact message. */
#include "tests/check_main.h"
#include "workloads/reader.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

static char name[64]; /* of the file under test */

struct file {
    uint8_t bytes[4096];
    size_t n;
    bool big;
};

static void put(struct file *f, const void *bytes, size_t n) {
    memcpy(f->bytes + f->n, bytes, n);
    f->n += n;
}

static void put32(struct file *f, uint32_t v) {
    for (int i = 0; i < 4; i++)
        f->bytes[f->n++] = (uint8_t)(v >> (f->big ? 24 - 8 * i : 8 * i));
}

static void put16(struct file *f, uint32_t v) {
    f->bytes[f->n++] = (uint8_t)(f->big ? v >> 8 : v);
    f->bytes[f->n++] = (uint8_t)(f->big ? v : v >> 8);
}

static void pcap_header(struct file *f, uint32_t magic, uint32_t linktype) {
    put32(f, magic);
    put16(f, 2);
    put16(f, 4);
    put32(f, 0);
    put32(f, 0);
    put32(f, 64); /* snaplen */
    put32(f, linktype);
}

static void pcap_record(struct file *f, uint32_t sec, uint32_t frac, uint32_t n) {
    static const uint8_t zeros[256];
    put32(f, sec);
    put32(f, frac);
    put32(f, n);
    put32(f, n);
    put(f, zeros, n < sizeof zeros ? n : 0);
}

static void block(struct file *f, uint32_t type, const struct file *body) {
    put32(f, type);
    put32(f, (uint32_t)body->n + 12);
    put(f, body->bytes, body->n);
    put32(f, (uint32_t)body->n + 12);
}

static void section(struct file *f) {
    struct file b = {.big = f->big};
    put32(&b, 0x1a2b3c4d);
    put16(&b, 1);
    put16(&b, 0);
    put32(&b, UINT32_MAX);
    put32(&b, UINT32_MAX);
    block(f, 0x0a0d0d0a, &b);
}

/* resolution < 0: none stated */
static void interface(struct file *f, uint32_t linktype, int resolution, uint32_t offset_s) {
    struct file b = {.big = f->big};
    put16(&b, linktype);
    put16(&b, 0);
    put32(&b, 16);
    if (resolution >= 0) {
        put16(&b, 9);
        put16(&b, 1);
        put(&b, (uint8_t[4]){(uint8_t)resolution}, 4);
    }
    if (offset_s) {
        put16(&b, 14);
        put16(&b, 8);
        put32(&b, f->big ? 0 : offset_s);
        put32(&b, f->big ? offset_s : 0);
    }
    block(f, 1, &b);
}

static void packet(struct file *f, uint32_t interface_number, uint64_t ts, uint32_t n) {
    static const uint8_t zeros[256];
    struct file b = {.big = f->big};
    put32(&b, interface_number);
    put32(&b, (uint32_t)(ts >> 32));
    put32(&b, (uint32_t)ts);
    put32(&b, n);
    put32(&b, n + 100);
    put(&b, zeros, (n + 3) / 4 * 4);
    block(f, 6, &b);
}

static void setup_name(void) {
    snprintf(name, sizeof name, "/tmp/dpusim_capture_XXXXXX");
    int fd = mkstemp(name);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void store(const void *bytes, size_t n) {
    setup_name();
    FILE *f = fopen(name, "wb");
    ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

/* Read all. @return records; *last is the last one, *line what went wrong. */
static unsigned read_all(struct work_record *last, char line[2200], enum packet_link links[8]) {
    struct sim_err err = {0};
    line[0] = 0;
    unsigned n = 0;
    struct work_capture *c = work_capture_open(name, &err);
    if (c) {
        struct work_record r = {0};
        enum work_status status;
        while ((status = work_capture_next(c, &r, &err)) == WORK_RECORD) {
            links[n++ % 8] = r.link;
            *last = r;
        }
        ck_assert_int_eq(status == WORK_DAMAGED, err.set);
        ck_assert_int_eq(work_capture_next(c, &r, NULL), status); /* once over, over */
        work_capture_close(c);
    }
    if (err.set)
        sim_err_line(&err, line, 2200);
    unlink(name);
    return n;
}

/* What is said of these bytes, after the file's name and ": ". */
static const char *said(const void *bytes, size_t n, unsigned packets) {
    static char line[2200];
    struct work_record last;
    enum packet_link links[8];
    store(bytes, n);
    ck_assert_uint_eq(read_all(&last, line, links), packets);
    ck_assert_int_eq(strncmp(line, name, strlen(name)), 0);
    return line + strlen(name) + 2;
}

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

START_TEST(not_captures) {
    ck_assert_str_eq(said("", 0, 0), "is empty; a capture has at least a file header");
    ck_assert_str_eq(said("hello, world\n", 13, 0),
                     "is text, not a capture; pcap and pcapng files can be read");
    ck_assert_str_eq(said("PK\3\4....", 8, 0),
                     "is not a capture but a zip archive; unpack it first");
    ck_assert_str_eq(
        said("\xde\xad\xbe\xef\1\2\3", 7, 0),
        "is not a capture: it starts with deadbeef; pcap and pcapng files can be read");
    ck_assert_str_eq(said("\xd4\xc3\xb2\xa1\2\0\4\0", 8, 0),
                     "ends after 8 of the 24 bytes of its file header");
    ck_assert_str_eq(said("snoop\0\0\0\0\0\0\2\0\0\0\7", 16, 0),
                     "is a snoop capture of unknown link type 7; capture on Ethernet");
    struct file f = {0};
    pcap_header(&f, 0xa1b2c3d4, 4095);
    ck_assert_str_eq(said(f.bytes, f.n, 0),
                     "has unknown link type 4095; capture on Ethernet, Linux cooked or raw IP");
}
END_TEST

static void check_open(const char *file, const char *want) {
    struct sim_err err = {0};
    char line[2200];
    ck_assert_ptr_null(work_capture_open(file, &err));
    ck_assert_str_eq(sim_err_line(&err, line, sizeof line), want);
}

START_TEST(files_that_do_not_open) {
    check_open("/nowhere/a.pcap", "/nowhere/a.pcap: does not exist; check the path");
    check_open("/tmp", "/tmp: is a directory; name a capture file in it");
    setup_name();
    chmod(name, 0);
    char want[128];
    snprintf(want, sizeof want, "%s: cannot be opened: Permission denied", name);
    if (geteuid() != 0) /* root may read anything */
        check_open(name, want);
    unlink(name);
}
END_TEST

START_TEST(damaged_pcap) {
    struct file f = {0};
    pcap_header(&f, 0xa1b2c3d4, 1);
    pcap_record(&f, 1, 0, 60);
    size_t good = f.n;
    pcap_record(&f, 2, 0, 60);
    ck_assert_str_eq(said(f.bytes, f.n - 1, 1),
                     "after packet 1, byte 100: truncated dump file; tried to read 60 captured "
                     "bytes, only got 59; what comes before can be used");
    ck_assert_str_eq(said(f.bytes, good + 7, 1),
                     "after packet 1, byte 100: truncated dump file; tried to read 16 header "
                     "bytes, only got 7; what comes before can be used");
    ck_assert_str_eq(said(f.bytes, 24 + 76 - 1, 0),
                     "after packet 0, byte 24: truncated dump file; tried to read 60 captured "
                     "bytes, only got 59");
    f.n = good;
    pcap_record(&f, 2, 0, 0x7fffffff);
    ck_assert_str_eq(
        said(f.bytes, f.n, 1),
        "after packet 1, byte 100: invalid packet capture length 2147483647, bigger "
        "than snaplen of 262144; what comes before can be used");
}
END_TEST

/* The length on the wire, stated beside the bytes captured. */
START_TEST(absurd_lengths) {
    struct file f = {0};
    pcap_header(&f, 0xa1b2c3d4, 1);
    pcap_record(&f, 1, 0, 60);
    pcap_record(&f, 2, 0, 60);
    memcpy(f.bytes + 24 + 76 + 12, (uint8_t[]){0xf0, 0xff, 0xff, 0xff}, 4);
    ck_assert_str_eq(said(f.bytes, f.n, 1),
                     "after packet 1, byte 100: the next packet is said to be of 4294967280 "
                     "bytes; none is so long; what comes before can be used");
}
END_TEST

START_TEST(damaged_pcapng) {
    struct file f = {0};
    section(&f);
    interface(&f, 1, -1, 0);
    packet(&f, 0, 1, 20);
    size_t good = f.n;
    packet(&f, 3, 1, 20);
    ck_assert_str_eq(
        said(f.bytes, f.n, 1),
        "after packet 1, byte 100: a packet is of interface 3, but 1 are described");
    ck_assert_str_eq(said(f.bytes, f.n - 9, 1),
                     "after packet 1, byte 100: the file ends within a "
                     "block; what comes before can be used");
    f.bytes[f.n - 4]++;
    ck_assert_str_eq(said(f.bytes, f.n, 1),
                     "after packet 1, byte 100: a block states a length of "
                     "52 bytes at its start and 53 at its end");
    f.n = good;
    packet(&f, 0, 1, 20);
    memset(f.bytes + good + 20, 0xff, 4);
    ck_assert_str_eq(said(f.bytes, f.n, 1), "after packet 1, byte 100: a packet of 4294967295 "
                                            "captured bytes in a block of 52");
    f.bytes[8]++;
    ck_assert_str_eq(said(f.bytes, f.n, 0),
                     "after packet 0, byte 0: a section header has no valid byte-order magic");
}
END_TEST

static size_t pack(const struct file *f, uint8_t *to, size_t room) {
    z_stream z = {0};
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)f->bytes;
    z.avail_in = (uInt)f->n;
    z.next_out = to;
    z.avail_out = (uInt)room;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

START_TEST(gzip) {
    struct file f = {0}, more = {0};
    pcap_header(&f, 0xa1b2c3d4, 1);
    pcap_record(&f, 1, 0, 60);
    pcap_record(&more, 2, 0, 60);
    uint8_t packed[4096];
    size_t n = pack(&f, packed, sizeof packed);
    size_t both = n + pack(&more, packed + n, sizeof packed - n);
    memset(packed + both, 0, 16); /* padding, as tapes leave it */
    struct work_record last;
    enum packet_link links[8];
    char line[2200];
    store(packed, both + 16);
    ck_assert_uint_eq(read_all(&last, line, links), 2);
    ck_assert_str_eq(line, "");
    ck_assert_uint_eq(last.offset, 100);
    ck_assert_str_eq(said(packed, n - 4, 1),
                     "after packet 1, byte 100: gzip data ends early: the "
                     "file was cut short");
    packed[n - 8]++;
    ck_assert_str_eq(said(packed, n, 1), "after packet 1, byte 100: gzip data is corrupt: "
                                         "incorrect data check");
    struct file text = {0};
    put(&text, "just a text", 11);
    n = pack(&text, packed, sizeof packed);
    ck_assert_str_eq(said(packed, n, 0),
                     "is text, not a capture; pcap and pcapng files can be read");
}
END_TEST

/* Behind a member come zeros, another member or the end; nothing else is passed over. */
START_TEST(behind_a_gzip_member) {
    struct file f = {0}, more = {0};
    pcap_header(&f, 0xa1b2c3d4, 1);
    pcap_record(&f, 1, 0, 60);
    pcap_record(&more, 2, 0, 60);
    uint8_t packed[4096] = {0};
    size_t n = pack(&f, packed, sizeof packed), second = n + 600;
    size_t end = second + pack(&more, packed + second, sizeof packed - second);
    struct work_record last;
    enum packet_link links[8];
    char line[2200];
    store(packed, end + 512);
    ck_assert_uint_eq(read_all(&last, line, links), 2);
    ck_assert_str_eq(line, "");
    static const char followed[] =
        "after packet 1, byte 100: gzip data is followed by something else";
    packed[second] ^= 1;
    ck_assert_str_eq(said(packed, end, 1), followed);
    packed[n] = 'x';
    ck_assert_str_eq(said(packed, n + 1, 1), followed);
    packed[n] = 0x1f;
    ck_assert_str_eq(said(packed, n + 1, 1),
                     "after packet 1, byte 100: gzip data ends early: the file was cut short");
    packed[n + 1] = 0x8a;
    ck_assert_str_eq(said(packed, end, 1), "after packet 1, byte 100: gzip data is corrupt: "
                                           "incorrect header check");
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
          pcapng_times, simple_packets_have_no_time, not_captures, files_that_do_not_open,
          damaged_pcap, absurd_lengths, damaged_pcapng, gzip, behind_a_gzip_member,
          rewinds_files_but_not_pipes)
