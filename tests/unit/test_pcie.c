/* test_pcie.c - the link against the published model, exact times, refusals, descriptors. */
#include "tests/block_world.h"

extern const struct sim_model model_pcie, model_host;

/* Payload alone, as the published model counts. */
#define BARE                                                                                   \
    "\"completion_bytes\": 0, \"descriptor_bytes\": 0, \"tx_descriptor_bytes\": 0,"            \
    " \"queue\": 0, \"ring\": 0"
#define BARE_READ "{\"doorbell\": false, \"fetches\": 1, \"fcs_bytes\": 0}"
#define ALL       "{\"fcs_bytes\": 0}"
#define GEN5X16   "{" BARE "}"
#define GEN3X16   "{\"gen\": 3, " BARE "}"
#define GEN3X8    "{\"gen\": 3, \"lanes\": 8, " BARE "}"

/* Picoseconds that 4,000 transfers of `bytes` back to back keep the link. */
static sim_ps busy(const char *params, const char *op, const char *args, uint32_t bytes) {
    struct bench b = bench_new(4000, 0, bytes);
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", params);
    bench_visit(&b, pcie, op, args);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 4000);
    uint32_t way = strcmp(op, "read") == 0;
    sim_ps ps = (sim_ps)pcie->port[way]->busy_ps;
    ck_assert_uint_eq((uint64_t)pcie->port[1 - way]->busy_ps, 0);
    ck_assert_uint_eq(pcie->port[way]->left.bytes, 4000ull * bytes);
    bench_free(&b);
    return ps;
}

/* Payload bandwidth in Gb/s, as pcie_bw.py of pcie-bench prints it: two decimals. */
static void holds(const char *id, const char *params, uint32_t bytes, double write,
                  double read) {
    double bits = 4000.0 * bytes * 8 * 1000;
    double w = bits / (double)busy(params, "write", ALL, bytes);
    double r = bits / (double)busy(params, "read", BARE_READ, bytes);
    ck_assert_msg(w > write - 0.006 && w < write + 0.006, "%s: write %f, not %f", id, w, write);
    ck_assert_msg(r > read - 0.006 && r < read + 0.006, "%s: read %f, not %f", id, r, read);
}

/* The check sequence of a frame stays on the card, both ways; the rest of 64 B is 60. */
START_TEST(the_check_sequence_stays_on_the_card) {
    ck_assert_int_eq(busy(GEN5X16, "write", NULL, 64), busy(GEN5X16, "write", ALL, 60));
    ck_assert_int_eq(busy(GEN5X16, "read", "{\"doorbell\": false, \"fetches\": 1}", 1518),
                     busy(GEN5X16, "read", BARE_READ, 1514));
    ck_assert_int_eq(busy("{}", "write", "{\"fcs_bytes\": 64}", 64),
                     busy("{}", "write", ALL, 0));
}
END_TEST

START_TEST(the_published_model_to_its_last_digit) {
    holds("pcie-model-gen5x16-64", GEN5X16, 64, 330.76, 346.51);
    holds("pcie-model-gen5x16-128", GEN5X16, 128, 382.99, 393.34);
    holds("pcie-model-gen5x16-256", GEN5X16, 256, 415.82, 421.84);
    holds("pcie-model-gen5x16-512", GEN5X16, 512, 415.82, 421.84);
    holds("pcie-model-gen5x16-1500", GEN5X16, 1500, 414.96, 421.11);
    holds("pcie-model-gen3x16-64", GEN3X16, 64, 82.69, 86.63);
    holds("pcie-model-gen3x16-1500", GEN3X16, 1500, 103.74, 105.28);
    holds("pcie-model-gen3x8-64", GEN3X8, 64, 42.1, 44.1);
    holds("pcie-model-gen3x8-128", GEN3X8, 128, 48.75, 50.06);
    holds("pcie-model-gen3x8-256", GEN3X8, 256, 52.92, 53.69);
    holds("pcie-model-gen3x8-257", GEN3X8, 257, 48.78, 50.09);
    holds("pcie-model-gen3x8-1500", GEN3X8, 1500, 52.81, 53.6);
}
END_TEST

/* Without header, ACK, flow control and SKP a transfer takes its bits at the raw rate. */
static void raw(const char *params, uint64_t bits_per_s_num, uint64_t den) {
    char json[512];
    snprintf(json, sizeof json,
             "{%s, " BARE ", \"mwr_header_bytes\": 0, \"dllp_bytes\": 0, \"skp_bytes\": 0}",
             params);
    sim_u128 bits = (sim_u128)4000 * 1000 * 8 * 1000000000000u * den;
    sim_ps want = (sim_ps)((bits + bits_per_s_num - 1) / bits_per_s_num);
    ck_assert_int_eq(busy(json, "write", ALL, 1000), want);
}

