/* test_train.c - trains: which frames follow, what GRO and TSO do with them and what that saves
 * on a core and on the link; functions of a host. LRO: test_lro.c. */
#include "tests/unit/tcp_frames.h"

extern const struct sim_model model_lro, model_host, model_nic, model_pcie, model_cores;

static struct sim_msg of(const struct packet *p, uint32_t flow) {
    return (struct sim_msg){.body = p, .bytes = p->frame_bytes, .flow = flow};
}

static bool takes(struct train *t, const struct packet *p, uint32_t flow, uint32_t most) {
    const struct train_rule rule = {.most = most};
    struct sim_msg m = of(p, flow);
    return train_take(t, &m, train_may(&m, &rule), &rule);
}

static bool may(const struct sim_msg *m, bool tunnels) {
    const struct train_rule rule = {.tunnels = tunnels, .most = TRAIN_MOST};
    return train_may(m, &rule);
}

START_TEST(frames_of_a_connection_follow) {
    make_frames();
    struct train t = {0};
    ck_assert(!takes(&t, &full, 7, TRAIN_MOST));
    ck_assert(takes(&t, &full, 7, TRAIN_MOST));
    ck_assert(takes(&t, &last, 7, TRAIN_MOST)); /* a shorter one is the last */
    ck_assert(!takes(&t, &last, 7, TRAIN_MOST));
    ck_assert(!takes(&t, &full, 7, TRAIN_MOST)); /* none that is longer */
    ck_assert(takes(&t, &pushed, 7, TRAIN_MOST));
    ck_assert(!takes(&t, &full, 7, TRAIN_MOST));
    ck_assert(!takes(&t, &full, 8, TRAIN_MOST));
    ck_assert(!takes(&t, &ended, 8, TRAIN_MOST));
    ck_assert(!takes(&t, &full, 8, TRAIN_MOST));
}
END_TEST

/* 1,514 bytes and so many more payloads of 1,460. */
START_TEST(a_train_has_a_longest_length) {
    make_frames();
    struct train t = {0};
    uint32_t followed = 0, most = 1514 + 3 * PAYLOAD;
    for (int i = 0; i < 40; i++)
        followed += takes(&t, &full, 1, most);
    ck_assert_uint_eq(followed, 30);
    followed = 0;
    for (int i = 0; i < 40; i++)
        followed += takes(&t, &full, 1, most - 1);
    ck_assert_uint_eq(followed, 26); /* 13 whole trains of three, and one of one */
}
END_TEST

START_TEST(what_may_not_be_in_one) {
    make_frames();
    struct sim_msg m = of(&full, 0);
    ck_assert(may(&m, false));
    m.level = 1;
    ck_assert(!may(&m, false));
    m = of(&full, 0);
    m.bytes += 50;
    ck_assert(!may(&m, false));
    m = of(&udp, 0);
    ck_assert(!may(&m, false));
    m = of(&ended, 0);
    ck_assert(!may(&m, false));
    m = (struct sim_msg){.bytes = FRAME};
    ck_assert(!may(&m, false));
    struct packet inside = full;
    inside.heads = 2;
    inside.head[1] = full.head[0];
    m = of(&inside, 0);
    ck_assert(!may(&m, false));
    ck_assert(may(&m, true));
}
END_TEST

/* ---------------------------------------------------------------- captured numbers */

/* Which of the frames follow, '1' each, by the rule of a card or of a host. */
static void followed(const char *want, bool exact) {
    const struct train_rule rule = {.exact = exact, .most = TRAIN_MOST};
    struct train t = {0};
    char got[17] = "";
    for (uint32_t i = 0; want[i] != 0; i++) {
        struct sim_msg m = of(&captured[i], 3);
        got[i] = train_take(&t, &m, train_may(&m, &rule), &rule) ? '1' : '0';
    }
    ck_assert_str_eq(got, want);
}

static void order_is(const char *order, uint32_t first, const char *want) {
    capture(order, first);
    followed(want, false);
    followed(want, true);
}

START_TEST(sequence_numbers_are_compared) {
    order_is("01234", 0, "01111");
    order_is("0134", 0, "0101"); /* a hole */
    order_is("013245", 0, "010001");
    order_is("001", 0, "001"); /* one comes twice: the second begins a train */
    order_is("0123123", 0, "0111011");
    order_is("3210", 0, "0000");
    order_is("0000", 0, "0000");
    order_is("01-23", 0, "01001"); /* an acknowledgement alone, with whatever number */
    order_is("01234", (uint32_t)-2 * PAYLOAD, "01111"); /* the third begins at 2^32 */
    order_is("01234", (uint32_t)-2 * PAYLOAD + 1, "01111");
    order_is("01235", (uint32_t)-2 * PAYLOAD, "01110");
}
END_TEST

