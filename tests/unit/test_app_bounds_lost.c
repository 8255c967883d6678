/* test_app_bounds_lost.c - what would have been asked of a resource by what was lost before it:
 * larger packets, parents of children that were lost, and what nobody came to.
 */
#include "app_bounds.h"

/* Packet memory is of bytes and loses the large frames first, so PCIe sees smaller ones; what
 * it would need is ten times what it needs for a tenth of the traffic, which loses nothing. */
START_TEST(what_was_lost_was_larger) {
    card("'pcie': { 'lanes': 4 }",
         "'s': { 'source': 'synthetic', 'sizes': 'imix', 'arrivals': 'poisson', 'rate': "
         "'20Gb/s', 'flows': 4096, 'chain': 'receive' }");
    double want = 10 * row("dpu.pcie", "to-host")->load, wire = 10 * potential;
    done();
    card("'pcie': { 'lanes': 4 }",
         "'s': { 'source': 'synthetic', 'sizes': 'imix', 'arrivals': 'poisson', 'rate': "
         "'200Gb/s', 'flows': 4096, 'chain': 'receive' }");
    const struct app_bound *b = row("dpu.pcie", "to-host");
    ck_assert_double_gt(want, 2);
    ck_assert_double_eq_tol(b->load, want, 0.02 * want);
    ck_assert_double_eq_tol(potential, wire, 0.02 * wire);
    ck_assert_double_gt((double)s.world->stream[0]->offered.bytes /
                            (double)s.world->stream[0]->offered.items,
                        1.2 * (double)s.world->stream[0]->delivered.bytes /
                            (double)s.world->stream[0]->delivered.items);
    done();
}
END_TEST

/* Headers put on behind the loss are as many bytes of a large frame as of a small one. */
START_TEST(headers_do_not_grow_with_what_was_lost) {
    static const char *const rates[] = {"5Gb/s", "200Gb/s"};
    static const char *const at[][2] = {{"dpu.port0", "wire"},
                                        {"dpu.port0", "tx"},
                                        {"dpu.inline", "lanes"},
                                        {"dpu.nic", "hairpin"}};
    double want[4], whole = 0, extra = 0;
    for (int i = 0; i < 2; i++) {
        char text[1600];
        snprintf(text, sizeof text,
                 "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3', 'blocks': {"
                 " 'slow': { 'model': 'server', 'distribution': 'constant', 'time': '50ns',"
                 " 'queue': 64, 'on_full': 'wait' } }, 'routes': {"
                 " 'nic-slow': { 'from': 'nic', 'to': 'slow' },"
                 " 'slow-inline': { 'from': 'slow', 'to': 'inline' } } },"
                 " 'chains': { 'seal': [ { 'at': 'port0', 'op': 'rx' }, { 'at': 'nic', 'op':"
                 " 'parse' }, { 'at': 'slow' }, { 'at': 'inline', 'op': 'esp-encap', 'mode':"
                 " 'transport' }, { 'at': 'nic', 'op': 'hairpin' }, { 'at': 'port0', 'op': 'tx'"
                 " } ] }, 'streams': { 's': { 'source': 'synthetic', 'sizes': 'imix',"
                 " 'arrivals': 'poisson', 'rate': '%s', 'flows': 4096, 'chain': 'seal' } },"
                 " 'run': { 'warmup': '8ms', 'duration': '8ms' } }",
                 rates[i]);
        bounds_of(text);
        const struct sim_stream *st = s.world->stream[0];
        double sent = (double)st->offered.bytes / (double)st->offered.items;
        double came = (double)st->delivered.bytes / (double)st->delivered.items;
        if (i == 0)
            extra = came - sent;
        else
            ck_assert_double_lt(came, 0.5 * sent);
        whole = app_whole_bytes(&s, st);
        ck_assert_double_eq_tol(whole, sent + extra, 0.02 * sent);
        for (int k = 0; k < 4; k++) {
            double bits = row(at[k][0], at[k][1])->bits_per_s;
            want[k] = i == 0 ? bits : want[k];
            ck_assert_msg(fabs(bits / want[k] - 1) < 0.02, "%s.%s: %g, not %g", at[k][0],
                          at[k][1], bits, want[k]);
        }
        done();
    }
}
END_TEST

