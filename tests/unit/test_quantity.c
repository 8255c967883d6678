/* test_quantity.c - quantities are read exactly, refused helpfully, printed back. */
#include "sim/engine/quantity.h"
#include "tests/check_main.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

static const struct good {
    enum sim_unit unit;
    const char *text;
    int64_t value;
    const char *exact; /* NULL: as text */
} goods[] = {
    {SIM_TIME, "25ns", 25000, NULL},
    {SIM_TIME, "1.5us", 1500000, NULL},
    {SIM_TIME, "0.25ns", 250, "250ps"},
    {SIM_TIME, "2 ms", 2000000000, "2ms"},
    {SIM_TIME, "1s", 1000000000000, NULL},
    {SIM_TIME, "0.1s", 100000000000, "100ms"},
    {SIM_TIME, "0ns", 0, "0s"},
    {SIM_TIME, "9223372036854775807ps", INT64_MAX, NULL},
    {SIM_TIME, "0.000000000001s", 1, "1ps"},
    {SIM_TIME, "1.50000000000000000000000000000000000ns", 1500, "1.5ns"},
    {SIM_TIME, "000000000000000000000000000000000007ps", 7, "7ps"},
    {SIM_RATE, "400Gb/s", 400000000000, NULL},
    {SIM_RATE, "64GB/s", 512000000000, "512Gb/s"},
    {SIM_RATE, "1.25 B/s", 10, "10b/s"},
    {SIM_RATE, "1Gib/s", 1 << 30, "1073741824b/s"},
    {SIM_RATE, "1KiB/s", 8192, "8192b/s"},
    {SIM_BYTES, "64KiB", 65536, NULL},
    {SIM_BYTES, "2MB", 2000000, NULL},
    {SIM_BYTES, "2kB", 2000, NULL},
    {SIM_BYTES, "2KB", 2000, "2kB"},
    {SIM_BYTES, "9000B", 9000, "9kB"},
    {SIM_BYTES, "1518", 1518, "1518B"},
    {SIM_BYTES, "1536B", 1536, NULL},
    {SIM_BYTES, "1TiB", 1LL << 40, NULL},
    {SIM_HZ, "2.5GHz", 2500000000, NULL},
    {SIM_HZ, "800MHz", 800000000, NULL},
    {SIM_HZ, "32GT/s", 32000000000, "32GHz"},
    {SIM_HZ, "1T/s", 1, "1Hz"},
    {SIM_PER_S, "330M/s", 330000000, NULL},
    {SIM_PER_S, "50k/s", 50000, NULL},
    {SIM_PER_S, "50K/s", 50000, "50k/s"},
    {SIM_PER_S, "1T/s", 1000000000000, NULL},
    {SIM_PER_S, "50000", 50000, "50k/s"},
    {SIM_POWER, "1.5W", 1500, NULL},
    {SIM_POWER, "0.3W", 300, "300mW"},
    {SIM_POWER, "2 kW", 2000000, "2kW"},
    {SIM_POWER, "0W", 0, NULL},
    {SIM_ENERGY, "20nJ", 20000000, NULL},
    {SIM_ENERGY, "15pJ", 15000, NULL},
    {SIM_ENERGY, "0.5pJ", 500, "500fJ"},
    {SIM_ENERGY, "1.25uJ", 1250000000, "1250nJ"},
    {SIM_ENERGY, "2mJ", 2000000000000, NULL},
    {SIM_ENERGY, "9000J", 9000000000000000000, NULL},
    {SIM_COUNT, "64", 64, NULL},
    {SIM_CYCLES, "4", 4, NULL},
    {SIM_RATIO, "0.25", 250000, NULL},
    {SIM_RATIO, "1", 1000000, NULL},
    {SIM_RATIO, "0.000001", 1, NULL},
};

START_TEST(reads_and_prints_back) {
    for (size_t i = 0; i < sizeof goods / sizeof *goods; i++) {
        const struct good *g = &goods[i];
        char why[256] = "", buf[64];
        int64_t value = -1;
        bool ok = sim_quantity_parse(g->unit, g->text, &value, why, sizeof why);
        ck_assert_msg(ok, "%s: %s", g->text, why);
        ck_assert_msg(value == g->value, "%s: %" PRId64, g->text, value);
        ck_assert_str_eq(sim_quantity_exact(g->unit, value, buf, sizeof buf),
                         g->exact ? g->exact : g->text);
    }
}
END_TEST

