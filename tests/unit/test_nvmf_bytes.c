/* test_nvmf_bytes.c - bytes on the wire of a request over NVMe over Fabrics, against closed
 * forms of the standards, for sizes around whole packets.
 *
 * RoCEv2: around each packet Ethernet 14 and 4, IPv4 20, UDP 8, BTH 12, ICRC 4; a command is a
 * SEND of 64 bytes, a completion one of 16; data of a read is an RDMA WRITE (RETH 16 in its
 * first packet), data of a write an RDMA READ (request with RETH; AETH 4 in the first and the
 * last packet of the response), or behind the command in its capsule. TCP: around each segment
 * Ethernet 14 and 4, IPv4 20, TCP 20 and time stamps 12; PDU headers of 8 bytes and 64 of a
 * command, 8 and 16 of others, digests of 4 behind header and data.
 */
#include "app_summary.h"

enum { REQUESTS = 5, GAP = 20 };

#define SEND    "{ 'at': 'line' }, { 'at': 'q', 'op': 'receive' }, { 'at': 'got' }"
#define PACKETS "{ 'at': 'q', 'op': 'placed' }, { 'at': 'q', 'copy': { 'each': 'mtu_bytes', "

/* "line" sees the frames, "got" what they carried. */
static const char world[] =
    "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'q': { 'model': 'nvmf', %s, "
    "'in_capsule_bytes': '8KiB' }, 'line': { 'model': 'server', 'time': '10ns' }, "
    "'got': { 'model': 'server', 'time': '10ns' } }, 'routes': { 'a': { 'from': 'q', 'to': "
    "[ 'line', 'got' ] }, 'b': { 'from': [ 'line', 'got' ], 'to': 'q' } } }, 'chains': { "
    "'read': [ { 'at': 'q', 'op': 'command' }, " SEND ", " PACKETS "'chain': 'data' } }, "
    "{ 'at': 'q', 'op': 'response' }, " SEND ", { 'end': 'reply' } ], "
    "'data': [ { 'at': 'q', 'op': 'data' }, " SEND ", { 'end': 'delivered' } ], "
    "'write': [ { 'at': 'q', 'op': 'command', 'in-capsule': 'capsule' }, " SEND ", "
    "{ 'at': 'q', 'op': 'read-request' }, " SEND ", " PACKETS "'rest': true, 'chain': 'data' } "
    "}, { 'at': 'q', 'op': 'last' }, " SEND
    ", { 'name': 'end', 'at': 'q', 'op': 'response' }, " SEND ", { 'end': 'reply' } ], "
    "'capsule': [ " SEND ", { 'goto': 'write#end' } ] }, "
    "'streams': { 'io': { 'source': 'fio', 'rw': '%s', 'bs': '%u', 'number_ios': 5, "
    "'chain': { 'read': 'read', 'write': 'write' } } }, 'run': { 'warmup': '0s', 'duration': "
    "'1ms' } }";

/* On the wire and carried, of one request. */
struct bytes {
    double wire, payload, copies;
};

static struct bytes of(const char *q, const char *rw, uint32_t size) {
    char text[4096];
    make_folder();
    snprintf(text, sizeof text, world, q, rw, size);
    summarize(put("t.json", text), NULL, 0);
    ck_assert_double_eq(at("/streams/io/delivered/items"), REQUESTS);
    struct bytes b = {at("/components/dpu.line/bytes") / REQUESTS,
                      at("/components/dpu.got/bytes") / REQUESTS,
                      at("/components/dpu.line/items") / REQUESTS};
    end();
    return b;
}

/* Whole packets, parts of them, and one byte on either side, in whole blocks of 512 bytes. */
static const uint32_t sizes[] = {512,  1024,  1536,  4096,  4608,   7680,   8192,
                                 8704, 12288, 16384, 16896, 131072, 524288, 1048576};

enum { SIZES = sizeof sizes / sizeof *sizes };

static double packets(double bytes, double mtu) {
    double n = bytes / mtu;
    return n <= 1 ? 1 : (double)(uint64_t)n + (n > (double)(uint64_t)n);
}

