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
    " 'packet_rate': %s } }, 'run': { 'warmup': '%s', 'duration': '10ms', 'drain': '0s' } }"
#define TWO(OP)                                                                                \
    "{ 'at': 'cpu', 'op': '" OP "', 'cycles': 300 }, { 'at': 'cpu', 'op': '" OP                \
    "', 'cycles': 700 },"

static struct app_scenario s;

enum pace { IDLE, FULL, RANDOM };

static void run_row(const char *model, const char *params, const char *steps, enum pace pace) {
    static const char *const rates[] = {"'100k/s'", "'3M/s'",
                                        "'475k/s', 'arrivals': 'poisson'"};
    char text[2000];
    make_folder();
    snprintf(text, sizeof text, CARD, model, params, steps, rates[pace],
             pace == IDLE ? "0s" : "10ms");
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
        run_row(forms[i].model, forms[i].params, forms[i].steps, IDLE);
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
        run_row(forms[i].model, forms[i].params, forms[i].steps, FULL);
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
            IDLE);
    same_latency(stream(), (1 + 100 + 1 + 200 + 1 + 300) * 1000);
    done();
}
END_TEST

/* Of a core that loses when it is full: what it has begun goes on first and finds its place, so
 * nothing is lost but in front of the first step, and the core does no work in vain. */
START_TEST(begun_is_not_lost) {
    run_row("cores", "'cores': 1, 'on_full': 'drop', 'queue': 16",
            TWO("work") "{ 'at': 'cpu', 'op': 'work', 'cycles': 600 },"
                        "{ 'at': 'cpu', 'op': 'work', 'cycles': 400 },",
            FULL);
    uint64_t lost = 0, first = 0;
    for (uint32_t i = 0; i < s.world->steps; i++) {
        const struct sim_step_stat *stat = stream()->step[i];
        if (stat == NULL || stat->lost.items == 0)
            continue;
        first = lost == 0 ? stat->lost.items : first;
        lost += stat->lost.items;
    }
    ck_assert_uint_gt(first, 24000); /* 2.5 of 3 M/s, in 10 ms */
    ck_assert_uint_eq(lost, first);
    ck_assert_int_le(llabs(5000 - (int64_t)stream()->delivered.items), 1);
    done();
}
END_TEST

/* In front of a row a queue of random arrivals loses as many as in front of its sum in one, or
 * somewhat more: two messages are in work by turns, where one would be. (Were they all, each
 * would stay twice as long: as if the queue had half its places.) */
START_TEST(a_queue_holds_as_many) {
    uint64_t lost[3];
    for (int i = 0; i < 3; i++) {
        run_row("cores", i == 2 ? "'cores': 1, 'queue': 8" : "'cores': 1, 'queue': 16",
                i == 0 ? TWO("work") "{ 'at': 'cpu', 'op': 'work', 'cycles': 600 },"
                                     "{ 'at': 'cpu', 'op': 'work', 'cycles': 400 },"
                       : "{ 'at': 'cpu', 'op': 'work', 'cycles': 2000 },",
                RANDOM);
        lost[i] = stream()->dropped.items;
        done();
    }
    ck_assert_uint_gt(lost[1], 50);
    ck_assert_uint_le(lost[1], lost[0]);
    ck_assert_uint_lt(2 * lost[0], lost[1] + lost[2]);
}
END_TEST

/* From one group of a host's ports to another it does not stay: a circle is one. */
START_TEST(circles_are_refused) {
    char text[2000], line[400];
    make_folder();
    snprintf(text, sizeof text, CARD, "host", "'queues': 2",
             "{ 'at': 'cpu', 'op': 'app', 'cycles': 1 }, { 'at': 'cpu', 'op': 'tx' },"
             "{ 'at': 'cpu', 'op': 'app', 'cycles': 1 },",
             "'1M/s'", "0s");
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
          begun_is_not_lost, a_queue_holds_as_many, circles_are_refused)
