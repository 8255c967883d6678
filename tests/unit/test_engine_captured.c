/* test_engine_captured.c - what engines and cores make of frames that were captured closed, or
 * open: by the bytes of the capture, where it holds them.
 */
#include "models/payload.h"
#include "tests/unit/probe.h"

extern const struct sim_model model_engine, model_cores, model_host;

/* Who can do it, and with which parameters. */
static const struct {
    const struct sim_model *model;
    const char *params;
} doers[] = {
    {&model_engine, "{\"tls-decrypt\": 8}"}, {&model_cores, "{}"}, {&model_host, "{}"}};

enum { DOERS = sizeof doers / sizeof *doers };

/* Bytes of a captured packet behind an operation; 0: it was refused. */
static uint32_t bytes_behind(size_t doer, const char *op, const char *args,
                             const struct packet *p) {
    struct bench b = bench_new(1, 0, p->frame_bytes);
    b.feed->like.body = p;
    struct sim_comp *comp = bench_block(&b, doers[doer].model, "x", doers[doer].params);
    struct sim_step *step = bench_visit(&b, comp, op, args);
    for (int v = 1; v < SIM_VERDICTS; v++) {
        step->hop[v].kind = SIM_HOP_DROP;
        step->hop[v].cause = sim_cause_add(b.w, comp, "refused");
    }
    bench_run(&b);
    uint32_t n = (uint32_t)b.feed->stream->delivered.bytes;
    ck_assert_uint_eq(bench_dropped(&b, "x:refused"), n == 0);
    bench_free(&b);
    return n;
}

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
            uint32_t n = bytes_behind(d, "tls-decrypt", NULL, &p);
            ck_assert_msg(n == way[i].out, "%zu, case %zu: %u bytes", d, i, n);
            p.made = 1; /* what is made up is what the step says */
            ck_assert_uint_eq(bytes_behind(d, "tls-decrypt", NULL, &p), 258 - 22);
        }
}
END_TEST

START_TEST(tls_is_of_tcp) {
    for (size_t d = 0; d < DOERS; d++) {
        struct packet udp = ipv4(UDP, "\x17\x03\x03\x00\xc3", 200, 200), ack;
        ck_assert_uint_eq(bytes_behind(d, "tls-decrypt", NULL, &udp), 0);
        ack = ipv4(TCP, "", 0, 0); /* nothing to open: it goes by */
        ck_assert_uint_eq(bytes_behind(d, "tls-decrypt", NULL, &ack), 64);
        udp.made = 1;
        ck_assert_uint_eq(bytes_behind(d, "tls-decrypt", NULL, &udp), 246 - 22);
    }
}
END_TEST

TEST_MAIN("engine-captured", tls_records_are_told_from_clear_bytes, tls_is_of_tcp)
