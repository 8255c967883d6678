/* test_err.c - errors keep one line, the first wins; slips find the name that was meant. */
#include "aborts.h"
#include "sim/engine/err.h"
#include "tests/check_main.h"
#include <string.h>

START_TEST(prints_file_place_and_text) {
    struct sim_err e = {0};
    char line[2400];
    ck_assert(!sim_fail(&e, "a.json", "/blocks/pcie/lanes", "%d is not allowed", 12));
    ck_assert(e.set);
    ck_assert_str_eq(sim_err_line(&e, line, sizeof line),
                     "a.json: /blocks/pcie/lanes: 12 is not allowed");
}
END_TEST

START_TEST(first_error_wins) {
    struct sim_err e = {0};
    sim_fail(&e, NULL, NULL, "first");
    sim_fail(&e, "b.json", "/x", "second");
    char line[64];
    ck_assert_str_eq(sim_err_line(&e, line, sizeof line), "first");
    ck_assert(!sim_fail(NULL, "b.json", "/x", "nobody asks"));
}
END_TEST

START_TEST(leaves_empty_parts_out) {
    struct sim_err e = {0}, f = {0};
    char line[64];
    sim_fail(&e, "a.pcap", NULL, "too short");
    sim_fail(&f, NULL, "/run", "required");
    ck_assert_str_eq(sim_err_line(&e, line, sizeof line), "a.pcap: too short");
    ck_assert_str_eq(sim_err_line(&f, line, sizeof line), "/run: required");
}
END_TEST

START_TEST(stays_one_line) {
    struct sim_err e = {0};
    char line[256];
    sim_fail(&e, "a\nb", "/\x1b[2J", "found \"%s\"", "x\r\ny");
    ck_assert_str_eq(sim_err_line(&e, line, sizeof line),
                     "a\\u000ab: /\\u001b[2J: found \"x\\u000d\\u000ay\"");
}
END_TEST

START_TEST(shows_what_a_terminal_would_not) {
    static const struct {
        const char *text, *shown;
    } cases[] = {{"\u202eabc\u2066", "\\u202eabc\\u2066"},
                 {"a\u200bb\u00a0c\ufeff", "a\\u200bb\u00a0c\\ufeff"},
                 {"\u00e4\u20ac\U0001f600", "\u00e4\u20ac\U0001f600"},
                 {"\U000e0041", "\\U000e0041"},
                 {"\xff\xc3(\xed\xa0\x80\xe2\x82", "\\xff\\xc3(\\xed\\xa0\\x80\\xe2\\x82"},
                 {"\xc0\x80\xf4\x90\x80\x80", "\\xc0\\x80\\xf4\\x90\\x80\\x80"},
                 {"\xc2\x85\x7f", "\\u0085\\u007f"}};
    char buf[64];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_str_eq(sim_plain(cases[i].text, buf, sizeof buf), cases[i].shown);
    ck_assert_str_eq(sim_plain("abcdefgh", buf, 8), "abcd...");
    ck_assert_str_eq(sim_plain("abcd", buf, 8), "abcd");
}
END_TEST

START_TEST(cuts_long_names) {
    struct sim_err e = {0};
    char name[400], kept[64], line[1024], want[1024];
    memset(name, 'y', sizeof name);
    name[399] = '\0';
    snprintf(kept, sizeof kept, "%.59s", name);
    sim_fail(&e, name, name + 100, "no \"%s\", %s here", name, name + 250);
    snprintf(want, sizeof want, "%s: %sy...: no \"%s...\", %s here", name, kept, kept,
             name + 250);
    ck_assert_str_eq(sim_err_line(&e, line, sizeof line), want);
}
END_TEST

