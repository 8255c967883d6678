/* test_engine_card.c - engines on a card: lookaside by a call and inline by a visit, with the
 * memory that the routes cross and the completion on the core; what cannot be done says who
 * can.
 */
#include "tests/unit/app_run.h"

/* Everything at 1 GHz; 64 GB/s of memory that reads in 60 ns and writes in 10 ns. */
#define CARD                                                                                   \
    "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"                                         \
    " 'arm': { 'model': 'cores', 'cores': 1, 'clock': '1GHz', 'queue': 8 },"                   \
    " 'dram': { 'model': 'dram', 'bandwidth': '64GB/s', 'efficiency': 1, 'clock': '1GHz',"     \
    " 'read_latency': '60ns', 'write_latency': '10ns' },"                                      \
    " 'crypto': { 'model': 'engine', 'aes-gcm-encrypt': 8, 'setup_cycles': 5,"                 \
    " 'pipeline_cycles': 40, 'descriptor_latency': '300ns' } }, 'routes': {"                   \
    " 'to': { 'from': 'arm', 'to': 'crypto', 'via': [ { 'at': 'dram', 'op': 'read' } ] },"     \
    " 'fro': { 'from': 'crypto', 'to': 'arm', 'via': [ { 'at': 'dram', 'op': 'write' } ] } }"  \
    " }, 'chains': { 'c': [ %s ] }, 'streams': { 's': { 'source': 'synthetic', 'chain': 'c',"  \
    " 'packet_rate': '%s', 'sizes': '1518', 'flows': 1 } },"                                   \
    " 'run': { 'warmup': '10us', 'duration': '1ms' } }"

static struct app_scenario s;

static const char *write_card(const char *steps, const char *rate) {
    char text[2400];
    snprintf(text, sizeof text, CARD, steps, rate);
    return put("t.json", text);
}

static struct sim_stream *run_card(const char *steps, const char *rate) {
    make_folder();
    load(&s, write_card(steps, rate), NULL, 0);
    run(&s);
    return s.stream[0].stream;
}

static void done(void) {
    app_scenario_free(&s);
    drop_folder();
}

#define CALL(wait)                                                                             \
    "{ 'at': 'arm', 'op': 'work', 'cycles': 1000, 'call': { 'at': 'crypto', 'op': "            \
    "'aes-gcm-encrypt' }, 'wait': '" wait                                                      \
    "', 'complete': { 'op': 'complete', 'cycles': 50 } }"

static const sim_ps ns = 1000;

/* Core at 1 ns, 1,000 cycles; 24 lines read, 24 + 60 ns; at the next edge the payload of 1,472
 * bytes, 5 + 184 + 40 cycles and 300 ns; 24 lines written, 24 + 10 ns; 50 cycles. */
enum { IDLE = 1 + 1000 + 84 + 2 + 229 + 300 + 34 + 2 + 50 };

START_TEST(lookaside) {
    static const char *const calls[] = {CALL("park"), CALL("poll")};
    for (int i = 0; i < 2; i++) {
        struct sim_stream *st = run_card(calls[i], "100k/s");
        same_latency(st, IDLE * ns);
        ck_assert_int_eq(stat_of(comp_of(&s, "dram"), "bytes_read"), 100 * 24 * 64);
        ck_assert_int_eq(stat_of(comp_of(&s, "dram"), "bytes_written"), 100 * 24 * 64);
        ck_assert_uint_eq(st->delivered.bytes, 100 * (1518 + 16));
        /* of a core: 1,050 cycles each; that polls, all but the way to its first edge */
        uint64_t busy = (uint64_t)comp_of(&s, "arm")->port[0]->busy_ps;
        ck_assert_uint_eq(busy / 100 / 1000, i ? IDLE - 1 : 1050);
        done();
    }
}
END_TEST

/* The core is the wall: 1,050 cycles a message when it goes on meanwhile; the engine, when the
 * core has nothing to do. */
