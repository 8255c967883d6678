/* prop_app_storage.c - the shipped scenarios of storage, for a short while: they keep their
 * books, and give one digest and one summary in every form of the engine, and again.
 */
#include "tests/prop/app_forms.h"

enum { SETS = 10 };

/* Run configs/scenarios/NAME.json with pointers and values, in turn, up to a NULL. */
static void agrees(const char *name, const char *const *word) {
    struct app_set set[SETS];
    char file[512];
    size_t n = 0;
    snprintf(file, sizeof file, DPUSIM_SOURCE_DIR "/configs/scenarios/%s.json", name);
    for (; *word != NULL; word += 2) {
        ck_assert_uint_lt(n, SETS);
        set[n++] = (struct app_set){word[0], word[1]};
    }
    used = 0;
    say("%s", name);
    for (size_t i = 0; i < n; i++)
        say(" --set %s=%s", set[i].pointer, set[i].value);
    setenv("DPUSIM_CONFIGS", DPUSIM_SOURCE_DIR "/configs", 1);
    const struct to_run what = {.file = file, .set = set, .sets = n};
    ck_assert_msg(all_forms_agree(&what, 0), "%s does not run", name);
}

#define AGREES(NAME, ...) agrees(NAME, (const char *const[]){__VA_ARGS__, NULL})

#define SHORT "/run/warmup", "200us", "/run/duration", "600us", "/run/sample_one_in", "4"
#define READS SHORT, "/streams/io/bssplit", "4k/60:24k/40"
#define MIXED SHORT, "/streams/io/rw", "randrw"

START_TEST(nvme_local) {
    AGREES("nvme-local", SHORT, "/streams/io/rw", "randrw", "/streams/io/options", "fsync=16");
}
END_TEST

START_TEST(nvme_replay) {
    AGREES("nvme-replay", "/run/duration", "4ms");
    AGREES("nvme-replay", "/run/duration", "4ms", "/streams/trace/iodepth", "16");
}
END_TEST

START_TEST(nvmeof_rdma) {
    AGREES("nvmeof-rdma", SHORT, "/drives", "local");
    AGREES("nvmeof-rdma", MIXED, "/streams/io/iodepth", "16");
    AGREES("nvmeof-rdma", READS, "/streams/io/iodepth", "4", "/target", "interrupts");
    AGREES("nvmeof-rdma", MIXED, "/streams/io/iodepth", "4", "/target", "offload");
    AGREES("nvmeof-rdma", MIXED, "/streams/io/iodepth", "4", "/target", "offload", "/initiator",
           "host");
    AGREES("nvmeof-rdma", MIXED, "/streams/io/iodepth", "4", "/acks", "each", "/initiator",
           "virtio");
}
END_TEST

START_TEST(nvmeof_tcp) { AGREES("nvmeof-tcp", MIXED, "/streams/io/iodepth", "8"); }
END_TEST

START_TEST(checkpoint_write) {
    AGREES("checkpoint-write", "/run/duration", "20ms", "/incident", "oom");
}
END_TEST

START_TEST(dpu_mixed) { AGREES("dpu-mixed", "/run/warmup", "50us", "/run/duration", "100us"); }
END_TEST

TEST_MAIN("scenarios of storage", nvme_local, nvme_replay, nvmeof_rdma, nvmeof_tcp,
          checkpoint_write, dpu_mixed)
