/* test_nic_headers.c - tunnels and NAT: bytes, levels, flows and hashes. */
#include "models/nic.h"
#include "tests/unit/probe.h"

extern const struct sim_model model_nic;

static uint32_t renewal; /* what a flow's renewal did to the hash */

static uint32_t flow; /* of the packet */

/* A chain of operations on one packet; args are of the first. @return what comes out; level
 * 0xff: nothing did. */
static struct sim_msg chain_of(const struct packet *p, uint32_t bytes, const char *const *op,
                               const char *args) {
    struct bench b = bench_new(1, 0, bytes);
    b.feed->like.body = p;
    b.feed->like.hash = p ? p->head[0].rss ^ renewal : 0;
    b.feed->like.flow = flow;
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{}");
    for (; *op != NULL; op++, args = NULL)
        bench_visit(&b, nic, *op, args);
    struct probe *out = probe_add(&b, "out");
    bench_run(&b);
    struct sim_msg m = {.bytes = out->saw[0].bytes,
                        .hash = out->saw[0].hash,
                        .flow = out->saw[0].flow,
                        .level = out->saw[0].level};
    if (out->seen == 0)
        m.level = 0xff;
    bench_free(&b);
    return m;
}

#define CHAIN(P, BYTES, ARGS, ...)                                                             \
    chain_of(P, BYTES, (const char *const[]){__VA_ARGS__, NULL}, ARGS)

START_TEST(what_goes_on_comes_off) {
    static const char six[] = "{\"outer\": \"ipv6\"}",
                      opt[] = "{\"outer\": \"ipv6\", \"options_bytes\": 10}";
    ck_assert_uint_eq(CHAIN(NULL, 200, NULL, "vxlan-encap").bytes, 250);
    ck_assert_uint_eq(CHAIN(NULL, 200, six, "vxlan-encap").bytes, 270);
    ck_assert_uint_eq(CHAIN(NULL, 200, NULL, "geneve-encap").bytes, 250);
    ck_assert_uint_eq(CHAIN(NULL, 200, opt, "geneve-encap").bytes, 282);
    struct sim_msg m = CHAIN(NULL, 200, NULL, "geneve-encap", "geneve-decap");
    ck_assert_uint_eq(m.bytes, 200);
    ck_assert_uint_eq(m.level, 0);
    ck_assert_uint_eq(CHAIN(NULL, 200, NULL, "vxlan-encap", "vxlan-decap").bytes, 200);
    /* of another kind, none, or twice */
    ck_assert_uint_eq(CHAIN(NULL, 200, NULL, "vxlan-encap", "geneve-decap").level, 0xff);
    ck_assert_uint_eq(CHAIN(NULL, 200, NULL, "vxlan-decap").level, 0xff);
    ck_assert_uint_eq(CHAIN(NULL, 200, NULL, "vxlan-encap", "vxlan-encap").level, 0xff);
}
END_TEST

static size_t put_ip(uint8_t *at, uint8_t proto, size_t payload) {
    size_t n = 20 + payload;
    memcpy(at, (uint8_t[]){0x45, 0, (uint8_t)(n >> 8), (uint8_t)n, 0, 0, 0, 0, 64, proto, 0, 0},
           12);
    memcpy(at + 12, (uint8_t[]){10, 1, 2, 3, 10, 4, 5, 6}, 8);
    return 20;
}

static size_t put_ethernet(uint8_t *at) {
    memset(at, 2, 12);
    at[12] = 8;
    at[13] = 0;
    return 14;
}

static size_t put_udp(uint8_t *at, uint16_t dport, size_t payload) {
    size_t n = 8 + payload;
    memcpy(at,
           (uint8_t[]){0xc0, 1, (uint8_t)(dport >> 8), (uint8_t)dport, (uint8_t)(n >> 8),
                       (uint8_t)n, 0, 0},
           8);
    return 8;
}

/* UDP in IPv4 in Ethernet in a tunnel in UDP in IPv4, in Ethernet or with a foreign link header
 * of 16 bytes in front. */
