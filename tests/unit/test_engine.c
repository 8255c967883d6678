/* test_engine.c - engines by closed forms: bytes out, occupancy, saturation, idle latency; what
 * one engine does another undoes.
 */
#include "models/treat.h"
#include "models/wrap.h"
#include "tests/unit/probe.h"

extern const struct sim_model model_engine, model_nic;

/* An engine that can do it all at 8 bytes a cycle, but decompress at 4. */
#define ALL                                                                                    \
    "\"clock\": \"1GHz\", \"setup_cycles\": 5, \"pipeline_cycles\": 40, "                      \
    "\"aes-gcm-encrypt\": 8, \"aes-gcm-decrypt\": 8, \"aes-xts-encrypt\": 8, "                 \
    "\"aes-xts-decrypt\": 8, \"sha256\": 8, \"sha512\": 8, \"sha3-256\": 8, "                  \
    "\"esp-encap\": 8, \"esp-decap\": 8, \"macsec-protect\": 8, \"macsec-validate\": 8, "      \
    "\"tls-encrypt\": 8, \"tls-decrypt\": 8, \"deflate-compress\": 8, \"lz4-compress\": 8, "   \
    "\"deflate-decompress\": 4, \"lz4-decompress\": 4, \"dedup-hash\": 8, \"raid6\": 8, "      \
    "\"erasure\": 8, \"raid6-rebuild\": 8, \"erasure-rebuild\": 8, \"copy\": 8"

/* Every operation on 1,500 bytes without facts, which are an IP packet of 1,482 in a frame. */
static const struct {
    const char *op, *args;
    uint32_t out, work; /* out 0: refused */
} cases[] = {
    {"aes-gcm-encrypt", "{}", 1516, 1500},
    {"aes-gcm-encrypt", "{\"tag_bytes\": 0}", 1500, 1500},
    {"aes-gcm-decrypt", "{}", 1484, 1484},
    {"aes-xts-encrypt", NULL, 1500, 1500},
    {"aes-xts-decrypt", NULL, 1500, 1500},
    {"sha256", NULL, 1500, 1500},
    {"sha512", NULL, 1500, 1500},
    {"sha3-256", NULL, 1500, 1500},
    /* IP 20, SPI and number 8, IV 8, packet and trailer 1,484 are whole words, check 16 */
    {"esp-encap", "{}", 1554, 1482},
    {"esp-encap", "{\"udp\": true}", 1562, 1482},
    {"esp-encap", "{\"outer\": \"ipv6\"}", 1574, 1482},
    /* the IP header of 20 stays in front, and what is behind it is 1,462 */
    {"esp-encap", "{\"mode\": \"transport\"}", 1534, 1462},
    {"esp-encap", "{\"mode\": \"transport\", \"udp\": true}", 1542, 1462},
    {"esp-decap", "{}", 0, 0},
    {"esp-decap", "{\"mode\": \"transport\"}", 0, 0},
    {"macsec-protect", "{}", 1532, 1500},
    {"macsec-protect", "{\"sci\": false}", 1524, 1500},
    {"macsec-validate", "{}", 0, 0},
    {"tls-encrypt", "{}", 1522, 1500},
    {"tls-encrypt", "{\"version\": \"1.2\"}", 1529, 1500},
    {"tls-decrypt", "{}", 1478, 1478},
    {"deflate-compress", "{\"ratio\": 0.4}", 600, 1500},
    {"deflate-decompress", "{\"ratio\": 0.4}", 3750, 2 * 3750},
    {"lz4-compress", "{\"ratio\": 0.3333}", 500, 1500},
    {"lz4-decompress", "{\"ratio\": 0.5}", 3000, 2 * 3000},
    {"dedup-hash", "{\"unique\": 1}", 1500, 1500},
    {"raid6", "{}", 2250, 1500}, /* two of a quarter each */
    {"raid6", "{\"data\": 7}", 1500 + 2 * 215, 1500},
    {"erasure", "{\"data\": 10, \"parity\": 4}", 2100, 2 * 1500},
    {"erasure", "{\"data\": 10, \"parity\": 5}", 2250, 3 * 1500},
    {"erasure", "{\"data\": 1, \"parity\": 2}", 4500, 3000},
    /* five of seven parts that hold the data come */
    {"raid6-rebuild", "{\"data\": 5, \"lost\": 2}", 1500, 1500},
    {"raid6-rebuild", "{\"data\": 5, \"lost\": 2, \"gives\": \"lost\"}", 600, 1500},
    {"erasure-rebuild", "{\"data\": 7, \"lost\": 3, \"gives\": \"lost\"}", 3 * 215, 2 * 1500},
    {"copy", NULL, 1500, 1500}};

