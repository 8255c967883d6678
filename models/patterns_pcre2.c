/* patterns_pcre2.c - patterns by PCRE2, one after the other: the reference. Bytes, not
 * characters; lines end at a line feed. Everything that it allocates is an arena's.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "models/patterns.h"
#include <pcre2.h>

struct made {
    const struct patterns *patterns;
    pcre2_code **code;
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

static void *make(const struct patterns *p, struct sim_arena *arena, struct sim_err *err) {
    struct made *made = sim_alloc(arena, sizeof *made);
    pcre2_general_context *memory = pcre2_general_context_create(take, give, arena);
    pcre2_compile_context *context = pcre2_compile_context_create(memory);
    made->patterns = p;
    made->code = sim_alloc_n(arena, p->count, sizeof *made->code);
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    for (uint32_t i = 0; i < p->count; i++) {
        int why;
        PCRE2_SIZE at;
        PCRE2_UCHAR text[256];
        made->code[i] = pcre2_compile((PCRE2_SPTR)p->pattern[i].text, PCRE2_ZERO_TERMINATED,
                                      options(p->pattern[i].flags), &why, &at, context);
        if (made->code[i] == NULL) {
            pcre2_get_error_message(why, text, sizeof text);
            patterns_wrong(p, i, err, "does not compile: %s, at position %zu", (char *)text,
                           at);
            return NULL;
        }
    }
    return made;
}

static bool count(const void *of, const uint8_t *bytes, uint32_t n, uint32_t *hits,
                  struct sim_err *err) {
    const struct made *made = of;
    struct sim_arena scratch = {0};
    pcre2_general_context *memory = pcre2_general_context_create(take, give, &scratch);
    pcre2_match_data *match = pcre2_match_data_create(1, memory);
    bool ok = true;
    *hits = 0;
    for (uint32_t i = 0; ok && i < made->patterns->count; i++) {
        int got = pcre2_match(made->code[i], bytes, n, 0, 0, match, NULL);
        *hits += got >= 0;
        ok = got >= 0 || got == PCRE2_ERROR_NOMATCH ||
             patterns_wrong(made->patterns, i, err,
                            "takes too long to match a payload of %u bytes (PCRE2's limit); "
                            "write it with less backtracking",
                            n);
    }
    sim_arena_free(&scratch);
    return ok;
}

const struct patterns_library patterns_pcre2 = {.make = make, .count = count};
