/* test_conntrack.c - connection tracking: states against a table written down apart from the
 * code and a plain list of connections; rates, delays and reads exact to the picosecond. */
#include "models/conntrack.h"
#include "models/payload.h"
#include "tests/unit/probe.h"

extern const struct sim_model model_conntrack;

enum { NS = 1000, US = 1000000 };
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };

/* ---------------------------------------------------------------- the reference */

/* By kind of packet, the next state of a connection in
 *   no  syn-sent  syn-recv  established  fin-wait  close-wait  last-ack  time-wait  close
 * "--" is invalid. */
static const char *const table[2][5] = {
    {                               /* from the originator */
     "SS SS SR ES FW CW LA SS SS",  /* SYN */
     "-- -- SR -- -- -- -- -- --",  /* SYN ACK */
     "-- -- FW FW LA LA LA TW CL",  /* FIN */
     "ES -- ES ES CW CW TW TW CL",  /* ACK */
     "-- CL CL CL CL CL CL CL CL"}, /* RST */
    {                               /* from the other side */
     "SS SR -- -- -- -- -- SS --", "-- SR SR ES FW CW LA TW CL", "-- -- FW FW LA LA LA TW CL",
     "ES SS SR ES CW CW TW TW CL", "-- CL CL CL CL CL CL CL CL"}};
static const char names[] = "NO SS SR ES FW CW LA TW CL ";

static int kind_of(unsigned flags) {
    switch (flags & (FIN | SYN | RST | ACK)) {
    case SYN:
        return 0;
    case SYN | ACK:
        return 1;
    case FIN | ACK:
        return 2;
    case ACK:
        return 3;
    case RST:
    case RST | ACK:
        return 4;
    default:
        return -1;
    }
}

static enum conntrack_state expected(unsigned s, bool reply, unsigned flags, bool loose) {
    int kind = kind_of(flags);
    if (kind < 0 || (s == 0 && kind == 3 && !loose))
        return CONNTRACK_INVALID;
    const char *cell = table[reply][kind] + s * 3;
    for (unsigned to = 0; to <= CONNTRACK_CLOSE; to++)
        if (memcmp(names + to * 3, cell, 2) == 0)
            return (enum conntrack_state)to;
    return CONNTRACK_INVALID;
}

START_TEST(states_are_those_of_the_table) {
    for (unsigned s = 0; s <= CONNTRACK_CLOSE; s++)
        for (unsigned flags = 0; flags < 256; flags++)
            for (unsigned k = 0; k < 4; k++)
                ck_assert_msg(conntrack_tcp((enum conntrack_state)s, k & 1, (uint8_t)flags,
                                            k & 2) == expected(s, k & 1, flags, k & 2),
                              "state %u, flags %u, %u", s, flags, k);
}
END_TEST

/* ---------------------------------------------------------------- packets */

enum { PACKETS = 4096 };
static struct packet packets[PACKETS];
static uint32_t kinds; /* of packets in use */

/* Flow 2c is the first of conversation c, 2c + 1 the other direction. */
static void set_packet(uint32_t i, uint32_t flow, enum packet_l4 l4, unsigned flags) {
    struct packet *p = &packets[i];
    *p = (struct packet){.heads = 1, .flow = flow, .conversation = flow & ~1U};
    p->head[0].version = 4;
    p->head[0].l4 = (uint8_t)l4;
    p->head[0].tcp_flags = (uint8_t)flags;
}

static void in_turn(struct sim_msg *m, uint64_t number) {
    m->body = &packets[number % kinds];
    m->flow = packets[number % kinds].flow;
}

/* ... and those before the third go the second way of a fan. */
static void in_turn_by_hash(struct sim_msg *m, uint64_t number) {
    in_turn(m, number);
    m->hash = number < 2;
}

static void all_new_udp(struct sim_msg *m, uint64_t number) {
    m->body = &packets[0];
    m->flow = 2 * (uint32_t)number;
}

/* track, then insert, which lets those that need it not pass; invalid and full ones go round.
 */
static struct sim_comp *world(struct bench *b, const char *params,
                              void (*vary)(struct sim_msg *, uint64_t)) {
    probe_add(b, "in")->vary = vary;
    struct sim_comp *ct = bench_block(b, &model_conntrack, "ct", params);
    struct sim_step *step = bench_visit(b, ct, "track", NULL);
    for (int v = 1; v < 4; v++)
        step->hop[v] =
            (struct sim_hop){.kind = SIM_HOP_NEXT, .next = v == 1 ? 3 : 4, .delay = 1};
    return ct;
}

