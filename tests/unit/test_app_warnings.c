/* test_app_warnings.c - what a summary warns of in a capture, and when it does not. */
#include "app_run.h"

static void words(FILE *f, const uint32_t *w, size_t n) {
    ck_assert_uint_eq(fwrite(w, sizeof *w, n, f), n);
}

/* pcapng: vendors' blocks, packets 1 us apart, and packets as old as the first. */
static void capture(int vendors, int late) {
    static const uint32_t head[] = {
        0x0a0d0d0a, 28, 0x1a2b3c4d, 1, UINT32_MAX, UINT32_MAX, 28, /* section */
        1,          20, 1,          0, 20}; /* interface: Ethernet, microseconds */
    static const uint32_t vendor[] = {0xbad, 20, 32473, 7, 20};
    const char *path = put("c.pcapng", "");
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    words(f, head, sizeof head / sizeof *head);
    for (; vendors > 0; vendors--)
        words(f, vendor, sizeof vendor / sizeof *vendor);
    for (uint32_t i = 0; i < 2 + (uint32_t)late; i++) {
        uint32_t packet[] = {6, 36, 0, 0, i == 1 ? 21 : 20, 4, 60, 0, 36};
        words(f, packet, sizeof packet / sizeof *packet);
    }
    ck_assert_int_eq(fclose(f), 0);
}

/* All warnings of a run of it, one a line, but for that it ends early. */
static const char *warned(const char *pace) {
    static char all[2048];
    char text[512];
    struct app_scenario s;
    size_t i;
    json_t *w;
    snprintf(
        text, sizeof text,
        "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3' }, 'streams': { 's': "
        "{ 'source': 'pcap', 'file': 'c.pcapng'%s, 'chain': 'receive' } }, "
        "'run': { 'warmup': '0s', 'duration': '20us' } }",
        pace);
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
    json_t *summary = summary_of(&s);
    all[0] = 0;
    json_array_foreach(json_object_get(summary, "warnings"), i, w) {
        const char *line = json_string_value(json_object_get(w, "text"));
        if (strstr(line, "before the measured window ended") != NULL)
            continue; /* so few packets */
        strncat(all, line, 400);
        strcat(all, "\n");
    }
    json_decref(summary);
    app_scenario_free(&s);
    return all;
}

START_TEST(packets_older_than_one_before) {
    static const char one[] = "1 packet of its capture is older than one before it; it was "
                              "replayed at the time of that one\n";
    make_folder();
    capture(0, 0);
    ck_assert_str_eq(warned(""), "");
    capture(0, 1);
    ck_assert_str_eq(warned(""), one);
    ck_assert_str_eq(warned(", 'speed': 2"), one);
    ck_assert_str_eq(warned(", 'rate': '1Gb/s'"), ""); /* times play no part */
    ck_assert_str_eq(warned(", 'packet_rate': '1M/s'"), "");
    capture(0, 2);
    ck_assert_str_eq(warned(""),
                     "2 packets of its capture are older than one before them; they "
                     "were replayed at the time of that one\n");
    drop_folder();
}
END_TEST

START_TEST(records_that_hold_no_packet) {
    make_folder();
    capture(1, 0);
    ck_assert_str_eq(warned(""), "1 record of its capture holds no packet (a custom block of "
                                 "pcapng) and was not replayed\n");
    capture(2, 0);
    ck_assert_str_eq(warned(""), "2 records of its capture hold no packet (custom blocks of "
                                 "pcapng) and were not replayed\n");
    drop_folder();
}
END_TEST

