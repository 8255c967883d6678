/* test_nic.c - the NIC pipeline: stages, parser, flow table and its costs, meters. */
#include "models/payload.h"
#include "tests/unit/probe.h"

extern const struct sim_model model_nic, model_ethernet, model_server;

enum { NS = 1000 };

/* The i-th packet of a busy stage starts so long after the first: ceil(i / 330 M/s). */
static sim_ps pace(int64_t i) { return (i * 1000000 + 329) / 330; }

static void visit_all(struct bench *b, void *nic, const char *const *op) {
    for (; *op != NULL; op++)
        bench_visit(b, nic, *op, NULL);
}

START_TEST(idle_latency_is_the_sum_of_its_parts) {
    static const char *const ops[] = {"parse", "flow",    "nat",  "rss",
                                      "dma",   "hairpin", "send", NULL};
    struct bench b = bench_new(1, 0, 1500);
    visit_all(&b, bench_block(&b, &model_nic, "nic", "{\"cache_entries\": 0}"), ops);
    b.step[1].hop[2] = (struct sim_hop){.kind = SIM_HOP_NEXT, .next = 3}; /* a miss goes on */
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
    parse->hop[1].cause = sim_cause_add(b.w, nic, "bad");
    bench_run(&b);
    static const struct {
        const char *name;
        int64_t n;
    } want[] = {{"ipv4", 40},      {"ipv6", 20},      {"tcp", 20},
                {"udp", 20},       {"other", 20},     {"non_ip", 20},
                {"fragments", 10}, {"tunnelled", 10}, {"bad", 10}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        ck_assert_msg(probe_stat(nic, want[i].name) == want[i].n, "%s: %ld", want[i].name,
                      (long)probe_stat(nic, want[i].name));
    ck_assert_uint_eq(bench_dropped(&b, "nic:bad"), 10);
    ck_assert_uint_eq(bench_delivered(&b), 70);
    bench_free(&b);
}
END_TEST

/* ---------------------------------------------------------------- flow table */

static void ten_flows(struct sim_msg *m, uint64_t number) { m->flow = (uint32_t)(number % 10); }

static void each_its_own(struct sim_msg *m, uint64_t number) { m->flow = (uint32_t)number; }

static void old_ones(struct sim_msg *m, uint64_t number) {
    each_its_own(m, number);
    m->flags |= SIM_MSG_OLD;
}

/* flow, and what misses goes on to flow-insert; `all` of the messages do. */
static struct sim_comp *look_and_insert(struct bench *b, const char *params,
                                        void (*vary)(struct sim_msg *, uint64_t)) {
    probe_add(b, "in")->vary = vary;
    struct sim_comp *nic = bench_block(b, &model_nic, "nic", params);
    probe_go_on(b, bench_visit(b, nic, "flow", NULL), 2);
    probe_go_on(b, bench_visit(b, nic, "flow-insert", NULL), 3);
    bench_run(b);
    return nic;
}

/* Ten flows, a packet each microsecond: all that come before their flow's entry is active miss,
 * and only the first of a flow inserts it. */
START_TEST(the_entry_counts_when_it_is_active) {
    struct bench b = bench_new(2000, 1000 * NS, 100);
    struct sim_comp *nic = look_and_insert(&b, "{\"cache_entries\": 0}", ten_flows);
    /* Flow k comes first at k us and is entered 50 ns later or behind the insertions of the
     * flows before it, which take 1.667 us each; 10 us later it is active. */
    int64_t misses = 0;
    for (int64_t k = 0; k < 10; k++) {
        sim_ps enters = (k * 5000000 + 2) / 3 + 50 * NS + 1, active = enters + 10000 * NS;
        for (int64_t i = k; i < 2000; i += 10)
            misses += i * 1000 * NS < active;
    }
    ck_assert_int_eq(probe_stat(nic, "inserted"), 10);
    ck_assert_int_eq(probe_stat(nic, "misses"), misses);
    ck_assert_int_eq(probe_stat(nic, "hits"), 2000 - misses);
    ck_assert_int_eq(probe_stat(nic, "known"), 1990);
    bench_free(&b);
}
END_TEST

START_TEST(insertions_keep_their_rate) {
    struct bench b = bench_new(3000, 0, 100);
    struct sim_comp *nic =
        look_and_insert(&b, "{\"cache_entries\": 0, \"stage_latency\": \"0ns\"}", each_its_own);
    ck_assert_int_eq(probe_stat(nic, "inserted"), 3000);
    sim_ps first = b.sink->log_start[0];
    for (int64_t i = 0; i < 3000; i++)
        ck_assert_int_eq(b.sink->log_start[i] - first, (i * 5000000 + 2) / 3);
    bench_free(&b);
}
END_TEST

START_TEST(full_or_evicted) {
    for (int evict = 0; evict < 2; evict++) {
        struct bench b = bench_new(1000, 0, 100);
        struct sim_comp *nic = look_and_insert(
            &b,
            evict ? "{\"flow_capacity\": 8}" : "{\"flow_capacity\": 8, \"flow_evict\": false}",
            each_its_own);
        ck_assert_int_eq(probe_stat(nic, "inserted"), evict ? 1000 : 8);
        ck_assert_int_eq(probe_stat(nic, "evicted"), evict ? 992 : 0);
        ck_assert_int_eq(probe_stat(nic, "full"), evict ? 0 : 992);
        bench_free(&b);
    }
}
END_TEST

START_TEST(old_flows_are_resident) {
    for (int resident = 0; resident < 2; resident++) {
        struct bench b = bench_new(1000, 0, 100);
        struct sim_comp *nic = look_and_insert(
            &b,
            resident ? "{\"flow_capacity\": 800, \"flow_ways\": 800, \"cache_entries\": 0}"
                     : "{\"resident\": false}",
            old_ones);
        ck_assert_int_eq(probe_stat(nic, "hits"), resident ? 800 : 0);
        bench_free(&b);
    }
}
END_TEST

/* Each look-up reads card memory, 64 reads of 500 ns at once: the stage takes 64 in 500 ns. */
START_TEST(reads_of_card_memory_are_bounded) {
    struct bench b = bench_new(6400, 0, 100);
    probe_add(&b, "in")->vary = old_ones;
    struct sim_comp *nic =
        bench_block(&b, &model_nic, "nic",
                    "{\"cache_entries\": 8, \"flow_ways\": 8, \"flow_capacity\": 1048576}");
    bench_visit(&b, nic, "flow", NULL);
    bench_run(&b);
    ck_assert_int_eq(probe_stat(nic, "fetches"), 6400);
    ck_assert_int_eq(probe_stat(nic, "hits"), 6400);
    sim_ps begin[6400];
    for (int64_t i = 0; i < 6400; i++) {
        begin[i] = 2 + pace(i % 64) + i / 64 * 500 * NS;
        ck_assert_int_le(b.sink->log_start[i % 4096], b.w->end);
        if (i < 4096)
            ck_assert_int_eq(b.sink->log_start[i], begin[i] + 550 * NS + 1);
    }
    bench_free(&b);
}
END_TEST

/* Few flows: read once, then on the chip. */
START_TEST(the_cache_keeps_what_is_used) {
    struct bench b = bench_new(1000, 1000 * NS, 100);
    probe_add(&b, "in")->vary = ten_flows;
    b.feed->like.flags = SIM_MSG_OLD;
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{}");
    bench_visit(&b, nic, "flow", NULL);
    bench_run(&b);
    ck_assert_int_eq(probe_stat(nic, "fetches"), 10);
    ck_assert_int_eq(b.sink->log_start[9] - b.sink->log_start[8], 1000 * NS);
    ck_assert_int_eq(b.sink->log_start[10] - b.sink->log_start[9], 500 * NS);
    ck_assert_int_eq(probe_stat(nic, "hits"), 1000);
    bench_free(&b);
}
END_TEST

START_TEST(whole_sets_only) {
    struct bench b = bench_new(1, 0, 100);
    struct sim_comp *nic = bench_comp(&b, &model_nic, "nic", "{\"flow_capacity\": 1001}");
    struct sim_err err = {0};
    ck_assert(!sim_comp_init(nic, &err));
    ck_assert_str_eq(err.path, "/flow_capacity");
    ck_assert_ptr_nonnull(strstr(err.text, "write e.g. 1008"));
    bench_free(&b);
}
END_TEST

/* ---------------------------------------------------------------- meters */

/* A packet of 1,000 B each 100 ns is 80 Gb/s; 20 Gb/s and a burst of 8 conform. */
START_TEST(police_lets_the_rate_through) {
    struct bench b = bench_new(4000, 100 * NS, 1000);
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{}");
    struct sim_step *step =
        bench_visit(&b, nic, "meter", "{\"rate\": \"20Gb/s\", \"burst\": 8000}");
    step->hop[6].cause = sim_cause_add(b.w, nic, "exceed");
    bench_run(&b);
    /* tokens by the last packet: 8000 + 3999 * 250 bytes, whole packets of them */
    ck_assert_uint_eq(bench_delivered(&b), (8000 + 3999 * 250) / 1000);
    ck_assert_uint_eq(bench_dropped(&b, "nic:exceed"), 4000 - bench_delivered(&b));
    ck_assert_int_eq(probe_stat(nic, "conforming"), (int64_t)bench_delivered(&b));
    ck_assert_int_eq(probe_stat(nic, "exceeding"), 4000 - (int64_t)bench_delivered(&b));
    bench_free(&b);
}
END_TEST

/* Shaped: none is lost, and after the burst of two the line is exactly the meter's. */
START_TEST(shape_delays) {
    struct bench b = bench_new(4000, 0, 1500);
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{}");
    bench_visit(&b, nic, "meter",
                "{\"rate\": \"7Gb/s\", \"burst\": 3000, \"mode\": \"shape\"}");
    bench_run(&b);
    for (int64_t i = 2; i < 4000; i++) {
        sim_ps wait = ((i - 1) * 12000000 + 6) / 7; /* ps: 12,000 bits a packet at 7 Gb/s */
        ck_assert_int_eq(b.sink->log_start[i], 1 + wait + 50 * NS + 1);
    }
    ck_assert_int_eq(probe_stat(nic, "shaped"), 3998);
    ck_assert_int_eq(probe_stat(nic, "conforming"), 2);
    bench_free(&b);
}
END_TEST

/* Two steps, two buckets: what one lets through the other does, too. */
START_TEST(each_step_has_its_bucket) {
    struct bench b = bench_new(100, 0, 1000);
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{}");
    bench_visit(&b, nic, "meter", "{\"rate\": \"1kb/s\", \"burst\": 20000}");
    bench_visit(&b, nic, "meter", "{\"rate\": \"1kb/s\", \"burst\": 15000}");
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 15);
    ck_assert_int_eq(probe_stat(nic, "conforming"), 35);
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
    probe_go_on(&b, bench_visit(&b, nic, "flow", NULL), 2);
    bench_visit(&b, nic, "flow-insert", NULL);
    bench_visit(&b, nic, "vxlan-encap", NULL);
    bench_visit(&b, nic, "meter",
                "{\"rate\": \"90Gb/s\", \"burst\": 4000, \"mode\": \"shape\"}");
    bench_run(&b);
    uint64_t digest = sim_world_digest(b.w);
    ck_assert_uint_eq(bench_delivered(&b), 4000);
    ck_assert_int_gt(probe_stat(nic, "evicted"), 10);
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
    ck_assert_int_eq(probe_stat(nic, "switched"), 100);
    ck_assert_int_eq(probe_stat(nic, "misses"), 0);
    bench_free(&b);
}
END_TEST

TEST_MAIN("nic", idle_latency_is_the_sum_of_its_parts, every_stage_keeps_its_rate,
          the_parser_keeps_the_clock, protocols_are_counted, the_entry_counts_when_it_is_active,
          insertions_keep_their_rate, full_or_evicted, old_flows_are_resident,
          reads_of_card_memory_are_bounded, the_cache_keeps_what_is_used, whole_sets_only,
          police_lets_the_rate_through, shape_delays, each_step_has_its_bucket,
          either_form_of_ports, a_stage_may_be_visited_again, a_refused_packet_costs_nothing,
          a_card_without_rss_leaves_no_hash, what_it_lacks_it_cannot,
          the_switch_finds_every_function)
