/* test_raid_array.c - an array of drives at work: what reaches the drives against closed forms,
 * with all of them, with one lost, and while one is rebuilt.
 */
#include "app_run.h"

enum { STRIP = 65536, STRIPE = 4 * STRIP };

static struct app_scenario s;

static const char world[] =
    "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
    "   'raid': { 'model': 'raid', 'strip_bytes': '64KiB'%s },"
    "   'ssd': { 'model': 'ssd', 'profile': 'micron-9550', 'count': 6, 'spread': 'address',"
    "     'stripe': '64KiB' } },"
    "   'routes': { 'r': { 'from': ['raid', 'ssd'], 'to': ['raid', 'ssd'] } } },"
    " 'chains': {"
    "   'read': [ { 'at': 'raid', 'op': 'read' }, { 'goto': 'load' } ],"
    "   'load': [ { 'at': 'raid', 'split': { 'each': 'strip_bytes', 'chain': 'get' } },"
    "     { 'at': 'raid', 'op': 'data' }, { 'end': 'reply' } ],"
    "   'write': [ { 'at': 'raid', 'op': 'old', 'whole': 'store' },"
    "     { 'at': 'raid', 'split': { 'each': 'strip_bytes', 'chain': 'get' } },"
    "     { 'goto': 'store' } ],"
    "   'store': [ { 'at': 'raid', 'op': 'gather' }, { 'at': 'raid', 'op': 'write' },"
    "     { 'at': 'raid', 'split': { 'each': 'strip_bytes', 'chain': 'put' } },"
    "     { 'at': 'raid', 'op': 'data' }, { 'end': 'reply' } ],"
    "   'rebuild': [ { 'at': 'raid', 'op': 'rebuild' },"
    "     { 'at': 'raid', 'split': { 'each': 'strip_bytes', 'chain': 'get' } },"
    "     { 'at': 'raid', 'op': 'replace' },"
    "     { 'at': 'raid', 'split': { 'each': 'strip_bytes', 'chain': 'put' } },"
    "     { 'at': 'raid', 'op': 'rebuilt' }, { 'at': 'raid', 'op': 'data' },"
    "     { 'end': 'reply' } ],"
    "   'get': [ { 'at': 'raid', 'op': 'strip' }, { 'at': 'ssd', 'op': 'command' },"
    "     { 'at': 'ssd', 'op': 'read' }, { 'at': 'ssd', 'op': 'send' },"
    "     { 'end': 'delivered' } ],"
    "   'put': [ { 'at': 'raid', 'op': 'strip' }, { 'at': 'ssd', 'op': 'command' },"
    "     { 'at': 'ssd', 'op': 'pull' }, { 'at': 'ssd', 'op': 'pulled' },"
    "     { 'at': 'ssd', 'op': 'write' }, { 'at': 'ssd', 'op': 'send' },"
    "     { 'end': 'delivered' } ] },"
    " 'streams': { %s },"
    " 'run': { 'warmup': '0s', 'duration': '%s', 'drain': '20ms', 'seed': 1 } }";

#define IO(KEYS)                                                                               \
    "'io': { 'source': 'fio', " KEYS ", 'chain': { 'read': 'read', 'write': 'write' } }"
#define REBUILD                                                                                \
    "'rebuild': { 'source': 'fio', 'rw': 'read', 'bs': '256k', 'size': '16m', 'iodepth': 4, "  \
    "'options': 'number_ios=64', 'chain': { 'read': 'rebuild' } }"

static void works(const char *array, const char *streams, const char *duration) {
    static char text[8192];
    make_folder();
    snprintf(text, sizeof text, world, array, streams, duration);
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
}

static void over(void) {
    app_scenario_free(&s);
    drop_folder();
}

static int64_t of_raid(const char *name) { return stat_of(comp_of(&s, "raid"), name); }

static int64_t of_drive(int i, const char *name) {
    char drive[8];
    snprintf(drive, sizeof drive, "ssd%d", i);
    return stat_of(comp_of(&s, drive), name);
}

static int64_t of_drives(const char *name) {
    int64_t sum = 0;
    for (int i = 0; i < 6; i++)
        sum += of_drive(i, name);
    return sum;
}

/* What the array asks for is what the drives do, and nothing goes where no strip is. */
static void is_conserved(void) {
    ck_assert_int_eq(of_drives("read_bytes"), of_raid("read_bytes"));
    ck_assert_int_eq(of_drives("written_bytes"), of_raid("written_bytes"));
    ck_assert_int_eq(of_drives("crossing"), 0);
}

START_TEST(whole_stripes_bring_half_as_much_again) {
    works("", IO("'rw': 'write', 'bs': '256k', 'options': 'number_ios=100'"), "50ms");
    is_conserved();
    ck_assert_int_eq(of_raid("whole"), 100);
    ck_assert_int_eq(of_raid("read_bytes"), 0);
    ck_assert_int_eq(of_drives("written_bytes"), 100 * 6 * STRIP);
    ck_assert_int_eq(of_raid("parity_bytes"), 100 * 2 * STRIP);
    over();
}
END_TEST

