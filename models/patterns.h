/* patterns.h - regular expressions, and the libraries that look for them in payloads; for
 * models/patterns_*.c and scan.c. */
#ifndef MODELS_PATTERNS_H
#define MODELS_PATTERNS_H

#include "sim/engine/err.h"
#include "sim/engine/mem.h"
#include <stdint.h>

enum { PATTERNS_MOST = 65536 }; /* patterns of a file */

/* Bits of a pattern's flags, in the order of the letters "ims". */
enum { PATTERNS_CASELESS = 1, PATTERNS_MULTILINE = 2, PATTERNS_DOTALL = 4 };

struct pattern {
    const char *name; /* or NULL */
    const char *text;
    uint32_t flags;
};

struct patterns {
    const char *file;
    struct pattern *pattern;
    uint32_t count;
};

/* Read a file of patterns, JSON, plain or gzip: [{"pattern": "GET /admin", "flags": "i",
 * "name": "admin", "note": "..."}, ...]. Fails: err with the file and a pointer such as
 * "/3/flags". */
bool patterns_read(const char *file, struct patterns *out, struct sim_arena *arena,
                   struct sim_err *err);
/* The same from memory (fuzzing). `file` is used in messages. */
bool patterns_parse(const char *file, const char *text, size_t size, struct patterns *out,
                    struct sim_arena *arena, struct sim_err *err);

/* Fail at the i-th pattern: what is wrong with it. */
bool patterns_wrong(const struct patterns *p, uint32_t i, struct sim_err *err, const char *fmt,
                    ...) __attribute__((format(printf, 4, 5)));

/* A library that finds patterns. All give the same answers. */
struct patterns_library {
    const char
        *missing; /* the package that this program was built without; NULL: it is there */
    /* Compile; lives as long as the arena. NULL with err for what does not compile. */
    void *(*make)(const struct patterns *p, struct sim_arena *arena, struct sim_err *err);
    /* How many of the patterns are found in n > 0 bytes. Fails: err when one takes
     * too long, in steps that it counts. */
    bool (*count)(void *made, const uint8_t *bytes, uint32_t n, uint32_t *hits,
                  struct sim_err *err);
};

extern const struct patterns_library patterns_pcre2;     /* the reference */
extern const struct patterns_library patterns_hyperscan; /* faster, the same hits */

#endif