START_TEST(cuts_long_text_with_a_mark) {
    struct sim_err e = {0};
    char text[2000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 10 ? 'x' : ' ';
    text[sizeof text - 1] = '\0';
    sim_fail(&e, text, "/", "%s", text);
    ck_assert_uint_eq(strlen(e.source), sizeof e.source - 1);
    ck_assert_uint_eq(strlen(e.text), sizeof e.text - 1);
    ck_assert_str_eq(e.text + strlen(e.text) - 4, "x...");
    ck_assert_str_eq(e.source + strlen(e.source) - 4, "x...");
}
END_TEST

/* Every length near the limit: the cut never leaves half a character. */
START_TEST(cuts_between_utf8_characters) {
    for (int pad = 0; pad < 8; pad++) {
        struct sim_err e = {0};
        char text[2000] = "........";
        text[pad] = '\0';
        for (int i = 0; i < 400; i++)
            strcat(text, "\u20ac");
        sim_fail(&e, text, NULL, "%s", text);
        ck_assert_uint_eq((strlen(e.text) - 3 - (size_t)pad) % 3, 0);
        ck_assert_uint_ge(strlen(e.text), 60);
        size_t kept = strlen(e.source) - 3;
        ck_assert_uint_eq((kept - (size_t)pad) % 3, 0);
        ck_assert_uint_ge(kept, sizeof e.source - 1 - 3 - 2);
        ck_assert_str_eq(e.source + kept, "...");
    }
}
END_TEST

START_TEST(quotes_and_shortens) {
    char buf[96], text[100];
    ck_assert_str_eq(sim_quote("400GB", buf, sizeof buf), "\"400GB\"");
    ck_assert_str_eq(sim_quote("", buf, sizeof buf), "\"\"");
    memset(text, 'y', sizeof text);
    text[99] = '\0';
    sim_quote(text, buf, sizeof buf);
    ck_assert_uint_eq(strlen(buf), 60 + 5);
    ck_assert_str_eq(buf + 60, "y...\"");
}
END_TEST

START_TEST(finds_the_nearest_name) {
    static const char *const names[] = {"rate", "lanes", "latency", "queue_depth", "b", NULL};
    ck_assert_str_eq(sim_nearest("lane", names), "lanes");
    ck_assert_str_eq(sim_nearest("laens", names), "lanes");
    ck_assert_str_eq(sim_nearest("LATENCY", names), "latency");
    ck_assert_str_eq(sim_nearest("queuedepht", names), "queue_depth");
    ck_assert_str_eq(sim_nearest("Rates", names), "rate");
    ck_assert_ptr_null(sim_nearest("speed", names));
    ck_assert_ptr_null(sim_nearest("x", names)); /* one edit away, but nothing in common */
    ck_assert_ptr_null(sim_nearest("", names));
    ck_assert_ptr_null(sim_nearest("lanes", (const char *const[]){NULL}));
}
END_TEST

START_TEST(nearest_of_equals_is_the_first) {
    static const char *const names[] = {"port1", "port2", "Port3", NULL};
    ck_assert_str_eq(sim_nearest("port9", names), "port1");
    ck_assert_str_eq(sim_nearest("port3", names), "Port3");
}
END_TEST

START_TEST(nearest_minds_long_names) {
    char text[200], slip[200];
    memset(text, 'a', sizeof text);
    text[199] = '\0';
    memcpy(slip, text, sizeof slip);
    slip[100] = 'b';
    const char *const names[] = {text, "aa", NULL};
    ck_assert_ptr_eq(sim_nearest(text, names), text); /* no slip at all */
    ck_assert_ptr_null(sim_nearest(slip, names));
    ck_assert_str_eq(sim_nearest("aaa", names), "aa");
}
END_TEST

static void break_invariant(void) { SIM_ASSERT(1 + 1 == 3); }

START_TEST(assert_says_where_and_aborts) {
    char said[512];
    ck_assert(aborts(break_invariant, said, sizeof said));
    ck_assert_ptr_nonnull(strstr(said, "test_err.c:"));
    ck_assert_ptr_nonnull(strstr(said, "broken invariant: 1 + 1 == 3\n"));
    SIM_ASSERT(said[0]);
}
END_TEST

TEST_MAIN("err", prints_file_place_and_text, first_error_wins, leaves_empty_parts_out,
          stays_one_line, shows_what_a_terminal_would_not, cuts_long_names,
          cuts_long_text_with_a_mark, cuts_between_utf8_characters, quotes_and_shortens,
          finds_the_nearest_name, nearest_of_equals_is_the_first, nearest_minds_long_names,
          assert_says_where_and_aborts)
