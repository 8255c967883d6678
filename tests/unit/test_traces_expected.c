/* test_traces_expected.c - every shared capture against what tshark measured of it.
 *
 * Left out of the comparison: names of link types, which differ in wording. Times that 64 bits
 * of nanoseconds cannot hold are expected at the end of their range; a fraction that tshark
 * prints beyond a second is added, with the sign of the whole taken as that of the fraction.
 */
#include "tests/check_main.h"
#include "workloads/trace.h"
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

/* Files that are refused although tshark reads them, and why. */
static const struct {
    const char *file, *why;
} refused[] = {
    {"bad_zero_length.pcap", "an empty file is an error here, not a capture without packets"},
#ifndef DPUSIM_ZSTD
    {"pcapplusplus_pcapng-example.pcapng.zst", "built without libzstd"},
#endif
};

static bool is_refused(const char *file) {
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (strcmp(refused[i].file, file) == 0)
            return true;
    return false;
}

static uint64_t number(const json_t *facts, const char *name) {
    return (uint64_t)json_integer_value(json_object_get(facts, name));
}

/* "seconds.nanoseconds" as tshark prints it; a negative fraction makes it "-seconds.fraction".
 */
static int64_t time_of(const json_t *facts, const char *name) {
    const char *text = json_string_value(json_object_get(facts, name));
    bool negative = text[0] == '-';
    char *rest;
    __int128 ns = (__int128)strtoull(text + negative, &rest, 10) * 1000000000;
    __int128 fraction = rest[0] == '.' ? (__int128)strtoull(rest + 1, NULL, 10) : 0;
    ns += negative ? -fraction : fraction;
    return ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

static int differ(const char *file, const char *what, int64_t want, int64_t have) {
    if (want == have)
        return 0;
    printf("%s: %s is %" PRId64 ", expected %" PRId64 "\n", file, what, have, want);
    return 1;
}

static int compare_times(const char *file, const json_t *want,
                         const struct work_trace_facts *f) {
    if (!json_is_string(json_object_get(want, "first_ts")))
        return differ(file, "timeless", (int64_t)f->packets, (int64_t)f->timeless);
    return differ(file, "first_ts", time_of(want, "first_ts"), f->first_ts_ns) +
           differ(file, "last_ts", time_of(want, "last_ts"), f->last_ts_ns) +
           differ(file, "min_ts", time_of(want, "min_ts"), f->min_ts_ns) +
           differ(file, "max_ts", time_of(want, "max_ts"), f->max_ts_ns);
}

#define SAME(OBJECT, NAME) differ(file, #NAME, (int64_t)number(OBJECT, #NAME), (int64_t)f->NAME)

static int compare(const char *file, const json_t *want, const struct work_trace_facts *f) {
    const json_t *outer = json_object_get(want, "outer");
    return SAME(want, packets) + SAME(want, bytes_wire) + SAME(want, bytes_captured) +
           SAME(outer, ipv4) + SAME(outer, ipv6) + SAME(outer, tcp) + SAME(outer, udp) +
           SAME(outer, other_l4) + SAME(outer, non_ip) + SAME(want, flows_unidirectional) +
           SAME(want, flows_bidirectional) + compare_times(file, want, f) +
           differ(file, "damaged", number(want, "tshark_exit") != 0, f->damaged);
}

static int refusal(const char *file, const json_t *want, const struct sim_err *err) {
    bool right =
        is_refused(file) || (number(want, "packets") == 0 && number(want, "tshark_exit"));
    if (!right || !err->set || !err->text[0])
        printf("%s: refused: %s: %s\n", file, err->path, err->text);
    return !right || !err->set || !err->text[0];
}

static int check_file(const char *folder, const char *file, const json_t *want) {
    char path[2048];
    snprintf(path, sizeof path, "%s/pcap/%s", folder, file);
    struct work_trace_facts facts;
    struct sim_err err = {0};
    if (!work_trace_read(path, &facts, NULL, NULL, &err))
        return refusal(file, want, &err);
    if (is_refused(file))
        return differ(file, "refused", 1, 0);
    return compare(file, want, &facts);
}

START_TEST(equal_tshark) {
    const char *shared = test_shared("traces");
    if (!shared)
        return;
    char folder[1024], list[1100];
    snprintf(folder, sizeof folder, "%s", shared);
    snprintf(list, sizeof list, "%s/expected.json", folder);
    json_t *all = json_load_file(list, 0, NULL), *want;
    const char *file;
    int wrong = 0, files = 0;
    json_object_foreach(json_object_get(all, "pcap"), file, want) {
        wrong += check_file(folder, file, want) != 0;
        files++;
    }
    json_decref(all);
    ck_assert_int_gt(files, 0);
    ck_assert_msg(wrong == 0, "%d of %d captures differ", wrong, files);
}
END_TEST

TEST_MAIN("traces against tshark", equal_tshark)
