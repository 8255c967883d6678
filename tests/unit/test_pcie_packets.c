/* test_pcie_packets.c - what a network card's packets cost on a link: completions, descriptors,
 * interrupts, and the wire that brings them. */
#include "wire.h"

/* A packet of 256 B and its check sequence: 280 on the wire, 88 for a completion entry. */
START_TEST(a_packet_costs_what_its_batches_cost) {
    const char *none = "\"completion_bytes\": 0, \"descriptor_bytes\": 0";
    costs(none, "receive", 260, 280);
    costs("\"descriptor_bytes\": 0", "receive", 260, 368);
    costs("\"completion_batch\": 8, \"descriptor_bytes\": 0", "receive", 260,
          280 + 2 * 88. / 8);
    costs("\"completion_batch\": 20, \"descriptor_bytes\": 0", "receive", 260,
          280 + 4 * 88. / 20);
    costs("\"completion_bytes\": 0, \"descriptor_bytes\": 0, \"interrupt_batch\": 16",
          "receive", 260, 280 + 28. / 16);
    /* a fetch of 8 descriptors: one request */
    costs("\"completion_bytes\": 0", "receive", 260, 280 + 24. / 8);
    costs("\"completion_bytes\": 0, \"descriptor_bytes\": 128", "receive", 260,
          280 + 2 * 24. / 8);
    /* filled up to whole lines */
    const char *lines = "\"completion_bytes\": 0, \"descriptor_bytes\": 0, \"pad_bytes\": 64";
    costs(lines, "receive", 64, 64 + 24);
    costs(lines, "receive", 68, 64 + 24);
    costs(lines, "receive", 69, 128 + 24);
    costs(lines, "receive", 261, 320 + 48);
    costs(lines, "receive", 3, 24);
    costs(lines, "write", 60, 60 + 24); /* a DMA's end is its own */
    costs(none, "receive", 3, 24);      /* all of it check sequence: an empty packet crosses */
}
END_TEST

/* Picoseconds of so many bytes on a bare wire. */
static sim_ps bare(int64_t bytes) { return (bytes * 8000 * 130 + 65535) / 65536; }

/* Packets one at a time, a fetch each: its descriptor, 16 bytes and 20 around them, comes by a
 * wire that no packet takes, and keeps it. The last one is still to come. */
START_TEST(a_fetch_keeps_a_wire_that_nobody_visits) {
    struct bench b = bench_new(N, 1000000, 1500);
    struct sim_comp *pcie =
        bench_block(&b, &model_pcie, "pcie", "{" BARE ", \"descriptor_batch\": 1}");
    bench_visit(&b, pcie, "receive", NULL);
    bench_run(&b);
    ck_assert_uint_eq(pcie->port[1]->left.items, 0);
    ck_assert_int_eq((sim_ps)pcie->port[1]->busy_ps, (N - 1) * bare(36));
    ck_assert_int_eq((sim_ps)pcie->port[1]->demand_ps, N * bare(36));
    bench_free(&b);
}
END_TEST

/* Descriptors of 256 bytes for packets of 60: the wire that brings them is the slower one, and
 * packets wait for it, but for 4 KiB that may be on their way. */
START_TEST(packets_wait_for_their_descriptors) {
    struct bench b = bench_new(N, 0, 64);
    struct sim_comp *pcie =
        bench_block(&b, &model_pcie, "pcie",
                    "{" BARE ", \"descriptor_batch\": 1, \"descriptor_bytes\": 256}");
    bench_visit(&b, pcie, "receive", NULL);
    bench_run(&b);
    sim_ps took = b.sink->log_start[N - 1], each = 60 + 24 + 64 + 24 + 24;
    ck_assert_int_le(took, bare(N * 276) + 150000);
    ck_assert_int_ge(took, bare(N * 276 - 4096 - 2 * 276) + 150000);
    ck_assert_int_ge((sim_ps)pcie->port[0]->busy_ps, bare(N * each));
    ck_assert_int_le((sim_ps)pcie->port[0]->busy_ps, bare(N * each) + N);
    ck_assert_int_gt((sim_ps)pcie->port[1]->waited_ps, bare(N * (276 - each) - 4096 - 2 * 276));
    bench_free(&b);
}
END_TEST

/* A virtio device reads its header of 12 bytes with the data: 500 bytes and it are a request of
 * MRRS and none more, 504 one more for 4; completions likewise, at MPS. */
START_TEST(a_header_is_read_with_the_data) {
    static const struct {
        uint32_t bytes;
        int64_t to, from;
    } row[] = {{240, 0, 12}, {244, 0, 12}, {248, 0, 12 + 20}, {500, 0, 12}, {504, 24, 12 + 20}};
    for (int i = 0; i < 5; i++) {
        struct bench b = bench_new(1, 0, row[i].bytes);
        struct sim_comp *pcie = bench_block(
            &b, &model_pcie, "pcie", "{" BARE ", \"fcs_bytes\": 0, \"doorbell_bytes\": 0}");
        struct sim_step *post = bench_visit(&b, pcie, "post", "{\"rings\": \"split\"}");
        post->kind = SIM_STEP_VIA;
        post->ratio_ppm = 1000000;
        bench_run(&b);
        ck_assert_int_eq(stat_of(pcie, "tlp_bytes_to_host"), row[i].to);
        ck_assert_int_eq(stat_of(pcie, "tlp_bytes_from_host"), row[i].from);
        bench_free(&b);
    }
}
END_TEST

/* One credit for requests, back 1 us after it was taken: a fetch of eight descriptors at a time
 * lets through no more than 8 packets in 1 us and the request itself. */
START_TEST(fetches_take_credits) {
    struct bench b = bench_new(N, 0, 64);
    struct sim_comp *pcie =
        bench_block(&b, &model_pcie, "pcie",
                    "{" BARE ", \"descriptor_batch\": 8, \"nonposted_headers\": 1, "
                    "\"credit_latency\": \"1us\"}");
    bench_visit(&b, pcie, "receive", NULL);
    bench_run(&b);
    sim_ps took = b.sink->log_start[N - 1], round = 1000000 + bare(24);
    ck_assert_int_ge(took, (N / 8 - 2) * round);
    ck_assert_int_le(took, (N / 8 + 1) * round);
    bench_free(&b);
}
END_TEST

TEST_MAIN("pcie packets", a_header_is_read_with_the_data, a_packet_costs_what_its_batches_cost,
          a_fetch_keeps_a_wire_that_nobody_visits, packets_wait_for_their_descriptors,
          fetches_take_credits)