START_TEST(raw_rates_are_exact) {
    raw("\"gen\": 1, \"lanes\": 1", 2000000000, 1);
    raw("\"gen\": 2, \"lanes\": 4", 16000000000, 1);
    raw("\"gen\": 3, \"lanes\": 8", 64000000000ull * 128, 130);
    raw("\"gen\": 4, \"lanes\": 2", 32000000000ull * 128, 130);
    raw("\"gen\": 5, \"lanes\": 16", 512000000000ull * 128, 130);
    raw("\"gen\": 6, \"lanes\": 32", 2048000000000ull * 242, 256);
}
END_TEST

/* The specification's intervals (pcie-ackint), seen through one MPS-sized write each:
 * raw rate less 4 / 1538 and 16 / interval. */
static void interval(const char *lanes, uint32_t mps, int64_t bytes) {
    char json[512], table[512];
    const char *form = "{\"lanes\": %s, \"mps_bytes\": %u, " BARE ", \"ack_interval_bytes\": "
                       "%ld, \"fc_interval_bytes\": %ld}";
    snprintf(json, sizeof json, form, lanes, mps, (long)bytes, (long)bytes);
    snprintf(table, sizeof table, form, lanes, mps, 0L, 0L);
    ck_assert_int_eq(busy(json, "write", ALL, mps), busy(table, "write", ALL, mps));
}

START_TEST(ack_intervals_are_the_specifications) {
    interval("8", 128, 163);
    interval("8", 256, 203);
    interval("8", 512, 182);
    interval("16", 128, 144);
    interval("16", 256, 168);
    interval("16", 512, 182);
    interval("4", 256, 214);
}
END_TEST

/* docs/sources.md section 7: n + 24 ceil(n / 256) + 88 bytes of write bandwidth a packet, and
 * 24 / 8 more for the descriptors. */
START_TEST(a_packet_costs_its_completion_and_its_share) {
    const char *no_share = "{\"descriptor_bytes\": 0, \"queue\": 0}";
    const char *whole = "{\"completion_bytes\": 0, \"descriptor_bytes\": 0, \"queue\": 0}";
    double mpps = 4000e6 / (double)busy(no_share, "write", ALL, 64);
    ck_assert_double_eq_tol(mpps, 323.0, 0.05);
    mpps = 4000e6 / (double)busy(no_share, "write", ALL, 1500);
    ck_assert_double_eq_tol(mpps, 32.8, 0.05);
    /* a write of 256 B costs 280; with completion 368; with the share of 8 descriptors 371 */
    double bytes = (double)busy(whole, "write", ALL, 256) / 280;
    ck_assert_double_eq_tol((double)busy(no_share, "write", ALL, 256) / bytes, 368, 0.0001);
    ck_assert_double_eq_tol((double)busy("{\"queue\": 0}", "write", ALL, 256) / bytes, 371,
                            0.0001);
    /* a read of 256 B costs 276; 8 descriptors of 64 B come in two completions: 69 each; a
     * doorbell of 8 + 24 B rings for 8 */
    bytes = (double)busy(GEN5X16, "read", BARE_READ, 256) / 276;
    ck_assert_double_eq_tol((double)busy("{\"ring\": 0}", "read", BARE_READ, 256) / bytes, 345,
                            0.0001);
    ck_assert_double_eq_tol((double)busy("{\"ring\": 0}", "read", ALL, 256) / bytes, 349,
                            0.0001);
}
END_TEST

/* Requests shorter than MPS are answered by completions that are as short. */
START_TEST(short_read_requests_make_short_completions) {
    const char *small = "{\"mrrs_bytes\": 128, \"mps_bytes\": 256, " BARE "}";
    double bytes = (double)busy(GEN5X16, "read", BARE_READ, 256) / 276;
    ck_assert_double_eq_tol((double)busy(small, "read", BARE_READ, 300) / bytes, 360, 0.0001);
}
END_TEST

static sim_ps idle(const char *op, const char *args) {
    struct bench b = bench_new(1, 0, 256);
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", GEN5X16);
    bench_visit(&b, pcie, op, args);
    bench_run(&b);
    sim_ps link = (sim_ps)(pcie->port[0]->busy_ps + pcie->port[1]->busy_ps);
    sim_ps out = b.sink->log_start[0] - 2 - link;
    bench_free(&b);
    return out;
}

