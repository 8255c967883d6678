/* test_engine_facts.c - what captured payloads compress to and which are equal, through whole
 * scenarios: held against the libraries, called here on the capture's own bytes.
 */
#include "models/content.h"
#include "tests/unit/app_run.h"
#include "workloads/reader.h"

#define CAPTURE DPUSIM_SOURCE_DIR "/configs/scenarios/quickstart.pcap.gz"

/* The capture once, through `steps` at block "e". */
#define CARD(CAN, STEPS)                                                                       \
    "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'e': { 'model': 'engine', " CAN          \
    " } } }, 'chains': { 'c': [ " STEPS " ] }, 'streams': { 's': { 'source': 'pcap', "         \
    "'file': '" CAPTURE "', 'chain': 'c', 'packet_rate': '1M/s'%s } }, "                       \
    "'run': { 'warmup': '0s', 'duration': '1s' } }"
#define LOOPED ", 'loop': {'flows': 'same', 'times': 1}"

static struct app_scenario s;

static const char *write_card(const char *card, const char *loop) {
    char text[2000];
    snprintf(text, sizeof text, card, loop);
    return put("t.json", text);
}

static struct sim_comp *run_card(const char *card, const char *loop) {
    make_folder();
    load(&s, write_card(card, loop), NULL, 0);
    run(&s);
    return comp_of(&s, "e");
}

static void done(void) {
    app_scenario_free(&s);
    drop_folder();
}

static uint32_t with_payload; /* records of the capture that `lost` has found to have one */

/* What a frame loses whose payload becomes that: it stays one of 64 bytes. */
static int64_t frame_loses(const struct packet *p, uint32_t payload, uint32_t becomes) {
    const struct packet_head *h = &p->head[0];
    int64_t bare = (int64_t)h->l3_offset + h->header_bytes + 4;
    ck_assert_uint_eq(p->heads, 1);
    return (bare + payload > 64 ? bare + payload : 64) -
           (bare + becomes > 64 ? bare + becomes : 64);
}

/* What the capture's frames lose by `size`, and how many of their payloads were met before. */
static int64_t lost(uint32_t (*size)(const uint8_t *, uint32_t, struct sim_arena *),
                    uint32_t *repeated) {
    static uint64_t met[20000];
    struct sim_err err = {0};
    struct sim_arena arena = {0};
    struct work_capture *c = work_capture_open(CAPTURE, &err);
    struct work_record r;
    int64_t sum = 0;
    uint32_t n = 0;
    *repeated = 0;
    while (work_capture_next(c, &r, &err) == WORK_RECORD) {
        struct packet p;
        packet_parse(r.link, r.bytes, r.captured, r.length, &p);
        ck_assert_uint_gt(p.heads, 0);
        const struct packet_head *h = &p.head[p.heads - 1];
        const uint8_t *at = r.bytes + h->l3_offset + h->header_bytes;
        if (h->payload == 0)
            continue;
        sum += frame_loses(&p, h->payload, size(at, h->payload, &arena));
        met[n] = content_digest(at, h->payload);
        uint32_t i = 0;
        while (met[i] != met[n])
            i++;
        *repeated += i < n++;
    }
    with_payload = n;
    work_capture_close(c);
    sim_arena_free(&arena);
    return sum;
}

/* From the table of a loop, and read as it goes. */
START_TEST(deflate_as_zlib_does) {
    static const char *const loops[] = {LOOPED, ""};
    uint32_t repeated;
    int64_t gone = lost(content_deflate, &repeated);
    ck_assert_int_gt(gone, 0);
    for (int i = 0; i < 2; i++) {
        struct sim_comp *e = run_card(
            CARD("'deflate-compress': 8", "{'at': 'e', 'op': 'deflate-compress'}"), loops[i]);
        ck_assert_int_eq(e->port[0]->bytes_changed, -gone);
        ck_assert_int_eq(stat_of(e, "stated"), 0);
        done();
    }
}
END_TEST

START_TEST(lz4_as_liblz4_does) {
    uint32_t repeated;
    if (content_lz4_missing != NULL) {
        printf("skipped: built without %s\n", content_lz4_missing);
        return;
    }
    int64_t gone = lost(content_lz4, &repeated);
    struct sim_comp *e =
        run_card(CARD("'lz4-compress': 8", "{'at': 'e', 'op': 'lz4-compress'}"), LOOPED);
    ck_assert_int_eq(e->port[0]->bytes_changed, -gone);
    done();
}
END_TEST

