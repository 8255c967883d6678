/* test_app_walls.c - which of several stations is the wall, where arithmetic knows it: short
 * queues, places held for a long way, copies beside packets, children by rule and by loss.
 *
 * A world is a list of stations, chains and streams; each states what the report must name.
 */
#include "app_bounds.h"

static const char *delay = ""; /* of the routes */

/* Half of 1,000 flows are denied, by their source ports. */
static const char rules[] = "[ { 'src': 'any', 'dst': 'any', 'sport': '49152-49651',"
                            " 'dport': 'any', 'proto': 'any', 'action': 'deny' } ]";

/* The verdict on these blocks, chains, streams and run. */
static struct app_verdict judge(const char *blocks, const char *chains, const char *streams,
                                const char *times) {
    static char text[4096];
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { %s }, 'routes': { 'r': {"
             " 'from': ['a', 'b', 'c', 'd'], 'to': ['a', 'b', 'c', 'd'] %s } } },"
             " 'chains': { %s }, 'streams': { %s }, 'run': { %s } }",
             blocks, delay, chains, streams, times);
    make_folder();
    put("rules.json", rules);
    return verdict_on(put("t.json", text), NULL, 0);
}

/* Of nothing that is full it is said what; "" for no resource. @param load 0: any */
static void names(const struct app_verdict *v, const char *comp, const char *resource,
                  double load) {
    bool wall = strncmp(v->kind, "resource", 8) == 0;
    ck_assert_msg(wall == (comp[0] != 0), "%s: %s", v->kind, v->why);
    if (wall)
        ck_assert_msg(strcmp(v->comp->path, comp) == 0 && strcmp(v->resource, resource) == 0,
                      "%s %s: %s", v->comp->path, v->resource, v->why);
    if (load > 0)
        ck_assert_double_eq_tol(v->load, load, 0.02 * load);
    done();
}

#define SERVER(name, time, rest)                                                               \
    "'" name "': { 'model': 'server', 'distribution': 'constant', 'time': '" time "'" rest " " \
    "}"
#define IDLE(name) SERVER(name, "1ns", "")
#define PACKETS(rate, rest)                                                                    \
    "'source': 'synthetic', 'packet_rate': '" rate "', 'sizes': '1000'" rest
#define MILLISECOND "'warmup': '100us', 'duration': '1ms'"

/* 1 us of latency in front of 2 places: 2 / 1.01 us against 3 M/s. */
START_TEST(places_for_a_long_way) {
    struct app_verdict v =
        judge(SERVER("a", "300ns", ", 'latency': '1us'") "," SERVER(
                  "b", "10ns", ", 'on_full': 'wait', 'queue': 2") "," IDLE("c") "," IDLE("d"),
              "'m': [ {'at': 'a'}, {'at': 'b'} ]",
              "'s': { 'chain': 'm', " PACKETS("3M/s", "") " }", MILLISECOND);
    names(&v, "dpu.b", "queue slots from a.queue", 3 * 1.01 / 2);
}
END_TEST

/* 80 % of a server behind one place: it holds up now and then, and nothing is lost by it. */
START_TEST(a_place_that_is_held_at_times) {
    struct app_verdict v = judge(
        SERVER("a", "10ns", "") "," SERVER(
            "b", "100ns", ", 'on_full': 'wait', 'queue': 1") "," IDLE("c") "," IDLE("d"),
        "'m': [ {'at': 'a'}, {'at': 'b'} ]",
        "'s': { 'chain': 'm', " PACKETS("8M/s", ", 'arrivals': 'poisson'") " }", MILLISECOND);
    names(&v, "", "", 0);
}
END_TEST

/* 150 % of a long queue, then what it lets through is 200 % of one place and exponential: that
 * one is busy 80 % and loses half. */
START_TEST(short_queue) {
    struct app_verdict v = judge(
        SERVER("a", "100ns",
               ", 'on_full': 'drop', 'queue': 64") ","
                                                   "'b': { 'model': 'server', 'distribution': "
                                                   "'exponential', 'time': '200ns',"
                                                   " 'on_full': 'drop', 'queue': 1 }," IDLE(
                                                       "c") "," IDLE("d"),
        "'m': [ {'at': 'a'}, {'at': 'b'} ]", "'s': { 'chain': 'm', " PACKETS("15M/s", "") " }",
        MILLISECOND);
    names(&v, "dpu.b", "queue", 3);
}
END_TEST

/* Three of them in parallel: the one that most of the bytes come to, not the most loaded. */
START_TEST(parallel_walls) {
    struct app_verdict v = judge(
        SERVER("a", "400ns", ", 'on_full': 'drop', 'queue': 8") "," SERVER(
            "b", "390ns", ", 'on_full': 'drop', 'queue': 8") "," IDLE("c") "," IDLE("d"),
        "'m': [ {'at': 'a'} ], 'n': [ {'at': 'b'} ]",
        "'s': { 'source': 'synthetic', 'packet_rate': '10M/s', 'sizes': '64', 'chain': 'm' },"
        "'t': { 'source': 'synthetic', 'packet_rate': '10M/s', 'sizes': '9000', 'chain': 'n' }",
        MILLISECOND);
    names(&v, "dpu.b", "queue", 3.9);
}
END_TEST

/* Copies overfill a station: packets that are lost elsewhere matter more. */
START_TEST(copies_aside) {
    const char *const blocks =
        SERVER("a", "10ns",
               "") ","
                   "'b': { 'model': 'server', 'distribution': 'exponential', 'time': '100ns',"
                   " 'on_full': 'drop', 'queue': 3 }," SERVER(
                       "c", "600ns", ", 'on_full': 'drop', 'queue': 8") "," IDLE("d");
    struct app_verdict v = judge(
        blocks,
        "'m': [ {'at': 'a', 'op': 'serve', 'copy': 'k'}, {'at': 'b'} ],"
        "'k': [ {'at': 'c'} ]",
        "'s': { 'chain': 'm', " PACKETS("8M/s", ", 'arrivals': 'poisson'") " }", MILLISECOND);
    names(&v, "dpu.b", "queue-full", 0);
    v = judge(blocks,
              "'m': [ {'at': 'a', 'op': 'serve', 'copy': 'k'}, {'at': 'd'} ],"
              "'k': [ {'at': 'c'} ]",
              "'s': { 'chain': 'm', " PACKETS("8M/s", "") " }", MILLISECOND);
    ck_assert(v.aside);
    names(&v, "dpu.c", "queue", 4.8);
}
END_TEST

/* A rule denies half of the children; b behind the join loses a seventh of the packets. */
START_TEST(children_by_rule) {
    struct app_verdict v = judge(
        SERVER("a", "10ns", "") ", 'c': { 'model': 'acl', 'rules': 'rules.json' }," SERVER(
            "b", "100ns", ", 'on_full': 'drop', 'queue': 1") "," IDLE("d"),
        "'m': [ {'at': 'a'}, {'at': 'a', 'split': {'into': 1, 'chain': 'k', 'join': 'all'}},"
        " {'at': 'b'} ], 'k': [ {'at': 'c'} ]",
        "'s': { 'chain': 'm', " PACKETS("8M/s", ", 'arrivals': 'poisson', 'flows': 1000") " }",
        MILLISECOND);
    ck_assert_uint_eq(s.stream[0].stream->starved, 0);
    names(&v, "dpu.b", "queue-full", 0);
}
END_TEST

/* Children that may fail cost nothing; the one of the next split costs its parent. */
START_TEST(children_that_cost) {
    struct app_verdict v = judge(
        SERVER("a", "10ns", "") "," SERVER(
            "d", "100ns",
            ", 'on_full': 'drop', 'queue': 1") "," SERVER("c", "50ns",
                                                          ", 'on_full': 'drop', "
                                                          "'queue': 1") "," IDLE("b"),
        "'m': [ {'at': 'a'}, {'at': 'a', 'error': 'next',"
        " 'split': {'into': 3, 'chain': 'dd', 'join': 'all'}},"
        " {'at': 'a', 'split': {'into': 1, 'chain': 'cc', 'join': 'all'}} ],"
        "'dd': [ {'at': 'd'} ], 'cc': [ {'at': 'c'} ]",
        "'s': { 'chain': 'm', " PACKETS("2M/s", ", 'arrivals': 'poisson'") " }", MILLISECOND);
    const struct sim_stream *st = s.stream[0].stream;
    ck_assert_uint_eq(st->starved, st->dropped.items);
    ck_assert_uint_gt(st->starved, 100);
    names(&v, "dpu.c", "queue-full", 0);
}
END_TEST

/* A parent whose child's child is lost fails as well: all that is delivered meets d. */
START_TEST(children_of_children) {
    struct app_verdict v = judge(
        SERVER("a", "10ns", "") "," SERVER("c", "10ns", "") "," SERVER(
            "d", "150ns", ", 'on_full': 'drop', 'queue': 8") "," IDLE("b"),
        "'m': [ {'at': 'a'}, {'at': 'a', 'split': {'into': 1, 'chain': 'k', 'join': 'all'}} ],"
        "'k': [ {'at': 'c'}, {'at': 'c', 'split': {'into': 1, 'chain': 'l', 'join': 'all'}} ],"
        "'l': [ {'at': 'd'} ]",
        "'s': { 'chain': 'm', " PACKETS("10M/s", "") " }", MILLISECOND);
    ck_assert_double_eq_tol(bound[0].bits_per_s, 80e9 / 1.5, 1e6);
    ck_assert(!v.aside);
    names(&v, "dpu.d", "queue", 1.5);
}
END_TEST

/* Half of the children go another way: half of the parents pass the wall by. */
START_TEST(half_of_the_children) {
    struct app_verdict v = judge(
        SERVER("a", "10ns", "") ", 'c': { 'model': 'acl', 'rules': 'rules.json' }," SERVER(
            "d", "500ns", ", 'on_full': 'drop', 'queue': 8") "," IDLE("b"),
        "'m': [ {'at': 'a'}, {'at': 'a', 'split': {'into': 1, 'chain': 'k', 'join': 'all'}} ],"
        "'k': [ {'at': 'c', 'deny': 'slow'}, {'at': 'b'} ], 'slow': [ {'at': 'd'} ]",
        "'s': { 'chain': 'm', " PACKETS("8M/s", ", 'flows': 1000") " }", MILLISECOND);
    double bits = 8.0 * (double)s.stream[0].stream->delivered.bytes / 1e-3;
    ck_assert_double_eq_tol(bound[0].bits_per_s, bits, bits / 100);
    ck_assert_double_eq_tol(bound[0].bypass_bits_per_s, 32e9, 2e9);
    names(&v, "dpu.d", "queue", 2);
}
END_TEST

/* Two senders have places of their own: 70 % of each, not 140 % of one. */
START_TEST(places_of_two) {
    struct app_verdict v = judge(
        SERVER("a", "10ns", ", 'latency': '250ns'") "," SERVER(
            "b", "10ns", ", 'latency': '250ns'") "," SERVER("c", "100ns",
                                                            ", 'on_full': 'wait',"
                                                            " 'queue': 1") "," IDLE("d"),
        "'m': [ {'at': 'a'}, {'at': 'c'} ], 'n': [ {'at': 'b'}, {'at': 'c'} ]",
        "'s': { 'chain': 'm', " PACKETS("2M/s", "") " },"
                                                    "'t': { 'chain': 'n', " PACKETS(
                                                        "2M/s", ", 'start': '130ns'") " }",
        MILLISECOND);
    ck_assert_double_eq_tol(row("dpu.c", "queue slots from a.queue")->load, 0.7, 0.001);
    ck_assert_double_eq_tol(row("dpu.c", "queue slots from b.queue")->load, 0.7, 0.001);
    names(&v, "", "", 0);
}
END_TEST

/* A trickle from the start: the load that comes later finds the station idle all the same. */
START_TEST(growth_after_a_trickle) {
    struct app_verdict v = judge(
        SERVER("a", "100ns", "") "," IDLE("b") "," IDLE("c") "," IDLE("d"),
        "'m': [ {'at': 'a'} ]",
        "'s': { 'chain': 'm', " PACKETS("100k/s", "") " },"
                                                      "'t': { 'chain': 'm', " PACKETS(
                                                          "15M/s", ", 'start': '400us'") " }",
        MILLISECOND);
    names(&v, "dpu.a", "queue", 1.06);
}
END_TEST

/* What piles up stands in front of the one that makes it wait. */
START_TEST(growth_in_front) {
    struct app_verdict v =
        judge(SERVER("a", "1ns", ", 'latency': '30us'") "," IDLE("c") "," SERVER(
                  "b", "240ns", ", 'servers': 2, 'on_full': 'wait', 'queue': 2") "," IDLE("d"),
              "'m': [ {'at': 'a'}, {'at': 'c'}, {'at': 'b'} ]",
              "'s': { 'chain': 'm', " PACKETS("12M/s", "") " }",
              "'warmup': '0s', 'duration': '50us'");
    names(&v, "dpu.b", "queue", 1.44);
}
END_TEST

/* The first burst of a closed loop is not its pace; nor does one elsewhere make a queue one. */
START_TEST(closed_loops) {
    struct app_verdict v = judge(
        SERVER("a", "10ns", ", 'latency': '3us'") "," SERVER("b", "100ns",
                                                             "") "," IDLE("c") "," IDLE("d"),
        "'m': [ {'at': 'a'}, {'at': 'b'}, {'end': 'reply'} ]",
        "'s': { 'source': 'synthetic', 'outstanding': 64, 'think': '10us', 'chain': 'm' }",
        "'warmup': '0s', 'duration': '5us'");
    names(&v, "", "", 0);
    v = judge(
        SERVER("a", "100ns", "") "," SERVER("b", "100ns", "") "," IDLE("c") "," IDLE("d"),
        "'m': [ {'at': 'a'}, {'end': 'reply'} ], 'n': [ {'at': 'b'} ]",
        "'s': { 'source': 'synthetic', 'outstanding': 1, 'think': '100us', 'chain': 'm' },"
        "'t': { 'chain': 'n', " PACKETS("9700k/s", ", 'arrivals': 'poisson'") " }",
        "'warmup': '100us', 'duration': '5ms'");
    names(&v, "", "", 0);
    v = judge(SERVER("a", "100ns", "") "," IDLE("b") "," IDLE("c") "," IDLE("d"),
              "'m': [ {'at': 'a'}, {'end': 'reply'} ]",
              "'s': { 'source': 'synthetic', 'outstanding': 2, 'chain': 'm' }", MILLISECOND);
    names(&v, "dpu.a", "queue", 1);
}
END_TEST

/* 15,000 came before the window, which works them off: that is full, but had it been faster,
 * less would have been left to deliver. */
START_TEST(backlog_from_before) {
    struct app_verdict v =
        judge(SERVER("a", "100ns", "") "," IDLE("b") "," IDLE("c") "," IDLE("d"),
              "'m': [ {'at': 'a'} ]",
              "'s': { 'chain': 'm', " PACKETS("20M/s", ", 'limit': 15000") " }",
              "'warmup': '500us', 'duration': '1ms'");
    ck_assert(strstr(v.why, "dpu.a.queue is busy 100 %") != NULL);
    ck_assert(strstr(v.why, "more comes out than is offered") != NULL);
    names(&v, "", "", 0);
}
END_TEST

/* Bursts of 256 fill the 4 places of b, whose server works whenever a stands for them: b is
 * busy 87 %, and what does not fit in front of a is lost. No place is to blame. */
START_TEST(bursts_behind_places) {
    struct app_verdict v =
        judge(SERVER("a", "10ns", ", 'queue': 512, 'on_full': 'drop'") "," SERVER(
                  "b", "100ns", ", 'queue': 4, 'on_full': 'wait'") "," IDLE("c") "," IDLE("d"),
              "'m': [ {'at': 'a'}, {'at': 'b'} ]",
              "'s': { 'chain': 'm', " PACKETS(
                  "9800k/s", ", 'arrivals': 'onoff', 'burst': 256, 'peak': '400Gb/s'") " }",
              "'warmup': '100us', 'duration': '2ms'");
    ck_assert_msg(strstr(v.why, "bursts") != NULL, "%s", v.why);
    names(&v, "dpu.a", "queue-full", 0);
}
END_TEST

/* A place behind a copy without cost, 100 ns away and back: 12 M/s of 220 ns. */
START_TEST(places_behind_a_copy) {
    delay = ", 'delay': '100ns'";
    struct app_verdict v = judge(
        SERVER("a", "50ns", "") "," SERVER("b", "10ns", "") "," IDLE("c") "," SERVER(
            "d", "20ns", ", 'on_full': 'wait', 'queue': 1"),
        "'m': [ {'at': 'a'}, {'at': 'b', 'copy': 'k'}, {'at': 'd'} ], 'k': [ {'at': 'c'} ]",
        "'s': { 'chain': 'm', " PACKETS("12M/s", "") " }", MILLISECOND);
    delay = "";
    names(&v, "dpu.d", "queue slots from b.join", 12 * 0.22);
}
END_TEST

/* A short queue that drops in front of places held for a long way: it is never full for long.
 */
START_TEST(places_behind_a_short_queue) {
    struct app_verdict v = judge(
        SERVER("c", "10ns", ", 'latency': '990ns', 'on_full': 'drop', 'queue': 2") "," SERVER(
            "b", "10ns", ", 'on_full': 'wait', 'queue': 2") "," IDLE("a") "," IDLE("d"),
        "'m': [ {'at': 'c'}, {'at': 'b'} ]",
        "'s': { 'chain': 'm', " PACKETS("4M/s", ", 'arrivals': 'poisson'") " }", MILLISECOND);
    names(&v, "dpu.b", "queue slots from c.queue", 4 * 1.0 / 2);
}
END_TEST

/* A stream that is dropped later anyway meets a station of 200 %: what is delivered does not.
 */
START_TEST(lost_in_vain) {
    struct app_verdict v =
        judge(SERVER("a", "10ns", "") "," SERVER(
                  "b", "200ns", ", 'on_full': 'drop', 'queue': 8") "," IDLE("c") "," IDLE("d"),
              "'m': [ {'at': 'a'} ], 'n': [ {'at': 'b'}, {'at': 'a'}, {'end': 'drop'} ]",
              "'s': { 'chain': 'm', " PACKETS("5M/s", "") " }, 't': { 'chain': 'n', " PACKETS(
                  "10M/s", "") " }",
              MILLISECOND);
    ck_assert(v.aside);
    names(&v, "dpu.b", "queue", 2);
}
END_TEST

/* Two closed loops, each with a full station: the one with nearly all of the bytes. */
START_TEST(two_closed_loops) {
    struct app_verdict v =
        judge(SERVER("b", "100ns", ", 'on_full': 'drop', 'queue': 1") "," SERVER(
                  "a", "1us", ", 'on_full': 'drop', 'queue': 8") "," IDLE("c") "," IDLE("d"),
              "'m': [ {'at': 'b'}, {'end': 'reply'} ], 'n': [ {'at': 'a'}, {'end': 'reply'} ]",
              "'s': { 'source': 'synthetic', 'outstanding': 64, 'sizes': '4000', 'chain': 'm',"
              " 'timeout': '1us' },"
              "'t': { 'source': 'synthetic', 'outstanding': 8, 'sizes': '64', 'chain': 'n' }",
              MILLISECOND);
    names(&v, "dpu.b", "queue", 0);
}
END_TEST

/* A long pipeline holds the load back until the window has begun. */
START_TEST(growth_behind_a_pipeline) {
    struct app_verdict v =
        judge(SERVER("a", "1ns", ", 'latency': '500us'") "," SERVER("b", "150ns", "") "," IDLE(
                  "c") "," IDLE("d"),
              "'m': [ {'at': 'a'}, {'at': 'b'} ]",
              "'s': { 'chain': 'm', " PACKETS("10M/s", "") " }", MILLISECOND);
    names(&v, "dpu.b", "queue", 1.5);
}
END_TEST

/* A full server and its one place: the server, for a second place would not help. */
START_TEST(server_before_its_place) {
    struct app_verdict v = judge(
        SERVER("a", "20ns",
               ", 'on_full': 'drop', 'queue': 64") ","
                                                   "'b': { 'model': 'server', 'distribution': "
                                                   "'exponential', 'time': '100ns',"
                                                   " 'on_full': 'wait', 'queue': 1 }," IDLE(
                                                       "c") "," IDLE("d"),
        "'m': [ {'at': 'a'}, {'at': 'b'} ]",
        "'s': { 'chain': 'm', " PACKETS("11M/s", ", 'arrivals': 'poisson'") " }", MILLISECOND);
    names(&v, "dpu.b", "queue", 1.105);
}
END_TEST

/* Places that only copies wait for. */
START_TEST(places_of_copies) {
    struct app_verdict v = judge(
        SERVER("a", "10ns", "") "," SERVER("c", "10ns", ", 'latency': '1us'") "," SERVER(
            "d", "10ns", ", 'on_full': 'wait', 'queue': 2") "," IDLE("b"),
        "'m': [ {'at': 'a', 'op': 'serve', 'copy': 'k'} ], 'k': [ {'at': 'c'}, {'at': 'd'} ]",
        "'s': { 'chain': 'm', " PACKETS("5M/s", "") " }", MILLISECOND);
    ck_assert(v.aside);
    names(&v, "dpu.d", "queue slots from c.queue", 5 * 1.01 / 2);
}
END_TEST

TEST_MAIN("walls", places_for_a_long_way, a_place_that_is_held_at_times, short_queue,
          parallel_walls, copies_aside, children_by_rule, children_that_cost,
          children_of_children, half_of_the_children, places_of_two, growth_after_a_trickle,
          growth_in_front, closed_loops, backlog_from_before, bursts_behind_places,
          places_behind_a_copy, places_behind_a_short_queue, lost_in_vain, two_closed_loops,
          growth_behind_a_pipeline, server_before_its_place, places_of_copies)
