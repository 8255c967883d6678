/* test_field.c - one table: read from JSON, refused with file, pointer and a way out, echoed
 * so that reading the echo gives the same values, described as a schema. */
#include "aborts.h"
#include "sim/engine/field.h"
#include "tests/check_main.h"
#include <jansson.h>
#include <string.h>

struct port {
    int64_t lanes, depth, wait, rate, delay, hz, lookups, buffer, loss, on, policy;
    const char *label;
    const json_t *rules;
};

#define AT(member) offsetof(struct port, member)

static const struct sim_field table[] = {
    {"lanes", SIM_COUNT, AT(lanes), 0, 0, "16", "1|2|4|8|16", "PCIe lanes", "[PCIe5] 4.2"},
    {"depth", SIM_COUNT, AT(depth), 1, 1024, "64", NULL, "queue depth", NULL},
    {"wait", SIM_CYCLES, AT(wait), 0, 100, "4", NULL, "cycles of a stage", "assumed: few"},
    {"rate", SIM_RATE, AT(rate), 1000, INT64_MAX, NULL, NULL, "line rate", NULL},
    {"delay", SIM_TIME, AT(delay), 1000, 1000000000, "25ns", NULL, "wire delay", NULL},
    {"hz", SIM_HZ, AT(hz), 0, 0, "16GT/s", "8GT/s|16GT/s|32GT/s", "symbol rate", NULL},
    {"lookups", SIM_PER_S, AT(lookups), 1, 1000000000, "330M/s", NULL, "lookups", NULL},
    {"buffer", SIM_BYTES, AT(buffer), 64, 1 << 20, "64KiB", NULL, "buffer", NULL},
    {"loss", SIM_RATIO, AT(loss), 0, 1000000, "0.25", NULL, "share lost", NULL},
    {"on", SIM_BOOL, AT(on), 0, 0, "true", NULL, "whether it is up", NULL},
    {"policy", SIM_ENUM, AT(policy), 0, 0, "wait", "drop|wait|pause", "when full", NULL},
    {"label", SIM_STRING, AT(label), 0, 0, "", NULL, "printed name", NULL},
    {"rules", SIM_JSON, AT(rules), 0, 0, "", "{\"type\": \"array\"}", "rule list", NULL},
    {.name = NULL}};

static const char *const also[] = {"model", "count", NULL};
static const struct sim_place place = {"a.json", "/blocks/port~1"};

static struct sim_arena arena;
static struct sim_err err;

