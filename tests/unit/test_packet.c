/* test_packet.c - the parser on frames written out by hand, and on every cut of them. */
#include "models/payload.h"
#include "tests/check_main.h"
#include <string.h>

/* A frame under construction. */
struct frame {
    uint8_t bytes[65536];
    uint32_t n;
};

static void put(struct frame *f, const char *hex) {
    for (; *hex; hex++) {
        unsigned v;
        if (*hex == ' ')
            continue;
        ck_assert_int_eq(sscanf(hex++, "%2x", &v), 1);
        f->bytes[f->n++] = (uint8_t)v;
    }
}

#define MACS             "020000000001 020000000002 "
#define V4(TOTAL, PROTO) "4500" TOTAL "0001 0000 40" PROTO "0000 0a000001 0a000002 "
#define V6(PAYLOAD, NEXT)                                                                      \
    "60000000" PAYLOAD NEXT "40 fd000000000000000000000000000001 "                             \
    "fd000000000000000000000000000002 "
#define TCP                "03e8 07d0 00000001 00000002 5012 0064 0000 0000 "
#define UDP(DPORT, LENGTH) "03e8" DPORT LENGTH "0000 "

static struct packet parse(enum packet_link link, const char *hex) {
    static struct frame f;
    f.n = 0;
    put(&f, hex);
    struct packet p;
    packet_parse(link, f.bytes, f.n, f.n, &p);
    for (uint32_t cap = 0; cap < f.n; cap++) { /* sanitizers watch */
        struct packet cut;
        uint8_t *copy = malloc(cap ? cap : 1);
        memcpy(copy, f.bytes, cap);
        packet_parse(link, copy, cap, f.n, &cut);
        ck_assert_uint_eq(cut.cut, 1);
        packet_parse(link, copy, cap, cap, &cut);
        free(copy);
    }
    return p;
}

START_TEST(tcp_over_ipv4) {
    struct packet p = parse(PACKET_LINK_ETHERNET, MACS "0800" V4("002c", "06") TCP "61626364");
    const struct packet_head *h = &p.head[0];
    ck_assert_uint_eq(p.heads, 1);
    ck_assert_uint_eq(p.frame_bytes, 64); /* 58 + FCS, padded */
    ck_assert_uint_eq(p.vlan_id, 0xffff);
    ck_assert_uint_eq(p.ethertype, 0x0800);
    ck_assert_uint_eq(p.rule[0], PACKET_NO_RULE);
    ck_assert_uint_eq(h->version, 4);
    ck_assert_uint_eq(h->l4, PACKET_L4_TCP);
    ck_assert_uint_eq(h->sport, 1000);
    ck_assert_uint_eq(h->dport, 2000);
    ck_assert_uint_eq(h->tcp_flags, 0x12);
    ck_assert_uint_eq(h->l3_offset, 14);
    ck_assert_uint_eq(h->l4_offset, 34);
    ck_assert_uint_eq(h->header_bytes, 40);
    ck_assert_uint_eq(h->payload, 4);
    ck_assert_uint_eq(h->flags, 0);
    ck_assert_uint_eq(h->rss, packet_rss(packet_rss_key, h));
    ck_assert_uint_ne(h->rss, 0);
}
END_TEST

/* What trains compare: numbers, timestamps, which options there are, and a digest of the rest.
 */
#define SHARED(tos, df, ttl, first, offset, flags, options)                                    \
    "45" tos "003c" first df "00" ttl                                                          \
    "06 0000 0a000001 0a000002 03e8 07d0 00000100 fffffff0 " offset flags                      \
    " 1000 0000 0000 " options " 0000000000000000"
#define STAMP "0101080a 00000007 00000008"

static struct packet_segment shared(const char *hex) {
    return parse(PACKET_LINK_ETHERNET, hex).segment;
}

