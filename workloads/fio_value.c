/* fio_value.c - reads numbers, sizes, times and lists as fio writes them.
 *
 * Units are fio's: with kb_base=1024, the default, "4k" is 4,096 and "4kib" 4,000; with 1000
 * it is the other way round. Left out, and refused: arithmetic in parentheses, "4ki" (which
 * fio's manual and fio read differently).
 */
#include "workloads/fio_value.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool work_fio_wrong(const struct work_fio_value *v, const char *want) {
    char found[80];
    v->job->fault = (int)(v->at - v->text);
    return sim_fail(v->err, NULL, NULL, "found %s in \"%s\"; expected %s",
                    *v->at ? sim_quote(v->at, found, sizeof found) : "the end", v->name, want);
}

bool work_fio_is(struct work_fio_value *v, char c) {
    bool is = *v->at == c;
    v->at += is;
    return is;
}

bool work_fio_done(const struct work_fio_value *v) {
    return *v->at == '\0' || work_fio_wrong(v, "nothing more");
}

bool work_fio_between(struct work_fio_value *v, int64_t value, int64_t min, int64_t max) {
    char want[80];
    if (value >= min && value <= max)
        return true;
    v->at = v->text;
    snprintf(want, sizeof want, "a value from %lld to %lld", (long long)min, (long long)max);
    return work_fio_wrong(v, want);
}

/* Digits of a base. */
static bool digits(struct work_fio_value *v, unsigned base, uint64_t *out) {
    const char *begin = v->at;
    uint64_t sum = 0;
    for (;; v->at++) {
        int c = tolower((unsigned char)*v->at);
        unsigned digit = isdigit(c) ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
        if (!isxdigit(c) || digit >= base)
            break;
        if (sum > ((uint64_t)INT64_MAX - digit) / base) {
            v->at = begin;
            return false;
        }
        sum = sum * base + digit;
    }
    *out = sum;
    return v->at > begin;
}

static bool integer(struct work_fio_value *v, int64_t *out) {
    uint64_t value = 0;
    bool hexadecimal = strncasecmp(v->at, "0x", 2) == 0;
    v->at += hexadecimal ? 2 : 0;
    if (!digits(v, hexadecimal ? 16 : 10, &value))
        return false;
    *out = (int64_t)value;
    return true;
}

/* Where the letters of a unit end. */
static size_t letters(const struct work_fio_value *v) {
    size_t n = 0;
    while (isalpha((unsigned char)v->at[n]))
        n++;
    return n;
}

/* The factor of "k", "kb", "kib" and their like, 0 if it is none. */
static int64_t factor(const char *unit, size_t n, int64_t kb_base) {
    static const char prefixes[] = "kmgtp";
    if (n == 0)
        return 1;
    const char *prefix = strchr(prefixes, tolower((unsigned char)*unit));
    bool other = n == 3 && strncasecmp(unit + 1, "ib", 2) == 0;
    if (!prefix || !(n == 1 || other || (n == 2 && tolower((unsigned char)unit[1]) == 'b')))
        return 0;
    int64_t base = other ? 2024 - kb_base : kb_base, product = base;
    for (; prefix > prefixes; prefix--)
        product *= base;
    return product;
}

static bool times(struct work_fio_value *v, int64_t by, int64_t *value) {
    if (!__builtin_mul_overflow(*value, by, value))
        return true;
    v->at = v->text;
    return work_fio_wrong(v, "less than 2^63");
}

bool work_fio_bytes(struct work_fio_value *v, int64_t *out) {
    static const char want[] = "a whole number such as 4096, 4k, 64k, 1m, 2g";
    const char *begin = v->at;
    if (!integer(v, out))
        return work_fio_wrong(v, want);
    size_t n = letters(v);
    int64_t by = factor(v->at, n, v->job->kb_base);
    if (by == 0 || *v->at == '.') {
        v->at = begin;
        return work_fio_wrong(v, want);
    }
    v->at += n;
    return times(v, by, out);
}