static struct packet tunnelled(bool geneve, uint8_t options, bool foreign) {
    enum { PAYLOAD = 100, INNER = 14 + 20 + 8 + PAYLOAD };
    uint8_t frame[512] = {0}, *at = frame;
    size_t rest = 8u + options + INNER;
    if (foreign) {
        frame[15] = 0;
        frame[14] = 8;
        at += 16;
    } else {
        at += put_ethernet(at);
    }
    at += put_ip(at, 17, 8 + rest);
    at += put_udp(at, geneve ? 6081 : 4789, rest);
    at[0] = geneve ? options / 4 : 8;
    at[2] = geneve ? 0x65 : 0;
    at[3] = geneve ? 0x58 : 0;
    at += 8 + options;
    at += put_ethernet(at);
    at += put_ip(at, 17, 8 + PAYLOAD);
    at += put_udp(at, 53, PAYLOAD);
    uint32_t n = (uint32_t)(at - frame) + PAYLOAD;
    struct packet p;
    packet_parse(foreign ? PACKET_LINK_SLL : PACKET_LINK_ETHERNET, frame, n, n, &p);
    ck_assert_uint_eq(p.heads, 2);
    return p;
}

/* The frame inside with its FCS: 14 + 20 + 8 + 100 + 4. */
START_TEST(captured_tunnels_come_off) {
    static const struct {
        bool geneve;
        uint8_t options;
        bool foreign;
    } way[] = {{false, 0, false},
               {true, 0, false},
               {true, 12, false},
               {false, 0, true},
               {true, 8, true}};
    for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
        struct packet p = tunnelled(way[i].geneve, way[i].options, way[i].foreign);
        const char *op = way[i].geneve ? "geneve-decap" : "vxlan-decap";
        struct sim_msg m = CHAIN(&p, p.frame_bytes, NULL, op);
        ck_assert_msg(m.bytes == 146, "case %zu: %u bytes", i, m.bytes);
        ck_assert_uint_eq(m.level, 1);
        ck_assert_uint_eq(m.hash, p.head[1].rss);
        ck_assert_uint_eq(CHAIN(&p, p.frame_bytes, NULL, op, op).level, 0xff);
        const char *other = way[i].geneve ? "vxlan-decap" : "geneve-decap";
        ck_assert_uint_eq(CHAIN(&p, p.frame_bytes, NULL, other).level, 0xff);
        m = CHAIN(&p, p.frame_bytes, NULL, op, "vxlan-encap", "vxlan-decap");
        ck_assert_uint_eq(m.bytes, 146);
        ck_assert_uint_eq(m.level, 1);
    }
}
END_TEST

/* The flow is that of the header that is outermost, of the same renewal; what this card puts on
 * and rewrites leaves it. */
START_TEST(the_flow_inside_a_tunnel) {
    for (int geneve = 0; geneve < 2; geneve++) {
        struct packet p = tunnelled(geneve, 0, false);
        const char *off = geneve ? "geneve-decap" : "vxlan-decap";
        p.flow = 3;
        p.inner_flow = 5;
        p.inner_apart = 2;
        for (uint32_t turn = 0; turn < 4; turn++) {
            uint32_t inner = 5 + 2 * 10 * turn;
            flow = 3 + 10 * turn;
            ck_assert_uint_eq(CHAIN(&p, p.frame_bytes, NULL, "nat", "rss").flow, flow);
            ck_assert_uint_eq(CHAIN(&p, p.frame_bytes, NULL, "vxlan-encap").flow, flow);
            ck_assert_uint_eq(CHAIN(&p, p.frame_bytes, NULL, "vxlan-encap", "vxlan-decap").flow,
                              flow);
            ck_assert_uint_eq(CHAIN(&p, p.frame_bytes, NULL, off).flow, inner);
            ck_assert_uint_eq(CHAIN(&p, p.frame_bytes, NULL, "nat", off, "nat").flow, inner);
            ck_assert_uint_eq(
                CHAIN(&p, p.frame_bytes, NULL, off, "vxlan-encap", "vxlan-decap").flow, inner);
        }
        flow = 0;
    }
}
END_TEST

