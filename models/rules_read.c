/* rules_read.c - rule files and their JSON form; rules_classbench.c has the other form. The
 * first byte that is not blank decides: "[" or "{" begins JSON.
 *
 * JSON: an array of objects, one a rule, with the keys of `json_keys`. "action" is required
 * ("permit" or "deny"); a field left out is "any". Addresses: "any" (IPv4 and IPv6),
 * "10.0.0.0/8", "fd00::/8", or a single address; host bits are masked; both addresses of a
 * rule are of one version. Ports: "any", 80, "80", "80-443". Protocol: "any", a name of
 * `proto_names`, or a number. "note" is free text. Refused: unknown or repeated keys, other
 * types, other values; a file without a rule.
 */
#include "models/rules_reader.h"
#include <arpa/inet.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* ---- JSON ---- */

enum json_key { SRC, DST, SPORT, DPORT, PROTO, ACTION, NOTE };
static const char *const json_keys[] = {"src",   "dst",    "sport", "dport",
                                        "proto", "action", "note",  NULL};
static const char *const proto_names[] = {"icmp", "tcp",    "udp",  "gre", "esp",
                                          "ah",   "icmpv6", "sctp", NULL};
static const uint8_t proto_numbers[] = {1, 6, 17, 47, 50, 51, 58, 132};

/* One value of a rule. */
struct place {
    struct rules_reader *r;
    size_t index; /* of the rule */
    const char *key;
    const json_t *value;
};

