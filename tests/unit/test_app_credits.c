/* test_app_credits.c - what is no packet's server and limits a link all the same: credits of
 * each kind, and the wire that brings descriptors. Closed forms: credits times bytes over the
 * time for which a packet has its credit.
 */
#include "app_bounds.h"

#define DMA  DPUSIM_SOURCE_DIR "/configs/scenarios/pcie-dma.json"
#define XDP  DPUSIM_SOURCE_DIR "/configs/validation/scenarios/xdp.json"
#define PCIE "/dpu/blocks/pcie/"

/* Picoseconds of so many bytes on generation 3, 8 lanes, with its SKP sets. */
static double wire(double bytes) { return bytes * 8 * 130 * 1538 / (0.064 * 128 * 1534); }

/* Operations of 256 bytes with so many credits of a kind, each kept for as long as its packet
 * takes and 200 ns: the rate, and the verdict. */
static void limits(const char *op, const char *param, const char *resource, double packets,
                   double bytes_of_packet) {
    const struct app_set sets[] = {{"/streams/dma/op", op}, {param, "4"}};
    make_folder();
    struct app_verdict v = verdict_on(DMA, sets, 2);
    double each = wire(bytes_of_packet) + 200000;
    ck_assert_double_eq_tol(delivered_bits(), 4 / packets * 256 * 8 * 1e12 / each, 1e-3 * 3e10);
    ck_assert_double_eq_tol(row("dpu.pcie", resource)->utilization, 1, 1e-3);
    ck_assert_double_eq_tol(row("dpu.pcie", resource)->load, 1, 1e-3);
    ck_assert_double_eq(row("dpu.pcie", resource)->capacity, 4);
    is(&v, "resource", "dpu.pcie", resource);
}

START_TEST(few_headers) {
    limits("write", PCIE "posted_headers", "posted-headers", 1, 280);
    limits("read", PCIE "nonposted_headers", "nonposted-headers", 1, 24);
    limits("read", PCIE "completion_headers", "completion-headers", 1, 276);
}
END_TEST

/* 1,024 bytes: 3 packets of 300 are 57 units of 64, and the 7 left over are of no use. */
START_TEST(few_units_of_data) {
    static const struct app_set sets[] = {{"/streams/dma/op", "write"},
                                          {"/streams/dma/bytes", "300"},
                                          {PCIE "mps_bytes", "512"},
                                          {PCIE "posted_data_bytes", "1024"}};
    make_folder();
    struct app_verdict v = verdict_on(DMA, sets, 4);
    ck_assert_double_eq_tol(delivered_bits(), 3 * 2400 * 1e12 / (wire(324) + 200000), 3e7);
    ck_assert_double_eq(row("dpu.pcie", "posted-data")->capacity, 64);
    ck_assert_double_ge(row("dpu.pcie", "posted-data")->utilization, 0.95);
    is(&v, "resource", "dpu.pcie", "posted-data");
}
END_TEST

/* Reads beside writes: a credit that is back waits for the write on the wire, so that credits
 * are not in use all the time; they are the wall all the same. */
START_TEST(few_headers_beside_writes) {
    static const struct app_set sets[] = {{"/streams/dma/op", "both"},
                                          {PCIE "nonposted_headers", "2"}};
    make_folder();
    struct app_verdict v = verdict_on(DMA, sets, 2);
    ck_assert_double_lt(row("dpu.pcie", "nonposted-headers")->utilization, 0.95);
    is(&v, "resource", "dpu.pcie", "nonposted-headers");
}
END_TEST

/* One read of 16 KiB at a time, in 32 parts on one wire: nothing waits but for its own parts.
 * Two would fill the wire, which is busy most of the time; one twice as fast would help more
 * still.
 */
START_TEST(a_loop_of_reads_in_parts) {
    static const struct app_set sets[] = {{"/streams/dma/op", "read"},
                                          {"/streams/dma/bytes", "16384"},
                                          {"/streams/dma/outstanding", "1"}};
    make_folder();
    struct app_verdict v = verdict_on(DMA, sets, 3);
    double request = wire(24), parts = 32 * wire(552), memory = 180000 + 2 * 150000;
    ck_assert_double_eq_tol(delivered_bits(), 16384 * 8 * 1e12 / (request + parts + memory),
                            1e-3 * 5e10);
    ck_assert_double_eq_tol(v.load, 1, 1e-3);
    ck_assert_str_eq(v.shared[1].b.resource, "from-host");
    is(&v, "resources", "streams.dma", "outstanding");
}
END_TEST

