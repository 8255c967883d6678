/* rules.h - five-tuple rule sets: reading, and first-match classification.
 *
 * ClassBench format, one rule a line:
 *   @src/len dst/len sport : sport dport : dport proto/mask [flags/mask]
 * or JSON: [{"src": "10.0.0.0/8", "dst": "any", "sport": "any", "dport": "80-443",
 *            "proto": "tcp", "action": "permit"}, ...]; IPv6 prefixes are allowed there.
 * The first rule that matches wins; rules are numbered from 0 in file order. Flags fields
 * of ClassBench are read and checked, and not used for matching (as in the published
 * first-match figures). What each form accepts and refuses: rules_classbench.c,
 * rules_read.c.
 */
#ifndef RULES_H
#define RULES_H

#include "payload.h"
#include "sim/engine/err.h"
#include "sim/engine/mem.h"

enum { RULES_MAX = 131072 }; /* rules in a set; a longer file is the user's fault */

enum rules_action { RULES_PERMIT, RULES_DENY };

struct rule {
    uint8_t src[16], dst[16];    /* network order, host bits zero; IPv4: the first four bytes */
    uint8_t src_len, dst_len;    /* prefix lengths */
    uint8_t version;             /* 4, 6, or 0: any (both addresses are "any") */
    uint8_t proto, proto_mask;   /* matches when (proto ^ rule.proto) & mask == 0 */
    uint8_t action;              /* enum rules_action */
    uint16_t sport[2], dport[2]; /* inclusive ranges */
};

struct rules; /* an opaque classifier */

/* Read a rule file, plain or gzip. @param deny_every ClassBench files carry no action: rule
 * i denies when deny_every > 0 and i % deny_every == deny_every - 1, else permits. JSON rules
 * say their action: then deny_every > 0 is refused, at "deny_every" and without a file.
 * @return a classifier that lives as long as the arena, or NULL.
 * Fails: err at "line N, column M" (JSON: at a pointer such as "/12/src") with what was found
 * and what would do. */
struct rules *rules_read(const char *file, uint32_t deny_every, struct sim_arena *arena,
                         struct sim_err *err);
/* The same from memory (tests, fuzzing). `name` is used in messages. */
struct rules *rules_parse(const char *name, const char *text, size_t size, uint32_t deny_every,
                          struct sim_arena *arena, struct sim_err *err);
/* The same from rules made elsewhere, which are copied. @param n at most RULES_MAX. */
struct rules *rules_build(const struct rule *rule, uint32_t n, struct sim_arena *arena);

uint32_t rules_count(const struct rules *set);
const struct rule *rules_get(const struct rules *set, uint32_t i);

/* First matching rule, or PACKET_NO_RULE. The fast path; equal to rules_linear for every
 * input (a property test holds it to that). Heads without IP match only rules that are "any"
 * in every field. Heads without ports (ICMP, later fragments) carry ports 0: they match rules
 * whose ranges hold 0. */
uint32_t rules_match(const struct rules *set, const struct packet_head *head);
/* The reference: linear search. */
uint32_t rules_linear(const struct rules *set, const struct packet_head *head);

#endif
