/* summary.h - the results of a closed run as one JSON document, and the text made from it.
 *
 * Schema "dpusim.summary.v1": SI base units, names end in their unit, 12 significant digits
 * from integer sums, undefined is null. The text report is made from the document alone, so
 * that it can be made again later.
 */
#ifndef APP_SUMMARY_H
#define APP_SUMMARY_H

#include "scenario.h"
#include "text.h"
#include "workloads/requests.h"

struct work_source;

/* What is known of a run beside the world. */
struct app_outcome {
    const char *status; /* "complete", "interrupted", "audit-failed" */
    struct sim_err audit;
    bool audit_passed;
    bool cut; /* interrupted */
    uint64_t digest;
    double wall_s;
};

/* A resource's bound: a port, or the hottest of several that messages are spread over. */
struct app_bound {
    const struct sim_comp *comp;
    char resource[256];
    const struct sim_port *port; /* the hottest; of slots: whose they are */
    const struct sim_port *from; /* of slots: the port that takes them */
    uint32_t ports;              /* in the group */
    double share;                /* of the group's demand that falls on it */
    double capacity;             /* servers */
    double used;                 /* servers busy at the offered mix */
    double load;                 /* used / capacity */
    double met; /* the same of steps that messages came to, in fact or to a full queue */
    double bypass_bits_per_s; /* of frames that it cannot hold up; 0 for a load below 1 */
    double bits_per_s;        /* of frames that would be delivered were it the only limit */
    double utilization;       /* simulated, of the same servers */
    const struct sim_stream *loop; /* capacity and used are requests outstanding of it */
    bool window;                   /* capacity and used are slots, not servers */
    bool least; /* load is at least that: sizes of one kind came, others were lost before */
};

/* What the traffic equations are to leave out. */
struct app_mix {
    const double *keep;  /* [steps] share of what comes to a step that goes on; NULL: all */
    const double *fails; /* [steps] share of the parents that fail there; NULL: as measured */
    bool spawn;          /* children and copies too, not only the messages offered */
    const double *grown; /* the run's slopes; NULL: sizes do not matter */
    uint32_t from; /* 1 + the step where one message enters; 0: the stream's, as offered */
};

/* Messages of a stream that come to a step, per picosecond, and bytes by which they are larger
 * than as many of those that came in the run. */
struct app_flow {
    double visits, extra;
};

/* Messages of which a step knew by a verdict where they go: those that were refused there, too.
 * Of all verdicts. */
double app_went(const struct sim_step_stat *stat, uint32_t verdict);
double app_decided(const struct sim_step_stat *stat);
/* Flows of a stream to every step, v[steps], as if no queue overflowed. */
void app_visits_of(const struct sim_world *w, const struct sim_stream *st,
                   const struct app_mix *mix, struct app_flow *v);
/* Children of a parent of a stream (NULL: of all) at step i, which splits: on average, where
 * their number follows from its size. */
double app_children(const struct sim_world *w, const struct sim_stream *st, uint32_t i);
/* Bytes by which what came to a step is larger on average than what was served there. */
double app_lost_bytes(const struct sim_step_stat *stat);
/* Close the books of a run that is over at `end`, and learn the slopes from its records: before
 * anything of it is asked. In slopes.c. */
void app_close(struct app_scenario *s, sim_ps end);
/* Frame bits a second that would be delivered so, over all streams. */
double app_delivered_of(const struct sim_world *w, const struct app_mix *mix);
/* Messages a second that would be delivered if nothing overflowed. */
double app_deliverable(const struct sim_world *w);
/* Frame bits a second of a stream that would be. */
double app_potential_of(const struct app_scenario *s, const struct sim_stream *st);
/* Bytes of such a message of a stream; 0: none. */
double app_whole_bytes(const struct app_scenario *s, const struct sim_stream *st);
/* Messages of a stream that full queues lost, but for its children. */
uint64_t app_lost(const struct sim_world *w, const struct sim_stream *st);
/* Frame bits a second, of those, that a resource cannot hold up. */
double app_bypass(const struct app_scenario *s, const struct app_bound *b);
/* Ports that stand still when a resource is full, held[ports], its own among them. */
void app_held_up(const struct app_scenario *s, const struct app_bound *b, bool *held);
/* Ports of one component whose names differ by a number only. */
bool app_port_alike(const struct sim_port *a, const struct sim_port *b);

