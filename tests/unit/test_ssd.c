/* test_ssd.c - a drive by itself: what an idle read is made of, what each part lets through at
 * most, what is programmed, erased and suspended, flushes, and the buffer.
 */
#include "app_run.h"
#include "tests/unit/ssd_lab.h"

/* ---------------------------------------------------------------- idle reads */

/* Hops between five steps at the drive and its end: a picosecond each. */
enum { HOPS = 3 };

/* All of a read of `bytes` whose last unit is there at `media`, `behind` of them before it. */
static sim_ps whole(sim_ps media, int64_t bytes) {
    sim_ps command = 200 * NS + 500 * NS + 4 * US;
    sim_ps send = wire(24 + bytes + (bytes + 255) / 256 * 24 + 16 + 24) + 100 * NS;
    return command + media + send + HOPS;
}

START_TEST(an_idle_read_is_its_parts) {
    lab_run("'state': 'sequential'", "'rw': 'randread', 'bs': '4k', 'iodepth': 1");
    same_latency(stream(), whole(45 * US + CARRY / 8, 4096));
    lab_end();
}
END_TEST

/* Two units of a die, one after the other; three of each of two, side by side. The link sends
 * while the last one is on its way. */
START_TEST(units_of_a_read) {
    static const struct {
        const char *load;
        int64_t bytes;
        int reads;
    } of[] = {{"'rw': 'read', 'bs': '32k', 'iodepth': 1, 'size': '32k'", 32768, 1},
              {"'rw': 'read', 'bs': '64k', 'iodepth': 1, 'size': '64k'", 65536, 2},
              {"'rw': 'read', 'bs': '192k', 'iodepth': 1, 'size': '192k'", 196608, 3}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        lab_set("/run/warmup", "0s");
        lab_run("'state': 'sequential'", of[i].load);
        int64_t first = 32768, behind = of[i].bytes - first;
        sim_ps end = of[i].reads * 45 * US + CARRY;
        sim_ps media = behind > 0 ? end - (wire(behind) - 1) : end;
        ck_assert_uint_eq(stream()->latency.count, 1);
        sim_ps found = (sim_ps)stream()->latency.max, want = whole(media, of[i].bytes);
        ck_assert_msg(llabs(found - want) <= 2, "%zu: %lld, not %lld", i, (long long)found,
                      (long long)want);
        lab_end();
    }
}
END_TEST

/* ---------------------------------------------------------------- what each part lets through
 */

static void rate_is(const char *drive, const char *load, double want, double within) {
    lab_run(drive, load);
    double found = (double)stream()->delivered.items / 0.02;
    ck_assert_msg(fabs(found / want - 1) < within, "%s, %s: %.0f a second, not %.0f", drive,
                  load, found, want);
    lab_end();
}

#define MANY_DIES "'channels': 16, 'dies': 64, 'channel_rate': '20000MB/s'"

START_TEST(each_part_has_its_rate) {
    static const char small[] = "'rw': 'randread', 'bs': '4k', 'iodepth': 512";
    rate_is("'command_time': '2us', " MANY_DIES, small, 1e6 / 2, 0.002);
    rate_is("'command_time': '200ns', " MANY_DIES, small,
            1e12 / (double)wire(24 + 4096 + 16 * 24 + 16 + 24), 0.002);
    rate_is("'channels': 1, 'dies': 16", "'rw': 'randread', 'bs': '32k', 'iodepth': 512",
            1e12 / (double)CARRY, 0.01);
    rate_is("'channels': 1, 'dies': 1, 'spare': 0, 'buffer_bytes': '192KiB', 'programs': 0",
            "'rw': 'randwrite', 'bs': '32k', 'iodepth': 64", 3 / 1200e-6, 0.05);
}
END_TEST

/* A die after the other has its share of the dies' rate, if there is enough under way. */
START_TEST(dies_work_side_by_side) {
    rate_is("'state': 'sequential', 'channels': 4, 'dies': 2",
            "'rw': 'randread', 'bs': '4k', 'iodepth': 1024", 8 / 45e-6, 0.05);
}
END_TEST

