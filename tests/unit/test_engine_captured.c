/* test_engine_captured.c - what engines and cores make of frames that were captured closed, or
 * open: by the bytes of the capture, where it holds them.
 */
#include "models/wrap.h"
#include "tests/unit/probe.h"

extern const struct sim_model model_engine, model_cores, model_host, model_nic;

/* Who can do it, and with which parameters. */
#define ENGINE                                                                                 \
    "{\"tls-encrypt\": 8, \"tls-decrypt\": 8, \"macsec-protect\": 8, \"macsec-validate\": 8, " \
    "\"esp-encap\": 8, \"esp-decap\": 8, \"aes-gcm-encrypt\": 8, \"aes-xts-encrypt\": 8, "     \
    "\"lz4-compress\": 8, \"lz4-decompress\": 8}"
static const struct {
    const struct sim_model *model;
    const char *params;
} doers[] = {{&model_engine, ENGINE}, {&model_cores, "{}"}, {&model_host, "{}"}};

enum { DOERS = sizeof doers / sizeof *doers };

/* A captured packet behind operations, the first of which has arguments; 0 bytes: it was
 * refused. */
static struct sim_msg behind(size_t doer, const struct packet *p, const char *args,
                             const char *const *op) {
    struct bench b = bench_new(1, 0, p->frame_bytes);
    b.feed->like.body = p;
    struct sim_comp *comp = bench_block(&b, doers[doer].model, "x", doers[doer].params);
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{}");
    for (; *op != NULL; op++, args = NULL) {
        struct sim_comp *at = strncmp(*op, "vxlan", 5) == 0 ? nic : comp;
        struct sim_step *step = bench_visit(&b, at, *op, args);
        for (int v = 1; v < SIM_VERDICTS; v++) {
            step->hop[v].kind = SIM_HOP_DROP;
            step->hop[v].cause = sim_cause_add(b.w, comp, "refused");
        }
    }
    struct probe *out = probe_add(&b, "out");
    bench_run(&b);
    struct sim_msg m = {.bytes = out->saw[0].bytes, .level = out->saw[0].level};
    ck_assert_uint_eq(bench_dropped(&b, "x:refused"), m.bytes == 0);
    bench_free(&b);
    return m;
}

#define BEHIND(DOER, P, ARGS, ...)                                                             \
    behind(DOER, P, ARGS, (const char *const[]){__VA_ARGS__, NULL})

#define NOTHING "\0\0\0\0"

enum { TCP = 6, UDP = 17, HEADERS = 14 + 20 + 20 };

/* An IPv4 packet of `proto` with so much payload, which begins so, of which so much was
 * captured. */
static struct packet ipv4(uint8_t proto, const char *begins, uint32_t payload, uint32_t cap) {
    static uint8_t frame[2048];
    uint32_t header = proto == UDP ? 8 : 20, ip = 20 + header + payload;
    struct packet p;
    memset(frame, 'e', sizeof frame);
    memset(frame, 0, HEADERS);
    frame[12] = 0x08;
    memcpy(frame + 14, (uint8_t[]){0x45, 0, (uint8_t)(ip >> 8), (uint8_t)ip}, 4);
    frame[14 + 9] = proto;
    frame[14 + 20 + 12] = proto == TCP ? 0x50 : 0;
    memcpy(frame + 14 + 20 + header, begins, strlen(begins) < 5 ? 5 : strlen(begins));
    packet_parse(PACKET_LINK_ETHERNET, frame, 14 + 20 + header + cap, 14 + ip, &p);
    return p;
}

/* Frames of 18 + 40 + 200 bytes; a record of TLS 1.3 loses 22. */
START_TEST(tls_records_are_told_from_clear_bytes) {
    static const struct {
        const char *begins;
        uint32_t cap, out;
    } way[] = {{"\x17\x03\x03\x00\xc3", 200, 258 - 22},
               {"\x17\x03\x03\x41\x00", 200, 258 - 22}, /* the rest is in other segments */
               {"\x17\x03\x03\x41\x01", 200, 0},        /* longer than 16,384 + 256 */
               {"\x17\x03\x03\x00\x10", 200, 0},        /* no room for a tag */
               {"\x17\x03\x01\x00\xc3", 200, 0},
               {"\x16\x03\x03\x00\xc3", 200, 0}, /* a handshake */
               {"GET / HTTP/1.1\r\n", 200, 0},
               {"GET / HTTP/1.1\r\n", 1, 0},
               {"GET / HTTP/1.1\r\n", 0, 258 - 22}, /* not captured: nobody knows */
               {"\x17\x03\x03\x41\x01", 3, 258 - 22}};
    for (size_t d = 0; d < DOERS; d++)
        for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
            struct packet p = ipv4(TCP, way[i].begins, 200, way[i].cap);
            uint32_t n = BEHIND(d, &p, NULL, "tls-decrypt").bytes;
            ck_assert_msg(n == way[i].out, "%zu, case %zu: %u bytes", d, i, n);
            p.made = 1; /* what is made up is what the step says */
            ck_assert_uint_eq(BEHIND(d, &p, NULL, "tls-decrypt").bytes, 258 - 22);
        }
}
END_TEST

