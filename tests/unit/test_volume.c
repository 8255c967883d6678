/* test_volume.c - requests whose data is compressed, or looked up for duplicates, on its way to
 * a drive: what the drive gets against closed forms, by a stated ratio and by a sample of the
 * data; duplicates against a count of a trace's repeated digests.
 */
#include "app_run.h"
#include "models/content.h"

enum { KIB = 1024 };

static struct app_scenario s;

static const char world[] =
    "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
    "   'e': { 'model': 'engine', 'deflate-compress': 10, 'deflate-decompress': 10,"
    "     'lz4-compress': 10, 'lz4-decompress': 10, 'dedup-hash': 10%s },"
    "   'arm': { 'model': 'cores', 'cores': 4 },"
    "   'ssd': { 'model': 'ssd', 'profile': 'micron-9550' } },"
    "   'routes': { 'r': { 'from': ['arm', 'e', 'ssd'], 'to': ['arm', 'e', 'ssd'] } } },"
    " 'chains': {"
    "   'write': [ %s"
    "     { 'at': 'ssd', 'op': 'command' }, { 'at': 'ssd', 'op': 'pull' },"
    "     { 'at': 'ssd', 'op': 'pulled' }, { 'at': 'ssd', 'op': 'write' },"
    "     { 'at': 'ssd', 'op': 'send' }, { 'name': 'done', 'at': 'arm', 'op': 'nvme-complete' "
    "},"
    "     { 'end': 'reply' } ],"
    "   'read': [ %s, { 'end': 'reply' } ] },"
    " 'streams': { %s },"
    " 'run': { 'warmup': '0s', 'duration': '200ms', 'drain': '20ms', 'seed': 1 } }";

#define LOAD                                                                                   \
    "{ 'at': 'ssd', 'op': 'command' }, { 'at': 'ssd', 'op': 'read' },"                         \
    "{ 'at': 'ssd', 'op': 'send' }, { 'at': 'arm', 'op': 'nvme-complete' }"
#define IO(KEYS)                                                                               \
    "'io': { 'source': 'fio', " KEYS ", 'chain': { 'read': 'read', 'write': 'write' } }"

struct form {
    const char *engine, *write, *read, *streams;
};

static void works(const struct form *f) {
    static char text[8192];
    snprintf(text, sizeof text, world, f->engine ? f->engine : "", f->write,
             f->read ? f->read : LOAD, f->streams);
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
}

static int64_t of(const char *block, const char *name) {
    return stat_of(comp_of(&s, block), name);
}

/* A file of so many blocks of 4 KiB that do not compress, and as many that are all alike. */
static const char *sample(size_t mixed, size_t plain) {
    static char path[128];
    uint32_t x = 1;
    snprintf(path, sizeof path, "%s/sample.bin", folder);
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    for (size_t i = 0; i < (mixed + plain) * 4 * KIB; i++) {
        x = x * 1664525 + 1013904223;
        fputc(i < mixed * 4 * KIB ? (int)(x >> 24) : 'x', f);
    }
    ck_assert_int_eq(fclose(f), 0);
    return path;
}

static uint32_t deflated(void) { /* a block that is all alike */
    static uint8_t block[4 * KIB];
    struct sim_arena scratch = {0};
    memset(block, 'x', sizeof block);
    uint32_t size = content_deflate(block, sizeof block, &scratch);
    sim_arena_free(&scratch);
    return size;
}