/* What a called block finds decides behind the call, and leads nowhere else: half of what comes
 * goes on, nothing is lost, and every load is what is busy. */
START_TEST(verdicts_of_a_call_lead_on_once) {
    bounds_of(
        "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': { 'name': 'bench', 'blocks': {"
        " 'a': { 'model': 'cores', 'cores': 2, 'clock': '1GHz' },"
        " 'e': { 'model': 'engine', 'clock': '1GHz', 'dedup-hash': 64 },"
        " 'b': { 'model': 'server', 'distribution': 'constant', 'time': '100ns' } },"
        " 'routes': { 'r': { 'from': ['a', 'e'], 'to': ['a', 'e', 'b'] } } } },"
        " 'chains': { 'c': [ { 'at': 'a', 'op': 'work', 'cycles': 100, 'call': { 'at': 'e',"
        " 'op': 'dedup-hash', 'unique': 0.5 }, 'wait': 'park', 'complete': { 'op': 'work',"
        " 'cycles': 50 }, 'duplicate': 'drop' }, { 'at': 'b' } ] }, 'streams': { 's': {"
        " 'source': 'synthetic', 'sizes': '1000', 'packet_rate': '4M/s', 'flows': 64, 'chain':"
        " 'c' } }, 'run': { 'warmup': '100us', 'duration': '1ms' } }");
    ck_assert_double_eq_tol(row("dpu.b", "queue")->load, 0.2, 0.004);
    for (uint32_t i = 0; i < rows; i++)
        if (!bound[i].window)
            ck_assert_double_eq_tol(bound[i].load, bound[i].utilization, 0.02);
    done();
}
END_TEST

/* A block that calls itself serves a packet three times, and is asked for 350 ns once: what it
 * lost would have taken all of them. */
START_TEST(a_block_that_calls_itself) {
    bounds_of(
        "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': { 'name': 'bench', 'blocks': {"
        " 'a': { 'model': 'cores', 'cores': 4, 'clock': '1GHz', 'queue': 64 } }, 'routes': {}"
        " } }, 'chains': { 'c': [ { 'at': 'a', 'op': 'work', 'cycles': 100, 'call': { 'at':"
        " 'a', 'op': 'work', 'cycles': 200 }, 'wait': 'park', 'complete': { 'op': 'work',"
        " 'cycles': 50 } } ] }, 'streams': { 's': { 'source': 'synthetic', 'sizes': '1000',"
        " 'packet_rate': '20M/s', 'flows': 64, 'flow_order': 'round-robin', 'chain': 'c' } },"
        " 'run': { 'warmup': '100us', 'duration': '1ms' } }");
    ck_assert_uint_eq(rows, 1);
    ck_assert_double_eq_tol(bound[0].load, 20e6 * 350e-9 / 4, 0.01);
    ck_assert_double_eq_tol(bound[0].bits_per_s, 4 / 350e-9 * 8000, 4e8);
    ck_assert_double_eq_tol(delivered_bits(), 4 / 350e-9 * 8000, 4e8);
    done();
}
END_TEST

/* What a larger frame takes is told by the journeys: without them a load is "at least". */
START_TEST(what_was_lost_is_at_least_as_long) {
    static const char *const sampled[] = {"64", "0"};
    double load_of[2];
    for (int i = 0; i < 2; i++) {
        char text[1200];
        snprintf(text, sizeof text,
                 "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3', 'blocks': {"
                 " 'pcie': { 'lanes': 4 } } }, 'streams': { 's': { 'source': 'synthetic',"
                 " 'sizes': 'imix', 'rate': '200Gb/s', 'flows': 4096, 'chain': 'receive' } },"
                 " 'run': { 'warmup': '1ms', 'duration': '2ms', 'sample_one_in': %s } }",
                 sampled[i]);
        bounds_of(text);
        ck_assert(row("dpu.pcie", "to-host")->least == (i == 1));
        ck_assert(!row("dpu.port0", "wire")->least);
        load_of[i] = row("dpu.pcie", "to-host")->load;
        done();
    }
    ck_assert_double_gt(load_of[0], 1.2 * load_of[1]);
}
END_TEST