START_TEST(tls_is_of_tcp) {
    for (size_t d = 0; d < DOERS; d++) {
        struct packet udp = ipv4(UDP, "\x17\x03\x03\x00\xc3", 200, 200), ack;
        ck_assert_uint_eq(BEHIND(d, &udp, NULL, "tls-decrypt").bytes, 0);
        ack = ipv4(TCP, NOTHING, 0, 0); /* nothing to open: it goes by */
        ck_assert_uint_eq(BEHIND(d, &ack, NULL, "tls-decrypt").bytes, 64);
        udp.made = 1;
        ck_assert_uint_eq(BEHIND(d, &udp, NULL, "tls-decrypt").bytes, 246 - 22);
    }
}
END_TEST

/* A frame of 12 + 2 + tag + `rest`, and check value; of the tag nothing was captured if cut. */
static struct packet macsec(uint8_t tci, const uint8_t *rest, uint32_t bytes, bool cut) {
    static uint8_t frame[512];
    uint32_t tag = tci & 0x20 ? 16 : 8, length = 12 + tag + bytes + 16;
    struct packet p;
    memset(frame, 2, sizeof frame);
    memcpy(frame + 12, (uint8_t[]){0x88, 0xe5, tci}, 3);
    memcpy(frame + 12 + tag, rest, bytes);
    packet_parse(PACKET_LINK_ETHERNET, frame, cut ? 14 : length, length, &p);
    return p;
}

/* Frames of 12 + 100 + 4 bytes inside. */
START_TEST(macsec_is_as_long_as_it_says) {
    static const uint8_t rest[100] = {0x5a, 0x5a};
    static const char none[] = "{\"sci\": false}";
    for (size_t d = 0; d < DOERS; d++) {
        /* E and C; with an SCI; ES or SCB, which say it without */
        static const uint8_t tci[] = {0x0c, 0x2c, 0x4c, 0x1c, 0x5f, 0x2f};
        for (size_t i = 0; i < sizeof tci; i++)
            for (int word = 0; word < 2; word++) {
                struct packet p = macsec(tci[i], rest, sizeof rest, false);
                struct sim_msg m = BEHIND(d, &p, word ? none : NULL, "macsec-validate");
                ck_assert_uint_eq(m.bytes, 116);
                ck_assert_uint_eq(m.level, 1); /* headers that nobody knows */
            }
        struct packet cut = macsec(0x2c, rest, sizeof rest, true); /* the step says it */
        ck_assert_uint_eq(BEHIND(d, &cut, NULL, "macsec-validate").bytes, 116);
        ck_assert_uint_eq(BEHIND(d, &cut, none, "macsec-validate").bytes, 116 + 8);
        ck_assert_uint_eq(BEHIND(d, &cut, NULL, "macsec-validate", "macsec-validate").bytes, 0);
        struct packet tcp = ipv4(TCP, NOTHING, 100, 100);
        ck_assert_uint_eq(BEHIND(d, &tcp, NULL, "macsec-validate").bytes, 0);
    }
}
END_TEST

/* Without encryption the headers inside are known, and stay so: here VXLAN around a frame of 60
 * and FCS, or a UDP packet. */
START_TEST(macsec_that_can_be_read) {
    static const uint8_t udp[2 + 48] = {0x08, 0, 0x45, 0, 0, 48, [11] = UDP};
    uint8_t vxlan[2 + 36 + 60] = {0x08, 0, 0x45, 0, 0, 96, [11] = UDP};
    memcpy(vxlan + 2 + 20, (uint8_t[]){0xc0, 1, 4789 >> 8, 4789 & 255, 0, 76, 0, 0, 8}, 9);
    for (size_t d = 0; d < DOERS; d++)
        for (uint8_t sci = 0; sci < 2; sci++) {
            struct packet p = macsec(sci ? 0x20 : 0, udp, sizeof udp, false);
            ck_assert_uint_eq(p.heads, 1);
            struct sim_msg m = BEHIND(d, &p, NULL, "macsec-validate");
            ck_assert_uint_eq(m.bytes, 12 + sizeof udp + 4);
            ck_assert_uint_eq(m.level, 0);
            ck_assert_uint_eq(BEHIND(d, &p, NULL, "macsec-validate", "macsec-validate").bytes,
                              0);
            /* IP 48 and trailer 2, in whole words 52, and 20 + 16 + 16 around */
            m = BEHIND(d, &p, NULL, "macsec-validate", "esp-encap");
            ck_assert_uint_eq(m.bytes, 18 + 20 + 16 + 52 + 16);
            p = macsec(sci ? 0x20 : 0, vxlan, sizeof vxlan, false);
            ck_assert_uint_eq(p.tunnel, PACKET_TUNNEL_VXLAN);
            m = BEHIND(d, &p, NULL, "macsec-validate", "vxlan-decap");
            ck_assert_uint_eq(m.bytes, 64);
            ck_assert_uint_eq(m.level, 1);
        }
}
END_TEST

