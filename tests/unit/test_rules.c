/* test_rules.c - rule files: what the two forms accept, exact messages for what they refuse
 * (tests/invalid/rules), first match by hand, the shipped rule set.
 */
#include "models/rules.h"
#include "tests/check_main.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <string.h>
#include <zlib.h>

static struct sim_arena arena;

static struct rules *parse(const char *text, uint32_t deny_every) {
    struct sim_err err = {0};
    char line[2048];
    struct rules *set = rules_parse("test", text, strlen(text), deny_every, &arena, &err);
    ck_assert_msg(set != NULL, "%s", sim_err_line(&err, line, sizeof line));
    return set;
}

static struct packet_head head(const char *src, const char *dst, uint8_t proto, uint16_t sport,
                               uint16_t dport) {
    struct packet_head h = {.proto = proto, .sport = sport, .dport = dport};
    int family = strchr(src, ':') ? AF_INET6 : AF_INET;
    h.version = family == AF_INET6 ? 6 : 4;
    ck_assert_int_eq(inet_pton(family, src, h.src), 1);
    ck_assert_int_eq(inet_pton(family, dst, h.dst), 1);
    return h;
}

static uint32_t match(const struct rules *set, struct packet_head h) {
    uint32_t i = rules_match(set, &h);
    ck_assert_uint_eq(i, rules_linear(set, &h));
    return i;
}

static void is_rule(const struct rule *r, const char *src, unsigned src_len, unsigned low,
                    unsigned high, unsigned proto, unsigned mask) {
    uint8_t want[16] = {0};
    inet_pton(AF_INET, src, want);
    ck_assert_mem_eq(r->src, want, 16);
    ck_assert_uint_eq(r->src_len, src_len);
    ck_assert_uint_eq(r->dport[0], low);
    ck_assert_uint_eq(r->dport[1], high);
    ck_assert_uint_eq(r->proto, proto);
    ck_assert_uint_eq(r->proto_mask, mask);
}

START_TEST(reads_classbench) {
    struct rules *set =
        parse("@10.0.0.0/8\t0.0.0.0/0\t0 : 65535\t80 : 80\t0x06/0xFF\t0x0/0x0\t\n"
              "\n"
              "# a remark\r\n"
              "@10.1.2.3/12 1.2.3.4/0 0:65535 53 : 99 0x11/0xF0\r\n"
              "  @0.0.0.0/0\t255.255.255.255/32\t0 : 0\t0 : 65535\t0x00/0x00",
              2);
    ck_assert_uint_eq(rules_count(set), 3);
    is_rule(rules_get(set, 0), "10.0.0.0", 8, 80, 80, 6, 0xff);
    is_rule(rules_get(set, 1), "10.0.0.0", 12, 53, 99, 0x11, 0xf0);
    is_rule(rules_get(set, 2), "0.0.0.0", 0, 0, 65535, 0, 0);
    ck_assert_uint_eq(rules_get(set, 1)->dst_len, 0);
    ck_assert_uint_eq(rules_get(set, 1)->dst[0], 0);
    ck_assert_uint_eq(rules_get(set, 2)->dst[3], 255);
    for (uint32_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(rules_get(set, i)->version, 4);
        ck_assert_uint_eq(rules_get(set, i)->action, i == 1 ? RULES_DENY : RULES_PERMIT);
    }
    sim_arena_free(&arena);
}
END_TEST