START_TEST(saturated) {
    struct sim_stream *st = run_card(CALL("park"), "2M/s");
    ck_assert_uint_ge(st->delivered.items, 1000 * 1000 / 1050 - 2);
    ck_assert_uint_le(st->delivered.items, 1000 * 1000 / 1050 + 2);
    done();
    st = run_card("{ 'at': 'crypto', 'op': 'aes-gcm-encrypt' }", "8M/s");
    ck_assert_uint_ge(st->delivered.items, 1000 * 1000 / 189 - 1);
    ck_assert_uint_le(st->delivered.items, 1000 * 1000 / 189 + 1);
    done();
}
END_TEST

START_TEST(inline_) {
    struct sim_stream *st = run_card("{ 'at': 'crypto', 'op': 'aes-gcm-encrypt' }", "100k/s");
    same_latency(st, (1 + 229 + 300) * ns);
    done();
}
END_TEST

/* An association in front of the engine: four are on the chip, of the others the state is read,
 * one at a time. */
#define GATE                                                                                   \
    "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"                                         \
    " 'sa': { 'model': 'context', 'qp_entries': 4, 'ways': 4, 'rate': '100M/s',"               \
    "   'latency': '50ns', 'fetches': 1, 'fetch_latency': '700ns' },"                          \
    " 'ipsec': { 'model': 'engine', 'esp-encap': 8, 'pipeline_cycles': 40 } },"                \
    " 'routes': { 'r': { 'from': 'sa', 'to': 'ipsec' } } },"                                   \
    " 'chains': { 'c': [ { 'at': 'sa' }, { 'at': 'ipsec', 'op': 'esp-encap',"                  \
    "   'mode': 'transport' } ] },"                                                            \
    " 'streams': { 's': { 'source': 'synthetic', 'chain': 'c', 'packet_rate': '%s',"           \
    "   'sizes': '1518', 'flows': %d, 'flow_order': 'round-robin' } },"                        \
    " 'run': { 'warmup': '100us', 'duration': '7ms' } }"

static struct sim_stream *run_gate(const char *rate, int associations) {
    char text[2400];
    make_folder();
    snprintf(text, sizeof text, GATE, rate, associations);
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
    return s.stream[0].stream;
}

START_TEST(associations_are_looked_up) {
    const sim_ps sealed = 1 + (1480 + 7) / 8 + 40; /* ns: the edge, the bytes, the pipeline */
    struct sim_stream *st = run_gate("100k/s", 4);
    same_latency(st, (50 + sealed) * ns);
    ck_assert_uint_eq(st->delivered.bytes, 700 * (1518 + 16 + 2 + 2 + 16));
    done();
    same_latency(run_gate("100k/s", 5), (50 + 700 + sealed) * ns);
    done();
    uint64_t items = run_gate("10M/s", 5)->delivered.items; /* a read is the wall */
    ck_assert_uint_ge(items, 7000000 / 700 - 1);
    ck_assert_uint_le(items, 7000000 / 700 + 1);
    done();
}
END_TEST

/* Sealed here, opened by a copy, and on another card. */
#define NODES                                                                                  \
    "{ 'dpusim': 1, 'name': 't', 'nodes': {"                                                   \
    " 'left': { 'blocks': { 'port': { 'model': 'ethernet' }, 'ipsec': { 'model': 'engine',"    \
    " 'esp-encap': 64, 'esp-decap': 64 } }, 'routes': { 'q': { 'from':"                        \
    " 'port', 'to': 'ipsec' }, 'r': { 'from': 'ipsec', 'to': 'port'"                           \
    " } }, 'ingress': { 'port': [ { 'chain': 'in' } ] } },"                                    \
    " 'right': { 'blocks': { 'port': { 'model': 'ethernet' }, 'ipsec': { 'model': 'engine',"   \
    " 'esp-decap': 64 } }, 'routes': { 'r': { 'from': 'port', 'to': 'ipsec' } },"              \
    " 'ingress': { 'port': [ { 'chain': 'in' } ] } } },"                                       \
    " 'links': { 'l': { 'ends': [ 'left.port', 'right.port' ], 'delay': '%s' } },"             \
    " 'chains': { 'out': [ { 'at': 'ipsec', 'op': 'esp-encap', 'copy': 'here' },"              \
    " { 'at': 'port', 'op': 'tx' } ], 'here': [ { 'at': 'ipsec', 'op': 'esp-decap' } ],"       \
    " 'in': [ { 'at': 'port', 'op': 'link-rx' }, { 'at': 'ipsec', 'op': 'esp-decap' } ] },"    \
    " 'streams': { 's': { 'source': 'synthetic', 'node': 'left', 'chain': 'out',"              \
    " 'packet_rate': '1M/s', 'sizes': '1518' } },"                                             \
    " 'run': { 'warmup': '0s', 'duration': '1ms', 'drain': '100us' } }"

