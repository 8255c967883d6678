/* prop_app_requests.c - random drives under random loads, by themselves, several of them, or on
 * another card: what is valid keeps its books and gives one digest and one summary in every
 * form of the engine.
 */
#include "tests/prop/app_forms.h"

enum { DRIVES = 60, EXCHANGES = 40 };

static const char *one_of(const char *const *words) {
    uint32_t n = 0;
    while (words[n] != NULL)
        n++;
    return words[below(n)];
}

#define ONE_OF(...) one_of((const char *const[]){__VA_ARGS__, NULL})

static void drive(void) {
    uint32_t queues = below(2) ? 1 : 1 + below(6);
    say("'model': 'ssd', 'gen': %u, 'lanes': %s, 'mps_bytes': '%s', 'mrrs_bytes': '%s', ",
        1 + below(6), ONE_OF("1", "2", "4", "8"), ONE_OF("128", "256", "512"),
        ONE_OF("256", "512", "4096"));
    say("'queues': %u, 'queue_depth': %u, 'arbitration': '%s', 'burst': %u, ", queues,
        1 + below(64), queues > 1 ? ONE_OF("round-robin", "weighted") : "round-robin",
        1 + below(4));
    say("'command_time': '%uns', 'command_latency': '%uns', 'command_jitter': '%uns', ",
        below(2000), below(5000), below(2) * below(3000));
    say("'channels': %u, 'dies': %u, 'channel_rate': '%uMB/s', 'read_time': '%uns', ",
        1 + below(6), 1 + below(6), 100 + below(2000), 1000 + below(60000));
    say("'program_time': '%uus', 'erase_time': '%uus', 'programs': %u, 'suspends': %u, "
        "'suspend_time': '%uus', ",
        10 + below(900), below(3000), below(2) * below(32), below(2) * below(9), below(30));
    say("'read_bytes': '%s', 'program_bytes': '%s', 'buffer_bytes': '%uKiB', ",
        ONE_OF("4KiB", "16KiB", "32KiB"), ONE_OF("4KiB", "32KiB", "96KiB"),
        192 + 96 * below(20));
    say("'write_latency': '%uns', 'protected': %s, 'cache_bytes': '%s', ", below(5000),
        ONE_OF("true", "false"), ONE_OF("0", "0", "1MiB"));
    say("'state': '%s', 'spare': %s, 'capacity': '%s', 'namespaces': %u",
        ONE_OF("empty", "sequential", "random"), ONE_OF("0", "0.07", "0.28"),
        ONE_OF("16MiB", "64MiB"), 1 + below(3));
}

static void chains(const char *end) {
    static const char *const steps[][2] = {
        {"read", "{ 'at': 'ssd', 'op': 'read' }"},
        {"write", "{ 'at': 'ssd', 'op': 'pull' }, { 'at': 'ssd', 'op': 'pulled' }, "
                  "{ 'at': 'ssd', 'op': 'write' }"},
        {"flush", "{ 'at': 'ssd', 'op': 'flush' }"},
        {"trim", "{ 'at': 'ssd', 'op': 'trim' }"}};
    for (int i = 0; i < 4; i++)
        say("%s'%s': [ { 'at': 'ssd', 'op': 'command', 'fetch': '%uns' }, %s, "
            "{ 'at': 'ssd', 'op': 'send' }, %s ]",
            i ? ", " : "", steps[i][0], below(2000), steps[i][1], end);
}

/* A job, of all that there is to ask for. */
static void job(const char *chain) {
    say("'source': 'fio', 'rw': '%s', 'bs': '%s', 'iodepth': %u, 'numjobs': %u, "
        "'device_bytes': '%s', 'class': %u, ",
        ONE_OF("randread", "randwrite", "randrw", "read", "write", "rw", "randtrim",
               "trimwrite"),
        ONE_OF("4k", "16k", "512", "128k", "4k,32k"), 1 + below(16), 1 + below(4),
        ONE_OF("8MiB", "16MiB", "32MiB"), below(4));
    if (below(3) == 0)
        say("'options': '%s', ",
            ONE_OF("fsync=3", "norandommap", "thinktime=20", "ramp_time=0"));
    if (below(3) == 0)
        say("'rate_iops': %u, ", 1000 + below(200000));
    if (below(3) == 0)
        say("'max_request': '%s', ", ONE_OF("4KiB", "10KiB", "64KiB"));
    say("'chain': %s", chain);
}

