/* quantity.c - quantities with units: exact decimal reading, exact and human printing.
 *
 * Two tables hold all spellings: a unit is a prefix and a suffix. No double is used but for
 * the human form. Leaves out: exponents ("1e3ns") and signs; nothing configured is negative.
 */
#include "quantity.h"
#include "err.h"
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { PLAIN = 1, SI = 2, IEC = 4, DECIMAL = PLAIN | SI, ALL = PLAIN | SI | IEC };
enum { DIGITS_MOST = 24, TEXT = 48 };

static const struct prefix {
    const char *text;
    int64_t factor;
    int kind;
} prefixes[] = {{"", 1, PLAIN},         {"k", 1000, SI},        {"K", 1000, SI},
                {"M", 1000000, SI},     {"G", 1000000000, SI},  {"T", 1000000000000, SI},
                {"Ki", 1LL << 10, IEC}, {"Mi", 1LL << 20, IEC}, {"Gi", 1LL << 30, IEC},
                {"Ti", 1LL << 40, IEC}};

static const struct suffix {
    enum sim_unit unit;
    const char *text;
    int64_t factor;
    int reads, prints; /* kinds of prefix it is read and printed with */
} suffixes[] = {
    {SIM_COUNT, "", 1, PLAIN, PLAIN},
    {SIM_TIME, "ps", 1, PLAIN, PLAIN},
    {SIM_TIME, "ns", 1000, PLAIN, PLAIN},
    {SIM_TIME, "us", 1000000, PLAIN, PLAIN},
    {SIM_TIME, "ms", 1000000000, PLAIN, PLAIN},
    {SIM_TIME, "s", 1000000000000, PLAIN, PLAIN},
    {SIM_RATE, "b/s", 1, ALL, DECIMAL},
    {SIM_RATE, "B/s", 8, ALL, 0},
    {SIM_BYTES, "B", 1, ALL, ALL},
    {SIM_BYTES, "", 1, PLAIN, 0},
    {SIM_HZ, "Hz", 1, DECIMAL, DECIMAL},
    {SIM_HZ, "T/s", 1, DECIMAL, 0},
    {SIM_PER_S, "/s", 1, DECIMAL, DECIMAL},
    {SIM_PER_S, "", 1, PLAIN, 0},
    {SIM_POWER, "mW", 1, PLAIN, PLAIN},
    {SIM_POWER, "W", 1000, PLAIN, PLAIN},
    {SIM_POWER, "kW", 1000000, PLAIN, PLAIN},
    {SIM_ENERGY, "fJ", 1, PLAIN, PLAIN},
    {SIM_ENERGY, "pJ", 1000, PLAIN, PLAIN},
    {SIM_ENERGY, "nJ", 1000000, PLAIN, PLAIN},
    {SIM_ENERGY, "uJ", 1000000000, PLAIN, PLAIN},
    {SIM_ENERGY, "mJ", 1000000000000, PLAIN, PLAIN},
    {SIM_ENERGY, "J", 1000000000000000, PLAIN, PLAIN},
    {SIM_CYCLES, "", 1, PLAIN, PLAIN},
    {SIM_RATIO, "", 1000000, PLAIN, PLAIN},
};

/* Endings people write elsewhere, in any case, and what they are here. */
static const struct alias {
    enum sim_unit unit;
    const char *found, *meant;
} aliases[] = {
    {SIM_RATE, "bits/s", "b/s"}, {SIM_RATE, "bit/s", "b/s"},    {SIM_RATE, "bytes/s", "B/s"},
    {SIM_RATE, "byte/s", "B/s"}, {SIM_RATE, "ps", "/s"},        {SIM_HZ, "ps", "/s"},
    {SIM_BYTES, "bytes", "B"},   {SIM_BYTES, "byte", "B"},      {SIM_PER_S, "pps", "/s"},
    {SIM_PER_S, "ops/s", "/s"},  {SIM_PER_S, "iops", "/s"},     {SIM_TIME, "sec", "s"},
    {SIM_TIME, "\u00b5s", "us"}, {SIM_TIME, "\u03bcs", "us"},   {SIM_POWER, "watts", "W"},
    {SIM_POWER, "watt", "W"},    {SIM_ENERGY, "\u00b5J", "uJ"}, {SIM_ENERGY, "\u03bcJ", "uJ"},
};

