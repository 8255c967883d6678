/* flash.c - see flash.h. */
#include "models/flash.h"

enum { SLOT_PAGES = 4 }; /* a slot holds so many whole reads: short against a die's read */
enum { SLOTS = 1024 };   /* of a channel, until more are needed: 0.1 s of most drives */

void flash_init(struct flash *f, const struct flash_params *p, struct sim_comp *comp) {
    struct sim_arena *arena = sim_comp_arena(comp);
    struct sim_rate rate = sim_rate_make((uint64_t)p->channel_rate, 1, 1);
    *f = (struct flash){.p = p, .comp = comp, .dies = (uint32_t)(p->channels * p->dies)};
    f->die = sim_alloc_n(arena, f->dies, sizeof *f->die);
    f->channel = sim_alloc_n(arena, (size_t)p->channels, sizeof *f->channel);
    for (int64_t i = 0; i < p->channels; i++)
        f->channel[i] = (struct flash_channel){
            .slot = sim_alloc_n(arena, SLOTS, sizeof(struct flash_slot)), .slots = SLOTS};
    f->page = sim_rate_span(rate, (uint64_t)p->read_bytes);
    f->width = SLOT_PAGES * f->page;
    f->die_port = sim_port_add(
        comp, &(struct sim_port_opts){.name = "dies", .servers = f->dies, .aside = true});
    f->channel_port = sim_port_add(
        comp, &(struct sim_port_opts){
                  .name = "channels", .servers = (uint32_t)p->channels, .aside = true});
}

/* Twice as many slots: what is booked lies further ahead than they reach. */
static void more_slots(struct flash *f, struct flash_channel *c) {
    uint64_t n = 2 * c->slots;
    struct flash_slot *slot = sim_alloc_n(sim_comp_arena(f->comp), n, sizeof *slot);
    for (uint64_t i = 0; i < c->slots; i++)
        if (c->slot[i].taken > 0)
            slot[c->slot[i].number % n] = c->slot[i];
    c->slot = slot;
    c->slots = n;
}

/* What is over is forgotten: a slot of the ring is used again. */
static struct flash_slot *slot_of(struct flash *f, struct flash_channel *c, uint64_t number) {
    for (;;) {
        struct flash_slot *s = &c->slot[number % c->slots];
        if (s->number == number)
            return s;
        if (s->taken > 0 && (sim_ps)(s->number + 1) * f->width > f->now) {
            more_slots(f, c);
            continue;
        }
        *s = (struct flash_slot){.number = number};
        return s;
    }
}

/* A part of a channel's slot is taken. In the books they lie one behind the other. */
static void book(struct flash *f, struct flash_slot *s, sim_ps part) {
    sim_ps from = (sim_ps)s->number * f->width + s->taken;
    s->taken += part;
    sim_keep_aside(
        f->comp, f->channel_port,
        &(struct sim_keeps){.asked = from, .from = from, .till = from + part, .servers = 1});
}

/* `span` of a channel from t on: what is left of the slots. @return when it is over. */
static sim_ps take(struct flash *f, struct flash_channel *c, sim_ps t, sim_ps span) {
    uint64_t number = (uint64_t)(t / f->width);
    sim_ps at = t;
    if (number < c->full_from || number > c->full_till)
        c->full_from = c->full_till = number;
    for (number = c->full_till;; number++) {
        struct flash_slot *s = slot_of(f, c, number);
        sim_ps begins = (sim_ps)number * f->width, ends = begins + f->width;
        sim_ps from = sim_later(at, begins + s->taken), room = ends - from;
        sim_ps all = f->width - s->taken; /* others may lie behind t, and move */
        c->full_till += all == 0 && number == c->full_till;
        room = room < all ? room : all;
        if (room <= 0)
            continue;
        sim_ps part = span < room ? span : room;
        book(f, s, part);
        span -= part;
        at = from + part;
        if (span == 0)
            return at;
    }
}

