/* conntrack_track.c - which connection a packet is of, and what becomes of it; conntrack.c says
 * what the block models. */
#include "models/conntrack.h"
#include "models/payload.h"
#include "models/tunnel.h"

/* Beside the state in an entry's tag. */
enum {
    TAG_SECOND = 16,  /* the originator is the conversation's second flow */
    TAG_PENDING = 32, /* not inserted */
    TAG_STOOD = 64    /* its handshake was over, or it was taken up in its middle */
};

/* ---------------------------------------------------------------- which connection */

struct seen {
    const struct packet_head *head;
    uint64_t key;
    uint32_t number; /* of the connection in its stream */
    bool second;     /* the packet is of the conversation's second flow */
    bool stands;     /* its beginning and end are repetitions */
};

/* @return false when the packet has nothing to be tracked by. */
static bool look(const struct sim_msg *m, struct seen *s) {
    const struct packet *p = m->body;
    unsigned level = tunnel_head(m->level);
    if (p == NULL || level >= p->heads)
        return false;
    s->head = &p->head[level];
    unsigned hides = PACKET_LATER_FRAGMENT | PACKET_NO_PORTS;
    if (s->head->l4 == PACKET_L4_TCP)
        hides |= PACKET_L4_CUT;
    if (s->head->version == 0 || (s->head->flags & hides))
        return false;
    uint32_t flow = level ? p->inner_flow : p->flow;
    uint32_t first = level ? p->inner_conversation : p->conversation;
    s->number = m->flow - flow + first;
    s->key = (uint64_t)m->stream << 40 | (uint64_t)m->level << 32 | s->number;
    s->second = flow != first;
    s->stands = (m->flags & SIM_MSG_AGAIN) != 0;
    return true;
}

static void count(const struct conntrack *c, int64_t *counter, sim_ps at) {
    sim_comp_count(&c->base, counter, at);
}

/* ---------------------------------------------------------------- its state */

static enum conntrack_state standing(enum conntrack_state s) {
    return s < CONNTRACK_ESTABLISHED ? CONNTRACK_ESTABLISHED : s;
}

/* What the packet brings a connection in state `from` to. */
static enum conntrack_state step_state(const struct conntrack *c, const struct seen *s,
                                       enum conntrack_state from, bool reply) {
    switch (s->head->l4) {
    case PACKET_L4_TCP:
        if (s->stands)
            return from == CONNTRACK_NONE && !c->loose ? CONNTRACK_INVALID : standing(from);
        return conntrack_tcp(from, reply, s->head->tcp_flags, c->loose);
    case PACKET_L4_UDP:
        return reply || from == CONNTRACK_UDP_STREAM ? CONNTRACK_UDP_STREAM : CONNTRACK_UDP;
    case PACKET_L4_ICMP:
        return CONNTRACK_ICMP;
    default:
        return CONNTRACK_OTHER;
    }
}

static bool over(uint32_t state) {
    return state == CONNTRACK_TIME_WAIT || state == CONNTRACK_CLOSE;
}

static void settle(struct conntrack *c, struct flow_entry *e, enum conntrack_state to,
                   uint32_t marks, sim_ps at) {
    uint32_t from = flow_tag(e) % FLOW_STATES;
    if (from != to)
        count(c, &c->reached[to], at);
    if (over(to) && !over(from))
        count(c, &c->closed, at);
    if (to == CONNTRACK_ESTABLISHED)
        marks |= TAG_STOOD;
    flow_set_tag(e, to | marks);
}

/* A connection that the table does not hold. */
static uint32_t begin(struct conntrack *c, const struct seen *s, sim_ps start) {
    struct flow_entry *e;
    enum conntrack_state to = step_state(c, s, CONNTRACK_NONE, false);
    if (to == CONNTRACK_INVALID)
        return CT_INVALID;
    enum flow_added added = flowtable_put(&c->table->flows, s->key, start, start, &e);
    if (added == FLOW_FULL)
        return CT_FULL;
    if (added == FLOW_EVICTED)
        count(c, &c->evicted, start);
    settle(c, e, to, TAG_PENDING | (s->second ? TAG_SECOND : 0), start);
    count(c, &c->made, start);
    return CT_NEW;
}

static uint32_t go_on(struct conntrack *c, const struct seen *s, struct flow_entry *e,
                      sim_ps start) {
    uint32_t tag = flow_tag(e), marks = tag & ~(FLOW_STATES - 1U);
    enum conntrack_state from = tag % FLOW_STATES;
    enum conntrack_state to = step_state(c, s, from, s->second != ((tag & TAG_SECOND) != 0));
    if (to == CONNTRACK_INVALID)
        return CT_INVALID;
    if (to == CONNTRACK_SYN_SENT && from != CONNTRACK_SYN_SENT) { /* begun anew */
        marks = TAG_PENDING | (s->second ? TAG_SECOND : 0);
        e->used = start;
        count(c, &c->made, start);
    }
    bool on_its_way = e->used > start;
    settle(c, e, to, marks, start);
    if (!on_its_way)
        e->used = start;
    return on_its_way || (marks & TAG_PENDING) ? CT_NEW : CT_OK;
}

