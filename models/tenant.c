/* tenant.c - see tenant.h. */
#include "models/tenant.h"
#include "models/payload.h"
#include "models/values.h"

bool tenant_check(const struct sim_comp *comp, int64_t by, const char *ids, const char *each,
                  struct sim_err *err) {
    char at[512];
    const char *path = sim_pointer(at, sizeof at, comp->pointer, "ids");
    if (tenant_by_id(by) && ids == NULL)
        return sim_fail(err, comp->file, path,
                        "required; write e.g. \"10,20\", one for each %s", each);
    if (!tenant_by_id(by) && ids != NULL)
        return sim_fail(err, comp->file, path,
                        "has no effect but with \"by\": \"vlan\" or \"network\"");
    return true;
}

bool tenant_ids(const struct sim_comp *comp, const struct tenants *t, const char *ids,
                const char *each, int64_t *id, struct sim_err *err) {
    enum { VLAN_MOST = 4094, NETWORK_MOST = (1 << 24) - 1 };
    int64_t most = t->by == TENANT_BY_VLAN ? VLAN_MOST : NETWORK_MOST;
    struct values v = {"ids", ids, SIM_COUNT, 0, most, each};
    char at[512];
    if (!values_read(comp, &v, t->n, id, err))
        return false;
    for (uint32_t i = 1; ids != NULL && i < t->n; i++)
        for (uint32_t k = 0; k < i; k++)
            if (id[i] == id[k])
                return sim_fail(err, comp->file,
                                sim_pointer(at, sizeof at, comp->pointer, "ids"),
                                "%lld is there twice: %s %u would get nothing of it; write a "
                                "different one for each",
                                (long long)id[i], each, i);
    return true;
}

static int64_t id_of(const struct tenants *t, const struct packet *p) {
    if (p == NULL)
        return -1;
    if (t->by == TENANT_BY_VLAN)
        return p->vlan_id;
    if (p->tunnel == PACKET_TUNNEL_VXLAN || p->tunnel == PACKET_TUNNEL_GENEVE)
        return p->tunnel_id;
    return -1;
}

const struct sim_comp *tenant_host(const struct sim_comp *comp) {
    const struct sim_world *w = comp->world;
    const struct sim_comp *found = NULL;
    for (uint32_t i = 0; i < w->comps; i++) {
        const struct sim_comp *c = w->comp[i];
        if (c->node != comp->node || c->model->functions == NULL || c->model->functions(c) < 2)
            continue;
        if (found != NULL)
            return NULL;
        found = c;
    }
    return found;
}

/* The number of what it is chosen by, which may be beyond the last of them. */
static uint32_t number_of(const struct tenants *t, const struct sim_msg *m) {
    switch (t->by) {
    case TENANT_BY_CLASS:
        return m->cls;
    case TENANT_BY_STREAM:
        return m->stream;
    case TENANT_BY_FUNCTION:
        return t->host->model->function(t->host, m);
    case TENANT_BY_FLOW:
        return (uint32_t)((uint64_t)m->hash * t->n >> 32);
    default:
        break;
    }
    int64_t id = id_of(t, m->body);
    uint32_t i = 0;
    while (i < t->n - 1 && t->id[i] != id)
        i++;
    return i;
}

uint32_t tenant_of(const struct tenants *t, const struct sim_msg *m) {
    uint32_t i = number_of(t, m);
    return i < t->n ? i : t->n - 1;
}

bool tenant_beyond(const struct tenants *t, const struct sim_msg *m) {
    bool numbered =
        t->by == TENANT_BY_CLASS || t->by == TENANT_BY_STREAM || t->by == TENANT_BY_FUNCTION;
    return numbered && number_of(t, m) >= t->n;
}
