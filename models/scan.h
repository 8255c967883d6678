/* scan.h - which messages hold one of a file's patterns, for whoever looks: a regex engine or a
 * core. The hits are facts of the captured payload (patterns.h); what the captured bytes do not
 * say the step states.
 */
#ifndef MODELS_SCAN_H
#define MODELS_SCAN_H

#include "models/lanes.h"
#include "models/patterns.h"
#include "models/payload.h"

struct scan {
    const char *file; /* parameter; NULL: none */
    const struct sim_comp *comp;
    int64_t *stated; /* its counter of those that took the stated share */
    struct patterns patterns;
    const struct patterns_library *by;
    void *made;
    uint32_t slot;
    bool looked, asks; /* a step asks for hits */
};

/* Rows of the arguments of a step, with their commas; BASE: offset of their lanes_stated. */
#define SCAN_ROWS(BASE)                                                                        \
    {"misses",                                                                                 \
     SIM_RATIO,                                                                                \
     (BASE) + offsetof(struct lanes_stated, value),                                            \
     0,                                                                                        \
     1000000,                                                                                  \
     "0",                                                                                      \
     NULL,                                                                                     \
     "share of misses among payloads that are not known; 0: none stated, and such a payload "  \
     "is an error",                                                                            \
     NULL},                                                                                    \
        LANES_STATED(BASE)

#define SCAN_RULES "patterns: [{\"pattern\", \"flags\", \"name\", \"note\"}, ..], plain or gzip"

/* Read and compile the patterns of scan->file, if there is one. Fails: err at the pattern. */
bool scan_init(struct scan *scan, struct sim_comp *comp, const struct patterns_library *by,
               struct sim_err *err);

/* For model.facts: the hits, where a step of op "scan" asks for them. @param base of its
 * arguments. */
void scan_facts(struct scan *scan, size_t base, void *body);

/* Does m hold a pattern? @param share millionths of a hit that are due at this port, of
 * payloads that are not known. */
bool scan_hits(const struct scan *scan, const struct sim_step *step,
               const struct lanes_stated *args, const struct sim_msg *m, sim_ps start,
               uint64_t *share);

#endif
