/* scenario.h - from merged JSON to a world: blocks, routes, chains, streams.
 *
 * Everything that later explains a result (which JSON made which component and step) is kept
 * here, so that reports and errors point into the config.
 */
#ifndef APP_SCENARIO_H
#define APP_SCENARIO_H

#include "config.h"
#include "sim/engine/model.h"

enum { APP_MOST_MESSAGES = 16 << 20 }; /* in the pool of a card */
enum { APP_MOST_DAYS = 100 };          /* of a run: 2^63 picoseconds are 106 */
enum { APP_POINTER = 512, APP_STEPS = 16384 };

/* Several like blocks, "count": N: NAME0 .. */
struct app_group {
    const char *name;
    uint32_t first, n;  /* in the node's blocks */
    enum sim_fan_by by; /* which of them a message goes to */
};

struct app_block {
    const char *name;    /* "nic" */
    const char *pointer; /* "/dpu/blocks/nic" */
    struct sim_comp *comp;
    json_t *json;                    /* its object in the merged tree */
    const struct app_group *group;   /* NULL: it is alone */
    const struct app_energy *energy; /* NULL: it states none */
    int64_t role;                    /* as stated */
    bool host_cores;                 /* its servers are cores of the host */
};

/* A shared resource on a route. */
struct app_via {
    const struct app_block *block;
    const struct sim_op *op;
    uint32_t ratio_ppm; /* bytes carried per byte of the message */
};

struct app_route {
    const char *pointer;
    const json_t *from, *to; /* name, or array of names */
    struct app_via *via;
    uint32_t vias;
    sim_ps delay;
    const char *op; /* only for visits of it; "": for any */
};

struct app_chain {
    const char *name, *pointer;
    const json_t *json;
    uint16_t *entry; /* [steps], when done: engine step that each JSON step begins with */
    uint32_t steps;
    bool used;
    bool done;  /* compiled */
    bool right; /* nothing comes to it, but it would compile */
};

struct app_node {
    const char *name, *pointer;
    json_t *json;
    struct sim_node *node;
    struct app_block *block;
    struct app_route *route;
    struct app_chain *chain;
    const struct app_power *power; /* NULL: it states none */
    uint32_t blocks, routes, chains;
};

/* Where an engine step came from. */
struct app_origin_of_step {
    const struct app_node *node;
    const struct app_chain *chain; /* NULL for a source's or a child's entry */
    const struct app_block *block;
    uint32_t index; /* of the JSON step in its chain */
    /* a visit to a group: as many alike, `stride` engine steps apart */
    const struct app_group *fan;
    uint16_t stride;
};

struct app_stream {
    const char *name, *pointer;
    struct sim_stream *stream;
    struct sim_comp *source;
    json_t *json;
    struct app_node *node;
};

struct app_energy; /* energy.h */
struct app_power;

struct app_run_fields {
    int64_t warmup, duration, drain, seed, messages, max_recirculations, sample_one_in;
};
extern const struct sim_field app_run_table[];
extern const struct sim_field app_block_table[]; /* keys of every block */
extern const char *const app_block_also[]; /* the same and the other keys beside a model's */
extern const struct sim_field app_route_table[], app_via_table[], app_link_table[];
extern const struct sim_field app_ingress_table[];                 /* of a row of it */
extern const struct sim_field app_wait_table[], app_split_table[]; /* of a step ... */
extern const struct sim_field app_copy_table[];                    /* ... likewise */

/* A resource as results name it. */
struct app_resource {
    const char *component, *resource;
};

/* Options of a run that are not part of the config. */
struct app_run_opts {
    const struct app_resource *relax; /* [relaxes] to be doubled */
    size_t relaxes;
    uint64_t shuffle_ties;
    bool all_by_event, heap, windows, skip_bad, has_seed;
    uint64_t seed;
};

/* An input that can be read once only: standard input, a named pipe. */
struct app_pipe {
    const char *name, *pointer;
    struct app_pipe *next;
};

/* By stream and step, [streams * steps], of the sampled journeys: for each byte more of the
 * message that comes, picoseconds more of occupancy, and bytes more that go on. 0: they do not
 * depend on the size; NAN: the journeys do not tell, all being of one size. */
struct app_slopes {
    double *time, *bytes;
};

struct app_scenario {
    struct app_config config;
    struct sim_arena arena;
    struct sim_world *world;
    struct app_run_fields run;
    struct app_node *node;
    struct app_stream *stream;
    struct app_origin_of_step *step; /* [world->steps] */
    uint32_t nodes, streams, step_room;
    uint32_t depth;           /* of chains under compilation */
    bool open_ended;          /* no duration: until the sources are exhausted */
    bool skip_bad;            /* --skip-bad */
    const char *relaxed;      /* what was doubled: "servers", "places"; NULL: nothing */
    bool crowded;             /* more engine steps than there may be */
    struct app_pipe *pipe;    /* read so far */
    struct app_slopes slopes; /* of the run, when it is over */
    const char *note; /* of an option without effect; for the user, not for the results */
};