static void run(struct bench *b, struct sim_comp *ct) {
    bench_visit(b, ct, "insert", NULL);
    bench_run(b);
}

/* The look-up only. */
static void run_track(struct bench *b) {
    for (int v = 1; v < 4; v++)
        b->step[1].hop[v].next = 3;
    bench_run(b);
}

static void check(const struct sim_comp *ct, const char *name, int64_t want) {
    int64_t is = stat_of(ct, name);
    ck_assert_msg(is == want, "%s is %lld, not %lld", name, (long long)is, (long long)want);
}

/* ---------------------------------------------------------------- one connection */

START_TEST(a_connection_from_syn_to_time_wait) {
    static const unsigned seq[][2] = {{0, SYN},       {1, SYN | ACK}, {0, ACK},
                                      {0, ACK | PSH}, {1, ACK},       {0, FIN | ACK},
                                      {1, ACK},       {1, FIN | ACK}, {0, ACK}};
    kinds = sizeof seq / sizeof *seq;
    for (uint32_t i = 0; i < kinds; i++)
        set_packet(i, seq[i][0], PACKET_L4_TCP, seq[i][1]);
    struct bench b = bench_new(kinds, 100 * US, 100);
    struct sim_comp *ct = world(&b, "{\"cache_entries\": 0}", in_turn);
    run(&b, ct);
    check(ct, "made", 1);
    check(ct, "new", 3); /* the handshake; then it is inserted */
    check(ct, "early", 2);
    check(ct, "inserted", 1);
    check(ct, "passed", 6);
    static const char *const once[] = {"to_syn_sent", "to_syn_recv",   "to_established",
                                       "to_fin_wait", "to_close_wait", "to_last_ack",
                                       "to_time_wait"};
    for (size_t i = 0; i < sizeof once / sizeof *once; i++)
        check(ct, once[i], 1);
    check(ct, "to_close", 0);
    check(ct, "invalid", 0);
    bench_free(&b);
}
END_TEST

struct tcp_packet {
    uint32_t flow;
    unsigned flags;
};

/* What is asked for in `insert`, by all packets that are "new". */
static struct sim_comp *tcp_world(struct bench *b, const struct tcp_packet *p, uint32_t n,
                                  const char *params) {
    kinds = n;
    for (uint32_t i = 0; i < n; i++)
        set_packet(i, p[i].flow, PACKET_L4_TCP, p[i].flags);
    *b = bench_new(n, 100 * US, 100);
    struct sim_comp *ct = world(b, params, in_turn);
    run(b, ct);
    return ct;
}

/* A scan of 20 ports, each answered by a RST, spends no insertion. */
START_TEST(what_never_stood_is_not_inserted) {
    struct tcp_packet scan[40];
    for (uint32_t i = 0; i < 20; i++) {
        scan[2 * i] = (struct tcp_packet){4 * i, SYN};
        scan[2 * i + 1] = (struct tcp_packet){4 * i + 1, RST | ACK};
    }
    struct bench b;
    struct sim_connections n;
    struct sim_comp *ct = tcp_world(&b, scan, 40, "{\"cache_entries\": 0}");
    check(ct, "made", 20);
    check(ct, "early", 40);
    check(ct, "inserted", 0);
    check(ct, "to_close", 20);
    ck_assert(model_conntrack.connections(ct, &n));
    ck_assert_int_eq(n.begun, 20);
    ck_assert_int_eq(n.set_up, 0);
    bench_free(&b);
    static const struct tcp_packet half[2][3] = {{{0, SYN}, {1, SYN | ACK}, {0, RST}},
                                                 {{0, SYN}, {1, SYN | ACK}, {0, FIN | ACK}}};
    for (size_t i = 0; i < 2; i++) {
        ct = tcp_world(&b, half[i], 3, "{\"cache_entries\": 0}");
        check(ct, "early", 3);
        check(ct, "inserted", 0);
        bench_free(&b);
    }
}
END_TEST

