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
#include "models/regex.h"
#include "models/lanes.h"
#include "models/payload.h"
#include "models/wrap.h"

enum { REGEX_OK, REGEX_HIT, REGEX_MISS };
enum { PCRE2, HYPERSCAN };

struct regex {
    struct sim_comp base;
    struct lanes lanes;
    const char *file;
    int64_t library, bytes_per_cycle;
    int64_t hits, misses, stated;
    struct regex_patterns patterns;
    const struct regex_library *by;
    const void *made;
    uint32_t slot;
    bool looked, asks; /* a step asks for hits */
    uint64_t share;    /* millionths of a hit that are due, of payloads that are not known */
};

#define AT(name) offsetof(struct regex, name)
static const struct sim_field params[] = {
    {"rules", SIM_STRING, AT(file), 0, 0, NULL, "file",
     "patterns: [{\"pattern\", \"flags\", \"name\", \"note\"}, ..], plain or gzip", NULL},
    {"engine", SIM_ENUM, AT(library), 0, 0, "pcre2", "pcre2|hyperscan",
     "the library that finds the hits before the run: the same ones, hyperscan sooner, of "
     "patterns that it knows",
     NULL},
    {"bytes_per_cycle", SIM_RATIO, AT(bytes_per_cycle), 1, 1000000000000, "5", NULL,
     "bytes of payload that a lane takes a cycle",
     "pub:regex-40: 40 to 50 Gb/s of a BlueField-2, the lower end at 1 GHz; a weak source"},
    LANES_PARAMS(struct regex),
    {.name = NULL}};

#define COUNT(field, text)                                                                     \
    { .name = #field, .unit = SIM_COUNT, .offset = AT(field), .doc = text }
static const struct sim_field stats[] = {
    COUNT(hits, "messages with one pattern or more, verdict hit"),
    COUNT(misses, "messages without, verdict miss"),
    COUNT(stated, "messages that took the stated share: their payload is not known, or it is "
                  "for all"),
    {.name = NULL}};
#undef COUNT
#undef AT

static const struct sim_field scan_args[] = {
    {"misses", SIM_RATIO, offsetof(struct lanes_stated, value), 0, 1000000, "0", NULL,
     "share of misses among payloads that are not known; 0: none stated, and such a payload is "
     "an error",
     NULL},
    LANES_STATED(0){.name = NULL}};

static const struct sim_op ops[] = {{.name = "scan",
                                     .doc = "look for the patterns in the payload",
                                     .fields = scan_args,
                                     .size = sizeof(struct lanes_stated)},
                                    {.name = NULL}};

static const struct sim_verdict verdicts[] = {
    [REGEX_HIT - 1] = {"hit", "next", "the payload holds a pattern"},
    [REGEX_MISS - 1] = {"miss", "next", "it holds none"},
    {NULL, NULL, NULL}};

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct regex *r = (struct regex *)comp;
    char at[512];
    r->slot = sim_comp_slot(comp, "regex");
    if (r->slot >= PACKET_SCANS)
        return sim_fail(err, comp->file, comp->pointer,
                        "a packet carries the hits of %d regex blocks, and this is number %u; "
                        "use one block with all the patterns",
                        PACKET_SCANS, r->slot + 1);
    r->by = r->library == HYPERSCAN ? &regex_hyperscan : &regex_pcre2;
    sim_pointer(at, sizeof at, comp->pointer, "engine");
    if (r->by->missing != NULL)
        return sim_fail(err, comp->file, at,
                        "this program was built without %s; `dpusim setup` installs it, or say "
                        "\"pcre2\"",
                        r->by->missing);
    /* What is no pattern at all PCRE2 says best. */
    if (!regex_read(r->file, &r->patterns, sim_comp_arena(comp), err) ||
        (r->made = regex_pcre2.make(&r->patterns, sim_comp_arena(comp), err)) == NULL)
        return false;
    if (r->library == HYPERSCAN)
        r->made = r->by->make(&r->patterns, sim_comp_arena(comp), err);
    if (r->made == NULL && err->path[0] == 0) /* no pattern's fault, but the processor's */
        sim_pointer(err->path, sizeof err->path, comp->pointer, "engine");
    return r->made != NULL && lanes_port(comp, &r->lanes, err);
}

static void facts(struct sim_comp *comp, void *body) {
    struct regex *r = (struct regex *)comp;
    struct packet *p = body;
    const uint8_t *at;
    uint32_t n;
    if (!r->looked)
        r->asks = lanes_asks(comp, ops);
    r->looked = true;
    p->wanted |= r->asks;
    if (!r->asks || !packet_payload(p, &at, &n))
        return;
    p->hits[r->slot] = 0; /* where there is nothing to look at */
    if (n > 0 && !r->by->count(r->made, at, n, &p->hits[r->slot], &comp->world->err))
        comp->world->failed = true;
}

static bool hits(struct regex *r, const struct sim_step *step, const struct sim_msg *m,
                 sim_ps start) {
    const struct lanes_stated *args = step->args;
    const struct packet *p = m->body;
    if (!args->all && p != NULL && wrap_as_captured(m) && p->hits[r->slot] != PACKET_UNKNOWN)
        return p->hits[r->slot] > 0;
    if (!lanes_take_stated(&r->base, step, args, "misses", &r->stated, start))
        return false;
    r->share += 1000000 - (uint64_t)args->value;
    bool hit = r->share >= 1000000;
    r->share -= hit ? 1000000 : 0;
    return hit;
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    struct regex *r = (struct regex *)comp;
    bool hit = hits(r, step, m, start);
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
                                      .serve = serve,
                                      .facts = facts};
