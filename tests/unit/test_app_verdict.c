/* test_app_verdict.c - what limited the run, in scenarios where arithmetic knows the answer:
 * two stations in series, "first" and "second", of 100 ns and a time to be given. */
#include "app_bounds.h"

static const char *set_messages = "65536", *set_first = "";

/* Two stations. @param second the second station's fields; @param in the stream's. */
static struct app_verdict judge(const char *second, const char *in, const char *end) {
    char text[1600];
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': { 'name': 'bench', 'blocks': {"
             " 'first': { 'model': 'server', 'distribution': 'constant', 'time': '100ns',"
             " 'queue': 64, 'on_full': 'drop' %s },"
             " 'second': { 'model': 'server', 'distribution': 'constant', %s } },"
             " 'routes': { 'r': { 'from': 'first', 'to': 'second' } } } },"
             " 'chains': { 'c': [ {'at': 'first'}, {'at': 'second'} %s ] },"
             " 'streams': { 's': { 'source': 'synthetic', 'sizes': '64', 'chain': 'c', %s } },"
             " 'run': { 'warmup': '20us', 'duration': '400us', 'messages': %s,"
             " 'sample_one_in': 0 } }",
             set_first, second, end, in, set_messages);
    return verdict_on_text(text);
}

/* 6 M/s of 100 ns: 60 %. */
START_TEST(offered_load) {
    struct app_verdict v =
        judge("'time': '50ns', 'on_full': 'wait'", "'packet_rate': '6M/s'", "");
    ck_assert_double_eq_tol(v.load, 0.6, 0.001);
    is(&v, "offered-load", "dpu.first", "queue");
}
END_TEST

/* 15 M/s of 100 ns: 150 %. */
START_TEST(full_server) {
    struct app_verdict v =
        judge("'time': '50ns', 'on_full': 'wait'", "'packet_rate': '15M/s'", "");
    ck_assert_double_eq_tol(v.load, 1.5, 0.001);
    is(&v, "resource", "dpu.first", "queue");
}
END_TEST

/* The second takes 200 ns: it stops the first, where the packets are lost. */
START_TEST(full_server_behind) {
    struct app_verdict v =
        judge("'time': '200ns', 'on_full': 'wait', 'queue': 4", "'packet_rate': '9M/s'", "");
    is(&v, "resource", "dpu.second", "queue");
}
END_TEST

/* Exactly full, nothing lost: more could not pass, and no more is offered. */
START_TEST(just_full) {
    struct app_verdict v =
        judge("'time': '50ns', 'on_full': 'wait'", "'packet_rate': '10M/s'", "");
    ck_assert_double_eq_tol(v.load, 1.0, 0.001);
    is(&v, "offered-load", "dpu.first", "queue");
}
END_TEST

/* 40 % on average, in bursts of 400 at fifteen times the rate: lost for want of places, or of a
 * faster server. */
START_TEST(short_queue) {
    struct app_verdict v = judge(
        "'time': '50ns', 'on_full': 'wait'",
        "'packet_rate': '4M/s', 'arrivals': 'onoff', 'burst': 400, 'peak': '100Gb/s'", "");
    ck_assert_uint_eq(v.shares, 2);
    ck_assert_str_eq(v.shared[1].b.resource, "queue");
    is(&v, "resources", "dpu.first", "queue-full");
}
END_TEST

/* One request at a time through 150 ns, 67 % of them at the first: a second one would bring
 * half as much again, for the first can do 10 M/s, and so would a first twice as fast: 100 ns.
 */
START_TEST(depth) {
    struct app_verdict v =
        judge("'time': '50ns', 'on_full': 'wait'", "'outstanding': 1", ", {'end': 'reply'}");
    ck_assert_double_eq_tol(v.load, 1, 0.01);
    ck_assert_uint_eq(v.shares, 2);
    ck_assert_double_eq_tol(v.shared[1].load, 2.0 / 3, 0.01);
    is(&v, "resources", "streams.s", "outstanding");
}
END_TEST

/* Enough requests: the slower station is full. */
START_TEST(deep_enough) {
    struct app_verdict v =
        judge("'time': '50ns', 'on_full': 'wait'", "'outstanding': 8", ", {'end': 'reply'}");
    is(&v, "resource", "dpu.first", "queue");
}
END_TEST

/* A hundred thousand requests for one server: it is the wall, not the pool that lets half of it
 * in. */
START_TEST(more_requests_than_messages) {
    struct app_verdict v = judge("'time': '50ns', 'on_full': 'wait'", "'outstanding': 100000",
                                 ", {'end': 'reply'}");
    is(&v, "resource", "dpu.first", "queue");
}
END_TEST

/* 98 % by Poisson arrivals: many wait, and yet the offered load is what limits. */
START_TEST(a_long_queue_is_no_wall) {
    struct app_verdict v = judge("'time': '50ns', 'on_full': 'wait'",
                                 "'packet_rate': '9.8M/s', 'arrivals': 'poisson'", "");
    is(&v, "offered-load", "dpu.first", "queue");
}
END_TEST

