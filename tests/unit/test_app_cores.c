/* test_app_cores.c - cores of scenarios: misses that wait for the memory's bus, work moved
 * from one block to another by its name, what is refused.
 */
#include "app_run.h"

static struct app_scenario s;

/* Cores at 1 GHz whose every access misses, and a memory of a line a nanosecond. */
static const char world[] =
    "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
    " 'arm': { 'model': 'cores', 'cores': %u, 'indirection': 512, 'clock': '1GHz', 'l1': 0,"
    "   'l2': 0, 'l3': 0, 'tlb1': 0, 'memory_latency': '100ns', 'memory_parallelism': 2,"
    " 'queue': 16,"
    "   'threads': %u },"
    " 'dram': { 'model': 'dram', 'bandwidth': '64GB/s', 'efficiency': 1, 'clock': '1GHz',"
    "   'read_latency': '50ns' } },"
    " 'routes': { 'r': { 'from': ['arm', 'dram'], 'to': ['arm', 'dram'], 'delay': '1ns' } } },"
    " 'chains': { 'c': [ { 'at': 'arm', 'op': 'work', 'cycles': 100, %s } ] },"
    " 'streams': { 'in': { 'source': 'synthetic', 'packet_rate': '%s', 'flows': 100000,"
    "   'sizes': '64', 'chain': 'c' } },"
    " 'run': { 'warmup': '20us', 'duration': '100us' } }";

static const char *scenario(unsigned cores, unsigned threads, const char *memory,
                            const char *rate) {
    static char text[4096];
    snprintf(text, sizeof text, world, cores, threads, memory, rate);
    return put("t.json", text);
}

#define TEN_LINES "'memory_accesses': 10, 'working_set': '1GiB'"
#define CALL                                                                                   \
    TEN_LINES ", 'call': { 'at': 'dram', 'op': 'fill' }, 'wait': 'poll', 'complete': "         \
              "{ 'op': 'work', 'cycles': 50 }"

/* 1 ps to the core, 999 to its edge, 100 cycles; without a call five latencies of 100 ns; with
 * it 1 ns there, 10 ns of bus, 50 ns, four more rounds of 100 ns, 1 ns back, 50 cycles. */