/* ---------------------------------------------------------------- programs, erases */

START_TEST(programs_and_erases_are_counted) {
    lab_set("/run/warmup", "0s");
    lab_run("'spare': 0, 'channels': 2, 'dies': 2, 'programs': 4, 'program_time': '100us', "
            "'erase_time': '1ms', 'buffer_bytes': '1MiB'",
            "'rw': 'randwrite', 'bs': '32k', 'iodepth': 16");
    int64_t written = counter("written_bytes"), programs = counter("media_programs");
    ck_assert_int_gt(written, 0);
    /* what lies in the buffer is programmed later; the window cuts what was asked for then */
    ck_assert_int_le(llabs(programs - written / 98304), 1048576 / 98304);
    ck_assert_int_le(llabs(counter("media_erases") - programs / 4), 4); /* of each die */
    ck_assert_int_eq(counter("moved_bytes"), 0);
    lab_end();
}
END_TEST

/* With collection: what is programmed is what was written and what was moved. */
START_TEST(what_is_moved_is_programmed) {
    lab_set("/run/warmup", "0s");
    lab_run("'program_time': '50us', 'erase_time': '100us', 'buffer_bytes': '16MiB'",
            "'rw': 'randwrite', 'bs': '4k', 'iodepth': 64");
    int64_t written = counter("written_bytes"), moved = counter("moved_bytes");
    int64_t programs = counter("media_programs");
    ck_assert_int_le(llabs(programs - (written + moved) / 98304), 16777216 / 98304);
    double a = (double)(written + moved) / (double)written;
    ck_assert_msg(a > 7 && a < 8.6, "%.3f", a); /* 7.82 by the closed form */
    lab_end();
}
END_TEST

/* Reads of one die that is programmed all the time. */
START_TEST(a_program_can_be_suspended) {
    static const struct {
        const char *drive;
        sim_ps most;
    } of[] = {{"'suspends': 0", 1200 * US},
              {"'suspends': 1000, 'suspend_time': '20us'", 20 * US}};
    for (int i = 0; i < 2; i++) {
        char drive[256];
        snprintf(drive, sizeof drive,
                 "'channels': 1, 'dies': 1, 'spare': 0, 'buffer_bytes': '192KiB', 'programs': "
                 "0, %s",
                 of[i].drive);
        lab_set("/streams/other",
                "{\"source\": \"fio\", \"rw\": \"randread\", \"bs\": \"4k\", \"iodepth\": 1, "
                "\"options\": \"thinktime=3000\", \"chain\": {\"read\": \"read\"}}");
        lab_run(drive, "'rw': 'randwrite', 'bs': '32k', 'iodepth': 8");
        sim_ps idle = whole(45 * US + CARRY / 8, 4096);
        /* behind programs that were asked for before: as long as they take, or not at all */
        sim_ps most = (sim_ps)s.stream[1].stream->latency.max - idle;
        if (i == 0)
            ck_assert_int_gt(most, of[i].most / 2);
        else
            ck_assert_int_le(most, of[i].most + 2 * CARRY); /* the channel carries data, too */
        ck_assert_int_eq(counter("suspended") > 0, i == 1);
        lab_end();
    }
}
END_TEST

/* ---------------------------------------------------------------- flush, trim, range */

/* Many processes that flush after each write: each waits for its own program. */
START_TEST(flushes_keep_the_buffer_sound) {
    lab_set("/run/warmup", "0s");
    lab_set("/run/duration", "100ms");
    lab_run("'protected': false, 'spare': 0, 'channels': 1, 'dies': 1, 'programs': 0, "
            "'program_time': '20us'",
            "'rw': 'randwrite', 'bs': '4k', 'numjobs': 2000, 'options': 'fsync=1'");
    ck_assert_uint_gt(stream()->delivered.items, 0);
    lab_end();
}
END_TEST