static struct packet crowd[50];

static void one_after_the_other(struct sim_msg *m, uint64_t number) {
    m->body = &crowd[number % 50];
    m->flow = crowd[number % 50].flow;
}

/* Look-ups of 50 packets twice, each inserted when missed, with the tunnel on or off. */
static int64_t misses_of(uint32_t outer, uint32_t inner, bool off) {
    for (uint32_t i = 0; i < 50; i++) {
        crowd[i] = tunnelled(false, 0, false);
        crowd[i].flow = i % outer;
        crowd[i].inner_flow = i % inner;
    }
    struct bench b = bench_new(100, 1000000, crowd[0].frame_bytes);
    probe_add(&b, "in")->vary = one_after_the_other;
    struct sim_comp *nic = bench_block(
        &b, &model_nic, "nic", "{\"insert_rate\": 1000000000, \"insert_latency\": \"0s\"}");
    if (off)
        bench_visit(&b, nic, "vxlan-decap", NULL);
    probe_go_on(&b, bench_visit(&b, nic, "flow", NULL), NIC_MISS); /* a miss goes on */
    bench_visit(&b, nic, "flow-insert", NULL);
    bench_run(&b);
    int64_t misses = stat_of(nic, "misses");
    ck_assert_int_eq(stat_of(nic, "hits"), 100 - misses);
    ck_assert_int_eq(stat_of(nic, "inserted"), misses);
    bench_free(&b);
    return misses;
}

START_TEST(tables_know_the_outermost_flow) {
    ck_assert_int_eq(misses_of(1, 50, false), 1);
    ck_assert_int_eq(misses_of(1, 50, true), 50);
    ck_assert_int_eq(misses_of(2, 50, true), 50);
    ck_assert_int_eq(misses_of(50, 1, false), 50);
    ck_assert_int_eq(misses_of(50, 1, true), 1);
}
END_TEST

static uint32_t renewed_hash(const struct packet_head *head, uint32_t mask) {
    return head->rss ^ packet_rss_delta(packet_rss_key, head->version, mask);
}

/* A renewed flow has another source address, inside its tunnel too; translated to one address
 * of a pool it is as any other. What NAT did to the outer header goes with it. */
START_TEST(renewed_flows_keep_their_difference) {
    struct packet p = tunnelled(false, 0, false);
    static const char *const decap[] = {"vxlan-decap", "rss", NULL};
    static const char *const snat[] = {"vxlan-decap", "nat", "rss", NULL};
    static const char *const before[] = {"nat", "vxlan-decap", "rss", NULL};
    static const char *const kind[] = {"{\"kind\": \"snat\"}", "{\"kind\": \"dnat\"}",
                                       "{\"kind\": \"both\"}"};
    uint32_t plain = chain_of(&p, p.frame_bytes, snat, NULL).hash;
    p.head[0].rss ^= 0x1234567; /* as of other addresses: it must not matter */
    for (uint32_t i = 0; i < 50; i++) {
        uint32_t mask = packet_flow_mask(7 * i), inner = renewed_hash(&p.head[1], mask);
        flow = 7 * i;
        renewal = renewed_hash(&p.head[0], mask) ^ p.head[0].rss;
        ck_assert_uint_eq(chain_of(&p, p.frame_bytes, decap, NULL).hash, inner);
        for (int k = 0; k < 3; k++)
            ck_assert_uint_eq(chain_of(&p, p.frame_bytes, before, kind[k]).hash, inner);
        ck_assert_uint_eq(chain_of(&p, p.frame_bytes, snat, NULL).hash, plain);
    }
    flow = renewal = 0;
}
END_TEST