START_TEST(an_idle_memory_costs_its_rounds) {
    make_folder();
    load(&s, scenario(4, 1, TEN_LINES, "100k/s"), NULL, 0);
    run(&s);
    same_latency(s.world->stream[0], 1000 + 600000);
    app_scenario_free(&s);
    load(&s, scenario(4, 1, CALL, "100k/s"), NULL, 0);
    run(&s);
    same_latency(s.world->stream[0], 1000 + (100 + 1 + 10 + 50 + 400 + 1 + 50) * 1000);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

/* Cores that begin together end together, at first: a window of many turns. */
static double delivered(unsigned cores, const char *memory) {
    struct app_set sets[] = {{"/run/warmup", "200us"}, {"/run/duration", "2ms"}};
    load(&s, scenario(cores, 1, memory, "250M/s"), sets, 2);
    run(&s);
    return (double)s.world->stream[0]->delivered.items / 2000; /* M/s */
}

/* Few cores are held up by themselves; of many the bus serves a message in 10 ns. */
START_TEST(a_loaded_memory_slows_the_cores) {
    make_folder();
    ck_assert_double_eq_tol(delivered(16, CALL), 16 / 0.612, 1.5);
    app_scenario_free(&s);
    ck_assert_double_eq_tol(delivered(512, CALL), 100, 0.5);
    const struct sim_comp *dram = comp_of(&s, "dram");
    ck_assert_uint_gt((uint64_t)dram->port[0]->busy_ps, 1999 * 1000000LL);
    app_scenario_free(&s);
    /* without the call nothing holds them up: 0.6 us each, more than is offered */
    ck_assert_double_ge(delivered(512, TEN_LINES), 200);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

#define LINES(N, MORE)                                                                         \
    "'memory_accesses': " #N ", 'working_set': '1GiB', " MORE                                  \
    ", 'call': { 'at': 'dram', 'op': 'fill' }, 'wait': 'poll', 'complete': "                   \
    "{ 'op': 'work', 'cycles': 50 }"

/* Ten lines, two at a time, are one service of 50 + 400 ns and ten of transfer, and one stamp
 * of a journey, though they go over the bus in five parts. */
START_TEST(parts_are_one_service) {
    struct app_set all = {"/run/sample_one_in", "1"};
    make_folder();
    load(&s, scenario(4, 1, CALL, "100k/s"), &all, 1);
    run(&s);
    const struct sim_stream *st = s.world->stream[0];
    const struct sim_port *bus = comp_of(&s, "dram")->port[0];
    const struct sim_step_stat *fill = NULL;
    for (uint32_t i = 0; i < s.world->steps; i++)
        fill = s.world->step[i].called ? st->step[i] : fill;
    ck_assert_ptr_nonnull(fill);
    ck_assert_uint_eq(fill->served, 10);
    ck_assert_uint_eq(fill->parts, 40);
    ck_assert_uint_eq(bus->left.items, 50);
    ck_assert_uint_eq((uint64_t)fill->service.sum, 10 * 460000);
    ck_assert_uint_eq((uint64_t)fill->wait.sum, 0);
    const struct sim_record *r = &s.world->records.record[0];
    ck_assert_uint_eq(r->stamps, 4); /* source, core, memory, core */
    ck_assert_int_eq(r->stamp[2].start, r->stamp[2].entered);
    ck_assert_int_eq(r->stamp[2].left + r->stamp[2].tail - r->stamp[2].entered, 460000);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

/* Of many cores the lines queue at the bus as single ones do: those of messages of one line,
 * which come at random to a bus that is full to 0.8, wait 0.8 / 2 / (1 - 0.8) ns each, less a
 * little: while a core waits for one it asks for none. */
START_TEST(lines_wait_as_the_bus_fills) {
    struct app_set sets[] = {{"/chains/c/0/memory_accesses", "1"},
                             {"/streams/in/arrivals", "poisson"},
                             {"/streams/in/packet_rate", "800M/s"}};
    make_folder();
    load(&s, scenario(512, 1, CALL, "1M/s"), sets, 3);
    run(&s);
    const struct sim_stream *st = s.world->stream[0];
    for (uint32_t i = 0; i < s.world->steps; i++)
        if (s.world->step[i].called)
            ck_assert_double_eq_tol(sim_hist_mean(&st->step[i]->wait), 1850, 200);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

static void takes(const char *memory, sim_ps nanoseconds) {
    load(&s, scenario(4, 1, memory, "100k/s"), NULL, 0);
    run(&s);
    same_latency(s.world->stream[0], 1000 + nanoseconds * 1000);
    app_scenario_free(&s);
}

/* What the core did in its 100 cycles it need not wait for. Of 102 lines of a stream 34 are
 * under way at a time: 300 ns; of 10 only the bus is left. Ten stores bring twenty lines over
 * the bus and take as long as loads otherwise. */
START_TEST(streams_and_stores_wait_less) {
    make_folder();
    takes("'memory_accesses': 102, 'working_set': '1GiB', 'pattern': 'stream'", 300);
    takes(LINES(102, "'pattern': 'stream'"), 100 + 1 + 200 + 1 + 50);
    takes(LINES(10, "'pattern': 'stream'"), 100 + 1 + 10 + 1 + 50);
    takes(LINES(10, "'access': 'write'"), 100 + 1 + 20 + 50 + 400 - 100 + 1 + 50);
    /* many cores stream as fast as the bus goes, and write as much as they say */
    ck_assert_double_eq_tol(delivered(512, LINES(102, "'pattern': 'stream'")), 1000 / 102.,
                            0.2);
    app_scenario_free(&s);
    ck_assert_double_eq_tol(
        delivered(512, LINES(102, "'pattern': 'stream', 'access': 'write'")), 1000 / 102., 0.2);
    const struct sim_comp *dram = comp_of(&s, "dram");
    ck_assert_int_eq(sim_field_int(&dram->model->stats[0], dram), 0);
    ck_assert_int_gt(sim_field_int(&dram->model->stats[1], dram), 1999 * 1000 * 64);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

/* Half a line a message: every second one fills. */
START_TEST(parts_of_lines_come_together) {
    make_folder();
    load(&s, scenario(4, 1, CALL, "1M/s"), NULL, 0);
    app_scenario_free(&s);
    struct app_set half = {"/dpu/blocks/arm/l3", "512MiB"},
                   one = {"/chains/c/0/memory_accesses", "1"};
    struct app_set sets[] = {half, one};
    load(&s, scenario(4, 1, CALL, "1M/s"), sets, 2);
    run(&s);
    ck_assert_int_eq(sim_field_int(&comp_of(&s, "dram")->model->stats[0], comp_of(&s, "dram")),
                     50 * 64);
    ck_assert_int_eq(sim_field_int(&comp_of(&s, "arm")->model->stats[0], comp_of(&s, "arm")),
                     50 * 64);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

/* Flows of one core out of four; numbers that nothing asks for. */
START_TEST(imbalance_and_vain_numbers_are_told) {
    struct app_set sets[] = {{"/streams/in/flows", "1"},
                             {"/dpu/blocks/arm/moderation", "5us"},
                             {"/dpu/blocks/arm/memory_latency", "90ns"}};
    make_folder();
    load(&s, scenario(4, 1, TEN_LINES, "100k/s"), sets, 3);
    run(&s);
    json_t *summary = summary_of(&s);
    const json_t *arm = json_object_get(json_object_get(summary, "components"), "dpu.arm");
    ck_assert_double_eq(json_real_value(json_object_get(arm, "imbalance")), 4);
    char *unused = json_dumps(json_object_get(summary, "unused_parameters"), 0);
    ck_assert_ptr_nonnull(strstr(unused, "/dpu/blocks/arm/moderation"));
    ck_assert_ptr_null(strstr(unused, "/dpu/blocks/arm/memory_latency"));
    free(unused);
    json_decref(summary);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

static void wrong(unsigned threads, const char *memory, const char *line) {
    make_folder();
    char full[2200];
    const char *file = scenario(4, threads, memory, "1M/s");
    snprintf(full, sizeof full, "%s: %s", file, line);
    refuse(file, NULL, 0, full);
    drop_folder();
}

START_TEST(fills_that_make_no_sense_are_refused) {
    wrong(1, TEN_LINES ", 'call': { 'at': 'dram', 'op': 'fill' }",
          "/chains/c/0/call: a core waits for a fill: say \"wait\": \"poll\"");
    wrong(1, "'call': { 'at': 'dram', 'op': 'fill' }, 'wait': 'poll'",
          "/chains/c/0/call: there is nothing to fill without \"memory_accesses\"");
    wrong(8, CALL,
          "/chains/c/0/call: a core of 8 threads does not wait for a fill; leave out the call, "
          "or \"threads\"");
    wrong(1, "'cycles_per_byte': 0 }, { 'at': 'dram', 'op': 'fill'",
          "/chains/c/1/op: \"fill\" is for a call of a core's step: \"call\": {\"at\": ..., "
          "\"op\": \"fill\"}, \"wait\": \"poll\"; else use \"read\"");
}
END_TEST

TEST_MAIN("app cores", an_idle_memory_costs_its_rounds, a_loaded_memory_slows_the_cores,
          parts_are_one_service, lines_wait_as_the_bus_fills, streams_and_stores_wait_less,
          parts_of_lines_come_together, imbalance_and_vain_numbers_are_told,
          fills_that_make_no_sense_are_refused)
