/* test_toeplitz.c - the RSS hash against Microsoft's published vectors and against itself. */
#include "models/payload.h"
#include "tests/check_main.h"
#include <arpa/inet.h>
#include <string.h>

struct vector { /* Microsoft, "Verifying the RSS Hash Calculation" */
    const char *dst, *src;
    uint16_t dport, sport;
    uint32_t addresses, tcp;
};

static const struct vector v4[] = {
    {"161.142.100.80", "66.9.149.187", 1766, 2794, 0x323e8fc2, 0x51ccc178},
    {"65.69.140.83", "199.92.111.2", 4739, 14230, 0xd718262a, 0xc626b0ea},
    {"12.22.207.184", "24.19.198.95", 38024, 12898, 0xd2d0a5de, 0x5c2b394a},
    {"209.142.163.6", "38.27.205.30", 2217, 48228, 0x82989176, 0xafc7327f},
    {"202.188.127.2", "153.39.163.191", 1303, 44251, 0x5d1809c5, 0x10e828a2},
};

static const struct vector v6[] = {
    {"3ffe:2501:200:3::1", "3ffe:2501:200:1fff::7", 1766, 2794, 0x2cc18cd5, 0x40207d3d},
    {"ff02::1", "3ffe:501:8::260:97ff:fe40:efab", 4739, 14230, 0x0f0c461c, 0xdde51bbf},
    {"fe80::200:f8ff:fe21:67cf", "3ffe:1900:4545:3:200:f8ff:fe21:67cf", 38024, 44251,
     0x4b61e985, 0x02d1feef},
};

static struct packet_head head_of(const struct vector *v, uint8_t version) {
    struct packet_head h = {.version = version, .sport = v->sport, .dport = v->dport};
    int family = version == 4 ? AF_INET : AF_INET6;
    ck_assert_int_eq(inet_pton(family, v->src, h.src), 1);
    ck_assert_int_eq(inet_pton(family, v->dst, h.dst), 1);
    return h;
}

static void check_vector(const struct vector *v, uint8_t version) {
    struct packet_head h = head_of(v, version);
    ck_assert_uint_eq(packet_rss(packet_rss_key, &h), v->addresses);
    h.l4 = PACKET_L4_TCP;
    ck_assert_uint_eq(packet_rss(packet_rss_key, &h), v->tcp);
    h.l4 = PACKET_L4_UDP;
    ck_assert_uint_eq(packet_rss(packet_rss_key, &h), v->tcp);
    h.flags = PACKET_FRAGMENT; /* ports of a fragment would split the datagram */
    ck_assert_uint_eq(packet_rss(packet_rss_key, &h), v->addresses);
}

START_TEST(microsoft_vectors) {
    for (size_t i = 0; i < sizeof v4 / sizeof *v4; i++)
        check_vector(&v4[i], 4);
    for (size_t i = 0; i < sizeof v6 / sizeof *v6; i++)
        check_vector(&v6[i], 6);
    struct packet_head none = {0};
    ck_assert_uint_eq(packet_rss(packet_rss_key, &none), 0);
}
END_TEST

static uint64_t draw(uint64_t *state) {
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return *state >> 24;
}

static struct packet_head random_head(uint64_t *state) {
    struct packet_head h = {.version = draw(state) & 1 ? 4 : 6,
                            .l4 = (uint8_t)(draw(state) % 6),
                            .flags = draw(state) % 4 ? 0 : PACKET_FRAGMENT,
                            .sport = (uint16_t)draw(state),
                            .dport = (uint16_t)draw(state)};
    for (int i = 0; i < 16; i++) {
        h.src[i] = (uint8_t)draw(state);
        h.dst[i] = (uint8_t)draw(state);
    }
    return h;
}

START_TEST(tables_equal_reference) {
    uint8_t key[40];
    uint64_t state = 1;
    for (int i = 0; i < 40; i++)
        key[i] = (uint8_t)draw(&state);
    struct packet_rss_table *table = malloc(sizeof *table);
    packet_rss_table_init(table, key);
    for (int i = 0; i < 10000; i++) {
        struct packet_head h = random_head(&state);
        ck_assert_uint_eq(packet_rss_fast(table, &h), packet_rss(key, &h));
    }
    free(table);
}
END_TEST

START_TEST(usual_key_is_fast_and_equal) {
    uint8_t copy[40];
    memcpy(copy, packet_rss_key, sizeof copy);
    uint64_t state = 2;
    for (int i = 0; i < 10000; i++) {
        struct packet_head h = random_head(&state);
        ck_assert_uint_eq(packet_rss(packet_rss_key, &h), packet_rss(copy, &h));
    }
}
END_TEST

START_TEST(delta_is_linear) {
    uint64_t state = 3;
    for (int i = 0; i < 10000; i++) {
        struct packet_head h = random_head(&state);
        uint32_t mask = (uint32_t)draw(&state), before = packet_rss(packet_rss_key, &h);
        size_t last = h.version == 4 ? 0 : 12;
        for (size_t b = 0; b < 4; b++)
            h.src[last + b] = (uint8_t)(h.src[last + b] ^ mask >> (24 - 8 * b));
        ck_assert_uint_eq(packet_rss(packet_rss_key, &h),
                          before ^ packet_rss_delta(packet_rss_key, h.version, mask));
    }
}
END_TEST

TEST_MAIN("toeplitz", microsoft_vectors, tables_equal_reference, usual_key_is_fast_and_equal,
          delta_is_linear)