START_TEST(what_segments_share) {
    struct packet_segment h =
        shared(MACS "0800" SHARED("00", "40", "40", "beef", "80", "10", STAMP));
    ck_assert_uint_eq(h.seq, 0x100);
    ck_assert_uint_eq(h.ack, 0xfffffff0);
    ck_assert_uint_eq(h.id, 0xbeef);
    ck_assert_uint_eq(h.time, 7);
    static const char *const same[] = {
        MACS "0800" SHARED("00", "40", "40", "0000", "80", "10", STAMP),
        MACS "0800" SHARED("00", "40", "40", "beef", "80", "99", STAMP) /* CWR, PSH, FIN */
    };
    static const char *const other[] = {
        MACS "0800" SHARED("01", "40", "40", "beef", "80", "10", STAMP),
        MACS "0800" SHARED("00", "00", "40", "beef", "80", "10", STAMP),
        MACS "0800" SHARED("00", "40", "41", "beef", "80", "10", STAMP),
        MACS "0800" SHARED("00", "40", "40", "beef", "81", "10", STAMP),
        MACS "0800" SHARED("00", "40", "40", "beef", "80", "50", STAMP),
        MACS "0800" SHARED("00", "40", "40", "beef", "80", "10", "0101080a 00000007 00000009"),
        MACS "0800" SHARED("00", "40", "40", "beef", "50", "10", STAMP)};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        ck_assert_uint_eq(shared(same[i]).alike, h.alike);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        ck_assert_uint_ne(shared(other[i]).alike, h.alike);
}
END_TEST

static unsigned option_flags(const char *hex) {
    struct packet p = parse(PACKET_LINK_ETHERNET, hex);
    ck_assert_uint_eq(p.segment.time, p.head[0].flags & PACKET_TCP_TIME ? 7 : 0);
    return p.head[0].flags;
}

#define OPTIONS(hex) MACS "0800" SHARED("00", "40", "40", "0000", "80", "10", hex)

START_TEST(tcp_options) {
    ck_assert_uint_eq(option_flags(OPTIONS("01010101 01010101 01010101")), 0);
    ck_assert_uint_eq(option_flags(OPTIONS("00080a00 00000700 00000000")), 0); /* the end */
    ck_assert_uint_eq(option_flags(OPTIONS("080a0000 00070000 00080000")), PACKET_TCP_TIME);
    ck_assert_uint_eq(option_flags(OPTIONS("0101050a 00000007 00000008")), PACKET_TCP_OPTIONS);
    ck_assert_uint_eq(option_flags(OPTIONS("0402080a 00000007 00000008")),
                      PACKET_TCP_OPTIONS | PACKET_TCP_TIME);
    ck_assert_uint_eq(option_flags(OPTIONS("01080901 00000007 00000008")) & PACKET_TCP_TIME, 0);
    ck_assert_uint_eq(option_flags(OPTIONS("01010108 0a000000 07000000")), PACKET_TCP_OPTIONS);
    ck_assert_uint_eq(option_flags(OPTIONS("0500080a 00000007 00000008")), PACKET_TCP_OPTIONS);
    ck_assert_uint_eq(option_flags(OPTIONS("01010101 01010101 01010105")), PACKET_TCP_OPTIONS);
}
END_TEST

START_TEST(options_padding_and_bad_lengths) {
    struct packet p = parse(PACKET_LINK_ETHERNET, MACS
                            "0800 4600 0020 0001 0000 4011 0000 0a000001 0a000002 01010101" UDP(
                                "0035", "0008") "000000000000");
    ck_assert_uint_eq(p.head[0].flags, PACKET_OPTIONS);
    ck_assert_uint_eq(p.head[0].l4_offset, 38);
    ck_assert_uint_eq(p.head[0].payload, 0); /* the padding is none */
    p = parse(PACKET_LINK_ETHERNET, MACS "0800" V4("0100", "11") UDP("0035", "0008"));
    ck_assert_uint_eq(p.head[0].flags, PACKET_BAD); /* 256 bytes stated, 28 there */
    ck_assert_uint_eq(p.head[0].payload, 0);        /* the frame has room for no more */
    p = parse(PACKET_LINK_ETHERNET, MACS "0800" V4("0010", "11") UDP("0035", "0008"));
    ck_assert_uint_eq(p.head[0].flags, PACKET_BAD | PACKET_L4_CUT);
    ck_assert_uint_eq(p.head[0].l4, PACKET_L4_NONE);
}
END_TEST