START_TEST(a_flush_waits_unless_the_buffer_is_protected) {
    static const char *const drive[] = {"'protected': true", "'protected': false"};
    double rate[2];
    for (int i = 0; i < 2; i++) {
        lab_run(drive[i], "'rw': 'randwrite', 'bs': '4k', 'options': 'fsync=1'");
        rate[i] = (double)stream()->delivered.items;
        lab_end();
    }
    ck_assert_double_gt(rate[0], 20 * rate[1]); /* 1.2 ms and some 20 us */
}
END_TEST

START_TEST(trimmed_bytes_are_counted) {
    lab_set("/run/warmup", "0s");
    lab_run("", "'rw': 'randtrim', 'bs': '64k', 'iodepth': 4, 'number_ios': 100");
    ck_assert_int_eq(counter("trimmed_bytes"), 100 * 65536);
    lab_end();
}
END_TEST

/* Half of what is asked for lies beyond the drive. */
START_TEST(out_of_range_is_dropped) {
    lab_set("/run/warmup", "0s");
    lab_run("'capacity': '1GiB'", "'rw': 'randread', 'bs': '4k', 'iodepth': 8, "
                                  "'device_bytes': '2GiB'");
    uint64_t lost = 0;
    for (uint32_t i = 0; i < s.world->causes; i++)
        if (strstr(s.world->cause[i].name, "out-of-range") != NULL)
            lost += stream()->dropped_by[i];
    double share = (double)lost / (double)(lost + stream()->delivered.items);
    ck_assert_msg(fabs(share - 0.5) < 0.05, "%.3f", share);
    ck_assert_int_le(llabs(counter("beyond") - (int64_t)lost), 8); /* under way at the edges */
    const struct sim_comp *drive = comp_of(&s, "ssd");
    ck_assert_ptr_nonnull(drive->model->remark(drive, "capacity"));
    lab_end();
}
END_TEST

/* ---------------------------------------------------------------- buffer and cache */

/* Little: what is in the buffer is what is programmed in the time that a byte is in it. */
START_TEST(the_buffer_fills_and_empties_at_the_programs_rate) {
    lab_set("/run/duration", "200ms");
    lab_run("'channels': 1, 'dies': 2, 'spare': 0, 'programs': 0, 'buffer_bytes': '1536KiB'",
            "'rw': 'randwrite', 'bs': '32k', 'iodepth': 64");
    double rate = (double)stream()->delivered.items * 32768 / 0.2, want = 2 * 98304 / 1200e-6;
    ck_assert_msg(fabs(rate / want - 1) < 0.03, "%.0f B/s, not %.0f", rate, want);
    ck_assert_int_gt(counter("full_buffer"), 0);
    /* 64 requests are under way: those that are not in the buffer's 48 wait for room */
    double mean = sim_hist_mean(&stream()->latency) * 1e-12;
    ck_assert_msg(fabs(mean * rate / (64 * 32768) - 1) < 0.05, "%.6f s", mean);
    lab_end();
}
END_TEST

/* So many bytes at the rate of one-bit cells, then at the flash's; none in a drive in use. */
START_TEST(the_cache_is_so_large) {
    static const char load[] = "'rw': 'randwrite', 'bs': '32k', 'iodepth': 32";
    static const char drive[] = "'channels': 1, 'dies': 1, 'spare': 0, 'programs': 0, "
                                "'buffer_bytes': '192KiB', 'cache_program_time': '200us', "
                                "'cache_bytes': '%s', 'state': '%s'";
    static const struct {
        const char *cache, *state;
        int64_t programs;
    } of[] = {{"0", "empty", 17},
              {"1GiB", "empty", 100},
              {"4800KiB", "empty", 50 + 8},
              {"1GiB", "sequential", 17}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        char text[256];
        snprintf(text, sizeof text, drive, of[i].cache, of[i].state);
        lab_set("/run/warmup", "0s");
        lab_run(text, load);
        /* 20 ms of 1.2 ms, of 200 us, and 10 ms of each; and what is begun */
        ck_assert_int_le(llabs(counter("media_programs") - of[i].programs), 3);
        lab_end();
    }
}
END_TEST

