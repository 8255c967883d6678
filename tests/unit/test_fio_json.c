/* test_fio_json.c - fio.json: all keys that Debian's fio writes of a job of its null engine,
 * and the numbers of the run; fio's own reader of such files takes it.
 */
#include "app_summary.h"
#include <math.h>

#define GOLDEN DPUSIM_SOURCE_DIR "/tests/golden/nvme.json"
#define LOCAL  DPUSIM_SOURCE_DIR "/configs/scenarios/nvme-local.json"
#define NEEDS  "is Debian's package fio installed? ./dpusim setup --test does it"

static json_t *fio;

static void runs(const char *file, const struct app_set *sets, size_t n) {
    make_folder();
    summarize(file, sets, n);
    fio = app_fio_json(&s);
    ck_assert_ptr_nonnull(fio);
}

static void over(void) {
    json_decref(fio);
    end();
}

static double of(const char *pointer) {
    const json_t *v = app_json_at(fio, pointer);
    ck_assert_msg(json_is_number(v), "%s is no number", pointer);
    return json_number_value(v);
}

static void near(double a, double b, double ratio) {
    ck_assert_msg(fabs(a - b) <= ratio * fabs(b), "%.12g is not near %.12g", a, b);
}

/* ---------------------------------------------------------------- numbers */

START_TEST(numbers_are_those_of_the_run) {
    runs(GOLDEN, NULL, 0);
    ck_assert_uint_eq(json_array_size(app_json_at(fio, "/jobs")), 2);
    ck_assert_str_eq(json_string_value(app_json_at(fio, "/jobs/0/jobname")), "reader");
    ck_assert_str_eq(json_string_value(app_json_at(fio, "/jobs/1/job options/rw")), "randrw");
    ck_assert_str_eq(json_string_value(app_json_at(fio, "/jobs/1/job options/bs")), "8k");
    ck_assert_str_eq(json_string_value(app_json_at(fio, "/jobs/0/job options/bsrange")),
                     "4k-16k");
    ck_assert_double_eq(of("/jobs/0/read/total_ios"), at("/streams/io/jobs/reader/read/items"));
    ck_assert_double_eq(of("/jobs/0/read/io_bytes"), at("/streams/io/jobs/reader/read/bytes"));
    near(of("/jobs/0/read/iops"), at("/streams/io/jobs/reader/read/items_per_s"), 1e-9);
    near(of("/jobs/0/read/bw_bytes"), at("/streams/io/jobs/reader/read/bits_per_s") / 8, 1e-6);
    ck_assert_double_eq(of("/jobs/0/read/runtime"), 4);
    near(of("/jobs/0/read/lat_ns/mean"),
         1e9 * at("/streams/io/jobs/reader/read/latency_s/mean"), 1e-4);
    near(of("/jobs/0/read/clat_ns/percentile/99.000000"),
         1e9 * at("/streams/io/jobs/reader/read/latency_s/p99"), 1e-4);
    ck_assert_double_eq(of("/jobs/1/sync/total_ios"),
                        at("/streams/io/jobs/writer/flush/items"));
    ck_assert_double_eq(of("/jobs/0/write/total_ios"), 0);
    /* 8 under way of each process, as soon as there is room; of the writer one */
    ck_assert_double_eq(of("/jobs/0/iodepth_level/8"), 100);
    ck_assert_double_eq(of("/jobs/1/iodepth_level/1"), 100);
    /* of samples, which leave the end out that is no whole one */
    near(of("/jobs/0/read/bw_agg") + of("/jobs/1/read/bw_agg"), 100, 0.05);
    over();
}
END_TEST

/* Every fio percentage of latency, and what bins say of it. */
START_TEST(shares_of_latency_are_those_of_the_bins) {
    static const struct {
        const char *unit;
        double ns;
    } units[] = {{"latency_ns", 1}, {"latency_us", 1e3}, {"latency_ms", 1e6}};
    runs(LOCAL, NULL, 0);
    double all = 0, below = 0, n = of("/jobs/0/read/clat_ns/N"), sum = 0, squares = 0, bins = 0;
    const char *key;
    json_t *v;
    for (int i = 0; i < 3; i++) {
        json_object_foreach(json_object_get(app_json_at(fio, "/jobs/0"), units[i].unit), key,
                            v) {
            all += json_number_value(v);
            below += i < 2 && strtod(key, NULL) <= 100 ? json_number_value(v) : 0;
        }
    }
    near(all, 100, 1e-9);
    json_object_foreach(app_json_at(fio, "/jobs/0/read/clat_ns/bins"), key, v) {
        double ns = strtod(key, NULL), each = json_number_value(v);
        bins += each;
        sum += each * ns;
        squares += each * ns * ns;
    }
    ck_assert_double_eq(bins, n);
    double mean = sum / n;
    near(of("/jobs/0/read/lat_ns/mean"), mean, 0.032);
    near(of("/jobs/0/read/lat_ns/stddev"), sqrt(squares / n - mean * mean), 0.05);
    ck_assert(below > 80 && below < 99); /* p90 is 96 us */
    over();
}
END_TEST