START_TEST(reads_json) {
    struct rules *set = parse(
        " [{\"src\": \"10.255.0.1/8\", \"dport\": \"80-443\", \"proto\": \"tcp\","
        "   \"action\": \"deny\", \"note\": \"why\"},"
        "  {\"src\": \"any\", \"dst\": \"fd00:1::9\", \"sport\": 5, \"dport\": \"7\","
        "   \"proto\": 132, \"action\": \"permit\"},"
        "  {\"sport\": \"any\", \"proto\": \"any\", \"action\": \"deny\"},"
        "  {\"dst\": \"fd00:1:ffff::/33\", \"proto\": \"icmpv6\", \"action\": \"permit\"}]",
        0);
    ck_assert_uint_eq(rules_count(set), 4);
    is_rule(rules_get(set, 0), "10.0.0.0", 8, 80, 443, 6, 0xff);
    ck_assert_uint_eq(rules_get(set, 0)->version, 4);
    ck_assert_uint_eq(rules_get(set, 0)->dst_len, 0);
    ck_assert_uint_eq(rules_get(set, 0)->action, RULES_DENY);
    is_rule(rules_get(set, 1), "0.0.0.0", 0, 7, 7, 132, 0xff);
    ck_assert_uint_eq(rules_get(set, 1)->version, 6);
    ck_assert_uint_eq(rules_get(set, 1)->dst_len, 128);
    ck_assert_uint_eq(rules_get(set, 1)->sport[1], 5);
    ck_assert_uint_eq(rules_get(set, 1)->action, RULES_PERMIT);
    is_rule(rules_get(set, 2), "0.0.0.0", 0, 0, 65535, 0, 0);
    ck_assert_uint_eq(rules_get(set, 2)->version, 0);
    ck_assert_uint_eq(rules_get(set, 3)->dst[4], 0x80); /* host bits are masked */
    ck_assert_uint_eq(rules_get(set, 3)->proto, 58);
    sim_arena_free(&arena);
}
END_TEST

START_TEST(takes_the_first_match) {
    struct rules *set = parse(
        "[{\"src\": \"10.0.0.0/8\", \"dport\": 80, \"proto\": \"tcp\", \"action\": \"deny\"},"
        " {\"src\": \"10.1.0.0/16\", \"dport\": \"80-81\", \"action\": \"permit\"},"
        " {\"dst\": \"fd00::/8\", \"proto\": \"udp\", \"action\": \"permit\"},"
        " {\"dport\": \"1000-65535\", \"action\": \"permit\"},"
        " {\"action\": \"deny\"}]",
        0);
    struct packet_head bare = {0};
    ck_assert_uint_eq(match(set, head("10.1.0.1", "1.1.1.1", 6, 1, 80)), 0);
    ck_assert_uint_eq(match(set, head("10.1.0.1", "1.1.1.1", 17, 1, 80)), 1);
    ck_assert_uint_eq(match(set, head("10.1.0.1", "1.1.1.1", 6, 1, 81)), 1);
    ck_assert_uint_eq(match(set, head("10.2.0.1", "1.1.1.1", 6, 1, 81)), 4);
    ck_assert_uint_eq(match(set, head("10.2.0.1", "1.1.1.1", 6, 1, 1000)), 3);
    ck_assert_uint_eq(match(set, head("::1", "fdff::1", 17, 1, 2000)), 2);
    ck_assert_uint_eq(match(set, head("::1", "fdff::1", 6, 1, 2000)), 3);
    ck_assert_uint_eq(match(set, head("::1", "fe00::1", 17, 1, 2)), 4);
    ck_assert_uint_eq(match(set, bare), 4); /* no IP: only a rule that is "any" throughout */
    sim_arena_free(&arena);
}
END_TEST

START_TEST(finds_nothing) {
    struct rules *v4 = parse("@0.0.0.0/0 0.0.0.0/0 1 : 65535 0 : 65535 0x00/0x00", 0);
    struct packet_head bare = {0}, odd = {.version = 5};
    ck_assert_uint_eq(match(v4, head("1.1.1.1", "2.2.2.2", 6, 1, 0)), 0);
    ck_assert_uint_eq(match(v4, head("1.1.1.1", "2.2.2.2", 6, 0, 0)), PACKET_NO_RULE);
    ck_assert_uint_eq(match(v4, head("::", "::", 6, 1, 0)), PACKET_NO_RULE);
    ck_assert_uint_eq(match(v4, bare), PACKET_NO_RULE);
    ck_assert_uint_eq(match(v4, odd), PACKET_NO_RULE);
    struct rules *none = rules_build(NULL, 0, &arena);
    ck_assert_uint_eq(match(none, head("1.1.1.1", "2.2.2.2", 6, 1, 0)), PACKET_NO_RULE);
    ck_assert_uint_eq(match(none, bare), PACKET_NO_RULE);
    sim_arena_free(&arena);
}
END_TEST

