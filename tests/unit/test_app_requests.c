/* test_app_requests.c - what a run says of requests to drives: by kind, job and namespace, in
 * the summary, and in the report as drives' data sheets speak.
 */
#include "app_summary.h"

#define GOLDEN DPUSIM_SOURCE_DIR "/tests/golden/nvme.json"
#define LOCAL  DPUSIM_SOURCE_DIR "/configs/scenarios/nvme-local.json"

static char *report;

static void runs(const char *file, const struct app_set *sets, size_t n) {
    setenv("DPUSIM_CONFIGS", DPUSIM_SOURCE_DIR "/configs", 1);
    summarize(file, sets, n);
    report = app_report_text(summary, APP_PLAIN);
}

static void over(void) {
    free(report);
    discard();
}

static void says(const char *text) {
    ck_assert_msg(strstr(report, text) != NULL, "no \"%s\" in:\n%s", text, report);
}

static void is_silent_of(const char *text) {
    ck_assert_msg(strstr(report, text) == NULL, "\"%s\" in:\n%s", text, report);
}

/* Sum of a number over all members, by kind, of "jobs" or "namespaces". */
static double sum(const char *key, const char *kind, const char *number) {
    const char *name;
    json_t *one;
    double total = 0;
    json_object_foreach(app_json_at(summary, key), name, one) {
        total += json_number_value(json_object_get(json_object_get(one, kind), number));
    }
    return total;
}

START_TEST(jobs_and_namespaces_add_up) {
    static const char *const kinds[] = {"read", "write", "flush"};
    runs(GOLDEN, NULL, 0);
    for (size_t i = 0; i < 3; i++) {
        char pointer[80];
        const char *number[] = {"items", "bytes"};
        for (int k = 0; k < 2; k++) {
            snprintf(pointer, sizeof pointer, "/streams/io/by_op/%s/%s", kinds[i], number[k]);
            ck_assert_double_eq(sum("/streams/io/jobs", kinds[i], number[k]), at(pointer));
            ck_assert_double_eq(sum("/streams/io/namespaces", kinds[i], number[k]),
                                at(pointer));
        }
    }
    /* each job has a drive of its own; only one writes */
    ck_assert_double_eq(at("/streams/io/jobs/reader/read/items"),
                        at("/streams/io/namespaces/0/read/items"));
    ck_assert_double_eq(at("/streams/io/jobs/writer/read/latency_s/mean"),
                        at("/streams/io/namespaces/1/read/latency_s/mean"));
    ck_assert_ptr_null(app_json_at(summary, "/streams/io/jobs/reader/write"));
    ck_assert_ptr_null(app_json_at(summary, "/streams/io/namespaces/2"));
    ck_assert_double_eq(sum("/streams/io/jobs", "read", "failed"), 0);
    over();
}
END_TEST

START_TEST(requests_are_no_packets) {
    runs(LOCAL, NULL, 0);
    ck_assert_str_eq(json_string_value(app_json_at(summary, "/streams/io/unit")), "requests");
    ck_assert_ptr_null(app_json_at(summary, "/streams/io/started/wire_bytes"));
    ck_assert_ptr_null(app_json_at(summary, "/streams/io/delivered/wire_bits_per_s"));
    ck_assert_double_eq(at("/streams/io/delivered/bytes"),
                        4096 * at("/streams/io/delivered/items"));
    says("nvme-local: 484 k IOPS, 1.982 GB/s read (mean 66.12 us, p99 146.8 us); ");
    says("Bound against simulated, per resource (requests delivered, tightest first)");
    says("A request at p50");
    is_silent_of("packet");
    is_silent_of("on the wire (");
    is_silent_of("goodput");
    over();
}
END_TEST

/* 32 are asked for at a time and each takes its own 54.9 us or more: the depth sets the pace.
 * At 10,000 a second it does not, and what is asked for comes through. */
