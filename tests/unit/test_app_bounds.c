/* test_app_bounds.c - what the offered mix asks of each resource, where arithmetic knows it:
 * two stations in series; and, of every shipped scenario at a low load, what the run measured.
 */
#include "app_bounds.h"

/* 64 B packets through "first" (100 ns and `more`) and "second". */
static void series(const char *more, const char *second, const char *in) {
    char text[1600];
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': { 'name': 'bench', 'blocks': {"
             " 'first': { 'model': 'server', 'distribution': 'constant', 'time': '100ns' %s },"
             " 'second': { 'model': 'server', 'distribution': 'constant', %s } },"
             " 'routes': { 'r': { 'from': 'first', 'to': 'second' } } } },"
             " 'chains': { 'c': [ {'at': 'first'}, {'at': 'second'} ] },"
             " 'streams': { 's': { 'source': 'synthetic', 'sizes': '64', 'chain': 'c', %s } },"
             " 'run': { 'warmup': '20us', 'duration': '400us', 'sample_one_in': 0 } }",
             more, second, in);
    bounds_of(text);
}

/* 6 M/s of 100 ns and of 50 ns; 60 B + CRC of each are delivered. */
START_TEST(load_is_rate_times_time) {
    series("", "'time': '50ns'", "'packet_rate': '6M/s'");
    ck_assert_double_eq_tol(row("dpu.first", "queue")->load, 0.6, 1e-3);
    ck_assert_double_eq_tol(row("dpu.first", "queue")->utilization, 0.6, 1e-3);
    ck_assert_double_eq_tol(row("dpu.second", "queue")->load, 0.3, 1e-3);
    ck_assert_double_eq_tol(potential, 6e6 * 64 * 8, 1e-3 * 6e6 * 64 * 8);
    ck_assert_ptr_eq(row("dpu.first", "queue"), &bound[0]); /* tightest first */
    done();
}
END_TEST

START_TEST(servers_share_the_load) {
    series(", 'servers': 3", "'time': '50ns'", "'packet_rate': '6M/s'");
    ck_assert_double_eq_tol(row("dpu.first", "queue")->load, 0.2, 1e-3);
    ck_assert_double_eq(row("dpu.first", "queue")->capacity, 3);
    done();
}
END_TEST

/* 20 M/s, of which the first station lets 10 pass. The second would need 100 % for the offered
 * mix; it is busy 50 %. */
START_TEST(what_was_lost_before_counts) {
    series(", 'queue': 8", "'time': '50ns'", "'packet_rate': '20M/s'");
    ck_assert_double_eq_tol(row("dpu.first", "queue")->load, 2, 2e-3);
    ck_assert_double_eq_tol(row("dpu.second", "queue")->load, 1, 2e-3);
    ck_assert_double_eq_tol(row("dpu.second", "queue")->utilization, 0.5, 2e-3);
    ck_assert_double_eq_tol(potential, 20e6 * 64 * 8, 2e-3 * 20e6 * 64 * 8);
    done();
}
END_TEST

/* A place of the second station is taken for the 900 ns of latency behind the first one's
 * service and 50 ns of its own: 2 M/s x 950 ns = 1.9 places of 4. */
START_TEST(places_by_littles_law) {
    series(", 'latency': '900ns'", "'time': '50ns', 'queue': 4, 'on_full': 'wait'",
           "'packet_rate': '2M/s'");
    const struct app_bound *b = row("dpu.second", "queue slots from first.queue");
    ck_assert(b->window);
    ck_assert_double_eq_tol(b->used, 1.9, 0.01);
    ck_assert_double_eq_tol(b->load, 1.9 / 4, 0.0025);
    done();
}
END_TEST

/* The same at 8 M/s would need 7.6 places: 4 / 950 ns = 4.21 M/s pass, and the row says so. */
START_TEST(places_are_a_wall) {
    series(", 'latency': '900ns', 'queue': 64, 'on_full': 'drop'",
           "'time': '50ns', 'queue': 4, 'on_full': 'wait'", "'packet_rate': '8M/s'");
    const struct app_bound *b = row("dpu.second", "queue slots from first.queue");
    ck_assert_double_eq_tol(b->load, 7.6 / 4, 0.02);
    double rate = (double)s.world->stream[0]->delivered.items / 400e-6;
    ck_assert_double_eq_tol(rate, 8e6 / b->load, 0.01 * rate);
    done();
}
END_TEST

/* Where nothing is lost and nothing waits for room, demand is what the servers were busy. */
static void demand_is_what_was_busy(const char *scenario, const char *pointer,
                                    const char *value) {
    char file[256];
    struct app_set sets[] = {{pointer, value}, {"/run/duration", "4ms"}};
    snprintf(file, sizeof file, DPUSIM_SOURCE_DIR "/configs/scenarios/%s.json", scenario);
    make_folder();
    load(&s, file, sets, 2);
    bounds_of_run();
    uint32_t seen = 0, slots = 0;
    for (uint32_t i = 0; i < rows; i++) {
        const struct app_bound *b = &bound[i];
        slots += b->window;
        if (b->window || b->utilization < 0.005)
            continue;
        seen++;
        ck_assert_msg(b->load > 0.95 * b->utilization && b->load < 1.05 * b->utilization,
                      "%s: %s.%s: load %g, busy %g", scenario, b->comp->path, b->resource,
                      b->load, b->utilization);
    }
    ck_assert_uint_ge(seen, 3);
    ck_assert_uint_ge(slots, 2);
    done();
}

