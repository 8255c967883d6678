/* test_pcie.c - the wire of a link: bytes and times against the published model and the
 * specification's figures. A network card's packets: test_pcie_packets.c; credits and refusals:
 * test_pcie_credits.c; whole reads with tags: test_app_dma.c. */
#include "wire.h"

#define RESERVED "\"dllp\": \"reserved\", \"queue\": 0"
#define GEN5X16  "{" RESERVED "}"
#define GEN3X16  "{\"gen\": 3, " RESERVED "}"
#define GEN3X8   "{\"gen\": 3, \"lanes\": 8, " RESERVED "}"

/* Payload bandwidth in Gb/s, as pcie_bw.py of pcie-bench prints it: two decimals. */
static void holds(const char *id, const char *params, uint32_t bytes, double write,
                  double read) {
    double bits = (double)N * bytes * 8 * 1000;
    double w = bits / (double)busy(params, "write", bytes);
    double up = bits / (double)busy(params, "request", bytes);
    double down = bits / (double)busy(params, "completion", bytes);
    double r = up < down ? up : down;
    ck_assert_msg(w > write - 0.006 && w < write + 0.006, "%s: write %f, not %f", id, w, write);
    ck_assert_msg(r > read - 0.006 && r < read + 0.006, "%s: read %f, not %f", id, r, read);
}

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

/* docs/sources.md section 7, pub:pcie-hdr-*: 24, 24 and 20 bytes; 20 with short addresses; 4
 * more with ECRC. */
START_TEST(headers_are_the_specifications) {
    costs("", "write", 256, 280);
    /* data is whole words of 4, but where the published model is asked for */
    costs("", "write", 1, 4 + 24);
    costs("", "write", 257, 260 + 48);
    costs("", "completion", 513, 516 + 60);
    costs("\"dllp\": \"reserved\"", "write", 257, 257 + 48);
    costs("\"dllp\": \"reserved\"", "completion", 513, 513 + 60);
    costs("", "request", 512, 24);
    costs("", "request", 513, 48);
    costs("", "completion", 256, 276);
    costs("", "completion", 512, 552);
    costs("\"address_bits\": 32", "write", 256, 276);
    costs("\"address_bits\": 32", "request", 512, 20);
    costs("\"address_bits\": 32", "completion", 256, 276);
    costs("\"ecrc\": true", "write", 256, 284);
    costs("\"ecrc\": true", "request", 512, 28);
    costs("\"ecrc\": true", "completion", 256, 280);
    costs("\"mps_bytes\": 128", "write", 256, 256 + 48);
    /* completions are no longer than the request, nor than RCB where that cuts */
    costs("\"mrrs_bytes\": 128", "completion", 300, 300 + 60);
    costs("\"rcb_bytes\": 64", "completion", 256, 256 + 80);
    costs("\"rcb_bytes\": 128", "completion", 256, 256 + 40);
    /* the other way round: what peers write to the card and read of it */
    costs("", "write-in", 256, 280);
    costs("", "request-in", 512, 24);
    costs("", "completion-out", 512, 552);
}
END_TEST

/* Without header, acknowledgements and SKP a transfer takes its bits at the raw rate. */
static void raw(const char *params, uint64_t bits_per_s_num, uint64_t den) {
    char json[512];
    const char *form = "{%s, \"queue\": 0, \"dllp_bytes\": 0, \"skp_bytes\": 0, "
                       "\"mps_bytes\": 4096}";
    uint32_t header = strstr(params, ": 6") != NULL ? 16 : 24;
    snprintf(json, sizeof json, form, params);
    sim_u128 bits = (sim_u128)N * 1000 * 8 * 1000000000000u * den;
    sim_ps want = (sim_ps)((bits + bits_per_s_num - 1) / bits_per_s_num);
    ck_assert_int_eq(busy(json, "write", 1000 - header), want);
}

START_TEST(raw_rates_are_exact) {
    raw("\"gen\": 1, \"lanes\": 1", 2000000000, 1);
    raw("\"gen\": 2, \"lanes\": 4", 16000000000, 1);
    raw("\"gen\": 3, \"lanes\": 8", 64000000000ull * 128, 130);
    raw("\"gen\": 4, \"lanes\": 2", 32000000000ull * 128, 130);
    raw("\"gen\": 5, \"lanes\": 16", 512000000000ull * 128, 130);
    raw("\"gen\": 6, \"lanes\": 16", 1024000000000ull * 236, 256);
}
END_TEST

