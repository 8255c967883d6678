/* prop_quantity.c - over random values: exact text parses back to the same value, in every
 * spelling that is exact; random text never does more than be refused.
 *
 * Values are drawn with a random number of bits and, half of the time, rounded to a few
 * decimal digits, so that short and long texts of all magnitudes come up.
 */
#include "sim/engine/quantity.h"
#include "tests/check_main.h"
#include <inttypes.h>
#include <string.h>

static uint64_t state;

static uint64_t draw(void) { /* splitmix64 */
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int64_t draw_value(void) {
    int64_t value = (int64_t)(draw() >> (1 + draw() % 63));
    int64_t ten = 1;
    for (uint64_t n = draw() % 16; n > 0; n--)
        ten *= 10;
    return draw() % 2 && value >= ten ? value / ten * ten : value;
}

START_TEST(exact_text_parses_back) {
    state = 1;
    for (enum sim_unit unit = SIM_COUNT; unit <= SIM_RATIO; unit++)
        for (int i = 0; i < 10000; i++) {
            int64_t value = draw_value(), back = -1;
            char text[64], why[256] = "";
            sim_quantity_exact(unit, value, text, sizeof text);
            ck_assert_msg(sim_quantity_parse(unit, text, &back, why, sizeof why), "%s", why);
            ck_assert_msg(back == value, "%" PRId64 " -> %s -> %" PRId64, value, text, back);
            ck_assert_uint_lt(strlen(text), 26);
        }
}
END_TEST

/* value + thousandths of it, written by hand in the next larger unit. */
START_TEST(decimals_are_exact) {
    static const struct {
        enum sim_unit unit;
        const char *small, *large;
    } steps[] = {{SIM_TIME, "ps", "ns"},    {SIM_TIME, "us", "ms"},  {SIM_RATE, "Mb/s", "Gb/s"},
                 {SIM_RATE, "B/s", "kB/s"}, {SIM_BYTES, "kB", "MB"}, {SIM_HZ, "GT/s", "THz"}};
    state = 2;
    for (int i = 0; i < 20000; i++) {
        size_t k = draw() % (sizeof steps / sizeof *steps);
        uint64_t n = draw() % 1000000;
        int64_t a = -1, b = -2;
        char small[32], large[32], why[256];
        snprintf(small, sizeof small, "%" PRIu64 "%s", n, steps[k].small);
        snprintf(large, sizeof large, "%" PRIu64 ".%03u %s", n / 1000, (unsigned)(n % 1000),
                 steps[k].large);
        ck_assert(sim_quantity_parse(steps[k].unit, small, &a, why, sizeof why));
        ck_assert(sim_quantity_parse(steps[k].unit, large, &b, why, sizeof why));
        ck_assert_msg(a == b, "%s is not %s", small, large);
    }
}
END_TEST

START_TEST(any_text_is_read_or_refused) {
    static const char letters[] = "0123456789999.. -+kKMGTibBpsunmHz/se";
    state = 3;
    for (int i = 0; i < 100000; i++) {
        enum sim_unit unit = (enum sim_unit)(draw() % (SIM_RATIO + 1));
        char text[64] = "", why[256] = "", again[64];
        int64_t value = -1, back = -2;
        for (uint64_t n = draw() % 40, at = 0; at < n; at++)
            text[at] = letters[draw() % (at < n / 2 ? 12 : sizeof letters - 1)];
        if (sim_quantity_parse(unit, text, &value, why, sizeof why)) {
            sim_quantity_exact(unit, value, again, sizeof again);
            ck_assert(value >= 0 && sim_quantity_parse(unit, again, &back, why, sizeof why));
            ck_assert_int_eq(value, back);
        } else
            ck_assert(strchr(why, ';') && value == -1);
    }
}
END_TEST

TEST_MAIN("quantity", exact_text_parses_back, decimals_are_exact, any_text_is_read_or_refused)