static const struct about {
    const char *name, *example, *pattern, *whole; /* whole: base unit, in the plural */
} about[SIM_UNITS] = {
    [SIM_COUNT] = {"count", "64", NULL, "ones"},
    [SIM_TIME] = {"time", "25ns", "^[0-9]+(\\.[0-9]+)? ?[munp]?s$", "ps"},
    [SIM_RATE] = {"rate", "400Gb/s", "^[0-9]+(\\.[0-9]+)? ?([kKMGT]|[KMGT]i)?[bB]/s$",
                  "bits/s"},
    [SIM_BYTES] = {"size", "64KiB", "^[0-9]+(\\.[0-9]+)?( ?([kKMGT]|[KMGT]i)?B)?$", "bytes"},
    [SIM_HZ] = {"frequency", "2.5GHz", "^[0-9]+(\\.[0-9]+)? ?[kKMGT]?(Hz|T/s)$", "Hz"},
    [SIM_PER_S] = {"rate per second", "330M/s", "^[0-9]+(\\.[0-9]+)?( ?[kKMGT]?/s)?$", "1/s"},
    [SIM_POWER] = {"power", "1.5W", "^[0-9]+(\\.[0-9]+)? ?[mk]?W$", "mW"},
    [SIM_ENERGY] = {"quantity of energy", "20nJ", "^[0-9]+(\\.[0-9]+)? ?[fpnum]?J$", "fJ"},
    [SIM_CYCLES] = {"cycle count", "4", NULL, "cycles"},
    [SIM_RATIO] = {"ratio", "0.25", NULL, "millionths"},
    [SIM_BOOL] = {"boolean", "true", NULL, NULL},
    [SIM_ENUM] = {"choice", "name", NULL, NULL},
    [SIM_STRING] = {"string", "text", NULL, NULL},
    [SIM_JSON] = {"JSON value", "{}", NULL, NULL},
};

const char *sim_unit_name(enum sim_unit unit) { return about[unit].name; }
const char *sim_unit_example(enum sim_unit unit) { return about[unit].example; }
const char *sim_unit_pattern(enum sim_unit unit) { return about[unit].pattern; }

struct spelling {
    char text[8];
    int64_t factor;
    int prints; /* the kind of its prefix, or 0: is read only */
};

/* The next spelling of `unit` from *at on, which is moved past it; false after the last. */
static bool next_spelling(enum sim_unit unit, size_t *at, struct spelling *out) {
    const size_t n = sizeof prefixes / sizeof *prefixes;
    const size_t all = n * (sizeof suffixes / sizeof *suffixes);
    for (size_t i = *at; i < all; i++) {
        const struct suffix *s = &suffixes[i / n];
        const struct prefix *p = &prefixes[i % n];
        if (s->unit != unit || !(s->reads & p->kind))
            continue;
        snprintf(out->text, sizeof out->text, "%s%s", p->text, s->text);
        out->factor = s->factor * p->factor;
        out->prints = s->prints & p->kind;
        *at = i + 1;
        return true;
    }
    return false;
}

/* A decimal as read: digits * 10^-decimals. */
enum verdict { WHOLE, TOO_FINE, TOO_LARGE };
struct number {
    unsigned __int128 digits;
    int decimals;
    enum verdict verdict;
    const char *end; /* first character behind it */
};

static const char *skip_digits(const char *text) {
    while (isdigit((unsigned char)*text))
        text++;
    return text;
}

