/* conntrack_bench.h - packets of connections for block conntrack, a table of their states that
 * was written down apart from the code, and a chain that tracks and inserts.
 */
#ifndef CONNTRACK_BENCH_TEST_H
#define CONNTRACK_BENCH_TEST_H

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

static inline int kind_of(unsigned flags) {
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

static inline enum conntrack_state expected(unsigned s, bool reply, unsigned flags,
                                            bool loose) {
    int kind = kind_of(flags);
    if (kind < 0 || (s == 0 && kind == 3 && !loose))
        return CONNTRACK_INVALID;
    const char *cell = table[reply][kind] + s * 3;
    for (unsigned to = 0; to <= CONNTRACK_CLOSE; to++)
        if (memcmp(names + to * 3, cell, 2) == 0)
            return (enum conntrack_state)to;
    return CONNTRACK_INVALID;
}

/* ---------------------------------------------------------------- packets */

enum { PACKETS = 4096 };
static struct packet packets[PACKETS];
static uint32_t kinds; /* of packets in use */

/* Flow 2c is the first of conversation c, 2c + 1 the other direction. */
static inline void set_packet(uint32_t i, uint32_t flow, enum packet_l4 l4, unsigned flags) {
    struct packet *p = &packets[i];
    *p = (struct packet){.heads = 1, .flow = flow, .conversation = flow & ~1U};
    p->head[0].version = 4;
    p->head[0].l4 = (uint8_t)l4;
    p->head[0].tcp_flags = (uint8_t)flags;
}

static inline void in_turn(struct sim_msg *m, uint64_t number) {
    m->body = &packets[number % kinds];
    m->flow = packets[number % kinds].flow;
}

/* ... and those before the third go the second way of a fan. */
static inline void in_turn_by_hash(struct sim_msg *m, uint64_t number) {
    in_turn(m, number);
    m->hash = number < 2;
}

static inline void all_new_udp(struct sim_msg *m, uint64_t number) {
    m->body = &packets[0];
    m->flow = 2 * (uint32_t)number;
}

/* track, then insert, which lets those that need it not pass; invalid and full ones go round.
 */
static inline struct sim_comp *world(struct bench *b, const char *params,
                                     void (*vary)(struct sim_msg *, uint64_t)) {
    probe_add(b, "in")->vary = vary;
    struct sim_comp *ct = bench_block(b, &model_conntrack, "ct", params);
    struct sim_step *step = bench_visit(b, ct, "track", NULL);
    for (int v = 1; v < 4; v++)
        step->hop[v] =
            (struct sim_hop){.kind = SIM_HOP_NEXT, .next = v == 1 ? 3 : 4, .delay = 1};
    return ct;
}

static inline void run(struct bench *b, struct sim_comp *ct) {
    bench_visit(b, ct, "insert", NULL);
    bench_run(b);
}

/* The look-up only. */
static inline void run_track(struct bench *b) {
    for (int v = 1; v < 4; v++)
        b->step[1].hop[v].next = 3;
    bench_run(b);
}

static inline void check(const struct sim_comp *ct, const char *name, int64_t want) {
    int64_t is = stat_of(ct, name);
    ck_assert_msg(is == want, "%s is %lld, not %lld", name, (long long)is, (long long)want);
}

#endif
