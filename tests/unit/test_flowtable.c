/* test_flowtable.c - the flow table against a plain reference, over seeds; residents, ageing.
 */
#include "models/flowtable.h"
#include "tests/check_main.h"
#include "tests/small_world.h"

enum { SETS = 5, MAX_WAYS = 8, KEYS = 90 };

/* The reference: a list per set, in order of last use, the oldest first. */
struct list {
    struct {
        uint64_t key;
        sim_ps used;
    } item[MAX_WAYS];
    uint32_t n;
};

/* Which set a key falls into: look where a fresh table puts it. */
static uint32_t set_of(uint64_t key, struct sim_arena *arena) {
    struct flowtable t;
    flowtable_init(&t, SETS, 1, SIM_NEVER, arena);
    flowtable_add(&t, key, 0, 0);
    for (uint32_t i = 0; i < SETS; i++)
        if (t.entry[i].key != 0)
            return i;
    ck_abort_msg("key %lu is nowhere", (unsigned long)key);
    return 0;
}

static void take_out(struct list *l, uint32_t i) {
    for (l->n--; i < l->n; i++)
        l->item[i] = l->item[i + 1];
}

/* Behind all that were used earlier: stable. */
static void put_in(struct list *l, uint64_t key, sim_ps used) {
    uint32_t i = l->n++;
    for (; i > 0 && l->item[i - 1].used > used; i--)
        l->item[i] = l->item[i - 1];
    l->item[i].key = key;
    l->item[i].used = used;
}

static uint32_t index_of(const struct list *l, uint64_t key) {
    uint32_t i = 0;
    while (i < l->n && l->item[i].key != key)
        i++;
    return i;
}

static bool ref_find(struct list *l, uint64_t key, sim_ps at, sim_ps ageing) {
    uint32_t i = index_of(l, key);
    if (i == l->n || l->item[i].used > at || at - l->item[i].used > ageing)
        return false;
    take_out(l, i);
    put_in(l, key, at);
    return true;
}

static enum flow_added ref_add(struct list *l, const struct flowtable *t, uint64_t key,
                               sim_ps at, sim_ps active) {
    uint32_t i = index_of(l, key);
    enum flow_added result = FLOW_NEW;
    if (i < l->n && at - l->item[i].used <= t->ageing)
        return FLOW_KNOWN;
    if (i < l->n) {
        take_out(l, i);
    } else if (l->n == t->ways) {
        if (at - l->item[0].used <= t->ageing)
            result = t->evict ? FLOW_EVICTED : FLOW_FULL;
        if (result == FLOW_FULL)
            return result;
        take_out(l, 0);
    }
    put_in(l, key, active);
    return result;
}

/* Times are all different, so that "used longest ago" names one entry. */
static void against_reference(uint64_t seed, uint32_t ways, bool evict, sim_ps ageing) {
    struct sim_arena arena = {0};
    struct list list[SETS] = {0};
    struct flowtable t;
    uint32_t set[KEYS], found = 0, made = 0;
    flowtable_init(&t, SETS * (uint64_t)ways, ways, ageing, &arena);
    t.evict = evict;
    for (uint64_t k = 0; k < KEYS; k++)
        set[k] = set_of(test_mix(seed, k) >> 8, &arena);
    for (uint64_t i = 1; i < 2500; i++) {
        uint64_t h = test_mix(seed + 1000, i), k = h % KEYS, key = test_mix(seed, k) >> 8;
        sim_ps at = (sim_ps)i * 1000, late = (sim_ps)(h >> 20 & 7);
        sim_ps active = at + late * 1000 + 9 - late;
        if (h >> 40 & 1) {
            bool want = ref_find(&list[set[k]], key, at, ageing);
            ck_assert_int_eq(flowtable_find(&t, key, at, false), want);
            found += want;
        } else {
            enum flow_added want = ref_add(&list[set[k]], &t, key, at, active);
            ck_assert_int_eq(flowtable_add(&t, key, at, active), want);
            made += want == FLOW_NEW || want == FLOW_EVICTED;
        }
    }
    ck_assert_uint_gt(found, 10);
    ck_assert_uint_ge(made, ways);
    sim_arena_free(&arena);
}

START_TEST(equals_the_reference) {
    for (uint64_t seed = 1; seed <= 6; seed++)
        for (uint32_t ways = 1; ways <= MAX_WAYS; ways += 1 + ways / 2) {
            against_reference(seed, ways, true, SIM_NEVER);
            against_reference(seed, ways, false, SIM_NEVER);
            against_reference(seed, ways, true, 90000);
            against_reference(seed, ways, false, 90000);
        }
}
END_TEST

