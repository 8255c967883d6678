/* rules_classbench.c - the ClassBench form of a rule file: one rule a line.
 *
 * Source: D. Taylor and J. Turner, "ClassBench: a packet classification benchmark" (INFOCOM
 * 2005). Fields are separated by blanks or tabs. Accepted: host bits set below a prefix (they
 * are masked), any protocol mask, flags present or not (checked, not used), blanks or a
 * carriage return at the end of a line, blank lines and lines that begin with "#" (skipped).
 * The form is IPv4 only, so 0.0.0.0/0 is all of IPv4 and no IPv6. Refused: everything else,
 * at its line and column.
 */
#include "models/rules_reader.h"
#include <string.h>

/* Copy the word at the reader's place, or the one byte that is no word, for a message. */
static void copy_word(const struct rules_reader *r, char *out, size_t size) {
    size_t n = 0;
    while (n + 1 < size && r->at + n < r->end && rules_digit(r->at[n], 36) >= 0) {
        out[n] = r->at[n];
        n++;
    }
    if (n == 0) {
        char c = *r->at;
        if (c == '\t')
            c = ' ';
        else if (c < ' ' || c > '~')
            c = '?';
        out[n++] = c;
    }
    out[n] = '\0';
}

/* Fail at the reader's place: what stands there, and what would do. */
static bool expected(struct rules_reader *r, const char *want) {
    char found[40];
    const char *path = sim_printf(&r->scratch, "line %u, column %zu", r->line_number,
                                  (size_t)(r->at - r->line) + 1);
    if (r->at == r->end)
        return sim_fail(r->err, r->name, path, "the line ends; expected %s", want);
    copy_word(r, found, sizeof found);
    return sim_fail(r->err, r->name, path, "found \"%s\"; expected %s", found, want);
}

static void skip_blanks(struct rules_reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
}

static bool literal(struct rules_reader *r, char c, const char *want) {
    if (r->at == r->end || *r->at != c)
        return expected(r, want);
    r->at++;
    return true;
}

static bool number(struct rules_reader *r, int base, uint32_t max, uint32_t *out,
                   const char *want) {
    return rules_number(r, base, max, out) || expected(r, want);
}

static bool classbench_prefix(struct rules_reader *r, uint8_t address[16], uint8_t *len,
                              const char *want) {
    uint32_t value = 0;
    skip_blanks(r);
    if (r->at == r->end)
        return expected(r, want);
    for (int i = 0; i < 4; i++) {
        if (!number(r, 10, 255, &value, "an IPv4 address byte, 0 to 255") ||
            (i < 3 && !literal(r, '.', "\".\" and four address bytes")))
            return false;
        address[i] = (uint8_t)value;
    }
    if (!literal(r, '/', "\"/\" and a prefix length") ||
        !number(r, 10, 32, &value, "an IPv4 prefix length, 0 to 32"))
        return false;
    rules_mask_hosts(address, value);
    *len = (uint8_t)value;
    return true;
}

static bool classbench_ports(struct rules_reader *r, uint16_t range[2], const char *want) {
    const char *at;
    uint32_t low = 0, high = 0;
    skip_blanks(r);
    if (!number(r, 10, 65535, &low, want))
        return false;
    skip_blanks(r);
    if (!literal(r, ':', "\":\" and the highest port"))
        return false;
    skip_blanks(r);
    at = r->at;
    if (!number(r, 10, 65535, &high, "the highest port, 0 to 65535"))
        return false;
    if (low > high) {
        r->at = at;
        return expected(r, sim_printf(&r->scratch, "a highest port of %u or above", low));
    }
    range[0] = (uint16_t)low;
    range[1] = (uint16_t)high;
    return true;
}

static bool hex(struct rules_reader *r, uint32_t max, uint32_t *out, const char *want) {
    const char *at = r->at;
    if (r->end - at > 1 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
        r->at += 2;
        if (rules_number(r, 16, max, out))
            return true;
        r->at = at;
    }
    return expected(r, want);
}

static bool hex_pair(struct rules_reader *r, uint32_t max, uint32_t pair[2], const char *want) {
    return hex(r, max, &pair[0], want) && literal(r, '/', want) && hex(r, max, &pair[1], want);
}

/* Protocol, flags when there are any, and the end of the line. */
static bool classbench_tail(struct rules_reader *r, struct rule *rule) {
    uint32_t proto[2] = {0}, flags[2] = {0};
    skip_blanks(r);
    if (!hex_pair(r, 0xff, proto, "protocol and mask as in 0x06/0xFF"))
        return false;
    rule->proto = (uint8_t)proto[0];
    rule->proto_mask = (uint8_t)proto[1];
    skip_blanks(r);
    if (r->at == r->end)
        return true;
    if (!hex_pair(r, 0xffff, flags, "flags and mask as in 0x0000/0x0200, or nothing"))
        return false;
    skip_blanks(r);
    return r->at == r->end || expected(r, "the end of the rule");
}

static bool classbench_rule(struct rules_reader *r, struct rule *rule) {
    *rule = (struct rule){.version = 4};
    if (!literal(r, '@', "\"@\" before the source prefix") ||
        !classbench_prefix(r, rule->src, &rule->src_len, "the source prefix"))
        return false;
    return classbench_prefix(r, rule->dst, &rule->dst_len, "the destination prefix") &&
           classbench_ports(r, rule->sport, "the lowest source port, 0 to 65535") &&
           classbench_ports(r, rule->dport, "the lowest destination port, 0 to 65535") &&
           classbench_tail(r, rule);
}

static bool classbench_line(struct rules_reader *r) {
    uint32_t i = r->count;
    bool deny = r->deny_every > 0 && i % r->deny_every == r->deny_every - 1;
    skip_blanks(r);
    if (r->at == r->end || *r->at == '#')
        return true;
    struct rule *rule = rules_add(r);
    if (!rule || !classbench_rule(r, rule))
        return false;
    rule->action = deny ? RULES_DENY : RULES_PERMIT;
    return true;
}

bool rules_read_classbench(struct rules_reader *r, const char *text, size_t size) {
    const char *stop = text + size;
    for (const char *line = text; line < stop; line = r->end + (r->end < stop)) {
        const char *newline = memchr(line, '\n', (size_t)(stop - line));
        r->line = r->at = line;
        r->end = newline ? newline : stop;
        r->line_number++;
        if (!classbench_line(r))
            return false;
    }
    return true;
}