/* Made-up frames have no numbers. */
START_TEST(made_up_frames_follow_by_definition) {
    capture("3210", 0);
    for (int i = 0; i < 4; i++)
        captured[i].made = 1;
    followed("0111", false);
    followed("0111", true);
}
END_TEST

/* Three segments, the second of which differs: who follows by a card's and by a host's rule. */
static void differs(struct segment first, struct segment second, const char *card,
                    const char *host) {
    struct segment third = second;
    second.seq = first.seq + PAYLOAD;
    third.seq = second.seq + PAYLOAD;
    third.id = (uint16_t)(2 * second.id - first.id);
    captured[0] = segment(first);
    captured[1] = segment(second);
    captured[2] = segment(third);
    followed(card, false);
    followed(host, true);
}

#define S(...) ((struct segment){__VA_ARGS__})

START_TEST(headers_are_compared) {
    differs(S(.ack = 5), S(.ack = 5), "011", "011");
    differs(S(.ack = 5), S(.ack = 6), "011", "001");
    differs(S(.ack = 5), S(.ack = 4), "001", "001");
    differs(S(.ack = 0xffffffff), S(.ack = 1), "011", "001");
    differs(S(.window = 9), S(.window = 8), "011", "001");
    differs(S(.time = 7), S(.time = 7), "011", "011");
    differs(S(.time = 7), S(.time = 8), "011", "001");
    differs(S(.time = 7), S(.time = 6), "001", "001");
    differs(S(.time = 0xffffffff), S(.time = 1), "011", "001");
    differs(S(.time = 7), S(.ack = 0), "001", "001");
    differs(S(.option = 5), S(.option = 5), "000", "011"); /* SACK */
    differs(S(.option = 5), S(.option = 6), "000", "001");
    differs(S(.ttl = 60), S(.ttl = 61), "011", "001");
    differs(S(.tos = 0), S(.tos = 3), "001", "001");        /* congestion met: CE */
    differs(S(.flags = 0x40), S(.flags = 0), "001", "001"); /* ECE */
    differs(S(.flags = 0x80), S(.flags = 0), "001", "011"); /* CWR in the first */
    differs(S(.flags = 0), S(.flags = 0x80), "001", "000");
    differs(S(.dont = true), S(.dont = false), "001", "001");
    differs(S(.id = 3), S(.id = 4), "011", "011");
    differs(S(.id = 0xffff), S(.id = 0), "011", "011");
    differs(S(.id = 3), S(.id = 5), "011", "000");
    differs(S(.id = 3), S(.id = 2), "011", "000");
}
END_TEST

START_TEST(flags_end_a_train) {
    differs(S(.flags = 0), S(.flags = PSH), "010", "010");
    differs(S(.flags = 0), S(.flags = FIN), "000", "010");
    differs(S(.flags = 0), S(.flags = 2), "000", "000");   /* SYN */
    differs(S(.flags = 0), S(.flags = 4), "000", "000");   /* RST */
    differs(S(.flags = 32), S(.flags = 32), "000", "000"); /* URG */
    capture("012", 0);
    captured[1].vlan_id = 7;
    followed("000", false);
    captured[1].head[0].flags |= PACKET_OPTIONS; /* of IP */
    captured[1].vlan_id = 0xffff;
    followed("000", false);
    followed("000", true);
    captured[1] = captured[0];
    captured[2] = captured[1];
    captured[1].segment.id = captured[2].segment.id = 1;
    captured[1].segment.seq = PAYLOAD;
    captured[2].segment.seq = 2 * PAYLOAD;
    followed("010", true); /* growing by one, and then not */
}
END_TEST

START_TEST(headers_come_off_and_on) {
    make_frames();
    struct sim_msg m = of(&full, 0);
    train_join(&m);
    ck_assert(train_follows(&m));
    ck_assert_uint_eq(m.bytes, FRAME - HEADERS);
    ck_assert(wrap_as_captured(&m));
    train_leave(&m);
    ck_assert(!train_follows(&m));
    ck_assert_uint_eq(m.bytes, FRAME);
    ck_assert_uint_eq(m.wrap, 0);
}
END_TEST

static void two_connections(struct sim_msg *m, uint64_t number) {
    m->flow = (uint32_t)number % 2;
    m->body = m->flow ? &pushed : &full;
}

