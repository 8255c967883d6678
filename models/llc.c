/* llc.c - see llc.h. An entry is the round of the sets in which its line lies, from 1 on, and
 * whether memory has it too. */
#include "models/llc.h"
#include "sim/engine/err.h"
#include <string.h>

enum { DIRTY = 1, ROUND = 2 };

/* A line's place: the round, how far into it, and where the round begins. */
struct place {
    uint64_t round, at, begin;
};

static struct place place_of(const struct llc *l, uint64_t line) {
    uint64_t round = line / l->sets;
    return (struct place){round, line - round * l->sets, round % l->sets};
}

static void step(const struct llc *l, struct place *p) {
    if (++p->at < l->sets)
        return;
    p->at = 0;
    p->round++;
    p->begin = p->begin + 1 == l->sets ? 0 : p->begin + 1;
}

static uint32_t *set_of(const struct llc *l, const struct place *p) {
    uint64_t set = p->begin + p->at;
    return l->entry + (set < l->sets ? set : set - l->sets) * LLC_WAYS;
}

static uint32_t tag_of(const struct place *p) { return (uint32_t)(p->round + 1) * ROUND; }

/* The place in the set; LLC_WAYS when it is not there. All are looked at, as in hardware: that
 * needs no branch. */
static uint32_t find(const uint32_t *set, uint32_t tag) {
    static const uint32_t bit[LLC_WAYS] = {1,       1 << 1,  1 << 2,  1 << 3, 1 << 4,  1 << 5,
                                           1 << 6,  1 << 7,  1 << 8,  1 << 9, 1 << 10, 1 << 11,
                                           1 << 12, 1 << 13, 1 << 14, 1 << 15};
    uint32_t found = 1 << LLC_WAYS;
    for (uint32_t i = 0; i < LLC_WAYS; i++)
        found |= (set[i] & ~(uint32_t)DIRTY) == tag ? bit[i] : 0;
    return (uint32_t)__builtin_ctz(found);
}

/* Entry i is used: it is the first now, and is e. */
static void use(uint32_t *set, uint32_t i, uint32_t e) {
    memmove(set + 1, set, i * sizeof *set);
    set[0] = e;
}

/* Is it what was used last? Buffers that are used in turn mostly are, where they all fit. */
static bool is_first(const uint32_t *set, uint32_t tag) {
    return (set[0] & ~(uint32_t)DIRTY) == tag;
}

/* The line takes a place. @return what had the one that is given up, 0 when nothing. */
static uint32_t take(uint32_t *set, uint32_t e) {
    uint32_t old = set[LLC_WAYS - 1];
    use(set, LLC_WAYS - 1, e);
    return old;
}

void llc_init(struct llc *l, const struct llc_opts *o, struct sim_arena *arena) {
    *l = (struct llc){.sets = o->ddio_bytes / LLC_SET};
    uint64_t lines = o->bytes / LLC_LINE, ddio = l->sets * LLC_WAYS;
    SIM_ASSERT(ddio > 0 && ddio <= lines);
    l->entry = sim_alloc_n(arena, ddio, sizeof *l->entry);
    if (!o->warm)
        return;
    l->outside = lines - ddio;
    if (!o->updates)
        l->lost = sim_alloc_n(arena, l->outside / 64 + 1, sizeof *l->lost);
    struct place p = place_of(l, l->outside);
    for (uint64_t k = 0; k < ddio; k++, step(l, &p))
        (void)take(set_of(l, &p), tag_of(&p));
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
    uint64_t missing = 0;
    for (uint64_t k = 0; k < lines.count; k++, step(l, &p)) {
        uint32_t *set = set_of(l, &p), tag = tag_of(&p), i;
        if (is_first(set, tag))
            continue;
        if ((i = find(set, tag)) < LLC_WAYS)
            use(set, i, set[i]);
        else
            missing += !stays(l, lines.first + k);
    }
    return missing;
}

uint64_t llc_write(struct llc *l, struct llc_lines lines) {
    lines = inside(l, lines);
    struct place p = place_of(l, lines.first);
    uint64_t driven = 0;
    for (uint64_t k = 0; k < lines.count; k++, step(l, &p)) {
        uint64_t line = lines.first + k;
        uint32_t *set = set_of(l, &p), tag = tag_of(&p), i;
        if (is_first(set, tag))
            set[0] |= DIRTY;
        else if ((i = find(set, tag)) < LLC_WAYS)
            use(set, i, tag | DIRTY);
        else
            driven += take(set, tag | DIRTY) & DIRTY;
        if (line < l->outside)
            l->lost[line / 64] |= 1ULL << line % 64;
    }
    return driven;
}