/* The connection has ended when its packets come to ask for it: its handshake was over. */
START_TEST(what_ends_meanwhile_is_inserted) {
    static const struct tcp_packet ended[] = {
        {0, SYN}, {1, SYN | ACK}, {0, ACK}, {1, RST | ACK}};
    kinds = 4;
    for (uint32_t i = 0; i < kinds; i++)
        set_packet(i, ended[i].flow, PACKET_L4_TCP, ended[i].flags);
    struct bench b = bench_new(kinds, 10 * NS, 100); /* a look-up takes 50 */
    struct sim_comp *ct = world(&b, "{\"cache_entries\": 0}", in_turn);
    run(&b, ct);
    check(ct, "inserted", 1);
    check(ct, "known", 3);
    bench_free(&b);
}
END_TEST

/* Of three packets the first two never come to be inserted, lost on a slow path. */
static void third_one_asks(unsigned flags, const char *counts) {
    struct sim_hop fan[2] = {{.kind = SIM_HOP_NEXT, .next = 3, .delay = 1},
                             {.kind = SIM_HOP_NEXT, .next = 4, .delay = 1}};
    kinds = 3;
    for (uint32_t i = 0; i < kinds; i++)
        set_packet(i, i == 1, PACKET_L4_TCP, i < 2 ? ACK : flags);
    struct bench b = bench_new(kinds, 100 * US, 100);
    struct sim_comp *ct = world(&b, "{\"cache_entries\": 0}", in_turn_by_hash);
    b.step[1].hop[1] = (struct sim_hop){.kind = SIM_HOP_NEXT, .fan = fan, .fans = 2};
    run(&b, ct);
    check(ct, counts, 1);
    check(ct, "inserted", strcmp(counts, "inserted") == 0);
    bench_free(&b);
}

START_TEST(what_ends_a_connection_inserts_none) {
    third_one_asks(ACK, "inserted");
    third_one_asks(FIN | ACK, "late");
    third_one_asks(RST, "late");
}
END_TEST

/* Both directions are one entry, whichever comes first; what is no TCP, UDP or the like passes
 * untracked. */
START_TEST(one_entry_for_both_directions) {
    kinds = 6;
    set_packet(0, 1, PACKET_L4_UDP, 0);
    set_packet(1, 0, PACKET_L4_UDP, 0);
    set_packet(2, 2, PACKET_L4_ICMP, 0);
    set_packet(3, 3, PACKET_L4_OTHER, 0);
    set_packet(4, 8, PACKET_L4_NONE, 0);
    packets[4].head[0].flags = PACKET_FRAGMENT | PACKET_LATER_FRAGMENT;
    set_packet(5, 10, PACKET_L4_NONE, 0);
    packets[5].heads = 0;
    struct bench b = bench_new(600, 100 * US, 100);
    struct sim_comp *ct = world(&b, "{\"insert_when\": \"new\"}", in_turn);
    run(&b, ct);
    check(ct, "made", 2);
    check(ct, "untracked", 200);
    check(ct, "to_udp", 1);
    check(ct, "to_udp_stream", 1);
    check(ct, "inserted", 2);
    check(ct, "passed", 400 - 2);
    bench_free(&b);
}
END_TEST

/* ---------------------------------------------------------------- costs */

START_TEST(idle_latency_is_the_sum_of_its_parts) {
    set_packet(0, 0, PACKET_L4_UDP, 0);
    struct bench b = bench_new(1, 0, 100);
    struct sim_comp *ct = world(&b, "{\"fetch_latency\": \"300ns\"}", all_new_udp);
    run(&b, ct);
    /* probe, look-up with a read, insertion, sink: a picosecond before each */
    ck_assert_int_eq(b.sink->log_start[0], (50 + 300) * NS + 10 * US + 4);
    bench_free(&b);
}
END_TEST

START_TEST(insertions_keep_their_rate) {
    set_packet(0, 0, PACKET_L4_UDP, 0);
    struct bench b = bench_new(3000, 0, 100);
    struct sim_comp *ct = world(&b, "{\"cache_entries\": 0}", all_new_udp);
    run(&b, ct);
    check(ct, "made", 3000);
    check(ct, "inserted", 3000);
    for (int64_t i = 0; i < 3000; i++)
        ck_assert_int_eq(b.sink->log_start[i], 50 * NS + 10 * US + 4 + (i * 5000000 + 2) / 3);
    bench_free(&b);
}
END_TEST

