/* test_app_dma.c - whole reads and writes across a link, by the shipped scenario and what
 * --set makes of it: idle latency to the picosecond, tags as a window, requests of MRRS, both
 * kinds at once, the published model's numbers, and acknowledgements where they go. */
#include "app_run.h"

#include <math.h>

#define PCIE   "/dpu/blocks/pcie/"
#define MEMORY "/dpu/blocks/memory/"
#define DMA    "/streams/dma/"
/* 500 ps a byte, exactly, and nothing on the wire but packets. */
#define BARE                                                                                   \
    PCIE "gen", "1", PCIE "dllp_bytes", "0", PCIE "skp_bytes", "0", PCIE "latency_to_host",    \
        "100ns", PCIE "latency_from_host", "70ns", MEMORY "bandwidth", "1TB/s",                \
        MEMORY "read_latency", "180ns", MEMORY "write_latency", "66ns"
#define SHORT "/run/warmup", "100us", "/run/duration", "400us"

static const sim_ps ns = 1000, byte = 500;
static struct app_scenario s;
static json_t *summary, *dma;

/* Run a scenario with POINTER, VALUE, ... NULL. */
static void ask(const char *file, const char *const *set) {
    struct app_set sets[32];
    size_t n = 0;
    for (; set[2 * n] != NULL; n++) {
        ck_assert_uint_lt(n, 32);
        sets[n] = (struct app_set){set[2 * n], set[2 * n + 1]};
    }
    setenv("DPUSIM_CONFIGS", DPUSIM_SOURCE_DIR "/configs", 1);
    load(&s, file, sets, n);
    run(&s);
    summary = summary_of(&s);
    dma = json_object_get(json_object_get(summary, "streams"), "dma");
}
#define CONFIGS DPUSIM_SOURCE_DIR "/configs/"
#define ASK(...)                                                                               \
    ask(CONFIGS "scenarios/pcie-dma.json", (const char *const[]){__VA_ARGS__, NULL})
#define ASK_CARD(...)                                                                          \
    ask(CONFIGS "validation/scenarios/nfp-haswell.json",                                       \
        (const char *const[]){__VA_ARGS__, NULL})

static void done(void) {
    json_decref(summary);
    app_scenario_free(&s);
}

static double number(const json_t *o, const char *a, const char *b) {
    const json_t *v = json_object_get(json_object_get(o, a), b);
    ck_assert_msg(json_is_number(v), "no number %s/%s", a, b);
    return json_number_value(v);
}

static double rate_of(const char *op) {
    return number(json_object_get(dma, "by_op"), op, "bits_per_s");
}

static void near(double got, double want, double tolerance, const char *what) {
    double off = got > want ? got - want : want - got;
    ck_assert_msg(off <= tolerance * want, "%s: %.6g, not %.6g", what, got, want);
}

/* ---------------------------------------------------------------- idle latency */

/* One operation at a time takes this long, in all; of every hop 1 ps. */
static void lasts(const char *op, const char *bytes, sim_ps parts, sim_ps hops) {
    ASK(BARE, SHORT, DMA "op", op, DMA "bytes", bytes, DMA "outstanding", "1");
    same_latency(s.stream[0].stream, parts + hops);
    done();
}

/* A read: 24 bytes of request up, and down its data with 20 around each 256. Its hops are to
 * the split, out of it, to the tag, the request, memory, the completion, back to the tag, and
 * to the join. */
START_TEST(idle_latency_of_a_read_is_the_sum_of_parts) {
    const sim_ps fixed = 24 * byte + 100 * ns + 180 * ns + 70 * ns;
    lasts("read", "64", fixed + 64 + (64 + 20) * byte, 8);
    lasts("read", "1", fixed + 1 + (1 + 20) * byte, 8);
    lasts("read", "512", fixed + 512 + (512 + 40) * byte, 8);
}
END_TEST

START_TEST(idle_latency_of_a_write_is_the_sum_of_parts) {
    const sim_ps fixed = 100 * ns + 66 * ns;
    lasts("write", "64", fixed + 64 + (64 + 24) * byte, 2);
    lasts("write", "300", fixed + 300 + (300 + 48) * byte, 2);
}
END_TEST

/* ---------------------------------------------------------------- tags */

/* Reads of `each` requests in a window of `tags`: each tag is taken for a request's round
 * trip, in which the wire is nearly idle, and a picosecond for the next one to come. */
static void window(const char *tags, int64_t n) {
    ASK(PCIE "gen", "5", PCIE "lanes", "16", MEMORY "read_latency", "3us", MEMORY "bandwidth",
        "1000Tb/s", SHORT, DMA "op", "read", DMA "bytes", "64", DMA "outstanding", "1024",
        PCIE "tags", tags);
    /* 300 ns of wire, 3 us of memory; each request and completion some ns behind the others */
    near(rate_of("read"), (double)n * 64 * 8 / 3300e-9, 0.02, tags);
    done();
}