static const char kinds[] =
    "{ 'read': 'read', 'write': 'write', 'flush': 'flush', 'trim': 'trim' }";

static void make_drives(uint32_t seed) {
    uint32_t streams = 1 + below(3), drives = 1 + below(4);
    used = 0;
    say("{ 'dpusim': 1, 'name': 'drives', 'dpu': { 'blocks': { 'ssd': { ");
    drive();
    if (drives > 1)
        say(", 'count': %u, 'spread': 'address', 'stripe': '%s'", drives,
            ONE_OF("0", "64KiB", "128KiB"));
    say(" } } }, 'chains': { ");
    chains("{ 'end': 'reply' }");
    say(" }, 'streams': { ");
    for (uint32_t i = 0; i < streams; i++) {
        say("%s's%u': { ", i ? ", " : "", i);
        job(kinds);
        say(" }");
    }
    say(" }, 'run': { 'warmup': '%uus', 'duration': '%uus', 'drain': '%uus', 'seed': %u } }",
        below(500), 300 + below(1000), below(2) * below(500), seed);
}

START_TEST(forms_agree_of_drives) { forms_agree_on(DRIVES, make_drives); }
END_TEST

/* The card with the drives is behind a cable; what is asked of it is lost at times. */
static void make_exchange(uint32_t seed) {
    uint32_t rate = 10 + below(90);
    used = 0;
    say("{ 'dpusim': 1, 'name': 'exchange', 'nodes': { 'near': { 'blocks': { 'cpu': { "
        "'model': 'server', 'time': '%uns' }, 'port': { 'model': 'ethernet', 'rate': "
        "'%uGb/s' } }, 'routes': { 'q': { 'from': 'cpu', 'to': 'port' } }, 'ingress': { "
        "'port': [ { 'chain': 'back' } ] } }, 'far': { 'blocks': { 'ssd': { ",
        10 + below(400), rate);
    drive();
    say(" }, 'work': { 'model': 'server', 'time': '%uns', 'queue': %u, 'on_full': 'drop' }, "
        "'port': { 'model': 'ethernet', 'rate': '%uGb/s' } }, 'routes': { "
        "'q': { 'from': 'port', 'to': 'work' }, 'r': { 'from': 'work', 'to': 'ssd' }, 't': { "
        "'from': 'ssd', 'to': 'port' } }, 'ingress': { 'port': [ { 'from': 'ask-write', "
        "'chain': 'serve-write' }, { 'chain': 'serve-read' } ] } } }, 'links': { 'l': { "
        "'ends': "
        "[ 'near.port', 'far.port' ], 'delay': '%uns' } }, 'chains': { ",
        100 + below(3000), 1 + below(16), rate, 10 + below(2000));
    for (int i = 0; i < 2; i++) {
        const char *name = i ? "write" : "read";
        say("'%s': [ { 'at': 'cpu', 'split': { 'into': 1, 'chain': 'ask-%s', 'timeout': "
            "'%uus', 'retries': %u }, 'error': 'drop' }, { 'end': 'reply' } ], 'ask-%s': [ { "
            "'at': 'port', 'op': 'tx' } ], 'serve-%s': [ { 'at': 'port', 'op': 'link-rx' }, { "
            "'at': 'work' }, { 'at': 'ssd', 'op': 'command' }, { 'at': 'ssd', 'op': '%s' }, { "
            "'at': 'ssd', 'op': 'send' }, { 'at': 'port', 'op': 'tx' } ], ",
            name, name, 20 + below(300), below(4), name, name, name);
    }
    say("'back': [ { 'at': 'port', 'op': 'link-rx' } ] }, 'streams': { 's': { 'node': "
        "'near', ");
    job("{ 'read': 'read', 'write': 'write', 'flush': 'write', 'trim': 'write' }");
    say(" } }, 'run': { 'warmup': '%uus', 'duration': '%uus', 'drain': '%uus', 'seed': %u, "
        "'sample_one_in': 1 } }",
        below(300), 300 + below(1000), below(2) * below(500), seed);
}

START_TEST(forms_agree_of_exchanges) { forms_agree_on(EXCHANGES, make_exchange); }
END_TEST

TEST_MAIN("app requests", forms_agree_of_drives, forms_agree_of_exchanges)