static const struct bad {
    enum sim_unit unit;
    const char *text, *why;
} bads[] = {
    {SIM_RATE, "400GB", "\"400GB\" is not a rate; write e.g. \"400Gb/s\""},
    {SIM_RATE, "400gb/s", "\"400gb/s\" is not a rate; case matters: write \"400Gb/s\""},
    {SIM_RATE, "400gB/s", "\"400gB/s\" is not a rate; case matters: write \"400GB/s\""},
    {SIM_RATE, "400Gbps", "\"400Gbps\" is not a rate; write \"400Gb/s\""},
    {SIM_RATE, "400 gbps", "\"400 gbps\" is not a rate; write \"400Gb/s\""},
    {SIM_RATE, "8GBps", "\"8GBps\" is not a rate; write \"8GB/s\""},
    {SIM_RATE, "10Gbit/s", "\"10Gbit/s\" is not a rate; write \"10Gb/s\""},
    {SIM_RATE, "400", "\"400\" has no unit; write e.g. \"400Gb/s\""},
    {SIM_RATE, "32GT/s", "\"32GT/s\" is not a rate; write e.g. \"400Gb/s\""},
    {SIM_RATE, "", "\"\" is not a rate; write e.g. \"400Gb/s\""},
    {SIM_RATE, "fast", "\"fast\" is not a rate; write e.g. \"400Gb/s\""},
    {SIM_RATE, " 1b/s", "\" 1b/s\" is not a rate; write e.g. \"400Gb/s\""},
    {SIM_RATE, "1  b/s", "\"1  b/s\" is not a rate; write e.g. \"400Gb/s\""},
    {SIM_RATE, "1b/s ", "\"1b/s \" is not a rate; write e.g. \"400Gb/s\""},
    {SIM_RATE, "+1b/s", "\"+1b/s\" is not a rate; write e.g. \"400Gb/s\""},
    {SIM_RATE, ".5Gb/s", "\".5Gb/s\" is not a rate; write e.g. \"400Gb/s\""},
    {SIM_RATE, "5.Gb/s", "\"5.Gb/s\" is not a rate; write e.g. \"400Gb/s\""},
    {SIM_RATE, "1e3b/s", "\"1e3b/s\" is not a rate; write e.g. \"400Gb/s\""},
    {SIM_RATE, "1,5Gb/s", "\"1,5Gb/s\" is not a rate; write e.g. \"400Gb/s\""},
    {SIM_RATE, "0.1B/s", "\"0.1B/s\" is too fine; a rate is a whole number of bits/s"},
    {SIM_TIME, "0.5ps", "\"0.5ps\" is too fine; a time is a whole number of ps"},
    {SIM_TIME, "0.00000000000000000000000000000000001s",
     "\"0.00000000000000000000000000000000001s\" is too fine; a time is a whole number of ps"},
    {SIM_TIME, "-5ns", "\"-5ns\" is negative; write e.g. \"25ns\""},
    {SIM_TIME, "-", "\"-\" is not a time; write e.g. \"25ns\""},
    {SIM_TIME, "5 ", "\"5 \" is not a time; write e.g. \"25ns\""},
    {SIM_TIME, "5m", "\"5m\" is not a time; write e.g. \"25ns\""},
    {SIM_TIME, "5US", "\"5US\" is not a time; case matters: write \"5us\""},
    {SIM_TIME, "5\u00b5s", "\"5\u00b5s\" is not a time; write \"5us\""},
    {SIM_TIME, "5msec", "\"5msec\" is not a time; write \"5ms\""},
    {SIM_TIME, "9223373s",
     "\"9223373s\" is too large; the largest time is 9223372036854775807ps"},
    {SIM_TIME, "9223372036854775808ps",
     "\"9223372036854775808ps\" is too large; the largest time is 9223372036854775807ps"},
    {SIM_TIME, "100000000000000000000000000000000000000000s",
     "\"100000000000000000000000000000000000000000s\" is too large; the largest time is "
     "9223372036854775807ps"},
    {SIM_BYTES, "64KIB", "\"64KIB\" is not a size; case matters: write \"64KiB\""},
    {SIM_BYTES, "64kb", "\"64kb\" is not a size; case matters: write \"64kB\""},
    {SIM_BYTES, "64 bytes", "\"64 bytes\" is not a size; write \"64B\""},
    {SIM_BYTES, "1.5", "\"1.5\" is too fine; a size is a whole number of bytes"},
    {SIM_BYTES, "64K", "\"64K\" is not a size; write e.g. \"64KiB\""},
    {SIM_HZ, "2.5ghz", "\"2.5ghz\" is not a frequency; case matters: write \"2.5GHz\""},
    {SIM_HZ, "1GiHz", "\"1GiHz\" is not a frequency; write e.g. \"2.5GHz\""},
    {SIM_HZ, "32GT", "\"32GT\" is not a frequency; write e.g. \"2.5GHz\""},
    {SIM_PER_S, "330Mpps", "\"330Mpps\" is not a rate per second; write \"330M/s\""},
    {SIM_PER_S, "330m/s",
     "\"330m/s\" is not a rate per second; case matters: write \"330M/s\""},
    {SIM_POWER, "3", "\"3\" has no unit; write e.g. \"1.5W\""},
    {SIM_POWER, "3w", "\"3w\" is not a power; case matters: write \"3W\""},
    {SIM_POWER, "3 watts", "\"3 watts\" is not a power; write \"3W\""},
    {SIM_POWER, "0.5mW", "\"0.5mW\" is too fine; a power is a whole number of mW"},
    {SIM_POWER, "3J", "\"3J\" is not a power; write e.g. \"1.5W\""},
    {SIM_ENERGY, "20nj", "\"20nj\" is not a quantity of energy; case matters: write \"20nJ\""},
    {SIM_ENERGY, "0.5fJ",
     "\"0.5fJ\" is too fine; a quantity of energy is a whole number of fJ"},
    {SIM_ENERGY, "9224J",
     "\"9224J\" is too large; the largest quantity of energy is 9223372036854775807fJ"},
    {SIM_COUNT, "64B", "\"64B\" is not a count; write e.g. \"64\""},
    {SIM_RATIO, "0.0000001",
     "\"0.0000001\" is too fine; a ratio is a whole number of "
     "millionths"},
};