START_TEST(layers_go_with_copies_and_over_links) {
    static const char *const delays[] = {"10ns", "1us"}; /* one event queue; windows */
    for (int i = 0; i < 2; i++) {
        char text[2400];
        make_folder();
        snprintf(text, sizeof text, NODES, delays[i]);
        load(&s, put("t.json", text), NULL, 0);
        run(&s);
        const struct sim_stream *st = s.stream[0].stream;
        ck_assert_uint_ge(st->delivered.items, 998); /* the last are under way at the end */
        ck_assert_uint_eq(st->delivered.bytes, 1518 * st->delivered.items);
        ck_assert_uint_eq(st->dropped.items, 0);
        ck_assert_uint_eq(st->created.items, 1000);
        done();
    }
}
END_TEST

/* ---------------------------------------------------------------- what cannot be done */

#define DEVICE(BLOCKS) "{ 'dpusim': 1, 'name': 'x', 'doc': '', 'blocks': {" BLOCKS "} }"

START_TEST(says_who_can) {
    char dir[128], path[256];
    make_folder();
    snprintf(dir, sizeof dir, "%s/devices", folder);
    ck_assert_int_eq(mkdir(dir, 0700), 0);
    put("devices/old.json",
        DEVICE("'e': { 'model': 'engine', 'deflate-compress': 4, 'deflate-decompress': 4 }"));
    put("devices/older.json",
        DEVICE("'packer': { 'model': 'engine', 'deflate-compress': 1, 'clock': '10kb' },"
               "'zip': { 'model': 'engine', 'role': 'other', 'energy': { 'idle': '1W' },"
               " 'deflate-compress': 1 }"));
    put("devices/new.json", DEVICE("'e': { 'model': 'engine', 'deflate-decompress': 8 },"
                                   "'zip': { 'model': 'server' }, 'look': { 'model': 'regex',"
                                   " 'rules': 'r.json', 'bytes_per_cycle': 5 }"));
    setenv("DPUSIM_CONFIGS", folder, 1);
    snprintf(path, sizeof path, "%s/t.json", folder);
    char line[600];
    snprintf(
        line, sizeof line,
        "%s: /chains/c/0/op: block \"crypto\" cannot \"deflate-compress\"; old, older have "
        "it; it has aes-gcm-encrypt",
        path);
    refuse(write_card("{ 'at': 'crypto', 'op': 'deflate-compress' }", "1k/s"), NULL, 0, line);
    snprintf(line, sizeof line,
             "%s: /chains/c/0/op: block \"crypto\" cannot \"raid6\"; no device has it; it has "
             "aes-gcm-encrypt",
             path);
    refuse(write_card("{ 'at': 'crypto', 'op': 'raid6' }", "1k/s"), NULL, 0, line);
    /* of another model, that one device has or none */
    snprintf(
        line, sizeof line,
        "%s: /chains/c/0/op: block \"crypto\" (model engine) has no op \"scan\"; models cores "
        "(no device), host (no device), regex (new) have it; it has aes-gcm-encrypt",
        path);
    refuse(write_card("{ 'at': 'crypto', 'op': 'scan' }", "1k/s"), NULL, 0, line);
    snprintf(line, sizeof line,
             "%s: /chains/c/0/at: dpu has no block \"zip\"; new, older have it", path);
    refuse(write_card("{ 'at': 'zip', 'op': 'deflate-compress' }", "1k/s"), NULL, 0, line);
    drop_folder();
}
END_TEST

TEST_MAIN("engines on a card", lookaside, saturated, inline_, associations_are_looked_up,
          layers_go_with_copies_and_over_links, says_who_can)
