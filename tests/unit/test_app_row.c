/* test_app_row.c - steps in a row on one core, where the queue in front of it makes others
 * wait: a message keeps its place there. Two steps of c1 and c2 cycles take c1 + c2 of the
 * core, and of an idle one a message comes out after c1, a cycle from one to the other, and c2.
 */
#include "tests/unit/app_run.h"

#define CARD                                                                                   \
    "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"                                         \
    " 'in': { 'model': 'server', 'time': '1ps', 'distribution': 'constant', 'queue': 100000 "  \
    "},"                                                                                       \
    " 'cpu': { 'model': '%s', 'clock': '1GHz', %s } },"                                        \
    " 'routes': { 'r': { 'from': 'in', 'to': 'cpu' } } },"                                     \
    " 'chains': { 'c': [ { 'at': 'in' }, %s { 'end': 'delivered' } ] },"                       \
    " 'streams': { 's': { 'chain': 'c', 'source': 'synthetic', 'sizes': '64', 'flows': 1,"     \
    " 'packet_rate': '%s' } }, 'run': { 'warmup': '%s', 'duration': '10ms', 'drain': '0s' } }"
#define TWO(OP)                                                                                \
    "{ 'at': 'cpu', 'op': '" OP "', 'cycles': 300 }, { 'at': 'cpu', 'op': '" OP                \
    "', 'cycles': 700 },"

static struct app_scenario s;

static void run_row(const char *model, const char *params, const char *steps, bool full) {
    char text[2000];
    make_folder();
    snprintf(text, sizeof text, CARD, model, params, steps, full ? "3M/s" : "100k/s",
             full ? "10ms" : "0s");
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
}

static const struct sim_stream *stream(void) { return s.stream[0].stream; }

static void done(void) {
    app_scenario_free(&s);
    drop_folder();
}

static const struct {
    const char *model, *params, *steps;
} forms[] = {
    {"cores", "'cores': 4, 'on_full': 'wait', 'queue': 64", TWO("work")},
    {"cores", "'cores': 1, 'on_full': 'wait', 'queue': 1", TWO("work")},
    {"host", "'queues': 4, 'app_queue': 64", TWO("app")},
    {"host", "'functions': 2, 'by': 'flow', 'queues': 2, 'app_queue': 64", TWO("app")},
};

/* In at an edge: 1 ps in `in` and one each on two hops, so from the next edge on. */
START_TEST(idle_takes_the_sum_and_a_cycle) {
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        run_row(forms[i].model, forms[i].params, forms[i].steps, false);
        ck_assert_uint_eq(stream()->delivered.items, 1000);
        same_latency(stream(), (1 + 300 + 1 + 700) * 1000);
        done();
    }
}
END_TEST

/* Full: a message a microsecond, no more; the core of the flow is busy all the time. With a
 * queue of one nothing else is there while a message goes from step to step, nor until the
 * place that it left is known to be free: a cycle each. */
START_TEST(full_takes_the_sum) {
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        run_row(forms[i].model, forms[i].params, forms[i].steps, true);
        int64_t each = i == 1 ? 1002 : 1000, n = (int64_t)stream()->delivered.items;
        ck_assert_int_le(llabs(n - 10000000 / each), i == 1 ? 1 : 64);
        done();
    }
}
END_TEST

/* What a verdict leads to keeps its place as well. */
START_TEST(verdicts_too) {
    run_row("cores", "'cores': 2, 'on_full': 'wait', 'queue': 8",
            "{ 'at': 'cpu', 'op': 'vxlan-decap', 'cycles': 100, 'not-tunnel': 'next' },"
            "{ 'at': 'cpu', 'op': 'work', 'cycles': 200 },"
            "{ 'at': 'cpu', 'op': 'aes-gcm-encrypt', 'cycles': 300, 'cycles_per_byte': 0 },",
            false);
    same_latency(stream(), (1 + 100 + 1 + 200 + 1 + 300) * 1000);
    done();
}
END_TEST

/* From one group of a host's ports to another it does not stay: a circle is one. */
START_TEST(circles_are_refused) {
    char text[2000], line[400];
    make_folder();
    snprintf(text, sizeof text, CARD, "host", "'queues': 2",
             "{ 'at': 'cpu', 'op': 'app', 'cycles': 1 }, { 'at': 'cpu', 'op': 'tx' },"
             "{ 'at': 'cpu', 'op': 'app', 'cycles': 1 },",
             "1M/s", "0s");
    const char *file = put("t.json", text);
    snprintf(line, sizeof line,
             "%s: /chains/c/2: a cycle of waiting: dpu.cpu.app0 waits for dpu.cpu.tx0 waits "
             "for dpu.cpu.app0; let one of these queues drop when full, or lead the chain "
             "another way",
             file);
    refuse(file, NULL, 0, line);
    drop_folder();
}
END_TEST

TEST_MAIN("steps in a row", idle_takes_the_sum_and_a_cycle, full_takes_the_sum, verdicts_too,
          circles_are_refused)
