/* treat_facts.c - what operations ask of captured payloads before the run: what they compress
 * to, their digests, and the table that a block keeps of those.
 */
#include "models/content.h"
#include "models/treat.h"

bool treat_make_digests(struct treat *t, struct sim_comp *comp, int64_t entries,
                        struct sim_err *err) {
    char at[512];
    long long ways = DIGESTS_WAYS;
    if (entries % ways != 0)
        return sim_fail(err, comp->file,
                        sim_pointer(at, sizeof at, comp->pointer, "dedup_entries"),
                        "%lld is not a multiple of %lld; write e.g. %lld", (long long)entries,
                        ways, (entries + ways - 1) / ways * ways);
    digests_make(&t->table, (uint32_t)entries, sim_comp_arena(comp));
    return true;
}

/* Does a step of the component ask for the fact that this operation is about? */
static bool asks_for(const struct sim_comp *comp, size_t base, const char *op) {
    return lanes_asking(comp, base, op) != NULL;
}

void treat_facts(struct sim_comp *comp, size_t base, struct treat_asks *asks, void *body) {
    struct packet *p = body;
    const uint8_t *at;
    uint32_t n;
    if (!asks->looked)
        *asks = (struct treat_asks){true, asks_for(comp, base, "deflate-compress"),
                                    asks_for(comp, base, "lz4-compress"),
                                    asks_for(comp, base, "dedup-hash")};
    p->wanted |= asks->deflate || asks->lz4 || asks->digest;
    if (asks->lz4 && content_lz4_missing != NULL)
        lanes_no_library(comp, content_lz4_missing);
    if (!packet_payload(p, &at, &n) || comp->world->failed)
        return;
    struct sim_arena scratch = {0};
    if (asks->deflate && p->deflated == PACKET_UNKNOWN)
        p->deflated = n > 0 ? content_deflate(at, n, &scratch) : 0;
    if (asks->lz4 && p->lz4 == PACKET_UNKNOWN)
        p->lz4 = n > 0 ? content_lz4(at, n, &scratch) : 0;
    if (asks->digest && p->digest == 0)
        p->digest = content_digest(at, n);
    sim_arena_free(&scratch);
}
