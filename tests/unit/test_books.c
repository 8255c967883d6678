/* test_books.c - the audit sees what is wrong, holds when a run is cut short anywhere, and the
 * statistics of the two forms of ports are the same numbers.
 */
#include "tests/check_main.h"
#include "tests/small_world.h"

/* Three stations in a row, the middle one bounded, the first one with a long queue. */
struct row {
    struct sim_world *w;
    struct tserver *s[3];
    struct tsource *src;
    uint16_t at[3];
};

static struct row row_new(uint64_t seed, struct sim_world_opts o, struct test_way way) {
    o.seed = seed;
    o.messages = 4096;
    test_apply(&o, way);
    struct row r = {.w = sim_world_new(&o)};
    struct sim_node *n = sim_node_add(r.w, "dpu");
    for (int i = 0; i < 3; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%d", i);
        struct sim_port_opts po = {.capacity = i ? 2 + (int64_t)(seed % 3) : 0};
        r.s[i] = test_server(r.w, n, name, 1000 + 100 * (test_mix(seed, (uint64_t)i) % 5), po);
        r.s[i]->grow_bytes = i == 1 ? 8 : 0;
    }
    r.src = test_source(r.w, n, "src", 900, 1500);
    test_init_all(r.w);
    for (int i = 0; i < 3; i++)
        r.at[i] = test_add(r.s[i], SIM_STEP_VISIT);
    for (int i = 0; i < 2; i++)
        r.w->step[r.at[i]].hop[0] = test_next(r.at[i + 1], 10);
    r.w->step[r.at[2]].hop[0] = test_end(SIM_HOP_DELIVERED);
    test_begin(r.src, r.at[0], 1);
    sim_world_build(r.w);
    return r;
}

static const struct sim_world_opts whole = {
    .warmup = 300000, .duration = 1000000, .drain = 2000000};

/* ---------------------------------------------------------------- what the audit sees */

enum { TAMPERS = 8 };

static const char *tamper(struct row *r, int what) {
    struct sim_port *p = r->w->port[0];
    switch (what) {
    case 0:
        p->entered.items++;
        return "items";
    case 1:
        p->left.bytes--;
        return "bytes";
    case 2:
        p->residence_ps++;
        return "Little";
    case 3:
        p->busy_ps += (uint64_t)(r->w->to - r->w->from) + 1;
        return "busy";
    case 4:
        r->src->stream->delivered.items++;
        return "items";
    case 5:
        r->src->stream->bytes_changed++;
        return "bytes";
    case 6:
        r->w->node[0]->pool.free--;
        return "pool";
    default:
        p->carried_out.items++;
        return "items";
    }
}

START_TEST(audit_sees) {
    for (int what = 0; what < TAMPERS; what++) {
        struct row r = row_new(1, whole, (struct test_way){.slice = 0});
        struct sim_err err = {0};
        test_run(r.w);
        ck_assert_msg(sim_world_audit(r.w, &err), "%s: %s", err.path, err.text);
        const char *text = tamper(&r, what);
        ck_assert(!sim_world_audit(r.w, &err));
        ck_assert_msg(strstr(err.text, text) != NULL, "%d: %s", what, err.text);
        ck_assert_str_ne(err.path, "");
        sim_world_free(r.w);
    }
}
END_TEST

/* ---------------------------------------------------------------- cut short */

/* Cut after so many events: before the window, in it, in the drain. The long queue of the
 * first station has its departures fixed far ahead by then. */
START_TEST(cut_anywhere) {
    uint64_t before = 0, within = 0, after = 0;
    for (uint64_t seed = 1; seed <= 250; seed++) {
        struct test_way way = {.all_by_event = seed & 1};
        struct row r = row_new(seed, whole, way);
        (void)sim_world_run(r.w, r.w->end, 1 + test_mix(seed, 2) % 12000);
        before += !r.w->opened;
        within += r.w->opened && !r.w->shut;
        after += r.w->shut;
        test_cut(r.w);
        struct sim_err err = {0};
        ck_assert_msg(sim_world_audit(r.w, &err), "seed %lu, cut at %ld: %s: %s",
                      (unsigned long)seed, (long)r.w->end, err.path, err.text);
        for (uint32_t i = 0; i < r.w->ports; i++) {
            const struct sim_port *p = r.w->port[i];
            uint64_t window = (uint64_t)(r.w->to - r.w->from);
            ck_assert_uint_le((uint64_t)p->busy_ps + (uint64_t)p->blocked_ps, window);
            ck_assert_uint_le((uint64_t)p->demand_ps, window + 4000);
            ck_assert_uint_le((uint64_t)p->busy_ps, (uint64_t)p->demand_ps + 4000);
        }
        sim_world_free(r.w);
    }
    ck_assert(before > 10 && within > 10 && after > 10);
}
END_TEST

