/* test_laws.c - every block, operation by operation: idle it takes the sum of its parts,
 * saturated it serves one each occupancy, both exact to the clock. The expected times are
 * written down from the parameters, none is asked of a model. An operation without a law fails.
 */
#include "laws_blocks.h"
#include "laws_bytes.h"

static void prepare(void) {
    make_folder();
    put("acl.json",
        "[ { 'src': '10.9.8.7/32', 'dst': '10.9.8.6/32', 'sport': '7', 'dport': '8',"
        " 'proto': 'tcp', 'action': 'deny' },"
        " { 'dst': '203.0.113.0/24', 'action': 'deny' },"
        " { 'src': '198.51.100.0/24', 'dport': '80', 'action': 'deny' } ]");
    put("regex.json", "[ { 'pattern': 'GET /admin' } ]");
}

static void all_hold(const struct law *laws) {
    prepare();
    for (; laws->model != NULL; laws++)
        law_holds(laws);
    drop_folder();
}

START_TEST(nic) { all_hold(laws_nic); }
END_TEST
START_TEST(tables) { all_hold(laws_tables); }
END_TEST
START_TEST(memory) { all_hold(laws_memory); }
END_TEST
START_TEST(links) { all_hold(laws_links); }
END_TEST
START_TEST(drives) { all_hold(laws_drives); }
END_TEST
START_TEST(cores) { all_hold(laws_cores); }
END_TEST

static void each_op(const char *model, void (*law)(const char *op)) {
    prepare();
    for (const struct sim_op *op = model_find(model)->ops; op->name != NULL; op++)
        law(op->name);
    drop_folder();
}

START_TEST(engine) { each_op("engine", law_of_engine); }
END_TEST

static void on_core(const char *op) {
    if (strcmp(op, "upcall") != 0) /* has rows of its own */
        law_of_core("cores", op, ONE_CORE);
}

static void on_host(const char *op) { law_of_core("host", op, ONE_QUEUE); }

START_TEST(ops_of_cores) { each_op("cores", on_core); }
END_TEST
START_TEST(ops_of_hosts) { each_op("host", on_host); }
END_TEST

START_TEST(regex) {
    static const struct law law[] = {
        {"regex", "scan",
         "'rules': 'regex.json', 'clock': '1GHz', 'setup_cycles': 9, 'pipeline_cycles': 70, "
         "'descriptor_latency': '300ns', 'lanes': 2, 'bytes_per_cycle': 4",
         "'misses': 1", .busy = {(9 + PAYLOAD / 4) * NS, 1},
         .latency = (9 + PAYLOAD / 4 + 70 + 300) * NS, .wait = NS - 1, .servers = 2},
        {.model = NULL}};
    all_hold(law);
}
END_TEST

static bool has_law(const char *model, const char *op) {
    static const struct law *const rows[] = {laws_nic,   laws_tables, laws_memory,
                                             laws_links, laws_drives, laws_cores};
    static const char *const all_ops[] = {"engine", "cores", "host", "regex"};
    for (size_t i = 0; i < sizeof all_ops / sizeof *all_ops; i++)
        if (strcmp(model, all_ops[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (const struct law *l = rows[i]; l->model != NULL; l++)
            if (strcmp(l->model, model) == 0 && strcmp(l->op, op) == 0)
                return true;
    return false;
}

START_TEST(no_operation_is_forgotten) {
    for (size_t i = 0; model_table[i] != NULL; i++)
        for (const struct sim_op *op = model_table[i]->ops; op->name != NULL; op++)
            ck_assert_msg(has_law(model_table[i]->name, op->name),
                          "%s, op %s: write a row that says how long it keeps the next one out "
                          "and how long it takes (tests/unit/laws_blocks.h)",
                          model_table[i]->name, op->name);
}
END_TEST

TEST_MAIN("laws", nic, tables, memory, links, drives, cores, engine, ops_of_cores, ops_of_hosts,
          regex, no_operation_is_forgotten)