enum { CASES = sizeof cases / sizeof *cases, MESSAGES = 50 };

/* All at once: one leaves each 5 cycles and its bytes; 40 cycles and the descriptor later. */
START_TEST(bytes_occupancy_and_latency) {
    for (size_t i = 0; i < CASES; i++) {
        struct bench b = bench_new(MESSAGES, 0, 1500);
        struct sim_comp *engine = bench_block(&b, &model_engine, "engine",
                                              "{" ALL ", \"descriptor_latency\": \"300ns\"}");
        bench_visit(&b, engine, cases[i].op, cases[i].args);
        for (int v = 1; v < SIM_VERDICTS; v++)
            b.step[0].hop[v].cause = sim_cause_add(b.w, engine, "refused");
        bench_run(&b);
        if (cases[i].out == 0) {
            ck_assert_uint_eq(bench_dropped(&b, "engine:refused"), MESSAGES);
            bench_free(&b);
            continue;
        }
        ck_assert_uint_eq(bench_delivered(&b), MESSAGES);
        ck_assert_uint_eq(b.feed->stream->delivered.bytes, (uint64_t)MESSAGES * cases[i].out);
        sim_ps busy = (5 + (cases[i].work + 7) / 8) * 1000;
        for (int k = 0; k < MESSAGES; k++)
            ck_assert_int_eq(b.sink->log_start[k],
                             1000 + busy * (k + 1) + 40 * 1000 + 300 * 1000 + 1);
        bench_free(&b);
    }
}
END_TEST

START_TEST(lanes_share_the_ring) {
    struct bench b = bench_new(60, 0, 4096);
    struct sim_comp *engine =
        bench_block(&b, &model_engine, "engine",
                    "{\"copy\": 16, \"lanes\": 3, \"clock\": \"500MHz\", \"ring\": 6}");
    bench_visit(&b, engine, "copy", NULL);
    bench_run(&b);
    for (int i = 0; i < 60; i++) /* 256 cycles of 2 ns, three at a time, 100 behind */
        ck_assert_int_eq(b.sink->log_start[i], 2000 + (i / 3 + 1) * 512000 + 200000 + 1);
    bench_free(&b);
}
END_TEST

START_TEST(a_full_ring_drops) {
    struct bench b = bench_new(60, 0, 4096);
    struct sim_comp *engine = bench_block(&b, &model_engine, "engine",
                                          "{\"copy\": 16, \"ring\": 8, \"on_full\": \"drop\"}");
    bench_visit(&b, engine, "copy", NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_dropped(&b, "engine:ring-full"), 52);
    bench_free(&b);
}
END_TEST

/* A descriptor is free when its message is out: four each 1,010 ns, of one each 10 ns. */
START_TEST(what_is_not_out_keeps_its_descriptor) {
    for (int i = 0; i < 2; i++) {
        struct bench b = bench_new(1000, 10000, 64);
        struct sim_comp *engine = bench_block(
            &b, &model_engine, "engine",
            i == 0 ? "{\"copy\": 16, \"ring\": 4, \"on_full\": \"drop\", "
                     "\"pipeline_cycles\": 0, \"descriptor_latency\": \"1us\"}"
                   : "{\"copy\": 16, \"ring\": 4, \"on_full\": \"drop\", \"lanes\": 3, "
                     "\"pipeline_cycles\": 400, \"descriptor_latency\": \"600ns\"}");
        bench_visit(&b, engine, "copy", NULL);
        bench_run(&b);
        ck_assert_uint_eq(bench_delivered(&b), 40);
        ck_assert_uint_eq(bench_dropped(&b, "engine:ring-full"), 960);
        bench_free(&b);
    }
}
END_TEST

