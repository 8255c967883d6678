/* software_tunnel.c - what cores do to the bytes of a message under names of their own: VXLAN
 * headers, and operations of treat.h that cost otherwise in the kernel.
 *
 * A core that takes captured headers off knows the flow inside from then on; the hash stays
 * that of the frame as it came, for nothing spreads it over the cores again.
 */
#include "models/software.h"
#include "models/train.h"
#include "models/tunnel.h"
#include <string.h>

static enum treat_verdict vxlan_encap(struct treat_call *c) {
    const struct software_vxlan_args *args = c->args;
    uint32_t added = args->outer ? TUNNEL_IPV6 : TUNNEL_IPV4;
    train_leave(c->m);
    c->work = c->m->bytes;
    if (!tunnel_put(&c->m->level, TUNNEL_VXLAN, added))
        return TREAT_NESTED;
    c->m->bytes += added;
    return TREAT_OK;
}

static enum treat_verdict vxlan_decap(struct treat_call *c) {
    const struct packet *p = c->m->body;
    bool ours = tunnel_ours(c->m->level);
    uint32_t gone = tunnel_take(p, c->m->bytes, &c->m->level, TUNNEL_VXLAN);
    c->m->bytes -= gone;
    c->work = c->m->bytes;
    if (gone == 0)
        return TREAT_NOT_SEALED;
    if (!ours)
        c->m->flow = packet_inner_flow(p, c->m->flow);
    return TREAT_OK;
}

treat_fn *software_treat(const char *op) {
    static const char *const same[][2] = {{"kernel-esp-encap", "esp-encap"},
                                          {"kernel-esp-decap", "esp-decap"}};
    if (strcmp(op, "vxlan-encap") == 0)
        return vxlan_encap;
    if (strcmp(op, "vxlan-decap") == 0)
        return vxlan_decap;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (strcmp(op, same[i][0]) == 0)
            op = same[i][1];
    return treat_find(op);
}