/* The channel carries `bytes` of m from t on. */
static sim_ps carry(struct flash *f, const struct sim_msg *m, uint32_t die, uint64_t bytes,
                    sim_ps t) {
    sim_ps span = (sim_ps)((sim_u128)(uint64_t)f->page * bytes / (uint64_t)f->p->read_bytes);
    sim_ps end = take(f, &f->channel[die % (uint32_t)f->p->channels], t, span > 0 ? span : 1);
    sim_ask_aside(f->comp, f->channel_port, m, span);
    sim_keep_aside(
        f->comp, f->channel_port,
        &(struct sim_keeps){.asked = t, .from = end - span, .till = end - span, .servers = 1});
    return end;
}

/* A die that is programming or erasing at t stands still for a read, if it may yet. @return
 * when the read begins; the die goes on behind it. */
static sim_ps interrupt(struct flash *f, const struct sim_msg *m, struct flash_die *d,
                        sim_ps t) {
    sim_ps from = t > d->begun ? t + f->p->suspend_time : t, was = d->working;
    d->left--;
    d->working += f->p->read_time + (from - t);
    f->suspended += sim_inside(f->comp->world, t);
    /* in the books the read comes behind, and what is there already stays where it is */
    sim_ask_aside(f->comp, f->die_port, m, d->working - was);
    sim_keep_aside(
        f->comp, f->die_port,
        &(struct sim_keeps){.asked = was, .from = was, .till = d->working, .servers = 1});
    return from;
}

static void wait_for(struct flash *f, const struct sim_msg *m, sim_ps asked, sim_ps from,
                     sim_ps till) {
    sim_use_aside(
        f->comp, f->die_port, m,
        &(struct sim_keeps){.asked = asked, .from = from, .till = till, .servers = 1});
}

sim_ps flash_read(struct flash *f, const struct sim_msg *m, uint32_t die, uint64_t bytes,
                  sim_ps t, sim_ps *waits) {
    struct flash_die *d = &f->die[die];
    sim_ps from = sim_later(t, d->free);
    if (from < d->working && d->left > 0) {
        from = interrupt(f, m, d, from);
        wait_for(f, m, t, from, from);
    } else {
        from = sim_later(from, d->working);
        wait_for(f, m, t, from, from + f->p->read_time);
    }
    sim_ps read = d->free = from + f->p->read_time;
    sim_comp_count(f->comp, &f->reads, t);
    sim_ps end = carry(f, m, die, bytes, read);
    sim_ps span = (sim_ps)((sim_u128)(uint64_t)f->page * bytes / (uint64_t)f->p->read_bytes);
    *waits = sim_later(*waits, (from - t) + (end - read - span));
    return end;
}

void flash_move(struct flash *f, const struct sim_msg *m, uint32_t die, sim_ps t) {
    struct flash_die *d = &f->die[die];
    sim_ps from = sim_later(t, sim_later(d->free, d->working));
    d->working = from + f->p->read_time;
    d->begun = from;
    wait_for(f, m, from, from, d->working);
    sim_comp_count(f->comp, &f->reads, t);
    (void)carry(f, m, die, (uint64_t)f->p->read_bytes, d->working);
}

sim_ps flash_program(struct flash *f, const struct sim_msg *m, uint32_t die, uint64_t bytes,
                     sim_ps t, sim_ps takes) {
    struct flash_die *d = &f->die[die];
    const struct flash_params *p = f->p;
    sim_ps there = carry(f, m, die, bytes, t);
    sim_ps from = sim_later(there, sim_later(d->free, d->working)), keeps = takes;
    d->left = (uint32_t)p->suspends;
    if (p->programs > 0 && ++d->since == (uint32_t)p->programs) {
        d->since = 0;
        keeps += p->erase_time;
        sim_comp_count(f->comp, &f->erases, t);
    }
    d->begun = from;
    d->working = from + keeps;
    wait_for(f, m, there, from, d->working);
    sim_comp_count(f->comp, &f->programs, t);
    return d->working;
}
