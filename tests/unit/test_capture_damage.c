/* test_capture_damage.c - what is no capture, and each kind of damage with its exact message.
 */
#include "capture_bytes.h"
#include <sys/stat.h>
#include <zlib.h>

START_TEST(not_captures) {
    ck_assert_str_eq(said("", 0, 0), "is empty: there is nothing in it to read");
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

TEST_MAIN("capture, damaged", not_captures, files_that_do_not_open, damaged_pcap,
          absurd_lengths, damaged_pcapng, gzip, behind_a_gzip_member)