START_TEST(every_other_one_is_known) {
    struct bench b = bench_new(60, 1000000, 4096);
    struct sim_comp *engine = bench_block(&b, &model_engine, "engine", "{\"dedup-hash\": 16}");
    bench_visit(&b, engine, "dedup-hash", "{\"unique\": 0.25}");
    b.step[0].hop[bench_verdict(&model_engine, "duplicate")] =
        (struct sim_hop){.kind = SIM_HOP_DELIVERED};
    bench_run(&b);
    ck_assert_int_eq(stat_of(engine, "duplicates"), 45);
    ck_assert_int_eq(stat_of(engine, "stated"), 60);
    bench_free(&b);
}
END_TEST

enum { PAYLOADS = 12000 };

static struct packet payloads[PAYLOADS];

static void another_payload(struct sim_msg *m, uint64_t number) {
    struct packet *p = &payloads[number % PAYLOADS];
    p->digest = 1 + test_mix(number % PAYLOADS, 1) % ((1ULL << 56) - 1);
    p->heads = 1;
    p->head[0].payload = 1;
    m->body = p;
}

/* What is behind refuses nearly everything, so nearly every service is undone, some of them
 * just when the table has grown: it keeps what it was told. */
START_TEST(refused_digests_stay) {
    struct bench b = bench_new(PAYLOADS + 1000, 0, 4096);
    probe_add(&b, "in")->vary = another_payload;
    struct sim_comp *engine = bench_block(&b, &model_engine, "engine", "{\"dedup-hash\": 16}");
    struct sim_comp *full = bench_block(&b, &model_engine, "full",
                                        "{\"copy\": 1, \"ring\": 1, \"on_full\": \"refuse\"}");
    bench_visit(&b, engine, "dedup-hash", NULL)
        ->hop[bench_verdict(&model_engine, "duplicate")] =
        (struct sim_hop){.kind = SIM_HOP_DELIVERED};
    bench_visit(&b, full, "copy", NULL);
    bench_run(&b);
    ck_assert_uint_gt(bench_dropped(&b, "full:ring-full"), PAYLOADS / 2);
    ck_assert_int_eq(stat_of(engine, "duplicates"), 1000);
    bench_free(&b);
}
END_TEST

/* Three equal ones: two duplicates; without payload there is nothing to fingerprint. */
START_TEST(nothing_is_no_duplicate) {
    for (uint32_t payload = 0; payload < 2; payload++) {
        struct packet p = {.heads = 1, .frame_bytes = 64, .digest = 7};
        struct bench b = bench_new(3, 1000000, 64);
        p.head[0].payload = payload;
        b.feed->like.body = &p;
        struct sim_comp *engine =
            bench_block(&b, &model_engine, "engine", "{\"dedup-hash\": 16}");
        bench_visit(&b, engine, "dedup-hash", "{\"unique\": 0.25}");
        bench_run(&b);
        ck_assert_int_eq(stat_of(engine, "duplicates"), payload == 0 ? 0 : 2);
        ck_assert_int_eq(stat_of(engine, "stated"), 0);
        bench_free(&b);
    }
}
END_TEST

/* ---------------------------------------------------------------- chains of operations */

/* What comes out of a chain of operations of engine and NIC; bytes 0: nothing did. */
static const char *mode = "tunnel";

static const char *args_of(const char *op) {
    static char args[64];
    if (strstr(op, "esp-") != NULL)
        snprintf(args, sizeof args, "{\"mode\": \"%s\"}", mode);
    return strstr(op, "esp-") != NULL ? args : strstr(op, "press") ? "{\"ratio\": 0.3}" : NULL;
}

