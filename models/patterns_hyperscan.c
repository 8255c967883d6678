/* patterns_hyperscan.c - all patterns in one pass, by Hyperscan: the same hits as PCRE2,
 * sooner. It does not know all of PCRE2's syntax (no backward references, no looking around),
 * and needs a processor with SSSE3. The database lies in the arena; scratch memory is made for
 * a scan.
 */
#include "models/patterns.h"

#ifdef DPUSIM_HYPERSCAN
#include <hs/hs.h>
#include <stdlib.h>
#include <string.h>

static unsigned flags_of(uint32_t flags) {
    return (flags & PATTERNS_CASELESS ? HS_FLAG_CASELESS : 0) |
           (flags & PATTERNS_MULTILINE ? HS_FLAG_MULTILINE : 0) |
           (flags & PATTERNS_DOTALL ? HS_FLAG_DOTALL : 0) | HS_FLAG_SINGLEMATCH |
           HS_FLAG_ALLOWEMPTY;
}

static hs_database_t *compile(const struct patterns *p, struct sim_err *err) {
    struct sim_arena scratch = {0};
    const char **text = sim_alloc_n(&scratch, p->count, sizeof *text);
    unsigned *flags = sim_alloc_n(&scratch, p->count, sizeof *flags);
    unsigned *id = sim_alloc_n(&scratch, p->count, sizeof *id);
    hs_database_t *database = NULL;
    hs_compile_error_t *error = NULL;
    for (uint32_t i = 0; i < p->count; i++) {
        text[i] = p->pattern[i].text;
        flags[i] = flags_of(p->pattern[i].flags);
        id[i] = i;
    }
    static const char why[] = "is not for Hyperscan: %.*s; say \"engine\": \"pcre2\"";
    if (hs_compile_multi(text, flags, id, p->count, HS_MODE_BLOCK, NULL, &database, &error) !=
        HS_SUCCESS) {
        int length = (int)strlen(error->message); /* without its full stop */
        length -= length > 0 && error->message[length - 1] == '.';
        if (error->expression >= 0)
            patterns_wrong(p, (uint32_t)error->expression, err, why, length, error->message);
        else
            sim_fail(err, p->file, NULL, why, length, error->message);
        hs_free_compile_error(error);
    }
    sim_arena_free(&scratch);
    return database;
}

/* The library's own memory would outlive the run: a copy in the arena does not. */
static void *keep(hs_database_t *database, struct sim_arena *arena) {
    char *bytes = NULL;
    size_t length = 0, size = 0;
    SIM_ASSERT(hs_serialize_database(database, &bytes, &length) == HS_SUCCESS);
    SIM_ASSERT(hs_serialized_database_size(bytes, length, &size) == HS_SUCCESS);
    void *copy = sim_alloc(arena, size);
    SIM_ASSERT(hs_deserialize_database_at(bytes, length, copy) == HS_SUCCESS);
    free(bytes);
    hs_free_database(database);
    return copy;
}

static void *make(const struct patterns *p, struct sim_arena *arena, struct sim_err *err) {
    if (hs_valid_platform() != HS_SUCCESS) {
        sim_fail(err, NULL, NULL,
                 "Hyperscan needs a processor with SSSE3, which this one has not; say "
                 "\"engine\": \"pcre2\"");
        return NULL;
    }
    hs_database_t *database = compile(p, err);
    return database != NULL ? keep(database, arena) : NULL;
}

static int found(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                 void *hits) {
    (void)id;
    (void)from;
    (void)to;
    (void)flags;
    ++*(uint32_t *)hits;
    return 0;
}

static bool count(void *made, const uint8_t *bytes, uint32_t n, uint32_t *hits,
                  struct sim_err *err) {
    hs_scratch_t *scratch = NULL;
    (void)err;
    *hits = 0;
    SIM_ASSERT(hs_alloc_scratch(made, &scratch) == HS_SUCCESS);
    SIM_ASSERT(hs_scan(made, (const char *)bytes, n, 0, scratch, found, hits) == HS_SUCCESS);
    hs_free_scratch(scratch);
    return true;
}

const struct patterns_library patterns_hyperscan = {.make = make, .count = count};
#else
const struct patterns_library patterns_hyperscan = {.missing = "libhyperscan"};
#endif
