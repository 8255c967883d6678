/* train.c - see train.h. */
#include "models/train.h"
#include "sim/engine/row.h"

enum { FCS = 4 };
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, URG = 32 }; /* RFC 9293 */

static const struct packet_head *inner(const struct packet *p) {
    return &p->head[p->heads - 1];
}

bool train_may(const struct sim_msg *m, bool tunnels) {
    const struct packet *p = m->body;
    if (p == NULL || p->heads == 0 || (p->heads > 1 && !tunnels) || m->level != 0 ||
        m->wrap != 0 || p->esp || m->bytes != p->frame_bytes)
        return false;
    const struct packet_head *h = inner(p);
    return h->l4 == PACKET_L4_TCP && h->payload > 0 &&
           (h->flags & (PACKET_FRAGMENT | PACKET_BAD | PACKET_L4_CUT)) == 0 &&
           (h->tcp_flags & (FIN | SYN | RST | URG)) == 0;
}

bool train_take(struct train *t, const struct sim_msg *m, bool may, uint32_t most) {
    if (!may) {
        t->bytes = 0;
        return false;
    }
    const struct packet_head *h = inner(m->body);
    bool follows = t->bytes > 0 && t->flow == train_flow(m) && h->payload <= t->each &&
                   t->bytes + h->payload <= most;
    if (!follows)
        *t = (struct train){train_flow(m), m->bytes - FCS, h->payload};
    else
        t->bytes += h->payload;
    if (h->payload < t->each || (h->tcp_flags & PSH))
        t->bytes = 0;
    return follows;
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