START_TEST(over_rdma) {
    enum { AROUND = 14 + 20 + 8 + 12 + 4 + 4, RETH = 16, AETH = 4 };
    static const uint32_t mtus[] = {512, 1024, 4096};
    for (uint32_t i = 0; i < 3 * SIZES; i++) {
        double size = sizes[i / 3], mtu = mtus[i % 3], n = packets(size, mtu);
        char q[64];
        snprintf(q, sizeof q, "'mtu_bytes': %u", mtus[i % 3]);
        struct bytes b = of(q, "read", sizes[i / 3]);
        ck_assert_double_eq(b.wire, AROUND + 64 + n * AROUND + size + RETH + AROUND + 16);
        ck_assert_double_eq(b.payload, 64 + size + RETH + 16);
        ck_assert_double_eq(b.copies, n + 2);
        b = of(q, "write", sizes[i / 3]);
        if (size <= 8192) { /* in one piece: the gaps between its packets are in it */
            n = packets(64 + size, mtu);
            ck_assert_double_eq(b.wire, n * AROUND + (n - 1) * GAP + 64 + size + AROUND + 16);
            ck_assert_double_eq(b.payload, 64 + size + 16);
            ck_assert_double_eq(b.copies, 2);
            continue;
        }
        double acks = (n > 1 ? 2 : 1) * AETH;
        ck_assert_double_eq(b.wire, AROUND + 64 + AROUND + RETH + n * AROUND + size + acks +
                                        AROUND + 16);
        ck_assert_double_eq(b.copies, n + 3);
    }
}
END_TEST

/* Bytes that so much of a stream takes, in segments; of one piece with the gaps. */
static double segments(double bytes, double mss) {
    enum { AROUND = 14 + 20 + 20 + 12 + 4 };
    double n = packets(bytes, mss);
    return n * AROUND + (n - 1) * GAP + bytes;
}

static void over_tcp_with(bool header, bool data) {
    enum { COMMAND = 8 + 64, OTHER = 8 + 16 };
    static const uint32_t mtus[] = {1448, 8948};
    double hd = header ? 4 : 0, dd = data ? 4 : 0;
    for (uint32_t i = 0; i < 2 * SIZES; i++) {
        double size = sizes[i / 2], mss = mtus[i % 2], n = packets(size, mss);
        char q[200];
        snprintf(q, sizeof q,
                 "'transport': 'tcp', 'mtu_bytes': %u, 'header_digest': %s, 'data_digest': %s",
                 mtus[i % 2], header ? "true" : "false", data ? "true" : "false");
        /* the header of the data, and its digests, go with the completion */
        struct bytes b = of(q, "read", sizes[i / 2]);
        ck_assert_double_eq(b.wire, segments(COMMAND + hd, mss) + n * segments(0, mss) + size +
                                        segments(OTHER + hd + dd + OTHER + hd, mss));
        ck_assert_double_eq(b.payload, COMMAND + hd + OTHER + hd + size + dd + OTHER + hd);
        b = of(q, "write", sizes[i / 2]);
        if (size <= 8192) {
            ck_assert_double_eq(b.wire, segments(COMMAND + hd + size + dd, mss) +
                                            segments(OTHER + hd, mss));
            ck_assert_double_eq(b.payload, COMMAND + hd + size + dd + OTHER + hd);
            continue;
        }
        double last = size - (n - 1) * mss;
        ck_assert_double_eq(b.wire, segments(COMMAND + hd, mss) + segments(OTHER + hd, mss) +
                                        (n - 1) * (segments(0, mss) + mss) +
                                        segments(OTHER + hd + last + dd, mss) +
                                        segments(OTHER + hd, mss));
        ck_assert_double_eq(b.payload,
                            COMMAND + hd + OTHER + hd + OTHER + hd + size + dd + OTHER + hd);
    }
}

START_TEST(over_tcp) { over_tcp_with(false, false); }
END_TEST

START_TEST(over_tcp_with_digests) {
    over_tcp_with(true, false);
    over_tcp_with(false, true);
    over_tcp_with(true, true);
}
END_TEST

TEST_MAIN("bytes of NVMe over Fabrics", over_rdma, over_tcp, over_tcp_with_digests)