START_TEST(idle_latency_is_the_sum_of_parts) {
    ck_assert_int_eq(idle("write", NULL), 240000);
    ck_assert_int_eq(idle("read", BARE_READ), 480000);
    ck_assert_int_eq(idle("read", NULL), 240000 + 2 * 480000);
}
END_TEST

/* A ring of 3 behind the link, a driver that takes 1 s: three packets cross, the link is busy
 * for exactly these, and the refused ones left no trace in its arithmetic. */
START_TEST(without_a_descriptor_the_link_is_not_used) {
    struct bench b = bench_new(40, 0, 1500);
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", "{\"queue\": 0}");
    struct sim_comp *host = bench_block(&b, &model_host, "host",
                                        "{\"queues\": 1, \"ring\": 3, \"clock\": \"1GHz\"}");
    bench_visit(&b, pcie, "write", ALL);
    bench_visit(&b, host, "rx", "{\"cycles\": 100000000}");
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 3);
    ck_assert_uint_eq(bench_dropped(&b, "host:no-descriptor"), 37);
    ck_assert_uint_eq(pcie->port[0]->left.items, 3);
    ck_assert_uint_eq(pcie->port[0]->left.bytes, 4500);
    sim_ps want = (busy("{\"queue\": 0}", "write", ALL, 1500) * 3 + 3999) / 4000;
    ck_assert_int_eq((sim_ps)pcie->port[0]->busy_ps, want);
    bench_free(&b);
}
END_TEST

/* A ring of 2 that is emptied at half of the link's rate: some cross, some are refused between
 * them, and those that cross still keep the link for their time each, within rounding. */
START_TEST(refusals_between_transfers_cost_nothing) {
    sim_ps each = busy("{\"queue\": 0}", "write", ALL, 1500) / 4000;
    struct bench b = bench_new(1000, each / 2, 1500);
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", "{\"queue\": 0}");
    struct sim_comp *host = bench_block(&b, &model_host, "host",
                                        "{\"queues\": 1, \"ring\": 32, \"clock\": \"1GHz\"}");
    bench_visit(&b, pcie, "write", ALL);
    bench_visit(&b, host, "rx", "{\"cycles\": 60}");
    bench_run(&b);
    uint64_t refused = bench_dropped(&b, "host:no-descriptor");
    sim_ps crossed = (sim_ps)bench_delivered(&b);
    ck_assert_uint_gt(refused, 100);
    ck_assert_int_gt(crossed, 100);
    ck_assert_int_ge((sim_ps)pcie->port[0]->busy_ps, crossed * each);
    ck_assert_int_le((sim_ps)pcie->port[0]->busy_ps, crossed * (each + 1));
    bench_free(&b);
}
END_TEST

/* Two places and a packet every picosecond: two packets a round trip of 480 ns and what they
 * need of the link, whichever sends them. */
START_TEST(a_ring_bounds_the_round_trips_under_way) {
    struct bench b = bench_new(1000, 1, 256);
    struct sim_comp *host = bench_block(&b, &model_host, "host", "{\"queues\": 1}");
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", "{\"ring\": 2}");
    bench_visit(&b, host, "tx", "{\"cycles\": 1}");
    bench_visit(&b, pcie, "read", BARE_READ);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 1000);
    sim_ps took = b.sink->log_start[999] - b.sink->log_start[1], pairs = 499;
    ck_assert_int_gt(took, pairs * 480000);
    ck_assert_int_lt(took, pairs * 490000);
    bench_free(&b);
}
END_TEST

START_TEST(a_link_without_room_for_data_is_refused) {
    struct bench b = bench_new(1, 0, 64);
    struct sim_comp *pcie = bench_comp(&b, &model_pcie, "pcie", "{\"ack_interval_bytes\": 8}");
    struct sim_err err = {0};
    ck_assert(!sim_comp_init(pcie, &err));
    ck_assert_str_eq(err.path, "/ack_interval_bytes");
    bench_free(&b);
}
END_TEST

TEST_MAIN("pcie", the_check_sequence_stays_on_the_card, the_published_model_to_its_last_digit,
          raw_rates_are_exact, ack_intervals_are_the_specifications,
          a_packet_costs_its_completion_and_its_share,
          short_read_requests_make_short_completions, idle_latency_is_the_sum_of_parts,
          without_a_descriptor_the_link_is_not_used, refusals_between_transfers_cost_nothing,
          a_ring_bounds_the_round_trips_under_way, a_link_without_room_for_data_is_refused)
