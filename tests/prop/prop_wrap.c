/* prop_wrap.c - layers that engines put on come off again, byte for byte, whatever they are put
 * on: random packets, random layers, in a tunnel or not.
 */
#include "models/payload.h"
#include "tests/unit/probe.h"

extern const struct sim_model model_engine, model_nic;

static const struct {
    const char *on, *off;
} layers[] = {{"esp-encap", "esp-decap"},
              {"macsec-protect", "macsec-validate"},
              {"tls-encrypt", "tls-decrypt"},
              {"aes-gcm-encrypt", "aes-gcm-decrypt"},
              {"aes-xts-encrypt", "aes-xts-decrypt"},
              {"deflate-compress", "deflate-decompress"},
              {"lz4-compress", "lz4-decompress"},
              {"vxlan-encap", "vxlan-decap"}};

enum { LAYERS = sizeof layers / sizeof *layers, SEEDS = 2000 };

/* A packet with an IP header, or none, somewhere in its frame. */
static struct packet any_packet(uint64_t seed) {
    struct packet p;
    packet_parse(PACKET_LINK_ETHERNET, (const uint8_t *)"", 0, 0, &p);
    p.heads = (uint8_t)(test_mix(seed, 1) % 8 > 0);
    p.vlans = (uint8_t)(test_mix(seed, 2) % 3);
    p.head[0].version = 4;
    p.head[0].l3_offset = (uint16_t)(14 + 4 * p.vlans);
    p.head[0].header_bytes = (uint16_t)(20 + test_mix(seed, 3) % 60);
    p.head[0].payload = (uint32_t)(test_mix(seed, 4) % 9000);
    if (test_mix(seed, 4) % 4 == 0)
        p.head[0].payload = (uint32_t)(test_mix(seed, 5) % 40);
    p.frame_bytes = p.head[0].l3_offset + p.head[0].header_bytes + p.head[0].payload + 4U;
    if (p.frame_bytes < 64)
        p.frame_bytes = 64;
    return p;
}

static const char *args_of(const char *op, uint64_t seed) {
    if (strcmp(op, "esp-encap") == 0)
        return seed % 3 == 0   ? NULL
               : seed % 3 == 1 ? "{\"udp\": true, \"outer\": \"ipv6\"}"
                               : "{\"mode\": \"transport\"}";
    if (strcmp(op, "esp-decap") == 0)
        return seed % 3 == 2 ? "{\"mode\": \"transport\"}" : NULL;
    if (strstr(op, "press") != NULL)
        return seed % 2 ? "{\"ratio\": 0.3}" : "{\"ratio\": 1.01}";
    return NULL;
}

static void go_by(struct bench *b, struct sim_comp *comp, const char *op, uint64_t seed) {
    struct sim_step *step = bench_visit(b, comp, op, args_of(op, seed));
    for (int v = 1; v < SIM_VERDICTS; v++)
        step->hop[v] = (struct sim_hop){.kind = SIM_HOP_DROP,
                                        .cause = sim_cause_add(b->w, comp, "refused")};
}

/* Up to three layers, those of the payload first. @return whether they all went on. */
static bool round_trip(uint64_t seed) {
    struct packet p = any_packet(seed);
    struct bench b = bench_new(1, 0, p.frame_bytes);
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{}");
    struct sim_comp *engine = bench_block(
        &b, &model_engine, "engine",
        "{\"esp-encap\": 1, \"esp-decap\": 1, \"macsec-protect\": 1, \"macsec-validate\": 1, "
        "\"tls-encrypt\": 1, \"tls-decrypt\": 1, \"aes-gcm-encrypt\": 1, "
        "\"aes-gcm-decrypt\": 1, \"aes-xts-encrypt\": 1, \"aes-xts-decrypt\": 1, "
        "\"deflate-compress\": 1, \"deflate-decompress\": 1, \"lz4-compress\": 1, "
        "\"lz4-decompress\": 1}");
    uint64_t n = 1 + test_mix(seed, 6) % 3, pick[3];
    b.feed->like.body = test_mix(seed, 7) % 4 ? &p : NULL;
    for (uint64_t i = 0; i < n; i++)
        pick[i] = test_mix(seed, 8 + i) % LAYERS;
    for (uint64_t i = 0; i < n; i++)
        go_by(&b, strstr(layers[pick[i]].on, "vxlan") ? nic : engine, layers[pick[i]].on, seed);
    struct probe *on = probe_add(&b, "on");
    for (uint64_t i = n; i-- > 0;)
        go_by(&b, strstr(layers[pick[i]].off, "vxlan") ? nic : engine, layers[pick[i]].off,
              seed);
    struct probe *off = probe_add(&b, "off");
    bench_run(&b);
    bool went = on->seen > 0;
    if (went) {
        ck_assert_msg(off->seen == 1, "seed %llu: %s ... does not come off",
                      (unsigned long long)seed, layers[pick[n - 1]].on);
        ck_assert_uint_eq(off->saw[0].bytes, p.frame_bytes);
        ck_assert_uint_eq(off->saw[0].level, 0);
        ck_assert_uint_eq(off->saw[0].wrap, 0);
    }
    bench_free(&b);
    return went;
}

START_TEST(on_and_off) {
    int went = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        went += round_trip(seed);
    ck_assert_int_gt(went, SEEDS / 2);
}
END_TEST

TEST_MAIN("wrap", on_and_off)
