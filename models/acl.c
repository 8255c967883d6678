/* acl.c - an access list: five-tuple rules on real headers, the first that matches wins.
 *
 * Models: which rule a packet meets (rules.h: ClassBench or JSON), permit or deny, and a
 * default for what no rule matches; a look-up as so many accesses, one after the other, each of
 * which takes its time and a turn of the table: one whatever the rules are (flat), one of a
 * TCAM that must have room for all, one for each mask tried until no better rule can come
 * (masks: the matchers of a NIC, tuple space search), or by the kinds of rules there are: one
 * for those of which a hash finds all, a few for prefixes, one for a TCAM with the rest
 * (kinds). Rules are matched once a captured record, not once a replayed packet. Leaves out:
 * insertion and removal of rules; IPv6 rules that are wider than a TCAM's entry; addresses that
 * NAT has rewritten (the packet's own are matched); the outer header of a tunnel that this card
 * has put on (the header inside is matched). A packet carries the rules of two ACL blocks.
 * Whose numbers: docs/sources.md, section 3.
 */
#include "models/payload.h"
#include "models/rules_price.h"
#include "models/tunnel.h"
#include "sim/engine/model.h"
#include <string.h>

enum { OK, DENY };
enum { FLAT, KINDS, TCAM, MASKS };
enum { TCAM_ENTRIES = 10240, LPM_ACCESSES = 2 };  /* the defaults */
enum { MOST = PACKET_RULE_SLOTS / PACKET_HEADS }; /* blocks whose rules a packet can carry */

struct acl {
    struct sim_comp base;
    const char *file;
    int64_t deny_every, default_action, rate, latency, queue, table, tcam_entries, lpm_accesses;
    int64_t permitted, denied, unmatched, accesses;
    int64_t of_kind[RULES_KINDS], masks, tcam_used; /* facts of the rules */
    struct rules *rules;
    const uint32_t *upto; /* [rules] masks tried until that one is found */
    uint64_t each;        /* accesses of a look-up, where all take as many */
    struct sim_ser pace;  /* accesses a second, one "bit" each */
    uint32_t slot;
};

#define AT(name) offsetof(struct acl, name)
static const struct sim_field params[] = {
    {.name = "rules",
     .unit = SIM_STRING,
     .offset = AT(file),
     .choices = "file",
     .doc =
         "rule file, ClassBench or JSON ([{\"src\", \"dst\", \"sport\", \"dport\", \"proto\", "
         "\"action\"}, ..]), plain or gzip"},
    {.name = "deny_every",
     .unit = SIM_COUNT,
     .offset = AT(deny_every),
     .min = 0,
     .max = RULES_MAX,
     .def = "0",
     .doc = "of ClassBench rules, which carry no action, every n-th denies; 0: all permit"},
    {.name = "default_action",
     .unit = SIM_ENUM,
     .offset = AT(default_action),
     .def = "permit",
     .choices = "permit|deny",
     .doc = "what happens to a packet that no rule matches"},
    {.name = "rate",
     .unit = SIM_PER_S,
     .offset = AT(rate),
     .min = 1,
     .max = 100000000000,
     .def = "330M/s",
     .doc = "accesses to the table per second: of look-ups that take one, look-ups",
     .source = "pub:cx7-msgrate; assumed: an access passes at the rate of the pipeline"},
    {.name = "latency",
     .unit = SIM_TIME,
     .offset = AT(latency),
     .min = 0,
     .max = SIM_PS_PER_S,
     .def = "50ns",
     .doc = "time of an access: of a look-up that takes one, the look-up's",
     .source = "assumed: one stage of the NIC pipeline (mlx5-ct-matchers: one hop a matcher)"},
    {.name = "queue",
     .unit = SIM_COUNT,
     .offset = AT(queue),
     .min = 1,
     .max = 1 << 20,
     .def = "64",
     .doc = "descriptors held; when it is full the block before it waits",
     .source = "assumed: as in a stage of the NIC pipeline"},
    {.name = "table",
     .unit = SIM_ENUM,
     .offset = AT(table),
     .def = "flat",
     .choices = "flat|kinds|tcam|masks",
     .doc =
         "accesses of a look-up: one whatever the rules are; by the kinds of rules; one of a "
         "TCAM; one for each mask tried",
     .source = "assumed: hashes probed side by side; mlx5-ct-matchers: masks, one by one"},
    {.name = "tcam_entries",
     .unit = SIM_COUNT,
     .offset = AT(tcam_entries),
     .min = 1,
     .max = 1 << 28,
     .def = "10240",
     .doc = "tcam, kinds: entries of the TCAM; a range of ports takes several",
     .source = "rmt: 16 blocks of 2,048 x 40 bits in a stage, three wide for 104 bits"},
    {.name = "lpm_accesses",
     .unit = SIM_COUNT,
     .offset = AT(lpm_accesses),
     .min = 1,
     .max = 1000,
     .def = "2",
     .doc = "kinds: accesses that find the longest prefix",
     .source = "dir-24-8: one or two memory reads for IPv4, two in the worst case"},
    {.name = NULL}};