/* Take the digits from..to; past DIGITS_MOST of them the verdict falls. */
static void take_digits(struct number *n, const char *from, const char *to, enum verdict full) {
    unsigned __int128 limit = 1;
    for (int i = 0; i < DIGITS_MOST; i++)
        limit *= 10;
    for (; from < to && n->verdict == WHOLE; from++) {
        if (n->digits >= limit || n->decimals == DIGITS_MOST)
            n->verdict = full;
        n->digits = n->digits * 10 + (unsigned)(*from - '0');
        n->decimals += full == TOO_FINE;
    }
}

/* @return false when text does not begin with a number. */
static bool read_number(const char *text, struct number *n) {
    *n = (struct number){.end = skip_digits(text)};
    if (n->end == text)
        return false;
    take_digits(n, text, n->end, TOO_LARGE);
    if (n->end[0] != '.' || !isdigit((unsigned char)n->end[1]))
        return true;
    const char *from = n->end + 1, *to = skip_digits(from);
    n->end = to;
    while (to > from && to[-1] == '0')
        to--;
    take_digits(n, from, to, TOO_FINE);
    return true;
}

/* The product stays below 10^25 * 8 * 2^40 < 2^128. */
static enum verdict scale(const struct number *n, int64_t factor, int64_t *value) {
    if (n->verdict != WHOLE)
        return n->verdict;
    unsigned __int128 product = n->digits * (unsigned __int128)factor, ten = 1;
    for (int i = 0; i < n->decimals; i++)
        ten *= 10;
    if (product / ten > INT64_MAX)
        return TOO_LARGE;
    if (product % ten)
        return TOO_FINE;
    *value = (int64_t)(product / ten);
    return WHOLE;
}

/* The unit's spelling that `found` equals but for case, fewest differences first. */
static bool match_case(enum sim_unit unit, const char *found, struct spelling *best) {
    struct spelling s;
    int fewest = 99;
    for (size_t at = 0; next_spelling(unit, &at, &s);) {
        if (strcasecmp(found, s.text) != 0)
            continue;
        int differ = 0;
        for (size_t i = 0; found[i]; i++)
            differ += found[i] != s.text[i];
        if (differ < fewest) {
            fewest = differ;
            *best = s;
        }
    }
    return fewest < 99;
}

/* What a wrong unit most likely means: "gb/s" or "Gbps" -> "Gb/s". */
static bool match_slip(enum sim_unit unit, const char *found, struct spelling *best) {
    if (match_case(unit, found, best))
        return true;
    size_t length = strlen(found);
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        const struct alias *a = &aliases[i];
        size_t tail = strlen(a->found);
        char meant[TEXT];
        if (a->unit != unit || tail > length || length >= sizeof meant / 2 ||
            strcasecmp(found + length - tail, a->found) != 0)
            continue;
        snprintf(meant, sizeof meant, "%.*s%s", (int)(length - tail), found, a->meant);
        if (match_case(unit, meant, best))
            return true;
    }
    return false;
}

static void explain_unit(enum sim_unit unit, const char *text, const char *quoted,
                         const char *found, char *why, unsigned long size) {
    struct spelling meant;
    const char *number_end = found > text && found[-1] == ' ' ? found - 1 : found;
    if (!*found)
        snprintf(why, size, "%s has no unit; write e.g. \"%s\"", quoted, about[unit].example);
    else if (match_slip(unit, found, &meant))
        snprintf(why, size, "%s is not a %s; %swrite \"%.*s%s\"", quoted, about[unit].name,
                 strcasecmp(found, meant.text) == 0 ? "case matters: " : "",
                 (int)(number_end - text), text, meant.text);
    else
        snprintf(why, size, "%s is not a %s; write e.g. \"%s\"", quoted, about[unit].name,
                 about[unit].example);
}

