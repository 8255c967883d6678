/* test_app_link.c - who shares a link, by shipped scenarios: channels, what a network card
 * sends between packets, peers behind a switch, and the bandwidth that is left: the published
 * model's numbers, and acknowledgements where they go. */
#include "app_dma.h"

#include <math.h>

static const sim_ps ns = 1000, byte = 500;

/* ---------------------------------------------------------------- channels */

#define TO_MEMORY                                                                              \
    "[{\"at\": \"pcie\", \"op\": \"write\"}, {\"at\": \"memory\", \"op\": \"write\"}"
#define PACKET TO_MEMORY "]"
#define WHOLE  TO_MEMORY ", {\"end\": \"reply\"}]"
#define CUT                                                                                    \
    "[{\"at\": \"pcie\", \"split\": {\"each\": \"mps_bytes\", \"chain\": \"packet\"}}, "       \
    "{\"end\": \"reply\"}]"

/* What a small operation waits for behind eight large ones under way: @return its latency
 * beyond that of an idle link, at least and at most. */
static void behind(const char *op, const char *channels, const char *chain, double wait[2]) {
    char small[200];
    snprintf(small, sizeof small,
             "{\"source\": \"dma\", \"op\": \"%s\", \"bytes\": 64, \"outstanding\": 1, "
             "\"think\": \"3333ns\", \"chain\": {\"write\": \"whole\", \"read\": \"read\"}}",
             op);
    ASK(BARE, SHORT, DMA "op", op, DMA "bytes", "4096", DMA "outstanding", "8", PCIE "channels",
        channels, "/chains/whole", WHOLE, "/chains/packet", PACKET, "/chains/write", chain,
        "/streams/small", small);
    const struct sim_hist *h = &s.stream[1].stream->latency;
    sim_ps idle =
        op[0] == 'w' ? 166 * ns + 64 + 88 * byte + 2 : 350 * ns + 64 + (24 + 84) * byte + 8;
    wait[0] = (double)((sim_ps)h->min - idle);
    wait[1] = (double)((sim_ps)h->max - idle);
    near(rate_of(op), 4096. * 8 / ((op[0] == 'w' ? 16 * 280 : 8 * 552) * 500e-12), 0.02,
         "the large ones");
    discard();
}

/* One queue: behind all of the large ones. A channel each: behind one transfer, or behind one
 * packet of it where the chain cuts them. */
START_TEST(channels_take_turns) {
    const double b = 500, transfer = 4480 * b, packet = 280 * b, slack = 100;
    double wait[2];
    behind("write", "1", WHOLE, wait);
    ck_assert_double_ge(wait[0], 7 * transfer - slack);
    behind("write", "2", WHOLE, wait);
    ck_assert_double_le(wait[1], transfer + slack);
    ck_assert_double_ge(wait[1], transfer / 4);
    behind("write", "2", CUT, wait);
    ck_assert_double_le(wait[1], packet + slack);
    behind("write", "1", CUT, wait);
    ck_assert_double_ge(wait[0], 7 * transfer - slack);
    /* a large one's eight requests are in front of it, and one of their completions */
    behind("read", "1", WHOLE, wait);
    ck_assert_double_ge(wait[0], 7 * 8 * 552 * b - 1e6);
    behind("read", "2", WHOLE, wait);
    ck_assert_double_le(wait[1], (24 + 552) * b + slack);
}
END_TEST

/* ---------------------------------------------------------------- a network card's own */

/* The host rings once for so many packets that it sends by a queue, however many descriptors
 * are fetched at a time; each ring is a write of 8 bytes, 24 around them, from the host. */