static struct sim_msg chain_of(const struct packet *p, uint32_t bytes, const char *const *op) {
    struct bench b = bench_new(1, 0, bytes);
    b.feed->like.body = p;
    struct sim_comp *engine = bench_block(&b, &model_engine, "engine", "{" ALL "}");
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{}");
    for (; *op != NULL; op++) {
        bool outer = strncmp(*op, "vxlan", 5) == 0;
        struct sim_step *step = bench_visit(&b, outer ? nic : engine, *op, args_of(*op));
        for (int v = 1; v < SIM_VERDICTS; v++) {
            step->hop[v].kind = SIM_HOP_DROP;
            step->hop[v].cause = sim_cause_add(b.w, step->comp, "refused");
        }
    }
    struct probe *out = probe_add(&b, "out");
    bench_run(&b);
    struct sim_msg m = {
        .bytes = out->saw[0].bytes, .level = out->saw[0].level, .wrap = out->saw[0].wrap};
    bench_free(&b);
    return m;
}

#define CHAIN(P, BYTES, ...) chain_of(P, BYTES, (const char *const[]){__VA_ARGS__, NULL})

/* An IPv4 packet of `proto` and `ip` bytes in all, in a frame. Of TCP a record of TLS may begin
 * behind its header. */
static struct packet ipv4_and(uint8_t proto, uint32_t ip, uint32_t vlans, uint32_t behind) {
    uint8_t frame[2048] = {[12] = 0x81};
    uint32_t at = 12;
    struct packet p;
    for (uint32_t i = 0; i < vlans; i++, at += 4)
        frame[at] = 0x81, frame[at + 1] = 0, frame[at + 3] = 7;
    frame[at] = 0x08, frame[at + 1] = 0;
    uint8_t *h = frame + at + 2;
    memcpy(h, (uint8_t[]){0x45, 0, (uint8_t)(ip >> 8), (uint8_t)ip, 0, 0, 0, 0, 64, proto}, 10);
    memcpy(h + 12, (uint8_t[]){10, 1, 2, 3, 10, 4, 5, 6}, 8);
    h[20 + 3] = 9; /* a port, or the last byte of an SPI */
    h[20 + 12] = 0x50;
    memcpy(h + 40, (uint8_t[]){23, 3, 3, 0, 17}, 5);
    uint32_t length = (at + 2 + ip < 60 ? 60 : at + 2 + ip) + behind;
    packet_parse(PACKET_LINK_ETHERNET, frame, length, length, &p);
    return p;
}

static struct packet ipv4(uint8_t proto, uint32_t ip, uint32_t vlans) {
    return ipv4_and(proto, ip, vlans, 0);
}

START_TEST(esp_around_real_packets) {
    struct packet ack = ipv4(6, 40, 0), big = ipv4(6, 1501, 0), tagged = ipv4(17, 1001, 1);
    ck_assert_uint_eq(ack.frame_bytes, 64);
    /* Ethernet 18, IP 20, SPI to IV 16, packet 40, padding 2, trailer 2, check 16: the six
     * bytes that filled the frame up are not encrypted */
    ck_assert_uint_eq(CHAIN(&ack, 64, "esp-encap").bytes, 114);
    ck_assert_uint_eq(CHAIN(&ack, 64, "esp-encap", "esp-decap").bytes, 64);
    ck_assert_uint_eq(CHAIN(&big, 1519, "esp-encap").bytes, 18 + 20 + 16 + 1504 + 16);
    ck_assert_uint_eq(CHAIN(&tagged, 1023, "esp-encap").bytes, 22 + 20 + 16 + 1004 + 16);
    ck_assert_uint_eq(CHAIN(&tagged, 1023, "esp-encap", "esp-decap").bytes, 1023);
    struct packet none = ipv4(6, 40, 0);
    /* bytes, not one packet: they may be more than an IP header can say */
    ck_assert_uint_eq(CHAIN(NULL, 100000, "esp-encap").bytes, 18 + 20 + 16 + 99984 + 16);
    none.heads = 0; /* not IP: it goes by */
    ck_assert_uint_eq(CHAIN(&none, 64, "esp-encap").bytes, 0);
}
END_TEST