static bool explain_verdict(enum sim_unit unit, enum verdict verdict, const char *quoted,
                            char *why, unsigned long size) {
    char most[TEXT];
    if (verdict == TOO_LARGE)
        snprintf(why, size, "%s is too large; the largest %s is %s", quoted, about[unit].name,
                 sim_quantity_exact(unit, INT64_MAX, most, sizeof most));
    else if (verdict == TOO_FINE)
        snprintf(why, size, "%s is too fine; a %s is a whole number of %s", quoted,
                 about[unit].name, about[unit].whole);
    return verdict == WHOLE;
}

bool sim_quantity_parse(enum sim_unit unit, const char *text, int64_t *value, char *why,
                        unsigned long size) {
    SIM_ASSERT(unit <= SIM_RATIO);
    char quoted[96];
    sim_quote(text, quoted, sizeof quoted);
    struct number n;
    if (!read_number(text, &n)) {
        bool negative = text[0] == '-' && read_number(text + 1, &n);
        snprintf(why, size, "%s %s%s; write e.g. \"%s\"", quoted,
                 negative ? "is negative" : "is not a ", negative ? "" : about[unit].name,
                 about[unit].example);
        return false;
    }
    const char *found = n.end + (n.end[0] == ' ' && n.end[1] != '\0');
    struct spelling s;
    for (size_t at = 0; next_spelling(unit, &at, &s);)
        if (strcmp(found, s.text) == 0)
            return explain_verdict(unit, scale(&n, s.factor, value), quoted, why, size);
    explain_unit(unit, text, quoted, found, why, size);
    return false;
}

/* Print v / factor as a decimal. @return false when it does not end within out. */
static bool put_decimal(uint64_t v, uint64_t factor, char out[TEXT]) {
    int n = snprintf(out, TEXT, "%" PRIu64, v / factor);
    uint64_t rest = v % factor;
    if (rest)
        out[n++] = '.';
    for (; rest && n < TEXT - 1; rest %= factor) {
        rest *= 10;
        out[n++] = (char)('0' + rest / factor);
    }
    out[n] = '\0';
    return rest == 0;
}

const char *sim_quantity_exact(enum sim_unit unit, int64_t value, char *buf,
                               unsigned long size) {
    uint64_t v = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char text[TEXT], best[TEXT + 8];
    size_t least = SIZE_MAX;
    struct spelling s;
    snprintf(best, sizeof best, "%" PRIu64, v); /* for units without spellings */
    for (size_t at = 0; next_spelling(unit, &at, &s);) {
        if (!s.prints || !put_decimal(v, (uint64_t)s.factor, text))
            continue;
        size_t cost = 2 * (strlen(text) + strlen(s.text)) + (strchr(text, '.') != NULL);
        if (v != 0 && v < (uint64_t)s.factor)
            cost += 1000; /* "100ms", not "0.1s" */
        if (cost < least) {
            least = cost;
            snprintf(best, sizeof best, "%s%s", text, s.text);
        }
    }
    snprintf(buf, size, "%s%s", value < 0 ? "-" : "", best);
    return buf;
}

/* The largest decimal spelling that leaves value, rounded to four digits, at 1 or more; the
 * smallest one when there is none. */
static struct spelling fitting(enum sim_unit unit, double value) {
    struct spelling s, best = {.factor = 0};
    for (size_t at = 0; next_spelling(unit, &at, &s);) {
        if (!(s.prints & DECIMAL))
            continue;
        if (best.factor == 0 ||
            (s.factor > best.factor && fabs(value) >= 0.99995 * (double)s.factor))
            best = s;
    }
    return best.factor ? best : (struct spelling){.factor = 1};
}

const char *sim_quantity_human(enum sim_unit unit, double value, char *buf,
                               unsigned long size) {
    if (isnan(value)) {
        snprintf(buf, size, "n/a");
        return buf;
    }
    struct spelling s = fitting(unit, value);
    double scaled = value / (double)s.factor;
    bool whole = fabs(scaled) >= 999.95 && fabs(scaled) < 1e18;
    snprintf(buf, size, whole ? "%.0f%s%s" : "%.4g%s%s", scaled, *s.text ? " " : "", s.text);
    return buf;
}