/* Writes take whole pages of the map, 24 a program, unless they go on where one ended. */
START_TEST(pages_are_written_whole) {
    static const struct {
        const char *load;
        int64_t programs;
    } of[] = {{"'rw': 'randwrite', 'bs': '512', 'number_ios': 2400", 100},
              {"'rw': 'write', 'bs': '512', 'number_ios': 2400", 300 / 24},
              {"'rw': 'write', 'bs': '6k', 'number_ios': 800", 1200 / 24},
              {"'rw': 'randwrite', 'bs': '6k', 'number_ios': 800", 1600 / 24},
              {"'rw': 'write', 'bs': '512', 'number_ios': 600, 'numjobs': 4,"
               " 'size': '1g', 'options': 'offset_increment=1g'",
               4 * 75 / 24}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        char text[256];
        snprintf(text, sizeof text, "%s, 'iodepth': 8", of[i].load);
        lab_set("/run/warmup", "0s");
        lab_run("'spare': 0, 'programs': 0", text);
        ck_assert_msg(counter("media_programs") == of[i].programs, "%s: %lld programs",
                      of[i].load, (long long)counter("media_programs"));
        lab_end();
    }
}
END_TEST

/* Of a page that is written in part the rest is read, unless the next write brings it. Of ends
 * in a page 256 may wait for that. */
START_TEST(the_rest_of_a_page_is_read) {
    static const struct {
        const char *load;
        int64_t least, most;
    } of[] = {{"'rw': 'randwrite', 'bs': '4k', 'number_ios': 1600", 0, 0},
              {"'rw': 'randwrite', 'bs': '512', 'number_ios': 2400", 2100 - 60, 2400},
              {"'rw': 'randwrite', 'bs': '6k', 'number_ios': 1600", 1600 - 256 - 20, 1600},
              {"'rw': 'write', 'bs': '512', 'number_ios': 2400", 0, 0},
              {"'rw': 'write', 'bs': '6k', 'number_ios': 800", 0, 0}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        char text[256];
        snprintf(text, sizeof text, "%s, 'iodepth': 8", of[i].load);
        lab_set("/run/warmup", "0s");
        lab_run("'spare': 0.1", text);
        int64_t reads = counter("partial_reads");
        ck_assert_msg(reads >= of[i].least && reads <= of[i].most, "%s: %lld", of[i].load,
                      (long long)reads);
        ck_assert_int_ge(counter("media_reads"), reads);
        lab_end();
    }
    lab_set("/run/warmup", "0s"); /* nothing was written there */
    lab_run("'spare': 0.1, 'state': 'empty'",
            "'rw': 'randwrite', 'bs': '512', 'number_ios': 2400, 'iodepth': 8");
    ck_assert_int_eq(counter("partial_reads"), 0);
    lab_end();
}
END_TEST

/* With hardly any spare room collection is all that the dies do: its work lies far ahead. */
START_TEST(a_backlog_of_collection_is_kept) {
    lab_run("'spare': 0.0005, 'buffer_bytes': '16MiB'",
            "'rw': 'randwrite', 'bs': '4k', 'iodepth': 64");
    ck_assert_int_gt(counter("moved_bytes"), 100 * counter("written_bytes"));
    lab_end();
}
END_TEST

TEST_MAIN("ssd", pages_are_written_whole, the_rest_of_a_page_is_read,
          a_backlog_of_collection_is_kept, an_idle_read_is_its_parts, units_of_a_read,
          each_part_has_its_rate, dies_work_side_by_side, programs_and_erases_are_counted,
          what_is_moved_is_programmed, a_program_can_be_suspended,
          flushes_keep_the_buffer_sound, a_flush_waits_unless_the_buffer_is_protected,
          trimmed_bytes_are_counted, out_of_range_is_dropped,
          the_buffer_fills_and_empties_at_the_programs_rate, the_cache_is_so_large)