START_TEST(below_saturation_demand_is_what_was_busy) {
    demand_is_what_was_busy("quickstart", "/streams/web/rate", "200Gb/s");
    demand_is_what_was_busy("slow-path", "/streams/many-flows/packet_rate", "1M/s");
    demand_is_what_was_busy("hairpin", "/run/seed", "2");
    demand_is_what_was_busy("transmit", "/streams/small/rate", "200Gb/s");
}
END_TEST

/* The one row of the host's receive rings. */
static const struct app_bound *rings(void) {
    const struct app_bound *found = NULL;
    for (uint32_t i = 0; i < rows; i++)
        if (strcmp(bound[i].comp->path, "dpu.host") == 0 && bound[i].window) {
            ck_assert_ptr_null(found);
            found = &bound[i];
        }
    ck_assert_ptr_nonnull(found);
    return found;
}

/* A ring of receive descriptors is a resource too: so many of the hottest of 16 rings. */
START_TEST(rings_are_counted) {
    struct app_set sets[] = {{"/run/warmup", "1ms"}, {"/run/duration", "2ms"}};
    make_folder();
    load(&s, DPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.json", sets, 2);
    bounds_of_run();
    const struct app_bound *b = rings();
    ck_assert_msg(strstr(b->resource, "slots from pcie.to-host (hottest of 16)") != NULL, "%s",
                  b->resource);
    ck_assert_double_eq(b->capacity, 1024);
    ck_assert_double_gt(b->used, 0.1); /* 44 M/s over 16 rings x 290 ns */
    ck_assert_double_lt(b->used, 10);
    done();
}
END_TEST

/* Descriptors are taken for the 10 us to the host: 50 M/s over 16 rings need some 31 of the 16
 * in each. Half is refused, which does not make the others faster. */
START_TEST(refused_need_descriptors_too) {
    bounds_of(
        "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3', 'blocks': { 'host': "
        "{ 'ring': 16 }, 'pcie': { 'latency_to_host': '10us' } } }, 'streams': { 's': { "
        "'source': 'synthetic', 'flows': 100000, 'packet_rate': '50M/s', 'sizes': '256', "
        "'chain': 'receive' } }, 'run': { 'warmup': '1ms', 'duration': '1ms' } }");
    ck_assert_double_gt(rings()->load, 1.9);
    ck_assert_double_lt(rings()->load, 2.1);
    done();
}
END_TEST

/* 2 M/s of 100 ns, then 200 ns for which the core waits, then 50 ns: busy 0.7 of the time. */
START_TEST(a_server_that_polls_is_kept) {
    bounds_of(
        "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': { 'name': 'bench', 'blocks': {"
        " 'arm': { 'model': 'cores', 'cores': 1, 'clock': '1GHz' },"
        " 'look': { 'model': 'server', 'time': '200ns', 'distribution': 'constant',"
        " 'queue': 4, 'on_full': 'wait' } },"
        " 'routes': { 'r': { 'from': 'arm', 'to': 'look' },"
        " 'b': { 'from': 'look', 'to': 'arm' } } } },"
        " 'chains': { 'c': [ { 'at': 'arm', 'op': 'work', 'cycles': 100,"
        " 'call': { 'at': 'look' }, 'wait': 'poll',"
        " 'complete': { 'op': 'complete', 'cycles': 50 } } ] },"
        " 'streams': { 's': { 'source': 'synthetic', 'sizes': '64', 'packet_rate': '2M/s',"
        " 'chain': 'c' } }, 'run': { 'warmup': '20us', 'duration': '400us' } }");
    const struct app_bound *b = row("dpu.arm", "core0");
    ck_assert_double_eq_tol(b->load, 0.7, 0.005);
    ck_assert_double_eq_tol(b->load, b->utilization, 0.005);
    done();
}
END_TEST

/* One flow of 80 M/s and 30 M/s of many: 80 + 30/16 of 83 cycles fall on one ring of 16. What
 * it refused is counted as asked. */
START_TEST(the_hottest_by_what_came_not_by_what_it_took) {
    card("", "'e': { 'source': 'synthetic', 'sizes': '64', 'packet_rate': '80M/s', 'flows': 1,"
             " 'chain': 'receive' },"
             " 'm': { 'source': 'synthetic', 'sizes': '64', 'packet_rate': '30M/s', 'flows': "
             "4096, 'chain': 'receive' }");
    const struct app_bound *b = NULL;
    for (uint32_t i = 0; i < rows && b == NULL; i++)
        if (strcmp(bound[i].comp->path, "dpu.host") == 0 && !bound[i].window)
            b = &bound[i];
    ck_assert_ptr_nonnull(b);
    ck_assert_double_eq_tol(b->load, (80e6 + 30e6 / 16) * 83 / 3.6e9, 0.03);
    ck_assert_double_eq_tol(b->bits_per_s, delivered_bits(), 0.01 * delivered_bits());
    done();
}
END_TEST

TEST_MAIN("app bounds", load_is_rate_times_time, servers_share_the_load,
          what_was_lost_before_counts, places_by_littles_law, places_are_a_wall,
          below_saturation_demand_is_what_was_busy, rings_are_counted,
          refused_need_descriptors_too, a_server_that_polls_is_kept,
          the_hottest_by_what_came_not_by_what_it_took)
