/* rules_reader.c - what the two forms of rule files share. */
#include "models/rules_reader.h"

struct rule *rules_add(struct rules_reader *r) {
    if (r->count == RULES_MAX) {
        sim_fail(r->err, r->name, NULL, "more than %d rules; split the set", RULES_MAX);
        return NULL;
    }
    if (r->count == r->room) {
        uint32_t room = r->room ? 2 * r->room : 256;
        r->rule =
            sim_grow(&r->scratch, r->rule, r->room * sizeof *r->rule, room * sizeof *r->rule);
        r->room = room;
    }
    return &r->rule[r->count++];
}

void rules_mask_hosts(uint8_t address[16], unsigned len) {
    for (unsigned i = 0; i < 16; i++, len -= len < 8 ? len : 8)
        if (len < 8)
            address[i] &= (uint8_t)(0xff00 >> len);
}

bool rules_number(struct rules_reader *r, int base, uint32_t max, uint32_t *out) {
    const char *p = r->at;
    uint32_t value = 0;
    for (int d; p < r->end && (d = rules_digit(*p, base)) >= 0 && value <= max; p++)
        value = value * (uint32_t)base + (uint32_t)d;
    if (p == r->at || value > max || (p < r->end && rules_digit(*p, 36) >= 0))
        return false;
    r->at = p;
    *out = value;
    return true;
}