/* What the table says of itself: 8 places for 1,000 connections. */
START_TEST(connections_are_counted) {
    struct sim_connections n;
    set_packet(0, 0, PACKET_L4_UDP, 0);
    struct bench b = bench_new(1000, 0, 100);
    struct sim_comp *ct = world(
        &b, "{\"entries\": 8, \"cache_entries\": 0, \"insert_rate\": \"2M/s\"}", all_new_udp);
    run(&b, ct);
    ck_assert(model_conntrack.connections(ct, &n));
    ck_assert_int_eq(n.bound, 2000000);
    ck_assert_int_eq(n.begun, 1000);
    ck_assert_int_eq(n.evicted, 992);
    ck_assert_int_eq(n.set_up + n.failed, 1000); /* gone before they were inserted */
    ck_assert_int_eq(n.closed + n.aged, 0);
    ck_assert_uint_eq(n.entries, 8);
    ck_assert_uint_eq(n.highest, 8);
    ck_assert_uint_eq(n.capacity, 8);
    bench_free(&b);
}
END_TEST

START_TEST(packets_keep_their_rate) {
    kinds = 1;
    set_packet(0, 0, PACKET_L4_UDP, 0);
    struct bench b = bench_new(3300, 0, 100);
    b.feed->like.flags = SIM_MSG_OLD;
    struct sim_comp *ct = world(&b, "{\"cache_entries\": 0}", in_turn);
    run_track(&b);
    check(ct, "passed", 3300);
    for (int64_t i = 0; i < 3300; i++)
        ck_assert_int_eq(b.sink->log_start[i], 50 * NS + 3 + (i * 1000000 + 329) / 330);
    bench_free(&b);
}
END_TEST

static void old_ones(struct sim_msg *m, uint64_t number) {
    all_new_udp(m, number);
    m->flags |= SIM_MSG_OLD;
}

/* Nothing is in the cache: 64 reads of 500 ns at once. */
START_TEST(reads_are_bounded) {
    set_packet(0, 0, PACKET_L4_UDP, 0);
    struct bench b = bench_new(4096, 0, 100);
    struct sim_comp *ct = world(&b, "{\"cache_entries\": 8}", old_ones);
    run_track(&b);
    check(ct, "passed", 4096);
    check(ct, "fetches", 4096);
    check(ct, "bytes_read", 4096 * 64);
    for (int64_t i = 0; i < 4096; i++)
        ck_assert_int_eq(b.sink->log_start[i],
                         550 * NS + 3 + (i % 64 * 1000000 + 329) / 330 + i / 64 * 500 * NS);
    bench_free(&b);
}
END_TEST

START_TEST(full_or_evicted) {
    static const struct {
        const char *evict;
        int64_t made, evicted, full;
    } want[] = {{"never", 8, 0, 992}, {"unanswered", 1000, 992, 0}, {"any", 1000, 992, 0}};
    set_packet(0, 0, PACKET_L4_UDP, 0);
    for (size_t k = 0; k < 3; k++) {
        char params[128];
        snprintf(params, sizeof params,
                 "{\"entries\": 8, \"cache_entries\": 0, \"evict\": \"%s\"}", want[k].evict);
        struct bench b = bench_new(1000, 0, 100);
        struct sim_comp *ct = world(&b, params, all_new_udp);
        run(&b, ct);
        check(ct, "made", want[k].made);
        check(ct, "evicted", want[k].evicted);
        check(ct, "full", want[k].full);
        bench_free(&b);
    }
}
END_TEST

/* Established ones do not go for new ones. */
START_TEST(established_ones_stay) {
    for (int any = 0; any < 2; any++) {
        kinds = 1000;
        for (uint32_t i = 0; i < kinds; i++)
            set_packet(i, 2 * i, PACKET_L4_TCP, i < 8 ? ACK : SYN);
        struct bench b = bench_new(kinds, 0, 100);
        struct sim_comp *ct =
            world(&b,
                  any ? "{\"entries\": 8, \"evict\": \"any\", \"cache_entries\": 0}"
                      : "{\"entries\": 8, \"cache_entries\": 0}",
                  in_turn);
        run(&b, ct);
        check(ct, "made", any ? 1000 : 8);
        check(ct, "full", any ? 0 : 992);
        bench_free(&b);
    }
}
END_TEST