START_TEST(doorbells_come_in_batches) {
    static const char *const batch[] = {"1", "8", "64"};
    const double queues = 16;
    double bytes[3], rung[3];
    for (int i = 0; i < 3; i++) {
        ask(CONFIGS "scenarios/transmit.json",
            (const char *const[]){PCIE "doorbell_batch", batch[i], "/run/warmup", "0s",
                                  "/run/duration", "50us", "/streams/small/rate", "50Gb/s",
                                  NULL});
        json_t *pcie = json_object_get(json_object_get(summary, "components"), "dpu.pcie");
        rung[i] = number(pcie, "counters", "doorbells");
        bytes[i] = number(pcie, "counters", "tlp_bytes_from_host");
        ck_assert_double_le(rung[i], rung[0] / atof(batch[i]));
        ck_assert_double_gt(rung[i], rung[0] / atof(batch[i]) - queues);
        ck_assert_double_ge(
            rung[i] * atof(batch[i]) + queues * (atof(batch[i]) - 1),
            number(json_object_get(json_object_get(summary, "streams"), "small"), "delivered",
                   "items"));
        discard();
    }
    near((bytes[0] - bytes[1]) / (rung[0] - rung[1]), 32, 0.001, "8 for 1");
    near((bytes[1] - bytes[2]) / (rung[1] - rung[2]), 32, 0.001, "64 for 8");
}
END_TEST

/* Interrupts of 64 packets that so many flows bring in turn, one for eight of a queue. */
static double interrupts(const char *flows) {
    ask(CONFIGS "scenarios/transmit.json",
        (const char *const[]){"/streams/small/chain", "receive", "/streams/small/rate",
                              "10Gb/s", "/streams/small/limit", "64", "/streams/small/flows",
                              flows, "/streams/small/flow_order", "round-robin",
                              PCIE "interrupt_batch", "8", "/run/warmup", "0s", "/run/duration",
                              "50us", NULL});
    json_t *pcie = json_object_get(json_object_get(summary, "components"), "dpu.pcie");
    double n = number(pcie, "counters", "interrupts");
    discard();
    return n;
}

START_TEST(batches_fill_by_queue) {
    ck_assert_double_eq(interrupts("1"), 8);
    ck_assert_double_lt(interrupts("64"), 6); /* four a queue on average */
}
END_TEST

/* What a wire sends between messages keeps it busy, and is part of what is asked of it: its
 * load is its bytes, at any rate. */
static void bytes_are_load(const char *file, const char *pointer, const char *value,
                           double rate) {
    ask(file, (const char *const[]){"/run/warmup", "100us", "/run/duration", "400us", pointer,
                                    value, NULL});
    static const char *const way[][3] = {
        {"to-host", "tlp_bytes_to_host", "dllp_bytes_to_host"},
        {"from-host", "tlp_bytes_from_host", "dllp_bytes_from_host"}};
    json_t *pcie = json_object_get(json_object_get(summary, "components"), "dpu.pcie");
    for (int i = 0; i < 2; i++) {
        double bytes =
            number(pcie, "counters", way[i][1]) + number(pcie, "counters", way[i][2]);
        double want = bytes * 8 / (rate * 128 / 130 * 1534 / 1538 * 400e-6);
        size_t k;
        json_t *row;
        json_array_foreach(json_object_get(summary, "bounds"), k, row) {
            if (strcmp(json_string_value(json_object_get(row, "component")), "dpu.pcie") != 0 ||
                strcmp(json_string_value(json_object_get(row, "resource")), way[i][0]) != 0)
                continue;
            near(json_number_value(json_object_get(row, "utilization")), want, 0.005, value);
            near(json_number_value(json_object_get(row, "load_ratio")), want, 0.01, value);
        }
    }
    discard();
}

START_TEST(what_is_sent_between_messages_is_load) {
    bytes_are_load(CONFIGS "scenarios/transmit.json", "/streams/small/rate", "10Gb/s", 512e9);
    bytes_are_load(CONFIGS "scenarios/transmit.json", "/streams/small/rate", "60Gb/s", 512e9);
    bytes_are_load(CONFIGS "scenarios/pcie-dma.json", DMA "think", "20us", 64e9);
    bytes_are_load(CONFIGS "scenarios/pcie-dma.json", PCIE "ack_interval_bytes", "64", 64e9);
}
END_TEST

/* A read that comes behind a write waits until that is visible, however little there is to do:
 * its tag is kept for it, and that is load. */
