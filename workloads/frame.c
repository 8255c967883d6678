/* frame.c - header bytes of synthetic packets, and mixes of frame sizes.
 *
 * Ethernet, IPv4 or IPv6 without options, UDP or TCP with ACK set. Addresses are those set
 * apart for benchmarks: 198.18.0.0/15 (RFC 2544) and 2001:2::/48 (RFC 5180); the flow is in the
 * low 16 bits of the source address and in the source port. Left out: checksums of L4, which
 * no block looks at; numbers that count, sequence numbers among them (struct packet's `made`).
 */
#include "workloads/frame.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ETHERNET = 14, IPV4 = 20, IPV6 = 40, UDP = 8, TCP = 20, FCS = 4, MAX_WEIGHT = 1000000 };
enum { FIRST_PORT = 49152, PORTS = 16384, TO_PORT = 443 };

static uint32_t header_bytes(struct work_frame_kind kind) {
    uint32_t l3 = kind.ipv6 ? IPV6 : IPV4, l4 = kind.tcp ? TCP : UDP;
    return ETHERNET + l3 + l4;
}

uint32_t work_frame_least(struct work_frame_kind kind) {
    uint32_t n = header_bytes(kind) + FCS;
    return n < WORK_FRAME_MIN ? WORK_FRAME_MIN : n;
}

static void put16(uint8_t *at, uint32_t v) {
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

static void put_checksum(uint8_t *ip) {
    uint32_t sum = 0;
    for (int i = 0; i < IPV4; i += 2)
        sum += (uint32_t)ip[i] << 8 | ip[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    put16(ip + 10, ~sum);
}

static void put_ipv4(uint8_t *ip, uint8_t proto, uint32_t flow, uint32_t bytes) {
    static const uint8_t base[IPV4] = {0x45, 0, 0,   0,  0, 0, 0x40, 0,  64, 0,
                                       0,    0, 198, 18, 0, 0, 198,  19, 0,  1};
    memcpy(ip, base, IPV4);
    put16(ip + 2, bytes);
    ip[9] = proto;
    put16(ip + 14, flow);
    put_checksum(ip);
}

static void put_ipv6(uint8_t *ip, uint8_t proto, uint32_t flow, uint32_t bytes) {
    static const uint8_t base[IPV6] = {[0] = 0x60,  [7] = 64, [8] = 0x20, [9] = 1,  [11] = 2,
                                       [24] = 0x20, [25] = 1, [27] = 2,   [31] = 1, [39] = 1};
    memcpy(ip, base, IPV6);
    put16(ip + 4, bytes - IPV6);
    ip[6] = proto;
    put16(ip + 22, flow);
}

static void put_l4(uint8_t *l4, bool tcp, uint32_t flow, uint32_t bytes) {
    put16(l4, FIRST_PORT + flow % PORTS);
    put16(l4 + 2, TO_PORT);
    if (tcp) {
        l4[12] = TCP / 4 << 4;
        l4[13] = 0x10; /* ACK */
        put16(l4 + 14, 65535);
    } else {
        put16(l4 + 4, bytes);
    }
}

void work_frame_parse(struct work_frame_kind kind, uint32_t flow, uint32_t frame_bytes,
                      struct packet *out) {
    uint8_t frame[ETHERNET + IPV6 + TCP] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
    uint8_t proto = kind.tcp ? 6 : 17;
    uint32_t ip_bytes = frame_bytes - ETHERNET - FCS, header = kind.ipv6 ? IPV6 : IPV4;
    SIM_ASSERT(flow < WORK_FRAME_FLOWS && frame_bytes >= work_frame_least(kind));
    put16(frame + 12, kind.ipv6 ? 0x86dd : 0x0800);
    (kind.ipv6 ? put_ipv6 : put_ipv4)(frame + ETHERNET, proto, flow, ip_bytes);
    put_l4(frame + ETHERNET + header, kind.tcp, flow, ip_bytes - header);
    packet_parse(PACKET_LINK_ETHERNET, frame, header_bytes(kind), frame_bytes - FCS, out);
    out->made = 1;
}

/* ---------------------------------------------------------------- sizes */

/* A decimal number at *at, which moves behind it. */
static bool number(const char **at, uint64_t *value) {
    if (**at < '0' || **at > '9')
        return false;
    char *end;
    *value = strtoull(*at, &end, 10);
    *at = end;
    return true;
}

static bool add(struct work_sizes *s, uint64_t bytes, uint64_t weight, uint32_t least,
                struct sim_err *err) {
    if (bytes < least || bytes > WORK_FRAME_MAX)
        return sim_fail(err, NULL, NULL,
                        "a frame of %llu bytes is out of bounds; with these headers %u to %d "
                        "bytes can be sent",
                        (unsigned long long)bytes, least, WORK_FRAME_MAX);
    if (weight < 1 || weight > MAX_WEIGHT)
        return sim_fail(err, NULL, NULL, "a weight of %llu is out of bounds; use 1 to %d",
                        (unsigned long long)weight, MAX_WEIGHT);
    if (s->n == WORK_SIZES)
        return sim_fail(err, NULL, NULL, "more than %d sizes", WORK_SIZES);
    s->bytes[s->n] = (uint32_t)bytes;
    s->upto[s->n] = (s->n ? s->upto[s->n - 1] : 0) + weight;
    s->n++;
    return true;
}

bool work_sizes_read(struct work_sizes *sizes, const char *text, uint32_t least,
                     struct sim_err *err) {
    char quoted[64], entry[64];
    const char *at = strcmp(text, "imix") == 0 ? "64:7,594:4,1518:1" : text;
    uint64_t bytes, weight;
    sizes->n = 0;
    do {
        const char *from = at;
        weight = 1;
        bool ok = number(&at, &bytes);
        if (ok && *at == ':') {
            at++;
            ok = number(&at, &weight);
        }
        if (!ok || (*at != ',' && *at != '\0'))
            return sim_fail(err, NULL, NULL,
                            "%s is not a list of sizes; write \"imix\", \"1518\" or "
                            "\"64:7,594:4,1518:1\"",
                            sim_quote(text, quoted, sizeof quoted));
        snprintf(entry, sizeof entry, "%.*s", (int)(at - from), from);
        if (bytes == UINT64_MAX || weight == UINT64_MAX) /* what no 64 bits hold is that */
            return sim_fail(
                err, NULL, NULL, "%s is too large; a size is at most %d bytes, a weight %d",
                sim_quote(entry, quoted, sizeof quoted), WORK_FRAME_MAX, MAX_WEIGHT);
        if (!add(sizes, bytes, weight, least, err))
            return false;
    } while (*at++ == ',');
    return true;
}
