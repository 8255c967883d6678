/* test_nvmeof.c - the scenarios of NVMe over Fabrics: what a read costs over a local one is the
 * sum of the stages shown, within what is published of such cards; and each part of the way is
 * the wall of a scenario that says so.
 */
#include "app_summary.h"

#define RDMA DPUSIM_SOURCE_DIR "/configs/scenarios/nvmeof-rdma.json"
#define TCP  DPUSIM_SOURCE_DIR "/configs/scenarios/nvmeof-tcp.json"
#define P50  "/streams/io/waterfall/p50"

enum { SETS = 12 };

/* Run with pointers and values, in turn, up to a NULL, in a shorter window. */
static void asked(const char *file, const char *duration, const char *const *word) {
    struct app_set set[SETS] = {{"/run/duration", duration}, {"/run/warmup", "2ms"}};
    size_t n = 2;
    for (; *word != NULL; word += 2)
        set[n++] = (struct app_set){word[0], word[1]};
    ck_assert_uint_le(n, SETS);
    setenv("DPUSIM_CONFIGS", DPUSIM_SOURCE_DIR "/configs", 1);
    summarize(file, set, n);
}

#define ASKED(FILE, DURATION, ...)                                                             \
    asked(FILE, DURATION, (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

static double part(const json_t *step, const char *key) {
    return json_number_value(json_object_get(step, key));
}

static bool is_drive(const char *component) { return strstr(component, ".ssd") != NULL; }

/* Of a journey, in seconds: what it took; its stages; those of the drive. */
struct stages {
    double latency, all, drive;
};

static struct stages stages_of(void) {
    struct stages sum = {.latency = at(P50 "/latency_s"), .all = at(P50 "/rest_s")};
    size_t i;
    json_t *step;
    json_array_foreach(app_json_at(summary, P50 "/steps"), i, step) {
        const char *component = json_string_value(json_object_get(step, "component"));
        double took = part(step, "travel_s") + part(step, "children_s") + part(step, "wait_s") +
                      part(step, "service_s");
        sum.all += took;
        sum.drive += is_drive(component) ? took : 0;
    }
    return sum;
}

/* Of the table of steps: how many were at all drives for the same. */
static double at_drives(const char *op) {
    double n = 0;
    size_t i;
    json_t *step;
    json_array_foreach(app_json_at(summary, "/streams/io/steps"), i, step) {
        if (is_drive(json_string_value(json_object_get(step, "component"))) &&
            strcmp(json_string_value(json_object_get(step, "op")), op) == 0)
            n += part(step, "items");
    }
    return n;
}

/* The means of the steps that a request waits for, of one of the drives in their shares, and
 * the wires between them as the journey has them. Data that comes back on a chain of its own
 * lands while the response is under way. */
static double mean_of_steps(void) {
    double sum = at(P50 "/rest_s");
    size_t i;
    json_t *step;
    json_array_foreach(app_json_at(summary, "/streams/io/steps"), i, step) {
        const char *chain = json_string_value(json_object_get(step, "chain"));
        const char *op = json_string_value(json_object_get(step, "op"));
        bool drive = is_drive(json_string_value(json_object_get(step, "component")));
        if (strcmp(chain, "data") != 0 && strcmp(chain, "land") != 0)
            sum += (drive ? part(step, "items") / at_drives(op) : 1) *
                   (part(json_object_get(step, "wait_s"), "mean") +
                    part(json_object_get(step, "service_s"), "mean"));
    }
    json_array_foreach(app_json_at(summary, P50 "/steps"), i, step) {
        sum += part(step, "travel_s") + part(step, "children_s");
    }
    return sum;
}

/* More than local: by the latencies, and by the stages other than the drive's. */
static void costs(double least_us, double most_us, const struct stages *local) {
    struct stages sum = stages_of();
    double more = at("/streams/io/latency_s/mean") - local->latency;
    ck_assert_double_eq_tol(sum.all, sum.latency, 1e-12);
    ck_assert_double_eq_tol(sum.latency - local->latency,
                            (sum.all - sum.drive) - (local->all - local->drive), 2e-9);
    ck_assert_double_eq_tol(sum.latency, at("/streams/io/latency_s/mean"), 20e-9);
    ck_assert_double_eq_tol(mean_of_steps(), at("/streams/io/latency_s/mean"), 60e-9);
    ck_assert_msg(more >= least_us * 1e-6 && more <= most_us * 1e-6,
                  "%.3f us more than local, not %.0f to %.0f", more * 1e6, least_us, most_us);
    discard();
}

START_TEST(a_remote_read_costs_its_stages) {
    ASKED(RDMA, "4ms", "/drives", "local");
    struct stages local = stages_of();
    ck_assert_double_eq_tol(local.all, local.latency, 1e-12);
    ck_assert_double_eq_tol(mean_of_steps(), at("/streams/io/latency_s/mean"), 60e-9);
    discard();
    ASKED(RDMA, "4ms");
    costs(6, 12, &local);
    ASKED(RDMA, "4ms", "/target", "offload");
    costs(6, 12, &local);
    ASKED(RDMA, "4ms", "/target", "interrupts");
    costs(12, 35, &local);
    ASKED(TCP, "4ms");
    costs(12, 35, &local);
}
END_TEST

/* ---------------------------------------------------------------- walls */

#define DEEP                                                                                   \
    "/nodes/target/blocks/ssd/profile", "micron-9550", "/streams/io/numjobs", "8",             \
        "/streams/io/iodepth", "16", "/streams/io/bs", "128k",                                 \
        "/nodes/target/blocks/ssd/count", "8"
#define WIDE "/nodes/target/blocks/pcie-ssd/lanes", "32"

static void wall(const char *component, const char *resource) {
    const char *found = json_string_value(app_json_at(summary, "/bottleneck/component"));
    const char *of = json_string_value(app_json_at(summary, "/bottleneck/resource"));
    const char *kind = json_string_value(app_json_at(summary, "/bottleneck/kind"));
    ck_assert_msg(strcmp(kind, "resource") == 0 || /* or several like drives together */
                      (strcmp(kind, "resources") == 0 && is_drive(found)),
                  "the wall is %s", kind);
    ck_assert_msg(strncmp(found, component, strlen(component)) == 0 &&
                      strncmp(of, resource, strlen(resource)) == 0,
                  "%s.%s, not %s.%s", found, of, component, resource);
    ck_assert_double_gt(at("/bottleneck/load_ratio"), 0.95);
    discard();
}

START_TEST(drives_are_a_wall) {
    ASKED(RDMA, "4ms", "/streams/io/numjobs", "8", "/streams/io/iodepth", "64");
    wall("target.ssd", "queues");
}
END_TEST

START_TEST(arm_cores_are_a_wall) {
    ASKED(RDMA, "1ms", "/nodes/target/blocks/ssd/profile", "micron-9550", "/streams/io/numjobs",
          "2", "/streams/io/iodepth", "128");
    wall("target.arm", "core");
}
END_TEST

START_TEST(dram_is_a_wall) {
    ASKED(RDMA, "1ms", DEEP, WIDE);
    wall("target.dram", "access");
}
END_TEST

START_TEST(the_network_is_a_wall) {
    ASKED(RDMA, "1ms", DEEP, WIDE, "/target", "offload");
    wall("target.port0", "tx");
}
END_TEST

START_TEST(the_initiators_pcie_is_a_wall) {
    ASKED(RDMA, "1ms", DEEP, WIDE, "/target", "offload", "/nodes/initiator/blocks/pcie/lanes",
          "8");
    wall("initiator.pcie", "to-host");
}
END_TEST

START_TEST(pcie_to_the_drives_is_a_wall) {
    ASKED(RDMA, "1ms", DEEP, "/nodes/target/blocks/pcie-ssd/lanes", "8", "/target", "offload");
    wall("target.pcie-ssd", "to-host");
}
END_TEST

/* ---------------------------------------------------------------- loads */

/* What the mix needs of the dies is what they were busy with, whatever else crosses the cable.
 */
static void loads(void) {
    size_t i, seen = 0;
    json_t *bound;
    json_array_foreach(app_json_at(summary, "/bounds"), i, bound) {
        if (!is_drive(json_string_value(json_object_get(bound, "component"))) ||
            strcmp(json_string_value(json_object_get(bound, "resource")), "dies") != 0)
            continue;
        ck_assert_double_eq_tol(part(bound, "load_ratio"), part(bound, "utilization"), 0.12);
        seen++;
    }
    ck_assert_uint_eq(seen, 4);
    discard();
}

#define WRITES                                                                                 \
    "/streams/io/rw", "randwrite", "/streams/io/bs", "128k", "/streams/io/iodepth", "16",      \
        "/run/warmup", "100ms"

START_TEST(loads_do_not_mix_what_crosses_a_cable) {
    ASKED(RDMA, "100ms", WRITES);
    loads();
    ASKED(RDMA, "100ms", WRITES, "/acks", "each");
    loads();
    ASKED(RDMA, "100ms", WRITES, "/target", "offload");
    loads();
}
END_TEST

/* ---------------------------------------------------------------- names */

/* Blocks of one name on both cards are told apart. */
START_TEST(steps_are_named_with_their_card) {
    static const char *const said[] = {
        "\n  initiator.port0.tx ", "\n  target.port0.tx ", "\n    initiator.arm.nvme-emulate ",
        "\n    target.arm.nvmf-command ", "Exchanges with another card"};
    ASKED(RDMA, "4ms");
    char *report = app_report_text(summary, APP_PLAIN);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        ck_assert_msg(strstr(report, said[i]) != NULL, "no \"%s\"", said[i]);
    ck_assert_ptr_null(strstr(report, "\n  port0.tx "));
    free(report);
    discard();
}
END_TEST

/* A connection's bytes on the line, with preamble and gap (20 a frame): over RDMA two datagrams
 * of the connection manager (8 + 256 in 62), over TCP two segments without data (70 around) and
 * the 128 bytes that begin a connection each way; then the Connect command with 1 KiB, and its
 * answer. */
START_TEST(a_connection_is_made_of_its_messages) {
    static const struct {
        const char *scenario;
        double there, back;
    } of[] = {{"nvmeof-rdma", 346 + 1170, 346 + 98},
              {"nvmeof-tcp", 90 + 218 + 1186, 90 + 218 + 114}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        char file[512];
        const struct app_set sets[] = {{"/connect", "shown"},
                                       {"/run/duration", "100ms"},
                                       {"/streams/io/start", "99ms"},
                                       {"/streams/io/number_ios", "1"}};
        snprintf(file, sizeof file, "%s/configs/scenarios/%s.json", DPUSIM_SOURCE_DIR,
                 of[i].scenario);
        summarize(file, sets, sizeof sets / sizeof *sets);
        ck_assert_double_eq(at("/streams/connect/delivered/items"), 16);
        ck_assert_double_eq(at("/streams/io/delivered/items"), 1);
        double there = at("/components/initiator.port0/counters/tx_wire_bytes");
        double back = at("/components/target.port0/counters/tx_wire_bytes");
        ck_assert_double_eq_tol(there, 16 * of[i].there, 200); /* and a read of 4 KiB */
        ck_assert_double_eq_tol(back, 16 * of[i].back, 4500);
        discard();
    }
}
END_TEST

TEST_MAIN("NVMe over Fabrics", a_connection_is_made_of_its_messages,
          loads_do_not_mix_what_crosses_a_cable, a_remote_read_costs_its_stages,
          drives_are_a_wall, arm_cores_are_a_wall, dram_is_a_wall, the_network_is_a_wall,
          the_initiators_pcie_is_a_wall, pcie_to_the_drives_is_a_wall,
          steps_are_named_with_their_card)
