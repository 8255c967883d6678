/* llc.c - see llc.h. An entry is the round of the sets in which its line lies, from 1 on, and
 * whether memory has it too. */
#include "models/llc.h"
#include "sim/engine/err.h"
#include <string.h>

/* A line's place: the round, how far into it, and where the round begins. */
struct place {
    uint64_t round, at, begin;
};

static struct place place_of(const struct llc *l, uint64_t line) {
    uint64_t round = line / l->sets;
    return (struct place){round, line - round * l->sets, round % l->sets};
}

static uint64_t set_of(const struct llc *l, const struct place *p) {
    uint64_t set = p->begin + p->at;
    return set < l->sets ? set : set - l->sets;
}

/* Lines of one round, next to one another in sets next to one another. */
struct row {
    struct llc_set *set; /* of the first */
    uint32_t *tags;
    uint32_t tag;
    uint64_t lines;
};

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* From the place on; it is behind them then. `left`: how many there are to come, with them and
 * then without. */
static struct row next_row(const struct llc *l, struct place *p, uint64_t *left) {
    uint64_t set = set_of(l, p), lines = least(*left, least(l->sets - p->at, l->sets - set));
    struct row row = {&l->set[set], &l->tag[set * LLC_WAYS], (uint32_t)(p->round + 1), lines};
    *left -= lines;
    p->at += lines;
    if (p->at == l->sets) {
        p->at = 0;
        p->round++;
        p->begin = p->begin + 1 == l->sets ? 0 : p->begin + 1;
    }
    return row;
}

/* The place in the set; LLC_WAYS when it is not there. All are looked at, as in hardware: that
 * needs no branch. */
static uint32_t find(const uint32_t *tags, uint32_t tag) {
    static const uint32_t bit[LLC_WAYS] = {1,       1 << 1,  1 << 2,  1 << 3, 1 << 4,  1 << 5,
                                           1 << 6,  1 << 7,  1 << 8,  1 << 9, 1 << 10, 1 << 11,
                                           1 << 12, 1 << 13, 1 << 14, 1 << 15};
    uint32_t found = 1 << LLC_WAYS;
    for (uint32_t i = 0; i < LLC_WAYS; i++)
        found |= tags[i] == tag ? bit[i] : 0;
    return (uint32_t)__builtin_ctz(found);
}

/* The order when a place was used: its digit becomes the lowest, those below it move up. */
static uint64_t used(uint64_t order, uint32_t place) {
    const uint64_t ones = 0x1111111111111111u;
    uint64_t apart = order ^ ones * place; /* 0 at its digit, the lowest of the marked */
    uint32_t at = (uint32_t)__builtin_ctzll((apart - ones) & ~apart & ones << 3) & ~3u;
    uint64_t below = order & ((1ULL << at) - 1), above = order & ~((16ULL << at) - 1);
    return above | below << 4 | place;
}

/* What was found at the line before: neighbours mostly lie in the same place of like sets. */
struct memo {
    uint32_t place;
    uint64_t before, after; /* orders; no set has 0 */
};

static bool look_up(const struct llc_set *s, const uint32_t *tags, uint32_t tag,
                    struct memo *memo) {
    uint32_t place = s->order & (LLC_WAYS - 1);
    if (tags[place] != tag)
        place = find(tags, tag);
    if (place == LLC_WAYS)
        return false;
    *memo = (struct memo){place, s->order, used(s->order, place)};
    return true;
}

/* A line is accessed at a set. @return whether it lies there */
static inline bool hit(struct llc_set *s, const uint32_t *tags, uint32_t tag,
                       struct memo *memo) {
    if ((s->order != memo->before || tags[memo->place] != tag) && !look_up(s, tags, tag, memo))
        return false;
    s->order = memo->after;
    return true;
}

/* The line takes the place that was not used for longest. @return whether memory lacks what had
 * it */
static bool take(struct llc_set *s, uint32_t *tags, uint32_t tag) {
    uint64_t place = s->order >> 60;
    tags[place] = tag;
    s->order = s->order << 4 | place;
    bool dirty = s->dirty >> place & 1;
    s->dirty &= ~(1U << place);
    return dirty;
}

void llc_init(struct llc *l, const struct llc_opts *o, struct sim_arena *arena) {
    *l = (struct llc){.sets = o->ddio_bytes / LLC_SET};
    uint64_t lines = o->bytes / LLC_LINE, ddio = l->sets * LLC_WAYS;
    SIM_ASSERT(ddio > 0 && ddio <= lines);
    l->tag = sim_alloc_n(arena, ddio, sizeof *l->tag);
    l->set = sim_alloc_n(arena, l->sets, sizeof *l->set);
    for (uint64_t i = 0; i < l->sets; i++)
        l->set[i].order = 0xfedcba9876543210u;
    if (!o->warm)
        return;
    l->outside = lines - ddio;
    if (!o->updates)
        l->lost = sim_alloc_n(arena, l->outside / 64 + 1, sizeof *l->lost);
    struct place p = place_of(l, l->outside);
    for (uint64_t left = ddio; left > 0;) {
        struct row row = next_row(l, &p, &left);
        for (uint64_t i = 0; i < row.lines; i++)
            (void)take(&row.set[i], &row.tags[i * LLC_WAYS], row.tag);
    }
}

/* Does the line lie outside of DDIO's part? */
static bool stays(const struct llc *l, uint64_t line) {
    return line < l->outside && (l->lost == NULL || (l->lost[line / 64] >> line % 64 & 1) == 0);
}

/* The lines but for those at their beginning that lie outside and stay there. */
static struct llc_lines inside(const struct llc *l, struct llc_lines lines) {
    uint64_t outside = lines.first < l->outside ? l->outside - lines.first : 0;
    if (l->lost != NULL || outside == 0)
        return lines;
    outside = outside < lines.count ? outside : lines.count;
    return (struct llc_lines){lines.first + outside, lines.count - outside};
}

uint64_t llc_read(struct llc *l, struct llc_lines lines) {
    lines = inside(l, lines);
    struct place p = place_of(l, lines.first);
    struct memo memo = {0};
    uint64_t missing = 0;
    for (uint64_t left = lines.count, line = lines.first; left > 0;) {
        struct row row = next_row(l, &p, &left);
        for (uint64_t i = 0; i < row.lines; i++, line++)
            missing +=
                !hit(&row.set[i], &row.tags[i * LLC_WAYS], row.tag, &memo) && !stays(l, line);
    }
    return missing;
}

static void lose(const struct llc *l, struct llc_lines lines) {
    uint64_t end = lines.first + lines.count;
    for (uint64_t line = lines.first; line < end && line < l->outside; line++)
        l->lost[line / 64] |= 1ULL << line % 64;
}

uint64_t llc_write(struct llc *l, struct llc_lines lines) {
    lines = inside(l, lines);
    struct place p = place_of(l, lines.first);
    struct memo memo = {0};
    uint64_t driven = 0;
    for (uint64_t left = lines.count; left > 0;) {
        struct row row = next_row(l, &p, &left);
        for (uint64_t i = 0; i < row.lines; i++) {
            struct llc_set *s = &row.set[i];
            uint32_t *tags = &row.tags[i * LLC_WAYS];
            if (!hit(s, tags, row.tag, &memo))
                driven += take(s, tags, row.tag);
            s->dirty |= 1U << (s->order & (LLC_WAYS - 1));
        }
    }
    lose(l, lines);
    return driven;
}