START_TEST(reads_behind_writes_keep_tags) {
    static const char writes[] =
        "{\"source\": \"dma\", \"op\": \"write\", \"bytes\": 64, \"outstanding\": 3, "
        "\"think\": "
        "\"97ns\", \"chain\": {\"write\": \"write\", \"read\": \"read\"}}";
    ASK(BARE, SHORT, PCIE "tags", "2", DMA "op", "read", DMA "bytes", "64", DMA "outstanding",
        "1", DMA "think", "1us", "/streams/writes", writes);
    json_t *row, *tags = NULL;
    size_t i;
    json_array_foreach(json_object_get(summary, "bounds"), i,
                       row) if (strcmp(json_string_value(json_object_get(row, "resource")),
                                       "tags") == 0) tags = row;
    double busy = json_number_value(json_object_get(tags, "utilization"));
    near(json_number_value(json_object_get(tags, "load_ratio")), busy, 0.06, "load");
    double rate = rate_of("read") / 8 / 64, kept = 2 * busy / rate;
    ck_assert_double_gt(kept * 1e9, 100 + 180 + 70 + 54 + 20); /* idle, and some of 66 ns */
    discard();
}
END_TEST

/* ---------------------------------------------------------------- peers and switches */

#define ASK_PEER(...)                                                                          \
    ask(CONFIGS "scenarios/peer.json",                                                         \
        (const char *const[]){"/run/warmup", "0s", "/run/duration", "200us",                   \
                              "/streams/in/rate", "5Gb/s", __VA_ARGS__, NULL})

/* @return the mean latency in ps; `bytes` a frame that crossed a link, one way. */
static double crossed(const char *link, const char *way, double *bytes) {
    json_t *counters = json_object_get(
        json_object_get(json_object_get(summary, "components"), link), "counters");
    json_t *in = json_object_get(json_object_get(summary, "streams"), "in");
    *bytes =
        json_number_value(json_object_get(counters, way)) / number(in, "delivered", "items");
    double mean = number(in, "latency_s", "mean") * 1e12;
    discard();
    return mean;
}

/* Straight through the switch: 8,996 bytes, no check sequence, in 36 packets cross the GPU's
 * link and not the host's; by way of the host they cross the latter up, and down in as many
 * completions. What the switch and the links take is paid once each way. */
START_TEST(peers_pay_for_what_they_cross) {
    static const char *const longer[] = {"/dpu/blocks/switch-up/latency",
                                         "/dpu/blocks/gpu-link/latency_from_host",
                                         "/dpu/blocks/gpu-memory/write_latency"};
    static const char *const more[] = {"1150ns", "1150ns", "1100ns"};
    double bytes;
    ASK_PEER("/streams/in/chain", "peer");
    double mean = crossed("dpu.gpu-link", "tlp_bytes_from_host", &bytes);
    near(bytes, 8996 + 36 * 24, 0.06, "to the GPU");
    for (int i = 0; i < 3; i++) {
        ASK_PEER("/streams/in/chain", "peer", longer[i], more[i]);
        near(crossed("dpu.uplink", "tlp_bytes_to_host", &bytes) - mean, 1e6, 0.001, longer[i]);
        ck_assert_double_eq(bytes, 0);
    }
    ASK_PEER("/streams/in/chain", "staged");
    mean = crossed("dpu.uplink", "tlp_bytes_to_host", &bytes);
    near(bytes, 8996 + 36 * 24 + 18 * 24, 0.06, "up to the host");
    ASK_PEER("/streams/in/chain", "staged", longer[0], more[0]); /* up, and the request */
    near(crossed("dpu.uplink", "tlp_bytes_from_host", &bytes) - mean, 2e6, 0.001, longer[0]);
    near(bytes, 8996 + 36 * 20, 0.06, "down from the host");
}
END_TEST

/* ---------------------------------------------------------------- bandwidth */

/* The published model's effective bandwidth: write, read, and each of both, in Gb/s with two
 * decimals (docs/sources.md section 7). */
