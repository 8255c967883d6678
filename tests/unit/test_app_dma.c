/* test_app_dma.c - whole reads and writes across a link, by the shipped scenario and what
 * --set makes of it: idle latency to the picosecond, tags as a window, requests of MRRS, both
 * kinds at once. */
#include "app_dma.h"

static const sim_ps ns = 1000, byte = 500;

/* ---------------------------------------------------------------- idle latency */

/* One operation at a time takes this long, in all; of every hop 1 ps. */
static void lasts(const char *op, const char *bytes, sim_ps parts, sim_ps hops) {
    ASK(BARE, SHORT, DMA "op", op, DMA "bytes", bytes, DMA "outstanding", "1");
    same_latency(s.stream[0].stream, parts + hops);
    discard();
}

/* A read: 24 bytes of request up, and down its data in words of 4, with 20 around each 256. Its
 * hops are to the split, out of it, to the tag, the request, memory, the completion, back to
 * the tag, and to the join. */
START_TEST(idle_latency_of_a_read_is_the_sum_of_parts) {
    const sim_ps fixed = 24 * byte + 100 * ns + 180 * ns + 70 * ns;
    lasts("read", "64", fixed + 64 + (64 + 20) * byte, 8);
    lasts("read", "1", fixed + 1 + (4 + 20) * byte, 8);
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
    discard();
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
    discard();
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
    discard();
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
    discard();
    /* four of them: the completions follow one another on the wire */
    ASK(BARE, SHORT, DMA "op", "read", DMA "bytes", "2048", DMA "outstanding", "1", PCIE "tags",
        "4");
    h = &s.stream[0].stream->latency;
    ck_assert_int_ge((sim_ps)h->min, trip + 3 * 552 * byte);
    ck_assert_int_le((sim_ps)h->max, trip + 3 * 552 * byte + 32);
    discard();
}
END_TEST

/* A measured card's engine that works on so many reads at a time: each takes as long as one
 * alone, but for what the others keep the wire. The bound says so, by what the children's
 * children take. */
START_TEST(an_engine_works_on_so_many_reads) {
    ASK_CARD(SHORT, DMA "op", "read", DMA "outstanding", "1");
    double alone = number(dma, "latency_s", "min");
    discard();
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
        discard();
    }
}
END_TEST

/* Seven walkers of 330 ns: what waits for one is no part of what an operation takes, so the
 * tightest row is theirs, and of the loop's operations few are needed. */
START_TEST(waiting_for_a_walker_is_no_work) {
    ASK(MEMORY "iommu", "true", DMA "window", "64MiB", DMA "bytes", "64", DMA "op", "write");
    size_t i;
    json_t *row, *bounds = json_object_get(summary, "bounds");
    ck_assert_str_eq(json_string_value(json_object_get(json_array_get(bounds, 0), "resource")),
                     "walkers");
    near(number(dma, "delivered", "bits_per_s"), 7 * 64 * 8 / 330e-9, 0.005, "walkers");
    json_array_foreach(bounds, i,
                       row) if (strcmp(json_string_value(json_object_get(row, "resource")),
                                       "outstanding") == 0)
        ck_assert_double_lt(json_number_value(json_object_get(row, "load_ratio")), 0.02);
    discard();
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
        discard();
        ASK(SHORT, DMA "bytes", point[i][0], DMA "outstanding", point[i][2]);
        ck_assert_uint_eq(sim_world_digest(s.world), digest);
        ck_assert_double_eq(number(dma, "delivered", "bits_per_s"), rate);
        discard();
    }
}
END_TEST

/* What the scenario has under way fills the fastest link, and settles on a slow one. */
START_TEST(the_scenario_s_own_depth_does) {
    ASK(PCIE "gen", "6", PCIE "lanes", "16", PCIE "skp_bytes", "0", DMA "bytes", "4096", SHORT);
    const double wire = 1024e9 * 236 / 256 * 4096 / (16 * 272 + 8 * 16);
    near(rate_of("write"), wire, 0.001, "write, generation 6");
    near(rate_of("read"), wire, 0.001, "read, generation 6");
    discard();
    /* operations that are longer than the memory's usual window */
    ASK(PCIE "gen", "5", PCIE "lanes", "16", DMA "bytes", "64KiB", DMA "op", "read", SHORT);
    near(rate_of("read"), 512e9 * 128 / 130 * 1534 / 1538 * 256 / 276, 0.01, "read, 64 KiB");
    discard();
    ASK(PCIE "gen", "2", PCIE "lanes", "4", DMA "bytes", "4096");
    near(rate_of("write"), rate_of("read"), 0.005, "generation 2");
    ck_assert_uint_eq(json_array_size(json_object_get(summary, "warnings")), 0);
    discard();
    /* a few large ones each way, of which some wait for their last byte: 78 packets of MPS and
       one of 32 bytes with 20 around each, and 39 requests of MRRS and one more of 24 */
    ASK(PCIE "gen", "6", PCIE "lanes", "16", PCIE "skp_bytes", "0", DMA "bytes", "20000",
        "/run/duration", "20ms");
    near(rate_of("write"), 1024e9 * 236 / 256 * 20000 / (79 * 16 + 20000 + 40 * 16), 0.001,
         "20,000 bytes, both");
    discard();
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
    discard();
    ASK("/run/duration", "600us", DMA "bytes", "40000", DMA "op", "write");
    ck_assert_uint_eq(json_array_size(json_object_get(summary, "warnings")), 0);
    discard();
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
        discard();
    }
}
END_TEST

START_TEST(one_kind_is_all_there_is) {
    ASK(SHORT, DMA "op", "write");
    json_t *op = json_object_get(dma, "by_op");
    ck_assert_int_eq((int64_t)number(op, "read", "items"), 0);
    ck_assert_int_eq((int64_t)number(op, "write", "items"),
                     (int64_t)number(dma, "delivered", "items"));
    discard();
}
END_TEST

TEST_MAIN("app dma", idle_latency_of_a_read_is_the_sum_of_parts,
          idle_latency_of_a_write_is_the_sum_of_parts, tags_are_a_window,
          one_tag_is_one_read_at_a_time, reads_longer_than_mrrs_are_requests_of_it,
          requests_of_a_read_take_a_tag_each, an_engine_works_on_so_many_reads,
          waiting_for_a_walker_is_no_work, bytes_in_flight_are_operations,
          the_scenario_s_own_depth_does, few_operations_are_a_coarse_rate,
          both_are_as_many_and_sum_up, one_kind_is_all_there_is)