static const struct sim_field stats[] = {{.name = "permitted",
                                          .unit = SIM_COUNT,
                                          .offset = AT(permitted),
                                          .doc = "packets permitted, by a rule or by default"},
                                         {.name = "denied",
                                          .unit = SIM_COUNT,
                                          .offset = AT(denied),
                                          .doc = "packets denied, by a rule or by default"},
                                         {.name = "unmatched",
                                          .unit = SIM_COUNT,
                                          .offset = AT(unmatched),
                                          .doc = "packets that no rule matched"},
                                         {.name = "accesses",
                                          .unit = SIM_COUNT,
                                          .offset = AT(accesses),
                                          .doc = "accesses to the table"},
                                         {.name = "exact_rules",
                                          .unit = SIM_COUNT,
                                          .offset = AT(of_kind[RULES_EXACT]),
                                          .doc = "rules that say every field"},
                                         {.name = "lpm_rules",
                                          .unit = SIM_COUNT,
                                          .offset = AT(of_kind[RULES_LPM]),
                                          .doc = "rules that are a prefix of one address"},
                                         {.name = "ternary_rules",
                                          .unit = SIM_COUNT,
                                          .offset = AT(of_kind[RULES_TERNARY]),
                                          .doc = "all other rules"},
                                         {.name = "masks",
                                          .unit = SIM_COUNT,
                                          .offset = AT(masks),
                                          .doc = "different masks of the rules"},
                                         {.name = "tcam_used",
                                          .unit = SIM_COUNT,
                                          .offset = AT(tcam_used),
                                          .doc =
                                              "entries that they take in a TCAM: all rules, or "
                                              "with kinds the ternary ones"},
                                         {.name = NULL}};
#undef AT

static const struct sim_op ops[] = {{.name = "match", .doc = "look the packet up in the rules"},
                                    {.name = NULL}};

static const struct sim_verdict verdicts[] = {
    [DENY - 1] = {"deny", "drop", "a rule denies the packet, or none matches and that denies"},
    {NULL, NULL, NULL}};

/* What the rules are made of. */
static void survey(struct acl *a) {
    uint32_t n = rules_count(a->rules);
    a->upto = rules_masks(a->rules, sim_comp_arena(&a->base));
    a->masks = n ? a->upto[n - 1] : 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct rule *r = rules_get(a->rules, i);
        enum rules_kind kind = rules_kind(r);
        a->of_kind[kind]++;
        a->tcam_used += a->table != KINDS || kind == RULES_TERNARY ? rules_tcam(r) : 0;
    }
    a->each = 1;
    if (a->table == KINDS)
        a->each = (uint64_t)((a->of_kind[RULES_EXACT] > 0) + (a->of_kind[RULES_TERNARY] > 0) +
                             (a->of_kind[RULES_LPM] > 0 ? a->lpm_accesses : 0));
}

static bool fail_at(const struct acl *a, const char *key, struct sim_err *err,
                    const char *text) {
    char at[512];
    return sim_fail(err, a->base.file, sim_pointer(at, sizeof at, a->base.pointer, key), "%s",
                    text);
}

