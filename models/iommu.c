/* iommu.c - see iommu.h. */
#include "models/iommu.h"

enum { WALKS = 1024 };

bool iommu_check(const struct iommu *u, const char **key, const char **why) {
    int64_t page = u->page_bytes;
    if (u->iotlb_entries < u->iotlb_ways) {
        *key = "iotlb_entries";
        *why = "are fewer than iotlb_ways, the places that each may take; say fewer of those";
        return false;
    }
    if (u->iotlb_entries % u->iotlb_ways != 0) {
        *key = "iotlb_ways";
        *why = "must divide iotlb_entries";
        return false;
    }
    if (page != 4 << 10 && page != 2 << 20 && page != 1 << 30) {
        *key = "page_bytes";
        *why = "no such page; use 4KiB, 2MiB or 1GiB";
        return false;
    }
    return true;
}

void iommu_init(struct iommu *u, struct sim_comp *comp) {
    struct sim_arena *arena = sim_comp_arena(comp);
    u->comp = comp;
    u->recent = sim_alloc_n(arena, WALKS, sizeof *u->recent);
    lru_init(&u->iotlb, (uint32_t)u->iotlb_entries, (uint32_t)u->iotlb_ways, arena);
    u->port = sim_port_add(comp, &(struct sim_port_opts){.name = "walkers",
                                                         .servers = (uint32_t)u->walkers,
                                                         .aside = true});
}

/* A translation that is not kept: the next walker that is free looks it up. @return when it is
 * there. */
static sim_ps walk(struct iommu *u, const struct sim_msg *m, uint64_t page, sim_ps t) {
    sim_ps *first = u->walker;
    for (sim_ps *w = u->walker; w < u->walker + u->walkers; w++)
        if (*w < *first)
            first = w;
    sim_ps from = sim_later(*first, t), all = u->recent[(u->asked + WALKS - 1) % WALKS].all;
    *first = from + u->walk_latency;
    u->recent[u->asked++ % WALKS] = (struct iommu_walk){page, *first, sim_later(*first, all)};
    sim_use_aside(u->comp, u->port, m,
                  &(struct sim_keeps){.asked = t, .from = from, .till = *first, .servers = 1});
    sim_comp_count(u->comp, &u->walks, t);
    return *first;
}

/* When a translation that is kept is there: its look-up may be under way. */
static sim_ps kept(const struct iommu *u, uint64_t page, sim_ps t) {
    for (uint32_t i = 1; i <= WALKS; i++) {
        const struct iommu_walk *w = &u->recent[(u->asked + WALKS - i) % WALKS];
        if (w->all <= t)
            break;
        if (w->page == page)
            return sim_later(w->end, t);
    }
    return t;
}

sim_ps iommu_translate(struct iommu *u, const struct sim_msg *m, uint64_t address,
                       uint64_t bytes, sim_ps t, bool *walks) {
    uint64_t page = (uint64_t)u->page_bytes, last = address + (bytes ? bytes - 1 : 0);
    sim_ps ready = t;
    for (uint64_t i = address / page; i <= last / page; i++) {
        bool hit = lru_touch(&u->iotlb, i);
        ready = sim_later(ready, hit ? kept(u, i, t) : walk(u, m, i, t));
        *walks |= !hit;
    }
    return ready;
}