/* Payload is counted by the stated length, cut by the capture or not, within the frame. */
START_TEST(payload_within_the_frame) {
    static struct frame f;
    struct packet p;
    f.n = 0;
    put(&f, MACS "0800" V4("0100", "11") UDP("0035", "0008") "6162636465");
    packet_parse(PACKET_LINK_ETHERNET, f.bytes, f.n, f.n, &p);
    ck_assert_uint_eq(p.head[0].payload, 5); /* 228 stated */
    packet_parse(PACKET_LINK_ETHERNET, f.bytes, f.n, 100, &p);
    ck_assert_uint_eq(p.head[0].payload, 100 - 42);
    packet_parse(PACKET_LINK_ETHERNET, f.bytes, f.n, 14 + 256, &p);
    ck_assert_uint_eq(p.head[0].payload, 256 - 28);
    ck_assert_uint_eq(p.head[0].flags, 0);
    packet_parse(PACKET_LINK_ETHERNET, f.bytes, f.n, 44, &p); /* less than captured */
    ck_assert_uint_eq(p.head[0].payload, 2);
    packet_parse(PACKET_LINK_ETHERNET, f.bytes, f.n, 0, &p);
    ck_assert_uint_eq(p.head[0].payload, 0);
}
END_TEST

START_TEST(ports_that_are_cut) {
    static const uint8_t frame[36] = {[12] = 0x08, [14] = 0x45, [17] = 40, [23] = 6};
    struct packet p;
    packet_parse(PACKET_LINK_ETHERNET, frame, 36, 60, &p);
    ck_assert_uint_eq(p.head[0].l4, PACKET_L4_TCP);
    ck_assert_uint_eq(p.head[0].flags, PACKET_L4_CUT | PACKET_NO_PORTS);
}
END_TEST

START_TEST(fragments) {
    struct packet p = parse(PACKET_LINK_ETHERNET,
                            MACS "0800 4500 0024 0001 2000 4011 0000 0a000001 0a000002" UDP(
                                "0035", "0100") "0102030405060708");
    ck_assert_uint_eq(p.head[0].flags, PACKET_FRAGMENT);
    ck_assert_uint_eq(p.head[0].l4, PACKET_L4_UDP);
    p = parse(PACKET_LINK_ETHERNET,
              MACS "0800 4500 0024 0001 0001 4011 0000 0a000001 0a000002" UDP(
                  "0035", "0100") "0102030405060708");
    ck_assert_uint_eq(p.head[0].flags, PACKET_FRAGMENT | PACKET_LATER_FRAGMENT);
    ck_assert_uint_eq(p.head[0].l4, PACKET_L4_NONE);
    ck_assert_uint_eq(p.head[0].dport, 0);
    ck_assert_uint_eq(p.head[0].payload, 16);
    p = parse(PACKET_LINK_ETHERNET, MACS "86dd" V6("0018", "2c") "1100 0009 00000001" UDP(
                                        "0035", "0008") "0000000000000000");
    ck_assert_uint_eq(p.head[0].flags,
                      PACKET_FRAGMENT | PACKET_LATER_FRAGMENT | PACKET_OPTIONS);
    ck_assert_uint_eq(p.head[0].proto, 17);
}
END_TEST

/* The first fragment of a tunnel's packet: what is inside goes on in the next one. */
START_TEST(a_fragment_of_a_tunnel_is_not_bad) {
    struct packet p = parse(PACKET_LINK_ETHERNET,
                            MACS "0800 4500 005a 0001 2000 4011 0000 0a000001 0a000002" UDP(
                                "12b5", "0400") "08000000 00002a00" MACS "0800" V4("0300", "06")
                                TCP "61626364");
    ck_assert_uint_eq(p.heads, 2);
    ck_assert_uint_eq(p.head[0].flags, PACKET_FRAGMENT);
    ck_assert_uint_eq(p.head[1].flags & PACKET_BAD, 0);
    ck_assert_uint_eq(p.head[1].dport, 2000);
}
END_TEST

/* A header that the capture cut off is not malformed; one that the frame has no room for is. */
static unsigned flags_of_cut(const char *hex, uint32_t cap, bool on_wire) {
    static struct frame f;
    struct packet p;
    f.n = 0;
    put(&f, hex);
    packet_parse(PACKET_LINK_ETHERNET, f.bytes, cap, on_wire ? f.n : cap, &p);
    return p.heads ? p.head[0].flags : 0xff;
}