/* Of the group of ports that are alike (see app_port_alike; bounds_group.c): how many; the one
 * that most falls on, and what share of the group's demand; mean picoseconds of a service;
 * the share of what comes that they let through where they, or what is in front of them, lose
 * what is too much and the hottest is asked for b->load > 1. */
uint32_t app_group_size(const struct sim_port *like);
const struct sim_port *app_group_hottest(const struct sim_port *like, double *share);
double app_group_time(const struct sim_port *like);
/* By what part messages ask for more of such ports than their books have, which do something
 * else now and then. */
double app_group_rests(const struct sim_port *like);
struct sim_tally app_group_left(const struct sim_port *like); /* all that they served */
double app_group_passes(const struct app_bound *b);
/* Mean picoseconds that a step, which served, takes of a server, had no large messages been
 * lost before: by the slope of its time over the size; where none is known (NAN), those of what
 * came, and *least is set if what was lost was larger. In bounds_shared.c. */
double app_occupancy_offered(const struct sim_step_stat *a, const struct app_flow *v,
                             double slope, bool *least);
#define APP_OTHER_SIZES 0.005 /* of what came they are larger: lost sizes matter */
/* Frame bits a second that a port lets through, and what passes it by, when it shares itself
 * out among the streams as it did in the run, in which it was full. */
double app_shared_bits(const struct app_scenario *s, const struct app_bound *b);

/* Demand of every resource at the offered mix, tightest first. @return how many.
 * @param potential frame bits a second that would be delivered if nothing overflowed. */
uint32_t app_bounds(const struct app_scenario *s, struct app_bound *out, uint32_t room,
                    double *potential_bits_per_s);

/* Tightest first: for qsort. */
int app_tighter(const void *a, const void *b);
/* Does a stream wait for what comes back? */
bool app_is_loop(const struct sim_stream *st);
bool app_any_loop(const struct sim_world *w);
/* Closed loops: how many requests may be outstanding; 0: it is none. */
int64_t app_outstanding(const struct app_stream *st);
/* ... and how many would be if nothing waited. @return how many there are. */
uint32_t app_loops(const struct app_scenario *s, struct app_bound *out, uint32_t room);

#define APP_BRINGS 0.01 /* more delivered: not a fluctuation */

/* Did all that was offered come through, or on its way? Then nothing brings more. */
bool app_comes_through(const struct app_scenario *s);
/* ... and more: of what came before the measured window. */
bool app_works_off(const struct app_scenario *s);

enum { APP_SHARED = 6 };

/* One of several that limit together. */
struct app_shared {
    struct app_bound b;
    double load;
};

/* What limited the run. */
struct app_verdict {
    const char *kind; /* "resource", "resources", "offered-load", "closed-loop-depth",
                         "incident" */
    const struct sim_comp *comp;
    char resource[256];
    char why[1024];
    double load;                          /* of the resource; 0 when it is not a server's */
    bool least;                           /* load is at least that */
    bool table;                           /* it is places of a table, all taken */
    bool aside;                           /* it holds up nothing of what is delivered */
    struct app_shared shared[APP_SHARED]; /* of "resources", the fullest first */
    uint32_t shares;
};
/* @param b the resources, n of them, and `potential`, as app_bounds gave them */
void app_verdict_of(const struct app_scenario *s, const struct app_bound *b, uint32_t n,
                    double potential, struct app_verdict *v);
/* The first stream whose source waited for messages of the pool with more than 1 % of what it
 * offered; NULL: none. */
const struct sim_stream *app_held_by_pool(const struct app_scenario *s,
                                          const struct work_source **src);

/* The whole document; new reference. */
json_t *app_summary(const struct app_scenario *s, const struct app_outcome *o);