/* Reads that nothing delays all take the same: no deviation, one bin, one share. */
START_TEST(equal_latencies_do_not_deviate) {
    const struct app_set slow = {"/streams/io/rate_iops", "10000"};
    runs(LOCAL, &slow, 1);
    ck_assert_double_lt(of("/jobs/0/read/lat_ns/stddev"), 1);
    ck_assert_uint_eq(json_object_size(app_json_at(fio, "/jobs/0/read/clat_ns/bins")), 1);
    ck_assert_double_eq(of("/jobs/0/latency_us/100"), 100);
    ck_assert_double_eq(of("/jobs/0/iodepth_level/1"), 100);
    over();
}
END_TEST

/* A job that is over before the window is: its rates are of the time that it ran. */
START_TEST(a_job_that_ends_has_a_runtime_of_its_own) {
    const struct app_set sets[] = {{"/streams/io/number_ios", "1000"},
                                   {"/streams/io/rate_iops", "100000"},
                                   {"/run/warmup", "0s"}};
    runs(LOCAL, sets, 3);
    ck_assert_double_eq(of("/jobs/0/read/total_ios"), 1000);
    ck_assert_double_eq(of("/jobs/0/read/runtime"), 11);
    near(of("/jobs/0/read/iops"), 100000, 0.01);
    near(at("/streams/io/jobs/io/read/items_per_s"), 20000, 1e-9);
    over();
}
END_TEST

#define STEADY                                                                                 \
    "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'drive': { 'model': 'server', 'time': "  \
    "'1us', 'distribution': 'constant' } } }, 'chains': { 'all': [ { 'at': 'drive' }, { "      \
    "'end': 'reply' } ] }, 'streams': { 'io': { 'source': 'fio', 'rw': 'read', 'bs': '4k', "   \
    "'rate_iops': 100000, 'chain': { 'read': 'all' } } }, 'run': { 'warmup': '1ms', "          \
    "'duration': '20ms' } }"

/* At 100,000 a second, the same in each sample but for one more or less; twice as long a window
 * has as many samples, of twice the length. */
START_TEST(samples_are_of_equal_times) {
    static const struct app_set twice = {"/run/duration", "40ms"};
    for (int i = 0; i < 2; i++) {
        make_folder();
        summarize(put("t.json", STEADY), &twice, (size_t)i);
        fio = app_fio_json(&s);
        double sample = ldexp(1e-12, 29 + i); /* 53.7 or 107.4 requests each */
        ck_assert_double_eq(of("/jobs/0/read/iops_samples"), 37);
        ck_assert_double_eq(of("/jobs/0/read/bw_samples"), 37);
        ck_assert_double_eq(of("/jobs/0/read/iops_min"), floor(floor(1e5 * sample) / sample));
        ck_assert_double_eq(of("/jobs/0/read/iops_max"), floor(ceil(1e5 * sample) / sample));
        near(of("/jobs/0/read/iops_mean"), 1e5, 1e-3);
        near(of("/jobs/0/read/bw_mean"), 4e5, 1e-3);
        near(of("/jobs/0/read/bw_dev"), 4 * of("/jobs/0/read/iops_stddev"), 0.01);
        ck_assert_double_gt(of("/jobs/0/read/iops_stddev"), 0);
        over();
    }
}
END_TEST

START_TEST(packets_alone_have_none) {
    make_folder();
    summarize(DPUSIM_SOURCE_DIR "/tests/golden/queue.json", NULL, 0);
    ck_assert_ptr_null(app_fio_json(&s));
    end();
}
END_TEST

/* ---------------------------------------------------------------- fio itself */

static char *in_folder(const char *name) {
    static char path[4][256];
    static int n;
    char *at = path[n++ % 4];
    snprintf(at, sizeof path[0], "%s/%s", folder, name);
    return at;
}

static void shell(const char *command) {
    char all[1024];
    snprintf(all, sizeof all, "cd '%s' && %s >log 2>&1", folder, command);
    ck_assert_msg(system(all) == 0, "failed: %s\n" NEEDS, all);
}

/* All keys of a, to any depth, are in b, and are of the same type; numbers may be names of bins
 * and percentiles. */
static void has_keys(json_t *a, json_t *b, const char *where) {
    const char *key;
    json_t *v, *other;
    char at[512];
    if (json_is_array(a)) {
        has_keys(json_array_get(a, 0), json_array_get(b, 0), where);
        return;
    }
    bool free_names = strstr(where, "/bins") != NULL || strstr(where, "/job options") != NULL;
    json_object_foreach(a, key, v) {
        snprintf(at, sizeof at, "%s/%s", where, key);
        if (free_names)
            continue;
        other = json_object_get(b, key);
        ck_assert_msg(other != NULL, "fio writes %s", at);
        ck_assert_msg(json_typeof(v) == json_typeof(other), "%s is of another type", at);
        if (json_is_object(v) || json_is_array(v))
            has_keys(v, other, at);
    }
}