START_TEST(and_back_again) {
    struct sim_comp *e =
        run_card(CARD("'deflate-compress': 8, 'deflate-decompress': 8",
                      "{'at': 'e', 'op': 'deflate-compress'}, "
                      "{'at': 'e', 'op': 'deflate-decompress', 'not-sealed': 'drop'}"),
                 LOOPED);
    ck_assert_int_eq(e->port[0]->bytes_changed, 0);
    ck_assert_uint_eq(e->port[0]->dropped.items, 0);
    done();
}
END_TEST

START_TEST(equal_payloads_are_found) {
    uint32_t repeated;
    (void)lost(content_deflate, &repeated);
    ck_assert_uint_eq(with_payload, 2004 - 444); /* as docs/config.md says */
    ck_assert_uint_eq(repeated, 412);
    struct sim_comp *e =
        run_card(CARD("'dedup-hash': 8", "{'at': 'e', 'op': 'dedup-hash'}"), LOOPED);
    ck_assert_int_eq(stat_of(e, "duplicates"), repeated);
    done();
}
END_TEST

static bool warned_of_passes(void) {
    json_t *summary = summary_of(&s), *w;
    bool found = false;
    size_t i;
    json_array_foreach(json_object_get(summary, "warnings"), i, w) {
        found |= strstr(json_string_value(json_object_get(w, "text")),
                        "was begun 3 times, each time with the same payloads") != NULL;
    }
    json_decref(summary);
    return found;
}

#define THRICE ", 'loop': {'flows': 'same', 'times': 3}"

/* Of three passes all payloads of the second and third are known: of n in a pass, r of
 * them repeated, 2 n + r are duplicates. The run says so, unless the share is stated. */
START_TEST(a_loop_repeats_its_payloads) {
    static const struct {
        const char *args, *loop;
        bool warns;
    } cases[] = {{"", THRICE, true},
                 {"", LOOPED, false},
                 {", 'unique': 0.5, 'stated': 'all'", THRICE, false}};
    uint32_t repeated;
    (void)lost(content_deflate, &repeated);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char step[200], card[2000];
        make_folder();
        snprintf(step, sizeof step, "{'at': 'e', 'op': 'dedup-hash'%s}", cases[i].args);
        snprintf(card, sizeof card, CARD("'dedup-hash': 8", "%s"), step, cases[i].loop);
        load(&s, put("t.json", card), NULL, 0);
        run(&s);
        int64_t found = stat_of(comp_of(&s, "e"), "duplicates");
        if (cases[i].args[0] == 0)
            ck_assert_int_eq(found, cases[i].warns ? 2 * (int64_t)with_payload + repeated
                                                   : (int64_t)repeated);
        ck_assert_int_eq(warned_of_passes(), cases[i].warns);
        done();
    }
}
END_TEST

/* The same chain, its step at an engine or at cores; duplicates end there. */
static const char *write_dedup(const char *at, const char *rate) {
    char text[1600];
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
             " 'e': { 'model': 'engine', 'dedup-hash': 8, 'lanes': 4 },"
             " 'arm': { 'model': 'cores', 'cores': 16, 'queue': 0 } } }, 'chains': { 'c': ["
             " { 'at': '%s', 'op': 'dedup-hash', 'duplicate': 'drop' } ] }, 'streams': { 's': {"
             " 'source': 'pcap', 'file': '" CAPTURE
             "', 'chain': 'c', 'packet_rate': '%s'" LOOPED
             " } }, 'run': { 'warmup': '0s', 'duration': '1s' } }",
             at, rate);
    return put("t.json", text);
}

/* One word moves the step: cores find what the engine finds. */
START_TEST(cores_find_the_same_duplicates) {
    static const char *const at[] = {"e", "arm"};
    uint32_t repeated;
    (void)lost(content_deflate, &repeated);
    for (int k = 0; k < 2; k++) {
        make_folder();
        load(&s, write_dedup(at[k], "1M/s"), NULL, 0);
        run(&s);
        ck_assert_int_eq(stat_of(comp_of(&s, at[k]), "duplicates"), repeated);
        ck_assert_uint_eq(s.stream[0].stream->dropped.items, repeated);
        ck_assert_uint_eq(s.stream[0].stream->delivered.items,
                          s.stream[0].stream->offered.items - repeated);
        done();
    }
}
END_TEST

/* Sixteen cores at once share one table: neither the form of the ports nor the order of ties
 * decides who was first. */