START_TEST(headers_cut_off_are_not_bad) {
    static const char v4[] = MACS "0800" V4("002c", "06") TCP "61626364";
    static const char options[] =
        MACS "0800 4600 0030 0001 0000 4006 0000 0a000001 0a000002 01010101" TCP "61626364";
    static const char v6[] = MACS "86dd" V6("0018", "06") TCP "61626364";
    for (uint32_t cap = 15; cap < 34; cap++) {
        ck_assert_uint_eq(flags_of_cut(v4, cap, true), PACKET_L4_CUT);
        ck_assert_uint_eq(flags_of_cut(v4, cap, false), PACKET_BAD | PACKET_L4_CUT);
    }
    for (uint32_t cap = 34; cap < 38; cap++)
        ck_assert_uint_eq(flags_of_cut(options, cap, true), PACKET_L4_CUT);
    for (uint32_t cap = 38; cap < 54; cap++) /* TCP of 20 bytes */
        ck_assert_uint_eq(flags_of_cut(v4, cap, true) & PACKET_BAD, 0);
    static const char offset[] = /* says that it has 60 bytes */
        MACS "0800" V4("0028", "06") "03e8 07d0 00000001 00000002 f012 0064 0000 0000";
    static const char small[] = MACS "0800" V4("001e", "06") "03e8 07d0 00000001 0000";
    static const char options6[] = MACS "86dd" V6("0008", "00") "0608 0000 0000 0000";
    ck_assert_uint_ne(flags_of_cut(offset, 54, true) & PACKET_BAD, 0);
    ck_assert_uint_ne(flags_of_cut(small, 44, true) & PACKET_BAD, 0);
    ck_assert_uint_ne(flags_of_cut(options6, 62, true) & PACKET_BAD, 0);
    for (uint32_t cap = 15; cap < 54; cap++) {
        ck_assert_uint_eq(flags_of_cut(v6, cap, true), PACKET_L4_CUT);
        ck_assert_uint_eq(flags_of_cut(v6, cap, false), PACKET_BAD | PACKET_L4_CUT);
    }
}
END_TEST

START_TEST(ipv6_extension_headers) {
    struct packet p =
        parse(PACKET_LINK_ETHERNET,
              MACS "86dd" V6("0048", "00") "2b00 010400000000 3c00 000000000000 "
                                           "3300 010400000000 0604 0000 00000001 00000001 "
                                           "000000000000000000000000" TCP "61626364");
    ck_assert_uint_eq(p.head[0].version, 6);
    ck_assert_uint_eq(p.head[0].l4, PACKET_L4_TCP);
    ck_assert_uint_eq(p.head[0].flags, PACKET_OPTIONS);
    ck_assert_uint_eq(p.head[0].dport, 2000);
    p = parse(PACKET_LINK_ETHERNET,
              MACS "86dd" V6("0000", "00") "0600 c204 00000020" TCP "61626364");
    ck_assert_uint_eq(p.head[0].l4, PACKET_L4_TCP); /* jumbogram of 8 + 24 bytes */
    ck_assert_uint_eq(p.head[0].payload, 4);
    ck_assert_uint_eq(p.head[0].flags, PACKET_OPTIONS);
}
END_TEST

START_TEST(big_tcp_has_no_length) {
    struct packet p =
        parse(PACKET_LINK_ETHERNET, MACS "0800" V4("0000", "06") TCP "6162636465");
    ck_assert_uint_eq(p.head[0].payload, 5);
    p = parse(PACKET_LINK_ETHERNET, MACS "86dd" V6("0000", "06") TCP "6162636465");
    ck_assert_uint_eq(p.head[0].payload, 5);
    ck_assert_uint_eq(p.head[0].flags, 0);
}
END_TEST

/* After "no next header" nothing is payload: neither padding nor what the length covers. */
START_TEST(no_next_header) {
    struct packet p = parse(PACKET_LINK_ETHERNET, MACS "86dd" V6("0000", "3b") "000000000000");
    ck_assert_uint_eq(p.heads, 1);
    ck_assert_uint_eq(p.head[0].payload, 0);
    p = parse(PACKET_LINK_ETHERNET, MACS "86dd" V6("0004", "3b") "61626364 0000");
    ck_assert_uint_eq(p.head[0].payload, 0);
    p = parse(PACKET_LINK_ETHERNET, MACS "86dd" V6("000a", "3c") "3b00010400000000 6162");
    ck_assert_uint_eq(p.head[0].proto, 59);
    ck_assert_uint_eq(p.head[0].payload, 0);
    p = parse(PACKET_LINK_ETHERNET, MACS "0800" V4("0016", "3b") "6162"); /* not IPv4's */
    ck_assert_uint_eq(p.head[0].payload, 2);
}
END_TEST

