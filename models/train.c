/* train.c - see train.h. */
#include "models/train.h"
#include "sim/engine/row.h"

enum { FCS = 4 };
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, URG = 32, CWR = 128 }; /* RFC 9293 */

static const struct packet_head *inner(const struct packet *p) {
    return &p->head[p->heads - 1];
}

bool train_may(const struct sim_msg *m, const struct train_rule *rule) {
    const struct packet *p = m->body;
    if (p == NULL || p->heads == 0 || (p->heads > 1 && !rule->tunnels) || m->level != 0 ||
        m->wrap != 0 || p->esp || m->bytes != p->frame_bytes)
        return false;
    const struct packet_head *h = inner(p);
    int flags = PACKET_FRAGMENT | PACKET_BAD | PACKET_L4_CUT | PACKET_OPTIONS;
    int tcp = SYN | RST | URG;
    if (!rule->exact) {
        flags |= PACKET_TCP_OPTIONS;
        tcp |= FIN;
    }
    return h->l4 == PACKET_L4_TCP && h->payload > 0 && (h->flags & flags) == 0 &&
           (h->tcp_flags & tcp) == 0;
}

/* What all frames of a train share. */
static uint64_t shared(const struct packet *p, bool exact) {
    const struct packet_head *h = inner(p);
    uint32_t of = p->segment.alike;
    if (!exact)
        of = (h->tcp_flags & ~(uint32_t)PSH) | (uint32_t)h->dscp_ecn << 8 |
             (uint32_t)(h->flags & PACKET_TCP_TIME) << 16 | (uint32_t)p->segment.whole << 24;
    return (uint64_t)p->vlan_id << 32 | of;
}

/* Do the numbers of the frame's headers go on where the train's end? */
static bool goes_on(const struct train *t, const struct packet *p, bool exact) {
    const struct packet_segment *s = &p->segment;
    uint16_t step = (uint16_t)(s->id - t->id);
    if (s->seq != t->next)
        return false;
    if (exact)
        return s->ack == t->ack && (inner(p)->tcp_flags & CWR) == 0 &&
               (t->steps ? step == t->step : step <= 1);
    return (int32_t)(s->ack - t->ack) >= 0 && (int32_t)(s->time - t->time) >= 0;
}

static bool follows(const struct train *t, const struct sim_msg *m,
                    const struct train_rule *rule) {
    const struct packet *p = m->body;
    uint32_t payload = inner(p)->payload;
    return t->bytes > 0 && t->flow == train_flow(m) && payload <= t->each &&
           t->bytes + payload <= rule->most && t->alike == shared(p, rule->exact) &&
           (p->made || goes_on(t, p, rule->exact));
}

bool train_take(struct train *t, const struct sim_msg *m, bool may,
                const struct train_rule *rule) {
    if (!may) {
        t->bytes = 0;
        return false;
    }
    const struct packet *p = m->body;
    const struct packet_head *h = inner(p);
    bool joins = follows(t, m, rule);
    if (!joins)
        *t = (struct train){.flow = train_flow(m),
                            .alike = shared(p, rule->exact),
                            .bytes = m->bytes - FCS,
                            .each = h->payload};
    else
        t->bytes += h->payload;
    t->step = (uint16_t)(p->segment.id - t->id);
    t->steps = joins;
    t->next = p->segment.seq + h->payload;
    t->ack = p->segment.ack;
    t->time = p->segment.time;
    t->id = p->segment.id;
    if (h->payload < t->each || (h->tcp_flags & (PSH | FIN)))
        t->bytes = 0;
    return joins;
}

/* What a frame has besides its payload and its check sequence. */
static uint32_t headers(const struct sim_msg *m) {
    const struct packet *p = m->body;
    return p->frame_bytes - inner(p)->payload - FCS;
}

void train_join(struct sim_msg *m) {
    m->bytes -= headers(m);
    m->wrap |= 1ULL << WRAP_FOLLOWS;
}

void train_leave(struct sim_msg *m) {
    if (!train_follows(m))
        return;
    m->bytes += headers(m);
    m->wrap &= ~(1ULL << WRAP_FOLLOWS);
}

enum sim_trains train_bytes(const struct sim_comp *comp, const struct sim_step *step,
                            const char **by) {
    static const char around[] = "esp-encap kernel-esp-encap macsec-protect vxlan-encap";
    (void)comp;
    (void)by;
    return sim_listed(around, step->op->name) ? SIM_TRAINS_END : SIM_TRAINS_PASS;
}
