/* test_pcie.c - the wire of a link: bytes and times against the published model and the
 * specification's figures, credits, batches of a network card, refusals. Whole reads with tags:
 * test_app_dma.c. */
#include "tests/block_world.h"

extern const struct sim_model model_pcie, model_host;

#define RESERVED "\"dllp\": \"reserved\", \"queue\": 0"
#define GEN5X16  "{" RESERVED "}"
#define GEN3X16  "{\"gen\": 3, " RESERVED "}"
#define GEN3X8   "{\"gen\": 3, \"lanes\": 8, " RESERVED "}"
/* Nothing but the bytes of packets, 64 of them a nanosecond. */
#define BARE "\"gen\": 5, \"dllp_bytes\": 0, \"skp_bytes\": 0, \"queue\": 0"

enum { N = 4000 };

static uint32_t port_of(const char *op) {
    return strcmp(op, "completion") == 0 || strcmp(op, "write-in") == 0 ||
           strcmp(op, "request-in") == 0;
}

/* Bytes of packets, acknowledgements and credits that went a way. */
static int64_t probe_bytes(const struct sim_comp *pcie, uint32_t way) {
    const struct sim_field *f = model_pcie.stats;
    return sim_field_int(&f[way], pcie) + sim_field_int(&f[2 + way], pcie);
}

/* Picoseconds that N transfers of `bytes` back to back keep the wire. */
static sim_ps busy(const char *params, const char *op, uint32_t bytes) {
    struct bench b = bench_new(N, 0, bytes);
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", params);
    bench_visit(&b, pcie, op, NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), N);
    uint32_t way = port_of(op);
    sim_ps ps = (sim_ps)pcie->port[way]->busy_ps;
    bool idle = probe_bytes(pcie, 1 - way) == 0;
    ck_assert(idle == (pcie->port[1 - way]->busy_ps == 0));
    bench_free(&b);
    return ps;
}

/* Bytes of a transfer on a bare wire. */
static double wire_bytes(const char *params, const char *op, uint32_t bytes) {
    char json[512];
    snprintf(json, sizeof json, "{" BARE "%s%s}", params[0] ? ", " : "", params);
    sim_u128 bits = (sim_u128)(uint64_t)busy(json, op, bytes) * 512 * 128 / 130;
    return (double)bits / 1000 / 8 / N;
}

static void costs(const char *params, const char *op, uint32_t bytes, double want) {
    double got = wire_bytes(params, op, bytes);
    ck_assert_msg(got > want - 0.001 && got < want + 0.001, "{%s} %s %u: %f, not %f", params,
                  op, bytes, got, want);
}

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
    costs("", "write", 257, 257 + 48);
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
static void interval(const char *lanes, uint32_t mps, int64_t bytes) {
    char json[512], table[512];
    const char *form = "{\"lanes\": %s, \"mps_bytes\": %u, " RESERVED
                       ", \"ack_interval_bytes\": %ld, \"fc_interval_bytes\": %ld}";
    snprintf(json, sizeof json, form, lanes, mps, (long)bytes, (long)bytes);
    snprintf(table, sizeof table, form, lanes, mps, 0L, 0L);
    ck_assert_int_eq(busy(json, "write", mps), busy(table, "write", mps));
}