/* 9 M/s that stay 100 us each: 900 messages at a time, of which the pool lets 32 in. */
START_TEST(too_few_messages) {
    set_messages = "64";
    struct app_verdict v = judge("'time': '50ns', 'on_full': 'wait', 'latency': '100us'",
                                 "'packet_rate': '9M/s'", "");
    set_messages = "65536";
    ck_assert_ptr_nonnull(strstr(v.why, "the pool of 64 limits the run, not the card"));
    is(&v, "resource", "streams.s", "messages");
}
END_TEST

/* 8 M/s with 4 places that are kept for the 900 ns of the way: 4.2 M/s pass, no server is
 * full, and the first stands blocked. */
START_TEST(places_on_a_long_way) {
    set_first = ", 'latency': '900ns'";
    struct app_verdict v =
        judge("'time': '50ns', 'on_full': 'wait', 'queue': 4", "'packet_rate': '8M/s'", "");
    set_first = "";
    ck_assert_ptr_nonnull(strstr(v.why, "the 4 places of dpu.second.queue are waited for"));
    is(&v, "resource", "dpu.second", "queue slots from first.queue");
}
END_TEST

/* Ways to several stations, all of whose places are taken. */
START_TEST(places_of_several) {
    set_first = ", 'latency': '900ns'";
    struct app_verdict v = judge("'time': '50ns', 'on_full': 'wait', 'queue': 2, 'count': 2",
                                 "'packet_rate': '8M/s'", "");
    set_first = "";
    ck_assert_ptr_nonnull(strstr(v.why, "all 2 places of dpu.second"));
    ck_assert_int_eq(strncmp(v.comp->path, "dpu.second", 10), 0); /* either */
    done();
}
END_TEST

/* 15 M/s of 100 ns, but for the first 50 us of 400: 131 % of the window, of which the server
 * was busy the rest. 9 M/s are no wall. */
START_TEST(window_that_begins_idle) {
    struct app_verdict v = judge("'time': '50ns', 'on_full': 'wait'",
                                 "'packet_rate': '15M/s', 'start': '70us'", "");
    ck_assert_double_eq_tol(v.load, 1.5 * 350 / 400, 0.01); /* busy 350 of 400 us */
    ck_assert_ptr_nonnull(strstr(v.why, "would need"));
    is(&v, "resource", "dpu.first", "queue");
    v = judge("'time': '50ns', 'on_full': 'wait'", "'packet_rate': '9M/s', 'start': '70us'",
              "");
    is(&v, "offered-load", "dpu.first", "queue");
}
END_TEST

/* A card of two stations; m splits at the first, of so much time, into `into` children for the
 * second. */
static struct app_verdict split(const char *first, const char *second, int into,
                                const char *packet_rate) {
    char text[1200];
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
             " 'first': { 'model': 'server', 'distribution': 'constant', %s },"
             " 'slow': { 'model': 'server', 'distribution': 'constant', %s } },"
             " 'routes': { 'r': { 'from': 'first', 'to': 'slow' } } },"
             " 'chains': { 'm': [ {'at': 'first', 'op': 'serve', 'split': {'into': %d, 'chain':"
             " 'c'}} ], 'c': [ {'at': 'slow'} ] }, 'streams': { 's': { 'source': 'synthetic',"
             " 'packet_rate': '%s', 'sizes': '1000', 'chain': 'm' } },"
             " 'run': { 'warmup': '100us', 'duration': '2ms' } }",
             first, second, into, packet_rate);
    return verdict_on_text(text);
}

/* 8 M/s, two children each for a station of 100 ns: 160 %. Three of four parents fail, and what
 * comes through is far below what it could carry; short as its queue is, it is the wall. */
START_TEST(children_fail_at_the_wall) {
    struct app_verdict v =
        split("'time': '1ns'", "'time': '100ns', 'queue': 2, 'on_full': 'drop'", 2, "8M/s");
    ck_assert_double_eq_tol(v.load, 1.6, 1e-3);
    is(&v, "resource", "dpu.slow", "queue");
}
END_TEST

/* The first station loses 0.5 % of the packets; the second, half idle, has room for 16 of each
 * one's 32 children, so that all fail: that is what to mend. */
START_TEST(children_fail_for_want_of_room) {
    struct app_verdict v =
        split("'time': '100ns', 'queue': 2, 'on_full': 'drop'",
              "'time': '1ns', 'queue': 16, 'on_full': 'drop'", 32, "10050k/s");
    is(&v, "resources", "dpu.slow", "queue-full");
}
END_TEST

TEST_MAIN("app verdict", offered_load, full_server, full_server_behind, just_full, short_queue,
          depth, deep_enough, more_requests_than_messages, a_long_queue_is_no_wall,
          too_few_messages, places_on_a_long_way, places_of_several, window_that_begins_idle,
          children_fail_at_the_wall, children_fail_for_want_of_room)
