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
    TENANT_BY_FLOW,
    TENANT_BY_FUNCTION
};
#define TENANT_CHOICES "class|stream|vlan|network|flow"
#define TENANT_DOC                                                                             \
    "its class; its stream, in the order of the scenario; its VLAN; its VXLAN or Geneve "      \
    "network; the hash of its flow"
/* Where functions are known: everywhere but at the host, whose own keys are the above. */
#define TENANT_CHOICES_FUNCTION TENANT_CHOICES "|function"
#define TENANT_DOC_FUNCTION                                                                    \
    TENANT_DOC "; its function (SR-IOV), by `functions`, `by` and `ids` of the card's host"

struct tenants {
    enum tenant_by by;
    uint32_t n;
    const int64_t *id;           /* [n] by VLAN and network: whose each is */
    const struct sim_comp *host; /* by function: who knows them */
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

/* The component of the same card that knows functions of more than one, or NULL: there is none,
 * or several. */
const struct sim_comp *tenant_host(const struct sim_comp *comp);

/* Below n; what no id stands for belongs to the last, and so does what is `beyond`. */
uint32_t tenant_of(const struct tenants *t, const struct sim_msg *m);

/* Of a class, stream or function whose number none of the n has? */
bool tenant_beyond(const struct tenants *t, const struct sim_msg *m);

#endif