static int index_of(const char *name, const char *const *names) {
    for (int i = 0; names[i]; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return -1;
}

/* Fail at the place: what stands there, and what would do. */
static bool wrong(const struct place *p, const char *want) {
    char path[64], found[80];
    size_t n = json_dumpb(p->value, found, sizeof found,
                          JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII);
    bool cut = n > sizeof found;
    snprintf(path, sizeof path, "/%zu%s%s", p->index, p->key ? "/" : "", p->key ? p->key : "");
    return sim_fail(p->r->err, p->r->name, path, "found %.*s%s; expected %s",
                    (int)(cut ? sizeof found : n), found, cut ? "..." : "", want);
}

/* Read a decimal number and step over it. */
static bool decimal(const char **text, uint32_t max, uint32_t *out) {
    struct rules_reader in = {.at = *text, .end = *text + strlen(*text)};
    bool good = rules_number(&in, 10, max, out);
    *text = in.at;
    return good;
}

static bool is_any(const json_t *value) {
    const char *text = json_string_value(value);
    return text && strcmp(text, "any") == 0;
}

static bool json_prefix(const struct place *p, uint8_t address[16], uint8_t *len,
                        uint8_t *version) {
    const char *text = json_string_value(p->value), *slash;
    char host[64];
    uint32_t bits = 0;
    if (is_any(p->value))
        return true;
    slash = text ? strchr(text, '/') : NULL;
    snprintf(host, sizeof host, "%.*s", slash ? (int)(slash - text) : 63, text ? text : "");
    if (inet_pton(AF_INET, host, address) == 1)
        *version = 4;
    else if (inet_pton(AF_INET6, host, address) == 1)
        *version = 6;
    else
        return wrong(p, "\"any\" or a prefix such as \"10.0.0.0/8\" or \"fd00::/8\"");
    bits = *version == 4 ? 32 : 128;
    if (slash && (slash++, !decimal(&slash, bits, &bits) || *slash))
        return wrong(p, *version == 4 ? "a prefix length from 0 to 32 after \"/\""
                                      : "a prefix length from 0 to 128 after \"/\"");
    rules_mask_hosts(address, bits);
    *len = (uint8_t)bits;
    return true;
}

/* "80" or "80-443", and nothing after it. */
static bool port_text(const char *text, uint32_t *low, uint32_t *high) {
    if (!decimal(&text, 65535, low))
        return false;
    *high = *low;
    if (*text != '-')
        return *text == '\0';
    text++;
    return decimal(&text, 65535, high) && *text == '\0';
}

static bool json_ports(const struct place *p, uint16_t range[2]) {
    const char *text = json_string_value(p->value);
    json_int_t port = json_is_integer(p->value) ? json_integer_value(p->value) : -1;
    uint32_t low = (uint32_t)port, high = low;
    if (is_any(p->value))
        return true;
    if (text ? !port_text(text, &low, &high) : port < 0 || port > 65535)
        return wrong(p, "\"any\", a port from 0 to 65535, or a range such as \"80-443\"");
    if (low > high)
        return wrong(p, "the lower port first");
    range[0] = (uint16_t)low;
    range[1] = (uint16_t)high;
    return true;
}

static bool no_proto(const struct place *p, const char *name) {
    const char *near = name ? sim_nearest(name, proto_names) : NULL;
    char want[160];
    snprintf(want, sizeof want, "%s%s%s", near ? "\"" : "", near ? near : "",
             near ? "\""
                  : "\"any\", tcp, udp, icmp, icmpv6, gre, esp, ah, sctp, or a number from "
                    "0 to 255");
    return wrong(p, want);
}

static bool json_proto(const struct place *p, struct rule *rule) {
    const char *name = json_string_value(p->value);
    int i = name ? index_of(name, proto_names) : -1;
    json_int_t n = json_is_integer(p->value) ? json_integer_value(p->value) : -1;
    if (is_any(p->value))
        return true;
    if (i < 0 && (n < 0 || n > 255))
        return no_proto(p, name);
    rule->proto = i >= 0 ? proto_numbers[i] : (uint8_t)n;
    rule->proto_mask = 0xff;
    return true;
}

static bool json_action(const struct place *p, struct rule *rule) {
    const char *text = json_string_value(p->value);
    if (!text || (strcmp(text, "permit") != 0 && strcmp(text, "deny") != 0))
        return wrong(p, "\"permit\" or \"deny\"");
    rule->action = *text == 'd' ? RULES_DENY : RULES_PERMIT;
    return true;
}

/* What the two address fields of a rule said. */
struct versions {
    uint8_t src, dst;
};

static bool json_field(const struct place *p, struct rule *rule, struct versions *said) {
    switch (index_of(p->key, json_keys)) {
    case SRC:
        return json_prefix(p, rule->src, &rule->src_len, &said->src);
    case DST:
        return json_prefix(p, rule->dst, &rule->dst_len, &said->dst);
    case SPORT:
        return json_ports(p, rule->sport);
    case DPORT:
        return json_ports(p, rule->dport);
    case PROTO:
        return json_proto(p, rule);
    case ACTION:
        return json_action(p, rule);
    default:
        return json_is_string(p->value) || wrong(p, "a text");
    }
}

static bool unknown_key(const struct place *p, const char *key) {
    char path[32];
    const char *near = sim_nearest(key, json_keys);
    snprintf(path, sizeof path, "/%zu", p->index);
    return sim_fail(p->r->err, p->r->name, path, "unknown key \"%.40s\"; %s%s%s", key,
                    near ? "did you mean \"" : "known are ",
                    near ? near : "src, dst, sport, dport, proto, action, note",
                    near ? "\"?" : "");
}

static bool json_rule(struct place *p, struct rule *rule) {
    struct versions said = {0, 0};
    const json_t *object = p->value;
    const char *key;
    json_t *value;
    *rule = (struct rule){.sport = {0, 0xffff}, .dport = {0, 0xffff}};
    if (!json_is_object(object))
        return wrong(p, "a rule, an object such as {\"src\": \"10.0.0.0/8\", "
                        "\"action\": \"permit\"}");
    json_object_foreach((json_t *)object, key, value) {
        struct place field = {p->r, p->index, key, value};
        if (index_of(key, json_keys) < 0)
            return unknown_key(p, key);
        if (!json_field(&field, rule, &said))
            return false;
    }
    if (!json_object_get(object, "action"))
        return wrong(p, "an \"action\" in it, \"permit\" or \"deny\"");
    if (said.src && said.dst && said.src != said.dst)
        return wrong(p, "src and dst of one IP version");
    rule->version = said.src ? said.src : said.dst;
    return true;
}

static bool json_array_rules(struct rules_reader *r, const json_t *root) {
    if (!json_is_array(root))
        return sim_fail(r->err, r->name, NULL, "found an object; expected an array of rules");
    for (size_t i = 0; i < json_array_size(root); i++) {
        struct place place = {r, i, NULL, json_array_get(root, i)};
        struct rule *rule = rules_add(r);
        if (!rule || !json_rule(&place, rule))
            return false;
    }
    return true;
}

static bool read_json(struct rules_reader *r, const char *text, size_t size) {
    if (r->deny_every > 0)
        return sim_fail(r->err, NULL, "deny_every",
                        "has no effect: %s is JSON, with an \"action\" for each rule", r->name);
    json_error_t error;
    char path[64];
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        snprintf(path, sizeof path, "line %d, column %d", error.line, error.column);
        return sim_fail(r->err, r->name, path, "not JSON: %s", error.text);
    }
    bool good = json_array_rules(r, root);
    json_decref(root);
    return good;
}

/* ---- files ---- */

static bool is_json(const char *text, size_t size) {
    size_t i = 0;
    while (i < size && text[i] != '\0' && strchr(" \t\r\n", text[i]))
        i++;
    return i < size && (text[i] == '[' || text[i] == '{');
}

struct rules *rules_parse(const char *name, const char *text, size_t size, uint32_t deny_every,
                          struct sim_arena *arena, struct sim_err *err) {
    struct rules_reader r = {.name = name, .deny_every = deny_every, .err = err};
    struct rules *set = NULL;
    bool read =
        is_json(text, size) ? read_json(&r, text, size) : rules_read_classbench(&r, text, size);
    if (read && r.count == 0)
        sim_fail(err, name, NULL, "holds no rule; write at least one");
    else if (read)
        set = rules_build(r.rule, r.count, arena);
    sim_arena_free(&r.scratch);
    return set;
}

struct rules *rules_read(const char *file, uint32_t deny_every, struct sim_arena *arena,
                         struct sim_err *err) {
    struct sim_arena scratch = {0};
    size_t size = 0;
    const char *text = rules_text(file, &size, &scratch, err);
    struct rules *set =
        text != NULL ? rules_parse(file, text, size, deny_every, arena, err) : NULL;
    sim_arena_free(&scratch);
    return set;
}