/* Load and build; nothing is run. Fails: err, with file and pointer. Free it in either case. */
bool app_scenario_load(struct app_scenario *s, const char *file, const struct app_set *sets,
                       size_t n, const struct app_run_opts *opts, struct sim_err *err);
void app_scenario_free(struct app_scenario *s);

/* The config with every default, as JSON; running it reproduces the run. New reference.
 * @param folder where it will lie: relative paths are rewritten to be valid from there. NULL:
 * paths stay as written, so that the digest of it does not depend on where it was run. */
json_t *app_scenario_effective(const struct app_scenario *s, const char *folder);

/* --- parts --- */

/* "sources" of an object: a text for each of the parameters of a table, or of other keys `also`
 * (NULL-terminated, may be NULL). They change nothing, but one of what is no parameter would be
 * read by nobody. Fails: err. @param whose "model pcie", for the message */
bool app_sources_check(const struct sim_field *table, const char *const *also,
                       const char *whose, const json_t *obj, const char *pointer,
                       struct sim_err *err);
/* The model that obj[key] names; key "model" or "source", and the table of those. */
bool app_model_need(const json_t *obj, const char *key, const struct sim_model *const *table,
                    const char *pointer, const struct sim_model **out, struct sim_err *err);
bool app_blocks_build(struct app_scenario *s, struct app_node *n, struct sim_err *err);
/* The block of that name, or the first of the group of that name; NULL. */
struct app_block *app_block_find(const struct app_node *n, const char *name);
/* The block that the component is, or NULL: it is a source. */
const struct app_block *app_block_of(const struct app_scenario *s, const struct sim_comp *comp);
/* Does `name` stand for the whole group of b? */
bool app_block_is_group(const struct app_block *b, const char *name);
bool app_block_need(const struct app_node *n, const char *name, const char *pointer,
                    struct app_block **out, struct sim_err *err);
const struct sim_op *app_op_find(const struct sim_model *model, const char *name);
bool app_op_need(const struct app_block *b, const char *name, const char *pointer,
                 const struct sim_op **out, struct sim_err *err);
/* The route from a block, or its group, to an engine step of another; NULL: there is none. */
struct app_route *app_route_to(const struct app_scenario *s, const struct app_block *from,
                               uint32_t to);
bool app_routes_build(struct app_scenario *s, struct app_node *n, struct sim_err *err);
/* The route between two blocks for visits of an operation ("": of none), NULL: there is none.
 */
struct app_route *app_route_find(const struct app_node *n, const char *from, const char *to,
                                 const char *op);
bool app_chains_index(struct app_scenario *s, struct app_node *n, struct sim_err *err);
/* Compile a chain (and those that it branches to); its first engine step. */
bool app_chain_compile(struct app_scenario *s, struct app_node *n, const char *name,
                       const char *pointer, uint16_t *first, struct sim_err *err);
struct app_chain *app_chain_find(const struct app_node *n, const char *name);
/* That there is none of that name, and which there are. @param words that may stand there, too
 */
bool app_chain_unknown(const struct app_node *n, const char *name, const char *pointer,
                       const char *words, struct sim_err *err);
/* That a stream names none. */
bool app_chain_missing(const struct app_node *n, const char *pointer, struct sim_err *err);
uint16_t app_step_add(struct app_scenario *s, const struct sim_step *step,
                      struct app_origin_of_step origin);
bool app_streams_build(struct app_scenario *s, struct sim_err *err);
/* Where a cable ends, and the table there. */
struct app_end {
    struct app_node *node;
    struct app_block *block;
};
bool app_ingress_read(struct app_scenario *s, const struct app_end *e, struct sim_cable *cable,
                      struct sim_err *err);
/* Find the sender's chains that the rows of a table name. */
bool app_ingress_senders(const struct app_end *from, const struct app_end *to,
                         const struct sim_cable *cable, struct sim_err *err);
bool app_links_build(struct app_scenario *s, struct sim_err *err);
/* First steps of the chains behind a cable. @return how many. */
enum { APP_INGRESS = 64 };
uint32_t app_links_steps(const struct sim_cable *cable, uint16_t step[APP_INGRESS]);
/* Of those, the ones that what a stream sends from a step may come to. */
uint32_t app_links_steps_of(const struct sim_cable *cable, const struct sim_stream *st,
                            uint32_t from, uint16_t step[APP_INGRESS]);
bool app_links_long(const json_t *root);
bool app_closed_loop(const json_t *root);
/* Chains that nothing comes to are held to the same. */
bool app_chains_unused(struct app_scenario *s, struct sim_err *err);
bool app_checks(struct app_scenario *s, struct sim_err *err);
/* Of these, what holds for all steps that there are, whoever comes to them. */
bool app_checks_steps(struct app_scenario *s, struct sim_err *err);
/* Resolve file parameters and read fields of a component. */
bool app_params_read(struct app_scenario *s, const struct sim_field *table, const json_t *obj,
                     void *out, const char *const *also, const char *pointer,
                     struct sim_err *err);

#endif
