/* test_fio_options.c - each option of fio: what is read, what is refused and with which words;
 * the table against docs/fio.md and against what fio itself knows.
 */
#include "tests/fio_lab.h"
#include "tests/fio_table.h"

static struct work_fio_job job;
static struct sim_err err;

static void set(const char *name, const char *value) {
    err = (struct sim_err){0};
    ck_assert_msg(work_fio_set(&job, name, value, &err), "%s=%s: %s", name, value ? value : "",
                  err.text);
}

static void settle(void) {
    err = (struct sim_err){0};
    ck_assert_msg(work_fio_settle(&job, &err), "%s", err.text);
}

static void fresh(void) { work_fio_init(&job, "a"); }

static void three(const int64_t *of, int64_t a, int64_t b, int64_t c) {
    ck_assert_int_eq(of[0], a);
    ck_assert_int_eq(of[1], b);
    ck_assert_int_eq(of[2], c);
}

START_TEST(units) {
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {{"1", 1},          {"4k", 4096},      {"4K", 4096},      {"4kb", 4096},
                 {"4kib", 4000},    {"1m", 1 << 20},   {"1mib", 1000000}, {"3g", 3LL << 30},
                 {"2t", 2LL << 40}, {"1p", 1LL << 50}, {"0x1000", 4096},  {"0x10k", 16384}};
    fresh();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        set("size", cases[i].text);
        ck_assert_int_eq(job.size.bytes, cases[i].value);
    }
    set("kb_base", "1000");
    set("size", "4k");
    ck_assert_int_eq(job.size.bytes, 4000);
    set("size", "4kib");
    ck_assert_int_eq(job.size.bytes, 4096);
    set("size", "25%");
    ck_assert_int_eq(job.size.percent, 25);
    ck_assert_int_eq(job.size.bytes, 0);
}
END_TEST

START_TEST(times) {
    fresh();
    set("runtime", "30");
    ck_assert_int_eq(job.runtime, 30 * SIM_PS_PER_S);
    set("timeout", "500ms");
    ck_assert_int_eq(job.runtime, SIM_PS_PER_S / 2);
    set("ramp_time", "2m");
    ck_assert_int_eq(job.ramp_time, 120 * SIM_PS_PER_S);
    set("thinktime", "50");
    ck_assert_int_eq(job.thinktime, 50000000);
    set("thinktime", "1s");
    ck_assert_int_eq(job.thinktime, SIM_PS_PER_S);
    set("startdelay", "1h");
    ck_assert_int_eq(job.startdelay_most, 3600 * SIM_PS_PER_S);
    set("startdelay", "1-2d");
    ck_assert_int_eq(job.startdelay, SIM_PS_PER_S);
    ck_assert_int_eq(job.startdelay_most, 172800 * SIM_PS_PER_S);
}
END_TEST

