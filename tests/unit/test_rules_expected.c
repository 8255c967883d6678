/* test_rules_expected.c - ClassBench sets and header traces of ../shared: number of rules,
 * first-match sums and headers without a match are those found by an independent linear
 * search (expected.json). Skipped where ../shared is absent.
 */
#include "models/rules.h"
#include "tests/check_main.h"
#include <jansson.h>
#include <string.h>
#include <zlib.h>

static struct sim_arena arena;
static char folder[1024];

static long number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_integer(value), "%s", key);
    return (long)json_integer_value(value);
}

static void put4(uint8_t *out, unsigned long value) {
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* One line of a header trace: source, destination, ports, protocol, flags, filter number. */
static bool next_head(gzFile file, struct packet_head *head, long *filter) {
    char line[256];
    unsigned long src, dst, sport, dport, proto, flags;
    if (!gzgets(file, line, sizeof line) || line[0] == '\n')
        return false;
    ck_assert_int_eq(sscanf(line, "%lu %lu %lu %lu %lu %lu %ld", &src, &dst, &sport, &dport,
                            &proto, &flags, filter),
                     7);
    *head = (struct packet_head){.version = 4,
                                 .sport = (uint16_t)sport,
                                 .dport = (uint16_t)dport,
                                 .proto = (uint8_t)proto};
    put4(head->src, src);
    put4(head->dst, dst);
    return true;
}

static struct rules *read_set(const char *trace, const json_t *all) {
    char name[256], path[2048], line[2048];
    struct sim_err err = {0};
    const char *dot = strstr(trace, ".trace");
    snprintf(name, sizeof name, "%.*s.rules%s", (int)(dot - trace), trace, dot + 6);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    struct rules *set = rules_read(path, 0, &arena, &err);
    ck_assert_msg(set != NULL, "%s", sim_err_line(&err, line, sizeof line));
    ck_assert_int_eq(rules_count(set), number(json_object_get(all, name), "rules"));
    return set;
}

/* The linear search is slow: every 32nd header is enough to hold it to the same numbers. */
static void check_trace(const char *trace, const json_t *want, const json_t *all) {
    char path[2048];
    struct packet_head head;
    long filter, headers = 0, unmatched = 0, same = 0, sum = 0;
    const struct rules *set = read_set(trace, all);
    snprintf(path, sizeof path, "%s/%s", folder, trace);
    gzFile file = gzopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    for (; next_head(file, &head, &filter); headers++) {
        uint32_t i = rules_match(set, &head);
        if (headers % 32 == 0)
            ck_assert_uint_eq(i, rules_linear(set, &head));
        unmatched += i == PACKET_NO_RULE;
        same += i == (uint32_t)filter;
        sum += i == PACKET_NO_RULE ? 0 : i;
    }
    gzclose(file);
    ck_assert_int_eq(headers, number(want, "headers"));
    ck_assert_int_eq(unmatched, number(want, "unmatched"));
    ck_assert_int_eq(same, number(want, "first_match_equals_filter_number"));
    ck_assert_int_eq(sum, number(want, "sum_of_first_match_index"));
    sim_arena_free(&arena);
}

START_TEST(first_match_sums) {
    const char *shared = test_shared("traces/rules"), *key;
    json_t *value;
    int traces = 0;
    if (!shared)
        return;
    snprintf(folder, sizeof folder, "%s", shared);
    shared = test_shared("traces/expected.json");
    ck_assert_ptr_nonnull(shared);
    json_t *root = json_load_file(shared, 0, NULL), *all = json_object_get(root, "rules");
    ck_assert(json_is_object(all));
    json_object_foreach(all, key, value) {
        const json_t *want = json_object_get(value, "five_tuple_first_match");
        if (!want)
            continue;
        check_trace(key, want, all);
        traces++;
    }
    ck_assert_int_ge(traces, 7);
    json_decref(root);
}
END_TEST

START_TEST(malformed_set) {
    const char *path = test_shared("traces/rules/bad_mixed.rules");
    struct sim_err err = {0};
    if (!path)
        return;
    ck_assert_ptr_null(rules_read(path, 0, &arena, &err));
    ck_assert_str_eq(err.path, "line 2, column 1");
    sim_arena_free(&arena);
}
END_TEST

TEST_MAIN("rules_expected", first_match_sums, malformed_set)
