/* scan.c - see scan.h. */
#include "models/scan.h"
#include "models/wrap.h"

bool scan_init(struct scan *scan, struct sim_comp *comp, const struct patterns_library *by,
               struct sim_err *err) {
    struct sim_arena *arena = sim_comp_arena(comp);
    scan->comp = comp;
    if (scan->file == NULL)
        return true;
    scan->slot = sim_comp_slot(comp, "regex");
    if (scan->slot >= PACKET_SCANS)
        return sim_fail(err, comp->file, comp->pointer,
                        "a packet carries the hits of %d blocks that look for patterns, and "
                        "this is number %u; use one block with all the patterns",
                        PACKET_SCANS, scan->slot + 1);
    scan->by = by;
    /* What is no pattern at all PCRE2 says best. */
    if (!patterns_read(scan->file, &scan->patterns, arena, err) ||
        (scan->made = patterns_pcre2.make(&scan->patterns, arena, err)) == NULL)
        return false;
    if (by != &patterns_pcre2)
        scan->made = by->make(&scan->patterns, arena, err);
    return scan->made != NULL;
}

void scan_facts(struct scan *scan, size_t base, void *body) {
    struct sim_world *w = scan->comp->world;
    struct packet *p = body;
    const uint8_t *at;
    uint32_t n;
    if (!scan->looked)
        scan->asks = scan->file != NULL && lanes_asking(scan->comp, base, "scan") != NULL;
    scan->looked = true;
    p->wanted |= scan->asks;
    if (!scan->asks || !packet_payload(p, &at, &n))
        return;
    p->hits[scan->slot] = 0; /* where there is nothing to look at */
    if (n > 0 && !scan->by->count(scan->made, at, n, &p->hits[scan->slot], &w->err))
        w->failed = true;
}

bool scan_hits(const struct scan *scan, const struct sim_step *step,
               const struct lanes_stated *args, const struct sim_msg *m, sim_ps start,
               uint64_t *share) {
    const struct packet *p = m->body;
    if (scan->asks && !args->all && p != NULL && wrap_as_captured(m) &&
        p->hits[scan->slot] != PACKET_UNKNOWN)
        return p->hits[scan->slot] > 0;
    if (!lanes_take_stated(scan->comp, step, args, "misses", scan->stated, start))
        return false;
    *share += 1000000 - (uint64_t)args->value;
    bool hit = *share >= 1000000;
    *share -= hit ? 1000000 : 0;
    return hit;
}