static bool check_table(const struct acl *a, struct sim_err *err) {
    char at[512];
    bool tcam = a->table == TCAM || a->table == KINDS;
    if (!tcam && a->tcam_entries != TCAM_ENTRIES)
        return fail_at(a, "tcam_entries", err,
                       "has no effect on this \"table\"; on \"tcam\" and \"kinds\"");
    if (a->table != KINDS && a->lpm_accesses != LPM_ACCESSES)
        return fail_at(a, "lpm_accesses", err, "has no effect on this \"table\"; on \"kinds\"");
    if (!tcam || a->tcam_used <= a->tcam_entries)
        return true;
    return sim_fail(err, a->base.file, sim_pointer(at, sizeof at, a->base.pointer, "rules"),
                    "the rules take %lld entries of a TCAM (ranges of ports take several) that "
                    "has %lld; use fewer, a larger one, or \"table\": \"masks\"",
                    (long long)a->tcam_used, (long long)a->tcam_entries);
}

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct acl *a = (struct acl *)comp;
    a->slot = sim_comp_slot(comp, "acl");
    if (a->slot >= MOST)
        return sim_fail(err, comp->file, comp->pointer,
                        "a packet carries the rules of %d ACL blocks, and this is number %u; "
                        "use one block with all the rules",
                        MOST, a->slot + 1);
    a->rules = rules_read(a->file, (uint32_t)a->deny_every, sim_comp_arena(comp), err);
    if (a->rules == NULL) {
        if (err->source[0] == 0) /* no file's fault, but the parameter's */
            sim_pointer(err->path, sizeof err->path, comp->pointer, "deny_every");
        return false;
    }
    survey(a);
    if (!check_table(a, err))
        return false;
    sim_ser_init(&a->pace, sim_rate_make((uint64_t)a->rate, 1, 1));
    sim_port_add(comp, &(struct sim_port_opts){.name = "match",
                                               .in_order = true,
                                               .capacity = a->queue,
                                               .full = SIM_FULL_WAIT});
    return true;
}

/* A level without IP header meets only rules that are "any" throughout. */
static void facts(struct sim_comp *comp, void *body) {
    static const struct packet_head none;
    const struct acl *a = (const struct acl *)comp;
    struct packet *p = body;
    for (uint32_t i = 0; i < PACKET_HEADS; i++)
        p->rule[a->slot * PACKET_HEADS + i] =
            rules_match(a->rules, i < p->heads ? &p->head[i] : &none);
}

static uint32_t rule_of(const struct acl *a, const struct sim_msg *m) {
    const struct packet *p = m->body;
    return p ? p->rule[a->slot * PACKET_HEADS + tunnel_head(m->level)] : PACKET_NO_RULE;
}

static uint64_t accesses(const struct acl *a, uint32_t rule) {
    if (a->table != MASKS || a->masks == 0)
        return a->each ? a->each : 1; /* of an empty set, too */
    return rule != PACKET_NO_RULE ? a->upto[rule] : (uint64_t)a->masks;
}

static bool denies(struct acl *a, uint32_t rule, sim_ps start) {
    if (rule != PACKET_NO_RULE)
        return rules_get(a->rules, rule)->action == RULES_DENY;
    sim_comp_count(&a->base, &a->unmatched, start);
    return a->default_action == RULES_DENY;
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    struct acl *a = (struct acl *)comp;
    (void)port;
    (void)step;
    uint32_t rule = rule_of(a, m);
    uint64_t n = accesses(a, rule);
    bool deny = denies(a, rule, start);
    out->occupancy_ps = sim_ser_send(&a->pace, start, n) - start;
    out->latency_ps = a->latency * (int64_t)n;
    if (sim_inside(comp->world, start))
        a->accesses += (int64_t)n;
    out->verdict = deny ? DENY : OK;
    sim_comp_count(comp, deny ? &a->denied : &a->permitted, start);
}

/* A rule that matches everything leaves nothing to the default. */
static const char *remark(const struct sim_comp *comp, const char *param) {
    static const struct packet_head none;
    const struct acl *a = (const struct acl *)comp;
    uint32_t last = rules_match(a->rules, &none);
    bool other = last != PACKET_NO_RULE && (rules_get(a->rules, last)->action == RULES_DENY) !=
                                               (a->default_action == RULES_DENY);
    return other && strcmp(param, "default_action") == 0
               ? "no packet comes to it: a rule matches everything, and does the opposite; "
                 "take that rule out, or give this its action"
               : NULL;
}

const struct sim_model model_acl = {
    .name = "acl",
    .doc = "access list: five-tuple rules on real headers, first match wins",
    .size = sizeof(struct acl),
    .params = params,
    .stats = stats,
    .ops = ops,
    .packets = true,
    .verdicts = verdicts,
    .init = init,
    .serve = serve,
    .facts = facts,
    .remark = remark};
