/* verdict.h - what the parts of the verdict share; for the files verdict*.c alone. */
#ifndef APP_VERDICT_H
#define APP_VERDICT_H

#include "summary.h"

#define NEARLY 0.95  /* busy: full */
#define HALF   0.5   /* busy: what comes in bunches may wait for it */
#define OVER   1.001 /* load: more than all */
/* It is blocked: not by its own work alone, and at all times; at 95 % it would keep up. */
#define BLOCKED 0.05
#define ALWAYS  0.99

/* The run that is judged. */
struct app_case {
    const struct app_scenario *s;
    const struct sim_world *w;
    const struct app_bound *b; /* [n] tightest first */
    uint32_t n;
    double potential; /* frame bits a second if nothing overflowed */
    bool closed;      /* all streams are closed loops */
    double through;   /* frame bits a second that come through, see app_through */
};

static inline double share(sim_u128 part, const struct sim_world *w, uint32_t servers) {
    double whole = (double)(w->to - w->from) * servers;
    return whole > 0 ? (double)part / whole : 0;
}

static inline double app_blocked_share(const struct sim_world *w, const struct sim_port *p) {
    return share(p->blocked_ps, w, p->servers);
}

/* Is its server occupied all the time, and not by its own work alone? */
static inline bool app_is_stuck(const struct sim_world *w, const struct sim_port *p) {
    double blocked = app_blocked_share(w, p);
    return blocked > BLOCKED && share(p->busy_ps, w, p->servers) + blocked >= ALWAYS;
}

/* Frame bits a second that came through, of the sizes that were offered: where the large ones
 * were lost, what is full carried as many small ones. */
double app_through(const struct app_scenario *s);
void app_verdict_name(struct app_verdict *v, const char *kind, const struct sim_comp *comp,
                      const char *resource);
uint64_t app_offered(const struct sim_world *w);
/* Packets that were dropped because a full queue lost a child of theirs. */
uint64_t app_starved(const struct sim_world *w);
/* Packets, or children and copies, that were dropped at a port because it was full. */
uint64_t app_lost_at(const struct sim_world *w, const struct sim_port *p, bool created);

/* Frame bits a second that a resource cannot hold up, whatever its load. */
double app_passing(const struct app_case *c, const struct app_bound *b);
/* Messages at a resource and at what it holds up. */
struct app_books {
    uint64_t before, in, out, lost, servers;
};
struct app_books app_books_of(const struct app_case *c, const struct app_bound *b);
/* By how much more comes than leaves, or leaves than came, beyond a fluctuation. */
int64_t app_change(const struct sim_port *p);
/* Does it lose nothing and idle at times, since others lose before it what would be too much?
 */
bool app_keeps_up(const struct app_case *c, const struct app_bound *b);
/* Does the run show that it is full, and deliver what it lets through then? */
bool app_is_full(const struct app_case *c, const struct app_bound *b);
void app_name_bound(const struct app_case *c, const struct app_bound *b, struct app_verdict *v);
void app_say_bypass(const struct app_case *c, const struct app_bound *b, struct app_verdict *v);
/* Does a resource hold up nothing of what is delivered? */
bool app_is_aside(const struct app_case *c, const struct app_bound *b);

/* Of what comes to a resource, or where it makes others wait to the queues in front of it, the
 * share that is lost to full queues. */
double app_lost_share(const struct app_case *c, const struct app_bound *b);
/* Picoseconds of servers that a stream takes of a resource, those included for which a call
 * keeps them when nothing waits. */
double app_taken(const struct sim_world *w, const struct sim_stream *st,
                 const struct sim_port *p);
/* Names a resource with a load: of its bound, or where it was busier than that. */
void app_name_loaded(const struct app_bound *b, double load, struct app_verdict *v);
static inline double app_busier(const struct app_bound *b) {
    return b->load > b->utilization ? b->load : b->utilization;
}
/* Is a server busy only as long as a call that polls for others' servers keeps it? */
bool app_is_kept(const struct app_case *c, const struct app_bound *b);
/* Names what such a call waits for. @return false: nothing. */
bool app_name_behind(const struct app_case *c, const struct app_bound *b,
                     struct app_verdict *v);
/* Of what is taken of a resource, the part of a stream. */
double app_part_of(const struct sim_world *w, const struct sim_stream *st,
                   const struct app_bound *b);
/* Does a stream come to both? */
bool app_share_a_stream(const struct sim_world *w, const struct app_bound *a,
                        const struct app_bound *b);
/* Of what is delivered, the share of a stream. */
double app_share_of(const struct sim_world *w, const struct sim_stream *st);
/* One more of those that limit together. */
void app_verdict_share(const struct app_bound *b, double load, struct app_verdict *v);
/* "a.x (100 %), b.y (98 %) and c.z (76 %)" */
void app_say_shared(struct app_verdict *v);
/* To what is full and offered too much in open runs: what stands behind or in front of it and
 * lets through no more than is delivered, or where queues are short, loses as much. */
void app_and_others(const struct app_case *c, struct app_verdict *v);
/* Messages that wait for a server, on average. */
double app_waiting(const struct app_case *c, const struct app_bound *b);
/* Names the servers of a port, if they are full. */
bool app_by_port(const struct app_case *c, const struct sim_port *p, struct app_verdict *v);

/* Each names what limited the run, if that shows in its way. `aside`: of resources that hold
 * up nothing of what is delivered. */
bool app_by_bound(const struct app_case *c, double over, bool aside, struct app_verdict *v);
bool app_by_queue(const struct app_case *c, bool aside, struct app_verdict *v);
/* Of closed loops that lose nothing. */
bool app_by_loop(const struct app_case *c, struct app_verdict *v);
/* A table without room drops more than 1 % of what is offered. */
bool app_by_table(const struct app_case *c, struct app_verdict *v);
bool app_by_pile(const struct app_case *c, struct app_verdict *v);
bool app_by_growth(const struct app_case *c, struct app_verdict *v);
bool app_by_blocking(const struct app_case *c, struct app_verdict *v);
bool app_by_loss(const struct app_case *c, bool created, struct app_verdict *v);

#endif