/* ---------------------------------------------------------------- GRO, TSO */

#define BURSTS "\"queues\": 1, \"batch\": 64, \"batch_cycles\": 1"

/* 64 frames at once on a core that takes them in a burst: rx 83 cycles each; what comes behind
 * is paid once a train of four. */
START_TEST(gro_gathers_a_burst) {
    make_frames();
    struct bench b = bench_new(64, 0, FRAME);
    probe_add(&b, "in")->vary = by_four;
    struct sim_comp *host =
        bench_block(&b, &model_host, "host", "{" BURSTS ", \"gro_bytes\": \"64KiB\"}");
    bench_visit(&b, host, "rx", NULL);
    bench_visit(&b, host, "app", "{\"cycles\": 1000}");
    struct probe *out = probe_add(&b, "out");
    bench_run(&b);
    ck_assert_int_eq(probe_stat(host, "gathered"), 48);
    ck_assert_uint_eq(out->saw[0].bytes, FRAME);
    ck_assert_uint_eq(out->saw[1].bytes, FRAME - HEADERS);
    const struct sim_step_stat *rx = b.feed->stream->step[2], *app = b.feed->stream->step[3];
    const struct sim_clock *clock = &host->port[0]->clock;
    ck_assert_uint_eq(sim_clock_cycles(clock, (sim_ps)rx->demand_ps + 64), 64 * 83 + 1);
    uint64_t cycles = sim_clock_cycles(clock, (sim_ps)app->demand_ps + 64);
    ck_assert_uint_gt(cycles, 16 * 1000); /* and a cycle a burst */
    ck_assert_uint_le(cycles, 16 * 1000 + 64);
    bench_free(&b);
}
END_TEST

/* From the application to the wire: a segment is one descriptor, and the frames that leave are
 * what came in. */
START_TEST(tso_costs_once_a_segment) {
    make_frames();
    struct bench b = bench_new(64, 0, FRAME);
    probe_add(&b, "in")->vary = by_four;
    struct sim_comp *host =
        bench_block(&b, &model_host, "host", "{\"queues\": 1, \"tso\": \"plain\"}");
    struct sim_comp *nic = bench_block(&b, &model_nic, "nic", "{}");
    bench_visit(&b, host, "write", NULL);
    bench_visit(&b, host, "tx", NULL);
    bench_visit(&b, nic, "send", NULL);
    struct probe *out = probe_add(&b, "out");
    bench_run(&b);
    for (uint64_t i = 0; i < 64; i++) {
        ck_assert_uint_eq(out->saw[i].bytes, FRAME);
        ck_assert_uint_eq(out->saw[i].wrap, 0);
    }
    ck_assert_int_eq(probe_stat(host, "segmented"), 48);
    ck_assert_int_eq(probe_stat(nic, "segmented"), 48);
    const struct sim_clock *clock = &host->port[0]->clock;
    const struct sim_step_stat *write = b.feed->stream->step[2], *tx = b.feed->stream->step[3];
    ck_assert_uint_eq(sim_clock_cycles(clock, (sim_ps)write->demand_ps + 16), 16 * 750);
    ck_assert_uint_eq(sim_clock_cycles(clock, (sim_ps)tx->demand_ps + 16), 16 * 83);
    bench_free(&b);
}
END_TEST

/* What the host joins of a capture: as one burst, and as one write. */
static void host_joins(const char *order, int64_t gathered, int64_t segmented) {
    capture(order, 1000);
    for (int write = 0; write < 2; write++) {
        struct bench b = bench_new(strlen(order), 0, FRAME);
        probe_add(&b, "in")->vary = as_captured;
        struct sim_comp *host = bench_block(&b, &model_host, "host",
                                            write ? "{\"queues\": 1, \"tso\": \"plain\"}"
                                                  : "{" BURSTS ", \"gro_bytes\": \"64KiB\"}");
        bench_visit(&b, host, write ? "write" : "rx", NULL);
        bench_run(&b);
        ck_assert_int_eq(probe_stat(host, write ? "segmented" : "gathered"),
                         write ? segmented : gathered);
        bench_free(&b);
    }
}

/* A retransmission is a write of its own. */
START_TEST(a_host_joins_what_follows) {
    host_joins("01234", 4, 4);
    host_joins("0134", 2, 2);
    host_joins("013245", 2, 2);
    host_joins("001", 1, 1);
    host_joins("3210", 0, 0);
    host_joins("0000", 0, 0);
    host_joins("01-23", 2, 2);
}
END_TEST