START_TEST(refuses_and_says_what_would_do) {
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
        const struct bad *b = &bads[i];
        char why[256] = "";
        int64_t value = -7;
        ck_assert_msg(!sim_quantity_parse(b->unit, b->text, &value, why, sizeof why),
                      "%s was taken", b->text);
        ck_assert_str_eq(why, b->why);
        ck_assert_int_eq(value, -7);
    }
}
END_TEST

START_TEST(prints_negatives_and_plain_units) {
    char buf[64];
    ck_assert_str_eq(sim_quantity_exact(SIM_TIME, -1500, buf, sizeof buf), "-1.5ns");
    ck_assert_str_eq(sim_quantity_exact(SIM_COUNT, INT64_MIN, buf, sizeof buf),
                     "-9223372036854775808");
    ck_assert_str_eq(sim_quantity_exact(SIM_ENUM, 3, buf, sizeof buf), "3");
    ck_assert_str_eq(sim_quantity_exact(SIM_RATIO, 0, buf, sizeof buf), "0");
}
END_TEST

START_TEST(prints_for_people) {
    static const struct {
        enum sim_unit unit;
        double value;
        const char *text;
    } rows[] = {
        {SIM_TIME, 1234567, "1.235 us"},
        {SIM_TIME, 0, "0 ps"},
        {SIM_TIME, 0.5, "0.5 ps"},
        {SIM_TIME, 999.96, "1 ns"},
        {SIM_TIME, 999.9, "999.9 ps"},
        {SIM_TIME, -25000, "-25 ns"},
        {SIM_TIME, 123456e12, "123456 s"},
        {SIM_RATE, 400e9, "400 Gb/s"},
        {SIM_BYTES, 1500, "1.5 kB"},
        {SIM_BYTES, 65536, "65.54 kB"},
        {SIM_HZ, 2.5e9, "2.5 GHz"},
        {SIM_PER_S, 148809523.8, "148.8 M/s"},
        {SIM_POWER, 31234, "31.23 W"},
        {SIM_ENERGY, 2400, "2.4 pJ"},
        {SIM_COUNT, 1234567, "1234567"},
        {SIM_COUNT, 0.33333333, "0.3333"},
        {SIM_CYCLES, 12.5, "12.5"},
        {SIM_RATIO, 250000, "0.25"},
        {SIM_RATE, 999949999999, "999.9 Gb/s"},
        {SIM_RATE, 999950000001, "1 Tb/s"},
    };
    char buf[64];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_str_eq(sim_quantity_human(rows[i].unit, rows[i].value, buf, sizeof buf),
                         rows[i].text);
    ck_assert_str_eq(sim_quantity_human(SIM_TIME, nan(""), buf, sizeof buf), "n/a");
}
END_TEST

START_TEST(examples_are_values) {
    char why[256];
    int64_t value;
    for (enum sim_unit u = SIM_COUNT; u < SIM_UNITS; u++) {
        ck_assert_ptr_nonnull(sim_unit_name(u));
        ck_assert_ptr_nonnull(sim_unit_example(u));
        ck_assert(u > SIM_RATIO ||
                  sim_quantity_parse(u, sim_unit_example(u), &value, why, sizeof why));
        ck_assert_int_eq(sim_unit_pattern(u) != NULL, u >= SIM_TIME && u <= SIM_ENERGY);
    }
}
END_TEST

START_TEST(short_buffers_only_cut) {
    char why[8], buf[4];
    int64_t value;
    ck_assert(!sim_quantity_parse(SIM_TIME, "later", &value, why, sizeof why));
    ck_assert_str_eq(why, "\"later\"");
    ck_assert_str_eq(sim_quantity_exact(SIM_TIME, 1500, buf, sizeof buf), "1.5");
}
END_TEST

TEST_MAIN("quantity", reads_and_prints_back, refuses_and_says_what_would_do,
          prints_negatives_and_plain_units, prints_for_people, examples_are_values,
          short_buffers_only_cut)