START_TEST(directions) {
    static const struct {
        const char *rw;
        bool r, w, t, random;
    } cases[] = {
        {"read", 1, 0, 0, 0},      {"write", 0, 1, 0, 0},        {"trim", 0, 0, 1, 0},
        {"randread", 1, 0, 0, 1},  {"randwrite", 0, 1, 0, 1},    {"randtrim", 0, 0, 1, 1},
        {"rw", 1, 1, 0, 0},        {"readwrite", 1, 1, 0, 0},    {"randrw", 1, 1, 0, 1},
        {"trimwrite", 0, 1, 1, 0}, {"randtrimwrite", 0, 1, 1, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fresh();
        set(i % 2 ? "rw" : "readwrite", cases[i].rw);
        ck_assert(job.dir[0] == cases[i].r && job.dir[1] == cases[i].w &&
                  job.dir[2] == cases[i].t && job.random == cases[i].random);
    }
    set("rw", "randread:8");
    ck_assert_int_eq(job.run_of, 8);
    set("rw", "write:4k");
    ck_assert_int_eq(job.hole, 4096);
    ck_assert_int_eq(job.run_of, 1);
    set("rwmixread", "70");
    ck_assert_int_eq(job.rwmixread, 70);
    set("rwmixwrite", "10");
    ck_assert_int_eq(job.rwmixread, 90);
}
END_TEST

START_TEST(values_of_three) {
    fresh();
    three(job.bs, 4096, 4096, 4096);
    set("bs", "8k");
    three(job.bs, 8192, 8192, 8192);
    set("bs", "1k,2k");
    three(job.bs, 1024, 2048, 2048);
    set("blocksize", "1k,2k,3k");
    three(job.bs, 1024, 2048, 3072);
    set("bs", ",8k");
    three(job.bs, 1024, 8192, 8192);
    set("bs", ",4k,");
    three(job.bs, 1024, 4096, 8192);
    set("rate", "1m,500k");
    three(job.rate, 1 << 20, 500 << 10, 500 << 10);
    set("rate_iops", ",100,");
    three(job.rate_iops, 0, 100, 0);
    set("percentage_random", "50,0");
    three(job.percentage_random, 50, 0, 0);
    set("bsrange", "1k-4k,8k-16k");
    three(job.min, 1024, 8192, 8192);
    three(job.max, 4096, 16384, 16384);
}
END_TEST

static void is_split(int dir, size_t n, const struct work_fio_split *want) {
    ck_assert_int_eq(job.splits[dir], (int64_t)n);
    for (size_t i = 0; i < n; i++) {
        ck_assert_int_eq(job.split[dir][i].bytes, want[i].bytes);
        ck_assert_int_eq(job.split[dir][i].percent, want[i].percent);
    }
}

START_TEST(splits) {
    fresh();
    set("bssplit", "4k/50:64k/20:16k/30");
    is_split(0, 3, (struct work_fio_split[]){{65536, 20}, {16384, 30}, {4096, 50}});
    is_split(2, 3, (struct work_fio_split[]){{65536, 20}, {16384, 30}, {4096, 50}});
    set("bssplit", "4k/90:8k/:16k,2k:4k/60");
    is_split(0, 3, (struct work_fio_split[]){{8192, 5}, {16384, 5}, {4096, 90}});
    is_split(1, 2, (struct work_fio_split[]){{2048, 40}, {4096, 60}});
    settle();
    three(job.min, 4096, 2048, 2048);
    three(job.max, 16384, 4096, 4096);
}
END_TEST

START_TEST(distributions) {
    fresh();
    set("random_distribution", "zipf");
    ck_assert_int_eq(job.shape_ppm, 1100000);
    set("random_distribution", "zipf:0.95");
    ck_assert_int_eq(job.shape_ppm, 950000);
    ck_assert_int_eq(job.center_ppm, -1);
    set("random_distribution", "pareto:.3:0.5");
    ck_assert_int_eq(job.distribution, WORK_FIO_PARETO);
    ck_assert_int_eq(job.shape_ppm, 300000);
    ck_assert_int_eq(job.center_ppm, 500000);
    set("random_distribution", "normal:20");
    ck_assert_int_eq(job.shape_ppm, 20000000);
    set("random_distribution", "random");
    ck_assert_int_eq(job.distribution, WORK_FIO_RANDOM);
}
END_TEST

START_TEST(counts_and_switches) {
    fresh();
    set("iodepth", "32");
    set("numjobs", "4");
    set("number_ios", "1k");
    set("stonewall", NULL);
    set("norandommap", "");
    set("time_based", "0");
    set("direct", "1");
    ck_assert(job.iodepth == 32 && job.numjobs == 4 && job.number_ios == 1024);
    ck_assert(job.stonewall && job.norandommap && !job.time_based && job.direct);
    set("buffered", "1");
    ck_assert_int_eq(job.direct, 0);
    set("buffered", "0");
    ck_assert_int_eq(job.direct, 1);
    set("file_service_type", "random:16");
    ck_assert(job.file_service == WORK_FIO_FILE_RANDOM && job.file_run == 16);
}
END_TEST

static bool has_note(const char *name) {
    for (uint32_t i = 0; i < job.notes; i++)
        if (strcmp(job.note[i].name, name) == 0)
            return true;
    return false;
}

START_TEST(depths) {
    fresh();
    set("iodepth", "32");
    set("direct", "1");
    settle();
    ck_assert_int_eq(job.depth, 1); /* psync */
    ck_assert(has_note("iodepth") && has_note("ioengine") && !has_note("direct"));
    fresh();
    set("iodepth", "32");
    set("ioengine", "io_uring");
    set("iodepth_batch", "64");
    set("iodepth_batch_complete", "8");
    settle();
    ck_assert_int_eq(job.depth, 32);
    ck_assert(has_note("iodepth_batch") && has_note("iodepth_batch_complete_min"));
    ck_assert(!has_note("iodepth") && has_note("direct"));
}
END_TEST

START_TEST(alignment) {
    fresh();
    set("rw", "randread");
    set("ba", "512");
    settle();
    ck_assert_int_eq(job.norandommap, 1);
    fresh();
    set("rw", "randread");
    set("bssplit", "4k/50:8k/50");
    settle();
    ck_assert(has_note("bssplit"));
}
END_TEST

static const char *refused(const char *name, const char *value) {
    err = (struct sim_err){0};
    ck_assert(!work_fio_set(&job, name, value, &err));
    return err.text;
}

START_TEST(messages) {
    static const struct {
        const char *name, *value;
        int fault;
        const char *text;
    } cases[] = {
        {"bs", "4x", 0,
         "found \"4x\" in \"bs\"; expected a whole number such as 4096, 4k, 64k, 1m, 2g"},
        {"bs", "4k,8ki", 3,
         "found \"8ki\" in \"bs\"; expected a whole number such as 4096, 4k, 64k, 1m, 2g"},
        {"bs", "1.5k", 0,
         "found \"1.5k\" in \"bs\"; expected a whole number such as 4096, 4k, 64k, 1m, 2g"},
        {"bs", "", 0, "found the end in \"bs\"; expected a value"},
        {"bs", "4k,4k,4k,4k", 8, "found \",4k\" in \"bs\"; expected nothing more"},
        {"bs", "0", 0, "found \"0\" in \"bs\"; expected a value from 1 to 1099511627776"},
        {"size", "101%", 0,
         "found \"101%\" in \"size\"; expected a percentage from 1% to 100%"},
        {"size", "99999p", 0, "found \"99999p\" in \"size\"; expected less than 2^63"},
        {"bsrange", "8k", 2, "found the end in \"bsrange\"; expected a range such as 4k-64k"},
        {"bsrange", "8k-4k", 3,
         "found \"4k\" in \"bsrange\"; expected no less than the lower end of the range"},
        {"bssplit", "4k/60:8k/50", 0,
         "found \"4k/60:8k/50\" in \"bssplit\"; expected percentages of at most 100 in all"},
        {"runtime", "10 s", 2, "found \" s\" in \"runtime\"; expected nothing more"},
        {"runtime", "1.5s", 0,
         "found \"1.5s\" in \"runtime\"; expected a time such as 30s, 500ms, 10us, 2m"},
        {"startdelay", "3-2", 2,
         "found \"2\" in \"startdelay\"; expected no less than the lower end of the range"},
        {"rw", "reed", 0,
         "found \"reed\" in \"rw\"; expected one of "
         "read|write|trim|randread|randwrite|randtrim|"
         "rw|readwrite|randrw|trimwrite|randtrimwrite"},
        {"rw", "read:-4k", 5,
         "found \"-4k\" in \"rw\"; expected a number that is not negative: going backwards is "
         "not modelled"},
        {"rw", "randread:0", 0,
         "found \"randread:0\" in \"rw\"; expected a value from 1 to 1099511627776"},
        {"rwmixread", "101", 0,
         "found \"101\" in \"rwmixread\"; expected a value from 0 to 100"},
        {"random_distribution", "zipf:1", 5,
         "found \"1\" in \"random_distribution\"; expected theta above 0, up to 10, not 1"},
        {"random_distribution", "pareto:1.5", 7,
         "found \"1.5\" in \"random_distribution\"; expected a value between 0 and 1"},
        {"random_distribution", "normal:100", 7,
         "found \"100\" in \"random_distribution\"; expected a percentage from 0 to below 100"},
        {"random_distribution", "zipf:1.2:2", 9,
         "found \"2\" in \"random_distribution\"; expected a center from 0 to 1"},
        {"random_distribution", "zipf:x", 5,
         "found \"x\" in \"random_distribution\"; expected a number with up to six places, "
         "such "
         "as 1.2"},
        {"random_distribution", "zoned:60/10", 0,
         "found \"zoned:60/10\" in \"random_distribution\"; expected one of "
         "random|zipf|pareto|normal"},
        {"direct", "yes", 0,
         "found \"yes\" in \"direct\"; expected a whole number such as 4096, 4k, 64k, 1m, 2g"},
        {"iodepht", "1", -1, "\"iodepht\" is no option of fio; did you mean \"iodepth\"?"},
        {"frobnicate", "1", -1, "\"frobnicate\" is no option of fio"},
        {"wait_for", "b", -1,
         "\"wait_for\" is not modelled: a job waits for all jobs before it, or for none; write "
         "\"stonewall\""},
        {"exitall", NULL, -1,
         "\"exitall\" is not modelled: jobs end on their own; write a runtime for each"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fresh();
        ck_assert_str_eq(refused(cases[i].name, cases[i].value), cases[i].text);
        ck_assert_int_eq(job.fault, cases[i].fault);
    }
    fresh();
    set("exitall", "0"); /* off does nothing */
    set("verify", "crc32c");
    ck_assert(has_note("verify"));
}
END_TEST

static const char *unsettled(void) {
    err = (struct sim_err){0};
    ck_assert(!work_fio_settle(&job, &err));
    return err.text;
}

START_TEST(what_does_not_go_together) {
    fresh();
    set("rate", "1m");
    set("rate_iops", ",5");
    ck_assert_str_eq(unsettled(),
                     "\"rate\" and \"rate_iops\" limit the same; state one of them");
    fresh();
    set("time_based", NULL);
    ck_assert_str_eq(unsettled(), "\"time_based\" has no end; add a \"runtime\"");
    fresh();
    set("ioengine", "rdma");
    ck_assert_str_eq(unsettled(), "ioengine \"rdma\" makes no requests to a block device; "
                                  "io_uring and libaio do");
    fresh();
    set("ioengine", "libao");
    ck_assert_str_eq(unsettled(), "ioengine \"libao\" is none that is known; write io_uring, "
                                  "libaio or psync");
    fresh();
    set("nrfiles", "1024");
    set("numjobs", "1025");
    ck_assert_str_eq(unsettled(), "1024 files of 1025 processes are too many; at most 1048576");
}
END_TEST

START_TEST(names_are_unique) {
    struct work_fio_option a, b;
    for (uint32_t i = 0; work_fio_option(i, &a); i++) {
        ck_assert(a.doc[0] != '\0');
        for (uint32_t j = 0; j < i && work_fio_option(j, &b); j++) {
            ck_assert_str_ne(a.name, b.name);
            ck_assert(!a.alias || strcmp(a.alias, b.name) != 0);
            ck_assert(!b.alias || strcmp(b.alias, a.name) != 0);
            ck_assert(!a.alias || !b.alias || strcmp(a.alias, b.alias) != 0);
        }
    }
}
END_TEST

/* If this fails: make_fio_options prints what the page should say. */
START_TEST(page_is_true) {
    static char page[1 << 16];
    FILE *in = fopen(DPUSIM_SOURCE_DIR "/docs/fio.md", "r");
    ck_assert_ptr_nonnull(in);
    page[fread(page, 1, sizeof page - 1, in)] = '\0';
    fclose(in);
    for (int kind = WORK_FIO_MODELLED; kind <= WORK_FIO_REFUSED; kind++) {
        char *table = NULL;
        size_t length = 0;
        FILE *to = open_memstream(&table, &length);
        if (kind == WORK_FIO_MODELLED)
            fio_table_modelled(to);
        else
            fio_table_others(to, (enum work_fio_kind)kind);
        fclose(to);
        ck_assert_msg(strstr(page, table) != NULL, "docs/fio.md lacks\n%s", table);
        free(table);
    }
}
END_TEST

TEST_MAIN("options of fio", units, times, directions, values_of_three, splits, distributions,
          counts_and_switches, depths, alignment, messages, what_does_not_go_together,
          names_are_unique, page_is_true)
