/* acl.c - an access list: five-tuple rules on real headers, the first that matches wins.
 *
 * Models: which rule a packet meets (rules.h: ClassBench or JSON), permit or deny, and a
 * default for what no rule matches; a pipelined look-up with a rate and a latency that do not
 * depend on which rule it is or how many there are, as of a TCAM or of hashes probed side by
 * side. Rules are matched once a captured record, not once a replayed packet.
 * Leaves out: price by kind of rule (hardware that tries one mask after the other takes a stage
 * for each: raise latency); insertion and removal of rules; connection tracking; addresses that
 * NAT has rewritten (the packet's own are matched); the outer header of a tunnel that this card
 * has put on (the header inside is matched). A packet carries the rules of two ACL blocks.
 * Whose numbers: docs/sources.md, section 3.
 */
#include "models/payload.h"
#include "models/rules.h"
#include "models/tunnel.h"
#include "sim/engine/model.h"

enum { OK, DENY };
enum { MOST = PACKET_RULE_SLOTS / PACKET_HEADS }; /* blocks whose rules a packet can carry */

struct acl {
    struct sim_comp base;
    const char *file;
    int64_t deny_every, default_action, rate, latency, queue;
    int64_t permitted, denied, unmatched;
    struct rules *rules;
    struct sim_ser pace; /* look-ups a second, one "bit" each */
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
     .doc = "look-ups per second",
     .source = "pub:cx7-msgrate; assumed: a look-up passes at the rate of the pipeline"},
    {.name = "latency",
     .unit = SIM_TIME,
     .offset = AT(latency),
     .min = 0,
     .max = SIM_PS_PER_S,
     .def = "50ns",
     .doc = "time of a look-up",
     .source = "assumed: one stage of the NIC pipeline (mlx5-ct-matchers: one hop a matcher)"},
    {.name = "queue",
     .unit = SIM_COUNT,
     .offset = AT(queue),
     .min = 1,
     .max = 1 << 20,
     .def = "64",
     .doc = "descriptors held; when it is full the block before it waits",
     .source = "assumed: as in a stage of the NIC pipeline"},
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
                                         {.name = NULL}};
#undef AT

static const struct sim_op ops[] = {{.name = "match", .doc = "look the packet up in the rules"},
                                    {.name = NULL}};

static const struct sim_verdict verdicts[] = {
    [DENY - 1] = {"deny", "drop", "a rule denies the packet, or none matches and that denies"},
    {NULL, NULL, NULL}};

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

static bool denies(struct acl *a, const struct sim_msg *m, sim_ps start) {
    const struct packet *p = m->body;
    uint32_t rule = PACKET_NO_RULE;
    if (p != NULL)
        rule = p->rule[a->slot * PACKET_HEADS + tunnel_head(m->level)];
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
    bool deny = denies(a, m, start);
    out->occupancy_ps = sim_ser_send(&a->pace, start, 1) - start;
    out->latency_ps = a->latency;
    out->verdict = deny ? DENY : OK;
    sim_comp_count(comp, deny ? &a->denied : &a->permitted, start);
}

const struct sim_model model_acl = {
    .name = "acl",
    .doc = "access list: five-tuple rules on real headers, first match wins",
    .size = sizeof(struct acl),
    .params = params,
    .stats = stats,
    .ops = ops,
    .verdicts = verdicts,
    .init = init,
    .serve = serve,
    .facts = facts};
