/* prop_lindley.c - FIFO servers against their recursions, exact to the picosecond.
 *
 * One server: start[n] = edge(max(arrival[n], start[n-1] + occupancy[n-1])), and the message is
 * gone at start + max(occupancy, latency). Stations in a row with finite queues (blocking after
 * service): a station's departure waits for the Q-th departure before it of the next station.
 */
#include "tests/check_main.h"
#include "tests/small_world.h"

enum { STATIONS = 5, MESSAGES = 900 };

struct tandem {
    struct sim_world *w;
    struct tserver *s[STATIONS];
    struct tsource *src;
    uint16_t at[STATIONS];
    sim_ps arrival[MESSAGES], delay[STATIONS];
    uint32_t stations, n;
};

/* Random rates and tails; odd seeds have clocks; quantum makes ties. */
static void tandem_new(struct tandem *t, uint64_t seed, uint32_t stations, int64_t queue,
                       struct test_way way) {
    struct sim_world_opts o = {.seed = seed,
                               .duration = SIM_PS_PER_S,
                               .messages = 4 * MESSAGES,
                               .sample_one_in = 1,
                               .max_hops = 4};
    test_apply(&o, way);
    t->w = sim_world_new(&o);
    t->stations = stations;
    t->n = MESSAGES;
    struct sim_node *n = sim_node_add(t->w, "dpu");
    uint64_t quantum = seed % 3 ? 1 : 500;
    for (uint32_t i = 0; i < stations; i++) {
        uint64_t h = test_mix(seed, 10 + i);
        char name[16];
        snprintf(name, sizeof name, "s%u", i);
        t->s[i] = test_server(
            t->w, n, name, 300 + h % 900,
            (struct sim_port_opts){.capacity = i ? queue : 0, .hz = seed & 1 ? 2400000000 : 0});
        t->s[i]->cycles = seed & 1 ? 3 : 0;
        t->s[i]->fixed_tail_ps = h >> 20 & 1 ? 12345 : 0;
        t->s[i]->quantum = quantum;
        t->delay[i] = 1 + (sim_ps)(h >> 30 & 127);
    }
    sim_ps at = 0;
    for (uint32_t k = 0; k < MESSAGES; k++)
        t->arrival[k] = at += test_span(test_mix(seed, 1000 + k), 900 + seed % 600, quantum);
    t->src = test_source(t->w, n, "src", 0, MESSAGES);
    t->src->at = t->arrival;
    test_init_all(t->w);
    for (uint32_t i = 0; i < stations; i++)
        t->at[i] = test_add(t->s[i], SIM_STEP_VISIT);
    for (uint32_t i = 0; i + 1 < stations; i++)
        t->w->step[t->at[i]].hop[0] = test_next(t->at[i + 1], t->delay[i + 1]);
    t->w->step[t->at[stations - 1]].hop[0] = test_end(SIM_HOP_DELIVERED);
    test_begin(t->src, t->at[0], t->delay[0]);
    sim_world_build(t->w);
}

static sim_ps max_ps(sim_ps a, sim_ps b) { return a > b ? a : b; }

/* The end of a service of so many cycles and picoseconds from the edge `start` on. */
static sim_ps served(const struct tandem *t, uint32_t i, sim_ps start, uint64_t id) {
    const struct tserver *s = t->s[i];
    uint64_t h = tserver_hash(&s->base, id, t->at[i]);
    return sim_clock_after(&s->base.port[0]->clock, start, s->cycles) +
           test_span(h, s->mean_ps, s->quantum);
}

/* The recursion: start, end and departure of every message at every station. */
struct expected {
    sim_ps entered[STATIONS][MESSAGES], start[STATIONS][MESSAGES], end[STATIONS][MESSAGES];
    sim_ps left[STATIONS][MESSAGES], done[MESSAGES];
};

/* Messages in order, stations in order; what a departure waits for, the Q-th one before it at
 * the next station, is of an earlier message. The slot is back after the way's delay. */
static void expect(const struct tandem *t, uint32_t q, struct expected *x) {
    for (uint32_t k = 0; k < t->n; k++) {
        sim_ps at = t->arrival[k] + t->delay[0];
        for (uint32_t i = 0; i < t->stations; i++) {
            const struct sim_clock *clock = &t->s[i]->base.port[0]->clock;
            sim_ps ready = k ? max_ps(at, x->left[i][k - 1]) : at;
            x->entered[i][k] = at;
            x->start[i][k] = sim_clock_edge(clock, ready);
            x->end[i][k] = x->left[i][k] = served(t, i, x->start[i][k], k);
            if (i + 1 < t->stations && q && k >= q)
                x->left[i][k] = max_ps(x->end[i][k], x->left[i + 1][k - q] + t->delay[i + 1]);
            at = x->left[i][k] + (sim_ps)t->s[i]->fixed_tail_ps;
            if (i + 1 < t->stations)
                at += t->delay[i + 1];
        }
        x->done[k] = at;
    }
}

