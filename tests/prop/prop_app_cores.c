/* prop_app_cores.c - random processors: threads, bursts, interrupts, noise, working sets and
 * patterns, in front of one another and of a ring that refuses, with calls. One result in every
 * form.
 */
#include "tests/prop/app_forms.h"

enum { SCENARIOS = 60 };

static void processor(void) {
    say("'cores': %u, 'clock': '%uMHz'", 1 + below(4), 500 + below(3000));
    if (below(2))
        say(", 'threads': %u", 1 + below(8));
    if (below(2))
        say(", 'tlb1': %u, 'tlb2': %u, 'page_bytes': '%uKiB'", below(40), below(600),
            4 << below(6));
    if (below(2))
        say(", 'batch': %u, 'batch_cycles': %u", 1 + below(16), 1 + below(400));
    if (below(2))
        say(", 'receive': 'interrupt', 'moderation': '%uns', 'wakeup_latency': '%uns', "
            "'interrupt_cycles': %u, 'moderation_packets': %u",
            below(3) * below(6000), below(2) * below(2000), below(2) * below(1500),
            1 + below(40));
    if (below(2))
        say(", 'noise_period': '%uns', 'noise_time': '%uns'", 2000 + below(9000),
            1 + below(1900));
}

static void step(const char *at, const char *more) {
    static const char *const op[] = {"forward", "drop", "aes-gcm-encrypt", "sha256",
                                     "scan', 'misses': 0.7, 'hit': 'drop"};
    static const char *const pattern[] = {"random", "circle", "stream"};
    say("{'at': '%s', 'op': '%s'%s", at, op[below(5)], more);
    if (below(2))
        say(", 'memory_accesses': %u, 'working_set': '%uKiB', 'working_set_of': '%s', "
            "'pattern': '%s', 'access': '%s'",
            1 + below(12), 1 + below(40000), below(2) ? "core" : "block", pattern[below(3)],
            below(2) ? "read" : "write");
    say("}");
}

/* A core of one thread that misses waits for it at the memory. */
static void fill(void) {
    static const char *const pattern[] = {"random", "circle", "stream"};
    say(", {'at': 'f', 'op': 'work', 'cycles': %u, 'memory_accesses': %u, 'working_set': "
        "'%uMiB', 'pattern': '%s', 'access': '%s', 'call': {'at': 'd', 'op': 'fill'}, 'wait': "
        "'poll', 'complete': {'op': 'work', 'cycles': %u}}",
        below(300), 1 + below(80), 1 + below(100), pattern[below(3)],
        below(2) ? "read" : "write", below(2) * below(100));
}

static void make(uint32_t seed) {
    static const char *const wait[] = {"poll", "park"};
    char call[128];
    used = 0;
    say("{ 'dpusim': 1, 'name': 'random', 'dpu': { 'device': { 'name': 'r', 'blocks': { 'a': { "
        "'model': 'cores', 'queue': %u, 'on_full': '%s', ",
        4 + below(60), below(2) ? "wait" : "drop");
    processor();
    say(" }, 'b': { 'model': 'cores', 'table': 'x86', 'queue': %u, 'on_full': 'wait', ",
        4 + below(60));
    processor();
    say(" }, 's': { 'model': 'server', 'time': '%uns' }, 'h': { 'model': 'host', 'queues': 2, "
        "'clock': '2GHz', 'ring': %u",
        20 + below(200), 2 + below(30));
    if (below(2))
        say(", 'receive': 'interrupt', 'moderation': '2us', 'batch': 4, 'batch_cycles': 90");
    say(" }, 'f': { 'model': 'cores', 'cores': %u, 'memory_parallelism': %u.5, 'queue': %u, "
        "'on_full': 'wait' }, 'd': { 'model': 'dram', 'bandwidth': '%uGB/s'",
        1 + below(8), 1 + below(5), 1 + below(20), 1 + below(60));
    say(" } }, 'routes': { 'all': { 'from': ['a', 'b', 's', 'f', 'd'], 'to': ['a', 'b', 's', "
        "'f', 'd', 'h'], "
        "'delay': '%uns' } } } }, 'chains': { 'c': [",
        1 + below(40));
    snprintf(call, sizeof call, ", 'call': {'at': 's'}, 'wait': '%s'", wait[below(2)]);
    step("a", "");
    say(", ");
    step(below(2) ? "b" : "a", below(3) ? "" : call);
    if (below(2))
        fill();
    if (below(2))
        say(", {'at': 'h', 'op': 'rx'}, {'at': 'h', 'op': 'copy'}");
    say("] }, 'streams': { 's0': { 'source': 'synthetic', 'sizes': '64:1,700:1', 'flows': 16, "
        "'chain': 'c', 'arrivals': '%s', 'packet_rate': '%uk/s' } }, ",
        below(2) ? "poisson" : "constant", 100 + below(6000));
    say("'run': { 'warmup': '5us', 'duration': '60us', 'drain': '%uus', 'seed': %u, "
        "'messages': 4096 } }",
        below(2) * below(10), seed);
}

START_TEST(forms_agree) { forms_agree_on(SCENARIOS, make); }
END_TEST

TEST_MAIN("app cores", forms_agree)
