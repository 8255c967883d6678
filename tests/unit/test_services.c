/* test_services.c - the scenario of storage services: each of them, by engines and by cores,
 * with all drives and without one: what reaches the drives, and the same again on a second run.
 */
#include "app_summary.h"
#include "models/content.h"

#define SERVICES DPUSIM_SOURCE_DIR "/configs/scenarios/storage-services.json"

static double of_drives(const char *counter) {
    char pointer[64];
    double sum = 0;
    for (int i = 0; i < 6; i++) {
        snprintf(pointer, sizeof pointer, "/components/dpu.ssd%d/counters/%s", i, counter);
        sum += at(pointer);
    }
    return sum;
}

/* For a short while: the books of drives and host are a few requests apart. */
static void serves(const char *service, const char *engines, const char *raid) {
    const struct app_set sets[] = {
        {"/service", service},  {"/engines", engines},     {"/raid", raid},
        {"/run/warmup", "5ms"}, {"/run/duration", "10ms"},
    };
    setenv("DPUSIM_CONFIGS", DPUSIM_SOURCE_DIR "/configs", 1);
    summarize(SERVICES, sets, sizeof sets / sizeof *sets);
}

static double per_byte(const char *kind, const char *counter) {
    char pointer[64];
    snprintf(pointer, sizeof pointer, "/streams/io/jobs/io/%s/bytes", kind);
    return of_drives(counter) / at(pointer);
}

static void near(double is, double want) {
    ck_assert_double_gt(is, want * 0.85);
    ck_assert_double_lt(is, want * 1.15);
}

/* What drives get for each byte written. */
START_TEST(each_service_brings_drives_its_share) {
    static const struct {
        const char *service;
        double written;
    } row[] = {{"none", 1}, {"xts", 1}, {"dedup", 0.7}, {"checksum", 1}, {"raid6", 3}};
    static const char *const engines[] = {"hardware", "arm"};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        for (size_t e = 0; e < 2; e++) {
            serves(row[i].service, engines[e], "healthy");
            near(per_byte("write", "written_bytes"), row[i].written);
            ck_assert_double_eq(at("/streams/io/jobs/io/write/failed"), 0);
            ck_assert_double_eq(at("/streams/io/jobs/io/read/failed"), 0);
            discard();
        }
}
END_TEST

/* Drives hold what the coder says, rounded up: of sixteen blocks of a request 2 KiB more on
 * average, and no block more than itself. */
START_TEST(compressed_data_takes_what_it_compresses_to) {
    if (content_lz4_missing != NULL)
        return;
    serves("compress", "arm", "healthy");
    double ratio = at("/components/dpu.arm/counters/compressed_to_bytes") /
                   at("/components/dpu.arm/counters/compressed_bytes");
    ck_assert_double_gt(ratio, 0.3);
    ck_assert_double_lt(ratio, 0.6);
    ck_assert_double_gt(per_byte("read", "read_bytes"), ratio * 0.85);
    ck_assert_double_lt(per_byte("read", "read_bytes"), (ratio + 2.0 / 64) * 1.15);
    discard();
}
END_TEST

START_TEST(all_of_them_go_together) {
    static const char *const raid[] = {"healthy", "degraded", "rebuild"};
    if (content_lz4_missing != NULL)
        return;
    for (size_t i = 0; i < 3; i++) {
        serves("all", i % 2 ? "arm" : "hardware", raid[i]);
        ck_assert_double_gt(at("/streams/io/jobs/io/read/items"), 0);
        ck_assert_double_gt(at("/streams/io/jobs/io/write/items"), 0);
        ck_assert_double_eq(at("/streams/io/jobs/io/write/failed"), 0);
        ck_assert_double_gt(at("/components/dpu.arm/counters/duplicates"), 0);
        discard();
    }
}
END_TEST

/* Bytes over memory's bus for each byte that the host reads or writes. */
static double memory_per_byte(const char *service, const char *engines) {
    serves(service, engines, "healthy");
    double moved = at("/components/dpu.dram/counters/bytes_read") +
                   at("/components/dpu.dram/counters/bytes_written");
    double each = moved / at("/streams/io/delivered/bytes");
    discard();
    return each;
}

/* What is encrypted is read and written once more, whoever does it; what is hashed, read. */
START_TEST(work_on_data_takes_memory_wherever_it_is_done) {
    double plain = memory_per_byte("none", "arm");
    near(memory_per_byte("xts", "hardware") - plain, 2);
    near(memory_per_byte("xts", "arm") - plain, 2);
    near(memory_per_byte("checksum", "arm") - plain, 1);
    near(memory_per_byte("raid6", "arm"), memory_per_byte("raid6", "hardware"));
}
END_TEST

START_TEST(a_lost_drive_has_no_part_and_a_new_one_is_filled) {
    serves("raid6", "hardware", "degraded");
    ck_assert_double_eq(at("/components/dpu.ssd1/counters/read_bytes"), 0);
    ck_assert_double_eq(at("/components/dpu.ssd1/counters/written_bytes"), 0);
    ck_assert_double_gt(at("/components/dpu.raid/counters/degraded"), 0);
    discard();
    serves("raid6", "arm", "rebuild");
    ck_assert_double_gt(at("/components/dpu.ssd1/counters/written_bytes"), 0);
    ck_assert_double_gt(at("/components/dpu.raid/counters/rebuilt_bytes"), 0);
    discard();
}
END_TEST

START_TEST(a_run_repeated_is_the_same) {
    char *text[2];
    for (int i = 0; i < 2; i++) {
        serves("raid6", "hardware", "rebuild");
        text[i] = json_dumps(summary, JSON_INDENT(1));
        discard();
    }
    ck_assert_str_eq(text[0], text[1]);
    free(text[0]);
    free(text[1]);
}
END_TEST

TEST_MAIN("services", each_service_brings_drives_its_share,
          compressed_data_takes_what_it_compresses_to, all_of_them_go_together,
          work_on_data_takes_memory_wherever_it_is_done,
          a_lost_drive_has_no_part_and_a_new_one_is_filled, a_run_repeated_is_the_same)