bool work_fio_share(struct work_fio_value *v, struct work_fio_size *out) {
    struct work_fio_value ahead = *v;
    int64_t percent = 0;
    *out = (struct work_fio_size){0};
    if (!integer(&ahead, &percent) || !work_fio_is(&ahead, '%'))
        return work_fio_bytes(v, &out->bytes);
    if (percent < 1 || percent > 100)
        return work_fio_wrong(v, "a percentage from 1% to 100%");
    out->percent = percent;
    v->at = ahead.at;
    return true;
}

bool work_fio_time(struct work_fio_value *v, int64_t bare, int64_t *out) {
    static const struct {
        const char *name;
        int64_t ps;
    } units[] = {{"us", 1000000},         {"usec", 1000000},       {"ms", 1000000000},
                 {"msec", 1000000000},    {"s", 1000000000000},    {"m", 60000000000000},
                 {"h", 3600000000000000}, {"d", 86400000000000000}};
    const char *begin = v->at;
    if (!integer(v, out))
        return work_fio_wrong(v, "a time such as 30s, 500ms, 10us, 2m");
    size_t n = letters(v);
    int64_t ps = n == 0 && *v->at != '.' ? bare : 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (n == strlen(units[i].name) && strncasecmp(v->at, units[i].name, n) == 0)
            ps = units[i].ps;
    if (ps == 0) {
        v->at = begin;
        return work_fio_wrong(v, "a time such as 30s, 500ms, 10us, 2m");
    }
    v->at += n;
    return times(v, ps, out);
}

bool work_fio_ppm(struct work_fio_value *v, int64_t *out) {
    const char *begin = v->at;
    bool any = false;
    int64_t value = 0, unit = 1000000;
    for (; isdigit((unsigned char)*v->at) && value < INT64_MAX / 20; v->at++, any = true)
        value = value * 10 + (*v->at - '0') * unit;
    if (work_fio_is(v, '.'))
        for (; isdigit((unsigned char)*v->at) && unit > 1; v->at++, any = true)
            value += (*v->at - '0') * (unit /= 10);
    if (!any || isdigit((unsigned char)*v->at)) {
        v->at = begin;
        return work_fio_wrong(v, "a number with up to six places, such as 1.2");
    }
    *out = value;
    return true;
}

bool work_fio_word(struct work_fio_value *v, const char *choices, int64_t *out) {
    size_t n = strcspn(v->at, ":");
    int64_t index = 0;
    for (const char *c = choices;; index++) {
        size_t length = strcspn(c, "|");
        if (length == n && strncmp(c, v->at, n) == 0)
            break;
        if (c[length] == '\0') {
            char want[256];
            snprintf(want, sizeof want, "one of %s", choices);
            return work_fio_wrong(v, want);
        }
        c += length + 1;
    }
    v->at += n;
    *out = index;
    return true;
}

bool work_fio_each(struct work_fio_value *v, work_fio_one *one) {
    const char *last = v->at; /* what the directions behind the last one take */
    for (int dir = 0; dir < WORK_FIO_DIRS; dir++) {
        if (dir > 0 && work_fio_is(v, ','))
            last = v->at;
        const char *end = v->at;
        v->at = last;
        bool empty = *last == ',' || *last == '\0';
        if (!empty && !one(v, (enum work_fio_dir)dir))
            return false;
        if (v->at < end)
            v->at = end;
    }
    return work_fio_done(v);
}

void work_fio_remark(struct work_fio_job *job, const char *name, const char *why) {
    for (uint32_t i = 0; i < job->notes; i++)
        if (strcmp(job->note[i].name, name) == 0)
            return;
    if (job->notes == WORK_FIO_NOTES)
        return;
    struct work_fio_note *note = &job->note[job->notes++];
    snprintf(note->name, sizeof note->name, "%s", name);
    note->why = why;
}