static void append(const char *path, const char *bytes, size_t n) {
    FILE *f = fopen(path, "ab");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
    ck_assert_int_eq(fclose(f), 0);
}

/* Make a gzip file of `text`, cut to at most `keep` bytes. @return its name. */
static const char *gzip_file(const char *text, size_t keep) {
    static char path[64];
    strcpy(path, "/tmp/test_rules_XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    gzFile gz = gzdopen(dup(fd), "wb");
    ck_assert_int_gt(gzputs(gz, text), 0);
    gzclose(gz);
    if (lseek(fd, 0, SEEK_END) > (off_t)keep)
        ck_assert_int_eq(ftruncate(fd, (off_t)keep), 0);
    close(fd);
    return path;
}

static void refuses_file(const char *path, const char *want) {
    struct sim_err err = {0};
    ck_assert_ptr_null(rules_read(path, 0, &arena, &err));
    ck_assert_str_eq(err.source, path);
    ck_assert_msg(strstr(err.text, want) != NULL, "%s", err.text);
}

START_TEST(reads_files) {
    const char *text = "@10.0.0.0/8 0.0.0.0/0 0 : 65535 80 : 80 0x06/0xFF\n"
                       "@11.0.0.0/8 0.0.0.0/0 0 : 65535 80 : 80 0x06/0xFF\n";
    struct sim_err err = {0};
    const char *path = gzip_file(text, 4096);
    struct rules *set = rules_read(path, 0, &arena, &err);
    ck_assert_ptr_nonnull(set);
    ck_assert_uint_eq(rules_count(set), 2);
    unlink(path);
    refuses_file(gzip_file(text, 40), "bytes of text: the gzip data are cut short");
    unlink(path);
    refuses_file("/nonexistent/rules", "cannot be opened: No such file");
    refuses_file("/", "cannot be read after 0 bytes of text: Is a directory");
    sim_arena_free(&arena);
}
END_TEST

START_TEST(reads_behind_gzip_data) {
    const char *text = "@10.0.0.0/8 0.0.0.0/0 0 : 65535 80 : 80 0x06/0xFF\n";
    char member[256];
    struct sim_err err = {0};
    const char *path = gzip_file(text, 4096);
    FILE *f = fopen(path, "rb");
    ck_assert_ptr_nonnull(f);
    size_t n = fread(member, 1, sizeof member, f);
    fclose(f);
    append(path, "\0\0", 2);
    append(path, member, n);
    append(path, "\0", 1);
    struct rules *set = rules_read(path, 0, &arena, &err);
    ck_assert_ptr_nonnull(set);
    ck_assert_uint_eq(rules_count(set), 2);
    append(path, "@", 1);
    refuses_file(path, "after 100 bytes of text: the gzip data are followed by something else");
    unlink(path);
    path = gzip_file(text, 4096);
    append(path, "\x1f\x8b", 2);
    refuses_file(path, "the gzip data are cut short");
    unlink(path);
    sim_arena_free(&arena);
}
END_TEST

START_TEST(refuses_too_many_rules) {
    static const char line[] = "@1.0.0.0/8 0.0.0.0/0 0:1 0:1 0x06/0xFF\n";
    size_t size = sizeof line - 1;
    char *text = malloc((RULES_MAX + 1) * size);
    struct sim_err err = {0};
    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i <= RULES_MAX; i++)
        memcpy(text + i * size, line, size);
    ck_assert_ptr_null(rules_parse("t", text, (RULES_MAX + 1) * size, 0, &arena, &err));
    ck_assert_str_eq(err.text, "more than 131072 rules; split the set");
    free(text);
    sim_arena_free(&arena);
}
END_TEST

