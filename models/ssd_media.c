/* ssd_media.c - what a drive's commands do to its buffer, its map and its flash.
 *
 * Reads. A request is cut at read units (`read_bytes` of the media: what a die reads at once,
 * all planes); each goes to the die that holds it. Where nothing is written in the run the
 * place follows from the address: units lie side by side over the dies where the drive was
 * filled in order, and pages of the map anywhere where it was written at random. The link sends
 * while later units are still on their way.
 *
 * Writes. A write is done when its data is in the buffer; it waits there for room. Programs are
 * of `program_bytes`, one die after the other. Room is given back in the order of programs.
 * Pages of the map are written whole: one of which a write has a part takes all of its room,
 * unless the write goes on where one before it ended (the buffer merges them). The rest of such
 * a page is read from the flash, once: when a write begins inside it, or when one that ended
 * inside it is given up for others. Nobody waits for that read but those at its die. Compressed
 * requests lie side by side, and take as many pages as their bytes fill.
 */
#include "models/ssd.h"

enum { FOLD = 1 << 30 }; /* bytes of the drive that the map is of: see ftl.h */

void ssd_media_init(struct ssd *d) {
    struct sim_arena *arena = sim_comp_arena(&d->base);
    uint64_t units = (uint64_t)(d->buffer_bytes / d->media.program_bytes) + 2;
    flash_init(&d->flash, &d->media, &d->base);
    d->buffer_port = sim_port_add(
        &d->base, &(struct sim_port_opts){.name = "buffer",
                                          .servers = (uint32_t)(d->buffer_bytes / d->map_bytes),
                                          .aside = true});
    uint32_t room = 1;
    while (room < 2 * units)
        room *= 2;
    d->release = sim_alloc_n(arena, room, sizeof *d->release);
    d->mask = room - 1;
    sim_comp_rng(&d->base, "map", &d->rng);
}

/* Is anything written in this run? */
static bool is_written(const struct ssd *d) {
    const struct sim_world *w = d->base.world;
    for (uint32_t i = 0; i < w->steps; i++)
        if (w->step[i].comp == &d->base &&
            (w->step[i].op == &ssd_ops[SSD_OP_WRITE] || w->step[i].op == &ssd_ops[SSD_OP_TRIM]))
            return true;
    return false;
}

void ssd_media_start(struct ssd *d) {
    uint64_t bytes = (uint64_t)(d->capacity < FOLD ? d->capacity : FOLD);
    if (d->state != FTL_EMPTY)
        d->cached = (uint64_t)d->cache_bytes; /* used up */
    d->maps = d->spare > 0 && d->state != FTL_EMPTY && is_written(d);
    if (d->maps)
        ftl_init(&d->ftl, (uint32_t)(bytes / (uint64_t)d->map_bytes), d->spare,
                 (uint32_t)(d->media.read_bytes / d->map_bytes), sim_comp_arena(&d->base));
}

/* The first write: what lay on the drive before. */
static void condition(struct ssd *d) {
    if (d->maps && !d->conditioned)
        ftl_condition(&d->ftl, (enum ftl_state)d->state, &d->rng);
    d->conditioned = true;
}

/* ---------------------------------------------------------------- reads */

static uint64_t scatter(uint64_t x) {
    x *= 0x9e3779b97f4a7c15ULL;
    x ^= x >> 29;
    x *= 0xbf58476d1ce4e5b9ULL;
    return x ^ x >> 32;
}

/* The physical place of a page of the map, in pages; any that no other has would do. */
static uint64_t place_of(const struct ssd *d, uint64_t page) {
    if (d->maps && d->conditioned) {
        uint32_t at = ftl_find(&d->ftl, page);
        return at == FTL_NONE ? page : at;
    }
    return d->state == FTL_RANDOM && d->spare > 0 ? scatter(page) : page;
}

/* Of the namespace's bytes. */
static uint64_t address(const struct ssd *d, const struct io *io) {
    return ssd_offset(d, io) +
           ssd_space(d, io) * ((uint64_t)d->capacity / (uint64_t)d->namespaces);
}

