/* buffers.c - see buffers.h. */
#include "models/buffers.h"
#include "models/llc.h"

enum { PARTS = 4096, PACKETS = 16384 };

/* A packet, or what a DMA moves, that is read or written in parts. */
struct buffers_part {
    uint32_t parent; /* of the messages that do it ... */
    sim_ps made;     /* ... and when they were */
    uint64_t next;   /* byte ... */
    uint64_t end;    /* ... and where its buffers end */
    uint32_t place;  /* whose they are */
};

/* Where a packet lies. */
struct buffers_packet {
    uint64_t id, address;
    bool known;
};

void buffers_init(struct buffers *b, uint64_t count, uint64_t each, struct rings *rings,
                  struct sim_arena *arena) {
    *b = (struct buffers){.count = count, .each = each, .rings = rings};
    b->turn = sim_alloc_n(arena, RINGS_QUEUES, sizeof *b->turn);
    b->part = sim_alloc_n(arena, PARTS, sizeof *b->part);
    b->packet = sim_alloc_n(arena, PACKETS, sizeof *b->packet);
}

/* The next buffers of a queue, one behind the other: as many as hold so many bytes. */
static struct buffers_part next_buffers(struct buffers *b, uint32_t place, uint64_t bytes) {
    uint64_t each = b->each, all = b->count;
    uint64_t n = bytes > each ? (bytes + each - 1) / each : 1, *turn = &b->turn[place];
    b->clipped |= n > all;
    n = n < all ? n : all;
    if (*turn + n > all)
        *turn = 0;
    uint64_t at = place * b->rings->queue + *turn * each;
    *turn += n;
    b->took = true;
    return (struct buffers_part){.next = at, .end = at + n * each, .place = place};
}

/* The buffers of a packet: what is written takes its own, and is read where it was written. */
static struct buffers_part buffers_of(struct buffers *b, uint64_t id,
                                      const struct buffers_want *want) {
    struct buffers_packet *p = &b->packet[(id + (id >> 40) * (PACKETS / 8)) % PACKETS];
    if (!want->writes && p->known && p->id == id)
        return (struct buffers_part){.next = p->address, .end = UINT64_MAX};
    struct buffers_part taken =
        next_buffers(b, rings_place(b->rings, want->queue), want->bytes);
    b->hashed |= want->hashed;
    *p = (struct buffers_packet){id, taken.next, true};
    return taken;
}

/* Where a message's bytes lie: a DMA says so. */
static struct buffers_part place_of(struct buffers *b, const struct sim_msg *m, uint64_t id,
                                    const struct buffers_want *want) {
    if (m->body == NULL)
        return (struct buffers_part){.next = (uint64_t)m->flow * LLC_LINE, .end = UINT64_MAX};
    return buffers_of(b, id, want);
}

/* What is accessed next does not fit in what is left of the buffers: it begins there, or in
 * others where these are no longer behind. */
static void go_on(struct buffers *b, struct buffers_part *p, uint64_t bytes) {
    struct buffers_part more = next_buffers(b, p->place, p->next + bytes - p->end);
    if (more.next != p->end)
        p->next = more.next;
    p->end = more.end;
}

uint64_t buffers_address(struct buffers *b, const struct sim_msg *m,
                         const struct buffers_want *want) {
    if (m->parent == 0)
        return place_of(b, m, m->id, want).next;
    struct buffers_part *p = &b->part[m->parent % PARTS];
    if (p->parent != m->parent || p->made != m->birth)
        *p = place_of(b, m, sim_msg_parent_id(m->id), want);
    else if (p->next + want->bytes > p->end)
        go_on(b, p, want->bytes);
    p->parent = m->parent;
    p->made = m->birth;
    uint64_t at = p->next;
    p->next += want->bytes;
    return at;
}