START_TEST(tags_are_a_window) {
    window("1", 1);
    window("2", 2);
    window("32", 32);
}
END_TEST

/* With one tag the round trip is that of an idle link, to the picosecond: the next request goes
 * when the last completion is there. */
START_TEST(one_tag_is_one_read_at_a_time) {
    ASK(BARE, SHORT, DMA "op", "read", DMA "bytes", "64", DMA "outstanding", "8", PCIE "tags",
        "1");
    /* from tag to tag: four hops to the completion of the tag's step */
    sim_ps trip = (24 + 64 + 20) * byte + 350 * ns + 64 + 4;
    uint64_t items = (uint64_t)(400 * 1000 * ns / trip);
    ck_assert_uint_ge(s.stream[0].stream->delivered.items, items);
    ck_assert_uint_le(s.stream[0].stream->delivered.items, items + 1);
    done();
}
END_TEST

static const struct sim_port *port_of(const char *block, const char *port) {
    const struct sim_comp *c = comp_of(&s, block);
    for (uint32_t i = 0; i < c->ports; i++)
        if (strcmp(c->port[i]->name, port) == 0)
            return c->port[i];
    ck_abort_msg("no port %s", port);
    return NULL;
}

/* What is longer than MRRS is as many requests, and each takes a tag; the last one is short. */
static void requests(const char *bytes, const char *mrrs, uint64_t each) {
    ASK(BARE, SHORT, DMA "op", "read", DMA "bytes", bytes, DMA "outstanding", "1",
        PCIE "mrrs_bytes", mrrs);
    const struct sim_stream *st = s.stream[0].stream;
    uint64_t n = st->delivered.items;
    ck_assert_uint_gt(n, 2);
    ck_assert_uint_ge(st->created.items, (n - 1) * each); /* one read is cut at either edge */
    ck_assert_uint_le(st->created.items, (n + 1) * each);
    uint64_t crossed = port_of("pcie", "from-host")->entered.items;
    ck_assert_uint_ge(crossed, (n - 1) * each);
    ck_assert_uint_le(crossed, (n + 1) * each);
    done();
}

START_TEST(reads_longer_than_mrrs_are_requests_of_it) {
    requests("512", "512", 1);
    requests("516", "512", 2);
    requests("4096", "512", 8);
    requests("4096", "4096", 1);
    requests("1500", "128", 12);
}
END_TEST

/* The requests of one read, one tag: one round trip after the other. */
START_TEST(requests_of_a_read_take_a_tag_each) {
    const sim_ps trip = (24 + 512 + 40) * byte + 350 * ns + 512;
    ASK(BARE, SHORT, DMA "op", "read", DMA "bytes", "2048", DMA "outstanding", "1", PCIE "tags",
        "1");
    const struct sim_hist *h = &s.stream[0].stream->latency;
    ck_assert_int_ge((sim_ps)h->min, 4 * trip);
    ck_assert_int_le((sim_ps)h->max, 4 * trip + 32);
    done();
    /* four of them: the completions follow one another on the wire */
    ASK(BARE, SHORT, DMA "op", "read", DMA "bytes", "2048", DMA "outstanding", "1", PCIE "tags",
        "4");
    h = &s.stream[0].stream->latency;
    ck_assert_int_ge((sim_ps)h->min, trip + 3 * 552 * byte);
    ck_assert_int_le((sim_ps)h->max, trip + 3 * 552 * byte + 32);
    done();
}
END_TEST

/* A measured card's engine that works on so many reads at a time: each takes as long as one
 * alone, but for what the others keep the wire. The bound says so, by what the children's
 * children take. */
START_TEST(an_engine_works_on_so_many_reads) {
    ASK_CARD(SHORT, DMA "op", "read", DMA "outstanding", "1");
    double alone = number(dma, "latency_s", "min");
    done();
    static const char *const reads[] = {"1", "2", "4"};
    for (int i = 0; i < 3; i++) {
        ASK_CARD(SHORT, DMA "op", "read", DMA "outstanding", "64", "/dpu/blocks/dma/reads",
                 reads[i]);
        near(rate_of("read"), (1 << i) * 64 * 8 / alone, 0.01, reads[i]);
        const json_t *tightest = json_array_get(json_object_get(summary, "bounds"), 0);
        ck_assert_str_eq(json_string_value(json_object_get(tightest, "component")), "dpu.dma");
        ck_assert_str_eq(json_string_value(json_object_get(tightest, "resource")), "reads");
        near(json_number_value(json_object_get(tightest, "bound_bits_per_s")), rate_of("read"),
             0.01, "bound");
        const json_t *wall = json_object_get(summary, "bottleneck");
        ck_assert_str_eq(json_string_value(json_object_get(wall, "resource")), "reads");
        ck_assert_str_eq(json_string_value(json_object_get(wall, "kind")), "resource");
        done();
    }
}
END_TEST

