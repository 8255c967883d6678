/* test_train_saves.c - what a train saves and what it costs behind the block that makes it: on
 * a core, on the link, on a card that cannot cut it. */
#include "tests/unit/tcp_frames.h"

extern const struct sim_model model_lro, model_host, model_nic, model_pcie, model_cores;

/* What is sealed is taken out of its train. */
START_TEST(a_seal_is_of_a_frame) {
    make_frames();
    struct bench b = bench_new(16, 0, FRAME);
    probe_add(&b, "in")->vary = by_four;
    struct sim_comp *lro = bench_block(&b, &model_lro, "lro", "{}");
    struct sim_comp *arm = bench_block(&b, &model_cores, "arm", "{\"cores\": 1}");
    bench_visit(&b, lro, "gather", NULL);
    bench_visit(&b, arm, "macsec-protect", NULL);
    struct probe *out = probe_add(&b, "out");
    bench_run(&b);
    for (uint64_t i = 0; i < 16; i++)
        ck_assert_uint_eq(out->saw[i].bytes, FRAME + 32);
    bench_free(&b);
}
END_TEST

START_TEST(a_card_without_tso_loses_segments) {
    make_frames();
    struct bench b = bench_new(64, 0, FRAME);
    probe_add(&b, "in")->vary = by_four;
    bench_visit(&b, bench_block(&b, &model_host, "host", "{\"tso\": \"plain\"}"), "write",
                NULL);
    struct sim_step *send = bench_visit(
        &b, bench_block(&b, &model_nic, "nic", "{\"tso\": \"none\"}"), "send", NULL);
    uint16_t lost = sim_cause_add(b.w, send->comp, "no-tso");
    for (int v = 1; v < SIM_VERDICTS; v++)
        send->hop[v] = (struct sim_hop){.kind = SIM_HOP_DROP, .cause = lost};
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 16);
    ck_assert_uint_eq(bench_dropped(&b, "nic:no-tso"), 48);
    bench_free(&b);
}
END_TEST

/* What follows in a train costs a core the cycles of its bytes. */
START_TEST(a_core_pays_for_bytes_only) {
    make_frames();
    struct bench b = bench_new(16, 0, FRAME);
    probe_add(&b, "in")->vary = by_four;
    struct sim_comp *lro = bench_block(&b, &model_lro, "lro", "{}");
    struct sim_comp *arm =
        bench_block(&b, &model_cores, "arm", "{\"cores\": 1, \"clock\": \"1GHz\"}");
    bench_visit(&b, lro, "gather", NULL);
    bench_visit(&b, arm, "work", "{\"cycles\": 100, \"cycles_per_byte\": 1}");
    bench_run(&b);
    const struct sim_step_stat *work = b.feed->stream->step[3];
    ck_assert_int_eq((sim_ps)work->demand_ps, 4 * (100 + FRAME + 3 * (FRAME - HEADERS)) * 1000);
    bench_free(&b);
}
END_TEST

/* ---------------------------------------------------------------- the link */

#define BARE "\"dllp_bytes\": 0, \"skp_bytes\": 0, \"queue\": 0, \"interrupt_batch\": 1"

/* Bytes to the host and from it of 64 received frames. */
static void received(const char *args, void (*vary)(struct sim_msg *, uint64_t), bool lro,
                     int64_t to, int64_t from) {
    struct bench b = bench_new(64, 1000 * NS, FRAME);
    if (vary != NULL)
        probe_add(&b, "in")->vary = vary;
    if (lro)
        bench_visit(&b, bench_block(&b, &model_lro, "lro", "{}"), "gather", NULL);
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", "{" BARE "}");
    bench_visit(&b, pcie, "receive", args);
    bench_run(&b);
    ck_assert_int_eq(stat_of(pcie, "tlp_bytes_to_host"), to);
    ck_assert_int_eq(stat_of(pcie, "tlp_bytes_from_host"), from);
    bench_free(&b);
}

#define WORDS(bytes) (((bytes) + 3) / 4 * 4)

/* A write of n bytes is whole words of 4, and 24 for each 256; a request 24, completions 20 for
 * each 256. */
START_TEST(the_link_carries_what_rings_cause) {
    const int64_t data = WORDS(1514) + 6 * 24, virtio = WORDS(1514 + 12) + 6 * 24, msi = 28;
    const int64_t index = WORDS(2);
    /* native: entry of 64, 8 descriptors of 16 a fetch */
    received(NULL, NULL, false, 64 * (data + 64 + 24 + msi) + 8 * 24, 8 * (128 + 20));
    /* split: 12 bytes of header; 8 elements of 8, and the index of 2, at a time; index, 8
     * entries of 2 and 8 descriptors of 16 a fetch */
    received("{\"rings\": \"split\"}", NULL, false,
             64 * (virtio + msi) + 8 * (64 + 24 + index + 24) + 8 * 3 * 24,
             8 * (index + 16 + 128 + 3 * 20));
    /* packed: 4 descriptors of 16 written over at a time */
    received("{\"rings\": \"packed\"}", NULL, false,
             64 * (virtio + msi) + 16 * (64 + 24) + 8 * 24, 8 * (128 + 20));
    received("{\"rings\": \"packed\", \"used_batch\": 1}", NULL, false,
             64 * (virtio + msi) + 64 * (16 + 24) + 8 * 24, 8 * (128 + 20));
}
END_TEST

/* LRO: of four frames three come without headers, entry and interrupt. */
START_TEST(a_train_is_one_completion) {
    make_frames();
    const int64_t first = WORDS(1514) + 6 * 24 + 64 + 24 + 28, next = WORDS(PAYLOAD) + 6 * 24;
    received(NULL, by_four, true, 16 * (first + 3 * next) + 2 * 24, 2 * (128 + 20));
}
END_TEST

TEST_MAIN("train saves", a_seal_is_of_a_frame, a_card_without_tso_loses_segments,
          a_core_pays_for_bytes_only, the_link_carries_what_rings_cause,
          a_train_is_one_completion)