static const struct {
    const char *gen, *lanes, *bytes;
    double gbits[3];
} published[] = {{"3", "8", "64", {42.1, 44.1, 33.08}},
                 {"3", "8", "128", {48.75, 50.06, 42.1}},
                 {"3", "8", "256", {52.92, 53.69, 48.75}},
                 {"3", "8", "257", {48.78, 50.09, 45.22}},
                 {"3", "8", "512", {52.92, 53.69, 50.75}},
                 {"3", "8", "1500", {52.81, 53.6, 50.6}},
                 {"3", "16", "64", {82.69, 86.63, 64.97}},
                 {"3", "16", "128", {95.75, 98.34, 82.69}},
                 {"3", "16", "256", {103.95, 105.46, 95.75}},
                 {"3", "16", "512", {103.95, 105.46, 99.68}},
                 {"3", "16", "1500", {103.74, 105.28, 99.39}},
                 {"5", "16", "64", {330.76, 346.51, 259.89}},
                 {"5", "16", "128", {382.99, 393.34, 330.76}},
                 {"5", "16", "256", {415.82, 421.84, 382.99}},
                 {"5", "16", "512", {415.82, 421.84, 398.73}},
                 {"5", "16", "1500", {414.96, 421.11, 397.55}}};

START_TEST(reserved_is_the_published_model) {
    static const char *const op[] = {"write", "read", "both"};
    for (size_t i = 0; i < sizeof published / sizeof *published; i++)
        for (int k = 0; k < 3; k++) {
            const char *time = published[i].gen[0] == '5' ? "100us" : "500us";
            char what[64];
            snprintf(what, sizeof what, "gen %s x%s, %s B, %s", published[i].gen,
                     published[i].lanes, published[i].bytes, op[k]);
            ASK(PCIE "gen", published[i].gen, PCIE "lanes", published[i].lanes, PCIE "dllp",
                "reserved", DMA "bytes", published[i].bytes, DMA "op", op[k], "/run/warmup",
                time, "/run/duration", time);
            near(rate_of(k == 1 ? "read" : "write") / 1e9, published[i].gbits[k], 0.001, what);
            discard();
        }
}
END_TEST

/* Its formula, of Gen3 x8: completions of MPS, also where requests are shorter. */
static double formula(char op, uint64_t mps, uint64_t mrrs, uint64_t bytes) {
    static const double interval[] = {163, 203, 182, 246, 374, 630};
    double every = interval[__builtin_ctzll(mps / 128)];
    double wire = 64e9 * 128 / 130 * (1 - 2 * 8 / every - 4. / 1538);
    double packets = (double)((bytes + mps - 1) / mps);
    double requests = 24. * (double)((bytes + mrrs - 1) / mrrs), data = (double)bytes;
    double out = (op == 'r' ? 0 : data + 24 * packets) + (op == 'w' ? 0 : requests);
    double in = op == 'w' ? 0 : data + 20 * packets;
    return wire * data / (out > in ? out : in) / 1e9;
}

START_TEST(reserved_has_completions_of_mps) {
    static const char *const op[] = {"write", "read", "both"};
    static const uint64_t bytes[] = {200, 1024, 4096, 5000};
    for (uint64_t i = 0; i < 6 * 4 * 3; i++) {
        uint64_t mps = 128ull << i % 6, mrrs = 128ull << i / 12;
        uint64_t size = bytes[(i + i / 6) % 4];
        const char *what = op[i / 6 % 2 ? 1 : i % 3];
        char number[3][24];
        snprintf(number[0], sizeof number[0], "%llu", (unsigned long long)mps);
        snprintf(number[1], sizeof number[1], "%llu", (unsigned long long)mrrs);
        snprintf(number[2], sizeof number[2], "%llu", (unsigned long long)size);
        ASK(PCIE "mps_bytes", number[0], PCIE "mrrs_bytes", number[1], PCIE "dllp", "reserved",
            DMA "bytes", number[2], DMA "op", what, "/run/warmup", "500us", "/run/duration",
            "1ms");
        near(rate_of(what[0] == 'r' ? "read" : "write") / 1e9,
             formula(what[0], mps, mrrs, size), 0.001, what);
        discard();
    }
}
END_TEST

