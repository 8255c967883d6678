/* prop_app_fills.c - cores that wait for their misses at the memory, of random numbers: what
 * comes through never falls with more cores, goes by lines however many a message has, never
 * above the bus, and nearly all that cores or bus allow.
 */
#include "tests/prop/app_forms.h"

enum { SCENARIOS = 14, LINE = 64, TURNS = 60 };

static struct app_scenario s;

/* A memory, and what a message misses. */
struct memory {
    uint32_t gigabytes, read_ns, latency_ns, parallelism_tenths, cycles, lines;
    bool writes;
};

static struct memory any(void) {
    struct memory m = {.gigabytes = 20 + below(100), .read_ns = 20 + below(60)};
    m.latency_ns = m.read_ns + below(80);
    m.parallelism_tenths = 10 + below(60);
    m.cycles = below(3) * below(200);
    m.lines = 1 + (below(2) ? below(20) : below(400));
    m.writes = below(4) == 0;
    return m;
}

/* Of a message in an idle memory, without the ways; and of the bus. */
static double bus_ns(const struct memory *m) {
    return (double)m->lines * (m->writes ? 2 : 1) * LINE / m->gigabytes;
}

static double about_ns(const struct memory *m) {
    return m->cycles + bus_ns(m) + m->read_ns +
           m->lines * 10.0 / m->parallelism_tenths * m->latency_ns;
}

static void make(const struct memory *m, uint32_t cores) {
    double t = about_ns(m), full = cores * bus_ns(m);
    used = 0;
    say("{ 'dpusim': 1, 'name': 'fills', 'dpu': { 'blocks': { 'arm': { 'model': 'cores', "
        "'cores': %u, 'indirection': 1024, 'clock': '1GHz', 'tlb1': 0, 'queue': 4, "
        "'memory_latency': '%uns', 'memory_parallelism': %u.%u }, 'dram': { 'model': 'dram', "
        "'bandwidth': '%uGB/s', 'efficiency': 1, 'clock': '10GHz', 'read_latency': '%uns' } }, "
        "'routes': { 'r': { 'from': ['arm', 'dram'], 'to': ['arm', 'dram'], 'delay': '1ns' } } "
        "}, ",
        cores, m->latency_ns, m->parallelism_tenths / 10, m->parallelism_tenths % 10,
        m->gigabytes, m->read_ns);
    say("'chains': { 'c': [ { 'at': 'arm', 'op': 'work', 'cycles': %u, 'memory_accesses': %u, "
        "'access': '%s', 'call': { 'at': 'dram', 'op': 'fill' }, 'wait': 'poll', 'complete': { "
        "'op': 'work', 'cycles': 0 } } ] }, ",
        m->cycles, m->lines, m->writes ? "write" : "read");
    t = t > full ? t : full;
    say("'streams': { 'in': { 'source': 'synthetic', 'packet_rate': '%.0fk/s', 'sizes': '64', "
        "'flows': 4096, 'flow_order': 'round-robin', 'chain': 'c' } }, 'run': { 'warmup': "
        "'%.0fns', 'duration': '%.0fns' } }",
        4e6 * cores / about_ns(m), 20 * t, TURNS * t);
}

/* Lines a nanosecond over the bus; as many as the messages that came through have. */
static double rate(const struct memory *m, uint32_t cores) {
    make(m, cores);
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
    const struct sim_comp *dram = comp_of(&s, "dram");
    double bytes = 0, window = (double)(s.world->to - s.world->from) / 1e3;
    for (int i = 0; i < 2; i++)
        bytes += (double)sim_field_int(&dram->model->stats[i], dram);
    double lines = m->lines * (m->writes ? 2.0 : 1.0);
    double through = (double)s.world->stream[0]->delivered.items * lines;
    ck_assert_double_le(fabs(bytes / LINE - through), (cores + 1) * lines);
    ck_assert_double_le(bytes / window, m->gigabytes * (1 + 2 * lines * LINE / bytes));
    app_scenario_free(&s);
    return bytes / LINE / window;
}

START_TEST(more_cores_are_never_slower) {
    make_folder();
    for (uint32_t seed = 1; seed <= SCENARIOS; seed++) {
        state = seed * 0x9e3779b97f4a7c15u;
        struct memory m = any();
        double one = rate(&m, 1), bus = (double)m.gigabytes / LINE, before = one;
        uint32_t knee = 1 + (uint32_t)(bus / one);
        static const double at[] = {0.3, 0.6, 0.9, 1, 1.1, 1.5, 2.5};
        for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
            uint32_t cores = (uint32_t)(at[i] * knee) + 1;
            if (cores > 500)
                break;
            double found = rate(&m, cores), most = cores * one < bus ? cores * one : bus;
            bool near = cores > 0.7 * knee && cores < 1.4 * knee;
            ck_assert_msg(found >= 0.995 * before && found <= 1.01 * most &&
                              found >= (near ? 0.85 : 0.96) * most,
                          "%u cores: %.4f lines/ns, after %.4f, of at most %.4f\n%s", cores,
                          found, before, most, text);
            before = found;
        }
    }
    drop_folder();
}
END_TEST

/* The same lines, of messages of any size. */
START_TEST(lines_count_not_messages) {
    static const uint32_t lines[] = {4, 10, 30, 100, 300, 1000};
    make_folder();
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct memory m = {.gigabytes = 64, .read_ns = 60, .latency_ns = 120};
        m.parallelism_tenths = 32;
        m.lines = lines[i];
        ck_assert_double_eq_tol(rate(&m, 64), 1, 0.002);
        double few = m.lines + 60 + (m.lines - 3.2) / 3.2 * 120 + 2.5; /* ns a message */
        ck_assert_double_eq_tol(rate(&m, 16) / (16 * m.lines / few), 1, 0.03);
    }
    drop_folder();
}
END_TEST

TEST_MAIN("app fills", more_cores_are_never_slower, lines_count_not_messages)