/* Reads text (with ' for ") as the object of a port. */
static bool read_port(const char *text, struct port *port, json_t **root) {
    char json[1024];
    snprintf(json, sizeof json, "%s", text);
    for (char *c = json; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    *root = json_loads(json, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    ck_assert_msg(*root != NULL, "the test's JSON: %s", json);
    memset(port, 0x5a, sizeof *port);
    err = (struct sim_err){0};
    return sim_fields_read(table, *root, port, also, place, &arena, &err);
}

static void done(json_t *root) {
    json_decref(root);
    sim_arena_free(&arena);
}

START_TEST(fills_defaults) {
    struct port p;
    json_t *root;
    ck_assert(read_port("{'rate': '400Gb/s', 'doc': 'x', 'model': 7}", &p, &root));
    ck_assert_int_eq(p.lanes, 16);
    ck_assert_int_eq(p.depth, 64);
    ck_assert_int_eq(p.wait, 4);
    ck_assert_int_eq(p.rate, 400000000000);
    ck_assert_int_eq(p.delay, 25000);
    ck_assert_int_eq(p.hz, 16000000000);
    ck_assert_int_eq(p.lookups, 330000000);
    ck_assert_int_eq(p.buffer, 65536);
    ck_assert_int_eq(p.loss, 250000);
    ck_assert_int_eq(p.on, 1);
    ck_assert_int_eq(p.policy, 1);
    ck_assert_ptr_null(p.label);
    ck_assert_ptr_null(p.rules);
    ck_assert(!err.set);
    done(root);
}
END_TEST

static const char full[] =
    "{'lanes': 8, 'depth': 1024, 'wait': 0, 'rate': '64GB/s', 'delay': '1.5us',"
    " 'hz': '32GHz', 'lookups': 50000, 'buffer': 9000, 'loss': 0.333333, 'on': false,"
    " 'policy': 'pause', 'label': 'p\\u00e9', 'rules': [1, {'a': null}]}";

START_TEST(reads_values) {
    struct port p;
    json_t *root;
    ck_assert(read_port(full, &p, &root));
    ck_assert_int_eq(p.lanes, 8);
    ck_assert_int_eq(p.wait, 0);
    ck_assert_int_eq(p.rate, 512000000000);
    ck_assert_int_eq(p.hz, 32000000000);
    ck_assert_int_eq(p.lookups, 50000);
    ck_assert_int_eq(p.buffer, 9000);
    ck_assert_int_eq(p.loss, 333333);
    ck_assert_int_eq(p.on, 0);
    ck_assert_int_eq(p.policy, 2);
    ck_assert_ptr_eq(p.rules, json_object_get(root, "rules"));
    ck_assert_int_eq(sim_field_int(&table[1], &p), 1024);
    ck_assert_ptr_ne(p.label, json_string_value(json_object_get(root, "label")));
    ck_assert_str_eq(p.label, "p\u00e9");
    done(root);
}
END_TEST

/* The echo is what one would write, and reads back to the same echo. */
START_TEST(echo_reads_back) {
    struct port p, q;
    json_t *root, *echo = json_object(), *again = json_object();
    ck_assert(read_port(full, &p, &root));
    ck_assert(sim_fields_write(table, &p, echo));
    char *text = json_dumps(echo, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15));
    ck_assert_str_eq(text,
                     "{\"lanes\":8,\"depth\":1024,\"wait\":0,\"rate\":\"512Gb/s\","
                     "\"delay\":\"1.5us\",\"hz\":\"32GHz\",\"lookups\":\"50k/s\","
                     "\"buffer\":\"9kB\",\"loss\":0.333333,\"on\":false,\"policy\":\"pause\","
                     "\"label\":\"p\\u00E9\",\"rules\":[1,{\"a\":null}]}");
    ck_assert(sim_fields_read(table, echo, &q, NULL, place, &arena, &err));
    ck_assert(sim_fields_write(table, &q, again));
    ck_assert(json_equal(echo, again));
    free(text);
    json_decref(echo);
    json_decref(again);
    done(root);
}
END_TEST

START_TEST(a_number_may_be_absent) {
    static const struct sim_field rows[] = {
        {"cost", SIM_CYCLES, 0, 0, 100, "", NULL, "cost", NULL}, {.name = NULL}};
    int64_t cost = 7;
    json_t *obj = json_object(), *echo = json_object();
    ck_assert(sim_fields_read(rows, obj, &cost, NULL, place, &arena, &err));
    ck_assert_int_eq(cost, SIM_ABSENT);
    ck_assert(sim_fields_write(rows, &cost, echo));
    ck_assert_uint_eq(json_object_size(echo), 0);
    json_object_set_new(obj, "cost", json_integer(0));
    ck_assert(sim_fields_read(rows, obj, &cost, NULL, place, &arena, &err));
    ck_assert_int_eq(cost, 0);
    json_t *schema = sim_fields_schema(rows);
    ck_assert_ptr_null(json_object_get(
        json_object_get(json_object_get(schema, "properties"), "cost"), "default"));
    ck_assert_uint_eq(json_array_size(json_object_get(schema, "required")), 0);
    json_decref(schema);
    json_decref(obj);
    json_decref(echo);
}
END_TEST

START_TEST(skips_what_is_absent) {
    struct port p;
    json_t *root, *echo = json_object();
    ck_assert(read_port("{'rate': '1Gb/s'}", &p, &root));
    ck_assert(sim_fields_write(table, &p, echo));
    ck_assert_ptr_null(json_object_get(echo, "label"));
    ck_assert_ptr_null(json_object_get(echo, "rules"));
    ck_assert_uint_eq(json_object_size(echo), 11);
    json_decref(echo);
    done(root);
}
END_TEST

START_TEST(every_ratio_survives_the_echo) {
    static const struct sim_field loss[] = {
        {"loss", SIM_RATIO, 0, 0, 1000000, "0", NULL, "share", NULL}, {.name = NULL}};
    for (int64_t ppm = 0; ppm <= 1000000; ppm += ppm < 1000 ? 1 : 997) {
        int64_t back = -1;
        json_t *echo = json_object();
        ck_assert(sim_fields_write(loss, &ppm, echo));
        char *text = json_dumps(echo, JSON_REAL_PRECISION(15));
        json_t *root = json_loads(text, 0, NULL);
        ck_assert(sim_fields_read(loss, root, &back, NULL, place, &arena, &err));
        ck_assert_int_eq(back, ppm);
        free(text);
        json_decref(echo);
        json_decref(root);
    }
    sim_arena_free(&arena);
}
END_TEST

static const struct bad {
    const char *key, *value, *why;
} bads[] = {
    {"lanes", "12", "12 is not allowed; use 1, 2, 4, 8 or 16"},
    {"lanes", "'8'", "\"8\" is not a count; write 8 without quotes"},
    {"lanes", "8.0", "8.0 is not a count; write 8"},
    {"lanes", "8.5", "8.5 is not a count; write e.g. 16"},
    {"lanes", "null", "null is not a count; write e.g. 16"},
    {"lanes", "'many'", "\"many\" is not a count; write e.g. 16"},
    {"depth", "0", "out of bounds: 0 is below the minimum 1"},
    {"depth", "1025", "out of bounds: 1025 is above the maximum 1024"},
    {"depth", "[1]", "an array is not a count; write e.g. 64"},
    {"wait", "-1", "out of bounds: -1 is below the minimum 0"},
    {"wait", "'2ns'", "\"2ns\" is not a cycle count; write e.g. 4"},
    {"rate", "'400GB'", "\"400GB\" is not a rate; write e.g. \"400Gb/s\""},
    {"rate", "400", "400 has no unit; write e.g. \"400Gb/s\""},
    {"rate", "true", "true is not a rate; write e.g. \"400Gb/s\""},
    {"rate", "'999b/s'", "out of bounds: \"999b/s\" is below the minimum \"1kb/s\""},
    {"delay", "'2ms'", "out of bounds: \"2ms\" is above the maximum \"1ms\""},
    {"delay", "{}", "an object is not a time; write e.g. \"25ns\""},
    {"hz", "'5GT/s'", "\"5GT/s\" is not allowed; use \"8GT/s\", \"16GT/s\" or \"32GT/s\""},
    {"lookups", "0", "out of bounds: 0 is below the minimum \"1/s\""},
    {"lookups", "1.5", "1.5 has no unit; write e.g. \"330M/s\""},
    {"buffer", "-64", "out of bounds: -64 is below the minimum \"64B\""},
    {"buffer", "'2MiB'", "out of bounds: \"2MiB\" is above the maximum \"1MiB\""},
    {"loss", "1.5", "out of bounds: 1.5 is above the maximum 1"},
    {"loss", "-0.5", "out of bounds: -0.5 is below the minimum 0"},
    {"loss", "1e300", "1e300 is not a ratio; write e.g. 0.25"},
    {"loss", "1e-9", "1e-9 is too fine; a ratio is a whole number of millionths"},
    {"loss", "'0.5'", "\"0.5\" is not a ratio; write 0.5 without quotes"},
    {"loss", "'half'", "\"half\" is not a ratio; write e.g. 0.25"},
    {"on", "1", "1 is not a boolean; write true or false"},
    {"on", "'false'", "\"false\" is not a boolean; write false without quotes"},
    {"policy", "'dorp'", "\"dorp\" is not allowed; use \"drop\", \"wait\" or \"pause\""},
    {"policy", "0", "0 is not allowed; use \"drop\", \"wait\" or \"pause\""},
    {"label", "3", "3 is not a string; write it in double quotes"},
    {"doc", "[]", "an array is not a string; write it in double quotes"},
    {"lanes", "'08'", "\"08\" is not a count; write 8 without quotes"},
    {"lanes", "-0.0", "-0.0 is not a count; write 0"},
    {"loss", "'00.5'", "\"00.5\" is not a ratio; write 0.5 without quotes"},
};

START_TEST(refuses_values) {
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
        const struct bad *b = &bads[i];
        struct port p;
        json_t *root;
        char text[256], line[2400], want[512];
        bool rate = strcmp(b->key, "rate") == 0;
        snprintf(text, sizeof text, "{%s'%s': %s}", rate ? "" : "'rate': '1Gb/s', ", b->key,
                 b->value);
        snprintf(want, sizeof want, "a.json: /blocks/port~1/%s: %s", b->key, b->why);
        ck_assert_msg(!read_port(text, &p, &root), "%s was taken", text);
        ck_assert_str_eq(sim_err_line(&err, line, sizeof line), want);
        done(root);
    }
}
END_TEST