/* configs/scenarios/quickstart-rules.json: web traffic is permitted, and where. */
START_TEST(shipped_set) {
    static const struct {
        const char *src, *dst;
        uint16_t sport, dport;
        uint8_t proto, action;
        uint32_t rule;
    } want[] = {
        {"10.9.0.1", "10.9.0.2", 0, 0, 1, RULES_PERMIT, 24},
        {"fd09::2", "fd09::1", 0, 0, 58, RULES_PERMIT, 25},
        {"10.9.0.1", "10.9.0.2", 48796, 8443, 6, RULES_PERMIT, 120},
        {"10.9.0.1", "10.9.0.2", 57786, 8080, 6, RULES_DENY, 233},
        {"10.9.0.1", "10.9.0.2", 57790, 8080, 6, RULES_PERMIT, 310},
        {"10.9.0.2", "10.9.0.1", 8443, 48796, 6, RULES_PERMIT, 455},
        {"fd09::1", "fd09::2", 34982, 8080, 6, RULES_PERMIT, 601},
        {"10.9.0.2", "10.9.0.1", 8080, 57786, 6, RULES_PERMIT, 742},
        {"fd09::2", "fd09::1", 8080, 34982, 6, RULES_PERMIT, 877},
        {"10.77.1.2", "10.9.0.2", 40000, 8080, 6, RULES_PERMIT, 950},
    };
    struct sim_err err = {0};
    struct rules *set = rules_read(DPUSIM_SOURCE_DIR "/configs/scenarios/quickstart-rules.json",
                                   0, &arena, &err);
    ck_assert_msg(set != NULL, "%s", err.text);
    ck_assert_uint_eq(rules_count(set), 1000);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        uint32_t rule = match(
            set, head(want[i].src, want[i].dst, want[i].proto, want[i].sport, want[i].dport));
        ck_assert_msg(rule == want[i].rule, "line %zu: rule %u", i, rule);
        ck_assert_uint_eq(rules_get(set, rule)->action, want[i].action);
    }
    /* all else is the table's default_action */
    ck_assert_uint_eq(match(set, head("10.9.0.1", "10.9.0.2", 6, 40000, 4)), PACKET_NO_RULE);
    ck_assert_uint_eq(match(set, head("fd09::1", "fd09::2", 17, 40000, 4)), PACKET_NO_RULE);
    sim_arena_free(&arena);
}
END_TEST

static size_t slurp(const char *path, char *out, size_t size) {
    FILE *file = fopen(path, "rb");
    if (!file)
        return SIZE_MAX;
    size_t n = fread(out, 1, size - 1, file);
    fclose(file);
    out[n] = '\0';
    return n;
}

/* One folder of tests/invalid/rules: its input is refused with exactly its error line. */
static void refuses_folder(const char *folder) {
    char path[2048], text[4096], want[4096], line[2048];
    const char *name = "input.rules";
    struct sim_err err = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    size_t size = slurp(path, text, sizeof text);
    if (size == SIZE_MAX) {
        name = "input.json";
        snprintf(path, sizeof path, "%s/%s", folder, name);
        size = slurp(path, text, sizeof text);
    }
    ck_assert_msg(size != SIZE_MAX, "%s", path);
    snprintf(path, sizeof path, "%s/error", folder);
    ck_assert_msg(slurp(path, want, sizeof want) != SIZE_MAX, "%s", path);
    ck_assert_ptr_null(rules_parse(name, text, size, 0, &arena, &err));
    strcat(strcpy(text, sim_err_line(&err, line, sizeof line)), "\n");
    ck_assert_msg(strcmp(text, want) == 0, "%s: says %swants %s", folder, text, want);
}

START_TEST(refuses_malformed_files) {
    const char *root = DPUSIM_SOURCE_DIR "/tests/invalid/rules";
    DIR *dir = opendir(root);
    unsigned folders = 0;
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry; (entry = readdir(dir)); folders++) {
        char folder[1024];
        snprintf(folder, sizeof folder, "%s/%s", root, entry->d_name);
        if (entry->d_name[0] != '.')
            refuses_folder(folder);
    }
    closedir(dir);
    ck_assert_uint_gt(folders, 40);
    sim_arena_free(&arena);
}
END_TEST

TEST_MAIN("rules", reads_classbench, reads_json, takes_the_first_match, finds_nothing,
          shipped_set, reads_files, reads_behind_gzip_data, refuses_too_many_rules,
          refuses_malformed_files)
