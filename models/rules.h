/* rules.h - five-tuple rule sets: reading, and first-match classification.
 *
 * ClassBench format, one rule a line:
 *   @src/len dst/len sport : sport dport : dport proto/mask [flags/mask]
 * or JSON: [{"src": "10.0.0.0/8", "dst": "any", "sport": "any", "dport": "80-443",
 *            "proto": "tcp", "action": "permit"}, ...]; IPv6 prefixes are allowed there.
 * The first rule that matches wins; rules are numbered from 0 in file order. Flags fields
 * of ClassBench are read and checked, and not used for matching (as in the published
 * first-match figures).
 */
#ifndef RULES_H
#define RULES_H

#include "payload.h"
#include "sim/engine/err.h"
#include "sim/engine/mem.h"

enum rules_action { RULES_PERMIT, RULES_DENY };

struct rule {
    uint8_t src[16], dst[16];   /* network order, host bits zero */
    uint8_t src_len, dst_len;   /* prefix lengths */
    uint8_t version;            /* 4, 6, or 0: any (both addresses are "any") */
    uint8_t proto, proto_mask;  /* matches when (proto ^ rule.proto) & mask == 0 */
    uint8_t action;             /* enum rules_action */
    uint16_t sport[2], dport[2]; /* inclusive ranges */
};

struct rules; /* an opaque classifier */

/* Read a rule file, plain or gzip. @param deny_modulo ClassBench files carry no action: rule
 * i denies when deny_every > 0 and i % deny_every == deny_every - 1, else permits.
 * Fails: err at "line N, column M" with what was found and what would do. */
struct rules *rules_read(const char *file, uint32_t deny_every, struct sim_arena *arena,
                         struct sim_err *err);
/* The same from memory (tests, fuzzing). `name` is used in messages. */
struct rules *rules_parse(const char *name, const char *text, size_t size, uint32_t deny_every,
                          struct sim_arena *arena, struct sim_err *err);

uint32_t rules_count(const struct rules *set);
const struct rule *rules_get(const struct rules *set, uint32_t i);

/* First matching rule, or PACKET_NO_RULE. The fast path; equal to rules_linear for every
 * input (a property test holds it to that). Heads without IP match only rules that are "any"
 * in every field. */
uint32_t rules_match(const struct rules *set, const struct packet_head *head);
/* The reference: linear search. */
uint32_t rules_linear(const struct rules *set, const struct packet_head *head);

#endif