/* A block in place of another makes the card's chains impossible; a run may do without them. */
START_TEST(chains_that_a_change_broke) {
    const struct app_set set = {"/dpu/blocks/nic", "{\"model\": \"server\"}"};
    struct app_scenario s;
    make_folder();
    load(&s,
         put("t.json", "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3' }, "
                       "'chains': { 'own': [ {'at': 'arm', 'op': 'forward'} ] }, 'streams': { "
                       "'s': { 'source': 'synthetic', 'rate': '1Gb/s', 'chain': 'own' } }, "
                       "'run': { 'duration': '20us' } }"),
         &set, 1);
    const json_t *first = json_array_get(s.config.warnings, 0);
    ck_assert_uint_eq(json_array_size(s.config.warnings), 3);
    ck_assert_str_eq(json_string_value(json_object_get(first, "pointer")),
                     "/dpu/chains/receive");
    ck_assert_ptr_nonnull(
        strstr(json_string_value(json_object_get(first, "text")), "no stream takes it"));
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

/* Warnings of a block's parameters, "POINTER: the first words", of bulk TCP through the host.
 */
static uint32_t remarks(const char *host, const char *lro, const char *pointer) {
    char text[2000];
    struct app_scenario s;
    uint32_t n = 0;
    size_t i;
    json_t *w;
    snprintf(
        text, sizeof text,
        "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3', 'blocks': {"
        " 'host': { 'queues': 1 %s }, 'lro': { 'doc': 'as it is' %s } } }, 'chains': { 'c': ["
        " { 'at': 'port0', 'op': 'rx' }, { 'at': 'nic', 'op': 'parse' }, %s"
        " { 'at': 'nic', 'op': 'dma' }, { 'at': 'pcie', 'op': 'receive' },"
        " { 'at': 'host', 'op': 'rx' } ] }, 'streams': { 's': { 'source': 'synthetic',"
        " 'protocol': 'tcp', 'packet_rate': '40M/s', 'sizes': '256', 'flows': 1, 'chain': 'c' "
        "} },"
        " 'run': { 'warmup': '0s', 'duration': '50us' } }",
        host, lro, lro[0] ? "{ 'at': 'lro', 'op': 'gather' }," : "");
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
    json_t *summary = summary_of(&s);
    json_array_foreach(json_object_get(summary, "warnings"), i, w) {
        n += strcmp(json_string_value(json_object_get(w, "pointer")), pointer) == 0;
    }
    json_decref(summary);
    app_scenario_free(&s);
    return n;
}

/* Two frames of 252 bytes, the second without its 54 of headers, are a train of 450. */
START_TEST(parameters_that_did_nothing) {
    static const char gro[] = "/dpu/blocks/host/gro_bytes", lro[] = "/dpu/blocks/lro/max_bytes",
                      functions[] = "/dpu/blocks/host/functions";
    make_folder();
    ck_assert_uint_eq(
        remarks(", 'batch': 8, 'batch_cycles': 800, 'gro_bytes': '449B'", "", gro), 1);
    ck_assert_uint_eq(
        remarks(", 'batch': 8, 'batch_cycles': 800, 'gro_bytes': '450B'", "", gro), 0);
    ck_assert_uint_eq(remarks("", "", gro), 0);
    ck_assert_uint_eq(remarks("", ", 'max_bytes': '449B'", lro), 1);
    ck_assert_uint_eq(remarks("", ", 'max_bytes': '450B'", lro), 0);
    ck_assert_uint_eq(remarks(", 'functions': 2", "", functions), 1);
    ck_assert_uint_eq(remarks(", 'functions': 2, 'by': 'network', 'ids': '1,2'", "", functions),
                      1);
    ck_assert_uint_eq(remarks("", "", functions), 0);
    drop_folder();
}
END_TEST

/* An interrupt crosses the link and wakes a core: one without the other is told of. */
START_TEST(interrupts_are_two_things) {
    static const char link[] = "/dpu/blocks/pcie/interrupt_batch",
                      host[] = "/dpu/blocks/host/receive";
    make_folder();
    for (int i = 0; i < 4; i++) {
        char words[128];
        snprintf(words, sizeof words, ", 'receive': '%s' }, 'pcie': { 'interrupt_batch': %d",
                 i & 1 ? "interrupt" : "poll", i & 2 ? 8 : 0);
        ck_assert_uint_eq(remarks(words, "", link), i == 1);
        ck_assert_uint_eq(remarks(words, "", host), i == 2);
    }
    drop_folder();
}
END_TEST

/* Do the warnings of a run on a card whose link has four lanes hold these words? */
static bool says(const char *stream, const char *chain, const char *duration,
                 const char *words) {
    char text[2000];
    struct app_scenario s;
    bool found = false;
    size_t i;
    json_t *w;
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3', 'blocks': {"
             " 'pcie': { 'lanes': 4 } } }, 'chains': { 'none': [ { 'at': 'port0', 'op': 'rx' },"
             " { 'end': 'drop' } ] }, 'streams': { 's': { %s, 'chain': '%s' } },"
             " 'run': { 'warmup': '300us', 'duration': '%s' } }",
             stream, chain, duration);
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
    json_t *summary = summary_of(&s);
    json_array_foreach(json_object_get(summary, "warnings"), i, w) found |=
        strstr(json_string_value(json_object_get(w, "text")), words) != NULL;
    json_decref(summary);
    app_scenario_free(&s);
    return found;
}

#define MIX "'source': 'synthetic', 'sizes': 'imix', 'flows': 64, 'rate': "

