/* test_nic.c - the NIC pipeline: stages, parser, what a card can, refusals behind it. Flow
 * table and meters: test_nic_flows.c; headers: test_nic_headers.c. */
#include "nic_bench.h"

extern const struct sim_model model_ethernet, model_server;

static void visit_all(struct bench *b, void *nic, const char *const *op) {
    for (; *op != NULL; op++)
        bench_visit(b, nic, *op, NULL);
}

START_TEST(idle_latency_is_the_sum_of_its_parts) {
    static const char *const ops[] = {"parse", "flow",    "nat",  "rss",
                                      "dma",   "hairpin", "send", NULL};
    struct bench b = bench_new(1, 0, 1500);
    visit_all(&b, bench_block(&b, &model_nic, "nic", "{\"cache_entries\": 0}"), ops);
    b.step[1].hop[NIC_MISS] =
        (struct sim_hop){.kind = SIM_HOP_NEXT, .next = 3}; /* a miss goes on */
    bench_run(&b);
    /* The parser is entered at 1 ps and left on an edge; six hops between the stages. */
    ck_assert_int_eq(b.sink->log_start[0], 51 * NS + 50 * NS * 5 + 100 * NS + 7);
    bench_free(&b);
}
END_TEST

/* Occupancy and latency apart: a packet each 1/330 M/s, exactly, however long it stays in. */
START_TEST(every_stage_keeps_its_rate) {
    static const struct {
        const char *op, *args;
        sim_ps latency;
    } stage[] = {{"rss", NULL, 50 * NS},
                 {"dma", NULL, 100 * NS},
                 {"hairpin", NULL, 50 * NS},
                 {"send", NULL, 50 * NS},
                 {"nat", "{\"stages\": 3}", 150 * NS},
                 {"flow", "{\"stages\": 5}", 250 * NS},
                 {"vxlan-encap", "{\"stages\": 2}", 100 * NS},
                 {"vxlan-decap", NULL, 50 * NS},
                 {"meter", "{\"rate\": \"1Tb/s\", \"burst\": \"1GB\"}", 50 * NS}};
    for (size_t k = 0; k < sizeof stage / sizeof *stage; k++) {
        struct bench b = bench_new(3300, 0, 200);
        struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{\"cache_entries\": 0}");
        struct sim_step *step = bench_visit(&b, nic, stage[k].op, stage[k].args);
        for (int v = 1; v < SIM_VERDICTS; v++)
            probe_go_on(&b, step, v);
        bench_run(&b);
        for (int64_t i = 0; i < 3300; i++)
            ck_assert_int_eq(b.sink->log_start[i], 1 + pace(i) + stage[k].latency + 1);
        bench_free(&b);
    }
}
END_TEST

/* The parser gives packets out on its clock's edges, at the same rate. */
START_TEST(the_parser_keeps_the_clock) {
    struct bench b = bench_new(3300, 0, 64);
    bench_visit(&b, bench_block(&b, &model_nic, "nic", "{}"), "parse", NULL);
    bench_run(&b);
    for (int64_t i = 0; i < 3300; i++) {
        sim_ps ready = 1 + pace(i) + 50 * NS;
        ck_assert_int_eq(b.sink->log_start[i], (ready + 999) / 1000 * 1000 + 1);
    }
    bench_free(&b);
}
END_TEST

/* ---------------------------------------------------------------- parser */

static struct packet packets[8];

static void set_packet(int i, uint8_t version, uint8_t l4, uint8_t flags, uint8_t tunnel) {
    packets[i] = (struct packet){.heads = version ? 1 : 0, .tunnel = tunnel};
    packets[i].head[0].version = version;
    packets[i].head[0].l4 = l4;
    packets[i].head[0].flags = flags;
}

static void one_of_eight(struct sim_msg *m, uint64_t number) {
    m->body = number % 8 == 7 ? NULL : &packets[number % 8];
}

