/* books.h - what is counted of streams and kept of sampled messages. */
#ifndef SIM_BOOKS_H
#define SIM_BOOKS_H

#include "msg.h"
#include "port.h"

enum { SIM_STAMPS = 64, SIM_ASIDES = 6 };

/* What a step's messages take of a port beside their own, see sim_use_aside. */
struct sim_aside {
    uint32_t port;        /* 1 + id, of a group one of them; 0: none */
    bool waits;           /* they wait when it is full */
    uint64_t asks;        /* in the window ... */
    unsigned __int128 ps; /* ... and what of its servers they asked for */
};

/* What happened to a stream's messages at a step. What every visit counts lies in front. */
struct sim_step_stat {
    _Alignas(64) uint64_t served; /* services started in the window ... */
    uint64_t bytes;               /* ... and bytes of them */
    uint64_t fresh_demand;        /* what comes to demand_ps at the next sim_step_sum_up ... */
    uint64_t fresh_tail;          /* ... and to tail_ps */
    sim_ps last;                  /* services of so long ... */
    uint32_t same;                /* ... are not in the histogram yet: so many */
    uint32_t at_once;             /* those that did not wait are not, either */
    uint32_t port;                /* id of one that served it */
    uint16_t gave;                /* bits of the verdicts of those outside the window */
    bool came;                    /* a message was here, in the window or not */
    uint64_t verdict[SIM_VERDICTS];
    uint64_t refused[SIM_VERDICTS]; /* by verdict: not served, for want of a place there */
    uint64_t parts;                 /* of services in parts: all but the last ones */
    unsigned __int128 demand_ps;    /* their occupancies ... */
    unsigned __int128 tail_ps;      /* ... and latencies beyond them */
    unsigned __int128 within_ps;    /* ... of which was waiting inside the block */
    struct sim_tally lost;    /* what came in the window and found no place, or would have */
    struct sim_tally starved; /* parents that failed: a full queue lost a child of theirs */
    struct sim_tally late;    /* parents whose children took too long: each time ... */
    uint64_t given_up;        /* ... after which they were not made anew */
    uint64_t unheeded; /* of exchanges: children that ended when the parent had gone on */
    struct sim_aside aside[SIM_ASIDES];
    struct sim_hist wait, service; /* ps, messages born in the measured window */
};

/* Of one kind of a stream's messages: reads, writes. */
struct sim_kind {
    const char *name;
    struct sim_tally offered, delivered;
    struct sim_hist latency;
};

struct sim_stream {
    const char *name;
    struct sim_comp *source;
    uint16_t id;
    uint16_t first; /* step */
    uint64_t born;  /* messages numbered so far */
    sim_ps burst_at;
    uint32_t burst; /* messages made at burst_at ... */
    uint32_t early; /* ... so many of them before that picosecond began */
    struct sim_tally offered, delivered, dropped, created, absorbed, carried_in, carried_out;
    struct sim_tally replied;
    uint64_t goodput_bytes;
    uint64_t starved;             /* of those dropped: a full queue lost a child of theirs */
    uint64_t *dropped_by;         /* [causes] items */
    uint64_t *created_dropped_by; /* [causes] children and copies */
    struct sim_hist latency;
    uint64_t born_measured, done_measured, dropped_measured;
    uint64_t half_count[2];
    unsigned __int128 half_sum[2]; /* latency by half of the window, for the warm-up test */
    struct sim_step_stat **step;   /* [steps], NULL where the stream cannot come */
    int64_t bytes_changed;         /* added minus removed by models inside the window ... */
    int64_t fcs_changed;           /* ... of which check sequences of frames */
    struct sim_kind *kind;         /* [kinds], where its messages are of several; else NULL */
    uint32_t kinds;
    /* A reply frees one of a closed loop's outstanding requests at time t: m's. */
    void (*reply)(struct sim_stream *stream, const struct sim_msg *m, sim_ps t);
    /* A dropped request will have no reply; told when it is dropped. */
    void (*lost)(struct sim_stream *stream, const struct sim_msg *m, sim_ps t);
    uint32_t (*payload)(const struct sim_msg *m); /* application bytes, or NULL */
    const void *data; /* what those bytes are like: the source's and the models' business */
    bool requests; /* its messages are requests to drives, facts of their own (SIM_MSG_OWN) */
    bool open;     /* replies do not set its pace, though it hears of them */
    /* Close the source at t: what was scheduled in the window but never accepted (the pool
     * was empty) is offered and carried out. NULL: nothing. */
    void (*shut)(struct sim_stream *stream, sim_ps t);
};

/* Is it a closed loop: do replies set its pace? */
static inline bool sim_stream_closed(const struct sim_stream *st) {
    return st->reply != NULL && !st->open;
}

struct sim_cause {
    const char *name; /* "dpu.port0:rx-fifo-full" */
    uint32_t mark;    /* of the name, for digests: the same whatever other causes there are */
    const struct sim_comp *comp;
    bool full;             /* of a port that had no room */
    const char *lacks;     /* of a table that had none: its parameter, see struct sim_model */
    uint64_t cost_parents; /* dropped in the window, each for a child that was lost so */
};

struct sim_stamp {
    sim_ps entered, start, end, left, tail; /* tail: of the latency, travels */
    uint32_t bytes;                         /* when it was served */
    uint16_t step;
    bool vain; /* no visit: it waited for a try of an exchange that took too long */
};

/* The journey of one sampled message. */
struct sim_record {
    uint64_t id;
    sim_ps birth, done; /* done < 0: under way; SIM_NEVER: dropped */
    uint16_t stream, stamps;
    uint32_t tries; /* given up, of exchanges: messages of those leave no stamps any more */
    struct sim_stamp stamp[SIM_STAMPS];
};

struct sim_records {
    struct sim_record *record; /* [room] */
    uint32_t *of; /* record of each message slot, and its try: node->id * pool + slot */
    uint32_t n, room;
    uint64_t one_in;
};

/* Put the services of one length into the histogram. */
static inline void sim_step_flush_same(struct sim_step_stat *stat) {
    sim_hist_add(&stat->service, stat->last, stat->same);
    stat->same = 0;
}

/* Put what is counted apart into the histograms: before they are read. */
static inline void sim_step_flush(struct sim_step_stat *stat) {
    sim_step_flush_same(stat);
    sim_hist_add(&stat->wait, 0, stat->at_once);
    stat->at_once = 0;
}

static inline void sim_step_sum_up(struct sim_step_stat *stat) {
    stat->demand_ps += stat->fresh_demand;
    stat->tail_ps += stat->fresh_tail;
    stat->fresh_demand = stat->fresh_tail = 0;
    stat->came |= stat->served > 0;
}

#endif