START_TEST(windows_that_say_little) {
    make_folder();
    ck_assert(says(MIX "'50Gb/s'", "receive", "200ns", "of its packets ended in the window"));
    ck_assert(!says(MIX "'50Gb/s'", "receive", "100us", "of its packets ended in the window"));
    ck_assert(!says(MIX "'50Gb/s', 'limit': 20", "receive", "100us", "ended in the window"));
    drop_folder();
}
END_TEST

START_TEST(sizes_that_are_others) {
    make_folder();
    ck_assert(says(MIX "'200Gb/s'", "receive", "300us", "a queue of bytes loses large ones"));
    ck_assert(!says(MIX "'50Gb/s'", "receive", "300us", "bytes on average"));
    drop_folder();
}
END_TEST

/* Of what a rule drops no sender would know. */
START_TEST(senders_that_would_slow_down) {
    static const char real[] = "'source': 'pcap', 'file': 'c.pcapng', 'rate': '400Gb/s', "
                               "'loop': { 'flows': 'same' }";
    make_folder();
    capture(0, 0);
    ck_assert(says(real, "receive", "300us", "would have slowed down"));
    ck_assert(!says(real, "none", "300us", "would have slowed down"));
    drop_folder();
}
END_TEST

/* Is it said that nothing comes to the default action? */
static bool never_asked(const char *last, const char *action) {
    char text[1000];
    struct app_scenario s;
    bool found = false;
    size_t i;
    json_t *w;
    put("rules.json", last);
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3', 'blocks': { 'acl': "
             "{ 'model': 'acl', 'rules': 'rules.json', 'default_action': '%s' } }, 'routes': "
             "{ 'r': { 'from': 'port0', 'to': 'acl' } } }, 'chains': "
             "{ 'in': [ { 'at': 'port0', 'op': 'rx' }, { 'at': 'acl', 'op': 'match' } ] }, "
             "'streams': { 's': { 'source': 'synthetic', 'rate': '1Gb/s', 'chain': 'in' } }, "
             "'run': { 'warmup': '0s', 'duration': '20us' } }",
             action);
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
    json_t *summary = summary_of(&s);
    json_array_foreach(json_object_get(summary, "warnings"), i, w) found |=
        strcmp(json_string_value(json_object_get(w, "pointer")),
               "/dpu/blocks/acl/default_action") == 0;
    json_decref(summary);
    app_scenario_free(&s);
    return found;
}

START_TEST(rules_that_match_everything) {
    static const char all[] = "[{'action': 'deny'}]",
                      web[] = "[{'dport': 80, 'action': 'deny'}]";
    make_folder();
    ck_assert(never_asked(all, "permit"));
    ck_assert(!never_asked(all, "deny"));
    ck_assert(!never_asked(web, "permit"));
    drop_folder();
}
END_TEST

/* Is there a warning of the stream that holds these words? */
static bool told(const char *words, const struct app_set *sets, size_t n) {
    struct app_scenario s;
    bool found = false;
    size_t i;
    json_t *w;
    load(&s, DPUSIM_SOURCE_DIR "/configs/scenarios/nvme-local.json", sets, n);
    run(&s);
    json_t *summary = summary_of(&s);
    json_array_foreach(json_object_get(summary, "warnings"), i, w) found |=
        strcmp(json_string_value(json_object_get(w, "pointer")), "/streams/io") == 0 &&
        strstr(json_string_value(json_object_get(w, "text")), words) != NULL;
    json_decref(summary);
    app_scenario_free(&s);
    return found;
}

/* 1000 reads are done in the warm-up, 2000 in the window; one of 4 GiB fills it. */
START_TEST(requests_that_end_early) {
    struct app_set early[] = {{"/streams/io/number_ios", "1000"}, {"/run/duration", "3ms"}};
    struct app_set within[] = {{"/streams/io/number_ios", "6000"}, {"/run/duration", "20ms"}};
    struct app_set on[] = {{"/streams/io/number_ios", "600000"}, {"/run/duration", "2ms"}};
    struct app_set huge[] = {{"/streams/io/bs", "4294966784"}, {"/run/duration", "2ms"}};
    ck_assert(told("was due in the measured window", early, 2));
    ck_assert(!told("came", early, 2));
    ck_assert(told("the last of its requests came 1", within, 2));
    ck_assert(!told("came", on, 2));
    ck_assert(told("those that had come before were still under way", huge, 2));
    ck_assert(!told("was due", huge, 2));
}
END_TEST

TEST_MAIN("app warnings", requests_that_end_early, rules_that_match_everything,
          interrupts_are_two_things, windows_that_say_little, sizes_that_are_others,
          senders_that_would_slow_down, packets_older_than_one_before,
          records_that_hold_no_packet, parameters_that_did_nothing, chains_that_a_change_broke)