/* Nine connections of which eight have a train open; what can be in none takes no place. */
static void no_place_for_others(struct sim_msg *m, uint64_t number) {
    m->body = number % 9 == 8 ? &udp : &full;
    m->flow = (uint32_t)(number % 9);
}

START_TEST(what_may_not_does_not_end_others) {
    make_frames();
    struct bench b = bench_new(63, 0, FRAME);
    probe_add(&b, "in")->vary = no_place_for_others;
    struct sim_comp *host =
        bench_block(&b, &model_host, "host", "{" BURSTS ", \"gro_bytes\": \"64KiB\"}");
    bench_visit(&b, host, "rx", NULL);
    bench_run(&b);
    ck_assert_int_eq(probe_stat(host, "gathered"), 8 * 6);
    bench_free(&b);
}
END_TEST

/* Bursts of 3, 3 and 2, that cost no cycles of their own: 83 cycles a frame. */
START_TEST(gro_needs_no_cycles_of_bursts) {
    capture("01234567", 0);
    struct bench b = bench_new(8, 0, FRAME);
    probe_add(&b, "in")->vary = as_captured;
    struct sim_comp *host = bench_block(
        &b, &model_host, "host", "{\"queues\": 1, \"batch\": 3, \"gro_bytes\": \"64KiB\"}");
    bench_visit(&b, host, "rx", NULL);
    bench_run(&b);
    const struct sim_step_stat *rx = b.feed->stream->step[2];
    ck_assert_int_eq(probe_stat(host, "gathered"), 5);
    ck_assert_uint_eq(sim_clock_cycles(&host->port[0]->clock, (sim_ps)rx->demand_ps + 8),
                      8 * 83);
    bench_free(&b);
}
END_TEST

/* What GRO has gathered goes on as it is: nothing joins it by TSO, and it is not joined. */
START_TEST(a_train_is_passed_on) {
    capture("01234567", 0);
    struct bench b = bench_new(8, 0, FRAME);
    probe_add(&b, "in")->vary = as_captured;
    struct sim_comp *host = bench_block(
        &b, &model_host, "host", "{" BURSTS ", \"gro_bytes\": 5000, \"tso\": \"plain\"}");
    bench_visit(&b, host, "rx", NULL);
    bench_visit(&b, host, "write", NULL);
    bench_run(&b);
    ck_assert_int_eq(probe_stat(host, "gathered"), 5); /* 3, 3 and 2 */
    ck_assert_int_eq(probe_stat(host, "segmented"), 0);
    bench_free(&b);
}
END_TEST

/* Frames that come more than tso_gap apart are not written at once. */
START_TEST(segments_end_where_the_application_pauses) {
    make_frames();
    for (int apart = 9; apart <= 11; apart += 2) {
        struct bench b = bench_new(64, (sim_ps)apart * 1000 * NS, FRAME);
        probe_add(&b, "in")->vary = all_full;
        struct sim_comp *host =
            bench_block(&b, &model_host, "host", "{\"queues\": 1, \"tso\": \"plain\"}");
        bench_visit(&b, host, "write", NULL);
        bench_run(&b);
        ck_assert_int_eq(probe_stat(host, "segmented"), apart < 10 ? 62 : 0);
        bench_free(&b);
    }
}
END_TEST

/* Two connections in turn in one burst, one of which ends its train each time: its place is
 * used again, and the other goes on. */
START_TEST(gro_uses_a_place_again) {
    make_frames();
    struct bench b = bench_new(64, 0, FRAME);
    probe_add(&b, "in")->vary = two_connections;
    struct sim_comp *host =
        bench_block(&b, &model_host, "host", "{" BURSTS ", \"gro_bytes\": \"64KiB\"}");
    bench_visit(&b, host, "rx", NULL);
    bench_run(&b);
    ck_assert_int_eq(probe_stat(host, "gathered"), 31);
    bench_free(&b);
}
END_TEST

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
    ck_assert_int_eq(probe_stat(pcie, "tlp_bytes_to_host"), to);
    ck_assert_int_eq(probe_stat(pcie, "tlp_bytes_from_host"), from);
    bench_free(&b);
}