/* The source of a stream of requests to drives. */
static inline const struct work_requests *app_requests(const struct sim_stream *st) {
    SIM_ASSERT(st->requests);
    return (const struct work_requests *)st->source;
}
/* What became of such requests, by job and by namespace, to a stream's object; in
 * summary_requests.c. */
void app_summary_requests(const struct sim_world *w, const struct sim_stream *st, json_t *o);
/* What became of exchanges with other cards, to an object of a stream that makes such; in
 * summary_exchanges.c. */
void app_summary_exchanges(const struct sim_world *w, const struct sim_stream *st, json_t *o);
/* What a job of such a stream is called. */
const char *app_job_name(const struct sim_stream *st, uint32_t job, char *buf, size_t size);
/* All jobs of such streams, as fio's JSON has them; NULL where there is no such stream. In
 * fio_json.c. */
json_t *app_fio_json(const struct app_scenario *s);

/* What a stream's messages are called: "packets"; "requests" to drives; "operations" of what
 * else is no packet. */
const char *app_unit_of(const struct sim_stream *st);
/* The same of all streams, or "items". */
const char *app_unit_of_all(const struct sim_world *w);
/* Times of a histogram in seconds; null where it is empty. */
json_t *app_mean_s(const struct sim_hist *h);
json_t *app_quantile_s(const struct sim_hist *h, uint64_t num, uint64_t den);
json_t *app_mean_p99(const struct sim_hist *h);
/* Samples, mean, quantiles, and how far they may be off. */
json_t *app_latency_s(const struct sim_hist *h);
/* Was a block used, and of a parameter that is about certain operations one of those? */
bool app_params_used(const struct sim_world *w, const struct app_block *b,
                     const struct sim_field *param);
/* Things of the run that the reader has to know, to the warnings of its config. */
void app_warnings(const struct app_scenario *s, bool interrupted);
void app_warn_of(const struct app_scenario *s, const char *pointer, const char *text);
/* Of two resources that are asked for too much, is it the one that was full in the run; else,
 * the one that is asked for more? */
bool app_is_fuller(const struct app_bound *a, const struct app_bound *b);
/* Tables that learn too late, by the bounds; in summary_tables.c. */
void app_warn_of_tables(const struct app_scenario *s, const struct app_bound *b, uint32_t n);
json_t *app_summary_streams(const struct app_scenario *s);
json_t *app_summary_components(const struct app_scenario *s);
/* Connections set up, by table, and what the bounds let through; in summary_connections.c. */
json_t *app_summary_connections(const struct app_scenario *s, const struct app_bound *b,
                                uint32_t n);
/* What all tables would set up a second at the offered mix, if nothing were lost; 0: nothing.
 */
double app_connections_asked(const struct app_scenario *s, const struct app_bound *b,
                             uint32_t n);
/* Did messages take it, in the window or not? */
bool app_route_taken(const struct app_scenario *s, const struct app_node *n,
                     const struct app_route *r);
/* Pointers to what the run never used; new reference. */
json_t *app_summary_unused(const struct app_scenario *s);
/* Overrides that are about what that lists. */
void app_warn_of_unused(const struct app_scenario *s, const json_t *unused);

/* Exact ratio num/den as a JSON number of 12 significant digits; null when den is 0. */
json_t *app_ratio(sim_u128 num, sim_u128 den);
json_t *app_real(double v);
/* Picoseconds as seconds; negative: null. */
json_t *app_seconds(sim_ps t);
/* Items per second of the measured window. */
json_t *app_per_s(const struct sim_world *w, uint64_t n);

/* The report of a summary, for people. malloc'ed. */
char *app_report_text(const json_t *summary, enum app_style style);
/* All its scalars for programs that read tables: "pointer,value". malloc'ed. */
char *app_report_csv(const json_t *summary);

/* SHA-256 of a file or of text, as 64 hex digits. false when it cannot be read or is no
 * regular file. */
bool app_sha256_file(const char *file, char hex[65]);
void app_sha256_text(const char *text, size_t size, char hex[65]);

#endif
