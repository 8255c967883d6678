/* regex.c - a regular-expression engine: which patterns the payload holds, and the time it
 * takes to look.
 *
 * Models: lanes, set-up, bytes a cycle, pipeline, descriptors (lanes.h); hits on the captured
 * bytes of the payload behind the innermost header, by PCRE2 or Hyperscan, once a captured
 * record; verdict hit when one pattern or more is found. Bytes are looked at as they were
 * captured: what is encrypted there (TLS) is matched as it is, as a real engine in the
 * packets' way would. ESP hides its payload: it is not known.
 * Leaves out: matches across packets; a rate that depends on rules or data (engines of this
 * kind slow down when many patterns begin to match); the compiled rules' size and place. Whose
 * numbers: docs/sources.md, section "Engines".
 */
#include "models/lanes.h"
#include "models/patterns.h"
#include "models/scan.h"
#include "models/wrap.h"

enum { REGEX_OK, REGEX_HIT, REGEX_MISS };
enum { PCRE2, HYPERSCAN };

struct regex {
    struct sim_comp base;
    struct lanes lanes;
    struct scan scan;
    int64_t library, bytes_per_cycle;
    int64_t hits, misses, stated;
    struct lanes_due due; /* see scan_hits */
};

#define AT(name) offsetof(struct regex, name)
static const struct sim_field params[] = {
    {"rules", SIM_STRING, AT(scan.file), 0, 0, NULL, "file", SCAN_RULES, NULL},
    {"engine", SIM_ENUM, AT(library), 0, 0, "pcre2", "pcre2|hyperscan",
     "the library that finds the hits before the run: the same ones, hyperscan sooner, of "
     "patterns that it knows",
     NULL},
    {"bytes_per_cycle", SIM_RATIO, AT(bytes_per_cycle), 1, 1000000000000, "5", NULL,
     "bytes of payload that a lane takes a cycle",
     "pub:regex-40: 40 to 50 Gb/s of a BlueField-2, the lower end at 1 GHz; a weak source"},
    LANES_PARAMS(struct regex),
    {.name = NULL}};

static const struct sim_field stats[] = {
    SIM_STAT("hits", AT(hits), SIM_COUNT, "messages with one pattern or more, verdict hit"),
    SIM_STAT("misses", AT(misses), SIM_COUNT, "messages without, verdict miss"),
    SIM_STAT("stated", AT(stated), SIM_COUNT,
             "messages that took the stated share: their payload is not known, or it is "
             "for all"),
    {.name = NULL}};
#undef COUNT
#undef AT

static const struct sim_field scan_args[] = {SCAN_ROWS(0){.name = NULL}};

/* Whether there is a hit, and nothing else. */
static uint32_t brings(const struct sim_op *op, const void *args) {
    (void)op;
    (void)args;
    return 0;
}

static const struct sim_op ops[] = {{.name = "scan",
                                     .doc = "look for the patterns in the payload",
                                     .brings = brings,
                                     .fields = scan_args,
                                     .size = sizeof(struct lanes_stated)},
                                    {.name = NULL}};

static const struct sim_verdict verdicts[] = {
    [REGEX_HIT - 1] = {"hit", "next", "the payload holds a pattern"},
    [REGEX_MISS - 1] = {"miss", "next", "it holds none"},
    {NULL, NULL, NULL}};

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct regex *r = (struct regex *)comp;
    const struct patterns_library *by =
        r->library == HYPERSCAN ? &patterns_hyperscan : &patterns_pcre2;
    char at[512];
    sim_pointer(at, sizeof at, comp->pointer, "engine");
    if (by->missing != NULL)
        return sim_fail(err, comp->file, at,
                        "this program was built without %s; `dpusim setup` installs it, or say "
                        "\"pcre2\"",
                        by->missing);
    r->scan.stated = &r->stated;
    if (scan_init(&r->scan, comp, by, err))
        return lanes_port(comp, &r->lanes, err);
    if (r->scan.patterns.count > 0 && err->path[0] == 0) /* no pattern's fault */
        sim_pointer(err->path, sizeof err->path, comp->pointer, "engine");
    return false;
}

static void facts(struct sim_comp *comp, void *body) {
    scan_facts(&((struct regex *)comp)->scan, 0, body);
}

static void begin(struct sim_comp *comp) {
    lanes_due_init(&((struct regex *)comp)->due, comp, 1);
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    struct regex *r = (struct regex *)comp;
    bool hit = scan_hits(&r->scan, step, step->args, m, start, lanes_due(&r->due, m, 0));
    (void)port;
    out->verdict = hit ? REGEX_HIT : REGEX_MISS;
    sim_comp_count(comp, hit ? &r->hits : &r->misses, start);
    lanes_work(&r->lanes, wrap_payload(m), r->bytes_per_cycle, out);
}

const struct sim_model model_regex = {.name = "regex",
                                      .doc = "regular-expression engine: patterns in payloads",
                                      .size = sizeof(struct regex),
                                      .params = params,
                                      .stats = stats,
                                      .ops = ops,
                                      .verdicts = verdicts,
                                      .init = init,
                                      .start = begin,
                                      .serve = serve,
                                      .facts = facts};
