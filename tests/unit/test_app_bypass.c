/* test_app_bypass.c - what can be delivered when a resource is full: with what passes it by. */
#include "app_bounds.h"

/* Two streams of 2 M/s share the first station; one goes on to a station that takes 1 us. */
static void forked(const char *on_full) {
    char text[1600];
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': { 'name': 'bench', 'blocks': {"
             " 'first': { 'model': 'server', 'distribution': 'constant', 'time': '10ns',"
             " 'queue': 64, 'on_full': 'drop' },"
             " 'slow': { 'model': 'server', 'distribution': 'constant', 'time': '1us',"
             " 'queue': 8, 'on_full': '%s' },"
             " 'fast': { 'model': 'server', 'distribution': 'constant', 'time': '10ns' } },"
             " 'routes': { 'r': { 'from': 'first', 'to': ['slow', 'fast'] } } } },"
             " 'chains': { 'c': [ {'at': 'first'}, {'at': 'slow'} ],"
             " 'd': [ {'at': 'first'}, {'at': 'fast'} ] }, 'streams': {"
             " 's': { 'source': 'synthetic', 'sizes': '64', 'arrivals': 'poisson',"
             " 'packet_rate': '2M/s', 'chain': 'c' },"
             " 'd': { 'source': 'synthetic', 'sizes': '64', 'arrivals': 'poisson',"
             " 'packet_rate': '2M/s', 'chain': 'd' } },"
             " 'run': { 'warmup': '200us', 'duration': '4ms' } }",
             on_full);
    bounds_of(text);
}

/* What is full and drops holds nothing else up: 2 + 1 M/s of 4. */
START_TEST(what_does_not_come_to_it_passes_by) {
    forked("drop");
    const struct app_bound *b = row("dpu.slow", "queue");
    ck_assert_double_eq_tol(b->load, 2, 0.1);
    ck_assert_double_eq_tol(b->bypass_bits_per_s, potential / 2, 0.05 * potential);
    ck_assert_double_eq_tol(b->bits_per_s, delivered_bits(), 0.01 * potential);
    ck_assert_double_eq_tol(b->bits_per_s, 3e6 * 512, 0.1e6 * 512);
    done();
}
END_TEST

/* What is full and makes the first station wait holds up all that comes there: 1 + 1 M/s. */
START_TEST(what_stands_still_before_it_does_not) {
    forked("wait");
    const struct app_bound *b = row("dpu.slow", "queue");
    ck_assert_double_eq(b->bypass_bits_per_s, 0);
    ck_assert_double_eq_tol(b->bits_per_s, delivered_bits(), 0.05 * potential);
    ck_assert_double_eq_tol(b->bits_per_s, 2e6 * 512, 0.1e6 * 512);
    done();
}
END_TEST

/* Transmit waits back to its source; receive does not come there. */
START_TEST(other_sources_pass_by) {
    card("", "'t': { 'source': 'synthetic', 'sizes': '64', 'rate': '400Gb/s', 'flows': 4096,"
             " 'chain': 'transmit' },"
             " 'r': { 'source': 'synthetic', 'sizes': '1518', 'rate': '100Gb/s', 'flows': 4096,"
             " 'chain': 'receive' }");
    const struct app_bound *b = row("dpu.nic", "send");
    ck_assert_double_gt(b->load, 1.5);
    ck_assert_double_eq_tol(b->bypass_bits_per_s, 100e9 * 1518 / 1538, 1e9);
    done();
}
END_TEST

TEST_MAIN("app bypass", what_does_not_come_to_it_passes_by,
          what_stands_still_before_it_does_not, other_sources_pass_by)