/* One byte of TCP payload: 18 + 40 + 1 is 59, and 5 fill the frame up to 64. */
START_TEST(padding_is_not_sealed) {
    struct packet one = ipv4(6, 41, 0), five = ipv4(6, 45, 0), ack = ipv4(6, 40, 0);
    ck_assert_uint_eq(one.padding, 5);
    ck_assert_uint_eq(CHAIN(&one, 64, "tls-encrypt").bytes, 18 + 40 + 1 + 22);
    ck_assert_uint_eq(CHAIN(&one, 64, "aes-gcm-encrypt").bytes, 18 + 40 + 1 + 16);
    ck_assert_uint_eq(CHAIN(&one, 64, "aes-xts-encrypt").bytes, 64);
    ck_assert_uint_eq(CHAIN(&one, 64, "tls-encrypt", "tls-decrypt").bytes, 64);
    ck_assert_uint_eq(CHAIN(&one, 64, "tls-encrypt", "aes-gcm-encrypt").bytes, 81 + 16);
    ck_assert_uint_eq(
        CHAIN(&one, 64, "tls-encrypt", "aes-gcm-encrypt", "aes-gcm-decrypt").bytes, 81);
    /* MACsec seals the frame as it is; ESP what TLS has made of the packet: 63, 3 and 2 */
    ck_assert_uint_eq(CHAIN(&one, 64, "macsec-protect").bytes, 64 + 32);
    ck_assert_uint_eq(CHAIN(&one, 64, "tls-encrypt", "esp-encap").bytes,
                      18 + 20 + 16 + 63 + 3 + 2 + 16);
    /* two of five bytes are left (0.3, rounded up): the frame stays full */
    ck_assert_uint_eq(five.padding, 1);
    ck_assert_uint_eq(CHAIN(&five, 64, "deflate-compress").bytes, 64);
    ck_assert_uint_eq(CHAIN(&five, 64, "deflate-compress", "aes-gcm-encrypt").bytes, 58 + 18);
    ck_assert_uint_eq(CHAIN(&five, 64, "deflate-compress", "esp-encap").bytes,
                      18 + 20 + 16 + 42 + 2 + 16);
    struct packet ten = ipv4(6, 50, 0); /* 68: three of ten are left, and 3 fill it up */
    ck_assert_uint_eq(CHAIN(&ten, 68, "deflate-compress").bytes, 64);
    ck_assert_uint_eq(CHAIN(&ten, 68, "deflate-compress", "deflate-decompress").bytes, 68);
    struct packet open = ipv4(6, 40 + 22, 0); /* as captured: TLS 1.3 around nothing more */
    ck_assert_uint_eq(CHAIN(&open, 80, "tls-decrypt").bytes, 64);
    /* nothing to seal: it goes by, there and back */
    static const char *const there[] = {"tls-encrypt", "aes-gcm-encrypt", "aes-xts-encrypt"};
    static const char *const back[] = {"tls-decrypt", "aes-gcm-decrypt", "aes-xts-decrypt"};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(CHAIN(&ack, 64, there[i]).bytes, 64);
        ck_assert_uint_eq(CHAIN(&ack, 64, there[i], back[i]).bytes, 64);
        ck_assert_uint_eq(CHAIN(&ack, 64, back[i]).bytes, 64);
    }
    /* in a tunnel the padding goes along, and goes first again: 64 + 50, 81 + 50 */
    ck_assert_uint_eq(CHAIN(&one, 64, "vxlan-encap").bytes, 114);
    ck_assert_uint_eq(CHAIN(&one, 64, "vxlan-encap", "tls-encrypt").bytes, 131);
    ck_assert_uint_eq(CHAIN(&one, 64, "tls-encrypt", "vxlan-encap").bytes, 131);
}
END_TEST