/* Six walkers of 330 ns: what waits for one is no part of what an operation takes, so the
 * tightest row is theirs, and of the loop's operations few are needed. */
START_TEST(waiting_for_a_walker_is_no_work) {
    ASK(MEMORY "iommu", "true", DMA "window", "64MiB", DMA "bytes", "64", DMA "op", "write");
    size_t i;
    json_t *row, *bounds = json_object_get(summary, "bounds");
    ck_assert_str_eq(json_string_value(json_object_get(json_array_get(bounds, 0), "resource")),
                     "walkers");
    near(number(dma, "delivered", "bits_per_s"), 6 * 64 * 8 / 330e-9, 0.005, "walkers");
    json_array_foreach(bounds, i,
                       row) if (strcmp(json_string_value(json_object_get(row, "resource")),
                                       "outstanding") == 0)
        ck_assert_double_lt(json_number_value(json_object_get(row, "load_ratio")), 0.02);
    done();
}
END_TEST

/* ---------------------------------------------------------------- both kinds */

/* So many bytes under way are as many operations, of whole lines, and never fewer than four. */
START_TEST(bytes_in_flight_are_operations) {
    static const char *const point[][3] = {{"64", "4KiB", "64"},
                                           {"65", "4KiB", "32"},
                                           {"1500", "100KB", "65"},
                                           {"4096", "1KiB", "4"}};
    for (int i = 0; i < 4; i++) {
        ASK(SHORT, DMA "bytes", point[i][0], DMA "in_flight", point[i][1]);
        uint64_t digest = sim_world_digest(s.world);
        double rate = number(dma, "delivered", "bits_per_s");
        done();
        ASK(SHORT, DMA "bytes", point[i][0], DMA "outstanding", point[i][2]);
        ck_assert_uint_eq(sim_world_digest(s.world), digest);
        ck_assert_double_eq(number(dma, "delivered", "bits_per_s"), rate);
        done();
    }
}
END_TEST

/* What the scenario has under way fills the fastest link, and settles on a slow one. */
START_TEST(the_scenario_s_own_depth_does) {
    ASK(PCIE "gen", "6", PCIE "lanes", "16", PCIE "skp_bytes", "0", DMA "bytes", "4096", SHORT);
    const double wire = 1024e9 * 236 / 256 * 4096 / (16 * 272 + 8 * 16);
    near(rate_of("write"), wire, 0.001, "write, generation 6");
    near(rate_of("read"), wire, 0.001, "read, generation 6");
    done();
    /* operations that are longer than the memory's usual window */
    ASK(PCIE "gen", "5", PCIE "lanes", "16", DMA "bytes", "64KiB", DMA "op", "read", SHORT);
    near(rate_of("read"), 512e9 * 128 / 130 * 1534 / 1538 * 256 / 276, 0.01, "read, 64 KiB");
    done();
    ASK(PCIE "gen", "2", PCIE "lanes", "4", DMA "bytes", "4096");
    near(rate_of("write"), rate_of("read"), 0.005, "generation 2");
    ck_assert_uint_eq(json_array_size(json_object_get(summary, "warnings")), 0);
    done();
    /* a few large ones each way, of which some wait for their last byte: 78 packets of MPS and
       one of 32 bytes with 20 around each, and 39 requests of MRRS and one more of 24 */
    ASK(PCIE "gen", "6", PCIE "lanes", "16", PCIE "skp_bytes", "0", DMA "bytes", "20000",
        "/run/duration", "20ms");
    near(rate_of("write"), 1024e9 * 236 / 256 * 20000 / (79 * 16 + 20000 + 40 * 16), 0.001,
         "20,000 bytes, both");
    done();
}
END_TEST

/* 57.4 Gb/s are 35.9 operations in 200 us, of which a whole number of operations is seen to
 * end. */
START_TEST(few_operations_are_a_coarse_rate) {
    ASK("/run/duration", "200us", DMA "bytes", "40000", DMA "op", "write");
    const json_t *w = json_array_get(json_object_get(summary, "warnings"), 0);
    ck_assert_str_eq(json_string_value(json_object_get(w, "text")),
                     "only 36 of its operations ended in the window: one more or less is "
                     "2.78 % of what it reports; lengthen /run/duration");
    done();
    ASK("/run/duration", "600us", DMA "bytes", "40000", DMA "op", "write");
    ck_assert_uint_eq(json_array_size(json_object_get(summary, "warnings")), 0);
    done();
}
END_TEST

