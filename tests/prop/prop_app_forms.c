/* prop_app_forms.c - random scenarios of stations, chains, calls, splits, copies and streams:
 * what is valid keeps its books and gives one digest and one summary in every form of the
 * engine.
 */
#include "tests/prop/app_forms.h"

enum { SCENARIOS = 90 };

static void blocks(uint32_t n) {
    static const char *const full[] = {"wait", "wait", "drop", "refuse"};
    static const char *const law[] = {"constant'", "exponential'", "uniform'",
                                      "gamma', 'shape': 0.6"};
    for (uint32_t i = 0; i < n; i++)
        say("%s'b%u': { 'model': 'server', 'servers': %u, 'queue': %u, 'on_full': '%s', "
            "'time': '%uns', 'distribution': '%s, 'latency': '%uns' }",
            i ? ", " : "", i, 1 + below(3), below(4) ? 4 + below(12) : 0, full[below(4)],
            10 + below(300), law[below(4)], below(2) * below(500));
}

/* Into so many or by size; the server is kept meanwhile, or is free. */
static void split(uint32_t into) {
    say(", 'split': {");
    if (below(2))
        say("'into': %u, 'chain': 'c%u', 'join': 1}", 1 + below(4), into);
    else
        say("'each': '%uB', 'chain': 'c%u'}", 100 + below(700), into);
    if (below(2))
        say(", 'op': 'serve', 'wait': 'poll', 'complete': {'op': 'serve'}");
    say(", 'error': '%s'", below(2) ? "drop" : "delivered");
}

static void step(uint32_t n, uint32_t chain, uint32_t chains) {
    uint32_t at = below(n), other = below(n), kind = below(8);
    say("{'at': 'b%u'", at);
    if (kind == 0)
        say(", 'call': {'at': 'b%u'}, 'wait': '%s', 'complete': {'op': 'serve'}", other,
            below(2) ? "poll" : "park");
    else if (kind == 1 && chain + 1 < chains)
        split(chain + 1 + below(chains - chain - 1));
    else if (kind == 2 && chain + 1 < chains)
        say(", 'copy': 'c%u'", chain + 1 + below(chains - chain - 1));
    say("}");
}

static void chain(uint32_t n, uint32_t c, uint32_t chains) {
    static const char *const ends[] = {"delivered", "reply", "drop"};
    uint32_t steps = 1 + below(4);
    say("%s'c%u': [", c ? ", " : "", c);
    for (uint32_t i = 0; i < steps; i++) {
        say("%s", i ? ", " : "");
        step(n, c, chains);
    }
    uint32_t end = below(4);
    if (end < 3)
        say(", {'end': '%s'}", ends[end]);
    else if (c + 1 < chains)
        say(", {'goto': 'c%u'}", c + 1);
    say("]");
}

static void stream(uint32_t i, uint32_t chains) {
    say("%s's%u': { 'source': 'synthetic', 'sizes': '64:1,700:1', 'flows': 16, 'chain': "
        "'c%u', 'class': %u, ",
        i ? ", " : "", i, below(chains), below(2) * below(3));
    switch (below(4)) {
    case 0:
        say("'outstanding': %u, 'think': '%uns' }", 1 + below(8), 20 + below(500));
        break;
    case 1:
        say("'arrivals': 'poisson', 'packet_rate': '%uk/s' }", 200 + below(8000));
        break;
    case 2:
        say("'arrivals': 'onoff', 'burst': 8, 'peak': '40Gb/s', 'packet_rate': '%uk/s' }",
            200 + below(3000));
        break;
    default:
        say("'packet_rate': '%uk/s' }", 200 + below(8000));
    }
}

static void make(uint32_t seed) {
    uint32_t n = 2 + below(4), chains = 1 + below(3), streams = 1 + below(3);
    used = 0;
    say("{ 'dpusim': 1, 'name': 'random', 'dpu': { 'device': { 'name': 'r', 'blocks': { ");
    blocks(n);
    say(" }, 'routes': { 'all': { 'from': [");
    for (int side = 0; side < 2; side++) {
        for (uint32_t i = 0; i < n; i++)
            say("%s'b%u'", i ? ", " : "", i);
        say(side ? "]" : "], 'to': [");
    }
    say(", 'delay': '%uns' } } } }, 'chains': { ", 1 + below(40));
    for (uint32_t c = 0; c < chains; c++)
        chain(n, c, chains);
    say(" }, 'streams': { ");
    for (uint32_t i = 0; i < streams; i++)
        stream(i, chains);
    say(" }, 'run': { 'warmup': '5us', 'duration': '40us', 'drain': '%uus', 'seed': %u, "
        "'messages': 4096 } }",
        below(2) * below(10), seed);
}

START_TEST(forms_agree) { forms_agree_on(SCENARIOS, make); }
END_TEST

/* An engine that puts headers on at edges of a slow clock, one of which is the window's. */
static void make_clocked(uint32_t seed) {
    used = 0;
    say("{ 'dpusim': 1, 'name': 'clocked', 'dpu': { 'device': { 'name': 'r', 'blocks': {"
        " 'e': { 'model': 'engine', 'clock': '10MHz', 'lanes': %u, 'setup_cycles': 0,"
        " 'esp-encap': 640, 'ring': %u, 'on_full': '%s' },"
        " 'f': { 'model': 'engine', 'clock': '10MHz', 'setup_cycles': 0, 'esp-encap': 640,"
        " 'ring': 4, 'on_full': '%s' } },"
        " 'routes': { 'r': { 'from': 'e', 'to': 'f' } } } },",
        1 + below(2), 1 + below(8), below(2) ? "drop" : "refuse", below(2) ? "wait" : "refuse");
    say(" 'chains': { 'c': [ { 'at': 'e', 'op': 'esp-encap' },"
        " { 'at': 'f', 'op': 'esp-encap' } ] },"
        " 'streams': { 's': { 'source': 'synthetic', 'sizes': '64:1,594:1', 'flows': 4,"
        " 'arrivals': 'poisson', 'packet_rate': '%uk/s', 'chain': 'c' } },"
        " 'run': { 'warmup': '%u00ns', 'duration': '%u00ns', 'seed': %u } }",
        1000 * (4 + below(16)), 20 + below(80), 30 + below(90), seed);
}

START_TEST(forms_agree_at_edges) { forms_agree_on(60, make_clocked); }
END_TEST

TEST_MAIN("app forms", forms_agree, forms_agree_at_edges)
