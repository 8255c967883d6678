/* test_nvme_expected.c - the shared captures of NVMe/TCP against what tshark counted of them,
 * and what must be true of what it did not count.
 */
#include "tests/check_main.h"
#include "workloads/nvme_tcp.h"
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

static int differ(const char *file, const char *what, uint64_t want, uint64_t have) {
    if (want != have)
        printf("%s: %s is %" PRIu64 ", expected %" PRIu64 "\n", file, what, have, want);
    return want != have;
}

/* Each count of the list, and nothing else. @param most counts there are. */
static int compare(const char *file, const json_t *want, const uint64_t *have, unsigned most,
                   const char *format) {
    int wrong = 0;
    for (unsigned i = 0; i < most; i++) {
        char name[16];
        snprintf(name, sizeof name, format, i);
        const json_t *v = json_object_get(want, name);
        wrong += differ(file, name, (uint64_t)json_integer_value(v), have[i]);
    }
    return wrong;
}

/* What a request cannot be: fio wrote 32 KiB each, one behind the other in 64 MiB or more. */
static void plausible(const struct work_io *io, uint64_t count[WORK_IO_OPS]) {
    ck_assert_uint_eq(io->offset % 4096, 0);
    ck_assert(io->bytes == 4096 || io->bytes == 8192 || io->bytes == 32768);
    ck_assert_uint_eq(io->device, 0);
    ck_assert(io->response >= -1);
    count[io->op]++;
}

/* @return its facts, once all requests are read. */
static struct work_nvme *read_all(const char *path) {
    struct sim_err err = {0};
    struct work_nvme *n = work_nvme_open(path, (struct work_nvme_opts){0}, &err);
    ck_assert_msg(n != NULL, "%s", err.text);
    uint64_t count[WORK_IO_OPS] = {0};
    struct work_io io;
    for (int round = 0; round < 2; round++) {
        enum work_status status;
        memset(count, 0, sizeof count);
        while ((status = work_nvme_next(n, &io, &err)) == WORK_RECORD)
            plausible(&io, count);
        ck_assert_int_eq(status, WORK_END);
        for (int i = 0; i < WORK_IO_OPS; i++)
            ck_assert_uint_eq(count[i], work_nvme_facts(n)->requests[i]);
        ck_assert(round == 1 || work_nvme_rewind(n, &err));
    }
    return n;
}

static int check_file(const char *path, const char *file, const json_t *extra) {
    struct work_nvme *n = read_all(path);
    const struct work_nvme_facts *f = work_nvme_facts(n);
    uint64_t opcodes[256];
    int wrong = 0;
    memcpy(opcodes, f->opcodes, sizeof opcodes);
    opcodes[0x7f] = 0; /* tshark has no opcode of these */
    wrong += compare(file, json_object_get(extra, "nvme_tcp_pdu_types_reassembled"), f->pdus,
                     WORK_NVME_PDUS, "%u");
    wrong += compare(file, json_object_get(extra, "nvme_cmd_opcodes"), opcodes, 256, "0x%02x");
    wrong += differ(file, "bad PDUs", 0, f->bad_pdus);
    wrong += differ(file, "bad digests", 0, f->header_digests_bad + f->data_digests_bad);
    wrong += differ(file, "unmatched", 0, f->unmatched);
    wrong += differ(file, "lost", 0, f->lost_step + f->tcp.holes);
    work_nvme_close(n);
    return wrong;
}

START_TEST(equal_tshark) {
    const char *shared = test_shared("traces");
    if (!shared)
        return;
    char folder[1024], path[2048];
    snprintf(folder, sizeof folder, "%s", shared);
    snprintf(path, sizeof path, "%s/expected.json", folder);
    json_t *all = json_load_file(path, 0, NULL), *want;
    const char *file;
    int wrong = 0, files = 0;
    json_object_foreach(json_object_get(all, "pcap"), file, want) {
        const json_t *extra = json_object_get(want, "extra");
        if (json_object_get(extra, "nvme_tcp_pdu_types_reassembled") == NULL)
            continue;
        snprintf(path, sizeof path, "%s/pcap/%s", folder, file);
        wrong += check_file(path, file, extra);
        files++;
    }
    json_decref(all);
    ck_assert_int_gt(files, 0);
    ck_assert_int_eq(wrong, 0);
}
END_TEST

/* 200 bytes of each packet: 134 of a stream's. Nothing is lost in TCP; every PDU boundary that
 * is lost in hidden bytes is found again, and what is read is sound. */
START_TEST(cut_capture) {
    const char *path = test_shared("traces/pcap/own_nvme_tcp_seqwrite32k.pcap");
    if (!path)
        return;
    struct work_nvme *n = read_all(path);
    const struct work_nvme_facts *f = work_nvme_facts(n);
    ck_assert_uint_eq(f->connections, 2);
    ck_assert_uint_eq(f->tcp.holes + f->bad_pdus + f->given_up + f->failed, 0);
    ck_assert_uint_gt(f->lost_step, 0);
    ck_assert_uint_eq(f->lost_step, f->found_step);
    ck_assert_uint_eq(f->requests[WORK_IO_WRITE] + f->not_requests_cut,
                      f->commands - f->admin_commands);
    ck_assert_uint_eq(f->bytes[WORK_IO_WRITE], f->requests[WORK_IO_WRITE] * 32768);
    ck_assert_uint_eq(f->r2t_bytes % 32768, 0);
    ck_assert_uint_le(f->r2t_bytes, f->pdus[9] * 32768);
    work_nvme_close(n);
}
END_TEST

START_TEST(shipped) {
    struct work_nvme *n = read_all(DPUSIM_SOURCE_DIR "/configs/scenarios/nvme-tcp.pcap.gz");
    const struct work_nvme_facts *f = work_nvme_facts(n);
    ck_assert_uint_eq(f->pdus[4], 323);
    ck_assert_uint_eq(f->pdus[5], 114);
    ck_assert_uint_eq(f->pdus[7], 205);
    ck_assert_uint_eq(f->requests[WORK_IO_READ], 201);
    ck_assert_uint_eq(f->requests[WORK_IO_WRITE], 99);
    ck_assert_uint_eq(f->completed, 300);
    ck_assert(work_nvme_namespace(n, 0)->from == WORK_NVME_IDENTIFY);
    ck_assert_uint_eq(work_nvme_namespace(n, 0)->lba_bytes, 512);
    work_nvme_close(n);
}
END_TEST

START_TEST(no_nvme) {
    char path[1100];
    struct sim_err err = {0};
    struct work_io io;
    snprintf(path, sizeof path, "%s/configs/scenarios/quickstart.pcap.gz", DPUSIM_SOURCE_DIR);
    struct work_nvme *n = work_nvme_open(path, (struct work_nvme_opts){0}, &err);
    ck_assert_ptr_nonnull(n);
    ck_assert_int_eq(work_nvme_next(n, &io, &err), WORK_DAMAGED);
    ck_assert_str_eq(err.source, path);
    ck_assert_ptr_nonnull(strstr(err.text, "holds no NVMe/TCP"));
    work_nvme_close(n);
    err.set = false;
    ck_assert_ptr_null(work_nvme_open(path, (struct work_nvme_opts){.lba_bytes = 520}, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "cannot have blocks of 520 bytes"));
    err.set = false;
    ck_assert_ptr_null(work_nvme_open("/nowhere", (struct work_nvme_opts){0}, &err));
    ck_assert(err.set);
}
END_TEST

TEST_MAIN("NVMe/TCP against tshark", equal_tshark, cut_capture, shipped, no_nvme)
