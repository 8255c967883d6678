/* patterns_pcre2.c - patterns by PCRE2, one after the other: the reference. Bytes, not
 * characters; lines end at a line feed. Everything that it allocates is an arena's. A pattern
 * that comes back to try again without end is an error: its steps are counted.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "models/patterns.h"
#include <pcre2.h>

/* What a pattern may take of all payloads together, in steps, so that what is refused does not
 * depend on the machine: some seconds of a match that comes back again and again, and behind
 * that a hundred steps a byte, microseconds. A match of QUICK steps or fewer from each place is
 * not counted. */
enum { QUICK = 100, STEPS_FREE = 100000000, STEPS_PER_BYTE = 100, HEAP_KIB = 64 * 1024 };

struct made {
    const struct patterns *patterns;
    struct sim_arena *arena;
    pcre2_code **code, **slow; /* [patterns]; slow: with a call a step, made when needed */
    uint64_t *steps;           /* [patterns] so far */
    uint64_t bytes;            /* of payloads so far */
};

static void *take(size_t bytes, void *arena) { return sim_alloc(arena, bytes); }

static void give(void *memory, void *arena) { /* with the arena */
    (void)memory;
    (void)arena;
}

static uint32_t options(uint32_t flags) {
    return (flags & PATTERNS_CASELESS ? PCRE2_CASELESS : 0) |
           (flags & PATTERNS_MULTILINE ? PCRE2_MULTILINE : 0) |
           (flags & PATTERNS_DOTALL ? PCRE2_DOTALL : 0) | PCRE2_NEVER_UTF |
           PCRE2_NEVER_BACKSLASH_C;
}

static pcre2_code *compile(const struct patterns *p, uint32_t i, uint32_t more,
                           struct sim_arena *arena, struct sim_err *err) {
    pcre2_general_context *memory = pcre2_general_context_create(take, give, arena);
    pcre2_compile_context *context = pcre2_compile_context_create(memory);
    int why;
    PCRE2_SIZE at;
    PCRE2_UCHAR text[256];
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)p->pattern[i].text, PCRE2_ZERO_TERMINATED,
                                     options(p->pattern[i].flags) | more, &why, &at, context);
    if (code == NULL) {
        pcre2_get_error_message(why, text, sizeof text);
        patterns_wrong(p, i, err, "does not compile: %s, at position %zu", (char *)text, at);
    }
    return code;
}

static void *make(const struct patterns *p, struct sim_arena *arena, struct sim_err *err) {
    struct made *made = sim_alloc(arena, sizeof *made);
    *made = (struct made){.patterns = p, .arena = arena};
    made->code = sim_alloc_n(arena, p->count, sizeof *made->code);
    made->slow = sim_alloc_n(arena, p->count, sizeof *made->slow);
    made->steps = sim_alloc_n(arena, p->count, sizeof *made->steps);
    for (uint32_t i = 0; i < p->count; i++)
        if ((made->code[i] = compile(p, i, 0, arena, err)) == NULL)
            return NULL;
    return made;
}

/* ---------------------------------------------------------------- matching */

/* One pattern and one payload: what a step of the match needs to know. */
struct look {
    struct made *made;
    uint32_t i;
    const uint8_t *bytes;
    uint32_t n;
};

static uint64_t allowed(const struct made *made) {
    return STEPS_FREE + made->bytes * STEPS_PER_BYTE;
}

static int step(pcre2_callout_block *block, void *of) {
    struct look *look = of;
    (void)block;
    return ++look->made->steps[look->i] > allowed(look->made) ? PCRE2_ERROR_CALLOUT : 0;
}

/* Match once more, and count the steps. */
static int counted(struct look *look, pcre2_match_data *match, pcre2_general_context *memory) {
    struct made *made = look->made;
    struct sim_err err = {0};
    pcre2_match_context *context = pcre2_match_context_create(memory);
    pcre2_set_heap_limit(context, HEAP_KIB);
    pcre2_set_match_limit(context, UINT32_MAX);
    pcre2_set_depth_limit(context, UINT32_MAX);
    pcre2_set_callout(context, step, look);
    if (made->slow[look->i] == NULL)
        made->slow[look->i] =
            compile(made->patterns, look->i, PCRE2_AUTO_CALLOUT, made->arena, &err);
    SIM_ASSERT(made->slow[look->i] != NULL); /* it did compile without */
    return pcre2_match(made->slow[look->i], look->bytes, look->n, 0, 0, match, context);
}

static bool gives_up(const struct look *look, int why, struct sim_err *err) {
    const struct patterns *p = look->made->patterns;
    PCRE2_UCHAR text[256];
    if (why == PCRE2_ERROR_CALLOUT)
        return patterns_wrong(
            p, look->i, err,
            "backtracks without end: on the payloads so far (%llu bytes, this one of %u) it "
            "has taken more than %llu steps, %d million and %d a byte; write it without "
            "repeats of repeats and with fewer \".*\", or let Hyperscan find it (\"engine\": "
            "\"hyperscan\" of a regex block)",
            (unsigned long long)look->made->bytes, look->n,
            (unsigned long long)allowed(look->made), STEPS_FREE / 1000000, STEPS_PER_BYTE);
    if (why == PCRE2_ERROR_HEAPLIMIT)
        return patterns_wrong(p, look->i, err,
                              "needs more than %d MiB to match a payload of %u bytes; write "
                              "it with less to come back to",
                              HEAP_KIB / 1024, look->n);
    pcre2_get_error_message(why, text, sizeof text);
    return patterns_wrong(
        p, look->i, err,
        "cannot be matched against a payload of %u bytes: %s; write it another way", look->n,
        (char *)text);
}

static bool count(void *of, const uint8_t *bytes, uint32_t n, uint32_t *hits,
                  struct sim_err *err) {
    struct made *made = of;
    struct sim_arena scratch = {0};
    pcre2_general_context *memory = pcre2_general_context_create(take, give, &scratch);
    pcre2_match_data *match = pcre2_match_data_create(1, memory);
    pcre2_match_context *quick = pcre2_match_context_create(memory);
    bool ok = true;
    pcre2_set_match_limit(quick, QUICK);
    pcre2_set_heap_limit(quick, HEAP_KIB);
    made->bytes += n;
    *hits = 0;
    for (uint32_t i = 0; ok && i < made->patterns->count; i++) {
        struct look look = {made, i, bytes, n};
        int got = pcre2_match(made->code[i], bytes, n, 0, 0, match, quick);
        if (got == PCRE2_ERROR_MATCHLIMIT)
            got = counted(&look, match, memory);
        *hits += got >= 0;
        ok = got >= 0 || got == PCRE2_ERROR_NOMATCH || gives_up(&look, got, err);
    }
    sim_arena_free(&scratch);
    return ok;
}

const struct patterns_library patterns_pcre2 = {.make = make, .count = count};
