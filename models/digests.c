/* digests.c - see digests.h. */
#include "models/digests.h"
#include "models/mix.h"
#include "sim/engine/err.h"

void digests_make(struct digests *d, uint32_t entries, struct sim_arena *arena) {
    SIM_ASSERT(entries > 0 && entries % DIGESTS_WAYS == 0);
    *d = (struct digests){.sets = entries / DIGESTS_WAYS, .arena = arena};
}

/* The place of the digest in its set, or the one that it gets. */
static struct digest *place(struct digest *set, uint64_t digest) {
    struct digest *best = set;
    for (struct digest *e = set; e < set + DIGESTS_WAYS; e++) {
        if (e->key == digest)
            return e;
        if (best->key != 0 && (e->key == 0 || e->met < best->met))
            best = e;
    }
    return best;
}

bool digests_meet(struct digests *d, uint64_t digest, sim_ps t) {
    SIM_ASSERT(digest != 0);
    if (d->at == NULL)
        d->at = sim_alloc_n(d->arena, (size_t)d->sets * DIGESTS_WAYS, sizeof *d->at);
    struct digest *e = place(d->at + mix_place(digest, d->sets) * DIGESTS_WAYS, digest);
    bool there = e->key == digest, known = there && e->met < t;
    d->held += e->key == 0;
    d->evicted += e->key != 0 && !there;
    *e = (struct digest){digest, t};
    return known;
}