/* An old one that was in the table when the run began stands, and is in hardware. */
static struct flow_entry *find(struct conntrack *c, const struct seen *s,
                               const struct sim_msg *m, sim_ps start) {
    bool old = (m->flags & SIM_MSG_OLD) && s->number < c->capacity;
    c->met_old |= old;
    struct flow_entry *e = flowtable_get(&c->table->flows, s->key, start, old && c->resident);
    if (e != NULL && flow_tag(e) % FLOW_STATES == CONNTRACK_NONE) {
        static const enum conntrack_state of[] = {[PACKET_L4_TCP] = CONNTRACK_ESTABLISHED,
                                                  [PACKET_L4_UDP] = CONNTRACK_UDP,
                                                  [PACKET_L4_ICMP] = CONNTRACK_ICMP};
        enum conntrack_state is = s->head->l4 <= PACKET_L4_ICMP ? of[s->head->l4] : 0;
        flow_set_tag(e, (is ? is : CONNTRACK_OTHER) | (s->second ? TAG_SECOND : 0));
    }
    return e;
}

/* ---------------------------------------------------------------- the block */

static void pass(struct conntrack *c, uint32_t port, sim_ps start, struct sim_service *out) {
    out->occupancy_ps = sim_ser_send(&c->pace[port], start, 1) - start;
    out->latency_ps = c->latency;
}

/* Does the chip hold the entry? One that `stays` in the table is held from now on. */
static bool on_chip(struct conntrack *c, uint64_t key, bool there, bool stays) {
    return stays && lru_touch(&c->table->cache, key) && there;
}

/* The entry, or the lack of one, is read from memory. */
static void read_entry(struct conntrack *c, const struct sim_msg *m, sim_ps start,
                       struct sim_service *out) {
    fetch_wait(&c->table->fetch, m, start, out);
    count(c, &c->fetched, start);
    if (sim_inside(c->base.world, start))
        c->bytes_read += c->entry_bytes;
}

/* Of which streams was TCP taken, of which was some refused? */
static void note_tcp(struct conntrack *c, const struct sim_msg *m, uint32_t verdict) {
    enum { LAST = 63 }; /* stands for all behind it */
    uint64_t stream = 1ULL << (m->stream < LAST ? m->stream : LAST);
    if (verdict == CT_INVALID)
        c->refused |= stream;
    else
        c->taken |= stream;
}

void conntrack_track(struct conntrack *c, struct sim_msg *m, sim_ps start,
                     struct sim_service *out) {
    struct seen s;
    pass(c, CT_TRACK, start, out);
    if (!look(m, &s)) {
        count(c, &c->untracked, start);
        return;
    }
    struct flow_entry *e = find(c, &s, m, start);
    bool there = e != NULL;
    out->verdict = there ? go_on(c, &s, e, start) : begin(c, &s, start);
    if (c->cache_entries > 0 && !on_chip(c, s.key, there, there || out->verdict == CT_NEW))
        read_entry(c, m, start, out);
    if (s.head->l4 == PACKET_L4_TCP)
        note_tcp(c, m, out->verdict);
    int64_t *counter[] = {&c->passed, &c->pending, &c->invalid, &c->full};
    count(c, counter[out->verdict], start);
}

/* Does the packet itself end its TCP connection? */
static bool ends(const struct seen *s) {
    enum { FIN = 1, RST = 4 };
    return !s->stands && (s->head->tcp_flags & (FIN | RST)) != 0;
}

/* Is the connection to be inserted by this packet? If not, which counter says why. That a
 * handshake was over is remembered: the connection may go on, even to its end, while the
 * packet that asks for the insertion is on its way here. */
static int64_t *not_inserted(struct conntrack *c, const struct flow_entry *e,
                             const struct seen *s) {
    uint32_t tag = e != NULL ? flow_tag(e) : 0;
    if (e == NULL)
        return &c->gone;
    if (!(tag & TAG_PENDING))
        return &c->known;
    if (c->insert_when == CT_WHEN_NEW || s->head->l4 == PACKET_L4_UDP)
        return NULL;
    if (s->head->l4 != PACKET_L4_TCP)
        return &c->known;
    if (!(tag & TAG_STOOD))
        return &c->early;
    return ends(s) ? &c->late : NULL;
}

void conntrack_insert(struct conntrack *c, struct sim_msg *m, sim_ps start,
                      struct sim_service *out) {
    struct seen s;
    pass(c, CT_INSERT, start, out);
    if (!look(m, &s))
        return;
    struct flow_entry *e = flowtable_get(&c->table->flows, s.key, start, false);
    int64_t *why = not_inserted(c, e, &s);
    if (why != NULL) {
        count(c, why, start);
        return;
    }
    sim_ps end = sim_ser_send(&c->insert_pace, start, 1), done = start + c->insert_latency;
    flow_set_tag(e, flow_tag(e) & ~(uint32_t)TAG_PENDING);
    e->used = done > end ? done : end;
    out->occupancy_ps = end - start;
    out->latency_ps = c->insert_latency;
    count(c, &c->inserted, start);
}
