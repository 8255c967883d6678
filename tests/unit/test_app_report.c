/* test_app_report.c - the report in each of its formats, and what it calls things. */
#include "app_run.h"
#include "sim/app/text.h"

static struct app_scenario s;

static json_t *summary_on(const char *streams) {
    char text[2400];
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
             " 'a': { 'model': 'server', 'distribution': 'constant', 'time': '100ns' } } },"
             " 'chains': { 'c': [ {'at': 'a'} ], 'r': [ {'at': 'a'}, {'end': 'reply'} ] },"
             " 'streams': { %s }, 'run': { 'warmup': '10us', 'duration': '100us' } }",
             streams);
    make_folder();
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
    return summary_of(&s);
}

static void done(json_t *summary) {
    json_decref(summary);
    app_scenario_free(&s);
    drop_folder();
}

#define DMA                                                                                    \
    "'d': { 'source': 'dma', 'op': 'write', 'bytes': 250, 'outstanding': 4,"                   \
    " 'chain': { 'write': 'r', 'read': 'r' } }"
#define FEW                                                                                    \
    "'p': { 'source': 'synthetic', 'packet_rate': '1M/s', 'sizes': '250', 'chain': 'c' }"

static char *as(const json_t *summary, int format) {
    return format == 0 ? app_report_csv(summary)
                       : app_report_text(summary, (enum app_style)(format - 1));
}

/* What a DMA moves is no packet and has no preamble: in no format is it called so. */
START_TEST(operations_are_no_packets) {
    json_t *summary = summary_on(DMA);
    for (int i = 0; i < 5; i++) {
        char *text = as(summary, i);
        ck_assert_msg(strstr(text, "packet") == NULL && strstr(text, "reamble") == NULL,
                      "format %d: %s", i, text);
        ck_assert_ptr_nonnull(strstr(text, "operations"));
        free(text);
    }
    char *text = as(summary, 1);
    ck_assert_ptr_nonnull(strstr(text, "t: of 20 Gb/s of payload started, 20 Gb/s came"));
    ck_assert_ptr_nonnull(strstr(text, "An operation at p50"));
    free(text);
    done(summary);
}
END_TEST

/* Packets are; both together are items, and each stream says what it counts. */
START_TEST(mixed_streams_are_items) {
    json_t *summary = summary_on(DMA ", " FEW);
    char *text = as(summary, 1);
    ck_assert_ptr_nonnull(strstr(text, "\n  d: operations, bits of payload"));
    ck_assert_ptr_nonnull(strstr(text, "\n  p: packets, bits on the wire (frame, preamble"));
    ck_assert_ptr_nonnull(strstr(text, "An operation at"));
    ck_assert_ptr_nonnull(strstr(text, "A packet at"));
    free(text);
    done(summary);
}
END_TEST

static const char *shown(struct app_text *t) {
    static char text[1024];
    snprintf(text, sizeof text, "%s", t->at);
    free(t->at);
    return text;
}

static const char *table(enum app_style style) {
    struct app_text t = {.style = style};
    struct app_table tab;
    app_table_begin(&tab, "lbw");
    app_table_row(&tab, "what", "load", "when");
    app_table_row(&tab, "a<b|c", "125 %", "10 20 30");
    app_table_end(&tab, &t);
    return shown(&t);
}

START_TEST(tables) {
    ck_assert_str_eq(table(APP_PLAIN), "  what    load\n  a<b|c  125 %\n");
    ck_assert_str_eq(table(APP_MARKDOWN),
                     "\n| what | load |\n|---|---:|\n| a&lt;b\\|c | 125 % |\n");
    ck_assert_str_eq(
        table(APP_PAGE),
        "<table>\n<tr><th>what</th><th class=r>load</th><th>when</th></tr>\n"
        "<tr><td>a&lt;b|c</td><td class=\"b over\" style=\"--w:100%\">125 %</td><td "
        "class=w><i style=\"margin-left:10%;width:20%\"></i><b style=\"width:30%\"></b></td>"
        "</tr>\n</table>\n");
}
END_TEST

START_TEST(cells_of_csv) {
    struct app_text t = {0};
    app_put_csv(&t, "plain");
    app_put(&t, ",");
    app_put_csv(&t, "a \"b\", c");
    ck_assert_str_eq(shown(&t), "plain,\"a \"\"b\"\", c\"");
}
END_TEST

/* Every scalar is a row, by its pointer. */
START_TEST(csv_is_the_summary) {
    json_t *summary = summary_on(FEW);
    char *text = app_report_csv(summary), line[128];
    double n = json_number_value(app_json_at(summary, "/streams/p/delivered/items"));
    snprintf(line, sizeof line, "\n/streams/p/delivered/items,%.0f\n", n);
    ck_assert_int_eq(strncmp(text, "pointer,value\n/schema,dpusim.summary.v1\n", 40), 0);
    ck_assert_ptr_nonnull(strstr(text, line));
    ck_assert_ptr_nonnull(strstr(text, "\n/audit/passed,true\n"));
    free(text);
    done(summary);
}
END_TEST

TEST_MAIN("app report", operations_are_no_packets, mixed_streams_are_items, tables,
          cells_of_csv, csv_is_the_summary)