/* Bytes from `at` on that lie in one read unit: *die holds them. */
static uint64_t unit_at(const struct ssd *d, uint64_t at, uint64_t left, uint32_t *die) {
    uint64_t map = (uint64_t)d->map_bytes, unit = (uint64_t)d->media.read_bytes / map;
    uint64_t per_die = (uint64_t)d->media.program_bytes / map;
    uint64_t first = place_of(d, at / map), bytes = map - at % map, next = first;
    *die = (uint32_t)(first / per_die % d->flash.dies);
    while (bytes < left) {
        uint64_t place = place_of(d, (at + bytes) / map);
        if (place != next + 1 || place / unit != first / unit)
            break;
        next = place;
        bytes += map;
    }
    return bytes < left ? bytes : left;
}

/* When the link can begin, so that it need not wait for a unit any more. */
static sim_ps may_send(const struct ssd *d, sim_ps end, uint64_t behind) {
    return end - sim_rate_span(d->link.way[PCIE_TO_HOST].ser.rate, behind);
}

sim_ps ssd_read(struct ssd *d, const struct sim_msg *m, const struct io *io, sim_ps t,
                sim_ps *waits) {
    uint64_t at = address(d, io), left = io_stored(io), whole = left;
    sim_ps ready = t;
    while (left > 0) {
        uint32_t die;
        uint64_t bytes = unit_at(d, at, left, &die);
        sim_ps end = flash_read(&d->flash, m, die, bytes, t, waits);
        ready = sim_later(ready, may_send(d, end, whole - bytes));
        ready = sim_later(ready, left == whole ? end : ready);
        at += bytes;
        left -= bytes;
    }
    if (sim_inside(d->base.world, t))
        d->read_bytes += (int64_t)whole;
    return ready;
}

/* ---------------------------------------------------------------- the buffer */

static void give_back(struct ssd *d, sim_ps t) {
    while (d->head != d->tail && d->release[d->head & d->mask].at <= t)
        d->buffered -= d->release[d->head++ & d->mask].bytes;
}

/* Room for `bytes` from t on. @return when it is there. */
static sim_ps make_room(struct ssd *d, const struct sim_msg *m, uint64_t bytes, sim_ps t) {
    sim_ps from = sim_later(t, d->admitted); /* in the order in which they came */
    give_back(d, from);
    while (d->buffered + bytes > (uint64_t)d->buffer_bytes && d->head != d->tail) {
        from = sim_later(from, d->release[d->head & d->mask].at);
        give_back(d, from);
    }
    d->buffered += bytes;
    d->admitted = from;
    if (from == t)
        return t;
    sim_comp_count(&d->base, &d->full_buffer, t);
    sim_use_aside(&d->base, d->buffer_port, m,
                  &(struct sim_keeps){.asked = t, .from = from, .till = from, .servers = 1});
    return from;
}

/* So many bytes are programmed at t. @return when they are kept. */
static sim_ps program(struct ssd *d, const struct sim_msg *m, uint64_t bytes, sim_ps t) {
    bool cached = d->cached < (uint64_t)d->cache_bytes;
    sim_ps takes = cached ? d->cache_program_time : d->media.program_time;
    uint32_t die = d->next_die;
    d->next_die = die + 1 == d->flash.dies ? 0 : die + 1;
    sim_ps end = flash_program(&d->flash, m, die, bytes, t, takes);
    d->settled = sim_later(d->settled, end);
    return end;
}

/* Room for `bytes` is given back at `end`; where more parts are on their way than whole
 * programs would be, many small flushes, with the part in front. */
static void owe_room(struct ssd *d, sim_ps end, uint64_t bytes) {
    if (d->tail - d->head <= d->mask) {
        d->release[d->tail++ & d->mask] = (struct ssd_release){end, bytes};
        return;
    }
    struct ssd_release *last = &d->release[(d->tail - 1) & d->mask];
    last->at = sim_later(last->at, end);
    last->bytes += bytes;
}

static void program_host(struct ssd *d, const struct sim_msg *m, uint64_t bytes, sim_ps t) {
    sim_ps end = program(d, m, bytes, t);
    d->cached += bytes;
    owe_room(d, end, bytes);
    sim_use_aside(&d->base, d->buffer_port, m,
                  &(struct sim_keeps){.asked = t,
                                      .from = t,
                                      .till = end,
                                      .servers = (uint32_t)(bytes / (uint64_t)d->map_bytes)});
}

