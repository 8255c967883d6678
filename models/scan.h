/* scan.h - which messages hold one of a file's patterns, for whoever looks: a regex engine or a
 * core. The hits are facts of the captured payload (regex.h); what the captured bytes do not
 * say the step states.
 */
#ifndef MODELS_SCAN_H
#define MODELS_SCAN_H

#include "models/lanes.h"
#include "models/payload.h"
#include "models/regex.h"

struct scan {
    const char *file; /* parameter; NULL: none */
    struct regex_patterns patterns;
    const struct regex_library *by;
    const void *made;
    uint32_t slot;
    bool looked, asks; /* a step asks for hits */
    uint64_t share;    /* millionths of a hit that are due, of payloads that are not known */
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

/* Read and compile the patterns of scan->file. Fails: err at the pattern. */
bool scan_init(struct sim_comp *comp, struct scan *scan, const struct regex_library *by,
               struct sim_err *err);

/* For model.facts: the hits, where a step of op "scan" asks for them. @param base of its
 * arguments. */
void scan_facts(struct sim_comp *comp, struct scan *scan, size_t base, void *body);

/* Does m hold a pattern? *stated counts those that took the stated share. */
bool scan_hits(const struct sim_comp *comp, struct scan *scan, const struct sim_step *step,
               const struct lanes_stated *args, const struct sim_msg *m, sim_ps start,
               int64_t *stated);

#endif