/* A check sequence that was captured as well lies behind the packet, and is not sealed. */
START_TEST(trailers_are_not_sealed) {
    struct packet ack = ipv4_and(6, 40, 0, 4), big = ipv4_and(6, 1500, 0, 4);
    ck_assert_uint_eq(ack.frame_bytes, 68);
    ck_assert_uint_eq(ack.padding, 10);
    ck_assert_uint_eq(CHAIN(&ack, 68, "esp-encap").bytes, 114);
    ck_assert_uint_eq(CHAIN(&ack, 68, "esp-encap", "esp-decap").bytes, 68);
    ck_assert_uint_eq(big.frame_bytes, 1522);
    ck_assert_uint_eq(CHAIN(&big, 1522, "esp-encap").bytes, 18 + 20 + 16 + 1504 + 16);
    ck_assert_uint_eq(CHAIN(&big, 1522, "tls-encrypt").bytes, 1518 + 22);
    ck_assert_uint_eq(CHAIN(&big, 1522, "tls-encrypt", "tls-decrypt").bytes, 1522);
    ck_assert_uint_eq(CHAIN(&big, 1522, "tls-encrypt", "esp-encap").bytes,
                      18 + 20 + 16 + 1522 + 2 + 16);
    ck_assert_uint_eq(CHAIN(&big, 1522, "aes-xts-encrypt").bytes, 1522);
    ck_assert_uint_eq(CHAIN(&big, 1522, "macsec-protect").bytes, 1522 + 32);
    ck_assert_uint_eq(CHAIN(&big, 1522, "vxlan-encap").bytes, 1522 + 50);
}
END_TEST

START_TEST(captured_esp_comes_off) {
    struct packet esp = ipv4(50, 120, 0);
    ck_assert_uint_eq(esp.esp, 1);
    struct sim_msg m = CHAIN(&esp, 138, "esp-decap");
    ck_assert_uint_eq(m.bytes, 138 - 20 - 16 - 2 - 16);
    ck_assert_uint_eq(m.level, 1); /* of which the facts know no header */
    ck_assert_uint_eq(m.wrap, 1ULL << WRAP_OPEN);
    ck_assert_uint_eq(CHAIN(&esp, 138, "esp-decap", "esp-decap").bytes, 0);
    ck_assert_uint_eq(CHAIN(&esp, 138, "esp-decap", "esp-encap", "esp-decap").bytes, 84);
    struct packet udp = ipv4(17, 120, 0);
    ck_assert_uint_eq(CHAIN(&udp, 138, "esp-decap").bytes, 0);
}
END_TEST

/* As above, but the IP header stays in front: 20 bytes less of it, and another padding. */
START_TEST(esp_in_transport_mode) {
    struct packet ack = ipv4(6, 40, 0), big = ipv4(6, 1501, 0), tagged = ipv4(17, 1001, 1);
    mode = "transport";
    /* Ethernet 18, IP 20, SPI to IV 16, TCP 20, padding 2, trailer 2, check 16 */
    ck_assert_uint_eq(CHAIN(&ack, 64, "esp-encap").bytes, 94);
    ck_assert_uint_eq(CHAIN(&ack, 64, "esp-encap", "esp-decap").bytes, 64);
    ck_assert_uint_eq(CHAIN(&big, 1519, "esp-encap").bytes, 18 + 20 + 16 + 1484 + 16);
    ck_assert_uint_eq(CHAIN(&tagged, 1023, "esp-encap").bytes, 22 + 20 + 16 + 984 + 16);
    ck_assert_uint_eq(CHAIN(&tagged, 1023, "esp-encap", "esp-decap").bytes, 1023);
    struct packet options = ipv4(6, 1501, 0); /* an IP header of 24 */
    options.head[0].l4_offset = (uint16_t)(options.head[0].l4_offset + 4);
    ck_assert_uint_eq(CHAIN(&options, 1519, "esp-encap").bytes, 18 + 24 + 16 + 1480 + 16);
    struct packet esp = ipv4(50, 120, 0);
    struct sim_msg m = CHAIN(&esp, 138, "esp-decap");
    ck_assert_uint_eq(m.bytes, 138 - 16 - 2 - 16);
    ck_assert_uint_eq(m.level, 0); /* its addresses are known */
    ck_assert_uint_eq(CHAIN(&esp, 138, "esp-decap", "esp-decap").bytes, 0);
    mode = "tunnel";
}
END_TEST