/* Collection's share of a write. */
static void collect(struct ssd *d, const struct sim_msg *m, struct ftl_work work, sim_ps t) {
    for (; work.reads > 0; work.reads--)
        flash_move(&d->flash, m, (uint32_t)sim_rng_below(&d->rng, d->flash.dies), t);
    d->moving += (uint64_t)work.moves * (uint64_t)d->map_bytes;
    if (sim_inside(d->base.world, t))
        d->moved_bytes += work.moves * d->map_bytes;
    while (d->moving >= (uint64_t)d->media.program_bytes) {
        d->moving -= (uint64_t)d->media.program_bytes;
        (void)program(d, m, (uint64_t)d->media.program_bytes, t);
    }
}

/* The rest of a page that a write has only a part of, if there is anything. */
static void read_rest(struct ssd *d, const struct sim_msg *m, uint64_t page, sim_ps t) {
    uint64_t map = (uint64_t)d->map_bytes;
    uint32_t die;
    if (!d->maps || ftl_find(&d->ftl, page) == FTL_NONE)
        return;
    (void)unit_at(d, page * map, map, &die);
    flash_move(&d->flash, m, die, t); /* as collection does: it interrupts no program */
    sim_comp_count(&d->base, &d->rests, t);
}

/* Does a write that begins at `at` go on where another ended? It ends at `end` itself. Of a
 * page that it has a part of the rest is read now, or when it is known that no write goes on.
 */
static bool goes_on(struct ssd *d, const struct sim_msg *m, uint64_t at, uint64_t end,
                    sim_ps t) {
    uint64_t map = (uint64_t)d->map_bytes, first = at / map, last = end / map, known = 0;
    uint64_t *before = &d->part[first % SSD_PARTS], *behind = &d->part[last % SSD_PARTS];
    bool same = at % map != 0 && (*before & ~SSD_PART_KNOWN) == at;
    if (same) {
        known = *before & SSD_PART_KNOWN;
        *before = 0;
    } else if (at % map != 0) {
        read_rest(d, m, first, t);
        known = SSD_PART_KNOWN;
    }
    if (end % map == 0)
        return same;
    if (*behind != 0 && *behind / map != last && !(*behind & SSD_PART_KNOWN))
        read_rest(d, m, *behind / map, t);
    *behind = end | (first == last ? known : 0);
    return same;
}

/* Pages of the map that a write takes, from *first on. */
static uint64_t pages_of(struct ssd *d, const struct sim_msg *m, const struct io *io, sim_ps t,
                         uint64_t *first) {
    uint64_t map = (uint64_t)d->map_bytes, at = address(d, io), end = at + io->bytes;
    *first = at / map;
    if (io->packed > 0) {
        d->packed += io->packed;
        uint64_t full = d->packed / map;
        d->packed %= map;
        return full;
    }
    if ((at | end) % map != 0)
        *first += goes_on(d, m, at, end, t);
    return (end + map - 1) / map - *first;
}

sim_ps ssd_write(struct ssd *d, const struct sim_msg *m, const struct io *io, sim_ps t,
                 sim_ps *waits) {
    condition(d);
    uint64_t page, pages = pages_of(d, m, io, t, &page);
    uint64_t unit = (uint64_t)d->media.program_bytes, left = pages * (uint64_t)d->map_bytes;
    sim_ps in = t;
    uint32_t place;
    while (left > 0) { /* as large parts as fit what is being filled */
        uint64_t room = unit - d->filling, part = left < room ? left : room;
        in = make_room(d, m, part, in);
        d->filling += part;
        left -= part;
        if (d->filling == unit) {
            d->filling = 0;
            program_host(d, m, unit, in);
        }
    }
    for (uint64_t i = 0; d->maps && i < pages; i++)
        collect(d, m, ftl_write(&d->ftl, page + i, &place), in);
    *waits = in - t;
    if (sim_inside(d->base.world, t))
        d->written_bytes += io_stored(io);
    return in;
}

sim_ps ssd_flush(struct ssd *d, const struct sim_msg *m, sim_ps t) {
    if (d->protected)
        return t;
    if (d->filling > 0) { /* of which the last may not be in yet */
        program_host(d, m, d->filling, sim_later(t, d->admitted));
        d->filling = 0;
    }
    return sim_later(t, d->settled);
}

void ssd_trim(struct ssd *d, const struct io *io, sim_ps t) {
    uint64_t map = (uint64_t)d->map_bytes, at = address(d, io);
    condition(d);
    for (uint64_t page = (at + map - 1) / map; d->maps && (page + 1) * map <= at + io->bytes;
         page++)
        ftl_trim(&d->ftl, page);
    if (sim_inside(d->base.world, t))
        d->trimmed_bytes += io->bytes;
}