/* More credits than a round trip needs: the wire is the wall again. */
START_TEST(enough_headers) {
    static const struct app_set sets[] = {{"/streams/dma/op", "write"},
                                          {PCIE "posted_headers", "8"}};
    make_folder();
    struct app_verdict v = verdict_on(DMA, sets, 2);
    ck_assert_double_eq_tol(delivered_bits(), 2048 * 1e12 / wire(280), 1e-3 * 5e10);
    is(&v, "resource", "dpu.pcie", "to-host");
}
END_TEST

/* Frames at line rate, two packets each: headers for eight of them. */
START_TEST(few_headers_for_packets) {
    static const struct app_set sets[] = {{PCIE "posted_headers", "8"},
                                          {"/streams/in/chain", "receive"}};
    make_folder();
    struct app_verdict v = verdict_on(XDP, sets, 2);
    ck_assert_double_gt(v.load, 1);
    ck_assert_double_eq_tol(row("dpu.pcie", "posted-headers")->bits_per_s, delivered_bits(),
                            0.02 * delivered_bits());
    is(&v, "resource", "dpu.pcie", "posted-headers");
}
END_TEST

/* Gen 3, 16 lanes: no packet comes from the host, a descriptor for each does. */
static struct app_verdict fetched(const char *bytes) {
    const struct app_set sets[] = {{PCIE "descriptor_batch", "1"},
                                   {PCIE "descriptor_bytes", bytes}};
    make_folder();
    return verdict_on(XDP, sets, 2);
}

START_TEST(descriptors_have_a_row) {
    struct app_verdict v = fetched("16");
    const struct app_bound *b = row("dpu.pcie", "from-host");
    double fetched = delivered_bits() / 512 * wire(36) / 2 / 1e12;
    ck_assert_double_ge(b->utilization, fetched);
    ck_assert_double_le(b->utilization, 1.1 * fetched); /* acknowledgements, too */
    ck_assert_double_eq_tol(b->load / b->utilization, row("dpu.pcie", "to-host")->load, 0.01);
    is(&v, "resource", "dpu.pcie", "to-host");
}
END_TEST

/* 256 bytes and 20 around them for each packet, against 196 of the packet itself. */
START_TEST(descriptors_are_the_wall) {
    struct app_verdict v = fetched("256");
    double packets = 1e12 / (wire(276) / 2);
    ck_assert_double_le(delivered_bits() / 512, packets);
    ck_assert_double_ge(delivered_bits() / 512, 0.98 * packets); /* acknowledgements, too */
    ck_assert_double_eq_tol(row("dpu.pcie", "from-host")->utilization, 1, 1e-3);
    ck_assert_double_le(row("dpu.pcie", "to-host")->utilization, 196. / 276 + 0.03);
    ck_assert_double_eq_tol(row("dpu.pcie", "from-host")->bits_per_s, delivered_bits(),
                            0.01 * delivered_bits());
    is(&v, "resource", "dpu.pcie", "from-host");
}
END_TEST

/* A host that rings for each received packet's descriptor: 8 bytes and 24 around them. */
START_TEST(receive_doorbells_are_on_the_wire) {
    double busy[3];
    static const char *const batch[] = {"0", "8", "1"};
    for (int i = 0; i < 3; i++) {
        const struct app_set sets[] = {{PCIE "rx_doorbell_batch", batch[i]},
                                       {"/streams/in/packet_rate", "20M/s"},
                                       {"/streams/in/rate", "0b/s"}};
        make_folder();
        (void)verdict_on(XDP, sets, 3);
        busy[i] = row("dpu.pcie", "from-host")->utilization;
        done();
    }
    double each = 20e6 * wire(32) / 2 / 1e12;
    ck_assert_double_eq_tol(busy[2] - busy[0], each, 0.01 * each); /* and acknowledgements */
    ck_assert_double_eq_tol(busy[1] - busy[0], each / 8, 0.01 * each);
}
END_TEST

/* A wire that is full of packets and of what it owes between them is busy all the time, and no
 * longer. */
START_TEST(a_full_wire_owes_too) {
    static const struct app_set sets[] = {{PCIE "lanes", "1"}};
    make_folder();
    struct app_verdict v =
        verdict_on(DPUSIM_SOURCE_DIR "/configs/scenarios/bursts.json", sets, 1);
    ck_assert_double_eq_tol(row("dpu.pcie", "to-host")->utilization, 1, 1e-9);
    is(&v, "resource", "dpu.pcie", "to-host");
}
END_TEST

TEST_MAIN("app credits", a_full_wire_owes_too, few_headers, few_units_of_data,
          few_headers_beside_writes, a_loop_of_reads_in_parts, enough_headers,
          few_headers_for_packets, descriptors_have_a_row, descriptors_are_the_wall,
          receive_doorbells_are_on_the_wire)