/* 64 KiB by 0.3 are 19,661 bytes: 20 KiB in units of 4. */
START_TEST(a_stated_ratio_is_rounded_up_to_whole_units) {
    static const struct form form = {
        .write = "{ 'at': 'e', 'op': 'deflate-compress', 'ratio': 0.3 },"
                 "{ 'at': 'arm', 'op': 'volume-write' },",
        .read = "{ 'at': 'arm', 'op': 'volume-read', 'ratio': 0.3 }, " LOAD
                ", { 'at': 'e', 'op': 'deflate-decompress' }",
        .streams = IO("'rw': 'randrw', 'bs': '64k', 'number_ios': 500")};
    make_folder();
    works(&form);
    int64_t writes = of("ssd", "written_bytes") / (20 * KIB);
    ck_assert_int_eq(of("ssd", "written_bytes"), writes * 20 * KIB);
    ck_assert_int_eq(of("ssd", "read_bytes"), (500 - writes) * 20 * KIB);
    ck_assert_int_eq(of("e", "compressed_bytes"), writes * 64 * KIB);
    ck_assert_int_eq(of("e", "compressed_to_bytes"), writes * 19661);
    /* and who asked has all of it */
    ck_assert_uint_eq(s.stream[0].stream->goodput_bytes, 500 * 64 * KIB);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

START_TEST(what_does_not_compress_is_stored_as_it_is) {
    static const struct form form = {
        .write = "{ 'at': 'e', 'op': 'lz4-compress', 'ratio': 1.2 },"
                 "{ 'at': 'arm', 'op': 'volume-write', 'unit': 512 },",
        .streams = IO("'rw': 'write', 'bs': '6k', 'number_ios': 100")};
    make_folder();
    works(&form);
    ck_assert_int_eq(of("ssd", "written_bytes"), 100 * 6 * KIB);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

static void by_sample(const char *coder, const char *more, size_t mixed, size_t plain) {
    static char stream[512], write[512], read[512];
    struct form form = {.write = write, .read = read, .streams = stream};
    make_folder();
    snprintf(write, sizeof write,
             "{ 'at': 'e', 'op': '%s-compress' },"
             "{ 'at': 'arm', 'op': 'volume-write', 'unit': 512 },",
             coder);
    snprintf(read, sizeof read,
             "{ 'at': 'arm', 'op': 'volume-read', 'unit': 512, 'coder': '%s' }, " LOAD
             ", { 'at': 'e', 'op': '%s-decompress' }",
             coder, coder);
    snprintf(stream, sizeof stream, IO("'data': '%s', 'size': '8m', 'bs': '16k', %s"),
             sample(mixed, plain), more);
    works(&form);
}

/* All blocks alike: four of them a request. */
START_TEST(a_sample_says_what_blocks_compress_to) {
    by_sample("deflate", "'rw': 'write', 'number_ios': 512", 0, 3);
    uint32_t size = 4 * deflated();
    ck_assert_int_eq(of("e", "compressed_to_bytes"), 512 * (int64_t)size);
    ck_assert_int_eq(of("ssd", "written_bytes"), 512 * (((int64_t)size + 511) / 512 * 512));
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

/* What was written at an address is read there: all of 8 MiB written, and all of it read. */
START_TEST(an_address_has_the_same_data_each_time) {
    static const char *const coders[] = {"deflate", "lz4"};
    for (size_t i = 0; i < 2; i++) {
        if (i == 1 && content_lz4_missing != NULL)
            continue;
        by_sample(coders[i], "'rw': 'randwrite', 'number_ios': 512", 3, 5);
        int64_t written = of("ssd", "written_bytes");
        app_scenario_free(&s);
        drop_folder();
        by_sample(coders[i], "'rw': 'read', 'number_ios': 512", 3, 5);
        ck_assert_int_eq(of("ssd", "read_bytes"), written);
        ck_assert_uint_eq(s.stream[0].stream->goodput_bytes, 512 * 16 * KIB);
        /* three eighths of the blocks take all of their room, to a twentieth */
        ck_assert_int_gt(written, 8 * KIB * KIB / 8 * 3 / 20 * 19);
        ck_assert_int_lt(written, 8 * KIB * KIB / 8 * 3 / 20 * 24);
        app_scenario_free(&s);
        drop_folder();
    }
}
END_TEST

/* ---------------------------------------------------------------- duplicates */

enum { LINES = 2000, CONTENTS = 300 };

/* A trace of writes, each with the digest of one of some contents. @return how many were met
 * before, by a count of its own. */
static int64_t trace_of(char *path, size_t size) {
    static bool met[CONTENTS];
    uint32_t x = 7;
    int64_t repeated = 0;
    snprintf(path, size, "%s/writes.txt", folder);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    memset(met, 0, sizeof met);
    for (int i = 0; i < LINES; i++) {
        x = x * 1664525 + 1013904223;
        uint32_t content = (x >> 8) % CONTENTS;
        repeated += met[content];
        met[content] = true;
        fprintf(f, "%d 4892 syslogd %u 8 W 6 0 %08x%08x%08x%08x\n", i * 100000,
                (x >> 4) % 100000 * 8, content * 2654435761U, content, content * 40503U, 77U);
    }
    ck_assert_int_eq(fclose(f), 0);
    return repeated;
}

static void dedups(const char *at, const char *path, const char *more) {
    static char stream[512], write[256];
    struct form form = {.write = write, .streams = stream};
    snprintf(write, sizeof write,
             "{ 'at': '%s', 'op': 'dedup-hash', 'duplicate': 'write#done' },", at);
    snprintf(stream, sizeof stream,
             "'io': { 'source': 'block', 'file': '%s'%s,"
             "  'chain': { 'read': 'read', 'write': 'write' } }",
             path, more);
    works(&form);
}

START_TEST(duplicates_are_the_repeated_digests_of_a_trace) {
    static const char *const where[] = {"e", "arm"};
    char path[128];
    make_folder();
    int64_t repeated = trace_of(path, sizeof path);
    ck_assert_int_gt(repeated, LINES / 2);
    for (size_t i = 0; i < 2; i++) {
        dedups(where[i], path, ", 'format': 'fiu'");
        ck_assert_int_eq(of(where[i], "looked_up"), LINES);
        ck_assert_int_eq(of(where[i], "duplicates"), repeated);
        ck_assert_int_eq(of(where[i], "digests_held"), LINES - repeated);
        ck_assert_int_eq(of(where[i], "digests_evicted"), 0);
        ck_assert_int_eq(of("ssd", "written_bytes"), (LINES - repeated) * 4 * KIB);
        app_scenario_free(&s);
    }
    dedups("e", path, ""); /* and it is recognised */
    ck_assert_int_eq(of("e", "duplicates"), repeated);
    app_scenario_free(&s);
    dedups("e", path,
           ", 'columns': 'time skip skip offset size op device device digest', 'time_unit': "
           "'ns', 'offset_unit': 512, 'size_unit': 512, 'read': 'R', 'write': 'W'");
    ck_assert_int_eq(of("e", "duplicates"), repeated);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

/* A table of eight: it finds fewer. */
START_TEST(a_small_table_forgets) {
    static char text[8192];
    char path[128];
    const struct app_set set = {"/dpu/blocks/e/dedup_entries", "8"};
    make_folder();
    int64_t repeated = trace_of(path, sizeof path);
    snprintf(text, sizeof text, world, "",
             "{ 'at': 'e', 'op': 'dedup-hash', 'duplicate': 'write#done' },", LOAD,
             "'io': { 'source': 'block', 'file': 'writes.txt', 'format': 'fiu',"
             "  'chain': { 'read': 'read', 'write': 'write' } }");
    load(&s, put("t.json", text), &set, 1);
    run(&s);
    int64_t found = of("e", "duplicates");
    ck_assert_int_lt(found, repeated);
    ck_assert_int_eq(of("e", "digests_held"), 8);
    ck_assert_int_eq(of("e", "digests_evicted"), LINES - found - 8);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

/* Where the trace has none a share is stated, and kept to. */
START_TEST(a_stated_share_of_requests_is_new) {
    static const struct form form = {
        .write = "{ 'at': 'e', 'op': 'dedup-hash', 'unique': 0.7, 'duplicate': 'write#done' },",
        .streams = IO("'rw': 'write', 'bs': '4k', 'number_ios': 1000")};
    make_folder();
    works(&form);
    ck_assert_int_eq(of("e", "duplicates"), 300);
    ck_assert_int_eq(of("e", "stated"), 1000);
    ck_assert_int_eq(of("e", "looked_up"), 0);
    ck_assert_int_eq(of("ssd", "written_bytes"), 700 * 4 * KIB);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

TEST_MAIN("volume", a_stated_ratio_is_rounded_up_to_whole_units,
          what_does_not_compress_is_stored_as_it_is, a_sample_says_what_blocks_compress_to,
          an_address_has_the_same_data_each_time,
          duplicates_are_the_repeated_digests_of_a_trace, a_small_table_forgets,
          a_stated_share_of_requests_is_new)
