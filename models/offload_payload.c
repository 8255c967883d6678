/* offload_payload.c - what depends on the bytes of a payload: what it compresses to, and
 * whether an equal one is known. By facts of the captured bytes, else as the step states it.
 */
#include "models/content.h"
#include "models/offload.h"
#include "models/wrap.h"

enum { MILLION = 1000000 };

void offload_init(struct offload *o, bool dedup) {
    if (!dedup)
        return;
    o->digests = sim_alloc(sim_comp_arena(o->comp), sizeof *o->digests);
    flowtable_init(o->digests, (uint64_t)o->entries, OFFLOAD_WAYS, SIM_NEVER,
                   sim_comp_arena(o->comp));
    o->digests->evict = true;
}

/* ---------------------------------------------------------------- facts */

static void look(struct offload *o, const struct sim_op *ops, size_t at) {
    at += offsetof(union offload_args, stated);
    o->looked = true;
    o->asks_deflate = stated_asks(o->comp, &ops[OFFLOAD_DEFLATE], at);
    o->asks_lz4 = stated_asks(o->comp, &ops[OFFLOAD_LZ4], at);
    o->asks_digest = stated_asks(o->comp, &ops[OFFLOAD_DEDUP], at);
}

void offload_facts(struct offload *o, const struct sim_op *ops, size_t at, struct packet *p) {
    struct sim_arena scratch = {0};
    const uint8_t *bytes;
    uint32_t n;
    if (!o->looked)
        look(o, ops, at);
    p->wanted |= o->asks_deflate || o->asks_lz4 || o->asks_digest;
    if (o->asks_lz4 && content_lz4_missing != NULL)
        stated_no_library(o->comp, content_lz4_missing);
    if (!packet_payload(p, &bytes, &n) || o->comp->world->failed)
        return;
    if (o->asks_deflate && p->deflated == PACKET_UNKNOWN)
        p->deflated = n > 0 ? content_deflate(bytes, n, &scratch) : 0;
    if (o->asks_lz4 && p->lz4 == PACKET_UNKNOWN)
        p->lz4 = n > 0 ? content_lz4(bytes, n, &scratch) : 0;
    if (o->asks_digest && p->digest == 0)
        p->digest = content_digest(bytes, n);
    sim_arena_free(&scratch);
}

/* The message's facts, where they are those of its payload as it is. */
static const struct packet *facts(const struct offload_job *j) {
    return j->args->stated.all || !wrap_as_captured(j->m) ? NULL : j->m->body;
}

static bool take_stated(struct offload *o, const struct offload_job *j, const char *key) {
    return stated_take(o->comp, j->step, &j->args->stated, key, &o->stated, j->start);
}

/* ---------------------------------------------------------------- compression */

static enum offload_verdict compress(struct offload *o, struct offload_job *j,
                                     enum wrap_kind kind, uint32_t becomes) {
    uint64_t payload = wrap_payload(j->m), ratio = (uint64_t)j->args->stated.value;
    j->work = (uint32_t)payload;
    if (becomes == PACKET_UNKNOWN) {
        if (!take_stated(o, j, "ratio"))
            return OFFLOAD_OK;
        becomes = (uint32_t)((payload * ratio + MILLION - 1) / MILLION);
    }
    return wrap_put(j->m, kind, (int64_t)becomes - (int64_t)payload) ? OFFLOAD_OK
                                                                     : OFFLOAD_NESTED;
}

enum offload_verdict offload_deflate(struct offload *o, struct offload_job *j) {
    const struct packet *p = facts(j);
    return compress(o, j, WRAP_DEFLATE, p != NULL ? p->deflated : PACKET_UNKNOWN);
}

enum offload_verdict offload_lz4(struct offload *o, struct offload_job *j) {
    const struct packet *p = facts(j);
    return compress(o, j, WRAP_LZ4, p != NULL ? p->lz4 : PACKET_UNKNOWN);
}

/* What this card made smaller becomes what it was; of what came compressed the ratio must be
 * stated. */
static enum offload_verdict decompress(struct offload *o, struct offload_job *j,
                                       enum wrap_kind kind) {
    bool ours = wrap_take(j->m, kind);
    uint64_t payload = wrap_payload(j->m), ratio = (uint64_t)j->args->stated.value;
    j->work = (uint32_t)payload;
    if (ours)
        return OFFLOAD_OK;
    if (!wrap_as_captured(j->m))
        return OFFLOAD_NOT_SEALED;
    if (!take_stated(o, j, "ratio"))
        return OFFLOAD_OK;
    uint64_t becomes = (payload * MILLION + ratio - 1) / ratio;
    j->work = (uint32_t)(becomes < INT32_MAX ? becomes : INT32_MAX);
    j->m->bytes = (uint32_t)(j->m->bytes + j->work - payload);
    wrap_open(j->m);
    return OFFLOAD_OK;
}

enum offload_verdict offload_inflate(struct offload *o, struct offload_job *j) {
    return decompress(o, j, WRAP_DEFLATE);
}

enum offload_verdict offload_unlz4(struct offload *o, struct offload_job *j) {
    return decompress(o, j, WRAP_LZ4);
}

/* ---------------------------------------------------------------- equal payloads */

static bool met_before(struct offload *o, uint64_t digest, sim_ps at) {
    if (flowtable_find(o->digests, digest, at, false))
        return true;
    flowtable_add(o->digests, digest, at, at);
    return false;
}

/* Of payloads that are not known every so-many-th is new. */
static bool met_by_share(struct offload *o, const struct offload_job *j) {
    if (!take_stated(o, j, "unique"))
        return false;
    o->share += (uint64_t)j->args->stated.value;
    bool met = o->share < MILLION;
    o->share -= met ? 0 : MILLION;
    return met;
}

enum offload_verdict offload_dedup(struct offload *o, struct offload_job *j) {
    const struct packet *p = facts(j);
    bool known = p != NULL && p->digest != 0;
    j->work = wrap_payload(j->m);
    if (!(known ? met_before(o, p->digest, j->start) : met_by_share(o, j)))
        return OFFLOAD_OK;
    sim_comp_count(o->comp, &o->duplicates, j->start);
    return OFFLOAD_DUPLICATE;
}
