/* test_replay_expected.c - what is offered to the drives of every shared block trace, and of
 * every capture of NVMe/TCP, against what other tools counted in the file.
 */
#include "tests/request_world.h"
#include "workloads/nvme_tcp.h"
#include <inttypes.h>

/* Of the source; all of it, in a closed loop. */
static struct bench offer(const char *path) {
    struct bench b = replay_of(path, SIM_PS_PER_S, 10, ", 'iodepth': 64");
    char line[2048];
    if (b.w->failed)
        ck_abort_msg("%s", sim_err_line(&b.w->err, line, sizeof line));
    bench_audit(&b);
    ck_assert(b.source[0]->over);
    return b;
}

static int wrong(const char *file, const char *what, uint64_t want, uint64_t have) {
    if (want != have)
        printf("%s: %s is %" PRIu64 ", expected %" PRIu64 "\n", file, what, have, want);
    return want != have;
}

static uint64_t number(const json_t *want, const char *name) {
    return (uint64_t)json_integer_value(json_object_get(want, name));
}

static int check_trace(const char *path, const char *file, const json_t *want) {
    struct bench b = offer(path);
    const struct probe *p = b.probe;
    int bad = wrong(file, "reads", number(want, "reads"), p->ops[IO_READ]) +
              wrong(file, "writes", number(want, "writes"), p->ops[IO_WRITE]) +
              wrong(file, "bytes read", number(want, "read_bytes"), p->bytes[IO_READ]) +
              wrong(file, "bytes written", number(want, "write_bytes"), p->bytes[IO_WRITE]) +
              wrong(file, "all of them",
                    (uint64_t)(stat_of(&b, "requests") - stat_of(&b, "skipped_other")),
                    p->ops[IO_READ] + p->ops[IO_WRITE] + p->ops[IO_FLUSH] + p->ops[IO_TRIM]);
    bench_free(&b);
    return bad;
}

static json_t *expected(const char *shared, const char *part) {
    char path[2048];
    snprintf(path, sizeof path, "%s/expected.json", shared);
    json_t *all = json_load_file(path, 0, NULL);
    ck_assert_ptr_nonnull(all);
    json_t *of = json_incref(json_object_get(all, part));
    json_decref(all);
    return of;
}

START_TEST(block_traces) {
    const char *shared = test_shared("traces"), *file;
    if (shared == NULL)
        return;
    char path[2048];
    json_t *all = expected(shared, "block"), *want;
    int bad = 0, files = 0;
    json_object_foreach(all, file, want) {
        const json_t *issued = json_object_get(want, "issued");
        bool binary = json_object_get(want, "records") != NULL; /* counted as text elsewhere */
        snprintf(path, sizeof path, "%s/block/%s", shared, file);
        if (json_object_get(want, "malformed") != NULL ||
            (json_object_get(want, "reads") == NULL && issued == NULL && !binary))
            continue;
        if (binary)
            issued =
                json_object_get(json_object_get(all, "blkparse_raw_mixed.txt.gz"), "issued");
        bad += check_trace(path, file, issued != NULL ? issued : want);
        files++;
    }
    json_decref(all);
    ck_assert_int_gt(files, 15);
    ck_assert_int_eq(bad, 0);
}
END_TEST

/* tshark's counts; these captures' queues for admin commands have no such opcodes. */
static int check_capture(const char *path, const char *file, const json_t *opcodes) {
    struct bench b = offer(path);
    const struct probe *p = b.probe;
    int bad = wrong(file, "reads", number(opcodes, "0x02"), p->ops[IO_READ]) +
              wrong(file, "writes", number(opcodes, "0x01"), p->ops[IO_WRITE]) +
              wrong(file, "hidden", 0, (uint64_t)stat_of(&b, "hidden"));
    bench_free(&b);
    return bad;
}

START_TEST(captures) {
    const char *shared = test_shared("traces"), *file;
    if (shared == NULL)
        return;
    char path[2048];
    json_t *all = expected(shared, "pcap"), *want;
    int bad = 0, files = 0;
    json_object_foreach(all, file, want) {
        const json_t *op = json_object_get(json_object_get(want, "extra"), "nvme_cmd_opcodes");
        if (strncmp(file, "own_nvme_tcp_", 13) != 0 || op == NULL)
            continue;
        snprintf(path, sizeof path, "%s/pcap/%s", shared, file);
        bad += check_capture(path, file, op);
        files++;
    }
    json_decref(all);
    ck_assert_int_ge(files, 2);
    ck_assert_int_eq(bad, 0);
}
END_TEST

/* Of what a snaplen hides the rest is told of. */
START_TEST(cut_capture) {
    const char *path = test_shared("traces/pcap/own_nvme_tcp_seqwrite32k.pcap");
    if (path == NULL)
        return;
    struct bench b = offer(path);
    ck_assert_uint_gt(b.probe->ops[IO_WRITE], 0);
    ck_assert_uint_eq(b.probe->bytes[IO_WRITE], b.probe->ops[IO_WRITE] * 32768);
    ck_assert_int_gt(stat_of(&b, "hidden"), 0);
    ck_assert_ptr_nonnull(strstr(remark_of(&b), "are not all in the capture"));
    bench_free(&b);
}
END_TEST

/* The one that comes with the program, at its own times: tick by tick those of its packets. */
START_TEST(shipped) {
    const char *file = DPUSIM_SOURCE_DIR "/configs/scenarios/nvme-tcp.pcap.gz";
    struct sim_err err = {0};
    struct work_io io;
    struct bench b = replay_of(file, SIM_PS_PER_S, 10, "");
    struct work_nvme *n = work_nvme_open(file, (struct work_nvme_opts){0}, &err);
    int64_t first = 0, last = 0;
    ck_assert_uint_eq(b.probe->ops[IO_READ], 201);
    ck_assert_uint_eq(b.probe->ops[IO_WRITE], 99);
    for (uint32_t i = 0; i < 300; i++) {
        ck_assert_int_eq(work_nvme_next(n, &io, &err), WORK_RECORD);
        first = i == 0 ? io.time : first;
        last = i == 0 || io.time > last ? io.time : last;
        ck_assert_int_eq(b.probe->log[i].birth, (last - first) * 1000);
        ck_assert_uint_eq(b.probe->log[i].io.offset, io.offset);
        ck_assert_uint_eq(b.probe->log[i].io.bytes, io.bytes);
        ck_assert_uint_eq(b.probe->log[i].io.digest, io.content);
    }
    const struct work_requests *r = (const struct work_requests *)b.source[0];
    ck_assert_uint_eq(r->jobs, 1);
    ck_assert_str_eq(r->job_name[0], "nsid-1");
    ck_assert_uint_eq(r->outcome[0][IO_READ].items, 201);
    work_nvme_close(n);
    bench_free(&b);
}
END_TEST

TEST_MAIN("replayed requests against other tools", block_traces, captures, cut_capture, shipped)