START_TEST(ack_intervals_are_the_specifications) {
    interval("8", 128, 163);
    interval("8", 256, 203);
    interval("8", 512, 182);
    interval("16", 128, 144);
    interval("16", 256, 168);
    interval("16", 512, 182);
    interval("4", 256, 214);
    interval("12", 128, 154);
    interval("12", 512, 205);
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

/* ---------------------------------------------------------------- a network card's packets */

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

/* ---------------------------------------------------------------- credits */

/* A window of so many packets, or bytes, a round trip: the wire is faster. */
static void window_of(const char *op, const char *credits, uint32_t bytes, uint32_t in_flight) {
    char json[512];
    snprintf(json, sizeof json, "{" BARE ", \"credit_latency\": \"10us\", %s}", credits);
    struct bench b = bench_new(400, 0, bytes);
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", json);
    bench_visit(&b, pcie, op, NULL);
    bench_run(&b);
    sim_ps took = b.sink->log_start[399];
    sim_ps rounds = (400 - 1) / in_flight;
    ck_assert_int_ge(took, rounds * 10000000);
    ck_assert_int_le(took, rounds * 10000000 + 400 * 20000);
    /* some kind is full until the last ones are back */
    bool full = false;
    for (uint32_t i = 4; i < pcie->ports; i++) {
        const struct sim_port *p = pcie->port[i];
        full |= (double)p->busy_ps > 0.99 * (double)(took / 10000000) * 1e7 * p->servers;
    }
    ck_assert_msg(full, "%s %s: no credits are full", op, credits);
    bench_free(&b);
}

static void window(const char *credits, uint32_t bytes, uint32_t in_flight) {
    window_of("write", credits, bytes, in_flight);
}

START_TEST(credits_are_windows) {
    window("\"posted_headers\": 8", 256, 8);
    window("\"posted_headers\": 8", 512, 4); /* two packets each */
    window("\"posted_data_bytes\": 1024", 256, 4);
    window("\"posted_data_bytes\": 1024", 250, 4); /* 16 units of 16 bytes, too */
    window("\"posted_data_bytes\": 1024, \"posted_headers\": 2", 256, 2);
    window("\"posted_data_bytes\": 1024, \"posted_headers\": 100", 16, 64);
    /* requests, of at most 512 bytes each, take no data's credits */
    window_of("request", "\"nonposted_headers\": 8", 512, 8);
    window_of("request", "\"nonposted_headers\": 8", 1024, 4);
    window_of("request", "\"nonposted_headers\": 8, \"posted_headers\": 1", 64, 8);
    /* completions, of at most 256 bytes or RCB, none across requests' ends */
    window_of("completion", "\"completion_headers\": 8", 256, 8);
    window_of("completion", "\"completion_headers\": 8", 512, 4);
    window_of("completion", "\"completion_headers\": 8, \"rcb_bytes\": 64", 256, 2);
    window_of("completion", "\"completion_headers\": 8, \"mrrs_bytes\": 128", 256, 4);
    window_of("completion", "\"completion_data_bytes\": 1024", 256, 4);
    window_of("completion-out", "\"completion_data_bytes\": 1024", 256, 4);
}
END_TEST

/* Messages that do one thing and then the other. @return when the first is at the sink */
static sim_ps first_of(uint64_t n, const char *params, const char *op, const char *then) {
    char json[512];
    snprintf(json, sizeof json,
             "{" BARE ", \"credit_latency\": \"10us\", \"mrrs_bytes\": 4096, %s}", params);
    struct bench b = bench_new(n, 0, 4096);
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", json);
    bench_visit(&b, pcie, op, NULL);
    bench_visit(&b, pcie, then, NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), n);
    sim_ps first = b.sink->log_start[0];
    bench_free(&b);
    return first;
}

/* Ten requests at once and one credit: the write that comes of the first one goes by the nine
 * that wait. A request that has its credit goes by none of the writes in front of it. */
START_TEST(writes_pass_requests_and_not_the_other_way) {
    const sim_ps ns = 1000, wire = 4480 * 130 * 1000 / (64 * 128);
    sim_ps alone = first_of(1, "\"nonposted_headers\": 1", "request", "write");
    ck_assert_int_ge(alone, 2 * 150 * ns + wire);
    ck_assert_int_le(alone, 2 * 150 * ns + wire + ns);
    ck_assert_int_eq(first_of(10, "\"nonposted_headers\": 1", "request", "write"), alone);
    ck_assert_int_eq(
        first_of(10, "\"nonposted_headers\": 1, \"channels\": 3", "request", "write"), alone);
    /* all ten go by before it, its way, and it with all that is in front */
    for (int credits = 0; credits < 2; credits++) {
        sim_ps last = first_of(10, credits ? "\"nonposted_headers\": 1" : "\"reads\": 1",
                               "write", "request");
        ck_assert_int_ge(last, 10 * wire + 150 * ns);
        ck_assert_int_le(last, 10 * wire + 150 * ns + ns);
    }
}
END_TEST

