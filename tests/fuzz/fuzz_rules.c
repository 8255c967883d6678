/* fuzz_rules.c - any bytes as a rule file: read or refused with a place, never worse; what was
 * read classifies as the linear search does, at heads made of the input's own bytes.
 */
#include "models/rules.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(const struct rules *set, const struct packet_head *head) {
    uint32_t fast = rules_match(set, head), slow = rules_linear(set, head);
    SIM_ASSERT(fast == slow);
    SIM_ASSERT(fast == PACKET_NO_RULE || fast < rules_count(set));
}

static void probe_bytes(const struct rules *set, const uint8_t *data, size_t size) {
    for (size_t i = 0; i + sizeof(struct packet_head) <= size; i += 16) {
        struct packet_head head;
        memcpy(&head, data + i, sizeof head);
        head.version = head.version % 3 ? (uint8_t)(2 + head.version % 3 * 2) : 0;
        compare(set, &head);
    }
}

/* The corners of each rule. */
static void probe_rules(const struct rules *set) {
    for (uint32_t i = 0; i < rules_count(set); i++) {
        const struct rule *r = rules_get(set, i);
        struct packet_head head = {.version = r->version, .proto = r->proto};
        memcpy(head.src, r->src, 16);
        memcpy(head.dst, r->dst, 16);
        for (int corner = 0; corner < 4; corner++) {
            head.sport = r->sport[corner & 1];
            head.dport = r->dport[corner >> 1];
            compare(set, &head);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sim_arena arena = {0};
    struct sim_err err = {0};
    const struct rules *set =
        rules_parse("fuzz", (const char *)data, size, size % 4, &arena, &err);
    SIM_ASSERT((set == NULL) == err.set);
    SIM_ASSERT(set != NULL || err.text[0] != '\0');
    if (set) {
        probe_rules(set);
        probe_bytes(set, data, size);
    }
    sim_arena_free(&arena);
    return 0;
}