static void check(const struct tandem *t, const struct expected *x, uint64_t seed) {
    ck_assert_uint_eq(t->w->records.n, t->n);
    for (uint32_t r = 0; r < t->n; r++) {
        const struct sim_record *rec = &t->w->records.record[r];
        uint32_t k = (uint32_t)rec->id;
        ck_assert_uint_eq(rec->stamps, t->stations + 1);
        for (uint32_t i = 0; i < t->stations; i++) {
            const struct sim_stamp *p = &rec->stamp[i + 1];
            ck_assert_msg(p->entered == x->entered[i][k] && p->start == x->start[i][k] &&
                              p->end == x->end[i][k] && p->left == x->left[i][k],
                          "seed %lu, message %u, station %u: entered %ld start %ld left %ld, "
                          "the recursion has %ld %ld %ld",
                          (unsigned long)seed, k, i, (long)p->entered, (long)p->start,
                          (long)p->left, (long)x->entered[i][k], (long)x->start[i][k],
                          (long)x->left[i][k]);
        }
        ck_assert_int_eq(rec->done, x->done[k]);
    }
}

static void compare(uint64_t seed, uint32_t stations, uint32_t queue) {
    static struct expected x;
    static struct tandem t;
    for (int form = 0; form < 2; form++) {
        struct sim_err err = {0};
        tandem_new(&t, seed, stations, queue, (struct test_way){.all_by_event = form});
        test_run(t.w);
        ck_assert_msg(sim_world_audit(t.w, &err), "seed %lu: %s", (unsigned long)seed,
                      err.text);
        expect(&t, queue, &x);
        check(&t, &x, seed);
        sim_world_free(t.w);
    }
}

START_TEST(one_server) {
    for (uint64_t seed = 0; seed < 40; seed++)
        compare(seed, 1, 0);
}
END_TEST

START_TEST(stations_without_bounds) {
    for (uint64_t seed = 0; seed < 12; seed++)
        compare(seed, STATIONS, 0);
}
END_TEST

START_TEST(blocking_after_service) {
    const uint32_t queues[] = {1, 2, 4, 16};
    for (size_t q = 0; q < 4; q++)
        for (uint64_t seed = 0; seed < 12; seed++)
            compare(seed, STATIONS, queues[q]);
}
END_TEST

/* Several servers, one queue: each message starts when the earliest server is free. */
START_TEST(several_servers) {
    for (uint64_t seed = 0; seed < 20; seed++) {
        static struct tandem t;
        uint32_t servers = 2 + (uint32_t)(seed % 3);
        tandem_new(&t, seed & ~1ull, 1, 0, (struct test_way){.shuffle = seed});
        sim_world_free(t.w);
        struct sim_world_opts o = {.seed = seed,
                                   .duration = SIM_PS_PER_S,
                                   .messages = 4 * MESSAGES,
                                   .sample_one_in = 1};
        t.w = sim_world_new(&o);
        struct sim_node *n = sim_node_add(t.w, "dpu");
        t.s[0] =
            test_server(t.w, n, "s", 900 * servers, (struct sim_port_opts){.servers = servers});
        t.src = test_source(t.w, n, "src", 0, MESSAGES);
        t.src->at = t.arrival;
        test_init_all(t.w);
        t.at[0] = test_add(t.s[0], SIM_STEP_VISIT);
        t.w->step[t.at[0]].hop[0] = test_end(SIM_HOP_DELIVERED);
        test_begin(t.src, t.at[0], 1);
        sim_world_build(t.w);
        test_run(t.w);
        sim_ps free_at[4] = {0};
        for (uint32_t k = 0; k < MESSAGES; k++) {
            uint32_t first = 0;
            for (uint32_t i = 1; i < servers; i++)
                first = free_at[i] < free_at[first] ? i : first;
            sim_ps start = max_ps(t.arrival[k] + 1, free_at[first]);
            free_at[first] = served(&t, 0, start, k);
            ck_assert_int_eq(t.w->records.record[k].stamp[1].start, start);
            ck_assert_int_eq(t.w->records.record[k].done, free_at[first]);
        }
        sim_world_free(t.w);
    }
}
END_TEST

TEST_MAIN("Lindley", one_server, stations_without_bounds, blocking_after_service,
          several_servers)
