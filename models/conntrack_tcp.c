/* conntrack_tcp.c - TCP's states. Left out: sequence numbers and windows; a connection that
 * both sides open at once (the second SYN counts as the answer to the first). */
#include "models/conntrack.h"

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };
enum kind { KIND_NONE, KIND_SYN, KIND_SYNACK, KIND_FIN, KIND_ACK, KIND_RST };

/* Combinations that no stack sends are of no kind. */
static enum kind kind_of(uint8_t flags) {
    bool fin = flags & FIN, syn = flags & SYN, rst = flags & RST, ack = flags & ACK;
    if (fin + syn + rst > 1 || (fin && !ack))
        return KIND_NONE;
    if (rst)
        return KIND_RST;
    if (syn)
        return ack ? KIND_SYNACK : KIND_SYN;
    if (fin)
        return KIND_FIN;
    return ack ? KIND_ACK : KIND_NONE;
}

static bool over(enum conntrack_state s) {
    return s == CONNTRACK_TIME_WAIT || s == CONNTRACK_CLOSE;
}

static enum conntrack_state on_syn(enum conntrack_state s, bool reply) {
    if (!reply)
        return over(s) ? CONNTRACK_SYN_SENT : s;
    if (s == CONNTRACK_SYN_SENT)
        return CONNTRACK_SYN_RECV;
    return s == CONNTRACK_TIME_WAIT ? CONNTRACK_SYN_SENT : CONNTRACK_INVALID;
}

/* An answer that comes again is let through: the other side may not have heard it. */
static enum conntrack_state on_synack(enum conntrack_state s, bool reply) {
    if (reply)
        return s == CONNTRACK_SYN_SENT ? CONNTRACK_SYN_RECV : s;
    return s == CONNTRACK_SYN_RECV ? s : CONNTRACK_INVALID;
}

static enum conntrack_state on_fin(enum conntrack_state s) {
    switch (s) {
    case CONNTRACK_SYN_SENT:
        return CONNTRACK_INVALID;
    case CONNTRACK_SYN_RECV:
    case CONNTRACK_ESTABLISHED:
        return CONNTRACK_FIN_WAIT;
    case CONNTRACK_FIN_WAIT:
    case CONNTRACK_CLOSE_WAIT:
        return CONNTRACK_LAST_ACK;
    default:
        return s;
    }
}

static enum conntrack_state on_ack(enum conntrack_state s, bool reply) {
    switch (s) {
    case CONNTRACK_SYN_SENT:
        return reply ? s : CONNTRACK_INVALID;
    case CONNTRACK_SYN_RECV:
        return reply ? s : CONNTRACK_ESTABLISHED;
    case CONNTRACK_FIN_WAIT:
        return CONNTRACK_CLOSE_WAIT;
    case CONNTRACK_LAST_ACK:
        return CONNTRACK_TIME_WAIT;
    default:
        return s;
    }
}

enum conntrack_state conntrack_tcp(enum conntrack_state s, bool reply, uint8_t flags,
                                   bool loose) {
    enum kind kind = kind_of(flags);
    if (kind == KIND_NONE)
        return CONNTRACK_INVALID;
    if (s == CONNTRACK_NONE && kind == KIND_SYN)
        return CONNTRACK_SYN_SENT;
    if (s == CONNTRACK_NONE)
        return kind == KIND_ACK && loose ? CONNTRACK_ESTABLISHED : CONNTRACK_INVALID;
    switch (kind) {
    case KIND_RST:
        return CONNTRACK_CLOSE;
    case KIND_SYN:
        return on_syn(s, reply);
    case KIND_SYNACK:
        return on_synack(s, reply);
    case KIND_FIN:
        return on_fin(s);
    default:
        return on_ack(s, reply);
    }
}