#define KNOWN                                                                                  \
    "(known: lanes, depth, wait, rate, delay, hz, lookups, buffer, loss, on, policy, label, "  \
    "rules, model, count, doc)"

START_TEST(refuses_keys) {
    struct port p;
    json_t *root;
    ck_assert(!read_port("{'rate': '1Gb/s', 'laens': 4}", &p, &root));
    ck_assert_str_eq(err.path, "/blocks/port~1/laens");
    ck_assert_str_eq(err.text, "unknown key; did you mean \"lanes\"? " KNOWN);
    done(root);
    ck_assert(!read_port("{'Counts': 1, 'rate': 3}", &p, &root));
    ck_assert_str_eq(err.text, "unknown key; did you mean \"count\"? " KNOWN);
    done(root);
    ck_assert(!read_port("{'a/b~c': 1}", &p, &root));
    ck_assert_str_eq(err.path, "/blocks/port~1/a~1b~0c");
    ck_assert_str_eq(err.text, "unknown key " KNOWN);
    done(root);
}
END_TEST

/* Only where the row says so. */
START_TEST(a_number_may_stand_for_its_text) {
    static const struct sim_field rows[] = {
        {"sizes", SIM_STRING, 0, 0, 0, "imix", "number", "list of sizes", NULL},
        {.name = NULL}};
    static const char *const good[] = {"1518", "-7", "\"64:7,1518:1\""};
    static const char *const want[] = {"1518", "-7", "64:7,1518:1"};
    for (int i = 0; i < 4; i++) {
        const char *sizes = NULL;
        json_t *root = json_pack("{so}", "sizes",
                                 json_loads(i < 3 ? good[i] : "1.5", JSON_DECODE_ANY, NULL));
        bool ok = sim_fields_read(rows, root, &sizes, NULL, place, &arena, &err);
        ck_assert_int_eq(ok, i < 3);
        if (ok)
            ck_assert_str_eq(sizes, want[i]);
        done(root);
    }
    err = (struct sim_err){0};
}
END_TEST

