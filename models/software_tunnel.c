/* software_tunnel.c - what cores do to the bytes of a message beyond treat.h: headers of VXLAN
 * and Geneve, as the NIC does.
 *
 * A core that takes captured headers off knows the flow inside from then on; the hash stays
 * that of the frame as it came, for nothing spreads it over the cores again.
 */
#include "models/software.h"
#include "models/train.h"
#include "models/tunnel.h"
#include <string.h>

static enum treat_verdict encap(struct treat_call *c, enum tunnel_kind kind) {
    const struct software_tunnel_args *args = c->args;
    static const enum treat_verdict verdict[] = {[TUNNEL_PUT] = TREAT_OK,
                                                 [TUNNEL_NESTED] = TREAT_NESTED,
                                                 [TUNNEL_TOO_LONG] = TREAT_TOO_LONG};
    train_leave(c->m);
    c->work = c->m->bytes;
    return verdict[tunnel_put(c->m,
                              (struct tunnel_header){kind, args->outer != 0, args->options})];
}

static enum treat_verdict decap(struct treat_call *c, enum tunnel_kind kind) {
    const struct packet *p = c->m->body;
    bool ours = tunnel_ours(c->m->level);
    uint32_t gone = tunnel_take(c->m, kind);
    c->work = c->m->bytes;
    if (gone == 0)
        return TREAT_NOT_TUNNEL;
    if (!ours)
        c->m->flow = packet_inner_flow(p, c->m->flow);
    return TREAT_OK;
}

#define TUNNEL(NAME, WHAT, KIND)                                                               \
    static enum treat_verdict NAME(struct treat_call *c) { return WHAT(c, KIND); }
TUNNEL(vxlan_encap, encap, TUNNEL_VXLAN)
TUNNEL(vxlan_decap, decap, TUNNEL_VXLAN)
TUNNEL(geneve_encap, encap, TUNNEL_GENEVE)
TUNNEL(geneve_decap, decap, TUNNEL_GENEVE)
#undef TUNNEL

treat_fn *software_treat(const char *op) {
    static const struct {
        const char *op;
        treat_fn *does;
    } tunnels[] = {{"vxlan-encap", vxlan_encap},
                   {"vxlan-decap", vxlan_decap},
                   {"geneve-encap", geneve_encap},
                   {"geneve-decap", geneve_decap}};
    for (size_t i = 0; i < sizeof tunnels / sizeof *tunnels; i++)
        if (strcmp(op, tunnels[i].op) == 0)
            return tunnels[i].does;
    treat_fn *io = software_io(op);
    return io != NULL ? io : treat_find(op);
}