/* Two children at a time for a station that takes 1 us and has room for none more: one is
 * lost, and its parent with it. Were nothing lost all would come through; of what the station
 * can carry that is half. A parent that goes on without its child passes it by. */
static void bereft(const char *error) {
    char text[1600];
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': { 'name': 'bench', 'blocks': {"
             " 'first': { 'model': 'server', 'distribution': 'constant', 'time': '10ns' },"
             " 'last': { 'model': 'server', 'distribution': 'constant', 'time': '10ns' },"
             " 'slow': { 'model': 'server', 'distribution': 'constant', 'time': '1us',"
             " 'queue': 1, 'on_full': 'drop' } }, 'routes': {"
             " 'r': { 'from': 'first', 'to': ['slow', 'last'] } } } },"
             " 'chains': { 'c': [ {'at': 'first', 'split': {'into': 2, 'chain': 'k'} %s},"
             " {'at': 'last'} ], 'k': [ {'at': 'slow'} ] },"
             " 'streams': { 's': { 'source': 'synthetic', 'sizes': '64',"
             " 'packet_rate': '1M/s', 'chain': 'c' } },"
             " 'run': { 'warmup': '200us', 'duration': '4ms' } }",
             error);
    bounds_of(text);
}

START_TEST(parents_fail_by_lost_children) {
    bereft("");
    const struct app_bound *b = row("dpu.slow", "queue");
    ck_assert_double_eq(delivered_bits(), 0);
    ck_assert_double_eq_tol(potential, 1e6 * 512, 1e3 * 512);
    ck_assert_double_eq_tol(b->load, 2, 0.01);
    ck_assert_double_eq(b->bypass_bits_per_s, 0);
    ck_assert_double_eq_tol(b->bits_per_s, 0.5e6 * 512, 5e3 * 512);
    done();
    bereft(", 'error': 'next'");
    b = row("dpu.slow", "queue");
    ck_assert_double_eq_tol(b->load, 2, 0.01);
    ck_assert_double_eq_tol(b->bits_per_s, 1e6 * 512, 1e3 * 512);
    ck_assert_double_eq_tol(delivered_bits(), 1e6 * 512, 1e4 * 512);
    done();
}
END_TEST

/* A card of servers: blocks, chains and packets a second of 1,000 B. */
static void servers(const char *blocks, const char *chains, const char *packet_rate) {
    char text[1600];
    snprintf(
        text, sizeof text,
        "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { %s }, 'routes': { 'r': { 'from': ["
        "'f', 'a', 'b'], 'to': ['f', 'a', 'b'] } } }, 'chains': { %s }, 'streams': { 's': {"
        " 'source': 'synthetic', 'packet_rate': '%s', 'sizes': '1000', 'chain': 'm' } },"
        " 'run': { 'warmup': '100us', 'duration': '2ms' } }",
        blocks, chains, packet_rate);
    bounds_of(text);
}

#define SERVER(name, time, rest)                                                               \
    "'" name "': { 'model': 'server', 'distribution': 'constant', 'time': '" time "', " rest   \
    " }"

/* A station in the children's chain makes the one before it wait, which then loses children.
 * Parents go on without them, so that what limits them is their own station: half of 20 M/s. */
START_TEST(children_are_lost_before_the_full_one) {
    servers(SERVER("f", "100ns", "'queue': 4, 'on_full': 'wait'") "," SERVER(
                "a", "100ns",
                "'queue': 4, 'on_full': 'drop'") "," SERVER("b", "1us",
                                                            "'queue': 4, 'on_full': 'wait'"),
            "'m': [ {'at': 'f'}, {'at': 'f', 'split': {'into': 2, 'chain': 'c'}, 'error':"
            " 'delivered'} ], 'c': [ {'at': 'a'}, {'at': 'b'} ]",
            "20M/s");
    ck_assert_double_eq_tol(row("dpu.b", "queue")->load, 40, 0.1);
    ck_assert_double_eq_tol(row("dpu.b", "queue")->bits_per_s, 20e6 * 8000, 1e-3 * 20e6 * 8000);
    ck_assert_ptr_eq(row("dpu.f", "queue"), &bound[0]);
    ck_assert_double_eq_tol(bound[0].bits_per_s, 10e6 * 8000, 1e-3 * 10e6 * 8000);
    done();
}
END_TEST