/* Generation 6: 16, 16 and 12 bytes around data, and 236 of 256 bytes for it. */
START_TEST(flits_have_no_framing) {
    static const struct {
        const char *op;
        uint32_t bytes, wire;
    } cost[] = {{"write", 256, 272},
                {"request", 512, 16},
                {"completion", 256, 268},
                {"completion", 512, 536},
                {"write", 64, 80}};
    for (int i = 0; i < 5; i++) {
        const char *json = "{\"gen\": 6, \"queue\": 0, \"skp_bytes\": 0}";
        uint64_t ps = (uint64_t)N * cost[i].wire * 1000 * 256, per = 128 * 236;
        ck_assert_int_eq(busy(json, cost[i].op, cost[i].bytes), (sim_ps)((ps + per - 1) / per));
    }
}
END_TEST

/* SKP sets take their share, exactly. */
START_TEST(skp_takes_its_share) {
    static const struct {
        const char *json;
        uint64_t skp, every;
    } sets[] = {{"\"skp_bytes\": 4, \"skp_interval_bytes\": 1538", 4, 1538},
                {"\"skp_bytes\": 16, \"skp_interval_bytes\": 370", 16, 370},
                {"\"gen\": 1, \"skp_bytes\": 4", 4, 1538}};
    for (int i = 0; i < 3; i++) {
        char json[256];
        snprintf(json, sizeof json, "{\"queue\": 0, \"dllp_bytes\": 0, %s}", sets[i].json);
        /* 16 lanes: 64 bytes a nanosecond and 128 of 130 bits, or 4 and 8 of 10 */
        sim_u128 ps = (sim_u128)N * 280 * 1000 * (i < 2 ? 130 : 10) * sets[i].every;
        sim_u128 per = (sim_u128)(i < 2 ? 64 * 128 : 5 * 8) * (sets[i].every - sets[i].skp);
        ck_assert_int_eq(busy(json, "write", 256), (sim_ps)((ps + per - 1) / per));
    }
}
END_TEST

/* The specification's intervals (pcie-ackint), seen through one MPS-sized write each:
 * raw rate less 4 / 1538 and 16 / interval. */
static void interval(int gen, int lanes, uint32_t mps, int64_t bytes) {
    char json[512], table[512];
    const char *form = "{\"gen\": %d, \"lanes\": %d, \"mps_bytes\": %u, " RESERVED
                       ", \"ack_interval_bytes\": %ld, \"fc_interval_bytes\": %ld}";
    snprintf(json, sizeof json, form, gen, lanes, mps, (long)bytes, (long)bytes);
    snprintf(table, sizeof table, form, gen, lanes, mps, 0L, 0L);
    ck_assert_int_eq(busy(json, "write", mps), busy(table, "write", mps));
}