START_TEST(it_has_all_keys_of_fios_own) {
    struct sim_err err = {0};
    runs(GOLDEN, NULL, 0);
    put("null.fio", "[global]\nioengine=null\nsize=1m\n[a]\nrw=randrw\nbs=8k\niodepth=4\n"
                    "fsync=16\n[b]\nrw=randread\nbs=4k\niodepth=8\n");
    shell("fio --output-format=json+ --output=null.json null.fio");
    json_t *theirs = app_json_load(in_folder("null.json"), &err);
    ck_assert_msg(theirs != NULL, "%s", err.text);
    /* jobs of the same kind: theirs first, ours second */
    json_t *mine = json_deep_copy(fio);
    json_array_remove(json_object_get(mine, "jobs"), 0);
    json_object_clear(json_object_get(theirs, "global options"));
    has_keys(theirs, mine, "");
    json_decref(mine);
    json_decref(theirs);
    over();
}
END_TEST

/* Groups are numbered as fio does. */
START_TEST(groups_are_fios) {
    static const char jobs[] = "[global]\nioengine=null\nsize=64k\nbs=4k\nrw=read\n"
                               "[a]\nstonewall\n[b]\n[c]\nnew_group\n[d]\nstonewall\n"
                               "[e]\nnew_group=0\n[f]\nnew_group\nstonewall\n";
    struct sim_err err = {0};
    make_folder();
    put("g.fio", jobs);
    shell("fio --output-format=json --output=theirs.json g.fio");
    json_t *theirs = app_json_load(in_folder("theirs.json"), &err);
    ck_assert_msg(theirs != NULL, "%s", err.text);
    const char *file =
        put("t.json", "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'drive': {"
                      " 'model': 'server', 'time': '1us' } } }, 'chains': { "
                      "'all': [ { 'at': 'drive' }, { 'end': 'reply' } ] }, "
                      "'streams': { 'x': { 'source': 'fio', 'rw': 'read', "
                      "'size': '4k', 'chain': { 'read': 'all' } }, 'y': { "
                      "'source': 'fio', 'file': 'g.fio', 'chain': { 'read': "
                      "'all' } } }, 'run': { 'warmup': '0s', 'duration': '1ms' } }");
    summarize(file, NULL, 0);
    fio = app_fio_json(&s);
    size_t n = json_array_size(json_object_get(theirs, "jobs"));
    ck_assert_uint_eq(n, 6);
    ck_assert_uint_eq(json_array_size(json_object_get(fio, "jobs")), 7); /* x first, group 0 */
    for (size_t i = 0; i < n; i++) {
        const json_t *a = json_array_get(json_object_get(theirs, "jobs"), i);
        const json_t *b = json_array_get(json_object_get(fio, "jobs"), i + 1);
        ck_assert_str_eq(json_string_value(json_object_get(a, "jobname")),
                         json_string_value(json_object_get(b, "jobname")));
        ck_assert_int_eq(json_integer_value(json_object_get(a, "groupid")) + 1,
                         json_integer_value(json_object_get(b, "groupid")));
    }
    ck_assert_double_eq(of("/jobs/3/read/bw_agg"), 100);
    json_decref(theirs);
    over();
}
END_TEST

/* Its table of latencies: a row for each, with counts and running counts. */
START_TEST(fios_reader_takes_it) {
    char line[1024];
    runs(LOCAL, NULL, 0);
    ck_assert_int_eq(json_dump_file(fio, in_folder("fio.json"), JSON_INDENT(1)), 0);
    shell("fio_jsonplus_clat2csv fio.json out.csv");
    shell("fio_jsonplus_clat2csv fio.json out.csv --validate");
    FILE *in = fopen(in_folder("out_job0.csv"), "r");
    ck_assert_ptr_nonnull(in);
    double ns = 0, last = 0, n = 0, running = 0;
    ck_assert_ptr_nonnull(fgets(line, sizeof line, in));
    while (fgets(line, sizeof line, in)) {
        double each;
        ck_assert_int_eq(sscanf(line, "%lf, , , , %lf, %lf,", &ns, &each, &running), 3);
        ck_assert_double_gt(ns, last);
        n += each;
        last = ns;
        ck_assert_double_eq(running, n);
    }
    fclose(in);
    ck_assert_double_eq(n, of("/jobs/0/read/clat_ns/N"));
    ck_assert_double_eq(last, of("/jobs/0/read/clat_ns/max"));
    over();
}
END_TEST

TEST_MAIN("fio.json", numbers_are_those_of_the_run, shares_of_latency_are_those_of_the_bins,
          equal_latencies_do_not_deviate, a_job_that_ends_has_a_runtime_of_its_own,
          samples_are_of_equal_times, packets_alone_have_none, it_has_all_keys_of_fios_own,
          groups_are_fios, fios_reader_takes_it)