/* A tunnel of IPv4 around IPv6: each level's own source address is another one. */
START_TEST(renewal_of_two_versions) {
    struct packet p = tunnelled(false, 0, false);
    p.head[1].version = 6;
    for (uint8_t i = 0; i < 16; i++)
        p.head[1].src[i] = p.head[1].dst[15 - i] = i;
    p.head[1].rss = packet_rss(packet_rss_key, &p.head[1]);
    flow = 1000;
    uint32_t mask = packet_flow_mask(flow);
    renewal = renewed_hash(&p.head[0], mask) ^ p.head[0].rss;
    ck_assert_uint_eq(CHAIN(&p, p.frame_bytes, NULL, "vxlan-decap").hash,
                      renewed_hash(&p.head[1], mask));
    p.heads = 1; /* no IP in the tunnel */
    ck_assert_uint_eq(CHAIN(&p, p.frame_bytes, NULL, "vxlan-decap").hash, 0);
    flow = renewal = 0;
}
END_TEST

/* What the hash becomes is the hash of the rewritten addresses. */
START_TEST(nat_changes_the_hash_as_the_addresses) {
    for (uint8_t version = 4; version <= 6; version += 2) {
        struct packet p = {.heads = 1};
        struct packet_head *h = &p.head[0];
        *h = (struct packet_head){
            .version = version, .l4 = PACKET_L4_TCP, .sport = 1234, .dport = 443};
        for (uint8_t i = 0; i < 16; i++) {
            h->src[i] = (uint8_t)(17 * i + 3);
            h->dst[i] = (uint8_t)(29 * i + 5);
        }
        h->rss = packet_rss(packet_rss_key, h);
        struct packet_head s = *h, d = *h, both = *h;
        static const uint8_t pool[4] = {100, 64, 0, 0}; /* of one address: any flow gets it */
        size_t last = version == 6 ? 12 : 0;
        memcpy(s.src + last, pool, 4);
        memcpy(d.dst + last, pool, 4);
        memcpy(both.src + last, pool, 4);
        memcpy(both.dst + last, pool, 4);
        struct sim_msg m = CHAIN(&p, 500, NULL, "nat");
        ck_assert_uint_eq(m.hash, packet_rss(packet_rss_key, &s));
        ck_assert_uint_eq(m.bytes, 500);
        m = CHAIN(&p, 500, "{\"kind\": \"dnat\"}", "nat");
        ck_assert_uint_eq(m.hash, packet_rss(packet_rss_key, &d));
        m = CHAIN(&p, 500, "{\"kind\": \"both\"}", "nat");
        ck_assert_uint_eq(m.hash, packet_rss(packet_rss_key, &both));
        ck_assert_uint_eq(CHAIN(&p, 500, NULL, "nat", "rss").hash,
                          packet_rss(packet_rss_key, &s));
    }
}
END_TEST

static struct packet nat_packet;

static void thousand_flows(struct sim_msg *m, uint64_t number) {
    m->flow = (uint32_t)(number % 1000);
    m->body = &nat_packet;
}

/* A flow keeps its address; a pool of four is used by all. */
START_TEST(nat_pool) {
    nat_packet = (struct packet){.heads = 1, .head = {{.version = 4}}};
    struct bench b = bench_new(3000, 0, 500);
    probe_add(&b, "in")->vary = thousand_flows;
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{}");
    bench_visit(&b, nic, "nat", "{\"pool\": 4}");
    struct probe *out = probe_add(&b, "out");
    bench_run(&b);
    uint32_t of[4] = {0}, seen = 0;
    for (int i = 0; i < 3000; i++) {
        uint32_t k = 0;
        ck_assert_uint_eq(out->saw[i].hash, out->saw[i % 1000].hash);
        while (k < seen && of[k] != out->saw[i].hash)
            k++;
        ck_assert_uint_lt(k, 4);
        if (k == seen)
            of[seen++] = out->saw[i].hash;
    }
    ck_assert_uint_eq(seen, 4);
    ck_assert_int_eq(stat_of(nic, "translated"), 3000);
    bench_free(&b);
}
END_TEST

TEST_MAIN("nic headers", what_goes_on_comes_off, captured_tunnels_come_off,
          the_flow_inside_a_tunnel, tables_know_the_outermost_flow,
          renewed_flows_keep_their_difference, renewal_of_two_versions,
          nat_changes_the_hash_as_the_addresses, nat_pool)