START_TEST(ack_intervals_are_the_specifications) {
    static const struct {
        int gen, lanes;
        uint32_t mps;
        int64_t bytes;
    } table[] = {{5, 8, 128, 163},  {5, 8, 256, 203},   {5, 8, 512, 182},  {5, 16, 128, 144},
                 {5, 16, 256, 168}, {5, 16, 512, 182},  {5, 4, 256, 214},  {5, 12, 128, 154},
                 {5, 12, 512, 205}, {4, 1, 4096, 4239}, {3, 2, 1024, 641}, {2, 8, 128, 118},
                 {2, 8, 256, 158},  {2, 16, 512, 137},  {2, 1, 256, 467},  {1, 8, 128, 67},
                 {1, 16, 256, 72},  {1, 4, 512, 154},   {1, 1, 4096, 4143}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        interval(table[i].gen, table[i].lanes, table[i].mps, table[i].bytes);
}
END_TEST

/* Generated: the way that data takes has its packets only; every 168 symbol times of 16 bytes
 * call for an acknowledgement and an update of 8 bytes on the other. */
START_TEST(acknowledgements_go_the_other_way) {
    struct bench b = bench_new(N, 0, 256);
    struct sim_comp *pcie =
        bench_block(&b, &model_pcie, "pcie", "{\"skp_bytes\": 0, \"queue\": 0}");
    bench_visit(&b, pcie, "write", NULL);
    bench_run(&b);
    sim_u128 bits = (sim_u128)N * 280 * 8 * 130 * 1000;
    ck_assert_int_eq((sim_ps)pcie->port[0]->busy_ps,
                     (sim_ps)((bits + 512 * 128 - 1) / (512 * 128)));
    int64_t tlp, dllp;
    const struct sim_field *f = model_pcie.stats;
    tlp = *(int64_t *)((char *)pcie + f[0].offset);
    dllp = *(int64_t *)((char *)pcie + f[3].offset);
    ck_assert_str_eq(f[0].name, "tlp_bytes_to_host");
    ck_assert_str_eq(f[3].name, "dllp_bytes_from_host");
    ck_assert_int_eq(tlp, N * 280);
    ck_assert_int_eq(dllp, 2 * 8 * (N * 280 / (168 * 16)));
    bench_free(&b);
}
END_TEST

/* What one way owes is sent in front of what comes later on it, and when it is idle at once: a
 * slow stream up and one down in turn, each finding the other's acknowledgements gone. */
START_TEST(idle_wires_owe_nothing) {
    struct bench b = bench_new(100, 1000000, 256);
    struct sim_comp *pcie =
        bench_block(&b, &model_pcie, "pcie", "{" BARE ", \"dllp\": \"generated\"}");
    bench_visit(&b, pcie, "write", NULL);
    bench_visit(&b, pcie, "write-in", NULL);
    bench_run(&b);
    for (int i = 0; i < 2; i++)
        ck_assert_int_le((sim_ps)pcie->port[i]->busy_ps, 100 * 4444); /* 280 B at 504 Gb/s */
    bench_free(&b);
}
END_TEST

START_TEST(idle_latency_is_the_sum_of_parts) {
    const char *ops[] = {"write", "completion"};
    for (int i = 0; i < 2; i++) {
        struct bench b = bench_new(1, 0, 256);
        struct sim_comp *pcie =
            bench_block(&b, &model_pcie, "pcie",
                        "{\"latency_to_host\": \"123ns\", \"latency_from_host\": \"77ns\"}");
        bench_visit(&b, pcie, ops[i], NULL);
        bench_run(&b);
        sim_ps link = (sim_ps)pcie->port[i]->busy_ps;
        ck_assert_int_eq(b.sink->log_start[0] - 2 - link, i ? 77000 : 123000);
        bench_free(&b);
    }
}
END_TEST

/* Generation 6: one lane takes 32 ns for a flit, of which 236 bytes are packets'. Writes of 80
 * bytes from 2 ps on are there when the flit has come that holds their last byte. */
START_TEST(flits_come_whole) {
    struct bench b = bench_new(100, 0, 64);
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie",
                                        "{\"gen\": 6, \"lanes\": 1, \"queue\": 0, "
                                        "\"skp_bytes\": 0, \"latency_to_host\": \"0ns\"}");
    bench_visit(&b, pcie, "write", NULL);
    bench_run(&b);
    for (int64_t i = 0; i < 100; i++) {
        int64_t flits = ((i + 1) * 80 + 235) / 236; /* 59 writes are 20 flits and 2 ps */
        flits += (i + 1) % 59 == 0;
        ck_assert_int_eq(b.sink->log_start[i] - 1, flits * 32000);
    }
    bench_free(&b);
}
END_TEST

static void refused(const char *params, const char *path) {
    bench_refused(&model_pcie, params, path, "");
}

START_TEST(what_cannot_be_is_refused) {
    refused("{\"dllp\": \"reserved\", \"ack_interval_bytes\": 8}", "/ack_interval_bytes");
    refused("{\"ack_interval_bytes\": 16, \"fc_interval_bytes\": 16}", "/ack_interval_bytes");
    refused("{\"fc_interval_bytes\": 8}", "/fc_interval_bytes");
    refused("{\"posted_data_bytes\": 128}", "/posted_data_bytes");
    refused("{\"completion_data_bytes\": 128}", "/completion_data_bytes");
    refused("{\"gen\": 6, \"lanes\": 32}", "/lanes");
    refused("{\"gen\": 6, \"dllp\": \"reserved\"}", "/dllp");
    refused("{\"completion_bytes\": 0, \"completion_batch\": 8}", "/completion_batch");
}
END_TEST

TEST_MAIN("pcie", the_published_model_to_its_last_digit, headers_are_the_specifications,
          raw_rates_are_exact, flits_have_no_framing, flits_come_whole, skp_takes_its_share,
          ack_intervals_are_the_specifications, acknowledgements_go_the_other_way,
          idle_wires_owe_nothing, idle_latency_is_the_sum_of_parts, what_cannot_be_is_refused)