START_TEST(tags_and_labels) {
    struct packet p = parse(PACKET_LINK_ETHERNET, MACS
                            "88a8 2064 8100 00c8 0800" V4("001c", "11") UDP("0035", "0008"));
    ck_assert_uint_eq(p.vlans, 2);
    ck_assert_uint_eq(p.vlan_id, 100);
    ck_assert_uint_eq(p.ethertype, 0x0800);
    ck_assert_uint_eq(p.head[0].dport, 53);
    p = parse(PACKET_LINK_ETHERNET,
              MACS "8847 00010040 00011140" V4("001c", "11") UDP("0035", "0008"));
    ck_assert_uint_eq(p.mpls, 2);
    ck_assert_uint_eq(p.head[0].dport, 53);
    p = parse(PACKET_LINK_ETHERNET,
              MACS "8847 00011140 00000000" MACS "86dd" V6("0008", "11") UDP("0035", "0008"));
    ck_assert_uint_eq(p.head[0].version, 6); /* Ethernet pseudowire with control word */
    p = parse(PACKET_LINK_ETHERNET,
              MACS "8864 1100 0001 001e 0021" V4("001c", "11") UDP("0035", "0008"));
    ck_assert_uint_eq(p.head[0].dport, 53);
    p = parse(PACKET_LINK_ETHERNET,
              MACS "0024 aaaa03 000000 0800" V4("001c", "11") UDP("0035", "0008"));
    ck_assert_uint_eq(p.head[0].dport, 53);
    p = parse(PACKET_LINK_ETHERNET,
              MACS "8926 0000 0001 8100 0005 0800" V4("001c", "11") UDP("0035", "0008"));
    ck_assert_uint_eq(p.vlan_id, 5);
    p = parse(PACKET_LINK_ETHERNET, MACS "0806 0001080006040001 020000000001 0a000001");
    ck_assert_uint_eq(p.heads, 0);
    ck_assert_uint_eq(p.ethertype, 0x0806);
    ck_assert_uint_eq(p.head[0].rss, 0);
}
END_TEST

static void check_inner(const struct packet *p, enum packet_tunnel tunnel, uint32_t id) {
    ck_assert_uint_eq(p->heads, 2);
    ck_assert_uint_eq(p->tunnel, tunnel);
    ck_assert_uint_eq(p->tunnel_id, id);
    ck_assert_uint_eq(p->vlans, 0); /* those of the inner frame do not count */
    ck_assert_uint_eq(p->head[1].dport, 2000);
    ck_assert_uint_eq(p->head[1].payload, 4);
    ck_assert_uint_eq(p->head[1].rss, packet_rss(packet_rss_key, &p->head[1]));
}

#define INNER V4("002c", "06") TCP "61626364"

START_TEST(tunnels) {
    struct packet p = parse(PACKET_LINK_ETHERNET, MACS
                            "0800" V4("0062", "11") UDP("12b5", "004e") "08000000 00002a00" MACS
                                                                        "8100 0001 0800" INNER);
    check_inner(&p, PACKET_TUNNEL_VXLAN, 42);
    p = parse(PACKET_LINK_ETHERNET,
              MACS "86dd" V6("0056", "11")
                  UDP("17c1", "0056") "02006558 00002a00 0102030405060708" MACS "0800" INNER);
    check_inner(&p, PACKET_TUNNEL_GENEVE, 42);
    p = parse(PACKET_LINK_ETHERNET,
              MACS "0800" V4("0056", "2f") "20006558 0000002a" MACS "0800" INNER);
    check_inner(&p, PACKET_TUNNEL_GRE, 42);
    p = parse(PACKET_LINK_ETHERNET,
              MACS "0800" V4("0050", "2f") "b0000800 00000000 0000002a 00000001" INNER);
    check_inner(&p, PACKET_TUNNEL_GRE, 42); /* checksum, key and sequence number */
    p = parse(PACKET_LINK_ETHERNET, MACS "86dd" V6("002c", "04") INNER);
    check_inner(&p, PACKET_TUNNEL_IPIP, 0);
    p = parse(PACKET_LINK_ETHERNET, MACS "0800" V4("0054", "04") V4("0040", "04") INNER);
    ck_assert_uint_eq(p.heads, 2); /* a third level is not followed */
}
END_TEST