START_TEST(active_from_its_time_on) {
    struct sim_arena arena = {0};
    struct flowtable t;
    flowtable_init(&t, 16, 4, 1000, &arena);
    ck_assert(!flowtable_find(&t, 0, 5, false));
    ck_assert_int_eq(flowtable_add(&t, 0, 10, 110), FLOW_NEW);
    ck_assert_int_eq(flowtable_add(&t, 0, 11, 111), FLOW_KNOWN);
    ck_assert(!flowtable_find(&t, 0, 109, false));
    ck_assert(flowtable_find(&t, 0, 110, false));
    ck_assert(flowtable_find(&t, 0, 1110, false));
    ck_assert(!flowtable_find(&t, 0, 2111, false));
    ck_assert_int_eq(flowtable_add(&t, 0, 2112, 2113), FLOW_NEW);
    ck_assert(flowtable_find(&t, 0, 2113, false));
    sim_arena_free(&arena);
}
END_TEST

/* Each insertion costs one resident that nobody has asked for yet; no other. */
START_TEST(residents_yield_to_new_flows) {
    for (uint64_t fresh = 0; fresh <= 8; fresh++) {
        struct sim_arena arena = {0};
        struct flowtable t;
        uint64_t here = 0;
        flowtable_init(&t, 8, 8, SIM_NEVER, &arena);
        for (uint64_t k = 0; k < fresh; k++)
            ck_assert_int_eq(flowtable_add(&t, 100 + k, 1, 2), FLOW_NEW);
        for (uint64_t k = 0; k < 8; k++)
            here += flowtable_find(&t, k, 10, true);
        ck_assert_uint_eq(here, 8 - fresh);
        for (uint64_t k = 0; k < 8; k++) /* and who was found stays */
            ck_assert_int_eq(flowtable_find(&t, k, 11, true), k < 8 - fresh);
        sim_arena_free(&arena);
    }
}
END_TEST

START_TEST(evicted_residents_do_not_come_back) {
    struct sim_arena arena = {0};
    struct flowtable t;
    flowtable_init(&t, 2, 2, SIM_NEVER, &arena);
    ck_assert(flowtable_find(&t, 1, 1, true));
    ck_assert(flowtable_find(&t, 2, 2, true));
    ck_assert_int_eq(flowtable_add(&t, 3, 3, 4), FLOW_EVICTED);
    ck_assert(!flowtable_find(&t, 1, 5, true));
    ck_assert(flowtable_find(&t, 2, 5, true));
    sim_arena_free(&arena);
}
END_TEST

START_TEST(residents_age_from_the_start) {
    struct sim_arena arena = {0};
    struct flowtable t;
    flowtable_init(&t, 8, 4, 1000, &arena);
    ck_assert(flowtable_find(&t, 1, 1000, true));
    ck_assert(!flowtable_find(&t, 2, 1001, true));
    sim_arena_free(&arena);
}
END_TEST

/* An entry ages by its state, and one of a state that is kept does not go for another. */
START_TEST(states_age_and_are_kept) {
    static const sim_ps ageing[FLOW_STATES] = {100, 1000};
    struct sim_arena arena = {0};
    struct flowtable t;
    struct flow_entry *e;
    flowtable_init(&t, 2, 2, 0, &arena);
    t.ageing_of = ageing;
    t.keep = 1U << 1;
    ck_assert_int_eq(flowtable_put(&t, 7, 10, 10, &e), FLOW_NEW);
    flow_set_tag(e, 0x71);
    ck_assert_int_eq(flowtable_add(&t, 8, 20, 20), FLOW_NEW);
    ck_assert_ptr_nonnull(flowtable_get(&t, 8, 120, false));
    ck_assert_ptr_null(flowtable_get(&t, 8, 121, false));
    e = flowtable_get(&t, 7, 1010, false);
    ck_assert_ptr_nonnull(e);
    ck_assert_uint_eq(flow_tag(e), 0x71);
    ck_assert_int_eq(flowtable_add(&t, 9, 200, 200), FLOW_NEW);      /* for the aged one */
    ck_assert_int_eq(flowtable_add(&t, 10, 210, 210), FLOW_EVICTED); /* of the other state */
    ck_assert_ptr_nonnull(flowtable_get(&t, 7, 1010, false));
    flow_set_tag(flowtable_get(&t, 10, 210, false), 1);
    ck_assert_int_eq(flowtable_put(&t, 11, 220, 220, &e), FLOW_FULL);
    ck_assert_ptr_null(e);
    sim_arena_free(&arena);
}
END_TEST