static void ack_only(struct sim_msg *m, uint64_t number) {
    in_turn(m, number);
    m->flags |= number >= 50 ? SIM_MSG_OLD : 0;
}

/* Made-up TCP, none of it older than the run in the first 50 packets: `resident` does nothing,
 * and without `loose` none is taken. */
static void made_up(uint64_t packets_of, const char *params, bool acts, bool remarked) {
    kinds = 1;
    set_packet(0, 0, PACKET_L4_TCP, ACK);
    struct bench b = bench_new(packets_of, 100 * US, 100);
    struct sim_comp *ct = world(&b, params, ack_only);
    run(&b, ct);
    ck_assert_int_eq(model_conntrack.effect(ct, "resident"), acts);
    ck_assert(model_conntrack.effect(ct, "loose"));
    ck_assert_int_eq(model_conntrack.remark(ct, "loose") != NULL, remarked);
    ck_assert_ptr_null(model_conntrack.remark(ct, "resident"));
    bench_free(&b);
}

START_TEST(what_does_nothing_is_said) {
    made_up(50, "{}", false, false);
    made_up(60, "{}", true, false);
    made_up(50, "{\"loose\": false}", false, true);
    made_up(60, "{\"loose\": false}", true, false); /* the old connection stands */
    made_up(60, "{\"loose\": false, \"resident\": false}", true, true);
}
END_TEST

START_TEST(whole_sets_only) {
    bench_refused(&model_conntrack, "{\"cache_entries\": 1001}", "/cache_entries",
                  "write e.g. 1008");
}
END_TEST

/* ---------------------------------------------------------------- random packets */

enum { CONVERSATIONS = 8, MESSAGES = 3000 };

/* A connection, the straightforward way. */
struct plain {
    bool there, second, stood, inserted;
    unsigned state; /* of conntrack_state */
    sim_ps used, active;
};

struct counts {
    int64_t passed, pending, invalid, made, inserted, to[CONNTRACK_STATES];
};

static uint64_t of_seed;
static bool loose;

static enum packet_l4 protocol(uint32_t conversation) {
    static const enum packet_l4 of[] = {PACKET_L4_TCP, PACKET_L4_TCP, PACKET_L4_TCP,
                                        PACKET_L4_UDP, PACKET_L4_ICMP};
    return of[conversation % 5];
}

/* 2 * CONVERSATIONS * 8 packets: each flow with each of eight flags. */
static void random_packets(struct sim_msg *m, uint64_t number) {
    uint64_t h = test_mix(of_seed, number);
    m->body = &packets[h % kinds];
    m->flow = packets[h % kinds].flow;
    if (h >> 50 & 1)
        m->flags |= SIM_MSG_AGAIN;
}

static const sim_ps timeout[CONNTRACK_STATES] = {0,       20 * US, 15 * US, 200 * US, 30 * US,
                                                 25 * US, 12 * US, 50 * US, 8 * US,   6 * US,
                                                 90 * US, 11 * US, 600 * US};

static unsigned next_of(const struct plain *c, const struct packet *p, bool again) {
    bool reply = c->there && c->second != (p->flow != p->conversation);
    unsigned from = c->there ? c->state : CONNTRACK_NONE;
    if (p->head[0].l4 == PACKET_L4_ICMP)
        return CONNTRACK_ICMP;
    if (p->head[0].l4 == PACKET_L4_UDP)
        return reply || from == CONNTRACK_UDP_STREAM ? CONNTRACK_UDP_STREAM : CONNTRACK_UDP;
    if (!again)
        return expected(from, reply, p->head[0].tcp_flags, loose);
    if (from == CONNTRACK_NONE && !loose)
        return CONNTRACK_INVALID;
    return from < CONNTRACK_ESTABLISHED ? CONNTRACK_ESTABLISHED : from;
}