START_TEST(protocols_are_counted) {
    set_packet(0, 4, PACKET_L4_TCP, 0, 0);
    set_packet(1, 4, PACKET_L4_UDP, 0, PACKET_TUNNEL_VXLAN);
    set_packet(2, 6, PACKET_L4_TCP, 0, 0);
    set_packet(3, 6, PACKET_L4_ICMP, 0, 0);
    set_packet(4, 4, PACKET_L4_NONE, PACKET_FRAGMENT | PACKET_LATER_FRAGMENT, 0);
    set_packet(5, 4, PACKET_L4_UDP, PACKET_BAD, 0);
    set_packet(6, 0, 0, 0, 0);
    struct bench b = bench_new(80, 0, 100);
    probe_add(&b, "in")->vary = one_of_eight;
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{}");
    struct sim_step *parse = bench_visit(&b, nic, "parse", NULL);
    parse->hop[NIC_BAD].cause = sim_cause_add(b.w, nic, "bad");
    bench_run(&b);
    static const struct {
        const char *name;
        int64_t n;
    } want[] = {{"ipv4", 40},      {"ipv6", 20},      {"tcp", 20},
                {"udp", 20},       {"other", 20},     {"non_ip", 20},
                {"fragments", 10}, {"tunnelled", 10}, {"bad", 10}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        ck_assert_msg(stat_of(nic, want[i].name) == want[i].n, "%s: %ld", want[i].name,
                      (long)stat_of(nic, want[i].name));
    ck_assert_uint_eq(bench_dropped(&b, "nic:bad"), 10);
    ck_assert_uint_eq(bench_delivered(&b), 70);
    bench_free(&b);
}
END_TEST

/* ---------------------------------------------------------------- both forms */

static void mixed(struct sim_msg *m, uint64_t number) {
    uint64_t h = test_mix(number, 5);
    m->flow = (uint32_t)(h % 300);
    m->bytes += (uint32_t)(h >> 32 & 1023);
    m->flags |= h >> 50 & 1 ? SIM_MSG_OLD : 0;
}

static uint64_t run_mixed(bool all_by_event) {
    struct bench b = bench_new(4000, 7 * NS, 64);
    b.w->opts.all_by_event = all_by_event;
    probe_add(&b, "in")->vary = mixed;
    struct sim_comp *nic = bench_block(
        &b, &model_nic, "nic", "{\"flow_capacity\": 128, \"cache_entries\": 32, \"queue\": 4}");
    bench_visit(&b, nic, "parse", NULL);
    probe_go_on(&b, bench_visit(&b, nic, "flow", NULL), NIC_MISS);
    bench_visit(&b, nic, "flow-insert", NULL);
    bench_visit(&b, nic, "vxlan-encap", NULL);
    bench_visit(&b, nic, "meter",
                "{\"rate\": \"90Gb/s\", \"burst\": 4000, \"mode\": \"shape\"}");
    bench_run(&b);
    uint64_t digest = sim_world_digest(b.w);
    ck_assert_uint_eq(bench_delivered(&b), 4000);
    ck_assert_int_gt(stat_of(nic, "evicted"), 10);
    bench_free(&b);
    return digest;
}

START_TEST(either_form_of_ports) { ck_assert_uint_eq(run_mixed(false), run_mixed(true)); }
END_TEST

/* Twice through one stage, and three times: a packet that comes back keeps its place. No more
 * are in than there are places, and all come out. */
static uint64_t run_again(bool all_by_event) {
    struct bench b = bench_new(3000, NS, 200);
    b.w->opts.all_by_event = all_by_event;
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{\"queue\": 4}");
    bench_visit(&b, nic, "parse", NULL);
    bench_visit(&b, nic, "vxlan-encap", NULL);
    bench_visit(&b, nic, "vxlan-decap", NULL);
    for (int i = 0; i < 3; i++)
        bench_visit(&b, nic, "nat", NULL);
    bench_visit(&b, nic, "dma", NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 3000);
    for (uint32_t i = 0; i < nic->ports; i++) /* those of the parser are its senders' */
        ck_assert_int_le(nic->port[i]->level.peak, i == 0 ? 3000 : 4);
    uint64_t digest = sim_world_digest(b.w);
    bench_free(&b);
    return digest;
}

START_TEST(a_stage_may_be_visited_again) {
    ck_assert_uint_eq(run_again(false), run_again(true));
}
END_TEST

/* Of 4,000 messages, one each 125 ns, those that pass a stage in front of a block that refuses.
 */
static uint64_t passed(const struct sim_model *model, const char *params, const char *op,
                       const char *args) {
    struct bench b = bench_new(4000, 125 * NS, 64);
    struct sim_comp *stage = bench_block(&b, model, "stage", params);
    bench_visit(&b, stage, op, args)->hop[2] = (struct sim_hop){.kind = SIM_HOP_DELIVERED};
    struct sim_comp *out = bench_block(&b, &model_ethernet, "out",
                                       "{\"rate\": \"10Gb/s\", \"tx_queue\": 1,"
                                       " \"tx_full\": \"refuse\"}");
    bench_visit(&b, out, "tx", NULL);
    bench_run(&b);
    uint64_t n = bench_delivered(&b);
    ck_assert_uint_eq(n + bench_dropped(&b, "out:tx-queue-full"), 4000);
    bench_free(&b);
    return n;
}

/* What is refused leaves no trace: a stage of 2 M/s passes as many as a plain station of 500
 * ns; a shaper and a bucket count what they let through alone. */
START_TEST(a_refused_packet_costs_nothing) {
    uint64_t plain = passed(&model_server,
                            "{\"time\": \"500ns\", \"distribution\": \"constant\","
                            " \"latency\": \"50ns\"}",
                            "serve", NULL);
    ck_assert_uint_eq(passed(&model_nic, "{\"packet_rate\": \"2M/s\"}", "hairpin", NULL),
                      plain);
    ck_assert_uint_gt(plain, 200);
    uint64_t shaped = passed(&model_nic, "{}", "meter",
                             "{\"rate\": \"1Gb/s\", \"burst\": \"64B\", \"mode\": \"shape\"}");
    ck_assert_uint_gt(shaped, 200); /* 512 ns each, once the bucket is empty */
}
END_TEST

/* ---------------------------------------------------------------- what a card can */

static struct packet hashed;

/* Flow 40 as captured, and instances of it beyond, as a source renews them. */
static void renewed(struct sim_msg *m, uint64_t number) {
    m->body = &hashed;
    m->flow = hashed.flow + (uint32_t)number;
    m->hash = hashed.head[0].rss ^ packet_rss_delta(packet_rss_key, hashed.head[0].version,
                                                    packet_flow_mask((uint32_t)number));
}

/* A card without RSS hands over without a hash; the next one that has it computes the same
 * again.
 */
START_TEST(a_card_without_rss_leaves_no_hash) {
    static const char *const op[] = {"parse", "dma", "nat"};
    for (size_t k = 0; k < sizeof op / sizeof *op; k++) {
        hashed = (struct packet){.heads = 1, .flow = 40};
        hashed.head[0] = (struct packet_head){
            .src = {10, 1, 2, 3}, .dst = {10, 4, 5, 6}, .version = 4, .l4 = PACKET_L4_OTHER};
        hashed.head[0].rss = packet_rss(packet_rss_key, &hashed.head[0]);
        struct bench b = bench_new(50, 100 * NS, 64);
        struct probe *in = probe_add(&b, "in");
        in->vary = renewed;
        bench_visit(&b, bench_block(&b, &model_nic, "old", "{\"rss\": false}"), op[k], NULL);
        struct probe *between = probe_add(&b, "between");
        bench_visit(&b, bench_block(&b, &model_nic, "new", "{}"), "parse", NULL);
        struct probe *out = probe_add(&b, "out");
        bench_run(&b);
        for (int i = 0; i < 50; i++) {
            ck_assert_uint_ne(in->saw[i].hash, 0);
            ck_assert_uint_eq(between->saw[i].hash, 0);
            ck_assert_uint_eq(out->saw[i].hash, in->saw[i].hash);
        }
        bench_free(&b);
    }
}
END_TEST

/* Which operations a block has without what a parameter states. */
START_TEST(what_it_lacks_it_cannot) {
    static const struct {
        const char *params, *lacks;
    } card[] = {{"{\"rss\": false}", "rss "},
                {"{\"flow_table\": false}", "flow flow-insert nat "},
                {"{\"tunnels\": false}", "vxlan-encap vxlan-decap geneve-encap geneve-decap "},
                {"{\"meters\": false}", "meter "},
                {"{\"hairpin\": false}", "hairpin "},
                {"{\"virtual_functions\": 0}", "switch "},
                {"{\"checksum\": \"none\"}", "checksum "},
                {"{}", ""}};
    for (size_t k = 0; k < sizeof card / sizeof *card; k++) {
        struct bench b = bench_new(1, 0, 64);
        struct sim_comp *nic = bench_block(&b, &model_nic, "nic", card[k].params);
        char lacks[256] = "";
        for (const struct sim_op *op = model_nic.ops; op->name != NULL; op++)
            if (!model_nic.can(nic, op))
                strcat(strcat(lacks, op->name), " ");
        ck_assert_str_eq(lacks, card[k].lacks);
        bench_free(&b);
    }
}
END_TEST

/* The switch's few rules are on the chip: each packet takes a stage's time. */
START_TEST(the_switch_finds_every_function) {
    struct bench b = bench_new(100, 100 * NS, 64);
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{}");
    probe_add(&b, "in")->vary = each_its_own;
    bench_visit(&b, nic, "switch", NULL);
    bench_run(&b);
    for (int64_t i = 0; i < 100; i++)
        ck_assert_int_eq(b.sink->log_start[i], i * 100 * NS + 50 * NS + 3);
    ck_assert_int_eq(stat_of(nic, "switched"), 100);
    ck_assert_int_eq(stat_of(nic, "misses"), 0);
    bench_free(&b);
}
END_TEST

TEST_MAIN("nic", idle_latency_is_the_sum_of_its_parts, every_stage_keeps_its_rate,
          the_parser_keeps_the_clock, protocols_are_counted, either_form_of_ports,
          a_stage_may_be_visited_again, a_refused_packet_costs_nothing,
          a_card_without_rss_leaves_no_hash, what_it_lacks_it_cannot,
          the_switch_finds_every_function)