START_TEST(the_depth_is_a_window_where_it_holds_requests_up) {
    const struct app_set slow = {"/streams/io/rate_iops", "10000"};
    runs(LOCAL, NULL, 0);
    ck_assert_str_eq(json_string_value(app_json_at(summary, "/bottleneck/kind")),
                     "closed-loop-depth");
    ck_assert_str_eq(json_string_value(app_json_at(summary, "/bottleneck/resource")),
                     "iodepth");
    ck_assert_double_eq(at("/bounds/0/capacity"), 32);
    says("it is the depth that limits, streams.io.iodepth");
    over();
    runs(LOCAL, &slow, 1);
    ck_assert_str_eq(json_string_value(app_json_at(summary, "/bottleneck/kind")),
                     "offered-load");
    says("nvme-local: 10 k IOPS, 40.96 MB/s read (mean 54.92 us, p99 54.92 us); nothing is "
         "full");
    over();
}
END_TEST

/* A drive that is not there: its requests fail, and are counted where they belong. */
START_TEST(what_failed_is_counted_by_job_and_namespace) {
    const struct app_set one = {"/dpu/blocks/ssd/count", "1"};
    runs(GOLDEN, &one, 1);
    ck_assert_double_eq(sum("/streams/io/jobs", "read", "failed"),
                        at("/streams/io/jobs/writer/read/failed"));
    ck_assert_double_gt(at("/streams/io/namespaces/1/read/failed"), 0);
    ck_assert_double_eq(at("/streams/io/namespaces/0/read/failed"), 0);
    ck_assert_double_eq(at("/streams/io/jobs/writer/read/items"), 0);
    double failed = sum("/streams/io/jobs", "read", "failed") +
                    sum("/streams/io/jobs", "write", "failed") +
                    sum("/streams/io/jobs", "flush", "failed");
    ck_assert_double_eq(failed, at("/streams/io/dropped/items"));
    says("of the requests failed by a verdict (");
    over();
}
END_TEST

/* A command with more data than the drive takes is refused; a stream makes several of it. */
START_TEST(a_drive_takes_so_much_at_a_time) {
    const struct app_set sets[] = {{"/streams/io/bs", "256k"},
                                   {"/dpu/blocks/ssd/max_transfer", "128KiB"},
                                   {"/streams/io/rate_iops", "1000"},
                                   {"/streams/io/max_request", "128KiB"}};
    runs(LOCAL, sets, 3);
    ck_assert_double_eq(at("/streams/io/delivered/items"), 0);
    ck_assert_double_gt(sum("/streams/io/jobs", "read", "failed"), 40);
    says("ssd0:too-large");
    over();
    runs(LOCAL, sets, 4);
    ck_assert_double_eq(sum("/streams/io/jobs", "read", "failed"), 0);
    ck_assert_double_eq(sum("/streams/io/jobs", "read", "items"), 50);
    ck_assert_double_eq(at("/streams/io/delivered/items"), 100);
    ck_assert_double_eq(sum("/streams/io/jobs", "read", "bytes"), 50 * 262144);
    over();
}
END_TEST

/* Beside packets: each speaks its own language. */
START_TEST(packets_beside_requests_read_well) {
    const struct app_set sets[] = {
        {"/dpu/blocks/line", "{\"model\": \"server\", \"time\": \"10ns\"}"},
        {"/chains/pass", "[{\"at\": \"line\"}]"},
        {"/streams/in", "{\"source\": \"synthetic\", \"packet_rate\": \"1M/s\", "
                        "\"sizes\": \"256\", \"flows\": 16, \"chain\": \"pass\"}"}};
    runs(LOCAL, sets, 3);
    says("nvme-local: of 2.208 Gb/s offered on the wire, 2.208 Gb/s came through, none were "
         "lost "
         "to full queues; 484 k IOPS, 1.982 GB/s read (mean ");
    says("\nStreams\n");
    says("offered and delivered are bits on the wire (frame, preamble, gap); goodput is");
    says("\nRequests to drives\n");
    says("(frame and payload bits delivered, tightest first)");
    ck_assert_double_gt(at("/streams/in/delivered/wire_bytes"), 0);
    over();
}
END_TEST

TEST_MAIN("requests", jobs_and_namespaces_add_up, requests_are_no_packets,
          the_depth_is_a_window_where_it_holds_requests_up,
          what_failed_is_counted_by_job_and_namespace, a_drive_takes_so_much_at_a_time,
          packets_beside_requests_read_well)