START_TEST(misses_what_is_required) {
    static const struct sim_field rows[] = {
        {"mode", SIM_ENUM, 0, 0, 0, NULL, "fast|slow", "mode", NULL}, {.name = NULL}};
    struct port p;
    json_t *root;
    ck_assert(!read_port("{}", &p, &root));
    ck_assert_str_eq(err.path, "/blocks/port~1/rate");
    ck_assert_str_eq(err.text, "required; write e.g. \"400Gb/s\"");
    err = (struct sim_err){0};
    ck_assert(!sim_fields_read(rows, root, &p, NULL, place, &arena, &err));
    ck_assert_str_eq(err.text, "required; use \"fast\" or \"slow\"");
    done(root);
}
END_TEST

START_TEST(wants_an_object) {
    struct port p;
    json_t *root;
    ck_assert(!read_port("[1]", &p, &root));
    ck_assert_str_eq(err.path, "/blocks/port~1");
    ck_assert_str_eq(err.text, "an array is not an object; write {...}");
    done(root);
}
END_TEST

START_TEST(pointers_append_and_escape) {
    char buf[64], small[6];
    ck_assert_str_eq(sim_pointer(buf, sizeof buf, "", "a"), "/a");
    ck_assert_str_eq(sim_pointer(buf, sizeof buf, buf, "b/c~d"), "/a/b~1c~0d");
    ck_assert_str_eq(sim_pointer(buf, sizeof buf, buf, ""), "/a/b~1c~0d/");
    ck_assert_str_eq(sim_pointer(small, sizeof small, "/abc", "def"), "/abc/");
}
END_TEST

static const char *schema_text(const json_t *schema, const char *key, char buf[512]) {
    json_t *row = json_object_get(json_object_get(schema, "properties"), key);
    size_t n = json_dumpb(row, buf, 511, JSON_COMPACT | JSON_SORT_KEYS);
    ck_assert_uint_lt(n, 511);
    buf[n] = '\0';
    return buf;
}