START_TEST(vxlan_without_its_flag) {
    struct packet p = parse(PACKET_LINK_ETHERNET,
                            MACS "0800" V4("005e", "11")
                                UDP("12b5", "004a") "f7000000 00002a00" MACS "0800" INNER);
    ck_assert_uint_eq(p.heads, 1);
    ck_assert_uint_eq(p.tunnel, PACKET_TUNNEL_NONE);
    ck_assert_uint_eq(p.tunnel_id, 0);
    ck_assert_uint_eq(p.head[0].dport, 4789);
    ck_assert_uint_eq(p.head[0].payload, 0x5e - 28);
}
END_TEST

START_TEST(roce_and_esp) {
    struct packet p = parse(PACKET_LINK_ETHERNET,
                            MACS "0800" V4("002c", "11")
                                UDP("12b7", "0018") "0a40ffff 00000011 00000001 deadbeef");
    ck_assert_uint_eq(p.roce, 1);
    ck_assert_uint_eq(p.roce_opcode, 0x0a);
    p = parse(PACKET_LINK_ETHERNET, MACS "0800" V4("0020", "32") "00001234 00000001 01020304");
    ck_assert_uint_eq(p.esp, 1);
    ck_assert_uint_eq(p.esp_spi, 0x1234);
    p = parse(PACKET_LINK_ETHERNET,
              MACS "0800" V4("0024", "11") UDP("1194", "0010") "00001234 00000001");
    ck_assert_uint_eq(p.esp, 1);
    p = parse(PACKET_LINK_ETHERNET,
              MACS "0800" V4("0024", "11") UDP("1194", "0010") "00000000 01020304");
    ck_assert_uint_eq(p.esp, 0); /* IKE */
}
END_TEST

START_TEST(links) {
    struct packet p = parse(PACKET_LINK_RAW, INNER);
    ck_assert_uint_eq(p.head[0].dport, 2000);
    ck_assert_uint_eq(p.frame_bytes, 64); /* 44 + 14 + 4, padded */
    p = parse(PACKET_LINK_IPV6, V6("0018", "06") TCP "61626364");
    ck_assert_uint_eq(p.head[0].version, 6);
    ck_assert_uint_eq(p.frame_bytes, 64 + 14 + 4);
    p = parse(PACKET_LINK_SLL, "0000 0001 0006 020000000001 0000 0800" INNER);
    ck_assert_uint_eq(p.head[0].dport, 2000);
    p = parse(PACKET_LINK_SLL2, "0800 0000 00000002 0001 00 06 0200000000010000" INNER);
    ck_assert_uint_eq(p.head[0].dport, 2000);
    p = parse(PACKET_LINK_NULL, "02000000" INNER);
    ck_assert_uint_eq(p.head[0].dport, 2000);
    p = parse(PACKET_LINK_LOOP, "00000002" INNER);
    ck_assert_uint_eq(p.head[0].dport, 2000);
    p = parse(PACKET_LINK_PPP, "ff03 0021" INNER);
    ck_assert_uint_eq(p.head[0].dport, 2000);
    p = parse(PACKET_LINK_FDDI, "50" MACS "aaaa03 000000 0800" INNER);
    ck_assert_uint_eq(p.head[0].dport, 2000);
    p = parse(PACKET_LINK_OTHER, INNER);
    ck_assert_uint_eq(p.heads, 0);
}
END_TEST

START_TEST(tuples) {
    struct packet_head a = {.version = 4, .proto = 6, .sport = 1, .dport = 2};
    a.src[0] = 10;
    a.dst[0] = 11;
    struct packet_head b = {.version = 4, .proto = 6, .sport = 2, .dport = 1};
    b.src[0] = 11;
    b.dst[0] = 10;
    uint8_t ka[40], kb[40];
    ck_assert_uint_eq(packet_tuple(&a, false, ka), 38);
    packet_tuple(&b, false, kb);
    ck_assert_mem_ne(ka, kb, 38);
    packet_tuple(&a, true, ka);
    packet_tuple(&b, true, kb);
    ck_assert_mem_eq(ka, kb, 38);
}
END_TEST

TEST_MAIN("packet", tcp_over_ipv4, what_segments_share, tcp_options,
          options_padding_and_bad_lengths, payload_within_the_frame, ports_that_are_cut,
          fragments, a_fragment_of_a_tunnel_is_not_bad, headers_cut_off_are_not_bad,
          ipv6_extension_headers, big_tcp_has_no_length, no_next_header, tags_and_labels,
          tunnels, vxlan_without_its_flag, roce_and_esp, links, tuples)
