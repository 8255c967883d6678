/* test_conntrack_states.c - states of connections: against a table written down apart from the
 * code, and one connection's life. */
#include "conntrack_bench.h"

START_TEST(states_are_those_of_the_table) {
    for (unsigned s = 0; s <= CONNTRACK_CLOSE; s++)
        for (unsigned flags = 0; flags < 256; flags++)
            for (unsigned k = 0; k < 4; k++)
                ck_assert_msg(conntrack_tcp((enum conntrack_state)s, k & 1, (uint8_t)flags,
                                            k & 2) == expected(s, k & 1, flags, k & 2),
                              "state %u, flags %u, %u", s, flags, k);
}
END_TEST

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

TEST_MAIN("connection states", states_are_those_of_the_table,
          a_connection_from_syn_to_time_wait, what_never_stood_is_not_inserted,
          what_ends_meanwhile_is_inserted, what_ends_a_connection_inserts_none,
          one_entry_for_both_directions)