START_TEST(what_goes_on_comes_off) {
    struct packet p = ipv4(6, 1001, 0);
    struct sim_msg m = CHAIN(&p, 1019, "vxlan-encap", "esp-encap");
    ck_assert_uint_eq(m.bytes, 1019 + 50 + 20 + 16 + 3 + 2 + 16); /* 1,051 + 3 + 2: words */
    ck_assert_uint_eq(m.level, 127 << 1);
    m = CHAIN(&p, 1019, "vxlan-encap", "esp-encap", "esp-decap", "vxlan-decap");
    ck_assert_uint_eq(m.bytes, 1019);
    ck_assert_uint_eq(m.level, 0);
    ck_assert_uint_eq(m.wrap, 0);
    /* TLS 22, MACsec 32; then nothing more goes on, and the inner one only comes off inside */
    ck_assert_uint_eq(CHAIN(&p, 1019, "tls-encrypt", "macsec-protect").bytes, 1019 + 54);
    ck_assert_uint_eq(CHAIN(&p, 1019, "tls-encrypt", "macsec-protect", "esp-encap").bytes, 0);
    ck_assert_uint_eq(CHAIN(&p, 1019, "tls-encrypt", "macsec-protect", "tls-decrypt").bytes, 0);
    ck_assert_uint_eq(CHAIN(&p, 1019, "esp-encap", "vxlan-encap").bytes, 0);
    ck_assert_uint_eq(CHAIN(&p, 1019, "esp-encap", "vxlan-decap").bytes, 0);
    ck_assert_uint_eq(CHAIN(&p, 1019, "esp-encap", "aes-gcm-encrypt").bytes, 0);
    ck_assert_uint_eq(CHAIN(&p, 1019, "lz4-compress", "deflate-decompress").bytes, 0);
    /* payload of 961: 289 of it are left, 16 of tag come, and all comes back */
    ck_assert_uint_eq(CHAIN(&p, 1019, "deflate-compress", "aes-gcm-encrypt").bytes,
                      1019 - 961 + 289 + 16);
    ck_assert_uint_eq(CHAIN(&p, 1019, "deflate-compress", "aes-gcm-encrypt", "aes-gcm-decrypt",
                            "deflate-decompress")
                          .bytes,
                      1019);
}
END_TEST

START_TEST(needs_something_to_do) {
    struct bench b = bench_new(1, 0, 64);
    struct sim_comp *comp = bench_comp(&b, &model_engine, "engine", "{}");
    struct sim_err err = {0};
    comp->pointer = "/dpu/blocks/engine";
    ck_assert(!sim_comp_init(comp, &err));
    ck_assert_str_eq(err.text,
                     "can do nothing; state the bytes a cycle of what it can, such as "
                     "\"aes-gcm-encrypt\": 16");
    comp = bench_comp(&b, &model_engine, "few",
                      "{\"copy\": 1, \"ring\": 2, \"lanes\": 3, \"on_full\": \"drop\"}");
    comp->pointer = "/dpu/blocks/few";
    err = (struct sim_err){0};
    ck_assert(!sim_comp_init(comp, &err));
    ck_assert_str_eq(err.path, "/dpu/blocks/few/ring");
    (void)sim_comp_init(&b.sink->base, NULL);
    bench_free(&b);
}
END_TEST

/* The lengths of NIST SP 800-38D, and none. */
START_TEST(tags_are_those_of_gcm) {
    static const char *const ops[] = {"aes-gcm-encrypt", "aes-gcm-decrypt"};
    for (int64_t bytes = 0; bytes <= 16; bytes++)
        for (size_t i = 0; i < 2; i++) {
            struct sim_op op = {.name = ops[i]};
            struct sim_step step = {.op = &op, .pointer = "/chains/c/0"};
            struct sim_err err = {0};
            bool is = strchr("\1\5\11\15\16\17\20\21", (int)bytes + 1) != NULL;
            ck_assert_int_eq(treat_check(&step, &(struct treat_gcm_args){bytes}, &err), is);
            ck_assert_str_eq(err.path, is ? "" : "/chains/c/0/tag_bytes");
        }
}
END_TEST

TEST_MAIN("engine", bytes_occupancy_and_latency, lanes_share_the_ring,
          what_is_not_out_keeps_its_descriptor, a_full_ring_drops, every_other_one_is_known,
          refused_digests_stay, nothing_is_no_duplicate, esp_around_real_packets,
          padding_is_not_sealed, trailers_are_not_sealed, esp_in_transport_mode,
          captured_esp_comes_off, what_goes_on_comes_off, needs_something_to_do,
          tags_are_those_of_gcm)
