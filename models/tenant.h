/* tenant.h - whose a packet is: of several queues or functions, which it belongs to.
 */
#ifndef MODELS_TENANT_H
#define MODELS_TENANT_H

#include "sim/engine/model.h"

enum tenant_by {
    TENANT_BY_CLASS,
    TENANT_BY_STREAM,
    TENANT_BY_VLAN,
    TENANT_BY_NETWORK,
    TENANT_BY_FLOW
};
#define TENANT_CHOICES "class|stream|vlan|network|flow"
#define TENANT_DOC                                                                             \
    "its class; its stream, in the order of the scenario; its VLAN; its VXLAN or Geneve "      \
    "network; the hash of its flow"

struct tenants {
    enum tenant_by by;
    uint32_t n;
    const int64_t *id; /* [n] by VLAN and network: whose each is */
};

/* Is it chosen by ids? */
static inline bool tenant_by_id(int64_t by) {
    return by == TENANT_BY_VLAN || by == TENANT_BY_NETWORK;
}

/* Check that there is a list of ids exactly where it is needed; `each`: what has one. */
bool tenant_check(const struct sim_comp *comp, int64_t by, const char *ids, const char *each,
                  struct sim_err *err);

/* Read the ids of as many as there are, `each` a "queue" or "function". Fails: err at "ids"
 * when one is beyond what a VLAN or network can have, or is there twice. */
bool tenant_ids(const struct sim_comp *comp, const struct tenants *t, const char *ids,
                const char *each, int64_t *id, struct sim_err *err);

/* Below n; what no id stands for belongs to the last. */
uint32_t tenant_of(const struct tenants *t, const struct sim_msg *m);

#endif
