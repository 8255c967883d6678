/* iommu.h - translation of the addresses that a device uses: a table of translations kept at
 * the root complex (IOTLB), least recently used out. A miss waits for one of the walkers (port
 * "walkers": a resource of its own), and so does what needs the same page meanwhile: of the
 * look-ups under way the latest 1,024 are known. Left out: pages of several sizes; the IOMMU's
 * own caches of page tables.
 */
#ifndef MODELS_IOMMU_H
#define MODELS_IOMMU_H

#include "models/lru.h"
#include "sim/engine/model.h"

enum { IOMMU_WALKERS = 64 };

/* A look-up of a translation, and when all up to it are done. */
struct iommu_walk {
    uint64_t page;
    sim_ps end, all;
};

struct iommu {
    /* parameters */
    int64_t page_bytes, iotlb_entries, iotlb_ways, walk_latency, walkers;
    /* statistics */
    int64_t walks;
    /* state */
    struct sim_comp *comp;
    struct lru iotlb;
    struct iommu_walk *recent;    /* the latest look-ups, in a ring */
    uint32_t asked;               /* look-ups */
    sim_ps walker[IOMMU_WALKERS]; /* when each is free */
    uint32_t port;                /* of the block: the walkers */
};

/* Do the parameters go together?
 * @return true; or false, and which one does not and why. */
bool iommu_check(const struct iommu *u, const char **key, const char **why);

/* The parameters being set; adds the port to the block. */
void iommu_init(struct iommu *u, struct sim_comp *comp);

/* When the addresses of m, so many from one on, are translated that are asked for at t.
 * @param walks set when some are not kept. */
sim_ps iommu_translate(struct iommu *u, const struct sim_msg *m, uint64_t address,
                       uint64_t bytes, sim_ps t, bool *walks);

#endif