/* The packet is looked up at `at` and, if new, inserted 50 ns and 1 ps later. */
static void plain_track(struct plain *c, const struct packet *p, bool again, sim_ps at,
                        struct counts *n) {
    if (c->there && at - c->used > timeout[c->state])
        c->there = false;
    unsigned to = next_of(c, p, again), from = c->there ? c->state : CONNTRACK_NONE;
    if (to == CONNTRACK_INVALID) {
        n->invalid++;
        return;
    }
    if (!c->there || (to == CONNTRACK_SYN_SENT && from != CONNTRACK_SYN_SENT)) {
        *c = (struct plain){.there = true, .second = p->flow != p->conversation};
        n->made++;
    }
    n->to[to] += to != from;
    c->state = to;
    bool hardware = c->inserted && c->active <= at;
    if (!c->inserted || hardware)
        c->used = at;
    n->passed += hardware;
    n->pending += !hardware;
    bool tcp = p->head[0].l4 == PACKET_L4_TCP;
    bool ends = !again && (p->head[0].tcp_flags & (FIN | RST));
    c->stood |= to == CONNTRACK_ESTABLISHED;
    if (c->inserted || p->head[0].l4 == PACKET_L4_ICMP || (tcp && (!c->stood || ends)))
        return;
    c->inserted = true;
    c->used = c->active = at + 50 * NS + 1 + 10 * US;
    n->inserted++;
}

static struct counts plainly(sim_ps gap) {
    struct plain c[CONVERSATIONS] = {{0}};
    struct counts n = {0};
    for (uint64_t i = 0; i < MESSAGES; i++) {
        struct sim_msg m = {0};
        random_packets(&m, i);
        const struct packet *p = m.body;
        plain_track(&c[p->conversation / 2], p, m.flags & SIM_MSG_AGAIN, (sim_ps)i * gap + 2,
                    &n);
    }
    return n;
}

static void against_reference(uint64_t seed, bool by_event) {
    static const unsigned flags[] = {SYN, SYN | ACK, ACK, ACK | PSH, FIN | ACK, RST, 0, ACK};
    of_seed = seed;
    loose = seed % 3 != 0;
    kinds = 2 * CONVERSATIONS * 8;
    for (uint32_t i = 0; i < kinds; i++)
        set_packet(i, i / 8, protocol(i / 16), flags[i % 8]);
    sim_ps gap = (sim_ps)(200 + seed % 7 * 300) * NS;
    struct counts want = plainly(gap);
    struct bench b = bench_new(MESSAGES, gap, 100);
    b.w->opts.all_by_event = by_event;
    char params[1024];
    snprintf(params, sizeof params,
             "{\"loose\": %s, \"insert_rate\": \"100G/s\", \"cache_entries\": 0, "
             "\"timeout_syn_sent\": \"20us\", \"timeout_syn_recv\": \"15us\", "
             "\"timeout_established\": \"200us\", \"timeout_fin_wait\": \"30us\", "
             "\"timeout_close_wait\": \"25us\", \"timeout_last_ack\": \"12us\", "
             "\"timeout_time_wait\": \"50us\", \"timeout_close\": \"8us\", "
             "\"timeout_udp\": \"6us\", \"timeout_udp_stream\": \"90us\", "
             "\"timeout_icmp\": \"11us\"}",
             loose ? "true" : "false");
    struct sim_comp *ct = world(&b, params, random_packets);
    run(&b, ct);
    const struct conntrack *c = (const struct conntrack *)ct;
    check(ct, "made", want.made);
    check(ct, "passed", want.passed);
    check(ct, "new", want.pending);
    check(ct, "invalid", want.invalid);
    check(ct, "inserted", want.inserted);
    for (unsigned s = 0; s < CONNTRACK_STATES; s++)
        ck_assert_msg(c->reached[s] == want.to[s], "state %u: %lld, not %lld", s,
                      (long long)c->reached[s], (long long)want.to[s]);
    ck_assert_int_gt(want.passed, 50);
    ck_assert_int_gt(want.invalid, 50);
    bench_free(&b);
}

START_TEST(random_packets_against_a_plain_list) {
    for (uint64_t seed = 0; seed < 60; seed++)
        against_reference(seed, seed % 2);
}
END_TEST

TEST_MAIN("connection tracking", connections_are_counted, states_are_those_of_the_table,
          a_connection_from_syn_to_time_wait, what_never_stood_is_not_inserted,
          what_ends_meanwhile_is_inserted, what_ends_a_connection_inserts_none,
          one_entry_for_both_directions, idle_latency_is_the_sum_of_its_parts,
          insertions_keep_their_rate, packets_keep_their_rate, reads_are_bounded,
          full_or_evicted, established_ones_stay, whole_sets_only, what_does_nothing_is_said,
          random_packets_against_a_plain_list)
