/* test_block_expected.c - every shared block trace against what other tools counted in it.
 *
 * fio and blkparse for their own formats, plain counting by a separate script for the rest.
 * Files that are malformed on purpose are refused with their place.
 */
#include "tests/check_main.h"
#include "workloads/block_facts.h"
#include "workloads/stream.h"
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

static int wrong(const char *file, const char *what, double want, double have) {
    if (want == have)
        return 0;
    printf("%s: %s is %.17g, expected %.17g\n", file, what, have, want);
    return 1;
}

static double number(const json_t *want, const char *name) {
    return json_number_value(json_object_get(want, name));
}

/* A time as the trace's unit; null where the format stores none. */
static int compare_time(const char *file, const json_t *want, const char *name,
                        const struct work_block_about *a, int64_t ticks) {
    if (json_is_null(json_object_get(want, name)))
        return wrong(file, "time is stored", false, a->stores_time);
    int64_t unit = a->ticks_per_unit;
    double have = unit == 1 ? (double)ticks : 0;
    if (unit > 1) {
        char text[64];
        snprintf(text, sizeof text, "%" PRId64 ".%0*" PRId64, ticks / unit,
                 (int)lround(log10((double)unit)), ticks % unit);
        have = strtod(text, NULL);
    }
    return wrong(file, name, number(want, name), have);
}

static int compare_sizes(const char *file, const json_t *want,
                         const struct work_block_sums *s) {
    const json_t *top = json_object_get(want, "top_sizes"), *pair;
    size_t i;
    int bad = wrong(file, "distinct_sizes", number(want, "distinct_sizes"),
                    (double)s->distinct_sizes);
    json_array_foreach(top, i, pair) {
        bad += wrong(file, "a top size", json_number_value(json_array_get(pair, 0)),
                     (double)s->top[i].bytes);
        bad += wrong(file, "its requests", json_number_value(json_array_get(pair, 1)),
                     (double)s->top[i].requests);
    }
    return bad + !s->sizes_exact;
}

#define SAME(NAME, HAVE) wrong(file, #NAME, number(want, #NAME), (double)(HAVE))

static int compare(const char *file, const json_t *want, const struct work_block_about *a,
                   const struct work_block_sums *s) {
    uint64_t data = s->reads + s->writes;
    return SAME(requests, s->requests) + SAME(reads, s->reads) + SAME(writes, s->writes) +
           SAME(other, s->other) + SAME(bytes, s->read_bytes + s->write_bytes) +
           SAME(read_bytes, s->read_bytes) + SAME(write_bytes, s->write_bytes) +
           SAME(max_end_offset, s->max_end) +
           SAME(read_fraction, round(1e4 * (double)s->reads / (double)data) / 1e4) +
           compare_sizes(file, want, s) + compare_time(file, want, "min_time", a, s->min) +
           compare_time(file, want, "max_time", a, s->max);
}

static int compare_tallies(const char *file, const json_t *want,
                           const struct work_block_about *a) {
    const char *name;
    const json_t *count;
    int bad = 0;
    uint64_t all = 0, listed = 0;
    for (size_t i = 0; i < WORK_BLOCK_TALLIES; i++)
        all += a->tallies[i].count;
    json_object_foreach((json_t *)want, name, count) {
        uint64_t have = 0;
        for (size_t i = 0; i < WORK_BLOCK_TALLIES; i++)
            if (strcmp(a->tallies[i].name, name) == 0)
                have = a->tallies[i].count;
        bad += wrong(file, name, json_number_value(count), (double)have);
        listed += have;
    }
    return bad + wrong(file, "all that is counted", (double)listed, (double)all);
}

static int compare_events(const char *file, const json_t *want,
                          const struct work_block_facts *f) {
    return compare(file, json_object_get(want, "issued"), &f->about,
                   &f->sums[WORK_BLOCK_ISSUED]) +
           compare(file, json_object_get(want, "queued"), &f->about,
                   &f->sums[WORK_BLOCK_QUEUED]) +
           compare(file, json_object_get(want, "completed"), &f->about,
                   &f->sums[WORK_BLOCK_COMPLETED]);
}

