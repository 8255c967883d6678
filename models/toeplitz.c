/* toeplitz.c - the hash by which receive-side scaling spreads flows over queues.
 *
 * Input, in network byte order: source address, destination address, then source and
 * destination port for unfragmented TCP and UDP. Left out: IPv6 home addresses and routing
 * headers as a source of addresses, SCTP ports.
 * Whose definition: Microsoft, "RSS Hashing Functions" and "Verifying the RSS Hash
 * Calculation", whose key and vectors these are. Drivers of cards set other keys, so a single
 * flow goes to another queue there: docs/sources.md, section 2.
 */
#include "models/payload.h"
#include <pthread.h>
#include <string.h>

enum { KEY_BYTES = 40, MAX_INPUT = 36 };

const uint8_t packet_rss_key[KEY_BYTES] = {
    0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
    0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
    0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

/* 32 bits of the key from bit `bit` on. */
static uint32_t window(const uint8_t key[KEY_BYTES], size_t bit) {
    uint64_t bits = 0;
    for (size_t i = 0; i < 5; i++)
        bits = bits << 8 | (bit / 8 + i < KEY_BYTES ? key[bit / 8 + i] : 0);
    return (uint32_t)(bits >> (8 - bit % 8));
}

/* What byte `value` at position `at` of the input contributes. */
static uint32_t share(const uint8_t key[KEY_BYTES], size_t at, unsigned value) {
    uint32_t hash = 0;
    for (size_t bit = 0; bit < 8; bit++)
        if (value & 0x80U >> bit)
            hash ^= window(key, at * 8 + bit);
    return hash;
}

uint32_t packet_toeplitz(const uint8_t key[KEY_BYTES], const uint8_t *input, size_t n) {
    uint32_t hash = 0;
    for (size_t i = 0; i < n && i < MAX_INPUT; i++)
        hash ^= share(key, i, input[i]);
    return hash;
}

void packet_rss_table_init(struct packet_rss_table *table, const uint8_t key[KEY_BYTES]) {
    for (size_t at = 0; at < MAX_INPUT; at++)
        for (unsigned value = 0; value < 256; value++)
            table->of[at][value] = share(key, at, value);
}

/* @return bytes written to input: 0, 8, 12, 32 or 36. */
static size_t rss_input(const struct packet_head *head, uint8_t input[MAX_INPUT]) {
    size_t address = head->version == 4 ? 4 : head->version == 6 ? 16 : 0, n = 2 * address;
    memcpy(input, head->src, address);
    memcpy(input + address, head->dst, address);
    bool l4 = head->l4 == PACKET_L4_TCP || head->l4 == PACKET_L4_UDP;
    if (n == 0 || !l4 || head->flags & PACKET_FRAGMENT)
        return n;
    input[n++] = (uint8_t)(head->sport >> 8);
    input[n++] = (uint8_t)head->sport;
    input[n++] = (uint8_t)(head->dport >> 8);
    input[n++] = (uint8_t)head->dport;
    return n;
}

uint32_t packet_rss_fast(const struct packet_rss_table *table, const struct packet_head *head) {
    uint8_t input[MAX_INPUT];
    size_t n = rss_input(head, input);
    uint32_t hash = 0;
    for (size_t i = 0; i < n; i++)
        hash ^= table->of[i][input[i]];
    return hash;
}

static struct packet_rss_table usual; /* of packet_rss_key; written once */
static pthread_once_t usual_once = PTHREAD_ONCE_INIT;

static void usual_init(void) { packet_rss_table_init(&usual, packet_rss_key); }

uint32_t packet_rss(const uint8_t key[KEY_BYTES], const struct packet_head *head) {
    if (key == packet_rss_key) {
        pthread_once(&usual_once, usual_init);
        return packet_rss_fast(&usual, head);
    }
    uint8_t input[MAX_INPUT];
    return packet_toeplitz(key, input, rss_input(head, input));
}

uint32_t packet_rss_delta(const uint8_t key[KEY_BYTES], uint8_t version, uint32_t mask) {
    size_t first = version == 6 ? 12 : 0; /* of the source address' last four bytes */
    uint32_t hash = 0;
    for (size_t i = 0; i < 4; i++)
        hash ^= share(key, first + i, mask >> (24 - 8 * i) & 0xff);
    return hash;
}