/* Cut by time instead, at an instant at which nothing need happen. */
START_TEST(cut_at_a_time) {
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct row r = row_new(seed, whole, (struct test_way){.all_by_event = seed & 1});
        (void)sim_world_run(r.w, (sim_ps)(test_mix(seed, 3) % 3300000), UINT64_MAX);
        test_cut(r.w);
        struct sim_err err = {0};
        ck_assert_msg(sim_world_audit(r.w, &err), "seed %lu, cut at %ld: %s: %s",
                      (unsigned long)seed, (long)r.w->end, err.path, err.text);
        sim_world_free(r.w);
    }
}
END_TEST

/* ---------------------------------------------------------------- both forms */

static void same_hist(const struct sim_hist *a, const struct sim_hist *b, const char *what) {
    ck_assert_msg(a->count == b->count && a->sum == b->sum, "%s: %lu values against %lu", what,
                  (unsigned long)a->count, (unsigned long)b->count);
    ck_assert(a->count == 0 || (a->min == b->min && a->max == b->max));
}

static void same_port(const struct sim_port *a, const struct sim_port *b) {
    ck_assert(a->busy_ps == b->busy_ps);
    ck_assert(a->blocked_ps == b->blocked_ps);
    ck_assert(a->residence_ps == b->residence_ps);
    ck_assert(a->demand_ps == b->demand_ps);
    ck_assert(a->level.area == b->level.area);
    if (a->index != a->comp->emit) /* where messages pass in no time */
        ck_assert_int_eq(a->level.peak, b->level.peak);
    ck_assert_uint_eq(a->entered.bytes, b->entered.bytes);
    ck_assert_uint_eq(a->left.bytes, b->left.bytes);
    ck_assert_uint_eq(a->left.items, b->left.items);
    ck_assert_uint_eq(a->carried_in.bytes, b->carried_in.bytes);
    ck_assert_uint_eq(a->carried_out.items, b->carried_out.items);
    ck_assert_int_eq(a->bytes_changed, b->bytes_changed);
}

static void same_books(const struct row *a, const struct row *b) {
    for (uint32_t i = 0; i < a->w->ports; i++)
        same_port(a->w->port[i], b->w->port[i]);
    const struct sim_stream *x = a->src->stream, *y = b->src->stream;
    same_hist(&x->latency, &y->latency, "latency");
    for (int i = 0; i < 3; i++) {
        const struct sim_step_stat *p = x->step[a->at[i]], *q = y->step[b->at[i]];
        same_hist(&p->wait, &q->wait, "wait");
        same_hist(&p->service, &q->service, "service");
        ck_assert_uint_eq(p->served, q->served);
        ck_assert_uint_eq(p->bytes, q->bytes);
        ck_assert(p->demand_ps == q->demand_ps);
    }
    /* not the bytes: where a block changes them, the promise form does so early */
    ck_assert_uint_eq(x->carried_in.items, y->carried_in.items);
    ck_assert_uint_eq(x->carried_out.items, y->carried_out.items);
    ck_assert_uint_eq(x->offered.items, y->offered.items);
    ck_assert_uint_eq(x->delivered.items, y->delivered.items);
    ck_assert_uint_eq(x->dropped.items, y->dropped.items);
}

START_TEST(forms_count_alike) {
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct row a = row_new(seed, whole, (struct test_way){.all_by_event = false});
        struct row b = row_new(seed, whole, (struct test_way){.all_by_event = true});
        test_run(a.w);
        test_run(b.w);
        same_books(&a, &b);
        sim_world_free(a.w);
        sim_world_free(b.w);
    }
}
END_TEST

/* A run that is cut has the books of one that was planned to end then. */
START_TEST(cut_as_if_planned) {
    uint64_t within = 0, after = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct row a = row_new(seed, whole, (struct test_way){.all_by_event = false});
        (void)sim_world_run(a.w, (sim_ps)(300000 + test_mix(seed, 4) % 2000000), UINT64_MAX);
        within += !a.w->shut;
        after += a.w->shut;
        test_cut(a.w);
        struct sim_world_opts planned = whole;
        planned.duration = a.w->to - a.w->from;
        planned.drain = a.w->end - a.w->to;
        struct row b = row_new(seed, planned, (struct test_way){.all_by_event = seed & 1});
        test_run(b.w);
        same_books(&a, &b);
        sim_world_free(a.w);
        sim_world_free(b.w);
    }
    ck_assert(within > 50 && after > 50);
}
END_TEST

TEST_MAIN("books", audit_sees, cut_anywhere, cut_at_a_time, forms_count_alike,
          cut_as_if_planned)
