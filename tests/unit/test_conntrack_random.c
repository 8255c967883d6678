/* test_conntrack_random.c - random packets against a plain list of connections. */
#include "conntrack_bench.h"

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

TEST_MAIN("connections at random", random_packets_against_a_plain_list)