/* The kernel takes off what esp-decap does: 20 + 16 + 2 + 16, or without the IP header. */
START_TEST(esp_in_the_kernel) {
    struct packet esp = ipv4(50, NOTHING, 200, 200);
    static const char transport[] = "{\"mode\": \"transport\"}";
    uint32_t whole = esp.frame_bytes;
    for (size_t d = 0; d < DOERS; d++) {
        ck_assert_uint_eq(BEHIND(d, &esp, NULL, "esp-decap").bytes, whole - 54);
        ck_assert_uint_eq(BEHIND(d, &esp, transport, "esp-decap").bytes, whole - 34);
        if (doers[d].model == &model_engine)
            continue;
        ck_assert_uint_eq(BEHIND(d, &esp, NULL, "kernel-esp-decap").bytes, whole - 54);
        ck_assert_uint_eq(BEHIND(d, &esp, transport, "kernel-esp-decap").bytes, whole - 34);
    }
}
END_TEST

/* What an IP packet may have at most for an operation to be done; one byte more is too long. */
START_TEST(packets_too_long_for_their_header) {
    static const struct {
        const char *op, *args;
        uint32_t most, out; /* bytes of the IP packet; of the frame that comes out */
    } way[] = {{"vxlan-encap", NULL, 65535 - 50, 65535 + 18},
               {"vxlan-encap", "{\"outer\": \"ipv6\"}", 65535 + 40 - 70, 65575 + 18},
               /* 65,478 and 2 are whole words; one more takes 3 of padding */
               {"esp-encap", NULL, 65478, 18 + 20 + 16 + 65480 + 16},
               {"esp-encap", "{\"outer\": \"ipv6\"}", 65498, 18 + 40 + 16 + 65500 + 16},
               {"esp-encap", "{\"mode\": \"transport\"}", 65498, 18 + 20 + 16 + 65480 + 16},
               {"tls-encrypt", NULL, 65535 - 4 * 22, 65535 + 18}, /* four records */
               {"aes-gcm-encrypt", NULL, 65535 - 16, 65535 + 18},
               {"lz4-compress", "{\"ratio\": 2}", 40 + 65495 / 2, 18 + 40 + 65494},
               {"lz4-decompress", "{\"ratio\": 0.5}", 40 + 65495 / 2, 18 + 40 + 65494}};
    for (size_t d = 0; d < DOERS; d++)
        for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
            struct packet fits = ipv4(TCP, NOTHING, way[i].most - 40, 0);
            struct packet over = ipv4(TCP, NOTHING, way[i].most - 40 + 1, 0);
            uint32_t n = BEHIND(d, &fits, way[i].args, way[i].op).bytes;
            ck_assert_msg(n == way[i].out, "%zu, case %zu: %u bytes", d, i, n);
            ck_assert_uint_eq(BEHIND(d, &over, way[i].args, way[i].op).bytes, 0);
        }
}
END_TEST

/* What adds nothing to an IP packet takes the longest, or a longer one that was captured. */
START_TEST(long_packets_go_by) {
    struct packet most = ipv4(TCP, NOTHING, 65535 - 40, 0);
    for (size_t d = 0; d < DOERS; d++) {
        ck_assert_uint_eq(BEHIND(d, &most, NULL, "macsec-protect").bytes, 65553 + 32);
        ck_assert_uint_eq(BEHIND(d, &most, NULL, "aes-xts-encrypt").bytes, 65553);
        ck_assert_uint_eq(BEHIND(d, &most, "{\"ratio\": 0.5}", "lz4-compress").bytes,
                          58 + 32748);
        most.frame_bytes += 1000;
        ck_assert_uint_eq(BEHIND(d, &most, NULL, "aes-xts-encrypt").bytes, 66553);
        most.frame_bytes -= 1000;
    }
}
END_TEST

TEST_MAIN("engine-captured", tls_records_are_told_from_clear_bytes, tls_is_of_tcp,
          macsec_is_as_long_as_it_says, macsec_that_can_be_read, esp_in_the_kernel,
          packets_too_long_for_their_header, long_packets_go_by)
