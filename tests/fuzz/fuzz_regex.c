/* fuzz_regex.c - any bytes as a file of patterns: read or refused with a place, never worse;
 * what compiles is looked for in the input's own bytes, and gives up rather than run for ever.
 */
#include "models/patterns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sim_arena arena = {0};
    struct sim_err err = {0};
    struct patterns set;
    void *made = NULL;
    bool read = patterns_parse("fuzz", (const char *)data, size, &set, &arena, &err);
    SIM_ASSERT(read != err.set);
    if (read) {
        made = patterns_pcre2.make(&set, &arena, &err);
        SIM_ASSERT((made == NULL) == err.set);
    }
    if (made != NULL && size > 0) {
        uint32_t n = size < 200 ? (uint32_t)size : 200, hits;
        SIM_ASSERT(patterns_pcre2.count(made, data, n, &hits, &err) != err.set);
        SIM_ASSERT(err.set || hits <= set.count);
    }
    SIM_ASSERT(!err.set || err.text[0] != 0);
    sim_arena_free(&arena);
    return 0;
}