START_TEST(enough_credits_change_nothing) {
    const char *many =
        "{\"queue\": 0, \"posted_headers\": 4096, \"posted_data_bytes\": 1048576, "
        "\"nonposted_headers\": 4096, \"credit_latency\": \"1ns\"}";
    ck_assert_int_eq(busy(many, "write", 1500), busy("{\"queue\": 0}", "write", 1500));
    ck_assert_int_eq(busy(many, "request", 1500), busy("{\"queue\": 0}", "request", 1500));
    ck_assert_int_eq(busy(many, "receive", 64), busy("{\"queue\": 0}", "receive", 64));
}
END_TEST

/* ---------------------------------------------------------------- refusals */

#define PLAIN "{\"queue\": 0, \"descriptor_bytes\": 0}"

/* A ring of 3 behind the link, a driver that takes 1 s: three packets cross, the link is busy
 * for exactly these, and the refused ones left no trace in its arithmetic. */
START_TEST(without_a_descriptor_the_link_is_not_used) {
    struct bench b = bench_new(40, 0, 1500);
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", PLAIN);
    struct sim_comp *host = bench_block(&b, &model_host, "host",
                                        "{\"queues\": 1, \"ring\": 3, \"clock\": \"1GHz\"}");
    bench_visit(&b, pcie, "receive", NULL);
    bench_visit(&b, host, "rx", "{\"cycles\": 100000000}");
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 3);
    ck_assert_uint_eq(bench_dropped(&b, "host:no-descriptor"), 37);
    ck_assert_uint_eq(pcie->port[0]->left.items, 3);
    ck_assert_uint_eq(pcie->port[0]->left.bytes, 4500);
    sim_ps want = (busy(PLAIN, "receive", 1500) * 3 + N - 1) / N;
    ck_assert_int_eq((sim_ps)pcie->port[0]->busy_ps, want);
    bench_free(&b);
}
END_TEST

/* A ring that is emptied at half of the link's rate: some cross, some are refused between
 * them, and those that cross still keep the link for their time each, within rounding. */
START_TEST(refusals_between_transfers_cost_nothing) {
    sim_ps each = busy(PLAIN, "receive", 1500) / N;
    struct bench b = bench_new(1000, each / 2, 1500);
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", PLAIN);
    struct sim_comp *host = bench_block(&b, &model_host, "host",
                                        "{\"queues\": 1, \"ring\": 32, \"clock\": \"1GHz\"}");
    bench_visit(&b, pcie, "receive", NULL);
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

static void refused(const char *params, const char *key) {
    struct bench b = bench_new(1, 0, 64);
    struct sim_comp *pcie = bench_comp(&b, &model_pcie, "pcie", params);
    struct sim_err err = {0};
    ck_assert(!sim_comp_init(pcie, &err));
    ck_assert_str_eq(err.path, key);
    bench_free(&b);
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
          raw_rates_are_exact, flits_have_no_framing, skp_takes_its_share,
          ack_intervals_are_the_specifications, acknowledgements_go_the_other_way,
          idle_wires_owe_nothing, a_packet_costs_what_its_batches_cost,
          a_fetch_keeps_a_wire_that_nobody_visits, packets_wait_for_their_descriptors,
          fetches_take_credits, idle_latency_is_the_sum_of_parts, credits_are_windows,
          writes_pass_requests_and_not_the_other_way, enough_credits_change_nothing,
          without_a_descriptor_the_link_is_not_used, refusals_between_transfers_cost_nothing,
          what_cannot_be_is_refused)
