/* rules_price.h - what kinds of rules a set holds, which is what tables in hardware and
 * classifiers in software charge for: masks to try, entries of a TCAM. */
#ifndef RULES_PRICE_H
#define RULES_PRICE_H

#include "models/rules.h"

enum rules_kind {
    RULES_EXACT,   /* both addresses, both ports and the protocol: a hash finds it */
    RULES_LPM,     /* a prefix of one address, all else any: a trie does */
    RULES_TERNARY, /* the rest */
    RULES_KINDS
};

enum rules_kind rules_kind(const struct rule *r);

/* Entries of a TCAM that the rule takes: a range of ports takes one for each prefix that it is
 * made of. @return 1 to 900. */
uint32_t rules_tcam(const struct rule *r);

/* How many different masks the rules up to the i-th have: upto[i] for each of them. What tries
 * one mask after the other, in the order of their first rules, has tried so many when rule i is
 * known to be the first that matches. A range of ports counts as the prefix that holds it. */
const uint32_t *rules_masks(const struct rules *set, struct sim_arena *arena);

#endif
