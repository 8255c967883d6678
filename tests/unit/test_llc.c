/* test_llc.c - the last-level cache against one that keeps each set as a list. */
#include "models/llc.h"
#include "tests/check_main.h"
#include "tests/mix.h"
#include <string.h>

enum { SETS = 96, OUTSIDE = 640 };

/* A line of a set; of those in use the latest use comes first. */
struct entry {
    uint64_t line;
    bool used, dirty;
};

struct lists {
    struct entry set[SETS][LLC_WAYS];
    bool lost[OUTSIDE];
    bool warm, updates;
};

static struct entry *set_of(struct lists *l, uint64_t line) {
    return l->set[(line / SETS + line % SETS) % SETS];
}

/* The line comes first. @return what was there before, or what it drives out. */
static struct entry bring(struct lists *l, uint64_t line, bool *there) {
    struct entry *set = set_of(l, line), was;
    uint32_t i = 0;
    while (i < LLC_WAYS - 1 && !(set[i].used && set[i].line == line))
        i++;
    *there = set[i].used && set[i].line == line;
    was = set[i];
    memmove(set + 1, set, i * sizeof *set);
    set[0] = (struct entry){line, true, *there && was.dirty};
    return was;
}

static bool holds(struct lists *l, uint64_t line) {
    struct entry *set = set_of(l, line);
    for (uint32_t i = 0; i < LLC_WAYS; i++)
        if (set[i].used && set[i].line == line)
            return true;
    return false;
}

static bool stays(const struct lists *l, uint64_t line) {
    return l->warm && line < OUTSIDE && !(!l->updates && l->lost[line]);
}

static uint64_t list_read(struct lists *l, uint64_t line) {
    bool there = holds(l, line);
    if (there && !(l->updates && stays(l, line)))
        (void)bring(l, line, &there);
    return !there && !stays(l, line);
}

static uint64_t list_write(struct lists *l, uint64_t line) {
    bool there;
    if (l->updates && stays(l, line))
        return 0;
    struct entry was = bring(l, line, &there);
    set_of(l, line)[0].dirty = true;
    if (l->warm && line < OUTSIDE)
        l->lost[line] = true;
    return !there && was.used && was.dirty;
}

static struct llc_lines draw_lines(uint64_t seed, uint64_t i) {
    uint64_t h = test_mix(seed, i), span = 64;
    if (h % 4 == 0) /* anywhere, of any length */
        return (struct llc_lines){test_mix(h, 1) % 4000, 1 + test_mix(h, 2) % 200};
    return (struct llc_lines){test_mix(h, 3) % 40 * span, h % 4 == 1 ? 1 + h / 4 % 65 : span};
}

static void hold_to(uint64_t seed, bool warm, bool updates) {
    struct sim_arena arena = {0};
    struct llc c;
    static struct lists l;
    memset(&l, 0, sizeof l);
    l.warm = warm;
    l.updates = updates;
    uint64_t ddio = SETS * LLC_WAYS;
    llc_init(&c,
             &(struct llc_opts){.bytes = (OUTSIDE + ddio) * LLC_LINE,
                                .ddio_bytes = ddio * LLC_LINE,
                                .warm = warm,
                                .updates = updates},
             &arena);
    bool there;
    for (uint64_t k = 0; warm && k < ddio; k++)
        (void)bring(&l, OUTSIDE + k, &there);
    for (uint64_t i = 0; i < 3000; i++) {
        struct llc_lines lines = draw_lines(seed, i);
        bool writes = test_mix(seed, i) >> 40 & 1;
        uint64_t want = 0;
        for (uint64_t k = 0; k < lines.count; k++)
            want += (writes ? list_write : list_read)(&l, lines.first + k);
        uint64_t got = (writes ? llc_write : llc_read)(&c, lines);
        ck_assert_msg(got == want, "seed %lu, access %lu: %lu lines, not %lu",
                      (unsigned long)seed, (unsigned long)i, (unsigned long)got,
                      (unsigned long)want);
    }
    sim_arena_free(&arena);
}

START_TEST(as_lists) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        hold_to(seed, false, true);
        hold_to(seed, true, true);
        hold_to(seed, true, false);
    }
}
END_TEST

TEST_MAIN("llc", as_lists)
