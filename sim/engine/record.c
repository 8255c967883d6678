/* record.c - the journeys of a sample of messages: one in k by a hash of its id.
 *
 * When all records are taken, k doubles and records that no longer belong are given up: the
 * sample stays a function of the ids alone, in constant memory.
 *
 * The only child of an exchange goes on with its parent's record. Of several tries the last one
 * does: each message knows by how many tries its record had been given up when it got it.
 */
#include "inside.h"

/* A message's slot: the place of its record, and above that the try. */
enum { PLACE_BITS = 12, RECORDS = 1 << PLACE_BITS, PLACE = RECORDS - 1 };

static inline bool chosen(const struct sim_records *r, uint64_t id) {
    uint64_t h = (id ^ id >> 31) * 0x9e3779b97f4a7c15ull;
    return (h >> 32) % r->one_in == 0;
}

void sim_records_init(struct sim_world *w) {
    struct sim_records *r = &w->records;
    r->one_in = w->opts.sample_one_in;
    if (r->one_in == 0)
        return;
    r->room = RECORDS;
    r->record = sim_alloc_n(&w->arena, r->room, sizeof *r->record);
    r->of = sim_alloc_n(&w->arena, (size_t)w->nodes * w->opts.messages, sizeof *r->of);
}

/* Keep only what a doubled k still chooses. Records move: those under way find theirs again
 * by id (sim_record_of). */
static void thin_out(struct sim_records *r) {
    uint32_t kept = 0;
    r->one_in *= 2;
    for (uint32_t i = 0; i < r->n; i++)
        if (chosen(r, r->record[i].id))
            r->record[kept++] = r->record[i];
    r->n = kept;
}

void sim_record_begin(struct sim_node *node, struct sim_msg *m) {
    struct sim_records *r = &node->group->world->records;
    if (r->one_in == 0 || !chosen(r, m->id))
        return;
    while (r->n == r->room) {
        thin_out(r);
        if (!chosen(r, m->id))
            return;
    }
    struct sim_record *rec = &r->record[r->n];
    rec->id = m->id;
    rec->birth = m->birth;
    rec->done = -1;
    rec->stream = m->stream;
    rec->stamps = 0;
    rec->tries = 0;
    *sim_record_slot(node, m) = r->n++;
    m->flags |= SIM_MSG_SAMPLED;
}

/* The record of m, or NULL when thinning gave it up. */
static struct sim_record *find(struct sim_node *node, const struct sim_msg *m) {
    struct sim_records *r = &node->group->world->records;
    uint32_t *slot = sim_record_slot(node, m), at = *slot & PLACE;
    if (!chosen(r, m->id))
        return NULL;
    if (at < r->n && r->record[at].id == m->id)
        return &r->record[at];
    for (uint32_t i = 0; i < r->n; i++) {
        if (r->record[i].id == m->id) {
            *slot = (*slot & ~(uint32_t)PLACE) | i;
            return &r->record[i];
        }
    }
    return NULL;
}

static uint32_t slot_of_try(uint32_t slot, uint32_t tries) {
    return (slot & PLACE) | tries << PLACE_BITS;
}

/* The same, if m is of no try that was given up. */
static struct sim_record *record_of(struct sim_node *node, const struct sim_msg *m) {
    struct sim_record *rec = m->flags & SIM_MSG_SAMPLED ? find(node, m) : NULL;
    if (rec == NULL)
        return NULL;
    uint32_t slot = *sim_record_slot(node, m);
    return slot == slot_of_try(slot, rec->tries) ? rec : NULL;
}

/* One more part of the visit that the last stamp is of: waits together, then all services. */
static void add_part(struct sim_stamp *s, const struct sim_msg *m, const struct sim_plan *plan,
                     sim_ps left) {
    sim_ps took = s->end - s->start + plan->end - plan->start;
    s->start += s->left - s->end + plan->start - m->entered + left - plan->end;
    s->end = s->left = s->start + took;
    s->tail = left + plan->tail - s->end;
}

void sim_record_stamp(struct sim_node *node, const struct sim_msg *m,
                      const struct sim_plan *plan, sim_ps left) {
    struct sim_record *rec = record_of(node, m);
    if (rec == NULL)
        return;
    struct sim_stamp *last = rec->stamps > 0 ? &rec->stamp[rec->stamps - 1] : NULL;
    if (node->group->world->step[m->step].again != NULL && last != NULL &&
        last->step == m->step) {
        add_part(last, m, plan, left);
        return;
    }
    if (rec->stamps == SIM_STAMPS)
        return;
    rec->stamp[rec->stamps++] = (struct sim_stamp){.entered = m->entered,
                                                   .start = plan->start,
                                                   .end = plan->end,
                                                   .left = left,
                                                   .tail = plan->tail,
                                                   .bytes = plan->bytes_in,
                                                   .step = m->step};
}

uint16_t sim_record_stamps(struct sim_node *node, const struct sim_msg *m) {
    const struct sim_record *rec = record_of(node, m);
    return rec != NULL ? rec->stamps : 0;
}

/* Only m itself goes on with its record. */
static void give_up_try(struct sim_node *node, const struct sim_msg *m, struct sim_record *rec,
                        uint16_t stamps) {
    uint32_t *slot = sim_record_slot(node, m);
    rec->stamps = stamps;
    rec->tries++;
    *slot = slot_of_try(*slot, rec->tries);
}

uint16_t sim_record_vain(struct sim_node *node, const struct sim_msg *m, uint16_t stamps,
                         sim_ps now) {
    struct sim_record *rec = record_of(node, m);
    if (rec == NULL)
        return stamps;
    give_up_try(node, m, rec, stamps);
    const struct sim_stamp *last = stamps > 0 ? &rec->stamp[stamps - 1] : NULL;
    sim_ps since = last != NULL ? last->left + last->tail : rec->birth;
    if (stamps < SIM_STAMPS)
        rec->stamp[rec->stamps++] = (struct sim_stamp){.entered = since,
                                                       .start = now,
                                                       .end = now,
                                                       .left = now,
                                                       .bytes = m->bytes,
                                                       .step = m->step,
                                                       .vain = true};
    return rec->stamps;
}

void sim_record_resume(struct sim_node *node, const struct sim_msg *m,
                       const struct sim_msg *child, uint16_t stamps) {
    struct sim_record *rec = record_of(node, m);
    if (rec != NULL && record_of(node, child) == NULL)
        give_up_try(node, m, rec, stamps);
}

void sim_record_end(struct sim_node *node, struct sim_msg *m, sim_ps done) {
    struct sim_record *rec = record_of(node, m);
    if (rec != NULL)
        rec->done = done;
}