static int check_facts(const char *file, const json_t *want, const struct work_block_facts *f) {
    static const char *const tallies[] = {"events", "actions", "scsi_opcodes"};
    int bad = 0;
    for (size_t i = 0; i < 3; i++) {
        const json_t *counts = json_object_get(want, tallies[i]);
        if (counts)
            bad += compare_tallies(file, counts, &f->about);
    }
    if (json_object_get(want, "records"))
        return bad + SAME(records, f->about.lines);
    if (json_object_get(want, "devices"))
        bad += SAME(devices, f->devices);
    if (json_object_get(want, "issued"))
        return bad + compare_events(file, want, f);
    return bad + compare(file, want, &f->about, &f->sums[f->event]);
}

/* What is malformed is refused, with its line and column. */
static int check_refusal(const char *file, const json_t *want, const struct sim_err *err) {
    unsigned line, column;
    bool bad = json_is_true(json_object_get(want, "malformed"));
    bool empty = number(want, "file_bytes") == 0;
    bool placed = sscanf(err->path, "line %u, column %u", &line, &column) == 2;
    if (bad && err->set && err->text[0] && (placed || empty))
        return 0;
    printf("%s: refused: %s: %s\n", file, err->path, err->text);
    return 1;
}

static int check_file(const char *folder, const char *file, const json_t *want) {
    static struct work_block_facts facts;
    char path[2048];
    struct sim_err err = {0};
    struct work_block_opts opts = {0};
    snprintf(path, sizeof path, "%s/block/%s", folder, file);
    struct work_stream *stream = work_stream_open(path, &err);
    if (!stream || !work_block_read_facts(path, stream, &opts, &facts, NULL, &err))
        return check_refusal(file, want, &err);
    if (json_is_true(json_object_get(want, "malformed")))
        return wrong(file, "refused", 1, 0);
    return check_facts(file, want, &facts);
}

START_TEST(equal_other_tools) {
    const char *shared = test_shared("traces");
    if (!shared)
        return;
    char folder[1024], list[1100];
    snprintf(folder, sizeof folder, "%s", shared);
    snprintf(list, sizeof list, "%s/expected.json", folder);
    json_t *all = json_load_file(list, 0, NULL), *want;
    const char *file;
    int bad = 0, files = 0;
    json_object_foreach(json_object_get(all, "block"), file, want) {
        if (strchr(file, '/')) /* descriptions of workloads, no traces */
            continue;
        bad += check_file(folder, file, want) != 0;
        files++;
    }
    json_decref(all);
    ck_assert_int_gt(files, 25);
    ck_assert_msg(bad == 0, "%d of %d traces differ", bad, files);
}
END_TEST

/* The binary records are of the run that the text is of. */
START_TEST(text_equals_binary) {
    static struct work_block_facts facts[2];
    static const char *const names[] = {"blkparse_raw_mixed.txt.gz",
                                        "blktrace_raw_mixed.bin.gz"};
    const char *shared = test_shared("traces/block");
    if (!shared)
        return;
    for (int i = 0; i < 2; i++) {
        char path[2048];
        struct sim_err err = {0};
        struct work_block_opts opts = {0};
        snprintf(path, sizeof path, "%s/%s", shared, names[i]);
        struct work_stream *stream = work_stream_open(path, &err);
        ck_assert(stream && work_block_read_facts(path, stream, &opts, &facts[i], NULL, &err));
    }
    for (int e = 0; e < WORK_BLOCK_EVENTS; e++)
        ck_assert_mem_eq(&facts[0].sums[e], &facts[1].sums[e], sizeof facts[0].sums[e]);
    ck_assert_str_eq(facts[0].device[0], facts[1].device[0]);
}
END_TEST

TEST_MAIN("block traces against other tools", equal_other_tools, text_equals_binary)