/* All parents fail, so that nobody comes to the last step: at 4 M/s it would need as much as
 * the first one at the same station, which is 4 M/s x 2 x 150 ns. */
START_TEST(what_is_behind_a_join_counts) {
    servers(
        SERVER("f", "1ns", "'on_full': 'wait'") "," SERVER(
            "b", "100ns",
            "'queue': 3, 'on_full': 'drop'") "," SERVER("a", "150ns",
                                                        "'queue': 9, 'on_full': 'wait'"),
        "'m': [ {'at': 'a'}, {'at': 'f', 'split': {'into': 4, 'chain': 'c'}}, {'at': 'a'} ],"
        " 'c': [ {'at': 'b'} ]",
        "4M/s");
    ck_assert_double_eq(8 * delivered_bits(), 0);
    ck_assert_double_eq_tol(row("dpu.a", "queue")->load, 1.2, 1e-3);
    ck_assert(!row("dpu.a", "queue")->least);
    done();
    servers(SERVER("f", "1ns", "'on_full': 'wait'") "," SERVER(
                "b", "100ns",
                "'queue': 3, 'on_full': 'drop'") "," SERVER("a", "150ns",
                                                            "'queue': 9, 'on_full': 'wait'"),
            "'m': [ {'at': 'f', 'split': {'into': 4, 'chain': 'c'}}, {'at': 'a'} ],"
            " 'c': [ {'at': 'b'} ]",
            "4M/s");
    ck_assert(row("dpu.a", "queue")->least); /* nobody was ever served there */
    done();
}
END_TEST

/* Packet memory of the children's port loses the large ones, and their parents fail: behind the
 * join come the small ones. What a tenth of it takes, and more, with nothing lost. */
START_TEST(parents_of_large_children) {
    static const char *const rates[] = {"13Gb/s", "130Gb/s"};
    double want = 0;
    for (int i = 0; i < 2; i++) {
        char text[1600];
        snprintf(text, sizeof text,
                 "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3', 'blocks': {"
                 " 'p': { 'model': 'ethernet', 'rate': '400Gb/s', 'rx_fifo': '4kB' },"
                 " 'slow': { 'model': 'server', 'time': '80ns', 'on_full': 'wait', 'queue': 1 }"
                 " }, 'routes': { 'a': { 'from': 'nic', 'to': 'p' },"
                 " 'b': { 'from': 'p', 'to': 'slow' } } }, 'chains': {"
                 " 'm': [ {'at': 'port0', 'op': 'rx'}, {'at': 'nic', 'op': 'parse', 'split':"
                 " {'into': 1, 'chain': 'k'}}, {'at': 'nic', 'op': 'dma'}, {'at': 'pcie', 'op':"
                 " 'receive'}, {'at': 'host', 'op': 'rx'} ],"
                 " 'k': [ {'at': 'p', 'op': 'rx'}, {'at': 'slow'} ] }, 'streams': { 's': {"
                 " 'source': 'synthetic', 'sizes': '64:1,1500:1', 'arrivals': 'poisson',"
                 " 'rate': '%s', 'flows': 1000, 'chain': 'm' } },"
                 " 'run': { 'warmup': '200us', 'duration': '2ms' } }",
                 rates[i]);
        bounds_of(text);
        const struct sim_stream *st = s.world->stream[0];
        double load = row("dpu.pcie", "to-host")->load, mean = app_whole_bytes(&s, st);
        if (i == 0)
            want = 10 * load;
        else
            ck_assert_double_lt((double)st->delivered.bytes,
                                0.6 * mean * (double)st->delivered.items);
        ck_assert_double_eq_tol(mean, 785, 20);
        ck_assert_double_eq_tol(load, i == 0 ? load : want, 0.05 * want);
        done();
    }
}
END_TEST

TEST_MAIN("app bounds, of what was lost", what_was_lost_was_larger, parents_of_large_children,
          a_block_that_calls_itself, headers_do_not_grow_with_what_was_lost,
          verdicts_of_a_call_lead_on_once, what_was_lost_is_at_least_as_long,
          parents_fail_by_lost_children, children_are_lost_before_the_full_one,
          what_is_behind_a_join_counts)