/* Whatever comes between two parts of a read. */
START_TEST(reserved_packets_are_of_one_read) {
    static const char two[] = "{\"source\": \"dma\", \"op\": \"read\", \"bytes\": 1024, "
                              "\"chain\": {\"write\": \"write\", \"read\": \"read\"}}";
    static const char *const channels[] = {"1", "2"};
    for (int i = 0; i < 2; i++) {
        ASK(PCIE "mrrs_bytes", "128", PCIE "dllp", "reserved", PCIE "channels", channels[i],
            DMA "bytes", "1024", DMA "op", "read", "/streams/two", two);
        json_t *other = json_object_get(json_object_get(summary, "streams"), "two");
        near((rate_of("read") + number(other, "delivered", "bits_per_s")) / 1e9,
             formula('r', 256, 128, 1024), 0.002, channels[i]);
        discard();
    }
}
END_TEST

/* The two entries of its tables that break their columns' rule. */
START_TEST(reserved_has_the_published_tables) {
    static const struct {
        const char *gen, *mps;
        double bits, ack, fc;
    } of[] = {{"1", "2048", 64e9, 148, 248}, {"2", "4096", 128e9, 237, 327}};
    for (int i = 0; i < 2; i++) {
        double bytes = atof(of[i].mps);
        ASK(PCIE "gen", of[i].gen, PCIE "lanes", "32", PCIE "mps_bytes", of[i].mps,
            PCIE "mrrs_bytes", "4096", PCIE "dllp", "reserved", DMA "bytes", of[i].mps,
            DMA "op", "write", "/run/duration", "2ms");
        near(rate_of("write"),
             of[i].bits * (1 - 8 / of[i].ack - 8 / of[i].fc - 4. / 1538) * bytes / (bytes + 24),
             0.001, of[i].gen);
        discard();
    }
}
END_TEST

/* Gen3 x8, MPS 256 B: an acknowledgement and an update of 8 bytes each for every 203 symbol
 * times of 8 bytes that the other direction carries; 4 of 1,538 bytes are SKP. */
static double generated(double wall) { return 64e9 * 128 / 130 * 1534 / 1538 / wall * 256; }

START_TEST(generated_acknowledgements_take_the_other_direction) {
    const double per_byte = 2. * 8 / (203 * 8);
    ASK(SHORT, DMA "bytes", "256", DMA "op", "write");
    near(rate_of("write"), generated(280), 0.0005, "write");
    discard();
    ASK(SHORT, DMA "bytes", "256", DMA "op", "read");
    near(rate_of("read"), generated(276 + 24 * per_byte), 0.0005, "read");
    discard();
    ASK(DMA "bytes", "256", DMA "op", "both");
    near(number(dma, "delivered", "bits_per_s") / 2, generated(280 + 24 + 276 * per_byte),
         0.0005, "both");
    json_t *counters = json_object_get(
        json_object_get(json_object_get(summary, "components"), "dpu.pcie"), "counters");
    static const char *const way[][2] = {{"tlp_bytes_to_host", "dllp_bytes_from_host"},
                                         {"tlp_bytes_from_host", "dllp_bytes_to_host"}};
    for (int i = 0; i < 2; i++)
        near(json_number_value(json_object_get(counters, way[i][1])),
             per_byte * json_number_value(json_object_get(counters, way[i][0])), 0.001,
             way[i][1]);
    discard();
}
END_TEST

TEST_MAIN("app link", reads_behind_writes_keep_tags, batches_fill_by_queue, channels_take_turns,
          doorbells_come_in_batches, what_is_sent_between_messages_is_load,
          peers_pay_for_what_they_cross, reserved_is_the_published_model,
          reserved_has_completions_of_mps, reserved_has_the_published_tables,
          reserved_packets_are_of_one_read, generated_acknowledgements_take_the_other_direction)