START_TEST(describes_itself) {
    json_t *schema = sim_fields_schema(table);
    char buf[512];
    ck_assert_str_eq(json_string_value(json_object_get(schema, "type")), "object");
    json_t *required = json_object_get(schema, "required");
    ck_assert_uint_eq(json_array_size(required), 1);
    ck_assert_str_eq(json_string_value(json_array_get(required, 0)), "rate");
    ck_assert_str_eq(schema_text(schema, "lanes", buf),
                     "{\"default\":16,\"description\":\"PCIe lanes (count)\",\"enum\":"
                     "[1,2,4,8,16],\"type\":\"integer\",\"x-source\":\"[PCIe5] 4.2\"}");
    ck_assert_str_eq(schema_text(schema, "loss", buf),
                     "{\"default\":0.25,\"description\":\"share lost (ratio)\","
                     "\"maximum\":1.0,\"minimum\":0.0,\"type\":\"number\"}");
    ck_assert_str_eq(schema_text(schema, "delay", buf),
                     "{\"default\":\"25ns\",\"description\":\"wire delay (time)\","
                     "\"pattern\":\"^[0-9]+(\\\\.[0-9]+)? ?[munp]?s$\",\"type\":\"string\","
                     "\"x-maximum\":\"1ms\",\"x-minimum\":\"1ns\"}");
    ck_assert_str_eq(schema_text(schema, "lookups", buf),
                     "{\"default\":\"330M/s\",\"description\":\"lookups (rate per second)\","
                     "\"maximum\":1000000000,\"minimum\":1,"
                     "\"pattern\":\"^[0-9]+(\\\\.[0-9]+)?( ?[kKMGT]?/s)?$\","
                     "\"type\":[\"integer\",\"string\"],"
                     "\"x-maximum\":\"1G/s\",\"x-minimum\":\"1/s\"}");
    ck_assert_str_eq(schema_text(schema, "on", buf),
                     "{\"default\":true,\"description\":\"whether it is up (boolean)\","
                     "\"type\":\"boolean\"}");
    ck_assert_str_eq(schema_text(schema, "policy", buf),
                     "{\"default\":\"wait\",\"description\":\"when full (choice)\",\"enum\":"
                     "[\"drop\",\"wait\",\"pause\"],\"type\":\"string\"}");
    ck_assert_str_eq(schema_text(schema, "rules", buf),
                     "{\"description\":\"rule list (JSON value)\",\"type\":\"array\"}");
    ck_assert_str_eq(schema_text(schema, "doc", buf),
                     "{\"description\":\"a comment\",\"type\":\"string\"}");
    json_decref(schema);
}
END_TEST

static struct sim_field wrong[2];
static void read_wrong(void) {
    int64_t out[4] = {0};
    sim_fields_read(wrong, json_object(), out, NULL, place, &arena, &err);
}

START_TEST(wrong_defaults_are_our_fault) {
    static const struct sim_field rows[] = {
        {"n", SIM_COUNT, 0, 1, 9, "0", NULL, "", NULL},
        {"n", SIM_COUNT, 0, 1, 9, "x", NULL, "", NULL},
        {"n", SIM_COUNT, 0, 0, 0, "3", "1|2", "", NULL},
        {"n", SIM_COUNT, 0, 0, 0, "1", "1|two", "", NULL},
        {"n", SIM_TIME, 0, 0, 9, "25", NULL, "", NULL},
        {"n", SIM_BOOL, 0, 0, 0, "yes", NULL, "", NULL},
        {"n", SIM_ENUM, 0, 0, 0, "", "a|b", "", NULL},
        {"n", SIM_JSON, 0, 0, 0, "{}", NULL, "", NULL},
    };
    char said[512];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        wrong[0] = rows[i];
        ck_assert_msg(aborts(read_wrong, said, sizeof said), "row %zu: %s", i, said);
        ck_assert(strstr(said, " of row n: ") || strstr(said, "broken invariant"));
    }
}
END_TEST

TEST_MAIN("field", fills_defaults, reads_values, echo_reads_back, skips_what_is_absent,
          a_number_may_be_absent, every_ratio_survives_the_echo, refuses_values, refuses_keys,
          a_number_may_stand_for_its_text, misses_what_is_required, wants_an_object,
          pointers_append_and_escape, describes_itself, wrong_defaults_are_our_fault)