/* Keys that differ in few bits spread as if at random: 4,096 keys over 512 sets. */
START_TEST(sets_fill_evenly) {
    struct sim_arena arena = {0};
    struct flowtable t;
    flowtable_init(&t, 512 * 32, 32, SIM_NEVER, &arena);
    uint64_t evicted = 0;
    for (uint64_t k = 0; k < 4096; k++)
        evicted += flowtable_add(&t, (k & 7) << 40 | k >> 3, 1, 2) == FLOW_EVICTED;
    ck_assert_uint_eq(evicted, 0);
    ck_assert_uint_gt(t.sets, 128); /* it grew */
    for (uint64_t s = 0; s < t.sets; s++)
        ck_assert_uint_ne(t.entry[s * 32].key, 0);
    sim_arena_free(&arena);
}
END_TEST

/* A table that grows answers as one of its whole size from the start: residents, ageing,
 * eviction, sizes that halve to the first one and a size that cannot. */
static void against_whole(uint64_t seed, uint64_t sets, bool evict, sim_ps ageing) {
    enum { WAYS = 4, OPS = 200000 };
    struct sim_arena arena = {0};
    struct flowtable grown, whole;
    uint64_t first, found = 0, evicted = 0;
    flowtable_init(&grown, sets * WAYS, WAYS, ageing, &arena);
    whole = grown;
    whole.sets = sets;
    whole.entry = sim_alloc_n(&arena, sets * WAYS, sizeof *whole.entry);
    grown.evict = whole.evict = evict;
    first = grown.sets;
    for (uint64_t i = 1; i < OPS; i++) {
        uint64_t h = test_mix(seed, i), key = test_mix(seed, h % (1 + i / 4)) >> 8;
        sim_ps at = (sim_ps)i * 1000, active = at + (sim_ps)(h >> 20 & 7) * 1000;
        if (h >> 40 & 3) {
            bool old = key & 1, want = flowtable_find(&whole, key, at, old);
            ck_assert_int_eq(flowtable_find(&grown, key, at, old), want);
            found += want;
        } else {
            enum flow_added want = flowtable_add(&whole, key, at, active);
            ck_assert_int_eq(flowtable_add(&grown, key, at, active), want);
            evicted += want == FLOW_EVICTED || want == FLOW_FULL;
        }
    }
    ck_assert_uint_gt(found, OPS / 20);
    ck_assert_uint_gt(evicted, 0);
    ck_assert_uint_eq(grown.sets, grown.whole); /* else nothing was evicted */
    ck_assert_uint_eq(first, sets % 8 ? sets : 1024);
    sim_arena_free(&arena);
}

START_TEST(growing_is_not_seen) {
    for (uint64_t seed = 1; seed <= 3; seed++) {
        against_whole(seed, 8192, true, SIM_NEVER);
        against_whole(seed, 8192, false, SIM_NEVER);
        against_whole(seed, 8192, true, 20000000);
        against_whole(seed, 4099, true, SIM_NEVER);
    }
}
END_TEST

/* A window from 1,500 to 3,000 of entries that age after 1,000: made at 0, 100, .., 1,900 they
 * are gone from 1,001, .. on; those of 500 to 1,900 are gone in it. One is used again, so it
 * is not; one comes again in the place that it had, which counts as well. */
START_TEST(census_counts_what_has_aged_in_the_window) {
    struct sim_arena arena = {0};
    struct sim_world w = {.from = 1500, .to = 3000};
    struct flowtable t;
    flowtable_init(&t, 64, 64, 1000, &arena);
    t.world = &w;
    for (int k = 0; k < 20; k++)
        ck_assert_int_eq(flowtable_add(&t, (uint64_t)k, 100 * k, 100 * k), FLOW_NEW);
    ck_assert(flowtable_find(&t, 19, 2600, false)); /* until 3,600 */
    ck_assert_int_eq(flowtable_add(&t, 10, 2700, 2700), FLOW_NEW);
    struct flow_census c = flowtable_census(&t, 3100);
    ck_assert_uint_eq(c.entries, 2);
    ck_assert_int_eq(c.aged, 14); /* 5 to 18 */
    ck_assert_uint_eq(t.taken, 20);
    sim_arena_free(&arena);
}
END_TEST

TEST_MAIN("flow table", census_counts_what_has_aged_in_the_window, equals_the_reference,
          growing_is_not_seen, active_from_its_time_on, residents_yield_to_new_flows,
          evicted_residents_do_not_come_back, residents_age_from_the_start,
          states_age_and_are_kept, sets_fill_evenly)