/* A write of n bytes is n + 24 for each 256; a request 24, completions 20 for each 256. */
START_TEST(the_link_carries_what_rings_cause) {
    const int64_t data = 1514 + 6 * 24, msi = 28;
    /* native: entry of 64, 8 descriptors of 16 a fetch */
    received(NULL, NULL, false, 64 * (data + 64 + 24 + msi) + 8 * 24, 8 * (128 + 20));
    /* split: 12 bytes of header; 8 elements of 8, and the index of 2, at a time; index, 8
     * entries of 2 and 8 descriptors of 16 a fetch */
    received("{\"rings\": \"split\"}", NULL, false,
             64 * (data + 12 + msi) + 8 * (64 + 24 + 2 + 24) + 8 * 3 * 24,
             8 * (2 + 16 + 128 + 3 * 20));
    /* packed: 4 descriptors of 16 written over at a time */
    received("{\"rings\": \"packed\"}", NULL, false,
             64 * (data + 12 + msi) + 16 * (64 + 24) + 8 * 24, 8 * (128 + 20));
    received("{\"rings\": \"packed\", \"used_batch\": 1}", NULL, false,
             64 * (data + 12 + msi) + 64 * (16 + 24) + 8 * 24, 8 * (128 + 20));
}
END_TEST

/* LRO: of four frames three come without headers, entry and interrupt. */
START_TEST(a_train_is_one_completion) {
    make_frames();
    const int64_t first = 1514 + 6 * 24 + 64 + 24 + 28, next = PAYLOAD + 6 * 24;
    received(NULL, by_four, true, 16 * (first + 3 * next) + 2 * 24, 2 * (128 + 20));
}
END_TEST

/* ---------------------------------------------------------------- functions */

static void two_networks(struct sim_msg *m, uint64_t number) {
    static struct packet of[3];
    of[number % 3].vlan_id = (uint16_t)(10 * (number % 3));
    m->body = &of[number % 3];
    m->hash = (uint32_t)(number / 3);
}

/* Queue q of function f is f * queues + q; what no id stands for belongs to the last. */
START_TEST(functions_have_queues_of_their_own) {
    struct bench b = bench_new(300, 100 * NS, 64);
    probe_add(&b, "in")->vary = two_networks;
    probe_add(&b, "then"); /* the ring is asked before what comes in front of it serves */
    struct sim_comp *host = bench_block(&b, &model_host, "host",
                                        "{\"functions\": 2, \"queues\": 2, \"by\": \"vlan\", "
                                        "\"ids\": \"10,77\"}");
    bench_visit(&b, host, "rx", NULL);
    bench_visit(&b, host, "app", "{\"cycles\": 1}");
    bench_run(&b);
    const uint64_t want[] = {50, 50, 100, 100}; /* VLAN 10; 0 and 20 */
    for (int i = 0; i < 4; i++) {
        ck_assert_uint_eq(host->port[i]->left.items, want[i]);
        ck_assert_uint_eq(host->port[8 + i]->left.items, want[i]);
    }
    ck_assert_str_eq(host->port[3]->name, "rx3");
    bench_free(&b);
}
END_TEST

static void refused(const char *params, const char *path) {
    struct bench b = bench_new(1, 0, 64);
    struct sim_err err = {0};
    ck_assert(!sim_comp_init(bench_comp(&b, &model_host, "host", params), &err));
    ck_assert_str_eq(err.path, path);
    bench_free(&b);
}

START_TEST(what_has_no_effect_is_refused) {
    refused("{\"ids\": \"1\"}", "/ids");
    refused("{\"by\": \"vlan\"}", "/ids");
    refused("{\"functions\": 2, \"by\": \"vlan\"}", "/ids");
    refused("{\"functions\": 2, \"ids\": \"1,2\"}", "/ids");
    refused("{\"functions\": 32, \"queues\": 16}", "/queues");
    refused("{\"gro_bytes\": 1000}", "/gro_bytes");
    refused("{\"batch\": 8}", "/batch");
}
END_TEST

TEST_MAIN("train", frames_of_a_connection_follow, a_train_has_a_longest_length,
          what_may_not_be_in_one, sequence_numbers_are_compared,
          made_up_frames_follow_by_definition, headers_are_compared, flags_end_a_train,
          headers_come_off_and_on, a_host_joins_what_follows, what_may_not_does_not_end_others,
          a_train_is_passed_on, gro_needs_no_cycles_of_bursts,
          segments_end_where_the_application_pauses, gro_uses_a_place_again,
          a_seal_is_of_a_frame, gro_gathers_a_burst, tso_costs_once_a_segment,
          a_card_without_tso_loses_segments, a_core_pays_for_bytes_only,
          the_link_carries_what_rings_cause, a_train_is_one_completion,
          functions_have_queues_of_their_own, what_has_no_effect_is_refused)