START_TEST(both_are_as_many_and_sum_up) {
    static const char *const bytes[] = {"64", "256", "1500"};
    for (int i = 0; i < 3; i++) {
        ASK(SHORT, DMA "op", "both", DMA "outstanding", "255", DMA "bytes", bytes[i]);
        json_t *op = json_object_get(dma, "by_op");
        double w = number(op, "write", "items"), r = number(op, "read", "items");
        ck_assert_msg(w - r <= 255 && r - w <= 255, "%s: %g writes, %g reads", bytes[i], w, r);
        static const char *const sum[] = {"items", "bytes", "wire_bytes"};
        for (int k = 0; k < 3; k++)
            ck_assert_int_eq(
                (int64_t)(number(op, "write", sum[k]) + number(op, "read", sum[k])),
                (int64_t)number(dma, "delivered", sum[k]));
        ck_assert_int_eq((int64_t)(number(op, "write", "started_items") +
                                   number(op, "read", "started_items")),
                         (int64_t)number(dma, "started", "items"));
        done();
    }
}
END_TEST

START_TEST(one_kind_is_all_there_is) {
    ASK(SHORT, DMA "op", "write");
    json_t *op = json_object_get(dma, "by_op");
    ck_assert_int_eq((int64_t)number(op, "read", "items"), 0);
    ck_assert_int_eq((int64_t)number(op, "write", "items"),
                     (int64_t)number(dma, "delivered", "items"));
    done();
}
END_TEST

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
    done();
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

/* The host rings once for so many packets that it sends, however many descriptors are fetched
 * at a time; each ring is a write of 8 bytes, 24 around them, from the host. */
START_TEST(doorbells_come_in_batches) {
    static const char *const batch[] = {"1", "8", "64"};
    double bytes[3], rung[3];
    for (int i = 0; i < 3; i++) {
        ask(CONFIGS "scenarios/transmit.json",
            (const char *const[]){PCIE "doorbell_batch", batch[i], "/run/warmup", "0s",
                                  "/run/duration", "50us", "/streams/small/rate", "50Gb/s",
                                  NULL});
        json_t *pcie = json_object_get(json_object_get(summary, "components"), "dpu.pcie");
        rung[i] = number(pcie, "counters", "doorbells");
        bytes[i] = number(pcie, "counters", "tlp_bytes_from_host");
        ck_assert_double_eq(rung[i], floor(rung[0] / atof(batch[i])));
        ck_assert_double_ge(
            rung[i] * atof(batch[i]) + atof(batch[i]) - 1,
            number(json_object_get(json_object_get(summary, "streams"), "small"), "delivered",
                   "items"));
        done();
    }
    near((bytes[0] - bytes[1]) / (rung[0] - rung[1]), 32, 0.001, "8 for 1");
    near((bytes[1] - bytes[2]) / (rung[1] - rung[2]), 32, 0.001, "64 for 8");
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
    done();
}

START_TEST(what_is_sent_between_messages_is_load) {
    bytes_are_load(CONFIGS "scenarios/transmit.json", "/streams/small/rate", "10Gb/s", 512e9);
    bytes_are_load(CONFIGS "scenarios/transmit.json", "/streams/small/rate", "60Gb/s", 512e9);
    bytes_are_load(CONFIGS "scenarios/pcie-dma.json", DMA "think", "20us", 64e9);
    bytes_are_load(CONFIGS "scenarios/pcie-dma.json", PCIE "ack_interval_bytes", "64", 64e9);
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
    done();
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
            done();
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
    done();
    ASK(SHORT, DMA "bytes", "256", DMA "op", "read");
    near(rate_of("read"), generated(276 + 24 * per_byte), 0.0005, "read");
    done();
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
    done();
}
END_TEST

TEST_MAIN("app dma", idle_latency_of_a_read_is_the_sum_of_parts,
          idle_latency_of_a_write_is_the_sum_of_parts, tags_are_a_window,
          one_tag_is_one_read_at_a_time, reads_longer_than_mrrs_are_requests_of_it,
          requests_of_a_read_take_a_tag_each, an_engine_works_on_so_many_reads,
          both_are_as_many_and_sum_up, waiting_for_a_walker_is_no_work,
          bytes_in_flight_are_operations, the_scenario_s_own_depth_does,
          few_operations_are_a_coarse_rate, one_kind_is_all_there_is, channels_take_turns,
          doorbells_come_in_batches, what_is_sent_between_messages_is_load,
          peers_pay_for_what_they_cross, reserved_is_the_published_model,
          generated_acknowledgements_take_the_other_direction)