START_TEST(what_cores_share_is_told_in_time) {
    static const struct app_run_opts opts[] = {
        {0}, {.all_by_event = true}, {.shuffle_ties = 1}, {.shuffle_ties = 7}};
    int64_t found[4];
    uint64_t digest[4];
    for (int k = 0; k < 4; k++) {
        struct sim_err err = {0};
        make_folder();
        ck_assert(app_scenario_load(&s, write_dedup("arm", "40M/s"), NULL, 0, &opts[k], &err));
        run(&s);
        found[k] = stat_of(comp_of(&s, "arm"), "duplicates");
        digest[k] = sim_world_digest(s.world);
        ck_assert_int_eq(found[k], found[0]);
        ck_assert_uint_eq(digest[k], digest[0]);
        done();
    }
    ck_assert_int_gt(found[0], 100);
}
END_TEST

/* A ratio for all, of a capture whose payloads are known. */
START_TEST(stated_for_all) {
    struct sim_comp *e =
        run_card(CARD("'deflate-compress': 8",
                      "{'at': 'e', 'op': 'deflate-compress', 'ratio': 1, 'stated': 'all'}"),
                 LOOPED);
    ck_assert_int_eq(e->port[0]->bytes_changed, 0);
    ck_assert_int_eq(stat_of(e, "stated"), (int64_t)e->port[0]->left.items);
    done();
}
END_TEST

/* Behind a decryption nobody knows the payload, and nothing is stated: the run ends. */
START_TEST(unknown_is_an_error) {
    make_folder();
    load(&s,
         write_card(CARD("'deflate-compress': 8, 'tls-decrypt': 8",
                         "{'at': 'e', 'op': 'tls-decrypt', 'not-sealed': 'next'}, "
                         "{'at': 'e', 'op': 'deflate-compress'}"),
                    LOOPED),
         NULL, 0);
    while (sim_world_run(s.world, s.world->end, 1 << 18))
        ;
    ck_assert(s.world->failed);
    ck_assert_str_eq(s.world->err.path, "/chains/c/1");
    ck_assert_ptr_nonnull(strstr(s.world->err.text, "is not known"));
    done();
}
END_TEST

/* Two packets of 100 bytes, of which the capture kept all of one and the headers of the other.
 */
START_TEST(cut_payload_takes_what_is_stated) {
    static const uint32_t header[] = {0xa1b2c3d4, 4 << 16 | 2, 0, 0, 65535, 101};
    static const uint32_t whole[] = {1, 0, 100, 100}, cut[] = {2, 0, 28, 100};
    uint8_t packet[100] = {0x45, 0,  0,         100,       0,        0,        0,        0,
                           64,   17, [12] = 10, [16] = 11, [20] = 1, [22] = 2, [25] = 80};
    char file[128], card[1200];
    make_folder();
    snprintf(file, sizeof file, "%s/cut.pcap", folder);
    FILE *out = fopen(file, "wb");
    ck_assert_ptr_nonnull(out);
    fwrite(header, sizeof header, 1, out);
    fwrite(whole, sizeof whole, 1, out);
    fwrite(packet, 100, 1, out);
    fwrite(cut, sizeof cut, 1, out);
    fwrite(packet, 28, 1, out);
    fclose(out);
    snprintf(card, sizeof card,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'e': { 'model': 'engine', "
             "'deflate-compress': 8 } } }, 'chains': { 'c': [ {'at': 'e', 'op': "
             "'deflate-compress', 'ratio': 0.5} ] }, 'streams': { 's': { 'source': 'pcap', "
             "'file': '%s', 'chain': 'c', 'packet_rate': '1M/s' } }, 'run': { 'warmup': '0s', "
             "'duration': '1ms' } }",
             file);
    load(&s, put("t.json", card), NULL, 0);
    run(&s);
    struct sim_arena arena = {0};
    uint32_t zeros = content_deflate(packet + 28, 72, &arena);
    ck_assert_uint_lt(zeros, 10);
    /* a frame of 118: with so few bytes it is filled up to 64; of the other one 36 are gone */
    ck_assert_int_eq(comp_of(&s, "e")->port[0]->bytes_changed, 64 - 118 - 36);
    ck_assert_int_eq(stat_of(comp_of(&s, "e"), "stated"), 1);
    sim_arena_free(&arena);
    done();
}
END_TEST

TEST_MAIN("engine facts", deflate_as_zlib_does, lz4_as_liblz4_does, and_back_again,
          equal_payloads_are_found, a_loop_repeats_its_payloads, cores_find_the_same_duplicates,
          what_cores_share_is_told_in_time, stated_for_all, unknown_is_an_error,
          cut_payload_takes_what_is_stated)