/* 4 KiB: the three others' and then it and both parities. */
START_TEST(a_small_write_is_three_reads_and_three_writes) {
    works("", IO("'rw': 'randwrite', 'bs': '4k', 'options': 'number_ios=200'"), "50ms");
    is_conserved();
    ck_assert_int_eq(of_raid("completed"), 200);
    ck_assert_int_eq(of_raid("strip_reads"), 600);
    ck_assert_int_eq(of_raid("strip_writes"), 600);
    ck_assert_int_eq(of_drives("read_bytes"), 600 * 4096);
    ck_assert_int_eq(of_drives("written_bytes"), 600 * 4096);
    ck_assert_int_eq(of_raid("old_bytes"), 600 * 4096);
    over();
}
END_TEST

START_TEST(a_read_of_what_is_lost_reads_as_many_as_hold_the_data) {
    works(", 'failed': 2", IO("'rw': 'randread', 'bs': '16k', 'options': 'number_ios=300'"),
          "50ms");
    int64_t degraded = of_raid("degraded");
    is_conserved();
    ck_assert_int_gt(degraded, 30); /* a sixth */
    ck_assert_int_lt(degraded, 80);
    ck_assert_int_eq(of_raid("strip_reads"), 300 - degraded + 4 * degraded);
    ck_assert_int_eq(of_drive(2, "read_bytes"), 0);
    over();
}
END_TEST

START_TEST(two_may_be_lost) {
    works(", 'failed': 2, 'failed_too': 5",
          IO("'rw': 'randrw', 'bs': '16k', 'options': 'number_ios=300'"), "50ms");
    is_conserved();
    for (int i = 2; i < 6; i += 3) {
        ck_assert_int_eq(of_drive(i, "read_bytes"), 0);
        ck_assert_int_eq(of_drive(i, "written_bytes"), 0);
    }
    ck_assert_int_gt(of_raid("completed"), 0);
    ck_assert_int_gt(of_raid("modified"), 0);
    ck_assert_int_gt(of_raid("recovered"), 0);
    over();
}
END_TEST

/* 64 stripes: a strip of each is written on the drive that took the place of the lost one. */
START_TEST(a_rebuild_writes_what_the_drive_had) {
    works(", 'failed': 3", REBUILD, "100ms");
    is_conserved();
    ck_assert_int_eq(of_raid("rebuilt_bytes"), 64 * STRIP);
    ck_assert_int_eq(of_drive(3, "written_bytes"), 64 * STRIP);
    ck_assert_int_eq(of_drives("written_bytes"), 64 * STRIP);
    ck_assert_int_eq(of_drives("read_bytes"), 64 * STRIPE);
    ck_assert_int_eq(of_drive(3, "read_bytes"), 0);
    over();
}
END_TEST

/* What is rebuilt already is read where it lies again. */
START_TEST(reads_find_what_was_rebuilt) {
    works(", 'failed': 3",
          REBUILD ", " IO("'rw': 'randread', 'bs': '16k', 'size': '16m', 'iodepth': 1, "
                          "'options': 'number_ios=400', 'start': '30ms'"),
          "120ms");
    is_conserved();
    ck_assert_int_eq(of_raid("degraded"), 0);
    ck_assert_int_gt(of_drive(3, "read_bytes"), 0);
    over();
    works(", 'failed': 3",
          IO("'rw': 'randread', 'bs': '16k', 'size': '16m', 'options': 'number_ios=400'"),
          "120ms");
    ck_assert_int_gt(of_raid("degraded"), 30);
    over();
}
END_TEST

START_TEST(drives_that_cannot_be_are_refused) {
    static const struct {
        const char *keys, *says;
    } row[] = {{", 'failed': 6", "/dpu/blocks/raid/failed: there is no drive 6: they are 0 to "
                                 "5, \"data\" and two more"},
               {", 'failed_too': 1",
                "/dpu/blocks/raid/failed_too: is the second one: name the first as \"failed\""},
               {", 'failed': 1, 'failed_too': 1",
                "/dpu/blocks/raid/failed_too: is the drive that \"failed\" names already"}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        static char text[8192];
        char line[512];
        make_folder();
        snprintf(text, sizeof text, world, row[i].keys, REBUILD, "1ms");
        const char *path = put("t.json", text);
        snprintf(line, sizeof line, "%s: %s", path, row[i].says);
        refuse(path, NULL, 0, line);
        drop_folder();
    }
}
END_TEST

/* A chain that asks for the strip of what was not planned fails the run, and says so. */
START_TEST(a_strip_of_nothing_fails) {
    static char text[8192];
    const struct app_set set = {
        "/chains/read", "[{\"at\": \"raid\", \"op\": \"strip\"}, {\"end\": \"reply\"}]"};
    make_folder();
    snprintf(text, sizeof text, world, "", IO("'rw': 'read'"), "1ms");
    load(&s, put("t.json", text), &set, 1);
    while (sim_world_run(s.world, s.world->end, 1 << 18))
        ;
    ck_assert(s.world->failed);
    ck_assert_ptr_nonnull(strstr(s.world->err.text, "split that by \"strip_bytes\""));
    over();
}
END_TEST

TEST_MAIN("array", whole_stripes_bring_half_as_much_again,
          a_small_write_is_three_reads_and_three_writes,
          a_read_of_what_is_lost_reads_as_many_as_hold_the_data, two_may_be_lost,
          a_rebuild_writes_what_the_drive_had, reads_find_what_was_rebuilt,
          drives_that_cannot_be_are_refused, a_strip_of_nothing_fails)
